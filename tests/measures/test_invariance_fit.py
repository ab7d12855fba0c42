from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from invariance_data import FACTORS, ITEMS, read, school_design, school_sample

from twinimpact.measures.invariance.fit import (
    Fit,
    Sample,
    covariance_of,
    fit,
    gradient_at,
    standard_errors,
)
from twinimpact.measures.invariance.indices import difference, indices
from twinimpact.measures.invariance.ladder import climb, refit
from twinimpact.measures.invariance.model import (
    LEVELS,
    Design,
    equal_at,
    layout_of,
    simple_structure,
)
from twinimpact.measures.invariance.rules import InvarianceRules, invariance_rules
from twinimpact.measures.invariance.starts import first_values

NAMES = ["visual", "textual", "speed"]


def fitted(level: str, sample: Sample, design: Design, released: tuple[int, ...] = ()) -> Fit:
    equal = equal_at(level, 9, (), released)
    return refit(design, sample, equal, first_values(design, sample))


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("marker", [False, True])
def test_every_level_has_the_fit_of_lavaan(level: str, marker: bool) -> None:
    file = read("invariance_holzinger_swineford")
    found = fitted(level, school_sample(file), school_design(marker=marker))
    made, wanted, near = indices(found), file["levels"][level], file["tolerance"]
    assert found.converged and not found.improper
    assert made.chi2 == pytest.approx(wanted["chisq"], abs=near["chi2"])
    assert (made.df, made.parameters) == (wanted["df"], wanted["npar"])
    assert made.p_value == pytest.approx(wanted["pvalue"], abs=near["p"])
    assert made.baseline_chi2 == pytest.approx(wanted["baseline.chisq"], abs=near["chi2"])
    assert made.baseline_df == wanted["baseline.df"]
    for name in ("cfi", "rmsea", "srmr"):
        assert getattr(made, name) == pytest.approx(wanted[name], abs=near["fit_index"])
    assert made.bic == pytest.approx(wanted["bic"], abs=near["chi2"])


def position(design: Design, row: dict[str, Any]) -> int:
    """Where a parameter of the reference stands."""
    starts = design.structure.starts
    left, right, kind = row["lhs"], row["rhs"], row["op"]
    if kind == "=~":
        return ITEMS.index(right)
    if kind == "~1":
        return starts[5] + NAMES.index(left) if left in NAMES else starts[1] + ITEMS.index(left)
    if left in ITEMS:
        return starts[2] + ITEMS.index(left)
    one, two = sorted((NAMES.index(left), NAMES.index(right)))
    return starts[4] + two * (two + 1) // 2 + one


@pytest.mark.parametrize("level", [*LEVELS, "partial"])
def test_estimates_and_standard_errors_are_those_of_lavaan(level: str) -> None:
    file = read("invariance_holzinger_swineford")
    design, near = school_design(marker=True), file["tolerance"]
    if level == "partial":
        found = fitted("scalar", school_sample(file), design, released=(2, 6))
        rows = file["partial"]["estimates"]
    else:
        found = fitted(level, school_sample(file), design)
        rows = file["estimates"][level]
    errors = standard_errors(found)
    assert rows
    for row in rows:
        at = (row["group"] - 1, position(design, row))
        assert found.values[at] == pytest.approx(row["est"], abs=near["estimate"]), row
        assert errors[at] == pytest.approx(row["se"], abs=near["se"]), row


def test_differences_between_levels_are_those_of_lavaan() -> None:
    file = read("invariance_holzinger_swineford")
    sample, design = school_sample(file), school_design()
    made = {level: indices(fitted(level, sample, design)) for level in LEVELS}
    made["partial_scalar"] = indices(fitted("scalar", sample, design, released=(2, 6)))
    for name, wanted in file["difference_tests"].items():
        stricter, looser = name.split("_vs_")
        found = difference(made[stricter], made[looser])
        assert found.chi2 == pytest.approx(wanted["chisq_diff"], abs=1e-4)
        assert found.df == wanted["df_diff"]
        assert found.p_value == pytest.approx(wanted["p"], abs=1e-5)


def test_metric_holds_six_loadings_equal_and_not_none() -> None:  # T4
    sample = school_sample(read("invariance_holzinger_swineford"))
    loose, equal = (fitted(level, sample, school_design()) for level in ("configural", "metric"))
    assert equal.df - loose.df == 6
    assert equal.values[0, :9] == pytest.approx(equal.values[1, :9], abs=0)


def test_factors_of_a_single_group_are_correlated() -> None:  # T6
    file = read("invariance_holzinger_swineford")["single_group"]
    covariance = np.array([file["cov_divisor_n"]])
    sample = Sample(n=np.array([301.0]), mean=np.zeros((1, 9)), covariance=covariance)
    found = fitted("configural", sample, school_design())
    assert found.chi2 == pytest.approx(file["fit"]["chisq"], abs=1e-4)
    assert found.df == file["fit"]["df"] == 24
    corners = found.values[0, slice(*found.layout.design.structure.starts[4:6])]
    assert (np.abs(corners) > 0.2).all()


@pytest.mark.parametrize("level", LEVELS)
def test_the_order_of_items_and_groups_does_not_matter(level: str) -> None:
    sample = school_sample(read("invariance_holzinger_swineford"))
    there = fitted(level, sample, school_design())
    order = np.array([8, 3, 0, 5, 1, 7, 4, 2, 6])
    turned = Sample(
        n=sample.n[::-1],
        mean=sample.mean[::-1][:, order],
        covariance=sample.covariance[::-1][:, order[:, None], order],
    )
    design = Design(structure=simple_structure(np.asarray(FACTORS)[order].tolist()))
    here = fitted(level, turned, design)
    assert here.chi2 == pytest.approx(there.chi2, abs=1e-6)
    assert indices(here).srmr == pytest.approx(indices(there).srmr, abs=1e-7)


def anything_goes() -> InvarianceRules:
    rules = invariance_rules()
    limits = {name: dict(rule) for name, rule in rules.limits.items()}
    limits["configural"]["least"] = 0
    for name in ("large", "small"):
        limits[name]["cfi"] = 9.0
    return replace(rules, limits=limits)


def test_the_test_does_not_fall_from_level_to_level() -> None:
    generator = np.random.default_rng(20261124)
    for _ in range(10):
        loads = np.zeros((3, 9, 3))
        loads[:, np.arange(9), FACTORS] = generator.uniform(0.5, 1.2, (3, 9))
        noise = generator.standard_normal((3, 9, 9)) * 0.15
        covariance = loads @ (np.eye(3) + 0.4) @ loads.transpose(0, 2, 1)
        covariance = covariance + 0.6 * np.eye(9) + noise @ noise.transpose(0, 2, 1)
        sample = Sample(
            n=np.array([150.0, 220.0, 90.0]),
            mean=0.3 * generator.standard_normal((3, 9)),
            covariance=covariance,
        )
        ladder = climb(school_design(), sample, top="strict", rules=anything_goes())
        chi2 = [rung.fit.chi2 for rung in ladder.rungs]
        assert len(chi2) == 4 and np.all(np.diff(chi2) > -1e-5), chi2


def test_the_gradient_is_that_of_the_function() -> None:
    sample = school_sample(read("invariance_holzinger_swineford"))
    design = school_design()
    values = first_values(design, sample)
    slope = gradient_at(design.structure, sample, values)
    free = equal_at("configural", 9)
    for place in (0, 5, 12, 20, 28, 31):
        moved = []
        for sign in (1, -1):
            shifted = values.copy()
            shifted[1, place] += sign * 1e-5
            moved.append(gradient_at(design.structure, sample, shifted))
        # mixed second differences of the gradient are symmetric only for a true gradient
        row = (moved[0] - moved[1])[1] / 2e-5
        other = []
        for sign in (1, -1):
            shifted = values.copy()
            shifted[1, 3] += sign * 1e-5
            other.append(gradient_at(design.structure, sample, shifted)[1, place])
        assert row[3] == pytest.approx((other[0] - other[1]) / 2e-5, rel=1e-4, abs=1e-6)
    assert slope.shape == values.shape and free.loadings.shape == (9,)


def test_bordered_and_dense_equations_give_the_same_standard_errors() -> None:
    sample = school_sample(read("invariance_holzinger_swineford"))
    found = fitted("scalar", sample, school_design())
    dense = np.sqrt(np.diagonal(covariance_of(found)))
    spread = standard_errors(found)
    use = found.layout.index >= 0
    assert spread[use] == pytest.approx(dense[found.layout.index[use]], rel=1e-9)


def test_a_model_that_cannot_be_fitted_is_not_called_converged() -> None:
    flat = Sample(
        n=np.array([120.0, 120.0]),
        mean=np.zeros((2, 4)),
        covariance=np.stack([np.eye(4), np.eye(4)]),
    )
    design = Design(structure=simple_structure([0, 0, 0, 0]))
    layout = layout_of(design, 2, equal_at("configural", 4))
    bad = np.zeros((2, design.structure.starts[-1]))
    found = fit(layout, flat, bad)
    assert not found.converged and np.isnan(found.chi2)
