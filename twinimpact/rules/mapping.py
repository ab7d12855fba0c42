"""Rules of mapping files."""

from __future__ import annotations

from collections.abc import Mapping

from twinimpact.language import N_
from twinimpact.rules.rule import Rule, rule

RULES: Mapping[str, Rule] = {
    "import_no_file": rule(
        "error",
        N_("No file matches `{got}`."),
        N_("Put the file into the folder, or correct `file` in evaluation.toml."),
    ),
    "import_outside": rule(
        "error",
        N_("`{got}` leads out of the workspace; it was not opened."),
        N_("Copy the file itself into the inbox folder."),
    ),
    "import_failed": rule(
        "error",
        N_("The file was not imported: {got}"),
        N_("{expected}"),
    ),
    "import_id_reused": rule(
        "warning",
        N_("{got} rows of this file replace rows with the same id from {expected}."),
        N_("If these are different forms, tell them apart with constants such as `town`."),
    ),
    "import_nothing_known": rule(
        "error",
        N_("No partnership is known, so no row can be placed."),
        N_('Add a register of partnerships: a source with table = "partnerships".'),
    ),
    "mapping_not_toml": rule(
        "error",
        N_("The mapping file is not valid TOML: {got}."),
        N_("Open the file in a text editor and correct the line named."),
    ),
    "mapping_schema": rule(
        "error",
        N_("The mapping file has schema {got}; this version reads schema {expected}."),
        N_("Set `schema = {expected}`, or install a newer version of twinimpact."),
    ),
    "mapping_unknown_key": rule(
        "error",
        N_("The mapping file has the unknown key `{column}`."),
        N_("Correct the spelling or remove it. Known here: {expected}."),
    ),
    "mapping_missing_key": rule(
        "error",
        N_("`{column}` in the mapping file is incomplete."),
        N_("Add: {expected}."),
    ),
    "mapping_bad_value": rule(
        "error",
        N_("`{column}` in the mapping file has the value {got}."),
        N_("Write: {expected}."),
    ),
    "mapping_unknown_answers": rule(
        "error",
        N_("`{column}` in the mapping file uses the answers `{got}`, which are not defined."),
        N_("Add a table [answers.{got}]. Defined so far: {expected}."),
    ),
    "mapping_item_twice": rule(
        "error",
        N_("The item `{got}` is mapped twice; the second time in `{column}`."),
        N_("Keep one entry. Language versions of one question go into one list of columns."),
    ),
    "mapping_unknown_item": rule(
        "error",
        N_("The mapping file names the item `{got}`, which no instrument in use has."),
        N_("Correct the item id, or add the instrument to `instruments.use` in evaluation.toml."),
    ),
    "mapping_no_column": rule(
        "error",
        N_("This file has no column “{got}”, which the mapping file names for {column}."),
        N_("Correct the name. Columns of the file: {expected}."),
    ),
    "mapping_header_new": rule(
        "info",
        N_("This file has columns that the form did not have when the mapping was written: {got}."),
        N_("Map them if they are needed; otherwise nothing is to be done."),
    ),
    "mapping_header_gone": rule(
        "warning",
        N_("This file lacks columns that the form had when the mapping was written: {got}."),
        N_("If a question was dropped, nothing is to be done. If not, export all columns."),
    ),
    "mapping_header_renamed": rule(
        "warning",
        N_("The column “{got}” is gone, and “{expected}” is new and much like it."),
        N_("If it is the same question, name both in one list of columns in the mapping file."),
    ),
    "mapping_unknown_constant": rule(
        "error",
        N_("The constant `{column}` is “{got}”, which is not known."),
        N_("Use one of: {expected}."),
    ),
}
