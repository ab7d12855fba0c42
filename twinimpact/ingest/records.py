"""What reading an export file yields: a detection, then a draft of the responses.

A :class:`Draft` is the export in one common shape. Nothing has been matched to
instruments yet, and nothing has been stored.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from twinimpact.problems import Problem

ROLES = (
    "id", "submitted", "started", "token", "language", "status", "consent", "personal", "timing",
    "question", "ignore",
)  # fmt: skip
STATES = ("complete", "partial", "test", "rejected")


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
    ``name`` is the header as shown, ``question`` the wording without the code.
    """

    position: int
    key: str
    name: str
    question: str
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftRow:
    """One response; ``cells`` are aligned with the columns, ``""`` means nothing there.

    ``number`` is the row a spreadsheet program shows. ``reasons`` names, by column
    position, why a value is missing; a blank cell is not listed.
    """

    number: int
    response_id: str
    state: str
    submitted: str
    language: str
    token: str
    cells: tuple[str, ...]
    reasons: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """All responses of one file.

    Every filled row of the sheet that is not a header is found once: in ``rows``, in
    ``excluded`` (reason to number of rows: ``preamble``, ``footer``, ``repeat_row``), or in
    ``problems`` under a code of :data:`SET_ASIDE` with its row number.
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


SET_ASIDE = ("row_width", "quote_not_closed")
"""Problem codes that each stand for one row that could not be read."""
