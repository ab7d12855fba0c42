"""One factor behind ordinal answers, in several groups: parameters, what they imply, slopes.

An answer shows between which thresholds a normal variable ``intercept + loading * factor +
residual`` lies. The first group fixes the scale (intercepts 0, residual variances 1, factor mean
0 and variance 1). What the others need follows from what is equal (Wu and Estabrook 2016,
doi:10.1007/s11336-016-9506-0): equal thresholds set free a question's intercept and residual
variance, equal loadings the factor variance, equal intercepts the factor mean.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
ORDINAL_LEVELS = ("configural", "thresholds", "loadings", "intercepts")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OrdinalLayout:
    """Which parameter is where.

    Parameters
    ----------
    groups, questions, cuts
        Sizes; ``cuts`` thresholds per question.
    place
        Free parameter behind each model parameter, -1 for a fixed one, shape
        (groups, parameters): thresholds question by question, loadings, intercepts, residual
        variances, factor mean, factor variance.
    fixed
        Values of fixed parameters, same shape.
    free
        Number of free parameters.
    """

    groups: int
    questions: int
    cuts: int
    place: Array
    fixed: Array
    free: int

    def values(self, point: Array) -> Array:
        """All model parameters at a point, shape (groups, parameters)."""
        filled: Array = np.where(self.place >= 0, point[np.maximum(self.place, 0)], self.fixed)
        return filled

    def gather(self, values: Array) -> Array:
        """The free parameters closest to these values: means where several share one."""
        there = self.place >= 0
        where = self.place[there]
        sums = np.bincount(where, values[there], minlength=self.free)
        mean: Array = sums / np.bincount(where, minlength=self.free)
        return mean

    def split(self, values: Array) -> tuple[Array, Array, Array, Array, Array, Array]:
        """Thresholds, loadings, intercepts, residual variances, factor means and variances."""
        k, first = self.questions, self.questions * self.cuts
        return (
            values[:, :first].reshape(len(values), k, self.cuts),
            values[:, first : first + k],
            values[:, first + k : first + 2 * k],
            values[:, first + 2 * k : first + 3 * k],
            values[:, -2],
            values[:, -1],
        )


def layout_at(groups: int, questions: int, cuts: int, equal: tuple[Array, ...]) -> OrdinalLayout:
    """Lay the parameters out.

    Parameters
    ----------
    equal
        For thresholds, loadings and intercepts: which questions hold them equal, each of shape
        (questions,). Loadings are compared where thresholds are equal, intercepts where both.
    """
    thresholds = equal[0]
    loadings = equal[1] & thresholds
    intercepts = equal[2] & loadings
    first, k = questions * cuts, questions
    shared = np.concatenate([np.repeat(thresholds, cuts), loadings])
    place = np.full((groups, first + 3 * k + 2), -1)
    fixed = np.zeros(place.shape)
    fixed[:, first + 2 * k : first + 3 * k] = 1.0
    fixed[:, -1] = 1.0
    place[0, : first + k] = np.arange(first + k)
    free = first + k
    for group in range(1, groups):
        wanted = np.zeros(place.shape[1], dtype=bool)
        wanted[: first + k] = ~shared
        place[group, : first + k][shared] = np.flatnonzero(shared)
        wanted[first + k : first + 2 * k] = thresholds & ~intercepts
        wanted[first + 2 * k : first + 3 * k] = thresholds
        wanted[-2], wanted[-1] = intercepts.any(), loadings.any()
        place[group, wanted] = free + np.arange(wanted.sum())
        free += int(wanted.sum())
    return OrdinalLayout(
        groups=groups, questions=questions, cuts=cuts, place=place, fixed=fixed, free=free
    )


def implied_statistics(layout: OrdinalLayout, values: Array) -> Array:
    """Standardised thresholds and correlations, shape (groups, statistics)."""
    thresholds, loadings, intercepts, residuals, mean, variance = layout.split(values)
    sd = np.sqrt(loadings**2 * variance[:, None] + residuals)
    middle = intercepts + loadings * mean[:, None]
    standard = (thresholds - middle[:, :, None]) / sd[:, :, None]
    share = loadings * np.sqrt(variance)[:, None] / sd
    i, j = np.triu_indices(layout.questions, 1)
    return np.hstack([standard.reshape(len(values), -1), share[:, i] * share[:, j]])


def slopes(layout: OrdinalLayout, values: Array) -> Array:
    """Derivatives of the implied statistics, shape (groups, statistics, free parameters)."""
    thresholds, loadings, intercepts, residuals, mean, variance = layout.split(values)
    groups, k, cuts = thresholds.shape
    sd = np.sqrt(loadings**2 * variance[:, None] + residuals)
    standard = (thresholds - (intercepts + loadings * mean[:, None])[:, :, None]) / sd[:, :, None]
    first, size = k * cuts, values.shape[1]
    i, j = np.triu_indices(k, 1)
    full = np.zeros((groups, first + len(i), size))
    row = np.arange(first)
    column = np.repeat(np.arange(k), cuts)
    line = standard.reshape(groups, first)
    wide = {"sd": sd[:, column], "loading": loadings[:, column]}
    bend = line / wide["sd"] ** 2
    full[:, row, row] = 1 / wide["sd"]
    full[:, row, first + column] = (
        -mean[:, None] / wide["sd"] - bend * wide["loading"] * variance[:, None]
    )
    full[:, row, first + k + column] = -1 / wide["sd"]
    full[:, row, first + 2 * k + column] = -bend / 2
    full[:, row, -2] = -wide["loading"] / wide["sd"]
    full[:, row, -1] = -bend * wide["loading"] ** 2 / 2
    root = np.sqrt(variance)[:, None]
    share = loadings * root / sd
    by = (root * residuals / sd**3, -loadings * root / (2 * sd**3))
    by_variance = loadings * residuals / (2 * root * sd**3)
    pair = first + np.arange(len(i))
    for own, other in ((i, j), (j, i)):
        full[:, pair, first + own] = by[0][:, own] * share[:, other]
        full[:, pair, first + 2 * k + own] = by[1][:, own] * share[:, other]
    full[:, pair, -1] = by_variance[:, i] * share[:, j] + by_variance[:, j] * share[:, i]
    reduced = np.zeros((groups, first + len(i), layout.free))
    for group in range(groups):
        there = np.flatnonzero(layout.place[group] >= 0)
        reduced[group][:, layout.place[group, there]] = full[group][:, there]
    return reduced
