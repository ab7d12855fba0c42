"""All partnerships of a programme side by side, without a league table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from twinimpact.bundle import Bundle
from twinimpact.language import N_, Translator
from twinimpact.report.content import Content, Table, Text, Withheld, bullet
from twinimpact.report.sections import rows as r
from twinimpact.report.sections.findings import finding_blocks
from twinimpact.report.sections.programme_changes import (
    by_design,
    pooled_changes,
    pooled_differences,
)
from twinimpact.report.words import Row
from twinimpact.schema import PROGRAMME

ADDITIVE = ("R01", "R03", "R13")
"""Counts that may be added over partnerships; different people may not."""


def programme_in_short(bundle: Bundle) -> Text:
    """How many partnerships there are, what they did, and the programme-level findings."""
    t = r.speak(bundle)
    blocks = [
        bullet(
            t.plural(
                "{count} partnership is in this report.",
                "{count} partnerships are in this report.",
                len(bundle.partnerships),
            )
        )
    ]
    events, visits = _total(bundle, "R01", "held"), _total(bundle, "R03", "total")
    if isinstance(events, float) and isinstance(visits, float):
        blocks.append(
            bullet(
                t.text(
                    N_("Together they held {events} events with {visits} participations."),
                    {"events": t.integer(events), "visits": t.integer(visits)},
                )
            )
        )
    blocks.append(bullet(_answering(bundle, t)))
    findings = [*pooled_changes(bundle, t)[:3], *pooled_differences(bundle, t)[:1]]
    blocks += finding_blocks(findings, t)
    blocks.append(
        bullet(
            t.text(
                N_(
                    "Partnerships differ in whom they asked and how. This report does not rank "
                    "them."
                )
            )
        )
    )
    return Text(blocks=tuple(blocks))


def _answering(bundle: Bundle, t: Translator) -> str:
    with_change = [
        partnership
        for partnership in bundle.partnerships
        if r.outcomes(
            bundle,
            {
                "estimand": "post-pre",
                "method": r.PAIRED,
                "partnership": str(partnership["partnership_id"]),
            },
        )
    ]
    if not with_change:
        return t.text(N_("None of them asked the same people before and after."))
    if len(with_change) == len(bundle.partnerships):
        return t.text(N_("All of them asked the same people before and after."))
    return t.plural(
        "{count} of them asked the same people before and after.",
        "{count} of them asked the same people before and after.",
        len(with_change),
    )


def programme_coverage(bundle: Bundle) -> Content:
    """Which data each partnership has, and which it lacks."""
    t = r.speak(bundle)
    if not bundle.partnerships:
        return r.empty(
            t.text(N_("No partnerships are registered. Import the register of partnerships first."))
        )
    return Table(
        id="tab-coverage",
        caption=t.text(N_("What each partnership has on record")),
        columns=r.columns(
            t,
            ("name", N_("Partnership")),
            ("towns", N_("Towns"), "count", 0),
            ("events", N_("Events"), "count", 0),
            ("answers", N_("Questionnaires"), "count", 0),
            ("linked", N_("Followed over time"), "count", 0),
            ("level", N_("Design level"), "count", 0),
        ),
        rows=tuple(
            _coverage_record(bundle, partnership, level) for partnership, level in by_design(bundle)
        ),
        note=t.text(
            N_(
                "Order: by design level, then by name. Followed over time: participants whose "
                "questionnaires before and after were matched."
            )
        ),
    )


def _coverage_record(
    bundle: Bundle, partnership: Mapping[str, Any], level: int | None
) -> dict[str, Any]:
    at = {"partnership": str(partnership["partnership_id"])}
    answers = r.select(bundle, {**at, "outcome": "Q01", "estimand": "responses"})
    after = r.wave(bundle, "post")
    linked = r.first(
        bundle,
        {
            **at,
            "outcome": "Q02",
            "estimand": "linked",
            "arm": ("", "participant"),
            "wave": str(after["wave_id"]) if after else "any",
        },
    )
    return {
        "name": str(partnership["name"]),
        "towns": len(partnership["towns"]),
        "events": r.cell(r.first(bundle, {**at, "outcome": "R01", "estimand": "held"})),
        "answers": _added(answers) if answers else 0,
        "linked": r.cell(linked) if linked else 0,
        "level": level,
    }


def _added(found: list[Row]) -> float | Withheld:
    if any(r.hidden(row) for row in found):
        return Withheld()
    return sum(r.value(row) or 0.0 for row in found)


def programme_reach(bundle: Bundle) -> Content:
    """Events, participations, people and days of each partnership, and in total."""
    t = r.speak(bundle)
    counts = (
        ("events", "R01", "held"),
        ("visits", "R03", "total"),
        ("people", "R04", "total"),
        ("days", "R13", "total"),
    )
    records: list[Mapping[str, Any]] = []
    for partnership in sorted(bundle.partnerships, key=lambda one: str(one["name"])):
        at = {"partnership": str(partnership["partnership_id"])}
        cells = {
            key: r.cell(r.first(bundle, {**at, "outcome": outcome, "estimand": estimand}))
            for key, outcome, estimand in counts
        }
        records.append({"name": str(partnership["name"]), **cells})
    if all(value is None for record in records for key, value in record.items() if key != "name"):
        return r.empty(t.text(N_("No partnership has events or participants on record.")))
    total = {key: _total(bundle, outcome, estimand) for key, outcome, estimand in counts}
    records.append({"name": t.text(N_("All partnerships")), **total})
    table = Table(
        id="tab-programme-reach",
        caption=t.text(N_("Events and participants")),
        columns=r.columns(
            t,
            ("name", N_("Partnership")),
            ("events", N_("Events"), "count", 0),
            ("visits", N_("Participations"), "count", 0),
            ("people", N_("Different people"), "count", 0),
            ("days", N_("Participant-days"), "count", 0),
        ),
        rows=tuple(records),
        note=t.text(
            N_(
                "Participations: one person at one event. Different people: one person, however "
                "many events; not available where some events have head-counts only. The counts "
                "are not added to each other."
            )
        ),
    )
    return r.without_empty_columns(table)


def _total(bundle: Bundle, outcome: str, estimand: str) -> float | Withheld | None:
    """The programme's row, or the sum of counts that may be added when all are shown."""
    where = {"outcome": outcome, "estimand": estimand}
    row = r.first(bundle, {**where, "partnership": PROGRAMME})
    if row is not None or outcome not in ADDITIVE:
        return r.cell(row)
    found = r.select(bundle, {**where, "partnership": "any"})
    if any(r.hidden(row) for row in found):
        return Withheld()
    shown = [value for row in found if (value := r.value(row)) is not None]
    return float(sum(shown)) if shown else None
