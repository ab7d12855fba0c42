"""Following a slope down: limited-memory quasi-Newton steps.

The usual library routine calls a threaded linear algebra for a dozen numbers at a time, which
can take a hundred times as long as the loss itself; here such products are plain sums.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
MEMORY = 10
MAX_STEPS = 2000
_ENOUGH = 1e-4
"""Share of the decrease promised by the slope that a step must deliver (Armijo)."""
_SHORTEST, _FIRST, _LONGEST = 1e-10, 0.1, 1.0
Loss = Callable[[Array], tuple[float, Array]]


def descend(loss: Loss, point: Array, close: float) -> Array:
    """Walk down until a step gains less than ``close`` of the loss.

    Parameters
    ----------
    loss
        The loss and its slope at a point.
    point
        Where to start.

    Notes
    -----
    Nocedal and Wright (2006), algorithm 7.4, doi:10.1007/978-0-387-40065-5.
    """
    value, slope = loss(point)
    memory: deque[tuple[Array, Array, float]] = deque(maxlen=MEMORY)
    for _ in range(MAX_STEPS):
        way = -_turned(slope, memory)
        fall = float((way * slope).sum())
        if not fall < 0:
            memory.clear()
            way, fall = -slope, -float((slope * slope).sum())
        if fall == 0:
            return point
        # means and log spreads are of the order of 1: longer steps only leave the field
        share = min(1.0, (_LONGEST if memory else _FIRST) / float(np.abs(way).max()))
        while True:
            moved = point + share * way
            new_value, new_slope = loss(moved)
            if new_value <= value + _ENOUGH * share * fall:
                break
            # lowest point of the parabola through both values and the slope, within bounds
            bent = new_value - value - share * fall
            best = -0.5 * share * share * fall / bent if bent > 0 else 0.5 * share
            share = min(max(best, 0.1 * share), 0.5 * share)
            if share < _SHORTEST:
                return point
        gained = value - new_value
        step, change = moved - point, new_slope - slope
        curvature = float((step * change).sum())
        if curvature > 1e-12 * float((change * change).sum()):
            memory.append((step, change, 1 / curvature))
        point, value, slope = moved, new_value, new_slope
        if gained <= close * abs(value):
            return point
    return point


def _turned(slope: Array, memory: deque[tuple[Array, Array, float]]) -> Array:
    """The slope times the remembered inverse curvature (two loops)."""
    turned = slope.copy()
    shares = []
    for step, change, inverse in reversed(memory):
        share = inverse * float((step * turned).sum())
        turned -= share * change
        shares.append(share)
    if memory:
        step, change, inverse = memory[-1]
        turned /= inverse * float((change * change).sum())
    for (step, change, inverse), share in zip(memory, reversed(shares), strict=True):
        turned += step * (share - inverse * float((change * turned).sum()))
    return turned
