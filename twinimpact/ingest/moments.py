"""Times of submission in one shape, decided per column and never per cell.

Day and month are told apart by impossible values, by dots, or by the order of the
responses: every survey tool lists them as they came in. What stays ambiguous is left as
it stands in the file.
"""

from __future__ import annotations

import datetime as dt
import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

_TIME = (
    r"(?:[T ,]+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)?"
    r"\s*(?P<half>[AaPp]\.?\s?[Mm]\.?|vorm\.|nachm\.)?\s*(?P<zone>\S.*)?)?$"
)
_YEAR_FIRST = re.compile(r"^(?P<year>\d{4})[-/.](?P<a>\d{1,2})[-/.](?P<b>\d{1,2})" + _TIME)
_YEAR_LAST = re.compile(
    r"^(?P<a>\d{1,2})(?P<mark>[./-])\s?(?P<b>\d{1,2})[./-]\s?(?P<year>\d{4}|\d{2})" + _TIME
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

    values: tuple[str, ...]
    ambiguous: bool


def read_moments(cells: Sequence[str], zone: str = "") -> Moments:
    """ISO times of one column; what cannot be read stays as it is.

    ``zone`` (such as ``+00:00``) is added where a cell names none and has a clock time.
    """
    parts = [_parts(cell.strip()) for cell in cells]
    order = _order([part for part in parts if part is not None and not part.year_first])
    values = tuple(
        cell.strip() if part is None else (_iso(part, order, zone) or cell.strip())
        for cell, part in zip(cells, parts, strict=True)
    )
    return Moments(values=values, ambiguous=order == "")


def _parts(cell: str) -> _Parts | None:
    match = _YEAR_FIRST.match(cell) or _YEAR_LAST.match(cell)
    if match is None:
        return None
    found = match.groupdict()
    clock = None
    if found["hour"] is not None:
        hour = int(found["hour"])
        half = (found["half"] or "").lower()
        if half:
            hour = hour % 12 + (12 if half[0] in "pn" else 0)
        clock = (hour, int(found["minute"]), int(found["second"] or 0))
    year = int(found["year"])
    return _Parts(
        year=year + 2000 if year < 100 else year,
        first=int(found["a"]),
        second=int(found["b"]),
        year_first="mark" not in found,
        dotted=found.get("mark") == ".",
        clock=clock,
        zone=_zone(found["zone"] or ""),
    )


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
