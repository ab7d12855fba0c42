"""Any table a person keeps: the header row is found, notes around it are listed.

Which column means what is said by the mapping file, never guessed here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from twinimpact.ingest import shape
from twinimpact.ingest.cells import Column, Deferred, Grid, column_of
from twinimpact.ingest.extent import column_letters
from twinimpact.ingest.records import Detection, Draft
from twinimpact.ingest.source import RawTable

NAME = "spreadsheet"
TITLE = "spreadsheet"
_NUMBER_OR_DATE = re.compile(r"^[+-]?\d[\d.,:/TZ+ -]*$|^(?:True|False)$")
_SEARCHED = 30
Matrix = npt.NDArray[np.bool_]
_OUTSIDERS = 0.1


def find_header(rows: Sequence[tuple[str, ...]]) -> int | None:
    """Position of the header row: at least three texts, and no cell beside its columns below.

    Without such a row the first row counts if it holds a text; ``None`` means no header.
    """
    for position, row in enumerate(rows[:_SEARCHED]):
        filled = {place for place, cell in enumerate(row) if cell.strip()}
        if len(filled) < 3 or not all(is_text(row[place]) for place in filled):
            continue
        below = rows[position + 1 :]
        others = [place for place in range(len(row)) if place not in filled]
        beside = int(np.count_nonzero(_written(below, others).any(axis=0)))
        if beside <= _OUTSIDERS * len(below):
            return position
    return 0 if rows and any(is_text(cell) for cell in rows[0]) else None


def find_end(rows: Sequence[tuple[str, ...]], start: int) -> int:
    """Position after the last row of the table; short notes below a dense table are a footer."""
    data = rows[start:]
    if not data:
        return len(rows)
    width = len(data[0])
    counts = _written(data, range(width)).sum(axis=0)
    if width < 3 or np.median(counts) < 2 / 3 * width:
        return len(rows)
    end = len(data)
    while end > 1 and counts[end - 1] <= max(1, width // 3) and _is_note(data[end - 1]):
        end -= 1
    return start + end


def _written(rows: Sequence[tuple[str, ...]], places: Sequence[int]) -> Matrix:
    """For some columns and every row whether the cell holds more than blanks."""
    flags = [column_of(rows, place).test(str.strip) for place in places]
    return np.array(flags, dtype=bool).reshape(len(places), len(rows))


def is_text(cell: str) -> bool:
    """Whether a cell holds words rather than a number, a date or a logical value."""
    return bool(cell.strip()) and _NUMBER_OR_DATE.match(cell.strip()) is None


def normalise(tables: Sequence[RawTable], detection: Detection) -> Draft:
    """Rows of the table; every one is a response known by its content."""
    table = _table(tables, detection)
    header = find_header(table.rows)
    start = 0 if header is None else header + 1
    end = find_end(table.rows, start)
    width = len(table.rows[0]) if table.rows else 0
    names = [""] * width if header is None else [name.strip() for name in table.rows[header]]
    rows = Grid.of(table.rows[start:end], width).stripped()
    columns = shape.columns_of(names, names, names, {}, rows)
    letters = [name or column_letters(place + 1) for place, name in enumerate(names)]
    drafted = shape.draft_rows(
        rows,
        table.numbers[start:end],
        # a mapping may name a column with numbers of its own
        Deferred(lambda: shape.content_ids(rows, letters), len(rows)),
        Column.same("", len(rows)),
    )
    problems = shape.left_out(tables, table)
    if header is None and table.rows:
        problems.append(shape.problem_in(table, "header_missing"))
    above, below = table.numbers[: max(0, start - 1)], table.numbers[end:]
    if above or below:
        places = ", ".join(str(number) for number in (*above, *below))
        problems.append(shape.problem_in(table, "notes_left_out", got=places))
    draft = shape.draft_of_table(table, detection, columns, drafted, problems)
    return shape.with_excluded(draft, {"preamble": len(above), "footer": len(below)})


def _is_note(row: tuple[str, ...]) -> bool:
    return all(is_text(cell) for cell in row if cell.strip())


def _table(tables: Sequence[RawTable], detection: Detection) -> RawTable:
    if detection.sheet:
        return shape.chosen(tables, detection)
    return next((table for table in tables if table.rows), tables[0])
