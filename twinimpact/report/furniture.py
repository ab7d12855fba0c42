"""What every format says around the content: numbers of figures, names of boxes, the origin."""

from __future__ import annotations

from collections.abc import Mapping

from twinimpact.language import N_, Translator
from twinimpact.report.blocks import Document, Heading
from twinimpact.report.content import Chart, Table
from twinimpact.report.labels import report_name
from twinimpact.report.numbers import date_of

NOTICE_WORDS = {
    "info": N_("Note"),
    "caution": N_("Caution"),
    "not_consistent": N_("Not consistent"),
    "draft": N_("Draft"),
    "example": N_("Example"),
}
PUBLICATION_WORDS = {
    "internal": N_("Internal: not for publication"),
    "funder": N_("For the funder"),
    "public": N_("Public"),
}
SOFTWARE = {
    "twinimpact": "twinimpact", "python": "Python", "numpy": "numpy", "pandas": "pandas",
    "scipy": "scipy",
}  # fmt: skip
"""The versions that numbers depend on; the run's files list all of them."""
CONTENTS_FROM = 4
ONE_PAGE = ("council_onepager",)
"""Reports that are meant to fit one sheet of paper: set smaller, with less air."""


def numbering(document: Document) -> Mapping[str, int]:
    """Id to running number; figures and tables are counted apart."""
    figures = {block.id: n for n, block in enumerate(document.charts(), start=1)}
    tables = {block.id: n for n, block in enumerate(document.tables(), start=1)}
    return figures | tables


def label_of(block: Chart | Table, number: int, translate: Translator) -> str:
    """``Figure 3`` or ``Table 2`` in the reader's language."""
    if isinstance(block, Chart):
        return translate.text(N_("Figure {number}"), {"number": number})
    return translate.text(N_("Table {number}"), {"number": number})


def caption_of(block: Chart | Table, *, drawn: bool) -> str:
    """How to read the marks; of a chart that is shown as its table, what the table holds."""
    return block.data.caption if isinstance(block, Chart) and not drawn else block.caption


def instead_of_picture(note: str, translate: Translator) -> str:
    """The note of a table that stands where a picture could not be drawn."""
    return f"{translate.text(N_('Shown as a table.'))} {note}".strip()


def notice_word(kind: str, translate: Translator) -> str:
    """The word that names the kind of a box."""
    return translate.text(NOTICE_WORDS[kind])


def is_compact(document: Document) -> bool:
    """Whether the report is meant to fit one sheet of paper."""
    return document.stamp.report in ONE_PAGE


def sections(document: Document) -> tuple[Heading, ...]:
    """Headings of level 2: the entries of a table of contents."""
    return tuple(
        block for block in document.blocks if isinstance(block, Heading) and block.level == 2
    )


def has_contents(document: Document) -> bool:
    """Whether the report is long enough for a table of contents."""
    return len(sections(document)) >= CONTENTS_FROM


def as_of_sentence(document: Document, translate: Translator) -> str:
    """``Data as of 30 June 2026``."""
    moment = date_of(document.stamp.as_of)
    if moment is None:
        return translate.text(N_("No dated data"))
    return translate.text(N_("Data as of {date}"), {"date": translate.date(moment, "long")})


def origin_title(translate: Translator) -> str:
    """Title of the last section."""
    return translate.text(N_("How this report was made"))


def origin_rows(document: Document, translate: Translator) -> tuple[tuple[str, str], ...]:
    """Label and text of everything a reader needs to trace the report to its data."""
    stamp = document.stamp
    moment = date_of(stamp.as_of)
    text = translate.text
    rows = [
        (text(N_("Evaluation")), stamp.evaluation),
        (text(N_("Data as of")), translate.date(moment, "long") if moment else ""),
        (text(N_("Data snapshot")), stamp.snapshot),
        (text(N_("Report template")), _template(document, translate)),
        (
            text(N_("Hidden to protect people")),
            translate.plural(N_("{count} number"), N_("{count} numbers"), stamp.suppressed),
        ),
        (text(N_("Software")), _software(stamp.versions)),
        (text(N_("Publication")), publication(document, translate)),
    ]
    return tuple((label, value) for label, value in rows if value)


def _template(document: Document, translate: Translator) -> str:
    name = report_name(document.stamp.report, translate)
    if not document.stamp.template:
        return name
    return translate.text(
        N_("{name}, version {hash}"), {"name": name, "hash": document.stamp.template}
    )


def _software(versions: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {versions[key]}" for key, name in SOFTWARE.items() if key in versions)


def publication(document: Document, translate: Translator) -> str:
    """Who may see the report, in words."""
    word = PUBLICATION_WORDS.get(document.stamp.publication)
    return translate.text(word) if word else document.stamp.publication
