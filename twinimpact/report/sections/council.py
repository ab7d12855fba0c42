"""One page for the council: numbers, one chart, a few sentences, neutral options."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from twinimpact.bundle import Bundle
from twinimpact.language import N_, Translator
from twinimpact.report.content import Content, Table, Text, bullet, paragraph
from twinimpact.report.sections import rows as r
from twinimpact.report.sections.change import before_after_chart
from twinimpact.report.sections.findings import (
    change_scales,
    finding_blocks,
    headline_changes,
    headline_differences,
    main_scales,
)
from twinimpact.report.sections.opening import limit_sentence
from twinimpact.report.sections.partnership import CLASSES
from twinimpact.report.sections.reach import reach_by_country
from twinimpact.report.words import level_meaning, number

MOST_OUTCOMES = 3


def council_facts(bundle: Bundle) -> Content:
    """The figures a council asks for first."""
    t = r.speak(bundle)
    facts = [{"fact": t.text(label), "value": value} for label, value in _facts(bundle, t) if value]
    if not facts:
        return r.empty(
            t.text(
                N_(
                    "No events, participants or questionnaires are on record for this partnership. "
                    "Import the activity log and the attendance lists first."
                )
            )
        )
    return Table(
        id="tab-council",
        caption=t.text(N_("The partnership in numbers")),
        columns=r.columns(t, ("fact", N_("Fact")), ("value", N_("Number"))),
        rows=tuple(facts),
    )


def _facts(bundle: Bundle, t: Translator) -> list[tuple[str, str]]:
    def count(outcome: str, estimand: str) -> str:
        found = r.value(r.first(bundle, {"outcome": outcome, "estimand": estimand}))
        return "" if found is None else t.integer(found)

    def share(outcome: str, sentence: str) -> str:
        row = r.first(bundle, {"outcome": outcome})
        found = r.value(row)
        if row is None or found is None:
            return ""
        base = t.integer(number(row, "denominator") or 0)
        return t.text(sentence, {"share": t.percent(found), "base": base})

    return [
        (N_("Events held"), count("R01", "held")),
        (N_("Participations (a person counts once at each event)"), count("R03", "total")),
        (N_("Different people"), count("R04", "total") or _bounds(bundle, t)),
        (N_("Countries involved"), count("R14", "countries")),
        (
            N_("Elected officials and municipal staff"),
            share("R11", N_("{share} of {base} participations with a known role")),
        ),
        (
            N_("People under 30"),
            share("R09Y", N_("{share} of {base} participations with a known age")),
        ),
        (N_("Questionnaires filled in"), _questionnaires(bundle, t)),
    ]


def _bounds(bundle: Bundle, t: Translator) -> str:
    low = r.value(r.first(bundle, {"outcome": "R04", "estimand": "lower_bound"}))
    high = r.value(r.first(bundle, {"outcome": "R04", "estimand": "upper_bound"}))
    if low is None or high is None:
        return ""
    return t.text(N_("between {low} and {high}"), {"low": t.integer(low), "high": t.integer(high)})


def _questionnaires(bundle: Bundle, t: Translator) -> str:
    counts = r.select(bundle, {"outcome": "Q01", "estimand": "responses"})
    if not counts:
        return ""
    if any(r.hidden(row) for row in counts):
        return t.text(N_("hidden"))
    return t.integer(sum(r.value(row) or 0.0 for row in counts))


def council_chart(bundle: Bundle) -> Content:
    """Before and after for the main outcomes, or where participants came from."""
    t = r.speak(bundle)
    scales = change_scales(bundle)
    main = main_scales(scales, MOST_OUTCOMES)
    chart = before_after_chart(bundle, main, t) if main else None
    if chart is not None:
        return chart
    countries = reach_by_country(bundle)
    if not isinstance(countries, Text):
        return countries
    return r.empty(
        t.text(N_("There is nothing to draw: no changes and no home countries may be shown."))
    )


def council_findings(bundle: Bundle) -> Text:
    """Four to six sentences: how alive, what changed, compared with whom, how sure."""
    t = r.speak(bundle)
    vitality = r.first(bundle, {"outcome": "V06"})
    word = str(vitality["group"]) if vitality else ""
    blocks = [bullet(t.text(CLASSES[word]))] if word in CLASSES else []
    findings = [*headline_changes(bundle, t)[:2], *headline_differences(bundle, t)]
    blocks += finding_blocks(findings, t)
    blocks.append(bullet(limit_sentence(bundle)))
    return Text(blocks=tuple(blocks))


def council_options(bundle: Bundle) -> Text:
    """What the council is asked, as options without a recommendation."""
    t = r.speak(bundle)
    blocks = [
        paragraph(
            t.text(N_("This page recommends none of these options; it names what can be decided."))
        ),
        bullet(t.text(N_("Carry on as now, and look at the same numbers again in a year."))),
        bullet(_better_evidence(bundle, t)),
        bullet(
            t.text(
                N_(
                    "Change the programme: other themes, other groups of people, another balance "
                    "of visits between the towns."
                )
            )
        ),
        bullet(t.text(N_("Spend less on the partnership or let it rest."))),
    ]
    return Text(blocks=tuple(blocks))


def _better_evidence(bundle: Bundle, t: Translator) -> str:
    row: Mapping[str, Any] | None = r.first(bundle, {"outcome": "Q07"})
    climb = level_meaning(row, t)[1] if row else ""
    if row is None:
        climb = t.text(N_("Ask participants before and after the next exchange."))
    if not climb:
        return t.text(N_("Carry on, and keep asking in the same way."))
    return t.text(N_("Carry on, and find out more. {how}"), {"how": climb})
