"""Consent, the rule for minors, free text, and the time people took."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import pytest
from planning_data import draft, settings

from twinimpact.ingest.durations import durations
from twinimpact.ingest.minors import consent_ages, too_young
from twinimpact.ingest.responses import response_rows
from twinimpact.ingest.rows import CheckedRows

HEADER = ["tw_x_a", "town", "age_band", "parents"]
WAIVED = {"waived": "on paper"}


def read(
    rows: list[list[str]], consent: dict[str, Any], header: list[str] | None = None
) -> CheckedRows:
    return response_rows(draft(header or HEADER, rows), settings({"consent": consent}))


def adds_up(checked: CheckedRows) -> bool:
    outcomes = len(checked.frame) + sum(checked.excluded.values()) + checked.quarantined
    return outcomes == checked.rows


def codes(checked: CheckedRows) -> list[str]:
    return [problem.code for problem in checked.problems if problem.severity != "info"]


@pytest.mark.parametrize(
    ("country", "age"),
    [
        ("DE", 16), ("NL", 16), ("IE", 16), ("FR", 15), ("CZ", 15), ("AT", 14), ("IT", 14),
        ("ES", 14), ("GB", 13), ("UK", 13), ("PL", 16), ("", 16), ("US", 16),
    ],
)  # fmt: skip
def test_the_age_of_consent_is_that_of_the_country(country: str, age: int) -> None:
    assert consent_ages().of(country) == age


def test_ages_that_nobody_has_checked_are_marked_so() -> None:
    ages = consent_ages()
    assert "PL" in ages.verify
    assert not {"DE", "NL", "IE", "FR", "CZ", "AT", "IT", "ES", "GB"} & ages.verify
    assert "2016/679" in ages.provenance


@pytest.mark.parametrize(
    ("band", "year", "country", "young"),
    [
        ("<14", None, "GB", True), ("14-17", None, "DE", True), ("14-17", None, "IT", False),
        ("18-29", None, "DE", False), ("", None, "DE", False), ("undisclosed", None, "DE", False),
        ("14-17", 2009, "DE", True), ("14-17", 2008, "DE", False), ("14-17", 2009, "FR", False),
    ],
)  # fmt: skip
def test_who_may_be_too_young(band: str, year: int | None, country: str, young: bool) -> None:
    assert too_young(band, year, dt.date(2025, 3, 1), country) is young


ROWS = [
    ["7", "Lindau", "14-17", "yes"],
    ["6", "Lindau", "14-17", ""],
    ["5", "Lindau", "18-29", ""],
    ["4", "Lindau", "14-17", "no"],
]


def test_minors_without_their_guardians_consent_are_counted_and_dropped() -> None:
    checked = read(ROWS, {**WAIVED, "guardian": "parents"})
    assert checked.excluded == {"no_consent": 2}
    assert checked.frame["tw_x_a"].tolist() == [7, 5]
    assert codes(checked) == []
    assert adds_up(checked)


def test_own_words_for_a_guardians_consent_are_taken() -> None:
    rows = [["7", "Lindau", "14-17", "signed"], ["6", "Lindau", "14-17", "yes"]]
    checked = read(rows, {**WAIVED, "guardian": "parents", "guardian_yes": ["Signed"]})
    assert checked.frame["tw_x_a"].tolist() == [7]


def test_minors_without_any_rule_are_kept_and_asked_about_once() -> None:
    checked = read(ROWS, WAIVED)
    assert len(checked.frame) == 4
    assert codes(checked) == ["responses_minors"]
    (problem,) = (p for p in checked.problems if p.code == "responses_minors")
    assert problem.got == "3"
    assert "guardian" in problem.hint()


def test_a_reason_why_guardians_need_not_be_asked_ends_the_question() -> None:
    checked = read(ROWS, {**WAIVED, "guardian_waived": "schools hold the forms"})
    assert codes(checked) == []
    assert len(checked.frame) == 4


def test_a_guardian_column_that_is_absent_lets_no_minor_in() -> None:
    checked = read(ROWS, {**WAIVED, "guardian": "mother"})
    assert checked.excluded == {"no_consent": 3}
    assert codes(checked) == ["mapping_no_column"]


def test_nothing_of_an_excluded_minor_is_in_the_problems() -> None:
    rows = [["999", "Lindau", "14-17", "no"]]
    checked = read(rows, {**WAIVED, "guardian": "parents"})
    assert codes(checked) == []


def test_a_missing_consent_rule_is_one_warning_however_many_rows() -> None:
    checked = response_rows(
        draft(["tw_x_a"], [["1"]] * 5), settings({"constants": {"wave": "pre"}})
    )
    assert codes(checked).count("responses_consent_undeclared") == 1


def test_free_text_is_named_left_out_and_nowhere_stored() -> None:
    words = ["It was a lovely weekend", "Too short for me", "Ask Maria Muster about it"]
    checked = read([["7", word] for word in words], WAIVED, ["tw_x_a", "remarks"])
    (info,) = (p for p in checked.problems if p.code == "responses_free_text")
    assert info.severity == "info"
    assert info.got == "remarks"
    stored = checked.frame.to_csv() + str(checked.problems)
    assert not any(word in stored for word in words)


def test_a_sentence_in_place_of_an_answer_is_not_repeated() -> None:
    text = "I would rather not say this here but Maria Muster told me that it was her idea"
    checked = read([[text, "Lindau", "", ""]], WAIVED)
    assert codes(checked) == ["answers_unreadable"]
    assert "Maria" not in str(checked.problems)


def timed(header: list[str], rows: list[list[str]], roles: dict[str, str], end: str) -> list[Any]:
    read = durations(draft(header, rows, roles=roles, submitted=end)).tolist()
    return [None if math.isnan(seconds) else int(seconds) for seconds in read]


def test_the_survey_tools_own_time_comes_first() -> None:
    rows = [["125.4", "2025-03-01 10:00"], ["", ""], ["0", ""], ["999999", ""], ["02:05", ""]]
    found = timed(
        ["interviewtime", "start"],
        rows,
        {"interviewtime": "timing", "start": "started"},
        "2025-03-01T10:10:00",
    )
    assert found == [125, None, None, None, 125]


def test_else_the_time_from_start_to_submission_counts() -> None:
    rows = [["2025-03-01T10:00:00"], ["2025-03-01T10:20:00"], ["2025-03-01"], ["x"]]
    found = timed(["start"], rows, {"start": "started"}, "2025-03-01T10:10:00")
    assert found == [600, None, None, None]


def test_a_zone_on_one_side_only_gives_no_time() -> None:
    found = timed(
        ["start"], [["2025-03-01T10:00:00+01:00"]], {"start": "started"}, "2025-03-01T10:10:00"
    )
    assert found == [None]


def test_times_are_stored_and_do_not_make_a_response_look_changed() -> None:
    header, roles = ["tw_x_a", "interviewtime"], {"interviewtime": "timing"}
    one, two = (
        response_rows(draft(header, [["7", spent]], roles=roles), settings()).frame
        for spent in ("300", "310")
    )
    assert one["seconds"].tolist() == [300]
    assert one["row_hash"].tolist() == two["row_hash"].tolist()
