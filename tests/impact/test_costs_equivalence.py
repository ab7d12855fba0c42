"""Cost per point and equivalence, against R."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from shared_files import reference

from twinimpact.errors import DesignError
from twinimpact.impact import CostPlan, cost_effectiveness, equivalence
from twinimpact.impact.costs import fieller
from twinimpact.impact.finding import verdict


def entry(page: str, name: str) -> dict[str, Any]:
    return dict(json.loads(reference(f"statistics/{page}.json").read_text(encoding="utf-8"))[name])


def panel() -> pd.DataFrame:
    table = pd.read_csv(reference("statistics/data/twinpanel.csv"))
    table = table[table["open_post"].notna()]
    return table.assign(change=table["open_post"] - table["open_pre"])


def test_a_ratio_of_paired_sums_by_fieller() -> None:
    expected = entry("10_cost_equivalence", "city_ratio")
    x, u = np.array(expected["x"]), np.array(expected["u"])
    n = len(x)
    from scipy.special import stdtrit

    low, high = fieller(
        (x.mean(), x.var(ddof=1) / n), (u.mean(), u.var(ddof=1) / n),
        np.cov(x, u)[0, 1] / n, float(stdtrit(n - 1, 0.975)),
    ) or (0.0, 0.0)  # fmt: skip
    assert [low, high] == pytest.approx(expected["fieller"], rel=1e-9)


def test_cost_per_point_on_the_panel() -> None:
    expected = entry("10_cost_equivalence", "cost_panel")
    result = cost_effectiveness(
        panel(),
        change="change",
        cost="cost",
        arm="treated",
        plan=CostPlan(grade=3, values=expected["lambda"]),
    )
    assert result.rows[0].estimate == pytest.approx(expected["cost"], rel=1e-9)
    ratio = result.row("fieller")
    assert ratio.estimate == pytest.approx(expected["ratio"], rel=1e-9)
    assert [ratio.conf_low, ratio.conf_high] == pytest.approx(expected["fieller"]["ci95"], rel=1e-9)
    assert list(result.diagnostics["curve"].values()) == pytest.approx(expected["ceac"], rel=1e-7)


def test_no_ratio_below_a_comparison_design_or_when_the_effect_touches_zero() -> None:
    below = cost_effectiveness(
        panel(), change="change", cost="cost", arm="treated", plan=CostPlan(grade=2)
    )
    row = below.row("fieller")
    assert (row.status, row.estimate, row.note) == ("refused", None, "no_effect_to_divide_by")
    assert below.rows[0].estimate is not None
    weak = {"change": [1, -1, 2, -2, 0, 1, -1, 0], "cost": [9, 8, 9, 9, 0, 0, 0, 0],
            "arm": [1, 1, 1, 1, 0, 0, 0, 0]}  # fmt: skip
    row = cost_effectiveness(
        weak, change="change", cost="cost", arm="arm", plan=CostPlan(grade=4)
    ).row("fieller")
    assert (row.status, row.conf_low, row.note) == ("refused", None, "effect_touches_zero")


def test_two_one_sided_tests_of_two_groups() -> None:
    expected = entry("10_cost_equivalence", "tost_welch")
    table = panel().assign(ident=lambda rows: rows["ident_post"] - rows["ident_pre"])
    for case in ("narrow", "wide"):
        wanted = expected[case]
        result = equivalence(table, outcome="ident", arm="treated", bound=wanted["bound"])
        assert result.diagnostics["p_lower"] == pytest.approx(wanted["p_lower"], rel=1e-8)
        assert result.diagnostics["p_upper"] == pytest.approx(wanted["p_upper"], rel=1e-8)
        limits = [result.primary.conf_low, result.primary.conf_high]
        assert limits == pytest.approx(wanted["ci90"], rel=1e-10)
        assert result.diagnostics["within"] == (case == "wide")


def test_two_one_sided_tests_of_a_paired_change() -> None:
    expected = entry("01_paired_change", "twinned_pre_post")["tost"]
    table = panel()
    result = equivalence(table[table["treated"] == 1], outcome="change", bound=expected["bound"])
    assert result.diagnostics["p_upper"] == pytest.approx(expected["p_upper"], rel=1e-9)
    assert result.diagnostics["p_lower"] == pytest.approx(expected["p_lower"], abs=1e-15)


def test_with_towns_the_degrees_of_freedom_are_those_of_towns() -> None:
    result = equivalence(panel(), outcome="change", arm="treated", cluster="town", bound=0.5)
    assert (result.primary.df, result.primary.clusters) == (12, 14)


def test_p_and_interval_agree() -> None:
    rng = np.random.default_rng(3)
    for bound in (0.2, 0.4, 0.8):
        result = equivalence({"d": rng.normal(0.1, 1, 40)}, outcome="d", bound=bound)
        assert result.primary.p_value is not None
        assert (result.primary.p_value < 0.05) == result.diagnostics["within"]


def test_verdicts_of_the_reference() -> None:
    expected = entry("10_cost_equivalence", "verdict")
    for case in expected["cases"]:
        assert verdict(case["lo"], case["hi"], expected["sesoi"], "better") == case["verdict"]


def test_what_cannot_be_compared_is_refused() -> None:
    with pytest.raises(DesignError, match="above 0"):
        equivalence({"d": [1, 2, 3]}, outcome="d", bound=0)
    with pytest.raises(DesignError, match="does not vary"):
        equivalence({"d": [1, 1, 1]}, outcome="d", bound=1)
    with pytest.raises(DesignError, match="too few"):
        equivalence({"d": [1.0]}, outcome="d", bound=1)
