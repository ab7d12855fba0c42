"""A draft of an export as canonical rows: one questionnaire, one row.

Every row of the file ends in exactly one place: accepted, excluded for a reason, or
quarantined with the rule it broke.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from twinimpact.ingest.answers import read_answer
from twinimpact.ingest.columns import ItemPlace, Places, find_columns
from twinimpact.ingest.draft import SET_ASIDE, Draft, DraftRow
from twinimpact.ingest.mapping import ColumnMapping
from twinimpact.ingest.persons import Person, PersonReader
from twinimpact.ingest.rows import MISSING_COLUMNS, CheckedRows, Lookup, row_hash
from twinimpact.ingest.synonyms import option
from twinimpact.ingest.values import MASK, fold_label
from twinimpact.instruments import Catalogue
from twinimpact.privacy.pseudonym import Key, pseudonym
from twinimpact.problems import Problem
from twinimpact.schema import RESPONSE_COLUMNS

# ids of these platforms are unique in the world; elsewhere every form counts 1, 2, 3
GLOBAL_IDS = frozenset({"kobo", "google_forms", "odk", "surveycto", "qualtrics"})

_COPY = re.compile(r"^(row-[0-9a-f]{20})-\d+$")


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
    row: DraftRow
    response_id: str
    person: Person
    answers: dict[str, int]
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
    for row in draft.rows:
        collector.take(row, persons)
    kept = collector.without_duplicates()
    set_aside = sum(problem.code in SET_ASIDE for problem in draft.problems)
    problems = (*draft.problems, *places.problems, *persons.file_problems, *collector.problems)
    excluded = Counter(draft.excluded) + collector.excluded
    return CheckedRows(
        rows=len(draft.rows) + sum(draft.excluded.values()) + set_aside,
        frame=_frame(kept, draft, settings.catalogue),
        missing=_missing(kept),
        excluded=dict(sorted(excluded.items())),
        quarantined=collector.quarantined + set_aside,
        problems=problems,
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
        self.copies: Counter[str] = Counter()
        self.cache: dict[tuple[str, str], tuple[int | None, str]] = {}
        if not self._consent_declared():
            self.problems.append(
                Problem(code="responses_consent_undeclared", file=draft.file, sheet=draft.sheet)
            )

    def take(self, row: DraftRow, persons: PersonReader) -> None:
        """Exclude, quarantine or keep one row."""
        if row.state in ("test", "rejected"):
            self.excluded[row.state] += 1
            return
        if not self._consents(row):
            # only counted: nothing of someone who did not consent may be kept
            self.excluded["no_consent"] += 1
            return
        faults: list[Problem] = []
        answers, reasons = self._answers(row, faults)
        if row.state == "partial" and not answers and self.places.items:
            self.excluded["no_answers"] += 1
            return
        if not self.places.items:
            self.quarantined += 1
            return
        person, wrong = persons.read(row, self.settings.key)
        self.problems.extend(wrong)
        if person is None:
            self.quarantined += 1
            return
        self.problems.extend(faults)
        made = _Record(row, self._response_id(row, person), person, answers, reasons)
        made.hash = _hash(made)
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

    def _consent_declared(self) -> bool:
        return bool(self.settings.mapping.consent.waived) or "consent" in self.places.roles

    def _consents(self, row: DraftRow) -> bool:
        consent = self.settings.mapping.consent
        if consent.waived:
            return True
        if "consent" not in self.places.roles:
            # a consent column that is declared but absent lets nobody in
            return not consent.column
        text = _cell(row, self.places.roles["consent"])
        if consent.yes:
            return fold_label(text) in consent.yes
        return option("flag", text) == "yes"

    def _answers(
        self, row: DraftRow, faults: list[Problem]
    ) -> tuple[dict[str, int], dict[str, str]]:
        answers: dict[str, int] = {}
        reasons: dict[str, str] = {}
        for place in self.places.items:
            text = _cell(row, place.positions)
            if not text:
                given = [row.reasons[p] for p in place.positions if p in row.reasons]
                if given and given[0] != "blank":
                    reasons[place.item.id] = given[0]
                continue
            code, reason = self._read(text, place)
            if code is not None:
                answers[place.item.id] = code
                continue
            reasons[place.item.id] = reason
            if reason in ("out_of_range", "unreadable"):
                faults.append(self._fault(f"answers_{reason}", row, place, text))
        return answers, reasons

    def _read(self, text: str, place: ItemPlace) -> tuple[int | None, str]:
        key = (place.item.id, text)
        if key not in self.cache:
            self.cache[key] = read_answer(text, place.item, place.words)
        return self.cache[key]

    def _fault(self, code: str, row: DraftRow, place: ItemPlace, text: str) -> Problem:
        position = next(p for p in place.positions if row.cells[p])
        column = self.draft.columns[position]
        shown = MASK if column.role == "personal" else text
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


def _without_copy(row: DraftRow) -> str:
    # with a clock time, two equal rows are one answer sent twice, not two people
    match = _COPY.match(row.response_id)
    return match[1] if match and ":" in row.submitted else row.response_id


def _cell(row: DraftRow, positions: Sequence[int]) -> str:
    return next((row.cells[p].strip() for p in positions if p >= 0 and row.cells[p].strip()), "")


def _hash(record: _Record) -> str:
    person = record.person.as_columns()
    return row_hash(
        {
            "id": record.response_id,
            "person": {name: value for name, value in person.items() if value},
            "state": record.row.state,
            "answers": record.answers,
            "reasons": record.reasons,
        }
    )


def _frame(records: Sequence[_Record], draft: Draft, catalogue: Catalogue) -> pd.DataFrame:
    columns: dict[str, list[object]] = {name: [] for name in RESPONSE_COLUMNS.names()}
    for record in records:
        values = {
            "response_id": record.response_id,
            **record.person.as_columns(),
            "state": record.row.state,
            "row_hash": record.hash,
            "source": draft.sha256[:12],
            "source_row": record.row.number,
        }
        for name, cells in columns.items():
            cells.append(values.get(name) or None)
    series: dict[str, pd.Series] = {}
    for column in RESPONSE_COLUMNS.columns:
        listed = columns[column.name]
        if column.kind == "date":
            dates = pd.to_datetime(pd.Series(listed, dtype="object"))
            series[column.name] = dates.astype("datetime64[us]")
        else:
            dtype = "int64" if column.kind == "integer" else "str"
            series[column.name] = pd.Series(listed, dtype=dtype)
    for item in catalogue.items:
        codes = [record.answers.get(item) for record in records]
        series[item] = pd.Series(codes, dtype="Int16")
    return pd.DataFrame(series)


def _missing(records: Sequence[_Record]) -> pd.DataFrame:
    listed = [
        (record.response_id, item, reason)
        for record in records
        for item, reason in record.reasons.items()
    ]
    return pd.DataFrame(listed, columns=list(MISSING_COLUMNS), dtype="str")
