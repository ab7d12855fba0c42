"""How a Word report looks: paper, styles and document properties."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from docx.enum.style import WD_STYLE_TYPE
from docx.shared import Mm, Pt

from twinimpact.report import word_parts as parts
from twinimpact.report.blocks import Document
from twinimpact.report.furniture import is_compact
from twinimpact.report.numbers import date_of

FONT = "Arial"
TABLE_POINTS = 9.5
TEXT_WIDTH = Mm(210 - 2 * 24)
NO_DATE = dt.date(2000, 1, 1)
COMPACT_SIZE, COMPACT_AIR = 0.86, 0.5
"""Letters and space of a report of one page, against the usual."""


@dataclass(frozen=True, slots=True)
class Look:
    """Size in points, colour, weight, and the space before and after in points."""

    size: float
    colour: str
    bold: bool
    before: float
    after: float


LOOKS = {
    "Normal": Look(10.5, parts.INK, False, 0, 8),
    "Heading 1": Look(22, parts.INK, True, 0, 6),
    "Heading 2": Look(15, parts.ACCENT, True, 18, 6),
    "Heading 3": Look(12, parts.INK, True, 14, 6),
    "Heading 4": Look(10.5, parts.INK, True, 10, 6),
    "Caption": Look(9.5, parts.SOFT, False, 0, 14),
    "Eyebrow": Look(10.5, parts.ACCENT, True, 0, 4),
    "Facts": Look(10.5, parts.SOFT, False, 0, 18),
    "Notice": Look(10.5, parts.INK, False, 12, 14),
    "Picture": Look(10.5, parts.INK, False, 10, 4),
    "Note": Look(9, parts.SOFT, False, 4, 14),
    "Gap": Look(5, parts.SOFT, False, 0, 9),
    "Origin": Look(8.5, parts.SOFT, False, 1, 1),
    "Table Text": Look(TABLE_POINTS, parts.INK, False, 0, 0),
    "Table Header": Look(TABLE_POINTS, parts.INK, True, 0, 0),
}
KEPT_WITH_NEXT = ("Heading 1", "Heading 2", "Heading 3", "Heading 4", "Picture")


def set_styles(file: Any, document: Document) -> None:
    """Give the template's styles our look and add the ones it lacks."""
    size, air = (COMPACT_SIZE, COMPACT_AIR) if is_compact(document) else (1.0, 1.0)
    names = {style.name for style in file.styles}
    for name, look in LOOKS.items():
        if name not in names:
            file.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH).base_style = file.styles["Normal"]
        style = file.styles[name]
        parts.set_font(style, FONT, look.size * size, look.colour, bold=look.bold)
        form = style.paragraph_format
        form.space_before, form.space_after = Pt(look.before * air), Pt(look.after * air)
        form.keep_with_next = name in KEPT_WITH_NEXT
        form.line_spacing = 1.1 if name.startswith("Table") or air < 1 else 1.2
    for name in ("List Bullet", "List Number", "List Bullet 2"):
        file.styles[name].paragraph_format.space_after = Pt(4 * air)
    parts.set_language(file.styles["Normal"], document.language)
    box = file.styles["Notice"].paragraph_format
    box.left_indent, box.right_indent = Mm(4), Mm(3)


def set_properties(file: Any, document: Document) -> None:
    """Title, language and a date that does not come from the clock."""
    day = date_of(document.stamp.as_of) or NO_DATE
    core = file.core_properties
    core.title = document.title
    core.subject = document.stamp.evaluation
    core.author = core.last_modified_by = "twinimpact"
    core.comments = ""
    core.language = document.language
    core.created = core.modified = dt.datetime(day.year, day.month, day.day, 12)
    core.revision = 1


def set_paper(file: Any, document: Document) -> Any:
    """A4 with margins; returns the section."""
    section = file.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(24)
    upright = Mm(14) if is_compact(document) else Mm(23)
    section.top_margin = section.bottom_margin = upright
    section.footer_distance = Mm(8) if is_compact(document) else Mm(12)
    return section
