"""The structure the project promises, checked on the tree."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "twinimpact"
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts): path
    for path in sorted(PACKAGE.rglob("*.py"))
}
FLOORS = {
    "errors": 0, "problems": 0, "rules": 0, "language": 0, "resources": 0,
    "entities": 1, "schema": 1,
    "evaluation": 2, "instruments": 2,
    "workspace": 3, "privacy": 3,
    "ingest": 4, "synthetic": 4, "scaffold": 4,
    "measures": 5, "questionnaire": 5,
    "impact": 6,
    "bundle": 7, "results": 7,
    "report": 8, "console": 8,
    "run": 9,
    "cli_survey": 10,
    "cli_planning": 10,
    "cli": 11, "__main__": 12,
}  # fmt: skip
ONLY = {
    "duckdb": {"workspace.query"},
    "sqlite3": {"workspace"},
    "papermill": {"run.notebook"},
    "nbclient": {"run.notebook"},
    "nbformat": {"run.notebook", "report.document"},
    "plotly": {"report.figures", "report.pictures"},
    "kaleido": {"report.pictures"},
    "statsmodels": {"impact"},
    "typst": {"report.pdf", "questionnaire.pdf"},
    "docx": {"report.word", "questionnaire.word"},
    "pyxform": {"questionnaire.validation"},
    "python_calamine": {"ingest.workbook_worker"},
    "pyreadstat": {"ingest.statistical"},
    "icalendar": {"ingest.calendar"},
    "recurring_ical_events": {"ingest.calendar"},
    "networkx": {"measures.links"},
}


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def unit(module: str) -> str:
    """The module or folder that carries the floor: the first name below the package."""
    return module.split(".")[1] if "." in module else ""


def imported(module: str, path: Path) -> Iterator[str]:
    """Every module a file imports, absolute, imports inside functions included."""
    package = module.removesuffix(".__init__")
    if path.name != "__init__.py":
        package = package.rpartition(".")[0]
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parts = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*parts, base] if base else parts)
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)


def inside(module: str, path: Path) -> set[str]:
    """Modules of the package that a file imports, folder doors left out."""
    names = {name.removesuffix(".__init__"): name for name in MODULES}
    found = set()
    for target in imported(module, path):
        name = target
        while name and name not in names:
            name = name.rpartition(".")[0]
        if name and name != "twinimpact" and names[name] != module:
            found.add(names[name])
    return found


def test_modules_import_only_from_lower_floors_or_their_own_folder() -> None:
    wrong = []
    for module, path in MODULES.items():
        if module == "twinimpact.__init__":
            continue
        here = unit(module)
        for target in inside(module, path):
            there = unit(target)
            # the single modules of the ground floors may know each other; cycles are refused below
            below = FLOORS[there] < FLOORS[here] if there else True
            ground = there != "" and FLOORS[there] == FLOORS[here] <= 1
            if there and there != here and not below and not ground:
                wrong.append(f"{module} (floor {FLOORS[here]}) -> {target} (floor {FLOORS[there]})")
    assert not wrong


def test_there_is_no_import_cycle() -> None:
    graph = {
        module: {target for target in inside(module, path) if not target.endswith("__init__")}
        for module, path in MODULES.items()
    }
    state: dict[str, int] = {}

    def visit(module: str, trail: tuple[str, ...]) -> None:
        assert state.get(module) != 1, " -> ".join((*trail, module))
        if module in state:
            return
        state[module] = 1
        for target in sorted(graph[module]):
            visit(target, (*trail, module))
        state[module] = 2

    for module in graph:
        visit(module, ())


@pytest.mark.parametrize("library", ONLY)
def test_only_its_own_module_knows_a_library(library: str) -> None:
    for module, path in MODULES.items():
        names = {name.split(".")[0] for name in imported(module, path)}
        if library in names:
            here = module.removeprefix("twinimpact.")
            assert any(
                here == who or here.startswith((who + ".", who + "_")) for who in ONLY[library]
            ), f"{module} imports {library}"


def test_sql_stays_in_the_workspace() -> None:
    statement = re.compile(
        r"\b(SELECT|INSERT INTO|UPDATE|DELETE FROM|CREATE TABLE)\b .*\b(FROM|VALUES|SET|\()"
    )
    for module, path in MODULES.items():
        if unit(module) != "workspace":
            assert not statement.search(path.read_text(encoding="utf-8")), module


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


@pytest.mark.parametrize("module", MODULES)
def test_sizes_stay_readable(module: str) -> None:
    path = MODULES[module]
    assert path.read_text(encoding="utf-8").count("\n") <= 400, "more than 400 lines"
    for node in functions(path):
        length = (node.end_lineno or node.lineno) - node.lineno + 1
        doc = ast.get_docstring(node, clean=False)
        length -= doc.count("\n") + 1 if doc else 0
        assert length <= 60, f"{node.name}: {length} lines of code"
        names = [a.arg for a in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
        count = len([name for name in names if name not in ("self", "cls")])
        assert count <= 6, f"{node.name}: {count} parameters"
        assert node.name != "__getattr__"
        assert node.args.kwarg is None or node.name.startswith("_"), f"{node.name}: **kwargs"


@pytest.mark.parametrize("module", MODULES)
def test_nothing_prints_asserts_or_swallows(module: str) -> None:
    printing = unit(module) in ("cli", "cli_planning", "cli_survey", "console")
    for node in ast.walk(tree(MODULES[module])):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not printing:
            assert node.func.id != "print", f"print in line {node.lineno}"
        assert not isinstance(node, ast.Assert), f"assert in line {node.lineno}"
        if isinstance(node, ast.ExceptHandler):
            assert node.type is not None, f"bare except in line {node.lineno}"


def test_importing_the_package_and_the_command_line_is_cheap() -> None:
    import subprocess
    import sys

    code = (
        "import sys, twinimpact.cli; "
        "heavy = {'pandas', 'plotly', 'scipy', 'duckdb', 'papermill'}; "
        "print(sorted(heavy & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_the_architecture_page_lists_every_module_and_nothing_else() -> None:
    page = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    assert page.count("\n") <= 120
    listed = set(re.findall(r"^\| \d+ \| `([^`]+)`", page, flags=re.MULTILINE))
    there = set()
    for path in PACKAGE.iterdir():
        if path.suffix == ".py" and path.name != "__init__.py":
            there.add(path.name)
        elif path.is_dir() and path.name not in ("__pycache__", "_shipped"):
            there.add(path.name + "/")
    assert listed == there
    for folder in sorted(name for name in there if name.endswith("/")):
        row = next(
            line for line in page.splitlines() if f"`{folder}`" in line and line.startswith("| ")
        )
        for path in (PACKAGE / folder).glob("*.py"):
            if path.name != "__init__.py":
                assert f"`{path.stem}`" in row, (
                    f"{folder}{path.name} is not named in ARCHITECTURE.md"
                )
    assert not re.search(r"\b\d+ lines\b", page), "line counts go stale"


@pytest.mark.parametrize("path", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=lambda p: p.stem)
def test_notebooks_are_committed_stripped(path: Path) -> None:
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None
