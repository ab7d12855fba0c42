"""Reliability of a scale from the moments of its complete rows, all cells at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import special

Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Moments:
    """Sums over the complete rows of each cell; they add up over cells.

    Parameters
    ----------
    n
        Complete rows, shape (cells,).
    sums
        Sums of the centred answers, shape (cells, k).
    products
        Sums of products of the centred answers, shape (cells, k, k).
    """

    n: Array
    sums: Array
    products: Array


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reliability:
    """One coefficient per cell; ``NaN`` where it cannot be estimated.

    Parameters
    ----------
    method
        ``alpha_feldt`` or ``spearman_brown``.
    estimate, conf_low, conf_high, n
        Shape (cells,); ``n`` counts complete rows.
    undefined, no_variance, constant_item
        Cells with fewer than two complete rows; whose total does not vary (or, for two items,
        where one item does not vary); where some item does not vary.
    """

    method: str
    estimate: Array
    conf_low: Array
    conf_high: Array
    n: Array
    undefined: Array
    no_variance: Array
    constant_item: Array


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ItemStatistics:
    """Per cell and item: correlation with the rest of the scale, alpha without the item."""

    r_rest: Array
    alpha_if_dropped: Array


def moments(answers: Array, cells: Array, n_cells: int) -> Moments:
    """Moments of the complete rows of each cell.

    Parameters
    ----------
    answers
        Shape (rows, k), after reversal; ``NaN`` where there is no valid answer. Centre them
        at mid-range first: then all sums are exact and do not depend on the order of rows.
    cells
        Cell of each row, 0 to ``n_cells`` − 1, or −1 for none; shape (rows,).
    """
    k = answers.shape[1]
    use = (cells >= 0) & ~np.isnan(answers).any(axis=1)
    rows, where = answers[use], cells[use]
    sums = np.empty((n_cells, k))
    products = np.empty((n_cells, k, k))
    for i in range(k):
        sums[:, i] = np.bincount(where, weights=rows[:, i], minlength=n_cells)
        for j in range(i + 1):
            products[:, i, j] = np.bincount(
                where, weights=rows[:, i] * rows[:, j], minlength=n_cells
            )
            products[:, j, i] = products[:, i, j]
    return Moments(n=np.bincount(where, minlength=n_cells), sums=sums, products=products)


def merge_moments(parts: Moments, cells: Array, n_cells: int) -> Moments:
    """Moments of larger cells: ``cells`` names the larger cell of each of the parts."""
    k = parts.sums.shape[1]
    merged = Moments(
        n=np.zeros(n_cells, dtype=parts.n.dtype),
        sums=np.zeros((n_cells, k)),
        products=np.zeros((n_cells, k, k)),
    )
    np.add.at(merged.n, cells, parts.n)
    np.add.at(merged.sums, cells, parts.sums)
    np.add.at(merged.products, cells, parts.products)
    return merged


def covariances(parts: Moments) -> Array:
    """Covariance matrices with divisor n − 1, shape (cells, k, k); ``NaN`` below two rows."""
    n = parts.n.astype("float64")[:, None, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        outer = parts.sums[:, :, None] * parts.sums[:, None, :] / n
        result: Array = (parts.products - outer) / np.where(n > 1, n - 1, np.nan)
    return result


def cronbach_alpha(parts: Moments, conf_level: float = 0.95) -> Reliability:
    """Coefficient alpha with the exact interval of Feldt.

    α = k/(k−1)·(1 − trace S / ΣS). Interval: 1 − (1−α)·F(1∓tail; n−1, (n−1)(k−1)) with the n of
    the complete rows; exact for normal items with equal variances and covariances
    (Feldt 1965, doi:10.1007/BF02289499).

    Parameters
    ----------
    parts
        Moments of at least two items.
    """
    cov = covariances(parts)
    k = cov.shape[1]
    n = parts.n.astype("float64")
    variances = np.diagonal(cov, axis1=1, axis2=2)
    total = cov.sum(axis=(1, 2))
    undefined = parts.n < 2
    no_variance = ~undefined & ~(total > 1e-12)
    usable = ~undefined & ~no_variance
    safe_total = np.where(usable, total, np.nan)
    alpha = k / (k - 1) * (1 - variances.sum(axis=1) / safe_total)
    d1 = np.where(usable, n - 1, np.nan)
    d2 = d1 * (k - 1)
    tail = (1 - conf_level) / 2
    return Reliability(
        method="alpha_feldt",
        estimate=alpha,
        conf_low=1 - (1 - alpha) * special.fdtri(d1, d2, 1 - tail),
        conf_high=1 - (1 - alpha) * special.fdtri(d1, d2, tail),
        n=parts.n,
        undefined=undefined,
        no_variance=no_variance,
        constant_item=~undefined & (variances <= 1e-12).any(axis=1),
    )


def spearman_brown(parts: Moments, conf_level: float = 0.95) -> Reliability:
    """Reliability of a scale of two items, 2r/(1+r), with the Fisher-z interval of r.

    Eisinga, te Grotenhuis & Pelzer 2013, doi:10.1007/s00038-012-0416-3. The transformation is
    monotone, so the limits of r carry over. With fewer than four rows there is no interval.

    Parameters
    ----------
    parts
        Moments of exactly two items.
    """
    cov = covariances(parts)
    n = parts.n.astype("float64")
    variances = np.diagonal(cov, axis1=1, axis2=2)
    undefined = parts.n < 2
    constant = ~undefined & (variances <= 1e-12).any(axis=1)
    usable = ~undefined & ~constant
    product = np.where(usable, variances[:, 0] * variances[:, 1], np.nan)
    r = np.clip(cov[:, 0, 1] / np.sqrt(product), -1.0, 1.0)
    z = special.ndtri((1 + conf_level) / 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        half = z / np.sqrt(np.where(n > 3, n - 3, np.nan))
        low, high = np.tanh(np.arctanh(r) - half), np.tanh(np.arctanh(r) + half)
        estimate, conf_low, conf_high = (2 * x / (1 + x) for x in (r, low, high))
    return Reliability(
        method="spearman_brown",
        estimate=np.where(np.isfinite(estimate), estimate, np.nan),
        conf_low=np.where(np.isfinite(conf_low), conf_low, np.nan),
        conf_high=np.where(np.isfinite(conf_low), conf_high, np.nan),
        n=parts.n,
        undefined=undefined,
        no_variance=constant,
        constant_item=constant,
    )


def item_statistics(parts: Moments) -> ItemStatistics:
    """Item–rest correlation and alpha without the item, shape (cells, k).

    With S the covariance matrix, r_i its row sums and V its total:
    (r_i − S_ii)/√(S_ii·(V − 2r_i + S_ii)), and alpha of S without row and column i.
    Alpha without an item needs three items; with two it is ``NaN``.
    """
    cov = covariances(parts)
    k = cov.shape[1]
    variances = np.diagonal(cov, axis1=1, axis2=2)
    row_sums = cov.sum(axis=2)
    total = cov.sum(axis=(1, 2))[:, None]
    trace = variances.sum(axis=1)[:, None]
    rest = total - 2 * row_sums + variances
    with np.errstate(divide="ignore", invalid="ignore"):
        r_rest = (row_sums - variances) / np.sqrt(variances * rest)
        dropped = (
            (k - 1) / (k - 2) * (1 - (trace - variances) / rest)
            if k > 2
            else np.full_like(rest, np.nan)
        )
    return ItemStatistics(r_rest=r_rest, alpha_if_dropped=dropped)
