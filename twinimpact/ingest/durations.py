"""How long people took: from the survey tool's own clock, or from start to submission."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping

from twinimpact.ingest.draft import Draft
from twinimpact.ingest.moments import read_moments
from twinimpact.ingest.values import parse_integer

LONGEST = 24 * 60 * 60
"""A questionnaire left open for longer says nothing about the time spent on it."""
_TOTAL = re.compile(
    r"^(?:interviewtime|total time|gesamtzeit|temps total|tiempo total|tempo totale|"
    r"duration(?: ?\(in seconds\)|_?_?in_seconds_?|)|dauer \(in sekunden\)|time_sum|time_rsi_sum)$"
)
_CLOCK = re.compile(r"^(?:(\d{1,2}):)?(\d{1,3}):(\d{2})$")


def durations(draft: Draft) -> Mapping[int, int]:
    """Seconds by row number, where they are known.

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
    if total is not None:
        spent = {row.number: _seconds(row.cells[total]) for row in draft.rows}
    else:
        spent = _between(draft)
    return {
        number: value
        for number, value in spent.items()
        if value is not None and 1 <= value <= LONGEST
    }


def _names(column: object) -> tuple[str, str]:
    return str(getattr(column, "key", "")), str(getattr(column, "name", ""))


def _seconds(text: str) -> int | None:
    text = text.strip()
    clock = _CLOCK.match(text)
    if clock:
        return int(clock[1] or 0) * 3600 + int(clock[2]) * 60 + int(clock[3])
    try:
        return round(float(text.replace(",", "."))) if text else None
    except (ValueError, OverflowError):
        return parse_integer(text)


def _between(draft: Draft) -> dict[int, int | None]:
    started = next((c.position for c in draft.columns if c.role == "started"), None)
    if started is None:
        return {}
    starts = read_moments([row.cells[started] for row in draft.rows]).values
    return {
        row.number: _apart(start, row.submitted)
        for row, start in zip(draft.rows, starts, strict=True)
    }


def _apart(start: str, end: str) -> int | None:
    try:
        first, last = dt.datetime.fromisoformat(start), dt.datetime.fromisoformat(end)
    except ValueError:
        return None
    clocks = ":" in start and ":" in end
    if not clocks or (first.tzinfo is None) != (last.tzinfo is None):
        return None
    return round((last - first).total_seconds())
