"""EUSurvey: workbooks, spilled sheets, zips, anonymous surveys, XML, and what is refused."""

from __future__ import annotations

import datetime as dt
import io
import json
import random
import re
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pytest
import xlsxwriter
from shared_files import SHARED, fixture

from twinimpact.errors import IngestError
from twinimpact.ingest.draft import Draft, draft_of
from twinimpact.ingest.inspection import inspect_file

FILE = "eusurvey/everse_content_export.xls"
UUIDS = tuple(f"8f1c0000-0000-4000-8000-00000000000{n}" for n in range(1, 4))
CREATED = (dt.datetime(2025, 5, 1, 9, 36), dt.datetime(2025, 5, 2, 9, 0), dt.datetime(2025, 5, 3))
Cells = Sequence[Sequence[Any]]


def told(draft: Draft) -> list[str]:
    return [problem.code for problem in draft.problems]


def cells(draft: Draft, key: str) -> list[str]:
    place = next(column.position for column in draft.columns if column.key == key)
    return [row.cells[place] for row in draft.rows]


# --- the real export -----------------------------------------------------------------------


def test_the_real_export_gives_what_it_means() -> None:
    path = fixture(FILE)
    listed = json.loads((SHARED / "fixtures" / "EXPECTED.json").read_text(encoding="utf-8"))
    entry = next(one for one in listed if one["path"] == FILE)
    meaning = entry["semantics"]
    draft = draft_of(path)
    assert (draft.platform, draft.variant, draft.mode) == ("eusurvey", "xls", "code")
    assert len(draft.rows) == entry["n_responses"] == meaning["n"]
    assert len(draft.columns) == entry["n_cols"]
    asked = [column for column in draft.columns if column.role == "question"]
    assert len(asked) == meaning["n_question_cols"]
    assert [column.key for column in asked[:9]] == meaning["first_shortnames"]
    assert all(re.search(meaning["shortname_regex"], column.name) for column in asked)
    assert cells(draft, "P4")[0].split(";") == meaning["P4_row1_codes"]
    assert draft.rows[0].submitted == meaning["created_first"].replace(" ", "T")
    assert draft.rows[-1].submitted == meaning["created_last"].replace(" ", "T")
    assert draft.rows[0].number == meaning["header_row_1based"] + 1
    assert len({row.response_id for row in draft.rows}) == 28
    assert "id_missing" in told(draft)
    first = draft.asked(7)
    assert first is not None and first.options["ID10"] == {"": "Yes"}
    seen = inspect_file(path)
    assert (seen.header_rows, seen.n_rows, seen.n_complete, seen.n_partial) == (4, 28, 28, 0)
    assert seen.sheet == "Content" and not seen.refusal


# --- small files of our own ----------------------------------------------------------------

QUESTIONS = ("How old are you? (AGE)", "Which partner towns? (TOWN)", "How was it?: Trip (R1)",
             "How was it?: Evening (R2)", "Rate the day (RATE)", "Plan Mon (M1):Hours (H1)",
             "Why? (WHY)")  # fmt: skip
ANSWERS = (
    ("30-44(A3)", "Aarhus(T1); Bergen(T2)", "Good(G)", "Bad(B)", "8/10", "3", "fine (really)"),
    ("45-59(A4)", "Bergen(T2)", "Good(G)", "", "10/10", "", ""),
    ("30-44(A3)", "", "Bad(B)", "Good(G)", "", "1", "x; y"),
)
META = ("Invitation Number", "Contribution Id", "User Name", "Creation Date", "Last Update",
        "Languages")  # fmt: skip


def meta_rows(anonymous: bool = False) -> list[tuple[Any, ...]]:
    ids = ("Anonymous",) * 3 if anonymous else UUIDS
    who = ("Anonymous",) * 3 if anonymous else ("a@town.example", "", "b@town.example")
    return [
        ("tok" if not anonymous else "Anonymous", one, user, created, created, "EN")
        for one, user, created in zip(ids, who, CREATED, strict=True)
    ]


def workbook(path: Path, sheets: dict[str, Cells], first: int = 3) -> Path:
    """A workbook as the tool writes it: a preamble, a blank row, the header in row 4."""
    book = xlsxwriter.Workbook(path)
    day = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        sheet.write_row(0, 0, ("Alias", "TownFriends2025"))
        sheet.write_row(1, 0, ("Export Date", "2025-05-10 10:00:00"))
        for number, row in enumerate(rows, start=first):
            for place, cell in enumerate(row):
                if isinstance(cell, dt.datetime):
                    sheet.write_datetime(number, place, cell, day)
                elif cell not in ("", None):
                    sheet.write(number, place, cell)
    book.close()
    return path


def table(anonymous: bool = False) -> list[Sequence[Any]]:
    rows = [(*a, *m) for a, m in zip(ANSWERS, meta_rows(anonymous), strict=True)]
    return [(*QUESTIONS, *META), *rows]


def test_headers_and_answers_are_read_as_codes(tmp_path: Path) -> None:
    draft = draft_of(workbook(tmp_path / "a.xlsx", {"Content": table()}))
    assert (draft.platform, draft.variant, draft.mode) == ("eusurvey", "xlsx", "code")
    assert [(c.key, c.question, c.role) for c in draft.columns[:7]] == [
        ("AGE", "How old are you?", "question"), ("TOWN", "Which partner towns?", "question"),
        ("R1", "How was it? [Trip]", "question"), ("R2", "How was it? [Evening]", "question"),
        ("RATE", "Rate the day", "question"), ("M1:H1", "Plan Mon [Hours]", "question"),
        ("WHY", "Why?", "question"),
    ]  # fmt: skip
    assert [c.role for c in draft.columns[7:]] == ["token", "id", "personal", "submitted",
                                                   "ignore", "language"]  # fmt: skip
    assert [row.cells[:7] for row in draft.rows] == [
        ("A3", "T1;T2", "G", "B", "8", "3", "fine (really)"), ("A4", "T2", "G", "", "10", "", ""),
        ("A3", "", "B", "G", "", "1", "x; y"),
    ]  # fmt: skip
    assert [(r.number, r.response_id, r.submitted, r.language, r.token) for r in draft.rows] == [
        (5, UUIDS[0], "2025-05-01T09:36:00", "en", "tok"),
        (6, UUIDS[1], "2025-05-02T09:00:00", "en", "tok"),
        (7, UUIDS[2], "2025-05-03", "en", "tok"),
    ]  # fmt: skip
    town = draft.asked(1)
    assert town is not None and town.kind == "multi"
    assert town.options == {"T1": {"": "Aarhus"}, "T2": {"": "Bergen"}}


def test_without_assigned_values_wordings_stay(tmp_path: Path) -> None:
    plain = [re.sub(r" \(\w+\)", "", name) for name in QUESTIONS]
    rows = [[re.sub(r"\(\w+\)", "", cell) for cell in row] for row in ANSWERS]
    body = [[*r, *m] for r, m in zip(rows, meta_rows(), strict=True)]
    draft = draft_of(workbook(tmp_path / "a.xlsx", {"Content": [[*plain, *META], *body]}))
    assert draft.mode == "label"
    assert draft.columns[1].key == "Which partner towns?"
    assert cells(draft, "Which partner towns?") == ["Aarhus; Bergen", "Bergen", ""]
    assert cells(draft, "Rate the day") == ["8", "10", ""]
    assert draft.columns[2].question == "How was it? [Trip]"
    assert [c.role for c in draft.columns[7:]] == ["token", "id", "personal", "submitted",
                                                   "ignore", "language"]  # fmt: skip


def test_an_anonymous_survey_is_known_by_content_and_date(tmp_path: Path) -> None:
    draft = draft_of(workbook(tmp_path / "a.xlsx", {"Content": table(anonymous=True)}))
    ids = [row.response_id for row in draft.rows]
    assert len(set(ids)) == 3 and all(one.startswith("row-") for one in ids)
    assert [row.token for row in draft.rows] == ["", "", ""]
    assert "id_missing" in told(draft)
    rows = table(anonymous=True)
    mixed = draft_of(workbook(tmp_path / "b.xlsx", {"Content": [rows[0], *rows[:0:-1]]}))
    assert [row.response_id for row in mixed.rows] == ids[::-1]
    # equal answers on another day are another person, another last update is not
    same = [rows[0], rows[1], (*rows[1][:10], CREATED[2], *rows[1][11:]),
            (*rows[1][:11], CREATED[1], rows[1][12])]  # fmt: skip
    again = draft_of(workbook(tmp_path / "c.xlsx", {"Content": same}))
    found = [row.response_id for row in again.rows]
    assert found[0] == ids[0] and found[1] not in ids and found[2] == f"{ids[0]}-2"


def test_spilled_sheets_are_joined_by_row(tmp_path: Path) -> None:
    whole = table()
    left = [row[:5] for row in whole]
    right = [row[5:9] for row in whole]
    last = [row[9:] for row in whole]
    left[2] = ("",) * 5  # nothing answered on the first sheet
    sheets: dict[str, Cells] = {
        "Content": left, "Content1": right, "Content2": last, "Content10": [],
    }  # fmt: skip
    draft = draft_of(workbook(tmp_path / "a.xlsx", sheets))
    assert [c.key for c in draft.columns] == [
        "AGE", "TOWN", "R1", "R2", "RATE", "M1:H1", "WHY", *META,
    ]  # fmt: skip
    assert [row.response_id for row in draft.rows] == list(UUIDS)
    assert draft.rows[1].cells[:7] == ("",) * 7
    assert draft.rows[2].cells[4:7] == ("", "1", "x; y")
    assert "sheets_left_out" not in told(draft)


def test_254_columns_and_their_end_on_the_next_sheet(tmp_path: Path) -> None:
    names = [f"Question {n} (Q{n})" for n in range(254)]
    sheets: dict[str, Cells] = {
        "Content": [names, ["x"] * 254, ["y"] * 254],
        "Content1": [["Last one (Q254)", "Creation Date"], ["z", CREATED[0]], ["", CREATED[1]]],
    }
    draft = draft_of(workbook(tmp_path / "a.xlsx", sheets))
    assert len(draft.columns) == 256 and len(draft.rows) == 2
    assert cells(draft, "Q254") == ["z", ""]
    assert [row.submitted for row in draft.rows] == ["2025-05-01T09:36:00", "2025-05-02T09:00:00"]


def packed(folder: Path, members: dict[str, bytes]) -> Path:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    path = folder / "export.zip"
    path.write_bytes(target.getvalue())
    return path


def test_several_workbooks_in_a_zip_are_one_table(tmp_path: Path) -> None:
    whole = table()
    members = {}
    for number, row in ((0, 1), (2, 3), (10, 2)):
        name = "export.xlsx" if not number else f"export_{number}.xlsx"
        path = workbook(tmp_path / name, {"Content": [whole[0], whole[row]]})
        members[name] = path.read_bytes()
    # what respondents uploaded is no table of answers
    members[f"{UUIDS[0]}/Upload_1/mine.xlsx"] = b"broken"
    members[f"{UUIDS[1]}/Upload_2/list.csv"] = b"a,b\n1,2\n"
    draft = draft_of(packed(tmp_path, members))
    assert [row.response_id for row in draft.rows] == [UUIDS[0], UUIDS[2], UUIDS[1]]
    assert [row.number for row in draft.rows] == [5, 10, 15]
    joined = [p for p in draft.problems if p.code == "workbooks_joined"]
    assert [(p.got, p.expected) for p in joined] == [
        ("export.zip/export_2.xlsx", "5"), ("export.zip/export_10.xlsx", "10"),
    ]  # fmt: skip
    assert all(p.what() and p.hint() for p in joined)


def test_another_survey_in_the_zip_is_named_and_left_out(tmp_path: Path) -> None:
    one = workbook(tmp_path / "a.xlsx", {"Content": table()}).read_bytes()
    other = workbook(tmp_path / "b.xlsx", {"Content": [["Else? (E)"], ["x"]]}).read_bytes()
    draft = draft_of(packed(tmp_path, {"a.xlsx": one, "b.xlsx": other}))
    assert len(draft.rows) == 3 and "sheets_left_out" in told(draft)


def ods(path: Path, rows: Cells) -> Path:
    def cell(value: Any) -> str:
        if isinstance(value, dt.datetime):
            return (f'<table:table-cell office:value-type="date" '
                    f'office:date-value="{value.isoformat()}"><text:p>x</text:p>'
                    "</table:table-cell>")  # fmt: skip
        if value == "":
            return "<table:table-cell/>"
        return (f'<table:table-cell office:value-type="string"><text:p>{escape(str(value))}'
                "</text:p></table:table-cell>")  # fmt: skip

    lines = [("Alias", "TownFriends2025"), ("Export Date", "2025-05-10 10:00:00"), ("",), *rows]
    body = "".join(f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in lines)
    names = " ".join(
        f'xmlns:{n}="urn:oasis:names:tc:opendocument:xmlns:{n}:1.0"'
        for n in ("office", "table", "text")
    )
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {names}><office:body>'
        f'<office:spreadsheet><table:table table:name="Content">{body}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        archive.writestr("content.xml", content)
    return path


def test_ods_and_xlsx_are_twins(tmp_path: Path) -> None:
    one = draft_of(ods(tmp_path / "a.ods", table()))
    other = draft_of(workbook(tmp_path / "a.xlsx", {"Content": table()}))
    assert one.columns == other.columns
    assert one.rows == other.rows
    assert one.variant == "ods"


LOCALISED = {
    "de": ("Einladungsnummer", "Beitrags-ID", "Nutzername", "Erstellungsdatum",
           "Letzte Aktualisierung", "Sprachen"),
    "fr": ("Numéro d'invitation", "ID de la contribution", "Nom d'utilisateur",
           "Date de création", "Dernière mise à jour", "Langues"),
    "it": ("Numero di invito", "ID contributo", "Nome utente", "Data di creazione",
           "Ultimo aggiornamento", "Lingue"),
    "es": ("Número de invitación", "ID de la contribución", "Nombre de usuario",
           "Fecha de creación", "Última actualización", "Idiomas"),
    "pl": ("Numer zaproszenia", "Contribution Id", "Nazwa użytkownika", "Data utworzenia",
           "Ostatnia aktualizacja", "Języki"),
    "cs": ("Číslo pozvánky", "ID příspěvku", "Uživatelské jméno", "Datum vytvoření",
           "Poslední aktualizace", "Jazyky"),
    "sk": ("Číslo pozvánky", "ID príspevku", "Používateľské meno", "Dátum vytvorenia",
           "Posledná aktualizácia", "Jazyky"),
    "hu": ("Meghívó száma", "Hozzájárulás azonosítója", "Felhasználónév", "Létrehozás dátuma",
           "Utolsó frissítés", "Nyelvek"),
}  # fmt: skip


@pytest.mark.parametrize("language", LOCALISED)
def test_localised_columns_of_the_tool_are_found_and_told(language: str, tmp_path: Path) -> None:
    whole = table()
    whole[0] = (*QUESTIONS, *LOCALISED[language])
    draft = draft_of(workbook(tmp_path / "a.xlsx", {"Content": whole}))
    english = draft_of(workbook(tmp_path / "b.xlsx", {"Content": table()}))
    assert [c.role for c in draft.columns] == [c.role for c in english.columns]
    assert draft.rows == english.rows
    guessed = [p.got for p in draft.problems if p.code == "metadata_guessed"]
    assert set(guessed) <= set(LOCALISED[language]) and guessed
    assert "metadata_guessed" not in told(english)


def test_columns_of_the_tool_in_any_language_are_told_by_content(tmp_path: Path) -> None:
    whole = table()
    whole[0] = (*QUESTIONS, "Kutsenumero", "Vastauksen tunnus", "Käyttäjä", "Luontipäivä",
                "Päivitetty", "Kielet")  # fmt: skip
    whole[3] = (*whole[3][:10], CREATED[1], CREATED[1], "FI")
    draft = draft_of(workbook(tmp_path / "a.xlsx", {"Content": whole}))
    roles = {c.name: c.role for c in draft.columns[7:]}
    assert roles["Luontipäivä"] == "submitted" and roles["Kielet"] == "language"
    assert roles["Käyttäjä"] == "personal"  # told by the addresses in it
    assert "metadata_guessed" in told(draft)


def test_split_choices_come_together_again(tmp_path: Path) -> None:
    header = ("Towns? (TOWN)", "Aarhus (T1)", "Bergen (T2)", "More? (MORE)", *META)
    rows = [("", "Yes", "Yes", "Yes(Y)"), ("", "No", "Yes", "No(N)"), ("", "No", "No", "Yes(Y)")]
    body = [(*r, *m) for r, m in zip(rows, meta_rows(), strict=True)]
    draft = draft_of(workbook(tmp_path / "a.xlsx", {"Content": [header, *body]}))
    assert [c.key for c in draft.columns[:4]] == ["TOWN", "TOWN/T1", "TOWN/T2", "MORE"]
    assert cells(draft, "TOWN") == ["T1;T2", "T2", ""]
    assert cells(draft, "TOWN/T1") == ["Yes", "No", "No"]
    assert draft.columns[1].question == "Towns? [Aarhus]"
    assert draft.codebook is not None and draft.codebook.sets[0].columns == ("TOWN/T1", "TOWN/T2")


def test_remarks_of_a_delphi_survey_belong_to_their_question(tmp_path: Path) -> None:
    header = ("Q one (A)", "Explanation", "Likes", "Discussion", "Q two (B)", "Explanation",
              "Likes", "Creation Date")  # fmt: skip
    rows = [("Yes(Y)", "because", 2, "talk", "No(N)", "so", 0, CREATED[0])]
    draft = draft_of(workbook(tmp_path / "a.xlsx", {"Content": [header, *rows]}))
    assert [c.key for c in draft.columns] == [
        "A", "A/explanation", "A/likes", "A/discussion", "B", "B/explanation", "B/likes",
        "Creation Date",
    ]  # fmt: skip
    assert draft.mode == "code"


def test_codes_after_a_space_are_read_where_none_stands_without(tmp_path: Path) -> None:
    header = ("Town (TOWN)", "Why (WHY)", "Creation Date")
    rows = [("Bergen (T2);Aarhus (T1)", "as is", CREATED[0]), ("Aarhus (T1)", "", CREATED[1])] * 2
    draft = draft_of(workbook(tmp_path / "a.xlsx", {"Content": [header, *rows]}))
    assert cells(draft, "TOWN") == ["T2;T1", "T1"] * 2


def test_text_in_brackets_is_no_code(tmp_path: Path) -> None:
    header = ("Town (TOWN)", "Essay (E)", "Part (P)", "Creation Date")
    rows = [
        ("Bergen(T2)", "it was f(x)", "1/5", CREATED[0]),
        ("Aarhus(T1)", "plain", "1/10", CREATED[1]),
    ]
    draft = draft_of(workbook(tmp_path / "a.xlsx", {"Content": [header, *rows]}))
    assert cells(draft, "E") == ["it was f(x)", "plain"]
    assert cells(draft, "P") == ["1/5", "1/10"]  # two scales are no rating
    assert cells(draft, "TOWN") == ["T2", "T1"]


def test_an_empty_export_is_an_answer_and_no_error(tmp_path: Path) -> None:
    draft = draft_of(workbook(tmp_path / "a.xlsx", {"Content": table()[:1]}))
    assert draft.rows == () and len(draft.columns) == len(QUESTIONS) + len(META)


def test_the_sheet_saved_as_csv_is_still_read(tmp_path: Path) -> None:
    text = "Alias,Town\nExport Date,2025-05-10 10:00:00\n\n"
    text += "Age? (AGE),Creation Date\n30-44(A3),2025-05-01 09:36:00\n15-29(A2),\n"
    path = tmp_path / "a.csv"
    path.write_text(text, encoding="utf-8")
    draft = draft_of(path)
    assert draft.platform == "eusurvey" and cells(draft, "AGE") == ["A3", "A2"]
    assert [row.number for row in draft.rows] == [5, 6]


@pytest.mark.parametrize("seed", range(3))
def test_shuffled_rows_and_columns_give_the_same_table(seed: int, tmp_path: Path) -> None:
    dice = random.Random(seed)
    whole = table()
    order = dice.sample(range(len(whole[0])), len(whole[0]))
    mixed = [whole[0], *dice.sample(whole[1:], 3)]
    rows = [tuple(row[place] for place in order) for row in mixed]
    one = draft_of(workbook(tmp_path / "a.xlsx", {"Content": whole}))
    other = draft_of(workbook(tmp_path / "b.xlsx", {"Content": rows}))

    def shape(draft: Draft) -> object:
        columns = sorted((c.key, c.question, c.role) for c in draft.columns)
        found = {r.response_id: {c.key: r.cells[c.position] for c in draft.columns}
                 for r in draft.rows}  # fmt: skip
        return columns, found

    assert shape(one) == shape(other)


# --- XML -----------------------------------------------------------------------------------


def elements(tongue: str, words: dict[str, str], short: bool) -> str:
    def tag(name: str, uid: str, kind: str = "") -> str:
        bid = f' bid="{uid.upper()}"' if short else ""
        typed = f' type="{kind}"' if kind else ""
        return f'<{name} id="u-{uid}"{bid}{typed}>{escape(words[uid])}</{name}>'

    return (
        f'<Elements lang="{tongue}">' + tag("Section", "sec", "Section")
        + tag("Question", "age", "Single Choice") + tag("Answer", "a3") + tag("Answer", "a4")
        + tag("Question", "town", "Multiple Choice") + tag("Answer", "t1") + tag("Answer", "t2")
        + tag("MatrixTitle", "grid", "Matrix")
        + tag("MatrixQuestion", "r1", "Single Choice Matrix Question")
        + tag("MatrixQuestion", "r2", "Single Choice Matrix Question")
        + tag("MatrixAnswer", "g") + tag("MatrixAnswer", "b")
        + '<MatrixCell qid="u-r1" aid="u-g"/>'
        + tag("Question", "rate", "Rating") + tag("RatingQuestion", "stars", "Rating")
        + tag("TableTitle", "plan", "Table") + tag("TableQuestion", "m1") + tag("TableAnswer", "h1")
        + tag("Question", "rank", "Ranking") + tag("RankingItem", "x") + tag("RankingItem", "y")
        + tag("Text", "note", "Text") + tag("Question", "why", "Free Text") + "</Elements>"
    )  # fmt: skip


ENGLISH = {
    "sec": "Part one", "age": "How <b>old</b> are you?", "a3": "30-44", "a4": "45-59",
    "town": "Which towns?", "t1": "Aarhus", "t2": "Bergen", "grid": "How was it?", "r1": "Trip",
    "r2": "Evening", "g": "Good", "b": "Bad", "rate": "Rate", "stars": "Rate: the day",
    "plan": "Plan", "m1": "Monday", "h1": "Hours", "rank": "Order", "x": "First", "y": "Second",
    "note": "Thanks", "why": "Why?",
}  # fmt: skip
GERMAN = {**ENGLISH, "age": "Wie alt sind Sie?", "town": "Welche Städte?", "g": "Gut",
          "stars": "Rate: den Tag"}  # fmt: skip


def results(short: bool = True, anonymous: bool = False) -> str:
    def answer_set(number: int, tongue: str, inner: str) -> str:
        one = "Anonymous" if anonymous else UUIDS[number]
        who = "Anonymous" if anonymous else "a@town.example"
        return (
            f'<AnswerSet id="{one}" create="2025-05-0{number + 1}_09-36-00" '
            f'last="2025-05-09_10-00-00" list="{number + 70}" lang="{tongue}" user="{who}" '
            f'invitation="">{inner}</AnswerSet>'
        )

    first = (
        '<Answer qid="u-age" aid="u-a3"/><Answer qid="u-town" aid="u-t1"/>'
        '<Answer qid="u-town" aid="u-t2"/><Answer aid="u-g" qid="u-r1"/>'
        '<Answer aid="u-b" qid="u-r2"/><Answer qid="u-stars">4</Answer>'
        '<Answer qid="u-m1" aid="u-h1">3</Answer><Answer qid="u-rank">u-y;u-x</Answer>'
        '<Answer qid="u-why">fine &amp; "good"; really</Answer>'
        '<Explanation qid="u-why"><ExplanationText>more</ExplanationText>'
        "<ExplanationLike>2</ExplanationLike></Explanation>"
        '<Scores><Question id="u-age">1/2</Question></Scores>'
    )
    second = '<Answer qid="u-age" aid="u-a4"/><Answer qid="u-m1" aid="u-h1"></Answer>'
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<Results create="2025-05-10_10-00-00">'
        '<Survey id="7" uid="s-uid" alias="TownFriends2025">'
        + elements("EN", ENGLISH, short) + elements("DE", GERMAN, short) + "</Survey><Answers>"
        + answer_set(0, "EN", first) + answer_set(1, "DE", second) + "</Answers></Results>"
    )  # fmt: skip


def draft_xml(folder: Path, text: str) -> Draft:
    path = folder / "export.xml"
    path.write_text(text, encoding="utf-8")
    return draft_of(path)


def test_xml_gives_codes_and_all_languages(tmp_path: Path) -> None:
    draft = draft_xml(tmp_path, results())
    assert (draft.platform, draft.variant, draft.mode) == ("eusurvey", "xml", "code")
    keys = ["AGE", "TOWN", "R1", "R2", "STARS", "M1:H1", "RANK", "WHY", "u-why/explanation"]
    assert [c.key for c in draft.columns[:8]] == keys[:8]
    assert draft.columns[8].key == "WHY/explanation"
    assert draft.rows[0].cells[:9] == (
        "A3", "T1;T2", "G", "B", "4", "3", "Y;X", 'fine & "good"; really', "more",
    )  # fmt: skip
    assert draft.rows[1].cells[:9] == ("A4", "", "", "", "", "", "", "", "")
    assert [(r.response_id, r.submitted, r.language, r.state) for r in draft.rows] == [
        (UUIDS[0], "2025-05-01T09:36:00", "en", "complete"),
        (UUIDS[1], "2025-05-02T09:36:00", "de", "complete"),
    ]  # fmt: skip
    age, grid = draft.asked(0), draft.asked(2)
    assert age is not None and age.text == {"EN": "How old are you?", "DE": "Wie alt sind Sie?"}
    assert grid is not None and grid.options["G"] == {"EN": "Good", "DE": "Gut"}
    assert grid.text["EN"] == "How was it? [Trip]"
    assert "a@town.example" in repr(draft.rows)  # dropped by its role, like every personal column
    assert {c.role for c in draft.columns if "User" in c.name} == {"personal"}


def test_xml_without_short_names_has_one_wording_for_all_languages(tmp_path: Path) -> None:
    draft = draft_xml(tmp_path, results(short=False))
    assert draft.mode == "label"
    assert [c.key for c in draft.columns[:3]] == [
        "How old are you?", "Which towns?", "How was it? [Trip]",
    ]  # fmt: skip
    assert draft.rows[0].cells[:4] == ("30-44", "Aarhus;Bergen", "Good", "Bad")
    assert draft.rows[1].cells[0] == "45-59"


def test_an_anonymous_xml_is_known_by_content_and_date(tmp_path: Path) -> None:
    draft = draft_xml(tmp_path, results(anonymous=True))
    assert all(row.response_id.startswith("row-") for row in draft.rows)
    assert "id_missing" in told(draft)


def test_xml_in_a_zip_beside_uploads(tmp_path: Path) -> None:
    members = {"export.xml": results().encode(), f"{UUIDS[0]}/x_plan.csv": b"a,b\n1,2\n"}
    assert len(draft_of(packed(tmp_path, members)).rows) == 2


def test_xml_without_answers_has_no_responses(tmp_path: Path) -> None:
    text = re.sub(r"<Answers>.*</Answers>", "<Answers/>", results())
    draft = draft_xml(tmp_path, text)
    assert draft.rows == () and [c.key for c in draft.columns[:2]] == ["AGE", "TOWN"]


def test_entities_are_never_unfolded(tmp_path: Path) -> None:
    bomb = (
        '<?xml version="1.0"?><!DOCTYPE Results [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
        '<Results><Answers><AnswerSet id="1"><Answer qid="q">&a;</Answer></AnswerSet></Answers>'
        "</Results>"
    )
    with pytest.raises(IngestError):
        draft_xml(tmp_path, bomb)


# --- refused -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ('"Date","LogID","User","Object","Property","Event","Description","OldValue","NewValue"\n'
         '"2025-05-10 10:00:00","101","x","Survey","n/a","Created","d","",""\n', "activity log"),
        ('"Date","LogID","Description"\n"2025-05-10","101","d"\n', "activity log"),
        ('"name","email","Country"\n"A B","a@b.example","BE"\n', "list of contacts"),
        ('"name","email"\n"A B","a@b.example"\n', "list of contacts"),
    ],
)  # fmt: skip
def test_logs_and_contacts_are_refused(text: str, what: str, tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(IngestError, match=what) as caught:
        draft_of(path)
    assert "Export the contributions instead" in caught.value.hint


@pytest.mark.parametrize("kind", ["xlsx", "xml", "zip", "ods"])
def test_broken_bytes_give_a_draft_or_a_sentence(kind: str, tmp_path: Path) -> None:
    book = workbook(tmp_path / "whole.xlsx", {"Content": table()}).read_bytes()
    data = {
        "xlsx": book, "xml": results().encode(),
        "zip": packed(tmp_path, {"a.xlsx": book, "a_1.xlsx": book}).read_bytes(),
        "ods": ods(tmp_path / "whole.ods", table()).read_bytes(),
    }[kind]  # fmt: skip
    dice = random.Random(kind)
    for turn in range(30):
        broken = bytearray(data)
        if turn % 2:
            broken = broken[: dice.randrange(1, len(broken))]
        for _ in range(dice.choice((0, 1, 5, 50))):
            broken[dice.randrange(len(broken))] = dice.randrange(256)
        path = tmp_path / f"broken.{kind}"
        path.write_bytes(broken)
        try:
            draft_of(path)
        except IngestError as error:
            assert error.what.endswith((".", "?"))
