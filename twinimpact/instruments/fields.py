"""Typed reading of TOML tables: every field is declared, everything else is a fault."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from twinimpact.problems import Problem

_LANGUAGE = re.compile(r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})?$")
_WHOLE = re.compile(r"^-?[0-9]{1,5}$")


class Faults:
    """Collects the problems of one file, so that all of them can be told at once."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.found: list[Problem] = []

    def add(self, code: str, field: str, got: object = "", expected: object = "") -> None:
        """Note one fault at ``field``."""
        self.found.append(
            Problem(code=code, file=self.file, column=field, got=str(got), expected=str(expected))
        )


def read_fields(
    table: Mapping[str, Any],
    kinds: Mapping[str, str],
    required: tuple[str, ...],
    path: str,
    faults: Faults,
) -> dict[str, Any]:
    """The declared, well-typed fields of ``table``; every other field is a fault.

    Parameters
    ----------
    kinds
        Field name to one of the kinds in :data:`KINDS`.
    required
        Names that must be there.
    path
        Where the table stands in the file, for messages, e.g. ``items.tw_civic_r1``.
    """
    values: dict[str, Any] = {}
    for name, value in table.items():
        where = f"{path}.{name}" if path else name
        if name not in kinds:
            faults.add("instrument_unknown_field", where, name, ", ".join(sorted(kinds)))
            continue
        words, convert = KINDS[kinds[name]]
        try:
            values[name] = convert(value)
        except (TypeError, ValueError):
            faults.add("instrument_wrong_type", where, repr(value)[:80], words)
    for name in required:
        if name not in table:
            faults.add("instrument_missing_field", f"{path}.{name}" if path else name)
    return values


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value.strip()


def _word(value: object) -> str:
    text = _text(value)
    if not text:
        raise ValueError
    return text


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not -32768 < value < 32768:
        raise TypeError
    return value


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError
    return float(value)


def _list(value: object) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError
    return value


def _words(value: object) -> tuple[str, ...]:
    return tuple(_word(entry) for entry in _list(value))


def _wholes(value: object) -> tuple[int, ...]:
    return tuple(_whole(entry) for entry in _list(value))


def _range(value: object) -> tuple[int, int]:
    lo, hi = _wholes(value)
    if lo >= hi:
        raise ValueError
    return lo, hi


def _table(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TypeError
    return value


def _tables(value: object) -> tuple[dict[str, Any], ...]:
    return tuple(_table(entry) for entry in _list(value))


def _texts(value: object) -> dict[str, str]:
    texts = {language: _word(text) for language, text in _table(value).items()}
    if not all(_LANGUAGE.match(language) for language in texts):
        raise ValueError
    return texts


def _labels(value: object) -> dict[str, str]:
    return {str(_code(code)): _word(text) for code, text in _table(value).items()}


def _code(text: str) -> int:
    if not _WHOLE.match(text):
        raise ValueError
    return int(text)


def _recode(value: object) -> tuple[tuple[int, int], ...]:
    return tuple(sorted((_code(stored), _whole(new)) for stored, new in _table(value).items()))


def _anchors(value: object) -> dict[int, dict[str, str]]:
    by_code: dict[int, dict[str, str]] = {}
    for language, labels in _table(value).items():
        if not _LANGUAGE.match(language):
            raise ValueError
        for code, label in _table(labels).items():
            by_code.setdefault(_code(code), {})[language] = _word(label)
    return dict(sorted(by_code.items()))


KINDS: Mapping[str, tuple[str, Callable[[Any], Any]]] = {
    "text": ("text in quotes", _text),
    "word": ("text in quotes, not empty", _word),
    "flag": ("true or false", _flag),
    "whole": ("a whole number", _whole),
    "number": ("a number", _number),
    "words": ('a list of texts, such as ["a", "b"]', _words),
    "wholes": ("a list of whole numbers, such as [88, 99]", _wholes),
    "range": ("two whole numbers, the lower first, such as [0, 10]", _range),
    "table": ("a table in braces", _table),
    "tables": ("a list of tables", _tables),
    "texts": ('text per language, such as {en = "..."}', _texts),
    "labels": ('words per code, such as {"0" = "no", "1" = "yes"}', _labels),
    "recode": ('stored code to scored code, such as {"1" = 1, "2" = 0}', _recode),
    "anchors": ('words per language and code, such as {en = {"0" = "no", "1" = "yes"}}', _anchors),
}
"""Kind of a field to the words that describe it and the function that reads it."""
