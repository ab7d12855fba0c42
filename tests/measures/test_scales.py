"""Rows about scales and items: means with intervals, ceilings, reliability, distributions."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from measures_data import answers, catalogue_of

from twinimpact.measures import describe_scales, score_responses

RANGES = {"a1": (1, 5), "a2": (1, 5), "a3": (1, 5), "b1": (0, 10), "b2": (0, 10), "c1": (0, 99)}
CATALOGUE = catalogue_of(
    {
        "a": {"items": ["a1", "a2", "a3"], "reverse": ["a3"]},
        "b": {"items": ["b1", "b2"]},
        "single": {"items": ["b1"]},
        "acts": {"items": ["b1", "b2"], "formative": True},
        "c": {"items": ["c1"], "method": "value"},
    },
    RANGES,
)
INTERVAL = ["estimate", "std_error", "df", "conf_low", "conf_high"]


def described(frame: pd.DataFrame) -> pd.DataFrame:
    return describe_scales(frame, score_responses(frame, CATALOGUE), CATALOGUE)


def row(table: pd.DataFrame, outcome: str, estimand: str, partnership: str = "*") -> pd.Series:
    chosen = table[
        (table["outcome"] == outcome)
        & (table["estimand"] == estimand)
        & (table["partnership"] == partnership)
    ]
    assert len(chosen) == 1
    return chosen.iloc[0]


def test_the_mean_has_the_t_interval_of_the_textbook() -> None:
    # R: t.test(c(3,5,4,6,2,7,5,4,6,8) * 10)$conf.int
    frame = answers({"b1": [3, 5, 4, 6, 2, 7, 5, 4, 6, 8]})
    found = row(described(frame), "single", "mean")
    assert found["estimate"] == pytest.approx(50.0)
    assert found["std_error"] == pytest.approx(18.25741858350554 / np.sqrt(10))
    assert found["conf_low"] == pytest.approx(50 - 2.262157162740992 * found["std_error"])
    assert found["conf_high"] == pytest.approx(50 + 2.262157162740992 * found["std_error"])
    assert (found["n"], found["df"], found["status"]) == (10, 9, "ok")
    assert found["note"] == "indicative"
    assert row(described(frame), "single", "sd")["estimate"] == pytest.approx(18.25741858350554)
    assert row(described(frame), "single", "mean_raw")["estimate"] == pytest.approx(5.0)


def test_fewer_than_ten_people_are_described_without_an_interval() -> None:
    found = row(described(answers({"b1": [3, 5, None, 7]})), "single", "mean")
    assert found["status"] == "descriptive"
    assert found["estimate"] == pytest.approx(50.0)
    assert found[INTERVAL[1:]].isna().all()
    assert (found["n"], found["missing"], found["note"]) == (3, 1, "n_below_10")


def test_equal_answers_claim_no_certainty() -> None:
    found = row(described(answers({"b1": [5] * 12})), "single", "mean")
    assert found["note"] == "indicative;no_variance"
    assert found[INTERVAL[1:]].isna().all()


def test_a_scale_gives_rows_only_where_it_was_asked() -> None:
    pre = answers({"b1": [5] * 3})
    post = answers({"a1": [5] * 3}).assign(wave="post")
    table = described(pd.concat([pre, post], ignore_index=True))
    assert set(table.loc[table["outcome"] == "single", "wave"]) == {"pre"}
    assert "b" in set(table["outcome"])  # asked, although nobody answered enough of it
    lost = table[(table["outcome"] == "b") & (table["estimand"] == "mean")]
    assert set(lost["status"]) == {"not_available"}
    assert set(lost["note"]) == {"no_answers"}


def test_comparison_arms_are_one_and_residents_are_left_out() -> None:
    frame = answers({"b1": [2, 4, 6, 8]})
    frame["arm"] = ["participant", "comparison_peer", "comparison_town", "resident_sample"]
    table = described(frame)
    means = table[(table["outcome"] == "single") & (table["estimand"] == "mean")]
    programme = means[means["partnership"] == "*"].set_index("arm")["estimate"]
    assert programme.to_dict() == {"comparison": 50.0, "participant": 20.0}


def test_ceiling_and_floor_are_shares_of_those_with_a_score() -> None:
    table = described(answers({"b1": [10, 10, 0, 5, None]}))
    ceiling = row(table, "single", "ceiling")
    assert (ceiling["estimate"], ceiling["denominator"]) == (0.5, 4)
    assert ceiling["note"] == "above_15_percent"
    assert row(table, "single", "floor")["estimate"] == 0.25


def test_open_counts_have_no_points_and_no_ceiling() -> None:
    table = described(answers({"c1": [0, 3, 12]}))
    assert row(table, "c", "mean")["unit"] == "count"
    assert row(table, "c", "mean")["estimate"] == 5.0
    estimands = set(table.loc[table["outcome"] == "c", "estimand"])
    assert estimands == {"mean", "sd", "alpha"}


def test_distributions_count_every_answer_before_reversal_zeros_included() -> None:
    table = described(answers({"a3": [1, 1, 4, None]}))
    counts = table[(table["outcome"] == "a3") & (table["partnership"] == "lin-elb")]
    assert dict(zip(counts["group"], counts["estimate"], strict=True)) == {
        "1": 2.0, "2": 0.0, "3": 0.0, "4": 1.0, "5": 0.0,
    }  # fmt: skip
    assert set(counts["n"]) == set(counts["denominator"]) == {3.0}
    assert set(counts["dimension"]) == {"answer"}
    assert set(counts["missing"]) == {1.0}


def correlated(n: int) -> pd.DataFrame:
    rng = np.random.default_rng(3)
    trait = rng.normal(size=n)
    columns = {}
    for name in ("a1", "a2", "a3", "b1", "b2"):
        lo, hi = RANGES[name]
        level = (lo + hi) / 2 + (-1 if name == "a3" else 1) * trait * (hi - lo) / 4
        level += rng.normal(size=n) * (hi - lo) / 8
        columns[name] = np.clip(np.round(level), lo, hi).astype(int).tolist()
    return answers(columns)


def test_alpha_is_given_from_thirty_people_on_with_its_interval() -> None:
    table = described(correlated(60))
    alpha = row(table, "a", "alpha")
    assert (alpha["method"], alpha["status"], alpha["n"]) == ("alpha_feldt", "ok", 60)
    assert alpha["conf_low"] < alpha["estimate"] < alpha["conf_high"]
    assert alpha["estimate"] > 0.7  # the reversed item is honoured
    assert row(table, "b", "alpha")["method"] == "spearman_brown"
    few = row(described(correlated(29)), "a", "alpha")
    assert (few["status"], few["note"]) == ("not_estimable", "n_below_30")
    assert np.isnan(few["estimate"])


def test_single_items_counts_and_formative_scales_have_no_reliability() -> None:
    table = described(correlated(60).assign(c1=pd.array([1] * 60, dtype="Int16")))
    for name in ("single", "acts", "c"):
        found = row(table, name, "alpha")
        assert (found["status"], found["note"]) == ("not_estimable", "not_defined")
        assert np.isnan(found["estimate"])


def test_an_item_that_goes_against_the_others_is_pointed_out() -> None:
    frame = correlated(80)
    frame["a1"] = 6 - frame["a1"]
    assert "check_item_coding" in row(described(frame), "a", "alpha")["note"]


def test_the_order_of_rows_changes_nothing() -> None:
    frame = correlated(60)
    table = described(frame)
    again = described(frame.sample(frac=1, random_state=1))
    pd.testing.assert_frame_equal(table, again)


def test_a_partnership_of_its_own_equals_the_programme_of_one() -> None:
    table = described(correlated(60))
    own = table[table["partnership"] == "lin-elb"].drop(columns="partnership")
    programme = table[table["partnership"] == "*"].drop(columns="partnership")
    pd.testing.assert_frame_equal(own.reset_index(drop=True), programme.reset_index(drop=True))


def test_no_responses_give_no_rows() -> None:
    assert len(described(answers({"b1": []}))) == 0
