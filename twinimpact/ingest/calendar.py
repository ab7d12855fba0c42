"""iCalendar files: every event ends among the activities or in quarantine.

The library that parses calendars returns nothing, and no error, when ``END:VCALENDAR`` is
missing, and expanding a whole calendar fails on its worst event. So the events are counted
in the text, cut out one by one, and expanded one UID at a time. Names of guests, organisers
and descriptions are never read.
"""

from __future__ import annotations

import datetime as dt
import re
import zoneinfo
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from twinimpact.entities import THEMES
from twinimpact.errors import IngestError
from twinimpact.ingest.rows import CheckedRows, Lookup, row_hash, table_frame
from twinimpact.ingest.synonyms import option
from twinimpact.ingest.values import fold
from twinimpact.problems import Problem

# properties that say what, when and whether; nothing else leaves the file
KEPT = (
    "UID", "SUMMARY", "DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE",
    "RECURRENCE-ID", "SEQUENCE", "STATUS", "CATEGORIES",
)  # fmt: skip
MAX_OCCURRENCES = 5000
ENDLESS_AFTER = dt.timedelta(days=366)

_BEGIN = re.compile(r"^BEGIN:VEVENT\s*$", re.IGNORECASE)
_END = re.compile(r"^END:VEVENT\s*$", re.IGNORECASE)
_NAME = re.compile(r"^([A-Za-z0-9-]+)[;:]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Days to keep, both ends included; ``None`` leaves an end open."""

    start: dt.date | None = None
    end: dt.date | None = None

    def holds(self, first: dt.date, last: dt.date) -> bool:
        """Whether an event touches the window."""
        before = self.end is not None and first > self.end
        after = self.start is not None and last < self.start
        return not before and not after


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarSettings:
    """What turns events into activities.

    Parameters
    ----------
    partnership
        Of events whose categories name none.
    as_of
        Events that ended before this day were held, unless cancelled.
    timezone
        In which a moment with a zone becomes a day.
    """

    lookup: Lookup
    partnership: str = ""
    window: Window = Window()
    as_of: dt.date | None = None
    timezone: str = "UTC"


@dataclass(frozen=True, slots=True)
class _Event:
    """The lines of one VEVENT; ``number`` is the line of its BEGIN in the file."""

    number: int
    lines: tuple[str, ...]
    complete: bool

    def value(self, name: str) -> str:
        found = (line for line in self.lines if re.match(rf"{name}[;:]", line, re.IGNORECASE))
        line = next(found, "")
        return line.partition(":")[2].strip()


@dataclass(frozen=True, slots=True)
class _Occurrence:
    event: _Event
    first: dt.date
    last: dt.date
    recurrence: str


class _BadEventError(Exception):
    """An event that cannot be dated."""


def calendar_text(data: bytes) -> str:
    """Text of a calendar, UTF-8 with or without BOM, else cp1252."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def calendar_rows(text: str, file: str, settings: CalendarSettings) -> CheckedRows:
    """Events of a calendar as activities.

    Parameters
    ----------
    text
        The file's text; bare events, several calendars and a missing end are all read.
    settings
        Window, partnership and the day that parts held from planned.

    Returns
    -------
    CheckedRows
        ``rows`` counts events inside the window once per occurrence, events outside it and
        quarantined ones once. Line numbers stand for row numbers.

    Raises
    ------
    IngestError
        If the text is no calendar.
    """
    if not re.search(r"^BEGIN:(VCALENDAR|VEVENT)\s*$", text, re.IGNORECASE | re.MULTILINE):
        raise IngestError("This is not a calendar file.", where=file, expected="BEGIN:VCALENDAR")
    events, problems = _events(text, file)
    excluded: Counter[str] = Counter()
    quarantined = 0
    records: list[dict[str, object]] = []
    groups: dict[str, list[_Event]] = {}
    for event in events:
        groups.setdefault(event.value("UID") or f"line-{event.number}", []).append(event)
    for uid, group in groups.items():
        found, bad, outside = _expand(group, settings, file)
        problems.extend(bad)
        quarantined += len(bad)
        excluded["out_of_window"] += outside
        for occurrence in found:
            record = _record(uid, occurrence, settings)
            if record is None:
                problems.append(_problem("calendar_no_partnership", file, occurrence.event))
                quarantined += 1
            else:
                records.append(record)
    unique = {str(record["activity_id"]): record for record in records}
    excluded["duplicate"] += len(records) - len(unique)
    return CheckedRows(
        rows=len(records) + quarantined + excluded["out_of_window"],
        frame=table_frame("activities", unique.values()),
        excluded={reason: number for reason, number in sorted(excluded.items()) if number},
        quarantined=quarantined,
        problems=tuple(problems),
    )


def _events(text: str, file: str) -> tuple[list[_Event], list[Problem]]:
    """Cut the events out of the unfolded text, each with the line where it begins."""
    unfolded: list[tuple[int, str]] = []
    for number, line in enumerate(re.split(r"\r\n|\n|\r", text), start=1):
        if line[:1] in (" ", "\t") and unfolded:
            unfolded[-1] = (unfolded[-1][0], unfolded[-1][1] + line[1:])
        else:
            unfolded.append((number, line))
    events: list[_Event] = []
    begun: int | None = None
    lines: list[str] = []
    depth = 0
    for number, line in unfolded:
        if _BEGIN.match(line):
            if begun is not None:
                events.append(_Event(begun, tuple(lines), complete=False))
            begun, lines, depth = number, [], 0
        elif begun is None:
            continue
        elif _END.match(line):
            events.append(_Event(begun, tuple(lines), complete=True))
            begun = None
        elif line.upper().startswith(("BEGIN:", "END:")):
            # an alarm inside the event: its lines are not the event's
            depth += 1 if line.upper().startswith("BEGIN:") else -1
        elif depth == 0 and (match := _NAME.match(line)) and match[1].upper() in KEPT:
            lines.append(_mended(line))
    if begun is not None:
        events.append(_Event(begun, tuple(lines), complete=False))
    problems = []
    names = [line.strip().upper() for _, line in unfolded]
    if names.count("BEGIN:VCALENDAR") != names.count("END:VCALENDAR"):
        problems.append(Problem(code="calendar_no_end", file=file, got=str(len(events))))
    return events, problems


def _mended(line: str) -> str:
    # some programs put spaces into rules, which no reader accepts
    return line.replace(" ", "") if line.upper().startswith("RRULE") else line.rstrip()


def _expand(
    group: Sequence[_Event], settings: CalendarSettings, file: str
) -> tuple[list[_Occurrence], list[Problem], int]:
    """Occurrences of the events of one UID, problems of the bad ones, number outside."""
    good: list[_Event] = []
    bad: list[Problem] = []
    for event in group:
        try:
            if not event.complete:
                raise _BadEventError("no END:VEVENT")
            _parsed([event])
            _dates(event, settings)
        except _BadEventError as error:
            bad.append(_problem("calendar_bad_event", file, event, str(error)))
        else:
            good.append(event)
    if not good:
        return [], bad, 0
    repeats = any(event.value(name) for event in good for name in ("RRULE", "RDATE"))
    try:
        if repeats or any(event.value("RECURRENCE-ID") for event in good):
            found = _recurring(good, settings)
        else:
            found = [_Occurrence(event, *_dates(event, settings), "") for event in good]
    except _BadEventError as error:
        problems = [_problem("calendar_bad_event", file, event, str(error)) for event in good]
        return [], [*bad, *problems], 0
    inside = [one for one in found if settings.window.holds(one.first, one.last)]
    used = {one.event.number for one in inside}
    return inside, bad, sum(event.number not in used for event in good)


def _parsed(events: Sequence[_Event]) -> Any:
    from icalendar import Calendar

    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//twinimpact//EN"]
    for event in events:
        # the line number rides along, to know an occurrence's event again
        body = [line for line in event.lines if not line.upper().startswith("CATEGORIES")]
        uid = [] if event.value("UID") else [f"UID:line-{event.number}"]
        lines += ["BEGIN:VEVENT", *uid, *body, f"X-LINE:{event.number}", "END:VEVENT"]
    try:
        return Calendar.from_ical("\r\n".join([*lines, "END:VCALENDAR", ""]))
    except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        raise _BadEventError("it cannot be parsed") from error


def _dates(event: _Event, settings: CalendarSettings) -> tuple[dt.date, dt.date]:
    try:
        component = _parsed([event]).walk("VEVENT")[0]
        start = component.decoded("DTSTART")
        end = component.decoded("DTEND") if "DTEND" in component else None
        if end is None and "DURATION" in component:
            end = start + component.decoded("DURATION")
    except KeyError as error:
        raise _BadEventError("no DTSTART") from error
    except (ValueError, TypeError, AttributeError, IndexError, OverflowError) as error:
        raise _BadEventError("no valid DTSTART or DTEND") from error
    return _days(start, end, settings)


def _days(start: Any, end: Any, settings: CalendarSettings) -> tuple[dt.date, dt.date]:
    """First and last day; the end of a whole-day event is the day after its last one."""
    first = _day(start, settings)
    if end is None:
        return first, first
    last = _day(end, settings)
    midnight = not isinstance(end, dt.datetime) or end.time() == dt.time()
    if midnight and last > first:
        last -= dt.timedelta(days=1)
    if last < first:
        raise _BadEventError("the end is before the start")
    return first, last


def _day(moment: Any, settings: CalendarSettings) -> dt.date:
    if isinstance(moment, dt.datetime):
        if moment.tzinfo is not None:
            moment = moment.astimezone(zoneinfo.ZoneInfo(settings.timezone))
        return dt.date(moment.year, moment.month, moment.day)
    if isinstance(moment, dt.date):
        return moment
    raise _BadEventError("no valid DTSTART")


def _recurring(group: Sequence[_Event], settings: CalendarSettings) -> list[_Occurrence]:
    import recurring_ical_events

    by_number = {event.number: event for event in group}
    starts = [_dates(event, settings)[0] for event in group]
    first = settings.window.start or min(starts)
    # an endless rule without a window is followed for a year, never for ever
    last = settings.window.end or (settings.as_of or max(starts)) + ENDLESS_AFTER
    if last < first:
        return []
    try:
        query = recurring_ical_events.of(_parsed(group), keep_recurrence_attributes=True)
        listed = query.between(first, last + dt.timedelta(days=1))
        found = []
        for component in listed[:MAX_OCCURRENCES]:
            event = by_number[int(str(component["X-LINE"]))]
            start = component.decoded("DTSTART")
            end = component.decoded("DTEND") if "DTEND" in component else None
            days = _days(start, end, settings)
            found.append(_Occurrence(event, *days, str(start)))
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, OverflowError) as error:
        raise _BadEventError("its repetition cannot be read") from error
    return found


def _record(
    uid: str, occurrence: _Occurrence, settings: CalendarSettings
) -> dict[str, object] | None:
    event = occurrence.event
    categories = [_unescaped(part) for part in re.split(r"(?<!\\),", event.value("CATEGORIES"))]
    partnership = _partnership(categories, settings)
    if not partnership:
        return None
    kinds = [option("type", name) for name in categories if name]
    themes = [option("themes", name) for name in categories if name]
    return {
        "activity_id": "c" + row_hash([uid, occurrence.recurrence])[:12],
        "partnership_id": partnership,
        "title": _unescaped(event.value("SUMMARY")) or "–",
        "type": next(filter(None, kinds), "other"),
        "themes": ";".join(dict.fromkeys(theme for theme in themes if theme in THEMES)),
        "start_date": occurrence.first,
        "end_date": occurrence.last,
        "status": _status(event, occurrence, settings.as_of),
    }


def _partnership(categories: Sequence[str], settings: CalendarSettings) -> str:
    known = settings.lookup.partnerships
    named = [known.get(fold(name), "") for name in (*categories, settings.partnership) if name]
    only = tuple(dict.fromkeys(known.values()))
    usual = only[0] if len(only) == 1 and not settings.partnership else ""
    return next(filter(None, named), usual)


def _status(event: _Event, occurrence: _Occurrence, as_of: dt.date | None) -> str:
    if event.value("STATUS").upper() == "CANCELLED":
        return "cancelled"
    return "held" if as_of is not None and occurrence.last < as_of else "planned"


def _unescaped(text: str) -> str:
    plain = re.sub(r"\\[nN]", " ", text)
    return " ".join(re.sub(r"\\(.)", r"\1", plain).split())


def _problem(code: str, file: str, event: _Event, expected: str = "") -> Problem:
    title = _unescaped(event.value("SUMMARY"))
    return Problem(code=code, file=file, row=event.number, got=title, expected=expected)
