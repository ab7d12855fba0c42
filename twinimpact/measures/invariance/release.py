"""Partial invariance: which question to stop holding equal, one at a time.

The score test of one question asks how much the fit would improve if it alone were freed over
all groups (waves); the model is not refitted for it (Sörbom 1989, doi:10.1007/BF02294623).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from twinimpact.measures.invariance.fit import Fit, score_statistic
from twinimpact.measures.invariance.indices import Indices, tail
from twinimpact.measures.invariance.model import Equal, layout_of

Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreTest:
    """Score test of one question's loading or intercept.

    Parameters
    ----------
    question
        Position of the question.
    parameter
        ``loading`` or ``intercept``.
    """

    question: int
    parameter: str
    chi2: float
    df: int
    p_value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """One step: the question released, its score test, and the fit afterwards."""

    level: str
    test: ScoreTest
    limit: float
    fit: Indices


def score_tests(found: Fit, parameter: str) -> tuple[ScoreTest, ...]:
    """Score tests of all questions whose loading (or intercept) is held equal."""
    layout, groups = found.layout, len(found.sample.n)
    held = layout.equal.loadings if parameter == "loading" else layout.equal.intercepts
    units = groups if layout.design.waves == 1 else layout.design.waves
    tests = []
    for question in np.flatnonzero(held):
        freed = freed_of(layout.equal, int(question), parameter)
        wider = layout_of(layout.design, groups, freed)
        chi2 = score_statistic(wider, found.sample, found.values)
        tests.append(
            ScoreTest(
                question=int(question),
                parameter=parameter,
                chi2=chi2,
                df=units - 1,
                p_value=tail(chi2, units - 1),
            )
        )
    return tuple(tests)


def freed_of(equal: Equal, question: int, parameter: str) -> Equal:
    """What stays equal when one question's loading or intercept is freed; nothing else moves."""
    name = "loadings" if parameter == "loading" else "intercepts"
    held = getattr(equal, name).copy()
    held[question] = False
    return replace(equal, **{name: held})


def released_of(equal: Equal, question: int, parameter: str) -> Equal:
    """What stays equal after a release: with its loading a question's intercept is freed too."""
    freed = freed_of(equal, question, parameter)
    for other in ("intercept",) if parameter == "loading" else ():
        freed = freed_of(freed, question, other)
    residuals = freed.residuals & freed.intercepts
    return replace(freed, residuals=residuals)


def may_release(found: Fit, question: int, parameter: str, least: int) -> bool:
    """Whether enough questions of the factor would stay equal."""
    held = found.layout.equal.loadings if parameter == "loading" else found.layout.equal.intercepts
    own = found.layout.design.question_factor
    inside = own == own[question]
    return int((held & inside).sum()) - 1 >= least
