"""One ordered item: R's numbers, merging, separation, towns."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from shared_files import reference

from twinimpact.errors import DesignError
from twinimpact.impact import codes_of, ordinal_item
from twinimpact.impact.waves.proportional_odds import (
    cumulative_logit,
    merged,
    proportionality_p,
)


def wine() -> tuple[pd.DataFrame, dict[str, Any]]:
    table = pd.read_csv(reference("statistics/data/wine.csv"))
    page = reference("statistics/08_scales_ordinal_dose.json").read_text(encoding="utf-8")
    return table.assign(contact=(table["contact"] == "yes").astype(int)), json.loads(page)["wine"]


def test_the_cumulative_logit_agrees_with_r() -> None:
    table, known = wine()
    x = np.column_stack([table["temp"] == "warm", table["contact"]]).astype(float)
    answer = table["rating"].to_numpy() - 1
    fit = cumulative_logit(answer, x)
    assert fit.converged
    assert fit.log_likelihood == pytest.approx(known["clm_ll"], abs=1e-6)
    names = ["1|2", "2|3", "3|4", "4|5", "tempwarm", "contactyes"]
    values = np.concatenate([fit.thresholds, fit.coefficients])
    assert values == pytest.approx([known["clm"][n]["Estimate"] for n in names], rel=1e-5)
    errors = np.sqrt(np.diag(fit.covariance))
    assert errors == pytest.approx([known["clm"][n]["Std. Error"] for n in names], rel=1e-5)
    for column in (0, 1):
        expected = known["nominal_test"][column + 1]["Pr(>Chi)"]
        assert proportionality_p(answer, x, column, fit) == pytest.approx(expected, rel=1e-5)


def test_few_answers_in_a_category_are_merged_with_a_neighbour() -> None:
    table, _ = wine()
    result = ordinal_item(table, item="rating", arm="temp", covariates=["contact"])
    row = result.row("ordinal_logit")
    assert result.diagnostics["categories"] == 3
    assert "categories_merged:2" in row.note
    assert np.bincount(merged(table["rating"].to_numpy(), 10)).min() >= 10
    assert list(merged(np.array([1] * 12 + [2] * 3 + [3] * 11 + [5] * 20), 10)) == (
        [0] * 12 + [1] * 14 + [2] * 20
    )


def test_the_chance_to_answer_higher_is_counted_over_all_pairs() -> None:
    table, _ = wine()
    row = ordinal_item(table, item="rating", arm="temp").primary
    warm = table.loc[table["temp"] == "warm", "rating"].to_numpy()
    cold = table.loc[table["temp"] == "cold", "rating"].to_numpy()
    above = np.sign(warm[:, None] - cold[None, :])
    assert row.estimate == pytest.approx((above.mean() + 1) / 2)
    assert row.conf_low is not None and row.conf_high is not None and row.p_value is not None
    assert row.conf_low < (row.estimate or 0) < row.conf_high
    swapped = table.assign(temp=table["temp"].map({"warm": "a", "cold": "b"}))
    other = ordinal_item(swapped, item="rating", arm="temp").primary
    assert other.estimate == pytest.approx(1 - (row.estimate or 0))
    assert other.p_value == pytest.approx(row.p_value)


def test_the_distribution_is_in_the_diagnostics() -> None:
    table, _ = wine()
    found = ordinal_item(table, item="rating", arm="temp").diagnostics["distribution"]
    assert list(found["treated"]) == [0, 6, 13, 10, 7]
    assert list(found["comparison"]) == [5, 16, 13, 2, 0]


def test_arms_that_do_not_overlap_get_a_status_and_no_number_from_the_model() -> None:
    data = {"y": [1, 2] * 10 + [3, 4] * 10, "arm": [0] * 20 + [1] * 20}
    result = ordinal_item(data, item="y", arm="arm")
    assert result.primary.status == "descriptive"
    assert result.primary.estimate == 1.0
    odds = result.row("ordinal_logit")
    assert (odds.status, odds.estimate, odds.conf_low) == ("not_converged", None, None)


def test_odds_that_differ_by_cut_point_are_withheld() -> None:
    low = [1] * 40 + [2] * 20 + [3] * 40
    high = [1] * 10 + [2] * 80 + [3] * 10
    data = {"y": low + high, "arm": [0] * 100 + [1] * 100}
    row = ordinal_item(data, item="y", arm="arm").row("ordinal_logit")
    assert (row.status, row.estimate) == ("not_estimable", None)
    assert "odds_not_proportional" in codes_of(row.note)


def test_with_towns_there_is_no_model_of_people() -> None:
    rng = np.random.default_rng(2)
    town = np.repeat(np.arange(6), 12)
    data = {"y": rng.integers(1, 6, 72), "town": town, "arm": (town < 3).astype(int)}
    result = ordinal_item(data, item="y", arm="arm", cluster="town")
    assert [row.method for row in result.rows] == ["town_mean_t", "p_superior"]
    assert result.primary.df == 4
    assert (result.rows[1].conf_low, result.rows[1].p_value) == (None, None)
    two = {name: np.array(values)[np.isin(town, [0, 5])] for name, values in data.items()}
    refused = ordinal_item(two, item="y", arm="arm", cluster="town").primary
    assert (refused.status, refused.p_value, refused.conf_low) == ("refused", None, None)


def test_one_answer_only_is_refused() -> None:
    with pytest.raises(DesignError, match="same answer"):
        ordinal_item({"y": [2, 2, 2, 2], "arm": [0, 0, 1, 1]}, item="y", arm="arm")


@pytest.mark.slow
def test_the_intervals_cover() -> None:
    rng = np.random.default_rng(31)
    odds, chance, runs = 0, 0, 2_000
    cuts = np.array([-1.0, 0.2, 1.2])
    shares = [np.diff(np.concatenate([[0], 1 / (1 + np.exp(-(cuts - b))), [1]])) for b in (0, 0.8)]
    true = float(shares[1] @ (np.cumsum(shares[0]) - shares[0] / 2))
    arm = np.repeat([0, 1], 70)
    for _ in range(runs):
        y = (rng.logistic(size=140) + 0.8 * arm)[:, None] > cuts
        fit = cumulative_logit(merged(y.sum(axis=1), 10), arm[:, None].astype(float))
        half = 1.959964 * fit.covariance[-1, -1] ** 0.5
        odds += abs(fit.coefficients[0] - 0.8) <= half
    for _ in range(400):
        y = (rng.logistic(size=140) + 0.8 * arm)[:, None] > cuts
        row = ordinal_item({"y": y.sum(axis=1), "arm": arm}, item="y", arm="arm").primary
        chance += (row.conf_low or 0) <= true <= (row.conf_high or 1)
    assert 0.93 <= odds / runs <= 0.97
    assert 0.915 <= chance / 400 <= 0.985
