"""Polychoric correlations of many two-way tables at once, by two-step maximum likelihood."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import special

from twinimpact.errors import DesignError
from twinimpact.measures.consistency.bivariate import (
    FAR,
    arc_integral,
    bivariate_density,
    bivariate_normal,
)
from twinimpact.measures.consistency.omega_fit import chosen, total_of

Array = npt.NDArray[Any]

BOUND = 0.9999
"""Correlations stay inside; at the bound there is a flag."""

NEAR = 0.99
INSIDE = 1 - 1e-12
FLAT = 1e-7

MAX_STEPS = 50
TOLERANCE = 1e-9
SMALL_STEP = 0.1
STEEP = 0.9
"""Beyond it steps are integrated in pieces: noise in empty cells would stop the scoring."""
BLOCK = 1024
"""Tables worked on together: their arrays stay in the processor's cache."""

LEAST_PROBABILITY = 1e-15


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Polychoric:
    """One correlation per table, shape (tables,).

    Parameters
    ----------
    method
        ``polychoric_ml``: thresholds from the margins, then the correlation by maximum
        likelihood; nothing is added to empty cells.
    rho
        Correlation; ``NaN`` where fewer than two categories of an item were used.
    n
        Answers in the table.
    dropped
        Categories that nobody used, of both items together.
    at_bound
        The correlation ended at ±.9999: the table allows no finite answer.
    not_converged
        No standstill within 50 steps; ``rho`` is ``NaN``.
    """

    method: str
    rho: Array
    n: Array
    dropped: Array
    at_bound: Array
    not_converged: Array


def pair_tables(
    columns: Array | Sequence[Array], cell: Array, n_cells: int, categories: int
) -> Array:
    """Two-way tables of all pairs of items in all cells; one count per pair of items.

    Parameters
    ----------
    columns
        Coded answers 1 to ``categories``, 0 for none; shape (rows, k) or k columns. Rows that
        are not complete are left out of all tables.
    cell
        Cell of each row, 0 to ``n_cells`` − 1, or −1 for none.

    Returns
    -------
    Array
        Counts, shape (cells, pairs, categories, categories); pairs in the order (1, 2), (1, 3) …

    Examples
    --------
    >>> import numpy as np
    >>> answers = np.array([[1, 2], [2, 2], [2, 0]], dtype="uint8")
    >>> pair_tables(answers, np.zeros(3, int), 1, 2)[0, 0].tolist()
    [[0, 1], [0, 1]]
    """
    items = list(columns) if isinstance(columns, Sequence) else list(np.asarray(columns).T)
    cell = np.asarray(cell)
    use = cell >= 0
    for item in items:
        use &= item > 0
    used = [item[use].astype("int64") - 1 for item in items]
    if any(item.size and item.max() >= categories for item in used):
        raise DesignError(
            "an answer is above the number of categories", expected=f"codes 1 to {categories}"
        )
    base = cell[use].astype("int64") * categories
    size = n_cells * categories * categories
    first = [(base + item) * categories for item in used]
    counts = [
        np.bincount(first[i] + used[j], minlength=size).reshape(n_cells, categories, categories)
        for i, j in combinations(range(len(items)), 2)
    ]
    return np.stack(counts, axis=1)


def polychoric(tables: Array) -> Polychoric:
    """Polychoric correlation of each table.

    Two-step maximum likelihood (Olsson 1979, doi:10.1007/BF02296207): thresholds are normal
    quantiles of the cumulative margins, then one correlation per table, by scoring inside a
    bracket that closes with each step. A category that nobody used has no width and takes part
    in nothing, which is the same as leaving it out.

    Parameters
    ----------
    tables
        Counts, shape (tables, categories, categories).

    Examples
    --------
    >>> import numpy as np
    >>> result = polychoric(np.array([[[40, 10], [10, 40]]]))
    >>> round(float(result.rho[0]), 6)
    0.809017
    """
    tables = np.asarray(tables)
    if tables.ndim != 3 or tables.shape[1] != tables.shape[2] or tables.shape[1] < 2:
        raise DesignError(
            "polychoric correlations need square two-way tables",
            got=f"shape {tables.shape}",
            expected="(tables, categories, categories) with two categories or more",
        )
    rows, cols = tables.sum(axis=2), tables.sum(axis=1)
    n = rows.sum(axis=1)
    used_rows, used_cols = (rows > 0).sum(axis=1), (cols > 0).sum(axis=1)
    rho = np.full(n.size, np.nan)
    standing = np.ones(n.size, dtype=bool)
    usable = np.flatnonzero((used_rows > 1) & (used_cols > 1))
    for first in range(0, usable.size, BLOCK):
        part = usable[first : first + BLOCK]
        rho[part], standing[part] = _solve(tables[part].astype("float64"))
    rho[~standing] = np.nan
    return Polychoric(
        method="polychoric_ml",
        rho=rho,
        n=n,
        dropped=2 * tables.shape[1] - used_rows - used_cols,
        at_bound=np.abs(np.nan_to_num(rho)) >= BOUND,
        not_converged=~standing,
    )


@dataclass(slots=True, eq=False)
class _Tables:
    """What the tables of one block carry from step to step; the last axis is the table."""

    counts: Array
    used: Array
    n: Array
    edge_h: Array
    edge_k: Array
    h: Array
    k: Array
    rho: Array
    corner: Array
    low: Array
    high: Array

    def keep(self, still: Array) -> None:
        """Drop the tables that are done."""
        for name in self.__slots__:
            setattr(self, name, chosen(getattr(self, name), still))


def _prepared(tables: Array) -> _Tables:
    """Thresholds, starting correlation 1.15 times Pearson's, and probabilities there."""
    counts = np.ascontiguousarray(np.moveaxis(tables, 0, -1))
    rows, cols = counts.sum(axis=1), counts.sum(axis=0)
    n = rows.sum(axis=0)
    edge_h, edge_k = np.cumsum(rows, axis=0) / n, np.cumsum(cols, axis=0) / n
    h = np.clip(special.ndtri(edge_h[:-1]), -FAR, FAR)[:, None]
    k = np.clip(special.ndtri(edge_k[:-1]), -FAR, FAR)[None]
    code = np.arange(counts.shape[0])[:, None]
    mean_r, mean_c = (code * rows).sum(axis=0) / n, (code * cols).sum(axis=0) / n
    cross = (counts * (code * code.T)[:, :, None]).sum(axis=(0, 1)) / n - mean_r * mean_c
    spread_r = (code**2 * rows).sum(axis=0) / n - mean_r**2
    spread_c = (code**2 * cols).sum(axis=0) / n - mean_c**2
    rho = np.clip(1.15 * cross / np.sqrt(spread_r * spread_c), -0.95, 0.95)
    return _Tables(
        counts=counts,
        used=(rows > 0)[:, None] & (cols > 0)[None],
        n=n,
        edge_h=edge_h,
        edge_k=edge_k,
        h=h,
        k=k,
        rho=rho,
        corner=bivariate_normal(h, k, rho),
        low=np.full(n.size, -BOUND),
        high=np.full(n.size, BOUND),
    )


def _solve(tables: Array) -> tuple[Array, Array]:
    """Correlation of each table of a block, and whether it came to a standstill."""
    block = _prepared(tables)
    result = block.rho.copy()
    done = np.zeros(result.size, dtype=bool)
    active = np.arange(result.size)
    for _ in range(MAX_STEPS):
        target, finished = _next(block)
        result[active] = target
        done[active] = finished
        still = ~finished
        if not still.any():
            break
        if not still.all():
            active = active[still]
            block.keep(still)
        _move(block, target[still])
    return result, done


def _next(block: _Tables) -> tuple[Array, Array]:
    """Where each correlation should go, and whether that is where it stands."""
    density = bivariate_density(block.h, block.k, block.rho)
    slope = _cells(density, None, None)
    chance = _cells(block.corner, block.edge_h, block.edge_k)
    np.maximum(chance, LEAST_PROBABILITY, out=chance)
    slope *= block.used
    relative = slope / chance
    tables = block.n.size
    score = total_of((block.counts * relative).reshape(-1, tables))
    information = block.n * total_of((slope * relative).reshape(-1, tables))
    up = score > 0
    # a bound that was tried and left is no longer the bracket's end
    block.low = np.where(up, np.maximum(block.rho, INSIDE * -BOUND), block.low)
    block.high = np.where(up, block.high, np.minimum(block.rho, INSIDE * BOUND))
    with np.errstate(divide="ignore", invalid="ignore"):
        target = block.rho + score / information
    # scoring creeps towards a bound: from near by the bound itself is tried, once
    target = np.where((target > NEAR) & (block.high == BOUND), BOUND, target)
    target = np.where((target < -NEAR) & (block.low == -BOUND), -BOUND, target)
    inside = (target >= block.low) & (target <= block.high)
    target = np.where(inside, target, (block.low + block.high) / 2)
    # on a plateau that reaches the bound only rounding has a slope
    flat = FLAT * block.n
    at_end = (block.rho == BOUND) & (score > -flat) | (block.rho == -BOUND) & (score < flat)
    target = np.where(at_end, block.rho, target)
    return target, np.abs(target - block.rho) < TOLERANCE


def _move(block: _Tables, target: Array) -> None:
    """Go there: probabilities change by the integral over the step."""
    start, end = np.arcsin(block.rho), np.arcsin(target)
    steep = np.maximum(np.abs(block.rho), np.abs(target)) > STEEP
    short = (np.abs(end - start) < SMALL_STEP) & ~steep
    change = np.empty_like(block.corner)
    for which, few, pieces in ((short, True, 1), (~short & ~steep, False, 1), (steep, False, 4)):
        if not which.any():
            continue
        h, k, part = chosen(block.h, which), chosen(block.k, which), (end - start)[which] / pieces
        begin = start[which]
        moved = arc_integral(h, k, begin, begin + part, short=few)
        for piece in range(1, pieces):
            from_here = begin + piece * part
            moved += arc_integral(h, k, from_here, from_here + part)
        change[..., which] = moved
    block.corner = block.corner + change
    block.rho = target


def _cells(corner: Array, edge_h: Array | None, edge_k: Array | None) -> Array:
    """Differences of a function at the inner corners, with its values at the outer edges."""
    size = corner.shape[0] + 1
    grid = np.zeros((size + 1, size + 1, corner.shape[-1]))
    grid[1:size, 1:size] = corner
    if edge_h is not None and edge_k is not None:
        grid[1:, size] = edge_h
        grid[size, 1:] = edge_k
    by_row = grid[1:] - grid[:-1]
    result: Array = by_row[:, 1:] - by_row[:, :-1]
    return result
