"""Which files a source means; nothing outside the workspace is ever opened."""

from __future__ import annotations

import hashlib
from pathlib import Path, PurePosixPath

from twinimpact.problems import Problem

IGNORED = ("~$", ".")


def expand(root: Path, pattern: str) -> tuple[tuple[Path, ...], tuple[Problem, ...]]:
    """Files of a workspace that a pattern names, in order of their names.

    Parameters
    ----------
    root
        Folder of the workspace.
    pattern
        Path relative to it; ``*``, ``?`` and ``[ ]`` may be used.

    Returns
    -------
    tuple
        The files, and a problem if there are none or a path leads out of the workspace,
        also by a symbolic link. Lock files and hidden files are passed over.
    """
    pure = PurePosixPath(pattern.replace("\\", "/"))
    if pure.is_absolute() or ".." in pure.parts or ":" in pattern:
        return (), (Problem(code="import_outside", file=pure.name, got=pattern),)
    literal = root / pure
    found = [literal] if literal.is_file() else sorted(root.glob(str(pure)))
    home = root.resolve()
    files: list[Path] = []
    problems: list[Problem] = []
    for path in found:
        if path.name.startswith(IGNORED):
            continue
        if not path.resolve().is_relative_to(home):
            problems.append(Problem(code="import_outside", file=path.name, got=pattern))
        elif path.is_file():
            files.append(path)
    if not files and not problems:
        problems.append(Problem(code="import_no_file", file=pure.name, got=pattern))
    return tuple(files), tuple(problems)


def inside(root: Path, relative: str) -> Path | None:
    """The path of a file inside the workspace, or ``None`` when it leads out."""
    path = root / relative
    return path if path.resolve().is_relative_to(root.resolve()) else None


def sha256_of(path: Path) -> str:
    """Hash of a file's bytes."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
