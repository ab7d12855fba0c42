"""Times of submission in one shape, decided per column and never per cell.

Day and month are told apart by impossible values, by dots, or by the order of the
responses: every survey tool lists them as they came in. What stays ambiguous is left as
it stands in the file.
"""

from __future__ import annotations

import datetime as dt
import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from twinimpact.ingest.cells import Column
from twinimpact.ingest.instants import iso_texts
from twinimpact.ingest.months import month_numbers, plain_month
from twinimpact.ingest.packed import Packed

_TIME = (
    r"(?:[T ,]+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)?"
    r"\s*(?P<half>[AaPp]\.?\s?[Mm]\.?|vorm\.|nachm\.)?\s*(?P<zone>\S.*)?)?$"
)
_YEAR_FIRST = re.compile(r"^(?P<year>\d{4})[-/.](?P<a>\d{1,2})[-/.](?P<b>\d{1,2})" + _TIME)
_YEAR_LAST = re.compile(
    r"^(?P<a>\d{1,2})(?P<mark>[./-])\s?(?P<b>\d{1,2})[./-]\s?(?P<year>\d{4}|\d{2})" + _TIME
)
_NAMED_TIME = (
    r"(?:[\s,]+(?:\w{1,4}\s+)?(?P<hour>\d{1,2})[:.](?P<minute>\d{2})"
    r"(?:[:.](?P<second>\d{2})(?:[.,]\d+)?)?"
    r"\s*(?P<half>[AaPp]\.?\s?[Mm]\.?)?\s*(?P<zone>\S.*)?)?$"
)
_MONTH = r"(?P<name>[^\W\d_]{3,12})\.?"
_NAMED = (
    re.compile(rf"^{_MONTH}\s+(?P<day>\d{{1,2}}),?\s+(?P<year>\d{{4}}){_NAMED_TIME}"),
    re.compile(
        rf"^(?P<day>\d{{1,2}})\.?[\s-]+(?:de\s+)?{_MONTH}[\s-]+(?:de\s+)?(?P<year>\d{{4}})"
        + _NAMED_TIME
    ),
)
_OFFSET = re.compile(r"^(?:GMT|UTC)?\s*([+-])(\d{1,2}):?(\d{2})?$")
_ZONES = {
    "Z": 0, "UTC": 0, "GMT": 0, "WET": 0, "WEZ": 0, "WEST": 1, "WESZ": 1, "BST": 1, "CET": 1,
    "MEZ": 1, "CEST": 2, "MESZ": 2, "EET": 2, "OEZ": 2, "EEST": 3, "OESZ": 3, "MSK": 3,
    "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Parts:
    year: int
    first: int
    second: int
    year_first: bool
    dotted: bool
    clock: tuple[int, int, int] | None
    zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Moments:
    """Times of one column as ISO text; ``ambiguous`` if day and month cannot be told apart."""

    values: Sequence[str]
    ambiguous: bool


def read_moments(cells: Sequence[str], zone: str = "") -> Moments:
    """ISO times of one column; what cannot be read stays as it is.

    ``zone`` (such as ``+00:00``) is added where a cell names none and has a clock time.
    """
    if not isinstance(cells, Column):
        return _read(cells, zone)
    column = cells.stripped()
    if isinstance(column.texts, Packed):
        written = iso_texts(column.texts, zone)
        if written is not None:
            return Moments(values=Column(written, column.codes), ambiguous=False)
    found = _read(list(column), zone)
    return Moments(values=Column.of(found.values), ambiguous=found.ambiguous)


def _read(cells: Sequence[str], zone: str) -> Moments:
    stripped = [cell.strip() for cell in cells]
    whole = {cell for cell in set(stripped) if _is_whole(cell)}
    others = {cell for cell in set(stripped) if cell and cell not in whole}
    names = {match["name"] for cell in others if (match := _named(cell))}
    months = month_numbers(names) if names else {}
    parts = [None if cell in whole else _parts(cell, months) for cell in stripped]
    order = _order([part for part in parts if part is not None and not part.year_first])
    values = tuple(
        (cell + zone if cell in whole else cell)
        if part is None
        else (_iso(part, order, zone) or cell)
        for cell, part in zip(stripped, parts, strict=True)
    )
    return Moments(values=values, ambiguous=order == "")


def _is_whole(cell: str) -> bool:
    """Date and clock time exactly as they are written out here, without a zone."""
    if len(cell) != len("2025-03-01T10:00:00") or cell[10] != "T":
        return False
    try:
        return dt.datetime.fromisoformat(cell).isoformat() == cell
    except ValueError:
        return False


def _named(cell: str) -> re.Match[str] | None:
    """A date with the name of its month, in either order."""
    if cell.isascii() and not any(letter.isalpha() for letter in cell[:6]):
        return None
    return _NAMED[0].match(cell) or _NAMED[1].match(cell)


def _parts(cell: str, months: Mapping[str, int]) -> _Parts | None:
    match = _YEAR_FIRST.match(cell) or _YEAR_LAST.match(cell)
    if match is None:
        return _named_parts(cell, months) if months else None
    found = match.groupdict()
    year = int(found["year"])
    return _Parts(
        year=year + 2000 if year < 100 else year,
        first=int(found["a"]),
        second=int(found["b"]),
        year_first="mark" not in found,
        dotted=found.get("mark") == ".",
        clock=_clock(found),
        zone=_zone(found["zone"] or ""),
    )


def _named_parts(cell: str, months: Mapping[str, int]) -> _Parts | None:
    match = _named(cell)
    month = months.get(plain_month(match["name"])) if match else None
    if match is None or month is None:
        return None
    return _Parts(
        year=int(match["year"]),
        first=month,
        second=int(match["day"]),
        year_first=True,  # nothing is left to be found out
        dotted=False,
        clock=_clock(match.groupdict()),
        zone=_zone(match["zone"] or ""),
    )


def _clock(found: Mapping[str, str | None]) -> tuple[int, int, int] | None:
    if found["hour"] is None:
        return None
    hour = int(found["hour"])
    half = (found["half"] or "").lower()
    if half:
        hour = hour % 12 + (12 if half[0] in "pn" else 0)
    return hour, int(found["minute"] or 0), int(found["second"] or 0)


def _zone(text: str) -> str:
    text = text.strip().upper().strip("()")
    if text in _ZONES:
        hours = _ZONES[text]
        return f"{'-' if hours < 0 else '+'}{abs(hours):02d}:00"
    match = _OFFSET.match(text)
    return f"{match[1]}{int(match[2]):02d}:{match[3] or '00'}" if match else ""


def _order(parts: list[_Parts]) -> str:
    """``dmy``, ``mdy``, or ``""`` when the column can be read both ways."""
    if not parts or any(part.dotted for part in parts):
        return "dmy"
    day_first = any(part.first > 12 for part in parts)
    month_first = any(part.second > 12 for part in parts)
    if day_first != month_first:
        return "dmy" if day_first else "mdy"
    if day_first or all(part.first == part.second for part in parts):
        return "" if day_first else "dmy"
    rising = [
        order for order in ("dmy", "mdy") if _is_rising([_key(part, order) for part in parts])
    ]
    return rising[0] if len(rising) == 1 else ""


def _key(part: _Parts, order: str) -> tuple[int, ...]:
    month, day = (part.second, part.first) if order == "dmy" else (part.first, part.second)
    return (part.year, month, day, *(part.clock or ()))


def _is_rising(keys: list[tuple[int, ...]]) -> bool:
    return all(one <= two for one, two in itertools.pairwise(keys))


def _iso(part: _Parts, order: str, zone: str) -> str:
    if part.year_first:
        month, day = part.first, part.second
    elif order:
        _, month, day = _key(part, order)[:3]
    else:
        return ""
    try:
        date = dt.date(part.year, month, day)
        if part.clock is None:
            return date.isoformat()
        clock = dt.time(*part.clock)
    except ValueError:
        return ""
    return f"{date.isoformat()}T{clock.isoformat()}{part.zone or zone}"
