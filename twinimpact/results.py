"""The long results table: one row per number, computed once for all partnerships.

Every figure, table and sentence of every report is drawn from this table, after it has
passed the disclosure gate here. What was measured before the gate stays in memory only.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from twinimpact.evaluation import Evaluation
from twinimpact.impact import assess, grade_evidence, pooled_rows
from twinimpact.instruments import Catalogue
from twinimpact.measures import (
    CONSENSUS,
    Flags,
    IndicatorRule,
    MeasureSettings,
    Outside,
    Scores,
    benchmark_rows,
    benchmarks,
    exact_persons,
    flag_responses,
    flag_rows,
    measure_all,
    target_rows,
    weighted_rows,
)
from twinimpact.privacy import DisclosureRules, apply_disclosure
from twinimpact.problems import Problem
from twinimpact.schema import concat_results, result_frame
from twinimpact.workspace import Snapshot

HEADLINE = ("paired_t", "town_mean_t")
"""Methods of the main rows about change."""
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
    grades
        Steps of the evidence grades (``impact.evidence.STEP_COLUMNS``).
    """

    table: pd.DataFrame
    withheld: tuple[Mapping[str, Any], ...]
    as_of: dt.date
    problems: tuple[Problem, ...]
    grades: pd.DataFrame


def build_results(
    snapshot: Snapshot,
    evaluation: Evaluation,
    catalogue: Catalogue,
    outside: Outside | None = None,
) -> Results:
    """Measure and assess everything in a snapshot, then apply the disclosure gate.

    Parameters
    ----------
    snapshot
        Frozen state of the data.
    evaluation
        Waves, design and disclosure thresholds.
    catalogue
        Instruments the answers belong to.
    outside
        Figures from outside, funding calls, and the questions behind indicators of answers.
    """
    outside = outside or Outside()
    as_of = evaluation.evaluation.as_of or latest_date(snapshot)
    table, scores = _before_the_gate(snapshot, evaluation, catalogue, as_of, outside)
    table = table.sort_values(list(SORT), kind="stable", ignore_index=True)
    gated = apply_disclosure(table, disclosure_rules(evaluation, catalogue, outside.rules))
    shown = gated.results
    beside = [
        target_rows(shown, snapshot.frame("targets"), outside.rules),
        benchmark_rows(shown, benchmarks()),
        pooled_rows(
            shown,
            {outcome.scale: outcome.sesoi for outcome in evaluation.design.outcomes},
            evaluation.design.conf_level,
        ),
    ]
    table = concat_results([shown, *beside])
    design = evaluation.design
    graded = grade_evidence(
        table,
        scales=graded_scales(evaluation, catalogue),
        waves=(design.before or "", design.after or ""),
        linked=design.linked,
    )
    return Results(
        table=concat_results([table, graded.rows]).assign(as_of=as_of.isoformat()),
        withheld=tuple(gated.withheld),
        as_of=as_of,
        problems=tuple(scores.problems),
        grades=graded.grades,
    )


def _before_the_gate(
    snapshot: Snapshot,
    evaluation: Evaluation,
    catalogue: Catalogue,
    as_of: dt.date,
    outside: Outside,
) -> tuple[pd.DataFrame, Scores]:
    """Every number there is, also those that may not be shown."""
    design, smallest = evaluation.design, evaluation.privacy.disclosure.k_answers
    responses = snapshot.frame("responses")
    settings = MeasureSettings(
        conf_level=design.conf_level,
        wave_pairs=wave_pairs(evaluation),
        smallest=smallest,
        outside=outside,
    )
    measured, scores = measure_all(snapshot, catalogue, as_of, settings)
    register = snapshot.frame("partnerships")
    assessed = assess(responses, scores, catalogue, design, register, smallest)
    windows = {wave.id: (wave.start, wave.end) for wave in evaluation.waves}
    flags = flag_responses(responses, catalogue, windows)
    weighted = weighted_rows(
        responses, scores, catalogue, evaluation.weights, design.conf_level, smallest
    )
    again = sensitivity(snapshot, scores, catalogue, evaluation, (assessed, flags))
    table = concat_results([measured, flag_rows(responses, flags), assessed, weighted, *again])
    return table.assign(as_of=as_of.isoformat()), scores


def sensitivity(
    snapshot: Snapshot,
    scores: Scores,
    catalogue: Catalogue,
    evaluation: Evaluation,
    done: tuple[pd.DataFrame, Flags],
) -> list[pd.DataFrame]:
    """The change of the main outcomes once more, for fewer people.

    ``post-pre|exact_links`` links people by tokens and equal codes only; ``post-pre|unflagged``
    leaves out questionnaires marked as careless. Main outcomes are the primary ones, or all
    where none is primary. Beside each stands ``...|shift`` without a number: ``group`` is
    ``same`` when the change moves by less than half its standard error and its verdict stays,
    else ``moves``. It can be said where the number itself may not be shown.

    Parameters
    ----------
    done
        Rows of ``assess`` for everybody, and the flags.
    """
    assessed, flags = done
    design, smallest = evaluation.design, evaluation.privacy.disclosure.k_answers
    primary = tuple(one for one in design.outcomes if one.role == "primary")
    if not design.linked or not design.before or not design.after:
        return []
    design = design.model_copy(update={"outcomes": primary or design.outcomes})
    responses = snapshot.frame("responses")
    exact = responses.assign(person=exact_persons(responses, snapshot.frame("links")))
    kept = ~flags.raised[CONSENSUS].to_numpy()
    tables = []
    for name, rows, points in (
        ("exact_links", exact, scores.points),
        ("unflagged", responses[kept], scores.points[kept]),
    ):
        again = assess(
            rows,
            replace(scores, points=points),
            catalogue,
            design,
            snapshot.frame("partnerships"),
            smallest,
        )
        tables += _again_rows(assessed, again, name)
    return tables


def _again_rows(assessed: pd.DataFrame, again: pd.DataFrame, name: str) -> list[pd.DataFrame]:
    """The main rows for fewer people, and beside each whether it says the same."""
    keys = ["outcome", "partnership", "method", "arm"]
    headline, found = (
        table[
            table["estimand"].eq("post-pre")
            & table["method"].isin(HEADLINE)
            & table["town"].eq("")
            & table["outcome"].isin(set(again["outcome"]))
        ].set_index(keys, drop=False)
        for table in (assessed, again)
    )
    code = f"{name}_only" if name == "exact_links" else "without_flagged"
    notes = [f"{text};{code}" if text else code for text in found["note"]]
    other = found[["estimate", "verdict"]].add_suffix("_again")
    pairs = headline.join(other, how="inner")
    pairs = pairs[pairs["status"].eq("ok") & pairs["estimate_again"].notna()]
    moved = (pairs["estimate_again"] - pairs["estimate"]).abs() >= pairs["std_error"] / 2
    same = ~moved & pairs["verdict"].eq(pairs["verdict_again"])
    shift = pairs[keys].assign(
        estimand=f"post-pre|{name}|shift",
        unit="class",
        note=code,
        group=same.map({True: "same", False: "moves"}),
    )
    found = found.assign(estimand=f"post-pre|{name}", note=notes).reset_index(drop=True)
    rows = ({str(k): v for k, v in row.items()} for row in shift.to_dict(orient="records"))
    return [found, result_frame(rows)]


def made_of(catalogue: Catalogue, rules: Sequence[IndicatorRule]) -> dict[str, tuple[str, ...]]:
    """The scales and items behind each indicator that is more than one scale's mean."""
    found: dict[str, tuple[str, ...]] = {}
    for rule in rules:
        if not rule.is_scale:
            scales = [s.id for s in catalogue.scales.values() if set(s.items) & set(rule.items)]
            found[rule.id] = (*found.get(rule.id, ()), *rule.scales, *rule.items, *scales)
    return found


def graded_scales(evaluation: Evaluation, catalogue: Catalogue) -> dict[str, float | None]:
    """Scales the evidence grade speaks for: the primary outcomes, or all where none is primary."""
    planned = evaluation.design.outcomes
    if not planned:
        roles = {name: scale.role for name, scale in catalogue.scales.items()}
        return {name: None for name, role in roles.items() if role != "descriptive"}
    primary = [one for one in planned if one.role == "primary"]
    kept = primary or [one for one in planned if one.role != "descriptive"]
    return {one.scale: one.sesoi for one in kept}


def disclosure_rules(
    evaluation: Evaluation, catalogue: Catalogue, rules: Sequence[IndicatorRule] = ()
) -> DisclosureRules:
    """Thresholds of an evaluation, with its waves and the items of the scales."""
    settings, design = evaluation.privacy.disclosure, evaluation.design
    waves = {"pre": design.before, "post": design.after, "followup": design.follow_up}
    return DisclosureRules(
        k_answers=settings.k_answers,
        k_counts=settings.k_counts,
        k_minors=settings.k_minors,
        waves={role: wave for role, wave in waves.items() if wave},
        wave_order=tuple(wave.id for wave in evaluation.waves),
        scale_items={scale.id: scale.items for scale in catalogue.scales.values()},
        made_of=made_of(catalogue, rules),
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
