"""Counts of the activity log per partnership, and the result rows made of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from twinimpact.measures.attendance import Log, per_link, with_programme
from twinimpact.measures.rows import Array, Rows, join_notes

DIMENSIONS = (
    ("country", "country"), ("gender", "gender"), ("age_band", "age_band"), ("role", "role"),
    ("town", "town_id"),
)  # fmt: skip
"""Name of a dimension in the results and the column it is read from."""
UNKNOWN = {"gender": "undisclosed", "age_band": "undisclosed", "role": "undisclosed"}
"""What a group of people about whom a dimension is not known is called; else ``unknown``."""
FROM_ATTENDANCE = "attendance;activities"


def log_facts(log: Log, links: pd.Index[str]) -> pd.DataFrame:
    """Per partnership: events logged, held and without attendance, and the basic counts."""
    held = with_programme(log.held)
    by = held.groupby("partnership_id")
    logged = with_programme(log.activities).groupby("partnership_id").size()
    facts = {
        "logged": per_link(logged, links),
        "held": per_link(by.size(), links),
        "unlisted": per_link((~held["known"]).groupby(held["partnership_id"]).sum(), links),
        "participations": per_link(by["participations"].sum(), links),
        "persons": per_link(by["persons"].sum(), links),
        "heads": per_link(by["heads"].sum(), links),
        "largest": per_link(by["participations"].max(), links),
        "differ": per_link(by["margins_differ"].any().astype("float64"), links),
    }
    return pd.DataFrame(facts, index=links)


def gap_marks(facts: pd.DataFrame) -> list[tuple[Any, str]]:
    """Why a partnership has no count of people, most basic reason first."""
    logged, held, unlisted = (facts[name].to_numpy() for name in ("logged", "held", "unlisted"))
    return [
        (logged == 0, "no_activities"),
        ((logged > 0) & (held == 0), "no_held_events"),
        ((held > 0) & (unlisted == held), "no_attendance"),
    ]


def attendance_known(facts: pd.DataFrame) -> Array:
    """Where at least one held event has attendance."""
    known: Array = (facts["held"] > facts["unlisted"]).to_numpy()
    return known


def total_rows(
    links: pd.Index[str],
    columns: dict[str, Any],
    values: Array,
    known: Array,
    marks: list[tuple[Any, str]],
) -> Rows:
    """One row per partnership; where ``known`` is false the number is withheld."""
    defaults = {
        "partnership": links.to_numpy(dtype=object),
        "estimand": "total",
        "method": "count",
        "estimate": np.where(known, values, np.nan),
        "status": np.where(known, "ok", "not_available"),
        "note": join_notes(len(links), marks),
        "source": FROM_ATTENDANCE,
    }
    if columns["unit"] in ("people", "participations"):
        defaults["n"] = defaults["estimate"]
    return Rows(columns=defaults | columns, size=len(links))


def with_link(present: pd.DataFrame, log: Log) -> pd.DataFrame:
    """Rows of people present under their partnership and under the programme."""
    names = ["activity_id", "partnership_id", "host_country", "mode", "cerv_type", "days"]
    return with_programme(present.merge(log.held[names], on="activity_id"))


def group_rows(
    outcome: str, estimand: str, dimension: str, counts: pd.Series[float], unit: str
) -> Rows:
    """Rows by group from counts indexed by partnership and group, sorted by both."""
    ordered = counts.sort_index()
    groups = ordered.index.get_level_values(1).to_numpy(dtype=object)
    unknown = ordered.where(ordered.index.get_level_values(1) == UNKNOWN.get(dimension, "unknown"))
    columns: dict[str, Any] = {
        "outcome": outcome,
        "estimand": estimand,
        "method": "count",
        "unit": unit,
        "partnership": ordered.index.get_level_values(0).to_numpy(dtype=object),
        "dimension": dimension,
        "group": groups,
        "estimate": ordered.to_numpy(dtype="float64"),
        "n": ordered.to_numpy(dtype="float64"),
        "missing": unknown.groupby(level=0).transform("sum").to_numpy(dtype="float64"),
        "source": FROM_ATTENDANCE,
    }
    return Rows(columns=columns, size=len(ordered))


def rows_where(rows: Rows, mask: Array) -> Rows:
    """Only the rows where ``mask`` is true."""
    columns = {
        name: value[mask] if isinstance(value, np.ndarray) else value
        for name, value in rows.columns.items()
    }
    return Rows(columns=columns, size=int(mask.sum()))
