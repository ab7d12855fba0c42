"""The registers, the German activity workbook and the calendar of the demo."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from twinimpact.synthetic.exports import CREATED
from twinimpact.synthetic.logs import Logs
from twinimpact.synthetic.world import Link, all_towns, comparison_of

ACTIVITY_HEADERS: Mapping[str, str] = {
    "activity_id": "Nr.", "partnership_id": "Partnerschaft", "title": "Titel", "type": "Art",
    "themes": "Themen", "cerv_type": "CERV-Art", "start_date": "Beginn", "end_date": "Ende",
    "hours": "Stunden", "host_town_id": "Gastgeber", "organiser_towns": "Veranstalter",
    "mode": "Durchführung", "status": "Stand", "is_public": "Öffentlich",
    "planned_participants": "Teilnehmende geplant", "cost_total": "Gesamtkosten",
    "currency": "Währung", "volunteer_hours": "Ehrenamtsstunden", "project_id": "Projekt",
    "lead_org_type": "Federführung", "planned_invited": "Geplante Gäste",
    "staff_hours": "Personalstunden",
}  # fmt: skip
ATTENDANCE_HEADERS: Mapping[str, str] = {
    "activity_id": "Veranstaltung", "participant_id": "Teilnehmer-Nr.", "count": "Anzahl",
    "attended": "Anwesend", "town_id": "Wohnort", "country": "Land", "gender": "Geschlecht",
    "age_band": "Altersgruppe", "role": "Rolle", "margin_set": "Zählung",
    "capacity_role": "Teilnahmeart", "evidence": "Nachweis", "days": "Tage",
}  # fmt: skip
GERMAN: Mapping[str, str] = {
    "citizens_meeting": "Bürgerbegegnung", "festival_cultural": "Kulturfest",
    "workshop": "Werkstatt", "sport": "Sportfest", "expert_meeting": "Fachaustausch",
    "homestay_visit": "Bürgerreise", "concert": "Konzert", "school_exchange": "Schüleraustausch",
    "youth_exchange": "Jugendbegegnung", "official_visit": "Delegationsbesuch",
    "webinar": "Webinar", "seminar": "Seminar", "held": "durchgeführt", "planned": "geplant",
    "cancelled": "abgesagt", "in_person": "Präsenz", "online": "online",
    "mutual_learning": "Voneinander lernen", "awareness": "Sensibilisierung",
    "training": "Schulung", "culture": "Kultur", "european_debate": "Europa",
    "tourism": "Tourismus", "environment": "Umwelt", "youth": "Jugend",
    "town_development": "Stadtentwicklung", "social": "Soziales", "education": "Bildung",
    "digital": "Digitalisierung", "self_government": "Selbstverwaltung", "economy": "Wirtschaft",
    "female": "weiblich", "male": "männlich", "non_binary": "divers",
    "undisclosed": "keine Angabe", "citizen": "Bürger/in", "association": "Verein",
    "volunteer_organiser": "Ehrenamt", "teacher": "Lehrkraft", "business": "Wirtschaft",
    "elected_official": "Ratsmitglied", "municipal_staff": "Verwaltung",
    "pupil_student": "Schülerinnen und Schüler", "expert": "Fachperson",
    "institution_employee": "Einrichtung", "invited": "Gast", "local": "lokal",
    "signed_list": "Unterschriftenliste", "count": "gezählt",
    "gender": "Geschlecht", "country": "Land", "municipality": "Stadtverwaltung",
    "twinning_association": "Partnerschaftsverein", "school": "Schule", "club": "Verein",
}  # fmt: skip

THEMES: Mapping[str, str] = {"sport": "Sport"}
"""Themes whose word differs from that of the event type of the same name."""

IN_CALENDAR: Mapping[str, int] = {"held": 5, "planned": 1, "cancelled": 1}
"""Events of the first link that stand in the town's calendar and not in the workbook."""


@dataclass(slots=True, kw_only=True)
class Page:
    """A worksheet as text cells, before faults and before it is written."""

    name: str
    header: list[str]
    rows: list[list[Any]]


def activity_pages(logs: Logs) -> tuple[Page, Page]:
    """The activity log and the attendance sheet in German, decimal commas and all."""
    names = {town.town_id: town.name for town in all_towns()}
    activities = [
        [_german(name, event.get(name), names) for name in ACTIVITY_HEADERS]
        for event in (
            row | {"title": f"{GERMAN[row['type']]} {row['title']}"} for row in logs.activities
        )
    ]
    attendance = [
        [_german(name, row.get(name), names) for name in ATTENDANCE_HEADERS]
        for row in logs.attendance
    ]
    return (
        Page(name="Aktivitäten", header=list(ACTIVITY_HEADERS.values()), rows=activities),
        Page(name="Teilnahme", header=list(ATTENDANCE_HEADERS.values()), rows=attendance),
    )


def register_pages(links: Sequence[Link]) -> tuple[Page, Page]:
    """Registers of towns and partnerships, with English headers."""
    towns = [[town.town_id, town.name, town.country, town.population, 2024] for town in all_towns()]
    partnerships = [
        [
            link.partnership.partnership_id,
            link.partnership.name,
            link.partnership.towns[0],
            link.partnership.towns[1],
            ";".join(comparison_of(link)),
            link.partnership.form,
            link.basis,
            link.partnership.date_signed,
            link.status,
            ";".join(link.partnership.aims),
        ]
        for link in links
    ]
    return (
        Page(
            name="Towns",
            header=["Town id", "Name", "Country", "Population", "Population year"],
            rows=towns,
        ),
        Page(
            name="Partnerships",
            header=[
                "Partnership id", "Name", "Town a", "Town b", "Comparison towns", "Form", "Basis",
                "Date signed", "Status", "Aims",
            ],
            rows=partnerships,
        ),
    )  # fmt: skip


def workbook_bytes(pages: Sequence[Page], title: str = "") -> bytes:
    """Pages as a workbook; text stays text, so ``12,5`` and ``14.05.2025`` are not converted."""
    import xlsxwriter

    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    book.set_properties({"created": CREATED})
    bold = book.add_format({"bold": True})
    for page in pages:
        sheet = book.add_worksheet(page.name)
        first = 0
        if title:
            # people put a heading above their table
            sheet.write_string(0, 0, f"{title} – {page.name}", bold)
            first = 2
        for column, name in enumerate(page.header):
            sheet.write_string(first, column, name, bold)
        for row, cells in enumerate(page.rows, start=first + 1):
            for column, cell in enumerate(cells):
                if isinstance(cell, str):
                    if cell:
                        sheet.write_string(row, column, cell)
                elif cell is not None:
                    sheet.write_number(row, column, cell)
    book.close()
    return buffer.getvalue()


def calendar_bytes() -> bytes:
    """A town's calendar: single, repeated and cancelled events, and one without a start.

    :data:`IN_CALENDAR` says how many of each kind it holds; the planned one lies after the
    evaluation's date.
    """
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Lindenfurt//Veranstaltungen//DE"]
    lines += _event(
        "lf-2025-01",
        "20251004",
        "20251006",
        "Weinfest mit Gästen aus Morvelle",
        "CATEGORIES:Kulturfest,Kultur,Tourismus",
    )
    lines += _event(
        "lf-2025-02",
        "20251115",
        "20251116",
        "Chortreffen der beiden Städte",
        "CATEGORIES:Konzert,Kultur",
        "DESCRIPTION:Gemeinsame Probe am Nachmittag\\, Konzert am Abend\\; Gastfamilien melden "
        "sich im Rathaus.",
        "ATTENDEE;CN=Rathaus:mailto:rathaus@example.org",
    )
    lines += _event(
        "lf-2026-01",
        "20260113",
        "20260114",
        "Stammtisch der Partnerschaft",
        "CATEGORIES:Bürgerbegegnung,Soziales",
        "RRULE:FREQ=MONTHLY;COUNT=3",
    )
    lines += _event(
        "lf-2026-02",
        "20260516",
        "20260517",
        "Radtour an die Orle",
        "CATEGORIES:Sport",
        "STATUS:CANCELLED",
    )
    lines += _event(
        "lf-2026-03",
        "20261003",
        "20261005",
        "Weinfest mit Gästen aus Morvelle",
        "CATEGORIES:Kulturfest",
    )
    lines += ["BEGIN:VEVENT", "UID:lf-2026-04@example.org", "SUMMARY:Termin noch offen",
              "END:VEVENT", "END:VCALENDAR"]  # fmt: skip
    return "".join(f"{folded}\r\n" for line in lines for folded in _folded(line)).encode("utf-8")


def _event(uid: str, start: str, end: str, summary: str, *more: str) -> list[str]:
    return [
        "BEGIN:VEVENT", f"UID:{uid}@example.org", "DTSTAMP:20260615T080000Z",
        f"DTSTART;VALUE=DATE:{start}", f"DTEND;VALUE=DATE:{end}", f"SUMMARY:{summary}",
        *more, "END:VEVENT",
    ]  # fmt: skip


def _folded(line: str) -> list[str]:
    # RFC 5545: no line longer than 75 octets; continuation lines begin with a space
    pieces, rest = [], line
    while len(rest.encode("utf-8")) > 73:
        cut = 70
        while len(rest[:cut].encode("utf-8")) > 73:
            cut -= 1
        pieces.append(rest[:cut])
        rest = " " + rest[cut:]
    return [*pieces, rest]


def _german(name: str, value: Any, towns: Mapping[str, str]) -> Any:
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "ja" if value else "nein"
    if isinstance(value, dt.date):
        return f"{value:%d.%m.%Y}"
    if isinstance(value, float):
        return f"{value:g}".replace(".", ",")
    if isinstance(value, int):
        return value
    if name in ("host_town_id", "town_id"):
        return towns[value]
    if name == "organiser_towns":
        return "; ".join(towns[town] for town in value.split(";"))
    if name.endswith("_id") or name in ("title", "country", "currency"):
        return value
    if name == "themes":
        return "; ".join(THEMES.get(part, GERMAN.get(part, part)) for part in value.split(";"))
    return GERMAN.get(value, value)
