"""Alignment: approximately comparable means of many groups, without equal questions everywhere.

Each group has a one-factor model of its own. Alignment looks for the factor means and spreads
under which as few questions as possible differ by much; it then says which question parameters
still differ, and whether the means can be trusted.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from twinimpact.errors import DesignError
from twinimpact.measures.invariance.alignment_loss import (
    Problem,
    aligned,
    curvature,
    loss_and_slope,
    pairs_of,
    problem_of,
)
from twinimpact.measures.invariance.alignment_parameters import (
    Recovery,
    differing,
    draw_groups,
    standard_errors,
)
from twinimpact.measures.invariance.alignment_search import descend
from twinimpact.measures.invariance.alignment_starts import STARTS, starting_points
from twinimpact.measures.invariance.rules import invariance_rules

Array = npt.NDArray[Any]
EPSILONS = (0.1, 0.03, 0.01, 0.003, 0.001, 0.0003, 0.0001)
DRAWS = 100
_SAME_LOSS = 1e-4
_PAIRS_PER_DRAW = 5000
_POLISHED_UP_TO = 1000
"""Groups up to which the last steps use second derivatives (their matrix grows quadratically)."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GroupFactors:
    """One-factor solutions of several groups, each with factor mean 0 and variance 1.

    Parameters
    ----------
    names
        Groups, unique.
    n
        Complete rows of each group, shape (groups,).
    loadings, intercepts, residuals
        Parameters of the questions, shape (groups, questions); residual variances.
    """

    names: tuple[str, ...]
    n: Array
    loadings: Array
    intercepts: Array
    residuals: Array


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Alignment:
    """The minimum of the loss.

    Parameters
    ----------
    alpha, psi
        Factor means and standard deviations, shape (groups,).
    loadings, intercepts
        Aligned, shape (groups, questions).
    loss
        At epsilon = 0.0001, with questions as they were given to the search.
    starts, reached
        Starting points, and how many of them ended at this loss.
    pairs
        Pairs of groups in the loss.
    slope
        Largest absolute slope at the solution.
    identification
        ``product_psi_1`` or ``psi_anchor_1``; ``anchor`` is the group whose mean is 0.
    """

    alpha: Array
    psi: Array
    loadings: Array
    intercepts: Array
    loss: float
    starts: int
    reached: int
    pairs: int
    slope: float
    identification: str
    anchor: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AlignedMeans:
    """Group means after alignment, and whether they may be compared.

    Parameters
    ----------
    names, n
        Groups and their complete rows.
    means, spreads
        Factor means and standard deviations (``alpha``, ``psi``).
    std_error
        Of the means, from the draws; missing without draws.
    alignment
        The solution behind them.
    differing_loadings, differing_intercepts
        Question parameters outside the set of groups that agree, shape (groups, questions).
    share_differing
        Share of all parameters.
    recovery
        Mean correlation of estimated with true means over ``draws`` simulated samples.
    released
        False when too many parameters differ or ``recovery`` is too low (rule ``alignment`` of
        ``surveys/invariance.toml``), or when it was not computed.
    note
        Codes: ``many_differing``, ``poor_recovery``, ``recovery_not_checked``.
    """

    names: tuple[str, ...]
    n: Array
    means: Array
    spreads: Array
    std_error: Array
    alignment: Alignment
    differing_loadings: Array
    differing_intercepts: Array
    share_differing: float
    recovery: float
    draws: int
    released: bool
    note: tuple[str, ...]


def align(groups: GroupFactors, *, draws: int = DRAWS, seed: int = 1) -> AlignedMeans:
    """Align groups and judge the result.

    Parameters
    ----------
    groups
        Configural one-factor solutions; the sign of a group's factor does not matter.
    draws
        Samples drawn from the estimates to see whether means of this size are found again;
        0 leaves that out, and the means are then not released.
    seed
        Of these draws.

    Raises
    ------
    DesignError
        With fewer than two groups or three questions, or parameters that are not numbers.

    Notes
    -----
    Asparouhov and Muthen (2014), doi:10.1080/10705511.2014.919210. The mean of the largest
    group is 0 (the first of equals) and the product of all spreads is 1. Epsilon has the unit of
    the answers; so that results do not depend on it, questions are first divided by their typical
    standard deviation within groups.
    """
    _refuse(groups)
    rule = invariance_rules().limits["alignment"]
    plain, unit = _standard(groups)
    best = solve_alignment(plain.loadings, plain.intercepts, plain.n)
    errors = standard_errors(plain.loadings, plain.residuals, plain.n, best.alpha, best.psi)
    flags = tuple(
        differing(values, error, groups.n, float(rule["standard_errors"]))
        for values, error in zip((best.loadings, best.intercepts), errors, strict=True)
    )
    share = float(np.mean(flags))
    found = _recovery(plain, best, draws, seed)
    note = [
        code
        for code, holds in (
            ("many_differing", share > rule["share_differing"]),
            ("recovery_not_checked", not np.isfinite(found.correlation)),
            ("poor_recovery", found.correlation < rule["recovery"]),
        )
        if holds
    ]
    return AlignedMeans(
        names=groups.names, n=groups.n, means=best.alpha, spreads=best.psi,
        std_error=found.std_error, alignment=_in_units(best, unit),
        differing_loadings=flags[0], differing_intercepts=flags[1], share_differing=share,
        recovery=found.correlation, draws=draws, released=not note, note=tuple(note),
    )  # fmt: skip


def solve_alignment(
    loadings: Array,
    intercepts: Array,
    n: Array,
    *,
    anchor: int | None = None,
    product: bool = True,
    starts: int = STARTS,
) -> Alignment:
    """Minimise the loss from fixed starting points.

    Parameters
    ----------
    loadings, intercepts
        Shape (groups, questions).
    n
        Rows of each group.
    anchor
        Group whose mean is 0; by default the largest, the first of equals.
    product
        Whether the product of all ``psi`` is 1, else that of the anchor is.
    starts
        How many of the fixed starting points are used.
    """
    place = int(np.argmax(n)) if anchor is None else anchor
    problem = problem_of(loadings, intercepts, n, pairs_of(n), (place, product))
    points = [(point, 1) for point in starting_points(problem, starts)]
    for epsilon in EPSILONS:
        ends = [(_descend(problem, point, epsilon), count) for point, count in points]
        points = _merge(problem, ends, epsilon)
    losses = np.array([loss_and_slope(point, problem, EPSILONS[-1])[0] for point, _ in points])
    counts = np.array([count for _, count in points])
    point = _polish(problem, points[int(np.argmin(losses))][0])
    loss, slope = loss_and_slope(point, problem, EPSILONS[-1])
    alpha, log_psi = problem.unpack(point)
    found = aligned(problem, point)
    return Alignment(
        alpha=alpha, psi=np.exp(log_psi), loadings=found[0], intercepts=found[1], loss=loss,
        starts=starts, reached=int(counts[losses <= loss * (1 + 1e-6)].sum()),
        pairs=len(problem.first),
        slope=float(np.abs(slope).max()), anchor=problem.anchor,
        identification="product_psi_1" if product else "psi_anchor_1",
    )  # fmt: skip


def _descend(problem: Problem, point: Array, epsilon: float, close: float = 1e-6) -> Array:
    """Follow the slope until a step changes the loss by less than ``close`` of it."""
    return descend(partial(loss_and_slope, problem=problem, epsilon=epsilon), point, close)


def _merge(
    problem: Problem, points: list[tuple[Array, int]], epsilon: float
) -> list[tuple[Array, int]]:
    """Points that came out at the same place are followed once, and counted."""
    kept: list[tuple[float, Array, int]] = []
    for point, count in points:
        loss, _ = loss_and_slope(point, problem, epsilon)
        place = problem.project(point)
        for position, (other, there, many) in enumerate(kept):
            if abs(loss - other) <= _SAME_LOSS * other and np.allclose(place, there, atol=2e-2):
                kept[position] = (*min((other, there), (loss, place), key=lambda one: one[0]),
                                  many + count)  # fmt: skip
                break
        else:
            kept.append((loss, place, count))
    return [(point, count) for _, point, count in kept]


def _polish(problem: Problem, point: Array) -> Array:
    """The last digits, by second derivatives as long as they help."""
    point = problem.project(_descend(problem, point, EPSILONS[-1], close=1e-14))
    if len(problem.loadings) > _POLISHED_UP_TO:
        return point
    loss, slope = loss_and_slope(point, problem, EPSILONS[-1])
    for _ in range(30):
        bend = curvature(point, problem, EPSILONS[-1])
        try:
            np.linalg.cholesky(bend)
        except np.linalg.LinAlgError:
            return point
        moved = problem.project(point - np.linalg.solve(bend, slope))
        new_loss, new_slope = loss_and_slope(moved, problem, EPSILONS[-1])
        if new_loss > loss or np.abs(new_slope).max() >= np.abs(slope).max():
            return point
        point, loss, slope = moved, new_loss, new_slope
    return point


def _standard(groups: GroupFactors) -> tuple[GroupFactors, float]:
    """Loadings with positive sums, questions in units of their typical standard deviation."""
    sign = np.where(groups.loadings.sum(axis=1) < 0, -1.0, 1.0)[:, None]
    variance = (groups.loadings**2 + groups.residuals).mean(axis=1)
    unit = float(np.sqrt((groups.n * variance).sum() / groups.n.sum()))
    plain = replace(
        groups,
        loadings=sign * groups.loadings / unit,
        intercepts=groups.intercepts / unit,
        residuals=groups.residuals / unit**2,
    )
    return plain, unit


def _in_units(best: Alignment, unit: float) -> Alignment:
    return replace(best, loadings=best.loadings * unit, intercepts=best.intercepts * unit)


def _recovery(groups: GroupFactors, best: Alignment, draws: int, seed: int) -> Recovery:
    """Are means of this size found again in samples of this size?"""
    size = len(groups.n)
    if not draws:
        return Recovery(correlation=float("nan"), std_error=np.full(size, np.nan))
    start = np.concatenate([best.alpha, np.log(best.psi)])
    pairs = pairs_of(groups.n)
    if len(pairs[0]) > _PAIRS_PER_DRAW:
        chosen = np.random.default_rng(seed).permutation(len(pairs[0]))[:_PAIRS_PER_DRAW]
        pairs = (pairs[0][chosen], pairs[1][chosen])
    fixed = (best.anchor, best.identification == "product_psi_1")
    means = np.empty((draws, size))
    drawn = draw_groups(groups.loadings, groups.intercepts, groups.residuals, groups.n, draws, seed)
    for number, (one, other) in enumerate(zip(*drawn, strict=True)):
        problem = problem_of(one, other, groups.n, pairs, fixed)
        point = start
        for epsilon in EPSILONS[::2]:
            point = _descend(problem, point, epsilon, close=1e-6)
        means[number] = problem.unpack(point)[0]
    return Recovery.of(means, best.alpha)


def _refuse(groups: GroupFactors) -> None:
    shape = groups.loadings.shape
    if len(shape) != 2 or shape[0] < 2 or shape[1] < 3:
        raise DesignError(
            "Alignment needs at least two groups and three questions.",
            got=" × ".join(str(size) for size in shape),
        )
    values = (groups.loadings, groups.intercepts, groups.residuals)
    sound = all(one.shape == shape and np.isfinite(one).all() for one in values)
    if not sound or len(groups.n) != shape[0] or not (groups.n > 0).all():
        raise DesignError(
            "Every group needs its number of rows and a loading, intercept and residual variance "
            "of every question.",
            hint="Leave out groups whose own model could not be estimated.",
        )
