"""How far two arms lie apart in each covariate, with or without weights."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from twinimpact.impact.balancing.covariates import Covariate

Array = np.ndarray[Any, Any]
FINE, ADJUST = 0.05, 0.25
"""Standardised differences up to which arms are alike, and can be made alike (WWC)."""
COLUMNS = (
    "covariate", "group", "treated", "comparison", "difference", "smd", "denominator", "sd",
    "variance_ratio", "ks", "class", "status",
)  # fmt: skip


def effective_n(weights: Array) -> float:
    """(sum of weights)² over the sum of squared weights; Kish (1965), Survey Sampling."""
    return float(weights.sum() ** 2 / (weights @ weights))


def balance_table(
    covariates: Sequence[Covariate], treated: Array, weights: Array, estimand: str
) -> pd.DataFrame:
    """One line per covariate or category, see :data:`COLUMNS`.

    Differences use the weights; the standard deviation they are divided by never does.

    Parameters
    ----------
    covariates
        Values of people.
    treated, weights
        Arm and weight of each person.
    estimand
        ``att`` (divided by the treated people's SD) or ``ate`` (by the pooled SD).
    """
    lines = [_line(covariate, treated, weights, estimand) for covariate in covariates]
    return pd.DataFrame(lines, columns=list(COLUMNS))


def wwc_class(smd: float) -> str:
    """``fine``, ``adjust`` or ``not_comparable``; What Works Clearinghouse, Handbook 4.1."""
    size = abs(smd) - 1e-9  # rounding must not decide
    return "fine" if size <= FINE else "adjust" if size <= ADJUST else "not_comparable"


def _line(covariate: Covariate, treated: Array, weights: Array, estimand: str) -> dict[str, Any]:
    sides = [(covariate.values[side], weights[side]) for side in (treated, ~treated)]
    means = [float(np.average(x, weights=w)) for x, w in sides]
    difference = means[0] - means[1]
    spreads = [_spread(x, covariate.two_valued) for x, _ in sides]
    spread = spreads[0] if estimand == "att" else math.sqrt((spreads[0] ** 2 + spreads[1] ** 2) / 2)
    absent = bool(covariate.group) and not all(x.any() for x, _ in sides)
    smd = math.nan if absent or not spread > 1e-12 else difference / spread
    return {
        "covariate": covariate.name,
        "group": covariate.group,
        "treated": means[0],
        "comparison": means[1],
        "difference": difference,
        "smd": smd,
        "denominator": "treated" if estimand == "att" else "pooled",
        "sd": spread,
        "variance_ratio": math.nan if covariate.two_valued else _ratio(sides),
        "ks": abs(difference) if covariate.two_valued else _ks(sides),
        "class": "" if math.isnan(smd) else wwc_class(smd),
        "status": "not_estimable" if math.isnan(smd) else "ok",
    }


def _spread(x: Array, two_valued: bool) -> float:
    if two_valued:
        share = float(x.mean())
        return math.sqrt(share * (1 - share))
    return float(x.std(ddof=1)) if len(x) > 1 else 0.0


def _ratio(sides: Sequence[tuple[Array, Array]]) -> float:
    """The larger of both variances over the smaller."""
    found = []
    for x, w in sides:
        share = w / w.sum()
        left = 1 - float(share @ share)
        centred = x - share @ x
        found.append(float(share @ centred**2) / left if left > 0 else 0.0)
    low, high = sorted(found)
    return high / low if low > 0 else math.nan


def _ks(sides: Sequence[tuple[Array, Array]]) -> float:
    """Largest gap between the two (weighted) shares of people up to any value."""
    points = np.unique(np.concatenate([x for x, _ in sides]))
    reached = []
    for x, w in sides:
        order = np.argsort(x, kind="stable")
        sums = np.append(0.0, np.cumsum(w[order]))
        reached.append(sums[np.searchsorted(x[order], points, side="right")] / sums[-1])
    return float(np.abs(reached[0] - reached[1]).max())
