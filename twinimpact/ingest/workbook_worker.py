"""Reads one workbook for :mod:`twinimpact.ingest.workbooks`, as a process of its own.

The only place that knows the workbook reader. It runs as a script and imports nothing of the
package. On standard input: one line of JSON (``size``, ``sheet``), then the bytes. On standard
output, as blocks of a length and that many bytes: for each sheet its facts (JSON), its
different texts (JSON) and one number of four bytes for each cell, the place of its text; at the
end a block that says so, or what is wrong.
"""

from __future__ import annotations

import datetime as dt
import gc
import io
import json
import struct
import sys
from array import array
from collections.abc import Iterator
from typing import Any

EXACT = 2**53
"""From here on a spreadsheet program has already rounded a whole number."""
_TEXT = frozenset({str})
# what the reader says when Python has no memory for the next cell: not the fault of the file
_REFUSED = ("PyObject pointer is null", "Python API call failed", "MemoryError")


class _Places(dict[str, int]):
    """The place of each text, in the order they are met: the same few come again and again."""

    def __missing__(self, text: str) -> int:
        self[text] = len(self)
        return self[text]


def main() -> None:
    """Answer the one question on standard input."""
    gc.disable()  # nothing here refers to itself, and millions of cells would be visited
    asked = json.loads(sys.stdin.buffer.readline())
    data = sys.stdin.buffer.read(int(asked["size"]))
    for block in _answer(data, str(asked["sheet"])):
        sys.stdout.buffer.write(struct.pack("<Q", len(block)))
        sys.stdout.buffer.write(block)
    sys.stdout.buffer.flush()


def _answer(data: bytes, wanted: str) -> Iterator[bytes]:
    """The blocks; whatever the reader says of a broken file becomes one word."""
    try:
        from python_calamine import CalamineError, PasswordError
    except ImportError:
        yield _json({"problem": "library"})
        return
    try:
        yield from _sheets(data, wanted)
    except PasswordError:
        yield _json({"problem": "password"})
    except (CalamineError, ValueError, OSError, OverflowError):
        yield _json({"problem": "damaged"})
    except _panics() as error:
        refused = any(words in str(error) for words in _REFUSED)
        yield _json({"problem": "memory" if refused else "damaged"})
    except MemoryError:
        yield _json({"problem": "memory"})


def _sheets(data: bytes, wanted: str) -> Iterator[bytes]:
    from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    found = [sheet for sheet in book.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet]
    chosen = [sheet for sheet in found if wanted in ("", sheet.name)]
    if not chosen:
        yield _json({"problem": "sheet", "sheets": [sheet.name for sheet in found]})
        return
    for sheet in chosen:
        rows = book.get_sheet_by_name(sheet.name).to_python(skip_empty_area=False)
        hidden = sheet.visible != SheetVisibleEnum.Visible
        yield from _blocks(rows, {"sheet": sheet.name, "hidden": hidden})
    yield _json({"end": len(chosen)})


def _blocks(rows: list[list[Any]], facts: dict[str, Any]) -> Iterator[bytes]:
    """Facts, texts and cells of one sheet; rounded numbers are told by row and column."""
    places = _Places()
    cells = array("I")
    rounded: list[tuple[int, int]] = []
    for number, row in enumerate(rows, start=1):
        only_text = set(map(type, row)) <= _TEXT
        cells.extend(map(places.__getitem__, row if only_text else map(as_text, row)))
        for place, value in enumerate(() if only_text else row, start=1):
            if isinstance(value, float) and abs(value) >= EXACT and value.is_integer():
                rounded.append((number, place))
    width = len(rows[0]) if rows else 0
    yield _json({**facts, "width": width, "height": len(rows), "rounded": rounded})
    yield _json(list(places))
    yield cells.tobytes()


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def _panics() -> tuple[type[BaseException], ...]:
    """What the reader raises when a broken file trips it; no module offers it by name."""
    kinds = BaseException.__subclasses__()
    return tuple(kind for kind in kinds if kind.__name__ == "PanicException")


def as_text(value: object) -> str:
    """One workbook cell as the text a CSV export of the same table would hold.

    Whole numbers lose ``.0``, other numbers keep the 15 digits a spreadsheet program
    shows, dates and times become ISO text.
    """
    if isinstance(value, str):
        return value
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


if __name__ == "__main__":
    main()
