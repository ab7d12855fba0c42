"""Which questionnaires of different waves were filled in by the same person.

Tokens of the survey tool come first. Self-generated codes link two questionnaires if at
most one element differs and each is the other's only best candidate; codes that occur
twice within a wave are never linked. What a person has judged comes before both. Elements
arrive hashed one by one, so nothing here sees what people wrote.

The rule tolerates one slip of memory; its yield against exact matching was measured for
such codes by Yurek, Vasey and Havens (2008), doi 10.1177/0193841X08316676.
"""

from __future__ import annotations

import functools
import hashlib
import itertools
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from twinimpact.ingest.values import CACHED, fold

METHODS = ("token", "exact", "fuzzy", "decided", "ambiguous", "unlinked")
MAX_DIFFERENT = 1
MIN_ELEMENTS = 3
DENSE_PAIRS = 40_000
"""Up to so many pairs, comparing all of them is faster than joining."""
JUNK = frozenset({"TEST", "XXXX", "ASDF", "QWERTY", "NONE", "ANON", "ABCDEF", "ABC123", "NA"})
_SIMILAR = str.maketrans({"O": "0", "I": "1", "L": "1"})
_RUNS = ("0123456789", "1234567890", "9876543210", "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_RUN_CODES = tuple(run.translate(_SIMILAR) for run in _RUNS)
_JUNK_CODES = frozenset(word.translate(_SIMILAR) for word in JUNK)

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """Linked people.

    Parameters
    ----------
    frame
        One row per questionnaire: ``response_id``, ``person``, ``method`` (:data:`METHODS`).
        A questionnaire that links to no other is a person of its own.
    summary
        One row per partnership and wave: ``responses``, ``with_code``, and the number of
        questionnaires by method.
    """

    frame: pd.DataFrame
    summary: pd.DataFrame


@functools.lru_cache(maxsize=CACHED)
def normalise_element(text: str) -> str:
    """One code element in its comparable form.

    Upper case, accents stripped, letter O read as zero and letters I and L as one;
    leading zeros stay.

    >>> normalise_element(" öl 07")
    '0107'
    """
    folded = "".join(fold(text).split()).upper()
    return folded.translate(_SIMILAR)


def usable_code(elements: Sequence[str]) -> bool:
    """Whether normalised elements can identify anyone: enough of them, and no junk.

    Refused are codes of one repeated character, of a simple run such as ``1234``, well-known
    test words, and codes with more than one blank element.
    """
    if len(elements) < MIN_ELEMENTS or sum(not element for element in elements) > MAX_DIFFERENT:
        return False
    whole = "".join(elements)
    return (
        len(set(whole)) > 1
        and whole not in _JUNK_CODES
        and not any(whole in run for run in _RUN_CODES)
    )


def surely_usable(element: str) -> bool:
    """Whether no code with this element is junk: it is part of no run and no test word.

    Says nothing of codes with several blank elements.
    """
    return len(set(element)) > 1 and not any(
        element in junk for junk in (*_RUN_CODES, *_JUNK_CODES)
    )


Judgements = Mapping[tuple[str, str], str]
"""Pairs of response ids to ``same`` or ``different``."""


def link_waves(
    responses: pd.DataFrame, waves: Sequence[str], judged: Judgements | None = None
) -> Links:
    """Link questionnaires over waves within partnership and arm.

    Parameters
    ----------
    responses
        ``response_id``, ``partnership_id``, ``arm``, ``wave``, ``participant_token``, ``code``
        (hashed elements joined by ``-``, a blank element left empty).
    waves
        Wave ids in the order of fielding; fewer than two link nobody. Pairs of waves are
        taken in that order, and an earlier pair has the last word.
    judged
        Pairs a person has decided on. Two questionnaires of different partnerships, arms or of
        one wave stay apart all the same.

    Returns
    -------
    Links
        The same for every order of the rows.
    """
    data = _prepared(responses, waves)
    people = _People(data, judged or {})
    ambiguous = np.zeros(len(data), dtype=bool)
    for first, second in people.same:
        people.join(first, second, "decided")
    for _, places in data.groupby(["partnership_id", "arm"], sort=True).indices.items():
        rows = np.asarray(places, dtype=np.int64)
        block = data.iloc[rows]
        _link_tokens(block, rows, people, ambiguous)
        for first, second in itertools.combinations(range(len(waves)), 2):
            _link_codes(block, rows, (first, second), people, ambiguous)
    return _links(data, people, ambiguous)


def _prepared(responses: pd.DataFrame, waves: Sequence[str]) -> pd.DataFrame:
    names = ["response_id", "partnership_id", "arm", "wave", "participant_token", "code"]
    data = responses[names].fillna("").astype("str")
    data = data.sort_values("response_id", kind="stable").reset_index(drop=True)
    order = {wave: position for position, wave in enumerate(waves)}
    data["position"] = data["wave"].map(order).fillna(-1).astype("int64")
    return data


class _People:
    """Which rows are one person: components with at most one row per wave."""

    def __init__(self, data: pd.DataFrame, judged: Judgements) -> None:
        self.component = np.arange(len(data))
        self.members: dict[int, tuple[int, ...]] = {row: (row,) for row in range(len(data))}
        self.wave = data["position"].to_numpy()
        self.method = np.full(len(data), "", dtype=object)
        self.same: list[tuple[int, int]] = []
        self.different: set[frozenset[int]] = set()
        self._take(data, judged)

    def _take(self, data: pd.DataFrame, judged: Judgements) -> None:
        place = {response: row for row, response in enumerate(data["response_id"])}
        block = list(zip(data["partnership_id"], data["arm"], strict=True))
        for (one, two), verdict in sorted(judged.items()):
            first, second = place.get(one), place.get(two)
            if first is None or second is None:
                continue
            if verdict == "different":
                self.different.add(frozenset((first, second)))
            elif block[first] == block[second] and min(self.wave[[first, second]]) >= 0:
                self.same.append((first, second))

    def apart(self, first: int, second: int) -> bool:
        """Whether somebody has judged two rows to be different people."""
        return bool(self.different) and frozenset((first, second)) in self.different

    def partner(self, row: int, wave: int) -> int | None:
        """The row of the same person in a wave."""
        members = self.members[int(self.component[row])]
        return next((other for other in members if self.wave[other] == wave), None)

    def join(self, first: int, second: int, method: str) -> bool:
        """Make two rows one person unless a wave would then occur twice."""
        one, two = int(self.component[first]), int(self.component[second])
        if one != two:
            together = self.members[one] + self.members[two]
            if any(self.apart(a, b) for a in self.members[one] for b in self.members[two]):
                return False
            if len({int(self.wave[row]) for row in together}) < len(together):
                return False
            self.members[one] = together
            del self.members[two]
            self.component[list(together)] = one
        # the weakest link of a row names it: a sensitivity run keeps exact links only
        strength = {"": 0, "token": 1, "exact": 2, "fuzzy": 3, "decided": 4}
        for row in (first, second):
            if strength[method] > strength[self.method[row]]:
                self.method[row] = method
        return True


def _link_tokens(
    block: pd.DataFrame, rows: Integers, people: _People, ambiguous: npt.NDArray[np.bool_]
) -> None:
    tokens = block["participant_token"].where(block["position"] >= 0, "")
    for token, places in tokens.groupby(tokens, sort=True).indices.items():
        if token == "":
            continue
        found = rows[places]
        repeated = pd.Series(people.wave[found]).duplicated(keep=False).to_numpy(dtype=bool)
        ambiguous[found[repeated]] = True
        for first, second in itertools.pairwise(found[~repeated]):
            people.join(int(first), int(second), "token")


def _link_codes(
    block: pd.DataFrame,
    rows: Integers,
    pair: tuple[int, int],
    people: _People,
    ambiguous: npt.NDArray[np.bool_],
) -> None:
    position = block["position"].to_numpy()
    codes = block["code"].to_numpy()
    sides = []
    for number, other in (pair, pair[::-1]):
        chosen = rows[(position == number) & (codes != "")]
        # a token has already said who this person is in the other wave
        free = [r for r in chosen if people.partner(int(r), other) is None]
        sides.append(np.asarray(free, dtype=np.int64))
    text = dict(zip(rows.tolist(), codes.tolist(), strict=True))
    for side in sides:
        times = Counter(text[row] for row in side.tolist())
        ambiguous[[row for row in side.tolist() if times[text[row]] > 1]] = True
    lengths = {len(text[int(row)].split("-")) for side in sides for row in side}
    for length in sorted(lengths):
        left, right = (
            [r for r in side if len(text[int(r)].split("-")) == length] for side in sides
        )
        apart = _apart(people, left, right)
        pairs, contested = match_codes(
            [text[int(row)] for row in left], [text[int(row)] for row in right], apart
        )
        for a, b, different in pairs:
            joined = people.join(int(left[a]), int(right[b]), "fuzzy" if different else "exact")
            if not joined:
                ambiguous[[left[a], right[b]]] = True
        ambiguous[[left[a] for a in contested[0]]] = True
        ambiguous[[right[b] for b in contested[1]]] = True


def _apart(
    people: _People, left: Sequence[np.int64], right: Sequence[np.int64]
) -> frozenset[tuple[int, int]]:
    """Positions of pairs that have been judged to be different people."""
    if not people.different:
        return frozenset()
    ours = {int(row): place for place, row in enumerate(left)}
    theirs = {int(row): place for place, row in enumerate(right)}
    return frozenset(
        (ours[a], theirs[b])
        for a, b in itertools.chain.from_iterable(
            itertools.permutations(pair) for pair in people.different
        )
        if a in ours and b in theirs
    )


Pairs = tuple[tuple[int, int, int], ...]


def match_codes(
    left: Sequence[str],
    right: Sequence[str],
    apart: frozenset[tuple[int, int]] = frozenset(),
) -> tuple[Pairs, tuple[tuple[int, ...], tuple[int, ...]]]:
    """Pairs of codes of equal length that the rule links.

    Parameters
    ----------
    left, right
        Codes of two waves, elements joined by ``-``.
    apart
        Pairs of positions that are no candidates, whatever their codes.

    Returns
    -------
    tuple
        Linked pairs ``(left position, right position, differing elements)`` in order, and the
        positions on each side that had a candidate but no unique mutual one.
    """
    if not left or not right:
        return (), ((), ())
    a, b = coded(left, right)
    first, second = candidates(a, b)
    if apart:
        kept = [pair not in apart for pair in zip(first.tolist(), second.tolist(), strict=True)]
        first, second = first[kept], second[kept]
    if not len(first):
        return (), ((), ())
    distance = (a[first] != b[second]).sum(axis=1)
    best_left = _only_best(first, distance, len(a))
    best_right = _only_best(second, distance, len(b))
    linked = best_left & best_right
    order = np.lexsort((second[linked], first[linked]))
    pairs = zip(
        first[linked][order].tolist(),
        second[linked][order].tolist(),
        distance[linked][order].tolist(),
        strict=True,
    )
    contested = (
        tuple(np.setdiff1d(first, first[linked]).tolist()),
        tuple(np.setdiff1d(second, second[linked]).tolist()),
    )
    return tuple(pairs), contested


def coded(left: Sequence[str], right: Sequence[str]) -> tuple[Integers, Integers]:
    """Codes as numbers, shape (codes, elements): equal elements have equal numbers."""
    elements = np.array([code.split("-") for code in (*left, *right)], dtype=object)
    flat = pd.factorize(elements.ravel())[0].astype(np.int64).reshape(elements.shape)
    blank = elements == ""
    # a blank equals nothing, not even another blank
    flat[blank] = -1 - np.arange(int(blank.sum()))
    return flat[: len(left)], flat[len(left) :]


def candidates(a: Integers, b: Integers) -> tuple[Integers, Integers]:
    """Positions of all pairs with at most :data:`MAX_DIFFERENT` differing elements."""
    if len(a) * len(b) <= DENSE_PAIRS:
        near = (a[:, None, :] != b[None, :, :]).sum(axis=2) <= MAX_DIFFERENT
        left, right = np.nonzero(near)
        return left.astype(np.int64), right.astype(np.int64)
    # codes with at most one difference agree on all elements but some one: join on those
    found = []
    both = np.vstack([a, b])
    for dropped in range(a.shape[1]):
        rest = np.delete(both, dropped, axis=1)
        key = np.unique(rest, axis=0, return_inverse=True)[1].ravel()
        one = pd.DataFrame({"key": key[: len(a)], "left": np.arange(len(a))})
        two = pd.DataFrame({"key": key[len(a) :], "right": np.arange(len(b))})
        found.append(one.merge(two, on="key")[["left", "right"]])
    pairs = pd.concat(found).drop_duplicates()
    return pairs["left"].to_numpy(dtype=np.int64), pairs["right"].to_numpy(dtype=np.int64)


def _only_best(side: Integers, distance: Integers, size: int) -> npt.NDArray[np.bool_]:
    best = np.full(size, np.iinfo(np.int64).max, dtype=np.int64)
    np.minimum.at(best, side, distance)
    at_best = distance == best[side]
    number = np.bincount(side[at_best], minlength=size)
    return np.asarray(at_best & (number[side] == 1), dtype=bool)


def _links(data: pd.DataFrame, people: _People, ambiguous: npt.NDArray[np.bool_]) -> Links:
    ids = data["response_id"].to_numpy()
    person = np.empty(len(data), dtype=object)
    for members in people.members.values():
        # named after the earliest questionnaire, so a later wave does not rename anyone
        first = min(members, key=lambda row: (people.wave[row], ids[row]))
        name = "p" + hashlib.sha256(str(ids[first]).encode()).hexdigest()[:19]
        person[list(members)] = name
    method = np.where(
        people.method == "", np.where(ambiguous, "ambiguous", "unlinked"), people.method
    )
    frame = pd.DataFrame({"response_id": ids, "person": person, "method": method}, dtype="str")
    return Links(frame=frame, summary=_summary(data, frame))


def _summary(data: pd.DataFrame, frame: pd.DataFrame) -> pd.DataFrame:
    keys = ["partnership_id", "wave"]
    table = data[keys].copy()
    table["responses"] = 1
    table["with_code"] = (data["code"] != "").astype("int64")
    for method in METHODS:
        table[method] = (frame["method"] == method).astype("int64")
    return table.groupby(keys, as_index=False, sort=True).sum()
