"""Intervals and p values that several estimators share."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

Array = np.ndarray[Any, Any]
TOLERANCE = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """What an estimator hands back: the number, its uncertainty, or the code why there is none."""

    estimate: float | None = None
    std_error: float | None = None
    df: float | None = None
    conf_low: float | None = None
    conf_high: float | None = None
    p_value: float | None = None
    reason: str = ""


def t_limits(estimate: Array, std_error: Array, df: Array, level: float) -> tuple[Array, Array]:
    """Limits of the two-sided t interval, elementwise; NaN where an input is NaN."""
    half = special.stdtrit(df, 0.5 + level / 2) * std_error
    return estimate - half, estimate + half


def t_p_value(estimate: Array, std_error: Array, df: Array) -> Array:
    """Two-sided p of the null hypothesis that the estimated quantity is zero, elementwise."""
    p: Array = 2 * special.stdtr(df, -np.abs(estimate / std_error))
    return p


def t_fit(estimate: float, std_error: float, df: float, level: float, scale: float = 1.0) -> Fit:
    """A t interval and p for one number.

    Parameters
    ----------
    estimate, std_error, df
        Number, its standard error and degrees of freedom.
    level
        Confidence level, e.g. 0.95.
    scale
        Size of the values behind the number: below ``1e-12`` times this the standard error is
        rounding noise, and the fit has no interval (``no_variation``).
    """
    if not df > 0:
        return Fit(estimate=estimate, reason="too_few_towns")
    if not std_error > TOLERANCE * max(1.0, scale):
        return Fit(estimate=estimate, reason="no_variation")
    one = [np.array([value], dtype=float) for value in (estimate, std_error, df)]
    (low,), (high,) = t_limits(one[0], one[1], one[2], level)
    (p_value,) = t_p_value(one[0], one[1], one[2])
    return Fit(
        estimate=estimate,
        std_error=std_error,
        df=df,
        conf_low=float(low),
        conf_high=float(high),
        p_value=float(p_value),
    )


def welch(first: Array, second: Array, level: float) -> Fit:
    """Difference in means ``first - second`` of independent people with unequal variances.

    Null hypothesis: both means are equal. Degrees of freedom by Welch (1947)
    doi:10.1093/biomet/34.1-2.28.
    """
    if len(first) < 2 or len(second) < 2:
        return Fit(reason="no_data" if min(len(first), len(second)) == 0 else "one_person")
    a, b = first.var(ddof=1) / len(first), second.var(ddof=1) / len(second)
    estimate = float(first.mean() - second.mean())
    scale = float(max(np.abs(first).max(), np.abs(second).max()))
    if not a + b > (TOLERANCE * max(1.0, scale)) ** 2:
        return Fit(estimate=estimate, reason="no_variation")
    df = (a + b) ** 2 / (a**2 / (len(first) - 1) + b**2 / (len(second) - 1))
    return t_fit(estimate, math.sqrt(a + b), float(df), level, scale)
