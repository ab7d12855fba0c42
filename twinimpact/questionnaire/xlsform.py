"""A plan as an XLSForm: what Kobo, ODK and SurveyCTO read.

Names of questions are item ids and codes are text. The columns ``twin_*`` and the sheets
``scoring`` and ``about`` say how answers are scored; form tools pass over them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from twinimpact import __version__
from twinimpact.questionnaire.hashing import form_version
from twinimpact.questionnaire.languages import display_name
from twinimpact.questionnaire.plan import Answer, Ask, Plan, Words

FIXED_DATE = dt.datetime(2000, 1, 1)
CONSENT = "consent"
PATTERNS: Mapping[str, str] = {
    "letter": "regex(., '^[^0-9 ]$')",
    "two_digits": "regex(., '^[0-9]{2}$')",
    "digits": "regex(., '^[0-9]{1,2}$')",
}
SURVEY = (
    "type", "name", "label", "hint", "required", "required_message", "constraint",
    "constraint_message", "relevant", "appearance", "default", "twin_item", "twin_scale",
    "twin_reverse",
)  # fmt: skip
CHOICES = ("list_name", "name", "label", "image")
TRANSLATED = ("label", "hint", "required_message", "constraint_message", "image")
SCORING = (
    "instrument", "instrument_version", "instrument_sha256", "scale", "item", "reverse", "method",
    "min_valid", "direction", "lo", "hi", "parts", "status",
)  # fmt: skip
Row = Mapping[str, str | Words]


@dataclass(slots=True)
class Sheets:
    """Rows of a form on their way into a workbook; a value may be words per language."""

    plan: Plan
    survey: list[Row] = field(default_factory=list)
    choices: list[Row] = field(default_factory=list)
    lists: dict[tuple[Any, ...], str] = field(default_factory=dict)

    def list_of(self, answers: tuple[Answer, ...], name: str) -> str:
        """Name of the choice list with these answers, made when it is new."""
        key = tuple((one.code, *sorted(one.label.items()), one.image) for one in answers)
        if key not in self.lists:
            self.lists[key] = name
            for one in answers:
                images = dict.fromkeys(self.plan.languages, one.image) if one.image else ""
                self.choices.append(
                    {"list_name": name, "name": one.code, "label": one.label, "image": images}
                )
        return self.lists[key]


def form_sheets(plan: Plan) -> dict[str, list[list[str]]]:
    """The sheets of the workbook as rows of text, headers first."""
    sheets = Sheets(plan)
    _start(sheets)
    opened = 0
    for gate in plan.gates:
        _ask(sheets, gate)
        sheets.survey.append(
            {"type": "begin_group", "name": f"after_{gate.id}", "label": plan.each("start_title"),
             "relevant": f"${{{gate.id}}} = '{gate.gate}'"}
        )  # fmt: skip
        opened += 1
    for section in plan.sections:
        title = {one: section.title.get(one) or plan.title[one] for one in plan.languages}
        sheets.survey.append(
            {"type": "begin_group", "name": section.id, "label": title,
             "appearance": "field-list"}
        )  # fmt: skip
        for position, words in enumerate(section.intro, start=1):
            sheets.survey.append(
                {"type": "note", "name": f"{section.id}_note_{position}", "label": words}
            )
        for ask in section.asks:
            _ask(sheets, ask)
        sheets.survey.append({"type": "end_group"})
    sheets.survey.append({"type": "note", "name": "thanks", "label": plan.each("thanks")})
    sheets.survey += [{"type": "end_group"}] * (opened + bool(plan.consent))
    if plan.consent:
        sheets.survey.append(
            {"type": "note", "name": "refused", "label": plan.each("consent_refused"),
             "relevant": f"${{{CONSENT}}} = 'no'"}
        )  # fmt: skip
    return {
        "survey": _table(SURVEY, sheets.survey, plan),
        "choices": _table(CHOICES, sheets.choices, plan),
        "settings": _settings(plan),
        "scoring": _scoring(plan),
        "about": _about(plan),
    }


def write_xlsform(plan: Plan, path: Path) -> None:
    """Write the workbook; equal plans give equal bytes. Every cell is text."""
    import xlsxwriter

    book = xlsxwriter.Workbook(str(path), {"strings_to_numbers": False, "in_memory": True})
    book.set_properties({"created": FIXED_DATE, "title": plan.marked_title(plan.languages[0])})
    head = book.add_format({"bold": True, "bg_color": "#E8EDF2", "bottom": 1})
    body = book.add_format({"text_wrap": True, "valign": "top"})
    for name, rows in form_sheets(plan).items():
        sheet = book.add_worksheet(name)
        sheet.freeze_panes(1, 0)
        for position in range(len(rows[0])):
            longest = max((len(row[position]) for row in rows), default=0)
            sheet.set_column(position, position, min(max(longest, 9), 46))
        for number, row in enumerate(rows):
            for position, cell in enumerate(row):
                if cell:
                    sheet.write_string(number, position, cell, head if number == 0 else body)
    book.close()


def _start(sheets: Sheets) -> None:
    plan = sheets.plan
    rows = sheets.survey
    rows += [{"type": "start", "name": "start"}, {"type": "end", "name": "end"}]
    hidden = {"wave": plan.wave, "arm": plan.arm, "partnership": plan.partnership}
    for name, value in hidden.items():
        if value:
            rows.append({"type": "hidden", "name": name, "default": value})
    rows.append({"type": "note", "name": "introduction", "label": _first_screen(plan)})
    if not plan.consent:
        return
    answers = tuple(Answer(code=code, label=plan.each(f"consent_{code}")) for code in ("yes", "no"))
    name = sheets.list_of(answers, "consent_answers")
    rows += [
        {"type": f"select_one {name}", "name": CONSENT, "label": plan.consent, "required": "yes",
         "required_message": plan.each("choose_answer")},
        {"type": "begin_group", "name": "questionnaire", "label": plan.each("start_title"),
         "relevant": f"${{{CONSENT}}} = 'yes'"},
    ]  # fmt: skip


def _first_screen(plan: Plan) -> dict[str, str]:
    """What stands first: title, introduction, and whatever must be known about the wording."""
    found = {}
    for language in plan.languages:
        parts = [plan.title[language], plan.towns.get(language, ""), plan.intro.get(language, "")]
        if language in plan.drafts():
            parts.append(plan.say(language, "draft_note"))
        if plan.licensed:
            parts.append(plan.say(language, "licensed_note"))
        found[language] = "\n\n".join(part for part in parts if part)
    return found


def _ask(sheets: Sheets, ask: Ask) -> None:
    plan = sheets.plan
    row: dict[str, str | Words] = {
        "name": ask.id,
        "label": ask.text,
        "hint": ask.hint,
        "relevant": ask.relevant,
        "twin_item": ask.id if ask.scales else "",
        "twin_scale": " ".join(ask.scales),
        "twin_reverse": "yes" if ask.reverse else "",
    }
    if ask.answers:
        answers = tuple(_with_ends(answer, ask) for answer in ask.answers)
        row["type"] = f"select_one {sheets.list_of(answers, f'{ask.id}_answers')}"
        row["appearance"] = {"scale": "likert", "picture": "columns"}.get(ask.kind, "")
        if ask.kind == "choice" and ask.scales:
            row["appearance"] = "likert"
        if ask.gate:
            row["required"] = "yes"
            row["required_message"] = plan.each("choose_answer")
    elif ask.kind in ("number", "thermometer"):
        row["type"] = "integer"
        bounds = f"(. >= {ask.lo} and . <= {ask.hi})"
        row["constraint"] = f"{bounds} or . = {ask.missing}" if ask.missing else bounds
        row["constraint_message"] = row["hint"] = _number_rule(plan, ask)
    else:
        row["type"] = "text"
        if ask.kind == "code":
            row["constraint"] = PATTERNS[ask.pattern or "letter"]
            row["constraint_message"] = plan.each("code_rule")
        else:
            row["appearance"] = "multiline"
    sheets.survey.append(row)


def _with_ends(answer: Answer, ask: Ask) -> Answer:
    """On a screen the words of the ends stand with their numbers."""
    if ask.kind != "scale" or answer.missing:
        return answer
    ends = {str(ask.lo): ask.low, str(ask.hi): ask.high}.get(answer.code)
    if not ends:
        return answer
    label = {one: f"{text} – {ends[one]}" for one, text in answer.label.items()}
    return Answer(code=answer.code, label=label)


def _number_rule(plan: Plan, ask: Ask) -> dict[str, str]:
    """Range and missing code; for a thermometer also what its ends mean."""
    found = {}
    for language in plan.languages:
        values = {"lowest": ask.lo, "highest": ask.hi, "missing": ask.missing}
        name = "number_rule" if ask.missing else "write_scale"
        rule = plan.say(language, name, values)
        marks = [(str(ask.lo), ask.low.get(language, ""))]
        marks += [(mark.code, mark.label[language]) for mark in ask.marks]
        marks += [(str(ask.hi), ask.high.get(language, ""))]
        named = ", ".join(f"{code} = {words}" for code, words in marks if words)
        hint = ask.hint.get(language, "")
        found[language] = " ".join(
            part for part in (hint, f"{named}." if named else "", rule) if part
        )
    return found


def _table(columns: tuple[str, ...], rows: list[Row], plan: Plan) -> list[list[str]]:
    """Rows of text; a translated column becomes one column per language, empty ones go."""
    made: list[list[str]] = [[] for _ in range(len(rows) + 1)]
    for column in columns:
        if column in TRANSLATED:
            for language in plan.languages:
                cells = [_words(row.get(column, ""), language) for row in rows]
                if any(cells):
                    head = f"{column}::{display_name(language)}"
                    for line, cell in zip(made, [head, *cells], strict=True):
                        line.append(cell)
            continue
        cells = [str(row.get(column, "")) for row in rows]
        if any(cells):
            for line, cell in zip(made, [column, *cells], strict=True):
                line.append(cell)
    return made


def _words(value: str | Words, language: str) -> str:
    return value if isinstance(value, str) else value.get(language, "")


def _settings(plan: Plan) -> list[list[str]]:
    first = plan.languages[0]
    return [
        ["form_title", "form_id", "version", "default_language", "style"],
        [
            plan.marked_title(first),
            plan.name().replace("-", "_"),
            form_version(plan),
            display_name(first),
            "pages",
        ],
    ]


def _scoring(plan: Plan) -> list[list[str]]:
    rows = [list(SCORING)]
    for scale in plan.scales:
        for item in scale.items:
            rows.append(
                [
                    scale.instrument,
                    scale.instrument_version,
                    scale.instrument_sha256,
                    scale.scale,
                    item,
                    "yes" if item in scale.reverse else "no",
                    scale.method,
                    str(scale.min_valid),
                    scale.direction,
                    f"{scale.lo:g}",
                    f"{scale.hi:g}",
                    " ".join(scale.parts),
                    scale.status_label,
                ]
            )
    return rows


def _about(plan: Plan) -> list[list[str]]:
    """The title sheet: what this file is and what may be done with it."""
    rows = [["about", "value"]]
    if plan.licensed:
        rows.append(["licence", "contains licensed wording, do not redistribute"])
    rows += [
        ["title", plan.marked_title(plan.languages[0])],
        ["form", f"{plan.form} {plan.version}"],
        ["wave", plan.wave],
        ["group", plan.arm],
        ["site", plan.site],
        ["definition", plan.sha256],
        ["written by", f"twinimpact {__version__}"],
    ]
    rows += [[f"wording {one}", plan.status[one]] for one in plan.languages]
    statuses = sorted({(row.instrument, row.status_label) for row in plan.scales})
    return rows + [[f"status {instrument}", status] for instrument, status in statuses]
