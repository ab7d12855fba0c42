"""Fingerprints of an instrument: one of its scoring, one of its wording per language."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from twinimpact.instruments.definition import SOURCE_LANGUAGE, Instrument, Item, Scale
from twinimpact.instruments.records import Record

FINGERPRINT = 16


def scoring_hash(
    items: tuple[Item, ...], scales: tuple[Scale, ...], records: tuple[Record, ...] = ()
) -> str:
    """SHA-256 over the canonical JSON of all that decides scores (no wording, no titles)."""
    content: dict[str, Any] = {
        "items": {
            item.id: {
                "range": [item.lo, item.hi],
                "codes": sorted(item.anchors),
                "recode": [list(pair) for pair in item.recode],
                "missing": sorted(item.missing),
                "reverse": item.reverse,
                "relevant": item.relevant,
            }
            for item in items
        },
        "scales": {
            scale.id: {
                "items": list(scale.items),
                "reverse": sorted(scale.reverse),
                "method": scale.method,
                "min_valid": scale.min_valid,
                "direction": scale.direction,
                "formative": scale.formative,
                # named only where used, so that other files keep the hash they have recorded
                **({"parts": list(scale.parts)} if scale.parts else {}),
            }
            for scale in scales
        },
    }
    if records:
        content["records"] = {
            record.id: {
                "kind": record.kind,
                "range": [record.lo, record.hi],
                "missing": sorted(record.missing),
                "evidence": record.evidence,
                "codes": [choice.code for choice in record.choices],
            }
            for record in records
        }
    return digest(content)


def text_hash(instrument: Instrument, language: str) -> str:
    """SHA-256 over the wording of one language."""
    content: dict[str, Any] = {
        "instructions": instrument.instructions.get(language, ""),
        "items": {
            item.id: [
                item.labels.get(language, ""),
                item.text.get(language, ""),
                item.low_label.get(language, ""),
                item.high_label.get(language, ""),
                {str(code): words.get(language, "") for code, words in item.anchors.items()},
            ]
            for item in instrument.items
        },
        "scales": {
            scale.id: [scale.title.get(language, ""), scale.short_title.get(language, "")]
            for scale in instrument.scales
        },
    }
    if instrument.heading:
        content["heading"] = instrument.heading.get(language, "")
    if instrument.records:
        content["records"] = {one.id: _record_words(one, language) for one in instrument.records}
    return digest(content)


def item_source(item: Item, instrument: Instrument) -> str:
    """Fingerprint of the English words of an item, which its translations were made from."""
    anchors = {str(code): words.get(SOURCE_LANGUAGE, "") for code, words in item.anchors.items()}
    words = [
        texts.get(SOURCE_LANGUAGE, "")
        for texts in (
            instrument.instructions, item.labels, item.text, item.low_label, item.high_label
        )
    ]  # fmt: skip
    return fingerprint([*words, anchors])


def record_source(record: Record) -> str:
    """Fingerprint of the English words of a record."""
    return fingerprint(_record_words(record, SOURCE_LANGUAGE))


def _record_words(record: Record, language: str) -> list[Any]:
    return [
        record.labels.get(language, ""),
        record.text.get(language, ""),
        record.hint.get(language, ""),
        {choice.code: choice.label.get(language, "") for choice in record.choices},
    ]


def fingerprint(content: Any) -> str:
    """The first 16 digits of the SHA-256 of ``content``."""
    return digest(content)[:FINGERPRINT]


def digest(content: Any) -> str:
    """SHA-256 of the canonical JSON of ``content``, as 64 hexadecimal digits."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
