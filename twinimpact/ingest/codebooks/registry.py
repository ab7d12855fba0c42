"""All kinds of definition files, and the reader of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from twinimpact.errors import IngestError
from twinimpact.ingest.codebook import CodeBook
from twinimpact.ingest.codebooks import limesurvey, qualtrics, redcap, sosci, statistical, xlsform

Reader = Callable[[Path], CodeBook]

# a reader and how it knows its files; the first that accepts a file reads it
_MODULES = (statistical, sosci, limesurvey, xlsform, redcap, qualtrics)
READERS: Mapping[str, Reader] = {module.KIND: module.read_codebook for module in _MODULES}
ACCEPTS: Mapping[str, Callable[[Path], bool]] = {module.KIND: module.accepts for module in _MODULES}


def codebook_of(path: Path) -> CodeBook:
    """What a definition file says about the questions of an export.

    Raises
    ------
    IngestError
        If no reader knows the file, or the file is damaged.
    """
    for kind, accepts in ACCEPTS.items():
        if accepts(path):
            return READERS[kind](path)
    raise IngestError(
        "This is no definition file that the program can read.",
        where=path.name,
        expected=", ".join(READERS),
        hint="Give the questionnaire as the survey tool exports it, or leave the code book out.",
    )
