"""One document, all formats: written aside first, moved into place at once."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from twinimpact.bundle import read_bundle
from twinimpact.errors import RunError
from twinimpact.language import Translator, translator
from twinimpact.report.blocks import Document
from twinimpact.report.checks import check_document
from twinimpact.report.document import read_document, stamp_of
from twinimpact.report.pictures import Drawn, Pictures
from twinimpact.report.tidy import write_results_csv, write_results_json

FORMATS = ("html", "pdf", "docx", "xlsx", "json", "csv")
PICTURE_FORMATS = ("html", "pdf", "docx")


def export(
    document: Document,
    folder: Path,
    *,
    basename: str,
    formats: Sequence[str] = ("html", "pdf", "docx", "xlsx"),
    pictures: Pictures | None = None,
    results: pd.DataFrame | None = None,
) -> Mapping[str, Path]:
    """Write a report in every format asked for.

    All files are written into a folder beside ``folder`` and moved when the last one is
    complete, so a reader never meets half a report and a failure leaves the old one alone.

    Parameters
    ----------
    folder
        Where the files go; made if it is not there.
    basename
        File name without ending.
    formats
        Some of ``html``, ``pdf``, ``docx``, ``xlsx``; ``json`` and ``csv`` need ``results``.
    pictures
        Draws the charts; ``None`` draws none.
    results
        The report's rows of the results table.

    Returns
    -------
    Format to path.

    Raises
    ------
    RunError
        If a format is not known, the document is faulty or a file cannot be written.
    DisclosureError
        If a chart holds more values than its table shows.
    """
    _check_request(formats, basename, results)
    check_document(document)
    drawn = _drawn(document, formats, pictures)
    translate = translator(document.language)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".building-", dir=folder.parent) as aside:
            # a folder of its own kind of permissions: the temporary one is closed to others
            building = Path(aside, "report")
            building.mkdir()
            for form in formats:
                path = building / f"{basename}.{form}"
                if form in ("json", "csv"):
                    _write_results(form, results, path)
                else:
                    _write(form, document, drawn, translate, path)
            _move(building, folder)
    except OSError as error:
        raise RunError(
            "The report's files could not be written.", where=str(folder), cause=str(error)
        ) from error
    return {form: folder / f"{basename}.{form}" for form in formats}


def page_picture(notebook: Path, bundle: Path) -> bytes:
    """The first page of a report as a PNG picture, from its executed notebook and its bundle.

    Raises
    ------
    RunError
        If the notebook cannot become a report.
    """
    from twinimpact.report.pdf import first_page

    facts = read_bundle(bundle)
    document = read_document(notebook, facts.language, stamp_of(facts))
    with Pictures() as pictures:
        drawn = _drawn(document, ("pdf",), pictures)
    return first_page(document, drawn, translator(document.language))


def _check_request(formats: Sequence[str], basename: str, results: pd.DataFrame | None) -> None:
    unknown = sorted(set(formats) - set(FORMATS))
    if unknown:
        raise RunError(
            f"The format {unknown[0]!r} is not known.", hint=f"Use {', '.join(FORMATS)}."
        )
    if results is None and {"json", "csv"} & set(formats):
        raise RunError("The formats json and csv need the results table.")
    if not basename or Path(basename).name != basename or basename.startswith("."):
        raise RunError(f"{basename!r} cannot be a file name.")


def _drawn(
    document: Document, formats: Sequence[str], pictures: Pictures | None
) -> Mapping[str, Drawn]:
    """Figure id to picture, for the charts that could be drawn."""
    if pictures is None or not set(formats) & set(PICTURE_FORMATS):
        return {}
    found = {
        chart.id: pictures.draw(chart.figure, chart.width, chart.height, png="docx" in formats)
        for chart in document.charts()
    }
    return {identifier: drawn for identifier, drawn in found.items() if drawn is not None}


def _write(
    form: str,
    document: Document,
    drawn: Mapping[str, Drawn],
    translate: Translator,
    path: Path,
) -> None:
    # each writer brings a library of its own; a run that wants one format loads one
    if form == "html":
        from twinimpact.report.html import html_page

        path.write_text(html_page(document, drawn, translate), encoding="utf-8", newline="\n")
    elif form == "pdf":
        from twinimpact.report.pdf import write_pdf

        write_pdf(document, drawn, translate, path)
    elif form == "docx":
        from twinimpact.report.word import write_word

        write_word(document, drawn, translate, path)
    else:
        from twinimpact.report.workbook import write_workbook

        write_workbook(document, translate, path)


def _write_results(form: str, results: pd.DataFrame | None, path: Path) -> None:
    if results is not None:
        write = write_results_json if form == "json" else write_results_csv
        write(results, path)


def _move(building: Path, folder: Path) -> None:
    """The whole folder at once where there is none yet, else file by file over the old ones."""
    if not folder.exists():
        building.replace(folder)
        return
    for path in sorted(building.iterdir()):
        path.replace(folder / path.name)
