"""The catalogue: one SQLite file with numbered migrations, opened the same way everywhere."""

from __future__ import annotations

import datetime as dt
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from twinimpact.errors import DefinitionError, LockedError, RunError

OLDEST_SQLITE = (3, 37, 0)
FOLDERS = ("data/batches", "data/objects", "inbox", "mappings", "surveys", "quarantine", "reports")
PRIVATE_FOLDERS = ("data", "runs", "quarantine", "backups")
MIGRATIONS = Path(__file__).parent / "migrations"
TIMEOUT = 30.0


@dataclass(frozen=True, slots=True)
class Workspace:
    """The folder of one evaluation."""

    root: Path

    @property
    def catalogue(self) -> Path:
        """The SQLite file."""
        return self.root / "catalogue.sqlite"

    @property
    def data(self) -> Path:
        """The folder of the Parquet files."""
        return self.root / "data"


def create_workspace(root: Path) -> Workspace:
    """Make the folders and an empty catalogue; what is there already stays as it is.

    Raises
    ------
    RunError
        If the SQLite library is too old or the catalogue was written by a newer version.
    """
    root.mkdir(parents=True, exist_ok=True)
    for name in PRIVATE_FOLDERS:
        (root / name).mkdir(mode=0o700, exist_ok=True)
    for name in FOLDERS:
        (root / name).mkdir(parents=True, exist_ok=True)
    workspace = Workspace(root)
    migrate(workspace)
    return workspace


def open_workspace(root: Path) -> Workspace:
    """Open the folder of an evaluation and bring its catalogue up to date.

    Raises
    ------
    DefinitionError
        If the folder has no ``evaluation.toml``.
    RunError
        If the catalogue was written by a newer version, or is damaged.
    """
    if not (root / "evaluation.toml").is_file():
        raise DefinitionError(
            "This folder is not an evaluation: it has no evaluation.toml.",
            where=str(root),
            hint="Make one with: twinimpact new FOLDER",
        )
    return create_workspace(root)


@contextmanager
def connection(workspace: Workspace) -> Iterator[sqlite3.Connection]:
    """A connection with the settings every use of the catalogue needs; closed at the end."""
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        raise RunError(
            f"The SQLite library is {sqlite3.sqlite_version}; 3.37 or newer is needed.",
            where="catalogue.sqlite",
            hint="Use a Python that brings a newer SQLite.",
        )
    try:
        opened = sqlite3.connect(workspace.catalogue, timeout=TIMEOUT, isolation_level=None)
    except sqlite3.OperationalError as error:
        raise RunError(
            "The catalogue cannot be opened.", where=str(workspace.catalogue), cause=str(error)
        ) from None
    with closing(opened) as con:
        try:
            con.execute("PRAGMA foreign_keys = ON")
            con.execute("PRAGMA secure_delete = ON")
            con.execute("PRAGMA journal_mode = WAL").fetchone()
            con.execute("PRAGMA synchronous = FULL")
            yield con
        except sqlite3.DatabaseError as error:
            raise _refused(error) from error


@contextmanager
def transaction(con: sqlite3.Connection) -> Iterator[None]:
    """All or nothing; the write lock is taken at the start, so that nothing read can go stale."""
    con.execute("BEGIN IMMEDIATE")
    try:
        yield
        con.execute("COMMIT")
    finally:
        if con.in_transaction:
            con.execute("ROLLBACK")


def migrate(workspace: Workspace) -> None:
    """Apply the migrations the catalogue lacks, with a copy in ``backups`` before each.

    A catalogue that is only now made has nothing to copy.

    Raises
    ------
    RunError
        If a newer version wrote the catalogue, or the file is damaged.
    """
    steps = migrations()
    with connection(workspace) as con:
        version = _version(con)
        if version > len(steps):
            raise RunError(
                f"The catalogue has version {version}; this twinimpact knows {len(steps)}.",
                where="catalogue.sqlite",
                hint=f"Install a twinimpact that knows catalogue version {version}.",
            )
        for number in range(version + 1, len(steps) + 1):
            if version > 0:
                _back_up(con, workspace, number)
            _apply(con, steps[number - 1], number)
            _verify(con)
        _note_origin(con)


def migrations() -> tuple[Path, ...]:
    """The migration files in order."""
    return tuple(sorted(MIGRATIONS.glob("[0-9][0-9][0-9][0-9]_*.sql")))


def now() -> str:
    """The time of an entry in the catalogue; it never enters a result."""
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")


def _version(con: sqlite3.Connection) -> int:
    return int(con.execute("PRAGMA user_version").fetchone()[0])


def _back_up(con: sqlite3.Connection, workspace: Workspace, number: int) -> None:
    folder = workspace.root / "backups"
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / f"catalogue-before-{number:04d}.sqlite"
    with closing(sqlite3.connect(path)) as copy:
        con.backup(copy)


def _apply(con: sqlite3.Connection, path: Path, number: int) -> None:
    # executescript would commit on its own terms; statement by statement the first one takes
    # the lock, and a second process that waited for it finds the work done
    try:
        for position, statement in enumerate(statements(path.read_text(encoding="utf-8"))):
            con.execute(statement)
            if position == 0 and _version(con) >= number:
                return
    finally:
        if con.in_transaction:
            con.execute("ROLLBACK")


def statements(script: str) -> Iterator[str]:
    """The statements of an SQL script, triggers kept whole."""
    pending = ""
    for line in script.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            yield pending
            pending = ""


def _verify(con: sqlite3.Connection) -> None:
    intact = [row[0] for row in con.execute("PRAGMA integrity_check")] == ["ok"]
    if not intact or con.execute("PRAGMA foreign_key_check").fetchone() is not None:
        raise RunError(
            "The catalogue is damaged.",
            where="catalogue.sqlite",
            hint="Restore it from the folder backups.",
        )


def _note_origin(con: sqlite3.Connection) -> None:
    from twinimpact import __version__

    known = con.execute("SELECT value FROM meta WHERE name = 'tool_version'").fetchone()
    if known is not None and known[0] == __version__:
        return
    with transaction(con):
        insert = "INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO NOTHING"
        con.execute(insert, ("workspace_id", secrets.token_hex(8)))
        con.execute(insert, ("created", now()))
        con.execute("REPLACE INTO meta (name, value) VALUES ('tool_version', ?)", (__version__,))


def _refused(error: sqlite3.DatabaseError) -> RunError:
    text = str(error)
    if "locked" in text or "busy" in text:
        return LockedError(
            "Another run is writing to this evaluation.",
            where="catalogue.sqlite",
            hint="Try again when it has finished.",
        )
    if "not a database" in text or "malformed" in text:
        return RunError(
            "The catalogue is damaged.",
            where="catalogue.sqlite",
            hint="Restore it from the folder backups.",
            cause=text,
        )
    return RunError("The catalogue refused an entry.", where="catalogue.sqlite", cause=text)
