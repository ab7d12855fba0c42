"""Rules of answers and of the facts beside them."""

from __future__ import annotations

from collections.abc import Mapping

from twinimpact.language import N_
from twinimpact.rules.rule import Rule, rule

RULES: Mapping[str, Rule] = {
    "responses_no_items": rule(
        "error",
        N_("This file has none of the questions of {expected}."),
        N_("Map its columns with [[items]], or correct `table` in evaluation.toml."),
    ),
    "responses_no_instrument": rule(
        "info",
        N_("This file has none of the questions of {got}."),
        N_("Nothing to do if this form does not ask them; else map its columns with [[items]]."),
    ),
    "responses_consent_undeclared": rule(
        "warning",
        N_("No column of this file is named as consent."),
        N_("Name it under [consent] in the mapping file, or write why it is waived."),
    ),
    "responses_minors": rule(
        "warning",
        N_(
            "{got} respondents may be too young to consent by themselves, and no column is named "
            "for the consent of their parents or guardians."
        ),
        N_(
            "Name it under [consent] in the mapping file as `guardian`, or write under "
            "`guardian_waived` how you have it."
        ),
    ),
    "responses_free_text": rule(
        "info",
        N_("Free text, left out: {got}."),
        N_("Nothing to do: what people write in their own words is never stored."),
    ),
    "responses_unknown_wave": rule(
        "error",
        N_("The wave “{got}” is not known."),
        N_("Correct it, or map it under [values.wave]. Waves: {expected}."),
    ),
    "responses_no_wave": rule(
        "error",
        N_("The row does not say which wave it belongs to."),
        N_("Set `wave` under constants, or map the column that holds it. Waves: {expected}."),
    ),
    "responses_unknown_partnership": rule(
        "error",
        N_("The partnership “{got}” is not known."),
        N_("Add it to the register, or map it under [values.partnership]. Known: {expected}."),
    ),
    "responses_no_partnership": rule(
        "error",
        N_("The row does not say which partnership it is about."),
        N_("Set `partnership` under constants, or map the column that holds it."),
    ),
    "responses_unknown_town": rule(
        "error",
        N_("The town “{got}” is not known."),
        N_("Add it to the register, or map it under [values.town]. Known: {expected}."),
    ),
    "responses_unknown_arm": rule(
        "error",
        N_("The group “{got}” is not known."),
        N_("Map it under [values.arm]. Groups: {expected}."),
    ),
    "responses_bad_date": rule(
        "error",
        N_("The date “{got}” cannot be read safely."),
        N_("Write it as 2025-05-31, or set `date_order` in the mapping file."),
    ),
    "responses_bad_option": rule(
        "warning",
        N_("“{got}” is no known option of {column}; the cell is left blank."),
        N_("Map it in the mapping file. Options: {expected}."),
    ),
    "responses_bad_birth_year": rule(
        "warning",
        N_("The year of birth cannot be used; the age band is left blank."),
        N_("Check the year and the date of the answers."),
    ),
    "responses_town_elsewhere": rule(
        "warning",
        N_("The town “{got}” is none of the towns of the partnership “{expected}”."),
        N_(
            "Correct the town, or add it to the register of partnerships as a further town or a "
            "town of comparison."
        ),
    ),
    "responses_before_event": rule(
        "warning",
        N_("Answered on {got}, before the first event ({expected})."),
        N_("Check the date, the wave of this row, and whether the activity log is complete."),
    ),
    "responses_age_and_role": rule(
        "warning",
        N_("The age and the role in this row hardly go together."),
        N_("Check both in the survey tool; a wrong entry in the mapping file is a usual reason."),
    ),
    "responses_conflict": rule(
        "error",
        N_("The same response stands in rows {expected} with different content."),
        N_(
            "Both versions are kept. Keep the right row in the survey tool and export again, or "
            "decide: twinimpact conflicts FOLDER --write decisions.csv"
        ),
    ),
    "responses_decided": rule(
        "error",
        N_("This row changes a response about which a person has decided before."),
        N_("Both versions are kept. Decide: twinimpact conflicts FOLDER --write decisions.csv"),
    ),
    "answers_out_of_range": rule(
        "warning",
        N_("The answer “{got}” is outside the range {expected}; it counts as missing."),
        N_("Correct the answer at its source, or map it under [answers]."),
    ),
    "answers_by_label": rule(
        "info",
        N_("Answers in {column} are read by what their labels say, not by their numbers: {got}."),
        N_("Nothing needs to be done. To decide otherwise, list the codes under [answers]."),
    ),
    "answers_unreadable": rule(
        "warning",
        N_("The answer “{got}” is no known label; it counts as missing."),
        N_("Map the label to its code under [answers] in the mapping file. Codes: {expected}."),
    ),
}
