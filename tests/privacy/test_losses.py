"""Numbers about people who were lost: never of a few, never worked out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twinimpact.privacy import DisclosureRules, apply_disclosure
from twinimpact.schema import TEXT_RESULT_COLUMNS, result_frame

WAVES = {"pre": "w1", "post": "w2", "followup": "w3"}
RULES = DisclosureRules(waves=WAVES, wave_order=("w1", "w2", "w3"), programme_without_small=True)
COUNTED = ("loss", "loss|overall", "loss|no_change", "loss|tipping")
TOLD = ("loss|baseline", "loss|worst", "loss|best")


def row(estimand: str, partnership: str, n: float, **more: Any) -> dict[str, Any]:
    return dict.fromkeys(TEXT_RESULT_COLUMNS, "") | {
        "outcome": "tw_civic", "estimand": estimand, "method": "paired_t", "unit": "points",
        "partnership": partnership, "arm": "participant", "n": n, "estimate": 4.25,
        "std_error": 1.0, "status": "ok", "confirmatory": False, "missing": np.nan,
    } | more  # fmt: skip


def change(partnership: str, n: float, **more: Any) -> dict[str, Any]:
    return row("post-pre", partnership, n, **more)


def losses(partnership: str, n: float, lost: float, **more: Any) -> list[dict[str, Any]]:
    shared = {"missing": lost, "wave": "w2", "std_error": np.nan} | more
    found = []
    for estimand in (*COUNTED, *TOLD):
        method = "wilson" if estimand in COUNTED[:2] else "fill_in"
        method = "describe" if estimand == "loss|baseline" else method
        found.append(row(estimand, partnership, n, method=method, **shared))
    return found


def gated(*rows: dict[str, Any], rules: DisclosureRules = RULES) -> pd.DataFrame:
    return apply_disclosure(result_frame(rows), rules).results


def shown(table: pd.DataFrame, partnership: str, arm: str = "participant") -> set[str]:
    found = table[
        table["partnership"].eq(partnership)
        & table["arm"].eq(arm)
        & table["status"].ne("suppressed")
        & table["estimand"].str.startswith("loss")
    ]
    return set(found["estimand"])


@pytest.mark.parametrize(
    ("n", "lost", "visible"),
    [(40, 0, True), (40, 1, False), (40, 9, False), (40, 10, True), (25, 15, True), (20, 20, True),
     (18, 10, False), (9, 0, False), (30, 21, False)],
)  # fmt: skip
def test_few_lost_and_few_who_stayed_are_hidden(n: int, lost: int, visible: bool) -> None:
    rows = [change("a", n - lost)] if n - lost else []
    table = gated(*rows, *losses("a", n, lost))
    assert shown(table, "a") == (set(COUNTED + TOLD) if visible else set())


def test_a_hidden_row_has_no_number_of_people() -> None:
    table = gated(change("a", 37, missing=5), *losses("a", 40, 3))
    hidden = table[table["status"].eq("suppressed")]
    assert len(hidden) == 7
    assert hidden[["estimate", "n", "missing", "denominator"]].isna().all(axis=None)
    whole = table[table["estimand"].eq("post-pre")].iloc[0]
    assert whole["status"] == "ok"
    assert np.isnan(whole["missing"])  # the lost are among these five


def test_the_missing_of_a_change_stay_where_losses_are_shown() -> None:
    table = gated(change("a", 30, missing=12), *losses("a", 40, 10))
    assert table.loc[table["estimand"].eq("post-pre"), "missing"].tolist() == [12]


def test_losses_go_with_the_change_of_those_who_stayed() -> None:
    table = gated(change("a", 30, std_error=0.0), *losses("a", 45, 15))
    assert shown(table, "a") == set()


def test_one_wave_hides_the_other_because_people_before_are_the_same() -> None:
    later = losses("a", 40, 20, wave="w3")
    table = gated(
        change("a", 37), row("followup-pre", "a", 20), *losses("a", 40, 3), *later
    )  # fmt: skip
    assert shown(table, "a") == set()


def test_both_arms_together_go_with_either() -> None:
    both = {"arm": "", "missing": 18, "wave": "w2"}
    rows = [
        change("a", 30), *losses("a", 45, 15), *losses("a", 30, 3, arm="comparison")[:1],
        row("loss|overall", "a", 75, method="wilson", **both),
        row("loss|differential", "a", 75, method="newcombe", **both),
    ]  # fmt: skip
    table = gated(*rows)
    assert shown(table, "a") == set(COUNTED + TOLD)
    assert shown(table, "a", "comparison") == set()
    assert shown(table, "a", "") == set()


@pytest.mark.parametrize(
    ("sizes", "visible"),
    [
        ([(40, 15), (40, 12)], True),
        ([(40, 15), (40, 3)], False),  # one hidden: the rest gives it away
        ([(40, 15), (40, 3), (40, 4)], False),  # seven people together
        ([(40, 15), (40, 7), (40, 8)], True),
        ([(40, 15), (15, 8)], True),  # seven stayed: not in the programme's number
    ],
)
def test_the_programme_gives_way(sizes: list[tuple[int, int]], visible: bool) -> None:
    rows, people, gone = [], 0, 0
    for name, (n, lost) in zip("abc", sizes, strict=False):
        rows += [change(name, n - lost), *losses(name, n, lost)]
        if n - lost >= 10:
            people, gone = people + n, gone + lost
    table = gated(*rows, change("*", people - gone), *losses("*", people, gone))
    assert bool(shown(table, "*")) is visible
    assert shown(table, "a") == set(COUNTED + TOLD)


def test_a_programme_of_other_people_than_its_parts_is_hidden() -> None:
    rows = [change("a", 25), *losses("a", 40, 15), change("*", 25), *losses("*", 45, 20)]
    assert shown(gated(*rows), "*") == set()


def test_sums_of_the_lost_go_when_a_third_wave_would_tell_of_a_few() -> None:
    rows = [
        row("mean", "a", 60, method="describe", wave="w1"), change("a", 40),
        row("mean", "a", 56, method="describe", wave="w3"), row("followup-pre", "a", 55),
        *losses("a", 60, 20),
    ]  # fmt: skip
    table = gated(*rows)
    # six answers are in one mean only: everybody's sum before would tell of them
    assert shown(table, "a") == set(COUNTED)
    means = table[table["estimand"].eq("mean")].set_index("wave")["status"]
    assert means.to_dict() == {"w1": "suppressed", "w3": "ok"}
    assert set(table.loc[table["estimand"].isin(["post-pre", "followup-pre"]), "status"]) == {"ok"}


def test_an_answer_given_twice_does_not_open_a_gap() -> None:
    # the mean counts 62 questionnaires, the losses 60 people: two questionnaires between them
    rows = [
        row("mean", "a", 62, method="describe", wave="w1"), change("a", 40), *losses("a", 60, 20)
    ]  # fmt: skip
    table = gated(*rows)
    assert shown(table, "a") == set(COUNTED)
    assert table.loc[table["estimand"].eq("mean"), "status"].tolist() == ["ok"]


def test_shares_lost_leave_the_notes_where_the_loss_is_hidden() -> None:
    told = "few_towns;loss_outside_boundary:34.0,7.1"
    design = {
        "outcome": "Q07",
        "method": "design_rule",
        "arm": "",
        "estimand": "pre_post_comparison",
    }
    between = {"arm": "", "note": told, "estimand": "post-pre|participant-comparison"}
    named = "loss_outside_boundary:tw_civic=34.0,7.1;loss_outside_boundary:tw_x=20.0,9.0"
    rows = [
        change("a", 30), *losses("a", 33, 3), change("a", 40) | between,
        change("a", 40) | design | {"note": named},
    ]  # fmt: skip
    notes = gated(*rows)["note"]
    assert "few_towns;loss_outside_boundary" in set(notes)
    assert "loss_outside_boundary:tw_civic;loss_outside_boundary:tw_x" in set(notes)
    both = {"arm": "", "missing": 30, "wave": "w2", "method": "newcombe"}
    rows = [
        change("a", 30), *losses("a", 45, 15), row("loss|differential", "a", 90, **both),
        change("a", 40) | between,
    ]  # fmt: skip
    assert told in set(gated(*rows)["note"])


def test_indicators_made_of_a_scale_do_not_go_with_its_losses() -> None:
    rules = DisclosureRules(waves=WAVES, made_of={"I1": ("tw_civic",)})
    made = row("share", "a", 40, outcome="I1", wave="w2", method="count", unit="share")
    table = gated(change("a", 37), *losses("a", 40, 3), made, rules=rules)
    assert table.loc[table["outcome"].eq("I1"), "status"].tolist() == ["ok"]


def test_rows_about_other_things_stay_as_they_were() -> None:
    plain = [change("a", 40), change("b", 30), change("*", 70)]
    more = [*losses("a", 55, 15), *losses("b", 42, 12), *losses("*", 97, 27)]
    one, two = gated(*plain), gated(*plain, *more)
    pd.testing.assert_frame_equal(one, two.iloc[:3])
    assert shown(two, "*") == set(COUNTED + TOLD)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 25)), min_size=2, max_size=5))
def test_no_sum_of_shown_losses_is_of_a_few(sizes: list[tuple[int, int]]) -> None:
    rows = []
    inside = {}
    for name, (stays, lost) in zip("abcde", sizes, strict=False):
        if stays:
            rows.append(change(name, stays))
        if stays + lost:
            rows += losses(name, stays + lost, lost)
        if stays + lost and not 0 < stays < 10:
            inside[name] = (stays, lost)
    whole = [sum(pair[i] for pair in inside.values()) for i in (0, 1)]
    if sum(whole):
        rows += [change("*", whole[0])] if whole[0] else []
        rows += losses("*", sum(whole), whole[1])
    if not rows:
        return
    table = gated(*rows)
    seen = {name for name in "abcde*" if "loss" in shown(table, name)}
    for name, (stays, lost) in zip("abcde", sizes, strict=False):
        if name in seen:
            assert lost == 0 or lost >= 10
            assert stays == 0 or stays >= 10
    if "*" in seen:
        rest = [lost for name, (_, lost) in inside.items() if name not in seen]
        assert not rest or (len(rest) > 1 and sum(rest) >= 10)
        assert whole[1] == 0 or whole[1] >= 10
