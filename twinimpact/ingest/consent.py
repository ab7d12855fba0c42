"""Whether a respondent, and for minors a guardian, has consented: asked before anything is kept."""

from __future__ import annotations

from twinimpact.ingest.columns import Places
from twinimpact.ingest.draft import Draft, DraftRow
from twinimpact.ingest.kinds import kind_of
from twinimpact.ingest.mapping import ColumnMapping
from twinimpact.ingest.persons import Person, PersonReader
from twinimpact.ingest.synonyms import option
from twinimpact.ingest.values import fold_label
from twinimpact.problems import Problem

SHOWN = 12
WORDS = 3
"""From so many words in one cell on, a column without fixed answers is free text."""


class ConsentReader:
    """Consent of one file's rows; ``minors`` counts young people nobody was asked about."""

    def __init__(self, draft: Draft, mapping: ColumnMapping, places: Places) -> None:
        self.draft = draft
        self.rule = mapping.consent
        self.places = places
        self.minors = 0

    def problems(self) -> tuple[Problem, ...]:
        """What is not declared, once per file: after all rows have been asked."""
        found = []
        if not self.rule.waived and "consent" not in self.places.roles:
            found.append(("responses_consent_undeclared", ""))
        if self.minors:
            found.append(("responses_minors", str(self.minors)))
        texts = free_text(self.draft, self.places)
        if texts:
            more = ", …" if len(texts) > SHOWN else ""
            found.append(("responses_free_text", ", ".join(texts[:SHOWN]) + more))
        return tuple(
            Problem(code=code, file=self.draft.file, sheet=self.draft.sheet, got=got)
            for code, got in found
        )

    def given(self, row: DraftRow) -> bool:
        """Whether the respondent consented; a column declared but absent lets nobody in."""
        if self.rule.waived:
            return True
        if "consent" not in self.places.roles:
            return not self.rule.column
        return self._agreed(row, "consent", self.rule.yes)

    def covers(self, row: DraftRow, person: Person, persons: PersonReader) -> bool:
        """Whether a young respondent's guardian consented, where that is asked."""
        if self.rule.guardian_waived or not persons.too_young(row, person):
            return True
        if not self.rule.guardian:
            self.minors += 1
            return True
        return self._agreed(row, "guardian", self.rule.guardian_yes)

    def _agreed(self, row: DraftRow, role: str, yes: tuple[str, ...]) -> bool:
        places = [place for place in self.places.roles.get(role, ()) if place >= 0]
        text = next((cell for place in places if (cell := row.cells[place].strip())), "")
        asked = self.draft.asked(places[0]) if places else None
        wording = asked.wording(text) if asked else text
        if yes:
            return bool({fold_label(text), fold_label(wording)} & set(yes))
        return option("flag", wording) == "yes"


def free_text(draft: Draft, places: Places) -> tuple[str, ...]:
    """Names of columns in which people wrote in their own words; none of them is stored."""
    used = {place for found in places.roles.values() for place in found}
    used |= {place for item in places.items for place in item.positions}
    names = []
    for column in draft.columns:
        if column.role != "question" or column.position in used:
            continue
        answers = [cell for row in draft.rows if (cell := row.cells[column.position].strip())]
        if kind_of(answers) == "text" and any(len(one.split()) >= WORDS for one in answers):
            names.append(" ".join(column.name.split()))
    return tuple(names)
