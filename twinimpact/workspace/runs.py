"""The ledger of report runs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from twinimpact.workspace.audit import append_audit
from twinimpact.workspace.catalogue import Workspace, connection, now, transaction

_COLUMNS = (
    "key, template, partnership, language, snapshot, state, files, suppressed, seconds, "
    "message, finished"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """One report that was made or failed.

    Parameters
    ----------
    key
        Hash of everything the report depends on: equal keys mean equal reports.
    template, partnership, language, snapshot
        What was asked for; ``partnership`` is ``*`` for the programme.
    state
        ``done``, ``unchanged`` or ``failed``.
    files
        Format to path inside the workspace.
    suppressed
        Numbers withheld by the disclosure gate.
    seconds, message
        How long it took and why it failed.
    finished
        Time of the entry, set when it is recorded.
    """

    key: str
    template: str
    partnership: str
    language: str
    snapshot: str
    state: str
    files: Mapping[str, str]
    suppressed: int
    seconds: float = 0.0
    message: str = ""
    finished: str = ""


def record_run(workspace: Workspace, record: RunRecord) -> None:
    """Enter a run in the ledger and the audit log."""
    files = json.dumps(dict(record.files), sort_keys=True, ensure_ascii=False)
    with connection(workspace) as con, transaction(con):
        con.execute(
            f"INSERT INTO run ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
            (
                record.key, record.template, record.partnership, record.language,
                record.snapshot, record.state, files, record.suppressed, record.seconds,
                record.message, now(),
            ),
        )  # fmt: skip
        details = {
            "key": record.key,
            "template": record.template,
            "partnership": record.partnership,
            "snapshot": record.snapshot,
            "state": record.state,
            "suppressed": record.suppressed,
        }
        append_audit(con, "run", details)


def runs_of(workspace: Workspace) -> tuple[RunRecord, ...]:
    """All runs, oldest first."""
    with connection(workspace) as con:
        rows = con.execute(f"SELECT {_COLUMNS} FROM run ORDER BY id").fetchall()  # noqa: S608
    return tuple(
        RunRecord(
            key=row[0], template=row[1], partnership=row[2], language=row[3], snapshot=row[4],
            state=row[5], files=json.loads(row[6]), suppressed=row[7], seconds=row[8],
            message=row[9], finished=row[10],
        )
        for row in rows
    )  # fmt: skip


def latest_runs(workspace: Workspace) -> tuple[RunRecord, ...]:
    """The last successful run of every report: its files are the ones now in place."""
    latest = {
        (run.template, run.partnership, run.language): run
        for run in runs_of(workspace)
        if run.state == "done"
    }
    return tuple(latest.values())
