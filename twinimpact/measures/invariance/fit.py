"""Maximum likelihood for the factor models of :mod:`~twinimpact.measures.invariance.model`.

Per group ``F = ln|Σ| + tr(Σ⁻¹T) − ln|S| − p`` with ``T = S + (m − μ)(m − μ)ᵀ``; the test is
``χ² = N·Σ(n_g/N)F_g``. Only the moments are needed, never the rows.

Every derivative of ``Σ`` is of the form ``xyᵀ + yxᵀ``, so that with ``Σ = LLᵀ`` and whitened
vectors the expected second derivatives are ``2[(XXᵀ)∘(YYᵀ) + (XYᵀ)∘(YXᵀ)] + 2MMᵀ``. They are
bordered block-diagonal (numbers shared by groups against each group's own), so a step costs a
fixed amount per group.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from twinimpact.measures.invariance.border import Border, border_of
from twinimpact.measures.invariance.model import Implied, Layout, Structure, implied

Array = npt.NDArray[Any]
MOST_STEPS = 300
LEAST_DAMPING, MOST_DAMPING = 1e-4, 1e12
SETTLED = 1e-11
"""Steps end when the test could fall by less than this times the number of people."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sample:
    """Moments of groups of complete rows.

    Parameters
    ----------
    n
        People per group, shape (groups,).
    mean
        Item means, shape (groups, items).
    covariance
        Covariances with divisor n, shape (groups, items, items).
    """

    n: Array
    mean: Array
    covariance: Array

    @property
    def total(self) -> float:
        """People in all groups."""
        return float(self.n.sum())

    @property
    def share(self) -> Array:
        """Share of the people in each group."""
        return np.asarray(self.n / self.n.sum())


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fit:
    """A fitted model.

    Parameters
    ----------
    values
        Every group's parameters, shape (groups, parameters).
    information
        Expected second derivatives of ``F_g``, shape (groups, parameters, parameters).
    chi2, df
        The test of the model against free moments.
    converged
        Whether the steps came to rest; the numbers count only then.
    improper
        Whether a residual variance is negative or the factors' covariances are impossible.
    """

    layout: Layout
    sample: Sample
    values: Array
    information: Array
    chi2: float
    df: int
    steps: int
    converged: bool
    improper: bool


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Point:
    """The function and its derivatives at one point, weighted by share of people."""

    value: float
    gradient: Array
    second: Array


def sample_of(n: Array, mean: Array, covariance: Array) -> Sample:
    """Moments whose covariances have divisor n − 1, as :class:`Sample`."""
    n = np.asarray(n, dtype="float64")
    shrunk = np.asarray(covariance, dtype="float64") * ((n - 1) / n)[:, None, None]
    return Sample(n=n, mean=np.asarray(mean, dtype="float64"), covariance=shrunk)


def fit(layout: Layout, sample: Sample, start: Array) -> Fit:
    """Fit a model by Fisher scoring.

    Parameters
    ----------
    start
        Parameters to start from, shape (groups, parameters); those that the layout holds equal
        are averaged first.

    Returns
    -------
    Fit
        With ``converged`` false where the steps did not come to rest.
    """
    structure = layout.design.structure
    border = border_of(layout)
    theta = _averaged(layout, start, sample.share)
    point = _point(structure, sample, layout.spread(theta))
    steps, settled, damping = 0, False, 0.0
    while point is not None and not settled and steps < MOST_STEPS:
        steps += 1
        step = _step(border, point, damping)
        fall = np.inf if step is None else float((border.gathered(point.gradient) * step).sum())
        settled = 0 <= fall < SETTLED
        there = None
        if step is not None:
            there = _point(structure, sample, layout.spread(theta - step))
        if there is not None and _lower(there, point, fall):
            theta, point = theta - step, there
            damping = damping / 10 if damping > LEAST_DAMPING else 0.0
        elif not settled:
            damping = max(10 * damping, LEAST_DAMPING)
            if damping > MOST_DAMPING:
                break
    values = layout.spread(theta)
    chi2 = np.nan if point is None else max(sample.total * (point.value - _floor(sample)), 0.0)
    groups, p = sample.mean.shape
    return Fit(
        layout=layout,
        sample=sample,
        values=values,
        information=np.full((groups, 1, 1), np.nan) if point is None else point.second,
        chi2=float(chi2),
        df=groups * p * (p + 3) // 2 - layout.free,
        steps=steps,
        converged=settled,
        improper=_improper(structure, values),
    )


def _step(border: Border, point: _Point, damping: float) -> Array | None:
    """A Fisher step; with damping a shorter one, nearer to the gradient (Marquardt 1963).

    ``None`` where the equations have no single solution.
    """
    second = point.second
    if damping:
        places = np.arange(second.shape[1])
        second = second.copy()
        second[:, places, places] *= 1 + damping
    try:
        return border.solve(second, point.gradient)
    except np.linalg.LinAlgError:
        return None


def _lower(there: _Point, point: _Point, fall: float) -> bool:
    """Whether a step has lowered the function by a fair part of what it promised."""
    rounding = 1e-13 * (1 + abs(point.value))
    return there.value <= point.value - 1e-4 * fall + rounding


def _floor(sample: Sample) -> float:
    """The function where moments are free."""
    logdet = np.linalg.slogdet(sample.covariance)[1]
    return float((sample.share * (logdet + sample.mean.shape[1])).sum())


def _averaged(layout: Layout, start: Array, share: Array) -> Array:
    """Free parameters as averages of the values they stand for."""
    use = layout.index >= 0
    weights = np.broadcast_to(share[:, None], start.shape)[use]
    index = layout.index[use]
    total = np.bincount(index, weights=start[use] * weights, minlength=layout.free)
    return np.asarray(total / np.bincount(index, weights=weights, minlength=layout.free))


def _point(
    structure: Structure, sample: Sample, values: Array, *, curved: bool = True
) -> _Point | None:
    """Function and derivatives; ``None`` where a covariance matrix is impossible.

    Second derivatives are empty where they are not wanted (``curved``).
    """
    model = implied(structure, values)
    try:
        lower = np.linalg.cholesky(model.covariance)
    except np.linalg.LinAlgError:
        return None
    p = structure.items
    inverse = np.linalg.solve(lower, np.broadcast_to(np.eye(p), lower.shape))
    gap = np.einsum("gij,gj->gi", inverse, sample.mean - model.mean)
    whitened = inverse @ sample.covariance @ inverse.transpose(0, 2, 1)
    logdet = 2 * np.log(np.diagonal(lower, axis1=1, axis2=2)).sum(axis=1)
    value = logdet + np.trace(whitened, axis1=1, axis2=2) + (gap**2).sum(axis=1)
    rest = np.eye(p) - whitened - gap[:, :, None] * gap[:, None, :]
    one, two, means = derivatives(structure, model, inverse, values)
    gradient = 2 * ((one @ rest) * two).sum(axis=2) - 2 * np.einsum("gap,gp->ga", means, gap)
    second = second_derivatives(one, two, means) if curved else np.zeros((len(values), 0, 0))
    share = sample.share
    return _Point(
        value=float((share * value).sum()),
        gradient=share[:, None] * gradient,
        second=share[:, None, None] * second,
    )


def gradient_at(structure: Structure, sample: Sample, values: Array) -> Array:
    """Derivatives of ``Σ(n_g/N)F_g`` by every group's parameters, shape (groups, parameters).

    Raises
    ------
    ValueError
        If the parameters imply impossible covariances.
    """
    point = _point(structure, sample, values, curved=False)
    if point is None:
        raise ValueError("the parameters imply impossible covariances")
    return point.gradient


def derivatives(
    structure: Structure, model: Implied, inverse: Array, values: Array
) -> tuple[Array, Array, Array]:
    """Whitened ``x``, ``y`` and ``m`` of every parameter: ``Σ' = xyᵀ + yxᵀ``, ``μ' = m``.

    Parameters
    ----------
    inverse
        ``L⁻¹`` of each group, with ``Σ = LLᵀ``.

    Returns
    -------
    tuple
        Three arrays of shape (groups, parameters, items).
    """
    starts, p = structure.starts, structure.items
    groups = len(values)
    one = np.zeros((groups, starts[-1], p))
    two, means = np.zeros_like(one), np.zeros_like(one)
    units = inverse.transpose(0, 2, 1)
    loads = (inverse @ model.loadings).transpose(0, 2, 1)
    spread = (inverse @ model.loadings @ model.factors).transpose(0, 2, 1)
    loading, intercept, residual, pair, corner, mean = (
        slice(a, b) for a, b in itertools.pairwise(starts)
    )
    one[:, loading], two[:, loading] = units, spread[:, structure.factor]
    means[:, loading] = units * values[:, mean][:, structure.factor, None]
    means[:, intercept] = units
    one[:, residual], two[:, residual] = units, units / 2
    one[:, pair], two[:, pair] = units[:, structure.pairs[:, 0]], units[:, structure.pairs[:, 1]]
    rows, columns = structure.corners
    half = np.where(rows == columns, 0.5, 1.0)[:, None]
    one[:, corner], two[:, corner] = loads[:, rows], loads[:, columns] * half
    means[:, mean] = loads
    return one, two, means


def second_derivatives(one: Array, two: Array, means: Array) -> Array:
    """Expected second derivatives of each group's ``F``."""
    across, turned = one @ two.transpose(0, 2, 1), two @ one.transpose(0, 2, 1)
    same = (one @ one.transpose(0, 2, 1)) * (two @ two.transpose(0, 2, 1))
    return np.asarray(2 * (same + across * turned) + 2 * means @ means.transpose(0, 2, 1))


def standard_errors(found: Fit) -> Array:
    """Standard error of every group's parameters; 0 where fixed, NaN where not identified.

    Returns
    -------
    ndarray
        Shape (groups, parameters).
    """
    try:
        variances = border_of(found.layout).variances(found.information)
    except np.linalg.LinAlgError:
        return np.full(found.values.shape, np.nan)
    with np.errstate(invalid="ignore"):
        errors = np.sqrt(2 * variances / found.sample.total)
    return np.where(found.layout.index >= 0, errors[found.layout.index], 0.0)


def covariance_of(found: Fit) -> Array:
    """Covariances of the free parameters, shape (free, free); for models of few groups.

    Raises
    ------
    numpy.linalg.LinAlgError
        If the model is not identified.
    """
    index, size = found.layout.index, found.layout.free
    links = (index[:, :, None] == np.arange(size)).astype("float64")
    whole = np.einsum("gpa,gpq,gqb->ab", links, found.information, links, optimize=True)
    return np.asarray(2 * np.linalg.inv(whole) / found.sample.total)


def score_statistic(layout: Layout, sample: Sample, values: Array) -> float:
    """Score test: how much the test would fall, were the layout's parameters free to move.

    ``values`` solve a stricter model of which the layout releases something.
    """
    point = _point(layout.design.structure, sample, values)
    if point is None:
        return float("nan")
    border = border_of(layout)
    try:
        step = border.solve(point.second, point.gradient)
    except np.linalg.LinAlgError:
        return float("nan")
    return float(sample.total / 2 * (border.gathered(point.gradient) * step).sum())


def _improper(structure: Structure, values: Array) -> bool:
    starts = structure.starts
    if (values[:, starts[2] : starts[3]] < 0).any():
        return True
    factors = implied(structure, values).factors
    return bool((np.linalg.eigvalsh(factors) < -1e-10).any())
