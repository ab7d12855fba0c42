"""Means after raking, with standard errors that know the margins were met.

The influence ``(y − ȳ)/Σw`` is replaced by its residual from a regression on the margins, with
the weights before raking (Deville & Särndal 1992, doi:10.1080/01621459.1992.10475217). This is
what calibration gives; regressing without those weights, or ignoring the margins, gives others.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from twinimpact.measures.weighting.capped import crossed
from twinimpact.measures.weighting.limits import share_limits, t_limits
from twinimpact.measures.weighting.margins import Array
from twinimpact.measures.weighting.raking import RakedWeights
from twinimpact.measures.weighting.sample import CrossCells, codes_of, cross_cells, labels_of

SINGULAR = 1e-10
"""Directions of the margins with less than this share of the largest add nothing."""
COLUMNS = (
    "group", "outcome", "estimand", "method", "estimate", "std_error", "df", "conf_low",
    "conf_high", "conf_level", "n", "n_missing", "n_eff", "deff", "clusters", "note",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Margins:
    """Respondents' levels, and the inverse of the margins' cross-products of each group."""

    cells: CrossCells
    places: tuple[Array, ...]
    inverse: Array


def raked_means(
    raked: RakedWeights,
    values: pd.DataFrame,
    *,
    cluster: pd.Series | None = None,
    conf_level: float = 0.95,
) -> pd.DataFrame:
    """Weighted means of every outcome in every group that was raked.

    Rows without an outcome stay in the design; the mean is that of the rows that answered.

    Parameters
    ----------
    raked
        What :func:`~twinimpact.measures.weighting.raking.rake` gave.
    values
        One column per outcome, the rows those that were raked; true and false give a share.
    cluster
        Cluster of each row, such as its delegation or event; persons if ``None``.
    conf_level
        Of the t interval, or of the interval on the logit scale for a share.

    Returns
    -------
    pandas.DataFrame
        One row per outcome and group: ``group``, ``outcome``, ``estimand``, ``method``
        (``rake``), ``estimate``, ``std_error``, ``df``, ``conf_low``, ``conf_high``,
        ``conf_level``, ``n`` (people who answered, unweighted), ``n_missing``, ``n_eff``,
        ``deff`` (Kish, of the people who answered), ``clusters``, ``note``.
    """
    sample = raked.sample
    size = len(raked.margins.groups)
    w = raked.weights.to_numpy()[sample.kept]
    margins = _margins(raked)
    unit = None
    if cluster is not None:
        unit = labels_of(cluster)[0][sample.kept].astype("int64")
    parts = []
    for name in values:
        column = values[name]
        y = column.to_numpy("float64", na_value=np.nan)[sample.kept]
        answered = np.isfinite(y)
        g, own = sample.group[answered], w[answered]
        n = np.bincount(g, minlength=size)
        total = np.bincount(g, weights=own, minlength=size)
        with np.errstate(divide="ignore", invalid="ignore"):
            mean = np.bincount(g, weights=own * y[answered], minlength=size) / total
            n_eff = total**2 / np.bincount(g, weights=own**2, minlength=size)
        influence = np.zeros(len(y))
        influence[answered] = (y[answered] - mean[g]) / total[g]
        z = w * (influence - _fitted(raked, margins, influence))
        variance, clusters = _variance(sample.group, z, unit, (answered, size))
        columns = _limits(mean, np.sqrt(variance), clusters - 1.0, (n_eff, conf_level), column)
        part = {
            "group": raked.margins.groups,
            "outcome": str(name),
            **columns,
            "n": n,
            "n_missing": sample.people - n,
            "n_eff": n_eff,
            "deff": n / n_eff,
            "clusters": clusters,
            "note": np.where(n == 0, "no_answers", np.where(clusters < 2, "df_below_1", "")),
        }
        parts.append(pd.DataFrame(part, columns=list(COLUMNS)))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(COLUMNS))


def _margins(raked: RakedWeights) -> _Margins:
    """Cross-products of the margins in each group, with the weights before raking, inverted."""
    sample, widths = raked.sample, raked.margins.widths()
    cells = cross_cells(sample, widths)
    offsets = np.concatenate([[0], np.cumsum(widths)[:-1]])
    places = tuple(code + offset for code, offset in zip(cells.codes, offsets, strict=True))
    before = np.bincount(cells.of_row, weights=sample.weights, minlength=len(cells.group))
    shape = (len(sample.people), int(sum(widths)))
    matrix = crossed(before, cells.group, places, shape)
    inverse = np.linalg.pinv(matrix, rcond=SINGULAR, hermitian=True)
    return _Margins(cells=cells, places=places, inverse=inverse)


def _fitted(raked: RakedWeights, margins: _Margins, influence: Array) -> Array:
    """What the margins explain of each row's influence."""
    cells, sample = margins.cells, raked.sample
    size, width = margins.inverse.shape[:2]
    weighted = sample.weights * influence
    of_cell = np.bincount(cells.of_row, weights=weighted, minlength=len(cells.group))
    sums = np.zeros(size * width)
    for place in margins.places:
        sums += np.bincount(cells.group * width + place, weights=of_cell, minlength=size * width)
    slopes = (margins.inverse @ sums.reshape(size, width, 1))[:, :, 0]
    fitted = np.zeros(len(cells.group))
    for place in margins.places:
        fitted += slopes[cells.group, place]
    return fitted[cells.of_row]


def _variance(
    group: Array, z: Array, unit: Array | None, answered: tuple[Array, int]
) -> tuple[Array, Array]:
    """n/(n − 1)·Σ(z − z̄)² over the clusters of each group, and clusters with an answer."""
    met, size = answered
    if unit is not None:
        width = int(unit.max(initial=0)) + 1
        code, kept = codes_of(group * width + unit, size * width)
        used = np.bincount(code, minlength=len(kept)) > 0
        code = (np.cumsum(used) - 1)[code]
        z = np.bincount(code, weights=z, minlength=int(used.sum()))
        group = kept[used] // width
        met = np.bincount(code[met], minlength=len(z)) > 0
    n = np.bincount(group, minlength=size)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.bincount(group, weights=z, minlength=size) / n
        squares = np.bincount(group, weights=(z - mean[group]) ** 2, minlength=size)
        return n / (n - 1) * squares, np.bincount(group[met], minlength=size)


def _limits(
    mean: Array, error: Array, df: Array, other: tuple[Array, float], column: pd.Series
) -> dict[str, object]:
    n_eff, conf_level = other
    error = np.where(df >= 1, error, np.nan)
    if pd.api.types.is_bool_dtype(column.dtype):
        low, high, at_end = share_limits(mean, error, df, n_eff, conf_level)
        estimand, method = "share", np.where(at_end, "wilson", "rake")
    else:
        low, high = t_limits(mean, error, df, conf_level)
        estimand, method = "mean", np.full(len(mean), "rake")
    return {
        "estimand": estimand,
        "method": method,
        "estimate": mean,
        "std_error": error,
        "df": np.where(df >= 1, df, np.nan),
        "conf_low": low,
        "conf_high": high,
        "conf_level": np.where(np.isfinite(low), conf_level, np.nan),
    }
