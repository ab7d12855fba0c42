"""Raking against R survey, and every case in which it must refuse."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from shared_files import reference

from twinimpact.errors import DesignError
from twinimpact.measures.weighting import (
    kish,
    post_stratify,
    rake,
    raked_means,
    smd_of_mean,
    smd_of_shares,
)


@pytest.fixture(scope="module")
def known() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(reference("measurement/raking.json").read_text())
    return found


@pytest.fixture
def people() -> pd.DataFrame:
    return pd.read_csv(reference("measurement/raking_input.csv"))


def codes(error: pytest.ExceptionInfo[DesignError]) -> set[str]:
    return {problem.code for problem in error.value.problems}


def rows_of(cells: list[dict[str, Any]]) -> pd.DataFrame:
    frame = pd.DataFrame(cells)
    return frame.loc[frame.index.repeat(frame["n"])].reset_index(drop=True)


def observed(case: dict[str, Any]) -> pd.DataFrame:
    """Respondents with the observed counts of each variable, crossed in any way."""
    return pd.DataFrame(
        {
            name: np.repeat(list(levels), list(levels.values()))
            for name, levels in case["observed"].items()
        }
    )


def case_of(known: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(c for c in known["infeasible_cases"] if c["name"] == name)
    return found


def test_raked_weights_and_diagnostics_equal_those_of_r(
    known: dict[str, Any], people: pd.DataFrame
) -> None:
    before = people.copy()
    raked = rake(people, known["targets"], weights="w0", cap=None)
    tolerance, after = known["tolerance"], known["after"]
    np.testing.assert_allclose(raked.weights, people["w_raked"], rtol=0, atol=tolerance["weight"])
    found = raked.diagnostics.iloc[0]
    assert found["deff"] == pytest.approx(after["kish_deff"], abs=tolerance["kish_deff"])
    assert found["deff_before"] == pytest.approx(known["before"]["kish_deff"], abs=1e-9)
    assert found["n_eff"] == pytest.approx(after["n_eff"], abs=1e-6)
    assert found["max_over_mean"] == pytest.approx(after["max_over_mean"], abs=1e-8)
    assert found["method"] == "rake"
    levels = raked.levels.set_index(["variable", "level"])
    for variable, margin in after["margins"].items():
        for level, share in margin.items():
            row = levels.loc[(variable, level)]
            assert row["share_after"] == pytest.approx(share, abs=tolerance["margin"])
            want = known["before"]
            assert row["share_before"] == pytest.approx(want["margins"][variable][level])
            assert row["smd_before"] == pytest.approx(want["smd"][variable][level])
            assert abs(row["smd_after"]) < 1e-9
    pd.testing.assert_frame_equal(people, before)
    assert {problem.code for problem in raked.warnings} == {"weights_large"}


def test_standard_error_after_raking_is_that_of_calibration(
    known: dict[str, Any], people: pd.DataFrame
) -> None:
    raked = rake(people, known["targets"], weights="w0", cap=None)
    found = raked_means(raked, people[["y"]]).iloc[0]
    after, tolerance = known["after"], known["tolerance"]["mean"]
    assert found["estimate"] == pytest.approx(after["mean_y"], abs=tolerance)
    assert found["std_error"] == pytest.approx(after["se_y_project"], abs=tolerance)
    for wrong in ("se_y_ignoring_raking", "se_y_survey_rake"):
        assert abs(found["std_error"] - after[wrong]) > 0.01
    assert (found["method"], found["n"]) == ("rake", 200)


def test_capped_weights_meet_every_margin_and_equal_those_of_r(
    known: dict[str, Any], people: pd.DataFrame
) -> None:
    want = known["capped"]
    raked = rake(people, known["targets"], weights="w0", cap=want["cap_over_mean"])
    np.testing.assert_allclose(raked.weights, people["w_capped"], rtol=0, atol=1e-8)
    found = raked.diagnostics.iloc[0]
    assert found["share_at_cap"] * 200 == pytest.approx(want["n_at_cap"])
    assert found["deff"] == pytest.approx(want["kish_deff"], abs=1e-9)
    assert found["n_eff"] == pytest.approx(want["n_eff"], abs=1e-7)
    assert found["method"] == "rake_capped"
    levels = raked.levels
    assert (levels["share_after"] - levels["target"]).abs().max() < 1e-12
    mean = raked_means(raked, people[["y"]])["estimate"].iloc[0]
    assert mean == pytest.approx(want["mean_y"], abs=1e-8)


def test_a_cap_nobody_can_keep_is_refused_with_margin_and_difference(
    known: dict[str, Any], people: pd.DataFrame
) -> None:
    cap = known["capped"]["infeasible_cap_example"]["cap_over_mean"]
    with pytest.raises(DesignError) as error:
        rake(people, known["targets"], weights="w0", cap=cap)
    assert codes(error) == {"weights_level_above_cap"}
    # every level can be reached alone, but five women aged b would have to weigh 12 each
    cells = [("f", "a", 45), ("f", "b", 5), ("m", "a", 5), ("m", "b", 45)]
    sample = rows_of([{"sex": s, "age": a, "n": n} for s, a, n in cells])
    margins = {"sex": {"f": 0.8, "m": 0.2}, "age": {"a": 0.2, "b": 0.8}}
    with pytest.raises(DesignError) as error:
        rake(sample, margins)
    assert codes(error) == {"weights_cap_infeasible"}
    assert float(error.value.problems[0].got) > 0.1
    assert rake(sample, margins, cap=13).weights.max() > 12


def test_targets_in_people_give_shares_and_the_size_of_the_population(
    known: dict[str, Any],
) -> None:
    example = known["published_example"]
    sample = rows_of(example["cells"])
    targets = {
        "stype": example["targets"]["stype"],
        "sch_wide": example["targets"]["sch.wide"],
    }
    raked = rake(sample, targets, weights="design_weight")
    population = raked.diagnostics["population"].iloc[0]
    assert population == example["sum_weights"]
    scaled = raked.weights * population / len(sample)
    np.testing.assert_allclose(scaled, sample["raked_weight"], rtol=0, atol=1e-8)


def test_a_level_without_respondents_is_named_with_a_level_to_merge(known: dict[str, Any]) -> None:
    case = case_of(known, "absent_level")
    with pytest.raises(DesignError) as error:
        rake(observed(case), case["targets"])
    assert codes(error) == {"weights_empty_level"}
    (problem,) = error.value.problems
    assert problem.column == "age"
    assert problem.got.startswith("d (target 0.1")
    assert problem.expected == "c + d"


def test_targets_that_do_not_sum_to_one_are_refused_with_their_sum(known: dict[str, Any]) -> None:
    case = case_of(known, "margin_sum")
    with pytest.raises(DesignError) as error:
        rake(observed(case), case["targets"])
    assert codes(error) == {"weights_margin_sum"}
    assert error.value.problems[0].got == "0.9"


def test_margins_with_different_totals_are_refused_with_both(known: dict[str, Any]) -> None:
    case = case_of(known, "totals_disagree")
    sample = observed(case_of(known, "margin_sum"))
    with pytest.raises(DesignError) as error:
        rake(sample, case["targets_counts"])
    assert codes(error) == {"weights_totals_differ"}
    assert (error.value.problems[0].got, error.value.problems[0].expected) == ("900", "1000 (sex)")


def test_margins_that_cannot_hold_together_are_refused_with_what_remains(
    known: dict[str, Any],
) -> None:
    case = case_of(known, "incompatible")
    with pytest.raises(DesignError) as error:
        rake(rows_of(case["cells"]), case["targets"])
    assert codes(error) == {"weights_not_converged"}
    assert float(error.value.problems[0].got) >= 0.1


def test_a_rare_level_needs_a_cap_raised_on_purpose(known: dict[str, Any]) -> None:
    case = case_of(known, "rare_level")
    sample = rows_of(case["cells"])
    with pytest.raises(DesignError) as error:
        rake(sample, case["targets"])
    assert codes(error) == {"weights_level_above_cap"}
    raked = rake(sample, case["targets"], cap=200)
    assert raked.weights.max() == pytest.approx(150)
    assert {"weights_large", "weights_high_deff"} == {p.code for p in raked.warnings}


def test_a_level_of_four_people_is_refused_even_below_the_cap() -> None:
    sample = pd.DataFrame({"age": ["a"] * 4 + ["b"] * 96})
    with pytest.raises(DesignError) as error:
        rake(sample, {"age": {"a": 0.05, "b": 0.95}})
    assert codes(error) == {"weights_few"}
    assert rake(sample, {"age": {"a": 0.05, "b": 0.95}}, cap=6).weights.iloc[0] == 1.25


def test_respondents_in_a_level_without_target_are_refused() -> None:
    sample = pd.DataFrame({"age": ["young"] * 10 + ["old"] * 10 + ["odl"] * 2})
    with pytest.raises(DesignError) as error:
        rake(sample, {"age": {"young": 0.5, "old": 0.5}})
    assert codes(error) == {"weights_unknown_level"}
    assert (error.value.problems[0].got, error.value.problems[0].expected) == ("odl", "old")


@pytest.mark.parametrize("empty", [None, float("nan")])
def test_a_missing_value_waits_for_a_decision(empty: object) -> None:
    sample = pd.DataFrame({"age": ["a"] * 45 + ["b"] * 45 + [empty] * 10})
    margins = {"age": {"a": 0.4, "b": 0.6}}
    with pytest.raises(DesignError) as error:
        rake(sample, margins)
    assert codes(error) == {"weights_missing"}
    assert error.value.problems[0].got == "10"
    kept = rake(sample, margins, missing="own_level")
    assert kept.weights[90:].tolist() == pytest.approx([1.0] * 10)
    shares = kept.levels.set_index("level")["share_after"]
    assert shares.to_dict() == pytest.approx({"a": 0.36, "b": 0.54, "": 0.10})
    left = rake(sample, margins, missing="exclude")
    assert left.weights[90:].isna().all()
    assert left.diagnostics[["n", "excluded"]].iloc[0].tolist() == [90, 10]
    assert (kept.missing, left.missing) == ("own_level", "exclude")


@pytest.mark.parametrize("bad", [0.0, -1.0, float("nan"), float("inf")])
def test_weights_before_must_be_above_zero(bad: float) -> None:
    sample = pd.DataFrame({"age": ["a", "b"] * 10, "w": [1.0] * 19 + [bad]})
    with pytest.raises(DesignError) as error:
        rake(sample, {"age": {"a": 0.5, "b": 0.5}}, weights="w")
    assert codes(error) == {"weights_prior"}


def test_a_wrong_definition_names_every_fault_at_once() -> None:
    table = pd.DataFrame(
        [("age", "a", 0.5), ("age", "a", 0.5), ("sex", "f", -0.1), ("sex", "m", 1.1)],
        columns=["variable", "level", "target"],
    )
    with pytest.raises(DesignError) as error:
        rake(pd.DataFrame({"age": ["a"], "sex": ["f"]}), table)
    assert codes(error) == {"weights_margin_twice", "weights_bad_target"}
    with pytest.raises(DesignError) as error:
        rake(pd.DataFrame({"age": ["a"]}), {})
    assert codes(error) == {"weights_no_margin"}
    with pytest.raises(DesignError) as error:
        rake(pd.DataFrame({"age": ["a"]}), {"sex": {"f": 1.0}}, weights="w", group="g")
    assert codes(error) == {"weights_no_column"}
    assert len(error.value.problems) == 3


def test_a_target_of_zero_with_respondents_is_refused() -> None:
    with pytest.raises(DesignError) as error:
        rake(pd.DataFrame({"age": ["a", "b"] * 10}), {"age": {"a": 1.0, "b": 0.0}})
    assert codes(error) == {"weights_zero_target"}


def test_groups_are_raked_in_the_same_cycles_as_if_alone(
    known: dict[str, Any], people: pd.DataFrame
) -> None:
    other = people.sample(frac=0.8, random_state=3)
    both = pd.concat(
        [people.assign(link="x"), other.assign(link="y"), people.assign(link="z")],
        ignore_index=True,
    )
    together = rake(both, known["targets"], weights="w0", group="link", cap=None)
    alone = rake(people, known["targets"], weights="w0", cap=None).weights.to_numpy()
    own = rake(other, known["targets"], weights="w0", cap=None).weights.to_numpy()
    found = together.weights.to_numpy()
    np.testing.assert_array_equal(found[:200], found[-200:])
    np.testing.assert_allclose(found, np.concatenate([alone, own, alone]), rtol=1e-13)
    means = raked_means(together, both[["y"]])
    assert means["std_error"].iloc[0] == means["std_error"].iloc[2]


def test_groups_may_have_margins_of_their_own() -> None:
    sample = pd.DataFrame({"link": ["x"] * 20 + ["y"] * 20, "age": ["a", "b"] * 20})
    rows = [("x", 0.5, 0.5), ("y", 0.25, 0.75)]
    table = pd.DataFrame(
        [(g, "age", level, t) for g, a, b in rows for level, t in (("a", a), ("b", b))],
        columns=["group", "variable", "level", "target"],
    )
    raked = rake(sample, table, group="link")
    assert raked.weights.iloc[[0, 1, 20, 21]].tolist() == pytest.approx([1, 1, 0.5, 1.5])
    with pytest.raises(DesignError) as error:
        rake(sample.assign(link="new"), table, group="link")
    assert codes(error) == {"weights_no_targets"}


def test_post_stratification_meets_every_cell_of_the_cross() -> None:
    sample = pd.DataFrame({"sex": ["f", "m"] * 20, "age": ["a"] * 10 + ["b"] * 30})
    targets = pd.DataFrame(
        {"sex": ["f", "f", "m", "m"], "age": ["a", "b"] * 2, "target": [10, 40, 20, 30]}
    )
    raked = post_stratify(sample, targets, by=["sex", "age"])
    shares = raked.weights.groupby([sample["sex"], sample["age"]]).sum() / 40
    assert shares.to_dict() == pytest.approx(
        {("f", "a"): 0.1, ("f", "b"): 0.4, ("m", "a"): 0.2, ("m", "b"): 0.3}
    )
    assert raked.diagnostics["cycles"].iloc[0] == 2
    crossed = rake(sample, {"sex*age": {"f*a": 0.1, "f*b": 0.4, "m*a": 0.2, "m*b": 0.3}})
    np.testing.assert_array_equal(crossed.weights, raked.weights)


def test_order_of_rows_scale_of_weights_and_kind_of_labels_change_nothing(
    known: dict[str, Any], people: pd.DataFrame
) -> None:
    usual = rake(people, known["targets"], weights="w0", cap=4).weights
    mixed = people.sample(frac=1, random_state=1)
    np.testing.assert_allclose(
        rake(mixed, known["targets"], weights="w0", cap=4).weights.sort_index(), usual, atol=1e-12
    )
    scaled = people.assign(w0=people["w0"] * 37)
    np.testing.assert_allclose(
        rake(scaled, known["targets"], weights="w0", cap=4).weights, usual, atol=1e-12
    )
    as_category = people.assign(town=people["town"].astype("category"))
    np.testing.assert_array_equal(
        rake(as_category, known["targets"], weights="w0", cap=4).weights, usual
    )


@pytest.mark.parametrize("kind", ["int64", "Int64", "float64", "category", "str"])
def test_whole_numbers_are_levels_however_they_are_stored(kind: str) -> None:
    sample = pd.DataFrame({"size": pd.Series([1, 2] * 10).astype(kind)})
    raked = rake(sample, {"size": {1: 0.25, 2: 0.75}})
    assert raked.weights.iloc[:2].tolist() == pytest.approx([0.5, 1.5])


def test_reserved_names_are_columns_like_any_other() -> None:
    sample = pd.DataFrame(
        {"index": ["a", "b"] * 10, "weights": 1.0, "n": ["x"] * 10 + ["y"] * 10, "psu": 1}
    )
    raked = rake(sample, {"index": {"a": 0.5, "b": 0.5}, "n": {"x": 0.3, "y": 0.7}},
                 weights="weights")  # fmt: skip
    assert raked.weights.sum() == pytest.approx(20)


def test_design_effect_and_balance_equal_the_formulas(known: dict[str, Any]) -> None:
    deff, n_eff = kish(np.array([1.2, 0.8, 1.0, 1.5, 0.7, 1.1, 1.3]))
    assert n_eff == pytest.approx(6.62385321100917)
    assert deff * n_eff == pytest.approx(7)
    assert smd_of_shares(np.array([0.6]), np.array([0.5]))[0] == pytest.approx(0.2)
    assert smd_of_mean(np.array([1.0, 3.0]), np.array([1.0, 1.0]), 1.5, 2.0) == pytest.approx(0.25)


def test_clusters_widen_the_interval_after_raking(people: pd.DataFrame) -> None:
    raked = rake(people, {"sex": {"f": 0.5, "m": 0.5}}, cap=None)
    values = people[["y"]]
    persons = raked_means(raked, values).iloc[0]
    pairs = raked_means(raked, values, cluster=pd.Series(np.arange(200) // 20)).iloc[0]
    assert persons["clusters"] == 200
    assert (pairs["clusters"], pairs["df"]) == (10, 9)
    single = raked_means(raked, values, cluster=pd.Series(np.arange(200))).iloc[0]
    assert single["std_error"] == pytest.approx(persons["std_error"], rel=1e-12)
    share = raked_means(raked, (people[["y"]] > 50)).iloc[0]
    assert (share["estimand"], share["conf_high"] < 1) == ("share", True)
