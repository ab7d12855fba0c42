"""Code books named in the settings, given on the command line, or lying beside an export."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import xlsxwriter
from drafts import draft_text
from planning_data import KEY, catalogue
from shared_files import fixture

from twinimpact.errors import DefinitionError
from twinimpact.evaluation import Evaluation, parse_evaluation
from twinimpact.ingest import ImportPlan, ReadOptions, codebook_of, inspect_file
from twinimpact.ingest.definitions import (
    definition_beside,
    definition_of,
    known_share,
    misfits,
    registered,
)
from twinimpact.ingest.draft import draft_of
from twinimpact.ingest.plan import plan_imports
from twinimpact.run.inspecting import inspection_json
from twinimpact.workspace import Workspace, create_workspace

DICTIONARY = (
    '"Variable / Field Name","Form Name","Section Header","Field Type","Field Label",'
    '"Choices, Calculations, OR Slider Labels","Field Note"\n'
    "record_id,twin,,text,Record,,\n"
    'tw_x_a,twin,,radio,Share,"0, none | 5, half | 10, all | 7, Don\'t know",\n'
    'tw_x_b,twin,,radio,Do you agree?,"1, Strongly agree | 5, Strongly disagree",\n'
)
ANSWERS = "record_id,tw_x_a,tw_x_b,twin_complete\n1,5,1,2\n2,7,5,2\n3,10,1,2\n"
SETTINGS = """
schema = 1
[evaluation]
id = "demo"
title = "Demo"
[[waves]]
id = "pre"
kind = "pre"
label = "Before"
[[sources]]
file = "inbox/towns.csv"
table = "towns"
[[sources]]
file = "inbox/links.csv"
table = "partnerships"
[[sources]]
file = "inbox/answers.csv"
table = "responses"
mapping = "mappings/m.toml"
constants = {wave = "pre", partnership = "lin-mor"}
"""


def evaluation(codebook: str = "") -> Evaluation:
    line = f'codebook = "{codebook}"\n' if codebook else ""
    return parse_evaluation(SETTINGS + line, "evaluation.toml", Path())


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    root = tmp_path / "demo"
    root.mkdir()
    made = create_workspace(root)
    for name, text in {
        "inbox/towns.csv": "town_id,name,country\nlin,Lindau,DE\nmor,Morlaix,FR\n",
        "inbox/links.csv": "partnership_id,name,town_a,town_b\nlin-mor,L – M,lin,mor\n",
        "inbox/answers.csv": ANSWERS,
        "inbox/dictionary.csv": DICTIONARY,
        "mappings/m.toml": 'schema = 1\nconsent = {waived = "on paper"}\n',
    }.items():
        (root / name).write_text(text, encoding="utf-8")
    return made


def answers(workspace: Workspace, codebook: str = "") -> ImportPlan:
    plans = plan_imports(workspace, evaluation(codebook), catalogue(), KEY)
    return next(plan for plan in plans if plan.table == "responses")


def test_a_code_book_of_the_settings_decides_what_codes_mean(workspace: Workspace) -> None:
    without, plan = answers(workspace), answers(workspace, "inbox/dictionary.csv")
    assert without.new["tw_x_b"].tolist() == [1, 5, 1]
    # the form counts from "strongly agree": its labels say so, its numbers do not
    assert plan.new["tw_x_b"].tolist() == [5, 1, 5]
    assert without.new["tw_x_a"].tolist() == [5, 7, 10]
    assert plan.new["tw_x_a"].isna().tolist() == [False, True, False]
    assert plan.missing["reason"].tolist() == ["dont_know"]
    assert not [one for one in plan.problems if one.code == "codebook_misfit"]


def test_an_import_is_registered_with_the_hash_of_its_code_book(workspace: Workspace) -> None:
    used = catalogue().sha256
    assert registered(used, "") == used
    hashes = set()
    for name in ("", "inbox/dictionary.csv"):
        record = answers(workspace, name).record
        assert record is not None
        hashes.add(record.codebook_sha256)
    (workspace.root / "inbox" / "dictionary.csv").write_text(
        DICTIONARY.replace("half", "the half"), encoding="utf-8"
    )
    record = answers(workspace, "inbox/dictionary.csv").record
    assert record is not None
    hashes.add(record.codebook_sha256)
    assert len(hashes) == 3
    assert all(len(one) == 64 for one in hashes)


@pytest.mark.parametrize(
    ("name", "words"),
    [("inbox/absent.lss", "does not exist"), ("inbox/towns.csv", "no definition file")],
)
def test_a_code_book_that_cannot_be_used_is_named(
    workspace: Workspace, name: str, words: str
) -> None:
    plan = answers(workspace, name)
    assert plan.failed
    assert words in " ".join(problem.what() for problem in plan.problems)


def test_a_code_book_outside_the_folder_is_never_opened(workspace: Workspace) -> None:
    with pytest.raises(DefinitionError) as caught:
        definition_of(workspace.root, "../secret.lss")
    assert [one.code for one in caught.value.problems] == ["import_outside"]


def test_a_code_book_of_another_form_is_told_and_not_used(tmp_path: Path) -> None:
    path = tmp_path / "other.csv"
    path.write_text(DICTIONARY.replace("tw_x", "zz_x").replace("record_id", "id"), "utf-8")
    book = codebook_of(path)
    draft = draft_text(tmp_path, ANSWERS)
    assert known_share(draft, book) == 0
    assert [one.code for one in misfits(draft, book)] == ["codebook_misfit"]
    assert misfits(draft, None) == ()
    seen = inspect_file(tmp_path / "e.csv", ReadOptions(codebook=book))
    assert seen.codebook == ""
    assert [one.code for one in seen.warnings if one.severity == "warning"] == ["codebook_misfit"]


def test_the_definition_beside_an_export_is_the_one_that_knows_its_questions(
    tmp_path: Path,
) -> None:
    draft = draft_text(tmp_path, ANSWERS)
    export = tmp_path / "e.csv"
    assert definition_beside(export, draft) is None
    (tmp_path / "zz.csv").write_text(DICTIONARY.replace("tw_x", "zz_x"), encoding="utf-8")
    (tmp_path / "broken.lss").write_text("<document>", encoding="utf-8")
    assert definition_beside(export, draft) is None
    (tmp_path / "a.csv").write_text(DICTIONARY, encoding="utf-8")
    assert definition_beside(export, draft) == tmp_path / "a.csv"
    # two that know as much: neither, unless one is called like the export
    (tmp_path / "b.csv").write_text(DICTIONARY, encoding="utf-8")
    assert definition_beside(export, draft) is None
    (tmp_path / "b.csv").replace(tmp_path / "e.txt")
    assert definition_beside(export, draft) == tmp_path / "e.txt"


def test_inspect_explains_the_columns_with_a_code_book() -> None:
    book = codebook_of(fixture("redcap/checkboxes-1_dictionary.csv"))
    seen = inspect_file(fixture("redcap/checkboxes-1_data.csv"), ReadOptions(codebook=book))
    assert seen.codebook == "redcap"
    boxes = [one for one in seen.questions if one.key.startswith("check_two")]
    assert [one.options for one in boxes] == [("A",), ("B",), ("C",), ("D",), ("E",)]
    assert {one.kind for one in boxes} == {"multi"}
    found = json.loads(inspection_json(seen))
    assert found["codebook"] == "redcap" and found["refused"] is False
    asked = next(one for one in found["questions"] if one["key"] == "desired_result")
    assert asked["text"].startswith("What should happen")


# --- several answers in one cell --------------------------------------------------------------

FORM: dict[str, list[list[str]]] = {
    "survey": [
        ["type", "name", "label::English (en)", "label::Deutsch (de)"],
        ["begin_group", "g", "", ""],
        ["select_multiple diets", "diet", "What do you eat?", "Was essen Sie?"],
        ["end_group", "", "", ""],
        ["text", "words", "Anything else?", "Noch etwas?"],
    ],
    "choices": [
        ["list_name", "name", "label::English (en)", "label::Deutsch (de)"],
        ["diets", "vegan", "Vegan", "Vegan"],
        ["diets", "free", "Gluten free", "Ohne Gluten"],
        ["diets", "milk", "Milk and cheese", "Milch"],
        ["diets", "milk_only", "Milk", "Nur Milch"],
        ["diets", "-99", "Don't know", "Weiß nicht"],
    ],
}
META = "_id;_uuid;_submission_time;_validation_status;_index"


def form(folder: Path) -> ReadOptions:
    path = folder / "form.xlsx"
    book = xlsxwriter.Workbook(str(path))
    for name, rows in FORM.items():
        sheet = book.add_worksheet(name)
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    book.close()
    return ReadOptions(codebook=codebook_of(path))


def kobo(folder: Path, question: str, *cells: str) -> tuple[list[str], dict[str, str]]:
    lines = [f"{question};words;{META}"]
    lines += [f"{c};a b;{n};u-{n};2025-03-0{n}T09:00:00;;{n}" for n, c in enumerate(cells, 1)]
    path = folder / "kobo.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    draft = draft_of(path, options=form(folder))
    assert draft.platform == "kobo"
    assert {row.cells[1] for row in draft.rows} == {"a b"}
    return [row.cells[0] for row in draft.rows], {one.code: one.got for one in draft.problems}


def test_names_joined_by_spaces_are_split_for_questions_with_several_answers(
    tmp_path: Path,
) -> None:
    for header in ("g/diet", "diet"):
        found, told = kobo(tmp_path, header, "vegan free", "milk", "", "-99")
        assert found == ["vegan;free", "milk", "", "-99"]
        assert "choices_unclear" not in told


def test_wordings_are_split_only_where_there_is_one_way_to_read_them(tmp_path: Path) -> None:
    found, told = kobo(
        tmp_path, "What do you eat?", "Gluten free Vegan", "Milk and cheese", "Vegan Milk", "Soup"
    )
    assert found == ["Gluten free;Vegan", "Milk and cheese", "Vegan;Milk", "Soup"]
    assert told["choices_unclear"] == "1"
    found, told = kobo(tmp_path, "Was essen Sie?", "Vegan Ohne Gluten", "Nur Milch Vegan")
    assert found == ["Vegan;Ohne Gluten", "Nur Milch;Vegan"]
    assert "choices_unclear" not in told


def test_the_form_splits_summaries_of_odk_and_surveycto_too(tmp_path: Path) -> None:
    options = form(tmp_path)
    odk = (
        "SubmissionDate,g-diet,KEY,SubmitterID,ReviewState\n"
        "2025-03-01T09:00:00.000Z,vegan milk,uuid:1,7,\n"
    )
    cto = "SubmissionDate,deviceid,diet,formdef_version,KEY\n2025-03-01,d,vegan milk,3,uuid:1\n"
    for platform, text in (("odk", odk), ("surveycto", cto)):
        path = tmp_path / f"{platform}.csv"
        path.write_text(text, encoding="utf-8")
        draft = draft_of(path, options=options)
        assert draft.platform == platform
        place = next(one.position for one in draft.columns if one.key == "diet")
        assert [row.cells[place] for row in draft.rows] == ["vegan;milk"]


def test_inspect_lists_the_options_of_a_summary(tmp_path: Path) -> None:
    seen = inspect_file(
        fixture("kobo/dietary_needs_summary.csv"), ReadOptions(codebook=form(tmp_path).codebook)
    )
    assert [one.code for one in seen.warnings] == ["codebook_misfit"]
