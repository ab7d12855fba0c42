"""Paired change of 1,000 partnerships × 12 outcomes, beside loops over scipy and pingouin.

Run from the project's root: ``python benchmarks/impact_change.py``. The loops go through some of
the cells and are scaled up; their numbers are compared with ours first.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from scipy import optimize, stats

from twinimpact.impact.change import change_blocks
from twinimpact.impact.estimate import blocks_frame
from twinimpact.impact.intervals import t_limits, t_p_value
from twinimpact.impact.paired import d_z_limits, moments
from twinimpact.impact.sample import Outcome, People

PARTNERSHIPS, OUTCOMES, RUNS, SAMPLE, LISTED = 1_000, 12, 5, 60, 6
KEY = ["partnership", "outcome"]


def example() -> People:
    """Ten to forty people in each partnership, from two towns, asked twice."""
    rng = np.random.default_rng(1)
    partnership = np.repeat(np.arange(PARTNERSHIPS), rng.integers(10, 41, PARTNERSHIPS))
    n = len(partnership)
    pre = np.clip(rng.normal(50, 15, (n, OUTCOMES)), 0, 100)
    post = np.clip(pre + rng.normal(3, 10, (n, OUTCOMES)), 0, 100)
    outcomes = tuple(
        Outcome(
            scale=f"s{i:02d}", role="primary", sesoi=5.0, direction="better", unit="points",
            low=0.0, high=100.0,
        )
        for i in range(OUTCOMES)
    )  # fmt: skip
    everybody = np.ones(n, dtype=bool)
    return People(
        partnerships=tuple(f"p{i:04d}" for i in range(PARTNERSHIPS)),
        towns=tuple(f"t{i:04d}" for i in range(2 * PARTNERSHIPS)),
        waves={"pre": "pre", "post": "post"},
        outcomes=outcomes,
        partnership=partnership,
        town=2 * partnership + rng.integers(0, 2, n),
        arm=everybody,
        repeated=~everybody,
        present={"pre": everybody, "post": everybody},
        scores={"pre": pre, "post": post},
    )


def whole(people: People) -> pd.DataFrame:
    """Every row about change: mean, levels, standardised, sign flips, shares, towns, programme."""
    return blocks_frame(change_blocks(people, 0.95))


def numbers(people: People) -> np.ndarray:
    """Of every cell p and t limits of the mean change, and the exact limits of d_z."""
    cells = PARTNERSHIPS * OUTCOMES
    group = (people.partnership[:, None] * OUTCOMES + np.arange(OUTCOMES)).ravel()
    m = moments(people.scores["pre"].ravel(), people.scores["post"].ravel(), group, cells)
    error = np.sqrt(m.var_change / m.n)
    t_low, t_high = t_limits(m.mean_change, error, m.n - 1.0, 0.95)
    d_low, d_high = d_z_limits(m.mean_change / error, m.n, 0.95)
    p = t_p_value(m.mean_change, error, m.n - 1.0)
    return np.column_stack([p, t_low, t_high, d_low, d_high])


def t_interval(pre: np.ndarray, post: np.ndarray) -> list[float]:
    """t interval of the mean change."""
    found = stats.ttest_rel(post, pre)
    limits = found.confidence_interval()
    return [found.pvalue, limits.low, limits.high]


def exact_d(pre: np.ndarray, post: np.ndarray) -> list[float]:
    """Exact interval of the standardised change: the noncentral t, inverted."""
    n, t = len(pre), stats.ttest_rel(post, pre).statistic
    wide = 8 + 8 * abs(t) / np.sqrt(2 * n)
    return [
        optimize.brentq(lambda nc, p=p: stats.nct.cdf(t, n - 1, nc) - p, t - wide, t + wide,
                        xtol=1e-10) / np.sqrt(n)
        for p in (0.975, 0.025)
    ]  # fmt: skip


def exact_flips(pre: np.ndarray, post: np.ndarray) -> list[float]:
    """Exact p over all sign flips."""
    found = stats.permutation_test(
        (post - pre,), lambda d, axis: d.sum(axis=axis), permutation_type="samples",
        n_resamples=np.inf, vectorized=True, batch=1_000,
    )  # fmt: skip
    return [found.pvalue]


def with_pingouin(pre: np.ndarray, post: np.ndarray) -> list[float]:
    """The paired test of pingouin; its interval is rounded to two decimals."""
    import pingouin

    found = pingouin.ttest(post, pre, paired=True).iloc[0]
    return [float(found[next(name for name in found.index if name.lower().startswith("p"))])]


def looped(
    people: People, cells: list[tuple[int, int]], step: Callable[..., list[float]]
) -> tuple[np.ndarray, float]:
    """Numbers of some cells, and seconds per cell."""
    parts = [(people.partnership == p, o) for p, o in cells]
    pairs = [(people.scores["pre"][m, o], people.scores["post"][m, o]) for m, o in parts]
    start = time.perf_counter()
    found = [step(*pair) for pair in pairs]
    return np.array(found), (time.perf_counter() - start) / len(cells)


def timed(step: Callable[[People], Any], people: People) -> tuple[Any, float]:
    """What a step gives, and its median time."""
    taken = []
    for _ in range(RUNS):
        start = time.perf_counter()
        found = step(people)
        taken.append(time.perf_counter() - start)
    return found, sorted(taken)[RUNS // 2]


def ours(table: pd.DataFrame, cells: list[tuple[int, int]], method: str) -> pd.DataFrame:
    """Our rows of the same cells."""
    rows = table[(table["method"] == method) & (table["estimand"] == "post-pre")]
    rows = rows[rows["town"] == ""].set_index(KEY)
    return rows.loc[[(f"p{p:04d}", f"s{o:02d}") for p, o in cells]]


def main() -> None:
    """Compare numbers, then times."""
    people = example()
    table, seconds = timed(whole, people)
    found, short = timed(numbers, people)
    all_cells = PARTNERSHIPS * OUTCOMES
    sizes = np.bincount(people.partnership)
    cells = [(p, p % OUTCOMES) for p in range(0, PARTNERSHIPS, PARTNERSHIPS // SAMPLE)][:SAMPLE]
    few = [(int(p), int(p) % OUTCOMES) for p in np.flatnonzero(sizes <= 14)[:LISTED]]

    t, t_seconds = looped(people, cells, t_interval)
    rows = ours(table, cells, "paired_t")
    np.testing.assert_allclose(t, rows[["p_value", "conf_low", "conf_high"]], rtol=1e-8)
    d, d_seconds = looped(people, cells, exact_d)
    rows = ours(table, cells, "d_z_nct")
    np.testing.assert_allclose(d, rows[["conf_low", "conf_high"]], rtol=1e-6, atol=1e-8)
    places = [p * OUTCOMES + o for p, o in cells]
    np.testing.assert_allclose(found[places], np.hstack([t, d]), rtol=1e-6, atol=1e-8)
    flips, _ = looped(people, few, exact_flips)
    np.testing.assert_allclose(flips[:, 0], ours(table, few, "signflip")["p_value"], atol=1e-12)

    versions = {name: importlib.metadata.version(name) for name in ("numpy", "scipy", "pandas")}
    print(", ".join(f"{name} {version}" for name, version in versions.items()))
    loop = (t_seconds + d_seconds) * all_cells
    print(
        f"{all_cells:,} cells, p, t interval and exact d_z interval: {short:.2f} s (median of "
        f"{RUNS}); a loop over scipy for the same numbers: {loop / short:,.0f} times as long"
    )
    print(
        f"the whole table, {len(table):,} rows (also levels, d_av, sign flips, shares, towns, "
        f"programme, notes): {seconds:.1f} s"
    )
    listed = loop + flips_seconds(people, sizes)
    print(
        "a loop over scipy for both intervals and the exact sign-flip p of up to 20 people, all "
        f"flips listed: {listed / seconds:,.0f} times as long as that whole table"
    )
    if importlib.util.find_spec("pingouin") is None:
        print("pingouin is not installed: left out")
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with_pingouin(*(people.scores[w][people.partnership == 0, 0] for w in ("pre", "post")))
        p, p_seconds = looped(people, cells, with_pingouin)
    np.testing.assert_allclose(p[:, 0], ours(table, cells, "paired_t")["p_value"], rtol=1e-8)
    print(
        f"a loop over pingouin {importlib.metadata.version('pingouin')} for its paired test: "
        f"{p_seconds * all_cells / short:,.0f} times as long as those numbers"
    )


def flips_seconds(people: People, sizes: np.ndarray) -> float:
    """Time of all exact sign flips by listing them, from the time per flip of a few cells."""
    small = [(int(p), 0) for p in np.flatnonzero(sizes == 14)[:3]]
    _, taken = looped(people, small, exact_flips)
    return taken / 2**14 * OUTCOMES * float((2.0 ** sizes[sizes <= 20]).sum())


if __name__ == "__main__":
    main()
