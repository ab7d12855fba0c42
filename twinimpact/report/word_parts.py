"""The pieces of a Word file that python-docx has no call for, each one small."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Emu, Pt, RGBColor

from twinimpact.report.content import Span
from twinimpact.report.text import safe_link

ACCENT, SOFT, RULE, INK = "1F4E79", "4A5664", "D5DBE2", "1B2430"
MARGIN = "90"
ZIP_DATE = (1980, 1, 1, 0, 0, 0)


def element(tag: str, attributes: dict[str, str] | None = None) -> Any:
    """One XML element such as ``w:tblHeader``."""
    made = OxmlElement(tag)
    for name, value in (attributes or {}).items():
        made.set(qn(name), value)
    return made


def add_spans(paragraph: Any, spans: Iterable[Span]) -> None:
    """Runs of text with their marks; allowed links become real ones."""
    for span in spans:
        target = safe_link(span.link)
        if target and not target.startswith("#"):
            _link(paragraph, span.text, target)
            continue
        run = paragraph.add_run(span.text)
        run.bold = span.bold or None
        run.italic = span.italic or None


def add_field(paragraph: Any, code: str) -> None:
    """A field such as ``PAGE`` that the program fills in."""
    for kind, text in (("begin", ""), ("", code), ("separate", ""), ("", "1"), ("end", "")):
        run = paragraph.add_run()._r
        if kind:
            run.append(element("w:fldChar", {"w:fldCharType": kind}))
        elif text == code:
            instruction = element("w:instrText", {"xml:space": "preserve"})
            instruction.text = f" {code} "
            run.append(instruction)
        else:
            content = element("w:t")
            content.text = text
            run.append(content)


def box(paragraph: Any, edge: str, ground: str) -> None:
    """A coloured edge at the start of a paragraph and a tinted ground behind it."""
    properties = paragraph._p.get_or_add_pPr()
    borders = element("w:pBdr")
    # the thin borders in the ground's colour give the text air above and below
    for side, size, space, colour in (
        ("top", "4", "6", ground),
        ("left", "24", "8", edge),
        ("bottom", "4", "6", ground),
        ("right", "4", "6", ground),
    ):
        borders.append(
            element(
                f"w:{side}",
                {"w:val": "single", "w:sz": size, "w:space": space, "w:color": colour},
            )
        )
    properties.insert_element_before(borders, *_AFTER_BORDERS)
    shade = element("w:shd", {"w:val": "clear", "w:color": "auto", "w:fill": ground})
    properties.insert_element_before(shade, *_AFTER_BORDERS[1:])


def rule(paragraph: Any, side: str, colour: str, size: int) -> None:
    """A line at the ``top`` or ``bottom`` of a paragraph; ``size`` in eighths of a point."""
    borders = element("w:pBdr")
    borders.append(
        element(
            f"w:{side}",
            {"w:val": "single", "w:sz": str(size), "w:space": "6", "w:color": colour},
        )
    )
    paragraph._p.get_or_add_pPr().insert_element_before(borders, *_AFTER_BORDERS)


def light_rules(table: Any) -> None:
    """No vertical lines, light lines between rows, a strong one under the header."""
    borders = element("w:tblBorders")
    for side in ("top", "left", "bottom", "right", "insideH", "insideV"):
        kind = "single" if side in ("bottom", "insideH") else "nil"
        line = {"w:val": kind, "w:sz": "4", "w:space": "0", "w:color": RULE}
        borders.append(element(f"w:{side}", line))
    margins = element("w:tblCellMar")
    for side, width in (("top", "50"), ("left", MARGIN), ("bottom", "50"), ("right", MARGIN)):
        margins.append(element(f"w:{side}", {"w:w": width, "w:type": "dxa"}))
    properties = table._tbl.tblPr
    layout, look = properties.find(qn("w:tblLayout")), properties.find(qn("w:tblLook"))
    # programs set the first cell's margin outside the text area unless the table is moved in
    layout.addprevious(element("w:tblInd", {"w:w": MARGIN, "w:type": "dxa"}))
    layout.addprevious(borders)
    look.addprevious(margins)
    for cell in table.rows[0].cells:
        edge = element("w:tcBorders")
        strong = {"w:val": "single", "w:sz": "12", "w:space": "0", "w:color": INK}
        edge.append(element("w:bottom", strong))
        cell._tc.get_or_add_tcPr().append(edge)
    for cell in table.columns[0].cells:
        # the first column's text stands under the caption
        flush = element("w:tcMar")
        flush.append(element("w:left", {"w:w": "0", "w:type": "dxa"}))
        cell._tc.get_or_add_tcPr().append(flush)


def repeat_header(row: Any) -> None:
    """Mark the row as the table's header, repeated on each page."""
    row._tr.get_or_add_trPr().append(element("w:tblHeader", {"w:val": "true"}))


def keep_together(row: Any) -> None:
    """Do not break the row over two pages."""
    row._tr.get_or_add_trPr().append(element("w:cantSplit", {"w:val": "true"}))


def set_widths(table: Any, widths: Sequence[int]) -> None:
    """Widths in EMU, on the grid as well as on the cells: LibreOffice reads only the grid."""
    table.autofit = False
    for column, width in zip(table._tbl.tblGrid.gridCol_lst, widths, strict=True):
        column.w = Emu(width)
    for row in table.rows:
        for cell, width in zip(row.cells, widths, strict=True):
            cell.width = Emu(width)


def set_language(style: Any, language: str) -> None:
    """The language of a style's text, for spelling and screen readers."""
    properties = style.element.get_or_add_rPr()
    for old in properties.findall(qn("w:lang")):
        properties.remove(old)
    properties.append(element("w:lang", {"w:val": language, "w:eastAsia": language}))


def set_font(style: Any, name: str, size: float, colour: str, *, bold: bool = False) -> None:
    """Font of a style, for every script, without the template's theme fonts."""
    font = style.font
    font.name, font.size, font.bold, font.italic = name, Pt(size), bold, False
    font.color.rgb = RGBColor.from_string(colour)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    for script in ("ascii", "hAnsi", "eastAsia", "cs"):
        fonts.set(qn(f"w:{script}"), name)


def restart_numbers(paragraph: Any, numbering: Any) -> Any:
    """A numbered list that starts at 1; returns the list's id for its further items."""
    style = paragraph.style.element.pPr.numPr.numId.val
    abstract = numbering.num_having_numId(style).abstractNumId.val
    made = numbering.add_num(abstract)
    made.add_lvlOverride(ilvl=0).add_startOverride(1)
    return made.numId


def continue_numbers(paragraph: Any, list_id: Any) -> None:
    """Make the paragraph an item of the list."""
    number = paragraph._p.get_or_add_pPr().get_or_add_numPr()
    number.get_or_add_ilvl().val = 0
    number.get_or_add_numId().val = list_id


def align_end(paragraph: Any) -> None:
    """Flush right, for numbers."""
    paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT


def fix_archive(path: Path) -> None:
    """Write the file's parts again with a fixed date, so equal reports are equal bytes."""
    with zipfile.ZipFile(path) as archive:
        parts = [(name, archive.read(name)) for name in archive.namelist()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts:
            part = zipfile.ZipInfo(name, ZIP_DATE)
            part.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(part, content)


def _link(paragraph: Any, text: str, target: str) -> None:
    relation = paragraph.part.relate_to(target, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
    link = element("w:hyperlink", {"r:id": relation})
    run = paragraph.add_run(text)
    run.font.color.rgb = RGBColor.from_string(ACCENT)
    run.font.underline = True
    link.append(run._r)
    paragraph._p.append(link)


# schema order of what may follow w:pBdr inside w:pPr
_AFTER_BORDERS = (
    "w:shd", "w:tabs", "w:suppressAutoHyphens", "w:kinsoku", "w:wordWrap", "w:overflowPunct",
    "w:topLinePunct", "w:autoSpaceDE", "w:autoSpaceDN", "w:bidi", "w:adjustRightInd",
    "w:snapToGrid", "w:spacing", "w:ind", "w:contextualSpacing", "w:mirrorIndents",
    "w:suppressOverlap", "w:jc", "w:textDirection", "w:textAlignment", "w:textboxTightWrap",
    "w:outlineLvl", "w:divId", "w:cnfStyle", "w:rPr", "w:sectPr", "w:pPrChange",
)  # fmt: skip
