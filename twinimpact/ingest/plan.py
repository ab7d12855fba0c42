"""What an import would do: the dry run, whose plans the real run executes as they are.

Sources are read in the order in which they build on each other: registers, activity logs,
calendars, attendance, answers. A file that cannot be read becomes a plan with its problems
and does not stop the others.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from twinimpact.errors import DefinitionError, IngestError, TwinImpactError
from twinimpact.evaluation import Evaluation, Source
from twinimpact.ingest.activities import LOG_SET, held_without_attendance
from twinimpact.ingest.files import expand, inside, sha256_of
from twinimpact.ingest.mapping import ColumnMapping, load_mapping
from twinimpact.ingest.reading import FileRows, read_file
from twinimpact.ingest.rows import CheckedRows, Lookup, build_lookup
from twinimpact.ingest.values import fold
from twinimpact.instruments import Catalogue
from twinimpact.privacy.pseudonym import Key
from twinimpact.problems import Problem
from twinimpact.schema import TABLES
from twinimpact.workspace import SourceRecord, Workspace, is_imported, known_rows, read_table

ORDER = ("towns", "partnerships", "activities", "calendar", "attendance", "responses")
SMALL = ("towns", "partnerships", "activities", "attendance")


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


def plan_imports(
    workspace: Workspace, evaluation: Evaluation, catalogue: Catalogue, key: Key
) -> tuple[ImportPlan, ...]:
    """Read and check every source of an evaluation without writing anything.

    Parameters
    ----------
    workspace
        Folder of the evaluation.
    evaluation
        Its settings; ``sources`` are expanded in the order of :data:`ORDER`.
    catalogue
        Instruments in use.
    key
        Key of the pseudonyms.

    Returns
    -------
    tuple of ImportPlan
        One per file and table; an activity log that counts participants gives two.
    """
    planner = _Planner(workspace, evaluation, catalogue, key)
    for table in ORDER:
        for source in evaluation.sources:
            if source.table == table:
                planner.add_source(source)
    return planner.finished()


class _Planner:
    """Plans file after file; each sees what the earlier ones will have stored."""

    def __init__(
        self, workspace: Workspace, evaluation: Evaluation, catalogue: Catalogue, key: Key
    ) -> None:
        self.workspace = workspace
        self.evaluation = evaluation
        self.catalogue = catalogue
        self.key = key
        self.plans: list[ImportPlan] = []
        self.tables = {name: read_table(workspace, name) for name in SMALL}
        self.known = {name: _hashes(known_rows(workspace, name), name) for name in TABLES}
        self.log_counts: list[tuple[ImportPlan, CheckedRows]] = []
        self.origin: dict[object, ImportPlan] = {}

    def add_source(self, source: Source) -> None:
        """Plan all files of one entry of ``evaluation.toml``."""
        files, problems = expand(self.workspace.root, source.file)
        for problem in problems:
            self.plans.append(_failed(source, source.file, "", (problem,)))
        for path in files:
            name = path.relative_to(self.workspace.root).as_posix()
            try:
                mapping = self._mapping(source)
                self._add_file(source, path, name, mapping)
            except (IngestError, DefinitionError) as error:
                self.plans.append(_failed(source, name, sha256_of(path), _told(error, path.name)))

    def finished(self) -> tuple[ImportPlan, ...]:
        """All plans, after the checks that need every source."""
        for frame, checked in self.log_counts:
            self._add_log_counts(frame, checked)
        attendance = self.tables["attendance"]
        checked_plans = []
        for plan in self.plans:
            if plan.table == "activities" and not plan.failed and not plan.already_imported:
                events = pd.concat([plan.new, plan.changed])
                found = held_without_attendance(events, attendance, Path(plan.file).name)
                plan = dataclasses.replace(plan, problems=(*plan.problems, *found))
            checked_plans.append(plan)
        return tuple(checked_plans)

    def _mapping(self, source: Source) -> ColumnMapping:
        mapping = ColumnMapping()
        if source.mapping:
            path = inside(self.workspace.root, source.mapping)
            if path is None:
                problem = Problem(code="import_outside", got=source.mapping)
                raise DefinitionError("The mapping lies outside.", problems=[problem])
            mapping = load_mapping(path, source.table)
        given = source.constants.model_dump(exclude_none=True)
        return dataclasses.replace(
            mapping,
            constants={**mapping.constants, **given},
            platform=source.platform or mapping.platform,
            sheet=source.sheet or mapping.sheet,
        )

    def _add_file(self, source: Source, path: Path, name: str, mapping: ColumnMapping) -> None:
        read = read_file(
            path,
            source=source,
            mapping=mapping,
            evaluation=self.evaluation,
            catalogue=self.catalogue,
            context=(self._lookup(), self.key),
        )
        table = "activities" if source.table == "calendar" else source.table
        record = SourceRecord(
            sha256=read.sha256,
            file=name,
            size=path.stat().st_size,
            table=table,
            platform=read.platform,
            mapping_sha256=mapping.sha256(),
            codebook_sha256=self.catalogue.sha256 if table == "responses" else "",
            wave=mapping.constants.get("wave", "") if table == "responses" else "",
        )
        checked = read.checked
        if source.table == "calendar":
            checked = _without_logged(checked, self.tables["activities"])
        blank = ImportPlan(
            source=source,
            file=name,
            sha256=read.sha256,
            table=table,
            platform=read.platform,
            evidence=read.evidence,
            encoding=read.encoding,
            record=record,
            waves=self._waves(),
        )
        self._add(blank, dataclasses.replace(checked, problems=self._problems(checked, read)))
        if read.counts is not None and read.counts.rows:
            counts = dataclasses.replace(
                blank, table="attendance", record=dataclasses.replace(record, table="attendance")
            )
            self.log_counts.append((counts, read.counts))

    def _problems(self, checked: CheckedRows, read: FileRows) -> tuple[Problem, ...]:
        nothing = not len(self.tables["partnerships"]) and checked.quarantined
        first = (Problem(code="import_nothing_known", file=read.file),) if nothing else ()
        return (*first, *read.problems, *checked.problems)

    def _add(self, blank: ImportPlan, checked: CheckedRows) -> None:
        """Tell new, changed and unchanged rows apart and remember what will be stored."""
        table, frame = blank.table, checked.frame
        already = blank.record is not None and is_imported(self.workspace, blank.record)
        keys = list(zip(*(frame[name] for name in TABLES[table].key), strict=True))
        known = self.known[table]
        before = [known.get(key) for key in keys]
        is_new = pd.Series([old is None for old in before], index=frame.index, dtype=bool)
        differs = pd.Series(
            [
                old is not None and old != now
                for old, now in zip(before, frame["row_hash"], strict=True)
            ],
            index=frame.index,
            dtype=bool,
        )
        if already:
            # an old file brought again must not undo what a newer one has changed
            differs[:] = False
        stored = frame[is_new | differs]
        missing = checked.missing
        if table == "responses":
            missing = missing[missing["response_id"].isin(stored["response_id"])]
        plan = dataclasses.replace(
            blank,
            rows=checked.rows,
            new=frame[is_new].reset_index(drop=True),
            changed=frame[differs].reset_index(drop=True),
            missing=missing.reset_index(drop=True),
            unchanged=int((~is_new & ~differs).sum()),
            excluded=checked.excluded,
            quarantined=checked.quarantined,
            problems=(*checked.problems, *self._reused(blank, frame[differs])),
            already_imported=already,
            record=_again(blank.record, stored) if already and len(stored) else blank.record,
        )
        for key, now, keep in zip(keys, frame["row_hash"], is_new | differs, strict=True):
            if keep:
                known[key] = str(now)
                self.origin[table, key] = blank
        if table in SMALL:
            self.tables[table] = _upserted(self.tables[table], stored, table)
        self.plans.append(plan)

    def _reused(self, blank: ImportPlan, changed: pd.DataFrame) -> tuple[Problem, ...]:
        """Warn when one source overwrites rows of another in the same run."""
        key_columns = TABLES[blank.table].key
        keys = zip(*(changed[name] for name in key_columns), strict=True)
        others = [self.origin.get((blank.table, key)) for key in keys]
        files = [o.file for o in others if o is not None and o.source != blank.source]
        if not files:
            return ()
        names = ", ".join(dict.fromkeys(files))
        return (
            Problem(
                code="import_id_reused",
                file=Path(blank.file).name,
                got=str(len(files)),
                expected=names,
            ),
        )

    def _add_log_counts(self, blank: ImportPlan, checked: CheckedRows) -> None:
        attendance = self.tables["attendance"]
        listed = set(attendance.loc[attendance["row_key"] != LOG_SET, "activity_id"])
        beside = checked.frame["activity_id"].isin(listed)
        # a list of people or groups is better evidence than the log's one number
        excluded = {**checked.excluded, "attendance_list": int(beside.sum())}
        self._add(
            blank,
            dataclasses.replace(
                checked,
                frame=checked.frame[~beside].reset_index(drop=True),
                excluded={reason: n for reason, n in excluded.items() if n},
            ),
        )

    def _lookup(self) -> Lookup:
        return build_lookup(
            [(wave.id, wave.label) for wave in self.evaluation.waves],
            self.tables["towns"],
            self.tables["partnerships"],
            self.tables["activities"],
        )

    def _waves(self) -> tuple[str, ...]:
        linked = self.evaluation.design.linked
        return tuple(wave.id for wave in self.evaluation.waves) if linked else ()


def _hashes(frame: pd.DataFrame, table: str) -> dict[tuple[object, ...], str]:
    keys = zip(*(frame[name] for name in TABLES[table].key), strict=True)
    return dict(zip(keys, frame["row_hash"], strict=True))


def _upserted(stored: pd.DataFrame, rows: pd.DataFrame, table: str) -> pd.DataFrame:
    names = list(TABLES[table].names())
    if not len(rows):
        return stored
    both = pd.concat([stored[names], rows[names]]) if len(stored) else rows[names]
    return both.drop_duplicates(list(TABLES[table].key), keep="last").reset_index(drop=True)


def _again(record: SourceRecord | None, stored: pd.DataFrame) -> SourceRecord | None:
    # the same file again, because a register or wave was added and more of its rows now fit
    if record is None:
        return None
    content = "\n".join([record.mapping_sha256, *sorted(stored["row_hash"])])
    return dataclasses.replace(record, mapping_sha256=hashlib.sha256(content.encode()).hexdigest())


def _without_logged(checked: CheckedRows, activities: pd.DataFrame) -> CheckedRows:
    """Leave out calendar events that an activity log has too."""
    logged = activities[~activities["activity_id"].isin(checked.frame["activity_id"])]
    known = set(
        zip(logged["partnership_id"], logged["start_date"], map(fold, logged["title"]), strict=True)
    )
    frame = checked.frame
    titles = map(fold, frame["title"])
    keys = zip(frame["partnership_id"], frame["start_date"], titles, strict=True)
    twice = pd.Series([key in known for key in keys], index=frame.index, dtype=bool)
    if not twice.any():
        return checked
    return dataclasses.replace(
        checked,
        frame=frame[~twice].reset_index(drop=True),
        excluded={**checked.excluded, "in_activity_log": int(twice.sum())},
    )


def _failed(source: Source, file: str, sha256: str, problems: tuple[Problem, ...]) -> ImportPlan:
    table = "activities" if source.table == "calendar" else source.table
    return ImportPlan(source=source, file=file, sha256=sha256, table=table, problems=problems)


def _told(error: TwinImpactError, file: str) -> tuple[Problem, ...]:
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
