"""What kind of answer each column of a draft takes, told from the answers alone.

An option is listed only if at least two people chose it and nearly all answers repeat: what
one person wrote is never shown.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from twinimpact.ingest.choices import SEPARATORS, separator_of, split
from twinimpact.ingest.draft import Draft, DraftColumn

KINDS = ("single", "multi", "grid", "number", "date", "text", "empty")
MAX_OPTIONS = 60
REPEATED = 0.8
"""Share of the answers that must be given more than once for a question to be closed."""
MAX_CODES = 11
"""More different whole numbers than this are a quantity, not the points of a scale."""

_SEPARATORS: Mapping[str, tuple[str, ...]] = {"surveymonkey": (), "qualtrics": (";",)}
"""Tools that never put several answers into one cell, or only with a mark of their own."""
_TICKS = frozenset(
    """1|0|yes|no|y|n|true|false|x|checked|unchecked|selected|not selected|quoted|not quoted
    |ja|nein|oui|non|ano|ne|tak|nie|igen|nem|sì|si|sí""".replace("\n    ", "").split("|")
)
_NUMBER = re.compile(r"^[+-]?\d+(?:[.,]\d+)?$")
_LEADING = re.compile(r"^[+-]?\d+(?:[.,]\d+)?(?!\S)")
_DATE = re.compile(
    r"^(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[./-]\s?\d{1,2}[./-]\s?(?:\d{4}|\d{2}))"
    r"(?:[T ,]+\d{1,2}:\d{2}.*)?$"
)
_STEMS = (
    re.compile(r"^(?P<stem>.+?)\s*\[(?P<row>[^\[\]]+)\]\s*$", re.DOTALL),
    re.compile(r"^(?P<stem>\w+)___(?P<row>\w+)$"),
    re.compile(r"^(?P<stem>.+?)\s*\(choice=(?P<row>.+)\)\s*$", re.DOTALL),
    re.compile(r"^(?P<stem>.+\S) [-–] (?P<row>.+)$", re.DOTALL),
    re.compile(r"^(?P<stem>.+)/(?P<row>[^/]+)$"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionSeen:
    """One question column and what its answers show.

    ``group`` is the wording that columns of one grid or tick list share; ``options`` are
    empty for open questions.
    """

    position: int
    key: str
    name: str
    text: str
    kind: str
    group: str = ""
    n_answered: int = 0
    options: tuple[str, ...] = ()


def questions_of(draft: Draft) -> tuple[QuestionSeen, ...]:
    """All question columns of a draft with their kind; personal columns are not looked at."""
    columns = [column for column in draft.columns if column.role == "question"]
    cells = {
        column.position: [
            cell for row in draft.rows if (cell := row.cells[column.position].strip())
        ]
        for column in columns
    }
    groups = _groups(columns)
    by_place = {column.position: column for column in columns}
    marks = _SEPARATORS.get(draft.platform, SEPARATORS)
    kinds = {place: kind_of(answers, marks) for place, answers in cells.items()}
    for stem in dict.fromkeys(groups.values()):
        members = [place for place, other in groups.items() if other == stem]
        # beside the boxes or rows may stand a column for words of one's own
        closed = [p for p in members if _is_closed(cells[p], kinds[p])]
        if shared := _shared_kind([cells[place] for place in closed]):
            kinds.update(dict.fromkeys(closed, shared))
        else:
            told = {place for place in members if by_place[place].group}
            groups = {p: other for p, other in groups.items() if other != stem or p in told}
    return tuple(
        QuestionSeen(
            position=column.position,
            key=column.key,
            name=column.name,
            text=column.question,
            kind=kinds[column.position],
            group=groups.get(column.position, ""),
            n_answered=len(cells[column.position]),
            options=options_of(cells[column.position], kinds[column.position], marks),
        )
        for column in columns
    )


def kind_of(answers: Sequence[str], marks: Sequence[str] = SEPARATORS) -> str:
    """The kind of one column of its own; ``answers`` are the cells that are not blank.

    ``marks`` separate several answers in one cell.
    """
    if not answers:
        return "empty"
    if all(_DATE.match(one) for one in answers):
        return "date"
    if all(_NUMBER.match(one) for one in answers):
        whole = all(float(one.replace(",", ".")).is_integer() for one in answers)
        few = len(set(answers)) <= MAX_CODES and _repeats(answers)
        return "single" if whole and few else "number"
    if separator_of(answers, marks):
        return "multi"
    return "single" if _repeats(answers) else "text"


def options_of(
    answers: Sequence[str], kind: str, marks: Sequence[str] = SEPARATORS
) -> tuple[str, ...]:
    """The answers of a closed question that at least two people gave, in a stable order."""
    if kind not in ("single", "multi", "grid"):
        return ()
    separator = separator_of(answers, marks) if kind == "multi" else ""
    pieces = Counter(piece for cell in answers for piece in set(split(cell, separator)))
    seen = [piece for piece, count in pieces.items() if count > 1]
    return tuple(sorted(seen, key=_order))[:MAX_OPTIONS]


def _order(option: str) -> tuple[int, float, str]:
    number = _LEADING.match(option)
    return (0, float(number[0].replace(",", ".")), option) if number else (1, 0.0, option)


def _repeats(answers: Sequence[str]) -> bool:
    counts = Counter(answers)
    repeated = sum(count for count in counts.values() if count > 1)
    return len(counts) <= MAX_OPTIONS and repeated >= REPEATED * len(answers)


def _groups(columns: Sequence[DraftColumn]) -> dict[int, str]:
    """Position to the stem a column shares with others, by the first pattern that fits."""
    found = {column.position: column.group for column in columns if column.group}
    for pattern in _STEMS:
        stems: dict[int, str] = {}
        for column in columns:
            texts = (column.key, column.question, column.name)
            match = next((m for text in texts if (m := pattern.match(text))), None)
            if match and column.position not in found:
                stems[column.position] = " ".join(match["stem"].split())
        often = Counter(stems.values())
        found.update({place: stem for place, stem in stems.items() if often[stem] > 1})
    return found


def _is_closed(answers: Sequence[str], kind: str) -> bool:
    return kind in ("single", "multi", "number") or (bool(answers) and _ticks(answers))


def _ticks(answers: Iterable[str]) -> bool:
    return {one.casefold() for one in answers} <= _TICKS


def _shared_kind(answers: Sequence[Sequence[str]]) -> str:
    """``multi`` for tick lists, ``grid`` for rows with the same options, else nothing."""
    filled = [set(cells) for cells in answers]
    if len(filled) < 2:
        return ""
    ticks = all(_ticks(values) for values in filled)
    own_label = all(len(values) == 1 for values in filled)
    if ticks or (own_label and len({tuple(values) for values in filled}) > 1):
        return "multi"
    common = set.intersection(*filled)
    widest = max(len(values) for values in filled)
    few = widest <= MAX_OPTIONS and all(_repeats(cells) for cells in answers)
    return "grid" if few and len(common) >= 0.3 * widest else ""
