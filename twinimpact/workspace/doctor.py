"""What is wrong with a workspace, and what may safely be cleaned up."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path

from twinimpact.workspace.audit import verify_audit
from twinimpact.workspace.batches import file_sha256
from twinimpact.workspace.catalogue import Workspace, connection, transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One finding; ``kind`` is orphan, temporary, absent, changed or audit."""

    kind: str
    path: str
    detail: str = ""


def doctor(workspace: Workspace) -> tuple[Finding, ...]:
    """Compare the catalogue with its files and follow the audit chain.

    Orphans and temporary files are harmless remains of a crash; see :func:`remove_orphans`.
    """
    # the write lock keeps out a writer between naming a file and committing its entry
    with connection(workspace) as con, transaction(con):
        findings = [*_unknown_files(workspace, con), *_damaged_files(workspace, con)]
    chain = verify_audit(workspace)
    if not chain.intact:
        detail = f"entry {chain.broken_at}: {chain.reason}"
        findings.append(Finding(kind="audit", path="catalogue.sqlite", detail=detail))
    return tuple(findings)


def remove_orphans(workspace: Workspace) -> tuple[str, ...]:
    """Delete data files the catalogue does not know; gives their paths."""
    with connection(workspace) as con, transaction(con):
        findings = _unknown_files(workspace, con)
        for finding in findings:
            (workspace.root / finding.path).unlink()
    return tuple(finding.path for finding in findings)


def _unknown_files(workspace: Workspace, con: sqlite3.Connection) -> list[Finding]:
    known = {path for path, _ in _registered(con)}
    return [
        Finding(kind="temporary" if path.suffix == ".tmp" else "orphan", path=name)
        for path in sorted(_data_files(workspace))
        if (name := path.relative_to(workspace.root).as_posix()) not in known
    ]


def _damaged_files(workspace: Workspace, con: sqlite3.Connection) -> list[Finding]:
    findings = []
    for name, sha256 in _registered(con):
        path = workspace.root / name
        if not path.is_file():
            findings.append(Finding(kind="absent", path=name))
        elif file_sha256(path) != sha256:
            findings.append(Finding(kind="changed", path=name))
    return findings


def _data_files(workspace: Workspace) -> list[Path]:
    return [
        path
        for folder in ("batches", "objects")
        for path in (workspace.data / folder).rglob("*")
        if path.is_file() and path.suffix in (".parquet", ".tmp")
    ]


def _registered(con: sqlite3.Connection) -> list[tuple[str, str]]:
    return [
        (str(row[0]), str(row[1]))
        for row in con.execute(
            "SELECT path, sha256 FROM batch UNION "
            "SELECT missing_path, missing_sha256 FROM batch WHERE missing_path IS NOT NULL UNION "
            "SELECT path, sha256 FROM snapshot_item ORDER BY 1"
        )
    ]
