"""How many people the exchange reached: four counts that are never mixed.

Participations (one person at one event), unique people, participant-days, and people reached by
kind of work are different things. Head-counts never enter unique people; an indirect audience is
never added to a direct one; what is not known is "not available", never 0.
"""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from twinimpact.measures.attendance import (
    Log,
    activity_log,
    links_of,
    members_of,
    per_link,
    present_by,
    with_programme,
)
from twinimpact.measures.composition import involved_rows, place_rows, share_rows, type_rows
from twinimpact.measures.counts import (
    DIMENSIONS,
    FROM_ATTENDANCE,
    UNKNOWN,
    attendance_known,
    gap_marks,
    group_rows,
    log_facts,
    rows_where,
    total_rows,
    with_link,
)
from twinimpact.measures.rows import Rows, join_notes, results_of
from twinimpact.measures.tables import typed


def reach(
    activities: pd.DataFrame,
    attendance: pd.DataFrame,
    towns: pd.DataFrame,
    partnerships: pd.DataFrame,
    as_of: dt.date,
) -> pd.DataFrame:
    """Result rows R01–R06, R09Y, R11, R13, R14, R16–R18 per partnership and for the programme.

    Parameters
    ----------
    activities, attendance, towns, partnerships
        Canonical tables; lists are text joined by ``;``.
    as_of
        Events that start later do not count.

    Returns
    -------
    pandas.DataFrame
        A results table; every count that is not known has the status ``not_available`` and a
        note that says why.
    """
    log = activity_log(activities, attendance, towns, pd.Timestamp(as_of))
    register = typed(partnerships, "partnerships")
    links = links_of(register, log.activities)
    facts = log_facts(log, links)
    parts = [
        *_event_rows(log, links, facts),
        *_participation_rows(log, links, facts),
        *_people_rows(log, links, facts),
        *place_rows(log, links, facts, members_of(register)),
        *_day_rows(log, links, facts),
        *share_rows(log, links, facts),
        *involved_rows(log, links, facts, typed(towns, "towns")),
        *type_rows(log, links, facts),
    ]
    table = results_of(parts)
    table["as_of"] = as_of.isoformat()
    return table


def _event_rows(log: Log, links: pd.Index[str], facts: pd.DataFrame) -> list[Rows]:
    """R01 events held, planned and cancelled; R02 days; R17 declared indirect audience."""
    events = with_programme(log.activities)
    logged = facts["logged"].to_numpy() > 0
    gaps = gap_marks(facts)[:1]
    blank = per_link(events["status"].isna().groupby(events["partnership_id"]).sum(), links)
    source = {"source": "activities"}
    rows = []
    for estimand in ("held", "planned", "cancelled"):
        chosen = events[events["status"] == estimand]
        count = (
            facts["held"].to_numpy()
            if estimand == "held"
            else per_link(chosen.groupby("partnership_id").size(), links)
        )
        columns = {"outcome": "R01", "estimand": estimand, "unit": "events", "missing": blank}
        marks = [*gaps, (blank > 0, "status_unknown")]
        rows.append(total_rows(links, columns | source, count, logged, marks))
    held = with_programme(log.held)
    by = held.groupby("partnership_id")
    any_held = facts["held"].to_numpy() > 0
    assumed = per_link(by["days_assumed"].sum(), links)
    columns = {"outcome": "R02", "unit": "days", "missing": assumed}
    marks = [*gap_marks(facts)[:2], (assumed > 0, "end_date_assumed")]
    rows.append(
        total_rows(links, columns | source, per_link(by["days"].sum(), links), any_held, marks)
    )
    declared = held[held["indirect_reach"].notna()]
    stated = declared[declared["indirect_method"].notna()]
    with_method = per_link(stated.groupby("partnership_id").size(), links)
    without = per_link(declared.groupby("partnership_id").size(), links) - with_method
    audience = per_link(stated.groupby("partnership_id")["indirect_reach"].sum(), links)
    columns = {"outcome": "R17", "unit": "people_indirect", "missing": without}
    marks = [
        *gap_marks(facts)[:2],
        (any_held & (with_method + without == 0), "not_declared"),
        (with_method > 0, "declared_estimate"),
        (without > 0, "reach_without_method"),
    ]
    rows.append(total_rows(links, columns | source, audience, with_method > 0, marks))
    return rows


def _participation_rows(log: Log, links: pd.Index[str], facts: pd.DataFrame) -> list[Rows]:
    """R03: participations, also by dimension and per event."""
    unlisted = facts["unlisted"].to_numpy()
    known = attendance_known(facts)
    marks = [
        *gap_marks(facts),
        (known & (unlisted > 0), "events_without_attendance"),
        (facts["differ"].to_numpy() > 0, "margins_differ"),
        (known & log.assumed, "attended_assumed"),
    ]
    columns = {"outcome": "R03", "unit": "participations", "missing": unlisted}
    rows = [total_rows(links, columns, facts["participations"].to_numpy(), known, marks)]
    for dimension, column in DIMENSIONS:
        present = with_link(present_by(log, column), log)
        groups = present[column].fillna(UNKNOWN.get(dimension, "unknown"))
        counts = present.groupby(["partnership_id", groups])["count"].sum()
        rows.append(group_rows("R03", "total", dimension, counts, "participations"))
    held = with_programme(log.held)
    events = held.sort_values(["partnership_id", "start_date", "activity_id"])
    counted = events["known"].to_numpy()
    columns = {
        "outcome": "R03", "estimand": "total", "method": "count", "unit": "participations",
        "partnership": events["partnership_id"].to_numpy(dtype=object),
        "dimension": "activity", "group": events["activity_id"].to_numpy(dtype=object),
        "estimate": events["participations"].to_numpy(),
        "n": events["participations"].to_numpy(),
        "status": np.where(counted, "ok", "not_available"),
        "note": join_notes(
            len(events),
            [
                (~counted, "no_attendance"),
                (events["margins_differ"].to_numpy(), "margins_differ"),
                ((events["persons"] == 0).to_numpy() & counted, "head_count"),
            ],
        ),
        "source": FROM_ATTENDANCE,
    }  # fmt: skip
    rows.append(Rows(columns=columns, size=len(events)))
    return rows


def _people_rows(log: Log, links: pd.Index[str], facts: pd.DataFrame) -> list[Rows]:
    """R04: unique people where every held event has a list; otherwise bounds."""
    persons = with_programme(
        log.persons.merge(log.held[["activity_id", "partnership_id"]], on="activity_id")
    )
    listed = per_link(persons.groupby("partnership_id")["participant_id"].nunique(), links)
    heads, unlisted = facts["heads"].to_numpy(), facts["unlisted"].to_numpy()
    known = attendance_known(facts)
    complete = known & (heads == 0) & (unlisted == 0)
    reasons = [
        *gap_marks(facts),
        (known & (heads > 0), "head_counts"),
        (known & (unlisted > 0), "events_without_attendance"),
    ]
    unit = {"outcome": "R04", "unit": "people"}
    rows = [total_rows(links, unit, listed, complete, reasons)]
    bounded = known & ~complete
    lower = np.maximum(facts["largest"].to_numpy(), listed)
    lists = unit | {"estimand": "listed"}
    rows.append(
        rows_where(total_rows(links, lists, listed, listed > 0, reasons), bounded & (listed > 0))
    )
    low = unit | {"estimand": "lower_bound"}
    rows.append(rows_where(total_rows(links, low, lower, bounded, reasons), bounded))
    high = unit | {"estimand": "upper_bound"}
    open_end = total_rows(links, high, listed + heads, bounded & (unlisted == 0), reasons)
    rows.append(rows_where(open_end, bounded))
    # where a person's details differ between events, the first event that knows them counts
    ordered = persons.sort_values(["partnership_id", "participant_id", "activity_id"])
    first = ordered.groupby(["partnership_id", "participant_id"])[
        [c for _, c in DIMENSIONS]
    ].first()
    whole = first.index.get_level_values(0).isin(links[complete])
    for estimand, chosen in (("total", first[whole]), ("listed", first[~whole])):
        for dimension, column in DIMENSIONS:
            groups = chosen[column].fillna(UNKNOWN.get(dimension, "unknown"))
            link = pd.Series(chosen.index.get_level_values(0), index=chosen.index, name="link")
            counts = groups.groupby([link, groups]).size().astype("float64")
            rows.append(group_rows("R04", estimand, dimension, counts, "people"))
    return rows


def _day_rows(log: Log, links: pd.Index[str], facts: pd.DataFrame) -> list[Rows]:
    """R13: participant-days from lists; those from head-counts on a line of their own."""
    held = log.held[["activity_id", "partnership_id", "days", "heads", "days_assumed"]]
    persons = log.persons.drop(columns="hours").merge(
        held.rename(columns={"days": "event_days"}), on="activity_id"
    )
    assumed = persons["days"].isna()
    persons["person_days"] = persons["days"].fillna(persons["event_days"])
    both = with_programme(persons.assign(assumed=assumed))
    days = per_link(both.groupby("partnership_id")["person_days"].sum(), links)
    unsaid = per_link(both.groupby("partnership_id")["assumed"].sum(), links)
    by_head = with_programme(held.assign(head_days=held["heads"] * held["days"]))
    head_days = per_link(by_head.groupby("partnership_id")["head_days"].sum(), links)
    heads, persons_n = facts["heads"].to_numpy(), facts["persons"].to_numpy()
    known = attendance_known(facts)
    marks = [
        *gap_marks(facts),
        (known & (persons_n == 0), "no_lists"),
        ((persons_n > 0) & (heads > 0), "lists_only"),
        (unsaid > 0, "days_assumed"),
        (known & (facts["unlisted"].to_numpy() > 0), "events_without_attendance"),
    ]
    unit = {"outcome": "R13", "unit": "participant_days"}
    total = total_rows(
        links, unit | {"missing": unsaid, "n": persons_n}, days, persons_n > 0, marks
    )
    counted = unit | {"dimension": "evidence", "group": "count", "n": heads}
    extra = total_rows(links, counted, head_days, heads > 0, [(heads > 0, "head_count")])
    return [total, rows_where(extra, heads > 0)]
