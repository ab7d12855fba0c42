"""Omega against published programs, closed forms, a general optimiser and simulation."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from shared_files import reference

from twinimpact.errors import DesignError
from twinimpact.measures.consistency.omega import (
    STATUS_AND_NOTE,
    OmegaStatus,
    omega_minres,
    omega_ml,
)
from twinimpact.measures.consistency.omega_fit import LOWEST_UNIQUENESS
from twinimpact.measures.consistency.omega_likelihood import likelihood, solve_information

Array = npt.NDArray[Any]
LOADING = np.array([0.8, 0.7, 0.6, 0.75, 0.5])
TRUE = LOADING.sum() ** 2 / (LOADING.sum() ** 2 + (1 - LOADING**2).sum())


def bfi() -> dict[str, Any]:
    path = reference("measurement/reliability_bfi.json")
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def samples(cells: int, n: int, seed: int, loading: Array = LOADING) -> Array:
    """Covariances of samples from one factor with unit variances, divisor n − 1."""
    rng = np.random.default_rng(seed)
    own = np.sqrt(1 - loading**2)
    rows = rng.normal(size=(cells, n, 1)) * loading + own * rng.normal(
        size=(cells, n, loading.size)
    )
    rows -= rows.mean(axis=1, keepdims=True)
    return np.einsum("cni,cnj->cij", rows, rows) / (n - 1)


def correlation(r12: float, r13: float, r23: float) -> Array:
    return np.array([[[1, r12, r13], [r12, 1, r23], [r13, r23, 1]]])


@pytest.mark.parametrize("name", ["agree", "cons", "neuro"])
def test_maximum_likelihood_omega_equals_lavaan(name: str) -> None:
    content = bfi()
    scale, within = content["scales"][name], content["tolerance"]
    expected = scale["omega"]["ml_covariance"]
    covariance = np.array(scale["covariance_complete_divisor_n_minus_1"])
    found = omega_ml(covariance[None], np.array([scale["n_complete"]]))
    assert found.status[0] == OmegaStatus.OK
    assert found.omega[0] == pytest.approx(expected["omega_model_variance"], abs=within["omega_ml"])
    assert found.omega_observed[0] == pytest.approx(
        expected["omega_observed_variance_compRelSEM"], abs=within["omega_ml"]
    )
    assert found.standard_error[0] == pytest.approx(expected["se"], abs=within["omega_se"])
    assert [found.low[0], found.high[0]] == pytest.approx(
        expected["log_complement_95"], abs=within["interval_log_complement"]
    )
    # the reference program stops its search two digits before these
    assert found.loadings[0] == pytest.approx(expected["loadings"], abs=1e-5)
    assert found.uniqueness[0] == pytest.approx(expected["uniquenesses"], abs=1e-5)
    assert not found.heywood[0]
    assert not found.misfit[0]


@pytest.mark.parametrize("name", ["agree", "cons", "neuro"])
def test_each_least_squares_variant_equals_its_own_reference(name: str) -> None:
    content = bfi()
    scale, within = content["scales"][name], content["tolerance"]
    covariance = np.array(scale["covariance_complete_divisor_n_minus_1"])
    spread = np.sqrt(np.diag(covariance))
    on_correlations = scale["omega"]["uls_correlation"]
    found = omega_minres((covariance / np.outer(spread, spread))[None])
    assert found.common_over_observed[0] == pytest.approx(
        on_correlations["omega_common_over_observed"], abs=within["omega_uls"]
    )
    assert found.one_minus_uniqueness[0] == pytest.approx(
        on_correlations["omega_one_minus_uniqueness"], abs=within["omega_uls"]
    )
    assert found.one_minus_uniqueness[0] == pytest.approx(
        on_correlations["psych_omega_total"],
        abs=within["psych_omega_total_vs_one_minus_uniqueness"],
    )
    assert found.loadings[0] == pytest.approx(on_correlations["loadings"], abs=1e-7)
    raw = omega_minres(covariance[None])
    on_covariances = scale["omega"]["uls_covariance"]
    assert raw.common_over_observed[0] == pytest.approx(
        on_covariances["omega_common_over_observed"], abs=within["omega_uls"]
    )
    assert raw.loadings[0] == pytest.approx(on_covariances["loadings"], abs=1e-7)


def test_three_items_follow_the_closed_form_and_keep_a_negative_uniqueness() -> None:
    cases = bfi()["improper_solutions"]
    for name, status in (("proper", OmegaStatus.OK), ("heywood", OmegaStatus.BOUNDARY)):
        case = cases[name]
        matrix = correlation(case["r12"], case["r13"], case["r23"])
        found = omega_ml(matrix, np.array([50]))
        squares = [case[f"lambda{i}_squared"] for i in (1, 2, 3)]
        assert found.status[0] == status
        # loadings are those of divisor n
        assert found.loadings[0] ** 2 * 50 / 49 == pytest.approx(squares, abs=1e-12)
        total = np.sqrt(squares).sum() ** 2
        assert found.omega[0] == pytest.approx(total / (total + 3 - sum(squares)), abs=1e-12)
    assert omega_ml(
        correlation(*(cases["proper"][r] for r in ("r12", "r13", "r23"))), np.array([50])
    ).omega[0] == pytest.approx(cases["proper"]["omega_correlation"], abs=1e-12)


def test_an_improper_solution_has_its_flags_and_no_interval() -> None:
    case = bfi()["improper_solutions"]["heywood"]
    assert case["expected_flag"] == "uniqueness_negative"
    found = omega_ml(correlation(case["r12"], case["r13"], case["r23"]), np.array([50]))
    assert found.heywood[0]
    assert found.uniqueness_negative[0]
    assert STATUS_AND_NOTE[OmegaStatus(found.status[0])] == ("boundary", "heywood")
    assert np.isfinite(found.omega[0])
    assert np.isnan([found.low[0], found.high[0], found.log_standard_error[0]]).all()


def test_no_real_solution_is_said_and_gives_no_number() -> None:
    case = bfi()["improper_solutions"]["no_real_solution"]
    matrix = correlation(case["r12"], case["r13"], case["r23"])
    found = omega_ml(matrix, np.array([50]))
    status, note = STATUS_AND_NOTE[OmegaStatus(found.status[0])]
    assert (status, note) == ("not_estimable", case["expected_flag"])
    assert np.isnan(found.omega[0])
    least_squares = omega_minres(matrix)
    assert least_squares.status[0] == OmegaStatus.NO_SOLUTION
    assert np.isnan(least_squares.common_over_observed[0])


def test_cells_that_cannot_be_estimated_say_why() -> None:
    good = samples(1, 50, 1)[0]
    constant = good.copy()
    constant[2], constant[:, 2] = 0, 0
    unrelated = np.eye(5)
    unknown = np.full((5, 5), np.nan)
    found = omega_ml(
        np.stack([good, good, constant, unrelated, unknown]), np.array([50, 1, 50, 50, 0])
    )
    assert [OmegaStatus(code).name for code in found.status] == [
        "OK", "N_BELOW_2", "ZERO_VARIANCE_ITEM", "NO_SOLUTION", "N_BELOW_2",
    ]  # fmt: skip
    assert np.isfinite(found.omega).tolist() == [True, False, False, False, False]


def test_two_items_are_refused_with_what_to_use_instead() -> None:
    for function in (lambda s: omega_ml(s, np.array([50])), omega_minres):
        with pytest.raises(DesignError, match="Spearman"):
            function(np.array([[[1.0, 0.5], [0.5, 1.0]]]))


def test_a_second_factor_is_flagged_by_the_gap_between_the_two_omegas() -> None:
    block = np.full((3, 3), 0.7)
    matrix = np.block([[block, block * 0.2], [block * 0.2, block]])
    np.fill_diagonal(matrix, 1)
    found = omega_ml(matrix[None], np.array([200]))
    assert found.misfit[0]
    assert abs(found.omega[0] - found.omega_observed[0]) > 0.02


def test_closed_form_of_the_information_equals_the_dense_solve() -> None:
    rng = np.random.default_rng(4)
    for k in (3, 5, 12):
        loading, own = rng.uniform(-0.4, 0.9, k), rng.uniform(0.05, 1, k)
        inverse = np.linalg.inv(np.outer(loading, loading) + np.diag(own))
        q = inverse @ loading
        mixed = 2 * inverse * q
        dense = np.block(
            [[2 * (loading @ q * inverse + np.outer(q, q)), mixed], [mixed.T, inverse**2]]
        )
        right = rng.normal(size=2 * k)
        x_l, x_u = solve_information(
            loading[:, None], own[:, None], right[:k, None], right[k:, None]
        )
        expected = np.linalg.solve(dense, right)
        assert np.concatenate([x_l, x_u])[:, 0] == pytest.approx(expected, rel=1e-7, abs=1e-9)


@pytest.mark.slow
def test_the_likelihood_is_not_below_that_of_a_general_optimiser() -> None:
    from scipy.optimize import minimize

    def loss(x: Array, matrix: Array) -> tuple[float, Array]:
        k = matrix.shape[0]
        model = np.outer(x[:k], x[:k]) + np.diag(x[k:])
        inverse = np.linalg.inv(model)
        value = np.linalg.slogdet(model)[1] + np.trace(matrix @ inverse)
        inner = inverse @ (model - matrix) @ inverse
        return float(value), np.concatenate([2 * inner @ x[:k], np.diag(inner)])

    for k, n in ((4, 12), (5, 20), (7, 60)):
        covariance = samples(8, n, k, np.linspace(0.4, 0.8, k))
        spread = np.sqrt(np.diagonal(covariance, axis1=1, axis2=2))
        matrices = covariance / (spread[:, :, None] * spread[:, None])
        fit = likelihood(np.ascontiguousarray(matrices.transpose(1, 2, 0)))
        limits = [(-1.5, 1.5)] * k + [(LOWEST_UNIQUENESS, 1.5)] * k
        for cell, matrix in enumerate(matrices):
            ours = loss(np.concatenate([fit.loadings[:, cell], fit.uniqueness[:, cell]]), matrix)
            start = np.concatenate([np.full(k, 0.6), np.full(k, 0.6)])
            theirs = minimize(
                loss, start, (matrix,), method="L-BFGS-B", jac=True, bounds=limits,
                options={"ftol": 1e-13, "gtol": 1e-9, "maxiter": 2000},
            )  # fmt: skip
            assert fit.converged[cell]
            assert ours[0] <= theirs.fun + 1e-7


def test_a_cell_alone_gives_the_same_bits_as_among_thousands() -> None:
    covariance, n = samples(5000, 17, 2), np.full(5000, 17)
    together = omega_ml(covariance, n)
    order = np.random.default_rng(0).permutation(5000)
    shuffled = omega_ml(covariance[order], n)
    assert np.array_equal(shuffled.omega, together.omega[order], equal_nan=True)
    for cell in (0, 1, 4999):
        alone = omega_ml(covariance[[cell]], n[[cell]])
        assert np.array_equal(alone.omega, together.omega[[cell]], equal_nan=True)
        assert np.array_equal(alone.low, together.low[[cell]], equal_nan=True)


def test_order_of_items_and_the_unit_of_answers_change_nothing() -> None:
    covariance, n = samples(200, 60, 3), np.full(200, 60)
    found = omega_ml(covariance, n)
    order = [3, 1, 4, 0, 2]
    turned = omega_ml(covariance[:, order][:, :, order], n)
    assert turned.omega == pytest.approx(found.omega, abs=1e-8)
    scaled = omega_ml(covariance * 49.0, n)
    assert scaled.omega == pytest.approx(found.omega, abs=1e-8)
    assert scaled.loadings == pytest.approx(7 * found.loadings, abs=1e-7)


def test_a_uniqueness_at_its_bound_gives_a_value_without_interval() -> None:
    found = omega_ml(samples(500, 12, 5), np.full(500, 12))
    at_bound = found.status == OmegaStatus.BOUNDARY
    assert 0.1 < at_bound.mean() < 0.6
    assert np.isfinite(found.omega[at_bound]).all()
    assert np.isnan(found.low[at_bound]).all()
    assert (found.heywood == at_bound).all()
    share = found.uniqueness / (found.loadings**2 + found.uniqueness)
    assert np.nanmin(share) >= LOWEST_UNIQUENESS - 1e-3


def test_limits_enclose_the_estimate_and_follow_the_level() -> None:
    covariance, n = samples(300, 40, 6), np.full(300, 40)
    wide, narrow = omega_ml(covariance, n, conf_level=0.99), omega_ml(covariance, n, conf_level=0.8)
    ok = wide.status == OmegaStatus.OK
    assert (wide.low < narrow.low)[ok].all()
    assert (narrow.low < wide.omega)[ok].all()
    assert (wide.omega < narrow.high)[ok].all()
    assert (narrow.high < wide.high)[ok].all()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("n", "coverage", "at_bound"), [(15, 0.946, 0.21), (30, 0.939, 0.036), (60, 0.945, 0.0)]
)
def test_the_interval_covers_as_published_in_the_design(
    n: int, coverage: float, at_bound: float
) -> None:
    found = omega_ml(samples(4000, n, 100 + n), np.full(4000, n))
    ok = found.status == OmegaStatus.OK
    covered = ((found.low <= TRUE) & (found.high >= TRUE))[ok].mean()
    # two samples of 4,000: three standard errors of their difference
    assert covered == pytest.approx(coverage, abs=0.016)
    assert found.heywood.mean() == pytest.approx(at_bound, abs=0.03)
    assert (found.status == OmegaStatus.NOT_CONVERGED).mean() < 0.005
