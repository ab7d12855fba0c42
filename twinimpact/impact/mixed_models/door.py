"""Repeated answers of people in towns: the door, its refusals and its rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from twinimpact.errors import DesignError
from twinimpact.impact.estimate import Estimate
from twinimpact.impact.finding import verdict
from twinimpact.impact.inputs import Columns, Data
from twinimpact.impact.intervals import t_fit
from twinimpact.impact.mixed_models.fit import MixedFit, fit_intercepts
from twinimpact.impact.mixed_models.levels import Groups, Levels, Limit, levels_of
from twinimpact.impact.mixed_models.profile import profile_limits
from twinimpact.impact.mixed_models.terms import Fixed, fixed_of, rows_of
from twinimpact.impact.notes import note, with_value
from twinimpact.impact.result import Result

Array = np.ndarray[Any, Any]
FEWEST, FIRM, FEWEST_TOWNS = 10, 30, 3
METHOD = "mixed_ri_satt"


@dataclass(frozen=True, slots=True, kw_only=True)
class MixedPlan:
    """What is asked of a mixed model besides its coefficients.

    Parameters
    ----------
    contrasts
        Differences of levels, as ``"post-pre"`` (averaged over other factors), or of such
        differences, ``"post-pre|treated-comparison"``.
    conf_level
        Confidence level.
    """

    contrasts: Sequence[str] = ()
    conf_level: float = 0.95


def mixed(
    data: Data,
    *,
    outcome: str,
    person: str = "",
    town: str = "",
    fixed: Sequence[str] = (),
    plan: MixedPlan | None = None,
) -> Result:
    """Model with a random intercept for people, for towns, or for people in towns.

    Restricted maximum likelihood by a profile over the ratios of variances; people who dropped out
    keep the waves they answered (missing at random given these). Intervals by t with
    Satterthwaite's degrees of freedom, for what varies between towns (or people) at most the
    number of towns minus the columns that differ between towns: without that limit they jump to
    the number of rows when no variation between towns can be estimated. Bates et al. (2015)
    doi:10.18637/jss.v067.i01; Kuznetsova et al. (2017) doi:10.18637/jss.v082.i13.

    Arms of whole towns follow the rule for few towns: one town in each arm is refused, one town in
    an arm is described. So is a difference in changes between such arms, because this model holds
    no change that a whole town shares: compare the changes with ``cluster_inference``.

    Parameters
    ----------
    data
        One row per answer (long): a person has a row for each wave.
    outcome
        Column of the score.
    person, town
        Columns of the groups; ids of people need be unique within a town only. Towns have an
        intercept from three on.
    fixed
        Columns and their products, ``"wave"``, ``"wave:arm"``, ``"wave*arm"`` (both and the
        product). Text is a factor, in the order of waves, of a pandas category or of the alphabet;
        numbers enter as they are.
    plan
        Contrasts of levels and confidence level.

    Returns
    -------
    Result
        Contrasts first, then coefficients in the order of ``fixed`` (the intercept last), then
        the share of variance of each intercept (``icc|town``, ``icc|person``) with its profile
        interval. Status ``boundary`` where that share is 0, ``not_converged`` without numbers
        where all answers of a group are alike. ``diagnostics``: ``coefficients``
        (with the df before the limit), ``variances``, ``log_likelihood``, ``rows``.

    Raises
    ------
    DesignError
        If there is no group, people answered once only, columns cannot be told from each other, or
        a contrast is none.

    Examples
    --------
    >>> from twinimpact.impact import MixedPlan, mixed
    >>> wave = ["pre", "post", "followup"]
    >>> data = {"person": [i for i in range(12) for _ in wave], "wave": wave * 12,
    ...         "score": [(7 * i) % 5 + [0, 2, 1][w] + (i + w) % 3 for i in range(12)
    ...                   for w in range(3)]}
    >>> plan = MixedPlan(contrasts=["post-pre", "followup-pre", "followup-post"])
    >>> result = mixed(data, outcome="score", person="person", fixed=["wave"], plan=plan)
    >>> [(row.estimand, round(row.estimate, 2)) for row in result.rows[:3]]
    [('post-pre', 2.0), ('followup-pre', 1.0), ('followup-post', -1.0)]
    """
    plan = plan or MixedPlan()
    level = plan.conf_level
    named = [name for name in (person, town) if name]
    if not named:
        raise DesignError("A mixed model needs people or towns.", expected="person=, town= or both")
    columns, numbers = rows_of(data, outcome, fixed, named)
    groups = _groups(columns, person, town)
    design, constant = fixed_of(data, columns, fixed, numbers)
    y = columns.numbers[outcome]
    _checked(design, y, groups, outcome)
    asked = _asked(design, plan.contrasts)
    fit = fit_intercepts(design.x, y, groups.inner, groups.outer)
    base = Estimate(
        outcome=outcome, estimand="", method=METHOD, n=groups.people, clusters=groups.towns,
        missing=columns.dropped, direction="better",
    )  # fmt: skip
    rows, table = _fixed_rows(base, asked, (fit, levels_of(design, groups), groups), level)
    rows += _share_rows(base, fit, groups, level)
    if not fit.settled:
        rows = [_withheld(row) for row in rows]
    shares = dict(zip(groups.names, fit.variances, strict=True))
    return Result(
        rows=tuple(rows),
        diagnostics={
            "coefficients": table,
            "variances": {name: float(v) for name, v in shares.items()}
            | {"residual": fit.residual},
            "log_likelihood": fit.log_likelihood,
            "rows": len(y),
        },
        warnings=tuple(
            code
            for code in (
                f"rows_dropped:{columns.dropped}" if columns.dropped else "",
                f"constant_dropped:{constant}" if constant else "",
                *groups.warnings,
            )
            if code
        ),
    )


def _groups(columns: Columns, person: str, town: str) -> Groups:
    rows = len(columns)
    home = columns.codes[town] if town else None
    towns = len(columns.labels[town]) if town else None
    if not person:
        if towns is None or home is None or towns < FEWEST_TOWNS:
            raise DesignError(
                "Variation between towns needs three towns.", where=town, got=f"{towns} towns"
            )
        return Groups(
            inner=home,
            outer=None,
            names=("town",),
            town=home,
            people=rows,
            towns=towns,
            warnings=(),
        )
    who = columns.codes[person]
    if home is not None:  # ids reused in another town are other people
        _, who = np.unique(home * (int(who.max()) + 1) + who, return_inverse=True)
    people = int(who.max()) + 1
    if people == rows:
        raise DesignError(
            "Each person answered once, so variation between people cannot be told from the rest.",
            where=person, hint="Leave out `person`, or give one row per person and wave.",
        )  # fmt: skip
    nested = towns is not None and towns >= FEWEST_TOWNS
    return Groups(
        inner=who,
        outer=home if nested else None,
        names=("person", "town") if nested else ("person",),
        town=home,
        people=people,
        towns=towns,
        warnings=() if nested or towns is None else ("too_few_towns",),
    )


def _checked(design: Fixed, y: Array, groups: Groups, outcome: str) -> None:
    """Refuse what has no maximum: nothing left to vary, or as many groups as rows."""
    free = len(y) - design.x.shape[1]
    residual = y - design.x @ np.linalg.lstsq(design.x, y, rcond=None)[0]
    if free < 1 or np.abs(residual).max() <= 1e-10 * max(1.0, float(np.abs(y).max())):
        raise DesignError("The outcome does not vary beside the fixed columns.", where=outcome)
    if int(groups.inner.max()) + 1 >= len(y):
        raise DesignError("Every group has one row, so nothing varies within groups.")


def _asked(
    design: Fixed, contrasts: Sequence[str]
) -> tuple[list[str], Array, list[tuple[str, ...]]]:
    """Names, weights and variables of all rows: contrasts, coefficients, the intercept last."""
    order = [*range(1, len(design.names)), 0]
    weights = [design.weights(contrast) for contrast in contrasts]
    names = [*contrasts, *(design.names[i] for i in order)]
    variables = [design.differs(contrast) for contrast in contrasts]
    variables += [design.terms[design.kept[i]] for i in order]
    return names, np.array([*weights, *np.eye(len(design.names))[order]]), variables


def _fixed_rows(
    base: Estimate,
    asked: tuple[list[str], Array, list[tuple[str, ...]]],
    model: tuple[MixedFit, Levels, Groups],
    level: float,
) -> tuple[list[Estimate], pd.DataFrame]:
    names, weights, variables = asked
    fit, levels, groups = model
    estimates, errors, dfs = fit.contrasts(weights)
    size = "indicative" if FEWEST <= groups.people < FIRM else ""
    rows, table = [], []
    for i, name in enumerate(names):
        limit = levels.limit(variables[i])
        df = min(float(dfs[i]), limit.df)
        table.append((name, estimates[i], errors[i], dfs[i], df))
        zero = fit.ratios[0] == 0 or (limit.outer and bool((fit.ratios == 0).any()))
        told = note(
            size,
            with_value("df_capped", float(dfs[i]))
            if limit.df < dfs[i] and not limit.status
            else "",
            "no_town_variation" if zero else "",
            "people_not_towns" if (groups.towns or 0) > 1 and not limit.outer else "",
        )
        row = replace(base, estimand=name, estimate=float(estimates[i]), note=told)
        rows.append(_filled(row, float(errors[i]), df, limit, level))
        if rows[-1].status == "ok" and zero:
            rows[-1] = replace(rows[-1], status="boundary")
    columns = ["name", "estimate", "std_error", "df_satterthwaite", "df"]
    return rows, pd.DataFrame(table, columns=columns)


def _filled(row: Estimate, error: float, df: float, limit: Limit, level: float) -> Estimate:
    if limit.status:
        shown = error if limit.code == "town_changes_unmodelled" else None
        told = note(limit.code, row.note)
        return replace(row, std_error=shown, status=limit.status, note=told)
    if (row.n or 0) < FEWEST:
        return replace(row, status="descriptive")
    fit = t_fit(row.estimate or 0.0, error, df, level)
    return replace(
        row, std_error=fit.std_error, df=fit.df, conf_low=fit.conf_low, conf_high=fit.conf_high,
        conf_level=level if fit.conf_low is not None else None, p_value=fit.p_value,
        status="descriptive" if fit.reason else "ok", note=note(fit.reason, row.note),
        verdict=verdict(fit.conf_low, fit.conf_high, None, row.direction),
    )  # fmt: skip


def _withheld(row: Estimate) -> Estimate:
    """A row without its numbers: the search ran to the end of what it looks at."""
    return replace(
        row, estimate=None, std_error=None, df=None, conf_low=None, conf_high=None,
        conf_level=None, p_value=None, verdict="", status="not_converged", note="",
    )  # fmt: skip


def _share_rows(base: Estimate, fit: MixedFit, groups: Groups, level: float) -> list[Estimate]:
    """Share of the variance between towns, and between people, with profile intervals."""
    rows = []
    total = 1 + float(fit.ratios.sum())
    for place, name in enumerate(groups.names):
        share = float(fit.ratios[place]) / total
        low, high = profile_limits(fit.sums, fit.ratios, level, of=place)
        firm = groups.people >= FEWEST
        zero = share == 0
        row = replace(
            base, estimand=f"icc|{name}", estimate=share, unit="share", direction="",
            conf_low=low if firm else None, conf_high=high if firm else None,
            conf_level=level if firm else None,
            status="boundary" if zero else "ok" if firm else "descriptive",
            note="no_town_variation" if zero else "",
        )  # fmt: skip
        rows.append(row)
    return rows[::-1]
