"""What a definition file says about the questions of an export.

A questionnaire file, a data dictionary or the syntax beside an export is no answer file,
but it tells what the columns of one mean: their questions, options and missing codes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["single", "multi", "number", "text", "date", "note"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingSpan:
    """Numbers from ``low`` to ``high``, both included, that stand for one missing reason."""

    low: float
    high: float
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerSet:
    """Columns that together hold one question with several answers.

    ``kind`` is ``dichotomy`` (one column per option, ticked where it holds ``counted``) or
    ``category`` (each column holds one of the chosen options).
    """

    key: str
    label: str
    kind: str
    counted: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question, or one row of a grid.

    Parameters
    ----------
    key
        Code of the question as the export's columns carry it.
    text
        Language to wording; ``""`` is the language of a file that does not say.
    kind
        What kind of answer it takes.
    options
        Code to wordings by language, in the order of the questionnaire.
    missing
        Code to reason (``dont_know``, ``refused``, ``not_applicable``, ...).
    spans
        Ranges of numbers that mean a missing answer.
    level
        ``nominal``, ``ordinal`` or ``scale`` where the file says so.
    aliases
        Other names that exports give the same column; no two questions share one.
    """

    key: str
    text: Mapping[str, str]
    kind: Kind
    options: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    missing: Mapping[str, str] = field(default_factory=dict)
    spans: tuple[MissingSpan, ...] = ()
    level: str = ""
    aliases: tuple[str, ...] = ()

    def wording(self, code: str) -> str:
        """What an option's code stands for, in any language; the code if nobody says."""
        return next(filter(None, self.options.get(code, {}).values()), code)

    def reason(self, code: str) -> str:
        """Why ``code`` is no answer, ``""`` if it is one."""
        if code in self.missing or not self.spans:
            return self.missing.get(code, "")
        try:
            number = float(code)
        except ValueError:
            return ""
        return next((s.reason for s in self.spans if s.low <= number <= s.high), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeBook:
    """All questions of one definition file, in order; ``platform`` wrote the file.

    ``fields`` maps other names of a column (of the data base, or ``#10`` for the tenth) to the
    key of its question. ``comma_languages`` write numbers with a decimal comma.
    """

    platform: str
    file: str
    questions: tuple[Question, ...]
    sets: tuple[AnswerSet, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)
    comma_languages: tuple[str, ...] = ()

    def question(self, key: str) -> Question | None:
        """The question with this key, else the one an export calls so."""
        for known in (lambda one: one.key == key, lambda one: key in one.aliases):
            if found := next(filter(known, self.questions), None):
                return found
        return None
