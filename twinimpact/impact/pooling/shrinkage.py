"""Each partnership drawn towards the others, and whether they may be put in an order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from twinimpact.impact.estimate import Estimate
from twinimpact.impact.inputs import Data
from twinimpact.impact.notes import note, with_value
from twinimpact.impact.pooling.likelihood import Fitted, fit
from twinimpact.impact.pooling.studies import (
    FEWEST,
    SMALL,
    Partnerships,
    PoolPlan,
    Studies,
    partnerships_of,
    too_few,
)
from twinimpact.impact.result import Result

Array = np.ndarray[Any, Any]
METHOD = "blup"
BAR = 1.39
"""Two bars of 1.39 standard errors that do not overlap differ at about 5 %."""
FEWEST_TO_RANK = 5
RELIABLE = 0.5
DRAWS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Shrunken:
    """Partnerships drawn towards their mean.

    Parameters
    ----------
    estimate, std_error
        Best linear unbiased predictions, shape ``(k,)``.
    kept
        Share of a partnership's own deviation that is kept, ``τ²/(v + τ²)``, shape ``(k,)``.
    """

    estimate: Array
    std_error: Array
    kept: Array

    @property
    def reliability(self) -> float:
        """Mean share of the variation that is between partnerships, not chance."""
        return float(self.kept.mean())


def drawn_in(y: Array, v: Array, fitted: Fitted) -> Shrunken:
    """``Bμ + (1 − B)y`` with ``B = v/(v + τ²)`` and variance ``τ²B + B²SE²``."""
    share = v / (v + fitted.tau2)
    mu, error = float(fitted.beta[0]), float(fitted.usual[0])
    variance = fitted.tau2 * share + (share * error) ** 2
    return Shrunken(
        estimate=share * mu + (1 - share) * y, std_error=np.sqrt(variance), kept=1 - share
    )


def unrankable(kept: Array, n: Array | None) -> str:
    """Why partnerships cannot be put in an order; empty where they can."""
    if len(kept) < FEWEST_TO_RANK:
        return f"rank_few_partnerships:{FEWEST_TO_RANK}"
    if n is None:
        return "rank_people_unknown"
    if (n < SMALL).any():
        return f"rank_small_partnership:{int((n < SMALL).sum())}"
    reliability = float(kept.mean())
    return with_value("rank_unreliable", reliability) if reliability < RELIABLE else ""


def shrink(data: Data, *, studies: Studies, plan: PoolPlan | None = None) -> Result:
    """Draw each partnership towards the mean of all, the more the less it says itself.

    Best linear unbiased predictions from the pool of :func:`~twinimpact.impact.pool`; their
    intervals take the variation between partnerships as known. Ranks are
    given as intervals from 10,000 draws of the partnerships' joint distribution, and only if
    there are five partnerships or more, none has fewer than ten people, and at least half of the
    variation is between them; else the row ``ranks`` is refused. Bars of 1.39 standard errors
    (Goldstein & Healy 1995, doi:10.2307/2983411): two that do not overlap differ at about 5 %.

    Parameters
    ----------
    data, studies
        As in :func:`~twinimpact.impact.pool`; without ``n`` nothing is ranked.
    plan
        Confidence level, name of the outcome, seed of the draws behind the ranks.

    Returns
    -------
    Result
        One row ``shrunken`` per partnership, then ``ranks``, and where that is not refused one
        row ``rank`` per partnership (1 is the highest estimate). ``diagnostics``:
        ``caterpillar`` (frame, lowest first, with ``low`` and ``high`` of the bars and
        ``differs``: whether the interval leaves the mean out), ``reliability``, ``mean``,
        ``tau2``.

    Raises
    ------
    DesignError
        As in :func:`~twinimpact.impact.pool`.

    Examples
    --------
    >>> from twinimpact.impact import Studies, shrink
    >>> changes = {"change": [0.1, 0.2, 0.5, 0.3, 0.9], "se": [0.10, 0.15, 0.12, 0.10, 0.20]}
    >>> result = shrink(changes, studies=Studies(estimate="change", std_error="se"))
    >>> round(result.primary.estimate, 3), result.row("blup", "ranks").status
    (0.139, 'refused')
    """
    plan = plan or PoolPlan()
    given = partnerships_of(data, studies)
    base = Estimate(
        outcome=plan.outcome, estimand="shrunken", method=METHOD, n=given.people,
        clusters=len(given),
    )  # fmt: skip
    if len(given) < FEWEST:
        return too_few(given, base)
    fitted = fit(given.y, given.v)
    found = drawn_in(given.y, given.v, fitted)
    code = unrankable(found.kept, given.n)
    rows = shrunken_rows(found, given, plan)
    rows.append(
        Estimate(
            outcome=plan.outcome, estimand="ranks", method=METHOD, n=given.people,
            clusters=len(given), status="refused" if code else "ok", note=code,
        )
    )  # fmt: skip
    if not code:
        rows += _rank_rows(given, fitted, plan)
    flat = "no_partnership_variation" if fitted.tau2 == 0 else ""
    return Result(
        rows=tuple(rows),
        diagnostics={
            "caterpillar": _caterpillar(given, found, fitted, plan.conf_level),
            "reliability": found.reliability,
            "mean": float(fitted.beta[0]),
            "tau2": fitted.tau2,
        },
        warnings=tuple(filter(None, (*given.warnings, code, flat))),
        seed=plan.seed,
    )


def shrunken_rows(found: Shrunken, given: Partnerships, plan: PoolPlan) -> list[Estimate]:
    """One row per partnership, in the given order."""
    half = float(special.ndtri(0.5 + plan.conf_level / 2)) * found.std_error
    return [
        Estimate(
            outcome=plan.outcome,
            estimand="shrunken",
            method=METHOD,
            estimate=float(found.estimate[place]),
            std_error=float(found.std_error[place]),
            conf_low=float(found.estimate[place] - half[place]),
            conf_high=float(found.estimate[place] + half[place]),
            conf_level=plan.conf_level,
            n=given.of(place),
            partnership=name,
            note=note(with_value("own_share", float(found.kept[place]))),
        )
        for place, name in enumerate(given.labels)
    ]


def rank_draws(y: Array, v: Array, fitted: Fitted, seed: int) -> Array:
    """Ranks (1 highest) in draws of all partnerships together, shape ``(draws, k)``.

    The mean is drawn first, so that partnerships move together where they rest on it.
    """
    rng = np.random.default_rng(seed)
    share = v / (v + fitted.tau2)
    mu = fitted.beta[0] + fitted.usual[0] * rng.standard_normal((DRAWS, 1))
    spread = np.sqrt(fitted.tau2 * share) * rng.standard_normal((DRAWS, len(y)))
    drawn = share * mu + (1 - share) * y + spread
    return 1 + np.argsort(np.argsort(-drawn, axis=1), axis=1)


def _rank_rows(given: Partnerships, fitted: Fitted, plan: PoolPlan) -> list[Estimate]:
    level = plan.conf_level
    ranks = rank_draws(given.y, given.v, fitted, plan.seed)
    ends = [(1 - level) / 2, 0.5, (1 + level) / 2]
    low, middle, high = np.quantile(ranks, ends, axis=0, method="inverted_cdf")
    return [
        Estimate(
            outcome=plan.outcome, estimand="rank", method=METHOD, unit="rank",
            estimate=float(middle[place]), conf_low=float(low[place]),
            conf_high=float(high[place]), conf_level=level, n=given.of(place), partnership=name,
        )
        for place, name in enumerate(given.labels)
    ]  # fmt: skip


def _caterpillar(
    given: Partnerships, found: Shrunken, fitted: Fitted, level: float
) -> pd.DataFrame:
    half = float(special.ndtri(0.5 + level / 2)) * found.std_error
    table = pd.DataFrame(
        {
            "partnership": given.labels,
            "estimate": found.estimate,
            "std_error": found.std_error,
            "low": found.estimate - BAR * found.std_error,
            "high": found.estimate + BAR * found.std_error,
            "differs": np.abs(found.estimate - fitted.beta[0]) > half,
        }
    )
    return table.sort_values("estimate", kind="stable", ignore_index=True)
