"""Mapping files: what the columns and answers of an export mean.

A mapping is TOML, written by a person once per form and reviewed like any definition.
Every fault is a :class:`~twinimpact.problems.Problem` that names the file, the key and the
fix; all are collected before anything is raised.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from twinimpact.errors import DefinitionError
from twinimpact.ingest.codebook import CodeBook
from twinimpact.ingest.synonyms import HEADERS, OPTIONS, allowed
from twinimpact.ingest.values import DATE_ORDERS, fold_label
from twinimpact.problems import Problem

SCHEMA = 1
CONSTANTS = ("wave", "partnership", "town", "arm", "language", "activity")
ROLES = (
    "response_id", "date", "participant", "code", "town", "partnership", "wave", "arm", "gender",
    "age_band", "birth_year", "role", "language", "consent",
)  # fmt: skip
PERSONAL_ROLES = ("response_id", "participant", "code", "birth_year")
OPTION_ROLES = ("arm", "gender", "age_band", "role")
VALUE_ROLES = (*OPTION_ROLES, "wave", "partnership", "town", "language")
REASONS = ("dont_know", "refused", "not_applicable", "not_shown")
TOP = (
    "schema", "platform", "sheet", "date_order", "constants", "columns", "values", "items",
    "answers", "consent", "code_pattern", "code_separator", "signature", "header",
)  # fmt: skip

_EMPTY: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """A vocabulary: folded label to code, and folded label to the reason it stands for."""

    codes: Mapping[str, int] = field(default_factory=lambda: _EMPTY)
    missing: Mapping[str, str] = field(default_factory=lambda: _EMPTY)


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemColumn:
    """One item and the column (or the language versions of it) that holds its answers."""

    item: str
    columns: tuple[str, ...]
    answers: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """Where consent stands, or why it is not asked for; the same for the guardians of minors."""

    column: str = ""
    yes: tuple[str, ...] = ()
    waived: str = ""
    guardian: str = ""
    guardian_yes: tuple[str, ...] = ()
    guardian_waived: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnMapping:
    """A checked mapping; ``values`` and ``answers`` are keyed by folded labels.

    ``signature`` and ``header`` describe the export the mapping was written for; they only
    serve to tell what a later export has changed. ``codebook`` is what a definition file of the
    same form says, and ``codebook_sha256`` the hash of that file: both stand beside the mapping.
    """

    file: str = ""
    platform: str = ""
    sheet: str = ""
    date_order: str = ""
    constants: Mapping[str, str] = field(default_factory=lambda: _EMPTY)
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: _EMPTY)
    code_pattern: tuple[int, ...] = ()
    code_separator: str = ""
    values: Mapping[str, Mapping[str, str]] = field(default_factory=lambda: _EMPTY)
    items: tuple[ItemColumn, ...] = ()
    answers: Mapping[str, Answers] = field(default_factory=lambda: _EMPTY)
    consent: Consent = field(default_factory=Consent)
    signature: str = ""
    header: tuple[str, ...] = ()
    codebook: CodeBook | None = None
    codebook_sha256: str = ""

    def sha256(self) -> str:
        """Hash of the meaning, not of the file: comments and order do not change it."""
        content = {
            "platform": self.platform,
            "sheet": self.sheet,
            "date_order": self.date_order,
            "constants": dict(self.constants),
            "columns": {role: list(names) for role, names in self.columns.items()},
            "code": [list(self.code_pattern), self.code_separator],
            "values": {role: dict(labels) for role, labels in self.values.items()},
            "items": sorted([i.item, list(i.columns), i.answers] for i in self.items),
            "answers": {n: [dict(a.codes), dict(a.missing)] for n, a in self.answers.items()},
            "consent": [self.consent.column, list(self.consent.yes), self.consent.waived],
        }
        if self.consent.guardian or self.consent.guardian_waived:
            guardian = [self.consent.guardian, list(self.consent.guardian_yes)]
            content["guardian"] = [*guardian, self.consent.guardian_waived]
        text = json.dumps(content, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode("utf-8")).hexdigest()


def load_mapping(path: Path, table: str = "responses") -> ColumnMapping:
    """Read and check a mapping file.

    Parameters
    ----------
    path
        The TOML file.
    table
        The table it maps, which decides the roles a column can have.

    Raises
    ------
    DefinitionError
        If the file is missing, is not TOML, or breaks a rule; ``problems`` has all of them.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError as error:
        raise DefinitionError(
            "The mapping file does not exist.",
            where=path.name,
            hint="Correct `mapping` in evaluation.toml, or write the file.",
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        problem = Problem(code="mapping_not_toml", file=path.name, got=str(error))
        raise DefinitionError(
            "The mapping file cannot be read.", where=path.name, problems=[problem]
        ) from error
    return parse_mapping(content, path.name, table)


def parse_mapping(content: Mapping[str, Any], file: str, table: str = "responses") -> ColumnMapping:
    """Check a mapping that has been read from TOML.

    Raises
    ------
    DefinitionError
        With every problem found.
    """
    reader = _Reader(file)
    reader.known(content, TOP, "")
    if content.get("schema", SCHEMA) != SCHEMA:
        reader.add("mapping_schema", "schema", content.get("schema"), str(SCHEMA))
    order = reader.text(content, "date_order")
    if order and order not in DATE_ORDERS:
        reader.add("mapping_bad_value", "date_order", order, ", ".join(DATE_ORDERS))
    constants = reader.table(content, "constants")
    reader.known(constants, CONSTANTS, "constants")
    answers = _answers(reader, reader.table(content, "answers"))
    mapping = ColumnMapping(
        file=file,
        platform=reader.text(content, "platform"),
        sheet=reader.text(content, "sheet"),
        date_order=order,
        constants={name: reader.text(constants, name, "constants") for name in constants},
        columns=_columns(reader, reader.table(content, "columns"), _roles(table)),
        code_pattern=_pattern(reader, content),
        code_separator=reader.text(content, "code_separator"),
        values=_values(reader, reader.table(content, "values"), table),
        items=_items(reader, content.get("items", []), answers),
        answers=answers,
        consent=_consent(reader, reader.table(content, "consent")),
        signature=reader.text(content, "signature"),
        header=reader.texts(content["header"], "header") if "header" in content else (),
    )
    if reader.problems:
        raise DefinitionError(
            "The mapping file has mistakes.", where=file, problems=reader.problems
        )
    return mapping


class _Reader:
    """Collects the problems of one file while its keys are read."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []

    def add(self, code: str, key: str, got: object = "", expected: str = "") -> None:
        self.problems.append(
            Problem(code=code, file=self.file, column=key, got=str(got), expected=expected)
        )

    def known(self, table: Mapping[str, Any], names: tuple[str, ...], where: str) -> None:
        for key in table:
            if key not in names:
                whole = f"{where}.{key}" if where else key
                self.add("mapping_unknown_key", whole, key, ", ".join(names))

    def table(self, content: Mapping[str, Any], key: str) -> Mapping[str, Any]:
        value = content.get(key, {})
        if isinstance(value, dict):
            return value
        self.add("mapping_bad_value", key, value, f"a table: [{key}]")
        return {}

    def text(self, content: Mapping[str, Any], key: str, where: str = "") -> str:
        value = content.get(key, "")
        if isinstance(value, str):
            return value.strip() if key != "code_separator" else value
        self.add("mapping_bad_value", f"{where}.{key}" if where else key, value, "text in quotes")
        return ""

    def texts(self, value: object, key: str) -> tuple[str, ...]:
        listed = [value] if isinstance(value, str) else value
        if isinstance(listed, list) and listed and all(isinstance(one, str) for one in listed):
            return tuple(listed)
        self.add("mapping_bad_value", key, value, "a column name, or a list of them")
        return ()


def _roles(table: str) -> tuple[str, ...]:
    return ROLES if table == "responses" else tuple(HEADERS.get(table, ()))


def _columns(
    reader: _Reader, table: Mapping[str, Any], roles: tuple[str, ...]
) -> dict[str, tuple[str, ...]]:
    reader.known(table, roles, "columns")
    found = {}
    for role in roles:
        if role in table:
            names = reader.texts(table[role], f"columns.{role}")
            if len(names) > 1 and role != "code":
                reader.add("mapping_bad_value", f"columns.{role}", list(names), "one column name")
            found[role] = names
    return found


def _pattern(reader: _Reader, content: Mapping[str, Any]) -> tuple[int, ...]:
    value = content.get("code_pattern", [])
    whole = isinstance(value, list) and all(type(n) is int and n > 0 for n in value)
    if whole:
        return tuple(value)
    reader.add("mapping_bad_value", "code_pattern", value, "element lengths such as [1, 1, 2, 2]")
    return ()


def _values(reader: _Reader, table: Mapping[str, Any], kind: str) -> dict[str, Mapping[str, str]]:
    roles = VALUE_ROLES if kind == "responses" else _roles(kind)
    reader.known(table, roles, "values")
    found: dict[str, Mapping[str, str]] = {}
    for role in roles:
        options = (*OPTIONS, "age_band") if kind != "responses" else OPTION_ROLES
        labels = reader.table(table, role)
        chosen = {}
        for label, value in labels.items():
            key = f"values.{role}.{label}"
            if not isinstance(value, str):
                reader.add("mapping_bad_value", key, value, "text in quotes")
            elif role in options and value not in allowed(role):
                reader.add("mapping_bad_value", key, value, ", ".join(allowed(role)))
            else:
                chosen[fold_label(label)] = value
        if chosen:
            found[role] = chosen
    return found


def _answers(reader: _Reader, table: Mapping[str, Any]) -> dict[str, Answers]:
    found = {}
    for name in table:
        labels = reader.table(table, name)
        codes: dict[str, int] = {}
        missing: dict[str, str] = {}
        for label, value in labels.items():
            key = f"answers.{name}.{label}"
            if label == "missing" and isinstance(value, dict):
                for text, reason in value.items():
                    if reason in REASONS:
                        missing[fold_label(text)] = reason
                    else:
                        reader.add("mapping_bad_value", f"{key}.{text}", reason, ", ".join(REASONS))
            elif type(value) is int:
                codes[fold_label(label)] = value
            else:
                reader.add("mapping_bad_value", key, value, "a whole number")
        found[name] = Answers(codes=codes, missing=missing)
    return found


def _items(
    reader: _Reader, listed: object, answers: Mapping[str, Answers]
) -> tuple[ItemColumn, ...]:
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        reader.add("mapping_bad_value", "items", listed, "entries that begin with [[items]]")
        return ()
    found: list[ItemColumn] = []
    for number, entry in enumerate(listed, start=1):
        where = f"items[{number}]"
        reader.known(entry, ("column", "item", "answers"), where)
        if "column" not in entry or "item" not in entry:
            reader.add("mapping_missing_key", where, "", "column and item")
            continue
        item = reader.text(entry, "item", where)
        vocabulary = reader.text(entry, "answers", where)
        if vocabulary and vocabulary not in answers:
            reader.add("mapping_unknown_answers", where, vocabulary, ", ".join(answers))
        if any(item == other.item for other in found):
            reader.add("mapping_item_twice", where, item)
        columns = reader.texts(entry["column"], f"{where}.column")
        found.append(ItemColumn(item=item, columns=columns, answers=vocabulary))
    return tuple(found)


def _consent(reader: _Reader, table: Mapping[str, Any]) -> Consent:
    names = ("column", "yes", "waived", "guardian", "guardian_yes", "guardian_waived")
    reader.known(table, names, "consent")
    column, waived = (reader.text(table, key, "consent") for key in ("column", "waived"))
    yes = reader.texts(table["yes"], "consent.yes") if "yes" in table else ()
    if table and not waived and not (column and yes):
        reader.add("mapping_missing_key", "consent", "", "column and yes, or waived")
    if waived and column:
        reader.add("mapping_bad_value", "consent.waived", waived, "no column beside it")
    guardian, excused = (reader.text(table, key, "consent") for key in names[3::2])
    agreed = (
        reader.texts(table["guardian_yes"], "consent.guardian_yes")
        if "guardian_yes" in table
        else ()
    )
    if excused and guardian:
        reader.add("mapping_bad_value", "consent.guardian_waived", excused, "no column beside it")
    return Consent(
        column=column,
        yes=tuple(fold_label(one) for one in yes),
        waived=waived,
        guardian=guardian,
        guardian_yes=tuple(fold_label(one) for one in agreed),
        guardian_waived=excused,
    )
