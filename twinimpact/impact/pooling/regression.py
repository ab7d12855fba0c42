"""Do partnerships with more of something change more? A regression over partnerships."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from scipy import special

from twinimpact.errors import DesignError
from twinimpact.impact.estimate import Estimate
from twinimpact.impact.inputs import Data
from twinimpact.impact.intervals import t_fit
from twinimpact.impact.notes import note
from twinimpact.impact.pooling.likelihood import Fitted, fit
from twinimpact.impact.pooling.studies import (
    Partnerships,
    PoolPlan,
    Studies,
    partnerships_of,
    too_few,
)
from twinimpact.impact.result import Result

Array = np.ndarray[Any, Any]
METHOD = "metareg_reml_hk"
PER_MODERATOR = 10


def meta_regression(
    data: Data,
    *,
    studies: Studies,
    moderators: Sequence[str],
    plan: PoolPlan | None = None,
) -> Result:
    """Regress partnerships' estimates on properties of the partnerships.

    Restricted maximum likelihood with the scale of Knapp & Hartung (2003, doi:10.1002/sim.1482)
    and t(k − p). It needs ten partnerships per property. Partnerships were not given their
    properties by lot, so a slope says who changed more and never why.

    Parameters
    ----------
    data, studies
        As in :func:`~twinimpact.impact.pool`.
    moderators
        Columns of numbers, such as years or events per year.
    plan
        Confidence level, name of the outcome, whether the moderators were planned.

    Returns
    -------
    Result
        One row ``slope|<moderator>`` each, then ``intercept``. ``diagnostics``: ``tau2`` left
        over, ``tau2_without`` moderators, ``r2`` (share explained, in per cent), ``f`` and
        ``f_p`` of all moderators together, ``q_e``, and ``bubbles`` (points of the figure).

    Raises
    ------
    DesignError
        If no moderator is named, one does not vary, or two say the same.

    Examples
    --------
    >>> from twinimpact.impact import Studies, meta_regression
    >>> changes = {"change": [.1, .2, .3, .2, .4, .5, .4, .6, .7, .6], "se": [.1] * 10,
    ...            "years": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]}
    >>> studies = Studies(estimate="change", std_error="se")
    >>> row = meta_regression(changes, studies=studies, moderators=["years"]).primary
    >>> row.estimand, round(row.estimate, 3), row.df
    ('slope|years', 0.062, 8)
    """
    names = tuple(dict.fromkeys(moderators))
    if not names:
        raise DesignError("Name at least one moderator.", where="moderators")
    plan = plan or PoolPlan()
    given = partnerships_of(data, studies, names)
    base = Estimate(
        outcome=plan.outcome, estimand=f"slope|{names[0]}", method=METHOD, n=given.people,
        clusters=len(given), confirmatory=plan.planned,
    )  # fmt: skip
    if len(given) < PER_MODERATOR * len(names):
        return too_few(given, base, PER_MODERATOR * len(names))
    values = given.columns.matrix(names)
    _usable(values, names)
    # centred and scaled, so that years such as 1990 lose no digits
    centre, size = values.mean(axis=0), values.std(axis=0)
    x = np.column_stack([np.ones(len(given)), (values - centre) / size])
    fitted = fit(given.y, given.v, x)
    rows = _rows(base, fitted, names, (centre, size), plan.conf_level)
    return Result(
        rows=tuple(rows),
        diagnostics=_diagnostics(given, fitted, x, values, names),
        warnings=(*given.warnings, *([] if plan.planned else ["exploratory"])),
    )


def _usable(values: Array, names: Sequence[str]) -> None:
    flat = [name for name, column in zip(names, values.T, strict=True) if np.ptp(column) == 0]
    if flat:
        raise DesignError("A moderator is the same everywhere.", got=", ".join(flat))
    centred = values - values.mean(axis=0)
    if np.linalg.matrix_rank(centred / centred.std(axis=0)) < len(names):
        raise DesignError("Two moderators say the same.", got=", ".join(names))


def _rows(
    base: Estimate,
    fitted: Fitted,
    names: Sequence[str],
    units: tuple[Array, Array],
    level: float,
) -> list[Estimate]:
    centre, size = units
    back = np.eye(len(names) + 1)
    back[1:, 1:] = np.diag(1 / size)
    back[0, 1:] = -centre / size
    beta, spread = back @ fitted.beta, back @ fitted.spread @ back.T
    error = np.sqrt(fitted.scale * np.diag(spread))
    codes = note("" if base.confirmatory else "exploratory", "association_only")
    made = []
    for place in (*range(1, len(names) + 1), 0):
        found = t_fit(float(beta[place]), float(error[place]), fitted.df, level)
        name = f"slope|{names[place - 1]}" if place else "intercept"
        made.append(
            replace(
                base,
                estimand=name,
                estimate=found.estimate,
                std_error=found.std_error,
                df=found.df,
                conf_low=found.conf_low,
                conf_high=found.conf_high,
                conf_level=level if found.conf_low is not None else None,
                p_value=found.p_value,
                status="descriptive" if found.reason else "ok",
                note=note(found.reason, codes if place else ""),
            )
        )
    return made


def _diagnostics(
    given: Partnerships, fitted: Fitted, x: Array, values: Array, names: Sequence[str]
) -> dict[str, Any]:
    without = fit(given.y, given.v).tau2
    part = fitted.beta[1:]
    inner = np.linalg.inv(fitted.spread[1:, 1:])
    f = float(part @ inner @ part) / len(names) / fitted.scale if fitted.scale > 0 else None
    w = 1 / given.v
    fixed = np.linalg.solve((x.T * w) @ x, x.T @ (w * given.y))
    columns = {name: values[:, place] for place, name in enumerate(names)}
    return {
        "tau2": fitted.tau2,
        "tau2_without": without,
        "r2": 100 * max(0.0, 1 - fitted.tau2 / without) if without > 0 else None,
        "f": f,
        "f_p": None if f is None else float(special.fdtrc(len(names), fitted.df, f)),
        "q_e": float((w * (given.y - x @ fixed) ** 2).sum()),
        "bubbles": given.table().assign(**columns, weight=fitted.weights),
    }
