"""How much of a gain was still there at the follow-up, with an interval that may not exist."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy import special

from twinimpact.impact.clusters import town_means
from twinimpact.impact.estimate import Estimate
from twinimpact.impact.inputs import Columns, Data, columns_of
from twinimpact.impact.intervals import TOLERANCE
from twinimpact.impact.notes import note
from twinimpact.impact.result import Result
from twinimpact.impact.waves.mean_rows import (
    FEWEST,
    FEWEST_TOWNS,
    FIRM,
    change_rows,
    size_code,
    towns_of,
)
from twinimpact.impact.waves.plan import ChangePlan
from twinimpact.impact.waves.responder_rows import direction_of
from twinimpact.impact.waves.sphericity import repeated_measures

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """A ratio of two mean gains with Fieller's limits; they exist where ``g`` is below 1."""

    ratio: float
    g: float
    low: float | None
    high: float | None


def fieller(gain: Array, later: Array, level: float) -> Ratio | None:
    """Ratio of the means of ``later`` and ``gain``, measured on the same units, t(n - 1).

    g = t²·Var(mean gain)/gain²; from g = 1 on the gain is not clear of zero, and the values that
    fit the data wrap infinity. Fieller (1954), Journal of the Royal Statistical Society B 16:175,
    doi:10.1111/j.2517-6161.1954.tb00159.x.

    Returns
    -------
    Ratio or None
        None without a gain, with a gain that does not vary, or with fewer than two units.
    """
    n = len(gain)
    size = max(float(np.abs(gain).max(initial=0.0)), float(np.abs(later).max(initial=0.0)), 1e-300)
    mean, other = float(gain.mean()) if n else 0.0, float(later.mean()) if n else 0.0
    if n < 2 or abs(mean) <= TOLERANCE * size or np.ptp(gain) <= TOLERANCE * size:
        return None
    spread = np.cov(gain, later) / n
    t_square = float(special.stdtrit(n - 1, 0.5 + level / 2)) ** 2
    g = t_square * float(spread[0, 0]) / mean**2
    ratio = other / mean
    if g >= 1:
        return Ratio(ratio=ratio, g=g, low=None, high=None)
    a = mean**2 - t_square * float(spread[0, 0])
    b = mean * other - t_square * float(spread[0, 1])
    c = other**2 - t_square * float(spread[1, 1])
    root = math.sqrt(max(b**2 - a * c, 0.0))
    return Ratio(ratio=ratio, g=g, low=(b - root) / a, high=(b + root) / a)


def kept_share(
    data: Data,
    *,
    pre: str,
    post: str,
    followup: str,
    cluster: str = "",
    plan: ChangePlan | None = None,
) -> Result:
    """Share of the gain that was still there at the follow-up.

    (followup - pre)/(post - pre) of the people with all three scores, with Fieller's interval
    (1954, doi:10.1111/j.2517-6161.1954.tb00159.x). Given only where the gain itself has an
    interval clear of zero: a ratio to nothing means nothing. From three towns on gains are means
    over towns; two towns are not put together.

    Parameters
    ----------
    data
        One row per person.
    pre, post, followup
        Columns of the scores.
    cluster
        Column of towns.
    plan
        Ends of the scale and confidence level.

    Returns
    -------
    Result
        The kept share first, then both gains and the change from post to follow-up.
        ``diagnostics``: ``g``, and for up to 30 people ``sphericity``, the table of the
        repeated-measures analysis as a check.

    Raises
    ------
    DesignError
        If a column is missing or holds no numbers, or nobody has all three scores.

    Examples
    --------
    >>> from twinimpact.impact import kept_share
    >>> data = {"before": [2, 3, 3, 4, 2, 3, 4, 2, 3, 3, 2],
    ...         "after": [3, 4, 4, 5, 3, 4, 5, 4, 4, 3, 3],
    ...         "later": [3, 4, 3, 5, 2, 4, 5, 3, 4, 3, 3]}
    >>> row = kept_share(data, pre="before", post="after", followup="later").primary
    >>> round(row.estimate, 2), round(row.conf_low, 2), round(row.conf_high, 2)
    (0.73, 0.45, 1.05)
    """
    plan = plan or ChangePlan()
    columns = columns_of(data, numbers=[pre, post, followup], labels=[cluster] if cluster else [])
    before, after, later = (columns.numbers[name] for name in (pre, post, followup))
    town, names = towns_of(columns, cluster)
    base = Estimate(
        outcome=followup, estimand="kept_share", method="fieller", unit="ratio", grade=1,
        n=len(columns), clusters=None if town is None else len(names), missing=columns.dropped,
        direction=direction_of(plan.scale)[0],
    )  # fmt: skip
    gains = {
        "post-pre": after - before,
        "followup-pre": later - before,
        "followup-post": later - after,
    }
    kept, g = _kept(base, gains, town, len(names), plan.conf_level)
    rows = [kept]
    for estimand, change in gains.items():
        shared = replace(base, estimand=estimand, method="paired_t", unit="", note="")
        rows += change_rows(shared, change, town, names, plan.conf_level)
    diagnostics: dict[str, Any] = {"g": g}
    if 4 <= len(columns) <= FIRM:
        diagnostics["sphericity"] = repeated_measures(columns.matrix([pre, post, followup]))
    return Result(
        rows=tuple(rows),
        diagnostics=diagnostics,
        warnings=_warnings(columns),
    )


def _kept(
    base: Estimate, gains: dict[str, Array], town: Array | None, towns: int, level: float
) -> tuple[Estimate, float | None]:
    n = len(gains["post-pre"])
    if n < FEWEST:
        return replace(base, status="descriptive", note="not_tested"), None
    if towns == 2:
        return replace(base, status="descriptive", note="too_few_towns"), None
    gain, later = gains["post-pre"], gains["followup-pre"]
    code = size_code(n)
    if town is not None and towns >= FEWEST_TOWNS:
        gain, later = town_means(gain, town)[1], town_means(later, town)[1]
        code = note(code, "average_town")
    found = fieller(gain, later, level)
    if found is None or found.low is None:
        status = replace(base, status="not_estimable", note=note("gain_unclear", code))
        return status, None if found is None else found.g
    row = replace(
        base, estimate=found.ratio, conf_low=found.low, conf_high=found.high, conf_level=level,
        note=code,
    )  # fmt: skip
    return row, found.g


def _warnings(columns: Columns) -> tuple[str, ...]:
    return (f"rows_dropped:{columns.dropped}",) if columns.dropped else ()
