"""SPSS and Stata files: text cells, code books, and what is declared as missing."""

from __future__ import annotations

import datetime as dt
import importlib.util
import json
import random
import struct
from pathlib import Path
from typing import Any

import pytest
from planning_data import KEY, catalogue, lookup
from shared_files import SHARED, fixture

from twinimpact.errors import IngestError
from twinimpact.ingest.codebook import CodeBook, Question
from twinimpact.ingest.codebooks.registry import codebook_of
from twinimpact.ingest.columns import find_columns
from twinimpact.ingest.draft import Draft, draft_of
from twinimpact.ingest.inspection import inspect_file
from twinimpact.ingest.labelled import number_text
from twinimpact.ingest.mapping import parse_mapping
from twinimpact.ingest.persons import PersonReader
from twinimpact.ingest.platforms import spss_stata
from twinimpact.ingest.responses import ResponseSettings, response_rows
from twinimpact.ingest.source import RawTable, ReadOptions, read_tables
from twinimpact.ingest.stat_dates import SPSS_EPOCH, date_reader
from twinimpact.ingest.statistical import kind_of

pyreadstat = pytest.importorskip("pyreadstat", reason="pyreadstat (extra spss) is not installed")
pd = pytest.importorskip("pandas")

SAMPLE = ("sample.sav", "sample.zsav", "sample.por", "sample.dta")


def expected_files() -> list[dict[str, Any]]:
    path = SHARED / "fixtures" / "EXPECTED.json"
    if not path.exists():
        return [{"path": "EXPECTED.json"}]  # skips visibly below
    entries = json.loads(path.read_text(encoding="utf-8"))
    statistical = (".sav", ".zsav", ".por", ".dta")
    return [entry for entry in entries if entry["path"].endswith(statistical)]


def table_of(path: Path) -> RawTable:
    (table,) = read_tables(path)
    return table


def book_of(path: Path) -> CodeBook:
    book = table_of(path).codebook
    assert book is not None
    return book


def asked(path: Path, key: str) -> Question:
    question = book_of(path).question(key)
    assert question is not None
    return question


def sav(folder: Path, columns: dict[str, list[Any]], **labels: Any) -> Path:
    path = folder / "export.sav"
    pyreadstat.write_sav(pd.DataFrame(columns), path, **labels)
    return path


def dta(folder: Path, columns: dict[str, list[Any]], **labels: Any) -> Path:
    path = folder / "export.dta"
    pyreadstat.write_dta(pd.DataFrame(columns), path, **labels)
    return path


def cells(draft: Draft, name: str) -> list[str]:
    place = next(column.position for column in draft.columns if column.name == name)
    return [row.cells[place] for row in draft.rows]


def reasons(draft: Draft, name: str) -> list[str]:
    place = next(column.position for column in draft.columns if column.name == name)
    return [row.reasons.get(place, "") for row in draft.rows]


# --- real files against the expectations kept beside them ----------------------------------


@pytest.mark.parametrize("entry", expected_files(), ids=lambda entry: str(entry["path"]))
def test_a_real_file_gives_the_expected_table(entry: dict[str, Any]) -> None:
    path = fixture(entry["path"])
    table, draft, book = table_of(path), draft_of(path), book_of(path)
    assert draft.platform == "spss_stata"
    assert len(draft.rows) == entry["n_rows"]
    assert len(draft.columns) == entry["n_cols"]
    first = entry["columns_first"]
    assert list(table.rows[0][: len(first)]) == first
    assert table.encoding == (entry["file_encoding"] or "").lower()
    texts = [question.text[""] for question in book.questions if question.text]
    wanted = entry.get("labels_first", [])
    assert texts[: len(wanted)] == wanted
    labelled = [q for q in book.questions if q.options]
    assert len(labelled) <= entry.get("n_value_label_sets", 0)
    for name, spans in entry.get("missing_ranges", {}).items():
        question = asked(path, name)
        for span in spans:
            middle = (span["lo"] + span["hi"]) / 2
            for number in (span["lo"], middle, span["hi"]):
                assert question.reason(number_text(number)).startswith("user_missing(")
    for name, tags in entry.get("missing_user_values", {}).items():
        for tag in tags:
            assert asked(path, name).reason(f".{tag}") == f"user_missing(.{tag})"
    for key, found in entry.get("mr_sets", {}).items():
        one = next(answers for answers in book.sets if answers.key == key)
        assert one.label == found["label"]
        assert list(one.columns) == found["variable_list"]
        assert one.kind == ("dichotomy" if found["is_dichotomy"] else "category")
        assert one.counted == str(found["counted_value"] or "")


def test_what_a_real_code_book_means() -> None:
    path = fixture("spss_stata/simple_alltypes.sav")
    listed = json.loads(fixture("EXPECTED.json").read_text(encoding="utf-8"))
    wanted = next(e for e in listed if e["path"] == "spss_stata/simple_alltypes.sav")["semantics"]
    x, z = asked(path, "x"), asked(path, "z")
    assert {code: texts[""] for code, texts in x.options.items()} == wanted["value_labels_x"]
    assert sorted(map(int, x.missing)) == wanted["user_missing"]["x"]
    (span,) = z.spans
    assert [f"{span.low:.0f}..{span.high:.0f}", *map(int, z.missing)] == wanted["user_missing"]["z"]
    assert x.level == "nominal"
    assert {q.kind for q in book_of(path).questions if q.key.startswith("bool")} == {"multi"}
    draft = draft_of(path)
    seen = {question.key: question for question in inspect_file(path).questions}
    assert (seen["x"].kind, seen["x"].options) == ("single", ("red", "green", "blue"))
    assert {seen[f"bool{n}"].kind for n in (1, 2, 3)} == {"multi"}
    assert {seen[f"bool{n}"].group for n in (1, 2, 3)} == {"My multiple response set"}
    assert cells(draft, "z")[:4] == ["", "", "1.234", ""]
    assert reasons(draft, "z")[:4] == ["user_missing(-999..0)", "", "", "user_missing(999)"]


def test_one_impossible_date_costs_its_cell_and_not_the_file() -> None:
    draft = draft_of(fixture("spss_stata/haven_datetime.sav"))
    assert cells(draft, "date.posix") == ["", "2014-09-23T15:59:20"]
    assert reasons(draft, "date.posix") == ["unreadable", ""]
    (problem,) = [p for p in draft.problems if p.code == "date_out_of_range"]
    assert (problem.row, problem.column) == (1, "date.posix")
    assert cells(draft, "date") == ["2014-09-22", "2014-09-23"]


@pytest.mark.parametrize("name", SAMPLE)
def test_the_same_data_in_four_formats_give_the_same_table(name: str) -> None:
    first, other = (draft_of(fixture(f"spss_stata/{one}")) for one in (SAMPLE[0], name))
    assert [c.name.casefold() for c in other.columns] == [c.name for c in first.columns]
    assert [c.question for c in other.columns] == [c.question for c in first.columns]
    assert [row.cells for row in other.rows] == [row.cells for row in first.rows]
    assert [row.response_id for row in other.rows] == [row.response_id for row in first.rows]


def test_the_data_of_a_field_tool_keep_its_numbers_and_hide_its_people() -> None:
    path = fixture("surveycto/household_backcheck.dta")
    draft = draft_of(path)
    assert "SurveyCTO" in draft.variant
    ids = [row.response_id for row in draft.rows]
    assert len(set(ids)) == len(ids) == 185
    assert all(one.startswith("uuid:") for one in ids)
    assert all(row.submitted[:4] == "2017" for row in draft.rows)
    hidden = {column.name for column in draft.columns if column.role == "personal"}
    assert {"deviceid", "simid", "subscriberid", "devicephonenum", "username"} <= hidden
    assert {"gpslatitude", "a_pl_hhh_fn", "a_bcer_name", "instancename"} <= hidden
    assert "refused" in reasons(draft, "j_land_value")
    # a code below zero that is labelled as an answer is an answer
    assert "-666" in cells(draft, "h_toilet")


# --- small files written here --------------------------------------------------------------


def test_numbers_stay_as_they_were_typed_and_texts_keep_their_zeros(tmp_path: Path) -> None:
    path = sav(tmp_path, {"n": [1.0, 2.5, 0.1], "t": ["0312", " NA ", "ä"], "e": [None, 3.0, 1e5]})
    draft = draft_of(path)
    assert cells(draft, "n") == ["1", "2.5", "0.1"]
    assert cells(draft, "t") == ["0312", "NA", "ä"]
    assert cells(draft, "e") == ["", "3", "100000"]
    assert [row.number for row in draft.rows] == [1, 2, 3]


@pytest.mark.parametrize("typed", [3.14, 0.1, -1000.3, 9.4054355621, 121.2, 16777217.5])
def test_a_four_byte_number_gets_its_shortest_digits(typed: float) -> None:
    stored = struct.unpack("<f", struct.pack("<f", typed))[0]
    text = number_text(stored, single=True)
    assert struct.pack("<f", float(text)) == struct.pack("<f", typed)
    assert len(text) <= len(repr(stored))


def test_a_response_without_anything_in_it_is_still_a_case(tmp_path: Path) -> None:
    assert len(draft_of(sav(tmp_path, {"a": [None, 1.0], "b": [None, 2.0]})).rows) == 2


def test_an_empty_data_file_has_no_responses(tmp_path: Path) -> None:
    path = sav(tmp_path, {"a": pd.Series([], dtype="float64")})
    draft = draft_of(path)
    assert draft.rows == ()
    assert [column.name for column in draft.columns] == ["a"]


def test_labels_of_missing_codes_give_the_reason(tmp_path: Path) -> None:
    path = sav(
        tmp_path,
        {"q": [1.0, 8.0, 9.0, 7.0]},
        variable_value_labels={"q": {1: "Yes", 8: "Weiß nicht", 9: "Keine Angabe", 7: "odd"}},
        missing_ranges={"q": [8, 9, 7]},
    )
    draft = draft_of(path)
    assert cells(draft, "q") == ["1", "", "", ""]
    assert reasons(draft, "q") == ["", "dont_know", "refused", "user_missing(7)"]
    assert list(asked(path, "q").options) == ["1"]


def test_a_code_labelled_as_unsure_but_not_declared_missing_is_an_answer(tmp_path: Path) -> None:
    path = sav(
        tmp_path, {"q": [1.0, 8.0]}, variable_value_labels={"q": {1: "Yes", 8: "Don't know"}}
    )
    assert cells(draft_of(path), "q") == ["1", "8"]


def test_ranges_of_missing_numbers_reach_to_the_lowest(tmp_path: Path) -> None:
    path = sav(tmp_path, {"q": [5.0, -3.0, -99.0]}, missing_ranges={"q": [{"lo": -1e6, "hi": -1}]})
    assert reasons(draft_of(path), "q")[0] == ""
    assert all(reasons(draft_of(path), "q")[1:])


def test_texts_can_be_declared_missing_too(tmp_path: Path) -> None:
    path = sav(tmp_path, {"t": ["NA", "wood"]}, missing_ranges={"t": ["NA"]})
    draft = draft_of(path)
    assert cells(draft, "t") == ["", "wood"]
    assert reasons(draft, "t") == ["user_missing(NA)", ""]


def test_marks_of_stata_carry_their_labels(tmp_path: Path) -> None:
    path = dta(
        tmp_path,
        {"q": [1, "a", "b"], "t": ["a", "b", "c"]},
        missing_user_values={"q": ["a", "b"]},
        variable_value_labels={"q": {1: "Yes", "a": "refused"}},
    )
    draft = draft_of(path)
    assert cells(draft, "q") == ["1", "", ""]
    assert reasons(draft, "q") == ["", "refused", "user_missing(.b)"]
    assert cells(draft, "t") == ["a", "b", "c"]


def test_dates_declared_missing_are_no_dates(tmp_path: Path) -> None:
    path = sav(
        tmp_path,
        {"d": [dt.date(2025, 5, 3), dt.date(1900, 1, 1)]},
        missing_ranges={"d": [(dt.datetime(1900, 1, 1) - SPSS_EPOCH).total_seconds()]},
    )
    draft = draft_of(path)
    assert cells(draft, "d") == ["2025-05-03", ""]
    assert reasons(draft, "d")[1].startswith("user_missing(")


@pytest.mark.parametrize(
    ("written", "kind", "number", "text"),
    [
        ("DATE11", "sav", 13744944000.0, "2018-05-06"),
        ("DATETIME20", "sav", 13744980610.0, "2018-05-06T10:10:10"),
        ("TIME11.2", "sav", 43870.09, "12:11:10.090"),
        ("DTIME15", "sav", 90061.0, "25:01:01"),
        ("MOYR8", "sav", 13744944000.0, "2018-05"),
        ("QYR8", "sav", 13744944000.0, "2018-Q2"),
        ("WKYR10", "sav", 13744944000.0, "2018-W18"),
        ("%td", "dta", 21310.0, "2018-05-06"),
        ("%d", "dta", 21310, "2018-05-06"),
        ("%tdDD/NN/CCYY", "dta", 21310.0, "2018-05-06"),
        ("%tc", "dta", 1841220610000.0, "2018-05-06T10:10:10"),
        ("%-tCDDmonCCYY_HH:MM", "dta", 1841220610000.0, "2018-05-06T10:10:10"),
        ("%tcHH:MM:SS", "dta", 36610000.0, "10:10:10"),
        ("%tm", "dta", 700, "2018-05"),
        ("%tq", "dta", 233, "2018-Q2"),
        ("%th", "dta", 116, "2018-H1"),
        ("%tw", "dta", 3032, "2018-W17"),
        ("%td", "dta", 9e9, ""),
        ("DATETIME20", "sav", 6306150067200.0, ""),
    ],
)
def test_dates_are_told_by_their_format(written: str, kind: str, number: float, text: str) -> None:
    # day counts are those of R's haven and of the Stata manual: td(06may2018) is 21310
    reader = date_reader(written, kind)
    assert reader is not None
    assert reader(number) == text


@pytest.mark.parametrize("written", ["F8.2", "A40", "DOLLAR8", "%9.0g", "%13s", "%ty", ""])
def test_other_formats_are_no_dates(written: str) -> None:
    assert date_reader(written, "dta" if written.startswith("%") else "sav") is None


def test_letters_that_the_header_names_wrongly_are_read_all_the_same(tmp_path: Path) -> None:
    path = sav(tmp_path, {"t": ["Ktln", "Bonn"]}, column_labels=["Strqsse"])
    data = path.read_bytes().replace(b"Ktln", "Köln".encode("cp1252"))
    path.write_bytes(data.replace(b"Strqsse", "Straße!"[:6].encode("cp1252") + b"e"))
    table = table_of(path)
    assert table.rows[1] == ("Köln",)
    (problem,) = [p for p in table.problems if p.code == "encoding_guessed"]
    assert problem.got == "WINDOWS-1252"
    assert "ö" in problem.expected
    named = read_tables(path, ReadOptions(encoding="cp1252"))[0]
    assert named.rows == table.rows
    assert not named.problems or named.problems[0].code != "encoding_guessed"


def test_an_id_that_is_already_rounded_is_told(tmp_path: Path) -> None:
    table = table_of(sav(tmp_path, {"id": [9.1e15, 12.0]}))
    assert [(p.code, p.row, p.column) for p in table.problems] == [("number_rounded", 1, "id")]


def test_the_impossible_birthday_of_a_person_is_not_shown(tmp_path: Path) -> None:
    path = sav(tmp_path, {"birthdate": [9e15, 1.0]}, variable_format={"birthdate": "DATETIME20"})
    (problem,) = [p for p in table_of(path).problems if p.code == "date_out_of_range"]
    assert problem.got == "•••"


def test_a_data_file_in_an_archive_is_opened(tmp_path: Path) -> None:
    import zipfile

    inner = sav(tmp_path, {"a": [1.0], "b": [2.0], "c": [3.0]})
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(inner, "data.sav")
    assert draft_of(path).platform == "spss_stata"


def test_a_qualtrics_file_of_spss_knows_id_state_and_previews(tmp_path: Path) -> None:
    path = sav(
        tmp_path,
        {
            "ResponseId": ["R_1", "R_2", "R_3"], "Status": [0.0, 1.0, 0.0],
            "Finished": [1.0, 1.0, 0.0], "RecordedDate": [dt.datetime(2025, 5, 3, 9)] * 3,
            "IPAddress": ["192.0.2.1"] * 3, "Q1": [1.0, 2.0, 3.0],
        },
    )  # fmt: skip
    draft = draft_of(path)
    assert [(row.response_id, row.state) for row in draft.rows] == [
        ("R_1", "complete"), ("R_2", "test"), ("R_3", "partial"),
    ]  # fmt: skip
    assert draft.rows[0].submitted == "2025-05-03T09:00:00"
    assert [c.role for c in draft.columns] == [
        "id", "status", "status", "submitted", "personal", "question",
    ]  # fmt: skip


def test_a_limesurvey_file_of_spss_tells_the_unfinished(tmp_path: Path) -> None:
    path = sav(
        tmp_path,
        {"id": [1.0, 2.0], "submitdate": ["2025-05-03 10:00:00", ""], "lastpage": [3.0, 1.0]},
    )
    assert [row.state for row in draft_of(path).rows] == ["complete", "partial"]


def test_real_names_that_stand_in_the_labels_are_used(tmp_path: Path) -> None:
    path = sav(tmp_path, {"var1": [1.0], "var2": [2.0]}, column_labels=["tw_x_a", "tw_x_b"])
    draft = draft_of(path)
    assert [column.key for column in draft.columns] == ["tw_x_a", "tw_x_b"]


def test_the_file_is_its_own_code_book(tmp_path: Path) -> None:
    path = survey(tmp_path)
    book = codebook_of(path)
    question = book.question("gender")
    assert question is not None and question.wording("2") == "weiblich"
    assert question.wording("3") == "3"


# --- on the way into the store -------------------------------------------------------------


def survey(folder: Path, **more: Any) -> Path:
    columns = {
        "nr": [101.0, 102.0], "agree": [1.0, 2.0], "gender": [1.0, 2.0], "town": [1.0, 2.0],
        "tw_x_a": [7.0, 88.0], "tw_y_p": [1.0, 2.0],
    }  # fmt: skip
    labels = {
        "agree": {1: "No", 2: "Yes"}, "gender": {1: "männlich", 2: "weiblich"},
        "town": {1: "Lindau", 2: "Morlaix"},
    }  # fmt: skip
    return sav(folder, columns, variable_value_labels=labels, **more)


def test_person_columns_and_consent_are_read_through_their_labels(tmp_path: Path) -> None:
    mapping = parse_mapping(
        {
            "columns": {"response_id": "nr"},
            "consent": {"column": "agree", "yes": ["Yes"]},
            "constants": {"wave": "pre", "partnership": "lin-mor"},
        },
        "map.toml",
    )
    settings = ResponseSettings(
        mapping=mapping,
        catalogue=catalogue(),
        lookup=lookup(),
        key=KEY,
        constants=mapping.constants,
    )
    checked = response_rows(draft_of(survey(tmp_path)), settings)
    assert checked.excluded == {"no_consent": 1}
    frame = checked.frame
    assert frame[["gender", "town_id"]].to_numpy().tolist() == [["female", "mor"]]


def test_the_response_number_is_the_one_the_mapping_names(tmp_path: Path) -> None:
    content = {"consent": {"waived": "on paper"}, "columns": {"response_id": "nr"}}
    mapping = parse_mapping(content, "map.toml")
    draft = draft_of(survey(tmp_path))
    places = find_columns(draft, mapping, catalogue())
    assert places.roles["response_id"] == (0,)
    reader = PersonReader(draft, mapping, {"wave": "pre"}, lookup(), places)
    assert reader.asked["gender"].wording("1") == "männlich"


def test_importing_a_shuffled_copy_gives_the_same_responses(tmp_path: Path) -> None:
    columns = {"a": [1.0, 2.0, 3.0], "b": ["x", "y", "z"]}
    one = draft_of(sav(tmp_path, columns))
    turned = {name: values[::-1] for name, values in reversed(list(columns.items()))}
    other = draft_of(sav(tmp_path, turned))
    assert {row.response_id for row in one.rows} == {row.response_id for row in other.rows}


# --- what cannot be read -------------------------------------------------------------------


def test_without_the_reader_one_sentence_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = sav(tmp_path, {"a": [1.0]})
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(IngestError, match="not installed") as caught:
        read_tables(path)
    assert "twinimpact[spss]" in caught.value.hint


@pytest.mark.parametrize(
    "data",
    [b"$FL2", b"$FL2@(#) SPSS DATA FILE" + bytes(200), b"$FL3" + bytes(200), b"<stata_dta>",
     b"s\x01\x01\0" + bytes(300), b" " * 200 + b"SPSS PORT FILE" + b"0" * 300],
)  # fmt: skip
def test_the_beginning_of_a_data_file_alone_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "cut.sav"
    path.write_bytes(data)
    with pytest.raises(IngestError, match=r"damaged or cut off|no variables"):
        read_tables(path)


def test_sas_files_are_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "a.xpt"
    path.write_bytes(b"HEADER RECORD*******LIBRARY HEADER RECORD!!!!!!!" + b"0" * 100)
    with pytest.raises(IngestError, match="SAS"):
        read_tables(path)


def test_other_files_are_no_data_files() -> None:
    for data in (b"", b"h", b"s", b"PK\x03\x04", b"start,end\n1,2\n", b"<xml>"):
        assert kind_of(data) == ""


@pytest.mark.parametrize("name", ["ordered_category.sav", "haven_labelled-num.sav", *SAMPLE])
def test_damaged_files_end_in_an_answer_or_a_clear_error(tmp_path: Path, name: str) -> None:
    # the C library itself stops on some of these, which is why it runs in a process of its own
    data = fixture(f"spss_stata/{name}").read_bytes()
    rng = random.Random(name)
    path = tmp_path / name
    for attempt in range(8):
        broken = bytearray(data[: rng.randrange(len(data))] if attempt % 2 else data)
        for _ in range(0 if attempt % 2 else 20):
            broken[rng.randrange(min(len(broken), 600))] = rng.randrange(256)
        path.write_bytes(bytes(broken))
        try:
            draft = draft_of(path)
        except IngestError as error:
            assert error.what and error.where == name
        else:
            assert all(len(row.cells) == len(draft.columns) for row in draft.rows)


def test_the_signature_needs_the_container() -> None:
    table = RawTable(
        file="a.csv", sheet="", rows=(("key", "formdef_version"),), numbers=(1,), sha256="",
        encoding="", delimiter=",", container="csv", problems=(),
    )  # fmt: skip
    assert spss_stata.signature(table) is None
