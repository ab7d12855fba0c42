"""The code book: what each column of the collected data means, for data entry and analysis."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from twinimpact.questionnaire.hashing import form_version
from twinimpact.questionnaire.plan import Ask, Plan

COLUMNS = (
    "number", "name", "instrument", "scales", "reverse", "answers", "lowest", "highest",
    "missing", "asked_if", "form_version", "definition_sha256",
)  # fmt: skip


def codebook_rows(plan: Plan) -> list[list[str]]:
    """One row per question, headers first; licensed wording is left out."""
    texts = [f"text_{language}" for language in plan.languages]
    rows = [[*COLUMNS[:2], *texts, *COLUMNS[2:]]]
    for ask in plan.asks():
        words = ["" if ask.licensed else ask.text.get(one, "") for one in plan.languages]
        numeric = ask.kind in ("scale", "choice", "picture", "number", "thermometer")
        ranged = numeric and bool(ask.scales or ask.lo != ask.hi)
        rows.append(
            [
                str(ask.number or ""),
                ask.id,
                *words,
                ask.source,
                " ".join(ask.scales),
                "yes" if ask.reverse else "no",
                _answers(ask, plan.languages[0]),
                str(ask.lo) if ranged else "",
                str(ask.hi) if ranged else "",
                ask.missing,
                ask.relevant,
                form_version(plan),
                plan.sha256,
            ]
        )
    return rows


def write_codebook(plan: Plan, path: Path) -> tuple[Path, ...]:
    """Write the code book as CSV, for programs, and as Markdown, for people."""
    rows = codebook_rows(plan)
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows(rows)
    table = path.with_suffix(".csv")
    # the mark at the start makes spreadsheet programs read the accents
    table.write_text(buffer.getvalue(), encoding="utf-8-sig", newline="")
    page = path.with_suffix(".md")
    page.write_text(_markdown(plan, rows), encoding="utf-8", newline="")
    return table, page


def _answers(ask: Ask, language: str) -> str:
    if not ask.answers:
        return {"text": "words", "code": ask.pattern}.get(ask.kind, "a whole number")
    ends = {str(ask.lo): ask.low, str(ask.hi): ask.high} if ask.kind == "scale" else {}
    named = []
    for answer in ask.answers:
        words = ends.get(answer.code, answer.label).get(language, "")
        plain = ask.licensed or words == answer.code
        named.append(answer.code if plain else f"{answer.code} = {words}")
    return "; ".join(named)


def _markdown(plan: Plan, rows: list[list[str]]) -> str:
    language = plan.languages[0]
    lines = [
        f"# {plan.marked_title(language)}",
        "",
        f"Form `{plan.form}` {plan.version}, wave `{plan.wave}`"
        + (f", group `{plan.arm}`" if plan.arm else "")
        + f", site `{plan.site}`. Version in the data: `{form_version(plan)}`.",
        "",
        "| no. | name | question | answers | missing | scales | reversed |",
        "|---|---|---|---|---|---|---|",
    ]
    head = rows[0]
    shown = ("number", "name", f"text_{language}", "answers", "missing", "scales", "reverse")
    for row in rows[1:]:
        cells = [row[head.index(name)].replace("|", "\\|").replace("\n", " ") for name in shown]
        lines.append("| " + " | ".join(cells) + " |")
    lines += [
        "",
        "| scale | items | method | answers needed | a higher value is | range | status |",
        "|---|---|---|---|---|---|---|",
    ]
    for scale in plan.scales:
        items = " ".join(scale.parts or scale.items)
        lines.append(
            f"| {scale.scale} | {items} | {scale.method} | {scale.min_valid} | "
            f"{scale.direction} | {scale.lo:g} to {scale.hi:g} | {scale.status_label} |"
        )
    return "\n".join(lines) + "\n"
