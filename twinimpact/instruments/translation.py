"""Translations of instruments: one file per language beside the English one.

``own/de/tw_anx.toml`` holds the German words of ``own/tw_anx.toml``. Each text carries a state
(draft, reviewed, adjudicated, pretested) and the fingerprint of the English words it was made
from; without that fingerprint, or when the English words have changed since, it is a draft.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from twinimpact.instruments.definition import (
    LANGUAGE_FOLDER,
    SOURCE_LANGUAGE,
    TEXT_STATUSES,
    Instrument,
    Item,
    Scale,
)
from twinimpact.instruments.fields import Faults, read_fields
from twinimpact.instruments.hashing import item_source, record_source, text_hash
from twinimpact.instruments.records import Choice, Record
from twinimpact.problems import Problem

HEAD_FIELDS: Mapping[str, str] = {
    "language": "word", "status": "word", "date": "text", "role": "text", "source": "text",
}  # fmt: skip
INSTRUMENT_FIELDS: Mapping[str, str] = {
    **HEAD_FIELDS, "instrument": "word", "text_sha256": "text", "heading": "word",
    "instructions": "word", "anchors": "labels", "items": "table", "records": "table",
    "scales": "table",
}  # fmt: skip
ENTRY_FIELDS: Mapping[str, str] = {"status": "word", "source": "text"}
ITEM_FIELDS: Mapping[str, str] = {
    **ENTRY_FIELDS, "label": "word", "text": "word", "low": "word", "high": "word",
    "anchors": "labels",
}  # fmt: skip
RECORD_FIELDS: Mapping[str, str] = {
    **ENTRY_FIELDS, "label": "word", "text": "word", "hint": "word", "choices": "table",
}  # fmt: skip
SCALE_FIELDS: Mapping[str, str] = {"title": "word", "short_title": "word"}


def translation_files(path: Path) -> tuple[Path, ...]:
    """Files of the same name in folders named after a language."""
    return tuple(
        file
        for file in sorted(path.parent.glob(f"*/{path.name}"))
        if LANGUAGE_FOLDER.match(file.parent.name)
    )


def read_head(
    path: Path, kinds: Mapping[str, str], key: str, known: str, faults: Faults
) -> dict[str, Any] | None:
    """The fields of a translation file that belongs to ``known``, or nothing if it is unusable.

    Parameters
    ----------
    key
        Field that names what is translated: ``instrument`` or ``form``; empty for shared files.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        faults.add("instrument_unreadable", "", error)
        return None
    required = ("language", "status", *((key,) if key else ()))
    head = read_fields(table, kinds, required, "", faults)
    expected = {"language": path.parent.name, **({key: known} if key else {})}
    for name, wanted in expected.items():
        if name in head and head[name] != wanted:
            faults.add("instrument_wrong_value", name, head[name], wanted)
    check_status(head, "", faults)
    return head


def check_status(entry: Mapping[str, Any], path: str, faults: Faults) -> None:
    """A fault unless the state is one of the known ones."""
    status = entry.get("status", TEXT_STATUSES[0])
    if status not in TEXT_STATUSES:
        faults.add("instrument_wrong_value", f"{path}status", status, ", ".join(TEXT_STATUSES))


def status_of(entry: Mapping[str, Any], head: Mapping[str, Any], source: str) -> str:
    """State of one text: draft unless it says from which English words it was made, and rightly."""
    status = str(entry.get("status", head.get("status", TEXT_STATUSES[0])))
    made_from = entry.get("source", head.get("source", ""))
    current = bool(made_from) and made_from == source
    return status if current and status in TEXT_STATUSES else TEXT_STATUSES[0]


def lowest(statuses: list[str]) -> str:
    """The least checked of several states; a text without one is a draft."""
    ranks = [TEXT_STATUSES.index(one) if one in TEXT_STATUSES else 0 for one in statuses]
    return TEXT_STATUSES[min(ranks, default=0)]


def with_translations(instrument: Instrument, path: Path) -> tuple[Instrument, tuple[Problem, ...]]:
    """The instrument with the words of every translation file beside its own file."""
    problems: list[Problem] = []
    for file in translation_files(path):
        language = file.parent.name
        faults = Faults(f"{language}/{file.name}")
        head = read_head(file, INSTRUMENT_FIELDS, "instrument", instrument.id, faults)
        if head is not None:
            head["language"] = language  # the folder decides; a contradiction is a fault already
            if language in instrument.text_sha256:
                faults.add("instrument_duplicate_id", "language", language)
            instrument = _merged(instrument, head, language, faults)
            recorded, now = head.get("text_sha256"), text_hash(instrument, language)
            if recorded and recorded != now:
                faults.add("instrument_text_hash_differs", "text_sha256", now)
        problems.extend(faults.found)
    return instrument, tuple(problems)


def _merged(
    instrument: Instrument, head: Mapping[str, Any], language: str, faults: Faults
) -> Instrument:
    anchors = {int(code): text for code, text in head.get("anchors", {}).items()}
    used = {code for item in instrument.items for code in item.anchors}
    for code in sorted(set(anchors) - used):
        faults.add("instrument_unknown_item", "anchors", code, ", ".join(map(str, sorted(used))))
    words = {"items": head.get("items", {}), "records": head.get("records", {})}
    words["scales"] = head.get("scales", {})
    known = {
        "items": [item.id for item in instrument.items],
        "records": [record.id for record in instrument.records],
        "scales": [scale.id for scale in instrument.scales],
    }
    for name, table in words.items():
        for entry in table:
            if entry not in known[name]:
                faults.add("instrument_unknown_item", name, entry, ", ".join(known[name]))
    items = tuple(
        _item(item, _entry(words["items"], item.id, ITEM_FIELDS, "items", faults), head, anchors)
        for item in instrument.items
    )
    records = tuple(
        _record(one, _entry(words["records"], one.id, RECORD_FIELDS, "records", faults), head)
        for one in instrument.records
    )
    scales = tuple(
        _scale(one, _entry(words["scales"], one.id, SCALE_FIELDS, "scales", faults), language)
        for one in instrument.scales
    )
    texts = {
        name: _put(getattr(instrument, name), language, head.get(name))
        for name in ("heading", "instructions")
    }
    for name, by_language in texts.items():
        if language in by_language and SOURCE_LANGUAGE not in by_language:
            faults.add("instrument_unknown_field", name, name, "the texts of the English file")
    made = replace(
        instrument,
        items=items,
        records=records,
        scales=scales,
        heading=texts["heading"],
        instructions=texts["instructions"],
    )
    sources = [item_source(item, instrument) for item in instrument.items]
    sources += [record_source(record) for record in instrument.records]
    names = [*known["items"], *known["records"]]
    found = [
        status_of(_table(words["items"], name) or _table(words["records"], name), head, source)
        for name, source in zip(names, sources, strict=True)
    ]
    items = tuple(
        replace(item, text_status=_put(item.text_status, language, status))
        for item, status in zip(made.items, found, strict=False)
    )
    status = _put(instrument.text_status, language, lowest(found))
    return replace(made, items=items, text_status=status)


def _table(words: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    table = words.get(name, {})
    return table if isinstance(table, dict) else {}


def _entry(
    words: Mapping[str, Any], name: str, kinds: Mapping[str, str], path: str, faults: Faults
) -> dict[str, Any]:
    entry = read_fields(_table(words, name), kinds, (), f"{path}.{name}", faults)
    check_status(entry, f"{path}.{name}.", faults)
    return entry


def _put(texts: Mapping[str, str], language: str, text: str | None) -> dict[str, str]:
    return {**texts, language: text} if text else dict(texts)


def _item(
    item: Item, entry: Mapping[str, Any], head: Mapping[str, Any], shared: Mapping[int, str]
) -> Item:
    language = str(head.get("language", ""))
    own = {int(code): text for code, text in entry.get("anchors", {}).items()}
    anchors = {
        code: _put(words, language, own.get(code, shared.get(code)))
        for code, words in item.anchors.items()
    }
    low = entry.get("low", anchors.get(item.lo, {}).get(language))
    high = entry.get("high", anchors.get(item.hi, {}).get(language))
    return replace(
        item,
        labels=_put(item.labels, language, entry.get("label")),
        text=_put(item.text, language, entry.get("text")),
        low_label=_put(item.low_label, language, low),
        high_label=_put(item.high_label, language, high),
        anchors=anchors,
    )


def _record(record: Record, entry: Mapping[str, Any], head: Mapping[str, Any]) -> Record:
    language = str(head.get("language", ""))
    choices = entry.get("choices", {})
    return replace(
        record,
        labels=_put(record.labels, language, entry.get("label")),
        text=_put(record.text, language, entry.get("text")),
        hint=_put(record.hint, language, entry.get("hint")),
        choices=put_choices(record.choices, choices, language),
    )


def put_choices(
    choices: tuple[Choice, ...], words: Mapping[str, Any], language: str
) -> tuple[Choice, ...]:
    """The answers of a question with their words in one more language."""
    return tuple(
        Choice(code=one.code, label=_put(one.label, language, words.get(one.code)))
        for one in choices
    )


def _scale(scale: Scale, entry: Mapping[str, Any], language: str) -> Scale:
    title = entry.get("title")
    return replace(
        scale,
        title=_put(scale.title, language, title),
        short_title=_put(scale.short_title, language, entry.get("short_title", title)),
    )
