"""Thresholds and polychoric correlations of groups, and how they vary from sample to sample."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import special

from twinimpact.errors import DesignError
from twinimpact.measures.consistency.bivariate import bivariate_density, bivariate_normal
from twinimpact.measures.consistency.polychoric import pair_tables, polychoric

Array = npt.NDArray[Any]
_ROWS = 20_000
"""Rows scored together, so that large surveys fit into memory."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OrdinalMoments:
    """What an ordinal factor model is fitted to.

    Parameters
    ----------
    n
        Complete rows of each group, shape (groups,).
    thresholds
        Normal quantiles of the cumulative margins, shape (groups, questions, categories - 1).
    rho
        Polychoric correlations, shape (groups, pairs), pairs (1, 2), (1, 3), ...
    gamma
        Covariance of thresholds (question by question), then correlations, times ``n``; shape
        (groups, statistics, statistics).
    """

    n: Array
    thresholds: Array
    rho: Array
    gamma: Array

    @property
    def statistics(self) -> Array:
        """Thresholds and correlations side by side, shape (groups, statistics)."""
        return np.hstack([self.thresholds.reshape(len(self.n), -1), self.rho])


def unused_categories(
    columns: Sequence[Array], group: Array, categories: int
) -> tuple[tuple[int, int, int], ...]:
    """(group, question, category from 0) of answers that nobody of a group gave."""
    groups = int(group.max()) + 1
    counts = np.stack([
        np.bincount(group * categories + column - 1, minlength=groups * categories)
        for column in columns
    ]).reshape(len(columns), groups, categories)  # fmt: skip
    return tuple((int(g), int(q), int(c)) for q, g, c in np.argwhere(counts == 0))


def ordinal_moments(columns: Sequence[Array], group: Array, categories: int) -> OrdinalMoments:
    """Two-step estimates and their covariance.

    Parameters
    ----------
    columns
        Codes 1 to ``categories``, one array per question, no gaps.
    group
        Group of each row, 0, 1, ...

    Raises
    ------
    DesignError
        If a category was not used in a group, or a correlation could not be estimated.

    Notes
    -----
    Muthen (1984), doi:10.1007/BF02294210: scores of the univariate and bivariate likelihoods,
    with their sums of products as information.
    """
    unused = unused_categories(columns, group, categories)
    if unused:
        raise DesignError(
            "In some group an answer of some question was never given; the ordinal model needs "
            "all answers used in all groups.",
            got=str(len(unused)),
            hint="Merge neighbouring answers for all groups, and say so.",
        )
    groups = int(group.max()) + 1
    codes = np.column_stack([column.astype("int64") - 1 for column in columns])
    tables = pair_tables(list(columns), group, groups, categories)
    shape = tables.shape[:2]
    found = polychoric(tables.reshape(-1, categories, categories))
    if found.at_bound.any() or not np.isfinite(found.rho).all():
        raise DesignError("A polychoric correlation has no finite estimate in some group.")
    rho = found.rho.reshape(shape)
    thresholds = np.empty((groups, len(columns), categories - 1))
    gamma = []
    for one in range(groups):
        rows = codes[group == one]
        share = np.stack([np.bincount(c, minlength=categories) for c in rows.T]) / len(rows)
        thresholds[one] = special.ndtri(np.cumsum(share, axis=1)[:, :-1])
        gamma.append(_gamma(rows, thresholds[one], rho[one], tables[one]))
    n = np.bincount(group, minlength=groups)
    return OrdinalMoments(n=n, thresholds=thresholds, rho=rho, gamma=np.stack(gamma))


def _gamma(codes: Array, thresholds: Array, rho: Array, tables: Array) -> Array:
    """Covariance of the estimates of one group, times its rows."""
    n, questions = codes.shape
    cuts = thresholds.shape[1]
    size = questions * cuts
    single = _threshold_scores(thresholds)
    by_rho, by_first, by_second = _pair_scores(thresholds, rho)
    inner = _inner(codes, single, by_rho)
    total = size + len(rho)
    bread = np.zeros((total, total))
    for question in range(questions):
        part = slice(question * cuts, (question + 1) * cuts)
        bread[part, part] = inner[part, part]
    weighted = tables * by_rho
    for place, (i, j) in enumerate(combinations(range(questions), 2)):
        row = size + place
        bread[row, row] = (weighted[place] * by_rho[place]).sum()
        for question, scores in ((i, by_first), (j, by_second)):
            part = slice(question * cuts, (question + 1) * cuts)
            bread[row, part] = np.einsum("ab,tab->t", weighted[place], scores[place])
    inverse = np.linalg.inv(bread)
    gamma: Array = n * inverse @ inner @ inverse.T
    return gamma


def _threshold_scores(thresholds: Array) -> Array:
    """d log P(answer) / d threshold, shape (questions, categories, categories - 1)."""
    questions, cuts = thresholds.shape
    edges = np.hstack([np.zeros((questions, 1)), special.ndtr(thresholds), np.ones((questions, 1))])
    probability = np.diff(edges, axis=1)
    density = np.exp(-0.5 * thresholds**2) / np.sqrt(2 * np.pi)
    scores = np.zeros((questions, cuts + 1, cuts))
    line = np.arange(cuts)
    scores[:, line, line] = density / probability[:, :-1]
    scores[:, line + 1, line] = -density / probability[:, 1:]
    return scores


def _pair_scores(thresholds: Array, rho: Array) -> tuple[Array, Array, Array]:
    """Derivatives of log P(two answers) by the correlation and by both questions' thresholds.

    Shapes (pairs, C, C), (pairs, C - 1, C, C) and (pairs, C - 1, C, C).
    """
    questions, cuts = thresholds.shape
    first, second = np.array(list(combinations(range(questions), 2))).T
    h, k = thresholds[first].T[:, None, :], thresholds[second].T[None, :, :]
    corner = _framed(bivariate_normal(h, k, rho), thresholds[first].T, thresholds[second].T)
    probability = np.maximum(_cells(corner), 1e-300)
    density = np.pad(bivariate_density(h, k, rho), ((1, 1), (1, 1), (0, 0)))
    by_rho = _cells(density) / probability
    rest = np.sqrt(1 - rho**2)
    sides = []
    for own, other in ((h, k), (k, h)):
        normal = np.exp(-0.5 * own**2) / np.sqrt(2 * np.pi)
        sides.append(normal * special.ndtr((other - rho * own) / rest))
    # by a threshold of the first: strips over the second's answers, above and below the cut
    strips = np.diff(_ends(sides[0], h, axis=1), axis=1)
    other = np.diff(_ends(sides[1], k, axis=0), axis=0)
    by_first = np.zeros((cuts, cuts + 1, cuts + 1, len(rho)))
    by_second = np.zeros((cuts, cuts + 1, cuts + 1, len(rho)))
    for cut in range(cuts):
        by_first[cut, cut], by_first[cut, cut + 1] = strips[cut], -strips[cut]
        by_second[cut, :, cut], by_second[cut, :, cut + 1] = other[:, cut], -other[:, cut]
    by_first /= probability
    by_second /= probability
    last = [np.moveaxis(one, -1, 0) for one in (by_rho, by_first, by_second)]
    return last[0], last[1], last[2]


def _ends(inside: Array, own: Array, axis: int) -> Array:
    """Values at the cuts of the other question, with nothing below and all of it above."""
    density = np.exp(-0.5 * own**2) / np.sqrt(2 * np.pi)
    shape = list(inside.shape)
    shape[axis] = 1
    top = np.broadcast_to(density, shape)
    return np.concatenate([np.zeros(shape), inside, top], axis=axis)


def _framed(corner: Array, h: Array, k: Array) -> Array:
    """Corner probabilities with the open ends: 0 below, the margins above."""
    cuts, _, pairs = corner.shape
    framed = np.zeros((cuts + 2, cuts + 2, pairs))
    framed[1:-1, 1:-1] = corner
    framed[1:-1, -1], framed[-1, 1:-1] = special.ndtr(h), special.ndtr(k)
    framed[-1, -1] = 1.0
    return framed


def _cells(corner: Array) -> Array:
    return np.diff(np.diff(corner, axis=0), axis=1)


def _inner(codes: Array, single: Array, by_rho: Array) -> Array:
    """Sums of products of all scores over people."""
    questions, cuts = single.shape[0], single.shape[2]
    pairs = list(combinations(range(questions), 2))
    size = questions * cuts + len(pairs)
    inner = np.zeros((size, size))
    for start in range(0, len(codes), _ROWS):
        part = codes[start : start + _ROWS]
        scores = np.empty((len(part), size))
        for question in range(questions):
            own = slice(question * cuts, (question + 1) * cuts)
            scores[:, own] = single[question][part[:, question]]
        for place, (i, j) in enumerate(pairs):
            scores[:, questions * cuts + place] = by_rho[place][part[:, i], part[:, j]]
        inner += scores.T @ scores
    return inner
