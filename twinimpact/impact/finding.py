"""The verdict on a contrast: computed from its interval, never chosen."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

VERDICTS = ("beneficial", "harmful", "trivial", "inconclusive", "not_assessed")


def verdict(
    conf_low: float | None, conf_high: float | None, sesoi: float | None, direction: str
) -> str:
    """Verdict of one interval against the smallest change worth having.

    With the sign turned so that positive is good and ``s`` the smallest change worth having:
    lower limit above ``s`` beneficial, upper limit below ``-s`` harmful, interval inside
    ``-s`` to ``s`` trivial, anything else inconclusive. The null hypothesis is not used.

    Parameters
    ----------
    conf_low, conf_high
        Limits of the interval in the outcome's unit; ``None`` when there is no interval.
    sesoi
        Smallest change worth having in the same unit; ``None`` when none was set.
    direction
        ``better`` or ``worse``: what a higher value means.

    Returns
    -------
    str
        A word of :data:`VERDICTS`, or ``""`` without an interval: no interval, no verdict.
    """
    low = math.nan if conf_low is None else conf_low
    high = math.nan if conf_high is None else conf_high
    return str(verdicts(np.array([low]), np.array([high]), sesoi, direction)[0])


def verdicts(
    conf_low: np.ndarray[Any, Any],
    conf_high: np.ndarray[Any, Any],
    sesoi: float | None,
    direction: str,
) -> np.ndarray[Any, Any]:
    """Verdicts of many intervals of one outcome; the rule is that of :func:`verdict`."""
    absent = ~(np.isfinite(conf_low) & np.isfinite(conf_high))
    if sesoi is None:
        return np.where(absent, "", "not_assessed")
    low, high = (conf_low, conf_high) if direction == "better" else (-conf_high, -conf_low)
    rules = [absent, low > sesoi, high < -sesoi, (low > -sesoi) & (high < sesoi)]
    return np.select(rules, ["", "beneficial", "harmful", "trivial"], default="inconclusive")
