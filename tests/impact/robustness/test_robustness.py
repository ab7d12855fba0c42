"""Sensitivity to hidden differences, against published numbers and R."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from shared_files import reference

from twinimpact.errors import DesignError
from twinimpact.impact import rosenbaum_bounds, sensitivity
from twinimpact.impact.robustness.formulas import (
    bound_of,
    e_value,
    e_value_of_difference,
    robustness_value,
    rosenbaum_upper_p,
)


def entry(name: str) -> dict[str, Any]:
    page = reference("statistics/07_missing_sensitivity.json")
    return dict(json.loads(page.read_text(encoding="utf-8"))[name])


def test_e_values_of_ratios_as_published() -> None:
    expected = entry("evalue")
    for key, ratio, limit in (
        ("rr_3.9_ci1.8_8.7", 3.9, 1.8), ("rr_10.73_lo8.02", 10.73, 8.02),
        ("rr_0.80_hi0.91", 0.80, 0.91),
    ):  # fmt: skip
        assert e_value(ratio) == pytest.approx(expected[key]["E"], rel=1e-10)
        assert e_value(limit) == pytest.approx(expected[key]["E_ci"], rel=1e-10)


@pytest.mark.parametrize(
    ("key", "d", "error"),
    [("smd_0.5_se_0.25", 0.5, 0.25), ("smd_0.42_se0.1", 0.42, 0.1), ("smd_0.2_se0.15", 0.2, 0.15)],
)
def test_e_values_of_standardised_differences(key: str, d: float, error: float) -> None:
    found, expected = e_value_of_difference(d, error), entry("evalue")[key]
    values = (found.ratio, found.low, found.high, found.estimate, found.limit)
    wanted = [expected[name] for name in ("RR", "lo", "hi", "E", "E_ci")]
    assert values == pytest.approx(wanted, rel=1e-10)


def test_a_difference_the_other_way_has_the_same_e_value() -> None:
    one, other = e_value_of_difference(0.4, 0.1), e_value_of_difference(-0.4, 0.1)
    assert other.estimate == pytest.approx(one.estimate)
    assert other.limit == pytest.approx(one.limit)


def test_robustness_values_follow_from_t_and_degrees_of_freedom() -> None:
    expected = entry("darfur")
    t, df = expected["t"], expected["dof"]
    assert robustness_value(t, df) == pytest.approx(expected["rv_q"], rel=1e-8)
    assert robustness_value(t, df, alpha=0.05) == pytest.approx(expected["rv_qa"], rel=1e-8)
    assert robustness_value(0.5, 20, alpha=0.05) == 0


def test_the_estimate_under_a_hidden_variable_of_known_strength() -> None:
    expected = entry("darfur")
    fit = (expected["est"], expected["se"], float(expected["dof"]))
    for line in expected["bounds"]:
        found = bound_of(fit, line["r2dz.x"], line["r2yz.dx"])
        assert found.estimate == pytest.approx(line["adjusted_estimate"], rel=1e-8)
        assert found.std_error == pytest.approx(line["adjusted_se"], rel=1e-8)


def test_hidden_bias_in_matched_pairs() -> None:
    expected = entry("rosenbaum_darwin")
    pairs = pd.read_csv(reference("statistics/data/darwin_pairs.csv"))["diff"].to_numpy()
    result = rosenbaum_bounds(pairs, expected["gamma"])
    found = [row.p_value for row in result.rows]
    assert found == pytest.approx(expected["upper_exact_onesided"], abs=1e-12)
    assert result.diagnostics["gamma_05"] == 1


def test_hidden_bias_never_lowers_p_and_zero_pairs_do_not_count() -> None:
    rng = np.random.default_rng(3)
    pairs = rng.normal(0.4, 1, 14)
    ps = [rosenbaum_upper_p(pairs, gamma) for gamma in (1, 1.5, 2, 4, 9)]
    assert ps == sorted(ps)
    assert rosenbaum_upper_p(np.append(pairs, 0.0), 2) == pytest.approx(ps[2])
    assert rosenbaum_upper_p(np.zeros(4), 1) == 1


def panel() -> pd.DataFrame:
    table = pd.read_csv(reference("statistics/data/twinpanel.csv"))
    return table[table["open_post"].notna()]


def test_proportional_selection_on_the_panel() -> None:
    expected = entry("oster_panel")
    result = sensitivity(
        panel(), outcome="open_post", arm="treated",
        covariates=["age", "female", "prior", "open_pre"],
    )  # fmt: skip
    assert result.diagnostics["difference"] == pytest.approx(expected["b1"], rel=1e-9)
    delta = result.row("oster", "treated-comparison|delta_for_zero").estimate
    effect = result.row("oster", "treated-comparison|equal_selection").estimate
    assert delta == pytest.approx(expected["delta_beta0"], rel=1e-7)
    assert effect == pytest.approx(expected["beta_star_delta1"], rel=1e-7)


def test_with_towns_the_t_is_the_cluster_one_and_is_named() -> None:
    alone = sensitivity(panel(), outcome="open_post", arm="treated", covariates=["open_pre"])
    towns = sensitivity(
        panel(), outcome="open_post", arm="treated", covariates=["open_pre"], cluster="town"
    )
    assert alone.diagnostics["standard_error_by"] == "ols"
    assert towns.diagnostics["standard_error_by"] == "cr2"
    assert towns.diagnostics["std_error"] != alone.diagnostics["std_error"]
    assert towns.primary.clusters == panel()["town"].nunique()


def test_a_strong_covariate_is_a_strong_yardstick() -> None:
    result = sensitivity(
        panel(), outcome="open_post", arm="treated", covariates=["open_pre", "female"]
    )
    table = result.diagnostics["benchmarks"].set_index(["covariate", "times"])["estimate"]
    whole = result.diagnostics["difference"]
    assert table["open_pre", 3.0] < table["open_pre", 1.0] < whole
    assert table["female", 1.0] == pytest.approx(whole, abs=0.05)


def test_one_group_has_no_difference_to_explain() -> None:
    with pytest.raises(DesignError, match="exactly two arms"):
        sensitivity({"y": [1, 2, 3], "arm": [1, 1, 1]}, outcome="y", arm="arm")


def test_a_constant_outcome_is_refused() -> None:
    data = {"y": [2, 2, 2, 2], "arm": [0, 0, 1, 1]}
    with pytest.raises(DesignError, match="does not vary"):
        sensitivity(data, outcome="y", arm="arm")
