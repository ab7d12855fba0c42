"""Cleaning of text before any format sees it.

Spreadsheets carry control characters that Word files cannot hold, and direction overrides
that let a name look like another one. Both are removed once, here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Any

_UNWANTED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]"
)
_LABEL_TAG = re.compile(
    r"</?(?:b|i|em|strong|sub|sup|extra)>|<br ?/?>|</span>"
    r"|<span style=\"[a-z0-9#:;.,% -]*\">",
    re.IGNORECASE,
)
_LONG_WORD = re.compile(r"\S{15,}")
_SIGN = re.compile(r"[_/\\.,;:@=-](?=[^\W_]{2})")
_LINKS = re.compile(r"^(?:https://|mailto:|#)[^\s\"'<>]+$")


def clean_text(text: str) -> str:
    """Text in normal form C without control and direction-override characters."""
    return unicodedata.normalize("NFC", _UNWANTED.sub("", text))


def clean_label(text: str) -> str:
    """Text of a chart: only plotly's own marks for bold, italic and line breaks stay marks.

    A town called ``<a href=...>`` becomes visible text, not a link.
    """
    kept = clean_text(text)
    parts, position = [], 0
    for mark in _LABEL_TAG.finditer(kept):
        parts += [_inert(kept[position : mark.start()]), mark.group()]
        position = mark.end()
    label = "".join([*parts, _inert(kept[position:])])
    # plotly reads text between two dollar signs as a formula
    return label.replace("$", "&#36;") if label.count("$") > 1 else label


def breakable(text: str, mark: str = "\u200b") -> str:
    """Text whose long words, such as file names, may break after a sign inside them."""
    return _LONG_WORD.sub(lambda word: _SIGN.sub(rf"\g<0>{mark}", word.group()), text)


def clean_json(value: Any, clean: Callable[[str], str] = clean_text) -> Any:
    """The same structure with every string, keys included, cleaned."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {clean_text(str(key)): clean_json(item, clean) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [clean_json(item, clean) for item in value]
    return value


def safe_link(link: str) -> str:
    """The link if it is ``https:``, ``mailto:`` or ``#id``, else ``""``."""
    return link if _LINKS.match(link) else ""


def _inert(text: str) -> str:
    return text.replace("<", "&lt;").replace(">", "&gt;")
