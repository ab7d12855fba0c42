"""What changed between before and after: chart, table and findings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from twinimpact.bundle import Bundle
from twinimpact.language import N_, Translator
from twinimpact.report.content import (
    Block,
    Chart,
    Content,
    Table,
    Text,
    Withheld,
    notice,
    paragraph,
)
from twinimpact.report.figures_dumbbell import BeforeAfter, Mean, WaveNames, dumbbell_chart
from twinimpact.report.sections import rows as r
from twinimpact.report.sections.findings import (
    chance_note,
    change_finding,
    change_of,
    change_scales,
    finding_blocks,
    is_linked,
    labelled,
    levels_sentence,
    reading,
    reading_note,
    told_scales,
)
from twinimpact.report.words import Row, finding, number

MOST_ROWS = 12


def no_change_reason(bundle: Bundle) -> str:
    """Why there is no before and after, and what to do; empty when there is one."""
    t = r.speak(bundle)
    if change_scales(bundle):
        return ""
    if not r.select(bundle, {"outcome": "Q01", "estimand": "responses"}):
        return t.text(r.NOTHING_ANSWERED)
    if len(bundle.waves) < 2:
        return t.text(
            N_(
                "People were asked once, so no change can be shown. Ask the same people again, "
                "before and after the next exchange."
            )
        )
    return t.text(
        N_(
            "No questionnaire from before could be matched with one from after, so no change can "
            "be shown. Ask for the personal code in both waves, and check the matching in the "
            "data-quality report."
        )
    )


def change_chart(bundle: Bundle) -> Content:
    """Averages before and after with intervals, for outcomes in points."""
    t = r.speak(bundle)
    reason = no_change_reason(bundle)
    if reason:
        return r.empty(reason)
    if _all_hidden(bundle):
        text = N_("What changed is hidden for all outcomes, to protect the people who answered.")
        return r.empty(t.text(text))
    chart = before_after_chart(bundle, change_scales(bundle)[:MOST_ROWS], t)
    if chart is None:
        text = N_("Averages before and after are not drawn: there are none that may be shown.")
        return r.empty(t.text(text))
    return chart


def _all_hidden(bundle: Bundle) -> bool:
    return all(r.hidden(change_of(bundle, scale)) for scale in change_scales(bundle))


def before_after_chart(
    bundle: Bundle, scales: list[Mapping[str, Any]], t: Translator
) -> Chart | None:
    """The dumbbell chart of some scales; ``None`` when none of them can be drawn."""
    drawn = [_drawn(bundle, scale) for scale in scales if scale.get("unit") != "count"]
    if not any(row.before and row.after for row in drawn):
        return None
    before, after = r.wave(bundle, "pre"), r.wave(bundle, "post")
    names = WaveNames(
        before=str(before["label"]) if before else t.text(N_("Before")),
        after=str(after["label"]) if after else t.text(N_("After")),
        basis=_basis(bundle, scales, t),
    )
    title = t.text(N_("How did participants answer before and after?"))
    return dumbbell_chart("before-after", drawn, names, title, t)


def _basis(bundle: Bundle, scales: list[Mapping[str, Any]], t: Translator) -> str:
    """Whose averages are drawn, and what n counts."""
    if not is_linked(bundle):
        text = N_("Averages of everyone who answered that time; n counts all of them together.")
    elif _all_matched(bundle, scales):
        text = N_("Averages of the people who answered both times; n is their number.")
    else:
        text = N_(
            "Averages of everyone who answered that time; n is the number of people who answered "
            "both times."
        )
    return t.text(text)


def _all_matched(bundle: Bundle, scales: list[Mapping[str, Any]]) -> bool:
    """Whether the averages before and after are those of the matched people, for all outcomes."""
    return all(r.pair_mean(bundle, str(scale["scale_id"]), "pre") for scale in scales)


def means(bundle: Bundle, scale_id: str, partnership: str = "") -> tuple[Row | None, Row | None]:
    """Averages before and after: of the matched people, or of everyone who answered the wave."""
    pair = (
        r.pair_mean(bundle, scale_id, "pre", partnership),
        r.pair_mean(bundle, scale_id, "post", partnership),
    )
    if all(pair):
        return pair
    found = []
    for kind in ("pre", "post"):
        wave = r.wave(bundle, kind)
        where = {"outcome": scale_id, "estimand": "mean", "arm": "participant"}
        at = {**where, "wave": str(wave["wave_id"]) if wave else ""}
        found.append(
            r.first(bundle, {**at, **({"partnership": partnership} if partnership else {})})
        )
    return found[0], found[1]


def _drawn(bundle: Bundle, scale: Mapping[str, Any]) -> BeforeAfter:
    scale_id = str(scale["scale_id"])
    before, after = means(bundle, scale_id)
    change = change_of(bundle, scale)
    hide = r.hidden(change) or r.hidden(before) or r.hidden(after)
    return BeforeAfter(
        label=r.short(scale),
        n=None if hide or change is None else int(number(change, "n") or 0),
        before=None if hide else _mean(before),
        after=None if hide else _mean(after),
        lower_is_better=scale.get("direction") == "worse",
    )


def _mean(row: Row | None) -> Mean | None:
    estimate = r.value(row)
    if row is None or estimate is None:
        return None
    return Mean(estimate=estimate, low=r.value(row, "conf_low"), high=r.value(row, "conf_high"))


def change_table(bundle: Bundle) -> Content:
    """Before, after, change with interval, people and reading; and how large the changes are."""
    t = r.speak(bundle)
    scales = change_scales(bundle)
    if not any(r.value(change_of(bundle, scale)) is not None for scale in scales):
        return Text(blocks=())
    table = Table(
        id="tab-change",
        caption=t.text(
            N_("Change from before to after")
            if is_linked(bundle)
            else N_("Before and after, asked of different people")
        ),
        columns=r.columns(
            t,
            ("label", N_("Outcome")),
            ("n", N_("People"), "count", 0),
            ("before", N_("Before"), "number", 1),
            ("after", N_("After"), "number", 1),
            ("change", N_("Change") if is_linked(bundle) else N_("Difference"), "signed", 1),
            ("low", N_("Interval from"), "signed", 1),
            ("high", N_("Interval to"), "signed", 1),
            ("reading", N_("Reading")),
        ),
        rows=tuple(_change_record(bundle, scale, t) for scale in scales),
        note=_change_note(bundle, scales, t),
    )
    return tuple(one for one in (table, _sizes_table(bundle, scales, t)) if one is not None)


def _change_record(bundle: Bundle, scale: Mapping[str, Any], t: Translator) -> dict[str, Any]:
    row = change_of(bundle, scale)
    before, after = means(bundle, str(scale["scale_id"]))
    return {
        **_numbers(row),
        "label": labelled(scale, t),
        "before": r.cell(before),
        "after": r.cell(after),
        "reading": reading(row, scale, t),
    }


def _numbers(row: Row | None) -> dict[str, Any]:
    return {
        "n": Withheld() if r.hidden(row) else number(row, "n") if row else None,
        "change": r.cell(row),
        "low": r.cell(row, "conf_low"),
        "high": r.cell(row, "conf_high"),
    }


def _change_note(bundle: Bundle, scales: list[Mapping[str, Any]], t: Translator) -> str:
    parts = []
    if is_linked(bundle) and not _all_matched(bundle, scales):
        parts.append(
            t.text(
                N_(
                    "Before and After are averages of everyone who answered that wave; Change is "
                    "of the people who answered both times, so it need not be the difference of "
                    "the two."
                )
            )
        )
    shown = [row for scale in scales if (row := change_of(bundle, scale)) and r.value(row)]
    parts += [reading_note(t), levels_sentence(shown, t), chance_note(len(shown), t)]
    return " ".join(part for part in parts if part)


def _sizes_table(bundle: Bundle, scales: list[Mapping[str, Any]], t: Translator) -> Table | None:
    """The change in units of spread, and how many people's answers moved which way."""
    records = [record for scale in scales if (record := _size_record(bundle, scale, t))]
    if not records:
        return None
    table = Table(
        id="tab-better-worse",
        caption=t.text(N_("How large the changes are, and whose answers moved")),
        columns=r.columns(
            t,
            ("label", N_("Outcome")),
            ("n", N_("People"), "count", 0),
            ("d", N_("Change in SD"), "signed", 2),
            ("improved", N_("Better"), "percent", 0),
            ("unchanged", N_("About the same"), "percent", 0),
            ("worse", N_("Worse"), "percent", 0),
        ),
        rows=tuple(records),
        note=t.text(
            N_(
                "Change in SD: the change divided by the usual spread of the answers, so that "
                "scales can be compared (d_av). Better and Worse mean a move of at least the size "
                "set as worth having, or where none was set, of half the usual spread of the "
                "answers before."
            )
        ),
    )
    filled = r.shown(table)
    return r.without_empty_columns(filled) if filled else None


def _size_record(bundle: Bundle, scale: Mapping[str, Any], t: Translator) -> dict[str, Any]:
    scale_id = str(scale["scale_id"])
    parts = {
        part: r.first(bundle, {"outcome": scale_id, "estimand": f"post-pre|{part}"})
        for part in ("improved", "unchanged", "worse")
    }
    spread = r.first(bundle, {"outcome": scale_id, "estimand": "post-pre", "method": "d_av_bonett"})
    base = next((row for row in (*parts.values(), spread) if row), None)
    if base is None:
        return {}
    hide = any(r.hidden(row) for row in parts.values())
    return {
        "label": labelled(scale, t),
        "n": Withheld() if hide else number(base, "n"),
        "d": r.cell(spread),
        **{part: Withheld() if hide else r.cell(row) for part, row in parts.items()},
    }


def change_findings(bundle: Bundle) -> Content:
    """Sentences about the main outcomes, what the design cannot show, and the later wave."""
    t = r.speak(bundle)
    scales = change_scales(bundle)
    if not scales or _all_hidden(bundle):
        return Text(blocks=())
    blocks: list[Block] = []
    if any(r.value(change_of(bundle, scale)) is not None for scale in scales):
        blocks.append(notice(_warning(bundle, t), "caution"))
    blocks += finding_blocks([change_finding(bundle, one, t) for one in told_scales(scales)], t)
    return (Text(blocks=tuple(blocks)), *_later(bundle, t))


FOLLOW_UP = {"estimand": "followup-pre", "method": r.PAIRED}


def _later(bundle: Bundle, t: Translator) -> tuple[Table | Text, ...]:
    """The follow-up: a table of all outcomes, sentences for the main ones."""
    found = {
        str(scale["scale_id"]): row
        for scale in r.outcomes(bundle, FOLLOW_UP)
        if (row := r.first(bundle, {**FOLLOW_UP, "outcome": str(scale["scale_id"])}))
    }
    scales = [r.scale_of(bundle, scale_id) for scale_id in found]
    shown = [row for row in found.values() if r.value(row) is not None]
    if not found:
        return ()
    if not shown:
        text = N_("Changes up to the later wave are hidden to protect the people who answered.")
        return (r.sentences(t.text(text)),)
    table = Table(
        id="tab-later",
        caption=t.text(N_("Change from before to the later wave")),
        columns=r.columns(
            t,
            ("label", N_("Outcome")),
            ("n", N_("People"), "count", 0),
            ("change", N_("Change"), "signed", 1),
            ("low", N_("Interval from"), "signed", 1),
            ("high", N_("Interval to"), "signed", 1),
            ("reading", N_("Reading")),
        ),
        rows=tuple(
            {
                "label": labelled(scale, t),
                **_numbers(found[str(scale["scale_id"])]),
                "reading": reading(found[str(scale["scale_id"])], scale, t),
            }
            for scale in scales
        ),
        note=levels_sentence(shown, t),
    )
    told = [
        finding(found[str(scale["scale_id"])], r.topic(scale), t) for scale in told_scales(scales)
    ]
    lead = paragraph(t.text(N_("Later on, compared with before:")))
    return (table, Text(blocks=(lead, *finding_blocks(told, t))))


def _warning(bundle: Bundle, t: Translator) -> str:
    if is_linked(bundle):
        return t.text(
            N_(
                "These are changes of the participants who answered both times. Why their answers "
                "changed cannot be seen from them alone: other things happened in the same months, "
                "and people who agree to answer twice may differ from others. The intervals are "
                "about these people, not about towns in general."
            )
        )
    return t.text(
        N_(
            "Different people were asked before and after. A difference may come from who "
            "answered, not from anyone changing."
        )
    )
