"""The import script for R that SoSci Survey offers beside the data: read, never run."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from twinimpact.errors import IngestError
from twinimpact.ingest.codebook import AnswerSet, CodeBook, Kind, Question
from twinimpact.ingest.codebooks.common import missing_reason, text_of
from twinimpact.ingest.markup import without_markup

KIND = "sosci_script"
_STRING = r'"((?:[^"\\]|\\.)*)"'
_ITEM = re.compile(_STRING + r"|(-?\d+(?:\.\d+)?)")
_LIST = r'\(((?:[^()"]|"(?:[^"\\]|\\.)*")*)\)'
_VARIABLE = r"\w+\$(\w+)"
_SET = r"\s*(?:=|<-)\s*"
_COMMENT = re.compile(rf"comment\(\s*{_VARIABLE}\s*\){_SET}{_STRING}")
_VALUE = re.compile(rf"attr\(\s*{_VARIABLE}\s*,\s*{_STRING}\s*\){_SET}{_STRING}")
_FACTOR = re.compile(
    rf"{_VARIABLE}{_SET}factor\(\s*\w+\$\w+\s*,\s*levels{_SET}c{_LIST}\s*,\s*labels{_SET}c{_LIST}"
)
_NAMES = re.compile(rf"col\.names{_SET}c{_LIST}")
_CLASSES = re.compile(rf"colClasses{_SET}c{_LIST}")
_CLASS = re.compile(rf"(?:(\w+){_SET})?{_STRING}")
_NA_MARK = re.compile(r"^\[(?:NA|k\.A\.)\]\s*")
_ESCAPE = re.compile(r"\\(?:u\{?([0-9A-Fa-f]{1,4})\}?|(.))", re.DOTALL)
_KINDS: Mapping[str, Kind] = {
    "numeric": "number", "integer": "number", "character": "text", "posixct": "date",
    "logical": "single", "factor": "single",
}  # fmt: skip
_OWN = frozenset(
    ("CASE", "SERIAL", "REF", "QUESTNNR", "MODE", "STARTED", "MAILSENT", "LASTDATA", "FINISHED",
     "STATUSCODE", "LANGUAGE", "Q_VIEWER", "LASTPAGE", "MAXPAGE", "MISSING", "MISSREL",
     "DEG_MISS", "DEG_TIME", "DEGRADE")
)  # fmt: skip
_TICKED = frozenset(("checked", "ausgewählt", "gewählt", "selected", "coché", "marcado"))


def accepts(path: Path) -> bool:
    """Whether a file is such a script."""
    if path.suffix.lower() not in (".r", ".txt"):
        return False
    text = text_of(path)
    return "QUESTNNR" in text and _COMMENT.search(text) is not None


def read_codebook(path: Path) -> CodeBook:
    """Variables of the script with their labels, in the order of the data.

    Raises
    ------
    IngestError
        If the script describes no variables.
    """
    text = text_of(path)
    labels = {name: without_markup(_plain(label)) for name, label in _COMMENT.findall(text)}
    if not labels:
        raise IngestError(
            "This is no import script of SoSci Survey.",
            where=path.name,
            hint="In SoSci Survey use Download Data > GNU R, and take the .r file.",
        )
    options: dict[str, dict[str, str]] = {}
    for name, code, label in _VALUE.findall(text):
        options.setdefault(name, {})[_plain(code)] = _plain(label)
    for name, levels, shown in _FACTOR.findall(text):
        codes, words = _items(levels), _items(shown)
        options.setdefault(name, {}).update(zip(codes, words, strict=False))
    kinds = _kinds(text)
    questions = tuple(
        _question(name, label, options.get(name, {}), kinds.get(name, ""))
        for name, label in labels.items()
        if name not in _OWN and not name.startswith("TIME")
    )
    return CodeBook(platform="sosci", file=path.name, questions=questions, sets=_sets(questions))


def _question(name: str, label: str, listed: Mapping[str, str], kind: str) -> Question:
    options: dict[str, Mapping[str, str]] = {}
    missing: dict[str, str] = {}
    for code, raw in listed.items():
        word = without_markup(_NA_MARK.sub("", raw))
        if code == "-9" or _NA_MARK.match(raw):
            missing[code] = "blank"
        elif code == "-1" or missing_reason(code, word):
            missing[code] = missing_reason(code, word) or "dont_know"
        else:
            options[code] = {"": word}
    own: Kind = "single" if options else _KINDS.get(kind.casefold(), "text")
    return Question(key=name, text={"": label}, kind=own, options=options, missing=missing)


def _sets(questions: tuple[Question, ...]) -> tuple[AnswerSet, ...]:
    """Boxes ``DD02_01``, ``DD02_02`` ... whose codes say ticked or not ticked."""
    groups: dict[str, list[Question]] = {}
    counted: dict[str, str] = {}
    for question in questions:
        words = {code: label[""].casefold() for code, label in question.options.items()}
        ticks = [code for code, word in words.items() if word in _TICKED]
        stem, _, number = question.key.rpartition("_")
        if len(words) == 2 and len(ticks) == 1 and stem and number.isdigit():
            groups.setdefault(stem, []).append(question)
            counted[stem] = ticks[0]
    return tuple(
        AnswerSet(
            key=stem,
            label=boxes[0].text[""].partition(":")[0],
            kind="dichotomy",
            counted=counted[stem],
            columns=tuple(box.key for box in boxes),
        )
        for stem, boxes in groups.items()
    )


def _kinds(text: str) -> dict[str, str]:
    """Class of each variable, from the named or the plain list of classes."""
    names, classes = _NAMES.search(text), _CLASSES.search(text)
    if classes is None:
        return {}
    found = _CLASS.findall(classes[1])
    if any(name for name, _ in found):
        return {name: kind for name, kind in found if name}
    listed = _items(names[1]) if names else []
    return dict(zip(listed, (kind for _, kind in found), strict=False))


def _items(text: str) -> list[str]:
    return [_plain(word) if word or not number else number for word, number in _ITEM.findall(text)]


def _plain(text: str) -> str:
    """A string of R without its escapes."""

    def letter(match: re.Match[str]) -> str:
        if match[1]:
            return chr(int(match[1], 16))
        return {"n": "\n", "t": "\t", "r": ""}.get(match[2], match[2])

    return _ESCAPE.sub(letter, text)
