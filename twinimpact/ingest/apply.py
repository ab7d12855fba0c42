"""Carrying out plans: one unit of work, then the list of what was set aside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from twinimpact.ingest.linkage import link_waves
from twinimpact.ingest.planned import ImportPlan
from twinimpact.ingest.progress import Progress, Steps, no_progress
from twinimpact.ingest.quarantine import quarantine_name, write_quarantine
from twinimpact.problems import Problem
from twinimpact.workspace import (
    UnitOfWork,
    Workspace,
    conflicts_of,
    link_decisions_of,
    read_responses,
    unit_of_work,
)

LINK_NEEDS = ["response_id", "partnership_id", "arm", "wave", "participant_token", "code"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What an import did.

    Parameters
    ----------
    imported
        Plans that were stored.
    skipped
        Plans with nothing to store: imported before.
    failed
        Plans of files that could not be read.
    links
        Linked people by partnership and wave, see :class:`twinimpact.ingest.linkage.Links`.
    quarantine
        Files written to the quarantine folder.
    """

    imported: tuple[ImportPlan, ...]
    skipped: tuple[ImportPlan, ...]
    failed: tuple[ImportPlan, ...]
    links: pd.DataFrame
    quarantine: tuple[Path, ...]


def apply_plans(
    workspace: Workspace, plans: Sequence[ImportPlan], progress: Progress = no_progress
) -> Receipt:
    """Store exactly what the plans hold; all of it, or nothing after a failure or an interruption.

    Parameters
    ----------
    progress
        Called with a file's name, the number of files done and their total, before each file is
        stored and once before people are linked.

    Raises
    ------
    IngestError
        If one of the files has been imported since the plans were made.
    RunError
        If another process holds the catalogue.
    """
    failed = tuple(plan for plan in plans if plan.failed)
    skipped = tuple(plan for plan in plans if not plan.failed and _is_done(plan))
    imported = tuple(plan for plan in plans if not plan.failed and not _is_done(plan))
    steps = Steps(progress, len(imported))
    with unit_of_work(workspace) as work:
        for plan in imported:
            steps.begin(Path(plan.file).name)
            _store(work, plan)
        steps.end()
        responses = _responses(workspace, imported)
        readable = next((plan for plan in plans if not plan.failed), None)
        waves = () if readable is None else readable.waves
        links = link_waves(responses, waves, link_decisions_of(workspace))
        if readable is not None:
            # files that could not be read say nothing about who is linked
            work.set_links(links.frame)
    return Receipt(
        imported=imported,
        skipped=skipped,
        failed=failed,
        links=links.summary if readable is not None else links.summary[:0],
        quarantine=_quarantine(workspace, plans),
    )


def decide_open(workspace: Workspace, policy: str, plans: Sequence[ImportPlan] = ()) -> int:
    """Decide conflicts of earlier imports by the policy; gives the responses that changed.

    Parameters
    ----------
    policy
        ``keep`` or ``replace``; ``ask`` leaves everything open.
    plans
        Imports about to be applied: what they settle themselves is left to them.
    """
    theirs = {one.response_id for plan in plans for one in plan.conflicts}
    still = [
        one
        for one in conflicts_of(workspace)
        if one.state == "open" and one.response_id not in theirs
    ]
    if policy == "ask" or not still:
        return 0
    last = {one.response_id: one.id for one in still}
    states = {
        one.id: "second" if policy == "replace" and last[one.response_id] == one.id else "first"
        for one in still
    }
    with unit_of_work(workspace) as work:
        return work.decide_conflicts(states)


def _is_done(plan: ImportPlan) -> bool:
    return plan.already_imported and not len(plan.new)


def _store(work: UnitOfWork, plan: ImportPlan) -> None:
    if plan.record is None:
        return
    work.add_import(plan.record, plan.counts(), plan.problems)
    for versions, missing in plan.held:
        work.add_responses(versions, missing, plan.record, held=True)
    work.add_conflicts(plan.conflicts, plan.record)
    rows = pd.concat([plan.new, plan.changed], ignore_index=True)
    if not len(rows):
        return
    if plan.table == "responses":
        work.add_responses(rows, plan.missing, plan.record)
    else:
        work.upsert(plan.table, rows, plan.record)


def _responses(workspace: Workspace, plans: Sequence[ImportPlan]) -> pd.DataFrame:
    """Responses as they will be: what is stored, overlaid with the plans in order."""
    frames = [read_responses(workspace)[LINK_NEEDS]]
    for plan in plans:
        if plan.table == "responses":
            frames += [plan.new[LINK_NEEDS], plan.changed[LINK_NEEDS]]
    everything = pd.concat([frame for frame in frames if len(frame)] or frames[:1])
    return everything.drop_duplicates("response_id", keep="last").reset_index(drop=True)


def _quarantine(workspace: Workspace, plans: Sequence[ImportPlan]) -> tuple[Path, ...]:
    by_name: dict[str, list[Problem]] = {}
    for plan in plans:
        listed = by_name.setdefault(quarantine_name(plan.file, plan.sha256), [])
        # notices about a form as a whole are no faults to mend
        listed += [problem for problem in plan.problems if problem.severity != "info"]
    written: list[Path] = []
    for name, problems in by_name.items():
        written += write_quarantine(workspace.root / "quarantine", name, problems)
    return tuple(written)
