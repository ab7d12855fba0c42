"""What the plan named in time is confirmatory, and every difference from it is listed."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import pytest

from twinimpact.evaluation import Design, Evaluation, Outcome
from twinimpact.evaluation.plan import PlanRecord, PlanVersion, parse_plan
from twinimpact.impact.deviations import Deviation, deviations
from twinimpact.impact.planned import first_answer, mark_confirmatory
from twinimpact.schema import result_frame

POST = dt.date(2026, 6, 1)
PLAN = """
plan_version = 1
title = "Warmth"
authors = ["A. Example"]
date = 2026-03-01
waves = ["pre", "post"]
clusters = ["partnership", "town"]
person_id = ["partnership", "person"]
covariates = []
alpha = 0.05
sides = "two"
conf_level = 0.95
equivalence_level = 0.95
exclusions = []
seed = 1
families = []
subgroups = []
[design]
type = "one_group_pre_post"
assigned_unit = "town"
mechanism = "none"
blocks = "none"
probabilities = "none"
[arms]
column = "arm"
treated = "participant"
comparison = ["comparison"]
[missing]
primary = "complete"
sensitivity = ["fill_ins"]
[[estimands]]
id = "E1"
outcome = "tw_trust"
contrast = "post-pre"
between = ""
population = "att"
model = "change_score"
[[outcomes]]
name = "tw_trust"
role = "primary"
scale = [0, 10]
reverse = []
higher_is = "better"
sesoi = 5.0
mic = 5.0
reliability = "alpha"
"""
DESIGN = Design(
    before="pre", after="post", outcomes=(Outcome(scale="tw_trust", role="primary", sesoi=5.0),)
)


def record(text: str = PLAN, since: dt.date | None = dt.date(2026, 3, 1)) -> PlanRecord:
    loaded = parse_plan(text.encode())
    version = PlanVersion(
        version="1", date=since, since=since, sha256=loaded.sha256, reason="", plan=loaded.plan
    )
    return PlanRecord(plan=loaded.plan, sha256=loaded.sha256, versions=(version,))


def row(**more: Any) -> dict[str, Any]:
    return {
        "outcome": "tw_trust", "estimand": "post-pre", "method": "paired_t", "estimate": 4.0,
        "arm": "participant", "partnership": "p1", "direction": "better", "p_value": 0.01,
    } | more  # fmt: skip


def ran(*more: dict[str, Any]) -> pd.DataFrame:
    rows = [
        row(),
        row(outcome="Q07", estimand="one_group_pre_post", method="design_rule", arm=""),
        row(estimand="loss|worst", method="fill_in"),
        *more,
    ]
    return result_frame(rows)


def found(text: str = PLAN, results: pd.DataFrame | None = None, **more: Any) -> list[Deviation]:
    plan = record(text, more.get("since", dt.date(2026, 3, 1)))
    results = ran() if results is None else results
    first_post = more.get("first_post", POST)
    results = mark_confirmatory(results, plan, first_post)
    return list(deviations(plan, more.get("design", DESIGN), results, first_post))


def only(changes: list[Deviation], item: str) -> tuple[str, str, str]:
    (one,) = (change for change in changes if change.item == item)
    return one.planned, one.executed, one.consequence


def test_a_plan_that_was_carried_out_has_no_deviation() -> None:
    assert found() == []


def test_only_the_main_row_of_a_named_estimate_is_confirmatory() -> None:
    results = ran(
        row(note="beside", method="change_cr2"),
        row(town="lin"),
        row(method="d_av_bonett"),
        row(outcome="tw_conf"),
        row(estimand="followup-pre"),
        row(partnership="*"),
    )
    marked = mark_confirmatory(results, record(), POST)
    assert marked.index[marked["confirmatory"]].tolist() == [0, 8]
    pd.testing.assert_frame_equal(
        marked.drop(columns=["confirmatory", "p_adjusted"]),
        results.drop(columns=["confirmatory", "p_adjusted"]),
    )
    assert not results["confirmatory"].any(), "the table given is left as it is"


@pytest.mark.parametrize(
    ("since", "first_post"),
    [(dt.date(2026, 6, 1), POST), (None, POST), (dt.date(2026, 3, 1), None)],
)
def test_without_a_plan_in_time_everything_is_exploratory(
    since: dt.date | None, first_post: dt.date | None
) -> None:
    assert not mark_confirmatory(ran(), record(since=since), first_post)["confirmatory"].any()
    changes = found(since=since, first_post=first_post)
    assert only(changes, "date")[2] == "exploratory"
    assert only(changes, "estimands.E1.date")[2] == "exploratory"


@pytest.mark.parametrize("model", ["change_score", "ancova", "cross_section"])
def test_each_model_is_found_under_the_names_of_the_results(model: str) -> None:
    text = PLAN.replace('between = ""', 'between = "treated-comparison"').replace(
        'model = "change_score"', f'model = "{model}"'
    )
    if model == "cross_section":
        text = text.replace('contrast = "post-pre"', 'contrast = "single"')
    names = {
        "change_score": ("post-pre|participant-comparison", "town_mean_t"),
        "ancova": ("post|participant-comparison", "ancova_cr2"),
        "cross_section": ("participant-comparison|single", "welch"),
    }
    results = ran(*(row(estimand=e, method=m, arm="") for e, m in names.values()))
    marked = mark_confirmatory(results, record(text), POST)
    hits = marked[marked["confirmatory"]]
    assert list(zip(hits["estimand"], hits["method"], strict=True)) == [names[model]]


def test_p_values_of_a_family_are_adjusted_within_each_partnership() -> None:
    text = PLAN.replace(
        "families = []",
        'families = [{name = "main", outcomes = ["tw_trust", "tw_conf"], method = "holm"}]',
    )
    text += '[[outcomes]]\nname = "tw_conf"\n[[estimands]]\nid = "E2"\noutcome = "tw_conf"\n'
    results = ran(row(outcome="tw_conf", p_value=0.03), row(partnership="p2", p_value=0.03))
    marked = mark_confirmatory(results, record(text), POST)
    # Holm: 2 * .01 and .03 within p1; alone in p2
    assert marked.loc[[0, 3, 4], "p_adjusted"].tolist() == pytest.approx([0.02, 0.03, 0.03])
    assert marked["p_adjusted"].notna().sum() == 3


@pytest.mark.parametrize(
    ("old", "new", "item", "expected"),
    [
        ('type = "one_group_pre_post"', 'type = "pre_post_comparison"', "design.type",
         ("pre_post_comparison", "one_group_pre_post", "none")),
        ('mechanism = "none"', 'mechanism = "random"', "design.mechanism",
         ("random", "not_checked", "none")),
        ("conf_level = 0.95\neq", "conf_level = 0.9\neq", "conf_level", ("0.9", "0.95", "none")),
        ("alpha = 0.05", "alpha = 0.1", "alpha", ("0.1", "0.05", "none")),
        ('sides = "two"', 'sides = "one"', "sides", ("one", "two", "none")),
        ('waves = ["pre", "post"]', 'waves = ["pre", "post", "followup"]', "waves",
         ("pre, post, followup", "pre, post", "none")),
        ("covariates = []", 'covariates = ["age"]', "covariates", ("age", "none", "none")),
        ('sensitivity = ["fill_ins"]', 'sensitivity = ["lee"]', "missing.sensitivity",
         ("lee", "not_run", "none")),
        ("sesoi = 5.0", "sesoi = 3.0", "outcomes.tw_trust.sesoi", ("3", "5", "none")),
        ('higher_is = "better"', 'higher_is = "worse"', "outcomes.tw_trust.higher_is",
         ("worse", "better", "none")),
        ('role = "primary"', 'role = "secondary"', "outcomes.tw_trust.role",
         ("secondary", "primary", "none")),
        ("exclusions = []", 'exclusions = ["too fast"]', "exclusions.1",
         ("too fast", "not_checked", "none")),
        ('model = "change_score"', 'model = "ancova"', "estimands.E1",
         ("tw_trust | post-pre | ancova", "not_run", "none")),
        ("subgroups = []", 'subgroups = [{variable = "age_band", confirmatory = true}]',
         "subgroups.age_band", ("subgroup", "not_run", "none")),
        ("alpha = 0.05\n", "", "alpha", ("not_planned", "0.05", "none")),
        ("sesoi = 5.0\n", "", "outcomes.tw_trust.sesoi", ("not_planned", "5", "none")),
        ('type = "one_group_pre_post"', "", "design.type",
         ("not_planned", "one_group_pre_post", "none")),
    ],
)  # fmt: skip
def test_each_difference_is_one_row(
    old: str, new: str, item: str, expected: tuple[str, str, str]
) -> None:
    assert old in PLAN
    assert only(found(PLAN.replace(old, new, 1)), item) == expected


def test_what_is_neither_planned_nor_done_is_one_row() -> None:
    (one,) = found(PLAN.replace("covariates = []\n", "").replace("exclusions = []\n", ""))
    told = (one.item, one.planned, one.executed)
    assert told == ("covariates, exclusions", "not_planned", "none")


def test_a_gap_is_told_with_what_was_done_not_with_the_default() -> None:
    wide = DESIGN.model_copy(update={"conf_level": 0.9})
    changes = found(PLAN.replace("conf_level = 0.95\neq", "eq", 1), design=wide)
    assert only(changes, "conf_level") == ("not_planned", "0.9", "none")


def test_a_hidden_outcome_is_not_called_undone() -> None:
    hidden = row(status="suppressed", estimate=None)
    changes = found(results=result_frame([hidden]))
    assert only(changes, "outcomes.tw_trust")[1] == "suppressed"
    assert only(changes, "estimands.E1")[1] == "suppressed"


def test_an_outcome_that_became_primary_without_the_plan_is_exploratory() -> None:
    design = Design(
        before="pre", after="post",
        outcomes=(*DESIGN.outcomes, Outcome(scale="tw_conf", role="primary")),
    )  # fmt: skip
    changes = found(design=design)
    assert only(changes, "outcomes.tw_conf") == ("not_planned", "primary", "exploratory")


def test_a_planned_outcome_without_data_was_not_run() -> None:
    changes = found(results=result_frame([row(outcome="tw_conf")]))
    assert only(changes, "outcomes.tw_trust") == ("primary", "not_run", "none")


def test_reasons_stand_beside_their_item_and_empty_ones_stay_empty() -> None:
    text = PLAN.replace("alpha = 0.05", "alpha = 0.1").replace('sides = "two"', 'sides = "one"')
    text += '[[deviations]]\nitem = "alpha"\nreason = "agreed with the funder"\n'
    reasons = {one.item: one.reason for one in found(text)}
    assert reasons == {"alpha": "agreed with the funder", "sides": ""}


def evaluation(start: dt.date | None) -> Evaluation:
    wave = {"id": "post", "kind": "post", "label": "After", "start": start}
    return Evaluation.model_validate(
        {
            "schema": 1,
            "evaluation": {"id": "e", "title": "E"},
            "waves": ({"id": "pre", "kind": "pre", "label": "Before"}, wave),
            "design": {"before": "pre", "after": "post"},
        }
    )


def test_the_first_answer_is_the_earliest_day_of_the_later_wave() -> None:
    def answers(*days: str | None) -> pd.DataFrame:
        date = pd.to_datetime(pd.Series(["2026-01-05", *days]))
        return pd.DataFrame({"wave": ["pre", *["post"] * len(days)], "date": date})

    began = dt.date(2026, 5, 20)
    assert first_answer(answers("2026-06-02", "2026-06-01"), evaluation(began)) == POST
    assert first_answer(answers("2026-06-01", None), evaluation(began)) == began
    assert first_answer(answers("2026-06-01", None), evaluation(None)) is None
    assert first_answer(answers(), evaluation(began)) == began
    assert first_answer(answers(None), evaluation(None)) is None
