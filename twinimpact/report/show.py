"""What a notebook cell calls: ``show(chart)``, ``show(table)``, ``show(text)``.

Each call puts one output per content into the executed notebook. The exporter reads only the
``vnd.twinimpact`` parts; the rest is for people who look at the notebook in JupyterLab.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from twinimpact.language import translator
from twinimpact.report.blocks import SCHEMA, chart_to_dict, span_to_dict, table_to_dict
from twinimpact.report.content import Block, Chart, Content, Table, Text, Withheld
from twinimpact.report.numbers import cell_text

FIGURE = "application/vnd.twinimpact.figure+json"
TABLE = "application/vnd.twinimpact.table+json"
TEXT = "application/vnd.twinimpact.text+json"
PLOTLY = "application/vnd.plotly.v1+json"
PLOTLY_CONFIG: Mapping[str, Any] = {"showSendToCloud": False, "displaylogo": False}
PREVIEW_ROWS = 50


def show(content: Content) -> None:
    """Show a chart, a table, sentences, or a tuple of them.

    Raises
    ------
    TypeError
        If something else is given: frames and figures come without the words a reader needs.
    """
    from IPython.display import display

    for part in content if isinstance(content, tuple) else (content,):
        display(mimebundle(part), raw=True)  # type: ignore[no-untyped-call]


def mimebundle(part: Chart | Table | Text) -> dict[str, Any]:
    """The output of one content as a Jupyter mimebundle."""
    if isinstance(part, Chart):
        return _figure(part)
    if isinstance(part, Table):
        return {
            TABLE: {"schema": SCHEMA, **table_to_dict(part), "suppressed": suppressed(part)},
            "text/html": preview(part),
            "text/plain": f"[Table {part.id}: {part.caption}]",
        }
    if isinstance(part, Text):
        return {
            TEXT: {"schema": SCHEMA, "blocks": [_text_block(block) for block in part.blocks]},
            "text/html": "".join(_html(block) for block in part.blocks),
            "text/plain": "\n".join(_plain(block) for block in part.blocks),
        }
    raise TypeError(f"show() takes a Chart, a Table or a Text, not {type(part).__name__}")


def suppressed(table: Table) -> int:
    """Number of hidden cells."""
    return sum(isinstance(value, Withheld) for row in table.rows for value in row.values())


def preview(table: Table) -> str:
    """A small escaped HTML table of the first rows, for JupyterLab only."""
    english = translator("en")
    head = "".join(f"<th>{escape(column.label)}</th>" for column in table.columns)
    body = "".join(
        "<tr>"
        + "".join(
            f"<td>{escape(cell_text(row.get(column.key), column, english))}</td>"
            for column in table.columns
        )
        + "</tr>"
        for row in table.rows[:PREVIEW_ROWS]
    )
    caption = f"<caption>{escape(table.caption)}</caption>"
    return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _figure(chart: Chart) -> dict[str, Any]:
    figure = plain_json(chart.figure)
    return {
        FIGURE: {
            "schema": SCHEMA,
            **chart_to_dict(chart),
            "disclosure": {"suppressed": suppressed(chart.data)},
        },
        PLOTLY: {
            "data": figure.get("data", []),
            "layout": figure.get("layout", {}),
            "config": dict(PLOTLY_CONFIG),
        },
        "text/html": preview(chart.data),
        "text/plain": f"[Figure {chart.id}: {chart.alt}]",
    }


def plain_json(value: Any) -> Any:
    """A figure's JSON without arrays of numpy and without missing numbers that are not null."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, Mapping):
        return {str(key): plain_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain_json(item) for item in value]
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return None
    if value is None or isinstance(value, str | bool | int | float):
        return value
    return str(value)


def _text_block(block: Block) -> dict[str, Any]:
    content: dict[str, Any] = {
        "kind": block.kind,
        "spans": [span_to_dict(span) for span in block.spans],
    }
    if block.kind == "heading":
        content["level"] = block.level
    if block.kind == "notice":
        content["notice"] = block.notice
    return content


def _html(block: Block) -> str:
    words = escape("".join(span.text for span in block.spans))
    if block.kind == "heading":
        return f"<h{block.level}>{words}</h{block.level}>"
    return f"<ul><li>{words}</li></ul>" if block.kind == "bullet" else f"<p>{words}</p>"


def _plain(block: Block) -> str:
    words = "".join(span.text for span in block.spans)
    return f"- {words}" if block.kind == "bullet" else words
