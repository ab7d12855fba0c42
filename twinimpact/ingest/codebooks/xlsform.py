"""XLSForm definitions (ODK, KoboToolbox, SurveyCTO): sheets ``survey`` and ``choices``."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from twinimpact.errors import IngestError
from twinimpact.ingest.codebook import CodeBook, Kind, Question
from twinimpact.ingest.codebooks.common import split_options
from twinimpact.ingest.markup import without_markup
from twinimpact.ingest.shape import plain
from twinimpact.ingest.source import RawTable, read_tables
from twinimpact.ingest.values import language_code

KIND = "xlsform"
_KINDS: Mapping[str, Kind] = {
    "integer": "number", "decimal": "number", "range": "number", "int": "number",
    "text": "text", "string": "text", "barcode": "text", "date": "date", "datetime": "date",
    "dateTime": "date", "time": "date", "note": "note", "acknowledge": "single",
    "trigger": "single",
}  # fmt: skip
_SELECT = re.compile(
    r"^(?P<how>select[_ ]one|select[_ ]multiple|select1|select|rank)"
    r"(?:_from_file)?\s+(?P<list>\S+)(?P<other>\s+or[_ ]other)?",
    re.IGNORECASE,
)
_LABEL = re.compile(r"^label(?:::?\s*(?P<language>.+))?$", re.IGNORECASE)
_CODE_IN_BRACKETS = re.compile(r"\(([A-Za-z]{2,3}(?:-[A-Za-z]+)?)\)\s*$")
_YES = ("yes", "true", "true()", "1")
_OTHER = {"other": {"en": "Other"}}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sheet:
    names: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]

    def cells(self) -> list[dict[str, str]]:
        return [
            {name: cell.strip() for name, cell in zip(self.names, row, strict=True) if name}
            for row in self.rows
        ]


def accepts(path: Path) -> bool:
    """Whether a workbook is a form definition."""
    if path.suffix.lower() not in (".xlsx", ".xlsm", ".xls", ".ods"):
        return False
    try:
        sheets = _sheets(read_tables(path))
    except IngestError:
        return False
    return "survey" in sheets and {"type", "name"} <= set(sheets["survey"].names)


def read_codebook(path: Path) -> CodeBook:
    """Questions of a form, in its order; a name used twice gets its group path.

    Raises
    ------
    IngestError
        If the workbook is no form definition.
    """
    sheets = _sheets(read_tables(path))
    survey = sheets.get("survey")
    if survey is None or not {"type", "name"} <= set(survey.names):
        raise IngestError(
            "This is no form definition (XLSForm).",
            where=path.name,
            expected="a workbook with the sheets survey and choices",
        )
    choices = sheets.get("choices", _Sheet(names=(), rows=()))
    default = _default_language(sheets.get("settings"))
    lists = _lists(choices, default)
    found: list[tuple[str, Question]] = []
    groups: list[str] = []
    for cells in survey.cells():
        kind = " ".join(cells.get("type", "").split())
        folded = kind.casefold().replace("_", " ")
        if folded.startswith(("begin group", "begin repeat")):
            groups.append(cells.get("name", ""))
        elif folded.startswith(("end group", "end repeat")):
            groups = groups[:-1]
        elif cells.get("disabled", "").casefold() in _YES:
            continue
        elif cells.get("name") and (question := _question(kind, cells, lists, default)):
            found.append(("/".join([*filter(None, groups), question.key]), question))
    often = Counter(question.key for _, question in found)
    own = "value" in choices.names and "name" not in choices.names
    return CodeBook(
        platform="surveycto" if own else "xlsform",
        file=path.name,
        questions=tuple(
            question if often[question.key] == 1 else _renamed(question, whole)
            for whole, question in found
        ),
    )


def _sheets(tables: Sequence[RawTable]) -> dict[str, _Sheet]:
    return {
        plain(table.sheet): _Sheet(
            names=tuple(_header(name) for name in table.rows[0]), rows=table.rows[1:]
        )
        for table in tables
        if table.rows
    }


def _header(name: str) -> str:
    """Plain names in small letters; the language after ``label`` keeps its letters."""
    match = _LABEL.match(name.strip())
    if match:
        return "label::" + match["language"].strip() if match["language"] else "label"
    return plain(name)


def _default_language(settings: _Sheet | None) -> str:
    for cells in settings.cells() if settings else ():
        if language := cells.get("default_language", ""):
            return _language(language)
    return ""


def _language(text: str) -> str:
    """``English (en)`` and ``English`` are ``en``; an unknown language keeps its name."""
    match = _CODE_IN_BRACKETS.search(text)
    return match[1] if match else language_code(text) or " ".join(text.split())


def _labels(cells: Mapping[str, str], default: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, cell in cells.items():
        match = _LABEL.match(name)
        if match and cell:
            language = _language(match["language"]) if match["language"] else default
            found.setdefault(language, without_markup(cell))
    return found


def _lists(choices: _Sheet, default: str) -> dict[str, dict[str, Mapping[str, str]]]:
    """Options by list; SurveyCTO calls the column of codes ``value``."""
    found: dict[str, dict[str, Mapping[str, str]]] = {}
    for cells in choices.cells():
        name = cells.get("list_name", "") or cells.get("list name", "")
        code = cells.get("name", "") or cells.get("value", "")
        if name and code:
            found.setdefault(name, {}).setdefault(code, _labels(cells, default) or {"": code})
    return found


def _question(
    kind: str,
    cells: Mapping[str, str],
    lists: Mapping[str, Mapping[str, Mapping[str, str]]],
    default: str,
) -> Question | None:
    texts = _labels(cells, default)
    select = _SELECT.match(kind)
    if select:
        listed = dict(lists.get(select["list"], {}))
        if select["other"]:
            listed.setdefault("other", _OTHER["other"])
        options, missing = split_options(listed)
        several = select["how"].casefold().replace("_", " ") in (
            "select multiple",
            "select",
            "rank",
        )
        return Question(
            key=cells["name"],
            text=texts,
            kind="multi" if several else "single",
            options=options,
            missing=missing,
        )
    plain_kind = _KINDS.get(kind) or _KINDS.get(kind.casefold())
    return Question(key=cells["name"], text=texts, kind=plain_kind) if plain_kind else None


def _renamed(question: Question, key: str) -> Question:
    return Question(
        key=key,
        text=question.text,
        kind=question.kind,
        options=question.options,
        missing=question.missing,
    )
