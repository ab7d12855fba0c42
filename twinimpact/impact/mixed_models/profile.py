"""Restricted likelihood of a model with one or two nested random intercepts, and its maximum."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
GRID = np.logspace(-6, 3, 28)
"""Ratios of variances that are tried before the search; zero is tried beside them."""
COARSE = np.logspace(-4, 2, 13)
STEP = 1e-7
POLISH = 0.02
"""Step of the differences on the log scale: wide, so that rounding does not reach the slope."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """All that the likelihood needs of the data, in coordinates in which nothing cancels.

    The columns are turned into an orthonormal basis and the outcome into its least-squares
    residual, so that sums stay small and the coefficients are corrections.

    Parameters
    ----------
    rows, columns
        Rows and columns of the design.
    inner
        Sums of basis and residual over each inner group (person), shape ``(groups, columns + 1)``.
    size
        Rows of each inner group.
    outer
        Number of the outer group (town) of each inner group; None with one intercept.
    squares
        Cross products of basis and residual over all rows.
    root
        Triangular factor: design = basis · root.
    start
        Least-squares coefficients of the design.
    """

    rows: int
    columns: int
    inner: Array
    size: Array
    outer: Array | None
    squares: Array
    root: Array
    start: Array

    @property
    def levels(self) -> int:
        """Number of random intercepts."""
        return 1 if self.outer is None else 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Solved:
    """Generalised least squares at given ratios of the variances.

    ``information`` is the inverse covariance of the coefficients for residual variance 1, in the
    orthonormal basis; ``quadratic`` the residual sum of squares; ``log_det`` that of the covariance
    of the rows.
    """

    correction: Array
    information: Array
    quadratic: float
    log_det: float
    log_det_information: float


def sums_of(x: Array, y: Array, inner: Array, outer: Array | None = None) -> Sums:
    """Reduce the rows to sums over groups.

    Parameters
    ----------
    x, y
        Design of full column rank ``(rows, columns)`` and outcome ``(rows,)``.
    inner
        Group of each row, numbered from 0 without gaps.
    outer
        Outer group of each row, constant within inner groups; None with one intercept.
    """
    basis, root = np.linalg.qr(x)
    start = np.linalg.solve(root, basis.T @ y)
    residual = y - x @ start
    both = np.column_stack([basis, residual])
    groups = int(inner.max()) + 1
    size = np.bincount(inner, minlength=groups).astype(float)
    carried = np.column_stack([np.bincount(inner, column, groups) for column in both.T])
    of_group = None
    if outer is not None:
        of_group = np.zeros(groups, dtype=np.int64)
        of_group[inner] = outer
    return Sums(
        rows=len(y), columns=x.shape[1], inner=carried, size=size, outer=of_group,
        squares=both.T @ both, root=root, start=start,
    )  # fmt: skip


def solve(sums: Sums, ratios: Array) -> Solved:
    """Generalised least squares with the inner and, if there is one, the outer ratio.

    The covariance of the rows is I + r₁·(same inner group) + r₂·(same outer group), inverted by
    updating the identity once per group.
    """
    inner = ratios[0]
    scale = 1 + inner * sums.size
    middle = sums.squares - (sums.inner.T * (inner / scale)) @ sums.inner
    log_det = float(np.log(scale).sum())
    if sums.outer is not None:
        towns = int(sums.outer.max()) + 1
        weighted = sums.inner / scale[:, None]
        total = np.column_stack([np.bincount(sums.outer, c, towns) for c in weighted.T])
        mass = 1 + ratios[1] * np.bincount(sums.outer, sums.size / scale, towns)
        middle = middle - (total.T * (ratios[1] / mass)) @ total
        log_det += float(np.log(mass).sum())
    information, right = middle[:-1, :-1], middle[:-1, -1]
    factor = np.linalg.cholesky(information)
    half = np.linalg.solve(factor, right)
    return Solved(
        correction=np.linalg.solve(factor.T, half),
        information=information,
        quadratic=max(float(middle[-1, -1] - half @ half), 0.0),
        log_det=log_det,
        log_det_information=2 * float(np.log(np.diag(factor)).sum()),
    )


def deviance(sums: Sums, ratios: Array, variance: float | None = None) -> float:
    """-2 × restricted log-likelihood; the residual variance at its best unless given.

    With ``|X'X|`` left in, as lme4 has it: Bates et al. (2015) doi:10.18637/jss.v067.i01.
    """
    found = solve(sums, ratios)
    df = sums.rows - sums.columns
    root = 2 * float(np.log(np.abs(np.diag(sums.root))).sum())
    shared = found.log_det + found.log_det_information + root + df * math.log(2 * math.pi)
    if variance is None:
        return shared + df * (1 + math.log(max(found.quadratic, 1e-300) / df))
    return shared + df * math.log(variance) + found.quadratic / variance


def best_ratios(sums: Sums) -> Array:
    """Ratios of the variances at the maximum, zero where zero is best."""

    def curve(ratios: Array) -> float:
        return deviance(sums, ratios)

    if sums.levels == 1:
        return _polished(curve, np.array([_best_of_line(lambda r: curve(np.array([r])))]))
    return _polished(curve, _best_of_plane(curve))


def _polished(curve: Callable[[Array], float], ratios: Array) -> Array:
    """Newton steps on the log scale: where the top is flat, values tell less than slopes do."""
    inner = np.flatnonzero(ratios > 0)
    if not len(inner):
        return ratios
    point = np.log(ratios[inner])

    def at(moved: Array) -> float:
        full = ratios.copy()
        full[inner] = np.exp(moved)
        return curve(full)

    before = at(point)
    for _ in range(3):
        slope, bent = derivatives(at, point, np.full(len(point), POLISH))
        if not np.isfinite(bent).all() or (np.linalg.eigvalsh(bent) <= 0).any():
            break
        step = np.linalg.solve(bent, slope)
        moved = at(point - step)
        if np.abs(step).max() > 0.1 or moved > before + 1e-12 * abs(before):
            break
        point, before = point - step, moved
    found = ratios.copy()
    found[inner] = np.exp(point)
    return found


def derivatives(curve: Callable[[Array], float], centre: Array, step: Array) -> tuple[Array, Array]:
    """Gradient and Hessian by central differences, improved once by Richardson's rule."""
    wide, narrow = _differences(curve, centre, step), _differences(curve, centre, step / 2)
    return (4 * narrow[0] - wide[0]) / 3, (4 * narrow[1] - wide[1]) / 3


def _differences(
    curve: Callable[[Array], float], centre: Array, step: Array
) -> tuple[Array, Array]:
    size, moves, middle = len(centre), np.diag(step), curve(centre)
    slope, bent = np.empty(size), np.empty((size, size))
    for i in range(size):
        up, down = curve(centre + moves[i]), curve(centre - moves[i])
        slope[i] = (up - down) / (2 * step[i])
        bent[i, i] = (up - 2 * middle + down) / step[i] ** 2
        for j in range(i):
            corners = [
                a * b * curve(centre + a * moves[i] + b * moves[j])
                for a in (1, -1)
                for b in (1, -1)
            ]
            bent[i, j] = bent[j, i] = sum(corners) / (4 * step[i] * step[j])
    return slope, bent


def _best_of_line(curve: Callable[[float], float]) -> float:
    """Grid, then bounded search on the log scale around the best point; zero kept if best."""
    from scipy.optimize import minimize_scalar

    values = np.array([curve(float(ratio)) for ratio in GRID])
    place = int(values.argmin())
    log = np.log(GRID)
    ends = (log[max(place - 1, 0)], log[min(place + 1, len(GRID) - 1)] + (place == len(GRID) - 1))
    found = minimize_scalar(
        lambda point: curve(math.exp(point)), bounds=ends, method="bounded",
        options={"xatol": STEP},
    )  # fmt: skip
    at_zero = curve(0.0)
    return 0.0 if at_zero <= float(found.fun) + 1e-9 else math.exp(float(found.x))


def _best_of_plane(curve: Callable[[Array], float]) -> Array:
    """Search in two dimensions from the best of a coarse grid and of the one-dimensional edges."""
    from scipy.optimize import minimize

    inner = _best_of_line(lambda r: curve(np.array([r, 0.0])))
    outer = _best_of_line(lambda r: curve(np.array([0.0, r])))
    edges = [np.array([inner, 0.0]), np.array([0.0, outer])]
    grid = [np.array([a, b]) for a in COARSE for b in COARSE]
    starts = [min(grid, key=curve), np.array([max(inner, 1e-4), max(outer, 1e-4)])]
    best = min(edges, key=curve)
    for start in starts:
        found = minimize(
            lambda point: curve(np.exp(np.clip(point, -30, 20))), np.log(start),
            method="Nelder-Mead", options={"xatol": 1e-5, "fatol": 1e-9, "maxiter": 2_000},
        )  # fmt: skip
        if float(found.fun) < curve(best) - 1e-9:
            best = np.exp(np.clip(found.x, -30, 20))
    return best


def profile_limits(sums: Sums, ratios: Array, level: float, of: int = 0) -> tuple[float, float]:
    """Limits of one share of the variance: where the deviance rises by the chi-square quantile.

    The other ratio is at its best for every share. A limit is 0 where the deviance does not rise
    so much down to 0, and 1 where it does not rise so much up to there.

    Parameters
    ----------
    sums, ratios
        The data and the ratios at the maximum.
    level
        Confidence level.
    of
        0 for the inner intercept, 1 for the outer one.
    """
    from scipy.optimize import brentq
    from scipy.special import chdtri

    rise = float(chdtri(1, 1 - level))
    lowest = deviance(sums, ratios)
    share = float(ratios[of] / (1 + ratios.sum()))

    def excess(value: float) -> float:
        return _at_share(sums, value, of) - lowest - rise

    top = 1 - 1e-6
    low = 0.0 if excess(0.0) <= 0 else float(brentq(excess, 0.0, max(share, 1e-9), xtol=1e-8))
    high = 1.0 if excess(top) <= 0 else float(brentq(excess, share, top, xtol=1e-8))
    return low, high


def _at_share(sums: Sums, share: float, of: int) -> float:
    """Deviance with one share of the variance fixed, the other ratio at its best."""
    odds = share / (1 - share)
    if sums.levels == 1:
        return deviance(sums, np.array([odds]))

    def curve(other: float) -> float:
        own = odds * (1 + other)
        return deviance(sums, np.array([own, other] if of == 0 else [other, own]))

    return curve(_best_of_line(curve))
