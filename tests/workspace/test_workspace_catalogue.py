"""The catalogue: settings, migrations, refusals."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from twinimpact.errors import DefinitionError, RunError
from twinimpact.schema import SMALL_TABLES, TABLES
from twinimpact.workspace import Workspace, catalogue, create_workspace, open_workspace
from twinimpact.workspace.catalogue import connection, migrations, statements, transaction

NEXT = len(migrations()) + 1


def edit(workspace: Workspace, script: str) -> None:
    with closing(sqlite3.connect(workspace.catalogue)) as con:
        con.executescript(script)


def test_connections_have_the_promised_settings(workspace: Workspace) -> None:
    with connection(workspace) as con:
        values = [
            con.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
        ]
    assert values == ["wal", 2, 1, 1]


def test_every_table_is_strict_and_has_the_canonical_columns(workspace: Workspace) -> None:
    with connection(workspace) as con:
        listed = con.execute("PRAGMA table_list").fetchall()
        strict = {row[1]: row[5] for row in listed if not row[1].startswith("sqlite_")}
        assert set(strict.values()) == {1}
        for name in SMALL_TABLES:
            columns = [row[1] for row in con.execute(f"PRAGMA table_info({name})")]
            assert set(columns) == {*TABLES[name].names(), "row_hash", "imported_from"}


def test_a_folder_without_settings_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DefinitionError, match=r"no evaluation\.toml"):
        open_workspace(tmp_path)


def test_opening_again_changes_nothing(workspace: Workspace) -> None:
    with connection(workspace) as con:
        before = con.execute("SELECT * FROM meta ORDER BY name").fetchall()
    open_workspace(workspace.root)
    with connection(workspace) as con:
        assert con.execute("SELECT * FROM meta ORDER BY name").fetchall() == before
    assert not list((workspace.root / "backups").iterdir())


def test_a_newer_catalogue_is_refused_and_its_version_named(workspace: Workspace) -> None:
    edit(workspace, "PRAGMA user_version = 7;")
    with pytest.raises(RunError, match="version 7"):
        open_workspace(workspace.root)


def test_a_file_that_is_no_catalogue_is_refused(workspace: Workspace) -> None:
    for path in workspace.root.glob("catalogue.sqlite*"):
        path.unlink()
    workspace.catalogue.write_bytes(b"not a database, but long enough to be read as one" * 40)
    with pytest.raises(RunError, match="damaged"):
        open_workspace(workspace.root)


def test_an_old_sqlite_is_refused(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 36, 0))
    with pytest.raises(RunError, match=r"3\.37"):
        open_workspace(workspace.root)


@pytest.fixture
def next_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "migrations"
    folder.mkdir()
    for path in migrations():
        (folder / path.name).write_text(path.read_text(encoding="utf-8"))
    monkeypatch.setattr(catalogue, "MIGRATIONS", folder)
    return folder / f"{NEXT:04d}_more.sql"


def test_a_migration_keeps_a_copy_of_what_was_before(workspace: Workspace, next_step: Path) -> None:
    next_step.write_text(
        "BEGIN IMMEDIATE;\nCREATE TABLE more (a TEXT) STRICT;\n"
        f"PRAGMA user_version = {NEXT};\nCOMMIT;\n"
    )
    create_workspace(workspace.root)
    copy = workspace.root / "backups" / f"catalogue-before-{NEXT:04d}.sqlite"
    with closing(sqlite3.connect(copy)) as con:
        assert con.execute("PRAGMA user_version").fetchone()[0] == NEXT - 1
        assert con.execute("SELECT count(*) FROM meta").fetchone()[0] > 0
    with connection(workspace) as con:
        assert con.execute("PRAGMA user_version").fetchone()[0] == NEXT


def test_the_second_migration_keeps_links_and_makes_room_for_decisions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "migrations"
    folder.mkdir()
    first = migrations()[0]
    (folder / first.name).write_text(first.read_text(encoding="utf-8"))
    with monkeypatch.context() as patched:
        patched.setattr(catalogue, "MIGRATIONS", folder)
        old = create_workspace(tmp_path / "old")
        edit(old, "INSERT INTO link VALUES ('a', 'p', 'fuzzy')")
    create_workspace(old.root)
    assert (old.root / "backups" / "catalogue-before-0002.sqlite").is_file()
    with connection(old) as con:
        assert con.execute("SELECT * FROM link").fetchall() == [("a", "p", "fuzzy")]
        con.execute("INSERT INTO link VALUES ('b', 'p', 'decided')")
        for table in ("conflict", "link_decision"):
            assert con.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)


def test_a_failing_migration_leaves_the_old_state(workspace: Workspace, next_step: Path) -> None:
    next_step.write_text(
        "BEGIN IMMEDIATE;\nCREATE TABLE more (a TEXT) STRICT;\nSELECT broken;\n"
        f"PRAGMA user_version = {NEXT};\nCOMMIT;\n"
    )
    with pytest.raises(RunError):
        create_workspace(workspace.root)
    with connection(workspace) as con:
        assert con.execute("PRAGMA user_version").fetchone()[0] == NEXT - 1
        assert con.execute("SELECT 1 FROM sqlite_schema WHERE name = 'more'").fetchone() is None


def test_a_migration_done_meanwhile_by_another_process_is_not_repeated(
    workspace: Workspace,
) -> None:
    with connection(workspace) as con:
        catalogue._apply(con, migrations()[0], 1)
        assert not con.in_transaction


def test_triggers_stay_one_statement() -> None:
    script = migrations()[0].read_text(encoding="utf-8")
    triggers = [part for part in statements(script) if "CREATE TRIGGER" in part]
    assert len(triggers) == 2
    assert all(part.rstrip().endswith("END;") for part in triggers)


def test_a_failed_transaction_is_rolled_back(workspace: Workspace) -> None:
    def fail() -> None:
        with connection(workspace) as con, transaction(con):
            con.execute("INSERT INTO meta (name, value) VALUES ('x', 'y')")
            raise KeyError("x")

    with pytest.raises(KeyError):
        fail()
    with connection(workspace) as con:
        assert con.execute("SELECT 1 FROM meta WHERE name = 'x'").fetchone() is None
