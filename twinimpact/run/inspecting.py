"""What a first look at a file found, in words and as JSON."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from twinimpact.ingest import Inspection
from twinimpact.language import N_, Translator

COUNTS = (
    "n_rows", "n_columns", "n_responses", "n_complete", "n_partial", "n_test", "n_rejected",
    "excluded", "id_column", "n_unique_ids",
)  # fmt: skip
SHOWN_OPTIONS = 8
SHOWN_LETTERS = 60


def inspection_json(seen: Inspection) -> str:
    """An inspection for scripts: ASCII JSON with these keys, always all of them.

    ``file``, ``sha256``, ``container`` (csv, xlsx, ...), ``format`` (key of the platform or
    null), ``title``, ``variant``, ``mode`` (label, code or null), ``encoding``, ``delimiter``,
    ``sheet`` (null where there is none), ``header_rows``, ``confidence`` (0 to 1),
    ``evidence`` (texts), ``alternatives`` (objects with ``format`` and ``confidence``),
    ``n_rows``, ``n_columns``, ``n_responses``, ``n_complete``, ``n_partial``, ``n_test``,
    ``n_rejected`` (null if the file was not read), ``excluded`` (reason to number of rows),
    ``id_column``, ``n_unique_ids`` (null without an id column), ``questions`` (objects with
    ``position`` from 0, ``key``, ``name``, ``text``, ``type``, ``group``, ``n_answered``,
    ``options``), ``personal_columns`` (headers), ``warnings`` (objects with ``code``,
    ``severity``, ``row``, ``column``, ``what``, ``hint``), ``codebook`` (the tool whose
    questionnaire a refused file is, then ``questions`` are those it defines; or the tool whose
    questionnaire was given with ``--codebook`` and explains the columns), ``refused``,
    ``refusal`` and ``hint`` (null if the file was read).

    ``type`` is one of single, multi, grid, number, date, text, empty.
    """
    content = {
        "file": seen.file,
        "sha256": seen.sha256 or None,
        "container": seen.container or None,
        "format": seen.format or None,
        "title": seen.title or None,
        "variant": seen.variant or None,
        "mode": seen.mode or None,
        "encoding": seen.encoding or None,
        "delimiter": seen.delimiter or None,
        "sheet": seen.sheet or None,
        "header_rows": seen.header_rows,
        "confidence": seen.confidence,
        "evidence": list(seen.evidence),
        "alternatives": [
            {"format": name, "confidence": confidence} for name, confidence in seen.alternatives
        ],
        **_counts(seen),
        "questions": [
            {
                "position": question.position,
                "key": question.key,
                "name": question.name,
                "text": question.text,
                "type": question.kind,
                "group": question.group or None,
                "n_answered": question.n_answered,
                "options": list(question.options),
            }
            for question in seen.questions
        ],
        "personal_columns": list(seen.personal_columns),
        "warnings": [
            {
                "code": problem.code,
                "severity": problem.severity,
                "row": problem.row,
                "column": problem.column or None,
                "what": problem.what(),
                "hint": problem.hint(),
            }
            for problem in seen.warnings
        ],
        "codebook": seen.codebook or None,
        "refused": seen.refused,
        "refusal": seen.refusal or None,
        "hint": seen.hint or None,
    }
    return json.dumps(content, indent=2)


def _counts(seen: Inspection) -> dict[str, Any]:
    """Numbers of a file that was read; a refused file has none."""
    if seen.refused:
        return {**dict.fromkeys(COUNTS), "excluded": {}, "id_column": None}
    return {
        "n_rows": seen.n_rows,
        "n_columns": seen.n_columns,
        "n_responses": seen.n_responses,
        "n_complete": seen.n_complete,
        "n_partial": seen.n_partial,
        "n_test": seen.n_test,
        "n_rejected": seen.n_rejected,
        "excluded": dict(seen.excluded),
        "id_column": seen.id_column or None,
        "n_unique_ids": seen.n_unique_ids,
    }


def inspection_facts(seen: Inspection, translate: Translator) -> list[tuple[str, str]]:
    """Pairs of a name and what was found, those found out first."""
    text, whole = translate.text, translate.integer
    sure = translate.percent(seen.confidence) if seen.confidence else text(N_("no known tool"))
    others = [f"{name} ({translate.percent(share)})" for name, share in seen.alternatives]
    modes = {"label": text(N_("words")), "code": text(N_("codes"))}
    marks = {"\t": text(N_("TAB")), "": ""}
    facts = [
        (N_("format"), f"{seen.title} ({sure})" if seen.title else ""),
        (N_("evidence"), "; ".join(seen.evidence)),
        (N_("could also be"), ", ".join(others)),
        (N_("variant"), seen.variant),
        (N_("answers as"), modes.get(seen.mode, "")),
        (N_("encoding"), seen.encoding),
        (N_("delimiter"), marks.get(seen.delimiter, seen.delimiter)),
        (N_("sheet"), seen.sheet),
        (N_("questionnaire of"), seen.codebook if seen.refused else ""),
        (N_("explained by a questionnaire of"), "" if seen.refused else seen.codebook),
    ]
    if not seen.refused:
        left_out = [f"{whole(n)} {text(why.replace('_', ' '))}" for why, n in seen.excluded.items()]
        ids = "" if seen.n_unique_ids is None else whole(seen.n_unique_ids)
        facts += [
            (N_("header rows"), whole(seen.header_rows)),
            (N_("rows"), whole(seen.n_rows)),
            (N_("no responses"), ", ".join(left_out)),
            (N_("responses"), whole(seen.n_responses)),
            (N_("finished"), whole(seen.n_complete)),
            (N_("broken off"), whole(seen.n_partial)),
            (N_("previews and tests"), whole(seen.n_test) if seen.n_test else ""),
            (N_("rejected in the tool"), whole(seen.n_rejected) if seen.n_rejected else ""),
            (N_("column of the id"), f"{seen.id_column}: {ids}" if seen.id_column else "–"),
            (N_("personal columns, dropped"), ", ".join(seen.personal_columns)),
        ]
    return [(text(name), value) for name, value in facts if value]


def question_rows(seen: Inspection, translate: Translator) -> list[dict[str, str]]:
    """One line of a table per question."""
    text = translate.text
    rows = []
    for question in seen.questions:
        shown = [_short(option) for option in question.options[:SHOWN_OPTIONS]]
        more = ["…"] if len(question.options) > SHOWN_OPTIONS else []
        rows.append(
            {
                text(N_("key")): _short(question.key),
                text(N_("question")): _short(question.text),
                text(N_("type")): text(question.kind),
                text(N_("answered")): translate.integer(question.n_answered),
                text(N_("options")): " | ".join([*shown, *more]),
            }
        )
    return rows


def inspection_remarks(seen: Inspection, translate: Translator) -> list[str]:
    """Every kind of warning once, with how often it occurs."""
    counts = Counter(problem.code for problem in seen.warnings)
    first = {problem.code: problem for problem in reversed(seen.warnings)}
    told = []
    for problem in first.values():
        again = counts[problem.code] - 1
        more = translate.plural(N_("({count} more)"), N_("({count} more)"), again) if again else ""
        sentence = f"[{problem.severity}] {problem.what(translate)} {problem.hint(translate)}"
        told.append(f"{sentence} {more}".strip())
    return told[::-1]


def _short(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= SHOWN_LETTERS else plain[: SHOWN_LETTERS - 1] + "…"
