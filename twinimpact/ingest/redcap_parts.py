"""The anatomy of a REDCap export: which columns are the tool's own, which rows are responses."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from twinimpact.ingest.extent import column_letters
from twinimpact.ingest.personal import personal_by_name
from twinimpact.ingest.shape import Rows, plain

DONE = frozenset(("2", "Complete"))
UNTOUCHED = frozenset(("", "0", "NA", "Incomplete"))
NOT_COMPLETED = "[not completed]"
_STATES = frozenset(("", "0", "1", "2", "na", "incomplete", "unverified", "complete"))
_ID_NAMES = ("record_id", "study_id", "record id", "study id")
_ID_WORDS = re.compile(
    r"^(?:(?:record|study|subject|participant|patient|respondent|case|person)_?(?:id|nr|no|code)"
    r"|pid|id|code)$"
)
_BOX = re.compile(r"^(?P<field>\w+?)___(?P<code>\w+)$")
_LABEL_BOX = re.compile(r"^(?P<field>.*\S)\s*\(choice=(?P<code>.*)\)(?:\.\d+)?$", re.DOTALL)
_COMPLETE_LABEL = re.compile(r"^complete\?(?:\.\d+| \(\d+\)|_\d+)?$")
_UNTICKED = frozenset(("", "0", "Unchecked", "NA"))
_TICKS = _UNTICKED | {"1", "Checked"}
_COMMA = re.compile(r"^[+-]?\d+,\d+$")
_WHOLE = re.compile(r"^[+-]?\d+$")
_PERSONAL = re.compile(
    r"(?:^|_)(?:(?:tele)?phone|mobile|e_?mail|mail|address|street|surname|dob|birthdate|signature"
    r"|date_of_birth)$|(?:^|_)(?:first|last|full|family|maiden|middle|contact|kin)_?name$|^ip$"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Positions of the tool's own columns; ``None`` or empty where there is none.

    ``states`` are the columns that close each instrument, ``boxes`` the groups of columns of
    one checkbox question, ``row_number`` the column that R writes before the table.
    """

    names: tuple[str, ...]
    identity: int | None
    states: tuple[int, ...]
    boxes: tuple[tuple[int, ...], ...]
    timestamps: tuple[int, ...]
    labelled: bool
    row_number: int | None = None
    event: int | None = None
    instrument: int | None = None
    instance: int | None = None
    access_group: int | None = None
    survey_identifier: int | None = None


def layout_of(names: Sequence[str], rows: Rows) -> Layout:
    """The layout that headers and cells show, whatever the order of the columns."""
    folded = [plain(name) for name in names]
    raw = tuple(
        at for at, name in enumerate(folded) if name.endswith("_complete") and _are_states(rows, at)
    )
    shown = tuple(
        at
        for at, name in enumerate(folded)
        if _COMPLETE_LABEL.match(name) and _are_states(rows, at)
    )
    labelled = bool(shown) and not raw
    row_number = 0 if names and not names[0] and _counts_up(rows) else None

    def at(*wanted: str) -> int | None:
        return next((folded.index(one) for one in wanted if one in folded), None)

    own = {
        "event": at("redcap_event_name", "event name"),
        "instrument": at("redcap_repeat_instrument", "repeat instrument"),
        "instance": at("redcap_repeat_instance", "repeat instance"),
        "access_group": at("redcap_data_access_group", "data access group"),
        "survey_identifier": at("redcap_survey_identifier", "survey identifier"),
    }
    stamps = tuple(
        place
        for place, name in enumerate(folded)
        if (name.endswith("_timestamp") and _are_stamps(rows, place))
        or (labelled and re.match(r"^survey timestamp(?:\.\d+)?$", name))
    )
    return Layout(
        names=tuple(names),
        identity=_identity(folded, rows),
        states=raw or shown,
        boxes=_box_groups(names, labelled),
        timestamps=stamps,
        labelled=labelled,
        row_number=row_number,
        **own,
    )


def from_r(layout: Layout, rows: Rows) -> bool:
    """Whether the table went through R, which writes ``NA`` for a blank cell."""
    marks = [*layout.states, layout.instrument, layout.instance, layout.event]
    places = [place for place in marks if place is not None]
    return layout.row_number is not None or any(row[at] == "NA" for row in rows for at in places)


def responses_of(rows: Rows, layout: Layout) -> tuple[list[int], Mapping[str, int]]:
    """Places of the rows that are responses, and rows left out by instrument.

    Where no record has an answer outside its repeating instruments, those are the responses.
    No record disappears: one without a row of the kept kind keeps its first row.
    """
    if layout.instrument is None:
        return list(range(len(rows))), {}
    at = layout.instrument
    base = [place for place, row in enumerate(rows) if not row[at]]
    repeats = [place for place, row in enumerate(rows) if row[at]]
    own = base if not repeats or any(_answered(rows[place], layout) for place in base) else repeats
    kept = set(own)
    seen = {_unit(rows[place], layout) for place in own}
    for place, row in enumerate(rows):
        if _unit(row, layout) not in seen:
            seen.add(_unit(row, layout))
            kept.add(place)
    left = Counter(
        row[at] or "(rows without answers)" for place, row in enumerate(rows) if place not in kept
    )
    return sorted(kept), dict(left)


def identities(rows: Rows, layout: Layout) -> tuple[list[str], list[str]]:
    """Id of each response, and its record where that has several: record, event, instance."""
    identity = layout.identity or 0
    parts = [layout.event, layout.instrument, layout.instance]
    ids, records = [], []
    for row in rows:
        record = row[identity]
        more = [row[at] for at in parts if at is not None and row[at]]
        ids.append("/".join([record, *more]) if record else "")
        records.append(record if more else "")
    return ids, records


def without_empty_boxes(rows: Rows, layout: Layout) -> Rows:
    """Checkbox questions without a tick as blank cells: nobody may have asked them."""
    if not layout.boxes:
        return rows
    result = []
    for row in rows:
        empty = [at for group in layout.boxes if _is_unticked(row, group) for at in group]
        if empty:
            cells = list(row)
            for place in empty:
                cells[place] = ""
            row = tuple(cells)
        result.append(row)
    return result


def with_decimal_points(rows: Rows, skip: frozenset[int]) -> tuple[Rows, list[str]]:
    """Columns of numbers with a decimal comma, with a point instead; and their letters.

    A column counts if at least one cell is such a number and every cell is a number without
    a point: calculated fields of the same row keep the point.
    """
    if not rows:
        return rows, []
    commas = []
    for place in range(len(rows[0])):
        if place in skip:
            continue
        filled = [row[place] for row in rows if row[place]]
        if any(_COMMA.match(cell) for cell in filled) and all(
            _COMMA.match(cell) or _WHOLE.match(cell) for cell in filled
        ):
            commas.append(place)
    if not commas:
        return rows, []
    marked = frozenset(commas)
    changed = [
        tuple([cell.replace(",", ".") if at in marked else cell for at, cell in enumerate(row)])
        for row in rows
    ]
    return changed, [column_letters(place + 1) for place in commas]


def are_ticks(rows: Rows, layout: Layout) -> bool:
    """Whether the columns that look like boxes hold ticks only."""
    boxes = [place for group in layout.boxes for place in group]
    return all(row[place].strip() in _TICKS for row in rows for place in boxes)


def absent_places(names: Sequence[str], layout: Layout) -> Mapping[int, tuple[int, ...]]:
    """Fields by the column that closes their instrument, if the columns stand as exported.

    In an export the fields of an instrument stand before its ``_complete`` column. A table
    whose columns were moved does not end with such a column, or not begin with the id.
    """
    last = max((at for at, name in enumerate(names) if name), default=0)
    first = 0 if layout.row_number is None else 1
    if layout.identity != first or last not in layout.states:
        return {}
    found: dict[int, tuple[int, ...]] = {}
    own = {layout.event, layout.instrument, layout.instance, layout.access_group,
           layout.survey_identifier, layout.identity, layout.row_number}  # fmt: skip
    start = first
    for at in layout.states:
        found[at] = tuple(place for place in range(start, at) if place not in own)
        start = at + 1
    return found


def reasons_of(row: tuple[str, ...], absent: Mapping[int, tuple[int, ...]]) -> dict[int, str]:
    """A blank state says that the instrument is not part of this event: nothing was shown."""
    reasons: dict[int, str] = {}
    for at, fields in absent.items():
        if not row[at] and not any(row[place] for place in fields):
            reasons.update(dict.fromkeys(fields, "not_shown"))
    return reasons


def is_personal(name: str) -> bool:
    """Whether a field name or label, alone, names personal data."""
    folded = re.sub(r"_?\d+$", "", plain(name).replace(" ", "_"))
    return _PERSONAL.search(folded) is not None or personal_by_name(name)


def _identity(folded: Sequence[str], rows: Rows) -> int | None:
    """The first column is the record id, whatever its name, unless the columns were moved."""
    first = next((place for place, name in enumerate(folded) if name), None)
    for name in _ID_NAMES:
        if name in folded:
            return folded.index(name)
    if first is None or _ID_WORDS.match(folded[first]):
        return first
    moved = [
        place
        for place, name in enumerate(folded)
        if _ID_WORDS.match(name) and all(row[place] for row in rows)
    ]
    return moved[0] if moved else first


def _are_states(rows: Rows, at: int) -> bool:
    return all(row[at].strip().casefold() in _STATES for row in rows)


def _are_stamps(rows: Rows, at: int) -> bool:
    cells = {row[at].strip() for row in rows} - {"", "NA", NOT_COMPLETED}
    return all(cell[:4].isdigit() and ":" in cell for cell in cells)


def _counts_up(rows: Rows) -> bool:
    cells = [row[0].strip() for row in rows]
    return bool(cells) and all(cell.isdigit() for cell in cells) and len(set(cells)) == len(cells)


def _box_groups(names: Sequence[str], labelled: bool) -> tuple[tuple[int, ...], ...]:
    pattern = _LABEL_BOX if labelled else _BOX
    groups: dict[str, list[int]] = {}
    for place, name in enumerate(names):
        if match := pattern.match(name) or _LABEL_BOX.match(name):
            groups.setdefault(match["field"], []).append(place)
    return tuple(tuple(group) for group in groups.values())


def _is_unticked(row: tuple[str, ...], group: tuple[int, ...]) -> bool:
    return all(row[place] in _UNTICKED for place in group)


def _unit(row: tuple[str, ...], layout: Layout) -> tuple[str, ...]:
    """Record and event of a row."""
    return tuple(row[at] for at in (layout.identity, layout.event) if at is not None)


def _answered(row: tuple[str, ...], layout: Layout) -> bool:
    own = {layout.identity, layout.event, layout.instrument, layout.instance, layout.row_number,
           layout.access_group, layout.survey_identifier, *layout.states,
           *layout.timestamps}  # fmt: skip
    boxes = {place for group in layout.boxes for place in group}
    return any(
        cell and place not in own and not (place in boxes and cell in _UNTICKED)
        for place, cell in enumerate(row)
    )
