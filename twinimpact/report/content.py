"""What a notebook cell can show: a chart, a table or sentences.

The records carry everything every format needs: a chart has its alternative text,
its caption and the numbers behind it, or it cannot be made.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Role = Literal["text", "count", "number", "signed", "percent", "p", "date"]
Kind = Literal["heading", "paragraph", "bullet", "notice"]
NoticeKind = Literal["info", "caution", "not_consistent", "draft", "example"]
ID_PATTERN = re.compile(r"^(fig|tab)-[a-z0-9-]{3,50}$")


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnSpec:
    """One column of a table: where its values are, what it is called, how they are written."""

    key: str
    label: str
    role: Role = "text"
    decimals: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table of typed values; numbers stay numbers until a writer formats them.

    A value of ``None`` is "not available"; a :class:`Withheld` value is shown as hidden for
    privacy, never as an empty cell.
    """

    id: str
    caption: str
    columns: tuple[ColumnSpec, ...]
    rows: tuple[Mapping[str, Any], ...]
    note: str = ""

    def __post_init__(self) -> None:
        _require(self.id, {"caption": self.caption}, prefix="tab")


@dataclass(frozen=True, slots=True, kw_only=True)
class Withheld:
    """A number that is hidden to protect people; ``reason`` is a word of the status list."""

    reason: str = "suppressed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A figure with its alternative text, its caption and the table behind it.

    Parameters
    ----------
    figure
        Plotly figure as plain JSON (``data``, ``layout``).
    alt
        Chart type, what is compared, the message and its one or two numbers; 60 to 300 characters.
    caption
        How to read the marks.
    data
        Exactly what is drawn; its id is ``tab-`` plus the figure's own name.
    """

    id: str
    figure: Mapping[str, Any]
    alt: str
    caption: str
    data: Table
    note: str = ""
    width: int = 760
    height: int = 420

    def __post_init__(self) -> None:
        _require(self.id, {"alt": self.alt, "caption": self.caption}, prefix="fig")


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A run of text, bold or italic or linked (``https:``, ``mailto:`` or ``#id``)."""

    text: str
    bold: bool = False
    italic: bool = False
    link: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A heading (``level`` 1-4), a paragraph, a list item or a notice."""

    kind: Kind
    spans: tuple[Span, ...]
    level: int = 0
    notice: NoticeKind = "info"


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """Sentences in order."""

    blocks: tuple[Block, ...]


Content = Chart | Table | Text | tuple[Chart | Table | Text, ...]


def paragraph(text: str) -> Block:
    """A paragraph of plain text."""
    return Block(kind="paragraph", spans=(Span(text=text),))


def bullet(text: str) -> Block:
    """A list item of plain text."""
    return Block(kind="bullet", spans=(Span(text=text),))


def heading(text: str, level: int = 2) -> Block:
    """A heading of level 1 to 4."""
    return Block(kind="heading", spans=(Span(text=text),), level=level)


def notice(text: str, kind: NoticeKind = "info") -> Block:
    """A boxed remark; its kind is also written in words by every format."""
    return Block(kind="notice", spans=(Span(text=text),), notice=kind)


def _require(identifier: str, fields: Mapping[str, str], *, prefix: str) -> None:
    if not ID_PATTERN.match(identifier) or not identifier.startswith(prefix):
        raise TypeError(f"{identifier!r} is not an id of the form {prefix}-lowercase-words")
    empty = [name for name, value in fields.items() if not value.strip()]
    if empty:
        raise TypeError(f"{identifier} needs {' and '.join(empty)}")
