"""One instrument file → one :class:`Instrument`, or every fault in it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from twinimpact.errors import DefinitionError
from twinimpact.instruments.checks import check_instrument, check_records
from twinimpact.instruments.definition import (
    ID_PATTERN,
    Instrument,
    Item,
    Scale,
    usual_min_valid,
)
from twinimpact.instruments.fields import Faults, read_fields
from twinimpact.instruments.hashing import scoring_hash, text_hash
from twinimpact.instruments.records import read_records
from twinimpact.instruments.sources import about
from twinimpact.instruments.translation import with_translations
from twinimpact.problems import Problem

INSTRUMENT_FIELDS: Mapping[str, str] = {
    "id": "word", "kind": "word", "version": "word", "title": "word", "status_label": "word",
    "key_status": "word", "citation": "text", "doi": "text", "licence": "table",
    "construct": "text", "target": "text", "caveats": "text", "notes": "text",
    "position": "whole", "range": "range", "missing": "wholes", "recode": "recode",
    "anchor_type": "word", "anchors": "anchors", "heading": "texts", "instructions": "texts",
    "originality": "table", "text_status": "texts", "text_sha256": "texts",
    "amendments": "tables", "items": "tables", "records": "tables", "scales": "tables",
    "reliability": "tables", "norms": "tables",
}  # fmt: skip
ITEM_FIELDS: Mapping[str, str] = {
    "id": "word", "source_no": "text", "reverse": "flag", "range": "range", "missing": "wholes",
    "recode": "recode", "relevant": "text", "not_above": "word", "anchor_type": "word",
    "label": "texts", "text": "texts", "low": "texts", "high": "texts", "anchors": "anchors",
    "aliases": "words",
}  # fmt: skip
SCALE_FIELDS: Mapping[str, str] = {
    "id": "word", "title": "texts", "short_title": "texts", "items": "words", "method": "word",
    "min_valid": "whole", "direction": "word", "formative": "flag", "role": "word",
    "notes": "word", "parts": "words",
}  # fmt: skip
LICENCE_FIELDS: Mapping[str, str] = {
    "spdx": "text", "tier": "word", "evidence": "text", "checked_on": "text",
}  # fmt: skip


def load_instrument(path: Path, *, development: bool = False) -> Instrument:
    """Read one instrument file.

    Parameters
    ----------
    path
        A TOML file of the format in the instruments guide.
    development
        Accept scoring keys that nobody has compared with their paper yet.

    Raises
    ------
    DefinitionError
        With every fault of the file in ``problems``, each naming its field.
    """
    instrument, problems = read_instrument(path, development=development)
    if instrument is None or problems:
        raise DefinitionError("The instrument file has faults.", where=path.name, problems=problems)
    return instrument


def read_instrument(
    path: Path, *, development: bool = False
) -> tuple[Instrument | None, tuple[Problem, ...]]:
    """The instrument, as far as it could be made, and every fault of its file."""
    faults = Faults(path.name)
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        faults.add("instrument_unreadable", "", _reason(error))
        return None, tuple(faults.found)
    head = read_fields(
        table,
        INSTRUMENT_FIELDS,
        ("id", "kind", "version", "title", "status_label", "key_status", "licence"),
        "",
        faults,
    )
    if not head.get("items") and not head.get("records"):
        faults.add("instrument_missing_field", "items")
    licence = read_fields(head.get("licence", {}), LICENCE_FIELDS, ("tier",), "licence", faults)
    items = _items(head, faults)
    records = read_records(head, faults)
    scales = _scales(head, items, faults)
    check_records(head, licence, development, faults)
    instrument = Instrument(
        id=head.get("id", ""),
        kind=head.get("kind", ""),
        version=head.get("version", ""),
        title=head.get("title", ""),
        status_label=head.get("status_label", ""),
        licence=licence.get("spdx", ""),
        tier=_tier(licence),
        items=items,
        scales=scales,
        records=records,
        heading=head.get("heading", {}),
        instructions=head.get("instructions", {}),
        text_status=head.get("text_status", {}),
        position=head.get("position", 1000),
        sha256=scoring_hash(items, scales, records),
        key_status=head.get("key_status", ""),
        about=about(head, licence),
    )
    own_languages = _languages(instrument)
    instrument = _hashed(instrument, own_languages)
    instrument, translated = with_translations(instrument, path)
    instrument = _hashed(instrument, _languages(instrument))
    check_instrument(instrument, head, faults)
    here = tuple(_placed(fault, instrument, own_languages) for fault in faults.found)
    return instrument, (*here, *translated)


def _hashed(instrument: Instrument, languages: tuple[str, ...]) -> Instrument:
    hashes = {language: text_hash(instrument, language) for language in languages}
    return replace(instrument, text_sha256=hashes)


def _placed(problem: Problem, instrument: Instrument, own_languages: tuple[str, ...]) -> Problem:
    """A fault in the words of a translation belongs to the file of that translation."""
    said = {problem.got, problem.column.rpartition(".")[2]}
    for language in instrument.text_sha256:
        if language not in own_languages and language in said:
            return replace(problem, file=f"{language}/{problem.file}")
    return problem


def _reason(error: Exception) -> str:
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    return str(error)


def _tier(licence: Mapping[str, Any]) -> str:
    tier = str(licence.get("tier", ""))
    # nobody has read the licence line yet, so the wording counts as restricted
    return "amber" if tier == "green" and not licence.get("checked_on") else tier


def _languages(instrument: Instrument) -> tuple[str, ...]:
    """Every language that occurs; the checks refuse those that are not complete."""
    found = {*instrument.heading, *instrument.instructions}
    for record in instrument.records:
        found |= {*record.labels, *record.text, *record.hint}
        found |= {language for choice in record.choices for language in choice.label}
    for item in instrument.items:
        found |= {*item.labels, *item.text, *item.low_label, *item.high_label}
        found |= {language for words in item.anchors.values() for language in words}
    for scale in instrument.scales:
        found |= {*scale.title, *scale.short_title}
    return tuple(sorted(found))


def _items(head: Mapping[str, Any], faults: Faults) -> tuple[Item, ...]:
    items = []
    for number, table in enumerate(head.get("items", ()), start=1):
        path = f"items.{table.get('id', number)}"
        fields = read_fields(table, ITEM_FIELDS, ("id",), path, faults)
        extent = fields.get("range", head.get("range"))
        if extent is None:
            faults.add("instrument_range_missing", path)
        if not ID_PATTERN.match(fields.get("id", "")):
            faults.add("instrument_wrong_value", f"{path}.id", table.get("id", ""), _ID_WORDS)
        items.append(_item(fields, head, extent or (0, 1)))
    return tuple(items)


_ID_WORDS = "a small letter, then small letters, digits or _, at most 31 characters"


def _item(fields: Mapping[str, Any], head: Mapping[str, Any], extent: tuple[int, int]) -> Item:
    # words for the codes of the instrument say nothing about an item with a range of its own
    shared = {} if "range" in fields else head.get("anchors", {})
    anchors = fields.get("anchors", shared)
    lo, hi = extent
    return Item(
        id=fields.get("id", ""),
        instrument=head.get("id", ""),
        kind=fields.get("anchor_type", head.get("anchor_type", "ends")),
        lo=lo,
        hi=hi,
        reverse=fields.get("reverse", False),
        missing=fields.get("missing", head.get("missing", ())),
        recode=fields.get("recode", head.get("recode", ())),
        relevant=fields.get("relevant", ""),
        not_above=fields.get("not_above", ""),
        labels=fields.get("label", {}),
        text=fields.get("text", {}),
        low_label=fields.get("low", anchors.get(lo, {})),
        high_label=fields.get("high", anchors.get(hi, {})),
        anchors=anchors,
        aliases=fields.get("aliases", ()),
        source_no=fields.get("source_no", ""),
        text_status=head.get("text_status", {}),
    )


def _scales(head: Mapping[str, Any], items: tuple[Item, ...], faults: Faults) -> tuple[Scale, ...]:
    by_id = {item.id: item for item in items}
    scales: list[Scale] = []
    for number, table in enumerate(head.get("scales", ()), start=1):
        path = f"scales.{table.get('id', number)}"
        fields = read_fields(table, SCALE_FIELDS, ("id",), path, faults)
        parts = [one for one in scales if one.id in fields.get("parts", ())]
        if parts:
            fields = _from_parts(fields, parts, path, faults)
        elif "items" not in fields:
            faults.add("instrument_missing_field", f"{path}.items")
        if not ID_PATTERN.match(fields.get("id", "")):
            faults.add("instrument_wrong_value", f"{path}.id", table.get("id", ""), _ID_WORDS)
        members = [by_id[name] for name in fields.get("items", ()) if name in by_id]
        method = fields.get("method", "mean")
        lo, hi = _extent(method, members)
        scales.append(
            Scale(
                id=fields.get("id", ""),
                instrument=head.get("id", ""),
                title=fields.get("title", {}),
                short_title=fields.get("short_title", fields.get("title", {})),
                items=fields.get("items", ()),
                reverse=frozenset(item.id for item in members if item.reverse),
                method=method,
                min_valid=fields.get("min_valid", usual_min_valid(len(members))),
                direction=fields.get("direction", "better"),
                formative=fields.get("formative", False),
                lo=lo,
                hi=hi,
                unit="count" if method == "value" else "points",
                role=fields.get("role", "exploratory"),
                parts=fields.get("parts", ()),
            )
        )
        for name in fields.get("parts", ()):
            if name not in [one.id for one in scales[:-1]]:
                faults.add("instrument_unknown_item", f"{path}.parts", name, "scales above it")
    return tuple(scales)


def _from_parts(
    fields: dict[str, Any], parts: list[Scale], path: str, faults: Faults
) -> dict[str, Any]:
    """A mean of scale means: the items are those of the parts, and all parts are needed."""
    for name in ("items", "min_valid", "method"):
        if name in fields:
            faults.add("instrument_unknown_field", f"{path}.{name}", name, "parts alone")
    if len({(part.lo, part.hi, part.method) for part in parts}) > 1 or parts[0].method != "mean":
        faults.add("instrument_method", path, "parts", "parts that are means with one range")
    items = tuple(item for part in parts for item in part.items)
    least = sum(part.min_valid for part in parts)
    return {**fields, "items": items, "min_valid": least, "notes": "all parts are needed"}


def _extent(method: str, members: list[Item]) -> tuple[float, float]:
    """Range of the raw score."""
    ranges = {(item.lo, item.hi) for item in members}
    if len(ranges) != 1:
        return 0.0, 100.0
    lo, hi = ranges.pop()
    times = len(members) if method in ("sum", "count") else 1
    return float(lo * times), float(hi * times)
