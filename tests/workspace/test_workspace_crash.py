"""Crashes and two writers: nothing half-written, nothing acknowledged is lost."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from workspace_data import responses, source, store

from twinimpact.errors import RunError
from twinimpact.workspace import (
    Workspace,
    doctor,
    imports_of,
    open_workspace,
    read_responses,
    remove_orphans,
    take_snapshot,
    unit_of_work,
    verify_audit,
)
from twinimpact.workspace.catalogue import connection

WRITER = """
import sys
from pathlib import Path
sys.path.insert(0, {folder!r})
from workspace_data import responses, source, store
from twinimpact.workspace import open_workspace
workspace = open_workspace(Path(sys.argv[1]))
for number in range(int(sys.argv[3])):
    name = f"{{sys.argv[2]}}{{number}}"
    store(workspace, responses([f"{{name}}-{{i}}" for i in range(5)]), name)
    print(name, flush=True)
"""


def writer(workspace: Workspace, name: str, count: int) -> subprocess.Popen[str]:
    script = WRITER.format(folder=str(Path(__file__).parent))
    return subprocess.Popen(
        [sys.executable, "-c", script, str(workspace.root), name, str(count)],
        stdout=subprocess.PIPE,
        text=True,
    )


def test_a_killed_import_loses_nothing_that_was_acknowledged(workspace: Workspace) -> None:
    dice = random.Random(7)
    acknowledged: list[str] = []
    for attempt in range(3):
        process = writer(workspace, f"w{attempt}n", 10_000)
        assert process.stdout is not None
        acknowledged.append(process.stdout.readline().strip())
        time.sleep(dice.uniform(0.0, 0.25))
        process.send_signal(signal.SIGKILL)
        acknowledged.extend(line.strip() for line in process.stdout if line.endswith("\n"))
        process.wait()
        process.stdout.close()

        opened = open_workspace(workspace.root)
        remove_orphans(opened)
        assert doctor(opened) == ()
        stored = {Path(row["file"]).stem for row in imports_of(opened)}
        assert set(acknowledged) <= stored
        frame = read_responses(opened)
        assert len(frame) == 5 * len(stored), "an import is there with all its rows or not at all"


def test_two_writers_take_turns(workspace: Workspace) -> None:
    writers = [writer(workspace, name, 5) for name in "ab"]
    for process in writers:
        process.communicate(timeout=60)
        assert process.returncode == 0
    assert len(imports_of(workspace)) == 10
    assert len(read_responses(workspace)) == 50
    assert verify_audit(workspace).intact
    assert doctor(workspace) == ()


def test_a_writer_that_waits_too_long_is_told_why(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("twinimpact.workspace.catalogue.TIMEOUT", 0.05)
    with unit_of_work(workspace), pytest.raises(RunError, match="Another run is writing"):
        store(workspace, responses(["r1"]))


def test_files_left_by_a_crash_are_found_and_removed(workspace: Workspace) -> None:
    store(workspace, responses(["r1"]))
    take_snapshot(workspace, "c")
    folder = workspace.data / "batches" / "wave-pre"
    (folder / "2-00000000.parquet").write_bytes(b"orphan")
    (folder / ".3.tmp").write_bytes(b"half")
    assert {finding.kind for finding in doctor(workspace)} == {"orphan", "temporary"}
    assert remove_orphans(workspace) == (
        "data/batches/wave-pre/.3.tmp",
        "data/batches/wave-pre/2-00000000.parquet",
    )
    assert doctor(workspace) == ()
    assert len(read_responses(workspace)) == 1


def test_an_orphan_in_the_way_of_the_next_batch_does_no_harm(workspace: Workspace) -> None:
    store(workspace, responses(["r1"]))
    (path,) = (workspace.data / "batches").rglob("*.parquet")
    content = path.read_bytes()
    with connection(workspace) as con:
        con.execute("DELETE FROM batch")
        con.execute("DELETE FROM source_file")
    path.write_bytes(b"orphan of a crash")
    store(workspace, responses(["r1"]))
    assert path.read_bytes() == content


def test_lost_and_changed_files_are_named(workspace: Workspace) -> None:
    store(workspace, responses(["r1"]), "a")
    store(workspace, responses(["r2"]), "b")
    first, second = sorted((workspace.data / "batches").rglob("*.parquet"))
    first.unlink()
    second.write_bytes(b"changed")
    assert sorted(finding.kind for finding in doctor(workspace)) == ["absent", "changed"]
    with pytest.raises(RunError, match="not there"):
        read_responses(workspace)


def test_a_failing_rename_leaves_no_entry(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("twinimpact.workspace.work.publish", full)
    with pytest.raises(OSError, match="disk full"):
        store(workspace, responses(["r1"]))
    assert imports_of(workspace) == ()
    assert doctor(workspace) == ()
    assert not source().wave
