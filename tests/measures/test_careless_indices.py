"""Indices of careless answering against the reference values, and their edges."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from shared_files import reference

from twinimpact.measures import careless_indices

TOLERANCE = 1e-10


@pytest.fixture(scope="module")
def example() -> dict[str, Any]:
    content = json.loads(reference("measurement/careless.json").read_text())
    frame = pd.read_csv(reference("measurement/careless_input.csv"))
    frame = frame.iloc[[row - 1 for row in content["data"]["complete_rows"]]]
    items = [item for scale in content["data"]["scales"].values() for item in scale]
    raw = frame[items].to_numpy(dtype="float64")
    turned = raw.copy()
    for item in content["data"]["reversed"]:
        turned[:, items.index(item)] = 6 - turned[:, items.index(item)]
    return {
        "raw": raw,
        "turned": turned,
        "expected": pd.DataFrame(content["values"]),
        "pairs": content["n_synonym_pairs"],
        "seconds": frame["seconds"].to_numpy(),
    }


def assert_equal(found: np.ndarray, expected: pd.Series) -> None:
    wanted = expected.to_numpy(dtype="float64")
    assert np.array_equal(np.isnan(found), np.isnan(wanted))
    assert np.allclose(found, wanted, rtol=0, atol=TOLERANCE, equal_nan=True)


def test_runs_are_those_of_the_reference(example: dict[str, Any]) -> None:
    longest, mean = careless_indices.runs(example["raw"].astype("uint8"))
    assert_equal(longest.astype("float64"), example["expected"]["longstring"])
    assert_equal(mean, example["expected"]["average_longstring"])


def test_spread_and_distance_are_those_of_the_reference(example: dict[str, Any]) -> None:
    assert_equal(careless_indices.irv(example["raw"]), example["expected"]["irv"])
    assert_equal(
        careless_indices.mahalanobis_squared(example["raw"]),
        example["expected"]["mahalanobis_squared"],
    )


def test_consistency_is_that_of_the_reference(example: dict[str, Any]) -> None:
    turned = example["turned"]
    scales = [turned[:, start : start + 4] for start in (0, 4, 8)]
    assert_equal(careless_indices.even_odd(scales), example["expected"]["even_odd"])
    assert_equal(careless_indices.person_total(turned), example["expected"]["person_total"])


def test_synonyms_are_those_of_the_reference_where_they_are_defined(
    example: dict[str, Any],
) -> None:
    pairs = careless_indices.synonym_pairs(example["turned"], 0.40)
    assert len(pairs) == example["pairs"]
    found = careless_indices.synonyms(example["turned"], pairs)
    expected = example["expected"]["psychometric_synonyms"].to_numpy(dtype="float64")
    # one person gave the same answer to the first question of every pair: the index is not
    # defined; R's package then turns pairs round at random and reports what comes of it
    person = (example["expected"]["respondent"] == "R05").to_numpy()
    first = [pair[0] for pair in pairs]
    assert np.ptp(example["turned"][person][:, first]) == 0
    assert np.isnan(found[person]).all()
    assert_equal(found[~person], pd.Series(expected[~person]))


def test_a_gap_ends_a_run_and_no_answers_have_no_mean_run() -> None:
    longest, mean = careless_indices.runs(
        np.array([[2, 2, 0, 2], [0, 0, 0, 0], [1, 1, 1, 3]], "uint8")
    )
    assert longest.tolist() == [2, 0, 3]
    assert mean[0] == 1.5
    assert np.isnan(mean[1])


def test_runs_longer_than_a_byte_are_counted() -> None:
    longest, _ = careless_indices.runs(np.full((1, 300), 3, dtype="uint8"))
    assert longest.tolist() == [300]


def test_a_pattern_is_found_at_its_length_and_a_straight_line_is_none() -> None:
    rows = np.array(
        [
            [1, 2, 3, 4, 5] * 3,
            [1, 4] * 7 + [1],
            [3] * 15,
            [1, 2, 3, 4, 5, 1, 2, 3, 4, 5, 5, 4, 3, 2, 1],
            [1, 4, 1, 4, 1, 4, 2, 5, 3, 1, 2, 4, 5, 3, 2],
        ],
        dtype="uint8",
    )
    found = careless_indices.repeated_pattern(rows, (2, 3, 4, 5), times=3, least=10)
    assert found.tolist() == [True, True, False, False, False]


def test_a_straight_line_has_no_consistency_and_no_person_total() -> None:
    values = np.vstack([np.full((1, 12), 0.5), np.random.default_rng(1).random((30, 12))])
    scales = [values[:, start : start + 4] for start in (0, 4, 8)]
    assert np.isnan(careless_indices.even_odd(scales)[0])
    assert np.isnan(careless_indices.person_total(values)[0])
    assert careless_indices.irv(values)[0] == 0


def test_distance_is_missing_for_rows_with_gaps_and_for_questions_without_variation() -> None:
    values = np.random.default_rng(2).random((30, 3))
    values[4, 1] = np.nan
    found = careless_indices.mahalanobis_squared(values)
    assert np.isnan(found[4])
    assert np.isfinite(np.delete(found, 4)).all()
    values[:, 2] = 0.5
    assert np.isnan(careless_indices.mahalanobis_squared(values)).all()


def test_distance_squared_adds_up_to_its_expectation() -> None:
    # the sum over n rows is p * (n - 1): a property of the sample covariance
    values = np.random.default_rng(3).random((40, 5))
    assert careless_indices.mahalanobis_squared(values).sum() == pytest.approx(5 * 39)


def test_correlations_of_rows_are_those_of_numpy() -> None:
    rng = np.random.default_rng(4)
    one, two = rng.random((6, 9)), rng.random((6, 9))
    expected = [np.corrcoef(a, b)[0, 1] for a, b in zip(one, two, strict=True)]
    assert careless_indices.correlation(one, two) == pytest.approx(expected, abs=1e-12)


def test_gaps_are_left_out_of_correlations_pairwise_and_of_the_means_of_others() -> None:
    values = np.random.default_rng(5).random((40, 6))
    values[:, 1] = values[:, 0] + 0.05 * values[:, 1]
    values[3, 0] = values[7, 4] = values[9, 1] = np.nan
    frame = pd.DataFrame(values)
    expected = frame.corr().to_numpy()
    first, second = np.nonzero(np.triu(expected >= 0.6, k=1))
    assert careless_indices.synonym_pairs(values, 0.6) == tuple(
        zip(first.tolist(), second.tolist(), strict=True)
    )
    total = careless_indices.person_total(values)
    for person in (0, 3, 7):
        others = frame.drop(index=person).mean()
        assert total[person] == pytest.approx(frame.loc[person].corr(others), abs=1e-12)
    assert careless_indices.irv(values) == pytest.approx(frame.std(axis=1).to_numpy(), abs=1e-12)


def test_the_means_of_others_are_left_one_out_without_gaps_too() -> None:
    values = np.random.default_rng(6).integers(1, 8, (30, 9)).astype("float64")
    frame = pd.DataFrame(values)
    expected = [frame.loc[i].corr(frame.drop(index=i).mean()) for i in range(30)]
    assert careless_indices.person_total(values) == pytest.approx(expected, abs=1e-12)
