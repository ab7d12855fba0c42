"""Answers as small unsigned integers: 0 is "no valid answer", 1 is the lowest code.

One convention for all ranges (0 to 10, −3 to 3): a missing answer adds nothing to a sum,
and reversal is a subtraction. Only the declared range counts, never the observed one.
Columns are read where they lie, in stretches of rows short enough for the processor's cache:
an answer minus the lowest code, taken as an unsigned number, is below the number of codes
exactly when the answer is valid.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from twinimpact.instruments import Catalogue, Condition, Item, conditions

Array = npt.NDArray[Any]
STRETCH = 1 << 18
"""Rows taken at a time; a few byte columns of this length fit into the processor's cache."""
_BYTE, _TRUTH = np.dtype("uint8"), np.dtype(bool)
_UNSIGNED = {size: np.dtype(f"uint{8 * size}") for size in (1, 2, 4, 8)}
_COMPARE: Mapping[str, Callable[[Any, Any], Any]] = {
    ">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le,
    "==": operator.eq, "!=": operator.ne,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Column:
    """The stored answers to one item, not copied.

    Parameters
    ----------
    stored
        Whole numbers or floats, one per response.
    absent
        Where there is no answer; ``None`` when the numbers alone say so.
    kind
        Smallest unsigned type that holds the codes, 0 included.
    conditions
        When the item applies.
    """

    item: Item
    stored: Array
    absent: Array | None
    kind: np.dtype[Any]
    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stretch:
    """Answers to one item in a stretch of rows.

    Parameters
    ----------
    offsets
        Answer minus the lowest code (reversed: the highest code minus the answer), unsigned;
        0 where there is no valid answer.
    valid, n_valid
        Where there is a valid answer, and how many there are.
    skipped
        Where the item did not apply; ``None`` when it always applies.
    discarded
        Valid answers that were given all the same, and do not count.
    outside
        Positions in the stretch of answers that are neither valid nor declared missing codes.
    """

    offsets: Array
    valid: Array
    n_valid: int
    skipped: Array | None
    discarded: int
    outside: Array


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


def code_answers(
    responses: pd.DataFrame, catalogue: Catalogue, only: Iterable[str] = ()
) -> dict[str, Coded]:
    """Code every item of the catalogue that has a column in ``responses``.

    Parameters
    ----------
    responses
        One row per questionnaire, one numeric column per item id (missing = NA).
    only
        Item ids wanted; all when empty.

    Raises
    ------
    TypeError
        If an item column does not hold numbers.
    """
    wanted = list(only) or list(catalogue.items)
    columns = columns_of(responses, catalogue, wanted)
    size = len(responses)
    made: dict[str, Coded] = {}
    for name in wanted:
        if name not in columns:
            continue
        column = columns[name]
        codes = np.empty(size, dtype=column.kind)
        skipped = np.zeros(size, dtype=bool)
        outside = [np.zeros(0, dtype="int64")]
        for rows in stretches(size):
            part = code_stretch(name, columns, rows)
            np.add(part.offsets, part.valid, out=codes[rows], casting="unsafe")
            if part.skipped is not None:
                skipped[rows] = part.skipped
            outside.append(part.outside + rows.start)
        found = np.concatenate(outside)
        made[name] = Coded(
            item=column.item,
            codes=codes,
            skipped=skipped,
            outside=found,
            values=column.stored[found].astype("float64"),
        )
    return made


def reversed_codes(answers: Coded) -> Array:
    """Codes after reversal by the declared range; 0 stays 0."""
    codes = answers.codes
    top = np.asarray(answers.item.hi - answers.item.lo + 2, dtype=codes.dtype)
    turned: Array = (codes > 0) * top - codes
    return turned


def columns_of(
    responses: pd.DataFrame, catalogue: Catalogue, names: Iterable[str]
) -> dict[str, Column]:
    """Columns of these items, and of the items their conditions ask about, that are there.

    Raises
    ------
    TypeError
        If an item column does not hold numbers.
    """
    found: dict[str, Column] = {}
    for name in names:
        if name in responses.columns and name in catalogue.items:
            item = catalogue.items[name]
            for other in [condition.item for condition in conditions(item.relevant)]:
                if other in responses.columns and other in catalogue.items:
                    found.setdefault(other, _column(catalogue.items[other], responses[other]))
            found.setdefault(name, _column(item, responses[name]))
    return found


def stretches(size: int) -> Iterator[slice]:
    """Rows 0 to ``size`` in stretches."""
    for start in range(0, size, STRETCH):
        yield slice(start, min(size, start + STRETCH))


class Scratch:
    """Columns that are written over and over, so that no memory is asked for in between."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, np.dtype[Any]], Array] = {}

    def column(self, name: str, kind: np.dtype[Any], size: int) -> Array:
        """The column of this name and type; what stood in it is lost."""
        kept = self._kept.get((name, kind))
        if kept is None or len(kept) < size:
            kept = self._kept[name, kind] = np.empty(size, dtype=kind)
        return kept[:size]


def code_stretch(
    name: str,
    columns: Mapping[str, Column],
    rows: slice,
    *,
    reverse: bool = False,
    scratch: Scratch | None = None,
) -> Stretch:
    """Code one item in a stretch of rows, its condition included.

    Parameters
    ----------
    reverse
        Whether offsets count from the highest code down.
    scratch
        Columns to write into; what is returned then holds only until they are used again.
    """
    column = columns[name]
    part = _plain(column, rows, reverse, scratch or Scratch())
    skipped: Array | None = None
    for condition in column.conditions:
        other = columns.get(condition.item)
        if other is None:  # an unknown condition keeps the answers
            continue
        known = _plain(other, rows, False, Scratch())
        values = known.offsets.astype("int64") + other.item.lo
        fails = known.valid & ~_COMPARE[condition.operator](values, condition.value)
        skipped = fails if skipped is None else skipped | fails
    if skipped is None:
        return part
    discarded = int(np.count_nonzero(part.valid & skipped))
    return Stretch(
        offsets=np.where(skipped, 0, part.offsets).astype(part.offsets.dtype),
        valid=part.valid & ~skipped,
        n_valid=part.n_valid - discarded,
        skipped=skipped,
        discarded=discarded,
        outside=part.outside,
    )


def _plain(column: Column, rows: slice, reverse: bool, scratch: Scratch) -> Stretch:
    item, stored = column.item, column.stored[rows]
    absent = None if column.absent is None else column.absent[rows]
    kind, size = stored.dtype, len(stored)
    if item.recode:
        offsets, valid = _recoded(column, stored, reverse)
    elif kind.kind == "f":
        valid = (stored >= item.lo) & (stored <= item.hi) & (np.floor(stored) == stored)
        offsets = np.where(valid, item.hi - stored if reverse else stored - item.lo, 0)
    else:
        unsigned = stored.view(_UNSIGNED[kind.itemsize])
        end = unsigned.dtype.type((item.hi if reverse else item.lo) % (1 << 8 * kind.itemsize))
        offsets = scratch.column("difference", unsigned.dtype, size)
        if reverse:
            np.subtract(end, unsigned, out=offsets)
        else:
            np.subtract(unsigned, end, out=offsets)
        valid = scratch.column("valid", _TRUTH, size)
        np.less(offsets, item.hi - item.lo + 1, out=valid)
    if absent is not None:
        np.greater(valid, absent, out=valid)
    short = offsets
    if offsets.dtype != column.kind:
        short = scratch.column("offsets", column.kind, size)
    np.multiply(offsets, valid.view(_BYTE), out=short, casting="unsafe")
    n_valid = int(np.count_nonzero(valid))
    return Stretch(
        offsets=short,
        valid=valid,
        n_valid=n_valid,
        skipped=None,
        discarded=0,
        outside=_outside(column, stored, (absent, valid, n_valid), scratch),
    )


def _recoded(column: Column, stored: Array, reverse: bool) -> tuple[Array, Array]:
    offsets = np.zeros(len(stored), dtype=column.kind)
    valid = np.zeros(len(stored), dtype=bool)
    for code, new in column.item.recode:
        here = stored == code
        valid |= here
        offsets[here] = column.item.hi - new if reverse else new - column.item.lo
    return offsets, valid


def _outside(
    column: Column, stored: Array, found: tuple[Array | None, Array, int], scratch: Scratch
) -> Array:
    """Positions of answers that are neither valid nor declared missing codes."""
    absent, valid, n_valid = found
    size = len(stored)
    known = n_valid + (0 if absent is None else int(np.count_nonzero(absent)))
    # counting is quick; only where the counts do not meet are the answers looked at one by one
    for code in column.item.missing:
        if known == size:
            break
        declared = np.equal(stored, code, out=scratch.column("declared", _TRUTH, size))
        if absent is not None:
            np.greater(declared, absent, out=declared)
        known += int(np.count_nonzero(declared))
    if known == size:
        return np.zeros(0, dtype="int64")
    left = ~valid if absent is None else ~(valid | absent)
    for code in column.item.missing:
        left &= stored != code
    return np.flatnonzero(left)


def _column(item: Item, series: pd.Series[Any]) -> Column:
    stored, absent = _stored(series)
    if stored.dtype.kind != "f":
        limits = np.iinfo(stored.dtype)
        codes = (item.lo, item.hi, *(code for code, _ in item.recode))
        if not (limits.min <= min(codes) and max(codes) <= limits.max):
            stored = stored.astype("int64")  # wrapping around is safe where all codes fit
    span = item.hi - item.lo + 1
    kind = np.dtype("uint8" if span < 255 else "uint16" if span < 65535 else "uint32")
    return Column(
        item=item, stored=stored, absent=absent, kind=kind, conditions=conditions(item.relevant)
    )


def _stored(series: pd.Series[Any]) -> tuple[Array, Array | None]:
    """Numbers and where they are absent, without a copy where pandas holds them as arrays.

    Raises
    ------
    TypeError
        If the column does not hold numbers.
    """
    if not pd.api.types.is_numeric_dtype(series.dtype):
        if series.notna().any():
            raise TypeError(f"the answers to {series.name} must be numbers, not {series.dtype}")
        return np.zeros(len(series), dtype="uint8"), np.ones(len(series), dtype=bool)
    if pd.api.types.is_float_dtype(series.dtype):
        floats = series.to_numpy(dtype="float64", na_value=np.nan)
        return floats, np.isnan(floats)
    numbers: Any
    absent: Any = None
    if isinstance(series.dtype, np.dtype):
        numbers = series.to_numpy()
    else:
        array: Any = series.array
        numbers, absent = getattr(array, "_data", None), getattr(array, "_mask", None)
        if not (isinstance(numbers, np.ndarray) and isinstance(absent, np.ndarray)):
            return series.to_numpy(dtype="int64", na_value=0), series.isna().to_numpy()
    return numbers.view("uint8") if numbers.dtype == bool else numbers, absent
