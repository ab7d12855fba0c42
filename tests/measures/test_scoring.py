"""Scores from the declared range, checked against base arithmetic in R and by hand."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from measures_data import answers, catalogue_of
from shared_files import reference

from twinimpact.errors import IngestError
from twinimpact.instruments import Catalogue, load_catalogue
from twinimpact.measures import score_responses
from twinimpact.measures.coding import code_answers
from twinimpact.resources import surveys_dir

SPREAD = {"x1": (0, 10), "x2": (0, 10), "x3": (0, 10), "y1": (-3, 3), "y2": (-3, 3)}
KEYS = {
    "x": {"items": ["x1", "x2", "x3"], "reverse": ["x2"], "missing": ["88"]},
    "y": {"items": ["y1", "y2"]},
    "mixed": {"items": ["x1", "y1"]},
}
SMALL = catalogue_of(KEYS, SPREAD)


@pytest.fixture(scope="module")
def own() -> Catalogue:
    return load_catalogue(surveys_dir() / "own")


def one(own: Catalogue, scale: str, given_: dict[str, int | None], what: str = "points") -> float:
    """Score of one person on one scale of the own questionnaire."""
    scores = score_responses(answers({name: [code] for name, code in given_.items()}), own)
    return float(getattr(scores, what)[scale].iloc[0])


def load_reference() -> tuple[dict[str, Any], pd.DataFrame, Catalogue]:
    expected = json.loads(reference("measurement/scoring.json").read_text(encoding="utf-8"))
    cells = pd.read_csv(reference("measurement/scoring_input.csv"), dtype=str)
    keys = {name: score["key"] for name, score in expected["scores"].items()}
    ranges = {item: tuple(key["range"]) for key in keys.values() for item in key["items"]}
    items = list(ranges)
    frame = cells.assign(source="s", source_row=range(1, len(cells) + 1))
    frame[items] = cells[items].apply(pd.to_numeric)
    return expected, frame, catalogue_of(keys, ranges)


def test_scores_equal_the_reference_for_five_keys() -> None:
    expected, frame, catalogue = load_reference()
    scores = score_responses(frame, catalogue, out_of_range="set_missing")
    for name, score in expected["scores"].items():
        wanted = np.array(score["score"], dtype=float)
        points = np.array(score["pomp"], dtype=float)
        np.testing.assert_allclose(scores.raw[name], wanted, rtol=0, atol=1e-12)
        np.testing.assert_allclose(scores.points[name], points, rtol=0, atol=1e-10)
        assert scores.n_valid[name].tolist() == score["n_valid"]
        assert scores.lost[name] == score["n_lost_below_min_valid"]
        assert scores.no_answer[name] == score["n_no_answer"]
        assert int(scores.points[name].notna().sum()) == score["n_scored"]


def test_every_answer_out_of_range_is_listed_with_row_and_allowed_codes() -> None:
    expected, frame, catalogue = load_reference()
    with pytest.raises(IngestError) as caught:
        score_responses(frame, catalogue)
    problems = caught.value.problems
    assert {problem.code for problem in problems} == {"score_out_of_range"}
    listed = {(p.row, p.column, p.got, p.expected) for p in problems}
    wanted = {(e["row"], e["item"], e["value"], e["allowed"]) for e in expected["out_of_range"]}
    assert listed == wanted


def test_item_tallies_equal_the_reference() -> None:
    expected, frame, catalogue = load_reference()
    coded = code_answers(frame, catalogue)
    for item, tally in expected["item_tallies"].items():
        assert int((coded[item].codes > 0).sum()) == tally["valid"]
        assert len(coded[item].outside) == tally["out_of_range"]


def test_reversal_uses_the_declared_range_even_when_nobody_ticks_the_top() -> None:
    expected, frame, catalogue = load_reference()
    trap = expected["trap_observed_range"]
    scores = score_responses(frame, catalogue, out_of_range="set_missing")
    mean = scores.raw.loc[frame["partnership"] == trap["partnership"], "a_mean"].mean()
    assert mean == pytest.approx(trap["mean_a_declared_range"], abs=1e-12)
    assert mean != pytest.approx(trap["mean_a_observed_range_WRONG"], abs=1e-3)


@pytest.mark.parametrize("end", ["lo", "hi"])
def test_all_minimum_and_all_maximum_give_0_and_100_except_for_reversed_items(
    own: Catalogue, end: str
) -> None:
    frame = answers({name: [getattr(item, end)] for name, item in own.items.items()})
    if end == "lo":  # contact 0 makes its quality undefined
        frame["tw_contact_q1"] = pd.array([1], dtype="Int16")
        frame["tw_contact_q2"] = pd.array([0], dtype="Int16")
    scores = score_responses(frame, own)
    for name, scale in own.scales.items():
        share = len(scale.reverse) / len(scale.items)
        top = 100.0 if scale.unit == "points" else scale.hi
        wanted = top * (1 - share if end == "hi" else share)
        if name == "tw_contact_quantity" and end == "lo":
            wanted = 12.5
        assert scores.points[name].iloc[0] == pytest.approx(wanted), name


def test_contact_quality_without_contact_is_missing_not_zero(own: Catalogue) -> None:
    given_ = {"tw_contact_q1": 0, "tw_contact_q2": 0, "tw_contact_q3": 0, "tw_contact_q4": 0}
    assert np.isnan(one(own, "tw_contact_quality", given_))
    assert one(own, "tw_contact_quantity", given_) == 0.0
    unknown = {"tw_contact_q1": None, "tw_contact_q3": 8, "tw_contact_q4": 6}
    assert one(own, "tw_contact_quality", unknown) == 70.0


def test_more_days_in_person_than_in_touch_is_flagged_and_kept(own: Catalogue) -> None:
    frame = answers({"tw_contact_q1": [1, 4], "tw_contact_q2": [3, 3]})
    scores = score_responses(frame, own)
    assert [problem.code for problem in scores.problems] == ["score_contradiction"]
    assert scores.problems[0].got == "1 of 2"
    assert scores.points["tw_contact_quantity"].tolist() == [50.0, 87.5]


@pytest.mark.parametrize(("code", "wanted"), [(5, 4.0), (1, 2.0)])
def test_agreeing_with_everything_does_not_give_a_perfect_partnership(
    own: Catalogue, code: int, wanted: float
) -> None:
    items = {f"tw_health_a{number}": code for number in (1, 2, 3, 4)}
    assert one(own, "tw_health_mutual", items, "raw") == wanted


def test_acts_are_the_share_of_answered_acts_times_their_number(own: Catalogue) -> None:
    five = {f"tw_acts_p{number}": 1 if number < 4 else 0 for number in (1, 2, 3, 4, 5)}
    assert one(own, "tw_acts_all", five) == pytest.approx(60.0)
    assert one(own, "tw_acts_all", five, "raw") == pytest.approx(4.2)
    four = {name: code for name, code in five.items() if name != "tw_acts_p5"}
    assert np.isnan(one(own, "tw_acts_all", four))
    refused = five | {"tw_acts_p4": 88, "tw_acts_p6": 0}
    assert one(own, "tw_acts_all", refused) == pytest.approx(60.0)


def test_88_is_an_answer_on_the_thermometer_and_888_is_not(own: Catalogue) -> None:
    assert one(own, "tw_thermo", {"tw_thermo_th1": 88}) == 88.0
    assert np.isnan(one(own, "tw_thermo", {"tw_thermo_th1": 888}))
    assert np.isnan(one(own, "tw_anx", {"tw_anx_x1": 88, "tw_anx_x2": 3}))


def test_open_counts_stay_counts(own: Catalogue) -> None:
    assert one(own, "tw_friends", {"tw_friends_f1": 12}) == 12.0
    assert one(own, "tw_react_m6", {"tw_react_m6": 0}) == 50.0


def test_items_with_different_ranges_are_averaged_as_shares_of_their_maximum() -> None:
    scores = score_responses(answers({"x1": [10, 0], "y1": [0, -3]}), SMALL)
    assert scores.points["mixed"].tolist() == [75.0, 0.0]


def test_a_scale_nobody_was_asked_is_missing_throughout(own: Catalogue) -> None:
    scores = score_responses(answers({"tw_thermo_th1": [50]}), own)
    assert list(scores.points) == list(own.scales)
    assert scores.points.drop(columns="tw_thermo").isna().all(axis=None)
    assert scores.no_answer["tw_anx"] == 1


def test_no_responses_give_empty_scores(own: Catalogue) -> None:
    scores = score_responses(answers({"tw_thermo_th1": []}), own)
    assert scores.points.shape == (0, len(own.scales))
    assert scores.problems == ()


def test_text_in_an_answer_column_is_refused() -> None:
    frame = answers({"x1": [1]}).assign(x2="often")
    with pytest.raises(TypeError, match="x2"):
        score_responses(frame, SMALL)


def test_sums_of_long_scales_do_not_overflow_a_byte() -> None:
    items = [f"i{number}" for number in range(60)]
    catalogue = catalogue_of({"long": {"items": items}}, dict.fromkeys(items, (1, 7)))
    scores = score_responses(answers({item: [7, 1] for item in items}), catalogue)
    assert scores.raw["long"].tolist() == [7.0, 1.0]


def test_the_responses_are_not_changed() -> None:
    frame = answers({"x1": [88, 3], "x2": [5, None]})
    before = frame.copy(deep=True)
    score_responses(frame, SMALL)
    pd.testing.assert_frame_equal(frame, before)


code = st.one_of(st.none(), st.integers(0, 10), st.just(88))
rows = st.lists(st.tuples(code, code, code), min_size=1, max_size=12)


@given(rows)
@settings(max_examples=60, deadline=None)
def test_scores_stay_in_range_and_do_not_depend_on_row_order(
    given_: list[tuple[int | None, int | None, int | None]],
) -> None:
    columns = dict(zip(("x1", "x2", "x3"), zip(*given_, strict=True), strict=True))
    frame = answers(columns)
    points = score_responses(frame, SMALL).points["x"]
    assert points.dropna().between(0, 100).all()
    backwards = score_responses(frame.iloc[::-1], SMALL).points["x"]
    pd.testing.assert_series_equal(backwards.sort_index(), points)


@given(st.lists(st.integers(0, 10), min_size=3, max_size=3))
@settings(max_examples=60, deadline=None)
def test_mirrored_answers_give_mirrored_scores(given_: list[int]) -> None:
    frame = answers({f"x{i + 1}": [value, 10 - value] for i, value in enumerate(given_)})
    points = score_responses(frame, SMALL).points["x"]
    assert points.sum() == pytest.approx(100.0)
