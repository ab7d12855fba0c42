"""Which outcomes have a change or a difference, and the findings about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from twinimpact.bundle import Bundle
from twinimpact.language import N_, Translator
from twinimpact.report.content import Block, Span
from twinimpact.report.sections import rows as r
from twinimpact.report.words import (
    DESCRIBE_BELOW,
    INDICATIVE_BELOW,
    Finding,
    Row,
    average,
    excludes_zero,
    finding,
    grade,
    has_interval,
    notes,
    number,
)

UNLINKED = "post-pre|cross-section"
MOST_FINDINGS = 3
MOST_SENTENCES = 5
Scale = Mapping[str, Any]


def finding_blocks(findings: Sequence[Finding], t: Translator) -> list[Block]:
    """One list item per finding; outcomes with the same words (all hidden, say) share one."""
    grouped: dict[str, list[str]] = {}
    for one in findings:
        grouped.setdefault(one.text, []).append(one.label)
    return [
        Block(
            kind="bullet",
            spans=(Span(text=f"{t.listing(labels)}. ", bold=True), Span(text=text)),
        )
        for text, labels in grouped.items()
    ]


def change_scales(bundle: Bundle) -> list[Scale]:
    """Scales with a change from before to after, of the same people or of different ones."""
    linked = r.outcomes(bundle, {"estimand": "post-pre", "method": r.PAIRED})
    return linked or r.outcomes(bundle, {"estimand": UNLINKED})


def is_linked(bundle: Bundle) -> bool:
    """Whether the change is one of the same people."""
    return bool(r.outcomes(bundle, {"estimand": "post-pre", "method": r.PAIRED}))


def change_of(bundle: Bundle, scale: Scale) -> Row | None:
    """The change of one scale: paired where people were linked, else between the waves."""
    scale_id = str(scale["scale_id"])
    paired = r.change_row(bundle, scale_id)
    if paired is not None:
        return paired
    found = r.select(bundle, {"outcome": scale_id, "estimand": UNLINKED})
    return next((row for row in found if r.stands_alone(row)), None)


def change_finding(bundle: Bundle, scale: Scale, t: Translator) -> Finding:
    """What is said about the change of one scale."""
    return finding(change_of(bundle, scale), r.topic(scale), t)


def difference_finding(bundle: Bundle, scale: Scale, row: Row, t: Translator) -> Finding:
    """What is said about the difference between participants' change and the others'."""
    one = finding(row, r.topic(scale), t)
    label = t.text(N_("{outcome}, compared with others"), {"outcome": one.label})
    return Finding(label=label, text=one.text, status=one.status)


def main_scales(scales: Sequence[Scale], most: int = MOST_FINDINGS) -> list[Scale]:
    """The scales named first: planned main outcomes, or else the first of the catalogue.

    Outcomes are never chosen by the size of their result.
    """
    main = [scale for scale in scales if scale.get("role") == "primary"]
    others = [scale for scale in scales if scale.get("role") not in {"placebo", "descriptive"}]
    return (main or others or list(scales))[:most]


def told_scales(scales: Sequence[Scale]) -> list[Scale]:
    """The scales that get full sentences: all planned main ones, or else the first five.

    The others stand in the table with a reading of a few words.
    """
    main = [scale for scale in scales if scale.get("role") == "primary"]
    return main or main_scales(scales, MOST_SENTENCES)


def reading(row: Row | None, scale: Scale, t: Translator) -> str:
    """What a row says in a few words, for the last column of a table.

    The words follow the interval and the size worth having, never the estimate alone.
    """
    if row is None or r.hidden(row):
        return t.text(N_("no data") if row is None else N_("hidden"))
    if row.get("status") == "refused":
        return t.text(N_("no statement"))
    if r.value(row) is None:
        return t.text(N_("no data"))
    few = number(row, "n") or 0
    if row.get("status") == "descriptive" or few < DESCRIBE_BELOW or not has_interval(row):
        return t.text(N_("described only"))
    word = _direction(row, scale, t)
    if word and (few < INDICATIVE_BELOW or "indicative" in notes(row)):
        return t.text(N_("{reading} (indicative)"), {"reading": word})
    return word or t.text(N_("cannot tell"))


def _direction(row: Row, scale: Scale, t: Translator) -> str:
    """Higher, lower or too small to matter; empty where the interval leaves all of it open."""
    verdict = str(row.get("verdict") or "") if scale.get("sesoi") is not None else ""
    if verdict == "trivial":
        return t.text(N_("smaller than worth having"))
    if not excludes_zero(row):
        return ""
    up = (number(row, "estimate") or 0) > 0
    if verdict == "beneficial":
        return t.text(N_("higher, worth having") if up else N_("lower, worth having"))
    return t.text(N_("higher") if up else N_("lower"))


def labelled(scale: Scale, t: Translator) -> str:
    """Short name of a scale, with a remark where lower is better."""
    if scale.get("direction") != "worse":
        return r.short(scale)
    return t.text(N_("{label} – lower is better"), {"label": r.short(scale)})


def levels_sentence(found: Sequence[Row], t: Translator) -> str:
    """The design level all rows of a table share; empty when they differ."""
    levels = {grade(row) for row in found}
    if len(levels) != 1:
        return ""
    return t.text(N_("Design level of these numbers: {level} of 5."), {"level": levels.pop()})


def reading_note(t: Translator, *, between: bool = False) -> str:
    """What the words of the column "Reading" mean."""
    parts = [
        N_(
            "Reading: “higher” or “lower” where the whole interval lies on that side of zero, "
            "“cannot tell” where it includes zero, “worth having” where all of it lies beyond the "
            "size set as worth having, “indicative” where fewer than 30 people answered in a group."
        )
    ]
    if between:
        parts.append(N_("Higher: participants moved further up than the others."))
    return " ".join(t.text(part) for part in parts)


def chance_note(count: int, t: Translator) -> str:
    """That many intervals include some that miss zero by chance; empty for a few outcomes."""
    if count <= MOST_SENTENCES:
        return ""
    return t.text(
        N_(
            "With {count} outcomes, an interval may miss zero by chance alone: about one in 20 "
            "does so even where nothing changed."
        ),
        {"count": count},
    )


def headline_changes(bundle: Bundle, t: Translator) -> list[Finding]:
    """Changes of the main outcomes; averages where people were asked once."""
    scales = change_scales(bundle)
    if scales:
        return [change_finding(bundle, scale, t) for scale in main_scales(scales)]
    return headline_averages(bundle, t)


def headline_averages(bundle: Bundle, t: Translator) -> list[Finding]:
    """Averages of the main outcomes in the latest wave."""
    where = {"estimand": "mean", "arm": "participant"}
    waves = {str(row["wave"]) for row in r.select(bundle, where)}
    latest = [str(wave["wave_id"]) for wave in bundle.waves if wave["wave_id"] in waves]
    if not latest:
        return []
    at = {**where, "wave": latest[-1]}
    return [
        average(r.first(bundle, {**at, "outcome": str(scale["scale_id"])}), r.topic(scale), t)
        for scale in main_scales(r.outcomes(bundle, at))
    ]


def headline_differences(bundle: Bundle, t: Translator, most: int = 1) -> list[Finding]:
    """The comparison of the first main outcomes that have one."""
    scales = main_scales(r.outcomes(bundle, {"estimand": r.DIFFERENCE}), most)
    return [
        difference_finding(bundle, scale, row, t)
        for scale in scales
        if (row := r.difference_row(bundle, str(scale["scale_id"]))) is not None
    ]
