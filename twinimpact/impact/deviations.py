"""The automatic table of deviations: what was planned beside what was done."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pandas as pd

from twinimpact.evaluation.plan import PlannedEstimand, PlannedOutcome, PlanRecord, confirmatory
from twinimpact.evaluation.plan.models import not_planned
from twinimpact.impact.planned import planned_rows

if TYPE_CHECKING:
    from twinimpact.evaluation import Design

EXPLORATORY, NONE = "exploratory", "none"
LOOKS = {"fill_ins": ("fill_in",), "lee": ("lee",), "response_weights": ("response_weighted",)}
"""Planned look at missing answers to the methods that carry it out."""
DONE = ("ok", "descriptive")


@dataclass(frozen=True, slots=True, kw_only=True)
class Deviation:
    """One row of the table.

    ``planned`` and ``executed`` hold a value as it was written, a status of the results table, or
    one of the words ``not_planned``, ``none``, ``not_run``, ``not_checked``, ``in_time``,
    ``too_late``, ``date_unknown``, ``changed_later``. ``consequence`` is ``exploratory`` or
    ``none``.
    """

    item: str
    planned: str
    executed: str
    consequence: str = NONE
    reason: str = ""


def deviations(
    record: PlanRecord, design: Design, results: pd.DataFrame, first_post: dt.date | None
) -> tuple[Deviation, ...]:
    """Compare a plan with what ran.

    Parameters
    ----------
    record
        The plan and its versions.
    design
        Settings the evaluation ran with.
    results
        A results table that has passed the disclosure gate.
    first_post
        Day of the first answer of the later wave.

    Returns
    -------
    tuple of Deviation
        In the order of the plan; keys the plan leaves out come last, as ``not_planned``, those
        for which nothing was done together in one row.
    """
    found = [
        *_timing(record, first_post),
        *_design(record, design, results),
        *_settings(record, design),
        *_outcomes(record, design, results),
        *_estimands(record, results, first_post),
        *_further(record, results),
        *_gaps(record, design, results),
    ]
    reasons = {one.item: one.reason for one in record.plan.deviations}
    return tuple(replace(one, reason=reasons.get(one.item, "")) for one in found)


def _gaps(record: PlanRecord, design: Design, results: pd.DataFrame) -> list[Deviation]:
    """Keys the plan leaves out, with what was done instead: the settings, else the default."""
    level = design.conf_level
    done: dict[str, object] = {
        "alpha": round(1 - level, 10),
        "conf_level": level,
        "equivalence_level": level,
        "waves": tuple(w for w in (design.before, design.after, design.follow_up) if w),
        "design.type": _labels(results),
        "arms.comparison": design.comparison_arms,
    }
    for one in design.outcomes:
        done[f"outcomes.{one.scale}.role"] = one.role
        done[f"outcomes.{one.scale}.sesoi"] = one.sesoi
        done[f"outcomes.{one.scale}.mic"] = one.sesoi
    gaps = [(name, _text(done.get(name, value))) for name, value in not_planned(record.plan)]
    found = [
        Deviation(item=name, planned="not_planned", executed=text)
        for name, text in gaps
        if text != "none"
    ]
    empty = [name for name, text in gaps if text == "none"]
    if empty:
        found.append(Deviation(item=", ".join(empty), planned="not_planned", executed="none"))
    return found


def _labels(results: pd.DataFrame) -> tuple[str, ...]:
    """Designs that ran."""
    ran = results.loc[results["outcome"].eq("Q07") & results["status"].eq("ok"), "estimand"]
    return tuple(sorted(set(ran)))


def _timing(record: PlanRecord, first_post: dt.date | None) -> Iterator[Deviation]:
    days = [one.since for one in record.versions if one.since is not None]
    planned = min(days).isoformat() if days else "not_planned"
    if first_post is None:
        yield Deviation(
            item="date", planned=planned, executed="date_unknown", consequence=EXPLORATORY
        )
    elif not days or min(days) >= first_post:
        yield Deviation(item="date", planned=planned, executed="too_late", consequence=EXPLORATORY)
    if len(record.versions) > 1:
        yield Deviation(item="plan_version", planned="1", executed=str(len(record.versions)))


def _design(record: PlanRecord, design: Design, results: pd.DataFrame) -> Iterator[Deviation]:
    plan = record.plan
    labels = _labels(results)
    if plan.design.type is not None and labels != (plan.design.type,):
        yield Deviation(item="design.type", planned=plan.design.type, executed=_text(labels))
    if plan.design.mechanism != "none":
        # assignment is not read from the data yet: nothing is analysed as assigned
        yield Deviation(
            item="design.mechanism", planned=plan.design.mechanism, executed="not_checked"
        )
    roles = {"pre": design.before, "post": design.after, "followup": design.follow_up}
    used = {role: wave for role, wave in roles.items() if wave}
    if "waves" in plan.model_fields_set and set(plan.waves) not in (
        set(used),
        set(used.values()),
    ):
        yield Deviation(
            item="waves", planned=_text(plan.waves), executed=_text(tuple(used.values()))
        )
    arms = set(plan.arms.comparison) - {"comparison"}
    if arms and arms != set(design.comparison_arms):
        yield Deviation(
            item="arms.comparison",
            planned=_text(plan.arms.comparison),
            executed=_text(design.comparison_arms),
        )


def _settings(record: PlanRecord, design: Design) -> Iterator[Deviation]:
    plan = record.plan
    for name, planned, executed in (
        ("alpha", plan.alpha, round(1 - design.conf_level, 10)),
        ("conf_level", plan.conf_level, design.conf_level),
        ("equivalence_level", plan.equivalence_level, design.conf_level),
    ):
        if planned != executed and name in plan.model_fields_set:
            yield Deviation(item=name, planned=f"{planned:g}", executed=f"{executed:g}")
    if plan.sides != "two":
        yield Deviation(item="sides", planned=plan.sides, executed="two")
    if "town" not in plan.clusters:
        yield Deviation(item="clusters", planned=_text(plan.clusters), executed="town")
    if plan.covariates:
        yield Deviation(item="covariates", planned=_text(plan.covariates), executed="none")
    if plan.missing.primary != "complete":
        yield Deviation(item="missing.primary", planned=plan.missing.primary, executed="complete")


def _outcomes(record: PlanRecord, design: Design, results: pd.DataFrame) -> Iterator[Deviation]:
    set_up = {one.scale: one for one in design.outcomes}
    shown = results[results["status"].isin(DONE)]
    for planned in record.plan.outcomes:
        name = f"outcomes.{planned.name}"
        own = shown[shown["outcome"].eq(planned.name)]
        if own.empty:
            there = results["outcome"].eq(planned.name).any()
            state = "suppressed" if there else "not_run"
            yield Deviation(item=name, planned=planned.role, executed=state)
            continue
        ran = set_up.get(planned.name)
        stated = "role" in planned.model_fields_set
        if stated and ran is not None and ran.role != planned.role:
            yield Deviation(item=f"{name}.role", planned=planned.role, executed=ran.role)
        yield from _sizes(name, planned, None if ran is None else ran.sesoi)
        turned = set(own["direction"]) - {"", planned.higher_is}
        if turned:
            yield Deviation(
                item=f"{name}.higher_is", planned=planned.higher_is, executed=_text(sorted(turned))
            )
    known = {one.name for one in record.plan.outcomes}
    for scale, one in set_up.items():
        if scale not in known and one.role in ("primary", "secondary"):
            yield Deviation(
                item=f"outcomes.{scale}",
                planned="not_planned",
                executed=one.role,
                consequence=EXPLORATORY,
            )


def _sizes(name: str, planned: PlannedOutcome, sesoi: float | None) -> Iterator[Deviation]:
    executed = "none" if sesoi is None else f"{sesoi:g}"
    if planned.sesoi is not None and planned.sesoi != sesoi:
        yield Deviation(item=f"{name}.sesoi", planned=f"{planned.sesoi:g}", executed=executed)
    if planned.mic is not None and planned.mic != sesoi:
        # who counts as improved is told by the smallest size worth having, else half an SD
        yield Deviation(item=f"{name}.mic", planned=f"{planned.mic:g}", executed=executed)


def _estimands(
    record: PlanRecord, results: pd.DataFrame, first_post: dt.date | None
) -> Iterator[Deviation]:
    for planned in record.plan.estimands:
        rows = results[planned_rows(results, planned)]
        item = f"estimands.{planned.id}"
        what = _what(planned)
        if not rows["status"].isin(DONE).any():
            states = ", ".join(sorted(set(rows["status"])))
            yield Deviation(item=item, planned=what, executed=states or "not_run")
        if confirmatory(record, planned.id, planned.outcome, first_post):
            continue
        early = any(
            version.plan is not None
            and version.since is not None
            and first_post is not None
            and version.since < first_post
            and any(one.id == planned.id for one in version.plan.estimands)
            for version in record.versions
        )
        late = "date_unknown" if first_post is None else "changed_later" if early else "too_late"
        yield Deviation(
            item=f"{item}.date", planned="in_time", executed=late, consequence=EXPLORATORY
        )


def _further(record: PlanRecord, results: pd.DataFrame) -> Iterator[Deviation]:
    plan = record.plan
    for look in plan.missing.sensitivity:
        if not results["method"].isin(LOOKS[look]).any():
            yield Deviation(item="missing.sensitivity", planned=look, executed="not_run")
    for family in plan.families:
        rows = results[results["outcome"].isin(family.outcomes) & results["confirmatory"]]
        adjusted = bool(rows["p_adjusted"].notna().any())
        if family.method != "none" and len(family.outcomes) > 1 and not adjusted:
            yield Deviation(item=f"families.{family.name}", planned=family.method, executed="none")
    for subgroup in plan.subgroups:
        if not results["dimension"].eq(subgroup.variable).any():
            yield Deviation(
                item=f"subgroups.{subgroup.variable}", planned="subgroup", executed="not_run"
            )
        elif subgroup.confirmatory:
            yield Deviation(
                item=f"subgroups.{subgroup.variable}",
                planned="confirmatory",
                executed="exploratory",
                consequence=EXPLORATORY,
            )
    for number, text in enumerate(plan.exclusions, 1):
        yield Deviation(item=f"exclusions.{number}", planned=text, executed="not_checked")


def _what(planned: PlannedEstimand) -> str:
    parts = (planned.outcome, planned.contrast, planned.between, planned.model)
    return " | ".join(part for part in parts if part)


def _text(value: object) -> str:
    """A value as it could stand in the plan."""
    if value is None or value in ("", (), []):
        return "none"
    if isinstance(value, dict):
        return ", ".join(f"{name} {_text(one)}" for name, one in value.items())
    if isinstance(value, str | int | float):
        return f"{value:g}" if isinstance(value, float) else str(value)
    return ", ".join(map(str, value)) if isinstance(value, tuple | list) else str(value)
