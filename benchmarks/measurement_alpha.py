"""Alpha with its exact interval in 6,000 cells, side by side with pingouin; prints ratios.

Run from the project's root: ``python benchmarks/measurement_alpha.py``. pingouin works on one
frame at a time, so it is called for a sample of the cells and its time is scaled up, which is
said. Results are compared first. Median of five runs. A tool that is not installed is named
and passed over.
"""

from __future__ import annotations

import importlib.util
import os
import statistics
import sys
import time
from collections.abc import Callable
from importlib import metadata

import numpy as np
import pandas as pd

from twinimpact.measures import ReliabilityOptions, ScaleKey, reliability
from twinimpact.measures.consistency.alpha import cronbach_alpha
from twinimpact.measures.consistency.moments import cell_moments

RUNS, ROWS, CELLS, SAMPLE = 5, 100_000, 6_000, 200
ITEMS = ("i1", "i2", "i3", "i4", "i5")
KEYS = {"scale": ScaleKey(items=ITEMS, low=1, high=5)}
GATE = 50.0


def answers() -> pd.DataFrame:
    """Five-point answers to five items with one factor, in cells of about 17 people."""
    rng = np.random.default_rng(1)
    latent = 0.7 * rng.normal(size=(ROWS, 1)) + 0.7 * rng.normal(size=(ROWS, len(ITEMS)))
    codes = np.clip(np.rint(3 + latent), 1, 5).astype("int8")
    frame = pd.DataFrame(codes, columns=list(ITEMS))
    frame["town"] = np.arange(ROWS) % (CELLS // 3)
    frame["wave"] = (np.arange(ROWS) // (CELLS // 3)) % 3
    return frame


def median(work: Callable[[], object], runs: int = RUNS) -> float:
    """Median of a few runs in seconds."""
    taken = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def main() -> None:
    """Compare, then time."""
    frame = answers()
    options = ReliabilityOptions(omega=False)
    by = ("town", "wave")

    def door() -> pd.DataFrame:
        return reliability(frame, KEYS, by=by, options=options)

    codes, cell = frame[list(ITEMS)].to_numpy("uint8"), frame["town"] * 3 + frame["wave"]

    def core() -> object:
        found = cell_moments(codes, cell.to_numpy(), CELLS)
        return cronbach_alpha(found.covariance, found.n)

    table = door()
    assert len(table) == CELLS
    version = f"Python {sys.version.split()[0]}, numpy {metadata.version('numpy')}"
    print(f"b1 alpha with exact interval, {CELLS:,} cells, {ROWS:,} rows")
    print(f"   {version}, load {os.getloadavg()[0]:.1f}")
    ours, inner = median(door), median(core)
    print(f"   reliability(), shrunken values included   {ours:8.4f} s")
    print(f"   moments and alpha alone                   {inner:8.4f} s")
    if importlib.util.find_spec("pingouin") is None:
        print("   pingouin: not installed, passed over")
        return
    import pingouin

    wanted = table.set_index(list(by))
    parts = [(key, part[list(ITEMS)]) for key, part in list(frame.groupby(list(by)))[:SAMPLE]]
    gap = 0.0
    for key, part in parts:
        value, limits = pingouin.cronbach_alpha(part)
        row = wanted.loc[key]
        gap = max(gap, abs(value - row["estimate"]))
        # pingouin rounds its limits to three places
        assert np.allclose(limits, [row["conf_low"], row["conf_high"]], atol=6e-4), key
    assert gap < 1e-10, gap
    theirs = median(lambda: [pingouin.cronbach_alpha(part) for _, part in parts], 3)
    theirs *= CELLS / len(parts)
    peer = f"pingouin {metadata.version('pingouin')}, one call per cell"
    print(f"   {peer:42}{theirs:8.4f} s (scaled from {len(parts)} cells; splitting not counted)")
    for name, taken in (("reliability()", ours), ("moments and alpha", inner)):
        print(f"   {name}: x {theirs / taken:.0f}")
    word = "reached" if theirs / ours >= GATE else "MISSED"
    print(f"   aim x {GATE:.0f} {word}")


if __name__ == "__main__":
    main()
