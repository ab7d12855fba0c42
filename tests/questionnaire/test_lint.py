"""The linter: what nobody else says about an XLSForm, with the place and the way to mend it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
import xlsxwriter
from questionnaire_data import catalogue_of
from typer.testing import CliRunner

from twinimpact.errors import DefinitionError
from twinimpact.instruments import Catalogue
from twinimpact.questionnaire import finding_rows, lint_form
from twinimpact.questionnaire.expressions import BrokenExpression, read_expression

EN, DE = "English (en)", "Deutsch (de)"
SOUND: Mapping[str, list[list[str]]] = {
    "survey": [
        ["type", "name", f"label::{EN}", f"label::{DE}", "constraint", "relevant", "appearance"],
        ["begin_group", "g", "Group", "Gruppe", "", "", "field-list"],
        ["select_one ten", "tw_civic_r1", "One?", "Eins?", "", "", "likert"],
        ["select_one ten", "tw_civic_r2", "Two?", "Zwei?", "", "", "likert"],
        ["select_one ten", "tw_civic_r3", "Three?", "Drei?", "", "${tw_civic_r1} > 0", "likert"],
        ["select_one ten", "tw_civic_r4", "Four?", "Vier?", "", "", "likert"],
        ["integer", "age", "Age?", "Alter?", "(. >= 0 and . <= 99) or . = 888", "", ""],
        ["end_group", "", "", "", "", "", ""],
    ],
    "choices": [
        ["list_name", "name", f"label::{EN}", f"label::{DE}"],
        *[["ten", str(code), str(code), str(code)] for code in (*range(11), 88)],
    ],
    "settings": [
        ["form_title", "form_id", "version", "default_language"],
        ["Demo", "demo", "1", EN],
    ],
}


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return catalogue_of()


def write(path: Path, sheets: Mapping[str, list[list[str]]]) -> Path:
    book = xlsxwriter.Workbook(str(path), {"strings_to_numbers": False})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                if cell:
                    sheet.write_string(number, column, cell)
    book.close()
    return path


def changed(sheet: str, row: int, column: int, value: str) -> dict[str, list[list[str]]]:
    made = {name: [list(line) for line in rows] for name, rows in SOUND.items()}
    made[sheet][row][column] = value
    return made


def test_a_sound_form_has_no_findings(tmp_path: Path, catalogue: Catalogue) -> None:
    assert lint_form(write(tmp_path / "form.xlsx", SOUND), catalogue) == ()


@pytest.mark.parametrize(
    ("place", "value", "code", "where"),
    [
        (("survey", 2, 3), "", "lint_translation_blank", (3, f"label::{DE}")),
        (("choices", 3, 3), "", "lint_translation_blank", (4, f"label::{DE}")),
        (("survey", 0, 6), "appearence", "lint_column_misspelt", (1, "appearence")),
        (("survey", 0, 4), "constrain", "lint_column_misspelt", (1, "constrain")),
        (("survey", 6, 4), "(. >= 0 and . <= 99", "lint_expression_brackets", (7, "constraint")),
        (("survey", 6, 4), ". >= and . <= 99", "lint_expression", (7, "constraint")),
        (("survey", 6, 4), ". == 3", "lint_expression_operator", (7, "constraint")),
        (("survey", 6, 4), ". > 0 && . < 9", "lint_expression_operator", (7, "constraint")),
        (("survey", 6, 4), ". = ‘x’", "lint_expression_quotes", (7, "constraint")),
        (("survey", 6, 4), ". = 'x", "lint_expression_quotes", (7, "constraint")),
        (("survey", 6, 4), "selectd(., 'x')", "lint_function_unknown", (7, "constraint")),
        (("survey", 4, 5), "${tw_civic_r9} > 0", "lint_reference_unknown", (5, "relevant")),
        (("survey", 4, 2), "Since ${tw_civic_r8}?", "lint_reference_unknown",
         (5, f"label::{EN}")),
        (("choices", 2, 1), "1 a", "lint_choice_spaces", (3, "name")),
        (("choices", 2, 1), "1.0", "lint_choice_decimal", (3, "name")),
        (("choices", 3, 1), "1", "lint_choice_repeated", (4, "name")),
        (("survey", 3, 2), "Life {town:in}?", "lint_placeholder_left", (4, f"label::{EN}")),
        (("settings", 1, 0), "Twinning of {town}", "lint_placeholder_left", (2, "form_title")),
        (("settings", 1, 3), "English", "lint_default_language", (2, "default_language")),
        (("settings", 1, 2), "", "lint_setting_missing", (2, "version")),
        (("choices", 12, 1), "99", "lint_choices_differ", (3, "tw_civic_r1")),
        (("choices", 11, 0), "other", "lint_choices_differ", (3, "tw_civic_r1")),
        (("choices", 11, 0), "other", "lint_list_unused", (12, "list_name")),
        (("survey", 2, 0), "select_one tenn", "lint_list_unknown", (3, "type")),
        (("survey", 5, 1), "r4", "lint_scale_incomplete", (3, "name")),
        (("survey", 1, 6), "table-list", "lint_likert_in_table", (3, "appearance")),
        (("survey", 6, 1), "tw_civic_r1", "lint_name_repeated", (7, "name")),
        (("survey", 7, 0), "", "lint_group_unbalanced", (2, "type")),
        (("survey", 1, 0), "note", "lint_group_unbalanced", (8, "type")),
        (("choices", 0, 3), "label::German (de)", "lint_language_unknown",
         (1, "label::German (de)")),
    ],
)  # fmt: skip
def test_each_fault_is_told_with_row_column_and_fix(
    tmp_path: Path,
    catalogue: Catalogue,
    place: tuple[str, int, int],
    value: str,
    code: str,
    where: tuple[int, str],
) -> None:
    found = lint_form(write(tmp_path / "form.xlsx", changed(*place, value)), catalogue)
    hits = [problem for problem in found if problem.code == code]
    assert where in {(problem.row, problem.column) for problem in hits}
    for row in finding_rows(tuple(hits)):
        assert set(row) >= {"sheet", "row", "column", "value", "rule", "fix"}
        assert row["rule"]
        assert row["fix"]


def test_a_language_without_a_code_is_a_warning(tmp_path: Path, catalogue: Catalogue) -> None:
    sheets = {name: [list(row) for row in rows] for name, rows in SOUND.items()}
    for name in ("survey", "choices"):
        sheets[name][0] = [cell.replace(DE, "Deutsch") for cell in sheets[name][0]]
    found = lint_form(write(tmp_path / "form.xlsx", sheets), catalogue)
    assert [(problem.code, problem.severity) for problem in found] == [
        ("lint_language_code", "warning")
    ]


def test_a_question_without_words_is_told(tmp_path: Path, catalogue: Catalogue) -> None:
    sheets = changed("survey", 6, 2, "")
    sheets["survey"][6][3] = ""
    found = lint_form(write(tmp_path / "form.xlsx", sheets), catalogue)
    assert [problem.code for problem in found] == ["lint_label_missing"]


def test_a_scoring_sheet_is_believed(tmp_path: Path, catalogue: Catalogue) -> None:
    sheets = changed("survey", 5, 1, "r4")
    sheets["scoring"] = [["scale", "item"], ["mine", "tw_civic_r1"], ["mine", "tw_civic_r4"]]
    found = lint_form(write(tmp_path / "form.xlsx", sheets), catalogue)
    assert [(problem.sheet, problem.row, problem.got) for problem in found] == [
        ("scoring", 3, "tw_civic_r4")
    ]


def test_another_version_of_a_scale_counts_as_whole(tmp_path: Path, catalogue: Catalogue) -> None:
    sheets = {name: [list(row) for row in rows] for name, rows in SOUND.items()}
    sheets["survey"] = [sheets["survey"][0]] + [
        ["select_one yn", f"tw_acts_p{number}", "A?", "B?", "", "", ""]
        for number in (1, 3, 5, 6, 7)
    ]
    sheets["choices"] = [sheets["choices"][0]] + [
        ["yn", code, code, code] for code in ("0", "1", "88")
    ]
    assert lint_form(write(tmp_path / "form.xlsx", sheets), catalogue) == ()


def test_a_workbook_that_is_no_form_is_refused(tmp_path: Path, catalogue: Catalogue) -> None:
    path = write(tmp_path / "table.xlsx", {"data": [["a", "b"], ["1", "2"]]})
    with pytest.raises(DefinitionError, match="not an XLSForm"):
        lint_form(path, catalogue)


@pytest.mark.parametrize(
    "text",
    [
        "(. >= 0 and . <= 99) or . = 888",
        "not(selected(., 'none') and count-selected(.) > 1)",
        "regex(., '^[A-Z]{2}[0-9]{4}$')",
        "${a} > 0 and ${a} != 88",
        "if(${a} = 'AND', 1, -2 * ${b} div 3)",
        "instance('x')/root/item[name = ${a}]/label",
        "../b + /data/c - .",
        "jr:choice-name(${a}, '${a}')",
        "concat(\"it's\", ' ', ${a})",
        "once(random())",
        "count(${r}) mod 2 = 0",
        "position(..)",
        "@version = '1' | //b",
    ],
)
def test_expressions_of_the_xlsform_documentation_are_read(text: str) -> None:
    assert read_expression(text)


@pytest.mark.parametrize(
    "text",
    ["", "1 +", "(", ")", "${a} ${b}", "f(1,)", "a[", "a[1", "1 2", "and 1", "=", "a//", "#"],
)
def test_broken_expressions_are_refused(text: str) -> None:
    with pytest.raises(BrokenExpression):
        read_expression(text)


def test_the_command_says_what_it_found_and_exits_by_it(tmp_path: Path) -> None:
    from twinimpact.cli import app

    runner = CliRunner()
    good = write(tmp_path / "good.xlsx", SOUND)
    made = runner.invoke(app, ["survey", "lint", str(good)])
    assert (made.exit_code, "Nothing to mend" in made.output) == (0, True)
    bad = write(tmp_path / "bad.xlsx", changed("survey", 6, 4, ". == 3"))
    made = runner.invoke(app, ["survey", "lint", str(bad), "--json"])
    assert made.exit_code == 2
    (finding,) = json.loads(made.output)
    assert (finding["sheet"], finding["row"], finding["column"]) == ("survey", 7, "constraint")
    warned = write(tmp_path / "warned.xlsx", changed("settings", 1, 2, ""))
    assert runner.invoke(app, ["survey", "lint", str(warned)]).exit_code == 0
    missing = runner.invoke(app, ["survey", "lint", str(tmp_path / "none.xlsx")])
    assert missing.exit_code == 3


def test_the_build_command_refuses_drafts_and_writes_with_permission(tmp_path: Path) -> None:
    from twinimpact.cli import app

    runner = CliRunner()
    command = ["survey", "build", "then", "--site", "example", "--out", str(tmp_path / "out")]
    refused = runner.invoke(app, command)
    assert refused.exit_code == 2
    made = runner.invoke(app, [*command, "--allow-draft"])
    assert made.exit_code == 0, made.output
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {
        "then-retro_pre.xlsx", "then-retro_pre-en.pdf", "then-retro_pre-en.docx",
        "then-retro_pre-codebook.csv", "then-retro_pre-codebook.md",
    }  # fmt: skip
    unknown = runner.invoke(app, [*command[:2], "core", *command[3:]])
    assert unknown.exit_code == 2


def test_the_overlay_and_fingerprint_commands_print(tmp_path: Path) -> None:
    from twinimpact.cli import app

    runner = CliRunner()
    made = runner.invoke(app, ["survey", "overlay", "prica", "de"])
    assert made.exit_code == 0
    assert made.output.count("reversed before scoring") == 7
    assert runner.invoke(app, ["survey", "overlay", "tw_anx", "de"]).exit_code == 2
    listed = runner.invoke(app, ["survey", "fingerprints"])
    assert listed.exit_code == 0
    assert "tw_anx_x1" in listed.output
