"""Wordings without the markup that survey tools leave in them."""

from __future__ import annotations

import html
import re

# a letter or a slash must follow: "under <18 or >65" holds no tag
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,500}>")


def without_markup(text: str) -> str:
    """Text without HTML tags and entities, with single spaces.

    >>> without_markup("How <b>often</b>&nbsp;?<br>Under <18?")
    'How often ? Under <18?'
    """
    if "<" in text:
        text = _TAG.sub(" ", text)
    if "&" in text:
        text = html.unescape(text)
    return " ".join(text.split())
