"""A first mapping of a log, a list or a register, for a person to review.

Only headers that are usual names become active lines. Similar headers, unknown options and
what the table lacks are comments; values are shown only where no person can stand behind one.
"""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from twinimpact.ingest.mapping import ColumnMapping
from twinimpact.ingest.personal import personal_by_name
from twinimpact.ingest.sheets import BLANKS, NEEDED, PERSONAL, SEARCHED_ROWS, Sheet, find_sheet
from twinimpact.ingest.source import RawTable
from twinimpact.ingest.synonyms import HEADERS, OPTIONS, header, option
from twinimpact.ingest.values import date_order, fold

KINDS = ("activities", "attendance", "partnerships", "towns")
DATES: Mapping[str, tuple[str, ...]] = {
    "activities": ("start_date", "end_date"),
    "partnerships": ("date_signed", "date_ended"),
}
FIELDS: Mapping[tuple[str, str], str] = {
    ("partnerships", "status"): "partnership_status",
    ("partnerships", "aims"): "themes",
    ("activities", "is_public"): "flag",
    ("attendance", "attended"): "flag",
}
"""Table and role to the options of its cells, where they are not those of the role's name."""
REFERS: Mapping[tuple[str, str], str] = {
    ("activities", "partnership_id"): "partnership", ("activities", "host_town_id"): "town",
    ("attendance", "town_id"): "town", ("partnerships", "town_a"): "town",
    ("partnerships", "town_b"): "town",
}  # fmt: skip
"""Table and role to what its cells name."""
CONSTANTS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "activities": (("partnership_id", "partnership"),),
    "attendance": (("activity_id", "activity"),),
}
"""Table to roles that a constant can stand in for, and the constant."""
READ_BY_TOOL = ("activity_id", "participant_id", "count", "registered", "attended")
"""Roles that the reader of a ticket list fills by itself."""
SEVERAL = ("themes", "aims", "organiser_towns", "further_towns", "comparison_towns", "languages")
ALIKE = 0.72
HELD = 0.75
LEAST_LETTERS = 3
LEAST_SHARE = 0.4
LEAST_ROLES = 3
MOST_VALUES = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A column whose header is only similar to a usual name of a role."""

    role: str
    column: str
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TableProposal:
    """Everything a proposed mapping of a table says.

    Parameters
    ----------
    table, file, sheet
        Canonical table the rows would fill, and where they stand.
    platform
        Ticket tool that wrote the list, ``""`` for a table kept by hand.
    columns
        Role and the header found for it.
    similar
        Headers that are only like a usual name.
    absent
        Roles without which no row can be stored, and the constant that can stand in, or ``""``.
    unknown
        Role to cells that are no known option or no known name.
    unmatched, personal
        Headers without a meaning here, and those that look personal.
    date_order
        Order of the dates; ``date_evidence`` says how it is known, ``""`` without dates.
    """

    table: str
    file: str
    sheet: str
    platform: str = ""
    columns: tuple[tuple[str, str], ...] = ()
    similar: tuple[Suggestion, ...] = ()
    absent: tuple[tuple[str, str], ...] = ()
    unknown: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unmatched: tuple[str, ...] = ()
    personal: tuple[str, ...] = ()
    date_order: str = ""
    date_evidence: str = ""


def table_kinds(tables: Sequence[RawTable]) -> tuple[str, ...]:
    """Which tables of an evaluation the sheets of a file kept by hand look like.

    At least three usual headers and two in five of all headers must be those of the table, and
    all that it needs must be there or be sayable for the whole file. Each sheet is one table.
    """
    found: dict[str, None] = {}
    for table in tables:
        best = ("", 0)
        for cells in table.rows[:SEARCHED_ROWS]:
            for kind in KINDS:
                if (roles := _usual_roles(cells, kind)) > best[1]:
                    best = (kind, roles)
        if best[0]:
            found[best[0]] = None
    return tuple(found)


def _usual_roles(cells: Sequence[str], kind: str) -> int:
    """Headers of a row that are those of a table, 0 if they do not make one."""
    filled = [cell for cell in cells if cell.strip()]
    roles = {role for cell in filled if (role := header(kind, cell))}
    given = {role for role, _ in CONSTANTS.get(kind, ())}
    enough = len(roles) >= LEAST_ROLES and len(roles) >= LEAST_SHARE * len(filled)
    return len(roles) if enough and not set(NEEDED[kind]) - roles - given else 0


def propose_table(
    tables: Sequence[RawTable],
    kind: str,
    known: Mapping[str, Mapping[str, str]],
    platform: str = "",
) -> TableProposal:
    """Guess the meaning of every column of a log, a list or a register.

    Parameters
    ----------
    kind
        One of :data:`KINDS`.
    known
        Ids by the names they go by, for ``partnership`` and ``town``.
    platform
        Ticket tool that wrote the list.

    Raises
    ------
    IngestError
        If no sheet looks like such a table.
    """
    # what a constant can say for the whole file must not keep the table from being found
    stand_in = ColumnMapping(constants={name: "?" for _, name in CONSTANTS.get(kind, ())})
    sheet = _ticket_sheet(tables) if platform else find_sheet(tables, kind, stand_in)
    cells = {
        role: [row[place].strip() for _, row in sheet.rows if place < len(row)]
        for role, place in sheet.roles.items()
    }
    others = [
        name.strip()
        for place, name in enumerate(sheet.headers)
        if name.strip() and place not in sheet.roles.values()
    ]
    personal = [name for name in others if personal_by_name(name)]
    personal += [sheet.headers[place] for role, place in sheet.roles.items() if role in PERSONAL]
    taken = {*sheet.roles, *(READ_BY_TOOL if platform else ())}
    similar = _similar(kind, [name for name in others if name not in personal], taken)
    dated = [cell for role in DATES.get(kind, ()) for cell in cells.get(role, ()) if cell]
    order, evidence = order_of(dated) if dated else ("", "")
    constants = dict(CONSTANTS.get(kind, ()))
    wanted = dict.fromkeys((*NEEDED[kind], *constants))
    likely = {one.column for one in similar}
    return TableProposal(
        table=kind,
        file=sheet.file,
        sheet=sheet.sheet if len(tables) > 1 else "",
        platform=platform,
        columns=tuple((role, sheet.headers[place]) for role, place in sheet.roles.items()),
        similar=similar,
        absent=tuple((r, constants.get(r, "")) for r in wanted if r not in sheet.roles),
        unknown=_unknown(kind, cells, known),
        unmatched=tuple(n for n in others if n not in personal and n not in likely),
        personal=tuple(personal),
        date_order=order,
        date_evidence=evidence,
    )


def _ticket_sheet(tables: Sequence[RawTable]) -> Sheet:
    """The list of a ticket tool, whose reader knows the tool's own columns without a mapping."""
    table = next(table for table in tables if table.rows)
    roles: dict[str, int] = {}
    for place, name in enumerate(table.rows[0]):
        role = header("attendance", name)
        if role and role not in READ_BY_TOOL:
            roles.setdefault(role, place)
    return Sheet(
        kind="attendance",
        file=table.file,
        sheet=table.sheet,
        headers=table.rows[0],
        roles=roles,
        rows=tuple(zip(table.numbers[1:], table.rows[1:], strict=True)),
    )


def _similar(kind: str, names: Sequence[str], taken: set[str]) -> tuple[Suggestion, ...]:
    """For every role without a column, the header most like one of its usual names."""
    found = []
    for role, words in HEADERS[kind].items():
        if role in taken:
            continue
        usual = {fold(word) for word in (role, *words.split("|"))}
        ranked = [(_likeness(fold(name), word), name) for name in names for word in usual]
        score, name = max(ranked, default=(0.0, ""))
        if score >= ALIKE:
            found.append(Suggestion(role=role, column=name, score=round(score, 2)))
    best: dict[str, Suggestion] = {}
    for one in found:
        if one.column not in best or best[one.column].score < one.score:
            best[one.column] = one
    return tuple(best.values())


def _likeness(name: str, word: str) -> float:
    """How like a usual name a header is; one that holds it as words of its own is like it."""
    held = len(word) >= LEAST_LETTERS and set(word.split()) <= set(name.split())
    ratio = difflib.SequenceMatcher(None, name, word, autojunk=False).ratio()
    return max(ratio, HELD if held else 0.0)


def _unknown(
    kind: str, cells: Mapping[str, Sequence[str]], known: Mapping[str, Mapping[str, str]]
) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for role, column in cells.items():
        field_of = FIELDS.get((kind, role), role)
        refers = REFERS.get((kind, role), "")
        if role in PERSONAL or not (field_of in OPTIONS or field_of == "age_band" or refers):
            continue
        parts: Counter[str] = Counter()
        for cell in column:
            pieces = cell.replace(",", ";").split(";") if role in SEVERAL else [cell]
            parts.update({piece.strip() for piece in pieces} - {""})
        strange = [
            text
            for text, count in parts.items()
            if not _understood(text, field_of, known.get(refers, {}), bool(refers))
            # in a list of people a single cell may be about one of them
            and (count > 1 or kind != "attendance")
        ]
        if strange:
            found[role] = tuple(sorted(strange)[:MOST_VALUES])
    return found


def _understood(text: str, field_of: str, names: Mapping[str, str], refers: bool) -> bool:
    if text.casefold() in BLANKS:
        return True
    return fold(text) in names if refers else bool(option(field_of, text))


def order_of(cells: Iterable[str]) -> tuple[str, str]:
    """The order of a column's dates, ``""`` where it is not certain, and how that is known."""
    order = date_order(cells)
    told = {
        "day-first": "a day above 12 stands first, or dots are used",
        "month-first": "a day above 12 stands second",
        "iso": "year, month, day",
        "mixed": "the cells contradict each other: correct them first",
        "": "every date could be read both ways: ask who made the file",
    }
    return ("" if order == "mixed" else order), told[order]
