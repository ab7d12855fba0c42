"""Diagonally weighted least squares for ordinal factor models, with adjusted tests.

The weights are the inverse variances of thresholds and polychoric correlations. The test
statistic is scaled and shifted so that its mean and variance are those of a chi-squared
distribution (Asparouhov and Muthen 2010); differences of levels are tested by the same
adjustment of Satorra's (2000) statistic, doi:10.1007/978-1-4615-4603-0_17.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import special

from twinimpact.measures.invariance.ordinal_model import (
    OrdinalLayout,
    implied_statistics,
    slopes,
)
from twinimpact.measures.invariance.ordinal_moments import OrdinalMoments

Array = npt.NDArray[Any]
MAX_STEPS = 200
_TOLERANCE = 1e-11
_SMALLEST = 1e-3
"""Lower bound of variances during the search."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjustedTest:
    """A statistic with its mean- and variance-adjusted form.

    Parameters
    ----------
    raw, df
        Weighted least squares statistic and degrees of freedom.
    chi2, p_value
        Scaled and shifted; missing where ``df`` is 0.
    factor
        What ``raw`` is divided by before the shift.
    """

    raw: float
    df: int
    chi2: float
    p_value: float
    factor: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OrdinalFit:
    """One fitted level.

    Parameters
    ----------
    values
        All parameters, shape (groups, parameters), in the order of ``layout``.
    test, baseline
        Of the model, and of uncorrelated answers.
    cfi, rmsea
        From the adjusted tests; ``rmsea`` carries the factor √groups.
    srmr
        Of the correlations, weighted by people.
    """

    layout: OrdinalLayout
    values: Array
    delta: Array
    test: AdjustedTest
    baseline: AdjustedTest
    cfi: float
    rmsea: float
    srmr: float
    parameters: int
    converged: bool


def fit_ordinal(moments: OrdinalMoments, layout: OrdinalLayout, start: Array) -> OrdinalFit:
    """Fit a model.

    Parameters
    ----------
    start
        Starting values of all parameters, shape (groups, parameters); those that share a free
        parameter are averaged.
    """
    point, converged = _search(moments, layout, layout.gather(start))
    values = layout.values(point)
    residual = moments.statistics - implied_statistics(layout, values)
    delta = slopes(layout, values)
    df = residual.size - layout.free
    test = _adjusted(_statistic(moments, residual), df, *_traces(moments, delta))
    base = _baseline(moments)
    gap, base_gap = max(test.chi2 - df, 0.0), max(base.chi2 - base.df, 0.0)
    first = layout.questions * layout.cuts
    square = (residual[:, first:] ** 2).sum(axis=1)
    pairs = layout.questions * (layout.questions + 1) / 2
    total = moments.n.sum()
    groups = layout.groups
    return OrdinalFit(
        layout=layout, values=values, delta=delta, test=test, baseline=base,
        cfi=float(1 - gap / max(gap, base_gap)) if max(gap, base_gap) > 0 else 1.0,
        rmsea=float(np.sqrt(groups * gap / (df * (total - groups)))) if df else 0.0,
        srmr=float((moments.n / total) @ np.sqrt(square / pairs)),
        parameters=layout.free, converged=converged,
    )  # fmt: skip


def adjusted_difference(
    moments: OrdinalMoments, stricter: OrdinalFit, looser: OrdinalFit
) -> AdjustedTest:
    """Test of what the stricter model adds; the looser one contains it."""
    loose, strict = (np.vstack(list(fit.delta)) for fit in (looser, stricter))
    project = np.linalg.lstsq(loose, strict, rcond=None)[0]
    q, _ = np.linalg.qr(project, mode="complete")
    restriction = q[:, project.shape[1] :].T
    weight, meat = _bread_and_meat(moments, looser.delta)
    inverse = np.linalg.inv(weight)
    turned = inverse @ restriction.T
    inside = turned @ np.linalg.solve(restriction @ turned, turned.T) @ meat
    raw = stricter.test.raw - looser.test.raw
    df = looser.layout.free - stricter.layout.free
    return _adjusted(raw, df, float(np.trace(inside)), float((inside * inside.T).sum()))


def _search(moments: OrdinalMoments, layout: OrdinalLayout, point: Array) -> tuple[Array, bool]:
    """Levenberg-Marquardt steps; variances stay positive."""
    root = np.sqrt(_weights(moments))
    positive = _variances(layout)
    point = point.copy()
    point[positive] = np.maximum(point[positive], 10 * _SMALLEST)
    loss, residual = _loss(moments, layout, point, root)
    damping = 1e-3
    for _ in range(MAX_STEPS):
        jacobian = (slopes(layout, layout.values(point)) * root[:, :, None]).reshape(
            -1, layout.free
        )
        pull = jacobian.T @ residual
        bend = jacobian.T @ jacobian
        diagonal = np.diag(bend) + 1e-12
        while True:
            step = np.linalg.solve(bend + np.diag(damping * diagonal), pull)
            moved = point + step
            moved[positive] = np.maximum(moved[positive], _SMALLEST)
            new_loss, new_residual = _loss(moments, layout, moved, root)
            if new_loss <= loss or damping > 1e8:
                break
            damping *= 4
        gained = loss - new_loss
        if new_loss <= loss:
            point, loss, residual = moved, new_loss, new_residual
        damping = max(damping / 10, 1e-12)
        if gained <= _TOLERANCE * (1e-3 + loss):
            return point, bool(np.abs(pull @ step) <= 1e-6 * (1e-3 + loss))
    return point, False


def _loss(
    moments: OrdinalMoments, layout: OrdinalLayout, point: Array, root: Array
) -> tuple[float, Array]:
    gap = moments.statistics - implied_statistics(layout, layout.values(point))
    residual = (gap * root).ravel()
    return float(residual @ residual), residual


def _variances(layout: OrdinalLayout) -> Array:
    """Free parameters that are variances."""
    k = layout.questions
    columns = [*range(layout.place.shape[1] - 2 - k, layout.place.shape[1] - 2), -1]
    there = layout.place[:, columns]
    return np.unique(there[there >= 0])


def _weights(moments: OrdinalMoments) -> Array:
    """Share of people over the variance of each statistic, shape (groups, statistics)."""
    variance = np.einsum("gss->gs", moments.gamma)
    shared: Array = (moments.n / moments.n.sum())[:, None] / variance
    return shared


def _statistic(moments: OrdinalMoments, residual: Array) -> float:
    variance = np.einsum("gss->gs", moments.gamma)
    return float(((moments.n - 1)[:, None] * residual**2 / variance).sum())


def _bread_and_meat(moments: OrdinalMoments, delta: Array) -> tuple[Array, Array]:
    weight = _weights(moments)
    bread = np.einsum("gsa,gs,gsb->ab", delta, weight, delta, optimize=True)
    shares = moments.n / moments.n.sum()
    weighted = delta * weight[:, :, None]
    meat = np.zeros_like(bread)
    for part, gamma, share in zip(weighted, moments.gamma, shares, strict=True):
        meat += part.T @ (gamma / share) @ part
    return bread, meat


def _traces(moments: OrdinalMoments, delta: Array) -> tuple[float, float]:
    """Trace of U times gamma, and of its square."""
    bread, meat = _bread_and_meat(moments, delta)
    weight = _weights(moments)
    shares = moments.n / moments.n.sum()
    size = delta.shape[1]
    first, second = float(size * len(shares)), 0.0
    deeper = np.zeros_like(bread)
    for w, gamma, share, part in zip(weight, moments.gamma, shares, delta, strict=True):
        standard = w[:, None] * gamma / share
        second += float((standard * standard.T).sum())
        deeper += part.T @ standard @ standard @ (w[:, None] * part)
    inside = np.linalg.solve(bread, meat)
    second -= 2 * float(np.trace(np.linalg.solve(bread, deeper)))
    second += float((inside * inside.T).sum())
    return first - float(np.trace(inside)), second


def _baseline(moments: OrdinalMoments) -> AdjustedTest:
    """Thresholds free, no correlations."""
    groups, pairs = moments.rho.shape
    thresholds = moments.statistics.shape[1] - pairs
    residual = moments.statistics.copy()
    residual[:, :thresholds] = 0.0
    delta = np.zeros((groups, thresholds + pairs, groups * thresholds))
    line = np.arange(thresholds)
    for group in range(groups):
        delta[group, line, group * thresholds + line] = 1.0
    traces = _traces(moments, delta)
    return _adjusted(_statistic(moments, residual), groups * pairs, *traces)


def _adjusted(raw: float, df: int, trace: float, square: float) -> AdjustedTest:
    if df <= 0 or square <= 0:
        return AdjustedTest(raw=raw, df=df, chi2=np.nan, p_value=np.nan, factor=np.nan)
    scale = float(np.sqrt(df / square))
    chi2 = float(raw * scale + df - scale * trace)
    return AdjustedTest(
        raw=raw, df=df, chi2=chi2, p_value=float(special.chdtrc(df, max(chi2, 0.0))),
        factor=1 / scale,
    )  # fmt: skip
