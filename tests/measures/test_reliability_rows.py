"""Reliability in the results table: omega, shrunken values, items, and what the gate lets pass."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from measures_data import answers, catalogue_of
from reliability_data import key, one_factor

from twinimpact.instruments import Catalogue
from twinimpact.measures import describe_scales, reliability, score_responses
from twinimpact.measures.reliability_rows import unreversed_items
from twinimpact.privacy import DisclosureRules, apply_disclosure

NAMES = ("i1", "i2", "i3", "i4")
CATALOGUE = catalogue_of({"s": {"items": NAMES}}, dict.fromkeys(NAMES, (1, 5)))


def programme(*sizes: int) -> pd.DataFrame:
    """Answers of one partnership per size, ``p0``, ``p1``, ..."""
    parts = []
    for number, size in enumerate(sizes):
        codes = one_factor(size, seed=number)
        part = answers({name: codes[name].tolist() for name in NAMES}, prefix=f"p{number}-")
        parts.append(part.assign(partnership_id=f"p{number}"))
    return pd.concat(parts, ignore_index=True)


def described(frame: pd.DataFrame, smallest: int = 0) -> pd.DataFrame:
    return describe_scales(frame, score_responses(frame, CATALOGUE), CATALOGUE, smallest=smallest)


def one(table: pd.DataFrame, estimand: str, partnership: str = "*", group: str = "") -> pd.Series:
    chosen = table[
        table["estimand"].eq(estimand)
        & table["partnership"].eq(partnership)
        & table["group"].eq(group)
    ]
    assert len(chosen) == 1
    return chosen.iloc[0]


def test_own_values_from_thirty_people_and_shrunken_ones_from_ten() -> None:
    table = described(programme(60, 40, 29, 12, 10, 9))
    door = reliability(programme(60, 40, 29, 12, 10, 9), key(), by=["partnership_id"]).set_index(
        ["coefficient", "partnership_id"]
    )
    for name in ("alpha", "omega"):
        for partnership in ("p0", "p1"):
            own = one(table, name, partnership)
            assert own["status"] == "ok"
            assert own["estimate"] == door.loc[(name, partnership), "estimate"]
            assert own["conf_low"] == door.loc[(name, partnership), "conf_low"]
        for partnership in ("p2", "p3", "p4", "p5"):
            own = one(table, name, partnership)
            assert (own["status"], own["note"]) == ("not_estimable", "n_below_30")
            assert np.isnan(own["estimate"])
        for partnership in ("p0", "p2", "p4"):
            drawn = one(table, f"{name}_shrunken", partnership)
            assert (drawn["method"], drawn["status"]) == ("reliability_blup", "ok")
            assert drawn["estimate"] == door.loc[(name, partnership), "shrunken"]
            assert drawn["note"] == ("" if partnership == "p0" else "indicative")
        nothing = one(table, f"{name}_shrunken", "p5")
        assert (nothing["status"], nothing["note"]) == ("not_estimable", "n_below_10")
        assert nothing[["estimate", "conf_low", "conf_high"]].isna().all()


def test_what_is_typical_stands_in_the_programme_with_the_people_it_rests_on() -> None:
    table = described(programme(60, 40, 29, 12, 10, 9), smallest=10)
    typical = one(table, "alpha_typical")
    assert (typical["method"], typical["n"]) == ("reliability_reml", 151)
    assert typical["note"] == "left_out:1"
    assert typical["conf_low"] < typical["estimate"] < typical["conf_high"]


def test_small_partnerships_are_not_in_what_others_are_drawn_towards() -> None:
    # otherwise their answers could be worked out from the values of the others
    with_small = described(programme(60, 40, 29, 12, 10, 9), smallest=10)
    without = described(programme(60, 40, 29, 12, 10), smallest=10)
    for partnership in ("p0", "p4"):
        first, second = (one(t, "alpha_shrunken", partnership) for t in (with_small, without))
        assert first["estimate"] == second["estimate"]


def test_with_few_partnerships_there_are_no_shrunken_rows() -> None:
    estimands = set(described(programme(60, 40, 29, 12))["estimand"])
    assert not {"alpha_shrunken", "alpha_typical"} & estimands


def test_items_are_told_for_the_programme_alone() -> None:
    table = described(programme(60, 40))
    items = table[table["dimension"] == "item"]
    assert set(items["partnership"]) == {"*"}
    assert set(items["outcome"]) == {"s"}
    assert sorted(set(items["group"])) == list(NAMES)
    rest, dropped = (one(table, name, group="i1") for name in ("item_rest", "alpha_if_dropped"))
    assert rest["conf_low"] < rest["estimate"] < rest["conf_high"]
    assert dropped["estimate"] < one(table, "alpha")["estimate"]
    assert set(items["n"]) == {100.0}


def test_an_item_left_unreversed_is_marked_in_its_row() -> None:
    frame = programme(60, 40)
    frame["i2"] = 6 - frame["i2"]
    table = described(frame)
    notes = table[table["estimand"] == "item_rest"].set_index("group")["note"]
    assert notes.to_dict() == {"i1": "", "i2": "check_item_coding", "i3": "", "i4": ""}
    assert "check_item_coding" in one(table, "alpha")["note"].split(";")


def test_keys_of_rows_are_unique() -> None:
    table = described(programme(60, 40, 30, 12, 10, 9), smallest=10)
    keys = ["outcome", "estimand", "method", "partnership", "wave", "arm", "dimension", "group"]
    assert not table.duplicated(keys).any()


def with_texts() -> Catalogue:
    (instrument,) = CATALOGUE.instruments
    texts = {name: {"en": f"Question {name[-1]}?"} for name in NAMES if name != "i4"}
    items = tuple(replace(item, text=texts.get(item.id, {})) for item in instrument.items)
    return Catalogue(instruments=(replace(instrument, items=items),))


def test_an_item_that_looks_unreversed_is_a_problem_with_its_question_and_key_line() -> None:
    frame = programme(60)
    assert unreversed_items(frame, with_texts()) == ()
    frame["i2"] = 6 - frame["i2"]
    (problem,) = unreversed_items(frame, with_texts())
    assert (problem.code, problem.column) == ("item_looks_unreversed", "i2")
    assert "“Question 2?” (i2)" in problem.what()
    assert "s: reverse = []" in problem.hint()
    frame["i2"], frame["i4"] = 6 - frame["i2"], 6 - frame["i4"]
    (problem,) = unreversed_items(frame, with_texts())
    assert problem.got == "i4"  # a key without wording


def test_few_answers_accuse_no_item() -> None:
    frame = programme(29)
    frame["i2"] = 6 - frame["i2"]
    assert unreversed_items(frame, with_texts()) == ()


@pytest.mark.parametrize("estimand", ["alpha", "omega", "alpha_shrunken", "omega_shrunken"])
def test_the_gate_hides_coefficients_of_too_few_people(estimand: str) -> None:
    table = described(programme(60, 40, 29, 12, 10, 9), smallest=10)
    rules = DisclosureRules(programme_without_small=True)
    gated = apply_disclosure(table, rules).results
    assert one(gated, estimand, "p5")["status"] == "suppressed"
    assert one(gated, estimand, "p0")["status"] == "ok"


def test_the_gate_lets_the_programmes_items_and_typical_values_pass() -> None:
    table = described(programme(60, 40, 29, 12, 10, 9), smallest=10)
    gated = apply_disclosure(table, DisclosureRules(programme_without_small=True)).results
    for estimand, group in (
        ("alpha", ""), ("omega", ""), ("alpha_typical", ""), ("item_rest", "i1"),
        ("alpha_if_dropped", "i1"),
    ):  # fmt: skip
        assert one(gated, estimand, group=group)["status"] == "ok", estimand


def test_coefficients_of_items_are_hidden_together_with_those_of_their_scale() -> None:
    # here the programme does not leave small partnerships out, so that its numbers give way
    table = described(programme(60, 40, 29, 12, 10, 9))
    gated = apply_disclosure(table, DisclosureRules()).results
    for estimand, group in (("alpha", ""), ("omega", ""), ("alpha_typical", ""),
                            ("item_rest", "i1")):  # fmt: skip
        assert one(gated, estimand, group=group)["status"] == "suppressed", estimand


def test_changes_are_not_taken_for_coefficients() -> None:
    frame = programme(60, 40)
    later = frame.assign(wave="post", response_id=frame["response_id"] + "b")
    table = described(pd.concat([frame, later], ignore_index=True), smallest=10)
    gated = apply_disclosure(table, DisclosureRules(programme_without_small=True)).results
    for wave in ("pre", "post"):
        shown = gated[(gated["wave"] == wave) & gated["estimand"].str.startswith("omega")]
        assert set(shown["status"]) == {"ok"}


def test_coefficients_change_nothing_about_what_else_the_gate_hides() -> None:
    table = described(programme(60, 40, 29, 12, 10, 9), smallest=10)
    new = table["estimand"].str.startswith(("omega", "item_rest", "alpha_"))
    rules = DisclosureRules(programme_without_small=True)
    whole = apply_disclosure(table, rules).results
    without = apply_disclosure(table[~new].reset_index(drop=True), rules).results
    pd.testing.assert_frame_equal(whole[~new].reset_index(drop=True), without)
