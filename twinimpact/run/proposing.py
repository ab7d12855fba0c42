"""A mapping file proposed for an export, written for a person to review."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from twinimpact.errors import DefinitionError, IngestError
from twinimpact.evaluation import Source
from twinimpact.ingest import (
    CodeBook,
    ReadOptions,
    codebook_of,
    definition_beside,
    definition_of,
    draft_of,
    proposal_toml,
    propose,
    propose_table,
    read_tables,
    table_kinds,
    table_toml,
)
from twinimpact.ingest.files import expand
from twinimpact.ingest.reading import ticket_tool
from twinimpact.ingest.rows import build_lookup
from twinimpact.ingest.values import slug
from twinimpact.run.project import Project
from twinimpact.workspace import read_table

FOLDER = "mappings"
RESPONSES = "responses"
Known = Mapping[str, Mapping[str, str]]
SPREADSHEET = "spreadsheet"


def propose_mapping(
    project: Project, file: Path, *, out: str = "", codebook: str = ""
) -> tuple[Path, ...]:
    """Write proposed mappings of one file, one per table it fills.

    Which tables these are is said by ``evaluation.toml`` if it lists the file, else found out
    from the headers. A file that is there already is never overwritten. Options of answers come
    from the code book that is named, else from the one ``evaluation.toml`` gives the file, else
    from a definition file that lies beside the export.

    Parameters
    ----------
    file
        An export of answers, an activity log, an attendance list or a register, anywhere on the
        disk.
    out
        Name of the mapping inside the workspace; made from the file's name when empty.
    codebook
        A definition file of the same form.

    Raises
    ------
    DefinitionError
        If there is no such file, the target exists or lies outside the workspace.
    IngestError
        If the file cannot be read.
    """
    for path in filter(None, (str(file), codebook)):
        if not Path(path).is_file():
            raise DefinitionError("There is no such file.", where=path)
    name = out or f"{FOLDER}/{slug(file.stem) or 'mapping'}.toml"
    _target(project, name)
    ids = _known(project)
    sources = _sources_of(project, file)
    texts = {
        table: _answers(project, file, source, codebook, ids)
        if table == RESPONSES
        else _table(file, source, table, ids)
        for table, source in _tables_of(file, sources).items()
    }
    several = len(texts) > 1
    stem = name.removesuffix(".toml")
    targets = {
        table: _target(project, f"{stem}-{table}.toml" if several else name) for table in texts
    }
    for table, target in targets.items():
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("x", encoding="utf-8", newline="\n") as handle:
            handle.write(texts[table])
    return tuple(targets.values())


def _target(project: Project, name: str) -> Path:
    target = project.root / name
    if not target.resolve().is_relative_to(project.root.resolve()):
        raise DefinitionError("The mapping must lie inside the evaluation.", where=name)
    if target.exists():
        raise DefinitionError(
            "This mapping exists, and a mapping is never overwritten.",
            where=target.relative_to(project.root).as_posix(),
            hint="Name another file with --out.",
        )
    return target


def _sources_of(project: Project, file: Path) -> tuple[Source, ...]:
    """The entries of ``evaluation.toml`` that name a file."""
    return tuple(
        source
        for source in project.evaluation.sources
        if file.resolve() in {path.resolve() for path in expand(project.root, source.file)[0]}
    )


def _tables_of(file: Path, sources: Sequence[Source]) -> Mapping[str, Source | None]:
    """Table to the entry that says so, or to nothing where the headers say it."""
    if sources:
        listed = {source.table: source for source in sources if source.table != "calendar"}
        if not listed:
            raise IngestError("A calendar needs no mapping.", where=file.name)
        return listed
    tables = read_tables(file)
    if ticket_tool(tables):
        return {"attendance": None}
    kinds = table_kinds(tables)
    # a survey may ask under the headers of a register
    return dict.fromkeys(kinds if kinds and not _is_survey(file) else (RESPONSES,))


def _is_survey(file: Path) -> bool:
    try:
        return draft_of(file).platform != SPREADSHEET
    except IngestError:
        return False


def _options(source: Source | None) -> ReadOptions:
    if source is None:
        return ReadOptions()
    return ReadOptions(encoding=source.encoding or "", sheet=source.sheet or "")


def _table(file: Path, source: Source | None, table: str, ids: Known) -> str:
    tables = read_tables(file, _options(source))
    if not tables:
        raise IngestError("The file holds no table.", where=file.name)
    platform = ticket_tool(tables) if table == "attendance" else ""
    return table_toml(propose_table(tables, table, ids, platform), ids)


def _answers(project: Project, file: Path, source: Source | None, codebook: str, ids: Known) -> str:
    options = _options(source)
    platform = (source.platform or "") if source else ""
    draft = draft_of(file, platform=platform, options=options)
    if not draft.columns:
        raise IngestError("The file holds no table.", where=file.name)
    if codebook:
        book: CodeBook | None = codebook_of(Path(codebook))
    elif source is not None and source.codebook:
        book = definition_of(project.root, source.codebook)[0]
    else:
        beside = definition_beside(file, draft)
        book = codebook_of(beside) if beside is not None else None
    if book is not None:
        draft = draft_of(file, platform=platform, options=replace(options, codebook=book))
    return proposal_toml(propose(draft, project.catalogue, ids, book or draft.codebook), ids)


def _known(project: Project) -> Known:
    lookup = build_lookup(
        [(wave.id, wave.label) for wave in project.evaluation.waves],
        *(read_table(project.workspace, name) for name in ("towns", "partnerships", "activities")),
    )
    return {"wave": lookup.waves, "town": lookup.towns, "partnership": lookup.partnerships}
