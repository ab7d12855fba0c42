"""Do answers of the same people rise from wave to wave?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from twinimpact.errors import DesignError
from twinimpact.impact.estimate import Estimate
from twinimpact.impact.inputs import Data, columns_of
from twinimpact.impact.result import Result

FEWEST_PEOPLE = 3


def wave_trend(data: Data, *, waves: Sequence[str], outcome: str = "outcome") -> Result:
    """Page's test that answers of the same people rise, or fall, over three waves or more.

    Page (1963) doi:10.1080/01621459.1963.10500843. Null hypothesis: the order of each person's
    answers is arbitrary. Why they moved cannot be seen from it.

    Parameters
    ----------
    data
        One row per person.
    waves
        Columns of the waves in the order they were asked, three or more; people with an answer
        in each of them are used.
    outcome
        Name of the outcome in the rows.

    Returns
    -------
    Result
        Row ``trend`` (two-sided: double the smaller p, at most 1), ``trend|upper`` (rising) and
        ``trend|lower``; the estimate is Page's L.

    Raises
    ------
    DesignError
        If there are fewer than three waves or three people.

    Examples
    --------
    >>> from twinimpact.impact import wave_trend
    >>> people = {"pre": [1, 2, 2, 3], "post": [2, 3, 3, 4], "later": [3, 4, 5, 5]}
    >>> row = wave_trend(people, waves=["pre", "post", "later"]).primary
    >>> row.n, round(row.p_value, 4)
    (4, 0.0015)
    """
    from scipy import stats

    names = tuple(dict.fromkeys(waves))
    columns = columns_of(data, numbers=names)
    if len(names) < 3 or len(columns) < FEWEST_PEOPLE:
        raise DesignError(
            "A trend over waves needs three waves and three people who answered all of them.",
            got=f"{len(names)} waves, {len(columns)} people",
        )
    values = columns.matrix(names)
    found = [stats.page_trend_test(part) for part in (values, values[:, ::-1])]
    upper, lower = (float(one.pvalue) for one in found)
    common: dict[str, Any] = {
        "outcome": outcome, "method": "page", "n": len(columns), "unit": "L",
        "estimate": float(found[0].statistic),
        "note": f"rows_dropped:{columns.dropped}" if columns.dropped else "",
    }  # fmt: skip
    return Result(
        rows=(
            Estimate(**common, estimand="trend", p_value=min(1.0, 2 * min(upper, lower))),
            Estimate(**common, estimand="trend|upper", p_value=upper),
            Estimate(**common, estimand="trend|lower", p_value=lower),
        ),
        diagnostics={"means": dict(zip(names, np.mean(values, axis=0).tolist(), strict=True))},
    )
