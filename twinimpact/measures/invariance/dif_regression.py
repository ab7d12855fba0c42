"""Do people who score alike on the rest of a scale answer a question alike, in every group?

Ordinal logistic regression of each question on the rest score, then on the group, then on their
product. A difference that is the same at all scores is uniform, one that grows with the score
is not. Answers, groups and rest scores are few, so that each question is one table of counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import special

from twinimpact.measures.invariance.proportional_odds import OddsFit, fit_odds, null_loglik

Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ItemDif:
    """What the three models say about one question.

    Parameters
    ----------
    status
        ``ok``, ``not_testable`` (too few used answers) or ``not_converged``.
    n
        Complete rows.
    merged
        For each original category its place after merging.
    loglik_null, loglik
        Without predictors, and of the three models.
    chi2, df, p_value
        Uniform (2 - 1), non-uniform (3 - 2), total (3 - 1).
    nagelkerke
        R2 of the three models.
    log_odds
        Slopes of the groups against the first in model 2, shape (groups - 1,).
    fits
        The three models.
    """

    status: str
    n: int
    merged: tuple[int, ...]
    loglik_null: float = np.nan
    loglik: tuple[float, ...] = (np.nan,) * 3
    chi2: tuple[float, ...] = (np.nan,) * 3
    df: tuple[int, ...] = (0, 0, 0)
    p_value: tuple[float, ...] = (np.nan,) * 3
    nagelkerke: tuple[float, ...] = (np.nan,) * 3
    log_odds: tuple[float, ...] = ()
    fits: tuple[OddsFit, ...] = ()

    @property
    def change(self) -> float:
        """Total change of Nagelkerke's R2."""
        return self.nagelkerke[2] - self.nagelkerke[0]


def dif_pass(
    columns: Sequence[Array],
    group: Array,
    anchors: Sequence[int],
    *,
    least: int,
) -> tuple[ItemDif, ...]:
    """Test every question against the rest score of the anchors, itself always left out.

    Parameters
    ----------
    columns
        Codes from 1 on after reversal, one array per question, no gaps.
    group
        Group of each row, 0, 1, ...
    anchors
        Positions of the questions that make up the rest score.
    least
        Answers each category needs in each group; neighbours are merged until it holds.
    """
    total = np.zeros(len(group), dtype="int64")
    for place in anchors:
        total += columns[place] - 1
    found = []
    for place, column in enumerate(columns):
        others = len(anchors) - (place in anchors)
        rest = total - (column - 1) if place in anchors else total
        found.append(_item(column, rest, group, max(others, 1), least))
    return tuple(found)


def merge_categories(counts: Array, least: int) -> tuple[int, ...]:
    """New place of each category, so that all are used often enough in every group.

    The category that falls shortest joins its smaller neighbour, until none falls short.

    Parameters
    ----------
    counts
        Shape (categories, groups).
    """
    parts = [[place] for place in range(len(counts))]
    sums = [row.copy() for row in counts]
    while len(parts) > 1:
        short = [int(row.min()) for row in sums]
        if min(short) >= least:
            break
        at = short.index(min(short))
        sides = [side for side in (at - 1, at + 1) if 0 <= side < len(parts)]
        side = min(sides, key=lambda one: int(sums[one].sum()))
        first, second = sorted((at, side))
        parts[first] += parts.pop(second)
        sums[first] = sums[first] + sums.pop(second)
    places = {old: new for new, part in enumerate(parts) for old in part}
    return tuple(places[old] for old in range(len(counts)))


def holm(p_values: Array) -> Array:
    """Holm's adjusted p values; missing ones stay missing and do not count."""
    known = np.flatnonzero(np.isfinite(p_values))
    order = known[np.argsort(p_values[known], kind="stable")]
    steps = p_values[order] * np.arange(len(order), 0, -1)
    result = np.full(len(p_values), np.nan)
    result[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return result


def _item(column: Array, rest: Array, group: Array, others: int, least: int) -> ItemDif:
    groups, categories = int(group.max()) + 1, int(column.max())
    rests = int(rest.max(initial=0)) + 1
    code = (rest * groups + group) * categories + (column.astype("int64") - 1)
    counts = np.bincount(code, minlength=rests * groups * categories)
    table = counts.reshape(rests * groups, categories)
    by_group = table.reshape(rests, groups, categories).sum(axis=0).T
    merged = merge_categories(by_group, least)
    used = max(merged) + 1
    if used < 2:
        return ItemDif(status="not_testable", n=len(group), merged=merged)
    joined = np.zeros((len(table), used))
    for old, new in enumerate(merged):
        joined[:, new] += table[:, old]
    there = joined.sum(axis=1) > 0
    pattern = np.flatnonzero(there)
    score = (pattern // groups) / others + 1.0  # mean code of the others
    dummy = (pattern[:, None] % groups == np.arange(1, groups)).astype("float64")
    x = np.column_stack([score, dummy, dummy * score[:, None]])
    return _models(joined[there], x, groups, merged)


def _models(table: Array, x: Array, groups: int, merged: tuple[int, ...]) -> ItemDif:
    n, null = int(table.sum()), null_loglik(table)
    fits: list[OddsFit] = []
    for predictors in (1, groups, 2 * groups - 1):
        start = fits[-1] if fits else None
        fits.append(fit_odds(table, x[:, :predictors], start))
    if not all(fit.converged for fit in fits):
        return ItemDif(status="not_converged", n=n, merged=merged)
    loglik = tuple(fit.loglik for fit in fits)
    steps = ((1, 0), (2, 1), (2, 0))
    chi2 = tuple(max(2 * (loglik[more] - loglik[less]), 0.0) for more, less in steps)
    df = (groups - 1, groups - 1, 2 * groups - 2)
    most = -np.expm1(2 * null / n)
    return ItemDif(
        status="ok", n=n, merged=merged, loglik_null=null, loglik=loglik, chi2=chi2, df=df,
        p_value=tuple(float(special.chdtrc(d, c)) for d, c in zip(df, chi2, strict=True)),
        nagelkerke=tuple(float(-np.expm1(2 * (null - one) / n) / most) for one in loglik),
        log_odds=tuple(float(one) for one in fits[1].slopes[1:]), fits=tuple(fits),
    )  # fmt: skip
