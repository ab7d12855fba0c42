"""Delimited text cut into columns by array operations, where that surely is what is meant.

Block by block: if every quotation mark of a block stands right at an edge of its cell and every
line has the same number of cells, the standard reader would cut at exactly the same places. Any
other block is given to the standard reader itself; text that it finds faulty, ragged or
unusual gets no answer here at all.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from twinimpact.ingest.cells import Column, Grid
from twinimpact.ingest.packed import Integers, Packed

BLOCK = 1 << 18
"""Bytes cut at a time: what is made of them fits into the caches of a processor."""
MOST = 8 << 20
"""A block without an end of a record after so many bytes is left to the careful reader."""
LONG_RECORD = 2_000
_QUOTE, _CR, _LF = 0x22, 0x0D, 0x0A
_WORD = 8
_SHORT = 2
_MANY = 4_096
_FEW_REPEATS = 0.5
_MASKS = np.array([(1 << (8 * length)) - 1 for length in range(_WORD)] + [2**64 - 1], np.uint64)

Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """The records of a delimited text as columns, with their record numbers."""

    grid: Grid
    numbers: tuple[int, ...]


class _UnusualError(Exception):
    """The text holds something that only the careful reader treats rightly."""


class _Shared:
    """Texts that come again and again, in any column: each has one number."""

    def __init__(self) -> None:
        self.numbers: dict[bytes, int] = {}
        self.short = np.full(1 << (8 * _SHORT), -1, dtype=np.int32)

    def number(self, text: bytes) -> int:
        """The number of one text."""
        return self.numbers.setdefault(text, len(self.numbers))

    def short_ones(self, keys: npt.NDArray[np.uint16]) -> Integers:
        """The numbers of texts of at most two bytes, each written as one number."""
        found = self.short.take(keys)
        if found.size and found.min() < 0:
            for key in np.unique(keys[found < 0]).tolist():
                self.short[key] = self.number(key.to_bytes(_SHORT, "little").rstrip(b"\0"))
            found = self.short.take(keys)
        return _small(found)


@dataclass(slots=True)
class _Growing:
    """A column while it grows: block by block numbers of shared texts, or texts of its own."""

    parts: list[Integers | int] = field(default_factory=list)
    own: list[bytes] = field(default_factory=list)
    lengths: list[Integers] = field(default_factory=list)

    def add_own(self, data: bytes, lengths: Integers) -> None:
        """Texts that hardly repeat, one for each row."""
        self.parts.append(len(lengths))
        self.own.append(data)
        self.lengths.append(lengths.astype(np.int32))

    def is_few(self) -> bool:
        """Whether the texts have repeated so far."""
        return bool(self.parts) and not isinstance(self.parts[-1], int)

    def column(self, texts: Sequence[str], shared: Packed) -> Column:
        """The finished column; ``texts`` and ``shared`` are the shared texts."""
        if not self.own:
            codes = [part for part in self.parts if not isinstance(part, int)]
            return Column(texts, np.concatenate(codes) if codes else np.zeros(0, dtype=np.uint8))
        mixed = len(self.own) < len(self.parts)
        data = b"".join([shared.data, *self.own] if mixed else self.own)
        before = [np.diff(shared.bounds)] if mixed else []
        packed = Packed(data, np.concatenate([*before, *self.lengths]))
        self.own.clear()
        count, listed = len(shared) if mixed else 0, []
        for part in self.parts:
            if isinstance(part, int):
                listed.append(np.arange(count, count + part, dtype=np.uint32))
                count += part
            else:
                listed.append(part)
        return Column(packed, np.concatenate(listed))


def cut(blocks: Iterable[bytes], delimiter: str, file: str = "") -> Cut | None:
    """The filled records of a text, ``None`` where only the careful reader may answer.

    Parameters
    ----------
    blocks
        Valid UTF-8 without byte-order mark; every block ends with the end of a line.
    delimiter
        One ASCII character.
    """
    cutter = _Cutter(delimiter)
    try:
        for block in blocks:
            cutter.take(block)
        cutter.end()
    except (_UnusualError, csv.Error):
        return None
    grid = cutter.grid()
    blank = grid.blank()
    if not blank.any():
        return Cut(grid=grid, numbers=tuple(cutter.numbers()))
    kept = np.flatnonzero(~blank)
    numbers = np.fromiter(cutter.numbers(), dtype=np.int64, count=len(blank))
    return Cut(grid=grid.take(kept), numbers=tuple(numbers[kept].tolist()))


class _Cutter:
    """Cuts block after block into the same columns."""

    def __init__(self, delimiter: str) -> None:
        self.delimiter = delimiter
        self.mark = ord(delimiter)
        self.columns: list[_Growing] = []
        self.shared = _Shared()
        self.seen = 0
        self.spans: list[range | list[int]] = []
        self.left = b""

    def take(self, block: bytes) -> None:
        """One more block of whole lines."""
        if b"\0" in block:
            raise _UnusualError
        if self.left:
            block, self.left = self.left + block, b""
        elif self._cut(block):
            return
        self._read(block)

    def end(self) -> None:
        """The text ends; a quotation mark that is still open is a fault of the file."""
        if self.left:
            raise _UnusualError

    def numbers(self) -> Iterator[int]:
        """Numbers of the records kept."""
        for span in self.spans:
            yield from span

    def grid(self) -> Grid:
        """What was cut, as columns."""
        known = list(self.shared.numbers)
        shared = Packed(b"".join(known), np.fromiter(map(len, known), np.int32, len(known)))
        texts: Sequence[str] = shared if len(known) > _MANY else tuple(shared)
        return Grid([column.column(texts, shared) for column in self.columns])

    def _cut(self, block: bytes) -> bool:
        """Cut one block at its delimiters, if that is what the standard reader would do."""
        padded = block + bytes(_WORD)
        signs = np.frombuffer(padded, dtype=np.uint8)
        edges = np.flatnonzero((signs == self.mark) | (signs == _LF))
        ends = signs[edges] == _LF
        width = len(self.columns) or int(ends.argmax()) + 1
        if len(edges) % width or edges[-1] != len(block) - 1:
            return False
        lines = ends.reshape(-1, width)
        if not lines[:, -1].all() or np.count_nonzero(ends) != len(lines):
            return False
        starts = np.empty_like(edges)
        starts[0] = 0
        np.add(edges[:-1], 1, out=starts[1:])
        last, begin = edges[width - 1 :: width], starts[width - 1 :: width]
        returns = (signs.take(last - 1) == _CR) & (last > begin)
        if np.count_nonzero(signs == _CR) != np.count_nonzero(returns):
            return False
        last -= returns
        if not _unquote(signs, starts, edges):
            return False
        lengths = edges - starts
        if width == 1 and not lengths.all():
            return False
        if not self.columns:
            self.columns = [_Growing() for _ in range(width)]
        self._store(padded, signs, starts.reshape(-1, width), lengths.reshape(-1, width))
        self.spans.append(range(self.seen + 1, self.seen + len(lines) + 1))
        self.seen += len(lines)
        return True

    def _store(self, padded: bytes, signs: Bytes, starts: Integers, lengths: Integers) -> None:
        widest = lengths.max(axis=0)
        short = np.flatnonzero(widest <= _SHORT)
        first, size = starts[:, short], lengths[:, short]
        keys = np.zeros((*size.shape, _SHORT), dtype=np.uint8)
        np.multiply(signs.take(first), size > 0, out=keys[..., 0])
        np.multiply(signs.take(first + 1), size > 1, out=keys[..., 1])
        found = self.shared.short_ones(keys.view("<u2")[..., 0])
        for at, place in enumerate(short.tolist()):
            self.columns[place].parts.append(found[:, at])
        words = np.ndarray((len(padded) - _WORD + 1,), np.dtype("<u8"), padded, strides=(1,))
        few = [p for p in np.flatnonzero(widest > _SHORT).tolist() if self.columns[p].is_few()]
        few = [place for place in few if widest[place] <= _WORD]
        if few and (numbers := self._known(words, starts[:, few], lengths[:, few])) is not None:
            for at, place in enumerate(few):
                self.columns[place].parts.append(numbers[:, at])
        else:
            few = []
        for place in np.flatnonzero(widest > _SHORT).tolist():
            if place in few:
                continue
            column, first, size = self.columns[place], starts[:, place], lengths[:, place]
            if column.parts and not column.is_few():
                # what hardly repeated so far is not looked through again
                column.add_own(_joined(signs, first, size), size)
                continue
            codes, firsts = _told_apart(words, first, size, int(widest[place]))
            if len(firsts) > _FEW_REPEATS * len(codes) and len(codes) > 1:
                column.add_own(_joined(signs, first, size), size)
                continue
            bounds = zip(first[firsts].tolist(), size[firsts].tolist(), strict=True)
            texts = [self.shared.number(padded[at : at + length]) for at, length in bounds]
            column.parts.append(_small(np.array(texts).take(codes)))

    def _known(self, words: Integers, starts: Integers, lengths: Integers) -> Integers | None:
        """Numbers of the texts of columns with few and short ones; nothing if they are many."""
        keys = words[starts] & _MASKS.take(lengths)
        codes, found = pd.factorize(keys.ravel())
        if len(found) > _FEW_REPEATS * len(starts):
            return None
        texts = [self.shared.number(key.tobytes().rstrip(b"\0")) for key in found]
        return _small(np.array(texts).take(codes)).reshape(keys.shape)

    def _read(self, block: bytes) -> None:
        """One block by the standard reader, together with the next one if a cell goes on."""
        if len(block) > MOST or block.count(b"\r") != block.count(b"\r\n"):
            raise _UnusualError
        text = block.decode()
        reader = csv.reader(_lines(text), delimiter=self.delimiter, strict=True)
        records: list[list[str]] = []
        numbers: list[int] = []
        line, seen = 0, self.seen
        try:
            for record in reader:
                seen += 1
                if reader.line_num - line > LONG_RECORD:
                    raise _UnusualError
                line = reader.line_num
                if record:
                    records.append(record)
                    numbers.append(seen)
        except csv.Error as error:
            if "unexpected end" not in str(error):
                raise
            self.left = block
            return
        width = len(self.columns) or (len(records[0]) if records else 0)
        if any(len(record) != width for record in records):
            raise _UnusualError
        if not self.columns:
            self.columns = [_Growing() for _ in range(width)]
        for column, cells in zip(self.columns, zip(*records, strict=True), strict=False):
            if len(set(cells)) > _FEW_REPEATS * len(cells):
                listed = [cell.encode() for cell in cells]
                sizes = np.fromiter(map(len, listed), np.int32, len(listed))
                column.add_own(b"".join(listed), sizes)
                continue
            numbers_of = {cell: self.shared.number(cell.encode()) for cell in set(cells)}
            column.parts.append(_small(np.array([numbers_of[cell] for cell in cells])))
        self.spans.append(numbers)
        self.seen = seen


def _lines(text: str) -> Iterator[str]:
    start = 0
    while (end := text.find("\n", start)) >= 0:
        yield text[start : end + 1]
        start = end + 1
    if start < len(text):
        yield text[start:]


def _small(numbers: Integers) -> Integers:
    """The same numbers in as few bytes as hold them all."""
    return numbers.astype(np.min_scalar_type(int(numbers.max()) if numbers.size else 0))


def _unquote(signs: Bytes, starts: Integers, stops: Integers) -> bool:
    """Take off quotation marks at the edges of cells; false if there is any other mark."""
    marks = np.count_nonzero(signs == _QUOTE)
    if not marks:
        return True
    first, last = signs.take(starts) == _QUOTE, signs.take(stops - 1) == _QUOTE
    if marks == 2 * len(starts) and first.all() and last.all():
        starts += 1
        stops -= 1
        # a cell of one mark alone would be its own begin and end
        return not (stops < starts).any()
    quoted = first & last
    quoted &= stops - starts >= 2
    if 2 * np.count_nonzero(quoted) != marks:
        return False
    starts += quoted
    stops -= quoted
    return True


def _told_apart(
    words: Integers, starts: Integers, lengths: Integers, widest: int
) -> tuple[Integers, Integers]:
    """For each cell the number of its text, and for each text a cell that holds it."""
    codes, count = np.zeros(len(starts), dtype=np.int64), 1
    for begin in range(0, widest, _WORD):
        left = np.clip(lengths - begin, 0, _WORD)
        # behind the end of a text nothing is looked at
        more = words[np.where(left, starts + begin, 0)] & _MASKS.take(left)
        if (more == more[0]).all():
            continue
        further, others = pd.factorize(more)
        if count > 1:
            codes, found = pd.factorize(codes * len(others) + further)
            count = len(found)
        else:
            codes, count = further, len(others)
        if count > _FEW_REPEATS * len(codes):
            break
    firsts = np.empty(count, dtype=np.int64)
    firsts[codes[::-1]] = np.arange(len(codes) - 1, -1, -1)
    return codes, firsts


def _joined(signs: Bytes, starts: Integers, lengths: Integers) -> bytes:
    """The bytes of all cells behind each other."""
    width = int(lengths[0])
    if (lengths == width).all():
        return signs.take(starts[:, None] + np.arange(width)).tobytes()
    ends = np.cumsum(lengths)
    places = np.arange(int(ends[-1])) + np.repeat(starts - (ends - lengths), lengths)
    joined: bytes = signs.take(places).tobytes()
    return joined
