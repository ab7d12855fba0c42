"""The four counts stay apart; margins are never added; unknown is never 0."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import pytest
from log_data import AS_OF, LINK, event, heads, log, people, table, worked_example

from twinimpact.measures import reach
from twinimpact.measures.attendance import activity_log, present_by
from twinimpact.schema import RESULT_COLUMNS


def select(found: pd.DataFrame, where: dict[str, str]) -> pd.DataFrame:
    where = {"partnership": "lin-elb", "dimension": "", "estimand": "total"} | where
    for column, value in where.items():
        found = found[found[column] == value]
    return found


def one(found: pd.DataFrame, outcome: str, **where: str) -> pd.Series:
    rows = select(found, {"outcome": outcome} | where)
    assert len(rows) == 1
    return rows.iloc[0]


def groups(found: pd.DataFrame, outcome: str, dimension: str, **where: str) -> dict[str, float]:
    rows = select(found, {"outcome": outcome, "dimension": dimension} | where)
    return dict(zip(rows["group"], rows["estimate"], strict=True))


@pytest.fixture(scope="module")
def example() -> pd.DataFrame:
    return reach(*worked_example(), AS_OF)


@pytest.mark.parametrize("partnership", ["lin-elb", "*"])
def test_the_worked_example_keeps_the_four_counts_apart(
    example: pd.DataFrame, partnership: str
) -> None:
    where = {"partnership": partnership}
    assert one(example, "R03", **where)["estimate"] == 380
    unique = one(example, "R04", **where)
    assert np.isnan(unique["estimate"])
    assert (unique["status"], unique["note"]) == ("not_available", "head_counts")
    assert one(example, "R04", estimand="listed", **where)["estimate"] == 68
    assert one(example, "R04", estimand="lower_bound", **where)["estimate"] == 300
    assert one(example, "R04", estimand="upper_bound", **where)["estimate"] == 368
    days = one(example, "R13", **where)
    assert days["estimate"] == 200
    assert "lists_only" in days["note"]
    assert groups(example, "R13", "evidence", **where) == {"count": 300}
    assert groups(example, "R18", "cerv_type", **where) == {"awareness": 300, "mutual_learning": 80}
    indirect = one(example, "R17", **where)
    assert (indirect["estimate"], indirect["note"]) == (8000, "declared_estimate")
    assert one(example, "R02", **where)["estimate"] == 5


def test_lists_alone_give_unique_people_and_the_cerv_numbers_of_event_a() -> None:
    activities, attendance, towns, links = worked_example()
    without_c = activities[activities["activity_id"] != "C"]
    found = reach(without_c, attendance, towns, links, AS_OF)
    assert one(found, "R04")["estimate"] == 68
    assert set(found.loc[found["outcome"] == "R04", "estimand"]) == {"total"}
    assert groups(found, "R04", "town") == {"elb": 36, "lin": 32}
    assert groups(found, "R03", "town") == {"elb": 36, "lin": 44}
    assert groups(found, "R03", "activity") == {"A": 60, "B": 20}
    assert one(found, "R05")["estimate"] == 36
    assert one(found, "R06")["estimate"] == 44


def test_every_row_is_in_the_glossary_and_dated(example: pd.DataFrame) -> None:
    assert list(example.columns) == list(RESULT_COLUMNS)
    assert set(example["as_of"]) == {"2025-12-31"}
    hidden = example["status"] != "ok"
    assert example.loc[hidden, "estimate"].isna().all()
    assert (example.loc[hidden, "note"] != "").all()


def test_the_counts_of_a_dimension_add_up_to_the_participations(example: pd.DataFrame) -> None:
    for dimension in ("country", "gender", "age_band", "role", "town"):
        assert sum(groups(example, "R03", dimension).values()) == 380
    assert groups(example, "R03", "country") == {"DE": 44, "FR": 36, "unknown": 300}
    assert groups(example, "R03", "gender") == {"undisclosed": 380}


def margins() -> list[dict[str, Any]]:
    return [
        heads("F", "1", 120, margin_set="g", gender="female"),
        heads("F", "2", 70, margin_set="g", gender="male"),
        heads("F", "3", 10, margin_set="g", gender="undisclosed"),
        heads("F", "4", 150, margin_set="c", country="DE"),
        heads("F", "5", 50, margin_set="c", country="FR"),
    ]


def test_margin_sets_of_one_event_are_never_added() -> None:
    rows = [*margins(), *people("F", 1, 5, gender="male", country="FR")]
    found = reach(*log([event("F", "2025-06-01")], rows), AS_OF)
    assert one(found, "R03")["estimate"] == 205
    assert groups(found, "R03", "gender") == {"female": 120, "male": 75, "undisclosed": 10}
    assert groups(found, "R03", "country") == {"DE": 150, "FR": 55}
    assert groups(found, "R03", "age_band") == {"undisclosed": 205}
    assert one(found, "R03")["note"] == ""


def test_margin_sets_that_disagree_count_with_the_larger_total_and_are_flagged() -> None:
    rows = [*margins(), heads("F", "6", 20, margin_set="c", country="IT")]
    found = reach(*log([event("F", "2025-06-01")], rows), AS_OF)
    assert one(found, "R03")["estimate"] == 220
    assert "margins_differ" in one(found, "R03")["note"]
    genders = groups(found, "R03", "gender")
    assert genders == {"female": 120, "male": 70, "undisclosed": 30}


def test_only_held_events_and_attended_rows_count() -> None:
    events = [
        event("A", "2025-05-01"),
        event("B", "2025-05-02", status="planned"),
        event("C", "2025-05-03", status="cancelled"),
        event("D", "2026-05-03"),
    ]
    rows = [
        *people("A", 1, 10),
        *people("A", 11, 14, attended=False),
        *people("A", 15, 16, attended=None, evidence="registration"),
        *people("B", 1, 9),
        *people("C", 1, 9),
        *people("D", 1, 9),
    ]
    found = reach(*log(events, rows), AS_OF)
    assert one(found, "R03")["estimate"] == 10
    for estimand, count in (("held", 1), ("planned", 1), ("cancelled", 1)):
        assert one(found, "R01", estimand=estimand)["estimate"] == count


def test_a_list_without_a_word_on_attendance_counts_and_says_so() -> None:
    found = reach(*log([event("A", "2025-05-01")], people("A", 1, 10, attended=None)), AS_OF)
    assert one(found, "R03")["estimate"] == 10
    assert one(found, "R03")["note"] == "attended_assumed"


def test_the_same_person_twice_on_a_list_is_one_participation() -> None:
    rows = [*people("A", 1, 5), *(row | {"row_key": "again"} for row in people("A", 1, 1))]
    found = reach(*log([event("A", "2025-05-01")], rows), AS_OF)
    assert one(found, "R03")["estimate"] == 5


def test_an_event_without_attendance_leaves_the_upper_bound_open() -> None:
    events = [event("A", "2025-05-01"), event("B", "2025-05-02")]
    found = reach(*log(events, people("A", 1, 10)), AS_OF)
    total = one(found, "R03")
    assert (total["estimate"], total["missing"]) == (10, 1)
    assert total["note"] == "events_without_attendance"
    assert one(found, "R04")["status"] == "not_available"
    assert one(found, "R04", estimand="lower_bound")["estimate"] == 10
    assert one(found, "R04", estimand="upper_bound")["status"] == "not_available"
    per_event = select(found, {"outcome": "R03", "dimension": "activity"}).set_index("group")
    assert per_event.loc["B", "status"] == "not_available"


def test_shares_are_over_those_whose_value_is_known() -> None:
    rows = [
        *people("A", 1, 3, role="elected_official", age_band="45-64"),
        *people("A", 4, 4, role="municipal_staff", age_band="18-29"),
        *people("A", 5, 8, role="citizen", age_band="14-17"),
        *people("A", 9, 10, role="undisclosed"),
    ]
    found = reach(*log([event("A", "2025-05-01")], rows), AS_OF)
    officials, young = one(found, "R11", estimand="share"), one(found, "R09Y", estimand="share")
    assert (officials["estimate"], officials["denominator"], officials["missing"]) == (0.5, 8, 2)
    assert officials["note"] == "role_partly_unknown"
    assert young["estimate"] == pytest.approx(5 / 8)
    assert np.isnan(officials["conf_low"])


def test_modes_are_shares_of_participations() -> None:
    events = [event("A", "2025-05-01"), event("B", "2025-05-02", mode="online")]
    found = reach(*log(events, [*people("A", 1, 30), *people("B", 1, 10)]), AS_OF)
    assert groups(found, "R16", "mode", estimand="share") == {"in_person": 0.75, "online": 0.25}


def test_guests_are_people_of_member_towns_from_another_country_than_the_hosts() -> None:
    rows = [
        *people("A", 1, 5, town_id="elb"),
        *people("A", 6, 9, town_id="lin"),
        *people("A", 10, 12, town_id="far"),
        *people("A", 13, 14, country="FR"),
        *people("A", 15, 15),
    ]
    found = reach(*log([event("A", "2025-05-01")], rows), AS_OF)
    guests = one(found, "R05")
    assert (guests["estimate"], guests["missing"]) == (7, 1)
    assert guests["note"] == "place_partly_unknown;town_unknown"
    assert one(found, "R06")["estimate"] == 4
    assert one(found, "R14", estimand="towns")["estimate"] == 3
    assert one(found, "R14", estimand="countries")["estimate"] == 3


def test_without_a_host_town_guests_are_not_available() -> None:
    events = [event("A", "2025-05-01", host_town_id=None)]
    found = reach(*log(events, people("A", 1, 5, town_id="elb")), AS_OF)
    assert one(found, "R05")["status"] == "not_available"
    assert one(found, "R05")["note"] == "place_unknown"


def test_an_indirect_reach_without_a_method_is_left_out_and_counted() -> None:
    events = [event("A", "2025-05-01", indirect_reach=900)]
    found = reach(*log(events, people("A", 1, 5)), AS_OF)
    indirect = one(found, "R17")
    assert (indirect["status"], indirect["missing"]) == ("not_available", 1)
    assert indirect["note"] == "reach_without_method"


def test_blank_days_are_those_of_the_event_and_flagged() -> None:
    events = [event("A", "2025-05-01", end_date="2025-05-04")]
    rows = [*people("A", 1, 2), *people("A", 3, 3, days=1.5)]
    days = one(reach(*log(events, rows), AS_OF), "R13")
    assert (days["estimate"], days["missing"], days["note"]) == (9.5, 2, "days_assumed")
    open_end = [event("A", "2025-05-01", end_date=None)]
    found = one(reach(*log(open_end, rows), AS_OF), "R02")
    assert (found["estimate"], found["note"]) == (1, "end_date_assumed")


def test_a_partnership_without_activities_is_not_available_everywhere() -> None:
    quiet = dict(LINK) | {"partnership_id": "quiet"}
    found = reach(*log([event("A", "2025-05-01")], people("A", 1, 5), [LINK, quiet]), AS_OF)
    rows = found[found["partnership"] == "quiet"]
    assert set(rows["status"]) == {"not_available"}
    assert set(rows["note"]) == {"no_activities"}
    assert rows["estimate"].isna().all()


def test_only_planned_events_give_zero_held_and_no_people() -> None:
    found = reach(*log([event("A", "2025-05-01", status="planned")], []), AS_OF)
    assert one(found, "R01", estimand="held")["estimate"] == 0
    assert one(found, "R03")["note"] == "no_held_events"


def test_a_blank_status_is_not_held_and_said() -> None:
    found = reach(*log([event("A", "2025-05-01", status=None)], people("A", 1, 5)), AS_OF)
    held = one(found, "R01", estimand="held")
    assert (held["estimate"], held["missing"], held["note"]) == (0, 1, "status_unknown")


def test_the_programme_counts_a_person_of_two_partnerships_once() -> None:
    other = dict(LINK) | {"partnership_id": "lin-far", "town_b": "far"}
    events = [event("A", "2025-05-01"), event("B", "2025-06-01", partnership_id="lin-far")]
    found = reach(*log(events, [*people("A", 1, 10), *people("B", 6, 15)], [LINK, other]), AS_OF)
    assert one(found, "R04", partnership="*")["estimate"] == 15
    assert one(found, "R03", partnership="*")["estimate"] == 20
    assert one(found, "R04", partnership="lin-far")["estimate"] == 10


def test_empty_tables_give_not_available_rows_for_the_programme() -> None:
    for frames in (log([], [], []), (pd.DataFrame(),) * 4):
        found = reach(*frames, AS_OF)
        assert set(found["partnership"]) == {"*"}
        assert set(found["note"]) == {"no_activities"}


def test_row_order_and_index_change_nothing_and_inputs_stay_as_they_are() -> None:
    frames = worked_example()
    copies = [frame.copy(deep=True) for frame in frames]
    table_one = reach(*frames, AS_OF)
    shuffled = [frame.sample(frac=1, random_state=4) for frame in frames]
    pd.testing.assert_frame_equal(reach(*shuffled, AS_OF), table_one)  # type: ignore[arg-type]
    for frame, copy in zip(frames, copies, strict=True):
        pd.testing.assert_frame_equal(frame, copy)


def test_people_left_out_by_a_margin_set_are_kept_as_unknown() -> None:
    events = table("activities", [event("F", "2025-06-01")])
    rows = table("attendance", [heads("F", "1", 50, margin_set="g", gender="female"),
                                heads("F", "2", 80, margin_set="t")])  # fmt: skip
    towns, day = table("towns", []), pd.Timestamp(dt.date(2025, 12, 31))
    present = present_by(activity_log(events, rows, towns, day), "gender")
    assert present["count"].sum() == 80
    assert present.loc[present["gender"].isna(), "count"].tolist() == [30]
