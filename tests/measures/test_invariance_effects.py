from __future__ import annotations

import numpy as np
import pytest
from invariance_data import ITEMS, read, school_design, school_sample, wave_sample

from twinimpact.measures.invariance.dmacs import (
    Parameters,
    comparable_difference,
    dmacs,
    effects,
    ordinal_dmacs,
    pooled_sd,
    variance_effect,
)
from twinimpact.measures.invariance.fit import Fit, Sample, standard_errors
from twinimpact.measures.invariance.indices import difference, indices
from twinimpact.measures.invariance.ladder import climb, refit
from twinimpact.measures.invariance.model import LEVELS, equal_at
from twinimpact.measures.invariance.release import score_tests
from twinimpact.measures.invariance.starts import first_values
from twinimpact.measures.invariance.waves import (
    climb_waves,
    longitudinal_baseline,
    longitudinal_cfi,
    wave_design,
)


def one_question(values: dict[str, float]) -> tuple[float, float]:
    side = Parameters(
        loading=np.array([values["lambda_ref"]]),
        intercept=np.array([values["nu_ref"]]),
        focal_loading=np.array([values["lambda_foc"]]),
        focal_intercept=np.array([values["nu_foc"]]),
        mean=np.array([values["mean_foc"]]),
        variance=np.array([values["var_foc"]]),
    )
    size, signed = dmacs(side, np.array([values.get("sd") or values["sd_pooled"]]))
    return float(size[0]), float(signed[0])


def partial_model() -> Fit:
    sample = school_sample(read("invariance_holzinger_swineford"))
    return refit(
        school_design(),
        sample,
        equal_at("scalar", 9, (), (2, 6)),
        first_values(school_design(), sample),
    )


def test_the_literal_example_has_no_extra_root() -> None:  # T19
    file = read("dmacs")
    size, signed = one_question(file["literal_linear"])
    near = file["tolerance"]["literal"]
    assert size == pytest.approx(file["literal_linear"]["dmacs"], abs=near)
    assert signed == pytest.approx(file["literal_linear"]["dmacs_signed"], abs=near)
    assert abs(size - file["literal_linear"]["dmacs_package_0.1.0_value_WRONG"]) > 0.01


def test_the_effect_on_the_variance_counts_all_products() -> None:  # T20
    case = read("dmacs")["variance_effect"]
    found = variance_effect(
        np.array(case["lambda_ref"]), np.array(case["lambda_foc"]), case["var_foc"]
    )
    assert found == pytest.approx(case["value"], abs=1e-12)
    assert abs(found - case["dmacs_delta_var_WRONG"]) > 1


def test_ordinal_questions_are_integrated_over_the_focal_group() -> None:
    file = read("dmacs")
    for case in file["ordinal"]:
        found = ordinal_dmacs(
            (case["lambda_ref"], np.array(case["tau_ref"])),
            (case["lambda_foc"], np.array(case["tau_foc"])),
            mean=case["mean_foc"],
            variance=case["var_foc"],
            sd=case["sd"],
        )
        near = file["tolerance"]["ordinal"]
        assert found == pytest.approx((case["dmacs"], case["dmacs_signed"]), abs=near)


def test_released_questions_have_the_dmacs_of_the_reference() -> None:
    file = read("dmacs")
    found = effects(partial_model())
    for row in file["released_items"]:
        place = ITEMS.index(row["item"])
        assert found.dmacs[0, place] == pytest.approx(row["dmacs"], abs=1e-4)
        assert found.signed[0, place] == pytest.approx(row["dmacs_signed"], abs=1e-4)
    held = [place for place in range(9) if place not in (2, 6)]
    assert found.dmacs[0, held] == pytest.approx(0, abs=1e-12)


def test_other_questions_are_freed_one_at_a_time() -> None:
    file = read("dmacs")
    start = partial_model()
    for row in file["one_at_a_time"]:
        place = ITEMS.index(row["item"])
        equal = equal_at("scalar", 9, (place,), (2, 6))
        model = refit(start.layout.design, start.sample, equal, start.values)
        assert model.chi2 == pytest.approx(row["chisq"], abs=1e-4)
        assert effects(model).dmacs[0, place] == pytest.approx(row["dmacs"], abs=1e-4)


def test_bias_stands_next_to_the_observed_difference_and_changes_its_sign() -> None:
    wanted = read("dmacs")["scale_effect"]
    found = effects(partial_model())
    for factor, name in ((0, "visual"), (2, "speed")):
        assert found.bias[0, factor] == pytest.approx(wanted["bias_mean_score"][name], abs=1e-4)
        assert found.observed[0, factor] == pytest.approx(
            wanted["observed_difference_mean_score"][name], abs=1e-9
        )
    left, low, high = comparable_difference(partial_model(), 0, 0.95)
    assert found.observed[0, 0] < 0 < left
    assert low < left < high


def test_pooled_spread_is_a_mean_of_standard_deviations() -> None:
    row = read("dmacs")["released_items"][0]
    sample = school_sample(read("invariance_holzinger_swineford"))
    sd = np.sqrt(
        np.diagonal(sample.covariance, axis1=1, axis2=2) * (sample.n / (sample.n - 1))[:, None]
    )
    assert pooled_sd(sample.n, sd)[2] == pytest.approx(row["sd_pooled"], abs=1e-9)


def test_the_ladder_stops_releases_and_accepts_as_in_the_reference() -> None:  # T5
    ladder = climb(school_design(), school_sample(read("invariance_holzinger_swineford")))
    assert [(rung.level, rung.status) for rung in ladder.rungs] == [
        ("configural", "accepted"),
        ("metric", "accepted"),
        ("scalar", "partial"),
    ]
    scalar = ladder.rungs[2]
    assert [ITEMS[step.test.question] for step in scalar.releases] == ["x3", "x7"]
    assert scalar.fit.chi2 == pytest.approx(164.1028, abs=1e-4)
    assert [step.fit.chi2 for step in scalar.releases] == pytest.approx([144.58, 129.42], abs=5e-3)
    assert [step.test.chi2 for step in scalar.releases] == pytest.approx([19.19, 15.02], abs=5e-3)
    assert scalar.final_against is not None
    assert scalar.final_against.p_value == pytest.approx(0.250578, abs=1e-5)
    assert ladder.intercepts == (2, 6) and ladder.loadings == ()


def test_score_tests_are_those_of_lavaan() -> None:
    file = read("invariance_holzinger_swineford")
    sample, design = school_sample(file), school_design()
    scalar = refit(design, sample, equal_at("scalar", 9), first_values(design, sample))
    made = {
        (ITEMS[test.question], test.parameter): test
        for kind in ("loading", "intercept")
        for test in score_tests(scalar, kind)
    }
    for row in file["score_tests_scalar"]:
        name = row["parameter"]
        key = (name[:-2], "intercept") if name.endswith("~1") else (name[-2:], "loading")
        assert made[key].chi2 == pytest.approx(row["X2"], abs=1e-3)
        assert made[key].df == row["df"]
        assert made[key].p_value == pytest.approx(row["p"], abs=1e-4)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("marker", [False, True])
def test_levels_over_waves_have_the_fit_of_lavaan(level: str, marker: bool) -> None:
    file = read("invariance_longitudinal_exlong")
    sample, design = wave_sample(file), wave_design(3, 3, marker=marker)
    found = refit(design, sample, equal_at(level, 3), first_values(design, sample))
    made, wanted, near = indices(found), file["levels"][level], file["tolerance"]
    assert made.chi2 == pytest.approx(wanted["chisq"], abs=near["chi2"])
    assert (made.df, made.parameters) == (wanted["df"], wanted["npar"])
    for name in ("cfi", "rmsea", "srmr"):
        assert getattr(made, name) == pytest.approx(wanted[name], abs=near["fit_index"])
    assert made.bic == pytest.approx(wanted["bic"], abs=near["chi2"])
    base = longitudinal_baseline(sample, 3)
    assert base[0] == pytest.approx(file["longitudinal_baseline"]["chisq"], abs=near["chi2"])
    assert base[1] == file["longitudinal_baseline"]["df"]
    assert longitudinal_cfi(made, base) == pytest.approx(
        wanted["cfi_longitudinal_baseline"], abs=near["fit_index"]
    )


def test_estimates_over_waves_are_those_of_lavaan() -> None:
    file = read("invariance_longitudinal_exlong")
    sample, design = wave_sample(file), wave_design(3, 3, marker=True)
    found = refit(design, sample, equal_at("scalar", 3), first_values(design, sample))
    errors = standard_errors(found)
    variables = file["data"]["variables"]
    checked = 0
    for row in file["estimates"]["scalar"]:
        left, right, kind = row["lhs"], row["rhs"], row["op"]
        if kind == "=~":
            place = variables.index(right)
        elif kind == "~1" and left in variables:
            place = design.structure.starts[1] + variables.index(left)
        elif kind == "~1":
            place = design.structure.starts[5] + int(left[1]) - 1
        else:
            continue
        assert found.values[0, place] == pytest.approx(row["est"], abs=1e-4)
        assert errors[0, place] == pytest.approx(row["se"], abs=1e-4)
        checked += 1
    assert checked == 21


def test_differences_over_waves_and_the_question_behind_a_shift() -> None:
    file = read("invariance_longitudinal_exlong")
    found = climb_waves(wave_sample(file), 3)
    rungs = {rung.level: rung for rung in found.ladder.rungs}
    for level, before in (("metric", "configural"), ("scalar", "metric")):
        wanted = file["difference_tests"][f"{level}_vs_{before}"]
        made = difference(rungs[level].fit, rungs[before].fit)
        assert made.chi2 == pytest.approx(wanted["chisq_diff"], abs=1e-4)
        assert made.p_value == pytest.approx(wanted["p"], abs=1e-5)
    # N <= 300: CFI falls by .0123 and RMSEA rises by .0409
    assert rungs["scalar"].status in ("partial", "rejected")
    assert found.response_shift_possible
    means = np.array(file["data"]["means"])
    assert found.change == pytest.approx((means[6:] - means[:3]).mean(), abs=1e-9)
    kept = [place for place in range(3) if place not in found.shifted]
    assert found.change_without == pytest.approx((means[6:] - means[:3])[kept].mean(), abs=1e-9)


def test_equal_waves_show_no_shift() -> None:
    covariance = np.full((6, 6), 0.4) + 0.6 * np.eye(6)
    sample = Sample(n=np.array([400.0]), mean=np.zeros((1, 6)), covariance=covariance[None])
    found = climb_waves(sample, 2)
    assert found.ladder.reached == "scalar"
    assert not found.response_shift_possible
    assert found.change == found.change_without == 0
