"""A draft of an export as canonical rows: one questionnaire, one row.

Every row of the file ends in exactly one place: accepted, excluded for a reason, or
quarantined with the rule it broke.
"""

from __future__ import annotations

import hashlib
import operator
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from json.encoder import encode_basestring

import numpy as np
import pandas as pd

from twinimpact.ingest.answer_columns import NO_CODE, AnswerColumns, Integers
from twinimpact.ingest.columns import ItemPlace, Places, find_columns
from twinimpact.ingest.consent import ConsentReader
from twinimpact.ingest.draft import SET_ASIDE, Draft, DraftRow
from twinimpact.ingest.durations import durations
from twinimpact.ingest.mapping import ColumnMapping
from twinimpact.ingest.persons import Person, PersonReader
from twinimpact.ingest.rows import MISSING_COLUMNS, CheckedRows, Contested, Lookup, row_hash
from twinimpact.ingest.values import MASK
from twinimpact.instruments import Catalogue
from twinimpact.privacy.pseudonym import Key, pseudonym
from twinimpact.problems import Problem
from twinimpact.schema import RESPONSE_COLUMNS

# ids of these platforms are unique in the world; elsewhere every form counts 1, 2, 3
GLOBAL_IDS = frozenset({"kobo", "google_forms", "odk", "surveycto", "qualtrics"})

LONGEST_SHOWN = 60
"""Characters of an unreadable answer that are repeated in a problem."""
_COPY = re.compile(r"^(row-[0-9a-f]{20})-\d+$")

_PERSON = tuple(sorted(one.name for one in fields(Person)))
_person_values = operator.attrgetter(*_PERSON)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseSettings:
    """What decides how the rows of one export are read.

    Parameters
    ----------
    constants
        Values for every row, from evaluation.toml and the mapping file.
    """

    mapping: ColumnMapping
    catalogue: Catalogue
    lookup: Lookup
    key: Key
    constants: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class _Record:
    place: int
    """Place of the row in the draft."""
    row: DraftRow
    response_id: str
    person: Person
    reasons: dict[str, str]
    hash: str = ""


def response_rows(draft: Draft, settings: ResponseSettings) -> CheckedRows:
    """Canonical response rows of one export.

    Parameters
    ----------
    draft
        The export in normal form.
    settings
        Mapping, instruments, known ids and the key for pseudonyms.

    Returns
    -------
    CheckedRows
        ``frame`` has ``schema.RESPONSE_COLUMNS`` and one ``Int16`` column per item of the
        catalogue; no personal value is in it or in the problems.
    """
    places = find_columns(draft, settings.mapping, settings.catalogue)
    collector = _Collector(draft, settings, places)
    persons = PersonReader(draft, settings.mapping, settings.constants, settings.lookup, places)
    for place, written in enumerate(collector.columns.written()):
        collector.take(place, written, persons)
    kept = collector.without_duplicates()
    set_aside = sum(problem.code in SET_ASIDE for problem in draft.problems)
    file_problems = (*persons.file_problems, *collector.consent.problems())
    problems = (*draft.problems, *places.problems, *file_problems, *collector.problems)
    excluded = Counter(draft.excluded) + collector.excluded
    versions = [record for group in collector.contested for record in _distinct(group)]
    return CheckedRows(
        rows=len(draft.rows) + sum(draft.excluded.values()) + set_aside,
        frame=_frame(kept, draft, settings.catalogue, collector.columns.codes),
        missing=_missing(kept),
        excluded=dict(sorted(excluded.items())),
        quarantined=collector.quarantined + set_aside,
        problems=problems,
        contested=tuple(_contested(group) for group in collector.contested),
        versions=_frame(versions, draft, settings.catalogue, collector.columns.codes),
        version_missing=_missing(versions).assign(row_hash=_hashes_of(versions)),
    )


class _Collector:
    """Sends each row of one draft to the place where it ends."""

    def __init__(self, draft: Draft, settings: ResponseSettings, places: Places) -> None:
        self.draft = draft
        self.settings = settings
        self.places = places
        self.problems: list[Problem] = []
        self.excluded: Counter[str] = Counter()
        self.quarantined = 0
        self.records: list[_Record] = []
        self.contested: list[list[_Record]] = []
        self.copies: Counter[str] = Counter()
        self.columns = AnswerColumns(draft, places.items)
        self.consent = ConsentReader(draft, settings.mapping, places)

    def take(self, place: int, written: Sequence[str], persons: PersonReader) -> None:
        """Exclude, quarantine or keep the row at a place of the draft."""
        row = self.draft.rows[place]
        if row.state in ("test", "rejected"):
            self.excluded[row.state] += 1
            return
        if not self.consent.given(row):
            # only counted: nothing of someone who did not consent may be kept
            self.excluded["no_consent"] += 1
            return
        if row.state == "partial" and self.places.items and not any(written):
            self.excluded["no_answers"] += 1
            return
        if not self.places.items:
            self.quarantined += 1
            return
        person, wrong = persons.read(row, self.settings.key)
        if person is not None and not self.consent.covers(row, person, persons):
            self.excluded["no_consent"] += 1
            return
        self.problems.extend(wrong)
        if person is None:
            self.quarantined += 1
            return
        self.problems.extend(self._faults(place, row))
        reasons = {item.item.id: reason for item, _, reason in self.columns.odd(place)}
        made = _Record(place, row, self._response_id(row, person), person, reasons)
        made.hash = _hash(made, ", ".join(filter(None, written)))
        self.records.append(made)

    def without_duplicates(self) -> list[_Record]:
        """One record per id; equal copies are excluded, contradicting ones quarantined."""
        by_id: dict[str, list[_Record]] = {}
        for record in self.records:
            by_id.setdefault(record.response_id, []).append(record)
        kept = []
        for same in by_id.values():
            if len({record.hash for record in same}) > 1:
                self.quarantined += len(same)
                self.contested.append(same)
                rows = ", ".join(str(record.row.number) for record in same)
                for record in same:
                    self.problems.append(
                        self._problem("responses_conflict", record.row, got=MASK, expected=rows)
                    )
                continue
            kept.append(same[0])
            if len(same) > 1:
                self.excluded["duplicate"] += len(same) - 1
        return kept

    def _faults(self, place: int, row: DraftRow) -> list[Problem]:
        return [
            self._fault(f"answers_{reason}", row, item, text)
            for item, text, reason in self.columns.odd(place)
            if text and reason in ("out_of_range", "unreadable")
        ]

    def _fault(self, code: str, row: DraftRow, place: ItemPlace, text: str) -> Problem:
        position = next(p for p in place.positions if row.cells[p])
        column = self.draft.columns[position]
        # a whole sentence is no wrong code: what people write is not repeated
        shown = MASK if column.role == "personal" or len(text) > LONGEST_SHOWN else text
        return self._problem(code, row, column.name, shown, place.item.allowed())

    def _problem(
        self, code: str, row: DraftRow, column: str = "", got: str = "", expected: str = ""
    ) -> Problem:
        return Problem(
            code=code,
            file=self.draft.file,
            sheet=self.draft.sheet,
            row=row.number,
            column=column,
            got=got,
            expected=expected,
        )

    def _response_id(self, row: DraftRow, person: Person) -> str:
        own = _cell(row, self.places.roles.get("response_id", ()))
        platform = self.draft.platform
        raw = own or _without_copy(row)
        scope = (person.wave, person.partnership_id, person.arm)
        named = tuple(self.settings.constants.get(name, "") for name in ("town", "language"))
        if raw and platform in GLOBAL_IDS and not own:
            parts: tuple[str, ...] = (platform, raw)
        elif raw:
            parts = (platform, raw, *scope, *named)
        else:
            # two people may give the same answers: without an id, equal rows are counted
            content = row_hash([row.submitted, list(row.cells)])
            self.copies[content] += 1
            parts = (platform, content, str(self.copies[content]), *scope, *named)
        return pseudonym(self.settings.key, "response", "\x1f".join(parts))


def _distinct(same: Sequence[_Record]) -> list[_Record]:
    """The first record of each different content."""
    found: dict[str, _Record] = {}
    for record in same:
        found.setdefault(record.hash, record)
    return list(found.values())


def _contested(same: Sequence[_Record]) -> Contested:
    return Contested(
        response_id=same[0].response_id,
        rows=len(same),
        versions=tuple((record.hash, record.row.number) for record in _distinct(same)),
    )


def _hashes_of(records: Sequence[_Record]) -> list[str]:
    """Hash of the record behind each row of :func:`_missing`."""
    return [record.hash for record in records for _ in record.reasons]


def _without_copy(row: DraftRow) -> str:
    # with a clock time, two equal rows are one answer sent twice, not two people
    match = _COPY.match(row.response_id)
    return match[1] if match and ":" in row.submitted else row.response_id


def _cell(row: DraftRow, positions: Sequence[int]) -> str:
    return next((row.cells[p].strip() for p in positions if p >= 0 and row.cells[p].strip()), "")


def _hash(record: _Record, answers: str) -> str:
    """What :func:`row_hash` gives for id, person, state, answers and reasons, only faster."""
    values = zip(_PERSON, _person_values(record.person), strict=True)
    person = {name: str(value) for name, value in values if value}
    text = (
        f'{{"answers": {{{answers}}}, "id": {encode_basestring(record.response_id)}, '
        f'"person": {_json(person)}, "reasons": {_json(record.reasons)}, '
        f'"state": {encode_basestring(record.row.state)}}}'
    )
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:16]


def _json(texts: Mapping[str, str]) -> str:
    if not texts:
        return "{}"
    pairs = [f'"{name}": {encode_basestring(text)}' for name, text in sorted(texts.items())]
    return "{" + ", ".join(pairs) + "}"


def _frame(
    records: Sequence[_Record], draft: Draft, catalogue: Catalogue, codes: Mapping[str, Integers]
) -> pd.DataFrame:
    spent = durations(draft)
    own: dict[str, list[object]] = {
        "response_id": [record.response_id for record in records],
        "state": [record.row.state for record in records],
        "seconds": [spent.get(record.row.number) for record in records],
        "row_hash": [record.hash for record in records],
        "source": [draft.sha256[:12]] * len(records),
        "source_row": [record.row.number for record in records],
    }
    persons = [record.person for record in records]
    series: dict[str, pd.Series] = {}
    for column in RESPONSE_COLUMNS.columns:
        name = column.name
        listed = own.get(name, [])
        if name not in own:
            listed = [getattr(one, name) or None if name in _PERSON else None for one in persons]
        if column.kind == "date":
            dates = np.array(listed, dtype="datetime64[D]").astype("datetime64[us]")
            series[name] = pd.Series(dates)
        else:
            dtype = {"source_row": "int64", "seconds": "Int64"}.get(name, "str")
            series[name] = pd.Series([value or None for value in listed], dtype=dtype)
    places = np.array([record.place for record in records], dtype=np.int64)
    none = np.full(len(places), NO_CODE)
    for item in catalogue.items:
        series[item] = _codes(codes[item][places] if item in codes else none)
    return pd.DataFrame(series)


def _codes(values: Integers) -> pd.Series:
    blank = values == NO_CODE
    codes = np.where(blank, 1, values).astype(np.int16)
    return pd.Series(pd.arrays.IntegerArray(codes, blank))


def _missing(records: Sequence[_Record]) -> pd.DataFrame:
    listed = [
        (record.response_id, item, reason)
        for record in records
        for item, reason in record.reasons.items()
    ]
    return pd.DataFrame(listed, columns=list(MISSING_COLUMNS), dtype="str")
