"""Who came: events that took place and the people present, margins never added twice.

Two levels of detail live side by side in the attendance table: person rows from signed lists,
and head-counts. Head-count rows may be partial margins of one total (by gender in one set, by
country in another): each set sums to the event's total, sets are never added.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from twinimpact.measures.rows import Array
from twinimpact.measures.tables import typed
from twinimpact.schema import PROGRAMME

MARGINS = ("country", "gender", "age_band", "role", "town_id")
"""Dimensions a margin set may divide an event's total by."""
UNPROVEN = ("registration", "ticket")
"""Evidence that shows the wish to come, not presence."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Log:
    """The activity log up to a date.

    Parameters
    ----------
    activities
        All activities, typed.
    held
        Those that took place: one row per event with ``days``, ``days_assumed``,
        ``host_country`` and, from the attendance, ``persons`` (on lists), ``heads``
        (head-counts), ``participations``, ``known`` (any attendance at all) and
        ``margins_differ`` (its margin sets have different totals).
    persons
        One row per person and event.
    heads
        All head-count rows of present people, margins included.
    assumed
        Whether presence was assumed for rows that do not say.
    """

    activities: pd.DataFrame
    held: pd.DataFrame
    persons: pd.DataFrame
    heads: pd.DataFrame
    assumed: bool


def activity_log(
    activities: pd.DataFrame,
    attendance: pd.DataFrame,
    towns: pd.DataFrame,
    as_of: pd.Timestamp,
) -> Log:
    """Held events up to ``as_of`` and the people present at them.

    Only events with the status ``held`` and rows marked attended count. A row that does not say
    counts as attended, unless its evidence is a registration or a ticket.
    """
    events = typed(activities, "activities")
    countries = typed(towns, "towns").set_index("town_id")["country"]
    held = events[(events["status"] == "held") & (events["start_date"] <= as_of)].copy()
    ends = held["end_date"].fillna(held["start_date"])
    held["days"] = (ends - held["start_date"]).dt.days.astype("float64") + 1
    held["days_assumed"] = held["end_date"].isna()
    held["last_day"] = ends
    held["host_country"] = held["host_town_id"].map(countries).astype("str")
    rows = typed(attendance, "attendance")
    rows = rows[rows["activity_id"].isin(held["activity_id"])]
    unsaid = rows["attended"].isna() & ~rows["evidence"].isin(UNPROVEN)
    present = rows[rows["attended"].fillna(False).astype(bool) | unsaid].copy()
    present["country"] = present["country"].fillna(present["town_id"].map(countries).astype("str"))
    on_list = present["participant_id"].notna()
    persons = present[on_list].drop_duplicates(["activity_id", "participant_id"]).copy()
    persons["count"] = 1.0
    heads = present[~on_list].copy()
    heads["margin_set"] = heads["margin_set"].fillna("")
    held = _with_counts(held, persons, heads)
    return Log(
        activities=events,
        held=held.reset_index(drop=True),
        persons=persons.reset_index(drop=True),
        heads=heads.reset_index(drop=True),
        assumed=bool(unsaid.any()),
    )


def _with_counts(held: pd.DataFrame, persons: pd.DataFrame, heads: pd.DataFrame) -> pd.DataFrame:
    listed = persons.groupby("activity_id").size()
    sets = heads.groupby(["activity_id", "margin_set"])["count"].sum()
    totals = sets.groupby(level=0).max()
    least = sets.groupby(level=0).min()
    ids = held["activity_id"]
    held["persons"] = ids.map(listed).fillna(0.0).astype("float64")
    held["heads"] = ids.map(totals).fillna(0.0).astype("float64")
    held["known"] = ids.isin(listed.index) | ids.isin(totals.index)
    held["participations"] = (held["persons"] + held["heads"]).where(held["known"])
    held["margins_differ"] = ids.map((totals != least).astype("float64")).fillna(0.0) > 0
    return held


def present_by(log: Log, dimension: str) -> pd.DataFrame:
    """Everybody present, with what is known about one dimension.

    Person rows, plus for each event the margin set that knows most about the dimension, plus a
    row for the people that set leaves out. The counts of an event always add up to its
    participations.

    Returns
    -------
    pandas.DataFrame
        ``activity_id``, ``count``, ``listed`` and the columns of :data:`MARGINS`.
    """
    columns = ["activity_id", "count", *MARGINS]
    persons = log.persons[columns].assign(listed=True)
    heads = log.heads
    if heads.empty:
        return persons.reset_index(drop=True)
    known = heads["count"].where(heads[dimension].notna(), 0.0)
    sets = (
        heads.assign(known=known)
        .groupby(["activity_id", "margin_set"], sort=True)[["known", "count"]]
        .sum()
        .reset_index()
        .sort_values(
            ["activity_id", "known", "count", "margin_set"], ascending=[True, False, False, True]
        )
        .drop_duplicates("activity_id")
    )
    picked = heads.merge(sets[["activity_id", "margin_set"]], on=["activity_id", "margin_set"])
    totals = log.held.set_index("activity_id")["heads"]
    rest = sets.assign(count=sets["activity_id"].map(totals) - sets["count"])
    rest = rest.loc[rest["count"] > 0, ["activity_id", "count"]]
    parts = [persons, picked[columns].assign(listed=False)]
    if len(rest):
        blank = rest.reindex(columns=columns).astype(dict.fromkeys(MARGINS, "str"))
        parts.append(blank.assign(listed=False))
    return pd.concat(parts, ignore_index=True)


def with_programme(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows once under their own ``partnership_id`` and once under the programme's."""
    return pd.concat([rows, rows.assign(partnership_id=PROGRAMME)], ignore_index=True)


def links_of(partnerships: pd.DataFrame, activities: pd.DataFrame) -> pd.Index[str]:
    """Ids of all partnerships, the programme first; also of those only the log knows."""
    known = {*partnerships["partnership_id"].dropna(), *activities["partnership_id"].dropna()}
    return pd.Index([PROGRAMME, *sorted(known)], dtype="str")


def members_of(partnerships: pd.DataFrame) -> pd.DataFrame:
    """One row per partnership and member town (``partnership_id``, ``town_id``)."""
    further = partnerships["further_towns"].str.split(";")
    towns = [
        pd.DataFrame(
            {"partnership_id": partnerships["partnership_id"], "town_id": partnerships[name]}
        )
        for name in ("town_a", "town_b")
    ]
    extra = pd.DataFrame({"partnership_id": partnerships["partnership_id"], "town_id": further})
    rows = pd.concat([*towns, extra.explode("town_id")], ignore_index=True).dropna()
    rows["town_id"] = rows["town_id"].astype("str").str.strip()
    return rows[rows["town_id"] != ""].drop_duplicates().reset_index(drop=True)


def per_link(values: pd.Series[Any], links: pd.Index[str]) -> Array:
    """Values by partnership in the order of ``links``; 0 where there is none."""
    return values.reindex(links).fillna(0.0).to_numpy(dtype="float64")
