"""Inference with towns: town means, placebo ranks, CR2, HC3 and two-stage adjustment."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from twinimpact.impact.intervals import TOLERANCE, Fit, t_fit

Array = np.ndarray[Any, Any]
SMALLEST_DF = 4.0
"""Below this many Satterthwaite degrees of freedom CR2 gives no interval and no p value."""
DF_TOLERANCE = 1e-9
"""Rounding must not decide: 3.9999999999999996 degrees of freedom are four."""


def town_means(values: Array, town: Array) -> tuple[Array, Array]:
    """Unweighted mean of the people of each town.

    Returns
    -------
    tuple
        Town numbers, sorted, and their means, both of shape ``(towns,)``.
    """
    names, place = np.unique(town, return_inverse=True)
    sizes = np.bincount(place, minlength=len(names))
    means = np.bincount(place, values, len(names)) / sizes
    return names, means + np.bincount(place, values - means[place], len(names)) / sizes


def difference_of_town_means(first: Array, second: Array, level: float) -> Fit:
    """Difference ``mean(first) - mean(second)`` between two groups of towns, pooled t(G - 2).

    Each entry is the mean of one town; towns count equally. With one town in a group the standard
    error rests on both groups of towns varying equally. Null hypothesis: towns of both kinds
    have the same mean. Conley & Taber (2011) doi:10.1162/REST_a_00049; Donald & Lang (2007)
    doi:10.1162/rest.89.2.221.

    Returns
    -------
    Fit
        Without interval and p for one town in each group (``one_town_per_arm``) or towns that do
        not vary (``no_variation``).
    """
    if not len(first) or not len(second):
        return Fit(reason="no_data")
    estimate = float(first.mean() - second.mean())
    df = len(first) + len(second) - 2
    if df == 0:
        return Fit(estimate=estimate, reason="one_town_per_arm")
    squares = float(((first - first.mean()) ** 2).sum() + ((second - second.mean()) ** 2).sum())
    std_error = math.sqrt(squares / df * (1 / len(first) + 1 / len(second)))
    return t_fit(estimate, std_error, df, level, _size(first, second))


def mean_of_towns(values: Array, level: float) -> Fit:
    """Mean over towns with t(a - 1); null hypothesis: the mean over towns is zero.

    ``values`` holds one number per town: a town's mean change, or its difference between arms.
    """
    if not len(values):
        return Fit(reason="no_data")
    if len(values) < 3:
        return Fit(estimate=float(values.mean()), reason="too_few_towns")
    std_error = float(values.std(ddof=1)) / math.sqrt(len(values))
    return t_fit(float(values.mean()), std_error, len(values) - 1, level, _size(values))


def placebo_rank_p(single: float, others: Array) -> float:
    """Share of towns that stand out as much as the single town, itself included.

    Every town in turn plays the single one; its placebo is its mean minus the mean of all others.
    The smallest value this can take is 1 over the number of towns. Null hypothesis: the single
    town is exchangeable with the others. MacKinnon & Webb (2018) doi:10.1111/ectj.12107.
    """
    values = np.append(others, single)
    placebo = values - (values.sum() - values) / (len(values) - 1)
    tolerance = TOLERANCE * max(1.0, _size(values))
    return float(np.mean(np.abs(placebo) >= abs(placebo[-1]) - tolerance))


def cr2(x: Array, y: Array, town: Array, column: int, level: float) -> Fit:
    """Least-squares coefficient with the CR2 town-robust variance and Satterthwaite df.

    Identity working model. A_g is the inverse root of I - H_gg, computed in the span of the
    town's rows; eigenvalues up to 1e-10 are set to 0. Below four degrees of freedom the fit
    has a standard error but no interval and no p (``df_below_4``). Null hypothesis: the
    coefficient is zero. Pustejovsky & Tipton (2018) doi:10.1080/07350015.2016.1247004.

    Parameters
    ----------
    x, y
        Design matrix ``(people, columns)`` and outcome ``(people,)``, no missing values.
    town
        Town number of each person.
    column
        Column of ``x`` the result is about.
    level
        Confidence level.
    """
    if np.linalg.matrix_rank(x) < x.shape[1]:
        return Fit(reason="no_variation")
    bread = np.linalg.inv(x.T @ x)
    beta = bread @ (x.T @ y)
    residual = y - x @ beta
    root = np.linalg.cholesky(bread)
    variance, crossed, own = 0.0, [], []
    for rows in _rows_by_town(town):
        u, s, _ = np.linalg.svd(x[rows] @ root, full_matrices=False)
        eigenvalue = 1 - s**2
        kept = eigenvalue > 1e-10
        factor = np.where(kept, 1 / np.sqrt(np.where(kept, eigenvalue, 1.0)), 0.0)
        lever = x[rows] @ bread[:, column]
        weights = lever + u @ ((factor - 1) * (u.T @ lever))
        variance += float(weights @ residual[rows]) ** 2
        crossed.append(x[rows].T @ weights)
        own.append(float(weights @ weights))
    df = _satterthwaite(np.array(crossed), np.array(own), bread)
    fit = t_fit(float(beta[column]), math.sqrt(variance), df, level, _size(y))
    if df < SMALLEST_DF - DF_TOLERANCE and fit.std_error is not None:
        std_error = fit.std_error
        return Fit(estimate=fit.estimate, std_error=std_error, df=df, reason="df_below_4")
    return fit


def cr2_weighted(
    x: Array, y: Array, weights: Array, town: Array | None = None, level: float = 0.95
) -> Fit:
    """First coefficient of a weighted fit with the CR2 variance and Satterthwaite df.

    As :func:`cr2`, with weights that are taken as given and the identity as working model:
    with R = I - H the rows of a town give B_g = R_g R_g', of which A_g is the inverse root.
    Equal weights give :func:`cr2`. Pustejovsky & Tipton (2018)
    doi:10.1080/07350015.2016.1247004.

    Parameters
    ----------
    x, y, weights
        Design matrix ``(people, columns)`` with the coefficient in view first, outcome and
        weights ``(people,)``; no missing values.
    town
        Town number of each person; without it every person stands alone (HC2).
    """
    if np.linalg.matrix_rank(x * (weights > 0)[:, None]) < x.shape[1]:
        return Fit(reason="no_variation")
    w = weights / weights.mean()
    weighted = x * w[:, None]
    bread = np.linalg.inv(x.T @ weighted)
    beta = bread @ (weighted.T @ y)
    meat = bread @ (weighted.T @ weighted) @ bread
    lever = w * (x @ bread[:, 0])
    if town is None:
        left = 1 - 2 * w * np.einsum("ij,jk,ik->i", x, bread, x)
        left += np.einsum("ij,jk,ik->i", x, meat, x)
        kept = left > 1e-10
        q = np.where(kept, lever / np.sqrt(np.where(kept, left, 1.0)), 0.0)
        residual = q * (y - x @ beta)
        u, v, own = x * q[:, None], weighted * q[:, None], q**2
    else:
        q = np.zeros(len(y))
        groups = _rows_by_town(town)
        for rows in groups:
            q[rows] = _adjusted((x[rows], weighted[rows]), (bread, meat), lever[rows])
        place = np.unique(town, return_inverse=True)[1]
        residual = np.bincount(place, q * (y - x @ beta))
        u = np.array([x[rows].T @ q[rows] for rows in groups])
        v = np.array([weighted[rows].T @ q[rows] for rows in groups])
        own = np.array([q[rows] @ q[rows] for rows in groups])
    df = _weighted_df((u, v, own), (bread, meat))
    fit = t_fit(float(beta[0]), math.sqrt(float(residual @ residual)), df, level, _size(y))
    if df < SMALLEST_DF - DF_TOLERANCE and fit.std_error is not None:
        std_error = fit.std_error
        return Fit(estimate=fit.estimate, std_error=std_error, df=df, reason="df_below_4")
    return fit


def _adjusted(columns: tuple[Array, Array], whole: tuple[Array, Array], lever: Array) -> Array:
    """``lever`` times the inverse root of B_g, which differs from I in the columns' span only."""
    x, weighted = columns
    bread, meat = whole
    basis = np.linalg.qr(np.column_stack([x, weighted]))[0]
    left, right = basis.T @ x, basis.T @ weighted
    crossed = left @ bread @ right.T
    values, vectors = np.linalg.eigh(
        np.eye(basis.shape[1]) - crossed - crossed.T + left @ meat @ left.T
    )
    kept = values > 1e-10
    factor = np.where(kept, 1 / np.sqrt(np.where(kept, values, 1.0)), 0.0)
    inside = basis.T @ lever
    return np.asarray(lever + basis @ (vectors @ (factor * (vectors.T @ inside)) - inside))


def _weighted_df(parts: tuple[Array, Array, Array], whole: tuple[Array, Array]) -> float:
    """(tr K)^2 / tr(K^2) with K = diag(own) + [u v] C [u v]', without building K."""
    u, v, own = parts
    bread, meat = whole
    columns = np.column_stack([u, v])
    core = np.block([[meat, -bread], [-bread, np.zeros_like(bread)]])
    inner = core @ (columns.T @ columns)
    between = np.einsum("ij,jk,ik->i", columns, core, columns)
    squares = float((own**2).sum() + 2 * (own * between).sum() + np.trace(inner @ inner))
    return float((own + between).sum()) ** 2 / squares if squares > 0 else 0.0


def _satterthwaite(cross: Array, own: Array, bread: Array) -> float:
    """(tr K)^2 / tr(K^2) with K = diag(own) - cross bread cross', without building K."""
    between = np.einsum("ij,jk,ik->i", cross, bread, cross)
    inner = bread @ (cross.T @ cross)
    squares = float((own**2).sum() - 2 * (own * between).sum() + np.trace(inner @ inner))
    return float((own - between).sum()) ** 2 / squares if squares > 0 else 0.0


def hc3(x: Array, y: Array, column: int, level: float) -> Fit:
    """Least-squares coefficient with the HC3 standard error and residual df.

    For people in no clusters. Null hypothesis: the coefficient is zero.
    MacKinnon & White (1985) doi:10.1016/0304-4076(85)90158-7.
    """
    if len(y) <= x.shape[1] or np.linalg.matrix_rank(x) < x.shape[1]:
        return Fit(reason="no_variation")
    bread = np.linalg.inv(x.T @ x)
    beta = bread @ (x.T @ y)
    free = 1 - np.einsum("ij,jk,ik->i", x, bread, x)
    if free.min() < 1e-10:  # somebody determines a coefficient alone
        return Fit(estimate=float(beta[column]), reason="no_variation")
    weighted = (x @ bread[:, column]) * (y - x @ beta) / free
    std_error = math.sqrt(float(weighted @ weighted))
    return t_fit(float(beta[column]), std_error, len(y) - x.shape[1], level, _size(y))


def adjusted_town_means(post: Array, covariates: Array, town: Array) -> tuple[Array, Array] | None:
    """Town means of ``post`` with the covariates' slopes within towns taken out.

    Stage 1 of the two-stage ANCOVA: ``post`` on the covariates and an indicator of each town;
    the adjusted mean is the mean of ``post - covariates b``. Stage 2 is
    :func:`difference_of_town_means`. Donald & Lang (2007) doi:10.1162/rest.89.2.221.

    Parameters
    ----------
    post, covariates, town
        Shapes ``(people,)``, ``(people, covariates)`` and ``(people,)``.

    Returns
    -------
    tuple or None
        Town numbers and adjusted means; ``None`` when a covariate does not vary within towns.
    """
    names, place = np.unique(town, return_inverse=True)
    inner = np.column_stack([v - town_means(v, place)[1][place] for v in covariates.T])
    spread = np.abs(inner).max(axis=0, initial=0.0)
    if (spread <= TOLERANCE * np.maximum(1.0, np.abs(covariates).max(axis=0))).any():
        return None
    if np.linalg.matrix_rank(inner) < inner.shape[1]:
        return None
    slopes = np.linalg.lstsq(inner, post - town_means(post, place)[1][place], rcond=None)[0]
    return names, town_means(post - covariates @ slopes, place)[1]


def _rows_by_town(town: Array) -> list[Array]:
    order = np.argsort(town, kind="stable")
    borders = np.flatnonzero(np.diff(town[order])) + 1
    return np.split(order, borders)


def _size(*values: Array) -> float:
    return max((float(np.abs(v).max()) for v in values if len(v)), default=0.0)
