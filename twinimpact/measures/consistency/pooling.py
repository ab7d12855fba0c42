"""Reliability of small cells borrows from all cells: random effects on the scale −ln(1 − rel.)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import special

Array = npt.NDArray[Any]
FEWEST_IN_CELL = 5
FEWEST_CELLS = 5
STEPS = 200
CLOSE = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pools:
    """Typical reliability of the cells of each pool (scale and wave), on the log scale.

    Parameters
    ----------
    mu, mu_se, tau2
        Weighted mean, its standard error and the variance between cells; ``NaN`` where there
        are fewer than 5 cells, for then nothing is borrowed.
    cells, people
        Number of cells in the pool and of complete rows in them.
    """

    mu: Array
    mu_se: Array
    tau2: Array
    cells: Array
    people: Array

    def typical(self, conf_level: float = 0.95) -> tuple[Array, Array, Array]:
        """Typical reliability of each pool with its interval."""
        return _back(self.mu, self.mu_se, conf_level)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shrunken:
    """Reliability of each cell drawn towards that of all, with its interval."""

    estimate: Array
    conf_low: Array
    conf_high: Array


def alpha_log_scale(alpha: Array, n: Array, k: int) -> tuple[Array, Array]:
    """Unbiased −ln(1 − α) and its variance, exact for the model of Feldt's interval.

    (1 − α)/(1 − α̂) follows F(d₁, d₂) with d₁ = n − 1 and d₂ = (n − 1)(k − 1), of which the
    logarithm has the mean ψ(d₁/2) − ln(d₁/2) − ψ(d₂/2) + ln(d₂/2) and the variance
    ψ′(d₁/2) + ψ′(d₂/2).

    Parameters
    ----------
    alpha, n
        Shape (cells,); ``NaN`` where n is below two or alpha is 1.
    """
    sizes, place = np.unique(np.where(n > 1, n, np.nan), return_inverse=True)
    half1 = (sizes - 1.0) / 2
    half2 = half1 * (k - 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        y = -np.log(np.where(alpha < 1, 1 - alpha, np.nan))
    bias = special.psi(half1) - np.log(half1) - special.psi(half2) + np.log(half2)
    variance = special.polygamma(1, half1) + special.polygamma(1, half2)
    return y - bias[place], variance[place]


def pool(y: Array, v: Array, n: Array, group: Array, n_groups: int) -> Pools:
    """Mean and variance between cells by restricted maximum likelihood, all pools at once.

    Fisher scoring on τ² (Viechtbauer 2005, doi:10.3102/10769986030003261); each step needs only
    sums of powers of the weights 1/(v + τ²).

    Parameters
    ----------
    y, v, n
        Estimate on the log scale, its variance and the rows of each cell, shape (cells,).
    group
        Pool of each cell, or −1 for none.
    """
    inside = (group >= 0) & np.isfinite(y) & np.isfinite(v)
    y, v, where = y[inside], v[inside], group[inside]
    cells = np.bincount(where, minlength=n_groups)
    people = np.bincount(where, weights=n[inside], minlength=n_groups)

    def total(values: Array) -> Array:
        return np.bincount(where, weights=values, minlength=n_groups)

    tau2 = np.zeros(n_groups)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = total(y) / cells
        spread = total((y - mean[where]) ** 2) / (cells - 1) - total(v) / cells
        tau2 = np.where(cells > 1, np.maximum(spread, 0.0), 0.0)
        for _ in range(STEPS):
            w = 1 / (v + tau2[where])
            w1, w2, w3 = total(w), total(w**2), total(w**3)
            mu = total(w * y) / w1
            score = total(w**2 * (y - mu[where]) ** 2) - w1 + w2 / w1
            information = w2 - 2 * w3 / w1 + (w2 / w1) ** 2
            step = np.where(cells > 1, score / information, 0.0)
            new = np.maximum(tau2 + step, 0.0)
            moved = np.abs(new - tau2)
            tau2 = new
            if (moved <= CLOSE * (1 + tau2)).all():
                break
        w = 1 / (v + tau2[where])
        w1 = total(w)
        mu = total(w * y) / w1
    enough = cells >= FEWEST_CELLS
    return Pools(
        mu=np.where(enough, mu, np.nan),
        mu_se=np.where(enough, 1 / np.sqrt(np.where(w1 > 0, w1, np.nan)), np.nan),
        tau2=np.where(enough, tau2, np.nan),
        cells=cells,
        people=people,
    )


def shrink(y: Array, v: Array, group: Array, pools: Pools, conf_level: float = 0.95) -> Shrunken:
    """Each cell's reliability drawn towards that of its pool, by how little it says itself.

    Value μ + τ²/(τ² + v)·(y − μ) with the standard error of the best linear unbiased
    prediction, √(τ²v/(τ² + v) + (v/(τ² + v))²/Σw). A cell without an estimate of its own gets
    μ with the prediction interval √(SE² + τ²).

    Parameters
    ----------
    y, v
        Shape (cells,); ``NaN`` for a cell that did not enter its pool.
    group
        Pool of each cell, or −1 for none: such a cell gets nothing.
    """
    mu, tau2, se = (
        np.where(group >= 0, values[group], np.nan)
        for values in (pools.mu, pools.tau2, pools.mu_se)
    )
    own = np.isfinite(y) & np.isfinite(v)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(own, tau2 / (tau2 + v), 0.0)
        centre = mu + np.where(own, share * (y - mu), 0.0)
        error = np.where(
            own,
            np.sqrt(share * np.where(own, v, 0.0) + ((1 - share) * se) ** 2),
            np.sqrt(se**2 + tau2),
        )
    estimate, low, high = _back(centre, error, conf_level)
    return Shrunken(estimate=estimate, conf_low=low, conf_high=high)


def _back(centre: Array, error: Array, conf_level: float) -> tuple[Array, Array, Array]:
    z = special.ndtri((1 + conf_level) / 2)
    return 1 - np.exp(-centre), 1 - np.exp(-(centre - z * error)), 1 - np.exp(-(centre + z * error))
