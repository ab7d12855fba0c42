"""Interval of a share."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import special

Array = npt.NDArray[Any]


def wilson(successes: Array, n: Array, level: float) -> tuple[Array, Array]:
    """Wilson (1927) limits of a share, elementwise; doi:10.1080/01621459.1927.10502953.

    Parameters
    ----------
    successes, n
        People who count, and people asked; ``n`` may be an effective number.
    level
        Confidence level, between 0 and 1.
    """
    z = special.ndtri(0.5 + level / 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = successes / n
        centre = (share + z**2 / (2 * n)) / (1 + z**2 / n)
        half = z / (1 + z**2 / n) * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    low = np.where(successes == 0, 0.0, centre - half)  # exact where rounding would miss
    return low, np.where(successes == n, 1.0, centre + half)
