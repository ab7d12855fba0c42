"""Bootstrap intervals of omega: what they depend on, what they resample, how wide they are."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from twinimpact.errors import DesignError
from twinimpact.measures.consistency.omega import omega_ml
from twinimpact.measures.consistency.omega_bootstrap import BootstrapPlan, omega_bootstrap

Array = npt.NDArray[Any]
LOADING = np.array([0.8, 0.7, 0.6, 0.75, 0.5])
PLAN = BootstrapPlan(seed=11, resamples=100)


def answers(rows: int, seed: int, common: Array | None = None, k: int = 5) -> Array:
    """Five-point answers with one factor; coded 1 to 5."""
    rng = np.random.default_rng(seed)
    loading = LOADING[:k]
    factor = rng.normal(size=rows) if common is None else common
    latent = factor[:, None] * loading + np.sqrt(1 - loading**2) * rng.normal(size=(rows, k))
    return np.clip(np.rint(3 + 1.1 * latent), 1, 5).astype("uint8")


def test_estimates_are_those_of_the_complete_rows() -> None:
    rows = answers(90, 1)
    rows[:10, 2] = 0
    cell = np.repeat([0, 1, -1], 30)
    found = omega_bootstrap(rows, cell, 2, plan=PLAN)
    complete = rows[10:30].astype("float64"), rows[30:60].astype("float64")
    expected = omega_ml(np.stack([np.cov(part.T) for part in complete]), np.array([20, 30]))
    assert found.estimates.n.tolist() == [20, 30]
    assert found.units.tolist() == [20, 30]
    assert found.estimates.omega == pytest.approx(expected.omega, abs=1e-8)


def test_neither_order_of_rows_nor_other_cells_change_an_interval() -> None:
    rows, cell = answers(600, 2), np.repeat(np.arange(20), 30)
    found = omega_bootstrap(rows, cell, 20, plan=PLAN)
    order = np.random.default_rng(0).permutation(600)
    shuffled = omega_bootstrap(rows[order], cell[order], 20, plan=PLAN)
    assert np.array_equal(shuffled.low, found.low)
    assert np.array_equal(shuffled.high, found.high)
    some = np.isin(cell, [7, 3])
    plan = replace(PLAN, cell_ids=np.array([7, 3]))
    renumbered = np.where(cell[some] == 7, 0, 1)
    alone = omega_bootstrap(rows[some], renumbered, 2, plan=plan)
    assert np.array_equal(alone.low, found.low[[7, 3]])
    assert np.array_equal(alone.high, found.high[[7, 3]])


def test_seed_and_scale_give_other_resamples() -> None:
    rows, cell = answers(60, 3), np.zeros(60, dtype=int)
    lows = {
        omega_bootstrap(rows, cell, 1, plan=plan).low[0]
        for plan in (PLAN, replace(PLAN, seed=12), replace(PLAN, scale=1))
    }
    assert len(lows) == 3


def test_equal_cells_with_their_own_numbers_are_not_resampled_alike() -> None:
    rows = np.concatenate([answers(40, 4)] * 2)
    found = omega_bootstrap(rows, np.repeat([0, 1], 40), 2, plan=PLAN)
    assert found.estimates.omega[0] == found.estimates.omega[1]
    assert found.low[0] != found.low[1]


def test_whole_clusters_are_drawn_from_ten_on_and_widen_the_interval() -> None:
    rng = np.random.default_rng(5)
    groups = np.repeat(np.arange(24), 20)
    # consistency itself differs between groups, so people of one group are not worth 20
    strength = rng.choice([0.1, 1.6], size=24)[groups]
    rows = answers(480, 6, strength * rng.normal(size=480))
    plan = replace(PLAN, resamples=400)
    people = omega_bootstrap(rows, np.zeros(480, int), 1, plan=plan)
    whole = omega_bootstrap(rows, np.zeros(480, int), 1, plan=plan, clusters=groups)
    assert whole.by_cluster[0]
    assert whole.units[0] == 24
    assert whole.high[0] - whole.low[0] > 1.5 * (people.high[0] - people.low[0])
    few = omega_bootstrap(rows, np.zeros(480, int), 1, plan=plan, clusters=groups % 9)
    assert not few.by_cluster[0]
    assert few.low[0] == people.low[0]


def test_rows_without_a_cluster_stand_for_themselves() -> None:
    rows, cell = answers(60, 7), np.zeros(60, dtype=int)
    groups = np.where(np.arange(60) < 30, np.arange(60) // 5, -1)
    found = omega_bootstrap(rows, cell, 1, plan=PLAN, clusters=groups)
    assert found.by_cluster[0]
    assert found.units[0] == 6 + 30


def test_many_rows_are_drawn_by_answer_pattern_with_the_same_spread() -> None:
    rows, cell = answers(4000, 8), np.zeros(4000, dtype=int)
    plan = replace(PLAN, resamples=400)
    found = omega_bootstrap(rows, cell, 1, plan=plan)
    analytic = found.estimates
    width = (found.high - found.low) / (analytic.high - analytic.low)
    assert width[0] == pytest.approx(1, abs=0.15)
    order = np.random.default_rng(0).permutation(4000)
    assert omega_bootstrap(rows[order], cell, 1, plan=plan).low[0] == found.low[0]


def test_three_items_are_resampled_with_their_closed_form() -> None:
    found = omega_bootstrap(answers(200, 9, k=3), np.zeros(200, int), 1, plan=PLAN)
    assert found.low[0] < found.estimates.omega[0] < found.high[0]
    assert found.used[0] == 100


def test_cells_without_an_estimate_have_no_interval() -> None:
    rows = answers(40, 10)
    rows[20:, 1] = 3
    found = omega_bootstrap(rows, np.repeat([0, 2], 20), 3, plan=PLAN)
    assert np.isfinite(found.low).tolist() == [True, False, False]
    assert found.used.tolist()[1:] == [0, 0]


def test_too_few_resamples_are_refused() -> None:
    with pytest.raises(DesignError, match="resamples"):
        omega_bootstrap(answers(30, 1), np.zeros(30, int), 1, plan=replace(PLAN, resamples=19))


def test_columns_may_come_one_by_one() -> None:
    rows, cell = answers(50, 12), np.zeros(50, dtype=int)
    together = omega_bootstrap(rows, cell, 1, plan=PLAN)
    apart = omega_bootstrap(list(rows.T), cell, 1, plan=PLAN)
    assert together.low[0] == apart.low[0]


@pytest.mark.slow
def test_intervals_are_as_wide_as_the_analytic_ones_and_cover() -> None:
    cells, n = 300, 60
    found = omega_bootstrap(
        answers(cells * n, 13), np.repeat(np.arange(cells), n), cells, plan=replace(
            PLAN, resamples=200
        )
    )  # fmt: skip
    whole = answers(400_000, 14).astype("float64")
    true = omega_ml(np.cov(whole.T)[None], np.array([400_000])).omega[0]
    analytic = found.estimates
    both = np.isfinite(found.low) & np.isfinite(analytic.low)
    ratio = (found.high - found.low)[both].mean() / (analytic.high - analytic.low)[both].mean()
    assert both.mean() > 0.98
    assert ratio == pytest.approx(1, abs=0.08)
    # about three standard errors of a share of 300 on either side of the nominal level
    covered = ((found.low <= true) & (true <= found.high))[both].mean()
    assert 0.91 < covered < 0.985
