"""The hash of a row's content, for all rows of a file at once.

Every value is hashed together with the name of what it says (SHA-256, cut to 64 bits), and the
numbers of a row are added up. Which values a row holds decides, not their order, and only
different values have to be hashed, not every row.
"""

from __future__ import annotations

import hashlib

import numpy as np
import numpy.typing as npt

from twinimpact.ingest.cells import Column

Hashes = npt.NDArray[np.uint64]
LENGTH = 16
_BYTES = LENGTH // 2
_BLOCK = 8_192


def value_hash(name: str, value: str) -> int:
    """The part of one value in a row's hash; a value that is not there has none."""
    if not value:
        return 0
    digest = hashlib.sha256(f"{name}\x1f{value}".encode()).digest()
    return int.from_bytes(digest[:_BYTES], "big")


def table_of(hashes: list[int]) -> Hashes:
    """Hashes as an array that can be taken from and added up."""
    return np.array(hashes, dtype=np.uint64)


def column_hashes(name: str, column: Column) -> Hashes:
    """The part of one column in the hash of each row."""
    table = np.zeros(len(column.texts), dtype=np.uint64)
    used = column.used()
    table[used] = table_of([value_hash(name, text) for text in column.distinct()])
    return table[column.codes]


def as_texts(hashes: Hashes) -> list[str]:
    """The hashes as text of 16 hexadecimal characters."""
    made: list[str] = []
    for begin in range(0, len(hashes), _BLOCK):
        whole = hashes[begin : begin + _BLOCK].astype(">u8").tobytes().hex()
        made += [whole[start : start + LENGTH] for start in range(0, len(whole), LENGTH)]
    return made
