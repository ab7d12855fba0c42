"""Partnerships pooled, as the programme report tells it."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pandas as pd
from sample_bundle import sample_bundle
from test_sections import tables, words

from twinimpact.bundle import Bundle
from twinimpact.impact import pooled_rows
from twinimpact.report import sections
from twinimpact.report.content import Chart, Withheld
from twinimpact.schema import result_frame


def bundle_of(*changes: float, outcome: str = "tw_thermo", **fields: Any) -> Bundle:
    """A programme of partnerships with these changes, and what is pooled from them."""
    rich = sample_bundle("programme_rollup")
    named = ["lin-mor", "neu-stm", "bia-sze", *(f"more-{n}" for n in range(len(changes)))]
    rows = [
        {"outcome": outcome, "estimand": "post-pre", "method": "paired_t", "n": 30.0,
         "estimate": change, "std_error": 2.0, "arm": "participant", "unit": "points",
         "conf_low": change - 4, "conf_high": change + 4, "conf_level": 0.95,
         "direction": "better", "grade": 1.0, "partnership": name, **fields}
        for name, change in zip(named, changes, strict=False)
    ]  # fmt: skip
    shown = result_frame(rows)
    return replace(rich, results=pd.concat([shown, pooled_rows(shown, {outcome: 5.0})]))


def told(bundle: Bundle) -> tuple[str, dict[str, Any]]:
    made = sections.programme_pooled(bundle)
    parts = list(made) if isinstance(made, tuple) else [made]
    return words(parts), tables(parts)


def test_average_and_a_further_partnership_stand_in_one_sentence() -> None:
    text, shown = told(bundle_of(2.0, 4.0, 9.0, 3.0, 12.0, 6.0))
    (sentence,) = re.findall(r"Across 6 partnerships.*?points\.", text)
    assert "scored 6.0 points higher after than before on average" in sentence
    assert "180 people; design level 1 of 5" in sentence
    assert re.search(
        r"in a further partnership of this kind the change would be expected between "
        r"−\d+\.\d and \+\d+\.\d points\.$",
        sentence,
    )
    (row,) = shown["tab-programme-pooled"].rows
    assert row["further_low"] < row["low"] < row["change"] < row["high"] < row["further_high"]
    assert "They are still not ranked here" in text
    assert not re.search(r"\beffect|\bimpact|caused|significant", text)


def test_partnerships_that_differ_by_chance_cannot_be_ranked() -> None:
    text, shown = told(bundle_of(4.0, 4.1, 4.2, 4.3, 4.4))
    assert text.count("These partnerships cannot be ranked: more than half") == 1
    (row,) = shown["tab-programme-pooled"].rows
    assert row["spread"] == Withheld(reason="boundary")


def test_below_five_nothing_is_said_about_a_further_one() -> None:
    text, _ = told(bundle_of(2.0, 4.0, 9.0))
    assert "would be expected between" not in text
    assert "With fewer than five partnerships nothing is said about a further one." in text
    assert "fewer than five have a change with an interval" in text


def test_a_fall_on_a_scale_where_lower_is_better() -> None:
    changes = (-8.0, -6.0, -7.0, -5.0, -9.0)
    text, _ = told(bundle_of(*changes, outcome="tw_anx", direction="worse"))
    assert "scored 7.0 points lower after than before" in text
    assert "On this scale lower is better." in text


def test_below_three_the_reason_is_given() -> None:
    text, shown = told(bundle_of(2.0, 4.0))
    assert "this needs three partnerships" in text
    assert not shown


def test_the_chart_shows_the_range_of_a_further_one_without_a_mark() -> None:
    made = sections.programme_forest(bundle_of(2.0, 4.0, 9.0, 3.0, 12.0, 6.0))
    (chart,) = made if isinstance(made, tuple) else (made,)
    assert isinstance(chart, Chart)
    last = chart.data.rows[-1]
    assert (last["label"], last["n"]) == ("A further partnership", None)
    assert last["low"] < 0 < last["high"]
    assert "Broad bar" in chart.caption
    assert "in 3 rows" in chart.alt
