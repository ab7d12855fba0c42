"""Rules of registers, activity logs and attendance lists."""

from __future__ import annotations

from collections.abc import Mapping

from twinimpact.language import N_
from twinimpact.rules.rule import Rule, rule

RULES: Mapping[str, Rule] = {
    "records_no_currency": rule(
        "error",
        N_("The amount “{got}” has no currency."),
        N_("Write the currency beside it, for example EUR, CZK or PLN."),
    ),
    "records_goal_level": rule(
        "error",
        N_("“{got}” in {column} is no level of a goal."),
        N_("Say how far the goal was meant to be reached, from 1 (hardly) to 5 (fully)."),
    ),
    "records_link_without_sides": rule(
        "error",
        N_("A link between organisations names only one of them, or none."),
        N_("Name both organisations, or choose another kind of link."),
    ),
    "table_blank": rule(
        "error",
        N_("{column} is blank."),
        N_("Fill in the cell."),
    ),
    "table_bad_date": rule(
        "error",
        N_("The date “{got}” in {column} cannot be read safely."),
        N_("Write it as 2025-05-31, or set `date_order` in a mapping file."),
    ),
    "table_bad_number": rule(
        "warning",
        N_("“{got}” in {column} is no number; the cell is left blank."),
        N_("Write digits and one decimal mark, no thousands separators."),
    ),
    "table_bad_count": rule(
        "warning",
        N_("“{got}” in {column} is no whole number; it is left blank."),
        N_("Write digits only, without thousands separators."),
    ),
    "table_unknown_option": rule(
        "warning",
        N_("“{got}” is no known value of {column}."),
        N_("Use one of: {expected}."),
    ),
    "table_unknown_country": rule(
        "error",
        N_("The country “{got}” is not known."),
        N_("Write its two-letter code, for example DE or PL."),
    ),
    "table_unknown_town": rule(
        "error",
        N_("The town “{got}” is not in the register."),
        N_("Add it to the register of towns, or correct the spelling."),
    ),
    "table_unknown_partnership": rule(
        "error",
        N_("The partnership “{got}” is not in the register."),
        N_("Add it to the register of partnerships, or correct it. Known: {expected}."),
    ),
    "table_conflict": rule(
        "error",
        N_("“{got}” stands in rows {expected} with different content."),
        N_("Keep one of the rows, or give them different ids."),
    ),
    "activities_end_before_start": rule(
        "error",
        N_("The event ends on {got}, before it begins on {expected}."),
        N_("Correct one of the dates."),
    ),
    "activities_reach_without_method": rule(
        "error",
        N_("An indirect audience of {got} is left out: no method of estimation is given."),
        N_("Say how it was estimated in the column for the method."),
    ),
    "activities_cost_without_currency": rule(
        "error",
        N_("The cost {got} has no currency; it is left out."),
        N_("Add a column with the currency, for example EUR."),
    ),
    "activities_look_alike": rule(
        "warning",
        N_("“{got}” is listed more than once for the same day and place."),
        N_("Remove the copy if it is one event."),
    ),
    "activities_no_attendance": rule(
        "warning",
        N_("“{got}” was held, but nobody was counted ({expected})."),
        N_("Add its head-count or its list of participants."),
    ),
    "attendance_unknown_activity": rule(
        "error",
        N_("The event “{got}” is in no activity log."),
        N_("Use the id or the exact title of the log."),
    ),
    "attendance_unclear_activity": rule(
        "error",
        N_("“{got}” could be one of several events: {expected}."),
        N_("Use the event's id."),
    ),
    "attendance_person_count": rule(
        "error",
        N_("A row about one person has the count {got}."),
        N_("Leave the count blank, or remove the participant from a head-count row."),
    ),
    "attendance_bad_count": rule(
        "error",
        N_("“{got}” is no number of people."),
        N_("Write a whole number from 1."),
    ),
    "attendance_more_than_registered": rule(
        "error",
        N_("{got} people attended, but only {expected} were registered."),
        N_("Correct one of the two numbers."),
    ),
    "guests_nobody_there": rule(
        "warning",
        N_("No ticket of this list was checked in: {got} people count as registered only."),
        N_("If tickets were not scanned, count the people and add the number to the log."),
    ),
    "guests_unknown_status": rule(
        "warning",
        N_("The status “{got}” in {column} is not known; these tickets count as registered."),
        N_("Remove rows of people who cancelled, or export the list in English."),
    ),
    "attendance_margins_differ": rule(
        "error",
        N_("The head-counts of “{got}” have different totals: {expected}."),
        N_("Each set of rows for one event must add up to the same total."),
    ),
}
