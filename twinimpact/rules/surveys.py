"""Rules of exports from online survey tools: response types, zones, versions of a response."""

from __future__ import annotations

from collections.abc import Mapping

from twinimpact.language import N_
from twinimpact.rules.rule import Rule, rule

RULES: Mapping[str, Rule] = {
    "response_type_unknown": rule(
        "warning",
        N_("Column {column} holds a value this program does not know: {got}."),
        N_("These rows count as ordinary responses. Check in the survey tool what they are."),
    ),
    "generated_responses": rule(
        "warning",
        N_("All {got} responses are previews or were generated as a test. None of them counts."),
        N_("Export the real responses, or check how they were collected."),
    ),
    "import_id_unreadable": rule(
        "warning",
        N_("The survey tool's own name of column {column} cannot be read in row {row}."),
        N_("The column goes by its heading. Export again if the file was edited by hand."),
    ),
    "same_id_differs": rule(
        "warning",
        N_("Row {row} has the response number of other rows ({expected}) but other content."),
        N_("Decide which version counts; the program chooses none of them by itself."),
    ),
    "zone_not_said": rule(
        "info",
        N_("The times of this export do not say their time zone; they were kept as written."),
        N_("Keep the third header row when you export: it names the zone."),
    ),
    "zone_unknown": rule(
        "warning",
        N_("The time zone {got} named in the file is not known; times were kept as written."),
        N_("Check the times of the first responses."),
    ),
    "clock_changed": rule(
        "info",
        N_("{got} times in column {column} fall in the hour when the clock was changed."),
        N_("They may be an hour off. Nothing needs to be done unless minutes matter."),
    ),
    "columns_spread": rule(
        "warning",
        N_("The second heading row has no question above it from column {column} on."),
        N_("Check that the two heading rows were not shifted."),
    ),
}
