"""Reading and scoring side by side with the usual tools; prints ratios, not seconds.

Run from the project's root: ``python benchmarks/scoring_and_import.py``. Each line is the time
of our way divided by the time of the other way on the same data, the better of a few runs.
"""

from __future__ import annotations

import csv
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from twinimpact.ingest import draft_of, read_tables
from twinimpact.instruments import Catalogue, load_catalogue
from twinimpact.measures import score_responses
from twinimpact.resources import surveys_dir
from twinimpact.synthetic import Settings, responses_of, simulate_world, write_demo
from twinimpact.synthetic.world import LINKS

RUNS = 5
COPIES = 30
"""How often the demo's rows are repeated, so that start-up costs do not decide."""


def best(work: Callable[[], object]) -> float:
    """Shortest of a few runs in seconds."""
    taken = []
    for _ in range(RUNS):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return min(taken)


def line(ours: str, other: str, ratio: float, size: str) -> None:
    """One line of the table."""
    print(f"{ours:34} / {other:34} {ratio:8.2f}   {size}")


def long_export(folder: Path) -> Path:
    """A Kobo export of the demo with its rows repeated."""
    write_demo(folder / "demo")
    header, *rows = (folder / "demo/inbox/kobo_pre.csv").read_bytes().split(b"\r\n")
    path = folder / "long.csv"
    path.write_bytes(b"\r\n".join([header, *([row for row in rows if row] * COPIES), b""]))
    return path


def with_csv_reader(path: Path) -> list[list[str]]:
    """The standard library's reader, told encoding and delimiter."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file, delimiter=";"))


def with_pandas(path: Path) -> pd.DataFrame:
    """pandas, told encoding and delimiter, kept from guessing types."""
    return pd.read_csv(path, sep=";", dtype=str, keep_default_na=False)


def plain_scores(responses: pd.DataFrame, catalogue: Catalogue) -> pd.DataFrame:
    """The usual pandas idiom: mean of the items, minimum of valid ones, 0 to 100."""
    scores = {}
    for scale in catalogue.scales.values():
        items = responses[list(scale.items)].astype("float64")
        for name in scale.reverse:
            item = catalogue.items[name]
            items[name] = item.lo + item.hi - items[name]
        lo = np.array([catalogue.items[name].lo for name in scale.items])
        hi = np.array([catalogue.items[name].hi for name in scale.items])
        share = (items - lo) / (hi - lo)
        mean = share.mean(axis=1).where(items.notna().sum(axis=1) >= scale.min_valid)
        scores[scale.id] = 100 * mean
    return pd.DataFrame(scores)


def reading() -> None:
    """Encoding and delimiter found by us, told to the others."""
    with tempfile.TemporaryDirectory() as name:
        path = long_export(Path(name))
        rows = len(with_csv_reader(path))
        size = f"{rows:,} rows, {len(with_csv_reader(path)[0])} columns"
        ours = best(lambda: read_tables(path))
        whole = best(lambda: draft_of(path))
        plain = best(lambda: with_csv_reader(path))
        frame = best(lambda: with_pandas(path))
    line("read_tables", "csv.reader", ours / plain, size)
    line("read_tables", "pandas.read_csv(dtype=str)", ours / frame, size)
    line("draft_of (recognise, normalise)", "pandas.read_csv(dtype=str)", whole / frame, size)


def scoring() -> None:
    """All scales of the demo for many questionnaires."""
    catalogue = load_catalogue(surveys_dir() / "own")
    world = simulate_world(catalogue, np.random.default_rng(1), Settings(links=LINKS))
    responses = pd.concat([responses_of(world, catalogue)] * COPIES, ignore_index=True)
    ours = score_responses(responses, catalogue).points
    plain = plain_scores(responses, catalogue)
    single = [scale.id for scale in catalogue.scales.values() if scale.unit == "points"]
    pd.testing.assert_frame_equal(ours[single], plain[single], check_names=False)
    size = f"{len(responses):,} questionnaires, {len(catalogue.scales)} scales"
    ratio = best(lambda: score_responses(responses, catalogue)) / best(
        lambda: plain_scores(responses, catalogue)
    )
    line("score_responses (with all checks)", "pandas, scale by scale", ratio, size)


if __name__ == "__main__":
    reading()
    scoring()
