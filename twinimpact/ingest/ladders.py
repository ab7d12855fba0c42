"""Graded answers as they are proposed for a mapping; a person decides.

The wordings are those of ``words/``; here they order the answers of one question.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from twinimpact.ingest import answer_words
from twinimpact.ingest.values import fold

STEPS = 5
"""Steps of every ladder."""
LADDERS: tuple[tuple[frozenset[str], ...], ...] = tuple(
    one.steps for one in answer_words.ladders(STEPS)
)


def steps(
    labels: Iterable[str], ladders: Sequence[tuple[frozenset[str], ...]] = LADDERS
) -> dict[str, int]:
    """Step (from 0) of every label on the one ladder that holds them all, else nothing.

    At least two labels must stand on it, on steps of their own.
    """
    listed = list(labels)
    for ladder in ladders:
        found = {
            label: step
            for label in listed
            for step, words in enumerate(ladder)
            if fold(label) in words
        }
        if len(found) == len(listed) >= 2 and len(set(found.values())) == len(listed):
            return found
    return {}
