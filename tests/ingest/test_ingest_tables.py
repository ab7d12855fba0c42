"""Registers, activity logs and attendance lists as town halls keep them."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
from planning_data import ACTIVITIES, KEY, lookup, no_mapping, table

from twinimpact.errors import IngestError
from twinimpact.ingest.activities import LOG_SET, activity_rows, held_without_attendance
from twinimpact.ingest.attendance import attendance_rows
from twinimpact.ingest.mapping import parse_mapping
from twinimpact.ingest.registers import partnership_rows, town_rows
from twinimpact.ingest.rows import CheckedRows
from twinimpact.privacy.pseudonym import pseudonym
from twinimpact.schema import TABLES

TOWN_HEADER = ["Ort", "Land", "Einwohner", "lat"]
LOG_HEADER = [
    "Nr.", "Titel", "Datum", "Ende", "Art", "Themen", "Gastgeber", "Teilnehmende", "Stunden",
    "Partnerschaft", "Status", "Kosten", "Währung",
]  # fmt: skip
LOG_ROW = [
    "7", "Chorwochenende", "3.5.2025", "4.5.2025", "Konzert", "Kultur, Jugend; Musik", "Lindau",
    "48", "7,5", "Lindau – Morlaix", "durchgeführt", "1250,50", "€",
]  # fmt: skip


def codes(checked: CheckedRows) -> list[str]:
    return [problem.code for problem in checked.problems]


def adds_up(checked: CheckedRows) -> bool:
    outcomes = len(checked.frame) + sum(checked.excluded.values()) + checked.quarantined
    return outcomes == checked.rows


def log(*rows: list[str], as_of: dt.date | None = None, **constants: str) -> CheckedRows:
    listed = table([LOG_HEADER, *rows])
    return activity_rows(listed, no_mapping(**constants), lookup(), as_of).activities


def changed(**cells: str) -> list[str]:
    return [
        cells.get(name.rstrip("."), cell) for name, cell in zip(LOG_HEADER, LOG_ROW, strict=True)
    ]


# --- registers ---


def test_towns_get_an_id_from_their_name_and_a_country_code() -> None:
    rows = [TOWN_HEADER, ["Bad Münster", "Deutschland", "12000", "47,5"], ["Patra", "EL", "", ""]]
    frame = town_rows(table(rows), no_mapping()).frame
    assert list(frame.columns) == [*TABLES["towns"].names(), "row_hash"]
    assert frame["town_id"].tolist() == ["bad-munster", "patra"]
    assert frame["country"].tolist() == ["DE", "GR"]
    assert frame["population"].tolist() == [12000, pd.NA]
    assert frame["lat"][0] == 47.5


def test_a_town_without_name_or_with_an_unknown_country_is_quarantined() -> None:
    rows = [
        TOWN_HEADER,
        ["", "DE", "", ""],
        ["Utopia", "Nowhere", "", ""],
        ["Ulm", "DE", "12.500", "x"],
    ]
    checked = town_rows(table(rows), no_mapping())
    assert sorted(codes(checked)) == [
        "table_bad_count", "table_bad_number", "table_blank", "table_unknown_country",
    ]  # fmt: skip
    assert checked.quarantined == 2
    assert adds_up(checked)


def test_a_title_line_above_the_table_is_passed_over_and_row_numbers_stay() -> None:
    rows = [["Städte 2025", "", "", ""], TOWN_HEADER, ["Ulm", "??", "", ""]]
    checked = town_rows(table(rows), no_mapping())
    assert [problem.row for problem in checked.problems] == [3]


def test_equal_rows_are_duplicates_and_contradicting_ones_a_conflict() -> None:
    rows = [
        TOWN_HEADER,
        *[["Ulm", "DE", "1", ""]] * 2,
        ["Bern", "CH", "1", ""],
        ["Bern", "CH", "2", ""],
    ]
    checked = town_rows(table(rows), no_mapping())
    assert checked.excluded == {"duplicate": 1}
    assert checked.quarantined == 2
    assert codes(checked) == ["table_conflict"] * 2
    assert adds_up(checked)


def test_partnerships_name_their_towns_by_id_or_name() -> None:
    header = ["Stadt", "Partnerstadt", "Vergleichsstadt", "Form", "seit", "Ziele", "Status"]
    rows = [
        header,
        ["Lindau", "mor", "Vergleichsdorf", "formell", "1987", "Jugend; Versöhnung", "aktiv"],
    ]
    frame = partnership_rows(table(rows), no_mapping(), lookup()).frame
    row = frame.iloc[0]
    assert (row["partnership_id"], row["name"]) == ("lin-mor", "Lindau – mor")
    assert (row["town_a"], row["town_b"], row["comparison_towns"]) == ("lin", "mor", "ver")
    assert (row["form"], row["date_signed"], row["status"]) == ("formal", "1987", "active")
    assert row["aims"] == "youth;reconciliation"


def test_a_partnership_of_an_unknown_town_is_quarantined() -> None:
    header = ["town_a", "town_b", "date_signed"]
    rows = [header, ["Lindau", "Atlantis", "12.3.1987"], ["Lindau", "Morlaix", "long ago"]]
    checked = partnership_rows(table(rows), no_mapping(), lookup())
    assert codes(checked) == ["table_unknown_town", "table_bad_date"]
    assert checked.quarantined == 1
    assert adds_up(checked)


def test_a_file_without_the_table_is_refused_in_words() -> None:
    with pytest.raises(IngestError, match="No table of towns") as caught:
        town_rows(table([["a", "b"], ["1", "2"]]), no_mapping())
    assert "columns for name and country" in str(caught.value)


# --- activity logs ---


def test_a_german_log_with_decimal_commas_and_day_first_dates_is_read() -> None:
    checked = log(LOG_ROW)
    assert codes(checked) == []
    row = checked.frame.iloc[0]
    assert row["activity_id"] == "lin-mor-7"
    assert (str(row["start_date"].date()), str(row["end_date"].date())) == (
        "2025-05-03",
        "2025-05-04",
    )
    assert (row["type"], row["status"], row["host_town_id"]) == ("concert", "held", "lin")
    assert row["themes"] == "culture;youth"
    assert (row["hours"], row["cost_total"], row["currency"]) == (7.5, 1250.5, "EUR")
    assert list(checked.frame.columns) == [*TABLES["activities"].names(), "row_hash"]


def test_the_number_of_people_in_a_log_becomes_a_head_count() -> None:
    made = activity_rows(table([LOG_HEADER, LOG_ROW]), no_mapping(), lookup())
    assert made.counts.frame[
        ["activity_id", "row_key", "count", "margin_set"]
    ].to_numpy().tolist() == [["lin-mor-7", LOG_SET, 48, LOG_SET]]
    assert made.counts.rows == 1


def test_people_expected_at_a_planned_event_are_not_counted_as_attendance() -> None:
    made = activity_rows(table([LOG_HEADER, changed(Status="geplant")]), no_mapping(), lookup())
    assert made.activities.frame["planned_participants"].tolist() == [48]
    assert made.counts.rows == 0


def test_the_head_count_of_a_quarantined_event_is_left_out_and_counted() -> None:
    row = changed(Datum="soon")
    made = activity_rows(table([LOG_HEADER, row]), no_mapping(), lookup())
    assert made.counts.excluded == {"event_not_stored": 1}
    assert adds_up(made.counts)


def test_an_event_without_a_status_is_planned_after_the_day_of_the_evaluation() -> None:
    rows = [changed(Status=""), changed(Nr="8", Status="", Datum="3.5.2026", Ende="")]
    frame = log(*rows, as_of=dt.date(2025, 12, 31)).frame
    assert frame["status"].tolist() == ["held", "planned"]


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"Datum": "31.2.2025"}, "table_bad_date"),
        ({"Titel": ""}, "table_blank"),
        ({"Ende": "1.5.2025"}, "activities_end_before_start"),
        ({"Partnerschaft": "Atlantis"}, "table_unknown_partnership"),
        ({"Status": "who knows"}, "table_unknown_option"),
    ],
)
def test_an_event_that_cannot_be_placed_is_quarantined(cells: dict[str, str], code: str) -> None:
    checked = log(changed(**cells))
    assert codes(checked) == [code]
    assert checked.quarantined == 1
    assert checked.problems[0].row == 2


@pytest.mark.parametrize(
    ("cells", "code", "column"),
    [
        ({"Stunden": "viele"}, "table_bad_number", "hours"),
        ({"Gastgeber": "Atlantis"}, "table_unknown_town", "host_town_id"),
        ({"Währung": ""}, "activities_cost_without_currency", "cost_total"),
        ({"Themen": "Kultur; Unfug"}, "table_unknown_option", "cerv_type"),
    ],
)
def test_a_bad_cell_is_left_blank_and_the_event_stays(
    cells: dict[str, str], code: str, column: str
) -> None:
    checked = log(changed(**cells))
    assert codes(checked) == [code]
    assert pd.isna(checked.frame[column][0])


def test_an_indirect_audience_needs_its_method() -> None:
    header = ["title", "date", "indirect reach", "indirect method"]
    rows = [header, ["A", "2025-01-01", "900", ""], ["B", "2025-01-01", "900", "radio survey"]]
    checked = activity_rows(table(rows), no_mapping(partnership="lin-mor"), lookup()).activities
    assert codes(checked) == ["activities_reach_without_method"]
    assert checked.problems[0].severity == "error"
    assert checked.frame["indirect_reach"].tolist() == [pd.NA, 900]


def test_an_event_listed_twice_is_suspected_and_one_without_attendance_too() -> None:
    checked = log(LOG_ROW, changed(Nr="8"))
    assert codes(checked) == ["activities_look_alike"]
    counted = pd.DataFrame({"activity_id": ["lin-mor-7"]})
    found = held_without_attendance(checked.frame, counted, "log.csv")
    assert [(p.code, p.severity, p.expected) for p in found] == [
        ("activities_no_attendance", "warning", "lin-mor-8")
    ]


def test_without_a_number_column_the_id_follows_from_the_content() -> None:
    header, row = ["title", "date"], ["Choir", "2025-05-03"]
    made = [
        activity_rows(table([header, *rows]), no_mapping(partnership="lin-mor"), lookup())
        for rows in ([row], [["Other", "2025-01-01"], row])
    ]
    first, second = (set(one.activities.frame["activity_id"]) for one in made)
    assert first < second


def test_a_mapping_file_can_name_unusual_columns_and_options() -> None:
    content = {
        "constants": {"partnership": "lin-mor"},
        "columns": {"title": "Was", "start_date": "Wann", "type": "Wie"},
        "values": {"type": {"Hock": "festival_cultural"}},
    }
    mapping = parse_mapping(content, "map.toml", "activities")
    rows = [["Was", "Wann", "Wie"], ["Sommerfest", "3.5.2025", "Hock"]]
    frame = activity_rows(table(rows), mapping, lookup()).activities.frame
    assert frame["type"].tolist() == ["festival_cultural"]


# --- attendance ---

PEOPLE = ["Veranstaltung", "Teilnehmer-ID", "anwesend", "Wohnort", "Geschlecht", "Alter", "Rolle"]


def people(*rows: list[str]) -> CheckedRows:
    return attendance_rows(table([PEOPLE, *rows]), no_mapping(), lookup(), KEY)


def counts(header: list[str], *rows: list[str]) -> CheckedRows:
    return attendance_rows(table([header, *rows]), no_mapping(), lookup(), KEY)


def test_people_become_pseudonyms_that_equal_those_of_survey_tokens() -> None:
    checked = people(["Choir weekend", "anna@example.org", "ja", "Morlaix", "w", "34", "Verein"])
    row = checked.frame.iloc[0]
    assert row["participant_id"] == pseudonym(KEY, "participant", "anna@example.org")
    assert row["row_key"] == row["participant_id"]
    assert (row["activity_id"], row["count"], row["attended"]) == ("lin-mor-1", 1, True)
    assert (row["town_id"], row["country"], row["age_band"]) == ("mor", "FR", "30-44")
    assert "anna" not in checked.frame.to_csv()


def test_an_empty_check_in_means_registered_only() -> None:
    checked = people(
        ["fest", "a", "", "", "", "", ""], ["fest", "b", "2025-06-01 10:00", "", "", "", ""],
        ["fest", "c", "perhaps", "", "", "", ""],
    )  # fmt: skip
    assert checked.frame["attended"].tolist() == [False, True, False]
    assert codes(checked) == ["table_unknown_option"]


def test_a_person_twice_at_an_event_is_a_duplicate_or_a_conflict_without_showing_who() -> None:
    row = ["fest", "anna", "ja", "", "w", "", ""]
    assert people(row, row).excluded == {"duplicate": 1}
    checked = people(row, ["fest", "anna", "ja", "", "m", "", ""])
    assert checked.quarantined == 2
    assert "anna" not in " ".join(map(str, checked.problems))


def test_head_counts_keep_their_identity_when_the_number_changes() -> None:
    header = ["event", "number", "country", "set"]
    first = counts(header, ["fest", "20", "DE", "country"], ["fest", "10", "FR", "country"])
    later = counts(header, ["fest", "11", "FR", "country"], ["fest", "20", "DE", "country"])
    assert set(first.frame["row_key"]) == set(later.frame["row_key"])
    assert first.frame["participant_id"].isna().all()
    assert first.frame["count"].tolist() == [20, 10]


def test_margin_sets_of_an_event_must_have_one_total() -> None:
    header = ["event", "number", "country", "gender", "set"]
    rows = [
        ["fest", "20", "DE", "", "c"],
        ["fest", "10", "FR", "", "c"],
        ["fest", "30", "", "f", "g"],
    ]
    assert codes(counts(header, *rows)) == []
    rows[2][1] = "31"
    checked = counts(header, *rows)
    assert codes(checked) == ["attendance_margins_differ"] * 3
    assert checked.problems[0].expected == "c 30, g 31"
    assert checked.quarantined == 3
    assert adds_up(checked)


@pytest.mark.parametrize(
    ("header", "row", "code"),
    [
        (["event", "number"], ["Atlantis", "3"], "attendance_unknown_activity"),
        (["event", "number"], ["fest", "0"], "attendance_bad_count"),
        (["event", "number"], ["fest", ""], "table_blank"),
        (["event", "number", "registered"], ["fest", "5", "4"], "attendance_more_than_registered"),
        (["event", "participant", "number"], ["fest", "a", "2"], "attendance_person_count"),
    ],
)
def test_a_row_that_counts_nobody_or_too_many_is_quarantined(
    header: list[str], row: list[str], code: str
) -> None:
    checked = counts(header, row)
    assert codes(checked) == [code]
    assert checked.quarantined == 1


def test_a_title_that_two_events_share_must_be_told_apart() -> None:
    twice = ACTIVITIES.assign(title="Town festival")
    from planning_data import PARTNERSHIPS, TOWNS

    from twinimpact.ingest.rows import build_lookup

    known = build_lookup([], TOWNS, PARTNERSHIPS, twice)
    rows = table([["event", "number"], ["Town festival", "3"]])
    checked = attendance_rows(rows, no_mapping(), known, KEY)
    assert codes(checked) == ["attendance_unclear_activity"]


def test_an_unknown_home_town_is_left_blank() -> None:
    checked = people(["fest", "a", "ja", "Atlantis", "", "", ""])
    assert codes(checked) == ["table_unknown_town"]
    assert pd.isna(checked.frame["town_id"][0])


def test_a_bare_event_number_is_found_within_its_partnership() -> None:
    checked = counts(["event", "number"], ["1", "12"])
    assert checked.frame["activity_id"].tolist() == ["lin-mor-1"]
