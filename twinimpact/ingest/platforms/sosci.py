"""SoSci Survey exports: TAB-separated text or a workbook, codes with fixed missing values.

Only rows with the mode ``interview`` are real; the tests of the project's makers stand among
them. Everywhere -9 means "not answered" and -1 "cannot say".
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from twinimpact.ingest import shape
from twinimpact.ingest.records import Detection, Draft, DraftRow, Match
from twinimpact.ingest.source import RawTable
from twinimpact.problems import Problem

NAME = "sosci"
TITLE = "SoSci Survey"
_SIGNS = ("case", "questnnr", "mode", "started")
_MORE = ("serial", "lastdata", "finished", "lastpage", "maxpage", "missrel", "time_sum", "time_rsi")
_ROLES: Mapping[str, str] = {
    "case": "id", "serial": "token", "ref": "ignore", "questnnr": "ignore", "mode": "status",
    "started": "started", "mailsent": "ignore", "lastdata": "submitted", "finished": "status",
    "q_viewer": "ignore", "lastpage": "ignore", "maxpage": "ignore", "missing": "ignore",
    "missrel": "ignore", "time_rsi": "timing", "time_sum": "timing", "deg_time": "ignore",
    "deg_miss": "ignore", "degrade": "ignore", "language": "language", "statuscode": "ignore",
    "token": "token",
}  # fmt: skip
_PAGE_TIME = re.compile(r"^time\d{3}$")
_NOT_ANSWERED = "-9"
_DONT_KNOW = "-1"
_LABEL = re.compile(r"^\[(?:NA|k\.A\.)\]")
_CODE = re.compile(r"^-?\d+$")
_YES = frozenset(("t", "true", "1", "ja", "yes", "wahr"))
_FAST = 2.0


def signature(table: RawTable) -> Match | None:
    """Columns CASE, QUESTNNR, MODE and STARTED."""
    names = {shape.plain(name) for name in table.rows[0]} if table.rows else set()
    found = [name for name in (*_SIGNS, *_MORE) if name in names]
    whole = set(_SIGNS) <= names
    # published files have lost a few of the tool's columns
    if "case" not in names or not (whole or len(found) >= 5):
        return None
    headers = 2 if _has_label_row(table) else 1
    return Match(
        confidence=1.0 if whole else 0.9,
        variant="labelled" if headers == 2 else "plain",
        mode=_mode(table, headers),
        header_rows=headers,
        evidence=("columns " + ", ".join(name.upper() for name in found),),
    )


def normalise(tables: Sequence[RawTable], detection: Detection) -> Draft:
    """All interviews; tests of the makers keep their state."""
    table = shape.chosen(tables, detection)
    names = [name.strip() for name in table.rows[0]]
    rows, numbers = shape.body(table, detection.header_rows)
    roles, places = _roles(names)
    texts = names if detection.header_rows == 1 else [
        label.strip() or name for label, name in zip(table.rows[1], names, strict=True)
    ]  # fmt: skip
    columns = shape.columns_of(names, names, texts, roles, rows)
    questions = [column.position for column in columns if column.role == "question"]
    rows, reasons = without_codes(rows, questions)
    at = places.get("lastdata", places.get("started"))
    submitted, problems = shape.moments_of(rows, at, table)
    ids = shape.given_ids(shape.column_cells(rows, places["case"]), rows, names)
    languages = shape.column_cells(rows, places.get("language"))
    tokens = shape.column_cells(rows, places.get("serial", places.get("token")))
    drafted = tuple(
        DraftRow(
            number=number, response_id=response, state=_state(row, places), submitted=moment,
            language=language, token=token, cells=row, reasons=why,
        )
        for row, number, response, moment, language, token, why in zip(
            rows, numbers, ids, submitted, languages, tokens, reasons, strict=True
        )
    )  # fmt: skip
    problems.extend(_told(table, rows, places))
    problems.extend(shape.left_out(tables, table))
    return shape.draft_of_table(table, detection, columns, drafted, problems)


def without_codes(
    rows: shape.Rows, questions: Sequence[int]
) -> tuple[shape.Rows, list[dict[int, str]]]:
    """Rows without -9 and -1 in columns of codes, and the reasons by position.

    A column with words in it was typed by the respondents, so its cells stay as they are.
    """
    gone: dict[int, frozenset[str]] = {}
    for place in questions:
        values = {row[place] for row in rows}
        missing = {value for value in values if _LABEL.match(value)}
        if all(not value or value in missing or _CODE.match(value) for value in values):
            missing |= values & {_DONT_KNOW, _NOT_ANSWERED}
        if missing:
            gone[place] = frozenset(missing)
    changed, reasons = [], []
    for row in rows:
        blank = {place for place, missing in gone.items() if row[place] in missing}
        reasons.append({place: "dont_know" for place in blank if row[place] == _DONT_KNOW})
        if blank:
            row = tuple(["" if place in blank else cell for place, cell in enumerate(row)])
        changed.append(row)
    return changed, reasons


def _has_label_row(table: RawTable) -> bool:
    """Workbooks may carry the wording of the variables in their second row."""
    if len(table.rows) < 2:
        return False
    names = [shape.plain(name) for name in table.rows[0]]
    case = table.rows[1][names.index("case")].strip()
    words = sum(" " in cell.strip() for cell in table.rows[1])
    return bool(case) and not case.isdigit() and words > 2


def _mode(table: RawTable, headers: int) -> str:
    cells = [cell for row in table.rows[headers : headers + 200] for cell in row]
    return "label" if any(_LABEL.match(cell) for cell in cells) else "code"


def _state(row: tuple[str, ...], places: Mapping[str, int]) -> str:
    mode = row[places["mode"]].casefold() if "mode" in places else ""
    if mode and mode != "interview":
        return "test"
    if "finished" not in places or not row[places["finished"]]:
        return "complete" if "finished" not in places else "partial"
    return "complete" if row[places["finished"]].casefold() in _YES else "partial"


def _told(table: RawTable, rows: shape.Rows, places: Mapping[str, int]) -> list[Problem]:
    found = []
    modes = set(shape.column_cells(rows, places.get("mode"))) - {"", "interview"}
    if modes:
        listed = ", ".join(sorted(modes))
        found.append(shape.problem_in(table, "tests_among_answers", got=listed))
    if "time_rsi" in places:
        fast = sum(_number(row[places["time_rsi"]]) > _FAST for row in rows)
        if fast:
            found.append(shape.problem_in(table, "answered_fast", got=str(fast)))
    return found


def _number(text: str) -> float:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return 0.0


def _roles(names: Sequence[str]) -> tuple[dict[int, str], dict[str, int]]:
    roles: dict[int, str] = {}
    places: dict[str, int] = {}
    for place, name in enumerate(names):
        text = shape.plain(name)
        if text in _ROLES and text not in places:
            roles[place] = _ROLES[text]
            places[text] = place
        elif _PAGE_TIME.match(text):
            roles[place] = "timing"
    return roles, places
