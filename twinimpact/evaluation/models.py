"""The settings as frozen records; pydantic checks types, ranges and allowed values.

Whatever a person may have written wrongly is reported in our own words: see
:mod:`twinimpact.evaluation.messages`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from twinimpact import entities as e
from twinimpact.errors import DefinitionError
from twinimpact.schema import RECORD_TABLES

SCHEMA = 1
DISCLOSURE_FLOOR = 5
FORMATS = ("html", "pdf", "docx", "xlsx")
ROLES = ("primary", "secondary", "exploratory", "placebo", "descriptive")
PLATFORMS = (
    "kobo", "limesurvey", "google_forms", "microsoft_forms", "spreadsheet", "qualtrics",
    "eusurvey", "odk", "surveycto", "surveymonkey", "alchemer", "typeform", "redcap", "sosci",
    "spss_stata", "pretix", "eventbrite", "luma",
)  # fmt: skip
SOURCE_TABLES = (
    "responses", "activities", "attendance", "towns", "partnerships", "calendar", *RECORD_TABLES,
)  # fmt: skip
POPULATIONS = ("residents", "attendance")
WEIGHT_GROUPS = ("partnership", "town")
MISSING_IN_MARGINS = ("error", "own_level", "exclude")
OTHER_ARMS = tuple(arm for arm in e.ARMS if arm != "participant")
ID = r"^[a-z0-9][a-z0-9_-]*$"


def one_of(allowed: tuple[str, ...]) -> AfterValidator:
    """A validator that allows these words only."""

    def check(value: str) -> str:
        if value not in allowed:
            raise PydanticCustomError("not_allowed", "not allowed", {"allowed": list(allowed)})
        return value

    return AfterValidator(check)


def _by(code: str, holds: Callable[[Any], bool], expected: str = "") -> AfterValidator:
    def check(value: Any) -> Any:
        if not holds(value):
            raise PydanticCustomError("rule", "rule", {"rule": code, "expected": expected})
        return value

    return AfterValidator(check)


def _known_timezone(name: str) -> bool:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


Words = Annotated[str, Field(min_length=1)]
EvaluationId = Annotated[str, Field(pattern=r"^[a-z0-9-]+$", max_length=60)]
WaveId = Annotated[str, Field(pattern=ID, max_length=40)]
Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?$")]
Threshold = Annotated[
    int,
    _by(
        "evaluation_disclosure_floor",
        lambda value: bool(value >= DISCLOSURE_FLOOR),
        str(DISCLOSURE_FLOOR),
    ),
]


class _Settings(BaseModel):
    """Frozen, without unknown keys, and without silent conversion of types."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Study(_Settings):
    """``[evaluation]``: name, languages and the day the report is true for."""

    id: EvaluationId
    title: Words
    timezone: Annotated[str, _by("evaluation_timezone", _known_timezone)] = "UTC"
    languages: Annotated[tuple[Language, ...], Field(min_length=1)] = ("en",)
    as_of: dt.date | None = None


class Disclosure(_Settings):
    """Smallest groups that may be shown: answers, head-counts, people under 18."""

    k_answers: Threshold = 10
    k_counts: Threshold = 5
    k_minors: Threshold = 10


class Pseudonym(_Settings):
    """Where the key of the pseudonyms is kept; never the key itself."""

    key_file: Words | None = None
    key_env: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,59}$")] | None = None


class Privacy(_Settings):
    """``[privacy]``."""

    disclosure: Disclosure = Disclosure()
    pseudonym: Pseudonym | None = None


class Reports(_Settings):
    """``[reports]``: formats to write."""

    formats: Annotated[tuple[Annotated[str, one_of(FORMATS)], ...], Field(min_length=1)] = FORMATS


class WaveSettings(_Settings):
    """One fielding of the questionnaire."""

    id: WaveId
    kind: Annotated[str, one_of(e.WAVE_KINDS)]
    label: Words
    start: dt.date | None = None
    end: dt.date | None = None


class Outcome(_Settings):
    """A scale the evaluation asks about; ``sesoi`` is the smallest change worth having."""

    scale: Words
    role: Annotated[str, one_of(ROLES)]
    sesoi: Annotated[float, Field(gt=0, le=100)] | None = None


class Design(_Settings):
    """``[design]``: which waves and groups are compared."""

    before: str | None = None
    after: str | None = None
    follow_up: str | None = None
    comparison_arms: tuple[Annotated[str, one_of(OTHER_ARMS)], ...] = e.COMPARISON_ARMS
    linked: bool = True
    conf_level: Annotated[float, Field(ge=0.5, lt=1)] = 0.95
    outcomes: tuple[Outcome, ...] = ()


class Instruments(_Settings):
    """``[instruments]``: ids to use; empty means all standard ones.

    ``also`` names optional sets and published scales besides them, ``overlays`` files with
    wording the user is licensed to use.
    """

    use: tuple[Words, ...] = ()
    also: tuple[Words, ...] = ()
    overlays: tuple[Words, ...] = ()


class Constants(_Settings):
    """What is true for every row of a file and stands in none of its columns.

    ``from`` and ``until`` say which days of a calendar are read.
    """

    wave: str | None = None
    partnership: Words | None = None
    town: Words | None = None
    arm: Annotated[str, one_of(e.ARMS)] | None = None
    language: Language | None = None
    activity: Words | None = None
    start: Annotated[dt.date | None, Field(alias="from")] = None
    until: dt.date | None = None

    def texts(self) -> dict[str, str]:
        """The constants of rows by name; days that choose rows are none."""
        given = self.model_dump(exclude_none=True, exclude={"start", "until"})
        return {name: str(value) for name, value in given.items()}


class Source(_Settings):
    """One file, or several by a pattern, and the table it fills.

    ``codebook`` is a definition file of the same form: what its columns and codes mean.
    """

    file: Words
    table: Annotated[str, one_of(SOURCE_TABLES)]
    platform: Annotated[str, one_of(PLATFORMS)] | None = None
    mapping: Words | None = None
    codebook: Words | None = None
    sheet: Words | None = None
    encoding: Words | None = None
    constants: Constants = Constants()


class Target(_Settings):
    """The share (or number of people) of one level in a population.

    ``group`` is the town or partnership it is about; empty for all.
    """

    variable: Words
    level: Words
    target: Annotated[float, Field(ge=0)]
    group: str = ""


class Weighting(_Settings):
    """``[[weights]]``: whose answers are weighted, and to which population.

    Margins stand in ``margins`` (variable to level to share), in ``targets``, or in a CSV
    ``file`` with the columns variable, level, target and, if wanted, group. ``levels`` makes
    broader levels of the answers: variable to new level to the old ones.
    """

    id: WaveId
    arm: Annotated[str, one_of(e.ARMS)] = "resident_sample"
    population: Annotated[str, one_of(POPULATIONS)] = "residents"
    by: Annotated[str, one_of(WEIGHT_GROUPS)] = "partnership"
    wave: str | None = None
    partnership: Words | None = None
    town: Words | None = None
    margins: Mapping[str, Mapping[str, Annotated[float, Field(ge=0)]]] = Field(default_factory=dict)
    targets: tuple[Target, ...] = ()
    file: Words | None = None
    levels: Mapping[str, Mapping[str, tuple[str, ...]]] = Field(default_factory=dict)
    cap: Annotated[float, Field(gt=1)] = 5.0
    missing: Annotated[str, one_of(MISSING_IN_MARGINS)] = "error"


class Evaluation(_Settings):
    """The whole of ``evaluation.toml``, checked."""

    schema_version: Annotated[int, Field(alias="schema", ge=1)]
    evaluation: Study
    privacy: Privacy = Privacy()
    reports: Reports = Reports()
    waves: tuple[WaveSettings, ...] = ()
    design: Design = Design()
    instruments: Instruments = Instruments()
    sources: tuple[Source, ...] = ()
    weights: tuple[Weighting, ...] = ()

    def wave(self, wave_id: str) -> WaveSettings:
        """The wave with this id.

        Raises
        ------
        DefinitionError
            If ``evaluation.toml`` has no such wave.
        """
        for wave in self.waves:
            if wave.id == wave_id:
                return wave
        known = ", ".join(wave.id for wave in self.waves)
        raise DefinitionError(
            "The evaluation has no such wave.", where="waves", got=wave_id, expected=known
        )
