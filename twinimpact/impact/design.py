"""The design in the data: its label, its level on the Maryland scale, and the reasons."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from twinimpact.impact.estimate import Estimate
from twinimpact.impact.left_out import left_out_code, stay
from twinimpact.impact.missing_people.boundary import is_outside
from twinimpact.impact.notes import note, with_value
from twinimpact.impact.sample import People
from twinimpact.impact.towns import Layout, layout

Array = np.ndarray[Any, Any]
LABELS = (
    "single_wave", "repeated_cross_section", "one_group_pre_post", "cross_section_comparison",
    "pre_post_comparison",
)  # fmt: skip
BASELINE_LIMIT = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Grade:
    """Maryland level of one contrast with the reasons that hold it down."""

    level: int
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """The design of one scope as its answers show it.

    ``paired`` says that people can be compared with themselves; ``role`` is the wave role that is
    described when there is one wave only. ``left_out`` counts the partnerships that are too small
    to be in ``n`` and ``layout``.
    """

    label: str
    paired: bool
    role: str
    n: int
    layout: Layout
    reasons: tuple[str, ...]
    left_out: int = 0


def facts_of(people: People, linked: bool, smallest: int = 0) -> Facts:
    """Read the design from who answered when.

    A comparison group counts when it has people at both waves (or, with one wave, at that wave);
    people who cannot be followed make the waves repeated cross-sections.

    Parameters
    ----------
    people
        The people of one scope, both arms.
    linked
        Whether people can be followed from wave to wave.
    smallest
        Fewest people with whom a partnership and arm is counted; 0 counts everybody. The label
        is read from everybody.
    """
    if not {"pre", "post"} <= set(people.waves):
        return _one_wave(people, "single", smallest)
    before, after = people.present["pre"], people.present["post"]
    waves = [r for r, mask in (("pre", before), ("post", after)) if (mask & people.arm).any()]
    if len(waves) < 2:
        return _one_wave(people, waves[0] if waves else "post", smallest)
    both = before & after
    paired = linked and bool((both & people.arm).any())
    others = ~people.arm
    both_waves = bool((before & others).any() and (after & others).any())
    compared = both_waves and (not paired or bool((both & others).any()))
    used = both if paired else before | after
    reasons: tuple[str, ...] = () if paired else ("unlinked",)
    if not compared:
        reasons += (_why_not_compared(both_waves, bool(((before | after) & others).any())),)
        used = used & people.arm
    kept = stay(people, [used], smallest)
    used = used & kept.inside
    alone = "one_group_pre_post" if paired else "repeated_cross_section"
    return Facts(
        label="pre_post_comparison" if compared else alone,
        paired=paired,
        role="",
        n=int(used.sum()),
        layout=layout(people.arm[used], people.town[used]),
        reasons=reasons,
        left_out=kept.either,
    )


def _why_not_compared(both_waves: bool, any_wave: bool) -> str:
    if both_waves:
        return "comparison_not_linked"
    return "comparison_one_wave" if any_wave else "design_no_comparison"


def _one_wave(people: People, role: str, smallest: int) -> Facts:
    used = people.present.get(role, np.zeros(len(people.arm), dtype=bool))
    two_arms = bool((used & people.arm).any() and (used & ~people.arm).any())
    kept = stay(people, [used], smallest)
    used = used & kept.inside
    return Facts(
        label="cross_section_comparison" if two_arms else "single_wave",
        paired=False,
        role=role,
        n=int(used.sum()),
        layout=layout(people.arm[used], people.town[used]),
        reasons=("design_single_wave",) + (() if two_arms else ("design_no_comparison",)),
        left_out=kept.either,
    )


def smd_before(pre: Array, arm: Array) -> float | None:
    """Standardised difference before, participants minus comparison, by the participants' SD.

    ``None`` when an arm is empty; infinite when the arms differ and participants do not vary.
    """
    if not arm.any() or arm.all():
        return None
    difference = float(pre[arm].mean() - pre[~arm].mean())
    spread = float(pre[arm].std(ddof=1)) if arm.sum() > 1 else 0.0
    if spread <= 1e-12 * max(1.0, float(np.abs(pre).max())):
        return 0.0 if abs(difference) < 1e-9 else math.inf
    return difference / spread


def loss_is_outside(overall: float, difference: float) -> bool:
    """Whether loss is outside the boundary of ``surveys/attrition.toml``; percentage points.

    ``overall`` is the share of all people with a score before who have none after, ``difference``
    the absolute difference of that share between the arms.
    """
    return is_outside(overall, difference)


def loss(pre: Array, post: Array, arm: Array) -> tuple[float, float] | None:
    """Overall loss and its absolute difference between arms, in per cent of those scored before."""
    there = ~np.isnan(pre)
    lost = there & np.isnan(post)
    if not (there & arm).any() or not (there & ~arm).any():
        return None
    overall = 100 * lost.sum() / there.sum()
    shares = [100 * (lost & side).sum() / (there & side).sum() for side in (arm, ~arm)]
    return float(overall), float(abs(shares[0] - shares[1]))


def comparison_grade(
    place: Layout, smd: float | None, lost: tuple[float, float] | None, paired: bool
) -> Grade:
    """Level of a difference between arms with scores before and after.

    Level 3 needs two towns per arm, arms that differ by at most a quarter of an SD before, and
    loss inside the boundary; otherwise level 2. Higher levels need an assignment written down in
    a dated plan and are not given.
    """
    reasons = []
    if place.rule == "refused":
        reasons.append("one_town_per_arm")
    elif place.rule == "one_town":
        reasons.append("one_town_in_arm")
    elif place.rule == "within_refused":
        reasons.append("too_few_towns")
    elif place.rule == "unknown":
        reasons.append("town_missing")
    if smd is not None and abs(smd) > BASELINE_LIMIT:
        infinite = math.isinf(smd)
        reasons.append(
            "baseline_difference" if infinite else with_value("baseline_difference", smd)
        )
    if lost is not None and loss_is_outside(*lost):
        reasons.append(f"loss_outside_boundary:{lost[0]:.1f},{lost[1]:.1f}")
    if not paired:
        reasons.append("unlinked")
    return Grade(level=2, reasons=tuple(reasons)) if reasons else Grade(level=3)


def design_row(partnership: str, facts: Facts, grades: Iterable[tuple[str, Grade]]) -> Estimate:
    """Row Q07: label, level, and why it is not higher.

    Parameters
    ----------
    partnership
        Id, or ``*`` for the programme.
    facts
        The design in the data.
    grades
        Outcome and grade of each difference between arms the level speaks for; the lowest counts.
    """
    listed = list(grades)
    level = {"single_wave": 0, "pre_post_comparison": 2}.get(facts.label, 1)
    reasons = list(facts.reasons)
    if facts.label == "pre_post_comparison":
        level = min((grade.level for _, grade in listed), default=2)
        for outcome, grade in listed:
            reasons.extend(_about(outcome, reason) for reason in grade.reasons)
        if level == 3:
            reasons.append("no_plan")
    place = facts.layout
    return Estimate(
        outcome="Q07",
        estimand=facts.label,
        method="design_rule",
        estimate=float(level),
        n=facts.n,
        clusters=place.towns,
        grade=level,
        note=note(*reasons, *place.notes, left_out_code(facts.left_out)),
        partnership=partnership,
        unit="level",
    )


def _about(outcome: str, reason: str) -> str:
    """Name the outcome where the reason is about one: ``baseline_difference:tw_thermo=0.31``."""
    code, _, value = reason.partition(":")
    if code not in ("baseline_difference", "loss_outside_boundary"):
        return reason
    return f"{code}:{outcome}={value}" if value else f"{code}:{outcome}"
