"""Running: from a request to finished reports."""

from twinimpact.run.designing import Planned, design_rows, icc_from, plan_towns
from twinimpact.run.inspecting import (
    inspection_facts,
    inspection_json,
    inspection_remarks,
    question_rows,
)
from twinimpact.run.project import Project, load_project, note_plan
from twinimpact.run.proposing import propose_mapping
from twinimpact.run.settling import Told, settle_conflicts, settle_links, trace_rows
from twinimpact.run.surveying import (
    Linted,
    build_survey,
    built_sentences,
    lint_survey,
    source_fingerprints,
    survey_overlay,
)
from twinimpact.run.telling import plan_rows, receipt_sentences
from twinimpact.run.verbs import (
    Made,
    Selection,
    apply_imports,
    gather,
    make_selected,
    plan_all,
    status_tables,
)

__all__ = [
    "Linted",
    "Made",
    "Planned",
    "Project",
    "Selection",
    "Told",
    "apply_imports",
    "build_survey",
    "built_sentences",
    "design_rows",
    "gather",
    "icc_from",
    "inspection_facts",
    "inspection_json",
    "inspection_remarks",
    "lint_survey",
    "load_project",
    "make_selected",
    "note_plan",
    "plan_all",
    "plan_rows",
    "plan_towns",
    "propose_mapping",
    "question_rows",
    "receipt_sentences",
    "settle_conflicts",
    "settle_links",
    "source_fingerprints",
    "status_tables",
    "survey_overlay",
    "trace_rows",
]
