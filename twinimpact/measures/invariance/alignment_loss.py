"""The loss of an alignment, with its slope and its curvature.

Aligned loadings are ``loading / psi`` and aligned intercepts ``intercept - aligned loading *
alpha``. The loss sums, over pairs of groups and questions, fourth roots of squared differences:
few large differences cost less than many small ones (Asparouhov and Muthen 2014,
doi:10.1080/10705511.2014.919210). Unknowns are ``alpha`` and the logarithm of ``psi``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
ALL_PAIRS = 300
"""Up to so many groups every pair enters; above that, a sample of pairs."""
SAMPLED = 50_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Problem:
    """What is aligned.

    Parameters
    ----------
    loadings, intercepts
        Shape (groups, questions), from a model in which each group's factor has mean 0 and
        variance 1.
    first, second
        The two groups of each pair, shape (pairs,); no pair twice.
    weight
        ``sqrt(n of the one * n of the other)``, shape (pairs,).
    incidence
        Sparse, shape (pairs, groups): 1 for the first, -1 for the second group of a pair.
    anchor
        Position of the group whose mean is 0.
    product
        True: the product of all ``psi`` is 1. False: ``psi`` of the anchor is 1.
    """

    loadings: Array
    intercepts: Array
    first: Array
    second: Array
    weight: Array
    incidence: Any
    anchor: int
    product: bool

    def unpack(self, point: Array) -> tuple[Array, Array]:
        """``alpha`` and ``log psi`` that obey the identification, each of shape (groups,)."""
        groups = len(self.loadings)
        alpha, log_psi = point[:groups].copy(), point[groups:].copy()
        alpha[self.anchor] = 0.0
        log_psi -= log_psi.mean() if self.product else log_psi[self.anchor]
        return alpha, log_psi

    def project(self, slope: Array) -> Array:
        """The part of a slope along which the identification allows to move."""
        groups = len(self.loadings)
        kept = slope.copy()
        kept[self.anchor] = 0.0
        if self.product:
            kept[groups:] -= kept[groups:].mean()
        else:
            kept[groups + self.anchor] = 0.0
        return kept


def problem_of(
    loadings: Array,
    intercepts: Array,
    n: Array,
    pairs: tuple[Array, Array],
    fixed: tuple[int, bool],
) -> Problem:
    """Put a problem together; ``fixed`` is (anchor, product)."""
    from scipy.sparse import csr_array

    first, second = pairs
    row = np.arange(len(first))
    signs = np.concatenate([np.ones(len(first)), -np.ones(len(first))])
    place = (np.concatenate([row, row]), np.concatenate([first, second]))
    return Problem(
        loadings=np.asarray(loadings, dtype="float64"),
        intercepts=np.asarray(intercepts, dtype="float64"),
        first=first,
        second=second,
        weight=np.sqrt(n[first].astype("float64") * n[second]),
        incidence=csr_array((signs, place), shape=(len(first), len(n))),
        anchor=fixed[0],
        product=fixed[1],
    )


def pairs_of(n: Array, limit: int = SAMPLED, seed: int = 20_260_301) -> tuple[Array, Array]:
    """Pairs of groups that enter the loss.

    Every pair up to 300 groups; above that ``limit`` different ones drawn with a fixed seed,
    besides the ring of neighbours in order of ``n`` that keeps all groups connected.
    """
    groups = len(n)
    if groups <= ALL_PAIRS:
        first, second = np.triu_indices(groups, 1)
        return first, second
    order = np.argsort(-n, kind="stable")
    ring = np.column_stack([order, np.roll(order, 1)])
    drawn = np.random.default_rng(seed).integers(0, groups, size=(2 * limit, 2))
    both = np.sort(np.concatenate([ring, drawn[drawn[:, 0] != drawn[:, 1]]]), axis=1)
    _, place = np.unique(both[:, 0] * groups + both[:, 1], return_index=True)
    kept = both[np.sort(place)[: max(limit, groups)]]
    return kept[:, 0], kept[:, 1]


def aligned(problem: Problem, point: Array) -> tuple[Array, Array]:
    """Aligned loadings and intercepts at a point, each of shape (groups, questions)."""
    alpha, log_psi = problem.unpack(point)
    loadings = problem.loadings * np.exp(-log_psi)[:, None]
    return loadings, problem.intercepts - loadings * alpha[:, None]


def loss_and_slope(point: Array, problem: Problem, epsilon: float) -> tuple[float, Array]:
    """The loss and its slope in (alpha, log psi), shape (2 * groups,)."""
    alpha, _ = problem.unpack(point)
    loadings, intercepts = aligned(problem, point)
    gap, square, root = _roots(problem, loadings, intercepts, epsilon)
    loss = float((problem.weight * root.sum(axis=1)).sum())
    gap *= root
    gap /= square
    gap *= (0.5 * problem.weight)[:, None]
    by_loading, by_intercept = np.split(problem.incidence.T @ gap, 2, axis=1)
    slope = np.concatenate(
        [
            -(by_intercept * loadings).sum(axis=1),
            (loadings * (by_intercept * alpha[:, None] - by_loading)).sum(axis=1),
        ]
    )
    return loss, problem.project(slope)


def curvature(point: Array, problem: Problem, epsilon: float) -> Array:
    """Second derivatives in (alpha, log psi); 1 in the directions the identification closes.

    Shape (2 * groups, 2 * groups).
    """
    alpha, _ = problem.unpack(point)
    loadings, intercepts = aligned(problem, point)
    groups = len(loadings)
    gap, square, root = _roots(problem, loadings, intercepts, epsilon)
    root = root / square * problem.weight[:, None]
    slope = problem.incidence.T @ (0.5 * gap * root)
    bend = 0.5 * root - 0.75 * gap * gap * root / square
    own = abs(problem.incidence).T @ bend
    product = loadings[problem.first] * loadings[problem.second]
    crossed = []
    for part in np.split(bend, 2, axis=1):
        between = np.zeros((groups, groups))
        between[problem.first, problem.second] = -(part * product).sum(axis=1)
        crossed.append(between + between.T)
    (by_loading, by_intercept), (first, second) = (np.split(one, 2, axis=1) for one in (slope, own))
    means = crossed[1].copy()
    mixed = -means * alpha[None, :]
    spread = crossed[0] + means * np.outer(alpha, alpha)
    shift = loadings * alpha[:, None]
    line = np.arange(groups)
    means[line, line] += (second * loadings**2).sum(axis=1)
    mixed[line, line] += (by_intercept * loadings - second * loadings * shift).sum(axis=1)
    spread[line, line] += (
        first * loadings**2 + by_loading * loadings + second * shift**2 - by_intercept * shift
    ).sum(axis=1)
    return _closed(problem, np.block([[means, mixed], [mixed.T, spread]]))


def _roots(
    problem: Problem, loadings: Array, intercepts: Array, epsilon: float
) -> tuple[Array, Array, Array]:
    """Gaps of each pair (loadings, then intercepts), their squares + epsilon, fourth roots."""
    gap = problem.incidence @ np.hstack([loadings, intercepts])
    square = gap * gap
    square += epsilon
    root = np.sqrt(square)
    np.sqrt(root, out=root)
    return gap, square, root


def _closed(problem: Problem, matrix: Array) -> Array:
    groups = len(problem.loadings)
    scale = float(np.abs(np.diag(matrix)).mean()) or 1.0
    shut = [problem.anchor] if problem.product else [problem.anchor, groups + problem.anchor]
    matrix[shut, :] = 0.0
    matrix[:, shut] = 0.0
    matrix[shut, shut] = scale
    if problem.product:
        matrix[:, groups:] -= matrix[:, groups:].mean(axis=1, keepdims=True)
        matrix[groups:, :] -= matrix[groups:, :].mean(axis=0, keepdims=True)
        matrix[groups:, groups:] += scale / groups
    return matrix
