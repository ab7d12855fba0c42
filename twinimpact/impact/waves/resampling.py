"""Bootstrap limits and sign flips of a mean change, by people or by whole towns."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import special

from twinimpact.impact.paired import MAX_SIGN_FLIP, sign_flip_p

Array = np.ndarray[Any, Any]
DRAWS = 9_999
TIE = 1e-9
_STRETCH = 2_000_000


def bca_limits(
    sums: Array, sizes: Array, level: float, rng: np.random.Generator
) -> tuple[float, float] | None:
    """Bias-corrected and accelerated bootstrap limits of the mean over people.

    Units (people, or whole towns) are drawn with replacement, 9,999 times; the acceleration comes
    from leaving out one unit after the other. Efron (1987) doi:10.1080/01621459.1987.10478410.

    Parameters
    ----------
    sums, sizes
        Sum of the changes and number of people of each unit, shape ``(units,)``.
    level
        Confidence level.
    rng
        Source of the draws.

    Returns
    -------
    tuple or None
        None when all means that can be drawn are equal, or lie on one side.
    """
    units = len(sums)
    drawn = rng.integers(0, units, size=(DRAWS, units))
    means = sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1)
    mean = float(sums.sum() / sizes.sum())
    tie = TIE * max(float(np.abs(sums / sizes).max()), 1e-300)
    below = float(np.mean(means < mean - tie) + np.mean(np.abs(means - mean) <= tie) / 2)
    left_out = (sums.sum() - sums) / (sizes.sum() - sizes)
    spread = left_out.mean() - left_out
    squares = float((spread**2).sum())
    if not 0 < below < 1 or not squares > tie**2:
        return None
    shift = special.ndtri(below)
    acceleration = float((spread**3).sum()) / (6 * squares**1.5)
    ends = []
    for tail in ((1 - level) / 2, (1 + level) / 2):
        moved = shift + special.ndtri(tail)
        ends.append(float(special.ndtr(shift + moved / (1 - acceleration * moved))))
    low, high = np.quantile(means, ends)
    return float(low), float(high)


def flip_p(changes: Array, rng: np.random.Generator) -> tuple[float, float, bool]:
    """Two-sided p of sign flips: all of them up to 20 units, 9,999 drawn ones above.

    Null hypothesis: each unit was as likely to rise as to fall by the same amount. Drawn flips
    give (1 + count)/(draws + 1); Phipson & Smyth (2010) doi:10.2202/1544-6115.1585.

    Returns
    -------
    tuple
        p, the smallest p there can be, and whether all flips were listed.
    """
    n = len(changes)
    if n <= MAX_SIGN_FLIP:
        return sign_flip_p(changes), 2.0 / 2.0**n, True
    observed = abs(float(changes.sum())) - TIE * float(np.abs(changes).sum())
    count, left = 0, DRAWS
    while left:
        rows = min(left, max(1, _STRETCH // n))
        signs = 2.0 * rng.integers(0, 2, size=(rows, n), dtype=np.int8) - 1
        count += int((np.abs(signs @ changes) >= observed).sum())
        left -= rows
    return (1 + count) / (DRAWS + 1), 1 / (DRAWS + 1), False


def wilcoxon(changes: Array) -> tuple[float, float] | None:
    """Signed-rank statistic V (sum of the ranks of the rises) and its two-sided p.

    Zeros are left out, ties (to the last bit, as in R) share their rank, the normal distribution
    is used with continuity correction. Null hypothesis: changes are spread evenly around zero.
    Wilcoxon (1945) doi:10.2307/3001968.

    Returns
    -------
    tuple or None
        None when nobody changed.
    """
    from scipy import stats

    changed = changes[changes != 0]
    if not len(changed):
        return None
    ranks = stats.rankdata(np.abs(changed))
    v, n = float(ranks[changed > 0].sum()), len(changed)
    _, ties = np.unique(ranks, return_counts=True)
    variance = n * (n + 1) * (2 * n + 1) / 24 - float((ties**3 - ties).sum()) / 48
    away = v - n * (n + 1) / 4
    z = (away - np.sign(away) * 0.5) / np.sqrt(variance)
    return v, float(min(1.0, 2 * special.ndtr(-abs(z))))
