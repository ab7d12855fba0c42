"""Delimited text: the delimiter, the records, and rows that do not fit.

A record is what the CSV grammar calls one and may span many lines, so lines are never
counted or split. The reference reader is the standard library's.
"""

from __future__ import annotations

import csv
import itertools
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from twinimpact.errors import IngestError
from twinimpact.ingest.tokens import LONG_RECORD
from twinimpact.problems import Problem

CANDIDATES = (",", ";", "\t", "|")
FIELD_LIMIT = 16 * 1024 * 1024
_SAMPLE_RECORDS = 200
SAMPLE_CHARACTERS = 250_000
"""The delimiter is chosen by records that begin within so many characters."""
_APOSTROPHES = re.compile(r"'\d+',(?:'|,)")
_QUOTE_SAMPLE = 250_000
_QUOTE_SHARE = 0.9
_SEP_LINE = re.compile(r'"?sep=(.)"?(?:\r\n|\r|\n|$)', re.IGNORECASE)
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")

Records = list[tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """Filled records of a delimited text, all of one width."""

    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[int, ...]
    delimiter: str
    problems: tuple[Problem, ...]
    quote: str = '"'


def parse(text: str, delimiter: str = "", file: str = "") -> Parsed:
    """All filled records of ``text``.

    Record numbers count blank records too, as a spreadsheet program does; a first line
    ``sep=;`` is obeyed and not counted.

    Raises
    ------
    IngestError
        If one cell is larger than 16 MiB.
    """
    skipped, delimiter = named_delimiter(text, delimiter)
    text = text[skipped:]
    quote = quote_of(text)
    with large_fields(file):
        delimiter = delimiter or ("," if quote == "'" else choose_delimiter(text))
        records, numbers, problems = _read(text, delimiter, quote, file)
    rows, numbers, misfits = rectangle(records, numbers, file)
    return Parsed(
        rows=tuple(rows),
        numbers=tuple(numbers),
        delimiter=delimiter,
        problems=(*problems, *misfits),
        quote=quote,
    )


def named_delimiter(text: str, delimiter: str = "") -> tuple[int, str]:
    """Length of a first line ``sep=;``, and the delimiter it names unless one is given."""
    match = _SEP_LINE.match(text)
    return (match.end(), delimiter or match[1]) if match else (0, delimiter)


def quote_of(text: str) -> str:
    """The quotation mark: an apostrophe only where every line begins with a number in two.

    The data files LimeSurvey writes for R and SPSS do; they have no line breaks in cells.
    """
    if not _APOSTROPHES.match(text):
        return '"'
    lines = [line for line in text[:_QUOTE_SAMPLE].splitlines() if line.strip()][:_SAMPLE_RECORDS]
    found = sum(1 for line in lines if _APOSTROPHES.match(line))
    return "'" if found >= _QUOTE_SHARE * len(lines) else '"'


def choose_delimiter(text: str) -> str:
    """The delimiter under which the text parses strictly and most evenly."""
    strict = [(mark, _evenness(text, mark, strict=True)) for mark in CANDIDATES]
    scores = [(mark, score) for mark, score in strict if score is not None]
    if all(score <= 1 for _, score in scores):
        # no table yet: a broken quotation mark must not make it a single column
        lenient = [(mark, _evenness(text, mark, strict=False)) for mark in CANDIDATES]
        scores = [(mark, score) for mark, score in lenient if score is not None]
    return max(scores, key=lambda pair: pair[1])[0] if scores else ","


def _evenness(text: str, delimiter: str, strict: bool) -> float | None:
    """Share of records with the usual width, times that width (at most 20)."""
    sample = text[:SAMPLE_CHARACTERS]
    reader = csv.reader(lines(sample), delimiter=delimiter, strict=strict)
    widths: Counter[int] = Counter()
    try:
        for record in itertools.islice(reader, _SAMPLE_RECORDS):
            if record:
                widths[len(record)] += 1
    except csv.Error as error:
        cut = len(sample) < len(text) and "unexpected end" in str(error)
        if not cut:
            return None
    if not widths:
        return 0.0
    width, count = widths.most_common(1)[0]
    return count / widths.total() * min(width, 20)


@contextmanager
def large_fields(file: str) -> Iterator[None]:
    """Allow long cells while reading; the limit is a setting of the whole process."""
    before = csv.field_size_limit(FIELD_LIMIT)
    try:
        yield
    except csv.Error as error:
        raise IngestError(
            "One cell of the file is larger than 16 MiB, so its quotation marks are probably "
            "broken.",
            where=file,
            hint="Export the file again, or open it in a spreadsheet program and save it.",
        ) from error
    finally:
        csv.field_size_limit(before)


def _read(
    text: str, delimiter: str, quote: str, file: str
) -> tuple[Records, list[int], list[Problem]]:
    try:
        return _scan(text, delimiter + quote, strict=True, file=file)
    except csv.Error as error:
        if "field larger" in str(error):
            raise
        records, numbers, problems = _scan(text, delimiter + quote, strict=False, file=file)
        if "unexpected end" not in str(error):
            return records, numbers, [*problems, Problem(code="quotes_broken", file=file)]
    # the last record begins with a quotation mark that never ends and swallows what follows
    lost = numbers.pop() if numbers else 1
    if records:
        records.pop()
    return records, numbers, [*problems, Problem(code="quote_not_closed", file=file, row=lost)]


def _scan(
    text: str, marks: str, *, strict: bool, file: str
) -> tuple[Records, list[int], list[Problem]]:
    reader = csv.reader(lines(text), delimiter=marks[0], quotechar=marks[1], strict=strict)
    records: Records = []
    numbers: list[int] = []
    problems: list[Problem] = []
    once = dict[str, str]().setdefault
    line = 0
    for number, record in enumerate(reader, start=1):
        if reader.line_num - line > LONG_RECORD:
            problems.append(Problem(code="long_record", file=file, row=number, got=str(line + 1)))
        line = reader.line_num
        if any(record) and (record[0].strip() or "".join(record).strip()):
            # the same few answers come again in every row: each is kept in memory once
            records.append(tuple(map(once, record, record)))
            numbers.append(number)
    return records, numbers, problems


def lines(text: str) -> Iterator[str]:
    """The lines of a text with their ends, as a file read without translation gives them.

    ``io.StringIO`` would hold the text once more, with four bytes for every character.
    """
    if text.count("\r") != text.count("\r\n"):
        yield from (match[0] for match in _LINE.finditer(text))
        return
    start = 0
    while (end := text.find("\n", start)) >= 0:
        yield text[start : end + 1]
        start = end + 1
    if start < len(text):
        yield text[start:]


def rectangle(
    records: Records, numbers: list[int], file: str = ""
) -> tuple[Records, list[int], list[Problem]]:
    """Records of one width; those that do not fit become a problem with their row number.

    Empty cells beyond the last header go (a trailing delimiter); short lines above the
    header are kept as notes, filled up with empty cells.
    """
    widths = Counter(map(len, records))
    if len(widths) <= 1:
        return records, numbers, []
    first, width = _width(records, widths)
    kept: Records = []
    places: list[int] = []
    problems: list[Problem] = []
    for position, (record, number) in enumerate(zip(records, numbers, strict=True)):
        if len(record) > width and not any(record[width:]):
            record = record[:width]
        if len(record) < width and position < first:
            record = record + ("",) * (width - len(record))
        if len(record) == width:
            kept.append(record)
            places.append(number)
        else:
            problems.append(
                Problem(
                    code="row_width",
                    file=file,
                    row=number,
                    got=str(len(record)),
                    expected=str(width),
                )
            )
    return kept, places, problems


def _width(records: Records, widths: Counter[int]) -> tuple[int, int]:
    """Position of the header among the records, and the width of the table."""
    usual = widths.most_common(1)[0][0]
    usual = max(len(_trimmed(record)) for record in records if len(record) == usual)
    header = 0
    for position, record in enumerate(records[:30]):
        # a title or a note above the table is far narrower than the table
        if len(record) >= usual or sum(map(bool, record)) > max(2, usual // 2):
            header = position
            break
    filled = len(_trimmed(records[header]))
    own = len(records[header])
    if own == usual or filled <= usual < own:
        return header, usual
    return header, own


def _trimmed(record: tuple[str, ...]) -> tuple[str, ...]:
    end = len(record)
    while end and not record[end - 1]:
        end -= 1
    return record[:end]
