"""Text cut by array operations is what the careful reader makes of it, or gets no answer."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
from pathlib import Path
from unittest import mock

import numpy as np
import pytest
from drafts import as_csv
from hypothesis import given
from hypothesis import settings as checks
from hypothesis import strategies as st
from shared_files import SHARED

from twinimpact.errors import IngestError
from twinimpact.ingest import delimited, extent, source, streamed, tokens
from twinimpact.ingest.cells import Column, Grid
from twinimpact.ingest.decode import decode
from twinimpact.ingest.durations import LONGEST, _apart
from twinimpact.ingest.instants import days_of, iso_texts, seconds_between
from twinimpact.ingest.moments import read_moments
from twinimpact.ingest.packed import Packed
from twinimpact.ingest.source import read_tables
from twinimpact.ingest.streamed import Streamed

SMALL_BLOCK = 48


def read(data: bytes, block: int = SMALL_BLOCK) -> Streamed | None:
    """The streamed reading, with blocks so small that every table has many."""
    with mock.patch.object(tokens, "BLOCK", block):
        return streamed.read_plain(io.BytesIO(data), "e.csv")


def same_as_careful(data: bytes) -> bool:
    """Whether there is a streamed answer; if so, it is the careful one."""
    try:
        found = read(data)
    except IngestError as error:
        with pytest.raises(IngestError) as careful:
            source._text_table(data, "e.csv", "", source.ReadOptions())
        assert error.what == careful.value.what
        return False
    if found is None:
        return False
    decoded = decode(data)
    parsed = delimited.parse(decoded.text)
    assert found.grid == parsed.rows
    assert found.numbers == parsed.numbers
    assert (found.encoding, found.delimiter) == (decoded.encoding, parsed.delimiter)
    assert not decoded.problems and not parsed.problems and parsed.quote == '"'
    assert found.sha256 == hashlib.sha256(data).hexdigest()
    return True


CELL = st.text(alphabet='ab01 ,;"\n\té\u20ac\u00a0<', max_size=12)
PLAIN = st.text(alphabet="abc0123456789 .-", max_size=24)


@checks(max_examples=150, deadline=None)
@given(
    st.integers(1, 5).flatmap(
        lambda width: st.lists(
            st.lists(CELL | PLAIN, min_size=width, max_size=width), min_size=1, max_size=12
        )
    ),
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "latin-1"]),
    st.sampled_from(["", "\n", "\r\n", "x", "\n\n"]),
)
def test_written_tables_are_read_as_by_the_careful_reader(
    rows: list[list[str]], mark: str, end: str, quoting: int, encoding: str, tail: str
) -> None:
    text = as_csv(rows, mark, end, quoting) + tail
    same_as_careful(text.encode(encoding, errors="replace"))


@checks(max_examples=250, deadline=None)
@given(st.text(alphabet='aB1,;"\r\n \x00é\ufeff<U+\u2028\x85', max_size=80), st.booleans())
def test_any_text_is_read_as_by_the_careful_reader(text: str, bom: bool) -> None:
    same_as_careful((b"\xef\xbb\xbf" if bom else b"") + text.encode())


@checks(max_examples=100, deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes_after_a_table_are_read_as_by_the_careful_reader(rest: bytes) -> None:
    same_as_careful(b"a;b\n" + b"1;2\n" * 20 + rest)


def test_ordinary_exports_do_get_a_streamed_answer() -> None:
    rows = [[f"{row}", "yes", "", f"2025-03-0{row % 9 + 1}T10:00:00", "ü"] for row in range(40)]
    for quoting in (csv.QUOTE_ALL, csv.QUOTE_MINIMAL):
        for end in ("\n", "\r\n"):
            assert same_as_careful(as_csv(rows, ";", end, quoting).encode())
    rows[7][2] = 'two lines\nand "marks"; more'
    assert same_as_careful(as_csv(rows, ";", "\r\n", csv.QUOTE_ALL).encode())
    assert same_as_careful(as_csv([*rows, [""] * 5], ";").encode() + b"\r\n\r\n")
    assert same_as_careful(b"sep=;\r\n" + as_csv(rows, ";").encode())


def test_what_is_not_ordinary_gets_none() -> None:
    rows = [["a", "b"], ["1", "2"], ["3", "4"]]
    text = as_csv(rows)
    for odd in ("5,6,7\n", '5,"6\n', '5,"6"x\n', "5,6\r7,8\n", "5,\ufeff\n", "<U+00E4>,1\n"):
        assert read((text + odd).encode()) is None
    assert read(text.encode("utf-16")) is None
    assert read(text.encode() + b"5,\xe4\n") is None
    assert read(text.encode() + b"5,\0\n") is None


@pytest.mark.parametrize("number", range(12))
def test_samples_are_read_as_by_the_careful_reader(number: int) -> None:
    files = sorted(
        path
        for path in (SHARED / "fixtures").rglob("*")
        if path.suffix in (".csv", ".tsv", ".txt") and path.stat().st_size < 1_000_000
    )
    if not files:
        pytest.skip("the shared samples are absent")
    for path in files[number::12]:
        with mock.patch(f"{__name__}.SMALL_BLOCK", 700):
            same_as_careful(path.read_bytes())


def test_a_file_on_disk_and_in_an_archive_give_the_same_table(tmp_path: Path) -> None:
    import zipfile

    text = as_csv([["a", "b"], *([str(n), "x"] for n in range(9_000))])
    path = tmp_path / "e.csv"
    path.write_text(text)
    with zipfile.ZipFile(tmp_path / "e.zip", "w") as archive:
        archive.writestr("e.csv", text)
    one, other = read_tables(path)[0], read_tables(tmp_path / "e.zip")[0]
    assert one.rows == other.rows and one.numbers == other.numbers
    assert one.rows[9_000] == ("8999", "x") and len(one.rows) == 9_001
    assert one.rows[1:][-1] == ("8999", "x") and list(one.rows[8_999:]) == [
        ("8998", "x"), ("8999", "x")
    ]  # fmt: skip


@given(st.lists(st.sampled_from(["", " ", "a", " b ", "ü", "longer text"]), max_size=9))
def test_columns_say_of_each_row_what_its_text_says(cells: list[str]) -> None:
    packed = Packed.of(cells)
    for column in (Column.of(cells), Column(packed, np.arange(len(cells)))):
        assert column == cells and list(column) == cells
        assert column.stripped() == [cell.strip() for cell in cells]
        assert column.filled().tolist() == [bool(cell) for cell in cells]
        assert column.test(str.isspace).tolist() == [cell.isspace() for cell in cells]
        assert set(column.distinct()) == set(cells)
        assert column.map(str.upper) == [cell.upper() for cell in cells]
        other = Column.of(reversed(cells))
        both = [one or two for one, two in zip(cells, other, strict=True)]
        assert column.filled_by(other) == both
        assert column.with_text("z", column.filled()) == ["z" if cell else "" for cell in cells]
        places = np.arange(0, len(cells), 2)
        assert column.take(places).compact() == cells[::2]
        assert column[1:] == cells[1:] and column[1:].compact() == cells[1:]
    rows = [(cell, cell[::-1]) for cell in cells]
    grid = Grid.of(rows, 2)
    assert grid == rows and grid[1:] == rows[1:]
    assert grid.blank().tolist() == [not cell.strip() for cell in cells]


MOMENTS = st.datetimes().map(lambda one: one.isoformat(timespec="seconds"))


@checks(max_examples=80, deadline=None)
@given(
    st.lists(MOMENTS | st.just("") | st.sampled_from(["2025-02-30T10:00:00", "x"]), min_size=1),
    st.sampled_from(["", ".000", ".123Z", "Z", "+01:00", "-05:30"]),
    st.sampled_from(["T", " "]),
    st.sampled_from(["", "+00:00"]),
)
def test_moments_of_many_rows_are_those_of_each(
    texts: list[str], end: str, between: str, zone: str
) -> None:
    cells = [text.replace("T", between) + end if text else "" for text in texts]
    packed = Packed.of(cells)
    written = iso_texts(packed, zone)
    careful = read_moments(cells, zone)
    if written is not None:
        assert list(written) == list(careful.values) and not careful.ambiguous
    found = read_moments(Column(packed, np.arange(len(cells))), zone)
    assert list(found.values) == list(careful.values)
    days = days_of(packed)
    if days is not None:
        assert [str(day) for day in days] == [cell[:10] or "NaT" for cell in cells]


LATE = st.datetimes(min_value=dt.datetime(1900, 1, 1)).map(
    lambda one: one.isoformat(timespec="seconds")
)


@checks(max_examples=60, deadline=None)
@given(st.lists(st.tuples(LATE, LATE), min_size=1, max_size=5),
       st.sampled_from(["", "+02:00", "-03:30"]), st.sampled_from(["", "+00:00"]))  # fmt: skip
def test_time_spent_is_that_of_each_row(
    pairs: list[tuple[str, str]], first: str, second: str
) -> None:
    starts = [start + first for start, _ in pairs]
    ends = [end + second for _, end in pairs]
    columns = [Column(Packed.of(one), np.arange(len(pairs))) for one in (starts, ends)]
    found = seconds_between(*columns)
    if found is None:
        assert bool(first) != bool(second)
        return
    for spent, start, end in zip(found.tolist(), starts, ends, strict=True):
        careful = _apart(start, end)
        assert spent == careful or (careful is None and not 1 <= spent <= LONGEST)


CELLS = st.sampled_from(
    ['<c r="A1">', '<c r="B2" t="s"/>', '<c r="XFD1048576">', '<c  r="C3">', "<c>", "<cols>",
     '<x:c r="D4">', "<c t='s' r='E5'>", '<c r="a1">', '<c r="A">', '<c r="AAAA1">', "text:c ",
     '<c r="A99999999">', "<row>", "</c>", "<v>1</v>"]
)  # fmt: skip


@checks(max_examples=200, deadline=None)
@given(st.lists(CELLS, max_size=8), st.integers(0, 30))
def test_the_quick_look_at_a_sheet_never_misses_a_far_cell(parts: list[str], pad: int) -> None:
    sheet = ("<sheetData>" + "".join(parts) + " " * pad).encode()
    with mock.patch.object(extent, "_STEP", 16), mock.patch.object(extent, "MAX_CELLS", 100):
        if extent._surely_small(sheet):
            extent._check_corner(sheet, "e.xlsx")
