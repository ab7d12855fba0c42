"""A small report with every kind of block, and the same report with hostile text everywhere."""

from __future__ import annotations

import datetime as dt
import struct
import zlib
from pathlib import Path
from typing import Any

import nbformat

from twinimpact.report.blocks import (
    Document,
    Heading,
    ListBlock,
    ListItem,
    Notice,
    PageBreak,
    Paragraph,
    Stamp,
)  # fmt: skip
from twinimpact.report.content import Chart, ColumnSpec, Span, Table, Withheld
from twinimpact.report.pictures import Drawn
from twinimpact.report.show import mimebundle

ALT = "Bar chart of participations by town: Linz had 812 and Morlaàs 356 in the whole period."
HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(1)> javascript:alert(1) {{7*7}} "
    "#read(\"/etc/passwd\") *a* $x$ @ref <label> =cmd|' /C calc'!A0 \u202eabc\u2066 \x07\x00"
)
FORMULA = '=HYPERLINK("https://example.org","x")'
GLYPHS = "€ – − 1\u202f234 č ő ł ș ț ğ Ω Ж"
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
    'width="760" height="300" viewBox="0 0 760 300"><defs><clipPath id="clip0a1b2cxy">'
    '<rect width="700" height="200"/></clipPath></defs><g clip-path="url(#clip0a1b2cxy)">'
    '<rect class="trace7f" x="10" y="10" width="300" height="40" style="fill: rgb(0, 114, 178)"/>'
    '</g><text x="20" y="90" style="font-family: Arial; font-size: 13px">Linz</text></svg>'
)


def png() -> bytes:
    """A white picture of 4 × 2 pixels."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        check = zlib.crc32(kind + content)
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)

    header = struct.pack(">IIBBBBB", 4, 2, 8, 2, 0, 0, 0)
    rows = b"".join(b"\x00" + b"\xff" * 12 for _ in range(2))
    parts = (chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


DRAWN = {"fig-participation": Drawn(svg=SVG, png=png())}


def stamp(text: str = "") -> Stamp:
    return Stamp(
        report="partnership_report",
        evaluation=text or "Demo 2026",
        as_of="2026-06-30",
        snapshot=text or "7c2e91",
        template="a81f",
        versions={"twinimpact": text or "0.1.0"},
        suppressed=3,
    )


def chart(text: str = "", **changes: Any) -> Chart:
    towns = [text or "Linz", "Morlaàs"]
    fields: dict[str, Any] = {
        "id": "fig-participation",
        "figure": {
            "data": [{"type": "bar", "orientation": "h", "y": towns, "x": [812, 356]}],
            "layout": {"title": {"text": text or "Where did participants come from?"}},
        },
        "alt": text or ALT,
        "caption": text or "The length of a bar is the number written beside it.",
        "note": text,
        "data": Table(
            id="tab-participation",
            caption=text or "Participations by town",
            columns=(
                ColumnSpec(key="town", label=text or "Town"),
                ColumnSpec(key="n", label="Participations", role="count"),
            ),
            rows=({"town": towns[0], "n": 812}, {"town": towns[1], "n": 356}),
        ),
        "height": 300,
    }
    return Chart(**{**fields, **changes})


def table(text: str = "") -> Table:
    return Table(
        id="tab-reach",
        caption=text or "Reach of the partnership",
        note=text,
        columns=(
            ColumnSpec(key="what", label=text or "What is counted"),
            ColumnSpec(key="n", label="Number", role="count"),
            ColumnSpec(key="share", label="Share", role="percent", decimals=1),
            ColumnSpec(key="change", label="Change", role="signed", decimals=1),
            ColumnSpec(key="p", label="p", role="p"),
            ColumnSpec(key="day", label="Latest", role="date"),
        ),
        rows=(
            {"what": text or "Events", "n": 1234, "share": 0.4924, "change": -0.4, "p": 0.00002,
             "day": dt.date(2026, 5, 14)},
            {"what": FORMULA if text else "People", "n": Withheld(), "share": None,
             "change": 2.5, "p": Withheld(reason="descriptive"), "day": "2026"},
        ),
    )  # fmt: skip


def document(text: str = "", language: str = "en") -> Document:
    """Every kind of block once; with ``text``, in every field that can hold text."""

    def words(usual: str) -> tuple[Span, ...]:
        return (Span(text=text or usual), Span(text=" bold", bold=True))

    link = "javascript:alert(1)" if text else "https://example.org/guide"
    return Document(
        title=text or "Linz – Morlaàs",
        language=language,
        direction="ltr",
        stamp=stamp(text),
        blocks=(
            Heading(level=1, spans=(Span(text=text or "Linz – Morlaàs"),)),
            Notice(kind="example", spans=words("Made-up data.")),
            Heading(level=2, spans=words("Summary")),
            Paragraph(spans=(*words(GLYPHS), Span(text=text or "the guide", link=link))),
            ListBlock(
                items=(ListItem(spans=words("Events"), nested=(words("abroad"),)),), ordered=True
            ),
            Heading(level=3, spans=words("Reach")),
            table(text),
            chart(text),
            PageBreak(),
            Notice(kind="caution", spans=words("No comparison group.")),
        ),
    )


def code_cell(*contents: Any, tags: tuple[str, ...] = ()) -> Any:
    cell = nbformat.v4.new_code_cell("secret_source = 1")
    cell.metadata["tags"] = list(tags)
    cell.outputs = [
        nbformat.v4.new_output("display_data", data=mimebundle(content)) for content in contents
    ]
    return cell


def notebook(folder: Path, *cells: Any, title: str = "# A report") -> Path:
    """Write an executed notebook with a title and the given cells."""
    path = folder / "executed.ipynb"
    head = [nbformat.v4.new_markdown_cell(title)] if title else []
    nbformat.write(nbformat.v4.new_notebook(cells=[*head, *cells]), path)
    return path
