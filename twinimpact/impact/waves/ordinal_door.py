"""One ordered item in two arms: who answered higher, as a chance and as odds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from twinimpact.errors import DesignError
from twinimpact.impact.clusters import difference_of_town_means, town_means
from twinimpact.impact.estimate import Estimate
from twinimpact.impact.inputs import Columns, Data, columns_of, constant_within, two_arms
from twinimpact.impact.notes import note, with_value
from twinimpact.impact.result import Result
from twinimpact.impact.waves.mean_rows import FEWEST, filled, size_code
from twinimpact.impact.waves.proportional_odds import (
    cumulative_logit,
    merged,
    proportionality_p,
)

Array = np.ndarray[Any, Any]
ESTIMAND = "treated-comparison"
FEWEST_PER_CATEGORY = 10


def ordinal_item(
    data: Data,
    *,
    item: str,
    arm: str,
    covariates: Sequence[str] = (),
    cluster: str = "",
    conf_level: float = 0.95,
) -> Result:
    """Compare the answers of two arms to one item whose answers are ordered, not measured.

    ``p_superior``: chance that somebody of the treated arm answered higher than somebody of the
    comparison arm, ties counting half, with an interval by t (Brunner & Munzel 2000,
    doi:10.1002/(SICI)1521-4036(200001)42:1<17::AID-BIMJ17>3.0.CO;2-U). ``ordinal_logit``: log odds
    of a higher answer (McCullagh 1980, doi:10.1111/j.2517-6161.1980.tb01109.x), with categories
    put together until each has ten people, and withheld when the odds differ by cut point
    (p < .05). With towns there is no model of people: towns' shares at or above the middle answer
    are compared by t(G - 2), and the chance is described.

    Parameters
    ----------
    data
        One row per person.
    item
        Column of the answer, numbers in their order.
    arm
        Column with two values, the later one is treated.
    covariates
        Columns measured before, for the odds.
    cluster
        Column of towns.

    Returns
    -------
    Result
        ``diagnostics["distribution"]``: people by answer and arm; ``categories`` after merging;
        ``proportionality_p``.

    Raises
    ------
    DesignError
        If there are not two arms, or everybody gave the same answer.

    Examples
    --------
    >>> from twinimpact.impact import ordinal_item
    >>> data = {"answer": [1, 2, 2, 3, 1, 2, 3, 2, 1, 2, 3, 2, 3, 4, 4, 3, 2, 4, 3, 4],
    ...         "arm": [0] * 10 + [1] * 10}
    >>> row = ordinal_item(data, item="answer", arm="arm").primary
    >>> row.method, round(row.estimate, 2)
    ('p_superior', 0.87)
    """
    labels = [name for name in (arm, cluster) if name]
    columns = columns_of(data, numbers=[item, *covariates], labels=labels)
    treated = two_arms(columns, arm)
    values, answer = np.unique(columns.numbers[item], return_inverse=True)
    if len(values) < 2:
        raise DesignError("Everybody gave the same answer.", where=item, got=f"{values[0]:g}")
    counts = np.stack(
        [np.bincount(answer[side], minlength=len(values)) for side in (treated, ~treated)]
    )
    base = Estimate(
        outcome=item, estimand=ESTIMAND, method="p_superior", n=len(answer), missing=columns.dropped
    )
    arms = dict(zip(("treated", "comparison"), counts, strict=True))
    diagnostics: dict[str, Any] = {"distribution": pd.DataFrame({"answer": values, **arms})}
    smaller = int(counts.sum(axis=1).min())
    if cluster:
        rows = _by_towns(base, (answer, values), treated, columns.codes[cluster], conf_level)
        rows.append(_chance(base, counts, smaller, conf_level, len(columns.labels[cluster])))
    else:
        rows = [_chance(base, counts, smaller, conf_level, None)]
        odds, found = _odds(base, columns, (answer, treated), covariates, conf_level)
        rows.append(odds)
        diagnostics |= found
    return Result(
        rows=tuple(rows),
        diagnostics=diagnostics,
        warnings=(f"rows_dropped:{columns.dropped}",) if columns.dropped else (),
    )


def _chance(
    base: Estimate, counts: Array, smaller: int, level: float, towns: int | None
) -> Estimate:
    """P(superior) with its interval; with towns it is described only."""
    share = counts / counts.sum(axis=1, keepdims=True)
    below = np.cumsum(share[1]) - share[1] / 2
    row = replace(base, estimate=float(share[0] @ below), unit="probability", clusters=towns)
    if towns is not None:
        return replace(row, status="descriptive", note=note("beside", "people_not_towns"))
    row = replace(row, note=note(size_code(smaller), "people_not_towns"))
    if smaller < FEWEST:
        return replace(row, status="descriptive", note=note(f"arm_below_10:{smaller}", row.note))
    from statsmodels.stats.nonparametric import rank_compare_2ordinal

    with np.errstate(divide="ignore", invalid="ignore"):
        found = rank_compare_2ordinal(counts[0], counts[1])
    if not found.var > 1e-12:  # no answer of one arm reaches into the other
        return replace(row, status="descriptive", note=note("no_variation", row.note))
    low, high = found.conf_int(alpha=1 - level)
    return replace(
        row, std_error=math.sqrt(float(found.var) / found.nobs), df=float(found.df),
        conf_low=max(0.0, float(low)), conf_high=min(1.0, float(high)), conf_level=level,
        p_value=float(found.test_prob_superior().pvalue),
    )  # fmt: skip


def _odds(
    base: Estimate,
    columns: Columns,
    roles: tuple[Array, Array],
    covariates: Sequence[str],
    level: float,
) -> tuple[Estimate, dict[str, Any]]:
    answer, treated = roles
    row = replace(base, method="ordinal_logit", unit="log_odds")
    codes = merged(answer, FEWEST_PER_CATEGORY)
    joined = int(answer.max() - codes.max())
    told = f"categories_merged:{joined}" if joined else ""
    found: dict[str, Any] = {"categories": int(codes.max()) + 1, "proportionality_p": None}
    if codes.max() < 1:
        return replace(row, status="not_estimable", note=told), found
    x = np.column_stack([treated.astype(float), *(columns.numbers[name] for name in covariates)])
    if np.linalg.matrix_rank(x - x.mean(axis=0)) < x.shape[1]:
        return replace(row, status="not_estimable", note=note("no_variation", told)), found
    fit = cumulative_logit(codes, x)
    if not fit.converged:
        return replace(row, status="not_converged", note=told), found
    p = proportionality_p(codes, x, 0, fit)
    found |= {
        "proportionality_p": p,
        "thresholds": fit.thresholds,
        "log_likelihood": fit.log_likelihood,
    }
    if p is not None and p < 1 - level:
        withheld = note(with_value("odds_not_proportional", p, 4), told)
        return replace(row, status="not_estimable", note=withheld), found
    value, error = (
        float(fit.coefficients[0]),
        float(fit.covariance[-x.shape[1], -x.shape[1]]) ** 0.5,
    )
    half = float(special.ndtri(0.5 + level / 2)) * error
    smaller = int(min(treated.sum(), (~treated).sum()))
    fitted = replace(
        row, estimate=value, std_error=error, conf_low=value - half, conf_high=value + half,
        conf_level=level, p_value=float(2 * special.ndtr(-abs(value / error))),
        note=note(size_code(smaller), "beside", "adjusted" if covariates else "", told),
    )  # fmt: skip
    return fitted, found


def _by_towns(
    base: Estimate, answers: tuple[Array, Array], treated: Array, town: Array, level: float
) -> list[Estimate]:
    """Difference between towns' shares at or above the answer that halves people best."""
    answer, values = answers
    reached = np.array([np.mean(answer >= cut) for cut in range(1, len(values))])
    cut = 1 + int(np.argmin(np.abs(reached - 0.5)))
    of_town = constant_within(treated, town, "The arm", "town")
    means = town_means((answer >= cut).astype(float), town)[1]
    fit = difference_of_town_means(means[of_town], means[~of_town], level)
    towns = (int(of_town.sum()), int((~of_town).sum()))
    row = replace(
        base, estimand=f"share_from_{values[cut]:g}|{ESTIMAND}", method="town_mean_t",
        unit="share", clusters=sum(towns),
    )  # fmt: skip
    alone = "equal_variance_assumption" if min(towns) == 1 and sum(towns) > 2 else ""
    smaller = int(min(treated.sum(), (~treated).sum()))
    found = filled(row, fit, level, "average_town", alone, size_code(smaller))
    if fit.reason == "one_town_per_arm":
        found = replace(found, status="refused")
    return [found]
