"""Activity hours and change: slopes, curve, ordered bins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from twinimpact.errors import DesignError
from twinimpact.impact.clusters import town_means
from twinimpact.impact.dose.curves import (
    bins_of,
    coefficient,
    curve_points,
    knots_of,
    lack_of_fit,
    restricted_cubic,
)
from twinimpact.impact.estimate import Estimate
from twinimpact.impact.inputs import Columns, Data, columns_of
from twinimpact.impact.intervals import Fit, t_fit
from twinimpact.impact.notes import note
from twinimpact.impact.result import Result

Array = np.ndarray[Any, Any]
PER = 10.0
UNIT = "per 10 hours"
FEWEST, INDICATIVE = 10, 30
FEWEST_FOR_CURVE = 30
FEWEST_TOWNS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class DosePlan:
    """What hours and change are related by.

    Parameters
    ----------
    bins
        Upper edges of the bins of hours, increasing; the last bin is open.
    pre
        Column of the score before, taken into account beside a column of changes; scores before
        and after bring their own.
    conf_level
        Confidence level of the intervals.
    outcome
        Name of the outcome in the rows.

    Examples
    --------
    >>> from twinimpact.impact import DosePlan
    >>> DosePlan().bins
    (0, 10, 20)
    """

    bins: Sequence[float] = (0, 10, 20)
    pre: str = ""
    conf_level: float = 0.95
    outcome: str = "outcome"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Dose:
    """People with hours, outcome and what is taken into account."""

    y: Array
    hours: Array
    rest: Array  # the score before, where known: (people, 0 or 1)
    town: Array | None
    base: Estimate
    level: float

    @property
    def clustered(self) -> str:
        return "people_not_towns" if self.town is not None else ""


def dose_response(
    data: Data,
    *,
    hours: str,
    change: str | Sequence[str],
    town: str = "",
    plan: DosePlan | None = None,
) -> Result:
    """Relate the hours people spent to their change: who changed more, never why.

    The slope per ten hours is split into people within one town (hours minus the town's mean) and
    towns (their means); the score before is taken into account where it is known. Errors are CR2
    by town (Pustejovsky & Tipton 2018, doi:10.1080/07350015.2016.1247004), HC3 without towns.
    Towns need to be ten for a slope between them. People choose their hours, so nothing here
    says what hours do, whatever the design.

    Parameters
    ----------
    data
        One row per person.
    hours
        Column of hours, from 0.
    change
        Column of changes, or the pair of columns of the scores before and after.
    town
        Column of towns; people are in none if empty.
    plan
        Bins of hours, score before of a column of changes, confidence level, name of the outcome.

    Returns
    -------
    Result
        ``slope|within`` and ``slope|between`` (``slope`` without towns) of method
        ``dose_linear``, ``lack_of_fit`` (F of the bins against the line), ``bend`` of method
        ``dose_spline`` (the bent part of a restricted cubic spline), ``trend`` over the bins of
        method ``jonckheere``, and what is described: one ``mean`` per bin, the correlation
        ``hours,pre`` and the people with ``zero_hours``. ``diagnostics``: ``curve`` (points of
        the figure), ``bins``, ``lack_of_fit``, ``knots``, ``hours_pre_correlation``,
        ``zero_hours``, ``towns``.

    Raises
    ------
    DesignError
        If the scores are not named in one of the two ways above, hours are below zero or all the
        same, or bins do not increase.

    Examples
    --------
    >>> from twinimpact.impact import dose_response
    >>> people = {"hours": [0, 0, 2, 4, 6, 8, 10, 12, 15, 20, 25, 30],
    ...           "change": [0, 1, 1, 0, 2, 1, 2, 3, 2, 3, 4, 4]}
    >>> row = dose_response(people, hours="hours", change="change").primary
    >>> row.unit, round(row.estimate, 2), row.n
    ('per 10 hours', 1.27, 12)
    """
    plan = plan or DosePlan()
    scores = _scores(change, plan.pre)
    columns = _columns(data, hours, scores, town)
    edges = _edges(plan.bins)
    dose = _dose(columns, hours, scores, town, plan)
    place, names = bins_of(dose.hours, edges)
    rows = _slopes(dose)
    fit = _lack(dose, place)
    rows.append(_lack_row(dose, fit))
    bend, curve, knots = _curve(dose)
    rows += [bend, *_trend(dose, place), *_bins(dose, place, names)]
    correlation = _correlation(dose)
    rows += _described(dose, correlation)
    binned = [row for row in rows if row.dimension == "hours"]
    return Result(
        rows=tuple(rows),
        diagnostics={
            "curve": curve,
            "knots": knots,
            "bins": pd.DataFrame(
                {
                    "hours": [row.group for row in binned],
                    "n": [row.n for row in binned],
                    "mean": [row.estimate for row in binned],
                }
            ),
            "lack_of_fit": fit,
            "hours_pre_correlation": correlation,
            "zero_hours": int((dose.hours == 0).sum()),
            "towns": 0 if dose.town is None else int(dose.town.max()) + 1,
        },
        warnings=(
            "hours_chosen",
            *([f"rows_dropped:{columns.dropped}"] if columns.dropped else []),
        ),
    )


def _scores(change: str | Sequence[str], pre: str) -> tuple[str, str, str]:
    """Columns of the change, the score before and the score after; empty where not named."""
    if isinstance(change, str):
        if change:
            return change, pre, ""
    elif len(change) == 2 and all(change) and not pre:
        return "", change[0], change[1]
    named = [change] if isinstance(change, str) else [*change]
    raise DesignError(
        "Name the change, with or without the score before, or the scores before and after.",
        where="change",
        got=", ".join(filter(None, [*named, pre])) or "none",
    )


def _columns(data: Data, hours: str, scores: tuple[str, str, str], town: str) -> Columns:
    numbers = [hours, *(name for name in scores if name)]
    columns = columns_of(data, numbers=numbers, labels=[town] if town else [])
    spent = columns.numbers[hours]
    if (spent < 0).any():
        raise DesignError(
            "Hours are below zero.", where=hours, got=f"{int((spent < 0).sum())} people"
        )
    if np.ptp(spent) == 0:
        raise DesignError("Everybody has the same hours.", where=hours, got=f"{spent[0]:g}")
    return columns


def _edges(bins: Sequence[float]) -> Array:
    edges = np.asarray(bins, dtype=float)
    if not len(edges) or edges[0] < 0 or (np.diff(edges) <= 0).any():
        raise DesignError("Edges of bins increase from 0.", where="bins", got=str(list(bins)))
    return edges


def _dose(
    columns: Columns, hours: str, scores: tuple[str, str, str], town: str, plan: DosePlan
) -> _Dose:
    change, pre, post = scores
    before = columns.numbers[pre] if pre else None
    y = columns.numbers[change] if change else columns.numbers[post] - columns.numbers[pre]
    places = columns.codes[town] if town and len(columns.labels[town]) > 1 else None
    adjusted = before is not None and np.ptp(before) > 0
    base = Estimate(
        outcome=plan.outcome,
        estimand="slope",
        method="dose_linear",
        n=len(y),
        clusters=None if places is None else len(columns.labels[town]),
        unit=UNIT,
        note=note(
            "hours_chosen",
            "adjusted" if adjusted else "",
            "indicative" if FEWEST <= len(y) < INDICATIVE else "",
            f"rows_dropped:{columns.dropped}" if columns.dropped else "",
        ),
    )
    rest = before[:, None] if adjusted and before is not None else np.empty((len(y), 0))
    return _Dose(
        y=y, hours=columns.numbers[hours], rest=rest, town=places, base=base, level=plan.conf_level
    )


def _slopes(dose: _Dose) -> list[Estimate]:
    """Slopes per ten hours; within and between towns come from one model."""
    if dose.town is None:
        return [_slope(dose, dose.hours[:, None], 0, dose.base)]
    between = town_means(dose.hours, dose.town)[1][dose.town]
    within = dose.hours - between
    parts = [part for part in (within, between) if np.ptp(part) > 1e-9 * dose.hours.max()]
    split = np.column_stack(parts)
    rows = []
    for name, part in (("within", within), ("between", between)):
        base = replace(dose.base, estimand=f"slope|{name}")
        if not any(part is one for one in parts):
            told = note("no_variation", base.note)
            rows.append(replace(base, status="not_estimable", note=told))
        elif name == "between" and (dose.base.clusters or 0) < FEWEST_TOWNS:
            told = note(f"slope_few_towns:{FEWEST_TOWNS}", base.note)
            rows.append(replace(base, status="refused", note=told))
        else:
            column = next(place for place, one in enumerate(parts) if one is part)
            rows.append(_slope(dose, split, column, base))
    return rows


def _slope(dose: _Dose, slopes: Array, column: int, base: Estimate) -> Estimate:
    x = np.column_stack([slopes / PER, dose.rest, np.ones(len(dose.y))])
    return _filled(dose, coefficient(x, dose.y, dose.town, column, dose.level), base)


def _filled(dose: _Dose, fit: Fit, base: Estimate) -> Estimate:
    """The row of a coefficient; below ten people without interval and p."""
    if fit.estimate is None:
        return replace(base, status="not_estimable", note=note(fit.reason, base.note))
    if len(dose.y) < FEWEST:
        return replace(
            base, estimate=fit.estimate, status="descriptive",
            note=note(f"too_few_people:{FEWEST}", base.note),
        )  # fmt: skip
    return replace(
        base,
        estimate=fit.estimate,
        std_error=fit.std_error,
        df=fit.df,
        conf_low=fit.conf_low,
        conf_high=fit.conf_high,
        conf_level=dose.level if fit.conf_low is not None else None,
        p_value=fit.p_value,
        status="descriptive" if fit.reason else "ok",
        note=note(fit.reason, base.note),
    )


def _lack(dose: _Dose, place: Array) -> dict[str, float] | None:
    line = np.column_stack([np.ones(len(dose.y)), dose.hours, dose.rest])
    used = np.unique(place)
    larger = np.column_stack([line, place[:, None] == used[1:]])
    found = lack_of_fit(dose.y, line, larger)
    if found is None:
        return None
    return {
        "f": found.f, "df1": found.df[0], "df2": found.df[1], "p_value": found.p_value,
    }  # fmt: skip


def _lack_row(dose: _Dose, fit: dict[str, float] | None) -> Estimate:
    base = replace(dose.base, estimand="lack_of_fit", unit="F")
    if fit is None or len(dose.y) < FEWEST:
        return replace(base, status="not_estimable", note=note("no_variation", base.note))
    return replace(
        base,
        estimate=fit["f"],
        df=fit["df2"],
        p_value=fit["p_value"],
        note=note(dose.clustered, base.note),
    )


def _curve(dose: _Dose) -> tuple[Estimate, pd.DataFrame, Array | None]:
    """The bent part of the curve, the points of the figure, and the knots."""
    base = replace(dose.base, method="dose_spline", estimand="bend", unit="")
    knots = knots_of(dose.hours)
    if len(dose.y) < FEWEST_FOR_CURVE or knots is None:
        code = "no_variation" if knots is None else f"too_few_people:{FEWEST_FOR_CURVE}"
        row = replace(base, status="not_estimable", note=note(code, base.note))
        return row, pd.DataFrame(columns=["hours", "estimate", "conf_low", "conf_high"]), None
    bent = restricted_cubic(dose.hours, knots)
    x = np.column_stack([bent, dose.hours, dose.rest, np.ones(len(dose.y))])
    row = _filled(dose, coefficient(x, dose.y, dose.town, 0, dose.level), base)
    points = curve_points(dose.hours, dose.y, dose.rest, dose.town, knots, dose.level)
    return row, pd.DataFrame(points), knots


def _trend(dose: _Dose, place: Array) -> list[Estimate]:
    """Jonckheere's test over the bins, ties taken into account."""
    from statsmodels.stats.nonparametric import jonckheere_terpstra

    used = np.unique(place)
    if len(used) < 2 or len(dose.y) < FEWEST or np.ptp(dose.y) == 0:
        return []
    groups = [dose.y[place == one] for one in used]
    found = jonckheere_terpstra(groups, alternative="two-sided")
    return [
        replace(
            dose.base,
            estimand="trend",
            method="jonckheere",
            unit="J",
            estimate=float(found.statistic),
            p_value=float(found.pvalue),
            note=note(dose.clustered, *(c for c in dose.base.note.split(";") if c != "adjusted")),
        )
    ]


def _bins(dose: _Dose, place: Array, names: Sequence[str]) -> list[Estimate]:
    """Mean of each bin that holds somebody, with an interval from ten people on."""
    rows = []
    for one in np.unique(place):
        y = dose.y[place == one]
        base = Estimate(
            outcome=dose.base.outcome, estimand="mean", method="describe", n=len(y),
            dimension="hours", group=names[one], estimate=float(y.mean()),
        )  # fmt: skip
        if len(y) < FEWEST:
            told = f"too_few_people:{FEWEST}"
            rows.append(replace(base, status="descriptive", note=told))
            continue
        error = float(y.std(ddof=1)) / len(y) ** 0.5
        fit = t_fit(float(y.mean()), error, len(y) - 1, dose.level, float(np.abs(y).max()))
        rows.append(
            replace(
                base,
                std_error=fit.std_error,
                df=fit.df,
                conf_low=fit.conf_low,
                conf_high=fit.conf_high,
                conf_level=dose.level if fit.conf_low is not None else None,
                note=note(fit.reason, "indicative" if len(y) < INDICATIVE else "", dose.clustered),
            )
        )
    return rows


def _correlation(dose: _Dose) -> float | None:
    if not dose.rest.shape[1]:
        return None
    return float(np.corrcoef(dose.hours, dose.rest[:, 0])[0, 1])


def _described(dose: _Dose, correlation: float | None) -> list[Estimate]:
    at: dict[str, Any] = {
        "outcome": dose.base.outcome, "method": "describe", "n": len(dose.y),
        "status": "descriptive",
    }  # fmt: skip
    zero = Estimate(
        **at, estimand="zero_hours", estimate=float((dose.hours == 0).sum()), unit="people"
    )
    if correlation is None:
        return [zero]
    return [
        Estimate(**at, estimand="hours,pre", estimate=correlation, unit="coefficient"), zero
    ]  # fmt: skip
