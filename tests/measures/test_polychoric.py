"""Polychoric correlations and ordinal coefficients against published programs and closed forms."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from scipy import special
from shared_files import reference

from twinimpact.errors import DesignError
from twinimpact.measures.consistency.bivariate import bivariate_density, bivariate_normal
from twinimpact.measures.consistency.omega import OmegaStatus, omega_minres
from twinimpact.measures.consistency.ordinal import (
    STATUS_AND_NOTE,
    OrdinalStatus,
    ordinal_reliability,
)
from twinimpact.measures.consistency.polychoric import BOUND, pair_tables, polychoric

Array = npt.NDArray[Any]


def agree() -> dict[str, Any]:
    path = reference("measurement/polychoric_bfi_agree.json")
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def answers(rows: int, seed: int, spread: float = 1.1, k: int = 4) -> Array:
    rng = np.random.default_rng(seed)
    latent = 0.7 * rng.normal(size=(rows, 1)) + np.sqrt(0.51) * rng.normal(size=(rows, k))
    return np.clip(np.rint(3 + spread * latent), 1, 5).astype("uint8")


def test_bivariate_normal_probabilities_equal_the_reference() -> None:
    content = agree()
    rows = content["bivariate_normal"]
    h, k, rho, expected = (np.array([row[x] for row in rows]) for x in ("h", "k", "rho", "Phi2"))
    found = bivariate_normal(h, k, rho)
    assert found == pytest.approx(expected, abs=content["tolerance"]["Phi2"])


def test_bivariate_normal_knows_its_limits_and_its_slope() -> None:
    h, infinite, rho = np.array([0.3]), np.array([np.inf]), np.array([0.6])
    assert bivariate_normal(h, infinite, rho) == pytest.approx(special.ndtr(h), abs=1e-14)
    assert bivariate_normal(h, -infinite, rho) == pytest.approx(0, abs=1e-14)
    step = 1e-5
    slope = (bivariate_normal(h, h, rho + step) - bivariate_normal(h, h, rho - step)) / (2 * step)
    assert bivariate_density(h, h, rho) == pytest.approx(slope, abs=1e-8)


def test_ten_tables_equal_the_reference() -> None:
    content = agree()
    found = polychoric(np.array([pair["table"] for pair in content["pairs"]]))
    expected = [pair["rho_two_step_ml"] for pair in content["pairs"]]
    assert found.rho == pytest.approx(expected, abs=content["tolerance"]["rho"])
    assert (found.n == content["data"]["n"]).all()
    assert not found.at_bound.any()
    assert not found.dropped.any()


def test_small_and_sparse_tables_equal_the_reference() -> None:
    content = agree()
    for case in content["small_tables"]:
        found = polychoric(np.array([case["table"]]))
        assert found.rho[0] == pytest.approx(
            case["rho_two_step_ml"], abs=content["tolerance"]["rho"]
        ), case["name"]


def test_a_category_nobody_used_is_left_out_and_counted() -> None:
    case = next(c for c in agree()["small_tables"] if c["name"] == "unused_category_dropped")
    used = np.array(case["table"])
    for keep in ([0, 1], [0, 2], [1, 2], [0, 3]):
        table = np.zeros((4, 4), dtype=int)
        table[np.ix_(keep, keep)] = used
        found = polychoric(table[None])
        assert found.rho[0] == pytest.approx(case["rho_two_step_ml"], abs=1e-5)
        assert found.dropped[0] == 4


def test_tetrachoric_with_even_margins_has_its_closed_form() -> None:
    case = agree()["tetrachoric_closed_form"]
    assert polychoric(np.array([case["table"]])).rho[0] == pytest.approx(case["rho"], abs=1e-8)
    for first in (1, 7, 24, 40, 49):
        table = np.array([[first, 50 - first], [50 - first, first]])
        expected = np.sin(2 * np.pi * (first / 100 - 0.25))
        assert polychoric(table[None]).rho[0] == pytest.approx(expected, abs=1e-7)


def test_tables_without_a_finite_answer_end_at_the_bound_with_a_flag() -> None:
    tables = np.array([[[10, 0], [5, 8]], [[0, 10], [8, 5]], [[10, 0], [0, 8]], [[12, 7], [6, 9]]])
    found = polychoric(tables)
    assert found.rho[:3] == pytest.approx([BOUND, -BOUND, BOUND])
    assert found.at_bound.tolist() == [True, True, True, False]
    assert not found.not_converged.any()


def test_one_used_category_or_an_empty_table_gives_no_number() -> None:
    found = polychoric(np.array([[[5, 5], [0, 0]], [[0, 0], [0, 0]]]))
    assert np.isnan(found.rho).all()
    assert found.dropped.tolist() == [1, 4]
    assert found.n.tolist() == [10, 0]


def test_signs_turn_with_the_order_of_categories_and_items_can_be_swapped() -> None:
    rows = answers(300, 1, k=2)
    table = pair_tables(rows, np.zeros(300, int), 1, 5)[0]
    rho = polychoric(table).rho
    assert polychoric(table[:, ::-1]).rho == pytest.approx(-rho, abs=1e-8)
    assert polychoric(table.transpose(0, 2, 1)).rho == pytest.approx(rho, abs=1e-8)


def test_a_table_alone_gives_the_same_number_as_among_many() -> None:
    rows, cell = answers(6000, 2), np.repeat(np.arange(60), 100)
    tables = pair_tables(rows, cell, 60, 5).reshape(-1, 5, 5)
    together = polychoric(tables).rho
    for one in (0, 100, 359):
        assert polychoric(tables[[one]]).rho[0] == together[one]


def test_tables_count_complete_rows_of_each_cell() -> None:
    rows = np.array([[1, 2, 1], [2, 2, 1], [1, 0, 2], [1, 1, 2], [2, 2, 2]], dtype="uint8")
    tables = pair_tables(rows, np.array([0, 0, 0, 1, -1]), 2, 2)
    assert tables.shape == (2, 3, 2, 2)
    assert tables[0, 0].tolist() == [[0, 1], [0, 1]]
    assert tables[1, 1].tolist() == [[0, 1], [0, 0]]
    assert (tables.sum(axis=(2, 3)) == [[2], [1]]).all()
    with pytest.raises(DesignError, match="categories"):
        pair_tables(rows, np.zeros(5, int), 1, 1)
    with pytest.raises(DesignError, match="square"):
        polychoric(np.zeros((3, 2, 4)))


def test_ordinal_coefficients_of_the_reference_matrix() -> None:
    content = agree()
    matrix = np.eye(5)
    first, second = np.triu_indices(5, 1)
    matrix[first, second] = polychoric(np.array([p["table"] for p in content["pairs"]])).rho
    matrix[second, first] = matrix[first, second]
    assert matrix == pytest.approx(np.array(content["matrix"]), abs=content["tolerance"]["rho"])
    assert 5 / 4 * (1 - 5 / matrix.sum()) == pytest.approx(content["ordinal_alpha"], abs=1e-5)
    factor = omega_minres(matrix[None])
    assert factor.common_over_observed[0] == pytest.approx(
        content["ordinal_omega_uls"], abs=content["tolerance"]["ordinal_alpha"]
    )
    assert factor.loadings[0] == pytest.approx(content["ordinal_loadings_uls"], abs=1e-5)


def test_ordinal_reliability_is_built_from_the_polychoric_matrix_of_each_cell() -> None:
    rows, cell = answers(450, 3), np.repeat([0, 1, 2], 150)
    found = ordinal_reliability(rows, cell, 3, 5)
    assert (found.status == OrdinalStatus.OK).all()
    tables = pair_tables(rows, cell, 3, 5)
    rho = polychoric(tables.reshape(-1, 5, 5)).rho.reshape(3, 6)
    first, second = np.triu_indices(4, 1)
    assert found.correlations[:, first, second] == pytest.approx(rho)
    assert found.alpha == pytest.approx(4 / 3 * (1 - 4 / (4 + 2 * rho.sum(axis=1))))
    assert found.omega == pytest.approx(omega_minres(found.correlations).common_over_observed)


def test_fewer_than_100_complete_rows_are_not_estimated() -> None:
    rows = answers(200, 4)
    rows[0, 1] = 0
    found = ordinal_reliability(rows, np.repeat([0, 1], 100), 2, 5)
    assert found.n.tolist() == [99, 100]
    assert [STATUS_AND_NOTE[OrdinalStatus(s)] for s in found.status] == [
        ("not_estimable", "n_below_100"), ("ok", ""),
    ]  # fmt: skip
    assert np.isnan(found.alpha).tolist() == [True, False]


def test_a_matrix_that_is_not_positive_definite_gives_alpha_only() -> None:
    rng = np.random.default_rng(6)
    # tables of two answers with margins that allow more than normal variables could
    base = rng.integers(1, 3, size=(150, 1))
    rows = np.repeat(base, 4, axis=1).astype("uint8")
    rows[:20, 1], rows[20:40, 2], rows[40:60, 3] = 1, 2, 1
    found = ordinal_reliability(rows, np.zeros(150, int), 1, 2)
    assert found.status[0] == OrdinalStatus.OK
    assert found.at_bound[0]
    assert found.not_positive_definite[0]
    assert np.isfinite(found.alpha[0])
    assert np.isnan(found.omega[0])


def test_an_item_with_one_answer_and_unused_categories_are_reported() -> None:
    rows = answers(200, 7)
    rows[:100, 2] = 3
    rows[100:] = np.minimum(rows[100:], 4)
    found = ordinal_reliability(rows, np.repeat([0, 1], 100), 2, 5)
    assert found.status[0] == OrdinalStatus.ONE_CATEGORY
    assert found.status[1] == OrdinalStatus.OK
    assert found.dropped_categories[1] == 4
    assert np.isnan(found.alpha[0])


def test_two_items_have_ordinal_alpha_and_no_omega() -> None:
    found = ordinal_reliability(answers(150, 8, k=2), np.zeros(150, int), 1, 5)
    rho = found.correlations[0, 0, 1]
    assert found.alpha[0] == pytest.approx(2 * rho / (1 + rho))
    assert np.isnan(found.omega[0])
    assert found.omega_status[0] == OmegaStatus.NO_SOLUTION
    with pytest.raises(DesignError, match="two items"):
        ordinal_reliability(answers(150, 8, k=1), np.zeros(150, int), 1, 5)


@pytest.mark.slow
def test_correlations_come_back_from_simulated_answers() -> None:
    rows = answers(200 * 300, 9)
    found = ordinal_reliability(rows, np.repeat(np.arange(300), 200), 300, 5)
    # true correlation .49 of all pairs; 1,800 estimates with a standard error near .06
    assert found.correlations[:, 0, 1:].mean() == pytest.approx(0.49, abs=0.01)
    assert found.alpha.mean() == pytest.approx(4 * 0.49 / (1 + 3 * 0.49), abs=0.01)
