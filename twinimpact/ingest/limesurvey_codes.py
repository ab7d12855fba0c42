"""Answers of a LimeSurvey export in the codes of its questionnaire.

Codes, labels and the numbers of the export for R say the same thing in three ways. With a
code book they become one: labels and numbers are written as the codes of the questionnaire.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from twinimpact.ingest.codebook import CodeBook, Question
from twinimpact.ingest.limesurvey_headings import is_timing, meta_code, scale_number
from twinimpact.ingest.markup import without_markup
from twinimpact.ingest.shape import plain

# numbers in the exports for R and SPSS (and in exports that turn Y and N into numbers)
_NUMBERED: Mapping[frozenset[str], Mapping[str, str]] = {
    frozenset("FM"): {"1": "F", "2": "M"},
    frozenset("YUN"): {"1": "Y", "2": "N", "3": "U"},
    frozenset("ISD"): {"1": "I", "2": "S", "3": "D"},
}
_CUT = ".."
_MARKS = re.compile(r"[\W_]+")
_YES_NO = frozenset("YN")
_YES_NO_NUMBERS = {"1": "Y", "2": "N"}
_TICK_NUMBERS = {"1": "Y", "0": "N", "2": "N"}
NOT_SELECTED = "Not selected"


def places_of(
    names: Sequence[str], keys: Sequence[str], texts: Sequence[str], book: CodeBook
) -> dict[int, Question]:
    """Column position to the question of the code book.

    A column is known by its code, by another name of it, by its position where the code book
    counts positions, or by its wording if only one question has it.
    """
    if "#1" in book.fields:
        return _by_position(names, book)
    # old surveys may use a code twice; then the questions come in their order
    waiting: dict[str, list[Question]] = {}
    for question in book.questions:
        waiting.setdefault(question.key, []).append(question)
    folded = {plain(name): key for name, key in book.fields.items()}
    folded.update({plain(key): key for key in waiting})
    wordings = _wordings(book)
    found: dict[int, Question] = {}
    for place, name in enumerate(names):
        if meta_code(name):
            continue
        key = folded.get(plain(keys[place]), "") or folded.get(plain(name), "")
        if not key:
            key = _by_wording(texts[place], wordings)
        if waiting.get(key):
            found[place] = waiting[key].pop(0)
    return found


def _by_position(names: Sequence[str], book: CodeBook) -> dict[int, Question]:
    known = {question.key: question for question in book.questions}
    places = {place: book.fields.get(f"#{place + 1}", "") for place in range(len(names))}
    own = {place: code for place, name in enumerate(names) if (code := meta_code(name))}
    # the tool's own columns must stand where the code book says
    if any(meta_code(places[place]) != code for place, code in own.items()):
        return {}
    count = len([name for name in names if not is_timing(name)])
    surely = len(own) > 2 or not any(names)
    if count != len(book.questions) and not (surely and len(book.questions) <= len(names)):
        return {}
    return {place: known[key] for place, key in places.items() if key in known}


def _wordings(book: CodeBook) -> dict[str, str]:
    """Wordings that belong to one question alone."""
    found: dict[str, set[str]] = {}
    for question in book.questions:
        for text in question.text.values():
            found.setdefault(_folded(text), set()).add(question.key)
    return {text: next(iter(keys)) for text, keys in found.items() if text and len(keys) == 1}


def _by_wording(text: str, wordings: Mapping[str, str]) -> str:
    folded = _folded(text)
    if not folded or folded in wordings or _CUT not in text:
        return wordings.get(folded, "")
    # an abbreviated heading: every piece begins a piece of the wording
    pieces = [piece for part in text.split(_CUT) if (piece := _folded(part))]
    fitting = {
        key for wording, key in wordings.items() if wording.startswith(pieces[0])
        and all(piece in wording for piece in pieces)
    }  # fmt: skip
    return fitting.pop() if len(fitting) == 1 else ""


def _folded(text: str) -> str:
    """Letters and digits alone: exports write spaces, marks and tags in their own way."""
    return _MARKS.sub("", without_markup(scale_number(text)).casefold())


class Recoder:
    """Turns the cells of one column into the codes of its question."""

    def __init__(self, question: Question) -> None:
        self.question = question
        codes = set(question.options)
        self._known: dict[str, str] = {}
        labels: Counter[str] = Counter()
        for code, texts in question.options.items():
            for text in {plain(one) for one in texts.values()}:
                labels[text] += 1
                self._known[text] = code
        # a wording of two options names neither
        self._known = {text: code for text, code in self._known.items() if labels[text] == 1}
        self._known.update({plain(code): code for code in codes})
        if codes == _YES_NO:
            is_tick = question.kind == "multi"
            self._known.update(_TICK_NUMBERS if is_tick else _YES_NO_NUMBERS)
            self._known[plain(NOT_SELECTED)] = "N"
        self._known.update(_NUMBERED.get(frozenset(codes), {}))

    def code(self, cell: str) -> str:
        """The code of a cell; one that is no option stays as it is."""
        if not cell or cell in self.question.options:
            return cell
        return self._known.get(plain(cell), cell)

    def is_unknown(self, cell: str) -> bool:
        """Whether a cell is no option of the question."""
        return bool(cell) and cell not in self.question.options and plain(cell) not in self._known
