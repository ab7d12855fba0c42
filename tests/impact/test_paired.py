"""Numbers of a paired change against R and hand calculation."""

from __future__ import annotations

import itertools
import json
import math

import numpy as np
import pandas as pd
import pytest
from impact_data import twinpanel
from shared_files import reference

from twinimpact.impact.intervals import welch
from twinimpact.impact.paired import (
    d_average,
    d_z_limits,
    hedges_j,
    moments,
    sign_flip_p,
)
from twinimpact.measures.proportions import wilson


def entry(name: str, file: str = "01_paired_change.json") -> dict:
    return json.loads(reference(f"statistics/{file}").read_text(encoding="utf-8"))[name]


def pairs(name: str) -> tuple[np.ndarray, np.ndarray]:
    panel = twinpanel()
    chosen = panel["arm"].eq("participant") & panel["post"].notna()
    if name == "small_town_T14":
        chosen &= panel["town_id"].eq("T14")
    return panel.loc[chosen, "pre"].to_numpy(), panel.loc[chosen, "post"].to_numpy()


@pytest.mark.parametrize("name", ["twinned_pre_post", "small_town_T14"])
def test_moments_and_standardised_changes_agree_with_r(name: str) -> None:
    known = entry(name)
    pre, post = pairs(name)
    m = moments(pre, post, np.zeros(len(pre), dtype=int), 1)
    assert m.n[0] == known["n"]
    assert m.mean_change[0] == pytest.approx(known["mean_diff"], rel=1e-10)
    assert math.sqrt(m.var_change[0]) == pytest.approx(known["sd_diff"], rel=1e-10)
    assert math.sqrt(m.var_pre[0]) == pytest.approx(known["sd_pre"], rel=1e-10)
    d, se = d_average(m)
    assert d[0] == pytest.approx(known["d_av_rms_sd"], rel=1e-10)
    assert se[0] == pytest.approx(known["d_av_bonett"]["se"], rel=1e-10)
    assert hedges_j(m.n - 1)[0] == pytest.approx(known["hedges_J"], rel=1e-10)
    low, high = d_z_limits(np.array([known["t"]]), m.n, 0.95)
    assert (low[0], high[0]) == pytest.approx(known["d_z_ci95_noncentral_t"], rel=1e-6)


def test_sign_flip_p_of_a_small_town_is_exact() -> None:
    pre, post = pairs("small_town_T14")
    assert sign_flip_p(post - pre) == pytest.approx(
        entry("small_town_T14")["signflip_exact_p"], abs=1e-12
    )


def test_sign_flip_p_and_d_z_of_darwins_plants() -> None:
    known = entry("darwin")
    change = pd.read_csv(reference("statistics/data/darwin_pairs.csv"))["diff"].to_numpy()
    assert sign_flip_p(change) == 1726 / 32768 == known["signflip_exact_p"]
    low, high = d_z_limits(np.array([known["t"]]), np.array([len(change)]), 0.95)
    assert (low[0], high[0]) == pytest.approx(known["d_z_ci95_noncentral_t"], rel=1e-6)


@pytest.mark.parametrize("seed", range(5))
def test_sign_flip_p_counts_every_flip(seed: int) -> None:
    change = np.random.default_rng(seed).integers(-3, 6, 9).astype(float)
    sums = [abs(np.dot(signs, change)) for signs in itertools.product((-1, 1), repeat=len(change))]
    by_hand = sum(total >= abs(change.sum()) - 1e-9 for total in sums) / 2**9
    assert sign_flip_p(change) == by_hand


def test_sign_flip_p_of_no_change_is_one() -> None:
    assert sign_flip_p(np.zeros(7)) == 1.0
    assert sign_flip_p(np.array([2.0, -2.0])) == 1.0


def test_sign_flip_p_is_refused_outside_one_to_twenty_people() -> None:
    for count in (0, 21):
        with pytest.raises(ValueError, match="expected 1 to 20"):
            sign_flip_p(np.ones(count))


def test_d_z_limits_hold_far_in_the_tail() -> None:
    low, high = d_z_limits(np.array([40.0, -40.0, 0.0]), np.array([31, 31, 31]), 0.95)
    assert np.isfinite(low).all() and np.isfinite(high).all()
    assert low[0] == pytest.approx(-high[1], rel=1e-9)
    assert low[2] == pytest.approx(-1.959963984540054 / math.sqrt(31), rel=1e-9)


def test_wilson_limits_agree_with_r() -> None:
    known = entry("responders_between_arms")
    count, n = np.array([known["r1"], known["r0"]]), np.array([known["n1"], known["n0"]])
    low, high = wilson(count, n, 0.95)
    share = count / n
    upper = math.hypot(high[0] - share[0], share[1] - low[1])
    lower = math.hypot(share[0] - low[0], high[1] - share[1])
    interval = (known["rd"] - lower, known["rd"] + upper)  # Newcombe's, built from both
    assert interval == pytest.approx(known["newcombe"], rel=1e-10)


def test_wilson_limits_stay_between_zero_and_one() -> None:
    low, high = wilson(np.array([0, 12]), np.array([12, 12]), 0.95)
    assert low[0] == 0 and high[1] == 1
    assert high[0] == pytest.approx(1 - low[1])


def test_welch_agrees_with_r_on_school_means() -> None:
    known = entry("town_means", "02_comparison_clusters.json")
    change, arm = np.array(known["mean_change"]), np.array(known["treated"]) == 1
    fit = welch(change[arm], change[~arm], 0.95)
    assert fit.estimate == pytest.approx(known["welch"]["diff"], rel=1e-10)
    assert fit.df == pytest.approx(known["welch"]["df"], rel=1e-10)
    assert fit.p_value == pytest.approx(known["welch"]["p"], rel=1e-10)
    assert (fit.conf_low, fit.conf_high) == pytest.approx(known["welch"]["ci95"], rel=1e-10)


def test_welch_without_variation_or_people_has_no_interval() -> None:
    assert welch(np.ones(4), np.ones(3), 0.95).reason == "no_variation"
    assert welch(np.ones(1), np.arange(3.0), 0.95).reason == "one_person"
    assert welch(np.ones(0), np.arange(3.0), 0.95).reason == "no_data"
