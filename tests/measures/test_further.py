"""Who takes part, who leads, what it costs, what comes after: numbers worked out by hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from log_data import AS_OF, LINK, TOWNS, event, heads, people, table
from scipy.stats import binomtest

from twinimpact.errors import DefinitionError
from twinimpact.measures.calls import Band, Call, Condition, load_calls
from twinimpact.measures.further import further_indicators
from twinimpact.measures.leadership import rate_ratio_limits
from twinimpact.measures.outside import Outside
from twinimpact.measures.parameters import Parameters, load_parameters

Row = Mapping[str, Any]


def indicators(
    events: Iterable[Row],
    attendance: Iterable[Row] = (),
    outside: Outside | None = None,
    **records: Iterable[Row],
) -> pd.DataFrame:
    tables = {
        "activities": table("activities", events),
        "attendance": table("attendance", attendance),
        "towns": table("towns", TOWNS),
        "partnerships": table("partnerships", (LINK,)),
        **{name: table(name, rows) for name, rows in records.items()},
    }
    return further_indicators(tables, AS_OF, outside or Outside())


def one(rows: pd.DataFrame, outcome: str, estimand: str = "", group: str = "") -> pd.Series[Any]:
    chosen = rows[(rows["outcome"] == outcome) & (rows["partnership"] == "lin-elb")]
    chosen = chosen[(chosen["estimand"] == estimand) | (estimand == "")]
    chosen = chosen[chosen["group"] == group]
    assert len(chosen) == 1, chosen
    return chosen.iloc[0]


# --- who takes part ---


def test_inclusion_is_a_share_of_those_who_were_asked() -> None:
    listed = [
        *people("A", 1, 3, groups="rural;disability"),
        *people("A", 4, 7, groups="youth"),
        *people("A", 8, 9),
    ]
    row = one(indicators([event("A", "2025-05-01")], listed), "R10")
    assert (row["estimate"], row["denominator"], row["missing"]) == (3 / 7, 7, 2)


def test_first_timers_leave_out_the_event_at_which_everybody_is_new() -> None:
    events = [event("A", "2025-05-01"), event("B", "2025-06-01")]
    listed = [*people("A", 1, 4), *people("B", 3, 8), *people("B", 9, 9, first_time=False)]
    row = one(indicators(events, listed), "R12")
    # at B: 3 and 4 were at A, 5 to 8 are new, 9 says not to be new
    assert (row["estimate"], row["denominator"]) == (4 / 7, 7)


def test_one_event_has_no_first_timers() -> None:
    row = one(indicators([event("A", "2025-05-01")], people("A", 1, 4)), "R12")
    assert (row["status"], row["note"]) == ("not_available", "no_later_list")


def test_diversity_is_one_when_all_groups_are_equal() -> None:
    equal = [*people("A", 1, 5, role="citizen"), *people("A", 6, 10, role="expert")]
    uneven = [*people("A", 1, 9, role="citizen"), *people("A", 10, 10, role="expert")]
    assert one(indicators([event("A", "2025-05-01")], equal), "R15")["estimate"] == 1
    found = one(indicators([event("A", "2025-05-01")], uneven), "R15")["estimate"]
    assert found == pytest.approx(-(0.9 * np.log(0.9) + 0.1 * np.log(0.1)) / np.log(2))


def test_one_group_has_no_diversity() -> None:
    row = one(indicators([event("A", "2025-05-01")], people("A", 1, 9, role="citizen")), "R15")
    assert (row["status"], row["note"]) == ("not_available", "one_group_only")


def test_joint_public_events_have_two_organisers() -> None:
    events = [
        event("A", "2025-05-01", is_public=True, organiser_towns="lin;elb"),
        event("B", "2025-05-02", is_public=True, organiser_towns="lin"),
        event("C", "2025-05-03", is_public=False, organiser_towns="lin;elb"),
    ]
    assert one(indicators(events), "R19")["estimate"] == 1


# --- who leads ---


def test_the_trend_compares_three_years_with_the_three_before() -> None:
    days = ["2020-03-01", "2020-05-01", "2021-05-01", "2023-02-01", "2023-05-01", "2024-05-01",
            "2025-01-01", "2025-05-01", "2025-06-01"]  # fmt: skip
    row = one(indicators([event(f"e{i}", day) for i, day in enumerate(days)]), "V05")
    assert (row["estimate"], row["n"]) == (2, 9)
    # given the sum, the later number is binomial: odds of its exact limits
    exact = binomtest(6, 9).proportion_ci(0.95, method="exact")
    assert row["conf_low"] == pytest.approx(exact.low / (1 - exact.low))
    assert row["conf_high"] == pytest.approx(exact.high / (1 - exact.high))


def test_a_short_log_has_no_trend() -> None:
    row = one(indicators([event("A", "2024-05-01")]), "V05")
    assert (row["status"], row["note"]) == ("not_available", "log_shorter_than_5_years")


def test_limits_of_a_rate_ratio_turn_round_with_the_spans() -> None:
    later, earlier = np.array([4.0, 7.0, 0.0]), np.array([9.0, 2.0, 5.0])
    low, high = rate_ratio_limits(later, earlier, 0.95)
    back_low, back_high = rate_ratio_limits(earlier, later, 0.95)
    assert low[:2] == pytest.approx(1 / back_high[:2])
    assert high[:2] == pytest.approx(1 / back_low[:2])
    assert (low[2], back_high[2]) == (0, np.inf)


def test_civil_society_leads_a_share_of_the_events_that_say_who_leads() -> None:
    leads = ["club", "school", "municipality", None]
    events = [
        event(f"e{i}", f"2025-05-0{i + 1}", lead_org_type=lead) for i, lead in enumerate(leads)
    ]
    row = one(indicators(events), "V08")
    assert (row["estimate"], row["denominator"], row["missing"]) == (2 / 3, 3, 1)


def test_younger_organisers_are_counted_once_per_person() -> None:
    events = [event("A", "2025-05-01"), event("B", "2025-06-01")]
    listed = [
        *people("A", 1, 6, capacity_role="organiser", age_band="30-44"),
        *people("B", 1, 6, capacity_role="organiser", age_band="30-44"),
        *people("A", 7, 10, role="volunteer_organiser", age_band="65-74"),
        *people("A", 11, 20, age_band="18-29"),
    ]
    row = one(indicators(events, listed), "V09")
    assert (row["estimate"], row["denominator"]) == (0.6, 10)


# --- money ---

COSTS = [
    {"activity_id": "A", "row_key": "1", "category": "travel", "amount": 600, "currency": "EUR",
     "payer": "grant", "in_kind": False},
    {"activity_id": "A", "row_key": "2", "category": "official_travel", "amount": 200,
     "currency": "EUR", "payer": "town", "in_kind": False},
    {"activity_id": "A", "row_key": "3", "category": "venue", "amount": 200, "currency": "EUR",
     "payer": "association", "in_kind": True},
    {"activity_id": "A", "row_key": "4", "category": "meals", "amount": 1000, "currency": "CZK",
     "payer": "town", "in_kind": False},
]  # fmt: skip


def test_costs_are_added_by_payer_and_related_to_days() -> None:
    events = [event("A", "2025-05-01", end_date="2025-05-02", cost_total=9999, currency="EUR")]
    rates = Outside(parameters=Parameters(rates={"CZK": 0.04}))
    rows = indicators(events, people("A", 1, 20), rates, costs=COSTS)
    # the sheet of costs counts, not the sum in the log: 600 + 200 + 200 + 40
    assert one(rows, "K01")["estimate"] == pytest.approx(1040)
    payers = rows[(rows["dimension"] == "payer") & (rows["partnership"] == "lin-elb")]
    assert dict(zip(payers["group"], payers["estimate"], strict=True)) == pytest.approx(
        {"grant": 600, "in_kind": 200, "town": 240}
    )
    assert one(rows, "K02", "per_day")["estimate"] == pytest.approx(1040 / 40)
    assert one(rows, "K02", "per_participation")["estimate"] == pytest.approx(1040 / 20)
    assert one(rows, "K03")["estimate"] == pytest.approx(440 / 600)
    assert one(rows, "K06")["estimate"] == pytest.approx(200 / 1040)


def test_a_currency_without_a_rate_is_left_out_and_said() -> None:
    row = one(indicators([event("A", "2025-05-01")], costs=COSTS), "K01")
    assert row["estimate"] == 1000
    assert "currency_not_converted" in row["note"]


def test_the_log_sums_serve_where_there_is_no_sheet_of_costs() -> None:
    values = {"cost_total": 5000, "grant": 3000, "own_funds": 1200, "in_kind": 500}
    rows = indicators([event("A", "2025-05-01", currency="EUR", **values)])
    assert one(rows, "K01")["estimate"] == 5000
    assert one(rows, "K03")["estimate"] == pytest.approx(2000 / 3000)
    assert one(rows, "K06")["note"] == "no_cost_sheet"


def test_hours_are_added_and_gaps_counted() -> None:
    events = [event("A", "2025-05-01", volunteer_hours=40.0), event("B", "2025-05-02")]
    row = one(indicators(events), "K04")
    assert (row["estimate"], row["missing"], row["note"]) == (40, 1, "hours_partly_unknown")


def test_visitor_spending_is_a_range_and_needs_a_rate() -> None:
    events = [event("A", "2025-05-01", end_date="2025-05-03")]
    listed = [*people("A", 1, 10, country="FR"), *people("A", 11, 20, country="DE")]
    assert "no_daily_rate" in one(indicators(events, listed), "K07", "central")["note"]
    spending = Parameters(spending={"low": 40, "central": 60, "high": 90}, deadweight=0.25)
    rows = indicators(events, listed, Outside(parameters=spending))
    # ten visitors, two nights each, 60 euros, a quarter would have come anyway
    assert one(rows, "K07", "central")["estimate"] == pytest.approx(10 * 2 * 60 * 0.75)
    assert "nights_assumed" in one(rows, "K07", "central")["note"]


# --- what comes after, and with it ---

PROJECT = {
    "project_id": "P", "partnership_id": "lin-elb", "name": "P", "call_id": "c",
    "start_date": "2024-01-01", "end_date": "2024-06-30",
}  # fmt: skip


def test_later_events_count_for_twelve_months_and_without_the_project_itself() -> None:
    events = [
        event("A", "2024-06-01", project_id="P"),
        event("B", "2024-09-01"),
        event("C", "2025-06-30"),
        event("D", "2025-07-01"),
        event("E", "2024-12-01", project_id="P"),
    ]
    listed = [*people("B", 1, 20), *people("C", 1, 30), *people("D", 1, 5), *people("E", 1, 9)]
    assert one(indicators(events, listed, projects=[PROJECT]), "U03")["estimate"] == 50


def test_media_reports_are_listed_or_taken_from_the_log() -> None:
    media = [
        {"partnership_id": "lin-elb", "row_key": "1", "activity_id": "A", "outlet_type": "radio"},
        {"partnership_id": "lin-elb", "row_key": "2", "outlet_type": "newspaper"},
    ]
    events = [event("A", "2025-05-01", media_items=9), event("B", "2025-05-02", media_items=3)]
    rows = indicators(events, media=media)
    assert one(rows, "U06")["estimate"] == 5
    assert one(rows, "U06", group="unknown")["estimate"] == 3


def test_emissions_need_a_factor_for_every_means_of_travel() -> None:
    travel = [
        {"activity_id": "A", "row_key": "1", "mode": "rail", "km_round_trip": 1000,
         "travellers": 30},
        {"activity_id": "A", "row_key": "2", "mode": "car", "km_round_trip": 1000,
         "travellers": 10},
    ]  # fmt: skip
    rows = indicators([event("A", "2025-05-01")], travel=travel)
    assert one(rows, "G01")["note"] == "no_emission_factor"
    assert one(rows, "G02")["estimate"] == 0.75
    factors = Outside(parameters=Parameters(factors={"rail": 0.03, "car": 0.17}))
    rows = indicators([event("A", "2025-05-01")], outside=factors, travel=travel)
    assert one(rows, "G01")["estimate"] == pytest.approx((30 * 30 + 10 * 170) / 40)


def test_the_log_is_complete_as_far_as_its_cells_are_filled() -> None:
    whole = {"themes": "culture", "organiser_towns": "lin;elb", "is_public": True}
    events = [event("A", "2025-05-01", **whole), event("B", "2025-05-02", themes="culture")]
    rows = indicators(events, [*people("A", 1, 5), heads("B", "x", 40)])
    assert one(rows, "Q09", "cells")["estimate"] == pytest.approx((7 + 5) / 14)
    assert one(rows, "Q09", "with_attendance")["estimate"] == 1
    assert one(rows, "Q09", "with_list")["estimate"] == 0.5


# --- conditions of a call ---

CALL = Call(
    id="c", title="C", valid_from=dt.date(2024, 1, 1), source="s", verified=True,
    evidence=("signed_list",),
    conditions=(
        Condition(id="min_direct", indicator="participations", least=50),
        Condition(id="min_invited", indicator="invited", least=25),
        Condition(id="max_officials", indicator="officials_share", most=0.5),
    ),
    bands=(Band(least=25, most=40, euro=8000), Band(least=41, most=55, euro=10000)),
)  # fmt: skip


def test_an_event_meets_its_call_by_a_margin_and_only_counted_evidence_counts() -> None:
    events = [event("A", "2024-05-01", project_id="P", planned_participants=70, planned_invited=45)]
    listed = [
        *people("A", 1, 36, town_id="elb", country="FR", evidence="signed_list", role="citizen"),
        *people("A", 37, 60, town_id="lin", country="DE", evidence="signed_list",
                role="elected_official"),
        *people("A", 61, 90, town_id="elb", country="FR", evidence="registration"),
    ]  # fmt: skip
    rows = indicators(events, listed, Outside(calls={"c": CALL}), projects=[PROJECT])
    assert one(rows, "R20", "min_direct|actual", "A")["estimate"] == 10
    assert one(rows, "R20", "min_invited|actual", "A")["estimate"] == 11
    assert one(rows, "R20", "min_direct|planned", "A")["estimate"] == 20
    assert one(rows, "R20", "max_officials|actual", "A")["estimate"] == pytest.approx(0.1)
    assert one(rows, "R20", "max_officials|actual|met", "A")["estimate"] == 1
    assert one(rows, "R21", "actual", "A")["estimate"] == 8000
    assert one(rows, "R21", "planned", "A")["estimate"] == 10000


def test_a_missed_condition_has_a_negative_margin() -> None:
    events = [event("A", "2024-05-01", project_id="P")]
    listed = people("A", 1, 20, town_id="elb", country="FR", evidence="signed_list")
    rows = indicators(events, listed, Outside(calls={"c": CALL}), projects=[PROJECT])
    assert one(rows, "R20", "min_direct|actual", "A")["estimate"] == -30
    assert one(rows, "R20", "min_direct|actual|met", "A")["estimate"] == 0
    assert one(rows, "R21", "actual", "A")["note"] == "outside_the_table"


def test_a_call_nobody_checked_says_so_in_every_row() -> None:
    calls = load_calls()
    events = [event("A", "2024-05-01", project_id="P")]
    project = PROJECT | {"call_id": "cerv-tt-2024"}
    listed = people("A", 1, 60, town_id="elb", country="FR", evidence="signed_list")
    rows = indicators(events, listed, Outside(calls=calls), projects=[project])
    checks = rows[rows["outcome"] == "R20"]
    assert len(checks) == 6
    assert (checks["note"] == "call_not_verified").all()
    assert one(rows, "R21", "actual", "A")["note"] == "no_lump_sum_table"


def test_an_own_call_replaces_the_shipped_one(tmp_path: Path) -> None:
    (tmp_path / "calls").mkdir()
    (tmp_path / "calls" / "mine.toml").write_text(
        'call_id = "cerv-tt-2024"\ntitle = "T"\nvalid_from = 2025-01-01\nsource = "call, page 7"\n'
        "verified = true\n[[bands]]\nleast = 25\nmost = 40\neuro = 8455\n",
        encoding="utf-8",
    )
    call = load_calls(tmp_path)["cerv-tt-2024"]
    assert (call.verified, call.bands[0].euro) == (True, 8455)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('call_id = "x"', "title is missing"),
        ("nonsense", "cannot be read"),
        ('call_id = "x"\ntitle = "t"\nvalid_from = 2025-01-01\nsource = "s"\nverified = true\n'
         '[[rules]]\nid = "a"\nindicator = "joy"\nleast = 3\n', "indicator must be one of"),
        ('call_id = "x"\ntitle = "t"\nvalid_from = 2025-01-01\nsource = "s"\nverified = true\n'
         '[[rules]]\nid = "a"\nindicator = "days"\n', "either least or most"),
    ],
)  # fmt: skip
def test_a_wrong_call_is_refused(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "calls").mkdir()
    (tmp_path / "calls" / "mine.toml").write_text(text, encoding="utf-8")
    with pytest.raises(DefinitionError) as caught:
        load_calls(tmp_path)
    assert said in str(caught.value)


# --- parameters ---


def test_parameters_come_with_source_and_date(tmp_path: Path) -> None:
    assert load_parameters(tmp_path) == Parameters()
    (tmp_path / "parameters.toml").write_text(
        '[exchange_rates]\nsource = "central bank"\ndate = 2025-12-31\n'
        "euro_for_one = {CZK = 0.04}\n",
        encoding="utf-8",
    )
    found = load_parameters(tmp_path)
    assert found.rates == {"CZK": 0.04}
    assert found.sources == {"exchange_rates": "central bank (2025-12-31)"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[luck]\nx = 1\n", "unknown section luck"),
        ('[exchange_rates]\ndate = 2025-01-01\neuro_for_one = {CZK = 1}\n', "source is missing"),
        ('[exchange_rates]\nsource = ""\ndate = 2025-01-01\neuro_for_one = {CZK = 1}\n', "blank"),
        ('[exchange_rates]\nsource = "s"\ndate = 2025-01-01\neuro_for_one = {CZK = 0}\n',
         "CZK must be a number above 0"),
        ('[travel_factors]\nsource = "s"\ndate = 2025-01-01\nkg_per_km = {broom = 1}\n', "broom"),
        ('[visitor_spending]\nsource = "s"\ndate = 2025-01-01\nlow = 9\ncentral = 5\nhigh = 8\n'
         "deadweight = 0.1\n", "in this order"),
    ],
)  # fmt: skip
def test_wrong_parameters_are_refused(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "parameters.toml").write_text(text, encoding="utf-8")
    with pytest.raises(DefinitionError) as caught:
        load_parameters(tmp_path)
    assert said in str(caught.value)
