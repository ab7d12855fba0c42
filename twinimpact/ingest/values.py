"""Single values: folded labels, dates, numbers, ages, country codes.

A column decides how its cells are read (day-first or month-first, comma or point);
no cell is ever guessed on its own.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
import unicodedata
from collections.abc import Iterable

LOCALES = ("en", "de", "fr", "it", "es", "pl", "cs", "sk", "hu")
DATE_ORDERS = ("day-first", "month-first", "iso")
AGE_LIMITS = (
    ("<14", 0, 13), ("14-17", 14, 17), ("18-29", 18, 29), ("30-44", 30, 44),
    ("45-64", 45, 64), ("65-74", 65, 74), ("75+", 75, 130),
)  # fmt: skip
MASK = "•••"
CACHED = 4096
"""The same few texts come again in every row of a file."""
EXCEL_EPOCH = dt.date(1899, 12, 30)

# Hungarian dates run from the year to the day, each with its point: 2025. 05. 03.
_ISO = re.compile(r"^(\d{4})[-/.]\s?(\d{1,2})[-/.]\s?(\d{1,2})\.?(?:[T ,].*)?$")
_NUMERIC = re.compile(r"^(\d{1,2})\s*([./-])\s*(\d{1,2})\s*[./-]\s*(\d{4}|\d{2})(?:[ ,T].*)?$")
_ORDINAL = r"(\d{1,2})(?:\.|st|nd|rd|th|er|º|°)?"
_NAMED_DAY = re.compile(
    rf"^{_ORDINAL}\s*(?:de\s+|of\s+)?([^\W\d_]+)\.?,?\s*(?:de\s+)?(\d{{4}})(?:\D.*)?$"
)
_NAMED_MONTH = re.compile(rf"^([^\W\d_]+)\.?\s+{_ORDINAL},?\s+(\d{{4}})(?:\D.*)?$")
_NAMED_YEAR = re.compile(r"^(\d{4})\.?\s+([^\W\d_]+)\.?\s+(\d{1,2})\.?(?:\D.*)?$")
_WEEKDAY = re.compile(r"^([^\W\d_]+)\.?,?\s+(?=\S)")
_SERIAL = re.compile(r"^\d{5}(?:\.\d+)?$")
_NUMBER = re.compile(r"^[+-]?\d+(?:[.,]\d+)?$")
_AGE_OVER = re.compile(
    r"\+|over|older|more|plus|mehr|\bab\b|uber|alter|oltre|\bpiu\b|\bin su\b|\bmas\b|mayor"
    r"|desde|partir|powyzej|wiecej|starsz|starsi|\bnad\b|\bviac\b|\bvice\b|\bod\b|felett"
    r"|folott|idosebb"
)
_AGE_UNDER = re.compile(
    r"<|under|below|less|younger|unter|junger|weniger|moins|\bmeno\b|sotto|inferior|menos"
    r"|menor|ponizej|mlods|mladsi|\bpod\b|menej|\bmene\b|alatt|fiatal"
)
_AGE_UP_TO = re.compile(r"\bbis\b|up to|jusqu|fino a|hasta|\bdo\b|legfeljebb|najwyzej")
_AGE_OR = re.compile(r"\b(?:or|oder|und|and|ou|et|o|e|y|lub|i|nebo|a|alebo|vagy|es)\b")
_AGE_ALONE = re.compile(
    r"^\s*\d+\s*(?:years?|years? old|jahre?|ans|anni|anos|let|roku|rokov|lat|ev|eves)?\s*$"
)


@functools.lru_cache(maxsize=CACHED)
def fold(text: str) -> str:
    """Compare key of a header or option: no case, accents, punctuation or double spaces.

    >>> fold("  Straße (Nr.) ")
    'strasse nr'
    """
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    kept = (
        character if character.isalnum() else " "
        for character in decomposed
        if not unicodedata.combining(character)
    )
    return " ".join("".join(kept).replace("ł", "l").split())


@functools.lru_cache(maxsize=CACHED)
def fold_label(text: str) -> str:
    """Compare key of an answer: no case, no difference in spaces or typographic quotes."""
    plain = unicodedata.normalize("NFKC", text).replace("\u2019", "'").replace("\u2018", "'")
    return " ".join(plain.casefold().split())


def slug(text: str) -> str:
    """A key made from a name: ``Bad Münster`` becomes ``bad-munster``."""
    ascii_only = fold(text).encode("ascii", "ignore").decode("ascii")
    return "-".join(ascii_only.split())


@functools.cache
def _months() -> dict[str, int]:
    from babel.dates import get_month_names

    found: dict[str, int] = {}
    for locale in LOCALES:
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for number, name in get_month_names(width, context, locale).items():
                    found.setdefault(fold(str(name)), int(number))
    found.update({"maerz": 3, "janner": 1, "feber": 2, "sept": 9})
    return found


@functools.cache
def _weekdays() -> frozenset[str]:
    from babel.dates import get_day_names

    return frozenset(
        fold(str(name))
        for locale in LOCALES
        for context in ("format", "stand-alone")
        for width in ("wide", "abbreviated")
        for name in get_day_names(width, context, locale).values()
    )


def date_order(texts: Iterable[str]) -> str:
    """How the numeric dates of one column are written.

    Returns
    -------
    str
        ``day-first`` or ``month-first`` when impossible values decide (dots are always
        day-first), ``iso`` when no cell needs an order, ``mixed`` when the cells contradict
        each other, ``""`` when every cell could be read both ways.
    """
    day_first = month_first = undecided = False
    for text in texts:
        match = _NUMERIC.match(text.strip())
        if match is None:
            continue
        first, mark, second = int(match[1]), match[2], int(match[3])
        day_first = day_first or mark == "." or first > 12 >= second
        month_first = month_first or second > 12 >= first
        undecided = undecided or first != second
    if day_first and month_first:
        return "mixed"
    if day_first or month_first:
        return "day-first" if day_first else "month-first"
    return "" if undecided else "iso"


@functools.lru_cache(maxsize=CACHED)
def parse_date(text: str, order: str = "iso") -> dt.date | None:
    """One date in the order of its column; ``None`` when it cannot be read safely."""
    text = text.strip()
    if match := _ISO.match(text):
        return _date(int(match[1]), int(match[2]), int(match[3]))
    if match := _NUMERIC.match(text):
        first, mark, second, year = int(match[1]), match[2], int(match[3]), int(match[4])
        year += (2000 if year < 70 else 1900) if year < 100 else 0
        if mark == "." or order == "day-first" or first == second:
            return _date(year, second, first)
        return _date(year, first, second) if order == "month-first" else None
    if match := _NAMED_DAY.match(text):
        return _date(int(match[3]), _months().get(fold(match[2]), 0), int(match[1]))
    if match := _NAMED_MONTH.match(text):
        return _date(int(match[3]), _months().get(fold(match[1]), 0), int(match[2]))
    if match := _NAMED_YEAR.match(text):
        return _date(int(match[1]), _months().get(fold(match[2]), 0), int(match[3]))
    if (match := _WEEKDAY.match(text)) and fold(match[1]) in _weekdays():
        return parse_date(text[match.end() :], order)
    if _SERIAL.match(text):
        # the day number a spreadsheet stores when the cell lost its date format
        return EXCEL_EPOCH + dt.timedelta(days=int(float(text)))
    return None


def _date(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def decimal_mark(texts: Iterable[str]) -> str:
    """The decimal mark of one column: ``,`` or ``.``; ``mixed`` when both occur."""
    comma = point = False
    for text in texts:
        comma = comma or re.search(r"\d,\d", text) is not None
        point = point or re.search(r"\d\.\d", text) is not None
    if comma and point:
        return "mixed"
    return "," if comma else "."


def parse_number(text: str, mark: str = ".") -> float | None:
    """One number; thousands separators are never guessed, so ``1.234,5`` is ``None``."""
    compact = text.strip().replace("\N{MINUS SIGN}", "-")
    if not _NUMBER.match(compact):
        return None
    if "," in compact and mark != ",":
        return None
    if "." in compact and mark == ",":
        return None
    return float(compact.replace(",", "."))


def parse_integer(text: str, mark: str = ".") -> int | None:
    """One whole number; ``12.0`` counts, ``12.5`` does not."""
    value = parse_number(text, mark)
    return int(value) if value is not None and value == int(value) else None


def band_of_age(age: int) -> str:
    """The age band a number of years falls into; ``""`` outside 0 to 130."""
    return next((band for band, low, high in AGE_LIMITS if low <= age <= high), "")


def parse_age_band(text: str) -> str:
    """An age band from ``18-29``, ``18 bis 29``, ``75+``, ``unter 14`` or an age in years.

    A narrower range counts when it lies inside one band; anything else is ``""``.
    """
    folded = unicodedata.normalize("NFKD", text.casefold())
    folded = "".join(c for c in folded if not unicodedata.combining(c)).replace("ł", "l")
    numbers = [int(found) for found in re.findall(r"\d+", folded)]
    if len(numbers) == 2:
        low, high = numbers
    elif len(numbers) == 1 and _AGE_UP_TO.search(folded):
        low, high = 0, numbers[0]
    elif len(numbers) == 1 and _AGE_UNDER.search(folded):
        # "under 14" ends at 13, "14 or younger" at 14
        low, high = 0, numbers[0] - (0 if _AGE_OR.search(folded) else 1)
    elif len(numbers) == 1 and _AGE_OVER.search(folded):
        low, high = numbers[0], 130
    elif len(numbers) == 1 and _AGE_ALONE.match(folded):
        low = high = numbers[0]
    else:
        return ""
    return next((band for band, a, b in AGE_LIMITS if a <= low <= high <= b), "")


@functools.cache
def _countries() -> dict[str, str]:
    from babel import Locale

    found = {"el": "GR", "uk": "GB", "great britain": "GB", "czech republic": "CZ"}
    codes = Locale.parse("en").territories
    known = {code for code in codes if len(code) == 2 and code.isalpha()} - {"EU", "EZ", "UN", "ZZ"}
    for locale in LOCALES:
        for code, name in Locale.parse(locale).territories.items():
            if code in known:
                found.setdefault(fold(str(name)), code)
    for code in known - {"UK"}:
        found.setdefault(code.casefold(), code)
    return found


def country_code(text: str) -> str:
    """ISO 3166-1 alpha-2 from a code or a name; ``EL`` gives ``GR``, ``UK`` gives ``GB``."""
    return _countries().get(fold(text), "")


@functools.cache
def _languages() -> dict[str, str]:
    from babel import Locale

    found: dict[str, str] = {}
    for locale in LOCALES:
        parsed = Locale.parse(locale)
        for code in LOCALES:
            for name in (parsed.languages[code], Locale.parse(code).languages[code]):
                found.setdefault(fold(str(name)), code)
    return found


@functools.lru_cache(maxsize=CACHED)
def language_code(text: str) -> str:
    """BCP-47 code from a code or a language's name; ``""`` when neither."""
    compact = text.strip().replace("_", "-")
    if re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", compact):
        return compact.casefold()
    return _languages().get(fold(text), "")
