"""Sheets of a workbook as text cells, read by a worker process under limits."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from twinimpact.errors import IngestError
from twinimpact.ingest import workbook_worker
from twinimpact.ingest.cells import Column, Grid
from twinimpact.ingest.decode import clean
from twinimpact.ingest.extent import column_letters
from twinimpact.ingest.guarded import Limits, StoppedError, run_guarded
from twinimpact.ingest.ole import protected
from twinimpact.ingest.packed import Integers
from twinimpact.problems import Problem

WORKER = Path(workbook_worker.__file__)
_CODES = {
    "start": "workbook_reader_missing",
    "library": "workbook_reader_missing",
    "memory": "workbook_memory",
    "time": "workbook_time",
    "killed": "workbook_killed",
    "crash": "workbook_reader_stopped",
    "answer": "workbook_answer",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """The filled rows of a sheet, all of one width, with the numbers a program shows."""

    name: str
    rows: Grid
    numbers: tuple[int, ...]
    problems: tuple[Problem, ...]


def read_sheets(
    data: bytes, file: str, wanted: str = "", limits: Limits | None = None
) -> tuple[Sheet, ...]:
    """All sheets with cells, or the one that is wanted, from a checked workbook.

    Raises
    ------
    IngestError
        If the workbook is damaged or protected, has no such sheet, or makes its reader use
        more memory or time than it may, or stop.
    """
    limits = limits or Limits()
    asked = json.dumps({"size": len(data), "sheet": wanted}) + "\n"
    try:
        answer = run_guarded(WORKER, (), (asked.encode(), data), limits)
    except StoppedError as error:
        raise _stopped(error.kind, file, limits) from error
    try:
        return _decoded(answer, file)
    except _RefusedError as error:
        raise _refused(error.answer, file, wanted, limits) from error
    except (ValueError, TypeError, KeyError, IndexError, struct.error, RecursionError) as error:
        raise _stopped("answer", file, limits) from error


class _RefusedError(Exception):
    """The worker says why it does not read the file."""

    def __init__(self, answer: dict[str, Any]) -> None:
        super().__init__()
        self.answer = answer


def _decoded(answer: bytes, file: str) -> tuple[Sheet, ...]:
    """The sheets of a complete answer; nothing in it is taken on trust."""
    blocks = _blocks(answer)
    sheets: list[Sheet] = []
    for block in blocks:
        facts = json.loads(block)
        if not isinstance(facts, dict):
            raise TypeError("no facts")
        if "problem" in facts:
            raise _RefusedError(facts)
        if "end" in facts:
            if facts["end"] != len(sheets) or next(blocks, None) is not None:
                raise ValueError("the answer does not end where it says")
            return tuple(sheets)
        sheets.append(_sheet(facts, json.loads(next(blocks, b"")), next(blocks, b""), file))
    raise ValueError("the answer breaks off")


def _blocks(answer: bytes) -> Iterator[bytes]:
    view, at = memoryview(answer), 0
    while at < len(view):
        (length,) = struct.unpack_from("<Q", view, at)
        at += 8 + length
        if at > len(view):
            raise ValueError("a block breaks off")
        yield bytes(view[at - length : at])


def _sheet(facts: dict[str, Any], listed: list[str], packed: bytes, file: str) -> Sheet:
    name, width, height = facts["sheet"], facts["width"], facts["height"]
    if not isinstance(listed, list) or not all(isinstance(text, str) for text in listed):
        raise TypeError("the texts are none")
    texts = [clean(text) for text in listed]
    cells = np.frombuffer(packed, dtype=np.uint32)
    fits = cells.size == width * height and (not cells.size or int(cells.max()) < len(texts))
    if not isinstance(name, str) or not fits:
        raise ValueError("the cells do not fill the sheet")
    rows = cells.reshape(height, width) if cells.size else np.zeros((0, 0), dtype=np.uint32)
    blank = np.array([not text.strip() for text in texts], dtype=bool)
    kept = np.flatnonzero(~blank[rows].all(axis=1)) if cells.size else np.zeros(0, np.int64)
    rows = rows[kept]
    filled = np.array([bool(text) for text in texts], dtype=bool)
    ends = np.flatnonzero(filled[rows].any(axis=0)) if len(kept) else kept
    used = int(ends[-1]) + 1 if len(ends) else 0
    problems = [
        Problem(
            code="number_rounded",
            file=file,
            sheet=name,
            row=int(number),
            column=column_letters(int(place)),
        )
        for number, place in facts["rounded"]
    ]
    if facts["hidden"]:
        problems.insert(0, Problem(code="sheet_hidden", file=file, sheet=name))
    return Sheet(
        name=name,
        rows=Grid([_column(texts, rows[:, place]) for place in range(used)], len(rows)),
        numbers=tuple((kept + 1).tolist()),
        problems=tuple(problems),
    )


def _column(texts: list[str], places: Integers) -> Column:
    """One column with its own texts out of those of the sheet."""
    found = np.zeros(len(texts), dtype=bool)
    found[places] = True
    used = np.flatnonzero(found)
    moved = np.zeros(len(texts), dtype=np.min_scalar_type(max(len(used) - 1, 0)))
    moved[used] = np.arange(len(used))
    return Column([texts[place] for place in used.tolist()], moved[places])


def _refused(answer: dict[str, Any], file: str, wanted: str, limits: Limits) -> IngestError:
    kind = answer["problem"]
    if kind == "password":
        return protected(file)
    if kind == "damaged":
        return IngestError(
            "The workbook is damaged.",
            where=file,
            hint="Open it in a spreadsheet program, save it as XLSX, and import it again.",
        )
    if kind == "sheet":
        return IngestError(
            "The workbook has no such sheet.",
            where=file,
            got=wanted or "no sheet with cells",
            expected=", ".join(map(str, answer.get("sheets", ()))),
            hint="Correct `sheet` in evaluation.toml.",
        )
    return _stopped(str(kind), file, limits)


def _stopped(kind: str, file: str, limits: Limits) -> IngestError:
    """The refusal of a workbook that the reader could not finish, with what to do."""
    allowed = {"memory": f"{limits.memory // 2**20:,}", "time": f"{limits.seconds:g}"}
    problem = Problem(
        code=_CODES.get(kind, _CODES["answer"]), file=file, expected=allowed.get(kind, "")
    )
    return IngestError(problem.what(), where=file, hint=problem.hint())
