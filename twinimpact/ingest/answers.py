"""One answer cell to one code: numbers, ``5 (most)``, exact labels, missing answers."""

from __future__ import annotations

import re

from twinimpact.ingest.mapping import Answers
from twinimpact.ingest.synonyms import OPTIONS, option
from twinimpact.ingest.values import fold_label
from twinimpact.instruments.definition import Item

_INTEGER = re.compile(r"^([+-]?\d+)(?:\.0+)?$")
_LEADING = re.compile(r"^([+-]?\d+)\s*(?:[(\[].*|[-–—:=.]\s*\D.*)$", re.DOTALL)
_SPACED = re.compile(r"^([+-]?\d+)\s+(\D.*)$", re.DOTALL)


def vocabulary(item: Item, declared: Answers) -> Answers:
    """Every label of an item: the mapping's first, then the instrument's own words."""
    codes = dict(declared.codes)
    missing = dict(declared.missing)
    for code, texts in item.anchors.items():
        for text in texts.values():
            if code in item.missing:
                missing.setdefault(fold_label(text), "dont_know")
            else:
                codes.setdefault(fold_label(text), code)
    ends = ((item.lo, item.low_label), (item.hi, item.high_label))
    for code, texts in () if item.recode else ends:
        for text in texts.values():
            codes.setdefault(fold_label(text), code)
    if item.kind == "yes_no":
        stored = {scored: code for code, scored in item.recode} or {0: 0, 1: 1}
        for answer, scored in (("yes", 1), ("no", 0)):
            for word in (answer, *OPTIONS["flag"][answer].split("|")):
                if scored in stored and not word.isdigit():
                    codes.setdefault(fold_label(word), stored[scored])
    return Answers(codes=codes, missing=missing)


def read_answer(text: str, item: Item, words: Answers) -> tuple[int | None, str]:
    """The code of one answer.

    Parameters
    ----------
    text
        The cell, not blank.
    words
        From :func:`vocabulary`.

    Returns
    -------
    tuple
        The code and ``""``; or ``None`` and why: a declared missing reason, ``out_of_range``
        (a number that is no valid answer), or ``unreadable``.
    """
    folded = fold_label(text)
    if folded in words.missing:
        return None, words.missing[folded]
    if folded in words.codes:
        return _checked(words.codes[folded], item)
    stripped = text.strip().replace("\N{MINUS SIGN}", "-")
    for pattern in (_INTEGER, _LEADING):
        if match := pattern.match(stripped):
            return _checked(int(match[1]), item)
    spaced = _SPACED.match(stripped)
    # "10 a very large share" counts only if the words belong to that number: "2 or 3" does not
    if spaced and words.codes.get(fold_label(spaced[2])) == int(spaced[1]):
        return _checked(int(spaced[1]), item)
    reason = option("missing", text)
    return None, reason or "unreadable"


def _checked(code: int, item: Item) -> tuple[int | None, str]:
    if code in item.missing:
        return None, "dont_know"
    return (code, "") if item.accepts(code) else (None, "out_of_range")
