"""Licensed wording of a published scale, kept by the user outside the package.

An overlay adds words in one language to a scoring key. It cannot change what is scored.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from twinimpact.errors import DefinitionError
from twinimpact.instruments.checks import LABEL_LENGTH
from twinimpact.instruments.definition import LANGUAGE_FOLDER, Instrument, Item
from twinimpact.instruments.fields import Faults, read_fields
from twinimpact.instruments.hashing import text_hash
from twinimpact.problems import Problem
from twinimpact.resources import PACKAGE, surveys_dir

OVERLAY_FIELDS: Mapping[str, str] = {
    "instrument": "word", "for_version": "word", "definition_sha256": "word", "lang": "word",
    "licence_statement": "text", "permission_reference": "text", "permits_printing": "flag",
    "instructions": "text", "anchors": "labels", "items": "table",
}  # fmt: skip
REQUIRED = ("instrument", "for_version", "definition_sha256", "lang", "licence_statement", "items")
SCORING_FIELDS = ("reverse", "range", "recode", "missing", "scales", "method", "min_valid")
RED = "red"


def apply_overlays(
    instruments: tuple[Instrument, ...], paths: tuple[Path, ...]
) -> tuple[tuple[Instrument, ...], tuple[Problem, ...]]:
    """The instruments with the wording of every overlay, and every fault of the overlays."""
    by_id = {one.id: one for one in instruments}
    problems: list[Problem] = []
    for path in paths:
        faults = Faults(path.name)
        fields = _read(path, faults)
        target = by_id.get(fields.get("instrument", ""))
        if target is None:
            if "instrument" in fields:
                faults.add(
                    "instrument_not_found", "instrument", fields["instrument"], ", ".join(by_id)
                )
        else:
            _check(fields, target, faults)
            if not faults.found:
                by_id[target.id] = _with_words(target, fields)
        problems.extend(faults.found)
    return tuple(by_id[one.id] for one in instruments), tuple(problems)


def overlay_template(instrument: Instrument, language: str) -> str:
    """An empty overlay to fill in: ids, reverse flags and hashes, and no word of the scale.

    Raises
    ------
    DefinitionError
        If the instrument has its own wording, or ``language`` is no language code.
    """
    if instrument.kind != "key":
        raise DefinitionError(
            "This instrument has its own wording and takes no overlay.",
            where=instrument.id,
            hint="Overlays belong to published scales, of which only the scoring is shipped.",
        )
    if not LANGUAGE_FOLDER.match(language):
        raise DefinitionError("This is not a language code.", got=language, expected="de, pt-BR")
    lines = [
        f"# Wording of {instrument.title} in the language {language}.",
        f"# Source: {instrument.about.citation}",
        "# Fill in the wording you are licensed to use. Keep this file out of public folders.",
        "# Scoring stays with the key: reversed items are marked for your information only.",
        f'instrument = "{instrument.id}"',
        f'for_version = "{instrument.version}"',
        f'definition_sha256 = "{instrument.sha256}"',
        f'lang = "{language}"',
        f"# licence tier of the source: {instrument.tier}",
        'licence_statement = ""      # required: under which licence or consent you use it',
        'permission_reference = ""   # required for the tier red: the written permission',
        "permits_printing = false    # true only if reports may print the wording",
        'instructions = ""',
        "",
        "[anchors]   # words of the answers; at least those of both ends",
    ]
    codes = sorted({code for item in instrument.items for code in _end_codes(item)})
    lines += [f'"{code}" = ""' for code in codes]
    for item in instrument.items:
        mark = "reversed before scoring" if item.reverse else "scored as it is"
        lines += ["", f"[items.{item.id}]   # source number {item.source_no}; {mark}", 'text = ""']
    return "\n".join(lines) + "\n"


def _read(path: Path, faults: Faults) -> dict[str, Any]:
    try:
        place = path.resolve()
        table = tomllib.loads(place.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        reason = (error.strerror or "") if isinstance(error, OSError) else str(error)
        faults.add("instrument_unreadable", "", reason)
        return {}
    if any(place.is_relative_to(folder) for folder in (PACKAGE, surveys_dir().resolve())):
        faults.add("overlay_in_package", "", path.name)
    for name in SCORING_FIELDS:
        if name in table:
            faults.add("overlay_changes_scoring", name, name)
    kept = {name: value for name, value in table.items() if name not in SCORING_FIELDS}
    return read_fields(kept, OVERLAY_FIELDS, REQUIRED, "", faults)


def _check(fields: Mapping[str, Any], target: Instrument, faults: Faults) -> None:
    if target.kind != "key":
        faults.add("overlay_of_own", "instrument", target.id)
    if fields.get("for_version") != target.version:
        faults.add(
            "overlay_other_version", "for_version", fields.get("for_version"), target.version
        )
    if fields.get("definition_sha256") != target.sha256:
        faults.add(
            "overlay_other_hash",
            "definition_sha256",
            fields.get("definition_sha256"),
            target.sha256,
        )
    language = fields.get("lang", "")
    if not LANGUAGE_FOLDER.match(language):
        faults.add("instrument_wrong_value", "lang", language, "a language code such as de")
    if language in target.licensed:
        faults.add("instrument_duplicate_id", "lang", language)
    if not fields.get("licence_statement"):
        faults.add("overlay_no_licence", "licence_statement", target.tier)
    if target.tier == RED and not fields.get("permission_reference"):
        faults.add("overlay_no_permission", "permission_reference", target.id)
    _check_words(fields, target, faults)


def _check_words(fields: Mapping[str, Any], target: Instrument, faults: Faults) -> None:
    words = fields.get("items", {})
    known = {item.id: item for item in target.items}
    for name, entry in words.items():
        if name not in known:
            faults.add("instrument_unknown_item", "items", name, ", ".join(known))
            continue
        if not isinstance(entry, dict):
            faults.add("instrument_wrong_type", f"items.{name}", repr(entry)[:40], "a table")
            continue
        for field in entry:
            if field in SCORING_FIELDS:
                faults.add("overlay_changes_scoring", f"items.{name}.{field}", field)
            elif field != "text":
                faults.add("instrument_unknown_field", f"items.{name}.{field}", field, "text")
    for name in known:
        entry = words.get(name, {})
        text = entry.get("text") if isinstance(entry, dict) else None
        if not isinstance(text, str) or not text.strip():
            faults.add(
                "instrument_translation_incomplete", f"items.{name}.text", fields.get("lang")
            )
    anchors = {int(code) for code in fields.get("anchors", {})}
    allowed = {code for item in target.items for code in _codes(item)}
    for code in sorted(anchors - allowed):
        faults.add("instrument_code_outside", "anchors", code, target.items[0].allowed())
    for code in sorted({code for item in target.items for code in _end_codes(item)} - anchors):
        faults.add("instrument_translation_incomplete", f"anchors.{code}", fields.get("lang"))


def _codes(item: Item) -> tuple[int, ...]:
    """Stored codes of an item."""
    if item.recode:
        return tuple(sorted(stored for stored, _ in item.recode))
    return tuple(range(item.lo, item.hi + 1))


def _end_codes(item: Item) -> tuple[int, ...]:
    codes = _codes(item)
    return codes if item.recode else (codes[0], codes[-1])


def _with_words(target: Instrument, fields: Mapping[str, Any]) -> Instrument:
    language = fields["lang"]
    printable = bool(fields.get("permits_printing", False))
    anchors = {int(code): text for code, text in fields["anchors"].items()}
    items = tuple(
        _item(item, str(fields["items"][item.id]["text"]).strip(), language, anchors, printable)
        for item in target.items
    )
    instructions = dict(target.instructions)
    if fields.get("instructions"):
        instructions[language] = fields["instructions"]
    made = replace(
        target,
        items=items,
        instructions=instructions,
        licensed=tuple(sorted((*target.licensed, language))),
    )
    hashes = {**target.text_sha256, language: text_hash(made, language)}
    return replace(made, text_sha256=hashes)


def _item(
    item: Item, text: str, language: str, anchors: Mapping[int, str], printable: bool
) -> Item:
    ends = _end_codes(item)
    words = {code: {**item.anchors.get(code, {}), language: anchors[code]} for code in anchors}
    short = text if len(text) <= LABEL_LENGTH else f"{text[: LABEL_LENGTH - 1].rstrip()}…"
    return replace(
        item,
        text={**item.text, language: text},
        labels={**item.labels, language: short} if printable else item.labels,
        low_label={**item.low_label, language: anchors[ends[0]]},
        high_label={**item.high_label, language: anchors[ends[-1]]},
        anchors={**item.anchors, **words},
        printable=printable and item.printable,
    )
