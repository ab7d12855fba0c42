"""Participants against comparison people: four cells, the rule for few towns, refusals."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from impact_data import design, normal, one, people, rows_of, run, twinpanel
from shared_files import reference

from twinimpact.impact.notes import codes_of

SECOND = "post-pre|participant-comparison"


def known(name: str) -> dict:
    file = reference("statistics/02_comparison_clusters.json")
    return json.loads(file.read_text(encoding="utf-8"))[name]


def other(seed: int, n: int, shift: float = 0.0, **where: str) -> pd.DataFrame:
    return people(*normal(seed, n, shift), **({"arm": "comparison_town"} | where))


def towns(a: int, b: int, n: int = 12, shift: float = 5.0) -> list[pd.DataFrame]:
    """``a`` towns of participants and ``b`` comparison towns of ``n`` people each."""
    twinned = [people(*normal(i, n, shift + i % 3), town=f"T{i:02d}") for i in range(a)]
    return twinned + [other(50 + i, n, i % 2, town=f"C{i:02d}") for i in range(b)]


def second(results: pd.DataFrame, partnership: str = "p1") -> pd.DataFrame:
    return rows_of(results, partnership=partnership, estimand=SECOND)


def test_four_cells_and_both_differences_agree_with_r() -> None:
    results = rows_of(run(design(), twinpanel()), partnership="all")
    r = known("did_2x2")
    for arm, name in (("participant", "treated"), ("comparison", "comparison")):
        for wave in ("pre", "post"):
            cell = one(results, estimand=f"cell|{wave}", arm=arm)
            spread = one(results, estimand=f"cell_sd|{wave}", arm=arm)
            expected = r[f"{name}_{wave}"]
            assert (cell["n"], cell["clusters"]) == (expected["n"], expected["towns"])
            assert cell["wave"] == wave
            assert cell["estimate"] == pytest.approx(expected["mean"], rel=1e-10)
            assert spread["estimate"] == pytest.approx(expected["sd"], rel=1e-10)
        first = one(results, estimand="first_difference", arm=arm)
        assert first["estimate"] == pytest.approx(r[f"first_diff_{name}"], rel=1e-9)
    person = one(results, estimand=SECOND, method="change_cr2")
    assert person["estimate"] == pytest.approx(r["second_diff"], rel=1e-9)
    standardised = one(results, method="d_ppc2")
    assert standardised["estimate"] == pytest.approx(r["d_ppc2"], rel=1e-10)
    assert (standardised["unit"], standardised["note"]) == ("sd", "sd_pre_pooled:0.67")


def test_cells_have_the_interval_of_their_mean_and_say_whom_it_is_about() -> None:
    alike = [people([40, 60] * 6, [44, 68] * 6, town=town) for town in ("T1", "T2")]
    ten = people([20, 40] * 5, [20, 40] * 5, arm="comparison_town", town="C")
    results = rows_of(run(design(), *alike, ten), partnership="p1")
    cells = results[results["estimand"].str.startswith("cell|")].set_index(["arm", "wave"])
    assert cells["estimate"].tolist() == [50, 56, 30, 30]
    # 24 people 10 or 12 points from their mean: error = distance / sqrt(23); t(23) = 2.068658
    known = {("participant", "pre"): 10 / np.sqrt(23), ("participant", "post"): 12 / np.sqrt(23)}
    # ten people 10 points from their mean: error = 10 / sqrt(9); t(9) = 2.262157
    known |= {("comparison", "pre"): 10 / 3, ("comparison", "post"): 10 / 3}
    for key, error in known.items():
        row, t = cells.loc[key], 2.068658 if key[0] == "participant" else 2.262157
        assert row["std_error"] == pytest.approx(error)
        limits = (row["conf_low"], row["conf_high"])
        expected = (row["estimate"] - t * error, row["estimate"] + t * error)
        assert limits == pytest.approx(expected, abs=1e-4)
        assert (row["df"], row["conf_level"]) == (row["n"] - 1, 0.95)
        assert np.isnan(row["p_value"]) and row["verdict"] == ""
    assert cells["note"].tolist() == ["indicative;people_not_towns"] * 2 + ["indicative"] * 2


def test_cells_of_few_or_equal_people_have_no_interval() -> None:
    nine = people([40, 60, 50] * 3, [44, 68, 50] * 3, arm="comparison_town", town="C1")
    flat = people([30] * 12, [40, 60] * 6)
    cells = rows_of(run(design(), flat, nine), partnership="p1", estimand="cell|pre")
    rows = cells.set_index("arm")
    assert rows["status"].to_dict() == {"participant": "descriptive", "comparison": "descriptive"}
    assert rows["estimate"].to_dict() == {"participant": 30, "comparison": 50}
    assert rows[["std_error", "conf_low", "conf_level"]].isna().all(axis=None)
    assert rows["note"].to_dict() == {"participant": "indicative;no_variation", "comparison": ""}


def test_cells_and_the_means_of_the_change_are_about_different_people_where_towns_differ() -> None:
    nowhere = people([0] * 6, [50] * 6, town=None)  # type: ignore[arg-type]
    results = rows_of(run(design(), *towns(2, 2), nowhere), partnership="p1")
    level = one(results, estimand="level|pre|post-pre")
    cell = one(results, estimand="cell|pre", arm="participant")
    assert (level["n"], cell["n"]) == (30, 24)
    assert level["estimate"] == pytest.approx(cell["estimate"] * 24 / 30)
    assert not (results["estimand"].str.startswith("level") & results["arm"].eq("comparison")).any()


def test_six_against_eight_towns_use_town_means_with_cr2_beside() -> None:
    results = second(run(design(), twinpanel()), "all")
    r, cr2 = known("town_means")["pooled"], known("panel_clusters_change")["cr"]["CR2"]["treated"]
    town, person = one(results, method="town_mean_t"), one(results, method="change_cr2")
    assert town["estimate"] == pytest.approx(r["diff"], rel=1e-8)
    assert (town["df"], town["n"], town["clusters"]) == (12, 205, 14)
    assert town["p_value"] == pytest.approx(r["p"], rel=1e-8)
    assert (town["conf_low"], town["conf_high"]) == pytest.approx(r["ci95"], rel=1e-8)
    assert person["std_error"] == pytest.approx(cr2["SE"], rel=1e-8)
    assert person["df"] == pytest.approx(cr2["df_Satt"], rel=1e-8)
    assert person["p_value"] == pytest.approx(cr2["p_Satt"], rel=1e-8)
    assert "beside" in codes_of(person["note"]) and "beside" not in codes_of(town["note"])
    assert "equal_variance_assumption" not in codes_of(town["note"])
    assert town["missing"] == 50


def test_one_twinned_town_uses_town_means_with_the_assumption_and_the_placebo_rank() -> None:
    panel = twinpanel()
    chosen = panel["town_id"].eq("T04") | panel["arm"].eq("comparison_town")
    results = second(run(design(), panel[chosen]), "all")
    r = known("one_treated_town")
    town, rank = one(results, method="town_mean_t"), one(results, method="placebo_rank")
    assert town["estimate"] == pytest.approx(r["estimate"], rel=1e-8)
    assert town["std_error"] == pytest.approx(r["se"], rel=1e-8)
    assert town["p_value"] == pytest.approx(r["p"], rel=1e-8)
    assert "equal_variance_assumption" in codes_of(town["note"])
    assert rank["p_value"] == pytest.approx(r["placebo_rank_p"])
    assert np.isnan(rank["estimate"]) and "cannot_reject" in codes_of(rank["note"])
    assert "smallest_p:0.111111" in rank["note"]
    assert town["grade"] == 2


@pytest.mark.parametrize(("a", "b"), [(1, 9), (1, 2), (9, 1)])
def test_with_one_town_in_an_arm_cr2_is_never_printed(a: int, b: int) -> None:
    results = run(design(5.0), *towns(a, b))
    assert not second(results)["method"].isin(["change_cr2", "ancova_cr2"]).any()
    assert rows_of(results, method="ancova_cr2").empty
    row = one(second(results), method="town_mean_t")
    assert row["df"] == a + b - 2 and row["status"] == "ok"


def test_a_single_town_with_few_people_is_named() -> None:
    parts = [people(*normal(1, 10), town="T"), *(other(i, 30, town=f"C{i}") for i in range(4))]
    rows = second(run(design(), *parts))
    assert "single_town_small:10" in one(rows, method="town_mean_t")["note"]
    assert "single_town_small" not in one(second(run(design(), *towns(1, 4))),
                                          method="town_mean_t")["note"]  # fmt: skip


def test_one_town_in_each_arm_is_refused() -> None:
    results = run(design(5.0), *towns(1, 1, n=40))
    row = one(second(results))
    assert (row["status"], row["grade"], row["clusters"]) == ("refused", 2, 2)
    assert row[["std_error", "df", "conf_low", "conf_high", "p_value"]].isna().all()
    assert "one_town_per_arm" in codes_of(row["note"]) and row["verdict"] == ""
    firsts = rows_of(results, partnership="p1", estimand="first_difference").set_index("arm")
    change = firsts["estimate"]
    assert row["estimate"] == pytest.approx(change["participant"] - change["comparison"])
    assert firsts["conf_low"].notna().all() and (firsts["grade"] == 1).all()
    assert rows_of(results, method="d_ppc2").empty
    assert rows_of(results, method="town_two_stage_t").empty


def test_from_ten_towns_per_arm_people_come_first() -> None:
    results = run(design(5.0), *towns(10, 10))
    rows = second(results)
    assert "beside" not in codes_of(one(rows, method="change_cr2")["note"])
    assert "beside" in codes_of(one(rows, method="town_mean_t")["note"])
    ancova = one(results, partnership="p1", method="ancova_cr2")
    assert ancova["estimand"] == "post|participant-comparison" and ancova["p_value"] < 0.05
    assert one(rows, method="change_cr2")["verdict"] in ("beneficial", "inconclusive")


def test_two_against_two_towns_show_cr2_without_p() -> None:
    row = one(second(run(design(), *towns(2, 2))), method="change_cr2")
    assert row["df"] < 4 and np.isnan(row["p_value"]) and row["std_error"] > 0
    assert {"df_below_4", "beside"} <= set(codes_of(row["note"]))


def test_town_level_ancova_is_the_two_stage_estimate() -> None:
    parts = towns(3, 4)
    row = one(second(run(design(), *parts)), method="town_two_stage_t")
    frame = pd.concat(parts)
    inner = frame[["pre", "post"]] - frame.groupby("town_id")[["pre", "post"]].transform("mean")
    slope = (inner["pre"] * inner["post"]).sum() / (inner["pre"] ** 2).sum()
    adjusted = (frame["post"] - slope * frame["pre"]).groupby(frame["town_id"]).mean()
    twinned = adjusted.index.str.startswith("T")
    expected = adjusted[twinned].mean() - adjusted[~twinned].mean()
    assert row["estimate"] == pytest.approx(expected, rel=1e-9)
    assert (row["df"], row["clusters"]) == (5, 7)
    assert "adjusted" in codes_of(row["note"])


def test_change_score_and_ancova_that_disagree_say_bracketing() -> None:
    rng = np.random.default_rng(8)
    parts = []
    for i in range(8):
        base = 70 if i < 4 else 30  # arms start far apart, so regression to the mean differs
        pre = base + rng.normal(0, 10, 15)
        post = 50 + 0.2 * (pre - 50) + rng.normal(0, 3, 15)
        arm = "participant" if i < 4 else "comparison_town"
        parts.append(people(pre, post, town=f"X{i}", arm=arm))
    rows = second(run(design(5.0), *parts))
    main, adjusted = one(rows, method="town_mean_t"), one(rows, method="town_two_stage_t")
    assert abs(main["estimate"] - adjusted["estimate"]) > 5
    assert "bracketing" in codes_of(main["note"]) and "bracketing" in codes_of(adjusted["note"])
    assert main["grade"] == 2
    assert "baseline_difference" in codes_of(main["note"])


def test_average_town_and_average_person_are_flagged_when_they_differ() -> None:
    big = people(*normal(1, 80, 20), town="T1")
    small = people(*normal(2, 10, 0), town="T2")
    rows = second(run(design(5.0), big, small, *towns(0, 3)))
    for method in ("town_mean_t", "change_cr2"):
        assert "town_person_differ" in codes_of(one(rows, method=method)["note"])


def test_an_arm_below_ten_people_gets_no_number_that_would_reveal_it() -> None:
    results = run(design(5.0), *towns(3, 0), other(9, 4, town="C1"), other(8, 5, town="C2"))
    row = one(second(results))
    assert (row["status"], row["n"]) == ("descriptive", 45)
    assert np.isnan(row["estimate"]) and "arm_below_10:9" in row["note"]
    comparison = one(results, partnership="p1", estimand="first_difference", arm="comparison")
    assert comparison["status"] == "descriptive" and np.isnan(comparison["conf_low"])


def test_a_comparison_arm_without_pairs_keeps_its_row() -> None:
    lost = people([50] * 12, [np.nan] * 12, arm="comparison_town", town="C1")
    came = people([np.nan] * 12, [50] * 12, arm="comparison_town", town="C1")
    paired = other(3, 12, town="C2")
    results = run(design(), *towns(3, 0), lost, came)
    assert one(results, partnership="p1", outcome="Q07")["estimand"] == "one_group_pre_post"
    results = run(design(), *towns(3, 0), lost, came, paired)
    row = one(second(results), method="town_mean_t")
    assert row["clusters"] == 4 and row["missing"] == 24


class TestComparisonPeopleInTheSameTowns:
    def parts(self, count: int, n: int = 12) -> list[pd.DataFrame]:
        both = []
        for i in range(count):
            both.append(people(*normal(i, n, 6), town=f"T{i}"))
            both.append(other(20 + i, n, i, town=f"T{i}", arm="comparison_peer"))
        return both

    def test_three_towns_are_compared_with_themselves(self) -> None:
        parts = self.parts(3)
        row = one(second(run(design(), *parts)), method="town_mean_t")
        gains = pd.concat(parts).assign(change=lambda f: f["post"] - f["pre"])
        means = gains.groupby(["town_id", "arm"])["change"].mean().unstack()
        differences = means["participant"] - means["comparison_peer"]
        assert row["estimate"] == pytest.approx(differences.mean(), rel=1e-9)
        expected = differences.std(ddof=1) / np.sqrt(3)
        assert row["std_error"] == pytest.approx(expected, rel=1e-9)
        assert (row["df"], row["clusters"], row["grade"]) == (2, 3, 3)
        assert "arm_within_town" in codes_of(row["note"])

    @pytest.mark.parametrize("count", [1, 2])
    def test_one_or_two_towns_are_refused(self, count: int) -> None:
        row = one(second(run(design(5.0), *self.parts(count, 30))))
        assert row["status"] == "refused" and row["verdict"] == ""
        assert row[["std_error", "conf_low", "p_value"]].isna().all()
        assert {"arm_within_town", "too_few_towns"} <= set(codes_of(row["note"]))
        assert np.isfinite(row["estimate"]) and row["grade"] == 2

    def test_the_adjusted_difference_beside_it_compares_within_towns(self) -> None:
        results = run(design(), *self.parts(4))
        row = one(results, partnership="p1", method="ols_hc3")
        assert {"beside", "town_dummies"} <= set(codes_of(row["note"]))
        assert one(second(results), method="town_two_stage_t")["df"] == 3

    def test_towns_with_both_arms_are_left_out_when_others_can_be_compared(self) -> None:
        results = run(design(), *towns(2, 2), *self.parts(1))
        row = one(second(results), method="town_mean_t")
        assert (row["clusters"], row["n"], row["missing"]) == (4, 48, 24)
        assert "towns_in_both_arms:1" in row["note"]
        cells = rows_of(results, partnership="p1", estimand="cell|pre")
        assert cells["n"].tolist() == [24, 24]


def test_people_without_a_town_are_left_out_of_the_comparison_and_counted() -> None:
    nowhere = people(*normal(77, 6), town=None)  # type: ignore[arg-type]
    results = run(design(), *towns(2, 2), nowhere)
    row = one(second(results), method="town_mean_t")
    assert row["n"] == 48 and "town_missing:6" in row["note"]
    assert (
        one(results, partnership="p1", method="paired_t", estimand="post-pre", town="")["n"] == 30
    )


def test_without_any_town_the_comparison_is_refused() -> None:
    parts = [people(*normal(1, 20), town=None), other(2, 20, town=None)]  # type: ignore[arg-type]
    row = one(second(run(design(), *parts)))
    assert (row["status"], row["grade"]) == ("refused", 2)
    assert "town_missing" in codes_of(row["note"]) and np.isnan(row["p_value"])


def test_equal_changes_everywhere_are_described_not_tested() -> None:
    pre = np.linspace(20, 70, 12)
    parts = [people(pre, pre + 4, town=t) for t in ("T1", "T2")]
    parts += [people(pre, pre + 1, town=t, arm="comparison_town") for t in ("C1", "C2")]
    row = one(second(run(design(), *parts)), method="town_mean_t")
    assert row["status"] == "descriptive" and row["estimate"] == pytest.approx(3)
    assert "no_variation" in codes_of(row["note"])


def test_a_constant_score_before_leaves_the_adjusted_row_without_a_number() -> None:
    rng = np.random.default_rng(2)
    parts = [
        people([50] * 12, 50 + rng.normal(0, 5, 12), town=t, arm=arm)
        for t, arm in (("T1", "participant"), ("T2", "participant"),
                       ("C1", "comparison_town"), ("C2", "comparison_town"))
    ]  # fmt: skip
    results = run(design(), *parts)
    row = one(second(results), method="town_two_stage_t")
    assert np.isnan(row["estimate"]) and "no_variation" in codes_of(row["note"])
    assert one(second(results), method="d_ppc2")["status"] == "not_estimable"


def test_the_programme_counts_each_comparison_town_once() -> None:
    parts = [
        *towns(1, 0), other(60, 12, town="C1"), other(61, 12, town="C2"),
        people(*normal(5, 12, 6), town="T9", partnership="p2"),
        other(62, 12, town="C1", partnership="p2"),
    ]  # fmt: skip
    row = one(second(run(design(), *parts), "*"), method="town_mean_t")
    assert row["clusters"] == 4 and row["df"] == 2


panels = st.tuples(st.integers(2, 4), st.integers(2, 4), st.integers(0, 50))


@settings(max_examples=8, deadline=None)
@given(size=panels)
@example(size=(3, 3, 0))  # four degrees of freedom but for rounding
def test_exchanging_the_arms_turns_the_sign(size: tuple[int, int, int]) -> None:
    a, b, seed = size
    parts = [people(*normal(seed + i, 11), town=f"T{i}") for i in range(a)]
    parts += [other(seed + 9 + i, 11, 3, town=f"C{i}") for i in range(b)]
    turned = [
        part.assign(arm=["comparison_town" if arm == "participant" else "participant"] * len(part))
        for part in parts
        for arm in [part["arm"].iloc[0]]
    ]
    first, back = second(run(design(), *parts)), second(run(design(), *turned))
    for method in ("town_mean_t", "town_two_stage_t", "change_cr2"):
        one_way, other_way = one(first, method=method), one(back, method=method)
        assert other_way["estimate"] == pytest.approx(-one_way["estimate"], rel=1e-9)
        assert other_way["std_error"] == pytest.approx(one_way["std_error"], rel=1e-9)
        assert other_way["p_value"] == pytest.approx(one_way["p_value"], rel=1e-7, nan_ok=True)


@settings(max_examples=8, deadline=None)
@given(size=panels)
def test_every_p_agrees_with_its_interval(size: tuple[int, int, int]) -> None:
    a, b, seed = size
    parts = [people(*normal(seed + i, 11, 6), town=f"T{i}") for i in range(a)]
    parts += [other(seed + 9 + i, 11, town=f"C{i}") for i in range(b)]
    results = run(design(), *parts)
    for _, row in results[results["p_value"].notna() & results["conf_low"].notna()].iterrows():
        assert (row["p_value"] < 0.05) == (row["conf_low"] > 0 or row["conf_high"] < 0)
