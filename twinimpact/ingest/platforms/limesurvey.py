"""LimeSurvey response exports: CSV and Excel in every style of heading, R, VV, archives.

An empty submit date means that the person did not finish. Where answers are exported as
labels, the text ``N/A`` stands for "no answer". Only VV files and archives tell a question
that was never shown from one left blank. With a code book labels become codes.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence

from twinimpact.ingest import limesurvey_headings as headings
from twinimpact.ingest import shape
from twinimpact.ingest.extent import column_letters
from twinimpact.ingest.limesurvey_answers import (
    ARCHIVE,
    R_OLD,
    VV,
    ExportAnswers,
    begins_like_answers,
)
from twinimpact.ingest.limesurvey_headings import META_NAMES, meta_code, parse_heading
from twinimpact.ingest.records import Detection, Draft, Match
from twinimpact.ingest.source import RawTable

__all__ = ["NAME", "TITLE", "normalise", "parse_heading", "signature"]

NAME = "limesurvey"
TITLE = "LimeSurvey"
_LABELS = frozenset(("N/A", "Yes", "No", "Ja", "Nein", "Nee", "Oui", "Non", "Sí", "Si", "Sì"))
_CODES = re.compile(r"^(?:[YN]|-oth-|A\d{1,3}|AO\d{2,3})$")
_SHORT_CODE = re.compile(r"^(?:-oth-|[A-Za-z]{0,3}\d{1,4}|[YNMF]|[a-z]{1,5})$")
_NUMBERED = re.compile(r"^\d+[a-z]?(?:\s?\[[^\]]*\])*\. ")


def signature(table: RawTable) -> Match | None:
    """At least three of the tool's own columns, headings ``code. text``, or raw field names."""
    if not table.rows:
        return None
    names = [name.strip() for name in table.rows[0]]
    if raw := _raw_signature(table, names):
        return raw
    metas = [name for name in names if meta_code(name)]
    codes = {meta_code(name) for name in metas}
    coded = sum(1 for name in names if headings.is_coded(name))
    share = coded / max(1, sum(1 for name in names if name))
    scores: list[tuple[float, str]] = []
    if len(codes) >= 3:
        scores.append((min(1.0, 0.3 + 0.15 * len(codes)), "columns " + ", ".join(metas)))
    if coded >= 3 and share > 0.6:
        scores.append((0.7, "headings of the form “code. text”"))
    elif _mostly_numbered(names):
        # codes of old surveys are numbers; other tools number their questions too
        scores.append((0.7, "headings of the form “number. text”"))
    if not scores and begins_like_answers(table.rows[1:]):
        scores.append((0.65, "columns of a number, a date, a page and a language, in this order"))
    if not scores:
        return None
    variant = headings.variant_of(names)
    return Match(
        confidence=max(score for score, _ in scores),
        variant=variant,
        mode="code" if variant == "fields" else _mode(table, names),
        evidence=tuple(words for _, words in scores),
    )


def _mostly_numbered(names: Sequence[str]) -> bool:
    numbered = sum(1 for name in names if _NUMBERED.match(name))
    return numbered >= 3 and numbered > 0.6 * sum(1 for name in names if name)


def _raw_signature(table: RawTable, names: Sequence[str]) -> Match | None:
    """Files with names of the data base, or no header at all."""
    fields = sum(map(headings.is_field, names))
    if table.container == "xml":
        known = {"id", "submitdate", "lastpage", "startlanguage"} & set(names)
        if fields or len(known) >= 3:
            words = ("responses of a survey archive",)
            return Match(confidence=1.0, variant=ARCHIVE, mode="code", evidence=words)
        return None
    second = [name.strip() for name in table.rows[1]] if len(table.rows) > 1 else []
    if sum(map(headings.is_field, second)) >= 2:
        words = ("field names like 123X4X5 in row 2",)
        return Match(confidence=1.0, variant=VV, mode="code", header_rows=2, evidence=words)
    if table.delimiter == "\t" and len(set(META_NAMES) & set(second)) >= 3:
        words = ("names of the tool's own columns in row 2",)
        return Match(confidence=1.0, variant=VV, mode="code", header_rows=2, evidence=words)
    if table.quote == "'":
        words = ("no header, and apostrophes around the cells",)
        return Match(confidence=0.7, variant=R_OLD, mode="code", header_rows=0, evidence=words)
    return None


def normalise(tables: Sequence[RawTable], detection: Detection) -> Draft:
    """Responses with state from the submit date and question codes where there are any."""
    table = shape.chosen(tables, detection)
    found = ExportAnswers(table, detection)
    book = table.codebook if table.codebook and table.codebook.platform == NAME else None
    problems = found.join(table, book) if book else []
    columns = shape.columns_of(found.names, found.keys, found.texts, found.roles(), found.rows)
    submitted, unsure = shape.moments_of(found.rows, found.places.get("submitdate"), table)
    problems.extend(unsure)
    ids = shape.given_ids(found.column("id"), found.rows, found.names)
    if "id" not in found.places:
        problems.append(shape.problem_in(table, "id_missing"))
    if found.mended:
        problems.append(shape.problem_in(table, "quote_prefix_removed", got=str(found.mended)))
    problems.extend(
        shape.problem_in(table, "metadata_guessed", column=column_letters(place + 1),
                         got=found.names[place] or code)
        for code, place in found.guessed.items() if detection.variant != R_OLD
    )  # fmt: skip
    if detection.variant == R_OLD and book is None:
        problems.append(shape.problem_in(table, "names_in_syntax"))
    problems.extend(shape.left_out(tables, table))
    drafted = found.drafted(ids, submitted)
    shown = dataclasses.replace(detection, mode=found.mode)
    return shape.draft_of_table(table, shown, columns, drafted, problems)


def _mode(table: RawTable, names: Sequence[str]) -> str:
    """Codes or labels: ``N/A``, ``Yes`` and long answers in most columns speak for labels."""
    short = long = labels = codes = 0
    for place, name in enumerate(names):
        if meta_code(name) or headings.is_timing(name) or not name:
            continue
        values = {row[place].strip() for row in table.rows[1:201]} - {""}
        if not values:
            continue
        labels += bool(values & _LABELS)
        codes += all(map(_CODES.match, values))
        if all(map(_SHORT_CODE.match, values)):
            short += 1
        else:
            long += 1
    if labels != codes:
        return "label" if labels > codes else "code"
    return "code" if short >= long else "label"
