"""The evidence grade and the table of deviations, in words."""

from __future__ import annotations

from collections.abc import Mapping

from twinimpact.language import N_

GRADES: Mapping[str, str] = {
    "A": N_("The comparison is sound and rests on enough people and on dependable answers."),
    "B": N_("The numbers carry, with reservations; they are named below."),
    "C": N_(
        "The numbers show what the people asked answered and how that moved. They do not carry a "
        "statement about why."
    ),
    "D": N_("The numbers describe the people who answered and carry no further."),
}
"""What each evidence grade means."""

GRADE_REASONS: Mapping[str, str] = {
    "grade_design": N_("The design is at level {value} of 5. That leaves at most {letter}."),
    "grade_people": N_("People behind the number: {value}. That leaves at most {letter}."),
    "grade_people_unknown": N_(
        "How many people are behind the number is not known. That leaves at most {letter}."
    ),
    "grade_linking": N_(
        "Of the people who could have been found in both waves, {value} were found. That leaves at "
        "most {letter}."
    ),
    "grade_linking_unknown": N_(
        "How many people were found in both waves is not known. That leaves at most {letter}."
    ),
    "grade_linked_differ": N_(
        "People found again differed before from those not found again, by {value} of the usual "
        "spread. That leaves at most {letter}."
    ),
    "grade_linked_differ_unknown": N_(
        "Whether people found again differed before from the others is not known. That leaves at "
        "most {letter}."
    ),
    "grade_reliability": N_(
        "The questions of the scale hang together with a reliability of {value}. That leaves at "
        "most {letter}."
    ),
    "grade_reliability_unknown": N_(
        "The reliability of the scale is not known. That leaves at most {letter}."
    ),
    "grade_response": N_("Of those asked, {value} answered. That leaves at most {letter}."),
    "grade_hidden": N_("The numbers an evidence grade would speak about are hidden or missing."),
}
"""What keeps an evidence grade below A; the heaviest reason comes first."""
SHARES = ("grade_linking", "grade_linked_differ", "grade_response")
"""Reasons whose value is told as per cent."""
COUNTS = ("grade_design", "grade_people")

PLAN_WORDS: Mapping[str, str] = {
    "not_planned": N_("not planned"),
    "none": N_("none"),
    "not_run": N_("not carried out"),
    "not_checked": N_("not checked by the program"),
    "in_time": N_("named before the first answer afterwards"),
    "too_late": N_("named after the first answer afterwards"),
    "date_unknown": N_("day of the first answer afterwards not known"),
    "changed_later": N_("changed after the first answer afterwards"),
    "suppressed": N_("hidden to protect people"),
    "refused": N_("refused: the design does not allow it"),
    "not_estimable": N_("could not be computed"),
    "not_available": N_("no data"),
    "exploratory": N_("exploratory"),
    "confirmatory": N_("confirmatory"),
}
"""Words of the table of deviations; anything else stands as it is in the plan."""
