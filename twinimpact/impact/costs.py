"""Cost beside effect: ratios only where the effect is clear of zero."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy import special

from twinimpact.errors import DesignError
from twinimpact.impact.estimate import Estimate
from twinimpact.impact.inputs import Data, columns_of, two_arms
from twinimpact.impact.result import Result

Array = np.ndarray[Any, Any]
MAY_CLAIM = 3
"""Design level from which a cost per point of effect may be stated."""


def fieller(
    above: tuple[float, float], below: tuple[float, float], covariance: float, quantile: float
) -> tuple[float, float] | None:
    """Limits of a ratio by Fieller (1954, doi:10.1111/j.2517-6161.1954.tb00159.x).

    Parameters
    ----------
    above, below
        Estimate and variance of the numerator and of the denominator.
    covariance
        Of the two.
    quantile
        Of the normal or t distribution, e.g. 1.96.

    Returns
    -------
    tuple or None
        None where the denominator is not clear of zero: the set would run through infinity.
    """
    (a, va), (b, vb) = above, below
    lead = b**2 - quantile**2 * vb
    if lead <= 0:
        return None
    middle = a * b - quantile**2 * covariance
    root = math.sqrt(max(middle**2 - lead * (a**2 - quantile**2 * va), 0.0))
    return (middle - root) / lead, (middle + root) / lead


@dataclass(frozen=True, slots=True, kw_only=True)
class CostPlan:
    """What a cost per point rests on.

    Parameters
    ----------
    grade
        Design level of the comparison, 0 to 5.
    values
        Amounts a funder might give for one point.
    conf_level
        Confidence level of the ratio's interval.
    """

    grade: int
    values: Sequence[float] = ()
    conf_level: float = 0.95


def cost_effectiveness(
    data: Data,
    *,
    change: str,
    cost: str,
    arm: str,
    plan: CostPlan,
) -> Result:
    """Cost per participant, and per point of effect where the design and the interval allow it.

    Below design level 3 there is no effect to divide by, only a cost per participant. Where the
    effect's interval touches zero no ratio is given: its interval would run through infinity. The
    curve ``P(value · effect − cost > 0)`` is given for any effect (normal approximation).

    Parameters
    ----------
    data
        Rows of people with their change and the cost of their participation (0 in comparison).
    change, cost, arm
        Columns; the later value of the arm is treated.
    plan
        Design level, amounts a funder might give, confidence level.

    Returns
    -------
    Result
        Rows ``describe`` (cost per participant) and ``fieller`` (cost per point);
        ``diagnostics["curve"]``: value to probability.

    Examples
    --------
    >>> from twinimpact.impact import CostPlan, cost_effectiveness
    >>> data = {"change": [4, 5, 6, 5, 1, 0, 1, 2], "cost": [90, 110, 100, 100, 0, 0, 0, 0],
    ...         "arm": [1, 1, 1, 1, 0, 0, 0, 0]}
    >>> plan = CostPlan(grade=3)
    >>> result = cost_effectiveness(data, change="change", cost="cost", arm="arm", plan=plan)
    >>> result.row("fieller").estimate
    25.0
    """
    grade, values, conf_level = plan.grade, plan.values, plan.conf_level
    columns = columns_of(data, numbers=[change, cost], labels=[arm])
    treated = two_arms(columns, arm)
    gain, spent = columns.numbers[change], columns.numbers[cost][treated]
    if min(treated.sum(), (~treated).sum()) < 2:
        raise DesignError("An arm has fewer than two people.", where=arm)
    n = int(treated.sum())
    mean_cost, var_cost = float(spent.mean()), float(spent.var(ddof=1)) / n
    first, second = gain[treated], gain[~treated]
    effect = float(first.mean() - second.mean())
    var_effect = float(first.var(ddof=1)) / n + float(second.var(ddof=1)) / len(second)
    covariance = float(np.cov(spent, first)[0, 1]) / n
    per_person = Estimate(
        outcome=change, estimand="cost_per_participant", method="describe", estimate=mean_cost,
        unit="eur", n=n, grade=grade,
    )  # fmt: skip
    base = Estimate(
        outcome=change, estimand="cost_per_point", method="fieller", unit="eur",
        n=len(gain), grade=grade,
    )  # fmt: skip
    quantile = float(special.ndtri(0.5 + conf_level / 2))
    limits = fieller((mean_cost, var_cost), (effect, var_effect), covariance, quantile)
    ratio = _ratio(base, (mean_cost, effect), limits, conf_level)
    curve = {}
    for value in values:
        spread = value**2 * var_effect + var_cost - 2 * value * covariance
        gained = value * effect - mean_cost
        curve[float(value)] = float(special.ndtr(gained / math.sqrt(spread))) if spread > 0 else 0.5
    return Result(
        rows=(per_person, ratio),
        diagnostics={"curve": curve, "effect": effect, "var_effect": var_effect,
                     "var_cost": var_cost, "covariance": covariance},
        warnings=(f"rows_dropped:{columns.dropped}",) if columns.dropped else (),
    )  # fmt: skip


def _ratio(
    base: Estimate,
    numbers: tuple[float, float],
    limits: tuple[float, float] | None,
    conf_level: float,
) -> Estimate:
    cost, effect = numbers
    if base.grade is not None and base.grade < MAY_CLAIM:
        return replace(base, status="refused", note="no_effect_to_divide_by")
    if limits is None:
        return replace(base, status="refused", note="effect_touches_zero")
    low, high = limits
    return replace(
        base, estimate=cost / effect, conf_low=low, conf_high=high, conf_level=conf_level
    )
