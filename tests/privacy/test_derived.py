"""Indicators made of other numbers are hidden with them."""

from __future__ import annotations

from typing import Any

import pytest
from test_disclosure import answers, frame_of, level

from twinimpact.privacy import DisclosureRules, apply_disclosure

MADE_OF = {"C04": ("p6", "acts"), "C03": ("int", "ext")}
RULES = DisclosureRules(made_of=MADE_OF)


def share(n: float, estimate: float = 0.4, **more: Any) -> dict[str, Any]:
    return {
        "outcome": "C04", "estimand": "share", "method": "wilson", "unit": "share", "wave": "pre",
        "partnership": "a", "arm": "participant", "estimate": estimate, "n": n, "denominator": n,
    } | more  # fmt: skip


def status(rows: list[dict[str, Any]], outcome: str) -> str:
    gated = apply_disclosure(frame_of(rows), RULES).results
    return str(gated.loc[gated["outcome"] == outcome, "status"].iloc[0])


def test_a_share_of_enough_people_is_shown() -> None:
    assert status([share(20)], "C04") == "ok"


def test_a_share_of_few_people_is_hidden() -> None:
    assert status([share(9)], "C04") == "suppressed"


@pytest.mark.parametrize("estimate", [0.0, 1 / 20, 19 / 20, 1.0])
def test_a_share_that_tells_what_everyone_said_is_hidden(estimate: float) -> None:
    assert status([share(20, estimate)], "C04") == "suppressed"


def test_a_share_with_two_on_the_smaller_side_is_shown() -> None:
    assert status([share(20, 2 / 20)], "C04") == "ok"


def test_a_score_that_tells_what_everyone_said_is_hidden() -> None:
    everyone = share(20, 100.0, estimand="recommendation", method="describe", outcome="S02")
    assert status([everyone], "S02") == "suppressed"


def test_a_share_goes_with_the_hidden_distribution_it_is_part_of() -> None:
    hidden = answers("a", {0: 19, 1: 1}, outcome="p6")
    assert status([share(20), *hidden], "C04") == "suppressed"


def test_a_mean_of_two_scales_goes_with_either_of_them() -> None:
    both = share(20, 55.0, outcome="C03", estimand="mean", unit="points", method="describe")
    shown = [*level("a", 20, outcome="int"), *level("a", 20, outcome="ext")]
    small = [*level("a", 20, outcome="int"), *level("a", 7, outcome="ext")]
    assert status([both, *shown], "C03") == "ok"
    assert status([both, *small], "C03") == "suppressed"


def test_another_wave_that_is_hidden_takes_nothing_with_it() -> None:
    assert status([share(20), *level("a", 7, outcome="acts", wave="post")], "C04") == "ok"


def test_a_trend_of_events_is_no_number_made_of_answers() -> None:
    trend = share(3, 2.0, outcome="V05", estimand="rate_ratio", method="poisson_exact", wave="",
                  arm="", unit="rate_ratio")  # fmt: skip
    assert status([trend], "V05") == "ok"
