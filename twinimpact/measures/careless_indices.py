"""Indices of careless responding, for all questionnaires at once.

Answers come as codes (``0`` = no valid answer, ``1`` = lowest) in questionnaire order, one
column per question, or as numbers with ``NaN``. Where an index is not defined (a straight line
has no even-odd consistency) it is ``NaN``: neither passed nor failed. Definitions follow the
measurement guide, section 9; the rules that turn an index into a flag stand in
``surveys/careless.toml``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
_SMALL = 1e-12
_BLOCK = 32_768
"""Rows worked on together, so that intermediate arrays stay small."""


def runs(codes: Array) -> tuple[Array, Array]:
    """Longest and mean length of runs of equal codes; a gap ends a run.

    Neighbouring columns are compared for all people at once; columns that lie one after the
    other in memory (``order="F"``) are the fastest.

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
    gaps = bool((codes == 0).any())
    before = np.zeros(size, dtype=codes.dtype)
    for column in codes.T:
        same = column == before
        if gaps:
            there = column > 0
            same &= there
            current *= same
            current += there
            answered += there
        else:
            current *= same
            current += 1
        started += same
        np.maximum(longest, current, out=longest)
        before = column
    if not gaps:
        answered += np.uint16(codes.shape[1])
    mean = np.full(size, np.nan)
    # every answer that does not continue a run starts one
    np.divide(answered, answered - started, out=mean, where=answered > 0)
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
    people, questions = codes.shape
    found = np.zeros(people, dtype=bool)
    there = codes > 0
    gaps = not there.all()
    straight = np.zeros((questions, people), dtype="uint16")
    for place in range(1, questions):
        same = codes[:, place] == codes[:, place - 1]
        if gaps:
            same &= there[:, place]
        np.add(straight[place - 1], 1, out=straight[place])
        straight[place] *= same
    for period in periods:
        length = max(times * period, least)
        matches = np.zeros(people, dtype="uint16")
        for place in range(period, questions):
            same = codes[:, place] == codes[:, place - period]
            if gaps:
                same &= there[:, place]
            matches += 1
            matches *= same
            if place >= length - 1:
                hit = matches >= length - period
                hit &= straight[place] < length - 1
                found |= hit
    return found


def irv(values: Array) -> Array:
    """Standard deviation (n - 1) of each person's answers; ``NaN`` with fewer than two."""
    size = len(values)
    count, total, square = np.zeros(size), np.zeros(size), np.zeros(size)
    for column, there in _filled(values):
        count += there
        total += column
        square += column * column
    spread = np.maximum(square - total * total / np.maximum(count, 1), 0.0)
    result = np.full(size, np.nan)
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
    if not scales:
        return np.empty(0)
    halves = [(_mean(scale[:, ::2]), _mean(scale[:, 1::2])) for scale in scales]
    r = _correlate(len(scales[0]), halves)
    corrected = np.full(len(r), -1.0)
    np.divide(2 * r, 1 + r, out=corrected, where=(1 + r > _SMALL) | np.isnan(r))
    bounded: Array = np.maximum(corrected, -1.0)
    return bounded


def centred_products(values: Array) -> Array:
    """Sums of products of the columns around their means, shape (questions, questions)."""
    middle = values.mean(axis=0)
    products = np.zeros((values.shape[1], values.shape[1]))
    for part in blocks(len(values), _BLOCK):
        centred = values[part] - middle
        products += centred.T @ centred
    return products


def mahalanobis_squared(values: Array, products: Array | None = None) -> Array:
    """Squared Mahalanobis distance of complete rows from their mean (covariance with n - 1).

    ``NaN`` for rows with a gap, and for all when the covariance cannot be inverted.

    Parameters
    ----------
    products
        :func:`centred_products` of the values, where they have no gaps and it is there.
    """
    result = np.full(len(values), np.nan)
    complete: Array = np.ones(len(values), dtype=bool)
    if products is None:
        complete = np.asarray(np.isfinite(values).all(axis=1))
    rows = values if complete.all() else values[complete]
    if len(rows) <= rows.shape[1] or not rows.shape[1]:
        return result
    middle = rows.mean(axis=0)
    products = centred_products(rows) if products is None else products
    try:
        turned = np.linalg.inv(np.linalg.cholesky(products / (len(rows) - 1)))
    except np.linalg.LinAlgError:
        return result
    distance = np.empty(len(rows))
    for part in blocks(len(rows), _BLOCK):
        standard = turned @ (rows[part] - middle).T
        standard *= standard
        distance[part] = standard.sum(axis=0)
    result[complete] = distance
    return result


def synonym_pairs(
    values: Array, least: float, products: Array | None = None
) -> tuple[tuple[int, int], ...]:
    """Pairs of questions whose answers (after reversal) correlate by ``least`` or more.

    Each correlation rests on the people who answered both.

    Parameters
    ----------
    products
        :func:`centred_products` of the values, where they have no gaps and it is there.
    """
    r = _item_correlations(values, products)
    first, second = np.nonzero(np.triu(r >= least, k=1))
    return tuple(zip(first.tolist(), second.tolist(), strict=True))


def synonyms(values: Array, pairs: Sequence[tuple[int, int]]) -> Array:
    """Correlation, within each person, of the first with the second questions of the pairs."""
    if not pairs:
        return np.full(len(values), np.nan)
    columns = ((values[:, one], values[:, two]) for one, two in pairs)
    return _correlate(len(values), columns, complete=bool(np.isfinite(values).all()))


def person_total(values: Array) -> Array:
    """Correlation of each person's answers (after reversal) with the means of all others.

    The mean of the others is ``(total - answer) / (people - 1)``, so that all sums over a
    person's answers are products of the answers with totals.
    """
    there = np.isfinite(values)
    if len(values) > 1 and there.all():
        return _person_total_complete(values)
    filled = np.where(there, values, 0.0)
    answered = there.sum(axis=0)
    total = filled.sum(axis=0)
    middle = total / np.maximum(answered, 1)
    # centred at the question's mean nothing is lost to rounding; others' means keep their level
    usable = answered > 1
    level = middle - middle[usable].mean() if usable.any() else middle
    own = np.divide(1.0, answered - 1, out=np.zeros(len(total)), where=usable)
    result = np.full(len(values), np.nan)
    for part in blocks(len(values), _BLOCK):
        mask = there[part][:, usable].astype("float64")
        gap = (filled[part] - middle)[:, usable] * mask
        answer = gap + level[usable] * mask
        other = level[usable] * mask - gap * own[usable]
        result[part] = _from_sums(
            mask.sum(axis=1), answer.sum(axis=1), other.sum(axis=1),
            np.einsum("ij,ij->i", answer, answer), np.einsum("ij,ij->i", other, other),
            np.einsum("ij,ij->i", answer, other),
        )  # fmt: skip
    return result


def _person_total_complete(values: Array) -> Array:
    """The same without gaps: three sums over each person's answers are enough."""
    middle = values.mean(axis=0)
    level = middle - middle.mean()
    own = 1 / (len(values) - 1)
    size = np.full(len(values), float(values.shape[1]))
    total, square, along = np.zeros(len(values)), np.zeros(len(values)), np.zeros(len(values))
    for column, mean, height in zip(values.T, middle, level, strict=True):
        gap = column - mean
        total += gap
        along += gap * height
        gap *= gap
        square += gap
    levels, level_square = level.sum(), (level * level).sum()
    return _from_sums(
        size, total + levels, levels - own * total, square + 2 * along + level_square,
        level_square - 2 * own * along + own * own * square,
        along * (1 - own) - own * square + level_square,
    )  # fmt: skip


def correlation(one: Array, two: Array) -> Array:
    """Correlation of two matrices row by row; ``NaN`` where a row does not vary."""
    return _correlate(len(one), zip(one.T, two.T, strict=True))


def blocks(count: int, size: int) -> Iterator[slice]:
    """Slices of at most ``size`` rows, so that large surveys fit into memory."""
    for start in range(0, count, size):
        yield slice(start, start + size)


def _correlate(size: int, pairs: Iterable[tuple[Array, Array]], *, complete: bool = False) -> Array:
    """Correlation over pairs of columns, within each row; pairs with a gap do not count."""
    count, first, second = np.zeros(size), np.zeros(size), np.zeros(size)
    squares, others, products = np.zeros(size), np.zeros(size), np.zeros(size)
    for a, b in pairs:
        if complete:
            count += 1
        else:
            both = np.isfinite(a) & np.isfinite(b)
            a, b = np.where(both, a, 0.0), np.where(both, b, 0.0)
            count += both
        first += a
        second += b
        squares += a * a
        others += b * b
        products += a * b
    return _from_sums(count, first, second, squares, others, products)


def _from_sums(
    count: Array, first: Array, second: Array, squares: Array, others: Array, products: Array
) -> Array:
    size = np.maximum(count, 1)
    spread = np.maximum(squares - first * first / size, 0.0)
    spread *= np.maximum(others - second * second / size, 0.0)
    result = np.full(len(count), np.nan)
    varied = (count > 1) & (spread > _SMALL * size**2)
    np.divide(products - first * second / size, np.sqrt(spread), out=result, where=varied)
    bounded: Array = np.clip(result, -1.0, 1.0)
    return bounded


def _item_correlations(values: Array, products: Array | None) -> Array:
    """Correlations of columns, each over the rows where both are there."""
    size = values.shape[1]
    if not size:
        return np.empty((0, 0))
    if products is not None:
        count = np.full((size, size), len(values))
        return _over_lengths(products, np.diag(products)[:, None], count)
    there = np.isfinite(values)
    if there.all():
        return _item_correlations(values, centred_products(values))
    middle = np.nanmean(values, axis=0) if there.any(axis=0).all() else np.zeros(size)
    count, total = np.zeros((size, size)), np.zeros((size, size))
    square, product = np.zeros((size, size)), np.zeros((size, size))
    for part in blocks(len(values), _BLOCK):
        mask = there[part].astype("float64")
        centred = np.where(there[part], values[part] - middle, 0.0)
        count += mask.T @ mask
        total += centred.T @ mask
        square += (centred * centred).T @ mask
        product += centred.T @ centred
    known = np.maximum(count, 1)
    covariance = product - total * total.T / known
    return _over_lengths(covariance, np.maximum(square - total * total / known, 0.0), count)


def _over_lengths(covariance: Array, spread: Array, count: Array) -> Array:
    lengths = np.sqrt(spread * spread.T)
    r = np.full(covariance.shape, np.nan)
    np.divide(covariance, lengths, out=r, where=(count > 1) & (lengths > _SMALL * count))
    return r


def _mean(values: Array) -> Array:
    count, total = np.zeros(len(values)), np.zeros(len(values))
    for column, there in _filled(values):
        count += there
        total += column
    mean = np.full(len(values), np.nan)
    np.divide(total, count, out=mean, where=count > 0)
    return mean


def _filled(values: Array) -> Iterator[tuple[Array, Array | float]]:
    """Columns with 0 for gaps, and where there is an answer (1 for everywhere)."""
    complete = bool(np.isfinite(values).all())
    for column in values.T:
        if complete:
            yield column, 1.0
        else:
            there = np.isfinite(column)
            yield np.where(there, column, 0.0), there
