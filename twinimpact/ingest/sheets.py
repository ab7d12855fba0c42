"""Hand-kept tables: finding the header, reading cells, collecting what is wrong.

Registers, activity logs and attendance lists come as CSV or workbooks with a title line
above the table, headers in any language and cells typed by hand.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from twinimpact.errors import IngestError
from twinimpact.ingest.mapping import ColumnMapping
from twinimpact.ingest.rows import CheckedRows, row_hash, table_frame
from twinimpact.ingest.source import RawTable
from twinimpact.ingest.synonyms import allowed, header, option
from twinimpact.ingest.values import (
    MASK,
    date_order,
    decimal_mark,
    fold,
    fold_label,
    parse_date,
    parse_integer,
    parse_number,
)
from twinimpact.problems import Problem
from twinimpact.schema import TABLES

SEARCHED_ROWS = 20
NEEDED: Mapping[str, tuple[str, ...]] = {
    "towns": ("name", "country"),
    "partnerships": ("town_a",),
    "activities": ("title", "start_date"),
    "attendance": ("activity_id",),
    "projects": ("name",),
    "organisations": ("town_id", "type"),
    "link_ledger": ("kind",),
    "costs": ("activity_id", "amount"),
    "goals": ("activity_id", "intended"),
    "targets": ("indicator_id", "target"),
    "travel": ("activity_id", "km_round_trip"),
    "media": ("outlet_type",),
}
PERSONAL = ("participant_id",)
BLANKS = frozenset({"-", "–", "—", "?", "unknown", "unbekannt", "n/a", "k. a.", "k.a."})


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One table with its header found; ``roles`` maps a role to a column position."""

    kind: str
    file: str
    sheet: str
    headers: tuple[str, ...]
    roles: Mapping[str, int]
    rows: tuple[tuple[int, tuple[str, ...]], ...]


def find_sheet(tables: Sequence[RawTable], kind: str, mapping: ColumnMapping) -> Sheet:
    """The sheet and header row that look most like a table of this kind.

    Raises
    ------
    IngestError
        If no sheet has the columns that such a table needs.
    """
    best: tuple[int, int, Sheet] | None = None
    for order, table in enumerate(tables):
        for place, cells in enumerate(table.rows[:SEARCHED_ROWS]):
            roles = _roles(cells, kind, mapping)
            needed = [role for role in NEEDED[kind] if not _is_given(role, mapping)]
            if len(roles) < 2 or not all(role in roles for role in needed):
                continue
            score = (len(roles), -order)
            if best is None or score > best[:2]:
                body = zip(table.numbers[place + 1 :], table.rows[place + 1 :], strict=True)
                rows = tuple(
                    (number, cells) for number, cells in body if any(map(str.strip, cells))
                )
                sheet = Sheet(
                    kind=kind,
                    file=table.file,
                    sheet=table.sheet,
                    headers=tuple(cells),
                    roles=roles,
                    rows=rows,
                )
                best = (*score, sheet)
    if best is None:
        raise IngestError(
            f"No table of {kind} was found in this file.",
            where=tables[0].file if tables else "",
            expected="columns for " + " and ".join(NEEDED[kind]),
            hint="Name the columns in the first row, or name them in a mapping file.",
        )
    return best[2]


def _is_given(role: str, mapping: ColumnMapping) -> bool:
    """Whether a constant says it for the whole file."""
    return role == "activity_id" and bool(mapping.constants.get("activity"))


def _roles(cells: Sequence[str], kind: str, mapping: ColumnMapping) -> dict[str, int]:
    found: dict[str, int] = {}
    folded = [fold(cell) for cell in cells]
    for role, names in mapping.columns.items():
        if fold(names[0]) in folded:
            found[role] = folded.index(fold(names[0]))
    for place, cell in enumerate(cells):
        role = header(kind, cell) if cell.strip() else ""
        if role and role not in found and place not in found.values():
            found[role] = place
    return found


class Row:
    """One row being read: values by role, problems on the side.

    ``broken`` is set when the row may not be stored.
    """

    def __init__(self, reader: SheetReader, number: int, cells: Sequence[str]) -> None:
        self._reader = reader
        self._cells = cells
        self.number = number
        self.problems: list[Problem] = []
        self.broken = False

    def raw(self, role: str) -> str:
        """The cell as it stands; ``""`` when blank or when there is no such column."""
        place = self._reader.sheet.roles.get(role)
        text = self._cells[place].strip() if place is not None and place < len(self._cells) else ""
        return "" if text.casefold() in BLANKS else text

    def roles(self) -> Mapping[str, int]:
        """Columns the table has."""
        return self._reader.sheet.roles

    def fault(self, code: str, role: str, got: str = "", expected: str = "") -> None:
        """Note a problem with a cell; the row is kept."""
        sheet = self._reader.sheet
        place = sheet.roles.get(role)
        self.problems.append(
            Problem(
                code=code,
                file=sheet.file,
                sheet=sheet.sheet,
                row=self.number,
                column=sheet.headers[place] if place is not None else role,
                got=MASK if role in PERSONAL and got else got,
                expected=expected,
            )
        )

    def refuse(self, code: str, role: str, got: str = "", expected: str = "") -> None:
        """Note a problem that keeps the row out."""
        self.broken = True
        self.fault(code, role, got, expected)

    def required(self, role: str) -> str:
        """The text of a cell that may not be blank."""
        text = self.raw(role)
        if not text:
            self.refuse("table_blank", role)
        return text

    def date(self, role: str, required: bool = False) -> dt.date | None:
        """A date in the order of its column."""
        text = self.required(role) if required else self.raw(role)
        value = parse_date(text, self._reader.orders.get(role, "iso")) if text else None
        if text and value is None:
            (self.refuse if required else self.fault)("table_bad_date", role, text)
        return value

    def number_of(self, role: str) -> float | None:
        """A number with the decimal mark of its column, not below zero."""
        text = self.raw(role)
        value = parse_number(text, self._reader.marks.get(role, ".")) if text else None
        if text and (value is None or value < 0):
            self.fault("table_bad_number", role, text)
            return None
        return value

    def integer(self, role: str) -> int | None:
        """A whole number, not below zero."""
        text = self.raw(role)
        value = parse_integer(text, self._reader.marks.get(role, ".")) if text else None
        if text and (value is None or value < 0):
            self.fault("table_bad_count", role, text)
            return None
        return value

    def coordinate(self, role: str) -> float | None:
        """A signed number of degrees."""
        text = self.raw(role)
        value = parse_number(text, self._reader.marks.get(role, ".")) if text else None
        if text and value is None:
            self.fault("table_bad_number", role, text)
        return value

    def option(self, role: str, field: str = "", default: str = "") -> str:
        """One of the allowed values of a field."""
        text = self.raw(role)
        return (self._value(role, field or role, text) or default) if text else default

    def options(self, role: str, field: str = "") -> str:
        """Several allowed values, separated by ``;`` or ``,``, joined by ``;``."""
        parts = [part.strip() for part in self.raw(role).replace(",", ";").split(";")]
        found = [self._value(role, field or role, part) for part in parts if part]
        return ";".join(dict.fromkeys(value for value in found if value))

    def flag(self, role: str) -> bool | None:
        """Yes or no."""
        text = self.raw(role)
        value = option("flag", text) if text else ""
        if text and not value:
            self.fault("table_unknown_option", role, text, "yes, no")
        return value == "yes" if value else None

    def _value(self, role: str, field: str, text: str) -> str:
        mapped = self._reader.mapping.values.get(role, {}).get(fold_label(text), text)
        value = option(field, mapped)
        if not value:
            self.fault("table_unknown_option", role, text, ", ".join(allowed(field)))
        return value


class SheetReader:
    """Reads the rows of a sheet; dates and decimal marks are decided per column."""

    def __init__(self, sheet: Sheet, mapping: ColumnMapping) -> None:
        self.sheet = sheet
        self.mapping = mapping
        self.orders: dict[str, str] = {}
        self.marks: dict[str, str] = {}
        for role, place in sheet.roles.items():
            cells = [cells[place] for _, cells in sheet.rows if place < len(cells)]
            self.orders[role] = mapping.date_order or date_order(cells)
            self.marks[role] = decimal_mark(cells)

    def rows(self) -> list[Row]:
        """All rows below the header that are not empty."""
        return [Row(self, number, cells) for number, cells in self.sheet.rows]


Record = dict[str, object]


def checked_table(
    table: str, taken: Sequence[tuple[Row, Record]], sheet: Sheet, excluded: Mapping[str, int]
) -> CheckedRows:
    """Accepted records as a canonical table; repeated keys are sorted out.

    Equal rows with one key are excluded as duplicates, contradicting ones are all
    quarantined.

    Parameters
    ----------
    taken
        Every row that is not excluded, with its record.
    """
    key = TABLES[table].key
    problems = [problem for row, _ in taken for problem in row.problems]
    quarantined = sum(row.broken for row, _ in taken)
    by_key: dict[tuple[object, ...], list[tuple[Row, Record]]] = {}
    for row, record in taken:
        if not row.broken:
            by_key.setdefault(tuple(record[name] for name in key), []).append((row, record))
    counted = Counter(excluded)
    kept: list[Record] = []
    for same in by_key.values():
        if len({row_hash(record) for _, record in same}) == 1:
            kept.append(same[0][1])
            counted["duplicate"] += len(same) - 1
            continue
        quarantined += len(same)
        for row, record in same:
            before = len(row.problems)
            role = "participant_id" if table == "attendance" else key[0]
            others = ", ".join(str(other.number) for other, _ in same)
            row.refuse("table_conflict", role, str(record[key[0]]), others)
            problems.extend(row.problems[before:])
    return CheckedRows(
        rows=len(taken) + sum(excluded.values()),
        frame=table_frame(table, kept),
        excluded={reason: n for reason, n in sorted(counted.items()) if n},
        quarantined=quarantined,
        problems=tuple(problems),
    )
