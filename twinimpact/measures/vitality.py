"""How alive a partnership is: rate, recency, reciprocity, themes, class, participation."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from twinimpact.measures.attendance import (
    Log,
    activity_log,
    links_of,
    members_of,
    per_link,
    with_programme,
)
from twinimpact.measures.counts import attendance_known, gap_marks, log_facts, total_rows
from twinimpact.measures.rows import Array, Rows, join_notes, results_of
from twinimpact.measures.tables import exploded, typed
from twinimpact.schema import PROGRAMME

DAYS_PER_MONTH = 30.4375
"""Mean length of a month (365.25 / 12)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VitalityRule:
    """Thresholds of the vitality class.

    Parameters
    ----------
    new_months
        A link younger than this is new.
    dormant_months
        No event for this long makes a link dormant; both directions must lie in this span.
    active_events, active_months
        So many events in so many months, with both towns hosting, make a link active.
    """

    new_months: int = 24
    dormant_months: int = 24
    active_events: int = 2
    active_months: int = 12


def vitality(
    activities: pd.DataFrame,
    attendance: pd.DataFrame,
    towns: pd.DataFrame,
    partnerships: pd.DataFrame,
    as_of: dt.date,
    rule: VitalityRule | None = None,
) -> pd.DataFrame:
    """Result rows V01–V04, V06 per partnership (V01, V02, V04 also for the programme) and V07.

    Parameters
    ----------
    activities, attendance, towns, partnerships
        Canonical tables; lists are text joined by ``;``.
    as_of
        The day the classification is true for; later events do not count.
    rule
        Thresholds of V06; the project's when ``None``.

    Returns
    -------
    pandas.DataFrame
        A results table; what is not known has the status ``not_available``.
    """
    day = pd.Timestamp(as_of)
    log = activity_log(activities, attendance, towns, day)
    register = typed(partnerships, "partnerships")
    links = links_of(register, log.activities)
    facts = log_facts(log, links)
    parts = [
        *_pulse_rows(log, links, facts, day),
        *_theme_rows(log, links, facts),
        *_link_rows(log, register, facts, day, rule or VitalityRule()),
        _density_rows(log, links, facts, register, typed(towns, "towns")),
    ]
    table = results_of(parts)
    table["as_of"] = as_of.isoformat()
    return table


def _recent(held: pd.DataFrame, day: pd.Timestamp, months: int) -> pd.DataFrame:
    return held[held["last_day"] > day - pd.DateOffset(months=months)]


def _pulse_rows(
    log: Log, links: pd.Index[str], facts: pd.DataFrame, day: pd.Timestamp
) -> list[Rows]:
    """V01 events in the last 12 months; V02 months since the last event."""
    held = with_programme(log.held)
    source = {"source": "activities"}
    rate = per_link(_recent(held, day, 12).groupby("partnership_id").size(), links)
    logged = facts["logged"].to_numpy() > 0
    columns = {"outcome": "V01", "unit": "events_per_year"}
    rows = [total_rows(links, columns | source, rate, logged, gap_marks(facts)[:1])]
    last = held.groupby("partnership_id")["last_day"].max()
    # an event that is still going on counts as just held
    months = np.maximum(per_link((day - last).dt.days / DAYS_PER_MONTH, links), 0.0)
    any_held = facts["held"].to_numpy() > 0
    columns = {"outcome": "V02", "unit": "months", "direction": "worse"}
    rows.append(total_rows(links, columns | source, months, any_held, gap_marks(facts)[:2]))
    return rows


def _theme_rows(log: Log, links: pd.Index[str], facts: pd.DataFrame) -> list[Rows]:
    """V04: number of themes, Pielou evenness H/ln k over them, and events per theme."""
    themes = exploded(log.held["themes"]).rename("theme")
    events = with_programme(log.held[["partnership_id"]].join(themes, how="inner"))
    counts = events.groupby(["partnership_id", "theme"]).size().astype("float64").sort_index()
    by = counts.groupby(level=0)
    number = per_link(by.size(), links)
    share = counts / by.transform("sum")
    entropy = per_link((-share * np.log(share)).groupby(level=0).sum(), links)
    any_held = facts["held"].to_numpy() > 0
    reasons = [*gap_marks(facts)[:2], (any_held & (number == 0), "themes_unknown")]
    shared = {"outcome": "V04", "source": "activities"}
    rows = [
        total_rows(
            links, shared | {"estimand": "number", "unit": "themes"}, number, number > 0, reasons
        )
    ]
    with np.errstate(divide="ignore", invalid="ignore"):
        evenness = entropy / np.log(np.where(number > 1, number, np.nan))
    columns = shared | {"estimand": "evenness", "unit": "ratio"}
    marks = [*reasons, (number == 1, "one_theme")]
    rows.append(total_rows(links, columns, np.clip(evenness, 0, 1), number > 1, marks))
    per_theme: dict[str, Any] = shared | {
        "estimand": "events", "method": "count", "unit": "events", "dimension": "theme",
        "partnership": counts.index.get_level_values(0).to_numpy(dtype=object),
        "group": counts.index.get_level_values(1).to_numpy(dtype=object),
        "estimate": counts.to_numpy(),
    }  # fmt: skip
    rows.append(Rows(columns=per_theme, size=len(counts)))
    return rows


def _link_rows(
    log: Log, register: pd.DataFrame, facts: pd.DataFrame, day: pd.Timestamp, rule: VitalityRule
) -> list[Rows]:
    """V03 reciprocity and V06 class: about one link, so not for the programme."""
    own = facts.index != PROGRAMME
    facts = facts[own]
    links: pd.Index[str] = facts.index
    members = members_of(register).groupby("partnership_id").size().reindex(links).fillna(0)
    hosted_a, hosted_b = _hosted(log.held, register, links)
    both = hosted_a + hosted_b
    pair = members.to_numpy() == 2
    known = pair & (both >= 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        balance = 1 - np.abs(hosted_a - hosted_b) / np.where(both > 0, both, np.nan)
    marks = [
        *gap_marks(facts)[:2],
        (~pair, "not_two_towns"),
        (pair & (facts["held"].to_numpy() > 0) & (both < 2), "fewer_than_2_hosted"),
    ]
    columns: dict[str, Any] = {"outcome": "V03", "unit": "ratio", "source": "activities"}
    rows = [total_rows(links, columns, balance, known, marks)]
    recent = per_link(
        _recent(log.held, day, rule.active_months).groupby("partnership_id").size(), links
    )
    in_span = _recent(log.held, day, rule.dormant_months)
    span = per_link(in_span.groupby("partnership_id").size(), links)
    hosts = in_span.merge(members_of(register), left_on=["partnership_id", "host_town_id"],
                          right_on=["partnership_id", "town_id"])  # fmt: skip
    directions = per_link(hosts.groupby("partnership_id")["town_id"].nunique(), links)
    signed = _signed(register, links)
    new = (signed > day - pd.DateOffset(months=rule.new_months)).to_numpy()
    active = (recent >= rule.active_events) & (directions >= 2)
    group = np.select([new, span == 0, active], ["new", "dormant", "active"], "low")
    logged = facts["logged"].to_numpy() > 0
    marks = [*gap_marks(facts)[:1], (logged & signed.isna().to_numpy(), "date_signed_unknown")]
    columns = {
        "outcome": "V06", "unit": "class", "source": "activities;partnerships",
        "group": np.where(logged, group, ""),
    }  # fmt: skip
    rows.append(total_rows(links, columns, np.full(len(links), np.nan), logged, marks))
    return rows


def _hosted(
    held: pd.DataFrame, register: pd.DataFrame, links: pd.Index[str]
) -> tuple[Array, Array]:
    """Events hosted by the first and by the second town."""
    counts = held.groupby(["partnership_id", "host_town_id"]).size()
    found = []
    for name in ("town_a", "town_b"):
        hosts = pd.MultiIndex.from_frame(register[["partnership_id", name]])
        values = counts.reindex(hosts).fillna(0.0).to_numpy(dtype="float64")
        found.append(per_link(pd.Series(values, index=register["partnership_id"]), links))
    return found[0], found[1]


def _signed(register: pd.DataFrame, links: pd.Index[str]) -> pd.Series[pd.Timestamp]:
    """Day the link was signed; a year alone counts from its first day."""
    text = register.set_index("partnership_id")["date_signed"].reindex(links)
    full = text.where(text.str.len() != 4, text + "-01-01")
    return pd.to_datetime(full, format="%Y-%m-%d", errors="coerce")


def _density_rows(
    log: Log, links: pd.Index[str], facts: pd.DataFrame, register: pd.DataFrame, towns: pd.DataFrame
) -> Rows:
    """V07: unique participants of each member town per 1,000 inhabitants."""
    members = with_programme(members_of(register)).drop_duplicates()
    members = members.sort_values(["partnership_id", "town_id"]).reset_index(drop=True)
    persons = with_programme(
        log.persons.merge(log.held[["activity_id", "partnership_id"]], on="activity_id")
    )
    people = persons.groupby(["partnership_id", "town_id"])["participant_id"].nunique()
    pairs = pd.MultiIndex.from_frame(members[["partnership_id", "town_id"]])
    unique = people.reindex(pairs).fillna(0.0).to_numpy(dtype="float64")
    population = members["town_id"].map(towns.set_index("town_id")["population"]).to_numpy()
    nameless = persons["town_id"].isna().groupby(persons["partnership_id"]).any()
    by_link = pd.DataFrame(
        {
            "complete": attendance_known(facts) & (facts["heads"] == 0) & (facts["unlisted"] == 0),
            "whole": ~nameless.reindex(links).fillna(False).astype(bool),
            "gap": join_notes(len(links), gap_marks(facts)),
        },
        index=links,
    ).reindex(members["partnership_id"])
    complete, whole = by_link["complete"].to_numpy(), by_link["whole"].to_numpy()
    has_population = population > 0
    known = complete & whole & has_population
    gaps = by_link["gap"].to_numpy(dtype=object)
    marks = [
        (~complete & (gaps == ""), "unique_people_unknown"),
        (complete & ~whole, "home_town_unknown"),
        (~has_population, "population_unknown"),
    ]
    notes = join_notes(
        len(members), [*((gaps == gap, gap) for gap in sorted(set(gaps) - {""})), *marks]
    )
    rate = np.where(known, 1000 * unique / np.where(known, population, np.nan), np.nan)
    columns: dict[str, Any] = {
        "outcome": "V07", "estimand": "rate", "method": "count", "unit": "per_1000",
        "partnership": members["partnership_id"].to_numpy(dtype=object),
        "town": members["town_id"].to_numpy(dtype=object),
        "estimate": rate,
        "n": np.where(known, unique, np.nan),
        "denominator": population,
        "status": np.where(known, "ok", "not_available"),
        "note": notes,
        "source": "attendance;activities;towns",
    }  # fmt: skip
    return Rows(columns=columns, size=len(members))
