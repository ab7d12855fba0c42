"""Multiple-response questions: the base is people; reference values and edges."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from shared_files import reference

from twinimpact.errors import DesignError, IngestError
from twinimpact.measures.multiple_response import multiple_response, ticks_of_bits

TOLERANCE = 1e-10
COMBINED = {
    "sport_and_music": ("all", "sport", "music"),
    "any_of_three": ("any", "sport", "music", "school"),
}


@pytest.fixture(scope="module")
def example() -> dict[str, Any]:
    path = reference("measurement/change_multiresponse_weights.json")
    content: dict[str, Any] = json.loads(path.read_text())["multiple_response"]
    return content


def test_shares_bases_and_errors_are_those_of_the_reference(example: dict[str, Any]) -> None:
    frame = pd.DataFrame(example["data"])
    found = multiple_response(
        frame[example["options"]],
        none=example["none_option"],
        asked=frame["asked"],
        weights=frame["w"],
        combinations=COMBINED,
    )
    base, wanted = found.base.iloc[0], example["base"]
    assert base["not_asked"] == wanted["not_asked"]
    assert base["nothing_ticked"] == wanted["asked_nothing_ticked"]
    assert base["n"] == wanted["base_respondents"]
    assert base["n_weighted"] == pytest.approx(wanted["base_weighted"], abs=TOLERANCE)
    assert base["n_eff"] == pytest.approx(wanted["n_eff_kish"], abs=TOLERANCE)
    assert base["ticks"] == wanted["ticks_excluding_none"]
    assert base["contradictions"] == 0
    rows = found.shares.set_index("option")
    for option, values in example["results"].items():
        row = rows.loc[option]
        assert row["ticks"] == values["n_ticks"]
        assert row["share"] == pytest.approx(values["share_of_respondents"], abs=TOLERANCE)
        limits = [row["conf_low"], row["conf_high"]]
        assert limits == pytest.approx(values["wilson_95"], abs=TOLERANCE)
        assert row["share_weighted"] == pytest.approx(values["share_weighted"], abs=TOLERANCE)
        assert row["std_error"] == pytest.approx(values["se_linearised"], abs=TOLERANCE)
        if values["share_of_ticks"] is None:
            assert np.isnan(row["share_of_ticks"])
        else:
            assert row["share_of_ticks"] == pytest.approx(values["share_of_ticks"], abs=TOLERANCE)
    for name, share in example["combinations"].items():
        assert rows.loc[name, "share"] == pytest.approx(share, abs=TOLERANCE)
    options = rows[rows["kind"] == "option"]["share"].sum()
    assert options == pytest.approx(example["sum_of_shares"], abs=TOLERANCE)


def test_a_bit_mask_gives_what_the_columns_give(example: dict[str, Any]) -> None:
    frame = pd.DataFrame(example["data"])
    options = example["options"]
    bits = sum(frame[name].fillna(0) * 2**place for place, name in enumerate(options))
    mask = [int(one) if asked else None for one, asked in zip(bits, frame["asked"], strict=True)]
    masked = multiple_response(ticks_of_bits(mask, options), none="none", weights=frame["w"])
    plain = multiple_response(frame[options], none="none", weights=frame["w"])
    pd.testing.assert_frame_equal(masked.shares, plain.shares)
    pd.testing.assert_frame_equal(masked.base, plain.base)
    with pytest.raises(IngestError):
        ticks_of_bits([16], options)


def test_none_with_another_option_is_counted_as_a_contradiction() -> None:
    ticks = pd.DataFrame({"a": [1, 1, 0], "none": [1, 0, 1]})
    found = multiple_response(ticks, none="none")
    assert found.base.loc[0, ["contradictions", "n"]].tolist() == [1, 3]
    assert found.shares["ticks"].tolist() == [2, 2]


def test_groups_are_counted_apart_and_agree_with_separate_calls() -> None:
    rng = np.random.default_rng(2)
    ticks = pd.DataFrame(rng.integers(0, 2, (60, 3)), columns=["a", "b", "c"])
    weights, group = rng.uniform(0.5, 2, 60), np.repeat(["x", "y", "z"], 20)
    together = multiple_response(ticks, weights=weights, group=group).shares
    for name in "xyz":
        here = group == name
        alone = multiple_response(ticks[here], weights=weights[here]).shares
        part = together[together["group"] == name].reset_index(drop=True)
        pd.testing.assert_frame_equal(part.drop(columns="group"), alone.drop(columns="group"))


def test_equal_weights_give_the_unweighted_share_and_scaling_changes_nothing() -> None:
    rng = np.random.default_rng(3)
    ticks = pd.DataFrame(rng.integers(0, 2, (50, 2)), columns=["a", "b"])
    plain = multiple_response(ticks).shares
    tripled = multiple_response(ticks, weights=np.full(50, 3.0)).shares
    assert np.allclose(plain["share"], plain["share_weighted"])
    assert np.allclose(plain["std_error"], tripled["std_error"])
    n = plain["n"].to_numpy()
    share = plain["share"].to_numpy()
    assert np.allclose(plain["std_error"], np.sqrt(share * (1 - share) / (n - 1)))


def test_a_group_without_answers_has_counts_but_no_shares() -> None:
    ticks = pd.DataFrame({"a": [1, pd.NA], "b": [0, pd.NA]}, dtype="Int64")
    found = multiple_response(ticks, group=["x", "y"])
    assert found.base["n"].tolist() == [1, 0]
    assert found.base["not_asked"].tolist() == [0, 1]
    empty = found.shares[found.shares["group"] == "y"]
    assert empty[["share", "conf_low", "conf_high", "std_error"]].isna().all(axis=None)


def test_impossible_requests_are_refused() -> None:
    ticks = pd.DataFrame({"a": [1, 0]})
    with pytest.raises(IngestError):
        multiple_response(pd.DataFrame({"a": [2, 0]}))
    with pytest.raises(IngestError):
        multiple_response(ticks, weights=[1.0, 0.0])
    with pytest.raises(DesignError):
        multiple_response(ticks, none="b")
    with pytest.raises(DesignError):
        multiple_response(ticks, weights=[1.0])
    with pytest.raises(DesignError):
        multiple_response(ticks, combinations={"x": ("any", "b")})
    with pytest.raises(DesignError):
        multiple_response(ticks, combinations={"a": ("any", "a")})


def test_columns_with_reserved_names_are_options_like_any_other() -> None:
    ticks = pd.DataFrame({"weights": [1, 0], "n": [1, 1], "index": [0, 1]})
    assert multiple_response(ticks).shares["ticks"].tolist() == [1, 2, 1]
