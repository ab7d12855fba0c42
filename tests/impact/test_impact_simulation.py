"""Known truth: coverage of the intervals and size of the tests by number of towns."""

from __future__ import annotations

import numpy as np
import pytest
from impact_data import design, people, rows_of, run

from twinimpact.impact.clusters import difference_of_town_means, mean_of_towns
from twinimpact.impact.intervals import t_limits
from twinimpact.impact.paired import d_average, moments
from twinimpact.impact.towns import layout, single_town_note

REPLICATIONS = 4000


def changes(rng: np.random.Generator, sizes: np.ndarray, icc: float) -> np.ndarray:
    """Town means of the change, shape (replications, towns): SD 1, given intra-town correlation."""
    towns = rng.normal(0, np.sqrt(icc), sizes.shape)
    return towns + rng.normal(0, 1, towns.shape) * np.sqrt((1 - icc) / sizes)


@pytest.mark.slow
@pytest.mark.parametrize("n", [10, 15, 40])
def test_the_paired_interval_covers_the_true_change(n: int) -> None:
    rng = np.random.default_rng(n)
    truth = 4.0
    pre = rng.normal(50, 12, (REPLICATIONS, n))
    post = pre + truth + rng.normal(0, 9, pre.shape)
    group = np.repeat(np.arange(REPLICATIONS), n)
    m = moments(pre.ravel(), post.ravel(), group, REPLICATIONS)
    low, high = t_limits(m.mean_change, np.sqrt(m.var_change / n), m.n - 1.0, 0.95)
    assert 0.93 <= np.mean((low <= truth) & (truth <= high)) <= 0.97
    assert abs(m.mean_change.mean() - truth) < 3 * 9 / np.sqrt(n * REPLICATIONS)


@pytest.mark.slow
def test_the_standardised_interval_covers_the_true_effect() -> None:
    rng = np.random.default_rng(77)
    n, rho, truth = 40, 0.6, 0.4
    common = rng.normal(0, 1, (REPLICATIONS, n))
    noise = [rng.normal(0, 1, common.shape) for _ in range(2)]
    pre, post = (np.sqrt(rho) * common + np.sqrt(1 - rho) * part for part in noise)
    group = np.repeat(np.arange(REPLICATIONS), n)
    m = moments(pre.ravel(), post.ravel() + truth, group, REPLICATIONS)
    d, error = d_average(m)
    assert 0.93 <= np.mean(np.abs(d - truth) <= 1.959964 * error) <= 0.97


@pytest.mark.slow
@pytest.mark.parametrize("icc", [0.0, 0.05, 0.15])
@pytest.mark.parametrize(("a", "b"), [(2, 2), (3, 3), (5, 5), (10, 10), (1, 9)])
def test_town_means_keep_their_size_and_cover(a: int, b: int, icc: float) -> None:
    rng = np.random.default_rng(1000 * a + 10 * b + int(100 * icc))
    sizes = rng.integers(10, 50, (REPLICATIONS, a + b))  # unequal, and not tied to an arm
    truth = 0.3
    means = changes(rng, sizes, icc)
    rejected, covered = 0, 0
    for row in means:
        fit = difference_of_town_means(row[:a], row[a:], 0.95)
        assert fit.p_value is not None and fit.conf_low is not None and fit.conf_high is not None
        rejected += fit.p_value < 0.05
        covered += fit.conf_low + truth <= truth <= fit.conf_high + truth
    assert 0.03 <= rejected / len(means) <= 0.07
    assert 0.93 <= covered / len(means) <= 0.97


@pytest.mark.slow
def test_a_single_small_town_rejects_too_often_and_is_therefore_named() -> None:
    rng = np.random.default_rng(23)
    sizes = np.array([10] + [30] * 9)
    means = changes(rng, np.tile(sizes, (REPLICATIONS, 1)), 0.0)
    p = [difference_of_town_means(row[:1], row[1:], 0.95).p_value for row in means]
    assert np.mean(np.array(p) < 0.05) > 0.07
    arm, town = np.repeat(np.arange(10) == 0, sizes), np.repeat(np.arange(10), sizes)
    assert single_town_note(arm, town, layout(arm, town)) == "single_town_small:10"
    even = np.repeat(np.arange(10), 20)
    assert single_town_note(even == 0, even, layout(even == 0, even)) == ""


@pytest.mark.slow
@pytest.mark.parametrize("towns", [3, 6])
def test_the_mean_over_towns_covers_the_true_change(towns: int) -> None:
    rng = np.random.default_rng(towns)
    means = 0.3 + changes(rng, rng.integers(10, 50, (REPLICATIONS, towns)), 0.05)
    fits = [mean_of_towns(row, 0.95) for row in means]
    assert 0.93 <= np.mean([fit.conf_low <= 0.3 <= fit.conf_high for fit in fits]) <= 0.97


@pytest.mark.slow
def test_the_whole_road_keeps_its_size_with_two_towns_per_arm_and_one_against_nine() -> None:
    rng = np.random.default_rng(11)
    for a, b in ((2, 2), (1, 9)):
        rejected, total = 0, 0
        for start in range(4):  # 60 programmes at a time, as 60 partnerships of one table
            parts = [
                people(
                    pre := 50 + rng.normal(0, 10, 11),
                    pre + rng.normal(0, 2) + rng.normal(0, 8, 11),
                    town=f"{k}-{i}",
                    partnership=f"p{start}-{k}",
                    arm="participant" if i < a else "comparison_town",
                )
                for k in range(60)
                for i in range(a + b)
            ]
            results = run(design(), *parts)
            own = results[results["partnership"] != "*"]
            p = rows_of(own, estimand="post-pre|participant-comparison", method="town_mean_t")[
                "p_value"
            ]
            assert not (own["method"].eq("change_cr2") & own["p_value"].notna()).any()
            rejected, total = rejected + int((p < 0.05).sum()), total + len(p)
        assert total == 240
        assert 0.01 <= rejected / total <= 0.10  # 3 Monte-Carlo SE around 5 %


@pytest.mark.slow
def test_one_person_level_row_with_one_town_in_an_arm_is_never_printed() -> None:
    rng = np.random.default_rng(19)
    parts = [
        people(rng.normal(50, 10, 25), rng.normal(52, 10, 25), town=f"X{i}",
               arm="participant" if i == 0 else "comparison_town")
        for i in range(10)
    ]  # fmt: skip
    results = run(design(), *parts)
    second = rows_of(results, estimand="post-pre|participant-comparison")
    assert set(second["method"]) == {"town_mean_t", "town_two_stage_t", "placebo_rank", "d_ppc2"}
