"""Partnerships pooled: every number against metafor, and by what they must not do."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from shared_files import reference

from twinimpact.errors import DesignError
from twinimpact.impact import PoolPlan, Result, Studies, bayes_pool, meta_regression, pool, shrink
from twinimpact.impact.pooling.likelihood import fit
from twinimpact.impact.pooling.posterior import posterior
from twinimpact.impact.pooling.studies import borrow, pooled_variance
from twinimpact.impact.pooling.summary import summarise

REL = {"rel": 1e-6}
BY_VARIANCE = Studies(estimate="y", variance="v")
BY_ERROR = Studies(estimate="y", std_error="se")
WITH_PEOPLE = Studies(estimate="y", variance="v", n="n")
META = Studies(estimate="yi", variance="vi")
ENTRIES = ("normand1999", "normand1999_SMD", "boundary", "moderator", "partnerships")


def entry(name: str, page: str = "03_many_partnerships") -> dict[str, Any]:
    text = reference(f"statistics/{page}.json").read_text(encoding="utf-8")
    return dict(json.loads(text)[name])


def table(name: str) -> pd.DataFrame:
    return pd.read_csv(reference(f"statistics/data/{name}.csv"))


def given(expected: dict[str, Any]) -> dict[str, Any]:
    return {"y": expected["yi"], "v": expected["vi"], "n": [20] * len(expected["yi"])}


def pooled(expected: dict[str, Any]) -> Result:
    return pool(given(expected), studies=WITH_PEOPLE)


@pytest.mark.parametrize("name", ENTRIES)
def test_mean_variation_and_prediction_as_in_metafor(name: str) -> None:
    expected = entry(name)
    reml = expected["REML"]
    result = pooled(expected)
    found = result.diagnostics
    assert found["tau2"] == pytest.approx(reml["tau2"], rel=1e-6, abs=1e-6)
    row = result.primary
    assert row.estimate == pytest.approx(reml["mu"], **REL)
    assert found["se_usual"] == pytest.approx(reml["se"], **REL)
    assert found["se_hartung_knapp"] == pytest.approx(reml["HK"]["se"], **REL)
    assert row.std_error == pytest.approx(max(reml["se"], reml["HK"]["se"]), **REL)
    assert found["q"] == pytest.approx(reml["Q"], rel=1e-8)
    assert found["q_p"] == pytest.approx(reml["Qp"], rel=1e-8)
    assert result.row("meta_reml_hk", "i2").estimate == pytest.approx(reml["I2"], abs=1e-6)
    usual = reml.get("pi_HTS_kminus2")
    assert found["prediction_k2"] == pytest.approx(usual, **REL)
    profile = expected["REML_Qprofile"]["tau^2"]
    limits = (profile["ci.lb"], profile["ci.ub"])
    assert found["tau2_limits"] == pytest.approx(limits, rel=1e-6, abs=1e-9)
    alone = found["leave_one_out"]
    assert alone["estimate"].tolist() == pytest.approx(expected["REML_leave1out"]["mu"], **REL)
    assert alone["tau2"].tolist() == pytest.approx(
        expected["REML_leave1out"]["tau2"], rel=1e-6, abs=1e-6
    )


@pytest.mark.parametrize("name", ["normand1999", "normand1999_SMD", "moderator", "partnerships"])
def test_interval_and_prediction_where_hartung_knapp_is_the_larger(name: str) -> None:
    expected = entry(name)
    knapp, result = expected["REML"]["HK"], pooled(expected)
    row, further = result.primary, result.row("meta_reml_hk", "prediction")
    assert [row.conf_low, row.conf_high] == pytest.approx(knapp["ci"], **REL)
    assert (row.df, row.p_value) == (knapp["df"], pytest.approx(knapp["p"], **REL))
    assert [further.conf_low, further.conf_high] == pytest.approx(knapp["pi_t_kminus1"], **REL)


def test_at_the_boundary_the_larger_error_is_used_and_nothing_is_below_zero() -> None:
    result = pooled(entry("boundary"))
    row, tau = result.primary, result.row("meta_reml_hk", "tau")
    assert row.std_error == pytest.approx(0.06838189538, rel=1e-8)
    assert "usual_error_larger" in row.note
    assert (tau.status, tau.estimate, tau.conf_low) == ("boundary", None, 0.0)
    assert result.row("meta_reml_hk", "i2").estimate == 0.0
    assert result.warnings == ("variation_below_chance",)
    further = result.row("meta_reml_hk", "prediction")
    assert further.conf_low is not None and row.conf_low is not None
    assert further.conf_low <= row.conf_low


def test_two_partnerships_are_listed_not_pooled() -> None:
    for door in (pool, shrink):
        result = door({"y": [0.2, 0.5], "v": [0.02, 0.03]}, studies=BY_VARIANCE)
        (row,) = result.rows
        assert (row.status, row.estimate, row.p_value) == ("refused", None, None)
        assert result.diagnostics["partnerships"]["estimate"].tolist() == [0.2, 0.5]
    bayes = bayes_pool({"y": [0.2, 0.5], "v": [1, 1]}, studies=BY_VARIANCE, plan=PoolPlan(sesoi=1))
    assert bayes.primary.status == "refused"
    edge = entry("k2_edge")
    fitted = fit(np.array([0.2, 0.5]), np.array([0.02, 0.03]))
    assert fitted.tau2 == pytest.approx(edge["tau2"], rel=1e-6)
    assert fitted.beta[0] == pytest.approx(edge["mu"], rel=1e-6)


def test_four_partnerships_predict_nothing() -> None:
    result = pool({"y": [1, 2, 3, 4], "se": [1, 1, 1, 1]}, studies=BY_ERROR)
    further = result.row("meta_reml_hk", "prediction")
    assert (further.status, further.conf_low) == ("not_estimable", None)


def test_small_partnerships_take_the_variance_of_all() -> None:
    expected = entry("partnerships")
    n, own = np.array(expected["n"], dtype=float), np.array(expected["own_var"])
    assert pooled_variance(own / n, n) == pytest.approx(expected["pooled_within_var"], rel=1e-12)
    few = np.array([4.0, *n[1:]])
    v, borrowed = borrow(own / few, few)
    assert borrowed == 1
    assert v[0] == pytest.approx(pooled_variance(own / few, few) / 4)
    assert v[1:] == pytest.approx(own[1:] / few[1:])


@pytest.mark.parametrize("name", ENTRIES)
def test_shrunken_partnerships_as_in_metafor(name: str) -> None:
    expected = entry(name)
    result = shrink(given(expected), studies=WITH_PEOPLE)
    rows = [row for row in result.rows if row.estimand == "shrunken"]
    blup = expected["REML_blup"]
    assert [row.estimate for row in rows] == pytest.approx(blup["pred"], **REL)
    assert [row.std_error for row in rows] == pytest.approx(blup["se"], **REL)
    assert [row.conf_low for row in rows] == pytest.approx(blup["pi_lb"], **REL)
    mean = expected["REML"]["mu"]
    for row, y in zip(rows, expected["yi"], strict=True):
        assert row.estimate is not None
        assert min(y, mean) - 1e-9 <= row.estimate <= max(y, mean) + 1e-9


def test_ranks_are_hidden_by_each_rule() -> None:
    clear = {"y": [0, 1, 2, 3, 4, 5], "se": [0.3] * 6, "n": [20] * 6}
    small = {**clear, "n": [20] * 5 + [9]}
    noisy = {**clear, "se": [3.0] * 6}
    few = {name: values[:4] for name, values in clear.items()}
    for data, n, code in (
        (small, "n", "rank_small_partnership:1"),
        (noisy, "n", "rank_unreliable:0.00"),
        (few, "n", "rank_few_partnerships:5"),
        (clear, "", "rank_people_unknown"),
    ):
        result = shrink(data, studies=Studies(estimate="y", std_error="se", n=n))
        row = result.row("blup", "ranks")
        assert (row.status, row.note, row.estimate) == ("refused", code, None)
        assert not [one for one in result.rows if one.estimand == "rank"]


def test_ranks_are_intervals_and_repeat_with_their_seed() -> None:
    data = {"y": [0, 0.2, 2, 3, 4, 6], "se": [0.4] * 6, "n": [20] * 6, "who": list("abcdef")}
    named = Studies(estimate="y", std_error="se", n="n", label="who")
    one, two = (shrink(data, studies=named) for _ in range(2))
    assert one.rows == two.rows
    ranks = {row.partnership: row for row in one.rows if row.estimand == "rank"}
    assert (ranks["f"].estimate, ranks["f"].conf_low, ranks["f"].conf_high) == (1, 1, 1)
    assert (ranks["a"].conf_low, ranks["a"].conf_high) == (5, 6)
    bars = one.diagnostics["caterpillar"]
    assert bars["partnership"].tolist() == list("abcdef")
    assert (bars["high"] - bars["estimate"]).tolist() == pytest.approx(1.39 * bars["std_error"])


def test_a_moderator_and_small_partnerships_as_in_metafor() -> None:
    expected = entry("moderator")
    knapp = expected["metareg_years"]["HK"]
    data = table("meta_moderator")
    result = meta_regression(data, studies=META, moderators=["years"])
    rows = [result.row("metareg_reml_hk", name) for name in ("intercept", "slope|years")]
    assert [row.estimate for row in rows] == pytest.approx(knapp["b"], **REL)
    assert [row.std_error for row in rows] == pytest.approx(knapp["se"], **REL)
    assert [row.p_value for row in rows] == pytest.approx(knapp["p"], **REL)
    found = result.diagnostics
    assert found["tau2"] == pytest.approx(knapp["tau2"], **REL)
    assert found["r2"] == pytest.approx(knapp["R2"], **REL)
    assert found["f"] == pytest.approx(knapp["QM_F"], **REL)
    assert found["q_e"] == pytest.approx(knapp["QE"], rel=1e-8)
    study = pool(data, studies=META).diagnostics["small_study"]
    assert study["z"] == pytest.approx(expected["regtest"]["z"], **REL)
    assert study["p_value"] == pytest.approx(expected["regtest"]["p"], rel=1e-5)


def test_fifty_six_schools_and_their_year() -> None:
    expected = entry("konstantopoulos2011")
    data = table("konstantopoulos2011")
    two = pool(data, studies=META)
    level = expected["twolevel"]
    assert two.primary.estimate == pytest.approx(level["mu"], **REL)
    assert two.diagnostics["se_usual"] == pytest.approx(level["se"], **REL)
    assert two.diagnostics["tau2"] == pytest.approx(level["tau2"], **REL)
    year = expected["metareg_year_HK"]
    result = meta_regression(data, studies=META, moderators=["year"], plan=PoolPlan(planned=True))
    row = result.primary
    assert row.confirmatory
    assert row.estimate == pytest.approx(year["b"][1], **REL)
    assert row.std_error == pytest.approx(year["se"][1], **REL)
    assert row.p_value == pytest.approx(year["p"][1], **REL)
    assert result.diagnostics["r2"] == year["R2"] == 0


def test_moderators_need_ten_partnerships_each_and_something_to_say() -> None:
    data = {"y": range(15), "se": [1.0] * 15, "a": range(15), "b": [i**2 for i in range(15)],
            "c": [2] * 15}  # fmt: skip
    refused = meta_regression(data, studies=BY_ERROR, moderators=["a", "b"])
    assert refused.primary.status == "refused"
    assert refused.primary.note == "too_few_partnerships:20"
    with pytest.raises(DesignError, match="same everywhere"):
        meta_regression(data, studies=BY_ERROR, moderators=["c"])
    with pytest.raises(DesignError, match="at least one"):
        meta_regression(data, studies=BY_ERROR, moderators=[])


@pytest.mark.parametrize(
    ("name", "source", "scale", "heavy"),
    [
        ("boundary_halfnormal0.2", "boundary", 0.2, False),
        ("boundary_halfcauchy0.2", "boundary", 0.2, True),
        ("moderator_halfnormal0.5", "moderator", 0.5, False),
        ("normand_SMD_halfnormal0.5", "normand1999_SMD", 0.5, False),
    ],
)
def test_posterior_by_quadrature(name: str, source: str, scale: float, heavy: bool) -> None:
    expected, data = entry(name, "09_bayes"), entry(source)
    y, v = np.array(data["yi"]), np.array(data["vi"])
    found = posterior(y, v, scale, heavy=heavy)
    close = {"rel": 1e-5}
    assert found.moments() == pytest.approx((expected["mu_mean"], expected["mu_sd"]), **close)
    ends = (expected["mu_q025"], expected["mu_q975"])
    assert found.quantiles(0.95) == pytest.approx(ends, **close)
    assert found.weight @ found.tau == pytest.approx(expected["tau_mean"], **close)
    assert found.above(0) == pytest.approx(expected["p_mu_gt0"], **close)
    assert found.above(expected["sesoi"]) == pytest.approx(expected["p_mu_gt_sesoi"], **close)
    if not heavy:
        result = bayes_pool({"y": y, "v": v}, studies=BY_VARIANCE, plan=PoolPlan(prior_scale=scale))
        shrunken = [row.estimate for row in result.rows if row.estimand == "shrunken"]
        assert shrunken == pytest.approx(expected["theta_mean"], **close)


def test_the_prior_is_printed_halved_and_doubled() -> None:
    data = given(entry("moderator"))
    result = bayes_pool(data, studies=BY_VARIANCE, plan=PoolPlan(sesoi=0.2))
    assert result.primary.note == "prior_scale:0.5000"
    told = result.diagnostics["sensitivity"]
    assert told["scale"].tolist() == [0.5, 0.25, 1.0, 0.5]
    assert told["above_zero"].between(0.95, 1).all()
    with pytest.raises(DesignError, match="needs a scale"):
        bayes_pool(data, studies=BY_VARIANCE)


def test_a_sharp_posterior_far_from_its_prior_is_still_found() -> None:
    rng = np.random.default_rng(4)
    y = rng.normal(scale=30.0, size=2_000)
    found = posterior(y, np.full(2_000, 1e-4), 5.0)
    assert found.weight @ found.tau == pytest.approx(y.std(ddof=1), rel=0.01)
    assert found.moments()[0] == pytest.approx(y.mean(), abs=1e-6)


def test_scale_and_order_change_nothing_but_the_scale() -> None:
    data = given(entry("moderator"))
    one = pooled(entry("moderator"))
    turn = np.arange(12)[::-1]
    moved = {"y": 3 - 7 * np.array(data["y"])[turn], "v": 49 * np.array(data["v"])[turn]}
    other = pool(moved, studies=BY_VARIANCE)
    assert other.primary.estimate == pytest.approx(3 - 7 * one.primary.estimate)  # type: ignore[operator]
    assert other.primary.std_error == pytest.approx(7 * one.primary.std_error)  # type: ignore[operator]
    assert other.diagnostics["tau2"] == pytest.approx(49 * one.diagnostics["tau2"])
    assert other.diagnostics["q_p"] == pytest.approx(one.diagnostics["q_p"])


def test_of_several_optima_the_likeliest_is_taken() -> None:
    """Very unequal variances make the likelihood of τ² bend twice."""
    rng = np.random.default_rng(11)
    several = 0
    for _ in range(300):
        v = np.exp(rng.normal(scale=4.0, size=5))
        y = rng.normal(scale=np.sqrt(v + 1))
        found = fit(y, v).tau2
        taus = np.append(np.geomspace(1e-8, 1e8, 4_000), [0.0, found])
        w = 1 / (v + taus[:, None])
        mu = (w @ y) / w.sum(axis=1)
        square = (w * (y - mu[:, None]) ** 2).sum(axis=1)
        height = (np.log(w).sum(axis=1) - np.log(w.sum(axis=1)) - square) / 2
        assert height[-1] >= height.max() - 1e-9
        several += int(((np.diff(np.sign(np.diff(height[:-2])))) < 0).sum() > 1)
    assert several > 0


def test_what_is_not_one_row_per_partnership_is_refused() -> None:
    data = {"y": [1, 2, 3], "se": [1, 1, 1], "v": [1, 1, 1], "who": ["a", "a", "b"]}
    with pytest.raises(DesignError, match="standard errors or that of variances"):
        pool(data, studies=Studies(estimate="y", std_error="se", variance="v"))
    with pytest.raises(DesignError, match="one row"):
        pool(data, studies=Studies(estimate="y", std_error="se", label="who"))
    with pytest.raises(DesignError, match="above zero"):
        pool({"y": [1, 2, 3], "se": [1, 0, 1]}, studies=BY_ERROR)
    dropped = pool({"y": [1, None, 3, 4], "se": [1, 1, 1, 1]}, studies=BY_ERROR)
    assert (dropped.primary.clusters, dropped.warnings[0]) == (3, "rows_dropped:1")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("k", "tau", "least"), [(6, 0.0, 0.93), (8, 2.0, 0.86), (15, 4.0, 0.92), (30, 2.0, 0.91)]
)
def test_the_interval_of_the_mean_covers_and_is_not_biased(
    k: int, tau: float, least: float
) -> None:
    """The prediction takes τ as known: with few partnerships that vary little it is too narrow."""
    rng = np.random.default_rng(100 + k)
    runs, truth = 2_000, 3.0
    estimates, inside, ahead, own = [], 0, 0, 0
    for _ in range(runs):
        n = rng.integers(15, 60, size=k)
        spread = 12.0 * np.sqrt(rng.chisquare(n - 1) / (n - 1))
        theta = truth + tau * rng.normal(size=k)
        y = theta + 12.0 / np.sqrt(n) * rng.normal(size=k)
        found = summarise(y, spread**2 / n, 0.95)
        mean = found.mean
        assert mean.estimate is not None and mean.conf_low is not None
        assert mean.conf_high is not None and found.prediction is not None
        estimates.append(mean.estimate)
        inside += mean.conf_low <= truth <= mean.conf_high
        further = truth + tau * rng.normal()
        ahead += found.prediction[0] <= further <= found.prediction[1]
        own += found.tau2_limits[0] <= tau**2 <= found.tau2_limits[1]
    error = float(np.std(estimates)) / runs**0.5
    assert abs(float(np.mean(estimates)) - truth) < 3 * error
    # at no variation the larger of two errors makes it cautious
    assert 0.93 <= inside / runs <= (0.97 if tau else 0.995)
    assert ahead / runs >= least
    assert 0.93 <= own / runs <= 0.98
