"""The ladder of comparability: configural, metric, scalar, and strict on request.

It stops at the first level that is rejected, after questions that work differently have been
released where that saves the level. The rules stand in ``surveys/invariance.toml``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from twinimpact.measures.invariance.fit import Fit, Sample, fit
from twinimpact.measures.invariance.indices import Difference, Indices, difference, indices
from twinimpact.measures.invariance.model import LEVELS, Design, Equal, equal_at, layout_of
from twinimpact.measures.invariance.release import (
    Release,
    may_release,
    released_of,
    score_tests,
)
from twinimpact.measures.invariance.rules import InvarianceRules, invariance_rules
from twinimpact.measures.invariance.starts import carried_over, first_values

Array = npt.NDArray[Any]
FELL = 1e-6
"""A stricter model cannot fit better; if it does by more, the looser one is fitted again."""
LIKELY = 0.05
"""Level of the test that is printed beside the rule."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rung:
    """One level as it was tested.

    Parameters
    ----------
    level
        ``configural``, ``metric``, ``scalar`` or ``strict``.
    status
        ``accepted``, ``partial`` (accepted after releases), ``rejected`` or ``not_converged``.
    model, fit
        The model without releases at this level, and its indices.
    against
        Test against the level before; absent for the first.
    contradicts
        Whether that test, at 5 %, says other than the rule.
    releases
        Steps of partial release at this level.
    final, final_against
        Indices and test with what was released; those above where nothing was.
    """

    level: str
    status: str
    model: Fit
    fit: Indices
    against: Difference | None
    contradicts: bool
    releases: tuple[Release, ...]
    final: Indices
    final_against: Difference | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ladder:
    """All levels tested, and the last model accepted.

    Parameters
    ----------
    reached
        The highest level accepted, wholly or partly; empty where not even the first was.
    loadings, intercepts
        Questions released in loading, in intercept (the latter includes the former).
    """

    rungs: tuple[Rung, ...]
    reached: str
    accepted: Fit | None
    loadings: tuple[int, ...]
    intercepts: tuple[int, ...]
    rules: InvarianceRules

    @property
    def partial(self) -> bool:
        """Whether questions had to be released."""
        return bool(self.intercepts)


def climb(
    design: Design, sample: Sample, *, top: str = "scalar", rules: InvarianceRules | None = None
) -> Ladder:
    """Test level after level and stop at the first that is rejected.

    Parameters
    ----------
    sample
        Moments of the groups; one group where waves are compared.
    top
        The last level to test.
    rules
        Limits; the shipped ones by default.
    """
    rules = rules or invariance_rules()
    equal = equal_at("configural", design.questions)
    current = first_values(design, sample)
    accepted: Fit | None = None
    before: Indices | None = None
    rungs: list[Rung] = []
    for level in LEVELS[: LEVELS.index(top) + 1]:
        equal = _tightened(level, equal)
        found = refit(design, sample, equal, current)
        if accepted is not None and found.chi2 < accepted.chi2 - FELL:
            accepted = refit(design, sample, accepted.layout.equal, found.values)
            rungs[-1] = _again(rungs, accepted)
            before = rungs[-1].final
        rung, final = _judged(level, found, before, rules)
        rungs.append(rung)
        if rung.status not in ("accepted", "partial"):
            break
        accepted, before, equal, current = final, rung.final, final.layout.equal, final.values
    return Ladder(
        rungs=tuple(rungs),
        reached="" if accepted is None else rungs[-1 if _good(rungs[-1]) else -2].level,
        accepted=accepted,
        loadings=_released(rungs, "loading"),
        intercepts=_released(rungs, "loading", "intercept"),
        rules=rules,
    )


def refit(design: Design, sample: Sample, equal: Equal, values: Array) -> Fit:
    """Fit with other equalities, starting at a solution."""
    layout = layout_of(design, len(sample.n), equal)
    found = fit(layout, sample, carried_over(values, layout))
    if found.converged:
        return found
    return fit(layout, sample, carried_over(first_values(design, sample), layout))


def _again(rungs: list[Rung], better: Fit) -> Rung:
    """The last level with a better minimum, found on the way down from a stricter model."""
    last, fits = rungs[-1], indices(better)
    against = difference(fits, rungs[-2].final) if len(rungs) > 1 else None
    if last.releases:
        return replace(last, final=fits, final_against=against)
    return replace(last, model=better, fit=fits, against=against, final=fits, final_against=against)


def _good(rung: Rung) -> bool:
    return rung.status in ("accepted", "partial")


def _released(rungs: list[Rung], *parameters: str) -> tuple[int, ...]:
    return tuple(
        step.test.question
        for rung in rungs
        if _good(rung)
        for step in rung.releases
        if step.test.parameter in parameters
    )


def _tightened(level: str, equal: Equal) -> Equal:
    """The next level, with what has been released left free."""
    free = np.flatnonzero(~equal.loadings).tolist() if level not in LEVELS[:2] else []
    shifted = np.flatnonzero(~equal.intercepts).tolist() if level == "strict" else []
    return equal_at(level, len(equal.loadings), free, shifted)


def _judged(
    level: str, found: Fit, before: Indices | None, rules: InvarianceRules
) -> tuple[Rung, Fit]:
    """Accept, release or reject one level."""
    fits = indices(found)
    against = None if before is None else difference(fits, before)
    releases: tuple[Release, ...] = ()
    final = found
    if before is None and np.isfinite(fits.chi2) and not rules.configural_holds(fits):
        # where the pattern does not fit at all, steps may wander along a ridge for ever
        status = "rejected"
    elif not found.converged:
        status = "not_converged"
    elif before is None or not rules.rejected(level, fits, before):
        status = "accepted"
    else:
        status = "rejected"
        if level in ("metric", "scalar"):
            saved, final, releases = _release(level, found, before, rules)
            status = "partial" if saved else "rejected"
    last = indices(final) if status == "partial" else fits
    contradicts = against is not None and (against.p_value < LIKELY) != (status != "accepted")
    return (
        Rung(
            level=level,
            status=status,
            model=found,
            fit=fits,
            against=against,
            contradicts=contradicts,
            releases=releases,
            final=last,
            final_against=None if before is None else difference(last, before),
        ),
        final if status == "partial" else found,
    )


def _release(
    level: str, found: Fit, before: Indices, rules: InvarianceRules
) -> tuple[bool, Fit, tuple[Release, ...]]:
    """Release one question after another until the level holds, or give up."""
    rule, parameter = rules.limits["release"], "loading" if level == "metric" else "intercept"
    steps: list[Release] = []
    while True:
        tests = score_tests(found, parameter)
        largest = max(tests, key=lambda test: test.chi2)
        limit = float(rule["p_value"]) / len(tests)
        least = int(rule["least_equal"])
        if not largest.p_value < limit:
            return False, found, tuple(steps)
        if not may_release(found, largest.question, parameter, least):
            return False, found, tuple(steps)
        equal = released_of(found.layout.equal, largest.question, parameter)
        design = found.layout.design
        found = refit(design, found.sample, equal, found.values)
        fits = indices(found)
        steps.append(Release(level=level, test=largest, limit=limit, fit=fits))
        if not found.converged:
            return False, found, tuple(steps)
        if rules.restored(level, fits, before):
            return True, found, tuple(steps)
