"""Checking anybody's XLSForm for what form compilers pass over in silence."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from twinimpact.instruments import Catalogue
from twinimpact.problems import Problem
from twinimpact.questionnaire import lint_scoring, lint_survey, lint_words
from twinimpact.questionnaire.sheets import SHEETS, read_form


def lint_form(path: Path, catalogue: Catalogue) -> tuple[Problem, ...]:
    """Every finding in a form, in the order of its sheets and rows.

    Parameters
    ----------
    path
        A workbook; ``.xlsx`` or ``.xls``.
    catalogue
        Instruments whose items are recognised by question name.
    """
    form = read_form(path)
    found: list[Problem] = []
    for check in (*lint_words.CHECKS, *lint_survey.CHECKS):
        found += check(form)
    found += lint_scoring.check_items(form, catalogue)
    order = {sheet: place for place, sheet in enumerate(SHEETS)}

    def position(problem: Problem) -> tuple[int, int]:
        return order.get(problem.sheet.strip().lower(), len(order)), problem.row or 0

    return tuple(sorted(dict.fromkeys(found), key=position))


def finding_rows(problems: tuple[Problem, ...]) -> Iterator[dict[str, Any]]:
    """The findings as rows: sheet, row, column, value, rule and fix."""
    for problem in problems:
        yield {
            "sheet": problem.sheet,
            "row": problem.row,
            "column": problem.column,
            "value": problem.got,
            "rule": problem.what(),
            "fix": problem.hint(),
            "code": problem.code,
            "severity": problem.severity,
        }
