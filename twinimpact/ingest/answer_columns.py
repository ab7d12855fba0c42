"""Answers read column by column: every different cell of a column is read once."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from twinimpact.ingest.answers import read_answer
from twinimpact.ingest.columns import ItemPlace
from twinimpact.ingest.draft import Draft

Integers = npt.NDArray[np.int64]
NO_CODE = -(2**31)
"""Stands for no answer; far outside what a column of answers can hold."""


class AnswerColumns:
    """The answers of one draft to all items, by row.

    A row is named by its place among the rows of the draft.
    """

    def __init__(self, draft: Draft, items: Sequence[ItemPlace]) -> None:
        self.codes: dict[str, Integers] = {}
        self._written: dict[str, list[str]] = {}
        self._odd: dict[int, list[tuple[ItemPlace, str, str]]] = {}
        explained = [place for place, row in enumerate(draft.rows) if row.reasons]
        for place in items:
            cells = _cells(draft, place.positions)
            found, reasons = _read_all(cells, place)
            name = place.item.id
            self.codes[name] = np.fromiter(
                map(found.__getitem__, cells), dtype=np.int64, count=len(cells)
            )
            texts = {c: "" if code == NO_CODE else f'"{name}": {code}' for c, code in found.items()}
            self._written[name] = list(map(texts.__getitem__, cells))
            without = np.flatnonzero(self.codes[name] == NO_CODE).tolist() if reasons else ()
            for row in without:
                if (cell := cells[row]) in reasons:
                    self._odd.setdefault(row, []).append((place, cell.strip(), reasons[cell]))
            for row in explained:
                if not cells[row].strip() and (why := _given(draft, row, place.positions)):
                    self._odd.setdefault(row, []).append((place, "", why))
        self._rows = len(draft.rows)

    def written(self) -> Iterator[tuple[str, ...]]:
        """For every row, each answer as JSON writes it in an object, by item id.

        An item without an answer is ``""``.
        """
        columns = [self._written[name] for name in sorted(self._written)]
        return zip(*columns, strict=True) if columns else itertools.repeat((), self._rows)

    def odd(self, row: int) -> Sequence[tuple[ItemPlace, str, str]]:
        """Items without an answer, the text that is no answer (or ``""``) and the reason."""
        return self._odd.get(row, ())


def _cells(draft: Draft, positions: Sequence[int]) -> list[str]:
    """The first filled cell of every row."""
    places = [place for place in positions if place >= 0]
    if not places:
        return [""] * len(draft.rows)
    first = places[0]
    cells = [row.cells[first] for row in draft.rows]
    for other in places[1:]:
        cells = [
            cell if cell.strip() else row.cells[other]
            for cell, row in zip(cells, draft.rows, strict=True)
        ]
    return cells


def _read_all(cells: Sequence[str], place: ItemPlace) -> tuple[dict[str, int], dict[str, str]]:
    codes: dict[str, int] = {}
    reasons: dict[str, str] = {}
    for cell in set(cells):
        text = cell.strip()
        code, reason = read_answer(text, place.item, place.words) if text else (None, "")
        codes[cell] = NO_CODE if code is None else code
        if text and code is None:
            reasons[cell] = reason
    return codes, reasons


def _given(draft: Draft, row: int, positions: Sequence[int]) -> str:
    """Why the tool says there is no answer; a blank cell is no reason."""
    reasons = draft.rows[row].reasons
    given = [reasons[place] for place in positions if place in reasons]
    return given[0] if given and given[0] != "blank" else ""
