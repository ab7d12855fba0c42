"""Cells of a frame by any of its columns, for the public doors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zlib import crc32

import numpy as np
import numpy.typing as npt
import pandas as pd

from twinimpact.errors import DesignError

Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Groups:
    """Cells by columns of a frame.

    Parameters
    ----------
    codes
        Cell of each row, −1 where a key is missing; shape (rows,).
    labels
        Key column to the value of each cell; cells are sorted by their keys.
    size
        Number of cells.
    """

    codes: Array
    labels: Mapping[str, Array]
    size: int


def group_rows(frame: pd.DataFrame, by: Sequence[str]) -> Groups:
    """Cells of the rows of a frame; one cell of all rows without columns.

    Raises
    ------
    DesignError
        If a column is not there.
    """
    absent = [name for name in by if name not in frame.columns]
    if absent:
        raise DesignError("There is no such column.", got=", ".join(absent))
    rows = len(frame)
    if not by:
        return Groups(codes=np.zeros(rows, dtype="int64"), labels={}, size=1)
    code = np.zeros(rows, dtype="int64")
    known = np.ones(rows, dtype=bool)
    values, sizes = [], []
    for name in by:
        found, unique = pd.factorize(frame[name], sort=True)
        known &= found >= 0
        code = code * max(len(unique), 1) + found
        values.append(np.asarray(unique))
        sizes.append(max(len(unique), 1))
    code[~known] = -1
    there = _distinct(code[known], int(np.prod(sizes)))
    place = np.searchsorted(there, code)
    keys = np.unravel_index(there, sizes) if len(there) else [there] * len(by)
    labels = {
        name: unique[key] if len(unique) else unique
        for name, unique, key in zip(by, values, keys, strict=True)
    }
    return Groups(codes=np.where(known, place, -1), labels=labels, size=len(there))


def _distinct(codes: Array, possible: int) -> Array:
    """Codes that occur, sorted."""
    if possible > 1 << 24:
        return np.unique(codes)
    return np.flatnonzero(np.bincount(codes, minlength=possible))


def lasting_numbers(groups: Groups) -> Array:
    """A number of each cell that rests on its keys alone, not on which other cells there are."""
    keys = list(zip(*groups.labels.values(), strict=True)) or [()] * groups.size
    return np.array([crc32(repr(tuple(map(str, key))).encode()) for key in keys], dtype="int64")


def safe_names(by: Sequence[str], columns: Sequence[str]) -> Mapping[str, str]:
    """Names for the key columns of a result: ``by_n`` where a key is called like a result."""
    return {name: f"by_{name}" if name in columns else name for name in by}
