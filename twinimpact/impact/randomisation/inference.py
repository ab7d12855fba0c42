"""Randomisation inference: the door, its checks and its rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from twinimpact.errors import DesignError
from twinimpact.impact.estimate import Estimate
from twinimpact.impact.inputs import Columns, Data, columns_of, constant_within, two_arms
from twinimpact.impact.randomisation.assignments import Assignments, assignments_of
from twinimpact.impact.randomisation.inversion import Accepted, accepted
from twinimpact.impact.randomisation.statistic import Units, coefficients, studentised, units_of
from twinimpact.impact.result import Result

Array = np.ndarray[Any, Any]
Statistic = Literal["difference", "cluster_means", "block_effects", "studentised"]
TIE = 1e-9
ESTIMAND = "treated-comparison"


@dataclass(frozen=True, slots=True, kw_only=True)
class RandomisationPlan:
    """How assignments are gone through.

    Parameters
    ----------
    statistic
        ``difference`` of (weighted) means of people, or the covariate-adjusted coefficient where
        covariates are named; the same on ``cluster_means``; with ``block_effects`` instead of
        weights; ``studentised`` by its cluster-robust standard error.
    covariates
        Columns measured before the assignment.
    null
        Effect under the null hypothesis, the same for everybody.
    random
        Whether the assignment was random. If not, the test is a placebo permutation.
    limit, draws, seed
        Most assignments that are listed; random draws above that; their seed.
    conf_level
        Confidence level of the interval.
    """

    statistic: Statistic = "difference"
    covariates: Sequence[str] = ()
    null: float = 0.0
    random: bool = True
    limit: int = 50_000
    draws: int = 9_999
    seed: int = 20260301
    conf_level: float = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class _Design:
    """Units that were assigned, and the rows that belong to them."""

    columns: Columns
    y: Array
    z: Array
    unit: Array
    treated: Array
    block: Array
    share: Array
    warnings: tuple[str, ...]


def randomisation_test(
    data: Data,
    *,
    outcome: str,
    arm: str,
    cluster: str = "",
    block: str = "",
    plan: RandomisationPlan | None = None,
) -> Result:
    """Compare two arms by the assignments that could have been made instead.

    The null hypothesis is a constant effect (none, unless the plan says otherwise). The statistic
    is recomputed, covariates and weights included, for every assignment with as many treated units
    in each block. p counts assignments at least as far from zero, the observed one among them;
    random draws give (1 + count)/(draws + 1) (Phipson & Smyth 2010,
    doi:10.2202/1544-6115.1585). The interval holds every constant effect that is not rejected,
    so p and interval cannot contradict each other. Fisher (1935), The Design of Experiments;
    Gerber & Green (2012), Field Experiments.

    Parameters
    ----------
    data
        Rows of people (or units) with the named columns.
    outcome
        Column of the outcome.
    arm
        Column with two values; the later one in the alphabet is the treated arm.
    cluster
        Column of the units that were assigned whole, such as towns; people if empty.
    block
        Column of blocks within which was assigned; one block if empty. Where blocks differ in
        their share of treated units, rows are weighted by one over the probability of their arm.
    plan
        Statistic, covariates, null, seed and limits.

    Returns
    -------
    Result
        First row: estimate, interval (status ``unbounded`` where a limit is infinite) and
        two-sided p; then the p of either side. ``diagnostics``: ``assignments``, ``exact``,
        ``smallest_p``, ``null_distribution`` and ``connected``.

    Raises
    ------
    DesignError
        If a column is missing, there are not two arms, a cluster holds both arms, or no other
        assignment is possible.

    Examples
    --------
    >>> from twinimpact.impact import randomisation_test
    >>> villages = {"share": [15, 15, 20, 20, 10, 15, 30], "arm": [1, 0, 0, 0, 0, 0, 1]}
    >>> result = randomisation_test(villages, outcome="share", arm="arm")
    >>> result.primary.estimate, round(result.primary.p_value, 3)
    (6.5, 0.381)
    """
    plan = plan or RandomisationPlan()
    design = _design(data, outcome, arm, (cluster, block), plan)
    rng = np.random.default_rng(plan.seed)
    drawn = assignments_of(
        design.treated, design.block, limit=plan.limit, draws=plan.draws, rng=rng
    )
    if drawn.total < 2:
        raise DesignError(
            "No other assignment was possible, so there is nothing to compare with.",
            got="every block has one arm only",
            hint="Name the units that were assigned, and blocks in which both arms occur.",
        )
    numbers, linear = _statistics(design, drawn, plan)
    return _result(design, drawn, (numbers, linear), outcome, plan)


def _design(
    data: Data,
    outcome: str,
    arm: str,
    roles: tuple[str, str],
    plan: RandomisationPlan,
) -> _Design:
    (cluster, block), covariates = roles, plan.covariates
    labels = [name for name in (arm, cluster, block) if name]
    columns = columns_of(data, numbers=[outcome, *covariates], labels=labels)
    z = two_arms(columns, arm)
    unit = columns.codes[cluster] if cluster else np.arange(len(columns))
    treated = constant_within(z, unit, "The arm", cluster or "person")
    blocks = columns.codes[block] if block else np.zeros(len(columns), dtype=np.int64)
    of_unit = constant_within(blocks, unit, "The block", cluster or "person")
    size = np.bincount(of_unit)
    share = np.bincount(of_unit, weights=treated) / size
    one_armed = int(((share == 0) | (share == 1)).sum())
    warnings = [f"blocks_one_arm:{one_armed}"] if one_armed and block else []
    if columns.dropped:
        warnings.append(f"rows_dropped:{columns.dropped}")
    return _Design(
        columns=columns,
        y=columns.numbers[outcome] - plan.null * z,
        z=z,
        unit=unit,
        treated=treated.astype(np.int8),
        block=of_unit,
        share=share,
        warnings=tuple(warnings),
    )


def _statistics(
    design: _Design, drawn: Assignments, plan: RandomisationPlan
) -> tuple[Array, Array | None]:
    """The statistic of the outcome, and of the treatment where the interval can be exact."""
    covariates = plan.covariates
    if plan.statistic == "studentised":
        if covariates:
            raise DesignError("A studentised difference takes no covariates.")
        sizes = np.bincount(design.unit).astype(np.float64)
        return studentised(np.bincount(design.unit, weights=design.y), sizes, drawn.drawn), None
    both = np.column_stack([design.y, design.z.astype(np.float64)])
    x = np.ones((len(design.y), 1))
    unit = design.unit
    if covariates:
        x = np.column_stack([x, design.columns.matrix(covariates)])
    if plan.statistic == "cluster_means":
        per_unit = np.bincount(unit)[:, None]
        x, both = (
            np.column_stack([np.bincount(unit, weights=column) for column in part.T]) / per_unit
            for part in (x, both)
        )
        unit = np.arange(len(per_unit))
    if plan.statistic == "block_effects":
        dummies = np.eye(len(design.share))[design.block[unit]][:, 1:]
        x = np.column_stack([x, dummies])
        weights = np.ones((2, len(design.treated)))
    else:
        weights = _weights(design)
    sums: Units = units_of(x, both, unit, (weights[0], weights[1]))
    found = coefficients(sums, drawn.drawn)
    return found[:, 0], found[:, 1]


def _weights(design: _Design) -> Array:
    """One over the probability of either arm, equal where all blocks treat the same share."""
    share = design.share[design.block]
    if np.ptp(design.share) < 1e-12:
        return np.ones((2, len(share)))
    with np.errstate(divide="ignore"):
        return np.array([1 / np.maximum(share, 1e-300), 1 / np.maximum(1 - share, 1e-300)])


def _result(
    design: _Design,
    drawn: Assignments,
    statistics: tuple[Array, Array | None],
    outcome: str,
    plan: RandomisationPlan,
) -> Result:
    numbers, linear = statistics
    observed = float(numbers[drawn.observed])
    if not np.isfinite(observed):
        raise DesignError("The treatment cannot be told from the covariates.", where=outcome)
    usable = np.isfinite(numbers)
    upper, lower, both = _p_values(numbers[usable], observed)
    smallest = (2 if drawn.mirrored and drawn.exact else 1) / min(drawn.total, len(numbers))
    alpha = 1 - plan.conf_level
    found = (
        None
        if linear is None or not usable.all()
        else accepted(numbers, linear, drawn.observed, alpha)
    )
    warnings = [*design.warnings, *(["cannot_reject"] if smallest > alpha else [])]
    common: dict[str, Any] = {
        "outcome": outcome,
        "method": "randomisation" if plan.random else "permutation_placebo",
        "n": len(design.y),
        "clusters": len(design.treated),
        "conf_level": plan.conf_level,
        "note": f"smallest_p:{smallest:.3g}",
    }
    shown = None if plan.statistic == "studentised" else observed + plan.null
    first = _first_row(common, found, shown, both, plan.null)
    sides = [
        Estimate(**common, estimand=f"{ESTIMAND}|{name}", p_value=p)
        for name, p in (
            ("upper", upper),
            ("lower", lower),
            ("doubled", min(1, 2 * min(upper, lower))),
        )
    ]
    return Result(
        rows=(first, *sides),
        diagnostics={
            "assignments": drawn.total,
            "exact": drawn.exact,
            "smallest_p": smallest,
            "null_distribution": numbers,
            "connected": found is None or found.connected,
            "not_usable": int((~usable).sum()),
        },
        warnings=tuple(warnings),
        seed=None if drawn.exact else plan.seed,
    )


def _first_row(
    common: dict[str, Any], found: Accepted | None, estimate: float | None, p: float, null: float
) -> Estimate:
    low, high = (None, None) if found is None else (found.low, found.high)
    open_end = found is not None and None in (low, high)
    return Estimate(
        **common,
        estimand=ESTIMAND,
        estimate=estimate,
        conf_low=None if low is None else low + null,
        conf_high=None if high is None else high + null,
        p_value=p,
        status="unbounded" if open_end else "ok",
    )


def _p_values(numbers: Array, observed: float) -> tuple[float, float, float]:
    """p of either side and two-sided; ties count, within rounding."""
    tie = TIE * max(float(np.abs(numbers).max()), 1e-300)
    return (
        float(np.mean(numbers >= observed - tie)),
        float(np.mean(numbers <= observed + tie)),
        float(np.mean(np.abs(numbers) >= abs(observed) - tie)),
    )
