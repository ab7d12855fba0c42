"""What a questionnaire asks without scoring it: open questions and facts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from twinimpact.instruments.fields import Faults, read_fields

RECORD_KINDS = ("text", "count", "choice")

RECORD_FIELDS: Mapping[str, str] = {
    "id": "word", "kind": "word", "range": "range", "missing": "wholes", "evidence": "flag",
    "label": "texts", "text": "texts", "hint": "texts", "choices": "tables",
}  # fmt: skip
CHOICE_FIELDS: Mapping[str, str] = {"code": "word", "label": "texts"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One answer of a question that is not scored."""

    code: str
    label: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """An open question or a fact; it has no score and no column among the answers.

    Parameters
    ----------
    kind
        ``text``, ``count`` (a whole number from ``lo`` to ``hi``) or ``choice``.
    evidence
        A second answer says what shows the fact: a document, a person, nothing yet.
    """

    id: str
    instrument: str
    kind: str
    lo: int = 0
    hi: int = 0
    missing: tuple[int, ...] = ()
    evidence: bool = False
    labels: Mapping[str, str] = field(default_factory=dict)
    text: Mapping[str, str] = field(default_factory=dict)
    hint: Mapping[str, str] = field(default_factory=dict)
    choices: tuple[Choice, ...] = ()
    text_status: Mapping[str, str] = field(default_factory=dict)


def read_choices(tables: tuple[Any, ...], path: str, faults: Faults) -> tuple[Choice, ...]:
    """The answers of a question; each needs a code and words."""
    entries = [
        read_fields(table, CHOICE_FIELDS, ("code", "label"), f"{path}.choices", faults)
        for table in tables
    ]
    codes = [entry.get("code", "") for entry in entries]
    for code in sorted({code for code in codes if codes.count(code) > 1}):
        faults.add("instrument_duplicate_id", f"{path}.choices", code)
    return tuple(
        Choice(code=entry.get("code", ""), label=entry.get("label", {})) for entry in entries
    )


def read_records(head: Mapping[str, Any], faults: Faults) -> tuple[Record, ...]:
    """The records of one instrument file."""
    found = []
    for number, table in enumerate(head.get("records", ()), start=1):
        path = f"records.{table.get('id', number)}"
        fields = read_fields(table, RECORD_FIELDS, ("id", "kind", "label", "text"), path, faults)
        kind = fields.get("kind", "")
        if kind and kind not in RECORD_KINDS:
            faults.add("instrument_wrong_value", f"{path}.kind", kind, ", ".join(RECORD_KINDS))
        if kind == "count" and "range" not in fields:
            faults.add("instrument_range_missing", path)
        if kind == "choice" and not fields.get("choices"):
            faults.add("instrument_missing_field", f"{path}.choices")
        lo, hi = fields.get("range", (0, 0))
        for code in fields.get("missing", ()):
            if lo <= code <= hi:
                faults.add("instrument_missing_code_inside", f"{path}.missing", code, f"{lo}..{hi}")
        found.append(
            Record(
                id=fields.get("id", ""),
                instrument=str(head.get("id", "")),
                kind=kind,
                lo=lo,
                hi=hi,
                missing=fields.get("missing", ()),
                evidence=fields.get("evidence", False),
                labels=fields.get("label", {}),
                text=fields.get("text", {}),
                hint=fields.get("hint", {}),
                choices=read_choices(fields.get("choices", ()), path, faults),
            )
        )
    return tuple(found)
