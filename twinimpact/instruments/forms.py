"""Questionnaire forms: which items are asked of whom, when and in which order."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from twinimpact.entities import ARMS, WAVE_KINDS
from twinimpact.errors import DefinitionError
from twinimpact.instruments.catalogue import Catalogue
from twinimpact.instruments.checks import one_of, repeated
from twinimpact.instruments.definition import in_language
from twinimpact.instruments.fields import Faults, read_fields
from twinimpact.schema import RESPONSE_COLUMNS

QUESTION_KINDS = ("choice", "open", "code")
"""A choice from a list, an open text, or an element of the self-generated code."""

FORM_FIELDS: Mapping[str, str] = {
    "id": "word", "version": "word", "title": "texts", "intro": "texts", "consent": "texts",
    "arms": "words", "notes": "text", "blocks": "tables", "questions": "tables",
}  # fmt: skip
BLOCK_FIELDS: Mapping[str, str] = {
    "instrument": "word", "items": "words", "waves": "words", "title": "texts",
}  # fmt: skip
QUESTION_FIELDS: Mapping[str, str] = {
    "id": "word", "kind": "word", "column": "word", "text": "texts", "hint": "texts",
    "choices": "tables", "waves": "words",
}  # fmt: skip
CHOICE_FIELDS: Mapping[str, str] = {"code": "word", "label": "texts"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Items of one instrument asked together in some waves (kinds of wave)."""

    instrument: str
    items: tuple[str, ...]
    waves: tuple[str, ...]
    title: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One answer of a question about the person."""

    code: str
    label: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question that is not scored; ``column`` names the response column it fills, if any."""

    id: str
    kind: str
    column: str
    text: Mapping[str, str]
    hint: Mapping[str, str]
    choices: tuple[Choice, ...]
    waves: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A questionnaire for one group of people."""

    id: str
    version: str
    title: Mapping[str, str]
    intro: Mapping[str, str]
    consent: Mapping[str, str]
    arms: tuple[str, ...]
    blocks: tuple[Block, ...]
    questions: tuple[Question, ...]

    def items(self, wave_kind: str) -> tuple[str, ...]:
        """Item ids asked in a kind of wave, in order."""
        return tuple(
            item for block in self.blocks if wave_kind in block.waves for item in block.items
        )

    def label(self, language: str) -> str:
        """Title of the form."""
        return in_language(self.title, language) or self.id


def load_form(path: Path, catalogue: Catalogue) -> Form:
    """Read one form file; its items must be in ``catalogue``.

    Raises
    ------
    DefinitionError
        With every fault of the file in ``problems``.
    """
    faults = Faults(path.name)
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        faults.add("instrument_unreadable", "", error)
        raise DefinitionError(
            "The form file has faults.", where=path.name, problems=faults.found
        ) from error
    head = read_fields(table, FORM_FIELDS, ("id", "version", "title", "arms", "blocks"), "", faults)
    form = Form(
        id=head.get("id", ""),
        version=head.get("version", ""),
        title=head.get("title", {}),
        intro=head.get("intro", {}),
        consent=head.get("consent", {}),
        arms=head.get("arms", ()),
        blocks=tuple(_block(entry, catalogue, faults) for entry in head.get("blocks", ())),
        questions=tuple(_question(entry, faults) for entry in head.get("questions", ())),
    )
    for arm in form.arms:
        one_of({"arms": arm}, "arms", ARMS, "", faults)
    for kind in WAVE_KINDS:
        repeated(form.items(kind), f"blocks ({kind})", faults)
    repeated([question.id for question in form.questions], "questions", faults)
    if faults.found:
        raise DefinitionError("The form file has faults.", where=path.name, problems=faults.found)
    return form


def _block(table: Mapping[str, Any], catalogue: Catalogue, faults: Faults) -> Block:
    path = f"blocks.{table.get('instrument', '')}"
    fields = read_fields(table, BLOCK_FIELDS, ("instrument", "waves"), path, faults)
    known = {one.id: one for one in catalogue.instruments}
    instrument = known.get(fields.get("instrument", ""))
    if instrument is None:
        faults.add(
            "instrument_not_found", path, fields.get("instrument", ""), ", ".join(sorted(known))
        )
    names = tuple(item.id for item in instrument.items) if instrument else ()
    chosen = fields.get("items", names)
    for name in chosen:
        if instrument is not None and name not in names:
            faults.add("instrument_unknown_item", f"{path}.items", name, ", ".join(names))
    return Block(
        instrument=fields.get("instrument", ""),
        items=chosen,
        waves=_waves(fields, path, faults),
        title=fields.get("title", {}),
    )


def _question(table: Mapping[str, Any], faults: Faults) -> Question:
    path = f"questions.{table.get('id', '')}"
    fields = read_fields(table, QUESTION_FIELDS, ("id", "kind", "text"), path, faults)
    one_of(fields, "kind", QUESTION_KINDS, f"{path}.", faults)
    column = fields.get("column", "")
    one_of(fields, "column", RESPONSE_COLUMNS.names(), f"{path}.", faults)
    choices = tuple(
        read_fields(entry, CHOICE_FIELDS, ("code", "label"), f"{path}.choices", faults)
        for entry in fields.get("choices", ())
    )
    allowed = next((c.allowed for c in RESPONSE_COLUMNS.columns if c.name == column), ())
    for choice in choices if allowed else ():
        one_of(choice, "code", allowed, f"{path}.choices.", faults)
    return Question(
        id=fields.get("id", ""),
        kind=fields.get("kind", ""),
        column=column,
        text=fields.get("text", {}),
        hint=fields.get("hint", {}),
        choices=tuple(
            Choice(code=entry.get("code", ""), label=entry.get("label", {})) for entry in choices
        ),
        waves=_waves(fields, path, faults) if "waves" in fields else WAVE_KINDS,
    )


def _waves(fields: Mapping[str, Any], path: str, faults: Faults) -> tuple[str, ...]:
    waves: tuple[str, ...] = fields.get("waves", ())
    for wave in waves:
        one_of({"waves": wave}, "waves", WAVE_KINDS, f"{path}.", faults)
    return waves
