"""Rules of reading export files."""

from __future__ import annotations

from collections.abc import Mapping

from twinimpact.language import N_
from twinimpact.rules.rule import Rule, rule

RULES: Mapping[str, Rule] = {
    "encoding_guessed": rule(
        "info",
        N_("The file does not say how its letters are written; it was read as {got}."),
        N_("Check these letters: {expected}. If they look wrong, set `encoding` for this file."),
    ),
    "encoding_undecided": rule(
        "warning",
        N_("Nothing tells how these letters are written: {expected}. They were read as {got}."),
        N_("They may be rubbish. Look where they stand, or set `encoding` for this file."),
    ),
    "bytes_replaced": rule(
        "warning",
        N_("{got} places of the file could not be read as letters ({expected})."),
        N_("They show as �. Export the file again as UTF-8, or set `encoding` for this file."),
    ),
    "quotes_broken": rule(
        "warning",
        N_("The quotation marks of this file do not follow the rules of CSV."),
        N_("Check a few rows. If cells are shifted, export the file again as XLSX."),
    ),
    "quote_not_closed": rule(
        "error",
        N_("Row {row} opens a quotation mark that is never closed, so what follows is lost."),
        N_("The file is probably cut off. Download the export again."),
    ),
    "long_record": rule(
        "warning",
        N_("Row {row} runs over more than 2,000 lines, from line {got} on."),
        N_("A quotation mark is probably missing there. Check that line, or export as XLSX."),
    ),
    "row_width": rule(
        "error",
        N_("Row {row} has {got} cells, but the table has {expected} columns. It was set aside."),
        N_("A delimiter or a quotation mark is wrong in this row. Correct it, or export again."),
    ),
    "number_rounded": rule(
        "warning",
        N_("The number in column {column} is too long; the spreadsheet program has rounded it."),
        N_("Format the column as text before typing or pasting numbers, or export as CSV."),
    ),
    "date_out_of_range": rule(
        "warning",
        N_("The date in column {column} ({got}) lies outside the calendar; the cell is left out."),
        N_("Correct the date in the program that made the file, and save it again."),
    ),
    "formula_without_value": rule(
        "warning",
        N_("{got} formulas have no stored result, the first in cell {column}; they read as empty."),
        N_("Open the file in Excel or LibreOffice, save it, and import it again."),
    ),
    "sheet_hidden": rule(
        "info",
        N_("The sheet {sheet} is hidden in the workbook. It was read like the others."),
        N_("Name the right sheet with `sheet` if this one is not meant."),
    ),
    "macros_ignored": rule(
        "info",
        N_("The workbook holds macros. They were not run."),
        N_("Nothing needs to be done."),
    ),
    "workbook_memory": rule(
        "error",
        N_("Reading this workbook needs more memory than the {expected} MiB it may use."),
        N_("Delete sheets and cells that hold no answers, or export the answers as CSV."),
    ),
    "workbook_time": rule(
        "error",
        N_("Reading this workbook took longer than {expected} seconds and was stopped."),
        N_("Open it in a spreadsheet program, save it as XLSX, or export the answers as CSV."),
    ),
    "workbook_killed": rule(
        "error",
        N_("The system stopped the reading of this workbook, probably for lack of memory."),
        N_("Close other programs and try again, or export the answers as CSV."),
    ),
    "workbook_reader_stopped": rule(
        "error",
        N_("The workbook made its reader stop. It is probably damaged."),
        N_("Open it in a spreadsheet program, save it as XLSX, and import it again."),
    ),
    "workbook_answer": rule(
        "error",
        N_("The reader of this workbook gave an answer that cannot be used."),
        N_("Open it in a spreadsheet program and export the answers as CSV."),
    ),
    "workbook_reader_missing": rule(
        "error",
        N_("The part of the program that reads workbooks could not be started."),
        N_("Install the program again, or export the answers as CSV. The file is not at fault."),
    ),
    "sheets_left_out": rule(
        "info",
        N_("Only the sheet {sheet} was imported. Left out: {got}."),
        N_("Name another sheet with `sheet` if that one is meant."),
    ),
    "notes_left_out": rule(
        "info",
        N_("Rows above or below the table were taken as notes and left out: {got}."),
        N_("If these rows are data, remove blank cells from the header row or rows in between."),
    ),
    "header_missing": rule(
        "warning",
        N_("No row looks like a header, so columns are called after their letters."),
        N_("Add a first row with column names."),
    ),
    "id_missing": rule(
        "info",
        N_("The export has no response number. Each response is known by its content."),
        N_("Nothing needs to be done; a corrected answer will count as a new response."),
    ),
    "quote_prefix_removed": rule(
        "info",
        N_("{got} cells began with an apostrophe that the survey tool had added. It was removed."),
        N_("Nothing needs to be done."),
    ),
    "date_order_unknown": rule(
        "warning",
        N_("The dates in column {column} can be read day-first or month-first."),
        N_("Set the date order in the mapping file."),
    ),
    "several_rows_per_response": rule(
        "info",
        N_("{got} rows continue the response above them (repeat groups) and were left out."),
        N_("Nothing needs to be done; answers inside repeat groups are not used."),
    ),
}
