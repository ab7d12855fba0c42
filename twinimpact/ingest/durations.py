"""How long people took: from the survey tool's own clock, or from start to submission."""

from __future__ import annotations

import datetime as dt
import math
import re

import numpy as np
import numpy.typing as npt

from twinimpact.ingest.draft import Draft
from twinimpact.ingest.instants import seconds_between
from twinimpact.ingest.moments import read_moments
from twinimpact.ingest.records import DraftColumn
from twinimpact.ingest.values import parse_integer

Seconds = npt.NDArray[np.float64]

LONGEST = 24 * 60 * 60
"""A questionnaire left open for longer says nothing about the time spent on it."""
_TOTAL = re.compile(
    r"^(?:interviewtime|total time|gesamtzeit|temps total|tiempo total|tempo totale|"
    r"duration(?: ?\(in seconds\)|_?_?in_seconds_?|)|dauer \(in sekunden\)|time_sum|time_rsi_sum)$"
)
_CLOCK = re.compile(r"^(?:(\d{1,2}):)?(\d{1,3}):(\d{2})$")


def durations(draft: Draft) -> Seconds:
    """Seconds of each row, NaN where they are not known.

    A column with the total time comes first; else the time from the start to the submission,
    if both have a clock time and both or neither name their zone. Times below one second or
    over a day are left out.
    """
    total = next(
        (
            column.position
            for column in draft.columns
            if column.role in ("timing", "ignore")
            and any(_TOTAL.match(" ".join(text.casefold().split())) for text in _names(column))
        ),
        None,
    )
    if total is None:
        spent = _between(draft)
    else:
        column = draft.cells(total)
        read = np.full(len(column.texts), np.nan)
        for at in column.used().tolist():
            read[at] = _number(_seconds(column.texts[at]))
        spent = read[column.codes]
    spent[~((spent >= 1) & (spent <= LONGEST))] = np.nan
    return spent


def _names(column: DraftColumn) -> tuple[str, str]:
    return column.key, column.name


def _number(seconds: int | None) -> float:
    return math.nan if seconds is None else float(min(seconds, 2 * LONGEST))


def _seconds(text: str) -> int | None:
    text = text.strip()
    clock = _CLOCK.match(text)
    if clock:
        return int(clock[1] or 0) * 3600 + int(clock[2]) * 60 + int(clock[3])
    try:
        return round(float(text.replace(",", "."))) if text else None
    except (ValueError, OverflowError):
        return parse_integer(text)


def _between(draft: Draft) -> Seconds:
    rows = draft.by_column()
    started = next((c.position for c in draft.columns if c.role == "started"), None)
    if started is None:
        return np.full(len(rows), np.nan)
    begun = rows.cells.columns[started].stripped()
    if (apart := seconds_between(begun, rows.submitted)) is not None:
        return apart
    starts = read_moments(begun).values
    pairs = zip(starts, rows.submitted, strict=True)
    return np.array([_number(_apart(start, end)) for start, end in pairs], dtype=np.float64)


def _apart(start: str, end: str) -> int | None:
    try:
        first, last = dt.datetime.fromisoformat(start), dt.datetime.fromisoformat(end)
    except ValueError:
        return None
    clocks = ":" in start and ":" in end
    if not clocks or (first.tzinfo is None) != (last.tzinfo is None):
        return None
    return round((last - first).total_seconds())
