"""Canonical tables with every column present and typed, whatever the caller left out."""

from __future__ import annotations

from typing import Any

import pandas as pd

from twinimpact.schema import TABLES

_TYPES: dict[str, Any] = {
    "text": "str", "enum": "str", "list": "str", "integer": "float64", "number": "float64",
    "flag": "boolean",
}  # fmt: skip


def typed(frame: pd.DataFrame, table: str) -> pd.DataFrame:
    """The declared columns of a canonical table, in order, each in one known type.

    Text is ``str`` with ``NaN`` for nothing, numbers are ``float64``, dates ``datetime64``,
    flags nullable booleans. The input frame is not changed.
    """
    made: dict[str, pd.Series[Any]] = {}
    for column in TABLES[table].columns:
        if column.name not in frame.columns:
            values = pd.Series(None, index=frame.index, dtype=object)
        else:
            values = frame[column.name]
        if column.kind == "date":
            made[column.name] = pd.to_datetime(values).astype("datetime64[us]")
        elif column.kind in ("integer", "number"):
            made[column.name] = pd.to_numeric(values).astype("float64")
        else:
            made[column.name] = values.astype(_TYPES[column.kind])
    cleaned = pd.DataFrame(made, index=frame.index).reset_index(drop=True)
    for column in TABLES[table].columns:
        if _TYPES.get(column.kind) == "str":
            text = cleaned[column.name]
            cleaned[column.name] = text.where(text.str.len() > 0)
    return cleaned


def exploded(values: pd.Series[str]) -> pd.Series[str]:
    """Entries of a text list joined by ``;``, one per row, index repeated; blanks left out."""
    parts = values.dropna().str.split(";").explode().str.strip()
    return parts[parts.str.len() > 0]
