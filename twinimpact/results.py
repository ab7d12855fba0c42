"""The long results table: one row per number, computed once for all partnerships.

Every figure, table and sentence of every report is drawn from this table, after it has
passed the disclosure gate here. What was measured before the gate stays in memory only.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from twinimpact.evaluation import Evaluation
from twinimpact.impact import assess
from twinimpact.instruments import Catalogue
from twinimpact.measures import measure_all
from twinimpact.privacy import DisclosureRules, apply_disclosure
from twinimpact.problems import Problem
from twinimpact.schema import concat_results
from twinimpact.workspace import Snapshot

SORT = (
    "partnership", "outcome", "estimand", "method", "unit", "wave", "arm", "town", "dimension",
    "group",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """The results of one snapshot, after the disclosure gate.

    Parameters
    ----------
    table
        ``schema.RESULT_COLUMNS``; rows that may not be shown have status ``suppressed``.
    withheld
        What was withheld and why, without the numbers.
    as_of
        The day the results are true for.
    problems
        Faults found while scoring.
    """

    table: pd.DataFrame
    withheld: tuple[Mapping[str, Any], ...]
    as_of: dt.date
    problems: tuple[Problem, ...]


def build_results(snapshot: Snapshot, evaluation: Evaluation, catalogue: Catalogue) -> Results:
    """Measure and assess everything in a snapshot, then apply the disclosure gate.

    Parameters
    ----------
    snapshot
        Frozen state of the data.
    evaluation
        Waves, design and disclosure thresholds.
    catalogue
        Instruments the answers belong to.
    """
    as_of = evaluation.evaluation.as_of or latest_date(snapshot)
    design, smallest = evaluation.design, evaluation.privacy.disclosure.k_answers
    measured, scores = measure_all(
        snapshot, catalogue, as_of, design.conf_level, wave_pairs(evaluation), smallest
    )
    assessed = assess(
        snapshot.frame("responses"),
        scores,
        catalogue,
        design,
        snapshot.frame("partnerships"),
        smallest,
    )
    table = concat_results([measured, assessed]).assign(as_of=as_of.isoformat())
    table = table.sort_values(list(SORT), kind="stable", ignore_index=True)
    gated = apply_disclosure(table, disclosure_rules(evaluation))
    return Results(
        table=gated.results,
        withheld=tuple(gated.withheld),
        as_of=as_of,
        problems=tuple(scores.problems),
    )


def disclosure_rules(evaluation: Evaluation) -> DisclosureRules:
    """Thresholds of an evaluation, with the names its waves have."""
    settings, design = evaluation.privacy.disclosure, evaluation.design
    waves = {"pre": design.before, "post": design.after, "followup": design.follow_up}
    return DisclosureRules(
        k_answers=settings.k_answers,
        k_counts=settings.k_counts,
        k_minors=settings.k_minors,
        waves={role: wave for role, wave in waves.items() if wave},
        programme_without_small=True,  # what is measured above leaves small partnerships out
    )


def wave_pairs(evaluation: Evaluation) -> list[tuple[str, str]]:
    """Earlier and later waves whose people are linked; none when each wave asked other people."""
    design = evaluation.design
    if not design.linked or not design.before or not design.after:
        return []
    pairs = [(design.before, design.after)]
    if design.follow_up:
        pairs += [(design.before, design.follow_up), (design.after, design.follow_up)]
    return pairs


def latest_date(snapshot: Snapshot) -> dt.date:
    """The last day anything in the snapshot happened; no clock is asked.

    An empty workspace has no such day; the first day of 1970 then marks "no data".
    """
    days = []
    responses = pd.to_datetime(snapshot.frame("responses")["date"], errors="coerce")
    activities = snapshot.frame("activities")
    held = activities.loc[activities["status"] == "held", ["start_date", "end_date"]]
    for column in (responses, *(pd.to_datetime(held[name], errors="coerce") for name in held)):
        if column.notna().any():
            days.append(column.max().date())
    return max(days, default=dt.date(1970, 1, 1))
