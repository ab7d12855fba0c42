"""Programme figures without small partnerships, so that nobody can work these out.

A partnership with too few people behind a number has that number withheld. If the programme's
number included them, it would give them away: the partnerships that are shown could be
subtracted. So the programme's number is made of the other partnerships only, and says how
many are not in it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from twinimpact.impact.sample import People

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """Whom a number is made of, and how many partnerships it leaves out.

    ``inside`` marks the people who stay. ``participant`` and ``comparison`` count the
    partnerships left out of each arm, ``either`` those left out of one arm or both.
    """

    inside: Array
    participant: int
    comparison: int
    either: int


def stay(
    people: People,
    measured: Sequence[Array],
    smallest: int,
    use: Callable[[Array], Array] | None = None,
) -> Stay:
    """Leave each partnership out of an arm in which it has fewer than ``smallest`` people.

    Parameters
    ----------
    people
        The people of the programme, one arm or both.
    measured
        Who counts: one mask for pairs, or one per wave when each wave asked other people; then
        a partnership needs enough people in every wave.
    smallest
        Fewest people of a partnership and arm; 0 leaves nobody out.
    use
        Of a mask of people, those an estimate would be made of. When a partnership is large
        enough but too few of its people can be used, it is left out as well.
    """
    code = 2 * people.partnership + people.arm
    inside = np.ones(len(code), dtype=bool)
    while smallest:
        small = _small(code, [mask & inside for mask in measured], smallest)
        if use is not None and not small.any():
            used = use(inside)
            small = _small(code, [mask & used for mask in measured], smallest)
        if not small.any():
            break
        inside &= ~small[code]
    out = ~inside & np.any(measured, axis=0)
    gone = [people.partnership[out & side] for side in (people.arm, ~people.arm)]
    return Stay(
        inside=inside,
        participant=len(np.unique(gone[0])),
        comparison=len(np.unique(gone[1])),
        either=len(np.unique(np.concatenate(gone))),
    )


def left_out_code(partnerships: int) -> str:
    """The note of a row that leaves partnerships out; nothing when there are none."""
    return f"left_out:{partnerships}" if partnerships else ""


def _small(code: Array, masks: Sequence[Array], smallest: int) -> Array:
    """Whether each code has somebody, but too few in one of the masks."""
    size = int(code.max(initial=0)) + 1
    sizes = np.array([np.bincount(code[mask], minlength=size) for mask in masks])
    return np.asarray((sizes.min(axis=0) < smallest) & (sizes.max(axis=0) > 0))
