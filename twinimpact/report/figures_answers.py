"""Diverging bars of the answers to questions with ordered answers.

Heiberger and Robbins (2014), Design of diverging stacked bar charts for Likert scales,
doi:10.18637/jss.v057.i05: the middle answer is split over zero, so that disagreement
extends to the left and agreement to the right.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from twinimpact.language import N_, Translator
from twinimpact.report import figures as f
from twinimpact.report.content import Chart, ColumnSpec, Table, Withheld

MOST_STEPS = 11
THICKNESS = 19
ROW = 27
"""Smallest height of a row; two charts of ten questions fit a page."""
MOST_LINES = 2
EDGE = "#8a8a8a"
LABEL_FROM = 0.06
"""Smallest share that carries its number inside the bar."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerScale:
    """The answers a question offers; questions with the same answers share a chart."""

    lo: int
    hi: int
    low_label: str = ""
    high_label: str = ""
    anchors: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """The answers to one question: people per code; ``None`` where they are hidden."""

    label: str
    n: int | None
    counts: Mapping[int, int] | None
    low: str = ""
    high: str = ""
    """What the two ends mean, where that differs between the questions of a chart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """Neighbouring answers drawn as one part of the bar."""

    codes: tuple[int, ...]
    name: str
    colour: str


def bands(scale: AnswerScale) -> tuple[Band, ...]:
    """At most five bands, symmetrical about the middle of the answer range.

    Five or fewer answers keep their own band. On 0–10 they are 0–1, 2–4, 5, 6–8, 9–10.
    An even number of answers has no middle band.

    Raises
    ------
    ValueError
        If the range has fewer than 3 or more than 11 answers.
    """
    steps = scale.hi - scale.lo + 1
    if not 3 <= steps <= MOST_STEPS:
        raise ValueError(f"{steps} answers cannot be drawn as bands")
    half = steps // 2
    outer = max(1, half // 2) if half > 1 else 1
    cuts = [scale.lo, scale.lo + outer, scale.lo + half]
    if steps % 2:
        cuts.append(scale.lo + half + 1)
    cuts += [scale.hi - outer + 1, scale.hi + 1]
    codes = [tuple(range(a, b)) for a, b in itertools.pairwise(cuts)]
    colours = f.BRBG_5 if steps % 2 else (*f.BRBG_5[:2], *f.BRBG_5[3:])
    return tuple(
        Band(codes=part, name=_band_name(part, scale), colour=colour)
        for part, colour in zip(codes, colours, strict=True)
        if part
    )


def answers_chart(
    name: str,
    answers: Sequence[Answers],
    scale: AnswerScale,
    title: str,
    translate: Translator,
    *,
    again: bool = False,
) -> Chart:
    """Draw the answers to several questions that offer the same answers.

    Parameters
    ----------
    name
        End of the chart's id.
    answers
        One entry per question, in the order they are read from the top.
    scale
        The answers offered.
    title
        The question the chart answers, with the wave.
    translate
        Language of the chart.
    again
        Whether a chart of this kind, whose caption explains the marks, came before.
    """
    parts = bands(scale)
    rows = f.rows_of([_row_label(entry, translate) for entry in answers], ROW)
    spans = [_spans(entry, parts) for entry in answers]
    figure = go.Figure()
    for place, band in enumerate(parts):
        drawn = [(row, span[place]) for row, span in zip(rows.centres, spans, strict=True) if span]
        figure.add_bar(
            orientation="h",
            y=[row for row, _ in drawn],
            base=[start for _, (start, _) in drawn],
            x=[share for _, (_, share) in drawn],
            width=THICKNESS,
            marker={"color": band.colour, "line": {"color": EDGE, "width": 0.5}},
            text=[_bar_text(share, translate) for _, (_, share) in drawn],
            textposition="inside",
            insidetextanchor="middle",
            textangle=0,
            constraintext="none",
            textfont={"color": _text_colour(band.colour), "size": 12},
        )
    keys = [f.Key(name=band.name, fill=band.colour, line=EDGE) for band in parts]
    f.lay_out(figure, title, rows, right=30, keys=keys)
    figure.update_layout(barmode="overlay")
    _share_axis(figure, spans, translate)
    for row, entry in zip(rows.centres, answers, strict=True):
        if entry.counts is None:
            f.add_word(figure, 0, row, f.hidden_note(translate))
    return f.finish(
        name,
        figure,
        f.Words(
            title=title,
            alt=_alt(answers, parts, translate),
            caption=_caption(answers, scale, translate, again=again),
        ),
        _data(name, answers, parts, translate),
    )


def _share_axis(
    figure: go.Figure, spans: Sequence[Sequence[tuple[float, float]]], translate: Translator
) -> None:
    """Axis of shares that reads the same to both sides of zero."""
    ends = [end for span in spans for start, width in span for end in (start, start + width)]
    low = max(0.25, math.ceil(max((-end for end in ends), default=0.5) / 0.25 - 1e-9) * 0.25)
    high = max(0.25, math.ceil(max(ends, default=0.5) / 0.25 - 1e-9) * 0.25)
    steps = [step * 0.25 for step in range(-4, 5) if -low <= step * 0.25 <= high]
    figure.update_xaxes(
        range=[-low * 1.01, high * 1.01],
        tickvals=steps,
        ticktext=[translate.percent(abs(step)) for step in steps],
        title={"text": translate.text(N_("Share of the people who answered"))},
    )
    figure.add_vline(x=0, line={"color": f.INK, "width": 1}, layer="below")


def _bar_text(share: float, translate: Translator) -> str:
    return translate.integer(100 * share) if share >= LABEL_FROM else ""


def _band_name(codes: tuple[int, ...], scale: AnswerScale) -> str:
    anchors = dict(scale.anchors)
    if len(codes) == 1 and anchors.get(codes[0]):
        return anchors[codes[0]]
    first, last = (str(code).replace("-", "\N{MINUS SIGN}") for code in (codes[0], codes[-1]))
    between = "–" if codes[0] >= 0 else "\N{NO-BREAK SPACE}…\N{NO-BREAK SPACE}"
    written = first if len(codes) == 1 else f"{first}{between}{last}"
    end = scale.low_label if scale.lo in codes else scale.high_label if scale.hi in codes else ""
    return f"{written} ({end})" if end else written


def _row_label(entry: Answers, translate: Translator) -> str:
    """The question in at most two lines; the data table has it in full."""
    label, room = entry.label, MOST_LINES * f.LABEL_CHARACTERS
    wrapped = f.with_n(label, entry.n, translate)
    while f.line_count(wrapped) > MOST_LINES and room > 0:
        room -= 4
        wrapped = f.with_n(f.fit_alt(label, room), entry.n, translate)
    return wrapped


def _caption(
    answers: Sequence[Answers], scale: AnswerScale, translate: Translator, *, again: bool
) -> str:
    reading = (
        N_("Bars are read as in the first of these charts.")
        if again
        else N_(
            "Each bar is one question; its parts are shares of the people who answered. Answers at "
            "the lower end lie left of the line, answers at the upper end right of it; a middle "
            "answer is halved by the line. The numbers are percentages; shares below {smallest} "
            "carry none."
        )
    )
    texts = [translate.text(reading, {"smallest": translate.percent(LABEL_FROM)})]
    first = next((entry for entry in answers if entry.low and entry.high), None)
    if first is not None:
        ends = N_(
            "{lo} is the lowest answer and {hi} the highest; what they stand for differs by "
            "question (first row: “{low}” and “{high}”) and is written in the data behind the "
            "figure."
        )
        values = {"lo": scale.lo, "hi": scale.hi, "low": first.low, "high": first.high}
        texts.append(translate.text(ends, values))
    return " ".join(texts)


def _shares(entry: Answers, parts: Sequence[Band]) -> tuple[float, ...]:
    counts = entry.counts or {}
    total = sum(counts.values())
    return tuple(sum(counts.get(code, 0) for code in band.codes) / total for band in parts)


def _spans(entry: Answers, parts: Sequence[Band]) -> tuple[tuple[float, float], ...]:
    """Start and width of every part; empty when the answers are hidden or there are none."""
    if not entry.counts or not sum(entry.counts.values()):
        return ()
    shares = _shares(entry, parts)
    middle = len(parts) // 2
    left = sum(shares[:middle]) + (shares[middle] / 2 if len(parts) % 2 else 0.0)
    starts = [-left + sum(shares[:place]) for place in range(len(parts))]
    return tuple((round(s, 6), round(w, 6)) for s, w in zip(starts, shares, strict=True))


def _text_colour(colour: str) -> str:
    return "#ffffff" if colour in (f.BRBG_5[0], f.BRBG_5[-1]) else "#000000"


def _alt(answers: Sequence[Answers], parts: Sequence[Band], translate: Translator) -> str:
    shown = [entry for entry in answers if entry.counts and sum(entry.counts.values())]
    if not shown:
        return translate.text(
            N_(
                "Bar chart of answers in which every question is hidden to protect the people "
                "who answered."
            )
        )
    upper = {entry.label: sum(_shares(entry, parts)[-(len(parts) // 2) :]) for entry in shown}
    most, least = max(upper, key=lambda key: upper[key]), min(upper, key=lambda key: upper[key])
    values = {
        "questions": translate.integer(len(answers)),
        "most": _short(most),
        "most_share": translate.percent(upper[most]),
        "least": _short(least),
        "least_share": translate.percent(upper[least]),
    }
    if len(shown) == 1:
        return translate.text(
            N_(
                "Bar chart of the answers to one question: {most}. {most_share} of the people "
                "answered at the upper end."
            ),
            values,
        )
    return translate.text(
        N_(
            "Bar chart of the answers to {questions} questions. Most answers at the upper end: "
            "{most} ({most_share}); fewest: {least} ({least_share})."
        ),
        values,
    )


def _short(text: str, limit: int = 80) -> str:
    return f.fit_alt(text.rstrip("?.! "), limit)


def _data(
    name: str, answers: Sequence[Answers], parts: Sequence[Band], translate: Translator
) -> Table:
    keys = [f"band_{place}" for place in range(len(parts))]
    ends: tuple[ColumnSpec, ...] = ()
    if any(entry.low or entry.high for entry in answers):
        ends = (
            ColumnSpec(key="low", label=translate.text(N_("Lowest answer"))),
            ColumnSpec(key="high", label=translate.text(N_("Highest answer"))),
        )
    rows = []
    for entry in answers:
        hidden = entry.counts is None
        shares = _shares(entry, parts) if entry.counts and sum(entry.counts.values()) else ()
        values = dict(zip(keys, shares, strict=False))
        rows.append(
            {
                "question": entry.label,
                "low": entry.low,
                "high": entry.high,
                "n": Withheld() if entry.n is None else entry.n,
                **{key: Withheld() if hidden else values.get(key) for key in keys},
            }
        )
    return Table(
        id=f"tab-{name}",
        caption=translate.text(N_("Shares of answers, as drawn")),
        columns=(
            ColumnSpec(key="question", label=translate.text(N_("Question"))),
            *ends,
            ColumnSpec(key="n", label=translate.text(N_("People")), role="count"),
            *(
                ColumnSpec(key=key, label=band.name, role="percent")
                for key, band in zip(keys, parts, strict=True)
            ),
        ),
        rows=tuple(rows),
    )
