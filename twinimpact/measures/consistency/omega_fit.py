"""One common factor, fitted to many small matrices at once.

Arrays lie ``(k, k, cells)`` and ``(k, cells)``: each step is a handful of operations on long
contiguous rows. Sums over items are written out, so that the result of one cell does not depend
on which other cells are fitted beside it, down to the last bit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

LOWEST_UNIQUENESS = 0.005
"""Smallest share of an item's variance that may be its own; below it the solution is improper."""

BLOCK = 4096
"""Cells fitted together: their arrays stay in the processor's cache."""

FIRST_SWEEPS = 40
MAX_SWEEPS = 1000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fit:
    """Loadings and uniquenesses, shape (k, cells), and which cells converged."""

    loadings: Array
    uniqueness: Array
    converged: Array


def dot(left: Array, right: Array) -> Array:
    """Sum over items of the products, shape (cells,)."""
    total: Array = left[0] * right[0]
    part = np.empty_like(total)
    for i in range(1, left.shape[0]):
        np.multiply(left[i], right[i], out=part)
        total += part
    return total


def total_of(values: Array) -> Array:
    """Sum over items, shape (cells,)."""
    total: Array = values[0].copy()
    for row in values[1:]:
        total += row
    return total


def times(matrix: Array, vector: Array) -> Array:
    """Symmetric matrix times vector in each cell, shape (k, cells)."""
    # the matrix is symmetric: its rows are contiguous, its columns are not
    result: Array = matrix[0] * vector[0]
    part = np.empty_like(result)
    for j in range(1, vector.shape[0]):
        np.multiply(matrix[j], vector[j], out=part)
        result += part
    return result


def chosen(values: Array, which: Array) -> Array:
    """Some cells, contiguous again: plain indexing would lay the cells outermost."""
    result: Array = np.compress(which, values, axis=-1)
    return result


def three_items(matrix: Array) -> Fit:
    """The closed form for three items: λ₁² = s₁₂s₁₃/s₂₃, and so on.

    The model is just identified, so maximum likelihood and least squares agree. Nothing is
    clipped: a uniqueness may come out negative. Where the three covariances have a negative or
    zero product there is no real solution: ``NaN``, not converged.

    Parameters
    ----------
    matrix
        Covariances or correlations, shape (3, 3, cells).
    """
    a, b, c = matrix[0, 1], matrix[0, 2], matrix[1, 2]
    solved = a * b * c > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        squares = np.where(solved, np.stack([a * b / c, a * c / b, b * c / a]), np.nan)
    # the first item's loading is positive, the others have the sign of their covariance with it
    signs = np.stack([np.ones_like(a), np.sign(a), np.sign(b)])
    loadings = turned(np.sqrt(squares) * signs)
    diagonal = np.stack([matrix[i, i] for i in range(3)])
    return Fit(loadings=loadings, uniqueness=diagonal - squares, converged=solved)


def minres(matrix: Array, *, tolerance: float = 1e-12) -> Fit:
    """Loadings that come closest to the elements off the diagonal (least squares).

    Sweeps ``l_i ← Σ_{j≠i} s_ij l_j / Σ_{j≠i} l_j²`` over the items, each the exact minimum for
    that item (Harman & Jones 1966, doi:10.1007/BF02289468). Uniquenesses are the diagonal less
    the squared loading and may come out negative.

    Parameters
    ----------
    matrix
        Covariances or correlations, shape (k, k, cells), k at least 3.
    """
    k, _, cells = matrix.shape
    diagonal = np.stack([matrix[i, i] for i in range(k)])
    # covariances and correlations have different solutions: only the overall unit is taken out
    unit = np.sqrt(total_of(diagonal) / k)
    scaled = matrix / unit**2
    spread = np.sqrt(diagonal) / unit
    loadings = np.empty((k, cells))
    converged = np.zeros(cells, dtype=bool)
    pending = np.arange(cells)
    for turn, sweeps in enumerate((FIRST_SWEEPS, MAX_SWEEPS - FIRST_SWEEPS)):
        for first in range(0, pending.size, BLOCK):
            part = pending[first : first + BLOCK]
            block, size = np.take(scaled, part, axis=-1), np.take(spread, part, axis=-1)
            first_look = block / (size[:, None] * size[None, :])
            begin = np.take(loadings, part, axis=-1) if turn else first_loadings(first_look) * size
            loadings[:, part], converged[part] = sweep(block, begin, sweeps, tolerance)
        pending = pending[~converged[pending]]
    loadings = turned(loadings * unit)
    return Fit(loadings=loadings, uniqueness=diagonal - loadings**2, converged=converged)


def first_loadings(correlation: Array) -> Array:
    """First loadings: the column of the best connected item, smoothed once, to the right size."""
    k = correlation.shape[0]
    connected = np.stack([dot(correlation[i], correlation[i]) for i in range(k)])
    best = np.argmax(connected, axis=0)
    column = np.take_along_axis(correlation, best[None, None], axis=1)[:, 0]
    loadings = times(correlation, column)
    squares = loadings**2
    size = dot(squares, squares)
    fitted = dot(loadings, times(correlation, loadings)) - total_of(squares)
    possible = total_of(squares) ** 2 - size
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.where(possible > 0, fitted / possible, 0.0)
    result: Array = loadings * np.sqrt(np.maximum(factor, 1e-4))
    return result


def sweep(matrix: Array, loadings: Array, sweeps: int, tolerance: float) -> tuple[Array, Array]:
    """Sweep until nothing moves; cells drop out when they are done."""
    k, _, cells = matrix.shape
    loadings = loadings.copy()
    result = loadings.copy()
    done = np.zeros(cells, dtype=bool)
    active = np.arange(cells)
    for _ in range(sweeps):
        before = loadings.copy()
        squares = total_of(loadings**2)
        for i in range(k):
            others = squares - loadings[i] ** 2
            pulled = dot(matrix[i], loadings) - matrix[i, i] * loadings[i]
            loadings[i] = np.where(others > 1e-12, pulled / np.maximum(others, 1e-12), 0.0)
            squares = others + loadings[i] ** 2
        # cells that are done wait for the others and must not move on
        loadings = np.where(done[active], before, loadings)
        result[:, active] = loadings
        done[active] |= np.abs(loadings - before).max(axis=0) < tolerance
        still = ~done[active]
        if not still.any():
            break
        if still.mean() < 0.8:
            active, matrix = active[still], chosen(matrix, still)
            loadings = chosen(loadings, still)
    return result, done


def turned(loadings: Array) -> Array:
    """Loadings with the sign that makes their sum positive."""
    result: Array = np.where(total_of(loadings) < 0, -loadings, loadings)
    return result
