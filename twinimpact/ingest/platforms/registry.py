"""All export formats: those with a reader, and those only recognised."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from twinimpact.ingest.platforms import (
    google_forms,
    kobo,
    limesurvey,
    microsoft_forms,
    others,
    spreadsheet,
)
from twinimpact.ingest.records import Detection, Draft, Match
from twinimpact.ingest.source import RawTable

Signature = Callable[[RawTable], Match | None]
Normalise = Callable[[Sequence[RawTable], Detection], Draft]


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """A format: its key, its name for people, its signature, and its reader if built."""

    name: str
    title: str
    signature: Signature
    normalise: Normalise | None = None


def _never(table: RawTable) -> Match | None:
    """A spreadsheet is what nothing else fits."""
    return None


PLATFORMS: Mapping[str, Platform] = {
    platform.name: platform
    for platform in (
        *(
            Platform(
                name=module.NAME,
                title=module.TITLE,
                signature=module.signature,
                normalise=module.normalise,
            )
            for module in (kobo, limesurvey, google_forms, microsoft_forms)
        ),
        Platform(
            name=spreadsheet.NAME,
            title=spreadsheet.TITLE,
            signature=_never,
            normalise=spreadsheet.normalise,
        ),
        *(
            Platform(name=name, title=title, signature=signature)
            for name, title, signature in others.SIGNATURES
        ),
    )
}
READABLE = tuple(name for name, platform in PLATFORMS.items() if platform.normalise is not None)
