"""The design label and the Maryland level follow from the data."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from impact_data import design, normal, one, people, run, twinpanel
from shared_files import reference

from twinimpact.impact.design import (
    comparison_grade,
    loss,
    loss_is_outside,
    smd_before,
)
from twinimpact.impact.notes import codes_of
from twinimpact.impact.towns import layout


def level(*parts: pd.DataFrame, **settings: object) -> tuple[str, int, tuple[str, ...]]:
    row = one(run(design(**settings), *parts), partnership="p1", outcome="Q07")  # type: ignore[arg-type]
    return row["estimand"], int(row["estimate"]), codes_of(row["note"])


def towns(a: int, b: int, n: int = 15, **changes: float) -> list[pd.DataFrame]:
    move = changes.get("move", 0.0)
    parts = []
    for i in range(a + b):
        pre = np.linspace(30, 70, n) + (move if i < a else 0)
        post = pre + np.random.default_rng(i).normal(2, 8, n)
        arm = "participant" if i < a else "comparison_town"
        parts.append(people(pre, post, town=f"X{i}", arm=arm))
    return parts


def test_one_group_before_and_after_is_level_one() -> None:
    assert level(people(*normal(1, 20))) == (
        "one_group_pre_post", 1, ("design_no_comparison",),
    )  # fmt: skip


def test_two_towns_per_arm_that_started_alike_are_level_three() -> None:
    assert level(*towns(2, 2)) == ("pre_post_comparison", 3, ("no_plan",))


def test_nothing_above_level_three_is_given_without_a_plan() -> None:
    row = one(run(design(), twinpanel()), partnership="all", outcome="Q07")
    assert row["estimate"] == row["grade"] == 3 and row["unit"] == "level"
    assert (row["n"], row["clusters"]) == (205, 14)


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        (towns(1, 1), "one_town_per_arm"),
        (towns(1, 4), "one_town_in_arm"),
        (towns(3, 1), "one_town_in_arm"),
        (towns(2, 2, move=6.0), "baseline_difference"),
    ],
    ids=["1+1", "1+4", "3+1", "baseline"],
)
def test_one_town_in_an_arm_or_an_unequal_start_caps_the_level_at_two(
    parts: list[pd.DataFrame], reason: str
) -> None:
    label, found, reasons = level(*parts)
    assert (label, found) == ("pre_post_comparison", 2)
    assert reason in reasons


def test_loss_outside_the_boundary_caps_the_level_at_two() -> None:
    parts = towns(2, 2, n=20)
    parts[0].loc[:7, "post"] = np.nan  # 8 of 40 participants, nobody else
    _, found, reasons = level(*parts)
    assert found == 2 and "loss_outside_boundary" in reasons


def test_unlinked_waves_with_a_comparison_stay_at_two() -> None:
    label, found, reasons = level(*towns(2, 2), linked=False)
    assert (label, found) == ("pre_post_comparison", 2) and "unlinked" in reasons


def test_comparison_people_of_one_wave_give_no_comparison() -> None:
    late = people([np.nan] * 15, normal(2, 15)[1], town="C", arm="comparison_town")
    label, found, reasons = level(people(*normal(1, 20)), late)
    assert (label, found, reasons) == ("one_group_pre_post", 1, ("comparison_one_wave",))


def test_comparison_people_who_could_not_be_matched_give_no_comparison() -> None:
    lost = people(normal(2, 15)[0], [np.nan] * 15, town="C", arm="comparison_town")
    came = people([np.nan] * 15, normal(3, 15)[1], town="C", arm="comparison_town")
    label, found, reasons = level(people(*normal(1, 20)), lost, came)
    assert (label, found, reasons) == ("one_group_pre_post", 1, ("comparison_not_linked",))


def test_arms_that_are_not_compared_are_no_comparison() -> None:
    residents = people(*normal(2, 20), town="C", arm="resident_sample")
    assert level(people(*normal(1, 20)), residents)[0] == "one_group_pre_post"


def test_the_loss_boundary_is_the_printed_table() -> None:
    file = reference("statistics/07_missing_sensitivity.json")
    known = json.loads(file.read_text(encoding="utf-8"))["wwc_attrition"]
    for overall, limit in enumerate(known["cautious"]):
        assert not loss_is_outside(overall, limit)
        assert loss_is_outside(overall, limit + 0.05)
    assert loss_is_outside(58, 0)


def test_loss_agrees_with_r() -> None:
    file = reference("statistics/07_missing_sensitivity.json")
    known = json.loads(file.read_text(encoding="utf-8"))["flow"]["post"]
    panel = twinpanel()
    found = loss(
        panel["pre"].to_numpy(), panel["post"].to_numpy(), panel["arm"].eq("participant").to_numpy()
    )
    assert found == pytest.approx((100 * known["overall"], known["differential_pp"]), rel=1e-9)


def test_the_standardised_difference_uses_the_participants_sd() -> None:
    pre, arm = np.array([1.0, 2, 3, 0, 0]), np.array([True, True, True, False, False])
    assert smd_before(pre, arm) == pytest.approx(2.0)
    assert smd_before(pre[:3], arm[:3]) is None
    assert smd_before(np.array([5.0, 5, 4]), np.array([True, True, False])) == np.inf
    assert smd_before(np.array([5.0, 5, 5]), np.array([True, True, False])) == 0.0


def test_an_infinite_difference_is_a_reason_without_a_number() -> None:
    place = layout(np.array([True, True, False, False]), np.arange(4))
    grade = comparison_grade(place, np.inf, None, paired=True)
    assert (grade.level, grade.reasons) == (2, ("baseline_difference",))


def test_the_lowest_primary_outcome_decides_the_level_and_is_named() -> None:
    row = one(run(design(role="primary"), *towns(2, 2, move=6.0)), partnership="p1", outcome="Q07")
    assert "baseline_difference:tw_thermo=" in row["note"]


@pytest.mark.parametrize(
    ("arm", "town", "rule", "counts"),
    [
        ("PPCC", (0, 0, 1, 1), "refused", (1, 1)),
        ("PCC", (0, 1, 2), "one_town", (1, 2)),
        ("PPCC", (0, 1, 2, 3), "few", (2, 2)),
        ("P" * 10 + "C" * 10, tuple(range(20)), "many", (10, 10)),
        ("P" * 9 + "C" * 12, tuple(range(21)), "few", (9, 12)),
        ("PCPCPC", (0, 0, 1, 1, 2, 2), "within", (3, 3)),
        ("PCPC", (0, 0, 1, 1), "within_refused", (2, 2)),
        ("PPC", (0, 1, -1), "unknown", (2, 0)),
        ("PCPC", (0, 0, 1, 2), "refused", (1, 1)),
    ],
)
def test_the_rule_for_few_towns(
    arm: str, town: tuple[int, ...], rule: str, counts: tuple[int, int]
) -> None:
    place = layout(np.array([letter == "P" for letter in arm]), np.array(town))
    assert place.rule == rule
    assert (place.participant, place.comparison) == counts
