"""Mapping files: strict, with every fault named by file, key and fix."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from twinimpact.errors import DefinitionError
from twinimpact.ingest.mapping import load_mapping, parse_mapping

GOOD = """
schema = 1
platform = "spreadsheet"
date_order = "day-first"
code_pattern = [1, 1, 2]

[constants]
partnership = "lin-mor"

[columns]
response_id = "Bogen"
code = ["Code"]
wave = "Zeitpunkt"

[consent]
column = "Einwilligung"
yes = ["Ja"]

[values.wave]
"Vorher" = "pre"

[[items]]
column = ["Frage 1", "Question 1"]
item = "tw_x_a"
answers = "agree"

[answers.agree]
"Stimme zu" = 5
[answers.agree.missing]
"Weiß nicht" = "dont_know"
"""


def codes(content: dict[str, Any], table: str = "responses") -> dict[str, str]:
    """Problem code by key."""
    with pytest.raises(DefinitionError) as caught:
        parse_mapping(content, "map.toml", table)
    assert all(problem.file == "map.toml" for problem in caught.value.problems)
    return {problem.column: problem.code for problem in caught.value.problems}


def test_a_whole_mapping_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "map.toml"
    path.write_text(GOOD, encoding="utf-8")
    mapping = load_mapping(path)
    assert mapping.columns["code"] == ("Code",)
    assert mapping.code_pattern == (1, 1, 2)
    assert mapping.values["wave"] == {"vorher": "pre"}
    assert mapping.items[0].columns == ("Frage 1", "Question 1")
    assert mapping.answers["agree"].codes == {"stimme zu": 5}
    assert mapping.answers["agree"].missing == {"weiss nicht": "dont_know"}
    assert mapping.consent.yes == ("ja",)


def test_the_hash_is_of_the_meaning_not_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "map.toml"
    path.write_text(GOOD, encoding="utf-8")
    first = load_mapping(path).sha256()
    path.write_text("# a comment\n" + GOOD, encoding="utf-8")
    assert load_mapping(path).sha256() == first
    path.write_text(GOOD.replace("= 5", "= 4"), encoding="utf-8")
    assert load_mapping(path).sha256() != first


def test_all_faults_are_told_at_once() -> None:
    found = codes(
        {
            "schema": 2,
            "platfrom": "kobo",
            "date_order": "backwards",
            "constants": {"wave": 1, "colour": "red"},
            "columns": {"wave": ["a", "b"], "shoe_size": "x", "town": 3},
            "values": {"gender": {"Frau": "woman", "Mann": 1}},
            "answers": {"agree": {"yes": "5", "missing": {"never": "forgot"}}},
            "items": [
                {"column": "Q1"},
                {"column": "Q2", "item": "tw_x_a", "answers": "nowhere"},
                {"column": "Q3", "item": "tw_x_a"},
            ],
            "consent": {"column": "ok"},
            "code_pattern": [0, "a"],
        }
    )
    assert found == {
        "schema": "mapping_schema",
        "platfrom": "mapping_unknown_key",
        "date_order": "mapping_bad_value",
        "constants.colour": "mapping_unknown_key",
        "constants.wave": "mapping_bad_value",
        "columns.wave": "mapping_bad_value",
        "columns.shoe_size": "mapping_unknown_key",
        "columns.town": "mapping_bad_value",
        "values.gender.Frau": "mapping_bad_value",
        "values.gender.Mann": "mapping_bad_value",
        "answers.agree.yes": "mapping_bad_value",
        "answers.agree.missing.never": "mapping_bad_value",
        "items[1]": "mapping_missing_key",
        "items[2]": "mapping_unknown_answers",
        "items[3]": "mapping_item_twice",
        "consent": "mapping_missing_key",
        "code_pattern": "mapping_bad_value",
    }


@pytest.mark.parametrize(
    "content",
    [
        {"items": "all"},
        {"columns": "all"},
        {"consent": {"waived": "yes", "column": "a", "yes": ["b"]}},
    ],
)
def test_a_wrong_shape_is_a_problem_not_a_crash(content: dict[str, Any]) -> None:
    assert "mapping_bad_value" in codes(content).values()


def test_every_problem_names_the_key_and_a_fix() -> None:
    with pytest.raises(DefinitionError) as caught:
        parse_mapping({"platfrom": "kobo"}, "map.toml")
    told = str(caught.value.problems[0])
    assert "map.toml" in told
    assert "`platfrom`" in told
    assert "platform" in told


def test_what_is_no_toml_is_told_with_the_line(tmp_path: Path) -> None:
    path = tmp_path / "map.toml"
    path.write_text("a = \n", encoding="utf-8")
    with pytest.raises(DefinitionError) as caught:
        load_mapping(path)
    assert [problem.code for problem in caught.value.problems] == ["mapping_not_toml"]
    with pytest.raises(DefinitionError, match="does not exist"):
        load_mapping(tmp_path / "nowhere.toml")


def test_other_tables_have_their_own_roles() -> None:
    mapping = parse_mapping({"columns": {"host_town_id": "Wo"}}, "map.toml", "activities")
    assert mapping.columns["host_town_id"] == ("Wo",)
    assert codes({"columns": {"wave": "x"}}, "activities") == {
        "columns.wave": "mapping_unknown_key"
    }
