"""Checks of headers, languages and words."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator

from twinimpact.problems import Problem
from twinimpact.questionnaire.sheets import Sheet, XlsForm

TRANSLATED = (
    "label", "hint", "guidance_hint", "required_message", "constraint_message", "image", "audio",
    "video", "big-image",
)  # fmt: skip
SURVEY_COLUMNS = (
    "type", "name", *TRANSLATED, "required", "constraint", "relevant", "relevance", "appearance",
    "default", "read_only", "readonly", "calculation", "choice_filter", "parameters",
    "repeat_count", "trigger", "autoplay", "disabled", "query",
)  # fmt: skip
CHOICE_COLUMNS = ("list_name", "list name", "name", "value", "label", "image", "audio", "video")
SETTING_COLUMNS = (
    "form_title", "form_id", "version", "default_language", "style", "instance_name", "public_key",
    "submission_url", "auto_send", "auto_delete", "allow_choice_duplicates", "namespaces",
    "instance_xmlns", "name", "sms_keyword", "sms_separator", "prefix", "delimiter",
)  # fmt: skip
ALIKE = 0.8
LANGUAGE = re.compile(r"^(?P<column>[^:]+?)\s*::?\s*(?P<language>[^:]+)$")
WITH_CODE = re.compile(r"\(\s*[A-Za-z]{2,3}(-[A-Za-z0-9]+)*\s*\)$")
LEFT_OVER = re.compile(r"(?<!\$)\{[a-z_]+(?::[a-z]+)?\}")
ENDS_OF_GROUPS = ("end_group", "end group", "end_repeat", "end repeat")


def languages_of(sheet: Sheet) -> dict[str, dict[str, str]]:
    """Translated column to language to header: ``label`` → ``English (en)`` → as written."""
    found: dict[str, dict[str, str]] = {}
    for header in sheet.headers:
        match = LANGUAGE.match(header.removeprefix("media::"))
        if match and match["column"].strip().lower() in TRANSLATED:
            column = match["column"].strip().lower()
            found.setdefault(column, {})[match["language"].strip()] = header
    return found


def check_columns(form: XlsForm) -> Iterator[Problem]:
    """Headers that look like a known one but are not: they are ignored without a word."""
    for sheet, known in (
        (form.survey, SURVEY_COLUMNS),
        (form.choices, CHOICE_COLUMNS),
        (form.settings, SETTING_COLUMNS),
    ):
        for header in sheet.headers:
            base = re.split(r"::?", header)[0].strip()
            if (
                not base
                or base in known
                or base in ("media", "bind", "body", "instance", "control")
            ):
                continue
            near = difflib.get_close_matches(base.lower(), known, n=1, cutoff=ALIKE)
            if near:
                yield form.problem(
                    "lint_column_misspelt",
                    sheet,
                    sheet.header_row,
                    header,
                    got=header,
                    expected=header.replace(base, near[0], 1),
                )


def check_translations(form: XlsForm) -> Iterator[Problem]:
    """Cells that are filled in one language and blank in another."""
    for sheet in (form.survey, form.choices):
        for column, headers in languages_of(sheet).items():
            for row in sheet.rows:
                filled = [language for language in headers if row.get(headers[language])]
                for language, header in headers.items():
                    if filled and language not in filled:
                        yield form.problem(
                            "lint_translation_blank",
                            sheet,
                            row.number,
                            header,
                            got=row.get("name"),
                            expected=f"{column}, {filled[0]}",
                        )


def check_languages(form: XlsForm) -> Iterator[Problem]:
    """Language names: with a code, spelt alike everywhere, and the default among them."""
    survey, choices = languages_of(form.survey), languages_of(form.choices)
    names = sorted({language for headers in survey.values() for language in headers})
    every = sorted({*names, *(one for headers in choices.values() for one in headers)})
    for language in every:
        if not WITH_CODE.search(language):
            yield form.problem(
                "lint_language_code", form.survey, form.survey.header_row, language, got=language
            )
    for column, headers in choices.items():
        for language in headers:
            if names and language not in names:
                yield form.problem(
                    "lint_language_unknown",
                    form.choices,
                    form.choices.header_row,
                    f"{column}::{language}",
                    got=language,
                    expected=", ".join(names),
                )
    for row in form.settings.rows[:1]:
        default = row.get("default_language")
        if default and default not in names:
            yield form.problem(
                "lint_default_language",
                form.settings,
                row.number,
                "default_language",
                got=default,
                expected=", ".join(names) or "label::English (en)",
            )


def check_placeholders(form: XlsForm) -> Iterator[Problem]:
    """Names that were never filled in, such as ``{town:in}``."""
    for sheet in (form.survey, form.choices, form.settings):
        for row in sheet.rows:
            for header, cell in row.cells.items():
                for left in LEFT_OVER.findall(cell):
                    yield form.problem("lint_placeholder_left", sheet, row.number, header, got=left)


def check_settings(form: XlsForm) -> Iterator[Problem]:
    """What later joins data to the form: its id and its version."""
    row = form.settings.rows[0] if form.settings.rows else None
    for column in ("form_id", "version"):
        if row is None or not row.get(column):
            number = row.number if row else None
            yield form.problem("lint_setting_missing", form.settings, number, column)


def check_labels(form: XlsForm) -> Iterator[Problem]:
    """Questions that a person would see without words."""
    headers = [h for h in form.survey.headers if re.split(r"::?", h)[0].strip() == "label"]
    shown = ("select", "text", "integer", "decimal", "note", "date", "range", "rank")
    for row in form.survey.rows:
        kind = row.get("type").split(" ")[0]
        visible = kind.startswith(shown) and not row.get("calculation")
        if visible and not any(row.get(header) for header in headers):
            yield form.problem(
                "lint_label_missing", form.survey, row.number, "label", got=row.get("name")
            )


CHECKS = (
    check_columns, check_translations, check_languages, check_placeholders, check_settings,
    check_labels,
)  # fmt: skip
