"""The verdict follows from interval, smallest change worth having and direction."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shared_files import reference

from twinimpact.impact import VERDICTS, verdict
from twinimpact.impact.finding import verdicts

limits = st.floats(-50, 50, allow_nan=False)


def test_verdicts_agree_with_the_reference_cases() -> None:
    known = json.loads(reference("statistics/10_cost_equivalence.json").read_text())["verdict"]
    for case in known["cases"]:
        assert verdict(case["lo"], case["hi"], known["sesoi"], "better") == case["verdict"]


def test_where_a_higher_score_is_worse_a_rise_is_harmful() -> None:
    assert verdict(6.0, 9.0, 5.0, "better") == "beneficial"
    assert verdict(6.0, 9.0, 5.0, "worse") == "harmful"
    assert verdict(-9.0, -6.0, 5.0, "worse") == "beneficial"


def test_limits_on_the_size_itself_are_inconclusive() -> None:
    assert verdict(5.0, 9.0, 5.0, "better") == "inconclusive"
    assert verdict(-5.0, 4.0, 5.0, "better") == "inconclusive"


def test_without_an_interval_there_is_no_verdict() -> None:
    assert verdict(None, None, 5.0, "better") == ""
    assert verdict(None, 3.0, None, "better") == ""
    assert list(verdicts(np.array([math.nan]), np.array([1.0]), 5.0, "better")) == [""]


def test_without_a_size_worth_having_nothing_is_judged() -> None:
    assert verdict(20.0, 30.0, None, "better") == "not_assessed"


@given(low=limits, width=st.floats(0, 40), sesoi=st.floats(0.1, 20))
def test_turning_the_scale_round_turns_only_benefit_and_harm(
    low: float, width: float, sesoi: float
) -> None:
    first = verdict(low, low + width, sesoi, "better")
    second = verdict(-low - width, -low, sesoi, "worse")
    assert first == second
    assert first in VERDICTS


@pytest.mark.parametrize("direction", ["better", "worse"])
def test_an_interval_around_zero_is_never_beneficial(direction: str) -> None:
    assert verdict(-1.0, 30.0, 5.0, direction) == "inconclusive"
    assert verdict(-30.0, 1.0, 5.0, direction) == "inconclusive"
