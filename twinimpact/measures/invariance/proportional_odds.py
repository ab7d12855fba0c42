"""Proportional-odds regression on a table of counts; the cost does not depend on people.

``P(answer <= j) = logistic(cut_j - x'slope)``. With ``a`` and ``b`` the upper and lower end of
an answer, ``log P = log F(a) + log(1 - F(b)) + log(1 - exp(b - a))``: concave in all parameters,
so that Newton steps, halved where they overshoot, find the one maximum.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import special

Array = npt.NDArray[Any]
MAX_STEPS = 60
_TOLERANCE = 1e-10
_STEEPEST = 50.0
"""A slope beyond this many logits per unit: the groups are separated, there is no maximum."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OddsFit:
    """One fitted model.

    Parameters
    ----------
    loglik
        At the maximum.
    slopes, cuts
        Shape (predictors,) and (categories - 1,).
    converged
        False where the data have no finite maximum.
    """

    loglik: float
    slopes: Array
    cuts: Array
    converged: bool


def null_loglik(table: Array) -> float:
    """Log-likelihood of the model without predictors; ``table`` as in :func:`fit_odds`."""
    totals = table.sum(axis=0).astype("float64")
    return float(special.xlogy(totals, totals / totals.sum()).sum())


def fit_odds(table: Array, x: Array, start: OddsFit | None = None) -> OddsFit:
    """Maximum likelihood.

    Parameters
    ----------
    table
        Counts, shape (patterns, categories); every category has been used.
    x
        Predictors of each pattern, shape (patterns, predictors).
    start
        A fit with fewer predictors, the first ones of ``x``.

    Notes
    -----
    McCullagh (1980), doi:10.1111/j.2517-6161.1980.tb01109.x.
    """
    predictors = x.shape[1]
    slopes = np.zeros(predictors)
    if start is not None and start.converged:
        slopes[: len(start.slopes)] = start.slopes
        cuts = start.cuts
    else:
        below = np.cumsum(table.sum(axis=0))[:-1] / table.sum()
        cuts = special.logit(below) + float(x.mean(axis=0) @ slopes)
    point = np.concatenate([cuts, slopes])
    size = len(cuts)
    loglik = _loglik(table, x, point)
    for _ in range(MAX_STEPS):
        slope, information = _derivatives(table, x, point)
        try:
            step = np.linalg.solve(information, slope)
        except np.linalg.LinAlgError:
            break
        gain = float(slope @ step)
        share = 1.0
        moved = point + step
        new = _loglik(table, x, moved)
        while not new >= loglik and share > 1e-6:
            share /= 2
            moved = point + share * step
            new = _loglik(table, x, moved)
        if new >= loglik:
            point, loglik = moved, new
        if gain < _TOLERANCE:
            return OddsFit(
                loglik=loglik, slopes=point[size:], cuts=point[:size],
                converged=bool(np.abs(point[size:] * np.ptp(x, axis=0)).max(initial=0) < _STEEPEST),
            )  # fmt: skip
    return OddsFit(loglik=loglik, slopes=point[size:], cuts=point[:size], converged=False)


def _loglik(table: Array, x: Array, point: Array) -> float:
    size = table.shape[1] - 1
    gaps = np.diff(point[:size])
    if (gaps <= 0).any():
        return -np.inf
    at = point[:size] - (x @ point[size:])[:, None]
    # the last answer has no upper end, the first no lower one
    total = (table[:, :-1] * special.log_expit(at)).sum()
    total += (table[:, 1:] * special.log_expit(-at)).sum()
    total += (table.sum(axis=0)[1:-1] * np.log(-np.expm1(-gaps))).sum()
    return float(total)


def _derivatives(table: Array, x: Array, point: Array) -> tuple[Array, Array]:
    """Slope and observed information in (cuts, slopes)."""
    size = table.shape[1] - 1
    below = special.expit(point[:size] - (x @ point[size:])[:, None])
    spread = below * (1 - below)
    lower, upper = table[:, :-1], table[:, 1:]
    near = np.concatenate([[0.0], 1 / np.expm1(np.diff(point[:size])), [0.0]])
    totals = table.sum(axis=0)
    pull = lower * (1 - below) - upper * below
    by_cut = pull.sum(axis=0) + totals[:-1] * near[:-1] - totals[1:] * near[1:]
    by_slope = -(x * pull.sum(axis=1)[:, None]).sum(axis=0)
    weight = (lower + upper) * spread
    bend = totals * near * (1 + near)
    cuts = np.diag(weight.sum(axis=0) + bend[:-1] + bend[1:])
    line = np.arange(size - 1)
    cuts[line, line + 1] = cuts[line + 1, line] = -bend[1:-1]
    mixed = -np.einsum("pc,px->cx", weight, x)
    slopes = np.einsum("p,px,py->xy", weight.sum(axis=1), x, x)
    information = np.block([[cuts, mixed], [mixed.T, slopes]])
    return np.concatenate([by_cut, by_slope]), information
