"""Randomisation inference against enumerations in R, and its own rules."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from shared_files import reference

from twinimpact.errors import DesignError
from twinimpact.impact import RandomisationPlan, Result, randomisation_test

VILLAGES = {"y": [15, 15, 20, 20, 10, 15, 30], "z": [1, 0, 0, 0, 0, 0, 1]}
BLOCKS = {
    "y": [8, 6, 2, 0, 3, 1, 1, 1, 2, 2, 0, 1, 0, 2, 2, 4, 1, 1],
    "z": [1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 1, 1, 0, 0, 1, 1, 0, 0],
    "cluster": np.repeat(np.arange(9), 2),
    "block": [1] * 4 + [2] * 6 + [3] * 8,
}


def entry(name: str) -> dict[str, Any]:
    page = reference("statistics/11_randomisation_inference.json")
    return dict(json.loads(page.read_text(encoding="utf-8"))[name])


def agrees(result: Result, expected: dict[str, Any], interval: str = "") -> None:
    first = result.primary
    if "estimate" in expected and first.estimate is not None:
        assert first.estimate == pytest.approx(expected["estimate"], rel=1e-9)
    assert result.diagnostics["assignments"] == expected["n_assignments"]
    assert first.p_value == pytest.approx(expected["p_two_sided_abs"], abs=1e-12)
    for side, name in (
        ("upper", "p_upper"),
        ("lower", "p_lower"),
        ("doubled", "p_two_sided_doubled"),
    ):
        if name in expected:
            row = result.row(first.method, f"treated-comparison|{side}")
            assert row.p_value == pytest.approx(expected[name], abs=1e-12)
    if interval:
        wanted = expected[interval]
        assert first.conf_low == pytest.approx(wanted["lower"], abs=1e-7)
        assert first.conf_high == pytest.approx(wanted["upper"], abs=1e-7)
        assert result.diagnostics["connected"] == wanted["set_is_interval"]


@pytest.mark.parametrize(("level", "name"), [(0.8, "ci80"), (0.95, "ci95")])
def test_seven_villages(level: float, name: str) -> None:
    plan = RandomisationPlan(conf_level=level)
    result = randomisation_test(VILLAGES, outcome="y", arm="z", plan=plan)
    agrees(result, entry("seven_villages"), name)


def test_clusters_in_blocks_with_unequal_probabilities() -> None:
    expected = entry("blocks_clusters")
    columns = {"outcome": "y", "arm": "z", "cluster": "cluster", "block": "block"}
    result = randomisation_test(BLOCKS, **columns, plan=RandomisationPlan(conf_level=0.9))
    agrees(result, expected["hajek_ipw"], "ci90")
    fixed = randomisation_test(BLOCKS, **columns, plan=RandomisationPlan(statistic="block_effects"))
    agrees(fixed, expected["block_fe"])


def test_tea_cups() -> None:
    cups = {"said": [1, 1, 1, 1, 0, 0, 0, 0], "milk": [1, 1, 1, 1, 0, 0, 0, 0]}
    result = randomisation_test(cups, outcome="said", arm="milk")
    row = result.row("randomisation", "treated-comparison|upper")
    assert row.p_value == pytest.approx(entry("tea")["p_upper"], abs=1e-12)


def schools() -> pd.DataFrame:
    table = pd.read_csv(reference("statistics/data/achievement_schools.csv"))
    table = table[table.groupby("pair")["pair"].transform("size") == 2]
    return table.assign(rate=table["n_pass"] / table["n"], school=range(len(table)))


def test_fifteen_pairs_of_schools() -> None:
    result = randomisation_test(schools(), outcome="rate", arm="treated", block="pair")
    agrees(result, entry("school_pairs"), "ci95")


def test_schools_counted_by_their_girls() -> None:
    table = schools()
    girls = table.loc[table.index.repeat(table["n"])]
    result = randomisation_test(
        girls, outcome="rate", arm="treated", cluster="school", block="pair"
    )
    agrees(result, entry("school_pairs_person_level"))


def test_fifteen_pairs_of_plants() -> None:
    pairs = pd.read_csv(reference("statistics/data/darwin_pairs.csv"))["diff"].to_numpy()
    plants = {
        "height": np.concatenate([pairs, np.zeros(15)]),
        "crossed": np.repeat([1, 0], 15),
        "pair": np.tile(np.arange(15), 2),
    }
    result = randomisation_test(plants, outcome="height", arm="crossed", block="pair")
    agrees(result, entry("darwin_pairs"), "ci95")


def panel() -> pd.DataFrame:
    table = pd.read_csv(reference("statistics/data/twinpanel.csv"))
    table = table[table["open_post"].notna()]
    return table.assign(change=table["open_post"] - table["open_pre"])


def on_panel(outcome: str = "change", covariates: tuple[str, ...] = (), **plan: Any) -> Result:
    return randomisation_test(
        panel(),
        outcome=outcome,
        arm="treated",
        cluster="town",
        block="block",
        plan=RandomisationPlan(covariates=covariates, **plan),
    )


def test_towns_in_blocks_in_every_variant() -> None:
    expected = entry("panel")
    agrees(on_panel(), expected["hajek_ipw"], "ci95")
    agrees(on_panel(statistic="cluster_means"), expected["hajek_ipw_town_means"], "ci95")
    agrees(on_panel(statistic="block_effects"), expected["block_fe"], "ci95")
    adjusted = on_panel("open_post", ("open_pre", "age", "female"))
    agrees(adjusted, expected["wls_ipw_covariates"], "ci95")
    student = on_panel(statistic="studentised")
    assert student.primary.p_value == pytest.approx(expected["studentised"]["p_two_sided_abs"])
    assert student.primary.conf_low is None
    sharp = on_panel(null=0.25)
    assert sharp.primary.p_value == pytest.approx(expected["sharp_null_0.25"]["p_two_sided_abs"])


def test_random_draws_agree_with_the_list_within_their_error() -> None:
    exact = on_panel().primary.p_value
    drawn = on_panel(limit=10, draws=4_999, seed=4)
    assert not drawn.diagnostics["exact"]
    assert drawn.seed == 4
    assert exact is not None and drawn.primary.p_value is not None
    error = math.sqrt(exact * (1 - exact) / 4_999)
    assert abs(drawn.primary.p_value - exact) < 4 * error + 1 / 4_999
    assert on_panel(limit=10, draws=4_999, seed=4).primary == drawn.primary


def test_the_interval_holds_the_estimate_and_agrees_with_p() -> None:
    rng = np.random.default_rng(5)
    for shift in (0.0, 0.4, 1.2):
        data = {"z": np.tile([0, 1], 6), "y": rng.normal(size=12) + shift * np.tile([0, 1], 6)}
        row = randomisation_test(data, outcome="y", arm="z").primary
        assert row.conf_low is not None and row.conf_high is not None
        assert row.estimate is not None and row.p_value is not None
        assert row.conf_low <= row.estimate <= row.conf_high
        assert (row.p_value <= 0.05) == (row.conf_low > 0 or row.conf_high < 0)


def test_the_interval_is_where_the_test_of_a_shifted_null_does_not_reject() -> None:
    row = randomisation_test(VILLAGES, outcome="y", arm="z", plan=RandomisationPlan(conf_level=0.8))
    low, high = row.primary.conf_low, row.primary.conf_high
    assert low is not None and high is not None
    for null, kept in (
        (low + 0.01, True),
        (low - 0.01, False),
        (high - 0.01, True),
        (high + 0.01, False),
    ):
        p = randomisation_test(
            VILLAGES, outcome="y", arm="z", plan=RandomisationPlan(null=null)
        ).primary.p_value
        assert p is not None and (p > 0.2) == kept


def test_scale_and_shift_of_the_outcome_leave_p_and_move_the_interval() -> None:
    one = randomisation_test(VILLAGES, outcome="y", arm="z").primary
    moved = {"y": [100 - 3 * value for value in VILLAGES["y"]], "z": VILLAGES["z"]}
    other = randomisation_test(moved, outcome="y", arm="z").primary
    assert other.p_value == one.p_value
    assert one.estimate is not None and one.conf_low is not None
    assert other.estimate == pytest.approx(-3 * one.estimate)
    assert other.conf_high == pytest.approx(-3 * one.conf_low)


def test_row_order_and_names_of_towns_do_not_matter() -> None:
    table = panel()
    shuffled = table.sample(frac=1, random_state=1).assign(
        town=lambda rows: rows["town"].map(lambda name: f"x{hash(name) % 1000}{name}")
    )
    columns = {"outcome": "change", "arm": "treated", "cluster": "town", "block": "block"}
    one = randomisation_test(table, **columns).primary
    other = randomisation_test(shuffled, **columns).primary
    assert other.p_value == one.p_value
    assert other.conf_low == pytest.approx(one.conf_low)


def test_few_units_cannot_reject_and_say_so() -> None:
    data = {"y": [1.0, 2.0, 9.0, 8.0], "z": [0, 0, 1, 1]}
    result = randomisation_test(data, outcome="y", arm="z")
    assert "cannot_reject" in result.warnings
    assert result.diagnostics["smallest_p"] == pytest.approx(2 / 6)
    assert result.primary.status == "unbounded"
    assert (result.primary.conf_low, result.primary.conf_high) == (None, None)


def test_without_a_random_assignment_it_is_a_placebo_permutation() -> None:
    plan = RandomisationPlan(random=False)
    row = randomisation_test(VILLAGES, outcome="y", arm="z", plan=plan).primary
    assert (row.method, row.grade) == ("permutation_placebo", None)


def test_a_block_with_one_arm_is_kept_and_said() -> None:
    data = {"y": [1, 2, 3, 4, 9], "z": [0, 1, 0, 1, 1], "b": ["a", "a", "a", "a", "b"]}
    result = randomisation_test(data, outcome="y", arm="z", block="b")
    assert result.warnings[0] == "blocks_one_arm:1"
    assert result.primary.n == 5


def test_rows_with_a_gap_are_left_out_before_anything_is_formed() -> None:
    gap = {"y": [*VILLAGES["y"], None], "z": [*VILLAGES["z"], 1]}
    result = randomisation_test(gap, outcome="y", arm="z")
    assert result.primary.estimate == 6.5
    assert result.warnings[0] == "rows_dropped:1"


@pytest.mark.parametrize(
    ("data", "roles", "said"),
    [
        ({"y": [1, 2], "z": [0, 0]}, {}, "exactly two arms"),
        ({"y": [1, 2, 3], "z": [0, 1, 2]}, {}, "exactly two arms"),
        ({"y": [1, 2], "z": [0, 1]}, {"cluster": "town"}, "not in the data"),
        (
            {"y": [1, 2, 3], "z": [0, 1, 1], "town": ["a", "a", "b"]},
            {"cluster": "town"},
            "the same",
        ),
        ({"y": [1, 2], "z": [0, 1], "b": [1, 2]}, {"block": "b"}, "No other assignment"),
        ({"y": ["x", "y"], "z": [0, 1]}, {}, "no number"),
    ],
)
def test_what_cannot_be_tested_is_refused(
    data: dict[str, Any], roles: dict[str, str], said: str
) -> None:
    with pytest.raises(DesignError, match=said):
        randomisation_test(data, outcome="y", arm="z", **roles)


@pytest.mark.slow
def test_size_and_coverage_under_a_known_truth() -> None:
    rng = np.random.default_rng(11)
    rejected = covered = 0
    runs = 2_000
    z = np.tile([0, 1], 6)
    for _ in range(runs):
        data = {"y": rng.normal(size=12) + rng.exponential(size=12) + 0.7 * z, "z": z}
        row = randomisation_test(
            data, outcome="y", arm="z", plan=RandomisationPlan(null=0.7)
        ).primary
        assert row.p_value is not None and row.conf_low is not None and row.conf_high is not None
        rejected += row.p_value <= 0.05
        covered += row.conf_low <= 0.7 <= row.conf_high
    # 924 assignments: the largest attainable size below 5 % is 46/924
    assert 0.035 < rejected / runs < 0.065
    assert 0.935 < covered / runs < 0.965
