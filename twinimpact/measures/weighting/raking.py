"""Raking: weights that meet all margins at once, for every group in the same cycles.

Iterative proportional fitting (Deming & Stephan 1940, doi:10.1214/aoms/1177731829) on the
occupied cells of the margins' cross; respondents of one cell get the same factor. The group is
a prefix of every margin's code, so thousands of partnerships are one problem.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd

from twinimpact.measures.weighting.capped import capped_weights
from twinimpact.measures.weighting.diagnostics import Diagnosis, diagnose
from twinimpact.measures.weighting.margins import (
    Array,
    Definition,
    Margins,
    level_problems,
    read_margins,
    refused,
    unmet,
)
from twinimpact.measures.weighting.sample import (
    CrossCells,
    Sample,
    cross_cells,
    labels_of,
    sample_of,
)
from twinimpact.problems import Problem

CAP = 5.0
"""Largest weight, in multiples of the mean, unless it is raised on purpose."""
CONVERGED = 1e-10
MOST_CYCLES = 500
Missing = Literal["error", "own_level", "exclude"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RakedWeights:
    """Weights and how far they had to go.

    Parameters
    ----------
    weights
        One per row of the frame, with its index, mean 1 in each group; NaN for excluded rows.
    diagnostics
        One row per group: ``group``, ``n``, ``excluded``, ``deff_before``, ``deff``, ``n_eff``,
        ``max_over_mean``, ``share_at_cap``, ``cycles``, ``population`` (NaN where targets are
        shares), ``method`` (``rake`` or ``rake_capped``).
    levels
        One row per group and level: ``group``, ``variable``, ``level``, ``n``, ``target``,
        ``share_before``, ``share_after``, ``smd_before``, ``smd_after``.
    warnings
        What a reader should know: design effect above 2, weights above 5 times the mean,
        margins not met.
    missing
        What became of people without a value: ``error`` (there were none), ``own_level`` or
        ``exclude``.
    sample, margins
        Codes and targets, for standard errors after raking.
    """

    weights: pd.Series
    diagnostics: pd.DataFrame
    levels: pd.DataFrame
    warnings: tuple[Problem, ...]
    missing: str
    sample: Sample
    margins: Margins


def rake(
    frame: pd.DataFrame,
    margins: Definition,
    *,
    weights: str | None = None,
    group: str | None = None,
    cap: float | None = CAP,
    missing: Missing = "error",
) -> RakedWeights:
    """Weight respondents so that they match a population on every margin.

    ``w ← w · target / Σw`` over the margins in turn, from the weights before, until no factor
    of a whole cycle is further than 1e-10 from 1. Where a weight would pass the cap, all are
    solved anew as ``min(w₀·exp(xᵀλ), cap)``, which still meets every margin; weights are never
    trimmed afterwards. Participants of an exchange chose to come: no weighting turns them into
    the people of their town.

    Parameters
    ----------
    frame
        One row per respondent; it is not changed.
    margins
        Variable (a column, or columns joined by ``*`` for crossed margins) to level to target:
        shares that sum to 1, or numbers of people with one total. Or a frame with the columns
        ``variable``, ``level``, ``target``, and ``group`` where groups have their own targets.
    weights
        Column of the weights before raking; equal weights if ``None``.
    group
        Column of the groups, such as partnerships, that are raked each on its own.
    cap
        Largest weight in multiples of the mean; ``None`` for no cap. Levels with fewer than 5
        respondents are refused unless it is raised above 5 or taken away.
    missing
        What becomes of respondents without a value in a margin: ``error``, ``own_level`` (they
        keep the share they have) or ``exclude``.

    Returns
    -------
    RakedWeights
        Weights with their diagnostics.

    Raises
    ------
    DesignError
        With every fault found, each with its level, its sums and a proposal: levels without
        respondents or without targets, margins that do not sum to 1 or disagree, missing
        values, small levels, margins that cannot hold together, a cap that cannot be kept.

    Examples
    --------
    >>> import pandas as pd
    >>> people = pd.DataFrame({"sex": ["f"] * 6 + ["m"] * 6, "age": ["young", "old", "old"] * 4})
    >>> raked = rake(people, {"sex": {"f": 0.6, "m": 0.4}, "age": {"young": 0.5, "old": 0.5}},
    ...              cap=10)
    >>> raked.weights.round(2).tolist()[:3]
    [1.8, 0.9, 0.9]
    >>> raked.diagnostics[["n", "deff"]].round(3).to_dict("records")
    [{'n': 12, 'deff': 1.17}]
    """
    read = read_margins(margins)
    if group is not None and group in frame and list(read.groups) == [""]:
        read = _for_all(read, labels_of(frame[group])[1])
    sample, targets = sample_of(frame, read, weights, group, missing)
    cells = cross_cells(sample, targets.widths())
    counts = _counts(cells, targets)
    raised = cap is None or cap > CAP
    problems = level_problems(targets, counts, "", cap, raised)
    if problems:
        raise refused("These respondents cannot be weighted yet.", problems)
    factors, cycles = rake_cells(sample, cells, targets)
    after = sample.weights * factors[cells.of_row]
    over = np.zeros(len(sample.people), dtype=bool)
    if cap is not None and after.max(initial=0) > cap * (1 + CONVERGED):
        over[sample.group[after > cap * (1 + CONVERGED)]] = True
        after = capped_weights(sample, cells, targets, (factors, over), cap)
    found = diagnose(sample, cells, targets, counts, after, cap)
    return _record(frame, sample, targets, (found, after, cycles, over), missing)


def post_stratify(
    frame: pd.DataFrame,
    targets: pd.DataFrame,
    *,
    by: Sequence[str],
    weights: str | None = None,
    cap: float | None = CAP,
    missing: Missing = "error",
) -> RakedWeights:
    """Weight respondents so that they match a population on every cell of a cross.

    Parameters
    ----------
    targets
        One row per cell: the columns of ``by``, and ``target``, a share or a number of people.
    by
        Columns that make the cells.

    Raises
    ------
    DesignError
        As :func:`rake`, of which this is the case of one margin.
    """
    names = tuple(by)
    cells = targets[list(names)].itertuples(index=False, name=None)
    margin = {names: dict(zip(cells, targets["target"], strict=True))}
    return rake(frame, margin, weights=weights, cap=cap, missing=missing)


def _for_all(margins: Margins, groups: Array) -> Margins:
    """One set of targets for every group."""
    size = len(groups)
    return replace(
        margins,
        groups=groups,
        shares=tuple(np.repeat(share, size, axis=0) for share in margins.shares),
        totals=np.repeat(margins.totals, size),
    )


def _counts(cells: CrossCells, margins: Margins) -> list[Array]:
    """For each variable the respondents of each level, shape (groups, levels)."""
    size = len(margins.groups)
    return [
        np.bincount(cells.group * width + code, weights=cells.people, minlength=size * width)
        .astype("int64")
        .reshape(size, width)
        for code, width in zip(cells.codes, margins.widths(), strict=True)
    ]


def rake_cells(sample: Sample, cells: CrossCells, margins: Margins) -> tuple[Array, Array]:
    """Factor of each cell, and the cycles each group took.

    A group leaves the cycles when it has converged, so that its weights do not depend on the
    other groups.

    Raises
    ------
    DesignError
        If a group has not converged after 500 cycles.
    """
    start = np.bincount(cells.of_row, weights=sample.weights, minlength=len(cells.group))
    factors, cycles = np.ones(len(start)), np.zeros(len(sample.people), dtype="int64")
    group, alive = cells.group, np.arange(len(sample.people))
    places, w, active = list(cells.codes), start.copy(), np.arange(len(start))
    wanted = [np.nan_to_num(s) * sample.people[:, None] for s in margins.shares]
    for cycle in range(1, MOST_CYCLES + 1):
        worst = np.zeros(len(alive))
        for v, width in enumerate(margins.widths()):
            flat = group * width + places[v]
            total = np.bincount(flat, weights=w, minlength=len(alive) * width)
            goal = wanted[v].ravel()
            factor = np.divide(goal, total, out=np.ones_like(total), where=total > 0)
            w *= factor[flat]
            worst = np.maximum(worst, np.abs(factor - 1).reshape(-1, width).max(axis=1))
        done = worst < CONVERGED
        if not done.any():
            continue
        cycles[alive[done]] = cycle
        ended = done[group]
        factors[active[ended]] = w[ended] / start[active[ended]]
        if done.all():
            return factors, cycles
        renumbered = np.cumsum(~done) - 1
        group, w, active = renumbered[group[~ended]], w[~ended], active[~ended]
        places = [place[~ended] for place in places]
        wanted = [goal[~done] for goal in wanted]
        alive = alive[~done]
    left = [
        np.bincount(group * width + places[v], weights=w, minlength=len(alive) * width).reshape(
            -1, width
        )
        - wanted[v]
        for v, width in enumerate(margins.widths())
    ]
    raise unmet("weights_not_converged", margins, sample.people, alive, left)


def _record(
    frame: pd.DataFrame,
    sample: Sample,
    margins: Margins,
    made: tuple[Diagnosis, Array, Array, Array],
    missing: str,
) -> RakedWeights:
    found, after, cycles, over = made
    weights = after
    if len(after) < len(frame):
        weights = np.full(len(frame), np.nan)
        weights[sample.kept] = after
    table = found.groups.assign(
        excluded=sample.excluded,
        cycles=cycles,
        population=margins.totals,
        method=np.where(over, "rake_capped", "rake"),
    )
    return RakedWeights(
        weights=pd.Series(weights, index=frame.index, name="weight"),
        diagnostics=table,
        levels=found.levels,
        warnings=found.warnings,
        missing=missing,
        sample=sample,
        margins=margins,
    )
