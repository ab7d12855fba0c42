"""Every platform's rules, on real exports and on small ones written here."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import random
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from shared_files import SHARED, fixture

from twinimpact.errors import IngestError
from twinimpact.ingest.choices import separator_of, split
from twinimpact.ingest.draft import Draft, DraftColumn, draft_of
from twinimpact.ingest.moments import read_moments
from twinimpact.ingest.personal import personal_by_content, personal_by_name
from twinimpact.ingest.platforms.limesurvey import parse_heading
from twinimpact.ingest.records import ROLES, STATES
from twinimpact.problems import RULES

SUPPORTED = ("kobo", "google_forms", "limesurvey", "derived", "csv_traps", "excel_traps")
OTHERS = ("derived/decimal_comma_semicolon.csv", "derived/qualtrics_raw.tsv")
"""Copies of exports whose readers have tests of their own."""


def expected_files() -> list[dict[str, Any]]:
    path = SHARED / "fixtures" / "EXPECTED.json"
    if not path.exists():
        return [{"path": "EXPECTED.json", "kind": "responses"}]  # skips visibly below
    return [
        entry
        for entry in json.loads(path.read_text(encoding="utf-8"))
        if entry["path"].split("/")[0] in SUPPORTED
        and entry["kind"] in ("responses", "table", "excel")
        and entry["path"] not in OTHERS
    ]


def draft_text(folder: Path, text: str | bytes, platform: str = "") -> Draft:
    path = folder / "export.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return checked(draft_of(path, platform=platform))


def checked(draft: Draft) -> Draft:
    """What holds for every draft, whatever the platform."""
    keys = [column.key for column in draft.columns]
    assert len(set(keys)) == len(keys) and all(keys)
    assert [column.position for column in draft.columns] == list(range(len(keys)))
    assert {column.role for column in draft.columns} <= set(ROLES)
    for row in draft.rows:
        assert len(row.cells) == len(keys)
        assert row.state in STATES and row.response_id
    numbers = [row.number for row in draft.rows]
    assert numbers == sorted(set(numbers))
    for problem in draft.problems:
        assert problem.code in RULES and problem.what() and problem.hint()
    return draft


def column(draft: Draft, key: str) -> DraftColumn:
    return next(one for one in draft.columns if one.key == key)


def cells(draft: Draft, key: str) -> list[str]:
    place = column(draft, key).position
    return [row.cells[place] for row in draft.rows]


def roles(draft: Draft) -> dict[str, str]:
    return {one.key: one.role for one in draft.columns}


def told(draft: Draft) -> list[str]:
    return [problem.code for problem in draft.problems]


# --- real files against the expectations kept beside them ----------------------------------


@pytest.mark.parametrize("entry", expected_files(), ids=lambda entry: str(entry["path"]))
def test_real_file_gives_the_expected_responses(entry: dict[str, Any]) -> None:
    path = fixture(entry["path"])
    draft = checked(draft_of(path))
    folder = entry["path"].split("/")[0]
    wanted = {"derived": "google_forms", "csv_traps": "spreadsheet", "excel_traps": "spreadsheet"}
    assert draft.platform == wanted.get(folder, folder)
    if entry.get("n_responses") is not None:
        assert len(draft.rows) == entry["n_responses"]
    if "n_cols" in entry:
        assert len(draft.columns) == entry["n_cols"]
    if entry.get("first_id"):
        assert draft.rows[0].response_id == entry["first_id"]
        assert draft.rows[-1].response_id == entry["last_id"]
        assert len({row.response_id for row in draft.rows}) == entry["n_unique_ids"]
    if "n_partial_rows" in entry:
        states = [row.state for row in draft.rows]
        assert states.count("complete") == entry["n_complete_rows"]
        assert states.count("partial") == entry["n_partial_rows"]
    if entry["kind"] == "responses" and "submitted" in roles(draft).values():
        assert all(row.submitted for row in draft.rows if row.state == "complete")


@pytest.mark.parametrize(
    ("csv_file", "xlsx_file"),
    [
        ("kobo/restaurant_profile_xml.csv", "kobo/restaurant_profile_xml.xlsx"),
        ("kobo/grouped_repeatable_xml.csv", "kobo/grouped_repeatable_xml.xlsx"),
    ],
)
def test_kobo_csv_and_workbook_are_twins(csv_file: str, xlsx_file: str) -> None:
    one, other = draft_of(fixture(csv_file)), draft_of(fixture(xlsx_file))
    assert one.columns == other.columns
    assert one.rows == other.rows


@pytest.mark.parametrize(
    "name",
    ["dask_2021_cr_only.csv", "dask_2021_excel_unicode_text.txt", "dask_2021_sepline.csv",
     "dask_2021_utf8bom_semicolon.csv"],
)  # fmt: skip
def test_a_rewritten_form_export_adds_no_new_response(name: str) -> None:
    one, other = (
        draft_of(fixture(f"derived/{name}")),
        draft_of(fixture("google_forms/dask_2021.csv")),
    )
    assert one.columns == other.columns
    assert one.rows == other.rows


# --- KoboToolbox ---------------------------------------------------------------------------


def test_kobo_several_answers_are_joined_and_ticks_kept() -> None:
    draft = draft_of(fixture("kobo/dietary_needs_xml.csv"))
    assert cells(draft, "dietary_accommodations")[1:] == [
        "vegan;vegetarian",
        "gluten_free;vegan;vegetarian;lactose_free",
    ]
    assert [one.key for one in draft.columns if one.key.startswith("dietary_accommodations/")] == [
        f"dietary_accommodations/{option}"
        for option in ("gluten_free", "vegan", "vegetarian", "lactose_free")
    ]
    assert cells(draft, "dietary_accommodations/vegan") == ["0", "1", "1"]
    assert [row.number for row in draft.rows] == [3, 4, 5]  # row 2 holds HXL tags


def test_kobo_details_alone_keep_the_question_in_the_key() -> None:
    draft = draft_of(fixture("kobo/dietary_needs_details.csv"))
    assert cells(draft, "dietary_accommodations/lactose_free") == ["0", "0", "1"]


def test_kobo_other_answers_stay_beside_their_question() -> None:
    draft = draft_of(fixture("kobo/or_other_xml.csv"))
    assert cells(draft, "fav_emperors")[0] == "caligula;other"
    assert cells(draft, "fav_emperors_other")[0] == "Commodus"
    assert cells(draft, "fav_emperor_other")[0] == "Nero"


def test_kobo_labels_with_spaces_are_joined_from_the_ticks() -> None:
    for name in ("grouped_translated_labels_es.csv", "grouped_translated_labels_es_hier.csv"):
        draft = draft_of(fixture(f"kobo/{name}"))
        assert draft.mode == "label"
        multi = next(one for one in draft.columns if one.question.endswith("simetría tiene?"))
        assert [row.cells[multi.position] for row in draft.rows] == [
            "Esférico;Radial;Bilateral", "Bilateral", "",
        ]  # fmt: skip


def test_kobo_validation_states_tell_the_mode_and_the_rejected() -> None:
    assert draft_of(fixture("kobo/restaurant_profile_labels.csv")).mode == "label"
    assert draft_of(fixture("kobo/restaurant_profile_xml.csv")).mode == "code"
    nested = draft_of(fixture("kobo/nested_repeats_xml.xlsx"))
    assert [row.state for row in nested.rows] == ["complete", "rejected", "complete", "rejected"]
    assert "group_tree, group_nest, group_egg" in [problem.got for problem in nested.problems]


def test_kobo_places_devices_and_user_names_are_personal() -> None:
    draft = draft_of(fixture("kobo/restaurant_profile_xml.csv"))
    personal = {key for key, role in roles(draft).items() if role == "personal"}
    assert personal == {
        "location", "_location_latitude", "_location_longitude", "_location_altitude",
        "_location_precision", "_submitted_by",
    }  # fmt: skip


def test_kobo_old_exports_write_na_for_blank() -> None:
    draft = draft_of(fixture("kobo/kpi_tutorial.csv"))
    assert cells(draft, "age") == [""]
    assert not draft.rows[0].reasons


def test_kobo_paths_give_short_keys_unless_ambiguous(tmp_path: Path) -> None:
    header = (
        '"grp/tw_civic_r1";"a/note";"b/note";"start";"_id";"_uuid";"_submission_time";'
        '"__version__"\n'
    )
    row = '"4";"x";"y";"2024-05-02T09:00:00.000+02:00";"1";"u-1";"2024-05-02T07:01:00";"v"\n'
    draft = draft_text(tmp_path, header + row)
    assert [one.key for one in draft.columns[:3]] == ["tw_civic_r1", "a/note", "b/note"]
    assert draft.rows[0].submitted == "2024-05-02T07:01:00+00:00"
    assert roles(draft)["start"] == "started"


def test_kobo_root_id_survives_an_edit(tmp_path: Path) -> None:
    text = (
        "q;_id;_uuid;meta/rootUuid;_submission_time\n"
        "1;1;new;uuid:first;2024-05-02T07:01:00\n1;2;b;;\n"
    )
    assert [row.response_id for row in draft_text(tmp_path, text).rows] == ["first", "b"]


def test_kobo_rows_of_one_submission_count_once(tmp_path: Path) -> None:
    text = (
        "town,child/name,meta/instanceID,_submission_time\n"
        "A,x,uuid:1,2024-01-01T00:00:01\nA,y,uuid:1,2024-01-01T00:00:01\n"
        "B,z,uuid:2,2024-01-01T00:00:02\n"
    )
    draft = draft_text(tmp_path, text)
    assert len(draft.rows) == 2
    assert draft.excluded == {"repeat_row": 1}
    assert "several_rows_per_response" in told(draft)


# --- LimeSurvey ----------------------------------------------------------------------------

META = (
    '"id","submitdate","lastpage","startlanguage","seed","token","startdate","datestamp","ipaddr"'
)


def test_limesurvey_codes_with_states_language_and_token(tmp_path: Path) -> None:
    text = (
        "\ufeff" + META + ',"tw1","tw2[SQ001]","interviewtime","groupTime1"\r\n'
        '"11","2013-09-02 22:19:30","7","de","1","tok","2013-09-02 22:08:27",'
        '"2013-09-02 22:19:30","192.0.2.1","A4","-oth-","60.5","30"\r\n'
        '"12","","3","fr","2","","2013-09-03 09:10:11",'
        '"2013-09-03 09:12:02","192.0.2.2","","A1","",""\r\n'
        '"13","1980-01-01 00:00:00","7","en","3","","","","","A1","A2","",""\r\n'
        "\r\n"
    )
    draft = draft_text(tmp_path, text)
    assert (draft.variant, draft.mode) == ("code", "code")
    assert [(r.response_id, r.state, r.submitted, r.language, r.token) for r in draft.rows] == [
        ("11", "complete", "2013-09-02T22:19:30", "de", "tok"),
        ("12", "partial", "", "fr", ""),
        ("13", "complete", "", "en", ""),
    ]
    assert roles(draft) == {
        "id": "id", "submitdate": "submitted", "lastpage": "ignore", "startlanguage": "language",
        "seed": "ignore", "token": "token", "startdate": "started", "datestamp": "ignore",
        "ipaddr": "personal", "tw1": "question", "tw2[SQ001]": "question",
        "interviewtime": "timing", "groupTime1": "timing",
    }  # fmt: skip


def test_limesurvey_labels_with_text_headings_in_german(tmp_path: Path) -> None:
    text = (
        '"Antwort ID";"Datum Abgeschickt";"Letzte Seite";"Start-Sprache";"Zufallsstartwert";'
        '"Wie gern? [In der Stadt]";"Wie gern? [Auf dem Land]";"Anderes"\r\n'
        '"1";"2025-05-02 10:00:00";"3";"de";"5";"Sehr gern";"N/A";"N/A"\r\n'
        '"2";"";"1";"de";"5";"N/A";"";"viel, und gern"\r\n\r\n'
    )
    draft = draft_text(tmp_path, text)
    assert (draft.variant, draft.mode, draft.delimiter) == ("text", "label", ";")
    assert [row.state for row in draft.rows] == ["complete", "partial"]
    assert cells(draft, "Wie gern? [In der Stadt]") == ["Sehr gern", ""]
    assert cells(draft, "Wie gern? [Auf dem Land]") == ["", ""]
    assert column(draft, "submitdate").role == "submitted"


@pytest.mark.parametrize(
    ("heading", "variant", "parsed"),
    [
        (
            "likert0[time1]. [How much time in town]",
            "code_text",
            ("likert0[time1]", "How much time in town"),
        ),
        ("Q1 [SQ2]. Stem [row]", "code_text", ("Q1[SQ2]", "Stem [row]")),
        ("Q1._.How often?", "code_text", ("Q1", "How often?")),
        ("Q1. A &amp; B", "code_text", ("Q1", "A & B")),
        ("Q1 [SQ001]", "code", ("Q1[SQ001]", "Q1 [SQ001]")),
        ("Q_SQ001", "code", ("Q_SQ001", "Q_SQ001")),
        ("How often do you ..", "text", ("How often do you ..", "How often do you ..")),
        ("id. Antwort ID", "code_text", ("id", "id. Antwort ID")),
        ("Date submitted", "text", ("submitdate", "Date submitted")),
    ],
)
def test_limesurvey_headings(heading: str, variant: str, parsed: tuple[str, str]) -> None:
    assert parse_heading(heading, variant) == parsed


def test_limesurvey_code_and_text_headings(tmp_path: Path) -> None:
    text = (
        '"id. Response ID";"submitdate. Date submitted";"lastpage. Last page";'
        '"startlanguage. Start language";"tw1. Do you vote?";"tw2[a]. Trust [Council]"\r\n'
        '"7";"2025-01-01 08:00:00";"2";"en";"Yes";"4"\r\n\r\n'
    )
    draft = draft_text(tmp_path, text)
    assert (draft.variant, draft.mode) == ("code_text", "label")
    assert (column(draft, "tw1").question, column(draft, "tw2[a]").question) == (
        "Do you vote?", "Trust [Council]",
    )  # fmt: skip
    assert draft.rows[0].response_id == "7"


def test_limesurvey_public_files_without_ids_are_known_by_content() -> None:
    draft = draft_of(fixture("limesurvey/rse2017_de_public.csv"))
    assert "id_missing" in told(draft)
    assert len({row.response_id for row in draft.rows}) == 325
    assert draft.columns[0].role == "ignore"
    assert column(draft, "likert0[time1can]").question.startswith("In an average month")
    assert not any("\ufeff" in cell for row in draft.rows for cell in row.cells)
    assert not any(cell == "N/A" for row in draft.rows for cell in row.cells)


def test_limesurvey_timings_are_no_questions() -> None:
    draft = draft_of(fixture("limesurvey/survey_100001_R_data_file.csv"))
    counted = [one.role for one in draft.columns]
    assert counted.count("timing") == 336
    assert len(counted) - counted.count("timing") == 310
    assert draft.columns[9].name == "column J"  # a question without a text


def test_limesurvey_apostrophes_against_formulas_are_taken_off(tmp_path: Path) -> None:
    filler = '"2025-01-01 08:00:00","1","en","1","","","",""'
    lines = [META + ',"a"', f'"1",{filler},"\'-3"', f'"2",{filler},"\'tis"']
    text = "\n".join(lines)
    draft = draft_text(tmp_path, text)
    assert cells(draft, "a") == ["-3", "'tis"]
    assert [p.got for p in draft.problems if p.code == "quote_prefix_removed"] == ["1"]


def test_limesurvey_survey_without_responses_is_a_valid_answer(tmp_path: Path) -> None:
    assert draft_text(tmp_path, META + ',"a"\r\n\r\n').rows == ()


# --- Google Forms --------------------------------------------------------------------------


def test_google_forms_in_german_and_french(tmp_path: Path) -> None:
    german = draft_text(
        tmp_path,
        "Zeitstempel,E-Mail-Adresse,Wie gefällt dir das Programm? [Ausflug],Was hast du besucht?\n"
        '2024/05/03 6:14:07 PM OEZ,a@example.org,gut,"Konzert;Markt;Führung (Rathaus, Kirche)"\n',
    )
    assert german.rows[0].submitted == "2024-05-03T18:14:07+02:00"
    assert [one.role for one in german.columns] == ["submitted", "personal", "question", "question"]
    french = draft_text(
        tmp_path, "Horodateur,Âge\n03/05/2024 18:14:07,34\n21/05/2024 08:00:00,50\n"
    )
    assert [row.submitted for row in french.rows] == ["2024-05-03T18:14:07", "2024-05-21T08:00:00"]


def test_google_forms_identity_ignores_order_columns_and_encoding(tmp_path: Path) -> None:
    source = fixture("google_forms/xarray_2022-06.csv")
    rows = list(csv.reader(io.StringIO(source.read_text(encoding="utf-8"), newline="")))
    dice = random.Random(3)
    places = list(range(len(rows[0])))
    shuffled_places = [0, *dice.sample(places[1:], len(places) - 1)]
    body = dice.sample(rows[1:], len(rows) - 1)
    target = io.StringIO(newline="")
    csv.writer(target, delimiter=";").writerows(
        [[row[place] for place in shuffled_places] + [""] for row in [rows[0], *body]]
    )
    again = draft_text(tmp_path, target.getvalue().encode("utf-16"))
    before = draft_of(source)
    assert {r.response_id: r.submitted for r in again.rows} == {
        r.response_id: r.submitted for r in before.rows
    }


def test_equal_answers_of_two_people_stay_two(tmp_path: Path) -> None:
    draft = draft_text(tmp_path, "Timestamp,Q\n2024/01/01 9:00:00,x\n2024/01/01 9:00:00,x\n")
    assert len({row.response_id for row in draft.rows}) == 2


def test_google_forms_zone_words_become_offsets() -> None:
    assert draft_of(fixture("google_forms/dask_2020.csv")).rows[0].submitted == (
        "2020-06-05T11:34:01-05:00"
    )


def test_google_forms_workbook_reads_only_the_sheet_of_the_form(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(str(tmp_path / "a.xlsx"))
    book.add_worksheet("Heat map").write_row(0, 0, ["x", "y", "z"])
    sheet = book.add_worksheet("Formularantworten 1")
    sheet.write_row(0, 0, ["Zeitstempel", "Alter", "Note"])
    when = book.add_format({"num_format": "dd.mm.yyyy hh:mm:ss"})
    sheet.write_datetime(1, 0, dt.datetime(2024, 5, 3, 18, 14, 7), when)
    sheet.write_row(1, 1, [34, 2.5])
    book.close()
    draft = checked(draft_of(tmp_path / "a.xlsx"))
    assert [(row.submitted, row.cells[1:]) for row in draft.rows] == [
        ("2024-05-03T18:14:07", ("34", "2.5"))
    ]
    assert told(draft) == ["sheets_left_out"]


# --- Microsoft Forms -----------------------------------------------------------------------

MICROSOFT = ["ID", "Start time", "Completion time", "Email", "Name", "Last modified time"]
QUIZ = ["What did you visit?", "How was it?\n1 - poor", "Points - How was it?\n1 - poor",
        "Feedback - How was it?\n1 - poor"]  # fmt: skip


def test_microsoft_forms_workbook(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(str(tmp_path / "a.xlsx"))
    sheet = book.add_worksheet("Sheet1")
    when = book.add_format({"num_format": "m/d/yy h:mm:ss"})
    sheet.write_row(0, 0, [*MICROSOFT, *QUIZ])
    for at, day in ((1, 2), (2, 13)):
        sheet.write_number(at, 0, at)
        sheet.write_datetime(at, 1, dt.datetime(2025, 7, day, 11, 0, 22), when)
        sheet.write_datetime(at, 2, dt.datetime(2025, 7, day, 11, 1, 24), when)
        sheet.write_row(at, 3, ["anonymous", "", "", "Concert;Market;", "4"])
    book.close()
    draft = checked(draft_of(tmp_path / "a.xlsx"))
    assert draft.platform == "microsoft_forms"
    assert [(row.response_id, row.submitted) for row in draft.rows] == [
        ("1", "2025-07-02T11:01:24"),
        ("2", "2025-07-13T11:01:24"),
    ]
    assert cells(draft, "What did you visit?") == ["Concert;Market"] * 2
    assert [one.role for one in draft.columns] == [
        "id", "started", "submitted", "personal", "personal", "ignore",
        "question", "question", "ignore", "ignore",
    ]  # fmt: skip
    assert draft.columns[7].question == "How was it? 1 - poor"


def test_microsoft_forms_csv_in_cp1252_with_american_dates(tmp_path: Path) -> None:
    target = io.StringIO(newline="")
    csv.writer(target).writerows(
        [
            [*MICROSOFT[:5], "Café – open?"],
            ["1", "7/2/25 11:00:22", "7/2/25 11:01:24", "anonymous", "", "Yes"],
            ["2", "7/13/25 9:00:00", "7/13/25 9:05:00", "anonymous", "", "No"],
        ]
    )
    draft = draft_text(tmp_path, target.getvalue().encode("cp1252"))
    assert draft.encoding == "cp1252"
    assert [row.submitted for row in draft.rows] == ["2025-07-02T11:01:24", "2025-07-13T09:05:00"]
    assert draft.columns[5].name == "Café – open?"


@pytest.mark.parametrize(
    "header",
    [
        "ID;Startzeit;Fertigstellungszeit;E-Mail;Name",
        "ID;Heure de début;Heure de fin;Adresse de messagerie;Nom",
        "ID;Upphafstími;Lokatími;Netfang e-mail;Nafn",  # a language unknown here
    ],
)
def test_microsoft_forms_in_the_language_of_the_organisation(header: str, tmp_path: Path) -> None:
    text = header + ";Frage\n1;2025-07-02 11:00:22;2025-07-02 11:01:24;anonym;;gut\n"
    draft = draft_text(tmp_path, text)
    assert draft.platform == "microsoft_forms"
    assert [one.role for one in draft.columns[:4]] == ["id", "started", "submitted", "personal"]
    assert draft.columns[5].role == "question"


# --- any spreadsheet -----------------------------------------------------------------------


def test_a_table_between_notes_is_found_and_the_notes_are_listed() -> None:
    draft = draft_of(fixture("excel_traps/deaths.xlsx"))
    assert (draft.rows[0].number, draft.rows[-1].number, len(draft.rows)) == (6, 15, 10)
    assert draft.excluded == {"preamble": 4, "footer": 4}
    notes = next(problem for problem in draft.problems if problem.code == "notes_left_out")
    assert notes.got == "1, 2, 3, 4, 16, 17, 18, 19"
    assert [one.key for one in draft.columns][:3] == ["Name", "Profession", "Age"]


def test_a_sparse_table_loses_no_row_as_a_footer(tmp_path: Path) -> None:
    draft = draft_text(tmp_path, "first,second,third,fourth\na,,,\n,b,,\n1,,,\nc,,,\n")
    assert len(draft.rows) == 4 and not draft.excluded


def test_a_table_without_header_keeps_all_rows_and_says_so(tmp_path: Path) -> None:
    draft = draft_text(tmp_path, "1,2,3\n4,5,6\n")
    assert [one.key for one in draft.columns] == ["column A", "column B", "column C"]
    assert len(draft.rows) == 2
    assert told(draft) == ["header_missing"]


def test_repeated_and_empty_headers_get_keys_of_their_own(tmp_path: Path) -> None:
    draft = draft_text(tmp_path, "Other,Other,,x\n1,2,3,4\n")
    assert [one.key for one in draft.columns] == ["Other", "Other (2)", "column C", "x"]


# --- personal data, times, several answers --------------------------------------------------


@pytest.mark.parametrize(
    "name",
    ["E-Mail", "Email Address", "Vorname", "grp/phonenumber", "IP address", "_gps_latitude",
     "Nom d'utilisateur", "Your name:", "Recipient Email"],
)  # fmt: skip
def test_personal_headers(name: str) -> None:
    assert personal_by_name(name)


@pytest.mark.parametrize(
    "name",
    ["restaurant_name", "How often do you use e-mail?", "town", "name of the event", "trust"],
)
def test_ordinary_headers(name: str) -> None:
    assert not personal_by_name(name)


def test_personal_cells_are_found_whatever_the_header() -> None:
    rows = [
        (
            "write to a.b@example.org please",
            "192.0.2.1",
            "+32 2 555 12 34",
            "50.85034 4.35171",
            "4",
        ),
        ("", "192.0.2.77", "+32 470 55 12 34", "50.85110 4.35222", "5"),
        ("no", "2001:db8::1", "", "", "2025-01-02"),
    ]
    assert personal_by_content(rows, frozenset()) == {0, 1, 2, 3}
    assert personal_by_content(rows, frozenset({0})) == {1, 2, 3}
    years = [("2019-2025", "12 34", "1.5", "3 / 5"), ("2020-2021", "5 6", "2.25", "4 / 5")]
    assert personal_by_content(years, frozenset()) == frozenset()


@pytest.mark.parametrize(
    ("column_cells", "values", "ambiguous"),
    [
        (["03.05.2024 18:14"], ["2024-05-03T18:14:00"], False),
        (
            ["7/2/25 11:00:22", "7/13/25 9:00:00"],
            ["2025-07-02T11:00:22", "2025-07-13T09:00:00"],
            False,
        ),
        (["02/07/2025", "13/07/2025"], ["2025-07-02", "2025-07-13"], False),
        # only month-first keeps the responses in the order in which they came in
        (["1/2/2025", "1/11/2025", "2/1/2025"], ["2025-01-02", "2025-01-11", "2025-02-01"], False),
        (["1/2/2025", "2/3/2025"], ["1/2/2025", "2/3/2025"], True),
        (["13/1/2025", "1/13/2025"], ["13/1/2025", "1/13/2025"], True),
        (["2020/06/05 12:34:01 AM GMT+2"], ["2020-06-05T00:34:01+02:00"], False),
        (["", "soon", "31.02.2024"], ["", "soon", "31.02.2024"], False),
    ],
)
def test_times_are_read_per_column(
    column_cells: list[str], values: list[str], ambiguous: bool
) -> None:
    found = read_moments(column_cells)
    assert (list(found.values), found.ambiguous) == (values, ambiguous)


def test_dates_that_stay_ambiguous_are_told(tmp_path: Path) -> None:
    draft = draft_text(tmp_path, "Timestamp,Q\n1/2/2025 9:00:00,x\n2/3/2025 9:00:00,y\n")
    assert told(draft) == ["date_order_unknown"]
    assert draft.rows[0].submitted == "1/2/2025 9:00:00"


@pytest.mark.parametrize(
    ("name", "question", "separator"),
    [
        ("dask_2019.csv", "Dask APIs", ";"),
        ("dask_2021.csv", "Dask APIs", ", "),
        ("dask_2021.csv", "Is Dask stable enough for you?", ""),
        # "…all the time, even when I sleep" is one answer
        ("dask_2021.csv", "How often do you use Dask?", ""),
    ],
)
def test_the_separator_of_several_answers_is_found(
    name: str, question: str, separator: str
) -> None:
    draft = draft_of(fixture(f"google_forms/{name}"))
    assert separator_of(cells(draft, question)) == separator


@pytest.mark.parametrize(
    ("name", "variant"), [("dask_2019.csv", "form"), ("dask_2021.csv", "sheet")]
)
def test_the_separator_tells_the_form_export_from_the_sheet(name: str, variant: str) -> None:
    assert draft_of(fixture(f"google_forms/{name}")).variant == variant


def test_a_comma_inside_brackets_does_not_split_an_answer() -> None:
    assert split("SSH, batch system (SLURM, PBS)", ", ") == ("SSH", "batch system (SLURM, PBS)")
    assert split(" one ", "") == ("one",)
    assert split("", ";") == ()


def test_unknown_platform_word_lists_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(IngestError, match="google_forms"):
        draft_text(tmp_path, "a,b\n1,2\n", platform="google")
