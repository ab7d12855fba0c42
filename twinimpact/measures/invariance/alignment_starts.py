"""Where the search for an alignment starts: twenty fixed points, the same on every machine."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from twinimpact.measures.invariance.alignment_loss import Problem

Array = npt.NDArray[Any]
STARTS = 20
_GOLDEN = 0.6180339887498949
_SPREAD = 0.4
"""Standard deviation of the shifted starts, in units of alpha and of log psi."""


def starting_points(problem: Problem, count: int = STARTS) -> Array:
    """Starting values in (alpha, log psi), shape (count, 2 * groups).

    First the values that would hold if no question differed, then nothing moved at all, then
    each question in turn taken as the one that does not differ, then shifts of the first by a
    fixed sequence that fills a normal distribution evenly.
    """
    from scipy.special import ndtri

    questions = problem.loadings.shape[1]
    points = [_from(problem, np.arange(questions)), np.zeros(2 * len(problem.loadings))]
    points += [_from(problem, np.array([one])) for one in range(questions)]
    missing = max(count - len(points), 0)
    steps = np.arange(1, missing * len(points[0]) + 1) * _GOLDEN % 1.0
    shifts = _SPREAD * ndtri(np.clip(steps, 1e-6, 1 - 1e-6)).reshape(missing, len(points[0]))
    filled: Array = np.vstack([*points, points[0] + shifts])[:count]
    return filled


def _from(problem: Problem, chosen: Array) -> Array:
    """Values that make the chosen questions alike in all groups, as well as one can."""
    loadings = np.abs(problem.loadings[:, chosen]) + 1e-6
    log_psi = np.log(loadings).mean(axis=1)
    log_psi -= log_psi.mean() if problem.product else log_psi[problem.anchor]
    scaled = problem.loadings[:, chosen] * np.exp(-log_psi)[:, None]
    gaps = problem.intercepts[:, chosen] - problem.intercepts[problem.anchor, chosen]
    alpha = (gaps * scaled).sum(axis=1) / np.maximum((scaled**2).sum(axis=1), 1e-12)
    return np.concatenate([alpha, log_psi])
