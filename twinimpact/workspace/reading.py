"""Everything that reads the current state of the data."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import TYPE_CHECKING

from twinimpact.schema import RESPONSE_COLUMNS, SMALL_TABLES, TABLES
from twinimpact.workspace.batches import batches_of
from twinimpact.workspace.catalogue import Workspace, connection
from twinimpact.workspace.query import newest_hashes, newest_missing, newest_responses, versions
from twinimpact.workspace.rows import (
    LINK_COLUMNS,
    MISSING_COLUMNS,
    restored,
    restored_responses,
    restored_text,
)

if TYPE_CHECKING:
    import pandas as pd


def read_responses(workspace: Workspace) -> pd.DataFrame:
    """The newest version of every questionnaire.

    Returns
    -------
    DataFrame
        ``schema.RESPONSE_COLUMNS``, ``person``, then one nullable ``Int16`` column per item in
        natural order; rows by partnership, wave, source and source row. A response that was not
        linked is its own person.
    """
    with connection(workspace) as con:
        return responses_in(workspace, con)


def read_missing(workspace: Workspace) -> pd.DataFrame:
    """Why answers are missing: ``response_id``, ``item_id``, ``reason``; blanks are not listed."""
    with connection(workspace) as con:
        return missing_in(workspace, con)


def read_links(workspace: Workspace) -> pd.DataFrame:
    """Who gave which response: ``response_id``, ``person``, ``method``."""
    with connection(workspace) as con:
        return links_in(con)


def read_table(workspace: Workspace, name: str) -> pd.DataFrame:
    """One of the small tables: canonical columns in order, typed, rows by key.

    Parameters
    ----------
    workspace
        The evaluation.
    name
        ``towns``, ``partnerships``, ``activities`` or ``attendance``.

    Raises
    ------
    ValueError
        If there is no such table.
    """
    with connection(workspace) as con:
        return table_in(con, name)


def known_rows(workspace: Workspace, name: str) -> pd.DataFrame:
    """Key columns and ``row_hash`` of what is stored, to tell new, changed and unchanged rows.

    Raises
    ------
    ValueError
        If there is no such table.
    """
    import pandas as pd

    with connection(workspace) as con:
        if name == "responses":
            paths = [batch.path for batch in batches_of(workspace, con)]
            columns: tuple[str, ...] = ("response_id", "row_hash")
            if not paths:
                return pd.DataFrame({column: pd.Series(dtype="str") for column in columns})
            return restored_text(newest_hashes(workspace.data, paths), columns)
        columns = (*TABLES[_small(name)].key, "row_hash")
        rows = con.execute(f"SELECT {', '.join(columns)} FROM {name}").fetchall()  # noqa: S608
    return restored_text(pd.DataFrame(rows, columns=list(columns), dtype="object"), columns)


def hashes_in(workspace: Workspace, con: sqlite3.Connection) -> dict[str, str]:
    """Hash of the newest version of every response, on an open connection."""
    paths = [batch.path for batch in batches_of(workspace, con)]
    if not paths:
        return {}
    frame = newest_hashes(workspace.data, paths)
    return dict(zip(frame["response_id"], frame["row_hash"], strict=True))


def versions_in(
    workspace: Workspace, con: sqlite3.Connection, wanted: Mapping[str, str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Versions of responses by hash, held ones too, and why answers are missing in them.

    Parameters
    ----------
    wanted
        ``response_id`` to ``row_hash``.
    """
    import pandas as pd

    batches = batches_of(workspace, con, held=True)
    asked = pd.DataFrame({"response_id": list(wanted), "row_hash": list(wanted.values())})
    paths, missing = [one.path for one in batches], [one.missing for one in batches]
    return versions(workspace.data, paths, missing, asked)


def responses_in(workspace: Workspace, con: sqlite3.Connection) -> pd.DataFrame:
    """:func:`read_responses` on an open connection."""
    import pandas as pd

    paths = [batch.path for batch in batches_of(workspace, con)]
    if paths:
        frame = newest_responses(workspace.data, paths)
    else:
        frame = pd.DataFrame({name: [] for name in RESPONSE_COLUMNS.names()}, dtype="object")
    links = links_in(con)
    persons = dict(zip(links["response_id"], links["person"], strict=True))
    frame["person"] = [persons.get(key, key) for key in frame["response_id"]]
    return restored_responses(frame)


def missing_in(workspace: Workspace, con: sqlite3.Connection) -> pd.DataFrame:
    """:func:`read_missing` on an open connection."""
    import pandas as pd

    batches = batches_of(workspace, con)
    if not any(batch.missing for batch in batches):
        return pd.DataFrame({name: pd.Series(dtype="str") for name in MISSING_COLUMNS})
    frame = newest_missing(
        workspace.data, [batch.path for batch in batches], [batch.missing for batch in batches]
    )
    return restored_text(frame, MISSING_COLUMNS)


def links_in(con: sqlite3.Connection) -> pd.DataFrame:
    """:func:`read_links` on an open connection."""
    import pandas as pd

    rows = con.execute("SELECT response_id, person, method FROM link").fetchall()
    frame = pd.DataFrame(rows, columns=list(LINK_COLUMNS), dtype="object")
    return restored_text(frame, LINK_COLUMNS)


def table_in(con: sqlite3.Connection, name: str) -> pd.DataFrame:
    """:func:`read_table` on an open connection."""
    import pandas as pd

    table = TABLES[_small(name)]
    rows = con.execute(
        f"SELECT {', '.join(table.names())} FROM {name} ORDER BY {', '.join(table.key)}"  # noqa: S608
    ).fetchall()
    frame = pd.DataFrame(rows, columns=list(table.names()), dtype="object")
    return restored(frame, table)


def _small(name: str) -> str:
    if name not in SMALL_TABLES:
        raise ValueError(f"no such table: {name}")
    return name
