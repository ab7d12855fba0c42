"""The registers of an evaluation: its towns and its partnerships."""

from __future__ import annotations

import re
from collections.abc import Sequence

from twinimpact.ingest.mapping import ColumnMapping
from twinimpact.ingest.rows import CheckedRows, Lookup
from twinimpact.ingest.sheets import Record, Row, SheetReader, checked_table, find_sheet
from twinimpact.ingest.source import RawTable
from twinimpact.ingest.values import country_code, fold, language_code, parse_date, slug

_YEAR = re.compile(r"^(1[0-9]|20)\d\d(?:\.0)?$")


def town_rows(tables: Sequence[RawTable], mapping: ColumnMapping) -> CheckedRows:
    """The register of towns.

    Without an id column the id is made from the name. ``EL`` and ``UK`` become ``GR`` and
    ``GB``; country names are understood.

    Raises
    ------
    IngestError
        If the file has no such table.
    """
    sheet = find_sheet(tables, "towns", mapping)
    taken = []
    for row in SheetReader(sheet, mapping).rows():
        name, country = row.required("name"), row.required("country")
        code = country_code(country)
        if country and not code:
            row.refuse("table_unknown_country", "country", country)
        languages = [language_code(part) for part in re.split(r"[;,]", row.raw("languages"))]
        record: Record = {
            "town_id": row.raw("town_id") or slug(name),
            "name": name,
            "country": code,
            "population": row.integer("population"),
            "population_year": row.integer("population_year"),
            "local_code": row.raw("local_code"),
            "lat": row.coordinate("lat"),
            "lon": row.coordinate("lon"),
            "languages": ";".join(filter(None, languages)),
        }
        taken.append((row, record))
    return checked_table("towns", taken, sheet, {})


def partnership_rows(
    tables: Sequence[RawTable], mapping: ColumnMapping, lookup: Lookup
) -> CheckedRows:
    """The register of partnerships; towns are named by id or by name.

    Raises
    ------
    IngestError
        If the file has no such table.
    """
    sheet = find_sheet(tables, "partnerships", mapping)
    taken = []
    for row in SheetReader(sheet, mapping).rows():
        town_a = _town(row, "town_a", row.required("town_a"), lookup)
        town_b = _town(row, "town_b", row.raw("town_b"), lookup)
        usual = "-".join(filter(None, (town_a, town_b)))
        names = " – ".join(filter(None, (row.raw("town_a"), row.raw("town_b"))))
        record: Record = {
            "partnership_id": row.raw("partnership_id") or usual,
            "name": row.raw("name") or names,
            "town_a": town_a,
            "town_b": town_b,
            "further_towns": _towns(row, "further_towns", lookup),
            "comparison_towns": _towns(row, "comparison_towns", lookup),
            "form": row.option("form", default="formal"),
            "basis": row.option("basis"),
            "date_signed": _year_or_date(row, "date_signed"),
            "date_ended": _year_or_date(row, "date_ended"),
            "status": row.option("status", "partnership_status"),
            "aims": row.options("aims", "themes"),
        }
        taken.append((row, record))
    return checked_table("partnerships", taken, sheet, {})


def _town(row: Row, role: str, text: str, lookup: Lookup) -> str:
    found = lookup.towns.get(fold(text), "")
    if text and not found:
        row.refuse("table_unknown_town", role, text)
    return found


def _towns(row: Row, role: str, lookup: Lookup) -> str:
    parts = [part.strip() for part in re.split(r"[;,]", row.raw(role)) if part.strip()]
    return ";".join(filter(None, (_town(row, role, part, lookup) for part in parts)))


def _year_or_date(row: Row, role: str) -> str:
    text = row.raw(role)
    if not text or _YEAR.match(text):
        return text[:4]
    # a date is read like any other; only a bare year is allowed beside it
    value = parse_date(text, "day-first") if "." in text else row.date(role)
    if value is None:
        if not row.problems or row.problems[-1].code != "table_bad_date":
            row.fault("table_bad_date", role, text)
        return ""
    return value.isoformat()
