"""An evaluation folder as a whole: its settings, instruments, store and key, loaded together."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from twinimpact.errors import DefinitionError
from twinimpact.evaluation import Evaluation, load_evaluation
from twinimpact.instruments import Catalogue, load_catalogue
from twinimpact.resources import surveys_dir
from twinimpact.workspace import Workspace, open_workspace

SETTINGS = "evaluation.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """Everything the commands need to know about one evaluation."""

    root: Path
    evaluation: Evaluation
    catalogue: Catalogue
    workspace: Workspace


def load_project(root: Path) -> Project:
    """Load an evaluation folder.

    Parameters
    ----------
    root
        Folder with ``evaluation.toml``.

    Raises
    ------
    DefinitionError
        If there is no ``evaluation.toml`` or it, or an instrument, is wrong.
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
    catalogue = load_catalogue(*folders, use=evaluation.instruments.use)
    return Project(
        root=root,
        evaluation=evaluation,
        catalogue=catalogue,
        workspace=open_workspace(root),
    )
