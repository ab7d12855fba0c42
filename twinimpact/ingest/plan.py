"""What an import would do: the dry run, whose plans the real run executes as they are.

Sources are read in the order in which they build on each other: registers, activity logs,
calendars, attendance, answers. A file that cannot be read becomes a plan with its problems
and does not stop the others.
"""

from __future__ import annotations

import dataclasses
import hashlib
from pathlib import Path

import pandas as pd

from twinimpact.errors import DefinitionError, IngestError
from twinimpact.evaluation import Evaluation, Source
from twinimpact.ingest.activities import LOG_SET, held_without_attendance, present
from twinimpact.ingest.conflicts import POLICIES, Memory, Settled, by_response, settle
from twinimpact.ingest.definitions import definition_of, registered
from twinimpact.ingest.files import expand, inside, sha256_of
from twinimpact.ingest.mapping import ColumnMapping, load_mapping
from twinimpact.ingest.planned import ImportPlan, failed_plan, told
from twinimpact.ingest.progress import Progress, Steps, no_progress
from twinimpact.ingest.reading import FileRows, read_file
from twinimpact.ingest.rows import CheckedRows, Lookup, build_lookup
from twinimpact.ingest.values import fold
from twinimpact.ingest.versions import OnDemand, Versions
from twinimpact.instruments import Catalogue
from twinimpact.privacy.pseudonym import Key
from twinimpact.problems import Problem
from twinimpact.schema import RECORD_TABLES, SMALL_TABLES, TABLES
from twinimpact.workspace import (
    SourceRecord,
    Workspace,
    conflicts_of,
    is_imported,
    known_rows,
    read_responses,
    read_table,
)

ORDER = (
    "towns", "partnerships", "activities", "calendar", "attendance", *RECORD_TABLES, "responses",
)  # fmt: skip


def plan_imports(
    workspace: Workspace,
    evaluation: Evaluation,
    catalogue: Catalogue,
    key: Key,
    on_conflict: str = "ask",
    progress: Progress = no_progress,
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
    on_conflict
        What becomes of a response with contradicting versions: ``keep`` the first, ``replace``
        it by the last, or ``ask``: quarantine all, keep all, and wait for a decision.
    progress
        Called with a file's name, the number of files done and their total, before each file is
        read and once at the end.

    Returns
    -------
    tuple of ImportPlan
        One per file and table; an activity log that counts participants gives two.

    Raises
    ------
    DefinitionError
        If ``on_conflict`` is none of these.
    """
    if on_conflict not in POLICIES:
        raise DefinitionError(
            "There is no such way to treat conflicts.",
            where="--on-conflict",
            got=on_conflict,
            expected=", ".join(POLICIES),
        )
    planner = _Planner(workspace, evaluation, catalogue, key, on_conflict)
    sources = [one for table in ORDER for one in evaluation.sources if one.table == table]
    steps = Steps(progress, sum(len(expand(workspace.root, one.file)[0]) for one in sources))
    for source in sources:
        planner.add_source(source, steps)
    plans = planner.finished()
    steps.end()
    return plans


class _Planner:
    """Plans file after file; each sees what the earlier ones will have stored."""

    def __init__(
        self,
        workspace: Workspace,
        evaluation: Evaluation,
        catalogue: Catalogue,
        key: Key,
        on_conflict: str,
    ) -> None:
        self.workspace = workspace
        self.evaluation = evaluation
        self.catalogue = catalogue
        self.key = key
        self.on_conflict = on_conflict
        self.conflicts = by_response(conflicts_of(workspace))
        self.plans: list[ImportPlan] = []
        self.tables = OnDemand(lambda name: read_table(workspace, name))
        self.known = OnDemand[Versions[ImportPlan]](
            lambda name: Versions(name, known_rows(workspace, name))
        )
        self.log_counts: list[tuple[ImportPlan, CheckedRows]] = []

    def add_source(self, source: Source, steps: Steps) -> None:
        """Plan all files of one entry of ``evaluation.toml``."""
        files, problems = expand(self.workspace.root, source.file)
        for problem in problems:
            self.plans.append(failed_plan(source, source.file, "", (problem,)))
        for path in files:
            name = path.relative_to(self.workspace.root).as_posix()
            steps.begin(path.name)
            try:
                mapping = self._mapping(source)
                self._add_file(source, path, name, mapping)
            except (IngestError, DefinitionError) as error:
                self.plans.append(
                    failed_plan(source, name, sha256_of(path), told(error, path.name))
                )

    def finished(self) -> tuple[ImportPlan, ...]:
        """All plans, after the checks that need every source."""
        for frame, checked in self.log_counts:
            self._add_log_counts(frame, checked)
        attendance = present(self.tables["attendance"])
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
        book, its_hash = None, ""
        if source.codebook:
            book, its_hash = definition_of(self.workspace.root, source.codebook)
        given = source.constants.texts()
        return dataclasses.replace(
            mapping,
            constants={**mapping.constants, **given},
            platform=source.platform or mapping.platform,
            sheet=source.sheet or mapping.sheet,
            codebook=book,
            codebook_sha256=its_hash,
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
            codebook_sha256=registered(self.catalogue.sha256, mapping.codebook_sha256)
            if table == "responses"
            else "",
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
        table = blank.table
        already = blank.record is not None and is_imported(self.workspace, blank.record)
        settled = self._settled(blank, checked, already)
        checked, frame = settled.checked, settled.checked.frame
        is_new, differs = self.known[table].compare(frame)
        if already:
            # an old file brought again must not undo what a newer one has changed
            differs[:] = False
        stored = _where(frame, is_new | differs)
        missing = checked.missing
        if table == "responses" and len(stored) < len(frame):
            missing = missing[missing["response_id"].isin(stored["response_id"])]
        plan = dataclasses.replace(
            blank,
            rows=checked.rows,
            new=_where(frame, is_new),
            changed=_where(frame, differs),
            missing=missing.reset_index(drop=True),
            unchanged=int((~is_new & ~differs).sum()),
            excluded=checked.excluded,
            quarantined=checked.quarantined,
            problems=(*checked.problems, *self._reused(blank, frame[differs])),
            already_imported=already,
            conflicts=settled.conflicts,
            held=settled.held,
            record=_again(blank.record, stored) if already and len(stored) else blank.record,
        )
        self.known[table].remember(stored, blank)
        if table in SMALL_TABLES:
            self.tables[table] = _upserted(self.tables[table], stored, table)
        self.plans.append(plan)

    def _settled(self, blank: ImportPlan, checked: CheckedRows, already: bool) -> Settled:
        """Choose between versions of responses, see :mod:`twinimpact.ingest.conflicts`."""
        if blank.table != "responses" or not (checked.contested or self.conflicts):
            return Settled(checked=checked)
        stored = {str(key[0]): version for key, version in self.known["responses"].hashes().items()}
        memory = Memory(
            policy=self.on_conflict,
            conflicts=self.conflicts,
            stored={} if already else stored,
            place=self._stored_place,
        )
        return settle(checked, memory, blank.sha256[:12], Path(blank.file).name)

    def _stored_place(self, response_id: str) -> tuple[str, int]:
        stored = read_responses(self.workspace)
        row = stored[stored["response_id"] == response_id]
        return (str(row["source"].iloc[0]), int(row["source_row"].iloc[0])) if len(row) else ("", 0)

    def _reused(self, blank: ImportPlan, changed: pd.DataFrame) -> tuple[Problem, ...]:
        """Warn when one source overwrites rows of another in the same run."""
        others = self.known[blank.table].origins(changed) if len(changed) else []
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
        attendance = present(self.tables["attendance"])
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


def _where(frame: pd.DataFrame, chosen: pd.Series) -> pd.DataFrame:
    """The chosen rows, numbered anew; the frame itself if all are."""
    return frame if chosen.all() else frame[chosen].reset_index(drop=True)


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
