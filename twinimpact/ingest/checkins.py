"""Ticket lists as attendance: who registered, who was there, and how many people that is.

The three numbers are kept apart. A ticket that was not scanned is a registration; where
nobody was scanned at all the list does not know who came, and no presence is made of it. A
person becomes a pseudonym of name and address, the same at every event.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from twinimpact.errors import IngestError
from twinimpact.ingest.attendance import attendance_record, event_of
from twinimpact.ingest.guests import NOT_ATTENDING, Guests
from twinimpact.ingest.mapping import ColumnMapping
from twinimpact.ingest.platforms import eventbrite, luma, pretix
from twinimpact.ingest.records import Detection
from twinimpact.ingest.rows import CheckedRows, Lookup
from twinimpact.ingest.sheets import Record, Row, Sheet, SheetReader, checked_table
from twinimpact.ingest.source import RawTable
from twinimpact.ingest.synonyms import header
from twinimpact.ingest.values import fold, parse_integer
from twinimpact.privacy.pseudonym import Key, pseudonym
from twinimpact.problems import Problem

READERS: Mapping[str, Callable[[Sequence[RawTable], Detection], Guests]] = {
    module.NAME: module.guests for module in (pretix, eventbrite, luma)
}
"""Platforms whose exports are lists of tickets."""
PURPOSE = "participant"
_FACTS = ("town_id", "country", "gender", "age_band", "role")


def ticket_rows(
    tables: Sequence[RawTable],
    detection: Detection,
    mapping: ColumnMapping,
    context: tuple[Lookup, Key],
) -> CheckedRows:
    """Attendance rows of one ticket list.

    Parameters
    ----------
    detection
        Of one of :data:`READERS`.
    mapping
        Its constants may name the event of the whole list as ``activity``; ``values`` may
        translate the tool's own names of events.
    context
        Known events and towns, and the key of the pseudonyms.

    Raises
    ------
    IngestError
        If neither the list nor the constants say which event it is about.
    """
    lookup, key = context
    guests = READERS[detection.platform](tables, detection)
    sheet = _sheet(guests, mapping)
    if "activity_id" not in sheet.roles and not mapping.constants.get("activity"):
        raise IngestError(
            "This list does not say which event it is about.",
            where=guests.table.file,
            hint='Write constants = {activity = "..."} with the id of the event.',
        )
    taken: list[tuple[Row, Record]] = []
    excluded: Counter[str] = Counter()
    seen: set[tuple[str, str]] = set()
    for at, row in enumerate(SheetReader(sheet, mapping).rows()):
        if guests.states[at] == NOT_ATTENDING:
            excluded[NOT_ATTENDING] += 1
            continue
        record = attendance_record(row, event_of(row, mapping, lookup), lookup)
        person = _person(guests, at, row)
        if (str(record["activity_id"]), person) in seen:
            # a second ticket in one name admits somebody else
            person = f"{person}|{guests.tickets[at] or row.number}"
        seen.add((str(record["activity_id"]), person))
        taken.append((row, record | _presence(guests, at, row, pseudonym(key, PURPOSE, person))))
    checked = checked_table("attendance", taken, sheet, excluded)
    problems = (*guests.table.problems, *guests.problems, *_nobody_came(taken, guests))
    return CheckedRows(
        rows=checked.rows,
        frame=checked.frame,
        excluded=checked.excluded,
        quarantined=checked.quarantined,
        problems=(*problems, *checked.problems),
    )


def _sheet(guests: Guests, mapping: ColumnMapping) -> Sheet:
    """The list as a table of attendance: its event, and what it asked about the person."""
    table = guests.table
    names = [name.strip() for name in table.rows[0]]
    event = guests.places.get("event")
    events = {row[event].strip() for row in table.rows[1:]} if event is not None else set()
    # the person's word decides, unless the list is about several events
    named = event is not None and (len(events) > 1 or not mapping.constants.get("activity"))
    roles = {"activity_id": event} if event is not None and named else {}
    own = set(guests.places.values()) | {guests.id_place}
    for place, name in enumerate(names):
        role = header("attendance", name)
        if role in _FACTS and role not in roles and place not in own:
            roles[role] = place
    folded = [fold(name) for name in names]
    for role, wanted in mapping.columns.items():
        if fold(wanted[0]) in folded:
            roles[role] = folded.index(fold(wanted[0]))
    rows = tuple(zip(table.numbers[1:], table.rows[1:], strict=True))
    return Sheet(
        kind="attendance",
        file=table.file,
        sheet=table.sheet,
        headers=tuple(names),
        roles=roles,
        rows=rows,
    )


def _person(guests: Guests, at: int, row: Row) -> str:
    """Name and address if the ticket has both, else the address, else the ticket."""
    cells = guests.table.rows[at + 1]

    def text(key: str) -> str:
        return cells[guests.places[key]].strip() if key in guests.places else ""

    name = fold(text("name") or f"{text('first_name')} {text('last_name')}")
    mail = text("email").casefold()
    if "@" not in mail:
        mail = ""
    if mail:
        return f"{name}|{mail}" if name else mail
    return f"ticket|{guests.detection.platform}|{guests.tickets[at] or row.number}"


def _presence(guests: Guests, at: int, row: Row, person: str) -> Record:
    """One person, or several heads where a ticket admits more than one."""
    written = guests.people[at] if guests.people else ""
    people = parse_integer(written) if written else 1
    if people is None or people < 1:
        row.refuse("attendance_bad_count", "count", written)
    several = people is not None and people > 1
    there = guests.there[at]
    return {
        "participant_id": "" if several else person,
        "row_key": f"n{person[:12]}" if several else person,
        "count": people or 1,
        "attended": there == "yes" if there else None,
        "evidence": "ticket" if there == "yes" else "registration",
    }


def _nobody_came(taken: Sequence[tuple[Row, Record]], guests: Guests) -> list[Problem]:
    registered = sum(int(str(record["count"])) for row, record in taken if not row.broken)
    if not registered or any(record["attended"] for _, record in taken):
        return []
    table = guests.table
    return [
        Problem(code="guests_nobody_there", file=table.file, sheet=table.sheet, got=str(registered))
    ]
