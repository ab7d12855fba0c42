"""Rules of instrument and form files."""

from __future__ import annotations

from collections.abc import Mapping

from twinimpact.language import N_
from twinimpact.rules.rule import Rule, rule

RULES: Mapping[str, Rule] = {
    "instrument_unreadable": rule(
        "error",
        N_("The file cannot be read as an instrument: {got}"),
        N_("Mend that place. Texts stand in double quotes; save the file as UTF-8."),
    ),
    "instrument_unknown_field": rule(
        "error",
        N_("The field {column} is not known."),
        N_("Correct its spelling or remove it. Known here: {expected}."),
    ),
    "instrument_missing_field": rule(
        "error", N_("The field {column} is missing."), N_("Add it. The guide lists every field.")
    ),
    "instrument_wrong_type": rule(
        "error", N_("The field {column} has the wrong form: {got}."), N_("Write {expected}.")
    ),
    "instrument_wrong_value": rule(
        "error", N_("The field {column} cannot be {got}."), N_("Use {expected}.")
    ),
    "instrument_duplicate_id": rule(
        "error",
        N_("The id {got} is used more than once."),
        N_("Give every instrument, item and scale its own id, in all files together."),
    ),
    "instrument_key_has_text": rule(
        "error",
        N_("A scoring key carries wording in {column}."),
        N_("Remove it. Keys hold facts only; wording you may use goes into your own file."),
    ),
    "instrument_range_missing": rule(
        "error",
        N_("No range is declared for {column}."),
        N_("Add range = [lowest, highest] to the item or to the instrument."),
    ),
    "instrument_code_outside": rule(
        "error",
        N_("The code {got} in {column} lies outside the declared range {expected}."),
        N_("Correct the code or the range."),
    ),
    "instrument_missing_code_inside": rule(
        "error",
        N_("The missing code {got} in {column} is also a valid answer ({expected})."),
        N_("Choose a code outside the range, for example 88 or 888."),
    ),
    "instrument_unknown_item": rule(
        "error",
        N_("{column} names {got}, which is not an item there."),
        N_("Use one of: {expected}."),
    ),
    "instrument_min_valid": rule(
        "error",
        N_("{column} is {got}, which does not fit the number of items."),
        N_("Use a number from 1 to {expected}."),
    ),
    "instrument_min_valid_unexplained": rule(
        "error",
        N_("{column} is {got}; the convention is {expected}."),
        N_("Follow the convention, or say why not in a field notes of the scale."),
    ),
    "instrument_method": rule(
        "error",
        N_("The method {got} of {column} does not fit its items."),
        N_("It needs {expected}."),
    ),
    "instrument_no_reliability": rule(
        "error",
        N_("{column} gives a reliability for a scale that has none ({got})."),
        N_("Remove it: single items, counts and formative scales have no reliability."),
    ),
    "instrument_number_without_source": rule(
        "error",
        N_("{column} gives a number without a source."),
        N_("Name the source, or remove it."),
    ),
    "instrument_translation_incomplete": rule(
        "error",
        N_("{column} has no text in the language {got}."),
        N_("Add it, or remove this language from the whole file. A translation is used whole."),
    ),
    "instrument_label_too_long": rule(
        "error",
        N_("{column} has {got} characters, at most {expected} fit a chart."),
        N_("Shorten it."),
    ),
    "instrument_placeholder": rule(
        "error",
        N_("{column} holds a placeholder that cannot be filled: {got}."),
        N_("Use {expected}."),
    ),
    "instrument_condition": rule(
        "error",
        N_("The condition in {column} cannot be read at: {got}."),
        N_("Write an item, a comparison and a whole number, joined by and: {expected}."),
    ),
    "instrument_hash_differs": rule(
        "error",
        N_("The scoring of {column} differs from that of its version {expected}."),
        N_("Raise the version and add an entry to amendments with sha256 = {got}."),
    ),
    "instrument_text_hash_differs": rule(
        "error",
        N_("The wording differs from its recorded hash in {column}."),
        N_("Check the change, then record the new hash: {got}."),
    ),
    "instrument_version": rule(
        "error",
        N_("The version {got} is not the last entry of amendments ({expected})."),
        N_("Add an entry for this version, each version once."),
    ),
    "instrument_not_ready": rule(
        "error",
        N_("This scoring key has the status {got} and may not be used."),
        N_("Check it against the paper first, then set key_status to ship."),
    ),
    "instrument_not_found": rule(
        "error", N_("There is no instrument {got}."), N_("Found instruments: {expected}.")
    ),
    "form_then_items": rule(
        "error",
        N_("A form that looks back has {got} items, or asks about other times too."),
        N_("Give it a file of its own with at most {expected} items and the wave retro_pre alone."),
    ),
    "site_form_missing": rule(
        "error",
        N_("The site file has no {column}, which this sentence needs: {got}"),
        N_("Add it to the site file, with its preposition and in the right case."),
    ),
    "overlay_in_package": rule(
        "error",
        N_("The file {got} with licensed wording lies inside the package."),
        N_("Move it to a folder of your own; the package holds only wording of its developers."),
    ),
    "overlay_changes_scoring": rule(
        "error",
        N_("The file with licensed wording changes the scoring: {column}."),
        N_("Remove it. Scoring comes from the key alone."),
    ),
    "overlay_of_own": rule(
        "error",
        N_("{got} has its own wording and takes no other."),
        N_("Remove the file, or name a published scale."),
    ),
    "overlay_other_version": rule(
        "error",
        N_("The wording is for version {got} of the key; in use is {expected}."),
        N_("Compare both versions, then correct for_version."),
    ),
    "overlay_other_hash": rule(
        "error",
        N_("The key has changed since this wording was written for it."),
        N_("Compare items and reversed items, then set definition_sha256 to {expected}."),
    ),
    "overlay_no_licence": rule(
        "error",
        N_("The wording has no licence_statement (the source counts as {got})."),
        N_("Say under which licence or consent you use it."),
    ),
    "overlay_no_permission": rule(
        "error",
        N_("The wording of {got} may be used with written permission only."),
        N_("Name the permission in permission_reference."),
    ),
    "score_out_of_range": rule(
        "error",
        N_("The answer {got} to {column} lies outside the declared range."),
        N_("Allowed is {expected}. Correct the answer or the instrument file, then import again."),
    ),
    "score_codebook_misfit": rule(
        "error",
        N_("The code book does not fit {column}: {got} answers lie outside its declared range."),
        N_("Compare the codes in the file with those of the instrument, then import again."),
    ),
    "score_answered_twice": rule(
        "error",
        N_("In row {row} somebody answers a wave a second time."),
        N_("Keep one questionnaire of each person and wave."),
    ),
    "item_looks_unreversed": rule(
        "warning",
        N_("This item looks un-reversed: “{got}” ({column})."),
        N_(
            "People who say yes to the other questions of its scale tend to say no to this one. "
            "Check its answer codes, and the line {expected} of the key."
        ),
    ),
    "score_contradiction": rule(
        "warning",
        N_("Some answers to {column} are above those to {expected}, which cannot be: {got}."),
        N_("Check these questionnaires. Their answers are used as they are."),
    ),
}
