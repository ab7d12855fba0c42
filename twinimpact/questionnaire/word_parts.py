"""The pieces of a Word questionnaire that python-docx has no call for."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

ACCENT, SOFT, RULE, INK, BAND, WARN = "1F4E79", "4A5664", "C9D1DA", "1B2430", "F3F5F8", "8A4B08"
FONT, SYMBOLS = "Arial", "Segoe UI Symbol"
TICK = "\N{BALLOT BOX}"
ZIP_DATE = (1980, 1, 1, 0, 0, 0)
# schema order of what may follow w:pBdr inside w:pPr
_AFTER_BORDERS = (
    "w:shd", "w:tabs", "w:suppressAutoHyphens", "w:kinsoku", "w:wordWrap", "w:overflowPunct",
    "w:topLinePunct", "w:autoSpaceDE", "w:autoSpaceDN", "w:bidi", "w:adjustRightInd",
    "w:snapToGrid", "w:spacing", "w:ind", "w:contextualSpacing", "w:mirrorIndents",
    "w:suppressOverlap", "w:jc", "w:textDirection", "w:textAlignment", "w:textboxTightWrap",
    "w:outlineLvl", "w:divId", "w:cnfStyle", "w:rPr", "w:sectPr", "w:pPrChange",
)  # fmt: skip


def element(tag: str, attributes: dict[str, str] | None = None) -> Any:
    """One XML element such as ``w:tblHeader``."""
    made = OxmlElement(tag)
    for name, value in (attributes or {}).items():
        made.set(qn(name), value)
    return made


def add_field(paragraph: Any, code: str) -> None:
    """A field such as ``PAGE`` that the program fills in."""
    for kind in ("begin", "code", "separate", "shown", "end"):
        run = paragraph.add_run()._r
        if kind in ("code", "shown"):
            text = element("w:instrText" if kind == "code" else "w:t", {"xml:space": "preserve"})
            text.text = f" {code} " if kind == "code" else "1"
            run.append(text)
        else:
            run.append(element("w:fldChar", {"w:fldCharType": kind}))


def add_tick(paragraph: Any, words: str = "", size: float = 9.5) -> None:
    """A box to tick, with its words."""
    run = paragraph.add_run(TICK)
    run.font.size = Pt(13)
    run.font.name = SYMBOLS
    fonts = run._r.get_or_add_rPr().get_or_add_rFonts()
    for script in ("eastAsia", "cs"):
        fonts.set(qn(f"w:{script}"), SYMBOLS)
    if words:
        # words never leave their box at the end of a line
        paragraph.add_run(
            "\N{NO-BREAK SPACE}" + words.replace(" ", "\N{NO-BREAK SPACE}")
        ).font.size = Pt(size)


def line_under(paragraph: Any, colour: str, size: int, side: str = "bottom") -> None:
    """A line below (or above) a paragraph; ``size`` in eighths of a point."""
    borders = element("w:pBdr")
    borders.append(
        element(
            f"w:{side}",
            {"w:val": "single", "w:sz": str(size), "w:space": "3", "w:color": colour},
        )
    )
    paragraph._p.get_or_add_pPr().insert_element_before(borders, *_AFTER_BORDERS)


def shade(cell: Any, colour: str) -> None:
    """A tinted ground behind a cell."""
    properties = cell._tc.get_or_add_tcPr()
    properties.append(element("w:shd", {"w:val": "clear", "w:color": "auto", "w:fill": colour}))


def frame(cell: Any, sides: Sequence[str], colour: str = INK, size: int = 8) -> None:
    """Lines at some sides of a cell."""
    borders = element("w:tcBorders")
    for side in ("top", "left", "bottom", "right"):
        if side in sides:
            line = {"w:val": "single", "w:sz": str(size), "w:space": "0", "w:color": colour}
            borders.append(element(f"w:{side}", line))
    cell._tc.get_or_add_tcPr().append(borders)


def bare_table(holder: Any, rows: int, widths: Sequence[float], indent: float = 0.0) -> Any:
    """A table without lines; widths and indent in millimetres."""
    table = holder.add_table(rows=rows, cols=len(widths))
    table.autofit = False
    properties = table._tbl.tblPr
    layout, look = properties.find(qn("w:tblLayout")), properties.find(qn("w:tblLook"))
    place = str(round(indent / 25.4 * 1440))
    layout.addprevious(element("w:tblInd", {"w:w": place, "w:type": "dxa"}))
    margins = element("w:tblCellMar")
    for side, gap in (("top", "20"), ("left", "30"), ("bottom", "20"), ("right", "30")):
        margins.append(element(f"w:{side}", {"w:w": gap, "w:type": "dxa"}))
    look.addprevious(margins)
    for column, width in zip(table._tbl.tblGrid.gridCol_lst, widths, strict=True):
        column.w = Mm(width)
    for row in table.rows:
        row._tr.get_or_add_trPr().append(element("w:cantSplit", {"w:val": "true"}))
        for cell, width in zip(row.cells, widths, strict=True):
            cell.width = Mm(width)
    return table


def repeat_header(row: Any) -> None:
    """Repeat the row on each page."""
    row._tr.get_or_add_trPr().append(element("w:tblHeader", {"w:val": "true"}))


def set_font(style: Any, size: float, colour: str, *, bold: bool = False) -> None:
    """Font of a style for every script, without the template's theme fonts."""
    style.font.name, style.font.size, style.font.bold = FONT, Pt(size), bold
    style.font.italic = False
    style.font.color.rgb = RGBColor.from_string(colour)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    for script in ("ascii", "hAnsi", "eastAsia", "cs"):
        fonts.set(qn(f"w:{script}"), FONT)


def set_language(style: Any, language: str) -> None:
    """The language of a style's text, for spelling and screen readers."""
    properties = style.element.get_or_add_rPr()
    for old in properties.findall(qn("w:lang")):
        properties.remove(old)
    properties.append(element("w:lang", {"w:val": language, "w:eastAsia": language}))


def describe(picture: Any, words: str) -> None:
    """Alternative text of a picture."""
    properties = picture._inline.docPr
    properties.set("descr", words)
    properties.set("title", "")


def fix_archive(path: Path) -> None:
    """Write the file's parts again with a fixed date, so equal questionnaires are equal bytes."""
    with zipfile.ZipFile(path) as archive:
        parts = [(name, archive.read(name)) for name in archive.namelist()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts:
            part = zipfile.ZipInfo(name, ZIP_DATE)
            part.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(part, content)
