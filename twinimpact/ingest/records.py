"""What reading an export file yields: a detection, then a draft of the responses.

A :class:`Draft` is the export in one common shape. Nothing has been matched to
instruments yet, and nothing has been stored.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import overload

from twinimpact.ingest.cells import Column, Flags, Grid
from twinimpact.ingest.codebook import CodeBook, Question
from twinimpact.problems import Problem

ROLES = (
    "id", "submitted", "started", "token", "language", "status", "consent", "personal", "timing",
    "question", "ignore",
)  # fmt: skip
STATES = ("complete", "partial", "test", "rejected", "not_attending")


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """How well one table fits one export format.

    ``confidence`` runs from 0 to 1, ``header_rows`` counts the rows above the first
    response, ``mode`` says whether cells hold codes or the wording of answers.
    """

    confidence: float
    variant: str = ""
    mode: str = ""
    header_rows: int = 1
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Detection:
    """Which tool wrote the file, and the evidence for it in words."""

    platform: str
    variant: str = ""
    mode: str = ""
    header_rows: int = 1
    sheet: str = ""
    confidence: float = 0.0
    evidence: tuple[str, ...] = ()
    alternatives: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftColumn:
    """One column of the export.

    ``key`` is unique: the question code where the export carries codes, else the header.
    ``name`` is the header as shown, ``question`` the wording without the code. ``group``
    names the question that several columns share, where the export says so.
    """

    position: int
    key: str
    name: str
    question: str
    role: str
    group: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftRow:
    """One response; ``cells`` are aligned with the columns, ``""`` means nothing there.

    ``number`` is the row a spreadsheet program shows. ``reasons`` names, by column
    position, why a value is missing; a blank cell is not listed. ``record`` names whom the
    row belongs to where one person or unit has several rows of a file. ``finished`` says
    whether a test or rejected response was answered to the end, where the tool tells.
    """

    number: int
    response_id: str
    state: str
    submitted: str
    language: str
    token: str
    cells: tuple[str, ...]
    reasons: Mapping[int, str] = field(default_factory=dict)
    record: str = ""
    finished: bool | None = None


_NOTHING: Mapping[int, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DraftRows(Sequence[DraftRow]):
    """The rows of a draft by column; a row is made when somebody looks at it.

    ``reasons`` and ``finished`` name rows by their place, and only those with something to say.
    """

    cells: Grid
    numbers: Sequence[int]
    response_ids: Column
    states: Column
    submitted: Column
    languages: Column
    tokens: Column
    records: Column
    reasons: Mapping[int, Mapping[int, str]]
    finished: Mapping[int, bool]

    @classmethod
    def by_column(
        cls,
        *,
        cells: Grid,
        numbers: Sequence[int],
        response_ids: Sequence[str],
        states: Column,
        submitted: Sequence[str],
    ) -> DraftRows:
        """Rows from the columns that every export has; all else is empty in every row."""
        blank = Column.same("", len(cells))
        return cls(
            cells=cells,
            numbers=numbers,
            response_ids=Column.of(response_ids),
            states=states,
            submitted=Column.of(submitted),
            languages=blank,
            tokens=blank,
            records=blank,
            reasons={},
            finished={},
        )

    @classmethod
    def of(cls, rows: Sequence[DraftRow], width: int) -> DraftRows:
        """The columns of some rows with ``width`` cells each."""
        if isinstance(rows, DraftRows):
            return rows
        return cls(
            cells=Grid.of([row.cells for row in rows], width),
            numbers=[row.number for row in rows],
            response_ids=Column.of(row.response_id for row in rows),
            states=Column.of(row.state for row in rows),
            submitted=Column.of(row.submitted for row in rows),
            languages=Column.of(row.language for row in rows),
            tokens=Column.of(row.token for row in rows),
            records=Column.of(row.record for row in rows),
            reasons={place: row.reasons for place, row in enumerate(rows) if row.reasons},
            finished={p: row.finished for p, row in enumerate(rows) if row.finished is not None},
        )

    def __len__(self) -> int:
        return len(self.cells)

    @overload
    def __getitem__(self, place: int) -> DraftRow: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[DraftRow, ...]: ...
    def __getitem__(self, place: int | slice) -> DraftRow | tuple[DraftRow, ...]:
        if isinstance(place, slice):
            return tuple(self[at] for at in range(*place.indices(len(self))))
        return dataclasses.replace(self.bare(place), response_id=self.response_ids[place])

    def bare(self, place: int) -> DraftRow:
        """One row without its identity, which may have to be made for all rows at once."""
        cells = self.cells[place]
        place %= len(self)
        return DraftRow(
            number=self.numbers[place],
            response_id="",
            state=self.states[place],
            submitted=self.submitted[place],
            language=self.languages[place],
            token=self.tokens[place],
            cells=cells,
            reasons=self.reasons.get(place, _NOTHING),
            record=self.records[place],
            finished=self.finished.get(place),
        )

    def __iter__(self) -> Iterator[DraftRow]:
        return (
            DraftRow(
                number=number, response_id=response, state=state, submitted=submitted,
                language=language, token=token, cells=cells,
                reasons=self.reasons.get(place, _NOTHING), record=record,
                finished=self.finished.get(place),
            )
            for place, (number, response, state, submitted, language, token, record, cells)
            in enumerate(zip(
                self.numbers, self.response_ids, self.states, self.submitted, self.languages,
                self.tokens, self.records, self.cells, strict=True,
            ))
        )  # fmt: skip

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence):
            return NotImplemented
        return len(self) == len(other) and all(
            one == two for one, two in zip(self, other, strict=True)
        )

    __hash__ = None  # type: ignore[assignment]

    def in_state(self, *states: str) -> Flags:
        """For each row whether it is in one of some states."""
        return self.states.test(frozenset(states).__contains__)

    def first_filled(self, positions: Sequence[int]) -> Column:
        """For each row the first of some cells that is not blank, without outer blanks."""
        found = Column.same("", len(self))
        for at, position in enumerate(positions):
            column = self.cells.columns[position].stripped()
            found = found.filled_by(column) if at else column
        return found


def one_per_record(rows: Sequence[DraftRow]) -> tuple[DraftRow, ...]:
    """One row for each record: of several rows of one, the first that is not complete."""
    kept: dict[str, DraftRow] = {}
    for number, row in enumerate(rows):
        key = f"record {row.record}" if row.record else f"row {number}"
        if key not in kept or (kept[key].state == "complete" and row.state != "complete"):
            kept[key] = row
    return tuple(kept.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """All responses of one file.

    Every filled row of the sheet that is not a header is found once: in ``rows``, in
    ``excluded`` (reason to number of rows: ``preamble``, ``footer``, ``repeat_row``), or in
    ``problems`` under a code of :data:`SET_ASIDE` with its row number. ``codebook`` is what
    the file itself says about its columns.
    """

    file: str
    sheet: str
    sha256: str
    encoding: str
    delimiter: str
    platform: str
    variant: str
    mode: str
    columns: tuple[DraftColumn, ...]
    rows: Sequence[DraftRow]
    excluded: Mapping[str, int]
    problems: tuple[Problem, ...]
    codebook: CodeBook | None = None

    def by_column(self) -> DraftRows:
        """The rows by column."""
        return DraftRows.of(self.rows, len(self.columns))

    def cells(self, position: int) -> Column:
        """One column of cells."""
        return self.by_column().cells.columns[position]

    def asked(self, position: int) -> Question | None:
        """What the file itself says about one column, if it says anything."""
        if self.codebook is None or position < 0:
            return None
        column = self.columns[position]
        return self.codebook.question(column.name) or self.codebook.question(column.key)


SET_ASIDE = ("row_width", "quote_not_closed")
"""Problem codes that each stand for one row that could not be read."""
