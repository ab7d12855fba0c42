"""An Excel file: a sheet to read first, then one sheet per table and per chart's data."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import xlsxwriter

from twinimpact.language import N_, Translator
from twinimpact.report.blocks import Document
from twinimpact.report.content import Chart, ColumnSpec, Table
from twinimpact.report.furniture import as_of_sentence, label_of, numbering, origin_rows
from twinimpact.report.numbers import (
    cell_text,
    date_of,
    is_number,
    is_withheld,
    number_format,
    table_note,
)
from twinimpact.report.text import clean_text

INERT = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
LONGEST_NAME = 31
READ_ME_WIDTH = 90
LINE_POINTS = 15
HEADER_ROW = 3
INK, SOFT, RULE, ACCENT = "#1B2430", "#4A5664", "#D5DBE2", "#1F4E79"
COLOURS = ("#1F4E79", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#7F7F7F")
NO_DATE = dt.date(2000, 1, 1)


def write_workbook(document: Document, translate: Translator, path: Path) -> None:
    """Write every table of the report, and the numbers behind every chart, as real tables.

    Text stays text: nothing from the data becomes a formula or a link.
    """
    numbers = numbering(document)
    content: list[Table | Chart] = [
        block for block in document.blocks if isinstance(block, Table | Chart)
    ]
    names = _sheet_names([block.id for block in content])
    with xlsxwriter.Workbook(str(path), INERT) as book:
        day = date_of(document.stamp.as_of) or NO_DATE
        book.set_properties(
            {
                "title": document.title,
                "subject": document.stamp.evaluation,
                "author": "twinimpact",
                "created": dt.datetime(day.year, day.month, day.day, 12),
            }
        )
        looks = _Looks(book)
        _read_me(book, looks, document, translate, names)
        for block in content:
            sheet = book.add_worksheet(names[block.id])
            label = label_of(block, numbers[block.id], translate)
            table = block.data if isinstance(block, Chart) else block
            _title(sheet, looks, f"{label}. {table.caption}", table_note(table, translate))
            _table(sheet, looks, table, translate, names[block.id])
            if isinstance(block, Chart):
                _chart(book, sheet, block, names[block.id])


class _Looks:
    """Cell formats, made once per workbook."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._made: dict[str, Any] = {}
        self.title = book.add_format({"bold": True, "font_size": 14, "font_color": INK})
        self.soft = book.add_format({"font_color": SOFT})
        self.label = book.add_format({"bold": True, "font_color": INK, "valign": "top"})
        self.wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        word = {"italic": True, "font_color": SOFT, "bottom": 1, "bottom_color": RULE}
        self.word = book.add_format({**word, "align": "right"})
        self.word_text = book.add_format({**word, "indent": 1})

    def header(self, column: ColumnSpec, *, first: bool) -> Any:
        """Bold with a strong line below."""
        look = {"bold": True, "bottom": 2, "bottom_color": INK, "text_wrap": True}
        return self._format({**look, **_side(column, first), "valign": "bottom"})

    def cell(self, column: ColumnSpec, *, first: bool) -> Any:
        """The number format of the column with a light line below."""
        look = {"num_format": number_format(column), "bottom": 1, "bottom_color": RULE}
        wrap = {"text_wrap": True} if column.role == "text" else {}
        return self._format({**look, **_side(column, first), **wrap, "valign": "top"})

    def _format(self, look: Mapping[str, Any]) -> Any:
        name = repr(sorted(look.items()))
        if name not in self._made:
            self._made[name] = self._book.add_format(dict(look))
        return self._made[name]


def _side(column: ColumnSpec, first: bool) -> dict[str, Any]:
    """Numbers flush right; text after the first column a little away from the numbers."""
    if is_number(column):
        return {"align": "right"}
    return {"align": "left", "indent": 0 if first else 1}


def _sheet_names(ids: list[str]) -> dict[str, str]:
    """Id to sheet name: the id itself, cut to Excel's limit and kept unique."""
    names: dict[str, str] = {}
    for identifier in ids:
        name, number = identifier[:LONGEST_NAME], 2
        while name in names.values():
            name = f"{identifier[: LONGEST_NAME - 3]}-{number}"
            number += 1
        names[identifier] = name
    return names


def _read_me(
    book: Any, looks: _Looks, document: Document, translate: Translator, names: Mapping[str, str]
) -> None:
    sheet = book.add_worksheet(translate.text(N_("Read me"))[:LONGEST_NAME])
    _page(sheet)
    sheet.set_column(0, 0, 30)
    sheet.set_column(1, 1, READ_ME_WIDTH)
    sheet.write_string(0, 0, clean_text(document.title), looks.title)
    sheet.write_string(1, 0, as_of_sentence(document, translate), looks.soft)
    row = 3
    for label, text in origin_rows(document, translate):
        sheet.write_string(row, 0, label, looks.label)
        _wrapped(sheet, row, clean_text(text), looks)
        row += 1
    row += 1
    sheet.write_string(row, 0, translate.text(N_("Sheet")), looks.label)
    sheet.write_string(row, 1, translate.text(N_("What it holds")), looks.label)
    for block in document.blocks:
        if isinstance(block, Table | Chart):
            row += 1
            sheet.write_string(row, 0, names[block.id])
            held = block.data.caption if isinstance(block, Chart) else block.caption
            _wrapped(sheet, row, clean_text(held), looks)
    words = translate.text(N_("A word in place of a number says why it is missing."))
    sheet.write_string(row + 2, 0, words, looks.soft)


def _wrapped(sheet: Any, row: int, text: str, looks: _Looks) -> None:
    """Text over as many lines as it needs: programs do not grow a row by themselves."""
    sheet.set_row(row, LINE_POINTS * max(1, -(-len(text) // READ_ME_WIDTH)))
    sheet.write_string(row, 1, text, looks.wrapped)


def _page(sheet: Any) -> None:
    sheet.hide_gridlines(2)
    sheet.set_paper(9)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.set_footer("&L&A&R&P / &N")


def _title(sheet: Any, looks: _Looks, title: str, note: str) -> None:
    _page(sheet)
    sheet.write_string(0, 0, clean_text(title), looks.label)
    if note:
        sheet.write_string(1, 0, clean_text(note), looks.soft)


def _table(sheet: Any, looks: _Looks, table: Table, translate: Translator, name: str) -> None:
    last = HEADER_ROW + max(len(table.rows), 1)
    headers = _headers(table)
    sheet.add_table(
        HEADER_ROW,
        0,
        last,
        len(table.columns) - 1,
        {
            "name": "t_" + name.replace("-", "_"),
            "style": None,
            "columns": [
                {"header": header, "header_format": looks.header(column, first=not number)}
                for number, (header, column) in enumerate(zip(headers, table.columns, strict=True))
            ],
        },
    )
    for position, column in enumerate(table.columns):
        texts = [cell_text(row.get(column.key), column, translate) for row in table.rows]
        widest = max([len(text) for text in texts] + [len(headers[position]) * 2 // 3, 9])
        sheet.set_column(position, position, min(widest + 3, 60))
        for number, row in enumerate(table.rows, start=HEADER_ROW + 1):
            _cell(sheet, (number, position), row.get(column.key), column, (looks, translate))
    sheet.freeze_panes(HEADER_ROW + 1, 1)
    sheet.repeat_rows(HEADER_ROW)
    sheet.print_area(0, 0, last, max(len(table.columns) - 1, 5))


def _cell(
    sheet: Any,
    place: tuple[int, int],
    value: Any,
    column: ColumnSpec,
    context: tuple[_Looks, Translator],
) -> None:
    looks, translate = context
    moment = date_of(value) if column.role == "date" and not is_withheld(value) else None
    if is_withheld(value):
        word = looks.word if is_number(column) else looks.word_text
        sheet.write_string(*place, cell_text(value, column, translate), word)
    elif moment is not None:
        sheet.write_datetime(
            *place, dt.datetime.combine(moment, dt.time()), looks.cell(column, first=place[1] == 0)
        )
    elif isinstance(value, int | float) and not isinstance(value, bool):
        sheet.write_number(*place, value, looks.cell(column, first=place[1] == 0))
    else:
        text = clean_text(cell_text(value, column, translate))
        sheet.write_string(*place, text, looks.cell(column, first=place[1] == 0))


def _headers(table: Table) -> list[str]:
    """Column labels, made different where two are the same: Excel insists."""
    headers: list[str] = []
    for column in table.columns:
        label, number = clean_text(column.label), 2
        while label.casefold() in [header.casefold() for header in headers]:
            label = f"{clean_text(column.label)} ({number})"
            number += 1
        headers.append(label)
    return headers


def _chart(book: Any, sheet: Any, chart: Chart, name: str) -> None:
    """A native bar chart beside the table, where the drawing is a plain bar chart too."""
    values = _plain_bars(chart)
    if not values:
        return
    traces = chart.figure["data"]
    kind = "bar" if traces[0].get("orientation") == "h" else "column"
    stacked = chart.figure.get("layout", {}).get("barmode") in ("stack", "relative")
    drawing = book.add_chart({"type": kind, **({"subtype": "stacked"} if stacked else {})})
    first, last = HEADER_ROW + 1, HEADER_ROW + len(chart.data.rows)
    for number, position in enumerate(values):
        drawing.add_series(
            {
                "name": [name, HEADER_ROW, position],
                "categories": [name, first, 0, last, 0],
                "values": [name, first, position, last, position],
                "fill": {"color": COLOURS[number % len(COLOURS)]},
                "gap": 60,
            }
        )
    drawing.set_title({"none": True})
    drawing.set_legend({"position": "top"} if len(values) > 1 else {"none": True})
    if kind == "bar":
        drawing.set_y_axis({"reverse": True})
    drawing.set_size({"width": 720, "height": 400})
    sheet.insert_chart(HEADER_ROW, len(chart.data.columns) + 1, drawing, {"description": chart.alt})


def _plain_bars(chart: Chart) -> list[int]:
    """Positions of the columns to draw; empty unless the chart is simple bars of all rows."""
    traces = chart.figure.get("data", [])
    columns = chart.data.columns
    numeric = [
        n for n, column in enumerate(columns) if column.role in ("count", "number", "percent")
    ]
    hidden = any(is_withheld(row.get(columns[n].key)) for row in chart.data.rows for n in numeric)
    simple = (
        bool(traces)
        and all(trace.get("type") == "bar" and "base" not in trace for trace in traces)
        and columns[0].role == "text"
        and len(numeric) == len(traces)
        and len({columns[n].role for n in numeric}) == 1
    )
    return numeric if simple and not hidden else []
