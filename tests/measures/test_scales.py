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


def described(frame: pd.DataFrame, smallest: int = 0) -> pd.DataFrame:
    scores = score_responses(frame, CATALOGUE)
    return describe_scales(frame, scores, CATALOGUE, smallest=smallest)


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
    table = table[table["dimension"] != "item"]  # items are told for the programme alone
    own = table[table["partnership"] == "lin-elb"].drop(columns="partnership")
    programme = table[table["partnership"] == "*"].drop(columns="partnership")
    pd.testing.assert_frame_equal(own.reset_index(drop=True), programme.reset_index(drop=True))


def test_no_responses_give_no_rows() -> None:
    assert len(described(answers({"b1": []}))) == 0


# --- the programme without small partnerships ---

TEN = [3, 5, 4, 6, 2, 7, 5, 4, 6, 8]


def programme_of_three(third: list[int | None]) -> pd.DataFrame:
    """Two partnerships of ten people with means 5 and 6, and a third."""
    parts = [TEN, [code + 1 for code in TEN], third]
    frames = [
        answers({"b1": codes}, prefix=name).assign(partnership_id=name)
        for name, codes in zip(("p1", "p2", "p3"), parts, strict=True)
    ]
    return pd.concat(frames, ignore_index=True)


def test_the_programme_leaves_out_a_partnership_with_too_few_people() -> None:
    frame = programme_of_three([10, 10, 10, None])
    table = described(frame, smallest=10)
    found = row(table, "single", "mean")
    # (5 + 6) / 2 = 5.5 of 10; with the three at the top it would be 6.09
    assert found["estimate"] == pytest.approx(55.0)
    assert (found["n"], found["missing"], found["note"]) == (20, 0, "indicative;left_out:1")
    assert row(described(frame), "single", "mean")["estimate"] == pytest.approx(1400 / 23)
    ceiling = row(table, "single", "ceiling")
    assert (ceiling["estimate"], ceiling["note"]) == (0.0, "left_out:1")
    counts = table[(table["outcome"] == "b1") & (table["partnership"] == "*")].set_index("group")
    assert set(counts["note"]) == {"left_out:1"}
    assert (counts["estimate"]["10"], counts["n"].iloc[0]) == (0, 20)


def test_subtracting_the_shown_partnerships_leaves_nobody() -> None:
    table = described(programme_of_three([10, 0, 9]), smallest=10)
    means = table[(table["outcome"] == "single") & (table["estimand"] == "mean")]
    means = means.set_index("partnership")
    total = means["n"] * means["estimate"]
    for part in (means["n"], means["missing"], total):
        assert part["*"] - part["p1"] - part["p2"] == pytest.approx(0)
    counts = table[table["outcome"] == "b1"].pivot(
        index="group", columns="partnership", values="estimate"
    )
    assert (counts["*"] == counts["p1"] + counts["p2"]).all()
    assert counts["p3"].sum() == 3


def test_people_are_counted_for_each_scale_wave_and_arm() -> None:
    frame = programme_of_three(TEN)
    frame.loc[frame["partnership_id"] == "p3", "arm"] = ["participant"] * 6 + [
        "comparison_peer"
    ] * 4
    table = described(frame, smallest=5)
    means = table[(table["outcome"] == "single") & (table["estimand"] == "mean")]
    programme = means[means["partnership"] == "*"].set_index("arm")
    # six participants are enough; all four of the other arm are left out
    assert programme["n"].to_dict() == {"participant": 26, "comparison": 0}
    assert programme["note"].to_dict() == {"participant": "indicative", "comparison": "left_out:1"}
    assert programme["status"]["comparison"] == "not_available"
    assert np.isnan(programme["estimate"]["comparison"])


def two_partnerships(complete: int, incomplete: int) -> pd.DataFrame:
    """Sixty people, and a second partnership with some who left out the item ``a1``."""
    second = correlated(complete + incomplete)
    second = second.assign(
        partnership_id="p2", response_id=[f"s{i:02d}" for i in range(len(second))]
    )
    second.loc[second.index[complete:], "a1"] = pd.NA
    return pd.concat([correlated(60), second], ignore_index=True)


def test_rows_of_partnerships_are_about_everybody() -> None:
    frame = two_partnerships(9, 0)
    before, after = described(frame), described(frame, smallest=10)
    own = before["partnership"] != "*"
    assert len(before) == len(after)
    pd.testing.assert_frame_equal(before[own], after[own])


def test_reliability_of_the_programme_leaves_out_partnerships_with_few_complete_answers() -> None:
    frame = two_partnerships(9, 3)
    table = described(frame, smallest=10)
    alpha, own = row(table, "a", "alpha"), row(table, "a", "alpha", "lin-elb")
    assert (alpha["n"], alpha["missing"]) == (60, 0)
    assert alpha["note"] == ";".join(filter(None, [own["note"], "left_out:1"]))
    for column in ("estimate", "conf_low", "conf_high"):
        assert alpha[column] == pytest.approx(own[column], rel=1e-12)
    assert row(described(frame), "a", "alpha")["n"] == 69
    # ten complete answers are enough, and then all twelve are counted
    enough = row(described(two_partnerships(10, 2), smallest=10), "a", "alpha")
    assert (enough["n"], enough["missing"], "left_out" in enough["note"]) == (70, 2, False)


def test_where_reliability_is_not_defined_its_people_are_counted_the_same_way() -> None:
    table = described(two_partnerships(9, 0), smallest=10)
    single = row(table, "single", "alpha")
    assert (single["n"], single["note"]) == (60, "not_defined;left_out:1")
    assert row(table, "single", "alpha", "p2")["n"] == 9
