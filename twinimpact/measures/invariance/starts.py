"""Where the steps of a fit begin: at simple estimates, or at the solution of the level before."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from twinimpact.measures.invariance.fit import Sample
from twinimpact.measures.invariance.model import Design, Layout, Structure, implied

Array = npt.NDArray[Any]
MOST_SHARED = 0.9
"""Largest correlation of an item with its factor, and of two factors, at the start."""


def first_values(design: Design, sample: Sample) -> Array:
    """Simple estimates for the configural model, with factors of variance 1 and mean 0.

    Loadings come from the first principal axis of each factor's items.

    Returns
    -------
    ndarray
        Every group's parameters, shape (groups, parameters).
    """
    structure = design.structure
    starts, covariance = structure.starts, sample.covariance
    groups, p = sample.mean.shape
    places = np.arange(p)
    sd = np.sqrt(covariance[:, places, places])
    values = np.zeros((groups, starts[-1]))
    loadings = np.zeros((groups, p))
    for factor in range(structure.factors):
        inside = np.flatnonzero(structure.factor == factor)
        loadings[:, inside] = _axis(covariance[:, inside[:, None], inside], sd[:, inside])
    values[:, :p] = loadings
    values[:, starts[1] : starts[2]] = sample.mean
    values[:, starts[2] : starts[3]] = sd**2 - loadings**2
    rows, columns = structure.corners
    weights = loadings[:, :, None] * (structure.factor[:, None] == np.arange(structure.factors))
    total = weights.transpose(0, 2, 1) @ covariance @ weights
    size = (weights**2).sum(axis=1)
    correlations = total / (size[:, :, None] * size[:, None, :])
    corners = np.clip(correlations[:, rows, columns], -MOST_SHARED, MOST_SHARED)
    corners[:, rows == columns] = 1.0
    values[:, starts[4] : starts[5]] = corners
    return _possible(structure, values)


def _axis(covariance: Array, sd: Array) -> Array:
    """Loadings of one factor's items, positive on the whole."""
    correlations = covariance / (sd[:, :, None] * sd[:, None, :])
    sizes, axes = np.linalg.eigh(correlations)
    k = sd.shape[1]
    shared = np.maximum(sizes[:, -1] - 1 + 1 / k, 0.3) if k > 1 else np.full(len(sd), 0.5)
    loadings = axes[:, :, -1] * np.sqrt(shared)[:, None]
    loadings *= np.where(loadings.sum(axis=1) < 0, -1.0, 1.0)[:, None]
    return np.asarray(np.clip(loadings, -MOST_SHARED, MOST_SHARED) * sd)


def _possible(structure: Structure, values: Array) -> Array:
    """The values, with factors taken apart where their covariances are impossible."""
    rows, columns = structure.corners
    factors = implied(structure, values).factors
    bad = np.linalg.eigvalsh(factors)[:, 0] < 0.05
    corner = slice(structure.starts[4], structure.starts[5])
    apart = np.where(rows == columns, values[:, corner], 0.0)
    values[:, corner] = np.where(bad[:, None], apart, values[:, corner])
    return values


def carried_over(values: Array, layout: Layout) -> Array:
    """A solution in the units of another layout of the same design, to start from.

    Factors are rescaled so that loadings that are to be equal come close to each other, and
    shifted so that intercepts do.
    """
    design, structure = layout.design, layout.design.structure
    own, k = design.question_factor, design.questions
    m = int(own.max()) + 1
    moved = values.copy()
    for factor in range(m):
        inside = np.flatnonzero(own == factor)
        for wave in range(design.waves):
            at, items = wave * m + factor, inside + wave * k
            if design.marker or layout.equal.loadings[inside].any():
                _rescale(structure, moved, at, items, _unit(layout, moved, inside, items))
        if layout.equal.intercepts[inside].any():
            same = inside[layout.equal.intercepts[inside]]
            for wave in range(design.waves):
                _shift(structure, moved, wave * m + factor, inside + wave * k, same, wave * k)
    return moved


def _unit(layout: Layout, values: Array, inside: Array, items: Array) -> Array:
    """By how much each group's loadings are larger than the first's."""
    if layout.design.marker:
        return values[:, items[0]]
    same = layout.equal.loadings[inside]
    first = values[0, inside[same]]
    return np.asarray(values[:, items[same]] @ first / (first @ first))


def _rescale(structure: Structure, values: Array, at: int, items: Array, unit: Array) -> None:
    starts = structure.starts
    unit = np.where(np.abs(unit) < 1e-3, 1.0, unit)
    values[:, items] /= unit[:, None]
    rows, columns = structure.corners
    times = (rows == at).astype("int64") + (columns == at)
    values[:, starts[4] : starts[5]] *= unit[:, None] ** times
    values[:, starts[5] + at] *= unit


def _shift(
    structure: Structure, values: Array, at: int, items: Array, same: Array, offset: int
) -> None:
    starts = structure.starts
    loadings = values[:, same + offset]
    ahead = values[:, starts[1] + same + offset] - values[0, starts[1] + same]
    by = (loadings * ahead).sum(axis=1) / (loadings**2).sum(axis=1)
    if offset == 0:
        by = by - by[0]
    values[:, starts[1] + items] -= values[:, items] * by[:, None]
    values[:, starts[5] + at] += by
