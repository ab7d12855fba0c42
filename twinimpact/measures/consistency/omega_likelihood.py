"""One factor by maximum likelihood, for many correlation matrices at once.

Everything is written in the two vectors of loadings and uniquenesses: with one factor the
inverse of the model matrix, the gradient and the inverse of the expected information are all
diagonals plus one or two outer products, so that a step costs k² operations and needs no solver.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from twinimpact.measures.consistency.omega_fit import (
    BLOCK,
    LOWEST_UNIQUENESS,
    Fit,
    chosen,
    dot,
    first_loadings,
    sweep,
    times,
    total_of,
    turned,
)

Array = npt.NDArray[Any]

MAX_STEPS = 60
FIRST_STEPS = 12
SWEEPS_BEFORE = 4

STATE = ("loss", "ratio", "one_more", "pulled", "inside")
"""What :func:`_misfit` gives: the discrepancy, u, 1 + d, Su, uᵀSu."""


def likelihood(correlation: Array, start: Fit | None = None, *, tolerance: float = 1e-10) -> Fit:
    """Maximum likelihood for one factor on correlations, by Fisher scoring.

    With Σ = λλᵀ + Θ, u = λ/θ and d = λᵀu, the inverse is Σ⁻¹ = Θ⁻¹ − uuᵀ/(1 + d). Eliminating
    the loadings from the expected information (Jöreskog 1967, doi:10.1007/BF02289658; Lawley &
    Maxwell 1971) leaves the elementwise square of Θ⁻¹ − uuᵀ/d for the uniquenesses, which is a
    diagonal plus a matrix of rank one: each step is solved in closed form, without a solver.

    Uniquenesses stay at or above :data:`LOWEST_UNIQUENESS`. A step that does not lower the
    misfit is halved. Cells leave when they stand still, at the latest after :data:`MAX_STEPS`.
    Few people can allow two optima; the one that is reached from least squares is taken.

    Parameters
    ----------
    correlation
        Shape (k, k, cells), k at least 4, finite, ones on the diagonal.
    start
        Loadings and uniquenesses to start from; by default a few sweeps of :func:`minres`.
    tolerance
        Largest change of any parameter at which a cell counts as converged.
    """
    k, _, cells = correlation.shape
    x = np.empty((2 * k, cells))
    if start is not None:
        x[:k], x[k:] = start.loadings, np.maximum(start.uniqueness, LOWEST_UNIQUENESS)
    converged = np.zeros(cells, dtype=bool)
    pending = np.arange(cells)
    # cells that need many steps are collected from all blocks and finished together
    for turn, steps in enumerate((FIRST_STEPS, MAX_STEPS - FIRST_STEPS)):
        for first in range(0, pending.size, BLOCK):
            part = pending[first : first + BLOCK]
            block = np.take(correlation, part, axis=-1)
            if start is None and turn == 0:
                begin, _ = sweep(block, first_loadings(block), SWEEPS_BEFORE, 1e-3)
                begin = np.clip(begin, -0.97, 0.97)
                x[:, part] = np.concatenate([begin, 1.0 - begin**2])
            x[:, part], converged[part] = _score(block, np.take(x, part, axis=-1), steps, tolerance)
        pending = pending[~converged[pending]]
    return Fit(loadings=turned(x[:k]), uniqueness=x[k:], converged=converged)


@dataclass(slots=True, eq=False)
class _Block:
    """What the cells of one block carry from step to step; the last axis is the cell."""

    matrix: Array
    x: Array
    loss: Array
    ratio: Array
    one_more: Array
    pulled: Array
    inside: Array
    finished: Array
    share: Array
    fresh: Array
    held: Array
    before_x: Array
    before_step: Array
    move: Array
    turn: Array
    earlier_move: Array
    earlier_turn: Array

    def keep(self, still: Array) -> None:
        """Drop the cells that are done."""
        for name in self.__slots__:
            setattr(self, name, chosen(getattr(self, name), still))


def _score(matrix: Array, x: Array, steps: int, tolerance: float) -> tuple[Array, Array]:
    """Fisher scoring of one block; cells drop out when they are done."""
    k, _, cells = matrix.shape
    memory = np.zeros((2 * k, cells))
    block = _Block(
        matrix=matrix,
        x=x,
        **dict(zip(STATE, _misfit(matrix, x), strict=True)),
        finished=np.zeros(cells, dtype=bool),
        share=np.ones(cells),
        fresh=np.ones(cells, dtype=bool),
        held=np.zeros((k, cells), dtype=bool),
        before_x=x,
        before_step=np.zeros_like(x),
        move=memory,
        turn=memory,
        earlier_move=memory,
        earlier_turn=memory,
    )
    result = x.copy()
    done = np.zeros(cells, dtype=bool)
    active = np.arange(cells)
    for _ in range(steps):
        step = _improve(block)
        block.finished |= np.abs(step).max(axis=0) < tolerance
        result[:, active] = block.x
        done[active] = block.finished
        still = ~block.finished
        if not still.any():
            break
        if still.mean() < 0.8:
            active = active[still]
            block.keep(still)
    return result, done


def _improve(block: _Block) -> Array:
    """One step of every cell, taken where it lowers the misfit; returns the full Fisher step."""
    k = block.matrix.shape[0]
    step, held = _constrained(block.x, _gradient(block))
    known = ~block.fresh & ~(held != block.held).any(axis=0)
    block.earlier_move, block.earlier_turn = block.move * known, block.turn * known
    block.move = (block.x - block.before_x) * known
    block.turn = (step - block.before_step) * known
    new = block.x + block.share * step - _remembered(block, step)
    new[k:] = np.maximum(new[k:], LOWEST_UNIQUENESS)
    state = _misfit(block.matrix, new)
    # the misfit is a difference of terms as large as 1/θ: below their rounding it tells nothing
    rounding = 1e-14 * total_of(1.0 / block.x[k:])
    # cells that are done wait for the others and must not move on
    better = (state[0] <= block.loss + rounding) & ~block.finished
    block.before_x, block.before_step, block.held = block.x, step, held
    worse = np.flatnonzero(~better)
    for name, value in zip(("x", *STATE), (new, *state), strict=True):
        value[..., worse] = getattr(block, name)[..., worse]
        setattr(block, name, value)
    # a step that does not help is first tried again without memory, then halved
    halved = np.where(block.fresh, block.share / 2, block.share)
    block.share = np.where(better, np.minimum(1.0, 1.25 * block.share), halved)
    block.fresh = ~better
    return step


def _remembered(block: _Block, step: Array) -> Array:
    """Correction from the last two steps (Anderson 1965, doi:10.1145/321296.321305).

    Where the model does not fit, plain scoring creeps; how the step changed from move to move
    tells how far to go. Memory that is not valid is zero and corrects nothing.
    """
    first, second = block.earlier_turn, block.turn
    a, b, c = dot(first, first), dot(first, second), dot(second, second)
    a, c = a * (1 + 1e-8) + 1e-300, c * (1 + 1e-8) + 1e-300
    to_first, to_second = dot(first, step), dot(second, step)
    determinant = a * c - b * b
    determinant = np.where(determinant > 0, determinant, np.inf)
    # with one valid memory only, the determinant underflows: then project on that one
    single = ~(a > 1e-290)
    of_first = (c * to_first - b * to_second) / determinant
    of_second = np.where(single, to_second / c, (a * to_second - b * to_first) / determinant)
    result: Array = of_first * (block.earlier_move + block.share * first)
    result += of_second * (block.move + block.share * second)
    return result


def _constrained(x: Array, gradient: tuple[Array, Array]) -> tuple[Array, Array]:
    """The Fisher step that respects the lowest uniqueness, and which uniquenesses it holds."""
    k = x.shape[0] // 2
    loadings, uniqueness = x[:k], x[k:]
    room = LOWEST_UNIQUENESS - uniqueness
    held = (room >= 0) & (gradient[1] > 0)
    right_l, right_u = -gradient[0], -gradient[1]
    step_l, step_u = solve_information(loadings, uniqueness, right_l, right_u, held)
    crossing = (step_u < room) & ~held
    cells = np.flatnonzero(crossing.any(axis=0))
    if cells.size:
        # those that would cross go to the bound and stay; the others take the best step beside
        over, room, fixed, loadings, uniqueness, right_l, right_u = (
            np.take(values, cells, axis=-1)
            for values in (crossing, room, held, loadings, uniqueness, right_l, right_u)
        )
        fixed |= over
        moved = over * room
        pull_l, pull_u = _information_times(loadings, uniqueness, moved)
        step_l[:, cells], free = solve_information(
            loadings, uniqueness, right_l - pull_l, right_u - pull_u, fixed
        )
        step_u[:, cells] = free + moved
        held[:, cells] = fixed
    return np.concatenate([step_l, step_u]), held


def _information_times(loadings: Array, uniqueness: Array, vector: Array) -> tuple[Array, Array]:
    """Expected information times a vector that moves uniquenesses only."""
    ratio = loadings / uniqueness
    one_more = 1.0 + dot(loadings, ratio)
    q = ratio / one_more
    z = q * vector
    by_loading = 2 * (z / uniqueness - ratio * (dot(ratio, z) / one_more))
    squares = ratio**2 / one_more
    precision = 1.0 / uniqueness
    by_unique = (precision**2 - 2 * precision * squares) * vector
    by_unique = by_unique + squares * dot(squares, vector)
    return by_loading, by_unique


def _misfit(matrix: Array, x: Array) -> tuple[Array, ...]:
    """The discrepancy ln|Σ| + tr SΣ⁻¹ and the parts its gradient needs: u, 1 + d, Su, uᵀSu."""
    loadings, uniqueness = np.split(x, 2)
    ratio = loadings / uniqueness
    one_more = 1.0 + dot(loadings, ratio)
    pulled = times(matrix, ratio)
    inside = dot(ratio, pulled)
    loss = total_of(np.log(uniqueness) + 1.0 / uniqueness) + np.log(one_more) - inside / one_more
    return loss, ratio, one_more, pulled, inside


def _gradient(block: _Block) -> tuple[Array, Array]:
    """Derivatives of the discrepancy: 2Σ⁻¹(Σ−S)Σ⁻¹λ and diag Σ⁻¹(Σ−S)Σ⁻¹ for unit variances."""
    uniqueness = block.x[block.matrix.shape[0] :]
    ratio, one_more, pulled = block.ratio, block.one_more, block.pulled
    inner = block.inside / one_more
    by_loading = 2 * (ratio - pulled / uniqueness + ratio * inner) / one_more
    precision = 1.0 / uniqueness
    by_unique = (
        precision
        - precision**2
        + (2 * precision * pulled - ratio * (1.0 + inner)) * ratio / one_more
    )
    return by_loading, by_unique


def solve_information(
    loadings: Array, uniqueness: Array, right_l: Array, right_u: Array, held: Array | None = None
) -> tuple[Array, Array]:
    """Solve expected information × x = right side, in closed form.

    The blocks are 2(cΣ⁻¹ + qqᵀ), 2Σ⁻¹_ij q_j and (Σ⁻¹_ij)², with q = Σ⁻¹λ and c = λᵀq.

    Parameters
    ----------
    loadings, uniqueness
        Shape (k, cells).
    right_l, right_u
        Right side for the loadings and the uniquenesses, shape (k, cells).
    held
        Uniquenesses that are kept where they are, shape (k, cells).
    """
    ratio = loadings / uniqueness
    d = np.maximum(dot(loadings, ratio), 1e-12)
    q = ratio / (1.0 + d)
    c = d / (1.0 + d)
    half = 0.5 / c
    v = ratio**2 / d
    precision = 1.0 / uniqueness
    e = precision * (precision - 2 * v)
    # exactly zero only when one item carries half of the factor; the nudge is far below rounding
    small = 1e-8 * precision**2
    close = np.abs(e) < small
    if close.any():
        e[close] = small[close]
    right = right_u - q * (right_l - q * (half * dot(loadings, right_l))) / c
    if held is not None and held.any():
        v[held], e[held], right[held] = 0.0, 1.0, 0.0
    scaled, direction = right / e, v / e
    x_u = scaled - direction * (dot(v, scaled) / (1.0 + dot(v, direction)))
    first = uniqueness * right_l + loadings * (dot(loadings, right_l) * (1.0 - half))
    z = q * x_u
    x_l = half * first - (z - loadings * (half * dot(q, z))) / c
    return x_l, x_u
