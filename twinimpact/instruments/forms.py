"""Questionnaire forms: which items are asked of whom, when and in which order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from twinimpact.entities import ARMS, WAVE_KINDS
from twinimpact.instruments.catalogue import Catalogue
from twinimpact.instruments.checks import one_of, repeated
from twinimpact.instruments.definition import SOURCE_LANGUAGE, in_language
from twinimpact.instruments.fields import Faults, read_fields
from twinimpact.instruments.hashing import fingerprint
from twinimpact.instruments.questions import (
    Question,
    QuestionSet,
    Texts,
    check_complete,
    load_questions,
    raise_all,
    read_question,
    read_toml,
    read_waves,
    texts_of,
    translated_questions,
)
from twinimpact.instruments.translation import (
    HEAD_FIELDS,
    lowest,
    read_head,
    status_of,
    translation_files,
)
from twinimpact.problems import Problem

THEN = "retro_pre"
THEN_ITEMS = 4

FORM_FIELDS: Mapping[str, str] = {
    "id": "word", "version": "word", "title": "texts", "intro": "texts", "consent": "texts",
    "arms": "words", "notes": "text", "ask": "words", "blocks": "tables", "questions": "tables",
    "text_status": "texts",
}  # fmt: skip
BLOCK_FIELDS: Mapping[str, str] = {
    "instrument": "word", "items": "words", "waves": "words", "arms": "words", "title": "texts",
    "intro": "texts",
}  # fmt: skip
TRANSLATION_FIELDS: Mapping[str, str] = {
    **HEAD_FIELDS, "form": "word", "title": "word", "intro": "word", "consent": "word",
    "blocks": "table", "questions": "table",
}  # fmt: skip
WORDS_OF_BLOCK: Mapping[str, str] = {"title": "word", "intro": "word"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Items and records of one instrument asked together in some waves (kinds of wave).

    ``title`` and ``intro`` stand in place of the instrument's heading and before its
    instructions; ``arms`` names who is asked, empty for everyone.
    """

    instrument: str
    items: tuple[str, ...]
    waves: tuple[str, ...]
    title: Mapping[str, str]
    intro: Mapping[str, str] = field(default_factory=dict)
    arms: tuple[str, ...] = ()
    records: tuple[str, ...] = ()
    order: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A questionnaire for a kind of people; ``source`` is the fingerprint of its English words."""

    id: str
    version: str
    title: Mapping[str, str]
    intro: Mapping[str, str]
    consent: Mapping[str, str]
    arms: tuple[str, ...]
    blocks: tuple[Block, ...]
    questions: tuple[Question, ...]
    text_status: Mapping[str, str] = field(default_factory=dict)
    source: str = ""

    def items(self, wave_kind: str) -> tuple[str, ...]:
        """Item ids asked in a kind of wave, in order."""
        return tuple(
            item for block in self.blocks if wave_kind in block.waves for item in block.items
        )

    def wave_kinds(self) -> tuple[str, ...]:
        """Kinds of wave in which the form asks anything."""
        return tuple(
            kind for kind in WAVE_KINDS if any(kind in block.waves for block in self.blocks)
        )

    def languages(self) -> tuple[str, ...]:
        """Languages in which the form itself is written, sorted."""
        return tuple(sorted(self.title))

    def label(self, language: str) -> str:
        """Title of the form."""
        return in_language(self.title, language) or self.id


def load_form(path: Path, catalogue: Catalogue, shared: QuestionSet | None = None) -> Form:
    """Read one form file and its translations; its items must be in ``catalogue``.

    Parameters
    ----------
    shared
        The questions that ``ask`` names; the shipped ones by default.

    Raises
    ------
    DefinitionError
        With every fault of the file in ``problems``.
    """
    faults = Faults(path.name)
    head = read_toml(path, FORM_FIELDS, ("id", "version", "title", "arms", "blocks"), faults)
    shared = shared if shared is not None or "ask" not in head else load_questions()
    known = shared.questions if shared else {}
    for name in head.get("ask", ()):
        if name not in known:
            faults.add("instrument_unknown_item", "ask", name, ", ".join(known))
    own = tuple(read_question(entry, faults) for entry in head.get("questions", ()))
    form = Form(
        id=head.get("id", ""),
        version=head.get("version", ""),
        title=head.get("title", {}),
        intro=head.get("intro", {}),
        consent=head.get("consent", {}),
        arms=head.get("arms", ()),
        blocks=tuple(_block(entry, catalogue, faults) for entry in head.get("blocks", ())),
        questions=own,
        text_status=head.get("text_status", {}),
    )
    check_complete(_texts(form), SOURCE_LANGUAGE, faults)
    form, problems = _translated(form, path)
    asked = tuple(known[name] for name in head.get("ask", ()) if name in known)
    form = replace(form, questions=(*asked, *form.questions))
    if asked and shared is not None:
        status = {
            language: lowest([state, shared.text_status.get(language, "")])
            for language, state in form.text_status.items()
        }
        form = replace(form, text_status=status)
    _check_form(form, faults)
    raise_all((*faults.found, *problems), "The form file has faults.", path)
    return form


def _check_form(form: Form, faults: Faults) -> None:
    for arm in form.arms:
        one_of({"arms": arm}, "arms", ARMS, "", faults)
    for arm in {arm for block in form.blocks for arm in block.arms}:
        one_of({"arms": arm}, "arms", form.arms, "blocks.", faults)
    for kind in WAVE_KINDS:
        repeated(form.items(kind), f"blocks ({kind})", faults)
    repeated([question.id for question in form.questions], "questions", faults)
    kinds = {kind for block in form.blocks for kind in block.waves}
    if THEN in kinds and (len(kinds) > 1 or len(form.items(THEN)) > THEN_ITEMS):
        faults.add("form_then_items", "blocks", len(form.items(THEN)), THEN_ITEMS)


def _block(table: Mapping[str, Any], catalogue: Catalogue, faults: Faults) -> Block:
    path = f"blocks.{table.get('instrument', '')}"
    fields = read_fields(table, BLOCK_FIELDS, ("instrument", "waves"), path, faults)
    known = {one.id: one for one in catalogue.instruments}
    instrument = known.get(fields.get("instrument", ""))
    if instrument is None:
        faults.add(
            "instrument_not_found", path, fields.get("instrument", ""), ", ".join(sorted(known))
        )
    items = tuple(item.id for item in instrument.items) if instrument else ()
    records = tuple(record.id for record in instrument.records) if instrument else ()
    chosen = fields.get("items", (*items, *records))
    for name in chosen:
        if instrument is not None and name not in (*items, *records):
            faults.add(
                "instrument_unknown_item", f"{path}.items", name, ", ".join((*items, *records))
            )
    return Block(
        instrument=fields.get("instrument", ""),
        items=tuple(name for name in chosen if name not in records),
        waves=read_waves(fields, path, faults),
        title=fields.get("title", {}),
        intro=fields.get("intro", {}),
        arms=fields.get("arms", ()),
        records=tuple(name for name in chosen if name in records),
        order=chosen,
    )


def _texts(form: Form) -> Texts:
    """The words of the form file itself; shared questions have a file of their own."""
    yield "title", form.title, False
    yield "intro", form.intro, True
    yield "consent", form.consent, True
    for block in form.blocks:
        yield f"blocks.{block.instrument}.title", block.title, True
        yield f"blocks.{block.instrument}.intro", block.intro, True
    for question in form.questions:
        yield from texts_of(question)


def _translated(form: Form, path: Path) -> tuple[Form, tuple[Problem, ...]]:
    source = fingerprint([texts.get(SOURCE_LANGUAGE) for _, texts, _ in _texts(form)])
    form = replace(form, source=source)
    problems: list[Problem] = []
    for file in translation_files(path):
        language = file.parent.name
        faults = Faults(f"{language}/{file.name}")
        words = read_head(file, TRANSLATION_FIELDS, "form", form.id, faults)
        if words is not None:
            status = {**form.text_status, language: status_of({}, words, source)}
            form = replace(_merged(form, words, language, faults), text_status=status)
            check_complete(_texts(form), language, faults)
        problems.extend(faults.found)
    return form, tuple(problems)


def _merged(form: Form, words: Mapping[str, Any], language: str, faults: Faults) -> Form:
    blocks = words.get("blocks", {})
    known = {block.instrument: block for block in form.blocks if block.title or block.intro}
    for name in blocks:
        if name not in known:
            faults.add("instrument_unknown_item", "blocks", name, ", ".join(known))
    made = []
    for block in form.blocks:
        if block.instrument in blocks and (block.title or block.intro):
            path = f"blocks.{block.instrument}"
            entry = read_fields(blocks[block.instrument], WORDS_OF_BLOCK, (), path, faults)
            block = replace(
                block,
                title=_put(block.title, language, entry.get("title")),
                intro=_put(block.intro, language, entry.get("intro")),
            )
        made.append(block)
    return replace(
        form,
        title=_put(form.title, language, words.get("title")),
        intro=_put(form.intro, language, words.get("intro")),
        consent=_put(form.consent, language, words.get("consent")),
        blocks=tuple(made),
        questions=translated_questions(
            form.questions, words.get("questions", {}), language, faults
        ),
    )


def _put(texts: Mapping[str, str], language: str, text: str | None) -> Mapping[str, str]:
    return {**texts, language: text} if text else texts
