"""A questionnaire ready to be written: every sentence filled in, in every language asked for.

The writers (XLSForm, PDF, Word, code book) take this record and decide nothing about content.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Words = Mapping[str, str]
"""Language to text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer of a list: the stored code and its words."""

    code: str
    label: Words
    image: str = ""
    missing: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One question.

    Parameters
    ----------
    kind
        ``scale`` (codes in a row with two named ends), ``choice`` (named answers), ``picture``,
        ``number``, ``thermometer`` (a number with named ends), ``text`` or ``code``.
    number
        Number on paper, from 1.
    answers
        For lists: all answers, missing codes last.
    marks
        For a thermometer: named points between the ends.
    lo, hi, missing
        For numbers: the declared range and the code for "don't know" (empty if there is none).
    relevant
        Condition in XPath; ``only_if`` says it in words.
    scales, reverse
        What the answer is scored into.
    source
        Id of the instrument, or empty for a question about the person.
    gate
        The only code with which the questionnaire goes on.
    licensed
        The words may be shown to respondents but not printed in lists and reports.
    """

    id: str
    kind: str
    number: int
    text: Words
    hint: Words = field(default_factory=dict)
    low: Words = field(default_factory=dict)
    high: Words = field(default_factory=dict)
    answers: tuple[Answer, ...] = ()
    marks: tuple[Answer, ...] = ()
    lo: int = 0
    hi: int = 0
    missing: str = ""
    dont_know: Words = field(default_factory=dict)
    relevant: str = ""
    only_if: Words = field(default_factory=dict)
    pattern: str = ""
    gate: str = ""
    source: str = ""
    scales: tuple[str, ...] = ()
    reverse: bool = False
    column: str = ""
    licensed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Questions under one heading, with what is said before them."""

    id: str
    title: Words
    intro: tuple[Words, ...]
    asks: tuple[Ask, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScaleRow:
    """One scale as the scoring sheet lists it."""

    instrument: str
    instrument_version: str
    instrument_sha256: str
    scale: str
    items: tuple[str, ...]
    reverse: tuple[str, ...]
    method: str
    min_valid: int
    direction: str
    lo: float
    hi: float
    parts: tuple[str, ...]
    status_label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One questionnaire for one wave, group and site, in all its languages.

    Parameters
    ----------
    status
        Language to the state of its least checked words.
    licensed
        Whether it holds wording from a user's overlay.
    sha256
        Hash over everything that decides what an answer means; a prefix is the form version.
    """

    form: str
    version: str
    wave: str
    arm: str
    site: str
    partnership: str
    languages: tuple[str, ...]
    title: Words
    towns: Words
    intro: Words
    consent: Words
    gates: tuple[Ask, ...]
    sections: tuple[Section, ...]
    scales: tuple[ScaleRow, ...]
    status: Words
    licensed: bool
    words: Mapping[str, Mapping[str, str]]
    sha256: str = ""

    def say(self, language: str, name: str, values: Mapping[str, object] | None = None) -> str:
        """Fixed words in one language."""
        return self.words[language][name].format(**(values or {}))

    def each(self, name: str, values: Mapping[str, object] | None = None) -> dict[str, str]:
        """Fixed words in every language of the questionnaire."""
        return {language: self.say(language, name, values) for language in self.languages}

    def drafts(self) -> tuple[str, ...]:
        """Languages whose wording nobody has checked yet."""
        return tuple(one for one in self.languages if self.status.get(one) == "draft")

    def asks(self) -> tuple[Ask, ...]:
        """Every question in the order of asking."""
        return (*self.gates, *(ask for section in self.sections for ask in section.asks))

    def marked_title(self, language: str) -> str:
        """Title with the draft mark, if there is something to mark."""
        drafts = self.drafts()
        mark = f" [draft: {', '.join(drafts)}]" if drafts else ""
        return f"{self.title[language]}{mark}"

    def name(self) -> str:
        """Stem of the file names: form, wave and, where it matters, the group."""
        return "-".join(part for part in (self.form, self.arm, self.wave) if part)
