"""A draft of an export as canonical rows: one questionnaire, one row.

Every row of the file ends in exactly one place: accepted, excluded for a reason, or
quarantined with the rule it broke.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from twinimpact.ingest.answer_columns import NO_CODE, Fault, ItemAnswers, answers_of
from twinimpact.ingest.cells import Column, Flags
from twinimpact.ingest.columns import find_columns
from twinimpact.ingest.consent import ConsentReader
from twinimpact.ingest.content_hash import Hashes, as_texts, column_hashes, table_of, value_hash
from twinimpact.ingest.draft import SET_ASIDE, Draft
from twinimpact.ingest.durations import durations
from twinimpact.ingest.mapping import ColumnMapping
from twinimpact.ingest.packed import Integers
from twinimpact.ingest.people import people_of
from twinimpact.ingest.persons import PersonReader
from twinimpact.ingest.rows import MISSING_COLUMNS, CheckedRows, Contested, Lookup, row_hash
from twinimpact.ingest.values import MASK
from twinimpact.instruments import Catalogue
from twinimpact.privacy.pseudonym import Key, pseudonyms
from twinimpact.problems import Problem
from twinimpact.schema import RESPONSE_COLUMNS

# ids of these platforms are unique in the world; elsewhere every form counts 1, 2, 3
GLOBAL_IDS = frozenset({"kobo", "google_forms", "odk", "surveycto", "qualtrics"})

SCOPE = ("wave", "partnership_id", "arm")
LONGEST_SHOWN = 60
"""Characters of an unreadable answer that are repeated in a problem."""
_COPY = re.compile(r"^(row-[0-9a-f]{20})-\d+$")
_COUNTED = "row-"


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
    found = _Found(draft, settings)
    kept = found.without_duplicates()
    set_aside = sum(problem.code in SET_ASIDE for problem in draft.problems)
    file_problems = (*found.persons.file_problems, *found.consent.problems())
    problems = (*draft.problems, *found.places.problems, *file_problems, *found.problems)
    versions = [at for group in found.contested for at in found.distinct(group)]
    return CheckedRows(
        rows=len(draft.rows) + sum(draft.excluded.values()) + set_aside,
        frame=found.frame(kept),
        missing=found.missing(kept),
        excluded=dict(sorted((Counter(draft.excluded) + found.excluded).items())),
        quarantined=found.quarantined + set_aside,
        problems=problems,
        contested=tuple(found.contest(group) for group in found.contested),
        versions=found.frame(np.array(versions, dtype=np.int64)),
        version_missing=found.missing(np.array(versions, dtype=np.int64), hashed=True),
    )


class _Found:
    """The responses of one draft: every row is sent to the place where it ends.

    ``places_of`` are the places in the draft of the rows that have a respondent, who are listed
    in the same order in ``ids``, ``hashes`` and everything else here.
    """

    def __init__(self, draft: Draft, settings: ResponseSettings) -> None:
        self.draft, self.settings = draft, settings
        self.rows = draft.by_column()
        self.places = find_columns(draft, settings.mapping, settings.catalogue)
        self.persons = PersonReader(
            draft, settings.mapping, settings.constants, settings.lookup, self.places
        )
        self.consent = ConsentReader(draft, settings.mapping, self.places)
        self.answers = answers_of(draft, self.places.items)
        self.excluded: Counter[str] = Counter()
        self.quarantined = 0
        people = people_of(self.rows, self._asked(), self.persons, settings.key)
        agreed = ~people.known | self.consent.covered(people.places, people.young & people.known)
        self._exclude("no_consent", ~agreed)
        self.quarantined += int(np.count_nonzero(~people.known))
        at = np.flatnonzero(people.known & agreed)
        self.at, self.people, self.places_of = at, people, people.places[at]
        told = dict(people.problems)
        for place in people.places[~agreed].tolist():
            told.pop(place, None)
        self.problems = self._problems(told)
        self.ids = response_ids(self)
        self._ids = np.array(self.ids, dtype=object)
        self.hashes = self._hashes()
        self.contested: list[list[int]] = []

    def _exclude(self, reason: str, rows: Flags) -> None:
        if count := int(np.count_nonzero(rows)):
            self.excluded[reason] += count

    def _asked(self) -> Flags:
        """Rows whose respondent is to be read; all others are counted here."""
        states = {state: self.rows.in_state(state) for state in ("test", "rejected", "partial")}
        left = np.ones(len(self.rows), dtype=bool)
        for state in ("test", "rejected"):
            self._exclude(state, states[state])
            left &= ~states[state]
        # only counted: nothing of someone who did not consent may be kept
        given = self.consent.given()
        self._exclude("no_consent", left & ~given)
        left &= given
        if not self.answers:
            self.quarantined += int(np.count_nonzero(left))
            return np.zeros(len(self.rows), dtype=bool)
        nothing = left & ~self._answered()
        if nothing.any():
            nothing &= states["partial"] | self._unseen(nothing)
            self._exclude("no_answers", nothing)
        return left & ~nothing

    def _answered(self) -> Flags:
        """For each row whether there is any answer."""
        found = np.zeros(len(self.rows), dtype=bool)
        for item in self.answers:
            found |= item.answered()
            if found.all():
                break
        return found

    def _unseen(self, rows: Flags) -> Flags:
        """Of some rows those where no question was shown: an event with other instruments."""
        unseen = rows.copy()
        for item in self.answers:
            shown = np.ones(len(rows), dtype=bool)
            asked, reasons = item.unanswered()
            shown[asked[reasons.test("not_shown".__eq__)]] = False
            unseen &= ~shown
        return unseen

    def _problems(self, persons: Mapping[int, Sequence[Problem]]) -> list[Problem]:
        """What is wrong in single rows, in the order of the rows."""
        listed = {place: list(wrong) for place, wrong in persons.items()}
        accepted = np.zeros(len(self.rows), dtype=bool)
        accepted[self.places_of] = True
        for item in self.answers:
            for fault in item.faults():
                if accepted[fault.row]:
                    listed.setdefault(fault.row, []).append(self._fault(fault))
        return [problem for place in sorted(listed) for problem in listed[place]]

    def _fault(self, fault: Fault) -> Problem:
        cells = self.rows.cells[fault.row]
        position = next(p for p in fault.place.positions if cells[p])
        column = self.draft.columns[position]
        # a whole sentence is no wrong code: what people write is not repeated
        hidden = column.role == "personal" or len(fault.text) > LONGEST_SHOWN
        shown, expected = MASK if hidden else fault.text, fault.place.item.allowed()
        return self._problem(f"answers_{fault.reason}", fault.row, column.name, shown, expected)

    def _problem(
        self, code: str, place: int, column: str = "", got: str = "", expected: str = ""
    ) -> Problem:
        return Problem(
            code=code,
            file=self.draft.file,
            sheet=self.draft.sheet,
            row=self.rows.numbers[place],
            column=column,
            got=got,
            expected=expected,
        )

    def _hashes(self) -> Hashes:
        """The content of each row as a number: answers, reasons, person and state."""
        hashes = self.people.hashes[self.at]
        hashes += column_hashes("state", self.rows.states.take(self.places_of))
        for item in self.answers:
            name = item.place.item.id
            table = np.zeros(len(item.read), dtype=np.uint64)
            read = np.flatnonzero(item.read != NO_CODE)
            table[read] = table_of([value_hash(name, str(code)) for code in item.read[read]])
            hashes += table[item.column.codes[self.places_of]]
            asked, reasons = item.unanswered()
            own = np.zeros(len(self.rows), dtype=np.uint64)
            own[asked] = column_hashes(f"{name} missing", reasons)
            hashes += own[self.places_of]
        return hashes

    def without_duplicates(self) -> Integers:
        """One row per id; equal copies are excluded, contradicting ones quarantined."""
        every = np.arange(len(self.ids))
        if len(set(self.ids)) == len(self.ids):
            return every
        by_id: dict[str, list[int]] = {}
        for at, response in enumerate(self.ids):
            by_id.setdefault(response, []).append(at)
        kept = []
        for same in by_id.values():
            if len({int(self.hashes[at]) for at in same}) > 1:
                self.quarantined += len(same)
                self.contested.append(same)
                numbers = [self.rows.numbers[int(self.places_of[at])] for at in same]
                listed = ", ".join(map(str, numbers))
                for at in same:
                    place = int(self.places_of[at])
                    self.problems.append(
                        self._problem("responses_conflict", place, got=MASK, expected=listed)
                    )
                continue
            kept.append(same[0])
            self._exclude("duplicate", np.ones(len(same) - 1, dtype=bool))
        return np.array(kept, dtype=np.int64)

    def distinct(self, same: Sequence[int]) -> list[int]:
        """The first row of each different content."""
        found: dict[int, int] = {}
        for at in same:
            found.setdefault(int(self.hashes[at]), at)
        return list(found.values())

    def contest(self, same: Sequence[int]) -> Contested:
        """The versions of one response that contradict each other."""
        first = self.distinct(same)
        texts = as_texts(self.hashes[first])
        numbers = [self.rows.numbers[int(self.places_of[at])] for at in first]
        return Contested(
            response_id=self.ids[same[0]],
            rows=len(same),
            versions=tuple(zip(texts, numbers, strict=True)),
        )

    def frame(self, chosen: Integers) -> pd.DataFrame:
        """Some of the responses as a canonical table."""
        places = self.places_of[chosen]
        numbers = np.asarray(self.rows.numbers, dtype=np.int64)[places]
        texts = {name: column.take(self.at[chosen]) for name, column in self.people.texts.items()}
        texts["state"] = self.rows.states.take(places)
        texts["source"] = Column.same(self.draft.sha256[:12], len(places))
        series: dict[str, pd.Series] = {
            "response_id": pd.Series(self._ids[chosen], dtype="str"),
            "date": pd.Series(self.people.days[self.at[chosen]].astype("datetime64[us]")),
            "seconds": self._seconds(places),
            "row_hash": pd.Series(as_texts(self.hashes[chosen]), dtype="str"),
            "source_row": pd.Series(numbers),
            **{name: _text_series(column) for name, column in texts.items()},
        }
        answers = {item.place.item.id: item for item in self.answers}
        for item in self.settings.catalogue.items:
            found = answers.get(item)
            series[item] = _no_codes(len(places)) if found is None else _codes(found, places)
        names = (*RESPONSE_COLUMNS.names(), *self.settings.catalogue.items)
        return pd.DataFrame({name: series[name] for name in names}, copy=False)

    def _seconds(self, places: Integers) -> pd.Series:
        spent = durations(self.draft)[places]
        known = ~np.isnan(spent)
        seconds = np.where(known, spent, 1).astype(np.int64)
        return pd.Series(pd.arrays.IntegerArray(seconds, ~known))

    def missing(self, chosen: Integers, hashed: bool = False) -> pd.DataFrame:
        """Why answers of some responses are missing, with the hash of the row if asked for."""
        order = np.full(len(self.rows), -1, dtype=np.int64)
        order[self.places_of[chosen]] = np.arange(len(chosen))
        rows, items, reasons = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)], []
        words: list[str] = []
        for number, item in enumerate(self.answers):
            asked, why = item.unanswered()
            wanted = order[asked] >= 0
            rows.append(order[asked[wanted]])
            items.append(np.full(len(rows[-1]), number))
            reasons.append(why.codes[wanted] + len(words))
            words += why.texts
        places = np.concatenate(rows)
        sort = np.argsort(places, kind="stable")
        at = chosen[places[sort]]
        names = Column([item.place.item.id for item in self.answers], np.concatenate(items)[sort])
        told = np.concatenate(reasons)[sort] if reasons else np.zeros(0, np.int64)
        listed = {
            "response_id": pd.Series(self._ids[at], dtype="str"),
            "item_id": _text_series(names),
            "reason": _text_series(Column(words, told)),
        }
        frame = pd.DataFrame({name: listed[name] for name in MISSING_COLUMNS}, copy=False)
        return frame.assign(row_hash=as_texts(self.hashes[at])) if hashed else frame


def response_ids(found: _Found) -> list[str]:
    """The pseudonym of every response, from its own number or from its content."""
    draft, settings, rows = found.draft, found.settings, found.rows
    places = found.places_of
    own = rows.first_filled(found.places.roles.get("response_id", ())).take(places)
    raw = own if own.all_filled() else rows.response_ids.take(places)
    if raw is not own and raw.mentions(_COUNTED):
        # with a clock time, two equal rows are one answer sent twice, not two people
        timed = rows.submitted.take(places)
        pairs = zip(raw, timed, strict=True)
        raw = Column.of([_without_copy(response, moment) for response, moment in pairs])
    prefix = f"{draft.platform}\x1f"
    unique = draft.platform in GLOBAL_IDS
    if unique and raw.all_filled() and not any(own.distinct()):
        return pseudonyms(settings.key, "response", list(raw), prefix)
    named = tuple(settings.constants.get(name, "") for name in ("town", "language"))
    scopes = found.people.joined(SCOPE, named).take(found.at)
    if raw.all_filled() and (raw is own or not unique):
        return pseudonyms(settings.key, "response", [*map(str.__add__, raw, scopes)], prefix)
    copies: Counter[str] = Counter()
    values = []
    for at, (given, response, scope) in enumerate(zip(own, raw, scopes, strict=True)):
        if response and unique and not given:
            values.append(response)
        elif given or response:
            values.append((given or response) + scope)
        else:
            # two people may give the same answers: without an id, equal rows are counted
            row = rows[int(places[at])]
            content = row_hash([row.submitted, list(row.cells)])
            copies[content] += 1
            values.append(f"{content}\x1f{copies[content]}{scope}")
    return pseudonyms(settings.key, "response", values, prefix)


def _without_copy(response: str, submitted: str) -> str:
    match = _COPY.match(response)
    return match[1] if match and ":" in submitted else response


def _text_series(column: Column) -> pd.Series:
    if len(column.texts) >= len(column):
        return pd.Series([text or None for text in column], dtype="str")
    # each text is looked at once
    texts = pd.array([text or None for text in column.texts], dtype="str")
    return pd.Series(texts.take(column.codes))


def _codes(answers: ItemAnswers, places: Integers) -> pd.Series:
    blank = answers.read == NO_CODE
    read = np.where(blank, 1, answers.read).astype(np.int16)
    own = answers.column.codes[places]
    return pd.Series(pd.arrays.IntegerArray(read[own], blank[own]))


def _no_codes(count: int) -> pd.Series:
    blank = np.ones(count, dtype=bool)
    return pd.Series(pd.arrays.IntegerArray(blank.astype(np.int16), blank))
