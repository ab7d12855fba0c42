"""Weights and standard errors by domain side by side with the usual tools; prints ratios.

Run from the project's root: ``python benchmarks/measurement_weights.py [c] [d] [scale]``.
Results are compared first and the script stops when they differ; then all are timed, median of
five runs. Tools that are not installed, or that fail here, are named and passed over.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import logging
import os
import resource
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from importlib import metadata
from typing import Any

import numpy as np
import pandas as pd

from twinimpact.measures import domain_means, rake, raked_means

RUNS = 5
ROWS_C, LEVELS = 100_000, (2, 6, 4, 20)
ROWS_D, DOMAINS, STRATA, CLUSTERS = 200_000, 2_000, 20, 4_000
PEERS = ("svy", "polars", "ipfn", "balance", "samplics", "numpy", "pandas")
AGREE = 1e-4
"""Peers stop when margins are met to 1e-4 or so; ours are met to 1e-10."""


PATIENCE = 20.0
"""Seconds after which a slow peer is not asked again."""


def median(work: Callable[[], object], runs: int = RUNS) -> float:
    """Median of a few runs in seconds."""
    return statistics.median(timed(work) for _ in range(runs))


def timed(work: Callable[[], object]) -> float:
    """Seconds of one run."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def in_turn(ours: Callable[[], object], theirs: Callable[[], object]) -> tuple[float, float]:
    """Medians of both, taken in turn, so that a busy machine slows both down."""
    mine, other, start = [], [], time.perf_counter()
    for _ in range(RUNS):
        mine.append(timed(ours))
        other.append(timed(theirs))
        if time.perf_counter() - start > PATIENCE:
            break
    return statistics.median(mine), statistics.median(other)


def line(job: str, ours: float, peer: str, theirs: float, wanted: float) -> None:
    """One line of the table: how many times faster than the peer."""
    aim = f"(wanted x {wanted:g})" if wanted else ""
    print(f"{job:34} {ours:9.4f} s   {peer:20} {theirs:9.4f} s   x {theirs / ours:8.1f}  {aim}")


def module(name: str) -> Any:
    """A peer's module, or nothing, said aloud."""
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            return importlib.import_module(name)
    except ImportError as problem:
        print(f"   {name}: not installed here ({problem}), passed over")
        return None


def beside(
    name: str,
    job: str,
    work: tuple[Callable[[], Any], Callable[[], Any]],
    wanted: float,
    check: Callable[[Any], None],
) -> None:
    """Check and time one peer, and print how it compares."""
    ours, theirs = work
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            start = time.perf_counter()
            found = theirs()
            first = time.perf_counter() - start
            check(found)
            slow = first > PATIENCE
            seconds = (timed(ours), first) if slow else in_turn(ours, theirs)
    except AssertionError:
        print(f"   {name}: another result; not compared")
        raise
    except Exception as problem:  # noqa: BLE001 - a peer may fail in any way
        print(f"   {name}: fails here ({type(problem).__name__}: {str(problem)[:80]})")
        return
    line(job, seconds[0], name, seconds[1], wanted)


def sample() -> tuple[pd.DataFrame, dict[str, dict[int, float]]]:
    """100,000 people with four margins, and shares that differ from theirs."""
    rng = np.random.default_rng(20261101)
    names = [f"m{place}" for place in range(len(LEVELS))]
    frame = pd.DataFrame(
        {
            name: rng.choice(width, ROWS_C, p=rng.dirichlet(np.full(width, 12.0)))
            for name, width in zip(names, LEVELS, strict=True)
        }
    )
    frame["w"] = rng.uniform(0.5, 2.0, ROWS_C)
    margins = {
        name: dict(enumerate(rng.dirichlet(np.full(width, 12.0)).tolist()))
        for name, width in zip(names, LEVELS, strict=True)
    }
    return frame, margins


def rake_side_by_side() -> None:
    """(c) 100,000 people raked to four margins, with weights before."""
    frame, margins = sample()
    ours = rake(frame, margins, weights="w", cap=None).weights.to_numpy()

    def same(weights: Any) -> None:
        theirs = np.asarray(weights, dtype="float64")
        assert np.abs(theirs / theirs.mean() / ours - 1).max() < 50 * AGREE

    for name, target in margins.items():
        shares = np.bincount(frame[name], weights=ours) / ours.sum()
        assert np.abs(shares - list(target.values())).max() < 1e-10

    def mine() -> Any:
        return rake(frame, margins, weights="w", cap=None)

    seconds = median(mine)
    job = "c  rake 100k to 2, 6, 4, 20 levels"
    as_text = frame.assign(**{name: frame[name].map("level {}".format) for name in margins})
    text_margins = {
        name: {f"level {level}": share for level, share in target.items()}
        for name, target in margins.items()
    }
    text = median(lambda: rake(as_text, text_margins, weights="w", cap=None))
    capped = median(lambda: rake(frame, margins, weights="w", cap=2.5))
    print(f"{job:34} {seconds:9.4f} s   labels as text {text:.4f} s, under a cap {capped:.4f} s")
    svy, polars = module("svy"), module("polars")
    if svy and polars:
        table = polars.from_dict({name: frame[name].to_numpy() for name in frame})
        controls = {n: {k: v * ROWS_C for k, v in t.items()} for n, t in margins.items()}

        def by_svy() -> Any:
            whole = svy.Sample(table, svy.Design(wgt="w"))
            return whole.weighting.rake(controls=controls, tol=1e-10, max_iter=500)

        beside("svy", job, (mine, by_svy), 10, lambda found: same(found.data["rk_wgt"].to_numpy()))
    if ipfn := module("ipfn.ipfn"):
        targets = [pd.Series(t, name="w").rename_axis(n) * ROWS_C for n, t in margins.items()]

        def by_ipfn() -> Any:
            fitted = ipfn.ipfn(
                frame.copy(),
                targets,
                [[n] for n in margins],
                weight_col="w",
                convergence_rate=1e-10,
            )
            with contextlib.redirect_stdout(io.StringIO()):
                return fitted.iteration()

        beside("ipfn", job, (mine, by_ipfn), 0, lambda found: same(found["w"]))
    if samplics := module("samplics.weighting"):
        controls = {n: {k: v * ROWS_C for k, v in t.items()} for n, t in margins.items()}
        columns = {n: frame[n].to_numpy() for n in margins}

        def by_samplics() -> Any:
            return samplics.SampleWeight().rake(
                frame["w"].to_numpy(), columns, controls, tol=1e-10, max_iter=500
            )

        beside("samplics", job, (mine, by_samplics), 0, same)
    if balance := module("balance"):
        big = [
            np.repeat(list(t), np.rint(np.array(list(t.values())) * ROWS_C).astype(int))
            for t in margins.values()
        ]
        size = min(map(len, big))
        rng = np.random.default_rng(1)
        target = pd.DataFrame(
            {
                n: rng.permutation(part)[:size].astype("str")
                for n, part in zip(margins, big, strict=True)
            }
        )
        texts = frame.astype(dict.fromkeys(margins, "str"))

        def by_balance() -> Any:
            one = balance.Sample.from_frame(
                texts.assign(id=range(ROWS_C)), id_column="id", weight_column="w"
            )
            two = balance.Sample.from_frame(target.assign(id=range(size)), id_column="id")
            return one.set_target(two).adjust(method="rake", transformations=None)

        # its target is a sample, so its margins are those of the rows that were made
        beside("balance", job, (mine, by_balance), 0, lambda found: None)


def survey(rows: int, *, nested: bool = False, domains: int = DOMAINS) -> pd.DataFrame:
    """People in strata and clusters; domains cross the clusters, or hold whole ones."""
    rng = np.random.default_rng(20261102)
    cluster = rng.integers(0, CLUSTERS, rows)
    frame = pd.DataFrame(
        {
            "d": cluster % domains if nested else rng.integers(0, domains, rows),
            "h": cluster // (CLUSTERS // STRATA),
            "c": cluster,
            "w": rng.uniform(0.5, 2.0, rows),
        }
    )
    frame["y"] = 50 + 10 * rng.normal(size=rows) + 3 * rng.normal(size=CLUSTERS)[cluster]
    return frame


def by_pandas(frame: pd.DataFrame) -> pd.DataFrame:
    """The same numbers in the idiom of pandas: group, sum, group again."""
    n_h = frame.groupby("h")["c"].nunique()
    w = frame.assign(wy=frame["w"] * frame["y"])
    sums = w.groupby("d")[["w", "wy"]].sum()
    mean = sums["wy"] / sums["w"]
    u = frame["w"] * (frame["y"] - frame["d"].map(mean)) / frame["d"].map(sums["w"])
    z = u.groupby([frame["d"], frame["h"], frame["c"]]).sum().rename("z").reset_index()
    parts = z.assign(z2=z["z"] ** 2).groupby(["d", "h"])[["z", "z2"]].sum().reset_index()
    n = parts["h"].map(n_h)
    parts["v"] = n / (n - 1) * (parts["z2"] - parts["z"] ** 2 / n)
    return pd.DataFrame({"mean": mean, "se": np.sqrt(parts.groupby("d")["v"].sum())})


def by_polars(polars: Any, table: Any) -> Any:
    """The same in polars, lazily; its groups are rows of whole domains."""
    c = polars.col
    n_h = table.lazy().group_by("h").agg(c("c").n_unique().alias("n"))
    mean = (c("w") * c("y")).sum().over("d") / c("w").sum().over("d")
    z = table.lazy().with_columns(u=c("w") * (c("y") - mean) / c("w").sum().over("d"))
    z = z.group_by("d", "h", "c").agg(c("u").sum())
    parts = z.group_by("d", "h").agg(c("u").sum().alias("a"), (c("u") ** 2).sum().alias("b"))
    v = c("n") / (c("n") - 1) * (c("b") - c("a") ** 2 / c("n"))
    se = parts.join(n_h, on="h").group_by("d").agg(v.sum().sqrt().alias("se"))
    means = (
        table.lazy()
        .group_by("d")
        .agg(((c("w") * c("y")).sum() / c("w").sum()).alias("mean"), polars.len().alias("n"))
    )
    return means.join(se, on="d").sort("d").collect()


def domains_side_by_side() -> None:
    """(d) Weighted means and standard errors of 2,000 domains of 200,000 rows."""
    frame = survey(ROWS_D)
    columns = {"value": "y", "domain": "d", "weights": "w", "strata": "h", "cluster": "c"}
    ours = domain_means(frame, **columns)
    mean, se = ours["estimate"].to_numpy(), ours["std_error"].to_numpy()

    def same(found: Any) -> None:
        np.testing.assert_allclose(np.asarray(found["mean"]), mean, rtol=1e-9)
        np.testing.assert_allclose(np.asarray(found["se"]), se, rtol=1e-7)

    start = time.perf_counter()
    domain_means(frame, **columns)
    cold = time.perf_counter() - start

    def mine() -> Any:
        return domain_means(frame, **columns)

    seconds = median(mine)
    job = "d  2,000 domains of 200k rows"
    print(f"{job:34} {seconds:9.4f} s   first call {cold:.4f} s")
    beside("pandas idiom", job, (mine, lambda: by_pandas(frame)), 0, same)
    polars, svy = module("polars"), module("svy")
    if polars:
        table = polars.from_dict({name: frame[name].to_numpy() for name in frame})
        beside("polars two-stage", job, (mine, lambda: by_polars(polars, table)), 1, same)
    if svy and polars:

        def by_svy() -> Any:
            # singleton strata cannot occur; without pop_size its variance is with replacement
            whole = svy.Sample(table, svy.Design(wgt="w", stratum="h", psu="c"))
            return whole.estimation.mean("y", by="d")

        def check(found: Any) -> None:
            rows = sorted(found.estimates, key=lambda one: int(one.by_level[0]))
            same({"mean": [one.est for one in rows], "se": [one.se for one in rows]})

        beside("svy", job, (mine, by_svy), 200, check)


def scaling() -> None:
    """Time for 1 and 4 million rows: it must grow with the rows and not with the domains."""
    columns = {"value": "y", "domain": "d", "weights": "w", "strata": "h", "cluster": "c"}
    taken = []
    for rows in (1_000_000, 4_000_000):
        frame = survey(rows, domains=20_000)
        taken.append(median(lambda f=frame: domain_means(f, **columns), 3))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"   20,000 domains: 1M rows {taken[0]:.2f} s, 4M rows {taken[1]:.2f} s "
        f"(wanted <= 2 s; x {taken[1] / taken[0]:.1f}, wanted <= 5); peak {peak:.0f} MiB"
    )
    rng = np.random.default_rng(3)
    groups = pd.DataFrame(
        {
            "g": np.repeat(np.arange(20_000), 40),
            "sex": rng.integers(0, 2, 800_000),
            "age": rng.integers(0, 3, 800_000),
            "y": rng.normal(size=800_000),
        }
    )
    margins = {"sex": {0: 0.52, 1: 0.48}, "age": {0: 0.3, 1: 0.3, 2: 0.4}}
    start = time.perf_counter()
    raked = rake(groups, margins, group="g", cap=100.0)
    middle = time.perf_counter()
    raked_means(raked, groups[["y"]])
    print(
        f"   20,000 partnerships of 40 raked in {middle - start:.2f} s, "
        f"means with standard errors in {time.perf_counter() - middle:.2f} s"
    )


def main() -> None:
    """Print versions, load and the sections asked for."""
    versions = []
    for name in PEERS:
        try:
            versions.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            versions.append(f"{name} absent")
    print(f"Python {sys.version.split()[0]}, {', '.join(versions)}")
    print(f"cores {os.cpu_count()}, load {os.getloadavg()[0]:.1f}; only ratios carry over")
    sections = {"c": rake_side_by_side, "d": domains_side_by_side, "scale": scaling}
    for name in sys.argv[1:] or sections:
        sections[name]()


if __name__ == "__main__":
    main()
