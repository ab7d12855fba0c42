"""What importing one file into one table would do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from twinimpact.errors import IngestError, TwinImpactError
from twinimpact.evaluation import Source
from twinimpact.ingest.conflicts import Held
from twinimpact.problems import Problem
from twinimpact.workspace import Conflict, SourceRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportPlan:
    """What importing one file into one table would do.

    Parameters
    ----------
    source
        Entry of ``evaluation.toml``.
    file, sha256
        Path in the workspace and hash of the bytes that were read.
    table
        Canonical table the rows go to (events of a calendar go to ``activities``).
    rows
        Rows of the file; ``new + changed + unchanged + excluded + quarantined``.
    new, changed
        Rows to store: canonical columns, items, ``row_hash``.
    missing
        Reasons of missing answers in those rows.
    already_imported
        Whether this file has been imported with the same mapping and instruments: then rows
        already known stay as they are, even if a later file has changed them.
    waves
        Wave ids to link people over, in fielding order; empty when people are not linked.
    conflicts, held
        Contradicting versions of responses: who they are, and the versions themselves.
    """

    source: Source
    file: str
    sha256: str
    table: str
    platform: str = ""
    evidence: tuple[str, ...] = ()
    encoding: str = ""
    rows: int = 0
    new: pd.DataFrame = field(default_factory=pd.DataFrame)
    changed: pd.DataFrame = field(default_factory=pd.DataFrame)
    missing: pd.DataFrame = field(default_factory=pd.DataFrame)
    unchanged: int = 0
    excluded: Mapping[str, int] = field(default_factory=dict)
    quarantined: int = 0
    problems: tuple[Problem, ...] = ()
    already_imported: bool = False
    record: SourceRecord | None = None
    waves: tuple[str, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    held: Held = ()

    def __post_init__(self) -> None:
        counted = len(self.new) + len(self.changed) + self.unchanged + self.quarantined
        if counted + sum(self.excluded.values()) != self.rows:
            raise IngestError(
                "The rows of this file do not add up; nothing was imported.",
                where=self.file,
                got=str(counted + sum(self.excluded.values())),
                expected=str(self.rows),
                hint="This is a fault of the program: please report it.",
            )

    @property
    def failed(self) -> bool:
        """Whether the file could not be read at all."""
        return self.record is None

    def counts(self) -> dict[str, object]:
        """The numbers stored with the import."""
        return {
            "rows": self.rows,
            "new": len(self.new),
            "changed": len(self.changed),
            "unchanged": self.unchanged,
            "excluded": dict(self.excluded),
            "quarantined": self.quarantined,
            "encoding": self.encoding,
        }


def failed_plan(
    source: Source, file: str, sha256: str, problems: tuple[Problem, ...]
) -> ImportPlan:
    """The plan of a file that cannot be read: only its problems."""
    table = "activities" if source.table == "calendar" else source.table
    return ImportPlan(source=source, file=file, sha256=sha256, table=table, problems=problems)


def told(error: TwinImpactError, file: str) -> tuple[Problem, ...]:
    """An error as the problems of a file."""
    if error.problems:
        return error.problems
    parts = (error.what, f"Found: {error.got}." if error.got else "")
    advice = (f"Expected: {error.expected}." if error.expected else "", error.hint)
    return (
        Problem(
            code="import_failed",
            file=file,
            got=" ".join(filter(None, parts)),
            expected=" ".join(filter(None, advice)) or "Check the file.",
        ),
    )
