"""The nouns of the domain and the values they may take.

The tuples are the allowed values of ``design``'s canonical tables; the same words
stand in code, TOML, column names and reports.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

FORMS = ("formal", "project", "informal")
BASES = ("agreement", "declaration", "contract", "council_resolution", "none")
STATUSES = ("active", "dormant", "ended", "in_preparation")
THEMES = (
    "town_development", "social", "education", "environment", "tourism", "self_government",
    "economy", "culture", "sport", "youth", "health", "remembrance", "european_debate",
    "digital", "equality",
)  # fmt: skip
AIMS = (*THEMES, "reconciliation", "eu_integration")
GENDERS = ("female", "male", "non_binary", "undisclosed")
AGE_BANDS = ("<14", "14-17", "18-29", "30-44", "45-64", "65-74", "75+", "undisclosed")
MINOR_AGE_BANDS = ("<14", "14-17")
ROLES = (
    "citizen", "volunteer_organiser", "elected_official", "municipal_staff",
    "institution_employee", "expert", "business", "teacher", "pupil_student", "association",
    "artist", "athlete", "other", "undisclosed",
)  # fmt: skip
OFFICIAL_ROLES = ("elected_official", "municipal_staff")
ARMS = (
    "participant", "comparison_peer", "comparison_waitlist", "comparison_town", "resident_sample",
)  # fmt: skip
COMPARISON_ARMS = ("comparison_peer", "comparison_waitlist", "comparison_town")
WAVE_KINDS = ("pre", "post", "followup", "retro_pre", "single")
ACTIVITY_TYPES = (
    "citizens_meeting", "conference", "workshop", "seminar", "training", "webinar",
    "school_exchange", "youth_exchange", "homestay_visit", "festival_cultural", "sport",
    "exhibition", "concert", "expert_meeting", "official_visit", "internship", "joint_project",
    "commemoration", "other",
)  # fmt: skip
ACTIVITY_STATUSES = ("planned", "held", "cancelled", "postponed")
MODES = ("in_person", "online", "hybrid")
CERV_TYPES = ("training", "mutual_learning", "awareness")
CAPACITY_ROLES = ("invited", "local", "speaker", "organiser", "audience")
EVIDENCE = ("signed_list", "registration", "ticket", "count", "estimate")
CONSENT = ("yes", "no", "withdrawn")


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """A municipality; ``country`` is ISO 3166-1 alpha-2."""

    town_id: str
    name: str
    country: str
    population: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Partnership:
    """Two or more towns in a formal, project or informal link; the first is the reporting town."""

    partnership_id: str
    name: str
    form: str
    towns: tuple[str, ...]
    date_signed: str = ""
    aims: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wave:
    """One fielding of an instrument; ``kind`` is one of :data:`WAVE_KINDS`."""

    wave_id: str
    kind: str
    label: str
    start: dt.date | None = None
    end: dt.date | None = None
