"""How many were lost, in which arm, and how they had answered before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from twinimpact.impact.balancing.covariates import Covariate
from twinimpact.impact.balancing.standardised import balance_table
from twinimpact.impact.clusters import difference_of_town_means, town_means
from twinimpact.impact.estimate import Estimate
from twinimpact.impact.inputs import constant_within
from twinimpact.impact.missing_people.boundary import (
    is_outside,
    largest_difference,
    loss_rules,
    model_bias,
)
from twinimpact.impact.notes import note
from twinimpact.impact.waves.shares import newcombe
from twinimpact.measures.proportions import wilson

Array = np.ndarray[Any, Any]
FEWEST = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """People with a score before, and what is known of them later.

    Parameters
    ----------
    pre
        Scores before, shape ``(people,)``.
    posts
        Scores at each later wave, NaN for those who were lost; the first wave counts.
    treated, town
        Arm and town of each person; ``None`` for one group, or without towns.
    rows, dropped, size
        Positions in the data, rows left out, and rows in all.
    """

    pre: Array
    posts: Mapping[str, Array]
    treated: Array | None
    town: Array | None
    rows: Array
    dropped: int
    size: int

    @property
    def outcome(self) -> str:
        """Name of the first later wave."""
        return next(iter(self.posts))

    @property
    def post(self) -> Array:
        """Scores at the first later wave."""
        return self.posts[self.outcome]

    @property
    def stayed(self) -> Array:
        """Who has a score at the first later wave."""
        return np.asarray(~np.isnan(self.post))

    def arms(self) -> list[tuple[str, Array]]:
        """Name and people of each arm; one nameless arm of everybody in one group."""
        if self.treated is None:
            return [("", np.ones(len(self.pre), dtype=bool))]
        return [("treated", self.treated), ("comparison", ~self.treated)]

    def clusters(self, chosen: Array | None = None) -> int | None:
        """Number of towns; ``None`` when they are not known."""
        if self.town is None:
            return None
        return len(np.unique(self.town if chosen is None else self.town[chosen]))


def flow_table(followed: Followed) -> pd.DataFrame:
    """People asked, stayed and lost by arm and later wave."""
    lines = []
    for wave, post in followed.posts.items():
        for arm, side in followed.arms():
            n, stayed = int(side.sum()), int((~np.isnan(post) & side).sum())
            lines.append(
                {
                    "wave": wave,
                    "arm": arm,
                    "before": n,
                    "stayed": stayed,
                    "lost": n - stayed,
                    "share": (n - stayed) / n,
                }
            )
    return pd.DataFrame(lines)


def loss_rows(followed: Followed, level: float) -> list[Estimate]:
    """Share lost of everybody and, with arms, of each."""
    everybody = np.ones(len(followed.pre), dtype=bool)
    rows = [_share(followed, "loss|overall", "", everybody, level)]
    if followed.treated is not None:
        rows += [_share(followed, "loss", arm, side, level) for arm, side in followed.arms()]
    return rows


def _share(followed: Followed, estimand: str, arm: str, side: Array, level: float) -> Estimate:
    n, lost = int(side.sum()), int((side & ~followed.stayed).sum())
    (low,), (high,) = wilson(np.array([lost]), np.array([n]), level)
    few = n < FEWEST
    return Estimate(
        outcome=followed.outcome,
        estimand=estimand,
        method="wilson",
        estimate=lost / n,
        conf_low=None if few else float(low),
        conf_high=None if few else float(high),
        conf_level=None if few else level,
        n=n,
        missing=lost,
        clusters=followed.clusters(side),
        arm=arm,
        unit="share",
        status="descriptive" if few else "ok",
    )


def differential_rows(followed: Followed, level: float) -> list[Estimate]:
    """Difference in loss, treated minus comparison; with towns also between town shares."""
    lost = ~followed.stayed
    sides = [(int((lost & side).sum()), int(side.sum())) for _, side in followed.arms()]
    low, high = newcombe(sides[0], sides[1], level)
    few = min(n for _, n in sides) < FEWEST
    rows = [
        Estimate(
            outcome=followed.outcome,
            estimand="loss|differential",
            method="newcombe",
            estimate=sides[0][0] / sides[0][1] - sides[1][0] / sides[1][1],
            conf_low=None if few else low,
            conf_high=None if few else high,
            conf_level=None if few else level,
            n=len(lost),
            missing=int(lost.sum()),
            clusters=followed.clusters(),
            unit="share",
            status="descriptive" if few else "ok",
            note="people_not_towns" if followed.town is not None else "",
        )
    ]
    if followed.town is not None and followed.treated is not None:
        of_town = constant_within(followed.treated, followed.town, "The arm", "town")
        means = town_means(lost.astype(np.float64), followed.town)[1]
        fit = difference_of_town_means(means[of_town], means[~of_town], level)
        alone = fit.reason == "one_town_per_arm"
        shown = fit.conf_low is not None
        rows.append(
            Estimate(
                outcome=followed.outcome,
                estimand="loss|differential",
                method="town_mean_t",
                estimate=fit.estimate,
                std_error=fit.std_error,
                df=fit.df,
                conf_low=fit.conf_low,
                conf_high=fit.conf_high,
                conf_level=level if shown else None,
                p_value=fit.p_value,
                n=len(lost),
                clusters=len(means),
                unit="share",
                status="refused" if alone else "ok" if shown else "descriptive",
                note=note("beside", fit.reason, "average_town"),
            )
        )
    return rows


def boundary_of(followed: Followed) -> dict[str, Any]:
    """Overall loss and difference in percentage points against the printed table."""
    lost = ~followed.stayed
    shares = [float(lost[side].mean()) for _, side in followed.arms()]
    overall, difference = 100 * float(lost.mean()), 100 * (shares[0] - shares[1])
    rules = loss_rules()
    return {
        "overall": overall,
        "difference": abs(difference),
        "limit": largest_difference(overall),
        "class": "outside" if is_outside(overall, abs(difference)) else "inside",
        "class_optimistic": "outside"
        if is_outside(overall, abs(difference), "optimistic")
        else "inside",
        "model_bias": model_bias(overall / 100, difference / 100),
        "status": rules.status,
        "provenance": rules.provenance,
    }


def baseline_rows(
    followed: Followed, covariates: Sequence[Covariate]
) -> tuple[list[Estimate], pd.DataFrame]:
    """Lost minus stayed before, per arm: of the score as rows, of all covariates as a table."""
    rows, tables = [], []
    lost = ~followed.stayed
    for arm, side in followed.arms():
        gone = lost[side]
        base = Estimate(
            outcome=followed.outcome, estimand="loss|baseline", method="describe",
            n=int(side.sum()), missing=int(gone.sum()), arm=arm, unit="sd",
            clusters=followed.clusters(side), status="not_estimable", note="sd_pooled",
        )  # fmt: skip
        if not gone.any() or gone.all():
            rows.append(base)
            continue
        inside = [
            Covariate(
                name=one.name, group=one.group, values=one.values[side], two_valued=one.two_valued
            )
            for one in covariates
        ]
        table = balance_table(inside, gone, np.ones(len(gone)), "ate").rename(
            columns={"treated": "lost", "comparison": "stayed"}
        )
        tables.append(table.assign(arm=arm))
        smd = float(table["smd"].iloc[0])
        enough = min(gone.sum(), (~gone).sum()) >= 2 and not np.isnan(smd)
        rows.append(replace(base, estimate=smd, status="ok") if enough else base)
    whole = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()
    return rows, whole
