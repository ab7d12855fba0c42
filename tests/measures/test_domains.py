"""Domain means against R survey: standard errors, degrees of freedom, single-cluster strata."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from shared_files import reference

from twinimpact.errors import DesignError
from twinimpact.measures.weighting import (
    Design,
    domain_changes,
    domain_differences,
    domain_means,
    domain_ratios,
    rake,
    raked_means,
    survey_design,
    wilson_limits,
)

DESIGNS = {
    "strata_only": ("api_strat.csv", {"weights": "pw", "strata": "stype"}),
    "strata_fpc": ("api_strat.csv", {"weights": "pw", "strata": "stype", "fpc": "fpc"}),
    "strata_psu": ("api_strat.csv", {"weights": "pw", "strata": "stype", "cluster": "dnum"}),
    "psu_only": ("api_clus2.csv", {"weights": "pw", "cluster": "dnum"}),
    "psu_missing_outcome": ("api_clus2.csv", {"weights": "pw", "cluster": "dnum"}),
}


@pytest.fixture(scope="module")
def known() -> dict[str, Any]:
    path = reference("measurement/domain_means_api.json")
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def design_of(name: str) -> Design:
    file, columns = DESIGNS[name]
    return survey_design(pd.read_csv(reference(f"measurement/{file}")), **columns)


def codes(error: pytest.ExceptionInfo[DesignError]) -> set[str]:
    return {problem.code for problem in error.value.problems}


@pytest.mark.parametrize("name", DESIGNS)
def test_every_domain_has_the_mean_error_df_and_interval_of_r(
    known: dict[str, Any], name: str
) -> None:
    design, want = design_of(name), known["designs"][name]
    value, tolerance = want.get("outcome", "api00"), known["tolerance"]
    overall = domain_means(design, value=value).iloc[0]
    assert overall["estimate"] == pytest.approx(want["overall"]["mean"], rel=tolerance["mean"])
    assert overall["std_error"] == pytest.approx(want["overall"]["se"], rel=tolerance["se"])
    if "df" in want["overall"]:
        assert overall["df"] == want["overall"]["df"]
    for by, rows in want["by"].items():
        found = domain_means(design, value=value, domain=by).set_index("domain")
        assert len(found) == len(rows)
        for row in rows:
            mine = found.loc[row["domain"]]
            assert mine["estimate"] == pytest.approx(row["mean"], rel=tolerance["mean"])
            assert mine["std_error"] == pytest.approx(row["se"], rel=tolerance["se"])
            limits = [mine["conf_low"], mine["conf_high"]]
            assert limits == pytest.approx(row["ci95"], rel=tolerance["ci"])
            counts = [mine["n"], mine["clusters"], mine["strata"], mine["df"]]
            assert counts == [row["n"], row["n_psu"], row["n_strata"], row["df"]]
            assert mine["sum_weights"] == pytest.approx(row["sum_weights"])
            assert mine["n_eff"] == pytest.approx(row["n_eff_kish"])


def test_the_design_effect_is_against_a_sample_with_replacement(known: dict[str, Any]) -> None:
    found = domain_means(design_of("strata_only"), value="api00").iloc[0]
    # R compares with a sample without replacement, which is smaller by the share left out
    left = 1 - found["n"] / found["sum_weights"]
    want = known["designs"]["strata_only"]["overall"]["deff"]
    assert found["deff"] / left == pytest.approx(want)


def test_rows_outside_a_domain_stay_in_the_design(known: dict[str, Any]) -> None:
    case, design = known["subset_before_design"], design_of("strata_only")
    found = domain_means(design, value="api00", domain="awards").set_index("domain")
    error = found.loc["No", "std_error"]
    assert error == pytest.approx(case["se_right"], rel=1e-10)
    assert abs(error - case["se_WRONG"]) > 0.01
    kept = design.frame[design.frame["awards"] == "No"]
    again = domain_means(kept, value="api00", weights="pw", strata="stype")["std_error"].iloc[0]
    assert again == pytest.approx(case["se_WRONG"], rel=1e-10)


def test_a_difference_of_domains_uses_the_clusters_they_share(known: dict[str, Any]) -> None:
    want = known["domain_difference"]
    found = domain_differences(
        design_of("strata_psu"), value="api00", domain="awards", pairs=[("Yes", "No")]
    ).iloc[0]
    assert found["estimate"] == pytest.approx(want["estimate"], rel=1e-10)
    assert found["std_error"] == pytest.approx(want["se_with_covariance"], rel=1e-10)
    assert abs(found["std_error"] - want["se_if_independent_WRONG"]) > 0.1
    assert (found["domain"], found["df"]) == ("Yes - No", 159)
    with pytest.raises(DesignError) as error:
        domain_differences(
            design_of("strata_psu"), value="api00", domain="awards", pairs=[("Yes", "Maybe")]
        )
    assert codes(error) == {"design_no_domain"}


def test_a_domain_less_itself_by_another_column_is_zero() -> None:
    rng = np.random.default_rng(7)
    frame = pd.DataFrame({"y": rng.normal(size=60), "a": ["x", "z"] * 30, "c": np.arange(60) // 4})
    frame["b"] = frame["a"]
    for cluster in (None, "c"):
        design = survey_design(frame, cluster=cluster)
        found = domain_differences(
            design, value="y", domain=["a", "b"], pairs=[("a=x", "b=x"), ("a=x", "b=z")]
        )
        assert found["estimate"].iloc[0] == 0
        assert found["std_error"].iloc[0] == pytest.approx(0, abs=1e-12)
        usual = domain_differences(design, value="y", domain="a", pairs=[("x", "z")])
        assert found["std_error"].iloc[1] == pytest.approx(usual["std_error"].iloc[0])


def test_ratios_equal_those_of_r(known: dict[str, Any]) -> None:
    want, design = known["ratio"], design_of("strata_psu")
    overall = domain_ratios(design, numerator="api00", denominator="api99").iloc[0]
    assert overall["estimate"] == pytest.approx(want["estimate"], rel=1e-10)
    assert overall["std_error"] == pytest.approx(want["se"], rel=1e-10)
    found = domain_ratios(design, numerator="api00", denominator="api99", domain="awards")
    for row in want["by_awards"]:
        mine = found.set_index("domain").loc[row["domain"]]
        assert mine["estimate"] == pytest.approx(row["estimate"], rel=1e-10)
        assert mine["std_error"] == pytest.approx(row["se"], rel=1e-10)


def test_change_is_about_the_persons_own_difference() -> None:
    design = design_of("strata_psu")
    found = domain_changes(design, before="api99", after="api00", domain="awards")
    by_hand = replace(
        design, frame=design.frame.assign(d=design.frame["api00"] - design.frame["api99"])
    )
    want = domain_means(by_hand, value="d", domain="awards")
    assert found["std_error"].tolist() == want["std_error"].tolist()
    assert set(found["estimand"]) == {"change"}


@pytest.mark.parametrize("policy", ["certainty", "adjust", "average"])
def test_single_cluster_strata_follow_the_policy_that_was_named(
    known: dict[str, Any], policy: Any
) -> None:
    frame = pd.DataFrame(known["singletons"]["data"])
    want = known["singletons"]["policies"][policy]
    design = survey_design(frame, weights="w", strata="stratum", cluster="psu", lonely=policy)
    overall = domain_means(design, value="y").iloc[0]
    assert overall["estimate"] == pytest.approx(want["overall"]["mean"], rel=1e-12)
    assert overall["std_error"] == pytest.approx(want["overall"]["se"], rel=1e-12)
    found = domain_means(design, value="y", domain="domain").set_index("domain")
    for row in want["by_domain"]:
        assert found.loc[row["domain"], "std_error"] == pytest.approx(row["se"], rel=1e-12)
    assert (found["single_strata"] == 1).all()
    assert found["note"].str.contains(f"single_cluster_{policy}").all()


def test_single_cluster_strata_are_refused_with_their_labels(known: dict[str, Any]) -> None:
    frame = pd.DataFrame(known["singletons"]["data"])
    with pytest.raises(DesignError) as error:
        domain_means(frame, value="y", weights="w", strata="stratum", cluster="psu")
    assert codes(error) == {"design_single_cluster"}
    assert error.value.problems[0].got == "3"


def test_shares_have_logit_intervals(known: dict[str, Any]) -> None:
    path = reference("measurement/change_multiresponse_weights.json")
    want = json.loads(path.read_text())["proportion_intervals"]
    design = design_of("strata_psu")
    design = replace(design, frame=design.frame.assign(won=design.frame["awards"] == "Yes"))
    found = domain_means(design, value="won").iloc[0]
    assert found["estimate"] == pytest.approx(want["p"], rel=1e-10)
    assert found["std_error"] == pytest.approx(want["se"], rel=1e-10)
    limits = next(entry["ci"] for entry in want["intervals"] if entry["method"] == "logit")
    assert [found["conf_low"], found["conf_high"]] == pytest.approx(limits, rel=1e-7)
    assert (found["method"], found["df"]) == ("taylor_logit", want["df"])


def test_all_or_nobody_and_plain_samples_have_wilson_intervals() -> None:
    frame = pd.DataFrame(
        {"yes": [True] * 12, "some": [True] * 4 + [False] * 8, "w": np.linspace(1, 2, 12)}
    )
    found = domain_means(frame, value=["yes", "some"], weights="w")
    assert found["method"].tolist() == ["wilson", "taylor_logit"]
    low, high = wilson_limits(np.array([1.0]), found["n_eff"].to_numpy()[:1], 0.95)
    assert found["conf_low"].iloc[0] == pytest.approx(low[0])
    assert found["conf_high"].iloc[0] == pytest.approx(high[0]) == pytest.approx(1)
    plain = domain_means(frame, value="some").iloc[0]
    low, high = wilson_limits(np.array([4 / 12]), np.array([12]), 0.95)
    assert (plain["method"], plain["conf_low"]) == ("wilson", pytest.approx(low[0]))


def test_wilson_limits_equal_the_reference() -> None:
    path = reference("measurement/change_multiresponse_weights.json")
    want = json.loads(path.read_text())["multiple_response"]["results"]
    for option in want.values():
        low, high = wilson_limits(np.array([option["share_of_respondents"]]), np.array([7]), 0.95)
        assert [low[0], high[0]] == pytest.approx(option["wilson_95"], rel=1e-10)


@pytest.mark.parametrize("column", ["weights", "strata", "psu", "n", "index"])
def test_reserved_names_are_columns_like_any_other(column: str) -> None:
    frame = pd.DataFrame({"y": [1.0, 2, 3, 4], "d": ["a", "a", "b", "b"], "u": [1.0, 2, 1, 2]})
    usual = domain_means(frame, value="y", domain="d", weights="u")
    for old in ("y", "d", "u"):
        renamed = frame.rename(columns={old: column})
        names = {"y": "y", "d": "d", "u": "u", old: column}
        found = domain_means(renamed, value=names["y"], domain=names["d"], weights=names["u"])
        assert found["std_error"].tolist() == usual["std_error"].tolist()


def test_without_a_design_the_error_is_s_over_the_root_of_n() -> None:
    y = np.random.default_rng(5).normal(50, 10, 40)
    found = domain_means(pd.DataFrame({"y": y, "w": 3.0}), value="y", weights="w").iloc[0]
    assert found["std_error"] == pytest.approx(y.std(ddof=1) / np.sqrt(40), rel=1e-12)
    assert found["method"] == "survey_taylor_persons"
    assert (found["deff"], found["n_eff"]) == (pytest.approx(1), pytest.approx(40))


def test_order_scale_of_weights_and_names_of_labels_change_nothing() -> None:
    design = design_of("strata_psu")
    usual = domain_means(design, value="api00", domain="county").set_index("domain")
    frame = design.frame.sample(frac=1, random_state=2)
    frame["pw"] *= 12.5
    frame["stype"] = frame["stype"].map({"E": "x", "H": "y", "M": "z"}).astype("category")
    frame["dnum"] = "school " + frame["dnum"].astype("str")
    found = domain_means(
        frame, value="api00", domain="county", weights="pw", strata="stype", cluster="dnum"
    ).set_index("domain")
    same = ["estimate", "std_error", "df", "n", "n_eff", "deff", "conf_low"]
    pd.testing.assert_frame_equal(found.loc[usual.index, same], usual[same], rtol=1e-11)


def test_domains_that_overlap_are_those_of_each_column_alone() -> None:
    design = design_of("strata_psu")
    both = domain_means(design, value=["api00", "api99"], domain=["awards", "county"])
    parts = [
        domain_means(design, value=value, domain=by)
        for by in ("awards", "county")
        for value in ("api00", "api99")
    ]
    pd.testing.assert_frame_equal(both, pd.concat(parts, ignore_index=True))


def test_equal_cluster_labels_in_two_strata_are_two_clusters_and_said() -> None:
    frame = pd.DataFrame({"y": range(8), "s": [1, 1, 1, 1, 2, 2, 2, 2], "c": [1, 1, 2, 2] * 2})
    found = domain_means(frame, value="y", strata="s", cluster="c").iloc[0]
    assert (found["clusters"], found["df"]) == (4, 2)
    assert "cluster_labels_shared" in found["note"]
    assert "few_clusters" in found["note"]


def test_one_cluster_gives_a_mean_without_an_interval() -> None:
    frame = pd.DataFrame({"y": [1.0, 2, 3, 4], "d": ["a", "a", "b", "b"], "c": [1, 1, 2, 3]})
    found = domain_means(frame, value="y", domain="d", cluster="c").set_index("domain")
    assert found.loc["a", "estimate"] == 1.5
    assert np.isnan(found.loc["a", ["std_error", "conf_low", "conf_level"]].astype(float)).all()
    assert found.loc["a", "note"] == "df_below_1"


def test_people_without_an_answer_are_counted_and_an_empty_domain_has_no_number() -> None:
    frame = pd.DataFrame(
        {"y": pd.array([1, 2, None, 4, None], "Int64"), "d": ["a", "a", "a", "a", "b"]}
    )
    before = frame.copy()
    found = domain_means(frame, value="y", domain="d").set_index("domain")
    assert found["n"].tolist() == [3, 0]
    assert found["n_missing"].tolist() == [1, 1]
    assert np.isnan(found.loc["b", "estimate"])
    assert found.loc["b", "note"] == "no_answers"
    pd.testing.assert_frame_equal(frame, before)


def test_every_fault_of_a_design_is_named() -> None:
    frame = pd.DataFrame(
        {
            "y": [1.0, 2, 3],
            "s": ["a", "a", None],
            "w": [1.0, 0, 1],
            "N": [0, 1, 1],
            "t": list("xyz"),
        }
    )
    with pytest.raises(DesignError) as error:
        survey_design(frame, weights="w", strata="s", cluster="nowhere", fpc="N")
    assert codes(error) == {
        "weights_prior", "design_no_label", "design_no_column", "design_bad_fpc",
    }  # fmt: skip
    with pytest.raises(DesignError) as error:
        domain_means(frame, value="t")
    assert codes(error) == {"design_not_number"}
    with pytest.raises(DesignError) as error:
        domain_means(frame, value="y", domain="nowhere")
    assert codes(error) == {"design_no_column"}


def test_many_sparse_keys_give_what_few_dense_ones_give() -> None:
    rng = np.random.default_rng(11)
    frame = pd.DataFrame(
        {"y": rng.normal(size=300), "d": rng.integers(0, 5, 300), "s": rng.integers(0, 3, 300),
         "c": rng.integers(0, 40, 300), "w": rng.uniform(1, 3, 300)}
    )  # fmt: skip
    design = {"weights": "w", "strata": "s", "cluster": "c"}
    usual = domain_means(frame, value="y", domain="d", **design)
    far = frame.assign(d=frame["d"] * 10**9, c=frame["c"] * 10**7, s=frame["s"] * 10**8)
    found = domain_means(far, value="y", domain="d", **design).set_index("domain")
    found = found.loc[[str(int(name) * 10**9) for name in usual["domain"]]]
    for name in ("estimate", "std_error", "df"):
        np.testing.assert_allclose(found[name], usual[name], rtol=1e-12)


@pytest.mark.slow
def test_intervals_of_domain_means_cover_the_truth_with_clusters() -> None:
    """2,000 drawn samples of 3 strata × 20 clusters: 95 % intervals hold 93.5 to 96.5 %."""
    rng = np.random.default_rng(20260301)
    runs, clusters, people = 2000, 60, 6
    total = clusters * people
    run = np.repeat(np.arange(runs), total)
    cluster = np.tile(np.repeat(np.arange(clusters), people), runs)
    stratum = cluster % 3
    effect = rng.normal(size=(runs, clusters)) * 4
    weight = np.array([1.0, 2.0, 4.0])[stratum]
    young = rng.random(len(run)) < 0.4
    y = 50 + 5.0 * stratum + effect.ravel()[run * clusters + cluster] + rng.normal(0, 8, len(run))
    frame = pd.DataFrame(
        {"y": y, "w": weight, "s": run * 3 + stratum, "c": cluster,
         "d": run * 2 + young.astype("int64")}
    )  # fmt: skip
    truth = 50 + 5.0 * (2.0 + 2 * 4.0) / 7
    found = domain_means(frame, value="y", domain="d", weights="w", strata="s", cluster="c")
    held = (found["conf_low"] <= truth) & (truth <= found["conf_high"])
    assert len(found) == 2 * runs
    assert 0.935 <= held.mean() <= 0.965


def calls_of(work: Callable[[], object]) -> int:
    """Python functions called."""
    count = 0

    def seen(frame: object, event: str, arg: object) -> None:
        nonlocal count
        count += event == "call"

    sys.setprofile(seen)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("label", ["{}", "town {}"])
def test_no_python_function_is_called_for_each_row_domain_or_partnership(label: str) -> None:
    def frame_of(groups: int) -> pd.DataFrame:
        rows = groups * 12
        g = pd.Series(np.repeat(np.arange(groups), 12))
        return pd.DataFrame(
            {"g": g if label == "{}" else g.map(label.format), "sex": np.arange(rows) % 2,
             "y": np.arange(rows) % 7.0, "c": np.arange(rows) // 3}
        )  # fmt: skip

    few, many = frame_of(50), frame_of(500)
    margins = {"sex": {0: 0.4, 1: 0.6}}
    for work in (
        lambda frame: domain_means(frame, value="y", domain="g", cluster="c"),
        lambda frame: raked_means(rake(frame, margins, group="g"), frame[["y"]]),
    ):
        work(few)
        assert calls_of(lambda w=work: w(many)) <= calls_of(lambda w=work: w(few)) + 50
