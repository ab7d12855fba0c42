"""Adjusted p values against R and enumeration."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from shared_files import reference

from twinimpact.errors import DesignError
from twinimpact.impact import Estimate, adjust, max_t_change
from twinimpact.impact.multiplicity import adjusted_p


def entry(page: str, name: str) -> dict[str, Any]:
    return dict(json.loads(reference(f"statistics/{page}.json").read_text(encoding="utf-8"))[name])


@pytest.mark.parametrize(
    ("method", "key"), [("holm", "holm"), ("bh", "BH"), ("bonferroni", "bonferroni")]
)
def test_fifteen_p_values_of_a_published_example(method: Any, key: str) -> None:
    expected = entry("06_power_multiplicity", "bh1995")
    assert adjusted_p(expected["p"], method) == pytest.approx(expected[key], rel=1e-12)


def test_an_absent_p_value_is_no_test() -> None:
    found = adjusted_p([0.01, None, 0.03], "holm")
    assert found[[0, 2]] == pytest.approx([0.02, 0.03])
    assert np.isnan(found[1])


def test_a_family_keeps_its_intervals_and_rows_without_p() -> None:
    base = {"estimand": "post-pre", "method": "paired_t", "conf_low": 1.0, "conf_high": 2.0}
    rows = [Estimate(outcome="a", p_value=0.02, **base), Estimate(outcome="b", **base)]
    found = adjust(rows).rows
    assert found[0].p_adjusted == pytest.approx(0.02)
    assert found[1] == rows[1]
    assert found[0].conf_low == 1.0


def test_sign_flips_of_whole_persons_on_the_town_of_the_panel() -> None:
    expected = entry("01_paired_change", "westfall_young_exact")
    table = pd.read_csv(reference("statistics/data/twinpanel.csv"))
    table = table[(table["town"] == "T14") & table["open_post"].notna()]
    names = ("open", "trust", "ident")
    data = {name: table[f"{name}_post"] - table[f"{name}_pre"] for name in names}
    result = max_t_change(data, changes=names)
    for row in result.rows:
        assert row.n == expected["n"]
        assert row.p_value == pytest.approx(expected["p_unadjusted"][row.outcome], abs=1e-12)
        assert row.p_adjusted == pytest.approx(expected["p_stepdown_maxT"][row.outcome], abs=1e-12)
        assert result.diagnostics["t"][row.outcome] == pytest.approx(expected["t"][row.outcome])
    assert result.diagnostics["single_step"] == pytest.approx(expected["p_singlestep_maxT"])


def test_many_people_are_flipped_at_random_and_the_same_each_time() -> None:
    rng = np.random.default_rng(2)
    data = {"a": rng.normal(0.5, 1, 60), "b": rng.normal(0, 1, 60)}
    one = max_t_change(data, changes=["a", "b"], seed=5)
    assert (one.diagnostics["exact"], one.seed) == (False, 5)
    assert max_t_change(data, changes=["a", "b"], seed=5).rows == one.rows
    assert all(row.p_adjusted >= row.p_value for row in one.rows)  # type: ignore[operator]


def test_the_adjustment_is_monotone_and_equal_outcomes_cost_nothing() -> None:
    rng = np.random.default_rng(4)
    change = rng.normal(0.4, 1, 12)
    twice = max_t_change({"a": change, "b": change}, changes=["a", "b"])
    alone = max_t_change({"a": change}, changes=["a"])
    assert twice.rows[0].p_adjusted == alone.rows[0].p_value


@pytest.mark.slow
def test_one_false_claim_or_more_stays_at_five_per_cent() -> None:
    rng = np.random.default_rng(8)
    claims = 0
    for _ in range(1_000):
        shared = rng.normal(size=(10, 1))
        data = dict(zip("abcd", (shared + rng.normal(size=(10, 4))).T, strict=True))
        claims += any(row.p_adjusted <= 0.05 for row in max_t_change(data, changes="abcd").rows)  # type: ignore[operator]
    assert 0.03 < claims / 1_000 < 0.07


def test_what_is_no_probability_or_no_method_is_refused() -> None:
    with pytest.raises(DesignError, match="outside"):
        adjusted_p([0.2, 1.2])
    with pytest.raises(DesignError, match="no such adjustment"):
        adjusted_p([0.2], "tukey")  # type: ignore[arg-type]
