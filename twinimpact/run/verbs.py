"""What the commands do, as functions: plan, apply, make reports, say the state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from twinimpact.errors import DefinitionError, IngestError
from twinimpact.impact import first_answer, mark_confirmatory
from twinimpact.ingest import ImportPlan, Receipt, apply_plans, decide_open, plan_imports
from twinimpact.ingest.progress import Progress, no_progress
from twinimpact.language import N_, translator
from twinimpact.measures import load_outside
from twinimpact.privacy import load_key
from twinimpact.report import ReportEntry, write_index
from twinimpact.report.pictures import MESSAGES
from twinimpact.results import build_results
from twinimpact.run.batch import Outcome, make_reports
from twinimpact.run.bundles import Material, partnership_facts
from twinimpact.run.project import Project, note_plan
from twinimpact.run.request import PARTNERSHIP_TEMPLATES, PROGRAMME_TEMPLATES, Request
from twinimpact.schema import PROGRAMME
from twinimpact.workspace import (
    imports_of,
    latest_runs,
    problems_of,
    read_responses,
    take_snapshot,
)

TEMPLATE_TITLES = {
    "partnership_report": N_("Partnership report"),
    "council_onepager": N_("Council one-pager"),
    "programme_rollup": N_("Programme roll-up"),
    "data_quality": N_("Data-quality report"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which reports to make; an empty field means all."""

    partnerships: tuple[str, ...] = ()
    templates: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    force: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What a batch made; ``messages`` are remarks said once."""

    outcomes: list[Outcome]
    index: Path
    messages: tuple[str, ...]


def plan_all(
    project: Project, on_conflict: str = "ask", progress: Progress = no_progress
) -> tuple[ImportPlan, ...]:
    """Read and check every source of the evaluation without storing anything."""
    key = load_key(project.evaluation.privacy.pseudonym, project.root)
    return plan_imports(
        project.workspace, project.evaluation, project.catalogue, key, on_conflict, progress
    )


def apply_imports(
    project: Project,
    plans: Sequence[ImportPlan],
    on_conflict: str = "ask",
    progress: Progress = no_progress,
) -> Receipt:
    """Store exactly what was planned, and decide what earlier imports have left open."""
    decide_open(project.workspace, on_conflict, plans)
    return apply_plans(project.workspace, plans, progress)


def gather(project: Project) -> Material:
    """Freeze the data and compute every number of every report.

    Raises
    ------
    IngestError
        If nothing has been imported yet.
    """
    snapshot = take_snapshot(project.workspace, project.catalogue.sha256)
    if not len(snapshot.frame("partnerships")):
        raise IngestError(
            "There is no partnership in this evaluation yet.",
            where=str(project.root),
            hint="Fill in the registers workbook and run: twinimpact ingest --apply",
        )
    outside = load_outside(project.root)
    results = build_results(snapshot, project.evaluation, project.catalogue, outside)
    if project.plan is not None:
        first_post = first_answer(snapshot.frame("responses"), project.evaluation)
        table = mark_confirmatory(results.table, project.plan, first_post)
        results = replace(results, table=table)
    return Material(
        project=project,
        snapshot=snapshot,
        results=results,
        imports=imports_of(project.workspace),
        problems=(*problems_of(project.workspace), *results.problems),
    )


def make_selected(project: Project, selection: Selection, progress: Progress) -> Made:
    """Make the selected reports of an evaluation and the index that links them.

    A new version of the analysis plan is noted in the plan log.
    """
    note_plan(project.root)
    material = gather(project)
    requests = plan_requests(material, selection)
    batch = make_reports(material, requests, force=selection.force, progress=progress)
    index = write_site(material)
    language = project.evaluation.evaluation.languages[0]
    remarks = [translator(language).text(MESSAGES[batch.remark])] if batch.remark else []
    return Made(outcomes=batch.outcomes, index=index, messages=tuple(remarks))


def plan_requests(material: Material, selection: Selection) -> list[Request]:
    """Every report the selection asks for.

    Raises
    ------
    DefinitionError
        If the selection names a partnership or a report that does not exist.
    """
    known = [facts["partnership_id"] for facts in partnership_facts(material.snapshot)]
    _refuse_unknown("partnership", selection.partnerships, known)
    templates = (*PARTNERSHIP_TEMPLATES, *PROGRAMME_TEMPLATES)
    _refuse_unknown("report", selection.templates, templates)
    settings = material.project.evaluation
    formats = selection.formats or tuple(settings.reports.formats)
    _refuse_unknown("format", formats, ("html", "pdf", "docx", "xlsx"))
    wanted = selection.templates or templates
    pairs = [
        (template, partnership)
        for partnership in selection.partnerships or known
        for template in PARTNERSHIP_TEMPLATES
        if template in wanted
    ]
    if not selection.partnerships:
        pairs += [(name, PROGRAMME) for name in PROGRAMME_TEMPLATES if name in wanted]
    return [
        Request(template=template, partnership=partnership, language=language, formats=formats)
        for template, partnership in pairs
        for language in settings.evaluation.languages
    ]


def write_site(material: Material) -> Path:
    """Write ``reports/index.html`` over all finished reports of this evaluation."""
    names = {f["partnership_id"]: f["name"] for f in partnership_facts(material.snapshot)}
    language = material.project.evaluation.evaluation.languages[0]
    text = translator(language).text
    root = material.project.root
    entries = []
    for run in latest_runs(material.project.workspace):
        files = {form: root / name for form, name in run.files.items() if (root / name).is_file()}
        if files and (run.partnership == PROGRAMME or run.partnership in names):
            entries.append(
                ReportEntry(
                    title=text(TEMPLATE_TITLES[run.template]),
                    group=names.get(run.partnership, text(N_("All partnerships together"))),
                    as_of=material.results.as_of.isoformat(),
                    language=run.language,
                    paths=files,
                )
            )
    entries.sort(key=lambda e: (e.group in names.values(), e.group, e.title, e.language))
    index = root / "reports" / "index.html"
    write_index(entries, index, material.project.evaluation.evaluation.title, language)
    return index


def status_tables(project: Project) -> list[tuple[str, list[dict[str, str]]]]:
    """What the evaluation holds, as titled tables of text."""
    imports = [
        {
            "file": str(row["file"]),
            "table": str(row["table"]),
            "rows": str(row["rows"]),
            "new": str(row["new"]),
            "changed": str(row["changed"]),
            "excluded": str(sum(row["excluded"].values())),
            "quarantined": str(row["quarantined"]),
        }
        for row in imports_of(project.workspace)
    ]
    responses = read_responses(project.workspace)
    by = ["partnership_id", "wave", "arm"]
    counted = responses.groupby(by, sort=True).size().reset_index(name="questionnaires")
    answers = [
        {
            "partnership": str(row.partnership_id),
            "wave": str(row.wave),
            "group": str(row.arm),
            "questionnaires": str(row.questionnaires),
        }
        for row in counted.itertuples()
    ]
    runs = [
        {"report": run.template, "partnership": run.partnership, "files": ", ".join(run.files)}
        for run in latest_runs(project.workspace)
    ]
    return [("Imports", imports), ("Answers", answers), ("Reports", runs)]


def _refuse_unknown(kind: str, given: Sequence[str], known: Sequence[str]) -> None:
    unknown = [name for name in given if name not in known]
    if unknown:
        raise DefinitionError(
            f"There is no {kind} called {', '.join(map(repr, unknown))}.",
            hint=f"Known: {', '.join(known)}.",
        )


__all__ = [
    "Made",
    "Selection",
    "apply_imports",
    "gather",
    "make_selected",
    "plan_all",
    "status_tables",
]
