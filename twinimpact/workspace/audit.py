"""The audit log: each entry carries the hash of the one before it.

``hash = SHA-256(previous hash + canonical JSON of the entry)``. Whoever changes, inserts or
deletes an entry has to rewrite every later one; the head, printed in each report's stamp,
shows even that. Entries hold counts and hashes, never personal data or pseudonyms.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from twinimpact.workspace.catalogue import Workspace, connection, now

START = "0" * 64


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditState:
    """Whether the chain is whole; ``broken_at`` is the first entry that does not fit."""

    intact: bool
    entries: int
    head: str
    broken_at: int | None = None
    reason: str = ""


def append_audit(
    con: sqlite3.Connection, action: str, details: Mapping[str, Any], actor: str = "twinimpact"
) -> str:
    """Add an entry inside the caller's transaction; gives the new head.

    Parameters
    ----------
    con
        A connection with an open transaction.
    action
        What was done, e.g. ``import``.
    details
        Counts, hashes and versions.
    actor
        Which program or role did it; no person's name.
    """
    last = con.execute("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1").fetchone()
    seq, previous = (last[0] + 1, last[1]) if last else (1, START)
    at, text = now(), _canonical(details)
    head = _link(previous, (seq, at, actor, action, text))
    con.execute(
        "INSERT INTO audit (seq, at, actor, action, details, previous, hash) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        (seq, at, actor, action, text, previous, head),
    )
    for name, value in (("audit_entries", str(seq)), ("audit_head", head)):
        con.execute("REPLACE INTO meta (name, value) VALUES (?, ?)", (name, value))
    return head


def verify_audit(workspace: Workspace, expected_head: str = "") -> AuditState:
    """Follow the chain from its start.

    Parameters
    ----------
    workspace
        The evaluation.
    expected_head
        A head printed in an earlier report: it must still be in the chain.
    """
    previous, seq, heads = START, 0, set()
    with connection(workspace) as con:
        rows = con.execute(
            "SELECT seq, at, actor, action, details, previous, hash FROM audit ORDER BY seq"
        ).fetchall()
        noted = dict(con.execute("SELECT name, value FROM meta WHERE name LIKE 'audit_%'"))
    for row in rows:
        reason = ""
        if row[0] != seq + 1:
            reason = "an entry is missing before this one"
        elif row[5] != previous:
            reason = "it does not follow the entry before it"
        elif row[6] != _link(previous, row[:5]):
            reason = "its contents were changed"
        if reason:
            return AuditState(
                intact=False, entries=len(rows), head=previous, broken_at=row[0], reason=reason
            )
        seq, previous = row[0], row[6]
        heads.add(previous)
    truncated = noted.get("audit_head", START) != previous or (
        expected_head not in heads and expected_head != ""
    )
    return AuditState(
        intact=not truncated,
        entries=len(rows),
        head=previous,
        broken_at=seq + 1 if truncated else None,
        reason="entries at the end are missing or were replaced" if truncated else "",
    )


def _canonical(details: Mapping[str, Any]) -> str:
    return json.dumps(details, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _link(previous: str, row: tuple[Any, ...]) -> str:
    text = json.dumps(list(row), separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256((previous + text).encode()).hexdigest()
