"""Does an event meet the conditions of its funding call, planned and actual, and by how much?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from twinimpact.entities import OFFICIAL_ROLES
from twinimpact.measures.attendance import Log, members_of, present_by
from twinimpact.measures.calls import Call, Condition
from twinimpact.measures.tables import typed
from twinimpact.schema import result_frame

PEOPLE = ("participations", "invited")
"""Figures that count people: the gate looks at how many."""
_UNITS: Mapping[str, str] = {
    "participations": "margin", "invited": "margin", "countries": "margin", "days": "margin",
    "officials_share": "share",
}  # fmt: skip


def condition_rows(
    log: Log, projects: pd.DataFrame, partnerships: pd.DataFrame, calls: Mapping[str, Call]
) -> pd.DataFrame:
    """R20 and R21 for every event of a project whose call is known.

    R20 has one row per event and rule, ``estimand`` ``rule|actual`` or ``rule|planned``: the
    margin by which the rule is met, negative when it is missed; ``rule|actual|met`` is 1 or 0.
    R21 is the lump sum of the call's table for the invited people. With a call nobody compared
    with its document, rows carry the note ``call_not_verified``; without a table of lump sums R21
    is not available.
    """
    known = typed(projects, "projects")
    known = known[known["call_id"].isin(calls)]
    events = log.activities.merge(
        known[["project_id", "partnership_id", "call_id"]], on=["project_id", "partnership_id"]
    )
    if events.empty:
        return result_frame([])
    actual = _figures(log, typed(partnerships, "partnerships"), events, calls)
    rows: list[dict[str, Any]] = []
    for event in events.sort_values(["partnership_id", "start_date", "activity_id"]).itertuples():
        call = calls[str(event.call_id)]
        planned = {
            "participations": event.planned_participants, "invited": event.planned_invited,
        }  # fmt: skip
        measured = actual.get(str(event.activity_id), {}) if event.status == "held" else {}
        for state, figures in (("planned", planned), ("actual", measured)):
            for condition in call.conditions:
                rows += _rule_rows(event, call, condition, state, figures)
            rows += _band_row(event, call, state, figures)
    return result_frame(rows)


def _figures(
    log: Log, partnerships: pd.DataFrame, events: pd.DataFrame, calls: Mapping[str, Call]
) -> dict[str, dict[str, float]]:
    """What each event held reached, of the people whose evidence its call counts."""
    evidence = events.set_index("activity_id")["call_id"].map(lambda name: calls[name].evidence)
    persons, heads = log.persons, log.heads
    counted = Log(
        activities=log.activities,
        held=log.held,
        persons=persons[_counts(persons, evidence)],
        heads=heads[_counts(heads, evidence)],
        assumed=log.assumed,
    )
    held = log.held.set_index("activity_id")
    people = present_by(counted, "country")
    people = people[people["activity_id"].isin(events["activity_id"])]
    people["host"] = people["activity_id"].map(held["host_country"])
    people["partnership_id"] = people["activity_id"].map(held["partnership_id"])
    members = members_of(partnerships).assign(member=True)
    people = people.merge(members, on=["partnership_id", "town_id"], how="left")
    partner = people["member"].notna() | people["town_id"].isna()
    invited = people[people["country"].notna() & (people["country"] != people["host"]) & partner]
    roles = present_by(counted, "role")
    said = roles[roles["role"].notna() & (roles["role"] != "undisclosed")]
    officials = said[said["role"].isin(OFFICIAL_ROLES)].groupby("activity_id")["count"].sum()
    tables = {
        "participations": people.groupby("activity_id")["count"].sum(),
        "invited": invited.groupby("activity_id")["count"].sum(),
        "countries": people.groupby("activity_id")["country"].nunique(),
        "officials_share": officials.div(said.groupby("activity_id")["count"].sum()),
    }
    found: dict[str, dict[str, float]] = {}
    for key in events.loc[events["activity_id"].isin(held.index), "activity_id"]:
        listed = {name: float(values.get(key, 0.0)) for name, values in tables.items()}
        found[str(key)] = listed | {"days": float(held.loc[key, "days"])}
    return found


def _counts(rows: pd.DataFrame, evidence: pd.Series[Any]) -> Any:
    allowed = rows["activity_id"].map(evidence)
    pairs = zip(rows["evidence"], allowed, strict=True)
    return np.array([not isinstance(a, tuple) or not a or e in a for e, a in pairs], dtype=bool)


def _base(event: Any, call: Call, outcome: str) -> dict[str, Any]:
    return {
        "outcome": outcome, "method": "count", "partnership": str(event.partnership_id),
        "dimension": "activity", "group": str(event.activity_id),
        "note": "" if call.verified else "call_not_verified",
        "source": "activities;attendance;calls",
    }  # fmt: skip


def _rule_rows(
    event: Any, call: Call, condition: Condition, state: str, figures: Mapping[str, Any]
) -> list[dict[str, Any]]:
    value = figures.get(condition.indicator)
    if value is None or not np.isfinite(value):
        return []
    limit = condition.least if condition.least is not None else condition.most
    margin = float(value) - float(limit or 0)
    if condition.least is None:
        margin = -margin
    base = _base(event, call, "R20")
    numbers = {
        "estimand": f"{condition.id}|{state}", "unit": _UNITS[condition.indicator],
        "estimate": margin, "denominator": float(limit or 0),
        "direction": "worse" if condition.least is None else "better",
    }  # fmt: skip
    if condition.indicator in PEOPLE:
        numbers["n"] = float(value)
    met = {"estimand": f"{condition.id}|{state}|met", "unit": "class", "estimate": margin >= 0}
    return [base | numbers, base | met]


def _band_row(
    event: Any, call: Call, state: str, figures: Mapping[str, Any]
) -> list[dict[str, Any]]:
    invited = figures.get("invited")
    if invited is None or not np.isfinite(invited):
        return []
    base = _base(event, call, "R21") | {"estimand": state, "unit": "eur"}
    if not call.bands:
        return [base | {"status": "not_available", "note": "no_lump_sum_table"}]
    fits = [band.euro for band in call.bands if band.least <= invited <= band.most]
    if not fits:
        return [base | {"status": "not_available", "note": "outside_the_table", "n": invited}]
    return [base | {"estimate": fits[0], "n": float(invited)}]
