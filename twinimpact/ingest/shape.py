"""Building blocks every platform uses to shape a table into a draft."""

from __future__ import annotations

import dataclasses
import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from twinimpact.ingest.cells import Column, Grid, column_of
from twinimpact.ingest.cells import Rows as Rows
from twinimpact.ingest.extent import column_letters
from twinimpact.ingest.moments import read_moments
from twinimpact.ingest.personal import personal_by_content, personal_by_name
from twinimpact.ingest.records import Detection, Draft, DraftColumn, DraftRow, DraftRows
from twinimpact.ingest.source import RawTable
from twinimpact.problems import Problem

_ID_LENGTH = 20


def plain(name: str) -> str:
    """Compare key of a header: no case, no double or outer spaces."""
    return " ".join(name.casefold().split())


def unique(names: Iterable[str]) -> tuple[str, ...]:
    """Names without repeats; an empty one is called after its column letter."""
    result: list[str] = []
    taken: set[str] = set()
    for position, name in enumerate(names, start=1):
        base = name or f"column {column_letters(position)}"
        candidate, copy = base, 1
        while candidate in taken:
            copy += 1
            candidate = f"{base} ({copy})"
        taken.add(candidate)
        result.append(candidate)
    return tuple(result)


def body(table: RawTable, header_rows: int) -> tuple[Rows, tuple[int, ...]]:
    """Rows below the header with outer spaces gone, and their numbers."""
    width = len(table.rows[0]) if table.rows else 0
    rows = Grid.of(table.rows[header_rows:], width).stripped()
    return rows, table.numbers[header_rows:]


def columns_of(
    names: Sequence[str],
    keys: Sequence[str],
    questions: Sequence[str],
    roles: Mapping[int, str],
    rows: Rows,
    groups: Sequence[str] = (),
) -> tuple[DraftColumn, ...]:
    """Columns with unique keys; those without a role are questions or personal."""
    shown = unique(names)
    unique_keys = unique(keys)
    by_content = personal_by_content(rows, frozenset(roles))
    columns = []
    for position, name in enumerate(shown):
        role = roles.get(position, "")
        if not role and (position in by_content or personal_by_name(names[position])):
            role = "personal"
        if not role and not names[position] and not any(column_of(rows, position).distinct()):
            role = "ignore"
        columns.append(
            DraftColumn(
                position=position,
                key=unique_keys[position],
                name=name,
                question=" ".join(questions[position].split()),
                role=role or "question",
                group=groups[position] if groups else "",
            )
        )
    return tuple(columns)


def column_cells(rows: Rows, position: int | None) -> Column:
    """All cells of one column; empty text for every row when there is no such column."""
    return Column.same("", len(rows)) if position is None else column_of(rows, position)


def content_ids(rows: Rows, names: Sequence[str]) -> tuple[str, ...]:
    """Identity of responses without a number: a hash of their content.

    Only named columns with something in them count, in the order of their names, so
    neither shuffled columns nor an added question changes an identity. Equal rows are
    counted, so two people with equal answers stay two.
    """
    shown = unique(names)
    order = sorted((place for place, name in enumerate(names) if name), key=shown.__getitem__)
    parts = [_labelled(column_of(rows, place), shown[place]) for place in order]
    seen: Counter[str] = Counter()
    result = []
    for row in zip(*parts, strict=True) if parts else ((),) * len(rows):
        content = "\x1e".join(filter(None, row))
        digest = hashlib.sha256(content.encode("utf-8", errors="replace")).hexdigest()
        digest = digest[:_ID_LENGTH]
        seen[digest] += 1
        result.append(f"row-{digest}" + (f"-{seen[digest]}" if seen[digest] > 1 else ""))
    return tuple(result)


def _labelled(column: Column, label: str) -> Column:
    """The filled cells of a column behind its label."""
    return Column([f"{label}\x1f{text}" if text else "" for text in column.texts], column.codes)


def given_ids(cells: Sequence[str], rows: Rows, names: Sequence[str]) -> Sequence[str]:
    """Response numbers of the export; a row without one is known by its content."""
    if isinstance(cells, Column) and cells.all_filled():
        return cells
    if all(cells):
        return tuple(cells)
    fallback = content_ids(rows, names)
    return tuple(cell or other for cell, other in zip(cells, fallback, strict=True))


def moments_of(
    rows: Rows, position: int | None, table: RawTable, zone: str = ""
) -> tuple[Sequence[str], list[Problem]]:
    """Submission times as ISO text, and a warning if day and month cannot be told apart."""
    found = read_moments(column_cells(rows, position), zone)
    if not found.ambiguous or position is None:
        return found.values, []
    letters = column_letters(position + 1)
    return found.values, [problem_in(table, "date_order_unknown", column=letters)]


def problem_in(
    table: RawTable, code: str, *, got: str = "", column: str = "", row: int | None = None
) -> Problem:
    """A problem placed in this table."""
    return Problem(code=code, file=table.file, sheet=table.sheet, row=row, column=column, got=got)


def draft_rows(
    rows: Rows,
    numbers: Sequence[int],
    ids: Sequence[str],
    submitted: Sequence[str],
    state: Callable[[tuple[str, ...]], str] | Column | None = None,
) -> DraftRows:
    """One draft row per table row; ``state`` gives it by row, without it all are complete."""
    if state is None:
        states = Column.same("complete", len(rows))
    else:
        states = state if isinstance(state, Column) else Column.of(map(state, rows))
    return DraftRows.by_column(
        cells=Grid.of(rows), numbers=numbers, response_ids=ids, states=states, submitted=submitted
    )


def draft_of_table(
    table: RawTable,
    detection: Detection,
    columns: tuple[DraftColumn, ...],
    rows: Sequence[DraftRow],
    problems: Sequence[Problem] = (),
) -> Draft:
    """The draft, carrying the table's own problems first."""
    return Draft(
        file=table.file,
        sheet=table.sheet,
        sha256=table.sha256,
        encoding=table.encoding,
        delimiter=table.delimiter,
        platform=detection.platform,
        variant=detection.variant,
        mode=detection.mode,
        columns=columns,
        rows=rows,
        excluded={},
        problems=(*table.problems, *problems),
        codebook=table.codebook,
    )


def with_excluded(draft: Draft, excluded: Mapping[str, int]) -> Draft:
    """The same draft with rows that are no responses counted by reason."""
    kept = {reason: count for reason, count in excluded.items() if count}
    return dataclasses.replace(draft, excluded=kept)


def chosen(tables: Sequence[RawTable], detection: Detection) -> RawTable:
    """The table the detection names."""
    wanted = detection.sheet
    return next((table for table in tables if wanted in (table.sheet, table.file)), tables[0])


def left_out(tables: Sequence[RawTable], table: RawTable) -> list[Problem]:
    """Names the other filled sheets of the workbook, or the other tables of the archive."""
    others = [other.sheet or other.file for other in tables if other is not table and other.rows]
    code = "sheets_left_out" if table.sheet else "tables_left_out"
    return [problem_in(table, code, got=", ".join(others))] if others else []
