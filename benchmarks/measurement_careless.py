"""Screening for careless answers side by side with insufficient-effort; prints ratios.

Run from the project's root: ``python benchmarks/measurement_careless.py``. Indices are compared
first and the script stops when they differ; then both are timed, median of five runs.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from importlib import metadata
from typing import Any

import numpy as np
import pandas as pd

from twinimpact.measures import ScaleKey, careless
from twinimpact.measures.careless_indices import correlation, runs

RUNS = 5
PEOPLE, SCALES, ITEMS = 100_000, 12, 5
TOLERANCE = 1e-9
SAME = {
    "longstring": "longstring", "avgstr": "average_longstring", "irv": "irv",
    "mahad": "mahalanobis_squared", "psychsyn": "psychometric_synonyms",
    "person_total": "person_total", "missing_rate": "missing_share",
}  # fmt: skip
"""Indices with the same definition in both: the peer's name, and our column."""


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """First run and median of the next few, in seconds."""
    taken = []
    for _ in range(RUNS + 1):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return taken[0], statistics.median(taken[1:])


def line(job: str, ours: tuple[float, float], theirs: tuple[float, float], wanted: float) -> None:
    """One line of the table: how many times faster, cold and warm."""
    cold, warm = (b / a for a, b in zip(ours, theirs, strict=True))
    print(
        f"{job:44} {ours[1]:8.4f} s  insufficient-effort {theirs[1]:8.4f} s"
        f"   x {warm:6.1f} (first run x {cold:.1f})  (wanted x {wanted:g})"
    )


def people() -> tuple[np.ndarray, dict[str, ScaleKey]]:
    """Answers on 12 scales of five items from 1 to 5; a hundredth answers in a straight line."""
    rng = np.random.default_rng(60)
    trait = np.repeat(rng.standard_normal((PEOPLE, SCALES)), ITEMS, axis=1)
    noise = np.repeat(np.where(np.arange(SCALES) < 3, 0.6, 1.1), ITEMS)
    latent = trait + noise * rng.standard_normal(trait.shape)
    answers = np.clip(np.round(3 + latent), 1, 5).astype("uint8")
    answers[: PEOPLE // 100] = 3
    names = [f"q{number}" for number in range(SCALES * ITEMS)]
    keys = {
        f"s{scale}": ScaleKey(items=tuple(names[ITEMS * scale :][:ITEMS]), low=1, high=5)
        for scale in range(SCALES)
    }
    return answers, keys


def compare(found: pd.DataFrame, theirs: dict[str, Any], wide: np.ndarray) -> None:
    """Stop when an index of the same name is not the same number."""
    for peer, column in SAME.items():
        ours, other = found[column].to_numpy(dtype="float64"), np.asarray(theirs[peer], float)
        if peer == "mahad" and not np.allclose(ours, other, rtol=1e-6):
            other = other**2
        if peer == "irv":  # the peer divides by n
            other = other * np.sqrt(SCALES * ITEMS / (SCALES * ITEMS - 1))
        if peer == "person_total":  # the peer leaves the person in the means
            means = wide.mean(axis=0)
            ours = correlation(wide, np.broadcast_to(means, wide.shape))
        known = np.isfinite(ours) & np.isfinite(other)
        gap = float(np.abs(ours[known] - other[known]).max())
        print(f"   {column:24} equal to {gap:.1e} for {known.sum()} of {len(ours)} people")
        if gap > TOLERANCE * max(1.0, float(np.abs(ours[known]).max())):
            raise SystemExit(f"{column} differs by {gap}")


def main() -> None:
    """Compare, then time."""
    answers, keys = people()
    items = [name for key in keys.values() for name in key.items]
    frame = pd.DataFrame(np.asfortranarray(answers), columns=items)
    found = careless(frame, keys)
    print(f"numpy {np.__version__}, pandas {pd.__version__}, load {os.getloadavg()[0]:.1f}")
    ours = timed(lambda: careless(frame, keys))
    codes = np.asfortranarray(answers)
    short = timed(lambda: runs(codes))
    print(f"{PEOPLE} × {len(items)}: full set {ours[1]:.3f} s, runs alone {short[1]:.4f} s")
    try:
        import ier
    except ImportError as problem:
        print(f"   insufficient-effort: not installed here ({problem}), passed over")
        return
    print(f"insufficient-effort {metadata.version('insufficient-effort')}")
    wide = answers.astype("float64")
    options = ier.IndexOptions(evenodd_factors=[ITEMS] * SCALES)
    same = [*SAME, "evenodd", "longstring_pattern"]
    compare(found, ier.screen(wide, same, options=options)["scores"], wide)
    line("longstring", short, timed(lambda: ier.longstring_scores(wide)), 5)
    line(
        f"the {len(same)} indices both have, with flags", ours,
        timed(lambda: ier.screen(wide, same, options=options)), 2,
    )  # fmt: skip
    line("our full set, the peer's 11 default ones", ours, timed(lambda: ier.screen(wide)), 2)


if __name__ == "__main__":
    main()
