"""Problems with data and definition files, and the rules they break.

A check never stops at the first fault: it returns every :class:`Problem`.
The sentences live in :mod:`twinimpact.rules`, one translatable catalogue keyed by a stable code.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from twinimpact.language import Translator, translator
from twinimpact.rules import (
    calendars,
    evaluation,
    forms,
    instruments,
    mapping,
    questionnaires,
    reading,
    registers,
    surveys,
    values,
    weights,
)
from twinimpact.rules.rule import Rule, Severity

RULES: Mapping[str, Rule] = {
    **evaluation.RULES,
    **instruments.RULES,
    **reading.RULES,
    **forms.RULES,
    **surveys.RULES,
    **mapping.RULES,
    **values.RULES,
    **registers.RULES,
    **calendars.RULES,
    **questionnaires.RULES,
    **weights.RULES,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One fault in one place; ``row`` is the row number a spreadsheet program shows (1-based)."""

    code: str
    file: str = ""
    sheet: str = ""
    row: int | None = None
    column: str = ""
    got: str = ""
    expected: str = ""

    @property
    def severity(self) -> Severity:
        """``error``, ``warning`` or ``info``, from the rule."""
        return RULES[self.code].severity

    def what(self, translate: Translator | None = None) -> str:
        """The sentence that says what is wrong."""
        return (translate or translator("en")).text(RULES[self.code].what, self._fields())

    def hint(self, translate: Translator | None = None) -> str:
        """The sentence that says how to mend it."""
        return (translate or translator("en")).text(RULES[self.code].hint, self._fields())

    def place(self) -> str:
        """File, sheet, row and column in one short string."""
        parts = [
            self.file,
            self.sheet,
            f"row {self.row}" if self.row is not None else "",
            self.column,
        ]
        return ", ".join(part for part in parts if part)

    def to_dict(self, translate: Translator | None = None) -> dict[str, Any]:
        """All fields and both sentences, ready for a table or JSON."""
        return {
            "code": self.code,
            "severity": self.severity,
            "file": self.file,
            "sheet": self.sheet,
            "row": self.row,
            "column": self.column,
            "got": self.got,
            "expected": self.expected,
            "what": self.what(translate),
            "hint": self.hint(translate),
        }

    def _fields(self) -> dict[str, object]:
        return {
            "file": self.file,
            "sheet": self.sheet,
            "row": "" if self.row is None else self.row,
            "column": self.column,
            "got": self.got,
            "expected": self.expected,
        }

    def __str__(self) -> str:
        place = self.place()
        return f"{place}: {self.what()} {self.hint()}" if place else f"{self.what()} {self.hint()}"
