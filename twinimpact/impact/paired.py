"""Numbers of a paired change, for many groups of people at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special
from scipy.optimize import elementwise

Array = np.ndarray[Any, Any]
MAX_SIGN_FLIP = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Moments:
    """Means and variances of complete pairs; arrays with one entry per group.

    Variances and the covariance have divisor ``n - 1`` and are 0 below two people.
    ``size`` is the largest absolute score, which tells rounding noise from variation.
    """

    n: Array
    mean_pre: Array
    mean_post: Array
    mean_change: Array
    var_pre: Array
    var_post: Array
    var_change: Array
    covariance: Array
    size: Array

    def varies(self) -> Array:
        """Whether the change varies between people, beyond rounding noise."""
        return self.differ(self.var_change)

    def differ(self, variance: Array) -> Array:
        """Where one of the variances is more than rounding noise."""
        return variance > (1e-12 * np.maximum(self.size, 1.0)) ** 2


def moments(pre: Array, post: Array, group: Array, groups: int) -> Moments:
    """Moments of ``post - pre`` by group, in two passes so that nothing cancels.

    Parameters
    ----------
    pre, post
        Scores of complete pairs, shape ``(people,)``, no missing values.
    group
        Group number of each person, ``0`` to ``groups - 1``.
    groups
        Number of groups.
    """
    n = np.bincount(group, minlength=groups)
    base = np.maximum(n, 1)
    free = np.maximum(n - 1, 1)

    def mean(values: Array) -> Array:
        first = np.bincount(group, values, groups) / base
        return first + np.bincount(group, values - first[group], groups) / base

    means = {"pre": mean(pre), "post": mean(post), "change": mean(post - pre)}
    dev_pre, dev_post = pre - means["pre"][group], post - means["post"][group]
    dev_change = (post - pre) - means["change"][group]
    size = np.zeros(groups)
    np.maximum.at(size, group, np.maximum(np.abs(pre), np.abs(post)))
    return Moments(
        n=n,
        mean_pre=means["pre"],
        mean_post=means["post"],
        mean_change=means["change"],
        var_pre=np.bincount(group, dev_pre**2, groups) / free,
        var_post=np.bincount(group, dev_post**2, groups) / free,
        var_change=np.bincount(group, dev_change**2, groups) / free,
        covariance=np.bincount(group, dev_pre * dev_post, groups) / free,
        size=size,
    )


def hedges_j(df: Array) -> Array:
    """Small-sample factor J(m) = gamma(m/2) / (sqrt(m/2) gamma((m-1)/2)).

    Hedges (1981) doi:10.3102/10769986006002107.
    """
    half = np.asarray(df, dtype=float) / 2
    factor: Array = np.exp(special.gammaln(half) - np.log(half) / 2 - special.gammaln(half - 0.5))
    return factor


def d_average(m: Moments) -> tuple[Array, Array]:
    """Mean change over the root of the mean of both variances, and its standard error.

    Bonett (2008) doi:10.1037/1082-989X.13.2.99. Entries without variation are NaN.
    """
    mean_variance = (m.var_pre + m.var_post) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        d = np.where(m.varies(), m.mean_change / np.sqrt(mean_variance), np.nan)
        first = d**2 * (m.var_pre**2 + m.var_post**2 + 2 * m.covariance**2)
        square = first / (8 * (m.n - 1) * mean_variance**2)
        square = square + m.var_change / ((m.n - 1) * mean_variance)
    return d, np.sqrt(square)


def d_before(m: Moments) -> tuple[Array, Array]:
    """Mean change over the SD before, times J, and its standard error.

    g = J(n - 1)·mean change/s_pre with variance 2(1 - r)/n + g²/(2n). Becker (1988)
    doi:10.1111/j.2044-8317.1988.tb00901.x. Entries without variation are NaN.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        r = m.covariance / np.sqrt(m.var_pre * m.var_post)
        known = m.varies() & m.differ(m.var_pre) & m.differ(m.var_post)
        g = np.where(known, hedges_j(m.n - 1) * m.mean_change / np.sqrt(m.var_pre), np.nan)
        return g, np.sqrt(2 * (1 - r) / m.n + g**2 / (2 * m.n))


def beyond(change: Array, limit: Array | float, strict: bool = False) -> tuple[Array, Array]:
    """Who changed by at least ``limit`` upwards, and downwards, whatever the last bit says.

    Parameters
    ----------
    change, limit
        Change of each person, and the limit of all or of each.
    strict
        Whether a change of exactly the limit is not enough.
    """
    edge = limit + (1e-9 if strict else -1e-9)
    return change >= edge, change <= -edge


def d_z_limits(t: Array, n: Array, level: float) -> tuple[Array, Array]:
    """Exact limits of the standardised mean of the differences, by inverting the noncentral t.

    The limits are the noncentralities under which the observed ``t`` is the upper and the lower
    tail point, divided by ``sqrt(n)``. Steiger & Fouladi (1997), ISBN 978-0-8058-1893-0.

    Parameters
    ----------
    t
        t statistics of the paired changes, shape ``(groups,)``, finite.
    n
        People per group, at least 2.
    level
        Confidence level.
    """
    t, n = np.asarray(t, dtype=float), np.asarray(n, dtype=float)
    low, high = (
        _noncentrality(t, n - 1, probability) / np.sqrt(n)
        for probability in (0.5 + level / 2, 0.5 - level / 2)
    )
    return low, high


def _noncentrality(t: Array, df: Array, probability: float) -> Array:
    """Noncentrality under which ``t`` is the point of this probability.

    On the normal scale the distribution function is nearly a line in the noncentrality, so that a
    few secant steps are enough; where they are not, the root is bracketed.
    """
    target = float(special.ndtri(probability))
    slope = np.sqrt(1 + t**2 / (2 * df))
    with np.errstate(all="ignore"):
        old = t - target * slope
        miss = special.ndtri(special.nctdtr(df, old, t)) - target
        new = old + miss * slope
        for _ in range(6):
            now = special.ndtri(special.nctdtr(df, new, t)) - target
            step = np.where(now == miss, 0.0, now * (new - old) / (now - miss))
            old, miss, new = new, now, new - step
            if (np.abs(step) <= 1e-13 * (1 + np.abs(new))).all():
                break
        left = special.nctdtr(df, new, t) - probability
    lost = ~(np.abs(left) < 1e-11)
    if lost.any():
        new[lost] = _bracketed(t[lost], df[lost], probability)
    return np.asarray(new)


def _bracketed(t: Array, df: Array, probability: float) -> Array:
    def excess(nc: Array, df: Array, t: Array) -> Array:
        cdf = special.nctdtr(df, nc, t)
        # far in the tail the distribution function is not computed: it is 0 or 1 there
        return np.where(np.isnan(cdf), np.where(nc > t, 0.0, 1.0), cdf) - probability

    width = 8 + 8 * np.abs(t) / np.sqrt(2 * (df + 1))
    found = elementwise.find_root(excess, (t - width, t + width), args=(df, t))
    return np.asarray(np.where(found.success, found.x, np.nan))


def sign_flip_p(changes: Array) -> float:
    """Exact two-sided p over all sign flips of whole persons.

    Null hypothesis: every person was as likely to rise as to fall by the same amount. All
    ``2**n`` sums are compared with the observed one: the sums of either half of the people are
    sorted and paired, so the enumeration stays exact and takes ``2**(n/2)`` steps. Fisher (1935),
    The Design of Experiments.

    Raises
    ------
    ValueError
        If there are no people, or more than 20.
    """
    changes = np.asarray(changes, dtype=float)
    if not 1 <= len(changes) <= MAX_SIGN_FLIP:
        raise ValueError(f"sign flips of {len(changes)} people: expected 1 to {MAX_SIGN_FLIP}")
    changes = np.sort(changes)  # the same float sums in whatever order the people come
    observed = abs(changes.sum()) - 1e-9 * max(float(np.abs(changes).sum()), 1e-300)
    middle = len(changes) // 2
    left, right = _signed_sums(changes[:middle]), np.sort(_signed_sums(changes[middle:]))
    above = len(right) - np.searchsorted(right, observed - left, side="left")
    below = np.searchsorted(right, -observed - left, side="right")
    if observed <= 0:  # every sum is at least as far from zero
        return 1.0
    return float((above.sum() + below.sum()) / 2 ** len(changes))


def _signed_sums(values: Array) -> Array:
    sums = np.zeros(1)
    for value in values:
        sums = np.concatenate([sums + value, sums - value])
    return sums
