"""A new evaluation folder: settings with explanations, and workbooks to fill in."""

from __future__ import annotations

import datetime as dt
import io
import re
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from twinimpact.errors import DefinitionError
from twinimpact.language import N_
from twinimpact.privacy import create_key
from twinimpact.schema import TABLES, Column

FOLDERS = ("inbox", "mappings", "surveys")
KEY_FOLDER = Path("~/.config/twinimpact")
ROWS_WITH_CHOICES = 1000
CHOICES = "Choices"
NUMBERS = ("integer", "number")
CREATED = dt.datetime(2000, 1, 1)  # a fixed time, so that equal input gives equal bytes

EXAMPLES: Mapping[str, Mapping[str, str]] = {
    "towns": {
        "town_id": "example-town", "name": "Example Town", "country": "DE",
        "population": "12000", "population_year": "2024", "local_code": "00000000",
        "lat": "50.1", "lon": "8.7", "languages": "de",
    },
    "partnerships": {
        "partnership_id": "example", "name": "Example Town – Ville Exemple",
        "town_a": "example-town", "town_b": "example-ville", "further_towns": "",
        "comparison_towns": "example-neighbour", "form": "formal", "basis": "agreement",
        "date_signed": "1987-06-14", "date_ended": "", "status": "active",
        "aims": "culture; youth",
    },
    "activities": {
        "activity_id": "example-1", "partnership_id": "example", "title": "Citizens' meeting",
        "type": "citizens_meeting", "themes": "culture; youth", "cerv_type": "mutual_learning",
        "start_date": "2026-05-14", "end_date": "2026-05-17", "hours": "18",
        "host_town_id": "example-town", "organiser_towns": "example-town; example-ville",
        "mode": "in_person", "status": "held", "is_public": "yes", "planned_participants": "60",
        "cost_total": "8200", "currency": "EUR", "volunteer_hours": "140",
        "indirect_reach": "1500", "indirect_method": "readers of the town's newsletter",
    },
    "attendance": {
        "activity_id": "example-1", "participant_id": "A-017", "count": "1", "attended": "yes",
        "town_id": "example-ville", "country": "FR", "gender": "female", "age_band": "30-44",
        "role": "citizen", "margin_set": "", "capacity_role": "invited",
        "evidence": "signed_list", "hours": "", "days": "3",
    },
}  # fmt: skip
WORKBOOKS: Mapping[str, tuple[str, ...]] = {
    "registers.xlsx": ("towns", "partnerships"),
    "activities.xlsx": ("activities", "attendance"),
}
LISTS: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("attendance", "attended"): ("yes", "no"),
    ("activities", "is_public"): ("yes", "no"),
}
NOT_TYPED = (("attendance", "row_key"),)
"""Columns that the importer fills in itself."""


def new_workspace(folder: Path, title: str) -> tuple[Path, ...]:
    """Write a commented ``evaluation.toml``, template workbooks and a key for pseudonyms.

    Parameters
    ----------
    folder
        Made if it does not exist; nothing in it is overwritten.
    title
        Title of the evaluation; its id is made from it.

    Returns
    -------
    tuple of Path
        The files written, the key last. The key lies outside the folder on purpose: a copy of
        the folder must not carry it.

    Raises
    ------
    DefinitionError
        If the folder already holds an evaluation or one of the files.
    """
    books = {f"inbox/{name}": _workbook(tables) for name, tables in WORKBOOKS.items()}
    names = ("evaluation.toml", "mappings/template.toml", *books)
    for name in names:
        if (folder / name).exists():
            raise DefinitionError(
                "The folder holds an evaluation already; nothing was written.",
                where=str(folder / name),
                hint="Name a new folder, or move this file away.",
            )
    evaluation_id = slug(title)
    key = _free_key(evaluation_id)
    # as_posix, because a backslash would be an escape in TOML
    shown_key = (KEY_FOLDER / key.name).as_posix()
    settings = SETTINGS.format(
        id=evaluation_id, title=_quoted(title.strip() or evaluation_id), key=shown_key
    )
    for name in FOLDERS:
        (folder / name).mkdir(parents=True, exist_ok=True)
    for name, text in zip(names, (settings, MAPPING), strict=False):
        (folder / name).write_text(text, encoding="utf-8")
    for name, content in books.items():
        (folder / name).write_bytes(content)
    create_key(key)
    return (*(folder / name for name in names), key)


def slug(title: str) -> str:
    """An id made from a title: lower-case letters, digits and hyphens.

    >>> slug("Städtepartnerschaften 2026!")
    'stadtepartnerschaften-2026'
    """
    plain = unicodedata.normalize("NFKD", title.casefold().replace("ł", "l"))
    ascii_only = plain.encode("ascii", "ignore").decode("ascii")
    return re.sub(r"[^a-z0-9]+", "-", ascii_only).strip("-")[:60].strip("-") or "evaluation"


def header_of(column: Column) -> str:
    """A column's name as people read it; required ones carry a star."""
    words = column.name.replace("_", " ").capitalize()
    return f"{words} *" if column.required else words


def _free_key(evaluation_id: str) -> Path:
    folder = KEY_FOLDER.expanduser()
    candidate, number = folder / f"{evaluation_id}.key", 2
    while candidate.exists():
        candidate, number = folder / f"{evaluation_id}-{number}.key", number + 1
    return candidate


def _quoted(text: str) -> str:
    kept = "".join(character for character in text if character.isprintable())
    return '"' + kept.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _workbook(tables: Sequence[str]) -> bytes:
    import xlsxwriter

    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    book.set_properties({"created": CREATED})
    dropdowns = _dropdowns(tables)
    for table in tables:
        _data_sheet(book, table, dropdowns)
    _guide(book, tables)
    hidden = book.add_worksheet(CHOICES)
    hidden.hide()
    for place, (table, name) in enumerate(dropdowns):
        hidden.write_column(0, place, dropdowns[table, name])
    book.close()
    return buffer.getvalue()


def _data_sheet(
    book: Any, table: str, dropdowns: Mapping[tuple[str, str], tuple[str, ...]]
) -> None:
    head = book.add_format({"bold": True, "bg_color": "#DCE6F1", "border": 1, "text_wrap": True})
    # text format: a code such as 0312 or a date stays what was typed
    text = book.add_format({"num_format": "@"})
    sheet = book.add_worksheet(table.capitalize())
    sheet.freeze_panes(1, 1)
    for place, column in enumerate(_columns(table)):
        sheet.set_column(place, place, 18, None if column.kind in NUMBERS else text)
        sheet.write_string(0, place, header_of(column), head)
        sheet.write_comment(0, place, _meaning(column))
        words = dropdowns.get((table, column.name))
        if words:
            # a list written into the rule itself may hold 255 characters only
            letter = chr(ord("A") + list(dropdowns).index((table, column.name)))
            source = f"={CHOICES}!${letter}$1:${letter}${len(words)}"
            rule = {"validate": "list", "source": source, "ignore_blank": True}
            sheet.data_validation(1, place, ROWS_WITH_CHOICES, place, rule)


def _guide(book: Any, tables: Sequence[str]) -> None:
    head = book.add_format({"bold": True, "bg_color": "#DCE6F1", "border": 1})
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    sheet = book.add_worksheet("Read me")
    for first, last, width in ((0, 1, 22), (2, 3, 50), (4, 4, 30)):
        sheet.set_column(first, last, width)
    for row, line in enumerate(GUIDE):
        sheet.write_string(row, 0, line)
    row = len(GUIDE) + 1
    for place, name in enumerate(("Sheet", "Column", "What goes there", "Allowed", "Example")):
        sheet.write_string(row, place, name, head)
    for table in tables:
        for column in _columns(table):
            row += 1
            cells = (
                table.capitalize(),
                header_of(column),
                _meaning(column),
                ", ".join(_choices(table, column)),
                EXAMPLES[table].get(column.name, ""),
            )
            for place, cell in enumerate(cells):
                sheet.write_string(row, place, cell, wrap)


def _dropdowns(tables: Sequence[str]) -> dict[tuple[str, str], tuple[str, ...]]:
    return {
        (table, column.name): _choices(table, column)
        for table in tables
        for column in _columns(table)
        if _choices(table, column) and column.kind != "list"
    }


def _columns(table: str) -> tuple[Column, ...]:
    return tuple(
        column for column in TABLES[table].columns if (table, column.name) not in NOT_TYPED
    )


def _choices(table: str, column: Column) -> tuple[str, ...]:
    return column.allowed or LISTS.get((table, column.name), ())


def _meaning(column: Column) -> str:
    words = column.meaning[:1].upper() + column.meaning[1:] + "."
    if column.kind == "list":
        words += " Several are separated by a semicolon."
    if column.kind == "date":
        words += " Write 2026-05-14 or 14.05.2026."
    return words


GUIDE = (
    N_("Fill in the other sheets; one line is one row. Columns with a star may not be blank."),
    N_("The last column of the table below shows an example. The other sheets hold no example "
       "rows, so nothing has to be deleted before importing."),
    N_("Do not write names, e-mail addresses or birth dates of people. Participants get a number."),
    N_("You may delete, reorder or translate columns, and add your own: those are ignored."),
)  # fmt: skip

SETTINGS = """\
# Settings of this evaluation. Lines that begin with # are explanations or switched-off lines.
# Check everything at any time with:  twinimpact check .
schema = 1

[evaluation]
id = "{id}"                     # short name for files: small letters, digits, hyphens
title = {title}                 # stands on every report
timezone = "Europe/Brussels"    # where your events take place
languages = ["en"]              # language of the reports
# as_of = 2026-12-31            # day the reports are true for; without it: the latest in the data

[privacy]
# Nothing is shown about fewer people than these numbers: answers, head-counts, people under 18.
# Less than 5 is refused.
disclosure = {{k_answers = 10, k_counts = 5, k_minors = 10}}
# The key turns ids and personal codes into pseudonyms. Keep a copy of it in a safe place, never in
# this folder: with another key, the same person cannot be recognised in a later wave.
pseudonym = {{key_file = "{key}"}}

[reports]
formats = ["html", "pdf", "docx", "xlsx"]   # leave out what you do not need

# --- When people are asked -----------------------------------------------------------------
# kind: pre (before), post (after), followup (later), retro_pre (looking back), single (only once)
[[waves]]
id = "pre"
kind = "pre"
label = "Before"
# start = 2026-03-01            # first and last day of this wave; answers outside are flagged
# end = 2026-04-30

[[waves]]
id = "post"
kind = "post"
label = "After"

# --- What is compared ----------------------------------------------------------------------
# Remove this section if people were asked only once.
[design]
before = "pre"                  # ids of the waves above
after = "post"
# follow_up = "followup"        # a third wave, if there is one
linked = true                   # true: the same people each time, recognised by a personal code
conf_level = 0.95
# comparison_arms = ["comparison_town", "comparison_peer", "comparison_waitlist"]

# What you expect to change, decided before the answers come in. Without these lines every scale
# that has data is shown, and none of them counts as planned.
# role: primary, secondary, exploratory, placebo (should not change), descriptive (no comparison)
# sesoi: the smallest change worth having, in points from 0 to 100
[[design.outcomes]]
scale = "tw_thermo"
role = "primary"
sesoi = 5.0

# [instruments]
# use = ["tw_thermo", "tw_overlap", "tw_anx"]   # only these questionnaires; without it: all

# --- Where the data are --------------------------------------------------------------------
# Files lie in this folder. table: towns, partnerships, activities, attendance, calendar, responses
[[sources]]
file = "inbox/registers.xlsx"
table = "towns"
sheet = "Towns"

[[sources]]
file = "inbox/registers.xlsx"
table = "partnerships"
sheet = "Partnerships"

[[sources]]
file = "inbox/activities.xlsx"
table = "activities"
sheet = "Activities"

[[sources]]
file = "inbox/activities.xlsx"
table = "attendance"
sheet = "Attendance"

# A survey export: take the # away and name your file. The platform (kobo, limesurvey, google_forms,
# microsoft_forms, spss_stata and others) is recognised; name it if the program asks.
# [[sources]]
# file = "inbox/before.csv"
# table = "responses"
# mapping = "mappings/template.toml"   # meaning of the columns; not needed if they carry our ids
# constants = {{wave = "pre"}}           # what holds for every row of this file

# A town's calendar gives proposals for the activity log, never attendance.
# [[sources]]
# file = "inbox/calendar.ics"
# table = "calendar"
# constants = {{partnership = "your-partnership-id", from = 2025-01-01, until = 2025-12-31}}

# A list of tickets (pretix, Eventbrite, Luma): who registered, and who was there if tickets were
# scanned. Say which event of the log it is about.
# [[sources]]
# file = "inbox/tickets.csv"
# table = "attendance"
# constants = {{activity = "your-event-id"}}
"""

MAPPING = """\
# What the columns and answers of one survey export mean. Copy this file for each form and adapt it.
# Columns are named by their header, or by the question's code where the export has codes.
schema = 1
# platform = "google_forms"     # kobo, limesurvey, google_forms, microsoft_forms, spreadsheet
# date_order = "day-first"      # if dates can be read in two ways: day-first, month-first or iso

# The same for every row of the file.
# [constants]
# partnership = "your-partnership-id"
# arm = "participant"

# Which column holds what. Leave out what your form does not ask.
[columns]
# wave = "When are you filling this in?"
# partnership = "Which partnership is it about?"
# town = "Where do you live?"
# arm = "Did you take part?"
# gender = "Gender"
# age_band = "Age"
# role = "Which describes you best?"
# A personal code: one column per element, or one column with the length of each element.
# code = ["First letter of your mother's first name", "Day on which you were born"]
# code_pattern = [1, 1, 2, 2]   # stands above [columns] if you use it

# Only rows whose consent column says yes are read. Without consent in the form, say why:
# waived = "Consent was signed on paper."
[consent]
column = "I agree that my answers are used for the evaluation."
yes = ["Yes", "I agree"]

# Words used in your form for our values.
# [values.arm]
# "Yes" = "participant"
# "No" = "comparison_town"
# [values.wave]
# "before the visit" = "pre"

# Questions. `item` is our id; a question that carries our id needs no entry.
# [[items]]
# column = "How warm do you feel towards people from the partner country?"
# item = "tw_thermo_th1"

# [[items]]
# column = "On how many days were you in touch?"
# item = "tw_contact_q1"
# answers = "days"

# Words used in the answers, and their codes.
# [answers.days]
# "none" = 0
# "one or two" = 1
# missing = {"Don't know" = "dont_know"}
"""
