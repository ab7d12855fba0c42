"""REDCap: which rows are one response, boxes nobody saw, labels, R, decimal commas."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
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
from planning_data import settings
from shared_files import fixture

from twinimpact.ingest.detect import detect
from twinimpact.ingest.draft import draft_of
from twinimpact.ingest.inspection import inspect_file
from twinimpact.ingest.records import one_per_record
from twinimpact.ingest.responses import response_rows
from twinimpact.ingest.source import read_tables


@pytest.mark.parametrize(
    "entry", expected_files("redcap/", "derived/decimal"), ids=lambda entry: str(entry["path"])
)
def test_real_redcap_file_gives_the_expected_records(entry: dict[str, Any]) -> None:
    path = fixture(entry["path"])
    draft = checked(draft_of(path))
    assert draft.platform == "redcap"
    records = one_per_record(draft.rows)
    assert len(records) == entry["n_responses"]
    names = [row.record or row.response_id for row in draft.rows]
    assert (names[0], names[-1]) == (entry["first_id"], entry["last_id"])
    assert len(draft.columns) == entry["n_cols"]
    assert [one.name for one in draft.columns if one.role == "id"] == [entry["id_column"]]
    seen = inspect_file(path)
    assert (seen.n_rows, seen.n_responses) == (entry["n_rows"], entry["n_responses"])
    assert (seen.n_unique_ids, seen.id_column) == (entry["n_unique_ids"], entry["id_column"])
    assert seen.n_complete + seen.n_partial == seen.n_responses


def test_each_record_in_each_event_is_one_response_and_the_event_can_be_the_wave() -> None:
    draft = draft_of(fixture("redcap/longitudinal_data.csv"))
    assert len(draft.rows) == 18 and len({row.response_id for row in draft.rows}) == 18
    assert draft.rows[0].response_id == "100/enrollment_arm_1"
    assert {row.token for row in draft.rows} == {"100", "220", "304"}
    events = cells(draft, "redcap_event_name")
    assert {event: events.count(event) for event in events} == {
        "enrollment_arm_1": 2, "dose_1_arm_1": 2, "visit_1_arm_1": 2, "dose_2_arm_1": 2,
        "visit_2_arm_1": 2, "final_visit_arm_1": 2, "enrollment_arm_2": 1,
        "deadline_to_opt_ou_arm_2": 1, "first_dose_arm_2": 1, "first_visit_arm_2": 1,
        "final_visit_arm_2": 1, "deadline_to_return_arm_2": 1,
    }  # fmt: skip
    problem = next(one for one in draft.problems if one.code == "records_and_rows")
    assert (problem.got, problem.expected) == ("3", "18")
    # pmq1 belongs to an instrument of the doses and visits, and was shown nowhere else
    assert reasons(draft, "pmq1")[:6] == ["not_shown", "", "", "", "", "not_shown"]
    assert roles(draft)["redcap_event_name"] == "ignore"


def test_rows_of_repeating_instruments_are_counted_named_and_left_out() -> None:
    draft = draft_of(fixture("redcap/repeating-instruments_data.csv"))
    assert [row.response_id for row in draft.rows] == ["1", "2"]
    assert draft.excluded == {"repeat_row": 4}
    assert told(draft)["repeat_instruments_left_out"] == "bp (4 rows)"


def test_a_checkbox_question_without_a_tick_is_missing() -> None:
    draft = draft_of(fixture("redcap/checkboxes-1_data.csv"))
    # the file itself says in words what each row should give
    assert cells(draft, "check_one___1") == ["1", "", "1", ""]
    assert cells(draft, "check_one___2") == ["0", "", "1", ""]
    assert cells(draft, "check_two___a") == ["1", "0", "", ""]
    assert cells(draft, "check_two___b") == ["0", "1", "", ""]


def test_decimal_commas_are_read_where_the_whole_column_has_them() -> None:
    parent = draft_of(fixture("redcap/decimal-comma_data.csv"))
    copy = draft_of(fixture("derived/decimal_comma_semicolon.csv"))
    assert parent.rows == copy.rows and parent.columns == copy.columns
    assert cells(parent, "height") == ["1.54", "1.84", "1.95", "1.61"]
    assert cells(parent, "bmi") == ["22.1", "27.3", "32.5", "17.7"]
    assert told(parent)["decimal_commas"] == "C, D"


def test_values_that_fail_their_validation_stay_as_they_are() -> None:
    draft = draft_of(fixture("redcap/potentially-problematic-values_data.csv"))
    assert cells(draft, "time_1") == ["2010-01-02", "55:02"]


def test_names_addresses_and_groups_are_no_questions() -> None:
    found = roles(draft_of(fixture("redcap/dag_data.csv")))
    personal = {key for key, role in found.items() if role == "personal"}
    assert personal == {"first_name", "last_name", "address", "telephone", "email", "dob"}
    assert found["redcap_data_access_group"] == "ignore"
    assert found["demographics_complete"] == "status"


# --- layouts without a sample ----------------------------------------------------------------

SURVEY = (
    "person_code,redcap_survey_identifier,redcap_data_access_group,before_timestamp,consent,"
    "tw_civic_r1,seen___1,seen___2,seen____99,before_complete\n"
    "7,ann@x,bergen,2025-05-02 10:00:00,1,4,1,0,0,2\n"
    "8,,bergen,[not completed],1,3,0,0,0,0\n"
    "9,,lucca,,,,0,0,0,0\n"
)


def test_survey_time_stamps_tell_the_state_and_the_id_has_any_name(tmp_path: Path) -> None:
    draft = draft_text(tmp_path, SURVEY)
    assert (draft.platform, draft.mode) == ("redcap", "code")
    assert [(row.response_id, row.state, row.submitted) for row in draft.rows] == [
        ("7", "complete", "2025-05-02T10:00:00"), ("8", "partial", ""), ("9", "partial", ""),
    ]  # fmt: skip
    assert draft.rows[0].token == "ann@x" and draft.rows[1].token == ""
    assert cells(draft, "seen___2") == ["0", "", ""]
    assert {"person_code": "id", "before_timestamp": "submitted", "consent": "consent",
            "redcap_survey_identifier": "token"}.items() <= roles(draft).items()  # fmt: skip


def test_tables_that_went_through_r_lose_their_row_numbers_and_na(tmp_path: Path) -> None:
    text = (
        '"","record_id","redcap_repeat_instrument","redcap_repeat_instance","name","q","pre_complete"\n'
        '"1","a",NA,NA,"<U+0410><U+043D><U+043D><U+0430>","NA","2"\n'
        '"2","a","bp","1",NA,NA,NA\n'
        '"3","b",NA,NA,NA,"5","0"\n'
    )
    draft = draft_text(tmp_path, text)
    assert [row.response_id for row in draft.rows] == ["a", "b"]
    assert draft.columns[0].role == "ignore" and column(draft, "record_id").role == "id"
    assert cells(draft, "q") == ["", "5"]
    assert cells(draft, "name")[0] == "Анна"
    assert draft.excluded == {"repeat_row": 1}


def test_na_stays_an_answer_where_nothing_speaks_for_r(tmp_path: Path) -> None:
    draft = draft_text(tmp_path, "record_id,party,pre_complete\n1,NA,2\n2,XY,2\n")
    assert cells(draft, "party") == ["NA", "XY"]


def test_label_exports_have_other_headers_and_words_for_numbers(tmp_path: Path) -> None:
    text = (
        "Record ID,Event Name,Repeat Instrument,Repeat Instance,Survey Timestamp,How often?,"
        "What did you see? (choice=Concert),What did you see? (choice=Market (old town)),"
        "Complete?,Trust,Complete?\n"
        "1,Before,,,2025-05-02 10:00:00,Often,Checked,Unchecked,Complete,4,Complete\n"
        "1,After,,,[not completed],,Unchecked,Unchecked,Incomplete,,Incomplete\n"
        "2,Before,,,2025-05-03 11:00:00,Never,Unchecked,Checked,Complete,3,Unverified\n"
    )
    draft = draft_text(tmp_path, text)
    assert (draft.platform, draft.variant, draft.mode) == ("redcap", "labels", "label")
    assert [(row.response_id, row.state) for row in draft.rows] == [
        ("1/Before", "complete"), ("1/After", "partial"), ("2/Before", "partial"),
    ]  # fmt: skip
    assert cells(draft, "What did you see? (choice=Concert)") == ["Checked", "", "Unchecked"]
    assert [row.token for row in draft.rows] == ["1", "1", "2"]
    assert len(one_per_record(draft.rows)) == 2


def test_a_repeating_event_is_a_response_each_time(tmp_path: Path) -> None:
    text = (
        "record_id,redcap_event_name,redcap_repeat_instrument,redcap_repeat_instance,q,w_complete\n"
        "1,base_arm_1,,,1,2\n1,visit_arm_1,,1,2,2\n1,visit_arm_1,,2,3,0\n"
    )
    draft = draft_text(tmp_path, text)
    assert [row.response_id for row in draft.rows] == [
        "1/base_arm_1", "1/visit_arm_1/1", "1/visit_arm_1/2",
    ]  # fmt: skip
    assert [row.record for row in draft.rows] == ["1", "1", "1"]


def test_a_questionnaire_that_is_itself_the_repeating_instrument_is_kept(tmp_path: Path) -> None:
    text = (
        "record_id,redcap_repeat_instrument,redcap_repeat_instance,base_complete,q,wave_complete\n"
        "1,,,0,,\n1,wave,1,,4,2\n1,wave,2,,5,2\n2,wave,1,,3,0\n"
    )
    draft = draft_text(tmp_path, text)
    assert [row.response_id for row in draft.rows] == ["1/wave/1", "1/wave/2", "2/wave/1"]
    assert [row.state for row in draft.rows] == ["complete", "complete", "partial"]
    assert draft.excluded == {"repeat_row": 1}
    assert len(one_per_record(draft.rows)) == 2


def test_a_record_with_nothing_but_repeats_does_not_disappear(tmp_path: Path) -> None:
    text = (
        "record_id,redcap_repeat_instrument,redcap_repeat_instance,q,base_complete,bp,bp_complete\n"
        "1,,,4,2,,\n1,bp,1,,,110,2\n2,bp,1,,,120,2\n2,bp,2,,,121,2\n"
    )
    draft = draft_text(tmp_path, text)
    assert [row.response_id for row in draft.rows] == ["1", "2/bp/1"]
    assert draft.excluded == {"repeat_row": 2}


def test_an_instrument_nobody_used_makes_no_response_partial(tmp_path: Path) -> None:
    text = "record_id,a,a_complete,b,b_complete,c,c_complete\n1,1,2,1,2,,0\n2,1,2,,0,,0\n"
    draft = draft_text(tmp_path, text)
    assert [row.state for row in draft.rows] == ["complete", "partial"]


def test_a_record_twice_is_told_and_both_rows_stay(tmp_path: Path) -> None:
    draft = draft_text(tmp_path, "record_id,q,a_complete\n1,1,2\n1,2,2\n,3,2\n")
    assert len(draft.rows) == 3
    assert told(draft) == {"records_twice": "1", "id_missing": ""}


def test_commas_inside_words_or_beside_points_are_left_alone(tmp_path: Path) -> None:
    text = 'record_id,a,b,c,p_complete\n1,"1,5",1.5,"1,5",2\n2,2.5,"2,5",x,2\n'
    draft = draft_text(tmp_path, text)
    assert [cells(draft, key) for key in "abc"] == [["1,5", "2.5"], ["1.5", "2,5"], ["1,5", "x"]]


@pytest.mark.parametrize(
    ("text", "platform"),
    [
        ("record_id,q,form_complete\n1,2,2\n", "redcap"),
        ("anything,q___1,form_complete\n1,0,0\n", "redcap"),
        ("anything,q,form_complete\n1,5,2\n", "redcap"),
        ("record_id,redcap_event_name,q\n1,pre_arm_1,4\n", "redcap"),
        ("record_id,seen___1,seen___2,q\n1,0,1,4\n", "redcap"),
        ("Study ID,Seen? (choice=Concert),Seen? (choice=Market)\n1,Checked,Unchecked\n", "redcap"),
        ("record_id,seen___1,seen___2,q\n1,blue,red,4\n", "spreadsheet"),
        ("task,owner,is_complete\nPaint,Ann,1\nBuild,Bob,0\n", "spreadsheet"),
        ("task_id,owner,is_complete\nPaint,Ann,yes\n", "spreadsheet"),
        ("Task,Owner,Complete?\nPaint,Ann,Yes\n", "spreadsheet"),
    ],
)
def test_only_states_in_a_complete_column_speak_for_redcap(
    text: str, platform: str, tmp_path: Path
) -> None:
    path = tmp_path / "a.csv"
    path.write_text(text, encoding="utf-8")
    assert detect(read_tables(path)).platform == platform


@pytest.mark.parametrize(
    "name", ["checkboxes-1", "decimal-comma", "dag", "longitudinal", "repeating-instruments"]
)
def test_rewritten_copies_are_the_same_table(name: str, tmp_path: Path) -> None:
    path = fixture(f"redcap/{name}_data.csv")
    before = table_of(draft_of(path))
    for what, copy in rewritten(rows_of(path)):
        assert table_of(draft_text(tmp_path, copy)) == before, what


@pytest.mark.parametrize("name", ["longitudinal", "repeating-instruments", "checkboxes-1"])
def test_broken_files_end_in_a_draft_or_a_clear_refusal(name: str, tmp_path: Path) -> None:
    survives(tmp_path, fixture(f"redcap/{name}_data.csv").read_bytes())


def test_reports_without_states_call_every_row_complete(tmp_path: Path) -> None:
    text = "record_id,redcap_event_name,seen___1,seen___2,q\n1,pre_arm_1,0,1,4\n1,post_arm_1,0,0,\n"
    draft = draft_text(tmp_path, text)
    assert [row.state for row in draft.rows] == ["complete", "complete"]
    assert cells(draft, "seen___1") == ["0", ""]


def test_an_odd_state_far_below_makes_one_row_partial_and_no_more(tmp_path: Path) -> None:
    rows = [["record_id", "q", "a_complete"], *([str(n), "1", "2"] for n in range(1, 400))]
    rows[300][2] = "7"
    draft = draft_text(tmp_path, as_csv(rows))
    assert [row.state for row in draft.rows].count("partial") == 1


def test_an_export_without_records_is_a_valid_answer(tmp_path: Path) -> None:
    assert draft_text(tmp_path, "record_id,redcap_event_name,q,a_complete\n").rows == ()


def test_rows_can_be_written_back_and_read_again(tmp_path: Path) -> None:
    path = fixture("redcap/dag_data.csv")
    again = draft_text(tmp_path, as_csv(rows_of(path), "|"))
    assert table_of(again) == table_of(draft_of(path))


def test_an_event_that_shows_none_of_the_questions_is_no_response(tmp_path: Path) -> None:
    rows = [
        ["record_id", "redcap_event_name", "age", "base_complete", "tw_x_a", "twin_complete"],
        ["1", "base_arm_1", "40", "2", "", ""],
        ["1", "visit_arm_1", "", "", "7", "2"],
        ["2", "base_arm_1", "50", "2", "", ""],
        ["2", "visit_arm_1", "", "", "", "2"],
    ]
    made = draft_text(tmp_path, as_csv(rows))
    assert [row.state for row in made.rows] == ["complete"] * 4
    found = response_rows(made, settings())
    # who was asked and left everything open has answered; who was not asked has not
    assert found.excluded == {"no_answers": 2}
    assert (found.rows, len(found.frame), found.quarantined) == (4, 2, 0)
    assert found.frame["source_row"].tolist() == [3, 5]
