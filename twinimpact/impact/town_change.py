"""Change of the participants' towns: the mean over towns, from three towns on."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from itertools import product
from typing import Any

import numpy as np

from twinimpact.impact.change import FEWEST_TOWNS
from twinimpact.impact.clusters import cr2, mean_of_towns, town_means
from twinimpact.impact.contrast import FEWEST, fitted, size_code
from twinimpact.impact.estimate import Estimate
from twinimpact.impact.left_out import left_out_code, stay
from twinimpact.impact.notes import note
from twinimpact.impact.pairs import CONTRASTS
from twinimpact.impact.sample import Outcome, People

Array = np.ndarray[Any, Any]


def town_change(
    people: People, partnership: str, level: float, smallest: int = 0
) -> list[Estimate]:
    """Mean change over towns, t(a - 1), from three towns on; people with CR2 beside it.

    Null hypothesis: the mean change over towns is zero. Partnerships with fewer than ``smallest``
    pairs in known towns are left out; in a town of two partnerships the others' people stay.
    """
    rows = []
    for position, estimand in product(range(len(people.outcomes)), CONTRASTS):
        first, second = CONTRASTS[estimand]
        if not {first, second} <= set(people.waves):
            continue
        outcome = people.outcomes[position]
        change = people.scores[second][:, position] - people.scores[first][:, position]
        pairs = ~np.isnan(change)
        known = people.town >= 0
        kept = stay(people, [pairs], smallest, partial(np.logical_and, known))
        pairs &= kept.inside
        used = pairs & known
        town = people.town[used]
        towns = len(np.unique(town))
        if towns < FEWEST_TOWNS:
            continue
        n, dropped = int(used.sum()), int((pairs & ~used).sum())
        present = (people.present[first] | people.present[second]) & kept.inside
        base = Estimate(
            outcome=outcome.scale,
            estimand=estimand,
            method="town_mean_t",
            n=n,
            clusters=towns,
            grade=1,
            missing=int(present.sum()) - n,
            partnership=partnership,
            arm="participant",
            unit=outcome.unit,
            direction=outcome.direction,
            note=note(
                f"town_missing:{dropped}" if dropped else "", left_out_code(kept.participant)
            ),
        )
        rows += _town_change(base, change[used], town, outcome, level)
    return rows


def _town_change(
    base: Estimate, change: Array, town: Array, outcome: Outcome, level: float
) -> list[Estimate]:
    means = town_means(change, town)[1]
    if len(change) < FEWEST:
        told = note("average_town", base.note)
        return [replace(base, estimate=float(means.mean()), status="descriptive", note=told)]
    base = replace(base, note=note(size_code(len(change)), base.note))
    fit = cr2(np.ones((len(change), 1)), change, town, 0, level)
    person = replace(base, method="change_cr2")
    return [
        fitted(base, mean_of_towns(means, level), outcome, level, "average_town"),
        fitted(person, fit, outcome, level, "beside", "average_person"),
    ]
