"""Fingerprints of an instrument: one of its scoring, one of its wording per language."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from twinimpact.instruments.definition import Instrument, Item, Scale


def scoring_hash(items: tuple[Item, ...], scales: tuple[Scale, ...]) -> str:
    """SHA-256 over the canonical JSON of all that decides scores (no wording, no titles)."""
    content = {
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
            }
            for scale in scales
        },
    }
    return digest(content)


def text_hash(instrument: Instrument, language: str) -> str:
    """SHA-256 over the wording of one language."""
    content = {
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
    return digest(content)


def digest(content: Any) -> str:
    """SHA-256 of the canonical JSON of ``content``, as 64 hexadecimal digits."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
