"""The respondents of all rows of a draft: what many rows share is read once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np
import numpy.typing as npt
import pandas as pd

from twinimpact.ingest.cells import Column, Flags
from twinimpact.ingest.content_hash import Hashes, column_hashes, table_of, value_hash
from twinimpact.ingest.instants import days_of
from twinimpact.ingest.linkage import surely_usable
from twinimpact.ingest.packed import Integers, Packed
from twinimpact.ingest.persons import PLACED, SHARED, Person, PersonReader
from twinimpact.ingest.records import DraftRows
from twinimpact.ingest.values import parse_date
from twinimpact.privacy.pseudonym import ELEMENT_LENGTH, Key, pseudonyms
from twinimpact.problems import Problem

Days = npt.NDArray[np.datetime64]
_BLOCK = 8_192
_NO_DAY = np.datetime64("NaT")


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """The respondents of some rows.

    Parameters
    ----------
    places
        Places of those rows in the draft, rising.
    known
        For each of them whether it has a respondent.
    young
        Whether the respondent may be too young to consent alone.
    days
        The day of the answers.
    texts
        The other columns of :class:`Person` by name.
    hashes
        The respondents' part in the hash of each row.
    problems
        Rules that rows break, by their place in the draft.
    """

    places: Integers
    known: Flags
    young: Flags
    days: Days
    texts: Mapping[str, Column]
    hashes: Hashes
    problems: Mapping[int, Sequence[Problem]]

    def joined(self, names: Sequence[str], further: Sequence[str]) -> Column:
        """For each row some of what is placed and further texts, each behind a separator."""
        columns = [self.texts[name] for name in names]
        slots = zip(*(column.texts for column in columns), strict=True)
        listed = ["".join(f"\x1f{text}" for text in (*slot, *further)) for slot in slots]
        return Column(listed, columns[0].codes)


def people_of(rows: DraftRows, wanted: Flags, reader: PersonReader, key: Key) -> People:
    """The respondents of the wanted rows."""
    places = np.flatnonzero(wanted)
    dated, days, undated = _days(rows, places, reader)
    shared, groups = _groups(rows, places, reader, dated)
    slots: list[dict[str, str]] = [dict.fromkeys(PLACED, "")]
    young = [False]
    slot_of = np.zeros(groups + 1, dtype=np.int64)
    firsts = np.zeros(groups, dtype=np.int64)
    firsts[shared[::-1]] = np.arange(len(shared) - 1, -1, -1)
    for group, first in enumerate(firsts.tolist()):
        row = rows.bare(int(places[first]))
        placed = reader.placed(row)
        if placed is None:
            continue
        slot_of[group] = len(slots)
        slots.append(placed)
        young.append(reader.too_young(row, _person(placed, days[first])))
    own = slot_of[shared]
    own[undated] = 0
    problems = {}
    # rows that break a rule are read one by one: each has a problem of its own
    for at in np.flatnonzero(own == 0).tolist():
        row = rows.bare(int(places[at]))
        person, wrong = reader.read(row, key)
        problems[int(places[at])] = wrong
        if person is not None:
            own[at] = len(slots)
            slots.append({name: getattr(person, name) for name in PLACED})
            young.append(reader.too_young(row, person))
    codes, code_hashes = _codes(rows, places, reader, key)
    tokens = _tokens(rows, places, reader, key)
    parts = table_of([sum(value_hash(*pair) for pair in slot.items()) % 2**64 for slot in slots])
    hashes = parts[own] + code_hashes + column_hashes("participant_token", tokens)
    return People(
        places=places,
        known=own > 0,
        young=np.array(young)[own],
        days=days,
        texts={
            **{name: Column([slot[name] for slot in slots], own) for name in PLACED},
            "participant_token": tokens,
            "code": codes,
        },
        hashes=hashes + _day_hashes(days),
        problems=problems,
    )


def _person(placed: Mapping[str, str], day: np.datetime64) -> Person:
    date: dt.date | None = None if np.isnat(day) else day.astype(dt.date)
    return Person(participant_token="", code="", date=date, **placed)


def _days(rows: DraftRows, places: Integers, reader: PersonReader) -> tuple[Column, Days, Flags]:
    """What is written as the date, its day, and whether it is no date at all."""
    column = reader.dates(rows).take(places)
    found = days_of(column.texts) if isinstance(column.texts, Packed) else None
    if found is None:
        found = np.full(len(column.texts), _NO_DAY, dtype="datetime64[D]")
        for at in column.used().tolist():
            date = parse_date(column.texts[at], reader.order)
            found[at] = _NO_DAY if date is None else np.datetime64(date, "D")
    days = found[column.codes]
    return column, days, np.isnat(days) & column.filled()


def _day_hashes(days: Days) -> Hashes:
    codes, found = pd.factorize(days.astype(np.int64))
    listed = found.view("datetime64[D]")
    none = np.isnat(listed)
    table = [
        0 if nothing else value_hash("date", str(day))
        for day, nothing in zip(listed, none, strict=True)
    ]
    return table_of(table)[codes]


def _groups(
    rows: DraftRows, places: Integers, reader: PersonReader, dated: Column
) -> tuple[Integers, int]:
    """Numbers of rows alike in everything but their date, token and code."""
    found = reader.positions
    columns = [rows.cells.columns[place] for role in SHARED for place in found.get(role, ())]
    columns = [column.take(places) for column in (*columns, rows.languages)]
    if born := found.get("birth_year", ()):
        # ages depend on the year of the answers too
        columns += [rows.cells.columns[place].take(places) for place in born]
        columns.append(dated.map(reader.year))
    return reduce(_together, columns, (np.zeros(len(places), dtype=np.int64), min(1, len(places))))


def _together(known: tuple[Integers, int], column: Column) -> tuple[Integers, int]:
    codes, count = known
    if len(column.texts) == 1 or not count:
        return codes, count
    numbered, groups = pd.factorize(codes * len(column.texts) + column.codes)
    return numbered, len(groups)


def _tokens(rows: DraftRows, places: Integers, reader: PersonReader, key: Key) -> Column:
    named = rows.first_filled(reader.positions.get("participant", ()))
    column = named.filled_by(rows.tokens.stripped()).take(places)
    if not any(column.distinct()):
        return Column.same("", len(places))
    used = column.used()
    made = pseudonyms(key, "participant", column.distinct())
    moved = np.zeros(len(column.texts), dtype=np.int64)
    moved[used] = np.arange(len(used))
    return Column(made, moved[column.codes])


def _codes(
    rows: DraftRows, places: Integers, reader: PersonReader, key: Key
) -> tuple[Column, Hashes]:
    """Self-generated codes, hashed element by element, and their part in the hash of a row."""
    asked = reader.places.roles.get("code", ())
    columns = [
        rows.cells.columns[place].take(places) if place >= 0 else Column.same("", len(places))
        for place in asked
    ]
    if len(columns) > 1:
        return _joined(columns, reader, key)
    if not columns:
        return Column.same("", len(places)), np.zeros(len(places), dtype=np.uint64)
    column = columns[0]
    used = column.used()
    table = np.zeros(len(column.texts), dtype=np.uint64)
    codes = np.zeros(len(column.texts), dtype=np.int64)
    made = [reader.code(reader.split(text), key) for text in column.distinct()]
    table[used] = table_of([_code_hash(code) for code in made])
    codes[used] = np.arange(len(used))
    return Column(made or ("",), codes[column.codes]), table[column.codes]


def _code_hash(code: str) -> int:
    parts = code.split("-") if code else []
    return sum(value_hash(f"code {place}", part) for place, part in enumerate(parts)) % 2**64


def _joined(columns: Sequence[Column], reader: PersonReader, key: Key) -> tuple[Column, Hashes]:
    """Codes whose elements stand in columns of their own."""
    height = len(columns[0])
    full, odd = np.ones(height, dtype=bool), np.ones(height, dtype=bool)
    hashes = np.zeros(height, dtype=np.uint64)
    tables = []
    for place, column in enumerate(columns):
        listed = [reader.element(place, text, key) if text else ("", "") for text in column.texts]
        table = table_of([value_hash(f"code {place}", hashed) for _, hashed in listed])
        filled = np.array([bool(hashed) for _, hashed in listed])
        unsure = np.array([not surely_usable(element) for element, _ in listed])
        text = "".join([hashed or "-" * ELEMENT_LENGTH for _, hashed in listed])
        own = np.frombuffer(text.encode(), dtype=np.uint8).reshape(-1, ELEMENT_LENGTH)
        tables.append(own)
        hashes += table[column.codes]
        full &= filled[column.codes]
        odd &= unsure[column.codes]
    made = _written(columns, tables)
    # blank elements, and codes that may be no code at all: as if each row were alone
    for at in np.flatnonzero(~full | odd).tolist():
        made[at] = reader.code([column[at] for column in columns], key)
        hashes[at] = _code_hash(made[at])
    return Column(made, np.arange(height)), hashes


def _written(columns: Sequence[Column], tables: Sequence[npt.NDArray[np.uint8]]) -> list[str]:
    """Elements by row joined by dashes; ``tables`` hold the hashed texts of each column."""
    length = len(columns) * (ELEMENT_LENGTH + 1)
    made: list[str] = []
    for start in range(0, len(columns[0]), _BLOCK):
        codes = [column.codes[start : start + _BLOCK] for column in columns]
        signs = np.full((len(codes[0]), len(columns), ELEMENT_LENGTH + 1), ord("-"), np.uint8)
        for place, (own, table) in enumerate(zip(codes, tables, strict=True)):
            signs[:, place, :ELEMENT_LENGTH] = table[own]
        whole = signs.tobytes().decode()
        made += [whole[at : at + length - 1] for at in range(0, len(whole), length)]
    return made
