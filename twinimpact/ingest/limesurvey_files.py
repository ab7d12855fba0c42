"""Definition files of LimeSurvey, recognised by what they hold: survey, structure, syntax."""

from __future__ import annotations

import csv
import io

from twinimpact.errors import IngestError
from twinimpact.ingest.codebook import CodeBook
from twinimpact.ingest.decode import decode
from twinimpact.ingest.limesurvey_survey import (
    Structure,
    codebook_of_structure,
    codebook_of_table,
    structure_of,
)
from twinimpact.ingest.limesurvey_syntax import (
    codebook_of_syntax,
    codebook_of_variables,
    is_syntax,
    is_table,
)
from twinimpact.ingest.xml_text import parse_xml, root_name

DOCTYPES = ("Survey", "Group", "Question")
ENDS = (".lss", ".lsg", ".lsq", ".r", ".tsv", ".txt")
_HEAD = 4_096
_SYNTAX_HEAD = 200_000
_FIELD_LIMIT = 1_000_000
_STRUCTURE = frozenset(("class", "type/scale", "name", "relevance", "text"))


def is_survey(text: str) -> bool:
    """Whether a text is a survey, group or question file."""
    head = text[:_HEAD]
    return root_name(head) == "document" and any(
        f"<LimeSurveyDocType>{name}</LimeSurveyDocType>" in head for name in DOCTYPES
    )


def is_definition(text: str) -> bool:
    """Whether a text defines the questions of a LimeSurvey survey, in any of the forms."""
    header = _header(text)
    return (
        is_survey(text)
        or is_table(header)
        or frozenset(name.strip().casefold() for name in header) >= _STRUCTURE
        or is_syntax(text[:_SYNTAX_HEAD])
    )


def read_structure(text: str, file: str = "") -> Structure:
    """A survey file as its sections.

    Raises
    ------
    IngestError
        If it is damaged.
    """
    return structure_of(parse_xml(text, file))


def read_definition(text: str, file: str = "") -> CodeBook:
    """The code book of a text for which :func:`is_definition` holds.

    Raises
    ------
    IngestError
        If the file is damaged, or defines no questions.
    """
    if is_survey(text):
        book = codebook_of_structure(read_structure(text, file), file)
    elif is_syntax(text[:_SYNTAX_HEAD]):
        book = codebook_of_syntax(text, file)
    else:
        rows = _rows(text, file)
        table = bool(rows) and is_table(rows[0])
        book = codebook_of_variables(rows, file) if table else codebook_of_table(rows, file)
    if not book.questions:
        raise IngestError("The file defines no questions.", where=file)
    return book


def definition_in(name: str, part: bytes) -> CodeBook | None:
    """The code book a member of an archive holds, ``None`` if it is something else."""
    if not name.lower().endswith(ENDS):
        return None
    text = decode(part, "", name).text
    return read_definition(text, name) if is_definition(text) else None


def _header(text: str) -> list[str]:
    line = text[:_HEAD].lstrip("\ufeff").split("\n", 1)[0]
    return [name.strip().strip('"') for name in line.split("\t")]


def _rows(text: str, file: str) -> list[tuple[str, ...]]:
    before = csv.field_size_limit(_FIELD_LIMIT)
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter="\t")
        rows = [tuple(record) for record in reader if record]
    except csv.Error as error:
        raise IngestError("The definition file is damaged.", where=file) from error
    finally:
        csv.field_size_limit(before)
    width = max(map(len, rows), default=0)
    return [row + ("",) * (width - len(row)) for row in rows]
