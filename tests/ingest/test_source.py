"""Text-first reading: encodings, delimiters, records, ragged rows, workbook cells."""

from __future__ import annotations

import csv
import datetime as dt
import io
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from shared_files import fixture

from twinimpact.errors import IngestError
from twinimpact.ingest.decode import decode
from twinimpact.ingest.delimited import choose_delimiter, parse
from twinimpact.ingest.source import RawTable, ReadOptions, read_tables
from twinimpact.ingest.workbook_worker import as_text
from twinimpact.problems import RULES

GERMAN = "Größe,Straße,Über uns\nschön,Müller,für Bürger\nSpaß,Gruß,Äpfel\n"


def read(folder: Path, data: bytes | str, name: str = "a.csv") -> RawTable:
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return read_tables(path)[0]


def codes(table: RawTable) -> list[str]:
    for problem in table.problems:
        assert problem.what() and problem.hint() and problem.code in RULES
    return [problem.code for problem in table.problems]


# --- encodings ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("encoding", "told"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("cp1252", "cp1252"),
        ("mac-roman", "mac-roman"),
    ],
)
def test_the_same_text_in_any_encoding_gives_the_same_cells(
    tmp_path: Path, encoding: str, told: str
) -> None:
    table = read(tmp_path, GERMAN.encode(encoding))
    assert [list(row) for row in table.rows] == list(csv.reader(io.StringIO(GERMAN)))
    assert table.encoding == told


@pytest.mark.parametrize(
    "text",
    ["naïve café", "l’été à Besançon", "señor Muñoz", "„so“ – sagte Jörg", "smørrebrød på Ærø"],
)
@pytest.mark.parametrize("encoding", ["cp1252", "mac-roman"])
def test_western_prose_is_read_in_its_own_8_bit_encoding(text: str, encoding: str) -> None:
    assert decode(f"a,b\n{text},x\n".encode(encoding)).encoding == encoding


def test_a_guessed_encoding_is_told_with_the_letters_found(tmp_path: Path) -> None:
    table = read(tmp_path, GERMAN.encode("mac-roman"))
    assert codes(table) == ["encoding_guessed"]
    assert set(table.problems[0].expected.split()) == set("öüßÄÜ")


def test_a_few_broken_bytes_do_not_turn_utf_8_into_something_else(tmp_path: Path) -> None:
    data = ("a,b\n" + "ö,ü\n" * 20).encode() + b"\xff,x\n"
    table = read(tmp_path, data)
    assert table.encoding == "utf-8"
    assert codes(table) == ["bytes_replaced"]
    assert table.rows[1] == ("ö", "ü")


def test_a_given_encoding_is_obeyed_and_an_unknown_one_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("a,b\nž,1\n".encode("cp1250"))
    assert read_tables(path, ReadOptions(encoding="cp1250"))[0].rows[1][0] == "ž"
    with pytest.raises(IngestError, match="cannot be read as text"):
        read_tables(path, ReadOptions(encoding="no-such-alphabet"))


def test_stray_marks_and_r_escapes_become_plain_letters(tmp_path: Path) -> None:
    text = "a,b,c\n\ufeff1 (None),<U+043E><U+043D>,x<U+002C>y\n"
    table = read(tmp_path, "\ufeff" + text)
    assert table.rows[1] == ("1 (None)", "он", "x<U+002C>y")


def test_one_r_escape_alone_is_text(tmp_path: Path) -> None:
    assert read(tmp_path, "a,b\n<U+043E>,1\n").rows[1][0] == "<U+043E>"


# --- delimiters and records --------------------------------------------------------------


def test_the_delimiter_is_the_one_that_parses_strictly_and_evenly() -> None:
    assert choose_delimiter("id;weight\n1;54,5\n2;60,1\n") == ";"
    assert choose_delimiter('"one, two";"b"\n') == ";"
    assert choose_delimiter("a\tb\n1, 2\t3\n") == "\t"
    assert choose_delimiter("a|b|c\n1|2|3\n") == "|"
    assert choose_delimiter("single\n1\n") == ","


def test_a_sep_line_is_obeyed_and_not_counted(tmp_path: Path) -> None:
    table = read(tmp_path, "sep=;\r\na;b,c\r\n1;2\r\n")
    assert (table.rows, table.numbers) == ((("a", "b,c"), ("1", "2")), (1, 2))


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_of_every_system_give_the_same_records(tmp_path: Path, end: str) -> None:
    table = read(tmp_path, f'a,b{end}1,"x{end}y"{end}2,z{end}')
    assert table.rows == (("a", "b"), ("1", f"x{end}y"), ("2", "z"))
    assert table.numbers == (1, 2, 3)


def test_empty_records_are_skipped_and_still_counted(tmp_path: Path) -> None:
    table = read(tmp_path, "a,b\n\n1,2\n , \n,\n3,4\n\n")
    assert table.rows == (("a", "b"), ("1", "2"), ("3", "4"))
    assert table.numbers == (1, 3, 6)


def test_an_all_empty_extra_column_goes(tmp_path: Path) -> None:
    assert read(tmp_path, "a,b\n1,2,\n3,4,\n").rows == (("a", "b"), ("1", "2"), ("3", "4"))
    assert read(tmp_path, "a,b,\n1,2\n3,4\n").rows == (("a", "b"), ("1", "2"), ("3", "4"))


def test_a_misfit_row_is_set_aside_with_its_row_number(tmp_path: Path) -> None:
    table = read(tmp_path, "a,b,c\n1,2,3\n4,5\n6,7,8,9\n1,1,1\n")
    assert [row[0] for row in table.rows] == ["a", "1", "1"]
    assert [(p.code, p.row, p.got, p.expected) for p in table.problems] == [
        ("row_width", 3, "2", "3"),
        ("row_width", 4, "4", "3"),
    ]
    assert "Row 3 has 2 cells" in table.problems[0].what()


def test_title_lines_above_the_table_are_kept_as_narrow_rows(tmp_path: Path) -> None:
    table = read(tmp_path, "Survey 2025\n\na,b,c\n1,2,3\n")
    assert table.rows == (("Survey 2025", "", ""), ("a", "b", "c"), ("1", "2", "3"))
    assert table.numbers == (1, 3, 4)


def test_a_header_shorter_than_its_rows_does_not_become_a_title(tmp_path: Path) -> None:
    # R writes row names without a header above them
    table = read(tmp_path, "a,b,c\n1,x,y,z\n2,x,y,z\n")
    assert table.rows == (("a", "b", "c"),)
    assert codes(table) == ["row_width", "row_width"]


def test_a_quotation_mark_that_never_closes_loses_one_row_loudly(tmp_path: Path) -> None:
    table = read(tmp_path, 'a,b\n1,2\n3,"4\n5,6\n')
    assert table.rows == (("a", "b"), ("1", "2"))
    assert [(p.code, p.row) for p in table.problems] == [("quote_not_closed", 3)]


def test_text_after_a_closing_quotation_mark_is_read_and_told(tmp_path: Path) -> None:
    table = read(tmp_path, 'a,b\n1,"x"y\n')
    assert table.rows[1] == ("1", "xy")
    assert codes(table) == ["quotes_broken"]


def test_a_record_over_thousands_of_lines_is_told_with_its_line(tmp_path: Path) -> None:
    table = read(tmp_path, 'a,b\n1,"' + "x\n" * 2500 + '"\n3,4\n')
    assert [(p.code, p.row, p.got) for p in table.problems] == [("long_record", 2, "2")]


def test_long_cells_are_read_and_the_limit_of_the_process_stays(tmp_path: Path) -> None:
    before = csv.field_size_limit()
    assert len(read(tmp_path, "a,b\n1," + "x" * 500_000 + "\n").rows[1][1]) == 500_000
    with pytest.raises(IngestError, match="16 MiB"):
        read(tmp_path, "a,b\n1," + "x" * (17 * 1024 * 1024) + "\n")
    assert csv.field_size_limit() == before


CELL = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"], exclude_characters="\ufeff"),
    max_size=8,
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(CELL, CELL, CELL), min_size=1, max_size=8),
    st.sampled_from([",", ";", "\t", "|"]),
)
def test_what_a_csv_writer_writes_comes_back(
    rows: list[tuple[str, str, str]], delimiter: str
) -> None:
    target = io.StringIO(newline="")
    writer = csv.writer(target, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    writer.writerows([("first", "second", "third"), *rows])
    parsed = parse(target.getvalue())
    kept = [row for row in rows if "".join(row).strip()]
    if target.getvalue().count("<U+") < 3:
        assert parsed.rows[1:] == tuple(kept)
        assert parsed.delimiter == delimiter


# --- workbooks ---------------------------------------------------------------------------


def test_workbook_cells_become_the_text_a_csv_would_hold() -> None:
    assert [as_text(value) for value in (1.0, 0.1 + 0.2, -3.5, "00123", True, 1e15)] == [
        "1", "0.3", "-3.5", "00123", "True", "1000000000000000",
    ]  # fmt: skip
    assert as_text(dt.datetime(2024, 5, 2, 9, 1)) == "2024-05-02T09:01:00"
    assert as_text(dt.datetime(2024, 5, 2)) == "2024-05-02"
    assert as_text(dt.datetime(2024, 5, 2, 9, 0, 59, 999_900)) == "2024-05-02T09:01:00"
    assert as_text(dt.date(1904, 1, 2)) == "1904-01-02"
    assert as_text(dt.time(8, 30)) == "08:30:00"
    assert as_text(dt.timedelta(hours=26, minutes=5)) == "26:05:00"


def workbook(path: Path, sheets: dict[str, list[list[object]]]) -> Path:
    book = xlsxwriter.Workbook(str(path))
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for at, row in enumerate(rows):
            for place, value in enumerate(row):
                sheet.write(at, place, value)
    book.close()
    return path


def test_stray_marks_in_a_workbook_go(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", {"S": [["a\ufeffb", "\ufeff"], ["x", "y"]]})
    assert read_tables(path)[0].rows == (("ab", ""), ("x", "y"))


def test_blank_rows_above_a_table_do_not_shift_row_numbers(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", {"S": [[], [], ["a", "b"], [], ["1", 2]]})
    table = read_tables(path)[0]
    assert (table.rows, table.numbers) == ((("a", "b"), ("1", "2")), (3, 5))


def test_chart_sheets_are_skipped_and_hidden_sheets_named(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(str(tmp_path / "a.xlsx"))
    book.add_worksheet("Data").write_row(0, 0, ["a", "b"])
    hidden = book.add_worksheet("Codes")
    hidden.write_row(0, 0, ["c", "d"])
    hidden.hide()
    chart = book.add_chart({"type": "column"})
    chart.add_series({"values": "=Data!$A$1:$B$1"})
    book.add_chartsheet("Picture").set_chart(chart)
    book.close()
    tables = read_tables(tmp_path / "a.xlsx")
    assert [table.sheet for table in tables] == ["Data", "Codes"]
    assert codes(tables[1]) == ["sheet_hidden"]


def test_a_sheet_can_be_named_and_a_wrong_name_lists_the_right_ones(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", {"One": [["a"]], "Two": [["b"]]})
    assert [t.sheet for t in read_tables(path, ReadOptions(sheet="Two"))] == ["Two"]
    with pytest.raises(IngestError, match="One, Two"):
        read_tables(path, ReadOptions(sheet="Three"))


def test_numbers_the_spreadsheet_program_rounded_are_told_by_cell(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "a.xlsx", {"S": [["id"], [2**53], [2**53 - 1], ["9007199254740993"]]}
    )
    table = read_tables(path)[0]
    assert [(p.code, p.row, p.column) for p in table.problems] == [("number_rounded", 2, "A")]
    assert "900" not in table.problems[0].what()  # it could be a telephone number


def test_a_renamed_text_file_is_read_by_its_content(tmp_path: Path) -> None:
    assert read(tmp_path, "a\tb\n1\t2\n", "export.xls").rows == (("a", "b"), ("1", "2"))


def test_missing_and_empty_files_get_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(IngestError, match="no such file"):
        read_tables(tmp_path / "gone.csv")
    with pytest.raises(IngestError, match="cannot be opened"):
        read_tables(tmp_path)
    for data in (b"", b"\n \n", b"\xef\xbb\xbf"):
        with pytest.raises(IngestError, match="empty"):
            read(tmp_path, data)


# --- real files --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("derived", "parent"),
    [
        ("derived/dask_2021_cr_only.csv", "google_forms/dask_2021.csv"),
        ("derived/dask_2021_excel_unicode_text.txt", "google_forms/dask_2021.csv"),
        ("derived/dask_2021_sepline.csv", "google_forms/dask_2021.csv"),
        ("derived/dask_2021_utf8bom_semicolon.csv", "google_forms/dask_2021.csv"),
        ("derived/decimal_comma_semicolon.csv", "redcap/decimal-comma_data.csv"),
        ("derived/qualtrics_raw.tsv", "qualtrics/excluder_qualtrics_raw.csv"),
    ],
)
def test_a_rewritten_file_gives_exactly_the_table_of_its_parent(derived: str, parent: str) -> None:
    one, other = read_tables(fixture(derived))[0], read_tables(fixture(parent))[0]
    assert one.rows == other.rows
    assert len(one.rows[0]) > 1


def test_the_same_dates_in_the_1904_epoch_read_alike_from_xlsx_and_ods() -> None:
    one = read_tables(fixture("excel_traps/sheetjs_1904.xlsx"))[0]
    other = read_tables(fixture("excel_traps/sheetjs_1904.ods"))[0]
    assert one.rows == other.rows
    assert one.rows[0][1] == one.rows[0][2] == "1904-01-02"


def test_large_numbers_stored_as_text_stay_text() -> None:
    table = read_tables(fixture("excel_traps/big-texty-numbers-xlsx.xlsx"))[0]
    assert table.rows[2][:2] == ("2147483647", "2147483647")
