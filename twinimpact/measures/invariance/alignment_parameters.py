"""Which question parameters still differ after alignment, and how well means are found again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Recovery:
    """How well group means are found again.

    Parameters
    ----------
    correlation
        Of estimated with true means over groups, mean of the draws.
    std_error
        Standard deviation of each group's mean over the draws.
    """

    correlation: float
    std_error: Array

    @classmethod
    def of(cls, means: Array, truth: Array) -> Recovery:
        """From estimated means, shape (draws, groups), and the true ones, shape (groups,)."""
        centred = means - means.mean(axis=1, keepdims=True)
        true = truth - truth.mean()
        lengths = np.sqrt((centred**2).sum(axis=1) * (true**2).sum())
        each = np.divide(centred @ true, lengths, out=np.zeros(len(means)), where=lengths > 0)
        spread = means.std(axis=0, ddof=1) if len(means) > 1 else np.full(len(truth), np.nan)
        return cls(correlation=float(each.mean()), std_error=spread)


def implied(loadings: Array, residuals: Array) -> Array:
    """Covariance matrices of one-factor models, shape (groups, questions, questions)."""
    matrix: Array = loadings[:, :, None] * loadings[:, None, :]
    line = np.arange(loadings.shape[1])
    matrix[:, line, line] += residuals
    return matrix


def loading_covariance(loadings: Array, residuals: Array, n: Array) -> Array:
    """Sampling covariance of the loadings of one-factor models, from expected information.

    Shape (groups, questions, questions).
    """
    inverse = np.linalg.inv(implied(loadings, residuals))
    q = np.einsum("gij,gj->gi", inverse, loadings)
    c = np.einsum("gi,gi->g", loadings, q)
    by_loading = 2 * (inverse * c[:, None, None] + q[:, :, None] * q[:, None, :])
    mixed = 2 * inverse * q[:, None, :]
    information = np.block([[by_loading, mixed], [mixed.transpose(0, 2, 1), inverse**2]])
    size = loadings.shape[1]
    covariance: Array = np.linalg.pinv(information * (n / 2)[:, None, None], hermitian=True)
    return covariance[:, :size, :size]


def standard_errors(
    loadings: Array, residuals: Array, n: Array, alpha: Array, psi: Array
) -> tuple[Array, Array]:
    """Standard errors of aligned loadings and intercepts, ``alpha`` and ``psi`` taken as known.

    Means and covariances of normal answers are independent, so that the error of an aligned
    intercept is that of the intercept and of ``alpha`` times the aligned loading.
    """
    line = np.arange(loadings.shape[1])
    of_loading = loading_covariance(loadings, residuals, n)[:, line, line] / psi[:, None] ** 2
    of_intercept = (loadings**2 + residuals) / n[:, None]
    both = of_intercept + alpha[:, None] ** 2 * of_loading
    return np.sqrt(of_loading), np.sqrt(both)


def differing(values: Array, errors: Array, n: Array, limit: float) -> Array:
    """Groups whose parameter differs from that of the groups that agree.

    Per question the agreeing set starts with the half of the groups closest to the median.
    Members farther than ``limit`` standard errors from the set's mean (weighted by ``n``)
    leave it, others within the limit enter, until nothing changes.

    Parameters
    ----------
    values, errors
        Aligned parameters and their standard errors, shape (groups, questions).
    n
        Rows of each group.
    limit
        In standard errors.

    Returns
    -------
    array of bool
        Shape (groups, questions).
    """
    groups = len(values)
    distance = np.abs(values - np.median(values, axis=0))
    place = np.argsort(np.argsort(distance, axis=0, kind="stable"), axis=0)
    inside = place < -(-groups // 2)
    variance = errors**2
    seen = set()
    while inside.tobytes() not in seen:
        seen.add(inside.tobytes())
        weight = np.where(inside, n[:, None].astype("float64"), 0.0)
        weight /= np.maximum(weight.sum(axis=0), 1e-300)
        middle = (weight * values).sum(axis=0)
        # variance of (value - mean of the set); a member shares part of its error with the mean
        spread = (weight**2 * variance).sum(axis=0) + variance * (1 - 2 * weight)
        inside = np.abs(values - middle) <= limit * np.sqrt(np.maximum(spread, 0.0))
    return ~inside


def draw_groups(
    loadings: Array, intercepts: Array, residuals: Array, n: Array, draws: int, seed: int
) -> tuple[Array, Array]:
    """Loadings and intercepts of samples from these models, by their normal sampling law.

    Returns
    -------
    tuple of arrays
        Each of shape (draws, groups, questions).
    """
    rng = np.random.default_rng(seed)
    roots = (
        _root(loading_covariance(loadings, residuals, n)),
        _root(implied(loadings, residuals) / n[:, None, None]),
    )
    drawn = [
        values + np.einsum("gij,bgj->bgi", root, rng.standard_normal((draws, *loadings.shape)))
        for values, root in zip((loadings, intercepts), roots, strict=True)
    ]
    return drawn[0], drawn[1]


def _root(covariance: Array) -> Array:
    """A matrix whose square is the covariance; rounding below zero is cut off."""
    values, vectors = np.linalg.eigh(covariance)
    root: Array = vectors * np.sqrt(np.maximum(values, 0.0))[:, None, :]
    return root
