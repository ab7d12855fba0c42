"""Answers as small unsigned integers: 0 is "no valid answer", 1 is the lowest code.

One convention for all ranges (0 to 10, −3 to 3): a missing answer adds nothing to a sum,
and reversal is a subtraction. Only the declared range counts, never the observed one.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from twinimpact.instruments import Catalogue, Item, conditions

Array = npt.NDArray[Any]
_COMPARE: Mapping[str, Callable[[Any, Any], Any]] = {
    ">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le,
    "==": operator.eq, "!=": operator.ne,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Coded:
    """The answers to one item.

    Parameters
    ----------
    codes
        Per response: 0 without a valid answer, else code − lo + 1, before any reversal.
    skipped
        Where the item did not apply (its ``relevant`` condition is known to be false).
    outside
        Positions of answers that are neither valid nor a declared missing code.
    values
        The answers at these positions.
    """

    item: Item
    codes: Array
    skipped: Array
    outside: Array
    values: Array

    def answers(self) -> Array:
        """Scored values as floats, ``NaN`` where there is none; not reversed."""
        values = self.codes.astype("float64") + (self.item.lo - 1)
        values[self.codes == 0] = np.nan
        return values


def code_answers(responses: pd.DataFrame, catalogue: Catalogue) -> dict[str, Coded]:
    """Code every item of the catalogue that has a column in ``responses``.

    Parameters
    ----------
    responses
        One row per questionnaire, one numeric column per item id (missing = NA).

    Raises
    ------
    TypeError
        If an item column does not hold numbers.
    """
    coded = {
        name: _code_item(item, responses[name])
        for name, item in catalogue.items.items()
        if name in responses.columns
    }
    for name, item in catalogue.items.items():
        if name in coded and item.relevant:
            coded[name] = _skip(coded[name], coded)
    return coded


def _code_item(item: Item, column: pd.Series[Any]) -> Coded:
    values, present, whole = _numbers(column)
    span = item.hi - item.lo + 1
    kind = "uint8" if span < 255 else "uint16" if span < 65535 else "uint32"
    if item.recode:
        codes = np.zeros(len(values), dtype=kind)
        for stored, new in item.recode:
            codes[present & (values == stored)] = new - item.lo + 1
    else:
        valid = present & (values >= item.lo) & (values <= item.hi)
        codes = np.where(valid, values - (item.lo - 1), 0).astype(kind)
    unexpected = present & (codes == 0)
    for code in item.missing if unexpected.any() else ():
        unexpected &= values != code
    if whole is not None:
        codes[~whole] = 0
        unexpected |= ~whole
    outside = np.flatnonzero(unexpected)
    return Coded(
        item=item,
        codes=codes,
        skipped=np.zeros(len(values), dtype=bool),
        outside=outside,
        values=column.to_numpy(dtype="float64", na_value=np.nan)[outside],
    )


def _numbers(column: pd.Series[Any]) -> tuple[Array, Array, Array | None]:
    """Whole numbers, where there is one, and (for floats) where the number is whole."""
    if not pd.api.types.is_numeric_dtype(column.dtype):
        if column.notna().any():
            raise TypeError(f"the answers to {column.name} must be numbers, not {column.dtype}")
        empty = np.zeros(len(column), dtype="int32")
        return empty, np.zeros(len(column), dtype=bool), None
    present = column.notna().to_numpy()
    if pd.api.types.is_float_dtype(column.dtype):
        floats = column.to_numpy(dtype="float64", na_value=np.nan)
        filled = np.clip(np.where(present, floats, 0.0), -(2.0**31), 2.0**31 - 1)
        whole = ~present | (filled == np.floor(filled))
        return filled.astype("int64"), present, None if whole.all() else whole
    # two bytes more than an answer needs keep `lo - 1` and missing codes from overflowing
    return column.to_numpy(dtype="int32", na_value=0), present, None


def _skip(coded: Coded, all_coded: Mapping[str, Coded]) -> Coded:
    """Take away answers to a question that did not apply; an unknown condition keeps them."""
    skipped = np.zeros(len(coded.codes), dtype=bool)
    for condition in conditions(coded.item.relevant):
        other = all_coded.get(condition.item)
        if other is None:
            continue
        values = other.codes.astype("int32") + (other.item.lo - 1)
        holds = _COMPARE[condition.operator](values, condition.value)
        skipped |= (other.codes > 0) & ~holds
    codes = coded.codes.copy()
    codes[skipped] = 0
    return Coded(
        item=coded.item,
        codes=codes,
        skipped=skipped,
        outside=coded.outside,
        values=coded.values,
    )
