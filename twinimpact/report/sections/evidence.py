"""The evidence grade with its reasons, and what differs from the analysis plan."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from twinimpact.bundle import Bundle
from twinimpact.language import N_, Translator
from twinimpact.report.content import Block, Table, Text, bullet, paragraph
from twinimpact.report.sections import rows as r
from twinimpact.report.words import Row
from twinimpact.report.words_evidence import (
    COUNTS,
    GRADE_REASONS,
    GRADES,
    PLAN_WORDS,
    SHARES,
)

SCALE = "grade|"


def evidence_blocks(bundle: Bundle) -> list[Block]:
    """The evidence grade of the report and of its scales, each with what holds it down."""
    t = r.speak(bundle)
    row = r.first(bundle, {"outcome": "Q08", "estimand": "grade"})
    if row is None:
        return []
    letter = str(row["group"])
    if not letter:
        return [paragraph(t.text(GRADE_REASONS["grade_hidden"]))]
    text = N_(
        "Evidence grade {letter}, on a scale from A (best) to D. The grade looks at the design, "
        "the number of people, how many were found again and whether they were like the others, "
        "and the reliability of the scales; the worst of these decides. {meaning}"
    )
    blocks = [paragraph(t.text(text, {"letter": letter, "meaning": t.text(GRADES[letter])}))]
    blocks += [bullet(reason) for reason in grade_reasons(row, t)]
    by_scale = _by_scale(bundle, t)
    if by_scale:
        blocks.append(paragraph(by_scale))
    return blocks


def grade_reasons(row: Row, translate: Translator) -> list[str]:
    """Sentences for what keeps a grade below A, the heaviest first."""
    found = []
    for part in str(row.get("note") or "").split(";"):
        code, _, told = part.partition(":")
        letter, _, value = told.partition("=")
        if code in GRADE_REASONS:
            values = {"letter": letter, "value": _value(code, value, translate)}
            found.append(translate.text(GRADE_REASONS[code], values))
    return found


def _value(code: str, value: str, translate: Translator) -> str:
    if not value:
        return ""
    if code in COUNTS:
        return translate.integer(float(value))
    if code in SHARES:
        return translate.percent(float(value))
    return translate.number(float(value), 2)


def _by_scale(bundle: Bundle, t: Translator) -> str:
    """Which scale has which grade, where there are several."""
    names = {str(scale["scale_id"]): r.short(scale) for scale in bundle.scales}
    groups: dict[str, list[str]] = {}
    for row in r.select(bundle, {"outcome": "Q08"}):
        scale = str(row["estimand"]).removeprefix(SCALE)
        if row["group"] and scale in names:
            groups.setdefault(str(row["group"]), []).append(names[scale])
    if sum(map(len, groups.values())) < 2:
        return ""
    listed = [
        t.text(N_("{letter}: {scales}"), {"letter": letter, "scales": t.listing(groups[letter])})
        for letter in sorted(groups)
    ]
    return t.text(N_("By scale: {list}."), {"list": "; ".join(listed)})


def plan_deviations(bundle: Bundle) -> tuple[Table | Text, ...]:
    """What was planned beside what was done; empty without an analysis plan."""
    plan: Mapping[str, Any] | None = bundle.evaluation.get("plan")
    if not plan:
        return ()
    t, results = r.speak(bundle), bundle.results
    named = t.plural(
        N_(
            "{count} number of this report was named in it before the first answer afterwards; "
            "all others are exploratory."
        ),
        N_(
            "{count} numbers of this report were named in it before the first answer afterwards; "
            "all others are exploratory."
        ),
        int((results["confirmatory"] & results["status"].isin(("ok", "descriptive"))).sum()),
    )
    values = {
        "version": plan["version"],
        "date": r.written_day(plan.get("date"), t) or t.text(N_("without a date")),
        "named": named,
        "hash": str(plan["sha256"])[:12],
    }
    lead = t.text(
        N_("There is an analysis plan (version {version}, {date}, checksum {hash}). {named}"),
        values,
    )
    found = list(plan.get("deviations") or ())
    if not found:
        done = t.text(N_("Nothing that was done differs from it."))
        return (r.sentences(lead, done),)
    return (r.sentences(lead), _table(found, t))


def _table(found: list[Mapping[str, Any]], t: Translator) -> Table:
    def said(word: object) -> str:
        parts = str(word).split(", ")
        if not set(parts) <= set(PLAN_WORDS):
            return str(word)
        return ", ".join(t.text(PLAN_WORDS[part]) for part in parts)

    return Table(
        id="tab-deviations",
        caption=t.text(N_("What differs from the analysis plan")),
        columns=r.columns(
            t,
            ("item", N_("Item of the plan")),
            ("planned", N_("Planned")),
            ("executed", N_("Done")),
            ("consequence", N_("Consequence")),
            ("reason", N_("Reason")),
        ),
        rows=tuple(
            {
                "item": one["item"],
                "planned": said(one["planned"]),
                "executed": said(one["executed"]),
                "consequence": said(one["consequence"]),
                "reason": one["reason"] or t.text(N_("no reason given")),
            }
            for one in found
        ),
        note=t.text(
            N_(
                "Keys the plan leaves out are listed with the value that was used. A number that "
                "was not named in time is exploratory: it suggests, and a later study may confirm."
            )
        ),
    )
