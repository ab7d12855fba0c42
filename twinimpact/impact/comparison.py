"""Participants against comparison people: the four cells and the difference of the changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from twinimpact.impact.clusters import cr2, hc3
from twinimpact.impact.contrast import (
    BETWEEN_ARMS,
    FEWEST,
    adjusted_fit,
    fitted,
    placebo_row,
    size_code,
    too_small,
    town_codes,
    town_fit,
    town_values,
)
from twinimpact.impact.design import Grade, comparison_grade, loss, smd_before
from twinimpact.impact.estimate import Estimate
from twinimpact.impact.intervals import Fit, t_fit
from twinimpact.impact.left_out import Stay, left_out_code, stay
from twinimpact.impact.notes import note, with_value
from twinimpact.impact.sample import Outcome, People
from twinimpact.impact.towns import Layout, layout_among, single_town_note

Array = np.ndarray[Any, Any]
ADJUSTED = "post|participant-comparison"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """People of the difference of the changes: complete pairs in towns that can be compared.

    ``left_out`` counts the partnerships too small to be in either arm of the programme.
    """

    outcome: Outcome
    level: float
    pre: Array
    post: Array
    arm: Array
    town: Array
    place: Layout
    left_out: tuple[int, int] = (0, 0)

    @property
    def change(self) -> Array:
        """Change of each person."""
        return self.post - self.pre

    @property
    def sizes(self) -> tuple[int, int]:
        """People in the participants' and the comparison arm."""
        return int(self.arm.sum()), int((~self.arm).sum())


def comparison_rows(
    people: People, partnership: str, level: float, smallest: int = 0
) -> tuple[list[Estimate], list[tuple[Outcome, Grade]]]:
    """Rows of ``impact.comparison`` for people who are linked across waves.

    Parameters
    ----------
    people
        The people of one scope, both arms.
    partnership
        Its id, or ``*``.
    level
        Confidence level.
    smallest
        Fewest pairs with which a partnership enters an arm; 0 leaves nobody out.

    Returns
    -------
    tuple
        The rows, and each outcome with the grade of its difference between arms.
    """
    rows: list[Estimate] = []
    grades = []
    for position, outcome in enumerate(people.outcomes):
        pre = people.scores["pre"][:, position]
        post = people.scores["post"][:, position]
        scored = ~np.isnan(pre) | ~np.isnan(post)
        if not (scored & people.arm).any() or not (scored & ~people.arm).any():
            continue
        sample, kept = _sample(people, position, level, smallest)
        place, n, stays = sample.place, len(sample.pre), kept.inside
        smd = smd_before(sample.pre, sample.arm)
        lost = loss(pre[stays], post[stays], people.arm[stays])
        grade = comparison_grade(place, smd, lost, paired=True)
        present = (people.present["pre"] | people.present["post"]) & stays
        base = Estimate(
            outcome=outcome.scale,
            estimand=BETWEEN_ARMS,
            method="town_mean_t",
            n=n,
            clusters=place.towns,
            grade=grade.level,
            partnership=partnership,
            missing=int(present.sum()) - n,
            unit=outcome.unit,
            direction=outcome.direction,
            note=left_out_code(kept.either),
        )
        rows += [*_cells(sample, base, people.waves), *_first_differences(sample, base)]
        rows += second_difference(sample, base, grade)
        if min(sample.sizes):
            grades.append((outcome, grade))
    return rows, grades


def _sample(people: People, position: int, level: float, smallest: int) -> tuple[Sample, Stay]:
    pre, post = (people.scores[role][:, position] for role in ("pre", "post"))
    pairs = ~np.isnan(pre) & ~np.isnan(post)

    def comparable(inside: Array) -> tuple[Array, Layout]:
        return layout_among(pairs & inside, people.arm, people.town)

    kept = stay(people, [pairs], smallest, lambda inside: comparable(inside)[0])
    used, place = comparable(kept.inside)
    sample = Sample(
        outcome=people.outcomes[position],
        level=level,
        pre=pre[used],
        post=post[used],
        arm=people.arm[used],
        town=people.town[used],
        place=place,
        left_out=(kept.participant, kept.comparison),
    )
    return sample, kept


def _sides(sample: Sample) -> Iterator[tuple[str, Array, str]]:
    """Each arm: its name, its people, and the note on partnerships left out of it."""
    sides = (("participant", sample.arm), ("comparison", ~sample.arm))
    for (name, side), left_out in zip(sides, sample.left_out, strict=True):
        yield name, side, left_out_code(left_out)


def _cells(sample: Sample, base: Estimate, waves: Mapping[str, str]) -> Iterator[Estimate]:
    """Mean with its t interval, and SD, before and after in each arm.

    From the sample of the second difference, so that the four means give it.
    """
    for name, side, left_out in _sides(sample):
        n = int(side.sum())
        cell = replace(
            base,
            method="describe",
            arm=name,
            n=n,
            clusters=_towns(sample.town[side]),
            grade=None,
            missing=None,
            status="not_estimable" if n < 2 else "descriptive" if n < FEWEST else "ok",
            note=note("no_data" if n == 0 else "one_person" if n == 1 else "", left_out),
        )
        for role, scores in (("pre", sample.pre[side]), ("post", sample.post[side])):
            at = replace(cell, wave=waves[role])
            spread = float(scores.std(ddof=1)) if n > 1 else None
            yield _mean_cell(replace(at, estimand=f"cell|{role}"), scores, sample.level)
            yield replace(at, estimand=f"cell_sd|{role}", estimate=spread)


def _mean_cell(cell: Estimate, scores: Array, level: float) -> Estimate:
    """Mean of these people; from ten on with the t interval, but without p: nothing is tested."""
    n = len(scores)
    if n < FEWEST:
        return replace(cell, estimate=float(scores.mean()) if n > 1 else None)
    error = float(scores.std(ddof=1)) / np.sqrt(n)
    fit = t_fit(float(scores.mean()), error, n - 1, level, float(np.abs(scores).max()))
    several = "people_not_towns" if (cell.clusters or 0) > 1 else ""
    return replace(
        cell,
        estimate=fit.estimate,
        std_error=fit.std_error,
        df=fit.df,
        conf_low=fit.conf_low,
        conf_high=fit.conf_high,
        conf_level=None if fit.reason else level,
        status="descriptive" if fit.reason else "ok",
        note=note(size_code(n), fit.reason, several, cell.note),
    )


def _first_differences(sample: Sample, base: Estimate) -> Iterator[Estimate]:
    """Change of each arm for its own people; null hypothesis: the mean change is zero."""
    for name, side, left_out in _sides(sample):
        change = sample.change[side]
        n = len(change)
        row = replace(
            base,
            estimand="first_difference",
            method="paired_t",
            arm=name,
            n=n,
            clusters=_towns(sample.town[side]),
            grade=1,
            missing=None,
            note=left_out,
        )
        if n < 2:
            few = note("no_data" if n == 0 else "one_person", left_out)
            yield replace(row, status="not_estimable", note=few)
        elif n < FEWEST:
            yield replace(row, estimate=float(change.mean()), status="descriptive")
        else:
            error = float(change.std(ddof=1)) / np.sqrt(n)
            fit = t_fit(float(change.mean()), error, n - 1, sample.level, _size(sample))
            several = "people_not_towns" if _towns(sample.town[side]) > 1 else ""
            yield fitted(row, fit, sample.outcome, sample.level, size_code(n), several)


def second_difference(sample: Sample, base: Estimate, grade: Grade) -> list[Estimate]:
    """Difference of the changes by the decision table for few towns.

    One town per arm, or both arms in fewer than three of the same towns: refused, the number
    without standard error, interval or p. One town in an arm: town means, with the assumption
    named, and the placebo rank. Two to nine: town means, CR2 beside. Ten or more: CR2, town
    means beside. The adjusted difference (ANCOVA) stands beside each; if the two disagree by
    more than the smallest change worth having, or in verdict, both say ``bracketing``.
    """
    place, smallest = sample.place, min(sample.sizes)
    if smallest < FEWEST:
        return [too_small(base, smallest, place)]
    single = single_town_note(sample.arm, sample.town, place)
    codes = (size_code(*sample.sizes), single, *place.notes, *_held(grade), base.note)
    base = replace(base, note=note(*codes))
    values = town_values(sample.change, sample.arm, sample.town)
    if place.refused:
        fit = _refused(sample)
        return [fitted(base, fit, sample.outcome, sample.level, *town_codes(place))]
    differ = _town_person_differ(sample, town_fit(values, place, sample.level))
    town = fitted(
        base,
        town_fit(values, place, sample.level),
        sample.outcome,
        sample.level,
        *town_codes(place),
        differ,
    )
    people = _person_level(sample, base) if place.rule in ("few", "many") else []
    people = [replace(row, note=note(row.note, differ)) for row in people]
    rows = [town, *people]
    adjusted = _adjusted(sample, base)
    if place.rule == "many" and people[0].p_value is not None:
        rows = [people[0], _beside(town)]
        adjusted.reverse()
    else:
        rows = [town, *(_beside(row) for row in people)]
    rows, adjusted = _bracketing(rows, adjusted, sample.outcome)
    rows += [adjusted[0], *(_beside(row) for row in adjusted[1:])]
    if place.rule == "one_town":
        rows.append(placebo_row(base, values, sample.level))
    rows.append(_standardised(sample, base))
    return rows


def _person_level(sample: Sample, base: Estimate) -> list[Estimate]:
    x = np.column_stack([np.ones(len(sample.arm)), sample.arm])
    fit = cr2(x, sample.change, sample.town, 1, sample.level)
    row = replace(base, method="change_cr2")
    return [fitted(row, fit, sample.outcome, sample.level, "average_person")]


def _adjusted(sample: Sample, base: Estimate) -> list[Estimate]:
    """ANCOVA: town level always; CR2 from ten towns per arm; person level within towns."""
    place, level, outcome = sample.place, sample.level, sample.outcome
    cell = 2 * sample.town + sample.arm
    fit = adjusted_fit(sample.pre, sample.post, cell, place, level)
    row = replace(base, method="town_two_stage_t")
    rows = [fitted(row, fit, outcome, level, "adjusted", *town_codes(place))]
    ones, arm = np.ones(len(sample.arm)), sample.arm.astype(float)
    if place.rule == "many":
        x = np.column_stack([ones, sample.pre, arm])
        fit = cr2(x, sample.post, sample.town, 2, level)
        row = replace(base, estimand=ADJUSTED, method="ancova_cr2")
        rows.append(fitted(row, fit, outcome, level, "adjusted", "average_person"))
    if place.rule == "within":
        names = np.unique(sample.town)
        dummies = (sample.town[:, None] == names).astype(float)
        x = np.column_stack([sample.pre, arm, dummies])
        row = replace(base, estimand=ADJUSTED, method="ols_hc3")
        fit = hc3(x, sample.post, 1, level)
        codes = ("adjusted", "average_person", "town_dummies")
        rows.append(fitted(row, fit, outcome, level, *codes))
    return rows


def _refused(sample: Sample) -> Fit:
    """The number alone: neither standard error nor interval nor p."""
    if sample.place.within:
        values = town_values(sample.change, sample.arm, sample.town)
        estimate = float((values.participant - values.comparison).mean())
        return Fit(estimate=estimate, reason="too_few_towns")
    reason = "town_missing" if sample.place.rule == "unknown" else "one_town_per_arm"
    return Fit(estimate=_person_difference(sample), reason=reason)


def _bracketing(
    rows: list[Estimate], adjusted: list[Estimate], outcome: Outcome
) -> tuple[list[Estimate], list[Estimate]]:
    first, second = rows[0], adjusted[0]
    if first.estimate is None or second.estimate is None:
        return rows, adjusted
    apart = outcome.sesoi is not None and abs(first.estimate - second.estimate) > outcome.sesoi
    judged = bool(first.verdict) and bool(second.verdict)
    if not apart and not (judged and first.verdict != second.verdict):
        return rows, adjusted
    marked = [replace(row, note=note(row.note, "bracketing")) for row in (first, second)]
    return [marked[0], *rows[1:]], [marked[1], *adjusted[1:]]


def _standardised(sample: Sample, base: Estimate) -> Estimate:
    """Difference of the changes over the pooled SD before, with the small-sample factor.

    c (D_T - D_C) / s with c = 1 - 3 / (4 (n_T + n_C - 2) - 1). Morris (2008)
    doi:10.1177/1094428106291059. Described: no interval that knows the towns belongs to it.
    """
    n, m = sample.sizes
    squares = sum(
        float(((sample.pre[side] - sample.pre[side].mean()) ** 2).sum())
        for side in (sample.arm, ~sample.arm)
    )
    spread = float(np.sqrt(squares / (n + m - 2)))
    row = replace(base, method="d_ppc2", unit="sd", status="descriptive")
    if spread <= 1e-12 * max(1.0, _size(sample)):
        return replace(row, status="not_estimable", note=note("no_variation", base.note))
    factor = 1 - 3 / (4 * (n + m - 2) - 1)
    return replace(
        row,
        estimate=factor * _person_difference(sample) / spread,
        note=note(with_value("sd_pre_pooled", spread), base.note),
    )


def _town_person_differ(sample: Sample, fit: Fit) -> str:
    sesoi = sample.outcome.sesoi
    if sesoi is None or fit.estimate is None:
        return ""
    apart = abs(fit.estimate - _person_difference(sample)) > sesoi / 2
    return "town_person_differ" if apart else ""


def _person_difference(sample: Sample) -> float:
    return float(sample.change[sample.arm].mean() - sample.change[~sample.arm].mean())


def _beside(row: Estimate) -> Estimate:
    return replace(row, note=note("beside", row.note))


def _held(grade: Grade) -> tuple[str, ...]:
    """Reasons for the grade that are not said by the row's own status."""
    told = ("baseline_difference", "loss_outside_boundary")
    return tuple(reason for reason in grade.reasons if reason.startswith(told))


def _towns(town: Array) -> int:
    return len(np.unique(town[town >= 0]))


def _size(sample: Sample) -> float:
    return float(max(np.abs(sample.pre).max(), np.abs(sample.post).max()))
