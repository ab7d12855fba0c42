"""Scales that are means of other scales: every part weighs alike, and all must be there."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from twinimpact.instruments import Scale
from twinimpact.measures.coding import Array


def fill_parts(points: Array, scales: Sequence[Scale]) -> None:
    """Fill the rows of composed scales in place.

    Parameters
    ----------
    points
        Scores from 0 to 100, shape (scales, responses); ``NaN`` where there is none.
    scales
        What each row is, in order. A composed scale names its ``parts``; with one of them
        missing it has no score.
    """
    place = {scale.id: row for row, scale in enumerate(scales)}
    for row, scale in enumerate(scales):
        if scale.parts:
            if all(part in place for part in scale.parts):
                np.mean(points[[place[part] for part in scale.parts]], axis=0, out=points[row])
            else:
                points[row] = np.nan
