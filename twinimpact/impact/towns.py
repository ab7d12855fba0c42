"""Which towns can be compared: the decision table for few towns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

Array = np.ndarray[Any, Any]
Rule = Literal["unknown", "refused", "one_town", "few", "many", "within", "within_refused"]
"""How a difference between arms is inferred.

``unknown`` no towns known · ``refused`` one town per arm · ``one_town`` one town in an arm ·
``few`` two to nine · ``many`` ten or more per arm · ``within`` both arms in three or more of the
same towns · ``within_refused`` both arms in fewer towns.
"""
MANY = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Where the two arms live.

    ``keep`` marks the people a comparison can use; ``participant`` and ``comparison`` count the
    towns of each arm among them; ``dropped`` people have no town, ``mixed`` towns were left out
    because both arms live there.
    """

    rule: Rule
    keep: Array
    participant: int
    comparison: int
    towns: int
    dropped: int
    mixed: int

    @property
    def within(self) -> bool:
        """Whether towns are compared with themselves."""
        return self.rule in ("within", "within_refused")

    @property
    def refused(self) -> bool:
        """Whether no interval and no p may be given."""
        return self.rule in ("unknown", "refused", "within_refused")

    @property
    def notes(self) -> tuple[str, ...]:
        """Codes that go with every row of this layout."""
        return (
            f"town_missing:{self.dropped}" if self.dropped else "",
            f"towns_in_both_arms:{self.mixed}" if self.mixed else "",
            "arm_within_town" if self.within else "",
        )


def layout(arm: Array, town: Array) -> Layout:
    """Sort people into a comparison between towns or within towns.

    Arm has to be constant within a town. Where it is not, a town can only be compared with
    itself. When some towns hold both arms and others one, the towns with one arm are compared if
    both kinds exist, otherwise the towns with both arms; the rest are left out and counted.

    Parameters
    ----------
    arm
        True for participants, shape ``(people,)``.
    town
        Town number, -1 when not known.
    """
    known = town >= 0
    participant, comparison = set(town[known & arm]), set(town[known & ~arm])
    both = participant & comparison
    only_participant, only_comparison = participant - both, comparison - both
    dropped = int((~known).sum())
    if not participant or not comparison:
        keep = np.ones(len(arm), dtype=bool)
        return _layout("unknown", keep, len(participant), len(comparison), dropped, 0)
    if both and not (only_participant and only_comparison):
        keep = known & np.isin(town, list(both))
        rule: Rule = "within" if len(both) >= 3 else "within_refused"
        return _layout(rule, keep, len(both), len(both), dropped, 0)
    keep = known & ~np.isin(town, list(both))
    a, b = len(only_participant), len(only_comparison)
    return _layout(_between(a, b), keep, a, b, dropped, len(both))


def layout_among(chosen: Array, arm: Array, town: Array) -> tuple[Array, Layout]:
    """Which of the chosen people (a mask over all) can be compared, and where they live."""
    place = layout(arm[chosen], town[chosen])
    used = np.zeros(len(arm), dtype=bool)
    used[np.flatnonzero(chosen)[place.keep]] = True
    return used, place


def single_town_note(arm: Array, town: Array, place: Layout) -> str:
    """Warn when the one town of an arm has clearly fewer people than the others.

    With one town in an arm the standard error comes from the other towns. If they have more
    people, their means vary less and the test rejects too often: at no correlation within towns
    its size passes 7 % where 1/n of the single town is 1.25 times that of the others.
    """
    if place.rule != "one_town":
        return ""
    single = arm if place.participant == 1 else ~arm
    n = int(single.sum())
    _, others = np.unique(town[~single], return_counts=True)
    return f"single_town_small:{n}" if 1 / n > 1.25 * float((1 / others).mean()) else ""


def _between(a: int, b: int) -> Rule:
    if a == b == 1:
        return "refused"
    if min(a, b) == 1:
        return "one_town"
    return "many" if min(a, b) >= MANY else "few"


def _layout(rule: Rule, keep: Array, a: int, b: int, dropped: int, mixed: int) -> Layout:
    towns = a if rule in ("within", "within_refused") else a + b
    return Layout(
        rule=rule,
        keep=keep,
        participant=a,
        comparison=b,
        towns=towns,
        dropped=dropped,
        mixed=mixed,
    )
