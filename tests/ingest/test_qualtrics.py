"""Qualtrics in every layout: real exports, their twins, and small files written here."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
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

from twinimpact.errors import IngestError
from twinimpact.ingest.codebooks.registry import codebook_of
from twinimpact.ingest.draft import Draft, draft_of
from twinimpact.ingest.inspection import inspect_file
from twinimpact.ingest.kinds import questions_of
from twinimpact.ingest.qualtrics_header import group_of, parse_import_id
from twinimpact.ingest.zones import in_zone, zone_named

FILES = [*expected_files("qualtrics"), *expected_files("derived/qualtrics")]
EMPTY_DATES = "StartDate,EndDate,Status,Progress,Duration (in seconds),Finished,ResponseId,Q1\n"


def ids(draft: Draft) -> list[str]:
    return [row.response_id for row in draft.rows]


def three_rows(
    columns: list[tuple[str, str, dict[str, str]]], *answers: list[str], zone: str = "Europe/Berlin"
) -> str:
    """A current export: the tool's own columns, then ``columns`` (name, text, import id)."""
    dated = {"timeZone": zone} if zone else {}
    own: list[tuple[str, str, dict[str, str]]] = [
        ("StartDate", "Startdatum", {"ImportId": "startDate", **dated}),
        ("EndDate", "Enddatum", {"ImportId": "endDate", **dated}),
        ("Status", "Antworttyp", {"ImportId": "status"}),
        ("IPAddress", "IP-Adresse", {"ImportId": "ipAddress"}),
        ("Progress", "Fortschritt", {"ImportId": "progress"}),
        ("Duration (in seconds)", "Dauer (in Sekunden)", {"ImportId": "duration"}),
        ("Finished", "Beendet", {"ImportId": "finished"}),
        ("RecordedDate", "Aufnahmedatum", {"ImportId": "recordedDate", **dated}),
        ("ResponseId", "Antwort-ID", {"ImportId": "_recordId"}),
        ("ExternalReference", "Externe Referenz", {"ImportId": "externalDataReference"}),
        ("UserLanguage", "Sprache", {"ImportId": "userLanguage"}),
    ]
    every = [*own, *columns]
    head = [[one[0] for one in every], [one[1] for one in every],
            [json.dumps(one[2], separators=(",", ":")) for one in every]]  # fmt: skip
    return as_csv([*head, *answers])


def person(
    number: int, *answers: str, status: str = "IP-Adresse", done: str = "Wahr", start: str = ""
) -> list[str]:
    began = start or f"2025-07-0{number} 10:00:00"
    ended = began[:14] + "05:00"
    progress = "100" if done in ("Wahr", "1", "TRUE") else "40"
    return [began, ended, status, "192.0.2.7", progress, "300", done, ended,
            f"R_{number}abcdefghijklm", f"ref{number}", "DE", *answers]  # fmt: skip


# --- real files ----------------------------------------------------------------------------


@pytest.mark.parametrize("entry", FILES, ids=lambda entry: str(entry["path"]))
def test_real_file_gives_the_expected_responses(entry: dict[str, Any]) -> None:
    path = fixture(entry["path"])
    draft = checked(draft_of(path))
    seen = inspect_file(path)
    assert (draft.platform, seen.header_rows) == ("qualtrics", entry["header_rows"])
    assert (seen.n_rows, seen.n_responses) == (entry["n_rows"], entry["n_responses"])
    assert (seen.n_complete, seen.n_partial) == (
        entry["n_complete_rows"],
        entry["n_partial_rows"],
    )
    assert len(draft.columns) == entry["n_cols"]
    assert seen.id_column == entry["id_column"]
    assert (ids(draft)[0], ids(draft)[-1]) == (entry["first_id"], entry["last_id"])
    assert len(set(ids(draft))) == seen.n_unique_ids == entry["n_unique_ids"]
    assert all(row.submitted[:3] == "201" or row.submitted[:3] == "202" for row in draft.rows)


def test_labels_zone_previews_and_speed_of_a_current_export() -> None:
    path = fixture("qualtrics/excluder_qualtrics_raw.csv")
    draft, seen = draft_of(path), inspect_file(path)
    assert (seen.variant, seen.mode, seen.n_test) == ("3row", "label", 2)
    states = Counter(row.state for row in draft.rows)
    assert states == {"complete": 92, "partial": 6, "test": 2}
    assert "times in the zone America/Chicago" in seen.evidence
    assert cells(draft, "startDate")[0] == "2020-12-11T12:06:52-06:00"
    quick = [cell for cell in cells(draft, "duration") if float(cell) < 100]
    assert len(quick) == 4
    addresses = Counter(cell for cell in cells(draft, "ipAddress") if cell)
    assert sum(count - 1 for count in addresses.values()) >= 4
    assert seen.personal_columns == ("IPAddress", "LocationLatitude", "LocationLongitude")
    assert not seen.questions  # the browser's four columns ask nothing


def test_one_row_twins_differ_by_six_hours_and_nothing_else() -> None:
    raw = draft_of(fixture("qualtrics/excluder_qualtrics_raw.csv"))
    text = draft_of(fixture("qualtrics/excluder_qualtrics_text.csv"))
    numeric = draft_of(fixture("qualtrics/excluder_qualtrics_numeric.csv"))
    assert (text.mode, numeric.mode, text.variant) == ("label", "code", "1row")
    assert told(text)["zone_not_said"] == "" and "zone_not_said" not in told(raw)
    for local, utc, coded in zip(raw.rows, text.rows, numeric.rows, strict=True):
        assert local.response_id == utc.response_id == coded.response_id
        assert local.state == utc.state == coded.state
        assert utc.submitted == coded.submitted
        hours = (int(utc.submitted[11:13]) - int(local.submitted[11:13])) % 24
        assert (hours, local.submitted[-6:]) == (6, "-06:00")
        assert utc.submitted[13:] == local.submitted[13:19]


def test_tab_separated_utf_16_gives_the_same_table() -> None:
    one = draft_of(fixture("qualtrics/excluder_qualtrics_raw.csv"))
    other = draft_of(fixture("derived/qualtrics_raw.tsv"))
    assert (one.columns, one.rows) == (other.columns, other.rows)


def test_columns_are_known_by_import_id_where_headers_repeat() -> None:
    draft = draft_of(fixture("qualtrics/long_exhaustive.csv"))
    assert len({one.key for one in draft.columns}) == 367
    assert sum(one.key.startswith("QID") for one in draft.columns) == 353
    header = rows_of(fixture("qualtrics/long_exhaustive.csv"))[0]
    assert len(header) - len(set(header)) == 36


def test_import_ids_group_the_columns_of_a_question() -> None:
    path = fixture("qualtrics/ma_mc_insights.csv")
    groups = Counter(one.group for one in inspect_file(path).questions)
    assert groups == {"QID2": 3, "QID5": 3, "QID3": 5, "QID6": 7, "QID4": 3, "": 1}
    draft = draft_of(path)
    assert column(draft, "QID5_1").name == "Q4_10"
    assert {row.state for row in draft.rows} == {"test"}
    assert told(draft)["generated_responses"] == "5"
    assert (inspect_file(path).n_test, inspect_file(path).n_complete) == (5, 5)


def test_seen_but_left_out_is_missing_with_a_reason() -> None:
    draft = draft_of(fixture("qualtrics/text_entry_insights.csv"))
    given = [reason for row in draft.rows for reason in row.reasons.values()]
    assert given == ["skipped"] * 12
    assert not any("-99" in row.cells for row in draft.rows)
    assert "skipped" in reasons(draft, "QID3_3") and "skipped" in reasons(draft, "QID3_2_TEXT")


def comparable(draft: Draft) -> dict[str, list[tuple[str, ...]]]:
    """Answers by wording, whatever the heading and the order of the columns."""
    found: dict[str, list[tuple[str, ...]]] = {}
    for one in draft.columns:
        if one.role == "question":
            # the layouts join question, part and choice by other marks, and note a text field
            wording = re.sub(r"-TEXT$|[\s:-]+", "", one.question)
            answers = tuple(row.cells[one.position] for row in draft.rows)
            found.setdefault(wording, []).append(answers)
    return {wording: sorted(answers) for wording, answers in found.items()}


@pytest.mark.parametrize("name", ["ma_mc", "many_types"])
def test_two_layouts_of_one_survey_hold_the_same_answers(name: str) -> None:
    new = draft_of(fixture(f"qualtrics/{name}_insights.csv"))
    old = draft_of(fixture(f"qualtrics/{name}_legacy.csv"))
    assert (new.variant, old.variant) == ("3row_pyrepr", "legacy")
    assert ids(new) == ids(old)
    assert [(r.state, r.submitted) for r in new.rows] == [(r.state, r.submitted) for r in old.rows]
    assert comparable(new) == comparable(old)


def test_two_layouts_join_on_the_choice_inside_a_question() -> None:
    new = draft_of(fixture("qualtrics/ma_mc_insights.csv"))
    old = draft_of(fixture("qualtrics/ma_mc_legacy.csv"))
    joined = 0
    for one in new.columns:
        if not one.group:
            continue
        # the tag comes from the heading, the choice from the import id: Q4_10 is QID5_1 is Q4_1
        tag = re.sub(r"_\d+$", "", one.name)
        choice = one.key.removeprefix(one.group)
        assert cells(old, tag + choice) == cells(new, one.key)
        assert column(old, tag + choice).group == tag
        joined += 1
    assert joined == 21


def test_a_definition_explains_the_columns_of_its_export() -> None:
    book = codebook_of(fixture("qualtrics/better_sample.qsf"))
    draft = draft_of(fixture("qualtrics/better_sample.csv"))
    assert (
        len({group_of(one.key).split("#")[0].removesuffix("_TEXT") for one in book.questions}) == 12
    )
    unknown = set()
    for one in draft.columns:
        if one.role != "question":
            continue
        asked = book.question(one.key)
        if asked is None:
            unknown.add(one.group)
            continue
        # the heading row is cut off, and old layouts join its parts without spaces
        theirs = re.sub(r"[\s-]+", "", one.question.split("...")[0])
        assert re.sub(r"[\s-]+", "", asked.text["en"]).startswith(theirs[:90])
        assert book.question(one.name) == asked
    assert unknown == {"QID13"}  # asked after the definition was saved
    ranked = book.question("QID2_1")
    assert ranked is not None and ranked.kind == "single"
    assert list(ranked.options) == ["1", "2", "3", "-1"]
    boxes = next(one for one in book.sets if one.key == "QID5")
    assert boxes.columns == ("QID5_1", "QID5_2", "QID5_3", "QID5_4")
    for row in draft.rows:
        chosen = row.cells[column(draft, "QID1").position]
        assert not chosen or chosen in book.question("QID1").options  # type: ignore[union-attr]


# --- the current layout in other languages and with other columns ---------------------------


def test_german_labels_states_language_and_zone(tmp_path: Path) -> None:
    text = three_rows(
        [("tw_civic_r1", "Wie oft?", {"ImportId": "QID1"})],
        person(1, "Oft"),
        person(2, "Nie", done="Falsch"),
        person(3, "Nie", status="Umfragevorschau"),
        person(4, "Nie", status="Spam"),
    )
    draft = draft_text(tmp_path, text)
    assert (draft.variant, draft.mode) == ("3row", "label")
    assert [row.state for row in draft.rows] == ["complete", "partial", "test", "rejected"]
    assert draft.rows[0].submitted == "2025-07-01T10:05:00+02:00"
    assert draft.rows[0].language == "de"
    assert draft.rows[0].number == 4
    assert column(draft, "QID1").name == "tw_civic_r1"
    assert roles(draft)["externalDataReference"] == "personal"
    assert not told(draft)


@pytest.mark.parametrize(
    ("status", "state"),
    [("0", "complete"), ("1", "test"), ("2", "test"), ("4", "complete"), ("8", "rejected"),
     ("9", "test"), ("12", "rejected"), ("16", "complete"), ("17", "test"), ("32", "complete"),
     ("0.0", "complete"), ("1.0", "test"), ("Survey Test", "test"), ("Imported", "complete"),
     ("Aperçu", "test"), ("Dirección IP", "complete")],
)  # fmt: skip
def test_response_types(status: str, state: str, tmp_path: Path) -> None:
    text = three_rows([("Q1", "?", {"ImportId": "QID1"})], person(1, "x", status=status))
    draft = draft_text(tmp_path, text)
    assert draft.rows[0].state == state
    assert "response_type_unknown" not in told(draft)


def test_unknown_response_types_are_told_and_count(tmp_path: Path) -> None:
    text = three_rows(
        [("Q1", "?", {"ImportId": "QID1"})],
        person(1, "x", status="Hologramm"),
        person(2, "x", done="vielleicht"),
    )
    draft = draft_text(tmp_path, text)
    assert [row.state for row in draft.rows] == ["complete", "partial"]
    unknown = [p.got for p in draft.problems if p.code == "response_type_unknown"]
    assert unknown == ["Hologramm", "vielleicht"]


def test_without_a_finished_column_the_progress_decides(tmp_path: Path) -> None:
    text = (
        "StartDate,EndDate,Status,Progress,ResponseId,Q1\n"
        "2025-01-02 10:00:00,2025-01-02 10:05:00,0,100,R_aaaaaaaaaaaaaaa,1\n"
        "2025-01-02 11:00:00,2025-01-02 11:05:00,0,55,R_bbbbbbbbbbbbbbb,1\n"
    )
    assert [row.state for row in draft_text(tmp_path, text).rows] == ["complete", "partial"]


DERIVED: list[tuple[str, str, dict[str, str], str]] = [
    ("Q5", "Why?", {"ImportId": "QID5_TEXT"}, "question"),
    ("Q5 - Topics", "Why? - Topics", {"ImportId": "QID5_TEXT_9f_Topics"}, "ignore"),
    ("Q5 - Parent Topics", "x", {"ImportId": "QID5_TEXT_9f_ParentTopics"}, "ignore"),
    ("Q5 - Sentiment", "x", {"ImportId": "QID5_TEXT_9f_Sentiment"}, "ignore"),
    ("Q6_NPS_GROUP", "x", {"ImportId": "QID6_NPS_GROUP"}, "ignore"),
    ("Q6", "Recommend?", {"ImportId": "QID6"}, "question"),
    ("Q8_0_GROUP", "x", {"ImportId": "QID8_0_GROUP"}, "ignore"),
    ("Q9_First Click", "x", {"ImportId": "QID9_FIRST_CLICK"}, "timing"),
    ("Q9_Page Submit", "x", {"ImportId": "QID9_PAGE_SUBMIT"}, "timing"),
    ("Q10_Name", "x", {"ImportId": "QID10_FILE_NAME"}, "personal"),
    ("Q11_Browser", "x", {"ImportId": "QID11_BROWSER"}, "ignore"),
    ("Q1_DO", "x", {"ImportId": "QID1_DO"}, "ignore"),
    ("SC0", "Score", {"ImportId": "SC_8dkEkbJc1c0pvGl"}, "ignore"),
    ("Q_RecaptchaScore", "x", {"ImportId": "Q_RecaptchaScore"}, "ignore"),
    ("Q_URL", "x", {"ImportId": "Q_URL"}, "personal"),
    ("panelist", "panelist", {"ImportId": "panelist"}, "personal"),
    ("wave", "wave", {"ImportId": "wave"}, "ignore"),
    ("partnership", "partnership", {"ImportId": "partnership"}, "ignore"),
    ("Consent", "I agree", {"ImportId": "QID12"}, "consent"),
    ("Status2", "Your status", {"ImportId": "QID13"}, "question"),
    ("1_Q14_2", "Loop-b", {"ImportId": "1_QID14_2"}, "question"),
    ("1_Q14_3", "Loop-c", {"ImportId": "1_QID14_3"}, "question"),
    ("Q15_x4", "Carried", {"ImportId": "QID15_x4"}, "question"),
]


def test_derived_columns_uploads_clicks_and_attached_data_are_no_questions(tmp_path: Path) -> None:
    text = three_rows([one[:3] for one in DERIVED], person(1, *["7"] * len(DERIVED)))
    draft = draft_text(tmp_path, text)
    found = {one.name: one.role for one in draft.columns[11:]}
    assert found == {name: role for name, _, _, role in DERIVED}
    assert column(draft, "1_QID14_2").group == "1_QID14"
    assert column(draft, "1_QID14_2").question == "Loop - b"


def test_a_question_may_bear_the_name_of_a_column_of_the_tool(tmp_path: Path) -> None:
    text = three_rows(
        [
            ("Status", "Marital status", {"ImportId": "QID3"}),
            ("Progress", "?", {"ImportId": "QID4"}),
        ],
        person(1, "1", "-99"),
    )
    draft = draft_text(tmp_path, text)
    assert roles(draft)["QID3"] == roles(draft)["QID4"] == "question"
    assert draft.rows[0].state == "complete"
    assert reasons(draft, "QID4") == ["skipped"]
    assert [one.name for one in draft.columns if one.key == "QID3"] == ["Status (2)"]


def test_questions_for_a_name_are_personal_whatever_their_tag(tmp_path: Path) -> None:
    text = three_rows(
        [("Q1", "Vorname", {"ImportId": "QID1_TEXT"}),
         ("Q2_1", "Kontakt - Nachname", {"ImportId": "QID2_1"}),
         ("Q2_2", "Kontakt - Lieblingsort", {"ImportId": "QID2_2"})],
        person(1, "Ann", "Ast", "Markt"), person(2, "Bea", "Bö", "Park"),
    )  # fmt: skip
    found = roles(draft_text(tmp_path, text))
    assert [found[key] for key in ("QID1_TEXT", "QID2_1", "QID2_2")] == [
        "personal", "personal", "question",
    ]  # fmt: skip


def test_the_choice_may_stand_beside_the_import_id() -> None:
    found = parse_import_id('{"ImportId":"QID9","choiceId":"4","timeZone":"Z"}')
    assert found is not None and (found.key, found.zone) == ("QID9_4", "Z")
    again = parse_import_id('{"ImportId":"QID9_4","choiceId":"4"}')
    assert again is not None and again.key == "QID9_4"
    assert parse_import_id("{'ImportId': 'QID5#3-1-1-TEXT'}").key == "QID5#3_1_1_TEXT"  # type: ignore[union-attr]
    assert group_of("QID5#3_1_1_TEXT") == "QID5#3_TEXT"


@pytest.mark.parametrize(
    "cell",
    ["{'ImportId': __import__('os').getcwd()}", "{'ImportId': 5}", "[1]", "ImportId", "",
     "{'ImportId': '" + "x" * 3000 + "'}", "{" * 900, "{'a': " * 300],
)  # fmt: skip
def test_a_heading_cell_is_parsed_and_never_run(cell: str) -> None:
    assert parse_import_id(cell) is None


def test_an_unreadable_import_id_falls_back_to_the_heading_and_is_told(tmp_path: Path) -> None:
    text = three_rows(
        [("Q1", "?", {"ImportId": "QID1"}), ("Q2", "?", {"ImportId": "QID2"})], person(1, "a", "b")
    ).replace('""ImportId"":""QID2""', '""ImportId"":QID2')
    draft = draft_text(tmp_path, text)
    assert cells(draft, "Q2") == ["b"]
    (problem,) = [one for one in draft.problems if one.code == "import_id_unreadable"]
    assert (problem.column, problem.row) == ("M", 3)


def test_several_codes_in_one_cell_are_told_apart(tmp_path: Path) -> None:
    answers = ["1,3", "1,3", "3,5", "5", "1", ""]
    labels = ["Fest,Konzert", "Fest,Konzert", "Konzert,Ausflug", "Ausflug", "Gespräche, laut", ""]
    columns = [("Q1", "Was?", {"ImportId": "QID1"}), ("Q2", "Zahl", {"ImportId": "QID2_TEXT"})]
    coded = three_rows(
        columns, *[person(n, one, "1,5", status="0", done="1") for n, one in enumerate(answers, 1)]
    )
    draft = draft_text(tmp_path, coded)
    assert draft.mode == "code"
    assert cells(draft, "QID1") == ["1;3", "1;3", "3;5", "5", "1", ""]
    assert cells(draft, "QID2_TEXT") == ["1,5"] * 6
    worded = three_rows(columns, *[person(n, one, "") for n, one in enumerate(labels, 1)])
    draft = draft_text(tmp_path, worded)
    assert cells(draft, "QID1")[2:5] == ["Konzert;Ausflug", "Ausflug", "Gespräche, laut"]
    (asked,) = [one for one in questions_of(draft) if one.key == "QID1"]
    assert asked.kind == "multi" and set(asked.options) == {"Fest", "Konzert", "Ausflug"}


def test_one_response_number_with_two_contents_is_a_conflict(tmp_path: Path) -> None:
    one, other = person(1, "4"), person(2, "2")
    changed = [*one[:-1], "5"]
    text = three_rows([("Q1", "?", {"ImportId": "QID1"})], one, other, one, changed)
    draft = draft_text(tmp_path, text)
    assert draft.excluded == {"duplicate": 1}
    assert [row.number for row in draft.rows] == [4, 5, 7]
    conflicts = [(p.row, p.expected) for p in draft.problems if p.code == "same_id_differs"]
    assert conflicts == [(4, "7"), (7, "4")]


@pytest.mark.parametrize(
    ("zone", "start", "submitted", "code"),
    [
        ("Europe/Berlin", "2025-01-05 10:00:00", "2025-01-05T10:05:00+01:00", ""),
        ("Europe/Berlin", "2025-10-26 02:30:00", "2025-10-26T02:05:00+02:00", "clock_changed"),
        ("Europe/Berlin", "2025-03-30 02:30:00", "2025-03-30T02:05:00+01:00", "clock_changed"),
        ("", "2025-01-05 10:00:00", "2025-01-05T10:05:00", "zone_not_said"),
        ("Mars/Olympus", "2025-01-05 10:00:00", "2025-01-05T10:05:00", "zone_unknown"),
        ("../../etc", "2025-01-05 10:00:00", "2025-01-05T10:05:00", "zone_unknown"),
    ],
)
def test_times_get_the_offset_of_their_zone_on_that_day(
    zone: str, start: str, submitted: str, code: str, tmp_path: Path
) -> None:
    columns = [("Q1", "?", {"ImportId": "QID1"})]
    text = three_rows(columns, person(1, "x", start=start), zone=zone)
    draft = draft_text(tmp_path, text)
    assert draft.rows[0].submitted == submitted
    assert set(told(draft)) == ({code} if code else set())


def test_a_time_with_an_offset_and_a_date_stay_as_they_are() -> None:
    zone = zone_named("Europe/Berlin")
    assert zone is not None and zone_named("Europe") is None
    given = ("2025-01-05T10:00:00+00:00", "2025-01-05", "soon: 10:00", "")
    assert in_zone(given, zone).values == given


# --- older layouts, workbooks, and headings others have cut ---------------------------------

LEGACY = (
    "\ufeffV1,V2,V3,V4,V5,V6,V7,V8,V9,V10,Q1,Q2_1,Q2_2,uni,LocationLatitude,\r\n"
    "ResponseID,ResponseSet,Name,ExternalDataReference,EmailAddress,IPAddress,Status,StartDate,"
    "EndDate,Finished,How often?,Where?-Market,Where?-Park,uni,LocationLatitude,\r\n"
    "R_aaaaaaaaaaaaaaa,Default Response Set,Anonymous,,,192.0.2.1,0,5/27/2016 11:51,"
    "5/27/2016 11:58,1,3,1,,KU,50.1,\r\n"
    "R_bbbbbbbbbbbbbbb,Default Response Set,Anonymous,,,192.0.2.2,1,5/28/2016 11:51,"
    "5/28/2016 11:58,0,99999,-99,1,KU,50.2,\r\n"
)


def test_the_legacy_layout(tmp_path: Path) -> None:
    draft = draft_text(tmp_path, LEGACY)
    assert (draft.variant, draft.mode) == ("legacy", "code")
    assert [(r.response_id, r.state, r.number) for r in draft.rows] == [
        ("R_aaaaaaaaaaaaaaa", "complete", 3), ("R_bbbbbbbbbbbbbbb", "test", 4),
    ]  # fmt: skip
    assert draft.rows[0].submitted == "2016-05-27T11:58:00"
    assert reasons(draft, "Q1") == ["", "skipped"] and reasons(draft, "Q2_1") == ["", "skipped"]
    found = roles(draft)
    assert [found[name] for name in ("V1", "V3", "V5", "V8", "V10", "uni", "Q1")] == [
        "id", "personal", "personal", "started", "status", "personal", "question",
    ]  # fmt: skip
    assert column(draft, "Q2_2").question == "Where? - Park"
    assert column(draft, "Q2_1").group == "Q2"
    seen = inspect_file(tmp_path / "e.csv")
    assert (seen.n_complete, seen.n_partial, seen.n_test) == (1, 1, 1)


def test_the_legacy_layout_with_other_words_for_the_own_columns(tmp_path: Path) -> None:
    text = LEGACY.replace("ResponseID,ResponseSet,Name", "AntwortID,AntwortSet,Name").replace(
        "Status,StartDate,EndDate,Finished", "Zustand,Beginn,Ende,Beendet"
    )
    draft = draft_text(tmp_path, text)
    assert (draft.variant, [row.state for row in draft.rows]) == ("legacy", ["complete", "test"])


def test_99999_is_an_answer_outside_the_legacy_layout(tmp_path: Path) -> None:
    text = three_rows([("Q1", "Steps a day", {"ImportId": "QID1_TEXT"})], person(1, "99999"))
    assert cells(draft_text(tmp_path, text), "QID1_TEXT") == ["99999"]


def test_a_workbook_has_two_rows_and_no_import_ids(tmp_path: Path) -> None:
    rows = list(csv.reader(io.StringIO(three_rows(
        [("Q1_1", "Where? - Market", {"ImportId": "QID1_1"}),
         ("Q1_2", "Where? - Park", {"ImportId": "QID1_2"})],
        person(1, "Market", ""), person(2, "", "Park", done="Falsch")))))  # fmt: skip
    book = xlsxwriter.Workbook(str(tmp_path / "e.xlsx"))
    sheet = book.add_worksheet("Sheet0")
    for number, row in enumerate([*rows[:2], *rows[3:]]):
        sheet.write_row(number, 0, row)
    book.close()
    draft = checked(draft_of(tmp_path / "e.xlsx"))
    assert (draft.variant, draft.mode) == ("2row", "label")
    assert [(row.number, row.state) for row in draft.rows] == [(3, "complete"), (4, "partial")]
    assert column(draft, "Q1_2").question == "Where? - Park"
    assert column(draft, "Q1_2").group == "Q1"
    assert cells(draft, "Q1_2") == ["", "Park"]


@pytest.mark.parametrize("kept", [(2,), (0, 2), (0, 1, 2), (0,), (0, 1)])
def test_cut_headings_give_the_same_responses(kept: tuple[int, ...], tmp_path: Path) -> None:
    rows = list(csv.reader(io.StringIO(three_rows(
        [("Q1", "How often?", {"ImportId": "QID1"})],
        person(1, "4"), person(2, "-99", done="Falsch"), person(3, "2", status="Umfragevorschau"),
    ))))  # fmt: skip
    text = as_csv([*(rows[at] for at in kept), *rows[3:]], delimiter=";")
    draft = draft_text(tmp_path, text)
    assert [row.state for row in draft.rows] == ["complete", "partial", "test"]
    key = "QID1" if 2 in kept else "Q1"
    assert (cells(draft, key), reasons(draft, key)) == (["4", "", "2"], ["", "skipped", ""])


@pytest.mark.parametrize("rows", [1, 2, 3])
def test_an_export_without_responses_is_a_valid_answer(rows: int, tmp_path: Path) -> None:
    text = three_rows([("Q1", "How often?", {"ImportId": "QID1"})])
    lines = text.splitlines()[:rows]
    draft = draft_text(tmp_path, "\n".join(lines) + "\n")
    assert draft.rows == () and draft.platform == "qualtrics"


def test_without_response_numbers_answers_are_known_by_content(tmp_path: Path) -> None:
    text = (
        "StartDate,EndDate,Status,Progress,Finished,Q1\n"
        "2025-01-02 10:00:00,2025-01-02 10:05:00,0,100,1,4\n"
    )
    draft = draft_text(tmp_path, text)
    assert "id_missing" in told(draft) and draft.rows[0].response_id.startswith("row-")


@pytest.mark.parametrize(
    "name", ["qualtrics/better_sample.csv", "qualtrics/excluder_qualtrics_raw.csv",
             "qualtrics/ma_mc_insights.csv"],
)  # fmt: skip
def test_rewritten_copies_give_the_same_table(name: str, tmp_path: Path) -> None:
    path = fixture(name)
    wanted = table_of(draft_of(path))
    for how, data in rewritten(rows_of(path), header_rows=3):
        assert table_of(draft_text(tmp_path, data)) == wanted, how


def test_rewritten_copies_of_the_legacy_layout_give_the_same_table(tmp_path: Path) -> None:
    path = fixture("qualtrics/ma_mc_legacy.csv")
    rows = [row[:-1] for row in rows_of(path)]
    wanted = table_of(draft_text(tmp_path, as_csv(rows)))
    for how, data in rewritten(rows, header_rows=2):
        assert table_of(draft_text(tmp_path, data)) == wanted, how


@pytest.mark.parametrize("name", ["excluder_qualtrics_raw.csv", "ma_mc_legacy.csv"])
def test_broken_copies_give_a_draft_or_one_sentence(name: str, tmp_path: Path) -> None:
    survives(tmp_path, fixture(f"qualtrics/{name}").read_bytes())


def test_ordinary_tables_with_a_few_such_columns_are_not_claimed(tmp_path: Path) -> None:
    draft = draft_text(tmp_path, "Status,Progress,Finished,Task\nopen,50,no,x\nclosed,100,yes,y\n")
    assert draft.platform == "spreadsheet"


# --- survey definitions ---------------------------------------------------------------------


def definition(folder: Path, *payloads: dict[str, Any], blocks: Any = None) -> Path:
    path = folder / "survey.qsf"
    elements: list[dict[str, Any]] = [
        {"Element": "SQ", "PrimaryAttribute": one["QuestionID"], "Payload": one} for one in payloads
    ]
    if blocks is not None:
        elements.insert(0, {"Element": "BL", "Payload": blocks})
    text = json.dumps({"SurveyEntry": {"SurveyLanguage": "EN"}, "SurveyElements": elements})
    path.write_text(text, encoding="utf-8")
    return path


def test_recodes_translations_markup_and_own_words(tmp_path: Path) -> None:
    path = definition(
        tmp_path,
        {
            "QuestionID": "QID1", "QuestionText": "How <b>often</b>&nbsp;?", "QuestionType": "MC",
            "DataExportTag": "often", "Selector": "SAVR",
            "Choices": {"1": {"Display": "Never"}, "2": {"Display": "Often"},
                        "3": {"Display": "Other", "TextEntry": "true"},
                        "4": {"Display": "Don't know"}},
            "ChoiceOrder": ["2", "1", "3", 4], "RecodeValues": {"1": "0", "2": "5", "4": "99"},
            "VariableNaming": {"1": "nev"},
            "Language": {"DE": {"QuestionText": "Wie oft?", "Choices": {"1": {"Display": "Nie"}}},
                         "FR": []},
        },
    )  # fmt: skip
    book = codebook_of(path)
    assert book.platform == "qualtrics"
    asked = book.question("often")
    assert asked is not None and asked.key == "QID1"
    assert asked.text == {"en": "How often ?", "de": "Wie oft?"}
    assert list(asked.options) == ["5", "0", "3"]
    assert asked.options["0"] == {"en": "Never", "de": "Nie", "x-variable": "nev"}
    assert asked.missing == {"99": "dont_know"}
    assert {one.key: one.kind for one in book.questions} == {
        "QID1": "single",
        "QID1_3_TEXT": "text",
    }
    assert book.question("often_TEXT") == book.question("QID1_TEXT") == book.question("QID1_3_TEXT")


def test_every_kind_of_question_has_the_columns_of_an_export(tmp_path: Path) -> None:
    two = {"1": {"Display": "a"}, "2": {"Display": "b"}}
    path = definition(
        tmp_path,
        {"QuestionID": "QID1", "QuestionType": "DB", "QuestionText": "Hello"},
        {"QuestionID": "QID2", "QuestionType": "MC", "Selector": "MAVR", "Choices": two,
         "DataExportTag": "Q2", "RecodeValues": {"1": "2", "2": "1"}},
        {"QuestionID": "QID3", "QuestionType": "Matrix", "Selector": "Likert",
         "SubSelector": "SingleAnswer", "Choices": two, "Answers": two,
         "RecodeValues": {"1": "-2", "2": "2"}, "DataExportTag": "Q3"},
        {"QuestionID": "QID4", "QuestionType": "Matrix", "Selector": "TE", "SubSelector": "Short",
         "Choices": two, "Answers": two},
        {"QuestionID": "QID5", "QuestionType": "TE", "Selector": "FORM", "Choices": two},
        {"QuestionID": "QID6", "QuestionType": "Slider", "Selector": "HSLIDER", "Choices": two},
        {"QuestionID": "QID7", "QuestionType": "Matrix", "Selector": "Profile",
         "SubSelector": "SingleAnswer", "Choices": two,
         "Answers": {"1": {"1": {"Display": "x"}}, "2": {"1": {"Display": "y"}}}},
        {"QuestionID": "QID8", "QuestionType": "Slider", "Choices": []},
        {"QuestionID": "QID9", "QuestionType": "HeatMap"},
        {"QuestionID": "QID10", "QuestionType": "TE", "Selector": "ML", "DataExportTag": "Q10"},
        blocks={"0": {"Type": "Default", "BlockElements": [{"Type": "Page Break"},
                                                          {"QuestionID": "QID10"}]},
                "1": {"Type": "Trash", "BlockElements": [{"QuestionID": "QID3"}]}},
    )  # fmt: skip
    book = codebook_of(path)
    kinds = {one.key: one.kind for one in book.questions}
    assert next(iter(kinds)) == "QID10_TEXT"
    assert kinds == {
        "QID10_TEXT": "text", "QID1": "note", "QID2": "multi", "QID2_1": "multi",
        "QID2_2": "multi", "QID3_1": "single", "QID3_2": "single", "QID4_1_1_TEXT": "text",
        "QID4_1_2_TEXT": "text", "QID4_2_1_TEXT": "text", "QID4_2_2_TEXT": "text",
        "QID5_1": "text", "QID5_2": "text", "QID6_1": "number", "QID6_2": "number",
        "QID7_1": "single", "QID7_2": "single", "QID8": "text", "QID9": "text",
    }  # fmt: skip
    profile = book.question("QID7_2")
    assert profile is not None and profile.options == {"1": {"en": "y"}}
    graded = book.question("Q3_1")
    assert graded is not None and list(graded.options) == ["-2", "2"]
    # the recodes 2 and 1 repeat the places 1 and 2, so such a heading says nothing
    assert book.question("Q2_1") is None and book.question("QID2_1") is not None


@pytest.mark.parametrize(
    "text",
    ['{"SurveyEntry": {', '{"SurveyEntry": {}}', '{"SurveyEntry": {}, "SurveyElements": 5}',
     '["SurveyEntry", "SurveyElements"]', '{"SurveyElements": [' + "[" * 100_000],
)  # fmt: skip
def test_a_damaged_definition_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "broken.qsf"
    path.write_text(text)
    with pytest.raises(IngestError):
        codebook_of(path)


def test_odd_definitions_give_what_they_hold(tmp_path: Path) -> None:
    path = tmp_path / "odd.qsf"
    path.write_text(
        '{"SurveyEntry": null, "SurveyElements": [null, 3, {"Element": "SQ", "Payload": null},'
        ' {"Element": "SQ", "PrimaryAttribute": "QID1", "Payload": {"QuestionText": null,'
        ' "Choices": [{"Display": "a"}, null], "QuestionType": "MC", "Language": "x"}}]}'
    )
    book = codebook_of(path)
    assert [one.key for one in book.questions] == ["QID1"]
    assert list(book.questions[0].options) == ["0", "1"]


def test_the_answers_reader_still_refuses_a_definition() -> None:
    seen = inspect_file(fixture("qualtrics/better_sample.qsf"))
    assert seen.refused and "Export & Import" in seen.hint
