"""Factor models of several groups, or of several waves of one group, as a table of parameters.

Every group has the same list of parameters: loadings, intercepts, residual variances, residual
covariances, (co)variances of the factors, means of the factors. A :class:`Layout` says which of
them are one and the same number (equal over groups or waves) and which are fixed.

By default the first group's (wave's) factors have variance 1 and mean 0, and those of the others
are free as soon as loadings (intercepts) are equal, so that no item has to be assumed to work
alike. The fit is the same as with a marker item, whose loading is fixed to 1 instead.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
LEVELS = ("configural", "metric", "scalar", "strict")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Structure:
    """Which item belongs to which factor, the same in every group.

    Parameters
    ----------
    factor
        Factor of each item, counted from 0, shape (items,).
    pairs
        Items whose residuals may correlate, shape (pairs, 2).
    """

    factor: Array
    pairs: Array

    @property
    def items(self) -> int:
        """Number of items."""
        return len(self.factor)

    @property
    def factors(self) -> int:
        """Number of factors."""
        return int(self.factor.max()) + 1

    @property
    def starts(self) -> tuple[int, ...]:
        """First position of each kind of parameter, and their number at the end."""
        p, m = self.items, self.factors
        sizes = (p, p, p, len(self.pairs), m * (m + 1) // 2, m)
        return tuple(int(end) for end in np.cumsum((0, *sizes)))

    @property
    def corners(self) -> tuple[Array, Array]:
        """Rows and columns of the factors' (co)variances in the order of the parameters."""
        return np.tril_indices(self.factors)

    def variance(self, factor: int) -> int:
        """Position of a factor's variance."""
        return self.starts[4] + factor * (factor + 3) // 2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Design:
    """What is held equal over what.

    Parameters
    ----------
    structure
        Items and factors; over waves, items of the first wave come first, then the second's.
    waves
        Number of waves; 1 when groups are compared.
    marker
        Whether the first item of each factor has loading 1 (else the first group's factor has
        variance 1).
    """

    structure: Structure
    waves: int = 1
    marker: bool = False

    @property
    def questions(self) -> int:
        """Number of different questions: items of one wave."""
        return self.structure.items // self.waves

    @property
    def question_factor(self) -> Array:
        """Factor of each question within a group or wave."""
        return self.structure.factor[: self.questions]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Equal:
    """What is equal over groups or waves: one truth value per question."""

    loadings: Array
    intercepts: Array
    residuals: Array


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Layout:
    """Where each group's parameters are.

    Parameters
    ----------
    index
        Number of the free parameter, −1 where fixed, shape (groups, parameters).
    fixed
        Value where fixed.
    """

    design: Design
    equal: Equal
    index: Array
    fixed: Array

    @property
    def free(self) -> int:
        """Number of free parameters."""
        return int(self.index.max()) + 1

    def spread(self, theta: Array) -> Array:
        """Every group's parameters, shape (groups, parameters)."""
        return np.where(self.index >= 0, theta[self.index], self.fixed)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Implied:
    """Moments a model implies: ``covariance`` (groups, items, items), ``mean`` (groups, items)."""

    covariance: Array
    mean: Array
    loadings: Array
    factors: Array


def simple_structure(factor: Sequence[int], waves: int = 1) -> Structure:
    """Each item on one factor; over waves, one set of factors per wave.

    Parameters
    ----------
    factor
        Factor of each question, counted from 0.
    waves
        Number of waves; residuals of the same question may correlate over waves.
    """
    one = np.asarray(factor, dtype="int64")
    k, m = len(one), int(one.max()) + 1
    every = np.concatenate([one + wave * m for wave in range(waves)])
    pairs = [
        (first * k + item, second * k + item)
        for first in range(waves)
        for second in range(first + 1, waves)
        for item in range(k)
    ]
    return Structure(factor=every, pairs=np.asarray(pairs, dtype="int64").reshape(-1, 2))


def equal_at(
    level: str,
    questions: int,
    free_loadings: Sequence[int] = (),
    free_intercepts: Sequence[int] = (),
) -> Equal:
    """What is equal at a level of the ladder, apart from released questions.

    A question released in its loading is also released in its intercept.
    """
    reached = LEVELS.index(level)
    loadings = np.full(questions, reached >= 1)
    intercepts = np.full(questions, reached >= 2)
    loadings[list(free_loadings)] = False
    intercepts[[*free_loadings, *free_intercepts]] = False
    residuals = np.full(questions, reached >= 3) & intercepts
    return Equal(loadings=loadings, intercepts=intercepts, residuals=residuals)


def layout_of(design: Design, groups: int, equal: Equal) -> Layout:
    """Number the free parameters of a model.

    Parameters
    ----------
    groups
        Number of groups; 1 when waves are compared.
    """
    structure, k = design.structure, design.questions
    starts = structure.starts
    size = starts[-1]
    index = np.arange(groups * size).reshape(groups, size)
    for kind, same in enumerate((equal.loadings, equal.intercepts, equal.residuals)):
        chosen = np.flatnonzero(same)
        for wave in range(design.waves):
            columns = starts[kind] + wave * k + chosen
            index[:, columns] = index[0, starts[kind] + chosen]
    fixed = np.zeros((groups, size))
    hold = np.zeros((groups, size), dtype=bool)
    _identify(design, equal, hold, fixed)
    numbers = np.full((groups, size), -1)
    numbers[~hold] = np.unique(index[~hold], return_inverse=True)[1]
    return Layout(design=design, equal=equal, index=numbers, fixed=fixed)


def _identify(design: Design, equal: Equal, hold: Array, fixed: Array) -> None:
    """Fix what gives the factors their unit and origin."""
    structure, own = design.structure, design.question_factor
    m = int(own.max()) + 1
    for factor in range(m):
        inside = own == factor
        same_unit, same_origin = equal.loadings[inside].any(), equal.intercepts[inside].any()
        for wave in range(design.waves):
            at = wave * m + factor
            later = slice(1, None) if wave == 0 else slice(None)
            mean = structure.starts[5] + at
            hold[slice(None) if not same_origin else slice(0, 1 if wave == 0 else 0), mean] = True
            if design.marker:
                first = int(np.flatnonzero(structure.factor == at)[0])
                hold[:, first], fixed[:, first] = True, 1.0
                continue
            variance = structure.variance(at)
            hold[:, variance], fixed[:, variance] = True, 1.0
            if same_unit:
                hold[later, variance] = False


def implied(structure: Structure, values: Array) -> Implied:
    """Covariances and means that parameters imply.

    Parameters
    ----------
    values
        Every group's parameters, shape (groups, parameters).
    """
    starts = structure.starts
    part = [values[:, start:end] for start, end in itertools.pairwise(starts)]
    groups, p, m = len(values), structure.items, structure.factors
    loadings = np.zeros((groups, p, m))
    loadings[:, np.arange(p), structure.factor] = part[0]
    rows, columns = structure.corners
    factors = np.zeros((groups, m, m))
    factors[:, rows, columns] = part[4]
    factors[:, columns, rows] = part[4]
    covariance = loadings @ factors @ loadings.transpose(0, 2, 1)
    places = np.arange(p)
    covariance[:, places, places] += part[2]
    if len(structure.pairs):
        one, two = structure.pairs.T
        covariance[:, one, two] += part[3]
        covariance[:, two, one] += part[3]
    mean = part[1] + np.einsum("gpm,gm->gp", loadings, part[5])
    return Implied(covariance=covariance, mean=mean, loadings=loadings, factors=factors)
