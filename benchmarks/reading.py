"""Reading a large export with full validation, side by side with pandas; prints ratios.

Run from the project's root: ``python benchmarks/reading.py``. Every way runs in a process of
its own, so that peak memory can be told; times are the shortest of a few runs in there.
"""

from __future__ import annotations

import importlib.util
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

CSV_ROWS, XLSX_ROWS, COLUMNS = 100_000, 20_000, 60
RUNS = 3
WRITE = "write"
META = ("_id", "_uuid", "_submission_time", "_validation_status", "_status", "__version__")
PERSON = ("consent", "town", "gender", "age_band", "role", "wave")
CODE = tuple(f"code_{number}" for number in range(1, 7))
ITEMS = COLUMNS - len(META) - len(PERSON) - len(CODE)


def table(rows: int) -> tuple[list[str], list[list[str]]]:
    """A KoboToolbox export of the core questionnaire with made-up answers."""
    import numpy as np

    from twinimpact.instruments import load_catalogue
    from twinimpact.resources import surveys_dir

    rng = np.random.default_rng(1)
    catalogue = load_catalogue(surveys_dir() / "own")
    items = list(catalogue.items.values())[:ITEMS]
    columns: dict[str, list[str]] = {
        "consent": ["yes"] * rows,
        "town": list(rng.choice(["lin", "mor"], rows)),
        "gender": list(rng.choice(["female", "male"], rows)),
        "age_band": list(rng.choice(["18-29", "30-44", "45-64"], rows)),
        "role": list(rng.choice(["citizen", "teacher", "association"], rows)),
        "wave": list(rng.choice(["pre", "post"], rows)),
    }
    for name in CODE:
        columns[name] = [f"{value:02d}" for value in rng.integers(1, 32, rows)]
    for item in items:
        answers = rng.integers(item.lo, item.hi + 1, rows).astype(str)
        answers[rng.random(rows) < 0.05] = ""
        answers[rng.random(rows) < 0.02] = str(item.missing[0])
        columns[item.id] = answers.tolist()
    columns["_id"] = [str(10_000_000 + row) for row in range(rows)]
    columns["_uuid"] = [f"{a:08x}-{b:012x}" for a, b in rng.integers(0, 2**31, (rows, 2))]
    columns["_submission_time"] = [
        f"2025-03-{day:02d}T{hour:02d}:15:{row % 60:02d}"
        for row, (day, hour) in enumerate(
            zip(rng.integers(1, 32, rows), rng.integers(0, 24, rows), strict=True)
        )
    ]
    columns["_validation_status"] = [""] * rows
    columns["_status"] = ["submitted_via_web"] * rows
    columns["__version__"] = ["vRt5"] * rows
    return list(columns), [list(row) for row in zip(*columns.values(), strict=True)]


def write_csv(path: Path, rows: int) -> None:
    """Semicolons and quotation marks round every cell, as KoboToolbox writes."""
    header, listed = table(rows)
    lines = (";".join(f'"{cell}"' for cell in row) for row in (header, *listed))
    path.write_bytes("".join(f"{line}\r\n" for line in lines).encode())


def write_xlsx(path: Path, rows: int) -> None:
    """Every cell as text."""
    import xlsxwriter

    header, listed = table(rows)
    book = xlsxwriter.Workbook(str(path), {"strings_to_numbers": False})
    sheet = book.add_worksheet("Data")
    for number, row in enumerate((header, *listed)):
        for place, cell in enumerate(row):
            sheet.write_string(number, place, cell)
    book.close()


def settings() -> object:
    """What planning an import knows beside the file."""
    import pandas as pd

    from twinimpact.ingest.mapping import parse_mapping
    from twinimpact.ingest.responses import ResponseSettings
    from twinimpact.ingest.rows import build_lookup
    from twinimpact.instruments import load_catalogue
    from twinimpact.privacy.pseudonym import Key
    from twinimpact.resources import surveys_dir

    towns = pd.DataFrame({"town_id": ["lin", "mor"], "name": ["L", "M"], "country": ["DE", "FR"]})
    links = {"partnership_id": ["lin-mor"], "name": ["L – M"], "town_a": ["lin"], "town_b": ["mor"]}
    partnerships = pd.DataFrame({**links, "further_towns": [""], "comparison_towns": [""]})
    activities = pd.DataFrame({"activity_id": [], "partnership_id": [], "title": []})
    waves = [("pre", "Before"), ("post", "After")]
    return ResponseSettings(
        mapping=parse_mapping({"consent": {"column": "consent", "yes": ["yes"]}}, "map.toml"),
        catalogue=load_catalogue(surveys_dir() / "own"),
        lookup=build_lookup(waves, towns, partnerships, activities),
        key=Key(value=bytes(32), key_id="bench"),
    )


def ways(path: Path) -> dict[str, Callable[[], int]]:
    """Each way of reading; gives the number of rows it found."""

    def raw() -> int:
        from twinimpact.ingest import read_tables

        return len(read_tables(path)[0].rows) - 1

    def draft() -> int:
        from twinimpact.ingest import draft_of

        return len(draft_of(path).rows)

    def validated() -> int:
        from twinimpact.ingest import draft_of
        from twinimpact.ingest.responses import response_rows

        return len(response_rows(draft_of(path), known).frame)  # type: ignore[arg-type]

    def without_worker() -> int:
        import io

        from python_calamine import CalamineWorkbook

        from twinimpact.ingest.container import open_workbook

        checked = open_workbook(path.read_bytes(), "xlsx").data
        book = CalamineWorkbook.from_filelike(io.BytesIO(checked))
        return len(book.get_sheet_by_index(0).to_python(skip_empty_area=False)) - 1

    def with_pandas() -> int:
        import pandas as pd

        if path.suffix == ".csv":
            return len(pd.read_csv(path, sep=";", dtype=str, keep_default_na=False))
        return len(pd.read_excel(path, dtype=str, engine="openpyxl"))

    def with_csv_reader() -> int:
        import csv

        with path.open(encoding="utf-8", newline="") as file:
            return len(list(csv.reader(file, delimiter=";"))) - 1

    known = settings()
    return {
        "read_tables": raw,
        "draft_of": draft,
        "draft_of + response_rows": validated,
        "no worker": without_worker,
        "pandas": with_pandas,
        "csv.reader": with_csv_reader,
    }


def measure(path: Path, way: str, runs: int) -> None:
    """Inside a process of its own: seconds, peak memory above the start, and rows."""
    work = ways(path)[way]
    if way.startswith("pandas"):
        import pandas  # noqa: F401 - loading it is not part of reading
    else:
        import twinimpact.ingest.responses  # noqa: F401 - the same
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    taken, rows = [], 0
    for _ in range(runs):
        start = time.perf_counter()
        rows = work()
        taken.append(time.perf_counter() - start)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    peak += resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss  # the worker of workbooks
    scale = 1 if sys.platform == "darwin" else 1024
    print(json.dumps({"seconds": min(taken), "memory": peak * scale, "rows": rows}))


def apart(path: Path, way: str, runs: int) -> dict[str, float]:
    """The shortest of a few runs, and the peak memory of a single run."""
    once = _call(path, way, 1)
    if runs > 1:
        once["seconds"] = min(once["seconds"], _call(path, way, runs)["seconds"])
    return once


def _call(path: Path, what: str, number: int) -> dict[str, float]:
    # a process starts with the peak memory of the one that made it, so this one stays small
    command = [sys.executable, __file__, str(path), what, str(number)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout or "{}")  # type: ignore[no-any-return]


def compare(path: Path, ours: tuple[str, ...], others: tuple[str, ...], runs: int) -> None:
    """One line per pair; memory as a multiple of the file."""
    size = path.stat().st_size
    found = {way: apart(path, way, runs) for way in (*ours, *others)}
    rows = {way: int(one["rows"]) for way, one in found.items()}
    if len(set(rows.values())) > 1:
        print(f"  the ways do not agree on the number of rows: {rows}")
    for other in others:
        for way in ours:
            ratio = found[way]["seconds"] / found[other]["seconds"]
            print(f"  {way:26} / {other:12} {ratio:8.2f}")
    for way, one in found.items():
        print(f"  peak memory of {way:26} {one['memory'] / size:8.2f} x the file")


def main() -> None:
    """Both kinds of file."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "large.csv"
        _call(path, WRITE, CSV_ROWS)
        print(f"CSV, {CSV_ROWS:,} rows, {COLUMNS} columns, {path.stat().st_size / 1e6:.0f} MB")
        ours = ("read_tables", "draft_of", "draft_of + response_rows")
        compare(path, ours, ("pandas", "csv.reader"), RUNS)
        path = Path(name) / "large.xlsx"
        _call(path, WRITE, XLSX_ROWS)
        size = path.stat().st_size / 1e6
        print(f"XLSX, {XLSX_ROWS:,} rows, {COLUMNS} columns, {size:.0f} MB")
        # what the worker costs: checked alike and read by the same library, in one process
        compare(path, ("read_tables",), ("no worker",), RUNS)
        if importlib.util.find_spec("openpyxl") is None:
            print("  openpyxl is not installed, so there is nothing to compare with here")
            return
        compare(path, ours, ("pandas",), 1)


if __name__ == "__main__":
    if sys.argv[2:3] == [WRITE]:
        target = Path(sys.argv[1])
        (write_csv if target.suffix == ".csv" else write_xlsx)(target, int(sys.argv[3]))
    elif len(sys.argv) > 1:
        measure(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
    else:
        main()
