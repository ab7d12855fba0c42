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
from twinimpact.measures import ScaleKey, score, score_responses
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


def one_score(
    own: Catalogue, scale: str, given_: dict[str, int | None], what: str = "points"
) -> float:
    """Score of one person on one scale of the own questionnaire."""
    scores = score_responses(answers({name: [code] for name, code in given_.items()}), own)
    return float(getattr(scores, what)[scale].iloc[0])


def load_reference() -> tuple[dict[str, Any], pd.DataFrame, Catalogue]:
    expected = json.loads(reference("measurement/scoring.json").read_text(encoding="utf-8"))
    cells = pd.read_csv(reference("measurement/scoring_input.csv"), dtype=str)
    keys = {name: one["key"] for name, one in expected["scores"].items()}
    ranges = {item: tuple(key["range"]) for key in keys.values() for item in key["items"]}
    items = list(ranges)
    frame = cells.assign(source="s", source_row=range(1, len(cells) + 1))
    frame[items] = cells[items].apply(pd.to_numeric)
    return expected, frame, catalogue_of(keys, ranges)


def test_scores_equal_the_reference_for_five_keys() -> None:
    expected, frame, catalogue = load_reference()
    scores = score_responses(frame, catalogue, out_of_range="set_missing")
    for name, one in expected["scores"].items():
        wanted = np.array(one["score"], dtype=float)
        points = np.array(one["pomp"], dtype=float)
        np.testing.assert_allclose(scores.raw[name], wanted, rtol=0, atol=1e-12)
        np.testing.assert_allclose(scores.points[name], points, rtol=0, atol=1e-10)
        assert scores.n_valid[name].tolist() == one["n_valid"]
        assert scores.lost[name] == one["n_lost_below_min_valid"]
        assert scores.no_answer[name] == one["n_no_answer"]
        assert int(scores.points[name].notna().sum()) == one["n_scored"]


def test_every_answer_out_of_range_is_listed_with_row_and_allowed_codes() -> None:
    expected, frame, catalogue = load_reference()
    with pytest.raises(IngestError) as caught:
        score_responses(frame, catalogue)
    problems = [p for p in caught.value.problems if p.code == "score_out_of_range"]
    listed = {(p.row, p.column, p.got, p.expected) for p in problems}
    wanted = {(e["row"], e["item"], e["value"], e["allowed"]) for e in expected["out_of_range"]}
    assert listed == wanted


def test_item_tallies_equal_the_reference() -> None:
    expected, frame, catalogue = load_reference()
    coded = code_answers(frame, catalogue)
    tallies = score_responses(frame, catalogue, out_of_range="set_missing").tallies
    assert tallies is not None
    for item, tally in expected["item_tallies"].items():
        assert int((coded[item].codes > 0).sum()) == tally["valid"]
        assert len(coded[item].outside) == tally["out_of_range"]
        assert {name: tallies.loc[item, name] for name in tally} == tally


def test_raw_sums_and_counts_of_yes_stand_beside_the_scores() -> None:
    expected, frame, catalogue = load_reference()
    scores = score_responses(frame, catalogue, out_of_range="set_missing")
    yes = np.array(expected["scores"]["c_count"]["raw_yes"], dtype=float)
    np.testing.assert_array_equal(scores.raw_sum["c_count"], yes)
    prorated = np.array(expected["scores"]["a_sum"]["score"], dtype=float)
    complete = scores.n_valid["a_sum"] == 5
    np.testing.assert_array_equal(scores.raw_sum.loc[complete, "a_sum"], prorated[complete])


def test_an_item_with_many_answers_out_of_range_is_named() -> None:
    frame = answers({"x1": [5] * 198 + [55, 55], "x2": [5] * 199 + [11], "x3": [5] * 200})
    scores = score_responses(frame, SMALL, out_of_range="set_missing")
    misfit = [p for p in scores.problems if p.code == "score_codebook_misfit"]
    assert misfit == []  # exactly 1 per cent is not above it
    frame.loc[0, "x1"] = 55
    scores = score_responses(frame, SMALL, out_of_range="set_missing")
    misfit = [p for p in scores.problems if p.code == "score_codebook_misfit"]
    assert [(p.column, p.got) for p in misfit] == [("x1", "3 of 200")]
    assert "x1" in misfit[0].what()


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
    assert np.isnan(one_score(own, "tw_contact_quality", given_))
    assert one_score(own, "tw_contact_quantity", given_) == 0.0
    unknown = {"tw_contact_q1": None, "tw_contact_q3": 8, "tw_contact_q4": 6}
    assert one_score(own, "tw_contact_quality", unknown) == 70.0


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
    assert one_score(own, "tw_health_mutual", items, "raw") == wanted


def test_acts_are_the_share_of_answered_acts_times_their_number(own: Catalogue) -> None:
    five = {f"tw_acts_p{number}": 1 if number < 4 else 0 for number in (1, 2, 3, 4, 5)}
    assert one_score(own, "tw_acts_all", five) == pytest.approx(60.0)
    assert one_score(own, "tw_acts_all", five, "raw") == pytest.approx(4.2)
    four = {name: code for name, code in five.items() if name != "tw_acts_p5"}
    assert np.isnan(one_score(own, "tw_acts_all", four))
    refused = five | {"tw_acts_p4": 88, "tw_acts_p6": 0}
    assert one_score(own, "tw_acts_all", refused) == pytest.approx(60.0)


def test_88_is_an_answer_on_the_thermometer_and_888_is_not(own: Catalogue) -> None:
    assert one_score(own, "tw_thermo", {"tw_thermo_th1": 88}) == 88.0
    assert np.isnan(one_score(own, "tw_thermo", {"tw_thermo_th1": 888}))
    assert np.isnan(one_score(own, "tw_anx", {"tw_anx_x1": 88, "tw_anx_x2": 3}))


def test_open_counts_stay_counts(own: Catalogue) -> None:
    assert one_score(own, "tw_friends", {"tw_friends_f1": 12}) == 12.0
    assert one_score(own, "tw_react_m6", {"tw_react_m6": 0}) == 50.0


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


# --- the door: plain keys and any column type ---

KEY = ScaleKey(items=("a1", "a2", "a3"), low=1, high=5, reverse=("a2",), missing=(99,))
PLAIN: dict[str, list[float | None]] = {
    "a1": [5, 1, None, 99], "a2": [1, 4, None, 2], "a3": [4, 2, None, None],
}  # fmt: skip


@pytest.mark.parametrize("kind", ["Int8", "Int16", "Int64", "Float64", "float64", "object"])
def test_any_type_of_column_gives_the_same_scores(kind: str) -> None:
    frame = pd.DataFrame(PLAIN, dtype="float64").astype("float64" if kind == "object" else kind)
    scores = score(frame, {"a": KEY})
    np.testing.assert_allclose(scores.points["a"], [91.66666666666667, 100 / 6, np.nan, np.nan])
    assert scores.n_valid["a"].tolist() == [3, 3, 0, 1]
    assert (scores.lost["a"], scores.no_answer["a"]) == (1, 1)


@pytest.mark.parametrize("kind", ["int8", "uint8", "int16", "uint16", "int32", "int64", "uint64"])
@pytest.mark.parametrize(("low", "high"), [(0, 100), (-3, 3), (1, 5), (0, 10)])
def test_only_codes_of_the_declared_range_count_whatever_the_type(
    kind: str, low: int, high: int
) -> None:
    limits = np.iinfo(kind)
    codes = np.arange(max(limits.min, -128), min(limits.max, 255) + 1)
    frame = pd.DataFrame({"x": codes.astype(kind)})
    key = ScaleKey(items=("x",), low=low, high=high)
    scores = score(frame, {"x": key}, out_of_range="set_missing")
    wanted = np.where((codes >= low) & (codes <= high), 100 * (codes - low) / (high - low), np.nan)
    np.testing.assert_allclose(scores.points["x"], wanted)
    inside = int(np.isfinite(wanted).sum())
    assert sum(p.code == "score_out_of_range" for p in scores.problems) == len(codes) - inside


def test_yes_and_no_as_truth_values_are_counted() -> None:
    frame = pd.DataFrame({"a": [True, False, True], "b": pd.array([True, None, False], "boolean")})
    scores = score(frame, {"acts": ScaleKey(items=("a", "b"), low=0, high=1, method="count")})
    assert scores.raw["acts"].tolist()[::2] == [2.0, 1.0]
    assert np.isnan(scores.raw["acts"].iloc[1])


def test_half_answers_are_out_of_range_and_a_declared_missing_code_is_not() -> None:
    frame = pd.DataFrame({"x": [2.5, 3.0, np.nan, 88.0, np.inf]})
    key = ScaleKey(items=("x",), low=1, high=5, missing=(88,))
    scores = score(frame, {"x": key}, out_of_range="set_missing")
    listed = [(p.row, p.got) for p in scores.problems if p.code == "score_out_of_range"]
    assert listed == [(1, "2.5"), (5, "inf")]
    assert scores.tallies is not None
    assert scores.tallies.loc["x"].tolist() == [1, 1, 1, 0, 2]


def test_answers_to_a_question_that_did_not_apply_do_not_count(own: Catalogue) -> None:
    frame = answers({"tw_contact_q1": [0, 2], "tw_contact_q3": [5, 5]})
    tallies = score_responses(frame, own).tallies
    assert tallies is not None
    assert tallies.loc["tw_contact_q3", ["valid", "skipped"]].tolist() == [1, 1]


def test_nobody_may_answer_a_wave_twice() -> None:
    frame = pd.DataFrame({"who": ["a", "a", "b"], "wave": ["pre", "post", "pre"], "x": [1, 2, 3]})
    key = {"x": ScaleKey(items=("x",), low=1, high=5)}
    assert len(score(frame, key, respondent="who", wave="wave").points) == 3
    with pytest.raises(IngestError) as caught:
        score(frame, key, respondent="who")
    assert [(p.code, p.row) for p in caught.value.problems] == [
        ("score_answered_twice", 1), ("score_answered_twice", 2),
    ]  # fmt: skip


def test_keys_that_contradict_themselves_or_each_other_are_refused() -> None:
    frame = pd.DataFrame({"x": [1], "y": [1]})
    wrong = [
        ScaleKey(items=(), low=1, high=5),
        ScaleKey(items=("x", "x"), low=1, high=5),
        ScaleKey(items=("x",), low=5, high=5),
        ScaleKey(items=("x",), low=1, high=5, reverse=("y",)),
        ScaleKey(items=("x",), low=1, high=5, missing=(3,)),
        ScaleKey(items=("x",), low=1, high=5, method="median"),
        ScaleKey(items=("x", "y"), low=1, high=5, method="value"),
        ScaleKey(items=("x", "y"), low=1, high=5, minimal_valid=3),
    ]
    for key in wrong:
        with pytest.raises(ValueError, match="scale one"):
            score(frame, {"one": key})
    first, second = (ScaleKey(items=("x",), low=low, high=5) for low in (0, 1))
    with pytest.raises(ValueError, match="x"):
        score(frame, {"one": first, "two": second})


def test_totals_do_not_overflow_a_byte_whatever_the_scale_starts_at() -> None:
    items = tuple(f"i{number}" for number in range(40))
    frame = pd.DataFrame({item: np.array([7, 1, 7], dtype="int8") for item in items})
    frame.loc[2, items[:20]] = 1
    key = ScaleKey(items=items, low=1, high=7, reverse=items[:20])
    assert score(frame, {"s": key}).points["s"].tolist() == [50.0, 50.0, 100.0]
    zeros = pd.DataFrame({item: np.array([0, 10], dtype="int8") for item in items})
    found = score(zeros, {"s": ScaleKey(items=items, low=0, high=10)})
    assert found.points["s"].tolist() == [0.0, 100.0]
    assert found.n_valid["s"].tolist() == [40, 40]


def test_a_wide_range_is_divided_row_by_row_with_the_same_result() -> None:
    items = tuple(f"i{number}" for number in range(30))
    frame = pd.DataFrame({item: [0, 100_000, 50_000] for item in items})
    found = score(frame, {"s": ScaleKey(items=items, low=0, high=100_000)})
    assert found.points["s"].tolist() == [0.0, 100.0, 50.0]
    assert found.raw["s"].tolist() == [0.0, 100_000.0, 50_000.0]


def test_stretches_of_rows_meet_without_a_seam(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(5)
    frame = pd.DataFrame(rng.integers(0, 7, (1000, 3)).astype("int8"), columns=["a1", "a2", "a3"])
    whole = score(frame, {"a": KEY}, out_of_range="set_missing")
    monkeypatch.setattr("twinimpact.measures.coding.STRETCH", 64)
    again = score(frame, {"a": KEY}, out_of_range="set_missing")
    pd.testing.assert_frame_equal(whole.points, again.points)
    assert whole.problems == again.problems


@pytest.mark.parametrize("name", ["weights", "strata", "psu", "n", "index"])
def test_columns_may_be_called_anything(name: str) -> None:
    frame = pd.DataFrame({name: [1, 5]})
    assert score(frame, {name: ScaleKey(items=(name,), low=1, high=5)}).points[name].tolist() == [
        0.0, 100.0,
    ]  # fmt: skip


def test_read_only_columns_are_read_and_left_as_they_are() -> None:
    columns = np.array([[5, 1], [1, 5], [4, 2]], dtype="int8")
    columns.flags.writeable = False
    frame = pd.DataFrame(columns.T, columns=["a1", "a2", "a3"], copy=False)
    assert score(frame, {"a": KEY}).points["a"].notna().all()
    assert columns.tolist() == [[5, 1], [1, 5], [4, 2]]


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
