"""Rules of ``evaluation.toml``."""

from __future__ import annotations

from collections.abc import Mapping

from twinimpact.language import N_
from twinimpact.rules.rule import Rule, rule

RULES: Mapping[str, Rule] = {
    "evaluation_absent": rule(
        "error",
        N_("There is no file {file} in this folder."),
        N_("Change to the folder of the evaluation, or start one with: twinimpact new FOLDER."),
    ),
    "evaluation_unreadable": rule(
        "error",
        N_("{file} cannot be read."),
        N_("Check that it is a file and that you may open it."),
    ),
    "evaluation_not_utf8": rule(
        "error",
        N_("Line {row} of {file} holds a character that is not stored as UTF-8."),
        N_("Save the file again and choose UTF-8 as encoding."),
    ),
    "evaluation_syntax": rule(
        "error",
        N_("Line {row} of {file} is not valid TOML (character {got})."),
        N_("Look there for a missing quotation mark, bracket or equals sign."),
    ),
    "evaluation_written_twice": rule(
        "error",
        N_("The key or table in line {row} of {file} is written twice."),
        N_("Keep one of the two."),
    ),
    "evaluation_backslash": rule(
        "error",
        N_("Line {row} of {file} has a backslash inside quotation marks."),
        N_("Write paths with / instead, for example inbox/answers.csv."),
    ),
    "evaluation_newer_schema": rule(
        "error",
        N_("{file} has schema {got}; this version of twinimpact reads up to {expected}."),
        N_("Install a newer version of twinimpact."),
    ),
    "evaluation_missing_key": rule(
        "error", N_("The key {column} is missing."), N_("Add it to {file}.")
    ),
    "evaluation_misspelt_key": rule(
        "error", N_("The key {column} is not known."), N_("Did you mean {expected}?")
    ),
    "evaluation_unknown_key": rule(
        "error", N_("The key {column} is not known."), N_("Remove it. Known keys here: {expected}.")
    ),
    "evaluation_not_text": rule(
        "error",
        N_("{column} must be text, but it is {got}."),
        N_("Put the value in quotation marks."),
    ),
    "evaluation_not_whole": rule(
        "error",
        N_("{column} must be a whole number, but it is {got}."),
        N_("Write digits only, without quotation marks."),
    ),
    "evaluation_not_number": rule(
        "error",
        N_("{column} must be a number, but it is {got}."),
        N_("Write it with a decimal point and without quotation marks."),
    ),
    "evaluation_not_flag": rule(
        "error",
        N_("{column} must be true or false, but it is {got}."),
        N_("Write true or false without quotation marks."),
    ),
    "evaluation_not_list": rule(
        "error",
        N_("{column} must be a list, but it is {got}."),
        N_("Put the values in square brackets, separated by commas."),
    ),
    "evaluation_not_date": rule(
        "error",
        N_("{column} must be a date, but it is {got}."),
        N_("Write year-month-day without quotation marks, for example 2026-06-30."),
    ),
    "evaluation_not_table": rule(
        "error",
        N_("{column} must be a table of keys and values."),
        N_("Write [{column}] on its own line and the keys below it."),
    ),
    "evaluation_empty": rule(
        "error", N_("{column} is empty."), N_("Give at least one value, or remove the key.")
    ),
    "evaluation_too_long": rule(
        "error", N_("{column} is too long."), N_("Choose a shorter text than {got}.")
    ),
    "evaluation_bad_form": rule(
        "error",
        N_("{column} has a form that is not allowed: {got}."),
        N_("Ids are small letters, digits, - and _; languages are codes such as en or de."),
    ),
    "evaluation_invalid": rule(
        "error",
        N_("{column} has a value that cannot be used: {got}."),
        N_("See the comments in a file made by: twinimpact new FOLDER."),
    ),
    "evaluation_out_of_range": rule(
        "error", N_("{column} is {got}, which is out of range."), N_("Allowed: {expected}.")
    ),
    "evaluation_not_allowed": rule(
        "error",
        N_("{column} is {got}, which is not one of the allowed values."),
        N_("Use one of: {expected}."),
    ),
    "evaluation_disclosure_floor": rule(
        "error",
        N_("{column} is {got}; groups smaller than {expected} are never shown."),
        N_("Write {expected} or more."),
    ),
    "evaluation_timezone": rule(
        "error",
        N_("{column} is {got}, which is not a known time zone."),
        N_("Use a name such as Europe/Brussels."),
    ),
    "evaluation_inline_secret": rule(
        "error",
        N_("{column} would keep a secret in {file}, which people share."),
        N_("Remove the value. Use key_file or key_env instead."),
    ),
    "evaluation_key_choice": rule(
        "error",
        N_("{column} must name either key_file or key_env, and only one of them."),
        N_("Keep the one that is used."),
    ),
    "evaluation_key_inside": rule(
        "error",
        N_("{column} lies inside the folder of the evaluation."),
        N_("Keep the key elsewhere, so that a copy of the folder does not carry the key."),
    ),
    "evaluation_repeated": rule(
        "error",
        N_("{column} repeats {got}, which stands at {expected} already."),
        N_("Remove one, or give it another id."),
    ),
    "evaluation_end_before_start": rule(
        "error",
        N_("{column} is {got}, before the start on {expected}."),
        N_("Correct one of the two dates."),
    ),
    "evaluation_window_unused": rule(
        "error",
        N_("{column} chooses days of a calendar, but this source is no calendar."),
        N_("Remove it. Waves and `as_of` decide which days count elsewhere."),
    ),
    "evaluation_codebook_unused": rule(
        "error",
        N_("{column} explains answers, but this source holds none."),
        N_("Remove it, or correct `table` if the file holds answers."),
    ),
    "evaluation_unknown_wave": rule(
        "error",
        N_("{column} names the wave {got}, which does not exist."),
        N_("Use one of: {expected}. Or add it under [[waves]]."),
    ),
    "evaluation_no_waves": rule(
        "error",
        N_("{column} names the wave {got}, but the file lists no waves."),
        N_("Add it under [[waves]] with id, kind and label."),
    ),
    "evaluation_half_design": rule(
        "error",
        N_("The design names {got} but not {column}."),
        N_("Name both waves, or neither for a single wave."),
    ),
    "evaluation_same_wave": rule(
        "error", N_("{column} is {got}, the same wave as {expected}."), N_("Name another wave.")
    ),
    "evaluation_outside": rule(
        "error",
        N_("{column} points outside the folder of the evaluation: {got}."),
        N_("Copy the file into the folder, for example into inbox, and write its path from there."),
    ),
    "plan_unknown_outcome": rule(
        "error",
        N_("{column} names {got}, which is no outcome of the plan."),
        N_("Use one of: {expected}. Or add it under [[outcomes]]."),
    ),
}
