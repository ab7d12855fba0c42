"""Bounds of a difference when one arm was lost more than the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class LeeBounds:
    """Limits of the difference, the share trimmed off, and the arm it is trimmed off."""

    lower: float
    upper: float
    trimmed: float
    trimmed_arm: str


def lee_bounds(values: Array, treated: Array, stayed: Array) -> LeeBounds | None:
    """Bounds for those who would have stayed in either arm.

    Assumes that taking part pushes staying one way only. Of the arm with more who stayed, the
    share q = (p_high − p_low)/p_high is cut off either end: exactly q·n people, the last with
    a fraction of its weight. Lee (2009) doi:10.1111/j.1467-937X.2009.00536.x.

    Parameters
    ----------
    values
        Outcome; what it is for those who were lost does not matter.
    treated, stayed
        Arm, and whether the outcome is known.

    Returns
    -------
    LeeBounds or None
        ``None`` when nobody stayed in an arm.
    """
    shares = [float(stayed[side].mean()) if side.any() else 0.0 for side in (treated, ~treated)]
    if min(shares) == 0:
        return None
    turned = shares[0] < shares[1]
    trimmed_arm = ~treated if turned else treated
    trimmed = (max(shares) - min(shares)) / max(shares)
    kept = np.sort(values[trimmed_arm & stayed])
    other = float(values[~trimmed_arm & stayed].mean())
    upper = _mean_without(kept, trimmed) - other
    lower = -_mean_without(-kept[::-1], trimmed) - other
    if turned:
        lower, upper = -upper, -lower
    return LeeBounds(
        lower=lower, upper=upper, trimmed=trimmed,
        trimmed_arm="comparison" if turned else "treated",
    )  # fmt: skip


def _mean_without(ordered: Array, share: float) -> float:
    """Mean without the lowest share of values."""
    cut = share * len(ordered)
    whole = int(cut + 1e-9)
    w = np.ones(len(ordered))
    w[:whole] = 0
    if whole < len(ordered):
        w[whole] = 1 - max(0.0, cut - whole)
    return float(np.average(ordered, weights=w))
