"""How much a question that works differently matters: dMACS, and points on the scale.

Nye & Drasgow (2011), doi:10.1037/a0022955: the difference between what two groups would answer
at the same level, averaged over the focal group, in standard deviations of the answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import special

from twinimpact.measures.invariance.fit import Fit, Sample, covariance_of
from twinimpact.measures.invariance.model import Structure

Array = npt.NDArray[Any]
NODES = 61


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Parameters:
    """Question parameters and factors of two sides: ``reference`` and ``focal`` (…, questions).

    Parameters
    ----------
    loading, intercept
        Of the reference.
    focal_loading, focal_intercept
        Of the focal group.
    mean, variance
        Of the focal group's factor, per question.
    """

    loading: Array
    intercept: Array
    focal_loading: Array
    focal_intercept: Array
    mean: Array
    variance: Array


def dmacs(side: Parameters, sd: Array) -> tuple[Array, Array]:
    """``√((Δν + Δλμ)² + Δλ²σ²)/SD`` and the signed ``(Δν + Δλμ)/SD``, focal minus reference.

    Parameters
    ----------
    sd
        Pooled standard deviation of each question, see :func:`pooled_sd`.
    """
    steeper = side.focal_loading - side.loading
    gap = side.focal_intercept - side.intercept + steeper * side.mean
    return np.sqrt(gap**2 + steeper**2 * side.variance) / sd, gap / sd


def pooled_sd(n: Array, sd: Array) -> Array:
    """Mean of the groups' standard deviations (divisor n − 1), weighted by n − 1.

    Parameters
    ----------
    n
        Shape (groups,).
    sd
        Shape (groups, questions).
    """
    return np.asarray(((n - 1)[:, None] * sd).sum(axis=0) / (n - 1).sum())


def ordinal_dmacs(
    reference: tuple[float, Array],
    focal: tuple[float, Array],
    mean: float,
    variance: float,
    sd: float,
) -> tuple[float, float]:
    """dMACS and signed dMACS of one ordinal question.

    Parameters
    ----------
    reference, focal
        Loading and thresholds: ``P(answer ≥ c) = Φ(λ·x − τ_c)``.
    mean, variance
        Of the focal group's factor.

    Notes
    -----
    The integral is taken over 61 Gauss–Hermite nodes.
    """
    nodes, weights = special.roots_hermitenorm(NODES)
    level = mean + np.sqrt(variance) * nodes
    weights = weights / weights.sum()
    gap = _expected(level, *focal) - _expected(level, *reference)
    return float(np.sqrt((weights * gap**2).sum()) / sd), float((weights * gap).sum() / sd)


def _expected(level: Array, loading: float, thresholds: Array) -> Array:
    return np.asarray(special.ndtr(loading * level[:, None] - np.asarray(thresholds)).sum(axis=1))


def variance_effect(loading: Array, focal_loading: Array, variance: float) -> float:
    """How much unequal loadings add to the variance of the focal group's sum score.

    ``((Σλ_F)² − (Σλ_R)²)·σ²``: all products of loadings count, not their squares alone.
    """
    return float((np.sum(focal_loading) ** 2 - np.sum(loading) ** 2) * variance)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Effects:
    """Every group against the reference; two groups: the second against the first.

    Parameters
    ----------
    dmacs, signed
        Per focal group and question, shape (focal groups, questions).
    bias
        What the questions together add to the mean of their answers, in raw units, per focal
        group and factor, shape (focal groups, factors).
    observed
        Observed difference of the mean of the answers, same shape.
    focal
        Positions of the focal groups; the reference of more than two groups is the mean of all,
        weighted by people.
    """

    dmacs: Array
    signed: Array
    bias: Array
    observed: Array
    focal: tuple[int, ...]


def effects(found: Fit) -> Effects:
    """dMACS of every question of a fitted model and its effect on the scale.

    Questions held equal over groups have 0; over two groups the first is the reference.
    """
    structure, sample, values = found.layout.design.structure, found.sample, found.values
    starts, p = structure.starts, structure.items
    groups = len(sample.n)
    focal = (1,) if groups == 2 else tuple(range(groups))
    chosen = np.asarray(focal)
    weight = np.array([1.0, 0.0]) if groups == 2 else sample.share
    loading, intercept = values[:, :p], values[:, starts[1] : starts[2]]
    variance = np.stack(
        [values[:, structure.variance(int(factor))] for factor in structure.factor], axis=1
    )
    mean = values[:, starts[5] + structure.factor]
    side = Parameters(
        loading=weight @ loading,
        intercept=weight @ intercept,
        focal_loading=loading[chosen],
        focal_intercept=intercept[chosen],
        mean=mean[chosen],
        variance=variance[chosen],
    )
    size, signed = dmacs(side, pooled_sd(sample.n, _sd(sample)))
    gap = side.focal_intercept - side.intercept
    gap = gap + (side.focal_loading - side.loading) * side.mean
    average = _averages(structure)
    observed = (sample.mean[chosen] - weight @ sample.mean) @ average
    return Effects(dmacs=size, signed=signed, bias=gap @ average, observed=observed, focal=focal)


def comparable_difference(found: Fit, factor: int, conf_level: float) -> tuple[float, float, float]:
    """Difference of two groups' scale means that is left when questions work alike, raw units.

    Returns
    -------
    tuple
        The observed difference less the effect of the questions, and its limits; the standard
        error is that of ``Σλ·α/k`` by the delta method.

    Raises
    ------
    numpy.linalg.LinAlgError
        If the model is not identified.
    """
    structure, layout = found.layout.design.structure, found.layout
    effect = effects(found)
    estimate = float((effect.observed - effect.bias)[0, factor])
    items = np.flatnonzero(structure.factor == factor)
    at_mean = structure.starts[5] + factor
    alpha = found.values[1, at_mean]
    slope = np.zeros(layout.free)
    for item in items:
        if layout.index[0, item] >= 0:
            slope[layout.index[0, item]] += alpha / len(items)
    if layout.index[1, at_mean] >= 0:
        slope[layout.index[1, at_mean]] += found.values[0, items].mean()
    error = float(np.sqrt(slope @ covariance_of(found) @ slope))
    half = float(special.ndtri((1 + conf_level) / 2)) * error
    return estimate, estimate - half, estimate + half


def _sd(sample: Sample) -> Array:
    variances = np.diagonal(sample.covariance, axis1=1, axis2=2)
    return np.asarray(np.sqrt(variances * (sample.n / (sample.n - 1))[:, None]))


def _averages(structure: Structure) -> Array:
    """Weights that average the items of each factor, shape (items, factors)."""
    member = structure.factor[:, None] == np.arange(structure.factors)
    return np.asarray(member / member.sum(axis=0))
