"""Coefficient omega of every cell at once, with its interval, status and flags."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import special

from twinimpact.errors import DesignError
from twinimpact.measures.consistency.omega_fit import (
    LOWEST_UNIQUENESS,
    Fit,
    minres,
    three_items,
    total_of,
)
from twinimpact.measures.consistency.omega_likelihood import likelihood, solve_information

Array = npt.NDArray[Any]

MISFIT_GAP = 0.02
"""Omega on the model's and on the observed variance further apart: one factor does not fit."""

NO_VARIANCE = 1e-12


class OmegaStatus(IntEnum):
    """How the factor model of a cell ended."""

    OK = 0
    BOUNDARY = 1
    NOT_CONVERGED = 2
    NO_SOLUTION = 3
    N_BELOW_2 = 4
    ZERO_VARIANCE_ITEM = 5


STATUS_AND_NOTE: Mapping[OmegaStatus, tuple[str, str]] = MappingProxyType(
    {
        OmegaStatus.OK: ("ok", ""),
        OmegaStatus.BOUNDARY: ("boundary", "heywood"),
        OmegaStatus.NOT_CONVERGED: ("not_converged", ""),
        OmegaStatus.NO_SOLUTION: ("not_estimable", "no_solution"),
        OmegaStatus.N_BELOW_2: ("not_estimable", "n_below_2"),
        OmegaStatus.ZERO_VARIANCE_ITEM: ("not_estimable", "zero_variance_item"),
    }
)
"""Status and note of the results table for each ending."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OmegaEstimates:
    """Omega per cell; ``NaN`` where there is none.

    Parameters
    ----------
    method
        ``omega_ml_delta``.
    conf_level
        Level of the interval.
    n
        Complete rows, shape (cells,).
    omega
        (Σλ)²/((Σλ)² + Σθ): on the variance that the model implies. The primary value.
    omega_observed
        (Σλ)²/ΣS: on the observed variance of the total.
    log_standard_error
        Standard error of −ln(1 − omega), for pooling. Absent at the boundary.
    standard_error
        Standard error of omega itself.
    low, high
        Interval, 1 − exp(−y) of the limits on the scale of −ln(1 − omega).
    loadings, uniqueness
        In raw item units with divisor n, shape (cells, k).
    status
        :class:`OmegaStatus` of each cell.
    heywood
        A uniqueness is at or below its lowest value (at least 0.5 % of the item's variance).
    uniqueness_negative
        Three items only, where nothing is bounded: a uniqueness is below zero.
    misfit
        The two omegas are more than .02 apart: one factor does not fit.
    """

    method: str
    conf_level: float
    n: Array
    omega: Array
    omega_observed: Array
    log_standard_error: Array
    standard_error: Array
    low: Array
    high: Array
    loadings: Array
    uniqueness: Array
    status: Array
    heywood: Array
    uniqueness_negative: Array
    misfit: Array


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MinresOmega:
    """Two coefficients from a least-squares factor; published programs print one or the other.

    Parameters
    ----------
    common_over_observed
        (Σl)²/ΣR.
    one_minus_uniqueness
        1 − Σu²/ΣR. What some programs call "omega total" for one factor.
    loadings, uniqueness
        Shape (cells, k).
    status, heywood
        As in :class:`OmegaEstimates`; nothing is bounded, a uniqueness may be negative.
    """

    common_over_observed: Array
    one_minus_uniqueness: Array
    loadings: Array
    uniqueness: Array
    status: Array
    heywood: Array


def omega_ml(covariance: Array, n: Array, *, conf_level: float = 0.95) -> OmegaEstimates:
    """Omega from one factor by maximum likelihood on raw item covariances, all cells at once.

    McDonald 1999 (Test theory: a unified treatment). The standard error comes by the delta method
    from the expected information of loadings and uniquenesses; the interval is on −ln(1 − omega),
    where it keeps its coverage from about 15 people on. Three items have a closed form, nothing
    is clipped there. Two items do not identify the model: use the Spearman–Brown coefficient.

    Parameters
    ----------
    covariance
        Covariances with divisor n − 1, shape (cells, k, k), k at least 3.
    n
        Complete rows of each cell, shape (cells,).
    conf_level
        Level of the interval.

    Raises
    ------
    DesignError
        Fewer than three items.

    Examples
    --------
    >>> import numpy as np
    >>> loading = np.array([0.9, 0.8, 0.7, 0.6])
    >>> covariance = np.outer(loading, loading) + np.diag([0.5, 0.5, 0.5, 0.5])
    >>> result = omega_ml(covariance[None], np.array([100]))
    >>> round(float(result.omega[0]), 4), round(float(result.low[0]), 4)
    (0.8182, 0.7495)
    """
    covariance, n = np.asarray(covariance, dtype="float64"), np.asarray(n)
    k = _items(covariance)
    status = _first_look(covariance, n)
    usable = np.flatnonzero(status == OmegaStatus.OK)
    spread, correlation = _standardised(covariance[usable])
    fit = three_items(correlation) if k == 3 else likelihood(correlation)
    status[usable], heywood = _judge(fit, k)
    y_error = _log_standard_error(fit, spread, n[usable])
    # maximum likelihood works with divisor n
    shrink = (n[usable] - 1.0) / n[usable]
    raw = np.sqrt(shrink) * spread
    loadings, uniqueness = fit.loadings * raw, fit.uniqueness * raw**2
    common = total_of(loadings) ** 2
    omega = common / (common + total_of(uniqueness))
    observed = common / (covariance[usable].sum(axis=(1, 2)) * shrink)
    shown = status[usable] <= OmegaStatus.BOUNDARY
    certain = status[usable] == OmegaStatus.OK
    negative: Array = np.any(fit.uniqueness < 0, axis=0)
    y_error = np.where(certain, y_error, np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        y = -np.log(np.where(certain, 1.0 - omega, np.nan))
    half = special.ndtri((1 + conf_level) / 2) * y_error

    place = _Placing(cells=n.size, usable=usable, shown=shown)
    return OmegaEstimates(
        method="omega_ml_delta",
        conf_level=conf_level,
        n=n,
        omega=place.numbers(omega),
        omega_observed=place.numbers(observed),
        log_standard_error=place.numbers(y_error),
        standard_error=place.numbers(y_error * (1.0 - omega)),
        low=place.numbers(1.0 - np.exp(half - y)),
        high=place.numbers(1.0 - np.exp(-half - y)),
        loadings=place.numbers(loadings),
        uniqueness=place.numbers(uniqueness),
        status=status,
        heywood=place.flags(heywood),
        uniqueness_negative=place.flags(negative),
        misfit=place.flags(np.abs(omega - observed) > MISFIT_GAP),
    )


def omega_minres(matrix: Array) -> MinresOmega:
    """Two variants of omega from least-squares loadings, for comparison with other programs.

    The loadings minimise the squared residuals off the diagonal. The two coefficients share the
    loadings and differ in the denominator's partner; each is compared with its own reference.

    Parameters
    ----------
    matrix
        Correlations (or covariances), shape (cells, k, k), k at least 3.

    Raises
    ------
    DesignError
        Fewer than three items.

    Examples
    --------
    >>> import numpy as np
    >>> r = np.array([[1, 0.5, 0.4], [0.5, 1, 0.3], [0.4, 0.3, 1]])
    >>> round(float(omega_minres(r[None]).common_over_observed[0]), 6)
    0.68179
    """
    matrix = np.asarray(matrix, dtype="float64")
    k = _items(matrix)
    status = _first_look(matrix, np.full(matrix.shape[0], 2))
    usable = np.flatnonzero(status == OmegaStatus.OK)
    block = np.ascontiguousarray(np.moveaxis(matrix[usable], 0, -1))
    diagonal = np.stack([block[i, i] for i in range(k)])
    fit = three_items(block) if k == 3 else minres(block)
    standard = Fit(
        loadings=fit.loadings, uniqueness=fit.uniqueness / diagonal, converged=fit.converged
    )
    status[usable], improper = _judge(standard, k)
    shown = status[usable] <= OmegaStatus.BOUNDARY
    total = block.sum(axis=(0, 1))
    place = _Placing(cells=matrix.shape[0], usable=usable, shown=shown)
    return MinresOmega(
        common_over_observed=place.numbers(total_of(fit.loadings) ** 2 / total),
        one_minus_uniqueness=place.numbers(1.0 - total_of(fit.uniqueness) / total),
        loadings=place.numbers(fit.loadings),
        uniqueness=place.numbers(fit.uniqueness),
        status=status,
        heywood=place.flags(improper),
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Placing:
    """Puts what was computed for some cells back among all cells."""

    cells: int
    usable: Array
    shown: Array

    def numbers(self, values: Array) -> Array:
        """Values (..., usable) as (cells, ...); ``NaN`` where nothing is shown."""
        result = np.full((self.cells, *values.shape[:-1]), np.nan)
        result[self.usable] = np.moveaxis(np.where(self.shown, values, np.nan), -1, 0)
        return result

    def flags(self, values: Array) -> Array:
        """Flags of the cells that are shown, false elsewhere."""
        result = np.zeros(self.cells, dtype=bool)
        result[self.usable] = values & self.shown
        return result


def _items(matrix: Array) -> int:
    """Number of items, at least three."""
    k = int(matrix.shape[-1])
    if k < 3:
        raise DesignError(
            "omega needs at least three items",
            got=f"{k} items",
            hint="For two items use the Spearman–Brown coefficient; one item has no consistency.",
        )
    return k


def _first_look(matrix: Array, n: Array) -> Array:
    """Status before anything is fitted: is there a correlation matrix, and anything in common?"""
    variances = np.diagonal(matrix, axis1=1, axis2=2)
    finite = np.isfinite(matrix).all(axis=(1, 2))
    varied = (variances > NO_VARIANCE).all(axis=1)
    apart = np.abs(matrix - np.eye(matrix.shape[1]) * variances[:, None]).max(axis=(1, 2))
    status = np.full(n.size, OmegaStatus.OK, dtype="uint8")
    status[~(apart > 1e-9 * variances.max(axis=1))] = OmegaStatus.NO_SOLUTION
    status[~varied] = OmegaStatus.ZERO_VARIANCE_ITEM
    status[(n < 2) | ~finite] = OmegaStatus.N_BELOW_2
    return status


def _standardised(covariance: Array) -> tuple[Array, Array]:
    """Standard deviations (k, cells) and correlations (k, k, cells)."""
    block = np.moveaxis(covariance, 0, -1)
    spread = np.sqrt(np.stack([block[i, i] for i in range(block.shape[0])]))
    correlation = block / (spread[:, None] * spread[None, :])
    return spread, np.ascontiguousarray(correlation)


def _judge(fit: Fit, k: int) -> tuple[Array, Array]:
    """Status of fitted cells, and which have a uniqueness at its lowest value or below."""
    heywood: Array = np.any(fit.uniqueness <= LOWEST_UNIQUENESS, axis=0)
    status = np.full(fit.converged.size, OmegaStatus.OK, dtype="uint8")
    status[heywood] = OmegaStatus.BOUNDARY
    # the closed form of three items either has a solution or has none
    status[~fit.converged] = OmegaStatus.NO_SOLUTION if k == 3 else OmegaStatus.NOT_CONVERGED
    return status, heywood


def _log_standard_error(fit: Fit, spread: Array, n: Array) -> Array:
    """Standard error of −ln(1 − omega) by the delta method, shape (cells,)."""
    total = total_of(fit.loadings * spread)
    own = total_of(fit.uniqueness * spread**2)
    with np.errstate(divide="ignore", invalid="ignore"):
        everything = total**2 + own
        by_loading = 2 * total / everything * spread
        by_unique = (1 / everything - 1 / own) * spread**2
        x_l, x_u = solve_information(fit.loadings, fit.uniqueness, by_loading, by_unique)
        variance = 2 / n * (total_of(by_loading * x_l) + total_of(by_unique * x_u))
        result: Array = np.sqrt(np.where(variance > 0, variance, np.nan))
    return result
