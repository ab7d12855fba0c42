"""How far the changes carry: they are of those who answered both times, and who is missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from twinimpact.bundle import Bundle
from twinimpact.language import N_, Translator
from twinimpact.report.content import Block, Content, Table, Text, Withheld, bullet, paragraph
from twinimpact.report.sections import rows as r
from twinimpact.report.sections.findings import labelled, main_scales, told_scales
from twinimpact.report.words import Row, notes, number, points

Scale = Mapping[str, Any]
FILLED = ("no_change", "worst", "best")
"""Ends of the estimands of fill-ins: ``loss|worst``."""


def lost_people(bundle: Bundle) -> Content:
    """Whom the changes are about, who did not answer again, and what that could change."""
    scales = told_scales(r.outcomes(bundle, {"estimand": "loss", "arm": "participant"}))
    found = [(scale, row) for scale in scales if (row := _loss(bundle, scale, "loss")) is not None]
    if not found:
        return Text(blocks=())
    t = r.speak(bundle)
    lead = N_(
        "Every change in this report is one among those who answered both times. People who "
        "answered before but not again are not in it."
    )
    blocks = [paragraph(t.text(lead)), paragraph(_how_many(found, t))]
    blocks += [paragraph(text) for text in (_compared(bundle, found, t),) if text]
    table = _table(bundle, found, t)
    if table is None:
        return Text(blocks=tuple(blocks))
    tipping = _tipping(bundle, main_scales([scale for scale, _ in found]), t)
    return (Text(blocks=tuple(blocks)), table, *([Text(blocks=tuple(tipping))] if tipping else []))


def _loss(bundle: Bundle, scale: Scale, estimand: str, arm: str = "participant") -> Row | None:
    """A row about loss at the first later wave."""
    where = {"outcome": str(scale["scale_id"]), "estimand": estimand, "arm": arm}
    return next(iter(r.in_wave_order(bundle, r.select(bundle, where))), None)


def _how_many(found: Sequence[tuple[Scale, Row]], t: Translator) -> str:
    shares = [value for _, row in found if (value := r.value(row)) is not None]
    if not shares:
        return t.text(
            N_("How many that were is hidden, to protect the people who answered.")
            if any(r.hidden(row) for _, row in found)
            else N_("How many that were is not known.")
        )
    if max(shares) == 0 and len(shares) == len(found):
        return t.text(N_("Here everybody who answered before answered again."))
    low, high = t.percent(min(shares)), t.percent(max(shares))
    if low == high:
        text = N_("Of the participants who answered before, {low} did not answer again.")
    else:
        text = N_(
            "Of the participants who answered before, {low} to {high} did not answer again, "
            "depending on the outcome."
        )
    return t.text(text, {"low": low, "high": high})


def _compared(bundle: Bundle, found: Sequence[tuple[Scale, Row]], t: Translator) -> str:
    """Whether the arms lost so differently that the comparison suffers."""
    pairs = [(scale, _loss(bundle, scale, "loss|differential", "")) for scale, _ in found]
    known = [(scale, row) for scale, row in pairs if r.value(row) is not None]
    if not known:
        return ""
    outside = [
        r.short(scale)
        for scale, row in known
        if row is not None and "loss_outside_boundary" in notes(row)
    ]
    if not outside:
        return ""
    text = N_(
        "So many people were lost, or so many more in one group than in the other, that the "
        "comparison may be distorted for: {outcomes}."
    )
    return t.text(text, {"outcomes": t.listing(outside)})


def _table(bundle: Bundle, found: Sequence[tuple[Scale, Row]], t: Translator) -> Table | None:
    rows = []
    for scale, row in found:
        change = r.change_row(bundle, str(scale["scale_id"]))
        filled = {name: r.cell(_loss(bundle, scale, f"loss|{name}")) for name in FILLED}
        rows.append(
            {
                "label": labelled(scale, t),
                "before": _people(row, "n"),
                "lost": _people(row, "missing"),
                "change": r.cell(change),
                **filled,
            }
        )
    table = Table(
        id="tab-lost",
        caption=t.text(N_("What those who did not answer again could change")),
        columns=r.columns(
            t,
            ("label", N_("Outcome")),
            ("before", N_("Answered before"), "count", 0),
            ("lost", N_("Not again"), "count", 0),
            ("change", N_("Change, both times"), "signed", 1),
            ("no_change", N_("If they stayed the same"), "signed", 1),
            ("worst", N_("Worst case"), "signed", 1),
            ("best", N_("Best case"), "signed", 1),
        ),
        rows=tuple(rows),
        note=t.text(
            N_(
                "Average change of everybody who answered before, if those who did not answer "
                "again had stayed where they were, or had ended at the least or most favourable "
                "end of the scale. The last two are limits, not guesses."
            )
        ),
    )
    hollow = all(row[key] is None or isinstance(row[key], Withheld)
                 for row in rows for key in ("before", "lost", *FILLED))  # fmt: skip
    return None if hollow else r.without_empty_columns(table)


def _people(row: Row, field: str) -> float | Withheld | None:
    return Withheld() if r.hidden(row) else number(row, field)


def _tipping(bundle: Bundle, scales: Sequence[Scale], t: Translator) -> list[Block]:
    """How different the lost would have to be for the average change to be zero."""
    told = []
    for scale in scales:
        row = _loss(bundle, scale, "loss|tipping")
        value = r.value(row)
        if value is None or round(value, 1) == 0:
            continue
        size = points(abs(value), str(scale.get("unit") or "points"), t)
        lower = N_(
            "{outcome}: the average change of everybody would be zero if those who did not answer "
            "again had changed by {size} less than the others."
        )
        higher = N_(
            "{outcome}: the average change of everybody would be zero if those who did not answer "
            "again had changed by {size} more than the others."
        )
        values = {"outcome": r.short(scale), "size": size}
        told.append(bullet(t.text(lower if value < 0 else higher, values)))
    return told
