"""Whether a respondent, and for minors a guardian, has consented: asked before anything is kept."""

from __future__ import annotations

import numpy as np

from twinimpact.ingest.cells import Flags
from twinimpact.ingest.columns import Places
from twinimpact.ingest.draft import Draft
from twinimpact.ingest.kinds import kind_of
from twinimpact.ingest.mapping import ColumnMapping
from twinimpact.ingest.packed import Integers
from twinimpact.ingest.records import DraftRows
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

    def given(self) -> Flags:
        """For each row whether consent is given; a column declared but absent lets nobody in."""
        rows = self.draft.by_column()
        if self.rule.waived:
            return np.ones(len(rows), dtype=bool)
        if "consent" not in self.places.roles:
            return np.full(len(rows), not self.rule.column)
        return self._agreed(rows, "consent", self.rule.yes)

    def covered(self, places: Integers, young: Flags) -> Flags:
        """For some rows whether a young respondent's guardian consented, where that is asked."""
        if self.rule.guardian_waived or not young.any():
            return np.ones(len(places), dtype=bool)
        if not self.rule.guardian:
            self.minors += int(young.sum())
            return np.ones(len(places), dtype=bool)
        agreed = self._agreed(self.draft.by_column(), "guardian", self.rule.guardian_yes)
        return ~young | agreed[places]

    def _agreed(self, rows: DraftRows, role: str, yes: tuple[str, ...]) -> Flags:
        places = [place for place in self.places.roles.get(role, ()) if place >= 0]
        asked = self.draft.asked(places[0]) if places else None

        def agrees(text: str) -> bool:
            wording = asked.wording(text) if asked else text
            if yes:
                return bool({fold_label(text), fold_label(wording)} & set(yes))
            return option("flag", wording) == "yes"

        return rows.first_filled(places).test(agrees)


def free_text(draft: Draft, places: Places) -> tuple[str, ...]:
    """Names of columns in which people wrote in their own words; none of them is stored."""
    used = {place for found in places.roles.values() for place in found}
    used |= {place for item in places.items for place in item.positions}
    names = []
    for column in draft.columns:
        if column.role != "question" or column.position in used:
            continue
        cells = draft.cells(column.position).stripped()
        if not any(len(one.split()) >= WORDS for one in cells.distinct()):
            continue
        if kind_of([cell for cell in cells if cell]) == "text":
            names.append(" ".join(column.name.split()))
    return tuple(names)
