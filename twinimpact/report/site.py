"""The list of all reports: one page that opens by double click, without a server."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby
from pathlib import Path
from urllib.parse import quote

from twinimpact.language import N_, Translator, translator
from twinimpact.report.html import HERE, policy, stylesheet
from twinimpact.report.numbers import date_of
from twinimpact.report.text import clean_text

FORMAT_WORDS = {
    "html": N_("Read"), "pdf": "PDF", "docx": "Word", "xlsx": "Excel", "csv": "CSV", "json": "JSON",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportEntry:
    """One report in the list.

    Parameters
    ----------
    title
        What kind of report it is, in the reader's words.
    group
        Heading it stands under: name of the partnership or programme.
    as_of
        ISO date the data are true for, or ``""``.
    language
        Language code of the report.
    paths
        Format to file.
    """

    title: str
    group: str
    as_of: str
    language: str
    paths: Mapping[str, Path]


def write_index(
    reports: Sequence[ReportEntry], path: Path, title: str, language: str = "en"
) -> None:
    """Write the list of reports.

    Parameters
    ----------
    reports
        In the order in which their groups shall appear; entries of a group need not be adjacent.
    path
        The index file; links are relative to its folder.
    title
        Heading of the page.
    """
    translate = translator(language)
    text = translate.text
    script = (HERE / "index.js").read_text(encoding="utf-8")
    words = escape(text(N_("Reports found: {shown}")))
    page = (
        f'<!DOCTYPE html>\n<html lang="{escape(language)}">\n<head>\n<meta charset="utf-8">\n'
        f"{policy([script])}\n"
        '<meta name="viewport" content="width=device-width,initial-scale=1">\n'
        f"<title>{escape(clean_text(title))}</title>\n"
        f"<style>{stylesheet('index.css')}</style>\n"
        f"</head>\n<body>\n<main>\n<h1>{escape(clean_text(title))}</h1>\n"
        f'<div id="finder" hidden><label for="search">{escape(text(N_("Find a report")))}</label>'
        '<input id="search" type="search" autocomplete="off">'
        f'<output id="count" for="search" data-words="{words}"></output></div>\n'
        f"{_groups(reports, path.parent, translate)}\n</main>\n<script>{script}</script>\n"
        "</body>\n</html>\n"
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.new")
    aside.write_text(page, encoding="utf-8", newline="\n")
    aside.replace(path)


def _groups(reports: Sequence[ReportEntry], folder: Path, translate: Translator) -> str:
    if not reports:
        return f"<p>{escape(translate.text(N_('There are no reports yet.')))}</p>"
    order = {name: n for n, name in enumerate(dict.fromkeys(entry.group for entry in reports))}
    listed = sorted(reports, key=lambda entry: order[entry.group])
    return "\n".join(
        f"<section><h2>{escape(clean_text(name))}</h2><ul>"
        + "\n".join(_entry(entry, folder, translate) for entry in entries)
        + "</ul></section>"
        for name, entries in groupby(listed, key=lambda entry: entry.group)
    )


def _entry(entry: ReportEntry, folder: Path, translate: Translator) -> str:
    moment = date_of(entry.as_of)
    date = translate.date(moment, "long") if moment else ""
    about = " · ".join(part for part in (date, _language_name(entry.language)) if part)
    title = escape(clean_text(entry.title))
    links = "".join(
        f'<a href="{_address(file, folder)}" aria-label="{title}: {_word(form, translate)}">'
        f"{_word(form, translate)}</a>"
        for form, file in sorted(entry.paths.items(), key=lambda pair: _rank(pair[0]))
    )
    return (
        f'<li><span>{title}<small>{escape(about)}</small></span><span class="f">{links}</span></li>'
    )


def _rank(form: str) -> int:
    known = list(FORMAT_WORDS)
    return known.index(form) if form in known else len(known)


def _language_name(language: str) -> str:
    """The language's name in itself; the code where it is not known."""
    from babel import Locale, UnknownLocaleError

    try:
        return str(Locale.parse(language, sep="-").display_name)
    except (UnknownLocaleError, ValueError):
        return language


def _word(form: str, translate: Translator) -> str:
    return escape(translate.text(FORMAT_WORDS.get(form, form)))


def _address(file: Path, folder: Path) -> str:
    """A relative address, so the folder can be moved, mailed or archived."""
    relative = os.path.relpath(file, folder).replace(os.sep, "/")
    return escape(quote(f"./{relative}"))
