"""Further tables kept by hand: projects, organisations, links, costs, goals, targets and more.

Their columns are read as ``schema`` declares them; towns, events and partnerships are found by id
or by name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from twinimpact.ingest.activities import partnership_of
from twinimpact.ingest.attendance import event_of
from twinimpact.ingest.mapping import ColumnMapping
from twinimpact.ingest.rows import CheckedRows, Lookup, row_hash
from twinimpact.ingest.sheets import Record, Row, SheetReader, checked_table, find_sheet
from twinimpact.ingest.source import RawTable
from twinimpact.ingest.values import fold, slug
from twinimpact.schema import TABLES, Column

CURRENCIES = {"€": "EUR", "EURO": "EUR", "£": "GBP", "ZŁ": "PLN", "KČ": "CZK", "FT": "HUF"}
OPTION_FIELDS: Mapping[tuple[str, str], str] = {
    ("organisations", "type"): "organisation_type",
    ("link_ledger", "kind"): "link_kind",
    ("link_ledger", "status"): "action_status",
    ("travel", "mode"): "travel_mode",
}
"""Columns whose words are listed under another name."""
GOAL_LEVELS = (1.0, 5.0)
ANY = "any"


def record_rows(
    tables: Sequence[RawTable], kind: str, mapping: ColumnMapping, lookup: Lookup
) -> CheckedRows:
    """The rows of one further table.

    Parameters
    ----------
    tables
        Sheets of the file.
    kind
        One of ``schema.RECORD_TABLES``.

    Raises
    ------
    IngestError
        If the file has no such table.
    """
    sheet = find_sheet(tables, kind, mapping)
    taken = []
    for row in SheetReader(sheet, mapping).rows():
        record = {
            column.name: _cell(row, kind, column, mapping, lookup)
            for column in TABLES[kind].columns
            if column.name != "row_key"
        }
        _FINISH.get(kind, _nothing)(row, record)
        taken.append((row, _with_key(kind, row, record)))
    return checked_table(kind, taken, sheet, {})


def _cell(
    row: Row, kind: str, column: Column, mapping: ColumnMapping, lookup: Lookup
) -> object | None:
    name, text = column.name, row.raw(column.name)
    if name == "partnership_id":
        return partnership_of(row, mapping, lookup)
    if name == "activity_id" and column.required:
        return event_of(row, mapping, lookup)
    if name in ("activity_id", "created_by_activity"):
        return _event(row, name, lookup)
    if name in ("town_id", "from_town_id"):
        return _town(row, name, column.required, lookup)
    if name == "currency":
        return _currency(row)
    if column.required and not text and name not in (*TABLES[kind].key, "currency"):
        row.refuse("table_blank", name)
        return None
    readers: Mapping[str, Callable[[], object | None]] = {
        "integer": lambda: row.integer(name),
        "number": lambda: row.number_of(name),
        "date": lambda: row.date(name),
        "flag": lambda: row.flag(name),
        "enum": lambda: row.option(name, OPTION_FIELDS.get((kind, name), name)),
    }
    value = readers.get(column.kind, lambda: text)()
    if column.required and text and value in (None, ""):
        row.broken = True
    return value


def _town(row: Row, role: str, required: bool, lookup: Lookup) -> str:
    text = row.required(role) if required else row.raw(role)
    found = lookup.towns.get(fold(text), "") if text else ""
    if text and not found:
        (row.refuse if required else row.fault)("table_unknown_town", role, text)
    return found


def _event(row: Row, role: str, lookup: Lookup) -> str:
    text = row.raw(role).removesuffix(".0")
    found = lookup.activities.get(fold(text), ()) if text else ()
    if text and len(found) != 1:
        row.fault("attendance_unknown_activity", role, text, ", ".join(found[:10]))
    return found[0] if len(found) == 1 else ""


def _currency(row: Row) -> str:
    text = row.raw("currency").upper()
    code = text if re.fullmatch(r"[A-Z]{3}", text) else CURRENCIES.get(text, "")
    if not code:
        row.refuse("records_no_currency", "amount", row.raw("amount"))
    return code


def _with_key(kind: str, row: Row, record: Record) -> Record:
    """The record with a key: its own, or one made from what it says."""
    columns, key = TABLES[kind].columns, TABLES[kind].key[-1]
    if key != "row_key":
        if not record.get(key):
            record[key] = _made_key(kind, record)
        return record
    own = row.raw("row_key")
    record["row_key"] = own or "r" + row_hash([str(record.get(c.name)) for c in columns])[:12]
    return record


def _made_key(kind: str, record: Record) -> str:
    if kind == "organisations":
        return slug(f"{record.get('town_id')} {record.get('name')}")
    if kind in ("projects", "goals"):
        return slug(str(record.get("acronym") or record.get("name") or record.get("text")))
    if kind == "targets":
        return ANY
    return "l" + row_hash([str(value) for value in record.values()])[:12]


def _nothing(row: Row, record: Record) -> None:
    """Most tables have no rule beyond those of their columns."""


def _check_goal(row: Row, record: Record) -> None:
    low, high = GOAL_LEVELS
    intended = record.get("intended")
    if isinstance(intended, float) and not low <= intended <= high:
        row.refuse("records_goal_level", "intended", row.raw("intended"), "1 – 5")


def _check_project(row: Row, record: Record) -> None:
    start, end = record.get("start_date"), record.get("end_date")
    if start and end and str(end) < str(start):
        row.refuse("activities_end_before_start", "end_date", str(end), str(start))


def _check_link(row: Row, record: Record) -> None:
    sides = (record.get("org_a"), record.get("org_b"))
    if record.get("kind") == "organisation" and not all(sides):
        row.refuse("records_link_without_sides", "org_a", row.raw("org_a"))


def _check_media(row: Row, record: Record) -> None:
    if record.get("audience") and not record.get("method"):
        row.fault("activities_reach_without_method", "audience", row.raw("audience"))
        record["audience"] = None


_FINISH: Mapping[str, Callable[[Row, Record], None]] = {
    "goals": _check_goal,
    "projects": _check_project,
    "link_ledger": _check_link,
    "media": _check_media,
}
