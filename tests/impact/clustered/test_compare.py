"""Change score and adjusted difference side by side, against R."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from shared_files import reference

from twinimpact.errors import DesignError
from twinimpact.impact import ComparePlan, Result, compare

BETWEEN, AFTER = "post-pre|treated-comparison", "post|treated-comparison"


def entry(name: str) -> dict[str, Any]:
    page = reference("statistics/02_comparison_clusters.json")
    return dict(json.loads(page.read_text(encoding="utf-8"))[name])


def on_panel(cluster: str = "", covariates: tuple[str, ...] = (), **plan: Any) -> Result:
    table = pd.read_csv(reference("statistics/data/twinpanel.csv"))
    return compare(
        table, pre="open_pre", post="open_post", arm="treated", cluster=cluster,
        plan=ComparePlan(covariates=covariates, **plan),
    )  # fmt: skip


def test_people_without_towns_by_hc3() -> None:
    expected = entry("ancova")
    row = on_panel().row("ols_hc3", AFTER)
    assert row.estimate == pytest.approx(expected["HC3"]["treated"]["Estimate"], rel=1e-9)
    assert row.std_error == pytest.approx(expected["HC3"]["treated"]["Std. Error"], rel=1e-9)
    more = on_panel(covariates=("age", "female", "prior")).row("ols_hc3", AFTER)
    wanted = expected["with_covariates_HC3"]["treated"]
    assert more.std_error == pytest.approx(wanted["Std. Error"], rel=1e-9)


def test_the_four_cells_and_both_first_differences() -> None:
    expected, result = entry("did_2x2"), on_panel()
    cells = {(row.arm, row.estimand): row for row in result.rows if row.arm}
    for arm, name in (("treated", "treated"), ("comparison", "comparison")):
        for moment in ("pre", "post"):
            wanted = expected[f"{name}_{moment}"]
            assert cells[arm, f"cell|{moment}"].estimate == pytest.approx(wanted["mean"], rel=1e-10)
            assert cells[arm, f"cell|{moment}"].n == wanted["n"]
            assert cells[arm, f"cell_sd|{moment}"].estimate == pytest.approx(wanted["sd"])
        first = cells[arm, "first_difference"].estimate
        assert first == pytest.approx(expected[f"first_diff_{name}"], rel=1e-10)
    second = result.row("ols_hc3", BETWEEN)
    assert second.estimate == pytest.approx(expected["second_diff"], rel=1e-10)
    assert result.row("d_ppc2").estimate == pytest.approx(expected["d_ppc2"], rel=1e-10)


def test_with_towns_the_inference_is_by_towns() -> None:
    expected = entry("town_means")["pooled"]
    result = on_panel(cluster="town")
    assert result.primary.method == "town_mean_t"
    assert result.primary.p_value == pytest.approx(expected["p"], rel=1e-10)
    adjusted = result.row("ancova_cr2", AFTER)
    wanted = entry("panel_clusters_ancova")["cr"]["CR2"]["treated"]
    assert adjusted.std_error == pytest.approx(wanted["SE"], rel=1e-8)


def test_the_adjusted_difference_comes_first_after_a_random_assignment() -> None:
    assert on_panel(randomised=True).primary.estimand == AFTER
    assert on_panel().primary.estimand == BETWEEN


def test_a_disagreement_that_matters_is_said() -> None:
    rng = np.random.default_rng(5)
    arm = np.repeat([0, 1], 60)
    before = rng.normal(size=120) + 1.5 * arm
    data = {"pre": before, "post": 0.3 * before + rng.normal(scale=0.5, size=120), "arm": arm}
    columns = {"pre": "pre", "post": "post", "arm": "arm"}
    apart = compare(data, **columns, plan=ComparePlan(sesoi=0.3))
    assert "bracketing" in apart.warnings
    assert "bracketing" not in on_panel(sesoi=0.2).warnings


def test_different_slopes_take_the_interacted_model() -> None:
    rng = np.random.default_rng(6)
    arm = np.repeat([0, 1], 80)
    before = rng.normal(size=160)
    after = before * (0.2 + 0.9 * arm) + 0.5 * arm + rng.normal(scale=0.3, size=160)
    result = compare({"pre": before, "post": after, "arm": arm}, pre="pre", post="post", arm="arm")
    row = result.row("ols_hc3", AFTER)
    assert "slopes_differ" in row.note
    assert row.estimate == pytest.approx(0.5, abs=0.15)


def test_verdicts_follow_the_interval_and_the_direction() -> None:
    assert on_panel(sesoi=0.05).primary.verdict == "beneficial"
    assert on_panel(sesoi=0.05, direction="worse").primary.verdict == "harmful"
    assert on_panel().primary.verdict == "not_assessed"


def test_turning_the_arms_round_turns_the_sign() -> None:
    table = pd.read_csv(reference("statistics/data/twinpanel.csv"))
    turned = table.assign(treated=1 - table["treated"])
    other = compare(turned, pre="open_pre", post="open_post", arm="treated")
    one = on_panel()
    for estimand in (BETWEEN, AFTER):
        a, b = one.row("ols_hc3", estimand), other.row("ols_hc3", estimand)
        assert a.estimate == pytest.approx(-b.estimate)  # type: ignore[operator]
        assert a.p_value == pytest.approx(b.p_value)


def test_one_person_in_an_arm_is_refused() -> None:
    data = {"pre": [1, 2, 3], "post": [1, 2, 4], "arm": [0, 0, 1]}
    with pytest.raises(DesignError, match="fewer than two"):
        compare(data, pre="pre", post="post", arm="arm")


@pytest.mark.slow
def test_coverage_of_both_ways_when_both_are_right() -> None:
    rng = np.random.default_rng(7)
    runs, covered = 1_000, np.zeros(2)
    for _ in range(runs):
        arm = np.repeat([0, 1], 40)
        before = rng.normal(size=80)
        after = 0.6 * before + 0.4 * arm + rng.normal(scale=0.8, size=80)
        data = {"pre": before, "post": after, "arm": arm}
        result = compare(data, pre="pre", post="post", arm="arm")
        for place, estimand in enumerate((BETWEEN, AFTER)):
            row = result.row("ols_hc3", estimand)
            assert row.conf_low is not None and row.conf_high is not None
            covered[place] += row.conf_low <= 0.4 <= row.conf_high
    assert ((covered / runs > 0.93) & (covered / runs < 0.97)).all()
