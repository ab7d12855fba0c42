"""A Word file with real headings, native tables and pictures that have alternative text."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import docx
from docx.enum.text import WD_TAB_ALIGNMENT
from docx.shared import Emu, Pt, RGBColor

from twinimpact.language import N_, Translator
from twinimpact.report import word_parts as parts
from twinimpact.report.blocks import (
    Block,
    Document,
    Heading,
    ListBlock,
    Notice,
    PageBreak,
    Paragraph,
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
)
from twinimpact.report.numbers import cell_text, is_number, is_withheld, table_note
from twinimpact.report.pictures import Drawn
from twinimpact.report.text import breakable
from twinimpact.report.word_styles import (
    COMPACT_AIR,
    TABLE_POINTS,
    TEXT_WIDTH,
    set_paper,
    set_properties,
    set_styles,
)

BOXES = {
    "info": (parts.ACCENT, "F4F6F8"),
    "example": (parts.ACCENT, "F4F6F8"),
    "caution": ("8A4B08", "FDF6EC"),
    "draft": ("8A4B08", "FDF6EC"),
    "not_consistent": ("8B1E2D", "FBF0F1"),
}
PIXELS_PER_INCH = 96
EMU_PER_INCH = 914_400
COMPACT_PICTURE = 0.85
FACE = Face(text=5.1, word=6.3, margins=11.0)


def write_word(
    document: Document, drawn: Mapping[str, Drawn], translate: Translator, path: Path
) -> None:
    """Write the report as a Word file; equal documents give equal bytes.

    Parameters
    ----------
    drawn
        Figure id to picture; for charts that are missing here their table is written.
    """
    file = docx.Document()
    set_styles(file, document)
    set_properties(file, document)
    _page(file, document, translate)
    writer = _Writer(file, document, drawn, translate)
    for block in document.blocks:
        writer.block(block)
        if isinstance(block, Heading) and block.level == 1:
            line = file.add_paragraph(style="Facts")
            line.add_run(
                f"{as_of_sentence(document, translate)} · {publication(document, translate)}"
            )
            parts.rule(line, "bottom", parts.ACCENT, 16)
    _origin(file, document, translate)
    file.save(str(path))
    parts.fix_archive(path)


class _Writer:
    """Adds blocks to a Word file in order."""

    def __init__(
        self,
        file: Any,
        document: Document,
        drawn: Mapping[str, Drawn],
        translate: Translator,
    ) -> None:
        self.file = file
        self.drawn = drawn
        self.translate = translate
        self.numbers = numbering(document)
        self.compact = is_compact(document)

    def block(self, block: Block) -> None:
        """One block of any kind."""
        if isinstance(block, Heading):
            parts.add_spans(self.file.add_heading(level=block.level), block.spans)
        elif isinstance(block, Paragraph):
            parts.add_spans(self.file.add_paragraph(), block.spans)
        elif isinstance(block, ListBlock):
            self._list(block)
        elif isinstance(block, Notice):
            self._notice(block)
        elif isinstance(block, PageBreak):
            self.file.add_page_break()
        elif isinstance(block, Table):
            self._table(block, block)
        else:
            self._figure(block)

    def _list(self, block: ListBlock) -> None:
        list_id = None
        for item in block.items:
            style = "List Number" if block.ordered else "List Bullet"
            paragraph = self.file.add_paragraph(style=style)
            if block.ordered:
                if list_id is None:
                    numbering = self.file.part.numbering_part.element
                    list_id = parts.restart_numbers(paragraph, numbering)
                parts.continue_numbers(paragraph, list_id)
            parts.add_spans(paragraph, item.spans)
            for spans in item.nested:
                parts.add_spans(self.file.add_paragraph(style="List Bullet 2"), spans)

    def _notice(self, block: Notice) -> None:
        edge, ground = BOXES[block.kind]
        paragraph = self.file.add_paragraph(style="Notice")
        word = paragraph.add_run(f"{notice_word(block.kind, self.translate)}. ")
        word.bold = True
        word.font.color.rgb = RGBColor.from_string(edge)
        parts.add_spans(paragraph, block.spans)
        parts.box(paragraph, edge, ground)

    def _caption(self, block: Chart | Table, *, before: bool) -> None:
        paragraph = self.file.add_paragraph(style="Caption")
        label = paragraph.add_run(f"{label_of(block, self.numbers[block.id], self.translate)}. ")
        label.bold = True
        label.font.color.rgb = RGBColor.from_string(parts.INK)
        paragraph.add_run(caption_of(block, drawn=block.id in self.drawn))
        paragraph.paragraph_format.keep_with_next = before
        if before:
            air = COMPACT_AIR if self.compact else 1.0
            paragraph.paragraph_format.space_before = Pt(14 * air)
            paragraph.paragraph_format.space_after = Pt(5)

    def _note(self, text: str) -> None:
        # below a table a paragraph stands in any case: two tables in a row would become one
        paragraph = self.file.add_paragraph(style="Note" if text else "Gap")
        paragraph.add_run(text)

    def _figure(self, chart: Chart) -> None:
        drawn = self.drawn.get(chart.id)
        if drawn is None or not drawn.png:
            self._table(chart.data, chart)
            return
        paragraph = self.file.add_paragraph(style="Picture")
        room = int(TEXT_WIDTH * (COMPACT_PICTURE if self.compact else 1))
        width = Emu(min(room, int(chart.width / PIXELS_PER_INCH * EMU_PER_INCH)))
        picture = paragraph.add_run().add_picture(io.BytesIO(drawn.png), width=width)
        picture._inline.docPr.set("descr", chart.alt)
        picture._inline.docPr.set("name", chart.id)
        self._caption(chart, before=False)
        if chart.note:
            self._note(chart.note)

    def _table(self, table: Table, captioned: Chart | Table) -> None:
        self._caption(captioned, before=True)
        made = self.file.add_table(rows=1 + len(table.rows), cols=len(table.columns))
        texts = [[column.label for column in table.columns]] + [
            [breakable(cell_text(row.get(c.key), c, self.translate)) for c in table.columns]
            for row in table.rows
        ]
        widths, scale = column_widths(texts, TEXT_WIDTH.pt, FACE)
        cells = made._cells  # read once: python-docx builds the whole grid at each access
        for position, cell in enumerate(cells):
            row, column = divmod(position, len(table.columns))
            paragraph = cell.paragraphs[0]
            paragraph.style = "Table Header" if row == 0 else "Table Text"
            run = paragraph.add_run(texts[row][column])
            run.font.size = Pt(TABLE_POINTS * scale) if scale < 1 else None
            spec = table.columns[column]
            if row and is_withheld(table.rows[row - 1].get(spec.key)):
                run.italic = True
                run.font.color.rgb = RGBColor.from_string(parts.SOFT)
            if is_number(spec):
                parts.align_end(paragraph)
        parts.set_widths(made, [Pt(width) for width in widths])
        parts.light_rules(made)
        parts.repeat_header(made.rows[0])
        for row in made.rows:
            parts.keep_together(row)
        note = table_note(table, self.translate)
        if not table.rows:
            note = f"{self.translate.text(N_('Nothing to show.'))} {note}".strip()
        self._note(instead_of_picture(note, self.translate) if captioned is not table else note)


def _page(file: Any, document: Document, translate: Translator) -> None:
    section = set_paper(file, document)
    footer = section.footer.paragraphs[0]
    footer.style = "Origin"
    footer.paragraph_format.tab_stops.add_tab_stop(TEXT_WIDTH, WD_TAB_ALIGNMENT.RIGHT)
    footer.add_run(f"{document.title} · {publication(document, translate)}\t")
    parts.add_field(footer, "PAGE")
    footer.add_run(" / ")
    parts.add_field(footer, "NUMPAGES")
    if document.stamp.evaluation:
        file.add_paragraph(document.stamp.evaluation, style="Eyebrow")


def _origin(file: Any, document: Document, translate: Translator) -> None:
    rows = origin_rows(document, translate)
    line = file.add_paragraph(style="Origin")
    parts.rule(line, "top", parts.RULE, 4)
    line.paragraph_format.space_before = Pt(10 if is_compact(document) else 24)
    line.add_run(origin_title(translate)).bold = True
    for label, text in rows:
        if is_compact(document):
            line.add_run(" · ")
        else:
            # the whole list stays on one page
            line.paragraph_format.keep_with_next = True
            line = file.add_paragraph(style="Origin")
        line.add_run(f"{label}: ").bold = True
        line.add_run(text)
