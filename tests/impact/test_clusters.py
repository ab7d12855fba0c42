"""Inference with towns against R; refusals; properties."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from impact_data import twinpanel
from shared_files import reference

from twinimpact.impact.clusters import (
    adjusted_town_means,
    cr2,
    difference_of_town_means,
    hc3,
    mean_of_towns,
    placebo_rank_p,
    town_means,
)


def entry(name: str) -> dict:
    file = reference("statistics/02_comparison_clusters.json")
    return json.loads(file.read_text(encoding="utf-8"))[name]


def panel() -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    frame = twinpanel()
    frame = frame[frame["post"].notna()].reset_index(drop=True)
    arm = frame["arm"].eq("participant").to_numpy()
    return frame, arm, pd.factorize(frame["town_id"], sort=True)[0]


def test_town_means_and_their_pooled_t_agree_with_r() -> None:
    known = entry("town_means")
    frame, _, town = panel()
    change = (frame["post"] - frame["pre"]).to_numpy()
    names, means = town_means(change, town)
    assert list(names) == list(range(14))
    assert means == pytest.approx(known["mean_change"], rel=1e-10)
    twinned = np.array(known["treated"]) == 1
    fit = difference_of_town_means(means[twinned], means[~twinned], 0.95)
    assert fit.df == known["pooled"]["df"]
    assert fit.estimate == pytest.approx(known["pooled"]["diff"], rel=1e-10)
    assert fit.p_value == pytest.approx(known["pooled"]["p"], rel=1e-10)
    assert (fit.conf_low, fit.conf_high) == pytest.approx(known["pooled"]["ci95"], rel=1e-10)


def test_two_stage_means_with_three_covariates_agree_with_r() -> None:
    known = entry("town_two_stage")
    frame, _, town = panel()
    x = frame[["pre", "age", "female"]].to_numpy(float)
    found = adjusted_town_means(frame["post"].to_numpy(), x, town)
    assert found is not None
    assert found[1] == pytest.approx(known["adjusted_mean"], rel=1e-9)
    twinned = np.array(entry("town_means")["treated"]) == 1
    fit = difference_of_town_means(found[1][twinned], found[1][~twinned], 0.95)
    assert fit.p_value == pytest.approx(known["pooled"]["p"], rel=1e-9)
    assert (fit.conf_low, fit.conf_high) == pytest.approx(known["pooled"]["ci95"], rel=1e-9)


@pytest.mark.parametrize("name", ["panel_clusters_change", "panel_clusters_ancova"])
def test_cr2_and_its_degrees_of_freedom_agree_with_r(name: str) -> None:
    known = entry(name)["cr"]["CR2"]["treated"]
    frame, arm, town = panel()
    ones, pre = np.ones(len(arm)), frame["pre"].to_numpy()
    post = frame["post"].to_numpy()
    if name == "panel_clusters_change":
        fit = cr2(np.column_stack([ones, arm]), post - pre, town, 1, 0.95)
    else:
        fit = cr2(np.column_stack([ones, pre, arm]), post, town, 2, 0.95)
    assert fit.estimate == pytest.approx(known["beta"], rel=1e-8)
    assert fit.std_error == pytest.approx(known["SE"], rel=1e-8)
    assert fit.df == pytest.approx(known["df_Satt"], rel=1e-8)
    assert fit.p_value == pytest.approx(known["p_Satt"], rel=1e-8)


def test_cr2_with_covariates_agrees_with_r() -> None:
    known = entry("panel_clusters_ancova")["with_covariates"]["CR2"]["treated"]
    frame, arm, town = panel()
    x = frame[["pre", "age", "female", "prior"]].to_numpy(float)
    x = np.column_stack([np.ones(len(arm)), x, arm])
    fit = cr2(x, frame["post"].to_numpy(), town, 5, 0.95)
    assert fit.std_error == pytest.approx(known["SE"], rel=1e-8)
    assert fit.df == pytest.approx(known["df_Satt"], rel=1e-8)


def test_cr2_on_the_achievement_awards_schools_agrees_with_r() -> None:
    known = entry("achievement")["cr"]["CR2"]["treated"]
    schools = pd.read_csv(reference("statistics/data/achievement_schools.csv"))
    girls = schools.loc[schools.index.repeat(schools["n"])].reset_index(drop=True)
    passed = girls.groupby("school_id").cumcount() < girls["n_pass"]
    kinds = pd.get_dummies(girls["school_type"], drop_first=True).to_numpy(float)
    x = np.column_stack([np.ones(len(girls)), girls["treated"], kinds])
    fit = cr2(x, passed.to_numpy(float), pd.factorize(girls["school_id"])[0], 1, 0.95)
    assert fit.estimate == pytest.approx(known["beta"], rel=1e-8)
    assert fit.std_error == pytest.approx(known["SE"], rel=1e-8)
    assert fit.df == pytest.approx(known["df_Satt"], rel=1e-8)


def test_person_level_ancova_with_hc3_agrees_with_r() -> None:
    known = entry("ancova")["HC3"]["treated"]
    frame, arm, _ = panel()
    x = np.column_stack([np.ones(len(arm)), frame["pre"], arm])
    fit = hc3(x, frame["post"].to_numpy(), 2, 0.95)
    assert fit.df == 202
    assert fit.estimate == pytest.approx(known["Estimate"], rel=1e-9)
    assert fit.std_error == pytest.approx(known["Std. Error"], rel=1e-9)
    assert fit.p_value == pytest.approx(known["Pr(>|t|)"], rel=1e-9)


def test_one_twinned_town_and_its_placebo_rank_agree_with_r() -> None:
    known = entry("one_treated_town")
    towns = entry("town_means")
    means = np.array(towns["mean_change"])
    single = means[towns["town"].index("T04")]
    others = means[np.array(towns["treated"]) == 0]
    fit = difference_of_town_means(np.array([single]), others, 0.95)
    assert fit.df == known["df"]
    assert fit.estimate == pytest.approx(known["estimate"], rel=1e-10)
    assert fit.std_error == pytest.approx(known["se"], rel=1e-10)
    assert fit.p_value == pytest.approx(known["p"], rel=1e-9)
    assert (fit.conf_low, fit.conf_high) == pytest.approx(known["ci95"], rel=1e-9)
    assert placebo_rank_p(float(single), others) == pytest.approx(known["placebo_rank_p"])


def test_one_town_in_each_group_gets_the_number_and_nothing_else() -> None:
    fit = difference_of_town_means(np.array([3.0]), np.array([1.0]), 0.95)
    assert fit.estimate == 2.0
    assert fit.std_error is fit.conf_low is fit.conf_high is fit.p_value is None
    assert fit.reason == "one_town_per_arm"


def test_towns_that_do_not_vary_get_no_interval() -> None:
    fit = difference_of_town_means(np.array([1.1, 1.1]), np.array([0.3, 0.3]), 0.95)
    assert fit.reason == "no_variation" and fit.p_value is None
    assert mean_of_towns(np.full(4, 0.1), 0.95).reason == "no_variation"


def test_a_mean_over_fewer_than_three_towns_has_no_interval() -> None:
    assert mean_of_towns(np.array([1.0, 2.0]), 0.95).reason == "too_few_towns"
    assert mean_of_towns(np.array([]), 0.95).reason == "no_data"


def test_cr2_below_four_degrees_of_freedom_gives_no_p_and_no_interval() -> None:
    rng = np.random.default_rng(3)
    town = np.repeat(np.arange(4), 12)
    arm = town < 2
    x = np.column_stack([np.ones(48), arm])
    fit = cr2(x, rng.normal(size=48), town, 1, 0.95)
    assert fit.df is not None and fit.df < 4
    assert fit.p_value is fit.conf_low is None
    assert fit.reason == "df_below_4" and fit.std_error is not None


def test_singular_models_are_a_reason_and_not_an_exception() -> None:
    ones = np.ones(12)
    y = np.arange(12.0)
    assert cr2(np.column_stack([ones, ones]), y, np.arange(12) % 4, 1, 0.95).reason
    assert hc3(np.column_stack([ones, ones]), y, 1, 0.95).reason == "no_variation"
    alone = np.eye(12)[:, 0]
    assert hc3(np.column_stack([ones, alone]), y, 1, 0.95).reason == "no_variation"
    assert adjusted_town_means(y, ones[:, None], np.arange(12) % 3) is None


def test_towns_of_one_person_do_not_break_cr2() -> None:
    rng = np.random.default_rng(5)
    town = np.arange(24)
    x = np.column_stack([np.ones(24), town < 12])
    fit = cr2(x, rng.normal(size=24), town, 1, 0.95)
    assert fit.p_value is not None and 0 < fit.p_value <= 1
    assert fit.df == pytest.approx(22, abs=1)
