"""A whole country: 20,000 partnerships, 4 million responses, in one pass under 1.5 GB.

Run from the project's root: ``python benchmarks/measurement_scale.py [rows]``. Each step runs on
the same byte columns in this process; its time at a quarter of the rows is printed beside, since
all steps must grow in proportion to the rows. Memory is the most this process has held, the
answers included. A step is one function in ``STEPS``.
"""

from __future__ import annotations

import os
import resource
import sys
import time
from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from twinimpact.measures import ReliabilityOptions, ScaleKey, domain_means, reliability, score

ROWS, PARTNERSHIPS, WAVES, ITEMS, SCALES = 4_000_000, 20_000, 3, 60, 12
EACH = ITEMS // SCALES
NAMES = [f"i{number:02d}" for number in range(ITEMS)]
KEYS = {
    f"s{number:02d}": ScaleKey(
        items=tuple(NAMES[EACH * number : EACH * (number + 1)]),
        low=1,
        high=5,
        reverse=(NAMES[EACH * number + 1],),
        missing=(99,),
    )
    for number in range(SCALES)
}
MOST_MB = 1_500


def answers(rows: int) -> pd.DataFrame:
    """Answers 1 to 5 with a factor per scale, some missing; partnership and wave as numbers."""
    rng = np.random.default_rng(7)
    codes = np.empty((ITEMS, rows), dtype="int8")
    for number in range(SCALES):
        trait = rng.integers(0, 4, rows, dtype="int8")
        for item in range(EACH * number, EACH * (number + 1)):
            codes[item] = 1 + (trait + rng.integers(0, 5, rows, dtype="int8")) // 2
            codes[item] = np.minimum(codes[item], 5)
            codes[item][rng.random(rows, dtype="float32") < 0.03] = 99
        codes[EACH * number + 1] = np.where(
            codes[EACH * number + 1] == 99, 99, 6 - codes[EACH * number + 1]
        )
    frame = pd.DataFrame(codes.T, columns=NAMES, copy=False)
    frame["partnership"] = rng.integers(0, PARTNERSHIPS, rows, dtype="int32")
    frame["wave"] = rng.integers(0, WAVES, rows, dtype="int8")
    return frame


def scoring(frame: pd.DataFrame) -> str:
    """All scales of all responses."""
    scores = score(frame, KEYS)
    return f"{int(scores.points.notna().to_numpy().sum()):,} scores"


def alpha_grid(frame: pd.DataFrame) -> str:
    """Alpha with exact interval and shrunken value of each scale, partnership and wave."""
    options = ReliabilityOptions(omega=False)
    table = reliability(frame, KEYS, by=("partnership", "wave"), options=options)
    return f"{len(table):,} cells, typical alpha {table['shrunken'].median():.2f}"


def indicators(frame: pd.DataFrame) -> str:
    """A mean and a share of every partnership, each with standard error and interval."""
    answer = frame[NAMES[0]]
    asked = frame.loc[answer != 99, ["partnership"]]
    value = answer[answer != 99].astype("float64")
    made = [
        domain_means(asked.assign(value=value), value="value", domain="partnership"),
        domain_means(asked.assign(value=value >= 4), value="value", domain="partnership"),
    ]
    return f"{sum(map(len, made)):,} indicators with intervals"


STEPS: Mapping[str, tuple[Callable[[pd.DataFrame], str], float]] = {
    "scoring": (scoring, 1.0),
    "alpha grid": (alpha_grid, 10.0),
    "indicators": (indicators, 4.0),
}
"""Steps, and the seconds they should take at 4 million responses on a quiet machine."""


def peak_mb() -> float:
    """The most memory this process has held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def timed(step: Callable[[pd.DataFrame], str], frame: pd.DataFrame) -> tuple[float, str]:
    """Seconds of one run, and what it found."""
    start = time.perf_counter()
    told = step(frame)
    return time.perf_counter() - start, told


def main() -> None:
    """Run every step at a quarter of the rows and at all of them."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    frame = answers(rows)
    held = frame.memory_usage(index=False).sum() / 1e6
    print(f"{rows:,} responses of {PARTNERSHIPS:,} partnerships in {WAVES} waves, {ITEMS} items")
    print(f"   answers {held:.0f} MB, load {os.getloadavg()[0]:.1f}")
    quarter = frame.iloc[: rows // 4]
    for name, (step, aim) in STEPS.items():
        small, _ = timed(step, quarter)
        taken, told = timed(step, frame)
        print(
            f"   {name:14} {taken:7.2f} s (aim {aim:.0f})  x {taken / small:4.1f} of a quarter of "
            f"the rows   peak so far {peak_mb():5.0f} MB   {told}"
        )
    word = "below" if peak_mb() < MOST_MB else "ABOVE"
    print(f"   peak {peak_mb():.0f} MB, {word} {MOST_MB} MB")


if __name__ == "__main__":
    main()
