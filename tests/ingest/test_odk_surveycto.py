"""ODK Central, ODK Briefcase and SurveyCTO: repeats, tick boxes, twins, missing codes."""

from __future__ import annotations

import io
import zipfile
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
    reasons,
    rewritten,
    roles,
    rows_of,
    survives,
    table_of,
    told,
)
from shared_files import fixture

from twinimpact.errors import IngestError
from twinimpact.ingest.detect import detect
from twinimpact.ingest.draft import draft_of
from twinimpact.ingest.inspection import inspect_file
from twinimpact.ingest.moments import read_moments
from twinimpact.ingest.months import month_numbers
from twinimpact.ingest.source import read_tables
from twinimpact.ingest.submissions import repeat_counts

CENTRAL = [
    "SubmissionDate", "grp-q1", "grp-pick", "grp-pick/a", "grp-pick/b", "grp-email",
    "meta-instanceID", "KEY", "SubmitterID", "SubmitterName", "AttachmentsPresent",
    "AttachmentsExpected", "Status", "ReviewState", "DeviceID", "Edits", "FormVersion",
]  # fmt: skip


def central(*rows: tuple[str, ...], status: str = "", review: str = "") -> list[list[str]]:
    """Rows of a Central export: key, q1, pick, pick/a, pick/b."""
    found = [CENTRAL]
    for key, one, pick, a, b in rows:
        found.append(
            ["2025-05-02T08:58:20.525Z", one, pick, a, b, "", key, key, "7", "Ann", "0", "0",
             status, review, "collect:x", "0", "v1"]
        )  # fmt: skip
    return found


def archive(folder: Path, **parts: str) -> Path:
    path = folder / "form.zip"
    with zipfile.ZipFile(path, "w") as target:
        for name, text in parts.items():
            target.writestr(name.replace("__", "/") + ".csv", text)
    return path


# --- real files ------------------------------------------------------------------------------


@pytest.mark.parametrize("entry", expected_files("odk/"), ids=lambda entry: str(entry["path"]))
def test_real_odk_file_gives_the_expected_responses(entry: dict[str, Any]) -> None:
    draft = checked(draft_of(fixture(entry["path"])))
    assert draft.platform == "odk"
    assert draft.variant == Path(entry["path"]).name.split("_")[0]
    assert len(draft.rows) == entry["n_responses"]
    assert len(draft.columns) == entry["n_cols"]
    assert draft.rows[0].response_id == entry["first_id"]
    assert draft.rows[-1].response_id == entry["last_id"]
    assert len({row.response_id for row in draft.rows}) == entry["n_unique_ids"]
    assert column(draft, "KEY").role == "id"
    assert all(row.submitted[10] == "T" and row.submitted.endswith("+00:00") for row in draft.rows)


def test_briefcase_and_central_are_twins() -> None:
    one = draft_of(fixture("odk/briefcase_all-data-types.csv"))
    other = draft_of(fixture("odk/central_all-data-types.csv"))
    width = len(one.columns)
    assert [(c.key, c.role) for c in one.columns] == [
        (c.key, c.role) for c in other.columns[:width]
    ]
    assert one.rows[0].cells == other.rows[0].cells[:width]
    assert one.rows[0].submitted == other.rows[0].submitted == "2018-04-26T08:58:20+00:00"
    assert cells(one, "some_barcode") == ["000049499094"]
    assert (cells(one, "some_date"), cells(one, "some_time")) == (["2018-04-26"], ["08:56:00"])
    assert "zone_assumed" in told(one) and "zone_assumed" not in told(other)
    personal = {key for key, role in roles(one).items() if role == "personal"}
    assert personal == {
        "some_geopoint-Latitude", "some_geopoint-Longitude", "some_geopoint-Altitude",
        "some_geopoint-Accuracy", "some_geotrace", "some_geoshape",
    }  # fmt: skip


@pytest.mark.parametrize("name", ["multirepeat-child", "multirepeat-toy", "singlerepeat-child"])
def test_a_repeat_table_alone_holds_no_response(name: str) -> None:
    path = fixture(f"odk/central_{name}.csv")
    draft = checked(draft_of(path))
    rows = len(rows_of(path)) - 1
    assert draft.rows == () and draft.excluded == {"repeat_row": rows}
    assert told(draft) == {"repeat_table_alone": str(rows)}
    seen = inspect_file(path)
    assert (seen.format, seen.n_rows, seen.n_responses) == ("odk", rows, 0)


def test_repeat_tables_of_an_archive_are_named_and_count_nobody(tmp_path: Path) -> None:
    parts = {
        name: fixture(f"odk/central_{name}.csv").read_text(encoding="utf-8")
        for name in ("multirepeat", "multirepeat-child", "multirepeat-toy")
    }
    audit = fixture("odk/central_audit.csv").read_text(encoding="utf-8")
    path = archive(tmp_path, **parts, **{"multirepeat - audit": audit, "media__x": "a,b\n1,2\n"})
    draft = checked(draft_of(path))
    assert [row.response_id for row in draft.rows] == ["one", "two", "three"]
    assert told(draft) == {
        "repeat_tables_left_out": "multirepeat-child (4 rows of 2), multirepeat-toy (6 rows of 3)",
        "tables_left_out": "multirepeat - audit",
    }
    alone = draft_of(fixture("odk/central_multirepeat.csv"))
    assert table_of(alone) == table_of(draft)
    tables = {table.file.rsplit("/", 1)[-1]: table for table in read_tables(path)}
    assert repeat_counts(tables["multirepeat-child.csv"]) == {"two": 3, "three": 1}
    assert repeat_counts(tables["multirepeat-toy.csv"]) == {
        "two/children/child[1]": 1, "two/children/child[2]": 2, "three/children/child[1]": 3,
    }  # fmt: skip


def test_an_archive_with_nothing_but_a_log_is_refused(tmp_path: Path) -> None:
    audit = fixture("odk/central_audit.csv").read_text(encoding="utf-8")
    with pytest.raises(IngestError, match="audit log"):
        draft_of(archive(tmp_path, audit=audit))


def test_an_archive_inside_an_archive_stays_closed(tmp_path: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as target:
        target.writestr("a.csv", "a,b\n1,2\n")
    path = tmp_path / "outer.zip"
    with zipfile.ZipFile(path, "w") as target:
        target.writestr("inner.csv", inner.getvalue())
    with pytest.raises(IngestError, match="inside the archive"):
        draft_of(path)


# --- ODK Central -----------------------------------------------------------------------------


def test_the_summary_rules_over_its_tick_boxes_and_a_contradiction_is_told(tmp_path: Path) -> None:
    rows = central(
        ("k1", "4", "a b", "1", "1"),
        ("k2", "3", "a new", "0", "0"),  # an option of an older form, and a wrong box
        ("k3", "2", "", "0", "0"),
    )
    draft = draft_text(tmp_path, as_csv(rows))
    assert cells(draft, "pick") == ["a;b", "a;new", ""]
    assert cells(draft, "pick/a") == ["1", "1", ""]
    assert cells(draft, "pick/b") == ["1", "0", ""]
    wrong = next(one for one in draft.problems if one.code == "ticks_disagree")
    assert (wrong.got, wrong.row, wrong.column) == ("1", 3, "C")


def test_central_paths_states_and_people(tmp_path: Path) -> None:
    draft = draft_text(tmp_path, as_csv(central(("k1", "4", "", "", ""), review="rejected")))
    assert draft.rows[0].state == "rejected"
    assert roles(draft) == {
        "SubmissionDate": "submitted", "q1": "question", "pick": "question",
        "pick/a": "question", "pick/b": "question", "email": "personal",
        "meta-instanceID": "ignore", "KEY": "id", "SubmitterID": "personal",
        "SubmitterName": "personal", "AttachmentsPresent": "ignore",
        "AttachmentsExpected": "ignore", "Status": "ignore", "ReviewState": "status",
        "DeviceID": "personal", "Edits": "ignore", "FormVersion": "ignore",
    }  # fmt: skip
    approved = as_csv(central(("k1", "4", "", "", ""), review="approved"))
    assert draft_text(tmp_path, approved).rows[0].state == "complete"


def test_encrypted_submissions_are_told(tmp_path: Path) -> None:
    rows = central(("k1", "", "", "", ""), ("k2", "", "", "", ""), status="notDecrypted")
    draft = draft_text(tmp_path, as_csv(rows))
    assert [row.state for row in draft.rows] == ["partial", "partial"]
    assert told(draft)["submissions_encrypted"] == "2"


def test_group_paths_stay_whole_where_names_repeat(tmp_path: Path) -> None:
    text = "SubmissionDate,a-note,b-note,a-tw_civic_r1,KEY\n2025-05-02T08:58:20.525Z,x,y,4,k\n"
    draft = draft_text(tmp_path, text)
    assert [one.key for one in draft.columns[1:4]] == ["a-note", "b-note", "tw_civic_r1"]


@pytest.mark.parametrize(
    "name", ["central_geopoint", "central_multirepeat", "briefcase_simple-form"]
)
def test_rewritten_copies_are_the_same_table(name: str, tmp_path: Path) -> None:
    path = fixture(f"odk/{name}.csv")
    before = table_of(draft_of(path))
    for what, copy in rewritten(rows_of(path)):
        assert table_of(draft_text(tmp_path, copy)) == before, what


# --- ODK Briefcase ---------------------------------------------------------------------------


def test_an_appended_export_repeats_its_keys_and_a_changed_row_stays(tmp_path: Path) -> None:
    head = "SubmissionDate,q,SET-OF-child,meta-instanceID,KEY\n"
    one = '"Apr 26, 2018 8:58:20 AM",1,uuid:1/child,uuid:1,uuid:1\n'
    two = '"Apr 27, 2018 8:58:20 AM",2,uuid:2/child,uuid:2,uuid:2\n'
    draft = draft_text(tmp_path, head + one + two + one + two.replace(",2,", ",3,"))
    assert [row.number for row in draft.rows] == [2, 3, 5]
    assert draft.excluded == {"duplicate": 1}
    assert told(draft)["repeat_groups_elsewhere"] == "child"
    assert column(draft, "SET-OF-child").role == "ignore"


@pytest.mark.parametrize(
    ("cell", "moment"),
    [
        ("26 avr. 2018 à 08:58:20", "2018-04-26T08:58:20+00:00"),
        ("26.04.2018 08:58:20", "2018-04-26T08:58:20+00:00"),
        ("26-apr-2018 8.58.20", "2018-04-26T08:58:20+00:00"),
        ("26 de abr. de 2018 8:58:20", "2018-04-26T08:58:20+00:00"),
        ("26 kwi 2018, 08:58:20", "2018-04-26T08:58:20+00:00"),
        ("26 mrt. 2018 08:58:20", "2018-03-26T08:58:20+00:00"),
        ("Apr 26, 2018, 8:58:20\u202fPM", "2018-04-26T20:58:20+00:00"),
        ("2018-04-26 08:58:20", "2018-04-26T08:58:20+00:00"),
    ],
)
def test_briefcase_dates_in_the_language_of_the_computer(
    cell: str, moment: str, tmp_path: Path
) -> None:
    draft = draft_text(tmp_path, as_csv([["SubmissionDate", "q", "KEY"], [cell, "1", "k"]]))
    assert draft.rows[0].submitted == moment
    assert "zone_assumed" in told(draft)


def test_one_month_name_can_mean_two_months() -> None:
    # July in Polish, June in Croatian: only a second name tells the language
    assert month_numbers(["lip"]) == {}
    assert month_numbers(["lip", "kwi"]) == {"lip": 7, "kwi": 4}
    assert read_moments(["2 lip 2018, 08:00"]).values == ("2 lip 2018, 08:00",)
    assert month_numbers(["Soon", "Apr"]) == {"apr": 4}


# --- SurveyCTO -------------------------------------------------------------------------------

SCTO = [
    "SubmissionDate", "starttime", "endtime", "deviceid", "subscriberid", "simid",
    "devicephonenum", "username", "duration", "caseid", "age", "shops", "shops_1", "shops_2",
    "shops__888", "kid_1", "kid_2", "gps-Latitude", "gps-Longitude", "gps-Altitude",
    "gps-Accuracy", "consent", "instanceID", "formdef_version", "review_quality",
    "review_status", "KEY",
]  # fmt: skip


def surveycto(key: str, review: str = "", **answers: str) -> list[str]:
    fixed = {
        "SubmissionDate": "Jun 21, 2017 3:05:41 PM", "starttime": "Jun 21, 2017 2:00:00 PM",
        "endtime": "Jun 21, 2017 2:10:00 PM", "deviceid": "49900", "username": "ann",
        "duration": "600", "caseid": "c-" + key, "consent": "1", "instanceID": key,
        "formdef_version": "2206211929", "review_status": review, "KEY": key,
        "gps-Latitude": "9.405436", "gps-Longitude": "-0.129273",
    }  # fmt: skip
    return [answers.get(name, fixed.get(name, "")) for name in SCTO]


def test_surveycto_wide_with_missing_codes_and_split_choices(tmp_path: Path) -> None:
    rows = [
        SCTO,
        surveycto("uuid:1", age="34", shops="1 2", shops_1="1", shops_2="1", shops__888="0",
                  kid_1="5", kid_2="0"),
        surveycto("uuid:2", review="APPROVED", age="-888", shops="-888", shops_1="0",
                  shops_2="0", shops__888="1", kid_1="1", kid_2="-999"),
        surveycto("uuid:3", review="rejected", age="-666", shops="2", shops_1="1", shops_2="1",
                  shops__888="0", kid_1="-5", kid_2="1"),
    ]  # fmt: skip
    draft = draft_text(tmp_path, as_csv(rows))
    assert (draft.platform, draft.variant, draft.mode) == ("surveycto", "wide", "code")
    assert [row.state for row in draft.rows] == ["complete", "complete", "rejected"]
    assert [row.submitted for row in draft.rows] == ["2017-06-21T15:05:41"] * 3
    assert [row.token for row in draft.rows] == ["c-uuid:1", "c-uuid:2", "c-uuid:3"]
    assert cells(draft, "age") == ["34", "", ""]
    assert reasons(draft, "age") == ["", "refused", "user_missing(-666)"]
    assert cells(draft, "shops") == ["1;2", "", "2"]
    assert reasons(draft, "shops")[1] == "refused"
    assert cells(draft, "shops_1") == ["1", "0", "0"]  # the summary rules
    assert told(draft)["ticks_disagree"] == "1"
    assert cells(draft, "kid_1") == ["5", "1", "-5"]  # a repeat in wide layout, a real number
    assert reasons(draft, "kid_2") == ["", "dont_know", ""]
    assert told(draft)["missing_codes"] == "-666 (1), -888 (2), -999 (1)"
    personal = {key for key, role in roles(draft).items() if role == "personal"}
    assert personal == {
        "deviceid", "subscriberid", "simid", "devicephonenum", "username", "gps-Latitude",
        "gps-Longitude", "gps-Altitude", "gps-Accuracy",
    }  # fmt: skip
    assert {"duration": "timing", "caseid": "token", "consent": "consent", "starttime": "started",
            "review_status": "status"}.items() <= roles(draft).items()  # fmt: skip


def test_surveycto_rewritten_copies_are_the_same_table(tmp_path: Path) -> None:
    rows = [SCTO, *(surveycto(f"uuid:{n}", age=str(n), shops="1 2", shops_1="1", shops_2="1")
                    for n in range(1, 6))]  # fmt: skip
    before = table_of(draft_text(tmp_path, as_csv(rows)))
    for what, copy in rewritten(rows):
        assert table_of(draft_text(tmp_path, copy)) == before, what


def test_surveycto_long_archive_names_its_repeat_tables(tmp_path: Path) -> None:
    head = "SubmissionDate,starttime,q,SET-OF-kids,formdef_version,KEY\n"
    main = head + "2025-05-02 10:00:00,2025-05-02 09:00:00,1,uuid:1/kids,1,uuid:1\n"
    kids = "kid_age,PARENT_KEY,KEY,SET-OF-kids\n4,uuid:1,uuid:1/kids[1],uuid:1/kids\n"
    draft = checked(draft_of(archive(tmp_path, form=main, **{"form-kids": kids})))
    assert (draft.platform, draft.variant, len(draft.rows)) == ("surveycto", "long", 1)
    assert told(draft) == {
        "repeat_tables_left_out": "form-kids (1 rows of 1)", "repeat_groups_elsewhere": "kids",
    }  # fmt: skip


def test_a_briefcase_form_that_asks_for_the_device_is_still_odk(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("SubmissionDate,deviceid,q,meta-instanceID,KEY\n1,2,3,4,5\n", encoding="utf-8")
    assert detect(read_tables(path)).platform == "odk"
    path.write_text("SubmissionDate,deviceid,q,instanceID,KEY\n1,2,3,4,5\n", encoding="utf-8")
    assert detect(read_tables(path)).platform == "surveycto"


def test_surveycto_as_a_workbook(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(str(tmp_path / "a.xlsx"))
    sheet = book.add_worksheet("data")
    for number, row in enumerate([SCTO, surveycto("uuid:1", age="34", kid_1="2")]):
        sheet.write_row(number, 0, row)
    book.close()
    draft = checked(draft_of(tmp_path / "a.xlsx"))
    assert draft.platform == "surveycto" and cells(draft, "age") == ["34"]


@pytest.mark.parametrize(
    "name", ["central_all-data-types", "briefcase_choice-lists", "central_multirepeat-child"]
)
def test_broken_odk_files_end_in_a_draft_or_a_clear_refusal(name: str, tmp_path: Path) -> None:
    survives(tmp_path, fixture(f"odk/{name}.csv").read_bytes())


def test_broken_surveycto_files_and_archives_end_in_a_draft_or_a_refusal(tmp_path: Path) -> None:
    rows = [SCTO, surveycto("uuid:1", shops="1 2", shops_1="1"), surveycto("uuid:2")]
    survives(tmp_path, as_csv(rows).encode())
    path = archive(tmp_path, form=as_csv(rows), kids="a,PARENT_KEY,KEY\n1,uuid:1,x\n")
    survives(tmp_path, path.read_bytes(), "e.zip")
