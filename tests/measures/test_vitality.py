"""Rate, recency, reciprocity, themes, class and participation per inhabitant."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from log_data import AS_OF, LINK, event, heads, log, people

from twinimpact.measures import VitalityRule, vitality


def one(found: pd.DataFrame, outcome: str, **where: str) -> pd.Series:
    where = {"partnership": "lin-elb", "dimension": "", "estimand": "total"} | where
    rows = found[found["outcome"] == outcome]
    for column, value in where.items():
        rows = rows[rows[column] == value]
    assert len(rows) == 1
    return rows.iloc[0]


def vital(events: list[dict[str, Any]], attendance: Any = (), links: Any = (LINK,)) -> pd.DataFrame:
    return vitality(*log(events, attendance, links), AS_OF)


def test_the_rate_counts_the_last_twelve_months_only() -> None:
    events = [event("A", "2024-12-31"), event("B", "2025-01-01"), event("C", "2025-12-31")]
    assert one(vital(events), "V01")["estimate"] == 2
    assert one(vital(events), "V01", partnership="*")["estimate"] == 2


def test_recency_is_months_since_the_last_day_of_the_last_event() -> None:
    found = one(
        vital([event("A", "2025-05-01"), event("B", "2025-10-28", end_date="2025-10-31")]), "V02"
    )
    assert found["estimate"] == pytest.approx(61 / 30.4375)
    running = vital([event("A", "2025-12-30", end_date="2026-01-04")])
    assert one(running, "V02")["estimate"] == 0.0


@pytest.mark.parametrize(
    ("hosts", "wanted"),
    [(["lin", "elb"], 1.0), (["lin", "lin"], 0.0), (["lin", "lin", "elb"], 2 / 3)],
)
def test_reciprocity_is_one_when_both_towns_host_equally(hosts: list[str], wanted: float) -> None:
    events = [
        event(f"E{number}", f"2025-0{number + 1}-01", host_town_id=host)
        for number, host in enumerate(hosts)
    ]
    assert one(vital(events), "V03")["estimate"] == pytest.approx(wanted)


def test_reciprocity_needs_two_events_and_two_towns() -> None:
    single = one(vital([event("A", "2025-05-01")]), "V03")
    assert (single["status"], single["note"]) == ("not_available", "fewer_than_2_hosted")
    network = dict(LINK) | {"further_towns": "far"}
    events = [event("A", "2025-05-01"), event("B", "2025-06-01", host_town_id="far")]
    found = one(vital(events, (), [network]), "V03")
    assert (found["status"], found["note"]) == ("not_available", "not_two_towns")


def test_themes_are_counted_and_their_evenness_is_pielous() -> None:
    events = [
        event("A", "2025-05-01", themes="culture;youth"),
        event("B", "2025-06-01", themes="culture"),
        event("C", "2025-07-01"),
    ]
    found = vital(events)
    assert one(found, "V04", estimand="number")["estimate"] == 2
    entropy = -(2 / 3 * math.log(2 / 3) + 1 / 3 * math.log(1 / 3))
    assert one(found, "V04", estimand="evenness")["estimate"] == pytest.approx(
        entropy / math.log(2)
    )
    rows = found[(found["dimension"] == "theme") & (found["partnership"] == "lin-elb")]
    assert dict(zip(rows["group"], rows["estimate"], strict=True)) == {"culture": 2, "youth": 1}
    assert set(rows["estimand"]) == {"events"}


def test_one_theme_has_no_evenness_and_no_theme_is_not_zero_themes() -> None:
    found = vital([event("A", "2025-05-01", themes="sport")])
    assert one(found, "V04", estimand="evenness")["note"] == "one_theme"
    blank = one(vital([event("A", "2025-05-01")]), "V04", estimand="number")
    assert (blank["status"], blank["note"]) == ("not_available", "themes_unknown")


TWO = [event("A", "2025-05-01"), event("B", "2025-09-01", host_town_id="elb")]


@pytest.mark.parametrize(
    ("events", "signed", "wanted"),
    [
        (TWO, "1988-05-01", "active"),
        (TWO, "2024-01-01", "new"),
        (TWO, "2023-12-31", "active"),
        (TWO, "2024", "new"),
        (TWO, None, "active"),
        ([TWO[0]], "1988", "low"),
        ([TWO[0], event("B", "2025-09-01")], "1988", "low"),  # one direction only
        ([TWO[0], event("B", "2024-06-01", host_town_id="elb")], "1988", "low"),
        ([event("A", "2023-12-31")], "1988", "dormant"),
        ([event("A", "2024-01-01")], "1988", "low"),
        ([event("A", "2025-05-01", status="cancelled")], "1988", "dormant"),
    ],
)
def test_the_class_follows_its_rule(
    events: list[dict[str, Any]], signed: str | None, wanted: str
) -> None:
    found = one(vital(events, (), [dict(LINK) | {"date_signed": signed}]), "V06")
    assert (found["group"], found["status"]) == (wanted, "ok")
    assert np.isnan(found["estimate"])
    assert ("date_signed_unknown" in found["note"]) == (signed is None)


def test_the_thresholds_of_the_class_can_be_set() -> None:
    rule = VitalityRule(active_events=3)
    found = vitality(*log(TWO, []), AS_OF, rule)
    assert one(found, "V06")["group"] == "low"


def test_a_link_without_a_log_has_no_class() -> None:
    found = one(vital([]), "V06")
    assert (found["group"], found["status"], found["note"]) == (
        "",
        "not_available",
        "no_activities",
    )


def test_participation_per_1000_counts_unique_people_of_each_member_town() -> None:
    rows = [*people("A", 1, 20, town_id="lin"), *people("B", 11, 30, town_id="lin"),
            *people("B", 31, 47, town_id="elb")]  # fmt: skip
    found = vital(TWO, rows)
    linden = one(found, "V07", town="lin", estimand="rate")
    assert linden["estimate"] == pytest.approx(30 / 50)
    assert (linden["n"], linden["denominator"]) == (30, 50_000)
    assert one(found, "V07", town="elb", estimand="rate")["estimate"] == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("attendance", "note"),
    [
        ([*people("A", 1, 5, town_id="lin"), heads("B", "1", 80)], "unique_people_unknown"),
        ([*people("A", 1, 5, town_id="lin"), *people("B", 6, 9)], "home_town_unknown"),
        ([], "no_attendance"),
    ],
)
def test_participation_per_1000_is_withheld_where_people_are_not_known(
    attendance: list[dict[str, Any]], note: str
) -> None:
    found = one(vital(TWO, attendance), "V07", town="lin", estimand="rate")
    assert (found["status"], found["note"]) == ("not_available", note)
    assert np.isnan(found["estimate"])


def test_a_town_without_population_has_no_rate() -> None:
    link = dict(LINK) | {"town_b": "far"}
    found = vital(TWO[:1], people("A", 1, 5, town_id="far"), [link])
    assert one(found, "V07", town="far", estimand="rate")["note"] == "population_unknown"


def test_empty_tables_give_no_number() -> None:
    found = vitality(*(pd.DataFrame(),) * 4, AS_OF)
    assert found["estimate"].isna().all()
    assert set(found["note"]) == {"no_activities"}
