"""One file read for the table it fills, whatever its kind."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from twinimpact.errors import IngestError
from twinimpact.evaluation import Evaluation, Source
from twinimpact.ingest.activities import activity_rows
from twinimpact.ingest.attendance import attendance_rows
from twinimpact.ingest.calendar import CalendarSettings, Window, calendar_rows, calendar_text
from twinimpact.ingest.checkins import READERS as TICKET_TOOLS
from twinimpact.ingest.checkins import ticket_rows
from twinimpact.ingest.definitions import misfits
from twinimpact.ingest.detect import ENOUGH, Detection, candidates, detect, detect_as
from twinimpact.ingest.draft import SET_ASIDE, Draft, read_draft
from twinimpact.ingest.further_tables import record_rows
from twinimpact.ingest.mapping import ColumnMapping
from twinimpact.ingest.plausible import implausible
from twinimpact.ingest.registers import partnership_rows, town_rows
from twinimpact.ingest.responses import ResponseSettings, response_rows
from twinimpact.ingest.rows import CheckedRows, Lookup
from twinimpact.ingest.source import RawTable, ReadOptions, read_tables
from twinimpact.instruments import Catalogue
from twinimpact.privacy.pseudonym import Key
from twinimpact.problems import Problem
from twinimpact.schema import RECORD_TABLES

MAX_CALENDAR = 32 * 1024 * 1024
YEAR_AHEAD = dt.timedelta(days=366)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRows:
    """A file's checked rows and how it was read; ``counts`` are an activity log's head-counts."""

    file: str
    sha256: str
    platform: str
    checked: CheckedRows
    evidence: tuple[str, ...] = ()
    encoding: str = ""
    counts: CheckedRows | None = None
    problems: tuple[Problem, ...] = ()


def read_file(
    path: Path,
    *,
    source: Source,
    mapping: ColumnMapping,
    evaluation: Evaluation,
    catalogue: Catalogue,
    context: tuple[Lookup, Key],
) -> FileRows:
    """Read one file for the table of its source.

    Parameters
    ----------
    context
        Known ids and names, and the key of the pseudonyms.

    Raises
    ------
    IngestError
        If the file cannot be read or is not what the source says.
    """
    if source.table == "calendar":
        return _calendar(path, source, mapping, evaluation, context[0])
    options = ReadOptions(
        encoding=source.encoding or "", sheet=mapping.sheet, codebook=mapping.codebook
    )
    if source.table == "responses":
        return _responses(path, options, mapping, catalogue, (*context, evaluation))
    tables = read_tables(path, options)
    if not tables:
        raise IngestError("The file holds no table.", where=path.name)
    counts, detection = None, None
    if source.table == "attendance":
        detection = _ticket_list(tables, mapping)
    if source.table == "towns":
        checked = town_rows(tables, mapping)
    elif source.table == "partnerships":
        checked = partnership_rows(tables, mapping, context[0])
    elif source.table == "activities":
        log = activity_rows(tables, mapping, context[0], last_day(evaluation))
        checked, counts = log.activities, log.counts
    elif source.table in RECORD_TABLES:
        checked = record_rows(tables, source.table, mapping, context[0])
    elif detection is not None:
        checked = ticket_rows(tables, detection, mapping, context)
    else:
        checked = attendance_rows(tables, mapping, *context)
    first: RawTable = tables[0]
    return FileRows(
        file=path.name,
        sha256=first.sha256,
        platform=detection.platform if detection else "spreadsheet",
        checked=_with_set_aside(checked, tables),
        evidence=detection.evidence if detection else (),
        encoding=first.encoding,
        counts=counts,
        problems=tuple(problem for table in tables for problem in table.problems),
    )


def _ticket_list(tables: Sequence[RawTable], mapping: ColumnMapping) -> Detection | None:
    """The ticket tool that wrote an attendance list, ``None`` for a list kept by hand."""
    if mapping.platform:
        found = detect_as(tables, mapping.platform)
        return found if found.platform in TICKET_TOOLS else None
    tool = ticket_tool(tables)
    return detect_as(tables, tool) if tool else None


def ticket_tool(tables: Sequence[RawTable]) -> str:
    """The ticket tool that wrote a list, ``""`` if none did."""
    known = [name for name, sure in candidates(tables) if name in TICKET_TOOLS and sure >= ENOUGH]
    return known[0] if known else ""


def _with_set_aside(checked: CheckedRows, tables: Sequence[RawTable]) -> CheckedRows:
    # rows the reader could not split into cells are rows of the file all the same
    count = sum(problem.code in SET_ASIDE for table in tables for problem in table.problems)
    return dataclasses.replace(
        checked, rows=checked.rows + count, quarantined=checked.quarantined + count
    )


def _responses(
    path: Path,
    options: ReadOptions,
    mapping: ColumnMapping,
    catalogue: Catalogue,
    context: tuple[Lookup, Key, Evaluation],
) -> FileRows:
    draft, detection = _recognised(path, options, mapping.platform)
    settings = ResponseSettings(
        mapping=mapping,
        catalogue=catalogue,
        lookup=context[0],
        key=context[1],
        constants=mapping.constants,
    )
    checked = response_rows(draft, settings)
    odd = implausible(
        checked.frame,
        (draft.file, draft.sheet),
        context[0],
        context[2],
        mapping.constants.get("activity", ""),
    )
    return FileRows(
        file=path.name,
        sha256=draft.sha256,
        platform=draft.platform,
        checked=checked,
        evidence=detection.evidence,
        encoding=draft.encoding,
        problems=(*misfits(draft, options.codebook), *odd),
    )


def _recognised(path: Path, options: ReadOptions, platform: str) -> tuple[Draft, Detection]:
    # the tables as they stand in the file are not kept beside the draft
    tables = read_tables(path, options)
    detection = detect_as(tables, platform) if platform else detect(tables)
    return read_draft(tables, detection), detection


def _calendar(
    path: Path,
    source: Source,
    mapping: ColumnMapping,
    evaluation: Evaluation,
    lookup: Lookup,
) -> FileRows:
    if path.stat().st_size > MAX_CALENDAR:
        raise IngestError(
            "The calendar is larger than this program accepts.",
            where=path.name,
            expected=f"at most {MAX_CALENDAR // 2**20} MiB",
        )
    data = path.read_bytes()
    settings = CalendarSettings(
        lookup=lookup,
        partnership=mapping.constants.get("partnership", ""),
        window=window_of(evaluation, source),
        as_of=last_day(evaluation),
        timezone=evaluation.evaluation.timezone,
    )
    return FileRows(
        file=path.name,
        sha256=hashlib.sha256(data).hexdigest(),
        platform="icalendar",
        checked=calendar_rows(calendar_text(data), path.name, settings),
    )


def last_day(evaluation: Evaluation) -> dt.date | None:
    """The day the evaluation is true for: as set, else the end of its last wave."""
    ends = [day for wave in evaluation.waves for day in (wave.start, wave.end) if day]
    return evaluation.evaluation.as_of or (max(ends) if ends else None)


def window_of(evaluation: Evaluation, source: Source | None = None) -> Window:
    """Days a calendar is read for: those its source names, else what the evaluation covers.

    That is from the first wave to a year after the last day. The year ahead shows what is
    planned; what lies further ahead is a rule without end.
    """
    given = source.constants if source is not None else None
    starts = [day for wave in evaluation.waves for day in (wave.start, wave.end) if day]
    last = last_day(evaluation)
    first = min(starts) if starts else None
    ahead = last + YEAR_AHEAD if last is not None else None
    return Window(
        start=(given.start if given else None) or first,
        end=(given.until if given else None) or ahead,
    )
