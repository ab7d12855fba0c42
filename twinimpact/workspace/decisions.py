"""What people have decided: between two versions of a response, and about who is whom."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from twinimpact.workspace.audit import append_audit
from twinimpact.workspace.catalogue import Workspace, connection

CONFLICT_STATES = ("open", "first", "second")
LINK_VERDICTS = ("same", "different")
_CONFLICT = (
    "id, response_id, first_hash, first_source, first_row, second_hash, second_source, "
    "second_row, state, found_in"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """Two versions of one response with different content.

    Parameters
    ----------
    response_id
        Pseudonymous key of the response.
    first_hash, second_hash
        Hashes of the versions' content, the earlier one first.
    first_source, first_row, second_source, second_row
        Short hash of the file and row in it, for each version.
    state
        ``open``, or the version that counts: ``first`` or ``second``.
    id, found_in
        Numbers of the entry and of the import it was found in; 0 before it is stored.
    """

    response_id: str
    first_hash: str
    first_source: str
    first_row: int
    second_hash: str
    second_source: str
    second_row: int
    state: str = "open"
    id: int = 0
    found_in: int = 0


def conflicts_of(workspace: Workspace) -> tuple[Conflict, ...]:
    """All conflicts, decided ones too, in the order they were found."""
    with connection(workspace) as con:
        return conflicts_in(con)


def conflicts_in(con: sqlite3.Connection) -> tuple[Conflict, ...]:
    """:func:`conflicts_of` on an open connection."""
    rows = con.execute(f"SELECT {_CONFLICT} FROM conflict ORDER BY id").fetchall()  # noqa: S608
    return tuple(
        Conflict(
            id=row[0], response_id=row[1], first_hash=row[2], first_source=row[3],
            first_row=row[4], second_hash=row[5], second_source=row[6], second_row=row[7],
            state=row[8], found_in=row[9],
        )
        for row in rows
    )  # fmt: skip


def chosen_version(conflicts: Iterable[Conflict]) -> str:
    """Hash of the version of a response that counts; ``""`` while one of its conflicts is open.

    The second version wins where it was chosen, the latest choice first.
    """
    listed = list(conflicts)
    if not listed or any(one.state == "open" for one in listed):
        return ""
    seconds = [one.second_hash for one in listed if one.state == "second"]
    return seconds[-1] if seconds else listed[0].first_hash


def insert_conflicts(con: sqlite3.Connection, number: int, conflicts: Iterable[Conflict]) -> None:
    """Enter conflicts found in an import; one that is known takes a decision, never loses it."""
    for one in conflicts:
        before = _known(con, one)
        con.execute(
            "INSERT INTO conflict (response_id, first_hash, first_source, first_row, second_hash, "
            "second_source, second_row, state, found_in) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (response_id, first_hash, second_hash) DO UPDATE "
            "SET state = excluded.state WHERE excluded.state <> 'open'",
            (
                one.response_id, one.first_hash, one.first_source, one.first_row, one.second_hash,
                one.second_source, one.second_row, one.state, number,
            ),
        )  # fmt: skip
        known = _known(con, one)
        if known is not None and known != before:
            append_audit(con, "conflict", {"conflict": known[0], "state": known[1]})


def _known(con: sqlite3.Connection, one: Conflict) -> tuple[int, str] | None:
    found: tuple[int, str] | None = con.execute(
        "SELECT id, state FROM conflict "
        "WHERE response_id = ? AND first_hash = ? AND second_hash = ?",
        (one.response_id, one.first_hash, one.second_hash),
    ).fetchone()
    return found


def set_states(con: sqlite3.Connection, states: Mapping[int, str]) -> tuple[Conflict, ...]:
    """Decide conflicts by number, each with an entry in the audit log; gives those changed.

    Raises
    ------
    ValueError
        If there is no such conflict or state.
    """
    known = {one.id: one for one in conflicts_in(con)}
    changed = []
    for number, state in states.items():
        if number not in known or state not in CONFLICT_STATES[1:]:
            raise ValueError(f"no such conflict or decision: {number} {state}")
        if known[number].state != state:
            con.execute("UPDATE conflict SET state = ? WHERE id = ?", (state, number))
            append_audit(con, "conflict", {"conflict": number, "state": state})
            changed.append(known[number])
    return tuple(changed)


def link_decisions_of(workspace: Workspace) -> Mapping[tuple[str, str], str]:
    """Pairs of responses somebody has judged: ``same`` or ``different``; ids in order."""
    with connection(workspace) as con:
        rows = con.execute("SELECT first, second, verdict FROM link_decision ORDER BY 1, 2")
        return {(first, second): verdict for first, second, verdict in rows}


def set_link_decisions(con: sqlite3.Connection, decisions: Mapping[tuple[str, str], str]) -> int:
    """Store judgements about pairs; ``""`` takes one back. Gives the number of changes.

    Raises
    ------
    ValueError
        If a verdict is unknown.
    """
    changes = 0
    for pair, verdict in sorted(decisions.items()):
        first, second = sorted(pair)
        before = con.execute(
            "SELECT verdict FROM link_decision WHERE first = ? AND second = ?", (first, second)
        ).fetchone()
        if (before[0] if before else "") == verdict:
            continue
        if verdict and verdict not in LINK_VERDICTS:
            raise ValueError(f"no such verdict: {verdict}")
        if verdict:
            con.execute("REPLACE INTO link_decision VALUES (?, ?, ?)", (first, second, verdict))
        else:
            con.execute("DELETE FROM link_decision WHERE first = ? AND second = ?", (first, second))
        changes += 1
        append_audit(con, "link_decision", {"verdict": verdict or "taken back", "number": changes})
    return changes
