"""A first look at a file: what it is, how much it holds, what was asked. Nothing is stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from twinimpact.errors import IngestError
from twinimpact.ingest.codebooks.registry import codebook_of
from twinimpact.ingest.definitions import misfits
from twinimpact.ingest.detect import candidates, detect, detect_as
from twinimpact.ingest.draft import SET_ASIDE, Draft, read_draft
from twinimpact.ingest.kinds import QuestionSeen, questions_of
from twinimpact.ingest.platforms.registry import PLATFORMS
from twinimpact.ingest.records import Detection, DraftRow, one_per_record
from twinimpact.ingest.source import RawTable, ReadOptions, read_tables
from twinimpact.problems import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """What one file is and holds.

    Parameters
    ----------
    format, title
        Key of the tool that wrote it, and its name for people; ``""`` when not known.
    container
        ``csv``, ``xlsx``, ``xls``, ``ods`` ... as read.
    n_rows
        Filled rows below the header.
    n_responses
        Questionnaires: ``n_rows`` without footers, further rows of the same response and
        rows that cannot be read.
    n_complete, n_partial
        Responses that were finished or broken off, tests included.
    n_test, n_rejected
        How many of the responses are previews or were rejected in the tool.
    id_column
        Header of the column that names a response, ``""`` if there is none.
    n_unique_ids
        Different values in it, ``None`` without such a column.
    questions
        Without personal columns, those of the tool and the like.
    personal_columns
        Headers of columns that would be dropped; their values are never shown.
    codebook
        Tool whose questionnaire this is; then ``questions`` are those it defines. Of a file that
        was read: the tool whose questionnaire, given beside it, explains its columns.
    refusal, hint
        Why the file was not read and what to do, both ``""`` if it was read.
    """

    file: str
    format: str = ""
    title: str = ""
    variant: str = ""
    mode: str = ""
    container: str = ""
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    sha256: str = ""
    header_rows: int = 0
    confidence: float = 0.0
    evidence: tuple[str, ...] = ()
    alternatives: tuple[tuple[str, float], ...] = ()
    n_rows: int = 0
    n_columns: int = 0
    n_responses: int = 0
    n_complete: int = 0
    n_partial: int = 0
    n_test: int = 0
    n_rejected: int = 0
    excluded: Mapping[str, int] = field(default_factory=dict)
    id_column: str = ""
    n_unique_ids: int | None = None
    questions: tuple[QuestionSeen, ...] = ()
    personal_columns: tuple[str, ...] = ()
    warnings: tuple[Problem, ...] = ()
    codebook: str = ""
    refusal: str = ""
    hint: str = ""

    @property
    def refused(self) -> bool:
        """Whether the file is no table of answers that can be read."""
        return bool(self.refusal)


def inspect_file(
    path: Path, options: ReadOptions | None = None, *, platform: str = ""
) -> Inspection:
    """Read one file and say what it is; what cannot be read is a result, not an error.

    Parameters
    ----------
    path
        An existing file.
    options
        Encoding, delimiter, sheet or code book named by the person.
    platform
        Format named by the person; found out when empty.
    """
    seen = Inspection(file=path.name)
    try:
        tables = read_tables(path, options)
        if not tables:
            raise IngestError("The file holds no table.", where=path.name)
        seen = _with_table(seen, tables[0])
        if not platform:
            seen = replace(seen, alternatives=candidates(tables))
        detection = detect_as(tables, platform) if platform else detect(tables)
        seen = _with_detection(seen, detection)
        draft = read_draft(tables, detection)
        return _explained_by(_with_draft(seen, draft, tables), draft, options)
    except IngestError as error:
        advice = (f"Expected: {error.expected}." if error.expected else "", error.hint)
        seen = replace(seen, refusal=error.what, hint=" ".join(filter(None, advice)))
        return seen if seen.format else _with_codebook(seen, path)


def _explained_by(seen: Inspection, draft: Draft, options: ReadOptions | None) -> Inspection:
    """With the tool whose questionnaire explains the file, or a warning that it does not."""
    book = options.codebook if options else None
    if book is None:
        return seen
    wrong = misfits(draft, book)
    told = {problem.code for problem in (*draft.problems, *wrong)}
    used = "" if "codebook_misfit" in told else book.platform
    return replace(seen, codebook=used, warnings=(*seen.warnings, *wrong))


def _with_codebook(seen: Inspection, path: Path) -> Inspection:
    """The questions of a definition file, which is refused as answers."""
    try:
        book = codebook_of(path)
    except IngestError:
        return seen
    asked = tuple(
        QuestionSeen(
            position=place,
            key=question.key,
            name=question.key,
            text=next(filter(None, question.text.values()), ""),
            kind=question.kind,
            options=tuple(question.wording(code) for code in question.options),
        )
        for place, question in enumerate(book.questions)
        if question.kind != "note"
    )
    return replace(seen, codebook=book.platform, questions=asked)


def _with_table(seen: Inspection, table: RawTable) -> Inspection:
    return replace(
        seen,
        sha256=table.sha256,
        container=table.container,
        encoding=table.encoding,
        delimiter=table.delimiter,
        sheet=table.sheet,
        warnings=table.problems,
    )


def _with_detection(seen: Inspection, detection: Detection) -> Inspection:
    return replace(
        seen,
        format=detection.platform,
        title=PLATFORMS[detection.platform].title,
        variant=detection.variant,
        mode=detection.mode,
        sheet=detection.sheet or seen.sheet,
        header_rows=detection.header_rows,
        confidence=detection.confidence,
        evidence=detection.evidence,
        alternatives=detection.alternatives,
    )


def _with_draft(seen: Inspection, draft: Draft, tables: Sequence[RawTable]) -> Inspection:
    ids = [column for column in draft.columns if column.role == "id"]
    set_aside = sum(problem.code in SET_ASIDE for problem in draft.problems)
    # a record with one row per event is one response of the file, whatever waves they become
    records = replace(draft, rows=one_per_record(draft.rows))
    complete, partial = finished(records)
    states = [row.state for row in records.rows]
    own = next((table for table in tables if table.sheet == draft.sheet), tables[0])
    return replace(
        seen,
        variant=draft.variant,
        mode=draft.mode,
        container=own.container,
        encoding=draft.encoding,
        delimiter=draft.delimiter,
        sheet=draft.sheet,
        n_rows=len(draft.rows) + sum(draft.excluded.values()) + set_aside,
        n_columns=len(draft.columns),
        n_responses=len(records.rows),
        n_complete=complete,
        n_partial=partial,
        n_test=states.count("test"),
        n_rejected=states.count("rejected"),
        excluded=draft.excluded,
        id_column=ids[0].name if ids else "",
        n_unique_ids=len({r.record or r.response_id for r in draft.rows}) if ids else None,
        questions=tuple(_explained(question, draft) for question in questions_of(draft)),
        personal_columns=tuple(c.name for c in draft.columns if c.role == "personal"),
        warnings=draft.problems,
    )


def _explained(seen: QuestionSeen, draft: Draft) -> QuestionSeen:
    """With the wording and the options that the code book names, chosen by somebody or not."""
    asked = draft.asked(seen.position)
    if asked is None:
        return _box(seen, draft)
    text = next(filter(None, asked.text.values()), "")
    if text and seen.text in (seen.key, seen.name):
        seen = replace(seen, text=text)
    if asked.kind not in ("single", "multi"):
        return seen
    options = tuple(asked.wording(code) for code in asked.options) or seen.options
    known = bool(asked.options) and seen.kind in ("number", "text", "empty")
    told = "multi" if asked.kind == "multi" else "single" if known else seen.kind
    return replace(seen, kind=told, options=options)


def _box(seen: QuestionSeen, draft: Draft) -> QuestionSeen:
    """One tick box of a question that the code book knows as a whole."""
    book = draft.codebook
    sets = book.sets if book else ()
    own = next((one for one in sets if {seen.key, seen.name} & set(one.columns)), None)
    asked = book.question(own.key) if book and own else None
    if own is None or asked is None or own.kind != "dichotomy":
        return seen
    place = next(at for at, name in enumerate(own.columns) if name in (seen.key, seen.name))
    codes = (*asked.options, *asked.missing)
    code = codes[place] if len(codes) == len(own.columns) else ""
    option = asked.wording(code) if code in asked.options else ""
    text = next(filter(None, asked.text.values()), "")
    if text and seen.text in (seen.key, seen.name):
        seen = replace(seen, text=f"{text} [{option}]" if option else text)
    options = (option,) if option else seen.options
    return replace(seen, kind="multi", group=seen.group or own.key, options=options)


def finished(draft: Draft) -> tuple[int, int]:
    """Finished and broken-off responses.

    A preview or rejected response has a state of its own. Whether it was finished is told by
    its reader, else by the status column that separates complete from partial ones.
    """
    counts = {state: sum(row.state == state for row in draft.rows) for state in _SIDES}
    others = [row for row in draft.rows if row.state not in _SIDES]
    sides = _separating_values(draft) if counts["partial"] else {}
    some_partial = bool(counts["partial"])
    for row in others:
        side = sides.get(_status(row, sides), "") if some_partial else "complete"
        if row.finished is not None:
            side = "complete" if row.finished else "partial"
        if side:
            counts[side] += 1
    return counts["complete"], counts["partial"]


_SIDES = ("complete", "partial")
_Sides = dict[tuple[int, str], str]


def _separating_values(draft: Draft) -> _Sides:
    """Values of the first status column that never stand for both states."""
    for column in draft.columns:
        if column.role != "status":
            continue
        found: _Sides = {}
        for row in draft.rows:
            key = (column.position, row.cells[column.position])
            if row.state in _SIDES and found.setdefault(key, row.state) != row.state:
                break
        else:
            if set(found.values()) == set(_SIDES):
                return found
    return {}


def _status(row: DraftRow, sides: _Sides) -> tuple[int, str]:
    place = next(iter(sides), (0, ""))[0]
    return place, row.cells[place]
