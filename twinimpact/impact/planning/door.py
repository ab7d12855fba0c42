"""Power, sample size and detectable effects before a collection starts."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from twinimpact.errors import DesignError
from twinimpact.impact.estimate import Estimate
from twinimpact.impact.inputs import Data, columns_of
from twinimpact.impact.planning.designs import Paired, Simulation, Towns, TwoGroups
from twinimpact.impact.result import Result

Array = np.ndarray[Any, Any]
MOST_TOWNS = 2_000
TABLE_TOWNS = (4, 6, 8, 10, 14, 20, 30, 40)
TABLE_PEOPLE = (10, 15, 20, 30, 50)


def power(design: Paired | TwoGroups | Towns) -> Result:
    """Solve a design for what it leaves out: people, towns, detectable effect or power.

    Paired and two-group designs use the noncentral t. Designs of towns use
    ``(t(1 − α/2) + t(power))·SE`` with the degrees of freedom of towns, since towns and not people
    decide. Power after the data are in ("observed power") is not offered: it only repeats p.

    Returns
    -------
    Result
        First row: what was solved, method ``mde``, estimand ``detectable``, ``people``, ``towns``
        or ``power``. For towns, ``diagnostics["table"]`` shows the detectable effect by towns and
        people, and ``diagnostics["floor"]`` the effect below which more people in the same towns
        stop helping.

    Raises
    ------
    DesignError
        If not exactly one of the numbers is left out, or no number of towns suffices.

    Examples
    --------
    >>> from twinimpact.impact import TwoGroups, power
    >>> import math
    >>> math.ceil(power(TwoGroups(effect=0.5)).primary.estimate)
    64
    """
    if isinstance(design, Towns):
        return _towns(design)
    _one_open(design.n, design.effect, design.power)
    from statsmodels.stats.power import TTestIndPower, TTestPower

    if isinstance(design, Paired):
        found = TTestPower().solve_power(
            effect_size=design.effect, nobs=design.n, alpha=design.alpha, power=design.power
        )
        unit = "d_z"
    else:
        shrunk = math.sqrt(1 - design.pre_correlation**2)
        effect = None if design.effect is None else design.effect / shrunk
        found = TTestIndPower().solve_power(
            effect_size=effect, nobs1=design.n, alpha=design.alpha, power=design.power,
            ratio=design.ratio,
        )  # fmt: skip
        found = found * shrunk if effect is None else found
        unit = "sd"
    name, unit = _solved(design.n, design.effect, unit)
    row = Estimate(outcome="plan", estimand=name, method="mde", estimate=float(found), unit=unit)
    return Result(rows=(row,), diagnostics={"design": design})


def _one_open(*numbers: float | None) -> None:
    if sum(number is None for number in numbers) != 1:
        raise DesignError(
            "Leave out exactly one number: it is solved for.",
            got=f"{sum(number is None for number in numbers)} left out",
        )


def _solved(n: float | None, effect: float | None, unit: str) -> tuple[str, str]:
    if n is None:
        return "people", "people"
    return ("detectable", unit) if effect is None else ("power", "share")


def _towns(design: Towns) -> Result:
    _one_open(design.towns, design.effect, design.power)
    note = ""
    if design.effect is None:
        assert_towns = design.towns or 0
        found, name, unit = design.detectable(assert_towns), "detectable", "sd"
        if not math.isfinite(found):
            raise DesignError(
                "So few towns have no degrees of freedom.", got=str(design.towns),
                expected=f"at least {3 + design.covariates}",
            )  # fmt: skip
    elif design.towns is None:
        found, name, unit = float(_towns_needed(design)), "towns", "towns"
    else:
        found, name, unit = _power_of_towns(design, design.towns), "power", "share"
    row = Estimate(
        outcome="plan", estimand=name, method="mde", estimate=found, unit=unit, note=note
    )
    towns = design.towns or int(found)
    return Result(
        rows=(row,),
        diagnostics={
            "design": design,
            "floor": design.floor(towns),
            "df": design.df(towns),
            "table": detectable_table(design),
        },
    )


def _towns_needed(design: Towns) -> int:
    wanted = abs(design.effect or 0.0)
    counts = np.arange(3 + design.covariates, MOST_TOWNS + 1)
    enough = [int(t) for t in counts if design.detectable(int(t)) <= wanted]
    if not enough:
        raise DesignError(
            "No realistic number of towns would show this effect.", got=f"{wanted:g} SD",
            hint="Plan for a larger effect, or adjust for the score before.",
        )  # fmt: skip
    return enough[0]


def _power_of_towns(design: Towns, towns: int) -> float:
    """Power by the noncentral t of the town-level test."""
    df = design.df(towns)
    if df < 1:
        return 0.0
    shift = abs(design.effect or 0.0) / math.sqrt(design.variance(towns))
    critical = float(special.stdtrit(df, 1 - design.alpha / 2))
    upper = 1 - float(special.nctdtr(df, shift, critical))
    lower = float(special.nctdtr(df, shift, -critical))
    return upper + (0.0 if math.isnan(lower) else lower)


def detectable_table(design: Towns) -> pd.DataFrame:
    """Detectable effect (in SD) by number of towns (rows) and people per town (columns)."""
    rows = [
        [replace(design, per_town=float(people)).detectable(towns) for people in TABLE_PEOPLE]
        for towns in TABLE_TOWNS
    ]
    return pd.DataFrame(rows, index=list(TABLE_TOWNS), columns=list(TABLE_PEOPLE))


def icc_of(data: Data, *, outcome: str, cluster: str) -> float:
    """Share of the outcome's variance between towns, from the project's own data.

    One-way analysis of variance, 0 where it would be negative (Donner & Koval 1980,
    doi:10.2307/2530491).

    Raises
    ------
    DesignError
        If there are fewer than five towns: too few to learn it from.
    """
    columns = columns_of(data, numbers=[outcome], labels=[cluster])
    y, town = columns.numbers[outcome], columns.codes[cluster]
    sizes = np.bincount(town).astype(np.float64)
    if len(sizes) < 5:
        raise DesignError(
            "Fewer than five towns say too little about how towns differ.",
            got=str(len(sizes)),
            hint="Take a value from the plan instead.",
        )
    means = np.bincount(town, weights=y) / sizes
    between = float((sizes * (means - y.mean()) ** 2).sum()) / (len(sizes) - 1)
    within = float(((y - means[town]) ** 2).sum()) / (len(y) - len(sizes))
    typical = (len(y) - float((sizes**2).sum()) / len(y)) / (len(sizes) - 1)
    total = between + (typical - 1) * within
    return max(0.0, (between - within) / total) if total > 0 else 0.0


def simulated_power(
    data: Data,
    *,
    outcome: str,
    cluster: str,
    plan: Simulation,
) -> Result:
    """Power by drawing towns from the project's own, with a planted effect in the outcome's unit.

    Towns are drawn with replacement, assigned at random and tested by the pooled t of town means.

    Parameters
    ----------
    data
        People with outcome and town, such as the changes of earlier years.
    plan
        Planted difference, towns, draws.

    Examples
    --------
    >>> from twinimpact.impact import Simulation, simulated_power
    >>> data = {"change": [1, 2, 3, 4, 2, 3, 4, 5, 0, 1, 2, 3], "town": list("aabbccddeeff")}
    >>> result = simulated_power(data, outcome="change", cluster="town",
    ...                          plan=Simulation(effect=4, towns=10))
    >>> result.primary.estimate > 0.9
    True
    """
    columns = columns_of(data, numbers=[outcome], labels=[cluster])
    town = columns.codes[cluster]
    means = np.bincount(town, weights=columns.numbers[outcome]) / np.bincount(town)
    effect, towns, draws = plan.effect, plan.towns, plan.draws
    twinned = plan.twinned or towns // 2
    if len(means) < 5 or not 1 <= twinned < towns or towns < 3:
        raise DesignError(
            "A simulation needs five towns to draw from and at least three to plan for.",
            got=f"{len(means)} towns, {twinned} of {towns} twinned",
        )
    rng = np.random.default_rng(plan.seed)
    drawn = means[rng.integers(0, len(means), size=(draws, towns))]
    drawn = drawn - means.mean()
    first, second = drawn[:, :twinned] + effect, drawn[:, twinned:]
    difference = first.mean(axis=1) - second.mean(axis=1)
    squares = sum(((part - part.mean(axis=1, keepdims=True)) ** 2).sum(axis=1)
                  for part in (first, second))  # fmt: skip
    error = np.sqrt(squares / (towns - 2) * (1 / twinned + 1 / (towns - twinned)))
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.abs(difference) / error
    found = float(np.mean(t > special.stdtrit(towns - 2, 0.975)))
    noise = math.sqrt(max(found * (1 - found), 1e-12) / draws)
    row = Estimate(
        outcome=outcome, estimand="power", method="simulation", estimate=found, unit="share",
        std_error=noise, clusters=towns, n=len(columns),
    )  # fmt: skip
    return Result(rows=(row,), diagnostics={"drawn_from": len(means)}, seed=plan.seed)
