"""Result rows built by whole columns, never row by row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from twinimpact.schema import RESULT_COLUMNS, TEXT_RESULT_COLUMNS, result_frame

Array = npt.NDArray[Any]
FEW_PEOPLE = 10
"""Below this many people answers are described, without an interval."""
INDICATIVE_PEOPLE = 30
"""Below this many people a result is called indicative."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rows:
    """``size`` result rows; each column is an array of that many values or one value for all."""

    columns: Mapping[str, Any]
    size: int


def results_of(parts: Iterable[Rows]) -> pd.DataFrame:
    """The rows of all parts as one results table, in the given order.

    Raises
    ------
    ValueError
        If a column is not in the glossary of result columns.
    """
    kept = [part for part in parts if part.size]
    unknown = {name for part in kept for name in part.columns} - set(RESULT_COLUMNS)
    if unknown:
        raise ValueError(f"not in the glossary of result columns: {sorted(unknown)}")
    if not kept:
        return result_frame([])
    made = {}
    for name in RESULT_COLUMNS:
        kind: str = "float64"
        default: object = np.nan
        if name in TEXT_RESULT_COLUMNS:
            kind, default = "str", "ok" if name == "status" else ""
        elif name == "confirmatory":
            kind, default = "bool", False
        values = np.concatenate([_column(part, name, kind, default) for part in kept])
        made[name] = pd.Series(values, dtype=kind)
    return pd.DataFrame(made)


def _column(part: Rows, name: str, kind: str, default: object) -> Array:
    values = np.asarray(part.columns.get(name, default), dtype=object if kind == "str" else kind)
    return np.broadcast_to(values, (part.size,))


def left_out_marks(left_out: Array) -> list[tuple[Any, str]]:
    """Marks for :func:`join_notes`: how many small partnerships are not in each row."""
    return [(left_out == k, f"left_out:{k}") for k in np.unique(left_out[left_out > 0])]


def join_notes(size: int, marks: Sequence[tuple[Any, str]]) -> Array:
    """Note codes of each row, joined by ``;``.

    Parameters
    ----------
    marks
        Pairs of a mask over the rows (or one truth value) and the code it stands for.
    """
    notes = np.full(size, "", dtype=object)
    for mask, code in marks:
        chosen = np.broadcast_to(np.asarray(mask, dtype=bool), (size,))
        old = notes[chosen]
        notes[chosen] = np.where(old == "", code, old + ";" + code)
    return notes
