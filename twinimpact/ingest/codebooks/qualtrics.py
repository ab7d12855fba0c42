"""Qualtrics survey definitions (.qsf): the full wordings, choices, recodes and translations.

Questions are keyed as the columns of an export are (``QID2_1``, ``QID4#1_3``,
``QID5_TEXT``); the names older layouts and tags give the same columns are their aliases.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from twinimpact.errors import IngestError
from twinimpact.ingest.codebook import AnswerSet, CodeBook, Kind, Question
from twinimpact.ingest.codebooks.common import split_options, text_of
from twinimpact.ingest.markup import without_markup

KIND = "qualtrics"
_HEAD = 2_000
_SEVERAL = ("MultipleAnswer",)
_NUMBERS = ("Slider", "RO", "CS", "SS")
_NOTES = ("DB", "Meta", "Captcha", "Timing")
_VARIABLE = "x-variable"
"""Stands for a language: the short name of an option that exports may write for it."""

Texts = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Choice:
    """A choice, statement or scale point; ``code`` is its number in an export."""

    id: str
    code: str
    texts: Texts
    tag: str
    in_words: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """One question of the definition, or one column of a side-by-side question."""

    key: str
    tag: str
    texts: Texts
    type: str
    selector: str
    sub: str
    choices: tuple[_Choice, ...]
    points: Mapping[str, tuple[_Choice, ...]]


@dataclass(slots=True)
class _Made:
    questions: list[Question]
    sets: list[AnswerSet]


def accepts(path: Path) -> bool:
    """Whether a file is a Qualtrics survey definition."""
    if path.suffix.lower() not in (".qsf", ".json", ".txt"):
        return False
    try:
        with path.open("rb") as stream:
            head = stream.read(_HEAD)
    except OSError:
        return False
    return b'"SurveyEntry"' in head or b'"SurveyElements"' in head


def read_codebook(path: Path) -> CodeBook:
    """Questions of a survey definition, in the order in which people see them.

    A question with several answers is there as a whole (several codes in one cell) and once
    per tick box.

    Raises
    ------
    IngestError
        If the file is no survey definition, or is damaged.
    """
    try:
        survey = json.loads(text_of(path))
    except (ValueError, RecursionError) as error:
        raise _damaged(path) from error
    elements = survey.get("SurveyElements") if isinstance(survey, dict) else None
    if not isinstance(elements, list):
        raise _damaged(path)
    language = _language(str(_dict(survey.get("SurveyEntry")).get("SurveyLanguage") or ""))
    found: dict[str, Mapping[str, Any]] = {}
    for element in map(_dict, elements):
        payload = _dict(element.get("Payload"))
        if element.get("Element") == "SQ" and payload:
            key = str(payload.get("QuestionID") or element.get("PrimaryAttribute") or "")
            found[key] = payload
    made = _Made(questions=[], sets=[])
    for key in _in_order(elements, found):
        for asked in _asked(key, found[key], language):
            _add(made, asked)
    return CodeBook(
        platform=KIND,
        file=path.name,
        questions=_with_own_aliases(made.questions),
        sets=tuple(made.sets),
    )


def _damaged(path: Path) -> IngestError:
    return IngestError(
        "This is no Qualtrics survey definition, or it is damaged.",
        where=path.name,
        hint="In Qualtrics use Survey > Tools > Import/Export > Export Survey.",
    )


def _dict(value: object) -> Mapping[str, Any]:
    """A JSON object; the tool writes an empty one, and one counted from 0, as a list."""
    if isinstance(value, dict):
        return value
    if isinstance(value, list):
        return {str(number): one for number, one in enumerate(value)}
    return {}


def _language(code: str) -> str:
    return code.split("-")[0].lower()


def _in_order(elements: Iterable[object], found: Mapping[str, object]) -> list[str]:
    """Questions in the order of the blocks; those in no block come last."""
    listed: list[str] = []
    for element in map(_dict, elements):
        if element.get("Element") != "BL":
            continue
        for block in _dict(element.get("Payload")).values():
            if _dict(block).get("Type") == "Trash":
                continue
            inside = _dict(_dict(block).get("BlockElements")).values()
            listed += [str(_dict(one).get("QuestionID") or "") for one in inside]
    return [key for key in dict.fromkeys([*listed, *found]) if key in found]


def _asked(key: str, payload: Mapping[str, Any], language: str) -> list[_Asked]:
    whole = _one(key, payload, payload, language)
    columns = _dict(payload.get("AdditionalQuestions"))
    if whole.type != "SBS" or not columns:
        return [whole]
    found = []
    for number, column in columns.items():
        part = _one(f"{key}#{number}", _dict(column), payload, language)
        tag = part.tag or f"{whole.tag}#{number}"
        found.append(
            replace(
                part,
                tag=tag,
                texts=_joined(whole.texts, part.texts),
                type="Matrix",
                choices=part.choices or whole.choices,
            )
        )
    return found


def _one(key: str, payload: Mapping[str, Any], whole: Mapping[str, Any], language: str) -> _Asked:
    others = {
        _language(code): _dict(texts) for code, texts in _dict(payload.get("Language")).items()
    }
    matrix = payload.get("QuestionType") == "Matrix"
    choices = _choices(payload, "Choices", others, language, recoded=not matrix)
    points = _dict(payload.get("Answers"))
    nested = bool(points) and all("Display" not in _dict(one) for one in points.values())
    if nested:
        found = {
            choice: _choices({**payload, "Answers": of}, "Answers", {}, language)
            for choice, of in points.items()
        }
    else:
        found = {"": _choices(payload, "Answers", others, language)}
    return _Asked(
        key=key,
        tag=str(payload.get("DataExportTag") or whole.get("DataExportTag") or ""),
        texts=_texts(payload.get("QuestionText"), "QuestionText", others, language),
        type=str(payload.get("QuestionType") or ""),
        selector=str(payload.get("Selector") or ""),
        sub=str(payload.get("SubSelector") or ""),
        choices=choices,
        points=found,
    )


def _choices(
    payload: Mapping[str, Any],
    part: str,
    others: Mapping[str, Mapping[str, Any]],
    language: str,
    recoded: bool = True,
) -> tuple[_Choice, ...]:
    listed = _dict(payload.get(part))
    order = _dict(payload.get("ChoiceOrder" if part == "Choices" else "AnswerOrder")).values()
    recodes = _dict(payload.get("RecodeValues")) if recoded else {}
    names = _dict(payload.get("VariableNaming")) if recoded else {}
    tags = _dict(payload.get("ChoiceDataExportTags")) if part == "Choices" else {}
    found = []
    for key in dict.fromkeys([*map(str, order), *listed]):
        if key not in listed:
            continue
        choice = _dict(listed[key])
        translated = {
            code: _dict(_dict(texts.get(part)).get(key)) for code, texts in others.items()
        }
        texts = dict(_texts(choice.get("Display"), "Display", translated, language))
        if names.get(key):
            texts[_VARIABLE] = str(names[key])
        found.append(
            _Choice(
                id=key,
                code=str(recodes.get(key, key)),
                texts=texts,
                tag=str(tags.get(key) or ""),
                in_words=str(choice.get("TextEntry") or "").lower() in ("true", "on", "1"),
            )
        )
    return tuple(found)


def _texts(
    own: object, part: str, others: Mapping[str, Mapping[str, Any]], language: str
) -> dict[str, str]:
    texts = {code: without_markup(str(one.get(part) or "")) for code, one in others.items()}
    return {language: without_markup(str(own or "")), **{c: t for c, t in texts.items() if t}}


def _joined(stem: Texts, rest: Texts) -> dict[str, str]:
    """Both wordings in every language; where one is not translated, the first one stands in."""
    first = next(iter(stem.values()), ""), next(iter(rest.values()), "")
    return {
        code: f"{stem.get(code, first[0])} - {rest.get(code, first[1])}".strip(" -")
        for code in dict.fromkeys([*stem, *rest])
        if code != _VARIABLE
    }


def _add(made: _Made, asked: _Asked) -> None:
    if asked.type in _NOTES:
        _put(made, asked.key, asked.texts, "note", (), (asked.tag,))
    elif asked.type == "MC":
        _add_choice(made, asked)
    elif asked.type == "Matrix":
        _add_matrix(made, asked)
    elif asked.type == "TE" and asked.selector != "FORM":
        _put(made, f"{asked.key}_TEXT", asked.texts, "text", (), (asked.key, asked.tag))
    elif asked.choices and (asked.type in _NUMBERS or asked.type == "TE"):
        kind: Kind = "text" if asked.type == "TE" else "number"
        for one in asked.choices:
            names = (*_tags(asked, one), f"{asked.key}_{one.id}_TEXT")
            _put(made, f"{asked.key}_{one.id}", _joined(asked.texts, one.texts), kind, (), names)
    else:
        _put(made, asked.key, asked.texts, "text", (), (asked.tag,))


def _add_choice(made: _Made, asked: _Asked) -> None:
    several = asked.selector.startswith("MA") or asked.selector == "MSB"
    kind: Kind = "multi" if several else "single"
    _put(made, asked.key, asked.texts, kind, asked.choices, (asked.tag,))
    if several:
        _add_boxes(made, asked, asked.key, asked.texts, asked.choices)
    in_words = [one for one in asked.choices if one.in_words]
    for one in in_words:
        alone = () if several or len(in_words) > 1 else (f"{asked.key}_TEXT", f"{asked.tag}_TEXT")
        names = (*(f"{tag}_TEXT" for tag in _tags(asked, one)), *alone)
        _put(made, f"{asked.key}_{one.id}_TEXT", _joined(asked.texts, one.texts), "text", (), names)
    if len(in_words) > 1 and not several:
        _put(made, f"{asked.key}_TEXT", asked.texts, "text", (), (f"{asked.tag}_TEXT",))


def _add_matrix(made: _Made, asked: _Asked) -> None:
    for one in asked.choices:
        key, texts = f"{asked.key}_{one.id}", _joined(asked.texts, one.texts)
        points = asked.points.get(one.id) or asked.points.get("", ())
        tags = _tags(asked, one)
        if asked.selector in ("TE", "CS"):
            ending, kind = ("_TEXT", "text") if asked.selector == "TE" else ("", "number")
            for point in points:
                names = tuple(f"{tag}_{point.id}{ending}" for tag in tags)
                wording = _joined(texts, point.texts)
                made_kind: Kind = "text" if kind == "text" else "number"
                _put(made, f"{key}_{point.id}{ending}", wording, made_kind, (), names)
        elif asked.selector == "RO":
            _put(made, key, texts, "number", (), tags)
        elif asked.sub in _SEVERAL:
            _put(made, key, texts, "multi", points, tags)
            part = replace(asked, tag=tags[0], key=key)
            _add_boxes(made, part, key, texts, points, tags[1:])
        else:
            _put(made, key, texts, "single", points, tags)
        if one.in_words:
            names = tuple(f"{tag}_TEXT" for tag in tags)
            _put(made, f"{key}_TEXT", texts, "text", (), names)


def _add_boxes(
    made: _Made,
    asked: _Asked,
    key: str,
    texts: Texts,
    choices: Sequence[_Choice],
    more_tags: Sequence[str] = (),
) -> None:
    """One tick box per choice, and the set they form."""
    for one in choices:
        names = (
            *_tags(asked, one),
            *(f"{tag}_{end}" for tag in more_tags for end in dict.fromkeys((one.id, one.code))),
        )
        question = Question(
            key=f"{key}_{one.id}",
            text=_joined(texts, one.texts),
            kind="multi",
            options={"1": one.texts},
            aliases=_names(names, f"{key}_{one.id}"),
        )
        made.questions.append(question)
    made.sets.append(
        AnswerSet(
            key=key,
            label=next(iter(texts.values()), ""),
            kind="dichotomy",
            counted="1",
            columns=tuple(f"{key}_{one.id}" for one in choices),
        )
    )


def _tags(asked: _Asked, one: _Choice) -> tuple[str, ...]:
    """What the layouts call the column of a choice: by its own tag, its recode, its place."""
    ends = dict.fromkeys((one.id, one.code))
    names = [f"{asked.tag}_{end}" for end in ends if asked.tag]
    if one.tag:
        names = [one.tag, f"{asked.tag}_{one.tag}", *names]
    return tuple(names) or (f"{asked.key}_{one.id}",)


def _put(
    made: _Made,
    key: str,
    texts: Texts,
    kind: Kind,
    choices: Sequence[_Choice],
    aliases: Iterable[str],
) -> None:
    options, missing = split_options({one.code: one.texts for one in choices})
    made.questions.append(
        Question(
            key=key,
            text=texts,
            kind=kind,
            options=options,
            missing=missing,
            aliases=_names(aliases, key),
        )
    )


def _names(names: Iterable[str], key: str) -> tuple[str, ...]:
    return tuple(name for name in dict.fromkeys(names) if name and name != key)


def _with_own_aliases(questions: Sequence[Question]) -> tuple[Question, ...]:
    """Questions without the aliases that two of them share: recodes may repeat a place."""
    owners: dict[str, set[str]] = {}
    for one in questions:
        for alias in one.aliases:
            owners.setdefault(alias, set()).add(one.key)
    keys = {one.key for one in questions}
    return tuple(
        replace(
            one,
            aliases=tuple(a for a in one.aliases if len(owners[a]) == 1 and a not in keys),
        )
        for one in questions
    )
