"""What a checked file is: rows that may be stored, and an account of all others."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import pandas as pd

from twinimpact.ingest.values import fold
from twinimpact.problems import Problem
from twinimpact.schema import TABLES, Column

MISSING_COLUMNS = ("response_id", "item_id", "reason")


@dataclass(frozen=True, slots=True, kw_only=True)
class Contested:
    """One response that stands in a file with different content.

    Parameters
    ----------
    rows
        Rows of the file it takes; all of them count as quarantined until it is settled.
    versions
        Hash and first row of each different content, in the order of the file.
    """

    response_id: str
    rows: int
    versions: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedRows:
    """The rows of one file and table.

    Parameters
    ----------
    rows
        Rows of the file; equals accepted + excluded + quarantined.
    frame
        Accepted rows: canonical columns and ``row_hash``, one row per key.
    missing
        Reasons of missing answers (responses only): :data:`MISSING_COLUMNS`.
    contested
        Responses with contradicting versions (responses only).
    versions, version_missing
        Those versions, one row each, like ``frame``; their missing answers with ``row_hash``.
    """

    rows: int
    frame: pd.DataFrame
    missing: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame(columns=list(MISSING_COLUMNS), dtype="str")
    )
    excluded: Mapping[str, int] = field(default_factory=dict)
    quarantined: int = 0
    problems: tuple[Problem, ...] = ()
    contested: tuple[Contested, ...] = ()
    versions: pd.DataFrame = field(default_factory=pd.DataFrame)
    version_missing: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame(columns=[*MISSING_COLUMNS, "row_hash"], dtype="str")
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """What ids and names the evaluation knows; keys are folded ids and names.

    ``event_starts`` are the first days of events by their id, ``first_events`` the first day on
    which a partnership had an event that was not cancelled.
    """

    waves: Mapping[str, str] = field(default_factory=dict)
    towns: Mapping[str, str] = field(default_factory=dict)
    partnerships: Mapping[str, str] = field(default_factory=dict)
    partnerships_of_town: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    activities: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    town_countries: Mapping[str, str] = field(default_factory=dict)
    activity_partnerships: Mapping[str, str] = field(default_factory=dict)
    event_starts: Mapping[str, dt.date] = field(default_factory=dict)
    first_events: Mapping[str, dt.date] = field(default_factory=dict)


def build_lookup(
    waves: Iterable[tuple[str, str]],
    towns: pd.DataFrame,
    partnerships: pd.DataFrame,
    activities: pd.DataFrame,
) -> Lookup:
    """Collect the ids and names that files may refer to.

    Parameters
    ----------
    waves
        ``(wave id, label)`` in fielding order.
    towns, partnerships, activities
        Canonical tables: stored rows and those planned so far.
    """
    known_waves: dict[str, str] = {}
    for wave, label in waves:
        known_waves[fold(wave)] = wave
        known_waves.setdefault(fold(label), wave)
    members: dict[str, list[str]] = {}
    for row in partnerships.fillna("").to_dict(orient="records"):
        further = [*str(row["further_towns"]).split(";"), *str(row["comparison_towns"]).split(";")]
        for town in (str(row["town_a"]), str(row["town_b"]), *further):
            if town:
                members.setdefault(town, []).append(str(row["partnership_id"]))
    by_name: dict[str, list[str]] = {}
    links: dict[str, str] = {}
    starts: dict[str, dt.date] = {}
    first: dict[str, dt.date] = {}
    for row in activities.to_dict(orient="records"):
        key, link = str(row["activity_id"]), str(row["partnership_id"])
        links[key] = link
        start = pd.Timestamp(row["start_date"])
        if not pd.isna(start) and row.get("status") != "cancelled":
            starts[key] = start.date()
            first[link] = min(first.get(link, start.date()), start.date())
        for name in {fold(key), fold(key.removeprefix(f"{link}-")), fold(str(row["title"]))}:
            by_name.setdefault(name, []).append(key)
    return Lookup(
        waves=known_waves,
        towns=_names(towns, "town_id"),
        partnerships=_names(partnerships, "partnership_id"),
        partnerships_of_town={town: tuple(found) for town, found in members.items()},
        activities={name: tuple(dict.fromkeys(ids)) for name, ids in by_name.items()},
        town_countries=dict(zip(towns["town_id"], towns["country"], strict=True)),
        activity_partnerships=links,
        event_starts=starts,
        first_events=first,
    )


def _names(frame: pd.DataFrame, key: str) -> dict[str, str]:
    names = {fold(str(name)): str(row) for row, name in zip(frame[key], frame["name"], strict=True)}
    # an id wins over another row's name
    return {**names, **{fold(str(row)): str(row) for row in frame[key]}}


def row_hash(content: object) -> str:
    """Short hash of a row's content; equal content gives equal hashes on every machine."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:16]


def table_frame(table: str, records: Iterable[Mapping[str, object]]) -> pd.DataFrame:
    """Records as a canonical table with its types and a ``row_hash``.

    Text that is not there is ``NaN``; whole numbers are nullable ``Int64``.
    """
    declared = TABLES[table]
    listed = list(records)
    frame = pd.DataFrame(index=range(len(listed)))
    for column in declared.columns:
        frame[column.name] = _typed([record.get(column.name) for record in listed], column)
    frame["row_hash"] = pd.Series(
        [row_hash({k: v for k, v in record.items() if v not in (None, "")}) for record in listed],
        dtype="str",
    )
    return frame


def _typed(values: list[object], column: Column) -> pd.Series:
    if column.kind == "integer":
        return pd.Series(values, dtype="Int64")
    if column.kind == "number":
        return pd.Series(values, dtype="Float64").astype("float64")
    if column.kind == "date":
        return pd.to_datetime(pd.Series(values, dtype="object")).astype("datetime64[us]")
    if column.kind == "flag":
        return pd.Series(values, dtype="boolean")
    return pd.Series([value if value else None for value in values], dtype="str")
