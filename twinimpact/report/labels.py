"""Names a reader understands for every code that can stand in a report.

Every name is a gettext message; countries come from Babel. A value without a name
(a column of somebody's own table) is shown as it is written in the data.
"""

from __future__ import annotations

from collections.abc import Mapping

from twinimpact.language import N_, Translator

NAMES: Mapping[str, Mapping[str, str]] = {
    "form": {
        "formal": N_("Formal partnership"),
        "project": N_("Project partnership"),
        "informal": N_("Informal contact"),
    },
    "basis": {
        "agreement": N_("Partnership agreement"),
        "declaration": N_("Declaration"),
        "contract": N_("Contract"),
        "council_resolution": N_("Council resolution"),
        "none": N_("No written basis"),
    },
    "theme": {
        "town_development": N_("Town development"),
        "social": N_("Social affairs"),
        "education": N_("Education"),
        "environment": N_("Environment"),
        "tourism": N_("Tourism"),
        "self_government": N_("Local self-government"),
        "economy": N_("Economy"),
        "culture": N_("Culture"),
        "sport": N_("Sport"),
        "youth": N_("Youth"),
        "health": N_("Health"),
        "remembrance": N_("Remembrance"),
        "european_debate": N_("European debate"),
        "digital": N_("Digital affairs"),
        "equality": N_("Equality"),
        "reconciliation": N_("Reconciliation"),
        "eu_integration": N_("European integration"),
    },
    "gender": {
        "female": N_("Women"),
        "male": N_("Men"),
        "non_binary": N_("Non-binary people"),
    },
    "age_band": {
        "<14": N_("Under 14"),
        "14-17": N_("14 to 17"),
        "18-29": N_("18 to 29"),
        "30-44": N_("30 to 44"),
        "45-64": N_("45 to 64"),
        "65-74": N_("65 to 74"),
        "75+": N_("75 and over"),
    },
    "role": {
        "citizen": N_("Residents"),
        "volunteer_organiser": N_("Volunteer organisers"),
        "elected_official": N_("Elected officials"),
        "municipal_staff": N_("Municipal staff"),
        "institution_employee": N_("Employees of institutions"),
        "expert": N_("Experts"),
        "business": N_("Business people"),
        "teacher": N_("Teachers"),
        "pupil_student": N_("Pupils and students"),
        "association": N_("Members of associations"),
        "artist": N_("Artists"),
        "athlete": N_("Athletes"),
        "other": N_("Others"),
    },
    "activity_type": {
        "citizens_meeting": N_("Citizens' meeting"),
        "conference": N_("Conference"),
        "workshop": N_("Workshop"),
        "seminar": N_("Seminar"),
        "training": N_("Training"),
        "webinar": N_("Webinar"),
        "school_exchange": N_("School exchange"),
        "youth_exchange": N_("Youth exchange"),
        "homestay_visit": N_("Visit with home stay"),
        "festival_cultural": N_("Festival or cultural event"),
        "sport": N_("Sports event"),
        "exhibition": N_("Exhibition"),
        "concert": N_("Concert"),
        "expert_meeting": N_("Expert meeting"),
        "official_visit": N_("Official visit"),
        "internship": N_("Internship"),
        "joint_project": N_("Joint project"),
        "commemoration": N_("Commemoration"),
        "other": N_("Other event"),
    },
    "status": {
        "planned": N_("planned"),
        "held": N_("held"),
        "cancelled": N_("cancelled"),
        "postponed": N_("postponed"),
    },
    "mode": {
        "in_person": N_("In person"),
        "online": N_("Online"),
        "hybrid": N_("In person and online"),
    },
    "cerv_type": {
        "training": N_("Training"),
        "mutual_learning": N_("Mutual learning"),
        "awareness": N_("Awareness raising"),
    },
    "arm": {
        "participant": N_("Participants"),
        "comparison": N_("People who did not take part"),
        "comparison_peer": N_("People named by participants"),
        "comparison_waitlist": N_("People on a waiting list"),
        "comparison_town": N_("People in another town"),
        "resident_sample": N_("Sample of residents"),
        "": N_("All"),
    },
    "vitality": {
        "new": N_("new"),
        "active": N_("active"),
        "low": N_("little active"),
        "dormant": N_("dormant"),
    },
    "table": {
        "responses": N_("Questionnaires"),
        "activities": N_("Activity log"),
        "attendance": N_("Attendance"),
        "towns": N_("Towns"),
        "partnerships": N_("Partnerships"),
        "calendar": N_("Calendar"),
        "projects": N_("Projects"),
        "organisations": N_("Organisations"),
        "link_ledger": N_("Links between organisations and people"),
        "costs": N_("Costs"),
        "goals": N_("Goals of events"),
        "targets": N_("Targets"),
        "travel": N_("Travel"),
        "media": N_("Media reports"),
    },
    "platform": {
        "kobo": N_("KoboToolbox"),
        "limesurvey": N_("LimeSurvey"),
        "google_forms": N_("Google Forms"),
        "microsoft_forms": N_("Microsoft Forms"),
        "spreadsheet": N_("Spreadsheet"),
        "icalendar": N_("Calendar file"),
        "calendar": N_("Calendar file"),
        "": N_("Spreadsheet"),
    },
    "severity": {
        "error": N_("Error"),
        "warning": N_("Warning"),
        "info": N_("Note"),
    },
    "design": {
        "single_wave": N_("Asked once"),
        "repeated_cross_section": N_("Different people before and after"),
        "one_group_pre_post": N_("One group before and after"),
        "cross_section_comparison": N_("Two groups, asked once"),
        "pre_post_comparison": N_("Two groups before and after"),
    },
}

REPORTS: Mapping[str, str] = {
    "partnership_report": N_("Evaluation report"),
    "council_onepager": N_("Summary for the council"),
    "programme_rollup": N_("Programme report"),
    "data_quality": N_("Data-quality report"),
}

DIMENSIONS: Mapping[str, str] = {
    "country": N_("Country"),
    "gender": N_("Gender"),
    "age_band": N_("Age"),
    "role": N_("Role"),
    "town": N_("Town"),
    "theme": N_("Theme"),
    "mode": N_("Form of the event"),
    "cerv_type": N_("Way people were reached"),
    "activity": N_("Event"),
    "answer": N_("Answer"),
}

NOT_STATED = ("unknown", "undisclosed")
"""Values of a breakdown that stand for "no answer"."""
_ALIASES: Mapping[str, str] = {"themes": "theme", "aims": "theme"}


def name_of(kind: str, value: str, translate: Translator) -> str:
    """Name of an enumeration's value, e.g. ``name_of("role", "teacher", t)``.

    Countries are named by Babel; a value without a name is returned as it is.
    """
    if value in NOT_STATED:
        return translate.text(N_("Not stated"))
    if kind == "country":
        return translate.country(value)
    names = NAMES.get(_ALIASES.get(kind, kind), {})
    found = names.get(value)
    if found is not None:
        return translate.text(found)
    return value or translate.text(N_("Not stated"))


def names_of(kind: str, values: str, translate: Translator) -> str:
    """Names of a list stored as text joined by ``;``, as ``a, b and c``."""
    return translate.listing([name_of(kind, one, translate) for one in values.split(";") if one])


def dimension(name: str, translate: Translator) -> str:
    """Heading of a breakdown, e.g. ``Country``."""
    return translate.text(DIMENSIONS[name]) if name in DIMENSIONS else name


def report_name(report: str, translate: Translator) -> str:
    """What kind of report this is."""
    return translate.text(REPORTS[report]) if report in REPORTS else report


def order(kind: str, values: list[str]) -> list[str]:
    """Values in the enumeration's own order, then others alphabetically, "not stated" last."""
    known = list(NAMES.get(_ALIASES.get(kind, kind), {}))
    position = {value: place for place, value in enumerate(known)}
    last = len(known)
    return sorted(
        values,
        key=lambda value: (value in NOT_STATED, position.get(value, last), value),
    )
