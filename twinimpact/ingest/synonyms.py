"""What columns and options are called in real files, in the nine languages of the project.

The words stand in ``words/``, one TOML file per language. Canonical names always work, in
any case and with spaces for underscores. Names are compared by
:func:`twinimpact.ingest.values.fold`, so case, accents and punctuation do not matter. No word
may mean two things within one table or field: such a word is left out, so that it is asked.
"""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from twinimpact import entities as e
from twinimpact.ingest.values import CACHED, LOCALES, fold, parse_age_band
from twinimpact.schema import TABLES

_WORDS = Path(__file__).parent / "words"
_ROLES_BESIDE: Mapping[str, tuple[str, ...]] = {
    "activities": ("participants",),
    "attendance": ("registered",),
    "costs": ("row_key",),
    "responses": (
        "response_id", "date", "participant", "code", "town", "partnership", "wave", "arm",
        "gender", "age_band", "birth_year", "role", "language", "consent",
    ),
}  # fmt: skip
_ALLOWED: Mapping[str, tuple[str, ...]] = {
    "gender": e.GENDERS, "role": e.ROLES, "arm": e.ARMS, "type": e.ACTIVITY_TYPES,
    "themes": e.AIMS, "cerv_type": e.CERV_TYPES, "mode": e.MODES, "status": e.ACTIVITY_STATUSES,
    "form": e.FORMS, "basis": e.BASES, "partnership_status": e.STATUSES, "flag": ("yes", "no"),
    "capacity_role": e.CAPACITY_ROLES, "evidence": e.EVIDENCE,
    "lead_org_type": e.LEAD_TYPES, "funder": e.FUNDERS, "travel_mode": e.TRAVEL_MODES,
    "accommodation": e.ACCOMMODATION, "groups": e.GROUPS,
    "attendance_mode": e.ATTENDANCE_MODES, "organisation_type": e.ORGANISATION_TYPES,
    "link_kind": e.LINK_KINDS, "action_status": e.ACTION_STATUSES,
    "category": e.COST_CATEGORIES, "payer": e.PAYERS, "outlet_type": e.OUTLETS,
    "missing": ("dont_know", "refused", "not_applicable"),
}  # fmt: skip


@functools.cache
def words_of(language: str) -> Mapping[str, Any]:
    """The words of one language: tables ``headers``, ``options`` and ``answers``."""
    path = _WORDS / f"{language}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _merged(kind: str, table: str, keys: tuple[str, ...]) -> Mapping[str, str]:
    """Words of all languages for each key of one table, joined by ``|``."""
    listed = [words_of(language)[kind].get(table, {}) for language in LOCALES]
    found = {key: [words[key] for words in listed if key in words] for key in keys}
    return {key: "|".join(words) or key for key, words in found.items()}


def _roles_of(table: str) -> tuple[str, ...]:
    own = tuple(name for name in TABLES[table].names() if name != "row_key")
    return own if table != "responses" else ()


HEADERS: Mapping[str, Mapping[str, str]] = {
    table: _merged("headers", table, (*_roles_of(table), *_ROLES_BESIDE.get(table, ())))
    for table in TABLES
}
"""Table to role to its names, joined by ``|``."""
OPTIONS: Mapping[str, Mapping[str, str]] = {
    field: _merged("options", field, values) for field, values in _ALLOWED.items()
}
"""Field to canonical value to its names, joined by ``|``."""


@functools.cache
def _option_index(field: str) -> Mapping[str, str]:
    index = {fold(value): value for value in _ALLOWED[field]}
    for value, names in OPTIONS[field].items():
        for name in names.split("|"):
            # a sign such as a tick folds to nothing, so it is kept as it is
            index.setdefault(fold(name) or name, value)
    return index


@functools.lru_cache(maxsize=CACHED)
def option(field: str, label: str) -> str:
    """The canonical value of an answer option, or ``""``.

    Parameters
    ----------
    field
        A key of :data:`OPTIONS`, or ``age_band``.
    label
        The option as written in the file.
    """
    if field == "age_band":
        if _option_index("gender").get(fold(label)) == "undisclosed":
            return "undisclosed"
        return parse_age_band(label)
    return _option_index(field).get(fold(label) or label.strip(), "")


def allowed(field: str) -> tuple[str, ...]:
    """The canonical values of an option field."""
    return e.AGE_BANDS if field == "age_band" else _ALLOWED[field]


@functools.cache
def _header_index(table: str) -> Mapping[str, str]:
    index: dict[str, str] = {}
    if table != "responses":
        index = {fold(name): name for name in TABLES[table].names()}
    for role, names in HEADERS[table].items():
        index.setdefault(fold(role), role)
        for name in names.split("|"):
            index.setdefault(fold(name), role)
    return index


def header(table: str, name: str) -> str:
    """The role of a column header in a table, or ``""``; a unit in brackets is ignored."""
    index = _header_index(table)
    found = index.get(fold(name))
    return found or index.get(fold(re.sub(r"[(\[].*?[)\]]", " ", name)), "")
