"""Paired change by partnership and programme: numbers, statuses, notes."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from impact_data import design, normal, one, people, rows_of, run, twinpanel
from shared_files import reference

from twinimpact.impact.notes import codes_of

NUMBERS = ["estimate", "std_error", "df", "conf_low", "conf_high", "p_value"]


def known(name: str) -> dict:
    file = reference("statistics/01_paired_change.json")
    return json.loads(file.read_text(encoding="utf-8"))[name]


def twinned() -> pd.DataFrame:
    panel = twinpanel()
    return panel[panel["arm"] == "participant"]


def test_mean_change_and_interval_agree_with_r() -> None:
    row = one(run(design(), twinned()), method="paired_t", partnership="all", estimand="post-pre")
    r = known("twinned_pre_post")
    assert (row["n"], row["df"], row["clusters"], row["missing"]) == (96, 95, 6, 20)
    assert row["estimate"] == pytest.approx(r["mean_diff"], rel=1e-9)
    assert row["p_value"] == pytest.approx(r["p"], rel=1e-9)
    assert (row["conf_low"], row["conf_high"]) == pytest.approx(r["ci95"], rel=1e-9)
    assert row["grade"] == 1 and row["verdict"] == "not_assessed"


def test_standardised_changes_agree_with_r_and_say_what_they_are_divided_by() -> None:
    results = rows_of(run(design(), twinned()), partnership="all")
    r = known("twinned_pre_post")
    bonett, hedges, d_z = (
        one(results, method=method) for method in ("d_av_bonett", "d_av_hedges", "d_z_nct")
    )
    assert bonett["estimate"] == pytest.approx(r["d_av_rms_sd"], rel=1e-9)
    limits = bonett["conf_low"], bonett["conf_high"]
    assert limits == pytest.approx(r["d_av_bonett"]["ci95"], rel=1e-9)
    assert hedges["estimate"] == pytest.approx(r["d_av_rms_sd"] * r["hedges_J"], rel=1e-9)
    assert d_z["estimate"] == pytest.approx(r["d_z"], rel=1e-9)
    limits = d_z["conf_low"], d_z["conf_high"]
    assert limits == pytest.approx(r["d_z_ci95_noncentral_t"], rel=1e-6)
    assert bonett["note"] == "sd_mean_variance:0.68;correlation:0.81"
    assert "hedges_j:0.9921" in hedges["note"] and d_z["note"] == "sd_change:0.42"
    assert {bonett["unit"], hedges["unit"], d_z["unit"]} == {"sd"}


def shares_of(results: pd.DataFrame, partnership: str) -> pd.DataFrame:
    rows = rows_of(results, partnership=partnership, method="wilson")
    return rows[rows["estimand"].str.startswith("post-pre|")]


def test_shares_improved_and_worse_use_the_size_worth_having() -> None:
    results = shares_of(run(design(0.5), twinned()), "all")
    improved = one(results, estimand="post-pre|improved")
    r = known("responders_between_arms")
    assert improved["estimate"] == pytest.approx(r["r1"] / r["n1"], rel=1e-12)
    assert improved["denominator"] == r["n1"]
    assert improved["note"] == "threshold_sesoi:0.50"
    assert results["estimate"].sum() == pytest.approx(1)


def test_without_a_size_worth_having_the_threshold_is_half_the_sd_before() -> None:
    pre, post = [40, 50, 60] * 10, [46, 50, 50] * 10
    results = run(design(), people(pre, post))
    half = np.std(pre, ddof=1) / 2  # 4.15: up 6 improved, down 10 worse
    rows = shares_of(results, "p1")
    assert rows["estimate"].tolist() == pytest.approx([1 / 3, 1 / 3, 1 / 3])
    assert rows["note"].iloc[0] == f"threshold_half_sd:{half:.2f}"


def test_where_a_higher_score_is_worse_a_fall_is_an_improvement() -> None:
    pre, post = [60.0] * 10 + [40.0] * 10, [50.0] * 10 + [40.0] * 10
    results = run(design(5.0, scale="tw_anx"), people(pre, post))
    shares = rows_of(results, partnership="p1", method="wilson").set_index("estimand")["estimate"]
    assert shares["post-pre|improved"] == 0.5 and shares["post-pre|worse"] == 0.0
    assert one(results, partnership="p1", method="paired_t")["direction"] == "worse"


def test_follow_up_contrasts_use_their_own_complete_pairs() -> None:
    results = rows_of(run(design(follow_up="followup"), twinned()), partnership="all")
    frame = twinned()
    for estimand, first, second in (
        ("followup-pre", "pre", "followup"),
        ("followup-post", "post", "followup"),
    ):
        row = one(results, estimand=estimand, method="paired_t")
        change = (frame[second] - frame[first]).dropna()
        assert row["n"] == len(change)
        assert row["estimate"] == pytest.approx(change.mean(), rel=1e-9)
    assert rows_of(results, estimand="followup-pre", method="d_z_nct").empty


@pytest.mark.parametrize(
    ("n", "status", "interval", "code"),
    [(9, "descriptive", False, ""), (10, "ok", True, "indicative"),
     (29, "ok", True, "indicative"), (30, "ok", True, "")],
)  # fmt: skip
def test_few_people_are_described_and_some_are_indicative(
    n: int, status: str, interval: bool, code: str
) -> None:
    results = run(design(5.0), people(*normal(1, n, 4)))
    row = one(results, partnership="p1", method="paired_t")
    assert row["status"] == status
    assert row[["conf_low", "p_value", "std_error"]].notna().all() == interval
    assert bool(row["verdict"]) == interval
    assert ("indicative" in codes_of(row["note"])) == (code == "indicative")
    flips = rows_of(results, partnership="p1", method="signflip")
    assert len(flips) == (n <= 20)
    shares = rows_of(results, partnership="p1", method="wilson")
    assert shares["conf_low"].notna().all() == interval


def test_below_ten_people_the_only_p_is_the_exact_sign_flip() -> None:
    pre = np.array([50, 52, 47, 60, 55, 41, 58.0])
    results = run(design(), people(pre, pre + 3))
    own = rows_of(results, partnership="p1")
    with_p = own[own["p_value"].notna()]
    assert with_p["method"].tolist() == ["signflip"]
    assert with_p["p_value"].tolist() == [2 / 2**7]
    assert with_p["note"].tolist() == ["smallest_p:0.015625"]


def test_a_sign_flip_that_cannot_reject_says_so() -> None:
    row = one(run(design(), people([1, 2, 3], [4, 6, 9])), method="signflip", partnership="p1")
    assert row["p_value"] == 0.25 and "cannot_reject" in codes_of(row["note"])


@pytest.mark.parametrize("shift", [0.0, 3.0, 0.1])
def test_a_change_without_variation_is_described(shift: float) -> None:
    pre = np.linspace(10, 80, 12)
    results = rows_of(run(design(5.0), people(pre, pre + shift)), partnership="p1")
    row = one(results, method="paired_t")
    assert (row["status"], row["note"].split(";")[-1]) == ("descriptive", "no_variation")
    assert row["estimate"] == pytest.approx(shift) and np.isnan(row["conf_low"])
    for method in ("d_av_bonett", "d_av_hedges", "d_z_nct"):
        row = one(results, method=method)
        assert (row["status"], row["note"]) == ("not_estimable", "no_variation")
        assert np.isnan(row["estimate"])


def test_one_person_and_nobody_are_statuses_without_a_number() -> None:
    alone = run(design(), people([50, 60, np.nan], [55, np.nan, 40]))
    row = one(alone, partnership="p1", method="paired_t")
    assert (row["status"], row["note"], row["n"], row["missing"]) == (
        "not_estimable", "one_person", 1, 2,
    )  # fmt: skip
    assert np.isnan(row["estimate"])
    nobody = run(design(), people([50, 60, np.nan], [np.nan, np.nan, 40]))
    row = one(nobody, partnership="p1", method="paired_t")
    assert (row["status"], row["note"], row["n"]) == ("not_estimable", "no_pairs", 0)


def test_many_at_the_good_end_before_raise_the_ceiling_note() -> None:
    pre, post = normal(4, 40)
    pre[:8] = 100
    row = one(run(design(), people(pre, post)), partnership="p1", method="paired_t")
    assert "ceiling:20" in row["note"]
    pre[7] = 99
    row = one(run(design(), people(pre, post)), partnership="p1", method="paired_t")
    assert "ceiling" not in row["note"]


def test_the_good_end_of_a_scale_where_higher_is_worse_is_its_bottom() -> None:
    pre, post = normal(4, 40)
    pre[:10] = 0
    row = one(run(design(scale="tw_anx"), people(pre, post)), partnership="p1", method="paired_t")
    assert "ceiling:25" in row["note"]


def test_a_mean_in_an_end_fifth_warns_of_regression_to_the_mean() -> None:
    pre, post = normal(6, 40)
    row = one(run(design(), people(pre + 36, post + 36)), partnership="p1", method="paired_t")
    assert "extreme_start" in codes_of(row["note"])


def test_the_programme_pools_people_of_all_partnerships() -> None:
    first, second = people(*normal(1, 15, 3)), people(*normal(2, 25, 6), partnership="p2", town="B")
    results = run(design(), first, second)
    both = pd.concat([first, second])
    row = one(results, partnership="*", method="paired_t", town="")
    assert row["n"] == 40
    assert row["estimate"] == pytest.approx((both["post"] - both["pre"]).mean(), rel=1e-9)


def test_two_towns_are_also_shown_separately() -> None:
    results = run(design(), people(*normal(1, 15)), people(*normal(2, 12), town="B"))
    own = rows_of(results, partnership="p1", method="paired_t")
    assert own["town"].tolist() == ["", "A", "B"]
    assert own["n"].tolist() == [27, 15, 12]
    assert rows_of(results, method="town_mean_t").empty


def test_a_small_town_is_not_shown_when_the_other_would_reveal_it() -> None:
    results = run(design(), people(*normal(1, 15)), people(*normal(2, 6), town="B"))
    assert set(rows_of(results, method="paired_t")["town"]) == {""}


def test_towns_are_not_shown_when_people_without_a_town_would_be_revealed() -> None:
    rest = people(*normal(3, 4), town="")
    results = run(design(), people(*normal(1, 15)), people(*normal(2, 12), town="B"), rest)
    assert rows_of(results, partnership="p1", method="paired_t")["n"].tolist() == [31]


def test_three_towns_give_the_mean_over_towns() -> None:
    parts = [people(*normal(i, 12, i), town=town) for i, town in enumerate("ABC")]
    results = run(design(), *parts)
    row = one(results, partnership="p1", method="town_mean_t")
    means = [(part["post"] - part["pre"]).mean() for part in parts]
    assert row["estimate"] == pytest.approx(np.mean(means), rel=1e-9)
    assert (row["df"], row["clusters"], row["n"]) == (2, 3, 36)
    assert row["std_error"] == pytest.approx(np.std(means, ddof=1) / np.sqrt(3), rel=1e-9)
    assert "beside" in codes_of(one(results, partnership="p1", method="paired_t")["note"])
    assert "beside" in codes_of(one(results, partnership="p1", method="change_cr2")["note"])


def test_people_without_a_town_count_as_people_but_not_in_town_rows() -> None:
    parts = [people(*normal(i, 12), town=town) for i, town in enumerate("ABC")]
    parts.append(people(*normal(9, 5), town=None))  # type: ignore[arg-type]
    results = run(design(), *parts)
    assert one(results, partnership="p1", method="paired_t")["n"] == 41
    row = one(results, partnership="p1", method="town_mean_t")
    assert row["n"] == 36 and "town_missing:5" in row["note"]


# --- before and after, of the people of the change ---

T11 = 2.200985  # 97.5% point of t with 11 degrees of freedom (printed tables)


def moved(**where: str) -> pd.DataFrame:
    """Six people from 40 to 44, six from 60 to 68, two who answered once."""
    return people([40, 60] * 6 + [0, np.nan], [44, 68] * 6 + [np.nan, 100], **where)


def test_before_plus_change_is_after_and_all_are_about_the_same_people() -> None:
    results = rows_of(run(design(), moved()), partnership="p1")
    change = one(results, estimand="post-pre", method="paired_t")
    before = one(results, estimand="level|pre|post-pre")
    after = one(results, estimand="level|post|post-pre")
    assert (before["estimate"], change["estimate"], after["estimate"]) == (50, 6, 56)
    for row in (before, after):
        assert (row["n"], row["missing"], row["clusters"], row["df"]) == (12, 2, 1, 11)
        assert (row["method"], row["arm"], row["unit"]) == ("describe", "participant", "points")
        assert (row["status"], row["note"], row["verdict"]) == ("ok", "indicative", "")
        assert np.isnan(row["p_value"]) and np.isnan(row["grade"])
    assert (before["wave"], after["wave"], change["wave"]) == ("pre", "post", "")
    # twelve people 10 points from their mean: SD = sqrt(1200 / 11), error = sqrt(100 / 11)
    assert before["std_error"] == pytest.approx(np.sqrt(100 / 11))
    assert before["conf_low"] == pytest.approx(50 - T11 * np.sqrt(100 / 11), abs=1e-4)
    assert after["conf_high"] == pytest.approx(56 + T11 * np.sqrt(144 / 11), abs=1e-4)
    for role, distance in (("pre", 10), ("post", 12)):
        spread = one(results, estimand=f"level_sd|{role}|post-pre")
        assert spread["estimate"] == pytest.approx(np.sqrt(12 * distance**2 / 11))
        assert (spread["n"], spread["wave"]) == (12, role)
        assert np.isnan(spread["conf_low"])


def test_only_the_change_from_before_to_after_has_the_means_of_its_people() -> None:
    frame = moved()
    frame["followup"] = [50] * 4 + [np.nan] * 8 + [90, 30]
    results = rows_of(run(design(follow_up="followup"), frame), partnership="p1")
    rows = results[results["estimand"].str.startswith("level|")].set_index("estimand")
    assert rows["estimate"].to_dict() == {
        "level|pre|post-pre": 50, "level|post|post-pre": 56,
    }  # fmt: skip
    assert rows["n"].tolist() == [12, 12]
    changes = rows_of(results, method="paired_t").set_index("estimand")["estimate"]
    # before 40, 60, 40, 60, 0; after 44, 68, 44, 68, 100; later 50, 50, 50, 50, 90 and 30
    assert changes.to_dict() == {"post-pre": 6, "followup-pre": 18, "followup-post": -18.8}


def test_means_of_few_or_equal_people_have_no_interval() -> None:
    limits = ["std_error", "df", "conf_low", "conf_high", "conf_level"]
    few = one(run(design(), people([40, 60], [50, 90])), partnership="p1",
              estimand="level|post|post-pre")  # fmt: skip
    assert (few["estimate"], few["status"], few["note"]) == (70, "descriptive", "")
    assert few[limits].isna().all()
    alone = run(design(), people([40, 60], [50, np.nan]))
    for estimand in ("level|pre|post-pre", "level_sd|pre|post-pre"):
        row = one(alone, partnership="p1", estimand=estimand)
        assert (row["status"], row["note"]) == ("not_estimable", "one_person")
        assert np.isnan(row["estimate"])
    flat = rows_of(run(design(), people([30] * 12, [40, 60] * 6)), partnership="p1")
    row = one(flat, estimand="level|pre|post-pre")
    assert (row["estimate"], row["status"]) == (30, "descriptive")
    assert row["note"] == "indicative;no_variation" and row[limits].isna().all()
    assert one(flat, estimand="level_sd|pre|post-pre")["estimate"] == 0
    assert one(flat, estimand="level|post|post-pre")["status"] == "ok"


def test_means_of_people_of_several_towns_and_of_the_programme_say_so() -> None:
    parts = [moved(), moved(town="B", partnership="p2"), people([0] * 3, [9] * 3, partnership="p3")]
    row = one(run(design(), *parts, smallest=10), partnership="*", estimand="level|pre|post-pre")
    assert (row["estimate"], row["n"], row["clusters"]) == (50, 24, 2)
    assert row["note"] == "indicative;people_not_towns;left_out:1"


def test_no_row_holds_an_infinite_number() -> None:
    results = run(design(5.0), people(*normal(1, 12)), people([50] * 11, [50] * 11, town="B"))
    assert not np.isinf(results.select_dtypes("number").to_numpy()).any()


scores = st.lists(st.tuples(st.integers(0, 100), st.integers(0, 100)), min_size=10, max_size=24)


@settings(max_examples=15, deadline=None)
@given(pairs=scores, order=st.randoms(use_true_random=False))
def test_the_order_of_people_does_not_matter(pairs: list, order: object) -> None:
    frame = people(*zip(*pairs, strict=True))
    mixed = frame.sample(frac=1, random_state=order.randint(0, 99))  # type: ignore[attr-defined]
    first, second = run(design(5.0), frame), run(design(5.0), mixed)
    pd.testing.assert_frame_equal(first, second, rtol=1e-9, atol=1e-9)


@settings(max_examples=15, deadline=None)
@given(pairs=scores, move=st.integers(-20, 20), factor=st.sampled_from([0.5, 2.0, 10.0]))
def test_moving_and_stretching_the_scale_moves_only_what_it_should(
    pairs: list, move: int, factor: float
) -> None:
    frame = people(*zip(*pairs, strict=True))
    changed = frame.assign(pre=frame["pre"] * factor + move, post=frame["post"] * factor + move)
    first, second = (rows_of(run(design(), part), partnership="p1") for part in (frame, changed))
    old, new = one(first, method="paired_t"), one(second, method="paired_t")
    for column in ("estimate", "std_error", "conf_low", "conf_high"):
        assert new[column] == pytest.approx(old[column] * factor, abs=1e-8, nan_ok=True)
    assert new["p_value"] == pytest.approx(old["p_value"], abs=1e-9, nan_ok=True)
    for method in ("d_av_bonett", "d_z_nct"):
        now, before = one(second, method=method), one(first, method=method)
        assert now["estimate"] == pytest.approx(before["estimate"], abs=1e-8, nan_ok=True)


@settings(max_examples=30, deadline=None)
@given(pairs=scores)
def test_p_is_below_five_per_cent_exactly_when_the_interval_excludes_zero(pairs: list) -> None:
    results = run(design(), people(*zip(*pairs, strict=True)))
    for _, row in results[results["p_value"].notna() & results["conf_low"].notna()].iterrows():
        outside = row["conf_low"] > 0 or row["conf_high"] < 0
        assert (row["p_value"] < 0.05) == outside
        assert 0 <= row["p_value"] <= 1
