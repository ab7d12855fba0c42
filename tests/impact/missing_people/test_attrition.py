"""Loss of people against R, known truth, and what must be refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from shared_files import reference

from twinimpact.errors import DefinitionError, DesignError
from twinimpact.impact import AttritionPlan, attrition
from twinimpact.impact.logistic import fitted_chances
from twinimpact.impact.missing_people.boundary import (
    is_outside,
    largest_difference,
    loss_rules,
    model_bias,
)
from twinimpact.impact.missing_people.fill_in import fill_ins
from twinimpact.impact.missing_people.lee import lee_bounds
from twinimpact.resources import surveys_dir

ROLES: dict[str, Any] = {"pre": "open_pre", "post": ["open_post", "open_fu"], "arm": "treated"}


def entry(name: str) -> dict[str, Any]:
    page = reference("statistics/07_missing_sensitivity.json")
    return dict(json.loads(page.read_text(encoding="utf-8"))[name])


def panel() -> pd.DataFrame:
    return pd.read_csv(reference("statistics/data/twinpanel.csv"))


def test_the_flow_by_arm_and_wave() -> None:
    expected, result = entry("flow"), attrition(panel(), **ROLES)
    flow = result.diagnostics["flow"].set_index(["wave", "arm"])
    for wave, key in (("open_post", "post"), ("open_fu", "fu")):
        lines = flow.loc[[(wave, "comparison"), (wave, "treated")]]
        assert lines["before"].tolist() == expected[key]["n"]
        assert lines["lost"].tolist() == expected[key]["lost"]
        assert lines["share"].tolist() == pytest.approx(expected[key]["rate"], rel=1e-8)


@pytest.mark.parametrize(("wave", "key"), [("open_post", "post"), ("open_fu", "fu")])
def test_loss_overall_and_by_arm(wave: str, key: str) -> None:
    expected = entry("flow")
    result = attrition(panel(), pre="open_pre", post=wave, arm="treated")
    assert result.primary.estimate == pytest.approx(expected[key]["overall"], rel=1e-8)
    row = result.row("newcombe")
    assert 100 * abs(row.estimate) == pytest.approx(expected[key]["differential_pp"], rel=1e-8)
    assert row.conf_low < row.estimate < row.conf_high
    smd = {row.arm: row.estimate for row in result.rows if row.estimand == "loss|baseline"}
    wanted = expected[f"smd_lost_vs_stayed_{key}"]
    found = [smd["comparison"], smd["treated"]]
    assert found == pytest.approx([wanted["comparison"], wanted["twinned"]], rel=1e-8)


@pytest.mark.parametrize(("wave", "key"), [("open_post", "post"), ("open_fu", "fu")])
def test_chances_to_be_lost_and_fishers_p(wave: str, key: str) -> None:
    expected, frame = entry("flow")[key], panel()
    lost, t = frame[wave].isna().to_numpy(), frame["treated"].to_numpy().astype(float)
    pre, ones = frame["open_pre"].to_numpy(), np.ones(len(frame))
    for name, x in (
        ("logit", [ones, t]), ("logit_with_pre", [ones, t, pre, t * pre]),
    ):  # fmt: skip
        beta, _ = fitted_chances(np.column_stack(x), lost, "loss")
        wanted = [line["Estimate"] for line in expected[name].values()]
        assert beta == pytest.approx(wanted, rel=1e-7)
    table = [[expected["lost"][i], expected["n"][i] - expected["lost"][i]] for i in (1, 0)]
    assert stats.fisher_exact(table).pvalue == pytest.approx(expected["fisher_p"], rel=1e-8)
    odds = stats.contingency.odds_ratio(np.array(table, dtype=int)).statistic
    assert odds == pytest.approx(expected["fisher_or"], rel=1e-4)


def test_response_weights() -> None:
    expected, frame = entry("ipw_response"), panel()
    plan = AttritionPlan(covariates=["age", "female"])
    result = attrition(frame, pre="open_pre", post="open_post", arm="treated", plan=plan)
    w = result.diagnostics["response_weights"]
    assert np.isnan(w).sum() == frame["open_post"].isna().sum()
    assert [np.nanmin(w), np.nanmax(w)] == pytest.approx(expected["w_range"], rel=1e-7)
    row = result.row("response_weighted")
    assert row.estimate == pytest.approx(expected["ipw"]["treated"], rel=1e-7)
    assert row.estimand == "post|treated-comparison"


def test_fill_ins_of_one_group() -> None:
    expected, frame = entry("one_group_bounds"), panel()
    group = frame[frame["treated"] == 1]
    plan = AttritionPlan(scale=(1, 5))
    result = attrition(group, pre="open_pre", post="open_post", plan=plan)
    found = {row.estimand.split("|")[1]: row for row in result.rows if row.method == "fill_in"}
    for name in ("worst", "best", "no_change"):
        assert found[name].estimate == pytest.approx(expected[name], rel=1e-10)
    assert found["tipping"].estimate == pytest.approx(expected["delta_at_zero"], rel=1e-10)
    both = attrition(frame, pre="open_pre", post="open_post", arm="treated", plan=plan)
    same = [row for row in both.rows if row.estimand == "loss|worst" and row.arm == "treated"]
    assert same[0].estimate == found["worst"].estimate


def test_at_the_tipping_point_the_mean_change_is_zero() -> None:
    rng = np.random.default_rng(1)
    pre = rng.normal(3, 1, 50)
    post = np.where(np.arange(50) < 12, np.nan, pre + 0.4 + rng.normal(size=50))
    found = fill_ins(pre, post, None)
    change = np.nanmean(post - pre)
    whole = (38 * change + 12 * (change + found.tipping)) / 50
    assert whole == pytest.approx(0, abs=1e-12)
    assert found.worst is None


def test_where_lower_is_better_the_worst_is_the_upper_end() -> None:
    data = {"a": [2.0, 3, 4], "b": [1.0, 2, np.nan]}
    plan = AttritionPlan(scale=(1, 5), direction="worse")
    rows = attrition(data, pre="a", post="b", plan=plan).rows
    found = {row.estimand: row.estimate for row in rows}
    assert found["loss|worst"] == pytest.approx((-2 + 1) / 3)
    assert found["loss|best"] == pytest.approx((-2 - 3) / 3)


def test_lee_bounds_trim_a_fraction_of_a_person() -> None:
    expected, frame = entry("lee_panel"), panel()
    result = attrition(frame, pre="open_pre", post="open_post", arm="treated")
    found = result.diagnostics["lee"]
    assert found.trimmed == pytest.approx(expected["trim"], rel=1e-9)
    assert found.trimmed_arm == expected["trimmed_arm"]
    ends = {row.estimand.split("|")[-1]: row.estimate for row in result.rows if row.method == "lee"}
    wanted = [expected["lower"], expected["upper"]]
    assert [ends["smallest"], ends["largest"]] == pytest.approx(wanted, rel=1e-9)
    assert ends["smallest"] < expected["naive"] < ends["largest"]


def test_lee_bounds_turn_with_the_arms_and_meet_without_loss() -> None:
    rng = np.random.default_rng(2)
    y, t = rng.normal(size=80), np.repeat([True, False], 40)
    stayed = np.arange(80) % 5 > 0
    stayed[:3] = True
    one, other = lee_bounds(y, t, stayed), lee_bounds(y, ~t, stayed)
    assert (one.lower, one.upper) == pytest.approx((-other.upper, -other.lower))
    full = lee_bounds(y, t, np.ones(80, dtype=bool))
    assert full.lower == pytest.approx(full.upper)
    assert full.lower == pytest.approx(y[t].mean() - y[~t].mean())
    assert lee_bounds(y, t, t) is None


def test_the_boundary_is_the_printed_table() -> None:
    expected, rules = entry("wwc_attrition"), loss_rules()
    assert list(rules.limits["cautious"]) == expected["cautious"]
    assert list(rules.limits["optimistic"]) == expected["optimistic"]
    assert [largest_difference(x) for x in (20, 30, 40)] == [5.4, 4.1, 2.6]
    assert rules.status == "check"
    assert is_outside(58, 0)
    assert not is_outside(58, 1, "optimistic")
    assert not is_outside(20, 5.4)
    assert is_outside(20, 5.41)


def test_the_model_is_sensitivity_only() -> None:
    expected = entry("wwc_attrition")["model_bias"]
    found = [
        model_bias(0.3, 0.0), model_bias(0.3, 0.05), model_bias(0.3, 0.05, "optimistic"),
        model_bias(0.1, 0.03),
    ]  # fmt: skip
    keys = ("o30_d0_cautious", "o30_d5_cautious", "o30_d5_optimistic", "o10_d3_cautious")
    assert found == pytest.approx([expected[key] for key in keys], rel=1e-9)
    assert model_bias(0.9, 0.4) is None


def test_loss_outside_the_boundary_is_warned_of() -> None:
    data = {
        "a": [1.0] * 40,
        "b": [2.0] * 12 + [np.nan] * 8 + [3.0] * 20,
        "arm": [1] * 20 + [0] * 20,
    }
    result = attrition(data, pre="a", post="b", arm="arm")
    assert result.diagnostics["boundary"]["class"] == "outside"
    assert result.warnings == ("loss_outside_boundary:20.0,40.0",)


def test_with_towns_the_difference_in_loss_is_also_that_of_towns() -> None:
    result = attrition(panel(), **ROLES, cluster="town")
    towns = result.row("town_mean_t", "loss|differential")
    assert (towns.clusters, towns.df, towns.status) == (14, 12, "ok")
    assert "people_not_towns" in result.row("newcombe").note


def test_one_town_per_arm_has_no_inference() -> None:
    frame = panel()
    frame = frame[frame["town"].isin(["T01", frame.loc[frame["treated"] == 0, "town"].iloc[0]])]
    result = attrition(frame, **ROLES, cluster="town")
    for row in (result.row("town_mean_t"), result.row("response_weighted")):
        assert row.status == "refused"
        assert (row.std_error, row.conf_low, row.p_value) == (None, None, None)


def test_nobody_lost_and_everybody_lost() -> None:
    data = {"a": [1.0, 2, 3, 4, 5, 4, 3, 2, 1, 2], "b": [2.0, 3, 3, 4, 5, 5, 3, 2, 2, 3]}
    result = attrition(data, pre="a", post="b", plan=AttritionPlan(scale=(1, 5)))
    row = result.row("response_weighted")
    assert row.estimate == pytest.approx(0.5)
    found = {row.estimand: row.estimate for row in result.rows if row.method == "fill_in"}
    assert found == pytest.approx({"loss|worst": 0.5, "loss|best": 0.5, "loss|no_change": 0.5})
    gone = attrition({**data, "b": [None] * 10}, pre="a", post="b")
    assert gone.primary.estimate == 1
    assert gone.row("fill_in").status == "not_estimable"
    assert gone.row("response_weighted").status == "not_estimable"


def test_who_stayed_can_be_told_apart() -> None:
    data = {"a": np.arange(20.0), "b": np.where(np.arange(20) < 12, 1.0, np.nan)}
    row = attrition(data, pre="a", post="b").row("response_weighted")
    assert (row.status, row.estimate) == ("not_estimable", None)
    assert "staying_told_apart" in row.note


def test_rows_without_a_score_before_are_counted_out() -> None:
    data = {"a": [1.0, 2, None, 4], "b": [1.0, None, 3, 4]}
    result = attrition(data, pre="a", post="b")
    assert (result.primary.n, result.primary.missing) == (3, 1)
    assert result.warnings == ("rows_dropped:1",)


def test_order_and_names_of_rows_do_not_matter() -> None:
    frame = panel()
    plan = AttritionPlan(scale=(1, 5))
    one = attrition(frame, **ROLES, cluster="town", plan=plan).to_frame()
    mixed = frame.sample(frac=1, random_state=3).assign(town="x" + frame["town"])
    two = attrition(mixed, **ROLES, cluster="town", plan=plan).to_frame()
    pd.testing.assert_frame_equal(one, two)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"post": "z"}, "not in the data"),
        ({"post": []}, "not in the data"),
        ({"plan": AttritionPlan(scale=(2, 5))}, "ends of the scale"),
        ({"plan": AttritionPlan(scale=(5, 1))}, "ends of the scale"),
        ({"plan": AttritionPlan(direction="up")}, "no such direction"),
        ({"pre": "name"}, "no numbers"),
        ({"arm": "three"}, "exactly two arms"),
        ({"arm": "arm", "cluster": "town"}, "must be the same for everybody"),
    ],
)
def test_wrong_calls_are_refused(changes: dict[str, Any], words: str) -> None:
    data = {
        "a": [1.0, 2, 3, 4], "b": [1.0, 2, 3, None], "name": list("wxyz"), "three": list("abcc"),
        "arm": [1, 0, 1, 0], "town": list("ttuu"),
    }  # fmt: skip
    with pytest.raises(DesignError, match=words):
        attrition(data, **({"pre": "a", "post": "b"} | changes))


def test_a_damaged_table_is_refused(tmp_path: Path) -> None:
    text = (surveys_dir() / "attrition.toml").read_text(encoding="utf-8")
    for wrong in (
        text.replace('status = "check"', 'status = "sure"'),
        text.replace("[model]", "[x]"),
    ):
        page = tmp_path / f"{len(wrong)}.toml"
        page.write_text(wrong, encoding="utf-8")
        with pytest.raises(DefinitionError, match="about loss"):
            loss_rules(page)


@pytest.mark.slow
def test_known_truth() -> None:
    """Loss depends on the score before: weighting takes the bias out."""
    rng = np.random.default_rng(8)
    weighted, plain, inside = [], [], 0
    for _ in range(2000):
        n = 200
        pre = rng.normal(size=n)
        # the change depends on where people start, and those who start low are lost
        change = 0.5 - 0.5 * pre + rng.normal(size=n)
        lost = rng.random(n) < 1 / (1 + np.exp(1.2 + 0.8 * pre))
        post = np.where(lost, np.nan, pre + change)
        row = attrition({"a": pre, "b": post}, pre="a", post="b").row("response_weighted")
        weighted.append(row.estimate)
        plain.append(np.nanmean(post - pre))
        inside += row.conf_low <= 0.5 <= row.conf_high
    error = np.std(weighted) / np.sqrt(2000)
    assert abs(np.mean(weighted) - 0.5) < 3 * error + 0.02
    assert abs(np.mean(plain) - 0.5) > 5 * error
    assert 0.93 <= inside / 2000 <= 0.97


@pytest.mark.slow
def test_lee_bounds_hold_the_difference_and_one_is_sharp() -> None:
    """Taking part keeps some of the lowest in: without these the difference is 0.3."""
    rng = np.random.default_rng(10)
    t = np.repeat([True, False], 100)
    lower, upper = [], []
    for _ in range(2000):
        latent = rng.normal(size=200)
        found = lee_bounds(0.3 * t + latent, t, latent > np.where(t, -1.4, -0.9))
        lower.append(found.lower)
        upper.append(found.upper)
    assert np.mean(lower) < 0.3
    assert abs(np.mean(upper) - 0.3) < 3 * np.std(upper) / np.sqrt(2000) + 0.005


@pytest.mark.slow
def test_the_interval_of_the_difference_in_loss_covers() -> None:
    rng = np.random.default_rng(9)
    inside = 0
    for _ in range(2000):
        t = np.repeat([1, 0], [60, 80])
        lost = rng.random(140) < np.where(t == 1, 0.2, 0.3)
        data = {"a": np.ones(140), "b": np.where(lost, np.nan, 1.0), "arm": t}
        row = attrition(data, pre="a", post="b", arm="arm").row("newcombe")
        inside += row.conf_low <= -0.1 <= row.conf_high
    assert 0.93 <= inside / 2000 <= 0.97
