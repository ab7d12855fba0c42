"""Change score and adjusted difference side by side, with the four cells they come from."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from twinimpact.errors import DesignError
from twinimpact.impact.clustered.door import ClusterOptions, cluster_inference
from twinimpact.impact.clusters import cr2, hc3
from twinimpact.impact.estimate import Estimate
from twinimpact.impact.filled import filled
from twinimpact.impact.finding import verdict
from twinimpact.impact.inputs import Columns, Data, columns_of, two_arms
from twinimpact.impact.intervals import Fit, t_fit
from twinimpact.impact.notes import note, with_value
from twinimpact.impact.result import Result

Array = np.ndarray[Any, Any]
BETWEEN = "post-pre|treated-comparison"
AFTER = "post|treated-comparison"
SLOPES_DIFFER = 0.10
FEWEST = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparePlan:
    """What a comparison is judged by.

    Parameters
    ----------
    sesoi
        Smallest change worth having, in the outcome's unit; without it there is no verdict.
    direction
        ``better`` or ``worse``: what a higher value means.
    randomised
        Whether the arms were assigned at random: then the adjusted difference comes first.
    covariates
        Columns measured before, besides the score, that the adjusted difference takes in.
    conf_level, seed
        Confidence level, and seed of the wild bootstrap.
    """

    sesoi: float | None = None
    direction: str = "better"
    randomised: bool = False
    covariates: Sequence[str] = ()
    conf_level: float = 0.95
    seed: int = 20260301


def compare(
    data: Data,
    *,
    pre: str,
    post: str,
    arm: str,
    cluster: str = "",
    plan: ComparePlan | None = None,
) -> Result:
    """Difference in differences and ANCOVA of the same people, with all four cells.

    The change score is right if both arms would have changed alike, the adjusted difference if the
    arms are as good as random given the score before; under the conditions of Ding & Li (2019,
    doi:10.1017/pan.2019.25) they bracket the truth, and both are reported. With a cluster column
    the inference follows the number of towns (see ``cluster_inference``); without one, standard
    errors are HC3. If the slopes on the score before differ between the arms (p below .10) the
    adjusted difference is that of the interacted model with centred covariates (Lin 2013,
    doi:10.1214/12-AOAS583).

    Parameters
    ----------
    data
        One row per person with the named columns; rows with a gap are left out of every number.
    pre, post, arm
        Scores before and after; column with two values, the later one treated.
    cluster
        Column of towns, if whole towns are in one arm.
    plan
        Smallest change worth having, direction, covariates, randomised or not.

    Returns
    -------
    Result
        First the primary difference, then the other, then ``cell|pre``, ``cell|post`` and
        ``first_difference`` of both arms, and the standardised difference ``d_ppc2``.
        ``diagnostics``: ``slopes_p`` and ``four_cells`` as a frame.

    Raises
    ------
    DesignError
        If columns, arms or towns are not as described, or an arm has fewer than two people.

    Examples
    --------
    >>> from twinimpact.impact import compare
    >>> data = {"before": [1, 2, 3, 4, 1, 2, 3, 4], "after": [3, 4, 4, 7, 2, 2, 3, 5],
    ...         "arm": [1, 1, 1, 1, 0, 0, 0, 0]}
    >>> result = compare(data, pre="before", post="after", arm="arm")
    >>> result.row("ols_hc3", "post-pre|treated-comparison").estimate
    1.5
    """
    plan = plan or ComparePlan()
    covariates = plan.covariates
    labels = [name for name in (arm, cluster) if name]
    columns = columns_of(data, numbers=[pre, post, *covariates], labels=labels)
    treated = two_arms(columns, arm)
    before, after = columns.numbers[pre], columns.numbers[post]
    if min(treated.sum(), (~treated).sum()) < 2:
        raise DesignError("An arm has fewer than two people.", where=arm)
    slopes = _slopes_p(columns, (before, after, treated), cluster)
    score, adjusted = _differences(columns, (pre, post, arm, cluster), plan, slopes)
    rows = [adjusted, score] if plan.randomised else [score, adjusted]
    warnings = _bracketing(score[0], adjusted[0], plan)
    if columns.dropped:
        warnings.append(f"rows_dropped:{columns.dropped}")
    cells = _cells(post, (before, after, treated), plan.conf_level)
    return Result(
        rows=(*rows[0], *rows[1], *cells, _standardised(post, before, after, treated)),
        diagnostics={"slopes_p": slopes, "randomised": plan.randomised},
        warnings=tuple(warnings),
        seed=plan.seed if cluster else None,
    )


def _slopes_p(columns: Columns, arrays: tuple[Array, Array, Array], cluster: str) -> float | None:
    """p of the interaction of the score before with the arm."""
    before, after, treated = arrays
    z = treated.astype(np.float64)
    centred = before - before.mean()
    x = np.column_stack([z * centred, np.ones(len(z)), centred, z])
    if np.linalg.matrix_rank(x) < 4 or len(z) <= 4:
        return None
    fit = cr2(x, after, columns.codes[cluster], 0, 0.95) if cluster else hc3(x, after, 0, 0.95)
    return fit.p_value


def _differences(
    columns: Columns,
    names: tuple[str, str, str, str],
    plan: ComparePlan,
    slopes: float | None,
) -> tuple[list[Estimate], list[Estimate]]:
    """Rows of the change score and of the adjusted difference, each with its primary row first."""
    pre, post, arm, cluster = names
    covariates = plan.covariates
    before, after = columns.numbers[pre], columns.numbers[post]
    frame = {
        name: columns.numbers[name] for name in (pre, post, *covariates)
    } | {"change": after - before, arm: two_arms(columns, arm).astype(int)}  # fmt: skip
    interact = slopes is not None and slopes < SLOPES_DIFFER
    if cluster:
        frame[cluster] = columns.codes[cluster]
        options = ClusterOptions(conf_level=plan.conf_level, seed=plan.seed)
        roles: dict[str, Any] = {"arm": arm, "cluster": cluster, "options": options}
        score = list(cluster_inference(frame, outcome="change", **roles).rows)
        adjusted = list(
            cluster_inference(frame, outcome=post, covariates=[pre, *covariates], **roles).rows
        )
    else:
        z = frame[arm].astype(np.float64)
        others = [columns.numbers[name] for name in covariates]
        score = [_people_row(post, after - before, (z, []), interact=False, plan=plan)]
        adjusted = [_people_row(post, after, (z, [before, *others]), interact=interact, plan=plan)]
    slope = "slopes_differ" if interact else ""
    return (
        [_named(row, post, BETWEEN, plan, "") for row in score],
        [_named(row, post, AFTER, plan, slope) for row in adjusted],
    )


def _people_row(
    outcome: str,
    y: Array,
    arrays: tuple[Array, list[Array]],
    *,
    interact: bool,
    plan: ComparePlan,
) -> Estimate:
    z, covariates = arrays
    centred = [column - column.mean() for column in covariates]
    products = [z * column for column in centred] if interact else []
    x = np.column_stack([z, np.ones(len(z)), *centred, *products])
    fit: Fit = hc3(x, y, 0, plan.conf_level)
    row = Estimate(outcome=outcome, estimand=BETWEEN, method="ols_hc3", n=len(y))
    return filled(row, fit, plan.conf_level, "adjusted" if covariates else "", "average_person")


def _named(row: Estimate, outcome: str, estimand: str, plan: ComparePlan, code: str) -> Estimate:
    return replace(
        row,
        outcome=outcome,
        estimand=estimand,
        direction=plan.direction,
        note=note(row.note, code),
        verdict=verdict(row.conf_low, row.conf_high, plan.sesoi, plan.direction),
    )


def _bracketing(score: Estimate, adjusted: Estimate, plan: ComparePlan) -> list[str]:
    """Whether the two ways disagree by more than matters, or in their verdict."""
    if score.estimate is None or adjusted.estimate is None:
        return []
    apart = plan.sesoi is not None and abs(score.estimate - adjusted.estimate) > plan.sesoi
    return ["bracketing"] if apart or score.verdict != adjusted.verdict else []


def _cells(outcome: str, arrays: tuple[Array, Array, Array], conf_level: float) -> list[Estimate]:
    """Mean and first difference of both arms, all from the same people."""
    before, after, treated = arrays
    rows = []
    for name, chosen in (("treated", treated), ("comparison", ~treated)):
        n = int(chosen.sum())
        base = Estimate(outcome=outcome, estimand="", method="describe", arm=name, n=n)
        for moment, values in (("pre", before), ("post", after)):
            spread = float(values[chosen].std(ddof=1))
            mean = float(values[chosen].mean())
            rows.append(replace(base, estimand=f"cell|{moment}", estimate=mean))
            rows.append(replace(base, estimand=f"cell_sd|{moment}", estimate=spread, unit="sd"))
        change = (after - before)[chosen]
        error = float(change.std(ddof=1)) / math.sqrt(n)
        size = float(np.abs(after).max())
        fit = t_fit(float(change.mean()), error, n - 1, conf_level, size)
        few = n < FEWEST or fit.conf_low is None
        rows.append(
            replace(
                base,
                estimand="first_difference",
                method="paired_t",
                estimate=fit.estimate,
                std_error=None if few else fit.std_error,
                df=None if few else fit.df,
                conf_low=None if few else fit.conf_low,
                conf_high=None if few else fit.conf_high,
                conf_level=None if few else conf_level,
                status="descriptive" if few else "ok",
                note="" if fit.conf_low is not None else fit.reason,
            )
        )
    return rows


def _standardised(outcome: str, before: Array, after: Array, treated: Array) -> Estimate:
    """Second difference over the pooled SD before, with the small-sample factor.

    Morris (2008) doi:10.1177/1094428106291059.
    """
    change = after - before
    free = [int(chosen.sum()) - 1 for chosen in (treated, ~treated)]
    squares = sum(
        n * float(before[chosen].var(ddof=1))
        for n, chosen in zip(free, (treated, ~treated), strict=True)
    )
    spread = math.sqrt(squares / sum(free))
    factor = 1 - 3 / (4 * sum(free) - 1)
    base = Estimate(
        outcome=outcome, estimand=BETWEEN, method="d_ppc2", unit="sd", n=len(before),
        note=with_value("sd_pre_pooled", spread, 4),
    )  # fmt: skip
    if not spread > 0:
        return replace(base, status="not_estimable", note="no_variation")
    difference = float(change[treated].mean() - change[~treated].mean())
    return replace(base, estimate=factor * difference / spread)
