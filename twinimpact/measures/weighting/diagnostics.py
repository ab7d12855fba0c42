"""How far weights had to go: design effect, largest weight, balance before and after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from twinimpact.measures.weighting.margins import MOST_PROBLEMS, Array, Margins
from twinimpact.measures.weighting.sample import CrossCells, Sample
from twinimpact.problems import Problem

HIGH_DEFF = 2.0
LARGE_WEIGHT = 5.0
BALANCED = 0.01
AT_CAP = 1e-9
"""A weight this close to the cap, as a share of it, is at the cap."""


LEVEL_COLUMNS = (
    "group", "variable", "level", "n", "target", "share_before", "share_after", "smd_before",
    "smd_after",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Diagnosis:
    """Tables per group and per level, and warnings."""

    groups: pd.DataFrame
    levels: pd.DataFrame
    warnings: tuple[Problem, ...]


def kish(weights: Array) -> tuple[float, float]:
    """Design effect n·Σw²/(Σw)² and effective number of people (Σw)²/Σw².

    Kish 1965, *Survey Sampling*.

    >>> kish(np.array([1.0, 1.0, 2.0]))[0]
    1.125
    """
    total, squares = float(np.sum(weights)), float(np.sum(np.square(weights)))
    return len(weights) * squares / total**2, total**2 / squares


def smd_of_shares(share: Array, target: Array) -> Array:
    """Standardised difference of a share: (share − target)/√(target·(1 − target)).

    0 where a level holds everybody, as it should; NaN without a target.
    """
    spread = np.sqrt(np.where((target > 0) & (target < 1), target * (1 - target), np.nan))
    whole = (target == 1) & (np.abs(share - target) < AT_CAP)
    return np.asarray(np.where(whole, 0.0, (share - target) / spread))


def smd_of_mean(values: Array, weights: Array, mean: float, sd: float) -> float:
    """Standardised difference of a number: (weighted mean − target mean)/target SD."""
    return float((np.average(values, weights=weights) - mean) / sd)


def diagnose(
    sample: Sample,
    cells: CrossCells,
    margins: Margins,
    counts: Sequence[Array],
    after: Array,
    cap: float | None,
) -> Diagnosis:
    """Diagnostics of all groups at once.

    Parameters
    ----------
    cells
        Occupied cells of the margins' cross.
    counts
        For each variable the respondents of each level, shape (groups, levels).
    after
        Weights of the kept rows, mean 1 in each group.
    cap
        Largest weight allowed.
    """
    size, g, n = len(margins.groups), sample.group, sample.people
    columns: dict[str, Array] = {"group": margins.groups, "n": n}
    with np.errstate(divide="ignore", invalid="ignore"):
        for name, w in (("deff_before", sample.weights), ("deff", after)):
            # the mean weight is 1, so n·Σw²/(Σw)² is Σw²/n
            columns[name] = _squares(g, w, size) / n
        columns["n_eff"] = n / columns["deff"]
        columns["max_over_mean"] = np.where(n > 0, _largest(g, after, size), np.nan)
        limit = np.inf if cap is None else cap * (1 - AT_CAP)
        at_cap = np.bincount(g[after >= limit], minlength=size)
        columns["share_at_cap"] = at_cap / np.where(n > 0, n, np.nan)
    levels = _levels(margins, cells, counts, (sample, after))
    return Diagnosis(
        groups=pd.DataFrame(columns),
        levels=pd.DataFrame(levels),
        warnings=_warnings(columns, levels),
    )


def _squares(group: Array, weights: Array, size: int) -> Array:
    if size == 1:
        return np.array([np.einsum("i,i->", weights, weights)])
    return np.bincount(group, weights=weights * weights, minlength=size)


def _largest(group: Array, weights: Array, size: int) -> Array:
    if size == 1:
        return np.array([weights.max(initial=0)])
    largest = np.zeros(size)
    np.maximum.at(largest, group, weights)
    return largest


def _levels(
    margins: Margins, cells: CrossCells, counts: Sequence[Array], made: tuple[Sample, Array]
) -> dict[str, Array]:
    sample, after = made
    size = len(margins.groups)
    people = np.where(sample.people > 0, sample.people, np.nan)[:, None]
    sums = [
        np.bincount(cells.of_row, weights=w, minlength=len(cells.group))
        for w in (sample.weights, after)
    ]
    parts = []
    for v, (names, target) in enumerate(zip(margins.levels, margins.shares, strict=True)):
        width = len(names)
        flat = cells.group * width + cells.codes[v]
        shares = [
            np.bincount(flat, weights=w, minlength=size * width).reshape(size, width) / people
            for w in sums
        ]
        given = np.isfinite(target).ravel()
        columns = (
            np.repeat(margins.groups, width),
            np.full(size * width, margins.variables[v], dtype=object),
            np.tile(np.array(names, dtype=object), size),
            counts[v].ravel(),
            target.ravel(),
            *(share.ravel() for share in shares),
            *(smd_of_shares(share, target).ravel() for share in shares),
        )
        parts.append([column[given] for column in columns])
    return {
        name: np.concatenate([part[place] for part in parts])
        for place, name in enumerate(LEVEL_COLUMNS)
    }


def _warnings(groups: Mapping[str, Array], levels: Mapping[str, Array]) -> tuple[Problem, ...]:
    found = []
    for g in np.flatnonzero(groups["deff"] > HIGH_DEFF)[:MOST_PROBLEMS]:
        got, n = f"{groups['deff'][g]:.2f}", f"{groups['n_eff'][g]:.0f}"
        where = str(groups["group"][g])
        found.append(Problem(code="weights_high_deff", sheet=where, got=got, expected=n))
    for g in np.flatnonzero(groups["max_over_mean"] > LARGE_WEIGHT)[:MOST_PROBLEMS]:
        got = f"{groups['max_over_mean'][g]:.1f}"
        found.append(Problem(code="weights_large", sheet=str(groups["group"][g]), got=got))
    for row in np.flatnonzero(np.abs(levels["smd_after"]) > BALANCED)[:MOST_PROBLEMS]:
        found.append(
            Problem(
                code="weights_margin_left",
                sheet=str(levels["group"][row]),
                column=f"{levels['variable'][row]} = {levels['level'][row]}",
                got=f"{abs(levels['smd_after'][row]):.3f}",
            )
        )
    return tuple(found)
