"""From the bytes of ``analysis_plan.toml`` to a checked plan with its hash."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from twinimpact.errors import DefinitionError
from twinimpact.evaluation.loading import frozen, syntax_problem
from twinimpact.evaluation.messages import problems_of, shown
from twinimpact.evaluation.plan.models import AnalysisPlan
from twinimpact.problems import Problem

PLAN_FILE = "analysis_plan.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedPlan:
    """A checked plan, the bytes it was read from and their SHA-256."""

    plan: AnalysisPlan
    content: bytes
    sha256: str


def load_plan(path: Path) -> LoadedPlan:
    """Read and check an analysis plan.

    Raises
    ------
    DefinitionError
        With every problem found: unknown keys, wrong types, repeated ids, unknown outcomes.
    """
    try:
        content = path.read_bytes()
    except OSError:
        problem = Problem(code="evaluation_unreadable", file=path.name)
        raise _refused(path.name, [problem]) from None
    return parse_plan(content, path.name)


def parse_plan(content: bytes, name: str = PLAN_FILE) -> LoadedPlan:
    """Check the bytes of an analysis plan; see :func:`load_plan`.

    Examples
    --------
    >>> from twinimpact.evaluation.plan import parse_plan
    >>> text = b'date = 2026-03-01\\n[[outcomes]]\\nname = "tw_trust"\\nsesoi = 5.0'
    >>> parse_plan(text).plan.outcomes[0].sesoi
    5.0
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        problem = Problem(code="evaluation_not_utf8", file=name, row=line)
        raise _refused(name, [problem]) from None
    try:
        raw = tomllib.loads(text.replace("\r\n", "\n"))
    except tomllib.TOMLDecodeError as error:
        raise _refused(name, [syntax_problem(str(error), text, name)]) from None
    problems = [*_repeated(raw, name), *_unknown_outcomes(raw, name)]
    plan: AnalysisPlan | None = None
    try:
        plan = AnalysisPlan.model_validate(frozen(raw))
    except ValidationError as error:
        found = problems_of(error.errors(include_url=False), name, AnalysisPlan)
        problems = [*found, *problems]
    if problems or plan is None:
        raise _refused(name, problems)
    return LoadedPlan(plan=plan, content=content, sha256=hashlib.sha256(content).hexdigest())


def _entries(raw: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    value = raw.get(key)
    entries = value if isinstance(value, Sequence) and not isinstance(value, str) else ()
    return [entry if isinstance(entry, Mapping) else {} for entry in entries]


def _repeated(raw: Mapping[str, Any], name: str) -> list[Problem]:
    found = []
    for key, field in (
        ("outcomes", "name"),
        ("estimands", "id"),
        ("families", "name"),
        ("subgroups", "variable"),
        ("deviations", "item"),
    ):
        seen: dict[str, str] = {}
        for place, entry in enumerate(_entries(raw, key), 1):
            value, column = entry.get(field), f"{key}[{place}].{field}"
            if isinstance(value, str) and value in seen:
                found.append(
                    Problem(
                        code="evaluation_repeated",
                        file=name,
                        column=column,
                        got=shown(value),
                        expected=seen[value],
                    )
                )
            elif isinstance(value, str):
                seen[value] = column
    return found


def _unknown_outcomes(raw: Mapping[str, Any], name: str) -> list[Problem]:
    """Estimands and families speak about outcomes of the plan only."""
    known = [str(entry.get("name", "")) for entry in _entries(raw, "outcomes")]
    named = [
        (f"estimands[{place}].outcome", entry.get("outcome"))
        for place, entry in enumerate(_entries(raw, "estimands"), 1)
    ]
    for place, entry in enumerate(_entries(raw, "families"), 1):
        listed = entry.get("outcomes")
        if isinstance(listed, list):
            named += [(f"families[{place}].outcomes", one) for one in listed]
    return [
        Problem(
            code="plan_unknown_outcome",
            file=name,
            column=column,
            got=shown(value),
            expected=", ".join(known) or "-",
        )
        for column, value in named
        if isinstance(value, str) and value not in known
    ]


def _refused(name: str, problems: list[Problem]) -> DefinitionError:
    return DefinitionError(
        "The analysis plan cannot be used yet.",
        where=name,
        hint="Mend what is listed and run the command again.",
        problems=problems,
    )
