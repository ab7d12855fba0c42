"""Least squares with one coefficient in view, and what each cluster contributes to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Regression:
    """One coefficient of a least-squares fit, by clusters.

    Parameters
    ----------
    estimate
        The coefficient.
    spread
        Sum of squares of the column that the other columns leave.
    scores
        Sum over each cluster of that column times the residual, shape ``(clusters,)``.
    n, k
        Rows and columns.
    """

    estimate: float
    spread: float
    scores: Array
    n: int
    k: int

    @property
    def clusters(self) -> int:
        """Number of clusters."""
        return len(self.scores)

    def variance(self, factor: float = 1.0) -> float:
        """Cluster-robust variance; ``factor`` 1 is CR0."""
        return factor * float(self.scores @ self.scores) / self.spread**2

    def usual_factor(self) -> float:
        """The factor G/(G−1)·(N−1)/(N−k) of CR1S, the usual default of software."""
        g = self.clusters
        return g / (g - 1) * (self.n - 1) / (self.n - self.k)


def regression(x: Array, y: Array, cluster: Array, column: int = 0) -> Regression:
    """Fit ``y`` on ``x`` and sum the scores of one coefficient by cluster."""
    others = np.delete(x, column, axis=1)
    left = x[:, column] - _projected(others, x[:, column])
    spread = float(left @ left)
    residual = y - _projected(x, y)
    return Regression(
        estimate=float(left @ y) / spread,
        spread=spread,
        scores=np.bincount(cluster, weights=left * residual),
        n=len(y),
        k=x.shape[1],
    )


def _projected(x: Array, y: Array) -> Array:
    return np.asarray(x @ np.linalg.lstsq(x, y, rcond=None)[0]) if x.shape[1] else 0.0 * y


def jackknife_variance(x: Array, y: Array, cluster: Array, column: int = 0) -> float | None:
    """CR3: squared changes of the coefficient when one cluster after the other is left out.

    No factor, centred at the full estimate, so that it equals CR3 without scaling (Bell & McCaffrey
    2002, Survey Methodology 28:169).

    Returns
    -------
    float or None
        None when a cluster carries the coefficient alone.
    """
    whole = x.T @ x
    right = x.T @ y
    full = np.linalg.solve(whole, right)[column]
    total = 0.0
    for rows in _rows_by(cluster):
        part = whole - x[rows].T @ x[rows]
        if np.linalg.matrix_rank(part) < x.shape[1]:
            return None
        total += float(np.linalg.solve(part, right - x[rows].T @ y[rows])[column] - full) ** 2
    return total


def _rows_by(cluster: Array) -> list[Array]:
    order = np.argsort(cluster, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(cluster[order])) + 1)
