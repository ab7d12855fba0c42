"""Ordinary delimited text read block by block, so that a large file is never in memory whole.

Answers only for text in ASCII or UTF-8 that can be cut without any doubt; for everything else
the careful readers (:mod:`decode`, :mod:`delimited`) have the word.
"""

from __future__ import annotations

import codecs
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from twinimpact.ingest import container, delimited, refusals, statistical, tokens
from twinimpact.ingest.cells import Grid
from twinimpact.ingest.xml_text import root_name

HEAD = 4 * delimited.SAMPLE_CHARACTERS + tokens.BLOCK
_OTHER_MARKS = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")
_STRAY_MARK = "\ufeff".encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Streamed:
    """The filled records of a file, and how it was read."""

    grid: Grid
    numbers: tuple[int, ...]
    sha256: str
    encoding: str
    delimiter: str


def read_plain(stream: IO[bytes], file: str, delimiter: str = "") -> Streamed | None:
    """The table of an ordinary delimited file, ``None`` if it may be anything else.

    Raises
    ------
    IngestError
        If its first bytes or lines show that it is no table, as the careful reader would.
    """
    head = stream.read(HEAD)
    more = stream.read(1)
    start = len(codecs.BOM_UTF8) if head.startswith(codecs.BOM_UTF8) else 0
    refusals.refuse_bytes(head, file)
    if statistical.kind_of(head) or container.kind_of(head) != "text" or b"\0" in head:
        return None
    if head.startswith(_OTHER_MARKS):
        return None
    whole = head if not more else head[: head.rfind(b"\n") + 1]
    try:
        text = whole[start:].decode()
    except UnicodeDecodeError:
        return None
    if more and (len(text) <= delimited.SAMPLE_CHARACTERS or text.isspace()):
        return None
    if root_name(text) in ("Results", "document"):
        return None
    refusals.refuse_text(text, file)
    skipped, delimiter = delimited.named_delimiter(text, delimiter)
    text = text[skipped:]
    if delimited.quote_of(text) != '"' or (delimiter and not delimiter.isascii()):
        return None
    with delimited.large_fields(file):
        delimiter = delimiter or delimited.choose_delimiter(text)
        if delimiter in '"\r\n':
            return None
        del text
        blocks = _Blocks(stream, whole, head[len(whole) :] + more, start + skipped)
        found = tokens.cut(blocks, delimiter)
    if found is None or blocks.failed:
        return None
    plain = "ascii" if blocks.ascii else "utf-8"
    return Streamed(
        grid=found.grid,
        numbers=found.numbers,
        sha256=blocks.hash.hexdigest(),
        encoding="utf-8-sig" if start else plain,
        delimiter=delimiter,
    )


class _Blocks:
    """The blocks of a file, each ending with a line; looks out for what is not ordinary."""

    def __init__(self, stream: IO[bytes], head: bytes, rest: bytes, skipped: int) -> None:
        self.stream = stream
        self.head = head
        self.rest = rest
        self.skipped = skipped
        self.hash = hashlib.sha256()
        self.ascii = True
        self.failed = False

    def __iter__(self) -> Iterator[bytes]:
        for block in self._raw():
            if not block.isascii():
                self.ascii = False
                try:
                    block.decode()
                except UnicodeDecodeError:
                    self.failed = True
                # the careful reader takes such marks away
                self.failed = self.failed or _STRAY_MARK in block
            # and makes letters of these
            self.failed = self.failed or (b"<" in block and b"<U+" in block)
            if self.failed:
                return
            yield block

    def _raw(self) -> Iterator[bytes]:
        view = memoryview(self.head)
        self.hash.update(view)
        start = self.skipped
        while start < len(view):
            end = self.head.rfind(b"\n", start, start + tokens.BLOCK) + 1
            end = end or self.head.find(b"\n", start) + 1 or len(view)
            yield bytes(view[start:end]) + (b"" if self.head[end - 1] == 10 else b"\n")
            start = end
        del view
        self.head = b""
        left = self.rest
        self.hash.update(left)
        while piece := self.stream.read(tokens.BLOCK):
            self.hash.update(piece)
            end = piece.rfind(b"\n") + 1
            if not end:
                left += piece
                self.failed = self.failed or len(left) > tokens.MOST
                if self.failed:
                    return
                continue
            yield left + piece[:end]
            left = piece[end:]
        if left:
            yield left + b"\n"
