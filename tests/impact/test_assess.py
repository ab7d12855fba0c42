"""The one door: rows of the contract, order, doubles, empty tables, unknown outcomes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from impact_data import (
    answers,
    catalogue,
    design,
    normal,
    one,
    people,
    rows_of,
    run,
    scores,
    twinpanel,
)

from twinimpact.errors import DesignError
from twinimpact.evaluation import Design, Outcome
from twinimpact.impact import CODES, LABELS, VERDICTS, assess
from twinimpact.impact.notes import note, unknown_codes
from twinimpact.schema import RESULT_COLUMNS, TEXT_RESULT_COLUMNS, result_frame

STATUSES = {"ok", "descriptive", "refused", "not_estimable"}


def panel(seed: int = 0) -> list[pd.DataFrame]:
    parts = []
    for i, (partnership, town, arm) in enumerate(
        [("p2", "A", "participant"), ("p2", "B", "participant"), ("p2", "C", "comparison_town"),
         ("p2", "D", "comparison_town"), ("p1", "E", "participant"),
         ("p1", "F", "comparison_peer")]
    ):  # fmt: skip
        frame = people(*normal(seed + i, 14, i), town=town, arm=arm, partnership=partnership)
        parts.append(frame.assign(followup=frame["post"] + 1))
    return parts


def table(outcomes: tuple[Outcome, ...], *parts: pd.DataFrame, order: list[str]) -> pd.DataFrame:
    responses, score = answers(*parts)
    points = pd.DataFrame({"tw_thermo": score, "tw_anx": 100 - score, "tw_trust": np.nan})
    settings = Design(before="pre", after="post", follow_up="followup", outcomes=outcomes)
    register = pd.DataFrame({"partnership_id": order})
    return assess(responses, scores(points), catalogue(), settings, register)


def test_every_row_keeps_to_the_glossary_and_the_lists_of_words() -> None:
    results = pd.concat(
        [run(design(5.0), *panel()), run(design(linked=False), *panel()),
         run(design(), *panel()[:1]), run(design(5.0), twinpanel())]
    )  # fmt: skip
    assert list(results.columns) == list(RESULT_COLUMNS)
    assert unknown_codes(results["note"]) == set()
    assert set(results["status"]) <= STATUSES
    assert set(results["verdict"]) <= {"", *VERDICTS}
    assert set(results.loc[results["outcome"] == "Q07", "estimand"]) <= set(LABELS)
    assert (results["source"] == "responses").all()
    numbers = results.select_dtypes("number").to_numpy()
    assert not np.isinf(numbers).any()
    judged = results["verdict"] != ""
    assert results.loc[judged, ["conf_low", "conf_high"]].notna().all(axis=None)
    assert results.loc[results["conf_low"].notna(), "conf_level"].eq(0.95).all()
    withheld = results["status"].isin(["refused", "not_estimable"])
    assert results.loc[withheld, ["std_error", "conf_low", "p_value"]].isna().all(axis=None)
    assert results.loc[results["outcome"] != "Q07", "grade"].dropna().le(3).all()


def test_the_types_are_those_of_every_results_table() -> None:
    filled = {name: 1 for name in RESULT_COLUMNS if name not in TEXT_RESULT_COLUMNS}
    expected = result_frame([filled | dict.fromkeys(TEXT_RESULT_COLUMNS, "x")])
    results = run(design(), *panel())
    assert list(results.dtypes) == list(expected.dtypes)


def test_partnerships_come_in_the_order_of_the_register_and_the_programme_last() -> None:
    results = table((), *panel(), order=["p2", "p1"])
    assert list(dict.fromkeys(results["partnership"])) == ["p2", "p1", "*"]


def test_without_planned_outcomes_every_scale_with_scores_is_assessed() -> None:
    results = table((), *panel(), order=["p1", "p2"])
    assert set(results["outcome"]) == {"Q07", "tw_thermo", "tw_anx"}
    both = rows_of(results, partnership="p1", method="paired_t", estimand="post-pre")
    change = both.set_index("outcome")["estimate"]
    assert change["tw_anx"] == pytest.approx(-change["tw_thermo"])
    assert set(both["verdict"]) == {"not_assessed"}


def test_descriptive_outcomes_and_outcomes_without_scores_are_left_out() -> None:
    outcomes = (
        Outcome(scale="tw_anx", role="descriptive"),
        Outcome(scale="tw_trust", role="primary"),
        Outcome(scale="tw_thermo", role="secondary"),
    )
    results = table(outcomes, *panel(), order=["p1", "p2"])
    assert set(results["outcome"]) == {"Q07", "tw_thermo"}


def test_an_outcome_that_is_no_scale_is_an_error_that_names_it() -> None:
    with pytest.raises(DesignError, match="tw_happiness") as caught:
        table((Outcome(scale="tw_happiness", role="primary"),), *panel(), order=["p1"])
    assert caught.value.hint and "tw_thermo" in caught.value.expected


def test_no_answers_give_an_empty_table() -> None:
    responses, score = answers(people([1.0], [2.0]))
    results = assess(
        responses.iloc[:0], scores(score.iloc[:0].to_frame("tw_thermo")), catalogue(),
        Design(), pd.DataFrame({"partnership_id": []}),
    )  # fmt: skip
    assert results.empty and list(results.columns) == list(RESULT_COLUMNS)


def test_the_order_of_questionnaires_does_not_matter() -> None:
    responses, score = answers(*panel())
    settings = design(5.0, follow_up="followup")
    register = pd.DataFrame({"partnership_id": ["p1", "p2"]})
    points = score.to_frame("tw_thermo")
    mixed = responses.sample(frac=1, random_state=4)
    first = assess(responses, scores(points), catalogue(), settings, register)
    second = assess(mixed, scores(points.loc[mixed.index]), catalogue(), settings, register)
    pd.testing.assert_frame_equal(first, second, rtol=1e-12)


def test_of_two_questionnaires_of_one_person_the_newest_counts_and_is_told() -> None:
    responses, score = answers(people(*normal(1, 12)))
    again = responses.iloc[[0]].assign(response_id="r99999", date=pd.Timestamp(2025, 5, 1))
    responses = pd.concat([again, responses], ignore_index=True)
    score = pd.concat([pd.Series([99.0]), score], ignore_index=True)
    register = pd.DataFrame({"partnership_id": ["p1"]})
    points = score.to_frame("tw_thermo")
    results = assess(responses, scores(points), catalogue(), design(), register)
    row = one(results, partnership="p1", method="paired_t")
    pre = score.iloc[1:13].to_numpy(copy=True)
    pre[0] = 99.0
    assert row["n"] == 12
    assert row["estimate"] == pytest.approx(score.iloc[13:].mean() - pre.mean())
    assert "repeated_answers:1" in one(results, partnership="p1", outcome="Q07")["note"]


def test_the_same_person_id_in_two_partnerships_is_two_people() -> None:
    responses, score = answers(people(*normal(1, 12)), people(*normal(2, 12), partnership="p2"))
    same = responses["person"].str[-2:].astype(int) % 12
    responses["person"] = "person" + same.astype("str")
    register = pd.DataFrame({"partnership_id": ["p1", "p2"]})
    points = score.to_frame("tw_thermo")
    results = assess(responses, scores(points), catalogue(), design(), register)
    assert one(results, partnership="*", method="paired_t")["n"] == 24


def test_partnerships_do_not_disturb_each_other() -> None:
    everybody = rows_of(run(design(5.0), *panel()), partnership="p2")
    alone = rows_of(run(design(5.0), *panel()[:4]), partnership="p2")
    pd.testing.assert_frame_equal(
        everybody.reset_index(drop=True), alone.reset_index(drop=True), rtol=1e-12
    )


def test_other_arms_and_waves_are_left_out() -> None:
    residents = people(*normal(9, 30), arm="resident_sample", town="Z")
    first, second = run(design(5.0), *panel()), run(design(5.0), *panel(), residents)
    pd.testing.assert_frame_equal(first, second)


def test_notes_are_joined_without_repetition() -> None:
    assert note("", "a;b", "b", "c:1") == "a;b;c:1"
    assert all(text and ";" not in code for code, text in CODES.items())
