"""Decisions at rest: held versions count nowhere, choices become the newest version."""

from __future__ import annotations

import pandas as pd
import pytest
from workspace_data import NO_REASONS, responses, source

from twinimpact.workspace import (
    Conflict,
    Workspace,
    chosen_version,
    conflicts_of,
    known_rows,
    read_missing,
    read_responses,
    take_snapshot,
    unit_of_work,
    verify_audit,
)


def conflict(state: str = "open", second: str = "a-5") -> Conflict:
    return Conflict(
        response_id="a", first_hash="a-3", first_source="s", first_row=2, second_hash=second,
        second_source="s", second_row=9, state=state,
    )  # fmt: skip


def hold(workspace: Workspace, state: str = "open") -> None:
    reasons = pd.DataFrame(
        {"response_id": ["a"], "item_id": ["tw_civic_r2"], "reason": ["refused"]}, dtype="str"
    )
    with unit_of_work(workspace) as work:
        work.add_import(source(), {"rows": 3, "new": 1, "quarantined": 2})
        work.add_responses(responses(["a"], 3), NO_REASONS, source(), held=True)
        work.add_responses(responses(["a"], 5), reasons, source(), held=True)
        work.add_responses(responses(["b"], 4), NO_REASONS, source())
        work.add_conflicts([conflict(state)], source())


def test_held_versions_are_in_no_table_and_no_snapshot(workspace: Workspace) -> None:
    hold(workspace)
    assert read_responses(workspace)["response_id"].tolist() == ["b"]
    assert known_rows(workspace, "responses")["response_id"].tolist() == ["b"]
    assert len(read_missing(workspace)) == 0
    assert len(take_snapshot(workspace, "c").frame("responses")) == 1


def test_a_decision_makes_its_version_the_newest_with_its_reasons(workspace: Workspace) -> None:
    hold(workspace)
    before = take_snapshot(workspace, "c").id
    number = conflicts_of(workspace)[0].id
    with unit_of_work(workspace) as work:
        assert work.decide_conflicts({number: "second"}) == 1
    frame = read_responses(workspace).set_index("response_id")
    assert frame.loc["a", "tw_civic_r10"] == 5
    assert read_missing(workspace)["reason"].tolist() == ["refused"]
    assert take_snapshot(workspace, "c").id != before
    with unit_of_work(workspace) as work:
        assert work.decide_conflicts({number: "second"}) == 0
    assert verify_audit(workspace).intact


def test_a_failure_leaves_conflicts_open_and_no_file_behind(workspace: Workspace) -> None:
    hold(workspace)
    number = conflicts_of(workspace)[0].id
    files = set(workspace.data.rglob("*.parquet"))
    with pytest.raises(KeyError), unit_of_work(workspace) as work:
        work.decide_conflicts({number: "first"})
        raise KeyError
    assert conflicts_of(workspace)[0].state == "open"
    assert set(workspace.data.rglob("*.parquet")) == files


def test_a_known_conflict_takes_a_decision_and_never_loses_it(workspace: Workspace) -> None:
    hold(workspace)
    for state, kept in (("first", "first"), ("open", "first"), ("second", "second")):
        with unit_of_work(workspace) as work:
            record = source(state)
            work.add_import(record, {})
            work.add_conflicts([conflict(state)], record)
        assert [one.state for one in conflicts_of(workspace)] == [kept]


def test_one_open_conflict_leaves_the_response_undecided() -> None:
    assert chosen_version([]) == ""
    assert chosen_version([conflict("first"), conflict("open", "a-6")]) == ""
    assert chosen_version([conflict("first"), conflict("first", "a-6")]) == "a-3"
    assert chosen_version([conflict("second"), conflict("first", "a-6")]) == "a-5"
