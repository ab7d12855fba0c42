"""Cumulative logits for ordered answers, with equal or with free coefficients by cut point."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

Array = np.ndarray[Any, Any]
MOST_STEPS = 60
LARGEST = 15.0
"""A coefficient beyond this, per SD of its column, means that the answers are separated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrdinalFit:
    """Maximum-likelihood fit; ``logit P(Y <= j) = threshold_j - x·coefficient``.

    Parameters
    ----------
    thresholds, coefficients
        Cut points, and coefficients of the columns whose odds are proportional.
    covariance
        Inverse of the observed information, thresholds first.
    log_likelihood
        At the maximum.
    settled
        Whether the likelihood has reached its height, if need be with a coefficient at infinity.
    converged
        False also where a coefficient runs away.
    """

    thresholds: Array
    coefficients: Array
    covariance: Array
    log_likelihood: float
    settled: bool
    converged: bool


def cumulative_logit(answer: Array, x: Array, free: tuple[int, ...] = ()) -> OrdinalFit:
    """Fit ordered answers by Newton's method on the exact derivatives.

    McCullagh (1980) doi:10.1111/j.2517-6161.1980.tb01109.x; columns with free coefficients:
    Peterson & Harrell (1990) doi:10.2307/2347760.

    Parameters
    ----------
    answer
        Category of each person, ``0`` to ``k - 1``, every one of them used.
    x
        Columns, shape ``(people, columns)``, without a constant.
    free
        Columns whose coefficient differs by cut point; theirs follow the proportional ones.
    """
    k = int(answer.max()) + 1
    even = [i for i in range(x.shape[1]) if i not in free]
    upper = _design(answer, k, x[:, even], x[:, list(free)])
    lower = _design(answer - 1, k, x[:, even], x[:, list(free)])
    below = np.cumsum(np.bincount(answer, minlength=k))[:-1] / len(answer)
    beta = np.concatenate([special.logit(below), np.zeros(upper.shape[1] - k + 1)])
    ends = (answer == k - 1, answer == 0)
    value, slope, curve = _derivatives(beta, upper, lower, ends)
    settled = False
    for _ in range(MOST_STEPS):
        try:
            step = np.linalg.solve(curve, slope)
        except np.linalg.LinAlgError:
            break
        decrement = float(slope @ step)
        length = 1.0
        while length > 1e-8:
            found = _derivatives(beta + length * step, upper, lower, ends)
            if found[0] >= value - 1e-12 * abs(value):
                break
            length /= 2
        else:
            break
        beta = beta + length * step
        value, slope, curve = found
        settled = settled or 0 <= decrement < 1e-9
        if 0 <= decrement < 1e-16 * max(1.0, abs(value)):
            break
    spread = x.std(axis=0) if len(x) else np.ones(x.shape[1])
    ran_away = bool((np.abs(beta[k - 1 : k - 1 + len(even)]) * spread[even] > LARGEST).any())
    usable = np.linalg.cond(curve) < 1e12
    return OrdinalFit(
        thresholds=beta[: k - 1],
        coefficients=beta[k - 1 :],
        covariance=np.linalg.inv(curve) if usable else np.full_like(curve, np.nan),
        log_likelihood=value,
        settled=settled,
        converged=settled and usable and not ran_away,
    )


def _design(cut: Array, k: int, even: Array, free: Array) -> Array:
    """Rows of the linear predictor at a cut point; zero where there is no such cut."""
    there = ((cut >= 0) & (cut < k - 1)).astype(float)
    marks = np.eye(k - 1)[np.clip(cut, 0, k - 2)] * there[:, None]
    parts = [marks, -even * there[:, None]]
    parts += [-marks * column[:, None] for column in free.T]
    return np.column_stack(parts)


def _derivatives(
    beta: Array, upper: Array, lower: Array, ends: tuple[Array, Array]
) -> tuple[float, Array, Array]:
    """Log-likelihood, its gradient and its negative Hessian."""
    last, first = ends
    high = np.where(last, 1.0, special.expit(upper @ beta))
    low = np.where(first, 0.0, special.expit(lower @ beta))
    chance = high - low
    if not (chance > 0).all():  # also where free cut points have crossed
        empty = np.full((len(beta), len(beta)), np.nan)
        return -np.inf, np.full(len(beta), np.nan), empty
    dense = (high * (1 - high) / chance, low * (1 - low) / chance)
    bent = (dense[0] * (1 - 2 * high), dense[1] * (1 - 2 * low))
    scores = dense[0][:, None] * upper - dense[1][:, None] * lower
    curve = scores.T @ scores - (bent[0][:, None] * upper).T @ upper
    curve += (bent[1][:, None] * lower).T @ lower
    return float(np.log(chance).sum()), scores.sum(axis=0), curve


def proportionality_p(answer: Array, x: Array, column: int, fit: OrdinalFit) -> float | None:
    """p that the odds of one column are the same at every cut point (likelihood ratio).

    Returns
    -------
    float or None
        None with two categories only, or when the freer model does not settle.
    """
    k = int(answer.max()) + 1
    if k < 3:
        return None
    freer = cumulative_logit(answer, x, free=(column,))
    if not freer.settled:
        return None
    return float(special.chdtrc(k - 2, max(0.0, 2 * (freer.log_likelihood - fit.log_likelihood))))


def merged(answer: Array, fewest: int) -> Array:
    """Neighbouring categories put together until each has ``fewest`` people.

    The smallest category joins its smaller neighbour, again and again; at most one is left.
    """
    _, codes = np.unique(answer, return_inverse=True)
    counts = np.bincount(codes)
    while len(counts) > 1 and counts.min() < fewest:
        place = int(counts.argmin())
        beside = [i for i in (place - 1, place + 1) if 0 <= i < len(counts)]
        other = min(beside, key=lambda i: counts[i])
        codes = np.where(codes > min(place, other), codes - 1, codes)
        counts = np.bincount(codes)
    return codes
