"""Alchemer, Typeform and SoSci Survey: states, option columns, fixed missing values."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from drafts import (
    as_csv,
    cells,
    checked,
    column,
    draft_text,
    expected_files,
    reasons,
    rewritten,
    roles,
    rows_of,
    survives,
    table_of,
    told,
)
from shared_files import fixture

from twinimpact.ingest.detect import detect
from twinimpact.ingest.draft import draft_of
from twinimpact.ingest.platforms.alchemer import questions_of
from twinimpact.ingest.source import read_tables


@pytest.mark.parametrize(
    "entry", expected_files("alchemer/", "typeform/"), ids=lambda entry: str(entry["path"])
)
def test_real_file_gives_the_expected_responses(entry: dict[str, Any]) -> None:
    draft = checked(draft_of(fixture(entry["path"])))
    assert draft.platform == entry["path"].split("/")[0]
    assert len(draft.rows) == entry["n_responses"]
    assert len(draft.columns) == entry["n_cols"]
    states = [row.state for row in draft.rows]
    if "n_partial_rows" in entry:
        assert states.count("complete") == entry["n_complete_rows"]
        assert states.count("partial") == entry["n_partial_rows"]
    if "first_id" in entry:
        assert draft.rows[0].response_id == entry["first_id"]
        assert draft.rows[-1].response_id == entry["last_id"]
    assert len({row.response_id for row in draft.rows}) == entry["n_responses"]
    assert all(row.submitted[:2] == "20" for row in draft.rows)


# --- Alchemer --------------------------------------------------------------------------------


def test_alchemer_headers_name_the_option_and_the_question() -> None:
    draft = draft_of(fixture("alchemer/jupyter_ux_2015.csv"))
    questions = {one.name: one.question for one in draft.columns}
    assert questions["Other - Write In:How do you run the Jupyter Notebook?"] == (
        "How do you run the Jupyter Notebook? [Other - Write In]"
    )
    words = "Select all the words that best describe Jupyter Notebook."
    assert questions[f"Other word(s)::{words}"] == f"{words} [Other word(s)]"
    assert (
        questions["How do you run the Jupyter Notebook?"] == "How do you run the Jupyter Notebook?"
    )
    assert "id_missing" in told(draft)
    assert roles(draft)["Status"] == "status"


def test_a_colon_of_the_question_itself_cuts_nothing() -> None:
    names = ["Trust: your council", "Row 1:Time: 9:00", "Row 2:Time: 9:00", ""]
    assert questions_of(names, {}) == (
        "Trust: your council", "Time: 9:00 [Row 1]", "Time: 9:00 [Row 2]", "",
    )  # fmt: skip


def test_alchemer_with_ids_languages_and_people(tmp_path: Path) -> None:
    head = ["Response ID", "Time Started", "Date Submitted", "Status", "Contact ID", "Comments",
            "Language", "Referer", "SessionID", "User Agent", "IP Address", "Longitude",
            "Latitude", "Country", "City", "What did you see?", "Comments"]  # fmt: skip

    def row(number: str, status: str) -> list[str]:
        return [number, "Dec 21, 2015 10:20:00 pm", "Dec 21, 2015 10:21:51 pm", status, "c1", "",
                "French", "http://x", "s", "Mozilla", "192.0.2.1", "4.35", "50.85", "Belgium",
                "Ghent", "Concert;Market", "fine"]  # fmt: skip

    statuses = ("Complete", "Partial", "Disqualified", "Halted")
    rows = [head, *(row(str(n), status) for n, status in enumerate(statuses, start=5))]
    draft = draft_text(tmp_path, as_csv(rows))
    assert [(r.response_id, r.state, r.submitted, r.language) for r in draft.rows] == [
        ("5", "complete", "2015-12-21T22:21:51", "French"),
        ("6", "partial", "2015-12-21T22:21:51", "French"),
        ("7", "rejected", "2015-12-21T22:21:51", "French"),
        ("8", "partial", "2015-12-21T22:21:51", "French"),
    ]
    assert told(draft) == {"status_unknown": "Halted"}
    personal = {key for key, role in roles(draft).items() if role == "personal"}
    assert personal == {
        "Contact ID", "Referer", "SessionID", "User Agent", "IP Address", "Longitude", "Latitude",
        "City",
    }  # fmt: skip
    assert roles(draft)["Comments (2)"] == "question"
    for what, copy in rewritten(rows, keep_first=True):
        if what != "shuffled":  # the tool's Comments come before a question of that name
            assert table_of(draft_text(tmp_path, copy)) == table_of(draft), what


def test_alchemer_rewritten_copies_are_the_same_table(tmp_path: Path) -> None:
    path = fixture("alchemer/jupyter_ux_2015.csv")
    before = table_of(draft_of(path))
    for what, copy in rewritten(rows_of(path)):
        assert table_of(draft_text(tmp_path, copy)) == before, what


# --- Typeform --------------------------------------------------------------------------------


def test_typeform_option_columns_times_and_networks() -> None:
    draft = draft_of(fixture("typeform/fcc_2016_part1.csv"))
    keys = [one.key for one in draft.columns]
    assert [key for key in keys if key.startswith("Other")] == [
        "Other", "Other (2)", "Other (3)", "Other (4)",
    ]  # fmt: skip
    assert [key for key in keys if key.startswith("None")] == ["None", "None (2)"]
    assert set(cells(draft, "EdX")) == {"EdX", ""}
    assert set(cells(draft, "Are you willing to relocate for a job?")) == {"0", "1", ""}
    assert draft.rows[0].submitted == "2016-03-29T21:23:43+00:00"
    found = roles(draft)
    assert [key for key, role in found.items() if role not in ("question", "personal")] == [
        "#", "Start Date (UTC)", "Submit Date (UTC)",
    ]  # fmt: skip
    assert found["Network ID"] == "personal"
    assert told(draft)["network_repeated"] == "11"


def test_typeform_newer_exports_hold_responses_that_were_only_begun(tmp_path: Path) -> None:
    text = (
        "#,Wie oft?,Tags,Concert,Response Type,Start Date (UTC),Stage Date (UTC),"
        "Submit Date (UTC),Network ID,Tags\n"
        "t1,Oft,x,Concert,completed,2025-05-02 10:00:00,,2025-05-02 10:01:00,n1,\n"
        "t2,,,,started,2025-05-02 10:00:00,2025-05-02 10:00:30,,n1,\n"
        "t3,Nie,,,partial,2025-05-02 10:00:00,2025-05-02 10:00:30,,n2,\n"
    )
    draft = draft_text(tmp_path, text)
    assert draft.variant == "typed"
    assert [(row.state, row.submitted) for row in draft.rows] == [
        ("complete", "2025-05-02T10:01:00+00:00"), ("partial", ""), ("partial", ""),
    ]  # fmt: skip
    assert roles(draft)["Tags"] == "question" and roles(draft)["Tags (2)"] == "ignore"
    assert told(draft)["network_repeated"] == "1"


def test_typeform_rewritten_copies_are_the_same_table(tmp_path: Path) -> None:
    rows = rows_of(fixture("typeform/fcc_2016_part1.csv"))[:200]
    for place, name in enumerate(rows[0]):
        rows[0][place] = f"{name} {place}" if name in ("Other", "None") else name
    before = table_of(draft_text(tmp_path, as_csv(rows)))
    for what, copy in rewritten(rows):
        assert table_of(draft_text(tmp_path, copy)) == before, what


# --- SoSci Survey ----------------------------------------------------------------------------

SOSCI = ["CASE", "SERIAL", "REF", "QUESTNNR", "MODE", "STARTED", "TR01_01", "TR02", "TX01",
         "DD02_01", "TIME001", "TIME_SUM", "MAILSENT", "LASTDATA", "FINISHED", "Q_VIEWER",
         "LASTPAGE", "MAXPAGE", "MISSING", "MISSREL", "TIME_RSI", "DEG_TIME"]  # fmt: skip


def sosci(case: str, mode: str = "interview", done: str = "T", **answers: str) -> list[str]:
    fixed = {
        "CASE": case, "QUESTNNR": "base", "MODE": mode, "STARTED": "2025-05-08 12:40:42",
        "TR01_01": "4", "TR02": "1", "TX01": "schön", "DD02_01": "2", "TIME001": "12",
        "TIME_SUM": "90", "LASTDATA": "2025-05-08 12:45:00", "FINISHED": done, "Q_VIEWER": "0",
        "LASTPAGE": "3", "MAXPAGE": "3", "MISSING": "0", "MISSREL": "0", "TIME_RSI": "1.72",
        "DEG_TIME": "41",
    }  # fmt: skip
    return [answers.get(name, fixed.get(name, "")) for name in SOSCI]


ROWS = [
    SOSCI,
    sosci("39", SERIAL="abc"),
    sosci("40", TR01_01="-9", TR02="-1", TIME_RSI="2.4"),
    sosci("41", mode="debug"),
    sosci("42", mode="admin", done="F"),
    sosci("43", done="F", TX01="-9 degrees"),
]


def sosci_text(rows: list[list[str]]) -> str:
    """As the tool writes it: TAB, text quoted, numbers and dates not."""
    return as_csv(rows, "\t", "\r\n", csv.QUOTE_NONNUMERIC)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_sosci_interviews_tests_and_missing_codes(encoding: str, tmp_path: Path) -> None:
    draft = draft_text(tmp_path, sosci_text(ROWS).encode(encoding))
    assert (draft.platform, draft.mode) == ("sosci", "code")
    assert [(row.response_id, row.state) for row in draft.rows] == [
        ("39", "complete"), ("40", "complete"), ("41", "test"), ("42", "test"), ("43", "partial"),
    ]  # fmt: skip
    assert (draft.rows[0].token, draft.rows[0].submitted) == ("abc", "2025-05-08T12:45:00")
    assert cells(draft, "TR01_01")[:2] == ["4", ""] and reasons(draft, "TR01_01")[1] == ""
    assert cells(draft, "TR02")[:2] == ["1", ""] and reasons(draft, "TR02")[1] == "dont_know"
    assert cells(draft, "TX01")[4] == "-9 degrees"
    assert {"SERIAL": "token", "TIME001": "timing", "TIME_RSI": "timing", "MODE": "status",
            "FINISHED": "status", "LASTPAGE": "ignore"}.items() <= roles(draft).items()  # fmt: skip
    assert told(draft)["tests_among_answers"] == "admin, debug"
    assert told(draft)["answered_fast"] == "1"


def test_sosci_workbook_with_labels_in_the_second_row(tmp_path: Path) -> None:
    labels = {"CASE": "Interview-Nummer (fortlaufend)", "MODE": "Interview-Modus",
              "TR02": "Wie sehr vertrauen Sie?"}  # fmt: skip
    book = xlsxwriter.Workbook(str(tmp_path / "a.xlsx"))
    sheet = book.add_worksheet("Daten")
    second = [labels.get(name, name.title() + " x") for name in SOSCI]
    for number, row in enumerate(
        [SOSCI, second, ROWS[1], sosci("50", TR02="[NA] nicht beantwortet")]
    ):
        sheet.write_row(number, 0, row)
    book.close()
    draft = checked(draft_of(tmp_path / "a.xlsx"))
    assert (draft.variant, draft.mode) == ("labelled", "label")
    assert [row.number for row in draft.rows] == [3, 4]
    assert column(draft, "TR02").question == "Wie sehr vertrauen Sie?"
    assert cells(draft, "TR02") == ["1", ""]


def test_sosci_rewritten_copies_are_the_same_table(tmp_path: Path) -> None:
    before = table_of(draft_text(tmp_path, sosci_text(ROWS)))
    for what, copy in rewritten(ROWS):
        assert table_of(draft_text(tmp_path, copy)) == before, what


def test_sosci_published_without_modes_and_dates(tmp_path: Path) -> None:
    gone = {SOSCI.index(name) for name in ("SERIAL", "MODE", "STARTED", "LASTDATA")}
    rows = [[cell for at, cell in enumerate(row) if at not in gone] for row in ROWS]
    draft = draft_text(tmp_path, as_csv(rows))
    assert draft.platform == "sosci"
    assert [row.state for row in draft.rows] == ["complete"] * 3 + ["partial"] * 2
    assert [row.submitted for row in draft.rows] == [""] * 5


def test_sosci_without_interviews_is_a_valid_answer(tmp_path: Path) -> None:
    assert draft_text(tmp_path, sosci_text([SOSCI])).rows == ()


@pytest.mark.parametrize("name", ["alchemer/jupyter_ux_2015.csv", "typeform/fcc_2016_part1.csv"])
def test_broken_files_end_in_a_draft_or_a_clear_refusal(name: str, tmp_path: Path) -> None:
    survives(tmp_path, fixture(name).read_bytes()[:60_000])


def test_broken_sosci_files_end_in_a_draft_or_a_clear_refusal(tmp_path: Path) -> None:
    survives(tmp_path, sosci_text(ROWS).encode())


def test_ordinary_tables_with_similar_headers_are_not_claimed(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    for header in ("#,Name,Date", "Case,Mode,Started", "Status,Time Started,Name"):
        path.write_text(header + "\n1,2,3\n", encoding="utf-8")
        assert detect(read_tables(path)).platform == "spreadsheet"
