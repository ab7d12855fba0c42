"""Running one notebook with papermill, strictly.

Papermill only warns about unknown parameters, runs notebooks without a parameters cell
and leaves a cell whose kernel died marked as completed. Here parameters are compared
with the template before a kernel starts, and a notebook counts as finished only when
every code cell has run.
"""

from __future__ import annotations

import ast
import keyword
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from twinimpact.errors import RunError

TYPES: Mapping[str, type] = {"str": str, "int": int, "float": float, "bool": bool}


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A parameter a template declares: ``name: type = default  # meaning``."""

    name: str
    type_name: str
    meaning: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Executed:
    """An executed notebook; ``seconds`` is wall-clock time including the kernel's start."""

    path: Path
    seconds: float


def declared_parameters(template: Path) -> tuple[Parameter, ...]:
    """Parameters of a template, read from its one cell tagged ``parameters``.

    Raises
    ------
    RunError
        If the notebook has no such cell, more than one, or a line that is not
        ``name: type = default``.
    """
    import nbformat

    notebook = nbformat.read(template, as_version=4)
    cells = [cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", [])]
    if len(cells) != 1:
        raise RunError(
            f"The template needs exactly one cell tagged 'parameters'; it has {len(cells)}.",
            where=template.name,
            notebook=template.name,
        )
    source = cells[0].source
    lines = source.splitlines()
    found = []
    for node in ast.parse(source).body:
        if not isinstance(node, ast.AnnAssign) or not isinstance(node.target, ast.Name):
            raise RunError(
                "Each line of the parameters cell must read 'name: type = default  # meaning'.",
                where=f"{template.name}, line {node.lineno}",
                notebook=template.name,
            )
        meaning = lines[node.lineno - 1].partition("#")[2].strip()
        found.append(
            Parameter(name=node.target.id, type_name=ast.unparse(node.annotation), meaning=meaning)
        )
    return tuple(found)


def check_parameters(template: Path, given: Mapping[str, Any]) -> None:
    """Compare parameters with what the template declares, before any kernel starts.

    Raises
    ------
    RunError
        If a name is unknown, missing or no identifier, or a value has another type. All
        faults are named at once.
    """
    declared = {parameter.name: parameter for parameter in declared_parameters(template)}
    faults = []
    for name, value in given.items():
        if not name.isidentifier() or keyword.iskeyword(name):
            faults.append(f"{name!r} is not a parameter name")
        elif name not in declared:
            faults.append(f"{name!r} is not a parameter of this template")
        elif not _has_type(value, declared[name].type_name):
            faults.append(
                f"{name!r} must be of type {declared[name].type_name}, not {type(value).__name__}"
            )
    faults += [f"{name!r} is missing" for name in declared if name not in given]
    if faults:
        raise RunError(
            "The parameters do not fit the template: " + "; ".join(faults) + ".",
            where=template.name,
            hint="Declared: "
            + ", ".join(f"{p.name} ({p.type_name})" for p in declared.values())
            + ".",
            notebook=template.name,
        )


def execute(
    template: Path, output: Path, parameters: Mapping[str, Any], *, cell_timeout: int = 300
) -> Executed:
    """Run a template and write the executed notebook.

    Parameters
    ----------
    template, output
        Notebook to run and file to write.
    parameters
        Values for exactly the parameters the template declares.
    cell_timeout
        Seconds a single cell may take.

    Raises
    ------
    RunError
        If the parameters do not fit, a cell fails, the kernel dies or a cell did not run. The
        executed notebook stays where it is, for reading.
    """
    check_parameters(template, parameters)
    import nbformat
    import papermill
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill.exceptions import PapermillException, PapermillExecutionError

    started = time.monotonic()
    try:
        papermill.execute_notebook(
            str(template),
            str(output),
            parameters=dict(parameters),
            kernel_name="python3",
            progress_bar=False,
            log_output=False,
            execution_timeout=cell_timeout,
            start_timeout=120,
            config=_encrypted_transport(),
        )
    except PapermillExecutionError as error:
        raise RunError(
            "A cell of the report notebook failed.",
            where=f"{template.name}, cell {error.cell_index}",
            hint=f"The notebook is kept as {output.name} in the run's folder.",
            notebook=str(output),
            cell=int(error.cell_index),
            cause=f"{error.ename}: {error.evalue}",
        ) from error
    except (CellTimeoutError, DeadKernelError, PapermillException, RuntimeError) as error:
        raise RunError(
            "The report notebook was stopped: its kernel died or a cell took too long.",
            where=template.name,
            notebook=str(output),
            cause=type(error).__name__,
        ) from error
    executed = nbformat.read(output, as_version=4)
    for index, cell in enumerate(executed.cells):
        if cell.cell_type == "code" and cell.source.strip() and cell.execution_count is None:
            raise RunError(
                "The report notebook ended before its last cell.",
                where=f"{template.name}, cell {index}",
                notebook=str(output),
                cell=index,
            )
    return Executed(path=output, seconds=time.monotonic() - started)


def _has_type(value: object, type_name: str) -> bool:
    expected = TYPES.get(type_name)
    # bool is an int in Python, but not in a form a person fills in
    return expected is not None and type(value) is expected


def _encrypted_transport() -> Any:
    # other users of the machine could otherwise listen to the kernel's sockets
    from traitlets.config import Config

    config = Config()
    for manager in ("KernelManager", "AsyncKernelManager"):
        config[manager].transport_encryption = "required"
    return config
