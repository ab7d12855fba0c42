"""Entropy balancing: weights that give comparison people the treated people's means."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from twinimpact.errors import DesignError

Array = np.ndarray[Any, Any]
STEPS = 200
HALVINGS = 40
SMALLEST_GRADIENT = 1e-9
ROUNDING = 1e-12
SLACK = 1e-7


def entropy_weights(x: Array, target: Array, names: Sequence[str]) -> Array:
    """Weights of comparison people, summing to 1, whose weighted means are ``target``.

    Of all such weights they lie nearest to equal ones: w = exp(λ'(x − target)), with λ from
    minimising log Σ exp(λ'(x − target)) by Newton steps with halving. Hainmueller (2012)
    doi:10.1093/pan/mpr025.

    Parameters
    ----------
    x
        Covariates of comparison people, shape ``(people, covariates)``.
    target
        Means to reach, shape ``(covariates,)``.
    names
        Names of the covariates, for the error.

    Raises
    ------
    DesignError
        If no weights reach the means; it names the covariates that stand in the way.
    """
    spread = np.where(np.ptp(x, axis=0) > 0, x.std(axis=0), np.maximum(1.0, np.abs(target)))
    z = (x - target) / spread
    outside = (z.min(axis=0) >= 0) | (z.max(axis=0) <= 0)
    outside &= np.abs(z).max(axis=0) > SMALLEST_GRADIENT
    if outside.any():
        raise _infeasible([name for name, out in zip(names, outside, strict=True) if out])
    multipliers = np.zeros(x.shape[1])
    value, weights = _objective(z, multipliers)
    for _ in range(STEPS):
        gradient = weights @ z
        if np.abs(gradient).max() < SMALLEST_GRADIENT:
            return weights
        centred = z - gradient
        curve = (centred * weights[:, None]).T @ centred
        step = np.linalg.lstsq(curve, -gradient, rcond=None)[0]
        for _ in range(HALVINGS):
            trial, tried = _objective(z, multipliers + step)
            if trial <= value + ROUNDING * (1 + abs(value)):
                break
            step = step / 2
        multipliers, value, weights = multipliers + step, trial, tried
        if not np.isfinite(multipliers).all():
            break
    raise _infeasible(_in_the_way(z, names))


def _objective(z: Array, multipliers: Array) -> tuple[float, Array]:
    odds = z @ multipliers
    top = float(odds.max())
    raised = np.exp(odds - top)
    total = float(raised.sum())
    return top + float(np.log(total)), raised / total


def _in_the_way(z: Array, names: Sequence[str]) -> list[str]:
    """Covariates that even the best weights miss, together; all when they are only just missed."""
    from scipy import optimize

    people, count = z.shape
    linprog: Any = optimize.linprog  # its stubs know dense matrices only
    answer = linprog(
        np.concatenate([np.zeros(people), np.ones(2 * count)]),
        A_eq=np.block(
            [
                [z.T, np.eye(count), -np.eye(count)],
                [np.ones((1, people)), np.zeros((1, 2 * count))],
            ]
        ),
        b_eq=np.append(np.zeros(count), 1.0),
        bounds=(0, None),
        method="highs",
    )
    if answer.status == 0:
        missed = answer.x[people : people + count] + answer.x[people + count :]
        found = [name for name, miss in zip(names, missed, strict=True) if miss > SLACK]
        if found:
            return found
    return list(names)


def _infeasible(names: Sequence[str]) -> DesignError:
    return DesignError(
        "No weights give the comparison people the same means as the treated people.",
        where=", ".join(names),
        expected="comparison people on both sides of the treated people's mean",
        hint="Leave these covariates out, put categories together, or find other people to "
        "compare with.",
    )
