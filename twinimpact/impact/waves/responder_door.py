"""How many people changed enough to matter, in one group or two; and a share asked twice."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from twinimpact.impact.clusters import difference_of_town_means, placebo_rank_p, town_means
from twinimpact.impact.estimate import Estimate
from twinimpact.impact.inputs import Columns, Data, columns_of, constant_within, two_arms
from twinimpact.impact.notes import codes_of, note, with_value
from twinimpact.impact.paired import beyond
from twinimpact.impact.result import Result
from twinimpact.impact.waves.mean_rows import FEWEST, change_rows, filled, size_code, towns_of
from twinimpact.impact.waves.plan import ChangePlan
from twinimpact.impact.waves.responder_rows import (
    Threshold,
    direction_of,
    precision_rows,
    responder_rows,
    thresholds_of,
)
from twinimpact.impact.waves.shares import bonett_price, mcnemar_p, newcombe

Array = np.ndarray[Any, Any]
SORTED = ("improved", "unchanged", "worse")


def responders(
    data: Data,
    *,
    pre: str,
    post: str,
    arm: str = "",
    cluster: str = "",
    plan: ChangePlan | None = None,
) -> Result:
    """Shares of people improved, unchanged and worse, how many are missing, and two arms compared.

    Method ``wilson``: a change of at least the smallest important one. Method ``rci``: a change
    beyond measurement error, |change| > 1.96·s·√(2(1 − r)) with s the SD of everybody before
    (Christensen & Mendoza 1986, Behavior Therapy 17); it assumes normal errors of equal size at
    both waves and an unchanged scale. Between arms without towns: Newcombe's interval of the
    difference in shares improved (Newcombe 1998,
    doi:10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I); with towns: the
    difference between town shares by t(G − 2), and none for one town in each arm.

    Parameters
    ----------
    data
        One row per person; people without one of the scores are counted as missing.
    pre, post
        Columns of the score before and after.
    arm
        Column with two values; the later one is the treated arm. One group if empty.
    cluster
        Column of towns.
    plan
        Smallest important change, reliability of the score, ends of the scale, confidence level.

    Returns
    -------
    Result
        With two arms their difference first. ``diagnostics["counts"]``: people by arm and
        threshold.

    Raises
    ------
    DesignError
        If a column is missing, there are not two arms, or a town has people in both.

    Examples
    --------
    >>> from twinimpact.impact import ChangePlan, responders
    >>> data = {"before": [2, 3, 3, 4, 2, 3, 4, 2, 3, 3, 2],
    ...         "after": [3, 3, 5, 4, 1, 4, 4, 3, 3, 5, None]}
    >>> plan = ChangePlan(mic=1, scale=(1, 5))
    >>> result = responders(data, pre="before", post="after", plan=plan)
    >>> [(row.estimand, row.estimate) for row in result.rows[:4]]
    [('post-pre|improved', 0.5), ('post-pre|unchanged', 0.4), ('post-pre|worse', 0.1), \
('post-pre|missing', 1.0)]
    """
    plan = plan or ChangePlan()
    level = plan.conf_level
    labels = [name for name in (arm, cluster) if name]
    columns = columns_of(data, numbers=[pre, post], labels=labels)
    everyone = columns_of(_answered(data, pre, post), labels=labels) if labels else None
    direction, sign = direction_of(plan.scale)
    better = sign * (columns.numbers[post] - columns.numbers[pre])
    important, reliable = thresholds_of(data, pre, plan.mic, plan.reliability)
    town, names = towns_of(columns, cluster)
    base = Estimate(
        outcome=post, estimand="post-pre", method="wilson", direction=direction,
        clusters=None if town is None else len(names),
        note="people_not_towns" if len(names) > 1 else "",
    )  # fmt: skip
    rows: list[Estimate] = []
    groups = [("", np.ones(len(columns), dtype=bool), columns.dropped)]
    if arm:
        treated = two_arms(columns, arm)
        rows += [
            _between(replace(base, note=t.note), _improved(better, t), treated, town, level)
            for t in (important, reliable)
            if t.limit is not None
        ]
        groups = _arms(columns, everyone, arm)
    for label, chosen, missing in groups:
        towns = None if town is None else len(np.unique(town[chosen]))
        own = replace(base, arm=label, missing=missing, clusters=towns, grade=1)
        for threshold in (important, reliable):
            rows += responder_rows(own, better[chosen], threshold, level)
    rows += precision_rows(base, reliable, "")
    return Result(
        rows=tuple(rows),
        diagnostics={"counts": _counts(rows)},
        warnings=(f"rows_dropped:{columns.dropped}",) if columns.dropped else (),
    )


def _answered(data: Data, pre: str, post: str) -> pd.DataFrame:
    """The same rows without asking for both scores, so that the missing can be counted."""
    frame = data if isinstance(data, pd.DataFrame) else pd.DataFrame(dict(data))
    return frame.drop(columns=[pre, post])


def _arms(columns: Columns, everyone: Columns | None, arm: str) -> list[tuple[str, Array, int]]:
    found = []
    for code, label in enumerate(columns.labels[arm]):
        chosen = columns.codes[arm] == code
        asked = 0
        if everyone is not None and label in everyone.labels[arm]:
            place = everyone.labels[arm].index(label)
            asked = int((everyone.codes[arm] == place).sum())
        found.append((label, chosen, asked - int(chosen.sum())))
    return found


def _improved(better: Array, threshold: Threshold) -> Array:
    limit = threshold.limit or 0.0
    return beyond(better, limit, strict=threshold.method == "rci")[0]


def _between(
    base: Estimate, improved: Array, treated: Array, town: Array | None, level: float
) -> Estimate:
    """Difference between arms in the share improved: of towns where they are known."""
    n = (int(treated.sum()), int((~treated).sum()))
    counts = (int(improved[treated].sum()), int(improved[~treated].sum()))
    suffix = "reliably_improved" if "reliability" in codes_of(base.note) else "improved"
    row = replace(
        base, estimand=f"post-pre|{suffix}|treated-comparison", unit="share", n=sum(n),
        estimate=counts[0] / n[0] - counts[1] / n[1],
    )  # fmt: skip
    if town is not None:
        return _between_towns(row, improved.astype(float), treated, town, level)
    told = note(size_code(min(n)), "people_not_towns", row.note)
    row = replace(row, method="newcombe", note=told)
    if min(n) < FEWEST:
        below = note(f"arm_below_10:{min(n)}", told)
        return replace(row, status="descriptive", note=below)
    low, high = newcombe((counts[0], n[0]), (counts[1], n[1]), level)
    return replace(row, conf_low=low, conf_high=high, conf_level=level)


def _between_towns(
    row: Estimate, improved: Array, treated: Array, town: Array, level: float
) -> Estimate:
    of_town = constant_within(treated, town, "The arm", "town")
    means = town_means(improved, town)[1]
    fit = difference_of_town_means(means[of_town], means[~of_town], level)
    towns = (int(of_town.sum()), int((~of_town).sum()))
    codes = ["average_town"]
    if min(towns) == 1 and sum(towns) > 2:
        single, others = sorted((means[of_town], means[~of_town]), key=len)
        rank = placebo_rank_p(float(single[0]), others)
        codes += ["equal_variance_assumption", with_value("placebo_p", rank, 4)]
    found = filled(replace(row, method="town_mean_t"), fit, level, *codes)
    if fit.reason == "one_town_per_arm":
        return replace(found, status="refused")
    smaller = int(min(treated.sum(), (~treated).sum()))
    if smaller >= FEWEST:
        return replace(found, note=note(size_code(smaller), found.note))
    return replace(
        found, std_error=None, df=None, conf_low=None, conf_high=None, conf_level=None,
        p_value=None, verdict="", status="descriptive",
        note=note(f"arm_below_10:{smaller}", found.note),
    )  # fmt: skip


def _counts(rows: list[Estimate]) -> pd.DataFrame:
    kept: list[dict[str, Any]] = []
    for row in rows:
        last = row.estimand.rpartition("|")[2]
        if (
            row.denominator
            and row.estimate is not None
            and last in ("improved", "unchanged", "worse")
        ):
            people = round(row.estimate * row.denominator)
            kept.append({"arm": row.arm, "method": row.method, "what": last, "people": people,
                         "n": row.n, "missing": row.missing})  # fmt: skip
    return pd.DataFrame(kept)


def share_change(
    data: Data,
    *,
    pre: str,
    post: str,
    cut: float | None = None,
    cluster: str = "",
    conf_level: float = 0.95,
) -> Result:
    """Change of a share in one group asked twice: who reached a score before, and who after.

    The interval is that of Bonett & Price (2012) doi:10.3102/1076998611411915; beside it the exact
    p of McNemar's test (1947, doi:10.1007/BF02295996), which only looks at those who crossed.
    From three towns on, the mean over towns comes first.

    Parameters
    ----------
    data
        One row per person.
    pre, post
        Columns of the score before and after; or of 0 and 1, without ``cut``.
    cut
        The score from which on a person counts.
    cluster
        Column of towns.

    Returns
    -------
    Result
        ``diagnostics["table"]``: people by before (rows) and after (columns).

    Raises
    ------
    DesignError
        If a column is missing or holds no numbers.

    Examples
    --------
    >>> from twinimpact.impact import share_change
    >>> data = {"before": [2, 3, 3, 4, 2, 3, 4, 2, 3, 3, 2],
    ...         "after": [3, 3, 5, 4, 4, 4, 4, 3, 3, 5, 2]}
    >>> result = share_change(data, pre="before", post="after", cut=4)
    >>> round(result.primary.estimate, 3), result.row("mcnemar").p_value
    (0.364, 0.125)
    """
    columns = columns_of(data, numbers=[pre, post], labels=[cluster] if cluster else [])
    limit = 0.5 if cut is None else cut - 1e-9
    before, after = columns.numbers[pre] >= limit, columns.numbers[post] >= limit
    town, names = towns_of(columns, cluster)
    base = Estimate(
        outcome=post, estimand="post-pre|share", method="bonett_price", unit="share", grade=1,
        missing=columns.dropped,
    )  # fmt: skip
    rows: list[Estimate] = []
    if town is not None and len(names) == 2:
        for place, name in enumerate(names):
            chosen = town == place
            own = replace(base, town=name, clusters=1)
            rows += _crossed(own, before[chosen], after[chosen], conf_level)
    elif town is not None and len(names) > 2:
        change = after.astype(float) - before.astype(float)
        rows += change_rows(base, change, town, names, conf_level)[:2]
        own = replace(base, clusters=len(names), note=note("beside", "people_not_towns"))
        rows += _crossed(own, before, after, conf_level)
    else:
        clusters = None if town is None else len(names)
        rows += _crossed(replace(base, clusters=clusters), before, after, conf_level)
    table = pd.crosstab(pd.Series(before, name="before"), pd.Series(after, name="after"))
    return Result(
        rows=tuple(rows),
        diagnostics={"table": table},
        warnings=(f"rows_dropped:{columns.dropped}",) if columns.dropped else (),
    )


def _crossed(base: Estimate, before: Array, after: Array, level: float) -> list[Estimate]:
    n = len(before)
    gained, lost = int((~before & after).sum()), int((before & ~after).sum())
    row = replace(base, n=n, estimate=(gained - lost) / n, denominator=float(n))
    if n < FEWEST:
        return [replace(row, status="descriptive")]
    low, high = bonett_price(gained, lost, n, level)
    row = replace(row, note=note(size_code(n), row.note))
    test = replace(row, method="mcnemar", estimate=None, p_value=mcnemar_p(gained, lost))
    return [
        replace(row, conf_low=low, conf_high=high, conf_level=level),
        replace(test, note=note("beside", row.note)),
    ]
