"""The cells of a LimeSurvey export below its headings, put into one form column by column."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping, Sequence

import numpy as np

from twinimpact.ingest import limesurvey_headings as headings
from twinimpact.ingest import shape
from twinimpact.ingest.answers_xml import NOT_SHOWN
from twinimpact.ingest.cells import Column, Grid, column_of
from twinimpact.ingest.codebook import CodeBook, Question
from twinimpact.ingest.extent import column_letters
from twinimpact.ingest.limesurvey_codes import NOT_SELECTED, Recoder, places_of
from twinimpact.ingest.limesurvey_headings import meta_code, parse_heading
from twinimpact.ingest.records import Detection, DraftRows
from twinimpact.ingest.source import RawTable
from twinimpact.problems import Problem

ARCHIVE, VV, R_OLD = "archive", "vv", "r_old"
_RAW = (ARCHIVE, VV)
_FROM_R = (R_OLD, "fields")
_WITH_TEXTS = ("text", "code_text", "abbreviated", VV)
_NO_DATE = "1980-01-01"
_FORMULA_START = frozenset("=+-@")
_ESCAPES = {"{newline}": "\n", "{cr}": "\r", "{tab}": "\t", "{quote}": '"', "{lbrace}": "{"}
_ESCAPE = re.compile("|".join(map(re.escape, _ESCAPES)))
_DAY_FIRST = re.compile(r"^(\d{2})-(\d{2})-(\d{4})(?: (\d{2}:\d{2}:\d{2}))?$")
_TEN_DIGITS = re.compile(r"^-?\d+\.\d{10}$")
_COMMA = re.compile(r"^[+-]?\d+,\d+$")
_LOOKED_AT = 200
_FIRST: Mapping[str, re.Pattern[str]] = {
    "id": re.compile(r"^\d+$"),
    "submitdate": re.compile(r"^(?:\d{4}-\d\d-\d\d|\d\d-\d\d-\d{4})(?:[ T]\d\d:\d\d(?::\d\d)?)?$"),
    "lastpage": re.compile(r"^-?\d{1,3}$"),
    "startlanguage": re.compile(r"^[a-z]{2,3}(?:-[A-Za-z]{2,12}){0,2}$"),
}
_LABELS = {"N/A": "", NOT_SELECTED: "No", "Not Selected": "No"}


def begins_like_answers(rows: Sequence[tuple[str, ...]]) -> bool:
    """Whether the first columns are those of every export, in a language not listed."""
    if not rows or len(rows[0]) < len(_FIRST) + 1:
        return False
    for place, (code, pattern) in enumerate(_FIRST.items()):
        column = column_of(rows, place)
        # a column of another kind shows it in its first cells
        if not all(map(pattern.match, _filled(column[:_LOOKED_AT]))):
            return False
        filled = _filled(column.distinct())
        if not all(map(pattern.match, filled)):
            return False
        if code == "id" and len({cell.strip() for cell in column}) < len(column):
            return False
        if not filled and code != "submitdate":
            return False
    return True


def _filled(cells: Sequence[str]) -> list[str]:
    return [text for cell in cells if (text := cell.strip())]


class ExportAnswers:
    """The cells of an export below its headings, and what the columns are.

    ``hidden`` says why cells are missing, by place of the row.
    """

    def __init__(self, table: RawTable, detection: Detection) -> None:
        self.variant, self.mode = detection.variant, detection.mode
        start = {VV: 2, R_OLD: 0}.get(self.variant, 1)
        self.names = [name.strip() for name in table.rows[start - 1]] if start else []
        self.names = self.names or [""] * len(table.rows[0])
        rows, self.numbers = shape.body(table, start)
        self.rows, self.mended = _without_guard(Grid.of(rows, len(self.names)))
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
        if not self.places and begins_like_answers(self.rows):
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
            filled = [cell for cell in self.rows.columns[place].distinct() if cell]
            if filled and all(map(_FIRST["submitdate"].match, filled)):
                code = "datestamp" if "startdate" in self.guessed else "startdate"
                self.guessed.setdefault(code, place)

    def column(self, code: str) -> Column:
        """Cells of one of the tool's own columns."""
        return shape.column_cells(self.rows, self.places.get(code))

    def _unmarked(self) -> dict[int, dict[int, str]]:
        """Why cells are missing, by row; their marks and the escapes of VV files go."""
        if self.variant not in _RAW:
            return {}
        own = set(self.places.values())
        reasons: dict[int, dict[int, str]] = {}
        for place, column in enumerate(self.rows.columns):
            if place not in own and column.mentions(NOT_SHOWN):
                for row in np.flatnonzero(column.test(NOT_SHOWN.__eq__)).tolist():
                    reasons.setdefault(row, {})[place] = "not_shown"
        marks = {True: (NOT_SHOWN, "NULL"), False: (NOT_SHOWN,)}

        def plain(cell: str, is_own: bool) -> str:
            if cell in marks[is_own]:
                return ""
            if self.variant == VV and "{" in cell:
                cell = _ESCAPE.sub(lambda match: _ESCAPES[match[0]], cell)
            # the data base keeps ten digits after the point
            return _without_zeros(cell)

        self.rows = Grid(
            [
                column.map(lambda cell, is_own=place in own: plain(cell, is_own))  # type: ignore[misc]
                for place, column in enumerate(self.rows.columns)
            ],
            len(self.rows),
        )
        return reasons

    def _dates_from_r(self) -> None:
        """The export for R writes every date day first."""
        times = {p for code, p in self.places.items() if code.endswith(("date", "datestamp"))}
        self.rows = self.rows.replaced(
            {
                place: self.rows.columns[place].map(lambda cell: _DAY_FIRST.sub(_year_first, cell))
                for place in times
            }
        )

    def _labels(self) -> None:
        """``N/A`` is no answer, and R's ``Not selected`` is a No."""
        answers = frozenset(range(len(self.names))) - set(self.places.values())
        self.rows = self.rows.replaced(
            {p: self.rows.columns[p].map(lambda cell: _LABELS.get(cell, cell)) for p in answers}
        )

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
        problems = []
        changed = {}
        for place, question in asked.items():
            if not question.options:
                continue
            column, coder = self.rows.columns[place], Recoder(question)
            unknown = int(np.count_nonzero(column.test(coder.is_unknown)))
            changed[place] = column.map(coder.code)
            if self.variant in _RAW and question.kind == "multi":
                # raw data hold nothing for a box that was shown and not ticked
                empty = ~column.filled()
                empty[[row for row, why in self.hidden.items() if place in why]] = False
                changed[place] = changed[place].with_text("N", empty)
            if unknown:
                letters, got = column_letters(place + 1), str(unknown)
                problems.append(
                    shape.problem_in(table, "answers_not_in_codebook", column=letters, got=got)
                )
        self.rows = self.rows.replaced(changed)
        return problems

    def _commas(
        self, table: RawTable, asked: Mapping[int, Question], book: CodeBook
    ) -> list[Problem]:
        """Numbers with a decimal comma where the questionnaire writes them so."""
        places = [p for p, one in asked.items() if one.kind == "number"]
        if not book.comma_languages or not places:
            return []
        changed = {}
        for place in places:
            column = self.rows.columns[place]
            if any(map(_COMMA.match, column.distinct())):
                changed[place] = column.map(
                    lambda cell: cell.replace(",", ".") if _COMMA.match(cell) else cell
                )
        self.rows = self.rows.replaced(changed)
        listed = ", ".join(column_letters(place + 1) for place in sorted(changed))
        return [shape.problem_in(table, "decimal_commas", got=listed)] if changed else []

    def roles(self) -> dict[int, str]:
        """Roles of the tool's own columns, timings, and columns the tool names as personal."""
        roles = {place: headings.ROLES[code] for code, place in self.places.items()}
        total = any(map(headings.is_total_time, self.names))
        for place, name in enumerate(self.names):
            if place in roles:
                continue
            bare = shape.plain(name.split(".")[0])
            cells = column_of(self.rows, place).distinct() if total else []
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
        return all(map(str.isdigit, column_of(self.rows, 0).distinct()))

    def drafted(self, ids: Sequence[str], submitted: Sequence[str]) -> DraftRows:
        """The responses; without a submit date they are partial, where the export has one."""
        states = Column.same("complete", len(self.rows))
        moments = Column.of(submitted)
        if "submitdate" in self.places:
            partial = self.column("submitdate").test(("", "N/A", "NULL").__contains__)
            states = Column(("complete", "partial"), partial.astype(np.uint8))
            moments = moments.with_text("", partial)
        if moments.mentions(_NO_DATE):
            moments = moments.map(lambda text: "" if text.startswith(_NO_DATE) else text)
        rows = DraftRows.by_column(
            cells=self.rows,
            numbers=self.numbers,
            response_ids=ids,
            states=states,
            submitted=moments,
        )
        return dataclasses.replace(
            rows,
            languages=self.column("startlanguage"),
            tokens=self.column("token"),
            reasons=self.hidden,
        )


def _without_zeros(cell: str) -> str:
    if not _TEN_DIGITS.match(cell):
        return cell
    return cell.rstrip("0").rstrip(".")


def _year_first(match: re.Match[str]) -> str:
    return f"{match[3]}-{match[2]}-{match[1]}" + (f" {match[4]}" if match[4] else "")


def _is_guarded(cell: str) -> bool:
    return cell[:1] == "'" and cell[1:2] in _FORMULA_START


def _without_guard(rows: Grid) -> tuple[Grid, int]:
    """Take off the apostrophe the tool puts before ``= + - @`` against formulas."""
    mended = 0
    changed = {}
    for place, column in enumerate(rows.columns):
        if column.mentions("'") and (count := int(np.count_nonzero(column.test(_is_guarded)))):
            mended += count
            changed[place] = column.map(lambda cell: cell[1:] if _is_guarded(cell) else cell)
    return rows.replaced(changed), mended
