"""Snapshots: same data, same id; old snapshots keep the old numbers."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from workspace_data import responses, source, store

from twinimpact.errors import RunError
from twinimpact.workspace import (
    Workspace,
    create_workspace,
    load_snapshot,
    snapshot_ids,
    take_snapshot,
    unit_of_work,
)

TOWNS = pd.DataFrame({"town_id": ["lin", "mor"], "name": ["Lin", "Mör"], "country": ["DE", "FR"]})


def fill(workspace: Workspace, order: str) -> None:
    for name in order:
        if name == "t":
            with unit_of_work(workspace) as work:
                work.upsert("towns", TOWNS, source(name, "towns"))
        else:
            frame = responses([f"{name}1", f"{name}2"]).assign(source=name)
            store(workspace, frame.rename(columns={"tw_civic_r2": f"q_{name}"}), name)


def test_the_same_data_give_the_same_id(workspace: Workspace) -> None:
    fill(workspace, "abt")
    first = take_snapshot(workspace, "codebook")
    second = take_snapshot(workspace, "codebook")
    assert first.id == second.id
    assert snapshot_ids(workspace) == (first.id,)
    assert take_snapshot(workspace, "another codebook").id != first.id


def test_the_order_of_imports_does_not_matter(workspace: Workspace, tmp_path: Path) -> None:
    other = create_workspace(tmp_path / "other")
    fill(workspace, "abt")
    fill(other, "tba")
    assert take_snapshot(workspace, "c").id == take_snapshot(other, "c").id


def test_an_old_snapshot_keeps_the_old_numbers(workspace: Workspace) -> None:
    store(workspace, responses(["r1", "r2"], 2), "a")
    old = take_snapshot(workspace, "c")
    store(workspace, responses(["r2"], 5), "b")
    new = take_snapshot(workspace, "c")
    assert new.id != old.id
    again = load_snapshot(workspace, old.id)
    assert again.frame("responses")["tw_civic_r10"].sum() == 4
    assert new.frame("responses")["tw_civic_r10"].sum() == 7
    assert snapshot_ids(workspace) == (old.id, new.id)


def test_frames_come_back_with_their_types(workspace: Workspace) -> None:
    fill(workspace, "at")
    snapshot = take_snapshot(workspace, "c")
    answers = snapshot.frame("responses")
    assert str(answers["tw_civic_r10"].dtype) == str(answers["q_a"].dtype) == "Int16"
    assert str(answers["date"].dtype) == "datetime64[us]"
    assert {str(answers[name].dtype) for name in ("town_id", "person", "wave")} == {"str"}
    assert str(snapshot.frame("towns")["population"].dtype) == "Int64"
    assert len(snapshot.frame("activities")) == 0
    assert str(snapshot.frame("activities")["start_date"].dtype) == "datetime64[us]"


def test_a_frame_of_a_snapshot_cannot_be_changed_from_outside(workspace: Workspace) -> None:
    fill(workspace, "t")
    snapshot = take_snapshot(workspace, "c")
    towns = snapshot.frame("towns")
    towns["name"] = "x"
    assert list(snapshot.frame("towns")["name"]) == ["Lin", "Mör"]


def test_changed_or_lost_objects_are_refused(workspace: Workspace) -> None:
    fill(workspace, "at")
    snapshot = take_snapshot(workspace, "c")
    path = max((workspace.data / "objects").iterdir(), key=lambda file: file.stat().st_size)
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(RunError, match="gone or was changed"):
        load_snapshot(workspace, snapshot.id)
    assert take_snapshot(workspace, "c").id == snapshot.id, "taking it again mends the file"
    path.unlink()
    with pytest.raises(RunError, match="gone or was changed"):
        load_snapshot(workspace, snapshot.id)
    with pytest.raises(RunError, match="no such snapshot"):
        load_snapshot(workspace, "0" * 16)
