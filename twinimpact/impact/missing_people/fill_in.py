"""What the mean change of one group would be with those who were lost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class FillIns:
    """Mean changes of everybody who answered before; absent where they are not known.

    ``worst`` and ``best`` give every lost person the end of the scale after, ``no_change`` their
    own score before. ``tipping`` is how far the mean change of the lost would have to lie from
    that of those who stayed for the mean over everybody to be zero.
    """

    worst: float | None
    best: float | None
    no_change: float
    tipping: float | None


def fill_ins(
    pre: Array, post: Array, scale: tuple[float, float] | None, direction: str = "better"
) -> FillIns | None:
    """Fill-ins and tipping point of one group; ``None`` when nobody answered both times.

    The tipping point is δ = −Δ·n/n_lost.

    Parameters
    ----------
    pre, post
        Scores of everybody with a score before, NaN after for those who were lost.
    scale
        Ends of the scale.
    direction
        ``worse`` when a lower score is better: then the worst is the upper end.
    """
    lost = np.isnan(post)
    n, gone = len(pre), int(lost.sum())
    if n == gone:
        return None
    total = float((post - pre)[~lost].sum())
    worst = best = None
    if scale is not None:
        low, high = scale if direction == "better" else scale[::-1]
        before = float(pre[lost].sum())
        worst, best = ((total + gone * end - before) / n for end in (low, high))
    mean = total / (n - gone)
    return FillIns(
        worst=worst, best=best, no_change=total / n, tipping=-mean * n / gone if gone else None
    )
