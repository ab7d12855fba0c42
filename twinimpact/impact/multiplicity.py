"""Several outcomes at once: p values adjusted within a family planned beforehand."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

import numpy as np

from twinimpact.errors import DesignError
from twinimpact.impact.estimate import Estimate
from twinimpact.impact.inputs import Data, columns_of
from twinimpact.impact.result import Result

Array = np.ndarray[Any, Any]
Method = Literal["holm", "bh", "bonferroni"]
_NAMES: Mapping[str, str] = {"holm": "holm", "bh": "fdr_bh", "bonferroni": "bonferroni"}
MOST_FLIPS = 2**16
TIE = 1e-12


def adjusted_p(p_values: Sequence[float | None], method: Method = "holm") -> Array:
    """Adjusted p values; absent ones stay absent and do not count as tests.

    Holm (1979, Scandinavian Journal of Statistics 6:65) controls the chance of one false claim
    or more, Benjamini & Hochberg (1995, doi:10.1111/j.2517-6161.1995.tb02031.x) the expected
    share of false claims.

    Raises
    ------
    DesignError
        If a value is no probability, or there is no such method.
    """
    values = np.array([math.nan if p is None else p for p in p_values], dtype=np.float64)
    there = np.isfinite(values)
    if method not in _NAMES:
        raise DesignError("There is no such adjustment.", got=method, expected=", ".join(_NAMES))
    if ((values[there] < 0) | (values[there] > 1)).any():
        raise DesignError("A p value lies outside 0 to 1.")
    found = np.full(len(values), np.nan)
    if there.any():
        from statsmodels.stats.multitest import multipletests

        found[there] = multipletests(values[there], method=_NAMES[method])[1]
    return found


def adjust(rows: Sequence[Estimate], method: Method = "holm") -> Result:
    """The rows of one planned family with ``p_adjusted`` filled in; intervals stay as they are.

    Rows without a p value are kept as they are. Exploratory rows do not belong in a family.

    Examples
    --------
    >>> from twinimpact.impact import Estimate, adjust
    >>> family = [Estimate(outcome=name, estimand="post-pre", method="paired_t", p_value=p)
    ...           for name, p in (("warmth", 0.01), ("trust", 0.03), ("civic", 0.04))]
    >>> [round(row.p_adjusted, 2) for row in adjust(family).rows]
    [0.03, 0.06, 0.06]
    """
    found = adjusted_p([row.p_value for row in rows], method)
    filled = [
        replace(row, p_adjusted=None if math.isnan(p) else float(p))
        for row, p in zip(rows, found, strict=True)
    ]
    return Result(rows=tuple(filled), diagnostics={"adjustment": method})


def step_down(statistics: Array) -> tuple[Array, Array]:
    """Step-down and single-step max-T p values for statistics under every re-arrangement.

    Westfall & Young (1993), Resampling-Based Multiple Testing, ISBN 978-0-471-55761-6; Romano &
    Wolf (2005) doi:10.1111/j.1468-0262.2005.00615.x.

    Parameters
    ----------
    statistics
        Absolute test statistics, shape ``(arrangements, outcomes)``; the first row is observed.

    Returns
    -------
    tuple
        Step-down and single-step p, shape ``(outcomes,)``.
    """
    observed = statistics[0]
    order = np.argsort(-observed, kind="stable")
    ranked = statistics[:, order]
    tie = TIE * max(float(observed.max()), 1e-300)
    # the largest of the outcomes that are still in play at each step
    largest = np.maximum.accumulate(ranked[:, ::-1], axis=1)[:, ::-1]
    steps = (largest >= ranked[0] - tie).mean(axis=0)
    single = (largest[:, :1] >= ranked[0] - tie).mean(axis=0)
    down, alone = np.empty(len(order)), np.empty(len(order))
    down[order], alone[order] = np.maximum.accumulate(steps), single
    return down, alone


def max_t_change(data: Data, *, changes: Sequence[str], seed: int = 20260301) -> Result:
    """Changes in several outcomes of the same people: p adjusted for their correlation.

    Each person's changes are turned round together, all ways for up to 16 people, 9,999 random
    ways above; the statistic is the one-sample t. People with a gap in any change are left out.

    Parameters
    ----------
    data
        One row per person.
    changes
        Columns of later minus earlier score, one per outcome.

    Returns
    -------
    Result
        One row per outcome, method ``signflip``, with ``p_value`` and ``p_adjusted`` (step-down);
        ``diagnostics["single_step"]`` beside it.

    Examples
    --------
    >>> from twinimpact.impact import max_t_change
    >>> data = {"warmth": [4, 6, 5, 7, 3, 8], "trust": [1, -1, 2, 0, 1, 3]}
    >>> [round(row.p_adjusted, 3) for row in max_t_change(data, changes=["warmth", "trust"]).rows]
    [0.031, 0.25]
    """
    columns = columns_of(data, numbers=changes)
    values = columns.matrix(changes)
    n = len(values)
    exact = 2**n <= MOST_FLIPS
    if exact:
        signs = 1 - 2 * ((np.arange(2**n)[:, None] >> np.arange(n)) & 1).astype(np.float64)
    else:
        rng = np.random.default_rng(seed)
        signs = np.vstack([np.ones(n), rng.choice([-1.0, 1.0], size=(9_999, n))])
    statistics = np.abs(_one_sample_t(signs, values))
    down, single = step_down(statistics)
    tie = TIE * max(float(statistics[0].max()), 1e-300)
    own = (statistics >= statistics[0] - tie).mean(axis=0)
    rows = [
        Estimate(
            outcome=name,
            estimand="post-pre",
            method="signflip",
            estimate=float(values[:, place].mean()),
            p_value=float(own[place]),
            p_adjusted=float(down[place]),
            n=n,
        )
        for place, name in enumerate(changes)
    ]
    return Result(
        rows=tuple(rows),
        diagnostics={
            "single_step": dict(zip(changes, map(float, single), strict=True)),
            "t": dict(zip(changes, map(float, statistics[0]), strict=True)),
            "exact": exact,
        },
        warnings=(f"rows_dropped:{columns.dropped}",) if columns.dropped else (),
        seed=None if exact else seed,
    )


def _one_sample_t(signs: Array, values: Array) -> Array:
    n = len(values)
    mean = signs @ values / n
    squares = (values**2).mean(axis=0)
    spread = (squares - mean**2) * n / (n - 1)
    floor = 1e-14 * np.maximum(squares, 1e-300)
    flat = spread <= floor
    with np.errstate(divide="ignore", invalid="ignore"):
        t = mean / np.sqrt(np.where(flat, np.nan, spread) / n)
    # everybody changed alike: as far from zero as can be, unless nobody changed
    return np.where(flat, np.where(np.abs(mean) > 0, np.inf, 0.0), t)
