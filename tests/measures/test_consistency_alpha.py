"""Alpha, Spearman–Brown and item statistics against psych 2.2.9 (R 4.2.2) and by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from reliability_data import bfi, key, one_factor

from twinimpact.measures import ScaleKey, items
from twinimpact.measures.consistency.alpha import cronbach_alpha
from twinimpact.measures.consistency.item_statistics import item_statistics, loevinger_h
from twinimpact.measures.consistency.moments import cell_index, cell_moments
from twinimpact.measures.consistency.two_items import spearman_brown


def of(matrix: Any, n: int) -> tuple[np.ndarray, np.ndarray]:
    return np.array([matrix], dtype=float), np.array([n])


def published(name: str) -> tuple[dict[str, Any], np.ndarray, np.ndarray]:
    scale = bfi()["scales"][name]
    return scale, *of(scale["covariance_complete_divisor_n_minus_1"], scale["n_complete"])


@pytest.mark.parametrize("name", ["agree", "cons", "neuro"])
def test_alpha_and_its_exact_interval_equal_psych(name: str) -> None:
    scale, covariance, n = published(name)
    found = cronbach_alpha(covariance, n)
    assert found.estimate[0] == pytest.approx(scale["alpha"]["raw"], abs=1e-12)
    interval = [found.conf_low[0], found.conf_high[0]]
    assert interval == pytest.approx(scale["alpha"]["feldt_95"], abs=1e-9)


@pytest.mark.parametrize("name", ["agree", "cons", "neuro"])
def test_item_statistics_equal_psych(name: str) -> None:
    scale, covariance, n = published(name)
    found = item_statistics(covariance, n)
    for place, item in enumerate(scale["items"]):
        wanted = scale["item_statistics_complete"][item]
        assert found.r_rest[0, place] == pytest.approx(wanted["r_item_rest"], abs=1e-10)
        assert found.r_total[0, place] == pytest.approx(wanted["r_item_total"], abs=1e-10)
        dropped = found.alpha_if_dropped[0, place]
        assert dropped == pytest.approx(wanted["alpha_if_dropped"], abs=1e-10)
    assert not found.unreversed.any()


@pytest.mark.parametrize("name", ["agree", "cons", "neuro"])
def test_available_answers_have_the_mean_and_sd_of_psych(name: str) -> None:
    scale = bfi()["scales"][name]
    columns = {}
    for item, counts in scale["raw_frequencies_all_rows"].items():
        codes = np.repeat([int(code) for code in counts], list(counts.values())).astype(float)
        columns[item] = np.concatenate([codes, np.full(scale["n_rows"] - len(codes), np.nan)])
    names, reverse = tuple(scale["items"]), tuple(scale["reversed"])
    keys = {"s": ScaleKey(items=names, low=1, high=6, reverse=reverse)}
    table = items(pd.DataFrame(columns), keys).set_index("item")
    for item, wanted in scale["item_statistics_available"].items():
        assert table.loc[item, "n_available"] == wanted["n"]
        assert table.loc[item, "mean_available"] == pytest.approx(wanted["mean"], abs=1e-10)
        assert table.loc[item, "sd_available"] == pytest.approx(wanted["sd"], abs=1e-10)


def test_two_items_give_spearman_brown_with_the_fisher_z_interval() -> None:
    two = bfi()["two_items"]
    found = spearman_brown(*of(two["covariance_divisor_n_minus_1"], two["n"]))
    assert found.estimate[0] == pytest.approx(two["spearman_brown"], abs=1e-10)
    interval = [found.conf_low[0], found.conf_high[0]]
    assert interval == pytest.approx(two["ci95_fisher_z"], abs=1e-9)


def test_two_items_that_go_against_each_other_are_printed_and_marked() -> None:
    found = spearman_brown(*of([[1.0, -0.5], [-0.5, 1.0]], 40))
    assert found.estimate[0] == pytest.approx(-2.0)
    assert found.negative[0]
    assert found.conf_low[0] < found.estimate[0] < found.conf_high[0]


def test_equal_answers_to_two_items_have_no_infinite_number() -> None:
    for r in (1.0, -1.0):
        found = spearman_brown(*of([[1.0, r], [r, 1.0]], 40))
        assert not np.isinf([found.estimate, found.conf_low, found.conf_high]).any()


def test_what_cannot_be_estimated_is_marked_and_has_no_number() -> None:
    covariance = np.array([np.zeros((3, 3)), np.full((3, 3), np.nan), np.eye(3)])
    found = cronbach_alpha(covariance, np.array([5, 1, 9]))
    assert found.no_variance.tolist() == [True, False, False]
    assert found.too_few.tolist() == [False, True, False]
    assert np.isnan(found.estimate[:2]).all()
    assert found.estimate[2] == 0.0
    two = spearman_brown(np.zeros((1, 2, 2)), np.array([5]))
    assert two.no_variance.tolist() == [True]
    assert np.isnan(two.estimate).all()


def test_a_constant_item_is_kept_and_marked() -> None:
    covariance = np.array([[1.0, 0.5, 0], [0.5, 1.0, 0], [0, 0, 0]])
    found = cronbach_alpha(*of(covariance, 20))
    assert found.constant_item[0]
    assert found.estimate[0] == pytest.approx(3 / 2 * (1 - 2 / 3))


def test_a_reversed_item_left_as_it_is_gives_a_negative_alpha_not_a_clipped_one() -> None:
    covariance, n = of([[1, 0.8, -0.8], [0.8, 1, -0.8], [-0.8, -0.8, 1]], 200)
    assert cronbach_alpha(covariance, n).estimate[0] < 0
    assert item_statistics(covariance, n).unreversed.tolist() == [[False, False, True]]


def test_the_item_that_is_wrong_is_named_and_not_those_it_drags_along() -> None:
    frame = one_factor(400, 3, loading=0.8)
    frame["i2"] = 6 - frame["i2"]
    table = items(frame, key(3)).set_index("item")
    assert table["looks_unreversed"].to_dict() == {"i1": False, "i2": True, "i3": False}
    backwards = items(frame, {"s": ScaleKey(items=("i3", "i2", "i1"), low=1, high=5)})
    again = backwards.set_index("item")
    for name in ("looks_unreversed", "item_rest", "alpha_if_dropped"):
        assert again[name].to_dict() == pytest.approx(table[name].to_dict(), abs=1e-12)


def test_two_wrong_items_of_five_are_both_named() -> None:
    frame = one_factor(400, 5, loading=0.8)
    frame["i2"], frame["i5"] = 6 - frame["i2"], 6 - frame["i5"]
    table = items(frame, key(5)).set_index("item")
    assert table.index[table["looks_unreversed"]].tolist() == ["i2", "i5"]


def test_with_two_items_no_one_can_say_which_is_wrong() -> None:
    frame = one_factor(100, 2)
    frame["i2"] = 6 - frame["i2"]
    assert items(frame, key(2))["looks_unreversed"].tolist() == [True, True]


def test_in_a_small_cell_chance_accuses_no_item() -> None:
    covariance, n = of([[1, 0.3, -0.1], [0.3, 1, -0.1], [-0.1, -0.1, 1]], 30)
    assert item_statistics(covariance, n).unreversed[0, 2]
    assert not item_statistics(covariance, n, pooled=False).unreversed.any()


def test_distributions_equal_scipy() -> None:
    from scipy import stats

    frame = one_factor(300, 3)
    frame.loc[:9, "i1"] = 0  # a missing code
    keys = key(3, missing=(0,), reverse=("i2",))
    table = items(frame, keys).set_index("item")
    rows = frame.iloc[10:].astype(float)
    rows["i2"] = 6 - rows["i2"]
    for name in rows:
        assert table.loc[name, "n"] == 290
        assert table.loc[name, "mean"] == pytest.approx(rows[name].mean(), abs=1e-12)
        assert table.loc[name, "sd"] == pytest.approx(rows[name].std(), abs=1e-12)
        assert table.loc[name, "skew"] == pytest.approx(stats.skew(rows[name]), abs=1e-10)
        assert table.loc[name, "floor"] == (rows[name] == 1).mean()
        assert table.loc[name, "ceiling"] == (rows[name] == 5).mean()


def test_loevinger_is_one_for_a_perfect_order_and_less_with_an_error() -> None:
    # a Guttman pattern: whoever says yes to the harder question says yes to the easier one
    perfect = np.array([[1, 1, 1], [2, 1, 1], [2, 2, 1], [2, 2, 2]], dtype="uint8")
    index = cell_index(np.zeros(4, dtype=int), 1)
    h = loevinger_h(list(perfect.T), index, cell_moments(perfect, index, 1))
    assert h[0] == pytest.approx(1.0)
    # the first person gives one answer too high
    wrong = np.array([[1, 1, 2], [2, 1, 1], [2, 2, 1], [2, 2, 2]], dtype="uint8")
    moments = cell_moments(wrong, index, 1)
    most = 0.0
    for i in range(3):
        for j in range(i):
            most += np.cov(np.sort(wrong[:, i]), np.sort(wrong[:, j]))[0, 1]
    own = moments.covariance[0][np.triu_indices(3, 1)].sum()
    assert loevinger_h(list(wrong.T), index, moments)[0] == pytest.approx(own / most)
    cells = np.repeat([0, 2], 4)
    both = np.vstack([perfect, wrong])
    index = cell_index(cells, 3)
    many = loevinger_h(list(both.T), index, cell_moments(both, index, 3))
    np.testing.assert_allclose(many, [1.0, np.nan, own / most])


@pytest.mark.slow
def test_the_exact_interval_covers_the_true_alpha_at_its_level() -> None:
    # classical parallel items: the model under which the interval is exact
    rng = np.random.default_rng(11)
    for n in (10, 20, 60):
        cells, k = 4000, 4
        values = rng.normal(size=(cells, n, 1)) + rng.normal(size=(cells, n, k))
        centred = values - values.mean(axis=1, keepdims=True)
        covariance = np.swapaxes(centred, 1, 2) @ centred / (n - 1)
        truth = k / (k - 1) * (1 - 2 * k / (2 * k + k * (k - 1)))
        found = cronbach_alpha(covariance, np.full(cells, n))
        covered = np.mean((found.conf_low <= truth) & (truth <= found.conf_high))
        assert 0.94 <= covered <= 0.96


@pytest.mark.slow
def test_the_interval_nearly_keeps_its_level_with_unequal_items() -> None:
    rng = np.random.default_rng(12)
    loading = np.array([0.9, 0.8, 0.7, 0.6, 0.5])
    error = 1 - loading**2
    true = np.outer(loading, loading) + np.diag(error)
    truth = 5 / 4 * (1 - np.trace(true) / true.sum())
    for n in (15, 60, 150):
        trait = rng.normal(size=(2000, n, 1))
        values = trait * loading + rng.normal(size=(2000, n, 5)) * np.sqrt(error)
        centred = values - values.mean(axis=1, keepdims=True)
        covariance = np.swapaxes(centred, 1, 2) @ centred / (n - 1)
        found = cronbach_alpha(covariance, np.full(2000, n))
        covered = np.mean((found.conf_low <= truth) & (truth <= found.conf_high))
        assert 0.93 <= covered <= 0.965
