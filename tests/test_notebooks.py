"""Report templates stay thin: stripped, typed parameters, short cells that end in show()."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Any

import pytest

from twinimpact.report import sections
from twinimpact.resources import notebooks_dir

NAMES = ("council_onepager", "data_quality", "partnership_report", "programme_rollup")
FORBIDDEN = (
    ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, ast.For, ast.While, ast.Try,
    ast.With, ast.ListComp, ast.DictComp, ast.SetComp, ast.GeneratorExp,
)  # fmt: skip
MOST_LINES = 10


def notebook(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((notebooks_dir() / f"{name}.ipynb").read_text("utf-8"))
    return loaded


def cells(name: str, kind: str) -> list[dict[str, Any]]:
    return [cell for cell in notebook(name)["cells"] if cell["cell_type"] == kind]


def tagged(cell: dict[str, Any], tag: str) -> bool:
    return tag in cell["metadata"].get("tags", [])


def source(cell: dict[str, Any]) -> str:
    return "".join(cell["source"])


def test_these_are_all_templates() -> None:
    found = {path.stem for path in Path(notebooks_dir()).glob("*.ipynb")} - {"explore"}
    assert found == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_template_is_committed_stripped(name: str) -> None:
    for cell in cells(name, "code"):
        assert cell["outputs"] == []
        assert cell["execution_count"] is None
    assert set(notebook(name)["metadata"]) == {"kernelspec", "language_info"}
    ids = [cell["id"] for cell in notebook(name)["cells"]]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("name", NAMES)
def test_one_parameters_cell_comes_first_and_every_line_is_typed_and_commented(name: str) -> None:
    marked = [cell for cell in cells(name, "code") if tagged(cell, "parameters")]
    assert len(marked) == 1
    assert notebook(name)["cells"][0] == marked[0]
    for line in source(marked[0]).splitlines():
        assert re.fullmatch(r"\w+: \w+ = .+  # .+", line), line


@pytest.mark.parametrize("name", NAMES)
def test_code_cells_are_short_and_hold_no_logic(name: str) -> None:
    for cell in cells(name, "code"):
        assert len(source(cell).splitlines()) <= MOST_LINES
        found = [node for node in ast.walk(ast.parse(source(cell))) if isinstance(node, FORBIDDEN)]
        assert not found, source(cell)


@pytest.mark.parametrize("name", NAMES)
def test_each_code_cell_ends_in_one_show_of_a_known_section(name: str) -> None:
    for cell in cells(name, "code"):
        if tagged(cell, "parameters") or tagged(cell, "setup"):
            continue
        assert source(cell).count("show(") == 1
        match = re.fullmatch(r"show\(sections\.(\w+)\(bundle\)\)", source(cell).splitlines()[-1])
        assert match, source(cell)
        assert match[1] in sections.__all__


@pytest.mark.parametrize("name", NAMES)
def test_headings_are_short_phrases_of_level_2(name: str) -> None:
    for cell in cells(name, "markdown"):
        assert re.fullmatch(r"## [A-Z][A-Za-z ,'-]{2,60}", source(cell)), source(cell)


def test_every_section_is_used_by_a_template() -> None:
    used = {
        match[1]
        for name in NAMES
        for cell in cells(name, "code")
        if (match := re.search(r"sections\.(\w+)\(", source(cell)))
    }
    assert used == set(sections.__all__)
