"""Problems with data and definition files, and the rules they break.

A check never stops at the first fault: it returns every :class:`Problem`.
The sentences live here, in one translatable catalogue, keyed by a stable code.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from twinimpact.language import N_, Translator, translator

Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What a rule says when it is broken, and how to mend it.

    ``what`` and ``hint`` may use the fields ``{file} {sheet} {row} {column} {got} {expected}``.
    """

    severity: Severity
    what: str
    hint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One fault in one place; ``row`` is the row number a spreadsheet program shows (1-based)."""

    code: str
    file: str = ""
    sheet: str = ""
    row: int | None = None
    column: str = ""
    got: str = ""
    expected: str = ""

    @property
    def severity(self) -> Severity:
        """``error``, ``warning`` or ``info``, from the rule."""
        return RULES[self.code].severity

    def what(self, translate: Translator | None = None) -> str:
        """The sentence that says what is wrong."""
        return (translate or translator("en")).text(RULES[self.code].what, self._fields())

    def hint(self, translate: Translator | None = None) -> str:
        """The sentence that says how to mend it."""
        return (translate or translator("en")).text(RULES[self.code].hint, self._fields())

    def place(self) -> str:
        """File, sheet, row and column in one short string."""
        parts = [
            self.file,
            self.sheet,
            f"row {self.row}" if self.row is not None else "",
            self.column,
        ]
        return ", ".join(part for part in parts if part)

    def to_dict(self, translate: Translator | None = None) -> dict[str, Any]:
        """All fields and both sentences, ready for a table or JSON."""
        return {
            "code": self.code,
            "severity": self.severity,
            "file": self.file,
            "sheet": self.sheet,
            "row": self.row,
            "column": self.column,
            "got": self.got,
            "expected": self.expected,
            "what": self.what(translate),
            "hint": self.hint(translate),
        }

    def _fields(self) -> dict[str, object]:
        return {
            "file": self.file,
            "sheet": self.sheet,
            "row": "" if self.row is None else self.row,
            "column": self.column,
            "got": self.got,
            "expected": self.expected,
        }

    def __str__(self) -> str:
        place = self.place()
        return f"{place}: {self.what()} {self.hint()}" if place else f"{self.what()} {self.hint()}"


def _rule(severity: Severity, what: str, hint: str) -> Rule:
    return Rule(severity=severity, what=what, hint=hint)


RULES: Mapping[str, Rule] = {
    # --- evaluation.toml ---
    "evaluation_absent": _rule(
        "error",
        N_("There is no file {file} in this folder."),
        N_("Change to the folder of the evaluation, or start one with: twinimpact new FOLDER."),
    ),
    "evaluation_unreadable": _rule(
        "error",
        N_("{file} cannot be read."),
        N_("Check that it is a file and that you may open it."),
    ),
    "evaluation_not_utf8": _rule(
        "error",
        N_("Line {row} of {file} holds a character that is not stored as UTF-8."),
        N_("Save the file again and choose UTF-8 as encoding."),
    ),
    "evaluation_syntax": _rule(
        "error",
        N_("Line {row} of {file} is not valid TOML (character {got})."),
        N_("Look there for a missing quotation mark, bracket or equals sign."),
    ),
    "evaluation_written_twice": _rule(
        "error",
        N_("The key or table in line {row} of {file} is written twice."),
        N_("Keep one of the two."),
    ),
    "evaluation_backslash": _rule(
        "error",
        N_("Line {row} of {file} has a backslash inside quotation marks."),
        N_("Write paths with / instead, for example inbox/answers.csv."),
    ),
    "evaluation_newer_schema": _rule(
        "error",
        N_("{file} has schema {got}; this version of twinimpact reads up to {expected}."),
        N_("Install a newer version of twinimpact."),
    ),
    "evaluation_missing_key": _rule(
        "error", N_("The key {column} is missing."), N_("Add it to {file}.")
    ),
    "evaluation_misspelt_key": _rule(
        "error", N_("The key {column} is not known."), N_("Did you mean {expected}?")
    ),
    "evaluation_unknown_key": _rule(
        "error", N_("The key {column} is not known."), N_("Remove it. Known keys here: {expected}.")
    ),
    "evaluation_not_text": _rule(
        "error",
        N_("{column} must be text, but it is {got}."),
        N_("Put the value in quotation marks."),
    ),
    "evaluation_not_whole": _rule(
        "error",
        N_("{column} must be a whole number, but it is {got}."),
        N_("Write digits only, without quotation marks."),
    ),
    "evaluation_not_number": _rule(
        "error",
        N_("{column} must be a number, but it is {got}."),
        N_("Write it with a decimal point and without quotation marks."),
    ),
    "evaluation_not_flag": _rule(
        "error",
        N_("{column} must be true or false, but it is {got}."),
        N_("Write true or false without quotation marks."),
    ),
    "evaluation_not_list": _rule(
        "error",
        N_("{column} must be a list, but it is {got}."),
        N_("Put the values in square brackets, separated by commas."),
    ),
    "evaluation_not_date": _rule(
        "error",
        N_("{column} must be a date, but it is {got}."),
        N_("Write year-month-day without quotation marks, for example 2026-06-30."),
    ),
    "evaluation_not_table": _rule(
        "error",
        N_("{column} must be a table of keys and values."),
        N_("Write [{column}] on its own line and the keys below it."),
    ),
    "evaluation_empty": _rule(
        "error", N_("{column} is empty."), N_("Give at least one value, or remove the key.")
    ),
    "evaluation_too_long": _rule(
        "error", N_("{column} is too long."), N_("Choose a shorter text than {got}.")
    ),
    "evaluation_bad_form": _rule(
        "error",
        N_("{column} has a form that is not allowed: {got}."),
        N_("Ids are small letters, digits, - and _; languages are codes such as en or de."),
    ),
    "evaluation_invalid": _rule(
        "error",
        N_("{column} has a value that cannot be used: {got}."),
        N_("See the comments in a file made by: twinimpact new FOLDER."),
    ),
    "evaluation_out_of_range": _rule(
        "error", N_("{column} is {got}, which is out of range."), N_("Allowed: {expected}.")
    ),
    "evaluation_not_allowed": _rule(
        "error",
        N_("{column} is {got}, which is not one of the allowed values."),
        N_("Use one of: {expected}."),
    ),
    "evaluation_disclosure_floor": _rule(
        "error",
        N_("{column} is {got}; groups smaller than {expected} are never shown."),
        N_("Write {expected} or more."),
    ),
    "evaluation_timezone": _rule(
        "error",
        N_("{column} is {got}, which is not a known time zone."),
        N_("Use a name such as Europe/Brussels."),
    ),
    "evaluation_inline_secret": _rule(
        "error",
        N_("{column} would keep a secret in {file}, which people share."),
        N_("Remove the value. Use key_file or key_env instead."),
    ),
    "evaluation_key_choice": _rule(
        "error",
        N_("{column} must name either key_file or key_env, and only one of them."),
        N_("Keep the one that is used."),
    ),
    "evaluation_key_inside": _rule(
        "error",
        N_("{column} lies inside the folder of the evaluation."),
        N_("Keep the key elsewhere, so that a copy of the folder does not carry the key."),
    ),
    "evaluation_repeated": _rule(
        "error",
        N_("{column} repeats {got}, which stands at {expected} already."),
        N_("Remove one, or give it another id."),
    ),
    "evaluation_end_before_start": _rule(
        "error",
        N_("{column} is {got}, before the start on {expected}."),
        N_("Correct one of the two dates."),
    ),
    "evaluation_unknown_wave": _rule(
        "error",
        N_("{column} names the wave {got}, which does not exist."),
        N_("Use one of: {expected}. Or add it under [[waves]]."),
    ),
    "evaluation_no_waves": _rule(
        "error",
        N_("{column} names the wave {got}, but the file lists no waves."),
        N_("Add it under [[waves]] with id, kind and label."),
    ),
    "evaluation_half_design": _rule(
        "error",
        N_("The design names {got} but not {column}."),
        N_("Name both waves, or neither for a single wave."),
    ),
    "evaluation_same_wave": _rule(
        "error", N_("{column} is {got}, the same wave as {expected}."), N_("Name another wave.")
    ),
    "evaluation_outside": _rule(
        "error",
        N_("{column} points outside the folder of the evaluation: {got}."),
        N_("Copy the file into the folder, for example into inbox, and write its path from there."),
    ),
    # --- instrument files ---
    "instrument_unreadable": _rule(
        "error",
        N_("The file cannot be read as an instrument: {got}"),
        N_("Mend that place. Texts stand in double quotes; save the file as UTF-8."),
    ),
    "instrument_unknown_field": _rule(
        "error",
        N_("The field {column} is not known."),
        N_("Correct its spelling or remove it. Known here: {expected}."),
    ),
    "instrument_missing_field": _rule(
        "error", N_("The field {column} is missing."), N_("Add it. The guide lists every field.")
    ),
    "instrument_wrong_type": _rule(
        "error", N_("The field {column} has the wrong form: {got}."), N_("Write {expected}.")
    ),
    "instrument_wrong_value": _rule(
        "error", N_("The field {column} cannot be {got}."), N_("Use {expected}.")
    ),
    "instrument_duplicate_id": _rule(
        "error",
        N_("The id {got} is used more than once."),
        N_("Give every instrument, item and scale its own id, in all files together."),
    ),
    "instrument_key_has_text": _rule(
        "error",
        N_("A scoring key carries wording in {column}."),
        N_("Remove it. Keys hold facts only; wording you may use goes into your own file."),
    ),
    "instrument_range_missing": _rule(
        "error",
        N_("No range is declared for {column}."),
        N_("Add range = [lowest, highest] to the item or to the instrument."),
    ),
    "instrument_code_outside": _rule(
        "error",
        N_("The code {got} in {column} lies outside the declared range {expected}."),
        N_("Correct the code or the range."),
    ),
    "instrument_missing_code_inside": _rule(
        "error",
        N_("The missing code {got} in {column} is also a valid answer ({expected})."),
        N_("Choose a code outside the range, for example 88 or 888."),
    ),
    "instrument_unknown_item": _rule(
        "error",
        N_("{column} names {got}, which is not an item there."),
        N_("Use one of: {expected}."),
    ),
    "instrument_min_valid": _rule(
        "error",
        N_("{column} is {got}, which does not fit the number of items."),
        N_("Use a number from 1 to {expected}."),
    ),
    "instrument_min_valid_unexplained": _rule(
        "error",
        N_("{column} is {got}; the convention is {expected}."),
        N_("Follow the convention, or say why not in a field notes of the scale."),
    ),
    "instrument_method": _rule(
        "error",
        N_("The method {got} of {column} does not fit its items."),
        N_("It needs {expected}."),
    ),
    "instrument_no_reliability": _rule(
        "error",
        N_("{column} gives a reliability for a scale that has none ({got})."),
        N_("Remove it: single items, counts and formative scales have no reliability."),
    ),
    "instrument_number_without_source": _rule(
        "error",
        N_("{column} gives a number without a source."),
        N_("Name the source, or remove it."),
    ),
    "instrument_translation_incomplete": _rule(
        "error",
        N_("{column} has no text in the language {got}."),
        N_("Add it, or remove this language from the whole file. A translation is used whole."),
    ),
    "instrument_label_too_long": _rule(
        "error",
        N_("{column} has {got} characters, at most {expected} fit a chart."),
        N_("Shorten it."),
    ),
    "instrument_placeholder": _rule(
        "error",
        N_("{column} holds a placeholder that cannot be filled: {got}."),
        N_("Use {expected}."),
    ),
    "instrument_condition": _rule(
        "error",
        N_("The condition in {column} cannot be read at: {got}."),
        N_("Write an item, a comparison and a whole number, joined by and: {expected}."),
    ),
    "instrument_hash_differs": _rule(
        "error",
        N_("The scoring of {column} differs from that of its version {expected}."),
        N_("Raise the version and add an entry to amendments with sha256 = {got}."),
    ),
    "instrument_text_hash_differs": _rule(
        "error",
        N_("The wording differs from its recorded hash in {column}."),
        N_("Check the change, then record the new hash: {got}."),
    ),
    "instrument_version": _rule(
        "error",
        N_("The version {got} is not the last entry of amendments ({expected})."),
        N_("Add an entry for this version, each version once."),
    ),
    "instrument_not_ready": _rule(
        "error",
        N_("This scoring key has the status {got} and may not be used."),
        N_("Check it against the paper first, then set key_status to ship."),
    ),
    "instrument_not_found": _rule(
        "error", N_("There is no instrument {got}."), N_("Found instruments: {expected}.")
    ),
    "score_out_of_range": _rule(
        "error",
        N_("The answer {got} to {column} lies outside the declared range."),
        N_("Allowed is {expected}. Correct the answer or the instrument file, then import again."),
    ),
    "score_contradiction": _rule(
        "warning",
        N_("Some answers to {column} are above those to {expected}, which cannot be: {got}."),
        N_("Check these questionnaires. Their answers are used as they are."),
    ),
    # --- reading files ---
    "encoding_guessed": _rule(
        "info",
        N_("The file does not say how its letters are written; it was read as {got}."),
        N_("Check these letters: {expected}. If they look wrong, set `encoding` for this file."),
    ),
    "bytes_replaced": _rule(
        "warning",
        N_("{got} places of the file could not be read as letters ({expected})."),
        N_("They show as �. Export the file again as UTF-8, or set `encoding` for this file."),
    ),
    "quotes_broken": _rule(
        "warning",
        N_("The quotation marks of this file do not follow the rules of CSV."),
        N_("Check a few rows. If cells are shifted, export the file again as XLSX."),
    ),
    "quote_not_closed": _rule(
        "error",
        N_("Row {row} opens a quotation mark that is never closed, so what follows is lost."),
        N_("The file is probably cut off. Download the export again."),
    ),
    "long_record": _rule(
        "warning",
        N_("Row {row} runs over more than 2,000 lines, from line {got} on."),
        N_("A quotation mark is probably missing there. Check that line, or export as XLSX."),
    ),
    "row_width": _rule(
        "error",
        N_("Row {row} has {got} cells, but the table has {expected} columns. It was set aside."),
        N_("A delimiter or a quotation mark is wrong in this row. Correct it, or export again."),
    ),
    "number_rounded": _rule(
        "warning",
        N_("The number in column {column} is too long; the spreadsheet program has rounded it."),
        N_("Format the column as text before typing or pasting numbers, or export as CSV."),
    ),
    "formula_without_value": _rule(
        "warning",
        N_("{got} formulas have no stored result, the first in cell {column}; they read as empty."),
        N_("Open the file in Excel or LibreOffice, save it, and import it again."),
    ),
    "sheet_hidden": _rule(
        "info",
        N_("The sheet {sheet} is hidden in the workbook. It was read like the others."),
        N_("Name the right sheet with `sheet` if this one is not meant."),
    ),
    "macros_ignored": _rule(
        "info",
        N_("The workbook holds macros. They were not run."),
        N_("Nothing needs to be done."),
    ),
    "sheets_left_out": _rule(
        "info",
        N_("Only the sheet {sheet} was imported. Left out: {got}."),
        N_("Name another sheet with `sheet` if that one is meant."),
    ),
    "notes_left_out": _rule(
        "info",
        N_("Rows above or below the table were taken as notes and left out: {got}."),
        N_("If these rows are data, remove blank cells from the header row or rows in between."),
    ),
    "header_missing": _rule(
        "warning",
        N_("No row looks like a header, so columns are called after their letters."),
        N_("Add a first row with column names."),
    ),
    "id_missing": _rule(
        "info",
        N_("The export has no response number. Each response is known by its content."),
        N_("Nothing needs to be done; a corrected answer will count as a new response."),
    ),
    "quote_prefix_removed": _rule(
        "info",
        N_("{got} cells began with an apostrophe that the survey tool had added. It was removed."),
        N_("Nothing needs to be done."),
    ),
    "date_order_unknown": _rule(
        "warning",
        N_("The dates in column {column} can be read day-first or month-first."),
        N_("Set the date order in the mapping file."),
    ),
    "several_rows_per_response": _rule(
        "info",
        N_("{got} rows continue the response above them (repeat groups) and were left out."),
        N_("Nothing needs to be done; answers inside repeat groups are not used."),
    ),
    # --- mapping files ---
    "import_no_file": _rule(
        "error",
        N_("No file matches `{got}`."),
        N_("Put the file into the folder, or correct `file` in evaluation.toml."),
    ),
    "import_outside": _rule(
        "error",
        N_("`{got}` leads out of the workspace; it was not opened."),
        N_("Copy the file itself into the inbox folder."),
    ),
    "import_failed": _rule(
        "error",
        N_("The file was not imported: {got}"),
        N_("{expected}"),
    ),
    "import_id_reused": _rule(
        "warning",
        N_("{got} rows of this file replace rows with the same id from {expected}."),
        N_("If these are different forms, tell them apart with constants such as `town`."),
    ),
    "import_nothing_known": _rule(
        "error",
        N_("No partnership is known, so no row can be placed."),
        N_("Add a register of partnerships: a source with table = \"partnerships\"."),
    ),
    "mapping_not_toml": _rule(
        "error",
        N_("The mapping file is not valid TOML: {got}."),
        N_("Open the file in a text editor and correct the line named."),
    ),
    "mapping_schema": _rule(
        "error",
        N_("The mapping file has schema {got}; this version reads schema {expected}."),
        N_("Set `schema = {expected}`, or install a newer version of twinimpact."),
    ),
    "mapping_unknown_key": _rule(
        "error",
        N_("The mapping file has the unknown key `{column}`."),
        N_("Correct the spelling or remove it. Known here: {expected}."),
    ),
    "mapping_missing_key": _rule(
        "error",
        N_("`{column}` in the mapping file is incomplete."),
        N_("Add: {expected}."),
    ),
    "mapping_bad_value": _rule(
        "error",
        N_("`{column}` in the mapping file has the value {got}."),
        N_("Write: {expected}."),
    ),
    "mapping_unknown_answers": _rule(
        "error",
        N_("`{column}` in the mapping file uses the answers `{got}`, which are not defined."),
        N_("Add a table [answers.{got}]. Defined so far: {expected}."),
    ),
    "mapping_item_twice": _rule(
        "error",
        N_("The item `{got}` is mapped twice; the second time in `{column}`."),
        N_("Keep one entry. Language versions of one question go into one list of columns."),
    ),
    "mapping_unknown_item": _rule(
        "error",
        N_("The mapping file names the item `{got}`, which no instrument in use has."),
        N_("Correct the item id, or add the instrument to `instruments.use` in evaluation.toml."),
    ),
    "mapping_no_column": _rule(
        "error",
        N_("This file has no column “{got}”, which the mapping file names for {column}."),
        N_("Correct the name. Columns of the file: {expected}."),
    ),
    "mapping_unknown_constant": _rule(
        "error",
        N_("The constant `{column}` is “{got}”, which is not known."),
        N_("Use one of: {expected}."),
    ),
    # --- values of responses ---
    "responses_no_items": _rule(
        "error",
        N_("This file has none of the questions of {expected}."),
        N_("Map its columns with [[items]], or correct `table` in evaluation.toml."),
    ),
    "responses_no_instrument": _rule(
        "info",
        N_("This file has none of the questions of {got}."),
        N_("Nothing to do if this form does not ask them; else map its columns with [[items]]."),
    ),
    "responses_consent_undeclared": _rule(
        "warning",
        N_("No column of this file is named as consent."),
        N_("Name it under [consent] in the mapping file, or write why it is waived."),
    ),
    "responses_unknown_wave": _rule(
        "error",
        N_("The wave “{got}” is not known."),
        N_("Correct it, or map it under [values.wave]. Waves: {expected}."),
    ),
    "responses_no_wave": _rule(
        "error",
        N_("The row does not say which wave it belongs to."),
        N_("Set `wave` under constants, or map the column that holds it. Waves: {expected}."),
    ),
    "responses_unknown_partnership": _rule(
        "error",
        N_("The partnership “{got}” is not known."),
        N_("Add it to the register, or map it under [values.partnership]. Known: {expected}."),
    ),
    "responses_no_partnership": _rule(
        "error",
        N_("The row does not say which partnership it is about."),
        N_("Set `partnership` under constants, or map the column that holds it."),
    ),
    "responses_unknown_town": _rule(
        "error",
        N_("The town “{got}” is not known."),
        N_("Add it to the register, or map it under [values.town]. Known: {expected}."),
    ),
    "responses_unknown_arm": _rule(
        "error",
        N_("The group “{got}” is not known."),
        N_("Map it under [values.arm]. Groups: {expected}."),
    ),
    "responses_bad_date": _rule(
        "error",
        N_("The date “{got}” cannot be read safely."),
        N_("Write it as 2025-05-31, or set `date_order` in the mapping file."),
    ),
    "responses_bad_option": _rule(
        "warning",
        N_("“{got}” is no known option of {column}; the cell is left blank."),
        N_("Map it in the mapping file. Options: {expected}."),
    ),
    "responses_bad_birth_year": _rule(
        "warning",
        N_("The year of birth cannot be used; the age band is left blank."),
        N_("Check the year and the date of the answers."),
    ),
    "responses_conflict": _rule(
        "error",
        N_("The same response stands in rows {expected} with different content."),
        N_("Keep the right row in the survey tool, and export again."),
    ),
    "answers_out_of_range": _rule(
        "warning",
        N_("The answer “{got}” is outside the range {expected}; it counts as missing."),
        N_("Correct the answer at its source, or map it under [answers]."),
    ),
    "answers_unreadable": _rule(
        "warning",
        N_("The answer “{got}” is no known label; it counts as missing."),
        N_("Map the label to its code under [answers] in the mapping file. Codes: {expected}."),
    ),
    # --- registers, activities, attendance ---
    "table_blank": _rule(
        "error",
        N_("{column} is blank."),
        N_("Fill in the cell."),
    ),
    "table_bad_date": _rule(
        "error",
        N_("The date “{got}” in {column} cannot be read safely."),
        N_("Write it as 2025-05-31, or set `date_order` in a mapping file."),
    ),
    "table_bad_number": _rule(
        "warning",
        N_("“{got}” in {column} is no number; the cell is left blank."),
        N_("Write digits and one decimal mark, no thousands separators."),
    ),
    "table_bad_count": _rule(
        "warning",
        N_("“{got}” in {column} is no whole number; it is left blank."),
        N_("Write digits only, without thousands separators."),
    ),
    "table_unknown_option": _rule(
        "warning",
        N_("“{got}” is no known value of {column}."),
        N_("Use one of: {expected}."),
    ),
    "table_unknown_country": _rule(
        "error",
        N_("The country “{got}” is not known."),
        N_("Write its two-letter code, for example DE or PL."),
    ),
    "table_unknown_town": _rule(
        "error",
        N_("The town “{got}” is not in the register."),
        N_("Add it to the register of towns, or correct the spelling."),
    ),
    "table_unknown_partnership": _rule(
        "error",
        N_("The partnership “{got}” is not in the register."),
        N_("Add it to the register of partnerships, or correct it. Known: {expected}."),
    ),
    "table_conflict": _rule(
        "error",
        N_("“{got}” stands in rows {expected} with different content."),
        N_("Keep one of the rows, or give them different ids."),
    ),
    "activities_end_before_start": _rule(
        "error",
        N_("The event ends on {got}, before it begins on {expected}."),
        N_("Correct one of the dates."),
    ),
    "activities_reach_without_method": _rule(
        "error",
        N_("An indirect audience of {got} is left out: no method of estimation is given."),
        N_("Say how it was estimated in the column for the method."),
    ),
    "activities_cost_without_currency": _rule(
        "error",
        N_("The cost {got} has no currency; it is left out."),
        N_("Add a column with the currency, for example EUR."),
    ),
    "activities_look_alike": _rule(
        "warning",
        N_("“{got}” is listed more than once for the same day and place."),
        N_("Remove the copy if it is one event."),
    ),
    "activities_no_attendance": _rule(
        "warning",
        N_("“{got}” was held, but nobody was counted ({expected})."),
        N_("Add its head-count or its list of participants."),
    ),
    "attendance_unknown_activity": _rule(
        "error",
        N_("The event “{got}” is in no activity log."),
        N_("Use the id or the exact title of the log."),
    ),
    "attendance_unclear_activity": _rule(
        "error",
        N_("“{got}” could be one of several events: {expected}."),
        N_("Use the event's id."),
    ),
    "attendance_person_count": _rule(
        "error",
        N_("A row about one person has the count {got}."),
        N_("Leave the count blank, or remove the participant from a head-count row."),
    ),
    "attendance_bad_count": _rule(
        "error",
        N_("“{got}” is no number of people."),
        N_("Write a whole number from 1."),
    ),
    "attendance_more_than_registered": _rule(
        "error",
        N_("{got} people attended, but only {expected} were registered."),
        N_("Correct one of the two numbers."),
    ),
    "attendance_margins_differ": _rule(
        "error",
        N_("The head-counts of “{got}” have different totals: {expected}."),
        N_("Each set of rows for one event must add up to the same total."),
    ),
    # --- calendars ---
    "calendar_no_end": _rule(
        "warning",
        N_("END:VCALENDAR is missing; the {got} events found were read all the same."),
        N_("Export the calendar again: the file may be cut off."),
    ),
    "calendar_bad_event": _rule(
        "error",
        N_("The event “{got}” could not be dated: {expected}."),
        N_("Open it in the calendar program, correct it, and export again."),
    ),
    "calendar_no_partnership": _rule(
        "error",
        N_("The event “{got}” names no partnership."),
        N_("Set `partnership` under constants, or put its name into the categories."),
    ),
}
N_("")  # keeps the marker imported for the catalogue above
