"""An evaluation folder as a whole: its settings, instruments, store and key, loaded together."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from twinimpact.errors import DefinitionError
from twinimpact.evaluation import Evaluation, load_evaluation
from twinimpact.evaluation.plan import (
    PLAN_FILE,
    PlanRecord,
    load_plan,
    log_plan,
    read_record,
)
from twinimpact.instruments import Catalogue, load_catalogue
from twinimpact.resources import surveys_dir
from twinimpact.workspace import Workspace, open_workspace

SETTINGS = "evaluation.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """Everything the commands need to know about one evaluation.

    ``plan`` is the analysis plan with its versions, where there is one.
    """

    root: Path
    evaluation: Evaluation
    catalogue: Catalogue
    workspace: Workspace
    plan: PlanRecord | None = None


def load_project(root: Path) -> Project:
    """Load an evaluation folder.

    Parameters
    ----------
    root
        Folder with ``evaluation.toml``.

    Raises
    ------
    DefinitionError
        If there is no ``evaluation.toml`` or it, an instrument or the analysis plan is wrong.
    RunError
        If the store was written by a newer version.
    """
    settings = root / SETTINGS
    if not settings.is_file():
        raise DefinitionError(
            "This folder is not an evaluation: it has no evaluation.toml.",
            where=str(root),
            hint="Make one with: twinimpact new FOLDER",
        )
    evaluation = load_evaluation(settings)
    folders = [surveys_dir() / "own", *(p for p in [root / "surveys"] if p.is_dir())]
    catalogue = load_catalogue(
        *folders,
        use=evaluation.instruments.use,
        also=evaluation.instruments.also,
        shelves=(surveys_dir() / "optional", surveys_dir() / "keys"),
        overlays=overlay_paths(evaluation, root),
    )
    return Project(
        root=root,
        evaluation=evaluation,
        catalogue=catalogue,
        workspace=open_workspace(root),
        plan=_plan(root),
    )


def note_plan(root: Path) -> bool:
    """Note the analysis plan in the plan log, if there is one and it is new there.

    Raises
    ------
    DefinitionError
        If the plan or the log is wrong.
    """
    path = root / PLAN_FILE
    return path.is_file() and log_plan(root, load_plan(path))


def _plan(root: Path) -> PlanRecord | None:
    path = root / PLAN_FILE
    return read_record(root, load_plan(path)) if path.is_file() else None


def overlay_paths(evaluation: Evaluation, root: Path) -> tuple[Path, ...]:
    """Files with licensed wording that the settings name, relative to the evaluation's folder."""
    return tuple(root / Path(name).expanduser() for name in evaluation.instruments.overlays)
