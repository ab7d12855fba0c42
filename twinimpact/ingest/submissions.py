"""What the tools of the ODK family share: tables keyed by ``KEY``, repeats, tick boxes.

ODK Central, ODK Briefcase and SurveyCTO write one row per submission, known by its ``KEY``,
and one further table per repeat group, whose rows name their parent in ``PARENT_KEY``.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from twinimpact.ingest.extent import column_letters
from twinimpact.ingest.moments import read_moments
from twinimpact.ingest.personal import personal_by_name
from twinimpact.ingest.records import Detection, Draft
from twinimpact.ingest.shape import (
    Rows,
    body,
    columns_of,
    draft_of_table,
    plain,
    problem_in,
    with_excluded,
)
from twinimpact.ingest.source import RawTable
from twinimpact.problems import Problem

POINT_PARTS = ("latitude", "longitude", "altitude", "accuracy")
_CENTRAL = frozenset(("attachmentspresent", "submitterid", "submittername", "reviewstate"))
_POINT = r"-?\d{1,3}\.\d+ -?\d{1,3}\.\d+(?: -?\d+(?:\.\d+)?){0,2}"
_TRACE = re.compile(rf"^{_POINT}(?:\s*;\s*{_POINT})*\s*;?$")
_DATE = re.compile(r"^\d{4}-\d{2}-\d{2}(?:$|T)")
_CLOCK = re.compile(
    r"^(\d{1,2})[:.](\d{2})[:.](\d{2})(?:\.\d+)?\s*([AaPp]\.?\s?[Mm]\.?)?\s*(?:Z|[+-]\d{2}:?\d{2})?$"
)
_TIMELY = re.compile(
    r"^(?:\d{1,4}[-./ ]|[^\W\d_]{3,12}\.?\s+\d{1,2},?\s+\d{4}|\d{1,2}:\d{2}:\d{2})"
)


def family_of(header: Sequence[str]) -> str:
    """``odk``, ``surveycto`` or ``""``, from the header of one table.

    ``deviceid`` is asked for by forms of both tools; the path ``meta-instanceID`` is ODK's.
    """
    names = {plain(name) for name in header}
    if "key" not in names or not names & {"submissiondate", "parent_key"}:
        return ""
    if names & _CENTRAL:
        return "odk"
    if "formdef_version" in names:
        return "surveycto"
    return "surveycto" if "deviceid" in names and "meta-instanceid" not in names else "odk"


def is_repeat(header: Sequence[str]) -> bool:
    """Whether a table holds the rows of a repeat group."""
    names = {plain(name) for name in header}
    return {"key", "parent_key"} <= names and "submissiondate" not in names


def repeat_counts(table: RawTable) -> Mapping[str, int]:
    """Rows of a repeat table by the key of their parent, in the order of the file."""
    place = place_of([name.strip() for name in table.rows[0]], "parent_key")
    return Counter(row[place].strip() for row in table.rows[1:]) if place is not None else {}


def repeat_draft(table: RawTable, detection: Detection) -> Draft:
    """The draft of a repeat table given alone: it holds no response of its own."""
    names = [name.strip() for name in table.rows[0]]
    rows, _ = body(table, 1)
    roles = {place: "id" for place in (place_of(names, "key"),) if place is not None}
    parent = place_of(names, "parent_key")
    if parent is not None:
        roles[parent] = "ignore"
    columns = columns_of(names, names, names, roles, rows)
    problem = problem_in(table, "repeat_table_alone", got=str(len(rows)))
    draft = draft_of_table(table, detection, columns, (), [problem])
    return with_excluded(draft, {"repeat_row": len(rows)})


def repeats_left_out(tables: Sequence[RawTable], table: RawTable) -> list[Problem]:
    """Names the repeat tables beside the main one, and every other table of the archive."""
    repeats, others = [], []
    for other in tables:
        if other is table or not other.rows:
            continue
        name = (other.sheet or other.file.rsplit("/", 1)[-1]).removesuffix(".csv")
        if is_repeat(other.rows[0]):
            parents = len(repeat_counts(other))
            repeats.append(f"{name} ({len(other.rows) - 1} rows of {parents})")
        else:
            others.append(name)
    found = []
    if repeats:
        found.append(problem_in(table, "repeat_tables_left_out", got=", ".join(repeats)))
    if others:
        found.append(problem_in(table, "tables_left_out", got=", ".join(others)))
    return found


def place_of(names: Sequence[str], name: str) -> int | None:
    """Position of a header, whatever its case."""
    return next((at for at, other in enumerate(names) if plain(other) == name), None)


def without_copies(
    rows: Rows, numbers: Sequence[int], key: int | None
) -> tuple[Rows, tuple[int, ...], int]:
    """Rows without exact copies of an earlier row, their numbers, and how many copies went.

    A second export appended to the first repeats its rows. Rows with one key and different
    content are all kept: that is a conflict for a person to settle.
    """
    kept: list[int] = []
    seen: set[tuple[str, ...]] = set()
    for place, row in enumerate(rows):
        if key is None or not row[key] or row not in seen:
            kept.append(place)
        seen.add(row)
    if len(kept) == len(rows):
        return rows, tuple(numbers), 0
    return (
        [rows[place] for place in kept],
        tuple(numbers[place] for place in kept),
        len(rows) - len(kept),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class TickBoxes:
    """A multiple-choice question: its summary column and one box per option known."""

    summary: int
    boxes: Mapping[int, str]


def joined(
    rows: Rows, numbers: Sequence[int], questions: Sequence[TickBoxes], table: RawTable
) -> tuple[Rows, list[Problem]]:
    """Summaries joined by ``;`` and boxes that say what their summary says.

    The boxes cover only the options of one form version, so the summary is the truth; a
    contradiction is told. Boxes of a question nobody answered are blank, not "not ticked".
    """
    if not questions:
        return rows, []
    changed = [list(row) for row in rows]
    problems = []
    for question in questions:
        wrong: list[int] = []
        for row, number in zip(changed, numbers, strict=True):
            chosen = row[question.summary].split()
            ticked = [box for box in question.boxes if row[box] == "1"]
            if {question.boxes[box] for box in ticked} != set(chosen):
                wrong.append(number)
            row[question.summary] = ";".join(chosen)
            for box, option in question.boxes.items():
                if row[box]:
                    row[box] = str(int(option in chosen)) if chosen else ""
        if wrong:
            letters = column_letters(question.summary + 1)
            problems.append(
                problem_in(
                    table, "ticks_disagree", got=str(len(wrong)), column=letters, row=wrong[0]
                )
            )
    return [tuple(row) for row in changed], problems


def in_iso(rows: Rows, skip: frozenset[int], zone: str = "") -> Rows:
    """Columns that hold dates or times only, in one shape: ISO, to the second."""
    if not rows:
        return rows
    replaced: dict[int, list[str]] = {}
    for place in range(len(rows[0])):
        if place in skip:
            continue
        cells = [row[place] for row in rows]
        filled = [cell for cell in cells if cell]
        if not filled or not _TIMELY.match(filled[0]):
            continue
        if all(_CLOCK.match(cell) for cell in filled):
            replaced[place] = [_clock(cell) for cell in cells]
            continue
        found = read_moments(cells, zone)
        if not found.ambiguous and all(_DATE.match(one) for one in found.values if one):
            replaced[place] = list(found.values)
    if not replaced:
        return rows
    return [
        tuple([replaced[at][number] if at in replaced else cell for at, cell in enumerate(row)])
        for number, row in enumerate(rows)
    ]


def personal_places(names: Sequence[str], rows: Rows) -> frozenset[int]:
    """Columns with names, devices or places, whatever group they stand in."""
    found = set()
    present = {name.casefold() for name in names}
    for place, name in enumerate(names):
        stem, _, last = name.rpartition("-")
        # SurveyCTO and Stata leave the hyphen out
        tail = next((part for part in POINT_PARTS if name.casefold().endswith(part)), "")
        stem = stem if last.casefold() == tail else name[: len(name) - len(tail)]
        joint = "-" if f"{stem}-latitude".casefold() in present else ""
        point = {f"{stem}{joint}latitude".casefold(), f"{stem}{joint}longitude".casefold()}
        if (tail and stem and point <= present) or personal_by_name(last):
            found.add(place)
            continue
        filled = [row[place] for row in rows[:200] if row[place]]
        if filled and "." in filled[0] and all(_TRACE.match(cell) for cell in filled):
            found.add(place)
    return frozenset(found)


def _clock(cell: str) -> str:
    match = _CLOCK.match(cell)
    if match is None:
        return cell
    hour = int(match[1])
    if match[4]:
        hour = hour % 12 + (12 if match[4][0] in "Pp" else 0)
    return f"{hour:02d}:{match[2]}:{match[3]}"
