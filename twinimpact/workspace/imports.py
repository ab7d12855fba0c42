"""What was imported from where, and which faults were found."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from twinimpact.problems import Problem
from twinimpact.workspace.catalogue import Workspace, connection, now

COUNTS = ("rows", "new", "changed", "unchanged", "quarantined")


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRecord:
    """What identifies an import: the file, the table it fills, and how it was understood.

    Parameters
    ----------
    sha256, file, size
        Of the file; ``file`` is its path in the workspace.
    table
        Canonical table it fills.
    platform
        Survey tool that wrote it.
    mapping_sha256, codebook_sha256
        Of the mapping file (or ``""``) and the instruments: when one changes, the same file is
        imported again.
    wave
        Wave id when the file holds one wave only.
    """

    sha256: str
    file: str
    size: int
    table: str
    platform: str = ""
    mapping_sha256: str = ""
    codebook_sha256: str = ""
    wave: str = ""

    def identity(self) -> tuple[str, str, str, str]:
        """The key that makes a second import a no-op."""
        return (self.sha256, self.table, self.mapping_sha256, self.codebook_sha256)


def is_imported(workspace: Workspace, source: SourceRecord) -> bool:
    """Whether exactly this import is stored already."""
    with connection(workspace) as con:
        return source_id(con, source) is not None


def imports_of(workspace: Workspace) -> tuple[Mapping[str, Any], ...]:
    """One mapping per import, oldest first, as :class:`twinimpact.bundle.Bundle` wants them."""
    with connection(workspace) as con:
        rows = con.execute(
            "SELECT file, table_name, platform, rows, new, changed, unchanged, excluded, "
            "quarantined, encoding FROM source_file ORDER BY id"
        ).fetchall()
    names = (
        "file", "table", "platform", "rows", "new", "changed", "unchanged", "excluded",
        "quarantined", "encoding",
    )  # fmt: skip
    listed = [dict(zip(names, row, strict=True)) for row in rows]
    return tuple({**entry, "excluded": json.loads(entry["excluded"])} for entry in listed)


def file_names(workspace: Workspace) -> Mapping[str, str]:
    """Imported files by the first twelve characters of their hash."""
    with connection(workspace) as con:
        rows = con.execute("SELECT sha256, file FROM source_file ORDER BY id").fetchall()
    return {sha256[:12]: file for sha256, file in rows}


def problems_of(workspace: Workspace) -> tuple[Problem, ...]:
    """All problems stored with imports, oldest first."""
    with connection(workspace) as con:
        rows = con.execute(
            "SELECT code, file, sheet, row, place, got, expected FROM problem ORDER BY id"
        ).fetchall()
    return tuple(
        Problem(
            code=row[0], file=row[1], sheet=row[2], row=row[3], column=row[4], got=row[5],
            expected=row[6],
        )
        for row in rows
    )  # fmt: skip


def source_id(con: sqlite3.Connection, source: SourceRecord) -> int | None:
    """Row id of an import, or None."""
    found = con.execute(
        "SELECT id FROM source_file WHERE sha256 = ? AND table_name = ? "
        "AND mapping_sha256 = ? AND codebook_sha256 = ?",
        source.identity(),
    ).fetchone()
    return None if found is None else int(found[0])


def insert_source(con: sqlite3.Connection, source: SourceRecord) -> int:
    """Enter an import, its counts still zero."""
    done = con.execute(
        "INSERT INTO source_file (sha256, table_name, mapping_sha256, codebook_sha256, file, "
        "size, platform, wave, imported_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (*source.identity(), source.file, source.size, source.platform, source.wave, now()),
    )
    return int(done.lastrowid or 0)


def set_counts(con: sqlite3.Connection, number: int, counts: Mapping[str, Any]) -> None:
    """Store the counts of an import.

    Raises
    ------
    ValueError
        If a count is unknown.
    """
    unknown = set(counts) - {*COUNTS, "excluded", "encoding"}
    if unknown:
        raise ValueError(f"unknown counts: {sorted(unknown)}")
    numbers = [int(counts.get(name, 0)) for name in COUNTS]
    excluded = json.dumps(
        {str(reason): int(count) for reason, count in counts.get("excluded", {}).items()},
        sort_keys=True,
        ensure_ascii=False,
    )
    con.execute(
        "UPDATE source_file SET rows = ?, new = ?, changed = ?, unchanged = ?, quarantined = ?, "
        "excluded = ?, encoding = ? WHERE id = ?",
        (*numbers, excluded, str(counts.get("encoding", "")), number),
    )


def insert_problems(con: sqlite3.Connection, number: int, problems: Iterable[Problem]) -> None:
    """Store the problems of an import."""
    con.executemany(
        "INSERT INTO problem (source, code, file, sheet, row, place, got, expected) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [(number, p.code, p.file, p.sheet, p.row, p.column, p.got, p.expected) for p in problems],
    )
