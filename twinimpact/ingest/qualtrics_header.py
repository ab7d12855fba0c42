"""The heading of a Qualtrics export: which layout it has, and what each column is.

The third row names every column by a fixed id, in JSON (today) or as Python writes it
(2016 to 2017). Older exports have ``V1`` to ``V10`` and two rows; workbooks have two rows
without ids, and other programs leave one row. Ids decide, never the localised second row.
"""

from __future__ import annotations

import ast
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from twinimpact.ingest.markup import without_markup
from twinimpact.ingest.synonyms import header
from twinimpact.ingest.values import fold

ENOUGH = 5
"""Columns of the tool's own that make a heading without ids a Qualtrics heading."""
_ROWS_SEARCHED = 4
_SHARE = 0.8
_LONGEST = 2_000
_DATE = re.compile(r"^\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}")
_RESPONSE_ID = re.compile(r"^(?:R|FS|SV)_\w{8,}$")
_NOT_PLAIN = re.compile(r"[^a-z0-9]")
_COLUMN = re.compile(r"^(?P<loop>\w+?_)?(?P<question>QID\d+)(?P<part>#\d+)?(?P<rest>(?:_[^_]+)*)$")

# what the tool calls its own columns, by id or by name, without case and punctuation
_CODES: Mapping[str, str] = {
    "startdate": "start", "enddate": "end", "recordeddate": "recorded", "status": "status",
    "responsetype": "status", "ipaddress": "ip", "progress": "progress",
    "duration": "duration", "durationinseconds": "duration", "finished": "finished",
    "recordid": "id", "responseid": "id", "responseset": "set", "responsesetid": "set",
    "recipientlastname": "last name", "recipientfirstname": "first name",
    "recipientemail": "mail", "emailaddress": "mail", "externaldatareference": "reference",
    "externalreference": "reference", "locationlatitude": "latitude",
    "locationlongitude": "longitude", "locationaccuracy": "accuracy",
    "distributionchannel": "channel", "userlanguage": "language", "qlanguage": "language",
}  # fmt: skip
_LEGACY: Mapping[str, str] = {
    "v1": "id", "v2": "set", "v3": "name", "v4": "reference", "v5": "mail", "v6": "ip",
    "v7": "status", "v8": "start", "v9": "end", "v10": "finished",
}  # fmt: skip
_ROLES: Mapping[str, str] = {
    "id": "id", "start": "started", "end": "submitted", "recorded": "ignore", "status": "status",
    "finished": "status", "progress": "ignore", "duration": "timing", "language": "language",
    "set": "ignore", "channel": "ignore", "accuracy": "ignore", "ip": "personal",
    "name": "personal", "last name": "personal", "first name": "personal", "mail": "personal",
    "reference": "personal", "latitude": "personal", "longitude": "personal",
}  # fmt: skip
_SIGNS = frozenset(
    ("start", "end", "status", "progress", "duration", "id", "finished", "recorded", "ip")
)
_CLICKS = re.compile(
    r"_(?:FIRST_CLICK|LAST_CLICK|PAGE_SUBMIT|CLICK_COUNT"
    r"|First Click|Last Click|Page Submit|Click Count)$"
)
_UPLOADS = re.compile(r"_(?:FILE_(?:ID|NAME|SIZE|TYPE)|SIGNATURE)$")
_DERIVED_ID = re.compile(
    r"_GROUP$|_DO(?:_\d+)?$|_(?:BROWSER|VERSION|OS|RESOLUTION)$|^FL_\d+|^SC_\w+"
    r"|Topic|Sentiment|Actionability"
)
_DERIVED_NAME = re.compile(
    r" - (?:Parent Topics|Topics|Topic Hierarchy.*|Topic Sentiment.*|Sentiment.*|Actionability)$"
    r"|_\d+_GROUP$|_NPS_GROUP$|_DO(?:_\d+)?$"
)
_BROWSER = re.compile(r"^(?P<stem>.*_)?(?P<part>Browser|Version|Operating System|Resolution)$")
_STRICT_ROLES = frozenset(("wave", "partnership", "town", "arm", "participant"))
_LOOSE_ROLES = frozenset(("gender", "age_band", "birth_year", "role", "language", "consent"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportId:
    """What the third row says of one column; ``id`` is empty where it says nothing."""

    id: str = ""
    choice: str = ""
    zone: str = ""

    @property
    def key(self) -> str:
        """The id with ``_`` between its parts, its choice included: ``QID2_1``."""
        if "QID" not in self.id:
            return self.id
        key = self.id.replace("-", "_")
        return f"{key}_{self.choice}" if self.choice and not _ends(key, self.choice) else key


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """A Qualtrics heading, column by column.

    ``variant`` is ``3row``, ``3row_pyrepr``, ``legacy``, ``2row`` or ``1row``; ``codes``
    names the tool's own columns; ``roles`` says what is no question.
    """

    variant: str
    rows: int
    names: tuple[str, ...]
    keys: tuple[str, ...]
    questions: tuple[str, ...]
    groups: tuple[str, ...]
    imports: tuple[ImportId, ...]
    codes: Mapping[int, str]
    roles: Mapping[int, str]

    def place(self, code: str) -> int | None:
        """Position of one of the tool's own columns."""
        return next((place for place, found in self.codes.items() if found == code), None)


def read_header(rows: Sequence[tuple[str, ...]]) -> Header | None:
    """The heading of a table, or ``None`` if it is not one of Qualtrics."""
    if not rows:
        return None
    found = _import_row(rows)
    if found is not None:
        return _with_ids(rows, found)
    names = _stripped(rows[0])
    second = _stripped(rows[1]) if len(rows) > 1 else ()
    if _is_legacy(rows, names, second):
        codes = _first_of_each(
            _code(text) or _LEGACY.get(name.lower(), "")
            for name, text in zip(names, second, strict=True)
        )
        return _without_ids("legacy", names, second, codes)
    codes = _first_of_each(map(_code, names))
    if len(_SIGNS & set(codes.values())) < ENOUGH:
        return None
    if second and _is_heading(second, codes):
        return _without_ids("2row", names, second, codes)
    return _without_ids("1row", names, names, codes)


def parse_import_id(cell: str) -> ImportId | None:
    """One cell of the third row, in JSON or in Python's notation; ``None`` if unreadable.

    >>> parse_import_id("{'ImportId': 'QID2-1'}").key
    'QID2_1'
    """
    if len(cell) > _LONGEST:
        return None
    parsed: object = None
    try:
        parsed = json.loads(cell)
    except (ValueError, RecursionError):
        try:
            parsed = ast.literal_eval(cell)
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
            return None
    if not isinstance(parsed, dict) or not isinstance(parsed.get("ImportId"), str):
        return None
    return ImportId(
        id=parsed["ImportId"].strip(),
        choice=str(parsed.get("choiceId") or "").strip(),
        zone=str(parsed.get("timeZone") or "").strip(),
    )


def group_of(key: str) -> str:
    """The question a column belongs to, ``""`` if the key names no question.

    A column of a side-by-side question and an answer in own words are groups of their own.

    >>> group_of("QID2_1"), group_of("1_QID4#2_3"), group_of("QID4_2_TEXT"), group_of("status")
    ('QID2', '1_QID4#2', 'QID4_TEXT', '')
    """
    match = _COLUMN.match(key)
    if match is None:
        return ""
    words = "_TEXT" if match["rest"].endswith("_TEXT") else ""
    return (match["loop"] or "") + match["question"] + (match["part"] or "") + words


def _ends(key: str, choice: str) -> bool:
    parts = key.split("_")
    return choice in parts[1:]


def _stripped(row: Sequence[str]) -> tuple[str, ...]:
    return tuple(cell.strip() for cell in row)


def _code(name: str) -> str:
    plain = _NOT_PLAIN.sub("", name.lower())
    for prefix in ("panel", "location"):
        rest = plain.removeprefix(prefix)
        if rest != plain and rest in _CODES:
            plain = rest
    return _CODES.get(plain, "")


def _first_of_each(codes: Iterable[str]) -> dict[int, str]:
    found: dict[int, str] = {}
    for place, code in enumerate(codes):
        if code and code not in found.values():
            found[place] = code
    return found


def _import_row(rows: Sequence[tuple[str, ...]]) -> int | None:
    for place, row in enumerate(rows[:_ROWS_SEARCHED]):
        filled = [cell for cell in row if cell.strip()]
        if filled and sum("ImportId" in cell for cell in filled) > _SHARE * len(filled):
            return place
    return None


def _with_ids(rows: Sequence[tuple[str, ...]], found: int) -> Header:
    cells = _stripped(rows[found])
    parsed = [parse_import_id(cell) for cell in cells]
    imports = tuple(one or ImportId() for one in parsed)
    names = _stripped(rows[0]) if found else tuple(one.key for one in imports)
    texts = _stripped(rows[found - 1]) if found >= 2 else names
    keys = tuple(one.key or name for one, name in zip(imports, names, strict=True))
    json_like = sum(cell.startswith('{"') for cell in cells)
    known = [_code(one.id) if one.id else _code(n) for one, n in zip(imports, names, strict=True)]
    codes = _first_of_each(known)
    roles = {
        place: role
        for place, one in enumerate(imports)
        if (role := _role(codes.get(place, ""), one, names[place]))
    }
    groups = _shared([group_of(key) for key in keys], roles)
    return Header(
        variant="3row" if json_like >= 0.5 * len(cells) else "3row_pyrepr",
        rows=found + 1,
        names=names,
        keys=keys,
        questions=_wordings(texts, groups),
        groups=groups,
        imports=imports,
        codes=codes,
        roles=roles,
    )


def _without_ids(
    variant: str, names: tuple[str, ...], texts: tuple[str, ...], codes: Mapping[int, str]
) -> Header:
    roles = {place: _ROLES[code] for place, code in codes.items()}
    repeated = variant != "1row" and any(
        text != name for place, (text, name) in enumerate(zip(texts, names, strict=True))
        if place not in codes
    )  # fmt: skip
    computed = _browser_columns(names)
    for place, (name, text) in enumerate(zip(names, texts, strict=True)):
        if place in roles or not name:
            continue
        if place in computed or _DERIVED_NAME.search(name):
            roles[place] = "ignore"
        elif _CLICKS.search(name):
            roles[place] = "timing"
        elif fold(name) == "consent":
            roles[place] = "consent"
        elif repeated and text == name and not re.match(r"^Q(?:ID)?\d", name):
            # the second row repeats the name of what is no question: embedded data
            roles[place] = _embedded_role(name)
    tags = [_tag_stem(name) if place not in roles else "" for place, name in enumerate(names)]
    groups = _shared(tags, roles) if variant != "1row" else ("",) * len(names)
    return Header(
        variant=variant,
        rows=1 if variant == "1row" else 2,
        names=names,
        keys=names,
        questions=_wordings(texts, groups),
        groups=groups,
        imports=(ImportId(),) * len(names),
        codes=codes,
        roles=roles,
    )


def _is_legacy(
    rows: Sequence[tuple[str, ...]], names: Sequence[str], second: Sequence[str]
) -> bool:
    lowered = {name.lower() for name in names}
    if not second or not {"v1", "v2", "v3"} <= lowered:
        return False
    if any(_code(text) == "id" for text in second):
        return True
    at = [name.lower() for name in names].index("v1")
    ids = [row[at].strip() for row in rows[2:50]]
    return bool(ids) and all(map(_RESPONSE_ID.match, ids))


def _is_heading(second: Sequence[str], codes: Mapping[int, str]) -> bool:
    """Whether the second row holds wordings: no date and no response number where those go."""
    dates = [second[place] for place, code in codes.items() if code in ("start", "end")]
    ids = [second[place] for place, code in codes.items() if code == "id"]
    if any(map(_DATE.match, dates)) or any(map(_RESPONSE_ID.match, ids)):
        return False
    return bool(dates or ids) and all(dates) and all(ids)


def _role(code: str, found: ImportId, name: str) -> str:
    """Role of a column that has an id; nothing for a question."""
    if code:
        return _ROLES[code]
    if not found.id:
        return ""
    if _CLICKS.search(found.key):
        return "timing"
    if _UPLOADS.search(found.key):
        return "personal"
    if _DERIVED_ID.search(found.key) or _DERIVED_NAME.search(name):
        return "ignore"
    if fold(name) == "consent":
        return "consent"
    return "" if _COLUMN.match(found.key) else _embedded_role(name or found.id)


def _embedded_role(name: str) -> str:
    """Data the survey's makers attached: personal, unless the name is one we ask for."""
    if name.startswith("Q_"):
        return "personal" if name == "Q_URL" else "ignore"
    known = fold(name).removesuffix(" id") in _STRICT_ROLES
    return "ignore" if known or header("responses", name) in _LOOSE_ROLES else "personal"


def _browser_columns(names: Sequence[str]) -> set[int]:
    """The four columns of a question that only notes the browser."""
    stems: dict[str, set[int]] = {}
    for place, name in enumerate(names):
        if match := _BROWSER.match(name):
            stems.setdefault(match["stem"] or "", set()).add(place)
    return {place for places in stems.values() if len(places) == 4 for place in places}


def _tag_stem(name: str) -> str:
    """``Q2`` of ``Q2_1``, for headings without ids."""
    words = "_TEXT" if name.endswith("_TEXT") else ""
    stem = re.sub(r"(?:_-?\d+)+$", "", name.removesuffix("_TEXT"))
    return stem + words


def _shared(groups: Sequence[str], roles: Mapping[int, str]) -> tuple[str, ...]:
    """Groups of at least two questions; a column alone has none."""
    often = Counter(group for place, group in enumerate(groups) if place not in roles)
    return tuple(
        group if place not in roles and often[group] > 1 else ""
        for place, group in enumerate(groups)
    )


def _wordings(texts: Sequence[str], groups: Sequence[str]) -> tuple[str, ...]:
    """Question and choice, joined as ``question - choice`` in every layout."""
    cleaned = [without_markup(text) for text in texts]
    for group in filter(None, dict.fromkeys(groups)):
        places = [place for place, other in enumerate(groups) if other == group]
        common = _beginning([cleaned[place] for place in places])
        end = common.rfind("-")
        rests = [cleaned[place][end + 1 :].strip() for place in places]
        if end > 0 and all(rests):
            for place, rest in zip(places, rests, strict=True):
                cleaned[place] = f"{common[:end].strip()} - {rest}"
    return tuple(cleaned)


def _beginning(texts: Sequence[str]) -> str:
    """The letters all texts begin with."""
    first, last = min(texts), max(texts)
    end = next((at for at, letter in enumerate(first) if last[at : at + 1] != letter), len(first))
    return first[:end]
