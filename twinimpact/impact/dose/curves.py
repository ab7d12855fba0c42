"""Shapes of a dose: a restricted cubic spline, ordered bins, and what a line leaves over."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

from twinimpact.impact.clusters import cr2, hc3
from twinimpact.impact.intervals import Fit

Array = np.ndarray[Any, Any]
KNOTS = (0.1, 0.5, 0.9)
"""Quantiles of the hours above zero at which the curve may bend."""
POINTS = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class LackOfFit:
    """F test of a larger model against a smaller one inside it."""

    f: float
    df: tuple[int, int]
    p_value: float


def coefficient(x: Array, y: Array, town: Array | None, column: int, level: float) -> Fit:
    """One coefficient: CR2 by town, or HC3 where people are in no towns."""
    if town is None:
        return hc3(x, y, column, level)
    return cr2(x, y, town, column, level)


def lack_of_fit(y: Array, line: Array, larger: Array) -> LackOfFit | None:
    """Whether a larger design says more than a line; ``None`` where it cannot be told.

    Parameters
    ----------
    y
        Outcome ``(people,)``.
    line, larger
        Designs ``(people, columns)``; the span of the first lies in that of the second.
    """
    left, first = _residual(y, line)
    over, second = _residual(y, larger)
    more, free = second - first, len(y) - second
    if more < 1 or free < 1 or not over > 1e-12 * max(left, 1e-300):
        return None
    f = (left - over) / more / (over / free)
    return LackOfFit(f=f, df=(more, free), p_value=float(special.fdtrc(more, free, max(f, 0.0))))


def _residual(y: Array, x: Array) -> tuple[float, int]:
    beta, _, rank, _ = np.linalg.lstsq(x, y, rcond=None)
    rest = y - x @ beta
    return float(rest @ rest), int(rank)


def knots_of(hours: Array) -> Array | None:
    """Knots at quantiles of the hours above zero; ``None`` where they coincide."""
    above = hours[hours > 0]
    if len(above) < len(KNOTS):
        return None
    knots = np.quantile(above, KNOTS)
    return None if (np.diff(knots) <= 1e-9 * knots[-1]).any() else knots


def restricted_cubic(x: Array, knots: Array) -> Array:
    """Bent part of a restricted cubic spline, straight beyond the outer knots.

    Truncated powers, divided by the squared distance of the outer knots. Stone & Koo (1985),
    Proceedings of the Statistical Computing Section, ASA, 45-48; Harrell (2015)
    doi:10.1007/978-3-319-19425-7.

    Returns
    -------
    numpy.ndarray
        Shape ``(people, knots − 2)``.
    """
    last, before = knots[-1], knots[-2]
    cubes = np.maximum(x[:, None] - knots, 0.0) ** 3
    inner = knots[:-2]
    bent = (
        cubes[:, :-2]
        - cubes[:, [-2]] * (last - inner) / (last - before)
        + cubes[:, [-1]] * (before - inner) / (last - before)
    )
    scaled: Array = bent / (last - knots[0]) ** 2
    return scaled


def curve_points(
    hours: Array, y: Array, rest: Array, town: Array | None, knots: Array, level: float
) -> dict[str, Array]:
    """Points of the curve with intervals, at the mean of the other covariates.

    Each point is the intercept of a model whose hours are counted from that point.
    """
    at = np.linspace(0.0, float(hours.max()), POINTS)
    basis = np.column_stack([hours, restricted_cubic(hours, knots)])
    shift = np.column_stack([at, restricted_cubic(at, knots)])
    others = rest - rest.mean(axis=0)
    fits = [
        coefficient(np.column_stack([np.ones(len(y)), basis - here, others]), y, town, 0, level)
        for here in shift
    ]
    return {
        "hours": at,
        "estimate": _numbers([fit.estimate for fit in fits]),
        "conf_low": _numbers([fit.conf_low for fit in fits]),
        "conf_high": _numbers([fit.conf_high for fit in fits]),
    }


def _numbers(values: Sequence[float | None]) -> Array:
    return np.array([np.nan if value is None else value for value in values])


def bins_of(hours: Array, edges: Array) -> tuple[Array, tuple[str, ...]]:
    """Number of the bin of each person, and names of all bins: ``0``, ``0-10``, ``10+``.

    A bin holds what is above its lower edge, up to and with its upper one.
    """
    written = [f"{edge:g}" for edge in edges]
    first = "0" if edges[0] == 0 else f"0-{written[0]}"
    between = [f"{a}-{b}" for a, b in itertools.pairwise(written)]
    return np.searchsorted(edges, hours, side="left"), (first, *between, f"{written[-1]}+")
