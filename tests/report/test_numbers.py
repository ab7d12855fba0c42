import datetime as dt

import pytest

from twinimpact.language import translator
from twinimpact.report.content import ColumnSpec, Table, Withheld
from twinimpact.report.numbers import cell_text, number_format, table_note

EN, DE, FR = translator("en"), translator("de"), translator("fr")


def column(role, decimals=0):
    return ColumnSpec(key="x", label="X", role=role, decimals=decimals)


@pytest.mark.parametrize(
    ("value", "role", "decimals", "language", "text"),
    [
        (1234567, "count", 0, EN, "1,234,567"),
        (1234567, "count", 0, FR, "1\u202f234\u202f567"),
        (-0.44, "signed", 1, EN, "−0.4"),
        (2.5, "signed", 1, DE, "+2,5"),
        (0.0, "signed", 1, EN, "0.0"),
        (0.4924, "percent", 1, DE, "49,2\u00a0%"),
        (0.00002, "p", 0, EN, "<\u00a00.001"),
        (0.2624, "p", 0, EN, "0.262"),
        (12.345, "number", 2, DE, "12,35"),
        ("Linz", "text", 0, EN, "Linz"),
        ("2026", "date", 0, EN, "2026"),
        (True, "text", 0, EN, "yes"),
    ],
)
def test_role_decimals_and_language_decide_the_text(value, role, decimals, language, text):
    assert cell_text(value, column(role, decimals), language) == text


def test_dates_come_from_dates_and_from_iso_text():
    day = dt.date(2026, 5, 14)
    assert cell_text(day, column("date"), DE) == cell_text("2026-05-14", column("date"), DE)
    assert cell_text(day, column("date"), DE) == "14.05.2026"


def test_hidden_and_missing_values_are_words_in_every_role():
    for role in ("text", "count", "number", "signed", "percent", "p", "date"):
        assert cell_text(Withheld(), column(role), EN) == "hidden"
        assert cell_text(None, column(role), EN) == "not available"
        assert cell_text(float("nan"), column(role), EN) == "not available"
    assert cell_text(Withheld(reason="descriptive"), column("p"), EN) == "described only"
    assert cell_text(Withheld(reason="a_new_word"), column("p"), EN) == "not available"


def test_the_word_hidden_is_explained_unless_the_author_does():
    def note(value, own=""):
        table = Table(
            id="tab-abc", caption="c", columns=(column("count"),), rows=({"x": value},), note=own
        )
        return table_note(table, EN)

    assert "not shown" in note(Withheld())
    assert note(Withheld(), "Own words.") == "Own words."
    assert note(None) == ""


def test_spreadsheet_formats_follow_the_role():
    assert number_format(column("percent", 1)) == "0.0%"
    assert number_format(column("count")) == "#,##0"
    assert number_format(column("text")) == "General"
