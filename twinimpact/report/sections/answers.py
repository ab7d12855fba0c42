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
from twinimpact.report.sections.comparability import town_levels
from twinimpact.report.sections.findings import labelled
from twinimpact.report.words import Row, number

NO_SCORES = N_("There are no scale scores that may be shown.")
Scale = Mapping[str, Any]
LOW_RELIABILITY = 0.6
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
        return r.empty(t.text(N_("Questionnaires came in; their numbers are hidden.")))
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
            t.text(N_("How many questionnaires were matched is hidden to protect people."))
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
            "{share} of the participants' questionnaires before and after could be matched by the "
            "personal code (of {base}, the number in the smaller of the two waves)."
        ),
        values,
    )


def told_waves(bundle: Bundle, where: r.Where) -> dict[str, str]:
    """Outcome to the wave of which its answers are told.

    That is the wave after the exchange, which has the most people; where its numbers are hidden,
    the latest wave whose numbers may be shown.
    """
    place = {str(wave["wave_id"]): n for n, wave in enumerate(bundle.waves)}
    after = {str(wave["wave_id"]) for wave in bundle.waves if wave["kind"] == "post"}
    told: dict[str, tuple[bool, bool, int]] = {}
    waves: dict[str, str] = {}
    for row in r.select(bundle, where):
        wave, outcome = str(row["wave"]), str(row["outcome"])
        rank = (not r.hidden(row), wave in after, place.get(wave, -1))
        if outcome not in told or rank > told[outcome]:
            told[outcome], waves[outcome] = rank, wave
    return waves


ANSWERED: r.Where = {"estimand": "count", "dimension": "answer"}


def _question_groups(bundle: Bundle) -> dict[str, dict[AnswerScale, list[Answers]]]:
    """Questions by the wave told, grouped by the answers they offer, in the catalogue's order."""
    told = told_waves(bundle, ANSWERED)
    by_item: dict[str, list[Row]] = {}
    for row in r.select(bundle, ANSWERED):
        if str(row["wave"]) == told[str(row["outcome"])]:
            by_item.setdefault(str(row["outcome"]), []).append(row)
    found: dict[str, dict[AnswerScale, list[Answers]]] = {}
    in_scales = [str(item) for scale in bundle.scales for item in scale.get("items") or ()]
    for item_id in dict.fromkeys([*in_scales, *bundle.items]):
        item = bundle.items.get(item_id)
        if item is None:
            continue
        steps = int(item["hi"]) - int(item["lo"]) + 1
        if item_id in by_item and 3 <= steps <= MOST_STEPS:
            groups = found.setdefault(told[item_id], {})
            groups.setdefault(_answer_scale(item), []).append(_answers(item, by_item[item_id]))
    order = [str(wave["wave_id"]) for wave in bundle.waves]
    return dict(sorted(found.items(), key=lambda pair: order.index(pair[0])))


def _charts(bundle: Bundle) -> tuple[Chart, ...]:
    t = r.speak(bundle)
    parts = [
        (wave, scale, part)
        for wave, groups in _question_groups(bundle).items()
        for scale, questions in _merge(groups)
        for part in _parts([one for one in questions if one.counts is not None])
    ]
    # large ones first, so that charts of a few questions share a page
    parts.sort(key=lambda one: -len(one[2]))
    asked = N_("What did participants answer? {wave}")
    numbered = N_("{title} ({number} of {all})")
    charts = []
    for place, (wave, scale, part) in enumerate(parts, start=1):
        title = t.text(asked, {"wave": r.wave_label(bundle, wave)})
        if len(parts) > 1:
            title = t.text(numbered, {"title": title, "number": place, "all": len(parts)})
        name = f"answers-{place:02d}"
        charts.append(answers_chart(name, part, scale, title, t, again=place > 1))
    return tuple(charts)


def answers_charts(bundle: Bundle) -> Content:
    """Diverging bars of the answers, each question of the wave told."""
    t = r.speak(bundle)
    charts = _charts(bundle)
    left_out = sum(
        one.counts is None
        for groups in _question_groups(bundle).values()
        for questions in groups.values()
        for one in questions
    )
    if charts and left_out:
        text = t.plural(
            "The answers to {count} question are not drawn, because numbers in them are hidden.",
            "The answers to {count} questions are not drawn, because numbers in them are hidden.",
            left_out,
        )
        return (*charts, r.sentences(text))
    if charts:
        return charts
    return r.empty(
        t.text(
            N_(
                "There are no answers to draw: participants answered no questions with ordered "
                "answers, or the numbers are hidden."
            )
        )
    )


def _merge(
    groups: Mapping[AnswerScale, Sequence[Answers]],
) -> list[tuple[AnswerScale, list[Answers]]]:
    """Groups of the same range drawn together when their ends have different names.

    Questions on 0–10 with ends of their own share a chart; the names of the ends then stand in
    the data table instead of the legend.
    """
    ranges: dict[tuple[int, int, tuple[tuple[int, str], ...]], list[AnswerScale]] = {}
    for scale in groups:
        ranges.setdefault((scale.lo, scale.hi, scale.anchors), []).append(scale)
    merged = []
    for (lo, hi, anchors), scales in ranges.items():
        if len(scales) == 1:
            merged.append((scales[0], list(groups[scales[0]])))
            continue
        together = [
            replace(one, low=scale.low_label, high=scale.high_label)
            for scale in scales
            for one in groups[scale]
        ]
        merged.append((AnswerScale(lo=lo, hi=hi, anchors=anchors), together))
    return merged


def _parts(questions: Sequence[Answers]) -> list[Sequence[Answers]]:
    if not questions:
        return []
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
    """Means of all scales with interval, people and reliability, each of the wave told."""
    t = r.speak(bundle)
    where = {"estimand": "mean", "arm": "participant"}
    scales = r.outcomes(bundle, where)
    told = told_waves(bundle, where)
    if not scales or not told:
        return _no_scores(bundle, t)
    records = [
        record
        for scale in scales
        if (record := _mean_record(bundle, scale, told[str(scale["scale_id"])], t))["n"] is not None
    ]
    waves = [str(wave["wave_id"]) for wave in bundle.waves if wave["wave_id"] in told.values()]
    several = len(waves) > 1
    table = Table(
        id="tab-scales",
        caption=t.text(N_("Average scores of participants"))
        if several
        else t.text(
            N_("Average scores of participants: {wave}"), {"wave": r.wave_label(bundle, waves[0])}
        ),
        columns=r.columns(
            t,
            ("label", N_("Scale")),
            *((("wave", N_("Asked")),) if several else ()),
            ("n", N_("People"), "count", 0),
            ("mean", N_("Average"), "number", 1),
            ("low", N_("Interval from"), "number", 1),
            ("high", N_("Interval to"), "number", 1),
            ("alpha", N_("Reliability"), "number", 2),
        ),
        rows=tuple(records),
        note=_scales_note(scales, records, t),
    )
    filled = r.shown(table)
    if filled is None:
        return _no_scores(bundle, t)
    return (r.without_empty_columns(filled), *town_levels(bundle, t))


def _no_scores(bundle: Bundle, t: Translator) -> Text:
    """Why there are no scores; nothing where the charts have already said that nothing is shown."""
    return r.empty(t.text(NO_SCORES)) if _charts(bundle) else Text(blocks=())


def _scales_note(
    scales: Sequence[Scale], records: Sequence[Mapping[str, Any]], t: Translator
) -> str:
    """How to read scores and reliability, and which reliabilities are low."""
    counted = any(scale.get("unit") == "count" for scale in scales)
    parts = [
        N_("Scores run from 0 to 100, except numbers of people, which are plain counts.")
        if counted
        else N_("Scores run from 0 to 100.")
    ]
    known = [one for one in records if isinstance(one["alpha"], float)]
    if known:
        parts.append(
            N_(
                "Reliability says how well the questions of a scale go together, from 0 to 1 "
                "(Cronbach's alpha); it needs at least two questions and 30 people, and is worked "
                "out from everyone who answered."
            )
        )
    low = [str(one["label"]) for one in known if one["alpha"] < LOW_RELIABILITY]
    texts = [t.text(part) for part in parts]
    if low:
        values = {"scales": t.listing(low), "limit": t.number(LOW_RELIABILITY, 2)}
        texts.append(
            t.text(
                N_(
                    "Low reliability (below {limit}): {scales}. The questions of these scales do "
                    "not go together well, so read their averages with care."
                ),
                values,
            )
        )
    return " ".join(texts)


def _mean_record(
    bundle: Bundle, scale: Mapping[str, Any], wave: str, t: Translator
) -> dict[str, Any]:
    at = {"outcome": str(scale["scale_id"]), "wave": wave}
    mean = r.first(bundle, {**at, "estimand": "mean", "arm": "participant"})
    alpha = r.first(bundle, {**at, "estimand": "alpha"})
    hidden = Withheld() if r.hidden(mean) else None
    return {
        "label": labelled(scale, t),
        "wave": r.wave_label(bundle, wave),
        "n": hidden or (number(mean, "n") if mean else None),
        "mean": r.cell(mean),
        "low": r.cell(mean, "conf_low"),
        "high": r.cell(mean, "conf_high"),
        "alpha": r.cell(alpha) or Withheld(reason="not_estimable"),
    }
