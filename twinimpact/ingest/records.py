"""What reading an export file yields: a detection, then a draft of the responses.

A :class:`Draft` is the export in one common shape. Nothing has been matched to
instruments yet, and nothing has been stored.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

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
    rows: tuple[DraftRow, ...]
    excluded: Mapping[str, int]
    problems: tuple[Problem, ...]
    codebook: CodeBook | None = None

    def asked(self, position: int) -> Question | None:
        """What the file itself says about one column, if it says anything."""
        if self.codebook is None or position < 0:
            return None
        column = self.columns[position]
        return self.codebook.question(column.name) or self.codebook.question(column.key)


SET_ASIDE = ("row_width", "quote_not_closed")
"""Problem codes that each stand for one row that could not be read."""
