"""Charts: what is drawn, what is written beside it, and that long names fit."""

from __future__ import annotations

import datetime as dt
import html
import json
from collections.abc import Sequence
from typing import Any

import pytest

from twinimpact.language import translator
from twinimpact.report import figures as f
from twinimpact.report.checks import decode_arrays
from twinimpact.report.content import Chart, Withheld
from twinimpact.report.figures_activity import Bar, Event, bars_chart, timeline_chart
from twinimpact.report.figures_answers import Answers, AnswerScale, answers_chart, bands
from twinimpact.report.figures_dumbbell import BeforeAfter, Mean, WaveNames, dumbbell_chart
from twinimpact.report.figures_forest import ForestRow, forest_chart

ENGLISH = translator("en")
LONG = "Neustadt an der Langen Wasserscheide – Saint-Martin-sur-Loire"
ELEVEN = AnswerScale(lo=0, hi=10, low_label="not at all", high_label="entirely")
COUNTS = {0: 2, 1: 2, 2: 4, 3: 4, 4: 2, 5: 10, 6: 4, 7: 8, 8: 4, 9: 6, 10: 4}
WAVES = WaveNames(before="Before", after="After")


def answers(*entries: Answers, scale: AnswerScale = ELEVEN) -> Chart:
    return answers_chart("answers", entries, scale, "What did people answer?", ENGLISH)


def outcome(label: str = "Trust", *, known: bool = True) -> BeforeAfter:
    if not known:
        return BeforeAfter(label=label, n=None, before=None, after=None)
    before = Mean(estimate=60.0, low=55.0, high=65.0)
    return BeforeAfter(label=label, n=43, before=before, after=Mean(estimate=68.0))


def dumbbell(*rows: BeforeAfter) -> Chart:
    return dumbbell_chart("change", rows, WAVES, "Before and after?", ENGLISH)


def forest(*rows: ForestRow, sesoi: float | None = 5.0) -> Chart:
    return forest_chart("forest", rows, sesoi, "How much change?", ENGLISH)


def event(day: dt.date, **changes: Any) -> Event:
    values: dict[str, Any] = {
        "title": "Visit", "kind": "Official visit", "host": "Linden", "start": day, "end": day,
        "planned": False, "status": "held",
    } | changes  # fmt: skip
    return Event(**values)


def timeline(*events: Event, as_of: dt.date | None = None) -> Chart:
    return timeline_chart("timeline", events, "When did the towns meet?", as_of, ENGLISH)


def countries(*bars: Bar) -> Chart:
    return bars_chart("countries", bars, "From where?", ("Country", "Participations"), ENGLISH)


def every_chart(label: str) -> list[Chart]:
    return [
        answers(Answers(label=label, n=50, counts=COUNTS)),
        dumbbell(outcome(label)),
        forest(ForestRow(label=label, state="ok", n=43, estimate=4.0, low=1.0, high=7.0)),
        timeline(event(dt.date(2025, 3, 1), kind=label, host=label)),
        countries(Bar(label=label, value=12.0)),
    ]


def traces(chart: Chart) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = chart.figure["data"]
    return listed


def texts(chart: Chart) -> str:
    return json.dumps(chart.figure["layout"].get("annotations", []), ensure_ascii=False)


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_0_to_10_is_drawn_in_five_bands_that_are_symmetrical_about_5() -> None:
    assert [band.codes for band in bands(ELEVEN)] == [
        (0, 1), (2, 3, 4), (5,), (6, 7, 8), (9, 10),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("lo", "hi", "sizes"),
    [
        (1, 3, [1, 1, 1]),
        (1, 4, [1, 1, 1, 1]),
        (1, 5, [1, 1, 1, 1, 1]),
        (1, 7, [1, 2, 1, 2, 1]),
        (1, 10, [2, 3, 3, 2]),
    ],
)
def test_bands_cover_every_answer_once_and_are_symmetrical(
    lo: int, hi: int, sizes: Sequence[int]
) -> None:
    made = bands(AnswerScale(lo=lo, hi=hi))
    assert [len(band.codes) for band in made] == sizes
    assert [code for band in made for code in band.codes] == list(range(lo, hi + 1))


def test_ranges_that_are_no_answer_scale_are_refused() -> None:
    for hi in (1, 100):
        with pytest.raises(ValueError, match="cannot be drawn"):
            bands(AnswerScale(lo=0, hi=hi))


def test_the_middle_band_is_split_over_zero_and_shares_add_up_to_one() -> None:
    chart = answers(Answers(label="How?", n=50, counts=COUNTS))
    middle = traces(chart)[2]
    assert middle["base"] == [-0.1]
    assert middle["x"] == [0.2]
    assert sum(trace["x"][0] for trace in traces(chart)) == pytest.approx(1.0)


def test_shares_below_6_percent_carry_no_number() -> None:
    chart = answers(Answers(label="How?", n=100, counts={0: 5, 5: 6, 10: 89}))
    written = [trace["text"] for trace in traces(chart)]
    assert written == [[""], [""], ["6"], [""], ["89"]]


def test_a_hidden_question_is_a_word_and_no_bar() -> None:
    chart = answers(
        Answers(label="How?", n=50, counts=COUNTS), Answers(label="Why?", n=None, counts=None)
    )
    assert all(len(trace["x"]) == 1 for trace in traces(chart))
    assert "hidden" in texts(chart)
    assert isinstance(chart.data.rows[1]["band_0"], Withheld)


def test_a_hidden_outcome_is_a_word_and_no_mark() -> None:
    chart = dumbbell(outcome(), outcome("Warmth", known=False))
    assert [len(trace["x"]) for trace in traces(chart)] == [1, 1]
    assert "hidden" in texts(chart)


def test_before_is_an_open_circle_and_after_a_filled_diamond_on_the_full_scale() -> None:
    chart = dumbbell(outcome())
    before, after = traces(chart)
    assert (before["marker"]["symbol"], before["marker"]["color"]) == ("circle", "#ffffff")
    assert after["marker"]["symbol"] == "diamond"
    assert before["error_x"]["array"] == [5.0]
    low, high = chart.figure["layout"]["xaxis"]["range"]
    assert low <= 0 and high >= 100


def test_lower_is_better_is_written_in_the_label() -> None:
    row = BeforeAfter(
        label="Unease", n=20, before=Mean(estimate=40), after=Mean(estimate=30),
        lower_is_better=True,
    )  # fmt: skip
    assert "lower is better" in json.dumps(dumbbell(row).figure["layout"]["yaxis"])


def test_small_partnerships_are_described_only_and_not_drawn() -> None:
    chart = forest(
        ForestRow(label="A", state="ok", n=43, estimate=6.0, low=2.0, high=10.0),
        ForestRow(label="B", state="described", n=8, estimate=4.0),
        ForestRow(label="C", state="hidden"),
    )
    assert traces(chart)[0]["x"] == [6.0]
    assert "described only" in texts(chart)
    assert chart.data.rows[1]["estimate"] is None
    assert isinstance(chart.data.rows[2]["estimate"], Withheld)
    assert "Described only: fewer than 10 people" in chart.caption


def test_the_forest_keeps_the_given_order_and_has_a_visible_zero_line() -> None:
    names = ("B", "A", "C")
    rows = [
        ForestRow(label=name, state="ok", n=40, estimate=size, low=size - 2, high=size + 2)
        for name, size in zip(names, (1.0, 9.0, -3.0), strict=True)
    ]
    chart = forest(*rows)
    assert [row["label"] for row in chart.data.rows] == list(names)
    lines = [s for s in chart.figure["layout"]["shapes"] if s["type"] == "line"]
    assert any(line["x0"] == 0 and line["line"]["width"] > 0 for line in lines)


def test_one_day_events_stay_visible_in_a_timeline_of_many_years() -> None:
    chart = timeline(event(dt.date(2005, 3, 1)), event(dt.date(2025, 3, 1)))
    days = (dt.date(2025, 3, 1) - dt.date(2005, 3, 1)).days * 86_400_000
    assert min(traces(chart)[0]["x"]) > days / 100


def test_planned_events_are_outlines() -> None:
    chart = timeline(
        event(dt.date(2025, 3, 1)),
        event(dt.date(2026, 9, 1), planned=True, status="planned"),
        as_of=dt.date(2026, 1, 1),
    )
    assert traces(chart)[1]["marker"]["color"] == "#ffffff"
    assert "Outlined bars" in chart.caption
    assert "dotted line" in chart.caption


def test_many_hosting_towns_never_run_out_of_colours() -> None:
    events = [event(dt.date(2025, 1 + place, 1), host=f"Town {place}") for place in range(11)]
    chart = timeline(*events)
    colours = [trace["marker"]["color"] for trace in traces(chart)]
    assert len(colours) == len(set(colours)) <= 6


def test_a_hidden_count_is_the_word_and_not_a_bar_of_length_zero() -> None:
    chart = countries(Bar(label="Germany", value=40.0), Bar(label="Austria", value=None))
    assert traces(chart)[0]["x"] == [40.0]
    assert "hidden" in texts(chart)
    assert "Hidden: not shown" in chart.caption


@pytest.mark.parametrize("chart", every_chart(LONG), ids=lambda chart: chart.id)
def test_names_of_60_characters_have_room(chart: Chart) -> None:
    layout = chart.figure["layout"]
    lines = [
        html.unescape(line)
        for label in layout["yaxis"]["ticktext"]
        for line in label.replace("<b>", "").replace("</b>", "").split("<br>")
    ]
    assert max(map(len, lines)) <= f.LABEL_CHARACTERS
    assert layout["margin"]["l"] >= max(map(len, lines)) * 6.5
    assert chart.height == layout["height"] and chart.width == layout["width"]
    assert chart.width - layout["margin"]["l"] - layout["margin"]["r"] > 250


@pytest.mark.parametrize("chart", every_chart("Trust"), ids=lambda chart: chart.id)
def test_every_chart_has_its_words_and_its_data(chart: Chart) -> None:
    assert 60 <= len(chart.alt) <= 300
    assert chart.caption.endswith(".")
    assert chart.data.id == chart.id.replace("fig-", "tab-", 1)
    assert chart.data.rows
    assert chart.figure["layout"]["title"]["text"].startswith("<b>")


@pytest.mark.parametrize("chart", every_chart("Trust"), ids=lambda chart: chart.id)
def test_figures_are_plain_json_without_base64_and_without_the_network(chart: Chart) -> None:
    written = json.dumps(chart.figure, allow_nan=False)
    assert "bdata" not in written
    assert decode_arrays(chart.figure) == json.loads(written)
    assert "http" not in written
    assert not {"geo", "map", "mapbox"} & set(chart.figure["layout"])


@pytest.mark.parametrize(
    "chart", every_chart("<b>x</b><a href='https://a'>y</a>"), ids=lambda chart: chart.id
)
def test_markup_in_names_stays_text(chart: Chart) -> None:
    assert "<a href" not in json.dumps(chart.figure)


def test_equal_inputs_give_equal_charts() -> None:
    assert every_chart("Trust") == every_chart("Trust")


def test_ticks_are_written_in_the_readers_language() -> None:
    chart = timeline_chart(
        "timeline", [event(dt.date(2025, 3, 1)), event(dt.date(2025, 12, 1))], "Wann?", None,
        translator("de"),
    )  # fmt: skip
    assert any("Okt" in text for text in chart.figure["layout"]["xaxis"]["ticktext"])


def test_text_on_bars_and_marks_on_white_have_enough_contrast() -> None:
    for colour, ink in zip(
        f.BRBG_5, ("#ffffff", "#000000", "#000000", "#000000", "#ffffff"), strict=True
    ):
        assert contrast(colour, ink) >= 4.5
    for colour in (f.OKABE_ITO[0], f.OKABE_ITO[1], f.GREY):
        assert contrast(colour, "#ffffff") >= 3.0


def test_alternative_text_is_cut_at_a_word() -> None:
    assert f.fit_alt("word " * 100).endswith("word…")
    assert len(f.fit_alt("word " * 100)) <= 300
