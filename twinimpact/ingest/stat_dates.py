"""Dates of statistics programs: numbers that count from an old day, told by the format.

SPSS counts seconds from 14 October 1582, Stata counts days, milliseconds, weeks, months,
quarters or half-years from 1 January 1960. What is coarser than a day stays coarse.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable

SPSS_EPOCH = dt.datetime(1582, 10, 14)
STATA_EPOCH = dt.datetime(1960, 1, 1)
_SPSS_NAME = re.compile(r"^([A-Z]+)")
_STATA = re.compile(r"^%-?(?:t([dcCwmqhy])|(d))(.*)$")
_DATE_PARTS = ("CC", "cc", "YY", "yy", "NN", "nn", "Mon", "mon", "DD", "dd", "JJJ", "jjj", "Day")
_MILLISECOND = 1000

DateReader = Callable[[float], str]


def date_reader(written: str, kind: str) -> DateReader | None:
    """How a variable's numbers become dates, ``None`` if they are no dates.

    Parameters
    ----------
    written
        Display format: ``EDATE10``, ``%tcHH:MM:SS``, ...
    kind
        ``dta`` for Stata, anything else for SPSS.

    Returns
    -------
    callable or None
        Gives ISO text, or ``""`` for a moment outside the years 1 to 9999.
    """
    return _stata(written) if kind == "dta" else _spss(written)


def _spss(written: str) -> DateReader | None:
    match = _SPSS_NAME.match(written.upper())
    return _SPSS_READERS.get(match[1]) if match else None


def _stata(written: str) -> DateReader | None:
    match = _STATA.match(written)
    if match is None:
        return None
    unit = match[1] or match[2]
    if unit in ("c", "C"):
        # a mask with hours and no part of a date shows a time of day
        shown = match[3]
        clock = "HH" in shown.upper() and not any(part in shown for part in _DATE_PARTS)
        return _stata_clock if clock else _stata_moment
    return _STATA_READERS.get(unit)


def _moment(epoch: dt.datetime, milliseconds: float) -> dt.datetime | None:
    if not math.isfinite(milliseconds):
        return None
    try:
        return epoch + dt.timedelta(milliseconds=round(milliseconds))
    except OverflowError:
        return None


def _iso(moment: dt.datetime | None) -> str:
    """Date and time; midnight is a date, as in a workbook."""
    if moment is None:
        return ""
    if moment.time() == dt.time():
        return moment.date().isoformat()
    return moment.isoformat(timespec="milliseconds" if moment.microsecond else "seconds")


def _clock(seconds: float) -> str:
    if not math.isfinite(seconds) or abs(seconds) > 1e9:
        return ""
    whole, rest = divmod(round(abs(seconds) * _MILLISECOND), _MILLISECOND)
    text = f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}"
    return ("-" if seconds < 0 else "") + text + (f".{rest:03d}" if rest else "")


def _spss_date(seconds: float) -> str:
    moment = _moment(SPSS_EPOCH, seconds * _MILLISECOND)
    return "" if moment is None else moment.date().isoformat()


def _spss_moment(seconds: float) -> str:
    return _iso(_moment(SPSS_EPOCH, seconds * _MILLISECOND))


def _spss_month(seconds: float) -> str:
    return _spss_date(seconds)[:7]


def _spss_quarter(seconds: float) -> str:
    month = _spss_month(seconds)
    return f"{month[:4]}-Q{(int(month[5:]) + 2) // 3}" if month else ""


def _spss_week(seconds: float) -> str:
    moment = _moment(SPSS_EPOCH, seconds * _MILLISECOND)
    if moment is None:
        return ""
    return f"{moment.year:04d}-W{(moment.timetuple().tm_yday - 1) // 7 + 1:02d}"


def _stata_day(days: float) -> str:
    moment = _moment(STATA_EPOCH, days * 86_400_000)
    return "" if moment is None else moment.date().isoformat()


def _stata_moment(milliseconds: float) -> str:
    return _iso(_moment(STATA_EPOCH, milliseconds))


def _stata_clock(milliseconds: float) -> str:
    return _clock(milliseconds / _MILLISECOND)


def _parts_of_year(count: float, per_year: int) -> tuple[int, int] | None:
    if not math.isfinite(count) or count != int(count):
        return None
    years, part = divmod(int(count), per_year)
    year = STATA_EPOCH.year + years
    return (year, part + 1) if 1 <= year <= 9999 else None


def _stata_part(per_year: int, form: str) -> DateReader:
    def read(count: float) -> str:
        found = _parts_of_year(count, per_year)
        return form.format(*found) if found else ""

    return read


_SPSS_READERS: dict[str, DateReader] = {
    **dict.fromkeys(("DATE", "ADATE", "EDATE", "JDATE", "SDATE"), _spss_date),
    **dict.fromkeys(("DATETIME", "YMDHMS"), _spss_moment),
    **dict.fromkeys(("TIME", "DTIME", "MTIME"), _clock),
    "MOYR": _spss_month,
    "QYR": _spss_quarter,
    "WKYR": _spss_week,
}
_STATA_READERS: dict[str, DateReader] = {
    "d": _stata_day,
    "w": _stata_part(52, "{:04d}-W{:02d}"),
    "m": _stata_part(12, "{:04d}-{:02d}"),
    "q": _stata_part(4, "{:04d}-Q{}"),
    "h": _stata_part(2, "{:04d}-H{}"),
}
