"""Rows of a mean change in one group of people, by the number of their towns."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from twinimpact.impact.clusters import cr2, mean_of_towns, town_means
from twinimpact.impact.estimate import Estimate
from twinimpact.impact.filled import filled as from_fit
from twinimpact.impact.finding import verdict
from twinimpact.impact.inputs import Columns
from twinimpact.impact.intervals import Fit, t_fit
from twinimpact.impact.notes import note

Array = np.ndarray[Any, Any]
FEWEST = 10
"""Below this many people a number is described only."""
FIRM = 30
"""From this many people on an interval is no longer called indicative."""
FEWEST_TOWNS = 3
"""From this many towns on the mean over towns is the main row."""


def filled(base: Estimate, fit: Fit, level: float, *codes: str) -> Estimate:
    """A row from a fit, with its verdict; two towns are described, not refused."""
    row = from_fit(base, fit, level, *codes)
    status = "descriptive" if fit.reason == "too_few_towns" else row.status
    judged = verdict(fit.conf_low, fit.conf_high, None, base.direction)
    return replace(row, status=status, verdict=judged)


def mean_fit(changes: Array, level: float) -> Fit:
    """Mean over people with t(n - 1); null hypothesis: the mean is zero."""
    n = len(changes)
    if n < 2:
        return Fit(reason="one_person" if n else "no_data")
    mean = float(changes.mean())
    scale = float(np.abs(changes).max())
    return t_fit(mean, float(changes.std(ddof=1)) / math.sqrt(n), n - 1, level, scale)


def size_code(n: int) -> str:
    """``indicative`` for 10 to 29 people."""
    return "indicative" if FEWEST <= n < FIRM else ""


def towns_of(columns: Columns, cluster: str) -> tuple[Array | None, tuple[str, ...]]:
    """Town number of each row and the names of the towns; None when no towns are named."""
    return (columns.codes[cluster], columns.labels[cluster]) if cluster else (None, ())


def person_row(base: Estimate, changes: Array, level: float, *codes: str) -> Estimate:
    """The mean over people; below ten people it is described without an interval."""
    base = replace(base, n=len(changes))
    if 2 <= len(changes) < FEWEST:
        told = note(*codes, base.note)
        mean = float(changes.mean())
        return replace(base, estimate=mean, status="descriptive", note=told)
    return filled(base, mean_fit(changes, level), level, size_code(len(changes)), *codes)


def change_rows(
    base: Estimate, changes: Array, town: Array | None, names: Sequence[str], level: float
) -> list[Estimate]:
    """Rows of one mean change, the main one first.

    No towns named, or one: people. Two: each town, and the mean of both without an interval.
    Three or more: the mean over towns with t(a - 1), and beside it people with CR2 and people as
    if they lived in no town.

    Parameters
    ----------
    base
        Outcome, estimand and what else the rows share.
    changes
        One change per person, shape ``(people,)``.
    town, names
        Town number of each person and the names of the towns.
    level
        Confidence level.
    """
    base = replace(base, n=len(changes), clusters=len(names) if town is not None else None)
    if town is None or len(names) < 2:
        return [person_row(base, changes, level)]
    if len(names) < FEWEST_TOWNS:
        rows = [
            person_row(replace(base, town=name, clusters=1), changes[town == place], level)
            for place, name in enumerate(names)
        ]
        mean = float(changes.mean())
        told = note("too_few_towns", base.note)
        return [*rows, replace(base, estimate=mean, status="descriptive", note=told)]
    means = town_means(changes, town)[1]
    base = replace(base, note=note(size_code(len(changes)), base.note))
    over_towns = replace(base, method="town_mean_t")
    people = person_row(base, changes, level, "beside", "people_not_towns")
    if len(changes) < FEWEST:
        told = note("average_town", base.note)
        described = replace(
            over_towns, estimate=float(means.mean()), status="descriptive", note=told
        )
        return [described, people]
    robust = cr2(np.ones((len(changes), 1)), changes, town, 0, level)
    return [
        filled(over_towns, mean_of_towns(means, level), level, "average_town"),
        filled(replace(base, method="change_cr2"), robust, level, "beside", "average_person"),
        people,
    ]
