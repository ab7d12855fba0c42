"""Waves with different people and single waves."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from impact_data import answers, catalogue, design, normal, one, people, rows_of, run, scores
from scipy import stats

from twinimpact.evaluation import Design
from twinimpact.impact import assess
from twinimpact.impact.notes import codes_of

NOBODY = np.nan
TIME = "post-pre|cross-section"


def waves(seed: int, before: int, after: int, shift: float = 0.0, **where: str) -> pd.DataFrame:
    """Different people before and after."""
    rng = np.random.default_rng(seed)
    pre, post = 50 + rng.normal(0, 12, before), 50 + shift + rng.normal(0, 15, after)
    gap_before, gap_after = np.full(before, NOBODY), np.full(after, NOBODY)
    return people(np.append(pre, gap_after), np.append(gap_before, post), **where)


def test_unlinked_waves_are_compared_by_welch() -> None:
    frame = waves(1, 25, 40, 8)
    row = one(run(design(5.0, linked=False), frame), partnership="p1", method="welch")
    expected = stats.ttest_ind(frame["post"].dropna(), frame["pre"].dropna(), equal_var=False)
    interval = expected.confidence_interval()
    assert row["estimand"] == TIME and (row["n"], row["grade"]) == (65, 1)
    assert row["p_value"] == pytest.approx(expected.pvalue, rel=1e-9)
    assert row["df"] == pytest.approx(expected.df, rel=1e-9)
    assert (row["conf_low"], row["conf_high"]) == pytest.approx(tuple(interval), rel=1e-9)
    assert {"unlinked", "indicative"} == set(codes_of(row["note"]))
    assert row["arm"] == "participant" and row["verdict"] in ("beneficial", "inconclusive")


def test_a_linked_design_without_matches_falls_back_to_unlinked_waves() -> None:
    results = run(design(5.0), waves(1, 30, 30))
    row = one(results, partnership="p1", method="welch")
    assert "unlinked" in codes_of(row["note"])
    label = one(results, partnership="p1", outcome="Q07")
    assert (label["estimand"], label["estimate"]) == ("repeated_cross_section", 1)
    assert one(results, partnership="p1", method="paired_t")["note"] == "no_pairs"


def test_a_small_wave_is_not_compared() -> None:
    row = one(run(design(linked=False), waves(1, 9, 40)), partnership="p1", method="welch")
    assert row["status"] == "descriptive" and np.isnan(row["estimate"])
    assert "arm_below_10:9" in row["note"]


def test_towns_of_unlinked_waves_count_equally_from_three_on() -> None:
    parts = [waves(i, 15, 20, 3 * i, town=t) for i, t in enumerate("ABC")]
    results = run(design(linked=False), *parts)
    row = one(results, partnership="p1", method="town_mean_t")
    changes = [part["post"].mean() - part["pre"].mean() for part in parts]
    assert row["estimate"] == pytest.approx(np.mean(changes), rel=1e-9)
    assert (row["df"], row["clusters"], row["n"]) == (2, 3, 105)
    person = one(results, partnership="p1", method="welch")
    assert {"beside", "people_not_towns"} <= set(codes_of(person["note"]))


def test_two_towns_of_unlinked_waves_are_shown_separately() -> None:
    results = run(design(linked=False), waves(1, 15, 20), waves(2, 15, 20, town="B"))
    assert rows_of(results, partnership="p1", method="welch")["town"].tolist() == ["", "A", "B"]


def test_unlinked_arms_are_compared_on_town_by_wave_means() -> None:
    parts = [waves(i, 15, 20, 6 + i, town=t) for i, t in enumerate("ABC")]
    others = [waves(9 + i, 12, 18, i, town=t, arm="comparison_town") for i, t in enumerate("XY")]
    results = run(design(linked=False), *parts, *others)
    row = one(results, partnership="p1", estimand="post-pre|participant-comparison")
    change = [part["post"].mean() - part["pre"].mean() for part in (*parts, *others)]
    expected = stats.ttest_ind(change[:3], change[3:])
    assert row["method"] == "town_mean_t" and row["df"] == 3
    assert row["estimate"] == pytest.approx(np.mean(change[:3]) - np.mean(change[3:]), rel=1e-9)
    assert row["p_value"] == pytest.approx(expected.pvalue, rel=1e-9)
    assert row["grade"] == 2 and "unlinked" in codes_of(row["note"])
    assert one(results, partnership="p1", outcome="Q07")["estimate"] == 2


def test_unlinked_arms_with_one_town_each_are_refused() -> None:
    results = run(
        design(5.0, linked=False),
        waves(1, 20, 20),
        waves(2, 20, 20, town="X", arm="comparison_town"),
    )
    row = one(results, partnership="p1", estimand="post-pre|participant-comparison")
    assert row["status"] == "refused" and np.isnan(row["p_value"]) and row["verdict"] == ""
    assert {"one_town_per_arm", "unlinked"} <= set(codes_of(row["note"]))


def single(*parts: pd.DataFrame) -> pd.DataFrame:
    """Assess a single wave of a design without before and after."""
    table, score = answers(*(part.assign(post=NOBODY, followup=NOBODY) for part in parts))
    register = pd.DataFrame({"partnership_id": ["p1"]})
    points = score.to_frame("tw_thermo")
    return assess(table, scores(points), catalogue(), Design(), register)


def test_towns_of_a_single_wave_are_described_and_not_tested() -> None:
    first, second = people(*normal(1, 20)), people(*normal(2, 15), town="B")
    results = single(first, second)
    levels = rows_of(results, partnership="p1", estimand="mean|single").set_index("town")
    assert levels["estimate"]["A"] == pytest.approx(first["pre"].mean())
    assert levels["n"].tolist() == [20, 15]
    gap = one(results, partnership="p1", estimand="town-town|single")
    assert gap["estimate"] == pytest.approx(first["pre"].mean() - second["pre"].mean())
    assert (gap["group"], gap["status"], gap["grade"]) == ("A-B", "descriptive", 0)
    assert {"not_tested", "levels_not_comparable"} == set(codes_of(gap["note"]))
    assert results["p_value"].isna().all() and results["conf_low"].isna().all()
    label = one(results, partnership="p1", outcome="Q07")
    assert (label["estimand"], label["estimate"]) == ("single_wave", 0)
    assert codes_of(label["note"]) == ("design_single_wave", "design_no_comparison")


def test_a_small_town_of_a_single_wave_hides_the_others() -> None:
    results = single(people(*normal(1, 20)), people(*normal(2, 5), town="B"))
    assert rows_of(results, estimand="mean|single").empty
    assert rows_of(results, estimand="town-town|single").empty


def test_arms_of_a_single_wave_follow_the_rule_for_few_towns() -> None:
    other = {"arm": "comparison_town"}
    results = single(people(*normal(1, 20)), people(*normal(2, 15), town="X", **other))
    row = one(results, partnership="p1", estimand="participant-comparison|single")
    assert (row["status"], row["grade"]) == ("refused", 1)
    label = one(results, partnership="p1", outcome="Q07")
    assert (label["estimand"], label["estimate"]) == ("cross_section_comparison", 1)
    more = [people(*normal(i, 12), town=t) for i, t in enumerate("AB")]
    more += [people(*normal(5 + i, 12), town=t, **other) for i, t in enumerate("XY")]
    row = one(single(*more), partnership="p1", estimand="participant-comparison|single")
    assert (row["method"], row["df"], row["grade"]) == ("town_mean_t", 2, 1)


def test_arms_of_a_single_wave_without_towns_are_described() -> None:
    parts = [people(*normal(1, 20), town=None),  # type: ignore[arg-type]
             people(*normal(2, 20), town=None, arm="comparison_peer")]  # type: ignore[arg-type]  # fmt: skip
    row = one(single(*parts), partnership="p1", estimand="participant-comparison|single")
    assert (row["method"], row["status"]) == ("welch", "descriptive")
    assert row["estimate"] == pytest.approx(parts[0]["pre"].mean() - parts[1]["pre"].mean())
    assert np.isnan(row["conf_low"]) and "town_missing" in codes_of(row["note"])


def test_of_several_waves_without_before_and_after_the_latest_is_described_and_named() -> None:
    table, score = answers(people(*normal(1, 20)))
    register = pd.DataFrame({"partnership_id": ["p1"]})
    results = assess(table, scores(score.to_frame("tw_thermo")), catalogue(), Design(), register)
    label = one(results, partnership="p1", outcome="Q07")
    assert label["estimand"] == "single_wave" and "latest_wave:post" in label["note"]
    assert label["n"] == 20


def test_a_partnership_with_one_wave_is_described_beside_others_with_two() -> None:
    early = people(normal(3, 20)[0], np.full(20, NOBODY), partnership="p2", town="B")
    results = run(design(), people(*normal(1, 20)), early)
    labels = rows_of(results, outcome="Q07").set_index("partnership")["estimand"]
    assert labels["p2"] == "single_wave" and labels["*"] == "one_group_pre_post"
    assert rows_of(results, partnership="p2", method="paired_t").empty
