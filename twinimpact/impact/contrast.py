"""A difference between arms as town means, and the rows it turns into."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from twinimpact.impact.clusters import (
    adjusted_town_means,
    difference_of_town_means,
    mean_of_towns,
    placebo_rank_p,
    town_means,
)
from twinimpact.impact.estimate import Estimate
from twinimpact.impact.filled import filled
from twinimpact.impact.finding import verdict
from twinimpact.impact.intervals import Fit
from twinimpact.impact.notes import note, with_value
from twinimpact.impact.sample import Outcome
from twinimpact.impact.towns import Layout

Array = np.ndarray[Any, Any]
FEWEST = 10
"""Below this many people in an arm or wave a difference is neither given nor tested."""
FIRM = 30
BETWEEN_ARMS = "post-pre|participant-comparison"


@dataclass(frozen=True, slots=True, kw_only=True)
class TownValues:
    """One number per town and arm; within towns both arrays follow the same towns."""

    participant: Array
    comparison: Array


def town_values(values: Array, arm: Array, town: Array) -> TownValues:
    """Unweighted town means of each arm, towns in order of their number."""
    return TownValues(
        participant=town_means(values[arm], town[arm])[1],
        comparison=town_means(values[~arm], town[~arm])[1],
    )


def town_fit(values: TownValues, place: Layout, level: float) -> Fit:
    """Difference between arms by the rule for few towns; no interval where it is refused."""
    if place.rule == "unknown":
        return Fit(reason="town_missing")
    if place.within:
        return mean_of_towns(values.participant - values.comparison, level)
    return difference_of_town_means(values.participant, values.comparison, level)


def adjusted_fit(pre: Array, post: Array, cell: Array, place: Layout, level: float) -> Fit:
    """Two-stage difference in ``post`` adjusted for ``pre``.

    Parameters
    ----------
    pre, post
        Scores, shape ``(people,)``.
    cell
        Twice the town number, plus one for participants.
    place
        Where the arms live.
    level
        Confidence level.
    """
    found = adjusted_town_means(post, pre[:, None], cell)
    if found is None:
        return Fit(reason="no_variation")
    cells, means = found
    arm = cells % 2 == 1
    values = TownValues(participant=means[arm], comparison=means[~arm])
    return town_fit(values, place, level)


def fitted(base: Estimate, fit: Fit, outcome: Outcome, level: float, *codes: str) -> Estimate:
    """A row from a fit: status by the reason, verdict by the interval."""
    return replace(
        filled(base, fit, level, *codes),
        verdict=verdict(fit.conf_low, fit.conf_high, outcome.sesoi, outcome.direction),
    )


def size_code(*sizes: int) -> str:
    """``indicative`` when the smallest group has fewer than 30 people."""
    return "indicative" if min(sizes) < FIRM else ""


def too_small(base: Estimate, smallest: int, place: Layout) -> Estimate:
    """The row of a difference that rests on fewer than ten people on one side.

    The number itself is left out: with the figures of the larger side it would tell the smaller.
    """
    status = "refused" if place.refused else "descriptive"
    reason = {"refused": "one_town_per_arm", "within_refused": "too_few_towns"}.get(place.rule, "")
    code = "no_data" if smallest == 0 else f"arm_below_10:{smallest}"
    status = "not_estimable" if smallest == 0 else status
    return replace(base, status=status, note=note(reason, code, base.note, *place.notes))


def placebo_row(base: Estimate, values: TownValues, level: float) -> Estimate:
    """Placebo-rank p for an arm with one town, with the smallest p it can give."""
    groups = (values.participant, values.comparison)
    single, others = groups if len(groups[0]) == 1 else groups[::-1]
    smallest = 1 / (len(others) + 1)
    return replace(
        base,
        method="placebo_rank",
        p_value=placebo_rank_p(float(single[0]), others),
        note=note(
            "beside",
            with_value("smallest_p", smallest, 6),
            "cannot_reject" if smallest > 1 - level else "",
            base.note,
        ),
    )


def town_codes(place: Layout) -> tuple[str, ...]:
    """Codes that say what a town-level row is about and rests on."""
    assumption = "equal_variance_assumption" if place.rule == "one_town" else ""
    return ("" if place.rule == "unknown" else "average_town", assumption)
