"""Respondents as codes: which group and which level of each margin they belong to."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from twinimpact.measures.weighting.margins import (
    CROSS,
    Array,
    Margins,
    refused,
    texts_of,
)
from twinimpact.problems import Problem

OWN_LEVEL = ""
"""Name of the level of people without a value, where they are kept as a level."""
DENSE = 4
"""Tables of up to this many times the rows are made whole, larger ones of occupied cells only."""


MOST_NAMED = 20
"""Labels named in a refusal."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sample:
    """Respondents to be weighted.

    Parameters
    ----------
    kept
        Rows of the frame that are weighted, shape (rows,).
    group
        Group of each kept row.
    codes
        For each margin the level of each kept row.
    weights
        Weights before, scaled to a mean of 1 in each group.
    people, excluded
        Kept and excluded rows of each group.
    """

    kept: Array
    group: Array
    codes: tuple[Array, ...]
    weights: Array
    people: Array
    excluded: Array


def codes_of(keys: Array, size: int) -> tuple[Array, Array]:
    """Codes of integer keys below ``size``, and the key of each code.

    >>> codes_of(np.array([7, 2, 7]), 10**12)[1].tolist()
    [7, 2]
    """
    if size <= DENSE * len(keys) + 1024:
        return keys, np.arange(size)
    codes, kept = pd.factorize(keys)
    return codes, np.asarray(kept)


def numbers_of(column: pd.Series) -> Array:
    """A column as numbers; NaN for what is none."""
    if column.dtype == "float64":
        return column.to_numpy()
    values = pd.to_numeric(column, errors="coerce")
    return np.asarray(values.to_numpy("float64", na_value=np.nan))


def unusable(weights: Array) -> int:
    """How many weights are not above zero, or absent."""
    if not len(weights) or (weights.min() > 0 and weights.max() < np.inf):
        return 0
    return int(np.count_nonzero(~(np.isfinite(weights) & (weights > 0))))


def labels_of(column: pd.Series) -> tuple[Array, Array]:
    """Code of each row (−1 for no value) and the label of each code, as text.

    Whole numbers are in ascending order, categories in theirs, all else as it first appears.
    """
    if column.dtype.kind in "iu" and isinstance(column.dtype, np.dtype) and len(column):
        values = column.to_numpy()
        low = int(values.min())
        width = int(values.max()) - low + 1
        if width <= DENSE * len(values) + 1024:
            codes = (values if low == 0 else values - low).astype("int64", copy=False)
            met = np.bincount(codes, minlength=width) > 0
            found = texts_of(pd.Index(np.flatnonzero(met) + low))
            return (codes if met.all() else (np.cumsum(met) - 1)[codes]), found
    if isinstance(column.dtype, pd.CategoricalDtype):
        codes, names = column.cat.codes.to_numpy(), column.cat.categories
    else:
        codes, names = pd.factorize(column)
    return codes, texts_of(pd.Index(names))


def variable_of(frame: pd.DataFrame, variable: str) -> tuple[Array, Array] | None:
    """Codes and labels of a variable, crossed ones too; ``None`` if a column is not there."""
    if variable in frame:
        return labels_of(frame[variable])
    parts = variable.split(CROSS)
    if len(parts) < 2 or not all(part in frame for part in parts):
        return None
    codes, names = labels_of(frame[parts[0]])
    for part in parts[1:]:
        more, labels = labels_of(frame[part])
        absent = (codes < 0) | (more < 0)
        codes = np.where(absent, -1, codes.astype("int64") * len(labels) + more)
        names = np.array([f"{a}{CROSS}{b}" for a in names for b in labels], dtype=object)
    return codes, names


def sample_of(
    frame: pd.DataFrame,
    margins: Margins,
    weights: str | None,
    group: str | None,
    missing: str,
) -> tuple[Sample, Margins]:
    """Respondents with their levels, and the margins with levels for missing values.

    Raises
    ------
    DesignError
        With every fault found: columns that are not there, weights that are not above zero,
        missing values nobody has decided about, levels and groups without targets.
    """
    problems: list[Problem] = []
    of_group = _groups(frame, margins, group, problems)
    before = _prior(frame, weights, problems)
    codes = []
    kept = np.ones(len(frame), dtype=bool)
    for variable, levels in zip(margins.variables, margins.levels, strict=True):
        found = variable_of(frame, variable)
        if found is None:
            problems.append(_no_column(frame, variable))
            continue
        code = _matched(*found, variable, levels, problems)
        if len(code) and found[0].min() < 0:
            absent = found[0] < 0
            if missing == "error":
                count = str(int(absent.sum()))
                problems.append(Problem(code="weights_missing", column=variable, got=count))
            elif missing == "exclude":
                kept &= ~absent
        codes.append(code)
    if problems:
        raise refused("These respondents cannot be weighted yet.", problems)
    size = len(margins.groups)
    excluded = np.zeros(size, dtype="int64")
    if not kept.all():
        excluded = np.bincount(of_group[~kept], minlength=size)
        of_group, before = of_group[kept], before[kept]
        codes = [code[kept] for code in codes]
    if size == 1:
        people, total = np.array([len(before)]), np.array([before.sum()])
    else:
        people = np.bincount(of_group, minlength=size)
        total = np.bincount(of_group, weights=before, minlength=size)
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = people / total
    sample = Sample(
        kept=kept,
        group=of_group,
        codes=tuple(codes),
        weights=before * (scale[of_group] if len(scale) > 1 else scale),
        people=people,
        excluded=excluded,
    )
    return own_levels(sample, margins) if missing == "own_level" else (sample, margins)


def own_levels(sample: Sample, margins: Margins) -> tuple[Sample, Margins]:
    """People without a value as a level of their own, whose share stays as it is."""
    codes, levels, shares = list(sample.codes), list(margins.levels), list(margins.shares)
    for v, code in enumerate(codes):
        absent = code < 0
        if not absent.any():
            continue
        size = len(margins.groups)
        sums = np.bincount(sample.group[absent], weights=sample.weights[absent], minlength=size)
        own = sums / np.where(sample.people > 0, sample.people, 1)
        # the declared shares are about people whose value is known
        wider = [shares[v] * (1 - own)[:, None], np.where(own > 0, own, np.nan)[:, None]]
        shares[v] = np.column_stack(wider)
        codes[v] = np.where(absent, len(levels[v]), code)
        levels[v] = (*levels[v], OWN_LEVEL)
    return (
        replace(sample, codes=tuple(codes)),
        replace(margins, levels=tuple(levels), shares=tuple(shares)),
    )


def _groups(
    frame: pd.DataFrame, margins: Margins, group: str | None, problems: list[Problem]
) -> Array:
    if group is None:
        if len(margins.groups) > 1:
            columns = ", ".join(map(str, frame.columns))
            problems.append(
                Problem(code="weights_no_column", column="group", expected=columns[:200])
            )
        return np.zeros(len(frame), dtype="int64")
    if group not in frame:
        problems.append(_no_column(frame, group))
        return np.zeros(len(frame), dtype="int64")
    codes, names = labels_of(frame[group])
    if (codes < 0).any():
        count = str(int((codes < 0).sum()))
        problems.append(Problem(code="weights_missing", column=group, got=count))
    places = pd.Index(margins.groups).get_indexer(pd.Index(names))
    for name in names[places < 0][:MOST_NAMED]:
        problems.append(
            Problem(code="weights_no_targets", column=margins.variables[0], got=str(name))
        )
    return places[codes] if len(places) else np.zeros(len(frame), dtype="int64")


def _prior(frame: pd.DataFrame, weights: str | None, problems: list[Problem]) -> Array:
    if weights is None:
        return np.ones(len(frame))
    if weights not in frame:
        problems.append(_no_column(frame, weights))
        return np.ones(len(frame))
    values = numbers_of(frame[weights])
    bad = unusable(values)
    if bad:
        problems.append(Problem(code="weights_prior", column=weights, got=str(bad)))
    return values


def _matched(
    codes: Array, names: Array, variable: str, levels: Sequence[str], problems: list[Problem]
) -> Array:
    """Level of each row among the levels with a target; −1 for no value."""
    known = {level: place for place, level in enumerate(levels)}
    places = np.array([known.get(name, -1) for name in names] + [-1], dtype="int64")
    if (places[:-1] < 0).any():
        met = np.bincount(codes[codes >= 0], minlength=len(names)) > 0
        for name in names[met & (places[:-1] < 0)][:MOST_NAMED]:
            near = difflib.get_close_matches(name, levels, n=1, cutoff=0.6) or list(levels)
            problems.append(
                Problem(
                    code="weights_unknown_level",
                    column=variable,
                    got=name,
                    expected=", ".join(near),
                )
            )
    # labels often stand in the order of their targets
    if np.array_equal(places[:-1], np.arange(len(names))):
        return codes
    return places[codes]


def _no_column(frame: pd.DataFrame, name: str) -> Problem:
    columns = ", ".join(map(str, frame.columns))
    return Problem(code="weights_no_column", column=name, expected=columns[:200])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CrossCells:
    """Occupied cells of the cross of group and margins.

    Parameters
    ----------
    of_row
        Cell of each respondent.
    group
        Group of each cell.
    codes
        For each margin the level of each cell.
    people
        Respondents of each cell.
    """

    of_row: Array
    group: Array
    codes: tuple[Array, ...]
    people: Array


def cross_cells(sample: Sample, widths: Sequence[int]) -> CrossCells:
    """Collapse respondents to the cells in which they are equal to the rake."""
    key = sample.codes[0]
    if len(sample.people) > 1:
        key = sample.group.astype("int64", copy=False) * widths[0] + key
    for code, width in zip(sample.codes[1:], widths[1:], strict=True):
        key = key * width + code
    size = len(sample.people) * int(np.prod([*widths, 1], dtype="float64"))
    if size <= DENSE * len(key) + 1024:
        found = np.bincount(key, minlength=size)
        cells = np.flatnonzero(found)
        people = found[cells]
        of_row = key if len(cells) == size else (np.cumsum(found > 0) - 1)[key]
    else:
        cells, of_row, people = np.unique(key, return_inverse=True, return_counts=True)
    rest: Any = cells
    codes: list[Array] = []
    for width in reversed(widths):
        rest, code = np.divmod(rest, width)
        codes.append(code)
    return CrossCells(of_row=of_row, group=rest, codes=tuple(reversed(codes)), people=people)
