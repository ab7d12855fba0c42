"""Wild cluster bootstrap with the null imposed, and the interval of the same test."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from twinimpact.impact.clustered.sums import regression

Array = np.ndarray[Any, Any]
MOST_LISTED = 16_384
DRAWS = 9_999
TIE = 1e-10


@dataclass(frozen=True, slots=True, kw_only=True)
class WildTest:
    """p of no difference, the interval of the same test, and what the draws can do.

    Limits are ``None`` where p never falls to alpha on that side.
    """

    t: float
    p_value: float
    low: float | None
    high: float | None
    smallest_p: float
    draws: int
    exact: bool


def wild_cluster_test(
    x: Array, y: Array, cluster: Array, *, alpha: float = 0.05, seed: int = 20260301
) -> WildTest:
    """Test one coefficient (the first column of ``x``) by flipping the residuals of whole clusters.

    The null is imposed; all 2^G sign vectors are listed up to 16,384, else 9,999 draws of Webb's
    six-point weights are taken; the statistic is t with the usual cluster-robust variance. p counts
    statistics at least as large, ties included. The interval holds the values of the coefficient
    that this test does not reject. Cameron, Gelbach & Miller (2008) doi:10.1162/rest.90.3.414;
    Webb (2023) doi:10.1111/caje.12661.

    Parameters
    ----------
    x, y
        Columns ``(rows, columns)`` and outcome ``(rows,)``.
    cluster
        Cluster of each row, numbered from 0.
    """
    fit = regression(x, y, cluster)
    factor = fit.usual_factor()
    std_error = math.sqrt(fit.variance(factor))
    weights, exact = _weights(fit.clusters, seed)
    parts = _parts(x, y, cluster)

    def p_of(null: float) -> float:
        t = abs(fit.estimate - null) / std_error
        sums = parts[0] - null * parts[1]
        spread = parts[2] - null * parts[3]
        above = weights @ sums
        below = factor * ((weights @ spread.T) ** 2).sum(axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            drawn = np.abs(above) / np.sqrt(below)
        drawn = np.where(below <= 0, np.inf, drawn)
        count = int((drawn >= t - TIE * max(1.0, t)).sum())
        return count / len(weights) if exact else (1 + count) / (len(weights) + 1)

    low, high = (_limit(p_of, fit.estimate, sign * std_error, alpha) for sign in (-1.0, 1.0))
    smallest = 2 / 2**fit.clusters if exact else 1 / (len(weights) + 1)
    return WildTest(
        t=fit.estimate / std_error,
        p_value=p_of(0.0),
        low=low,
        high=high,
        smallest_p=smallest,
        draws=len(weights),
        exact=exact,
    )


def _weights(clusters: int, seed: int) -> tuple[Array, bool]:
    if 2**clusters <= MOST_LISTED:
        bits = (np.arange(2**clusters)[:, None] >> np.arange(clusters)) & 1
        return 1.0 - 2.0 * bits, True
    rng = np.random.default_rng(seed)
    points = np.sqrt([0.5, 1.0, 1.5])
    return rng.choice(np.concatenate([-points, points]), size=(DRAWS, clusters)), False


def _parts(x: Array, y: Array, cluster: Array) -> tuple[Array, Array, Array, Array]:
    """What flipped residuals do to the numerator and to the scores, per unit of outcome and null.

    With the null imposed, the outcome of a draw is a fit of the other columns plus flipped
    residuals; its coefficient and the scores of its clusters are linear in the flips.
    """
    treatment, others = x[:, 0], x[:, 1:]
    basis = np.linalg.qr(others)[0]
    groups = int(cluster.max()) + 1
    left = treatment - basis @ (basis.T @ treatment)
    residuals = (y - basis @ (basis.T @ y), left)
    full = np.column_stack([basis, left / np.sqrt(left @ left)])
    carried = np.column_stack([np.bincount(cluster, left * column, groups) for column in full.T])
    sums, spreads = [], []
    for residual in residuals:
        own = np.bincount(cluster, weights=left * residual, minlength=groups)
        back = np.column_stack(
            [np.bincount(cluster, residual * column, groups) for column in full.T]
        )
        sums.append(own)
        spreads.append(np.diag(own) - carried @ back.T)
    return sums[0], sums[1], spreads[0], spreads[1]


def _limit(
    p_of: Callable[[float], float], estimate: float, step: float, alpha: float
) -> float | None:
    """Where p falls to alpha on one side, up to a million standard errors away."""
    inside, distance = estimate, abs(step)
    sign = math.copysign(1.0, step)
    for _ in range(20):
        outside = estimate + sign * distance
        if p_of(outside) <= alpha:
            break
        inside, distance = outside, 2 * distance
    else:
        return None
    while abs(outside - inside) > 1e-4 * abs(step):
        middle = (inside + outside) / 2
        if p_of(middle) > alpha:
            inside = middle
        else:
            outside = middle
    return inside
