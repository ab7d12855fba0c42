"""One self-contained HTML page: no request to anywhere, no script unless a chart needs one.

Charts stand in the page as drawings. Where no browser could draw them, plotly.js is put into
the page once, allowed by its hash, and draws them when the page is opened.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path

from twinimpact.language import N_, Translator
from twinimpact.report.blocks import (
    Block,
    Document,
    Heading,
    ListBlock,
    Notice,
    Paragraph,
    plain,
)
from twinimpact.report.content import Chart, ColumnSpec, Span, Table
from twinimpact.report.furniture import (
    as_of_sentence,
    has_contents,
    label_of,
    notice_word,
    numbering,
    origin_rows,
    origin_title,
    publication,
)
from twinimpact.report.numbers import cell_text, is_number, is_withheld, table_note
from twinimpact.report.pictures import Drawn, plotly_javascript
from twinimpact.report.show import PLOTLY_CONFIG
from twinimpact.report.svg import clean_svg
from twinimpact.report.text import breakable, safe_link

HERE = Path(__file__).parent
SHORT = 18
LONG = 40
POLICY = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; font-src data:; "
    "base-uri 'none'; form-action 'none'"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    """What the parts of one page share."""

    translate: Translator
    drawn: Mapping[str, Drawn]
    numbers: Mapping[str, int]

    def label(self, block: Chart | Table) -> str:
        """``Figure 3.`` in bold."""
        words = label_of(block, self.numbers[block.id], self.translate)
        return f"<strong>{escape(words)}.</strong>"


def html_page(document: Document, drawn: Mapping[str, Drawn], translate: Translator) -> str:
    """The report as one HTML file.

    Parameters
    ----------
    drawn
        Figure id to picture; charts that are missing here become interactive.
    """
    page = _Page(translate=translate, drawn=drawn, numbers=numbering(document))
    live = [chart for chart in document.charts() if chart.id not in drawn]
    scripts = _scripts() if live else ()
    contents = _contents(document, translate)
    return (
        f'<!DOCTYPE html>\n<html lang="{escape(document.language)}" dir="{document.direction}">\n'
        f'<head>\n<meta charset="utf-8">\n{policy(scripts)}\n'
        '<meta name="viewport" content="width=device-width,initial-scale=1">\n'
        f"<title>{escape(document.title)}</title>\n"
        f"<style>{stylesheet('report.css')}</style>\n</head>\n<body>\n"
        f'<a class="skip" href="#report">{escape(translate.text(N_("Skip to the report")))}</a>\n'
        f'<div class="page{" with-contents" if contents else ""}">\n{contents}'
        f'<main id="report" tabindex="-1">\n{_header(document, translate)}\n'
        f"{_body(document, page)}\n{_footer(document, translate)}\n</main>\n</div>\n"
        f"{''.join(f'<script>{script}</script>' for script in scripts)}</body>\n</html>\n"
    )


def policy(scripts: Iterable[str]) -> str:
    """The content security policy; scripts are allowed one by one, by their hash."""
    hashes = " ".join(f"'sha256-{_sha256(script)}'" for script in scripts)
    allowed = f"; script-src {hashes}" if hashes else ""
    return f'<meta http-equiv="Content-Security-Policy" content="{POLICY}{allowed}">'


def stylesheet(name: str) -> str:
    """A style sheet of this folder without line breaks."""
    return (HERE / name).read_text(encoding="utf-8").replace("\n", "")


def json_for_script(content: object) -> str:
    """JSON that cannot end the script element it stands in."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, allow_nan=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def spans_html(spans: Iterable[Span]) -> str:
    """Runs of text with their marks, escaped."""
    parts = []
    for span in spans:
        text = escape(span.text)
        text = f"<strong>{text}</strong>" if span.bold else text
        text = f"<em>{text}</em>" if span.italic else text
        link = safe_link(span.link)
        parts.append(f'<a href="{escape(link)}">{text}</a>' if link else text)
    return "".join(parts)


def _scripts() -> tuple[str, ...]:
    library = plotly_javascript().replace("</script", "<\\/script")
    return library, (HERE / "draw.js").read_text(encoding="utf-8")


def _sha256(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")


def _header(document: Document, translate: Translator) -> str:
    eyebrow = document.stamp.evaluation
    above = f'<p class="eyebrow">{escape(eyebrow)}</p>' if eyebrow else ""
    meta = " · ".join((as_of_sentence(document, translate), publication(document, translate)))
    title = next(
        block for block in document.blocks if isinstance(block, Heading) and block.level == 1
    )
    return (
        f"<header>{above}<h1>{spans_html(title.spans)}</h1>"
        f'<p class="meta">{escape(meta)}</p></header>'
    )


def _contents(document: Document, translate: Translator) -> str:
    if not has_contents(document):
        return ""
    entries = "".join(
        f'<li><a href="#section-{number}">{escape(plain(block.spans))}</a></li>'
        for number, block in enumerate(document.blocks)
        if isinstance(block, Heading) and block.level == 2
    )
    title = escape(translate.text(N_("Contents")))
    return f'<nav aria-labelledby="contents"><p id="contents">{title}</p><ol>{entries}</ol></nav>\n'


def _body(document: Document, page: _Page) -> str:
    return "\n".join(
        _block(block, number, page)
        for number, block in enumerate(document.blocks)
        if not (isinstance(block, Heading) and block.level == 1)
    )


def _block(block: Block, number: int, page: _Page) -> str:
    if isinstance(block, Heading):
        level = block.level
        return f'<h{level} id="section-{number}">{spans_html(block.spans)}</h{level}>'
    if isinstance(block, Paragraph):
        return f"<p>{spans_html(block.spans)}</p>"
    if isinstance(block, ListBlock):
        return _list(block)
    if isinstance(block, Notice):
        word = escape(notice_word(block.kind, page.translate))
        return (
            f'<div class="notice {block.kind}" role="note">'
            f"<p><strong>{word}.</strong> {spans_html(block.spans)}</p></div>"
        )
    if isinstance(block, Table):
        return f'<div class="table" id="{block.id}">{_table(block, page, page.label(block))}</div>'
    return _figure(block, page) if isinstance(block, Chart) else ""


def _list(block: ListBlock) -> str:
    def nested(items: Iterable[tuple[Span, ...]]) -> str:
        return "".join(f"<li>{spans_html(spans)}</li>" for spans in items)

    tag = "ol" if block.ordered else "ul"
    parts = "".join(
        f"<li>{spans_html(item.spans)}"
        + (f"<ul>{nested(item.nested)}</ul>" if item.nested else "")
        + "</li>"
        for item in block.items
    )
    return f"<{tag}>{parts}</{tag}>"


def _figure(chart: Chart, page: _Page) -> str:
    data = escape(page.translate.text(N_("Data behind this figure")))
    table = _table(chart.data, page, "")
    drawn = page.drawn.get(chart.id)
    name = escape(label_of(chart, page.numbers[chart.id], page.translate))
    note = f'<p class="note">{escape(chart.note)}</p>' if chart.note else ""
    return (
        f'<figure id="{chart.id}">'
        f"{_drawing(chart, drawn, name) if drawn else _live(chart)}"
        f"<figcaption>{page.label(chart)} {escape(chart.caption)}</figcaption>{note}"
        f"<details><summary>{data}</summary>{table}</details></figure>"
    )


def _drawing(chart: Chart, drawn: Drawn, name: str) -> str:
    return (
        f'<div class="drawing scroll" role="region" tabindex="0" aria-label="{name}">'
        f"{clean_svg(drawn.svg, chart.id, chart.alt)}</div>"
    )


def _live(chart: Chart) -> str:
    """A chart that the page draws itself; its shape is held so that the text does not jump."""
    layout = {**chart.figure["layout"], "height": chart.height, "autosize": True}
    layout.pop("width", None)
    figure = {
        "data": chart.figure["data"],
        "layout": layout,
        "config": {**PLOTLY_CONFIG, "responsive": True},
    }
    return (
        f'<div class="plot" id="{chart.id}-plot" role="group" aria-label="{escape(chart.alt)}" '
        f'style="height:{chart.height}px"></div>'
        f'<script type="application/json" id="{chart.id}-plot-json">'
        f"{json_for_script(figure)}</script>"
    )


def _table(table: Table, page: _Page, label: str) -> str:
    looks = [_look(column, table, page.translate) for column in table.columns]
    head = "".join(
        f'<th scope="col"{look}>{escape(column.label)}</th>'
        for column, look in zip(table.columns, looks, strict=True)
    )
    rows = "".join(
        "<tr>"
        + "".join(
            _cell(row.get(column.key), column, look, page.translate, first=not position)
            for position, (column, look) in enumerate(zip(table.columns, looks, strict=True))
        )
        + "</tr>"
        for row in table.rows
    )
    if not rows:
        empty = escape(page.translate.text(N_("Nothing to show.")))
        rows = f'<tr><td colspan="{len(table.columns)}" class="word">{empty}</td></tr>'
    words = table_note(table, page.translate)
    note = f'<p class="note">{escape(words)}</p>' if words else ""
    return (
        f'<div class="scroll" role="region" tabindex="0" aria-label="{escape(table.caption)}">'
        f"<table><caption>{label} {escape(table.caption)}</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>{note}"
    )


def _cell(
    value: object, column: ColumnSpec, look: str, translate: Translator, *, first: bool
) -> str:
    text = breakable(escape(cell_text(value, column, translate)), "<wbr>")
    if is_withheld(value):
        text = f'<span class="word">{text}</span>'
    if first and not is_number(column):
        return f'<th scope="row"{look}>{text}</th>'
    return f"<td{look}>{text}</td>"


def _look(column: ColumnSpec, table: Table, translate: Translator) -> str:
    """Numbers flush right; short texts, such as dates, on one line; long ones with some width."""
    if is_number(column):
        return ' class="n"'
    texts = [cell_text(row.get(column.key), column, translate) for row in table.rows]
    longest = max(map(len, texts), default=0)
    if longest > LONG:
        return ' class="l"'
    return ' class="s"' if longest <= SHORT and column is not table.columns[0] else ""


def _footer(document: Document, translate: Translator) -> str:
    rows = "".join(
        f"<dt>{escape(label)}</dt><dd>{escape(value)}</dd>"
        for label, value in origin_rows(document, translate)
    )
    return f"<footer><h2>{escape(origin_title(translate))}</h2><dl>{rows}</dl></footer>"
