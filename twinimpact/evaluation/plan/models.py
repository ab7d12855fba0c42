"""The analysis plan as frozen records; every key has a default, so that a gap can be told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from twinimpact.evaluation.models import ROLES, Words, one_of

MECHANISMS = ("none", "cutoff", "waitlist", "random")
DESIGNS = (
    "single_wave", "repeated_cross_section", "one_group_pre_post", "cross_section_comparison",
    "pre_post_comparison",
)  # fmt: skip
MODELS: Mapping[str, tuple[str, ...]] = {
    "change_score": ("paired_t", "town_mean_t", "change_cr2"),
    "ancova": ("town_two_stage_t", "ancova_cr2", "ols_hc3"),
    "cross_section": ("welch", "town_mean_t"),
}
"""Model of an estimand to the methods of the results table that carry it out."""
SENSITIVITY = ("response_weights", "lee", "fill_ins")
Level = Annotated[float, Field(ge=0.5, lt=1)]


class _Part(BaseModel):
    """Frozen, without unknown keys, and without silent conversion of types."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class PlannedDesign(_Part):
    """``[design]``: which comparison, what was assigned, and how."""

    type: Annotated[str, one_of(DESIGNS)] | None = None
    assigned_unit: Words = "town"
    mechanism: Annotated[str, one_of(MECHANISMS)] = "none"
    blocks: Words | None = None
    probabilities: Words | None = None


class PlannedArms(_Part):
    """``[arms]``: the column of the arms and their names."""

    column: Words = "arm"
    treated: Words = "participant"
    comparison: tuple[Words, ...] = ()


class PlannedOutcome(_Part):
    """``[[outcomes]]``: ``name`` is the id of a scale; ``sesoi`` and ``mic`` in its unit."""

    name: Words
    role: Annotated[str, one_of(ROLES)] = "exploratory"
    scale: Annotated[tuple[float, ...], Field(min_length=2, max_length=2)] | None = None
    reverse: tuple[Words, ...] = ()
    higher_is: Annotated[str, one_of(("better", "worse"))] = "better"
    sesoi: Annotated[float, Field(gt=0)] | None = None
    mic: Annotated[float, Field(gt=0)] | None = None
    reliability: Words = "alpha"


class PlannedEstimand(_Part):
    """``[[estimands]]``: an outcome, a contrast in time, a contrast between arms, a model."""

    id: Words
    outcome: Words
    contrast: Words = "post-pre"
    between: str = ""
    population: Words = "att"
    model: Annotated[str, one_of(tuple(MODELS))] = "change_score"


class PlannedMissing(_Part):
    """``[missing]``: who is analysed, and which further looks are taken."""

    primary: Words = "complete"
    sensitivity: tuple[Annotated[str, one_of(SENSITIVITY)], ...] = ()


class PlannedFamily(_Part):
    """``[[families]]``: outcomes whose p values are adjusted together."""

    name: Words
    outcomes: Annotated[tuple[Words, ...], Field(min_length=1)]
    method: Annotated[str, one_of(("holm", "bh", "bonferroni", "none"))] = "holm"


class PlannedSubgroup(_Part):
    """``[[subgroups]]``."""

    variable: Words
    confirmatory: bool = False


class PlannedDeviation(_Part):
    """``[[deviations]]``: why an item of the table of deviations is as it is."""

    item: Words
    reason: Words


class AnalysisPlan(_Part):
    """The whole of ``analysis_plan.toml``, checked.

    ``change_reason`` says why this version was made; it is copied into the plan log.
    """

    plan_version: Annotated[int, Field(ge=1)] = 1
    title: str = ""
    authors: tuple[Words, ...] = ()
    date: dt.date | None = None
    change_reason: str = ""
    waves: tuple[Words, ...] = ("pre", "post")
    clusters: tuple[Words, ...] = ("partnership", "town")
    person_id: tuple[Words, ...] = ("partnership", "person")
    covariates: tuple[Words, ...] = ()
    alpha: Annotated[float, Field(gt=0, le=0.5)] = 0.05
    sides: Annotated[str, one_of(("two", "one"))] = "two"
    conf_level: Level = 0.95
    equivalence_level: Level = 0.95
    exclusions: tuple[Words, ...] = ()
    seed: int | None = None
    design: PlannedDesign = PlannedDesign()
    arms: PlannedArms = PlannedArms()
    missing: PlannedMissing = PlannedMissing()
    outcomes: tuple[PlannedOutcome, ...] = ()
    estimands: tuple[PlannedEstimand, ...] = ()
    families: tuple[PlannedFamily, ...] = ()
    subgroups: tuple[PlannedSubgroup, ...] = ()
    deviations: tuple[PlannedDeviation, ...] = ()


OPTIONAL = frozenset({"change_reason", "deviations"})
"""Keys that are no part of a plan: to leave them out is no gap."""


def not_planned(plan: AnalysisPlan) -> tuple[tuple[str, Any], ...]:
    """Keys the plan leaves out, each with the default that is used, in the order of the keys.

    An entry of a list is named by its id or name: ``outcomes.tw_trust.sesoi``.
    """
    return tuple(_gaps(plan, ""))


def _gaps(part: BaseModel, path: str) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for name in type(part).model_fields:
        value = getattr(part, name)
        if name in OPTIONAL:
            continue
        if _is_part(value):
            found += _gaps(value, f"{path}{name}.")
        elif name not in part.model_fields_set:
            found.append((path + name, value))
        elif isinstance(value, tuple) and value and _is_part(value[0]):
            for entry in value:
                known = next(iter(type(entry).model_fields))
                found += _gaps(entry, f"{path}{name}.{getattr(entry, known)}.")
    return found


def _is_part(value: object) -> bool:
    return isinstance(value, BaseModel)
