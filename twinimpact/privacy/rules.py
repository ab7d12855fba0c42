"""Thresholds of the disclosure gate, and what its parts tell each other."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from twinimpact.errors import DisclosureError

FLOOR = 5
Verdicts = dict[int, str]
"""Row label in the results table to ``primary`` or ``complementary``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DisclosureRules:
    """Smallest groups that may be shown.

    Parameters
    ----------
    k_answers
        People behind a number made of answers.
    k_counts
        People in a head-count.
    k_minors
        People in a head-count of an age band under 18.
    waves
        Role in a contrast (``pre``, ``post``, ``followup``) to wave id, where they differ.
    wave_order
        Wave ids in the order of fielding. When it is empty no wave counts as the latest.
    scale_items
        Scale id to the ids of its items, whose distributions tell of the same people.
    made_of
        Indicator to the scales and items it is made of; it is hidden where one of them is.
    programme_without_small
        The promise that the programme's numbers made of answers include no partnership with
        fewer than ``k_answers`` people in the same number. The gate then need not hide them
        for such a partnership, and checks the promise.

    Raises
    ------
    DisclosureError
        If a threshold is below 5.
    """

    k_answers: int = 10
    k_counts: int = 5
    k_minors: int = 10
    waves: Mapping[str, str] = field(default_factory=dict)
    wave_order: tuple[str, ...] = ()
    scale_items: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    made_of: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    programme_without_small: bool = False

    def __post_init__(self) -> None:
        for name in ("k_answers", "k_counts", "k_minors"):
            if getattr(self, name) < FLOOR:
                raise DisclosureError(
                    "Groups smaller than 5 are never shown.",
                    where=name,
                    got=str(getattr(self, name)),
                    expected="5 or more",
                )


def is_small(value: float, threshold: float) -> bool:
    """Whether a count is above zero and below the threshold; an absent one is not small."""
    return math.isfinite(value) and 0 < round(value, 6) < threshold
