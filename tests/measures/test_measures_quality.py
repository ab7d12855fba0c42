"""Questionnaires, people found in both waves, questions left open."""

from __future__ import annotations

import pandas as pd
import pytest
from measures_data import answers, catalogue_of

from twinimpact.instruments import load_catalogue
from twinimpact.measures import quality_rows
from twinimpact.resources import surveys_dir

CATALOGUE = catalogue_of(
    {"a": {"items": ["a1", "a2"], "missing": ["88"]}}, {"a1": (0, 10), "a2": (0, 10)}
)
NO_LINKS = pd.DataFrame({"response_id": [], "method": []}, dtype="str")
NOTHING_MISSING = pd.DataFrame({"response_id": [], "item_id": [], "reason": []}, dtype="str")


def one(found: pd.DataFrame, outcome: str, estimand: str, arm: str = "participant") -> pd.Series:
    rows = found[(found["outcome"] == outcome) & (found["estimand"] == estimand)]
    rows = rows[(rows["partnership"] == "lin-elb") & (rows["arm"] == arm)]
    assert len(rows) == 1
    return rows.iloc[0]


def two_waves() -> tuple[pd.DataFrame, pd.DataFrame]:
    pre = answers({"a1": [5] * 6})
    post = answers({"a1": [5] * 5}).assign(wave="post")
    post["response_id"] = [f"s{number}" for number in range(5)]
    post["person"] = ["p0", "p1", "p2", "new", "odd"]
    frame = pd.concat([pre, post], ignore_index=True)
    methods = ["exact"] * 5 + ["unlinked"] + ["exact", "exact", "fuzzy", "unlinked", "ambiguous"]
    return frame, pd.DataFrame({"response_id": frame["response_id"], "method": methods})


def test_questionnaires_are_counted_per_wave_and_arm() -> None:
    frame = pd.concat(
        [answers({"a1": [1] * 3}), answers({"a1": [1] * 2}, arm="comparison_peer", prefix="c")],
        ignore_index=True,
    )
    found = quality_rows(frame, NO_LINKS, NOTHING_MISSING, CATALOGUE)
    assert one(found, "Q01", "responses")["estimate"] == 3
    assert one(found, "Q01", "responses", "comparison")["estimate"] == 2
    programme = found[(found["outcome"] == "Q01") & (found["partnership"] == "*")]
    assert programme["estimate"].tolist() == [2, 3]


def test_the_match_rate_is_pairs_over_the_smaller_wave() -> None:
    frame, links = two_waves()
    found = quality_rows(frame, links, NOTHING_MISSING, CATALOGUE, [("pre", "post")])
    assert one(found, "Q02", "linked")["estimate"] == 3
    rate = one(found, "Q02", "match_rate")
    assert (rate["estimate"], rate["denominator"], rate["wave"]) == (0.6, 5, "post")
    assert one(found, "Q02", "fuzzy")["estimate"] == 1
    assert one(found, "Q02", "ambiguous")["estimate"] == 1


def test_without_a_pair_of_waves_nothing_is_said_about_matching() -> None:
    frame, links = two_waves()
    assert "Q02" not in set(quality_rows(frame, links, NOTHING_MISSING, CATALOGUE)["outcome"])
    only_pre = frame[frame["wave"] == "pre"]
    found = quality_rows(only_pre, links, NOTHING_MISSING, CATALOGUE, [("pre", "post")])
    rate = one(found, "Q02", "match_rate")
    assert (rate["status"], rate["note"]) == ("not_available", "one_wave_only")


def test_the_share_left_open_counts_refusals_and_leaves_out_what_was_not_asked() -> None:
    frame = answers({"a1": [5, None, 88, 7], "a2": [None, None, 3, None]})
    missing = pd.DataFrame(
        {
            "response_id": ["r0", "r1", "r3", "elsewhere"],
            "item_id": ["a2", "a1", "a2", "a2"],
            "reason": ["not_shown", "dont_know", "refused", "refused"],
        }
    )
    found = one(quality_rows(frame, NO_LINKS, missing, CATALOGUE), "Q04", "share")
    # a1: four asked, two open (a "don't know" and a missing code); a2: three asked, two open
    assert found["denominator"] == 7
    assert found["estimate"] == pytest.approx(4 / 7)


def test_a_question_nobody_of_a_cell_saw_is_not_left_open() -> None:
    pre = answers({"a1": [5, 6]})
    post = answers({"a1": [5, None], "a2": [5, 5]}, prefix="s").assign(wave="post")
    frame = pd.concat([pre, post], ignore_index=True)
    found = quality_rows(frame, NO_LINKS, NOTHING_MISSING, CATALOGUE)
    shares = found[(found["outcome"] == "Q04") & (found["partnership"] == "lin-elb")]
    assert dict(zip(shares["wave"], shares["estimate"], strict=True)) == {"post": 0.25, "pre": 0.0}


def test_a_question_that_did_not_apply_is_not_left_open() -> None:
    own = load_catalogue(surveys_dir() / "own")
    frame = answers({"tw_contact_q1": [0, 2], "tw_contact_q3": [None, 7]})
    found = one(quality_rows(frame, NO_LINKS, NOTHING_MISSING, own), "Q04", "share")
    assert (found["estimate"], found["denominator"]) == (0.0, 3)


def test_no_responses_give_no_rows() -> None:
    empty = answers({"a1": []})
    assert len(quality_rows(empty, NO_LINKS, NOTHING_MISSING, CATALOGUE, [("pre", "post")])) == 0
