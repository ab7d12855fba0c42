"""Percentile bootstrap intervals of omega for every cell, on a stream of random numbers of its own.

People are drawn with replacement, or whole clusters where a cell has enough of them. Only sums of
``[1, y, yyᵀ]`` are resampled: the numbers of times each person is drawn, times those sums, are the
moments of all resamples in one product.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from twinimpact.errors import DesignError
from twinimpact.measures.consistency.omega import OmegaEstimates, OmegaStatus, omega_ml
from twinimpact.measures.consistency.omega_fit import Fit, chosen, three_items, total_of
from twinimpact.measures.consistency.omega_likelihood import likelihood

Array = npt.NDArray[Any]

FEWEST_CLUSTERS = 10
"""Whole clusters are drawn from this number on; with fewer, people are drawn."""

USABLE_SHARE = 0.9
"""Below this share of resamples with a value there is no interval."""

FITS_TOGETHER = 20_000
DRAWS_TOGETHER = 2_000_000
PRODUCT_TOGETHER = 200_000
ONE_BY_ONE = 2_000
"""Up to this many people or clusters they are drawn by number; above, answer patterns are."""

TOLERANCE = 1e-4
"""Refits stop when no parameter moves by more; far below the spread of the resamples."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BootstrapPlan:
    """How to resample.

    Parameters
    ----------
    seed
        The run's seed; each cell gets its own stream from (seed, scale, cell).
    scale
        Number of the scale among all scales of the run.
    resamples
        200 for a grid of cells, 1,000 for numbers that are quoted.
    conf_level
        Level of the interval.
    cell_ids
        Lasting number of each cell, for the stream; by default its position. With lasting
        numbers a cell keeps its interval when other cells come or go.
    """

    seed: int
    scale: int = 0
    resamples: int = 200
    conf_level: float = 0.95
    cell_ids: Array | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OmegaBootstrap:
    """Interval of omega per cell, from resamples.

    Parameters
    ----------
    method
        ``omega_ml_boot``.
    conf_level, resamples, seed
        As planned.
    estimates
        The estimates from all complete rows, which the intervals belong to.
    low, high
        Percentiles of the resampled omegas; ``NaN`` where there is no estimate, or where fewer
        than nine in ten resamples have one.
    used
        Resamples with a value, shape (cells,).
    by_cluster
        Whether whole clusters were drawn, shape (cells,).
    units
        People or clusters drawn from, shape (cells,).
    """

    method: str
    conf_level: float
    resamples: int
    seed: int
    estimates: OmegaEstimates
    low: Array
    high: Array
    used: Array
    by_cluster: Array
    units: Array


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Units:
    """What is drawn: one row of sums per person or cluster, sorted within cells."""

    sums: Array
    first: Array
    count: Array
    by_cluster: Array


def omega_bootstrap(
    columns: Array | Sequence[Array],
    cell: Array,
    n_cells: int,
    *,
    plan: BootstrapPlan,
    clusters: Array | None = None,
) -> OmegaBootstrap:
    """Omega of each cell with a percentile interval.

    The result of a cell depends on the set of its answers, the seed and its number, and on
    nothing else: not on the order of rows or cells, nor on which cells are asked for.

    Parameters
    ----------
    columns
        Coded answers after reversal, 0 for none, shape (rows, k) or k columns; k at least 3.
    cell
        Cell of each row, 0 to ``n_cells`` − 1, or −1 for none.
    plan
        Seed, resamples, level.
    clusters
        Cluster number of each row, or −1 for none (such a row stands for itself).

    Raises
    ------
    DesignError
        Fewer than three items, or fewer than 20 resamples.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(3)
    >>> common = rng.normal(size=(60, 1))
    >>> answers = np.clip(np.rint(3 + common + rng.normal(size=(60, 4))), 1, 5).astype("uint8")
    >>> result = omega_bootstrap(answers, np.zeros(60, int), 1, plan=BootstrapPlan(seed=1))
    >>> bool(result.low[0] < result.estimates.omega[0] < result.high[0])
    True
    """
    if plan.resamples < 20:
        raise DesignError(
            "too few resamples for an interval", got=str(plan.resamples), expected="at least 20"
        )
    answers = np.column_stack(columns) if isinstance(columns, Sequence) else np.asarray(columns)
    cell = np.asarray(cell)
    k = answers.shape[1]
    use = (cell >= 0) & (answers > 0).all(axis=1)
    groups = None if clusters is None else np.asarray(clusters)[use]
    units = _units(answers[use].astype("float64"), cell[use], groups, n_cells)
    n, covariance, _ = _moments(_cell_sums(units), k)
    point = omega_ml(_unbiased(covariance, n), n.astype("int64"), conf_level=plan.conf_level)
    low, high = np.full(n_cells, np.nan), np.full(n_cells, np.nan)
    used = np.zeros(n_cells, dtype="int64")
    fitted = np.flatnonzero(point.status <= OmegaStatus.BOUNDARY)
    together = max(1, FITS_TOGETHER // plan.resamples)
    for start in range(0, fitted.size, together):
        part = fitted[start : start + together]
        values = _refitted(_resampled(units, part, plan), point, part)
        used[part] = np.isfinite(values).sum(axis=1)
        low[part], high[part] = _percentiles(values, plan.conf_level)
    return OmegaBootstrap(
        method="omega_ml_boot",
        conf_level=plan.conf_level,
        resamples=plan.resamples,
        seed=plan.seed,
        estimates=point,
        low=low,
        high=high,
        used=used,
        by_cluster=units.by_cluster,
        units=units.count,
    )


def _units(answers: Array, cell: Array, clusters: Array | None, n_cells: int) -> _Units:
    """Sums ``[1, y, yyᵀ]`` of what is drawn, sorted by cell and then by their own values.

    Units with equal sums are interchangeable; sorted by value, the order of rows is forgotten.
    """
    rows, k = answers.shape
    upper = np.triu_indices(k)
    sums = np.column_stack([np.ones(rows), answers, answers[:, upper[0]] * answers[:, upper[1]]])
    by_cluster = np.zeros(n_cells, dtype=bool)
    if clusters is not None and rows:
        alone = clusters < 0
        label = np.where(alone, -1 - np.arange(rows), clusters)
        pairs, group = np.unique(np.column_stack([cell, label]), axis=0, return_inverse=True)
        by_cluster = np.bincount(pairs[:, 0], minlength=n_cells) >= FEWEST_CLUSTERS
        # where people are drawn, each row is a group of its own
        group = np.where(by_cluster[cell], group.ravel(), pairs.shape[0] + np.arange(rows))
        order = np.argsort(group, kind="stable")
        starts = np.flatnonzero(np.diff(group[order], prepend=-1))
        sums = np.add.reduceat(sums[order], starts, axis=0)
        cell = cell[order][starts]
    order = np.lexsort((*sums.T[::-1], cell))
    count = np.bincount(cell, minlength=n_cells)
    return _Units(
        sums=sums[order], first=np.cumsum(count) - count, count=count, by_cluster=by_cluster
    )


def _cell_sums(units: _Units) -> Array:
    """Sums over all units of each cell, shape (cells, columns)."""
    cells = np.repeat(np.arange(units.count.size), units.count)
    columns = [np.bincount(cells, weights=c, minlength=units.count.size) for c in units.sums.T]
    return np.column_stack(columns)


def _moments(sums: Array, k: int) -> tuple[Array, Array, Array]:
    """n (m,), covariances with divisor n (k, k, m), and which have varied items (m,)."""
    n = sums[:, 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        means = (sums[:, 1 : k + 1] / n[:, None]).T
        covariance = np.empty((k, k, n.size))
        for column, (i, j) in enumerate(zip(*np.triu_indices(k), strict=True)):
            covariance[i, j] = sums[:, 1 + k + column] / n - means[i] * means[j]
            covariance[j, i] = covariance[i, j]
    varied = np.stack([covariance[i, i] for i in range(k)]).min(axis=0) > 1e-9
    return n, covariance, varied


def _unbiased(covariance: Array, n: Array) -> Array:
    """From divisor n to divisor n − 1, cells first."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.moveaxis(covariance * np.where(n > 1, n / (n - 1), np.nan), -1, 0)


def _resampled(units: _Units, part: Array, plan: BootstrapPlan) -> Array:
    """Sums of all resamples of some cells, shape (cells, resamples, columns).

    The one loop over cells of this package: each has its own stream of random numbers.
    """
    ids = part if plan.cell_ids is None else np.asarray(plan.cell_ids)[part]
    result = np.empty((part.size, plan.resamples, units.sums.shape[1]))
    for position, (number, identity) in enumerate(zip(part, ids, strict=True)):
        stream = np.random.SeedSequence(plan.seed, spawn_key=(plan.scale, int(identity)))
        rng = np.random.Generator(np.random.PCG64(stream))
        first = units.first[number]
        own = units.sums[first : first + units.count[number]]
        result[position] = _drawn(own, plan.resamples, rng)
    return result


def _drawn(own: Array, resamples: int, rng: np.random.Generator) -> Array:
    """Sums of the resamples of one cell: counts of draws times the sums of each unit."""
    size = own.shape[0]
    result = np.empty((resamples, own.shape[1]))
    patterns, share = own, None
    if size > ONE_BY_ONE:
        first = np.flatnonzero((np.diff(own, axis=0, prepend=np.nan) != 0).any(axis=1))
        patterns = own[first]
        share = np.diff(first, append=size) / size
    at_once = max(1, DRAWS_TOGETHER // patterns.shape[0])
    for start in range(0, resamples, at_once):
        rows = min(at_once, resamples - start)
        if share is None:
            drawn = rng.integers(size, size=(rows, size))
            drawn += size * np.arange(rows)[:, None]
            counts = np.bincount(drawn.ravel(), minlength=rows * size).reshape(rows, size)
        else:
            counts = rng.multinomial(size, share, size=rows)
        _multiply(counts.astype("float64"), patterns, result[start : start + rows])
    return result


def _multiply(counts: Array, sums: Array, out: Array) -> None:
    """Product in slices that linear-algebra libraries do not spread over threads.

    Waking threads for a product this small costs more than the product; sums are whole numbers,
    so slicing changes no bit.
    """
    at_once = max(1, PRODUCT_TOGETHER // sums.size)
    for start in range(0, counts.shape[0], at_once):
        part = slice(start, start + at_once)
        out[part] = counts[part] @ sums


def _refitted(sums: Array, point: OmegaEstimates, part: Array) -> Array:
    """Omega of each resample, shape (cells, resamples); ``NaN`` where there is none."""
    cells, resamples, columns = sums.shape
    k = point.loadings.shape[1]
    _, covariance, varied = _moments(sums.reshape(-1, columns), k)
    omega = np.full(cells * resamples, np.nan)
    block = chosen(covariance, varied)
    spread = np.sqrt(np.stack([block[i, i] for i in range(k)]))
    correlation = block / (spread[:, None] * spread[None, :])
    if k == 3:
        fit = three_items(correlation)
    else:
        loadings, uniqueness = point.loadings[part].T, point.uniqueness[part].T
        size = np.sqrt(loadings**2 + uniqueness)
        begin = Fit(
            loadings=chosen(np.repeat(loadings / size, resamples, axis=1), varied),
            uniqueness=chosen(np.repeat(uniqueness / size**2, resamples, axis=1), varied),
            converged=np.zeros(0, dtype=bool),
        )
        fit = likelihood(correlation, begin, tolerance=TOLERANCE)
    common = total_of(fit.loadings * spread) ** 2
    own = total_of(fit.uniqueness * spread**2)
    omega[varied] = np.where(fit.converged, common / (common + own), np.nan)
    return omega.reshape(cells, resamples)


def _percentiles(values: Array, conf_level: float) -> tuple[Array, Array]:
    """Lower and upper percentile of the values there are, interpolated; ``NaN`` if too few."""
    ordered = np.sort(values, axis=1)
    used = np.isfinite(values).sum(axis=1)
    enough = used >= USABLE_SHARE * values.shape[1]
    limits = []
    for share in ((1 - conf_level) / 2, (1 + conf_level) / 2):
        place = np.maximum(used - 1, 0) * share
        below = np.floor(place).astype("int64")
        above = np.minimum(below + 1, np.maximum(used - 1, 0))
        lower = np.take_along_axis(ordered, below[:, None], axis=1)[:, 0]
        upper = np.take_along_axis(ordered, above[:, None], axis=1)[:, 0]
        limits.append(np.where(enough, lower + (place - below) * (upper - lower), np.nan))
    return limits[0], limits[1]
