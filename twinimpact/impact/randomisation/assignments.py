"""All ways in which the units could have been assigned, or a random sample of them."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignments:
    """Assignments that keep the number of treated units in each block.

    Parameters
    ----------
    drawn
        1 for treated, shape ``(assignments, units)``; the observed one is among them.
    observed
        Row of the observed assignment.
    total
        Number of possible assignments.
    exact
        Whether all of them are listed.
    mirrored
        Whether every assignment has its mirror image (half of each block is treated).
    """

    drawn: Array
    observed: int
    total: int
    exact: bool
    mirrored: bool


def assignments_of(
    treated: Array, block: Array, *, limit: int, draws: int, rng: np.random.Generator
) -> Assignments:
    """List the assignments, or draw from them where there are more than ``limit``.

    Parameters
    ----------
    treated
        Whether each unit is treated, shape ``(units,)``.
    block
        Block of each unit, numbered from 0.
    limit
        Most assignments that are listed.
    draws
        Random assignments drawn otherwise; the observed one is added to them.
    """
    members = [np.flatnonzero(block == number) for number in range(int(block.max()) + 1)]
    chosen = [int(treated[units].sum()) for units in members]
    total = math.prod(math.comb(len(u), m) for u, m in zip(members, chosen, strict=True))
    mirrored = all(2 * m == len(u) for u, m in zip(members, chosen, strict=True))
    if total <= limit:
        drawn = _listed(members, chosen, len(treated))
        observed = int(np.flatnonzero((drawn == treated).all(axis=1))[0])
        return Assignments(
            drawn=drawn, observed=observed, total=total, exact=True, mirrored=mirrored
        )
    drawn = np.zeros((draws + 1, len(treated)), dtype=np.int8)
    drawn[0] = treated
    for units, m in zip(members, chosen, strict=True):
        order = rng.random((draws, len(units))).argsort(axis=1)
        drawn[1:, units] = (order < m).astype(np.int8)
    return Assignments(drawn=drawn, observed=0, total=total, exact=False, mirrored=mirrored)


def _listed(members: Sequence[Array], chosen: Sequence[int], units: int) -> Array:
    """The product of the choices within blocks, one block after the other."""
    drawn = np.zeros((1, units), dtype=np.int8)
    for own, m in zip(members, chosen, strict=True):
        picks = np.array(list(itertools.combinations(own, m)), dtype=np.int64)
        picks = picks.reshape(math.comb(len(own), m), m)
        part = np.zeros((len(picks), units), dtype=np.int8)
        part[np.arange(len(picks))[:, None], picks] = 1
        drawn = (drawn[:, None, :] + part[None, :, :]).reshape(-1, units)
    return drawn
