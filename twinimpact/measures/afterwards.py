"""What goes on after an event or comes with it: later events, media, travel, visitors' spending."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from twinimpact.entities import LOW_CARBON
from twinimpact.measures.attendance import Log, per_link, present_by, with_programme
from twinimpact.measures.counts import gap_marks, total_rows
from twinimpact.measures.parameters import Parameters
from twinimpact.measures.rows import Array, Rows
from twinimpact.measures.tables import typed

FOLLOW_ON_MONTHS = 12


def later_event_rows(
    log: Log, links: pd.Index[str], facts: pd.DataFrame, projects: pd.DataFrame, day: pd.Timestamp
) -> Rows:
    """U03: participations in other events of a partnership up to 12 months after a project."""
    projects = typed(projects, "projects")
    ended = projects[projects["end_date"].notna() & (projects["end_date"] <= day)]
    pairs = log.held.merge(
        ended[["partnership_id", "project_id", "end_date"]],
        on="partnership_id",
        suffixes=("", "_of"),
    )
    other = (pairs["project_id"] != pairs["project_id_of"]).to_numpy()
    limit = pairs["end_date_of"] + pd.DateOffset(months=FOLLOW_ON_MONTHS)
    inside = (pairs["start_date"] > pairs["end_date_of"]) & (pairs["start_date"] <= limit)
    events = pairs[other & inside.to_numpy()].drop_duplicates("activity_id")
    count = with_programme(events).groupby("partnership_id")["participations"].sum()
    has = with_programme(ended[["partnership_id"]]).groupby("partnership_id").size()
    known = per_link(has, links) > 0
    full = ended[ended["end_date"] + pd.DateOffset(months=FOLLOW_ON_MONTHS) <= day]
    whole = per_link(
        with_programme(full[["partnership_id"]]).groupby("partnership_id").size(), links
    )
    marks = [
        (~known, "no_ended_project"),
        (known & (whole < per_link(has, links)), "twelve_months_not_over"),
    ]
    columns = {
        "outcome": "U03", "unit": "participations", "source": "projects;activities;attendance",
    }  # fmt: skip
    return total_rows(links, columns, per_link(count, links), known, marks)


def media_rows(
    log: Log, links: pd.Index[str], facts: pd.DataFrame, media: pd.DataFrame
) -> list[Rows]:
    """U06: media reports, by outlet where they are listed, from the log where not."""
    listed = typed(media, "media")
    events = log.held[~log.held["activity_id"].isin(set(listed["activity_id"].dropna()))]
    unlisted = events[["partnership_id", "media_items"]].dropna()
    counts = pd.concat(
        [
            listed[["partnership_id"]].assign(items=1.0, outlet=listed["outlet_type"]),
            unlisted.rename(columns={"media_items": "items"}).assign(outlet="unknown"),
        ],
        ignore_index=True,
    )
    both = with_programme(counts)
    total = per_link(both.groupby("partnership_id")["items"].sum(), links)
    known = per_link(both.groupby("partnership_id").size(), links) > 0
    marks = [*gap_marks(facts)[:1], ((facts["logged"].to_numpy() > 0) & ~known, "not_declared")]
    columns = {"outcome": "U06", "unit": "media_items", "source": "media;activities"}
    rows = [total_rows(links, columns, total, known, marks)]
    by = both.groupby(["partnership_id", "outlet"])["items"].sum().sort_index()
    rows.append(
        Rows(
            columns=columns
            | {
                "estimand": "total",
                "method": "count",
                "partnership": by.index.get_level_values(0).to_numpy(dtype=object),
                "dimension": "outlet",
                "group": by.index.get_level_values(1).to_numpy(dtype=object),
                "estimate": by.to_numpy(dtype="float64"),
            },
            size=len(by),
        )
    )
    return rows


def travel_rows(
    log: Log,
    links: pd.Index[str],
    facts: pd.DataFrame,
    travel: pd.DataFrame,
    parameters: Parameters,
) -> list[Rows]:
    """G01 emissions per traveller and G02 share of low-carbon kilometres.

    The sheet of travel counts where an event has rows in it. Elsewhere the log's means of travel
    and distance are taken for the guests from abroad. Mixed travel counts as not low-carbon.
    """
    trips = _trips(log, typed(travel, "travel"))
    trips["km"] = trips["km_round_trip"] * trips["travellers"]
    factor = trips["mode"].map(dict(parameters.factors)).astype("float64")
    both = with_programme(trips.assign(kg=trips["km"] * factor))
    by = both.groupby("partnership_id")
    people, km = per_link(by["travellers"].sum(), links), per_link(by["km"].sum(), links)
    without = per_link(both["kg"].isna().groupby(both["partnership_id"]).sum(), links)
    kg = per_link(by["kg"].sum(), links)
    green = both[both["mode"].isin(LOW_CARBON)].groupby("partnership_id")["km"].sum()
    travelled = km > 0
    missing = [
        *gap_marks(facts)[:2],
        ((facts["held"].to_numpy() > 0) & ~travelled, "no_travel"),
    ]
    known = travelled & (without == 0) & bool(parameters.factors)
    marks = [*missing, (travelled & ~known, "no_emission_factor")]
    first: dict[str, Any] = {"outcome": "G01", "estimand": "per_traveller", "unit": "kg"}
    first |= {"source": "travel", "direction": "worse", "n": people, "denominator": people}
    second: dict[str, Any] = {"outcome": "G02", "estimand": "share", "unit": "share_of_km"}
    second |= {"source": "travel", "n": people, "denominator": km}
    return [
        total_rows(links, first, kg / np.where(people > 0, people, np.nan), known, marks),
        total_rows(
            links,
            second,
            per_link(green, links) / np.where(travelled, km, np.nan),
            travelled,
            missing,
        ),
    ]


def _trips(log: Log, travel: pd.DataFrame) -> pd.DataFrame:
    held = log.held
    columns = ["partnership_id", "mode", "km_round_trip", "travellers"]
    listed = travel.merge(held[["activity_id", "partnership_id"]], on="activity_id")
    rest = held[
        ~held["activity_id"].isin(listed["activity_id"])
        & held["travel_mode"].notna()
        & held["km_round_trip"].notna()
    ]
    people = present_by(log, "country").merge(
        held[["activity_id", "host_country"]], on="activity_id"
    )
    abroad = people[people["country"].notna() & (people["country"] != people["host_country"])]
    guests = abroad.groupby("activity_id")["count"].sum()
    assumed = rest.assign(
        mode=rest["travel_mode"], travellers=rest["activity_id"].map(guests).fillna(0.0)
    )
    both = pd.concat([listed[columns], assumed[columns]], ignore_index=True)
    return both.astype({"km_round_trip": "float64", "travellers": "float64"})


def spending_rows(
    log: Log, links: pd.Index[str], facts: pd.DataFrame, parameters: Parameters
) -> list[Rows]:
    """K07: what visitors spent, under a low, a central and a high daily rate."""
    persons = log.persons.merge(
        log.held[["activity_id", "partnership_id", "host_country", "days"]],
        on="activity_id",
        suffixes=("", "_of"),
    )
    visitor = persons["country"].notna() & (persons["country"] != persons["host_country"])
    nights = persons["nights"].fillna((persons["days_of"] - 1).clip(lower=0))
    both = with_programme(persons.assign(stay=nights)[visitor])
    total = per_link(both.groupby("partnership_id")["stay"].sum(), links)
    assumed = per_link(both["nights"].isna().groupby(both["partnership_id"]).sum(), links)
    known = (total > 0) & bool(parameters.spending)
    no_rate = np.full(len(links), not parameters.spending)
    marks: list[tuple[Array, str]] = [
        *gap_marks(facts),
        (no_rate, "no_daily_rate"),
        (~no_rate & (total == 0), "no_nights"),
        (known & (assumed > 0), "nights_assumed"),
    ]
    rows = []
    for name in ("low", "central", "high"):
        rate = parameters.spending.get(name, np.nan) * (1 - parameters.deadweight)
        columns = {
            "outcome": "K07", "estimand": name, "unit": "eur", "source": "attendance;parameters",
            "denominator": total,
        }  # fmt: skip
        rows.append(total_rows(links, columns, total * rate, known, marks))
    return rows
