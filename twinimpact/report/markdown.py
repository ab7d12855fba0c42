"""Markdown cells as blocks: headings, paragraphs, lists, tables and quotes, nothing else.

Each heading, paragraph, item and cell is one message: its Markdown text is looked up in the
report's language before it is read, so a template is written once, in English.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import TYPE_CHECKING

from twinimpact.errors import RunError
from twinimpact.language import Translator
from twinimpact.report import blocks as b
from twinimpact.report.content import ColumnSpec, Span, Table
from twinimpact.report.text import clean_text, safe_link

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token


def read_markdown(source: str, translate: Translator, cell: int) -> list[b.Block]:
    """The blocks of one Markdown cell.

    Parameters
    ----------
    source
        CommonMark with tables. A quote becomes a note, a rule a page break.
    cell
        Number of the cell; names the tables in it.

    Raises
    ------
    RunError
        If the cell holds raw HTML, a picture or a code block.
    """
    tokens = _parser().parse(clean_text(source))
    return _blocks(tokens, translate, cell)


def _blocks(tokens: list[Token], translate: Translator, cell: int) -> list[b.Block]:
    found: list[b.Block] = []
    for position, end in _parts(tokens):
        token = tokens[position]
        inside = tokens[position + 1 : end]
        if token.type == "heading_open":
            found.append(b.Heading(level=int(token.tag[1]), spans=_inline(inside[0], translate)))
        elif token.type == "paragraph_open":
            found.append(b.Paragraph(spans=_inline(inside[0], translate)))
        elif token.type in ("bullet_list_open", "ordered_list_open"):
            items = tuple(_items(inside, translate, nested=False))
            found.append(b.ListBlock(items=items, ordered=token.type.startswith("ordered")))
        elif token.type == "blockquote_open":
            quoted = [_inline(part, translate) for part in inside if part.type == "inline"]
            found += [b.Notice(kind="info", spans=spans) for spans in quoted]
        elif token.type == "table_open":
            number = sum(isinstance(block, Table) for block in found) + 1
            found.append(_table(inside, translate, f"tab-cell-{cell}-{number}", _last(found)))
        elif token.type == "hr":
            found.append(b.PageBreak())
        else:
            raise RunError(
                f"A report cannot hold {token.type.replace('_', ' ')} from a Markdown cell."
            )
    return found


def _end(tokens: list[Token], start: int) -> int:
    """Position of the token that closes the one at ``start``."""
    depth = 0
    for position in range(start, len(tokens)):
        depth += tokens[position].nesting
        if depth == 0:
            return position
    return len(tokens)


def _items(tokens: list[Token], translate: Translator, *, nested: bool) -> Iterator[b.ListItem]:
    for start, end in _parts(tokens):
        item = tokens[start + 1 : end]
        spans: tuple[Span, ...] = ()
        below: list[tuple[Span, ...]] = []
        for first, last in _parts(item):
            if item[first].type == "paragraph_open" and not spans:
                spans = _inline(item[first + 1], translate)
            elif item[first].type.endswith("_list_open") and not nested:
                inner = _items(item[first + 1 : last], translate, nested=True)
                below += [entry.spans for entry in inner]
            else:
                raise RunError("A list item may hold one paragraph and one nested list.")
        yield b.ListItem(spans=spans, nested=tuple(below))


def _parts(tokens: list[Token]) -> Iterator[tuple[int, int]]:
    """Start and end of each token pair that stands side by side."""
    position = 0
    while position < len(tokens):
        end = _end(tokens, position)
        yield position, end
        position = end + 1


def _table(tokens: list[Token], translate: Translator, identifier: str, caption: str) -> Table:
    rows: list[list[str]] = []
    for token in tokens:
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline":
            rows[-1].append(b.plain(_inline(token, translate)))
    columns = tuple(
        ColumnSpec(key=f"c{position}", label=label) for position, label in enumerate(rows[0])
    )
    return Table(
        id=identifier,
        caption=caption,
        columns=columns,
        rows=tuple(
            {column.key: text for column, text in zip(columns, row, strict=True)}
            for row in rows[1:]
        ),
    )


def _last(found: list[b.Block]) -> str:
    """Words just above a table: its caption."""
    for block in reversed(found):
        if isinstance(block, b.Heading | b.Paragraph):
            return b.plain(block.spans).strip().rstrip(":")
    raise RunError("A table in a Markdown cell needs a heading or a sentence above it.")


def _inline(token: Token, translate: Translator) -> tuple[Span, ...]:
    message = token.content
    translated = translate.text(message) if message else message
    children = _parser().parseInline(clean_text(translated))[0].children or []
    spans: list[Span] = []
    bold = italic = 0
    link = ""
    for child in children:
        if child.type in ("html_inline", "image"):
            raise RunError(
                "A Markdown cell holds HTML or a picture; a report takes neither from there."
            )
        bold += child.nesting if child.tag == "strong" else 0
        italic += child.nesting if child.tag == "em" else 0
        if child.type in ("link_open", "link_close"):
            link = safe_link(str(child.attrGet("href") or "")) if child.nesting == 1 else ""
        text = " " if child.type in ("softbreak", "hardbreak") else child.content
        if text:
            spans.append(Span(text=text, bold=bold > 0, italic=italic > 0, link=link))
    return tuple(spans)


@functools.cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    # HTML is recognised in order to be refused: switched off, it would pass as visible text
    return MarkdownIt("commonmark").enable("table")
