"""From a file to text cells: every cell as text first, no type is inferred.

Type inference would turn code ``0312`` into 312 and the answer ``None`` into nothing.
Workbooks are read from A1 on, so row numbers are those a spreadsheet program shows.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from twinimpact.errors import IngestError
from twinimpact.ingest import container, delimited, ole, refusals
from twinimpact.ingest.decode import clean, decode
from twinimpact.ingest.extent import column_letters
from twinimpact.problems import Problem

MAX_FILE = 512 * 1024 * 1024
EXACT = 2**53
"""From here on a spreadsheet program has already rounded a whole number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOptions:
    """What the person says about the file; empty means: find out."""

    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RawTable:
    """One sheet or one delimited file as text.

    ``rows`` holds every filled row including headers, all of one width; ``numbers`` the row
    numbers a spreadsheet program shows.
    """

    file: str
    sheet: str
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[int, ...]
    sha256: str
    encoding: str
    delimiter: str
    container: str
    problems: tuple[Problem, ...]


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
    data = _bytes(path)
    sha256 = hashlib.sha256(data).hexdigest()
    if container.kind_of(data) != "zip":
        return _tables(data, path.name, sha256, options)
    tables: list[RawTable] = []
    for name, part in container.open_archive(data, path.name).items():
        if container.kind_of(part) == "zip":
            raise IngestError("An archive inside the archive is not opened.", where=path.name)
        inner = f"{path.name}/{name}"
        tables.extend(_tables(part, inner, sha256, options))
    return tuple(tables)


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
    kind = container.kind_of(data)
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


def _text_table(data: bytes, file: str, sha256: str, options: ReadOptions) -> RawTable:
    decoded = decode(data, options.encoding, file)
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
    )


def _sheets(
    data: bytes,
    file: str,
    sha256: str,
    kind: str,
    options: ReadOptions,
    noticed: tuple[Problem, ...],
) -> tuple[RawTable, ...]:
    from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    with _guard(file):
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    found = [sheet for sheet in book.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet]
    wanted = [sheet for sheet in found if options.sheet in ("", sheet.name)]
    if not wanted:
        raise IngestError(
            "The workbook has no such sheet.",
            where=file,
            got=options.sheet or "no sheet with cells",
            expected=", ".join(sheet.name for sheet in found),
            hint="Correct `sheet` in evaluation.toml.",
        )
    tables: list[RawTable] = []
    for sheet in wanted:
        name = sheet.name
        with _guard(file):
            cells = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
        rows, numbers, problems = _as_text(cells, file, name)
        if sheet.visible != SheetVisibleEnum.Visible:
            problems.insert(0, Problem(code="sheet_hidden", file=file, sheet=name))
        tables.append(
            RawTable(
                file=file,
                sheet=name,
                rows=rows,
                numbers=numbers,
                sha256=sha256,
                encoding="",
                delimiter="",
                container=kind,
                problems=(*(noticed if not tables else ()), *problems),
            )
        )
    return tuple(tables)


@contextmanager
def _guard(file: str) -> Iterator[None]:
    """Whatever the workbook reader says becomes one clear sentence."""
    from python_calamine import CalamineError, PasswordError

    try:
        yield
    except PasswordError as error:
        raise IngestError(
            "The workbook is protected by a password.",
            where=file,
            hint="Open it, remove the password, save it, and import it again.",
        ) from error
    except (CalamineError, ValueError, OSError, OverflowError) as error:
        raise _damaged(file) from error
    except _panics() as error:
        raise _damaged(file) from error


def _damaged(file: str) -> IngestError:
    return IngestError(
        "The workbook is damaged.",
        where=file,
        hint="Open it in a spreadsheet program, save it as XLSX, and import it again.",
    )


def _panics() -> tuple[type[BaseException], ...]:
    """What the reader raises when a broken file trips it; no module offers it by name."""
    kinds = BaseException.__subclasses__()
    return tuple(kind for kind in kinds if kind.__name__ == "PanicException")


def _as_text(
    cells: list[list[Any]], file: str, sheet: str
) -> tuple[tuple[tuple[str, ...], ...], tuple[int, ...], list[Problem]]:
    rows: list[tuple[str, ...]] = []
    numbers: list[int] = []
    problems: list[Problem] = []
    width = 0
    for number, row in enumerate(cells, start=1):
        texts = tuple([value if value == "" else as_text(value) for value in row])
        if not any(texts) or not "".join(texts).strip():
            continue
        used = len(texts)
        while not texts[used - 1]:
            used -= 1
        width = max(width, used)
        rows.append(texts)
        numbers.append(number)
        for place, value in enumerate(row):
            if isinstance(value, float) and abs(value) >= EXACT and value.is_integer():
                problems.append(
                    Problem(
                        code="number_rounded",
                        file=file,
                        sheet=sheet,
                        row=number,
                        column=column_letters(place + 1),
                    )
                )
    return tuple(row[:width] for row in rows), tuple(numbers), problems


def as_text(value: object) -> str:
    """One workbook cell as the text a CSV export of the same table would hold.

    Whole numbers lose ``.0``, other numbers keep the 15 digits a spreadsheet program
    shows, dates and times become ISO text.
    """
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, bool):
        return "True" if value else "False"
    if isinstance(value, float):
        if value.is_integer():
            return str(int(value))
        return repr(float(f"{value:.15g}"))
    if isinstance(value, dt.datetime):
        return _moment(value)
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, dt.timedelta):
        seconds = round(value.total_seconds())
        return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return str(value)


def _moment(value: dt.datetime) -> str:
    """A date and time to the millisecond; a workbook cannot tell midnight from a date."""
    rest = value.microsecond % 1000
    value -= dt.timedelta(microseconds=rest)
    if rest >= 500 and value < dt.datetime.max - dt.timedelta(days=1):
        value += dt.timedelta(milliseconds=1)
    if (value.hour, value.minute, value.second, value.microsecond) == (0, 0, 0, 0):
        return value.date().isoformat()
    return value.isoformat(timespec="milliseconds" if value.microsecond else "seconds")
