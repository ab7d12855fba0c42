"""From the bytes of ``evaluation.toml`` to a checked :class:`Evaluation`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from twinimpact.errors import DefinitionError
from twinimpact.evaluation.checks import cross_check
from twinimpact.evaluation.margins import with_margin_files
from twinimpact.evaluation.messages import problems_of
from twinimpact.evaluation.models import SCHEMA, Evaluation
from twinimpact.problems import Problem

_PLACE = re.compile(r"\(at line (\d+), column (\d+)\)")


def load_evaluation(path: Path) -> Evaluation:
    """Read and check ``evaluation.toml``; its folder is the workspace.

    Raises
    ------
    DefinitionError
        With every problem found: each names the file, the key, the value and the fix.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise _refused(path.name, [Problem(code="evaluation_absent", file=path.name)]) from None
    except OSError:
        raise _refused(path.name, [Problem(code="evaluation_unreadable", file=path.name)]) from None
    try:
        text = content.decode("utf-8-sig")  # Notepad puts a byte-order mark in front
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        problem = Problem(code="evaluation_not_utf8", file=path.name, row=line)
        raise _refused(path.name, [problem]) from None
    return parse_evaluation(text, path.name, path.parent)


def parse_evaluation(text: str, name: str, folder: Path) -> Evaluation:
    """Check the text of an ``evaluation.toml``.

    Parameters
    ----------
    text
        The TOML text.
    name
        File name used in problems.
    folder
        The workspace; sources must lie inside it.

    Raises
    ------
    DefinitionError
        With every problem found.
    """
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _refused(name, [syntax_problem(str(error), text, name)]) from None
    version = content.get("schema")
    if isinstance(version, int) and not isinstance(version, bool) and version > SCHEMA:
        problem = Problem(
            code="evaluation_newer_schema",
            file=name,
            column="schema",
            got=str(version),
            expected=str(SCHEMA),
        )
        raise _refused(name, [problem])
    problems = cross_check(content, name, folder)
    evaluation: Evaluation | None = None
    try:
        evaluation = Evaluation.model_validate(frozen(content))
    except ValidationError as error:
        problems = [*problems_of(error.errors(include_url=False), name), *problems]
    if problems or evaluation is None:
        raise _refused(name, problems)
    evaluation, problems = with_margin_files(evaluation, folder)
    if problems:
        raise _refused(name, problems)
    return evaluation


def frozen(value: Any) -> Any:
    """Parsed TOML with tuples for lists."""
    if isinstance(value, Mapping):
        return {key: frozen(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return tuple(frozen(entry) for entry in value)
    return value


def syntax_problem(message: str, text: str, name: str) -> Problem:
    """The problem for TOML that cannot be parsed: where, and of which kind."""
    found = _PLACE.search(message)
    lines = text.split("\n")
    line = int(found.group(1)) if found else len(text.rstrip("\n").split("\n"))
    column = int(found.group(2)) if found else len(lines[line - 1]) + 1
    if message.startswith(("Cannot overwrite", "Cannot declare", "Duplicate")):
        code = "evaluation_written_twice"
    elif "Unescaped '\\'" in message or "hex value" in message or "Invalid hex" in message:
        code = "evaluation_backslash"
    else:
        code = "evaluation_syntax"
    # the text of the line is left out: it could hold a secret
    return Problem(code=code, file=name, row=line, got=str(column))


def _refused(name: str, problems: list[Problem]) -> DefinitionError:
    return DefinitionError(
        "The settings cannot be used yet.",
        where=name,
        hint="Mend what is listed and run the command again.",
        problems=problems,
    )
