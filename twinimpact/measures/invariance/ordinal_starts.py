"""Starting values of ordinal factor models, each level from the one before."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt

from twinimpact.measures.consistency.omega_fit import minres
from twinimpact.measures.invariance.ordinal_model import OrdinalLayout
from twinimpact.measures.invariance.ordinal_moments import OrdinalMoments

Array = npt.NDArray[Any]


def first_values(moments: OrdinalMoments) -> Array:
    """Values of the configural model: least squares on the polychoric correlations.

    Shape (groups, parameters).
    """
    groups, questions, _ = moments.thresholds.shape
    matrix = np.ones((questions, questions, groups))
    for place, (i, j) in enumerate(combinations(range(questions), 2)):
        matrix[i, j] = matrix[j, i] = moments.rho[:, place]
    share = np.clip(minres(matrix).loadings.T, -0.98, 0.98)
    scale = 1 / np.sqrt(1 - share**2)
    return _joined(
        moments.thresholds * scale[:, :, None], share * scale, np.zeros_like(share),
        np.ones_like(share), np.zeros(groups), np.ones(groups),
    )  # fmt: skip


def equal_thresholds(layout: OrdinalLayout, values: Array) -> Array:
    """Each question of each group stretched and moved so that its thresholds fit the first's."""
    thresholds, loadings, _, _, mean, variance = layout.split(values)
    centred = thresholds - thresholds.mean(axis=2, keepdims=True)
    stretch = (centred * centred[:1]).sum(axis=2) / (centred**2).sum(axis=2)
    stretch = np.clip(stretch, 0.2, 5.0)
    moved = thresholds * stretch[:, :, None]
    shift = thresholds[:1].mean(axis=2) - moved.mean(axis=2)
    return _joined(moved + shift[:, :, None], loadings * stretch, shift, stretch**2, mean, variance)


def equal_loadings(layout: OrdinalLayout, values: Array) -> Array:
    """Factor variances that bring the loadings of all groups together."""
    thresholds, loadings, intercepts, residuals, mean, _ = layout.split(values)
    ratio = (loadings * loadings[:1]).sum(axis=1) / (loadings[:1] ** 2).sum(axis=1)
    ratio = np.where(np.abs(ratio) > 0.1, ratio, 0.1)
    return _joined(thresholds, loadings / ratio[:, None], intercepts, residuals, mean, ratio**2)


def equal_intercepts(layout: OrdinalLayout, values: Array) -> Array:
    """Factor means that take up most of the intercepts."""
    thresholds, loadings, intercepts, residuals, mean, variance = layout.split(values)
    shift = (intercepts * loadings).sum(axis=1) / (loadings**2).sum(axis=1)
    left = intercepts - loadings * shift[:, None]
    return _joined(thresholds, loadings, left, residuals, mean + shift, variance)


def _joined(
    thresholds: Array, loadings: Array, intercepts: Array, residuals: Array, mean: Array,
    variance: Array,
) -> Array:  # fmt: skip
    return np.hstack(
        [
            thresholds.reshape(len(thresholds), -1), loadings, intercepts, residuals,
            mean[:, None], variance[:, None],
        ]
    )  # fmt: skip
