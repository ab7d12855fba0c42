"""Rows built by columns equal rows built one by one."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from twinimpact.measures.rows import Rows, join_notes, results_of
from twinimpact.measures.tables import exploded, typed
from twinimpact.schema import TABLES, TEXT_RESULT_COLUMNS, result_frame


def test_a_table_from_columns_equals_the_table_from_rows() -> None:
    parts = [
        Rows(columns={"outcome": np.array(["R01", "R02"], dtype=object), "estimate": 1.0}, size=2),
        Rows(columns={"outcome": "R03", "n": [7], "confirmatory": True, "note": ["x"]}, size=1),
        Rows(columns={"outcome": np.array([], dtype=object)}, size=0),
    ]
    blank = dict.fromkeys(TEXT_RESULT_COLUMNS, "") | {"status": "ok", "confirmatory": False}
    wanted = result_frame(
        [
            blank | {"outcome": "R01", "estimate": 1.0},
            blank | {"outcome": "R02", "estimate": 1.0},
            blank | {"outcome": "R03", "n": 7, "confirmatory": True, "note": "x"},
        ]
    )
    pd.testing.assert_frame_equal(results_of(parts), wanted)
    pd.testing.assert_frame_equal(results_of([]), result_frame([]))


def test_a_column_outside_the_glossary_is_refused() -> None:
    with pytest.raises(ValueError, match="value"):
        results_of([Rows(columns={"value": 1}, size=1)])


def test_notes_are_joined_in_the_order_given() -> None:
    notes = join_notes(3, [(np.array([True, False, True]), "a"), (True, "b")])
    assert notes.tolist() == ["a;b", "b", "a;b"]


@pytest.mark.parametrize("name", list(TABLES))
def test_a_bare_frame_gets_every_declared_column(name: str) -> None:
    bare = typed(pd.DataFrame(), name)
    assert list(bare.columns) == list(TABLES[name].names())


def test_blank_text_is_nothing_and_lists_are_split() -> None:
    frame = typed(pd.DataFrame({"themes": ["culture; youth", "", None]}), "activities")
    assert frame["themes"].isna().tolist() == [False, True, True]
    assert exploded(frame["themes"]).tolist() == ["culture", "youth"]
