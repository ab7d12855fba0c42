"""The used corner of a sheet, found in its XML without a workbook reader.

The reader allocates every cell between A1 and the last filled cell, so one stray cell far
out costs as much as a full sheet. The scan looks for exactly what the reader would find.
"""

from __future__ import annotations

import re
from xml.parsers import expat

import numpy as np
import numpy.typing as npt

from twinimpact.errors import IngestError
from twinimpact.problems import Problem

MAX_CELLS = 10_000_000
Bytes = npt.NDArray[np.uint8]
Integers = npt.NDArray[np.int64]
# a cell that closes itself has a format and no value: readers skip it
_CELL = re.compile(
    rb"<(?:\w+:)?c(?=[\s>])(?:[^>]*?\sr\s*=\s*[\"']([A-Za-z]+)(\d+)[\"'])?[^>]*(?<!/)>"
)
_ANY_CELL = re.compile(rb"<(?:\w+:)?c(?=[\s>/])(?:[^>]*?\sr\s*=\s*[\"']([A-Za-z]+)\d+[\"'])?")
_ROW = re.compile(rb"<(?:\w+:)?row(?=[\s>/])(?:[^>]*?\sr\s*=\s*[\"'](\d+)[\"'])?")
# what may follow the name of an element
_BEHIND_NAME = np.frombuffer(b" >/\t\r\n", dtype=np.uint8)
_LETTERS, _DIGITS = 3, 7
_REACH = 24
_STEP = 1 << 20
_NO_VALUE = re.compile(
    rb"(?:</(?:\w+:)?f>|<(?:\w+:)?f(?:\s[^>]*)?/>)\s*"
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
_REF = re.compile(rb"\sr\s*=\s*[\"']([A-Z]+\d+)[\"']")
_ODS_TOKEN = re.compile(
    rb"<table:table(?=[\s>])|<table:table-row(?=[\s>/])[^>]*>|</table:table-row>"
    rb"|<table:(?:covered-)?table-cell(?=[\s>/])[^>]*>"
)
_ROWS_REPEATED = re.compile(rb"number-rows-repeated\s*=\s*[\"'](\d+)")
_COLUMNS_REPEATED = re.compile(rb"number-columns-repeated\s*=\s*[\"'](\d+)")


def check_sheet(part: bytes, file: str = "") -> list[Problem]:
    """Check one sheet of an XLSX file; formulas without a stored value are listed.

    Raises
    ------
    IngestError
        If the sheet uses more than ten million cells.
    """
    if not _surely_small(part):
        _check_corner(part, file)
    if b"<f" not in part and b":f" not in part:
        return []
    found = [match.start() for match in _NO_VALUE.finditer(part)]
    if not found:
        return []
    refs = _REF.findall(part, max(0, found[0] - 2_000), found[0])
    first = refs[-1].decode("ascii") if refs else ""
    return [Problem(code="formula_without_value", file=file, column=first, got=str(len(found)))]


def _surely_small(part: bytes) -> bool:
    """A quick upper bound of the used rectangle, if all cells are written the ordinary way."""
    signs = np.frombuffer(part, dtype=np.uint8)
    row = column = 0
    for start in range(0, max(len(signs) - _REACH, 0), _STEP):
        end = min(start + _STEP, len(signs) - _REACH)
        is_c = signs[start + 1 : end + 1] == ord("c")
        begins = np.flatnonzero(is_c & (signs[start:end] == ord("<"))) + start
        named = np.flatnonzero(is_c & (signs[start:end] == ord(":"))) + start
        if np.isin(signs.take(named + 2), _BEHIND_NAME).any():
            return False
        third = signs.take(begins + 2)
        # a letter: another element, such as <cols>
        cells = begins[(third < ord("a")) | (third > ord("z"))]
        found = _corner(signs, cells) if len(cells) else (0, 0)
        if found is None:
            return False
        row, column = max(row, found[0]), max(column, found[1])
    tail = part[-_REACH - 1 :]
    return b"<c" not in tail and b":c" not in tail and row * column <= MAX_CELLS


def _corner(signs: Bytes, cells: Integers) -> tuple[int, int] | None:
    """Last row and column of elements ``<c r="AB12"``; nothing if one is written differently."""
    for place, sign in enumerate(b' r="', start=2):
        if (signs.take(cells + place) != sign).any():
            return None
    at = cells + len('<c r="')
    column = np.zeros(len(cells), dtype=np.int64)
    still = np.ones(len(cells), dtype=bool)
    for _ in range(_LETTERS):
        letter = signs.take(at)
        still &= (letter >= ord("A")) & (letter <= ord("Z"))
        column = np.where(still, column * 26 + letter - (ord("A") - 1), column)
        at = at + still
    row = np.zeros(len(cells), dtype=np.int64)
    still = column > 0
    for place in range(_DIGITS + 1):
        figure = signs.take(at)
        digit = still & (figure >= ord("0")) & (figure <= ord("9"))
        if (still & ~digit & ((figure != ord('"')) | (place == 0))).any():
            return None
        still = digit
        if not still.any():
            break
        row = np.where(still, row * 10 + figure - ord("0"), row)
        at = at + 1
    if still.any() or not column.all():
        return None
    return int(row.max()), int(column.max())


def _check_corner(part: bytes, file: str) -> None:
    row = column = 0
    far_row = far_column = b""
    places = set(_CELL.findall(part))
    if (b"", b"") in places:
        row, column = _counted_corner(part)
        places.discard((b"", b""))
    for letters, digits in places:
        if _number(digits) > row:
            row, far_row = _number(digits), letters + digits
        if (number := column_number(letters)) > column:
            column, far_column = number, letters + digits
    if row * column > MAX_CELLS:
        stray = far_row if len(far_row) >= len(far_column) else far_column
        raise too_far(file, stray.decode("ascii") or f"row {row}, column {column}", row * column)


def check_ods(part: bytes, file: str = "") -> None:
    """Check the sheets of an ODS file, where rows and columns may be repeated.

    Raises
    ------
    IngestError
        If one sheet uses more than ten million cells, or the XML breaks off: the reader
        would wait for its end for ever.
    """
    _check_complete(part, file)
    rows = width = used_rows = used_width = repeat = column = 0
    for token in _ODS_TOKEN.finditer(part):
        tag = token[0]
        if tag.startswith(b"<table:table-row"):
            repeat, column = _times(_ROWS_REPEATED, tag), 0
            width = 0
            if tag.endswith(b"/>"):
                rows += repeat
        elif tag == b"</table:table-row>":
            rows += repeat
            if width:
                used_rows, used_width = rows, max(used_width, width)
        elif b"table-cell" in tag:
            column += _times(_COLUMNS_REPEATED, tag)
            if not tag.endswith(b"/>") or b"value" in tag:
                width = column
        else:
            rows = used_rows = used_width = 0
        if used_rows * used_width > MAX_CELLS:
            place = f"{column_letters(used_width)}{used_rows}"
            raise too_far(file, place, used_rows * used_width)


def _number(digits: bytes) -> int:
    """A number whose length nobody has checked yet."""
    return int(digits[:12])


def _check_complete(part: bytes, file: str) -> None:
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _no_doctype
    try:
        parser.Parse(part, True)
    except (expat.ExpatError, ValueError) as error:
        raise IngestError(
            "The workbook is damaged.",
            where=file,
            hint="Open it in a spreadsheet program, save it again, and import it.",
        ) from error


def _no_doctype(*_: object) -> None:
    """A document type can define entities that unfold without end."""
    raise ValueError("document type")


def column_number(letters: bytes) -> int:
    """``A`` is 1, ``XFD`` is 16384."""
    number = 0
    for letter in letters[:8].upper():
        number = number * 26 + letter - 64
    return number


def column_letters(number: int) -> str:
    """Name of a column as spreadsheet programs show it: 1 is ``A``, 27 is ``AA``."""
    letters = ""
    while number > 0:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters or "A"


def _counted_corner(part: bytes) -> tuple[int, int]:
    """Upper bound of the corner when places are implied by order."""
    starts = list(_ROW.finditer(part))
    row = column = 0
    for position, match in enumerate(starts):
        row = _number(match[1]) if match[1] else row + 1
        end = starts[position + 1].start() if position + 1 < len(starts) else len(part)
        place = 0
        for cell in _ANY_CELL.finditer(part, match.end(), end):
            place = column_number(cell[1]) if cell[1] else place + 1
            column = max(column, place)
    return row, column


def _times(pattern: re.Pattern[bytes], tag: bytes) -> int:
    match = pattern.search(tag)
    return _number(match[1]) if match else 1


def too_far(file: str, place: str, cells: int) -> IngestError:
    """The refusal of a sheet that is too large, naming the cell that makes it so."""
    return IngestError(
        f"The sheet reaches as far as cell {place}, so it would need {cells:,} cells.",
        where=file,
        expected=f"at most {MAX_CELLS:,} cells",
        hint=f"Delete the stray content near {place}, save the file, and import it again.",
    )
