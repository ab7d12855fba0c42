"""One scale, several groups or two waves: from coded answers to a verdict.

Answers are put on points (0 to 100) first, so that every number is in the units of the reports.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from twinimpact.measures.consistency.moments import cell_moments
from twinimpact.measures.invariance.alignment import AlignedMeans, GroupFactors, align
from twinimpact.measures.invariance.dmacs import comparable_difference, effects
from twinimpact.measures.invariance.fit import Fit, Sample, sample_of
from twinimpact.measures.invariance.ladder import Ladder, climb, refit
from twinimpact.measures.invariance.model import Design, equal_at, simple_structure
from twinimpact.measures.invariance.robust import Scaled, robust_levels
from twinimpact.measures.invariance.rules import InvarianceRules, invariance_rules
from twinimpact.measures.invariance.two_items import TwoItems, two_items
from twinimpact.measures.invariance.waves import WaveLadder, climb_waves

Array = npt.NDArray[Any]
MANY_GROUPS = 10
SEVERAL_GROUPS = 3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Bias:
    """A difference of scale means and how much of it comes from the questions, in points.

    Two groups: second minus first, with the comparable difference and its limits. More groups:
    the largest distance from the mean of all, and the largest effect of the questions.
    """

    observed: float
    bias: float
    left: float
    low: float
    high: float

    @property
    def share(self) -> float:
        """Size of the bias against that of the observed difference."""
        return abs(self.bias) / abs(self.observed) if self.observed else float("inf")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Compared:
    """Everything found about one scale.

    Parameters
    ----------
    verdict
        A code of :mod:`~twinimpact.measures.invariance.verdict`.
    reasons
        Codes: ``one_question``, ``two_questions``, ``not_defined``, ``too_few_answers``,
        ``no_variance``, ``not_converged``, ``category_unused``, ``saturated``,
        ``rule_contradicted``, ``improper``, and those of an alignment.
    used
        Positions of the groups that were large enough.
    n
        Complete rows of every group, shape (groups,); of linked people where waves are compared.
    needed
        Complete rows a group needs.
    pair
        What is said of two questions.
    scaled
        The test of each level without the assumption of normal answers.
    dmacs, signed
        Per focal group and question; missing where a question cannot be freed.
    """

    verdict: str
    reasons: tuple[str, ...]
    used: tuple[int, ...]
    n: Array
    needed: int
    ladder: Ladder | None = None
    waves: WaveLadder | None = None
    aligned: AlignedMeans | None = None
    dmacs: Array | None = None
    signed: Array | None = None
    bias: Bias | None = None
    sample: Sample | None = None
    pair: TwoItems | None = None
    scaled: tuple[Scaled | None, ...] = ()


def compare_groups(
    columns: Sequence[Array],
    widths: Array,
    group: Array,
    names: Sequence[str],
    *,
    top: str = "scalar",
    rules: InvarianceRules | None = None,
) -> Compared:
    """Can the levels of groups be compared?

    Parameters
    ----------
    columns
        Answers after reversal as unsigned codes: 0 = none, 1 = lowest; one array per question.
    widths
        Highest minus lowest answer of each question.
    group
        Group of each row, −1 for none.
    names
        Name of each group.
    """
    rules, k = rules or invariance_rules(), len(columns)
    complete = np.all([column > 0 for column in columns], axis=0) & (group >= 0)
    n = np.bincount(group[complete], minlength=len(names))
    used = [int(one) for one in np.flatnonzero(n >= rules.needed(k))]
    stopped = _too_small(k, len(used) >= 2)
    base = Compared(
        verdict="not_testable",
        reasons=(stopped,) if stopped else (),
        used=tuple(used),
        n=n,
        needed=rules.needed(k) if stopped in ("", "too_few_answers") else 0,
    )
    if len(used) < 2 or k == 1:
        return base
    place = np.full(len(names) + 1, -1)
    place[used] = np.arange(len(used))
    cell = place[group]
    moments = cell_moments(list(columns), cell, len(used))
    sample = _in_points(moments.n, moments.mean, moments.covariance, widths)
    if not _varied(sample):
        return replace(base, reasons=(*base.reasons, "no_variance"), sample=sample)
    base = replace(base, sample=sample)
    if k == 2:
        return replace(base, pair=two_items(sample))
    design = Design(structure=simple_structure([0] * k))
    ladder = climb(design, sample, top=top, rules=rules)
    unused = _category_unused(columns, cell, len(used))
    reasons = (*_reasons(ladder), *(("category_unused",) if unused else ()))
    scaled = _scaled(ladder, columns, widths, cell)
    base = replace(base, ladder=ladder, reasons=reasons, scaled=scaled)
    return _judged(base, [names[one] for one in used])


def compare_waves(
    first: Sequence[Array],
    last: Sequence[Array],
    widths: Array,
    *,
    top: str = "scalar",
    rules: InvarianceRules | None = None,
) -> Compared:
    """Do questions work the same way for the same people at two waves?

    Parameters
    ----------
    first, last
        Codes of linked people at the two waves, one array per question, rows aligned.
    """
    rules, k = rules or invariance_rules(), len(first)
    columns = [*first, *last]
    cell = np.zeros(len(columns[0]), dtype="int64")
    complete = np.all([column > 0 for column in columns], axis=0)
    n, needed = np.array([int(complete.sum())]), rules.needed(k)
    stopped = _too_small(k, bool(n[0] >= needed))
    if stopped:
        needed = needed if stopped == "too_few_answers" else 0
        return Compared(verdict="not_testable", reasons=(stopped,), used=(), n=n, needed=needed)
    moments = cell_moments(columns, cell, 1)
    widths = np.concatenate([widths, widths])
    sample = _in_points(moments.n, moments.mean, moments.covariance, widths)
    base = Compared(
        verdict="not_testable", reasons=(), used=(0, 1), n=n, needed=needed, sample=sample
    )
    if not _varied(sample):
        return replace(base, reasons=("no_variance",))
    found = climb_waves(sample, 2, top=top, rules=rules)
    ladder = found.ladder
    verdict = _over_time(ladder)
    reasons = _reasons(ladder)
    if found.response_shift_possible:
        reasons = (*reasons, "response_shift_possible")
    return replace(
        base,
        verdict=verdict,
        reasons=reasons,
        ladder=ladder,
        waves=found,
        scaled=_scaled(ladder, columns, widths, cell),
        bias=Bias(
            observed=found.change, bias=found.change_without,
            left=np.nan, low=np.nan, high=np.nan,
        ),
    )  # fmt: skip


def _over_time(ladder: Ladder) -> str:
    if ladder.rungs[0].status == "not_converged":
        return "not_testable"
    if ladder.reached in ("", "configural"):
        return "none"
    if ladder.reached == "metric":
        return "metric"
    return "partial_small" if ladder.partial else "scalar"


def _too_small(k: int, enough: bool) -> str:
    if k < 3:
        return "one_question" if k == 1 else "two_questions"
    return "" if enough else "too_few_answers"


def _in_points(n: Array, mean: Array, covariance: Array, widths: Array) -> Sample:
    """Moments of codes as moments of points."""
    unit = 100.0 / np.asarray(widths, dtype="float64")
    return sample_of(n, (mean - 1) * unit, covariance * unit[:, None] * unit[None, :])


def _scaled(
    ladder: Ladder, columns: Sequence[Array], widths: Array, cell: Array
) -> tuple[Scaled | None, ...]:
    """Tests of the levels that do not assume normal answers, from the rows."""
    kept = np.all([column > 0 for column in columns], axis=0) & (cell >= 0)
    codes = np.column_stack([column[kept] for column in columns])
    return robust_levels(ladder, codes, cell[kept], 100.0 / np.asarray(widths, dtype="float64"))


def _varied(sample: Sample) -> bool:
    """Whether every group's answers vary and no question repeats another."""
    return bool((np.linalg.eigvalsh(sample.covariance)[:, 0] > 1e-8).all())


def _category_unused(columns: Sequence[Array], cell: Array, groups: int) -> bool:
    """Whether an answer that is given in one group is never given in another."""
    inside = cell >= 0
    for column in columns:
        size = int(column.max()) + 1
        counts = np.bincount(
            cell[inside] * size + column[inside].astype("int64"), minlength=groups * size
        )
        there = counts.reshape(groups, size)[:, 1:] > 0
        if (there.any(axis=0) & ~there.all(axis=0)).any():
            return True
    return False


def _reasons(ladder: Ladder) -> tuple[str, ...]:
    last = ladder.rungs[-1]
    marks = (
        ("not_converged", last.status == "not_converged"),
        ("saturated", ladder.rungs[0].fit.df == 0),
        ("rule_contradicted", any(rung.contradicts for rung in ladder.rungs)),
        ("improper", ladder.accepted is not None and ladder.accepted.improper),
    )
    return tuple(code for code, holds in marks if holds)


def _judged(base: Compared, names: Sequence[str]) -> Compared:
    """The verdict that follows from the ladder, or from an alignment of many groups."""
    ladder = base.ladder
    if ladder is None or ladder.rungs[0].status == "not_converged":
        return base
    exact = ladder.reached in ("scalar", "strict")
    many = len(names) >= MANY_GROUPS or (len(names) > SEVERAL_GROUPS and not exact)
    if many and ladder.reached and not (exact and not ladder.partial):
        aligned = _aligned(base, names)
        verdict = "aligned" if aligned.released else _inexact(ladder)
        return replace(
            base, verdict=verdict, aligned=aligned, reasons=(*base.reasons, *aligned.note)
        )
    if not exact:
        return replace(base, verdict=_inexact(ladder))
    return _with_effects(base, ladder)


def _inexact(ladder: Ladder) -> str:
    return "none" if ladder.reached in ("", "configural") else "metric"


def _with_effects(base: Compared, ladder: Ladder) -> Compared:
    """dMACS of every question, and the bias where questions were released."""
    if ladder.accepted is None:
        return base
    size, signed = question_effects(ladder.accepted, ladder.intercepts)
    if not ladder.partial:
        return replace(base, verdict="scalar", dmacs=size, signed=signed)
    bias = bias_of(ladder.accepted)
    small = bias.share < float(ladder.rules.limits["bias"]["share"])
    verdict = "partial_small" if small else "partial_large"
    return replace(base, verdict=verdict, dmacs=size, signed=signed, bias=bias)


def question_effects(final: Fit, released: Sequence[int]) -> tuple[Array, Array]:
    """dMACS and signed dMACS of every question.

    Released questions from the final model; each other question by freeing its loading and
    intercept on top of it, missing where no question of its factor would be left equal.

    Returns
    -------
    tuple
        Two arrays of shape (focal groups, questions).
    """
    found = effects(final)
    size, signed = found.dmacs.copy(), found.signed.copy()
    equal, own = final.layout.equal, final.layout.design.question_factor
    for question in np.flatnonzero(equal.loadings & equal.intercepts):
        inside = own == own[question]
        size[:, question] = signed[:, question] = np.nan
        if (equal.loadings & equal.intercepts & inside).sum() < 2:
            continue
        wider = equal_at(
            "scalar",
            len(own),
            [*np.flatnonzero(~equal.loadings).tolist(), int(question)],
            np.flatnonzero(~equal.intercepts).tolist(),
        )
        model = refit(final.layout.design, final.sample, wider, final.values)
        if model.converged:
            there = effects(model)
            size[:, question], signed[:, question] = (
                there.dmacs[:, question],
                there.signed[:, question],
            )
    return size, signed


def bias_of(final: Fit) -> Bias:
    """Bias of a partial model with one factor."""
    found = effects(final)
    if len(final.sample.n) > 2:
        return Bias(
            observed=float(np.abs(found.observed).max()),
            bias=float(np.abs(found.bias).max()),
            left=np.nan,
            low=np.nan,
            high=np.nan,
        )
    left, low, high = comparable_difference(final, 0, 0.95)
    return Bias(
        observed=float(found.observed[0, 0]),
        bias=float(found.bias[0, 0]),
        left=left,
        low=low,
        high=high,
    )


def _aligned(base: Compared, names: Sequence[str]) -> AlignedMeans:
    """Alignment of the configural solutions."""
    ladder, sample = base.ladder, base.sample
    if ladder is None or ladder.accepted is None or sample is None:
        raise ValueError("alignment needs an accepted configural model")
    design = ladder.accepted.layout.design
    k = design.questions
    loose = refit(design, sample, equal_at("configural", k), ladder.accepted.values)
    starts = design.structure.starts
    factors = GroupFactors(
        names=tuple(names),
        n=sample.n,
        loadings=loose.values[:, :k],
        intercepts=loose.values[:, starts[1] : starts[2]],
        residuals=loose.values[:, starts[2] : starts[3]],
    )
    return align(factors)
