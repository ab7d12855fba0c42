"""The programme without small partnerships: hand-worked numbers, notes, and what stays hidden."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from impact_data import answers, catalogue, design, normal, one, people, rows_of, run, scores

from twinimpact.evaluation import Design
from twinimpact.impact import assess
from twinimpact.impact.notes import codes_of, unknown_codes
from twinimpact.privacy import DisclosureRules, apply_disclosure

SECOND = "post-pre|participant-comparison"
TIME = "post-pre|cross-section"
NOBODY = np.nan


def changed(changes: range | list[int], **where: str) -> pd.DataFrame:
    """People who start at 20 to 40 and change by whole points."""
    pre = 20 + np.arange(len(changes)) % 3 * 10
    return people(pre, pre + np.asarray(changes), **where)


def programme() -> list[pd.DataFrame]:
    """p1: 1 to 10 (towns A, D), p2: 11 to 20 (town B), p3: four times 40, also in town B."""
    return [
        changed(range(1, 6), town="A"),
        changed(range(6, 11), town="D"),
        changed(range(11, 21), town="B", partnership="p2"),
        changed([40] * 4, town="B", partnership="p3"),
    ]


def others() -> list[pd.DataFrame]:
    """Comparison people: p1: 0 to 9 in town X, p2: three times 30 in town Y."""
    return [
        changed(range(10), town="X", arm="comparison_town"),
        changed([30] * 3, town="Y", arm="comparison_town", partnership="p2"),
    ]


def whole(results: pd.DataFrame, **wanted: str) -> pd.DataFrame:
    return rows_of(results, partnership="*", **wanted)


def test_the_mean_change_is_that_of_the_large_partnerships() -> None:
    row = one(whole(run(design(5.0), *programme(), smallest=10)), method="paired_t")
    assert row["estimate"] == pytest.approx(10.5)  # 1 to 20
    assert row["std_error"] == pytest.approx(np.sqrt(35 / 20))  # (20 * 20 - 1) / 12 * 20 / 19 = 35
    assert (row["n"], row["clusters"], row["missing"]) == (20, 3, 0)
    assert "left_out:1" in row["note"].split(";")
    everybody = one(whole(run(design(5.0), *programme())), method="paired_t")
    assert everybody["estimate"] == pytest.approx((210 + 160) / 24)
    assert "left_out" not in codes_of(everybody["note"])


def test_every_number_of_the_programme_is_about_the_same_people_and_says_so() -> None:
    results = run(design(5.0), *programme(), smallest=10)
    rows = whole(results)
    rows = rows[rows["outcome"] != "Q07"]
    assert set(rows["method"]) >= {"paired_t", "signflip", "d_av_hedges", "wilson", "town_mean_t"}
    assert set(rows["n"]) == {20}
    assert all("left_out:1" in note.split(";") for note in rows["note"])
    assert unknown_codes(results["note"]) == set()
    improved = one(rows, estimand="post-pre|improved")
    assert improved["estimate"] == pytest.approx(16 / 20)  # 5 to 20


def test_a_town_of_two_partnerships_keeps_the_people_of_the_large_one() -> None:
    rows = whole(run(design(), *programme(), smallest=10))
    town = one(rows, method="town_mean_t")
    assert town["estimate"] == pytest.approx((3 + 8 + 15.5) / 3)
    assert (town["n"], town["clusters"]) == (20, 3)
    assert one(rows, method="change_cr2")["estimate"] == pytest.approx(10.5)
    everybody = one(whole(run(design(), *programme())), method="town_mean_t")
    assert everybody["estimate"] == pytest.approx((3 + 8 + 315 / 14) / 3)


def test_rows_of_partnerships_do_not_change() -> None:
    before, after = (run(design(5.0), *programme(), *others(), smallest=k) for k in (0, 10))
    own = [table[table["partnership"] != "*"].reset_index(drop=True) for table in (before, after)]
    pd.testing.assert_frame_equal(*own)


def test_a_partnership_enters_each_arm_only_with_enough_pairs() -> None:
    rows = whole(run(design(), *programme(), *others(), smallest=10))
    firsts = rows_of(rows, estimand="first_difference").set_index("arm")
    assert firsts["estimate"].to_dict() == pytest.approx({"participant": 10.5, "comparison": 4.5})
    assert firsts["n"].to_dict() == {"participant": 20, "comparison": 10}
    assert all("left_out:1" in note.split(";") for note in firsts["note"])
    cells = rows_of(rows, estimand="cell|pre").set_index("arm")
    assert cells["estimate"]["comparison"] == pytest.approx(29)  # 20, 30, 40, 20, ..., 20
    assert cells["note"].to_dict() == {
        "participant": "indicative;people_not_towns;left_out:1",
        "comparison": "indicative;left_out:1",
    }
    second = one(rows, estimand=SECOND, method="town_mean_t")
    assert second["estimate"] == pytest.approx((3 + 8 + 15.5) / 3 - 4.5)
    assert (second["n"], second["clusters"], second["missing"]) == (30, 4, 0)
    assert "left_out:2" in second["note"].split(";")  # p3 of one arm, p2 of the other


def test_a_partnership_whose_usable_people_are_too_few_is_left_out_too() -> None:
    parts = [
        *programme()[:2],
        changed(range(11, 17), town="B", partnership="p2"),
        changed(range(17, 21), town="", partnership="p2"),
        *others()[:1],
    ]
    rows = whole(run(design(), *parts, smallest=10))
    first = one(rows, estimand="first_difference", arm="participant")
    assert (first["n"], first["estimate"]) == (10, pytest.approx(5.5))
    assert one(rows, method="paired_t", estimand="post-pre")["n"] == 20
    # and of the average over towns: four of the ten have no town
    assert rows_of(rows, estimand="post-pre", method="town_mean_t").empty


def test_when_every_partnership_is_small_the_programme_has_a_row_without_a_number() -> None:
    parts = [changed(range(4)), changed(range(5), town="B", partnership="p2")]
    row = one(whole(run(design(), *parts, smallest=10)), method="paired_t")
    assert (row["n"], row["status"], row["note"]) == (0, "not_estimable", "left_out:2")
    assert np.isnan(row["estimate"])


def test_an_arm_without_a_large_partnership_is_not_compared() -> None:
    rows = whole(run(design(), *programme(), others()[1], smallest=10))
    row = one(rows, estimand=SECOND)
    assert row["status"] == "not_estimable" and np.isnan(row["estimate"])
    assert {"no_data", "left_out"} <= set(codes_of(row["note"]))
    cell = one(rows, estimand="cell|pre", arm="comparison")
    assert (cell["n"], cell["note"]) == (0, "no_data;left_out:1")


def test_the_people_of_the_design_row_are_those_of_the_large_partnerships() -> None:
    results = run(design(), *programme(), *others(), smallest=10)
    design_row = one(whole(results), outcome="Q07")
    # p1: 10 and 10, p2: 10 and 3, p3: 4; the three and the four are left out
    assert (design_row["n"], design_row["clusters"]) == (30, 4)
    assert design_row["note"].split(";")[-1] == "left_out:2"
    everybody = one(whole(run(design(), *programme(), *others())), outcome="Q07")
    assert (everybody["n"], everybody["clusters"]) == (37, 5)
    assert "left_out" not in codes_of(everybody["note"])
    assert design_row["estimand"] == everybody["estimand"] == "pre_post_comparison"
    own = rows_of(results, outcome="Q07").set_index("partnership")["n"]
    assert own.to_dict() == {"p1": 20, "p2": 13, "p3": 4, "*": 30}


def test_the_design_row_of_one_group_or_one_wave_leaves_small_partnerships_out() -> None:
    row = one(whole(run(design(), *programme(), smallest=10)), outcome="Q07")
    assert (row["estimand"], row["n"]) == ("one_group_pre_post", 20)
    assert row["note"] == "design_no_comparison;left_out:1"
    before = [part.assign(post=NOBODY) for part in programme()]
    row = one(whole(run(design(), *before, smallest=10)), outcome="Q07")
    assert (row["estimand"], row["n"]) == ("single_wave", 20)
    assert "left_out:1" in row["note"].split(";")
    few = one(whole(run(design(), changed(range(4)), smallest=10)), outcome="Q07")
    assert (few["n"], few["clusters"], few["estimate"]) == (0, 0, 1)


def unlinked(before: list[int], after: list[int], **where: str) -> pd.DataFrame:
    gaps = [np.full(len(part), NOBODY) for part in (before, after)]
    return people(np.append(before, gaps[1]), np.append(gaps[0], after), **where)


def test_unlinked_waves_need_enough_people_in_both() -> None:
    parts = [
        unlinked([40, 50] * 6, [60, 70] * 6),
        unlinked([10, 20] * 6, [90] * 4, town="B", partnership="p2"),
        unlinked([40, 52] * 5, [50, 60] * 5, town="X", arm="comparison_town"),
        unlinked([0] * 4, [90] * 12, town="Y", arm="comparison_town", partnership="p2"),
    ]
    rows = whole(run(design(linked=False), *parts, smallest=10))
    row = one(rows, estimand=TIME, method="welch")
    assert row["estimate"] == pytest.approx(20)
    assert (row["n"], row["missing"], row["clusters"]) == (24, 0, 1)
    assert "left_out:1" in row["note"].split(";")
    second = one(rows, estimand=SECOND)
    assert (second["n"], second["clusters"]) == (44, 2)
    assert second["estimate"] == pytest.approx(20 - 9)
    assert "left_out:1" in second["note"].split(";")  # p2, in both arms


def test_a_single_wave_needs_enough_people_in_the_arm() -> None:
    parts = [
        changed([0] * 12), changed([0] * 12, town="C"),
        people([90] * 4, [90] * 4, town="B", partnership="p2"),
        changed([0] * 12, town="X", arm="comparison_town"),
        people([0] * 12, [0] * 12, town="Y", arm="comparison_town", partnership="p2"),
    ]  # fmt: skip
    table, score = answers(*(part.assign(post=NOBODY) for part in parts))
    register = pd.DataFrame({"partnership_id": ["p1", "p2"]})
    points = scores(score.to_frame("tw_thermo"))
    results = assess(table, points, catalogue(), Design(), register, smallest=10)
    row = one(whole(results), estimand="participant-comparison|single", method="town_mean_t")
    assert row["estimate"] == pytest.approx(30 - (30 + 0) / 2)
    assert (row["n"], row["clusters"], row["missing"]) == (48, 4, 0)
    assert "left_out:1" in row["note"].split(";")


def test_after_the_gate_nothing_about_the_small_partnership_can_be_worked_out() -> None:
    rules = DisclosureRules(programme_without_small=True)
    table = run(design(5.0), *programme(), *others(), smallest=10)
    shown = apply_disclosure(table, rules).results
    mean = rows_of(shown, method="paired_t", estimand="post-pre", town="")
    mean = mean.set_index("partnership")
    assert mean["status"].to_dict() == {"p1": "ok", "p2": "ok", "p3": "suppressed", "*": "ok"}
    sums = mean["n"] * mean["estimate"]
    for part in (mean["n"], mean["missing"], sums):
        assert part["*"] - part["p1"] - part["p2"] == pytest.approx(0)
    squares = (mean["n"] - 1) * mean["n"] * mean["std_error"] ** 2
    squares += mean["n"] * mean["estimate"] ** 2
    assert squares["*"] - squares["p1"] - squares["p2"] == pytest.approx(0)
    assert one(whole(shown), estimand=SECOND, method="town_mean_t")["status"] == "ok"
    # with everybody in it the programme gives way: 24 people less 20 would leave the four
    everybody = apply_disclosure(run(design(5.0), *programme(), *others()), rules).results
    assert one(whole(everybody), method="paired_t", estimand="post-pre")["status"] == "suppressed"
    assert set(whole(everybody, estimand=SECOND)["status"]) == {"suppressed"}


@pytest.mark.parametrize("seed", range(4))
def test_the_programme_is_the_sum_of_the_partnerships_that_are_large_enough(seed: int) -> None:
    sizes = np.random.default_rng(seed).integers(2, 25, 6)
    parts = [
        people(*normal(10 * seed + i, int(n), i), town=f"T{i % 4}", partnership=f"p{i}")
        for i, n in enumerate(sizes)
    ]
    results = run(design(), *parts, smallest=10)
    mean = rows_of(results, method="paired_t", estimand="post-pre", town="")
    mean = mean.set_index("partnership")
    large = mean.drop(index="*")
    large = large[large["n"] >= 10]
    assert mean["n"]["*"] == large["n"].sum()
    total = (large["n"] * large["estimate"]).sum()
    assert mean["n"]["*"] * mean["estimate"]["*"] == pytest.approx(total)
    left = int((sizes < 10).sum())
    told = [code for code in mean["note"]["*"].split(";") if code.startswith("left_out")]
    assert told == ([f"left_out:{left}"] if left else [])
