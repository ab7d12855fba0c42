"""Activity logs: one row per event, and the head-count the log itself gives."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections.abc import Sequence

import pandas as pd

from twinimpact.entities import THEMES
from twinimpact.ingest.mapping import ColumnMapping
from twinimpact.ingest.rows import CheckedRows, Lookup, row_hash, table_frame
from twinimpact.ingest.sheets import Record, Row, SheetReader, checked_table, find_sheet
from twinimpact.ingest.source import RawTable
from twinimpact.ingest.values import fold, fold_label
from twinimpact.problems import Problem

LOG_SET = "log"
"""``margin_set`` and ``row_key`` of the head-count a log gives for an event."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ActivityLog:
    """A log's events, and the head-counts it gives for those that were held."""

    activities: CheckedRows
    counts: CheckedRows


def activity_rows(
    tables: Sequence[RawTable],
    mapping: ColumnMapping,
    lookup: Lookup,
    as_of: dt.date | None = None,
) -> ActivityLog:
    """Events of a log.

    Parameters
    ----------
    mapping
        Its constants may name the partnership of every row.
    as_of
        An event without a status counts as planned when it begins after this day.

    Raises
    ------
    IngestError
        If the file has no such table.
    """
    sheet = find_sheet(tables, "activities", mapping)
    taken: list[tuple[Row, Record]] = []
    counts: list[Record] = []
    given = 0
    for row in SheetReader(sheet, mapping).rows():
        record = _record(row, mapping, lookup, as_of)
        people = row.integer("participants")
        if people is not None and record["status"] == "planned":
            record["planned_participants"] = record["planned_participants"] or people
        elif people and record["status"] == "held":
            given += 1
            counts.append(_count(record, people))
        taken.append((row, record))
    checked = checked_table("activities", taken, sheet, {})
    checked = dataclasses.replace(
        checked, problems=(*checked.problems, *_look_alikes(checked.frame, sheet.file))
    )
    known = set(checked.frame["activity_id"])
    kept = {str(record["activity_id"]): record for record in counts}
    frame = table_frame("attendance", [kept[key] for key in kept if key in known])
    left_out = given - len(frame)
    return ActivityLog(
        activities=checked,
        counts=CheckedRows(
            rows=given,
            frame=frame,
            excluded={"event_not_stored": left_out} if left_out else {},
        ),
    )


def _record(row: Row, mapping: ColumnMapping, lookup: Lookup, as_of: dt.date | None) -> Record:
    partnership = partnership_of(row, mapping, lookup)
    title = row.required("title")
    start = row.date("start_date", required=True)
    end = row.date("end_date")
    if start is not None and end is not None and end < start:
        row.refuse("activities_end_before_start", "end_date", end.isoformat(), start.isoformat())
    reach, method = row.integer("indirect_reach"), row.raw("indirect_method")
    if reach and not method:
        row.fault("activities_reach_without_method", "indirect_reach", str(reach))
        reach = None
    cost, currency = row.number_of("cost_total"), row.raw("currency").upper()
    if cost and not re.fullmatch(r"[A-Z]{3}", currency):
        currency = {"€": "EUR", "EURO": "EUR", "£": "GBP", "ZŁ": "PLN", "KČ": "CZK"}.get(
            currency, ""
        )
        if not currency:
            row.fault("activities_cost_without_currency", "cost_total", row.raw("cost_total"))
            cost = None
    return {
        "activity_id": _activity_id(row, partnership, start, title),
        "partnership_id": partnership,
        "title": title,
        "type": row.option("type", default="other"),
        "themes": _themes(row),
        "cerv_type": row.option("cerv_type"),
        "start_date": start,
        "end_date": end or start,
        "hours": row.number_of("hours"),
        "host_town_id": _town(row, "host_town_id", row.raw("host_town_id"), lookup),
        "organiser_towns": _towns(row, lookup),
        "mode": row.option("mode"),
        "status": _status(row, start, as_of),
        "is_public": row.flag("is_public"),
        "planned_participants": row.integer("planned_participants"),
        "cost_total": cost,
        "currency": currency,
        "volunteer_hours": row.number_of("volunteer_hours"),
        "indirect_reach": reach,
        "indirect_method": method,
        **_money_and_lead(row),
    }


def _money_and_lead(row: Row) -> Record:
    """What an activity log says beyond the event itself: lead, money, travel, page."""
    texts = ("project_id", "url", "description")
    numbers = ("staff_hours", "grant", "own_funds", "in_kind", "km_round_trip")
    options = ("lead_org_type", "funder", "travel_mode", "accommodation")
    return {
        **{name: row.raw(name) for name in texts},
        **{name: row.number_of(name) for name in numbers},
        **{name: row.option(name) for name in options},
        "joint_planning": row.flag("joint_planning"),
        "planned_invited": row.integer("planned_invited"),
        "media_items": row.integer("media_items"),
    }


def partnership_of(row: Row, mapping: ColumnMapping, lookup: Lookup) -> str:
    """The partnership of a row: its cell, else the constant, else the only one there is."""
    text = row.raw("partnership_id") or mapping.constants.get("partnership", "")
    known = tuple(dict.fromkeys(lookup.partnerships.values()))
    text = mapping.values.get("partnership_id", {}).get(fold_label(text), text)
    found = lookup.partnerships.get(fold(text), "") if text else ""
    if not text and len(known) == 1:
        return known[0]
    if not found:
        row.refuse("table_unknown_partnership", "partnership_id", text, ", ".join(known[:10]))
    return found


def _activity_id(row: Row, partnership: str, start: dt.date | None, title: str) -> str:
    own = row.raw("activity_id")
    if own.removesuffix(".0").isdigit():
        # every log counts 1, 2, 3, so a bare number is unique only within its partnership
        return f"{partnership}-{own.removesuffix('.0')}"
    return own or "a" + row_hash([partnership, str(start), fold(title)])[:12]


def _status(row: Row, start: dt.date | None, as_of: dt.date | None) -> str:
    text = row.raw("status")
    if text:
        value = row.option("status")
        if not value:
            row.broken = True
        return value
    later = as_of is not None and start is not None and start > as_of
    return "planned" if later else "held"


def _themes(row: Row) -> str:
    found = row.options("themes").split(";")
    return ";".join(theme for theme in found if theme in THEMES)


def _town(row: Row, role: str, text: str, lookup: Lookup) -> str:
    found = lookup.towns.get(fold(text), "") if text else ""
    if text and not found:
        row.fault("table_unknown_town", role, text)
    return found


def _towns(row: Row, lookup: Lookup) -> str:
    parts = [part.strip() for part in re.split(r"[;,]", row.raw("organiser_towns")) if part.strip()]
    return ";".join(filter(None, (_town(row, "organiser_towns", p, lookup) for p in parts)))


def _count(record: Record, people: int) -> Record:
    return {
        "activity_id": record["activity_id"],
        "row_key": LOG_SET,
        "count": people,
        "attended": True,
        "margin_set": LOG_SET,
    }


def _look_alikes(frame: pd.DataFrame, file: str) -> list[Problem]:
    same = frame.duplicated(["partnership_id", "title", "start_date", "host_town_id"], keep=False)
    return [
        Problem(code="activities_look_alike", file=file, got=str(title))
        for title in sorted(set(frame.loc[same, "title"]))
    ]


def present(attendance: pd.DataFrame) -> pd.DataFrame:
    """The rows about people who were there; a registration alone says nothing of it."""
    return attendance[attendance["attended"].fillna(False).astype(bool)]


def held_without_attendance(
    activities: pd.DataFrame, attendance: pd.DataFrame, file: str
) -> list[Problem]:
    """A warning for each event that was held but has no attendance in any source."""
    attended = set(attendance["activity_id"])
    held = activities[activities["status"] == "held"]
    return [
        Problem(
            code="activities_no_attendance", file=file, got=str(row.title), expected=str(row.Index)
        )
        for row in held.set_index("activity_id").itertuples()
        if row.Index not in attended
    ]
