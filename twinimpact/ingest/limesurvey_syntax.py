"""The R syntax file beside LimeSurvey's data file for R: read as text, never run.

The data file carries wordings or no header at all; names and labels stand in the syntax
only, by the position of the column. The same can be given as a table of positions.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from twinimpact.ingest.codebook import CodeBook, Kind, Question
from twinimpact.ingest.markup import without_markup

_STRING = r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'"
_LIST = rf"c\(((?:[^()\"']|{_STRING})*)\)"
_FACTOR = re.compile(
    rf"data\[\s*,\s*(\d+)\]\s*<-\s*factor\(\s*data\[\s*,\s*\d+\]\s*,\s*levels\s*=\s*{_LIST}"
    rf"\s*,\s*labels\s*=\s*{_LIST}"
)
_LABEL = re.compile(rf"variable\.labels[^\n]{{0,20}}?\[(\d+)\]\s*<-\s*({_STRING})")
_NAME = re.compile(rf"names\(data\)\[(\d+)\]\s*<-\s*({_STRING})")
_CLASS = re.compile(r"data\[\s*,\s*(\d+)\]\s*<-\s*as\.(\w+)\(")
_ITEM = re.compile(rf"({_STRING})|([^\s,]+)")
_COMMENT = re.compile(r"^[ \t]*#.*$", re.MULTILINE)
_TABLE = ("position", "code", "field_type", "label", "values_json")
_KINDS: Mapping[str, Kind] = {
    "numeric": "number", "F": "number", "integer": "number", "date": "date", "Date": "date",
    "DATETIME23.2": "date",
}  # fmt: skip


def is_syntax(text: str) -> bool:
    """Whether a text is the R syntax of a LimeSurvey export."""
    return _NAME.search(text) is not None and (
        "variable.labels" in text or _FACTOR.search(text) is not None
    )


def is_table(header: Sequence[str]) -> bool:
    """Whether a header is that of a table of variables."""
    return tuple(name.strip().casefold() for name in header[:5]) == _TABLE


def codebook_of_syntax(text: str, file: str) -> CodeBook:
    """Variables of the syntax file in the order of the columns."""
    text = _COMMENT.sub("", text)
    names = {int(place): _plain(name) for place, name in _NAME.findall(text)}
    labels = {int(place): _plain(label) for place, label in _LABEL.findall(text)}
    classes = {int(place): kind for place, kind in _CLASS.findall(text)}
    options = {
        int(place): dict(zip(_items(levels), _items(shown), strict=False))
        for place, levels, shown in _FACTOR.findall(text)
    }
    found = {
        place: (name, labels.get(place, ""), options.get(place, {}), classes.get(place, ""))
        for place, name in names.items()
    }
    return _codebook(found, file)


def codebook_of_variables(rows: Sequence[tuple[str, ...]], file: str) -> CodeBook:
    """Variables of a table with one row for each column of the data."""
    found: dict[int, tuple[str, str, Mapping[str, str], str]] = {}
    for cells in rows[1:]:
        place, code, kind, label, values = (cell.strip() for cell in cells[:5])
        if place.isdigit():
            found[int(place)] = (code, label, _options(values), kind)
    return _codebook(found, file)


def _codebook(found: Mapping[int, tuple[str, str, Mapping[str, str], str]], file: str) -> CodeBook:
    questions = tuple(
        Question(
            key=name,
            text={"": without_markup(label)} if label else {},
            kind="single" if options else _KINDS.get(kind, "text"),
            options={code: {"": without_markup(word)} for code, word in options.items()},
        )
        for _, (name, label, options, kind) in sorted(found.items())
    )
    return CodeBook(
        platform="limesurvey",
        file=file,
        questions=questions,
        fields={f"#{place}": name for place, (name, *_) in sorted(found.items())},
    )


def _options(text: str) -> dict[str, str]:
    try:
        found = json.loads(text) if text else {}
    except ValueError:
        return {}
    if not isinstance(found, dict):
        return {}
    return {str(code): str(word) for code, word in found.items()}


def _items(text: str) -> list[str]:
    return [_plain(quoted) if quoted else bare for quoted, bare in _ITEM.findall(text)]


def _plain(quoted: str) -> str:
    return re.sub(r"\\(.)", r"\1", quoted[1:-1], flags=re.DOTALL)
