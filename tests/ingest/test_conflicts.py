"""Contradicting versions of a response: both kept, decided by a person, never lost."""

from __future__ import annotations

from pathlib import Path

import pytest
from planning_data import KEY, catalogue

from twinimpact.errors import DefinitionError
from twinimpact.evaluation import Evaluation, parse_evaluation
from twinimpact.ingest import ImportPlan, apply_plans, decide_open, plan_imports
from twinimpact.workspace import (
    Workspace,
    conflicts_of,
    create_workspace,
    doctor,
    imports_of,
    read_missing,
    read_responses,
    unit_of_work,
    verify_audit,
)

HEADER = "nr,when,tw_x_a,tw_x_b\n"
ROW = "{nr},2025-03-01,{a},{b}\n"
MAPPING = """
schema = 1
platform = "spreadsheet"
consent = {waived = "on paper"}
constants = {wave = "pre", partnership = "lin-mor"}
[columns]
response_id = "nr"
date = "when"
"""
SETTINGS = """
schema = 1
[evaluation]
id = "demo"
title = "Demo"
[[waves]]
id = "pre"
kind = "pre"
label = "Before"
[[waves]]
id = "post"
kind = "post"
label = "After"
[[sources]]
file = "inbox/towns.csv"
table = "towns"
[[sources]]
file = "inbox/links.csv"
table = "partnerships"
[[sources]]
file = "inbox/answers*.csv"
table = "responses"
mapping = "mappings/paper.toml"
"""


def rows(*entries: tuple[int, object, object]) -> str:
    return HEADER + "".join(ROW.format(nr=nr, a=a, b=b) for nr, a, b in entries)


@pytest.fixture
def evaluation() -> Evaluation:
    return parse_evaluation(SETTINGS, "evaluation.toml", Path())


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    made = create_workspace(tmp_path)
    for name, text in {
        "inbox/towns.csv": "town_id;name;country\nlin;Lindau;DE\nmor;Morlaix;FR\n",
        "inbox/links.csv": "partnership_id;name;town_a;town_b;form\n"
        "lin-mor;Lindau – Morlaix;lin;mor;formal\n",
        "mappings/paper.toml": MAPPING,
    }.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return made


def give(workspace: Workspace, text: str, name: str = "answers.csv") -> None:
    for old in (workspace.root / "inbox").glob("answers*.csv"):
        old.unlink()
    (workspace.root / "inbox" / name).write_text(text, encoding="utf-8")


def run(workspace: Workspace, evaluation: Evaluation, policy: str = "ask") -> ImportPlan:
    plans = plan_imports(workspace, evaluation, catalogue(), KEY, policy)
    decide_open(workspace, policy, plans)
    apply_plans(workspace, plans)
    assert verify_audit(workspace).intact
    assert doctor(workspace) == ()
    return plans[-1]


def stored(workspace: Workspace) -> dict[int, int]:
    """First answer by row of the file."""
    frame = read_responses(workspace)
    if not len(frame):
        return {}
    return dict(zip(frame["source_row"].astype(int), frame["tw_x_a"].astype(int), strict=True))


TWO = rows((1, 7, 5), (2, 6, 4), (1, 3, "dont know"))


def test_asked_both_versions_are_held_and_neither_counts(
    workspace: Workspace, evaluation: Evaluation
) -> None:
    give(workspace, TWO)
    plan = run(workspace, evaluation)
    assert (plan.rows, len(plan.new), plan.quarantined) == (3, 1, 2)
    assert stored(workspace) == {3: 6}
    (one,) = conflicts_of(workspace)
    assert (one.state, one.first_row, one.second_row) == ("open", 2, 4)
    assert one.first_source == one.second_source != ""
    assert [p.code for p in plan.problems if p.severity == "error"] == ["responses_conflict"] * 2


@pytest.mark.parametrize(
    ("policy", "state", "kept"),
    [("keep", "first", {2: 7, 3: 6}), ("replace", "second", {3: 6, 4: 3})],
)
def test_a_policy_chooses_counts_the_other_version_and_notes_the_decision(
    workspace: Workspace, evaluation: Evaluation, policy: str, state: str, kept: dict[int, int]
) -> None:
    give(workspace, TWO)
    plan = run(workspace, evaluation, policy)
    assert (plan.rows, len(plan.new), plan.quarantined) == (3, 2, 0)
    assert plan.excluded == {"conflict": 1}
    assert "responses_conflict" not in {problem.code for problem in plan.problems}
    assert stored(workspace) == kept
    assert [one.state for one in conflicts_of(workspace)] == [state]
    assert imports_of(workspace)[-1]["excluded"] == {"conflict": 1}
    again = run(workspace, evaluation)
    assert (len(again.new), len(again.changed), again.unchanged) == (0, 0, 2)
    assert stored(workspace) == kept


def test_an_open_conflict_is_decided_later_although_the_file_is_gone(
    workspace: Workspace, evaluation: Evaluation
) -> None:
    give(workspace, TWO)
    run(workspace, evaluation)
    (workspace.root / "inbox" / "answers.csv").unlink()
    (one,) = conflicts_of(workspace)
    with unit_of_work(workspace) as work:
        assert work.decide_conflicts({one.id: "second"}) == 1
    assert stored(workspace) == {3: 6, 4: 3}
    missing = read_missing(workspace)
    assert set(missing["item_id"]) == {"tw_x_b"}
    with unit_of_work(workspace) as work:
        assert work.decide_conflicts({one.id: "first"}) == 1
    assert stored(workspace) == {2: 7, 3: 6}
    assert len(read_missing(workspace)) == 0
    assert verify_audit(workspace).intact
    assert doctor(workspace) == ()


def test_a_decision_is_respected_when_the_file_comes_again(
    workspace: Workspace, evaluation: Evaluation
) -> None:
    give(workspace, TWO)
    run(workspace, evaluation)
    (one,) = conflicts_of(workspace)
    with unit_of_work(workspace) as work:
        work.decide_conflicts({one.id: "second"})
    # the same content in another file: a new import that must not undo the decision
    give(workspace, TWO + ROW.format(nr=9, a=1, b=1), "answers2.csv")
    plan = run(workspace, evaluation)
    assert (plan.unchanged, plan.excluded, len(plan.new)) == (2, {"conflict": 1}, 1)
    assert stored(workspace)[4] == 3


def test_a_third_version_after_a_decision_is_a_new_conflict(
    workspace: Workspace, evaluation: Evaluation
) -> None:
    give(workspace, TWO)
    run(workspace, evaluation, "keep")
    give(workspace, rows((1, 9, 5), (2, 6, 4)), "answers2.csv")
    plan = run(workspace, evaluation)
    assert (plan.unchanged, plan.quarantined, len(plan.changed)) == (1, 1, 0)
    assert [p.code for p in plan.problems if p.severity == "error"] == ["responses_decided"]
    assert stored(workspace) == {2: 7, 3: 6}
    later = conflicts_of(workspace)[-1]
    assert (later.state, later.first_row, later.second_row) == ("open", 2, 2)
    with unit_of_work(workspace) as work:
        work.decide_conflicts({later.id: "second"})
    assert 9 in stored(workspace).values()


@pytest.mark.parametrize(("policy", "answer"), [("keep", 7), ("replace", 9)])
def test_a_policy_also_settles_a_third_version(
    workspace: Workspace, evaluation: Evaluation, policy: str, answer: int
) -> None:
    give(workspace, TWO)
    run(workspace, evaluation, "keep")
    give(workspace, rows((1, 9, 5)), "answers2.csv")
    plan = run(workspace, evaluation, policy)
    assert plan.quarantined == 0
    assert answer in stored(workspace).values()


def test_without_a_decision_a_corrected_file_still_replaces(
    workspace: Workspace, evaluation: Evaluation
) -> None:
    give(workspace, rows((1, 7, 5)))
    run(workspace, evaluation)
    give(workspace, rows((1, 2, 5)), "answers2.csv")
    plan = run(workspace, evaluation)
    assert len(plan.changed) == 1
    assert stored(workspace) == {2: 2}
    assert conflicts_of(workspace) == ()


def test_three_versions_wait_until_all_are_decided(
    workspace: Workspace, evaluation: Evaluation
) -> None:
    give(workspace, rows((1, 7, 5), (1, 3, 5), (1, 4, 5), (1, 7, 5)))
    plan = run(workspace, evaluation)
    assert plan.quarantined == 4
    one, two = conflicts_of(workspace)
    assert (one.first_row, one.second_row, two.second_row) == (2, 3, 4)
    with unit_of_work(workspace) as work:
        work.decide_conflicts({one.id: "first"})
    assert stored(workspace) == {}
    with unit_of_work(workspace) as work:
        work.decide_conflicts({two.id: "second"})
    assert stored(workspace) == {4: 4}


def test_replace_settles_open_conflicts_of_earlier_imports_too(
    workspace: Workspace, evaluation: Evaluation
) -> None:
    give(workspace, rows((1, 7, 5), (1, 3, 5), (1, 4, 5)))
    run(workspace, evaluation)
    give(workspace, rows((2, 6, 4)), "answers2.csv")
    run(workspace, evaluation, "replace")
    assert sorted(stored(workspace).values()) == [4, 6]
    assert [one.state for one in conflicts_of(workspace)] == ["first", "second"]


def test_an_unknown_policy_or_decision_is_refused(
    workspace: Workspace, evaluation: Evaluation
) -> None:
    with pytest.raises(DefinitionError, match="ask, keep, replace"):
        plan_imports(workspace, evaluation, catalogue(), KEY, "guess")
    with pytest.raises(ValueError, match="no such conflict"), unit_of_work(workspace) as work:
        work.decide_conflicts({5: "first"})
