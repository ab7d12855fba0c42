"""Who took part: the four counts kept apart, and who the people were."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from twinimpact.bundle import Bundle
from twinimpact.language import N_, Translator
from twinimpact.report import labels
from twinimpact.report.content import Content, Table, Text, Withheld, paragraph
from twinimpact.report.figures_activity import Bar, bars_chart
from twinimpact.report.sections import rows as r
from twinimpact.report.words import Row, notes, number

MOST_BARS = 15
NO_ATTENDANCE = N_(
    "Nothing is on record about who took part. Import attendance lists or head-counts for the "
    "events and run the report again."
)
COLLAPSE_FROM = 3
"""So many groups that are hidden as a whole are named in a note, not given a row each."""
DIMENSIONS = ("gender", "age_band", "role")


def reach_counts(bundle: Bundle) -> Content:
    """The four counts that must never be mixed, in one table with what one unit of each is."""
    t = r.speak(bundle)
    visits = r.first(bundle, {"outcome": "R03", "estimand": "total"})
    if r.value(visits) is None and not r.hidden(visits):
        return r.empty(t.text(NO_ATTENDANCE))
    table = Table(
        id="tab-reach",
        caption=t.text(N_("Four counts that are not added to each other")),
        columns=r.columns(
            t,
            ("count", N_("Count")),
            ("number", N_("Number"), "count", 0),
            ("unit", N_("What one unit is")),
        ),
        rows=tuple(_count_rows(bundle, t)),
        note=_counts_note(visits, t),
    )
    bounds = _bounds(bundle, t)
    return (table, r.sentences(bounds)) if bounds else table


COUNT_NOTES: Mapping[str, str] = {
    "events_without_attendance": N_(
        "Some events have no attendance on record, so the true numbers are higher."
    ),
    "margins_differ": N_(
        "For some events the head-counts by country, gender or age do not add up to the same total."
    ),
    "attended_assumed": N_(
        "Where a list did not say who was present, everyone on it counts as present."
    ),
}


def _counts_note(visits: Row | None, t: Translator) -> str:
    codes = notes(visits) if visits else ()
    texts = [
        N_(
            "Participants who were only counted, without a list, are in the participations; they "
            "are never in the number of different people."
        ),
        *(text for code, text in COUNT_NOTES.items() if code in codes),
    ]
    return " ".join(t.text(text) for text in texts)


def _count_rows(bundle: Bundle, t: Translator) -> list[Mapping[str, Any]]:
    counts = [
        (
            N_("Participations"),
            {"outcome": "R03", "estimand": "total"},
            N_("One person at one event; the same person counts again at the next event."),
        ),
        (
            N_("Different people"),
            {"outcome": "R04", "estimand": "total"},
            N_("One person, however many events; needs a list of people for every event."),
        ),
        (
            N_("Participant-days"),
            {"outcome": "R13", "estimand": "total"},
            N_("One person on one day; not a number of people."),
        ),
    ]
    made: list[Mapping[str, Any]] = [
        {
            "count": t.text(name),
            "number": r.cell(r.first(bundle, where)),
            "unit": t.text(unit),
        }
        for name, where, unit in counts
    ]
    heads = r.first(bundle, {"outcome": "R13", "dimension": "evidence"})
    if heads is not None:
        unit = N_("One person on one day, where people were only counted.")
        name = t.text(N_("Participant-days from head-counts"))
        made.append({"count": name, "number": r.cell(heads), "unit": t.text(unit)})
    for row in r.select(bundle, {"outcome": "R18", "dimension": "cerv_type"}):
        if not row["group"]:
            continue
        kind = labels.name_of("cerv_type", str(row["group"]), t)
        made.append(
            {
                "count": t.text(N_("People reached: {kind}"), {"kind": kind.lower()}),
                "number": r.cell(row),
                "unit": t.text(N_("One person at one event of this kind.")),
            }
        )
    indirect = r.first(bundle, {"outcome": "R17"})
    if indirect is not None and r.value(indirect):
        made.append(
            {
                "count": t.text(N_("Indirect audience")),
                "number": r.cell(indirect),
                "unit": t.text(
                    N_("Declared readers and listeners: an estimate, not people who took part.")
                ),
            }
        )
    return made


def _bounds(bundle: Bundle, t: Translator) -> str:
    low = r.value(r.first(bundle, {"outcome": "R04", "estimand": "lower_bound"}))
    high = r.value(r.first(bundle, {"outcome": "R04", "estimand": "upper_bound"}))
    if low is None or high is None:
        return ""
    return t.text(
        N_(
            "Some events have head-counts only, so the number of different people is not known. It "
            "lies between {low} and {high}."
        ),
        {"low": t.integer(low), "high": t.integer(high)},
    )


def reach_by_country(bundle: Bundle) -> Content:
    """Participations by home country as labelled bars."""
    t = r.speak(bundle)
    counts = r.select(bundle, {"outcome": "R03", "estimand": "total", "dimension": "country"})
    if not counts or all(r.hidden(row) for row in counts):
        return Text(blocks=())
    named = [(labels.name_of("country", str(row["group"]), t), row) for row in counts]
    named.sort(key=lambda pair: (-(r.value(pair[1]) or -1.0), pair[0]))
    bars = [Bar(label=name, value=r.value(row)) for name, row in named[:MOST_BARS]]
    return bars_chart(
        "countries",
        bars,
        t.text(N_("Where did participants come from?")),
        (t.text(N_("Home country")), t.text(N_("Participations"))),
        t,
    )


def reach_by_group(bundle: Bundle) -> Content:
    """Tables by gender, age and role, with the share of those who stated it."""
    t = r.speak(bundle)
    tables = (_group_table(bundle, dimension, t) for dimension in DIMENSIONS)
    return tuple(table for table in tables if table) or Text(blocks=())


def _group_table(bundle: Bundle, dimension: str, t: Translator) -> Table | None:
    where = {"estimand": "total", "dimension": dimension}
    visits = {str(row["group"]): row for row in r.select(bundle, {"outcome": "R03", **where})}
    people = {str(row["group"]): row for row in r.select(bundle, {"outcome": "R04", **where})}
    if not visits and not people:
        return None
    groups = labels.order(dimension, list({**visits, **people}))
    heading = labels.dimension(dimension, t)
    left_out = [group for group in groups if _wholly_hidden(visits.get(group), people.get(group))]
    if len(left_out) < COLLAPSE_FROM:
        left_out = []
    table = Table(
        id=f"tab-{dimension.replace('_', '-')}",
        caption=t.text(N_("Participants by {group}"), {"group": heading.lower()}),
        columns=r.columns(
            t,
            ("group", heading),
            ("visits", N_("Participations"), "count", 0),
            ("share", N_("Share of known"), "percent", 0),
            ("people", N_("Different people"), "count", 0),
        ),
        rows=tuple(
            {
                "group": labels.name_of(dimension, group, t),
                "visits": r.cell(visits.get(group)),
                "share": _share(group, visits),
                "people": _people(people.get(group)),
            }
            for group in groups
            if group not in left_out
        ),
        note=_group_note(dimension, left_out, visits, t),
    )
    filled = r.shown(table)
    return r.without_empty_columns(filled) if filled else None


def _wholly_hidden(*found: Row | None) -> bool:
    return all(row is None or r.hidden(row) for row in found)


def _group_note(
    dimension: str, left_out: Sequence[str], visits: Mapping[str, Row], t: Translator
) -> str:
    """Which groups are hidden as a whole, and how many participations have none on record."""
    if left_out:
        names = [labels.name_of(dimension, group, t) for group in left_out]
        hidden = N_("Not shown, to protect people: {groups}.")
        return t.text(hidden, {"groups": t.listing(names)})
    return "" if set(visits) & set(labels.NOT_STATED) else _incomplete(visits, t)


def _share(group: str, counts: Mapping[str, Row]) -> float | Withheld | str | None:
    """Share among the participations whose group is known; hidden when any part is hidden."""
    if group in labels.NOT_STATED:
        return "–"
    if group not in counts:
        return None
    known = [row for name, row in counts.items() if name not in labels.NOT_STATED]
    if any(r.hidden(row) for row in known):
        return Withheld()
    total = sum(number(row, "estimate") or 0 for row in known)
    return (number(counts[group], "estimate") or 0) / total if total else None


def _people(row: Row | None) -> float | Withheld | None:
    return None if row is None or row.get("status") == "not_available" else r.cell(row)


def _incomplete(counts: Mapping[str, Row], t: Translator) -> str:
    missing = next((row for row in counts.values() if number(row, "missing")), None)
    if missing is None or r.hidden(missing):
        return ""
    return t.plural(
        "Not known for {count} participation.",
        "Not known for {count} participations.",
        int(number(missing, "missing") or 0),
    )


def reach_shares(bundle: Bundle) -> Content:
    """Officials, young people, guests and locals, and the form of the events in sentences."""
    t = r.speak(bundle)
    texts = [officials(bundle, t), young(bundle, t), _guests(bundle, t), _modes(bundle, t)]
    texts = [text for text in texts if text]
    return Text(blocks=tuple(paragraph(text) for text in texts))


def officials(bundle: Bundle, t: Translator) -> str:
    """Share of officials, of those whose role is known; empty when it may not be shown."""
    row = r.first(bundle, {"outcome": "R11"})
    share = r.value(row)
    if share is None or row is None:
        return ""
    values = {"share": t.percent(share), "base": t.integer(number(row, "denominator") or 0)}
    if share == 0:
        return t.text(
            N_(
                "None of the {base} participations with a known role were by elected officials or "
                "municipal staff."
            ),
            values,
        )
    return t.text(
        N_(
            "{share} of the {base} participations with a known role were by elected officials or "
            "municipal staff."
        ),
        values,
    )


def young(bundle: Bundle, t: Translator) -> str:
    """Share of people under 30, of those whose age is known; empty when it may not be shown."""
    row = r.first(bundle, {"outcome": "R09Y"})
    share = r.value(row)
    if share is None or row is None:
        return ""
    return t.text(
        N_("{share} of the {base} participations with a known age were by people under 30."),
        {"share": t.percent(share), "base": t.integer(number(row, "denominator") or 0)},
    )


def _guests(bundle: Bundle, t: Translator) -> str:
    guests = r.value(r.first(bundle, {"outcome": "R05"}))
    locals_ = r.value(r.first(bundle, {"outcome": "R06"}))
    if guests is None or locals_ is None:
        return ""
    return t.text(
        N_(
            "{guests} participations were by guests from abroad, {locals} by people from the "
            "country in which the event took place."
        ),
        {"guests": t.integer(guests), "locals": t.integer(locals_)},
    )


def _modes(bundle: Bundle, t: Translator) -> str:
    shares = [
        (labels.name_of("mode", str(row["group"]), t), value)
        for row in r.select(bundle, {"outcome": "R16", "dimension": "mode"})
        if (value := r.value(row))
    ]
    if len(shares) < 2:
        return ""
    parts = t.listing([f"{name.lower()} {t.percent(share)}" for name, share in shares])
    return t.text(N_("Form of the events, by participations: {modes}."), {"modes": parts})


def reach_per_inhabitants(bundle: Bundle) -> Content:
    """Different people per 1,000 inhabitants of each town, and what is missing in this section."""
    t = r.speak(bundle)
    visits = r.first(bundle, {"outcome": "R03", "estimand": "total"})
    if r.value(visits) is None and not r.hidden(visits):
        return Text(blocks=())
    found = r.select(bundle, {"outcome": "V07", "town": "any"})
    shown = [row for row in found if row.get("status") != "not_available"]
    known = any(r.value(row) is not None for row in shown)
    lacking = _lacking(bundle, known=known, t=t)
    if not known:
        return r.empty(lacking)
    table = Table(
        id="tab-per-inhabitants",
        caption=t.text(N_("Participation per 1,000 inhabitants")),
        columns=r.columns(
            t,
            ("town", N_("Town")),
            ("people", N_("Different people"), "count", 0),
            ("rate", N_("Per 1,000 inhabitants"), "number", 1),
        ),
        rows=tuple(_rate_rows(bundle, shown)),
    )
    return (table, r.empty(lacking)) if lacking else table


def _lacking(bundle: Bundle, *, known: bool, t: Translator) -> str:
    """One sentence about everything this section could have shown and does not."""
    checks = (
        (not isinstance(reach_by_country(bundle), Text), N_("home countries")),
        (
            not isinstance(reach_by_group(bundle), Text),
            N_("gender, age and role of participants"),
        ),
        (
            known,
            N_(
                "participation per 1,000 inhabitants, which needs lists of people for all events "
                "and the number of inhabitants"
            ),
        ),
    )
    missing = [t.text(name) for present, name in checks if not present]
    if not missing:
        return ""
    return t.text(N_("Not on record, or hidden: {parts}."), {"parts": "; ".join(missing)})


def _rate_rows(bundle: Bundle, found: Sequence[Row]) -> list[Mapping[str, Any]]:
    return [
        {
            "town": r.town_name(bundle, str(row["town"])),
            "people": r.cell(row, "n"),
            "rate": r.cell(row),
        }
        for row in found
    ]
