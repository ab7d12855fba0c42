"""pydantic's errors in our own words: each becomes a problem with a key and a fix."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import Any, get_args

from pydantic import BaseModel

from twinimpact.evaluation.models import Evaluation
from twinimpact.problems import Problem

MASK = "•••"
SECRET_KEYS = frozenset({"key", "secret", "password", "passwd", "token", "api_key"})
TYPE_CODES: Mapping[str, str] = {
    "string_type": "evaluation_not_text",
    "int_type": "evaluation_not_whole",
    "int_from_float": "evaluation_not_whole",
    "float_type": "evaluation_not_number",
    "bool_type": "evaluation_not_flag",
    "tuple_type": "evaluation_not_list",
    "date_type": "evaluation_not_date",
    "model_type": "evaluation_not_table",
    "model_attributes_type": "evaluation_not_table",
    "missing": "evaluation_missing_key",
    "string_too_short": "evaluation_empty",
    "too_short": "evaluation_empty",
    "string_too_long": "evaluation_too_long",
    "string_pattern_mismatch": "evaluation_bad_form",
}
BOUNDS = {
    "greater_than": "> {gt:g}",
    "greater_than_equal": "≥ {ge:g}",
    "less_than": "< {lt:g}",
    "less_than_equal": "≤ {le:g}",
}


def key_path(location: Sequence[str | int]) -> str:
    """Dotted path of a key; an entry of a list is numbered from 1, as a reader counts.

    >>> key_path(("sources", 1, "table"))
    'sources[2].table'
    """
    path = ""
    for part in location:
        if isinstance(part, int):
            path += f"[{part + 1}]"
        else:
            path += f".{part}" if path else part
    return path


def shown(value: object) -> str:
    """A value as a person wrote it, shortened."""
    text = {True: "true", False: "false"}.get(value) if isinstance(value, bool) else None
    text = text or str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def problems_of(
    errors: Sequence[Any], name: str, top: type[BaseModel] = Evaluation
) -> list[Problem]:
    """Problems for the errors of one validation, in the order of the file's keys.

    Parameters
    ----------
    errors
        ``ValidationError.errors()``.
    name
        File name used in the problems.
    top
        Model of the whole file.
    """
    return [
        _problem(error, name, top)
        for error in errors
        # an inline secret is reported once, by the cross-check, and never as a misspelt key
        if not (error["type"] == "extra_forbidden" and error["loc"][-1] in SECRET_KEYS)
    ]


def _problem(error: Mapping[str, Any], name: str, top: type[BaseModel]) -> Problem:
    kind, location, context = error["type"], error["loc"], error.get("ctx", {})
    column = key_path(location)
    got = shown(error["input"])
    if isinstance(error["input"], Mapping | tuple):
        got = ""  # a whole table says nothing and could hold a secret
    if "pseudonym" in location:
        got = MASK
    if kind == "extra_forbidden":
        return _unknown_key(location, name, top)
    if kind == "rule":
        code, expected = context["rule"], context["expected"]
        return Problem(code=code, file=name, column=column, got=got, expected=expected)
    if kind == "not_allowed":
        allowed = ", ".join(context["allowed"])
        return Problem(
            code="evaluation_not_allowed", file=name, column=column, got=got, expected=allowed
        )
    if kind in BOUNDS:
        expected = BOUNDS[kind].format(**context)
        return Problem(
            code="evaluation_out_of_range", file=name, column=column, got=got, expected=expected
        )
    if kind == "missing":
        return Problem(code="evaluation_missing_key", file=name, column=column)
    code = TYPE_CODES.get(kind, "evaluation_invalid")
    return Problem(code=code, file=name, column=column, got=got)


def _unknown_key(location: Sequence[str | int], name: str, top: type[BaseModel]) -> Problem:
    known = _keys_at(location[:-1], top)
    close = difflib.get_close_matches(str(location[-1]), known, n=1, cutoff=0.6)
    return Problem(
        code="evaluation_misspelt_key" if close else "evaluation_unknown_key",
        file=name,
        column=key_path(location),
        got=str(location[-1]),
        expected=close[0] if close else ", ".join(known),
    )


def _keys_at(location: Sequence[str | int], top: type[BaseModel]) -> list[str]:
    """Keys allowed in the table at ``location``."""
    model = top
    for part in location:
        if isinstance(part, str):
            field = next(f for n, f in model.model_fields.items() if part in (n, f.alias))
            model = _model_in(field.annotation) or model
    return [field.alias or name for name, field in model.model_fields.items()]


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for part in get_args(annotation):
        found = _model_in(part)
        if found is not None:
            return found
    return None
