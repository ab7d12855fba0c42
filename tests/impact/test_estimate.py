"""The record: its fields, its refusal of undefined numbers, its forms."""

from __future__ import annotations

import dataclasses
import json
import math

import pandas as pd
import pytest

from twinimpact.impact import Estimate, estimates_frame
from twinimpact.impact.estimate import Block, blocks_frame
from twinimpact.schema import RESULT_COLUMNS


def example() -> Estimate:
    return Estimate(
        outcome="tw_thermo",
        estimand="post-pre",
        method="paired_t",
        estimate=6.25,
        conf_low=2.0,
        conf_high=10.5,
        n=42,
        clusters=2,
        unit="points",
        partnership="lin-mor",
    )


def test_every_field_is_a_column_of_the_glossary() -> None:
    assert [field.name for field in dataclasses.fields(Estimate)] == list(RESULT_COLUMNS)


def test_it_is_frozen_and_keyword_only() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        example().estimate = 3.0  # type: ignore[misc]
    with pytest.raises(TypeError):
        Estimate("tw_thermo", "post-pre", "paired_t")  # type: ignore[misc]


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_undefined_numbers_are_refused(value: float) -> None:
    with pytest.raises(ValueError, match="std_error of tw_thermo is not a finite number"):
        dataclasses.replace(example(), std_error=value)


def test_its_forms_carry_the_same_number() -> None:
    made = example()
    assert made.to_frame()["estimate"].tolist() == [6.25]
    assert list(made.to_frame().columns) == list(RESULT_COLUMNS)
    as_json = json.loads(json.dumps(made.to_dict(), allow_nan=False))
    assert as_json["kind"] == "estimate" and as_json["schema"] == 1
    assert as_json["n"] == 42 and "p_value" not in as_json
    assert "<td>6.25</td>" in made._repr_html_()


def test_its_line_names_number_interval_people_and_towns() -> None:
    assert str(example()) == (
        "tw_thermo post-pre [lin-mor]: 6.25 points [2 to 10.5] (paired_t, n = 42, 2 towns)"
    )
    refused = dataclasses.replace(example(), estimate=None, status="refused", conf_low=None)
    assert "refused" in str(refused)
    p_only = dataclasses.replace(example(), estimate=None, p_value=0.078125)
    assert "p = 0.07812" in str(p_only)


def test_html_is_escaped() -> None:
    assert "<b>" not in dataclasses.replace(example(), town="<b>")._repr_html_()


def test_a_column_outside_the_glossary_is_refused() -> None:
    with pytest.raises(ValueError, match="stars"):
        blocks_frame([Block(columns={"stars": "***"}, length=1)])


def test_whole_columns_and_single_records_make_the_same_table() -> None:
    columns = {name: value for name, value in example().to_row().items() if value != ""}
    frame = blocks_frame([Block(columns=columns, length=1)])
    pd.testing.assert_frame_equal(frame, estimates_frame([example()]))
