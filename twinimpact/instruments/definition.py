"""What was asked and how it is scored: items, scales, instruments.

The records are made by the strict loader; nothing here reads a file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from twinimpact.instruments.records import Record
from twinimpact.instruments.sources import About

ID_PATTERN = re.compile(r"^[a-z][a-z0-9_]{0,30}$")
KINDS = ("key", "own")
TIERS = ("green", "amber", "red", "own")
KEY_STATUSES = ("ship", "check", "none", "new")
TEXT_STATUSES = ("draft", "reviewed", "adjudicated", "pretested")
ITEM_KINDS = (
    "agreement", "frequency", "amount", "ability", "ends", "yes_no", "count", "picture",
)  # fmt: skip
METHODS = ("mean", "sum", "count", "value")
DIRECTIONS = ("better", "worse")
ROLES = ("primary", "secondary", "exploratory", "placebo", "descriptive")
SOURCE_LANGUAGE = "en"
LANGUAGE_FOLDER = re.compile(r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})?$")
"""Name of a folder that holds translations."""

_CONDITION = re.compile(r"^([a-z][a-z0-9_]{0,30})\s*(>=|<=|==|!=|>|<)\s*(-?[0-9]+)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One part of a ``relevant`` expression: an item compared with a whole number."""

    item: str
    operator: str
    value: int


def conditions(relevant: str) -> tuple[Condition, ...]:
    """The parts of an expression such as ``tw_contact_q1 > 0 and tw_contact_q1 < 5``.

    Raises
    ------
    ValueError
        If a part is not ``item operator whole-number``.
    """
    if not relevant:
        return ()
    parts = []
    for part in relevant.split(" and "):
        match = _CONDITION.match(part.strip())
        if match is None:
            raise ValueError(part.strip())
        parts.append(Condition(item=match[1], operator=match[2], value=int(match[3])))
    return tuple(parts)


def in_language(texts: Mapping[str, str], language: str) -> str:
    """The text in ``language``, else in its base language, else in English, else nothing."""
    for code in (language, language.split("-")[0], SOURCE_LANGUAGE):
        if texts.get(code):
            return texts[code]
    return ""


def usual_min_valid(k: int) -> int:
    """Answers needed to score a scale of ``k`` items, unless its file says otherwise."""
    return k if k <= 2 else (2 if k == 3 else -(-2 * k // 3))


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One question.

    Parameters
    ----------
    id
        Stable across languages, waves and form versions, e.g. ``tw_civic_r1``.
    kind
        Kind of answer, one of :data:`ITEM_KINDS`.
    lo, hi
        Declared range after recoding; never taken from the data.
    reverse
        A higher answer means less of what the scale measures.
    missing
        Codes that mean "no answer"; outside the range.
    recode
        Pairs of stored code and scored code; with a recode only listed codes are valid.
    relevant
        Condition under which the question is asked, e.g. ``tw_contact_q1 > 0``.
    not_above
        Item whose answer this one cannot exceed without contradiction.
    labels
        Short label per language for charts, at most 60 characters.
    text
        Question per language with placeholders such as ``{partner_town:in}``; empty for keys.
    low_label, high_label
        Words at the two ends of the range, per language.
    anchors
        Code to its words per language, where single codes are named.
    aliases
        Other names under which exports may carry the item.
    source_no
        Number or code of the item in the source of a scoring key.
    text_status
        State of the wording per language.
    printable
        Whether reports may show the wording; licensed wording needs permission for that.
    """

    id: str
    instrument: str
    kind: str
    lo: int
    hi: int
    reverse: bool = False
    missing: tuple[int, ...] = ()
    recode: tuple[tuple[int, int], ...] = ()
    relevant: str = ""
    not_above: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    text: Mapping[str, str] = field(default_factory=dict)
    low_label: Mapping[str, str] = field(default_factory=dict)
    high_label: Mapping[str, str] = field(default_factory=dict)
    anchors: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()
    source_no: str = ""
    text_status: Mapping[str, str] = field(default_factory=dict)
    printable: bool = True

    def label(self, language: str) -> str:
        """Short label for charts; English if there is none, the id if there is no text."""
        return in_language(self.labels, language) or self.id

    def wording(self, language: str) -> str:
        """The question as a report may show it: the label where there is no text, the id where
        the text may not be printed."""
        if not self.printable:
            return self.id
        return in_language(self.text, language) or self.label(language)

    def accepts(self, code: int) -> bool:
        """Whether ``code`` is a valid stored answer (a missing code is not)."""
        if self.recode:
            return any(code == stored for stored, _ in self.recode)
        return self.lo <= code <= self.hi

    def allowed(self) -> str:
        """The valid stored codes in short: ``0..10`` or ``1 or 2``."""
        if self.recode:
            return " or ".join(str(stored) for stored, _ in sorted(self.recode))
        return f"{self.lo}..{self.hi}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How items become one number.

    Parameters
    ----------
    title, short_title
        Plain words per language; the short one has at most 28 characters.
    reverse
        Items of this scale that are reversed before scoring.
    method
        ``mean``, ``sum``, ``count`` (share of "yes") or ``value`` (one number as it is).
    min_valid
        Answers needed; with fewer the score is missing.
    direction
        ``better`` or ``worse``: what a higher value means.
    formative
        The items make up the construct and need not hang together; no reliability.
    lo, hi
        Range of the raw score; 0 to 100 where the items have different ranges.
    unit
        ``points`` (0 to 100) or ``count`` (an open number).
    parts
        Scales whose means are averaged, all of which must be there; ``items`` then holds the
        items of all parts. Empty for a scale made of items.
    role
        Role the instrument's authors suggest; the evaluation decides.
    """

    id: str
    instrument: str
    title: Mapping[str, str]
    short_title: Mapping[str, str]
    items: tuple[str, ...]
    reverse: frozenset[str]
    method: str
    min_valid: int
    direction: str
    formative: bool
    lo: float
    hi: float
    unit: str
    role: str = "exploratory"
    parts: tuple[str, ...] = ()

    def label(self, language: str) -> str:
        """Title in ``language``; English if there is none, the id if there is no text."""
        return in_language(self.title, language) or self.id

    def short_label(self, language: str) -> str:
        """Title of at most 28 characters for charts."""
        return in_language(self.short_title, language) or self.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """One questionnaire part with its licence and its scoring.

    Parameters
    ----------
    kind
        ``own`` (own wording) or ``key`` (scoring facts of a published scale, no wording).
    status_label
        Printed with every table and figure, e.g. ``new, not validated``.
    licence
        Licence identifier (SPDX).
    tier
        Licence tier for whoever adds wording; green without a dated check counts as amber.
    records
        What is asked but not scored: open questions and facts.
    heading, instructions
        Title of the block and words before the items, per language.
    text_status
        State of each language's wording: that of its least checked text.
    about
        Citation, construct, caveats and published figures.
    licensed
        Languages whose wording comes from an overlay of the user.
    sha256
        Hash of everything that decides scores; wording is not in it.
    text_sha256
        Hash of the wording per language.
    """

    id: str
    kind: str
    version: str
    title: str
    status_label: str
    licence: str
    tier: str
    items: tuple[Item, ...]
    scales: tuple[Scale, ...]
    records: tuple[Record, ...] = ()
    heading: Mapping[str, str] = field(default_factory=dict)
    instructions: Mapping[str, str] = field(default_factory=dict)
    text_status: Mapping[str, str] = field(default_factory=dict)
    position: int = 1000
    sha256: str = ""
    text_sha256: Mapping[str, str] = field(default_factory=dict)
    key_status: str = "new"
    about: About = field(default_factory=About)
    licensed: tuple[str, ...] = ()

    def languages(self) -> tuple[str, ...]:
        """Languages in which every label is there, sorted."""
        return tuple(sorted(self.text_sha256))

    def askable(self, language: str) -> bool:
        """Whether every question has words in the language, so that a form can ask it."""
        texts = [item.text for item in self.items] + [record.text for record in self.records]
        return all(text.get(language) for text in texts)
