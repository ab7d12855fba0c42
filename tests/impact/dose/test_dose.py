"""Hours and change: slopes, curve and bins against R, and what is never said."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from shared_files import reference

from twinimpact.errors import DesignError
from twinimpact.impact import DosePlan, Result, dose_response, wave_trend
from twinimpact.impact.clusters import town_means
from twinimpact.impact.dose.curves import coefficient, lack_of_fit, restricted_cubic
from twinimpact.impact.dose.door import _Dose, _slopes
from twinimpact.impact.estimate import Estimate

REL = {"rel": 1e-8}


def entry(name: str) -> dict[str, Any]:
    page = reference("statistics/08_scales_ordinal_dose.json")
    return dict(json.loads(page.read_text(encoding="utf-8"))[name])


def panel() -> pd.DataFrame:
    table = pd.read_csv(reference("statistics/data/twinpanel.csv"))
    table = table[(table["treated"] == 1) & table["open_post"].notna()]
    return table.assign(change=table["open_post"] - table["open_pre"])


def on_panel() -> Result:
    return dose_response(panel(), hours="hours", change=("open_pre", "open_post"), town="town")


def thornton() -> pd.DataFrame:
    return pd.read_csv(reference("statistics/data/thornton.csv"))


def towns(seed: int, g: int = 14, per: int = 20, slope: float = 0.2) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    town = np.repeat(np.arange(g), per)
    hours = rng.gamma(2.0, 4.0, size=len(town)) + 10 * rng.random(g)[town]
    change = slope * hours + rng.normal(size=g)[town] + rng.normal(scale=3.0, size=len(town))
    return pd.DataFrame({"hours": hours, "change": change, "town": town})


def test_within_towns_as_in_clubsandwich() -> None:
    expected = entry("panel_hours")["within_between"]["hw"]
    row = on_panel().primary
    assert row.estimand == "slope|within"
    assert row.estimate == pytest.approx(10 * expected["beta"], **REL)
    assert row.std_error == pytest.approx(10 * expected["SE"], **REL)
    assert row.df == pytest.approx(expected["df_Satt"], rel=1e-7)
    # six towns leave 3.06 degrees of freedom: no interval and no p
    assert (row.status, row.conf_low, row.p_value) == ("descriptive", None, None)


def test_between_six_towns_no_slope_is_given() -> None:
    row = on_panel().row("dose_linear", "slope|between")
    assert (row.status, row.estimate) == ("refused", None)
    assert row.note.startswith("slope_few_towns:10")


def test_between_is_the_same_model_as_in_clubsandwich() -> None:
    table = panel()
    codes = pd.factorize(table["town"])[0]
    hours = table["hours"].to_numpy()
    between = town_means(hours, codes)[1][codes]
    x = np.column_stack([between, hours - between, table["open_pre"], np.ones(len(table))])
    fit = coefficient(x, table["change"].to_numpy(), codes, 0, 0.95)
    expected = entry("panel_hours")["within_between"]["hb"]
    assert fit.estimate == pytest.approx(expected["beta"], **REL)
    assert fit.std_error == pytest.approx(expected["SE"], **REL)


def test_bins_correlation_and_people_without_hours() -> None:
    expected = entry("panel_hours")
    result = on_panel()
    bins = result.diagnostics["bins"]
    assert bins["mean"].tolist() == pytest.approx(list(expected["bins"].values()), **REL)
    assert bins["n"].tolist() == list(expected["bin_n"].values())
    assert bins["hours"].tolist() == ["0", "0-10", "10-20", "20+"]
    assert result.diagnostics["zero_hours"] == expected["n_zero_hours"]
    found = result.diagnostics["hours_pre_correlation"]
    assert found == pytest.approx(expected["cor_hours_pre"], **REL)


def test_without_towns_and_score_before_it_is_the_plain_line_and_its_lack_of_fit() -> None:
    expected = entry("panel_hours")
    result = dose_response(panel(), hours="hours", change="change")
    slope = expected["naive"]["hours"]["Estimate"]
    assert result.primary.estimate == pytest.approx(10 * slope, **REL)
    fit, lack = result.diagnostics["lack_of_fit"], expected["lack_of_fit"]
    assert (fit["df1"], fit["df2"]) == (lack["Df"], lack["Res.Df"])
    assert fit["f"] == pytest.approx(lack["F"], **REL)
    assert fit["p_value"] == pytest.approx(lack["Pr(>F)"], **REL)


def test_scores_before_and_after_say_the_same_as_the_change_with_the_score_before() -> None:
    two = dose_response(panel(), hours="hours", change="change", plan=DosePlan(pre="open_pre"))
    one = dose_response(panel(), hours="hours", change=["open_pre", "open_post"])
    assert one.rows == two.rows


def test_tooth_growth() -> None:
    expected = entry("ToothGrowth")
    table = pd.read_csv(reference("statistics/data/toothgrowth.csv"))
    y, dose = table["len"].to_numpy(), table["dose"].to_numpy()
    one, vc = np.ones(len(y)), (table["supp"] == "VC").to_numpy(dtype=float)
    steps = np.column_stack([dose == 1, dose == 2]).astype(float)
    line = np.column_stack([one, dose, vc, dose * vc])
    assert np.linalg.lstsq(line, y, rcond=None)[0][1] == pytest.approx(
        expected["linear"]["dose"]["Estimate"], **REL
    )
    fit = lack_of_fit(y, line, np.column_stack([one, steps, vc, steps * vc[:, None]]))
    assert fit is not None
    assert fit.f == pytest.approx(expected["lack_of_fit"]["F"], rel=1e-9)
    assert fit.p_value == pytest.approx(expected["lack_of_fit"]["Pr(>F)"], rel=1e-8)
    alone = table[table["supp"] == "VC"]
    result = dose_response(alone, hours="dose", change="len", plan=DosePlan(bins=(0.5, 1)))
    trend = result.row("jonckheere")
    assert trend.estimate == expected["JT_VC"]["J"]
    plain = 2 * stats.norm.sf(expected["JT_VC"]["z"])  # without the correction for ties
    assert trend.p_value is not None and trend.p_value <= plain * 1.01


def test_the_curve_as_in_r() -> None:
    expected = entry("thornton")
    table = thornton()
    result = dose_response(
        table, hours="tinc", change="got", town="villnum", plan=DosePlan(bins=(0, 1, 2))
    )
    assert (result.primary.n, result.primary.clusters) == (expected["n"], expected["G"])
    assert result.diagnostics["knots"].tolist() == pytest.approx(expected["rcs_knots"], **REL)
    bent, row = expected["rcs"]["tr"], result.row("dose_spline")
    assert row.estimate == pytest.approx(bent["beta"], **REL)
    assert row.std_error == pytest.approx(bent["SE"], **REL)
    assert row.df == pytest.approx(bent["df_Satt"], rel=1e-7)
    curve, start = result.diagnostics["curve"], expected["rcs"]["(Intercept)"]
    assert curve["estimate"][0] == pytest.approx(start["beta"], **REL)
    half = start["SE"] * stats.t.ppf(0.975, start["df_Satt"])
    assert curve["conf_high"][0] == pytest.approx(start["beta"] + half, rel=1e-7)
    assert result.row("dose_linear", "slope|between").status == "ok"


def test_the_spline_is_the_natural_one_inside_and_outside_its_knots() -> None:
    expected, table = entry("thornton"), thornton()
    knots = np.array([0.0, 1.0, 2.0, 3.0])

    def basis(x: Any) -> Any:
        return np.column_stack([np.ones(len(x)), x, restricted_cubic(x, knots)])

    x, y = basis(table["tinc"].to_numpy()), table["got"].to_numpy()
    beta = np.linalg.lstsq(x, y, rcond=None)[0]
    at = basis(np.array(expected["ns_pred"]["x"]))
    assert at @ beta == pytest.approx(expected["ns_pred"]["fit"], rel=1e-7)
    spread = float(((y - x @ beta) ** 2).mean())
    likelihood = -len(y) / 2 * (np.log(2 * np.pi * spread) + 1)
    assert likelihood == pytest.approx(expected["ns_ll"], rel=1e-8)


def test_thornton_with_covariates_by_the_same_function() -> None:
    expected, table = entry("thornton")["any_tinc_age"], thornton()
    codes = pd.factorize(table["villnum"])[0]
    columns = ["tinc", "any", "age"]
    x = np.column_stack([table[columns].to_numpy(dtype=float), np.ones(len(table))])
    y = table["got"].to_numpy(dtype=float)
    for place, name in enumerate(columns):
        fit = coefficient(x, y, codes, place, 0.95)
        assert fit.estimate == pytest.approx(expected[name]["beta"], **REL)
        assert fit.std_error == pytest.approx(expected[name]["SE"], **REL)
        assert fit.df == pytest.approx(expected[name]["df_Satt"], rel=1e-7)


def test_fewer_than_ten_people_are_described() -> None:
    data = {"hours": [0, 1, 2, 3, 4, 5, 6], "change": [1, 2, 2, 3, 5, 4, 6]}
    result = dose_response(data, hours="hours", change="change")
    assert result.primary.status == "descriptive"
    assert result.primary.conf_low is None
    assert result.row("dose_spline").status == "not_estimable"
    assert not [row for row in result.rows if row.method == "jonckheere"]


def test_hours_that_do_not_differ_within_towns_give_no_slope_there() -> None:
    data = towns(1)
    data["hours"] = data["town"] + 1.0
    result = dose_response(data, hours="hours", change="change", town="town")
    assert [row.status for row in result.rows[:2]] == ["not_estimable", "ok"]


def test_scale_and_order_change_nothing_but_the_scale() -> None:
    data = towns(2)
    one = dose_response(data, hours="hours", change="change", town="town")
    moved = data.assign(change=2 - 3 * data["change"], town="t" + data["town"].astype(str))
    other = dose_response(
        moved.sample(frac=1, random_state=1), hours="hours", change="change", town="town"
    )
    for name in ("slope|within", "slope|between"):
        first, second = (result.row("dose_linear", name) for result in (one, other))
        assert second.estimate == pytest.approx(-3 * first.estimate)  # type: ignore[operator]
        assert second.p_value == pytest.approx(first.p_value)
    assert other.row("dose_spline").p_value == pytest.approx(one.row("dose_spline").p_value)


def test_nothing_says_that_hours_did_it() -> None:
    result = on_panel()
    told = " ".join([str(result), *result.explain(), dose_response.__doc__ or ""])
    assert not re.search(r"\beffect|\bcaus|\bimpact of|led to|because of", told.lower())
    assert "hours_chosen" in result.warnings
    linear = [row for row in result.rows if row.method in ("dose_linear", "dose_spline")]
    assert all("hours_chosen" in row.note for row in linear)


def test_wrong_calls_say_what_is_wanted() -> None:
    data = {"hours": [0, 1, 2], "pre": [1, 2, 3], "post": [1, 2, 4]}
    with pytest.raises(DesignError, match="scores before and after"):
        dose_response(data, hours="hours", change=("", "post"))
    with pytest.raises(DesignError, match="scores before and after"):
        dose_response(data, hours="hours", change="")
    with pytest.raises(DesignError, match="scores before and after"):
        dose_response(data, hours="hours", change=("pre",))
    with pytest.raises(DesignError, match="scores before and after"):
        dose_response(data, hours="hours", change=("pre", "post"), plan=DosePlan(pre="pre"))
    with pytest.raises(DesignError, match="below zero"):
        dose_response({**data, "hours": [-1, 1, 2]}, hours="hours", change="post")
    with pytest.raises(DesignError, match="same hours"):
        dose_response({**data, "hours": [2, 2, 2]}, hours="hours", change="post")
    with pytest.raises(DesignError, match="increase"):
        dose_response(data, hours="hours", change="post", plan=DosePlan(bins=(10, 5)))


def test_rising_waves_by_page() -> None:
    rng = np.random.default_rng(5)
    base = rng.normal(size=12)
    people = {f"w{wave}": base + 0.8 * wave + rng.normal(size=12) for wave in range(3)}
    result = wave_trend(people, waves=["w0", "w1", "w2"])
    straight = stats.page_trend_test(np.column_stack(list(people.values())))
    assert result.row("page", "trend|upper").p_value == straight.pvalue
    assert result.primary.p_value == pytest.approx(2 * straight.pvalue)
    down = wave_trend(people, waves=["w2", "w1", "w0"])
    assert down.row("page", "trend|lower").p_value == pytest.approx(straight.pvalue)
    with pytest.raises(DesignError, match="three waves"):
        wave_trend(people, waves=["w0", "w1"])


@pytest.mark.slow
@pytest.mark.parametrize("g", [12, 20])
def test_slopes_within_and_between_cover_and_are_not_biased(g: int) -> None:
    rng = np.random.default_rng(g)
    runs, truth = 2_000, {"slope|within": 2.0, "slope|between": 5.0}
    found: dict[str, list[float]] = {name: [] for name in truth}
    inside, shown = dict.fromkeys(truth, 0), dict.fromkeys(truth, 0)
    base = Estimate(outcome="y", estimand="slope", method="dose_linear", clusters=g)
    for _ in range(runs):
        sizes = rng.integers(10, 30, size=g)
        town = np.repeat(np.arange(g), sizes)
        own = rng.gamma(2.0, 4.0, size=len(town))
        hours = own + 6 * rng.random(g)[town]
        mean = town_means(hours, town)[1][town]
        y = 0.2 * (hours - mean) + 0.5 * mean + 0.5 * rng.normal(size=g)[town]
        y = y + rng.normal(scale=3.0, size=len(town))
        dose = _Dose(y=y, hours=hours, rest=np.empty((len(y), 0)), town=town, base=base, level=0.95)
        for row in _slopes(dose):
            assert row.estimate is not None
            found[row.estimand].append(row.estimate)
            low, high = row.conf_low, row.conf_high
            if low is not None and high is not None:  # from four degrees of freedom on
                shown[row.estimand] += 1
                inside[row.estimand] += low <= truth[row.estimand] <= high
    for name, value in truth.items():
        error = float(np.std(found[name])) / runs**0.5
        assert abs(float(np.mean(found[name])) - value) < 3 * error
        assert shown[name] > 0.5 * runs
        assert 0.93 <= inside[name] / shown[name] <= 0.97
