"""What a partnership costs and what is given to it: cash, in kind, hours, officials' travel."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from twinimpact.measures.attendance import Log, per_link, with_programme
from twinimpact.measures.counts import attendance_known, gap_marks, total_rows
from twinimpact.measures.rows import Array, Rows
from twinimpact.measures.tables import typed

EURO = "EUR"
_SUMMARY = ("grant", "own_funds", "in_kind")


def economy_rows(
    log: Log,
    links: pd.Index[str],
    facts: pd.DataFrame,
    costs: pd.DataFrame,
    rates: Mapping[str, float] | None = None,
) -> list[Rows]:
    """K01 to K06, per partnership and for the programme; amounts are in euros.

    The sheet of costs counts where an event has rows in it, the sums of the activity log
    elsewhere; the two are never added for one event.

    Parameters
    ----------
    costs
        Canonical table ``costs``.
    rates
        Euros for one unit of another currency. Amounts in a currency without a rate are left
        out and counted.
    """
    ledger, unpriced = _ledger(log, typed(costs, "costs"), rates or {})
    ledger = with_programme(ledger)
    granted = ledger["activity_id"].isin(
        set(ledger.loc[ledger["payer"].eq("grant") & (ledger["euro"] > 0), "activity_id"])
    )
    sums = {
        name: per_link(ledger[mask].groupby("partnership_id")["euro"].sum(), links)
        for name, mask in (
            ("all", ledger["euro"].notna()),
            ("grant", ledger["payer"] == "grant"),
            ("beside_grant", granted & (ledger["payer"] != "grant")),
            ("in_kind", ledger["in_kind"]),
            ("officials", ledger["category"] == "official_travel"),
            ("listed", ledger["listed"]),
        )
    }
    lost = per_link(with_programme(unpriced).groupby("partnership_id").size(), links)
    costed = with_programme(
        log.held[log.held["activity_id"].isin(set(ledger["activity_id"]))]
    ).groupby("partnership_id")
    state = {
        "known": sums["all"] > 0,
        "lost": lost,
        "events": per_link(costed.size(), links),
        "people": per_link(costed["participations"].sum(), links),
        "days": per_link(_days(log, set(ledger["activity_id"])), links),
    }
    return [
        *_cost_rows(links, facts, ledger, sums, state),
        *_ratio_rows(links, facts, sums, state),
        *(
            _hours(log, links, facts, *pair)
            for pair in (("K04", "volunteer_hours"), ("K05", "staff_hours"))
        ),
    ]


def _ledger(
    log: Log, costs: pd.DataFrame, rates: Mapping[str, float]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Amounts of held events in euros, and those that cannot be expressed in euros."""
    held = log.held[["activity_id", "partnership_id"]]
    listed = costs.merge(held, on="activity_id").assign(listed=True)
    events = log.held[~log.held["activity_id"].isin(listed["activity_id"])]
    parts = [
        events[["activity_id", "partnership_id", "currency"]].assign(
            amount=events[name], payer=payer, in_kind=name == "in_kind"
        )
        for name, payer in zip(_SUMMARY, ("grant", "town", "other"), strict=True)
    ]
    known = events[list(_SUMMARY)].sum(axis=1)
    rest = events["cost_total"] - known
    parts.append(
        events[["activity_id", "partnership_id", "currency"]].assign(
            amount=rest.where(rest > 0), payer=None, in_kind=False
        )
    )
    sums = pd.concat(parts, ignore_index=True).dropna(subset=["amount"]).assign(listed=False)
    columns = ["activity_id", "partnership_id", "amount", "currency", "payer", "in_kind", "listed"]
    sums["currency"] = sums["currency"].fillna(EURO)
    both = pd.concat(
        [listed[[*columns, "category"]], sums[columns].assign(category=None)], ignore_index=True
    )
    both["in_kind"] = both["in_kind"].fillna(False).astype(bool)
    both["payer"], both["category"] = both["payer"].astype("str"), both["category"].astype("str")
    factor = both["currency"].map({EURO: 1.0, **rates})
    both["euro"] = both["amount"] * factor.astype("float64")
    return both[both["euro"].notna()], both[both["euro"].isna()]


def _days(log: Log, events: set[str]) -> pd.Series[float]:
    """Participant-days of some events, by partnership and for the programme."""
    held = log.held[log.held["activity_id"].isin(events)].set_index("activity_id")
    persons = log.persons[log.persons["activity_id"].isin(held.index)]
    own = persons["days"].fillna(persons["activity_id"].map(held["days"]))
    by_event = own.groupby(persons["activity_id"]).sum().reindex(held.index).fillna(0.0)
    rows = held.assign(value=by_event + held["heads"] * held["days"])
    return with_programme(rows).groupby("partnership_id")["value"].sum()


def _marks(facts: pd.DataFrame, state: Mapping[str, Array]) -> list[tuple[Array, str]]:
    held = facts["held"].to_numpy()
    return [
        *gap_marks(facts)[:2],
        ((held > 0) & ~state["known"], "no_costs"),
        (state["lost"] > 0, "currency_not_converted"),
        (state["known"] & (state["events"] < held), "events_without_costs"),
    ]


def _cost_rows(
    links: pd.Index[str],
    facts: pd.DataFrame,
    ledger: pd.DataFrame,
    sums: Mapping[str, Array],
    state: Mapping[str, Array],
) -> list[Rows]:
    """K01: all cost, and by who paid; K06 share of officials' travel."""
    marks = _marks(facts, state)
    base = {"outcome": "K01", "unit": "eur", "source": "costs;activities", "n": state["events"]}
    rows = [total_rows(links, base, sums["all"], state["known"], marks)]
    payers = ledger["payer"].where(~ledger["in_kind"], "in_kind").fillna("unknown")
    table = ledger.groupby(["partnership_id", payers])["euro"].sum().sort_index()
    rows.append(
        Rows(
            columns={
                "outcome": "K01", "estimand": "total", "method": "count", "unit": "eur",
                "partnership": table.index.get_level_values(0).to_numpy(dtype=object),
                "dimension": "payer",
                "group": table.index.get_level_values(1).to_numpy(dtype=object),
                "estimate": table.to_numpy(dtype="float64"), "source": "costs;activities",
            },
            size=len(table),
        )
    )  # fmt: skip
    listed = sums["listed"] > 0
    share = sums["officials"] / np.where(listed, sums["listed"], np.nan)
    columns = {
        "outcome": "K06", "estimand": "share", "unit": "share_of_cost", "source": "costs",
        "denominator": sums["listed"],
    }  # fmt: skip
    own = [*gap_marks(facts)[:2], ((facts["held"].to_numpy() > 0) & ~listed, "no_cost_sheet")]
    rows.append(total_rows(links, columns, share, listed, own))
    return rows


def _ratio_rows(
    links: pd.Index[str],
    facts: pd.DataFrame,
    sums: Mapping[str, Array],
    state: Mapping[str, Array],
) -> list[Rows]:
    """K02 cost per participant-day and per participation; K03 own money of granted events."""
    rows = []
    people_known = attendance_known(facts)
    for estimand, name in (("per_day", "days"), ("per_participation", "people")):
        base = state[name]
        known = state["known"] & (base > 0)
        marks = [*_marks(facts, state), (state["known"] & ~people_known, "no_attendance")]
        columns = {
            "outcome": "K02", "estimand": estimand, "unit": "eur", "denominator": base,
            "n": state["people"], "source": "costs;activities;attendance",
        }  # fmt: skip
        ratio = sums["all"] / np.where(base > 0, base, np.nan)
        rows.append(total_rows(links, columns, ratio, known, marks))
    granted = sums["grant"] > 0
    marks = [*_marks(facts, state), (state["known"] & ~granted, "no_grant")]
    columns = {
        "outcome": "K03", "estimand": "ratio", "unit": "ratio", "denominator": sums["grant"],
        "source": "costs;activities",
    }  # fmt: skip
    ratio = sums["beside_grant"] / np.where(granted, sums["grant"], np.nan)
    rows.append(total_rows(links, columns, ratio, state["known"] & granted, marks))
    return rows


def _hours(log: Log, links: pd.Index[str], facts: pd.DataFrame, outcome: str, column: str) -> Rows:
    held = with_programme(log.held)
    by = held.groupby("partnership_id")[column]
    total, said = per_link(by.sum(), links), per_link(by.count(), links)
    events = facts["held"].to_numpy()
    marks = [
        *gap_marks(facts)[:2],
        ((events > 0) & (said == 0), "not_declared"),
        ((said > 0) & (said < events), "hours_partly_unknown"),
    ]
    columns = {
        "outcome": outcome, "unit": "hours", "source": "activities", "n": said,
        "missing": events - said,
    }  # fmt: skip
    return total_rows(links, columns, total, said > 0, marks)
