"""Checks of questions, groups, lists and expressions."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator

from twinimpact.problems import Problem
from twinimpact.questionnaire.expressions import BrokenExpression, read_expression
from twinimpact.questionnaire.sheets import Row, XlsForm

EXPRESSIONS = ("constraint", "relevant", "relevance", "calculation", "choice_filter", "required",
               "repeat_count", "read_only", "readonly")  # fmt: skip
_FUNCTIONS = """
abs acos area asin atan atan2 base64-decode boolean boolean-from-string ceiling checklist
coalesce concat contains cos count count-non-empty count-selected current date date-time
decimal-date-time decimal-time difference digest distance enclosed-area ends-with exp exp10
extract-signed false floor format-date format-date-time geofence if indexed-repeat instance int
intersects join jr:choice-name jr:itext last local-name log log10 max min name namespace-uri
normalize-space not now number once pi position pow property pulldata random randomize regex
round selected selected-at sin sqrt starts-with string string-length substr substring
substring-after substring-before sum tan text thousandsep today translate true uuid version
weighted-checklist
"""
FUNCTIONS = frozenset(_FUNCTIONS.split())
REFERENCE = re.compile(r"\$\{([^}]*)\}")
WHOLE = re.compile(r"^-?[0-9]+\.0+$")
OPENERS = {"begin_group": "end_group", "begin_repeat": "end_repeat", "begin_loop": "end_loop"}
PLAIN = {"yes", "no", "true", "false", "true()", "false()", ""}


def kind_of(row: Row) -> str:
    """The first word of the type; the older spelling with a space counts as the newer one."""
    text = re.sub(r"^(begin|end) (group|repeat|loop)", r"\1_\2", row.get("type").lower())
    return text.split(" ")[0]


def list_of(row: Row) -> str:
    """The choice list a question uses, or nothing."""
    words = row.get("type").split()
    chosen = len(words) > 1 and words[0] in ("select_one", "select_multiple", "rank")
    return words[1] if chosen else ""


def check_expressions(form: XlsForm) -> Iterator[Problem]:
    """Broken expressions, unknown questions and unknown functions."""
    names = {row.get("name") for row in form.survey.rows}
    columns = {row_name for choice in form.choices.headers for row_name in [choice]}
    for row in form.survey.rows:
        for column in EXPRESSIONS:
            text = row.get(column)
            if text.lower() in PLAIN:
                continue
            try:
                read = read_expression(text)
            except BrokenExpression as error:
                yield form.problem(
                    error.code, form.survey, row.number, column, got=text, expected=error.at
                )
                continue
            for name in read.references:
                if name not in names:
                    yield _unknown(form, row, column, name, names)
            for name in read.functions:
                if name not in FUNCTIONS and name not in columns:
                    near = difflib.get_close_matches(name, FUNCTIONS, n=1)
                    yield form.problem(
                        "lint_function_unknown",
                        form.survey,
                        row.number,
                        column,
                        got=name,
                        expected=near[0] if near else "",
                    )


def check_references(form: XlsForm) -> Iterator[Problem]:
    """Labels that quote the answer to a question that is not there."""
    names = {row.get("name") for row in form.survey.rows}
    for row in form.survey.rows:
        for header, cell in row.cells.items():
            if header.split(":")[0].strip() in EXPRESSIONS:
                continue
            for name in REFERENCE.findall(cell):
                clean = name.strip().removeprefix("last-saved#")
                if clean not in names:
                    yield _unknown(form, row, header, clean, names)


def _unknown(form: XlsForm, row: Row, column: str, name: str, names: set[str]) -> Problem:
    near = difflib.get_close_matches(name, sorted(names), n=1)
    return form.problem(
        "lint_reference_unknown",
        form.survey,
        row.number,
        column,
        got=name,
        expected=near[0] if near else "",
    )


def check_names(form: XlsForm) -> Iterator[Problem]:
    """A name used twice, even in different groups: exports are joined by the last part."""
    seen: dict[str, int] = {}
    for row in form.survey.rows:
        name = row.get("name")
        if not name or kind_of(row).startswith("end_"):
            continue
        if name in seen:
            yield form.problem(
                "lint_name_repeated",
                form.survey,
                row.number,
                "name",
                got=name,
                expected=str(seen[name]),
            )
        seen.setdefault(name, row.number)


def check_groups(form: XlsForm) -> Iterator[Problem]:
    """Groups that are not closed, or closed without having been opened."""
    open_groups: list[tuple[str, Row]] = []
    for row in form.survey.rows:
        kind = kind_of(row)
        if kind in OPENERS:
            open_groups.append((OPENERS[kind], row))
        elif kind in OPENERS.values():
            if open_groups and open_groups[-1][0] == kind:
                open_groups.pop()
            else:
                yield form.problem(
                    "lint_group_unbalanced", form.survey, row.number, "type", got=row.get("type")
                )
    for _, row in open_groups:
        yield form.problem(
            "lint_group_unbalanced", form.survey, row.number, "type", got=row.get("type")
        )


def check_table_lists(form: XlsForm) -> Iterator[Problem]:
    """In a table-list the appearance of a question is overwritten."""
    tables: list[bool] = []
    for row in form.survey.rows:
        kind = kind_of(row)
        if kind in OPENERS:
            tables.append("table-list" in row.get("appearance").split())
        elif kind in OPENERS.values():
            tables = tables[:-1]
        elif any(tables) and "likert" in row.get("appearance").split():
            yield form.problem(
                "lint_likert_in_table", form.survey, row.number, "appearance",
                got=row.get("name"),
            )  # fmt: skip


def check_choices(form: XlsForm) -> Iterator[Problem]:
    """Lists that are missing or unused, and names that cannot be stored as they are."""
    lists = form.lists()
    used: dict[str, Row] = {}
    for row in form.survey.rows:
        if name := list_of(row):
            used.setdefault(name, row)
            if name not in lists and "${" not in name:
                near = difflib.get_close_matches(name, sorted(lists), n=1)
                yield form.problem(
                    "lint_list_unknown",
                    form.survey,
                    row.number,
                    "type",
                    got=name,
                    expected=near[0] if near else "",
                )
    for name, rows in lists.items():
        if name not in used:
            yield form.problem(
                "lint_list_unused", form.choices, rows[0].number, "list_name", got=name
            )
        seen: set[str] = set()
        for row in rows:
            column = "name" if row.get("name") else "value"
            code = row.get(column)
            if " " in code:
                yield form.problem(
                    "lint_choice_spaces", form.choices, row.number, column,
                    got=code, expected=code.replace(" ", "_"),
                )  # fmt: skip
            if WHOLE.match(code):
                yield form.problem(
                    "lint_choice_decimal", form.choices, row.number, column,
                    got=code, expected=code.split(".")[0],
                )  # fmt: skip
            if code and code in seen:
                yield form.problem(
                    "lint_choice_repeated", form.choices, row.number, column,
                    got=code, expected=name,
                )  # fmt: skip
            seen.add(code)


CHECKS = (
    check_names, check_groups, check_expressions, check_references, check_table_lists,
    check_choices,
)  # fmt: skip
