"""The data of one evaluation at rest: catalogue, batches, snapshots, audit log."""

from twinimpact.workspace.audit import AuditState, verify_audit
from twinimpact.workspace.catalogue import Workspace, create_workspace, open_workspace
from twinimpact.workspace.decisions import (
    Conflict,
    chosen_version,
    conflicts_of,
    link_decisions_of,
)
from twinimpact.workspace.doctor import Finding, doctor, remove_orphans
from twinimpact.workspace.imports import (
    SourceRecord,
    file_names,
    imports_of,
    is_imported,
    problems_of,
)
from twinimpact.workspace.reading import (
    known_rows,
    read_links,
    read_missing,
    read_responses,
    read_table,
)
from twinimpact.workspace.rows import row_hashes
from twinimpact.workspace.runs import RunRecord, latest_runs, record_run, runs_of
from twinimpact.workspace.snapshot import Snapshot, load_snapshot, snapshot_ids, take_snapshot
from twinimpact.workspace.work import UnitOfWork, unit_of_work

__all__ = [
    "AuditState",
    "Conflict",
    "Finding",
    "RunRecord",
    "Snapshot",
    "SourceRecord",
    "UnitOfWork",
    "Workspace",
    "chosen_version",
    "conflicts_of",
    "create_workspace",
    "doctor",
    "file_names",
    "imports_of",
    "is_imported",
    "known_rows",
    "latest_runs",
    "link_decisions_of",
    "load_snapshot",
    "open_workspace",
    "problems_of",
    "read_links",
    "read_missing",
    "read_responses",
    "read_table",
    "record_run",
    "remove_orphans",
    "row_hashes",
    "runs_of",
    "snapshot_ids",
    "take_snapshot",
    "unit_of_work",
    "verify_audit",
]
