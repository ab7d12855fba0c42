"""The estimate once more, under assumptions about those who were lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from twinimpact.errors import DesignError
from twinimpact.impact.balancing.covariates import Covariate
from twinimpact.impact.clusters import cr2_weighted
from twinimpact.impact.estimate import Estimate
from twinimpact.impact.inputs import constant_within
from twinimpact.impact.logistic import fitted_chances
from twinimpact.impact.missing_people.fill_in import fill_ins
from twinimpact.impact.missing_people.lee import LeeBounds, lee_bounds
from twinimpact.impact.missing_people.loss_rows import Followed
from twinimpact.impact.notes import note

Array = np.ndarray[Any, Any]
FEWEST = 10
DIFFERENCE = "post-pre|treated-comparison"


def response_weights(followed: Followed, covariates: Sequence[Covariate]) -> Array | None:
    """One over the chance to stay, by arm, score before and covariates; NaN for the lost.

    ``None`` when the chance cannot be estimated: nobody stayed, or those who stayed can be told
    from the others completely.
    """
    stayed = followed.stayed
    if stayed.all():
        return np.ones(len(stayed))
    used = [one.values for one in covariates if not one.spare and np.ptp(one.values) > 0]
    arm = [] if followed.treated is None else [followed.treated.astype(np.float64)]
    try:
        chance = fitted_chances(
            np.column_stack([np.ones(len(stayed)), *arm, *used]), stayed, "staying"
        )[1]
    except DesignError:
        return None
    return np.where(stayed, 1 / chance, np.nan)


def response_row(
    followed: Followed, weights: Array | None, level: float, direction: str
) -> Estimate:
    """The weighted mean change, or the difference after adjusted for the score before."""
    stayed = followed.stayed
    one_group = followed.treated is None
    base = Estimate(
        outcome=followed.outcome,
        estimand="post-pre" if one_group else "post|treated-comparison",
        method="response_weighted",
        n=int(stayed.sum()),
        missing=int((~stayed).sum()),
        clusters=followed.clusters(stayed),
        direction=direction,
        note=note("weights_fixed", "" if one_group else "adjusted"),
        status="not_estimable",
    )
    if weights is None or not stayed.any():
        return replace(base, note=note("staying_told_apart", base.note))
    pre, post, w = followed.pre[stayed], followed.post[stayed], weights[stayed]
    town = None if followed.town is None else followed.town[stayed]
    ones = np.ones(len(pre))
    if followed.treated is None:
        fit = cr2_weighted(ones[:, None], post - pre, w, town, level)
    else:
        treated = followed.treated[stayed]
        if town is not None:
            alone = _alone(treated, np.unique(town, return_inverse=True)[1])
            if alone:
                return replace(base, status="refused", note=note(alone, base.note))
        x = np.column_stack([treated, ones, pre]).astype(np.float64)
        fit = cr2_weighted(x, post, w, town, level)
    if fit.estimate is None:
        return replace(base, note=note(fit.reason, base.note))
    shown = fit.conf_low is not None and len(pre) >= FEWEST
    return replace(
        base,
        estimate=fit.estimate,
        std_error=fit.std_error if shown else None,
        df=fit.df if shown else None,
        conf_low=fit.conf_low if shown else None,
        conf_high=fit.conf_high if shown else None,
        conf_level=level if shown else None,
        p_value=fit.p_value if shown else None,
        status="ok" if shown else "descriptive",
        note=note(fit.reason, base.note),
    )


def _alone(treated: Array, town: Array) -> str:
    """Why there can be no standard error between towns, if so."""
    of_town = constant_within(treated, town, "The arm", "town")
    fewest = int(min(of_town.sum(), (~of_town).sum()))
    if fewest >= 2:
        return ""
    return "one_town_per_arm" if len(of_town) == 2 else "one_town_in_arm"


def lee_rows(followed: Followed) -> tuple[list[Estimate], LeeBounds | None]:
    """Smallest and largest difference in change that loss leaves possible."""
    treated = followed.treated
    found = None
    if treated is not None:
        found = lee_bounds(followed.post - followed.pre, treated, followed.stayed)
    base = Estimate(
        outcome=followed.outcome, estimand=DIFFERENCE, method="lee", n=len(followed.pre),
        missing=int((~followed.stayed).sum()), clusters=followed.clusters(),
        status="ok" if found else "not_estimable", note="" if found else "no_pairs",
    )  # fmt: skip
    ends = {
        "smallest": found.lower if found else None,
        "largest": found.upper if found else None,
    }
    rows = [
        replace(base, estimand=f"{DIFFERENCE}|{name}", estimate=value)
        for name, value in ends.items()
    ]
    return rows, found


def fill_in_rows(
    followed: Followed, scale: tuple[float, float] | None, direction: str
) -> list[Estimate]:
    """Mean change of everybody with worst, best and no change for the lost; tipping point."""
    rows = []
    for arm, side in followed.arms():
        pre, post = followed.pre[side], followed.post[side]
        found = fill_ins(pre, post, scale, direction)
        base = Estimate(
            outcome=followed.outcome, estimand="loss", method="fill_in", n=len(pre), arm=arm,
            missing=int(np.isnan(post).sum()), clusters=followed.clusters(side),
            direction=direction, status="not_estimable", note="no_pairs",
        )  # fmt: skip
        names = ("worst", "best", "no_change", "tipping")
        if found is None:
            rows.append(replace(base, estimand="loss|no_change"))
            continue
        rows += [
            replace(base, estimand=f"loss|{name}", estimate=value, status="ok", note="")
            for name in names
            if (value := getattr(found, name)) is not None
        ]
    return rows
