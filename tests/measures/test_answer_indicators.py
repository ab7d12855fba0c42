"""Shares, medians, gaps and scores that stand behind indicators of answers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from measures_data import answers, catalogue_of
from statsmodels.stats.proportion import proportion_confint

from twinimpact.errors import DefinitionError
from twinimpact.instruments import Catalogue
from twinimpact.measures import IndicatorRule, indicator_rules, score_responses
from twinimpact.measures.answer_indicators import Limits, answer_indicators


def rows_of(
    rule: IndicatorRule, frame: pd.DataFrame, catalogue: Catalogue, smallest: int = 0
) -> pd.DataFrame:
    scores = score_responses(frame, catalogue)
    pairs = [("pre", "post")]
    limits = Limits(smallest=smallest)
    return answer_indicators(frame, scores, catalogue, [rule], pairs, limits).set_index(
        "partnership"
    )


def one_item(lo: int, hi: int) -> Catalogue:
    return catalogue_of({"s": {"items": ["q"]}}, {"q": (lo, hi)})


def test_a_share_carries_the_wilson_interval_and_its_base() -> None:
    frame = answers({"q": [1] * 7 + [0] * 5 + [None]})
    rule = IndicatorRule(id="C04", statistic="share", items=("q",), answers=(1,))
    row = rows_of(rule, frame, one_item(0, 1)).loc["lin-elb"]
    assert (row["estimate"], row["n"], row["denominator"], row["missing"]) == (7 / 12, 12, 12, 1)
    low, high = proportion_confint(7, 12, method="wilson")
    assert (row["conf_low"], row["conf_high"]) == (pytest.approx(low), pytest.approx(high))


def test_any_of_several_acts_counts_and_an_open_answer_leaves_it_unknown() -> None:
    catalogue = catalogue_of({"s": {"items": ["a", "b"]}}, {"a": (0, 1), "b": (0, 1)})
    frame = answers({"a": [0, 1, 0, None], "b": [0, None, None, 1]})
    rule = IndicatorRule(id="C08", statistic="share", items=("a", "b"), answers=(1,))
    row = rows_of(rule, frame, catalogue).loc["lin-elb"]
    # no; yes whatever b is; not known; yes
    assert (row["estimate"], row["n"], row["missing"]) == (2 / 3, 3, 1)


def test_the_recommendation_score_is_promoters_minus_detractors() -> None:
    frame = answers({"q": [10, 10, 9, 8, 7, 6, 0, 10, 9, 10, 5, 8]})
    rule = IndicatorRule(id="S02", statistic="recommendation", items=("q",), at_least=9, at_most=6)
    row = rows_of(rule, frame, one_item(0, 10)).loc["lin-elb"]
    signs = np.array([100] * 6 + [0] * 3 + [-100] * 3)
    assert row["estimate"] == pytest.approx(25)
    assert row["std_error"] == pytest.approx(signs.std(ddof=1) / np.sqrt(12))
    assert row["conf_low"] < 25 < row["conf_high"]


def test_a_gap_is_taken_within_each_person() -> None:
    catalogue = catalogue_of(
        {"own": {"items": ["x"]}, "other": {"items": ["y"]}}, {"x": (0, 100), "y": (0, 100)}
    )
    frame = answers({"x": [80, 60, 10, 50], "y": [70, None, 30, 50]})
    rule = IndicatorRule(id="I02", statistic="gap", scales=("own", "other"))
    row = rows_of(rule, frame, catalogue).loc["lin-elb"]
    assert (row["estimate"], row["n"]) == (pytest.approx((10 - 20 + 0) / 3), 3)


def test_the_mean_of_two_scales_needs_both() -> None:
    catalogue = catalogue_of(
        {"int": {"items": ["x"]}, "ext": {"items": ["y"]}}, {"x": (0, 10), "y": (0, 10)}
    )
    frame = answers({"x": [4, 6], "y": [8, None]})
    rule = IndicatorRule(id="C03", statistic="mean", scales=("int", "ext"))
    row = rows_of(rule, frame, catalogue).loc["lin-elb"]
    assert (row["estimate"], row["n"]) == (60, 1)
    assert row["status"] == "descriptive"
    assert np.isnan(row["conf_low"])


def test_the_median_is_a_number_of_people_without_an_interval() -> None:
    frame = answers({"q": [0, 0, 1, 2, 9, None] * 3})
    row = rows_of(IndicatorRule(id="I10", statistic="median", items=("q",)), frame, one_item(0, 99))
    assert row.loc["lin-elb", "estimate"] == 1
    assert np.isnan(row.loc["lin-elb", "conf_low"])


def test_contacts_kept_are_counted_among_those_who_had_one() -> None:
    frame = answers({"q": [1, 1, 0, 2, 1, 0, 1, None]}).assign(
        wave=["pre"] * 4 + ["post"] * 4, person=list("abcd") * 2
    )
    rule = IndicatorRule(id="I11", statistic="kept", items=("q",), at_least=1)
    rows = rows_of(rule, frame, one_item(0, 9))
    # a kept it, b did not, c had none before, d did not answer
    assert (rows.loc["lin-elb", "estimate"], rows.loc["lin-elb", "n"]) == (0.5, 2)


def test_right_answers_of_a_quiz() -> None:
    catalogue = catalogue_of({"s": {"items": ["a", "b"]}}, {"a": (1, 4), "b": (1, 4)})
    frame = answers({"a": [2, 2, 1], "b": [3, 1, 4]})
    rule = IndicatorRule(id="C06", statistic="correct", items=("a", "b"), right={"a": 2, "b": 3})
    assert rows_of(rule, frame, catalogue).loc["lin-elb", "estimate"] == pytest.approx(0.5)


def test_the_programme_leaves_small_partnerships_out_and_says_so() -> None:
    frame = answers({"q": [1] * 6 + [0] * 6 + [1] * 3}).assign(
        partnership_id=["big"] * 12 + ["small"] * 3
    )
    rule = IndicatorRule(id="C04", statistic="share", items=("q",), answers=(1,))
    rows = rows_of(rule, frame, one_item(0, 1), smallest=10)
    assert (rows.loc["*", "estimate"], rows.loc["*", "n"]) == (0.5, 12)
    assert "left_out:1" in rows.loc["*", "note"]


def test_a_question_nobody_asked_gives_no_row() -> None:
    frame = answers({"q": [1, 2]})
    rule = IndicatorRule(id="C04", statistic="share", items=("other",), answers=(1,))
    assert rows_of(rule, frame, one_item(0, 9)).empty


def test_a_workspace_replaces_an_indicator_and_keeps_the_others(tmp_path: Path) -> None:
    (tmp_path / "indicators.toml").write_text(
        '[[indicator]]\nid = "C01"\nstatistic = "mean"\nscales = ["ces_att"]\n', encoding="utf-8"
    )
    shipped, own = indicator_rules(), indicator_rules(tmp_path)
    assert [rule.scales for rule in own if rule.id == "C01"] == [("ces_att",)]
    assert {rule.id for rule in own} == {rule.id for rule in shipped}


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ('id = "Z99"\nstatistic = "mean"\nscales = ["a"]', "not an indicator"),
        ('id = "C01"\nstatistic = "average"\nscales = ["a"]', "statistic must be one of"),
        ('id = "C01"\nstatistic = "mean"', "scales is missing"),
        ('id = "C04"\nstatistic = "share"\nitems = ["a"]', "which answers count"),
        ('id = "I02"\nstatistic = "gap"\nscales = ["a"]', "two scales"),
        ('id = "S02"\nstatistic = "recommendation"\nitems = ["a"]\nat_least = 9', "at_most"),
        ('id = "I11"\nstatistic = "kept"\nitems = ["a"]', "at_least is missing"),
        ('id = "C06"\nstatistic = "correct"', "right is missing"),
        ('id = "I10"\nstatistic = "median"\nitems = ["a", "b"]', "takes one item"),
        ('id = "C01"\nstatistic = "mean"\nscales = ["a"]\nweight = 2', "unknown field weight"),
    ],
)
def test_a_wrong_entry_is_refused_with_its_fault(entry: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "indicators.toml").write_text(f"[[indicator]]\n{entry}\n", encoding="utf-8")
    with pytest.raises(DefinitionError) as caught:
        indicator_rules(tmp_path)
    assert said in caught.value.got
