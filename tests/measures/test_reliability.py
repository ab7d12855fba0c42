"""Alpha, Spearman–Brown and item statistics against psych 2.2.9 (R 4.2.2)."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from shared_files import reference

from twinimpact.measures.reliability import (
    Moments,
    cronbach_alpha,
    item_statistics,
    merge_moments,
    moments,
    spearman_brown,
)


def bfi() -> dict[str, Any]:
    text = reference("measurement/reliability_bfi.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def from_covariance(matrix: list[list[float]], n: int) -> Moments:
    """Moments with mean 0 that have this covariance matrix (divisor n − 1)."""
    products = np.array([matrix]) * (n - 1)
    return Moments(n=np.array([n]), sums=np.zeros(products.shape[:2]), products=products)


@pytest.mark.parametrize("name", ["agree", "cons", "neuro"])
def test_alpha_and_its_exact_interval_equal_psych(name: str) -> None:
    scale = bfi()["scales"][name]
    parts = from_covariance(scale["covariance_complete_divisor_n_minus_1"], scale["n_complete"])
    found = cronbach_alpha(parts)
    assert found.estimate[0] == pytest.approx(scale["alpha"]["raw"], abs=1e-12)
    interval = [found.conf_low[0], found.conf_high[0]]
    assert interval == pytest.approx(scale["alpha"]["feldt_95"], abs=1e-9)


@pytest.mark.parametrize("name", ["agree", "cons", "neuro"])
def test_item_statistics_equal_psych(name: str) -> None:
    scale = bfi()["scales"][name]
    parts = from_covariance(scale["covariance_complete_divisor_n_minus_1"], scale["n_complete"])
    found = item_statistics(parts)
    wanted = [scale["item_statistics_complete"][item] for item in scale["items"]]
    rest = [entry["r_item_rest"] for entry in wanted]
    dropped = [entry["alpha_if_dropped"] for entry in wanted]
    np.testing.assert_allclose(found.r_rest[0], rest, rtol=0, atol=1e-10)
    np.testing.assert_allclose(found.alpha_if_dropped[0], dropped, rtol=0, atol=1e-10)


def test_two_items_give_spearman_brown_with_the_fisher_z_interval() -> None:
    two = bfi()["two_items"]
    found = spearman_brown(from_covariance(two["covariance_divisor_n_minus_1"], two["n"]))
    assert found.estimate[0] == pytest.approx(two["spearman_brown"], abs=1e-10)
    interval = [found.conf_low[0], found.conf_high[0]]
    assert interval == pytest.approx(two["ci95_fisher_z"], abs=1e-9)


def grid() -> tuple[dict[str, Any], pd.DataFrame, np.ndarray[Any, Any]]:
    expected = json.loads(
        reference("measurement/reliability_grid.json").read_text(encoding="utf-8")
    )
    frame = pd.read_csv(reference("measurement/reliability_grid_input.csv"))
    values = frame[expected["data"]["items"]].to_numpy(dtype=float)
    for name in expected["data"]["reversed"]:
        column = expected["data"]["items"].index(name)
        values[:, column] = 6 - values[:, column]
    return expected, frame, values - 3


def test_all_cells_of_a_grid_in_one_pass_equal_the_reference() -> None:
    expected, frame, values = grid()
    keys = [(cell["partnership"], cell["wave"]) for cell in expected["cells"]]
    where = {key: number for number, key in enumerate(keys)}
    codes = np.array([where[key] for key in zip(frame["partnership"], frame["wave"], strict=True)])
    found = cronbach_alpha(moments(values, codes, len(keys)))
    for number, cell in enumerate(expected["cells"]):
        assert found.n[number] == cell["n_complete"]
        assert bool(found.undefined[number]) == ("n_below_2" in cell["flags"])
        assert bool(found.constant_item[number]) == ("zero_variance_item" in cell["flags"])
        if "alpha" in cell:
            assert found.estimate[number] == pytest.approx(cell["alpha"], abs=1e-12)
            interval = [found.conf_low[number], found.conf_high[number]]
            assert interval == pytest.approx(cell["feldt_95"], abs=1e-9)
        else:
            assert np.isnan(found.estimate[number])


def test_moments_of_cells_add_up_to_the_moments_of_the_whole() -> None:
    _, frame, values = grid()
    codes, _ = pd.factorize(frame["partnership"] + frame["wave"])
    parts = moments(values, codes, codes.max() + 1)
    merged = merge_moments(parts, np.zeros(codes.max() + 1, dtype=int), 1)
    whole = moments(values, np.zeros(len(values), dtype=int), 1)
    assert merged.n.tolist() == whole.n.tolist()
    np.testing.assert_array_equal(merged.sums, whole.sums)
    np.testing.assert_array_equal(merged.products, whole.products)


def test_incomplete_rows_and_rows_of_no_cell_do_not_count() -> None:
    values = np.array([[1.0, 2.0, 0.0], [0.0, 1.0, 1.0], [2.0, np.nan, 1.0], [9.0, 9.0, 9.0]])
    found = moments(values, np.array([0, 0, 0, -1]), 1)
    assert found.n.tolist() == [2]
    assert found.sums.tolist() == [[1.0, 3.0, 1.0]]


def test_what_cannot_be_estimated_is_marked_and_has_no_number() -> None:
    constant = np.zeros((5, 3))
    found = cronbach_alpha(moments(constant, np.zeros(5, dtype=int), 2))
    assert found.no_variance.tolist() == [True, False]
    assert found.undefined.tolist() == [False, True]
    assert np.isnan(found.estimate).all()
    two = spearman_brown(moments(constant[:, :2], np.zeros(5, dtype=int), 1))
    assert two.no_variance.tolist() == [True]
    assert np.isnan(two.estimate).all()


def test_a_reversed_item_left_as_it_is_gives_a_negative_alpha_not_a_clipped_one() -> None:
    rng = np.random.default_rng(7)
    trait = rng.normal(size=200)
    values = np.column_stack([trait, trait, -trait]) + rng.normal(scale=0.3, size=(200, 3))
    parts = moments(values, np.zeros(200, dtype=int), 1)
    assert cronbach_alpha(parts).estimate[0] < 0
    assert item_statistics(parts).r_rest[0, 2] < 0


@pytest.mark.slow
def test_the_exact_interval_covers_the_true_alpha_at_its_level() -> None:
    rng = np.random.default_rng(11)
    cells, n, k = 4000, 20, 4
    trait = rng.normal(size=(cells, n, 1))
    values = (trait + rng.normal(size=(cells, n, k))).reshape(cells * n, k)
    truth = k / (k - 1) * (1 - 2 * k / (2 * k + k * (k - 1)))
    found = cronbach_alpha(moments(values, np.repeat(np.arange(cells), n), cells))
    covered = np.mean((found.conf_low <= truth) & (truth <= found.conf_high))
    assert 0.94 <= covered <= 0.96
