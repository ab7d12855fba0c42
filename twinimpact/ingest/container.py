"""Safety of zip containers (XLSX, ODS, archives) before any reader sees them.

A workbook reader trusts what the container declares: a 5 KB file with one cell in the
last corner of the sheet makes it ask for terabytes and ends the process. So sizes, names
and the used corner of every sheet are checked here, and the reader gets a fresh container
that holds only what was checked.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from dataclasses import dataclass

from twinimpact.errors import IngestError
from twinimpact.ingest.extent import check_ods, check_sheet
from twinimpact.ingest.ole import protected
from twinimpact.problems import Problem

MAX_MEMBERS = 10_000
MAX_BYTES = 512 * 1024 * 1024
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_READABLE = (
    ".csv", ".tsv", ".txt", ".xlsx", ".xls", ".ods", ".sav", ".zsav", ".por", ".dta", ".xml",
    ".lss", ".lsg", ".lsr", ".r",
)  # fmt: skip
# EUSurvey puts what respondents uploaded into folders named by ids and by questions
_UPLOADED = re.compile(r"^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/|/Upload_\d+/", re.IGNORECASE)
_BROKEN = (
    zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError,
    OSError,
)  # fmt: skip
_STRINGS = re.compile(rb"<(?:\w+:)?sst(?=[\s>])[^>]*>")
_COUNTS = re.compile(rb"\s(?:count|uniqueCount)\s*=\s*(?:\"[^\"]*\"|'[^']*')")


@dataclass(frozen=True, slots=True, kw_only=True)
class Workbook:
    """A checked workbook, ready for the reader, and what was noticed on the way."""

    data: bytes
    problems: tuple[Problem, ...]


def kind_of(data: bytes) -> str:
    """``xlsx``, ``ods``, ``xls``, ``xlsb``, ``zip`` or ``text``, from the bytes alone."""
    if data.startswith(_OLE):
        return "xls"
    if not data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "text"
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = {info.filename.lower() for info in archive.infolist()}
    except _BROKEN:
        return "zip"
    if any(name.startswith("xl/") for name in names):
        return "xlsb" if "xl/workbook.bin" in names else "xlsx"
    return "ods" if "content.xml" in names and "mimetype" in names else "zip"


def open_workbook(data: bytes, kind: str, file: str = "", limit: int = MAX_BYTES) -> Workbook:
    """Check an XLSX or ODS container and repack its parts for the reader.

    Raises
    ------
    IngestError
        If the container is damaged, too large, protected by a password, holds paths that
        lead outside, or uses more than ten million cells.
    """
    parts = _read_parts(data, file, (".xml", ".rels", "mimetype"), limit)
    problems: list[Problem] = []
    if kind == "ods":
        if b"encryption-data" in parts.get("META-INF/manifest.xml", b""):
            raise protected(file)
        check_ods(parts.get("content.xml", b""), file)
    else:
        for name, part in list(parts.items()):
            if b"sheetData" in part:
                problems.extend(check_sheet(part, file))
            elif b"sst" in part:
                parts[name] = _STRINGS.sub(_without_counts, part, count=1)
        if b"vbaProject" in data:
            problems.append(Problem(code="macros_ignored", file=file))
    return Workbook(data=_pack(parts), problems=tuple(problems))


def open_archive(data: bytes, file: str = "", limit: int = MAX_BYTES) -> dict[str, bytes]:
    """Tables and definition files inside a zip archive by name; archives in it stay closed.

    Raises
    ------
    IngestError
        If the archive is unsafe or damaged, or holds no table.
    """
    parts = _read_parts(data, file, _READABLE, limit)
    # ODK Central puts what respondents attached into a folder of its own
    tables = {
        name: part
        for name, part in sorted(parts.items())
        if not {"__MACOSX", "media"} & set(name.split("/")[:-1]) and not _UPLOADED.search(name)
    }
    if not tables:
        raise no_table(file)
    return tables


def no_table(file: str) -> IngestError:
    """The refusal of an archive without answers."""
    return IngestError(
        "The archive holds no table.",
        where=file,
        expected="a zip file with CSV, XLSX, XLS or ODS files",
        hint="Unpack it and import the export file itself.",
    )


def _read_parts(data: bytes, file: str, ends: tuple[str, ...], limit: int) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            _check_members(members, file, limit)
            wanted = [info for info in members if info.filename.lower().endswith(ends)]
            return _inflate(archive, wanted, file, limit)
    except _BROKEN as error:
        raise IngestError(
            "The file is damaged or was not downloaded completely.",
            where=file,
            hint="Download the export again.",
        ) from error


def _check_members(members: list[zipfile.ZipInfo], file: str, limit: int) -> None:
    declared = sum(info.file_size for info in members)
    if len(members) > MAX_MEMBERS or declared > limit:
        raise IngestError(
            "The file unpacks to more than this program accepts.",
            where=file,
            got=f"{len(members)} parts, {declared // 2**20} MiB",
            expected=f"at most {MAX_MEMBERS} parts and {limit // 2**20} MiB",
            hint="Export the answers alone, as CSV.",
        )
    for info in members:
        steps = info.filename.replace("\\", "/").split("/")
        if ".." in steps or steps[0] == "" or ":" in steps[0]:
            raise IngestError(
                "The file holds a part whose name leads outside of it.",
                where=file,
                hint="Do not use this file; export the answers again.",
            )
        if info.flag_bits & 0x1:
            raise protected(file)


def _inflate(
    archive: zipfile.ZipFile, members: list[zipfile.ZipInfo], file: str, limit: int
) -> dict[str, bytes]:
    parts: dict[str, bytes] = {}
    left = limit
    for info in members:
        with archive.open(info) as handle:
            part = handle.read(left + 1)
        left -= len(part)
        if left < 0:
            raise IngestError("The file unpacks to more than it declares.", where=file)
        parts[info.filename] = part
    return parts


def _without_counts(tag: re.Match[bytes]) -> bytes:
    """The reader reserves memory for the declared number of texts, whatever it says."""
    return _COUNTS.sub(b"", tag[0])


def _pack(parts: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name, part in parts.items():
            archive.writestr(zipfile.ZipInfo(name), part)
    return target.getvalue()
