"""Notebooks run strictly: faults are found before a kernel starts, or named with their cell."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from twinimpact.errors import RunError
from twinimpact.resources import notebooks_dir
from twinimpact.run.notebook import check_parameters, declared_parameters, execute

PARAMETERS = 'bundle_path: str = ""  # JSON file\nrows: int = 5  # how many'


def notebook(folder: Path, *cells: str, parameters: str | None = PARAMETERS) -> Path:
    made = nbformat.v4.new_notebook()
    if parameters is not None:
        cell = nbformat.v4.new_code_cell(parameters)
        cell.metadata["tags"] = ["parameters"]
        made.cells.append(cell)
    made.cells += [nbformat.v4.new_code_cell(source) for source in cells]
    spec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    made.metadata["kernelspec"] = spec
    path = folder / "template.ipynb"
    nbformat.write(made, path)
    return path


def test_parameters_are_read_with_type_and_meaning(tmp_path: Path) -> None:
    found = declared_parameters(notebook(tmp_path))
    assert [(p.name, p.type_name, p.meaning) for p in found] == [
        ("bundle_path", "str", "JSON file"),
        ("rows", "int", "how many"),
    ]


@pytest.mark.parametrize("template", sorted(p.stem for p in notebooks_dir().glob("*.ipynb")))
def test_every_shipped_template_declares_its_bundle(template: str) -> None:
    found = declared_parameters(notebooks_dir() / f"{template}.ipynb")
    assert [(p.name, p.type_name) for p in found] == [("bundle_path", "str")]
    assert found[0].meaning


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"bundle_path": "a", "rows": 1, "extra": 2}, "'extra' is not a parameter"),
        ({"bundle_path": "a"}, "'rows' is missing"),
        ({"bundle_path": 3, "rows": 1}, "'bundle_path' must be of type str, not int"),
        ({"bundle_path": "a", "rows": True}, "'rows' must be of type int, not bool"),
        ({"bundle_path": "a", "rows": 1, "x=0;import os;y": 1}, "is not a parameter name"),
        ({"bundle_path": "a", "rows": 1, "class": 1}, "'class' is not a parameter name"),
    ],
)
def test_parameters_that_do_not_fit_are_refused_before_a_kernel_starts(
    tmp_path: Path, given: dict[str, object], fault: str
) -> None:
    output = tmp_path / "out.ipynb"
    with pytest.raises(RunError, match="do not fit") as caught:
        execute(notebook(tmp_path), output, given)
    assert fault in str(caught.value)
    assert not output.exists()


def test_all_faults_are_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(RunError) as caught:
        check_parameters(notebook(tmp_path), {"rows": "5", "other": 1})
    for fault in ("'bundle_path' is missing", "'other' is not", "'rows' must be"):
        assert fault in str(caught.value)


@pytest.mark.parametrize("parameters", [None, "x = 5", "import os\nx: int = 1"])
def test_a_template_without_a_typed_parameters_cell_is_refused(
    tmp_path: Path, parameters: str | None
) -> None:
    with pytest.raises(RunError):
        declared_parameters(notebook(tmp_path, parameters=parameters))


def test_a_good_notebook_runs_with_its_parameters(tmp_path: Path) -> None:
    output = tmp_path / "out.ipynb"
    source = "print(bundle_path, rows + 1)"
    executed = execute(notebook(tmp_path, source), output, {"bundle_path": "b", "rows": 4})
    assert executed.seconds > 0
    cells = nbformat.read(output, as_version=4).cells
    assert cells[-1].outputs[0]["text"] == "b 5\n"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("1 / 0", "ZeroDivisionError"),
        ("import sys; sys.exit(0)", "before its last cell"),
        ("import os; os._exit(7)", "kernel died"),
        ("import time; time.sleep(60)", "too long"),
    ],
)
def test_a_cell_that_fails_exits_dies_or_hangs_is_a_named_failure(
    tmp_path: Path, source: str, said: str
) -> None:
    output = tmp_path / "out.ipynb"
    template = notebook(tmp_path, source, "print('never')")
    with pytest.raises(RunError) as caught:
        execute(template, output, {"bundle_path": "b", "rows": 4}, cell_timeout=5)
    assert said in str(caught.value)
    assert output.exists(), "the failed notebook is kept for reading"
