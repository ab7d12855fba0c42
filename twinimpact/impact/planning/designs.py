"""Collections to plan for: one group twice, two groups of people, two groups of towns."""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy import special

from twinimpact.errors import DesignError

BOTTLENECK = 2.8
"""z(.975) + z(.80), rounded: the multiplier of many towns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paired:
    """The same people before and after; one of the three numbers is left out and solved for.

    Parameters
    ----------
    n
        People with both answers.
    effect
        Mean change over the SD of the change.
    power
        Chance of an interval that excludes zero.
    """

    n: float | None = None
    effect: float | None = None
    power: float | None = 0.8
    alpha: float = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoGroups:
    """Two groups of people; one of ``n``, ``effect`` and ``power`` is solved for.

    Parameters
    ----------
    n
        People in the first group.
    ratio
        People in the second group for each in the first.
    effect
        Difference over the SD within groups.
    pre_correlation
        Correlation of the outcome with the score before, where it is adjusted for.
    """

    n: float | None = None
    ratio: float = 1.0
    effect: float | None = None
    power: float | None = 0.8
    pre_correlation: float = 0.0
    alpha: float = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Towns:
    """Whole towns in two arms; one of ``towns``, ``effect`` and ``power`` is solved for.

    Parameters
    ----------
    towns
        Towns of both arms together.
    per_town
        People per town, on average.
    icc
        Share of the outcome's variance that lies between towns.
    twinned_share
        Share of the towns that are twinned.
    r2_towns, r2_people
        Share of variance between and within towns that covariates explain.
    covariates
        Covariates at the level of towns.
    size_cv
        Coefficient of variation of the number of people per town.
    """

    towns: int | None = None
    per_town: float = 20.0
    icc: float = 0.05
    twinned_share: float = 0.5
    r2_towns: float = 0.0
    r2_people: float = 0.0
    covariates: int = 0
    size_cv: float = 0.0
    effect: float | None = None
    power: float | None = 0.8
    alpha: float = 0.05

    def __post_init__(self) -> None:
        for name in ("icc", "r2_towns", "r2_people"):
            if not 0 <= getattr(self, name) <= 1:
                raise DesignError("A share lies outside 0 to 1.", where=name)
        if not 0 < self.twinned_share < 1:
            raise DesignError("Some towns must be twinned and some not.", where="twinned_share")

    def variance(self, towns: int) -> float:
        """Variance of the estimated difference, in units of the outcome's variance.

        Bloom (2005, Learning More from Social Experiments); unequal town sizes enlarge the part
        within towns by the design effect of Eldridge, Ashby & Kerry (2006,
        doi:10.1093/ije/dyl129).
        """
        spread = self.twinned_share * (1 - self.twinned_share) * towns
        between = self.icc * (1 - self.r2_towns) / spread
        within = (1 - self.icc) * (1 - self.r2_people) / (spread * self.per_town)
        return between * (1 + self.size_cv**2 / max(self.per_town, 1.0)) + within

    def df(self, towns: int) -> int:
        """Degrees of freedom of the town-level test."""
        return towns - self.covariates - 2

    def detectable(self, towns: int) -> float:
        """Smallest effect seen with the wanted power, by the sum of two t quantiles."""
        df = self.df(towns)
        if df < 1:
            return math.inf
        wanted = 0.8 if self.power is None else self.power
        quantiles = special.stdtrit(df, 1 - self.alpha / 2) + special.stdtrit(df, wanted)
        return float(quantiles * math.sqrt(self.variance(towns)))

    def floor(self, towns: int) -> float:
        """The effect below which more people in the same towns stop helping."""
        spread = self.twinned_share * (1 - self.twinned_share) * towns
        return BOTTLENECK * math.sqrt(self.icc * (1 - self.r2_towns) / spread)


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """A collection to play through on a project's own towns.

    Parameters
    ----------
    effect
        Planted difference, in the outcome's unit.
    towns, twinned
        Towns in all, and twinned ones among them (half if 0).
    draws, seed
        How often it is played through, and the seed.
    """

    effect: float
    towns: int
    twinned: int = 0
    draws: int = 2_000
    seed: int = 20260301


def design_effect(icc: float, per_town: float, size_cv: float = 0.0) -> float:
    """How many times more people are needed than without towns.

    1 + icc·((m − 1) + m·cv²). Eldridge, Ashby & Kerry (2006) doi:10.1093/ije/dyl129.
    """
    return 1 + icc * ((per_town - 1) + per_town * size_cv**2)
