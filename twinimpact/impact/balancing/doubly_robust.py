"""Augmented inverse-probability weighting: right if one of two models is."""

from __future__ import annotations

from typing import Any

import numpy as np

from twinimpact.errors import DesignError

Array = np.ndarray[Any, Any]


def augmented(
    y: Array, treated: Array, x: Array, chance: Array, estimand: str
) -> tuple[float, Array]:
    """Estimate and each person's centred influence on it.

    With m₁ and m₀ the linear predictions of either arm and e the chance to be treated: for all
    people the mean of m₁ − m₀ + T(y − m₁)/e − (1 − T)(y − m₀)/(1 − e); for the treated that of
    T(y − m₀) − (1 − T)(y − m₀)·e/(1 − e) over the share of treated. Robins, Rotnitzky & Zhao
    (1994) doi:10.1080/01621459.1994.10476818.

    Parameters
    ----------
    y, treated, chance
        Outcome, arm and chance of each person.
    x
        Design matrix with a column of ones, shape ``(people, columns)``.
    estimand
        ``att`` or ``ate``.

    Raises
    ------
    DesignError
        If an arm has too few people for the covariates.
    """
    t = treated.astype(np.float64)
    without = _predicted(y, x, ~treated)
    odds = chance / (1 - chance)
    if estimand == "att":
        parts = (t * (y - without) - (1 - t) * odds * (y - without)) / t.mean()
        estimate = float(parts.mean())
        return estimate, parts - t * estimate / t.mean()
    with_it = _predicted(y, x, treated)
    parts = with_it - without + t * (y - with_it) / chance - (1 - t) * (y - without) / (1 - chance)
    return float(parts.mean()), parts - parts.mean()


def _predicted(y: Array, x: Array, side: Array) -> Array:
    inside = x[side]
    if len(inside) <= x.shape[1] or np.linalg.matrix_rank(inside) < x.shape[1]:
        raise DesignError(
            "An arm has too few or too similar people for these covariates.",
            got=f"{len(inside)} people, {x.shape[1] - 1} covariates",
            hint="Use fewer covariates, or put categories together.",
        )
    return np.asarray(x @ np.linalg.lstsq(inside, y[side], rcond=None)[0])


def clustered_error(influence: Array, town: Array) -> float:
    """Standard error of a mean from the towns' sums of influence."""
    sums = np.bincount(town, influence)
    g = len(sums)
    spread = float(((sums - sums.mean()) ** 2).sum())
    return float(np.sqrt(g / (g - 1) * spread)) / len(influence)
