"""Importing large exports with full validation, side by side with pandas; prints ratios.

Run from the project's root: ``python benchmarks/reading.py``. Full validation is the dry run of
``twinimpact ingest``: recognise the format, find the columns, check every answer, consent,
people, codes, ids and duplicates, and plan what to store. Every way runs in processes of its
own, so that peak memory can be told; times are medians.
"""

from __future__ import annotations

import gc
import importlib.util
import json
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

CSV_ROWS, XLSX_ROWS, COLUMNS = 100_000, 20_000, 60
RUNS = 4
PROCESSES = 3
SMALL_ROWS = 20
OURS = {"plan": "read and validated", "tables": "read alone"}
SEED = 1
CODE = tuple(f"code_{number}" for number in range(1, 7))
TIME_GOAL, MEMORY_GOAL, XLSX_GOAL = 1.5, 2.0, 10.0
FORMATS = {
    "kobo": ("KoboToolbox", ";", '"', "\r\n", ""),
    "limesurvey": ("LimeSurvey", ";", '"', "\r\n", "\ufeff"),
    "plain": ("a plain table", ",", "", "\n", ""),
}
"""Name, delimiter, quotation mark, line end and first sign of each kind of file."""
EVALUATION = """schema = 1
[evaluation]
id = "large"
title = "A large import"
[privacy]
pseudonym = {{key_file = "{key}"}}
[[waves]]
id = "pre"
kind = "pre"
label = "Before"
[[waves]]
id = "post"
kind = "post"
label = "After"
[[sources]]
file = "inbox/towns.csv"
table = "towns"
[[sources]]
file = "inbox/partnerships.csv"
table = "partnerships"
[[sources]]
file = "inbox/{file}"
table = "responses"
mapping = "mappings/map.toml"
"""
MAPPING = """schema = 1
{platform}
[consent]
column = "consent"
yes = ["yes"]
[columns]
code = {code}
{own}
"""


def answers(rows: int, count: int) -> dict[str, list[str]]:
    """People and answers by column; some answers are blank or "don't know"."""
    import numpy as np

    from twinimpact.instruments import load_catalogue
    from twinimpact.resources import surveys_dir

    rng = np.random.default_rng(SEED)
    choices = {
        "consent": ["yes"],
        "town": ["lin", "mor"],
        "gender": ["female", "male"],
        "age_band": ["18-29", "30-44", "45-64"],
        "role": ["citizen", "teacher", "association"],
        "wave": ["pre", "post"],
    }
    columns = {name: rng.choice(words, rows).tolist() for name, words in choices.items()}
    for name in CODE:
        columns[name] = [f"{value:02d}" for value in rng.integers(1, 32, rows)]
    catalogue = load_catalogue(surveys_dir() / "own")
    for item in list(catalogue.items.values())[: count - len(columns)]:
        given = rng.integers(item.lo, item.hi + 1, rows).astype(str)
        given[rng.random(rows) < 0.05] = ""
        given[rng.random(rows) < 0.02] = str(item.missing[0])
        columns[item.id] = given.tolist()
    return columns


def moments(rows: int) -> tuple[list[str], list[str]]:
    """When each questionnaire was begun and sent, in the order of sending."""
    import numpy as np

    rng = np.random.default_rng(SEED)
    end = np.datetime64("2025-03-01T08:00:00") + np.arange(rows) * 26
    begun = np.datetime_as_string(end - rng.integers(120, 1800, rows))
    return begun.tolist(), np.datetime_as_string(end).tolist()


def columns_of(kind: str, rows: int) -> dict[str, list[str]]:
    """One export by column."""
    import numpy as np

    begun, sent = moments(rows)
    numbers = [str(10_000_000 + row) for row in range(rows)]
    if kind == "kobo":
        rng = np.random.default_rng(SEED)
        parts = rng.integers(0, 2**31, (rows, 2))
        return {
            **answers(rows, COLUMNS - 6),
            "_id": numbers,
            "_uuid": [f"{a:08x}-{b:012x}" for a, b in parts],
            "_submission_time": sent,
            "_validation_status": [""] * rows,
            "_status": ["submitted_via_web"] * rows,
            "__version__": ["vRt5"] * rows,
        }
    if kind == "limesurvey":
        own = {
            "id": numbers,
            "submitdate": [moment.replace("T", " ") for moment in sent],
            "lastpage": ["7"] * rows,
            "startlanguage": ["en"] * rows,
            "startdate": [moment.replace("T", " ") for moment in begun],
            "datestamp": [moment.replace("T", " ") for moment in sent],
        }
        return {**own, **answers(rows, COLUMNS - len(own))}
    own = {"number": numbers, "date": [moment[:10] for moment in sent]}
    return {**own, **answers(rows, COLUMNS - len(own))}


def write(folder: Path, kind: str, rows: int, name: str) -> None:
    """A new evaluation with one large file of answers."""
    from twinimpact.privacy.pseudonym import create_key
    from twinimpact.workspace import create_workspace

    file = folder / "inbox" / name
    for part in ("inbox", "mappings"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    key = folder.with_suffix(".key")
    create_key(key)
    (folder / "evaluation.toml").write_text(EVALUATION.format(key=key, file=name))
    own = 'response_id = "number"\ndate = "date"' if kind == "plain" else ""
    named = f'platform = "{"spreadsheet" if kind == "plain" else kind}"'
    mapping = MAPPING.format(platform=named, code=json.dumps(CODE), own=own)
    (folder / "mappings" / "map.toml").write_text(mapping)
    towns = "town_id;name;country\nlin;Lindau;DE\nmor;Morlaix;FR\n"
    (folder / "inbox" / "towns.csv").write_text(towns)
    link = "partnership_id;name;town_a;town_b;form\nlin-mor;Link;lin;mor;formal\n"
    (folder / "inbox" / "partnerships.csv").write_text(link)
    create_workspace(folder)
    columns = columns_of(kind, rows)
    listed = (list(columns), *zip(*columns.values(), strict=True))
    if file.suffix == ".xlsx":
        import xlsxwriter

        book = xlsxwriter.Workbook(str(file), {"strings_to_numbers": False})
        sheet = book.add_worksheet("Data")
        for number, row in enumerate(listed):
            for place, cell in enumerate(row):
                sheet.write_string(number, place, cell)
        book.close()
        return
    _, delimiter, quote, end, first = FORMATS[kind]
    lines = (delimiter.join(f"{quote}{cell}{quote}" for cell in row) for row in listed)
    file.write_bytes((first + "".join(f"{line}{end}" for line in lines)).encode())


def ways(file: Path, kind: str) -> dict[str, Callable[[], int]]:
    """Each way of reading; gives the number of rows it found."""

    def plan() -> int:
        from twinimpact.evaluation import load_evaluation
        from twinimpact.ingest import plan_imports
        from twinimpact.privacy.pseudonym import load_key
        from twinimpact.workspace import open_workspace

        workspace = open_workspace(file.parents[1])
        evaluation = load_evaluation(workspace.root / "evaluation.toml")
        key = load_key(evaluation.privacy.pseudonym, workspace.root)
        plans = plan_imports(workspace, evaluation, catalogue, key)
        new = [len(one.new) for one in plans if one.table == "responses"]
        assert not any(one.failed for one in plans), "a file could not be read"
        return sum(new)

    def tables() -> int:
        from twinimpact.ingest import read_tables

        return len(read_tables(file)[0].rows) - 1

    def with_pandas() -> int:
        import pandas as pd

        if file.suffix == ".csv":
            return len(pd.read_csv(file, sep=FORMATS[kind][1], dtype=str, keep_default_na=False))
        return len(pd.read_excel(file, dtype=str, engine="openpyxl"))

    from twinimpact.instruments import load_catalogue
    from twinimpact.resources import surveys_dir

    catalogue = load_catalogue(surveys_dir() / "own")
    return {"plan": plan, "tables": tables, "pandas": with_pandas}


def measure(file: Path, kind: str, way: str, runs: int) -> None:
    """Inside a process of its own: seconds of each run, peak memory above the start, rows."""
    work = ways(file, kind)[way]
    # loading libraries and words is not part of reading a large file
    small = _small(file.parents[1]) / "inbox" / file.name
    ways(small, kind)[way]()
    before = _peak()
    wall, spent, rows, first = [], [], 0, 0
    for _ in range(runs):
        gc.collect()
        start, cpu = time.perf_counter(), time.process_time()
        rows = work()
        wall.append(time.perf_counter() - start)
        spent.append(time.process_time() - cpu)
        first = first or _peak() - before
    worker = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(json.dumps({
        "wall": wall, "cpu": spent, "memory": first, "rows": rows,
        "worker": worker.ru_maxrss * _SCALE,
    }))  # fmt: skip


_SCALE = 1 if sys.platform == "darwin" else 1024


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _SCALE


def _call(*arguments: object) -> dict[str, object]:
    # a process starts with the peak memory of the one that made it, so this one stays small
    command = [sys.executable, __file__, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    return json.loads(done.stdout or "{}")  # type: ignore[no-any-return]


def compared(file: Path, kind: str, runs: int) -> dict[str, dict[str, float]]:
    """Each of our ways over pandas, and its memory.

    Every process reads the file several times: the first time counts as ``new``, the others as
    ``again``. The ways take turns, so that a busy machine slows all of them.
    """
    taken: dict[str, list[dict[str, object]]] = {way: [] for way in (*OURS, "pandas")}
    for _ in range(PROCESSES):
        for way, found in taken.items():
            found.append(_call("measure", file, kind, way, runs))
    rows = {way: found[0]["rows"] for way, found in taken.items()}
    assert len(set(rows.values())) == 1, f"the ways do not agree on the number of rows: {rows}"
    times = {way: _times(found) for way, found in taken.items()}
    ratios = {
        way: {name: times[way][name] / times["pandas"][name] for name in times[way]}
        for way in taken
    }
    for way, found in taken.items():
        ratios[way]["memory"] = _median(found, "memory")
        ratios[way]["worker"] = _median(found, "worker")
    return ratios


def _times(found: list[dict[str, object]]) -> dict[str, float]:
    parts: dict[str, float] = {}
    for what in ("wall", "cpu"):
        runs: list[list[float]] = [one[what] for one in found]  # type: ignore[misc]
        parts[f"new {what}"] = statistics.median(run[0] for run in runs)
        later = [one for run in runs for one in run[1:]]
        parts[f"again {what}"] = statistics.median(later or [run[0] for run in runs])
    return parts


def _median(found: list[dict[str, object]], what: str) -> float:
    return statistics.median(float(one[what]) for one in found)  # type: ignore[arg-type]


def _verdict(kept: bool) -> str:
    return "kept" if kept else "MISSED"


def csv_goals(folder: Path) -> None:
    """Time and memory of the three kinds of delimited files."""
    for kind, (title, *_) in FORMATS.items():
        file = _written(folder / kind, kind, CSV_ROWS, "large.csv")
        size = file.stat().st_size
        print(f"CSV of {title}, {CSV_ROWS:,} x {COLUMNS}, {size / 1e6:.0f} MB")
        found = compared(file, kind, RUNS)
        for way, name in OURS.items():
            for when, words in (("new", "in a new process"), ("again", "again in the same")):
                wall, cpu = found[way][f"{when} wall"], found[way][f"{when} cpu"]
                told = f"  {name:18} {wall:5.2f} x pandas {words} (processor time {cpu:.2f})"
                print(told + _verdict(way == "plan", wall <= TIME_GOAL, TIME_GOAL))
            memory, peer = found[way]["memory"] / size, found["pandas"]["memory"] / size
            told = f"  {'':18} {memory:5.2f} x the file in memory at the peak (pandas {peer:.2f})"
            print(told + _verdict(True, memory < MEMORY_GOAL, MEMORY_GOAL))


def xlsx_goal(folder: Path) -> None:
    """Time of a workbook."""
    if importlib.util.find_spec("openpyxl") is None:
        print("XLSX: openpyxl is not installed, so there is nothing to compare with here")
        return
    file = _written(folder / "xlsx", "kobo", XLSX_ROWS, "large.xlsx")
    size = file.stat().st_size
    print(f"XLSX of KoboToolbox, {XLSX_ROWS:,} x {COLUMNS}, {size / 1e6:.0f} MB")
    found = compared(file, "kobo", 1)
    for way, name in OURS.items():
        times = 1 / found[way]["new wall"]
        told = f"  {name:18} {times:5.1f} times as fast as pandas with openpyxl"
        print(told + _verdict(way == "tables", times >= XLSX_GOAL, XLSX_GOAL))
        own, worker = found[way]["memory"] / 1e6, found[way]["worker"] / 1e6
        print(f"  {'':18} {own:5.0f} MB at the peak, and {worker:.0f} MB in the worker")


def _verdict(wanted: bool, kept: bool, goal: float) -> str:
    return f"; goal {goal:g}: {'kept' if kept else 'MISSED'}" if wanted else ""


def _written(home: Path, kind: str, rows: int, name: str) -> Path:
    """The large file, and a small one of the same kind beside it."""
    _call("write", home, kind, rows, name)
    _call("write", _small(home), kind, SMALL_ROWS, name)
    return home / "inbox" / name


def _small(home: Path) -> Path:
    return home.with_name(f"{home.name}-small")


def main() -> None:
    """The three goals."""
    from importlib.metadata import version

    versions = ", ".join(
        f"{name} {version(name)}" for name in ("pandas", "numpy", "python-calamine")
    )
    print(f"Python {platform.python_version()}, {versions}")
    with tempfile.TemporaryDirectory() as name:
        csv_goals(Path(name))
        xlsx_goal(Path(name))


if __name__ == "__main__":
    if sys.argv[1:2] == ["write"]:
        write(Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]), sys.argv[5])
    elif sys.argv[1:2] == ["measure"]:
        measure(Path(sys.argv[2]), sys.argv[3], sys.argv[4], int(sys.argv[5]))
    else:
        main()
