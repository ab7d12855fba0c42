"""Plans of shipped forms, and languages made up from English so that every form has several."""

from __future__ import annotations

import json
import shutil
import tomllib
from pathlib import Path
from typing import Any

from twinimpact.instruments import (
    Catalogue,
    Form,
    load_catalogue,
    load_form,
    load_questions,
    load_site,
    load_words,
)
from twinimpact.questionnaire import Plan, Sources, make_plan
from twinimpact.resources import surveys_dir

FORMS = tuple(sorted(path.stem for path in (surveys_dir() / "forms").glob("*.toml")))


NINE = ("en", "de", "fr", "cs", "sk", "pl", "hu", "it", "es")


def catalogue_of(root: Path | None = None) -> Catalogue:
    root = root or surveys_dir()
    return load_catalogue(*(root / name for name in ("own", "optional", "keys")))


def sources_of(form: str, catalogue: Catalogue, root: Path | None = None) -> Sources:
    root = root or surveys_dir()
    shared = load_questions(root / "shared" / "questions.toml")
    return Sources(
        form=load_form(root / "forms" / f"{form}.toml", catalogue, shared),
        catalogue=catalogue,
        words=load_words(root / "shared" / "words.toml"),
        site=load_site(root / "sites" / "example.toml"),
    )


def languages_of(sources: Sources) -> tuple[str, ...]:
    """Languages in which the whole form is there."""
    form: Form = sources.form
    instruments = {block.instrument for block in form.blocks}
    return tuple(
        language
        for language in NINE
        if language in form.languages()
        and language in sources.words.texts
        and all(language in question.text for question in form.questions)
        and all(sources.catalogue.instrument(one).askable(language) for one in instruments)
    )


def plan_of(
    form: str, wave: str, catalogue: Catalogue, languages: tuple[str, ...] = ("en",)
) -> Plan:
    return make_plan(sources_of(form, catalogue), languages=languages, wave=wave)


def copy_surveys(folder: Path) -> Path:
    """A copy of the shipped definitions that a test may change."""
    return Path(shutil.copytree(surveys_dir(), folder / "surveys"))


def translate_all(root: Path, language: str) -> None:
    """Made-up translations of every English file: each text in angle quotes."""
    for folder in ("own", "optional"):
        for path in sorted((root / folder).glob("*.toml")):
            _write(path, language, _instrument(_read(path)))
    for path in sorted((root / "forms").glob("*.toml")):
        _write(path, language, _form(_read(path)))
    questions = _read(root / "shared" / "questions.toml")
    _write(root / "shared" / "questions.toml", language, _questions(questions))
    words = _read(root / "shared" / "words.toml")["words"]
    _write(
        root / "shared" / "words.toml",
        language,
        {"words": {name: f"«{text}»" for name, text in words.items()}},
    )
    site = root / "sites" / "example.toml"
    text = site.read_text(encoding="utf-8")
    english = text[text.index("[en]") :].split("\n\n")[0]
    if f"[{language}]" not in text:
        site.write_text(f"{text}\n{english.replace('[en]', f'[{language}]')}\n", encoding="utf-8")


def _read(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _said(table: dict[str, Any], names: tuple[str, ...]) -> dict[str, str]:
    # short texts stay short: labels of charts have a limit
    return {name: f"«{table[name]['en'][:26]}»" if "title" in name
            else f"«{table[name]['en']}»" for name in names if name in table}  # fmt: skip


def _anchors(table: dict[str, Any]) -> dict[str, str]:
    return {code: f"«{text}»" for code, text in table.get("anchors", {}).get("en", {}).items()}


def _choices(table: dict[str, Any]) -> dict[str, str]:
    return {one["code"]: f"«{one['label']['en']}»" for one in table.get("choices", [])}


def _instrument(head: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {"instrument": head["id"], **_said(head, ("heading", "instructions"))}
    if "anchors" in head:
        made["anchors"] = _anchors(head)
    made["items"] = {
        one["id"]: {
            "label": f"«{one['label']['en'][:50]}»",
            **_said(one, ("text", "low", "high")),
            **({"anchors": _anchors(one)} if "anchors" in one else {}),
        }
        for one in head.get("items", [])
    }
    made["records"] = {
        one["id"]: {
            **_said(one, ("label", "text", "hint")),
            **({"choices": _choices(one)} if "choices" in one else {}),
        }
        for one in head.get("records", [])
    }
    made["scales"] = {
        one["id"]: _said(one, ("title", "short_title")) for one in head.get("scales", [])
    }
    return made


def _questions(head: dict[str, Any]) -> dict[str, Any]:
    return {
        "questions": {
            one["id"]: {
                **_said(one, ("text", "hint")),
                **({"choices": _choices(one)} if "choices" in one else {}),
            }
            for one in head.get("questions", [])
        }
    }


def _form(head: dict[str, Any]) -> dict[str, Any]:
    blocks = {
        one["instrument"]: _said(one, ("title", "intro"))
        for one in head["blocks"]
        if "title" in one
    }
    made = {"form": head["id"], **_said(head, ("title", "intro", "consent")), **_questions(head)}
    return {**made, **({"blocks": blocks} if blocks else {})}


def _write(path: Path, language: str, content: dict[str, Any]) -> None:
    folder = path.parent / language
    folder.mkdir(exist_ok=True)
    head = {"language": language, "status": "draft", "role": "translator"}
    lines = _lines({**head, **content}, ())
    (folder / path.name).write_text("\n".join(lines) + "\n", encoding="utf-8")


def _lines(table: dict[str, Any], path: tuple[str, ...]) -> list[str]:
    plain = {name: value for name, value in table.items() if not isinstance(value, dict)}
    lines = [f"[{'.'.join(json.dumps(part) for part in path)}]"] if path else []
    lines += [
        f"{json.dumps(name)} = {json.dumps(value, ensure_ascii=False)}"
        for name, value in plain.items()
    ]
    for name, value in table.items():
        if isinstance(value, dict):
            lines += _lines(value, (*path, name))
    return lines
