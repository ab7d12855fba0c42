"""The data-quality report on matches and flags: how far the answers can be trusted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from twinimpact.bundle import Bundle
from twinimpact.language import N_, Translator
from twinimpact.report.content import Content, Table, Text, Withheld, paragraph
from twinimpact.report.sections import rows as r
from twinimpact.report.sections.firmness import (
    SMALL_RATE,
    apart,
    both_and_only,
    returned_rows,
)
from twinimpact.report.words import Row, number
from twinimpact.report.words_flags import CARELESS, FLAGS

EVERYWHERE: r.Where = {"partnership": "any"}


def quality_links(bundle: Bundle) -> Content:
    """How many matches may be wrong, and whether those who came back are like the others."""
    t = r.speak(bundle)
    rates = {str(one["partnership_id"]): _rate(bundle, str(one["partnership_id"]))
             for one in bundle.partnerships}  # fmt: skip
    names = {str(one["partnership_id"]): str(one["name"]) for one in bundle.partnerships}
    told = [key for key, rate in rates.items() if r.value(rate) is not None or r.hidden(rate)]
    few = [names[key] for key, rate in rates.items() if rate is not None and key not in told]
    parts: list[Table | Text] = []
    if few:
        text = N_("Too few matches by the personal code to say how many may be wrong: {names}.")
        parts.append(r.sentences(t.text(text, {"names": t.listing(few)})))
    if not told:
        return tuple(parts) or Text(blocks=())
    table = Table(
        id="tab-links",
        caption=t.text(N_("How far the matching can be trusted, participants")),
        columns=r.columns(
            t,
            ("name", N_("Partnership")),
            ("matched", N_("Matched by code"), "count", 0),
            ("false", N_("Expected to be wrong")),
            ("people", N_("People compared"), "count", 0),
            ("back", N_("Those who came back, before the exchange")),
        ),
        rows=tuple(_link_record(bundle, key, names[key], rates[key], t) for key in told),
        note=t.text(
            N_(
                "Expected to be wrong: matches that would join two different people by chance, "
                "from how often the elements of strangers' codes agree; relatives share more, so "
                "the true share may be somewhat higher. Those who came back are compared with "
                "those who answered before only; they differ in an outcome where the whole "
                "interval of the difference lies on one side of zero, which one in 20 does by "
                "chance. SD: the usual spread of the answers."
            )
        ),
    )
    return (*parts, r.without_empty_columns(table))


def _rate(bundle: Bundle, partnership: str) -> Row | None:
    """The expected share of wrong matches between before and after."""
    after = r.wave(bundle, "post")
    where = {"outcome": "Q02", "estimand": "false_link_rate", "partnership": partnership}
    return next(
        (
            row
            for row in r.select(bundle, where)
            if row.get("arm") in ("", "participant")
            and (not after or row["wave"] == after["wave_id"])
        ),
        None,
    )


def _link_record(
    bundle: Bundle, partnership: str, name: str, rate: Row | None, t: Translator
) -> dict[str, Any]:
    back = returned_rows(bundle, partnership)
    shown = [row for row in back if r.value(row) is not None]
    people = [sum(found) for row in shown if (found := both_and_only(row))]
    share = r.value(rate)
    return {
        "name": name,
        "matched": r.cell(rate, "n"),
        "false": r.cell(rate) if share is None else _small(share, t),
        "people": max(people) if people else Withheld() if any(map(r.hidden, back)) else 0,
        "back": _came_back(back, shown, t),
    }


def _small(share: float, t: Translator) -> str:
    if share >= SMALL_RATE:
        return t.percent(share, 1)
    return t.text(N_("under {share}"), {"share": t.percent(SMALL_RATE, 1)})


def _came_back(back: Sequence[Row], shown: Sequence[Row], t: Translator) -> str:
    if not shown:
        hidden = any(map(r.hidden, back))
        return t.text(N_("hidden") if hidden else N_("too few people to compare"))
    different = sum(map(apart, shown))
    values = {
        "different": t.integer(different),
        "largest": t.number(max(abs(r.value(row) or 0) for row in shown), 2),
    }
    return t.plural(
        N_("{different} of {count} outcome differs; largest difference {largest} SD"),
        N_("{different} of {count} outcomes differ; largest difference {largest} SD"),
        len(shown),
        values,
    )


def quality_flags(bundle: Bundle) -> Content:
    """How many questionnaires each rule has marked, with the rule and where it comes from."""
    t = r.speak(bundle)
    found = _flag_rows(bundle)
    if not found:
        return Text(blocks=())
    records = [_flag_record(name, found[name], t) for name in FLAGS if name in found]
    table = Table(
        id="tab-flags",
        caption=t.text(N_("Questionnaires marked by each rule, all waves and groups")),
        columns=r.columns(
            t,
            ("flag", N_("Mark")),
            ("marked", N_("Marked"), "count", 0),
            ("asked", N_("Checked"), "count", 0),
            ("share", N_("Share"), "percent", 1),
            ("rule", N_("When a questionnaire is marked, and where the threshold comes from")),
        ),
        rows=tuple(records),
        note=t.text(
            N_(
                "Checked: questionnaires to which the rule could be applied, for example those "
                "with times. A dash: it could not be applied to any. Marks of the same kind count "
                "once, and a mark is no proof."
            )
        ),
    )
    lead = t.text(
        N_(
            "No questionnaire is left out because of a mark. The main changes are computed with "
            "and without those counted as careless, and the partnership reports say whether this "
            "changes them."
        )
    )
    return (Text(blocks=(paragraph(_careless(found.get(CARELESS, []), t)), paragraph(lead))), table)


def _flag_rows(bundle: Bundle) -> Mapping[str, list[Row]]:
    """Flag to its rows for all partnerships together; else those of each partnership."""
    where: r.Where = {"outcome": "Q04", "estimand": "flagged", "dimension": "flag"}
    rows = r.select(bundle, {**where, "partnership": "*"})
    found: dict[str, list[Row]] = {}
    for row in rows or r.select(bundle, {**where, **EVERYWHERE}):
        found.setdefault(str(row["group"]), []).append(row)
    return found


def _totals(rows: list[Row]) -> tuple[float, float] | Withheld | None:
    """Marked and checked questionnaires; hidden as a whole if any part of them is."""
    if any(map(r.hidden, rows)):
        return Withheld()
    known = [row for row in rows if r.value(row) is not None]
    if not known:
        return None
    return (
        sum(number(row, "estimate") or 0 for row in known),
        sum(number(row, "n") or 0 for row in known),
    )


def _flag_record(name: str, rows: list[Row], t: Translator) -> dict[str, Any]:
    label, rule, source = FLAGS[name]
    totals = _totals(rows)
    values: dict[str, Any] = {"marked": None, "asked": None, "share": None}
    if isinstance(totals, Withheld):
        values = dict.fromkeys(values, totals)
    elif totals is not None:
        share = totals[0] / totals[1] if totals[1] else None
        values = {"marked": totals[0], "asked": totals[1], "share": share}
    return {"flag": t.text(label), **values, "rule": f"{t.text(rule)} {t.text(source)}"}


def _careless(rows: list[Row], t: Translator) -> str:
    totals = _totals(rows)
    if isinstance(totals, Withheld):
        return t.text(
            N_("How many questionnaires look careless is hidden, to protect those who answered.")
        )
    if totals is None:
        return t.text(N_("Whether questionnaires look careless could not be checked."))
    values = {"all": t.integer(int(totals[1]))}
    return t.plural(
        N_("{count} of {all} questionnaires counts as careless: marks of two kinds agree."),
        N_("{count} of {all} questionnaires count as careless: marks of two kinds agree."),
        int(totals[0]),
        values,
    )
