"""Has the form changed since its mapping was written: columns new, gone or renamed."""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Iterable, Sequence

from twinimpact.ingest.draft import Draft
from twinimpact.ingest.mapping import ColumnMapping
from twinimpact.ingest.shape import plain
from twinimpact.problems import Problem

ALIKE = 0.75
"""Similarity from which a new column may be a renamed one."""
SHOWN = 10


def signature_of(names: Iterable[str]) -> str:
    """Hash of a header: the names in any order, without regard to case and spaces."""
    text = "\n".join(sorted(plain(name) for name in names))
    return "sha256:" + hashlib.sha256(text.encode("utf-8")).hexdigest()


def header_of(draft: Draft) -> tuple[str, ...]:
    """Names of an export's columns; what has no header in the file is left out."""
    return tuple(column.name for column in draft.columns if column.question)


def named_columns(mapping: ColumnMapping) -> tuple[str, ...]:
    """Every column a mapping names."""
    listed = [name for names in mapping.columns.values() for name in names]
    listed += [name for item in mapping.items for name in item.columns]
    return tuple(dict.fromkeys([*listed, *filter(None, [mapping.consent.column])]))


def header_problems(draft: Draft, mapping: ColumnMapping) -> list[Problem]:
    """What differs from the header the mapping was written for; nothing without a signature.

    A missing column that the mapping names is an error of its own (``mapping_no_column``).
    Without the list ``header`` in the mapping only the columns it names are known to it.
    """
    names = header_of(draft)
    if not mapping.signature or signature_of(names) == mapping.signature:
        return []
    before = {plain(name): name for name in (*mapping.header, *named_columns(mapping))}
    now = {plain(name): name for name in names}
    # a mapping may name a column by its code or its question
    also = {plain(text) for column in draft.columns for text in (column.key, column.question)}
    gone = {key: name for key, name in before.items() if key not in now and key not in also}
    known = set(before) | {
        plain(column.name)
        for column in draft.columns
        if plain(column.key) in before or plain(column.question) in before
    }
    asked = {plain(column.name) for column in draft.columns if column.role == "question"}
    new = {
        key: name
        for key, name in now.items()
        if key not in known and (mapping.header or key in asked)
    }
    pairs = renamed(tuple(gone), tuple(new))
    problems = [
        _problem(draft, "mapping_header_renamed", got=gone.pop(old), expected=new.pop(name))
        for old, name in pairs
    ]
    if new:
        problems.append(_problem(draft, "mapping_header_new", got=_listed(tuple(new.values()))))
    if gone:
        problems.append(_problem(draft, "mapping_header_gone", got=_listed(tuple(gone.values()))))
    return problems


def renamed(gone: Sequence[str], new: Sequence[str]) -> list[tuple[str, str]]:
    """Pairs of an old and a new name that are alike, the most alike first; each used once."""
    scored = []
    for old in gone:
        matcher = difflib.SequenceMatcher(b=old, autojunk=False)
        for name in new:
            matcher.set_seq1(name)
            if matcher.real_quick_ratio() >= ALIKE and matcher.quick_ratio() >= ALIKE:
                scored.append((matcher.ratio(), old, name))
    pairs: list[tuple[str, str]] = []
    taken: set[str] = set()
    for score, old, name in sorted(scored, key=lambda one: (-one[0], one[1], one[2])):
        if score >= ALIKE and f"<{old}" not in taken and f">{name}" not in taken:
            taken |= {f"<{old}", f">{name}"}
            pairs.append((old, name))
    return pairs


def _problem(draft: Draft, code: str, *, got: str, expected: str = "") -> Problem:
    return Problem(code=code, file=draft.file, sheet=draft.sheet, got=got, expected=expected)


def _listed(names: Sequence[str]) -> str:
    more = len(names) - SHOWN
    shown = [" ".join(name.split()) for name in names[:SHOWN]]
    return "; ".join(shown) + (f"; … ({more})" if more > 0 else "")
