"""Small frames that go into a workspace."""

from __future__ import annotations

import pandas as pd

from twinimpact.workspace import SourceRecord, Workspace, unit_of_work

NO_REASONS = pd.DataFrame({"response_id": [], "item_id": [], "reason": []}, dtype="str")


def source(name: str = "a", table: str = "responses") -> SourceRecord:
    return SourceRecord(
        sha256=name * 8, file=f"inbox/{name}.csv", size=10, table=table, platform="kobo"
    )


def responses(ids: list[str], answer: int = 3, wave: str = "pre") -> pd.DataFrame:
    size = len(ids)
    return pd.DataFrame(
        {
            "response_id": ids,
            "partnership_id": ["lin-mor"] * size,
            "arm": ["participant"] * size,
            "wave": [wave] * size,
            "date": ["2025-03-01"] * size,
            "gender": [""] * size,
            "row_hash": [f"{key}-{answer}" for key in ids],
            "source": ["aaaa"] * size,
            "source_row": range(2, size + 2),
            "tw_civic_r10": pd.array([answer] * size, dtype="Int16"),
            "tw_civic_r2": pd.array([None] * size, dtype="Int16"),
        }
    )


def store(
    workspace: Workspace,
    frame: pd.DataFrame,
    name: str = "a",
    missing: pd.DataFrame = NO_REASONS,
) -> None:
    with unit_of_work(workspace) as work:
        work.add_import(source(name), {"rows": len(frame), "new": len(frame)})
        work.add_responses(frame, missing, source(name))
