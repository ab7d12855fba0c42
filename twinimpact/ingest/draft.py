"""From tables to a draft: the one door to all export formats."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from twinimpact.errors import IngestError
from twinimpact.ingest.detect import detect, detect_as
from twinimpact.ingest.platforms.registry import PLATFORMS
from twinimpact.ingest.records import SET_ASIDE, Detection, Draft, DraftColumn, DraftRow
from twinimpact.ingest.source import RawTable, ReadOptions, read_tables

__all__ = ["SET_ASIDE", "Draft", "DraftColumn", "DraftRow", "draft_of", "read_draft"]


def read_draft(tables: Sequence[RawTable], detection: Detection) -> Draft:
    """The responses of a recognised file in the common shape.

    Raises
    ------
    IngestError
        If the format is recognised but has no reader yet.
    """
    platform = PLATFORMS[detection.platform]
    if platform.normalise is None:
        raise IngestError(
            f"The file was recognised as an export of {platform.title}, and its reader is not "
            "built yet.",
            where=tables[0].file,
            got="; ".join(detection.evidence),
            hint='Import it as a spreadsheet: write platform = "spreadsheet" and a mapping file '
            "that says what each column means.",
        )
    return platform.normalise(tables, detection)


def draft_of(path: Path, *, platform: str = "", options: ReadOptions | None = None) -> Draft:
    """Read, recognise and normalise one file; ``platform`` overrides the recognition.

    Raises
    ------
    IngestError
        If the file cannot be read, is no table of answers, or fits two formats.
    """
    tables = read_tables(path, options)
    detection = detect_as(tables, platform) if platform else detect(tables)
    return read_draft(tables, detection)
