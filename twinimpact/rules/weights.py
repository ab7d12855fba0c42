"""Rules of weights: margins of a population, and surveys with strata and clusters."""

from __future__ import annotations

from collections.abc import Mapping

from twinimpact.language import N_
from twinimpact.rules.rule import Rule, rule

RULES: Mapping[str, Rule] = {
    "weights_self_selected": rule(
        "error",
        N_(
            "{column} is {got}: these people chose to come or were named by others, so no weights "
            "can make them stand for their town."
        ),
        N_(
            "Weight a sample of residents (arm = resident_sample). Or weight respondents to the "
            "attendance list with population = attendance."
        ),
    ),
    "weights_no_margins_given": rule(
        "error",
        N_("{column} names no margins."),
        N_("Add a table [weights.margins.gender] with the share of each level, or a file."),
    ),
    "weights_margins_given_twice": rule(
        "error",
        N_("{column} names margins in more than one way: {got}."),
        N_("Keep one of them."),
    ),
    "weights_file_unreadable": rule(
        "error",
        N_("The margins in {file} cannot be read."),
        N_("Check that the file is there and stored as UTF-8."),
    ),
    "weights_file_columns": rule(
        "error",
        N_("The margins in {file} lack a column."),
        N_("Name the columns in the first line: {expected}, and group where towns differ."),
    ),
    "weights_file_row": rule(
        "error",
        N_("Line {row} of {file} has no usable target: “{got}”."),
        N_("Write variable, level and a share between 0 and 1 or a number of people."),
    ),
    "weights_no_column": rule(
        "error",
        N_("There is no column {column} to weight by."),
        N_("Name one of: {expected}."),
    ),
    "weights_no_margin": rule(
        "error",
        N_("No margin is given."),
        N_("Name at least one variable with the share of each of its levels."),
    ),
    "weights_margin_twice": rule(
        "error",
        N_("The level {got} of {column} has two targets."),
        N_("Keep one of them."),
    ),
    "weights_bad_target": rule(
        "error",
        N_("The target of {column} cannot be used: {got}."),
        N_("Write a share between 0 and 1, or a number of people; nothing below zero."),
    ),
    "weights_margin_sum": rule(
        "error",
        N_("The targets of {column} sum to {got}, not to 1."),
        N_("Add the level that is missing or correct a share. Nothing is rescaled silently."),
    ),
    "weights_totals_differ": rule(
        "error",
        N_("The targets of {column} sum to {got}, those of another margin to {expected}."),
        N_("All margins must describe the same number of people. Nothing is rescaled silently."),
    ),
    "weights_no_targets": rule(
        "error",
        N_("The group {got} has no targets for {column}."),
        N_("Add them, or leave the group out."),
    ),
    "weights_empty_level": rule(
        "error",
        N_("No respondent is in the level {got} of {column}."),
        N_("Merge levels, in the margin and in the answers: {expected}."),
    ),
    "weights_unknown_level": rule(
        "error",
        N_("Respondents are in the level {got} of {column}, which has no target."),
        N_("Add its target, or merge it with another level: {expected}."),
    ),
    "weights_zero_target": rule(
        "error",
        N_("The level {got} of {column} has respondents, but its target is 0."),
        N_("Leave these respondents out, or merge the level: {expected}."),
    ),
    "weights_missing": rule(
        "error",
        N_("{got} respondents have no value in {column}."),
        N_(
            "Choose what becomes of them: `own_level` keeps their share as it is, "
            "`exclude` leaves them out. The choice is reported."
        ),
    ),
    "weights_few": rule(
        "error",
        N_("The level {got} of {column} has too few respondents to stand for its group."),
        N_("Merge levels: {expected}. Or raise the cap on purpose."),
    ),
    "weights_level_above_cap": rule(
        "error",
        N_("Respondents in the level {got} of {column} would need a mean weight above the cap."),
        N_("Merge levels: {expected}. Or raise the cap on purpose."),
    ),
    "weights_not_converged": rule(
        "error",
        N_("The margins cannot hold together: at {column} a difference of {got} remains."),
        N_(
            "Two of them may say the same thing, or nobody is in a combination that both need: "
            "{expected}."
        ),
    ),
    "weights_cap_infeasible": rule(
        "error",
        N_("No weights meet the margins under the cap: at {column} a difference of {got} remains."),
        N_("Raise the cap, or merge levels of: {expected}."),
    ),
    "weights_prior": rule(
        "error",
        N_("{got} weights in {column} are zero, negative or absent."),
        N_("Every respondent needs a weight above zero; leave out those who have none."),
    ),
    "weights_high_deff": rule(
        "warning",
        N_("Weighting multiplies the variance by {got}."),
        N_("Weighted numbers are as precise as {expected} unweighted people would make them."),
    ),
    "weights_large": rule(
        "warning",
        N_("The largest weight is {got} times the mean."),
        N_("Look for a level with very few respondents, and merge it."),
    ),
    "weights_margin_left": rule(
        "warning",
        N_("After weighting, {column} is still {got} standard deviations from its target."),
        N_("Do not call the sample balanced on it."),
    ),
    "design_no_column": rule(
        "error",
        N_("There is no column {column} in the data."),
        N_("Name one of: {expected}."),
    ),
    "design_no_domain": rule(
        "error",
        N_("Nobody is in the domain {column}."),
        N_("Name one of: {expected}."),
    ),
    "design_no_label": rule(
        "error",
        N_("{got} rows have no value in {column}."),
        N_("Every row of a sample belongs to a stratum and a cluster. Fill in the column."),
    ),
    "design_single_cluster": rule(
        "error",
        N_("These strata have only one cluster: {got}."),
        N_(
            "Merge strata, or choose what to do: `certainty`, `adjust` or `average`. "
            "The choice is reported."
        ),
    ),
    "design_bad_fpc": rule(
        "error",
        N_("{column} does not give the number of clusters of the stratum {got}."),
        N_(
            "Write one number for all rows of a stratum, at least as large as the number of its "
            "clusters in the sample ({expected})."
        ),
    ),
    "design_not_number": rule(
        "error",
        N_("The column {column} holds no numbers."),
        N_("Name a column with numbers, or with true and false for a share."),
    ),
}
