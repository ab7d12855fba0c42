"""Rules of exports from field and panel tools: repeats, tick boxes, tests, missing codes."""

from __future__ import annotations

from collections.abc import Mapping

from twinimpact.language import N_
from twinimpact.rules.rule import Rule, rule

RULES: Mapping[str, Rule] = {
    "ticks_disagree": rule(
        "warning",
        N_(
            "In {got} rows the tick boxes of the question in column {column} do not say what its "
            "summary says, first in row {row}. The summary was used."
        ),
        N_("The form has probably changed. Export without split columns to see all options."),
    ),
    "choices_unclear": rule(
        "warning",
        N_(
            "In {got} rows the several answers in column {column} cannot be told apart, first in "
            "row {row}. They stay as they are."
        ),
        N_("Export with XML values and headers, or with a column for each option."),
    ),
    "repeat_table_alone": rule(
        "warning",
        N_("This is the table of a repeat group. Its {got} rows belong to responses elsewhere."),
        N_("Import the whole zip archive of the export, or the form's own table."),
    ),
    "repeat_tables_left_out": rule(
        "info",
        N_("Tables of repeat groups hold no responses of their own and were left out: {got}."),
        N_("Nothing needs to be done; answers inside repeat groups are not used."),
    ),
    "repeat_groups_elsewhere": rule(
        "info",
        N_("The form has repeat groups whose answers stand in files of their own: {got}."),
        N_("Nothing needs to be done; answers inside repeat groups are not used."),
    ),
    "tables_left_out": rule(
        "warning",
        N_("Only the table {file} was imported. Other tables of the archive were left out: {got}."),
        N_("If one of them holds responses too, unpack the archive and import it by itself."),
    ),
    "zone_assumed": rule(
        "info",
        N_("The times of this export do not say their time zone; they were read as {got}."),
        N_("If days matter at midnight, export from the server, which writes times in UTC."),
    ),
    "submissions_encrypted": rule(
        "warning",
        N_("{got} submissions are encrypted, so their answers are not in this file."),
        N_("Export again with the passphrase of the project."),
    ),
    "missing_codes": rule(
        "info",
        N_("These codes stand for a missing answer and were not read as numbers: {got}."),
        N_("If one of them is an answer in this form, give it another number there."),
    ),
    "status_unknown": rule(
        "warning",
        N_("The export has a status this program does not know: {got}. It was read as partial."),
        N_("Check these responses in the survey tool before you use them."),
    ),
    "network_repeated": rule(
        "info",
        N_("{got} responses come from a network that had answered before."),
        N_("This is a hint and no proof: a school or an office shares one address."),
    ),
    "tests_among_answers": rule(
        "info",
        N_("Some rows are tests by the makers of the survey ({got}). They do not count."),
        N_("Nothing needs to be done."),
    ),
    "answered_fast": rule(
        "info",
        N_("{got} people answered more than twice as fast as is usual in this survey."),
        N_("Compare the results with and without them."),
    ),
    "records_and_rows": rule(
        "info",
        N_("The {expected} rows of this export belong to {got} records."),
        N_("Each record in each event is one questionnaire. Map the event to the wave."),
    ),
    "repeat_instruments_left_out": rule(
        "info",
        N_("Rows of repeating instruments belong to another row and were left out: {got}."),
        N_("If the questionnaire itself repeats, export that instrument alone and import it."),
    ),
    "records_twice": rule(
        "warning",
        N_("{got} rows have the id of another row."),
        N_("Records are unique in REDCap: check whether two exports were put together."),
    ),
    "decimal_commas": rule(
        "info",
        N_("The numbers in these columns have a decimal comma: {got}. They were read as numbers."),
        N_("Nothing needs to be done."),
    ),
    "workbooks_joined": rule(
        "info",
        N_("The export has several workbooks; rows of {got} are counted on after {expected}."),
        N_("Nothing needs to be done. In that file a row has its number here less {expected}."),
    ),
    "metadata_guessed": rule(
        "info",
        N_("Column {column} ({got}) was taken for one of the survey tool's own columns."),
        N_("Its name is not known for certain in this language. Check what it was taken for."),
    ),
    "names_in_syntax": rule(
        "warning",
        N_("The file has no header: LimeSurvey keeps the names in the syntax file beside it."),
        N_("Give the .R syntax file as the code book, or put both files into one zip."),
    ),
    "codebook_misfit": rule(
        "warning",
        N_("The code book {got} has none of the questions of this file, so it was not used."),
        N_("Give the questionnaire of the same survey, or the syntax file of the same export."),
    ),
    "answers_not_in_codebook": rule(
        "warning",
        N_("{got} answers in column {column} are no options of the code book. They were kept."),
        N_("The questionnaire may have changed since. Export both again."),
    ),
}
