"""The ordinal ladder: reference values (DWLS, adjusted tests), derivatives, refusals."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest
from shared_files import reference

from twinimpact.errors import DesignError
from twinimpact.measures.invariance.ordinal_fit import adjusted_difference
from twinimpact.measures.invariance.ordinal_ladder import OrdinalLadder, ordinal_ladder
from twinimpact.measures.invariance.ordinal_model import (
    ORDINAL_LEVELS,
    implied_statistics,
    layout_at,
    slopes,
)
from twinimpact.measures.invariance.ordinal_moments import (
    OrdinalMoments,
    ordinal_moments,
    unused_categories,
)
from twinimpact.measures.invariance.ordinal_starts import equal_thresholds, first_values


@pytest.fixture(scope="module")
def example() -> dict[str, Any]:
    path = reference("measurement/invariance_ordinal.json")
    content: dict[str, Any] = json.loads(path.read_text())
    frame = pd.read_csv(reference("measurement/invariance_ordinal_input.csv"))
    content["columns"] = [frame[item].to_numpy() for item in content["data"]["items"]]
    content["group"] = (frame["group"] == "B").to_numpy().astype(int)
    return content


@pytest.fixture(scope="module")
def ladder(example: dict[str, Any]) -> OrdinalLadder:
    return ordinal_ladder(example["columns"], example["group"], 5)


def answers(n: int, seed: int, shift: float = 0.0) -> tuple[list[np.ndarray], np.ndarray]:
    rng = np.random.default_rng(seed)
    group = np.repeat([0, 1], n)
    factor = rng.normal(size=2 * n) + 0.3 * group
    latent = factor[:, None] + rng.normal(size=(2 * n, 5))
    latent[group == 1, 2] -= shift
    codes = np.digitize(latent, [-1.5, 0.0, 1.5]) + 1
    return [codes[:, place] for place in range(5)], group


def test_every_level_is_that_of_the_reference(
    example: dict[str, Any], ladder: OrdinalLadder
) -> None:
    tolerance = example["tolerance"]
    assert [rung.level for rung in ladder.rungs] == list(ORDINAL_LEVELS)
    for rung in ladder.rungs:
        wanted, fit = example["levels"][rung.level], rung.fit
        assert fit.converged
        assert fit.parameters == wanted["npar"]
        assert fit.test.df == wanted["df"]
        assert fit.test.raw == pytest.approx(wanted["chisq"], abs=tolerance["chisq"])
        near = tolerance["chisq_scaled"]
        assert fit.test.chi2 == pytest.approx(wanted["chisq.scaled"], abs=near)
        assert fit.test.p_value == pytest.approx(wanted["pvalue.scaled"], abs=1e-3)
        assert fit.test.factor == pytest.approx(wanted["chisq.scaling.factor"], abs=1e-3)
        for value, key in (
            (fit.cfi, "cfi.scaled"),
            (fit.rmsea, "rmsea.scaled"),
            (fit.srmr, "srmr"),
        ):
            assert value == pytest.approx(wanted[key], abs=tolerance["fit_index"])


def test_differences_of_levels_are_those_of_the_reference(
    example: dict[str, Any], ladder: OrdinalLadder
) -> None:
    pairs = zip(ladder.rungs[1:], ladder.rungs[:-1], strict=True)
    for rung, before in pairs:
        wanted = example["difference_tests"][f"{rung.level}_vs_{before.level}"]
        assert rung.against is not None
        near = example["tolerance"]["chisq_scaled"]
        assert rung.against.chi2 == pytest.approx(wanted["chisq_diff_scaled"], abs=near)
        assert rung.against.df == wanted["df_diff"]
        assert rung.against.p_value == pytest.approx(wanted["p"], abs=1e-4)


def test_estimates_are_those_of_the_reference(
    example: dict[str, Any], ladder: OrdinalLadder
) -> None:
    fit = ladder.rungs[2].fit
    thresholds, loadings, intercepts, residuals, mean, variance = fit.layout.split(fit.values)
    items = example["data"]["items"]
    near = example["tolerance"]["estimate"]
    checked = 0
    for row in example["estimates"]["loadings"]:
        g, left, right = row["group"] - 1, row["lhs"], row["rhs"]
        if row["op"] == "=~":
            value = loadings[g, items.index(right)]
        elif row["op"] == "|":
            value = thresholds[g, items.index(left), int(right[1:]) - 1]
        elif row["op"] == "~1":
            value = mean[g] if left == "f" else intercepts[g, items.index(left)]
        elif row["op"] == "~~" and left == right:
            value = variance[g] if left == "f" else residuals[g, items.index(left)]
        else:
            continue
        assert value == pytest.approx(row["est"], abs=near), row
        checked += 1
    assert checked >= 80


def test_the_planted_shift_is_found_and_releasing_it_saves_the_level(
    example: dict[str, Any], ladder: OrdinalLadder
) -> None:
    statuses = [rung.status for rung in ladder.rungs]
    assert statuses == ["accepted", "accepted", "accepted", "partial"]
    released = [example["data"]["items"][step.question] for step in ladder.rungs[-1].releases]
    assert released == ["o5"]
    assert ladder.accepted == "intercepts"


def test_slopes_are_those_of_the_implied_statistics(example: dict[str, Any]) -> None:
    moments = ordinal_moments(example["columns"], example["group"], 5)
    every, none = np.ones(6, dtype=bool), np.zeros(6, dtype=bool)
    some = every.copy()
    some[[1, 4]] = False
    for equal in (
        (none, none, none),
        (every, none, none),
        (every, every, every),
        (some, some, some),
    ):
        layout = layout_at(2, 6, 4, equal)
        point = layout.gather(equal_thresholds(layout, first_values(moments))) + 0.05
        found = slopes(layout, layout.values(point))
        for place in range(layout.free):
            step = np.zeros(layout.free)
            step[place] = 1e-6
            ahead, behind = (
                implied_statistics(layout, layout.values(point + side)) for side in (step, -step)
            )
            assert np.allclose(found[:, :, place], (ahead - behind) / 2e-6, atol=1e-7)


def test_free_parameters_are_counted_as_the_levels_say() -> None:
    every, none = np.ones(6, dtype=bool), np.zeros(6, dtype=bool)
    levels = ((none,) * 3, (every, none, none), (every, every, none), (every,) * 3)
    assert [layout_at(2, 6, 4, one).free for one in levels] == [60, 48, 43, 38]
    assert layout_at(3, 6, 4, levels[-1]).free == 24 + 6 + 2 * (6 + 2)


@pytest.mark.slow
def test_gamma_is_the_covariance_of_the_estimates_over_samples() -> None:
    n, found, gammas = 400, [], []
    for seed in range(300):
        columns, _ = answers(n, seed)
        half = [column[:n] for column in columns]
        moments = ordinal_moments(half, np.zeros(n, dtype=int), 4)
        found.append(moments.statistics[0])
        gammas.append(np.diag(moments.gamma[0]))
    spread = n * np.var(found, axis=0, ddof=1)
    assert spread / np.mean(gammas, axis=0) == pytest.approx(np.ones(25), abs=0.3)


def test_the_order_of_groups_questions_and_rows_changes_no_test() -> None:
    columns, group = answers(400, 1, shift=0.8)
    plain = ordinal_ladder(columns, group, 4)
    assert [step.question for step in plain.rungs[-1].releases] == [2]
    rows = np.random.default_rng(2).permutation(len(group))
    order = [3, 0, 2, 4, 1]
    mixed = ordinal_ladder([columns[place][rows] for place in order], 1 - group[rows], 4)
    for one, two in zip(plain.rungs, mixed.rungs, strict=True):
        assert two.fit.test.raw == pytest.approx(one.fit.test.raw, rel=1e-5, abs=1e-6)
        assert two.fit.test.chi2 == pytest.approx(one.fit.test.chi2, rel=1e-3, abs=1e-3)


def test_the_statistic_does_not_fall_from_level_to_level() -> None:
    for seed in range(5):
        rungs = ordinal_ladder(*answers(300, seed), 4).rungs
        raw = [rung.fit.test.raw for rung in rungs]
        assert all(later >= before - 1e-6 for before, later in pairwise(raw))


def test_equal_groups_are_accepted_and_three_answers_are_enough() -> None:
    columns, group = answers(500, 3)
    three = [np.minimum(column, 3) for column in columns]
    found = ordinal_ladder(three, group, 3)
    assert found.accepted == "intercepts"
    against = found.rungs[1].against
    # three answers: thresholds can always be made equal, there is nothing to test
    assert against is not None
    assert against.df == 0
    assert np.isnan(against.p_value)
    assert found.rungs[-1].fit.values[1, -2] == pytest.approx(0.3, abs=0.15)


def test_unused_answers_and_too_small_requests_are_refused() -> None:
    columns, group = answers(300, 4)
    columns[1] = np.where((group == 1) & (columns[1] == 4), 3, columns[1])
    assert unused_categories(columns, group, 4) == ((1, 1, 3),)
    with pytest.raises(DesignError, match="never given"):
        ordinal_ladder(columns, group, 4)
    with pytest.raises(DesignError):
        ordinal_ladder(columns[:2], group, 4)
    with pytest.raises(DesignError):
        ordinal_ladder(columns, np.zeros(len(group), dtype=int), 4)
    with pytest.raises(DesignError):
        ordinal_ladder([np.minimum(column, 2) for column in columns], group, 2)


def test_a_model_is_never_worse_than_itself_with_something_released(
    example: dict[str, Any], ladder: OrdinalLadder
) -> None:
    rung = ladder.rungs[-1]
    moments: OrdinalMoments = ladder.moments
    test = adjusted_difference(moments, rung.fit, rung.final)
    assert test.df == 1
    assert test.raw > 0
    assert test.p_value < 1e-6
