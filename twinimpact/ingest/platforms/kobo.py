"""KoboToolbox exports (CSV and XLSX), with XML names or with labels.

The CSV never holds repeat groups; the workbook keeps them on their own sheets, which are
named and left out. Missing submissions marks of older exports (``n/a``) read as blank.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from twinimpact.ingest import shape
from twinimpact.ingest.cells import Column, Grid, column_of
from twinimpact.ingest.records import Detection, Draft, Match
from twinimpact.ingest.select_multiple import split_by_form
from twinimpact.ingest.source import RawTable

NAME = "kobo"
TITLE = "KoboToolbox"
_SIGNS = (
    "_uuid", "_submission_time", "_id", "_validation_status", "_index", "_tags", "_notes",
    "_submitted_by", "meta/instanceID", "_parent_index",
)  # fmt: skip
_META = frozenset(_SIGNS) | {
    "_status", "__version__", "meta/rootUuid", "meta/deprecatedID", "meta/instanceName",
    "_parent_table_name", "formhub/uuid", "_attachments", "_xform_id_string", "_duration",
    "_bamboo_dataset_id", "_media_count", "_total_media", "_media_all_received",
}  # fmt: skip
_PERSONAL = frozenset(
    ("_submitted_by", "deviceid", "phonenumber", "username", "simserial", "subscriberid", "email",
     "imei", "audit", "_geolocation", "_attachments")
)  # fmt: skip
_REJECTED = frozenset(
    ("validation_status_not_approved", "not approved", "non approuvé", "no aprobado",
     "não aprovado", "nicht genehmigt", "nicht bestätigt", "non approvato", "niezatwierdzone")
)  # fmt: skip
_XML_NAME = re.compile(r"^[\w.:/\[\]-]*$")
_TAG = re.compile(r"^#[A-Za-z]")
_TICKS = frozenset(("", "0", "1", "True", "False", "TRUE", "FALSE", "n/a"))
_TICKED = frozenset(("1", "True", "TRUE"))
_TIME = re.compile(r"^\d{4}-\d{2}-\d{2}([T ]|$)")


def signature(table: RawTable) -> Match | None:
    """How well the header fits; the sheets of repeat groups do not count."""
    if not table.rows:
        return None
    names = [name.strip() for name in table.rows[0]]
    found = [sign for sign in _SIGNS if sign in names]
    if not found or (len(found) == 1 and found[0] != "meta/instanceID"):
        return None
    if "_submission__uuid" in names or _is_repeat_sheet(table, names):
        return None
    tagged = len(table.rows) > 1 and _is_tag_row(table.rows[1])
    evidence = ["columns " + ", ".join(found)]
    if tagged:
        evidence.append("a row of HXL tags below the header")
    return Match(
        confidence=min(1.0, 0.5 + 0.1 * len(found)),
        variant="legacy" if not {"_index", "__version__"} & set(names) else "export",
        mode=_mode(table, names),
        header_rows=2 if tagged else 1,
        evidence=tuple(evidence),
    )


def normalise(tables: Sequence[RawTable], detection: Detection) -> Draft:
    """Responses of the main sheet; repeat groups are named and left out."""
    table = shape.chosen(tables, detection)
    names = [name.strip() for name in table.rows[0]]
    read, numbers = shape.body(table, detection.header_rows)
    rows = Grid.of(read, len(names))
    if detection.variant == "legacy":
        rows = Grid([column.map(_without_mark) for column in rows.columns], len(rows))
    options = option_columns(names, rows)
    rows = _joined_choices(names, rows, options, detection.mode)
    split = {names.index(parent) for parent in options.values() if parent in names}
    whole, unclear = split_by_form(table, names, rows, numbers, split)
    found = Grid.of(whole, len(names))
    rows, numbers, ids, repeated = _first_rows(names, found, numbers, _ids(names, found))
    time_at = _place(names, "_submission_time")
    submitted, problems = shape.moments_of(
        rows, _place(names, "end") if time_at is None else time_at, table,
        "" if time_at is None else "+00:00",
    )  # fmt: skip
    columns = shape.columns_of(
        names, _keys(names, options, detection.mode), _questions(names, detection.mode),
        _roles(names, rows), rows,
    )  # fmt: skip
    status = _place(names, "_validation_status")
    drafted = shape.draft_rows(
        rows, numbers, ids, submitted,
        shape.column_cells(rows, status).map(_state),
    )  # fmt: skip
    problems.extend([*unclear, *shape.left_out(tables, table)])
    if repeated:
        problems.append(shape.problem_in(table, "several_rows_per_response", got=str(repeated)))
    draft = shape.draft_of_table(table, detection, columns, drafted, problems)
    return shape.with_excluded(draft, {"repeat_row": repeated})


def option_columns(names: Sequence[str], rows: shape.Rows) -> dict[int, str]:
    """Tick-box columns ``question/option`` and the header of their question.

    A column belongs to a question if the question has a column of its own, or if all
    columns below the same header hold ticks only.
    """
    present = set(names)
    parents = {place: name.rsplit("/", 1)[0].rstrip() for place, name in enumerate(names)
               if "/" in name and name not in _META}  # fmt: skip
    sizes = Counter(parents.values())
    options = {}
    for place, parent in parents.items():
        if parent in present:
            options[place] = parent
        elif sizes[parent] > 1 and " " not in names[place]:
            places = [p for p, other in parents.items() if other == parent]
            cells = {text for p in places for text in column_of(rows, p).distinct()}
            if any(cells) and cells <= _TICKS:
                options[place] = parent
    return options


def _mode(table: RawTable, names: Sequence[str]) -> str:
    status = _place(names, "_validation_status")
    cells = shape.column_cells(table.rows[1:], status)
    states = set(map(str.strip, cells.distinct())) - {"", "{}"}
    if any(state.startswith("validation_status_") for state in states):
        return "code"
    if states and not any(_TAG.match(state) for state in states):
        return "label"
    return "code" if all(_XML_NAME.match(name) for name in names) else "label"


def _is_tag_row(row: tuple[str, ...]) -> bool:
    filled = [cell for cell in row if cell.strip()]
    return bool(filled) and all(_TAG.match(cell.strip()) for cell in filled)


def _is_repeat_sheet(table: RawTable, names: Sequence[str]) -> bool:
    place = _place(names, "_parent_index")
    if place is None:
        return False
    cells = column_of(table.rows[1:], place)
    return any(cell.strip() not in ("", "-1") for cell in cells.distinct())


def _place(names: Sequence[str], name: str) -> int | None:
    return names.index(name) if name in names else None


def _ids(names: Sequence[str], rows: shape.Rows) -> Sequence[str]:
    """``meta/rootUuid`` survives edits and wins where it is filled in."""
    root = shape.column_cells(rows, _place(names, "meta/rootUuid"))
    place = next((names.index(n) for n in ("_uuid", "meta/instanceID", "_id") if n in names), None)
    own = shape.column_cells(rows, place)
    plain = root.map(lambda text: text.removeprefix("uuid:")) if root.mentions("uuid:") else root
    return shape.given_ids(plain.filled_by(own), rows, names)


def _first_rows(
    names: Sequence[str], rows: Grid, numbers: Sequence[int], ids: Sequence[str]
) -> tuple[Grid, tuple[int, ...], Sequence[str], int]:
    """Old exports write one row per repeat; the first row of a submission is kept."""
    if "_uuid" in names or "meta/instanceID" not in names:
        return rows, tuple(numbers), ids, 0
    seen: set[str] = set()
    kept = []
    for place, response in enumerate(ids):
        if response not in seen:
            seen.add(response)
            kept.append(place)
    return (
        rows.take(np.array(kept, dtype=np.int64)),
        tuple(numbers[place] for place in kept),
        tuple(ids[place] for place in kept),
        len(rows) - len(kept),
    )


def _joined_choices(
    names: Sequence[str], rows: Grid, options: Mapping[int, str], mode: str
) -> Grid:
    """Answers of a multiple-choice question joined by ``;`` in the question's own column.

    With XML names the cell itself is split at spaces: option columns cover only options
    known to the newest form. Labels hold spaces, so there the ticks decide.
    """
    parents = {names.index(parent): parent for parent in options.values() if parent in names}
    if not parents:
        return rows
    ticks = {
        place: [(p, names[p][len(parent) :].strip(" /")) for p, q in options.items() if q == parent]
        for place, parent in parents.items()
    }
    changed = {}
    for place, boxes in ticks.items():
        if mode == "code":
            changed[place] = rows.columns[place].map(lambda cell: ";".join(cell.split()))
            continue
        cells = zip(rows.columns[place], *(rows.columns[box] for box, _ in boxes), strict=True)
        labels = [label for _, label in boxes]
        chosen = [itertools.compress(labels, map(_TICKED.__contains__, row[1:])) for row in cells]
        joined = map(";".join, chosen)
        changed[place] = Column.of(joined).filled_by(rows.columns[place])
    return rows.replaced(changed)


def _is_timed(rows: shape.Rows, place: int) -> bool:
    return all(_TIME.match(cell) for cell in column_of(rows, place).distinct() if cell)


def _without_mark(cell: str) -> str:
    return "" if cell == "n/a" else cell


def _state(status: str) -> str:
    return "rejected" if status.casefold() in _REJECTED else "complete"


def _keys(names: Sequence[str], options: Mapping[int, str], mode: str) -> tuple[str, ...]:
    """The last part of each path where it is unambiguous, else the whole path."""
    if mode == "label":
        return tuple(names)
    short = []
    for place, name in enumerate(names):
        if name in _META:
            short.append(name)
        elif place in options:
            question = options[place].rsplit("/", 1)[-1]
            short.append(question + "/" + name.rsplit("/", 1)[-1])
        else:
            short.append(name.rsplit("/", 1)[-1])
    often = Counter(short)
    return tuple(
        short[place] if often[short[place]] == 1 else name for place, name in enumerate(names)
    )


def _questions(names: Sequence[str], mode: str) -> tuple[str, ...]:
    """The question's wording: with labels, the last part of ``Group / Question``."""
    return tuple(name.rsplit(" / ", 1)[-1] if mode == "label" else name for name in names)


def _roles(names: Sequence[str], rows: shape.Rows) -> dict[int, str]:
    roles: dict[int, str] = {}
    identity = next((n for n in ("_uuid", "meta/instanceID", "_id") if n in names), "")
    points = {name.rsplit("/", 1)[-1].removeprefix("_").removesuffix("_latitude")
              for name in names if name.endswith("_latitude")}  # fmt: skip
    for place, name in enumerate(names):
        last = name.rsplit("/", 1)[-1]
        if name == identity:
            roles[place] = "id"
        elif name == "_submission_time":
            roles[place] = "submitted"
        elif name == "_validation_status":
            roles[place] = "status"
        elif last in _PERSONAL or last in points:
            roles[place] = "personal"
        elif name in _META:
            roles[place] = "ignore"
        elif name == "start" and _is_timed(rows, place):
            roles[place] = "started"
        elif name in ("end", "today") and _is_timed(rows, place):
            roles[place] = "ignore" if "_submission_time" in names or name != "end" else "submitted"
        elif last == "consent":
            roles[place] = "consent"
    return roles
