"""SurveyMonkey in every layout: real exports and small files written here."""

from __future__ import annotations

import itertools
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from drafts import (
    as_csv,
    cells,
    checked,
    column,
    draft_text,
    expected_files,
    rewritten,
    roles,
    rows_of,
    survives,
    table_of,
    told,
)
from shared_files import fixture

from twinimpact.errors import IngestError
from twinimpact.ingest.detect import candidates
from twinimpact.ingest.draft import draft_of
from twinimpact.ingest.inspection import inspect_file
from twinimpact.ingest.kinds import questions_of
from twinimpact.ingest.source import ReadOptions, read_tables

EXPANDED = [
    ["Respondent ID", "Collector ID", "Date Created", "Date Modified", "IP Address",
     "Email Address", "First Name", "Last Name", "Custom Data 1", "How <b>often</b>?",
     "Where?", "", "", "Rate:", "", "Anything else?"],
    ["", "", "", "", "", "", "", "", "", "Response", "Market", "Park", "Other (please specify)",
     "Food", "Music", "Open-Ended Response"],
    ["114000000001", "401", "07/25/2025 10:11:12", "07/25/2025 10:15:00", "192.0.2.1",
     "a@example.org", "Ann", "B", "x", "Often", "Market", "", "", "Good", "N/A", "Thanks, all"],
    ["114000000002", "401", "07/26/2025 10:11:12", "07/26/2025 10:15:00", "192.0.2.2",
     "", "", "", "", "", "", "", "", "", "", ""],
]  # fmt: skip


# --- real files ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "entry", expected_files("surveymonkey"), ids=lambda entry: str(entry["path"])
)
def test_real_file_gives_the_expected_responses(entry: dict[str, Any]) -> None:
    path = fixture(entry["path"])
    draft = checked(draft_of(path))
    seen = inspect_file(path)
    assert (draft.platform, draft.mode) == ("surveymonkey", "label")
    assert (seen.header_rows, seen.n_rows) == (entry["header_rows"], entry["n_rows"])
    assert seen.n_responses == entry["n_responses"]
    assert seen.n_complete + seen.n_partial == entry["n_responses"]
    assert (len(draft.columns), seen.id_column) == (entry["n_cols"], entry["id_column"])
    assert draft.rows[0].response_id == entry["first_id"]
    assert draft.rows[-1].response_id == entry["last_id"]
    assert seen.n_unique_ids == entry["n_unique_ids"]
    assert roles(draft).popitem()[1] == "question"


def test_questions_of_two_heading_rows_are_filled_forward() -> None:
    draft = draft_of(fixture("surveymonkey/StarWars.csv"))
    sizes = [
        len(list(columns))
        for _, columns in itertools.groupby(
            draft.columns, key=lambda one: one.group or str(one.position)
        )
    ]
    assert sizes == [1, 1, 1, 6, 6, 14, 1, 1, 1, 1, 1, 1, 1, 1, 1]
    assert draft.columns[3].question.endswith("[Star Wars: Episode I The Phantom Menace]")
    assert draft.columns[1].question.endswith("franchise?")  # nothing stands for "Response"
    kinds = {one.position: one.kind for one in questions_of(draft)}
    assert kinds[4] == "multi" and kinds[16] == "grid" and kinds[33] == "single"


def test_stray_bytes_that_no_alphabet_explains_are_told() -> None:
    draft = draft_of(fixture("surveymonkey/StarWars.csv"))
    (problem,) = [one for one in draft.problems if one.code == "encoding_undecided"]
    assert len(problem.expected.split()) == 2
    path = fixture("surveymonkey/StarWars.csv")
    for encoding in ("cp1252", "mac-roman"):
        other = checked(draft_of(path, options=ReadOptions(encoding=encoding)))
        assert [row.cells for row in other.rows] == [row.cells for row in draft.rows]
        assert not other.problems


def test_letters_beside_no_letter_cannot_be_told(tmp_path: Path) -> None:
    draft = draft_text(tmp_path, b"RespondentID,Why?\x8c\xe6\n1,x\n")
    assert told(draft) == {"encoding_undecided": "cp1252"}
    draft = draft_text(tmp_path, b"RespondentID,Caf\xe9?\n1,x\n")
    assert told(draft) == {"encoding_guessed": "cp1252"}


def test_markup_leaves_the_wording() -> None:
    draft = draft_of(fixture("surveymonkey/steak-risk-survey.csv"))
    assert not any("<" in one.question or "<" in one.name for one in draft.columns)
    assert "situations: In Lottery" in draft.columns[1].question


def test_condensed_headings_share_a_question() -> None:
    draft = draft_of(fixture("surveymonkey/thanksgiving-2015.csv"))
    assert draft.variant == "condensed"
    groups = Counter(one.group for one in draft.columns)
    assert [groups[draft.columns[at].group] for at in (2, 12, 27, 40)] == [2, 15, 13, 12]
    assert groups[""] == 65 - 2 * 4 - 15 - 13 - 12
    assert draft.columns[3].group == draft.columns[2].question


def test_numbers_group_the_options_of_a_question() -> None:
    draft = draft_of(fixture("surveymonkey/jupyter_2020.csv"))
    assert draft.variant == "numbered"
    groups = Counter(one.group for one in draft.columns)
    assert (groups["3"], groups["7"], groups["20"]) == (19, 33, 9)
    assert draft.columns[3].question == "Python."
    kinds = {one.position: (one.kind, one.group) for one in questions_of(draft)}
    assert kinds[1] == ("single", "") and kinds[4] == ("multi", "3")


def test_answers_with_commas_are_one_answer() -> None:
    seen = inspect_file(fixture("surveymonkey/comma-survey.csv"))
    assert "multi" not in {one.kind for one in seen.questions}
    draft = draft_of(fixture("surveymonkey/flying-etiquette.csv"))
    assert "6'3\"" in {row.cells[3] for row in draft.rows}


# --- small files ---------------------------------------------------------------------------


def test_own_columns_states_and_offered_na(tmp_path: Path) -> None:
    draft = draft_text(tmp_path, as_csv(EXPANDED))
    assert (draft.variant, draft.mode) == ("2row", "label")
    assert [one.role for one in draft.columns[:9]] == [
        "id", "ignore", "started", "submitted", "personal", "personal", "personal", "personal",
        "personal",
    ]  # fmt: skip
    assert [(row.number, row.state) for row in draft.rows] == [(3, "complete"), (4, "partial")]
    assert draft.rows[0].submitted == "2025-07-25T10:15:00"
    assert [one.name for one in draft.columns[9:]] == [
        "How often ?", "Where? [Market]", "Where? [Park]", "Where? [Other (please specify)]",
        "Rate: [Food]", "Rate: [Music]", "Anything else?",
    ]  # fmt: skip
    assert cells(draft, "Rate: [Music]") == ["N/A", ""]
    assert told(draft) == {"zone_not_said": ""}


def test_a_workbook_with_the_same_two_rows(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(str(tmp_path / "e.xlsx"))
    sheet = book.add_worksheet("Sheet")
    for number, row in enumerate(EXPANDED):
        for place, cell in enumerate(row):
            if number > 1 and place < 2:
                sheet.write_number(number, place, int(cell))
            else:
                sheet.write_string(number, place, cell)
    book.close()
    one, other = checked(draft_of(tmp_path / "e.xlsx")), draft_text(tmp_path, as_csv(EXPANDED))
    assert (one.columns, one.rows) == (other.columns, other.rows)


@pytest.mark.parametrize(
    "names",
    [
        "ID du répondant|ID du collecteur|Date de début|Date de fin|Adresse IP|Adresse e-mail"
        "|Prénom|Nom|Données personnalisées",
        "Befragten-ID|Collector-ID|Startdatum|Enddatum|IP-Adresse|E-Mail-Adresse|Vorname"
        "|Nachname|Benutzerdefinierte Daten 1",
        "ID de encuestado|ID de recopilador|Fecha de inicio|Fecha de finalización|Dirección IP"
        "|Dirección de correo electrónico|Nombre|Apellido|Datos personalizados",
    ],
)
def test_headings_in_other_languages(names: str, tmp_path: Path) -> None:
    english = draft_text(tmp_path, as_csv(EXPANDED))
    rows = [[*names.split("|"), *EXPANDED[0][9:]], *EXPANDED[1:]]
    draft = draft_text(tmp_path, as_csv(rows))
    assert [one.role for one in draft.columns] == [one.role for one in english.columns]
    assert draft.rows == english.rows


def test_an_unknown_word_for_response_is_known_by_its_use(tmp_path: Path) -> None:
    text = "RespondentID,Ena?,Dva?,Tri?,\n,Odgovor,Odgovor,Trg,Park\n1,da,ne,Trg,\n2,ne,ne,,Park\n"
    draft = draft_text(tmp_path, text)
    assert [one.name for one in draft.columns] == [
        "RespondentID", "Ena?", "Dva?", "Tri? [Trg]", "Tri? [Park]",
    ]  # fmt: skip


def test_two_rows_without_any_column_of_the_tool(tmp_path: Path) -> None:
    rows = [row[9:] for row in EXPANDED]
    text = as_csv([*rows, ["Never", "", "Park", "", "Bad", "Good", ""]])
    draft = draft_text(tmp_path, text)
    assert (draft.platform, draft.variant) == ("surveymonkey", "2row")
    assert "id_missing" in told(draft)
    # the row of the second respondent holds nothing and is no row of the table
    assert [row.number for row in draft.rows] == [3, 5]


def test_one_wording_asked_twice_makes_two_groups(tmp_path: Path) -> None:
    text = "RespondentID,Where?,,Where?,\n,a,b,a,b\n7,a,,,b\n"
    draft = draft_text(tmp_path, text)
    assert [one.group for one in draft.columns] == [
        "",
        "Where?",
        "Where?",
        "Where? (2)",
        "Where? (2)",
    ]
    assert draft.rows[0].cells == ("7", "a", "", "", "b")


def test_options_without_a_question_above_are_told(tmp_path: Path) -> None:
    text = "RespondentID,EndDate,,Why?\n,,Market,Response\n7,01/31/2025,Market,x\n"
    draft = draft_text(tmp_path, text)
    (problem,) = [one for one in draft.problems if one.code == "columns_spread"]
    assert problem.column == "C"
    assert [one.name for one in draft.columns][2:] == ["Market", "Why?"]


CODES = (
    "respondent_id,q0001,q0002_0001,q0002_0002,q0002_other\n"
    "9,Often,Market,Not selected,\n"
    "10,Never,Not selected,Not selected,\n"
)


def test_question_codes_and_boxes_that_were_not_selected(tmp_path: Path) -> None:
    draft = draft_text(tmp_path, CODES)
    assert (draft.variant, draft.mode) == ("codes", "label")
    assert [one.group for one in draft.columns] == ["", "", "q0002", "q0002", "q0002"]
    assert cells(draft, "q0002_0002") == ["Not selected", ""]
    assert [row.response_id for row in draft.rows] == ["9", "10"]
    assert questions_of(draft)[0].kind in ("single", "text")
    bare = draft_text(tmp_path, CODES.replace("respondent_id", "q0000"))
    assert (bare.platform, candidates(read_tables(tmp_path / "e.csv"))) == (
        "surveymonkey", (("surveymonkey", 0.8),),
    )  # fmt: skip


def test_numeric_values_are_codes(tmp_path: Path) -> None:
    text = "Respondent ID,Q one?,Q two? - a,Q two? - b\n1,3,1,\n2,4,,1\n"
    draft = draft_text(tmp_path, text)
    assert (draft.variant, draft.mode) == ("condensed", "code")
    assert [one.group for one in draft.columns] == ["", "", "Q two?", "Q two?"]


def test_one_respondent_with_two_contents_is_a_conflict(tmp_path: Path) -> None:
    text = "RespondentID,Q?,R?\n1,a,b\n2,a,b\n1,a,b\n1,a,c\n"
    draft = draft_text(tmp_path, text)
    assert draft.excluded == {"duplicate": 1}
    assert [row.number for row in draft.rows] == [2, 3, 5]
    conflicts = [(p.row, p.expected) for p in draft.problems if p.code == "same_id_differs"]
    assert conflicts == [(2, "5"), (5, "2")]


def test_status_language_and_consent(tmp_path: Path) -> None:
    text = (
        "Respondent ID,Response Status,Language,Consent,Q?\n"
        "1,Complete,de,Yes,a\n2,Incomplete,fr,Yes,b\n3,Disqualified,fr,Yes,\n"
    )
    draft = draft_text(tmp_path, text)
    assert [row.state for row in draft.rows] == ["complete", "partial", "rejected"]
    assert [row.language for row in draft.rows] == ["de", "fr", "fr"]
    assert column(draft, "Consent").role == "consent"


def test_contact_fields_are_personal_and_channels_are_not(tmp_path: Path) -> None:
    text = (
        "RespondentID,Contact,,How did you hear?,,Rate:,,Where? - Name\n"
        ",Name,City/Town,Email,Poster,Email,Phone,x\n"
        "1,Ann,Ghent,Email,,Good,Bad,x\n2,Bo,Ghent,Email,Poster,Good,Good,x\n"
        "3,Cy,Ghent,,Poster,Good,Bad,\n4,Di,Ghent,,,Good,Bad,\n5,Ed,Ghent,,,Good,Bad,\n"
    )
    draft = draft_text(tmp_path, text)
    personal = [one.name for one in draft.columns if one.role == "personal"]
    assert personal == ["Contact [Name]"]
    condensed = "RespondentID,Contact - Name,Contact - Email address\n1,Ann,\n2,Bo,\n"
    draft = draft_text(tmp_path, condensed)
    assert [one.role for one in draft.columns] == ["id", "personal", "question"]


@pytest.mark.parametrize("rows", [1, 2])
def test_an_export_without_responses_is_a_valid_answer(rows: int, tmp_path: Path) -> None:
    draft = draft_text(tmp_path, as_csv(EXPANDED[:rows]))
    assert draft.rows == () and draft.platform == "surveymonkey"


@pytest.mark.parametrize("end", ["", ",Comments"])
def test_numbered_headings_alone_are_asked_about(end: str, tmp_path: Path) -> None:
    # a LimeSurvey survey whose question codes are numbers looks just like this
    text = f"1. Text?,2. More?,3a. Last?{end}\nx,y,z{',u' if end else ''}\n"
    (tmp_path / "e.csv").write_text(text)
    found = dict(candidates(read_tables(tmp_path / "e.csv")))
    assert found == {"limesurvey": 0.7, "surveymonkey": 0.6}
    with pytest.raises(IngestError, match="LimeSurvey or of SurveyMonkey") as caught:
        draft_of(tmp_path / "e.csv")
    assert 'platform = "surveymonkey"' in caught.value.hint
    seen = inspect_file(tmp_path / "e.csv")
    assert seen.refused and dict(seen.alternatives) == found
    named = draft_text(tmp_path, text, platform="surveymonkey")
    assert [one.question for one in named.columns][:3] == ["Text?", "More?", "Last?"]


def test_a_respondent_number_settles_the_near_tie(tmp_path: Path) -> None:
    draft = draft_text(tmp_path, "Respondent ID,1. Text?,2. More?,3. Last?\n7,x,y,z\n")
    assert (draft.platform, draft.variant) == ("surveymonkey", "numbered")


@pytest.mark.parametrize("name", ["flying-etiquette.csv", "comma-survey.csv"])
def test_rewritten_copies_give_the_same_table(name: str, tmp_path: Path) -> None:
    path = fixture(f"surveymonkey/{name}")
    rows = rows_of(path)[:200]
    wanted = table_of(draft_text(tmp_path, as_csv(rows)))
    for how, data in rewritten(rows):
        assert table_of(draft_text(tmp_path, data)) == wanted, how


def test_rewritten_copies_of_two_heading_rows(tmp_path: Path) -> None:
    rows = rows_of(fixture("surveymonkey/steak-risk-survey.csv"))[:200]
    wanted = table_of(draft_text(tmp_path, as_csv(rows)))
    for how, data in rewritten(rows, header_rows=2):
        assert table_of(draft_text(tmp_path, data)) == wanted, how


@pytest.mark.parametrize("name", ["steak-risk-survey.csv", "thanksgiving-2015.csv"])
def test_broken_copies_give_a_draft_or_one_sentence(name: str, tmp_path: Path) -> None:
    data = fixture(f"surveymonkey/{name}").read_bytes()[:20_000]
    survives(tmp_path, data)


def test_ordinary_tables_are_not_claimed(tmp_path: Path) -> None:
    for text in (
        "Start date,Country,First name\n2025-01-01,DE,x\n",
        "Language,Response,x\na,Response,c\n",
        "q1,q2,q3\n1,2,3\n",
    ):
        assert draft_text(tmp_path, text).platform == "spreadsheet"
