"""The query engine reaches its folder and nothing else."""

from __future__ import annotations

import ast
from pathlib import Path

import pandas as pd
import pytest

from twinimpact.errors import RunError
from twinimpact.workspace import query
from twinimpact.workspace.query import engine, read_parquet, write_parquet


def test_paths_outside_the_folder_are_refused(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    frame = pd.DataFrame({"a": [1]})
    with pytest.raises(RunError, match="could not be read or written"):
        write_parquet(folder, frame, tmp_path / "away.parquet")
    write_parquet(tmp_path, frame, tmp_path / "away.parquet")
    with pytest.raises(RunError):
        read_parquet(folder, tmp_path / "away.parquet")
    with pytest.raises(RunError):
        read_parquet(folder, folder / ".." / "away.parquet")


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM read_csv('/etc/passwd')",
        "SET threads = 4",
        "SET enable_external_access = true",
        "INSTALL httpfs",
        "ATTACH '/tmp/other.db'",
    ],
)
def test_the_engine_is_locked_down(tmp_path: Path, statement: str) -> None:
    with pytest.raises(RunError), engine(tmp_path) as con:
        con.execute(statement)


def test_a_folder_with_a_quotation_mark_works(tmp_path: Path) -> None:
    folder = tmp_path / "l'été"
    folder.mkdir()
    write_parquet(folder, pd.DataFrame({"a": [1, 2]}), folder / "a.parquet")
    assert read_parquet(folder, folder / "a.parquet")["a"].tolist() == [1, 2]


def test_equal_frames_give_equal_bytes(tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": range(1000), "b": pd.Series(["x", None] * 500, dtype="str")})
    for name in ("1.parquet", "2.parquet"):
        write_parquet(tmp_path, frame.copy(), tmp_path / name)
    assert (tmp_path / "1.parquet").read_bytes() == (tmp_path / "2.parquet").read_bytes()


def test_only_the_stable_part_of_the_library_is_used() -> None:
    tree = ast.parse(Path(query.__file__).read_text(encoding="utf-8"))
    used = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id in ("con", "duckdb", "answer")
    }
    assert used == {"connect", "register", "execute", "df", "close", "Error"}
