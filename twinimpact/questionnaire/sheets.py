"""An XLSForm as its sheets, headers and rows, ready to be checked."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from twinimpact.errors import DefinitionError
from twinimpact.problems import Problem

if TYPE_CHECKING:
    from twinimpact.ingest import RawTable

SHEETS = ("survey", "choices", "settings", "scoring")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of a sheet: its number in a spreadsheet program and its filled cells by header."""

    number: int
    cells: dict[str, str]

    def get(self, column: str) -> str:
        """The cell without surrounding spaces, or nothing."""
        return self.cells.get(column, "").strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A sheet with its headers as written and its rows."""

    name: str
    headers: tuple[str, ...] = ()
    header_row: int = 1
    rows: tuple[Row, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class XlsForm:
    """The sheets of a form that mean something."""

    file: str
    survey: Sheet
    choices: Sheet
    settings: Sheet
    scoring: Sheet

    def problem(
        self,
        code: str,
        sheet: Sheet,
        row: int | None,
        column: str,
        got: str = "",
        expected: str = "",
    ) -> Problem:
        """One finding in one place."""
        return Problem(
            code=code,
            file=self.file,
            sheet=sheet.name,
            row=row,
            column=column,
            got=got,
            expected=expected,
        )

    def lists(self) -> dict[str, list[Row]]:
        """Rows of each choice list by name."""
        found: dict[str, list[Row]] = {}
        for row in self.choices.rows:
            name = row.get("list_name") or row.get("list name")
            if name:
                found.setdefault(name, []).append(row)
        return found


def read_form(path: Path) -> XlsForm:
    """Open a workbook as an XLSForm.

    Raises
    ------
    DefinitionError
        If it has no sheet ``survey`` with the columns ``type`` and ``name``.
    IngestError
        If the file cannot be opened.
    """
    # building a questionnaire needs none of what reading a file brings along
    from twinimpact.ingest import read_tables

    tables = {table.sheet.strip().lower(): table for table in read_tables(path)}
    sheets = {name: _sheet(name, tables.get(name)) for name in SHEETS}
    if not {"type", "name"} <= set(sheets["survey"].headers):
        raise DefinitionError(
            "This file is not an XLSForm: it has no sheet survey with the columns type and name.",
            where=path.name,
            got=", ".join(sorted(tables)),
            hint="Download the form as XLSForm from your survey tool.",
        )
    return XlsForm(file=path.name, **sheets)


def _sheet(name: str, table: RawTable | None) -> Sheet:
    if table is None or not table.rows:
        return Sheet(name=name)
    headers = tuple(cell.strip() for cell in table.rows[0])
    rows = [
        Row(number=number, cells={head: cell for head, cell in zip(headers, cells, strict=True)
                                  if head and cell})
        for number, cells in zip(table.numbers[1:], table.rows[1:], strict=True)
    ]  # fmt: skip
    return Sheet(name=table.sheet, headers=headers, header_row=table.numbers[0], rows=tuple(rows))
