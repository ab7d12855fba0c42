import datetime as dt
import zipfile

import openpyxl
import pytest
from report_samples import ALT, FORMULA, HOSTILE, chart, document

from twinimpact.language import translator
from twinimpact.report.content import Withheld
from twinimpact.report.text import clean_text
from twinimpact.report.workbook import _headers, _plain_bars, _sheet_names, write_workbook

EN = translator("en")


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    path = tmp_path_factory.mktemp("xlsx") / "a.xlsx"
    write_workbook(document(), EN, path)
    return path


def test_first_a_sheet_to_read_then_one_per_table_and_chart(sample):
    book = openpyxl.load_workbook(sample)
    assert book.sheetnames == ["Read me", "tab-reach", "fig-participation"]
    first = [row for row in book["Read me"].iter_rows(values_only=True) if row[0]]
    assert ("Data snapshot", "7c2e91") in first
    assert ("tab-reach", "Reach of the partnership") in first


def test_numbers_are_numbers_dates_are_dates_and_hidden_cells_are_words(sample):
    sheet = openpyxl.load_workbook(sample)["tab-reach"]
    events, people = sheet[5], sheet[6]
    assert [cell.value for cell in events[:5]] == ["Events", 1234, 0.4924, -0.4, 0.00002]
    assert events[5].value == dt.datetime(2026, 5, 14)
    assert events[2].number_format == "0.0%"
    assert [cell.value for cell in people] == [
        "People", "hidden", "not available", 2.5, "described only", "2026",
    ]  # fmt: skip


def test_tables_are_real_with_a_frozen_header(sample):
    sheet = openpyxl.load_workbook(sample)["tab-reach"]
    assert [table.ref for table in sheet.tables.values()] == ["A4:F6"]
    assert sheet.freeze_panes == "B5"


def test_a_plain_bar_chart_is_drawn_natively_with_its_words(sample):
    with zipfile.ZipFile(sample) as archive:
        drawing = archive.read("xl/drawings/drawing1.xml").decode()
    assert f'descr="{ALT}"' in drawing


def test_charts_that_are_not_plain_bars_stay_tables():
    assert _plain_bars(chart()) == [1]
    line = {"data": [{"type": "scatter", "x": [1], "y": [2]}], "layout": {}}
    assert _plain_bars(chart(figure=line)) == []
    rows = ({"town": "Linz", "n": Withheld()},)
    data = type(chart().data)(id="tab-x-y-z", caption="c", columns=chart().data.columns, rows=rows)
    assert _plain_bars(chart(data=data)) == []


def test_hostile_text_is_no_formula_and_no_link(tmp_path):
    path = tmp_path / "h.xlsx"
    write_workbook(document(clean_text(HOSTILE)), EN, path)
    book = openpyxl.load_workbook(path)
    values = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert FORMULA in [cell.value for cell in values]
    assert {cell.data_type for cell in values} <= {"s", "n", "d"}
    assert all(cell.hyperlink is None for cell in values)
    with zipfile.ZipFile(path) as archive:
        sheets = [archive.read(n).decode() for n in archive.namelist() if "/worksheets/sheet" in n]
    assert all("<f>" not in sheet and "<hyperlink" not in sheet for sheet in sheets)


def test_sheet_names_fit_and_stay_different():
    long = "fig-" + "a" * 40
    names = _sheet_names([long + "1", long + "2", "tab-x"])
    assert len(set(names.values())) == 3
    assert all(len(name) <= 31 for name in names.values())


def test_equal_column_labels_are_told_apart():
    table = chart().data
    doubled = type(table)(id=table.id, caption="c", columns=table.columns * 2, rows=table.rows)
    assert _headers(doubled) == ["Town", "Participations", "Town (2)", "Participations (2)"]


def test_two_builds_are_equal(sample, tmp_path):
    again = tmp_path / "b.xlsx"
    write_workbook(document(), EN, again)
    assert again.read_bytes() == sample.read_bytes()
