"""The wording ladder: every combination has words, and none says more than the design allows."""

from __future__ import annotations

import itertools
import re
from typing import Any

import pytest

from twinimpact.impact.notes import CODES
from twinimpact.language import translator
from twinimpact.report import words_templates as templates
from twinimpact.report.words import (
    Topic,
    average,
    caveat_of,
    finding,
    level_meaning,
    reasons,
    withheld,
)
from twinimpact.report.words_evidence import GRADE_REASONS

ENGLISH = translator("en")
TOPIC = Topic(label="Trust", sesoi=5.0)
ESTIMANDS = (
    "post-pre",
    "followup-pre",
    "followup-post",
    "first_difference",
    "post-pre|cross-section",
    "participant-comparison|single",
    "post|participant-comparison",
    "post-pre|participant-comparison",
)
VERDICTS = ("beneficial", "harmful", "trivial", "inconclusive", "not_assessed", "")
STATUSES = (
    "ok", "descriptive", "refused", "not_estimable", "not_available", "boundary",
    "not_converged", "unbounded", "suppressed",
)  # fmt: skip
INTERVALS = {"up": (6.0, 10.0), "down": (-10.0, -6.0), "open": (-3.0, 9.0), "small": (-2.0, 2.0)}
NEVER = re.compile(
    r"no effect|no difference|significan|proves?\b|proof|trend towards|league|because of"
)
BELOW_LEVEL_3 = re.compile(r"\bimpacts?\b|\bcaused?\b|led to|\beffects?\b|\braised\b|\blowered\b")
DATA = re.compile(r"\{|\}|\bnan\b|None")


def row(**changes: Any) -> dict[str, Any]:
    return {
        "outcome": "tw_trust",
        "estimand": "post-pre",
        "estimate": 8.0,
        "conf_low": 6.0,
        "conf_high": 10.0,
        "conf_level": 0.95,
        "n": 43.0,
        "clusters": 2.0,
        "grade": 1.0,
        "status": "ok",
        "verdict": "beneficial",
        "arm": "participant",
        "note": "",
    } | changes


def words(changes: dict[str, Any], topic: Topic = TOPIC) -> str:
    return finding(row(**changes), topic, ENGLISH).text


def grid() -> list[dict[str, Any]]:
    made = []
    for estimand, level, verdict, status, (low, high) in itertools.product(
        ESTIMANDS, range(6), VERDICTS, STATUSES, INTERVALS.values()
    ):
        made.append(
            {
                "estimand": estimand,
                "grade": float(level),
                "verdict": verdict,
                "status": status,
                "conf_low": low,
                "conf_high": high,
                "estimate": (low + high) / 2,
            }
        )
    return made


def test_every_combination_has_words_and_none_of_the_forbidden_ones() -> None:
    for direction, n in itertools.product(("better", "worse"), (7.0, 15.0, 43.0)):
        topic = Topic(label="Trust", sesoi=5.0, direction=direction)
        for changes in grid():
            text = words(changes | {"n": n}, topic)
            assert text.endswith("."), changes
            assert not NEVER.search(text), (changes, text)
            assert not DATA.search(text), (changes, text)
            if changes["grade"] < 3:
                assert not BELOW_LEVEL_3.search(text), (changes, text)


def test_a_causal_verb_needs_level_4_and_an_interval_beyond_the_size_worth_having() -> None:
    causal = re.compile(r"raised|lowered")
    for changes in grid():
        text = words(changes)
        if causal.search(text):
            assert changes["grade"] >= 4
            assert changes["verdict"] in {"beneficial", "harmful"}
            assert "|participant-comparison" in changes["estimand"]
            assert changes["conf_low"] * changes["conf_high"] > 0


def test_one_group_is_never_said_to_have_an_effect_whatever_its_level() -> None:
    for changes in grid():
        if changes["estimand"] in {"post-pre", "followup-pre", "post-pre|cross-section"}:
            assert "ffect" not in words(changes)


def test_an_interval_over_zero_says_that_the_data_cannot_tell() -> None:
    for changes in grid():
        over_zero = changes["conf_low"] < 0 < changes["conf_high"]
        if over_zero and changes["status"] == "ok" and changes["verdict"] != "trivial":
            assert "cannot tell whe" in words(changes) or "cannot tell w" in words(changes)


def test_no_interval_no_verdict_and_no_size_no_judgement() -> None:
    plain = {"conf_low": None, "conf_high": None}
    assert "worth having" not in words(plain)
    assert "This design allows no interval" in words(plain)
    assert "No size worth having was set" in words({}, Topic(label="Trust"))


def test_fewer_than_10_people_reported_and_get_no_interval() -> None:
    text = words({"n": 9.0})
    assert text.startswith("Participants reported 8.0 points more after than before")
    assert "interval:" not in text
    assert "6.0" not in text


@pytest.mark.parametrize(("n", "marked"), [(10.0, True), (29.0, True), (30.0, False)])
def test_10_to_29_people_are_called_indicative(n: float, marked: bool) -> None:
    assert ("indicative" in words({"n": n})) is marked


def test_a_sentence_names_estimate_unit_interval_people_towns_and_level() -> None:
    assert words({}) == (
        "On average, participants scored 8.0 points higher after than before (95% interval: 6.0 to "
        "10.0; 43 people in 2 towns; design level 1 of 5). The whole interval lies beyond 5.0 "
        "points, the size set as worth having, in the hoped-for direction."
    )


def test_a_negative_result_is_told_as_carefully_as_a_gain() -> None:
    text = words({"estimate": -8.0, "conf_low": -10.0, "conf_high": -6.0, "verdict": "harmful"})
    assert "scored 8.0 points lower after than before" in text
    assert "in the direction nobody hoped for" in text


def test_a_lower_score_on_a_worse_scale_says_that_lower_is_better() -> None:
    topic = Topic(label="Unease", direction="worse", sesoi=5.0)
    change = {"estimate": -8.0, "conf_low": -10.0, "conf_high": -6.0, "verdict": "beneficial"}
    assert "On this scale lower is better." in words(change, topic)


def test_level_3_names_the_assumption() -> None:
    text = words({"estimand": "post-pre|participant-comparison", "grade": 3.0, "clusters": 6.0})
    assert text.startswith("Effect estimated at +8.0 points (95% interval: 6.0 to 10.0;")
    assert "assuming that both groups would otherwise have developed alike" in text


def test_a_verdict_that_contradicts_its_interval_is_not_believed() -> None:
    text = words({"conf_low": -1.0, "conf_high": 17.0, "verdict": "beneficial"})
    assert "cannot tell whether scores rose or fell" in text


def test_one_town_on_each_side_is_refused_and_says_how_many_towns_are_needed() -> None:
    refused = {
        "estimand": "post-pre|participant-comparison",
        "status": "refused",
        "note": "one_town_per_arm",
        "conf_low": None,
        "conf_high": None,
    }
    text = words(refused)
    assert "8.0" not in text
    assert "At least two partner towns and two comparison towns are needed" in text


def test_a_hidden_row_gives_no_number_away() -> None:
    text = words({"status": "suppressed", "note": "arm_below_10:7"})
    assert not re.search(r"\d", text)


def test_a_sentence_carries_the_weightiest_caveat_only() -> None:
    both = row(note="ceiling:24;baseline_difference:0.31")
    assert caveat_of(both) == "baseline_difference"


def test_every_note_code_of_the_estimators_is_worded_or_deliberately_silent() -> None:
    silent = {
        "adjusted", "average_person", "average_town", "beside", "correlation", "df_below_4",
        "hedges_j", "indicative", "not_tested", "people_not_towns", "repeated_answers",
        "sd_change", "sd_mean_variance", "sd_pre_pooled", "smallest_p", "threshold_half_sd",
        "threshold_sesoi", "town_dummies", "towns_in_both_arms",
        "no_partnership_variation", "own_share", "prediction_t_k1", "usual_error_larger",
        "variation_below_chance",
        "few_lost", "sd_pooled",
    }  # fmt: skip
    counted = {"left_out", "grade_lowest"}
    worded = set(templates.CAVEATS) | set(templates.REASONS) | set(templates.REFUSED)
    worded |= set(GRADE_REASONS)
    assert set(CODES) - worded - counted == silent


def test_a_programme_number_says_how_many_partnerships_it_leaves_out() -> None:
    text = words({"note": "average_town;left_out:2"})
    assert "Not included: 2 small partnerships." in text


def test_design_reasons_are_told_once_each() -> None:
    design = row(note="baseline_difference:tw_a=0.3;baseline_difference:tw_b=0.4;no_plan")
    assert len(reasons(design, ENGLISH)) == 2


def test_every_level_has_a_meaning_and_all_but_the_highest_a_next_step() -> None:
    for level in range(6):
        meaning, climb = level_meaning(row(grade=float(level)), ENGLISH)
        assert meaning.endswith(".")
        assert bool(climb) is (level < 5)


def test_level_1_is_explained_by_its_design() -> None:
    told = {
        level_meaning(row(estimand=design), ENGLISH)[0]
        for design in ("one_group_pre_post", "repeated_cross_section", "cross_section_comparison")
    }
    assert len(told) == 3


def test_an_average_is_told_with_interval_and_people() -> None:
    text = average(row(estimate=62.0), Topic(label="Trust"), ENGLISH).text
    assert text == (
        "On average, participants scored 62.0 points (95% interval: 6.0 to 10.0; 43 people in 2 "
        "towns)."
    )


def test_a_missing_row_says_that_nobody_answered_both_times() -> None:
    assert "both before and after" in finding(None, TOPIC, ENGLISH).text


def test_numbers_are_written_in_the_readers_language() -> None:
    german = finding(row(), TOPIC, translator("de")).text
    assert "6,0" in german
    assert "95\N{NO-BREAK SPACE}%" in german


def test_withheld_names_what_would_be_needed() -> None:
    few = row(status="descriptive", estimate=None, note="arm_below_10:7")
    assert "Fewer than 10 people on one side" in withheld(few, ENGLISH)
