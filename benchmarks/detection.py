"""The detector's confusion table over all real exports at hand.

Run from the project's root: ``python benchmarks/detection.py``. Rows are the folders the files
lie in (the tool that wrote them), columns what the detector said: a format, ``ask`` for a
near-tie, ``refused`` for what is no table of answers, or ``spreadsheet`` for no known tool.
"""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from pathlib import Path

from twinimpact.errors import IngestError
from twinimpact.ingest import detect, read_tables

SHARED = Path(os.environ.get("TWINIMPACT_SHARED", Path(__file__).parents[2] / "shared"))
ANSWERS = ("responses", "table", "attendance", "repeat_table", "excel")
ORDINARY = ("csv_traps", "excel_traps")
FAMILIES = {"spss_stata": {"spss", "stata"}}
"""Folders whose files go by other names than the folder's."""


def said(path: Path) -> str:
    """What the detector says about one file."""
    try:
        return detect(read_tables(path)).platform
    except IngestError as error:
        return "ask" if "could be an export of" in error.what else "refused"


def is_right(folder: str, kind: str, found: str, parent: str) -> bool:
    """Answers go to their tool, ordinary tables to no tool, everything else is refused."""
    if kind not in ANSWERS:
        return found == "refused"
    if folder in ORDINARY:
        return found == "spreadsheet"
    if folder == "derived":
        return found == parent
    wanted = FAMILIES.get(folder, {folder})
    return found in wanted or any(found.startswith(f"{name}_") for name in wanted)


def parent_of(name: str) -> str:
    """The tool behind a file derived from another one."""
    tools = {"dask": "google_forms", "decimal": "redcap", "qualtrics": "qualtrics"}
    return next((tool for start, tool in tools.items() if name.startswith(start)), "")


def main() -> None:
    """Print the table and every file that is not where it belongs."""
    listing = SHARED / "fixtures" / "EXPECTED.json"
    if not listing.is_file():
        print(f"skipped: {listing} is not here; set TWINIMPACT_SHARED")
        return
    counts: Counter[tuple[str, str]] = Counter()
    wrong: list[str] = []
    for entry in json.loads(listing.read_text(encoding="utf-8")):
        path = SHARED / "fixtures" / entry["path"]
        if not path.is_file():
            print(f"skipped: {entry['path']} is not here")
            continue
        folder = entry["path"].split("/")[0]
        found = said(path)
        row = folder if entry["kind"] in ANSWERS else f"{folder} ({entry['kind']})"
        counts[row, found] += 1
        if not is_right(folder, entry["kind"], found, parent_of(path.name)):
            wrong.append(f"{entry['path']} ({entry['kind']}): {found}")
    rows = sorted({row for row, _ in counts})
    columns = sorted({column for _, column in counts})
    width = max(map(len, rows))
    for number, column in enumerate(columns, start=1):
        print(f"{number:>3} = {column}")
    print(" " * width, *(f"{number:>4}" for number in range(1, len(columns) + 1)))
    for row in rows:
        cells = (f"{counts[row, column] or '.':>4}" for column in columns)
        print(f"{row:<{width}}", *cells)
    print(f"right: {sum(counts.values()) - len(wrong)} of {sum(counts.values())}")
    for line in wrong:
        print(f"  not as its folder says: {line}")


if __name__ == "__main__":
    sys.exit(main())
