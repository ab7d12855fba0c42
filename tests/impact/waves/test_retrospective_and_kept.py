"""Looking back, and what was kept: R's numbers, the exact sum, ratios that are refused."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from shared_files import reference

from twinimpact.impact import codes_of, kept_share, retrospective
from twinimpact.impact.waves.kept import fieller
from twinimpact.impact.waves.sphericity import repeated_measures

WAVES = {"pre": "open_pre", "post": "open_post", "followup": "open_fu"}


def entry(name: str) -> dict[str, Any]:
    page = reference("statistics/01_paired_change.json")
    return dict(json.loads(page.read_text(encoding="utf-8"))[name])


def panel() -> pd.DataFrame:
    return pd.read_csv(reference("statistics/data/twinpanel.csv"))


def twinned() -> pd.DataFrame:
    table = panel()
    return table[table["treated"] == 1]


def test_three_contrasts_agree_with_r_and_add_up_exactly() -> None:
    known = entry("response_shift")
    result = retrospective(twinned(), pre="open_pre", post="open_post", retro="open_retro")
    names = ("post_minus_pre", "post_minus_retro", "retro_minus_pre")
    for row, name in zip(result.rows, names, strict=True):
        assert row.n == known["n"]
        assert row.estimate == pytest.approx(known[name]["mean"], rel=1e-10)
        assert row.std_error == pytest.approx(known[name]["se"], rel=1e-10)
        assert [row.conf_low, row.conf_high] == pytest.approx(known[name]["ci95"], rel=1e-10)
        assert row.p_value == pytest.approx(known[name]["p"], rel=1e-10)
    whole, back, shift = (row.estimate or 0 for row in result.rows)
    assert whole == pytest.approx(back + shift, abs=1e-15)
    assert ["retro_pre" in codes_of(row.note) for row in result.rows] == [False, True, True]


def test_looking_back_alone_gives_one_contrast_of_level_one_at_most() -> None:
    result = retrospective(twinned(), post="open_post", retro="open_retro")
    (row,) = result.rows
    assert (row.estimand, row.grade) == ("post-retro_pre", 1)
    assert "retro_pre" in codes_of(row.note)
    assert result.diagnostics["retrospective_only"]


def test_the_sum_holds_for_means_over_towns_too() -> None:
    result = retrospective(
        twinned(), pre="open_pre", post="open_post", retro="open_retro", cluster="town"
    )
    parts = [row.estimate or 0 for row in result.rows if row.method == "town_mean_t"]
    assert parts[0] == pytest.approx(parts[1] + parts[2], abs=1e-14)


def test_the_kept_share_agrees_with_r() -> None:
    known = entry("kept_share")
    result = kept_share(twinned(), **WAVES)
    row = result.primary
    assert row.n == known["n"]
    assert row.estimate == pytest.approx(known["ratio"], rel=1e-9)
    assert [row.conf_low, row.conf_high] == pytest.approx(known["fieller95"], rel=1e-9)
    assert result.diagnostics["g"] == pytest.approx(known["g"], rel=1e-9)
    assert result.row("paired_t", "post-pre").estimate == pytest.approx(known["gain_post"])
    assert "sphericity" not in result.diagnostics  # a check for up to 30 people


def test_no_share_is_kept_of_a_gain_that_is_not_clear_of_zero() -> None:
    rng = np.random.default_rng(3)
    pre = rng.normal(size=20)
    data = {"a": pre, "b": pre + rng.normal(size=20), "c": pre + rng.normal(size=20)}
    result = kept_share(data, pre="a", post="b", followup="c")
    row, gain = result.primary, result.row("paired_t", "post-pre")
    assert gain.conf_low is not None and gain.conf_high is not None
    assert gain.conf_low < 0 < gain.conf_high
    assert (row.status, row.estimate, row.conf_low) == ("not_estimable", None, None)
    assert "gain_unclear" in codes_of(row.note)
    assert result.diagnostics["g"] >= 1
    assert len(result.diagnostics["sphericity"]) == 2


def test_fewer_than_ten_people_and_two_towns_have_no_kept_share() -> None:
    rng = np.random.default_rng(5)
    pre = rng.normal(size=30)
    frame = pd.DataFrame({"a": pre, "b": pre + 2 + 0.1 * rng.normal(size=30)})
    frame["c"] = frame["a"] + 1
    frame["town"] = ["x", "y"] * 15
    few = kept_share(frame.head(9), pre="a", post="b", followup="c").primary
    assert (few.status, few.estimate) == ("descriptive", None)
    two = kept_share(frame, pre="a", post="b", followup="c", cluster="town").primary
    assert (two.status, two.estimate) == ("descriptive", None)


def test_over_towns_the_ratio_is_one_of_town_means() -> None:
    table = twinned().dropna(subset=list(WAVES.values()))
    result = kept_share(table, **WAVES, cluster="town")
    means = table.groupby("town")[list(WAVES.values())].mean()
    gain, later = (means[name] - means["open_pre"] for name in ("open_post", "open_fu"))
    known = fieller(gain.to_numpy(), later.to_numpy(), 0.95)
    assert known is not None
    assert result.primary.estimate == pytest.approx(known.ratio)
    assert result.primary.conf_low == pytest.approx(known.low)


def test_a_ratio_has_limits_exactly_where_the_gain_excludes_zero() -> None:
    rng = np.random.default_rng(9)
    for shift in np.linspace(0, 1, 30):
        gain = rng.normal(shift, 1, 15)
        found = fieller(gain, gain + rng.normal(size=15), 0.95)
        assert found is not None
        t = abs(gain.mean()) / (gain.std(ddof=1) / 15**0.5)
        assert (found.low is not None) == (t > 2.1447866879169273)


def test_a_gain_that_everybody_shares_has_no_interval_and_so_no_kept_share() -> None:
    data = {"a": [1] * 12, "b": [2] * 12, "c": [2] * 12}
    row = kept_share(data, pre="a", post="b", followup="c").primary
    assert (row.status, row.estimate) == ("not_estimable", None)


@pytest.mark.parametrize("arms", [1, 2])
def test_repeated_measures_agree_with_car(arms: int) -> None:
    known = entry("rm_anova")["one_group" if arms == 1 else "two_arms"]
    table = (panel() if arms == 2 else twinned()).dropna(subset=list(WAVES.values()))
    arm = table["treated"].to_numpy() == 1 if arms == 2 else None
    found = repeated_measures(table[list(WAVES.values())].to_numpy(), arm).set_index("term")
    for name, row in known["tests"].items():
        ours = found.loc["intercept" if name == "(Intercept)" else name]
        assert ours["f"] == pytest.approx(row["F value"], rel=1e-8)
        assert ours["sum_sq"] == pytest.approx(row["Sum Sq"], rel=1e-8)
        assert ours["den_df"] == row["den Df"]
        assert ours["p"] == pytest.approx(row["Pr(>F)"], rel=1e-8)
    for name, row in known["sphericity"].items():
        ours = found.loc[name]
        assert ours["gg"] == pytest.approx(row["GG eps"], rel=1e-8)
        assert ours["hf"] == pytest.approx(row["HF eps"], rel=1e-8)
        assert ours["p_gg"] == pytest.approx(row["Pr(>F[GG])"], rel=1e-8)
        assert ours["p_hf"] == pytest.approx(row["Pr(>F[HF])"], rel=1e-8)


@pytest.mark.slow
def test_fiellers_interval_covers_the_true_share() -> None:
    rng = np.random.default_rng(21)
    covered, runs, shown = 0, 4_000, 0
    for _ in range(runs):
        person = rng.normal(size=40)
        gain = 1.0 + 0.6 * person + rng.normal(scale=0.6, size=40)
        later = 0.7 + 0.6 * person + rng.normal(scale=0.6, size=40)
        found = fieller(gain, later, 0.95)
        assert found is not None
        if found.low is not None and found.high is not None:
            shown += 1
            covered += found.low <= 0.7 <= found.high
    assert shown > 0.99 * runs
    assert 0.93 <= covered / shown <= 0.97
