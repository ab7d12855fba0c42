"""Alchemer exports: headers ``Option:Question``, several answers joined by ``;``.

Most responses may be partial. The column with the response number is often taken out; then
a response is known by its times and answers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from twinimpact.ingest import shape
from twinimpact.ingest.records import Detection, Draft, DraftRow, Match
from twinimpact.ingest.source import RawTable

NAME = "alchemer"
TITLE = "Alchemer"
_SIGNS = ("time started", "date submitted", "status")
_STATES: Mapping[str, str] = {
    "complete": "complete", "partial": "partial", "disqualified": "rejected",
    "deleted": "rejected", "test": "test",
}  # fmt: skip
_ROLES: Mapping[str, str] = {
    "response id": "id", "time started": "started", "date submitted": "submitted",
    "status": "status", "language": "language", "contact id": "personal",
    "legacy comments": "ignore", "comments": "ignore", "referer": "personal",
    "extended referer": "personal", "sessionid": "personal", "user agent": "personal",
    "extended user agent": "personal",
    "tags": "ignore", "ip address": "personal", "longitude": "personal", "latitude": "personal",
    "country": "ignore", "country code": "ignore", "city": "personal", "state/region": "ignore",
    "region": "ignore", "postal": "personal", "dma": "ignore", "link name": "ignore",
    "is test data": "status", "url redirect": "ignore", "time to complete": "timing",
}  # fmt: skip
_YES = frozenset(("yes", "true", "1"))


def signature(table: RawTable) -> Match | None:
    """Columns “Time Started”, “Date Submitted” and “Status”."""
    if not table.rows or not set(_SIGNS) <= {shape.plain(name) for name in table.rows[0]}:
        return None
    return Match(
        confidence=0.95, mode="label", evidence=("columns Time Started, Date Submitted, Status",)
    )


def normalise(tables: Sequence[RawTable], detection: Detection) -> Draft:
    """All responses; the status says which were broken off or screened out."""
    table = shape.chosen(tables, detection)
    names = [name.strip() for name in table.rows[0]]
    rows, numbers = shape.body(table, 1)
    roles, places = _roles(names)
    own = shape.column_cells(rows, places.get("response id"))
    ids = shape.given_ids(own, rows, names)
    columns = shape.columns_of(names, names, questions_of(names, roles), roles, rows)
    submitted, problems = shape.moments_of(rows, places["date submitted"], table)
    status, test = places["status"], places.get("is test data")
    languages = shape.column_cells(rows, places.get("language"))
    unknown = {row[status] for row in rows if row[status].casefold() not in _STATES}
    drafted = tuple(
        DraftRow(
            number=number, response_id=response,
            state="test" if test is not None and row[test].casefold() in _YES
            else _STATES.get(row[status].casefold(), "partial"),
            submitted=moment, language=language, token="", cells=row,
        )
        for row, number, response, moment, language in zip(
            rows, numbers, ids, submitted, languages, strict=True
        )
    )  # fmt: skip
    if not any(own):
        problems.append(shape.problem_in(table, "id_missing"))
    if unknown:
        listed = ", ".join(sorted(text or "(blank)" for text in unknown))
        problems.append(shape.problem_in(table, "status_unknown", got=listed))
    problems.extend(shape.left_out(tables, table))
    return shape.draft_of_table(table, detection, columns, drafted, problems)


def questions_of(names: Sequence[str], roles: Mapping[int, str]) -> tuple[str, ...]:
    """Wording of each column: ``Question [option]`` where the header is ``Option:Question``.

    A colon may stand in the option as well as in the question, so a header is cut only where
    what follows is the header of a column, or is shared with another one.

    >>> questions_of(["Pick", "Other - Write In:Pick", "Is it: yes?"], {})
    ('Pick', 'Pick [Other - Write In]', 'Is it: yes?')
    """
    tails = [
        [] if place in roles else [name[at + 1 :].strip() for at in _colons(name)]
        for place, name in enumerate(names)
    ]
    known = {" ".join(name.split()) for name in names if name}
    shared = Counter(tail for found in tails for tail in set(found) if tail)
    texts = []
    for name, found in zip(names, tails, strict=True):
        text = name
        for at, tail in zip(_colons(name), found, strict=False):
            if tail and (" ".join(tail.split()) in known or shared[tail] > 1):
                # "Other word(s)::Question": the longer tail begins with a colon of the option
                text = f"{tail.lstrip(': ')} [{name[:at].strip(': ')}]"
                break
        texts.append(text)
    return tuple(texts)


def _colons(name: str) -> list[int]:
    return [at for at, letter in enumerate(name) if letter == ":"]


def _roles(names: Sequence[str]) -> tuple[dict[int, str], dict[str, int]]:
    """The tool's own columns, each taken once: a question may be called “Comments” too."""
    roles: dict[int, str] = {}
    places: dict[str, int] = {}
    for place, name in enumerate(names):
        text = shape.plain(name)
        if text in _ROLES and text not in places:
            roles[place] = _ROLES[text]
            places[text] = place
    return roles, places
