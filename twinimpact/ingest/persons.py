"""Who answered, when and about what: the columns of a response beside its answers."""

from __future__ import annotations

import datetime as dt
import operator
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

from twinimpact.entities import ARMS
from twinimpact.ingest.cells import Column
from twinimpact.ingest.codebook import Question
from twinimpact.ingest.columns import Places
from twinimpact.ingest.draft import Draft, DraftRow
from twinimpact.ingest.instants import days_of
from twinimpact.ingest.linkage import normalise_element, usable_code
from twinimpact.ingest.mapping import PERSONAL_ROLES, ColumnMapping
from twinimpact.ingest.minors import too_young
from twinimpact.ingest.packed import Packed
from twinimpact.ingest.records import DraftRows
from twinimpact.ingest.rows import Lookup
from twinimpact.ingest.synonyms import allowed, option
from twinimpact.ingest.values import (
    MASK,
    band_of_age,
    date_order,
    fold,
    fold_label,
    language_code,
    parse_date,
    parse_integer,
)
from twinimpact.privacy.pseudonym import Key, code_element, pseudonym
from twinimpact.problems import Problem

DEMOGRAPHICS = ("gender", "age_band", "role")
DEFAULT_ARM = "participant"
PLACED = (
    "partnership_id", "town_id", "arm", "wave", "language", *DEMOGRAPHICS,
)  # fmt: skip
"""Columns of a person that rows alike in :data:`SHARED` have in common."""
SHARED = ("town", "partnership", "wave", "arm", "language", *DEMOGRAPHICS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """The respondent's part of a row, pseudonymised; ``""`` where nothing is known."""

    participant_token: str
    code: str
    partnership_id: str
    town_id: str
    arm: str
    wave: str
    date: dt.date | None
    language: str
    gender: str
    age_band: str
    role: str

    def as_columns(self) -> dict[str, object]:
        """Values by canonical column name."""
        return {one.name: getattr(self, one.name) for one in fields(self)}


class _RowError(Exception):
    """A row cannot be placed; carries the problem."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


class PersonReader:
    """Reads the respondent's columns of one draft.

    ``file_problems`` are about the whole file, such as a constant nobody knows.
    """

    def __init__(
        self,
        draft: Draft,
        mapping: ColumnMapping,
        constants: Mapping[str, str],
        lookup: Lookup,
        places: Places,
    ) -> None:
        self.draft = draft
        self.mapping = mapping
        self.constants = constants
        self.lookup = lookup
        self.places = places
        self.positions = {
            role: tuple(place for place in found if place >= 0)
            for role, found in places.roles.items()
        }
        shared = [place for role in SHARED for place in self.positions.get(role, ())]
        self.pick = operator.itemgetter(*shared) if shared else _nothing
        self.seen: dict[object, dict[str, str]] = {}
        self.elements: dict[tuple[str, int, str], tuple[str, str]] = {}
        self.asked = self._asked()
        self.order = self._date_order()
        self.file_problems = tuple(self._unknown_constants())

    def read(self, row: DraftRow, key: Key) -> tuple[Person | None, list[Problem]]:
        """The person of one row, or ``None`` with the rule that the row breaks."""
        problems: list[Problem] = []
        same = (self.pick(row.cells), row.language)
        try:
            placed = self.seen.get(same) or self._placed(row, problems)
            person = Person(
                participant_token=self._token(row, key),
                code=self._code(row, key),
                date=self._date(row),
                **placed,
            )
        except _RowError as error:
            return None, [error.problem]
        if not problems and not self.positions.get("birth_year"):
            self.seen[same] = placed
        return person, problems

    def placed(self, row: DraftRow) -> dict[str, str] | None:
        """What all rows like this one share, ``None`` if it breaks a rule."""
        problems: list[Problem] = []
        try:
            found = self._placed(row, problems)
        except _RowError:
            return None
        return None if problems else found

    def dates(self, rows: DraftRows) -> Column:
        """What is written as the date of each row."""
        if "date" in self.places.roles:
            return rows.first_filled(self.positions.get("date", ()))
        return rows.submitted

    def year(self, text: str) -> str:
        """The year of a date, ``""`` if it is none."""
        date = parse_date(text, self.order)
        return str(date.year) if date else ""

    def _placed(self, row: DraftRow, problems: list[Problem]) -> dict[str, str]:
        """What many rows share, so that it is read once for each combination."""
        town = self._known(row, "town", self.lookup.towns)
        return {
            "partnership_id": self._partnership(row, town),
            "town_id": town,
            "arm": self._arm(row),
            "wave": self._wave(row),
            "language": self._language(row),
            **self._demographics(row, problems),
        }

    def _text(self, row: DraftRow, role: str) -> str:
        for place in self.positions.get(role, ()):
            if cell := row.cells[place].strip():
                return cell
        return ""

    def _problem(
        self, code: str, row: DraftRow | None, role: str, got: str, expected: str = ""
    ) -> Problem:
        places = [place for place in self.places.roles.get(role, ()) if place >= 0]
        hidden = role in PERSONAL_ROLES or (
            bool(places) and self.draft.columns[places[0]].role == "personal"
        )
        return Problem(
            code=code,
            file=self.draft.file,
            sheet=self.draft.sheet,
            row=None if row is None else row.number,
            column=self.draft.columns[places[0]].name if places else role,
            got=MASK if hidden and got else got,
            expected=expected,
        )

    def _asked(self) -> dict[str, Question]:
        """What the file's own code book says about the columns of each role."""
        asked = {role: self.draft.asked(p[0]) for role, p in self.places.roles.items() if p}
        return {role: question for role, question in asked.items() if question is not None}

    def _mapped(self, role: str, text: str) -> str:
        own = self.mapping.values.get(role, {}).get(fold_label(text), "")
        return own or (self.asked[role].wording(text) if role in self.asked else text)

    def _known(self, row: DraftRow, role: str, known: Mapping[str, str]) -> str:
        text = self._text(row, role)
        value = self._mapped(role, text) if text else self.constants.get(role, "")
        if not value:
            return ""
        found = known.get(fold(value), "")
        if not found:
            expected = _some(dict.fromkeys(known.values()))
            raise _RowError(self._problem(f"responses_unknown_{role}", row, role, value, expected))
        return found

    def _wave(self, row: DraftRow) -> str:
        found = self._known(row, "wave", self.lookup.waves)
        waves = tuple(dict.fromkeys(self.lookup.waves.values()))
        if found or len(waves) == 1:
            return found or waves[0]
        raise _RowError(self._problem("responses_no_wave", row, "wave", "", _some(waves)))

    def _partnership(self, row: DraftRow, town: str) -> str:
        found = self._known(row, "partnership", self.lookup.partnerships)
        if found:
            return found
        all_links = tuple(dict.fromkeys(self.lookup.partnerships.values()))
        for links in (self.lookup.partnerships_of_town.get(town, ()), all_links):
            if len(links) == 1:
                return links[0]
        problem = self._problem("responses_no_partnership", row, "partnership", "")
        raise _RowError(problem)

    def _arm(self, row: DraftRow) -> str:
        text = self._text(row, "arm")
        if not text and "arm" not in self.places.roles:
            text = self.constants.get("arm", DEFAULT_ARM)
        elif not text:
            text = self.constants.get("arm", "")
        found = option("arm", self._mapped("arm", text)) if text else ""
        if not found:
            raise _RowError(self._problem("responses_unknown_arm", row, "arm", text, _some(ARMS)))
        return found

    def _date_order(self) -> str:
        if self.mapping.date_order:
            return self.mapping.date_order
        column = self.dates(self.draft.by_column())
        if isinstance(column.texts, Packed) and days_of(column.texts) is not None:
            return "iso"
        return date_order(column.distinct())

    def _date_text(self, row: DraftRow) -> str:
        return self._text(row, "date") if "date" in self.places.roles else row.submitted

    def _date(self, row: DraftRow) -> dt.date | None:
        text = self._date_text(row)
        if not text:
            return None
        found = parse_date(text, self.order)
        if found is None:
            raise _RowError(self._problem("responses_bad_date", row, "date", text))
        return found

    def _language(self, row: DraftRow) -> str:
        text = self._text(row, "language") or row.language or self.constants.get("language", "")
        return language_code(self._mapped("language", text)) if text else ""

    def _demographics(self, row: DraftRow, problems: list[Problem]) -> dict[str, str]:
        found = {}
        for role in DEMOGRAPHICS:
            text = self._text(row, role)
            found[role] = option(role, self._mapped(role, text)) if text else ""
            if text and not found[role]:
                expected = _some(allowed(role))
                problems.append(self._problem("responses_bad_option", row, role, text, expected))
        if not found["age_band"] and (text := self._text(row, "birth_year")):
            found["age_band"] = self._age_band(row, text)
            if not found["age_band"]:
                problem = self._problem("responses_bad_birth_year", row, "birth_year", text)
                problems.append(problem)
        return found

    def _age_band(self, row: DraftRow, text: str) -> str:
        year, date = parse_integer(text), parse_date(self._date_text(row), self.order)
        return band_of_age(date.year - year) if year is not None and date is not None else ""

    def too_young(self, row: DraftRow, person: Person) -> bool:
        """Whether the respondent may be below the age of consent of their town's country."""
        text = self._text(row, "birth_year")
        year = parse_integer(text) if text else None
        country = self.lookup.town_countries.get(person.town_id, "")
        return too_young(person.age_band, year, person.date, country)

    def _token(self, row: DraftRow, key: Key) -> str:
        text = self._text(row, "participant") or row.token.strip()
        return pseudonym(key, "participant", text) if text else ""

    def _code(self, row: DraftRow, key: Key) -> str:
        places = self.places.roles.get("code", ())
        cells = [row.cells[place] if place >= 0 else "" for place in places]
        return self.code(self.split(cells[0]) if len(cells) == 1 else cells, key)

    def code(self, parts: Sequence[str], key: Key) -> str:
        """A code from its elements, each hashed; ``""`` if it can identify nobody."""
        found = [self.element(place, part, key) for place, part in enumerate(parts)]
        usable = usable_code([element for element, _ in found])
        return "-".join([hashed for _, hashed in found]) if usable else ""

    def element(self, place: int, part: str, key: Key) -> tuple[str, str]:
        """A code element in its comparable form, and hashed."""
        same = (key.key_id, place, part)
        if same not in self.elements:
            element = normalise_element(part)
            self.elements[same] = (element, code_element(key, place, element))
        return self.elements[same]

    def split(self, text: str) -> Sequence[str]:
        """The elements of a code that stands in one cell."""
        separator = self.mapping.code_separator
        if separator:
            return text.split(separator)
        compact = "".join(re.findall(r"\w", text))
        if not self.mapping.code_pattern:
            return tuple(compact)
        lengths = self.mapping.code_pattern
        if len(compact) != sum(lengths):
            return ()
        ends = [sum(lengths[: n + 1]) for n in range(len(lengths))]
        return tuple(compact[end - n : end] for end, n in zip(ends, lengths, strict=True))

    def _unknown_constants(self) -> list[Problem]:
        tables = {
            "wave": self.lookup.waves,
            "partnership": self.lookup.partnerships,
            "town": self.lookup.towns,
            "arm": {fold(arm): arm for arm in ARMS},
        }
        return [
            Problem(
                code="mapping_unknown_constant",
                file=self.draft.file,
                sheet=self.draft.sheet,
                column=name,
                got=value,
                expected=_some(dict.fromkeys(tables[name].values())),
            )
            for name, value in self.constants.items()
            if name in tables and value and not tables[name].get(fold(value))
        ]


def _nothing(cells: Sequence[str]) -> tuple[str, ...]:
    return ()


def _some(values: Sequence[str] | Mapping[str, object], limit: int = 10) -> str:
    listed = list(values)
    return ", ".join(listed[:limit]) + (", …" if len(listed) > limit else "")
