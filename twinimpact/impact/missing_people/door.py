"""Who was lost between two waves, and how far that could change the estimate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from twinimpact.errors import DesignError
from twinimpact.impact.balancing.covariates import Covariate, read
from twinimpact.impact.inputs import Data, constant_within, two_arms
from twinimpact.impact.missing_people.loss_rows import (
    Followed,
    baseline_rows,
    boundary_of,
    differential_rows,
    flow_table,
    loss_rows,
)
from twinimpact.impact.missing_people.what_if import (
    fill_in_rows,
    lee_rows,
    response_row,
    response_weights,
)
from twinimpact.impact.result import Result

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class AttritionPlan:
    """What loss is judged with.

    Parameters
    ----------
    covariates
        Columns measured before, besides the score.
    scale
        Lowest and highest possible score: without it there are no worst and best fill-ins.
    direction
        ``better`` or ``worse``: what a higher score means.
    conf_level
        Confidence level of the intervals.
    """

    covariates: Sequence[str] = ()
    scale: tuple[float, float] | None = None
    direction: str = "better"
    conf_level: float = 0.95


def attrition(
    data: Data,
    *,
    pre: str,
    post: str | Sequence[str],
    arm: str = "",
    cluster: str = "",
    plan: AttritionPlan | None = None,
) -> Result:
    """Loss of people between waves, and what it may do to the change or the difference.

    Everything is about people with a score before. The loss of each arm has a Wilson interval,
    the difference in loss Newcombe's (1998,
    doi:10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I). Overall loss and
    difference are held against the table of the What Works Clearinghouse (cautious column); the
    model of Deke & Chiang (2017, doi:10.1177/0193841X16670047) is shown as sensitivity only.
    Weighting by one over the chance to stay assumes that those who were lost would have answered
    like others with the same scores before. Lee bounds (2009,
    doi:10.1111/j.1467-937X.2009.00536.x) assume that taking part pushes staying one way only.
    Fill-ins assume nothing.

    Parameters
    ----------
    data
        One row per person with the named columns; rows without ``pre``, arm, town or a covariate
        are left out.
    pre, post
        Scores before and after; several later waves may be named, the first of them counts.
    arm
        Column with two values, the later one treated; without it there is one group.
    cluster
        Column of towns, each in one arm.
    plan
        Covariates, ends of the scale, direction and confidence level.

    Returns
    -------
    Result
        ``loss|overall``; with arms ``loss`` of each and ``loss|differential``; ``loss|baseline``
        (before, lost minus stayed, over the root of the mean of both variances); the
        response-weighted change, or difference after adjusted for ``pre``; Lee bounds of the
        difference in change; per arm ``loss|worst``, ``loss|best``, ``loss|no_change`` and
        ``loss|tipping`` (how far the change of the lost would have to lie from the others' for
        the mean change to be zero). ``diagnostics``: ``flow``, ``lost_stayed``, ``boundary``,
        ``response_weights`` (one per row, NaN for those left out or lost) and ``lee``.

    Raises
    ------
    DesignError
        If columns, arms, towns or the scale are not as described.

    Examples
    --------
    >>> from twinimpact.impact import AttritionPlan, attrition
    >>> data = {"before": [1, 2, 3, 4], "after": [2, 4, 4, None]}
    >>> plan = AttritionPlan(scale=(1, 5))
    >>> result = attrition(data, pre="before", post="after", plan=plan)
    >>> result.primary.estimate, result.row("fill_in", "loss|worst").estimate
    (0.25, 0.25)
    """
    plan = plan or AttritionPlan()
    direction, conf_level = plan.direction, plan.conf_level
    if direction not in ("better", "worse"):
        raise DesignError("There is no such direction.", got=direction, expected="better or worse")
    followed, found = _followed(data, pre, post, (arm, cluster), plan.covariates)
    _inside(plan.scale, followed)
    flow = flow_table(followed)
    rows = [*loss_rows(followed, conf_level)]
    diagnostics: dict[str, Any] = {"flow": flow}
    warnings = [f"rows_dropped:{followed.dropped}"] if followed.dropped else []
    if followed.treated is not None:
        rows += differential_rows(followed, conf_level)
        diagnostics["boundary"] = boundary = boundary_of(followed)
        if boundary["class"] == "outside":
            code = f"{boundary['overall']:.1f},{boundary['difference']:.1f}"
            warnings.append(f"loss_outside_boundary:{code}")
    told, table = baseline_rows(followed, found)
    chances = response_weights(followed, found)
    rows += [*told, response_row(followed, chances, conf_level, direction)]
    if followed.treated is not None:
        more, diagnostics["lee"] = lee_rows(followed)
        rows += more
    rows += fill_in_rows(followed, plan.scale, direction)
    whole = np.full(followed.size, np.nan)
    if chances is not None:
        whole[followed.rows] = chances
    return Result(
        rows=tuple(rows),
        diagnostics=diagnostics | {"lost_stayed": table, "response_weights": whole},
        warnings=tuple(warnings),
    )


def _followed(
    data: Data,
    pre: str,
    post: str | Sequence[str],
    labels: tuple[str, str],
    covariates: Sequence[str],
) -> tuple[Followed, tuple[Covariate, ...]]:
    """Everybody with a score before; gaps after are kept."""
    later = (post,) if isinstance(post, str) else tuple(post)
    frame = data if isinstance(data, pd.DataFrame) else _framed(data)
    absent = [name for name in later if name not in frame]
    if absent or not later:
        raise DesignError("Columns are not in the data.", where="post", got=", ".join(absent))
    known = frame[list(later)].notna()
    frame = frame.assign(**{name: frame[name].where(known[name], 0.0) for name in later})
    named = [name for name in labels if name]
    columns, found = read(frame, [pre, *covariates], named, later)
    posts = {
        name: np.where(known[name].to_numpy()[columns.rows], columns.numbers[name], np.nan)
        for name in later
    }
    arm, cluster = labels
    treated = two_arms(columns, arm) if arm else None
    town = columns.codes[cluster] if cluster else None
    if treated is not None and town is not None:
        constant_within(treated, town, "The arm", cluster)
    if pre not in columns.numbers:
        raise DesignError("The scores before are no numbers.", where=pre)
    followed = Followed(
        pre=columns.numbers[pre], posts=posts, treated=treated, town=town, rows=columns.rows,
        dropped=columns.dropped, size=len(frame),
    )  # fmt: skip
    return followed, found


def _framed(data: Mapping[str, Sequence[Any]]) -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(list(values)) for name, values in data.items()})


def _inside(scale: tuple[float, float] | None, followed: Followed) -> None:
    if scale is None:
        return
    low, high = scale
    scores = np.concatenate([followed.pre, followed.post])
    if not low < high or np.nanmin(scores) < low or np.nanmax(scores) > high:
        raise DesignError(
            "Scores lie outside the ends of the scale.",
            where="scale",
            got=f"{low:g} to {high:g}",
            expected=f"at least {np.nanmin(scores):g} to {np.nanmax(scores):g}",
        )
