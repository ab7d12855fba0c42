"""Coefficient alpha with its exact interval, all cells at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import special

Array = npt.NDArray[Any]
FLAT = 1e-12
"""A variance up to this is rounding noise."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Coefficients:
    """One coefficient per cell; ``NaN`` where it cannot be estimated.

    Parameters
    ----------
    method
        ``alpha_feldt``, ``alpha_feldt_neff`` or ``spearman_brown``.
    estimate, conf_low, conf_high
        Shape (cells,).
    n, n_eff
        Complete rows, and their effective number.
    too_few
        Cells with fewer than two complete rows.
    no_variance
        Cells whose total does not vary (for two items: in which an item does not vary).
    constant_item
        Cells in which some item does not vary.
    negative
        Cells with a coefficient of zero or below: the items go against each other.
    """

    method: str
    estimate: Array
    conf_low: Array
    conf_high: Array
    n: Array
    n_eff: Array
    too_few: Array
    no_variance: Array
    constant_item: Array
    negative: Array


def cronbach_alpha(
    covariance: Array, n: Array, *, n_eff: Array | None = None, conf_level: float = 0.95
) -> Coefficients:
    """Coefficient alpha with the exact interval of Feldt.

    α = k/(k−1)·(1 − trace S / ΣS). Interval: 1 − (1−α)·F(1∓tail; n−1, (n−1)(k−1)) with the n of
    the complete rows; exact for normal items with equal variances and covariances
    (Feldt 1965, doi:10.1007/BF02289499). An alpha below 0 stays as it is.

    Parameters
    ----------
    covariance
        Shape (cells, k, k), at least two items, after reversal.
    n
        Complete rows of each cell.
    n_eff
        Their effective number where rows are weighted; it then takes the place of n in the
        interval, which becomes an approximation (``alpha_feldt_neff``).
    """
    k = covariance.shape[1]
    variances = np.diagonal(covariance, axis1=1, axis2=2)
    total = covariance.sum(axis=(1, 2))
    too_few = n < 2
    no_variance = ~too_few & ~(total > FLAT)
    usable = ~too_few & ~no_variance
    alpha = k / (k - 1) * (1 - variances.sum(axis=1) / np.where(usable, total, np.nan))
    people = (n if n_eff is None else n_eff).astype("float64")
    # the quantiles depend on the number of people alone, and many cells have the same
    sizes, place = np.unique(np.where(usable & (people > 1), people, np.nan), return_inverse=True)
    d1, tail = sizes - 1, (1 - conf_level) / 2
    upper, lower = (special.fdtri(d1, d1 * (k - 1), side)[place] for side in (1 - tail, tail))
    return Coefficients(
        method="alpha_feldt" if n_eff is None else "alpha_feldt_neff",
        estimate=alpha,
        conf_low=1 - (1 - alpha) * upper,
        conf_high=1 - (1 - alpha) * lower,
        n=n,
        n_eff=people,
        too_few=too_few,
        no_variance=no_variance,
        constant_item=~too_few & (variances <= FLAT).any(axis=1),
        negative=alpha <= 0,
    )
