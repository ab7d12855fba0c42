"""Weights under a cap that still meet every margin: Newton's method on the dual.

``w = min(w₀·exp(xᵀλ), cap)`` with λ such that all margins hold; the solution is unique where
there is one (bounded raking, Deville & Särndal 1992, doi:10.1080/01621459.1992.10475217).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from twinimpact.measures.weighting.margins import Array, Margins, unmet
from twinimpact.measures.weighting.sample import CrossCells, Sample

MOST_STEPS = 50
MET = 1e-13
"""Largest difference of a share from its target."""
RIDGE = 1e-11
SHORTEST = 30
"""Halvings of a step."""
CHUNK = 500
"""Groups solved together; the matrices of more would need too much memory."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Dual:
    """One problem of several groups: rows, their cells, and the cells' levels."""

    start: Array
    log_start: Array
    cell: Array
    cell_group: Array
    places: tuple[Array, ...]
    targets: Array
    people: Array
    cap: float


def capped_weights(
    sample: Sample,
    cells: CrossCells,
    margins: Margins,
    raked: tuple[Array, Array],
    cap: float,
) -> Array:
    """Weights of all rows; groups without a weight above the cap keep what raking gave them.

    Parameters
    ----------
    raked
        Factors of the cells from raking, and the groups with a weight above the cap.
    cap
        Largest weight, in multiples of the mean.

    Raises
    ------
    DesignError
        If no weights under the cap meet the margins of a group.
    """
    factors, over = raked
    weights = sample.weights * factors[cells.of_row]
    failed: list[Array] = []
    left: list[Array] = []
    wanted = np.concatenate([np.nan_to_num(share) for share in margins.shares], axis=1)
    chosen = np.flatnonzero(over)
    for first in range(0, len(chosen), CHUNK):
        groups = chosen[first : first + CHUNK]
        rows, eta, dual = _part(sample, cells, margins, (groups, wanted, factors), cap)
        solved, gradient = _newton(dual, eta)
        weights[rows] = solved
        bad = np.abs(gradient).max(axis=1) > MET * 1e3
        failed.append(groups[bad])
        left.append(gradient[bad])
    missed = np.concatenate(failed)
    if len(missed):
        rest = np.concatenate(left) * sample.people[missed][:, None]
        parts = np.split(rest, np.cumsum(margins.widths())[:-1], axis=1)
        raise unmet("weights_cap_infeasible", margins, sample.people, missed, parts)
    return weights


def _part(
    sample: Sample,
    cells: CrossCells,
    margins: Margins,
    chosen: tuple[Array, Array, Array],
    cap: float,
) -> tuple[Array, Array, _Dual]:
    """The rows and cells of some groups, renumbered; the start is where raking ended."""
    groups, wanted, factors = chosen
    number = np.full(len(sample.people), -1, dtype="int64")
    number[groups] = np.arange(len(groups))
    inside = number[cells.group] >= 0
    rows = np.flatnonzero(number[sample.group] >= 0)
    offsets = np.concatenate([[0], np.cumsum(margins.widths())[:-1]])
    start = sample.weights[rows]
    dual = _Dual(
        start=start,
        log_start=np.log(start),
        cell=(np.cumsum(inside) - 1)[cells.of_row[rows]],
        cell_group=number[cells.group[inside]],
        places=tuple(
            code[inside] + offset for code, offset in zip(cells.codes, offsets, strict=True)
        ),
        targets=wanted[groups] * sample.people[groups][:, None],
        people=sample.people[groups],
        cap=cap,
    )
    return rows, np.log(factors[inside]), dual


def _newton(dual: _Dual, eta: Array) -> tuple[Array, Array]:
    """Weights of the rows, and what is left of each group's margins as shares."""
    weights, value = _state(dual, eta)
    gradient = _gradient(dual, weights)
    for _ in range(MOST_STEPS):
        open_ = np.abs(gradient).max(axis=1) > MET
        if not open_.any():
            break
        free = np.where(weights < dual.cap, weights, 0.0)
        step = np.where(open_[:, None], _step(dual, free, gradient), 0.0)
        slope = (step * gradient).sum(axis=1) * dual.people
        length = np.where(open_, 1.0, 0.0)
        for _ in range(SHORTEST):
            tried = eta + _of_cells(dual, step * length[:, None])
            weights, new = _state(dual, tried)
            gain = new - value - (step * length[:, None] * dual.targets).sum(axis=1)
            short = gain > 1e-4 * length * slope + 1e-12 * dual.people
            if not short.any():
                break
            length = np.where(short, length / 2, length)
        eta, value = tried, new
        gradient = _gradient(dual, weights)
    return weights, gradient


def _state(dual: _Dual, eta: Array) -> tuple[Array, Array]:
    """Weights of the rows, and the dual's sum over each group's rows."""
    exponent = dual.log_start + eta[dual.cell]
    over = exponent - np.log(dual.cap)
    weights = np.where(over >= 0, dual.cap, np.exp(np.minimum(exponent, np.log(dual.cap))))
    value = weights + dual.cap * np.maximum(over, 0)
    of_group = np.bincount(dual.cell, weights=value, minlength=len(dual.cell_group))
    return weights, np.bincount(dual.cell_group, weights=of_group, minlength=len(dual.people))


def _gradient(dual: _Dual, weights: Array) -> Array:
    """Share of each level less its target, shape (groups, all levels)."""
    of_cell = np.bincount(dual.cell, weights=weights, minlength=len(dual.cell_group))
    size, width = dual.targets.shape
    sums = np.zeros(size * width)
    for place in dual.places:
        sums += np.bincount(dual.cell_group * width + place, of_cell, minlength=size * width)
    return (sums.reshape(size, width) - dual.targets) / dual.people[:, None]


def _of_cells(dual: _Dual, step: Array) -> Array:
    return np.asarray(sum(step[dual.cell_group, place] for place in dual.places))


def _step(dual: _Dual, free: Array, gradient: Array) -> Array:
    """Newton's step of each group, from the rows whose weight is still free."""
    of_cell = np.bincount(dual.cell, weights=free, minlength=len(dual.cell_group))
    matrix = crossed(of_cell, dual.cell_group, dual.places, gradient.shape)
    scale = np.trace(matrix, axis1=1, axis2=2) / gradient.shape[1]
    ridge = RIDGE * np.where(scale > 0, scale, 1.0)
    matrix += ridge[:, None, None] * np.eye(gradient.shape[1])
    right = gradient * dual.people[:, None]
    return np.asarray(-np.linalg.solve(matrix, right[:, :, None])[:, :, 0])


def crossed(of_cell: Array, group: Array, places: Sequence[Array], shape: tuple[int, int]) -> Array:
    """Sums over every pair of levels, shape (groups, levels, levels)."""
    size, width = shape
    sums = np.zeros(size * width * width)
    for one in places:
        for two in places:
            flat = (group * width + one) * width + two
            sums += np.bincount(flat, weights=of_cell, minlength=len(sums))
    return sums.reshape(size, width, width)
