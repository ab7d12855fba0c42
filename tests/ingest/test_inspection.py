"""A first look at a file: counts, kinds of questions, and nothing of any single person."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from shared_files import SHARED, fixture

from twinimpact.ingest.inspection import Inspection, inspect_file
from twinimpact.ingest.kinds import KINDS, kind_of, options_of
from twinimpact.ingest.platforms.registry import READABLE

COUNTS = {
    "n_rows": "n_rows",
    "n_responses": "n_responses",
    "n_complete_rows": "n_complete",
    "n_partial_rows": "n_partial",
    "n_unique_ids": "n_unique_ids",
    "header_rows": "header_rows",
}


def expected_files() -> list[dict[str, Any]]:
    path = SHARED / "fixtures" / "EXPECTED.json"
    if not path.exists():
        return [{"path": "EXPECTED.json", "kind": "responses"}]  # skips visibly below
    listed = json.loads(path.read_text(encoding="utf-8"))
    return [one for one in listed if one["kind"] in ("responses", "table")]


def look(folder: Path, text: str, name: str = "export.csv") -> Inspection:
    path = folder / name
    path.write_text(text, encoding="utf-8", newline="")
    return inspect_file(path)


@pytest.mark.parametrize("entry", expected_files(), ids=lambda entry: entry["path"])
def test_counts_are_those_checked_by_hand_or_the_file_is_refused(entry: dict[str, Any]) -> None:
    seen = inspect_file(fixture(entry["path"]))
    if seen.refused:
        assert seen.format not in READABLE
        assert seen.hint
        return
    if entry["path"].endswith((".sav", ".zsav", ".por", ".dta")):
        pytest.skip("statistics files have tests of their own")
    wanted = {ours: entry[key] for key, ours in COUNTS.items() if entry.get(key) is not None}
    assert {name: getattr(seen, name) for name in wanted} == wanted
    assert seen.n_complete + seen.n_partial == seen.n_responses
    assert {question.kind for question in seen.questions} <= set(KINDS)


@pytest.mark.parametrize(
    "name", ["limesurvey/citric_survey.lss", "qualtrics/better_sample.qsf", "ics/example.ics"]
)
def test_what_holds_no_answers_is_refused_with_a_sentence(name: str) -> None:
    seen = inspect_file(fixture(name))
    assert seen.refused
    assert seen.refusal.startswith("This is")
    assert seen.hint


def test_a_questionnaire_is_refused_as_answers_and_its_questions_are_told() -> None:
    seen = inspect_file(fixture("redcap/checkboxes-1_dictionary.csv"))
    assert seen.refused and seen.codebook == "redcap"
    assert len(seen.questions) == 4
    assert all(question.n_answered == 0 for question in seen.questions)


def test_a_near_tie_names_both_formats(tmp_path: Path) -> None:
    seen = look(tmp_path, "Timestamp,KEY,SubmissionDate\n2024/05/03 6:14:07 PM,a,b\n")
    assert seen.refused and seen.format == ""
    assert [name for name, _ in seen.alternatives] == ["google_forms", "odk"]
    assert 'platform = "google_forms"' in seen.hint
    assert 'platform = "odk"' in seen.hint
    named = inspect_file(tmp_path / "export.csv", platform="google_forms")
    assert (named.format, named.n_responses) == ("google_forms", 1)


def test_personal_columns_are_named_and_their_values_never_shown(tmp_path: Path) -> None:
    rows = "".join(
        f"2024/05/0{n} 6:14:07 PM,Ana Kowalska,ana@example.org,Yes,We liked it\n" for n in (1, 2, 3)
    )
    header = "Timestamp,Your name,E-mail,Will you come again?,What did you like?\n"
    header = header.replace("Your name", "Name")
    seen = look(tmp_path, header + rows)
    assert seen.personal_columns == ("Name", "E-mail")
    assert "Ana" not in repr(seen) and "ana@" not in repr(seen)
    assert (seen.questions[0].key, seen.questions[0].kind) == ("Will you come again?", "single")


def test_what_one_person_wrote_is_never_listed(tmp_path: Path) -> None:
    texts = ["yes", "yes", "yes", "yes", "no", "no", "my neighbour Max drinks", "yes"]
    rows = "".join(f"2024/05/03 6:1{n}:07 PM,{text}\n" for n, text in enumerate(texts))
    seen = look(tmp_path, "Timestamp,Again?\n" + rows)
    assert seen.questions[0].kind == "single"
    assert seen.questions[0].options == ("no", "yes")
    assert "Max" not in repr(seen)


@pytest.mark.parametrize(
    ("cells", "kind", "options"),
    [
        (["1", "2", "2", "1", "3", "3"], "single", ("1", "2", "3")),
        (["3.0", "3.0", "2.0", "2.0"], "single", ("2.0", "3.0")),
        ([str(age) for age in range(18, 60)], "number", ()),
        (["1,5", "2,5", "1,5", "2,5"], "number", ()),
        (["2024-05-01", "2024-05-02 10:00"], "date", ()),
        (["3.5.2024", "14.5.2024"], "date", ()),
        (["a;b", "b;a", "a", "b", "a;b"], "multi", ("a", "b")),
        (["very good", "good", "good", "very good"], "single", ("good", "very good")),
        (["5 (most)", "1 (least)", "5 (most)", "1 (least)"], "single", ("1 (least)", "5 (most)")),
        (["long words", "other words", "third words"], "text", ()),
        ([], "empty", ()),
    ],
)
def test_the_kind_is_told_by_the_answers(
    cells: list[str], kind: str, options: tuple[str, ...]
) -> None:
    assert kind_of(cells) == kind
    assert options_of(cells, kind) == options


def test_a_grid_and_a_tick_list_are_told_apart(tmp_path: Path) -> None:
    header = "Timestamp,How was it? [Trip],How was it? [Evening],Came by [Bus],Came by [Train]\n"
    rows = "".join(
        f"2024/05/03 6:1{n}:07 PM,{'good' if n % 2 else 'bad'},{'bad' if n % 3 else 'good'},"
        f"{'Yes' if n % 2 else ''},{'Yes' if n % 3 else ''}\n"
        for n in range(8)
    )
    seen = look(tmp_path, header + rows)
    assert [one.kind for one in seen.questions] == ["grid", "grid", "multi", "multi"]
    assert [one.group for one in seen.questions] == ["How was it?"] * 2 + ["Came by"] * 2


def test_shuffled_rows_give_the_same_questions(tmp_path: Path) -> None:
    text = fixture("google_forms/xarray_2022-06.csv").read_text(encoding="utf-8")
    whole = look(tmp_path, text)
    import csv
    import io

    records = list(csv.reader(io.StringIO(text, newline="")))
    out = io.StringIO(newline="")
    csv.writer(out).writerows([records[0], *records[:0:-1]])
    turned = look(tmp_path, out.getvalue())
    assert turned.questions == whole.questions


def test_a_finished_preview_counts_as_finished_by_the_status_column() -> None:
    from planning_data import draft

    from twinimpact.ingest.inspection import finished

    made = draft(
        ["q", "Finished"],
        [["1", "TRUE"], ["1", "FALSE"], ["2", "TRUE"], ["2", "FALSE"]],
        states=["complete", "partial", "test", "test"],
        roles={"Finished": "status"},
    )
    assert finished(made) == (2, 2)


def test_rows_that_are_no_responses_are_counted_apart() -> None:
    seen = inspect_file(fixture("kobo/kpi_tutorial.csv"))
    assert seen.n_rows == seen.n_responses + sum(seen.excluded.values())


def test_a_broken_file_is_a_refusal_and_no_crash(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"PK\x03\x04 this is no workbook")
    assert inspect_file(path).refused
    path.write_bytes(b"")
    assert inspect_file(path).refusal == "The file is empty."


def test_boxes_of_a_label_export_of_redcap_are_one_question(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_text(
        "Record ID,Event Name,What? (choice=Music),What? (choice=Sport),Complete?\n"
        "1,Before,Checked,Unchecked,Complete\n2,Before,Checked,Checked,Complete\n",
        encoding="utf-8",
    )
    seen = inspect_file(path)
    assert seen.format == "redcap"
    assert [(one.kind, one.group) for one in seen.questions] == [("multi", "What?")] * 2


def test_the_own_columns_of_microsoft_forms_are_no_questions(tmp_path: Path) -> None:
    heads = (
        "ID,Startzeit,Fertigstellungszeit,E-Mail,Name,Zeit der letzten Änderung",
        "ID,Čas zahájení,Čas dokončení,E-mail,Jméno,Čas poslední změny",
        "Azonosító,Kezdés időpontja,Befejezés időpontja,E-mail-cím,Név,Utolsó módosítás időpontja",
    )
    for number, head in enumerate(heads):
        path = tmp_path / f"{number}.csv"
        path.write_text(
            f"{head},Frage\n1,3/1/25 10:00:00,3/1/25 10:01:00,anonymous,,,gut\n"
            "2,3/14/25 10:00:00,3/14/25 10:01:00,anonymous,,,gut\n",
            encoding="utf-8",
        )
        seen = inspect_file(path)
        assert (seen.format, seen.confidence, seen.n_responses) == ("microsoft_forms", 1.0, 2)
        assert [one.name for one in seen.questions] == ["Frage"]
