"""Parquet files that are written once and never changed."""

from __future__ import annotations

import hashlib
import os
import re
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from twinimpact.errors import RunError
from twinimpact.workspace.catalogue import Workspace
from twinimpact.workspace.query import write_parquet

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A file written under a temporary name, waiting for its final one."""

    temporary: Path
    final: Path
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """A registered batch and, where answers are missing for a reason, its side file."""

    path: Path
    missing: Path | None


def write_temporary(workspace: Workspace, frame: pd.DataFrame, temporary: Path) -> str:
    """Write a frame, make sure it is on the disk, and give the hash of the file."""
    temporary.parent.mkdir(parents=True, exist_ok=True)
    write_parquet(workspace.data, frame, temporary)
    with temporary.open("rb+") as file:
        os.fsync(file.fileno())
        return hashlib.file_digest(file, "sha256").hexdigest()


def publish(written: Written) -> None:
    """Give a file its final name, in a way that survives a power cut."""
    written.temporary.replace(written.final)
    if os.name == "posix":
        handle = os.open(written.final.parent, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def file_sha256(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def wave_folder(wave: str) -> str:
    """A folder name for a wave: no path, no device name, no collision.

    >>> wave_folder("pre")
    'wave-pre'
    """
    safe = re.sub(r"[^a-z0-9_-]", "_", wave.lower())[:40]
    if safe == wave:
        return f"wave-{safe}"
    return f"wave-{safe}-{hashlib.sha256(wave.encode()).hexdigest()[:8]}"


def batches_of(
    workspace: Workspace, con: sqlite3.Connection, *, held: bool = False
) -> tuple[Batch, ...]:
    """All batches, oldest first; with ``held`` also those whose versions wait for a decision.

    Raises
    ------
    RunError
        If a file of a batch is not there.
    """
    rows = con.execute(
        "SELECT path, missing_path FROM batch WHERE held <= ? ORDER BY id", (int(held),)
    ).fetchall()
    for path in (path for row in rows for path in row if path is not None):
        if not (workspace.root / path).is_file():
            raise RunError(
                "A data file of the evaluation is not there.",
                where=path,
                hint="Restore the folder data from your backup.",
            )
    return tuple(
        Batch(
            path=workspace.root / path,
            missing=None if missing is None else workspace.root / missing,
        )
        for path, missing in rows
    )
