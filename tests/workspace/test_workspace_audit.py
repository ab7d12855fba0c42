"""The audit log is append-only, and tampering is found."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from workspace_data import responses, store

from twinimpact.errors import RunError
from twinimpact.workspace import (
    RunRecord,
    Workspace,
    doctor,
    latest_runs,
    record_run,
    runs_of,
    take_snapshot,
    verify_audit,
)
from twinimpact.workspace.catalogue import connection


@pytest.fixture
def filled(workspace: Workspace) -> Workspace:
    for name in "abc":
        store(workspace, responses([f"{name}1"]), name)
    return workspace


def tamper(workspace: Workspace, statement: str) -> None:
    with closing(sqlite3.connect(workspace.catalogue)) as con:
        con.execute("DROP TRIGGER audit_is_not_updated")
        con.execute("DROP TRIGGER audit_is_not_deleted")
        con.execute(statement)
        con.commit()


def test_an_untouched_log_is_intact(filled: Workspace) -> None:
    state = verify_audit(filled)
    assert (state.intact, state.entries) == (True, 3)
    assert verify_audit(filled, state.head).intact
    assert not verify_audit(filled, "f" * 64).intact


@pytest.mark.parametrize("statement", ["UPDATE audit SET actor = 'x'", "DELETE FROM audit"])
def test_entries_cannot_be_changed_or_deleted(filled: Workspace, statement: str) -> None:
    with pytest.raises(RunError, match="refused"), connection(filled) as con:
        con.execute(statement)
    assert verify_audit(filled).entries == 3


@pytest.mark.parametrize(
    ("statement", "broken_at", "reason"),
    [
        ("UPDATE audit SET details = '{}' WHERE seq = 2", 2, "contents were changed"),
        ("DELETE FROM audit WHERE seq = 2", 3, "missing before"),
        ("UPDATE audit SET previous = hash WHERE seq = 3", 3, "does not follow"),
        ("DELETE FROM audit WHERE seq = 3", 3, "missing or were replaced"),
        ("INSERT INTO audit VALUES (4, 'a', 'b', 'c', '{}', 'd', 'e')", 4, "does not follow"),
    ],
)
def test_tampering_is_found(filled: Workspace, statement: str, broken_at: int, reason: str) -> None:
    tamper(filled, statement)
    state = verify_audit(filled)
    assert (state.intact, state.broken_at) == (False, broken_at)
    assert reason in state.reason
    assert [finding.kind for finding in doctor(filled)] == ["audit"]


def test_the_log_holds_no_ids_of_responses(workspace: Workspace) -> None:
    store(workspace, responses(["pseudonym-of-anna"]))
    with connection(workspace) as con:
        assert "anna" not in str(con.execute("SELECT * FROM audit").fetchall())


def test_all_runs_are_kept_and_the_last_good_one_of_a_report_is_in_place(filled: Workspace) -> None:
    snapshot = take_snapshot(filled, "c")

    def run(key: str, state: str, file: str) -> RunRecord:
        return RunRecord(
            key=key, template="partnership_report", partnership="lin-mor", language="en",
            snapshot=snapshot.id, state=state, files={"html": file}, suppressed=4, seconds=1.5,
            message="",
        )  # fmt: skip

    for record in (run("k", "done", "1"), run("k", "done", "2"), run("l", "failed", "3")):
        record_run(filled, record)
    assert [record.files["html"] for record in runs_of(filled)] == ["1", "2", "3"]
    # "l" failed and the first "k" was replaced: one report is in place
    assert [(record.key, dict(record.files)) for record in latest_runs(filled)] == [
        ("k", {"html": "2"})
    ]
    assert runs_of(filled)[0].finished
    assert verify_audit(filled).intact
    with pytest.raises(RunError):
        record_run(filled, RunRecord(
            key="m", template="t", partnership="*", language="en", snapshot="absent",
            state="done", files={}, suppressed=0,
        ))  # fmt: skip
