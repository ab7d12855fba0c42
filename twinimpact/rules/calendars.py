"""Rules of calendars."""

from __future__ import annotations

from collections.abc import Mapping

from twinimpact.language import N_
from twinimpact.rules.rule import Rule, rule

RULES: Mapping[str, Rule] = {
    "calendar_no_end": rule(
        "warning",
        N_("END:VCALENDAR is missing; the {got} events found were read all the same."),
        N_("Export the calendar again: the file may be cut off."),
    ),
    "calendar_bad_event": rule(
        "error",
        N_("The event “{got}” could not be dated: {expected}."),
        N_("Open it in the calendar program, correct it, and export again."),
    ),
    "calendar_no_partnership": rule(
        "error",
        N_("The event “{got}” names no partnership."),
        N_("Set `partnership` under constants, or put its name into the categories."),
    ),
}
