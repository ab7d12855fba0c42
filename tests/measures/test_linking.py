"""How far links can be trusted: the estimate of false links, and who was not found again."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from measures_data import answers, catalogue_of

from twinimpact.measures.linking import (
    chance_agreement,
    chance_links,
    exact_persons,
    linking_rows,
)
from twinimpact.measures.scoring import score_responses

CATALOGUE = catalogue_of({"s": {"items": ["a"], "min_valid": 1}}, {"a": (0, 10)})
PAIR = [("pre", "post")]


def test_chance_agreement_is_the_sum_over_zero_and_one_difference() -> None:
    # two elements of two equally frequent values and one constant: p = 1/2, 1/2, 1
    codes = ["A-X-K", "A-Y-K", "B-X-K", "B-Y-K"]
    both, one = 0.25, 0.5 * 0.5 + 0.5 * 0.5
    assert chance_agreement(codes, codes) == pytest.approx(both + one)


def test_a_blank_element_agrees_with_nothing() -> None:
    assert chance_agreement(["--K", "--K"], ["--K", "--K"]) == 0.0
    assert chance_agreement([], ["A-B"]) == 0.0


def test_expected_false_links_by_hand() -> None:
    codes = ["A-X-K", "A-Y-K", "B-X-K", "B-Y-K"]
    found = chance_links(codes, codes, 3)
    q = 0.75
    assert found.expected == pytest.approx(1 * 1 * q * (1 - q) ** 6)
    assert chance_links(codes, codes, 4).expected == 0.0


def waves(
    pre: list[float], post: list[float], linked: int, codes: tuple[list[str], list[str]]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Two waves; the first ``linked`` people of both are the same."""
    one = answers({"a": pre}, prefix="x").assign(code=codes[0])
    two = answers({"a": post}, prefix="y").assign(wave="post", code=codes[1])
    two["person"] = [f"p{i}" if i < linked else f"q{i}" for i in range(len(two))]
    frame = pd.concat([one, two], ignore_index=True).assign(participant_token="")
    method = np.where(frame["person"].duplicated(keep=False), "exact", "unlinked")
    return frame, pd.DataFrame({"response_id": frame["response_id"], "method": method})


def rows(frame: pd.DataFrame, links: pd.DataFrame, smallest: int = 0) -> pd.DataFrame:
    return linking_rows(frame, links, score_responses(frame, CATALOGUE), PAIR, smallest)


def test_the_rate_is_expected_false_links_over_links() -> None:
    codes = (
        [f"{i % 5}-{i % 7}-{i}" for i in range(30)],
        [f"{i % 5}-{i % 7}-{i}" for i in range(30)],
    )
    frame, links = waves([5.0] * 30, [5.0] * 30, 20, codes)
    found = rows(frame, links).query("estimand == 'false_link_rate' and partnership == 'lin-elb'")
    expected = chance_links(*codes, 20).expected / 20
    assert found["estimate"].item() == pytest.approx(expected)
    assert found["n"].item() == 20
    assert expected > 0


def test_with_few_links_no_rate_and_no_number_is_given() -> None:
    codes = ([f"A-{i}" for i in range(6)], [f"A-{i}" for i in range(6)])
    frame, links = waves([5.0] * 6, [5.0] * 6, 3, codes)
    found = rows(frame, links).query("estimand == 'false_link_rate'")
    assert set(found["status"]) == {"not_estimable"}
    assert found[["estimate", "n", "denominator"]].isna().all().all()


def test_linked_and_unlinked_people_differ_before_by_the_pooled_deviation() -> None:
    rng = np.random.default_rng(5)
    pre = np.round(np.clip(np.concatenate([rng.normal(6, 2, 25), rng.normal(4, 2, 15)]), 0, 10))
    codes = ([""] * 40, [""] * 30)
    frame, links = waves(pre.tolist(), [5.0] * 30, 25, codes)
    found = rows(frame, links).query("outcome == 'Q03' and partnership == 'lin-elb'").iloc[0]
    again, gone = pre[:25] * 10, pre[25:] * 10
    pooled = np.sqrt((24 * again.var(ddof=1) + 14 * gone.var(ddof=1)) / 38)
    smd = (again.mean() - gone.mean()) / pooled
    assert found["estimate"] == pytest.approx(smd)
    assert found["std_error"] == pytest.approx(np.sqrt(1 / 25 + 1 / 15 + smd**2 / (2 * 40)))
    assert (found["n"], found["dimension"], found["group"]) == (40, "scale", "s")
    assert found["note"] == "both_waves:25;before_only:15"
    assert found["conf_low"] < found["estimate"] < found["conf_high"]


def test_fewer_than_ten_on_one_side_are_not_compared_and_not_counted() -> None:
    frame, links = waves([5.0, 6.0] * 15, [5.0] * 30, 25, ([""] * 30, [""] * 30))
    found = rows(frame, links).query("outcome == 'Q03'")
    assert set(found["status"]) == {"not_estimable"}
    assert found[["estimate", "n", "missing"]].isna().all().all()
    assert set(found["note"]) == {"few_people"}


def test_exact_persons_take_only_inexact_links_apart() -> None:
    frame = pd.DataFrame(
        {
            "response_id": list("abcdefg"),
            "person": ["p1", "p1", "p2", "p2", "p3", "p3", "p4"],
            "code": ["A-B", "A-B", "C-D", "C-X", "", "", "Z-Z"],
            "participant_token": ["", "", "", "", "t", "t", ""],
        }
    )
    links = pd.DataFrame(
        {
            "response_id": list("abcdefg"),
            "method": ["exact", "exact", "fuzzy", "fuzzy", "token", "token", "unlinked"],
        }
    )
    found = exact_persons(frame, links).tolist()
    assert found[0] == found[1]
    assert found[2] != found[3]
    assert found[4] == found[5]
    links.loc[4:5, "method"] = "decided"
    frame.loc[4:5, "participant_token"] = ["t", "u"]
    found = exact_persons(frame, links).tolist()
    assert found[4] != found[5]
