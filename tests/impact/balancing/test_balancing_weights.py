"""Weights against R (ebal, glm, clubSandwich), simulations, and refusals."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from shared_files import reference

from twinimpact.errors import DesignError
from twinimpact.impact import WeightPlan, weights
from twinimpact.impact.balancing.doubly_robust import augmented, clustered_error
from twinimpact.impact.balancing.standardised import effective_n
from twinimpact.impact.clusters import cr2, cr2_weighted
from twinimpact.impact.logistic import fitted_chances

COVARIATES = ["age", "female", "educ2", "educ3", "prior", "open_pre", "trust_pre"]
ROLES: dict[str, Any] = {"arm": "treated", "covariates": COVARIATES, "outcome": "open_post"}


def entry(name: str) -> dict[str, Any]:
    page = reference("statistics/05_balance_weights.json")
    return dict(json.loads(page.read_text(encoding="utf-8"))[name])


def panel() -> pd.DataFrame:
    frame = pd.read_csv(reference("statistics/data/twinpanel.csv"))
    frame = frame[frame["open_post"].notna()].reset_index(drop=True)
    return frame.assign(educ2=frame["educ"].eq(2), educ3=frame["educ"].eq(3))


def by_people(frame: pd.DataFrame, w: np.ndarray) -> tuple[float, float]:
    """HC0 and HC1 with the weights taken as fixed, written out."""
    x = np.column_stack([frame["treated"], np.ones(len(frame))]).astype(float)
    bread = np.linalg.inv(x.T @ (x * w[:, None]))
    residual = frame["open_post"] - x @ (bread @ (x.T @ (w * frame["open_post"])))
    meat = (x * (w * residual).to_numpy()[:, None]).T @ (x * (w * residual).to_numpy()[:, None])
    hc0 = float(np.sqrt((bread @ meat @ bread)[0, 0]))
    return hc0, hc0 * np.sqrt(len(frame) / (len(frame) - 2))


def test_chances_to_be_treated() -> None:
    frame, expected = panel(), entry("ipw")
    x = np.column_stack([np.ones(len(frame)), frame[COVARIATES].astype(float)])
    beta, chance = fitted_chances(x, frame["treated"].to_numpy() == 1, "arm")
    wanted = [line["Estimate"] for line in expected["ps_coef"].values()]
    assert beta == pytest.approx(wanted, rel=1e-7)
    assert [chance.min(), chance.max()] == pytest.approx(expected["ps_range"], rel=1e-7)


@pytest.mark.parametrize("estimand", ["att", "ate"])
def test_inverse_probability_weights(estimand: str) -> None:
    expected = entry("ipw")
    result = weights(
        panel(), **ROLES, cluster="town", plan=WeightPlan(method="ipw", estimand=estimand)
    )
    assert result.primary.estimate == pytest.approx(expected[estimand], rel=1e-7)
    robust = expected[f"{estimand}_robust"]
    assert result.primary.std_error == pytest.approx(robust["CR2_town"]["SE"], rel=1e-7)
    assert result.primary.df == pytest.approx(robust["CR2_town"]["df_Satt"], rel=1e-7)
    assert result.primary.p_value == pytest.approx(robust["CR2_town"]["p_Satt"], rel=1e-7)
    hc0, hc1 = by_people(panel(), result.diagnostics["weights"])
    assert [hc0, hc1] == pytest.approx([robust["se_HC0"], robust["se_HC1"]], rel=1e-7)
    effective = result.diagnostics["arms"]["effective_n"].tolist()
    wanted = [96.0, expected["ess_att_comparison"]] if estimand == "att" else expected["ess_ate"]
    assert effective == pytest.approx(wanted, rel=1e-7)
    if estimand == "att":
        table = result.diagnostics["table"].set_index("covariate")
        for name, line in expected["balance_att"].items():
            keys = ("m0", "smd_sd_treated", "ks")
            found = [table.loc[name, key] for key in ("comparison", "smd", "ks")]
            assert found == pytest.approx([line[key] for key in keys], rel=1e-6)
            if line["variance_ratio"] is not None:
                ratio = max(line["variance_ratio"], 1 / line["variance_ratio"])
                assert table.loc[name, "variance_ratio"] == pytest.approx(ratio, rel=1e-7)


def test_other_weighted_means_of_the_reference_follow_from_the_chances() -> None:
    expected, frame = entry("ipw"), panel()
    e = weights(frame, **ROLES, plan=WeightPlan(method="ipw")).diagnostics["chance"]
    t, y = frame["treated"].to_numpy(), frame["open_post"].to_numpy()
    total = np.mean(t * y / e) - np.mean((1 - t) * y / (1 - e))
    assert total == pytest.approx(expected["ate_ht"], rel=1e-7)
    overlap = np.where(t == 1, 1 - e, e)
    x = np.column_stack([t, np.ones(len(t))]).astype(float)
    fit = cr2_weighted(x, y, overlap, pd.factorize(frame["town"])[0])
    wanted = expected["ato_robust"]["CR2_town"]
    found = [fit.estimate, fit.std_error, fit.df]
    assert found == pytest.approx([wanted["beta"], wanted["SE"], wanted["df_Satt"]], rel=1e-7)


def test_entropy_balancing() -> None:
    expected, frame = entry("entropy_balancing"), panel()
    result = weights(frame, **ROLES, cluster="town")
    assert result.primary.estimate == pytest.approx(expected["att"], rel=1e-6)
    w = result.diagnostics["weights"][frame["treated"].to_numpy() == 0]
    share = w / w.sum()
    assert share[:10] == pytest.approx(expected["w_first10"], abs=1e-6)
    assert effective_n(w) == pytest.approx(expected["ess_comparison"], rel=1e-6)
    assert share.max() == pytest.approx(expected["max_share"], rel=1e-6)
    assert result.diagnostics["table"]["smd"].abs().max() < 1e-6
    robust = expected["att_robust"]
    cr2_town = robust["CR2_town"]
    found = [result.primary.std_error, result.primary.df, result.primary.p_value]
    wanted = [cr2_town["SE"], cr2_town["df_Satt"], cr2_town["p_Satt"]]
    assert found == pytest.approx(wanted, rel=1e-6)
    hc = by_people(frame, result.diagnostics["weights"])
    assert hc == pytest.approx((robust["se_HC0"], robust["se_HC1"]), rel=1e-6)
    assert "weights_not_towns" in result.warnings


def test_infeasible_balance_names_the_covariate() -> None:
    frame = panel()
    frame = frame[(frame["treated"] == 1) | (frame["prior"] == 0)]
    with pytest.raises(DesignError) as caught:
        weights(frame, **ROLES)
    assert caught.value.where == "prior"


def test_covariates_that_only_together_cannot_be_balanced_are_named() -> None:
    data = {"a": [1.4, 1.6, 0, 2, 0, 1], "b": [1.4, 1.6, 0, 0, 2, 0], "c": [0, 1, 0, 1, 0, 1],
            "arm": [1, 1, 0, 0, 0, 0]}  # fmt: skip
    with pytest.raises(DesignError) as caught:
        weights(data, arm="arm", covariates=["a", "b", "c"])
    named = set(str(caught.value.where).split(", "))
    assert named
    assert named <= {"a", "b"}


def test_doubly_robust() -> None:
    expected, frame = entry("aipw"), panel()
    plans = {kind: WeightPlan(method="aipw", estimand=kind) for kind in ("att", "ate")}
    people = {kind: weights(frame, **ROLES, plan=plan).primary for kind, plan in plans.items()}
    for kind, row in people.items():
        assert row.estimate == pytest.approx(expected[kind], rel=1e-7)
        assert row.std_error == pytest.approx(expected[f"{kind}_se_if"], rel=1e-7)
        towns = weights(frame, **ROLES, cluster="town", plan=plans[kind]).primary
        assert towns.std_error == pytest.approx(expected[f"{kind}_se_if_town"], rel=1e-7)
        assert towns.conf_low is None  # six and eight towns
        assert towns.status == "descriptive"


def test_equal_weights_give_the_plain_cr2() -> None:
    rng = np.random.default_rng(4)
    x = np.column_stack([np.repeat([1.0, 0], 40), np.ones(80), rng.normal(size=80)])
    y, town = rng.normal(size=80), np.repeat(np.arange(8), 10)
    plain, weighted = cr2(x, y, town, 0, 0.95), cr2_weighted(x, y, np.full(80, 3.0), town)
    for name in ("estimate", "std_error", "df", "conf_low", "p_value"):
        assert getattr(weighted, name) == pytest.approx(getattr(plain, name), rel=1e-10)
    alone = cr2_weighted(x, y, np.full(80, 3.0))
    each = cr2(x, y, np.arange(80), 0, 0.95)
    assert [alone.std_error, alone.df] == pytest.approx([each.std_error, each.df], rel=1e-10)
    w = rng.uniform(0.5, 2, 80)
    one, other = cr2_weighted(x, y, w), cr2_weighted(x, y, w, np.arange(80))
    assert [one.std_error, one.df] == pytest.approx([other.std_error, other.df], rel=1e-10)


def made(seed: int = 3, n: int = 200) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 2))
    arm = rng.random(n) < 1 / (1 + np.exp(-0.5 * x[:, 0]))
    y = 1.0 * arm + x @ [0.5, 0.3] + rng.normal(size=n)
    return pd.DataFrame({"a": x[:, 0], "b": x[:, 1], "arm": arm, "y": y})


@pytest.mark.parametrize("method", ["entropy", "ipw", "aipw"])
def test_units_order_and_names_do_not_matter(method: str) -> None:
    frame = made()
    roles: dict[str, Any] = {"arm": "arm", "covariates": ["a", "b"], "outcome": "y"}
    plan = WeightPlan(method=method)
    one = weights(frame, **roles, plan=plan).primary
    other = frame.assign(y=10 + 3 * frame["y"], a=5 - 2 * frame["a"]).sample(frac=1, random_state=1)
    two = weights(other, **roles, plan=plan).primary
    for name in ("estimate", "std_error"):
        assert getattr(two, name) == pytest.approx(3 * getattr(one, name), rel=1e-6)
    assert two.p_value == pytest.approx(one.p_value, rel=1e-5)


def test_a_constant_covariate_changes_nothing_but_a_warning() -> None:
    frame = made().assign(c=7.0)
    roles: dict[str, Any] = {"arm": "arm", "outcome": "y"}
    one = weights(frame, **roles, covariates=["a", "b"])
    two = weights(frame, **roles, covariates=["a", "b", "c"])
    assert two.primary.estimate == pytest.approx(one.primary.estimate, rel=1e-9)
    assert "constant_dropped:1" in two.warnings


def test_rows_with_gaps_have_no_weight() -> None:
    frame = made()
    frame.loc[3, "a"] = np.nan
    found = weights(frame, arm="arm", covariates=["a", "b"])
    assert found.rows == ()
    assert np.flatnonzero(np.isnan(found.diagnostics["weights"])).tolist() == [3]


def test_few_effective_people_and_heavy_ones_are_warned_of() -> None:
    data = {"a": [5.0, 6, 7, 0, 1, 2, 3, 9], "arm": [1, 1, 1, 0, 0, 0, 0, 0]}
    result = weights(data, arm="arm", covariates=["a"])
    codes = {code.split(":")[0] for code in result.warnings}
    assert codes == {"effective_n_small", "weight_concentrated"}
    assert len(result.explain()) == 2


@pytest.mark.parametrize(
    ("towns", "status", "code"),
    [
        (["a", "b"], "refused", "one_town_per_arm"),
        (["a", "b", "c"], "descriptive", "one_town_in_arm"),
    ],
)
@pytest.mark.parametrize("method", ["entropy", "aipw"])
def test_one_town_in_an_arm_has_no_standard_error(
    towns: list[str], status: str, code: str, method: str
) -> None:
    frame = made()
    place = np.where(
        frame["arm"], "a", np.array(towns[1:])[np.arange(len(frame)) % (len(towns) - 1)]
    )
    row = weights(
        frame.assign(town=place), arm="arm", covariates=["a", "b"], outcome="y", cluster="town",
        plan=WeightPlan(method=method),
    ).primary  # fmt: skip
    assert row.status == status
    assert code in row.note
    assert (row.std_error, row.conf_low, row.p_value) == (None, None, None)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"plan": WeightPlan(method="magic")}, "no such method"),
        ({"plan": WeightPlan(estimand="ate")}, "people like the treated"),
        ({"plan": WeightPlan(method="aipw"), "outcome": ""}, "needs an outcome"),
        ({"covariates": ["flat"]}, "No covariate varies"),
        ({"plan": WeightPlan(method="ipw"), "covariates": ["arm_again"]}, "apart completely"),
        (
            {"plan": WeightPlan(method="ipw"), "covariates": ["a", "twice"]},
            "worked out from each other",
        ),
        ({"cluster": "mixed"}, "must be the same for everybody"),
    ],
)
def test_wrong_calls_are_refused(changes: dict[str, Any], words: str) -> None:
    frame = made().assign(flat=1.0, mixed="t")
    frame = frame.assign(arm_again=frame["arm"].astype(float), twice=2 * frame["a"])
    roles: dict[str, Any] = {"arm": "arm", "covariates": ["a", "b"], "outcome": "y"}
    with pytest.raises(DesignError, match=words):
        weights(frame, **(roles | changes))


@pytest.mark.slow
@pytest.mark.parametrize("method", ["entropy", "ipw", "aipw"])
def test_known_truth(method: str) -> None:
    """The difference is found without bias; weights taken as given make intervals too wide."""
    plan = WeightPlan(method=method)
    rows = [
        weights(
            made(10_000 + seed), arm="arm", covariates=["a", "b"], outcome="y", plan=plan
        ).primary
        for seed in range(2000)
    ]
    estimates = np.array([row.estimate for row in rows])
    assert abs(estimates.mean() - 1) < 3 * estimates.std() / np.sqrt(2000)
    shown = [row for row in rows if row.conf_low is not None]
    assert len(shown) > 1980  # with one very heavy person there is no interval
    inside = np.mean([row.conf_low <= 1 <= row.conf_high for row in shown])
    assert inside >= 0.93
    assert method != "aipw" or inside <= 0.97


@pytest.mark.slow
def test_known_truth_with_towns() -> None:
    """Twelve and twelve towns of 15 people; half the influence on the outcome is the town's."""
    rng = np.random.default_rng(5)
    estimates, inside, doubly = [], 0, 0
    town = np.repeat(np.arange(24), 15)
    for _ in range(2000):
        treated = town < 12
        x = rng.normal(size=360) + 0.3 * treated
        y = 1.0 * treated + 0.5 * x + 0.3 * rng.normal(size=24)[town] + rng.normal(size=360)
        frame = pd.DataFrame({"x": x, "arm": treated, "y": y, "town": town})
        roles: dict[str, Any] = {"arm": "arm", "covariates": ["x"], "outcome": "y"}
        row = weights(frame, **roles, cluster="town").primary
        estimates.append(row.estimate)
        inside += row.conf_low <= 1 <= row.conf_high
        row = weights(frame, **roles, cluster="town", plan=WeightPlan(method="aipw")).primary
        doubly += row.conf_low <= 1 <= row.conf_high
    assert abs(np.mean(estimates) - 1) < 3 * np.std(estimates) / np.sqrt(2000)
    assert 0.93 <= inside / 2000 <= 0.98
    assert 0.93 <= doubly / 2000 <= 0.97


def test_the_error_of_towns_is_that_of_their_sums() -> None:
    frame = made()
    x = np.column_stack([np.ones(200), frame["a"], frame["b"]])
    treated = frame["arm"].to_numpy()
    chance = fitted_chances(x, treated, "arm")[1]
    _, influence = augmented(frame["y"].to_numpy(), treated, x, chance, "ate")
    alone = clustered_error(influence, np.arange(200))
    assert alone == pytest.approx(influence.std(ddof=1) / np.sqrt(200))
