"""The old XLS container, checked before the workbook reader sees it.

The reader believes every count and size written in such a file and asks for that much
memory at once, which ends the process when a byte is wrong. So the counts are held
against the size of the file, and the used corner of every sheet is looked up, here.
Layout: Microsoft, MS-CFB and MS-XLS, open specifications.
"""

from __future__ import annotations

import struct

from twinimpact.errors import IngestError
from twinimpact.ingest.extent import MAX_CELLS, column_letters, too_far

_END = 0xFFFFFFFA
_HEADER = 512
_ENTRY = 128
_CUTOFF = 4096
_BOOKS = ("Workbook", "Book", "WORKBOOK", "BOOK")
_CELL_RECORDS = frozenset(
    (0x0006, 0x0206, 0x0406, 0x0203, 0x0003, 0x0204, 0x0004, 0x0205, 0x0005, 0x00FD, 0x027E,
     0x007E, 0x00D6, 0x0002)
)  # fmt: skip
_MULTIPLE = frozenset((0x00BD,))
_DIMENSIONS = frozenset((0x0200, 0x0000))
_START = frozenset((0x0809, 0x0409, 0x0209, 0x0009))
_STRINGS = 0x00FC
_PASSWORD = 0x002F


class _BrokenError(Exception):
    """The container contradicts itself."""


def check_xls(data: bytes, file: str = "") -> None:
    """Check an XLS container.

    Raises
    ------
    IngestError
        If it is damaged, protected by a password, no workbook, or uses more than ten
        million cells.
    """
    if "EncryptedPackage".encode("utf-16-le") in data:
        raise protected(file)
    try:
        streams = _streams(data)
        book = next((streams[name] for name in _BOOKS if name in streams), None)
        if book is not None:
            _check_records(book, file)
    except (_BrokenError, struct.error, IndexError, OverflowError) as error:
        raise IngestError(
            "The workbook is damaged or was not downloaded completely.",
            where=file,
            hint="Download the export again, or open it in a spreadsheet program and save it "
            "as XLSX.",
        ) from error
    if book is None:
        raise IngestError(
            "The file is an Office document, but no workbook.",
            where=file,
            hint="Export the answers as CSV or XLSX.",
        )


def protected(file: str) -> IngestError:
    """The refusal of a workbook with a password."""
    return IngestError(
        "The workbook is protected by a password.",
        where=file,
        hint="Open it, remove the password, save it, and import it again.",
    )


def _streams(data: bytes) -> dict[str, bytes]:
    """The workbook streams by name; every declared count must fit the file."""
    shift, mini_shift = struct.unpack_from("<HH", data, 0x1E)
    if shift not in (9, 12) or mini_shift != 6:
        raise _BrokenError
    size = 1 << shift
    fat_count, directory, cutoff, mini_start, mini_count, more, more_count = struct.unpack_from(
        "<II4xIIIII", data, 0x2C
    )
    sectors = len(data) // size + 1
    if cutoff != _CUTOFF or max(fat_count, mini_count, more_count) > sectors:
        raise _BrokenError
    fat = _fat(data, size, fat_count, more, more_count)
    entries = _chain(data, fat, directory, size)
    mini_fat = _numbers(_chain(data, fat, mini_start, size)) if mini_count else ()
    found: dict[str, bytes] = {}
    root = b""
    for at in range(0, len(entries) - _ENTRY + 1, _ENTRY):
        name_length, kind = struct.unpack_from("<HB", entries, at + 64)
        start, length = struct.unpack_from("<IQ", entries, at + 116)
        if size == _HEADER:
            length &= 0xFFFFFFFF
        if kind and length > len(data):
            raise _BrokenError
        name = entries[at : at + max(0, min(64, name_length) - 2)].decode("utf-16-le", "replace")
        if kind == 5:
            root = _chain(data, fat, start, size) if length else b""
        elif kind == 2 and name in _BOOKS:
            if length < _CUTOFF:
                found[name] = _mini(root, mini_fat, start)[:length]
            else:
                found[name] = _chain(data, fat, start, size)[:length]
    return found


def _fat(data: bytes, size: int, count: int, more: int, more_count: int) -> tuple[int, ...]:
    places = list(struct.unpack_from("<109I", data, 0x4C))
    for _ in range(more_count):
        if more >= _END:
            break
        block = _numbers(_sector(data, more, size))
        places.extend(block[:-1])
        more = block[-1]
    table: list[int] = []
    for place in places[:count]:
        if place < _END:
            table.extend(_numbers(_sector(data, place, size)))
    return tuple(table)


def _numbers(block: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(block) // 4}I", block[: len(block) // 4 * 4])


def _sector(data: bytes, number: int, size: int) -> bytes:
    start = (number + 1) * size
    if start >= len(data):
        raise _BrokenError
    return data[start : start + size]


def _chain(data: bytes, fat: tuple[int, ...], start: int, size: int) -> bytes:
    blocks: list[bytes] = []
    while start < _END:
        if len(blocks) > len(fat):
            raise _BrokenError  # a chain that bites its own tail
        blocks.append(_sector(data, start, size))
        start = fat[start]
    return b"".join(blocks)


def _mini(root: bytes, mini_fat: tuple[int, ...], start: int) -> bytes:
    blocks: list[bytes] = []
    while start < _END:
        if len(blocks) > len(mini_fat):
            raise _BrokenError
        blocks.append(root[start * 64 : start * 64 + 64])
        start = mini_fat[start]
    return b"".join(blocks)


def _check_records(book: bytes, file: str) -> None:
    row = column = at = 0
    while at + 4 <= len(book):
        kind, length = struct.unpack_from("<HH", book, at)
        at += 4
        if kind == 0 and length == 0:
            break  # filled up with zeros
        if at + length > len(book):
            raise _BrokenError
        if kind in _START:
            row = column = 0
        elif kind == _PASSWORD:
            raise protected(file)
        elif kind == _STRINGS and struct.unpack_from("<I", book, at + 4)[0] > len(book):
            raise _BrokenError
        elif kind in _CELL_RECORDS or kind in _MULTIPLE:
            here, across = struct.unpack_from("<HH", book, at)
            if kind in _MULTIPLE:
                across = struct.unpack_from("<H", book, at + length - 2)[0]
            row, column = max(row, here + 1), max(column, across + 1)
        elif kind in _DIMENSIONS and length in (8, 10, 14):
            form = "<IIHH" if length == 14 else "<HHHH"
            _, rows, _, columns = struct.unpack_from(form, book, at)
            if rows * columns > MAX_CELLS * 2:
                raise _BrokenError
        if row * column > MAX_CELLS:
            raise too_far(file, f"{column_letters(column)}{row}", row * column)
        at += length
