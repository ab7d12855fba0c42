"""Degrees of freedom of a contrast when the variances behind its standard error are estimated."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from twinimpact.impact.mixed_models.profile import Sums, derivatives, deviance, solve

Array = np.ndarray[Any, Any]
STEP = 1e-3
FLAT = 1e-8


def satterthwaite(sums: Sums, ratios: Array, variance: float, contrasts: Array) -> Array:
    """2(c'Cc)²/Var(c'Cc) for each contrast.

    The variance of c'Cc is g'Ag, with g its gradient by the roots of the ratios and the log of the
    residual SD, and A twice the inverse of the numerical Hessian of the deviance, as in Kuznetsova,
    Brockhoff & Christensen (2017) doi:10.18637/jss.v082.i13. Where a ratio is 0, its root is at an
    even point, so that it adds nothing: the degrees of freedom jump up there.

    Parameters
    ----------
    sums, ratios, variance
        The data, the ratios of the variances and the residual variance at the maximum.
    contrasts
        Rows of weights of the coefficients, shape ``(contrasts, columns)``.
    """
    basis = np.linalg.solve(sums.root.T, contrasts.T).T
    centre = np.append(np.sqrt(ratios), 0.5 * np.log(variance))
    step = STEP * np.maximum(1.0, np.abs(centre))
    step[:-1] = STEP * np.maximum(centre[:-1], 0.1)

    def spread(point: Array) -> Array:
        information = solve(sums, point[:-1] ** 2).information
        lengths = np.einsum("ij,ji->i", basis, np.linalg.solve(information, basis.T))
        return np.asarray(np.exp(2 * point[-1]) * lengths)

    def height(point: Array) -> float:
        return deviance(sums, point[:-1] ** 2, float(np.exp(2 * point[-1])))

    gradient = np.stack([_slope(spread, centre, step, i) for i in range(len(centre))])
    values, vectors = np.linalg.eigh(derivatives(height, centre, 4 * step)[1])
    usable = values > FLAT * max(float(values.max()), FLAT)
    inverse = (vectors[:, usable] / values[usable]) @ vectors[:, usable].T
    variances = np.einsum("ik,ij,jk->k", gradient, 2 * inverse, gradient)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(2 * spread(centre) ** 2 / variances)


def _slope(curve: Callable[[Array], Array], centre: Array, step: Array, i: int) -> Array:
    """Central difference, improved once by Richardson's rule."""
    ends = []
    for factor in (1.0, 0.5):
        move = np.zeros(len(centre))
        move[i] = factor * step[i]
        ends.append((curve(centre + move) - curve(centre - move)) / (2 * move[i]))
    return np.asarray((4 * ends[1] - ends[0]) / 3)
