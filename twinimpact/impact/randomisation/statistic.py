"""The test statistic under every assignment at once, from sums per assigned unit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
CHUNK = 16_384
"""Assignments worked on together, so that memory stays bounded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Units:
    """Sums per assigned unit (a person, or a whole town).

    Parameters
    ----------
    inside, outside
        Weight of a row of the unit when the unit is treated and when it is not.
    cross
        ``X'X`` of the unit's rows with ``X`` = intercept, covariates (and blocks), shape
        ``(units, k, k)``.
    with_outcome
        ``X'Y``, shape ``(units, k, outcomes)``.
    """

    inside: Array
    outside: Array
    cross: Array
    with_outcome: Array


def units_of(x: Array, y: Array, unit: Array, weights: tuple[Array, Array]) -> Units:
    """Sums of rows by unit.

    Parameters
    ----------
    x
        Intercept first, shape ``(rows, k)``.
    y
        Outcomes side by side, shape ``(rows, outcomes)``.
    unit
        Unit of each row, numbered from 0.
    weights
        Weight of each unit when treated and when not.
    """
    units, k, outcomes = len(weights[0]), x.shape[1], y.shape[1]
    order = np.argsort(unit, kind="stable")
    starts = np.searchsorted(unit[order], np.arange(units))
    pairs = (x[:, :, None] * x[:, None, :]).reshape(len(x), k * k)[order]
    mixed = (x[:, :, None] * y[:, None, :]).reshape(len(x), k * outcomes)[order]
    return Units(
        inside=weights[0],
        outside=weights[1],
        cross=np.add.reduceat(pairs, starts, axis=0).reshape(units, k, k),
        with_outcome=np.add.reduceat(mixed, starts, axis=0).reshape(units, k, outcomes),
    )


def coefficients(units: Units, drawn: Array) -> Array:
    """Weighted least-squares coefficient of the treatment, refitted for every assignment.

    Weights follow the assignment. Without covariates this is the difference of weighted means.

    Returns
    -------
    numpy.ndarray
        Shape ``(assignments, outcomes)``; ``NaN`` where the treatment is a combination of the
        covariates.
    """
    parts = [_solved(units, drawn[start : start + CHUNK]) for start in range(0, len(drawn), CHUNK)]
    return np.concatenate(parts)


def _solved(units: Units, drawn: Array) -> Array:
    z = drawn.astype(np.float64)
    k, outcomes = units.cross.shape[1], units.with_outcome.shape[2]
    inside = units.inside * z
    weights = inside + units.outside * (1 - z)
    flat = units.cross.reshape(len(units.cross), k * k)
    mixed = units.with_outcome.reshape(len(flat), k * outcomes)
    whole = (weights @ flat).reshape(-1, k, k)
    right = (weights @ mixed).reshape(-1, k, outcomes)
    # the treatment is constant within a unit: its cross products are those of the intercept
    column = (inside @ flat[:, :k])[:, :, None]
    target = (inside @ mixed[:, :outcomes])[:, None, :]
    both = np.concatenate([column, right], axis=2)
    solved, usable = _solve(whole, both)
    without = column[:, :1] - column.transpose(0, 2, 1) @ solved[:, :, :1]
    explained = target - column.transpose(0, 2, 1) @ solved[:, :, 1:]
    spread = np.where(without[:, 0, 0] > 1e-10 * column[:, 0, 0], without[:, 0, 0], np.nan)
    found = explained[:, 0, :] / spread[:, None]
    return np.where(usable[:, None], found, np.nan)


def _solve(matrix: Array, right: Array) -> tuple[Array, Array]:
    """Solutions, and whether each system has full rank."""
    scale = np.sqrt(np.einsum("nkk->nk", matrix))
    scale = np.where(scale > 0, scale, 1.0)
    scaled = matrix / scale[:, :, None] / scale[:, None, :]
    usable = np.linalg.eigvalsh(scaled)[:, 0] > 1e-12
    safe = np.where(usable[:, None, None], scaled, np.eye(matrix.shape[1]))
    return np.linalg.solve(safe, right / scale[:, :, None]) / scale[:, :, None], usable


def studentised(sums: Array, sizes: Array, drawn: Array) -> Array:
    """Difference of means over its CR0 standard error by unit, for every assignment.

    Wu & Ding (2021) doi:10.1080/01621459.2020.1750415.

    Parameters
    ----------
    sums, sizes
        Sum of the outcome and number of rows of each unit.
    """
    z = drawn.astype(np.float64)
    table = np.column_stack([sums, sizes, sums**2, sums * sizes, sizes**2])
    one, all_units = z @ table, table.sum(axis=0)
    zero = all_units - one
    variance = np.zeros(len(z))
    means = []
    for part in (one, zero):
        total, n, squares, mixed, sizes2 = part.T
        mean = total / n
        means.append(mean)
        variance += (squares - 2 * mean * mixed + mean**2 * sizes2) / n**2
    floor = 1e-20 * max(float((sums**2).max()), 1e-300)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(variance > floor, (means[0] - means[1]) / np.sqrt(variance), np.nan)
