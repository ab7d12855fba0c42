"""A new folder is understandable, loads as it is, and never harms what is there."""

from __future__ import annotations

import re
import stat
import zipfile
from pathlib import Path

import pytest

from twinimpact.errors import DefinitionError
from twinimpact.evaluation import load_evaluation
from twinimpact.ingest.mapping import ColumnMapping, load_mapping
from twinimpact.ingest.registers import partnership_rows, town_rows
from twinimpact.ingest.rows import Lookup
from twinimpact.ingest.source import ReadOptions, read_tables
from twinimpact.instruments import load_catalogue
from twinimpact.privacy import load_key
from twinimpact.resources import surveys_dir
from twinimpact.scaffold import header_of, new_workspace, slug
from twinimpact.scaffold.examples import EXAMPLES
from twinimpact.scaffold.workbook import NOT_TYPED
from twinimpact.schema import TABLES

FILES = (
    "evaluation.toml", "mappings/template.toml", "inbox/registers.xlsx", "inbox/activities.xlsx",
    "inbox/records.xlsx",
)  # fmt: skip


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Städtepartnerschaften 2026!", "stadtepartnerschaften-2026"),
        ("  Łódź – Brno  ", "lodz-brno"),
        ("日本", "evaluation"),
        ("a" * 80, "a" * 60),
    ],
)
def test_ids_are_made_from_titles(title: str, expected: str) -> None:
    assert slug(title) == expected


def test_a_new_folder_loads_as_it_is(tmp_path: Path, home: Path) -> None:
    title = 'Twin towns "2026" – ä \\ {braces}'
    written = new_workspace(tmp_path / "work", title)
    assert [str(path.relative_to(tmp_path / "work")) for path in written[:-1]] == list(FILES)
    evaluation = load_evaluation(tmp_path / "work" / "evaluation.toml")
    assert evaluation.evaluation.title == title
    assert evaluation.evaluation.id == "twin-towns-2026-a-braces"
    scales = load_catalogue(surveys_dir() / "own").scales
    assert {outcome.scale for outcome in evaluation.design.outcomes} <= set(scales)
    for source in evaluation.sources:
        assert (tmp_path / "work" / source.file).is_file()
    assert load_mapping(tmp_path / "work" / "mappings" / "template.toml").items == ()


def test_every_key_of_the_settings_is_explained(tmp_path: Path, home: Path) -> None:
    new_workspace(tmp_path / "work", "Demo")
    text = (tmp_path / "work" / "evaluation.toml").read_text(encoding="utf-8")
    # switched-off lines are settings too: with the sign taken away the file must still load
    switched_on = re.sub(r"^# (?=[a-z_]+ = |\[)", "", text, flags=re.MULTILINE)
    # the two values that only the person can know
    switched_on = switched_on.replace('follow_up = "followup"', 'follow_up = "later"')
    later = '[[waves]]\nid = "later"\nkind = "followup"\nlabel = "Later"\n'
    switched_on = switched_on.replace("[[waves]]\n", f"{later}\n[[waves]]\n", 1)
    (tmp_path / "work" / "evaluation.toml").write_text(switched_on, encoding="utf-8")
    evaluation = load_evaluation(tmp_path / "work" / "evaluation.toml")
    tables = [source.table for source in evaluation.sources]
    assert {"responses", "calendar", "towns", "activities"} <= set(tables)


def test_the_key_lies_outside_the_folder_and_only_its_owner_can_read_it(
    tmp_path: Path, home: Path
) -> None:
    *_, key = new_workspace(tmp_path / "work", "Demo")
    assert key.is_relative_to(home)
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    evaluation = load_evaluation(tmp_path / "work" / "evaluation.toml")
    assert load_key(evaluation.privacy.pseudonym, tmp_path / "work").key_id
    for path in (tmp_path / "work").rglob("*"):
        if path.is_file():
            assert key.read_bytes().strip() not in path.read_bytes()


def test_two_evaluations_of_one_name_have_two_keys(tmp_path: Path, home: Path) -> None:
    *_, one = new_workspace(tmp_path / "one", "Demo")
    *_, two = new_workspace(tmp_path / "two", "Demo")
    assert (one.name, two.name) == ("demo.key", "demo-2.key")
    assert one.read_text() != two.read_text()


@pytest.mark.parametrize("name", FILES)
def test_nothing_is_overwritten(tmp_path: Path, home: Path, name: str) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text("mine", encoding="utf-8")
    with pytest.raises(DefinitionError, match="already"):
        new_workspace(tmp_path, "Demo")
    there = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert [path.read_text(encoding="utf-8") for path in there] == ["mine"]


@pytest.mark.parametrize("name", ["registers.xlsx", "activities.xlsx"])
def test_template_workbooks_are_the_same_bytes_each_time(
    tmp_path: Path, home: Path, name: str
) -> None:
    new_workspace(tmp_path / "one", "One")
    new_workspace(tmp_path / "two", "Two")
    first, second = (tmp_path / folder / "inbox" / name for folder in ("one", "two"))
    assert first.read_bytes() == second.read_bytes()


def test_every_sheet_has_all_columns_and_no_rows_to_delete(tmp_path: Path, home: Path) -> None:
    new_workspace(tmp_path, "Demo")
    for name in ("registers.xlsx", "activities.xlsx"):
        for table in read_tables(tmp_path / "inbox" / name):
            kind = table.sheet.casefold()
            if kind in TABLES:
                expected = [
                    header_of(column)
                    for column in TABLES[kind].columns
                    if (kind, column.name) not in NOT_TYPED
                ]
                assert list(table.rows[0]) == expected
                assert len(table.rows) == 1


def test_the_read_me_sheet_explains_every_column_with_an_example(
    tmp_path: Path, home: Path
) -> None:
    new_workspace(tmp_path, "Demo")
    for name in ("registers.xlsx", "activities.xlsx"):
        guide = next(t for t in read_tables(tmp_path / "inbox" / name) if t.sheet == "Read me")
        rows = {(row[0].casefold(), row[1]): row for row in guide.rows}
        for table in (t.sheet.casefold() for t in read_tables(tmp_path / "inbox" / name)):
            if table not in TABLES:
                continue
            for column in TABLES[table].columns:
                if (table, column.name) in NOT_TYPED:
                    continue
                row = rows[table, header_of(column)]
                assert row[2]
                assert row[4] == EXAMPLES[table][column.name]
                assert all(word in row[3] for word in column.allowed)


def test_allowed_values_can_be_chosen_from_a_list(tmp_path: Path, home: Path) -> None:
    new_workspace(tmp_path, "Demo")
    with zipfile.ZipFile(tmp_path / "inbox" / "activities.xlsx") as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode("utf-8")
    assert sheet.count('type="list"') == 10
    assert "Choices!$A$1:$A$19" in sheet


def test_an_unfilled_workbook_is_an_empty_table_not_an_error(tmp_path: Path, home: Path) -> None:
    new_workspace(tmp_path, "Demo")
    book = tmp_path / "inbox" / "registers.xlsx"
    towns = town_rows(read_tables(book, ReadOptions(sheet="Towns")), ColumnMapping())
    links = partnership_rows(
        read_tables(book, ReadOptions(sheet="Partnerships")), ColumnMapping(), Lookup()
    )
    assert (towns.rows, links.rows) == (0, 0)
    assert not towns.problems
    assert not links.problems


def test_licensed_wording_has_a_folder_that_version_control_passes_over(
    tmp_path: Path, home: Path
) -> None:
    new_workspace(tmp_path / "work", "Demo")
    assert (tmp_path / "work" / "wording" / ".gitignore").read_text(encoding="utf-8") == "*\n"
