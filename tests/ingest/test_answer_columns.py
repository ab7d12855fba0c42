"""Reading by column gives what reading cell by cell gives."""

from __future__ import annotations

import dataclasses
import io
from pathlib import Path

import pandas as pd
import xlsxwriter
from hypothesis import given
from hypothesis import settings as checks
from hypothesis import strategies as st
from planning_data import CIVIC, KEY, LIKERT, YES_NO, draft, settings

from twinimpact.ingest.answer_columns import NO_CODE, AnswerColumns
from twinimpact.ingest.answers import read_answer, vocabulary
from twinimpact.ingest.columns import ItemPlace
from twinimpact.ingest.delimited import lines
from twinimpact.ingest.mapping import Answers
from twinimpact.ingest.moments import read_moments
from twinimpact.ingest.platforms.registry import READABLE
from twinimpact.ingest.responses import response_rows
from twinimpact.ingest.rows import row_hash
from twinimpact.ingest.source import read_tables
from twinimpact.privacy.pseudonym import code_element, code_elements, normalised

CELLS = st.sampled_from(["", " ", "5", " 7 ", "11", "88", "lots", "yes", "Don't know", "1", 'ü"\\'])


@checks(max_examples=60, deadline=None)
@given(st.lists(st.tuples(CELLS, CELLS, CELLS, CELLS), min_size=1, max_size=12))
def test_every_cell_is_read_as_it_would_be_alone(rows: list[tuple[str, ...]]) -> None:
    made = draft(["a", "b", "c", "d"], [list(row) for row in rows])
    items = [
        ItemPlace(item=item, positions=places, words=vocabulary(item, Answers()))
        for item, places in ((CIVIC, (0,)), (LIKERT, (1, 2)), (YES_NO, (3,)))
    ]
    found = AnswerColumns(made, items)
    for number, (row, written) in enumerate(zip(rows, found.written(), strict=True)):
        odd = {place.item.id: (text, reason) for place, text, reason in found.odd(number)}
        answers = []
        for place in items:
            texts = [row[position].strip() for position in place.positions]
            text = next(filter(None, texts), "")
            code, reason = read_answer(text, place.item, place.words) if text else (None, "")
            assert found.codes[place.item.id][number] == (NO_CODE if code is None else code)
            if code is not None:
                answers.append(f'"{place.item.id}": {code}')
            assert odd.get(place.item.id, ("", "")) == ((text, reason) if reason else ("", ""))
        assert list(filter(None, written)) == sorted(answers)


def test_a_reason_of_the_tool_counts_only_where_the_cell_is_blank() -> None:
    made = draft(["a", "b"], [["", "5"], ["", "5"]])
    reasons = {0: "not_shown", 1: "not_shown"}
    rows = (dataclasses.replace(made.rows[0], reasons=reasons), made.rows[1])
    items = [ItemPlace(item=CIVIC, positions=(0,), words=Answers()),
             ItemPlace(item=LIKERT, positions=(1,), words=Answers())]  # fmt: skip
    found = AnswerColumns(dataclasses.replace(made, rows=rows), items)
    assert [(p.item.id, t, r) for p, t, r in found.odd(0)] == [("tw_x_a", "", "not_shown")]
    assert list(found.odd(1)) == []


def test_the_hash_of_a_row_is_the_one_of_its_content_as_json() -> None:
    header = ["tw_x_a", "tw_x_b", "tw_y_p", "gender", "code_1", "code_2", "code_3"]
    made = draft(header, [["7", "88", "lots", "female", "A", "02", "é"], [""] * 7])
    checked = response_rows(made, settings())
    missing = checked.missing
    for _, row in checked.frame.iterrows():
        person = {
            name: row[name].date() if name == "date" else row[name]
            for name in (
                "participant_token", "code", "partnership_id", "town_id", "arm", "wave", "date",
                "language", "gender", "age_band", "role",
            )
            if not pd.isna(row[name])
        }  # fmt: skip
        own = missing[missing["response_id"] == row["response_id"]]
        items = ("tw_x_a", "tw_x_b", "tw_y_p")
        content = {
            "id": row["response_id"],
            "person": person,
            "state": row["state"],
            "answers": {item: int(row[item]) for item in items if not pd.isna(row[item])},
            "reasons": dict(zip(own["item_id"], own["reason"], strict=True)),
        }
        assert row["row_hash"] == row_hash(content)


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
