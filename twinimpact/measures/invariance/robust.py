"""Tests and standard errors that do not assume normal answers.

They need the fourth-order moments of each group, gathered in the pass over the rows. The scaled
test divides χ² by a factor: that of Satorra & Bentler (1994), or, as for "MLR", that of Yuan &
Bentler (2000, doi:10.1111/0081-1750.00078) in the form that takes the difference of two traces.
Differences of two scaled tests: Satorra & Bentler (2001, doi:10.1007/BF02296192).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from twinimpact.measures.invariance.fit import Fit, Sample, derivatives, gradient_at
from twinimpact.measures.invariance.indices import (
    Difference,
    Indices,
    comparative_fit,
    indices,
    tail,
)
from twinimpact.measures.invariance.ladder import Ladder
from twinimpact.measures.invariance.model import Structure, implied

Array = npt.NDArray[Any]
STEP = 1e-5
MOST_GROUPS = 4096
"""Groups whose gradients are worked out at once."""
ROWS = 4096
"""Rows multiplied at once."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scaled:
    """A test and its indices without the assumption of normal answers.

    Parameters
    ----------
    chi2, p_value
        The scaled test; ``factor`` is what χ² was divided by.
    cfi, rmsea
        Robust versions: what they estimate does not depend on the factor.
    std_error
        Of every group's parameters (sandwich), 0 where fixed, shape (groups, parameters).
    """

    chi2: float
    df: int
    p_value: float
    factor: float
    baseline_factor: float
    cfi: float
    rmsea: float
    std_error: Array


def fourth_moments(rows: Array, group: Array, groups: int, unit: Array | float = 1.0) -> Array:
    """Covariances (divisor n) of answers and of their products, per group.

    Whole numbers are summed exactly, so that the order of rows does not matter.

    Parameters
    ----------
    rows
        Complete rows, shape (rows, items).
    group
        Group of each row; negative for none.
    unit
        What one step of each item's answers is worth.

    Returns
    -------
    ndarray
        Shape (groups, s, s): the items, then the products of deviations of each pair of items in
        the order of :func:`numpy.tril_indices`.
    """
    p = rows.shape[1]
    one, two = np.tril_indices(p)
    size = p + len(one)
    made = np.zeros((groups, size, size))
    ahead = np.zeros((groups, p))
    for place in range(groups):
        mine = rows[group == place].astype("float64")
        mine = mine - np.rint(mine.mean(axis=0))
        total = np.zeros(size)
        for first in range(0, len(mine), ROWS):
            part = mine[first : first + ROWS]
            both = np.concatenate([part, part[:, one] * part[:, two]], axis=1)
            made[place] += both.T @ both
            total += both.sum(axis=0)
        mean = total / len(mine)
        made[place] = made[place] / len(mine) - np.outer(mean, mean)
        ahead[place] = mean[:p]
    turn = _shifted(-ahead)
    steps = np.broadcast_to(np.asarray(unit, dtype="float64"), (p,))
    scale = np.concatenate([steps, steps[one] * steps[two]])
    return np.asarray(turn @ made @ turn.transpose(0, 2, 1) * scale[:, None] * scale)


def _shifted(shift: Array) -> Array:
    """Matrix that turns answers and products into those of answers plus ``shift``."""
    groups, p = shift.shape
    rows, columns = np.tril_indices(p)
    turn = np.broadcast_to(np.eye(p + len(rows)), (groups, p + len(rows), p + len(rows))).copy()
    places = p + np.arange(len(rows))
    # on the diagonal row and column are the same, and both additions must count
    turn[:, places, rows] += shift[:, columns]
    turn[:, places, columns] += shift[:, rows]
    return turn


def robust(found: Fit, fourth: Array, *, kind: str = "yuan_bentler") -> Scaled:
    """The scaled test, robust CFI and RMSEA and sandwich standard errors of a fitted model.

    Parameters
    ----------
    fourth
        What :func:`fourth_moments` gives for the rows behind ``found.sample``.
    kind
        ``yuan_bentler`` ("MLR") or ``satorra_bentler``.
    """
    sample, layout = found.sample, found.layout
    plain = indices(found)
    factor, errors = _factor(found, fourth, kind)
    base_factor = _base_factor(sample, fourth)
    scaled = found.chi2 / factor if found.df else found.chi2
    misfit = max(found.chi2 - factor * found.df, 0.0)
    return Scaled(
        chi2=scaled,
        df=found.df,
        p_value=tail(scaled, found.df),
        factor=factor,
        baseline_factor=base_factor,
        cfi=comparative_fit(
            found.chi2, factor * found.df, plain.baseline_chi2, base_factor * plain.baseline_df
        ),
        rmsea=_rmsea(misfit, plain),
        std_error=np.where(layout.index >= 0, errors[layout.index], 0.0),
    )


def robust_levels(
    ladder: Ladder, rows: Array, group: Array, unit: Array
) -> tuple[Scaled | None, ...]:
    """The scaled test of every level of a ladder; ``None`` where a model did not converge.

    Parameters
    ----------
    rows, group, unit
        As for :func:`fourth_moments`; ``unit`` gives the units the ladder was climbed in.
    """
    fourth = fourth_moments(rows, group, ladder.rungs[0].fit.groups, unit)
    found: list[Scaled | None] = []
    for rung in ladder.rungs:
        try:
            found.append(robust(rung.model, fourth) if rung.model.converged else None)
        except np.linalg.LinAlgError:
            found.append(None)
    return tuple(found)


def scaled_difference(
    stricter: tuple[Indices, Scaled], looser: tuple[Indices, Scaled]
) -> Difference:
    """Difference test of two scaled tests; missing where its factor is not positive."""
    (one, one_scaled), (two, two_scaled) = stricter, looser
    df = one.df - two.df
    factor = (one.df * one_scaled.factor - two.df * two_scaled.factor) / df
    if factor <= 0:
        return Difference(chi2=float("nan"), df=df, p_value=float("nan"))
    chi2 = (one.chi2 - two.chi2) / factor
    return Difference(chi2=chi2, df=df, p_value=tail(chi2, df))


def _rmsea(misfit: float, plain: Indices) -> float:
    if not plain.df:
        return 0.0
    return float(np.sqrt(plain.groups * misfit / (plain.df * plain.n)))


def _factor(found: Fit, fourth: Array, kind: str) -> tuple[float, Array]:
    """Scaling factor, and standard errors of the free parameters."""
    sample, layout = found.sample, found.layout
    share, structure = sample.share, layout.design.structure
    links = (layout.index[:, :, None] == np.arange(layout.free)).astype("float64")
    jacobian = _slopes(structure, found.values) @ links
    model = implied(structure, found.values)
    held = _weights(model.mean, model.covariance)
    observed = np.linalg.inv(_observed(found, links))
    scores = held @ _about_model(found, fourth) @ held
    own = _quadratic(jacobian, scores, share)
    errors = np.sqrt(np.diagonal(observed @ own @ observed) / sample.total)
    if not found.df:
        return 1.0, errors
    if kind == "satorra_bentler":
        bread = np.linalg.inv(_quadratic(jacobian, held, share))
        weight, meat = held, _quadratic(jacobian, held @ fourth @ held, share)
    else:
        weight = _weights(sample.mean, sample.covariance)
        bread, meat = observed, own
    whole = float(np.einsum("gij,gji->", fourth, weight))
    return (whole - float((bread * meat).sum())) / found.df, errors


def _about_model(found: Fit, fourth: Array) -> Array:
    """Second moments of answers and their products about what the model implies."""
    sample, structure = found.sample, found.layout.design.structure
    model = implied(structure, found.values)
    rows, columns = np.tril_indices(structure.items)
    shift = sample.mean - model.mean
    turn = _shifted(shift)
    gap = sample.covariance - model.covariance + shift[:, :, None] * shift[:, None, :]
    mean = np.concatenate([shift, gap[:, rows, columns]], axis=1)
    return np.asarray(turn @ fourth @ turn.transpose(0, 2, 1) + mean[:, :, None] * mean[:, None, :])


def _quadratic(jacobian: Array, weight: Array, share: Array) -> Array:
    turned = jacobian.transpose(0, 2, 1) @ weight @ jacobian
    return np.asarray((share[:, None, None] * turned).sum(axis=0))


def _slopes(structure: Structure, values: Array) -> Array:
    """Derivatives of means and covariances by each parameter, shape (groups, s, parameters)."""
    p = structure.items
    units = np.broadcast_to(np.eye(p), (len(values), p, p))
    one, two, means = derivatives(structure, implied(structure, values), units, values)
    rows, columns = np.tril_indices(p)
    moved = one[:, :, rows] * two[:, :, columns] + one[:, :, columns] * two[:, :, rows]
    return np.concatenate([means, moved], axis=2).transpose(0, 2, 1)


def _weights(mean: Array, covariance: Array) -> Array:
    """Normal-theory information about means and covariances of one person."""
    groups, p = mean.shape
    inverse = np.linalg.inv(covariance)
    rows, columns = np.tril_indices(p)
    size = p + len(rows)
    made = np.zeros((groups, size, size))
    made[:, :p, :p] = inverse
    crossed = inverse[:, rows][:, :, rows] * inverse[:, columns][:, :, columns]
    crossed = crossed + inverse[:, rows][:, :, columns] * inverse[:, columns][:, :, rows]
    half = np.where(rows == columns, 0.5, 1.0)
    made[:, p:, p:] = crossed * half[:, None] * half[None, :]
    return made


def _observed(found: Fit, links: Array) -> Array:
    """Observed information of the free parameters per person, by differences of the gradient."""
    structure, sample, values = found.layout.design.structure, found.sample, found.values
    groups, size = values.shape
    second = np.zeros((groups, size, size))
    at_once = max(1, MOST_GROUPS // (2 * groups))
    for first in range(0, size, at_once):
        places = np.arange(first, min(first + at_once, size))
        steps = STEP * np.maximum(1.0, np.abs(values[:, places])).T
        moved = np.zeros((2, len(places), groups, size))
        moved[0, np.arange(len(places)), :, places] = steps
        moved[1] = -moved[0]
        copies = 2 * len(places)
        many = Sample(
            n=np.tile(sample.n, copies),
            mean=np.tile(sample.mean, (copies, 1)),
            covariance=np.tile(sample.covariance, (copies, 1, 1)),
        )
        slopes = gradient_at(structure, many, (values + moved).reshape(-1, size)) * copies
        ahead, behind = slopes.reshape(2, len(places), groups, size)
        second[:, :, places] = ((ahead - behind) / (2 * steps[:, :, None])).transpose(1, 2, 0)
    whole = np.einsum("gpa,gpq,gqb->ab", links, second, links, optimize=True)
    return np.asarray((whole + whole.T) / 4)


def _base_factor(sample: Sample, fourth: Array) -> float:
    """Scaling factor of the model without covariances, means and variances free."""
    groups, p = sample.mean.shape
    weight = _weights(sample.mean, sample.covariance)
    variances = np.diagonal(sample.covariance, axis1=1, axis2=2)
    alone = np.zeros_like(sample.covariance)
    alone[:, np.arange(p), np.arange(p)] = variances
    rows, columns = np.tril_indices(p)
    free = np.concatenate([np.arange(p), p + np.flatnonzero(rows == columns)])
    held = _weights(sample.mean, alone)[:, free[:, None], free]
    scores = fourth[:, free[:, None], free]
    whole = np.einsum("gij,gji->", fourth, weight)
    left = whole - np.einsum("gij,gji->", scores, held)
    return float(left / (groups * p * (p - 1) / 2))
