"""ODK exports: Central (CSV, or a zip with one table per repeat group) and Briefcase (CSV).

Group paths are joined by ``-``. Central writes times in UTC; Briefcase in the zone and
language of the computer that exported, without saying which, so UTC is assumed and told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from twinimpact.ingest import shape, submissions
from twinimpact.ingest.records import Detection, Draft, Match
from twinimpact.ingest.select_multiple import split_by_form
from twinimpact.ingest.source import RawTable

NAME = "odk"
TITLE = "ODK"
_UTC = "+00:00"
_PERSONAL = frozenset(
    ("submitterid", "submittername", "deviceid", "username", "phonenumber", "email", "simserial",
     "subscriberid", "instancename")
)  # fmt: skip
_META = frozenset(
    ("attachmentspresent", "attachmentsexpected", "status", "edits", "formversion", "isvalidated",
     "instanceid", "audit", "deviceid", "submitterid", "submittername", "reviewstate", "key",
     "parent_key", "submissiondate")
)  # fmt: skip
_IGNORED = frozenset(
    ("attachmentspresent", "attachmentsexpected", "status", "edits", "formversion", "isvalidated",
     "instanceid", "audit", "parent_key")
)  # fmt: skip
_SEALED = frozenset(("notdecrypted", "missingencryptedformdata"))


def signature(table: RawTable) -> Match | None:
    """``KEY`` beside ``SubmissionDate``, or beside ``PARENT_KEY`` in a repeat table."""
    if not table.rows or submissions.family_of(table.rows[0]) != NAME:
        return None
    names = {shape.plain(name) for name in table.rows[0]}
    if submissions.is_repeat(table.rows[0]):
        # a form's own table in the same archive must win over the tables of its repeats
        return Match(
            confidence=0.75, variant="repeat", mode="code", evidence=("columns KEY and PARENT_KEY",)
        )
    central = bool(names & {"reviewstate", "attachmentspresent", "submitterid", "formversion"})
    return Match(
        confidence=0.95,
        variant="central" if central else "briefcase",
        mode="code",
        evidence=("columns KEY and SubmissionDate",),
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
    questions = tick_boxes(names)
    rows, problems = submissions.joined(rows, numbers, questions, table)
    split = {question.summary for question in questions}
    rows, alone = split_by_form(table, names, rows, numbers, split)
    problems.extend(alone)
    at = submissions.place_of(names, "submissiondate")
    no_zone = [row[at] for row in rows if at is not None and row[at] and not _zoned(row[at])]
    rows = submissions.in_iso(rows, frozenset(_fixed(names, key)), _UTC)
    columns = shape.columns_of(names, _keys(names), names, _roles(names, rows), rows)
    submitted, unclear = shape.moments_of(rows, at, table, _UTC)
    review = submissions.place_of(names, "reviewstate")
    sealed = submissions.place_of(names, "status")

    def state(row: tuple[str, ...]) -> str:
        if review is not None and row[review].casefold() == "rejected":
            return "rejected"
        if sealed is not None and row[sealed].casefold() in _SEALED:
            return "partial"
        return "complete"

    ids = shape.given_ids(shape.column_cells(rows, key), rows, names)
    drafted = shape.draft_rows(rows, numbers, ids, submitted, state)
    problems.extend(unclear)
    if no_zone:
        problems.append(shape.problem_in(table, "zone_assumed", got="UTC"))
    if closed := sum(row.state == "partial" for row in drafted):
        problems.append(shape.problem_in(table, "submissions_encrypted", got=str(closed)))
    problems.extend(submissions.repeats_left_out(tables, table))
    if linked := [name for name in names if name.startswith("SET-OF-")]:
        groups = ", ".join(name.removeprefix("SET-OF-") for name in linked)
        problems.append(shape.problem_in(table, "repeat_groups_elsewhere", got=groups))
    draft = shape.draft_of_table(table, detection, columns, drafted, problems)
    return shape.with_excluded(draft, {"duplicate": copies})


def tick_boxes(names: Sequence[str]) -> list[submissions.TickBoxes]:
    """Questions with split columns ``question/option`` beside their summary."""
    boxes: dict[int, dict[int, str]] = {}
    for place, name in enumerate(names):
        parent, slash, option = name.partition("/")
        if slash and parent in names:
            boxes.setdefault(names.index(parent), {})[place] = option
    return [submissions.TickBoxes(summary=at, boxes=found) for at, found in boxes.items()]


def _zoned(cell: str) -> bool:
    return cell.endswith("Z") or (len(cell) > 19 and cell[-6] in "+-")


def _fixed(names: Sequence[str], key: int | None) -> set[int]:
    """Columns that hold no date whatever they look like."""
    ids = {place for place, name in enumerate(names) if name.endswith("instanceID")}
    return ids | ({key} if key is not None else set())


def _keys(names: Sequence[str]) -> tuple[str, ...]:
    """The last part of each group path where it is unambiguous, else the whole path."""
    short = []
    for name in names:
        path, slash, option = name.partition("/")
        stem, _, last = path.rpartition("-")
        if last.casefold() in submissions.POINT_PARTS and stem:
            last = stem.rpartition("-")[2] + "-" + last
        keep = path.startswith(("meta-", "SET-OF-")) or not last
        short.append((path if keep else last) + slash + option)
    often = Counter(short)
    return tuple(
        brief if often[brief] == 1 else name for brief, name in zip(short, names, strict=True)
    )


def _roles(names: Sequence[str], rows: shape.Rows) -> dict[int, str]:
    roles = dict.fromkeys(submissions.personal_places(names, rows), "personal")
    for place, name in enumerate(names):
        text = shape.plain(name)
        last = text.rpartition("-")[2]
        own = text in _META or text.startswith("meta-")
        if text == "key":
            roles[place] = "id"
        elif text == "submissiondate":
            roles[place] = "submitted"
        elif text == "reviewstate":
            roles[place] = "status"
        elif last in _PERSONAL:
            roles[place] = "personal"
        elif (own and last in _IGNORED) or text.startswith("set-of-"):
            roles[place] = "ignore"
        elif last in ("start", "end", "today") and _timed(rows, place):
            roles[place] = "started" if last == "start" else "ignore"
        elif last == "consent":
            roles[place] = "consent"
    return roles


def _timed(rows: shape.Rows, place: int) -> bool:
    filled = [row[place] for row in rows if row[place]]
    return bool(filled) and all(cell[:4].isdigit() and cell[4:5] == "-" for cell in filled)
