"""The door ``careless``: reference values, the same for arrays and frames, flags and consensus."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from shared_files import reference

from twinimpact.errors import DesignError, IngestError
from twinimpact.measures import FlagRules, ScaleKey, careless, flag_rules

INDICES = (
    "longstring", "average_longstring", "irv", "even_odd", "mahalanobis_squared",
    "psychometric_synonyms", "person_total", "seconds_per_item",
)  # fmt: skip


def with_synonyms_from(correlation: float) -> FlagRules:
    rules = flag_rules()
    rule = rules.rules["synonyms"]
    changed = replace(rule, numbers={**rule.numbers, "correlation": correlation})
    return replace(rules, rules={**rules.rules, "synonyms": changed})


@pytest.fixture(scope="module")
def example() -> dict[str, Any]:
    content: dict[str, Any] = json.loads(reference("measurement/careless.json").read_text())
    data = content["data"]
    frame = pd.read_csv(reference("measurement/careless_input.csv"))
    frame = frame.iloc[[row - 1 for row in data["complete_rows"]]]
    keys = {
        name: ScaleKey(
            items=tuple(items), low=data["range"][0], high=data["range"][1],
            reverse=tuple(item for item in items if item in data["reversed"]),
        )
        for name, items in data["scales"].items()
    }  # fmt: skip
    found = careless(frame, keys, seconds=frame["seconds"], rules=with_synonyms_from(0.40))
    return {"frame": frame, "keys": keys, "found": found, **content}


@pytest.mark.parametrize("index", INDICES)
def test_indices_are_those_of_the_reference(example: dict[str, Any], index: str) -> None:
    found = example["found"][index].to_numpy(dtype="float64")
    expected = pd.DataFrame(example["values"])
    wanted = expected[index].to_numpy(dtype="float64")
    known = np.ones(len(wanted), dtype=bool)
    if index == "psychometric_synonyms":
        # one person answered the first question of every pair alike: not defined; R's package
        # then turns pairs round at random
        known = (expected["respondent"] != "R05").to_numpy()
        assert np.isnan(found[~known]).all()
    assert len(found) == 58
    tolerance = example["tolerance"]["index"]
    assert np.allclose(found[known], wanted[known], rtol=0, atol=tolerance, equal_nan=True)


def test_an_array_gives_what_the_frame_gives(example: dict[str, Any]) -> None:
    # T21: a known program uses only the first two items of each scale when given a matrix
    frame, keys = example["frame"], example["keys"]
    items = [item for key in keys.values() for item in key.items]
    rules = with_synonyms_from(0.40)
    array = frame[items].to_numpy()
    found = careless(array, keys, seconds=frame["seconds"].to_numpy(), rules=rules)
    pd.testing.assert_frame_equal(found, example["found"].reset_index(drop=True))
    nullable = careless(
        frame.astype(dict.fromkeys(items, "Int16")), keys, seconds=frame["seconds"], rules=rules
    )
    pd.testing.assert_frame_equal(nullable, example["found"])


def test_planted_people_are_flagged_and_agreement_needs_two_families(
    example: dict[str, Any],
) -> None:
    found = example["found"].set_index(example["frame"]["respondent"])
    assert found.loc["R01", "flag_longstring"]
    assert found.loc["R05", "flag_repeated_pattern"]
    assert found.loc["R03", ["flag_even_odd", "flag_seconds_per_item"]].all()
    # a straight line has no even-odd consistency: neither passed nor failed
    assert pd.isna(found.loc["R01", "flag_even_odd"])
    # too few people for a percentile of the spread
    assert found["flag_irv"].isna().all()
    assert found.loc["R01", "families"] == 2
    assert found.loc["R01", "careless"]
    assert not found.loc["R05", "careless"]
    assert (found["careless"] == (found["families"] >= 2)).all()


def test_two_flags_of_one_family_are_one_piece_of_evidence(example: dict[str, Any]) -> None:
    frame = example["frame"].assign(seconds=100.0)
    calm = careless(frame, example["keys"], seconds=frame["seconds"])
    place = int(np.flatnonzero(calm["families"] == 0)[0])
    frame.iloc[place, frame.columns.get_indexer(["seconds"])] = 6.0
    found = careless(frame, example["keys"], seconds=frame["seconds"]).iloc[place]
    assert found[["flag_seconds_per_item", "flag_speeder_strong", "flag_speeder_weak"]].all()
    assert found["families"] == 1
    assert not found["careless"]


def test_a_failed_instructed_item_is_a_flag_of_attention(example: dict[str, Any]) -> None:
    frame = example["frame"].assign(check=4, late=pd.NA)
    frame.iloc[0, frame.columns.get_indexer(["check"])] = 2
    found = careless(frame, example["keys"], instructed={"check": 4, "late": 1})
    assert found["failed_instructed"].tolist() == [1.0] + [0.0] * 57
    assert bool(found["flag_instructed"].iloc[0])
    # the straight line of the first person is another family
    assert found["families"].iloc[0] == 2
    with pytest.raises(DesignError):
        careless(frame, example["keys"], instructed={"nothing": 1})


def test_missing_answers_end_runs_and_count_as_missing(example: dict[str, Any]) -> None:
    frame, keys = example["frame"].copy().astype("object"), example["keys"]
    items = [item for key in keys.values() for item in key.items]
    frame[items] = frame[items].astype("Int64")
    frame.loc[frame.index[0], ["s2_1", "s3_1"]] = pd.NA
    frame.loc[frame.index[1], items[:7]] = pd.NA
    found = careless(frame, keys)
    assert found["longstring"].iloc[0] == 4
    assert found["missing_share"].iloc[:3].tolist() == pytest.approx([2 / 12, 7 / 12, 0])
    assert found["flag_missing_share"].iloc[:3].tolist() == [False, True, False]
    assert np.isnan(found["mahalanobis_squared"].iloc[1])
    assert found["seconds_per_item"].isna().all()
    assert "flag_seconds_per_item" not in found


def test_rules_say_where_they_come_from_and_change_flags(example: dict[str, Any]) -> None:
    frame, keys = example["frame"], example["keys"]
    strict = flag_rules()
    rule = strict.rules["longstring"]
    loose = replace(rule, numbers={**rule.numbers, "least": 4.0, "share": 0.3})
    changed = replace(strict, rules={**strict.rules, "longstring": loose})
    assert all(one.provenance for one in strict.rules.values())
    before = careless(frame, keys)["flag_longstring"].sum()
    assert careless(frame, keys, rules=changed)["flag_longstring"].sum() > before


def test_ranges_that_differ_are_compared_as_shares() -> None:
    rng = np.random.default_rng(2)
    wide = rng.integers(0, 11, (60, 4))
    frame = pd.DataFrame(np.hstack([wide, wide // 5 + 1]), columns=list("abcdefgh"))
    keys = {
        "one": ScaleKey(items=("a", "b", "c", "d"), low=0, high=10),
        "two": ScaleKey(items=("e", "f", "g", "h"), low=1, high=3),
    }
    found = careless(frame, keys)
    shares = np.hstack([wide / 10, (wide // 5) / 2])
    assert np.allclose(found["irv"], shares.std(axis=1, ddof=1))


def test_what_does_not_fit_the_keys_is_refused(example: dict[str, Any]) -> None:
    frame, keys = example["frame"], example["keys"]
    with pytest.raises(IngestError):
        careless(frame.assign(s1_1=9), keys)
    with pytest.raises(DesignError):
        careless(frame.to_numpy()[:, 1:5].astype(float), keys)
    with pytest.raises(DesignError):
        careless(frame[["seconds"]], keys)
    with pytest.raises(DesignError):
        careless(frame, keys, seconds=[1.0])


def test_the_input_is_left_as_it_was(example: dict[str, Any]) -> None:
    before = example["frame"].copy()
    careless(example["frame"], example["keys"])
    pd.testing.assert_frame_equal(example["frame"], before)


def test_order_of_people_changes_nothing(example: dict[str, Any]) -> None:
    frame = example["frame"]
    order = np.random.default_rng(1).permutation(len(frame))
    mixed = careless(frame.iloc[order], example["keys"], rules=with_synonyms_from(0.40))
    plain = careless(frame, example["keys"], rules=with_synonyms_from(0.40)).iloc[order]
    for name in mixed:
        a, b = mixed[name], plain[name]
        if a.dtype == "float64":
            assert np.allclose(a, b, equal_nan=True)
        else:
            pd.testing.assert_series_equal(a, b)
