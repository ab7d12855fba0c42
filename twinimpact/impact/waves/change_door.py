"""Change of one group of people between two waves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from twinimpact.impact.clusters import town_means
from twinimpact.impact.estimate import Estimate
from twinimpact.impact.inputs import Data, columns_of
from twinimpact.impact.intervals import t_limits
from twinimpact.impact.notes import note, with_value
from twinimpact.impact.paired import (
    Moments,
    d_average,
    d_before,
    d_z_limits,
    hedges_j,
    moments,
)
from twinimpact.impact.result import Result
from twinimpact.impact.waves.mean_rows import (
    FEWEST,
    FEWEST_TOWNS,
    FIRM,
    change_rows,
    towns_of,
)
from twinimpact.impact.waves.plan import ChangePlan
from twinimpact.impact.waves.resampling import bca_limits, flip_p, wilcoxon
from twinimpact.impact.waves.responder_rows import (
    Ends,
    direction_of,
    precision_rows,
    responder_rows,
    thresholds_of,
)

Array = np.ndarray[Any, Any]


def paired_change(
    data: Data,
    *,
    pre: str,
    post: str,
    cluster: str = "",
    plan: ChangePlan | None = None,
) -> Result:
    """Mean change of people asked twice, in raw units and standardised, and who changed.

    t interval of the mean change (over towns from three towns on; two towns each for itself).
    Beside it: Wilcoxon signed ranks, sign flips, and below 30 people the BCa bootstrap, by town
    from three towns on. Standardised change, each saying what it is divided by: ``d_av_bonett``
    (Bonett 2008, doi:10.1037/1082-989X.13.2.99) is the one to report, ``d_av_hedges`` the same
    times J, ``d_z_nct`` with its exact noncentral-t interval is for planning only, ``d_pre_becker``
    is divided by the SD before (Becker 1988, doi:10.1111/j.2044-8317.1988.tb00901.x). Then shares
    of people by the smallest important change and by the reliable change (Christensen & Mendoza
    1986, Behavior Therapy 17). One group asked twice has nothing to be compared with: regression
    to the mean, other events and the asking itself stay in the number.

    Parameters
    ----------
    data
        One row per person.
    pre, post
        Columns of the score before and after.
    cluster
        Column of towns.
    plan
        Smallest important change, reliability of the score, ends of the scale, confidence level,
        seed of bootstrap and drawn sign flips.

    Returns
    -------
    Result
        The mean change first. ``diagnostics``: ``moments`` (n, means, SDs, r), ``t``,
        ``wilcoxon_v``, ``g_z``, and with towns a table of them.

    Raises
    ------
    DesignError
        If a column is missing or holds no numbers, or nobody answered twice.

    Examples
    --------
    >>> from twinimpact.impact import ChangePlan, paired_change
    >>> data = {"before": [2, 3, 3, 4, 2, 3, 4, 2, 3, 3, 2],
    ...         "after": [3, 3, 4, 4, 3, 4, 4, 3, 3, 5, 2]}
    >>> plan = ChangePlan(mic=1, scale=(1, 5))
    >>> result = paired_change(data, pre="before", post="after", plan=plan)
    >>> row = result.primary
    >>> round(row.estimate, 2), round(row.conf_low, 2), round(row.conf_high, 2), row.n
    (0.64, 0.18, 1.09, 11)
    >>> round(result.row("d_av_bonett").estimate, 2), result.row("signflip").p_value
    (0.81, 0.03125)
    """
    plan = plan or ChangePlan()
    level = plan.conf_level
    columns = columns_of(data, numbers=[pre, post], labels=[cluster] if cluster else [])
    before, after = columns.numbers[pre], columns.numbers[post]
    town, names = towns_of(columns, cluster)
    direction, sign = direction_of(plan.scale)
    base = Estimate(
        outcome=post, estimand="post-pre", method="paired_t", n=len(columns), grade=1,
        direction=direction, missing=columns.dropped, note=_start_note(before, plan.scale),
    )  # fmt: skip
    change = after - before
    rng = np.random.default_rng(plan.seed)
    rows = change_rows(base, change, town, names, level)
    for part, chosen in _parts(base, town, names):
        own = None if town is None or len(names) < FEWEST_TOWNS else town
        rows += _beside(part, change[chosen], own, level, rng)
        rows += _standardised(part, before[chosen], after[chosen], level)
    important, reliable = thresholds_of(data, pre, plan.mic, plan.reliability)
    people = replace(base, note="people_not_towns" if len(names) > 1 else "", clusters=None)
    if town is not None:
        people = replace(people, clusters=len(names))
    for threshold in (important, reliable):
        rows += responder_rows(people, sign * change, threshold, level)
    rows += precision_rows(people, reliable, "")
    return Result(
        rows=tuple(rows),
        diagnostics=_diagnostics(before, after, town, names),
        warnings=(f"rows_dropped:{columns.dropped}",) if columns.dropped else (),
        seed=plan.seed,
    )


def _start_note(before: Array, scale: Ends) -> str:
    """Whether scores started at the good end, or so near an end that they tend to move back."""
    if scale is None or len(before) < FEWEST:
        return ""
    worst, best = scale
    at_end = float(np.mean(np.abs(before - best) < 1e-9))
    place = (float(before.mean()) - worst) / (best - worst)
    return note(
        with_value("ceiling", 100 * at_end, 0) if at_end >= 0.2 - 1e-9 else "",
        "" if 0.2 <= place <= 0.8 else "extreme_start",
    )


def _parts(
    base: Estimate, town: Array | None, names: Sequence[str]
) -> list[tuple[Estimate, Array | slice]]:
    """Two towns are never put together; otherwise everybody is one part."""
    if town is None or len(names) != 2:
        towns = None if town is None else len(names)
        code = "people_not_towns" if towns and towns >= FEWEST_TOWNS else ""
        return [(replace(base, clusters=towns, note=code), slice(None))]
    return [
        (replace(base, town=name, clusters=1, note=""), town == place)
        for place, name in enumerate(names)
    ]


def _beside(
    base: Estimate, change: Array, town: Array | None, level: float, rng: np.random.Generator
) -> list[Estimate]:
    """Signed ranks, sign flips and bootstrap: of people, or of whole towns."""
    n = len(change)
    if n < 2:
        return []
    units = change if town is None else town_means(change, town)[1]
    code = "beside" if town is None else "beside;by_town"
    base = replace(base, n=n, note=code, estimate=None)
    ranked = wilcoxon(units)
    p, smallest, _ = flip_p(units, rng)
    alpha = 1 - level
    told = note(code, with_value("smallest_p", smallest, 6), "cannot_reject" * (smallest > alpha))
    rows = [replace(base, method="signflip", p_value=p, note=told)]
    if ranked is not None and n >= FEWEST:
        rows.insert(0, replace(base, method="wilcoxon", p_value=ranked[1]))
    if FEWEST <= n < FIRM:
        rows.append(_bootstrap(base, change, town, level, rng))
    return rows


def _bootstrap(
    base: Estimate, change: Array, town: Array | None, level: float, rng: np.random.Generator
) -> Estimate:
    row = replace(base, method="bca", estimate=float(change.mean()))
    row = replace(row, note=note(row.note, "indicative", "average_person"))
    sums, sizes = change, np.ones(len(change))
    if town is not None:
        sums, sizes = np.bincount(town, change), np.bincount(town).astype(float)
    if len(sums) < FEWEST:  # so few whole towns can hardly be drawn in different ways
        return replace(row, status="descriptive", note=note(row.note, "too_few_towns"))
    limits = bca_limits(sums, sizes, level, rng)
    if limits is None:
        return replace(row, status="descriptive", note=note(row.note, "no_variation"))
    return replace(row, conf_low=limits[0], conf_high=limits[1], conf_level=level)


def _standardised(base: Estimate, before: Array, after: Array, level: float) -> list[Estimate]:
    """d_av with Bonett's interval, the same times J, d_z, and g by the SD before."""
    n = len(before)
    if n < FEWEST:
        return []
    m = moments(before, after, np.zeros(n, dtype=np.int64), 1)
    if not m.varies()[0] or not m.differ(m.var_pre + m.var_post)[0]:
        told = note("no_variation", base.note)
        row = replace(base, method="d_av_bonett", unit="sd", status="not_estimable", note=told)
        return [replace(row, n=n)]
    (d,), (error,) = d_average(m)
    (g,), (g_error,) = d_before(m)
    j = float(hedges_j(m.n - 1)[0])
    spread = float(np.sqrt(m.var_change[0]))
    t = m.mean_change / spread * np.sqrt(n)
    z_limits = tuple(float(side[0]) for side in d_z_limits(t, m.n, level))
    average = note(
        with_value("sd_mean_variance", float(np.sqrt((m.var_pre + m.var_post) / 2)[0])),
        _correlation(m),
    )
    factor = with_value("hedges_j", j, 4)
    before_note = note(with_value("sd_pre", float(np.sqrt(m.var_pre[0]))), _correlation(m), factor)
    found: list[tuple[str, float, float | None, tuple[float, ...], str]] = [
        ("d_av_bonett", d, error, _normal(d, error, level), average),
        ("d_av_hedges", d * j, error * j, _normal(d * j, error * j, level), note(average, factor)),
        ("d_z_nct", float(t[0] / np.sqrt(n)), None, z_limits, with_value("sd_change", spread)),
        ("d_pre_becker", g, g_error, _normal(g, g_error, level), before_note),
    ]
    return [
        replace(
            base, method=method, unit="sd", n=n, estimate=float(value), conf_level=level,
            std_error=None if error is None else float(error),
            conf_low=limits[0], conf_high=limits[1], note=note(told, base.note),
        )
        for method, value, error, limits, told in found
        if np.isfinite([value, *limits]).all()
    ]  # fmt: skip


def _normal(value: float, error: float, level: float) -> tuple[float, float]:
    ends = t_limits(np.array([value]), np.array([error]), np.array([np.inf]), level)
    return float(ends[0][0]), float(ends[1][0])


def _correlation(m: Moments) -> str:
    product = float(np.sqrt(m.var_pre[0] * m.var_post[0]))
    return with_value("correlation", float(m.covariance[0]) / product) if product > 0 else ""


def _diagnostics(
    before: Array, after: Array, town: Array | None, names: Sequence[str]
) -> dict[str, Any]:
    import pandas as pd

    n = len(before)
    m = moments(before, after, np.zeros(n, dtype=np.int64), 1)
    spread = float(np.sqrt(m.var_change[0]))
    varies = bool(m.varies()[0]) and n > 1
    d_z = float(m.mean_change[0]) / spread if varies else None
    product = float(np.sqrt(m.var_pre[0] * m.var_post[0]))
    ranked = wilcoxon(after - before)
    found: dict[str, Any] = {
        "moments": {
            "n": n,
            "mean_pre": float(m.mean_pre[0]),
            "mean_post": float(m.mean_post[0]),
            "sd_pre": float(np.sqrt(m.var_pre[0])),
            "sd_post": float(np.sqrt(m.var_post[0])),
            "sd_change": spread,
            "r": float(m.covariance[0]) / product if product > 0 else None,
        },
        "t": None if d_z is None else d_z * n**0.5,
        "wilcoxon_v": None if ranked is None else ranked[0],
        "g_z": None if d_z is None else d_z * float(hedges_j(np.array([n - 1]))[0]),
    }
    if town is not None:
        means = town_means(after - before, town)[1]
        table = {"town": list(names), "n": np.bincount(town), "mean_change": means}
        found["towns"] = pd.DataFrame(table)
    return found
