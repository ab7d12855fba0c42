"""The head of a report and its findings in short."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from twinimpact.bundle import Bundle
from twinimpact.language import N_, Translator
from twinimpact.report import labels
from twinimpact.report.content import Text, bullet, heading, notice, paragraph
from twinimpact.report.sections import rows as r
from twinimpact.report.sections.findings import (
    finding_blocks,
    headline_changes,
    headline_differences,
)
from twinimpact.report.sections.reach import officials, young
from twinimpact.report.words import grade, level_meaning


def title(bundle: Bundle) -> Text:
    """Name of the partnership or programme, the kind of report, and the towns.

    The evaluation's title and the day the report is true for stand in the head that every
    format writes itself.
    """
    t = r.speak(bundle)
    evaluation = bundle.evaluation
    about = bundle.partnerships[0] if r.scope(bundle) != "*" else None
    kind = labels.report_name(bundle.report, t)
    if about:
        head = t.text(N_("{report}."), {"report": kind})
        blocks = [
            heading(str(about["name"]), 1),
            paragraph(f"{head} {_towns_sentence(about, t)}"),
        ]
    else:
        blocks = [heading(kind, 1)]
    if str(evaluation["id"]).startswith("demo"):
        blocks.append(
            notice(
                t.text(
                    N_(
                        "Made-up example data: towns, people and numbers are invented to show "
                        "what a report looks like."
                    )
                ),
                "example",
            )
        )
    return Text(blocks=tuple(blocks))


def _towns_sentence(partnership: Mapping[str, Any], t: Translator) -> str:
    towns = t.listing(
        [
            t.text(N_("{town} ({country})"), {"town": town["name"], "country": t.country(country)})
            if (country := str(town.get("country") or ""))
            and t.country(country) != str(town["name"])
            else str(town["name"])
            for town in partnership["towns"]
        ]
    )
    values = {
        "towns": towns,
        "form": labels.name_of("form", str(partnership.get("form") or ""), t),
        "since": r.written_day(partnership.get("date_signed"), t),
    }
    if values["since"]:
        return t.text(N_("{towns}. {form} since {since}."), values)
    return t.text(N_("{towns}. {form}."), values)


def in_short(bundle: Bundle) -> Text:
    """Five to eight findings: activity, reach, who came, who answered, change, and the limits."""
    t = r.speak(bundle)
    texts = [activity_sentence(bundle), reach_sentence(bundle), who_sentence(bundle)]
    blocks = [bullet(text) for text in texts if text]
    blocks.append(bullet(answered_sentence(bundle)))
    findings = [*headline_changes(bundle, t), *headline_differences(bundle, t)]
    blocks += finding_blocks(findings, t)
    blocks.append(bullet(limit_sentence(bundle)))
    if len([text for text in texts if text]) == 0:
        blocks.insert(0, bullet(t.text(N_("No events are on record for this partnership."))))
    return Text(blocks=tuple(blocks))


def activity_sentence(bundle: Bundle) -> str:
    """How many events took place and how long ago the last one was."""
    t = r.speak(bundle)
    held = r.value(r.first(bundle, {"outcome": "R01", "estimand": "held"}))
    if held is None:
        return ""
    events = t.plural("{count} event took place.", "{count} events took place.", int(held))
    months = r.value(r.first(bundle, {"outcome": "V02"}))
    if held == 0 or months is None:
        return events
    last = (
        t.text(N_("The last one was less than a month before the date of this report."))
        if months < 1
        else t.plural(
            "The last one was {count} month before the date of this report.",
            "The last one was {count} months before the date of this report.",
            int(months),
        )
    )
    return f"{events} {last}"


def reach_sentence(bundle: Bundle) -> str:
    """Participations, and people where they can be told apart."""
    t = r.speak(bundle)
    visits = r.value(r.first(bundle, {"outcome": "R03", "estimand": "total"}))
    if visits is None or visits == 0:
        return ""
    text = t.plural(
        "The events drew {count} participation (a person counts once at each event).",
        "The events drew {count} participations (a person counts once at each event).",
        int(visits),
    )
    people = r.value(r.first(bundle, {"outcome": "R04", "estimand": "total"}))
    low = r.value(r.first(bundle, {"outcome": "R04", "estimand": "lower_bound"}))
    high = r.value(r.first(bundle, {"outcome": "R04", "estimand": "upper_bound"}))
    if people is not None:
        more = t.plural("That is {count} person.", "That is {count} different people.", int(people))
    elif low is not None and high is not None:
        more = t.text(
            N_(
                "How many different people that is cannot be said, because some events were only "
                "counted: between {low} and {high}."
            ),
            {"low": t.integer(low), "high": t.integer(high)},
        )
    else:
        more = ""
    return f"{text} {more}".strip()


def who_sentence(bundle: Bundle) -> str:
    """Countries involved, and the shares of officials and of young people."""
    t = r.speak(bundle)
    parts = []
    countries = r.value(r.first(bundle, {"outcome": "R14", "estimand": "countries"}))
    if countries:
        parts.append(
            t.plural(
                "{count} country was involved.",
                "{count} countries were involved.",
                int(countries),
            )
        )
    return " ".join(part for part in (*parts, officials(bundle, t), young(bundle, t)) if part)


def answered_sentence(bundle: Bundle) -> str:
    """How many questionnaires there are and how many could be linked."""
    t = r.speak(bundle)
    counts = r.in_wave_order(bundle, r.select(bundle, {"outcome": "Q01", "estimand": "responses"}))
    if not counts:
        return t.text(r.NOTHING_ANSWERED)
    if any(r.hidden(row) for row in counts):
        return t.text(N_("Questionnaires were filled in; how many is hidden to protect people."))
    by_wave: dict[str, float] = {}
    for row in counts:
        wave = str(row["wave"])
        by_wave[wave] = by_wave.get(wave, 0.0) + (r.value(row) or 0.0)
    parts = [
        t.text(
            N_("{wave}: {count}"), {"wave": r.wave_label(bundle, wave), "count": t.integer(count)}
        )
        for wave, count in by_wave.items()
    ]
    text = t.plural(
        "{count} questionnaire was filled in ({waves}).",
        "{count} questionnaires were filled in ({waves}).",
        int(sum(by_wave.values())),
        {"waves": "; ".join(parts)},
    )
    linked = r.value(r.match_row(bundle, "linked"))
    if linked is None:
        return text
    pairs = t.plural(
        "{count} participant could be followed from before to after.",
        "{count} participants could be followed from before to after.",
        int(linked),
    )
    return f"{text} {pairs}"


def limit_sentence(bundle: Bundle) -> str:
    """What the design allows to be said."""
    t = r.speak(bundle)
    row = r.first(bundle, {"outcome": "Q07"})
    if row is None:
        return t.text(
            N_(
                "Without questionnaires this report counts events and people; it cannot say what "
                "changed for anyone."
            )
        )
    meaning, _ = level_meaning(row, t)
    values = {"level": t.integer(grade(row)), "meaning": meaning}
    return t.text(N_("Design level {level} of 5: {meaning}"), values)
