"""Three waves of the same people: what the sizes of the groups give away about a few of them.

With three waves more can be combined than one group and another inside it: the change from the
first wave to the third minus those in between, or the people of two waves minus those of a third.
A reader knows how many answered each wave and each two waves; how many answered all three only
within limits. This asks, for every number that is possible, whether some combination of the shown
sums is about 1 to ``k - 1`` people alone; if it is whatever the number, the reader knows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from itertools import chain, combinations

import numpy as np

Sum = tuple[frozenset[int], tuple[tuple[int, int], ...]]
"""A sum of scores: the waves that its people answered, and each wave with its sign."""
WAVES = (0, 1, 2)
KINDS = tuple(frozenset(some) for size in (1, 2, 3) for some in combinations(WAVES, size))
"""Kinds of people by the waves they answered."""


def tells_of_few(sizes: Mapping[frozenset[int], float], sums: frozenset[Sum], k: int) -> bool:
    """Whether shown sums give away scores of fewer than ``k`` people.

    Parameters
    ----------
    sizes
        How many answered each wave and each two waves; the waves are 0, 1 and 2.
    sums
        What is shown.
    k
        Smallest number of people that may be known.
    """
    possible = list(_possible(sizes))
    middle = len(possible) // 2
    # the middle is where a few are least likely, so that most questions end there
    return bool(possible) and all(
        _few_are_known(people, sums, k) for people in (*possible[middle:], *possible[:middle])
    )


def _possible(sizes: Mapping[frozenset[int], float]) -> Iterator[tuple[int, ...]]:
    """People of each kind, for every number of people who may have answered all three waves."""
    most = min(sizes[kind] for kind in KINDS if len(kind) == 2)
    for all_three in range(int(most) + 1):
        people = {kind: int(sizes[kind]) - all_three for kind in KINDS if len(kind) == 2}
        people[frozenset(WAVES)] = all_three
        for wave in WAVES:
            more = sum(n for kind, n in people.items() if wave in kind and len(kind) > 1)
            people[frozenset({wave})] = int(sizes[frozenset({wave})]) - more
        if min(people.values()) >= 0:
            yield tuple(people[kind] for kind in KINDS)


def _few_are_known(people: tuple[int, ...], sums: frozenset[Sum], k: int) -> bool:
    nobody = [kind for kind, n in enumerate(people) if n == 0]
    few = [kind for kind, n in enumerate(people) if 0 < n < k]
    rank = _rank(sums, frozenset(nobody))
    return any(
        _rank(sums, frozenset((*nobody, *some))) < rank
        for some in _subsets(few)
        if sum(people[kind] for kind in some) < k
    )


def _subsets(kinds: list[int]) -> Iterable[tuple[int, ...]]:
    return chain.from_iterable(combinations(kinds, size) for size in range(len(kinds), 0, -1))


@cache
def _rank(sums: frozenset[Sum], without: frozenset[int]) -> int:
    """Rank of the sums without the scores of some kinds of people.

    A combination is about these people alone exactly when it is zero everywhere else: then
    leaving them out lowers the rank.
    """
    lines = [
        [
            float(dict(signs).get(wave, 0)) if answered <= kind and number not in without else 0.0
            for number, kind in enumerate(KINDS)
            for wave in WAVES
        ]
        for answered, signs in sorted(sums, key=repr)
    ]
    return int(np.linalg.matrix_rank(np.array(lines))) if lines else 0
