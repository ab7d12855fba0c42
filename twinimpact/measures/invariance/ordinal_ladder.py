"""The ladder of comparability for ordinal answers: thresholds, then loadings, then intercepts.

It is offered beside the ladder on means and covariances, for few categories or skewed answers.
It stops at the first level that is rejected and cannot be saved by releasing questions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from twinimpact.errors import DesignError
from twinimpact.measures.invariance.ordinal_fit import (
    AdjustedTest,
    OrdinalFit,
    adjusted_difference,
    fit_ordinal,
)
from twinimpact.measures.invariance.ordinal_model import ORDINAL_LEVELS, layout_at
from twinimpact.measures.invariance.ordinal_moments import OrdinalMoments, ordinal_moments
from twinimpact.measures.invariance.ordinal_starts import (
    equal_intercepts,
    equal_loadings,
    equal_thresholds,
    first_values,
)
from twinimpact.measures.invariance.rules import InvarianceRules, invariance_rules

Array = npt.NDArray[Any]
_STARTS = {
    "thresholds": equal_thresholds,
    "loadings": equal_loadings,
    "intercepts": equal_intercepts,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class OrdinalRelease:
    """One question set free at one level, with the test of that step."""

    question: int
    test: AdjustedTest


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OrdinalRung:
    """One level as it was tested.

    Parameters
    ----------
    level
        ``configural``, ``thresholds``, ``loadings`` or ``intercepts``.
    status
        ``accepted``, ``partial`` (accepted after releases), ``rejected`` or ``not_converged``.
    fit, against
        The model with nothing released at this level, and its test against the level before.
    releases
        Questions set free at this level, in this order.
    final
        The model with these.
    """

    level: str
    status: str
    fit: OrdinalFit
    against: AdjustedTest | None
    releases: tuple[OrdinalRelease, ...]
    final: OrdinalFit


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OrdinalLadder:
    """All levels tested; ``accepted`` is the last level that holds, empty for none."""

    moments: OrdinalMoments
    rungs: tuple[OrdinalRung, ...]

    @property
    def accepted(self) -> str:
        """Name of the last level that holds."""
        held = [one.level for one in self.rungs if one.status in ("accepted", "partial")]
        return held[-1] if held else ""


def ordinal_ladder(
    columns: Sequence[Array],
    group: Array,
    categories: int,
    *,
    rules: InvarianceRules | None = None,
) -> OrdinalLadder:
    """Test how much of an ordinal one-factor model is equal over groups.

    Parameters
    ----------
    columns
        Codes 1 to ``categories`` after reversal, one array per question (three or more), no
        gaps.
    group
        Group of each row, 0, 1, ...; every group with enough rows.
    categories
        Three or more: with two, thresholds cannot be tested apart from intercepts.
    rules
        Limits; the shipped ones when left out. A level is rejected where CFI falls and RMSEA
        rises by their limits, both from the adjusted tests.

    Raises
    ------
    DesignError
        With fewer than two groups, three questions or three categories, or when a category was
        not used in some group.

    Notes
    -----
    Method ``mgcfa_dwls``. Order of the levels: Wu and Estabrook (2016),
    doi:10.1007/s11336-016-9506-0.
    """
    groups = int(group.max(initial=-1)) + 1
    if groups < 2 or len(columns) < 3 or categories < 3:
        raise DesignError(
            "The ordinal ladder needs two groups, three questions and three possible answers.",
            got=f"{groups}, {len(columns)}, {categories}",
        )
    rules = rules or invariance_rules()
    moments = ordinal_moments(columns, group, categories)
    equal = [np.zeros(len(columns), dtype=bool) for _ in range(3)]
    fit = _fit(moments, equal, first_values(moments))
    rungs = [_first(fit, rules)]
    for number, level in enumerate(ORDINAL_LEVELS[1:]):
        if rungs[-1].status not in ("accepted", "partial"):
            break
        equal[number] = equal[number - 1].copy() if number else np.ones(len(columns), dtype=bool)
        rung, equal[number] = _climb(moments, level, equal, rungs[-1].final, rules)
        rungs.append(rung)
    return OrdinalLadder(moments=moments, rungs=tuple(rungs))


def _first(fit: OrdinalFit, rules: InvarianceRules) -> OrdinalRung:
    limit = rules.limits["configural"]
    held = (fit.cfi >= limit["cfi"], fit.rmsea <= limit["rmsea"], fit.srmr <= limit["srmr"])
    good = sum(held) >= int(limit["least"])
    status = "accepted" if good else "rejected"
    return OrdinalRung(
        level="configural", status=status if fit.converged else "not_converged", fit=fit,
        against=None, releases=(), final=fit,
    )  # fmt: skip


def _climb(
    moments: OrdinalMoments,
    level: str,
    equal: Sequence[Array],
    before: OrdinalFit,
    rules: InvarianceRules,
) -> tuple[OrdinalRung, Array]:
    """One level, with questions released one by one where it is rejected."""
    number = ORDINAL_LEVELS.index(level) - 1
    start = _STARTS[level](before.layout, before.values)
    fit = final = _fit(moments, equal, start)
    against = adjusted_difference(moments, fit, before)
    kept = equal[number].copy()
    releases: list[OrdinalRelease] = []
    limit = rules.limits["release"]
    while final.converged and _rejected(final, before, moments, rules):
        if kept.sum() <= int(limit["least_equal"]):
            break
        steps = []
        for question in np.flatnonzero(kept).tolist():
            looser = kept.copy()
            looser[question] = False
            tried = [*equal[:number], looser, *equal[number + 1 :]]
            freed = _fit(moments, tried, start)
            steps.append((adjusted_difference(moments, final, freed), question, freed))
        test, question, freed = max(steps, key=lambda step: step[0].chi2)
        if not test.p_value < limit["p_value"] / len(steps):
            break
        kept[question] = False
        final = freed
        releases.append(OrdinalRelease(question=question, test=test))
    rejected = _rejected(final, before, moments, rules)
    status = "rejected" if rejected else "partial" if releases else "accepted"
    rung = OrdinalRung(
        level=level, status=status if final.converged else "not_converged", fit=fit,
        against=against, releases=tuple(releases), final=final,
    )  # fmt: skip
    return rung, kept


def _fit(moments: OrdinalMoments, equal: Sequence[Array], start: Array) -> OrdinalFit:
    groups, questions, cuts = moments.thresholds.shape
    layout = layout_at(groups, questions, cuts, tuple(equal))
    return fit_ordinal(moments, layout, start)


def _rejected(
    fit: OrdinalFit, before: OrdinalFit, moments: OrdinalMoments, rules: InvarianceRules
) -> bool:
    size = "large" if moments.n.sum() > rules.limits["large"]["above"] else "small"
    limit = rules.limits[size]
    slack = 1e-9
    return bool(
        before.cfi - fit.cfi >= limit["cfi"] - slack
        and fit.rmsea - before.rmsea >= limit["rmsea"] - slack
    )
