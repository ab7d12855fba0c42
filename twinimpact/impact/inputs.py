"""What the estimators take: named columns, checked before any group is formed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from twinimpact.errors import DesignError

Array = np.ndarray[Any, Any]
Data = pd.DataFrame | Mapping[str, Sequence[Any]]
"""A tidy frame, or a mapping of column names to sequences of one length."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """The columns an estimator uses; rows with a missing value in any of them are gone.

    Parameters
    ----------
    numbers
        Numeric columns by name, shape ``(rows,)``.
    codes
        Labelled columns by name as integers ``0, 1, ...`` in the order of ``labels``.
    labels
        The labels behind the codes, sorted.
    rows
        Positions of the kept rows in the input.
    dropped
        Rows left out because a value is missing.
    """

    numbers: Mapping[str, Array]
    codes: Mapping[str, Array]
    labels: Mapping[str, tuple[str, ...]]
    rows: Array
    dropped: int

    def __len__(self) -> int:
        return len(self.rows)

    def matrix(self, names: Sequence[str]) -> Array:
        """Several numeric columns side by side, shape ``(rows, names)``."""
        return np.column_stack([self.numbers[name] for name in names])


def columns_of(data: Data, *, numbers: Sequence[str] = (), labels: Sequence[str] = ()) -> Columns:
    """Take columns out of a frame or a mapping, whole rows only.

    Parameters
    ----------
    data
        The rows; it is not changed.
    numbers
        Columns that must hold numbers; true and false are 1 and 0.
    labels
        Columns of names: towns, people, arms, blocks.

    Raises
    ------
    DesignError
        If a column is not there, holds no numbers, or nothing is left.
    """
    frame = data if isinstance(data, pd.DataFrame) else _framed(data)
    wanted = [*dict.fromkeys([*numbers, *labels])]
    absent = [name for name in wanted if name not in frame.columns]
    if absent:
        raise DesignError(
            "Columns are not in the data.",
            got=", ".join(absent),
            expected=", ".join(map(str, frame.columns)),
        )
    values = {name: _number(frame[name], name) for name in numbers}
    present = np.ones(len(frame), dtype=bool)
    for column in values.values():
        present &= np.isfinite(column)
    for name in labels:
        present &= frame[name].notna().to_numpy()
    rows = np.flatnonzero(present)
    if not len(rows):
        raise DesignError("No row has a value in every column.", got=", ".join(wanted))
    codes, names = {}, {}
    for name in labels:
        found, unique = pd.factorize(frame[name].iloc[rows].astype(object).map(_label), sort=True)
        codes[name], names[name] = np.asarray(found), tuple(map(str, unique))
    return Columns(
        numbers={name: column[rows] for name, column in values.items()},
        codes=codes,
        labels=names,
        rows=rows,
        dropped=len(frame) - len(rows),
    )


def two_arms(columns: Columns, name: str, treated: str = "") -> Array:
    """Whether each row is in the treated arm.

    Parameters
    ----------
    name
        Column of the arm; exactly two labels.
    treated
        Label of the treated arm; without it the later one in the alphabet (1 after 0, true
        after false).

    Raises
    ------
    DesignError
        If there are not exactly two arms, or ``treated`` is none of them.
    """
    labels = columns.labels[name]
    if len(labels) != 2:
        raise DesignError(
            "A comparison has exactly two arms.", where=name, got=", ".join(labels) or "none",
            expected="two different values",
        )  # fmt: skip
    if treated and treated not in labels:
        raise DesignError(
            "There is no such arm.", where=name, got=treated, expected=" or ".join(labels)
        )
    return np.asarray(columns.codes[name] == labels.index(treated or labels[1]))


def constant_within(values: Array, group: Array, what: str, within: str) -> Array:
    """One value per group, in the order of group numbers.

    Raises
    ------
    DesignError
        If a value differs within a group.
    """
    groups = int(group.max()) + 1
    first = np.zeros(groups, dtype=values.dtype)
    first[group[::-1]] = values[::-1]
    if (values != first[group]).any():
        raise DesignError(
            f"{what} must be the same for everybody in one {within}.",
            where=within,
            got=f"{len(np.unique(group[values != first[group]]))} mixed",
            hint=f"Give each {within} its own name, or leave mixed ones out.",
        )
    return first


def _framed(data: Mapping[str, Sequence[Any]]) -> pd.DataFrame:
    lengths = {name: len(values) for name, values in data.items()}
    if len(set(lengths.values())) > 1:
        raise DesignError("Columns have different lengths.", got=str(lengths))
    return pd.DataFrame({name: pd.Series(list(values)) for name, values in data.items()})


def _number(column: pd.Series[Any], name: str) -> Array:
    if pd.api.types.is_bool_dtype(column.dtype):
        column = column.astype("Float64")
    try:
        numbers = pd.to_numeric(column)
    except (TypeError, ValueError) as error:
        raise DesignError(
            "A column holds something that is no number.", where=name, got=str(error)
        ) from error
    return np.asarray(numbers.to_numpy(dtype="float64", na_value=np.nan))


def _label(value: object) -> str:
    if isinstance(value, bool | np.bool_):
        return str(int(value))
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value)
