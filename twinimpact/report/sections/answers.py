"""Who answered, and what they said in the latest wave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from twinimpact.bundle import Bundle
from twinimpact.language import N_, Translator
from twinimpact.report import labels
from twinimpact.report.content import Chart, Content, Table, Text, Withheld, paragraph
from twinimpact.report.figures_answers import MOST_STEPS, Answers, AnswerScale, answers_chart
from twinimpact.report.sections import rows as r
from twinimpact.report.words import Row, number

NO_SCORES = N_("There are no scale scores: too few answers to the questions of any scale.")
MOST_QUESTIONS = 10
"""Questions in one chart; more make a second one, so that each fits a page."""


def responses(bundle: Bundle) -> Content:
    """Questionnaires by wave and group, and how many could be linked across waves."""
    t = r.speak(bundle)
    counts = r.in_wave_order(bundle, r.select(bundle, {"outcome": "Q01", "estimand": "responses"}))
    if not counts:
        return r.empty(t.text(r.NOTHING_ANSWERED))
    table = Table(
        id="tab-responses",
        caption=t.text(N_("Questionnaires by wave and group")),
        columns=r.columns(
            t,
            ("wave", N_("Wave")),
            ("arm", N_("Group")),
            ("count", N_("Questionnaires"), "count", 0),
        ),
        rows=tuple(
            {
                "wave": r.wave_label(bundle, str(row["wave"])),
                "arm": labels.name_of("arm", str(row["arm"]), t),
                "count": r.cell(row),
            }
            for row in counts
        ),
    )
    filled = r.shown(table)
    if filled is None:
        return r.empty(t.text(N_("Questionnaires came in, but too few to give their numbers.")))
    return (filled, _linking(bundle, t))


def _linking(bundle: Bundle, t: Translator) -> Text:
    """What the matching of questionnaires means for the reader."""
    rate = r.match_row(bundle, "match_rate")
    if len(bundle.waves) < 2:
        return r.sentences(
            t.text(N_("People were asked once, so no questionnaires had to be matched."))
        )
    if r.hidden(rate):
        return r.sentences(
            t.text(N_("How many questionnaires were matched is hidden: too few people answered."))
        )
    if rate is None or not r.value(rate):
        return r.sentences(
            t.text(
                N_(
                    "Questionnaires of the same person could not be matched between the waves. "
                    "Please ask for the personal code in every wave."
                )
            )
        )
    blocks = [paragraph(_match_sentence(rate, t))]
    blocks.append(
        paragraph(
            t.text(
                N_(
                    "Change is calculated from matched questionnaires only. People who could not "
                    "be matched may differ from those who could."
                )
            )
        )
    )
    return Text(blocks=tuple(blocks))


def _match_sentence(row: Row, t: Translator) -> str:
    values = {
        "share": t.percent(r.value(row)),
        "base": t.integer(number(row, "denominator") or 0),
    }
    return t.text(
        N_(
            "{share} of the participants who could have answered both times were recognised by "
            "their personal code (of {base}, the smaller number of the two waves)."
        ),
        values,
    )


def latest_wave(bundle: Bundle) -> str:
    """The last wave in which participants answered questions; empty without any."""
    answered = {
        str(row["wave"]) for row in r.select(bundle, {"estimand": "count", "dimension": "answer"})
    }
    found = [str(wave["wave_id"]) for wave in bundle.waves if wave["wave_id"] in answered]
    return found[-1] if found else ""


def _question_groups(bundle: Bundle, wave: str) -> dict[AnswerScale, list[Answers]]:
    """Questions of a wave, grouped by the answers they offer, in the order of the catalogue."""
    where = {"estimand": "count", "dimension": "answer", "wave": wave}
    by_item: dict[str, list[Row]] = {}
    for row in r.select(bundle, where):
        by_item.setdefault(str(row["outcome"]), []).append(row)
    groups: dict[AnswerScale, list[Answers]] = {}
    in_scales = [str(item) for scale in bundle.scales for item in scale.get("items") or ()]
    for item_id in dict.fromkeys([*in_scales, *bundle.items]):
        item = bundle.items.get(item_id)
        if item is None:
            continue
        steps = int(item["hi"]) - int(item["lo"]) + 1
        if item_id in by_item and 3 <= steps <= MOST_STEPS:
            scale = _answer_scale(item)
            groups.setdefault(scale, []).append(_answers(item, by_item[item_id]))
    return groups


def _charts(bundle: Bundle) -> tuple[Chart, ...]:
    t = r.speak(bundle)
    wave = latest_wave(bundle)
    groups = _question_groups(bundle, wave) if wave else {}
    merged = [
        (scale, [one for one in questions if one.counts is not None])
        for scale, questions in _merge(groups)
    ]
    charts: list[Chart] = []
    for scale, questions in merged:
        for part in _parts(questions) if questions else ():
            title = t.text(
                N_("What did participants answer? {wave}"), {"wave": r.wave_label(bundle, wave)}
            )
            name = f"answers-{len(charts) + 1:02d}"
            charts.append(answers_chart(name, part, scale, title, t))
    return tuple(charts)


def answers_charts(bundle: Bundle) -> Content:
    """Diverging bars of the answers of the latest wave."""
    t = r.speak(bundle)
    charts = _charts(bundle)
    wave = latest_wave(bundle)
    left_out = sum(
        one.counts is None
        for questions in _question_groups(bundle, wave).values()
        for one in questions
    )
    if charts and left_out:
        text = t.plural(
            "The answers to {count} question are not drawn: a small number in them is hidden.",
            "The answers to {count} questions are not drawn: a small number in them is hidden.",
            left_out,
        )
        return (*charts, r.sentences(text))
    if charts:
        return charts
    return r.empty(
        t.text(
            N_(
                "There are no answers to draw: no questions with ordered answers were answered by "
                "participants, or too few answered to be shown."
            )
        )
    )


def _merge(
    groups: Mapping[AnswerScale, Sequence[Answers]],
) -> list[tuple[AnswerScale, list[Answers]]]:
    """Groups of the same range drawn together when their ends have different names.

    Questions on 0–10 with item-specific ends share a chart; the names of the ends then go
    into the row instead of the legend.
    """
    ranges: dict[tuple[int, int, tuple[tuple[int, str], ...]], list[AnswerScale]] = {}
    for scale in groups:
        ranges.setdefault((scale.lo, scale.hi, scale.anchors), []).append(scale)
    merged = []
    for (lo, hi, anchors), scales in ranges.items():
        if len(scales) == 1:
            merged.append((scales[0], list(groups[scales[0]])))
            continue
        together = [replace(one, ends=_ends(scale)) for scale in scales for one in groups[scale]]
        merged.append((AnswerScale(lo=lo, hi=hi, anchors=anchors), together))
    return merged


def _ends(scale: AnswerScale) -> str:
    if not scale.low_label or not scale.high_label:
        return ""
    return f"{scale.lo}: {scale.low_label}; {scale.hi}: {scale.high_label}"


def _parts(questions: Sequence[Answers]) -> list[Sequence[Answers]]:
    count = -(-len(questions) // MOST_QUESTIONS)
    size = -(-len(questions) // count)
    return [questions[start : start + size] for start in range(0, len(questions), size)]


def _answer_scale(item: Mapping[str, Any]) -> AnswerScale:
    anchors = item.get("anchors") or {}
    complete = len(anchors) == int(item["hi"]) - int(item["lo"]) + 1
    return AnswerScale(
        lo=int(item["lo"]),
        hi=int(item["hi"]),
        low_label="" if complete else str(item.get("low_label") or ""),
        high_label="" if complete else str(item.get("high_label") or ""),
        anchors=tuple(sorted((int(code), str(name)) for code, name in anchors.items())),
    )


def _answers(item: Mapping[str, Any], found: Sequence[Row]) -> Answers:
    if any(r.hidden(row) for row in found):
        bases = {number(row, "denominator") for row in found if not r.hidden(row)}
        known = next((int(base) for base in bases if base is not None), None)
        return Answers(label=str(item["label"]), n=known, counts=None)
    counts = {int(float(str(row["group"]))): int(number(row, "estimate") or 0) for row in found}
    return Answers(label=str(item["label"]), n=sum(counts.values()), counts=counts)


def scale_means(bundle: Bundle) -> Content:
    """Means of all scales in the latest wave with interval, people and reliability."""
    t = r.speak(bundle)
    where = {"estimand": "mean", "arm": "participant"}
    scales = r.outcomes(bundle, where)
    waves = {str(row["wave"]) for row in r.select(bundle, where)}
    ordered = [str(wave["wave_id"]) for wave in bundle.waves if wave["wave_id"] in waves]
    if not scales or not ordered:
        return r.empty(t.text(NO_SCORES))
    wave = ordered[-1]
    records = [
        record
        for scale in scales
        if (record := _mean_record(bundle, scale, wave, t))["n"] is not None
    ]
    table = Table(
        id="tab-scales",
        caption=t.text(
            N_("Average scores of participants: {wave}"), {"wave": r.wave_label(bundle, wave)}
        ),
        columns=r.columns(
            t,
            ("label", N_("Scale")),
            ("n", N_("People"), "count", 0),
            ("mean", N_("Average"), "number", 1),
            ("low", N_("Interval from"), "number", 1),
            ("high", N_("Interval to"), "number", 1),
            ("alpha", N_("Reliability"), "number", 2),
        ),
        rows=tuple(records),
        note=t.text(
            N_(
                "Scores run from 0 to 100, except numbers of friends or contacts. Reliability "
                "(Cronbach's alpha) says how well the questions of a scale go together, from 0 to "
                "1; it needs at least 30 people and two questions."
            )
        ),
    )
    filled = r.shown(table)
    if filled is None:
        return r.empty(t.text(NO_SCORES))
    towns = _town_levels(bundle, t)
    return (filled, towns) if towns else filled


def _town_levels(bundle: Bundle, t: Translator) -> Table | None:
    """Averages of each town where people were asked once."""
    found = r.select(bundle, {"estimand": "mean|single", "town": "any"})
    if not found:
        return None
    names = {scale["scale_id"]: r.short(scale) for scale in bundle.scales}
    return r.shown(
        Table(
            id="tab-towns",
            caption=t.text(N_("Average scores by town")),
            columns=r.columns(
                t,
                ("label", N_("Scale")),
                ("town", N_("Town")),
                ("n", N_("People"), "count", 0),
                ("mean", N_("Average"), "number", 1),
            ),
            rows=tuple(
                {
                    "label": names.get(row["outcome"], row["outcome"]),
                    "town": r.town_name(bundle, str(row["town"])),
                    "n": Withheld() if r.hidden(row) else number(row, "n"),
                    "mean": r.cell(row),
                }
                for row in found
            ),
            note=t.text(
                N_(
                    "People in different places and languages use answer scales differently, so "
                    "the towns are described side by side and not compared."
                )
            ),
        )
    )


def _mean_record(
    bundle: Bundle, scale: Mapping[str, Any], wave: str, t: Translator
) -> dict[str, Any]:
    at = {"outcome": str(scale["scale_id"]), "wave": wave}
    mean = r.first(bundle, {**at, "estimand": "mean", "arm": "participant"})
    alpha = r.first(bundle, {**at, "estimand": "alpha"})
    label = r.short(scale)
    if scale.get("direction") == "worse":
        label = t.text(N_("{label} – lower is better"), {"label": label})
    hidden = Withheld() if r.hidden(mean) else None
    return {
        "label": label,
        "n": hidden or (number(mean, "n") if mean else None),
        "mean": r.cell(mean),
        "low": r.cell(mean, "conf_low"),
        "high": r.cell(mean, "conf_high"),
        "alpha": r.cell(alpha) or Withheld(reason="not_estimable"),
    }
