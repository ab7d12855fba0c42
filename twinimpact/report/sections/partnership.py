"""The partnership itself: its towns, its events, and how alive it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from twinimpact.bundle import Bundle
from twinimpact.language import N_, Translator
from twinimpact.report import labels
from twinimpact.report.content import Content, Table, Text, Withheld, paragraph
from twinimpact.report.figures_activity import Event, timeline_chart
from twinimpact.report.sections import rows as r

LATEST = 8
"""Events listed under the timeline."""
NO_EVENTS = N_(
    "No events are on record. Fill in the activity log, import it and run the report again; the "
    "timeline and the numbers of participants come from it."
)


def partnership_facts(bundle: Bundle) -> Content:
    """Towns, form, basis and aims as a table of facts."""
    t = r.speak(bundle)
    if not bundle.partnerships:
        return r.empty(t.text(N_("The partnership is not in the register of partnerships.")))
    facts = [
        {"fact": t.text(label), "value": value}
        for label, value in _facts(bundle.partnerships[0], t)
        if value
    ]
    return Table(
        id="tab-partnership",
        caption=t.text(N_("The partnership")),
        columns=r.columns(t, ("fact", N_("Fact")), ("value", N_("Entry"))),
        rows=tuple(facts),
    )


def _facts(partnership: Mapping[str, Any], t: Translator) -> list[tuple[str, str]]:
    return [
        *((N_("Town"), _town(town, t)) for town in partnership["towns"]),
        (N_("Form"), labels.name_of("form", str(partnership.get("form") or ""), t)),
        (N_("Basis"), _optional("basis", partnership.get("basis"), t)),
        (N_("Since"), r.written_day(partnership.get("date_signed"), t)),
        (N_("Declared aims"), labels.names_of("aims", ";".join(partnership.get("aims") or ()), t)),
        (
            N_("Towns for comparison"),
            t.listing([_town(town, t) for town in partnership.get("comparison_towns") or ()]),
        ),
    ]


def _optional(kind: str, value: object, t: Translator) -> str:
    return labels.name_of(kind, str(value), t) if value else ""


def _town(town: Mapping[str, Any], t: Translator) -> str:
    country, population = str(town.get("country") or ""), town.get("population")
    values = {
        "town": town["name"],
        "country": t.country(country),
        "population": t.integer(float(population or 0)),
    }
    if values["country"] == town["name"]:
        country = ""
    if country and population:
        return t.text(N_("{town} ({country}; {population} inhabitants)"), values)
    return t.text(N_("{town} ({country})"), values) if country else str(town["name"])


def activity_timeline(bundle: Bundle) -> Content:
    """The events over time, and the latest ones with their numbers."""
    t = r.speak(bundle)
    everything = _events(bundle, t)
    drawn = [event for event, kept in everything if kept]
    if not drawn:
        return r.empty(t.text(NO_EVENTS))
    chart = timeline_chart(
        "timeline",
        drawn,
        t.text(N_("When did the towns meet, and where?")),
        r.day(bundle.evaluation.get("as_of")),
        t,
    )
    return (chart, _latest(bundle, t))


def _events(bundle: Bundle, t: Translator) -> list[tuple[Event, bool]]:
    made = []
    for row in bundle.activities.to_dict(orient="records"):
        start = r.day(row["start_date"])
        status = str(row["status"] or "held")
        if start is None:
            continue
        host = str(row["host_town_id"] or "")
        event = Event(
            title=str(row["title"]),
            kind=labels.name_of("activity_type", str(row["type"]), t),
            host=_host(bundle, host, str(row["mode"] or ""), t),
            start=start,
            end=max(start, r.day(row["end_date"]) or start),
            planned=status in {"planned", "postponed"},
            status=labels.name_of("status", status, t),
        )
        made.append((event, status != "cancelled"))
    return made


def _host(bundle: Bundle, town: str, mode: str, t: Translator) -> str:
    if town:
        return r.town_name(bundle, town)
    return t.text(N_("Online") if mode == "online" else N_("Host not stated"))


def _latest(bundle: Bundle, t: Translator) -> Table:
    records = [
        row
        for row in bundle.activities.to_dict(orient="records")
        if r.day(row["start_date"]) is not None
    ]
    records.sort(key=lambda row: (str(row["start_date"]), str(row["activity_id"])), reverse=True)
    shown = records[:LATEST]
    note = ""
    if len(records) > LATEST:
        note = t.text(
            N_("The {shown} most recent of {all} events on record."),
            {"shown": t.integer(len(shown)), "all": t.integer(len(records))},
        )
    table = Table(
        id="tab-events",
        caption=t.text(N_("Most recent events")),
        columns=r.columns(
            t,
            ("title", N_("Event")),
            ("kind", N_("Kind of event")),
            ("start", N_("First day"), "date", 0),
            ("host", N_("Hosted by")),
            ("status", N_("Status")),
            ("visits", N_("Participations"), "count", 0),
        ),
        rows=tuple(
            {
                "title": str(row["title"]),
                "kind": labels.name_of("activity_type", str(row["type"]), t),
                "start": str(row["start_date"])[:10],
                "host": _host(bundle, str(row["host_town_id"] or ""), str(row["mode"] or ""), t),
                "status": labels.name_of("status", str(row["status"] or "held"), t),
                "visits": _visits(row),
            }
            for row in shown
        ),
        note=note,
    )
    return r.without_empty_columns(table)


def _visits(row: Mapping[Any, Any]) -> float | Withheld | str | None:
    """Participations; an event that did not take place has none to be missed."""
    if str(row.get("status") or "held") != "held":
        return ""
    status = str(row.get("participations_status") or "ok")
    if status != "ok":
        return Withheld(reason=status)
    count = row.get("participations")
    return None if count is None or count != count else float(count)


def vitality(bundle: Bundle) -> Content:
    """Rate, recency, reciprocity, themes and the class these add up to."""
    t = r.speak(bundle)
    texts = [
        sentence
        for sentence in (
            _class(bundle, t),
            _rate(bundle, t),
            _reciprocity(bundle, t),
            _themes(bundle, t),
        )
        if sentence
    ]
    return Text(blocks=tuple(paragraph(text) for text in texts))


CLASSES: Mapping[str, str] = {
    "new": N_("The partnership is new: it is less than two years old."),
    "active": N_(
        "The partnership is active: at least two events in the last 12 months, and visits in both "
        "directions within 24 months."
    ),
    "low": N_(
        "The partnership is little active: there were events in the last 24 months, but fewer than "
        "two in the last 12, or visits in one direction only."
    ),
    "dormant": N_("The partnership is dormant: no event in the last 24 months."),
}


def _class(bundle: Bundle, t: Translator) -> str:
    row = r.first(bundle, {"outcome": "V06"})
    word = str(row["group"]) if row else ""
    return t.text(CLASSES[word]) if word in CLASSES else ""


def _rate(bundle: Bundle, t: Translator) -> str:
    rate = r.value(r.first(bundle, {"outcome": "V01"}))
    if rate is None:
        return ""
    return t.plural(
        "In the last 12 months there was {count} event.",
        "In the last 12 months there were {count} events.",
        round(rate),
    )


def _reciprocity(bundle: Bundle, t: Translator) -> str:
    share = r.value(r.first(bundle, {"outcome": "V03"}))
    if share is None:
        return ""
    return t.text(
        N_(
            "Balance of hosting: {share} on a scale from 0 (always the same town hosts) to 1 (both "
            "host equally often)."
        ),
        {"share": t.number(share, 2)},
    )


def _themes(bundle: Bundle, t: Translator) -> str:
    counts = [
        (str(row["group"]), value)
        for row in r.select(bundle, {"outcome": "V04", "dimension": ("theme", "themes")})
        if (value := r.value(row))
    ]
    if not counts:
        return ""
    counts.sort(key=lambda pair: (-pair[1], pair[0]))
    return t.text(
        N_("Themes of the events, with their number: {themes}."),
        {
            "themes": t.listing(
                [f"{labels.name_of('theme', name, t)} ({t.integer(n)})" for name, n in counts]
            )
        },
    )
