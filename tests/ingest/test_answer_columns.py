"""Reading by column gives what reading cell by cell gives."""

from __future__ import annotations

import dataclasses
import hashlib
import io
from pathlib import Path

import pandas as pd
import xlsxwriter
from hypothesis import given
from hypothesis import settings as checks
from hypothesis import strategies as st
from planning_data import CIVIC, KEY, LIKERT, YES_NO, draft, settings

from twinimpact.ingest.answer_columns import FAULTS, NO_CODE, answers_of
from twinimpact.ingest.answers import read_answer, vocabulary
from twinimpact.ingest.columns import ItemPlace
from twinimpact.ingest.delimited import lines
from twinimpact.ingest.mapping import Answers
from twinimpact.ingest.moments import read_moments
from twinimpact.ingest.platforms.registry import READABLE
from twinimpact.ingest.responses import response_rows
from twinimpact.ingest.source import read_tables
from twinimpact.privacy.pseudonym import (
    code_element,
    code_elements,
    normalised,
    pseudonym,
    pseudonyms,
)

CELLS = st.sampled_from(["", " ", "5", " 7 ", "11", "88", "lots", "yes", "Don't know", "1", 'ü"\\'])


@checks(max_examples=60, deadline=None)
@given(st.lists(st.tuples(CELLS, CELLS, CELLS, CELLS), min_size=1, max_size=12))
def test_every_cell_is_read_as_it_would_be_alone(rows: list[tuple[str, ...]]) -> None:
    made = draft(["a", "b", "c", "d"], [list(row) for row in rows])
    items = [
        ItemPlace(item=item, positions=places, words=vocabulary(item, Answers()))
        for item, places in ((CIVIC, (0,)), (LIKERT, (1, 2)), (YES_NO, (3,)))
    ]
    for item in answers_of(made, items):
        place, codes = item.place, item.codes()
        odd = dict(zip(*item.unanswered(), strict=True))
        wrong = {fault.row: (fault.text, fault.reason) for fault in item.faults()}
        for number, row in enumerate(rows):
            text = next(filter(None, (row[p].strip() for p in place.positions)), "")
            code, reason = read_answer(text, place.item, place.words) if text else (None, "")
            assert codes[number] == (NO_CODE if code is None else code)
            assert item.answered()[number] == (code is not None)
            assert odd.get(number, "") == reason
            assert wrong.get(number) == ((text, reason) if reason in FAULTS else None)


def test_a_reason_of_the_tool_counts_only_where_the_cell_is_blank() -> None:
    made = draft(["a", "b"], [["", "5"], ["", "5"]])
    reasons = {0: "not_shown", 1: "not_shown"}
    rows = (dataclasses.replace(made.rows[0], reasons=reasons), made.rows[1])
    items = [ItemPlace(item=CIVIC, positions=(0,), words=Answers()),
             ItemPlace(item=LIKERT, positions=(1,), words=Answers())]  # fmt: skip
    first, second = answers_of(dataclasses.replace(made, rows=rows), items)
    assert [list(one) for one in first.unanswered()] == [[0], ["not_shown"]]
    assert len(second.unanswered()[0]) == 0


def test_the_hash_of_a_row_adds_up_the_hashes_of_its_values() -> None:
    header = ["tw_x_a", "tw_x_b", "tw_y_p", "gender", "code_1", "code_2", "code_3"]
    blank = [""] * 7
    rows = [["7", "88", "lots", "female", "A", "02", "é"], ["", "3", *blank[:5]],
            ["1", *blank[:3], "A", "", "é"]]  # fmt: skip
    checked = response_rows(draft(header, rows), settings())
    missing = checked.missing
    for _, row in checked.frame.iterrows():
        names = (
            "participant_token", "partnership_id", "town_id", "arm", "wave", "date", "language",
            "gender", "age_band", "role", "state",
        )  # fmt: skip
        values = [
            (name, str(row[name].date()) if name == "date" else row[name])
            for name in names
            if not pd.isna(row[name])
        ]
        if not pd.isna(row["code"]):
            values += [(f"code {at}", part) for at, part in enumerate(row["code"].split("-"))]
        own = missing[missing["response_id"] == row["response_id"]]
        items = ("tw_x_a", "tw_x_b", "tw_y_p")
        values += [(item, str(row[item])) for item in items if not pd.isna(row[item])]
        pairs = zip(own["item_id"], own["reason"], strict=True)
        values += [(f"{item} missing", reason) for item, reason in pairs]
        total = sum(
            int(hashlib.sha256(f"{name}\x1f{value}".encode()).hexdigest()[:16], 16)
            for name, value in values
            if value
        )
        assert row["row_hash"] == f"{total % 2**64:016x}"


@given(st.lists(st.text(max_size=12), max_size=5))
def test_many_pseudonyms_are_those_of_each_value_alone(values: list[str]) -> None:
    assert pseudonyms(KEY, "response", values) == [pseudonym(KEY, "response", v) for v in values]
    for prefix in ("kobo\x1f", " \x1f", "Ä"):
        each = [pseudonym(KEY, "response", prefix + value) for value in values]
        assert pseudonyms(KEY, "response", values, prefix) == each
    assert pseudonyms(KEY, "response", [" A b\x1f", ""]) == [pseudonym(KEY, "response", "a B"), ""]


@given(st.text(alphabet='a,"\r\n\u2028\x0b', max_size=30))
def test_lines_are_those_of_a_file_read_without_translation(text: str) -> None:
    assert list(lines(text)) == list(io.StringIO(text, newline=""))


@given(st.datetimes(), st.sampled_from(["", "+00:00"]))
def test_a_whole_moment_stays_as_it_is(moment: object, zone: str) -> None:
    text = str(moment).replace(" ", "T")[:19]
    assert read_moments([text], zone).values == (text + zone,)
    assert read_moments(["2025-02-30T10:00:00"], zone).values == ("2025-02-30T10:00:00",)


@given(st.text(max_size=8), st.integers(0, 9))
def test_an_element_alone_is_hashed_as_within_its_code(element: str, place: int) -> None:
    parts = ["x"] * place + [element]
    assert code_elements(KEY, parts).split("-")[-1] == code_element(KEY, place, element)


@given(st.text(alphabet=st.characters(max_codepoint=127), max_size=12))
def test_the_short_way_for_ascii_is_the_long_way(value: str) -> None:
    import unicodedata

    folded = unicodedata.normalize("NFKC", value).casefold()
    assert normalised(value) == unicodedata.normalize("NFKC", folded).strip()


def test_every_known_format_can_be_named_in_the_settings() -> None:
    from twinimpact.evaluation import models

    assert set(READABLE) <= set(models.PLATFORMS)


def test_workbook_rows_of_text_and_of_mixed_cells_are_read_alike(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["1", "True", "x\ufeff"])
    sheet.write_row(1, 0, [1, True, "x\ufeff"])
    sheet.write_row(2, 0, ["1", "True", "y"])
    book.close()
    rows = read_tables(path)[0].rows
    assert rows == (("1", "True", "x"), ("1", "True", "x"), ("1", "True", "y"))
