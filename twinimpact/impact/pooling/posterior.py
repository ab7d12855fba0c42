"""Pooling with a prior on the variation, by quadrature instead of sampling."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy import optimize, special

from twinimpact.errors import DesignError
from twinimpact.impact.estimate import Estimate
from twinimpact.impact.inputs import Data
from twinimpact.impact.notes import note, with_value
from twinimpact.impact.pooling.studies import (
    FEWEST,
    Partnerships,
    PoolPlan,
    Studies,
    partnerships_of,
    too_few,
)
from twinimpact.impact.result import Result

Array = np.ndarray[Any, Any]
METHOD = "bayes_quadrature"
WORTH_TO_SCALE = 2.5
PIECES, NODES = 48, 24
COARSE = 3_000
NEGLIGIBLE = 45.0
"""Log posterior below its maximum at which τ is left out: e^−45 of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Posterior:
    """The posterior of the mean as a mixture of normals over τ.

    Parameters
    ----------
    tau, weight
        Points of the quadrature and their probability, shape ``(points,)``.
    mean, sd
        Mean and standard deviation of μ given τ, shape ``(points,)``.
    """

    tau: Array
    weight: Array
    mean: Array
    sd: Array

    def moments(self) -> tuple[float, float]:
        """Mean and standard deviation of μ."""
        return _moments(self.weight, self.mean, self.sd)

    def above(self, value: float) -> float:
        """Probability that μ is larger than a value."""
        return float(self.weight @ special.ndtr((self.mean - value) / self.sd))

    def quantiles(self, level: float) -> tuple[float, float]:
        """Ends of the central interval of μ."""
        low, high = ((1 - level) / 2, (1 + level) / 2)
        return tuple(_quantile(self.weight, self.mean, self.sd, p) for p in (low, high))  # type: ignore[return-value]


def posterior(y: Array, v: Array, scale: float, *, heavy: bool = False) -> Posterior:
    """Posterior under a flat prior on μ and a half-normal prior on τ.

    μ is integrated analytically; τ by Gauss-Legendre quadrature in pieces over the range in
    which its posterior is above e^−45 of the maximum. Röver (2020) doi:10.18637/jss.v093.i06.

    Parameters
    ----------
    y, v
        Estimates and sampling variances, shape ``(k,)``.
    scale
        Standard deviation of the normal that is cut in half.
    heavy
        Half-Cauchy of the same scale instead.
    """
    top = scale * (400.0 if heavy else 12.0)
    grid = np.union1d(np.linspace(0, top, COARSE), np.geomspace(top * 1e-7, top, COARSE))
    height = _log_posterior(grid, y, v, scale, heavy)[0]
    inside = np.flatnonzero(height > height.max() - NEGLIGIBLE)
    first, last = max(inside[0] - 1, 0), min(inside[-1] + 1, len(grid) - 1)
    edges = _edges(grid[first : last + 1], height[first : last + 1])
    node, share = np.polynomial.legendre.leggauss(NODES)
    half = np.diff(edges)[:, None] / 2
    tau = (edges[:-1, None] + half * (node + 1)).ravel()
    found, mean, sd = _log_posterior(tau, y, v, scale, heavy)
    weight = np.exp(found - found.max()) * (half * share).ravel()
    return Posterior(tau=tau, weight=weight / weight.sum(), mean=mean, sd=sd)


def _edges(grid: Array, height: Array) -> Array:
    """Borders of the pieces: equal steps, and equal probability in between."""
    mass = np.exp(height - height.max())
    step = np.append(0.0, np.cumsum((mass[1:] + mass[:-1]) / 2 * np.diff(grid)))
    equal = np.interp(np.linspace(0, step[-1], PIECES // 2 + 1), step, grid)
    return np.union1d(equal, np.linspace(grid[0], grid[-1], PIECES // 2 + 1))


def _log_posterior(
    tau: Array, y: Array, v: Array, scale: float, heavy: bool
) -> tuple[Array, Array, Array]:
    """Log density of τ up to a constant, and mean and SD of μ given τ."""
    total = v + tau[:, None] ** 2
    w = 1 / total
    precision = w.sum(axis=1)
    mean = (w @ y) / precision
    squares = (w * (y - mean[:, None]) ** 2).sum(axis=1)
    prior = -np.log1p((tau / scale) ** 2) if heavy else -((tau / scale) ** 2) / 2
    height = prior - (np.log(total).sum(axis=1) + squares + np.log(precision)) / 2
    return height, mean, 1 / np.sqrt(precision)


def _moments(weight: Array, mean: Array, sd: Array) -> tuple[float, float]:
    centre = float(weight @ mean)
    return centre, float(np.sqrt(weight @ (sd**2 + (mean - centre) ** 2)))


def _quantile(weight: Array, mean: Array, sd: Array, p: float) -> float:
    z = special.ndtri(p)
    ends = mean + z * sd  # the mixture's quantile lies between those of its parts
    low, high = float(ends.min()), float(ends.max())
    if not high > low:
        return low
    return float(
        optimize.brentq(lambda q: float(weight @ special.ndtr((q - mean) / sd)) - p, low, high)
    )


def bayes_pool(data: Data, *, studies: Studies, plan: PoolPlan | None = None) -> Result:
    """Pool partnerships with a prior on how much they vary, and say how likely the mean is high.

    Partnerships' values are normal around a mean, with a flat prior on the mean and a half-normal
    prior on the standard deviation between them. No sampling: τ by quadrature. The whole is
    repeated with half and double the prior's scale, and with a half-Cauchy prior (Gelman 2006,
    doi:10.1214/06-BA117A).

    Parameters
    ----------
    data, studies
        As in :func:`~twinimpact.impact.pool`; variances are taken as given, without ``n``.
    plan
        Confidence level, name of the outcome, and the prior's scale or the smallest size worth
        having: at least one of the two.

    Returns
    -------
    Result
        Rows ``pooled``, ``pooled|above_zero`` and ``pooled|above_sesoi`` (probabilities),
        ``tau``, and one ``shrunken`` per partnership. ``diagnostics``: ``prior_scale``,
        ``sensitivity`` (frame by prior) and ``posterior``.

    Raises
    ------
    DesignError
        If neither a scale nor a smallest size is given, or as in :func:`~twinimpact.impact.pool`.

    Examples
    --------
    >>> from twinimpact.impact import PoolPlan, Studies, bayes_pool
    >>> changes = {"change": [0.1, 0.2, 0.5, 0.3, 0.9], "se": [0.10, 0.15, 0.12, 0.10, 0.20]}
    >>> studies = Studies(estimate="change", std_error="se")
    >>> result = bayes_pool(changes, studies=studies, plan=PoolPlan(sesoi=0.1))
    >>> round(result.primary.estimate, 2)
    0.37
    >>> round(result.row("bayes_quadrature", "pooled|above_sesoi").estimate, 2)
    0.98
    """
    plan = plan or PoolPlan()
    scale = _scale(plan.prior_scale, plan.sesoi)
    given = partnerships_of(data, replace(studies, n=""))
    base = Estimate(
        outcome=plan.outcome, estimand="pooled", method=METHOD, clusters=len(given),
        note=with_value("prior_scale", scale, 4),
    )  # fmt: skip
    if len(given) < FEWEST:
        return too_few(given, base)
    found = posterior(given.y, given.v, scale)
    return Result(
        rows=(
            *_mean_rows(base, found, plan.conf_level, plan.sesoi),
            *_shrunken(base, found, given, plan.conf_level),
        ),
        diagnostics={
            "prior_scale": scale,
            "sensitivity": _sensitivity(given, scale, plan.conf_level, plan.sesoi),
            "posterior": found,
        },
        warnings=given.warnings,
    )


def _scale(prior_scale: float | None, sesoi: float | None) -> float:
    scale = prior_scale if prior_scale is not None else WORTH_TO_SCALE * (sesoi or 0.0)
    if not scale > 0:
        raise DesignError(
            "A prior needs a scale above zero.",
            got=f"prior_scale {prior_scale}, sesoi {sesoi}",
            hint="Give the standard deviation between partnerships that would be large, or the "
            "smallest size worth having.",
        )
    return scale


def _mean_rows(
    base: Estimate, found: Posterior, level: float, sesoi: float | None
) -> list[Estimate]:
    centre, sd = found.moments()
    low, high = found.quantiles(level)
    at: dict[str, Any] = {
        "outcome": base.outcome, "method": METHOD, "clusters": base.clusters, "note": base.note,
    }  # fmt: skip
    rows = [
        Estimate(
            **at, estimand="pooled", estimate=centre, std_error=sd, conf_low=low, conf_high=high,
            conf_level=level,
        ),
        Estimate(
            **at, estimand="pooled|above_zero", estimate=found.above(0.0), unit="probability"
        ),
    ]  # fmt: skip
    if sesoi is not None:
        rows.append(
            Estimate(
                **at, estimand="pooled|above_sesoi", estimate=found.above(sesoi),
                unit="probability",
            )
        )  # fmt: skip
    tau_low, tau_high = _tau_limits(found, level)
    rows.append(
        Estimate(
            **at, estimand="tau", estimate=float(found.weight @ found.tau), conf_low=tau_low,
            conf_high=tau_high, conf_level=level,
        )
    )  # fmt: skip
    return rows


def _tau_limits(found: Posterior, level: float) -> tuple[float, float]:
    below = np.cumsum(found.weight) - found.weight / 2
    low, high = np.interp([(1 - level) / 2, (1 + level) / 2], below, found.tau)
    return float(low), float(high)


def _shrunken(
    base: Estimate, found: Posterior, given: Partnerships, level: float
) -> list[Estimate]:
    rows = []
    square = found.tau**2
    for place, name in enumerate(given.labels):
        y, v = float(given.y[place]), float(given.v[place])
        share = v / (v + square)
        mean = share * found.mean + (1 - share) * y
        sd = np.sqrt(square * share + (share * found.sd) ** 2)
        centre, error = _moments(found.weight, mean, sd)
        low, high = (
            _quantile(found.weight, mean, sd, p) for p in ((1 - level) / 2, (1 + level) / 2)
        )
        rows.append(
            Estimate(
                outcome=base.outcome, estimand="shrunken", method=METHOD, estimate=centre,
                std_error=error, conf_low=low, conf_high=high, conf_level=level, partnership=name,
                note=note(base.note),
            )
        )  # fmt: skip
    return rows


def _sensitivity(
    given: Partnerships, scale: float, level: float, sesoi: float | None
) -> pd.DataFrame:
    """The answers under other priors."""
    rows = []
    for name, size, heavy in (
        ("half_normal", scale, False),
        ("half_normal", scale / 2, False),
        ("half_normal", scale * 2, False),
        ("half_cauchy", scale, True),
    ):
        found = posterior(given.y, given.v, size, heavy=heavy)
        low, high = found.quantiles(level)
        rows.append(
            {
                "prior": name,
                "scale": size,
                "mean": found.moments()[0],
                "conf_low": low,
                "conf_high": high,
                "tau": float(found.weight @ found.tau),
                "above_zero": found.above(0.0),
                "above_sesoi": np.nan if sesoi is None else found.above(sesoi),
            }
        )
    return pd.DataFrame(rows)
