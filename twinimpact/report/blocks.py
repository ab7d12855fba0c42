"""The intermediate document: everything a report says, before any format exists.

Writers take a :class:`Document` and know nothing of notebooks. It travels as JSON both ways.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from twinimpact.errors import RunError
from twinimpact.report.content import Chart, ColumnSpec, NoticeKind, Span, Table, Withheld

SCHEMA = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """What a report was made from.

    Parameters
    ----------
    report
        Template name, e.g. ``partnership_report``.
    evaluation
        Title of the evaluation.
    as_of
        ISO date up to which the data are true; ``""`` when there are no dated data.
    snapshot, template
        Id of the data snapshot; hash of the notebook template.
    versions
        Package to version.
    suppressed
        Number of cells hidden to protect people.
    publication
        ``internal``, ``funder`` or ``public``.
    """

    report: str = ""
    evaluation: str = ""
    as_of: str = ""
    snapshot: str = ""
    template: str = ""
    versions: Mapping[str, str]
    suppressed: int = 0
    publication: str = "internal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A heading of level 1 to 4."""

    level: int
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """Running text."""

    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListItem:
    """One item and the items nested in it, which are never numbered."""

    spans: tuple[Span, ...]
    nested: tuple[tuple[Span, ...], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ListBlock:
    """A bulleted or numbered list."""

    items: tuple[ListItem, ...]
    ordered: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A boxed remark; every format also writes its kind as a word."""

    kind: NoticeKind
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PageBreak:
    """A new page in Word and PDF."""


Block = Heading | Paragraph | ListBlock | Notice | PageBreak | Table | Chart


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A report without a format.

    Parameters
    ----------
    title
        Text of the one heading of level 1.
    language, direction
        BCP-47 code; ``ltr`` or ``rtl``.
    stamp
        What the report was made from.
    blocks
        The content in reading order.
    ignored
        What the notebook contained that never reaches a reader, e.g. ``cell 4: text/html``.
    """

    title: str
    language: str
    direction: str
    stamp: Stamp
    blocks: tuple[Block, ...]
    ignored: tuple[str, ...] = ()

    def tables(self) -> tuple[Table, ...]:
        """Tables in reading order, without those behind charts."""
        return tuple(block for block in self.blocks if isinstance(block, Table))

    def charts(self) -> tuple[Chart, ...]:
        """Charts in reading order."""
        return tuple(block for block in self.blocks if isinstance(block, Chart))

    def to_dict(self) -> dict[str, Any]:
        """The document as plain JSON values."""
        return {
            "kind": "document",
            "schema": SCHEMA,
            "title": self.title,
            "language": self.language,
            "direction": self.direction,
            "stamp": _record(self.stamp) | {"versions": dict(self.stamp.versions)},
            "blocks": [block_to_dict(block) for block in self.blocks],
            "ignored": list(self.ignored),
        }


def document_from_dict(content: Mapping[str, Any]) -> Document:
    """Read what :meth:`Document.to_dict` wrote.

    Raises
    ------
    RunError
        If it was written by a newer version of the package.
    """
    refuse_newer(content)
    return Document(
        title=content["title"],
        language=content["language"],
        direction=content["direction"],
        stamp=Stamp(**content["stamp"]),
        blocks=tuple(block_from_dict(block) for block in content["blocks"]),
        ignored=tuple(content["ignored"]),
    )


def refuse_newer(content: Mapping[str, Any]) -> None:
    """Stop at a schema this version does not know.

    Raises
    ------
    RunError
        If ``content["schema"]`` is missing or newer.
    """
    schema = content.get("schema")
    if not isinstance(schema, int) or schema > SCHEMA:
        raise RunError(
            f"The contents have schema {schema}; this version reads up to {SCHEMA}.",
            hint="Install a newer version of twinimpact.",
        )


def block_to_dict(block: Block) -> dict[str, Any]:
    """One block as plain JSON values; ``type`` names it."""
    if isinstance(block, Table):
        return {"type": "table", **table_to_dict(block)}
    if isinstance(block, Chart):
        return {"type": "figure", **chart_to_dict(block), "figure": block.figure}
    if isinstance(block, Heading):
        return {"type": "heading", "level": block.level, "spans": _spans_out(block.spans)}
    if isinstance(block, Paragraph):
        return {"type": "paragraph", "spans": _spans_out(block.spans)}
    if isinstance(block, ListBlock):
        items = [
            {
                "spans": _spans_out(item.spans),
                "nested": [_spans_out(spans) for spans in item.nested],
            }
            for item in block.items
        ]
        return {"type": "list", "ordered": block.ordered, "items": items}
    if isinstance(block, Notice):
        return {"type": "notice", "kind": block.kind, "spans": _spans_out(block.spans)}
    return {"type": "break"}


def block_from_dict(content: Mapping[str, Any]) -> Block:
    """The block that :func:`block_to_dict` wrote."""
    kind = content["type"]
    if kind == "table":
        return table_from_dict(content)
    if kind == "figure":
        return chart_from_dict(content, content["figure"])
    if kind == "heading":
        return Heading(level=content["level"], spans=spans_from(content["spans"]))
    if kind == "paragraph":
        return Paragraph(spans=spans_from(content["spans"]))
    if kind == "list":
        items = tuple(
            ListItem(
                spans=spans_from(item["spans"]),
                nested=tuple(spans_from(spans) for spans in item["nested"]),
            )
            for item in content["items"]
        )
        return ListBlock(items=items, ordered=content["ordered"])
    if kind == "notice":
        return Notice(kind=content["kind"], spans=spans_from(content["spans"]))
    return PageBreak()


def table_to_dict(table: Table) -> dict[str, Any]:
    """A table as plain JSON values; dates are ISO text, hidden cells ``{"withheld": reason}``."""
    keys = [column.key for column in table.columns]
    return {
        "id": table.id,
        "caption": table.caption,
        "note": table.note,
        "columns": [_record(column) for column in table.columns],
        "rows": [{key: value_out(row.get(key)) for key in keys} for row in table.rows],
    }


def table_from_dict(content: Mapping[str, Any]) -> Table:
    """The table that :func:`table_to_dict` wrote."""
    return Table(
        id=content["id"],
        caption=content["caption"],
        note=content.get("note", ""),
        columns=tuple(ColumnSpec(**column) for column in content["columns"]),
        rows=tuple(
            {key: _value_in(value) for key, value in row.items()} for row in content["rows"]
        ),
    )


def chart_to_dict(chart: Chart) -> dict[str, Any]:
    """A chart without its drawing: words, size and the table behind it."""
    return {
        "id": chart.id,
        "alt": chart.alt,
        "caption": chart.caption,
        "note": chart.note,
        "width": chart.width,
        "height": chart.height,
        "data": table_to_dict(chart.data),
    }


def chart_from_dict(content: Mapping[str, Any], figure: Mapping[str, Any]) -> Chart:
    """The chart that :func:`chart_to_dict` wrote, with its drawing."""
    return Chart(
        id=content["id"],
        figure=figure,
        alt=content["alt"],
        caption=content["caption"],
        note=content.get("note", ""),
        width=content["width"],
        height=content["height"],
        data=table_from_dict(content["data"]),
    )


def value_out(value: Any) -> Any:
    """One cell as a JSON value; a missing number is ``None``."""
    if isinstance(value, Withheld):
        return {"withheld": value.reason}
    if hasattr(value, "item"):  # a numpy scalar
        value = value.item()
    if isinstance(value, dt.datetime):
        return value.date().isoformat()
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if value is None or isinstance(value, bool | int) else str(value)


def spans_from(content: list[Mapping[str, Any]]) -> tuple[Span, ...]:
    """Runs of text from their JSON form ``{t, b?, i?, link?}``."""
    return tuple(
        Span(
            text=str(span["t"]),
            bold=bool(span.get("b", False)),
            italic=bool(span.get("i", False)),
            link=str(span.get("link", "")),
        )
        for span in content
    )


def span_to_dict(span: Span) -> dict[str, Any]:
    """A run of text as ``{t, b?, i?, link?}``."""
    marks = {"b": span.bold, "i": span.italic, "link": span.link}
    return {"t": span.text, **{name: value for name, value in marks.items() if value}}


def plain(spans: tuple[Span, ...]) -> str:
    """The text of spans without their marks."""
    return "".join(span.text for span in spans)


def _spans_out(spans: tuple[Span, ...]) -> list[dict[str, Any]]:
    return [span_to_dict(span) for span in spans]


def _value_in(value: Any) -> Any:
    return Withheld(reason=value["withheld"]) if isinstance(value, Mapping) else value


def _record(record: Any) -> dict[str, Any]:
    return {field.name: getattr(record, field.name) for field in fields(record)}
