"""The ladder over waves: do the same people understand the questions the same way later?

One factor per wave; residuals of the same question correlate over waves at every level. Where
intercepts cannot be held equal, people may judge by another yardstick afterwards ("response
shift", Oort 2005, doi:10.1007/s11136-004-0830-y).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from twinimpact.measures.invariance.fit import Fit, Sample
from twinimpact.measures.invariance.indices import Indices, comparative_fit
from twinimpact.measures.invariance.ladder import Ladder, Rung, climb, refit
from twinimpact.measures.invariance.model import Design, equal_at, simple_structure
from twinimpact.measures.invariance.release import score_tests
from twinimpact.measures.invariance.rules import InvarianceRules
from twinimpact.measures.invariance.starts import first_values

Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WaveLadder:
    """The ladder over waves, and what a rejected level means for change.

    Parameters
    ----------
    ladder
        Its levels; CFI against the usual baseline.
    cfi
        CFI of each level against the longitudinal baseline, where means and variances of the
        same question are equal over waves.
    shifted
        Questions that may be judged by another yardstick later; empty where intercepts are equal.
    change, change_without
        Last wave minus first of the mean of all questions, and of those that are not
        ``shifted``, in raw units.
    """

    ladder: Ladder
    cfi: tuple[float, ...]
    shifted: tuple[int, ...]
    change: float
    change_without: float

    @property
    def response_shift_possible(self) -> bool:
        """Whether equal intercepts were rejected while loadings are equal."""
        return bool(self.shifted)


def wave_design(questions: int, waves: int, *, marker: bool = False) -> Design:
    """One factor per wave; items of the first wave come first."""
    return Design(structure=simple_structure([0] * questions, waves), waves=waves, marker=marker)


def climb_waves(
    sample: Sample, waves: int, *, top: str = "scalar", rules: InvarianceRules | None = None
) -> WaveLadder:
    """Test level after level over waves.

    Parameters
    ----------
    sample
        Moments of one group of linked people: questions of the first wave, then of the next.
    waves
        Number of waves.
    """
    k = sample.mean.shape[1] // waves
    design = wave_design(k, waves)
    ladder = climb(design, sample, top=top, rules=rules)
    base = longitudinal_baseline(sample, waves)
    shifted = _shifted(ladder, design, sample)
    gain = sample.mean[0, -k:] - sample.mean[0, :k]
    stays = np.setdiff1d(np.arange(k), shifted)
    return WaveLadder(
        ladder=ladder,
        cfi=tuple(longitudinal_cfi(rung.fit, base) for rung in ladder.rungs),
        shifted=shifted,
        change=float(gain.mean()),
        change_without=float(gain[stays].mean()) if len(stays) else float("nan"),
    )


def longitudinal_baseline(sample: Sample, waves: int) -> tuple[float, int]:
    """Test of independent items with equal means and variances of a question over waves.

    Widaman & Thompson (2003), doi:10.1037/1082-989X.8.1.16.

    Returns
    -------
    tuple
        χ² and its degrees of freedom.
    """
    p = sample.mean.shape[1]
    k = p // waves
    means = sample.mean[0].reshape(waves, k)
    variances = np.diagonal(sample.covariance[0]).reshape(waves, k)
    spread = (variances + (means - means.mean(axis=0)) ** 2).mean(axis=0)
    logdet = float(np.linalg.slogdet(sample.covariance[0])[1])
    chi2 = sample.total * (waves * float(np.log(spread).sum()) - logdet)
    return chi2, p * (p + 3) // 2 - 2 * k


def longitudinal_cfi(found: Indices, baseline: tuple[float, int]) -> float:
    """CFI of a level against the longitudinal baseline."""
    return comparative_fit(found.chi2, found.df, *baseline)


def _shifted(ladder: Ladder, design: Design, sample: Sample) -> tuple[int, ...]:
    """Questions released at the scalar level, or those that speak most against it."""
    last = next((rung for rung in ladder.rungs if rung.level == "scalar"), None)
    if last is None or last.status == "accepted":
        return ()
    if last.status == "partial":
        return tuple(sorted({step.test.question for step in last.releases}))
    return _strongest(last, ladder, refit_scalar(ladder, design, sample))


def refit_scalar(ladder: Ladder, design: Design, sample: Sample) -> Fit:
    """The scalar model without releases at its level."""
    start = first_values(design, sample) if ladder.accepted is None else ladder.accepted.values
    equal = equal_at("scalar", design.questions, ladder.loadings)
    return refit(design, sample, equal, start)


def _strongest(rung: Rung, ladder: Ladder, scalar: Fit) -> tuple[int, ...]:
    """Questions released in vain, or else the one with the largest score test."""
    tried = {step.test.question for step in rung.releases}
    if tried:
        return tuple(sorted(tried))
    tests = score_tests(scalar, "intercept")
    return (max(tests, key=lambda test: test.chi2).question,) if tests else ()
