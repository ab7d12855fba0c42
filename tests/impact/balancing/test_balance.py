"""Balance tables against R, and what they must not do."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from shared_files import reference

from twinimpact.errors import DesignError
from twinimpact.impact import balance

COVARIATES = ["age", "female", "educ2", "educ3", "prior", "open_pre", "trust_pre"]


def entry(name: str) -> dict[str, Any]:
    page = reference("statistics/05_balance_weights.json")
    return dict(json.loads(page.read_text(encoding="utf-8"))[name])


def panel() -> pd.DataFrame:
    frame = pd.read_csv(reference("statistics/data/twinpanel.csv"))
    frame = frame[frame["open_post"].notna()].reset_index(drop=True)
    return frame.assign(educ2=frame["educ"].eq(2), educ3=frame["educ"].eq(3))


@pytest.mark.parametrize(("estimand", "key"), [("att", "smd_sd_treated"), ("ate", "smd_pooled")])
def test_the_table_is_that_of_r(estimand: str, key: str) -> None:
    expected = entry("balance_unweighted")["table"]
    result = balance(panel(), arm="treated", covariates=COVARIATES, estimand=estimand)
    table = result.diagnostics["table"].set_index("covariate")
    for name, wanted in expected.items():
        found = table.loc[name]
        values = [found[column] for column in ("treated", "comparison", "difference", "smd", "ks")]
        keys = ("m1", "m0", "raw_diff", key, "ks")
        assert values == pytest.approx([wanted[one] for one in keys], rel=1e-9)
        ratio = wanted["variance_ratio"]
        if ratio is None:
            assert np.isnan(found["variance_ratio"])
        else:
            assert found["variance_ratio"] == pytest.approx(max(ratio, 1 / ratio), rel=1e-9)
    arms = result.diagnostics["arms"]
    assert arms["n"].tolist() == [96, 109]
    assert {row.p_value for row in result.rows} == {None}


def test_categories_give_one_line_each() -> None:
    names = panel().assign(educ=panel()["educ"].map({1: "low", 2: "middle", 3: "high"}))
    table = balance(names, arm="treated", covariates=["educ"]).diagnostics["table"]
    wanted = entry("balance_unweighted")["matchit_summary"]
    found = dict(zip(table["group"], table["smd"], strict=True))
    for group, code in (("low", 1), ("middle", 2), ("high", 3)):
        line = wanted[f"`factor(educ)`{code}"]
        assert found[group] == pytest.approx(line["Std. Mean Diff."], rel=1e-9)


def test_weights_change_the_means_and_never_the_denominator() -> None:
    data = {"x": [1.0, 2, 3, 4, 5, 9], "arm": [1, 1, 1, 0, 0, 0], "w": [1.0, 1, 1, 5, 1, 1]}
    plain = balance(data, arm="arm", covariates=["x"]).diagnostics["table"].iloc[0]
    weighted = balance(data, arm="arm", covariates=["x"], weights="w").diagnostics
    line = weighted["table"].iloc[0]
    assert line["sd"] == plain["sd"] == 1.0
    assert line["comparison"] == pytest.approx(34 / 7)
    assert weighted["arms"]["effective_n"].tolist() == pytest.approx([3.0, 49 / 27])
    assert weighted["love_plot"].iloc[0].tolist() == ["x", 4.0, pytest.approx(34 / 7 - 2)]
    same = balance({**data, "w": [2.0] * 6}, arm="arm", covariates=["x"], weights="w")
    assert same.diagnostics["table"].iloc[0].to_dict() == pytest.approx(
        plain.to_dict(), nan_ok=True
    )


def test_a_category_that_an_arm_lacks_keeps_its_line() -> None:
    data = {"job": ["a", "b", "a", "a"], "arm": [1, 1, 0, 0]}
    result = balance(data, arm="arm", covariates=["job"])
    line = result.diagnostics["table"].set_index("group").loc["b"]
    assert line["status"] == "not_estimable"
    assert line["difference"] == 0.5
    assert [row.status for row in result.rows] == ["ok", "not_estimable"]


def test_what_is_the_same_within_towns_is_compared_between_towns() -> None:
    data = {
        "size": [10, 10, 30, 30, 20, 20, 60, 60],
        "age": [20, 30, 25, 35, 40, 30, 20, 10],
        "town": list("aabbccdd"),
        "arm": [1, 1, 1, 1, 0, 0, 0, 0],
    }
    result = balance(data, arm="arm", covariates=["size", "age"], cluster="town")
    assert result.diagnostics["table"]["covariate"].tolist() == ["age"]
    towns = result.diagnostics["towns"].iloc[0]
    assert (towns["n"], towns["treated"], towns["comparison"]) == (4, 20.0, 40.0)
    assert towns["smd"] == pytest.approx(-20 / np.sqrt(200))
    assert result.rows[-1].n == 4
    assert result.diagnostics["arms"]["clusters"].tolist() == [2, 2]


@pytest.mark.parametrize(
    ("smd", "word"), [(0.05, "fine"), (0.2, "adjust"), (0.25, "adjust"), (-0.26, "not_comparable")]
)
def test_classes_of_the_what_works_clearinghouse(smd: float, word: str) -> None:
    data = {"x": np.array([-1.0, 0, 1, -1 - smd, -smd, 1 - smd]), "arm": [1, 1, 1, 0, 0, 0]}
    assert balance(data, arm="arm", covariates=["x"]).diagnostics["table"]["class"][0] == word


def test_order_and_coding_of_the_arms_change_signs_only() -> None:
    rng = np.random.default_rng(1)
    data = pd.DataFrame({"x": rng.normal(size=40), "arm": np.repeat([0, 1], 20)})
    one = balance(data, arm="arm", covariates=["x"], estimand="ate").primary.estimate
    turned = data.assign(arm=1 - data["arm"]).sample(frac=1, random_state=2)
    other = balance(turned, arm="arm", covariates=["x"], estimand="ate").primary.estimate
    assert one == pytest.approx(-other)


def test_rows_with_gaps_are_left_out_and_counted() -> None:
    data = {"x": [1, 2, None, 3, 4], "arm": ["b", "b", "b", "a", "a"]}
    result = balance(data, arm="arm", covariates=["x"])
    assert result.primary.n == 4
    assert result.warnings == ("rows_dropped:1",)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"estimand": "atc"}, "no such estimand"),
        ({"covariates": []}, "At least one covariate"),
        ({"covariates": "x"}, "At least one covariate"),
        ({"weights": "w"}, "above zero"),
        ({"covariates": ["y"]}, "not in the data"),
    ],
)
def test_wrong_calls_are_refused(changes: dict[str, Any], words: str) -> None:
    data = {"x": [1, 2, 3, 4], "w": [0, 1, 1, 1], "arm": [0, 0, 1, 1]}
    with pytest.raises(DesignError, match=words):
        balance(data, **({"arm": "arm", "covariates": ["x"]} | changes))
