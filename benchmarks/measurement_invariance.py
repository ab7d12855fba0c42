"""Comparability of groups side by side with lavaan and semopy; prints ratios.

Run from the project's root: ``python benchmarks/measurement_invariance.py``.

- (e) four levels (configural, metric, scalar, strict) with standard errors: 2 groups of about
  150, 9 items, 3 factors, as large as the data of Holzinger and Swineford.
- (e2) one scalar model: 2 groups of 10,000, 15 items, 3 factors.

lavaan is called through ``Rscript`` where R and lavaan are installed. semopy has no equality
over groups, so it is timed on the first level alone, which is one model per group. Results are
compared first. Median of five runs. A tool that is not installed is named and passed over.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from twinimpact.measures.invariance.fit import Fit, Sample, standard_errors
from twinimpact.measures.invariance.ladder import refit
from twinimpact.measures.invariance.model import LEVELS, Design, equal_at, simple_structure
from twinimpact.measures.invariance.starts import first_values

RUNS = 5
Array = np.ndarray[Any, Any]
SMALL, LARGE = ((156, 145), 3), ((10_000, 10_000), 5)
GATES = {"e": 2.0, "e2": 3.0}
R_CODE = """
suppressWarnings(suppressMessages(library(lavaan)))
args <- commandArgs(trailingOnly = TRUE)
data <- read.csv(args[1]); model <- args[2]; levels <- strsplit(args[3], ";")[[1]]
equal <- list(configural = "", metric = "loadings", scalar = c("loadings", "intercepts"),
              strict = c("loadings", "intercepts", "residuals"))
work <- function() sapply(levels, function(l) as.numeric(fitMeasures(
  cfa(model, data, group = "group", group.equal = equal[[l]], meanstructure = TRUE), "chisq")))
found <- work()
taken <- sapply(1:5, function(i) system.time(work())[["elapsed"]])
cat(median(taken), found, as.character(packageVersion("lavaan")), R.version.string, sep = "\\n")
"""


def rows_of(sizes: tuple[int, int], per_factor: int) -> tuple[Array, Array]:
    """Answers of two groups to three correlated factors; some intercepts differ."""
    draw = np.random.default_rng(1939)
    p = 3 * per_factor
    mixing = np.linalg.cholesky(np.array([[1, 0.45, 0.3], [0.45, 1, 0.35], [0.3, 0.35, 1]]))
    member = np.repeat(np.arange(3), per_factor)
    loadings = draw.uniform(0.5, 1.0, p)
    parts = []
    for place, n in enumerate(sizes):
        factors = draw.standard_normal((n, 3)) @ mixing.T + 0.2 * place
        intercepts = 3 + 0.3 * place * (np.arange(p) % per_factor == 2)
        noise = draw.standard_normal((n, p)) * draw.uniform(0.6, 1.0, p)
        parts.append(intercepts + factors[:, member] * loadings + noise)
    return np.concatenate(parts), np.repeat([0, 1], sizes)


def moments(rows: Array, group: Array) -> Sample:
    """Moments of two groups, divisor n."""
    sides = [rows[group == place] for place in (0, 1)]
    return Sample(
        n=np.array([float(len(side)) for side in sides]),
        mean=np.stack([side.mean(axis=0) for side in sides]),
        covariance=np.stack([np.cov(side.T, ddof=0) for side in sides]),
    )


def ladder(rows: Array, group: Array, levels: tuple[str, ...]) -> list[Fit]:
    """All levels with standard errors, from the rows on."""
    sample, p = moments(rows, group), rows.shape[1]
    design = Design(structure=simple_structure(np.repeat(np.arange(3), p // 3).tolist()))
    values, made = first_values(design, sample), []
    for level in levels:
        found = refit(design, sample, equal_at(level, p), values)
        standard_errors(found)
        values = found.values
        made.append(found)
    return made


def median(work: Callable[[], object]) -> float:
    """Median of a few runs in seconds."""
    taken = []
    for _ in range(RUNS):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def formula(p: int) -> str:
    """The model in the syntax both peers read."""
    size = p // 3
    names = [[f"x{size * f + i + 1}" for i in range(size)] for f in range(3)]
    return "\n".join(f"f{place} =~ {' + '.join(one)}" for place, one in enumerate(names))


def lavaan(name: str, rows: Array, group: Array, levels: tuple[str, ...], ours: float) -> None:
    """Compare with lavaan and print the ratio."""
    program = shutil.which("Rscript")
    if program is None:
        print(f"({name}) lavaan: R is not installed here, passed over")
        return
    with tempfile.TemporaryDirectory() as folder:
        path, code = Path(folder) / "rows.csv", Path(folder) / "peer.R"
        head = ",".join([f"x{place + 1}" for place in range(rows.shape[1])] + ["group"])
        np.savetxt(path, np.column_stack([rows, group]), delimiter=",", header=head, comments="")
        code.write_text(R_CODE, encoding="utf-8")
        done = subprocess.run(
            [program, str(code), str(path), formula(rows.shape[1]), ";".join(levels)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    if done.returncode:
        print(f"({name}) lavaan: not installed here or it failed, passed over")
        return
    seconds, *rest = done.stdout.split("\n")
    theirs = [float(one) for one in rest[: len(levels)]]
    found = [one.chi2 for one in ladder(rows, group, levels)]
    np.testing.assert_allclose(found, theirs, atol=1e-3, rtol=1e-5)
    report(name, f"lavaan {rest[len(levels)]}", float(seconds) / ours)


def semopy(name: str, rows: Array, group: Array) -> None:
    """Compare the first level with one semopy model per group and print the ratio."""
    if importlib.util.find_spec("semopy") is None:
        print(f"({name}) semopy: not installed, passed over")
        return
    warnings.simplefilter("ignore")
    import pandas as pd

    try:
        from semopy import Model, calc_stats
    except ImportError as error:
        print(f"({name}) semopy: cannot be imported here ({error}), passed over")
        return
    columns = [f"x{place + 1}" for place in range(rows.shape[1])]
    sides = [pd.DataFrame(rows[group == place], columns=columns) for place in (0, 1)]

    def theirs() -> list[Any]:
        models = []
        for side in sides:
            model = Model(formula(rows.shape[1]))
            model.fit(side)
            model.inspect()  # standard errors
            models.append(model)
        return models

    chi2 = sum(float(calc_stats(model)["chi2"].iloc[0]) for model in theirs())
    found = ladder(rows, group, ("configural",))[0].chi2
    np.testing.assert_allclose(found, chi2, rtol=1e-2)
    ours = median(lambda: ladder(rows, group, ("configural",)))
    label = f"semopy {metadata.version('semopy')}, first level only"
    report(name, label, median(theirs) / ours)


def report(name: str, peer: str, ratio: float) -> None:
    """One line: how many times as long the peer takes, and the gate."""
    print(f"({name}) {peer}: {ratio:.1f} times ours (gate {GATES[name]:g})")


def main() -> None:
    """Compare, then time."""
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    print(f"Python {sys.version.split()[0]}, numpy {np.__version__}, load {load:.1f}")
    for name, (sizes, per_factor), levels in (("e", SMALL, LEVELS), ("e2", LARGE, ("scalar",))):
        rows, group = rows_of(sizes, per_factor)
        assert all(one.converged for one in ladder(rows, group, levels))
        ours = median(partial(ladder, rows, group, levels))
        print(f"({name}) ours: {1000 * ours:.0f} ms, {len(levels)} model(s)")
        lavaan(name, rows, group, levels, ours)
        semopy(name, rows, group)


if __name__ == "__main__":
    main()
