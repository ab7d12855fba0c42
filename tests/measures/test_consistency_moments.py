"""Moments of all cells at once: exact, and the same whatever the order."""

from __future__ import annotations

import numpy as np
import pytest

from twinimpact.measures.consistency.moments import (
    cell_index,
    cell_moments,
    in_units,
    merge_moments,
)


def some(rows: int = 500, k: int = 4, cells: int = 7, top: int = 5) -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng(1)
    codes = rng.integers(0, top + 1, (rows, k)).astype("uint8" if top < 256 else "uint32")
    return codes, rng.integers(-1, cells, rows)


@pytest.mark.parametrize("top", [5, 11, 101, 70_000])
def test_moments_equal_those_of_each_cell_by_itself(top: int) -> None:
    codes, cell = some(top=top)
    found = cell_moments(codes, cell, 7, lo=1.0, hi=float(top))
    for number in range(7):
        rows = codes[(cell == number) & (codes > 0).all(axis=1)].astype(float)
        assert found.n[number] == len(rows)
        np.testing.assert_allclose(found.mean[number], rows.mean(axis=0), rtol=1e-13)
        np.testing.assert_allclose(found.covariance[number], np.cov(rows.T), rtol=1e-12)


def test_the_order_of_rows_and_items_changes_nothing() -> None:
    codes, cell = some()
    found = cell_moments(codes, cell, 7)
    order, items = np.random.default_rng(2).permutation(len(codes)), [2, 0, 3, 1]
    again = cell_moments(codes[order][:, items], cell[order], 7)
    np.testing.assert_array_equal(again.mean, found.mean[:, items])
    np.testing.assert_array_equal(again.covariance, found.covariance[:, items][:, :, items])


def test_moments_of_cells_add_up_to_those_of_the_whole() -> None:
    codes, cell = some()
    parts = cell_moments(codes, cell, 7)
    merged = merge_moments(parts, np.array([0, 0, 1, 1, 0, 1, -1]), 2)
    larger = np.where(cell == 6, -1, np.isin(cell, (2, 3, 5)).astype(int))
    whole = cell_moments(codes, np.where(cell < 0, -1, larger), 2)
    np.testing.assert_array_equal(merged.n, whole.n)
    np.testing.assert_array_equal(merged.covariance, whole.covariance)


def test_cells_without_complete_rows_have_no_moments() -> None:
    codes = np.array([[1, 2], [0, 2], [3, 3], [2, 1]], dtype="uint8")
    found = cell_moments(codes, np.array([0, 1, 3, 3]), 5)
    assert found.n.tolist() == [1, 0, 0, 2, 0]
    assert np.isnan(found.mean[1]).all()
    assert np.isfinite(found.covariance).all(axis=(1, 2)).tolist() == [False] * 3 + [True, False]


def test_no_rows_and_no_cells_are_no_fault() -> None:
    assert cell_moments(np.zeros((0, 2), dtype="uint8"), np.zeros(0, dtype=int), 3).n.sum() == 0
    assert cell_moments(np.ones((2, 2), dtype="uint8"), np.array([-1, -1]), 0).n.shape == (0,)


def test_many_cells_are_sorted_like_few() -> None:
    rng = np.random.default_rng(4)
    cell = rng.integers(-1, 70_000, 3000)
    index = cell_index(cell, 70_000)
    np.testing.assert_array_equal(index.row_cells(), np.sort(cell[cell >= 0]))
    assert index.sums(np.ones(len(index.order), dtype=int)).sum() == (cell >= 0).sum()


def test_weights_equal_repeated_rows_in_the_mean_and_equal_weights_change_nothing() -> None:
    codes, cell = some()
    plain = cell_moments(codes, cell, 7)
    equal = cell_moments(codes, cell, 7, weights=np.full(len(codes), 2.5))
    np.testing.assert_allclose(equal.covariance, plain.covariance, rtol=1e-12)
    np.testing.assert_allclose(equal.n_eff, plain.n, rtol=1e-12)
    times = np.random.default_rng(6).integers(1, 4, len(codes))
    weighted = cell_moments(codes, cell, 7, weights=times.astype(float))
    repeated = cell_moments(np.repeat(codes, times, axis=0), np.repeat(cell, times), 7)
    np.testing.assert_allclose(weighted.mean, repeated.mean, rtol=1e-12)
    # Kish: weights 1, 1, 2, 2, 4 count like 3.846 people
    kish = cell_moments(np.ones((5, 2), dtype="uint8"), np.zeros(5, int), 1,
                        weights=np.array([1.0, 1, 2, 2, 4]))  # fmt: skip
    assert kish.n_eff[0] == pytest.approx(3.84615384615385, abs=1e-10)


def test_units_move_mean_and_covariance() -> None:
    codes, cell = some()
    plain = cell_moments(codes, cell, 7)
    found = in_units(plain, 0.0, 100.0, 25.0)
    np.testing.assert_allclose(found.mean, (plain.mean - 1) * 25)
    np.testing.assert_allclose(found.covariance, plain.covariance * 625)
