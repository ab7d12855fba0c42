"""Reliability of many cells side by side with the usual tools; prints ratios.

Run from the project's root: ``python benchmarks/measurement_reliability.py [section ...]``.
Results are compared first and the script stops when they differ; then both are timed, median of
five runs. Tools that work on one cell or table at a time are timed on a sample and scaled up,
which is said. Tools that are not installed, or that fail here, are named and passed over.
"""

from __future__ import annotations

import importlib
import os
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from functools import partial
from importlib import metadata
from typing import Any

import numpy as np

from twinimpact.measures.consistency.omega import OmegaStatus, omega_ml
from twinimpact.measures.consistency.omega_bootstrap import BootstrapPlan, omega_bootstrap
from twinimpact.measures.consistency.polychoric import pair_tables, polychoric

RUNS = 5
CELLS = 6_000
ROWS = 100_000
LOADING = np.array([0.8, 0.7, 0.6, 0.75, 0.5])
SAMPLE = 40


def median(work: Callable[[], object], runs: int = RUNS) -> float:
    """Median of a few runs in seconds."""
    taken = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def line(job: str, ours: float, peer: str, theirs: float, remark: str = "") -> None:
    """One line of the table: how many times faster than the peer."""
    print(f"{job:44} {ours:9.4f} s   {peer:22} {theirs:11.3f} s   x {theirs / ours:9.1f}  {remark}")


def peer(name: str) -> Any:
    """A peer's module, or nothing, said aloud."""
    try:
        return importlib.import_module(name)
    except ImportError:
        print(f"   {name}: not installed, passed over")
        return None


def attempt(name: str, work: Callable[[], float]) -> float:
    """The number a peer computes, or ``nan`` with what went wrong."""
    try:
        return work()
    except Exception as problem:  # noqa: BLE001 - a peer may fail in any way
        print(f"   {name}: fails here ({type(problem).__name__}: {str(problem)[:70]})")
        return float("nan")


def each(one: Callable[[Any], float], several: np.ndarray) -> list[float]:
    """The usual way: one after the other."""
    return [one(c) for c in several]


def answers(rows: int, seed: int) -> np.ndarray:
    """Five-point answers to five items with one factor, coded 1 to 5."""
    rng = np.random.default_rng(seed)
    latent = rng.normal(size=(rows, 1)) * LOADING
    latent = latent + np.sqrt(1 - LOADING**2) * rng.normal(size=(rows, LOADING.size))
    return np.clip(np.rint(3 + 1.1 * latent), 1, 5).astype("uint8")


def grid() -> tuple[np.ndarray, np.ndarray]:
    """100,000 rows in 6,000 cells of nearly equal size."""
    return answers(ROWS, 1), np.arange(ROWS) % CELLS


def covariances(rows: np.ndarray, cell: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Covariances of the cells from sums, and their sizes."""
    values = rows.astype("float64")
    n = np.bincount(cell, minlength=CELLS)
    sums = np.stack([np.bincount(cell, v, CELLS) for v in values.T], axis=1)
    products = np.stack(
        [[np.bincount(cell, a * b, CELLS) for a in values.T] for b in values.T]
    ).transpose(2, 0, 1)
    outer = sums[:, :, None] * sums[:, None, :] / n[:, None, None]
    return (products - outer) / (n - 1)[:, None, None], n


def factor_omega(covariance: np.ndarray, n: int) -> float:
    """Omega with the one-factor model of statsmodels, without a standard error."""
    module = importlib.import_module("statsmodels.multivariate.factor")
    spread = np.sqrt(np.diag(covariance))
    correlation = covariance / np.outer(spread, spread)
    found = module.Factor(corr=correlation, n_factor=1, method="ml", nobs=n).fit()
    common = float((found.loadings[:, 0] * spread).sum() ** 2)
    return common / (common + float((found.uniqueness * spread**2).sum()))


def semopy_omega(rows: np.ndarray) -> float:
    """Omega with semopy, its standard errors of the parameters included."""
    pandas, semopy = importlib.import_module("pandas"), importlib.import_module("semopy")
    frame = pandas.DataFrame(rows.astype("float64"), columns=list("abcde"))
    model = semopy.Model("f =~ a + b + c + d + e")
    model.fit(frame)
    table = model.inspect()
    regressions = table[table["op"] == "~"]["Estimate"].astype("float64")
    variances = table[table["op"] == "~~"].set_index("lval")["Estimate"].astype("float64")
    common = float(regressions.sum() ** 2 * variances["f"])
    return common / (common + float(variances.drop("f").sum()))


def factor_analyzer_omega(covariance: np.ndarray) -> float:
    """Omega with the least-squares factor of factor_analyzer (reliabilipy rests on it)."""
    module = importlib.import_module("factor_analyzer")
    spread = np.sqrt(np.diag(covariance))
    correlation = covariance / np.outer(spread, spread)
    factor = module.FactorAnalyzer(
        n_factors=1, rotation=None, method="minres", is_corr_matrix=True
    ).fit(correlation)
    return float(factor.loadings_.sum() ** 2 / correlation.sum())


def section_omega() -> None:
    """b2: omega by maximum likelihood with standard error, 6,000 cells."""
    rows, cell = grid()
    matrices, n = covariances(rows, cell)
    found = omega_ml(matrices, n)
    ours = median(lambda: omega_ml(matrices, n))
    counts = {s.name: int((found.status == s).sum()) for s in OmegaStatus}
    print(f"b2 omega, ML with SE and interval, {CELLS} cells of {n.min()}-{n.max()} rows: {counts}")
    proper = np.flatnonzero(found.status == OmegaStatus.OK)
    for name, one, within, size in (
        ("statsmodels", lambda c: factor_omega(matrices[c], int(n[c])), 1e-4, SAMPLE),
        ("semopy", lambda c: semopy_omega(rows[cell == c]), 5e-3, 10),
        ("factor_analyzer", lambda c: factor_analyzer_omega(matrices[c]), 0.2, SAMPLE),
    ):
        sample, scaled = proper[:size], f"(scaled from {size} cells)"
        if peer(name) is None:
            continue
        gaps = [attempt(name, partial(one, sample[0])) - found.omega[sample[0]]]
        if np.isnan(gaps[0]):
            continue
        gaps = [abs(one(c) - found.omega[c]) for c in sample]
        middle = statistics.median(gaps)
        print(f"   {name}: difference, median {middle:.1e}, largest {max(gaps):.1e}")
        # a small cell can have two optima; which one is found may differ in single cells
        assert middle < within, f"{name} disagrees"
        theirs = median(partial(each, one, sample), 3) / size * CELLS
        line("b2 omega ML with SE", ours, name, theirs, scaled)


def section_bootstrap() -> None:
    """b3: omega with bootstrap interval, B = 200, 6,000 cells."""
    rows, cell = grid()
    plan = BootstrapPlan(seed=1, resamples=200)
    start = time.perf_counter()
    found = omega_bootstrap(rows, cell, CELLS, plan=plan)
    ours = time.perf_counter() - start
    fits = CELLS * plan.resamples
    shown = int(np.isfinite(found.low).sum())
    print(f"b3 omega with bootstrap interval, {CELLS} cells, {fits} refits, {shown} intervals")
    few = cell < 200
    again = omega_bootstrap(rows[few], cell[few], 200, plan=plan)
    assert np.array_equal(again.low, found.low[:200], equal_nan=True), "depends on other cells"
    if peer("statsmodels") is None:
        return
    matrices, n = covariances(rows, cell)
    single = median(lambda: [factor_omega(matrices[c], int(n[c])) for c in range(SAMPLE)], 3)
    line(
        "b3 omega, B = 200 (one run)", ours, "statsmodels", single / SAMPLE * fits,
        f"(scaled from {SAMPLE} fits, resampling not counted)",
    )  # fmt: skip


def section_polychoric() -> None:
    """b4: 60,000 polychoric tables, 6,000 cells of 200 rows."""
    rows = answers(CELLS * 200, 2)
    cell = np.repeat(np.arange(CELLS), 200)
    counting = median(lambda: pair_tables(rows, cell, CELLS, 5), 3)
    tables = pair_tables(rows, cell, CELLS, 5).reshape(-1, 5, 5)
    found = polychoric(tables)
    ours = median(lambda: polychoric(tables)) + counting
    print(f"b4 polychoric, {len(tables)} tables; counting them {counting:.3f} s, included")
    ordinalcorr = peer("ordinalcorr")
    if ordinalcorr is None:
        return
    pairs = [(i, j) for i in range(5) for j in range(i + 1, 5)]
    wanted = [(c, p) for c in range(10) for p in range(10)]

    def one(c: int, p: int) -> float:
        part = rows[c * 200 : (c + 1) * 200].astype("int64")
        return float(ordinalcorr.polychoric(part[:, pairs[p][0]], part[:, pairs[p][1]]))

    gap = attempt(
        "ordinalcorr", lambda: max(abs(one(c, p) - found.rho[10 * c + p]) for c, p in wanted)
    )
    if not np.isnan(gap):
        print(f"   ordinalcorr: largest difference {gap:.1e}")
        assert gap < 1e-3, "ordinalcorr disagrees"
        theirs = median(lambda: [one(c, p) for c, p in wanted], 3) / len(wanted) * len(tables)
        line(
            "b4 polychoric, 60,000 tables", ours, "ordinalcorr", theirs, "(scaled from 100 tables)"
        )


def section_five_items() -> None:
    """f: polychoric matrix of five items, 3,825 rows."""
    rows = answers(3_825, 3)
    cell = np.zeros(len(rows), dtype=int)

    def whole() -> np.ndarray:
        return polychoric(pair_tables(rows, cell, 1, 5)[0]).rho

    ours = median(whole)
    print("f polychoric matrix of five items, 3,825 rows")
    ordinalcorr = peer("ordinalcorr")
    if ordinalcorr is None:
        return
    columns = rows.astype("int64").T
    pairs = [(columns[i], columns[j]) for i in range(5) for j in range(i + 1, 5)]

    def theirs() -> list[float]:
        return [float(ordinalcorr.polychoric(a, b)) for a, b in pairs]

    gap = attempt("ordinalcorr", lambda: float(np.abs(np.array(theirs()) - whole()).max()))
    if not np.isnan(gap):
        print(f"   ordinalcorr: largest difference {gap:.1e}")
        assert gap < 1e-3, "ordinalcorr disagrees"
        line("f polychoric, 5 items", ours, "ordinalcorr", median(theirs))


SECTIONS = {
    "omega": section_omega,
    "bootstrap": section_bootstrap,
    "polychoric": section_polychoric,
    "five_items": section_five_items,
}


def main() -> None:
    """Run the sections named on the command line, or all."""
    versions = {}
    for name in ("numpy", "scipy", "statsmodels", "semopy", "factor-analyzer", "ordinalcorr"):
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            versions[name] = "absent"
    print(f"Python {sys.version.split()[0]}, {versions}, load {os.getloadavg()[0]:.1f}")
    print("R packages (psych, lavaan, semTools) are not called here: figures of theirs need R")
    warnings.simplefilter("ignore")  # peers warn about every fit
    for name in sys.argv[1:] or SECTIONS:
        SECTIONS[name]()


if __name__ == "__main__":
    main()
