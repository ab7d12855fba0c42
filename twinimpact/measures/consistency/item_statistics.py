"""What each item adds to its scale: item–rest correlation, alpha without it, its distribution."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from twinimpact.measures.consistency.alpha import FLAT, Array
from twinimpact.measures.consistency.moments import (
    CellIndex,
    Moments,
    cell_moments,
    complete_rows,
)
from twinimpact.measures.consistency.two_items import fisher_interval

EVEN = 1e-9
"""Sides of a scale that differ by less than this carry equal weight."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ItemStatistics:
    """Each item against the others; shape (cells, k).

    Parameters
    ----------
    r_rest, rest_low, rest_high
        Correlation with the sum of the other items, with its Fisher-z interval.
    r_total
        Correlation with the sum of all items, inflated because the item is part of it.
    alpha_if_dropped
        Alpha of the scale without the item; ``NaN`` for two items.
    unreversed
        Items that look as if their answers had not been reversed; see :func:`looks_unreversed`.
    """

    r_rest: Array
    rest_low: Array
    rest_high: Array
    r_total: Array
    alpha_if_dropped: Array
    unreversed: Array


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ItemShapes:
    """Distribution of each item in each cell; shape (cells, k).

    Parameters
    ----------
    n
        Rows counted.
    mean, sd, skew
        In the units of the answers; SD with divisor n − 1, skewness g1 with divisor n.
    floor, ceiling
        Shares of rows at the lowest and at the highest answer.
    """

    n: Array
    mean: Array
    sd: Array
    skew: Array
    floor: Array
    ceiling: Array


def item_statistics(
    covariance: Array, n: Array, *, pooled: bool = True, conf_level: float = 0.95
) -> ItemStatistics:
    """Item–rest correlation and alpha without the item.

    With S the covariance matrix, r_i its row sums and V its total:
    (r_i − S_ii)/√(S_ii·(V − 2r_i + S_ii)), and alpha of S without row and column i.

    Parameters
    ----------
    covariance
        Shape (cells, k, k), after reversal.
    n
        Complete rows of each cell.
    pooled
        Whether the cells hold everybody; in single cells an item looks un-reversed only when
        the upper limit of its item–rest correlation is below 0.
    """
    k = covariance.shape[1]
    variances = np.diagonal(covariance, axis1=1, axis2=2)
    row_sums = covariance.sum(axis=2)
    total = covariance.sum(axis=(1, 2))[:, None]
    trace = variances.sum(axis=1)[:, None]
    rest = total - 2 * row_sums + variances
    known = (variances > FLAT) & (rest > FLAT)
    with np.errstate(divide="ignore", invalid="ignore"):
        r_rest = np.where(known, (row_sums - variances) / np.sqrt(variances * rest), np.nan)
        r_total = np.where(known & (total > FLAT), row_sums / np.sqrt(variances * total), np.nan)
        dropped = np.full_like(rest, np.nan)
        if k > 2:
            usable = np.where(rest > FLAT, rest, np.nan)
            dropped = (k - 1) / (k - 2) * (1 - (trace - variances) / usable)
    r_rest = np.clip(r_rest, -1.0, 1.0)
    low, high = fisher_interval(r_rest, np.asarray(n)[:, None], conf_level)
    return ItemStatistics(
        r_rest=r_rest,
        rest_low=low,
        rest_high=high,
        r_total=r_total,
        alpha_if_dropped=dropped,
        unreversed=looks_unreversed(covariance, r_rest) if pooled else high < 0,
    )


def looks_unreversed(covariance: Array, r_rest: Array) -> Array:
    """Items that go against the others: a negative item–rest correlation.

    One item the wrong way round can push correct items below 0 too, so where the first
    principal component splits the items in two sides of different weight, only items of the
    lighter side are named. The order of the items does not matter.

    Parameters
    ----------
    covariance
        Shape (cells, k, k).
    r_rest
        Item–rest correlations, shape (cells, k).
    """
    negative = r_rest < 0
    asked = np.flatnonzero(negative.any(axis=1))
    if not len(asked):
        return negative
    matrix = covariance[asked]
    spread = np.sqrt(np.diagonal(matrix, axis1=1, axis2=2))
    with np.errstate(divide="ignore", invalid="ignore"):
        matrix = np.nan_to_num(matrix / (spread[:, :, None] * spread[:, None, :]))
    first = np.linalg.eigh(matrix)[1][:, :, -1]
    tilt = (first * np.abs(first)).sum(axis=1, keepdims=True)
    lighter = (first * tilt < 0) & negative[asked]
    split = (np.abs(tilt) > EVEN) & lighter.any(axis=1, keepdims=True)
    found = negative.copy()
    found[asked] = np.where(split, lighter, negative[asked])
    return found


def item_shapes(
    columns: Sequence[Array], index: CellIndex, *, top: int, lo: float, unit: float = 1.0,
    complete: bool = True,
) -> ItemShapes:  # fmt: skip
    """Distribution of each item in each cell.

    Parameters
    ----------
    columns
        Codes after reversal, 0 = none, 1 to ``top``; k arrays of shape (rows,).
    top
        The highest code.
    lo, unit
        What code 1 stands for, and what one step is worth.
    complete
        Whether only rows with an answer to every item count.
    """
    kept = complete_rows(columns) if complete else None
    middle = (top + 1) // 2
    parts: dict[str, list[Array]] = {name: [] for name in ItemShapes.__slots__}
    for column in columns:
        codes = column[index.order].astype("int64")
        there = codes > 0 if kept is None else kept[index.order]
        centred = (codes - middle) * there
        n = index.sums(there)
        with np.errstate(divide="ignore", invalid="ignore"):
            size = np.where(n > 0, n, np.nan).astype("float64")
            first = index.sums(centred) / size
            square = centred * centred
            second = index.sums(square) / size - first**2
            third = index.sums(square * centred) / size - 3 * first * (second + first**2)
            third += 2 * first**3
            flat = second <= FLAT
            skew = third / np.where(flat, np.nan, second) ** 1.5
            sd = np.sqrt(np.maximum(second, 0) * size / np.where(n > 1, size - 1, np.nan))
            shares = [index.sums((codes == end) & there) / size for end in (1, top)]
        values = (n, lo + unit * (first + middle - 1), unit * sd, skew, *shares)
        for name, value in zip(ItemShapes.__slots__, values, strict=True):
            parts[name].append(value)
    made = {name: np.column_stack(values) for name, values in parts.items()}
    return ItemShapes(**made)


def loevinger_h(columns: Sequence[Array], index: CellIndex, moments: Moments) -> Array:
    """Loevinger's H of each cell: summed covariances over the most they could be.

    The most is reached when both items put people in the same order, so each column is sorted
    within its cell (Loevinger 1948, doi:10.1037/h0055737).

    Parameters
    ----------
    columns
        Codes after reversal; k arrays of shape (rows,).
    moments
        Moments of the same columns in the same cells.
    """
    kept = complete_rows(columns)[index.order]
    cell, rows = index.row_cells()[kept], index.order[kept]
    in_order = [column[rows][np.lexsort((column[rows], cell))] for column in columns]
    most = cell_moments(in_order, cell, index.size)
    k = len(columns)
    above = np.triu(np.ones((k, k)), 1)
    own = (moments.covariance / moments.unit**2 * above).sum(axis=(1, 2))
    limit = (most.covariance * above).sum(axis=(1, 2))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(limit > FLAT, own / limit, np.nan)
