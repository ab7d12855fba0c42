"""Questions about the person: asked by several forms, written once, never scored."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from twinimpact.entities import WAVE_KINDS
from twinimpact.errors import DefinitionError
from twinimpact.instruments.checks import one_of, repeated
from twinimpact.instruments.definition import SOURCE_LANGUAGE
from twinimpact.instruments.fields import Faults, read_fields
from twinimpact.instruments.hashing import fingerprint
from twinimpact.instruments.records import Choice, read_choices
from twinimpact.instruments.translation import (
    HEAD_FIELDS,
    put_choices,
    read_head,
    status_of,
    translation_files,
)
from twinimpact.problems import Problem
from twinimpact.resources import surveys_dir
from twinimpact.schema import RESPONSE_COLUMNS

QUESTION_KINDS = ("choice", "open", "code", "town")
"""A list, an open text, an element of the self-generated code, a town of the site."""
PATTERNS = ("letter", "two_digits", "digits")
"""What an element of the code looks like."""

FILE_FIELDS: Mapping[str, str] = {"text_status": "texts", "questions": "tables"}
QUESTION_FIELDS: Mapping[str, str] = {
    "id": "word", "kind": "word", "column": "word", "pattern": "word", "gate": "word",
    "text": "texts", "hint": "texts", "choices": "tables", "waves": "words",
}  # fmt: skip
TRANSLATION_FIELDS: Mapping[str, str] = {**HEAD_FIELDS, "questions": "table"}
WORDS_OF_QUESTION: Mapping[str, str] = {"text": "word", "hint": "word", "choices": "table"}
Texts = Iterator[tuple[str, Mapping[str, str], bool]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question that is not scored.

    Parameters
    ----------
    column
        Response column it fills, if any.
    pattern
        For an element of the code: one of :data:`PATTERNS`.
    gate
        The only answer with which the questionnaire goes on; empty for most questions.
    waves
        Kinds of wave in which it is asked.
    """

    id: str
    kind: str
    column: str
    text: Mapping[str, str]
    hint: Mapping[str, str]
    choices: tuple[Choice, ...]
    waves: tuple[str, ...]
    pattern: str = ""
    gate: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionSet:
    """Questions by id, the state of their wording per language, the fingerprint in English."""

    questions: Mapping[str, Question] = field(default_factory=dict)
    text_status: Mapping[str, str] = field(default_factory=dict)
    source: str = ""


def load_questions(path: Path | None = None) -> QuestionSet:
    """The questions that forms share, with their translations; the shipped ones by default.

    Raises
    ------
    DefinitionError
        With every fault of the file and its translations in ``problems``.
    """
    path = path or surveys_dir() / "shared" / "questions.toml"
    faults = Faults(path.name)
    head = read_toml(path, FILE_FIELDS, (), faults)
    questions = tuple(read_question(entry, faults) for entry in head.get("questions", ()))
    repeated([question.id for question in questions], "questions", faults)
    status = dict(head.get("text_status", {}))
    source = fingerprint([texts.get(SOURCE_LANGUAGE) for _, texts, _ in _all_texts(questions)])
    problems: list[Problem] = []
    for file in translation_files(path):
        own = Faults(f"{file.parent.name}/{file.name}")
        words = read_head(file, TRANSLATION_FIELDS, "", "", own)
        if words is not None:
            language = file.parent.name
            questions = translated_questions(questions, words.get("questions", {}), language, own)
            check_complete(_all_texts(questions), language, own)
            status[language] = status_of({}, words, source)
        problems.extend(own.found)
    check_complete(_all_texts(questions), SOURCE_LANGUAGE, faults)
    raise_all((*faults.found, *problems), "The file of questions has faults.", path)
    return QuestionSet(
        questions={one.id: one for one in questions}, text_status=status, source=source
    )


def read_toml(
    path: Path, kinds: Mapping[str, str], required: tuple[str, ...], faults: Faults
) -> dict[str, Any]:
    """The declared fields of a TOML file; a file that cannot be read is one fault."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        reason = (error.strerror or "") if isinstance(error, OSError) else str(error)
        faults.add("instrument_unreadable", "", reason)
        return {}
    return read_fields(table, kinds, required, "", faults)


def raise_all(problems: tuple[Problem, ...], what: str, path: Path) -> None:
    """Raise once with everything that was found, or return."""
    if problems:
        raise DefinitionError(what, where=path.name, problems=problems)


def read_question(table: Mapping[str, Any], faults: Faults) -> Question:
    """One question of a file, with every fault noted."""
    path = f"questions.{table.get('id', '')}"
    fields = read_fields(table, QUESTION_FIELDS, ("id", "kind", "text"), path, faults)
    one_of(fields, "kind", QUESTION_KINDS, f"{path}.", faults)
    one_of(fields, "pattern", PATTERNS, f"{path}.", faults)
    column = fields.get("column", "")
    one_of(fields, "column", RESPONSE_COLUMNS.names(), f"{path}.", faults)
    choices = read_choices(fields.get("choices", ()), path, faults)
    allowed = next((c.allowed for c in RESPONSE_COLUMNS.columns if c.name == column), ())
    for choice in choices if allowed else ():
        one_of({"code": choice.code}, "code", allowed, f"{path}.choices.", faults)
    if fields.get("kind") == "choice" and not choices:
        faults.add("instrument_missing_field", f"{path}.choices")
    if "gate" in fields:
        one_of(fields, "gate", tuple(choice.code for choice in choices), f"{path}.", faults)
    return Question(
        id=fields.get("id", ""),
        kind=fields.get("kind", ""),
        column=column,
        text=fields.get("text", {}),
        hint=fields.get("hint", {}),
        choices=choices,
        waves=read_waves(fields, path, faults) if "waves" in fields else WAVE_KINDS,
        pattern=fields.get("pattern", ""),
        gate=fields.get("gate", ""),
    )


def read_waves(fields: Mapping[str, Any], path: str, faults: Faults) -> tuple[str, ...]:
    """The kinds of wave a block or question names."""
    waves: tuple[str, ...] = fields.get("waves", ())
    for wave in waves:
        one_of({"waves": wave}, "waves", WAVE_KINDS, f"{path}.", faults)
    return waves


def translated_questions(
    questions: tuple[Question, ...], words: Mapping[str, Any], language: str, faults: Faults
) -> tuple[Question, ...]:
    """The questions with their words in one more language."""
    known = [question.id for question in questions]
    for name in words:
        if name not in known:
            faults.add("instrument_unknown_item", "questions", name, ", ".join(known))
    made = []
    for one in questions:
        table = words.get(one.id, {})
        path = f"questions.{one.id}"
        entry = read_fields(
            table if isinstance(table, dict) else {}, WORDS_OF_QUESTION, (), path, faults
        )
        codes = [choice.code for choice in one.choices]
        for code in entry.get("choices", {}):
            if code not in codes:
                faults.add("instrument_unknown_item", f"{path}.choices", code, ", ".join(codes))
        text, hint = entry.get("text"), entry.get("hint")
        made.append(
            replace(
                one,
                text={**one.text, language: text} if text else one.text,
                hint={**one.hint, language: hint} if hint else one.hint,
                choices=put_choices(one.choices, entry.get("choices", {}), language),
            )
        )
    return tuple(made)


def texts_of(question: Question) -> Texts:
    """Path, words per language, and whether they may be absent altogether."""
    path = f"questions.{question.id}"
    yield f"{path}.text", question.text, False
    yield f"{path}.hint", question.hint, True
    for choice in question.choices:
        yield f"{path}.choices.{choice.code}", choice.label, False


def _all_texts(questions: tuple[Question, ...]) -> Texts:
    for question in questions:
        yield from texts_of(question)


def check_complete(texts: Texts, language: str, faults: Faults) -> None:
    """A fault for every text that the language lacks."""
    for path, by_language, optional in texts:
        if not by_language.get(language) and not (optional and not by_language):
            faults.add("instrument_translation_incomplete", path, language)
