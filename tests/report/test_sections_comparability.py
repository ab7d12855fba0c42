"""Sections that put towns or partnerships side by side say whether they may be compared."""

from __future__ import annotations

from typing import Any

from sample_bundle import sample_bundle
from test_sections import contents, tables, with_rows, words

from twinimpact.bundle import Bundle
from twinimpact.report import sections

TOWN = "comparability|town"


def single_wave(*rows: dict[str, Any]) -> Bundle:
    levels = [
        {"outcome": "tw_trust", "estimand": "mean|single", "estimate": mean, "n": 140.0,
         "wave": "pre", "arm": "participant", "town": town}
        for town, mean in (("lin", 63.0), ("mor", 59.0))
    ]  # fmt: skip
    whole = {
        "outcome": "tw_trust", "estimand": "mean", "estimate": 61.0, "conf_low": 57.0,
        "conf_high": 65.0, "conf_level": 0.95, "n": 280.0, "wave": "pre", "arm": "participant",
    }  # fmt: skip
    return with_rows(sample_bundle(), [whole, *levels, *rows])


def verdict(code: str, note: str = "needed:100", **values: Any) -> dict[str, Any]:
    return {
        "outcome": "tw_trust", "estimand": TOWN, "unit": "class", "group": code, "note": note,
        "n": 280.0, "wave": "pre", **values,
    }  # fmt: skip


def people() -> list[dict[str, Any]]:
    return [
        {"outcome": "tw_trust", "estimand": f"{TOWN}|people", "unit": "people", "wave": "pre",
         "dimension": "town", "group": town, "estimate": 140.0, "n": 140.0}
        for town in ("lin", "mor")
    ]  # fmt: skip


def test_towns_with_few_answers_are_described_and_said_to_be_untested() -> None:
    note = "not_testable;too_few_answers;needed:100"
    parts = contents(single_wave(verdict("not_testable", note, status="refused")))
    assert "tab-towns" in tables(parts)
    text = words(parts)
    assert "at least two groups need 100 complete questionnaires each" in text
    assert "Averages are not ranked." in text


def test_scales_of_two_questions_get_the_sentence_without_a_number_of_people() -> None:
    note = "not_testable;two_questions"
    text = words(contents(single_wave(verdict("not_testable", note, status="refused"))))
    assert "at least three questions about the same thing" in text


def test_comparable_towns_are_said_to_be_so_by_their_names() -> None:
    text = words(contents(single_wave(verdict("scalar"), *people())))
    assert "The averages of Linden and Moravice may be compared" in text


def test_the_rules_are_printed_where_something_was_tested() -> None:
    tested = verdict("scalar", "rule_contradicted;needed:100", method="mgcfa_ml")
    text = words(contents(single_wave(tested, *people())))
    assert "CFI falls by 0.010 and RMSEA rises by 0.015 or SRMR by 0.010" in text
    assert "would have decided otherwise" in text
    refused = verdict("not_testable", "not_testable;needed:100", status="refused")
    assert "CFI falls" not in words(contents(single_wave(refused | {"method": "mgcfa_ml"})))


def test_a_question_that_works_differently_is_named_with_its_points() -> None:
    points = [
        {"outcome": "tw_trust", "estimand": f"{TOWN}|{part}", "unit": "points",
         "method": "dmacs", "wave": "pre", "n": 280.0, "estimate": value}
        for part, value in (("observed", -4.0), ("bias", -3.0), ("comparable", -1.0))
    ]  # fmt: skip
    points[-1] |= {"conf_low": -3.5, "conf_high": 1.5, "conf_level": 0.95}
    differs = {
        "outcome": "tw_trust_t1", "estimand": f"{TOWN}|differs", "unit": "class", "wave": "pre",
        "dimension": "scale", "group": "tw_trust", "n": 280.0,
    }  # fmt: skip
    text = words(contents(single_wave(verdict("partial_large"), *people(), *points, differs)))
    assert "−4.0 points (Moravice minus Linden), but −3.0 points come from" in text
    assert "keep an agreement" in text and "−1.0 points (−3.5 to +1.5)" in text


def test_levels_that_must_not_be_compared_do_not_stand_side_by_side() -> None:
    parts = contents(single_wave(verdict("metric"), *people()))
    assert "tab-towns" not in tables(parts)
    assert "may not be compared" in words(parts)


def test_the_programme_says_it_once_for_outcomes_with_the_same_verdict() -> None:
    bundle = sample_bundle("programme_rollup")
    changes = [
        {"outcome": scale, "estimand": "post-pre", "method": "paired_t", "estimate": 3.0,
         "conf_low": 1.0, "conf_high": 5.0, "conf_level": 0.95, "n": 43.0, "arm": "participant",
         "unit": "points", "grade": 1.0, "verdict": "inconclusive", "direction": "better"}
        for scale in ("tw_thermo", "tw_trust")
    ]  # fmt: skip
    refused = [
        {"outcome": scale, "estimand": "comparability|partnership", "partnership": "*",
         "unit": "class", "group": "not_testable", "status": "refused",
         "note": "not_testable;too_few_answers;needed:100"}
        for scale in ("tw_thermo", "tw_trust")
    ]  # fmt: skip
    text = words([sections.programme_reading(with_rows(bundle, [*changes, *refused]))])  # type: ignore[list-item]
    assert "May the averages of partnerships be compared as well?" in text
    assert text.count("too few answers to find out") == 1 and "Warmth and Trust." in text


def test_the_programmes_change_says_whether_questions_were_understood_alike() -> None:
    bundle = sample_bundle("programme_rollup")
    pooled = {
        "outcome": "tw_trust", "estimand": "post-pre", "method": "town_mean_t", "estimate": 3.0,
        "conf_low": 1.0, "conf_high": 5.0, "conf_level": 0.95, "n": 143.0, "clusters": 6.0,
        "arm": "participant", "unit": "points", "grade": 1.0, "direction": "better",
        "partnership": "*",
    }  # fmt: skip
    waves = [
        {"outcome": "tw_trust", "estimand": "comparability|wave", "partnership": "*",
         "unit": "class", "group": code, "wave": wave, "note": "needed:100", "n": 140.0}
        for wave, code in (("post", "scalar"), ("followup", "none"))
    ]  # fmt: skip
    made = sections.programme_findings(with_rows(bundle, [pooled, *waves]))
    text = words(list(made))  # type: ignore[arg-type]
    assert "Did people understand the questions the same way before and after?" in text
    assert text.count("worked differently at the two times") == 1
    assert "do not measure the same thing" not in text
