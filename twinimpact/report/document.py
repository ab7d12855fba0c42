"""From an executed notebook to a :class:`~twinimpact.report.blocks.Document`.

Only an allow-list is read: Markdown cells and the three ``vnd.twinimpact`` outputs. Sources of
code cells, printed text, HTML and pictures never reach a reader.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from twinimpact.errors import RunError, TwinImpactError
from twinimpact.language import Translator, translator
from twinimpact.report import blocks as b
from twinimpact.report.checks import check_document, decode_arrays
from twinimpact.report.content import NoticeKind, Span
from twinimpact.report.markdown import read_markdown
from twinimpact.report.show import FIGURE, PLOTLY, TABLE, TEXT
from twinimpact.report.text import clean_json, clean_label, clean_text, safe_link

if TYPE_CHECKING:
    from twinimpact.bundle import Bundle

HIDDEN_TAGS = frozenset({"parameters", "injected-parameters", "setup", "teardown", "hide"})
OWN_OUTPUTS = (FIGURE, TABLE, TEXT)
NOTICES = ("info", "caution", "not_consistent", "draft", "example")
RIGHT_TO_LEFT = ("ar", "fa", "he", "ur", "yi")


def stamp_of(bundle: Bundle, publication: str = "internal") -> b.Stamp:
    """What a report made from ``bundle`` prints about its origin."""
    return b.Stamp(
        report=bundle.report,
        evaluation=str(bundle.evaluation.get("title", "")),
        as_of=str(bundle.evaluation.get("as_of") or ""),
        snapshot=str(bundle.stamp.get("snapshot", "")),
        template=str(bundle.stamp.get("template", "")),
        versions={str(name): str(v) for name, v in bundle.stamp.get("versions", {}).items()},
        suppressed=int(bundle.disclosure.get("suppressed", 0)),
        publication=publication,
    )


def read_document(notebook: Path, language: str, stamp: b.Stamp) -> b.Document:
    """Read an executed notebook.

    Parameters
    ----------
    notebook
        Executed ``.ipynb``.
    language
        Language of the report; Markdown cells are translated into it paragraph by paragraph.
    stamp
        What the report was made from.

    Raises
    ------
    RunError
        If a cell ended in an error, or something in it cannot become part of a report; the
        message names the cell.
    DisclosureError
        If a chart holds more values than its data table shows.
    """
    import nbformat

    try:
        cells = nbformat.read(notebook, as_version=4).cells
    except (nbformat.reader.NotJSONError, nbformat.ValidationError) as error:
        raise RunError(
            "This file is not a notebook.", where=notebook.name, notebook=str(notebook)
        ) from error
    translate = translator(language)
    found: list[b.Block] = []
    ignored: list[str] = []
    for number, cell in enumerate(cells, start=1):
        try:
            found += _cell(cell, number, translate, ignored)
        except (RunError, TypeError, KeyError, ValueError) as error:
            what = error.what if isinstance(error, TwinImpactError) else str(error)
            raise _in_cell(notebook, number, what) from error
    document = _document(found, language, stamp, ignored)
    check_document(document)
    return document


def _document(
    found: list[b.Block], language: str, stamp: b.Stamp, ignored: list[str]
) -> b.Document:
    titles = [
        b.plain(block.spans) for block in found if isinstance(block, b.Heading) and block.level == 1
    ]
    return b.Document(
        title=titles[0].strip() if titles else "",
        language=language,
        direction="rtl" if language.split("-")[0] in RIGHT_TO_LEFT else "ltr",
        stamp=stamp,
        blocks=_joined(found),
        ignored=tuple(ignored),
    )


def _cell(
    cell: Mapping[str, Any], number: int, translate: Translator, ignored: list[str]
) -> list[b.Block]:
    outputs = cell.get("outputs", ()) if cell["cell_type"] == "code" else ()
    for output in outputs:
        if output["output_type"] == "error":
            raise RunError(f"The cell ended in an error: {output['ename']}: {output['evalue']}")
    if HIDDEN_TAGS & set(cell.get("metadata", {}).get("tags", ())):
        return []
    if cell["cell_type"] == "markdown":
        return read_markdown(cell["source"], translate, number)
    found: list[b.Block] = []
    for output in outputs:
        data = output.get("data", {})
        own = next((name for name in OWN_OUTPUTS if name in data), None)
        if own is None:
            kinds = ", ".join(sorted(data)) or output["output_type"]
            ignored.append(f"cell {number}: {kinds}")
            continue
        content = clean_json(data[own])
        b.refuse_newer(content)
        found += _output(own, content, data, number, ignored)
    return found


def _output(
    kind: str,
    content: dict[str, Any],
    data: Mapping[str, Any],
    number: int,
    ignored: list[str],
) -> list[b.Block]:
    if kind == TABLE:
        return [b.table_from_dict(content)]
    if kind == FIGURE:
        drawn = data.get(PLOTLY)
        if drawn is None:
            raise RunError(f"The figure {content['id']} has no drawing.")
        figure = clean_json(
            decode_arrays({"data": drawn["data"], "layout": drawn["layout"]}), clean_label
        )
        return [b.chart_from_dict(content, figure)]
    return [block for part in content["blocks"] for block in _text_block(part, number, ignored)]


def _text_block(content: Mapping[str, Any], number: int, ignored: list[str]) -> Iterator[b.Block]:
    spans = _safe(b.spans_from(content["spans"]), number, ignored)
    kind = content["kind"]
    if kind == "heading":
        yield b.Heading(level=int(content["level"]), spans=spans)
    elif kind == "paragraph":
        yield b.Paragraph(spans=spans)
    elif kind == "bullet":
        yield b.ListBlock(items=(b.ListItem(spans=spans),))
    elif kind == "notice" and content["notice"] in NOTICES:
        yield b.Notice(kind=cast(NoticeKind, content["notice"]), spans=spans)
    else:
        raise RunError(f"A text block of the kind {kind!r} is not known.")


def _safe(spans: tuple[Span, ...], number: int, ignored: list[str]) -> tuple[Span, ...]:
    """The spans with their text kept and any link that is not allowed taken away."""
    checked = []
    for span in spans:
        link = safe_link(span.link)
        if span.link and not link:
            ignored.append(f"cell {number}: a link that is not https:, mailto: or #id")
        checked.append(
            Span(text=clean_text(span.text), bold=span.bold, italic=span.italic, link=link)
        )
    return tuple(checked)


def _joined(found: list[b.Block]) -> tuple[b.Block, ...]:
    """Items of a list that follow each other as one list."""
    joined: list[b.Block] = []
    for block in found:
        last = joined[-1] if joined else None
        if (
            isinstance(block, b.ListBlock)
            and isinstance(last, b.ListBlock)
            and not block.ordered
            and not last.ordered
        ):
            joined[-1] = b.ListBlock(items=last.items + block.items)
        else:
            joined.append(block)
    return tuple(joined)


def _in_cell(notebook: Path, number: int, what: str) -> RunError:
    return RunError(
        what,
        where=f"{notebook.name}, cell {number}",
        hint="Mend the notebook template or the content it shows; no report was written.",
        notebook=str(notebook),
        cell=number,
    )
