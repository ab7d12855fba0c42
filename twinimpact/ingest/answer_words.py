"""The usual wordings of graded answers, in nine languages: one code where the range fits.

``Trifft zu`` and ``D'accord`` are the same answer. A wording counts only if all wordings of
its column stand on one ladder with as many steps as the item has answers, each on a step of
its own. Whether the ladder runs upwards is told by the item's own words, or by its kind.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from twinimpact.ingest.answers import read_answer, vocabulary
from twinimpact.ingest.codebook import Question
from twinimpact.ingest.mapping import Answers
from twinimpact.ingest.synonyms import option, words_of
from twinimpact.ingest.values import LOCALES, fold, fold_label
from twinimpact.instruments import Item

UPWARDS = ("agreement", "frequency", "amount")
"""Kinds of items whose lowest code is by their own nature the lowest step."""
_MOST_WORDINGS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder:
    """The steps of one family of answers in one language; wordings are folded."""

    family: str
    language: str
    steps: tuple[frozenset[str], ...]

    def step(self, label: str) -> int | None:
        """The step a wording stands on."""
        folded = fold(label)
        return next((at for at, words in enumerate(self.steps) if folded in words), None)


@functools.cache
def ladders(points: int) -> tuple[Ladder, ...]:
    """All ladders with this many steps."""
    found = []
    for language in LOCALES:
        for name, line in words_of(language)["answers"].items():
            steps = tuple(
                frozenset(fold(word) for word in step.split("/")) for step in line.split("|")
            )
            if len(steps) == points:
                family = name.rpartition("_")[0]
                found.append(Ladder(family=family, language=language, steps=steps))
    return tuple(found)


def column_words(
    item: Item, declared: Answers, seen: Iterable[str], asked: Question | None = None
) -> tuple[Answers, Mapping[str, int]]:
    """The vocabulary of an item for one column.

    Parameters
    ----------
    declared
        What the mapping says.
    seen
        Answers in the column.
    asked
        What the file's own code book says about the column: a code whose label is a known
        answer stands for that answer, whatever its number.

    Returns
    -------
    tuple
        The vocabulary, and the codes that stand for another number than their own.
    """
    words = vocabulary(item, declared)
    labels = {} if asked is None else {code: asked.wording(code) for code in asked.options}
    unknown = _unknown(item, words, [*labels.values(), *(set(seen) - set(labels))])
    if unknown:
        words = replace(words, codes={**words.codes, **_from_ladders(item, words, unknown)})
    if asked is not None:
        words = _with_missing(words, declared, asked)
    if not labels:
        return words, {}
    return _with_labels(item, words, declared, labels)


def _with_missing(words: Answers, declared: Answers, asked: Question) -> Answers:
    """Codes that the code book calls no answer, unless the mapping says otherwise."""
    found = {fold_label(code): reason for code, reason in asked.missing.items()}
    new = {
        code: reason
        for code, reason in found.items()
        if code not in declared.codes and code not in words.missing
    }
    return replace(words, missing={**words.missing, **new}) if new else words


def _unknown(item: Item, words: Answers, texts: Iterable[str]) -> tuple[str, ...]:
    """Different wordings that are neither a known answer nor a number nor missing."""
    found: dict[str, str] = {}
    for text in texts:
        folded = fold_label(text)
        if folded and folded not in found and read_answer(text, item, words)[1] == "unreadable":
            found[folded] = text
            if len(found) > _MOST_WORDINGS:
                return ()
    return tuple(found)


def _from_ladders(item: Item, words: Answers, unknown: Sequence[str]) -> dict[str, int]:
    """Codes of unknown wordings, if all families that hold them all agree; else nothing."""
    if item.recode or item.kind in ("yes_no", "count", "picture"):
        return {}
    known = {label: code for label, code in words.codes.items() if item.accepts(code)}
    found: list[dict[str, int]] = []
    for family in _families(item):
        listed = [one for one in ladders(item.hi - item.lo + 1) if one.family == family]
        steps = _steps(unknown, listed)
        upwards = _upwards(item, known, listed)
        if steps and upwards is not None:
            codes = {
                label: item.lo + at if upwards else item.hi - at for label, at in steps.items()
            }
            if codes not in found:
                found.append(codes)
    return found[0] if len(found) == 1 else {}


def _families(item: Item) -> tuple[str, ...]:
    every = tuple(dict.fromkeys(one.family for one in ladders(item.hi - item.lo + 1)))
    return (item.kind,) if item.kind in UPWARDS else every


def _steps(unknown: Sequence[str], listed: Sequence[Ladder]) -> dict[str, int]:
    """Step of every wording; nothing if one is missing, or stands on two."""
    found: dict[str, int] = {}
    own: list[tuple[str, int]] = []
    for label in unknown:
        holders = [(one.language, at) for one in listed if (at := one.step(label)) is not None]
        if len({at for _, at in holders}) != 1:
            return {}
        found[label] = holders[0][1]
        if len(holders) == 1:
            own.append(holders[0])
    # two wordings of one language on one step come from a longer ladder
    return found if len(own) == len(set(own)) else {}


def _upwards(item: Item, known: Mapping[str, int], listed: Sequence[Ladder]) -> bool | None:
    """Whether the lowest step is the lowest code; ``None`` if nothing or two things say it."""
    said = set()
    for label, code in known.items():
        for at in {at for ladder in listed if (at := ladder.step(label)) is not None}:
            up, down = code == item.lo + at, code == item.hi - at
            if up != down:
                said.add(up)
            elif not up:
                return None
    if not said and item.kind in UPWARDS:
        return True
    return said.pop() if len(said) == 1 else None


def _with_labels(
    item: Item, words: Answers, declared: Answers, labels: Mapping[str, str]
) -> tuple[Answers, Mapping[str, int]]:
    """Let a code stand for what its label says."""
    codes, missing = dict(words.codes), dict(words.missing)
    meant: dict[str, int] = {}
    unclear: list[str] = []
    for code, label in labels.items():
        folded = fold_label(code)
        if folded in declared.codes or folded in declared.missing:
            continue
        found, reason = read_answer(label, item, words)
        if reason == "unreadable":
            unclear.append(folded)
        elif reason == "out_of_range":
            continue
        elif found is None:
            missing.setdefault(folded, option("missing", label) or reason)
        else:
            meant[folded] = found
    moved = {code: found for code, found in meant.items() if code != str(found)}
    if moved:
        codes.update(meant)
        # beside codes that mean something else, a code without a known label is not trusted
        others = (str(code) for code in range(item.lo, item.hi + 1))
        for code in {*unclear, *others} - set(meant) - set(codes):
            missing.setdefault(code, "unreadable")
    return Answers(codes=codes, missing=missing), moved
