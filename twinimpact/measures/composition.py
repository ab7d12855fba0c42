"""Who the people reached were: guests and locals, shares, towns, kinds of event."""

from __future__ import annotations

import numpy as np
import pandas as pd

from twinimpact.entities import OFFICIAL_ROLES
from twinimpact.measures.attendance import Log, per_link, present_by, with_programme
from twinimpact.measures.counts import (
    attendance_known,
    gap_marks,
    group_rows,
    rows_where,
    total_rows,
    with_link,
)
from twinimpact.measures.rows import Array, Rows
from twinimpact.measures.tables import exploded

YOUNG = ("<14", "14-17", "18-29")


def place_rows(
    log: Log, links: pd.Index[str], facts: pd.DataFrame, members: pd.DataFrame
) -> list[Rows]:
    """R05 guests of partner towns from another country than the host's; R06 local people."""
    present = present_by(log, "country").merge(
        log.held[["activity_id", "partnership_id", "host_country"]], on="activity_id"
    )
    towns = members.assign(member=True)
    present = present.merge(towns, on=["partnership_id", "town_id"], how="left")
    placed = (present["country"].notna() & present["host_country"].notna()).to_numpy()
    abroad = placed & (present["country"] != present["host_country"]).to_numpy()
    # with the country alone, guests from another country than the host's count as invited
    from_partner = present["member"].notna() | present["town_id"].isna()
    guests = abroad & from_partner.to_numpy()
    local = placed & ~abroad
    assumed = guests & present["town_id"].isna().to_numpy()
    rows = []
    for outcome, mask, extra in (("R05", guests, assumed), ("R06", local, None)):
        sums = {
            name: per_link(_sum_by_link(present, chosen), links)
            for name, chosen in (
                ("value", mask),
                ("unknown", ~placed),
                ("placed", placed),
                ("assumed", np.zeros_like(mask) if extra is None else extra),
            )
        }
        known = attendance_known(facts)
        marks = [
            *gap_marks(facts),
            (known & (sums["placed"] == 0), "place_unknown"),
            ((sums["placed"] > 0) & (sums["unknown"] > 0), "place_partly_unknown"),
            (sums["assumed"] > 0, "town_unknown"),
            (known & (facts["unlisted"].to_numpy() > 0), "events_without_attendance"),
        ]
        columns = {"outcome": outcome, "unit": "participations", "missing": sums["unknown"]}
        rows.append(total_rows(links, columns, sums["value"], sums["placed"] > 0, marks))
    return rows


def _sum_by_link(present: pd.DataFrame, mask: Array) -> pd.Series[float]:
    both = with_programme(present.loc[mask, ["partnership_id", "count"]])
    return both.groupby("partnership_id")["count"].sum()


def share_rows(log: Log, links: pd.Index[str], facts: pd.DataFrame) -> list[Rows]:
    """R11 share of officials, R09Y share of people under 30: over those whose value is known."""
    rows = []
    for outcome, column, values in (
        ("R11", "role", OFFICIAL_ROLES),
        ("R09Y", "age_band", YOUNG),
    ):
        present = with_link(present_by(log, column), log)
        said = present[column].notna() & (present[column] != "undisclosed")
        inside = present[column].isin(values)
        base = per_link(present[said].groupby("partnership_id")["count"].sum(), links)
        part = per_link(present[inside].groupby("partnership_id")["count"].sum(), links)
        unknown = per_link(present[~said].groupby("partnership_id")["count"].sum(), links)
        known = attendance_known(facts)
        marks = [
            *gap_marks(facts),
            (known & (base == 0), f"{column}_unknown"),
            ((base > 0) & (unknown > 0), f"{column}_partly_unknown"),
        ]
        columns = {
            "outcome": outcome, "estimand": "share", "unit": "share", "missing": unknown,
            "n": base, "denominator": base,
        }  # fmt: skip
        share = part / np.where(base > 0, base, np.nan)
        rows.append(total_rows(links, columns, share, base > 0, marks))
    return rows


def involved_rows(
    log: Log, links: pd.Index[str], facts: pd.DataFrame, towns: pd.DataFrame
) -> list[Rows]:
    """R14: towns and countries that hosted, organised or sent somebody."""
    held = log.held
    names = [
        held[["partnership_id"]].assign(town_id=held["host_town_id"]),
        held[["partnership_id"]].join(
            exploded(held["organiser_towns"]).rename("town_id"), how="inner"
        ),
    ]
    people = present_by(log, "town_id").merge(
        held[["activity_id", "partnership_id"]], on="activity_id"
    )
    names.append(people[["partnership_id", "town_id"]])
    places = pd.concat(names, ignore_index=True)
    places["country"] = places["town_id"].map(towns.set_index("town_id")["country"])
    homes = present_by(log, "country").merge(
        held[["activity_id", "partnership_id"]], on="activity_id"
    )
    countries = pd.concat(
        [places[["partnership_id", "country"]], homes[["partnership_id", "country"]]],
        ignore_index=True,
    )
    rows = []
    for estimand, frame, column in (
        ("towns", places, "town_id"),
        ("countries", countries, "country"),
    ):
        found = with_programme(frame.dropna()).groupby("partnership_id")[column].nunique()
        count = per_link(found, links)
        marks = [
            *gap_marks(facts)[:2],
            ((facts["held"].to_numpy() > 0) & (count == 0), "place_unknown"),
        ]
        columns = {"outcome": "R14", "estimand": estimand, "unit": estimand}
        rows.append(total_rows(links, columns, count, count > 0, marks))
    return rows


def type_rows(log: Log, links: pd.Index[str], facts: pd.DataFrame) -> list[Rows]:
    """R18 people reached by kind of work (participations); R16 shares by mode."""
    held = with_programme(log.held[log.held["known"]])
    rows = []
    for outcome, column in (("R18", "cerv_type"), ("R16", "mode")):
        typed_events = held[held[column].notna()]
        base = typed_events.groupby("partnership_id")["participations"].sum()
        declared = per_link(base, links) > 0
        known = attendance_known(facts)
        marks = [*gap_marks(facts), (known & ~declared, "not_declared")]
        columns = {
            "outcome": outcome, "dimension": column,
            "unit": "participations" if outcome == "R18" else "share",
            "estimand": "total" if outcome == "R18" else "share",
        }  # fmt: skip
        nothing = total_rows(links, columns, np.zeros(len(links)), declared, marks)
        rows.append(rows_where(nothing, ~declared))
        kept = held[held["partnership_id"].isin(links[declared])]
        groups = kept[column].fillna("unknown") if outcome == "R18" else kept[column]
        counts = kept.groupby(["partnership_id", groups])["participations"].sum()
        if outcome == "R18":
            rows.append(group_rows("R18", "total", column, counts, "participations"))
            continue
        ordered = counts.sort_index()
        denominator = base.reindex(ordered.index.get_level_values(0)).to_numpy()
        shares = group_rows("R16", "share", column, ordered / denominator, "share")
        extra = {"n": denominator, "denominator": denominator}
        rows.append(Rows(columns={**shares.columns, **extra}, size=shares.size))
    return rows
