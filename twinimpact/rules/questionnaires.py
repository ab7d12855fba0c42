"""Rules of XLSForms, checked by ``twinimpact survey lint``."""

from __future__ import annotations

from collections.abc import Mapping

from twinimpact.language import N_
from twinimpact.rules.rule import Rule, rule

RULES: Mapping[str, Rule] = {
    "lint_translation_blank": rule(
        "error",
        N_("{column} is blank for {got}, while another language has words there ({expected})."),
        N_("Add the translation. People would see a dash or nothing."),
    ),
    "lint_column_misspelt": rule(
        "error",
        N_("The column {got} is not known and is passed over in silence."),
        N_("Probably {expected} is meant."),
    ),
    "lint_language_code": rule(
        "warning",
        N_("The language {got} has no code."),
        N_("Write the code in brackets after the name, such as Deutsch (de), in every column."),
    ),
    "lint_language_unknown": rule(
        "error",
        N_("The sheet choices names a language that the sheet survey does not have: {got}."),
        N_("Spell languages alike everywhere. In survey: {expected}."),
    ),
    "lint_default_language": rule(
        "error",
        N_("The default_language {got} matches no column, so an empty language is shown first."),
        N_("Spell it exactly as in the column headers: {expected}."),
    ),
    "lint_placeholder_left": rule(
        "error",
        N_("A placeholder was never filled in: {got}."),
        N_("Put the name in its place."),
    ),
    "lint_setting_missing": rule(
        "warning",
        N_("The settings have no {column}."),
        N_("Add it: data are joined to the form by its id and version."),
    ),
    "lint_label_missing": rule(
        "warning",
        N_("The question {got} has no words."),
        N_("Add a label, or make it a calculation."),
    ),
    "lint_expression": rule(
        "error",
        N_("The expression cannot be read at {expected}: {got}"),
        N_("Correct it. It would fail on the device, not when the form is uploaded."),
    ),
    "lint_expression_quotes": rule(
        "error",
        N_("The quotation marks of the expression are wrong at {expected}: {got}"),
        N_("Use straight quotation marks in pairs."),
    ),
    "lint_expression_brackets": rule(
        "error",
        N_("A bracket of the expression is not closed before {expected}: {got}"),
        N_("Close every bracket that was opened."),
    ),
    "lint_expression_operator": rule(
        "error",
        N_("The expression uses {expected}, which forms do not know: {got}"),
        N_("Write =, !=, and, or, not(...) in small letters."),
    ),
    "lint_reference_unknown": rule(
        "error",
        N_("{column} refers to a question {got} that is not in the form."),
        N_("Correct the name. The nearest one is: {expected}"),
    ),
    "lint_function_unknown": rule(
        "warning",
        N_("{column} uses a function that forms do not know: {got}."),
        N_("Check its spelling. The nearest one is: {expected}"),
    ),
    "lint_name_repeated": rule(
        "error",
        N_("The name {got} is used again; it stands in row {expected} already."),
        N_("Give each question its own name, in all groups together."),
    ),
    "lint_group_unbalanced": rule(
        "error",
        N_("{got} has no counterpart."),
        N_("Every begin_group needs one end_group, and every begin_repeat one end_repeat."),
    ),
    "lint_likert_in_table": rule(
        "error",
        N_("{got} has the appearance likert inside a table-list, which overwrites it."),
        N_("Use field-list for the group, or remove likert."),
    ),
    "lint_list_unknown": rule(
        "error",
        N_("There is no choice list {got}."),
        N_("Add it to the sheet choices, or correct the name. The nearest one is: {expected}"),
    ),
    "lint_list_unused": rule(
        "warning", N_("No question uses the choice list {got}."), N_("Remove it, or use it.")
    ),
    "lint_choice_spaces": rule(
        "error",
        N_("The choice name {got} holds a space; several answers could not be told apart."),
        N_("Write {expected}; the words people see stand in the label."),
    ),
    "lint_choice_decimal": rule(
        "error",
        N_("The choice name is {got}, which is stored differently by different tools."),
        N_("Write {expected} as text."),
    ),
    "lint_choice_repeated": rule(
        "error",
        N_("The choice name {got} stands twice in the list {expected}."),
        N_("Give each answer its own name."),
    ),
    "lint_choices_differ": rule(
        "error",
        N_("The answers to {column} are not those of the instrument: {got}."),
        N_("Offer exactly its codes and its missing codes: {expected}."),
    ),
    "lint_scale_incomplete": rule(
        "error",
        N_("The scale {expected} cannot be scored: {got} is not asked."),
        N_("Ask every item of the scale, or none."),
    ),
}
