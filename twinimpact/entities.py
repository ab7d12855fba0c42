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
GROUPS = (
    "youth", "senior", "disability", "migrant_background", "rural", "low_income",
    "other_fewer_opportunities",
)  # fmt: skip
FEWER_OPPORTUNITIES = (
    "disability", "migrant_background", "rural", "low_income", "other_fewer_opportunities",
)  # fmt: skip
ATTENDANCE_MODES = ("in_person", "online")
LEAD_TYPES = ("municipality", "twinning_association", "school", "club", "other")
CIVIL_SOCIETY = ("twinning_association", "school", "club")
FUNDERS = (
    "cerv_tt", "cerv_nt", "efc", "buergerfonds", "dfjw", "dpjw", "visegrad", "interreg",
    "erasmus", "national", "regional", "town", "private", "other",
)  # fmt: skip
TRAVEL_MODES = ("rail", "bus", "car", "plane", "bicycle", "foot", "ship", "mixed")
LOW_CARBON = ("rail", "bus", "bicycle", "foot")
ACCOMMODATION = ("homestay", "hotel", "youth_hostel", "none")
ORGANISATION_TYPES = (
    "municipality", "twinning_association", "school", "club", "civic_association",
    "professional_association", "business", "institution", "other",
)  # fmt: skip
LINK_KINDS = ("organisation", "personal", "economic", "good_practice", "follow_up_action")
ACTION_STATUSES = ("planned", "done")
COST_CATEGORIES = (
    "travel", "accommodation", "meals", "venue", "programme", "material", "publicity", "staff",
    "official_travel", "other",
)  # fmt: skip
PAYERS = ("grant", "town", "association", "participants", "sponsor", "other")
OUTLETS = ("newspaper", "radio", "television", "website", "social_media", "newsletter", "other")


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
