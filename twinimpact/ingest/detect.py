"""Which tool wrote a file: recognised by its signature, never guessed on a near-tie."""

from __future__ import annotations

from collections.abc import Sequence

from twinimpact.errors import IngestError
from twinimpact.ingest import labelled
from twinimpact.ingest.platforms.registry import PLATFORMS, READABLE
from twinimpact.ingest.records import Detection, Match
from twinimpact.ingest.refusals import refuse_table
from twinimpact.ingest.source import RawTable

__all__ = ["Detection", "candidates", "detect", "detect_as"]

ENOUGH = 0.6
GAP = 0.15
SPREADSHEET = "spreadsheet"

_Found = tuple[str, Match, RawTable]


def detect(tables: Sequence[RawTable]) -> Detection:
    """The format of a file, with evidence in words and the alternatives.

    A file that fits nothing is a ``spreadsheet`` with confidence 0.

    Raises
    ------
    IngestError
        If two formats fit almost equally well, or the file defines questions or logs events
        instead of holding answers.
    """
    _refuse(tables)
    found = _candidates(tables)
    alternatives = tuple((name, match.confidence) for name, match, _ in found)
    if not found or found[0][1].confidence < ENOUGH:
        return Detection(platform=SPREADSHEET, alternatives=alternatives)
    best = found[0]
    if len(found) > 1 and best[1].confidence - found[1][1].confidence < GAP - 1e-9:
        titles = [PLATFORMS[name].title for name, _, _ in found[:2]]
        raise IngestError(
            f"The file could be an export of {titles[0]} or of {titles[1]}.",
            where=best[2].file,
            hint=f'Say which in evaluation.toml: platform = "{best[0]}" or '
            f'platform = "{found[1][0]}".',
        )
    return _detection(best, tables, alternatives[1:])


def detect_as(tables: Sequence[RawTable], platform: str) -> Detection:
    """The variant of a file whose format the person has named.

    Raises
    ------
    IngestError
        If the format is unknown, or the file does not look like it at all.
    """
    if platform not in PLATFORMS:
        raise IngestError(
            "This platform is not known.", got=platform, expected=", ".join(sorted(READABLE))
        )
    if platform == SPREADSHEET:
        sheet = tables[0].sheet if len(tables) == 1 else ""
        return Detection(
            platform=SPREADSHEET, sheet=sheet, confidence=1.0, evidence=("named by a person",)
        )
    _refuse(tables)
    found = [one for one in _candidates(tables) if one[0] == platform]
    if not found:
        raise IngestError(
            f"The file does not look like an export of {PLATFORMS[platform].title}.",
            where=tables[0].file,
            hint="Leave `platform` out to let the program find out, or use "
            'platform = "spreadsheet" with a mapping file.',
        )
    return _detection(found[0], tables, ())


def candidates(tables: Sequence[RawTable]) -> tuple[tuple[str, float], ...]:
    """Every format the file could be, with its confidence, best first."""
    return tuple((name, match.confidence) for name, match, _ in _candidates(tables))


def _refuse(tables: Sequence[RawTable]) -> None:
    """Refuse a file without answers; in an archive one file with answers is enough."""
    sheets: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
    for table in tables:
        if table.rows:
            sheets.setdefault(table.file, []).append((table.sheet, table.rows[0]))
    refused = []
    for file, found in sheets.items():
        try:
            refuse_table(tuple(found), file)
        except IngestError as error:
            refused.append(error)
    if refused and len(refused) == len(sheets):
        raise refused[0]


def _candidates(tables: Sequence[RawTable]) -> list[_Found]:
    """The best table for each format, best format first."""
    best: dict[str, _Found] = {}
    for table in tables:
        statistical = table.container in labelled.CONTAINERS
        for platform in PLATFORMS.values():
            # a data file of a statistics program says itself what it is
            if statistical and platform.name != labelled.PLATFORM:
                continue
            match = platform.signature(table) if table.rows else None
            if match is None:
                continue
            known = best.get(platform.name)
            if known is None or match.confidence > known[1].confidence:
                best[platform.name] = (platform.name, match, table)
    return sorted(best.values(), key=lambda one: -one[1].confidence)


def _detection(
    found: _Found, tables: Sequence[RawTable], alternatives: tuple[tuple[str, float], ...]
) -> Detection:
    name, match, table = found
    return Detection(
        platform=name,
        variant=match.variant,
        mode=match.mode,
        header_rows=match.header_rows,
        sheet=table.sheet or (table.file if len(tables) > 1 else ""),
        confidence=match.confidence,
        evidence=match.evidence,
        alternatives=alternatives,
    )
