"""Confidence limits of means and shares from a standard error and its degrees of freedom."""

from __future__ import annotations

import numpy as np
from scipy import special

from twinimpact.measures.weighting.margins import Array


def t_limits(estimate: Array, error: Array, df: Array, conf_level: float) -> tuple[Array, Array]:
    """Limits from Student's t; absent where there is no degree of freedom."""
    half = _quantile(df, conf_level) * error
    return estimate - half, estimate + half


def share_limits(
    share: Array, error: Array, df: Array, n_eff: Array, conf_level: float
) -> tuple[Array, Array, Array]:
    """Limits of a share on the logit scale; Wilson's at 0 and 100 per cent.

    ``logit(p) ± t·SE/(p(1−p))`` stays inside 0 to 1. At the ends the standard error is 0 and
    says nothing; Wilson's limits (1927, doi:10.1080/01621459.1927.10502953) with the effective
    number of people take its place.

    Returns
    -------
    tuple
        Lower and upper limits, and where they are Wilson's.
    """
    inside = (share > 0) & (share < 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        p = np.where(inside, share, 0.5)
        half = _quantile(df, conf_level) * error / (p * (1 - p))
        low, high = (special.expit(special.logit(p) + sign * half) for sign in (-1, 1))
    at_end = (share == 0) | (share == 1)
    ends = wilson_limits(share, n_eff, conf_level)
    return np.where(at_end, ends[0], low), np.where(at_end, ends[1], high), at_end


def wilson_limits(share: Array, n: Array, conf_level: float) -> tuple[Array, Array]:
    """Wilson's limits for a share of ``n`` people, which need not be a whole number."""
    z2 = float(special.ndtri((1 + conf_level) / 2)) ** 2
    with np.errstate(divide="ignore", invalid="ignore"):
        centre = (share + z2 / (2 * n)) / (1 + z2 / n)
        half = np.sqrt(z2 * (share * (1 - share) / n + z2 / (4 * n * n))) / (1 + z2 / n)
    return np.clip(centre - half, 0, 1), np.clip(centre + half, 0, 1)


def _quantile(df: Array, conf_level: float) -> Array:
    known = np.where(df >= 1, df, np.nan)
    return np.asarray(special.stdtrit(known, (1 + conf_level) / 2))
