"""The fixed words of every questionnaire: tick one box, don't know, page x of y."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from twinimpact.instruments.definition import SOURCE_LANGUAGE
from twinimpact.instruments.fields import Faults, read_fields
from twinimpact.instruments.hashing import fingerprint
from twinimpact.instruments.questions import raise_all, read_toml
from twinimpact.instruments.translation import (
    HEAD_FIELDS,
    read_head,
    status_of,
    translation_files,
)
from twinimpact.resources import surveys_dir

WORDS = (
    "draft_note", "licensed_note", "start_title", "consent_title", "consent_yes", "consent_no",
    "consent_refused", "person_title", "code_title", "thanks", "dont_know", "tick_one",
    "tick_one_each", "tick_picture", "write_number", "write_words", "write_scale",
    "choose_answer", "number_rule", "code_rule", "only_if", "picture_apart", "picture_share",
    "question_number", "page", "form_number", "date", "evidence", "evidence_document",
    "evidence_person", "evidence_none", "year_of_facts", "elsewhere",
)  # fmt: skip
FILE_FIELDS: Mapping[str, str] = {"text_status": "texts", "words": "table"}
TRANSLATION_FIELDS: Mapping[str, str] = {**HEAD_FIELDS, "words": "table"}
_FIELD = re.compile(r"\{[^{}]*\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedWords:
    """Language to word id to text, and the state of each language's wording."""

    texts: Mapping[str, Mapping[str, str]]
    text_status: Mapping[str, str]
    source: str = ""

    def text(self, language: str, name: str, values: Mapping[str, object] | None = None) -> str:
        """The words ``name`` in a language, with ``values`` filled in.

        Raises
        ------
        KeyError
            If the language or the words are not there; nothing falls back to English, because
            a questionnaire in two languages is worse than none.
        """
        return self.texts[language][name].format(**(values or {}))


def load_words(path: Path | None = None) -> FixedWords:
    """The fixed words in every language there is a file for; the shipped ones by default.

    Raises
    ------
    DefinitionError
        With every fault of the file and its translations in ``problems``.
    """
    path = path or surveys_dir() / "shared" / "words.toml"
    faults = Faults(path.name)
    head = read_toml(path, FILE_FIELDS, ("words",), faults)
    english = _words(head.get("words", {}), faults)
    texts = {SOURCE_LANGUAGE: english}
    status = dict(head.get("text_status", {}))
    source = fingerprint([english.get(name, "") for name in WORDS])
    problems = list(faults.found)
    for file in translation_files(path):
        own = Faults(f"{file.parent.name}/{file.name}")
        table = read_head(file, TRANSLATION_FIELDS, "", "", own)
        if table is not None:
            words = _words(table.get("words", {}), own)
            for name, text in words.items():
                there, wanted = _FIELD.findall(text), _FIELD.findall(english.get(name, ""))
                if sorted(there) != sorted(wanted):
                    own.add("instrument_placeholder", f"words.{name}", text, " ".join(wanted))
            texts[file.parent.name] = words
            status[file.parent.name] = status_of({}, table, source)
        problems.extend(own.found)
    raise_all(tuple(problems), "The file of fixed words has faults.", path)
    return FixedWords(texts=texts, text_status=status, source=source)


def _words(table: Mapping[str, object], faults: Faults) -> dict[str, str]:
    return read_fields(table, dict.fromkeys(WORDS, "word"), WORDS, "words", faults)
