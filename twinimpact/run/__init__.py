"""Running: from a request to finished reports."""

from twinimpact.run.project import Project, load_project
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
    "apply_imports",
    "gather",
    "load_project",
    "make_selected",
    "plan_all",
    "plan_rows",
    "receipt_sentences",
    "status_tables",
]
