"""Dates and times of very many rows at once, where all are written in one ISO shape.

Only what :mod:`moments` reads without a question: year, month and day, a clock time to the
second, maybe a fraction and a zone. A column with any other cell gets no answer here.
"""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt

from twinimpact.ingest.cells import Column
from twinimpact.ingest.packed import Integers, Packed

_SHAPE = re.compile(
    r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(?:\.\d+)?(Z|[+-]\d{2}:\d{2})?$", re.ASCII
)
_DAY, _CLOCK, _ZONE = 10, 19, 6
_FIRST_YEAR = 100
"""Years of two digits mean others, whatever zeros stand before them."""
_ZERO, _NINE, _MINUS = 0x30, 0x39, 0x2D

Bytes = npt.NDArray[np.uint8]


def iso_texts(texts: Packed, zone: str) -> Packed | None:
    """The same moments as ISO text to the second, empty ones left empty.

    ``zone`` is added where the texts name none.
    """
    found = _lines(texts)
    if found is None or _moments(found[0]) is None:
        return None
    lines, filled = found
    own = _SHAPE.match(lines[0].tobytes().decode())
    named = own[1] if own else None
    parts = [lines[:, :_DAY], _constant("T", len(lines)), lines[:, _DAY + 1 : _CLOCK]]
    if named and named != "Z":
        parts.append(lines[:, -_ZONE:])
    else:
        parts.append(_constant("+00:00" if named else zone, len(lines)))
    whole = np.concatenate(parts, axis=1)
    lengths = np.where(filled, whole.shape[1], 0)
    return Packed(whole.tobytes(), lengths)


def days_of(texts: Packed) -> npt.NDArray[np.datetime64] | None:
    """The day of each text; an empty text has none."""
    found = _lines(texts)
    moments = _moments(found[0]) if found else None
    if found is None or moments is None:
        return None
    days = np.full(len(texts), np.datetime64("NaT"), dtype="datetime64[D]")
    days[found[1]] = moments.astype("datetime64[D]")
    return days


def seconds_between(start: Column, end: Column) -> npt.NDArray[np.float64] | None:
    """Seconds from one moment to the other, NaN where one of them is not known.

    No answer if only one of the two names its zone, or for columns not of this kind.
    """
    first, last = _utc(start), _utc(end)
    if first is None or last is None or first[1] != last[1]:
        return None
    known = ~(np.isnat(first[0]) | np.isnat(last[0]))
    seconds: npt.NDArray[np.float64] = np.full(len(known), np.nan)
    seconds[known] = (last[0].astype(np.int64) - first[0].astype(np.int64))[known]
    return seconds


def _utc(column: Column) -> tuple[npt.NDArray[np.datetime64], bool] | None:
    """Moments by row, in UTC where they name a zone, and whether they do."""
    texts = column.texts
    found = _lines(texts) if isinstance(texts, Packed) else None
    moments = _moments(found[0]) if found else None
    if found is None or moments is None:
        return None
    lines, filled = found
    own = _SHAPE.match(lines[0].tobytes().decode())
    zone = own[1] if own else None
    if zone and zone != "Z":
        sign = np.where(lines[:, -_ZONE] == _MINUS, -1, 1)
        offset = _number(lines, -5, -3) * 60 + _number(lines, -2, lines.shape[1])
        moments = moments - (sign * offset).astype("timedelta64[m]")
    whole = np.full(len(filled), np.datetime64("NaT"), dtype="datetime64[s]")
    whole[filled] = moments
    return whole[column.codes], bool(zone)


def _lines(texts: Packed) -> tuple[Bytes, npt.NDArray[np.bool_]] | None:
    """One line of bytes for each filled text, if all have the shape of the first."""
    lengths = np.diff(texts.bounds)
    filled = lengths > 0
    width = int(lengths.max()) if len(lengths) else 0
    if not width or not texts.data.isascii() or (lengths[filled] != width).any():
        return None
    lines = np.frombuffer(texts.data, dtype=np.uint8).reshape(-1, width)
    model = lines[0]
    if _SHAPE.match(model.tobytes().decode()) is None:
        return None
    digits = (model >= _ZERO) & (model <= _NINE)
    for place, signs in enumerate(np.ascontiguousarray(lines.T)):
        if digits[place]:
            if int(signs.min()) < _ZERO or int(signs.max()) > _NINE:
                return None
        elif (signs != model[place]).any():
            return None
    return lines, filled


def _moments(lines: Bytes) -> npt.NDArray[np.datetime64] | None:
    """Moments to the second as they stand; ``None`` if one of them does not exist."""
    year, month, day = _number(lines, 0, 4), _number(lines, 5, 7), _number(lines, 8, 10)
    hour, minute, second = (_number(lines, at, at + 2) for at in (11, 14, 17))
    if (
        int(year.min()) < _FIRST_YEAR
        or int(month.min()) < 1
        or int(month.max()) > 12
        or int(day.min()) < 1
        or int(hour.max()) > 23
        or max(int(minute.max()), int(second.max())) > 59
    ):
        return None
    months = ((year - 1970) * 12 + (month - 1)).astype("datetime64[M]")
    days = months.astype("datetime64[D]") + (day - 1)
    if (days.astype("datetime64[M]") != months).any():
        return None
    clock = hour * 3600 + minute * 60 + second
    moments: npt.NDArray[np.datetime64] = days.astype("datetime64[s]") + clock
    return moments


def _number(lines: Bytes, start: int, end: int) -> Integers:
    total = np.zeros(len(lines), dtype=np.int64)
    for signs in np.ascontiguousarray(lines[:, start:end].T):
        total *= 10
        total += signs - _ZERO
    return total


def _constant(text: str, count: int) -> Bytes:
    signs = np.frombuffer(text.encode(), dtype=np.uint8)
    return np.broadcast_to(signs, (count, len(signs)))
