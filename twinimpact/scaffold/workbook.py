"""Template workbooks: one empty sheet per table, with lists to choose from and a guide."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Mapping, Sequence
from typing import Any

from twinimpact.language import N_
from twinimpact.scaffold.examples import EXAMPLES
from twinimpact.schema import RECORD_TABLES, TABLES, Column

ROWS_WITH_CHOICES = 1000
CHOICES = "Choices"
NUMBERS = ("integer", "number")
CREATED = dt.datetime(2000, 1, 1)  # a fixed time, so that equal input gives equal bytes

WORKBOOKS: Mapping[str, tuple[str, ...]] = {
    "registers.xlsx": ("towns", "partnerships"),
    "activities.xlsx": ("activities", "attendance"),
    "records.xlsx": RECORD_TABLES,
}
NOT_TYPED = (("attendance", "row_key"), ("travel", "row_key"), ("media", "row_key"))
"""Columns that the importer fills in itself."""

GUIDE = (
    N_("Fill in the other sheets; one line is one row. Columns with a star may not be blank."),
    N_("The last column of the table below shows an example. The other sheets hold no example "
       "rows, so nothing has to be deleted before importing."),
    N_("Do not write names, e-mail addresses or birth dates of people. Participants get a number."),
    N_("You may delete, reorder or translate columns, and add your own: those are ignored."),
)  # fmt: skip


def header_of(column: Column) -> str:
    """A column's name as people read it; required ones carry a star."""
    words = column.name.replace("_", " ").capitalize()
    return f"{words} *" if column.required else words


def template_workbook(tables: Sequence[str]) -> bytes:
    """A workbook with one empty sheet per table, a guide and lists to choose from."""
    import xlsxwriter

    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    book.set_properties({"created": CREATED})
    dropdowns = _dropdowns(tables)
    for table in tables:
        _data_sheet(book, table, dropdowns)
    _guide(book, tables)
    hidden = book.add_worksheet(CHOICES)
    hidden.hide()
    for place, (table, name) in enumerate(dropdowns):
        hidden.write_column(0, place, dropdowns[table, name])
    book.close()
    return buffer.getvalue()


def _data_sheet(
    book: Any, table: str, dropdowns: Mapping[tuple[str, str], tuple[str, ...]]
) -> None:
    head = book.add_format({"bold": True, "bg_color": "#DCE6F1", "border": 1, "text_wrap": True})
    # text format: a code such as 0312 or a date stays what was typed
    text = book.add_format({"num_format": "@"})
    sheet = book.add_worksheet(table.capitalize())
    sheet.freeze_panes(1, 1)
    for place, column in enumerate(_columns(table)):
        sheet.set_column(place, place, 18, None if column.kind in NUMBERS else text)
        sheet.write_string(0, place, header_of(column), head)
        sheet.write_comment(0, place, _meaning(column))
        words = dropdowns.get((table, column.name))
        if words:
            # a list written into the rule itself may hold 255 characters only
            letter = chr(ord("A") + list(dropdowns).index((table, column.name)))
            source = f"={CHOICES}!${letter}$1:${letter}${len(words)}"
            rule = {"validate": "list", "source": source, "ignore_blank": True}
            sheet.data_validation(1, place, ROWS_WITH_CHOICES, place, rule)


def _guide(book: Any, tables: Sequence[str]) -> None:
    head = book.add_format({"bold": True, "bg_color": "#DCE6F1", "border": 1})
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    sheet = book.add_worksheet("Read me")
    for first, last, width in ((0, 1, 22), (2, 3, 50), (4, 4, 30)):
        sheet.set_column(first, last, width)
    for row, line in enumerate(GUIDE):
        sheet.write_string(row, 0, line)
    row = len(GUIDE) + 1
    for place, name in enumerate(("Sheet", "Column", "What goes there", "Allowed", "Example")):
        sheet.write_string(row, place, name, head)
    for table in tables:
        for column in _columns(table):
            row += 1
            cells = (
                table.capitalize(),
                header_of(column),
                _meaning(column),
                ", ".join(_choices(column)),
                EXAMPLES[table].get(column.name, ""),
            )
            for place, cell in enumerate(cells):
                sheet.write_string(row, place, cell, wrap)


def _dropdowns(tables: Sequence[str]) -> dict[tuple[str, str], tuple[str, ...]]:
    return {
        (table, column.name): _choices(column)
        for table in tables
        for column in _columns(table)
        if _choices(column) and column.kind != "list"
    }


def _columns(table: str) -> tuple[Column, ...]:
    return tuple(
        column for column in TABLES[table].columns if (table, column.name) not in NOT_TYPED
    )


def _choices(column: Column) -> tuple[str, ...]:
    return column.allowed or (("yes", "no") if column.kind == "flag" else ())


def _meaning(column: Column) -> str:
    words = column.meaning[:1].upper() + column.meaning[1:] + "."
    if column.kind == "list":
        words += " Several are separated by a semicolon."
    if column.kind == "date":
        words += " Write 2026-05-14 or 14.05.2026."
    return words
