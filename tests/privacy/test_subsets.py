"""A change shown again for fewer people gives nothing away about the rest."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twinimpact.privacy import DisclosureRules, apply_disclosure
from twinimpact.schema import TEXT_RESULT_COLUMNS, result_frame

RULES = DisclosureRules(programme_without_small=True)


def change(partnership: str, n: float, subset: str = "") -> dict[str, Any]:
    return dict.fromkeys(TEXT_RESULT_COLUMNS, "") | {
        "outcome": "tw_civic", "estimand": f"post-pre|{subset}" if subset else "post-pre",
        "method": "paired_t", "unit": "points", "partnership": partnership, "arm": "participant",
        "n": n, "estimate": 4.0, "std_error": 1.0, "status": "ok", "confirmatory": False,
    }  # fmt: skip


def gated(*rows: dict[str, Any]) -> dict[tuple[str, str], bool]:
    """Whether each row is shown, by partnership and subset."""
    table = apply_disclosure(result_frame(rows), RULES).results
    return {
        (str(row.partnership), str(row.estimand).partition("|")[2]): row.status == "ok"
        for row in table.itertuples()
    }


@pytest.mark.parametrize(
    ("whole", "part", "visible"),
    [(40, 40, True), (40, 30, True), (40, 31, False), (40, 39, False), (19, 9, False)],
)
def test_the_rest_has_nobody_or_enough_people(whole: int, part: int, visible: bool) -> None:
    found = gated(change("a", whole), change("a", part, "unflagged"))
    assert found["a", "unflagged"] is visible
    assert found["a", ""] is True  # the whole is never hidden for its part


def test_a_hidden_whole_hides_its_part_and_one_part_not_the_other() -> None:
    found = gated(change("a", 8), change("a", 8, "unflagged"))
    assert not any(found.values())
    found = gated(change("a", 40), change("a", 38, "unflagged"), change("a", 25, "exact_links"))
    assert found["a", "exact_links"]
    assert not found["a", "unflagged"]


def test_a_part_without_its_whole_is_hidden() -> None:
    assert not gated(change("a", 40, "unflagged"))["a", "unflagged"]


def test_the_programme_gives_way_when_hidden_rests_are_small_together() -> None:
    parts = [change("a", 40), change("b", 40), change("c", 40)]
    subset = [
        change("a", 37, "unflagged"), change("b", 36, "unflagged"), change("c", 28, "unflagged"),
    ]  # fmt: skip
    found = gated(*parts, change("*", 120), *subset, change("*", 101, "unflagged"))
    assert found["c", "unflagged"]
    assert not found["*", "unflagged"]
    assert found["*", ""]


def test_a_sentence_without_a_number_is_shown_with_its_whole() -> None:
    shift = change("a", 40, "unflagged|shift") | {
        "n": np.nan, "estimate": np.nan, "std_error": np.nan, "group": "same", "unit": "class",
    }  # fmt: skip
    found = gated(change("a", 40), change("a", 38, "unflagged"), shift)
    assert found["a", "unflagged|shift"]
    assert not found["a", "unflagged"]
    assert not gated(change("a", 8), shift)["a", "unflagged|shift"]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 12)), min_size=2, max_size=5))
def test_no_sum_of_shown_numbers_isolates_a_small_rest(sizes: list[tuple[int, int]]) -> None:
    names = "abcde"
    whole = {n: a + b for n, (a, b) in zip(names, sizes, strict=False)}
    part = {n: a for n, (a, _) in zip(names, sizes, strict=False)}
    rows = [change(n, whole[n]) for n in whole]
    rows += [change(n, part[n], "unflagged") for n in part]
    inside = [n for n in whole if whole[n] >= 10]
    fewer = [n for n in part if part[n] >= 10]
    rows.append(change("*", sum(whole[n] for n in inside)))
    rows.append(change("*", sum(part[n] for n in fewer), "unflagged"))
    found = gated(*rows)
    for name in whole:
        if found[name, ""] and found[name, "unflagged"]:
            assert whole[name] - part[name] == 0 or whole[name] - part[name] >= 10
    if found["*", "unflagged"]:
        hidden = [n for n in fewer if not found[n, "unflagged"]]
        rest = sum(whole[n] - part[n] for n in hidden)
        assert rest == 0 or rest >= 10


def test_the_gate_leaves_other_rows_as_they_were() -> None:
    plain = result_frame([change("a", 40), change("*", 40)])
    more = result_frame([change("a", 40), change("*", 40), change("a", 38, "unflagged")])
    one, two = (apply_disclosure(table, RULES).results for table in (plain, more))
    pd.testing.assert_frame_equal(one, two.iloc[:2])
