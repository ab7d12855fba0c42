"""Tests that do not assume normal answers. The schools' raw answers come with semopy."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from invariance_data import ITEMS, answers_of, read, school_design, school_sample

from twinimpact.measures.invariance.fit import Fit, Sample, standard_errors
from twinimpact.measures.invariance.indices import indices
from twinimpact.measures.invariance.ladder import refit
from twinimpact.measures.invariance.model import LEVELS, Design, equal_at, simple_structure
from twinimpact.measures.invariance.robust import Scaled, fourth_moments, robust, scaled_difference
from twinimpact.measures.invariance.starts import first_values


def raw_answers() -> pd.DataFrame:
    """The 301 pupils; the package is found, not imported."""
    spec = importlib.util.find_spec("semopy")
    if spec is None or spec.origin is None:
        pytest.skip("semopy, which carries the raw answers of the schools, is not installed")
    path = Path(spec.origin).parent / "examples" / "holzinger_swineford39_data.csv"
    if not path.exists():
        pytest.skip("semopy no longer carries the raw answers of the schools")
    return pd.read_csv(path)


def test_scaled_tests_are_those_of_lavaan() -> None:
    raw, file = raw_answers(), read("invariance_holzinger_swineford")
    sample, design = school_sample(file), school_design()
    second = raw["school"].eq(file["data"]["groups"][1]).to_numpy()
    fourth = fourth_moments(raw[ITEMS].to_numpy(), second.astype("int64"), 2)
    made: dict[str, tuple[Fit, Scaled]] = {}
    values = first_values(design, sample)
    for level in LEVELS:
        found = refit(design, sample, equal_at(level, 9), values)
        values = found.values
        made[level] = (found, robust(found, fourth))
        wanted, scaled = file["robust_mlr"]["levels"][level], made[level][1]
        # the reference differentiates numerically, from looser estimates
        assert scaled.factor == pytest.approx(wanted["chisq.scaling.factor"], rel=2e-6)
        assert scaled.chi2 == pytest.approx(wanted["chisq.scaled"], rel=2e-6)
        assert scaled.cfi == pytest.approx(wanted["cfi.robust"], abs=1e-6)
        assert scaled.rmsea == pytest.approx(wanted["rmsea.robust"], abs=1e-6)
    for name, wanted in file["robust_mlr"]["difference_tests_satorra_bentler_2001"].items():
        one, two = (made[level] for level in name.split("_vs_"))
        test = scaled_difference((indices(one[0]), one[1]), (indices(two[0]), two[1]))
        assert test.chi2 == pytest.approx(wanted["chisq_diff"], rel=1e-5)
        assert test.df == wanted["df_diff"]


def normal_fit(kind: str) -> tuple[Scaled, Fit]:
    draw = np.random.default_rng(17)
    loadings, zero = (1.0, 0.8, 1.1, 0.9), (0.0, 0.0, 0.0, 0.0)
    sides = [answers_of(6000, loadings, zero, draw, mean=mean) for mean in (0.0, 0.3)]
    rows, group = np.concatenate(sides), np.repeat([0, 1], 6000)
    sample = Sample(
        n=np.array([6000.0, 6000.0]),
        mean=np.stack([side.mean(axis=0) for side in sides]),
        covariance=np.stack([np.cov(side.T, ddof=0) for side in sides]),
    )
    design = Design(structure=simple_structure([0, 0, 0, 0]))
    found = refit(design, sample, equal_at("scalar", 4), first_values(design, sample))
    return robust(found, fourth_moments(rows, group, 2), kind=kind), found


@pytest.mark.parametrize("kind", ["yuan_bentler", "satorra_bentler"])
def test_normal_answers_need_no_scaling(kind: str) -> None:
    scaled, found = normal_fit(kind)
    assert scaled.factor == pytest.approx(1.0, abs=0.05)
    assert scaled.baseline_factor == pytest.approx(1.0, abs=0.05)
    plain = standard_errors(found)
    use = plain > 0
    assert scaled.std_error[use] == pytest.approx(plain[use], rel=0.06)


def test_fourth_moments_do_not_depend_on_the_order_of_rows() -> None:
    draw = np.random.default_rng(2)
    rows, group = draw.integers(1, 6, (500, 3)), draw.integers(-1, 2, 500)
    order = draw.permutation(500)
    one = fourth_moments(rows, group, 2)
    assert fourth_moments(rows[order], group[order], 2) == pytest.approx(one, abs=1e-12)
    products = rows[group == 1] - rows[group == 1].mean(axis=0)
    by_hand = np.cov(products[:, 0] * products[:, 1], products[:, 2] ** 2, ddof=0)[0, 1]
    assert one[1, 3 + 1, 3 + 5] == pytest.approx(by_hand, abs=1e-12)
