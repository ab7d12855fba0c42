"""From a draft to canonical rows: every row ends in exactly one place."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as checks
from hypothesis import strategies as st
from planning_data import (
    CIVIC,
    KEY,
    LIKERT,
    OTHER_KEY,
    YES_NO,
    catalogue,
    draft,
    settings,
)

from twinimpact.ingest.answers import read_answer, vocabulary
from twinimpact.ingest.mapping import Answers
from twinimpact.ingest.responses import response_rows
from twinimpact.ingest.rows import CheckedRows
from twinimpact.problems import RULES
from twinimpact.schema import RESPONSE_COLUMNS

HEADER = ["tw_x_a", "tw_x_b", "tw_y_p"]


def codes(checked: CheckedRows) -> list[str]:
    return [problem.code for problem in checked.problems if problem.severity != "info"]


def adds_up(checked: CheckedRows) -> bool:
    outcomes = len(checked.frame) + sum(checked.excluded.values()) + checked.quarantined
    return outcomes == checked.rows


@pytest.mark.parametrize(
    ("text", "code", "reason"),
    [
        ("7", 7, ""),
        ("7.0", 7, ""),
        ("5 (most)", 5, ""),
        ("1 (None at all)", 1, ""),
        ("3 - neither", 3, ""),
        ("11", None, "out_of_range"),
        ("88", None, "dont_know"),
        ("88 (don't know)", None, "dont_know"),
        ("Don't know", None, "dont_know"),
        ("keine Angabe", None, "refused"),
        ("2 or 3", None, "unreadable"),
        ("lots", None, "unreadable"),
        ("7.5", None, "unreadable"),
    ],
)
def test_an_answer_is_a_number_a_leading_number_or_a_label(
    text: str, code: int | None, reason: str
) -> None:
    assert read_answer(text, CIVIC, vocabulary(CIVIC, Answers())) == (code, reason)


def test_labels_of_the_instrument_work_in_every_language_and_the_mapping_wins() -> None:
    own = vocabulary(LIKERT, Answers())
    assert read_answer("strongly  AGREE", LIKERT, own) == (5, "")
    assert read_answer("Stimme gar nicht zu", LIKERT, own) == (1, "")
    assert read_answer("5 strongly agree", LIKERT, own) == (5, "")
    assert read_answer("4 strongly agree", LIKERT, own) == (None, "unreadable")
    mapped = vocabulary(LIKERT, Answers(codes={"strongly agree": 1, "1": 5}))
    assert read_answer("Strongly agree", LIKERT, mapped) == (1, "")
    assert read_answer("1", LIKERT, mapped) == (5, "")


def test_yes_and_no_become_the_stored_codes_of_the_item() -> None:
    words = vocabulary(YES_NO, Answers())
    assert read_answer("Ja", YES_NO, words) == (1, "")
    assert read_answer("no", YES_NO, words) == (2, "")
    assert read_answer("0", YES_NO, words) == (None, "out_of_range")


def test_items_match_by_id_or_alias_and_every_canonical_column_is_there() -> None:
    checked = response_rows(draft(["TW_X_A", "old_b"], [["7", "5"]]), settings())
    assert list(checked.frame.columns) == [*RESPONSE_COLUMNS.names(), *catalogue().items]
    row = checked.frame.iloc[0]
    assert (row["tw_x_a"], row["tw_x_b"], row["wave"], row["arm"]) == (7, 5, "pre", "participant")
    assert str(row["date"].date()) == "2025-03-01"
    assert row["source_row"] == 2
    assert checked.frame["tw_x_a"].dtype == "Int16"
    assert pd.isna(row["tw_y_p"])


def test_an_unreadable_cell_is_set_aside_and_the_row_stays() -> None:
    checked = response_rows(draft(HEADER, [["99", "lots", "yes"]]), settings())
    assert codes(checked) == ["answers_out_of_range", "answers_unreadable"]
    assert [problem.row for problem in checked.problems] == [2, 2]
    assert checked.frame[["tw_x_a", "tw_x_b"]].isna().all(axis=None)
    reasons = dict(zip(checked.missing["item_id"], checked.missing["reason"], strict=True))
    assert reasons == {"tw_x_a": "out_of_range", "tw_x_b": "unreadable"}


def test_reasons_of_the_export_are_kept_and_blanks_are_not_listed() -> None:
    one = draft(HEADER, [["", "", "1"]])
    row = dataclasses.replace(one.rows[0], reasons={0: "not_shown", 1: "blank"})
    checked = response_rows(dataclasses.replace(one, rows=(row,)), settings())
    assert checked.missing[["item_id", "reason"]].to_numpy().tolist() == [["tw_x_a", "not_shown"]]


def test_states_decide_what_is_left_out() -> None:
    rows = [["7", "", ""], ["7", "", ""], ["7", "", ""], ["", "", ""], ["", "", ""]]
    states = ["test", "rejected", "partial", "partial", "complete"]
    checked = response_rows(draft(HEADER, rows, states=states), settings())
    assert checked.excluded == {"no_answers": 1, "rejected": 1, "test": 1}
    assert checked.frame["state"].tolist() == ["partial", "complete"]
    assert adds_up(checked)


def test_rows_without_consent_are_counted_and_nothing_of_them_is_kept() -> None:
    mapping = {"consent": {"column": "ok", "yes": ["I agree"]}}
    data = draft([*HEADER, "ok"], [["99", "", "", "no"], ["7", "", "", "i  AGREE"]])
    checked = response_rows(data, settings(mapping))
    assert checked.excluded == {"no_consent": 1}
    assert codes(checked) == []
    assert len(checked.frame) == 1


def test_a_declared_consent_column_that_is_absent_lets_nobody_in() -> None:
    mapping = {"consent": {"column": "ok", "yes": ["yes"]}}
    checked = response_rows(draft(HEADER, [["7", "", ""]]), settings(mapping))
    assert checked.excluded == {"no_consent": 1}
    assert "mapping_no_column" in codes(checked)


def test_undeclared_consent_is_said() -> None:
    checked = response_rows(draft(HEADER, [["7", "", ""]]), settings({"schema": 1}))
    assert codes(checked) == ["responses_consent_undeclared"]
    assert len(checked.frame) == 1


def test_equal_rows_with_one_id_are_a_duplicate_and_different_ones_a_conflict() -> None:
    rows = [["7", "", ""], ["7", "", ""], ["6", "", ""], ["5", "", ""], ["4", "", ""]]
    checked = response_rows(draft(HEADER, rows, ids=["a", "a", "b", "c", "c"]), settings())
    assert checked.excluded == {"duplicate": 1}
    assert checked.quarantined == 2
    assert codes(checked) == ["responses_conflict"] * 2
    assert checked.problems[-1].expected == "5, 6"
    assert len(checked.frame) == 2
    assert adds_up(checked)


def test_two_people_with_equal_answers_and_no_id_stay_two() -> None:
    data = draft(HEADER, [["7", "", ""]] * 2, ids=["", ""], submitted="2025-03-01")
    checked = response_rows(data, settings())
    assert len(checked.frame) == 2
    assert checked.frame["response_id"].is_unique


def test_an_answer_sent_twice_in_the_same_second_is_one() -> None:
    row = "row-" + "0" * 20
    data = draft(HEADER, [["7", "", ""]] * 2, ids=[row, f"{row}-2"], platform="google_forms")
    assert response_rows(data, settings()).excluded == {"duplicate": 1}


def test_numbers_that_every_form_counts_from_one_do_not_collide_over_waves() -> None:
    def ids(platform: str, wave: str) -> str:
        data = draft(HEADER, [["7", "", ""]], platform=platform, ids=["1"])
        given = {"wave": wave, "partnership": "lin-mor"}
        return str(response_rows(data, settings(constants=given)).frame["response_id"][0])

    assert ids("microsoft_forms", "pre") != ids("microsoft_forms", "post")
    assert ids("kobo", "pre") == ids("kobo", "post")


BROKEN: list[tuple[str, dict[str, str], dict[str, Any], str]] = [
    ("wave", {"wave": "never"}, {}, "responses_unknown_wave"),
    ("no wave", {"wave": ""}, {}, "responses_no_wave"),
    ("partnership", {"partnership": "Atlantis"}, {}, "responses_unknown_partnership"),
    ("no partnership", {"partnership": ""}, {}, "responses_no_partnership"),
    ("town", {"town": "Atlantis"}, {}, "responses_unknown_town"),
    ("arm", {"arm": "spectator"}, {}, "responses_unknown_arm"),
    ("date", {"when": "03/04/2025"}, {"columns": {"date": "when"}}, "responses_bad_date"),
]


@pytest.mark.parametrize(("name", "cells", "mapping", "code"), BROKEN, ids=[b[0] for b in BROKEN])
def test_a_row_that_cannot_be_placed_is_quarantined(
    name: str, cells: dict[str, str], mapping: dict[str, Any], code: str
) -> None:
    usual = {"wave": "pre", "partnership": "lin-mor", "town": "Lindau", "arm": "participant"}
    row = {**usual, **cells}
    data = draft(["tw_x_a", *row], [["7", *row.values()]])
    checked = response_rows(data, settings({"consent": {"waived": "x"}, **mapping}, {}))
    assert codes(checked) == [code]
    assert checked.quarantined == 1
    assert adds_up(checked)
    assert checked.problems[-1].row == 2


def test_names_and_labels_stand_for_ids_and_a_town_tells_its_partnership() -> None:
    mapping = {"consent": {"waived": "x"}, "values": {"wave": {"vorher": "pre"}}}
    data = draft(["tw_x_a", "wave", "town"], [["7", "Vorher", "Morlaix"], ["7", "After", "mor"]])
    frame = response_rows(data, settings(mapping, {})).frame
    assert frame["wave"].tolist() == ["pre", "post"]
    assert frame["town_id"].tolist() == ["mor", "mor"]
    assert frame["partnership_id"].tolist() == ["lin-mor", "lin-mor"]


def test_an_unknown_constant_is_told_once_for_the_file() -> None:
    checked = response_rows(
        draft(HEADER, [["7", "", ""]]), settings(constants={"wave": "x", "partnership": "lin-mor"})
    )
    assert codes(checked) == ["mapping_unknown_constant", "responses_unknown_wave"]


def test_a_file_without_any_question_of_the_instruments_is_refused_as_a_whole() -> None:
    checked = response_rows(draft(["colour"], [["red"], ["blue"]]), settings())
    assert codes(checked) == ["responses_no_items"]
    assert "none of the questions of tw_x, tw_y" in checked.problems[-1].what()
    assert checked.quarantined == checked.rows == 2


def test_an_instrument_the_file_does_not_hold_is_mentioned() -> None:
    checked = response_rows(draft(["tw_x_a"], [["7"]]), settings())
    notes = [(problem.code, problem.got) for problem in checked.problems]
    assert notes == [("responses_no_instrument", "tw_y")]


def test_columns_and_items_named_wrongly_are_told() -> None:
    mapping = {
        "consent": {"waived": "x"},
        "columns": {"gender": "Sex?"},
        "items": [
            {"column": "Q9", "item": "tw_x_b"},
            {"column": "tw_y_p", "item": "tw_nowhere"},
        ],
    }
    checked = response_rows(draft(HEADER, [["7", "3", "1"]]), settings(mapping))
    assert sorted(codes(checked)) == [
        "mapping_no_column", "mapping_no_column", "mapping_unknown_item",
    ]  # fmt: skip
    assert checked.frame["tw_x_b"].isna().all()


def test_demographics_are_read_from_words_and_bad_ones_left_blank() -> None:
    header = ["tw_x_a", "Geschlecht", "Alter", "Funktion"]
    rows = [["7", "weiblich", "34", "Verein"], ["7", "blue", "very old", "king"]]
    checked = response_rows(draft(header, rows), settings())
    found = checked.frame[["gender", "age_band", "role"]]
    assert found.iloc[0].tolist() == ["female", "30-44", "association"]
    assert found.iloc[1].isna().all()
    assert codes(checked) == ["responses_bad_option"] * 3


def test_a_year_of_birth_becomes_a_band_and_is_never_shown() -> None:
    rows = [["7", "1980"], ["7", "80"]]
    checked = response_rows(draft(["tw_x_a", "Geburtsjahr"], rows), settings())
    assert checked.frame["age_band"].iloc[0] == "45-64"
    assert codes(checked) == ["responses_bad_birth_year"]
    assert checked.problems[-1].got == "•••"


def test_codes_are_hashed_element_by_element_however_they_are_asked() -> None:
    def code(header: list[str], row: list[str], mapping: dict[str, Any]) -> str:
        made = settings({"consent": {"waived": "x"}, **mapping})
        frame = response_rows(draft(["tw_x_a", *header], [["7", *row]]), made).frame
        return "" if frame["code"].isna()[0] else str(frame["code"][0])

    columns = code(["code_1", "code_2", "code_3"], ["ä", "K", "07"], {})
    whole = {"columns": {"code": "Code"}, "code_pattern": [1, 1, 2]}
    assert columns == code(["Code"], ["AK07"], whole)
    parted = {"columns": {"code": "Code"}, "code_separator": "-"}
    assert columns == code(["Code"], ["a-k-07"], parted)
    assert columns.count("-") == 2
    assert code(["Code"], ["AK7"], whole) == ""
    assert code(["code_1", "code_2", "code_3"], ["1", "2", "3"], {}) == ""


def test_nothing_personal_is_in_rows_or_problems() -> None:
    mapping = {
        "consent": {"waived": "x"},
        "columns": {"participant": "mail", "code": "code", "response_id": "nr"},
    }
    header = ["tw_x_a", "mail", "code", "nr", "gender"]
    rows = [
        ["7", "anna@example.org", "ANNA77", "secret-1", "Frau"],
        ["6", "anna@example.org", "ANNA77", "secret-1", "Frau"],
    ]
    data = draft(header, rows, roles={"mail": "personal"})
    checked = response_rows(data, settings(mapping))
    told = " ".join(map(str, checked.problems))
    stored = checked.frame.to_csv()
    for secret in ("anna", "ANNA77", "secret-1"):
        assert secret not in told
        assert secret not in stored
    assert codes(checked) == ["responses_conflict"] * 2


def test_an_unreadable_answer_in_a_personal_column_is_masked() -> None:
    data = draft(["tw_x_a"], [["+49 170 1234567"]], roles={"tw_x_a": "personal"})
    checked = response_rows(data, settings())
    assert [problem.got for problem in checked.problems if problem.row] == ["•••"]


def test_another_key_gives_other_pseudonyms_and_the_same_key_the_same() -> None:
    def ids(key: object) -> list[str]:
        made = dataclasses.replace(settings(), key=key)
        data = draft([*HEADER, "participant"], [["7", "", "", "t1"]])
        return (
            response_rows(data, made).frame[["response_id", "participant_token"]].iloc[0].tolist()
        )

    assert ids(KEY) == ids(KEY)
    assert set(ids(KEY)).isdisjoint(ids(OTHER_KEY))


@pytest.mark.parametrize("change", [lambda rows: rows[::-1], lambda rows: rows])
def test_the_order_of_rows_changes_neither_ids_nor_hashes(
    change: Callable[[list[list[str]]], list[list[str]]],
) -> None:
    rows = [["7", "1", ""], ["6", "2", ""], ["5", "99", "1"]]
    ids = ["a", "b", "c"]
    first = response_rows(draft(HEADER, rows, ids=ids), settings()).frame
    other = response_rows(draft(HEADER, change(rows), ids=change(ids)), settings()).frame
    names = ["response_id", "row_hash"]
    pd.testing.assert_frame_equal(
        first[names].sort_values("response_id", ignore_index=True),
        other[names].sort_values("response_id", ignore_index=True),
    )


CELL = st.sampled_from(["", "0", "5", "11", "88", "lots", "5 (most)", "-3", "1e5"])
ROW = st.tuples(
    st.sampled_from(["a", "b", "c", "d", ""]),
    st.sampled_from(["complete", "partial", "test", "rejected"]),
    st.tuples(CELL, CELL),
    st.sampled_from(["pre", "post", "", "never"]),
    st.sampled_from(["yes", "no", ""]),
)


@checks(max_examples=60, deadline=None)
@given(st.lists(ROW, max_size=12), st.sampled_from(["kobo", "limesurvey"]))
def test_new_excluded_and_quarantined_always_add_up_to_the_rows(
    rows: list[tuple[str, str, tuple[str, str], str, str]], platform: str
) -> None:
    data = draft(
        ["tw_x_a", "tw_x_b", "wave", "consent"],
        [[*answers, wave, consent] for _, _, answers, wave, consent in rows],
        ids=[row[0] for row in rows],
        states=[row[1] for row in rows],
        platform=platform,
    )
    checked = response_rows(data, settings({"schema": 1}, {"partnership": "lin-mor"}))
    assert adds_up(checked)
    assert checked.rows == len(rows)
    assert checked.frame["response_id"].is_unique
    assert set(checked.missing["response_id"]) <= set(checked.frame["response_id"])
    assert all(problem.code in RULES for problem in checked.problems)
