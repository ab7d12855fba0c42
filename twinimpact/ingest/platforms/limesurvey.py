"""LimeSurvey response exports: CSV and Excel in every style of heading, R, VV, archives.

An empty submit date means that the person did not finish. Where answers are exported as
labels, the text ``N/A`` stands for "no answer". Only VV files and archives tell a question
that was never shown from one left blank. With a code book labels become codes.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping, Sequence

from twinimpact.ingest import limesurvey_headings as headings
from twinimpact.ingest import shape
from twinimpact.ingest.answers_xml import NOT_SHOWN
from twinimpact.ingest.codebook import CodeBook, Question
from twinimpact.ingest.extent import column_letters
from twinimpact.ingest.limesurvey_codes import NOT_SELECTED, Recoder, places_of
from twinimpact.ingest.limesurvey_headings import META_NAMES, meta_code, parse_heading
from twinimpact.ingest.records import Detection, Draft, DraftRow, Match
from twinimpact.ingest.source import RawTable
from twinimpact.problems import Problem

__all__ = ["NAME", "TITLE", "normalise", "parse_heading", "signature"]

NAME = "limesurvey"
TITLE = "LimeSurvey"
ARCHIVE, VV, R_OLD = "archive", "vv", "r_old"
_RAW = (ARCHIVE, VV)
_FROM_R = (R_OLD, "fields")
_WITH_TEXTS = ("text", "code_text", "abbreviated", VV)
_LABELS = frozenset(("N/A", "Yes", "No", "Ja", "Nein", "Nee", "Oui", "Non", "Sí", "Si", "Sì"))
_CODES = re.compile(r"^(?:[YN]|-oth-|A\d{1,3}|AO\d{2,3})$")
_SHORT_CODE = re.compile(r"^(?:-oth-|[A-Za-z]{0,3}\d{1,4}|[YNMF]|[a-z]{1,5})$")
_NO_DATE = "1980-01-01"
_FORMULA_START = frozenset("=+-@")
_ESCAPES = {"{newline}": "\n", "{cr}": "\r", "{tab}": "\t", "{quote}": '"', "{lbrace}": "{"}
_ESCAPE = re.compile("|".join(map(re.escape, _ESCAPES)))
_DAY_FIRST = re.compile(r"^(\d{2})-(\d{2})-(\d{4})(?: (\d{2}:\d{2}:\d{2}))?$")
_TEN_DIGITS = re.compile(r"^-?\d+\.\d{10}$")
_NUMBERED = re.compile(r"^\d+[a-z]?(?:\s?\[[^\]]*\])*\. ")
_COMMA = re.compile(r"^[+-]?\d+,\d+$")
_FIRST: Mapping[str, re.Pattern[str]] = {
    "id": re.compile(r"^\d+$"),
    "submitdate": re.compile(r"^(?:\d{4}-\d\d-\d\d|\d\d-\d\d-\d{4})(?:[ T]\d\d:\d\d(?::\d\d)?)?$"),
    "lastpage": re.compile(r"^-?\d{1,3}$"),
    "startlanguage": re.compile(r"^[a-z]{2,3}(?:-[A-Za-z]{2,12}){0,2}$"),
}


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
    if not scores and _begins_like_answers(table.rows[1:]):
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


def _begins_like_answers(rows: Sequence[tuple[str, ...]]) -> bool:
    """Whether the first columns are those of every export, in a language not listed."""
    if not rows or len(rows[0]) < len(_FIRST) + 1:
        return False
    for place, (code, pattern) in enumerate(_FIRST.items()):
        cells = [row[place].strip() for row in rows]
        filled = [cell for cell in cells if cell]
        if not all(map(pattern.match, filled)) or (code == "id" and len(set(cells)) < len(cells)):
            return False
        if not filled and code != "submitdate":
            return False
    return True


def normalise(tables: Sequence[RawTable], detection: Detection) -> Draft:
    """Responses with state from the submit date and question codes where there are any."""
    table = shape.chosen(tables, detection)
    found = _Answers(table, detection)
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
    drafted = tuple(
        found.row(place, response, moment)
        for place, (response, moment) in enumerate(zip(ids, submitted, strict=True))
    )
    shown = dataclasses.replace(detection, mode=found.mode)
    return shape.draft_of_table(table, shown, columns, drafted, problems)


class _Answers:
    """The cells of an export below its headings, and what the columns are."""

    def __init__(self, table: RawTable, detection: Detection) -> None:
        self.variant, self.mode = detection.variant, detection.mode
        start = {VV: 2, R_OLD: 0}.get(self.variant, 1)
        self.names = [name.strip() for name in table.rows[start - 1]] if start else []
        self.names = self.names or [""] * len(table.rows[0])
        rows, self.numbers = shape.body(table, start)
        self.rows, self.mended = _without_guard(rows)
        parsed = [
            parse_heading(name, "code" if start != 1 or self.variant == ARCHIVE else self.variant)
            for name in self.names
        ]
        self.keys = [code for code, _ in parsed]
        self.texts = [text for _, text in parsed]
        if self.variant == VV:
            shown = [text.strip() for text in table.rows[0]]
            self.texts = [text or self.texts[place] for place, text in enumerate(shown)]
        self.places = {
            code: place for place, name in reversed(list(enumerate(self.names)))
            if (code := meta_code(name))
        }  # fmt: skip
        self.guessed: dict[str, int] = {}
        if not self.places and _begins_like_answers(self.rows):
            self.guessed = {code: place for place, code in enumerate(_FIRST)}
            self._guess_further()
            self.places.update(self.guessed)
        self.hidden = self._unmarked()
        if self.variant in _FROM_R:
            self._dates_from_r()
        if self.mode == "label":
            self._labels()

    def _guess_further(self) -> None:
        """A second and third date after the language are the start and the last action."""
        for place in range(len(_FIRST), min(len(self.names), len(_FIRST) + 5)):
            filled = [row[place] for row in self.rows if row[place]]
            if filled and all(map(_FIRST["submitdate"].match, filled)):
                code = "datestamp" if "startdate" in self.guessed else "startdate"
                self.guessed.setdefault(code, place)

    def column(self, code: str) -> tuple[str, ...]:
        """Cells of one of the tool's own columns."""
        return shape.column_cells(self.rows, self.places.get(code))

    def _unmarked(self) -> list[dict[int, str]]:
        """Why cells are missing, by row; their marks and the escapes of VV files go."""
        if self.variant not in _RAW:
            return [{} for _ in self.rows]
        own = set(self.places.values())
        reasons: list[dict[int, str]] = []
        rows = []
        for row in self.rows:
            reasons.append(
                {p: "not_shown" for p, cell in enumerate(row) if cell == NOT_SHOWN and p not in own}
            )
            cells = ["" if cell in (NOT_SHOWN, "NULL") and (cell == NOT_SHOWN or p in own) else cell
                     for p, cell in enumerate(row)]  # fmt: skip
            if self.variant == VV:
                cells = [_ESCAPE.sub(lambda m: _ESCAPES[m[0]], cell) if "{" in cell else cell
                         for cell in cells]  # fmt: skip
            # the data base keeps ten digits after the point
            rows.append(tuple(map(_without_zeros, cells)))
        self.rows = rows
        return reasons

    def _dates_from_r(self) -> None:
        """The export for R writes every date day first."""
        times = {p for code, p in self.places.items() if code.endswith(("date", "datestamp"))}
        self.rows = [
            tuple(
                _DAY_FIRST.sub(_year_first, cell) if place in times else cell
                for place, cell in enumerate(row)
            )
            for row in self.rows
        ]

    def _labels(self) -> None:
        """``N/A`` is no answer, and R's ``Not selected`` is a No."""
        answers = frozenset(range(len(self.names))) - set(self.places.values())
        words = {"N/A": "", NOT_SELECTED: "No", "Not Selected": "No"}
        self.rows = [
            tuple([words.get(cell, cell) if place in answers else cell
                   for place, cell in enumerate(row)])
            if words.keys() & set(row) else row
            for row in self.rows
        ]  # fmt: skip

    def join(self, table: RawTable, book: CodeBook) -> list[Problem]:
        """Keys, wordings and codes from the code book."""
        asked = places_of(self.names, self.keys, self.texts, book)
        if not asked:
            return [shape.problem_in(table, "codebook_misfit", got=book.file)]
        for place, question in asked.items():
            text = next(iter(question.text.values()), "")
            if self.variant not in _WITH_TEXTS or not self.names[place]:
                self.texts[place] = text or self.texts[place]
            self.keys[place] = question.key
            if self.variant == R_OLD:
                self.names[place] = question.key
        own = {meta_code(key): place for place, key in enumerate(self.keys) if meta_code(key)}
        self.places = {**self.places, **own} if self.variant == R_OLD else self.places
        self.guessed = {c: p for c, p in self.guessed.items() if own.get(c) != p}
        asked = {place: one for place, one in asked.items() if place not in own.values()}
        if self.variant == R_OLD:
            self._dates_from_r()
        problems = self._recode(table, asked)
        problems.extend(self._commas(table, asked, book))
        self.mode = "code"
        return problems

    def _recode(self, table: RawTable, asked: Mapping[int, Question]) -> list[Problem]:
        coders = {place: Recoder(one) for place, one in asked.items() if one.options}
        changed = []
        for row, why in zip(self.rows, self.hidden, strict=True):
            cells = list(row)
            for place, coder in coders.items():
                cells[place] = coder.code(row[place])
                if self._left_unticked(coder.question, row[place]) and place not in why:
                    cells[place] = "N"
            changed.append(tuple(cells))
        self.rows = changed
        return [
            shape.problem_in(table, "answers_not_in_codebook", column=column_letters(place + 1),
                             got=str(coder.unknown))
            for place, coder in coders.items() if coder.unknown
        ]  # fmt: skip

    def _left_unticked(self, question: Question, cell: str) -> bool:
        """Raw data hold nothing for a box that was shown and not ticked."""
        return self.variant in _RAW and not cell and question.kind == "multi"

    def _commas(
        self, table: RawTable, asked: Mapping[int, Question], book: CodeBook
    ) -> list[Problem]:
        """Numbers with a decimal comma where the questionnaire writes them so."""
        places = [p for p, one in asked.items() if one.kind == "number"]
        if not book.comma_languages or not places:
            return []
        mended: set[int] = set()
        changed = []
        for row in self.rows:
            cells = list(row)
            for place in places:
                if _COMMA.match(cells[place]):
                    cells[place] = cells[place].replace(",", ".")
                    mended.add(place)
            changed.append(tuple(cells))
        self.rows = changed
        listed = ", ".join(column_letters(place + 1) for place in sorted(mended))
        return [shape.problem_in(table, "decimal_commas", got=listed)] if mended else []

    def roles(self) -> dict[int, str]:
        """Roles of the tool's own columns, timings, and columns the tool names as personal."""
        roles = {place: headings.ROLES[code] for code, place in self.places.items()}
        total = any(map(headings.is_total_time, self.names))
        for place, name in enumerate(self.names):
            if place in roles:
                continue
            bare = shape.plain(name.split(".")[0])
            cells = [row[place] for row in self.rows] if total else []
            if headings.is_timing(name) or (total and headings.is_other_timing(name, cells)):
                roles[place] = "timing"
            elif place == 0 and not name and self.variant != R_OLD and self._counts_rows():
                roles[place] = "ignore"  # row numbers that R wrote
            elif bare in ("firstname", "lastname", "email"):
                roles[place] = "personal"
            elif bare == "consent":
                roles[place] = "consent"
        return roles

    def _counts_rows(self) -> bool:
        return all(row[0].isdigit() for row in self.rows)

    def row(self, place: int, response: str, moment: str) -> DraftRow:
        """One response; without a submit date it is partial, where the export has the column."""
        cells = self.rows[place]

        def at(code: str) -> str:
            return cells[self.places[code]] if code in self.places else ""

        partial = "submitdate" in self.places and at("submitdate") in ("", "N/A", "NULL")
        return DraftRow(
            number=self.numbers[place],
            response_id=response,
            state="partial" if partial else "complete",
            submitted="" if moment.startswith(_NO_DATE) or partial else moment,
            language=at("startlanguage"),
            token=at("token"),
            cells=cells,
            reasons=self.hidden[place],
        )


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


def _without_zeros(cell: str) -> str:
    if not _TEN_DIGITS.match(cell):
        return cell
    return cell.rstrip("0").rstrip(".")


def _year_first(match: re.Match[str]) -> str:
    return f"{match[3]}-{match[2]}-{match[1]}" + (f" {match[4]}" if match[4] else "")


def _without_guard(rows: shape.Rows) -> tuple[list[tuple[str, ...]], int]:
    """Take off the apostrophe the tool puts before ``= + - @`` against formulas."""
    mended = 0
    result = []
    for row in rows:
        if any(cell[:1] == "'" for cell in row):
            guarded = [cell[:1] == "'" and cell[1:2] in _FORMULA_START for cell in row]
            mended += sum(guarded)
            row = tuple(cell[1:] if hit else cell for cell, hit in zip(row, guarded, strict=True))
        result.append(row)
    return result, mended
