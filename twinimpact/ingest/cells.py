"""Text cells by column: every different text once, and for each row the place of its text.

Exports repeat the same few answers, so whatever is decided from a text alone is decided once
and then taken for all rows. Rows are made only where somebody looks at one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import overload

import numpy as np
import numpy.typing as npt

from twinimpact.ingest.packed import Integers, Packed

Rows = Sequence[tuple[str, ...]]
Flags = npt.NDArray[np.bool_]
_BLOCK = 2_048
_SMALL = 250_000
"""Up to so many cells the rows of a table are kept once they are made."""


class Column(Sequence[str]):
    """One column of cells.

    ``texts`` holds every text that occurs, and maybe others; ``codes`` says for each row which
    of them is its cell. A text may stand in ``texts`` more than once.
    """

    __slots__ = ("_used", "codes", "texts")

    def __init__(self, texts: Sequence[str], codes: Integers) -> None:
        self.texts = texts
        self.codes = codes
        self._used: Integers | None = None

    @classmethod
    def of(cls, cells: Iterable[str]) -> Column:
        """The column of some cells."""
        if isinstance(cells, Column):
            return cells
        known: dict[str, int] = {}
        codes = [known.setdefault(cell, len(known)) for cell in cells]
        return cls(tuple(known), np.array(codes, dtype=np.min_scalar_type(max(len(known) - 1, 0))))

    @classmethod
    def same(cls, text: str, length: int) -> Column:
        """A column that holds one text in every row."""
        return cls((text,), np.zeros(length, dtype=np.uint8))

    def __len__(self) -> int:
        return len(self.codes)

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> Column: ...
    def __getitem__(self, place: int | slice) -> str | Column:
        if isinstance(place, slice):
            return Column(self.texts, self.codes[place])
        return self.texts[int(self.codes[place])]

    def __iter__(self) -> Iterator[str]:
        texts = self.texts
        if isinstance(texts, Packed):
            if len(self.codes) * 2 < len(texts):
                return texts.some(self.codes.astype(np.int64))
            texts = list(texts)
        return map(texts.__getitem__, self.codes.tolist())

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence) or isinstance(other, str):
            return NotImplemented
        return len(self) == len(other) and all(map(str.__eq__, self, other))

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Column({list(self[:8])!r}{', …' if len(self) > 8 else ''})"

    def used(self) -> Integers:
        """Places of the texts that occur in some row, rising."""
        if self._used is None:
            found = np.zeros(len(self.texts), dtype=bool)
            found[self.codes] = True
            self._used = np.flatnonzero(found)
        return self._used

    def distinct(self) -> Sequence[str]:
        """The texts that occur; one may come more than once if there are very many."""
        used = self.used()
        if len(used) == len(self.texts):
            return self.texts
        return self._at(used)

    def test(self, holds: Callable[[str], object]) -> Flags:
        """For each row whether something holds of its text."""
        told = np.zeros(len(self.texts), dtype=bool)
        used = self.used()
        told[used] = [bool(holds(text)) for text in self._at(used)]
        return told[self.codes]

    def filled(self) -> Flags:
        """For each row whether its cell is not empty."""
        if isinstance(self.texts, Packed):
            return (np.diff(self.texts.bounds) > 0)[self.codes]
        return np.fromiter(map(bool, self.texts), dtype=bool, count=len(self.texts))[self.codes]

    def mentions(self, sign: str) -> bool:
        """Whether some text may hold a sign."""
        if isinstance(self.texts, Packed):
            return sign.encode() in self.texts.data
        return any(sign in text for text in self.texts)

    def all_filled(self) -> bool:
        """Whether no cell is empty."""
        if isinstance(self.texts, Packed):
            return bool(self.filled().all())
        return all(self.distinct())

    def map(self, change: Callable[[str], str]) -> Column:
        """The column with every text changed; itself where nothing changes."""
        used = self.used()
        before = self._at(used)
        after = [change(text) for text in before]
        if all(map(str.__eq__, before, after)):
            return self
        known: dict[str, int] = {}
        places = [known.setdefault(text, len(known)) for text in after]
        moved = np.zeros(len(self.texts), dtype=np.min_scalar_type(max(len(known) - 1, 0)))
        moved[used] = places
        return Column(tuple(known), moved[self.codes])

    def stripped(self) -> Column:
        """The column without outer blanks."""
        column = self.compact()
        if isinstance(column.texts, Packed) and column.texts.is_stripped():
            return column
        return column.map(str.strip)

    def compact(self) -> Column:
        """The same cells; of many texts only those that occur are kept."""
        if not isinstance(self.texts, Packed):
            return self
        used = self.used()
        if len(used) == len(self.texts) or not len(used):
            return self
        moved = np.zeros(len(self.texts), dtype=np.uint32)
        moved[used] = np.arange(len(used), dtype=np.uint32)
        return Column(self.texts.take(used), moved[self.codes])

    def filled_by(self, other: Column) -> Column:
        """The cells of this column, and those of another one where they are empty."""
        own = self.filled()
        if own.all():
            return self
        if not own.any():
            return other
        codes = np.where(own, self.codes, other.codes.astype(np.int64) + len(self.texts))
        parts = (self.texts, other.texts)
        many = any(isinstance(part, Packed) for part in parts)
        return Column(Packed.of(*parts) if many else [*self.texts, *other.texts], codes)

    def with_text(self, text: str, rows: Flags) -> Column:
        """The column with one text in some of its rows."""
        if not rows.any():
            return self
        texts = Packed.of((text,), self.texts) if isinstance(self.texts, Packed) else None
        listed = texts or (text, *self.texts)
        return Column(listed, np.where(rows, 0, self.codes.astype(np.int64) + 1))

    def take(self, places: Integers) -> Column:
        """The cells of some rows."""
        return Column(self.texts, self.codes[places])

    def _at(self, used: Integers) -> list[str]:
        if len(used) == len(self.texts):
            return list(self.texts)
        if isinstance(self.texts, Packed):
            return list(self.texts.some(used))
        return [self.texts[place] for place in used.tolist()]


class Deferred(Column):
    """A column that is made only if somebody looks at it; its length is known."""

    __slots__ = ("_found", "_length", "_make")

    def __init__(self, make: Callable[[], Iterable[str]], length: int) -> None:
        self._make = make
        self._length = length
        self._found: Column | None = None
        self._used = None

    def __len__(self) -> int:
        return self._length

    def _column(self) -> Column:
        if self._found is None:
            self._found = Column.of(self._make())
        return self._found

    @property
    def texts(self) -> Sequence[str]:  # type: ignore[override]
        """As in every column."""
        return self._column().texts

    @property
    def codes(self) -> Integers:  # type: ignore[override]
        """As in every column."""
        return self._column().codes


class Grid(Sequence[tuple[str, ...]]):
    """Rows of one width, kept as columns; a row is made when somebody looks at it."""

    __slots__ = ("_parts", "_rows", "columns", "height")

    def __init__(self, columns: Sequence[Column], height: int | None = None) -> None:
        self._rows: list[tuple[str, ...]] | None = None
        self._parts: dict[range, Grid] = {}
        self.columns = tuple(columns)
        self.height = height if height is not None else len(columns[0]) if columns else 0

    @classmethod
    def of(cls, rows: Iterable[tuple[str, ...]], width: int = 0) -> Grid:
        """The columns of some rows of one width, which has to be said where there may be none."""
        if isinstance(rows, Grid):
            return rows
        listed = rows if isinstance(rows, Sequence) else list(rows)
        if not listed:
            return cls([Column.of(()) for _ in range(width)], 0)
        return cls([Column.of(cells) for cells in zip(*listed, strict=True)], len(listed))

    def __len__(self) -> int:
        return self.height

    @overload
    def __getitem__(self, place: int) -> tuple[str, ...]: ...
    @overload
    def __getitem__(self, place: slice) -> Grid: ...
    def __getitem__(self, place: int | slice) -> tuple[str, ...] | Grid:
        if isinstance(place, slice):
            wanted = range(*place.indices(self.height))
            if wanted not in self._parts:
                # the same first rows are asked for once for every column
                columns = [column[place] for column in self.columns]
                self._parts[wanted] = Grid(columns, len(wanted))
            return self._parts[wanted]
        if self._is_small():
            return self._all()[place]
        if not -self.height <= place < self.height:
            raise IndexError(place)
        return tuple(column[place] for column in self.columns)

    def __iter__(self) -> Iterator[tuple[str, ...]]:
        if self._is_small():
            yield from self._all()
            return
        for start in range(0, self.height, _BLOCK):
            end = start + _BLOCK
            yield from zip(*(column[start:end] for column in self.columns), strict=True)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence) or isinstance(other, str):
            return NotImplemented
        return len(self) == len(other) and all(
            one == two for one, two in zip(self, other, strict=True)
        )

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Grid({list(self[:3])!r}{', …' if len(self) > 3 else ''})"

    def _is_small(self) -> bool:
        return self.height * len(self.columns) <= _SMALL

    def _all(self) -> list[tuple[str, ...]]:
        """All rows, made once: only where they are few."""
        if self._rows is None:
            rows = list(zip(*self.columns, strict=True))
            self._rows = rows if self.columns else [()] * self.height
        return self._rows

    @property
    def width(self) -> int:
        """Cells of each row."""
        return len(self.columns)

    def take(self, places: Integers) -> Grid:
        """Some of the rows, in the order named."""
        return Grid([column.take(places) for column in self.columns], len(places))

    def stripped(self) -> Grid:
        """The rows with outer blanks gone from every cell."""
        return Grid([column.stripped() for column in self.columns], self.height)

    def replaced(self, columns: Mapping[int, Column]) -> Grid:
        """The rows with other columns at some places."""
        if not columns:
            return self
        changed = [columns.get(place, column) for place, column in enumerate(self.columns)]
        return Grid(changed, self.height)

    def blank(self) -> Flags:
        """For each row whether none of its cells holds more than blanks."""
        left = np.arange(self.height)
        for column in self.columns:
            left = left[column.take(left).test(_is_blank)]
            if not len(left):
                break
        found = np.zeros(self.height, dtype=bool)
        found[left] = True
        return found


def column_of(rows: Rows, place: int) -> Column:
    """One column of some rows."""
    if not rows:
        return Column.of(())
    if isinstance(rows, Grid):
        return rows.columns[place]
    return Column.of(row[place] for row in rows)


def _is_blank(text: str) -> bool:
    return not text or text.isspace()
