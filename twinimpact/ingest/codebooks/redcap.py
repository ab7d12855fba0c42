"""REDCap data dictionaries (CSV), as the web pages write them or as the interface does."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from twinimpact.errors import IngestError
from twinimpact.ingest.codebook import AnswerSet, CodeBook, Kind, Question
from twinimpact.ingest.codebooks.common import split_options
from twinimpact.ingest.markup import without_markup
from twinimpact.ingest.shape import plain
from twinimpact.ingest.source import RawTable, read_tables

KIND = "redcap_dictionary"
_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "name": ("variable / field name", "field_name"),
    "type": ("field type", "field_type"),
    "label": ("field label", "field_label"),
    "choices": (
        "choices, calculations, or slider labels", "choices or calculations",
        "select_choices_or_calculations",
    ),
    "check": (
        "text validation type or show slider number", "text validation type",
        "text_validation_type_or_show_slider_number",
    ),
}  # fmt: skip
_KINDS: Mapping[str, Kind] = {
    "radio": "single", "dropdown": "single", "sql": "single", "yesno": "single",
    "truefalse": "single", "checkbox": "multi", "slider": "number", "calc": "number",
    "notes": "text", "text": "text", "file": "text", "descriptive": "note",
}  # fmt: skip
_FIXED = {"yesno": "1, Yes | 0, No", "truefalse": "1, True | 0, False"}
_DATE = re.compile(r"^(?:date|datetime|time)")
_NUMBER = re.compile(r"^(?:integer|number)")


def accepts(path: Path) -> bool:
    """Whether a file is a REDCap data dictionary."""
    if path.suffix.lower() not in (".csv", ".txt", ".tsv", ".xlsx"):
        return False
    try:
        return any(_places(table) for table in read_tables(path))
    except IngestError:
        return False


def read_codebook(path: Path) -> CodeBook:
    """Questions of a data dictionary, in its order.

    A checkbox question is one question and a set of columns ``field___code``.

    Raises
    ------
    IngestError
        If the file is no data dictionary.
    """
    for table in read_tables(path):
        if places := _places(table):
            return _book(table, places, path.name)
    raise IngestError(
        "This is no REDCap data dictionary.",
        where=path.name,
        hint="In REDCap use Designer > Download the current Data Dictionary.",
    )


def choices_of(text: str) -> dict[str, str]:
    """Codes and wordings of ``1, label | 2, label``; a wording may hold commas.

    >>> choices_of("1, Yes, often | 2, No")
    {'1': 'Yes, often', '2': 'No'}
    """
    found: dict[str, str] = {}
    for piece in text.split("|"):
        code, comma, label = piece.partition(",")
        if comma and code.strip():
            found.setdefault(code.strip(), without_markup(label))
    return found


def box_column(field: str, code: str) -> str:
    """Name of the column of one option in an export: small letters, a minus as underscore."""
    return f"{field}___" + re.sub(r"[^a-z0-9_]", "_", code.lower())


def _places(table: RawTable) -> dict[str, int]:
    if not table.rows:
        return {}
    names = [plain(name) for name in table.rows[0]]
    found = {
        column: names.index(name)
        for column, wanted in _COLUMNS.items()
        for name in wanted
        if name in names
    }
    return found if {"name", "type", "label"} <= set(found) else {}


def _book(table: RawTable, places: Mapping[str, int], file: str) -> CodeBook:
    questions: list[Question] = []
    sets: list[AnswerSet] = []
    for row in table.rows[1:]:
        cells = {column: row[place].strip() for column, place in places.items()}
        question = _question(cells)
        if question is None:
            continue
        questions.append(question)
        if question.kind == "multi":
            codes = [*question.options, *question.missing]
            sets.append(
                AnswerSet(
                    key=question.key,
                    label=question.text[""],
                    kind="dichotomy",
                    counted="1",
                    columns=tuple(box_column(question.key, code) for code in codes),
                )
            )
    return CodeBook(platform="redcap", file=file, questions=tuple(questions), sets=tuple(sets))


def _question(cells: Mapping[str, str]) -> Question | None:
    name, kind = cells["name"], cells["type"].casefold()
    if not name:
        return None
    options: dict[str, Mapping[str, str]] = {}
    missing: dict[str, str] = {}
    if _KINDS.get(kind) in ("single", "multi"):
        listed = choices_of(_FIXED.get(kind, cells.get("choices", "")))
        options, missing = split_options({code: {"": label} for code, label in listed.items()})
    return Question(
        key=name,
        text={"": without_markup(cells["label"])},
        kind=_kind(kind, cells.get("check", "").casefold()),
        options=options,
        missing=missing,
    )


def _kind(kind: str, check: str) -> Kind:
    if kind == "text" and _DATE.match(check):
        return "date"
    if kind == "text" and _NUMBER.match(check):
        return "number"
    return _KINDS.get(kind, "text")
