"""Answers read column by column: every different cell of a column is read once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from twinimpact.ingest.answers import read_answer
from twinimpact.ingest.cells import Column, Flags
from twinimpact.ingest.columns import ItemPlace
from twinimpact.ingest.draft import Draft
from twinimpact.ingest.records import DraftRows

Integers = npt.NDArray[np.int64]
FAULTS = ("out_of_range", "unreadable")
NO_CODE = -(2**31)
"""Stands for no answer; far outside what a column of answers can hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A cell that holds no answer: its row, item and text, and what is wrong with it."""

    row: int
    place: ItemPlace
    text: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemAnswers:
    """The answers to one item: ``read`` holds the code of each text of ``column``.

    ``reasons`` says why a text is no answer; ``given`` what the tool says of blank cells, by row.
    """

    place: ItemPlace
    column: Column
    read: Integers
    reasons: Mapping[int, str]
    given: Mapping[int, str]

    def codes(self) -> Integers:
        """The code of each row, :data:`NO_CODE` where there is no answer."""
        return self.read[self.column.codes]

    def answered(self) -> Flags:
        """For each row whether there is an answer."""
        told: Flags = (self.read != NO_CODE)[self.column.codes]
        return told

    def unanswered(self) -> tuple[Integers, Column]:
        """Rows without an answer for which there is a reason, rising, and the reasons."""
        told = np.zeros(len(self.column.texts), dtype=bool)
        told[list(self.reasons)] = True
        rows = np.flatnonzero(told[self.column.codes])
        known = list(dict.fromkeys([*self.reasons.values(), *self.given.values()]))
        number = np.zeros(len(self.column.texts), dtype=np.int64)
        for at, reason in self.reasons.items():
            number[at] = known.index(reason)
        numbers = number[self.column.codes[rows]]
        if self.given:
            further = np.fromiter(self.given, dtype=np.int64, count=len(self.given))
            reasons = [known.index(reason) for reason in self.given.values()]
            rows, numbers = np.append(rows, further), np.append(numbers, reasons)
            order = np.argsort(rows, kind="stable")
            rows, numbers = rows[order], numbers[order]
        return rows, Column(known or ("",), numbers)

    def faults(self) -> Iterator[Fault]:
        """Cells that are no answer and do not say why."""
        wrong = [at for at, reason in self.reasons.items() if reason in FAULTS]
        if not wrong:
            return
        told = np.zeros(len(self.column.texts), dtype=bool)
        told[wrong] = True
        for row in np.flatnonzero(told[self.column.codes]).tolist():
            at = int(self.column.codes[row])
            text, reason = self.column.texts[at], self.reasons[at]
            yield Fault(row=row, place=self.place, text=text, reason=reason)


def answers_of(draft: Draft, items: Sequence[ItemPlace]) -> tuple[ItemAnswers, ...]:
    """The answers of one draft to all items, in their order."""
    rows = draft.by_column()
    return tuple(_answers(rows, place) for place in items)


def _answers(rows: DraftRows, place: ItemPlace) -> ItemAnswers:
    column = rows.first_filled([position for position in place.positions if position >= 0])
    read = np.full(len(column.texts), NO_CODE, dtype=np.int64)
    reasons: dict[int, str] = {}
    for at in column.used().tolist():
        text = column.texts[at]
        if not text:
            continue
        code, reason = read_answer(text, place.item, place.words)
        if code is None:
            reasons[at] = reason
        else:
            read[at] = code
    given = {}
    for row, why in rows.reasons.items():
        told = next((why[position] for position in place.positions if position in why), "")
        # a blank cell is no reason
        if told and told != "blank" and not column[row]:
            given[row] = told
    return ItemAnswers(place=place, column=column, read=read, reasons=reasons, given=given)
