"""The command line: what bad input gets is a sentence and an exit code, never a traceback."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from twinimpact.cli import app


def call(*arguments: object) -> Result:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


@pytest.fixture
def fresh(tmp_path: Path) -> Path:
    folder = tmp_path / "evaluation"
    assert call("new", folder, "--title", "Our town and theirs").exit_code == 0
    return folder


def said(result: Result) -> str:
    return " ".join((result.output + result.stderr).split())


def test_new_writes_settings_and_workbooks_that_pass_the_check(fresh: Path) -> None:
    assert (fresh / "evaluation.toml").is_file()
    assert list((fresh / "inbox").glob("*.xlsx"))
    result = call("check", fresh)
    assert result.exit_code == 0, said(result)


def test_new_does_not_overwrite_an_evaluation(fresh: Path) -> None:
    before = (fresh / "evaluation.toml").read_bytes()
    result = call("new", fresh)
    assert result.exit_code == 2
    assert (fresh / "evaluation.toml").read_bytes() == before


def test_a_folder_without_settings_is_named(tmp_path: Path) -> None:
    result = call("check", tmp_path)
    assert result.exit_code == 2
    assert "evaluation.toml" in said(result)
    assert "twinimpact new" in said(result)


def test_an_unknown_key_is_named_with_the_nearest_one(fresh: Path) -> None:
    settings = fresh / "evaluation.toml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace("timezone", "timezon", 1), encoding="utf-8")
    result = call("check", fresh)
    assert result.exit_code == 2
    assert "timezon" in said(result)
    assert "timezone" in said(result)


def test_reports_without_any_partnership_are_refused_with_the_next_step(fresh: Path) -> None:
    result = call("report", fresh)
    assert result.exit_code == 3
    assert "ingest --apply" in said(result)


def test_an_unknown_partnership_or_report_is_named(fresh: Path) -> None:
    (fresh / "inbox" / "registers.csv").write_text(
        "partnership_id;name;town_a;town_b;form\nab;A – B;a;b;formal\n", encoding="utf-8"
    )
    (fresh / "inbox" / "towns.csv").write_text(
        "town_id;name;country\na;A-Stadt;DE\nb;Bourg;FR\n", encoding="utf-8"
    )
    with (fresh / "evaluation.toml").open("a", encoding="utf-8") as handle:
        handle.write(
            '\n[[sources]]\nfile = "inbox/towns.csv"\ntable = "towns"\n'
            '\n[[sources]]\nfile = "inbox/registers.csv"\ntable = "partnerships"\n'
        )
    result = call("ingest", "--apply", fresh)
    assert result.exit_code == 0, said(result)
    result = call("report", fresh, "-p", "nowhere")
    assert result.exit_code == 2
    assert "nowhere" in said(result)
    assert "ab" in said(result)
    result = call("report", fresh, "-t", "horoscope")
    assert result.exit_code == 2
    assert "partnership_report" in said(result)
    result = call("report", fresh, "-f", "odt")
    assert result.exit_code == 2
    assert "docx" in said(result)


@pytest.mark.slow
def test_a_partnership_without_any_data_gets_an_honest_report(fresh: Path) -> None:
    (fresh / "inbox" / "registers.csv").write_text(
        "partnership_id;name;town_a;town_b;form\nab;A – B;a;b;formal\n", encoding="utf-8"
    )
    (fresh / "inbox" / "towns.csv").write_text(
        "town_id;name;country\na;A-Stadt;DE\nb;Bourg;FR\n", encoding="utf-8"
    )
    with (fresh / "evaluation.toml").open("a", encoding="utf-8") as handle:
        handle.write(
            '\n[[sources]]\nfile = "inbox/towns.csv"\ntable = "towns"\n'
            '\n[[sources]]\nfile = "inbox/registers.csv"\ntable = "partnerships"\n'
        )
    assert call("ingest", "--apply", fresh).exit_code == 0
    result = call("report", fresh, "-f", "html")
    assert result.exit_code == 0, said(result)
    page = (fresh / "reports" / "ab" / "partnership-report.en.html").read_text(encoding="utf-8")
    assert "No events are on record" in page
    assert ">nan<" not in page.lower()


def test_a_file_that_cannot_be_read_is_named_and_the_others_are_still_planned(fresh: Path) -> None:
    (fresh / "inbox" / "broken.xlsx").write_bytes(b"PK\x03\x04 this is no workbook")
    (fresh / "inbox" / "towns.csv").write_text(
        "town_id;name;country\na;A-Stadt;DE\n", encoding="utf-8"
    )
    with (fresh / "evaluation.toml").open("a", encoding="utf-8") as handle:
        handle.write(
            '\n[[sources]]\nfile = "inbox/towns.csv"\ntable = "towns"\n'
            '\n[[sources]]\nfile = "inbox/broken.xlsx"\ntable = "responses"\n'
            '\n[[sources]]\nfile = "inbox/absent.csv"\ntable = "responses"\n'
        )
    result = call("ingest", "--apply", fresh)
    assert result.exit_code == 3
    assert "broken.xlsx" in said(result)
    assert "absent.csv" in said(result)
    assert "Stored 1 row." in said(result)


def test_open_says_how_to_make_reports_when_there_are_none(fresh: Path) -> None:
    result = call("open", fresh)
    assert result.exit_code == 1
    assert "twinimpact report" in said(result)


ANSWERS = (
    "Timestamp,I agree that you use my answers,Gender,E-mail,How was it?\n"
    "2025/05/03 6:14:07 PM,Yes,female,ana@example.org,good\n"
    "2025/05/13 6:15:07 PM,Yes,male,bo@example.org,good\n"
    "2025/05/14 6:16:07 PM,Yes,female,,good\n"
)
NEAR_TIE = "Timestamp,KEY,SubmissionDate\n2025/05/03 6:14:07 PM,a,b\n"


def add_source(folder: Path, file: str, *lines: str) -> None:
    with (folder / "evaluation.toml").open("a", encoding="utf-8") as handle:
        entry = ["", "[[sources]]", f'file = "inbox/{file}"', 'table = "responses"', *lines, ""]
        handle.write("\n".join(entry))


def test_inspect_says_what_a_file_is_and_shows_nothing_personal(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text(ANSWERS, encoding="utf-8")
    result = call("inspect", path)
    assert result.exit_code == 0
    assert "Google Forms" in said(result)
    assert "responses: 3" in said(result)
    assert "personal columns, dropped: E-mail" in said(result)
    assert "ana@" not in said(result)


def test_inspect_gives_json_with_the_same_keys_for_every_file(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text(ANSWERS, encoding="utf-8")
    result = call("inspect", path, "--json")
    assert result.exit_code == 0
    found = json.loads(result.stdout)
    assert (found["format"], found["n_responses"], found["n_complete"]) == ("google_forms", 3, 3)
    assert (found["delimiter"], found["encoding"], found["header_rows"]) == (",", "ascii", 1)
    assert found["personal_columns"] == ["E-mail"]
    assert found["questions"][-1]["type"] == "single"
    assert found["questions"][-1]["options"] == ["good"]
    assert found["refused"] is False and found["refusal"] is None
    path.write_text("<html><table></table></html>", encoding="utf-8")
    result = call("inspect", path, "--json")
    assert result.exit_code == 3
    refused = json.loads(result.stdout)
    assert list(refused) == list(found)
    assert refused["refusal"].startswith("This is a web page")
    assert refused["n_responses"] is None and refused["format"] is None


def test_inspect_of_no_file_is_a_usage_error(tmp_path: Path) -> None:
    result = call("inspect", tmp_path / "absent.csv")
    assert result.exit_code == 2
    assert "absent.csv" in said(result)


def test_two_close_formats_are_asked_and_the_answer_in_the_settings_wins(fresh: Path) -> None:
    (fresh / "inbox" / "export.csv").write_text(NEAR_TIE, encoding="utf-8")
    settings = (fresh / "evaluation.toml").read_text(encoding="utf-8")
    add_source(fresh, "export.csv")
    result = call("check", fresh)
    assert result.exit_code == 3
    assert 'platform = "google_forms"' in said(result)
    assert 'platform = "odk"' in said(result)
    (fresh / "evaluation.toml").write_text(settings, encoding="utf-8")
    add_source(fresh, "export.csv", 'platform = "google_forms"')
    result = call("check", fresh)
    assert "could be an export of" not in said(result)
    assert "google forms" in said(result)


def test_a_mapping_is_proposed_into_the_folder_and_never_overwritten(
    fresh: Path, tmp_path: Path
) -> None:
    path = tmp_path / "Mein Export.csv"
    path.write_text(ANSWERS, encoding="utf-8")
    result = call("ingest", "--propose", path, fresh)
    assert result.exit_code == 0, said(result)
    mapping = fresh / "mappings" / "mein-export.toml"
    text = mapping.read_text(encoding="utf-8")
    assert 'gender = "Gender"' in text
    assert "ana@" not in text
    result = call("ingest", "--propose", path, fresh)
    assert result.exit_code == 2
    assert "never overwritten" in said(result)
    assert mapping.read_text(encoding="utf-8") == text
    result = call("ingest", "--propose", path, "--out", "mappings/second.toml", fresh)
    assert result.exit_code == 0
    assert (fresh / "mappings" / "second.toml").read_text(encoding="utf-8") == text


def test_a_mapping_is_not_proposed_for_what_is_absent_or_leads_out(
    fresh: Path, tmp_path: Path
) -> None:
    path = tmp_path / "export.csv"
    path.write_text(ANSWERS, encoding="utf-8")
    assert call("ingest", "--propose", tmp_path / "absent.csv", fresh).exit_code == 2
    assert call("ingest", "--propose", path, "--out", "../out.toml", fresh).exit_code == 2
    assert not (tmp_path / "out.toml").exists()
    path.write_text("%PDF-1.7", encoding="utf-8")
    assert call("ingest", "--propose", path, fresh).exit_code == 3


DICTIONARY = (
    '"Variable / Field Name","Form Name","Section Header","Field Type","Field Label",'
    '"Choices, Calculations, OR Slider Labels","Field Note"\n'
    "record_id,twin,,text,Record,,\n"
    'fish,twin,,radio,Do you like fish?,"1, Yes | 0, No",\n'
)
FISH = "record_id,fish,twin_complete\n1,1,2\n2,0,2\n3,1,2\n"


def test_inspect_reads_the_columns_with_a_code_book(tmp_path: Path) -> None:
    export, book = tmp_path / "export.csv", tmp_path / "book.csv"
    export.write_text(FISH, encoding="utf-8")
    book.write_text(DICTIONARY, encoding="utf-8")
    result = call("inspect", export, "--codebook", book, "--json")
    assert result.exit_code == 0
    found = json.loads(result.stdout)
    assert found["codebook"] == "redcap"
    asked = next(one for one in found["questions"] if one["key"] == "fish")
    assert (asked["text"], asked["options"]) == ("Do you like fish?", ["Yes", "No"])
    assert call("inspect", export, "--codebook", tmp_path / "absent.csv").exit_code == 2
    assert call("inspect", export, "--codebook", export).exit_code == 3
    assert "explained by a questionnaire of: redcap" in said(
        call("inspect", export, "--codebook", book)
    )


def test_a_definition_beside_an_export_tells_the_options_of_its_mapping(
    fresh: Path, tmp_path: Path
) -> None:
    export = tmp_path / "fish.csv"
    export.write_text(FISH, encoding="utf-8")
    assert call("ingest", "--propose", export, fresh).exit_code == 0
    assert "The options come from" not in (fresh / "mappings" / "fish.toml").read_text("utf-8")
    (tmp_path / "book.csv").write_text(DICTIONARY, encoding="utf-8")
    result = call("ingest", "--propose", export, "--out", "mappings/second.toml", fresh)
    assert result.exit_code == 0
    text = (fresh / "mappings" / "second.toml").read_text(encoding="utf-8")
    assert "The options come from book.csv." in text


def test_mappings_of_registers_logs_and_ticket_lists_are_proposed(
    fresh: Path, tmp_path: Path
) -> None:
    result = call("ingest", "--propose", fresh / "inbox" / "registers.xlsx", fresh)
    assert result.exit_code == 0, said(result)
    # the template is listed in the settings, once as towns and once as partnerships
    for table in ("towns", "partnerships"):
        text = (fresh / "mappings" / f"registers-{table}.toml").read_text(encoding="utf-8")
        assert f"as {table}." in text and "[columns]" in text
    tickets = tmp_path / "tickets.csv"
    tickets.write_text(
        "Order code,Attendee name,Checked in,Secret\nA1,Ana Muster,2025-05-01 10:00,xyz\n"
        "A2,Bo Beispiel,,abc\n",
        encoding="utf-8",
    )
    assert call("ingest", "--propose", tickets, fresh).exit_code == 0
    text = (fresh / "mappings" / "tickets.toml").read_text(encoding="utf-8")
    assert 'platform = "pretix"' in text and "activity" in text
    assert "Ana" not in text and "xyz" not in text


def test_reading_and_storing_say_how_far_they_are(fresh: Path) -> None:
    result = call("check", fresh)
    assert "Reading 0/" in result.stderr and "registers.xlsx" in result.stderr
