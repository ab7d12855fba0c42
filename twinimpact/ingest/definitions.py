"""Which definition file goes with an export: named by a person, or lying beside it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path

from twinimpact.errors import DefinitionError, IngestError
from twinimpact.ingest.codebook import CodeBook
from twinimpact.ingest.codebooks.common import MAX_FILE
from twinimpact.ingest.codebooks.registry import codebook_of
from twinimpact.ingest.files import IGNORED, inside, sha256_of
from twinimpact.ingest.records import Draft
from twinimpact.problems import Problem

ENDINGS = (
    ".lss", ".lsg", ".lsq", ".lsa", ".qsf", ".json", ".r", ".txt", ".csv", ".tsv", ".xlsx", ".xlsm",
    ".xls", ".ods", ".xml",
)  # fmt: skip
MOST_FILES = 40
"""More files than this beside an export are not looked through."""
FITS = 0.5
"""Share of the questions a definition must know for it to be taken by itself."""


def definition_of(root: Path, relative: str) -> tuple[CodeBook, str]:
    """A definition file of the workspace and the hash of its bytes.

    Parameters
    ----------
    root
        Folder of the workspace.
    relative
        Path in it, as written in ``evaluation.toml``.

    Raises
    ------
    DefinitionError
        If there is no such file, or it lies outside the workspace.
    IngestError
        If no reader knows the file.
    """
    path = inside(root, relative)
    if path is None:
        problem = Problem(code="import_outside", file=Path(relative).name, got=relative)
        raise DefinitionError("The code book lies outside.", problems=[problem])
    if not path.is_file():
        raise DefinitionError(
            "The code book does not exist.",
            where=relative,
            hint="Correct `codebook` in evaluation.toml, or put the file there.",
        )
    return codebook_of(path), sha256_of(path)


def registered(catalogue: str, definition: str) -> str:
    """What an import is registered under: the instruments, and the code book if there was one.

    Both are SHA-256 in hexadecimal digits; the result is one too, or the instruments' own.
    """
    if not definition:
        return catalogue
    return hashlib.sha256(f"{catalogue}\n{definition}".encode()).hexdigest()


def definition_beside(file: Path, draft: Draft) -> Path | None:
    """The definition file in the folder of an export that knows most of its questions.

    ``None`` if there is none, or two know equally many and neither is called like the export.
    """
    found: list[tuple[float, bool, Path]] = []
    listed = sorted(path for path in file.parent.iterdir() if _may_define(path, file))
    for path in listed[:MOST_FILES]:
        try:
            share = known_share(draft, codebook_of(path))
        except IngestError:
            continue
        if share >= FITS:
            found.append((round(share, 2), path.stem.casefold() == file.stem.casefold(), path))
    found.sort(key=lambda one: one[:2], reverse=True)
    if not found or (len(found) > 1 and found[0][:2] == found[1][:2]):
        return None
    return found[0][2]


def _may_define(path: Path, file: Path) -> bool:
    return (
        path != file
        and path.suffix.lower() in ENDINGS
        and not path.name.startswith(IGNORED)
        and path.is_file()
        and path.stat().st_size <= MAX_FILE
    )


def known_share(draft: Draft, book: CodeBook) -> float:
    """Share of the questions of an export that a code book knows."""
    names = _names(book)
    asked = [column for column in draft.columns if column.role == "question"]
    known = sum(
        bool(names & {column.key, column.name, column.key.rsplit("/", 1)[-1]}) for column in asked
    )
    return known / len(asked) if asked else 0.0


def misfits(draft: Draft, book: CodeBook | None) -> Sequence[Problem]:
    """A warning if a code book that was named knows no question of the export."""
    told = {problem.code for problem in draft.problems}
    if book is None or "codebook_misfit" in told or known_share(draft, book):
        return ()
    return (Problem(code="codebook_misfit", file=draft.file, sheet=draft.sheet, got=book.file),)


def _names(book: CodeBook) -> set[str]:
    def every() -> Iterable[str]:
        for question in book.questions:
            yield question.key
            yield from question.aliases
        yield from book.fields
        for several in book.sets:
            yield from several.columns

    return set(every())
