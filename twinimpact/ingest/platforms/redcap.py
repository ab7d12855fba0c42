"""REDCap exports: raw or labels, longitudinal, with repeating instruments, also through R.

What one response is: a record; in a longitudinal project a record in one event; where an
event repeats, each time of it. Rows of repeating instruments belong to the record above and
are counted, named and left out, unless the record has nothing else: then each is a response.

A box that is not ticked is 0 even where nobody asked, so a checkbox question without any
tick is missing, not "none".
"""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from collections.abc import Mapping, Sequence

from twinimpact.ingest import redcap_parts as parts
from twinimpact.ingest import shape
from twinimpact.ingest.records import Detection, Draft, DraftRow, Match
from twinimpact.ingest.source import RawTable
from twinimpact.problems import Problem

NAME = "redcap"
TITLE = "REDCap"
SAMPLE = 200
_RAW_COMPLETE = frozenset(("", "0", "1", "2", "NA"))
_ID_NAME = re.compile(
    r"(?:^|_)(?:id|record|nr|no|num|number|code|pid|subject|participant|respondent|case)(?:_|$)|id$"
)
_FIELD = re.compile(r"^[a-z][a-z0-9_]*$")


def signature(table: RawTable) -> Match | None:
    """A ``…_complete`` column of states, and one more sign of the tool."""
    if len(table.rows) < 1 or len(table.rows[0]) < 2:
        return None
    names = [name.strip() for name in table.rows[0]]
    layout = parts.layout_of(names, table.rows[1 : SAMPLE + 1])
    if layout.identity is None:
        return None
    if not layout.states:
        return _without_states(table, layout)
    if layout.labelled:
        words = "columns Complete? with Incomplete, Unverified, Complete"
        sure = layout.boxes or layout.event is not None or layout.instrument is not None
        return _match(0.95 if sure else 0.7, "label", words)
    own = any(name.startswith("redcap_") for name in names)
    plain_id = _ID_NAME.search(names[layout.identity].casefold()) is not None
    if own or layout.boxes or plain_id:
        return _match(0.95, _mode(table, layout), "a column ending in _complete")
    finished = any(row[at].strip() == "2" for row in table.rows[1:] for at in layout.states)
    if finished and all(_FIELD.match(name) for name in names if name):
        return _match(0.75, _mode(table, layout), "a column ending in _complete, with 0, 1, 2")
    return None


def _without_states(table: RawTable, layout: parts.Layout) -> Match | None:
    """Reports may leave the states out; the tool's other columns are left then."""
    mode = _mode(table, layout)
    own = [name for name in layout.names if name.startswith("redcap_")]
    if own:
        return _match(0.9, mode, "columns " + ", ".join(own))
    named = _ID_NAME.search(layout.names[layout.identity or 0].casefold()) is not None
    if named and layout.boxes and parts.are_ticks(table.rows[1 : SAMPLE + 1], layout):
        return _match(0.75, mode, "checkbox columns such as " + layout.names[layout.boxes[0][0]])
    return None


def normalise(tables: Sequence[RawTable], detection: Detection) -> Draft:
    """Responses as the first lines of this file define them; records and rows are both told."""
    table = shape.chosen(tables, detection)
    names = [name.strip() for name in table.rows[0]]
    rows, numbers = shape.body(table, 1)
    layout = parts.layout_of(names, rows[:SAMPLE])
    if parts.from_r(layout, rows):
        rows = [tuple(["" if cell == "NA" else cell for cell in row]) for row in rows]
    kept, repeats = parts.responses_of(rows, layout)
    total, repeated = len(rows), sum(repeats.values())
    numbers = tuple(numbers[at] for at in kept)
    rows = parts.without_empty_boxes([rows[at] for at in kept], layout)
    roles = _roles(names, layout)
    rows, commas = parts.with_decimal_points(rows, frozenset(roles))
    columns = shape.columns_of(names, names, names, roles, rows)
    submitted, problems = _submitted(rows, layout, table)
    own_ids, records = parts.identities(rows, layout)
    ids = shape.given_ids(own_ids, rows, names)
    absent = parts.absent_places(names, layout)
    in_use = [at for at in layout.states if any(row[at] not in parts.UNTOUCHED for row in rows)]
    drafted = tuple(
        DraftRow(
            number=number, response_id=response, state=_state(row, in_use, layout),
            submitted=moment, language="", token=_token(row, layout, record), cells=row,
            reasons=parts.reasons_of(row, absent), record=record,
        )
        for row, number, response, moment, record in zip(
            rows, numbers, ids, submitted, records, strict=True
        )
    )  # fmt: skip
    problems.extend(_told(table, drafted, repeats, total, commas))
    problems.extend(shape.left_out(tables, table))
    draft = shape.draft_of_table(table, detection, columns, drafted, problems)
    if any(not row[layout.identity or 0] for row in rows):
        draft = dataclasses.replace(
            draft, problems=(*draft.problems, shape.problem_in(table, "id_missing"))
        )
    return shape.with_excluded(draft, {"repeat_row": repeated})


def _match(confidence: float, mode: str, words: str) -> Match:
    variant = "labels" if words.startswith("columns Complete?") else "raw"
    return Match(confidence=confidence, variant=variant, mode=mode, evidence=(words,))


def _mode(table: RawTable, layout: parts.Layout) -> str:
    """Raw headers may stand above labels: the states or the boxes are words then."""
    marks = [*layout.states, *(at for group in layout.boxes for at in group)]
    cells = {row[at].strip() for row in table.rows[1 : SAMPLE + 1] for at in marks}
    return "label" if cells - _RAW_COMPLETE else "code"


def _state(row: tuple[str, ...], in_use: Sequence[int], layout: parts.Layout) -> str:
    """Complete if every instrument in use that this row has is complete."""
    if any(row[at].casefold() == parts.NOT_COMPLETED for at in layout.timestamps):
        return "partial"
    if not layout.states:
        return "complete"
    states = [row[at] for at in in_use if row[at]]
    return "complete" if states and all(s in parts.DONE for s in states) else "partial"


def _token(row: tuple[str, ...], layout: parts.Layout, record: str) -> str:
    """What makes a person known again: the list of participants, or the record over events.

    A record number alone is no token: every project counts 1, 2, 3.
    """
    if layout.survey_identifier is not None and row[layout.survey_identifier]:
        return row[layout.survey_identifier]
    if layout.event is None or not record:
        return ""
    group = row[layout.access_group] if layout.access_group is not None else ""
    return f"{group}/{record}" if group else record


def _submitted(
    rows: shape.Rows, layout: parts.Layout, table: RawTable
) -> tuple[list[str], list[Problem]]:
    """The latest time stamp of a survey in each row; other exports have no time."""
    latest = [""] * len(rows)
    problems: list[Problem] = []
    for at in layout.timestamps:
        found, unclear = shape.moments_of(rows, at, table)
        problems.extend(unclear)
        for place, moment in enumerate(found):
            if moment[:1].isdigit() and moment > latest[place]:
                latest[place] = moment
    return latest, problems


def _roles(names: Sequence[str], layout: parts.Layout) -> dict[int, str]:
    roles: dict[int, str] = dict.fromkeys(layout.states, "status")
    roles.update(dict.fromkeys(layout.timestamps, "ignore"))
    if layout.timestamps:
        roles[layout.timestamps[-1]] = "submitted"
    for at in (layout.row_number, layout.event, layout.instrument, layout.instance,
               layout.access_group):  # fmt: skip
        if at is not None:
            roles[at] = "ignore"
    if layout.survey_identifier is not None:
        roles[layout.survey_identifier] = "token"
    if layout.identity is not None:
        roles[layout.identity] = "id"
    for place, name in enumerate(names):
        if place not in roles and parts.is_personal(name):
            roles[place] = "personal"
        elif place not in roles and name.casefold() == "consent":
            roles[place] = "consent"
    return roles


def _told(
    table: RawTable,
    drafted: Sequence[DraftRow],
    repeats: Mapping[str, int],
    total: int,
    commas: Sequence[str],
) -> list[Problem]:
    found = []
    records = len({row.record or row.response_id for row in drafted})
    if total > records and (repeats or any(row.record for row in drafted)):
        found.append(
            Problem(
                code="records_and_rows", file=table.file, sheet=table.sheet, row=None,
                got=str(records), expected=str(total),
            )
        )  # fmt: skip
    if repeats:
        listed = ", ".join(f"{name} ({count} rows)" for name, count in repeats.items())
        found.append(shape.problem_in(table, "repeat_instruments_left_out", got=listed))
    copies = sum(count - 1 for count in Counter(row.response_id for row in drafted).values())
    if copies:
        found.append(shape.problem_in(table, "records_twice", got=str(copies)))
    if commas:
        found.append(shape.problem_in(table, "decimal_commas", got=", ".join(commas)))
    return found
