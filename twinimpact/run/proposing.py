"""A mapping file proposed for an export, written for a person to review."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from twinimpact.errors import DefinitionError, IngestError
from twinimpact.ingest import codebook_of, draft_of, proposal_toml, propose
from twinimpact.ingest.rows import build_lookup
from twinimpact.ingest.values import slug
from twinimpact.run.project import Project
from twinimpact.workspace import read_table

FOLDER = "mappings"


def propose_mapping(project: Project, file: Path, *, out: str = "", codebook: str = "") -> Path:
    """Write a proposed mapping; a file that is there already is never overwritten.

    Parameters
    ----------
    file
        The export of answers, anywhere on the disk. Activity logs and registers are read by
        their headers and need no proposal.
    out
        Name of the mapping inside the workspace; made from the file's name when empty.
    codebook
        A definition file of the same form.

    Raises
    ------
    DefinitionError
        If there is no such file, the target exists or lies outside the workspace.
    IngestError
        If the export cannot be read.
    """
    for path in filter(None, (str(file), codebook)):
        if not Path(path).is_file():
            raise DefinitionError("There is no such file.", where=path)
    target = project.root / (out or f"{FOLDER}/{slug(file.stem) or 'mapping'}.toml")
    if not target.resolve().is_relative_to(project.root.resolve()):
        raise DefinitionError("The mapping must lie inside the evaluation.", where=out)
    if target.exists():
        raise DefinitionError(
            "This mapping exists, and a mapping is never overwritten.",
            where=target.relative_to(project.root).as_posix(),
            hint="Name another file with --out.",
        )
    ids = _known(project)
    book = codebook_of(Path(codebook)) if codebook else None
    draft = draft_of(file)
    if not draft.columns:
        raise IngestError("The file holds no table.", where=file.name)
    text = proposal_toml(propose(draft, project.catalogue, ids, book or draft.codebook), ids)
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("x", encoding="utf-8", newline="\n") as handle:
        handle.write(text)
    return target


def _known(project: Project) -> Mapping[str, Mapping[str, str]]:
    lookup = build_lookup(
        [(wave.id, wave.label) for wave in project.evaluation.waves],
        *(read_table(project.workspace, name) for name in ("towns", "partnerships", "activities")),
    )
    return {"wave": lookup.waves, "town": lookup.towns, "partnership": lookup.partnerships}
