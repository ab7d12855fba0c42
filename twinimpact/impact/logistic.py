"""Logistic regression by Newton steps, for the chance to be treated or to answer again."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import special

from twinimpact.errors import DesignError

Array = np.ndarray[Any, Any]
STEPS = 50
HALVINGS = 30
SMALLEST_GRADIENT = 1e-9
ROUNDING = 1e-12
FARTHEST = 15.0
"""Log odds beyond which a fitted chance is 0 or 1 for any purpose."""


def fitted_chances(x: Array, yes: Array, what: str) -> tuple[Array, Array]:
    """Maximum-likelihood coefficients and fitted chances of a logistic regression.

    McCullagh & Nelder (1989), Generalized Linear Models, ISBN 978-0-412-31760-6.

    Parameters
    ----------
    x
        Design matrix ``(people, columns)`` of full rank, with a column of ones.
    yes
        Whether the event happened, shape ``(people,)``.
    what
        Name of the event, for the error.

    Returns
    -------
    tuple
        Coefficients ``(columns,)`` and chances ``(people,)``.

    Raises
    ------
    DesignError
        If columns depend on each other, or tell the event apart completely (separation).
    """
    if np.linalg.matrix_rank(x) < x.shape[1]:
        raise DesignError(
            "Columns can be worked out from each other.", where=what,
            hint="Leave out columns that say the same as others.",
        )  # fmt: skip
    spread = np.where(np.ptp(x, axis=0) > 0, x.std(axis=0), 1.0)
    scaled = x / spread
    y = yes.astype(np.float64)
    beta = np.zeros(x.shape[1])
    value = _log_likelihood(scaled @ beta, y)
    for _ in range(STEPS):
        chance = special.expit(scaled @ beta)
        gradient = scaled.T @ (y - chance)
        if np.abs(gradient).max() < SMALLEST_GRADIENT * len(y):
            break
        curve = (scaled * (chance * (1 - chance))[:, None]).T @ scaled
        step = np.linalg.lstsq(curve, gradient, rcond=None)[0]
        for _ in range(HALVINGS):
            trial = _log_likelihood(scaled @ (beta + step), y)
            if trial >= value - ROUNDING * abs(value):
                break
            step = step / 2
        beta, value = beta + step, max(value, trial)
        if np.abs(scaled @ beta).max() > FARTHEST:
            raise _separated(what)
    else:
        raise _separated(what)
    return beta / spread, special.expit(scaled @ beta)


def _log_likelihood(odds: Array, y: Array) -> float:
    return float(y @ odds - np.logaddexp(0.0, odds).sum())


def _separated(what: str) -> DesignError:
    return DesignError(
        "The columns tell two groups apart completely, so no chance can be estimated.",
        where=what,
        expected="people of both groups with similar values",
        hint="Use fewer columns, or compare people who are alike.",
    )
