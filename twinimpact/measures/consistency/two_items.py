"""Reliability of a scale of two items."""

from __future__ import annotations

import numpy as np
from scipy import special

from twinimpact.measures.consistency.alpha import FLAT, Array, Coefficients


def spearman_brown(
    covariance: Array, n: Array, *, n_eff: Array | None = None, conf_level: float = 0.95
) -> Coefficients:
    """Reliability of a scale of two items, 2r/(1+r), with the Fisher-z interval of r.

    Eisinga, te Grotenhuis & Pelzer 2013, doi:10.1007/s00038-012-0416-3. The transformation is
    monotone, so the limits of r carry over. With fewer than four rows there is no interval.

    Parameters
    ----------
    covariance
        Shape (cells, 2, 2), after reversal.
    n, n_eff
        Complete rows of each cell, and their effective number where rows are weighted.
    """
    variances = np.diagonal(covariance, axis1=1, axis2=2)
    people = (n if n_eff is None else n_eff).astype("float64")
    too_few = n < 2
    constant = ~too_few & (variances <= FLAT).any(axis=1)
    product = np.where(too_few | constant, np.nan, variances[:, 0] * variances[:, 1])
    r = np.clip(covariance[:, 0, 1] / np.sqrt(product), -1.0, 1.0)
    low, high = fisher_interval(r, people, conf_level)
    with np.errstate(divide="ignore", invalid="ignore"):
        estimate, conf_low, conf_high = (
            np.where(np.isfinite(2 * x / (1 + x)), 2 * x / (1 + x), np.nan) for x in (r, low, high)
        )
    known = np.isfinite(conf_low) & np.isfinite(conf_high)
    return Coefficients(
        method="spearman_brown",
        estimate=estimate,
        conf_low=np.where(known, conf_low, np.nan),
        conf_high=np.where(known, conf_high, np.nan),
        n=n,
        n_eff=people,
        too_few=too_few,
        no_variance=constant,
        constant_item=constant,
        negative=r <= 0,
    )


def fisher_interval(r: Array, n: Array, conf_level: float) -> tuple[Array, Array]:
    """Limits of correlations by Fisher's z; ``NaN`` below four rows (Fisher 1921)."""
    z = special.ndtri((1 + conf_level) / 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        half = z / np.sqrt(np.where(n > 3, n - 3.0, np.nan))
        centre = np.arctanh(r)
        return np.tanh(centre - half), np.tanh(centre + half)
