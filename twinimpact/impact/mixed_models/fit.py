"""A fitted model with random intercepts: coefficients, variances, and what limits them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from twinimpact.impact.mixed_models.profile import (
    GRID,
    Sums,
    best_ratios,
    deviance,
    solve,
    sums_of,
)
from twinimpact.impact.mixed_models.satterthwaite import satterthwaite

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class MixedFit:
    """Restricted maximum likelihood; ratios and variances are inner first, then outer.

    Parameters
    ----------
    sums
        The data as the likelihood sees them.
    ratios, residual
        Variances of the intercepts over that of the residual, and the latter.
    coefficients, covariance
        Of the columns of the design.
    log_likelihood
        Restricted, at the maximum.
    """

    sums: Sums
    ratios: Array
    residual: float
    coefficients: Array
    covariance: Array
    log_likelihood: float

    @property
    def variances(self) -> Array:
        """Variances of the intercepts."""
        return np.asarray(self.ratios * self.residual)

    @property
    def settled(self) -> bool:
        """False where a variance outgrows the residual without end: all of a group are alike."""
        return bool((self.ratios < GRID[-1]).all())

    def contrasts(self, weights: Array) -> tuple[Array, Array, Array]:
        """Estimates, standard errors and Satterthwaite df of rows of weights."""
        errors = np.sqrt(np.einsum("ij,jk,ik->i", weights, self.covariance, weights))
        df = satterthwaite(self.sums, self.ratios, self.residual, weights)
        return weights @ self.coefficients, errors, df


def fit_intercepts(x: Array, y: Array, inner: Array, outer: Array | None = None) -> MixedFit:
    """Fit one random intercept, or two nested ones.

    The residual variance and the coefficients are solved for exactly at each ratio of variances,
    so that the search has as many dimensions as there are intercepts. Bates et al. (2015)
    doi:10.18637/jss.v067.i01.

    Parameters
    ----------
    x, y
        Design of full column rank and outcome.
    inner, outer
        Group of each row, numbered from 0; inner groups lie within outer ones.
    """
    sums = sums_of(x, y, inner, outer)
    ratios = best_ratios(sums)
    solved = solve(sums, ratios)
    residual = solved.quadratic / (sums.rows - sums.columns)
    inverse = np.linalg.inv(sums.root)
    return MixedFit(
        sums=sums,
        ratios=ratios,
        residual=residual,
        coefficients=sums.start + inverse @ solved.correction,
        covariance=residual * inverse @ np.linalg.inv(solved.information) @ inverse.T,
        log_likelihood=-deviance(sums, ratios) / 2,
    )
