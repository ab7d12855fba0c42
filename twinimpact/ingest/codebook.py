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
    """

    key: str
    text: Mapping[str, str]
    kind: Kind
    options: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    missing: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeBook:
    """All questions of one definition file, in order; ``platform`` wrote the file."""

    platform: str
    file: str
    questions: tuple[Question, ...]

    def question(self, key: str) -> Question | None:
        """The question with this key."""
        return next((question for question in self.questions if question.key == key), None)
