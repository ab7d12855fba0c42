"""Safety of containers: bombs, far cells, broken and foreign files."""

from __future__ import annotations

import io
import random
import struct
import zipfile
from pathlib import Path

import pytest
import xlsxwriter
from shared_files import fixture

from twinimpact.errors import IngestError
from twinimpact.ingest import container
from twinimpact.ingest.container import kind_of, open_archive, open_workbook
from twinimpact.ingest.draft import draft_of
from twinimpact.ingest.ole import check_xls
from twinimpact.ingest.source import read_tables

SHEET_HEAD = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'


def good_xlsx() -> bytes:
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True})
    book.add_worksheet("S").write_row(0, 0, ["a", "b", "c"])
    book.close()
    return target.getvalue()


def with_parts(data: bytes, changes: dict[str, bytes]) -> bytes:
    """The same container with some parts replaced or added."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, changes.get(name, old.read(name)))
        for name in changes.keys() - set(old.namelist()):
            new.writestr(name, changes[name])
    return target.getvalue()


def xlsx_with_sheet(cells: str) -> bytes:
    sheet = f"{SHEET_HEAD}<sheetData>{cells}</sheetData></worksheet>".encode()
    return with_parts(good_xlsx(), {"xl/worksheets/sheet1.xml": sheet})


def ods(rows: str) -> bytes:
    target = io.BytesIO()
    spaces = " ".join(
        f'xmlns:{key}="urn:oasis:names:tc:opendocument:xmlns:{key}:1.0"'
        for key in ("office", "table", "text")
    )
    content = (
        f"<office:document-content {spaces}><office:body><office:spreadsheet>"
        f'<table:table table:name="S">{rows}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
    return target.getvalue()


def text_cell(repeat: int = 1) -> str:
    return (
        f'<table:table-cell office:value-type="string" table:number-columns-repeated="{repeat}">'
        "<text:p>x</text:p></table:table-cell>"
    )


def save(folder: Path, data: bytes, name: str) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def test_kinds_are_told_from_bytes_not_from_names() -> None:
    assert kind_of(good_xlsx()) == "xlsx"
    assert kind_of(ods("")) == "ods"
    assert kind_of(b"a,b\n1,2\n") == "text"
    assert kind_of(b"PK\x03\x04 broken") == "zip"


def test_one_stray_cell_in_the_last_corner_is_refused_by_name(tmp_path: Path) -> None:
    stray = (
        '<row r="1"><c r="A1"><v>1</v></c></row>'
        '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    )
    path = save(tmp_path, xlsx_with_sheet(stray), "far.xlsx")
    with pytest.raises(IngestError, match="XFD1048576"):
        read_tables(path)


@pytest.mark.parametrize(
    "cells",
    [
        '<x:row r="1048576"><x:c r="XFD1048576" t="n"><x:v>1</x:v></x:c></x:row>',
        "<row r='1048576'><c t='n' r='XFD1048576'><v>1</v></c></row>",
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576">'
        + "<c/>" * 99
        + "<c><v>1</v></c></row>",
        '<row r="1"><c r="A99999999999"><v>1</v></c></row>',
    ],
)
def test_far_cells_are_found_however_they_are_written(cells: str) -> None:
    with pytest.raises(IngestError, match="reaches as far as"):
        open_workbook(xlsx_with_sheet(cells), "xlsx")


def test_far_cells_without_a_value_do_no_harm(tmp_path: Path) -> None:
    # some programs write formatted empty rows down to the last one
    cells = (
        '<row r="1"><c r="A1"><v>7</v></c></row>'
        '<row r="1048576" ht="15"><c r="XFD1048576" s="0"/></row>'
    )
    table = read_tables(save(tmp_path, xlsx_with_sheet(cells), "a.xlsx"))[0]
    assert table.rows == (("7",),)


def test_a_declared_number_of_texts_is_not_believed(tmp_path: Path) -> None:
    data = good_xlsx()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        strings = archive.read("xl/sharedStrings.xml")
    lie = strings.replace(b'uniqueCount="3"', b'uniqueCount="69999999999"')
    assert lie != strings
    path = save(tmp_path, with_parts(data, {"xl/sharedStrings.xml": lie}), "a.xlsx")
    assert read_tables(path)[0].rows == (("a", "b", "c"),)


def test_repeated_filled_rows_and_columns_of_an_ods_are_multiplied(tmp_path: Path) -> None:
    bomb = (
        f'<table:table-row table:number-rows-repeated="100000">{text_cell(200)}</table:table-row>'
    )
    path = save(tmp_path, ods(bomb), "bomb.ods")
    with pytest.raises(IngestError, match="GR100000"):
        read_tables(path)


def test_the_empty_rest_of_an_ods_sheet_does_no_harm(tmp_path: Path) -> None:
    rest = (
        f"<table:table-row>{text_cell(3)}<table:table-cell"
        ' table:number-columns-repeated="16381"/></table:table-row>'
        '<table:table-row table:number-rows-repeated="1048575"><table:table-cell'
        ' table:number-columns-repeated="16384"/></table:table-row>'
    )
    assert read_tables(save(tmp_path, ods(rest), "a.ods"))[0].rows == (("x", "x", "x"),)


@pytest.mark.parametrize(
    "content",
    [
        b"<a><table:table-row>",
        b'<!DOCTYPE a [<!ENTITY x "yy">]><a>&x;</a>',
        b"",
    ],
)
def test_an_ods_that_breaks_off_or_defines_entities_is_refused(content: bytes) -> None:
    with pytest.raises(IngestError, match="damaged"):
        open_workbook(with_parts(ods(""), {"content.xml": content}), "ods")


def test_too_many_parts_and_too_many_bytes_are_refused() -> None:
    many = with_parts(good_xlsx(), {f"xl/x{i}.xml": b"" for i in range(container.MAX_MEMBERS)})
    with pytest.raises(IngestError, match="unpacks to more"):
        open_workbook(many, "xlsx")
    large = with_parts(good_xlsx(), {"xl/zeros.xml": bytes(3_000_000)})
    assert len(large) < 50_000
    with pytest.raises(IngestError, match="unpacks to more"):
        open_workbook(large, "xlsx", limit=2_000_000)


def test_a_part_that_is_larger_than_it_declares_is_refused() -> None:
    data = bytearray(with_parts(good_xlsx(), {"xl/zeros.xml": bytes(100_000)}))
    entry = data.rindex(b"xl/zeros.xml") - 46
    assert struct.unpack_from("<I", data, entry + 24)[0] == 100_000
    struct.pack_into("<I", data, entry + 24, 10)
    with pytest.raises(IngestError, match="damaged"):
        open_workbook(bytes(data), "xlsx")


@pytest.mark.parametrize(
    "name", ["../evil.xml", "/etc/evil.xml", "xl\\..\\..\\evil.xml", "C:/x.xml"]
)
def test_names_that_lead_outside_are_refused(name: str) -> None:
    with pytest.raises(IngestError, match="leads outside"):
        open_workbook(with_parts(good_xlsx(), {name: b"x"}), "xlsx")


def test_macros_are_reported_and_never_part_of_what_is_read(tmp_path: Path) -> None:
    data = with_parts(good_xlsx(), {"xl/vbaProject.bin": b"macro"})
    checked = open_workbook(data, "xlsx")
    assert [problem.code for problem in checked.problems] == ["macros_ignored"]
    assert b"vbaProject" not in checked.data


def test_formulas_without_a_stored_value_are_told_with_the_first_cell(tmp_path: Path) -> None:
    cells = (
        '<row r="1"><c r="A1"><v>1</v></c><c r="B1"><f>A1+1</f></c>'
        '<c r="C1"><f>A1</f><v>5</v></c><c r="D1"><f t="shared" si="0"/><v></v></c></row>'
    )
    table = read_tables(save(tmp_path, xlsx_with_sheet(cells), "a.xlsx"))[0]
    assert [(p.code, p.column, p.got) for p in table.problems] == [
        ("formula_without_value", "B1", "2")
    ]
    assert "Excel" in table.problems[0].hint()


def test_an_archive_of_tables_is_opened_one_level_deep(tmp_path: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("answers.csv", "a,b,c\n1,2,3\n")
        archive.writestr("notes.md", "x")
    path = save(tmp_path, inner.getvalue(), "export.zip")
    assert [table.file for table in read_tables(path)] == ["export.zip/answers.csv"]
    assert len(draft_of(path).rows) == 1
    outer = io.BytesIO()
    with zipfile.ZipFile(outer, "w") as archive:
        archive.writestr("inner.csv", inner.getvalue())
    with pytest.raises(IngestError, match="inside the archive"):
        read_tables(save(tmp_path, outer.getvalue(), "nested.zip"))
    with pytest.raises(IngestError, match="no table"):
        open_archive(zip_of({"a.md": b"x"}))


def zip_of(parts: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return target.getvalue()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"<!DOCTYPE html><html><table><tr><td>1</td></tr></table>", "web page"),
        (b"<html xmlns:o='x'><body></body></html>", "web page"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"\x89PNG\r\n\x1a\n", "picture"),
        (b"$FL2@(#) SPSS DATA FILE", "SPSS"),
        (
            b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">',
            "2003",
        ),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "password"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "damaged"),
        (b"\x00\x01\x02\x03" * 100, "not a table"),
        (b'[{"a": 1}]', "JSON"),
        (b"BEGIN:VCALENDAR\r\nEND:VCALENDAR", "calendar"),
    ],
)
def test_foreign_files_are_named_and_refused(tmp_path: Path, data: bytes, words: str) -> None:
    with pytest.raises(IngestError, match=words) as caught:
        read_tables(save(tmp_path, data, "export.xls"))
    assert caught.value.where == "export.xls"
    assert caught.value.hint or words == "not a table"


def test_a_truncated_workbook_is_damaged(tmp_path: Path) -> None:
    data = good_xlsx()
    with pytest.raises(IngestError, match=r"damaged|format"):
        read_tables(save(tmp_path, data[: len(data) // 2], "cut.xlsx"))


# --- old workbooks -----------------------------------------------------------------------


def old_workbook(records: bytes) -> bytes:
    """A container with one stream called Workbook, as small as the format allows."""
    stream = records + bytes(-len(records) % 512)
    stream += bytes(max(0, 4096 - len(stream)))
    blocks = len(stream) // 512
    header = bytearray(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504))
    struct.pack_into("<HHHHH", header, 0x18, 0x3E, 3, 0xFFFE, 9, 6)
    struct.pack_into("<II4xIIIII", header, 0x2C, 1, 1, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    struct.pack_into("<109I", header, 0x4C, 0, *[0xFFFFFFFF] * 108)
    chain = [*range(3, blocks + 2), 0xFFFFFFFE]
    fat = [0xFFFFFFFD, 0xFFFFFFFE, *chain]
    fat += [0xFFFFFFFF] * (128 - len(fat))

    def entry(name: str, kind: int, start: int, size: int, child: int) -> bytes:
        block = bytearray(128)
        raw = name.encode("utf-16-le")
        block[: len(raw)] = raw
        struct.pack_into("<HBB", block, 64, len(raw) + 2, kind, 1)
        struct.pack_into("<III", block, 68, 0xFFFFFFFF, 0xFFFFFFFF, child)
        struct.pack_into("<IQ", block, 116, start, size)
        return bytes(block)

    directory = entry("Root Entry", 5, 0xFFFFFFFE, 0, 1)
    directory += entry("Workbook", 2, 2, len(stream), 0xFFFFFFFF) + bytes(256)
    return bytes(header) + struct.pack("<128I", *fat) + directory + stream


def record(kind: int, payload: bytes) -> bytes:
    return struct.pack("<HH", kind, len(payload)) + payload


BOF = record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 0, 0, 0))


def test_an_old_workbook_with_a_far_cell_is_refused_by_name() -> None:
    near = record(0x0203, struct.pack("<HHHd", 0, 0, 0, 1.0))
    check_xls(old_workbook(BOF + near))
    far = record(0x0203, struct.pack("<HHHd", 65_535, 65_535, 0, 1.0))
    with pytest.raises(IngestError, match="CRXP65536"):
        check_xls(old_workbook(BOF + near + far))


def test_counts_an_old_workbook_cannot_hold_are_refused() -> None:
    for lie in (
        record(0x00FC, struct.pack("<II", 5, 4_000_000_000)),
        record(0x0200, struct.pack("<IIHHH", 0, 4_000_000_000, 0, 255, 0)),
    ):
        with pytest.raises(IngestError, match="damaged"):
            check_xls(old_workbook(BOF + lie))
    with pytest.raises(IngestError, match="password"):
        check_xls(old_workbook(BOF + record(0x002F, bytes(6))))


# --- broken bytes ------------------------------------------------------------------------

FUZZED = (
    "kobo/dietary_needs_xml.csv",
    "kobo/nested_repeats_xml.xlsx",
    "google_forms/dask_2019.csv",
    "derived/dask_2021_excel_unicode_text.txt",
    "limesurvey/survey_100001_R_data_file.csv",
    "excel_traps/deaths.xlsx",
    "excel_traps/sheetjs_1904.ods",
    "eusurvey/everse_content_export.xls",
)


@pytest.mark.parametrize("name", FUZZED)
def test_broken_bytes_give_a_draft_or_a_sentence(name: str, tmp_path: Path) -> None:
    data = fixture(name).read_bytes()
    dice = random.Random(name)
    for turn in range(25):
        broken = bytearray(data)
        if turn % 3 == 0:
            broken = broken[: dice.randrange(len(broken))]
        elif turn % 3 == 1:
            for _ in range(dice.choice((1, 5, 50))):
                broken[dice.randrange(len(broken))] = dice.randrange(256)
        else:
            broken += dice.randbytes(60)
        path = save(tmp_path, bytes(broken), Path(name).name)
        try:
            draft_of(path)
        except IngestError as error:
            assert error.what.endswith((".", "?")) and "Traceback" not in str(error)


@pytest.mark.parametrize(
    "name",
    ["kobo/restaurant_profile_xml.xlsx", "excel_traps/deaths.xlsx", "excel_traps/sheetjs_1904.ods"],
)
def test_broken_sheet_xml_gives_a_draft_or_a_sentence(name: str, tmp_path: Path) -> None:
    data = fixture(name).read_bytes()
    dice = random.Random(name)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {part: archive.read(part) for part in archive.namelist()}
    for _ in range(40):
        part = dice.choice([key for key in parts if key.endswith((".xml", ".rels"))])
        broken = bytearray(parts[part])
        for _ in range(dice.choice((1, 4))):
            at = dice.randrange(len(broken))
            broken[at : at + 1] = dice.choice(
                (b"9", b"4294967295", b"<", bytes([dice.randrange(256)]))
            )
        path = save(tmp_path, with_parts(data, {part: bytes(broken)}), "a.xlsx")
        try:
            draft_of(path)
        except IngestError as error:
            assert error.what.endswith(".")
