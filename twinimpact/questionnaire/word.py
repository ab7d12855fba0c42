"""The printable questionnaire as a Word file that a town can still edit."""

from __future__ import annotations

import datetime as dt
import io
from pathlib import Path
from typing import Any

import docx
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.table import WD_ALIGN_VERTICAL
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT
from docx.shared import Mm, Pt, RGBColor

from twinimpact.questionnaire import word_parts as parts
from twinimpact.questionnaire.paper import Content
from twinimpact.questionnaire.pictures import png_picture

MARGIN, NUMBER = 19.0, 8.0
TEXT = 210 - 2 * MARGIN
BODY = TEXT - NUMBER
LOOKS = {
    # size, colour, bold, space before, space after, kept with the next paragraph
    "Normal": (10, parts.INK, False, 0, 4, False),
    "Heading 1": (18, parts.INK, True, 0, 2, True),
    "Heading 2": (12.5, parts.ACCENT, True, 16, 6, True),
    "Lead": (10, parts.INK, False, 0, 4, True),
    "Question": (10, parts.INK, True, 8, 1, True),
    "Hint": (8.5, parts.SOFT, False, 0, 3, True),
    "Cell": (9, parts.INK, False, 0, 0, False),
    "Note": (9.5, parts.WARN, False, 6, 6, False),
}
CENTRE, RIGHT = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.RIGHT


def write_word(content: Content, path: Path) -> None:
    """Write the questionnaire of one language; equal content gives equal bytes."""
    file = docx.Document()
    _styles(file, content)
    _paper(file, content)
    _front(file, content)
    for part in content["gates"]:
        _shown(file, part)
    for section in content["sections"]:
        if section["title"]:
            heading = file.add_heading(section["title"], level=2)
            parts.line_under(heading, parts.ACCENT, 10)
        for words in section["intro"]:
            file.add_paragraph(words, style="Lead")
        for part in section["blocks"]:
            _shown(file, part)
    last = file.add_paragraph(content["thanks"])
    last.paragraph_format.space_before = Pt(22)
    last.runs[0].bold = True
    file.save(str(path))
    parts.fix_archive(path)


def _styles(file: Any, content: Content) -> None:
    names = {style.name for style in file.styles}
    for name, (size, colour, bold, before, after, kept) in LOOKS.items():
        if name not in names:
            file.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH).base_style = file.styles["Normal"]
        style = file.styles[name]
        parts.set_font(style, size, colour, bold=bold)
        form = style.paragraph_format
        form.space_before, form.space_after = Pt(before), Pt(after)
        form.keep_with_next, form.line_spacing = kept, 1.08
    parts.set_language(file.styles["Normal"], content["lang"])
    core = file.core_properties
    core.title, core.author, core.last_modified_by = content["title"], "twinimpact", "twinimpact"
    core.comments, core.language, core.revision = "", content["lang"], 1
    core.created = core.modified = dt.datetime(2000, 1, 1, 12)


def _paper(file: Any, content: Content) -> None:
    section = file.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(MARGIN)
    section.top_margin = section.bottom_margin = Mm(17)
    section.footer_distance = Mm(9)
    foot = section.footer.paragraphs[0]
    foot.style = file.styles["Hint"]
    foot.paragraph_format.tab_stops.add_tab_stop(Mm(TEXT), WD_TAB_ALIGNMENT.RIGHT)
    mark = f"  {content['mark']}" if content["mark"] else ""
    before, between, after = content["page"]
    foot.add_run(f"{content['foot']}{mark}\t{before}")
    parts.add_field(foot, "PAGE")
    foot.add_run(between)
    parts.add_field(foot, "NUMPAGES")
    foot.add_run(after)


def _front(file: Any, content: Content) -> None:
    """Title, number and date, introduction, notes and consent."""
    file.add_heading(content["title"], level=1)
    if content["towns"]:
        towns = file.add_paragraph(content["towns"])
        towns.runs[0].font.size = Pt(11.5)
        towns.runs[0].font.color.rgb = RGBColor.from_string(parts.SOFT)
    line = file.add_paragraph(style="Hint")
    line.paragraph_format.tab_stops.add_tab_stop(Mm(62))
    line.paragraph_format.space_before = Pt(6)
    blank = "_" * 18
    line.add_run(f"{content['number']} {blank}\t{content['date']} {blank}")
    parts.line_under(line, parts.ACCENT, 18)
    if content["intro"]:
        file.add_paragraph(content["intro"]).paragraph_format.space_before = Pt(8)
    for words in content["notes"]:
        note = file.add_paragraph(style="Note")
        if content["mark"]:
            note.add_run(f"{content['mark']} ").bold = True
        note.add_run(words)
        parts.line_under(note, parts.WARN, 18, side="left")
    if content["consent"]:
        table = parts.bare_table(file, 1, [TEXT])
        cell = table.rows[0].cells[0]
        parts.shade(cell, parts.BAND)
        title = cell.paragraphs[0]
        title.style = file.styles["Heading 2"]
        title.paragraph_format.space_before = Pt(4)
        title.add_run(content["consent"]["title"])
        cell.add_paragraph(content["consent"]["text"])
        options = cell.add_paragraph()
        for words in content["consent"]["options"]:
            parts.add_tick(options, words, 10)
            options.add_run(" " * 8)


def _shown(file: Any, part: Content) -> None:
    writers = {
        "scale": _scale, "grid": _grid, "options": _options, "pictures": _pictures,
        "thermometer": _thermometer, "number": _number, "lines": _lines, "code": _code,
    }  # fmt: skip
    writers[part["type"]](file, part)


def _question(file: Any, part: Content) -> None:
    """Number, question and hint, kept with the answers below."""
    if part["only_if"]:
        only = file.add_paragraph(part["only_if"], style="Hint")
        only.paragraph_format.left_indent = Mm(NUMBER)
        only.paragraph_format.space_before = Pt(8)
        only.runs[0].italic = True
    paragraph = file.add_paragraph(style="Question")
    form = paragraph.paragraph_format
    form.left_indent, form.first_line_indent = Mm(NUMBER), Mm(-NUMBER)
    form.tab_stops.add_tab_stop(Mm(NUMBER))
    number = paragraph.add_run(f"{part['n'] or ''}\t")
    number.font.color.rgb = RGBColor.from_string(parts.ACCENT)
    paragraph.add_run(part["text"])
    if part["hint"]:
        _indented(file, part["hint"], "Hint")


def _indented(file: Any, words: str, style: str) -> Any:
    paragraph = file.add_paragraph(words, style=style)
    paragraph.paragraph_format.left_indent = Mm(NUMBER)
    return paragraph


def _cell(cell: Any, words: str = "", size: float = 8.5, align: Any = CENTRE) -> Any:
    """The only paragraph of a cell, in the middle of its height."""
    paragraph = cell.paragraphs[0]
    paragraph.style = paragraph.part.document.styles["Cell"]
    paragraph.alignment = align
    cell.vertical_alignment = WD_ALIGN_VERTICAL.CENTER
    if words:
        paragraph.add_run(words).font.size = Pt(size)
    return paragraph


def _keep(table: Any) -> None:
    """Keep the rows of a small table on one page."""
    for row in table.rows[:-1]:
        for cell in row.cells:
            cell.paragraphs[0].paragraph_format.keep_with_next = True


def _evidence(file: Any, part: Content) -> None:
    if "evidence" not in part:
        return
    line = _indented(file, f"{part['evidence']['text']}   ", "Hint")
    for words in part["evidence"]["options"]:
        parts.add_tick(line, words, 9)
        line.add_run("    ")


def _scale(file: Any, part: Content) -> None:
    _question(file, part)
    count, apart = len(part["codes"]), bool(part["unknown"])
    end, last = 28.0, 19.0 if apart else 1.0
    box = (BODY - 2 * end - last) / count
    table = parts.bare_table(file, 2, [end, *[box] * count, end, last], NUMBER)
    top, row = (table.rows[0].cells, table.rows[1].cells)
    for position, code in enumerate(part["codes"], start=1):
        _cell(top[position], code)
        parts.add_tick(_cell(row[position]))
    _cell(row[0], part["low"], align=RIGHT)
    _cell(row[count + 1], part["high"], align=WD_ALIGN_PARAGRAPH.LEFT)
    if apart:
        _cell(top[-1], part["unknown"], 8)
        parts.add_tick(_cell(row[-1]))
    _keep(table)


def _grid(file: Any, part: Content) -> None:
    rule = file.add_paragraph(part["rule"], style="Hint")
    rule.paragraph_format.space_before = Pt(4)
    heads = [*part["heads"], *([part["unknown"]] if part["unknown"] else [])]
    wide = 17.0 if len(heads) > 4 else 19.0
    question = TEXT - NUMBER - wide * len(heads)
    table = parts.bare_table(file, 1 + len(part["rows"]), [NUMBER, question, *[wide] * len(heads)])
    parts.repeat_header(table.rows[0])
    for cell, head in zip(table.rows[0].cells[2:], heads, strict=True):
        _cell(cell, head, 8).runs[0].bold = True
        cell.vertical_alignment = WD_ALIGN_VERTICAL.BOTTOM
    for cell in table.rows[0].cells:
        parts.frame(cell, ["bottom"])
    for position, (row, words) in enumerate(zip(table.rows[1:], part["rows"], strict=True)):
        cells = row.cells
        number = _cell(cells[0], str(words["n"]), 9.5, WD_ALIGN_PARAGRAPH.LEFT).runs[0]
        number.bold, number.font.color.rgb = True, RGBColor.from_string(parts.ACCENT)
        _cell(cells[1], words["text"], 9.5, WD_ALIGN_PARAGRAPH.LEFT)
        for cell in cells[2:]:
            parts.add_tick(_cell(cell))
        for cell in cells:
            parts.frame(cell, ["bottom"], parts.RULE, 4)
            if position % 2:
                parts.shade(cell, parts.BAND)


def _options(file: Any, part: Content) -> None:
    _question(file, part)
    words = [*part["options"], *([part["unknown"]] if part["unknown"] else [])]
    if not part["wide"]:
        line = _indented(file, "", "Normal")
        for option in words:
            parts.add_tick(line, option)
            line.add_run("     ")
        _evidence(file, part)
        return
    rows = -(-len(words) // 2)
    table = parts.bare_table(file, rows, [BODY / 2, BODY / 2], NUMBER)
    for position, option in enumerate(words):
        cell = table.rows[position % rows].cells[position // rows]
        parts.add_tick(_cell(cell, align=WD_ALIGN_PARAGRAPH.LEFT), option)
    _keep(table)
    _evidence(file, part)


def _pictures(file: Any, part: Content) -> None:
    _question(file, part)
    _indented(file, part["rule"], "Hint")
    count = len(part["images"])
    table = parts.bare_table(file, 2, [BODY / count] * count, NUMBER)
    for position, image in enumerate(part["images"]):
        paragraph = _cell(table.rows[0].cells[position])
        drawn = paragraph.add_run().add_picture(
            io.BytesIO(png_picture(position)), width=Mm(BODY / count - 4)
        )
        parts.describe(drawn, image["alt"])
        parts.add_tick(_cell(table.rows[1].cells[position]), str(position + 1), 9)
    _keep(table)
    ends = _indented(file, f"{part['low']}\t{part['high']}", "Hint")
    ends.paragraph_format.tab_stops.add_tab_stop(Mm(TEXT), WD_TAB_ALIGNMENT.RIGHT)
    if part["unknown"]:
        parts.add_tick(_indented(file, "", "Normal"), part["unknown"])


def _thermometer(file: Any, part: Content) -> None:
    """A ruler with named points, and boxes for the number."""
    _question(file, part)
    _indented(file, part["rule"], "Hint")
    table = parts.bare_table(file, 3, [BODY / 11] * 11, NUMBER)
    named = {mark["at"]: mark["label"] for mark in part["marks"]}
    for step in range(11):
        at = part["lo"] + (part["hi"] - part["lo"]) * step // 10
        _cell(table.rows[0].cells[step], str(at))
        tick = table.rows[1].cells[step]
        parts.frame(tick, ["top"])
        _cell(tick, "|", 7)
        if at in named:
            first = min(max(step - 1, 0), 8)
            merged = table.rows[2].cells[first].merge(table.rows[2].cells[first + 2])
            align = {0: WD_ALIGN_PARAGRAPH.LEFT, 10: RIGHT}.get(step, CENTRE)
            _cell(merged, named[at], 8.5, align)
    _keep(table)
    gap = file.add_paragraph(style="Hint")
    gap.paragraph_format.space_after = Pt(0)
    _boxes(file, len(str(part["hi"])), part["unknown"])


def _number(file: Any, part: Content) -> None:
    _question(file, part)
    _boxes(file, part["cells"], part["unknown"])
    _evidence(file, part)


def _boxes(file: Any, count: int, unknown: str) -> None:
    """Boxes for digits, and a box to tick beside them."""
    widths = [*[7.0] * count, 7.0, BODY - 7.0 * (count + 1)]
    table = parts.bare_table(file, 1, widths, NUMBER)
    for cell in table.rows[0].cells[:count]:
        parts.frame(cell, ["top", "left", "bottom", "right"])
        _cell(cell)
    if unknown:
        parts.add_tick(_cell(table.rows[0].cells[-1], align=WD_ALIGN_PARAGRAPH.LEFT), unknown)
    table.rows[0].height = Mm(7.5)


def _lines(file: Any, part: Content) -> None:
    _question(file, part)
    table = parts.bare_table(file, part["lines"], [BODY], NUMBER)
    for row in table.rows:
        row.height = Mm(8)
        parts.frame(row.cells[0], ["bottom"], parts.SOFT, 4)
    _keep(table)
    _evidence(file, part)


def _code(file: Any, part: Content) -> None:
    if part["lead"]:
        file.add_paragraph(part["lead"], style="Hint")
    digits = 7.0
    table = parts.bare_table(file, len(part["rows"]), [NUMBER, 110.0, digits, digits])
    for row, words in zip(table.rows, part["rows"], strict=True):
        number = _cell(row.cells[0], str(words["n"]), 10, WD_ALIGN_PARAGRAPH.LEFT).runs[0]
        number.bold, number.font.color.rgb = True, RGBColor.from_string(parts.ACCENT)
        text = _cell(row.cells[1], words["text"], 10, WD_ALIGN_PARAGRAPH.LEFT)
        text.runs[0].bold = True
        if words["hint"]:
            hint = text.add_run(f"\n{words['hint']}")
            hint.font.size, hint.font.color.rgb = Pt(8.5), RGBColor.from_string(parts.SOFT)
        for cell in row.cells[2 : 2 + words["cells"]]:
            parts.frame(cell, ["top", "left", "bottom", "right"])
        row.height = Mm(8.5)
