"""Progress while reading and storing, and Ctrl-C in the middle: nothing is left half-written."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from planning_data import KEY, catalogue
from test_ingest_plan import FIRST, counts, plan, settings, workspace

from twinimpact.ingest.apply import apply_plans
from twinimpact.ingest.plan import plan_imports
from twinimpact.workspace import (
    Workspace,
    imports_of,
    problems_of,
    read_responses,
    read_table,
)

__all__ = ["workspace"]


def test_progress_names_each_file_and_ends_at_the_total(workspace: Workspace) -> None:
    told: list[tuple[str, int, int]] = []
    plans = plan_imports(
        workspace, settings(), catalogue(), KEY, progress=lambda *step: told.append(step)
    )
    assert told == [
        ("towns.csv", 0, 7), ("partnerships.csv", 1, 7), ("log.csv", 2, 7), ("events.ics", 3, 7),
        ("list.csv", 4, 7), ("pre.csv", 5, 7), ("post.csv", 6, 7), ("", 7, 7),
    ]  # fmt: skip
    told.clear()
    apply_plans(workspace, plans, lambda *step: told.append(step))
    assert [step[1] for step in told] == list(range(9))
    assert told[-1] == ("", 8, 8)


def files_in(workspace: Workspace) -> set[Path]:
    return {path for name in ("data", "quarantine") for path in (workspace.root / name).rglob("*")}


@pytest.mark.parametrize("stop_at", range(9))
def test_ctrl_c_while_storing_leaves_nothing_behind(workspace: Workspace, stop_at: int) -> None:
    before = files_in(workspace)
    plans = plan(workspace)

    def interrupted(name: str, done: int, total: int) -> None:
        if done == stop_at:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        apply_plans(workspace, plans, interrupted)
    assert imports_of(workspace) == () and problems_of(workspace) == ()
    assert len(read_responses(workspace)) == 0 and len(read_table(workspace, "towns")) == 0
    left = files_in(workspace) - before
    assert not [path for path in left if path.is_file()]
    # the same command goes on as if nothing had been
    assert len(apply_plans(workspace, plans).imported) == 8
    assert counts(plan(workspace)).keys() == FIRST.keys()


def test_ctrl_c_while_a_file_is_written_leaves_no_half_of_it(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    from twinimpact.workspace import batches, work

    plans = plan(workspace)

    def half(space: Workspace, frame: pd.DataFrame, temporary: Path) -> str:
        temporary.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(b"PAR1")
        raise KeyboardInterrupt

    monkeypatch.setattr(work, "write_temporary", half)
    with pytest.raises(KeyboardInterrupt):
        apply_plans(workspace, plans)
    assert not [path for path in files_in(workspace) if path.is_file()]
    monkeypatch.setattr(work, "write_temporary", batches.write_temporary)
    assert len(apply_plans(workspace, plans).imported) == 8


def test_ctrl_c_while_reading_writes_nothing(workspace: Workspace) -> None:
    def interrupted(name: str, done: int, total: int) -> None:
        if name == "post.csv":
            raise KeyboardInterrupt

    before = files_in(workspace)
    with pytest.raises(KeyboardInterrupt):
        plan_imports(workspace, settings(), catalogue(), KEY, progress=interrupted)
    assert files_in(workspace) == before and imports_of(workspace) == ()
