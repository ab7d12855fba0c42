"""Towns in two arms: every method against R, and by the number of towns."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from shared_files import reference

from twinimpact.errors import DesignError
from twinimpact.impact import Result, cluster_inference
from twinimpact.impact.clustered import wild
from twinimpact.impact.clustered.wild import wild_cluster_test

REL = {"rel": 1e-8}


def entry(name: str) -> dict[str, Any]:
    page = reference("statistics/02_comparison_clusters.json")
    return dict(json.loads(page.read_text(encoding="utf-8"))[name])


def schools(ten: bool) -> pd.DataFrame:
    table = pd.read_csv(reference("statistics/data/achievement_schools.csv"))
    table = table[table["first10"] == 1] if ten else table
    rows = []
    for school, line in enumerate(table.to_dict(orient="records")):
        n, passed = int(line["n"]), int(line["n_pass"])
        rows += [{**line, "school": school, "y": int(girl < passed)} for girl in range(n)]
    return pd.DataFrame(rows)


def panel() -> pd.DataFrame:
    table = pd.read_csv(reference("statistics/data/twinpanel.csv"))
    table = table[table["open_post"].notna()]
    return table.assign(change=table["open_post"] - table["open_pre"])


def on_panel(outcome: str = "change", covariates: tuple[str, ...] = ()) -> Result:
    return cluster_inference(
        panel(), outcome=outcome, arm="treated", cluster="town", covariates=covariates
    )


def test_ten_schools_by_every_method() -> None:
    expected = entry("achievement10")
    result = cluster_inference(schools(True), outcome="y", arm="treated", cluster="school")
    cr = expected["cr"]
    row = result.row("change_cr2")
    assert row.estimate == pytest.approx(cr["CR2"]["treated"]["beta"], **REL)
    assert row.std_error == pytest.approx(cr["CR2"]["treated"]["SE"], **REL)
    assert row.df == pytest.approx(cr["CR2"]["treated"]["df_Satt"], rel=1e-7)
    assert row.p_value == pytest.approx(cr["CR2"]["treated"]["p_Satt"], rel=1e-7)
    assert result.diagnostics["cr0"] == pytest.approx(cr["CR0"]["treated"]["SE"], **REL)
    assert result.diagnostics["cr1s"] == pytest.approx(cr["CR1S"]["treated"]["SE"], **REL)
    assert result.diagnostics["cr3"] == pytest.approx(cr["CR3"]["treated"]["SE"], **REL)
    assert result.row("wcb").p_value == expected["wcr_enum"]["p_ge"]
    means = entry("achievement10_school_means")["pooled"]
    first = result.primary
    assert (first.method, first.df) == ("town_mean_t", means["df"])
    assert first.p_value == pytest.approx(means["p"], rel=1e-10)
    assert [first.conf_low, first.conf_high] == pytest.approx(means["ci95"], rel=1e-10)


def test_change_on_the_panel() -> None:
    expected, means = entry("panel_clusters_change"), entry("town_means")["pooled"]
    result = on_panel()
    assert result.primary.estimate == pytest.approx(means["diff"], rel=1e-10)
    assert result.primary.p_value == pytest.approx(means["p"], rel=1e-10)
    assert result.row("wcb").p_value == expected["wcr_enum"]["p_ge"]
    assert result.row("change_cr2").df == pytest.approx(
        expected["cr"]["CR2"]["treated"]["df_Satt"], rel=1e-7
    )
    assert result.diagnostics["cr3"] == pytest.approx(expected["cr"]["CR3"]["treated"]["SE"], **REL)


def test_adjusted_for_the_score_before_on_the_panel() -> None:
    expected = entry("panel_clusters_ancova")
    result = on_panel("open_post", ("open_pre",))
    row = result.row("ancova_cr2")
    assert row.std_error == pytest.approx(expected["cr"]["CR2"]["treated"]["SE"], **REL)
    assert result.row("wcb").p_value == expected["wcr_enum"]["p_ge"]
    more = on_panel("open_post", ("open_pre", "age", "female"))
    two_stage = entry("town_two_stage")["pooled"]
    assert more.primary.method == "town_two_stage_t"
    assert more.primary.estimate == pytest.approx(two_stage["diff"], rel=1e-9)
    assert more.primary.p_value == pytest.approx(two_stage["p"], rel=1e-8)


def test_one_twinned_town_shows_no_cluster_robust_number() -> None:
    expected = entry("one_treated_town")
    table = panel()
    table = table[(table["treated"] == 0) | (table["town"] == "T04")]
    result = cluster_inference(table, outcome="change", arm="treated", cluster="town")
    assert [row.method for row in result.rows] == ["town_mean_t", "placebo_rank"]
    assert result.primary.p_value == pytest.approx(expected["p"], rel=1e-10)
    assert [result.primary.conf_low, result.primary.conf_high] == pytest.approx(expected["ci95"])
    assert result.rows[1].p_value == pytest.approx(expected["placebo_rank_p"])
    assert "equal_variance_assumption" in result.primary.note
    assert "cannot_reject" in result.rows[1].note


def test_one_town_in_each_arm_is_refused_without_any_p() -> None:
    table = panel()
    two = table[table["town"].isin(["T01", "T02"])]
    result = cluster_inference(two, outcome="change", arm="treated", cluster="town")
    (row,) = result.rows
    assert (row.status, row.p_value, row.conf_low, row.std_error) == ("refused", None, None, None)
    assert row.estimate is not None


def test_the_order_turns_round_with_ten_towns_in_each_arm() -> None:
    rng = np.random.default_rng(1)
    town = np.repeat(np.arange(20), 8)
    data = {"y": rng.normal(size=160), "town": town, "arm": (town < 10).astype(int)}
    result = cluster_inference(data, outcome="y", arm="arm", cluster="town")
    assert [row.method for row in result.rows] == ["change_cr2", "town_mean_t", "wcb"]
    assert "beside" not in result.primary.note.split(";")
    assert "beside" in result.rows[1].note.split(";")


def test_the_wild_interval_and_its_p_do_not_contradict_each_other() -> None:
    rng = np.random.default_rng(2)
    for shift in (0.0, 0.5, 1.5):
        town = np.repeat(np.arange(9), 12)
        arm = (town < 4).astype(float)
        y = shift * arm + rng.normal(size=9)[town] * 0.3 + rng.normal(size=len(town))
        x = np.column_stack([arm, np.ones(len(y))])
        test = wild_cluster_test(x, y, town)
        assert test.low is not None and test.high is not None
        assert (test.p_value <= 0.05) == (test.low > 0 or test.high < 0)
        moved = wild_cluster_test(x, y - 0.7 * arm, town)
        assert moved.low == pytest.approx(test.low - 0.7, abs=1e-3)


def test_four_towns_cannot_reject_by_the_wild_bootstrap_and_say_so() -> None:
    rng = np.random.default_rng(3)
    town = np.repeat(np.arange(4), 15)
    data = {"y": rng.normal(size=60), "town": town, "arm": (town < 2).astype(int)}
    row = cluster_inference(data, outcome="y", arm="arm", cluster="town").row("wcb")
    assert "smallest_p:0.125000" in row.note
    assert "cannot_reject" in row.note
    assert row.status == "unbounded"


def test_scale_and_names_change_nothing_but_the_scale() -> None:
    table = panel()
    one = on_panel()
    moved = table.assign(change=5 - 2 * table["change"], town="x" + table["town"])
    other = cluster_inference(
        moved.sample(frac=1, random_state=2), outcome="change", arm="treated", cluster="town"
    )
    for method in ("town_mean_t", "change_cr2", "wcb"):
        assert other.row(method).p_value == pytest.approx(one.row(method).p_value)
        assert other.row(method).estimate == pytest.approx(-2 * one.row(method).estimate)  # type: ignore[operator]


def test_a_town_in_both_arms_and_too_many_covariates_are_refused() -> None:
    data = {"y": [1, 2, 3, 4], "town": ["a", "a", "b", "b"], "arm": [0, 1, 1, 1]}
    with pytest.raises(DesignError, match="the same for everybody"):
        cluster_inference(data, outcome="y", arm="arm", cluster="town")
    data = {"y": [1, 2, 3, 4], "x": [1, 3, 2, 4], "town": list("aabb"), "arm": [0, 0, 1, 1]}
    with pytest.raises(DesignError, match="too many covariates"):
        cluster_inference(data, outcome="y", arm="arm", cluster="town", covariates=["x"])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("a", "b", "icc"), [(2, 2, 0.05), (3, 3, 0.15), (1, 5, 0.05), (1, 9, 0.0), (10, 10, 0.05)]
)
def test_the_primary_rule_keeps_its_size(
    a: int, b: int, icc: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    # the bootstrap stands beside the primary row and is not looked at here
    monkeypatch.setattr(wild, "DRAWS", 19)
    monkeypatch.setattr(wild, "MOST_LISTED", 64)
    rng = np.random.default_rng(100 * a + b)
    runs, rejected = 1_000, 0
    for _ in range(runs):
        sizes = np.full(a + b, 24)
        town = np.repeat(np.arange(a + b), sizes)
        shared = rng.normal(scale=np.sqrt(icc), size=a + b)[town]
        y = shared + rng.normal(scale=np.sqrt(1 - icc), size=len(town))
        data = {"y": y, "town": town, "arm": (town < a).astype(int)}
        row = cluster_inference(data, outcome="y", arm="arm", cluster="town").primary
        assert row.p_value is not None
        rejected += row.p_value <= 0.05
    assert 0.03 <= rejected / runs <= 0.07
