"""Typeform exports: a token per response, one column per option holding its label.

Yes and no are 1 and 0, times are UTC as the headers say. The network id is a hash of the
address: a hint that one person answered twice, and no proof.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from twinimpact.ingest import shape
from twinimpact.ingest.records import Detection, Draft, Match
from twinimpact.ingest.source import RawTable

NAME = "typeform"
TITLE = "Typeform"
_UTC = "+00:00"
_ROLES: Mapping[str, str] = {
    "#": "id", "start date (utc)": "started", "submit date (utc)": "submitted",
    "network id": "personal", "response type": "status", "stage date (utc)": "ignore",
    "tags": "ignore", "ending": "ignore",
}  # fmt: skip
_DONE = frozenset(("completed", "complete"))


def signature(table: RawTable) -> Match | None:
    """A column “#” beside “Start Date (UTC)” and “Submit Date (UTC)”."""
    names = {shape.plain(name) for name in table.rows[0]} if table.rows else set()
    if "#" not in names or not {"start date (utc)", "submit date (utc)"} <= names:
        return None
    return Match(
        confidence=1.0,
        variant="typed" if "response type" in names else "submitted",
        mode="label",
        evidence=("columns #, Start Date (UTC), Submit Date (UTC)",),
    )


def normalise(tables: Sequence[RawTable], detection: Detection) -> Draft:
    """All responses; newer exports also hold those that were only begun."""
    table = shape.chosen(tables, detection)
    names = [name.strip() for name in table.rows[0]]
    rows, numbers = shape.body(table, 1)
    roles, places = _roles(names)
    columns = shape.columns_of(names, names, names, roles, rows)
    at, kind = places["submit date (utc)"], places.get("response type")
    submitted, problems = shape.moments_of(rows, at, table, _UTC)

    def state(row: tuple[str, ...]) -> str:
        done = row[kind].casefold() in _DONE if kind is not None and row[kind] else bool(row[at])
        return "complete" if done else "partial"

    ids = shape.given_ids(shape.column_cells(rows, places["#"]), rows, names)
    drafted = shape.draft_rows(rows, numbers, ids, submitted, state)
    if repeated := repeated_networks(shape.column_cells(rows, places.get("network id"))):
        problems.append(shape.problem_in(table, "network_repeated", got=str(repeated)))
    problems.extend(shape.left_out(tables, table))
    return shape.draft_of_table(table, detection, columns, drafted, problems)


def repeated_networks(cells: Sequence[str]) -> int:
    """How many responses come from a network that had answered before."""
    counts = Counter(cell for cell in cells if cell)
    return counts.total() - len(counts)


def _roles(names: Sequence[str]) -> tuple[dict[int, str], dict[str, int]]:
    """The tool's own columns: ``#`` comes first, the others last; a question may repeat a name."""
    roles: dict[int, str] = {}
    places: dict[str, int] = {}
    # older exports have three columns of the tool's own besides the token
    newer = any(shape.plain(name) == "response type" for name in names)
    for place in (*range(1), *range(len(names) - 1, 0, -1)):
        text = shape.plain(names[place])
        own = text in _ROLES and (newer or _ROLES[text] != "ignore")
        if own and text not in places:
            roles[place] = _ROLES[text]
            places[text] = place
    return roles, places
