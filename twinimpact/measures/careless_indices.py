"""Indices of careless responding, for all questionnaires at once.

Answers come as codes (``0`` = no valid answer, ``1`` = lowest) in questionnaire order, one
column per question, or as numbers with ``NaN``. Where an index is not defined (a straight line
has no even-odd consistency) it is ``NaN``: neither passed nor failed. Definitions follow the
measurement guide, section 9; the rules that turn an index into a flag stand in
``surveys/careless.toml``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
_SMALL = 1e-12


def runs(codes: Array) -> tuple[Array, Array]:
    """Longest and mean length of runs of equal codes; a gap ends a run.

    Parameters
    ----------
    codes
        Shape (people, questions), small unsigned integers.

    Returns
    -------
    tuple of arrays
        Longest run, and mean run (``NaN`` without any answer), shape (people,).
    """
    size = len(codes)
    longest, current = np.zeros(size, dtype="uint16"), np.zeros(size, dtype="uint16")
    started, answered = np.zeros(size, dtype="uint16"), np.zeros(size, dtype="uint16")
    before = np.zeros(size, dtype=codes.dtype)
    for column in codes.T:
        there = column > 0
        same = there & (column == before)
        current = np.where(same, current + 1, there).astype("uint16")
        np.maximum(longest, current, out=longest)
        started += there & ~same
        answered += there
        before = column
    mean = np.full(size, np.nan)
    np.divide(answered, started, out=mean, where=started > 0)
    return longest, mean


def repeated_pattern(codes: Array, periods: Sequence[int], times: int, least: int) -> Array:
    """Whether the same few answers come again and again, at least ``times`` in a row.

    Parameters
    ----------
    codes
        Shape (people, questions).
    periods
        Lengths of the pattern that are looked for, from 2.
    times, least
        The stretch holds at least so many periods, and so many answers.
    """
    found = np.zeros(len(codes), dtype=bool)
    alike = np.zeros(len(codes), dtype="uint16")
    straight = np.zeros((len(codes), codes.shape[1]), dtype="uint16")
    for place in range(1, codes.shape[1]):
        same = (codes[:, place] > 0) & (codes[:, place] == codes[:, place - 1])
        alike = np.where(same, alike + 1, 0).astype("uint16")
        straight[:, place] = alike
    for period in periods:
        length = max(times * period, least)
        matches = np.zeros(len(codes), dtype="uint16")
        for place in range(period, codes.shape[1]):
            column = codes[:, place]
            same = (column > 0) & (column == codes[:, place - period])
            matches = np.where(same, matches + 1, 0).astype("uint16")
            varied = straight[:, place] + 1 < length
            found |= (matches >= length - period) & varied
    return found


def irv(values: Array) -> Array:
    """Standard deviation (n - 1) of each person's answers; ``NaN`` with fewer than two."""
    count = np.isfinite(values).sum(axis=1)
    mean = np.divide(np.nansum(values, axis=1), count, where=count > 0, out=np.zeros(len(values)))
    spread = np.nansum((values - mean[:, None]) ** 2, axis=1)
    result = np.full(len(values), np.nan)
    np.divide(spread, count - 1, out=result, where=count > 1)
    spread_of: Array = np.sqrt(result)
    return spread_of


def even_odd(scales: Sequence[Array]) -> Array:
    """Even-odd consistency: do both halves of each scale say the same?

    Parameters
    ----------
    scales
        Per scale the answers after reversal, shape (people, questions), in questionnaire order.

    Returns
    -------
    array
        Correlation of the halves' means over scales, Spearman-Brown corrected; values below
        -1 are set to -1.
    """
    size = len(scales[0]) if scales else 0
    odd = (
        np.column_stack([_mean(scale[:, ::2]) for scale in scales]) if scales else np.empty((0, 0))
    )
    even = np.column_stack([_mean(scale[:, 1::2]) for scale in scales]) if scales else odd
    r = correlation(odd, even) if size else np.empty(0)
    corrected = np.full(size, -1.0)
    np.divide(2 * r, 1 + r, out=corrected, where=(1 + r > _SMALL) | np.isnan(r))
    bounded: Array = np.maximum(corrected, -1.0)
    return bounded


def mahalanobis_squared(values: Array) -> Array:
    """Squared Mahalanobis distance of complete rows from their mean (covariance with n - 1).

    ``NaN`` for rows with a gap, and for all when the covariance cannot be inverted.
    """
    result = np.full(len(values), np.nan)
    complete = np.isfinite(values).all(axis=1)
    rows = values[complete]
    if len(rows) <= rows.shape[1] or not rows.shape[1]:
        return result
    centred = rows - rows.mean(axis=0)
    try:
        root = np.linalg.cholesky(centred.T @ centred / (len(rows) - 1))
    except np.linalg.LinAlgError:
        return result
    result[complete] = (np.linalg.solve(root, centred.T) ** 2).sum(axis=0)
    return result


def synonym_pairs(values: Array, least: float) -> tuple[tuple[int, int], ...]:
    """Pairs of questions whose answers (after reversal) correlate by ``least`` or more."""
    import pandas as pd

    r = pd.DataFrame(values).corr().to_numpy()
    first, second = np.nonzero(np.triu(r >= least, k=1))
    return tuple(zip(first.tolist(), second.tolist(), strict=True))


def synonyms(values: Array, pairs: Sequence[tuple[int, int]]) -> Array:
    """Correlation, within each person, of the first with the second questions of the pairs."""
    if not pairs:
        return np.full(len(values), np.nan)
    first, second = (list(side) for side in zip(*pairs, strict=True))
    return correlation(values[:, first], values[:, second])


def person_total(values: Array) -> Array:
    """Correlation of each person's answers (after reversal) with the means of all others."""
    there = np.isfinite(values)
    filled = np.where(there, values, 0.0)
    others = there.sum(axis=0) - there
    means = np.full(values.shape, np.nan)
    np.divide(filled.sum(axis=0) - filled, others, out=means, where=others > 0)
    return correlation(values, means)


def correlation(one: Array, two: Array) -> Array:
    """Correlation of two matrices row by row; ``NaN`` where a row does not vary."""
    both = np.isfinite(one) & np.isfinite(two)
    count = both.sum(axis=1)
    a, b = (_centred(side, both, count) for side in (one, two))
    products = (a * b).sum(axis=1)
    spread = (a * a).sum(axis=1) * (b * b).sum(axis=1)
    size = np.maximum(count, 1) ** 2
    result = np.full(len(one), np.nan)
    np.divide(products, np.sqrt(spread), out=result, where=(count > 1) & (spread > _SMALL * size))
    bounded: Array = np.clip(result, -1.0, 1.0)
    return bounded


def blocks(count: int, size: int) -> Iterator[slice]:
    """Slices of at most ``size`` rows, so that large surveys fit into memory."""
    for start in range(0, count, size):
        yield slice(start, start + size)


def _centred(values: Array, both: Array, count: Array) -> Array:
    kept = np.where(both, values, 0.0)
    mean = kept.sum(axis=1) / np.maximum(count, 1)
    centred: Array = np.where(both, kept - mean[:, None], 0.0)
    return centred


def _mean(values: Array) -> Array:
    count = np.isfinite(values).sum(axis=1)
    mean = np.full(len(values), np.nan)
    np.divide(np.nansum(values, axis=1), count, out=mean, where=count > 0)
    return mean
