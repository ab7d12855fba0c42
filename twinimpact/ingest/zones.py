"""Local times of a named zone, with the offset they had there on that day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class ZonedTimes:
    """ISO times with their offset; ``odd`` are the positions whose local time the clock skipped
    or showed twice when it was put forward or back."""

    values: tuple[str, ...]
    odd: tuple[int, ...]


def zone_named(name: str) -> ZoneInfo | None:
    """The zone of an IANA name such as ``Europe/Berlin``, ``None`` if there is none."""
    try:
        return ZoneInfo(name) if name else None
    # an unknown name is a KeyError, a path a ValueError, a folder of the data base an OSError
    except (KeyError, ValueError, OSError):
        return None


def in_zone(values: Sequence[str], zone: ZoneInfo) -> ZonedTimes:
    """Add the zone's offset to ISO times; what has an offset, or no clock time, stays.

    A time that occurred twice gets the offset of its first occurrence.
    """
    found: list[str] = []
    odd: list[int] = []
    for place, value in enumerate(values):
        moment = _naive(value)
        if moment is None:
            found.append(value)
            continue
        first = moment.replace(tzinfo=zone)
        if first.utcoffset() != first.replace(fold=1).utcoffset():
            odd.append(place)
        found.append(first.isoformat())
    return ZonedTimes(values=tuple(found), odd=tuple(odd))


def _naive(value: str) -> dt.datetime | None:
    if ":" not in value:
        return None
    try:
        moment = dt.datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.tzinfo is None else None
