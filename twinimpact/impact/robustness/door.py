"""How strong a hidden difference between the arms would have to be to explain the estimate."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from twinimpact.errors import DesignError
from twinimpact.impact.clusters import cr2
from twinimpact.impact.estimate import Estimate
from twinimpact.impact.inputs import Columns, Data, columns_of, two_arms
from twinimpact.impact.result import Result
from twinimpact.impact.robustness.formulas import (
    Bound,
    benchmark_bound,
    e_value_of_difference,
    proportional_selection,
    robustness_value,
    rosenbaum_upper_p,
)

Array = np.ndarray[Any, Any]
GAMMAS = (1.0, 1.25, 1.5, 2.0, 2.5, 3.0, 4.0)
USUAL_R2 = 1.3


def sensitivity(
    data: Data,
    *,
    outcome: str,
    arm: str,
    covariates: Sequence[str] = (),
    cluster: str = "",
    conf_level: float = 0.95,
) -> Result:
    """E-value, robustness value and proportional selection of a difference between two arms.

    The difference is the coefficient of the arm in a least-squares fit with the covariates. With
    clusters its t statistic is the cluster-robust one (CR2). These are no tests to pass: each
    says what a hidden difference would have to be like. VanderWeele & Ding (2017)
    doi:10.7326/M16-2607; Cinelli & Hazlett (2020) doi:10.1111/rssb.12348; Oster (2019)
    doi:10.1080/07350015.2016.1227711.

    Parameters
    ----------
    data
        Rows of people with the named columns.
    outcome, arm
        Outcome, and the column with two values; the later one is the treated arm.
    covariates
        Columns measured before; the strongest of them is the yardstick.
    cluster
        Column of towns.

    Returns
    -------
    Result
        Rows ``evalue``, ``robustness_value`` (all of the estimate, and down to the level of the
        interval) and, with covariates, ``oster``. ``diagnostics["benchmarks"]`` shows the
        estimate under a hidden variable once, twice and three times as strong as each covariate.

    Raises
    ------
    DesignError
        If there are not exactly two arms: one group has no counterfactual, so there is no
        difference that something hidden could explain.

    Examples
    --------
    >>> from twinimpact.impact import sensitivity
    >>> data = {"score": [4, 6, 5, 7, 6, 8, 7, 9], "arm": [0, 0, 0, 0, 1, 1, 1, 1],
    ...         "before": [1, 2, 2, 3, 2, 3, 4, 4]}
    >>> result = sensitivity(data, outcome="score", arm="arm", covariates=["before"])
    >>> round(result.row("evalue").estimate, 1)
    2.3
    """
    labels = [name for name in (arm, cluster) if name]
    columns = columns_of(data, numbers=[outcome, *covariates], labels=labels)
    z = two_arms(columns, arm).astype(np.float64)
    y = columns.numbers[outcome]
    fit, method = _fit(columns, y, z, covariates, cluster)
    estimate, std_error, df = fit
    spread = _pooled_sd(y, z)
    if not (std_error > 0 and spread > 0 and df > 1):
        raise DesignError("The outcome does not vary within the arms.", where=outcome)
    value = e_value_of_difference(estimate / spread, std_error / spread)
    common: dict[str, Any] = {
        "outcome": outcome, "n": len(columns), "conf_level": conf_level,
        "clusters": len(columns.labels[cluster]) if cluster else None, "unit": "ratio",
    }  # fmt: skip
    alpha = 1 - conf_level
    t = estimate / std_error
    rows = [
        Estimate(**common, estimand="treated-comparison", method="evalue", estimate=value.estimate),
        Estimate(**common, estimand="treated-comparison|limit", method="evalue",
                 estimate=value.limit),
        *(
            Estimate(**common | {"unit": "share"}, estimand=f"treated-comparison{end}",
                     method="robustness_value", estimate=robustness_value(t, df, alpha=level))
            for end, level in (("", 0.0), ("|limit", alpha))
        ),
    ]  # fmt: skip
    benchmarks = _benchmarks(columns, (y, z), covariates, fit)
    if covariates:
        rows += _selection_rows(columns, (y, z), covariates, common)
    return Result(
        rows=tuple(rows),
        diagnostics={"benchmarks": benchmarks, "difference": estimate, "std_error": std_error,
                     "standard_error_by": method},
        warnings=(f"rows_dropped:{columns.dropped}",) if columns.dropped else (),
    )  # fmt: skip


def _fit(
    columns: Columns, y: Array, z: Array, covariates: Sequence[str], cluster: str
) -> tuple[tuple[float, float, float], str]:
    x = np.column_stack([z, np.ones(len(z)), *(columns.numbers[name] for name in covariates)])
    if np.linalg.matrix_rank(x) < x.shape[1]:
        raise DesignError("The arm cannot be told from the covariates.", got=", ".join(covariates))
    beta, residual = _least_squares(x, y)
    df = len(y) - x.shape[1]
    if cluster:
        found = cr2(x, y, columns.codes[cluster], 0, 0.95)
        if found.std_error is not None and found.df is not None:
            return (float(beta[0]), found.std_error, max(found.df, 2.0)), "cr2"
    variance = float(residual @ residual) / max(df, 1) * np.linalg.inv(x.T @ x)[0, 0]
    return (float(beta[0]), math.sqrt(variance), float(df)), "ols"


def _least_squares(x: Array, y: Array) -> tuple[Array, Array]:
    beta = np.linalg.lstsq(x, y, rcond=None)[0]
    return beta, y - x @ beta


def _pooled_sd(y: Array, z: Array) -> float:
    parts = [y[z == arm] for arm in (0.0, 1.0)]
    if min(map(len, parts)) < 2:
        return 0.0
    return math.sqrt(sum(float(part.var(ddof=1)) for part in parts) / 2)


def _benchmarks(
    columns: Columns, arrays: tuple[Array, Array], covariates: Sequence[str],
    fit: tuple[float, float, float],
) -> pd.DataFrame:  # fmt: skip
    """Estimate under a hidden variable 1, 2 and 3 times as strong as each covariate."""
    y, z = arrays
    rows = []
    for name in covariates:
        others = [np.ones(len(y)), *(columns.numbers[o] for o in covariates if o != name)]
        own = columns.numbers[name]
        treatment = _partial_r2(z, own, np.column_stack(others))
        result = _partial_r2(y, own, np.column_stack([*others, z]))
        for times in (1.0, 2.0, 3.0):
            bound: Bound | None = benchmark_bound(fit, treatment, result, times)
            rows.append(
                {
                    "covariate": name,
                    "times": times,
                    "with_treatment": bound.with_treatment if bound else math.nan,
                    "with_outcome": bound.with_outcome if bound else math.nan,
                    "estimate": bound.estimate if bound else math.nan,
                    "std_error": bound.std_error if bound else math.nan,
                }
            )
    names = ["covariate", "times", "with_treatment", "with_outcome", "estimate", "std_error"]
    return pd.DataFrame(rows, columns=names)


def _partial_r2(y: Array, x: Array, others: Array) -> float:
    """Share of what the others leave of ``y`` that ``x`` explains."""
    left_y, left_x = _least_squares(others, y)[1], _least_squares(others, x)[1]
    scale = float(left_y @ left_y) * float(left_x @ left_x)
    return float(left_y @ left_x) ** 2 / scale if scale > 0 else 0.0


def _selection_rows(
    columns: Columns, arrays: tuple[Array, Array], covariates: Sequence[str], common: dict[str, Any]
) -> list[Estimate]:
    y, z = arrays
    ones, controls = np.ones((len(y), 1)), columns.matrix(covariates)
    fits = []
    for x in (np.column_stack([z, ones]), np.column_stack([z, ones, controls])):
        beta, residual = _least_squares(x, y)
        fits.append((float(beta[0]), 1 - float(residual @ residual) / float(y.var() * len(y))))
    left = _least_squares(np.column_stack([ones, controls]), z)[1]
    variances = np.array([y.var(ddof=1), z.var(ddof=1), left.var(ddof=1)])
    r2_max = min(1.0, USUAL_R2 * fits[1][1])
    if r2_max <= fits[1][1] or abs(fits[0][0] - fits[1][0]) < 1e-12:
        return []
    found = proportional_selection(
        (fits[0][0], fits[1][0]), (fits[0][1], fits[1][1]), variances, r2_max
    )
    shared = common | {"method": "oster", "note": f"r2_max:{r2_max:.3f}"}
    return [
        Estimate(**shared, estimand="treated-comparison|delta_for_zero", estimate=found.delta),
        Estimate(**shared | {"unit": ""}, estimand="treated-comparison|equal_selection",
                 estimate=found.effect),
    ]  # fmt: skip


def rosenbaum_bounds(differences: Sequence[float], gammas: Sequence[float] = GAMMAS) -> Result:
    """Largest p of matched pairs under hidden bias of each size.

    Rosenbaum (2002), Observational Studies, ISBN 978-0-387-98967-9.

    Parameters
    ----------
    differences
        Treated minus comparison within pairs, the expected direction positive.
    gammas
        Odds by which the two of a pair may differ in their chance of treatment.

    Returns
    -------
    Result
        One row per gamma (``estimand`` ``gamma:2``) with the one-sided p;
        ``diagnostics["gamma_05"]`` is the largest listed gamma with p up to .05.

    Examples
    --------
    >>> from twinimpact.impact import rosenbaum_bounds
    >>> result = rosenbaum_bounds([3, 5, 2, 7, 4, 6], gammas=[1, 2])
    >>> [round(row.p_value, 4) for row in result.rows]
    [0.0156, 0.0878]
    """
    values = np.asarray([value for value in differences if value == value], dtype=np.float64)
    found = [(gamma, rosenbaum_upper_p(values, gamma)) for gamma in gammas]
    return Result(
        rows=tuple(
            Estimate(
                outcome="pairs",
                estimand=f"gamma:{gamma:g}|upper",
                method="rosenbaum",
                p_value=p,
                n=len(values),
                unit="ratio",
            )
            for gamma, p in found
        ),
        diagnostics={"gamma_05": max((gamma for gamma, p in found if p <= 0.05), default=None)},
    )
