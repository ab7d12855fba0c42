"""The code book inside an SPSS or Stata file: a data file of codes explains itself."""

from __future__ import annotations

from pathlib import Path

from twinimpact.errors import IngestError
from twinimpact.ingest.codebook import CodeBook
from twinimpact.ingest.labelled import PLATFORM
from twinimpact.ingest.source import read_tables
from twinimpact.ingest.statistical import kind_of

KIND = PLATFORM
_HEAD = 512


def accepts(path: Path) -> bool:
    """Whether the file begins like one of a statistics program."""
    try:
        with path.open("rb") as stream:
            return bool(kind_of(stream.read(_HEAD)))
    except OSError:
        return False


def read_codebook(path: Path) -> CodeBook:
    """Labels, missing codes and answer sets of all variables.

    Raises
    ------
    IngestError
        If the file cannot be read.
    """
    book = read_tables(path)[0].codebook
    if book is None:
        raise IngestError("This is no SPSS or Stata file.", where=path.name)
    return book
