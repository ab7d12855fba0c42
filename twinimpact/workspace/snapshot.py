"""Snapshots: the state of the data a report was made from, frozen and content-addressed.

Every frame of a snapshot is one Parquet file named by the hash of its bytes; snapshots share
what did not change. The id is a hash over names and hashes, so the same data have the same id
in whatever order their files came in.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from twinimpact.errors import RunError
from twinimpact.schema import RECORD_TABLES, SMALL_TABLES, TABLES
from twinimpact.workspace.audit import append_audit
from twinimpact.workspace.batches import Written, file_sha256, publish, write_temporary
from twinimpact.workspace.catalogue import Workspace, connection, now, transaction
from twinimpact.workspace.query import read_parquet
from twinimpact.workspace.reading import (
    links_in,
    missing_in,
    responses_in,
    table_in,
)
from twinimpact.workspace.rows import (
    LINK_COLUMNS,
    MISSING_COLUMNS,
    restored,
    restored_responses,
    restored_text,
)

if TYPE_CHECKING:
    import pandas as pd

ID_LENGTH = 16
NAMES = ("responses", "missing", "links", *SMALL_TABLES)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Snapshot:
    """A frozen state of the data.

    Parameters
    ----------
    id
        The same for the same data and instruments.
    codebook_sha256
        Hash of the instruments the answers were read with.
    frames
        ``responses``, ``missing``, ``links``, ``towns``, ``partnerships``, ``activities``,
        ``attendance``.
    """

    id: str
    codebook_sha256: str
    frames: Mapping[str, pd.DataFrame]

    def frame(self, name: str) -> pd.DataFrame:
        """A copy of one frame; a table that did not exist when it was taken is empty."""
        if name not in self.frames and name in RECORD_TABLES:
            import pandas as pd

            return restored(pd.DataFrame(), TABLES[name])
        return self.frames[name].copy()


def take_snapshot(workspace: Workspace, codebook_sha256: str) -> Snapshot:
    """Freeze the current state of the data; unchanged data give the snapshot they had before."""
    with connection(workspace) as con, transaction(con):
        items = {}
        for name in NAMES:
            frame = _current(workspace, con, name)
            items[name] = (*_store(workspace, frame, name), len(frame))
        identity = snapshot_id({name: item[1] for name, item in items.items()}, codebook_sha256)
        known = con.execute("SELECT 1 FROM snapshot WHERE id = ?", (identity,)).fetchone()
        if known is None:
            con.execute(
                "INSERT INTO snapshot (id, codebook_sha256, taken_at) VALUES (?, ?, ?)",
                (identity, codebook_sha256, now()),
            )
            con.executemany(
                "INSERT INTO snapshot_item (snapshot, name, path, sha256, rows) "
                "VALUES (?, ?, ?, ?, ?)",
                [(identity, name, *item) for name, item in items.items()],
            )
            append_audit(con, "snapshot", {"snapshot": identity, "codebook": codebook_sha256})
    return load_snapshot(workspace, identity)


def load_snapshot(workspace: Workspace, identity: str) -> Snapshot:
    """A snapshot taken before, unchanged by whatever was imported since.

    Raises
    ------
    RunError
        If there is no such snapshot, or one of its files is gone or was changed.
    """
    with connection(workspace) as con:
        head = con.execute(
            "SELECT codebook_sha256 FROM snapshot WHERE id = ?", (identity,)
        ).fetchone()
        items = con.execute(
            "SELECT name, path, sha256 FROM snapshot_item WHERE snapshot = ? ORDER BY name",
            (identity,),
        ).fetchall()
    if head is None:
        raise RunError("There is no such snapshot.", where=identity)
    frames = {}
    for name, relative, sha256 in items:
        path = workspace.root / relative
        if not path.is_file() or file_sha256(path) != sha256:
            raise RunError(
                "A file of the snapshot is gone or was changed.",
                where=relative,
                hint="Restore the folder data from your backup.",
            )
        frames[name] = _restorer(name)(read_parquet(workspace.data, path))
    return Snapshot(id=identity, codebook_sha256=head[0], frames=frames)


def snapshot_ids(workspace: Workspace) -> tuple[str, ...]:
    """Ids of all snapshots, oldest first."""
    with connection(workspace) as con:
        rows = con.execute("SELECT id FROM snapshot ORDER BY rowid").fetchall()
    return tuple(row[0] for row in rows)


def snapshot_id(hashes: Mapping[str, str], codebook_sha256: str) -> str:
    """The id of a snapshot from the hashes of its frames."""
    text = json.dumps({"items": dict(hashes), "codebook": codebook_sha256}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:ID_LENGTH]


def _current(workspace: Workspace, con: sqlite3.Connection, name: str) -> pd.DataFrame:
    if name == "responses":
        return responses_in(workspace, con)
    if name == "missing":
        return missing_in(workspace, con)
    return links_in(con) if name == "links" else table_in(con, name)


def _store(workspace: Workspace, frame: pd.DataFrame, name: str) -> tuple[str, str]:
    folder = workspace.data / "objects"
    temporary = folder / f".{name}.tmp"
    sha256 = write_temporary(workspace, frame, temporary)
    final: Path = folder / f"{sha256}.parquet"
    if final.is_file() and file_sha256(final) == sha256:
        temporary.unlink()
    else:
        publish(Written(temporary=temporary, final=final, sha256=sha256))
    return final.relative_to(workspace.root).as_posix(), sha256


def _restorer(name: str) -> Callable[[pd.DataFrame], pd.DataFrame]:
    if name == "responses":
        return restored_responses
    if name == "missing":
        return lambda frame: restored_text(frame, MISSING_COLUMNS)
    if name == "links":
        return lambda frame: restored_text(frame, LINK_COLUMNS)
    return lambda frame: restored(frame, TABLES[name])
