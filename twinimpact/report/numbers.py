"""The one place where the typed value of a cell becomes text.

Numbers travel as numbers up to here; role, decimals and language decide how they are written.
A hidden or missing value is a word, never an empty cell.
"""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

from twinimpact.language import N_, Translator
from twinimpact.report.content import ColumnSpec, Table, Withheld

NUMERIC_ROLES = ("count", "number", "signed", "percent", "p")
WITHHELD_WORDS = {
    "suppressed": N_("hidden"),
    "not_available": N_("not available"),
    "not_estimable": N_("not estimable"),
    "refused": N_("not estimated"),
    "descriptive": N_("described only"),
    "unbounded": N_("no limit"),
    "boundary": N_("none found"),
}
SMALLEST_P = 0.001


def is_number(column: ColumnSpec) -> bool:
    """Whether the column is written flush right."""
    return column.role in NUMERIC_ROLES


def cell_text(value: Any, column: ColumnSpec, translate: Translator) -> str:
    """One cell in the reader's language.

    Parameters
    ----------
    value
        A number, a text, a date (or ISO text), ``None`` or :class:`Withheld`. A percent is a
        share between 0 and 1.
    column
        Its role and decimals.
    """
    if isinstance(value, Withheld):
        return translate.text(WITHHELD_WORDS.get(value.reason, WITHHELD_WORDS["not_available"]))
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return translate.text(WITHHELD_WORDS["not_available"])
    if isinstance(value, bool):
        return translate.text(N_("yes")) if value else translate.text(N_("no"))
    if column.role == "date":
        moment = date_of(value)
        return translate.date(moment, "medium") if moment else str(value)
    if isinstance(value, str):
        return value
    return _number(float(value), column, translate) if is_number(column) else str(value)


def is_withheld(value: Any) -> bool:
    """Whether a cell holds a word instead of its number."""
    return (
        value is None
        or isinstance(value, Withheld)
        or (isinstance(value, float) and not math.isfinite(value))
    )


def table_note(table: Table, translate: Translator) -> str:
    """The author's note, or else an explanation of the word "hidden" where it occurs."""
    hidden = any(
        isinstance(value, Withheld) and value.reason == "suppressed"
        for row in table.rows
        for value in row.values()
    )
    if table.note or not hidden:
        return table.note
    return translate.text(
        N_("“Hidden”: the number could tell something about single people, so it is not shown.")
    )


def date_of(value: Any) -> dt.date | None:
    """A date from a date or ISO text; ``None`` for anything else, such as a bare year."""
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    try:
        return dt.date.fromisoformat(str(value)[:10])
    except ValueError:
        return None


def number_format(column: ColumnSpec) -> str:
    """Number format of a spreadsheet for the column's role; the program adds the language."""
    places = "." + "0" * column.decimals if column.decimals else ""
    if column.role == "percent":
        return f"0{places}%"
    if column.role == "signed":
        return f"+#,##0{places};\N{MINUS SIGN}#,##0{places};0{places}"
    if column.role == "p":
        return "0.000"
    if column.role == "date":
        return "yyyy-mm-dd"
    return f"#,##0{places}" if is_number(column) else "General"


def _number(value: float, column: ColumnSpec, translate: Translator) -> str:
    if column.role == "percent":
        return translate.percent(value, column.decimals)
    if column.role == "signed":
        return translate.signed(value, column.decimals)
    if column.role == "p":
        smallest = translate.number(SMALLEST_P, 3)
        return (
            f"<\N{NO-BREAK SPACE}{smallest}" if value < SMALLEST_P else translate.number(value, 3)
        )
    return translate.number(value, column.decimals)
