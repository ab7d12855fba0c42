"""Waves with different people, and single waves: described or compared, never followed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from twinimpact.impact.clusters import mean_of_towns, town_means
from twinimpact.impact.contrast import (
    BETWEEN_ARMS,
    FEWEST,
    TownValues,
    fitted,
    placebo_row,
    size_code,
    too_small,
    town_codes,
    town_fit,
    town_values,
)
from twinimpact.impact.design import Grade, comparison_grade, smd_before
from twinimpact.impact.estimate import Estimate
from twinimpact.impact.intervals import Fit, welch
from twinimpact.impact.left_out import left_out_code, stay
from twinimpact.impact.notes import note
from twinimpact.impact.sample import Outcome, People
from twinimpact.impact.towns import Layout, layout, layout_among, single_town_note
from twinimpact.schema import PROGRAMME

Array = np.ndarray[Any, Any]
OVER_TIME = "post-pre|cross-section"
SINGLE_ARMS = "participant-comparison|single"
SINGLE_TOWN = "mean|single"
SINGLE_TOWNS = "town-town|single"


def unlinked_rows(
    people: People, partnership: str, level: float, smallest: int = 0
) -> tuple[list[Estimate], list[tuple[Outcome, Grade]]]:
    """X05: change between waves whose people differ or could not be matched.

    Participants by Welch, as if people were independent; in two towns also each by itself; from
    three towns on also as town differences. With comparison people the town-by-wave difference
    of differences, by the rule for few towns. A partnership with fewer than ``smallest`` people
    of an arm in one of the two waves is left out of that arm.

    Returns
    -------
    tuple
        The rows, and each outcome with the grade of its difference between arms.
    """
    rows: list[Estimate] = []
    grades = []
    for position, outcome in enumerate(people.outcomes):
        base = Estimate(
            outcome=outcome.scale,
            estimand=OVER_TIME,
            method="welch",
            grade=1,
            note="unlinked",
            partnership=partnership,
            unit=outcome.unit,
            direction=outcome.direction,
        )
        side = people.where(people.arm)
        before, after = _waves(side, position)
        if not len(before) and not len(after):
            continue
        kept = stay(side, _scored(side, position), smallest)
        side = side.where(kept.inside)
        base = replace(base, note=note(base.note, left_out_code(kept.participant)))
        everybody = _over_time(side, position, base, level)
        towns = list(_towns_over_time(side, position, base, level))
        if any(row.method == "town_mean_t" for row in towns):
            everybody = replace(everybody, note=note("beside", everybody.note))
        rows += [everybody, *towns]
        compared, grade = _between_arms(people, position, base, level, smallest)
        rows += compared
        if grade is not None:
            grades.append((outcome, grade))
    return rows, grades


def single_rows(
    people: People, partnership: str, role: str, level: float, smallest: int = 0
) -> list[Estimate]:
    """One wave: towns described, arms compared without causal meaning.

    Levels of different towns or languages are not shown to be comparable, so differences between
    towns are neither tested nor given an interval. A partnership enters an arm of the programme
    with at least ``smallest`` people.
    """
    rows: list[Estimate] = []
    for position, outcome in enumerate(people.outcomes):
        scores = people.scores[role][:, position]
        scored = ~np.isnan(scores)
        kept = stay(people, [scored], smallest, _placed(people, scored))
        one = people.where(scored & kept.inside)
        values = scores[scored & kept.inside]
        base = Estimate(
            outcome=outcome.scale,
            estimand=SINGLE_ARMS,
            method="welch",
            grade=0,
            partnership=partnership,
            wave=people.waves[role],
            unit=outcome.unit,
            direction=outcome.direction,
        )
        if partnership != PROGRAMME:
            rows += _town_levels(values[one.arm], one.where(one.arm), base)
        if (scored & people.arm).any() and (scored & ~people.arm).any():
            missing = int((people.present[role] & kept.inside).sum()) - len(values)
            told = left_out_code(kept.either)
            rows += _arms(values, one, replace(base, grade=1, missing=missing, note=told), level)
    return rows


def _placed(people: People, scored: Array) -> Callable[[Array], Array]:
    """Of a mask of people, those with a score who live in towns that can be compared."""
    return lambda inside: layout_among(scored & inside, people.arm, people.town)[0]


def _over_time(side: People, position: int, base: Estimate, level: float) -> Estimate:
    outcome = side.outcomes[position]
    before, after = _waves(side, position)
    everyone = int((side.present["pre"]).sum() + side.present["post"].sum())
    n = len(before) + len(after)
    scored = ~np.isnan(side.scores["pre"][:, position]) | ~np.isnan(
        side.scores["post"][:, position]
    )
    towns = len(np.unique(side.town[scored & (side.town >= 0)]))
    row = replace(base, n=n, clusters=towns, missing=everyone - n, arm="participant")
    smallest = min(len(before), len(after))
    if smallest < FEWEST:
        code = "no_data" if smallest == 0 else f"arm_below_10:{smallest}"
        status = "not_estimable" if smallest == 0 else "descriptive"
        return replace(row, status=status, note=note(code, base.note))
    several = "people_not_towns" if towns > 1 else ""
    codes = (size_code(smallest), several)
    return fitted(row, welch(after, before, level), outcome, level, *codes)


def _towns_over_time(
    side: People, position: int, base: Estimate, level: float
) -> Iterator[Estimate]:
    """Two towns: each by itself. Three or more: the mean of the town differences, t(a - 1)."""
    cells = _both_waves(side, position)
    if len(cells) == 2:
        parts = [(town, side.where(side.town == town)) for town in cells]
        if all(min(len(w) for w in _waves(part, position)) >= FEWEST for _, part in parts):
            for town, part in parts:
                row = _over_time(part, position, base, level)
                yield replace(row, town=side.towns[town])
    if len(cells) >= 3:
        used = side.where(np.isin(side.town, cells))
        sizes = tuple(len(w) for w in _waves(used, position))
        dropped = int((side.town < 0).sum())
        row = replace(
            base, method="town_mean_t", arm="participant", n=sum(sizes), clusters=len(cells)
        )
        codes = ("average_town", f"town_missing:{dropped}" if dropped else "")
        if min(sizes) < FEWEST:
            few = note(f"arm_below_10:{min(sizes)}", base.note)
            yield replace(row, status="descriptive", note=few)
            return
        change = _town_change(used, position)
        fit = mean_of_towns(change, level)
        yield fitted(row, fit, side.outcomes[position], level, size_code(*sizes), *codes)


def _between_arms(
    people: People, position: int, base: Estimate, level: float, smallest: int
) -> tuple[list[Estimate], Grade | None]:
    """Difference of the differences over time, on town-by-wave means."""
    if not (people.present["pre"] & ~people.arm).any():
        return [], None
    if not (people.present["post"] & ~people.arm).any():
        return [], None
    kept = stay(
        people,
        _scored(people, position),
        smallest,
        lambda inside: _comparable(people, position, inside)[0],
    )
    stays, place = _comparable(people, position, kept.inside)
    used, people = people.where(stays), people.where(kept.inside)
    before, after = used.scores["pre"][:, position], used.scores["post"][:, position]
    there = ~np.isnan(before)
    smd = smd_before(before[there], used.arm[there])
    grade = comparison_grade(place, smd, None, paired=False)
    n = int(there.sum() + (~np.isnan(after)).sum())
    present = int(people.present["pre"].sum() + people.present["post"].sum())
    row = replace(
        base,
        estimand=BETWEEN_ARMS,
        method="town_mean_t",
        n=n,
        clusters=place.towns,
        missing=present - n,
        grade=grade.level,
        note=note(
            "unlinked",
            single_town_note(used.arm, used.town, place),
            *place.notes,
            left_out_code(kept.either),
        ),
    )
    cells = [(wave, arm) for wave in (before, after) for arm in (used.arm, ~used.arm)]
    sizes = [int((~np.isnan(wave) & arm).sum()) for wave, arm in cells]
    if min(sizes) < FEWEST:
        # an arm that was left out altogether says nothing about the design
        graded = grade if min(sizes) or not kept.either else None
        return [too_small(row, min(sizes), place)], graded
    values = TownValues(
        participant=_town_change(used.where(used.arm), position),
        comparison=_town_change(used.where(~used.arm), position),
    )
    return _contrast_rows(row, values, place, used.outcomes[position], level, sizes), grade


def _comparable(people: People, position: int, inside: Array) -> tuple[Array, Layout]:
    """Who lives in a town with both waves and can be compared, and where they live."""
    cell = np.where(inside & (people.town >= 0), 2 * people.town + people.arm, -1)
    side = replace(people, town=cell)
    chosen = np.isin(cell, _both_waves(side, position))
    return layout_among(chosen, people.arm, cell)


def _contrast_rows(
    row: Estimate,
    values: TownValues,
    place: Layout,
    outcome: Outcome,
    level: float,
    sizes: list[int],
) -> list[Estimate]:
    row = replace(row, note=note(size_code(*sizes), row.note))
    fit = town_fit(values, place, level)
    rows = [fitted(row, fit, outcome, level, *town_codes(place))]
    if place.rule == "one_town":
        rows.append(placebo_row(row, values, level))
    return rows


def _arms(values: Array, one: People, base: Estimate, level: float) -> list[Estimate]:
    """Participants against others in one wave, by the rule for few towns."""
    place = layout(one.arm, one.town)
    kept = one.where(place.keep)
    values = values[place.keep]
    sizes = [int(kept.arm.sum()), int((~kept.arm).sum())]
    method = "welch" if place.rule == "unknown" else "town_mean_t"
    row = replace(
        base,
        method=method,
        n=len(values),
        clusters=place.towns,
        note=note(single_town_note(kept.arm, kept.town, place), *place.notes, base.note),
    )
    outcome = one.outcomes[[o.scale for o in one.outcomes].index(base.outcome)]
    if min(sizes) < FEWEST:
        return [too_small(row, min(sizes), place)]
    if place.rule == "unknown":
        estimate = float(values[kept.arm].mean() - values[~kept.arm].mean())
        fit = Fit(estimate=estimate, reason="not_tested")
        return [fitted(row, fit, outcome, level, "town_missing")]
    found = town_values(values, kept.arm, kept.town)
    return _contrast_rows(row, found, place, outcome, level, sizes)


def _town_levels(values: Array, side: People, base: Estimate) -> Iterator[Estimate]:
    """Mean of each town, as long as no smaller town could be worked out from the others."""
    towns, sizes = np.unique(side.town[side.town >= 0], return_counts=True)
    large = towns[sizes >= FEWEST]
    rest = len(values) - int(np.isin(side.town, large).sum())
    if len(towns) < 2 or 0 < rest < FEWEST:
        return
    means = []
    for town in large:
        here = values[side.town == town]
        means.append(float(here.mean()))
        yield replace(
            base,
            estimand=SINGLE_TOWN,
            method="describe",
            arm="participant",
            town=side.towns[town],
            estimate=means[-1],
            n=len(here),
            clusters=1,
            note="levels_not_comparable",
        )
    if len(large) == 2 == len(towns):
        yield replace(
            base,
            estimand=SINGLE_TOWNS,
            method="describe",
            arm="participant",
            dimension="town",
            group="-".join(side.towns[town] for town in large),
            estimate=means[0] - means[1],
            n=int(np.isin(side.town, large).sum()),
            clusters=2,
            status="descriptive",
            note="not_tested;levels_not_comparable",
        )


def _scored(side: People, position: int) -> list[Array]:
    """Who has a score before, and who has one after."""
    return [~np.isnan(side.scores[role][:, position]) for role in ("pre", "post")]


def _waves(side: People, position: int) -> tuple[Array, Array]:
    """Scores before and after; the people of the two differ."""
    before, after = (side.scores[role][:, position] for role in ("pre", "post"))
    return before[~np.isnan(before)], after[~np.isnan(after)]


def _both_waves(side: People, position: int) -> Array:
    """Towns (or cells) with scores in both waves."""
    known = side.town >= 0
    before, after = (
        side.town[known & ~np.isnan(side.scores[role][:, position])] for role in ("pre", "post")
    )
    return np.asarray(np.intersect1d(before, after))


def _town_change(side: People, position: int) -> Array:
    """Mean after minus mean before of each town, towns in order of their number."""
    means = []
    for role in ("pre", "post"):
        scores = side.scores[role][:, position]
        there = ~np.isnan(scores)
        means.append(town_means(scores[there], side.town[there])[1])
    return means[1] - means[0]
