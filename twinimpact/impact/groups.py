"""Whom a row about change speaks of: a partnership, one of its towns, or the programme."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from twinimpact.impact.left_out import stay
from twinimpact.impact.sample import People
from twinimpact.schema import PROGRAMME

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Groups:
    """Whom each row is about: ``code`` gives each person's group, -1 for nobody's.

    ``left_out`` counts the partnerships that are too small to be in the programme's group.
    """

    code: Array
    partnership: tuple[str, ...]
    town: tuple[str, ...]
    left_out: int = 0

    @property
    def count(self) -> int:
        """Number of groups."""
        return len(self.partnership)


def by_partnership(people: People) -> Groups:
    """One group per partnership."""
    names = people.partnerships
    return Groups(code=people.partnership, partnership=names, town=("",) * len(names))


def programme(people: People, pairs: Array, smallest: int = 0) -> Groups:
    """One group of everybody but partnerships with fewer than ``smallest`` pairs.

    Parameters
    ----------
    people
        The participants.
    pairs
        Who has both scores.
    smallest
        Fewest pairs of a partnership; 0 leaves nobody out.
    """
    kept = stay(people, [pairs], smallest)
    code = np.where(kept.inside, 0, -1)
    return Groups(code=code, partnership=(PROGRAMME,), town=("",), left_out=kept.participant)


def two_towns(people: People) -> Groups:
    """One group per town in partnerships whose participants with both waves live in two towns."""
    both = people.present["pre"] & people.present["post"] & (people.town >= 0)
    size = len(people.towns) + 1
    pair = people.partnership * size + people.town
    found = np.unique(pair[both])
    homes = np.bincount(found // size, minlength=len(people.partnerships))
    found = found[homes[found // size] == 2]
    place = np.searchsorted(found, pair)
    there = (people.town >= 0) & np.isin(pair, found)
    return Groups(
        code=np.where(there, place, -1),
        partnership=tuple(people.partnerships[v // size] for v in found),
        town=tuple(people.towns[v % size] for v in found),
    )
