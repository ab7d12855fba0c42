"""How alike two arms are before anything happened, covariate by covariate."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from twinimpact.errors import DesignError
from twinimpact.impact.balancing.covariates import Covariate, read
from twinimpact.impact.balancing.standardised import balance_table, effective_n
from twinimpact.impact.estimate import Estimate
from twinimpact.impact.inputs import Columns, Data, constant_within, two_arms
from twinimpact.impact.result import Result

Array = np.ndarray[Any, Any]
ESTIMANDS = ("att", "ate")
BETWEEN = "treated-comparison"


def balance(
    data: Data,
    *,
    arm: str,
    covariates: Sequence[str],
    weights: str = "",
    cluster: str = "",
    estimand: str = "att",
) -> Result:
    """Balance table: means, standardised differences, variance ratios and gaps of two arms.

    The standardised difference is divided by the SD of the treated people (``att``) or the root
    of the mean of both variances (``ate``), always without weights; for values of 0 and 1 the
    SD is √(p(1 − p)). Up to .05 arms count as alike, up to .25 they can be adjusted, above they
    are not comparable without adjustment (What Works Clearinghouse, Standards Handbook 4.1).
    There are no p values: balance is about these people, not about a population. Austin (2009)
    doi:10.1002/sim.3697.

    Parameters
    ----------
    data
        One row per person with the named columns; rows with a gap are left out.
    arm
        Column with two values; the later one is the treated arm.
    covariates
        Columns measured before. Numbers stay numbers; a column of names gives one line per
        name, also where an arm has none of it (then without a standardised difference).
    weights
        Column of weights above zero, for instance of :func:`weights`.
    cluster
        Column of towns. Covariates that are the same for everybody in a town are compared
        between towns, in a table of their own.
    estimand
        ``att`` or ``ate``: which SD a difference is divided by.

    Returns
    -------
    Result
        One row per covariate or category, unit ``sd``. ``diagnostics``: ``table`` (people),
        ``towns`` (town-level covariates, n is the number of towns), ``arms`` (people, towns and
        effective n per arm) and ``love_plot`` (size of each difference without and with
        weights).

    Raises
    ------
    DesignError
        If columns, arms or weights are not as described.

    Examples
    --------
    >>> from twinimpact.impact import balance
    >>> data = {"age": [20, 30, 40, 24, 36, 42], "arm": [1, 1, 1, 0, 0, 0]}
    >>> table = balance(data, arm="arm", covariates=["age"]).diagnostics["table"]
    >>> table[["treated", "comparison", "smd", "class"]].to_dict("records")
    [{'treated': 30.0, 'comparison': 34.0, 'smd': -0.4, 'class': 'not_comparable'}]
    """
    known_estimand(estimand)
    labels = [name for name in (arm, cluster) if name]
    columns, found = read(data, covariates, labels, [weights] if weights else [])
    treated = two_arms(columns, arm)
    w = columns.numbers[weights] if weights else np.ones(len(columns))
    if not (w > 0).all():
        raise DesignError("Weights must be above zero.", where=weights, got=f"{w.min():g}")
    town = columns.codes[cluster] if cluster else None
    of_towns = [one for one in found if town is not None and _same_within(one.values, town)]
    people = [one for one in found if one not in of_towns]
    table = balance_table(people, treated, w, estimand)
    towns = _town_table(of_towns, treated, town, estimand)
    rows = [*_rows(table, len(columns), None), *_rows(towns, len(columns), _count(town))]
    return Result(
        rows=tuple(rows),
        diagnostics={
            "table": table,
            "towns": towns,
            "arms": _arms(columns, arm, treated, w, town),
            "love_plot": love_plot(people, treated, w, estimand),
        },
        warnings=(f"rows_dropped:{columns.dropped}",) if columns.dropped else (),
    )


def known_estimand(estimand: str) -> None:
    """Refuse an estimand other than ``att`` and ``ate``."""
    if estimand not in ESTIMANDS:
        raise DesignError(
            "There is no such estimand.", got=estimand, expected=" or ".join(ESTIMANDS)
        )


def love_plot(
    covariates: Sequence[Covariate], treated: Array, weights: Array, estimand: str
) -> pd.DataFrame:
    """Size of each standardised difference without and with weights."""
    before, after = (
        balance_table(covariates, treated, w, estimand)["smd"].abs()
        for w in (np.ones(len(weights)), weights)
    )
    return pd.DataFrame(
        {"covariate": [one.label for one in covariates], "before": before, "after": after}
    )


def _same_within(values: Array, town: Array) -> bool:
    first = np.zeros(int(town.max()) + 1)
    first[town[::-1]] = values[::-1]
    return bool((values == first[town]).all())


def _count(town: Array | None) -> int | None:
    return None if town is None else int(town.max()) + 1


def _town_table(
    covariates: Sequence[Covariate], treated: Array, town: Array | None, estimand: str
) -> pd.DataFrame:
    """The same table with one entry per town."""
    if town is None or not covariates:
        return balance_table((), treated, np.ones(len(treated)), estimand)
    of_town = constant_within(treated, town, "The arm", "town")
    entries = [
        Covariate(
            name=one.name, group=one.group, two_valued=one.two_valued,
            values=constant_within(one.values, town, one.name, "town"),
        )
        for one in covariates
    ]  # fmt: skip
    table = balance_table(entries, of_town, np.ones(len(of_town)), estimand)
    return table.assign(n=len(of_town))


def _arms(
    columns: Columns, arm: str, treated: Array, weights: Array, town: Array | None
) -> pd.DataFrame:
    lines = []
    for name, side in (("treated", treated), ("comparison", ~treated)):
        value = columns.labels[arm][int(columns.codes[arm][side][0])]
        lines.append(
            {
                "arm": name,
                "value": value,
                "n": int(side.sum()),
                "clusters": None if town is None else len(np.unique(town[side])),
                "effective_n": effective_n(weights[side]),
            }
        )
    return pd.DataFrame(lines)


def _rows(table: pd.DataFrame, n: int, towns: int | None) -> list[Estimate]:
    rows = []
    for line in table.to_dict("records"):
        smd = float(line["smd"])
        rows.append(
            Estimate(
                outcome=str(line["covariate"]),
                estimand=BETWEEN,
                method="describe",
                estimate=None if math.isnan(smd) else smd,
                n=n if towns is None else towns,
                clusters=towns,
                status=str(line["status"]),
                dimension="category" if line["group"] else "",
                group=str(line["group"]),
                unit="sd",
                note="sd_treated" if line["denominator"] == "treated" else "sd_pooled",
            )
        )
    return rows
