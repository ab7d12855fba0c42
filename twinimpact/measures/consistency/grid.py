"""Reliability of one scale in all cells: every coefficient, shrunken beside own, what to print."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from twinimpact.measures.consistency.alpha import Array, Coefficients, cronbach_alpha
from twinimpact.measures.consistency.moments import Moments
from twinimpact.measures.consistency.omega import (
    STATUS_AND_NOTE,
    OmegaEstimates,
    OmegaStatus,
    omega_ml,
)
from twinimpact.measures.consistency.pooling import (
    FEWEST_IN_CELL,
    Pools,
    Shrunken,
    alpha_log_scale,
    pool,
    shrink,
)
from twinimpact.measures.consistency.two_items import spearman_brown
from twinimpact.measures.rows import FEW_PEOPLE, INDICATIVE_PEOPLE, join_notes

LOW_RELIABILITY = 0.60
FEW_FOR_RELIABILITY = 50
COMPLETE_SHARE = 0.8


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pooling:
    """Which cells borrow from each other.

    Parameters
    ----------
    group, n_groups
        Pool (wave) of each cell, −1 for none; number of pools.
    fewest
        Fewest complete rows with which a cell enters its pool.
    """

    group: Array
    n_groups: int
    fewest: int = FEWEST_IN_CELL


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GridRows:
    """One coefficient of one scale in all cells; arrays of shape (cells,).

    Parameters
    ----------
    coefficient
        ``alpha``, ``spearman_brown``, ``omega``, ``omega_observed``, ``alpha_ordinal`` or
        ``omega_ordinal``.
    method
        How the estimate and its interval come about.
    status, note
        ``ok``, ``boundary``, ``not_converged`` or ``not_estimable``; codes of warnings.
    n, n_eff
        Complete rows and their effective number.
    pools, shrunken
        What the cells borrow from; ``None`` for a coefficient that is not pooled.
    print_as
        ``own`` from 30 people on, ``shrunken`` (with the word "indicative") from 10, else
        ``none``.
    """

    coefficient: str
    method: str
    estimate: Array
    conf_low: Array
    conf_high: Array
    status: Array
    note: Array
    n: Array
    n_eff: Array
    pools: Pools | None
    shrunken: Shrunken | None
    print_as: Array


def grid_rows(
    moments: Moments, scored: Array, pooling: Pooling, *, weighted: bool = False,
    conf_level: float = 0.95, omega: bool = True,
) -> list[GridRows]:  # fmt: skip
    """Alpha and omega of one scale in all cells, or Spearman–Brown for two items.

    Parameters
    ----------
    moments
        Moments of the cells, at least two items.
    scored
        Rows with a score in each cell.
    pooling
        Which cells borrow from each other.
    weighted
        Whether the rows are weighted: the effective number then takes the place of n.
    omega
        Whether omega is worked out beside alpha.
    """
    n_eff = moments.n_eff if weighted else None
    k = moments.covariance.shape[1]
    common = _common_marks(moments, scored)
    if k == 2:
        own = spearman_brown(moments.covariance, moments.n, n_eff=n_eff, conf_level=conf_level)
        with np.errstate(divide="ignore", invalid="ignore"):
            y = -np.log(np.where(own.estimate < 1, 1 - own.estimate, np.nan))
        v = 4.0 / np.where(own.n_eff > 3, own.n_eff - 3.0, np.nan)  # y is twice Fisher's z
        return [_classic("spearman_brown", own, (y, v), common, (pooling, conf_level))]
    own = cronbach_alpha(moments.covariance, moments.n, n_eff=n_eff, conf_level=conf_level)
    log_scale = alpha_log_scale(own.estimate, own.n_eff, k)
    rows = [_classic("alpha", own, log_scale, common, (pooling, conf_level))]
    if omega:
        people = moments.n if n_eff is None else n_eff
        found = omega_ml(moments.covariance, people, conf_level=conf_level)
        rows += _omegas(found, moments, common, (pooling, conf_level))
    return rows


def undefined_rows(scale_n: Array, coefficient: str, code: str) -> GridRows:
    """A coefficient that no cell can have, with the reason."""
    size = len(scale_n)
    nothing = np.full(size, np.nan)
    method = {"alpha": "alpha_feldt", "omega": "omega_ml_delta"}.get(coefficient, coefficient)
    return GridRows(
        coefficient=coefficient,
        method=method,
        estimate=nothing,
        conf_low=nothing,
        conf_high=nothing,
        status=np.full(size, "not_estimable", dtype=object),
        note=np.full(size, code, dtype=object),
        n=scale_n,
        n_eff=scale_n.astype("float64"),
        pools=None,
        shrunken=None,
        print_as=np.full(size, "none", dtype=object),
    )


def print_rule(n: Array, own: Array, shrunken: Array | None) -> Array:
    """What may be printed of each cell: ``own``, ``shrunken`` or ``none``.

    Parameters
    ----------
    n
        (Effective) number of complete rows.
    own, shrunken
        The two values, ``NaN`` where there is none.
    """
    borrowed = np.zeros(len(n), dtype=bool) if shrunken is None else np.isfinite(shrunken)
    shown = np.where((n >= FEW_PEOPLE) & borrowed, "shrunken", "none").astype(object)
    shown[(n >= INDICATIVE_PEOPLE) & np.isfinite(own)] = "own"
    return shown


def _common_marks(moments: Moments, scored: Array) -> Sequence[tuple[Array, str]]:
    return [
        (moments.n < COMPLETE_SHARE * scored, "few_complete_rows"),
        ((moments.n >= 2) & (moments.n_eff < FEW_FOR_RELIABILITY), "n_below_50"),
    ]


def _classic(
    coefficient: str,
    own: Coefficients,
    log_scale: tuple[Array, Array],
    common: Sequence[tuple[Array, str]],
    how: tuple[Pooling, float],
) -> GridRows:
    """Rows of alpha or of the Spearman–Brown coefficient."""
    shown = np.isfinite(own.estimate)
    marks = [
        (own.too_few, "n_below_2"),
        (own.no_variance, "zero_total_variance"),
        (own.constant_item, "zero_variance_item"),
        (shown & own.negative, "check_item_coding"),
        (shown & (own.estimate < LOW_RELIABILITY), "alpha_below_060"),
        *((shown & mask, code) for mask, code in common),
    ]
    pools, drawn = _pooled(log_scale, ~own.constant_item & shown, (own.n, own.n_eff), how)
    return GridRows(
        coefficient=coefficient,
        method=own.method,
        estimate=own.estimate,
        conf_low=own.conf_low,
        conf_high=own.conf_high,
        status=np.where(shown, "ok", "not_estimable").astype(object),
        note=join_notes(len(shown), marks),
        n=own.n,
        n_eff=own.n_eff,
        pools=pools,
        shrunken=drawn,
        print_as=print_rule(own.n_eff, own.estimate, drawn.estimate),
    )


def _omegas(
    found: OmegaEstimates,
    moments: Moments,
    common: Sequence[tuple[Array, str]],
    how: tuple[Pooling, float],
) -> list[GridRows]:
    """Rows of omega on the model's variance (pooled) and on the observed variance (beside it)."""
    size, n_eff = len(moments.n), moments.n_eff
    # sums of unweighted rows are whole numbers
    method = found.method + ("_neff" if moments.sums.dtype.kind == "f" else "")
    words = {int(code): STATUS_AND_NOTE[code] for code in OmegaStatus}
    status = np.array([words[int(code)][0] for code in found.status], dtype=object)
    shown = np.isfinite(found.omega)
    marks = [
        *((found.status == code, note) for code, (_, note) in words.items() if note),
        (found.uniqueness_negative, "uniqueness_negative"),
        (shown & found.misfit, "one_factor_misfit"),
        *((shown & mask, code) for mask, code in common),
    ]
    with np.errstate(divide="ignore", invalid="ignore"):
        y = -np.log(np.where(found.omega < 1, 1 - found.omega, np.nan))
    log_scale = (y, found.log_standard_error**2)
    pools, drawn = _pooled(log_scale, shown & ~found.heywood, (moments.n, n_eff), how)
    nothing = np.full(size, np.nan)
    note = join_notes(size, marks)
    main = GridRows(
        coefficient="omega", method=method, estimate=found.omega,
        conf_low=found.low, conf_high=found.high, status=status, note=note,
        n=moments.n, n_eff=n_eff, pools=pools, shrunken=drawn,
        print_as=print_rule(n_eff, found.omega, drawn.estimate),
    )  # fmt: skip
    beside = GridRows(
        coefficient="omega_observed", method="omega_ml", estimate=found.omega_observed,
        conf_low=nothing, conf_high=nothing, status=status, note=note,
        n=moments.n, n_eff=n_eff, pools=None, shrunken=None,
        print_as=print_rule(n_eff, found.omega_observed, None),
    )  # fmt: skip
    return [main, beside]


def _pooled(
    log_scale: tuple[Array, Array], sound: Array, n: tuple[Array, Array], how: tuple[Pooling, float]
) -> tuple[Pools, Shrunken]:
    """What the sound cells with enough rows have in common, and all cells drawn towards it."""
    (y, v), (pooling, conf_level) = log_scale, how
    inside = sound & (n[1] >= pooling.fewest) & (pooling.group >= 0)
    y, v = np.where(inside, y, np.nan), np.where(inside, v, np.nan)
    pools = pool(y, v, n[0], np.where(inside, pooling.group, -1), pooling.n_groups)
    return pools, shrink(y, v, pooling.group, pools, conf_level)
