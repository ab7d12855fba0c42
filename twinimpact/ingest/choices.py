"""Several answers in one cell: which separator the tool used, and the pieces.

Options contain commas themselves, so a comma only separates outside brackets, and only
where the pieces come back in other cells.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

SEPARATORS = (";", ", ")


def separator_of(cells: Sequence[str], separators: Sequence[str] = SEPARATORS) -> str:
    """Separator of a multiple-choice column: ``;``, ``, `` or ``""`` (one answer per cell).

    ``separators`` are those the survey tool uses at all.
    """
    filled = [cell for cell in cells if cell]
    for separator in separators:
        several = [pieces for cell in filled if len(pieces := split(cell, separator)) > 1]
        # one wording alone is an option that holds the separator itself
        if len(set(several)) < 2:
            continue
        seen = Counter(piece for cell in filled for piece in set(split(cell, separator)))
        known = sum(1 for pieces in several if all(seen[piece] > 1 for piece in pieces))
        if known >= 0.5 * len(several):
            return separator
    return ""


def separator_of_form(columns: Iterable[Sequence[str]]) -> str:
    """The one separator a form uses in all its multiple-choice columns."""
    votes = Counter(separator_of(cells) for cells in columns)
    votes.pop("", None)
    return votes.most_common(1)[0][0] if votes else ""


def split(cell: str, separator: str) -> tuple[str, ...]:
    """Pieces of one cell; a separator inside brackets does not split.

    >>> split("SSH, batch system (SLURM, PBS)", ", ")
    ('SSH', 'batch system (SLURM, PBS)')
    """
    if not separator:
        return (cell.strip(),) if cell.strip() else ()
    pieces: list[str] = []
    for piece in cell.split(separator):
        if pieces and pieces[-1].count("(") > pieces[-1].count(")"):
            pieces[-1] += separator + piece
        else:
            pieces.append(piece)
    return tuple(piece.strip() for piece in pieces if piece.strip())
