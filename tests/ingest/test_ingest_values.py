"""Dates, numbers, ages, countries, options and headers as they stand in real files."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twinimpact import entities as e
from twinimpact.ingest.synonyms import HEADERS, OPTIONS, allowed, header, option
from twinimpact.ingest.values import (
    band_of_age,
    country_code,
    date_order,
    decimal_mark,
    fold,
    fold_label,
    language_code,
    parse_age_band,
    parse_date,
    parse_integer,
    parse_number,
    slug,
)
from twinimpact.schema import TABLES


@pytest.mark.parametrize(
    ("text", "order", "expected"),
    [
        ("2025-05-03", "iso", "2025-05-03"),
        ("2020/06/05 11:34:01 AM EST", "iso", "2020-06-05"),
        ("3.5.2025", "iso", "2025-05-03"),
        ("03/04/2025", "day-first", "2025-04-03"),
        ("03/04/2025", "month-first", "2025-03-04"),
        ("7/2/25 11:00:22", "month-first", "2025-07-02"),
        ("Apr 26, 2018 8:58:20 AM", "iso", "2018-04-26"),
        ("3. Mai 2025", "iso", "2025-05-03"),
        ("5 května 2024", "iso", "2024-05-05"),
        ("26 de abril de 2018", "iso", "2018-04-26"),
        ("45779.4", "iso", "2025-05-02"),
        ("04/04/2025", "iso", "2025-04-04"),
    ],
)
def test_dates_of_many_programs_are_read(text: str, order: str, expected: str) -> None:
    assert parse_date(text, order) == dt.date.fromisoformat(expected)


@pytest.mark.parametrize("text", ["", "03/04/2025", "2025-02-30", "31.2.2025", "soon", "12"])
def test_a_date_that_could_be_two_days_or_none_is_not_read(text: str) -> None:
    assert parse_date(text, "iso") is None


def test_the_order_of_a_column_is_decided_by_impossible_values() -> None:
    assert date_order(["03/04/2025", "25/04/2025"]) == "day-first"
    assert date_order(["03/04/2025", "04/25/2025"]) == "month-first"
    assert date_order(["25/04/2025", "04/25/2025"]) == "mixed"
    assert date_order(["03/04/2025", ""]) == ""
    assert date_order(["2025-03-04", "04/04/2025"]) == "iso"
    assert date_order(["03.04.2025"]) == "day-first"


@given(st.dates(min_value=dt.date(1971, 1, 1), max_value=dt.date(2068, 12, 31)))
def test_every_day_survives_each_way_of_writing_it(day: dt.date) -> None:
    assert parse_date(day.isoformat()) == day
    assert parse_date(f"{day.day}.{day.month}.{day.year}") == day
    assert parse_date(f"{day.day:02d}/{day.month:02d}/{day.year}", "day-first") == day
    assert parse_date(f"{day.month}/{day.day}/{day.year % 100:02d}", "month-first") == day


def test_the_decimal_mark_is_decided_per_column() -> None:
    assert decimal_mark(["2,5", "3"]) == ","
    assert decimal_mark(["2.5", "3"]) == "."
    assert decimal_mark(["1.234,5"]) == "mixed"
    assert parse_number("2,5", ",") == 2.5
    assert parse_number("2,5", ".") is None
    assert parse_number("1.234,5", ",") is None
    assert parse_integer("12.0") == 12
    assert parse_integer("12.500") is None


@given(st.decimals(min_value=-9999, max_value=9999, places=2, allow_nan=False))
def test_a_number_with_a_comma_equals_the_one_with_a_point(value: object) -> None:
    text = str(value)
    assert parse_number(text.replace(".", ","), ",") == float(text)


@pytest.mark.parametrize(
    ("text", "band"),
    [
        ("18-29", "18-29"),
        ("18 bis 29", "18-29"),
        ("60–64", "45-64"),
        ("75+", "75+"),
        ("75 und älter", "75+"),
        ("unter 14", "<14"),
        ("<14", "<14"),
        ("34", "30-44"),
        ("15-24", ""),
        ("65 or older", ""),
        ("adult", ""),
    ],
)
def test_an_age_counts_only_when_it_lies_inside_one_band(text: str, band: str) -> None:
    assert parse_age_band(text) == band


def test_every_age_has_one_band() -> None:
    assert {band_of_age(age) for age in range(131)} == set(e.AGE_BANDS) - {"undisclosed"}
    assert band_of_age(131) == ""


def test_countries_are_read_as_code_or_name_and_greece_and_britain_are_mended() -> None:
    listed = ["EL", "UK", "Deutschland", "Czechia", "Polska", "at", "Nowhere"]
    assert [country_code(text) for text in listed] == ["GR", "GB", "DE", "CZ", "PL", "AT", ""]


def test_languages_are_read_as_code_or_name() -> None:
    listed = ["de", "de_AT", "Deutsch", "français", "Czech", "gibberish"]
    assert [language_code(text) for text in listed] == ["de", "de-at", "de", "fr", "cs", ""]


def test_labels_differ_neither_by_case_nor_spaces_nor_quotes() -> None:
    assert fold_label("  Don\u2019t   KNOW ") == "don't know"
    assert fold("Teilnehmer-ID (Nr.)") == "teilnehmer id nr"
    assert slug("Bad Münster") == "bad-munster"


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("Datum", "start_date"),
        ("Titel", "title"),
        ("Art", "type"),
        ("Themen", "themes"),
        ("Gastgeber", "host_town_id"),
        ("Teilnehmende", "participants"),
        ("Stunden", "hours"),
        ("Partnerschaft", "partnership_id"),
        ("Status", "status"),
        ("Kosten (EUR)", "cost_total"),
        ("activity_id", "activity_id"),
        ("Planned participants", "planned_participants"),
        ("unheard of", ""),
    ],
)
def test_headers_of_an_activity_log_are_known_in_german_and_english(name: str, role: str) -> None:
    assert header("activities", name) == role


@pytest.mark.parametrize("kind", ["towns", "partnerships", "activities", "attendance"])
def test_every_canonical_name_is_its_own_header(kind: str) -> None:
    names = set(TABLES[kind].names()) - {"row_key"}
    assert {name: header(kind, name) for name in names} == {name: name for name in names}
    assert set(HEADERS[kind]) >= names


@pytest.mark.parametrize("field", sorted(OPTIONS))
def test_every_canonical_option_is_its_own_label(field: str) -> None:
    for value in allowed(field):
        assert option(field, value) == value
        assert option(field, value.replace("_", " ").upper()) == value
    assert set(OPTIONS[field]) <= set(allowed(field))


@pytest.mark.parametrize(
    ("field", "label", "value"),
    [
        ("gender", "weiblich", "female"),
        ("role", "Verein", "association"),
        ("type", "Schüleraustausch", "school_exchange"),
        ("status", "durchgeführt", "held"),
        ("mode", "vor Ort", "in_person"),
        ("themes", "Gleichstellung", "equality"),
        ("age_band", "keine Angabe", "undisclosed"),
        ("flag", "✓", "yes"),
        ("flag", "maybe", ""),
    ],
)
def test_options_are_known_in_german(field: str, label: str, value: str) -> None:
    assert option(field, label) == value
