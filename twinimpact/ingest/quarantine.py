"""Files that say what was wrong with an import: one table for people, one for programs.

The source files stay as they are; everything that needs mending is listed beside them with
its place, the rule it broke and the fix.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Sequence
from pathlib import Path

from twinimpact.language import Translator, translator
from twinimpact.problems import Problem

COLUMNS = ("file", "sheet", "row", "column", "value", "rule", "severity", "what", "fix")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(r"^[+-]?\d+(?:[.,]\d+)?$")


def guarded(text: str) -> str:
    """Text that no spreadsheet program takes for a formula; plain numbers stay numbers.

    >>> guarded("=1+1"), guarded("-3")
    ("'=1+1", '-3')
    """
    risky = text.lstrip(" \n").startswith(_FORMULA) and not _NUMBER.match(text)
    return f"'{text}" if risky else text


def quarantine_name(file: str, sha256: str) -> str:
    """Name without suffix: the file's own name, made safe, and eight characters of its hash."""
    stem = re.sub(r"[^\w.-]+", "_", Path(file).name).strip("._") or "file"
    return f"{stem[:80]}-{sha256[:8] or 'unread'}"


def write_quarantine(
    folder: Path,
    name: str,
    problems: Sequence[Problem],
    translate: Translator | None = None,
) -> tuple[Path, ...]:
    """Write ``<name>.csv`` (UTF-8 with BOM, commas) and ``<name>.json``.

    Parameters
    ----------
    folder
        The workspace's ``quarantine``.
    problems
        All problems of one file, in order; without any, older files of that name are removed.

    Returns
    -------
    tuple of Path
        The files written.
    """
    paths = (folder / f"{name}.csv", folder / f"{name}.json")
    if not problems:
        for path in paths:
            path.unlink(missing_ok=True)
        return ()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    rows = [_row(problem, translate or translator("en")) for problem in problems]
    table = io.StringIO(newline="")
    writer = csv.writer(table)
    writer.writerow(COLUMNS)
    for row in rows:
        cells = ["" if row[column] is None else str(row[column]) for column in COLUMNS]
        writer.writerow([guarded(cell) for cell in cells])
    listing = json.dumps(rows, ensure_ascii=False, indent=1) + "\n"
    _replace(paths[0], table.getvalue().encode("utf-8-sig"))
    _replace(paths[1], listing.encode("utf-8"))
    return paths


def _row(problem: Problem, translate: Translator) -> dict[str, object]:
    return {
        "file": problem.file,
        "sheet": problem.sheet,
        "row": problem.row,
        "column": problem.column,
        "value": problem.got,
        "rule": problem.code,
        "severity": problem.severity,
        "what": problem.what(translate),
        "fix": problem.hint(translate),
    }


def _replace(path: Path, data: bytes) -> None:
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        temporary.write_bytes(data)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
