"""Versions of a response that contradict each other: which one counts, and who has said so.

Inside one file the versions stand side by side. Between files a newer version replaces an
older one, unless a person has decided about that response: then a third version is a new
conflict and never overrules the decision.
"""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from twinimpact.ingest.rows import MISSING_COLUMNS, CheckedRows, Contested
from twinimpact.problems import Problem
from twinimpact.workspace import Conflict, chosen_version

POLICIES = ("ask", "keep", "replace")
Held = tuple[tuple[pd.DataFrame, pd.DataFrame], ...]
"""Versions to keep and their missing answers; no frame has a response twice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What is known about conflicts before a file is read.

    Parameters
    ----------
    policy
        ``keep`` the first version, ``replace`` it by the last, or ``ask``: quarantine both.
    conflicts
        Conflicts by response.
    stored
        Hash of the newest stored version by response.
    place
        Gives the short hash of the file and the row of the stored version.
    """

    policy: str
    conflicts: Mapping[str, tuple[Conflict, ...]]
    stored: Mapping[str, str]
    place: Callable[[str], tuple[str, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """A file's rows after the conflicts; ``held`` and ``conflicts`` are stored beside them."""

    checked: CheckedRows
    conflicts: tuple[Conflict, ...] = ()
    held: Held = ()


def by_response(conflicts: Iterable[Conflict]) -> dict[str, tuple[Conflict, ...]]:
    """Conflicts grouped by response, in the order they were found."""
    found: dict[str, list[Conflict]] = defaultdict(list)
    for one in conflicts:
        found[one.response_id].append(one)
    return {response: tuple(listed) for response, listed in found.items()}


def settle(checked: CheckedRows, memory: Memory, source: str, file: str) -> Settled:
    """Let decisions and the policy choose between versions; the rest stays quarantined.

    Parameters
    ----------
    checked
        Rows of one file with its contested responses.
    memory
        Earlier decisions and the policy for new conflicts.
    source, file
        Short hash and name of the file.

    Returns
    -------
    Settled
        Rows that still add up: of a settled response one row is accepted and the others are
        excluded as ``conflict``.
    """
    inside = [_settle_inside(one, memory, source) for one in checked.contested]
    checked = _with_chosen(checked, inside)
    conflicts = [one for _, _, listed in inside for one in listed]
    held = _rounds(checked, checked.contested)
    checked, later, versions = _settle_against_stored(checked, memory, source, file)
    held += ((versions, later_missing(checked, versions)),) if len(versions) else ()
    return Settled(checked=checked, conflicts=(*conflicts, *later), held=held)


def _settle_inside(
    one: Contested, memory: Memory, source: str
) -> tuple[Contested, str, list[Conflict]]:
    """The chosen hash (or nothing) and the conflicts of one response inside a file."""
    (first, first_row), *others = one.versions
    known = memory.conflicts.get(one.response_id, ())
    decided = {(c.first_hash, c.second_hash): c.state for c in known}
    listed = []
    for place, (second, row) in enumerate(others, start=1):
        state = decided.get((first, second), "open")
        if state == "open" and memory.policy == "keep":
            state = "first"
        elif state == "open" and memory.policy == "replace":
            state = "second" if place == len(others) else "first"
        listed.append(
            Conflict(
                response_id=one.response_id,
                first_hash=first,
                first_source=source,
                first_row=first_row,
                second_hash=second,
                second_source=source,
                second_row=row,
                state=state,
            )
        )
    return one, chosen_version(listed), listed


def _with_chosen(
    checked: CheckedRows, inside: Sequence[tuple[Contested, str, list[Conflict]]]
) -> CheckedRows:
    chosen = {one.response_id: version for one, version, _ in inside if version}
    if not chosen:
        return checked
    versions = checked.versions
    taken = versions["response_id"].map(chosen) == versions["row_hash"]
    rows = sum(one.rows for one, version, _ in inside if version)
    reasons = checked.version_missing
    own = reasons["response_id"].map(chosen) == reasons["row_hash"]
    settled_rows = {row for one, version, _ in inside if version for _, row in one.versions}
    return dataclasses.replace(
        checked,
        frame=pd.concat([checked.frame, versions[taken]], ignore_index=True),
        missing=pd.concat(
            [checked.missing, reasons.loc[own, list(MISSING_COLUMNS)]], ignore_index=True
        ),
        excluded=_more(checked.excluded, rows - len(chosen)),
        quarantined=checked.quarantined - rows,
        problems=tuple(
            problem
            for problem in checked.problems
            if problem.code != "responses_conflict" or not _about(problem, settled_rows)
        ),
    )


def _about(problem: Problem, rows: set[int]) -> bool:
    return bool(rows & {int(part) for part in problem.expected.split(", ") if part.isdigit()})


def _rounds(checked: CheckedRows, contested: Sequence[Contested]) -> Held:
    """All versions in frames in which each response stands once."""
    most = max((len(one.versions) for one in contested), default=0)
    rounds = []
    for number in range(most):
        wanted = {
            one.response_id: one.versions[number][0]
            for one in contested
            if number < len(one.versions)
        }
        versions, reasons = checked.versions, checked.version_missing
        mine = versions["response_id"].map(wanted) == versions["row_hash"]
        own = reasons["response_id"].map(wanted) == reasons["row_hash"]
        rounds.append(
            (
                versions[mine].reset_index(drop=True),
                reasons.loc[own, list(MISSING_COLUMNS)].reset_index(drop=True),
            )
        )
    return tuple(rounds)


def _settle_against_stored(
    checked: CheckedRows, memory: Memory, source: str, file: str
) -> tuple[CheckedRows, list[Conflict], pd.DataFrame]:
    """Rows that contradict a version a person has decided for."""
    frame = checked.frame
    inside = {one.response_id for one in checked.contested}
    aside: list[int] = []
    quarantined: list[Problem] = []
    excluded = 0
    found: list[Conflict] = []
    columns = (frame["response_id"], frame["row_hash"], frame["source_row"])
    for place, (response, version, row) in enumerate(zip(*columns, strict=True)):
        known = memory.conflicts.get(response, ())
        stored = memory.stored.get(response, "")
        if response in inside or not known or not stored or stored == version:
            continue
        if not chosen_version(known):
            continue
        if any(version in (one.first_hash, one.second_hash) for one in known):
            excluded += 1  # the version that was decided against
            aside.append(place)
            continue
        state = {"keep": "first", "replace": "second"}.get(memory.policy, "open")
        old_source, old_row = memory.place(response)
        found.append(
            Conflict(
                response_id=response,
                first_hash=stored,
                first_source=old_source,
                first_row=old_row,
                second_hash=version,
                second_source=source,
                second_row=int(row),
                state=state,
            )
        )
        if state != "second":
            aside.append(place)
            excluded += state == "first"
        if state == "open":
            problem = Problem(code="responses_decided", file=file, row=int(row))
            quarantined.append(problem)
    if not aside and not found:
        return checked, [], frame[:0]
    versions = frame[frame["response_id"].isin([one.response_id for one in found])]
    checked = dataclasses.replace(
        checked,
        frame=frame.drop(index=frame.index[aside]).reset_index(drop=True),
        excluded=_more(checked.excluded, excluded),
        quarantined=checked.quarantined + len(quarantined),
        problems=(*checked.problems, *quarantined),
    )
    return checked, found, versions.reset_index(drop=True)


def later_missing(checked: CheckedRows, versions: pd.DataFrame) -> pd.DataFrame:
    """Why answers are missing in versions that contradict stored ones."""
    reasons = checked.missing
    return reasons[reasons["response_id"].isin(versions["response_id"])].reset_index(drop=True)


def _more(excluded: Mapping[str, int], number: int) -> dict[str, int]:
    if not number:
        return dict(excluded)
    return {**excluded, "conflict": excluded.get("conflict", 0) + number}
