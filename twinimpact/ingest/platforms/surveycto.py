"""SurveyCTO exports as CSV or workbook: wide, or long with one table per repeat group.

Times are those of the device or the server, without a zone. Negative numbers made of one
digit three times (-888) are the missing codes that the tool's guide recommends.
"""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from collections.abc import Mapping, Sequence

from twinimpact.ingest import shape, submissions
from twinimpact.ingest.platforms.odk import tick_boxes
from twinimpact.ingest.records import Detection, Draft, Match
from twinimpact.ingest.select_multiple import split_by_form
from twinimpact.ingest.source import RawTable

NAME = "surveycto"
TITLE = "SurveyCTO"
MISSING: Mapping[str, str] = {"-999": "dont_know", "-888": "refused", "-777": "not_applicable"}
_CODE = re.compile(r"^-([1-9])\1\1(?:\.0+)?$")
_LIST = re.compile(r"^-?\w+(?: -?\w+)*$")
_STATISTICS = frozenset(("sav", "zsav", "por", "dta"))
_ROLES: Mapping[str, str] = {
    "key": "id", "submissiondate": "submitted", "starttime": "started", "endtime": "ignore",
    "completiondate": "ignore", "deviceid": "personal", "subscriberid": "personal",
    "simid": "personal", "devicephonenum": "personal", "username": "personal",
    "duration": "timing", "caseid": "token", "instanceid": "ignore", "instancename": "personal",
    "formdef_version": "ignore", "review_status": "status", "review_quality": "ignore",
    "review_comments": "ignore", "review_corrections": "ignore", "text_audit": "ignore",
    "audio_audit": "ignore", "field_comments": "ignore", "comments": "ignore",
    "bg_audio": "ignore", "device_info": "personal", "parent_key": "ignore",
}  # fmt: skip


def signature(table: RawTable) -> Match | None:
    """``KEY`` and ``SubmissionDate`` beside ``formdef_version`` or a device column."""
    if not table.rows or table.container in _STATISTICS:
        return None
    if submissions.family_of(table.rows[0]) != NAME:
        return None
    names = {shape.plain(name) for name in table.rows[0]}
    long = any(name.startswith("set-of-") for name in names)
    shown = "formdef_version" if "formdef_version" in names else "deviceid"
    return Match(
        confidence=0.75 if submissions.is_repeat(table.rows[0]) else 0.95,
        variant="repeat" if submissions.is_repeat(table.rows[0]) else "long" if long else "wide",
        mode="code",
        evidence=(f"columns KEY and {shown}",),
    )


def normalise(tables: Sequence[RawTable], detection: Detection) -> Draft:
    """Submissions of the form; tables of repeat groups are named and left out."""
    table = shape.chosen(tables, detection)
    if submissions.is_repeat(table.rows[0]):
        return submissions.repeat_draft(table, detection)
    names = [name.strip() for name in table.rows[0]]
    rows, numbers = shape.body(table, 1)
    key = submissions.place_of(names, "key")
    rows, numbers, copies = submissions.without_copies(rows, numbers, key)
    boxes = [*tick_boxes(names), *underscore_boxes(names, rows)]
    rows, problems = submissions.joined(rows, numbers, boxes, table)
    rows, alone = split_by_form(table, names, rows, numbers, {one.summary for one in boxes})
    problems.extend(alone)
    roles = _roles(names, rows)
    fixed = {place for place, role in roles.items() if role in ("id", "token", "personal")}
    rows = submissions.in_iso(rows, frozenset(fixed))
    columns = shape.columns_of(names, _keys(names), names, roles, rows)
    questions = frozenset(c.position for c in columns if c.role == "question")
    rows, reasons, codes = without_codes(rows, questions)
    at = submissions.place_of(names, "submissiondate")
    submitted, unclear = shape.moments_of(rows, at, table)
    review = submissions.place_of(names, "review_status")
    ids = shape.given_ids(shape.column_cells(rows, key), rows, names)
    read = shape.draft_rows(
        rows, numbers, ids, submitted,
        lambda row: "rejected" if review is not None and row[review].casefold() == "rejected"
        else "complete",
    )  # fmt: skip
    case = next((place for place, role in roles.items() if role == "token"), None)
    drafted = tuple(
        dataclasses.replace(row, token=row.cells[case] if case is not None else "", reasons=why)
        for row, why in zip(read, reasons, strict=True)
    )
    problems.extend(unclear)
    if codes:
        listed = ", ".join(f"{code} ({count})" for code, count in sorted(codes.items()))
        problems.append(shape.problem_in(table, "missing_codes", got=listed))
    problems.extend(submissions.repeats_left_out(tables, table))
    if groups := [name[7:] for name in names if name.casefold().startswith("set-of-")]:
        listed = ", ".join(groups)
        problems.append(shape.problem_in(table, "repeat_groups_elsewhere", got=listed))
    draft = shape.draft_of_table(table, detection, columns, drafted, problems)
    return shape.with_excluded(draft, {"duplicate": copies})


def underscore_boxes(names: Sequence[str], rows: shape.Rows) -> list[submissions.TickBoxes]:
    """Split columns ``question_option`` beside a summary of codes joined by spaces.

    A repeat in wide layout looks alike (``age_1``, ``age_2``), so the cells must agree: ticks
    only, and in most answered rows the boxes ticked are among the codes of the summary.
    """
    places = {name: place for place, name in enumerate(names)}
    groups: dict[int, dict[int, str]] = {}
    for name, place in places.items():
        for cut in (at for at, letter in enumerate(name) if letter == "_"):
            parent = places.get(name[:cut])
            option = name[cut + 1 :]
            if parent is not None and option and parent != place:
                # a minus sign is no letter of a column name
                code = "-" + option[1:] if option.startswith("_") else option
                groups.setdefault(parent, {})[place] = code
                break
    found = []
    for parent, boxes in groups.items():
        filled = [row for row in rows if row[parent]]
        ticks = {row[box] for row in rows for box in boxes}
        if not filled or not ticks <= {"", "0", "1"} or "1" not in ticks:
            continue
        if not all(_LIST.match(row[parent]) for row in filled):
            continue
        agree = sum(
            {code for box, code in boxes.items() if row[box] == "1"} <= set(row[parent].split())
            for row in filled
        )
        if agree > 0.5 * len(filled):
            found.append(submissions.TickBoxes(summary=parent, boxes=boxes))
    return found


def without_codes(
    rows: shape.Rows, questions: frozenset[int]
) -> tuple[shape.Rows, list[dict[int, str]], Counter[str]]:
    """Rows without missing codes, the reason by position, and how often each code stood there."""
    changed: list[tuple[str, ...]] = []
    reasons: list[dict[int, str]] = []
    codes: Counter[str] = Counter()
    coded = [
        place
        for place in sorted(questions)
        if any(_CODE.match(cell) for cell in {row[place] for row in rows})
    ]
    for row in rows:
        why: dict[int, str] = {}
        for place in coded:
            if _CODE.match(row[place]):
                code = row[place].partition(".")[0]
                codes[code] += 1
                why[place] = MISSING.get(code, f"user_missing({code})")
        if why:
            row = tuple(["" if place in why else cell for place, cell in enumerate(row)])
        changed.append(row)
        reasons.append(why)
    return changed, reasons, codes


def _keys(names: Sequence[str]) -> tuple[str, ...]:
    """Column names; group paths occur only where somebody switched them on."""
    short = [name.rpartition("-")[2] if _is_path(name) else name for name in names]
    often = Counter(short)
    return tuple(
        brief if often[brief] == 1 else name for brief, name in zip(short, names, strict=True)
    )


def _is_path(name: str) -> bool:
    last = name.rpartition("-")[2]
    return (
        "-" in name
        and bool(last)
        and not name.casefold().startswith("set-of-")
        and last.casefold() not in submissions.POINT_PARTS
    )


def _roles(names: Sequence[str], rows: shape.Rows) -> dict[int, str]:
    roles = dict.fromkeys(submissions.personal_places(names, rows), "personal")
    for place, name in enumerate(names):
        text = shape.plain(name)
        if text in _ROLES:
            roles[place] = _ROLES[text]
        elif text.startswith("set-of-"):
            roles[place] = "ignore"
        elif text.rpartition("-")[2] == "consent":
            roles[place] = "consent"
    return roles
