"""SPSS (.sav, .zsav, .por) and Stata (.dta) files, also those that survey tools write.

Cells are codes; the code book says what they mean and which of them are no answers. Without
a number that a survey tool gave, a response is known by its content, unless the mapping
names the column.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from twinimpact.ingest import shape
from twinimpact.ingest.codebook import Question
from twinimpact.ingest.labelled import CONTAINERS, PLATFORM
from twinimpact.ingest.platforms.surveycto import MISSING
from twinimpact.ingest.records import Detection, Draft, DraftColumn, DraftRow, Match
from twinimpact.ingest.source import RawTable
from twinimpact.ingest.synonyms import option

NAME = PLATFORM
TITLE = "SPSS or Stata"
_WRITERS: Mapping[str, str] = {
    "sav": "SPSS", "zsav": "SPSS, compressed", "por": "SPSS, portable", "dta": "Stata",
}  # fmt: skip
_PLACEHOLDER = re.compile(r"^var\d+$", re.IGNORECASE)
_MISSING_CODE = re.compile(r"^-([1-9])\1\1$")
_PERSONAL_PART = re.compile(r"(?:^|_)(?:fn|name|names|phone|tel|gps\w*)$|^gps|^instancename$")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tool:
    """A survey tool that writes such files: its own columns, in lower case.

    ``finished`` holds a false value for a partial response, ``ended`` is blank for one;
    ``mode`` differs from ``real`` for a test.
    """

    name: str
    needs: tuple[str, ...]
    id: str
    submitted: tuple[str, ...] = ()
    started: str = ""
    language: str = ""
    invite: str = ""
    finished: str = ""
    ended: str = ""
    mode: str = ""
    real: tuple[str, ...] = ()
    other: tuple[str, ...] = ()


_TOOLS = (
    _Tool(
        name="SurveyCTO", needs=("key", "formdef_version"), id="key",
        submitted=("submissiondate", "endtime"), started="starttime",
        other=("formdef_version", "endtime", "instanceid", "caseid"),
    ),
    _Tool(
        name="Qualtrics", needs=("responseid", "finished"), id="responseid",
        submitted=("recordeddate", "enddate"), started="startdate", language="userlanguage",
        finished="finished", mode="status", real=("", "0", "ip address"),
        other=("enddate", "progress", "distributionchannel"),
    ),
    _Tool(
        name="LimeSurvey", needs=("id", "submitdate", "lastpage"), id="id",
        submitted=("submitdate",), started="startdate", language="startlanguage", invite="token",
        ended="submitdate", other=("lastpage", "seed", "datestamp"),
    ),
    _Tool(
        name="SoSci Survey", needs=("case", "questnnr"), id="case",
        submitted=("lastdata", "started"), started="started", language="language",
        finished="finished", mode="mode", real=("", "interview"),
        other=("serial", "ref", "questnnr", "lastdata", "lastpage", "maxpage"),
    ),
    _Tool(
        name="SurveyMonkey", needs=("respondentid",), id="respondentid", submitted=("enddate",),
        started="startdate", other=("collectorid", "enddate"),
    ),
)  # fmt: skip
_FALSE = frozenset(("0", "f", "false", "no"))
_TIMINGS = frozenset(("duration", "duration__in_seconds_", "interviewtime", "time_sum"))


def signature(table: RawTable) -> Match | None:
    """The container says what it is."""
    if table.container not in CONTAINERS:
        return None
    tool = _tool(table)
    evidence = [f"a data file of {_WRITERS[table.container]}"]
    if tool:
        evidence.append(f"columns of {tool.name}: " + ", ".join(tool.needs))
    return Match(
        confidence=1.0,
        variant=f"{table.container}, {tool.name}" if tool else table.container,
        mode="code",
        evidence=tuple(evidence),
    )


def normalise(tables: Sequence[RawTable], detection: Detection) -> Draft:
    """Responses as codes; cells that are declared missing are blank and carry their reason."""
    table = shape.chosen(tables, detection)
    names = list(table.rows[0]) if table.rows else []
    rows, numbers = shape.body(table, 1)
    tool = _tool(table)
    places = {shape.plain(name): place for place, name in reversed(list(enumerate(names)))}
    questions = table.codebook.questions if table.codebook else ()
    texts = [question.text.get("", "") or question.key for question in questions]
    only_placeholders = all(_PLACEHOLDER.match(name) for name in names)
    keys = texts if only_placeholders else names
    sets = table.codebook.sets if table.codebook else ()
    shared = {name: one.label or one.key for one in sets for name in one.columns}
    groups = [shared.get(name, "") for name in names]
    columns = shape.columns_of(names, keys, texts, _roles(names, tool), rows, groups)
    where = next((places[n] for n in tool.submitted if n in places), None) if tool else None
    submitted, problems = shape.moments_of(rows, where, table)
    ids = shape.column_cells(rows, places[tool.id]) if tool else [""] * len(rows)
    # the portable format knows capital letters only
    folded = [name.casefold() for name in names]
    if not tool:
        problems.append(shape.problem_in(table, "id_missing"))
    unread = {
        (problem.row, problem.column)
        for problem in table.problems
        if problem.code == "date_out_of_range"
    }
    reasons = _Reasons(questions, tool, columns)
    drafted = [
        _row(
            row,
            _Place(number=number, response=response, submitted=moment),
            reasons.of_row(row, {place for place, n in enumerate(names) if (number, n) in unread}),
            (tool, places),
        )
        for row, number, response, moment in zip(
            rows, numbers, shape.given_ids(ids, rows, folded), submitted, strict=True
        )
    ]
    problems.extend(shape.left_out(tables, table))
    return shape.draft_of_table(table, detection, columns, tuple(drafted), problems)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    number: int
    response: str
    submitted: str


class _Reasons:
    """Why cells are no answers; most columns have no such cells and are not looked at."""

    def __init__(
        self, questions: Sequence[Question], tool: _Tool | None, columns: Sequence[DraftColumn]
    ) -> None:
        self.field = tool is not None and tool.name == "SurveyCTO"
        self.watched = [
            (place, question)
            for place, question in enumerate(questions)
            if question.missing
            or question.spans
            or (self.field and question.kind in ("number", "single"))
            if columns[place].role in ("question", "consent", "language", "status")
        ]

    def of_row(self, row: tuple[str, ...], unread: set[int]) -> dict[int, str]:
        """Column position to reason."""
        found = dict.fromkeys(unread, "unreadable")
        for place, question in self.watched:
            cell = row[place]
            if cell and (reason := question.reason(cell) or self._by_custom(cell, question)):
                found[place] = reason
        return found

    def _by_custom(self, cell: str, question: Question) -> str:
        """SurveyCTO forms use -999 and the like; one labelled as an answer is an answer."""
        if not self.field or not _MISSING_CODE.match(cell):
            return ""
        label = question.options.get(cell, {}).get("", "")
        if label:
            return option("missing", label)
        return MISSING.get(cell, f"user_missing({cell})")


def _tool(table: RawTable) -> _Tool | None:
    names = {shape.plain(name) for name in table.rows[0]} if table.rows else set()
    return next((tool for tool in _TOOLS if names.issuperset(tool.needs)), None)


def _roles(names: Sequence[str], tool: _Tool | None) -> dict[int, str]:
    if tool is None:
        return {}
    submitted = next((name for name in tool.submitted if name in map(shape.plain, names)), "")
    named = {
        **dict.fromkeys(tool.other, "ignore"),
        tool.mode: "status", tool.finished: "status", tool.language: "language",
        tool.invite: "token", tool.started: "started", submitted: "submitted", tool.id: "id",
    }  # fmt: skip
    roles = {}
    for place, name in enumerate(names):
        plain = shape.plain(name)
        if plain and plain in named:
            roles[place] = named[plain]
        elif plain in _TIMINGS:
            roles[place] = "timing"
        elif tool.name == "SurveyCTO" and _PERSONAL_PART.search(plain):
            roles[place] = "personal"
    return roles


def _row(
    row: tuple[str, ...],
    place: _Place,
    reasons: Mapping[int, str],
    known: tuple[_Tool | None, Mapping[str, int]],
) -> DraftRow:
    tool, places = known

    def at(name: str) -> str:
        return row[places[name]] if name and name in places else ""

    state = "complete"
    if tool and tool.real and at(tool.mode).casefold() not in tool.real:
        state = "test"
    elif tool and (at(tool.finished).casefold() in _FALSE or (tool.ended and not at(tool.ended))):
        state = "partial"
    return DraftRow(
        number=place.number,
        response_id=place.response,
        state=state,
        submitted="" if state == "partial" and tool and tool.ended else place.submitted,
        language=at(tool.language) if tool else "",
        token=at(tool.invite) if tool else "",
        cells=tuple("" if at_ in reasons else cell for at_, cell in enumerate(row)),
        reasons=reasons,
    )
