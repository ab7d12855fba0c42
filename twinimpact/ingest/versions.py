"""Which rows a workspace knows already, with what content, and which file brought them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

import pandas as pd

from twinimpact.schema import TABLES

Origin = TypeVar("Origin")
Value = TypeVar("Value")


class OnDemand(dict[str, Value]):
    """Tables by name, each read when it is asked for first."""

    def __init__(self, read: Callable[[str], Value]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, name: str) -> Value:
        self[name] = self._read(name)
        return self[name]


class Versions(Generic[Origin]):
    """The rows known of one table: what is stored, and what plans of this run will store.

    Rows are only looked up one by one once there is something to compare them with: the first
    file of an evaluation is all new.
    """

    def __init__(self, table: str, stored: pd.DataFrame) -> None:
        self.key = list(TABLES[table].key)
        self._waiting: list[tuple[pd.DataFrame, Origin | None]] = [(stored, None)]
        self._hashes: dict[tuple[object, ...], str] = {}
        self._origins: dict[tuple[object, ...], Origin] = {}

    def remember(self, rows: pd.DataFrame, origin: Origin) -> None:
        """Note rows that will be stored."""
        if len(rows):
            self._waiting.append((rows[[*self.key, "row_hash"]], origin))

    def hashes(self) -> dict[tuple[object, ...], str]:
        """The content of every known row by its key."""
        for rows, origin in self._waiting:
            keys = self._keys(rows)
            self._hashes.update(zip(keys, map(str, rows["row_hash"]), strict=True))
            if origin is not None:
                self._origins.update(dict.fromkeys(keys, origin))
        self._waiting.clear()
        return self._hashes

    def compare(self, rows: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
        """For each row whether it is new, and whether it is known with other content."""
        if not self._hashes and not any(len(waiting) for waiting, _ in self._waiting):
            return pd.Series(True, index=rows.index), pd.Series(False, index=rows.index)
        known = self.hashes()
        before = [known.get(key) for key in self._keys(rows)]
        new = [old is None for old in before]
        pairs = zip(before, rows["row_hash"], strict=True)
        differs = [old is not None and old != now for old, now in pairs]
        return (
            pd.Series(new, index=rows.index, dtype=bool),
            pd.Series(differs, index=rows.index, dtype=bool),
        )

    def origins(self, rows: pd.DataFrame) -> list[Origin | None]:
        """For each row the plan of this run that stores it, if one does."""
        self.hashes()
        return [self._origins.get(key) for key in self._keys(rows)]

    def _keys(self, rows: pd.DataFrame) -> list[tuple[object, ...]]:
        return list(zip(*(rows[name] for name in self.key), strict=True))
