"""How far the numbers carry, the methods in plain words, and what is hidden."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from twinimpact.bundle import Bundle
from twinimpact.language import N_, Translator
from twinimpact.report import labels
from twinimpact.report.content import Content, Table, Text, bullet, paragraph
from twinimpact.report.sections import rows as r
from twinimpact.report.words import CAUSAL_LEVEL, grade, level_meaning, reasons

MOST_HIDDEN = 40
TOP_LEVEL = 5


def design_level(bundle: Bundle) -> Content:
    """The design level in words, what may and may not be said, and how to climb one level."""
    t = r.speak(bundle)
    row = r.first(bundle, {"outcome": "Q07"})
    if row is None:
        return r.empty(
            t.text(
                N_(
                    "There is no survey to judge. Counts of events and people are complete counts "
                    "of what was recorded; they say nothing about what changed for anyone."
                )
            )
        )
    level = grade(row)
    meaning, climb = level_meaning(row, t)
    values = {
        "level": t.integer(level),
        "design": labels.name_of("design", str(row["estimand"]), t),
        "meaning": meaning,
    }
    blocks = [
        paragraph(
            t.text(
                N_(
                    "How strongly a survey can support a claim depends on how people were asked "
                    "and compared, not on how large the numbers are. The Maryland scale sorts "
                    "designs from 0 to 5."
                )
            )
        ),
        paragraph(t.text(N_("This report reaches level {level} ({design}). {meaning}"), values)),
    ]
    why = reasons(row, t)
    if why:
        blocks.append(paragraph(t.text(N_("Why it is not higher:"))))
        blocks += [bullet(reason) for reason in why]
    blocks.append(paragraph(_may_say(level, t)))
    higher = [
        one
        for one in r.select(bundle, {"estimand": r.DIFFERENCE, "status": "ok"})
        if grade(one) > level and grade(one) >= CAUSAL_LEVEL
    ]
    if higher:
        text = N_("Single outcomes reach a higher level than the report; their sentences say so.")
        blocks.append(paragraph(t.text(text)))
    if climb and level < TOP_LEVEL:
        blocks.append(
            paragraph(
                t.text(
                    N_("How to reach level {level}: {climb}"),
                    {"level": t.integer(level + 1), "climb": climb},
                )
            )
        )
    return Text(blocks=tuple(blocks))


def _may_say(level: int, t: Translator) -> str:
    if level == 0:
        return t.text(
            N_(
                "You may say what participants answered and how many they were. Please do not say "
                "that anything changed, nor speak of the town or its citizens as a whole."
            )
        )
    if level < CAUSAL_LEVEL:
        return t.text(
            N_(
                "You may say that participants' answers were higher or lower, with the interval "
                "and the number of people. Please do not say that the exchange was the reason, nor "
                "speak of the town or its citizens as a whole."
            )
        )
    return t.text(
        N_(
            "You may say what difference the exchange is estimated to have made, with the "
            "interval, the number of people and towns, and the assumption named. Please do not "
            "speak of the town or its citizens as a whole: the numbers are about participants."
        )
    )


METHODS = (
    N_(
        "Scores: answers to the questions of a scale are averaged and put on a scale from 0 "
        "(lowest possible answer) to 100 (highest possible answer)."
    ),
    N_(
        "Change: the average of each person's own change, with the t interval for paired values. "
        "An interval is the range that fits the answers; a {level} interval misses the true "
        "average in about one of 20 cases."
    ),
    N_(
        "Comparison: each town's average change is one value; partner towns and comparison towns "
        "are compared with a two-sample t interval, because people of one town share what happens "
        "there."
    ),
    N_(
        "Small numbers: with fewer than 10 people a result is described, with 10 to 29 it is "
        "called indicative."
    ),
    N_(
        "Change in SD is d_av: the change divided by the average spread before and after, with "
        "Bonett's interval (2008). Reliability is Cronbach's alpha with Feldt's interval."
    ),
    N_("Shares of people who moved have Wilson intervals in the data file of this report."),
)


def limits(bundle: Bundle) -> Content:
    """Methods in plain words, missing answers, the questionnaires' standing, hidden cells."""
    t = r.speak(bundle)
    blocks = []
    if bundle.scales:
        blocks += [bullet(t.text(method, {"level": t.percent(0.95)})) for method in METHODS]
        blocks.append(bullet(_standing(bundle, t)))
    blocks += [bullet(text) for text in (_missing(bundle, t), _ceiling(bundle, t)) if text]
    blocks.append(
        bullet(
            t.text(
                N_(
                    "Results are about the people who took part and answered. Participants chose "
                    "to come, so they do not stand for all inhabitants."
                )
            )
        )
    )
    blocks.append(bullet(_hidden(bundle, t)))
    return Text(blocks=tuple(blocks))


def _standing(bundle: Bundle, t: Translator) -> str:
    new = [scale for scale in bundle.scales if "new" in str(scale.get("status_label") or "new")]
    if not new:
        return t.text(N_("All scales of this report are published ones."))
    return t.text(
        N_(
            "The questions were written for this purpose and are new, not validated: that they "
            "measure what they are meant to has been argued, but not yet shown by studies. "
            "Compare results over time rather than with other surveys."
        )
    )


def _missing(bundle: Bundle, t: Translator) -> str:
    shares = [
        value
        for row in r.select(bundle, {"outcome": "Q04"})
        if (value := r.value(row)) is not None and row.get("unit") in {"share", ""}
    ]
    if not shares:
        return ""
    return t.text(
        N_(
            "Unanswered questions: up to {share} per wave and group. Nothing was filled in for "
            "them; a scale needs at least two thirds of its questions."
        ),
        {"share": t.percent(max(shares))},
    )


def _ceiling(bundle: Bundle, t: Translator) -> str:
    before = r.wave(bundle, "pre")
    if before is None:
        return ""
    where = {"estimand": "ceiling", "arm": "participant", "wave": str(before["wave_id"])}
    full = [
        r.short(scale)
        for scale in r.outcomes(bundle, where)
        if (r.value(r.first(bundle, {**where, "outcome": str(scale["scale_id"])})) or 0) >= 0.2
    ]
    if not full:
        return ""
    return t.text(
        N_(
            "At least one in five participants gave the highest possible answers before for: "
            "{scales}. There is little room for a rise there."
        ),
        {"scales": t.listing(full)},
    )


def _hidden(bundle: Bundle, t: Translator) -> str:
    rules = bundle.disclosure
    values = {
        "answers": t.integer(float(rules.get("k_answers") or 10)),
        "counts": t.integer(float(rules.get("k_counts") or 5)),
    }
    rule = t.text(
        N_(
            "To protect people, answers of fewer than {answers} people and counts of fewer than "
            "{counts} people are hidden, with the numbers that would give them away."
        ),
        values,
    )
    count = int(rules.get("suppressed") or 0)
    if not count:
        return f"{rule} {t.text(N_('Nothing had to be hidden in this report.'))}"
    many = t.plural(
        "{count} number was hidden in this report.",
        "{count} numbers were hidden in this report.",
        count,
    )
    return f"{rule} {many}"


WITHHELD_REASONS: Mapping[str, str] = {
    "small": N_("too few people"),
    "threshold": N_("too few people"),
    "primary": N_("too few people"),
    "minors": N_("few minors"),
    "complementary": N_("would give another hidden number away"),
    "secondary": N_("would give another hidden number away"),
}


def withheld_list(bundle: Bundle) -> Content:
    """What was hidden, so that nobody mistakes a gap for a zero."""
    t = r.speak(bundle)
    found = list(bundle.disclosure.get("withheld") or ())
    if not found:
        return Text(blocks=())
    counted: dict[tuple[str, ...], int] = {}
    for one in found:
        key = tuple(_hidden_record(bundle, one, t).values())
        counted[key] = counted.get(key, 0) + 1
    note = ""
    if len(counted) > MOST_HIDDEN:
        note = t.text(
            N_("The first {shown} of {all} rows; the data file of this report has all of them."),
            {"shown": t.integer(MOST_HIDDEN), "all": t.integer(len(counted))},
        )
    table = Table(
        id="tab-hidden",
        caption=t.text(N_("Hidden numbers")),
        columns=r.columns(
            t,
            ("what", N_("About")),
            ("of", N_("Broken down by")),
            ("wave", N_("Wave")),
            ("reason", N_("Reason")),
            ("count", N_("Hidden numbers"), "count", 0),
        ),
        rows=tuple(
            dict(zip(("what", "of", "wave", "reason"), key, strict=True), count=count)
            for key, count in list(counted.items())[:MOST_HIDDEN]
        ),
        note=note,
    )
    return r.without_empty_columns(table)


def _hidden_record(bundle: Bundle, one: Mapping[str, Any], t: Translator) -> Mapping[str, str]:
    dimension, group = str(one.get("dimension") or ""), str(one.get("group") or "")
    reason = str(one.get("reason") or "")
    broken = ""
    if dimension == "town":
        broken = r.town_name(bundle, group)
    elif dimension == "answer":
        broken = t.text(N_("answer {code}"), {"code": group})
    elif dimension:
        broken = labels.name_of(dimension, group, t)
    return {
        "what": outcome_name(bundle, str(one.get("outcome") or ""), t),
        "of": broken,
        "wave": r.wave_label(bundle, str(one.get("wave") or "")),
        "reason": t.text(WITHHELD_REASONS.get(reason, N_("too few people"))),
    }


INDICATORS: Mapping[str, str] = {
    "R01": N_("Events"),
    "R02": N_("Event days"),
    "R03": N_("Participations"),
    "R04": N_("Different people"),
    "R05": N_("Guests from abroad"),
    "R06": N_("Local participants"),
    "R09Y": N_("Share of people under 30"),
    "R11": N_("Share of officials"),
    "R13": N_("Participant-days"),
    "R14": N_("Towns and countries"),
    "R16": N_("Form of the events"),
    "R17": N_("Indirect audience"),
    "R18": N_("People reached"),
    "V07": N_("Participation per 1,000 inhabitants"),
    "Q01": N_("Questionnaires"),
    "Q02": N_("Matched questionnaires"),
    "Q04": N_("Unanswered questions"),
    "Q07": N_("Design level"),
}


def outcome_name(bundle: Bundle, outcome: str, t: Translator) -> str:
    """Name of an indicator, a scale or a question."""
    if outcome in INDICATORS:
        return t.text(INDICATORS[outcome])
    for scale in bundle.scales:
        if scale["scale_id"] == outcome:
            return r.short(scale)
    item = bundle.items.get(outcome)
    return str(item["label"]) if item else outcome
