"""All export formats, each with its signature and its reader."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from twinimpact.ingest.platforms import (
    alchemer,
    eusurvey,
    eventbrite,
    google_forms,
    kobo,
    limesurvey,
    luma,
    microsoft_forms,
    odk,
    pretix,
    qualtrics,
    redcap,
    sosci,
    spreadsheet,
    spss_stata,
    surveycto,
    surveymonkey,
    typeform,
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
            for module in (
                kobo,
                limesurvey,
                eusurvey,
                google_forms,
                microsoft_forms,
                spss_stata,
                pretix,
                eventbrite,
                luma,
                odk,
                surveycto,
                redcap,
                alchemer,
                typeform,
                sosci,
                qualtrics,
                surveymonkey,
            )
        ),
        Platform(
            name=spreadsheet.NAME,
            title=spreadsheet.TITLE,
            signature=_never,
            normalise=spreadsheet.normalise,
        ),
    )
}
READABLE = tuple(name for name, platform in PLATFORMS.items() if platform.normalise is not None)
