"""Ordinal alpha and omega: beside the coefficients of the score, never instead of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from twinimpact.errors import DesignError
from twinimpact.language import N_
from twinimpact.measures.consistency.omega import OmegaStatus, omega_minres
from twinimpact.measures.consistency.polychoric import pair_tables, polychoric

Array = npt.NDArray[Any]

FEWEST_ROWS = 100
"""Complete rows below which nothing ordinal is estimated in a cell."""

SMALLEST_EIGENVALUE = 1e-8

LABEL = N_(
    "Reliability of a continuous score assumed to lie behind the answers, "
    "not of the score used in this report."
)


class OrdinalStatus(IntEnum):
    """How a cell ended."""

    OK = 0
    N_BELOW_100 = 1
    ONE_CATEGORY = 2
    NOT_CONVERGED = 3


STATUS_AND_NOTE: Mapping[OrdinalStatus, tuple[str, str]] = MappingProxyType(
    {
        OrdinalStatus.OK: ("ok", ""),
        OrdinalStatus.N_BELOW_100: ("not_estimable", "n_below_100"),
        OrdinalStatus.ONE_CATEGORY: ("not_estimable", "zero_variance_item"),
        OrdinalStatus.NOT_CONVERGED: ("not_converged", ""),
    }
)
"""Status and note of the results table for each ending."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OrdinalReliability:
    """Ordinal coefficients per cell, shape (cells,); ``NaN`` where there is none.

    Parameters
    ----------
    method
        ``polychoric_ml``.
    n
        Complete rows.
    alpha
        k/(k−1)·(1 − k/ΣR).
    omega
        (Σl)²/ΣR, one factor by least squares on R; three items or more.
    correlations
        Polychoric correlations, shape (cells, k, k).
    status
        :class:`OrdinalStatus`.
    dropped_categories
        Item categories that nobody used in the cell.
    at_bound
        Some correlation ended at ±.9999.
    not_positive_definite
        R is no proper correlation matrix: alpha only.
    omega_status
        :class:`~twinimpact.measures.consistency.omega.OmegaStatus` of the factor.
    """

    method: str
    n: Array
    alpha: Array
    omega: Array
    correlations: Array
    status: Array
    dropped_categories: Array
    at_bound: Array
    not_positive_definite: Array
    omega_status: Array


def ordinal_reliability(
    columns: Array | Sequence[Array], cell: Array, n_cells: int, categories: int
) -> OrdinalReliability:
    """Ordinal alpha and omega of each cell with at least 100 complete rows.

    Zumbo, Gadermann & Zeisser 2007 (doi:10.22237/jmasm/1177992180). They describe a score that
    nobody has; print them with :data:`LABEL` and beside the coefficient of the score in use.

    Parameters
    ----------
    columns
        Coded answers 1 to ``categories`` after reversal, 0 for none; (rows, k) or k columns.
    cell
        Cell of each row, 0 to ``n_cells`` − 1, or −1 for none.

    Raises
    ------
    DesignError
        Fewer than two items.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(5)
    >>> common = rng.normal(size=(400, 1))
    >>> answers = np.clip(np.rint(3 + common + rng.normal(size=(400, 4))), 1, 5).astype("uint8")
    >>> result = ordinal_reliability(answers, np.zeros(400, int), 1, 5)
    >>> bool(0.75 < result.alpha[0] < 0.85)
    True
    """
    items = list(columns) if isinstance(columns, Sequence) else list(np.asarray(columns).T)
    k = len(items)
    if k < 2:
        raise DesignError("ordinal reliability needs at least two items", got=f"{k} items")
    tables = pair_tables(items, cell, n_cells, categories)
    n = tables[:, 0].sum(axis=(1, 2))
    large = np.flatnonzero(n >= FEWEST_ROWS)
    status = np.full(n_cells, OrdinalStatus.N_BELOW_100, dtype="uint8")
    pairs = tables.shape[1]
    found = polychoric(tables[large].reshape(-1, categories, categories))
    rho = found.rho.reshape(-1, pairs)
    wandering = found.not_converged.reshape(-1, pairs).any(axis=1)
    missing = ~np.isfinite(rho).all(axis=1)
    status[large] = np.select(
        [wandering, missing], [OrdinalStatus.NOT_CONVERGED, OrdinalStatus.ONE_CATEGORY]
    )
    matrix = _matrices(rho, k)
    alpha, omega = np.full(n_cells, np.nan), np.full(n_cells, np.nan)
    correlations = np.full((n_cells, k, k), np.nan)
    correlations[large] = matrix
    whole = np.flatnonzero(status == OrdinalStatus.OK)
    good = correlations[whole]
    alpha[whole] = k / (k - 1) * (1 - k / good.sum(axis=(1, 2)))
    improper = np.zeros(n_cells, dtype=bool)
    improper[whole] = np.linalg.eigvalsh(good)[:, 0] <= SMALLEST_EIGENVALUE
    omega_status = np.full(n_cells, OmegaStatus.NO_SOLUTION, dtype="uint8")
    proper = whole[~improper[whole]]
    if k > 2:
        factor = omega_minres(correlations[proper])
        omega[proper] = factor.common_over_observed
        omega_status[proper] = factor.status
    return OrdinalReliability(
        method=found.method,
        n=n,
        alpha=alpha,
        omega=omega,
        correlations=correlations,
        status=status,
        dropped_categories=_dropped(tables, k),
        at_bound=_any_pair(found.at_bound, large, n_cells),
        not_positive_definite=improper,
        omega_status=omega_status,
    )


def _matrices(rho: Array, k: int) -> Array:
    """Symmetric matrices with ones on the diagonal, shape (cells, k, k)."""
    matrix = np.broadcast_to(np.eye(k), (rho.shape[0], k, k)).copy()
    first, second = np.triu_indices(k, 1)
    matrix[:, first, second] = rho
    matrix[:, second, first] = rho
    return matrix


def _dropped(tables: Array, k: int) -> Array:
    """Item categories without an answer, in cells that have answers."""
    # the first k − 1 tables pair the first item with each other item
    margins = [tables[:, 0].sum(axis=2), *(tables[:, j].sum(axis=1) for j in range(k - 1))]
    empty = sum((margin == 0).sum(axis=1) for margin in margins)
    result: Array = np.where(tables[:, 0].any(axis=(1, 2)), empty, 0)
    return result


def _any_pair(flags: Array, large: Array, n_cells: int) -> Array:
    """A flag of tables as a flag of cells."""
    result = np.zeros(n_cells, dtype=bool)
    if large.size:
        result[large] = flags.reshape(large.size, -1).any(axis=1)
    return result
