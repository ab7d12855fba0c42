"""Planning numbers against pwr and PowerUpR."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
from shared_files import reference

from twinimpact.errors import DesignError
from twinimpact.impact import Paired, Simulation, Towns, TwoGroups, power, simulated_power
from twinimpact.impact.planning import design_effect, icc_of


def entry(name: str) -> dict[str, Any]:
    page = reference("statistics/06_power_multiplicity.json")
    return dict(json.loads(page.read_text(encoding="utf-8"))[name])


def solved(design: Paired | TwoGroups | Towns) -> float:
    found = power(design).primary.estimate
    assert found is not None
    return found


def test_paired_and_two_groups_as_in_pwr() -> None:
    expected = entry("pwr")
    assert solved(Paired(n=34, effect=0.5, power=None)) == pytest.approx(
        expected["paired_n34_d.5"], rel=1e-6
    )
    assert solved(Paired(n=40)) == pytest.approx(expected["paired_mde_n40"], rel=1e-4)
    assert solved(TwoGroups(n=64, effect=0.5, power=None)) == pytest.approx(
        expected["two_n64_d.5"], rel=1e-6
    )
    assert solved(TwoGroups(n=50)) == pytest.approx(expected["two_mde_n50"], rel=1e-4)
    assert solved(TwoGroups(n=28, ratio=35 / 28, effect=0.5, power=None)) == pytest.approx(
        expected["t2n_28_35_d.5"], rel=1e-6
    )
    assert solved(TwoGroups(n=30, ratio=3)) == pytest.approx(expected["t2n_mde_30_90"], rel=1e-4)
    assert solved(TwoGroups(effect=0.3)) == pytest.approx(expected["two_n_d.3"], rel=1e-4)


def test_the_score_before_saves_people() -> None:
    without = solved(TwoGroups(effect=0.3))
    with_pre = solved(TwoGroups(effect=0.3, pre_correlation=0.6))
    assert with_pre == pytest.approx(without * (1 - 0.36), rel=0.02)


def test_towns_as_in_powerupr() -> None:
    expected = entry("powerupr")
    base = Towns(towns=20, per_town=15, icc=0.17)
    assert solved(base) == pytest.approx(expected["formula"]["cra2"], rel=1e-8)
    assert solved(base) == pytest.approx(expected["cra2"]["mdes"], rel=1e-8)
    covered = Towns(towns=20, per_town=15, icc=0.17, r2_people=0.27, r2_towns=0.53, covariates=1)
    assert solved(covered) == pytest.approx(expected["cra2_cov"]["mdes"], rel=1e-8)
    assert solved(Towns(towns=8, per_town=25, icc=0.05)) == pytest.approx(
        expected["cra2_small"]["mdes"], rel=1e-8
    )
    assert solved(Towns(towns=20, per_town=15, icc=0.17, twinned_share=0.4)) == pytest.approx(
        expected["formula"]["eight_of_twenty"], rel=1e-8
    )
    assert solved(Towns(towns=10, per_town=20, icc=0.05, twinned_share=0.2)) == pytest.approx(
        expected["formula"]["two_of_ten_towns"], rel=1e-8
    )


def test_power_of_towns_by_the_noncentral_t() -> None:
    effect = entry("powerupr")["exact_nct"]["cra2"]
    found = solved(Towns(towns=20, per_town=15, icc=0.17, effect=effect, power=None))
    assert found == pytest.approx(0.8, abs=1e-4)


def test_towns_needed_are_the_fewest_that_suffice() -> None:
    needed = int(solved(Towns(effect=0.4, per_town=20, icc=0.05)))
    assert solved(Towns(towns=needed, per_town=20, icc=0.05)) <= 0.4
    assert solved(Towns(towns=needed - 1, per_town=20, icc=0.05)) > 0.4


def test_more_people_in_the_same_towns_stop_helping() -> None:
    result = power(Towns(towns=12, per_town=20, icc=0.1))
    table, floor = result.diagnostics["table"], result.diagnostics["floor"]
    assert table.loc[20].is_monotonic_decreasing
    assert table[20].is_monotonic_decreasing
    crowd = solved(Towns(towns=12, per_town=1e6, icc=0.1))
    assert floor < crowd < 1.25 * floor


def test_unequal_town_sizes_cost_people() -> None:
    expected = entry("powerupr")["deff_cv"]
    assert design_effect(0.05, 20, 0.6) == pytest.approx(expected["value"])


def test_the_icc_of_own_data_is_found_again() -> None:
    rng = np.random.default_rng(1)
    town = np.repeat(np.arange(200), 15)
    y = rng.normal(scale=math.sqrt(0.2), size=200)[town]
    y = y + rng.normal(scale=math.sqrt(0.8), size=len(town))
    assert icc_of({"y": y, "town": town}, outcome="y", cluster="town") == pytest.approx(
        0.2, abs=0.04
    )
    with pytest.raises(DesignError, match="five towns"):
        icc_of({"y": [1, 2, 3, 4], "town": list("aabb")}, outcome="y", cluster="town")


def test_simulation_on_own_towns_agrees_with_the_formula() -> None:
    rng = np.random.default_rng(2)
    town = np.repeat(np.arange(400), 20)
    y = rng.normal(scale=math.sqrt(0.05), size=400)[town]
    y = y + rng.normal(scale=math.sqrt(0.95), size=len(town))
    found = simulated_power(
        {"y": y, "town": town},
        outcome="y",
        cluster="town",
        plan=Simulation(effect=0.5, towns=12, draws=4_000),
    ).primary
    formula = solved(Towns(towns=12, per_town=20, icc=0.05, effect=0.5, power=None))
    assert found.estimate == pytest.approx(formula, abs=0.04)
    none = simulated_power(
        {"y": y, "town": town},
        outcome="y",
        cluster="town",
        plan=Simulation(effect=0.0, towns=12, draws=4_000),
    ).primary
    assert none.estimate == pytest.approx(0.05, abs=0.015)


def test_exactly_one_number_is_left_out() -> None:
    with pytest.raises(DesignError, match="exactly one"):
        power(Paired())
    with pytest.raises(DesignError, match="exactly one"):
        power(Towns(towns=10, effect=0.3))
    with pytest.raises(DesignError, match="degrees of freedom"):
        power(Towns(towns=2))
    with pytest.raises(DesignError, match="outside 0 to 1"):
        Towns(towns=10, icc=1.4)
    with pytest.raises(DesignError, match="realistic"):
        power(Towns(effect=0.001, icc=0.3))
