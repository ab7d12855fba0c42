"""Weights that make comparison people like the treated, and the difference after weighting."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from twinimpact.errors import DesignError
from twinimpact.impact.balancing.balance_door import known_estimand, love_plot
from twinimpact.impact.balancing.covariates import Covariate, read
from twinimpact.impact.balancing.doubly_robust import augmented, clustered_error
from twinimpact.impact.balancing.entropy import entropy_weights
from twinimpact.impact.balancing.standardised import balance_table, effective_n
from twinimpact.impact.clusters import cr2_weighted
from twinimpact.impact.estimate import Estimate
from twinimpact.impact.inputs import Data, constant_within, two_arms
from twinimpact.impact.intervals import Fit, t_fit
from twinimpact.impact.logistic import fitted_chances
from twinimpact.impact.notes import note, with_value
from twinimpact.impact.result import Result

Array = np.ndarray[Any, Any]
METHODS = {"entropy": "ebal_att", "ipw": "ipw_hajek", "aipw": "aipw"}
FEW_EFFECTIVE = 20
LARGEST_SHARE = 0.10
FEW_TOWNS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightPlan:
    """How people are weighted, and for whom.

    Parameters
    ----------
    method
        ``entropy``, ``ipw`` or ``aipw``.
    estimand
        ``att`` (for people like the treated) or, with the latter two, ``ate`` (for everybody).
    conf_level
        Confidence level of the interval.
    """

    method: str = "entropy"
    estimand: str = "att"
    conf_level: float = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sample:
    """People with covariates, arm, chance to be treated (where estimated) and weights."""

    covariates: tuple[Covariate, ...]
    treated: Array
    town: Array | None
    x: Array
    chance: Array | None
    weights: Array


def weights(
    data: Data,
    *,
    arm: str,
    covariates: Sequence[str],
    outcome: str = "",
    cluster: str = "",
    plan: WeightPlan | None = None,
) -> Result:
    """Weights of people that make two arms alike, and the difference in an outcome with them.

    ``entropy`` gives comparison people the treated people's means exactly (Hainmueller 2012,
    doi:10.1093/pan/mpr025); ``ipw`` weights by the odds or the inverse of the chance to be
    treated, normalised (Hájek 1971); ``aipw`` joins these with a linear model of the outcome per
    arm (Robins, Rotnitzky & Zhao 1994, doi:10.1080/01621459.1994.10476818). All assume that the
    arms differ in nothing else that matters, and that there are comparison people like every
    treated one. The difference takes the weights as given; its standard error is CR2 with
    weights, by town or person. Weights of people do not repair differences between towns.

    Parameters
    ----------
    data
        One row per person with the named columns; rows with a gap are left out.
    arm
        Column with two values; the later one is the treated arm.
    covariates
        Columns measured before: numbers, or names (one column per category).
    outcome
        Column of the outcome; without it there are weights only.
    cluster
        Column of towns, each in one arm. One town per arm: refused. One town in an arm: no
        standard error. With ``aipw`` an interval needs ten towns per arm.
    plan
        Method, for whom, and confidence level; without it ``entropy`` for people like the treated.

    Returns
    -------
    Result
        The difference, if there is an outcome. ``diagnostics``: ``weights`` (one per row of the
        data, NaN where left out), ``table`` (balance with weights), ``love_plot``, ``arms`` and,
        where chances are estimated, ``overlap``.

    Raises
    ------
    DesignError
        If no weights balance the covariates (they are named), the covariates tell the arms
        apart, or columns are not as described.

    Examples
    --------
    >>> from twinimpact.impact import weights
    >>> data = {"age": [30, 40, 35, 20, 30, 40, 50], "arm": [1, 1, 1, 0, 0, 0, 0],
    ...         "score": [5, 7, 6, 1, 2, 3, 4]}
    >>> result = weights(data, arm="arm", covariates=["age"], outcome="score")
    >>> round(result.primary.estimate, 6)
    3.5
    """
    plan = plan or WeightPlan()
    method, estimand = plan.method, plan.estimand
    known_estimand(estimand)
    _known_method(method, estimand, outcome)
    labels = [name for name in (arm, cluster) if name]
    columns, found = read(data, covariates, labels, [outcome] if outcome else [])
    treated = two_arms(columns, arm)
    if min(treated.sum(), (~treated).sum()) < 2:
        raise DesignError("An arm has fewer than two people.", where=arm)
    town = columns.codes[cluster] if cluster else None
    sample, dropped = _weighed(found, treated, town, method, estimand)
    towns = (0, 0)
    if town is not None:
        of_town = constant_within(treated, town, "The arm", cluster)
        towns = (int(of_town.sum()), int((~of_town).sum()))
    warnings = [
        f"rows_dropped:{columns.dropped}" if columns.dropped else "",
        f"constant_dropped:{dropped}" if dropped else "",
        *_warnings(sample, towns),
    ]
    rows: tuple[Estimate, ...] = ()
    if outcome:
        y = columns.numbers[outcome]
        base = Estimate(
            outcome=outcome, estimand=f"treated-comparison|{estimand}", method=METHODS[method],
            n=len(y), clusters=sum(towns) or None,
            note=note("weights_fixed" if method != "aipw" else "", *warnings[2:]),
        )  # fmt: skip
        rows = (_row(base, sample, y, plan, towns),)
    whole = np.full(len(columns) + columns.dropped, np.nan)
    whole[columns.rows] = sample.weights
    return Result(
        rows=rows,
        diagnostics={"weights": whole, **_diagnostics(sample, estimand)},
        warnings=tuple(code for code in warnings if code),
    )


def _known_method(method: str, estimand: str, outcome: str) -> None:
    if method not in METHODS:
        raise DesignError("There is no such method.", got=method, expected=", ".join(METHODS))
    if estimand == "ate" and method == "entropy":
        raise DesignError(
            "Entropy balancing is for people like the treated.", got="ate", expected="att"
        )
    if method == "aipw" and not outcome:
        raise DesignError("The method aipw needs an outcome.", where="outcome")


def _weighed(
    covariates: tuple[Covariate, ...],
    treated: Array,
    town: Array | None,
    method: str,
    estimand: str,
) -> tuple[_Sample, int]:
    """The sample with its weights, and how many columns do not vary."""
    used = [one for one in covariates if np.ptp(one.values) > 0]
    if not used:
        raise DesignError("No covariate varies.", got=", ".join(one.name for one in covariates))
    free = [one.values for one in used if not one.spare]
    x = np.column_stack([np.ones(len(treated)), *free])
    w = np.ones(len(treated))
    chance = None
    if method == "entropy":
        values = np.column_stack([one.values for one in used])
        names = [one.label for one in used]
        found = entropy_weights(values[~treated], values[treated].mean(axis=0), names)
        w[~treated] = found * len(found)
    else:
        chance = fitted_chances(x, treated, "the arm")[1]
        w = _inverse(chance, treated, estimand)
    sample = _Sample(
        covariates=covariates, treated=treated, town=town, x=x, chance=chance, weights=w
    )
    return sample, len(covariates) - len(used)


def _inverse(chance: Array, treated: Array, estimand: str) -> Array:
    """Inverse-probability weights with mean 1 in each arm that is weighted."""
    if estimand == "att":
        w = np.where(treated, 1.0, chance / (1 - chance))
    else:
        w = np.where(treated, 1 / chance, 1 / (1 - chance))
    for side in (treated, ~treated):
        w[side] /= w[side].mean()
    return np.asarray(w)


def _warnings(sample: _Sample, towns: tuple[int, int]) -> list[str]:
    codes = []
    sides = [sample.weights[side] for side in (sample.treated, ~sample.treated)]
    fewest = min(effective_n(w) for w in sides)
    if fewest < FEW_EFFECTIVE:
        codes.append(with_value("effective_n_small", fewest, 1))
    heaviest = max(float(w.max() / w.sum()) for w in sides)
    if heaviest > LARGEST_SHARE:
        codes.append(with_value("weight_concentrated", 100 * heaviest, 0))
    if sample.town is not None and min(towns) < FEW_TOWNS:
        codes.append("weights_not_towns")
    return codes


def _row(
    base: Estimate,
    sample: _Sample,
    y: Array,
    plan: WeightPlan,
    towns: tuple[int, int],
) -> Estimate:
    level = plan.conf_level
    if base.method == "aipw":
        fit = _augmented_fit(sample, y, plan, towns)
    else:
        x = np.column_stack([sample.treated, np.ones(len(y))]).astype(np.float64)
        fit = cr2_weighted(x, y, sample.weights, sample.town, level)
    if sample.town is not None and min(towns) == 1:
        alone = sum(towns) == 2
        return replace(
            base,
            estimate=fit.estimate,
            status="refused" if alone else "descriptive",
            note=note("one_town_per_arm" if alone else "one_town_in_arm", base.note),
        )
    shown = fit.conf_low is not None
    return replace(
        base,
        estimate=fit.estimate,
        std_error=fit.std_error,
        df=fit.df,
        conf_low=fit.conf_low,
        conf_high=fit.conf_high,
        conf_level=level if shown else None,
        p_value=fit.p_value,
        status="ok" if shown else "descriptive",
        note=note(fit.reason, base.note),
    )


def _augmented_fit(sample: _Sample, y: Array, plan: WeightPlan, towns: tuple[int, int]) -> Fit:
    estimand, level = plan.estimand, plan.conf_level
    chance = np.ones(len(y)) if sample.chance is None else sample.chance
    estimate, influence = augmented(y, sample.treated, sample.x, chance, estimand)
    size = float(np.abs(y).max())
    if sample.town is None:
        free = len(y) - 2 * sample.x.shape[1]
        # of all people the usual SD, of the treated the root mean square, as in the references
        divisor = len(y) - 1 if estimand == "ate" else len(y)
        error = math.sqrt(float(influence @ influence) / divisor / len(y))
        return t_fit(estimate, error, free, level, size)
    if min(towns) < 2:
        return Fit(estimate=estimate)
    error = clustered_error(influence, sample.town)
    if min(towns) < FEW_TOWNS:
        return Fit(estimate=estimate, std_error=error, reason="too_few_towns")
    return t_fit(estimate, error, sum(towns) - 2, level, size)


def _diagnostics(sample: _Sample, estimand: str) -> dict[str, Any]:
    treated, w = sample.treated, sample.weights
    arms = [
        {
            "arm": name,
            "n": int(side.sum()),
            "clusters": None if sample.town is None else len(np.unique(sample.town[side])),
            "effective_n": effective_n(w[side]),
            "largest_share": float(w[side].max() / w[side].sum()),
        }
        for name, side in (("treated", treated), ("comparison", ~treated))
    ]
    found: dict[str, Any] = {
        "table": balance_table(sample.covariates, treated, w, estimand),
        "love_plot": love_plot(sample.covariates, treated, w, estimand),
        "arms": pd.DataFrame(arms),
    }
    if sample.chance is not None:
        found |= {"chance": sample.chance, "overlap": _overlap(sample.chance, treated)}
    return found


def _overlap(chance: Array, treated: Array) -> pd.DataFrame:
    """Range and quartiles of the chance to be treated per arm, and who has no counterpart."""
    sides = {"treated": chance[treated], "comparison": chance[~treated]}
    low = max(float(e.min()) for e in sides.values())
    high = min(float(e.max()) for e in sides.values())
    lines = []
    for name, e in sides.items():
        quarters = np.quantile(e, [0, 0.25, 0.5, 0.75, 1])
        cuts = dict(
            zip(
                ("lowest", "quarter", "half", "three_quarters", "highest"),
                quarters.tolist(),
                strict=True,
            )
        )
        lines.append({"arm": name, **cuts, "outside": int(((e < low) | (e > high)).sum())})
    return pd.DataFrame(lines)
