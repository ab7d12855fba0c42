"""Intervals and tests of shares: two arms, and one group asked twice."""

from __future__ import annotations

import math

import numpy as np
from scipy import special

from twinimpact.measures.proportions import wilson


def newcombe(first: tuple[int, int], second: tuple[int, int], level: float) -> tuple[float, float]:
    """Limits of a difference of two independent shares, from the Wilson limits of both.

    Newcombe (1998) doi:10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I.

    Parameters
    ----------
    first, second
        People who count, and people asked; the difference is first minus second.
    """
    count, n = np.array([first, second], dtype=float).T
    low, high = wilson(count, n, level)
    share = count / n
    difference = float(share[0] - share[1])
    down = math.hypot(float(share[0] - low[0]), float(high[1] - share[1]))
    up = math.hypot(float(high[0] - share[0]), float(share[1] - low[1]))
    return difference - down, difference + up


def bonett_price(gained: int, lost: int, n: int, level: float) -> tuple[float, float]:
    """Limits of the change of a share in one group asked twice (adjusted Wald).

    Bonett & Price (2012) doi:10.3102/1076998611411915.

    Parameters
    ----------
    gained, lost
        People who count only after, and only before.
    n
        Everybody asked twice.
    """
    up, down = (gained + 1) / (n + 2), (lost + 1) / (n + 2)
    half = special.ndtri(0.5 + level / 2) * math.sqrt((up + down - (up - down) ** 2) / (n + 2))
    return max(-1.0, float(up - down - half)), min(1.0, float(up - down + half))


def mcnemar_p(gained: int, lost: int) -> float:
    """Exact two-sided p that as many gained as lost; 1 when nobody did either.

    McNemar (1947) doi:10.1007/BF02295996.
    """
    changed = gained + lost
    tail = float(special.bdtr(min(gained, lost), changed, 0.5)) if changed else 1.0
    return min(1.0, 2 * tail)


def reliable_limit(spread: float, reliability: float) -> tuple[float, float]:
    """Standard error of measurement and the smallest change beyond measurement error (MDC95).

    SEM = s·√(1 − r); MDC95 = 1.96·√2·SEM, so that |change| > MDC95 is |RCI| > 1.96. Assumes
    normal errors of equal size at both waves and an unchanged scale. Christensen & Mendoza
    (1986), Behavior Therapy 17, 305-308, doi:10.1016/S0005-7894(86)80060-0.
    """
    error = spread * math.sqrt(1 - reliability)
    return error, 1.96 * math.sqrt(2) * error
