"""EUSurvey results: workbooks (XLS, XLSX, ODS), several of them in a zip, and XML.

A form with many questions spills over to further sheets, and every 20,000 answers begin a new
workbook: all of them are one table. With "assigned values" headers and answers end in their
codes, which are what the draft holds; the wordings go into its code book.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping, Sequence

from twinimpact.ingest import eusurvey_parts as parts
from twinimpact.ingest import shape
from twinimpact.ingest.codebook import AnswerSet, CodeBook, Kind, Question
from twinimpact.ingest.extent import column_letters
from twinimpact.ingest.records import Detection, Draft, DraftRow, Match
from twinimpact.ingest.source import RawTable
from twinimpact.problems import Problem

NAME = "eusurvey"
TITLE = "EUSurvey"
_ENOUGH = 0.9
_DIGITS = re.compile(r"_(\d+)\.\w+$")
_XML = "xml"


def signature(table: RawTable) -> Match | None:
    """Cells Alias and Export Date above the answers, or the XML this tool writes."""
    if table.container == _XML:
        if table.codebook is None or table.codebook.platform != NAME:
            return None
        coded = all(" " not in name for name in table.rows[0][: len(table.codebook.questions)])
        return Match(confidence=1.0, variant=_XML, mode="code" if coded else "label",
                     evidence=("an XML file of results",))  # fmt: skip
    if not parts.is_content(table):
        return None
    header = table.rows[2] if len(table.rows) > 2 else ()
    sure = parts.says_so_in_english(table)
    return Match(
        # further sheets of the same answers fit a little less, so the first one is named
        confidence=(1.0 if sure else 0.9) - 0.001 * min(parts.sheet_number(table), 99),
        variant=table.container,
        mode="code" if _is_coded([name.strip() for name in header]) else "label",
        header_rows=table.numbers[2] if len(table.numbers) > 2 else parts.HEADER_ROW,
        evidence=("cells Alias and Export Date" if sure else "a sheet Content with two lines of "
                  "its own above the header",),
    )  # fmt: skip


def _is_coded(names: Sequence[str]) -> bool:
    meta, _ = parts.meta_of(names)
    asked = [name for place, name in enumerate(names)
             if name and place not in meta and shape.plain(name) not in parts.REMARKS]  # fmt: skip
    named = sum(1 for name in asked if parts.short_name(name)[0])
    return bool(asked) and named >= _ENOUGH * len(asked)


def normalise(tables: Sequence[RawTable], detection: Detection) -> Draft:
    """All answers of all sheets and workbooks that have the same questions."""
    table = shape.chosen(tables, detection)
    if table.container == _XML:
        return _from_xml(table, detection)
    books, others = _workbooks(tables)
    first = books[0][0]
    whole = parts.joined(books[0])
    rows, numbers = list(whole.rows), list(whole.numbers)
    told: list[Problem] = []
    for book in books[1:]:
        more = parts.joined(book)
        if more.names != whole.names:
            others.extend(book)
            continue
        before = numbers[-1] if numbers else 0
        rows.extend(more.rows)
        numbers.extend(number + before for number in more.numbers)
        told.append(
            Problem(code="workbooks_joined", file=first.file, sheet=first.sheet,
                    got=book[0].file, expected=str(before))
        )  # fmt: skip
    if others:
        listed = ", ".join(other.sheet or other.file for other in others)
        told.append(shape.problem_in(first, "sheets_left_out", got=listed))
    table_problems = [problem for book in books for one in book for problem in one.problems]
    return _draft(first, detection, _Content(whole.names, rows, numbers), [*table_problems, *told])


def _workbooks(tables: Sequence[RawTable]) -> tuple[list[list[RawTable]], list[RawTable]]:
    """Sheets of answers by workbook, in the order of the answers; and all other tables."""
    books: dict[str, list[RawTable]] = {}
    others: list[RawTable] = []
    for table in tables:
        if parts.is_content(table):
            books.setdefault(table.file, []).append(table)
        elif table.rows:
            others.append(table)

    def order(file: str) -> tuple[int, str]:
        match = _DIGITS.search(file)
        return (int(match[1]) if match else 0), file

    return [
        sorted(books[file], key=parts.sheet_number) for file in sorted(books, key=order)
    ], others


class _Content:
    """The joined table, and what its columns turn out to be."""

    def __init__(
        self, names: Sequence[str], rows: list[tuple[str, ...]], numbers: list[int]
    ) -> None:
        self.names = list(names)
        self.rows = rows
        self.numbers = numbers
        self.coded = _is_coded(names)
        self.meta, self.guessed = parts.meta_of(names)
        by_content = parts.meta_by_content(names, rows, self.meta, self.coded)
        self.guessed += tuple(by_content)
        self.meta.update(by_content)
        self.keys: list[str] = []
        self.texts: list[str] = []
        for place, name in enumerate(names):
            asked = self.coded and place not in self.meta
            code, text = parts.short_name(name) if asked else ("", name)
            self.keys.append(code or name)
            self.texts.append(text)
        self._name_remarks()
        self.questions: list[Question] = []
        self.sets: list[AnswerSet] = []
        self.cells = [list(column) for column in zip(*rows, strict=True)] if rows else []
        self.spaced = self.coded and not any(
            parts.choices_of(cells, self.keys[place]) for place, cells in enumerate(self.cells)
        )
        self._read()
        shown = parts.grouped(
            [text if p not in self.meta else "" for p, text in enumerate(self.texts)]
        )
        self.texts = [text or self.texts[place] for place, text in enumerate(shown)]

    def place(self, kind: str) -> int | None:
        """Where a column of the tool stands."""
        return next((place for place, found in self.meta.items() if found == kind), None)

    def _name_remarks(self) -> None:
        """Columns of a Delphi survey that repeat after every question get its name."""
        owner = ""
        for place, name in enumerate(self.names):
            remark = shape.plain(name)
            if remark in parts.REMARKS and owner and place not in self.meta:
                self.keys[place] = f"{owner}/{remark}"
                self.texts[place] = f"{name} ({owner})"
            elif place not in self.meta:
                owner = self.keys[place]

    def _read(self) -> None:
        """Answers become codes, ratings numbers, split choices one column again."""
        place = 0
        while place < len(self.names):
            if not self.cells or place in self.meta or not self.names[place]:
                place += 1
                continue
            run = parts.split_run(place, self.names, self.rows, self.meta)
            if run:
                self._split(place, run)
                place = run[-1] + 1
                continue
            self._column(place)
            place += 1

    def _column(self, place: int) -> None:
        cells = self.cells[place]
        choices = None
        if self.coded:
            choices = parts.choices_of(cells, self.keys[place], spaced=self.spaced)
        kind: Kind = "text"
        options: Mapping[str, Mapping[str, str]] = {}
        if choices is not None:
            cells[:] = choices.cells
            kind = "multi" if choices.several else "single"
            options = {code: {"": label} for code, label in sorted(choices.labels.items())}
        elif rated := parts.rating_of(cells):
            cells[:] = rated
            kind = "number"
        self._ask(place, kind, options)

    def _split(self, place: int, run: Sequence[int]) -> None:
        """A question with several answers whose answers stand in columns of their own."""
        stem, title = self.keys[place], self.texts[place]
        options = {self.keys[one]: {"": self.texts[one]} for one in run}
        for row in range(len(self.rows)):
            if self.coded:
                ticked = [self.keys[one] for one in run if self.cells[one][row] == "Yes"]
                self.cells[place][row] = ";".join(ticked)
        if self.coded:
            self._ask(place, "multi", options)
        for one in run:
            if self.coded:
                self.keys[one] = f"{stem}/{self.keys[one]}"
            self.texts[one] = f"{title} [{self.texts[one]}]"
        boxes = tuple(self.keys[one] for one in run)
        self.sets.append(
            AnswerSet(key=stem, label=title, kind="dichotomy", counted="Yes", columns=boxes)
        )

    def _ask(self, place: int, kind: Kind, options: Mapping[str, Mapping[str, str]]) -> None:
        if self.coded:
            self.questions.append(
                Question(key=self.keys[place], text={"": self.texts[place]}, kind=kind,
                         options=options)
            )  # fmt: skip


def _draft(
    table: RawTable, detection: Detection, found: _Content, problems: list[Problem]
) -> Draft:
    rows = [tuple(row) for row in zip(*found.cells, strict=True)] if found.cells else []
    roles = {place: parts.ROLES[kind] for place, kind in found.meta.items()}
    columns = shape.columns_of(found.names, found.keys, found.texts, roles, rows)
    submitted, unsure = shape.moments_of(rows, found.place("created"), table)
    # the cells as written: what an answer is known by may not depend on the other answers
    ids, anonymous = _ids(found.rows, found)
    problems = [*problems, *unsure]
    if "id" not in found.meta.values() or anonymous:
        problems.append(shape.problem_in(table, "id_missing"))
    problems.extend(
        shape.problem_in(table, "metadata_guessed", column=column_letters(place + 1),
                         got=found.names[place])
        for place in sorted(found.guessed)
    )  # fmt: skip
    book = None
    if found.coded:
        book = CodeBook(platform=NAME, file=table.file, questions=tuple(found.questions),
                        sets=tuple(found.sets))  # fmt: skip
    drafted = _rows(rows, ids, submitted, found)
    return Draft(
        file=table.file,
        sheet=table.sheet,
        sha256=table.sha256,
        encoding=table.encoding,
        delimiter=table.delimiter,
        platform=detection.platform,
        variant=detection.variant,
        mode=detection.mode,
        columns=columns,
        rows=drafted,
        excluded={},
        problems=tuple(problems),
        codebook=book,
    )


def _rows(
    rows: Sequence[tuple[str, ...]],
    ids: Sequence[str],
    submitted: Sequence[str],
    found: _Content,
) -> tuple[DraftRow, ...]:
    languages = shape.column_cells(rows, found.place("languages"))
    tokens = shape.column_cells(rows, found.place("invitation"))
    return tuple(
        DraftRow(
            number=number,
            response_id=response,
            state="complete",
            submitted=moment,
            language=language.casefold(),
            token="" if token == parts.ANONYMOUS else token,
            cells=row,
        )
        for row, number, response, moment, language, token in zip(
            rows, found.numbers, ids, submitted, languages, tokens, strict=True
        )
    )


def _ids(rows: Sequence[tuple[str, ...]], found: _Content) -> tuple[Sequence[str], bool]:
    """Contribution ids; an anonymous survey has none, so answers and creation date count."""
    place = found.place("id")
    cells = shape.column_cells(rows, place)
    anonymous = any(cell == parts.ANONYMOUS for cell in cells)
    own = [
        name if found.meta.get(p, "created") == "created" else ""
        for p, name in enumerate(found.names)
    ]
    given = tuple("" if cell == parts.ANONYMOUS else cell for cell in cells)
    return shape.given_ids(given, rows, own), anonymous


def _from_xml(table: RawTable, detection: Detection) -> Draft:
    """The table that the reader of XML has made; its cells are codes already."""
    rows, numbers = shape.body(table, 1)
    names = list(table.rows[0])
    found = _Content(names, list(rows), list(numbers))
    # the first columns are the questions in the order of the code book
    for place, question in enumerate(table.codebook.questions if table.codebook else ()):
        found.texts[place] = next(iter(question.text.values()), question.key)
        found.keys[place] = question.key
    draft = _draft(table, detection, found, list(table.problems))
    return dataclasses.replace(draft, codebook=table.codebook)
