"""From a file to text cells: every cell as text first, no type is inferred.

Type inference would turn code ``0312`` into 312 and the answer ``None`` into nothing.
Workbooks are read from A1 on, so row numbers are those a spreadsheet program shows.
"""

from __future__ import annotations

import dataclasses
import hashlib
import io
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from twinimpact.errors import IngestError
from twinimpact.ingest import container, delimited, ole, refusals, statistical, streamed, workbooks
from twinimpact.ingest.answers_xml import read_answers
from twinimpact.ingest.cells import Rows
from twinimpact.ingest.codebook import CodeBook
from twinimpact.ingest.decode import decode
from twinimpact.ingest.guarded import Limits
from twinimpact.ingest.labelled import read_labelled
from twinimpact.ingest.limesurvey_files import definition_in
from twinimpact.problems import Problem

MAX_FILE = 512 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOptions:
    """What the person says about the file; empty means: find out.

    ``codebook`` is what a definition file of the same form says, read beforehand; ``limits``
    what the reader of a workbook may use.
    """

    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    codebook: CodeBook | None = None
    limits: Limits | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RawTable:
    """One sheet or one delimited file as text.

    ``rows`` holds every filled row including headers, all of one width; ``numbers`` the row
    numbers a spreadsheet program shows. Files of statistics programs, XML and archives bring
    their ``codebook``; the rows of the former are the cases, blank ones too. ``quote`` is the
    quotation mark of delimited text.
    """

    file: str
    sheet: str
    rows: Rows
    numbers: tuple[int, ...]
    sha256: str
    encoding: str
    delimiter: str
    container: str
    problems: tuple[Problem, ...]
    codebook: CodeBook | None = None
    quote: str = '"'


def read_tables(path: Path, options: ReadOptions | None = None) -> tuple[RawTable, ...]:
    """All tables of a file: one for delimited text, one per sheet of a workbook.

    A zip archive is opened one level deep. Chart sheets are skipped; hidden sheets are
    read and named.

    Raises
    ------
    IngestError
        If the file cannot be read, is unsafe, or is no table.
    """
    options = options or ReadOptions()
    if (plain := _plain_file(path, options)) is not None:
        return _described((plain,), options.codebook)
    data = _bytes(path)
    sha256 = hashlib.sha256(data).hexdigest()
    if container.kind_of(data) != "zip":
        return _described(_tables(data, path.name, sha256, options), options.codebook)
    parts = container.open_archive(data, path.name)
    books = {name: book for name, part in parts.items() if (book := definition_in(name, part))}
    tables: list[RawTable] = []
    for name, part in parts.items():
        if name in books or (name.lower().endswith(".xml") and not _is_answers(part)):
            continue
        if container.kind_of(part) == "zip":
            raise IngestError("An archive inside the archive is not opened.", where=path.name)
        inner = f"{path.name}/{name}"
        tables.extend(_tables(part, inner, sha256, options))
    if not tables:
        raise refusals.survey_archive(path.name) if books else container.no_table(path.name)
    book = options.codebook or (next(iter(books.values())) if len(books) == 1 else None)
    return _described(tuple(tables), book)


def _described(tables: tuple[RawTable, ...], book: CodeBook | None) -> tuple[RawTable, ...]:
    """The tables with the code book; one that a file brings itself is better."""
    if book is None:
        return tables
    return tuple(
        table if table.codebook else dataclasses.replace(table, codebook=book) for table in tables
    )


def _is_answers(part: bytes) -> bool:
    text = decode(part[:8_192]).text
    return b"AnswerSet" in part or "<LimeSurveyDocType>Responses" in text


def _bytes(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_FILE:
            raise IngestError(
                "The file is larger than this program accepts.",
                where=path.name,
                expected=f"at most {MAX_FILE // 2**20} MiB",
            )
        return path.read_bytes()
    except OSError as error:
        reason = "There is no such file." if not path.exists() else "The file cannot be opened."
        raise IngestError(
            reason, where=path.name, hint="Check the name and the folder, and close the file."
        ) from error


def _tables(data: bytes, file: str, sha256: str, options: ReadOptions) -> tuple[RawTable, ...]:
    refusals.refuse_bytes(data, file)
    if statistics := statistical.kind_of(data):
        return (_labelled(data, statistics, file, sha256, options),)
    kind = container.kind_of(data)
    if kind == "text" and (plain := _plain_table(io.BytesIO(data), file, options)) is not None:
        # the hash is the one of the whole archive
        return (dataclasses.replace(plain, sha256=sha256),)
    if kind == "text":
        return (_text_table(data, file, sha256, options),)
    if kind == "zip" or kind == "xlsb":
        raise IngestError(
            "The workbook is in a format this program does not open, or it is damaged.",
            where=file,
            hint="Open it in a spreadsheet program and save it as XLSX.",
        )
    if kind == "xls":
        ole.check_xls(data, file)
        return _sheets(data, file, sha256, kind, options, ())
    checked = container.open_workbook(data, kind, file)
    return _sheets(checked.data, file, sha256, kind, options, checked.problems)


def _plain_file(path: Path, options: ReadOptions) -> RawTable | None:
    """The table of an ordinary delimited file, read block by block."""
    try:
        if path.stat().st_size > MAX_FILE:
            return None
        with path.open("rb") as stream:
            return _plain_table(stream, path.name, options)
    except OSError:
        # the careful road says what is wrong
        return None


def _plain_table(stream: IO[bytes], file: str, options: ReadOptions) -> RawTable | None:
    if options.encoding:
        return None
    found = streamed.read_plain(stream, file, options.delimiter)
    if found is None:
        return None
    return RawTable(
        file=file,
        sheet="",
        rows=found.grid,
        numbers=found.numbers,
        sha256=found.sha256,
        encoding=found.encoding,
        delimiter=found.delimiter,
        container="csv",
        problems=(),
    )


def _text_table(data: bytes, file: str, sha256: str, options: ReadOptions) -> RawTable:
    decoded = decode(data, options.encoding, file)
    if (found := read_answers(decoded.text, file)) is not None:
        return RawTable(
            file=file,
            sheet="",
            rows=found.rows,
            numbers=found.numbers,
            sha256=sha256,
            encoding=decoded.encoding,
            delimiter="",
            container="xml",
            problems=decoded.problems,
            codebook=found.codebook,
        )
    refusals.refuse_text(decoded.text, file)
    parsed = delimited.parse(decoded.text, options.delimiter, file)
    return RawTable(
        file=file,
        sheet="",
        rows=parsed.rows,
        numbers=parsed.numbers,
        sha256=sha256,
        encoding=decoded.encoding,
        delimiter=parsed.delimiter,
        container="csv",
        problems=(*decoded.problems, *parsed.problems),
        quote=parsed.quote,
    )


def _labelled(data: bytes, kind: str, file: str, sha256: str, options: ReadOptions) -> RawTable:
    read = read_labelled(data, kind, file, options.encoding)
    return RawTable(
        file=file,
        sheet="",
        rows=read.rows,
        numbers=read.numbers,
        sha256=sha256,
        encoding=read.encoding,
        delimiter="",
        container=kind,
        problems=read.problems,
        codebook=read.codebook,
    )


def _sheets(
    data: bytes,
    file: str,
    sha256: str,
    kind: str,
    options: ReadOptions,
    noticed: tuple[Problem, ...],
) -> tuple[RawTable, ...]:
    sheets = workbooks.read_sheets(data, file, options.sheet, options.limits)
    return tuple(
        RawTable(
            file=file,
            sheet=sheet.name,
            rows=sheet.rows,
            numbers=sheet.numbers,
            sha256=sha256,
            encoding="",
            delimiter="",
            container=kind,
            problems=(*(noticed if place == 0 else ()), *sheet.problems),
        )
        for place, sheet in enumerate(sheets)
    )
