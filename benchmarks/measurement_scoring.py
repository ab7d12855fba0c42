"""Scoring a million questionnaires into twelve scales, side by side with the usual tools.

Run from the project's root: ``python benchmarks/measurement_scoring.py [rows]``. Every way runs
in a process of its own on the same byte columns with 99 for "no answer", as exports have them,
gives the same scores (checked) and is timed five times: median, fastest, the first run apart.
All do the same job: no-answer code, range check of every answer, reversal, mean of at least four
answers, 0 to 100. Memory is the most a process needs while it scores, beyond the answers. Tools
that are not installed are named and passed over.
"""

from __future__ import annotations

import ctypes
import gc
import importlib.util
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import numpy as np

ROWS, ITEMS, SCALES, RUNS = 1_000_000, 60, 12, 5
EACH = ITEMS // SCALES
NEEDED = 4
NO_ANSWER = 99
NAMES = [f"i{number:02d}" for number in range(ITEMS)]
MEMBERS = [NAMES[EACH * scale : EACH * (scale + 1)] for scale in range(SCALES)]
REVERSED = [{names[1], names[3]} for names in MEMBERS]
GATES = {"pandas": 40.0, "polars": 5.0}


def make_answers(folder: Path, rows: int) -> None:
    """Answers 1 to 5, one in twenty missing, and the scores they must give."""
    rng = np.random.default_rng(20)
    codes = rng.integers(1, 6, (ITEMS, rows)).astype("int8")
    codes[rng.random((ITEMS, rows), dtype="float32") < 0.05] = NO_ANSWER
    np.save(folder / "codes.npy", codes)
    wanted = np.empty((SCALES, rows))
    for scale in range(SCALES):
        part = codes[EACH * scale : EACH * (scale + 1)].astype("float64")
        part[part == NO_ANSWER] = np.nan
        part[[1, 3]] = 6 - part[[1, 3]]
        valid = np.isfinite(part).sum(axis=0)
        mean = np.nansum(part, axis=0) / np.maximum(valid, 1)
        wanted[scale] = np.where(valid >= NEEDED, 25 * (mean - 1), np.nan)
    np.save(folder / "wanted.npy", wanted)


Way = Callable[[np.ndarray], Callable[[], np.ndarray]]


def ours(kind: str) -> Way:
    """Our own way, on byte columns or on nullable ones."""

    def prepare(codes: np.ndarray) -> Callable[[], np.ndarray]:
        import pandas as pd

        from twinimpact.measures import ScaleKey, score

        keys = {
            f"s{number:02d}": ScaleKey(
                items=tuple(names),
                low=1,
                high=5,
                reverse=tuple(sorted(REVERSED[number])),
                minimal_valid=NEEDED,
                missing=(NO_ANSWER,),
            )
            for number, names in enumerate(MEMBERS)
        }
        frame = pd.DataFrame(codes.T, columns=NAMES, copy=False)
        if kind != "int8":
            columns = {}
            for number, name in enumerate(NAMES):
                absent = codes[number] == NO_ANSWER
                values = np.where(absent, 1, codes[number]).astype(kind.lower())
                columns[name] = pd.arrays.IntegerArray(values, absent)
            frame = pd.DataFrame(columns)
        return lambda: score(frame, keys).points.to_numpy().T

    return prepare


def with_pandas(codes: np.ndarray) -> Callable[[], np.ndarray]:
    """The usual idiom: the whole frame step by step, then each scale."""
    import pandas as pd

    frame = pd.DataFrame(codes.T, columns=NAMES, copy=False)
    turned = sorted(set().union(*REVERSED))

    def work() -> np.ndarray:
        items = frame.astype("float64")
        items = items.mask(items == NO_ANSWER)
        if ((items < 1) | (items > 5)).any(axis=None):
            raise ValueError("an answer is out of range")
        items[turned] = 6 - items[turned]
        scores = {}
        for number, names in enumerate(MEMBERS):
            mean = items[names].mean(axis=1)
            scores[number] = 25 * (mean.where(items[names].notna().sum(axis=1) >= NEEDED) - 1)
        return pd.DataFrame(scores).to_numpy().T

    return work


def with_polars(codes: np.ndarray) -> Callable[[], np.ndarray]:
    """Horizontal means of all scales in one statement."""
    import polars as pl

    frame = pl.DataFrame({name: codes[number] for number, name in enumerate(NAMES)})

    def answer(name: str) -> pl.Expr:
        return pl.when(pl.col(name) != NO_ANSWER).then(pl.col(name))

    def score(number: int) -> pl.Expr:
        names = MEMBERS[number]
        items = [6 - answer(n) if n in REVERSED[number] else answer(n) for n in names]
        valid = pl.sum_horizontal([pl.col(n) != NO_ANSWER for n in names])
        points = 25 * (pl.mean_horizontal(items) - 1)
        return pl.when(valid >= NEEDED).then(points).alias(f"s{number:02d}")

    allowed = pl.all().is_between(1, 5) | (pl.all() == NO_ANSWER)

    def work() -> np.ndarray:
        if not frame.select(pl.all_horizontal(allowed).all()).item():
            raise ValueError("an answer is out of range")
        scores = frame.lazy().select(score(number) for number in range(SCALES)).collect()
        return np.stack([column.to_numpy() for column in scores.iter_columns()])

    return work


def with_duckdb(codes: np.ndarray) -> Callable[[], np.ndarray]:
    """One statement over a table in memory."""
    import duckdb
    import pandas as pd

    base = duckdb.connect()
    given = pd.DataFrame(codes.T, columns=NAMES, copy=False)
    base.register("given", given)
    base.execute("CREATE TABLE answers AS SELECT * FROM given")
    base.unregister("given")
    parts = []
    for number, names in enumerate(MEMBERS):
        items = [f"(6 - {n})" if n in REVERSED[number] else n for n in names]
        valid = " + ".join(f"({n} <> {NO_ANSWER})::UTINYINT" for n in names)
        total = " + ".join(
            f"CASE WHEN {n} <> {NO_ANSWER} THEN {i} ELSE 0 END"
            for n, i in zip(names, items, strict=True)
        )
        parts.append(
            f"CASE WHEN {valid} >= {NEEDED} THEN 25 * (({total}) / ({valid}) - 1) END AS s{number}"
        )
    statement = f"SELECT {', '.join(parts)} FROM answers"
    allowed = " AND ".join(f"({n} BETWEEN 1 AND 5 OR {n} = {NO_ANSWER})" for n in NAMES)

    def work() -> np.ndarray:
        if not base.execute(f"SELECT bool_and({allowed}) FROM answers").fetchone()[0]:
            raise ValueError("an answer is out of range")
        found = base.execute(statement).fetchnumpy()
        return np.stack([np.ma.filled(column, np.nan) for column in found.values()])

    return work


WAYS: dict[str, tuple[str, Way]] = {
    "twinimpact, byte columns": ("twinimpact", ours("int8")),
    "twinimpact, nullable Int8": ("twinimpact", ours("Int8")),
    "twinimpact, nullable Int16": ("twinimpact", ours("Int16")),
    "pandas": ("pandas", with_pandas),
    "polars": ("polars", with_polars),
    "duckdb": ("duckdb", with_duckdb),
}


def resident() -> int:
    """Bytes this process holds now."""
    with Path("/proc/self/statm").open(encoding="ascii") as file:
        return int(file.read().split()[1]) * resource.getpagesize()


def peak_of(work: Callable[[], object]) -> float:
    """Most memory in MB that ``work`` needs beyond what is held before; ``nan`` if untold."""
    try:
        gc.collect()
        ctypes.CDLL(None).malloc_trim(0)  # what is free but still held would hide what is needed
        before = resident()
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
        kept = work()
        status = Path("/proc/self/status").read_text(encoding="ascii")
    except (OSError, AttributeError):
        return float("nan")
    del kept
    most = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return (int(most.split()[1]) * 1024 - before) / 1e6


def run_way(name: str, folder: Path) -> None:
    """One way in this process: check, then time; prints JSON."""
    work = WAYS[name][1](np.load(folder / "codes.npy"))
    taken = []
    peak = peak_of(work)
    for _ in range(RUNS):
        start = time.perf_counter()
        found = work()
        taken.append(time.perf_counter() - start)
    np.testing.assert_allclose(found, np.load(folder / "wanted.npy"), rtol=0, atol=1e-10)
    told = {"median": statistics.median(taken), "fastest": min(taken), "first": taken[0]}
    print(json.dumps(told | {"peak": peak}))


def main() -> None:
    """Run every way and print the ratios."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    libraries = [name for name in ("numpy", "pandas", "polars", "duckdb") if _there(name)]
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in libraries)
    print(f"a  {rows:,} questionnaires x {ITEMS} items into {SCALES} scales, reversal, >= {NEEDED}")
    print(f"   Python {sys.version.split()[0]}, {versions}, load {os.getloadavg()[0]:.1f}")
    found = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_answers(folder, rows)
        for way, (library, _) in WAYS.items():
            if not _there(library):
                print(f"   {way}: not installed, passed over")
                continue
            command = [sys.executable, __file__, "--way", way, name]
            told = subprocess.run(command, capture_output=True, text=True, check=True)
            found[way] = json.loads(told.stdout)
    first = found[next(iter(WAYS))]
    for way, told in found.items():
        ratio, best = (told[what] / first[what] for what in ("median", "fastest"))
        print(
            f"   {way:28} {told['median']:8.4f} s (fastest {told['fastest']:.4f}, first "
            f"{told['first']:.4f})  x {ratio:6.1f} (fastest x {best:6.1f})"
            f"  {told['peak']:6.0f} MB on top of the answers"
        )
    for way, told in found.items():
        if "nullable" in way:
            slower = told["fastest"] / first["fastest"]
            word = "within" if slower <= 2 else "NOT within"
            print(f"   {way}: x {slower:.2f} of byte columns, {word} 2")
    for way, told in found.items():
        gate = GATES.get(WAYS[way][0])
        if gate:
            ratio = told["median"] / first["median"]
            less = "less" if first["peak"] < told["peak"] else "NOT less"
            word = "reached" if ratio >= gate else "MISSED"
            print(f"   {WAYS[way][0]}: aim x {gate:.0f} {word} ({ratio:.1f}); {less} memory")


def _there(library: str) -> bool:
    return importlib.util.find_spec(library) is not None


if __name__ == "__main__":
    if sys.argv[1:2] == ["--way"]:
        run_way(sys.argv[2], Path(sys.argv[3]))
    else:
        main()
