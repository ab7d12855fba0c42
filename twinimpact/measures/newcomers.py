"""Who takes part beyond the usual: fewer opportunities, first-timers, mixed groups."""

from __future__ import annotations

import numpy as np
import pandas as pd

from twinimpact.entities import FEWER_OPPORTUNITIES
from twinimpact.measures.attendance import Log, per_link, present_by, with_programme
from twinimpact.measures.counts import attendance_known, gap_marks, total_rows, with_link
from twinimpact.measures.rows import Array, Rows
from twinimpact.measures.tables import exploded


def newcomer_rows(log: Log, links: pd.Index[str], facts: pd.DataFrame) -> list[Rows]:
    """R10, R12, R15 and R19, per partnership and for the programme.

    R10 counts participations of people who declared a group with fewer opportunities, over those
    who were asked. R12 counts listed people who do not appear at an earlier event of the log (or
    say so themselves), leaving out the first listed event of each partnership, at which everybody
    is new. R15 is Pielou's evenness ``H / ln k`` over the groups that took part (Pielou 1966,
    doi:10.1016/0022-5193(66)90013-0). R19 counts public events that two towns or more organised.
    """
    return [
        _inclusion(log, links, facts),
        _first_timers(log, links, facts),
        _diversity(log, links, facts),
        _joint_public(log, links, facts),
    ]


def _share(
    outcome: str,
    links: pd.Index[str],
    facts: pd.DataFrame,
    sums: tuple[Array, Array, Array],
    unknown_code: str,
) -> Rows:
    part, base, missing = sums
    known = attendance_known(facts)
    marks = [
        *gap_marks(facts),
        (known & (base == 0), unknown_code),
        ((base > 0) & (missing > 0), f"{unknown_code}_partly"),
    ]
    columns = {
        "outcome": outcome, "estimand": "share", "unit": "share", "n": base, "denominator": base,
        "missing": missing,
    }  # fmt: skip
    share = part / np.where(base > 0, base, np.nan)
    return total_rows(links, columns, share, base > 0, marks)


def _sums(rows: pd.DataFrame, mask: Array, links: pd.Index[str]) -> Array:
    both = with_programme(rows.loc[mask, ["partnership_id", "count"]])
    return per_link(both.groupby("partnership_id")["count"].sum(), links)


def _with_partnership(rows: pd.DataFrame, log: Log) -> pd.DataFrame:
    held = log.held[["activity_id", "partnership_id", "start_date"]]
    return rows.merge(held, on="activity_id")


def _inclusion(log: Log, links: pd.Index[str], facts: pd.DataFrame) -> Rows:
    rows = _with_partnership(pd.concat([log.persons, log.heads], ignore_index=True), log)
    asked = rows["groups"].notna().to_numpy()
    named = exploded(rows["groups"])
    declared = rows.index.isin(named.index[named.isin(FEWER_OPPORTUNITIES)])
    total = facts["participations"].to_numpy()
    base = _sums(rows, asked, links)
    return _share(
        "R10", links, facts, (_sums(rows, declared, links), base, total - base), "groups_unknown"
    )


def _first_timers(log: Log, links: pd.Index[str], facts: pd.DataFrame) -> Rows:
    rows = _with_partnership(log.persons, log).sort_values(
        ["partnership_id", "start_date", "activity_id"], kind="stable", ignore_index=True
    )
    first_event = rows.groupby("partnership_id")["start_date"].transform("min")
    later = (rows["start_date"] > first_event).to_numpy()
    seen = rows.duplicated(["partnership_id", "participant_id"]).to_numpy()
    said = rows["first_time"]
    new = said.fillna(pd.Series(~seen, index=rows.index)).astype(bool).to_numpy()
    base = _sums(rows, later, links)
    nameless = facts["heads"].to_numpy()
    return _share(
        "R12", links, facts, (_sums(rows, later & new, links), base, nameless), "no_later_list"
    )


def _diversity(log: Log, links: pd.Index[str], facts: pd.DataFrame) -> Rows:
    present = with_link(present_by(log, "role"), log)
    said = present[present["role"].notna() & (present["role"] != "undisclosed")]
    counts = said.groupby(["partnership_id", "role"])["count"].sum()
    counts = counts[counts > 0]
    by = counts.groupby(level=0)
    share = counts / by.transform("sum")
    entropy = per_link((-share * np.log(share)).groupby(level=0).sum(), links)
    kinds, base = per_link(by.size(), links), per_link(by.sum(), links)
    known = kinds >= 2
    evenness = entropy / np.log(np.where(known, kinds, np.e))
    marks = [
        *gap_marks(facts),
        (attendance_known(facts) & (kinds == 0), "role_unknown"),
        (kinds == 1, "one_group_only"),
    ]
    columns = {"outcome": "R15", "estimand": "evenness", "unit": "ratio", "n": base}
    return total_rows(links, columns, evenness, known, marks)


def _joint_public(log: Log, links: pd.Index[str], facts: pd.DataFrame) -> Rows:
    held = log.held
    organisers = exploded(held["organiser_towns"]).groupby(level=0).nunique().reindex(held.index)
    public = held["is_public"].fillna(False).astype(bool)
    joint = held[public & (organisers.fillna(0) >= 2)]
    count = per_link(with_programme(joint).groupby("partnership_id").size(), links)
    said = with_programme(held[held["is_public"].notna()]).groupby("partnership_id").size()
    known = per_link(said, links) > 0
    marks = [*gap_marks(facts)[:2], ((facts["held"].to_numpy() > 0) & ~known, "not_declared")]
    columns = {"outcome": "R19", "unit": "events", "source": "activities"}
    return total_rows(links, columns, count, known, marks)
