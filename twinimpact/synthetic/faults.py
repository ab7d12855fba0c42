"""Faults planted on purpose, each written down, so that a test can ask whether it was caught."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from twinimpact.synthetic.forms import Cell, Grid
from twinimpact.synthetic.workbooks import Page

LOG_ROWS_ABOVE = 3
"""Rows above the first event: a heading, a blank row, the header."""
FIRST_ROW = 2
"""Row of the first questionnaire as a spreadsheet program shows it: one header row above."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One planted fault.

    ``kind`` is one of ``code_typo``, ``duplicate_row``, ``double_submission``, ``out_of_range``,
    ``unreadable_number``,
    ``unknown_partnership``, ``impossible_date``, ``no_consent``, ``partial_response``,
    ``rejected_response``, ``count_mismatch``, ``unknown_activity``, ``event_without_start``.
    """

    kind: str
    file: str
    row: int | None = None
    sheet: str = ""
    column: str = ""
    value: str = ""

    def to_dict(self) -> dict[str, Any]:
        """All fields, ready for JSON."""
        return asdict(self)


def code_typos(grid: Grid, file: str) -> list[Fault]:
    """The slips of memory that are in the codes already."""
    return [
        Fault(
            kind="code_typo",
            file=file,
            row=index + FIRST_ROW,
            column=",".join(str(position) for position in sheet.slips),
        )
        for index, sheet in enumerate(grid.sheets)
        if sheet is not None and sheet.slips
    ]


def overwrite(grid: Grid, file: str, kind: str, cell: tuple[int, str], value: str) -> Fault:
    """Put ``value`` into one cell, given by position of the row and by header."""
    index, header = cell
    grid.rows[index][grid.column(header)] = value
    return Fault(kind=kind, file=file, row=index + FIRST_ROW, column=header, value=value)


def duplicate(grid: Grid, file: str, index: int) -> Fault:
    """Append a row again, as an export does that was pasted below an older one."""
    grid.rows.append(list(grid.rows[index]))
    grid.sheets.append(None)
    return Fault(kind="duplicate_row", file=file, row=len(grid.rows) + FIRST_ROW - 1)


def extra_row(grid: Grid, file: str, kind: str, index: int, changes: Mapping[str, Cell]) -> Fault:
    """Append a row made from another one, so that nobody's own answers are lost."""
    row = list(grid.rows[index])
    for header, value in changes.items():
        row[grid.column(header)] = value
    grid.rows.append(row)
    grid.sheets.append(None)
    told = next(iter(changes))
    return Fault(
        kind=kind,
        file=file,
        row=len(grid.rows) + FIRST_ROW - 1,
        column=told,
        value=str(changes[told]),
    )


def page_row(page: Page, cells: Mapping[str, Any]) -> int:
    """Append a row to a worksheet; gives its position."""
    page.rows.append([cells.get(header, "") for header in page.header])
    return len(page.rows) - 1


def miscounted(planted: Sequence[Fault], pages: Sequence[Page]) -> frozenset[str]:
    """Events whose head-counts contradict each other, so that none of them can be used."""
    _, attendance = pages
    event = attendance.header.index("Veranstaltung")
    return frozenset(
        str(attendance.rows[fault.row - 1 - LOG_ROWS_ABOVE][event])
        for fault in planted
        if fault.kind == "count_mismatch" and fault.row is not None
    )


def plant_in_logs(pages: Sequence[Page], file: str) -> list[Fault]:
    """An impossible date, an attendance row without event, and counts that do not add up."""
    above = LOG_ROWS_ABOVE
    activities, attendance = pages
    index = page_row(
        activities,
        {
            "Nr.": "ASC-LIP-90", "Partnerschaft": "asc-lip", "Titel": "Winterwanderung",
            "Art": "Bürgerbegegnung", "Themen": "Umwelt", "Beginn": "31.02.2025",
            "Gastgeber": "Aschwinkel", "Stand": "durchgeführt",
        },
    )  # fmt: skip
    found = [
        Fault(kind="impossible_date", file=file, sheet=activities.name, row=index + above + 1,
              column="Beginn", value="31.02.2025")
    ]  # fmt: skip
    index = page_row(
        attendance,
        {"Veranstaltung": "ASC-LIP-77", "Anzahl": 12, "Anwesend": "ja", "Land": "PL",
         "Nachweis": "gezählt"},
    )  # fmt: skip
    found.append(
        Fault(kind="unknown_activity", file=file, sheet=attendance.name, row=index + above + 1,
              column="Veranstaltung", value="ASC-LIP-77")
    )  # fmt: skip
    sets = attendance.header.index("Zählung")
    counts = attendance.header.index("Anzahl")
    index = max(i for i, row in enumerate(attendance.rows) if row[sets] == "Land")
    attendance.rows[index][counts] += 7
    found.append(
        Fault(kind="count_mismatch", file=file, sheet=attendance.name, row=index + above + 1,
              column="Anzahl", value=str(attendance.rows[index][counts]))
    )  # fmt: skip
    return found
