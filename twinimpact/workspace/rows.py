"""Frames as they are stored and as they come back: one set of types for every table."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from twinimpact.errors import IngestError
from twinimpact.schema import RESPONSE_COLUMNS, TABLES, Table

if TYPE_CHECKING:
    import pandas as pd

BOOKKEEPING = ("row_hash", "source", "source_row")
MISSING_COLUMNS = ("response_id", "item_id", "reason")
LINK_COLUMNS = ("response_id", "person", "method")
RESPONSE_ORDER = ("partnership_id", "wave", "source", "source_row", "response_id")


def restored(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """The canonical columns of a table, in order and typed.

    Text and lists are ``str``, dates ``datetime64[us]``, integers ``Int64``, numbers ``float64``,
    flags ``boolean``; an empty text is absent.

    Raises
    ------
    IngestError
        If a key is absent or a value does not fit its column.
    """
    import pandas as pd

    columns = {}
    for column in table.columns:
        if column.name in frame:
            values = frame[column.name]
        else:
            values = pd.Series([None] * len(frame), index=frame.index, dtype="object")
        columns[column.name] = _typed(values, column.kind, f"{table.name}.{column.name}")
    result = pd.DataFrame(columns, index=frame.index)
    for name in table.key:
        if result[name].isna().any():
            raise IngestError(
                "A row has no key and cannot be stored.", where=f"{table.name}.{name}"
            )
    return result


def restored_responses(frame: pd.DataFrame) -> pd.DataFrame:
    """The responses with canonical columns first and one ``Int16`` column per item after them.

    Items stand in natural order of their ids, so the order in which files came in does not show.
    """
    import pandas as pd

    known = {*RESPONSE_COLUMNS.names(), "person"}
    items = sorted((str(name) for name in frame if name not in known), key=natural_key)
    answers = {name: _typed(frame[name], "item", name) for name in items}
    result = pd.concat(
        [restored(frame, RESPONSE_COLUMNS), pd.DataFrame(answers, index=frame.index)], axis=1
    )
    if "person" in frame:
        position = len(RESPONSE_COLUMNS.columns)
        result.insert(position, "person", _typed(frame["person"], "text", "person"))
    return result.sort_values(list(RESPONSE_ORDER), kind="stable", ignore_index=True)


def restored_text(frame: pd.DataFrame, columns: tuple[str, ...]) -> pd.DataFrame:
    """A frame of text columns, sorted by all of them."""
    import pandas as pd

    result = pd.DataFrame({name: _typed(frame[name], "text", name) for name in columns})
    return result.sort_values(list(columns), kind="stable", ignore_index=True)


def row_hashes(frame: pd.DataFrame, table_name: str) -> pd.Series:
    """A hash of each row's content: equal rows, however typed on arrival, have equal hashes.

    Parameters
    ----------
    frame
        Rows of a canonical table; for responses, item columns count too.
    table_name
        Name in ``schema.TABLES``.

    Returns
    -------
    Series
        32 hexadecimal characters per row, aligned with ``frame``.
    """
    import pandas as pd

    table = TABLES[table_name]
    typed = restored(frame, table)
    if table is RESPONSE_COLUMNS:
        items = [str(name) for name in frame if name not in (*table.names(), "person")]
        typed = typed.assign(**{name: _typed(frame[name], "item", name) for name in items})
    names = sorted(str(name) for name in typed if name not in BOOKKEEPING)
    hashes = [
        hashlib.sha256(
            json.dumps(
                {name: value for name, value in zip(names, row, strict=True) if value is not None},
                ensure_ascii=False,
            ).encode()
        ).hexdigest()[:32]
        for row in zip(*(plain_values(typed[name]) for name in names), strict=True)
    ]
    return pd.Series(hashes, index=frame.index, dtype="str")


def plain_values(values: pd.Series) -> list[Any]:
    """Python values for SQL and JSON; absent ones are None, dates are ISO text."""
    import pandas as pd

    if pd.api.types.is_datetime64_any_dtype(values):
        values = values.dt.strftime("%Y-%m-%d")
    if pd.api.types.is_bool_dtype(values):
        values = values.astype("Int64")
    return [None if pd.isna(value) else value for value in values.astype(object).tolist()]


def natural_key(name: str) -> tuple[tuple[int, int | str], ...]:
    """Sort key by which ``q2`` comes before ``q10``."""
    parts: Iterable[str] = re.split(r"(\d+)", name)
    return tuple((0, int(part)) if part.isdigit() else (1, part) for part in parts)


def _typed(values: pd.Series, kind: str, where: str) -> pd.Series:
    import pandas as pd

    try:
        if kind == "date":
            days = values.where(values.notna() & (values.astype(object) != ""), None)
            return pd.to_datetime(days, format="ISO8601").dt.normalize().astype("datetime64[us]")
        if kind == "item":
            return pd.to_numeric(values).astype("Int16")
        if kind == "integer":
            return pd.to_numeric(values).astype("Int64")
        if kind == "number":
            return pd.to_numeric(values).astype("float64")
        return values.astype("boolean") if kind == "flag" else _text(values)
    except (ValueError, TypeError, OverflowError):
        raise IngestError("A value does not fit its column.", where=where) from None


def _text(values: pd.Series) -> pd.Series:
    import pandas as pd

    if isinstance(values.dtype, pd.StringDtype) and not (values == "").any():
        return values.astype("str")
    plain = [
        ";".join(map(str, value)) if isinstance(value, tuple | list) else value
        for value in values.astype(object)
    ]
    return pd.Series(
        [None if _absent(value) else str(value) for value in plain],
        index=values.index,
        dtype="str",
    )


def _absent(value: Any) -> bool:
    import pandas as pd

    return bool(pd.isna(value)) or value == ""
