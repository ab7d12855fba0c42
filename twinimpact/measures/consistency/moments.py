"""Sums over the complete rows of all cells at once; everything about reliability rests on them.

Answers are small whole numbers, so sums and sums of products are exact: no result depends on
the order of rows or items. Sums of cells add up to the sums of larger cells.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CellIndex:
    """Rows sorted by cell, once for all scales.

    Parameters
    ----------
    order
        Rows that belong to a cell, those of one cell together.
    starts
        Where each cell that has rows starts in ``order``.
    cells
        The number of that cell.
    size
        Number of cells, empty ones included.
    """

    order: Array
    starts: Array
    cells: Array
    size: int

    def row_cells(self) -> Array:
        """Cell of each row in ``order``."""
        return np.repeat(self.cells, np.diff(self.starts, append=len(self.order)))

    def sums(self, values: Array, kind: str = "int64") -> Array:
        """Sum of ``values`` (in the order of ``order``) in each cell, shape (cells,)."""
        found = np.zeros(self.size, dtype=kind)
        if len(self.order):
            found[self.cells] = np.add.reduceat(values, self.starts, dtype=kind)
        return found


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Moments:
    """Moments of the complete rows of each cell, after reversal, in the units of the answers.

    Parameters
    ----------
    n
        Complete rows, shape (cells,).
    n_eff
        Their effective number, (Σw)²/Σw²; equal to ``n`` without weights (Kish 1965).
    mean
        Shape (cells, k); ``NaN`` without rows.
    covariance
        Divisor n − 1 (with weights Σw·(1 − 1/n_eff)), shape (cells, k, k); ``NaN`` below two
        rows.
    lo, hi
        Declared range.
    weight, sums, products
        Σw, Σwy and Σwyy' of the codes, which add up over cells; whole numbers without weights.
    squared_weight
        Σw².
    unit
        What one step of the codes is worth.
    """

    n: Array
    n_eff: Array
    mean: Array
    covariance: Array
    lo: float
    hi: float
    weight: Array
    squared_weight: Array
    sums: Array
    products: Array
    unit: float = 1.0


def cell_index(cell: Array, n_cells: int) -> CellIndex:
    """Sort rows by cell.

    Parameters
    ----------
    cell
        Cell of each row, 0 to ``n_cells`` − 1, or −1 for none; shape (rows,).
    """
    kind = "uint16" if n_cells < 65535 else "int32"  # two bytes are sorted by counting
    codes = np.where(cell < 0, n_cells, cell).astype(kind)
    order = np.argsort(codes, kind="stable")
    inside = codes[order]
    used = int(np.searchsorted(inside, inside.dtype.type(n_cells)))
    inside = inside[:used]
    fresh = np.ones(used, dtype=bool)
    np.not_equal(inside[1:], inside[:-1], out=fresh[1:])
    starts = np.flatnonzero(fresh)
    return CellIndex(
        order=order[:used].astype("int32" if len(cell) < 2**31 else "int64"),
        starts=starts,
        cells=inside[starts].astype("int64"),
        size=n_cells,
    )


def cell_moments(
    columns: Array | Sequence[Array],
    cell: Array | CellIndex,
    n_cells: int,
    *,
    lo: float = 1.0,
    hi: float = float("nan"),
    weights: Array | None = None,
) -> Moments:
    """Moments of the complete rows of each cell.

    Parameters
    ----------
    columns
        Answers after reversal as unsigned whole numbers: 0 = none, 1 = the lowest answer;
        shape (rows, k) or k arrays of shape (rows,).
    cell
        Cell of each row, 0 to ``n_cells`` − 1, or −1 for none; or rows sorted by
        :func:`cell_index`.
    lo, hi
        Declared range: what the codes 1 and the highest stand for.
    weights
        Positive weight of each row; by default every row counts once.

    Returns
    -------
    Moments
        For ``n_cells`` cells and k items.
    """
    index = cell if isinstance(cell, CellIndex) else cell_index(np.asarray(cell), n_cells)
    listed = list(columns.T) if isinstance(columns, np.ndarray) else list(columns)
    k = len(listed)
    kept = complete_rows(listed)[index.order]
    kind = "int64" if weights is None else "float64"
    weight = kept if weights is None else np.where(kept, weights[index.order], 0.0)
    parts = [column[index.order] * kept for column in listed]
    small = all(part.dtype == "uint8" for part in parts)
    top = max((int(part.max(initial=0)) for part in parts), default=0)
    parts = [part.astype(_product_kind(top, small), copy=False) for part in parts]
    sums = np.empty((n_cells, k), dtype=kind)
    products = np.empty((n_cells, k, k), dtype=kind)
    for i in range(k):
        first = parts[i] if weights is None else weight * parts[i]
        sums[:, i] = index.sums(first, kind)
        for j in range(i + 1):
            products[:, i, j] = index.sums(first * parts[j], kind)
            products[:, j, i] = products[:, i, j]
    n = index.sums(kept)
    squared = n if weights is None else index.sums(weight * weight, kind)
    return _from_sums(
        n, (n if weights is None else index.sums(weight, kind), squared), (sums, products),
        (lo, hi), 1.0,
    )  # fmt: skip


def complete_rows(columns: Sequence[Array]) -> Array:
    """Rows with an answer to every item, shape (rows,)."""
    kept = columns[0] > 0
    for column in columns[1:]:
        np.logical_and(kept, column, out=kept)
    return kept


def in_units(moments: Moments, lo: float, hi: float, unit: float) -> Moments:
    """The same moments where code 1 stands for ``lo`` and one step for ``unit``."""
    steps, stretch = (moments.mean - moments.lo) / moments.unit, unit / moments.unit
    same = stretch == 1.0
    covariance = moments.covariance if same else moments.covariance * stretch**2
    return replace(moments, mean=lo + unit * steps, covariance=covariance, lo=lo, hi=hi, unit=unit)


def merge_moments(moments: Moments, cell: Array, n_cells: int) -> Moments:
    """Moments of larger cells, without a second pass over the rows.

    Parameters
    ----------
    cell
        The larger cell of each cell, or −1 for none.
    """
    inside = cell >= 0

    def added(values: Array) -> Array:
        total = np.zeros((n_cells, *values.shape[1:]), dtype=values.dtype)
        np.add.at(total, cell[inside], values[inside])
        return total

    return _from_sums(
        added(moments.n),
        (added(moments.weight), added(moments.squared_weight)),
        (added(moments.sums), added(moments.products)),
        (moments.lo, moments.hi),
        moments.unit,
    )


def _product_kind(top: int, small: bool) -> str:
    if small and top * top < 256:
        return "uint8"
    return "uint16" if top * top < 65536 else "uint32" if top < 65536 else "int64"


def _from_sums(
    n: Array,
    weight: tuple[Array, Array],
    sums: tuple[Array, Array],
    limits: tuple[float, float],
    unit: float,
) -> Moments:
    """Mean and covariance; with whole numbers everything is exact up to one division."""
    total, squared = weight
    first, second = sums
    whole = first.dtype.kind != "f"
    with np.errstate(divide="ignore", invalid="ignore"):
        n_eff = n.astype("float64") if whole else np.where(n > 0, total**2 / squared, 0.0)
        mean = limits[0] + unit * (first / np.where(n > 0, total, np.nan)[:, None] - 1.0)
        spread = total[:, None, None] * second - first[:, :, None] * first[:, None, :]
        divisor = total.astype("float64") ** 2 * (1.0 - 1.0 / np.where(n > 1, n_eff, np.nan))
        if whole:
            divisor = np.where(n > 1, n * (n - 1.0), np.nan)
        covariance = spread * unit**2 / divisor[:, None, None]
    return Moments(
        n=n, n_eff=n_eff, mean=mean, covariance=covariance, lo=limits[0], hi=limits[1],
        weight=total, squared_weight=squared, sums=first, products=second, unit=unit,
    )  # fmt: skip
