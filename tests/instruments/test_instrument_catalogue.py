"""All instruments together: unique ids, chosen instruments, one hash."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from twinimpact.errors import DefinitionError
from twinimpact.instruments import Catalogue, load_catalogue
from twinimpact.resources import surveys_dir

OWN = surveys_dir() / "own"
SECOND = """
id = "mine"
kind = "own"
version = "1"
title = "My questions"
status_label = "my own"
key_status = "new"
licence = {tier = "own"}
range = [1, 5]
position = 5

[[items]]
id = "mine_1"
label.en = "Mine"
low.en = "no"
high.en = "yes"

[[scales]]
id = "mine"
title.en = "Mine"
items = ["mine_1"]
"""


def test_a_workspace_adds_its_own_instrument(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(SECOND, encoding="utf-8")
    catalogue = load_catalogue(OWN, tmp_path)
    assert next(iter(catalogue.scales)) == "mine"  # its position is before all others
    assert catalogue.items["mine_1"].label("en") == "Mine"
    assert catalogue.instrument("mine").status_label == "my own"
    with pytest.raises(KeyError):
        catalogue.instrument("yours")


def test_only_the_instruments_asked_for_are_kept(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(SECOND, encoding="utf-8")
    catalogue = load_catalogue(OWN, tmp_path, use=("mine",))
    assert list(catalogue.scales) == ["mine"]
    with pytest.raises(DefinitionError) as caught:
        load_catalogue(OWN, use=("tw_civic", "tw_civics"))
    assert [problem.got for problem in caught.value.problems] == ["tw_civics"]
    assert caught.value.problems[0].code == "instrument_not_found"


def test_an_id_in_two_files_is_a_fault_that_names_both(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(SECOND, encoding="utf-8")
    (tmp_path / "b.toml").write_text(
        SECOND.replace('id = "mine"\nkind', 'id = "other"\nkind'), encoding="utf-8"
    )
    with pytest.raises(DefinitionError) as caught:
        load_catalogue(tmp_path)
    problems = caught.value.problems
    assert {problem.code for problem in problems} == {"instrument_duplicate_id"}
    assert {(problem.file, problem.expected) for problem in problems} == {("b.toml", "a.toml")}
    assert {problem.got for problem in problems} == {"mine_1", "mine"}


def test_a_folder_that_is_not_there_holds_no_instruments(tmp_path: Path) -> None:
    empty = load_catalogue(tmp_path / "nothing")
    assert empty == Catalogue(instruments=())
    assert dict(empty.scales) == {}


def test_the_hash_does_not_depend_on_the_order_of_folders_or_on_wording(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(SECOND, encoding="utf-8")
    first = load_catalogue(OWN, tmp_path)
    assert load_catalogue(tmp_path, OWN).sha256 == first.sha256
    path.write_text(SECOND.replace('"no"', '"not at all"'), encoding="utf-8")
    assert load_catalogue(OWN, tmp_path).sha256 == first.sha256
    path.write_text(SECOND.replace("[1, 5]", "[1, 7]"), encoding="utf-8")
    assert load_catalogue(OWN, tmp_path).sha256 != first.sha256


def test_loading_instruments_does_not_import_pandas() -> None:
    code = "import sys, twinimpact.instruments; sys.exit('pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
