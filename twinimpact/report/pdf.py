"""A tagged PDF, made by Typst with its PDF/UA-1 check switched on.

A fixed layout reads the report as data, so no text of a report is ever read as markup. Typst
refuses a missing alternative text, an empty title or a skipped heading level.
"""

from __future__ import annotations

import datetime as dt
import json
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from twinimpact.errors import RunError
from twinimpact.language import N_, Translator
from twinimpact.report.blocks import (
    Block,
    Document,
    Heading,
    ListBlock,
    Notice,
    PageBreak,
    Paragraph,
    block_to_dict,
    span_to_dict,
)
from twinimpact.report.columns import Face, column_widths
from twinimpact.report.content import Chart, Table
from twinimpact.report.furniture import (
    as_of_sentence,
    caption_of,
    instead_of_picture,
    is_compact,
    label_of,
    notice_word,
    numbering,
    origin_rows,
    origin_title,
    publication,
    sections,
)
from twinimpact.report.numbers import cell_text, date_of, is_number, is_withheld, table_note
from twinimpact.report.pictures import Drawn
from twinimpact.report.svg import clean_svg
from twinimpact.report.text import breakable

HERE = Path(__file__).parent
TEMPLATE = HERE / "report.typ"
FONTS = HERE / "fonts"
FONT = "Source Sans 3"
FULL_WIDTH = 760
NO_DATE = dt.date(2000, 1, 1)
TEXT_POINTS = 162 / 25.4 * 72
FACE = Face(text=4.35, word=5.1, margins=10.0)
CONTENTS_FROM = 6


def write_pdf(
    document: Document, drawn: Mapping[str, Drawn], translate: Translator, path: Path
) -> None:
    """Write the report as a tagged PDF; equal documents give equal bytes.

    Parameters
    ----------
    drawn
        Figure id to picture; for charts that are missing here their table is printed.

    Raises
    ------
    RunError
        If Typst refuses the document.
    """
    # no bytes come back: the file is written where it belongs
    _compile(document, drawn, translate, {"output": str(path), "pdf_standards": ["ua-1"]})


def first_page(
    document: Document, drawn: Mapping[str, Drawn], translate: Translator, resolution: int = 110
) -> bytes:
    """The first page of the PDF as a PNG picture, ``resolution`` in dots per inch.

    Raises
    ------
    RunError
        If Typst refuses the document.
    """
    made = _compile(document, drawn, translate, {"format": "png", "ppi": float(resolution)})
    return bytes(made[0] if isinstance(made, list) else made)


def _compile(
    document: Document,
    drawn: Mapping[str, Drawn],
    translate: Translator,
    form: Mapping[str, Any],
) -> Any:
    """Lay the report out in a folder of its own, which is all that Typst may read."""
    import typst

    with tempfile.TemporaryDirectory(prefix="twinimpact-pdf-") as name:
        folder = Path(name)
        shutil.copyfile(TEMPLATE, folder / TEMPLATE.name)
        content = _content(document, drawn, translate)
        (folder / "doc.json").write_text(json.dumps(content), encoding="utf-8")
        for chart in document.charts():
            if chart.id in drawn:
                svg = clean_svg(drawn[chart.id].svg, chart.id, chart.alt, font=FONT)
                (folder / f"{chart.id}.svg").write_text(svg, encoding="utf-8")
        try:
            return typst.compile(
                str(folder / TEMPLATE.name),
                root=str(folder),
                font_paths=[str(FONTS)],
                ignore_system_fonts=True,
                timestamp=_moment(document),
                **form,
            )
        except typst.TypstError as error:
            raise RunError("The PDF could not be made.", cause=str(error.message)) from error


def _moment(document: Document) -> dt.datetime:
    """Noon of the day the data are true for: the clock has no place in a report."""
    day = date_of(document.stamp.as_of) or NO_DATE
    return dt.datetime(day.year, day.month, day.day, 12, tzinfo=dt.UTC)


def _content(
    document: Document, drawn: Mapping[str, Drawn], translate: Translator
) -> dict[str, Any]:
    numbers = numbering(document)
    title = next(
        block for block in document.blocks if isinstance(block, Heading) and block.level == 1
    )
    as_of, class_ = as_of_sentence(document, translate), publication(document, translate)
    return {
        "title": document.title,
        "author": document.stamp.evaluation or "twinimpact",
        "lang": document.language.split("-")[0],
        "compact": is_compact(document),
        "rtl": document.direction == "rtl",
        "running": document.title,
        "meta": f"{as_of} · {class_}",
        "meta_short": as_of,
        "publication": class_,
        "eyebrow": document.stamp.evaluation,
        "heading": [span_to_dict(span) for span in title.spans],
        "contents": (
            translate.text(N_("Contents")) if len(sections(document)) >= CONTENTS_FROM else ""
        ),
        "origin": {
            "title": origin_title(translate),
            "rows": [list(row) for row in origin_rows(document, translate)],
        },
        "blocks": [
            _block(block, numbers, drawn, translate)
            for block in document.blocks
            if block is not title
        ],
    }


def _block(
    block: Block, numbers: Mapping[str, int], drawn: Mapping[str, Drawn], translate: Translator
) -> dict[str, Any]:
    if isinstance(block, Table | Chart):
        label = label_of(block, numbers[block.id], translate)
        if isinstance(block, Table):
            return _table(block, label, block.caption, translate)
        if block.id not in drawn:
            shown = _table(block.data, label, caption_of(block, drawn=False), translate)
            return {**shown, "note": instead_of_picture(shown["note"], translate)}
        return {
            "type": "figure",
            "label": label,
            "caption": block.caption,
            "alt": block.alt,
            "note": block.note,
            "image": f"{block.id}.svg",
            "width": min(1.0, block.width / FULL_WIDTH),
        }
    if isinstance(block, Notice):
        return {**block_to_dict(block), "word": notice_word(block.kind, translate)}
    if isinstance(block, Heading | Paragraph | ListBlock | PageBreak):
        return block_to_dict(block)
    raise TypeError(f"no PDF form for {type(block).__name__}")


def _table(table: Table, label: str, caption: str, translate: Translator) -> dict[str, Any]:
    rows: list[list[dict[str, Any]]] = [
        [
            {
                "t": breakable(cell_text(row.get(column.key), column, translate)),
                "word": is_withheld(row.get(column.key)),
            }
            for column in table.columns
        ]
        for row in table.rows
    ]
    texts = [[column.label for column in table.columns]]
    texts += [[cell["t"] for cell in row] for row in rows]
    widths, scale = column_widths(texts, TEXT_POINTS, FACE)
    return {
        "type": "table",
        "label": label,
        "caption": caption,
        "note": table_note(table, translate),
        "table": {
            "columns": [
                {"label": column.label, "number": is_number(column)} for column in table.columns
            ],
            "rows": rows,
            "widths": widths,
            "scale": scale,
        },
    }
