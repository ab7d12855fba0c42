"""One transaction over the catalogue and its files: all of an import, or nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from twinimpact.errors import IngestError
from twinimpact.problems import Problem
from twinimpact.schema import SMALL_TABLES, TABLES
from twinimpact.workspace.audit import append_audit
from twinimpact.workspace.batches import Written, publish, wave_folder, write_temporary
from twinimpact.workspace.catalogue import Workspace, connection
from twinimpact.workspace.decisions import (
    Conflict,
    chosen_version,
    conflicts_in,
    insert_conflicts,
    set_link_decisions,
    set_states,
)
from twinimpact.workspace.imports import (
    SourceRecord,
    insert_problems,
    insert_source,
    set_counts,
    source_id,
)
from twinimpact.workspace.reading import hashes_in, versions_in
from twinimpact.workspace.rows import (
    LINK_COLUMNS,
    MISSING_COLUMNS,
    plain_values,
    restored,
    restored_responses,
    restored_text,
    row_hashes,
)

if TYPE_CHECKING:
    import pandas as pd


class UnitOfWork:
    """What may be written inside one :func:`unit_of_work`; nothing is visible before its end."""

    def __init__(self, workspace: Workspace, con: sqlite3.Connection) -> None:
        self._workspace = workspace
        self._con = con
        self._mine: dict[tuple[str, str, str, str], int] = {}
        self._written: list[Written] = []

    def add_import(
        self, source: SourceRecord, counts: Mapping[str, Any], problems: Iterable[Problem] = ()
    ) -> None:
        """Enter an import with its counts and problems.

        Parameters
        ----------
        source
            File and table.
        counts
            ``rows``, ``new``, ``changed``, ``unchanged``, ``excluded`` (reason to count),
            ``quarantined``, ``encoding``; what is left out is zero.
        problems
            Faults found in the file.

        Raises
        ------
        IngestError
            If the same import is stored already, perhaps by another process meanwhile.
        """
        number = self._source(source)
        set_counts(self._con, number, counts)
        insert_problems(self._con, number, problems)
        numbers = {name: value for name, value in counts.items() if isinstance(value, int)}
        details = {"sha256": source.sha256, "table": source.table, **numbers}
        append_audit(self._con, "import", details)

    def add_responses(
        self,
        frame: pd.DataFrame,
        missing: pd.DataFrame,
        source: SourceRecord,
        *,
        held: bool = False,
    ) -> None:
        """Write questionnaires as immutable batches, one per wave.

        Parameters
        ----------
        frame
            ``schema.RESPONSE_COLUMNS`` and one column per item.
        missing
            ``response_id``, ``item_id``, ``reason``.
        source
            The import they belong to.
        held
            Versions that wait for a decision: kept, but counted nowhere.

        Raises
        ------
        IngestError
            If a response has no key or wave, or stands twice in ``frame``.
        """
        responses = restored_responses(frame.drop(columns="person", errors="ignore"))
        if responses["wave"].isna().any():
            raise IngestError("A response has no wave and cannot be stored.", where=source.file)
        if responses["response_id"].duplicated().any():
            raise IngestError("A response stands twice in one import.", where=source.file)
        self._add_batches(responses, missing, self._source(source), held)

    def add_conflicts(self, conflicts: Iterable[Conflict], source: SourceRecord) -> None:
        """Enter versions that contradict each other, found in an import or decided with it."""
        insert_conflicts(self._con, self._source(source), conflicts)

    def decide_conflicts(self, states: Mapping[int, str]) -> int:
        """Decide conflicts by number; the chosen versions become the newest ones.

        Parameters
        ----------
        states
            Number of the conflict to ``first`` or ``second``. Must come before anything else is
            written in the same unit.

        Returns
        -------
        int
            Responses that now have another version.

        Raises
        ------
        ValueError
            If there is no such conflict or decision.
        """
        changed = {one.response_id for one in set_states(self._con, states)}
        every = [one for one in conflicts_in(self._con) if one.response_id in changed]
        stored = hashes_in(self._workspace, self._con)
        promoted = 0
        for number in sorted({one.found_in for one in every}):
            wanted = {}
            for response in {one.response_id for one in every if one.found_in == number}:
                mine = [one for one in every if one.response_id == response]
                chosen = chosen_version(mine)
                # found in several imports, a response belongs to the last of them
                last = max(one.found_in for one in mine) == number
                if chosen and last and stored.get(response) != chosen:
                    wanted[response] = chosen
            if wanted:
                frame, reasons = versions_in(self._workspace, self._con, wanted)
                self._add_batches(restored_responses(frame), reasons, number, held=False)
                promoted += len(frame)
        return promoted

    def decide_links(self, decisions: Mapping[tuple[str, str], str]) -> int:
        """Store who somebody has judged to be the same person or not; ``""`` takes it back.

        Raises
        ------
        ValueError
            If a verdict is neither ``same`` nor ``different``.
        """
        return set_link_decisions(self._con, decisions)

    def upsert(self, table_name: str, frame: pd.DataFrame, source: SourceRecord) -> None:
        """Insert rows of a small table, or replace those with the same key.

        Parameters
        ----------
        table_name
            One of ``schema.SMALL_TABLES``.
        frame
            Canonical columns; a column that is left out is empty. A column ``row_hash`` is kept,
            otherwise it is computed.
        source
            The import they belong to.

        Raises
        ------
        ValueError
            If there is no such table.
        IngestError
            If a key is absent or a value does not fit its column.
        """
        if table_name not in SMALL_TABLES:
            raise ValueError(f"no such table: {table_name}")
        table = TABLES[table_name]
        typed = restored(frame, table)
        hashes = frame["row_hash"] if "row_hash" in frame else row_hashes(frame, table_name)
        number = self._source(source)
        columns = [plain_values(typed[name]) for name in table.names()]
        columns += [plain_values(hashes), [number] * len(frame)]
        names = ", ".join((*table.names(), "row_hash", "imported_from"))
        marks = ", ".join("?" * len(columns))
        self._con.executemany(
            f"REPLACE INTO {table_name} ({names}) VALUES ({marks})",  # noqa: S608
            list(zip(*columns, strict=True)),
        )

    def set_links(self, frame: pd.DataFrame) -> None:
        """Say who gave which response; a response linked before is linked anew.

        Parameters
        ----------
        frame
            ``response_id``, ``person``, ``method``.
        """
        links = restored_text(frame, LINK_COLUMNS)
        self._con.executemany(
            "REPLACE INTO link (response_id, person, method) VALUES (?, ?, ?)",
            list(zip(*(plain_values(links[name]) for name in LINK_COLUMNS), strict=True)),
        )

    def publish_files(self) -> None:
        """Give all written files their final names; the last step before the commit."""
        for written in self._written:
            publish(written)

    def remove_files(self) -> None:
        """Take back all written files after a failure."""
        for written in self._written:
            written.temporary.unlink(missing_ok=True)
            written.final.unlink(missing_ok=True)

    def _source(self, source: SourceRecord) -> int:
        identity = source.identity()
        if identity not in self._mine:
            if source_id(self._con, source) is not None:
                raise IngestError("This file has been imported already.", where=source.file)
            self._mine[identity] = insert_source(self._con, source)
        return self._mine[identity]

    def _add_batches(
        self, responses: pd.DataFrame, missing: pd.DataFrame, number: int, held: bool
    ) -> None:
        reasons = restored_text(missing, MISSING_COLUMNS)
        for wave, part in responses.groupby("wave", sort=True):
            own = reasons[reasons["response_id"].isin(part["response_id"])]
            batch = self._add_batch(str(wave), part, own, number)
            if held:
                self._con.execute("UPDATE batch SET held = 1 WHERE id = ?", (batch,))

    def _add_batch(self, wave: str, part: pd.DataFrame, reasons: pd.DataFrame, number: int) -> int:
        batch = self._con.execute("SELECT coalesce(max(id), 0) + 1 FROM batch").fetchone()[0]
        folder = self._workspace.data / "batches" / wave_folder(wave)
        part = part.reset_index(drop=True)
        answers = self._write(part, folder / f".{batch}.tmp", f"{batch}-{{}}.parquet")
        side = None
        if len(reasons):
            side = self._write(
                reasons.reset_index(drop=True),
                folder / f".{batch}.missing.tmp",
                f"{batch}-{{}}.missing.parquet",
            )
        self._con.execute(
            "INSERT INTO batch (id, source, wave, path, sha256, rows, missing_path, "
            "missing_sha256) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                batch, number, wave, self._relative(answers), answers.sha256, len(part),
                side and self._relative(side), side and side.sha256,
            ),
        )  # fmt: skip
        return int(batch)

    def _write(self, frame: pd.DataFrame, temporary: Any, pattern: str) -> Written:
        sha256 = ""
        try:
            sha256 = write_temporary(self._workspace, frame, temporary)
        finally:
            if not sha256:
                # stopped in the middle, perhaps by a person: half a file is no file
                temporary.unlink(missing_ok=True)
        written = Written(
            temporary=temporary,
            final=temporary.with_name(pattern.format(sha256[:8])),
            sha256=sha256,
        )
        self._written.append(written)
        return written

    def _relative(self, written: Written) -> str:
        return written.final.relative_to(self._workspace.root).as_posix()


@contextmanager
def unit_of_work(workspace: Workspace) -> Iterator[UnitOfWork]:
    """Everything inside is stored together, or, after any failure, nothing of it.

    Files get their final names inside the transaction, before its commit: a crash between the
    two leaves a file nobody knows, which ``doctor`` removes, and never an entry without a file.

    Raises
    ------
    RunError
        If another process holds the catalogue for longer than half a minute.
    """
    with connection(workspace) as con:
        con.execute("BEGIN IMMEDIATE")
        work = UnitOfWork(workspace, con)
        committing = False
        try:
            yield work
            work.publish_files()
            committing = True
            con.execute("COMMIT")
        finally:
            # a person may stop the program between the commit and this line: what is no longer
            # in a transaction then is stored, and its files stay
            if con.in_transaction:
                con.execute("ROLLBACK")
                committing = False
            if not committing:
                work.remove_files()
