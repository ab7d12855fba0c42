"""Data files that carry their labels (SPSS, Stata): text cells and a code book.

Codes stay codes, whole numbers lose their ``.0``, dates become ISO text. A date that no
calendar holds costs its cell, never the file. What the file declares as missing keeps its
reason in the code book.
"""

from __future__ import annotations

import importlib.util
import json
import math
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from twinimpact.errors import IngestError
from twinimpact.ingest import statistical
from twinimpact.ingest.codebook import AnswerSet, CodeBook, Kind, MissingSpan, Question
from twinimpact.ingest.decode import clean
from twinimpact.ingest.guarded import GIB, Limits, StoppedError, run_guarded
from twinimpact.ingest.personal import personal_by_name
from twinimpact.ingest.stat_dates import date_reader
from twinimpact.ingest.synonyms import option
from twinimpact.ingest.values import MASK
from twinimpact.problems import Problem

CONTAINERS = ("sav", "zsav", "por", "dta")
PLATFORM = "spss_stata"
EXACT = 2**53
_SAMPLES = 12

LIBRARY = "pyreadstat"
LIMITS = Limits(memory=4 * GIB, seconds=300)
_STOPPED = {"start": "start", "memory": "size", "time": "size", "answer": "size"}
_REFUSALS = {
    "start": (
        "The reader of SPSS and Stata files could not be started.",
        "Close other programs and try again, or save the file as CSV.",
    ),
    "library": (
        "This is an SPSS or Stata file; the part of the program that reads them is not installed.",
        "Install it with: pip install 'twinimpact[spss]'. Or save the file as CSV or XLSX.",
    ),
    "letters": (
        "The letters of this SPSS or Stata file cannot be read.",
        "Set `encoding` for this file, or save it again as .sav with Unicode switched on.",
    ),
    "size": (
        "The SPSS or Stata file asks for more memory or time than the program allows.",
        "It may be damaged: save it again, or save it as CSV.",
    ),
    "damaged": (
        "The SPSS or Stata file is damaged or cut off.",
        "Open it in SPSS, PSPP or Stata and save it again, or export the answers as CSV.",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """A data file as text: ``rows`` begin with the variable names.

    ``numbers`` are the case numbers a statistics program shows; the names have number 0.
    """

    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[int, ...]
    encoding: str
    codebook: CodeBook
    problems: tuple[Problem, ...]


def read_labelled(data: bytes, kind: str, file: str, encoding: str = "") -> Labelled:
    """Text cells and code book of an SPSS or Stata file.

    Parameters
    ----------
    kind
        One of :data:`CONTAINERS`.
    encoding
        Of its letters, if a person has named it.

    Raises
    ------
    IngestError
        If the reader is not installed, or the file cannot be read.
    """
    found = _values(data, kind, encoding)
    if "problem" in found:
        what, hint = _REFUSALS[found["problem"]]
        raise IngestError(what, where=file, hint=hint)
    names = [clean(str(name)) for name in found["names"]]
    if not names:
        raise IngestError("The file holds no variables.", where=file, hint=_REFUSALS["damaged"][1])
    problems: list[Problem] = []
    columns, questions = [], []
    for place, name in enumerate(names):
        variable = _Variable(found, place, name, kind)
        columns.append(variable.cells(file, problems))
        questions.append(variable.question())
    rows = tuple(zip(*columns, strict=True)) if found["columns"][0] else ()
    if found["guessed"]:
        letters = {c for cell in _texts(rows, questions) for c in cell if ord(c) > 127}
        sample = " ".join(sorted(letters)[:_SAMPLES])
        problems.insert(
            0,
            Problem(code="encoding_guessed", file=file, got=found["encoding"], expected=sample),
        )
    return Labelled(
        rows=(tuple(names), *rows),
        numbers=tuple(range(len(rows) + 1)),
        encoding=str(found["encoding"]).lower(),
        codebook=CodeBook(
            platform=PLATFORM,
            file=file,
            questions=_with_sets(questions, found["sets"]),
            sets=tuple(_answer_set(key, one) for key, one in sorted(found["sets"].items())),
        ),
        problems=tuple(problems),
    )


def _values(data: bytes, kind: str, encoding: str) -> dict[str, Any]:
    """What the worker found, or ``problem`` with a key of :data:`_REFUSALS`."""
    if importlib.util.find_spec(LIBRARY) is None:
        return {"problem": "library"}
    try:
        answer = run_guarded(Path(statistical.__file__), [kind, encoding], [data], LIMITS)
        return dict(json.loads(answer))
    except StoppedError as error:
        return {"problem": _STOPPED.get(error.kind, "damaged")}
    except ValueError:
        return {"problem": "damaged"}


def number_text(value: float, single: bool = False) -> str:
    """A number as the text a CSV export holds; ``single`` for four-byte floats."""
    if isinstance(value, int) or (math.isfinite(value) and value == int(value)):
        return str(int(value))
    if not math.isfinite(value):
        return ""
    for digits in range(6, 9) if single else ():
        text = f"{value:.{digits}g}"
        # the shortest digits that give the same four bytes are what was typed
        if struct.pack("<f", float(text)) == struct.pack("<f", value):
            return repr(float(text))
    return repr(float(f"{value:.15g}"))


class _Variable:
    """One variable of the file."""

    def __init__(self, found: dict[str, Any], place: int, name: str, kind: str) -> None:
        self.name = name
        self.values: list[Any] = found["columns"][place]
        self.text = clean(found["texts"][place])
        self.is_text = found["types"][place] == "string"
        self.single = found["types"][place] == "float"
        self.level = found["measures"][place]
        self.labels = {self._code(key): clean(str(text)) for key, text in found["labels"][place]}
        self.spans = found["missing"][place]
        self.tags = found["tags"][place]
        self.read_date = None if self.is_text else date_reader(found["formats"][place], kind)

    def cells(self, file: str, problems: list[Problem]) -> list[str]:
        """The variable's values as text, ``""`` where nothing is stored."""
        convert: Callable[[float], str] = self.read_date or self._number
        cells: list[str] = []
        for case, value in enumerate(self.values, start=1):
            if value is None:
                cells.append("")
            elif isinstance(value, str):
                # in a number, a letter is one of the marks .a to .z of Stata
                cells.append(clean(value).strip() if self.is_text else f".{value}")
            elif self._is_declared_missing(value):
                cells.append(number_text(value, self.single))
            else:
                text = convert(value)
                if not text and math.isfinite(value):
                    text = number_text(value)
                    problems.append(self._problem("date_out_of_range", file, case, text))
                elif self.read_date is None and abs(value) >= EXACT:
                    problems.append(self._problem("number_rounded", file, case, ""))
                cells.append(text)
        return cells

    def question(self) -> Question:
        """What the file says about the variable."""
        missing = {code: _reason(self.labels.get(code, ""), code) for code in self._declared()}
        options = {
            code: {"": text}
            for code, text in self.labels.items()
            if code not in missing and not self._in_span(code)
        }
        kind: Kind = "text" if self.is_text else "number"
        if self.read_date is not None:
            kind = "date"
        elif options:
            kind = "single"
        labelled = {code: text for code, text in self.labels.items() if self._in_span(code)}
        return Question(
            key=self.name,
            text={"": self.text} if self.text else {},
            kind=kind,
            options=options,
            missing={**missing, **{c: _reason(text, c) for c, text in labelled.items()}},
            spans=tuple(
                MissingSpan(low=low, high=high, reason=f"user_missing({_span_text(low, high)})")
                for low, high in self._ranges()
            ),
            level=self.level if self.level in ("nominal", "ordinal", "scale") else "",
        )

    def _number(self, value: float) -> str:
        return number_text(value, self.single)

    def _code(self, key: Any) -> str:
        if isinstance(key, str):
            return key.strip() if self.is_text else f".{key}"
        return number_text(key)

    def _declared(self) -> list[str]:
        """Single codes declared as missing."""
        singles = [self._code(low) for low, high in self.spans if low == high]
        return [*singles, *(f".{tag}" for tag in self.tags)]

    def _ranges(self) -> list[tuple[float, float]]:
        return [
            (float(low), float(high))
            for low, high in self.spans
            if low != high and not isinstance(low, str) and not isinstance(high, str)
        ]

    def _in_span(self, code: str) -> bool:
        try:
            number = float(code)
        except ValueError:
            return False
        return any(low <= number <= high for low, high in self._ranges())

    def _is_declared_missing(self, value: float) -> bool:
        return any(
            not isinstance(low, str) and not isinstance(high, str) and low <= value <= high
            for low, high in self.spans
        )

    def _problem(self, code: str, file: str, case: int, got: str) -> Problem:
        hidden = personal_by_name(self.name) or personal_by_name(self.text)
        shown = MASK if got and hidden else got
        return Problem(code=code, file=file, row=case, column=self.name, got=shown)


def _reason(label: str, code: str) -> str:
    return option("missing", label) or f"user_missing({code})"


def _span_text(low: float, high: float) -> str:
    # the lowest and highest number there are stand for "and below", "and above"
    ends = ("" if abs(end) > 1e300 else number_text(end) for end in (low, high))
    return "..".join(ends)


def _with_sets(questions: Sequence[Question], sets: dict[str, Any]) -> tuple[Question, ...]:
    """Members of a tick list are multiple-choice questions."""
    ticked = {name for one in sets.values() if one["is_dichotomy"] for name in one["variable_list"]}
    return tuple(
        Question(
            key=question.key,
            text=question.text,
            kind="multi" if question.key in ticked else question.kind,
            options=question.options,
            missing=question.missing,
            spans=question.spans,
            level=question.level,
        )
        for question in questions
    )


def _answer_set(key: str, one: dict[str, Any]) -> AnswerSet:
    counted = one.get("counted_value")
    return AnswerSet(
        key=key,
        label=clean(str(one.get("label") or "")),
        kind="dichotomy" if one["is_dichotomy"] else "category",
        counted="" if counted is None else str(counted),
        columns=tuple(one["variable_list"]),
    )


def _texts(rows: Sequence[tuple[str, ...]], questions: Sequence[Question]) -> list[str]:
    cells = [cell for row in rows for cell in row if not cell.isascii()]
    words = [text for question in questions for text in question.text.values()]
    labels = [text for q in questions for texts in q.options.values() for text in texts.values()]
    return [*cells, *words, *labels]
