"""Attendance: lists of people and bare head-counts, in one table.

Registered, attended and counted people are kept apart. Head-counts may come in several
margin sets (by gender, by country): each set adds up to the same total, and sets are never
added to each other.
"""

from __future__ import annotations

from collections.abc import Sequence

from twinimpact.ingest.mapping import ColumnMapping
from twinimpact.ingest.rows import CheckedRows, Lookup, row_hash
from twinimpact.ingest.sheets import Record, Row, SheetReader, checked_table, find_sheet
from twinimpact.ingest.source import RawTable
from twinimpact.ingest.synonyms import option
from twinimpact.ingest.values import country_code, fold, fold_label, parse_date
from twinimpact.privacy.pseudonym import Key, pseudonym

COUNT_KEY = ("margin_set", "town_id", "country", "gender", "age_band", "role", "capacity_role")


def attendance_rows(
    tables: Sequence[RawTable], mapping: ColumnMapping, lookup: Lookup, key: Key
) -> CheckedRows:
    """People and head-counts of one list; participants become pseudonyms.

    A participant's pseudonym equals the one made from a survey token, so attendance and
    answers of one person can be joined.

    Raises
    ------
    IngestError
        If the file has no such table.
    """
    sheet = find_sheet(tables, "attendance", mapping)
    taken = []
    for row in SheetReader(sheet, mapping).rows():
        taken.append((row, _record(row, mapping, lookup, key)))
    _check_margins(taken)
    return checked_table("attendance", taken, sheet, {})


def _record(row: Row, mapping: ColumnMapping, lookup: Lookup, key: Key) -> Record:
    participant = row.raw("participant_id")
    record = attendance_record(row, event_of(row, mapping, lookup), lookup) | {
        "participant_id": pseudonym(key, "participant", participant) if participant else "",
        "count": _count(row, bool(participant)),
        "attended": _attended(row, bool(participant)),
        "margin_set": row.raw("margin_set"),
        "capacity_role": row.option("capacity_role"),
        "evidence": row.option("evidence"),
        "hours": row.number_of("hours"),
        "days": row.number_of("days"),
        "groups": row.options("groups"),
        "first_time": row.flag("first_time"),
        "nights": row.number_of("nights"),
        "attendance_mode": row.option("attendance_mode"),
    }
    # a head-count is the same row again when its place and group are, whatever the number
    group = [record[name] for name in COUNT_KEY]
    record["row_key"] = (
        record["participant_id"] or "n" + row_hash([*group, record["attended"]])[:12]
    )
    return record


def attendance_record(row: Row, activity: str, lookup: Lookup) -> Record:
    """What a row says about the people it counts; who and how many is added by the caller."""
    town = _town(row, lookup)
    country = country_code(row.raw("country"))
    if row.raw("country") and not country:
        row.fault("table_unknown_country", "country", row.raw("country"))
    return {
        "activity_id": activity,
        "town_id": town,
        "country": country or lookup.town_countries.get(town, ""),
        "gender": row.option("gender"),
        "age_band": row.option("age_band"),
        "role": row.option("role"),
    }


def event_of(row: Row, mapping: ColumnMapping, lookup: Lookup) -> str:
    """The event of a row: its cell, else the constant ``activity`` of the file."""
    own = row.raw("activity_id").removesuffix(".0")
    text = mapping.values.get("activity_id", {}).get(fold_label(own), own)
    text = text or mapping.constants.get("activity", "")
    if not text:
        row.refuse("table_blank", "activity_id")
        return ""
    found = lookup.activities.get(fold(text), ())
    partnership = lookup.partnerships.get(fold(mapping.constants.get("partnership", "")), "")
    if partnership and len(found) > 1:
        links = lookup.activity_partnerships
        found = tuple(one for one in found if links.get(one) == partnership)
    if text and len(found) != 1:
        code = "attendance_unclear_activity" if found else "attendance_unknown_activity"
        row.refuse(code, "activity_id", text, ", ".join(found[:10]))
        return text
    return found[0] if found else ""


def _town(row: Row, lookup: Lookup) -> str:
    text = row.raw("town_id")
    found = lookup.towns.get(fold(text), "") if text else ""
    if text and not found:
        row.fault("table_unknown_town", "town_id", text)
    return found


def _count(row: Row, person: bool) -> int:
    text = row.raw("count")
    number = row.integer("count")
    if person:
        if number not in (None, 1):
            row.refuse("attendance_person_count", "count", text, "1")
        return 1
    if not text:
        row.refuse("table_blank", "count")
    elif not number:
        row.refuse("attendance_bad_count", "count", text)
    registered = row.integer("registered")
    if number and registered is not None and number > registered:
        row.refuse("attendance_more_than_registered", "count", text, str(registered))
    return number or 0


def _attended(row: Row, person: bool) -> bool:
    text = row.raw("attended")
    if not text:
        # an empty check-in cell means registered only; a count without the column is of attendees
        return "attended" not in row.roles() or not person
    value = option("flag", text)
    if value:
        return value == "yes"
    if parse_date(text, "day-first") is not None:
        return True
    row.fault("table_unknown_option", "attended", text, "yes, no")
    return False


def _check_margins(taken: Sequence[tuple[Row, Record]]) -> None:
    sets: dict[object, dict[object, list[tuple[Row, Record]]]] = {}
    for row, record in taken:
        if not row.broken and not record["participant_id"] and record["attended"]:
            by_set = sets.setdefault(record["activity_id"], {})
            by_set.setdefault(record["margin_set"], []).append((row, record))
    for activity, by_set in sets.items():
        totals = {
            str(name) or "(no set)": sum(int(str(record["count"])) for _, record in rows)
            for name, rows in by_set.items()
        }
        if len(set(totals.values())) <= 1:
            continue
        shown = ", ".join(f"{name} {total}" for name, total in sorted(totals.items()))
        for rows in by_set.values():
            for row, _ in rows:
                row.refuse("attendance_margins_differ", "count", str(activity), shown)
