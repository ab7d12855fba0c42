"""What all charts share: template, colours, margins, wrapping, and the finished record.

Charts are built from :mod:`plotly.graph_objects` and leave as plain JSON. Nothing that
needs the network is used, and no colour stands alone: shape, position or label repeats it.
"""

from __future__ import annotations

import html
import json
import math
import re
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from twinimpact.language import N_, Translator
from twinimpact.report.content import Chart, Table

OKABE_ITO = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000")
"""Okabe and Ito's palette without yellow, which is too light on white."""
BRBG_5 = ("#a6611a", "#dfc27d", "#f5f5f5", "#80cdc1", "#018571")
INK = "#222222"
GREY = "#6b6b6b"
GRID = "#e3e3e3"
BAND = "#ececec"
FONT = "Noto Sans, Liberation Sans, Arial, Helvetica, sans-serif"
FONT_SIZE = 13
TITLE_SIZE = 16
WIDTH = 760
LABEL_CHARACTERS = 34
LINE = 17
"""Height of one line of label text, in pixels."""
LEGEND_LINE = 22
LEVEL = 0.95
"""Confidence level of the intervals drawn."""
BOTTOM = 62
PER_CHARACTER = 6.8
"""Generous width of one character of label text, in pixels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The sentences of a chart: its question, its alternative text and how to read it."""

    title: str
    alt: str
    caption: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Rows of a chart: wrapped labels, their centres in pixels from the top, and the height."""

    labels: tuple[str, ...]
    centres: tuple[float, ...]
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One entry of a legend; ``symbol`` is square, circle or diamond."""

    name: str
    fill: str
    line: str
    symbol: str = "square"


def template() -> go.layout.Template:
    """The look of every chart; passed to each figure, never registered globally."""
    axis = {
        "showline": False,
        "ticks": "",
        "gridcolor": GRID,
        "zeroline": False,
        "automargin": True,
        "title": {"font": {"size": FONT_SIZE}},
    }
    return go.layout.Template(
        layout={
            "font": {"family": FONT, "size": FONT_SIZE, "color": INK},
            "paper_bgcolor": "#ffffff",
            "plot_bgcolor": "#ffffff",
            "colorway": list(OKABE_ITO),
            "xaxis": axis,
            "yaxis": axis,
            "bargap": 0.3,
            "hovermode": False,
        }
    )


def wrap(text: str, width: int = LABEL_CHARACTERS) -> str:
    """Text in lines of at most ``width`` characters, safe for plotly's pseudo-HTML."""
    one_line = re.sub(r"[ \t\r\n]+", " ", text).strip()  # a no-break space stays one
    lines = textwrap.wrap(one_line, width=width, break_long_words=True) or [""]
    return "<br>".join(html.escape(line, quote=False) for line in lines)


def line_count(wrapped: str) -> int:
    """Number of lines of a wrapped label."""
    return wrapped.count("<br>") + 1


def label_width(labels: Sequence[str]) -> int:
    """Pixels the widest of some wrapped labels needs."""
    lines = [html.unescape(line) for label in labels for line in label.split("<br>")]
    return math.ceil(max((len(line) for line in lines), default=0) * PER_CHARACTER) + 14


def rows_of(labels: Sequence[str], minimum: int = 36) -> Rows:
    """Place one row per label, each as high as its label needs."""
    heights = [max(minimum, line_count(label) * LINE + 10) for label in labels]
    tops = [sum(heights[:place]) for place in range(len(heights))]
    centres = tuple(top + height / 2 for top, height in zip(tops, heights, strict=True))
    return Rows(labels=tuple(labels), centres=centres, height=sum(heights))


def lay_out(
    figure: go.Figure,
    title: str,
    rows: Rows,
    *,
    right: int,
    keys: Sequence[Key] = (),
    axis_title: bool = True,
) -> None:
    """Set title, legend, margins and the axis of rows.

    The legend is drawn as shapes and texts of known place under the title, because plotly's
    own legend pushes the plotting area aside when labels are long.

    Parameters
    ----------
    figure
        Changed in place; its vertical axis is measured in pixels from the top.
    title
        The question the chart answers.
    rows
        From :func:`rows_of`.
    right
        Pixels to the right of the plotting area.
    keys
        Entries of the legend, in order.
    axis_title
        Whether the horizontal axis has a title.
    """
    bottom = BOTTOM if axis_title else BOTTOM - 24
    heading = wrap(title, int(WIDTH / 8.6))
    left = label_width(rows.labels)
    places, legend_lines = _legend_places(keys)
    title_height = line_count(heading) * 22 + 14
    legend_height = legend_lines * LEGEND_LINE + (12 if keys else 0)
    top = title_height + legend_height
    figure.update_layout(
        template=template(),
        width=WIDTH,
        height=top + rows.height + bottom,
        margin={"l": left, "r": right, "t": top, "b": bottom, "pad": 4},
        showlegend=False,
        title={
            "text": f"<b>{heading}</b>",
            "font": {"size": TITLE_SIZE},
            "x": 12 / WIDTH,
            "xanchor": "left",
            "xref": "container",
            "yref": "container",
            "y": 1,
            "yanchor": "top",
            "pad": {"t": 10},
        },
    )
    figure.update_yaxes(
        tickvals=list(rows.centres),
        ticktext=list(rows.labels),
        range=[rows.height, 0],
        showgrid=False,
    )
    for key, (across, line) in zip(keys, places, strict=True):
        _add_key(figure, key, across - left, legend_height - 8 - line * LEGEND_LINE)


def _legend_places(keys: Sequence[Key]) -> tuple[list[tuple[float, int]], int]:
    """Distance from the left edge and line number of every entry, and the number of lines."""
    places: list[tuple[float, int]] = []
    across, line = 12.0, 0
    for key in keys:
        needed = 22 + len(key.name) * PER_CHARACTER
        if places and across + needed > WIDTH - 12:
            across, line = 12.0, line + 1
        places.append((across, line))
        across += needed + 18
    return places, line + 1 if keys else 0


def _add_key(figure: go.Figure, key: Key, across: float, up: float) -> None:
    anchor = {
        "xref": "paper",
        "yref": "paper",
        "xsizemode": "pixel",
        "ysizemode": "pixel",
        "xanchor": 0,
        "yanchor": 1,
        "fillcolor": key.fill,
        "line": {"color": key.line, "width": 1.5},
    }
    x0, x1, y0, y1 = across, across + 12, up - 6, up + 6
    if key.symbol == "diamond":
        middle = across + 6
        path = f"M {middle} {y0 - 1} L {x1 + 1} {up} L {middle} {y1 + 1} L {x0 - 1} {up} Z"
        figure.add_shape(type="path", path=path, **anchor)
    else:
        kind = "circle" if key.symbol == "circle" else "rect"
        figure.add_shape(type=kind, x0=x0, x1=x1, y0=y0, y1=y1, **anchor)
    figure.add_annotation(
        text=html.escape(key.name, quote=False),
        xref="paper",
        yref="paper",
        x=0,
        y=1,
        xanchor="left",
        yanchor="middle",
        xshift=across + 18,
        yshift=up,
        showarrow=False,
    )


def add_word(figure: go.Figure, x: float, y: float, text: str, *, left: bool = False) -> None:
    """A word where a mark would be, such as "hidden"."""
    figure.add_annotation(
        x=x,
        y=y,
        text=html.escape(text, quote=False),
        xanchor="left" if left else "center",
        xshift=4 if left else 0,
        showarrow=False,
        font={"color": GREY},
        bgcolor="#ffffff",
    )


def gap(upper: float | None, lower: float | None) -> float:
    """Length of one side of an interval; 0 where no interval is given."""
    return 0.0 if upper is None or lower is None else round(upper - lower, 6)


def with_n(label: str, n: int | None, translate: Translator) -> str:
    """A wrapped label that ends in the number of people, where that may be shown."""
    if n is None:
        return wrap(label)
    values = {"label": label, "n": translate.integer(n)}
    return wrap(translate.text(N_("{label} (n\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}{n})"), values))


def finish(name: str, figure: go.Figure, words: Words, data: Table) -> Chart:
    """The chart record: plain JSON, sized as its layout says.

    Raises
    ------
    TypeError
        If the alternative text or the caption is empty.
    """
    plain: Mapping[str, Any] = json.loads(figure.to_json(engine="json"))
    return Chart(
        id=f"fig-{name}",
        figure=plain,
        alt=fit_alt(words.alt),
        caption=words.caption,
        data=data,
        note=words.note,
        width=int(figure.layout.width),
        height=int(figure.layout.height),
    )


def fit_alt(text: str, limit: int = 300) -> str:
    """Alternative text cut at a word so that it stays within ``limit`` characters."""
    if len(text) <= limit:
        return text
    return text[: limit - 1].rsplit(" ", 1)[0] + "…"


def hidden_note(translate: Translator) -> str:
    """What stands where a number is hidden."""
    return translate.text(N_("hidden"))
