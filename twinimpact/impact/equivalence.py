"""Is a difference too small to matter? Two one-sided tests."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy import special

from twinimpact.errors import DesignError
from twinimpact.impact.clusters import town_means
from twinimpact.impact.estimate import Estimate
from twinimpact.impact.inputs import Data, columns_of, constant_within, two_arms
from twinimpact.impact.result import Result

Array = np.ndarray[Any, Any]


def equivalence(
    data: Data,
    *,
    outcome: str,
    bound: float,
    arm: str = "",
    cluster: str = "",
    alpha: float = 0.05,
) -> Result:
    """Two one-sided t tests that a mean change or a difference lies within ±``bound``.

    Without an arm the outcome is each person's change. With an arm the two groups are compared with
    unequal variances (Welch); with towns, their means with t(G − 2). Lakens (2017)
    doi:10.1177/1948550617697177.

    Parameters
    ----------
    data
        Rows of people.
    outcome
        Change of each person, or score.
    bound
        Smallest size worth having, in the outcome's unit; above 0.
    arm, cluster
        Two groups, and the towns they live in.

    Returns
    -------
    Result
        One row ``tost``: estimate, interval at 1 − 2·alpha and the larger of the two p values;
        ``diagnostics``: ``p_lower``, ``p_upper`` and ``within`` (whether the interval lies inside).

    Raises
    ------
    DesignError
        If the bound is not above 0, or there are too few people or towns.

    Examples
    --------
    >>> from twinimpact.impact import equivalence
    >>> changes = {"change": [0.1, -0.2, 0.0, 0.2, -0.1, 0.1, 0.0, -0.1]}
    >>> equivalence(changes, outcome="change", bound=0.5).diagnostics["within"]
    True
    """
    if not bound > 0:
        raise DesignError("The smallest size worth having must be above 0.", got=str(bound))
    labels = [name for name in (arm, cluster) if name]
    columns = columns_of(data, numbers=[outcome], labels=labels)
    y = columns.numbers[outcome]
    groups, clusters = [y], None
    if arm:
        treated = two_arms(columns, arm)
        groups = [y[treated], y[~treated]]
        if cluster:
            town = columns.codes[cluster]
            of_town = constant_within(treated, town, "The arm", cluster)
            means = town_means(y, town)[1]
            groups, clusters = [means[of_town], means[~of_town]], len(means)
    elif cluster:
        groups = [town_means(y, columns.codes[cluster])[1]]
        clusters = len(groups[0])
    estimate, error, df = _moments(groups, pooled=bool(cluster))
    p_lower = 1 - float(special.stdtr(df, (estimate + bound) / error))
    p_upper = float(special.stdtr(df, (estimate - bound) / error))
    half = float(special.stdtrit(df, 1 - alpha)) * error
    low, high = estimate - half, estimate + half
    row = Estimate(
        outcome=outcome, estimand="treated-comparison" if arm else "post-pre", method="tost",
        estimate=estimate, std_error=error, df=df, conf_low=low, conf_high=high,
        conf_level=1 - 2 * alpha, p_value=max(p_lower, p_upper), n=len(y), clusters=clusters,
    )  # fmt: skip
    return Result(
        rows=(row,),
        diagnostics={"p_lower": p_lower, "p_upper": p_upper, "bound": bound,
                     "within": bool(-bound < low and high < bound)},
        warnings=(f"rows_dropped:{columns.dropped}",) if columns.dropped else (),
    )  # fmt: skip


def _moments(groups: list[Array], *, pooled: bool) -> tuple[float, float, float]:
    """Mean or difference, its standard error and degrees of freedom."""
    sizes = [len(group) for group in groups]
    few = min(sizes) < 2 and not (pooled and len(groups) == 2 and sum(sizes) > 2)
    if few:
        raise DesignError("There are too few people or towns to compare.", got=str(sizes))
    if len(groups) == 1:
        (values,) = groups
        error = float(values.std(ddof=1)) / math.sqrt(len(values))
        return float(values.mean()), _positive(error), float(len(values) - 1)
    first, second = groups
    estimate = float(first.mean() - second.mean())
    if pooled:
        df = sum(sizes) - 2
        squares = sum(float(((group - group.mean()) ** 2).sum()) for group in groups)
        error = math.sqrt(squares / df * sum(1 / size for size in sizes))
        return estimate, _positive(error), float(df)
    parts = [float(group.var(ddof=1)) / len(group) for group in groups]
    error = math.sqrt(sum(parts))
    squared = sum(part**2 / (size - 1) for part, size in zip(parts, sizes, strict=True))
    return estimate, _positive(error), error**4 / squared if squared > 0 else 1.0


def _positive(error: float) -> float:
    if not error > 0:
        raise DesignError("The outcome does not vary.")
    return error
