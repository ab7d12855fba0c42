"""How far the numbers carry, the methods in plain words, and what is hidden."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from twinimpact.bundle import Bundle
from twinimpact.language import N_, Translator
from twinimpact.report import labels
from twinimpact.report.content import Content, Table, Text, bullet, paragraph
from twinimpact.report.sections import rows as r
from twinimpact.report.sections.comparability import comparability_method
from twinimpact.report.sections.evidence import evidence_blocks, plan_deviations
from twinimpact.report.words import CAUSAL_LEVEL, grade, level_meaning, reasons

TOP_LEVEL = 5
CEILING = 0.15
"""Share at the good end before from which the report warns."""


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
    return Text(blocks=(*blocks, *evidence_blocks(bundle)))


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


SCORES = (
    N_(
        "Scores: answers to the questions of a scale are averaged and put on a scale from 0 "
        "(lowest possible answer) to 100 (highest possible answer)."
    ),
    N_(
        "Small numbers: with fewer than 10 people a result is described, with 10 to 29 it is "
        "called indicative."
    ),
    N_(
        "Reliability is Cronbach's alpha, for two questions the Spearman–Brown coefficient; the "
        "intervals are in the data file of this report."
    ),
)
CHANGES = (
    N_(
        "Change: the average of each person's own change, with the t interval for paired values. "
        "An interval is the range that fits the answers; a {level} interval misses the true "
        "average in about one of 20 cases."
    ),
    N_(
        "Change in SD is d_av: the change divided by the average spread before and after. Its "
        "interval (Bonett 2008) and those of the shares of people who moved (Wilson) are in the "
        "data file of this report."
    ),
)
COMPARED = (
    N_(
        "Comparison: each town's average change is one value; partner towns and comparison towns "
        "are compared with a two-sample t interval, because people of one town share what happens "
        "there."
    ),
)


def limits(bundle: Bundle) -> Content:
    """Methods in plain words, missing answers, standing, hidden cells, and the analysis plan."""
    t = r.speak(bundle)
    blocks = []
    if bundle.scales:
        level = {"level": t.percent(0.95)}
        blocks += [bullet(t.text(method, level)) for method in _methods(bundle)]
        blocks += [bullet(text) for text in _standing(bundle, t)]
        understood = comparability_method(bundle, t)
        blocks += [bullet(understood)] if understood else []
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
    text, plan = Text(blocks=tuple(blocks)), plan_deviations(bundle)
    return (text, *plan) if plan else text


def _methods(bundle: Bundle) -> tuple[str, ...]:
    """Methods that were used in this report."""
    anywhere = {"partnership": "any"}
    changed = r.select(bundle, {**anywhere, "estimand": "post-pre", "method": r.PAIRED})
    compared = r.select(bundle, {**anywhere, "estimand": r.DIFFERENCE, "status": "ok"})
    return (*SCORES, *(CHANGES if changed else ()), *(COMPARED if compared else ()))


STANDINGS: Mapping[str, str] = {
    "new": N_(
        "The questions were written for this purpose and are new, not validated: that they "
        "measure what they are meant to has been argued, but not yet shown by studies. "
        "Compare results over time rather than with other surveys."
    ),
    "own": N_(
        "The scales are the evaluation's own: its authors wrote or chose the questions, and "
        "nothing is on record about whether they have been tested."
    ),
    "stated": N_("What the definitions of the scales say about their standing: {labels}."),
}


def _standing(bundle: Bundle, t: Translator) -> list[str]:
    """What is known of the scales: new, the evaluation's own, or with a stated standing."""
    groups: dict[str, list[str]] = {}
    stated: dict[str, None] = {}
    for scale in bundle.scales:
        label = str(scale.get("status_label") or "").strip()
        kind = "own" if not label else "new" if "new" in label.lower() else "stated"
        groups.setdefault(kind, []).append(r.short(scale))
        if kind == "stated":
            stated[label] = None
    texts = []
    for kind, names in groups.items():
        text = t.text(STANDINGS[kind], {"labels": "; ".join(stated)})
        if len(groups) > 1:
            held = t.text(N_("This holds for: {scales}."), {"scales": t.listing(names)})
            text = f"{text} {held}"
        texts.append(text)
    return texts


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
            "them; a scale is scored only where enough of its questions were answered."
        ),
        {"share": t.percent(max(shares))},
    )


def _ceiling(bundle: Bundle, t: Translator) -> str:
    before = r.wave(bundle, "pre")
    if before is None:
        return ""
    where = {"arm": "participant", "wave": str(before["wave_id"])}
    full = []
    for scale in bundle.scales:
        end = "floor" if scale.get("direction") == "worse" else "ceiling"
        row = r.first(bundle, {**where, "outcome": str(scale["scale_id"]), "estimand": end})
        if (r.value(row) or 0) > CEILING:
            full.append(r.short(scale))
    if not full:
        return ""
    return t.text(
        N_(
            "More than {limit} of the participants had the best possible score already before, "
            "which leaves little room for improvement: {scales}."
        ),
        {"limit": t.percent(CEILING), "scales": t.listing(full)},
    )


def _hidden(bundle: Bundle, t: Translator) -> str:
    rules = bundle.disclosure
    values = {
        "answers": t.integer(float(rules.get("k_answers") or 10)),
        "counts": t.integer(float(rules.get("k_counts") or 5)),
        "minors": t.integer(float(rules.get("k_minors") or 10)),
    }
    rule = t.text(
        N_(
            "To protect people, answers of fewer than {answers} people and counts of fewer than "
            "{counts} people ({minors} where minors are counted) are hidden, with the numbers that "
            "would give them away."
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


HIDDEN_KINDS: Mapping[str, str] = {
    "groups": N_("Participants by country, gender, age, role or event"),
    "reach": N_("Totals and shares of participants"),
    "matching": N_("Questionnaires and their matching"),
    "answers": N_("How many people chose which answer"),
    "averages": N_("Averages of scales, their spread and reliability"),
    "changes": N_("Changes and comparisons"),
}
COMPARING = ("post-", "followup-", "cell", "first_difference", "participant-")


def withheld_list(bundle: Bundle) -> Content:
    """How many numbers of which kind are hidden, so that nobody mistakes a gap for a zero."""
    t = r.speak(bundle)
    found = list(bundle.disclosure.get("withheld") or ())
    if not found:
        return Text(blocks=())
    counted = dict.fromkeys(HIDDEN_KINDS, 0)
    for one in found:
        counted[_hidden_kind(one)] += 1
    return Table(
        id="tab-hidden",
        caption=t.text(N_("Hidden numbers")),
        columns=r.columns(
            t, ("kind", N_("Kind of number")), ("count", N_("Hidden numbers"), "count", 0)
        ),
        rows=tuple(
            {"kind": t.text(HIDDEN_KINDS[kind]), "count": count}
            for kind, count in counted.items()
            if count
        ),
        note=t.text(
            N_(
                "A gap in this report does not mean zero. Some numbers are hidden only because "
                "another hidden number could be worked out from them, and not all of them would "
                "have a place in this report."
            )
        ),
    )


def _hidden_kind(one: Mapping[str, Any]) -> str:
    outcome, estimand = str(one.get("outcome") or ""), str(one.get("estimand") or "")
    if one.get("dimension") == "answer":
        return "answers"
    if re.match(r"^[RV]\d", outcome):
        return "groups" if one.get("dimension") else "reach"
    if re.match(r"^Q\d", outcome):
        return "matching"
    return "changes" if estimand.startswith(COMPARING) else "averages"
