"""Partnerships pooled: the mean, its interval, the prediction, the variation."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from twinimpact.impact.estimate import Estimate
from twinimpact.impact.finding import verdict
from twinimpact.impact.inputs import Data
from twinimpact.impact.notes import note
from twinimpact.impact.pooling.likelihood import fit, heterogeneity
from twinimpact.impact.pooling.studies import (
    FEWEST,
    Partnerships,
    PoolPlan,
    Studies,
    partnerships_of,
    too_few,
)
from twinimpact.impact.pooling.summary import (
    EMPTY,
    FEWEST_TO_PREDICT,
    Summary,
    alternative_prediction,
    small_study_test,
    summarise,
)
from twinimpact.impact.result import Result

Array = np.ndarray[Any, Any]
METHOD = "meta_reml_hk"
FEWEST_FOR_SMALL_STUDIES = 10


def pool(data: Data, *, studies: Studies, plan: PoolPlan | None = None) -> Result:
    """Pool the estimates of independent partnerships.

    The variance between partnerships is found by restricted maximum likelihood (Viechtbauer 2005,
    doi:10.3102/10769986030003261) over a grid that starts at 0. The standard error is the larger
    of that of Hartung & Knapp (2001, doi:10.1002/sim.1009) and the usual one, because the former
    can fall below what chance alone leaves; the interval uses t(k − 1). From five partnerships on
    the prediction interval says where a further one would be expected; it takes the variation as
    known and is too narrow with few partnerships that vary little (88 % instead of 95 % with
    eight, in simulation). Below three nothing is pooled.

    Parameters
    ----------
    data
        One row per partnership.
    studies
        Columns of the estimates, their errors, their people and their names.
    plan
        Confidence level, smallest size worth having, name of the outcome.

    Returns
    -------
    Result
        Rows ``pooled``, ``prediction``, ``tau`` (the standard deviation between partnerships; no
        number and status ``boundary`` where it is estimated as 0) and ``i2``. ``diagnostics``:
        ``partnerships`` with weights, ``leave_one_out``, ``tau2``, ``tau2_limits`` (Q-profile),
        ``q``, ``q_p``, ``se_hartung_knapp``, ``se_usual``, ``prediction_k2`` (the other usual
        interval, t(k − 2)), and ``small_study`` (z and p) from ten partnerships on.

    Raises
    ------
    DesignError
        If a column is missing, a variance is not above zero, or a partnership stands twice.

    Examples
    --------
    >>> from twinimpact.impact import Studies, pool
    >>> changes = {"change": [0.1, 0.2, 0.5, 0.3, 0.9], "se": [0.10, 0.15, 0.12, 0.10, 0.20]}
    >>> row = pool(changes, studies=Studies(estimate="change", std_error="se")).primary
    >>> round(row.estimate, 3), row.df, row.clusters
    (0.372, 4, 5)
    """
    plan = plan or PoolPlan()
    given = partnerships_of(data, studies)
    base = Estimate(
        outcome=plan.outcome, estimand="pooled", method=METHOD, n=given.people, clusters=len(given)
    )
    if len(given) < FEWEST:
        return too_few(given, base)
    summary = summarise(given.y, given.v, plan.conf_level)
    rows = summary_rows(base, summary, plan.conf_level, (plan.sesoi, "better"))
    warnings = [*given.warnings, *([EMPTY] if summary.tau2_empty else [])]
    return Result(
        rows=tuple(rows),
        diagnostics=_diagnostics(given, summary, plan.conf_level),
        warnings=tuple(warnings),
    )


def summary_rows(
    base: Estimate, summary: Summary, level: float, worth: tuple[float | None, str]
) -> list[Estimate]:
    """Rows of a pool: mean, prediction, standard deviation between partnerships, I².

    Parameters
    ----------
    base
        Outcome, estimand of the mean, people and partnerships.
    worth
        Smallest size worth having, and the direction of the outcome.
    """
    contrast = base.estimand.rpartition("pooled")[0]
    mean = summary.mean
    pooled = replace(
        base,
        estimate=mean.estimate,
        std_error=mean.std_error,
        df=mean.df,
        conf_low=mean.conf_low,
        conf_high=mean.conf_high,
        p_value=mean.p_value,
        conf_level=level,
        verdict=verdict(mean.conf_low, mean.conf_high, *worth),
        note=note("usual_error_larger" if summary.usual_larger else "", base.note),
    )
    if summary.prediction is None:
        few = f"too_few_to_predict:{FEWEST_TO_PREDICT}"
        further = replace(base, status="not_estimable", note=note(few, base.note))
    else:
        low, high = summary.prediction
        codes = note("prediction_t_k1", base.note)
        further = replace(
            base, estimate=mean.estimate, conf_low=low, conf_high=high, conf_level=level, note=codes
        )
    return [
        pooled,
        replace(further, estimand=f"{contrast}prediction"),
        _tau(replace(base, estimand=f"{contrast}tau"), summary, level),
        replace(base, estimand=f"{contrast}i2", estimate=summary.i2, unit="per cent"),
    ]


def _tau(base: Estimate, summary: Summary, level: float) -> Estimate:
    low, high = map(math.sqrt, summary.tau2_limits)
    row = replace(base, conf_low=low, conf_high=high, conf_level=level)
    code = EMPTY if summary.tau2_empty else ""
    if summary.fitted.tau2 == 0:
        return replace(
            row, status="boundary", note=note("no_partnership_variation", code, base.note)
        )
    return replace(row, estimate=math.sqrt(summary.fitted.tau2), note=note(code, base.note))


def _diagnostics(given: Partnerships, summary: Summary, level: float) -> dict[str, Any]:
    fitted, q = summary.fitted, heterogeneity(given.y, given.v)
    weights = fitted.weights / fitted.weights.sum()
    found = {
        "partnerships": given.table().assign(weight=weights),
        "leave_one_out": leave_one_out(given),
        "tau2": fitted.tau2,
        "tau2_limits": summary.tau2_limits,
        "q": q,
        "q_p": float(special.chdtrc(fitted.df, q)),
        "se_hartung_knapp": float(fitted.hartung_knapp[0]),
        "se_usual": float(fitted.usual[0]),
        "prediction_k2": alternative_prediction(fitted, level),
    }
    if len(given) >= FEWEST_FOR_SMALL_STUDIES:
        z, p = small_study_test(given.y, given.v)
        found["small_study"] = {"z": z, "p_value": p}
    return found


def leave_one_out(given: Partnerships) -> pd.DataFrame:
    """The pooled mean without each partnership in turn."""
    kept = ~np.eye(len(given), dtype=bool)
    fits = [fit(given.y[rows], given.v[rows]) for rows in kept]
    return pd.DataFrame(
        {
            "without": given.labels,
            "estimate": [float(one.beta[0]) for one in fits],
            "std_error": [float(max(one.usual[0], one.hartung_knapp[0])) for one in fits],
            "tau2": [one.tau2 for one in fits],
        }
    )
