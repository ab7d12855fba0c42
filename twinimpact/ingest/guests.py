"""What ticket tools have in common: a list of tickets, each with what is known about it.

A ticket is a registration. Whether its holder was there is another matter, and how many
people stand behind it a third.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from twinimpact.ingest import shape
from twinimpact.ingest.records import Detection, Draft, DraftRow
from twinimpact.ingest.source import RawTable
from twinimpact.ingest.synonyms import option
from twinimpact.problems import Problem

NOT_ATTENDING = "not_attending"
_ROLES: Mapping[str, str] = {
    "submitted": "submitted", "status": "status", "name": "personal", "first_name": "personal",
    "last_name": "personal", "email": "personal", "attendee_email": "personal",
    "secret": "personal", "pseudonym": "personal", "order": "ignore", "position": "ignore",
    "price": "ignore", "attended": "ignore", "out": "ignore", "auto": "ignore",
    "event": "ignore", "quantity": "ignore",
}  # fmt: skip
_PERSONAL = re.compile(
    r"^(?:home|work|billing|shipping|postal|mailing) (?:address|phone|zip|postal)"
    r"|phone|telefon|téléphone|teléfono|\bvat id\b|passport|birth|\bgeburt"
    r"|^(?:invoice address|rechnungsadresse|adresse de facturation|dirección de factura"
    r"|indirizzo di fattura)|^qr_code|^(?:zip|postal) code$|^postleitzahl$"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Guests:
    """A list of tickets as its platform understands it; the tuples have one entry per row.

    Parameters
    ----------
    places
        Key common to all platforms to column position.
    tickets
        Identity of each ticket, ``""`` where the list has none.
    id_place
        Column that holds it.
    states
        ``complete``, or ``not_attending`` for a ticket that was given back.
    there
        ``yes`` or ``no``; ``""`` where the list does not know who came.
    people
        People a ticket admits as written, ``""`` for one.
    own
        Compare keys of further headers of the tool itself: not questions.
    """

    table: RawTable
    detection: Detection
    places: Mapping[str, int]
    tickets: Sequence[str]
    id_place: int | None
    states: tuple[str, ...]
    there: tuple[str, ...]
    people: tuple[str, ...] = ()
    own: frozenset[str] = frozenset()
    problems: tuple[Problem, ...] = ()


def word_set(words: str) -> frozenset[str]:
    """Words joined by ``|`` as compare keys."""
    return frozenset(shape.plain(word) for word in words.split("|"))


def header_places(header: Sequence[str], names: Mapping[str, str]) -> dict[str, int]:
    """Common key to the position of the column with one of its names, the surest name first."""
    plain = [shape.plain(name) for name in header]
    found: dict[str, int] = {}
    for key, listed in names.items():
        hits = (plain.index(name) for name in listed.split("|") if name in plain)
        place = next((hit for hit in hits if hit not in found.values()), None)
        if place is not None:
            found[key] = place
    return found


def seen_at_door(cells: Sequence[str]) -> tuple[str, ...]:
    """``yes`` where a time of check-in, or a yes, stands; ``no`` elsewhere."""
    return tuple("yes" if cell and option("flag", cell) != "no" else "no" for cell in cells)


def _roles(guests: Guests, names: Sequence[str]) -> dict[int, str]:
    name_at = guests.places.get("name")
    whole = f"{shape.plain(names[name_at])}:" if name_at is not None else "\0"
    roles: dict[int, str] = {}
    for place, name in enumerate(names):
        plain = shape.plain(name)
        # names also come in parts: "Attendee name: Family name"
        if plain.startswith(whole) or _PERSONAL.search(plain):
            roles[place] = "personal"
        elif plain in guests.own:
            roles[place] = "ignore"
    known = {place: _ROLES[key] for key, place in guests.places.items() if key in _ROLES}
    return {**roles, **known}


def guest_draft(guests: Guests) -> Draft:
    """A ticket list in the shape of all exports; who they are is in personal columns."""
    table = guests.table
    names = [name.strip() for name in table.rows[0]] if table.rows else []
    rows, numbers = shape.body(table, 1)
    roles = _roles(guests, names)
    if guests.id_place is not None:
        roles[guests.id_place] = "id"
    submitted, problems = shape.moments_of(rows, guests.places.get("submitted"), table)
    if guests.id_place is None:
        problems.append(shape.problem_in(table, "id_missing"))
    drafted = tuple(
        DraftRow(
            number=number,
            response_id=ticket,
            state=state,
            submitted=moment,
            language="",
            token="",
            cells=row,
        )
        for row, number, ticket, state, moment in zip(
            rows,
            numbers,
            shape.given_ids(guests.tickets, rows, names),
            guests.states,
            submitted,
            strict=True,
        )
    )
    columns = shape.columns_of(names, names, names, roles, rows)
    problems.extend(guests.problems)
    return shape.draft_of_table(table, guests.detection, columns, drafted, problems)
