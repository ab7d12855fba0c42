"""Widths of table columns on paper, where nothing can be scrolled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

ZERO_WIDTH = "\u200b"
LONGEST_CELL = 46
SMALLEST = 0.72
SHORT = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """Usual widths in points: a character of text, of a bold word, and a cell's margins."""

    text: float
    word: float
    margins: float


def column_widths(
    texts: Sequence[Sequence[str]], total: float, face: Face
) -> tuple[tuple[float, ...], float]:
    """Widths of the columns, and how much smaller the letters must be.

    No word and no short cell is broken as long as the letters stay readable. What room is left
    goes to the columns with long texts, or else to the last where it holds text, or else to the
    first, so numbers stay close together.

    Parameters
    ----------
    texts
        Rows of cells; the first row is the header. A zero-width space allows a break.
    total
        Width of the table in points.
    face
        Widths of letters.
    """
    columns = [
        [cell.replace(ZERO_WIDTH, " ") for cell in column] for column in zip(*texts, strict=True)
    ]
    words = [
        max(len(word) for text in column for word in [*text.split(), ""]) for column in columns
    ]
    whole = [min(max(map(len, column)), LONGEST_CELL) for column in columns]
    short = [
        max([len(text) for text in column[1:] if len(text) <= SHORT] + [0]) for column in columns
    ]
    narrow = [
        face.margins + max(face.word * word, face.text * cell)
        for word, cell in zip(words, short, strict=True)
    ]
    wide = [
        max(face.margins + face.text * characters, least)
        for characters, least in zip(whole, narrow, strict=True)
    ]
    room, wished = total - sum(narrow), sum(wide) - sum(narrow)
    if room <= 0:
        shrunk = total / sum(narrow)
        return tuple(shrunk * width for width in narrow), max(SMALLEST, shrunk)
    if wished <= room:
        place = len(wide) - 1 if max(map(len, columns[-1][1:]), default=0) > SHORT else 0
        return tuple(w + (room - wished) * (i == place) for i, w in enumerate(wide)), 1.0
    return tuple(n + (w - n) * room / wished for n, w in zip(narrow, wide, strict=True)), 1.0
