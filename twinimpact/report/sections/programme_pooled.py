"""Partnerships pooled: their average, a further one, and why they are not ranked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from twinimpact.bundle import Bundle
from twinimpact.language import N_, Translator
from twinimpact.report.content import Block, Content, Table, Text, Withheld, paragraph
from twinimpact.report.sections import rows as r
from twinimpact.report.sections.findings import finding_blocks, labelled, main_scales
from twinimpact.report.words import (
    Finding,
    Row,
    interval,
    left_out,
    level_note,
    number,
    people,
    points,
    withheld,
)
from twinimpact.report.words_templates import LOWER_IS_BETTER
from twinimpact.schema import PROGRAMME

POOLED, RANKS = "meta_reml_hk", "blup"
MOST_SENTENCES = 4
_Scale = Mapping[str, Any]

AVERAGE: Mapping[str, str] = {
    "up": N_(
        "Across {partnerships}, participants scored {size} higher after than before on average "
        "({basis})."
    ),
    "down": N_(
        "Across {partnerships}, participants scored {size} lower after than before on average "
        "({basis})."
    ),
    "same": N_(
        "Across {partnerships}, participants scored the same after as before on average ({basis})."
    ),
}
"""The average partnership, where nothing can be said about a further one."""

FURTHER: Mapping[str, str] = {
    "up": N_(
        "Across {partnerships}, participants scored {size} higher after than before on average "
        "({basis}), and in a further partnership of this kind the change would be expected "
        "between {low} and {high}."
    ),
    "down": N_(
        "Across {partnerships}, participants scored {size} lower after than before on average "
        "({basis}), and in a further partnership of this kind the change would be expected "
        "between {low} and {high}."
    ),
    "same": N_(
        "Across {partnerships}, participants scored the same after as before on average "
        "({basis}), and in a further partnership of this kind the change would be expected "
        "between {low} and {high}."
    ),
}
"""The average partnership and a further one, in one sentence: the one is not the other."""


def programme_pooled(bundle: Bundle) -> Content:
    """Average of the partnerships, where a further one would be expected, and no ranks."""
    t = r.speak(bundle)
    scales = [
        scale
        for scale in r.outcomes(bundle, {"method": POOLED, "partnership": PROGRAMME})
        if r.value(_row(bundle, scale, "pooled")) is not None
    ]
    if not scales:
        return r.empty(
            t.text(
                N_(
                    "Partnerships are not pooled: this needs three partnerships that asked the "
                    "same participants before and after, at least 10 in each."
                )
            )
        )
    lead = paragraph(
        t.text(
            N_(
                "Here every partnership counts by how precisely its change is known, and how much "
                "partnerships differ is taken into account. Why answers changed cannot be seen "
                "from it."
            )
        )
    )
    told = [_finding(bundle, scale, t) for scale in main_scales(scales, MOST_SENTENCES)]
    return (
        Text(blocks=(lead, *finding_blocks(told, t))),
        _table(bundle, scales, t),
        Text(blocks=tuple(_ranks(bundle, scales, t))),
    )


def further_row(bundle: Bundle, scale: _Scale) -> Row | None:
    """Where the change of a further partnership would be expected."""
    return _row(bundle, scale, "prediction")


def _row(bundle: Bundle, scale: _Scale, part: str) -> Row | None:
    where = {"outcome": str(scale["scale_id"]), "estimand": f"post-pre|{part}"}
    method = RANKS if part == "ranks" else POOLED
    return r.first(bundle, {**where, "method": method, "partnership": PROGRAMME})


def _finding(bundle: Bundle, scale: _Scale, t: Translator) -> Finding:
    row, further = _row(bundle, scale, "pooled"), further_row(bundle, scale)
    topic = r.topic(scale)
    estimate = r.value(row) or 0.0
    shown = round(estimate, 1)
    sign = "up" if shown > 0 else "down" if shown < 0 else "same"
    low, high = r.value(further, "conf_low"), r.value(further, "conf_high")
    known = row or {}
    values = {
        "partnerships": t.plural(
            "{count} partnership", "{count} partnerships", int(number(known, "clusters") or 0)
        ),
        "size": points(abs(estimate), topic.unit, t),
        "basis": "; ".join(
            (interval(known, t), people(number(known, "n") or 0, t), level_note(known, t))
        ),
        "low": t.signed(low or 0.0),
        "high": points(high or 0.0, topic.unit, t, signed=True),
    }
    predicted = low is not None and high is not None
    parts = [t.text((FURTHER if predicted else AVERAGE)[sign], values)]
    if not predicted and further is not None:
        parts.append(withheld(further, t))
    if topic.direction == "worse":
        parts.append(t.text(LOWER_IS_BETTER))
    parts.append(left_out(known, t))
    return Finding(label=topic.label, text=" ".join(filter(None, parts)), status="ok")


def _table(bundle: Bundle, scales: Sequence[_Scale], t: Translator) -> Table:
    rows = tuple(_record(bundle, scale, t) for scale in scales)
    counts = {row["partnerships"] for row in rows}
    columns = r.columns(
        t,
        ("label", N_("Outcome")),
        ("partnerships", N_("Partnerships"), "count", 0),
        ("n", N_("People"), "count", 0),
        ("change", N_("Change"), "signed", 1),
        ("low", N_("Interval from"), "signed", 1),
        ("high", N_("Interval to"), "signed", 1),
        ("further_low", N_("Expected from"), "signed", 1),
        ("further_high", N_("Expected to"), "signed", 1),
        ("spread", N_("Spread"), "number", 1),
    )
    note = t.text(NOTE)
    if len(counts) == 1 and isinstance(only := counts.pop(), float):
        # one number for all rows needs no column of its own: the names keep their room
        columns = tuple(column for column in columns if column.key != "partnerships")
        number = t.plural(
            "Every row rests on {count} partnership.",
            "Every row rests on {count} partnerships.",
            round(only),
        )
        note = f"{number} {note}"
    return Table(
        id="tab-programme-pooled",
        caption=t.text(N_("Change from before to after, average of the partnerships")),
        columns=columns,
        rows=rows,
        note=note,
    )


NOTE = N_(
    "Expected: the range for one more partnership of this kind; from five partnerships on. Spread: "
    "standard deviation of the changes between partnerships once chance is taken out; “none found” "
    "where chance alone would make them differ as much. The expected range is then likely to be "
    "too narrow."
)


def _record(bundle: Bundle, scale: _Scale, t: Translator) -> dict[str, Any]:
    row, further = _row(bundle, scale, "pooled"), further_row(bundle, scale)
    spread = _row(bundle, scale, "tau")
    none = spread is not None and spread.get("status") == "boundary"
    return {
        "label": labelled(scale, t),
        "partnerships": r.value(row, "clusters"),
        "n": r.value(row, "n"),
        "change": r.cell(row),
        "low": r.cell(row, "conf_low"),
        "high": r.cell(row, "conf_high"),
        "further_low": r.cell(further, "conf_low"),
        "further_high": r.cell(further, "conf_high"),
        "spread": Withheld(reason="boundary") if none else r.cell(spread),
    }


def _ranks(bundle: Bundle, scales: Sequence[_Scale], t: Translator) -> list[Block]:
    """Why partnerships are not put in an order, once for outcomes with the same reason."""
    refused: dict[str, list[str]] = {}
    apart = []
    for scale in scales:
        row = _row(bundle, scale, "ranks")
        if row is None:
            continue
        if row.get("status") == "refused":
            refused.setdefault(withheld(row, t), []).append(r.short(scale))
        else:
            apart.append(r.short(scale))
    every = not apart and len(refused) == 1
    blocks = [
        paragraph(
            reason
            if every
            else t.text(
                N_("{outcomes}: {reason}"), {"outcomes": r.listed(names, t), "reason": reason}
            )
        )
        for reason, names in refused.items()
    ]
    if apart:
        text = N_(
            "{outcomes}: partnerships differ by more than chance. They are still not ranked here, "
            "because they asked different people at different times."
        )
        blocks.append(paragraph(t.text(text, {"outcomes": r.listed(apart, t)})))
    return blocks
