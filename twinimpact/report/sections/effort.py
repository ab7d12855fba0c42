"""What a partnership took and what lasted: money, hours, links, targets, conditions of a call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from twinimpact.bundle import Bundle
from twinimpact.language import N_, Translator
from twinimpact.measures import INDICATORS
from twinimpact.report.content import Content, Table, Withheld, paragraph
from twinimpact.report.content import Text as Words
from twinimpact.report.numbers import WITHHELD_WORDS
from twinimpact.report.sections import rows as r
from twinimpact.report.words import Row

Line = tuple[str, str, str]
"""Indicator, estimand, and what the line is called."""

EFFORT: Sequence[Line] = (
    ("K01", "total", N_("Cost")),
    ("K02", "per_day", N_("Cost per participant-day")),
    ("K02", "per_participation", N_("Cost per participation")),
    ("K03", "ratio", N_("Own money and gifts in kind for each euro of grant")),
    ("K06", "share", N_("Officials' travel in the cost")),
    ("K04", "total", N_("Volunteer hours")),
    ("K05", "total", N_("Staff hours")),
    ("K07", "low", N_("Spending of visitors, low assumption")),
    ("K07", "central", N_("Spending of visitors, central assumption")),
    ("K07", "high", N_("Spending of visitors, high assumption")),
    ("G01", "per_traveller", N_("Travel emissions per traveller")),
    ("G02", "share", N_("Kilometres by rail, bus, on foot or by bicycle")),
)
LASTING: Sequence[Line] = (
    ("V05", "rate_ratio", N_("Events for each event of the three years before")),
    ("V08", "share", N_("Events led by civil society")),
    ("V09", "share", N_("Organisers under 45")),
    ("R12", "share", N_("First-timers")),
    ("R15", "evenness", N_("Diversity of groups, 0 to 1")),
    ("R19", "total", N_("Public events organised by several towns")),
    ("V10", "density", N_("Links between organisations, of those possible")),
    ("U01", "total", N_("Links between organisations begun at an event")),
    ("U02", "share", N_("Links alive after 12 months")),
    ("U04", "share", N_("Agreed actions carried out")),
    ("U05", "total", N_("Practices taken over")),
    ("U03", "total", N_("Participations in events after the project")),
    ("U06", "total", N_("Media reports")),
)
REMARKS: Mapping[str, str] = {
    "events_without_costs": N_("some events have no cost on record"),
    "currency_not_converted": N_("amounts in other currencies without a rate are left out"),
    "hours_partly_unknown": N_("some events say nothing of hours"),
    "nights_assumed": N_("nights are taken from the length of the event"),
    "twelve_months_not_over": N_("the twelve months are not over yet"),
    "age_band_partly_unknown": N_("the age of some is not known"),
    "lead_partly_unknown": N_("some events do not say who led"),
    "no_later_list_partly": N_("people counted without a list are left out"),
    "call_not_verified": N_("the figures of this call have not been compared with its document"),
}
"""What limits a number that is shown."""
_SHARES = ("share", "share_of_events", "share_of_cost", "share_of_km", "share_of_target")


def effort(bundle: Bundle) -> Content:
    """Cost, hours and travel, as far as the log knows them."""
    return _table(bundle, "tab-effort", N_("What the partnership took"), EFFORT, NO_EFFORT)


def lasting(bundle: Bundle) -> Content:
    """Trend, leadership, newcomers, links and what came after."""
    return _table(bundle, "tab-lasting", N_("What carries the partnership on"), LASTING, NO_LASTING)


NO_EFFORT = N_(
    "Nothing is on record about cost, hours or travel. Fill in the sheets Costs and Travel of the "
    "workbook records.xlsx, or the columns for cost and hours of the activity log."
)
NO_LASTING = N_(
    "Nothing is on record about links, leadership or later events. Fill in the workbook "
    "records.xlsx and the columns for the lead of the activity log."
)


def _table(
    bundle: Bundle, identifier: str, caption: str, lines: Sequence[Line], nothing: str
) -> Content:
    t = r.speak(bundle)
    rows = []
    for outcome, estimand, label in lines:
        row = r.first(bundle, {"outcome": outcome, "estimand": estimand})
        if row is None or row["status"] == "not_available":
            continue
        rows.append(
            {
                "what": t.text(label),
                "value": _written(row, t),
                "between": _between(row, t),
                "remark": _remark(row, t),
            }
        )
    if not rows:
        return r.empty(t.text(nothing))
    return r.without_empty_columns(
        Table(
            id=identifier,
            caption=t.text(caption),
            columns=r.columns(
                t,
                ("what", N_("Measure")),
                ("value", N_("Value")),
                ("between", N_("Likely range")),
                ("remark", N_("Remark")),
            ),
            rows=tuple(rows),
        )
    )


def _written(row: Row, t: Translator) -> str:
    """The number with its unit in words, or why it is withheld."""
    found = r.cell(row)
    if isinstance(found, Withheld) or found is None:
        reason = found.reason if isinstance(found, Withheld) else "not_available"
        return t.text(WITHHELD_WORDS[reason])
    return amount(found, str(row["unit"]), t)


def amount(value: float, unit: str, t: Translator) -> str:
    """A value in its unit, as people write it."""
    if unit in _SHARES:
        return t.percent(value)
    if unit == "eur":
        places = 0 if abs(value) >= 100 else 2
        return t.text(N_("{amount} euros"), {"amount": t.number(value, places)})
    if unit == "kg":
        return t.text(N_("{amount} kg"), {"amount": t.number(value, 0)})
    if unit in ("ratio", "rate_ratio"):
        return t.number(value, 2)
    if unit in ("points", "percentage_points"):
        return t.number(value, 1)
    return t.integer(value)


def _between(row: Row, t: Translator) -> str:
    low, high = r.value(row, "conf_low"), r.value(row, "conf_high")
    if low is None or high is None:
        return ""
    unit = str(row["unit"])
    values = {"low": amount(low, unit, t), "high": amount(high, unit, t)}
    return t.text(N_("{low} to {high}"), values)


def _remark(row: Row, t: Translator) -> str:
    codes = [code.split(":")[0] for code in str(row.get("note") or "").split(";")]
    found = [t.text(REMARKS[code]) for code in codes if code in REMARKS]
    text = "; ".join(found)
    return text[:1].upper() + text[1:]


def targets(bundle: Bundle) -> Content:
    """What was aimed at and what was reached, with a word beside every share."""
    t = r.speak(bundle)
    found = r.select(bundle, {"outcome": "R22", "dimension": "indicator"})
    names = list(dict.fromkeys(str(row["group"]) for row in found))
    if not names:
        return ()
    rows = []
    for name in names:
        own = {str(row["estimand"]): row for row in found if row["group"] == name}
        reached = r.value(own.get("of_target"))
        rows.append(
            {
                "indicator": _name(bundle, name, t),
                "baseline": _maybe(own.get("baseline"), t),
                "target": _maybe(own.get("target"), t),
                "actual": _maybe(own.get("actual"), t),
                "share": None if reached is None else reached,
                "state": t.text(_state(reached)),
            }
        )
    return r.without_empty_columns(
        Table(
            id="tab-targets",
            caption=t.text(N_("Targets and what was reached")),
            columns=r.columns(
                t,
                ("indicator", N_("Indicator")),
                ("baseline", N_("At the start")),
                ("target", N_("Target")),
                ("actual", N_("Reached")),
                ("share", N_("Share of the target"), "percent", 0),
                ("state", N_("State")),
            ),
            rows=tuple(rows),
        )
    )


def _maybe(row: Row | None, t: Translator) -> str:
    return "" if row is None else _written(row, t)


def _name(bundle: Bundle, name: str, t: Translator) -> str:
    if name in INDICATORS:
        return t.text(INDICATORS[name].name)
    found = (r.short(scale) for scale in bundle.scales if scale["scale_id"] == name)
    return next(found, name)


def _state(reached: float | None) -> str:
    if reached is None:
        return N_("not known")
    if reached >= 1:
        return N_("● reached")
    return N_("◐ nearly reached") if reached >= 0.8 else N_("○ not reached")


def references(bundle: Bundle) -> Content:
    """Published figures beside own ones, each with what it can be compared with."""
    from twinimpact.measures import benchmarks

    t = r.speak(bundle)
    figures = {figure.id: figure for figure in benchmarks()}
    texts = []
    for row in r.select(bundle, {"outcome": "X09", "dimension": "indicator"}):
        figure = figures.get(str(row["note"]).removeprefix("benchmark:"))
        away, base = r.value(row), r.value(row, "denominator")
        if figure is None or away is None or base is None:
            continue
        values = {
            "indicator": _name(bundle, figure.indicator, t),
            "own": amount(base + away, figure.unit, t),
            "other": amount(base, figure.unit, t),
            "source": figure.source,
            "year": str(figure.year),
            "population": figure.population,
            "comparability": figure.comparability,
        }
        texts.append(
            t.text(
                N_(
                    "{indicator}: {own}; in a published study {other} ({source}; {population}, "
                    "{year}). {comparability}"
                ),
                values,
            )
        )
    return Words(blocks=tuple(paragraph(text) for text in texts)) if texts else ()


def call_conditions(bundle: Bundle) -> Content:
    """Event by event: are the conditions of the funding call met, and by how much?"""
    t = r.speak(bundle)
    found = r.select(bundle, {"outcome": "R20", "dimension": "activity"})
    titles = {
        str(row["activity_id"]): str(row["title"])
        for row in bundle.activities.to_dict(orient="records")
    }
    by_key = {(str(row["group"]), str(row["estimand"])): row for row in found}
    rows = []
    for (event, estimand), row in by_key.items():
        if estimand.endswith("|met"):
            continue
        rule, state = estimand.split("|")
        met = r.value(by_key.get((event, f"{estimand}|met")))
        margin = r.cell(row)
        rows.append(
            {
                "event": titles.get(event, event),
                "rule": t.text(RULES[rule]) if rule in RULES else rule,
                "state": t.text(N_("planned") if state == "planned" else N_("counted")),
                "value": _counted(row, t),
                "limit": _of(row, "denominator", t),
                "margin": _signed(margin, str(row["unit"]), t),
                "met": t.text(N_("✓ met") if met == 1 else N_("✗ not met")),
            }
        )
    if not rows:
        return ()
    rows.sort(key=lambda line: (line["event"], line["state"], line["rule"]))
    unsure = any("call_not_verified" in str(row.get("note")) for row in found)
    return Table(
        id="tab-call",
        caption=t.text(N_("Conditions of the funding call, event by event")),
        columns=r.columns(
            t,
            ("event", N_("Event")), ("rule", N_("Condition")), ("state", N_("Figure")),
            ("value", N_("Value")), ("limit", N_("Limit")), ("margin", N_("Margin")),
            ("met", N_("Result")),
        ),
        rows=tuple(rows),
        note=t.text(UNSURE) if unsure else "",
    )  # fmt: skip


RULES: Mapping[str, str] = {
    "min_direct": N_("Enough participants"),
    "min_invited": N_("Enough guests from abroad"),
    "min_countries": N_("Enough countries"),
    "max_days": N_("Not too many days"),
    "max_officials": N_("Not too many officials"),
}
UNSURE = N_(
    "The limits of this call have not been compared with the call document. Check them there "
    "before relying on this table."
)


def _counted(row: Row, t: Translator) -> str:
    """The figure itself: its limit and the margin by which it is met."""
    margin, limit = r.value(row), r.value(row, "denominator")
    if margin is None or limit is None:
        return ""
    found = limit - margin if row.get("direction") == "worse" else limit + margin
    return amount(found, str(row["unit"]), t)


def _of(row: Row, field: str, t: Translator) -> str:
    found = r.value(row, field)
    return "" if found is None else amount(found, str(row["unit"]), t)


def _signed(margin: float | Withheld | None, unit: str, t: Translator) -> str:
    if isinstance(margin, Withheld) or margin is None:
        return t.text(WITHHELD_WORDS["suppressed"])
    if unit in _SHARES:
        return t.signed(100 * margin, 0) + "\N{NO-BREAK SPACE}%"
    return t.signed(margin, 0)
