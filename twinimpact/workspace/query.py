"""The only module that knows DuckDB: it writes and reads Parquet files, in memory, locked down.

A connection lives for one task. It may touch the workspace's data folder and nothing else,
cannot load extensions, and runs in one thread, so that equal data give equal bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from twinimpact.errors import RunError

if TYPE_CHECKING:
    import pandas as pd

MEMORY = "2GB"
_NEWEST = """
    SELECT * EXCLUDE (batch_file, batch_position, batch_rank) FROM (
        SELECT answers.*, batches.batch_position, row_number() OVER (
            PARTITION BY response_id ORDER BY batches.batch_position DESC
        ) AS batch_rank
        FROM read_parquet(?, union_by_name = true, filename = 'batch_file') AS answers
        JOIN batches USING (batch_file)
    ) WHERE batch_rank = 1
"""
_NEWEST_HASHES = """
    SELECT response_id, arg_max(row_hash, batch_position) AS row_hash
    FROM read_parquet(?, union_by_name = true, filename = 'batch_file')
    JOIN batches USING (batch_file)
    GROUP BY response_id ORDER BY response_id
"""
_MISSING = """
    WITH newest AS (
        SELECT response_id, max(batch_position) AS batch_position
        FROM read_parquet(?, union_by_name = true, filename = 'batch_file')
        JOIN batches USING (batch_file)
        GROUP BY response_id
    )
    SELECT noted.response_id, noted.item_id, noted.reason
    FROM read_parquet(?, filename = 'missing_file') AS noted
    JOIN batches USING (missing_file)
    JOIN newest USING (response_id, batch_position)
"""

_VERSIONS = """
    SELECT * EXCLUDE (batch_file, version_rank) FROM (
        SELECT answers.*, batches.batch_position, row_number() OVER (
            PARTITION BY response_id ORDER BY batches.batch_position DESC
        ) AS version_rank
        FROM read_parquet(?, union_by_name = true, filename = 'batch_file') AS answers
        JOIN batches USING (batch_file)
        JOIN wanted USING (response_id, row_hash)
    ) WHERE version_rank = 1
"""
_VERSION_REASONS = """
    SELECT noted.response_id, noted.item_id, noted.reason
    FROM read_parquet(?, filename = 'missing_file') AS noted
    JOIN batches USING (missing_file)
    JOIN found USING (response_id, batch_position)
"""


@contextmanager
def engine(folder: Path) -> Iterator[Any]:
    """A locked-down connection over the files of one folder.

    Raises
    ------
    RunError
        If a statement fails or a path outside the folder is asked for.
    """
    import duckdb

    place = _quoted(_name(folder))
    con = duckdb.connect(":memory:")
    try:
        for setting in (
            "autoinstall_known_extensions = false",
            "autoload_known_extensions = false",
            f"memory_limit = '{MEMORY}'",
            f"temp_directory = {_quoted(_name(folder / 'spill'))}",
            "threads = 1",
            f"allowed_directories = [{place}]",
            "enable_external_access = false",
            "lock_configuration = true",
        ):
            con.execute(f"SET {setting}")
        yield con
    except duckdb.Error as error:
        raise RunError(
            "A data file of the evaluation could not be read or written.",
            where=str(folder),
            hint="Run: twinimpact doctor",
            cause=str(error).split("\n")[0],
        ) from None
    finally:
        con.close()


def write_parquet(folder: Path, frame: pd.DataFrame, path: Path) -> None:
    """Write a frame to a Parquet file inside ``folder``; equal frames give equal bytes."""
    with engine(folder) as con:
        con.register("frame", frame)
        con.execute("COPY (SELECT * FROM frame) TO ? (FORMAT parquet)", [_name(path)])


def read_parquet(folder: Path, path: Path) -> pd.DataFrame:
    """Read a Parquet file inside ``folder``."""
    with engine(folder) as con:
        return _frame(con.execute("SELECT * FROM read_parquet(?)", [_name(path)]))


def newest_responses(folder: Path, paths: Sequence[Path]) -> pd.DataFrame:
    """The newest version of every response; later paths hold newer versions."""
    with _over(folder, paths) as con:
        return _frame(con.execute(_NEWEST, [_names(paths)]))


def newest_hashes(folder: Path, paths: Sequence[Path]) -> pd.DataFrame:
    """``response_id`` and ``row_hash`` of the newest version of every response."""
    with _over(folder, paths) as con:
        return _frame(con.execute(_NEWEST_HASHES, [_names(paths)]))


def newest_missing(
    folder: Path, paths: Sequence[Path], missing: Sequence[Path | None]
) -> pd.DataFrame:
    """Why answers are missing, for the newest version of every response.

    Parameters
    ----------
    folder
        The data folder.
    paths, missing
        Batches in order, and beside each its file of reasons, if it has one.
    """
    with _over(folder, paths, missing) as con:
        files = _names([path for path in missing if path is not None])
        return _frame(con.execute(_MISSING, [_names(paths), files]))


def versions(
    folder: Path,
    paths: Sequence[Path],
    missing: Sequence[Path | None],
    wanted: pd.DataFrame,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Given versions of responses, and why answers are missing in them.

    Parameters
    ----------
    folder
        The data folder.
    paths, missing
        Batches in order, and beside each its file of reasons, if it has one.
    wanted
        ``response_id`` and ``row_hash``, one row per response.
    """
    with _over(folder, paths, missing) as con:
        con.register("wanted", wanted)
        found = _frame(con.execute(_VERSIONS, [_names(paths)]))
        files = _names([path for path in missing if path is not None])
        con.register("found", found[["response_id", "batch_position"]])
        reasons = found[["response_id"]].iloc[:0].assign(item_id="", reason="")
        if files:
            reasons = _frame(con.execute(_VERSION_REASONS, [files]))
    return found.drop(columns="batch_position"), reasons


@contextmanager
def _over(
    folder: Path, paths: Sequence[Path], missing: Sequence[Path | None] = ()
) -> Iterator[Any]:
    import pandas as pd

    sides = list(missing) or [None] * len(paths)
    batches = pd.DataFrame(
        {
            "batch_file": _names(paths),
            "batch_position": range(len(paths)),
            "missing_file": [_name(path) if path else "" for path in sides],
        }
    )
    with engine(folder) as con:
        con.register("batches", batches)
        yield con


def _frame(answer: Any) -> pd.DataFrame:
    import pandas as pd

    frame = answer.df()
    return frame if isinstance(frame, pd.DataFrame) else pd.DataFrame(frame)


def _names(paths: Sequence[Path]) -> list[str]:
    return [_name(path) for path in paths]


def _name(path: Path) -> str:
    return path.resolve().as_posix()


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
