"""Recognising who wrote a file: evidence, near-ties, refusals, no false alarm."""

from __future__ import annotations

from pathlib import Path

import pytest
import xlsxwriter
from shared_files import fixture

from twinimpact.errors import IngestError
from twinimpact.ingest.detect import Detection, detect, detect_as
from twinimpact.ingest.draft import draft_of
from twinimpact.ingest.platforms.registry import READABLE
from twinimpact.ingest.source import read_tables


def detect_text(folder: Path, text: str) -> Detection:
    path = folder / "a.csv"
    path.write_text(text, encoding="utf-8")
    return detect(read_tables(path))


SAMPLES = {
    "alchemer/jupyter_ux_2015.csv": "alchemer",
    "derived/dask_2021_cr_only.csv": "google_forms",
    "derived/decimal_comma_semicolon.csv": "redcap",
    "derived/qualtrics_raw.tsv": "qualtrics",
    "eusurvey/everse_content_export.xls": "eusurvey",
    "eventbrite/attendee_report_32col.csv": "eventbrite",
    "google_forms/dask_2019.csv": "google_forms",
    "google_forms/dask_2020.csv": "google_forms",
    "google_forms/xarray_2021-01.csv": "google_forms",
    "google_forms/xarray_2022-06.csv": "google_forms",
    "kobo/customer_satisfaction_labels.xlsx": "kobo",
    "kobo/kpi_export.csv": "kobo",
    "kobo/kpi_tutorial.csv": "kobo",
    "kobo/long_unicode_labels.csv": "kobo",
    "kobo/nested_repeats_xml.xlsx": "kobo",
    "limesurvey/rse2017_de_public.csv": "limesurvey",
    "limesurvey/rse2017_nl_public.csv": "limesurvey",
    "limesurvey/survey_100001_R_data_file.csv": "limesurvey",
    "odk/briefcase_simple-form.csv": "odk",
    "odk/central_all-data-types.csv": "odk",
    "odk/central_multirepeat-child.csv": "odk",
    "pretix/checkinlist_simple.csv": "pretix",
    "qualtrics/better_sample.csv": "qualtrics",
    "qualtrics/excluder_qualtrics_text.csv": "qualtrics",
    "qualtrics/ma_mc_legacy.csv": "qualtrics",
    "redcap/longitudinal_data.csv": "redcap",
    "redcap/checkboxes-1_data.csv": "redcap",
    "surveymonkey/StarWars.csv": "surveymonkey",
    "surveymonkey/jupyter_2020.csv": "surveymonkey",
    "typeform/fcc_2016_part1.csv": "typeform",
}
DEFINITIONS = (
    "limesurvey/citric_survey.lss",
    "limesurvey/limesurvey_group_1370.lsg",
    "limesurvey/testing-multilingual-export.tsv",
    "limesurvey/testing-checkbox-autofix-export.tsv",
    "qualtrics/better_sample.qsf",
    "redcap/checkboxes-1_dictionary.csv",
    "odk/central_audit.csv",
    "surveycto/Household_Back_Check_Survey.xlsx",
    "ics/example.ics",
)


@pytest.mark.parametrize(("name", "platform"), SAMPLES.items())
def test_real_exports_are_recognised_with_evidence(name: str, platform: str) -> None:
    found = detect(read_tables(fixture(name)))
    assert found.platform == platform
    assert found.confidence >= 0.6
    assert found.evidence


@pytest.mark.parametrize("name", DEFINITIONS)
def test_what_holds_no_answers_is_refused_and_told_what_to_export(name: str) -> None:
    path = fixture(name)
    with pytest.raises(IngestError) as caught:
        detect(read_tables(path))
    assert caught.value.what.startswith("This is")
    assert caught.value.hint


@pytest.mark.parametrize("folder", ["csv_traps", "excel_traps"], ids=["csv", "excel"])
def test_ordinary_tables_are_claimed_by_no_platform(folder: str) -> None:
    for path in sorted(fixture(folder).iterdir()):
        found = detect(read_tables(path))
        assert (found.platform, found.confidence) == ("spreadsheet", 0.0), path.name


def test_a_recognised_export_can_be_read_as_a_plain_table() -> None:
    draft = draft_of(fixture("derived/decimal_comma_semicolon.csv"), platform="spreadsheet")
    assert [row.cells[2] for row in draft.rows] == ["1,54", "1,84", "1,95", "1,61"]


SIGNATURES = {
    "limesurvey": '"id","submitdate","lastpage","startlanguage","Q1"\n"1","","2","en","A1"\n',
    "kobo": "q1;_id;_uuid;_submission_time\n1;2;3;2024-01-01T00:00:00\n",
    "google_forms": "Horodateur,Q\n03/05/2024 18:14:07,bien\n",
    "microsoft_forms": "ID,Start time,Completion time,Email,Q\n"
    "1,7/2/25 11:00:22,7/2/25 11:01:24,anonymous,x\n",
    "sosci": "CASE\tSERIAL\tREF\tQUESTNNR\tMODE\tSTARTED\tA\n"
    "1\t\t\tbase\tinterview\t2025-05-08\t1\n",
    "luma": "api_id,name,approval_status\nx,y,approved\n",
    "surveycto": "SubmissionDate,starttime,deviceid,q,formdef_version,KEY\n1,2,3,4,5,6\n",
    "surveymonkey": "q0001,q0002_0001,q0002_0002\n1,2,3\n",
}


@pytest.mark.parametrize(("platform", "text"), SIGNATURES.items())
def test_signatures_hold_without_a_sample(platform: str, text: str, tmp_path: Path) -> None:
    assert detect_text(tmp_path, text).platform == platform


def test_a_near_tie_is_asked_and_not_guessed(tmp_path: Path) -> None:
    text = "Timestamp,KEY,SubmissionDate\n2024/05/03 6:14:07 PM,a,b\n"
    with pytest.raises(
        IngestError, match=r"Google Forms or of ODK|ODK or of Google Forms"
    ) as caught:
        detect_text(tmp_path, text)
    assert 'platform = "google_forms"' in caught.value.hint
    path = tmp_path / "a.csv"
    assert detect_as(read_tables(path), "google_forms").platform == "google_forms"


def test_the_person_can_name_the_platform_but_not_a_wrong_one(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a,b,c\n1,2,3\n")
    assert detect_as(read_tables(path), "spreadsheet").platform == "spreadsheet"
    with pytest.raises(IngestError, match="does not look like"):
        draft_of(path, platform="kobo")
    with pytest.raises(IngestError, match="not known"):
        draft_of(path, platform="telepathy")
    assert set(READABLE) >= {
        "kobo", "limesurvey", "google_forms", "microsoft_forms", "spreadsheet",
    }  # fmt: skip


def test_weak_signs_are_alternatives_and_no_claim(tmp_path: Path) -> None:
    # databases call their key _id too
    assert detect_text(tmp_path, "_id,name,town\n1,a,b\n").platform == "spreadsheet"
    # numbered questions may come from two tools
    with pytest.raises(IngestError, match="LimeSurvey or of SurveyMonkey"):
        detect_text(tmp_path, "1. Text,2. More,3. Last\nx,y,z\n")


def test_only_the_sheet_that_begins_with_the_timestamp_counts(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(str(tmp_path / "a.xlsx"))
    book.add_worksheet("Pivot").write_row(0, 0, ["Count of x", "y"])
    sheet = book.add_worksheet("Form responses 1")
    sheet.write_row(0, 0, ["Timestamp", "Q"])
    sheet.write_row(1, 0, ["2024/05/03 6:14:07 PM", "x"])
    book.close()
    found = detect(read_tables(tmp_path / "a.xlsx"))
    assert (found.platform, found.sheet) == ("google_forms", "Form responses 1")


@pytest.mark.parametrize(
    "header",
    [
        "type,name,label::English,relevant",
        "id,related_id,class,type/scale,name,relevance,text",
        "Variable / Field Name,Form Name,Section Header,Field Type,Field Label",
        "event,node,start,end",
        "Date,LogID,User,Object,Property,Event",
    ],
)
def test_definition_tables_are_refused_by_their_header(header: str, tmp_path: Path) -> None:
    with pytest.raises(IngestError, match=r"This is (a|the)"):
        detect_text(tmp_path, header + "\n" + ",".join("x" * len(header.split(","))) + "\n")


@pytest.mark.parametrize(
    "text",
    [
        'data <- read.csv("survey_1_R_data_file.csv", quote = "\'\\"")\n',
        "GET DATA\n /TYPE=TXT\n /FILE='survey.dat'\n",
    ],
)
def test_syntax_files_are_refused_as_text(text: str, tmp_path: Path) -> None:
    with pytest.raises(IngestError, match="syntax file"):
        detect_text(tmp_path, text)
