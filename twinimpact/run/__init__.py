"""Running: from a request to finished reports."""

from twinimpact.run.inspecting import (
    inspection_facts,
    inspection_json,
    inspection_remarks,
    question_rows,
)
from twinimpact.run.project import Project, load_project
from twinimpact.run.proposing import propose_mapping
from twinimpact.run.settling import Told, settle_conflicts, settle_links, trace_rows
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
    "Made",
    "Project",
    "Selection",
    "Told",
    "apply_imports",
    "gather",
    "inspection_facts",
    "inspection_json",
    "inspection_remarks",
    "load_project",
    "make_selected",
    "plan_all",
    "plan_rows",
    "propose_mapping",
    "question_rows",
    "receipt_sentences",
    "settle_conflicts",
    "settle_links",
    "status_tables",
    "trace_rows",
]
