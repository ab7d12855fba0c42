"""Participants beside people who did not take part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from twinimpact.bundle import Bundle
from twinimpact.language import N_, Translator
from twinimpact.report.content import Block, Content, Table, Text, Withheld, bullet, notice
from twinimpact.report.sections import rows as r
from twinimpact.report.sections.findings import (
    chance_note,
    finding_blocks,
    labelled,
    reading,
    reading_note,
    told_scales,
)
from twinimpact.report.words import finding, left_out, number

CROSS = "participant-comparison|single"
ARMS = ("participant", "comparison")
NOBODY_ELSE = N_(
    "Nobody was asked who did not take part, so participants cannot be compared with others. To "
    "learn more, ask people on a waiting list or in a similar town the same questions, before and "
    "after, in at least two partner towns and two comparison towns."
)


def comparison_scales(bundle: Bundle) -> list[Mapping[str, Any]]:
    """Scales with a difference between participants' change and the others'."""
    return r.outcomes(bundle, {"estimand": r.DIFFERENCE})


def comparison_cells(bundle: Bundle) -> Content:
    """The four cells: before and after, participants and others, with people and towns."""
    t = r.speak(bundle)
    scales = told_scales(comparison_scales(bundle))
    records = [record for scale in scales for record in _cell_records(bundle, scale, t)]
    if not records:
        return Text(blocks=())
    table = Table(
        id="tab-comparison",
        caption=t.text(N_("Participants and people who did not take part")),
        columns=r.columns(
            t,
            ("label", N_("Outcome")),
            ("arm", N_("Group")),
            ("n", N_("People"), "count", 0),
            ("towns", N_("Towns"), "count", 0),
            ("before", N_("Before"), "number", 1),
            ("after", N_("After"), "number", 1),
            ("change", N_("Change"), "signed", 1),
        ),
        rows=tuple(records),
        note=t.text(
            N_(
                "Others: people who did not take part. Only people who answered both times; the "
                "same people in every column."
            )
        ),
    )
    return r.shown(table) or Text(blocks=())


def _cell_records(
    bundle: Bundle, scale: Mapping[str, Any], t: Translator
) -> list[Mapping[str, Any]]:
    made: list[Mapping[str, Any]] = []
    for arm in ARMS:
        at = {"outcome": str(scale["scale_id"]), "arm": arm}
        before = r.first(bundle, {**at, "estimand": "cell|pre"})
        after = r.first(bundle, {**at, "estimand": "cell|post"})
        change = r.first(bundle, {**at, "estimand": "first_difference"})
        if before is None or after is None or number(before, "n") == 0:
            continue
        hide = r.hidden(before) or r.hidden(after)
        made.append(
            {
                "label": labelled(scale, t),
                "arm": t.text(N_("Participants") if arm == "participant" else N_("Others")),
                "n": Withheld() if hide else number(before, "n"),
                "towns": Withheld() if hide else number(before, "clusters"),
                "before": r.cell(before),
                "after": r.cell(after),
                "change": r.cell(change),
            }
        )
    return made


def comparison_findings(bundle: Bundle) -> Content:
    """What the comparison says, or why it says nothing and what would be needed."""
    t = r.speak(bundle)
    scales = comparison_scales(bundle)
    if scales:
        lead = r.sentences(_towns_sentence(bundle, scales, t))
        table = difference_table(bundle, scales, t)
        told = Text(blocks=tuple(_differences(bundle, told_scales(scales), t)))
        return (lead, table, told) if table else (lead, told)
    single = r.outcomes(bundle, {"estimand": CROSS})
    if single:
        warning = t.text(
            N_(
                "The groups were compared at one moment. They may have differed before anyone took "
                "part."
            )
        )
        found = [
            finding(
                r.first(bundle, {"outcome": str(scale["scale_id"]), "estimand": CROSS}),
                r.topic(scale),
                t,
            )
            for scale in told_scales(single)
        ]
        return Text(blocks=(notice(warning, "caution"), *finding_blocks(found, t)))
    return r.empty(t.text(NOBODY_ELSE))


def difference_table(
    bundle: Bundle, scales: Sequence[Mapping[str, Any]], t: Translator, partnership: str = ""
) -> Table | None:
    """The difference between both groups' changes for all outcomes, with a reading of each.

    ``None`` when no outcome has a difference that may be shown.
    """
    found = [
        (scale, row)
        for scale in scales
        if (row := r.difference_row(bundle, str(scale["scale_id"]), partnership)) is not None
        and row.get("status") != "not_estimable"
    ]
    shown = [row for _, row in found if r.value(row) is not None]
    if not shown:
        return None
    remark = left_out(shown[0], t)
    table = Table(
        id="tab-differences",
        caption=t.text(N_("How much further participants moved than the others")),
        columns=r.columns(
            t,
            ("label", N_("Outcome")),
            ("n", N_("People"), "count", 0),
            ("towns", N_("Towns"), "count", 0),
            ("difference", N_("Difference"), "signed", 1),
            ("low", N_("Interval from"), "signed", 1),
            ("high", N_("Interval to"), "signed", 1),
            ("level", N_("Level"), "count", 0),
            ("reading", N_("Reading")),
        ),
        rows=tuple(
            {
                "label": labelled(scale, t),
                "n": Withheld() if r.hidden(row) else number(row, "n"),
                "towns": Withheld() if r.hidden(row) else number(row, "clusters"),
                "difference": r.cell(row),
                "low": r.cell(row, "conf_low"),
                "high": r.cell(row, "conf_high"),
                "level": None if r.value(row) is None else number(row, "grade"),
                "reading": reading(row, scale, t),
            }
            for scale, row in found
        ),
        note=" ".join(
            part
            for part in (
                reading_note(t, between=True),
                t.text(N_("Level: the design level of the number, from 0 to 5.")),
                chance_note(len(shown), t),
                remark,
            )
            if part
        ),
    )
    return r.without_empty_columns(table)


def _differences(bundle: Bundle, scales: Sequence[Mapping[str, Any]], t: Translator) -> list[Block]:
    found = [
        (scale, row)
        for scale in scales
        if (row := r.difference_row(bundle, str(scale["scale_id"]))) is not None
    ]
    findings = [finding(row, r.topic(scale), t) for scale, row in found]
    blocks = finding_blocks(findings, t)
    adjusted = [sentence for scale, _ in found if (sentence := _adjusted(bundle, scale, t))]
    return [*blocks, *(bullet(sentence) for sentence in adjusted)]


def _towns_sentence(bundle: Bundle, scales: Sequence[Mapping[str, Any]], t: Translator) -> str:
    counts = {}
    for arm in ARMS:
        cells = [
            number(row, "clusters") or 0
            for scale in scales
            for row in r.select(
                bundle,
                {"outcome": str(scale["scale_id"]), "arm": arm, "estimand": "cell|pre"},
            )
            if not r.hidden(row)
        ]
        counts[arm] = max(cells, default=0)
    if not all(counts.values()):
        return t.text(
            N_(
                "Participants are compared with people who did not take part. What counts is the "
                "number of towns, not only of people, because an event in a town touches everyone "
                "there."
            )
        )
    return t.text(
        N_(
            "Participants from {towns} and people who did not take part from {others} are "
            "compared. What counts is the number of towns, not only of people, because an event in "
            "a town touches everyone there."
        ),
        {
            "towns": t.plural("{count} town", "{count} towns", int(counts["participant"])),
            "others": t.plural("{count} town", "{count} towns", int(counts["comparison"])),
        },
    )


def _adjusted(bundle: Bundle, scale: Mapping[str, Any], t: Translator) -> str:
    """The adjusted difference in words, only where it disagrees with the main one."""
    main = r.difference_row(bundle, str(scale["scale_id"]))
    if main is None or "bracketing" not in str(main.get("note") or ""):
        return ""
    where = {"outcome": str(scale["scale_id"]), "method": "town_two_stage_t"}
    row = r.first(bundle, {**where, "estimand": r.DIFFERENCE})
    if r.value(row) is None or row is None or r.value(row, "conf_low") is None:
        return ""
    return t.text(
        N_(
            "{outcome}: taking into account where each group started, the difference is {estimate} "
            "points ({low} to {high}) instead of {main}. The two ways of calculating disagree, so "
            "neither should be quoted alone."
        ),
        {
            "outcome": r.short(scale),
            "estimate": t.signed(r.value(row)),
            "low": t.number(r.value(row, "conf_low")),
            "high": t.number(r.value(row, "conf_high")),
            "main": t.signed(r.value(main)),
        },
    )
