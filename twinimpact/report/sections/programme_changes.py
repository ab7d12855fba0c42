"""Change in each partnership and in all of them together, without a league table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from twinimpact.bundle import Bundle
from twinimpact.language import N_, Translator
from twinimpact.report import labels
from twinimpact.report.content import Block, Content, Table, Text, Withheld, notice, paragraph
from twinimpact.report.figures_forest import ForestRow, forest_chart
from twinimpact.report.sections import rows as r
from twinimpact.report.sections.comparability import comparability_blocks
from twinimpact.report.sections.comparison import difference_table
from twinimpact.report.sections.findings import (
    chance_note,
    difference_finding,
    finding_blocks,
    labelled,
    levels_sentence,
    main_scales,
    reading,
    reading_note,
)
from twinimpact.report.sections.programme_pooled import further_row
from twinimpact.report.words import Finding, Row, finding, grade, left_out, number, reasons
from twinimpact.schema import PROGRAMME

MOST_FORESTS = 4
SIDE_BY_SIDE: Mapping[str, str] = {
    "partnership": N_(
        "The charts compare changes, not averages. May the averages of partnerships be compared as "
        "well?"
    ),
    "wave": N_("Did people understand the questions the same way before and after?"),
}
"""What is asked of the outcomes drawn, by scope of the verdicts."""


def by_design(bundle: Bundle) -> list[tuple[Mapping[str, Any], int | None]]:
    """Partnerships with their design level, strongest design first, then by name."""
    made = []
    for partnership in bundle.partnerships:
        row = r.first(bundle, {"outcome": "Q07", "partnership": str(partnership["partnership_id"])})
        made.append((partnership, None if row is None else grade(row)))
    return sorted(made, key=lambda one: (-(-1 if one[1] is None else one[1]), str(one[0]["name"])))


def _main_scales(bundle: Bundle) -> list[Mapping[str, Any]]:
    scales = r.outcomes(bundle, {"estimand": "post-pre", "method": r.PAIRED, "partnership": "any"})
    return main_scales(scales, MOST_FORESTS)


def programme_forest(bundle: Bundle) -> Content:
    """Change of each partnership per main outcome, in the order of design and name."""
    t = r.speak(bundle)
    charts = []
    for scale in _main_scales(bundle):
        rows = _forest_rows(bundle, scale, t)
        if any(row.state == "ok" for row in rows):
            name = "forest-" + str(scale["scale_id"]).replace("_", "-").lower()[:40]
            title = t.text(
                N_("How much did answers change? {outcome}"), {"outcome": r.short(scale)}
            )
            charts.append(forest_chart(name, rows, scale.get("sesoi"), title, t))
    if charts:
        return tuple(charts)
    return r.empty(
        t.text(
            N_(
                "Changes are not drawn: no partnership has at least 10 people who answered both "
                "before and after."
            )
        )
    )


def _forest_rows(bundle: Bundle, scale: Mapping[str, Any], t: Translator) -> list[ForestRow]:
    scale_id = str(scale["scale_id"])
    made = [
        _forest_row(
            str(partnership["name"]),
            r.change_row(bundle, scale_id, str(partnership["partnership_id"])),
        )
        for partnership, _ in by_design(bundle)
    ]
    pooled = _pooled_row(bundle, scale_id)
    if pooled is not None:
        made.append(_forest_row(t.text(N_("Average of the programme")), pooled, summary=True))
    further = further_row(bundle, scale)
    if r.value(further, "conf_low") is not None:
        label = t.text(N_("A further partnership"))
        made.append(replace(_forest_row(label, further), n=None, expected=True))
    return made


def _forest_row(label: str, row: Row | None, *, summary: bool = False) -> ForestRow:
    if row is None:
        return ForestRow(label=label, state="none")
    n = number(row, "n")
    people = None if n is None or r.hidden(row) else int(n)
    estimate = r.value(row)
    low, high = r.value(row, "conf_low"), r.value(row, "conf_high")
    if r.hidden(row):
        state = "hidden"
    elif estimate is not None and low is not None and high is not None:
        state = "ok"
    else:
        state = "described" if row.get("status") == "descriptive" else "none"
    return ForestRow(
        label=label, state=state, n=people, estimate=estimate, low=low, high=high, summary=summary
    )


def _pooled_row(bundle: Bundle, scale_id: str) -> Row | None:
    where = {"outcome": scale_id, "estimand": "post-pre", "partnership": PROGRAMME}
    return r.first(bundle, {**where, "method": "town_mean_t"})


def programme_reading(bundle: Bundle) -> Content:
    """How to read the charts, and why nothing is ranked."""
    t = r.speak(bundle)
    scales = _main_scales(bundle)
    if not scales:
        return Text(blocks=())
    return Text(
        blocks=(
            *_side_by_side(bundle, "partnership", scales, t),
            notice(
                t.text(
                    N_(
                        "The order says nothing about success. Partnerships asked different people "
                        "at different times, and with many rows a few intervals miss zero by "
                        "chance alone. Why answers changed cannot be seen from these charts."
                    )
                ),
                "caution",
            ),
        )
    )


def _side_by_side(
    bundle: Bundle, scope: str, scales: Sequence[Mapping[str, Any]], t: Translator
) -> list[Block]:
    """Whether the questions work alike over partnerships, or before and after."""
    told = comparability_blocks(bundle, scope, scales, t)
    return [paragraph(t.text(SIDE_BY_SIDE[scope])), *told] if told else []


def pooled_changes(bundle: Bundle, t: Translator) -> list[Finding]:
    """Findings about the change over all partnerships."""
    made = []
    for scale in _main_scales(bundle):
        row = _pooled_row(bundle, str(scale["scale_id"])) or r.change_row(
            bundle, str(scale["scale_id"]), PROGRAMME
        )
        if row is not None:
            made.append(finding(row, r.topic(scale), t))
    return made


def pooled_differences(bundle: Bundle, t: Translator) -> list[Finding]:
    """Findings about participants and others over all partnerships."""
    made = []
    for scale in _main_scales(bundle):
        row = r.difference_row(bundle, str(scale["scale_id"]), PROGRAMME)
        if row is not None:
            made.append(difference_finding(bundle, scale, row, t))
    return made


def programme_findings(bundle: Bundle) -> Content:
    """The programme-level change, and the comparison with people who did not take part."""
    t = r.speak(bundle)
    pooled = _pooled_rows(bundle)
    if not any(r.value(row) is not None for _, row in pooled):
        return r.empty(
            t.text(
                N_(
                    "There is no statement about all partnerships together: it needs participants "
                    "asked before and after in at least three towns."
                )
            )
        )
    lead = r.sentences(
        t.text(
            N_(
                "Every town counts once here, whatever the number of people, because people of one "
                "town share what happens there."
            )
        )
    )
    compared = r.outcomes(bundle, {"estimand": r.DIFFERENCE, "partnership": PROGRAMME})
    table = difference_table(bundle, compared, t, PROGRAMME)
    parts: list[Table | Text] = [lead, _pooled_table(pooled, t)]
    understood = _side_by_side(bundle, "wave", [scale for scale, _ in pooled], t)
    if understood:
        parts.append(Text(blocks=tuple(understood)))
    if table is not None:
        parts.append(table)
    return (*parts, Text(blocks=tuple(_compared(bundle, t))))


def _compared(bundle: Bundle, t: Translator) -> list[Block]:
    """The comparison in sentences, or that there is none."""
    findings = pooled_differences(bundle, t)
    if findings:
        return finding_blocks(findings, t)
    text = N_(
        "People who did not take part were not compared, so nothing is said about why answers "
        "changed."
    )
    return [paragraph(t.text(text))]


def _pooled_rows(bundle: Bundle) -> list[tuple[Mapping[str, Any], Row]]:
    scales = r.outcomes(bundle, {"estimand": "post-pre", "partnership": PROGRAMME})
    return [
        (scale, row)
        for scale in scales
        if (row := _pooled_row(bundle, str(scale["scale_id"]))) is not None
    ]


def _pooled_table(pooled: Sequence[tuple[Mapping[str, Any], Row]], t: Translator) -> Table:
    """The programme's average change of every outcome, with a reading of each."""
    shown = [row for _, row in pooled if r.value(row) is not None]
    remark = left_out(shown[0], t)
    return Table(
        id="tab-programme-change",
        caption=t.text(N_("Change from before to after, average of the towns")),
        columns=r.columns(
            t,
            ("label", N_("Outcome")),
            ("n", N_("People"), "count", 0),
            ("towns", N_("Towns"), "count", 0),
            ("change", N_("Change"), "signed", 1),
            ("low", N_("Interval from"), "signed", 1),
            ("high", N_("Interval to"), "signed", 1),
            ("reading", N_("Reading")),
        ),
        rows=tuple(
            {
                "label": labelled(scale, t),
                "n": Withheld() if r.hidden(row) else number(row, "n"),
                "towns": Withheld() if r.hidden(row) else number(row, "clusters"),
                "change": r.cell(row),
                "low": r.cell(row, "conf_low"),
                "high": r.cell(row, "conf_high"),
                "reading": reading(row, scale, t),
            }
            for scale, row in pooled
        ),
        note=" ".join(
            part
            for part in (
                reading_note(t),
                levels_sentence(shown, t),
                chance_note(len(shown), t),
                remark,
            )
            if part
        ),
    )


def programme_designs(bundle: Bundle) -> Content:
    """Design and level of every partnership with the reasons."""
    t = r.speak(bundle)
    records = []
    for partnership, level in by_design(bundle):
        row = r.first(bundle, {"outcome": "Q07", "partnership": str(partnership["partnership_id"])})
        records.append(
            {
                "name": str(partnership["name"]),
                "design": labels.name_of("design", str(row["estimand"]), t)
                if row
                else t.text(N_("No survey")),
                "level": level,
                "why": " ".join(reasons(row, t)) if row else "",
            }
        )
    if not records:
        return r.empty(t.text(N_("No partnerships are registered.")))
    return Table(
        id="tab-designs",
        caption=t.text(N_("How strongly each partnership's numbers can support a claim")),
        columns=r.columns(
            t,
            ("name", N_("Partnership")),
            ("design", N_("Design")),
            ("level", N_("Level, 0 to 5"), "count", 0),
            ("why", N_("Why it is not higher")),
        ),
        rows=tuple(records),
        note=t.text(
            N_(
                "Maryland scale: from level 3 on a difference may be put down to the exchange; "
                "below that it may only be described."
            )
        ),
    )
