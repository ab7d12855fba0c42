"""Variance between partnerships by restricted maximum likelihood, without starting values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import optimize, special

Array = np.ndarray[Any, Any]
GRID = 160
"""Points at which the score is looked at before a root is sought."""
ROUNDING = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """A random-effects fit.

    Parameters
    ----------
    tau2
        Variance between partnerships; exactly 0 where the boundary has the largest likelihood.
    beta
        Coefficients, shape ``(columns,)``; the first one is the mean where there is no other.
    spread
        ``(X'WX)⁻¹`` at ``tau2``, shape ``(columns, columns)``.
    scale
        ``Σ w e² / (k − p)``: the factor of Hartung and Knapp.
    weights
        ``1 / (v + tau2)``, shape ``(k,)``.
    df
        ``k − p``.
    """

    tau2: float
    beta: Array
    spread: Array
    scale: float
    weights: Array
    df: int

    @property
    def usual(self) -> Array:
        """Standard errors as if ``tau2`` were known."""
        errors: Array = np.sqrt(np.diag(self.spread))
        return errors

    @property
    def hartung_knapp(self) -> Array:
        """Standard errors of Hartung & Knapp (2001) doi:10.1002/sim.1009."""
        errors: Array = np.sqrt(self.scale * np.diag(self.spread))
        return errors


def fit(y: Array, v: Array, x: Array | None = None) -> Fitted:
    """Fit ``y = Xβ + u + e`` with ``Var(e) = v`` known and ``Var(u) = τ²`` by REML.

    The score is evaluated on a grid from 0 to a bound above which it is negative for certain;
    each change of sign is bracketed, and the likelihoods of all roots and of 0 are compared,
    because there may be several. Viechtbauer (2005) doi:10.3102/10769986030003261.

    Parameters
    ----------
    y, v
        Estimates and their sampling variances, shape ``(k,)``.
    x
        Design ``(k, columns)``; a column of ones if absent.
    """
    x = np.ones((len(y), 1)) if x is None else x
    scale = float(np.median(v))
    y, v = y / np.sqrt(scale), v / scale

    def score(tau2: Array) -> Array:
        return _profile(tau2, y, v, x)[0]

    top = _bound(y, v, x)
    grid = np.append(0.0, np.geomspace(top * 1e-9, top, GRID))
    found = score(grid)
    candidates = [0.0]
    for place in np.flatnonzero((found[:-1] > 0) & (found[1:] <= 0)):
        candidates.append(_root(score, grid[place], grid[place + 1]))
    likelihood = _profile(np.array(candidates), y, v, x)[1]
    # where likelihoods are equal within rounding, the smallest variance is taken
    equal = likelihood >= likelihood.max() - ROUNDING * (1 + abs(float(likelihood.max())))
    return _fitted(candidates[int(np.flatnonzero(equal)[0])], (y, v, x), scale)


def _root(function: Callable[[Array], Array], low: float, high: float) -> float:
    return float(
        optimize.brentq(
            lambda t: float(function(np.array([t]))[0]), low, high, xtol=1e-14, rtol=1e-13
        )
    )


def _bound(y: Array, v: Array, x: Array) -> float:
    """A variance above which the score is negative.

    There ``y'PPy ≤ RSS/τ⁴`` and ``tr P ≥ (k − p)/(τ² + max v)``, with the least-squares RSS.
    """
    residual = y - x @ np.linalg.lstsq(x, y, rcond=None)[0]
    spread = float(residual @ residual) / max(len(y) - x.shape[1], 1)
    bound = (spread + np.sqrt(spread**2 + 4 * spread * float(v.max()))) / 2
    return float(1.01 * bound + 1e-9 * v.min())


def _profile(tau2: Array, y: Array, v: Array, x: Array) -> tuple[Array, Array]:
    """Score and restricted log-likelihood at several variances at once."""
    w = 1 / (v + tau2[:, None])
    bread = np.linalg.inv(np.einsum("mk,kp,kq->mpq", w, x, x))
    beta = np.einsum("mpq,mk,kq,k->mp", bread, w, x, y)
    residual = y - beta @ x.T
    square = np.einsum("mk,kp,kq->mpq", w**2, x, x)
    trace = w.sum(axis=1) - np.einsum("mpq,mqp->m", bread, square)
    score = (((w * residual) ** 2).sum(axis=1) - trace) / 2
    determinant = np.linalg.slogdet(bread)[1]
    likelihood = (np.log(w).sum(axis=1) + determinant - (w * residual**2).sum(axis=1)) / 2
    return score, likelihood


def _fitted(tau2: float, data: tuple[Array, Array, Array], scale: float) -> Fitted:
    """The fit at one variance, back in the outcome's unit."""
    y, v, x = data
    w = 1 / (v + tau2)
    bread = np.linalg.inv((x.T * w) @ x)
    beta = bread @ (x.T @ (w * y))
    df = len(y) - x.shape[1]
    factor = float((w * (y - x @ beta) ** 2).sum()) / df if df else 0.0
    return Fitted(
        tau2=tau2 * scale,
        beta=beta * np.sqrt(scale),
        spread=bread * scale,
        scale=factor,
        weights=w / scale,
        df=df,
    )


def heterogeneity(y: Array, v: Array, tau2: float = 0.0) -> float:
    """``Q(τ²) = Σ (y − μ)²/(v + τ²)``; Cochran's Q at 0."""
    w = 1 / (v + tau2)
    return float((w * (y - (w * y).sum() / w.sum()) ** 2).sum())


def profile_limits(y: Array, v: Array, level: float) -> tuple[float, float, bool]:
    """Q-profile interval of the variance. Viechtbauer (2007) doi:10.1002/sim.2514.

    Returns
    -------
    tuple
        Lower and upper limit, and whether the interval is empty: the partnerships differ by less
        than chance alone would make them, and both limits are set to 0.
    """
    df = len(y) - 1
    most = special.chdtri(df, (1 - level) / 2)
    least = special.chdtri(df, (1 + level) / 2)
    start, squares = heterogeneity(y, v), float(((y - y.mean()) ** 2).sum())

    def limit(goal: float) -> float:
        if start <= goal:
            return 0.0
        top = squares / goal
        return float(
            optimize.brentq(lambda t: heterogeneity(y, v, t) - goal, 0.0, top, xtol=1e-14 * top)
        )

    return limit(float(most)), limit(float(least)), bool(start < least)


def typical_variance(v: Array) -> float:
    """Sampling variance of a typical partnership. Higgins & Thompson (2002) doi:10.1002/sim.1186"""
    w = 1 / v
    return float((len(v) - 1) * w.sum() / (w.sum() ** 2 - (w**2).sum()))
