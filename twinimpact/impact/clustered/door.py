"""A difference between arms when whole towns are in one arm: inference by the number of towns."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from twinimpact.errors import DesignError
from twinimpact.impact.clustered.sums import jackknife_variance, regression
from twinimpact.impact.clustered.wild import wild_cluster_test
from twinimpact.impact.clusters import (
    adjusted_town_means,
    cr2,
    difference_of_town_means,
    town_means,
)
from twinimpact.impact.contrast import TownValues, placebo_row
from twinimpact.impact.estimate import Estimate
from twinimpact.impact.filled import filled
from twinimpact.impact.inputs import Columns, Data, columns_of, constant_within, two_arms
from twinimpact.impact.intervals import Fit
from twinimpact.impact.notes import note, with_value
from twinimpact.impact.result import Result

Array = np.ndarray[Any, Any]
MANY = 10
PEOPLE_PER_COVARIATE = 10
ESTIMAND = "treated-comparison"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterOptions:
    """Confidence level of the intervals, and seed of the wild bootstrap."""

    conf_level: float = 0.95
    seed: int = 20260301


def cluster_inference(
    data: Data,
    *,
    outcome: str,
    arm: str,
    cluster: str,
    covariates: Sequence[str] = (),
    options: ClusterOptions | None = None,
) -> Result:
    """Compare two arms of towns, by the method that the number of towns allows.

    One town in each arm: refused. One town in an arm: town means with t(G − 2), which rests on
    both kinds of towns varying equally, and the placebo rank beside it. Two to nine: town means,
    with CR2 (an interval from four degrees of freedom on) and the wild cluster bootstrap beside
    them. Ten or more in each arm: CR2 first. Normal quantiles and the usual cluster-robust
    standard error are never used: with few towns they reject far too often. Donald & Lang (2007)
    doi:10.1162/rest.89.2.221; Pustejovsky & Tipton (2018) doi:10.1080/07350015.2016.1247004;
    MacKinnon & Webb (2018) doi:10.1111/ectj.12107.

    Parameters
    ----------
    data
        Rows of people with the named columns.
    outcome
        Column of the outcome, or of the change.
    arm
        Column with two values, the same for everybody in a town; the later one is treated.
    cluster
        Column of towns.
    covariates
        Columns measured before, one for every ten people of the smaller arm at most.
    options
        Confidence level, and seed of the wild bootstrap where not all sign vectors are listed.

    Returns
    -------
    Result
        The primary row first; others carry the note ``beside``. ``diagnostics``: ``towns`` per
        arm, ``rule``, and the standard errors ``cr1s`` and ``cr3`` for comparison with other
        programs.

    Raises
    ------
    DesignError
        If a town has people in both arms, there are not two arms, or too many covariates.

    Examples
    --------
    >>> from twinimpact.impact import cluster_inference
    >>> data = {"change": [1, 2, 3, 2, 0, 1, -1, 0], "town": list("aabbccdd"),
    ...         "arm": [1, 1, 1, 1, 0, 0, 0, 0]}
    >>> row = cluster_inference(data, outcome="change", arm="arm", cluster="town").primary
    >>> row.method, row.estimate, row.df, row.clusters
    ('town_mean_t', 2.0, 2, 4)
    """
    options = options or ClusterOptions()
    conf_level = options.conf_level
    columns = columns_of(data, numbers=[outcome, *covariates], labels=[arm, cluster])
    treated = two_arms(columns, arm)
    town = columns.codes[cluster]
    of_town = constant_within(treated, town, "The arm", cluster)
    _few_enough(covariates, treated)
    a, b = int(of_town.sum()), int((~of_town).sum())
    y = columns.numbers[outcome]
    base = Estimate(
        outcome=outcome, estimand=ESTIMAND, method="town_mean_t", n=len(y), clusters=a + b,
        note=f"rows_dropped:{columns.dropped}" if columns.dropped else "",
    )  # fmt: skip
    means = _town_values(columns, y, town, covariates)
    first = difference_of_town_means(means[of_town], means[~of_town], conf_level)
    rows = [_town_row(base, first, conf_level, (a, b), bool(covariates))]
    if min(a, b) == 1 and a + b >= 3:
        arms = TownValues(participant=means[of_town], comparison=means[~of_town])
        rows.append(placebo_row(base, arms, conf_level))
    x = np.column_stack([treated, np.ones(len(y)), *(columns.numbers[c] for c in covariates)])
    x = x.astype(np.float64)
    diagnostics: dict[str, Any] = {"towns": (a, b), "rule": _rule(a, b)}
    if min(a, b) >= 2:
        rows += _person_level(base, (x, y, town), options, bool(covariates))
        diagnostics |= _other_errors(x, y, town)
    if min(a, b) >= MANY:
        rows = [replace(rows[1], note=_without_beside(rows[1].note)), _beside(rows[0]), *rows[2:]]
    return Result(rows=tuple(rows), diagnostics=diagnostics, seed=options.seed)


def _rule(a: int, b: int) -> str:
    if a == b == 1:
        return "refused"
    if min(a, b) == 1:
        return "one_town"
    return "many" if min(a, b) >= MANY else "few"


def _few_enough(covariates: Sequence[str], treated: Array) -> None:
    smaller = int(min(treated.sum(), (~treated).sum()))
    most = max(smaller // PEOPLE_PER_COVARIATE, 0)
    if len(covariates) > most:
        raise DesignError(
            "There are too many covariates for the number of people.",
            got=str(len(covariates)),
            expected=f"at most {most}: one for every ten people of the smaller arm",
        )


def _town_values(columns: Columns, y: Array, town: Array, covariates: Sequence[str]) -> Array:
    """Mean of each town, with the slopes of covariates within towns taken out."""
    if not covariates:
        return town_means(y, town)[1]
    found = adjusted_town_means(y, columns.matrix(covariates), town)
    if found is None:
        raise DesignError("A covariate does not vary within towns.", got=", ".join(covariates))
    return found[1]


def _town_row(
    base: Estimate, fit: Fit, conf_level: float, towns: tuple[int, int], adjusted: bool
) -> Estimate:
    method = "town_two_stage_t" if adjusted else "town_mean_t"
    alone = min(towns) == 1 and sum(towns) > 2
    codes = ("average_town", "equal_variance_assumption" if alone else "")
    return filled(
        replace(base, method=method), fit, conf_level, *codes, "adjusted" if adjusted else ""
    )


def _person_level(
    base: Estimate,
    arrays: tuple[Array, Array, Array],
    options: ClusterOptions,
    adjusted: bool,
) -> list[Estimate]:
    x, y, town = arrays
    conf_level, seed = options.conf_level, options.seed
    method = "ancova_cr2" if adjusted else "change_cr2"
    robust = cr2(x, y, town, 0, conf_level)
    wild = wild_cluster_test(x, y, town, alpha=1 - conf_level, seed=seed)
    codes = ("beside", "average_person", "adjusted" if adjusted else "")
    open_end = wild.low is None or wild.high is None
    return [
        filled(replace(base, method=method), robust, conf_level, *codes),
        replace(
            base,
            method="wcb",
            estimate=robust.estimate,
            conf_low=wild.low,
            conf_high=wild.high,
            conf_level=conf_level,
            p_value=wild.p_value,
            status="unbounded" if open_end else "ok",
            note=note(
                *codes,
                with_value("smallest_p", wild.smallest_p, 6),
                "cannot_reject" if wild.smallest_p > 1 - conf_level else "",
                base.note,
            ),
        ),
    ]


def _other_errors(x: Array, y: Array, town: Array) -> dict[str, float | None]:
    fit = regression(x, y, town)
    left_out = jackknife_variance(x, y, town)
    return {
        "cr0": math.sqrt(fit.variance()),
        "cr1s": math.sqrt(fit.variance(fit.usual_factor())),
        "cr3": None if left_out is None else math.sqrt(left_out),
    }


def _beside(row: Estimate) -> Estimate:
    return replace(row, note=note("beside", row.note))


def _without_beside(text: str) -> str:
    return ";".join(code for code in text.split(";") if code and code != "beside")
