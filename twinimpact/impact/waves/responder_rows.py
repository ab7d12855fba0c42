"""How many people improved, stayed and got worse, by a threshold: rows for one group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from twinimpact.errors import DesignError
from twinimpact.impact.estimate import Estimate
from twinimpact.impact.inputs import Data, columns_of
from twinimpact.impact.notes import note, with_value
from twinimpact.impact.paired import beyond
from twinimpact.impact.waves.mean_rows import FEWEST, FIRM, size_code
from twinimpact.impact.waves.shares import reliable_limit
from twinimpact.measures.consistency.alpha import cronbach_alpha
from twinimpact.measures.proportions import wilson

Array = np.ndarray[Any, Any]
Reliability = float | Sequence[str] | None
Ends = tuple[float, float] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """The smallest change that counts, and how it was set.

    ``method`` is ``wilson`` (smallest important change) or ``rci`` (beyond measurement error);
    ``limit`` is None where it cannot be set, and ``note`` says why. ``error`` is the standard
    error of measurement, from ``people`` asked before.
    """

    method: str
    limit: float | None
    note: str = ""
    error: float | None = None
    people: int = 0


def direction_of(scale: Ends) -> tuple[str, int]:
    """What a higher value means by the ends of the scale, the worst first, and its sign.

    Raises
    ------
    DesignError
        If both ends are the same.
    """
    if scale is None:
        return "better", 1
    if scale[0] == scale[1]:
        raise DesignError(
            "A scale has two different ends.", where="scale", got=str(scale),
            expected="(worst, best)",
        )  # fmt: skip
    return ("better", 1) if scale[1] > scale[0] else ("worse", -1)


def thresholds_of(
    data: Data, pre: str, mic: float | None, reliability: Reliability
) -> tuple[Threshold, ...]:
    """The threshold by importance and the one by measurement error.

    Both use the SD of everybody asked before, not only of those who answered again.

    Parameters
    ----------
    data, pre
        All rows, and the column of the score before.
    mic
        Smallest important change; without it half an SD.
    reliability
        Of the score, or the columns of its items before (alpha, from 30 complete people on).
    """
    before = columns_of(data, numbers=[pre]).numbers[pre]
    spread = float(before.std(ddof=1)) if len(before) > 1 else 0.0
    if mic is not None and not mic > 0:
        raise DesignError("The smallest important change is a size above zero.", got=str(mic))
    half = spread / 2 if spread > 1e-9 else None
    smallest = half if mic is None else float(mic)
    code = "threshold_half_sd" if mic is None else "threshold_sesoi"
    told = "no_variation" if smallest is None else with_value(code, smallest)
    important = Threshold(method="wilson", limit=smallest, note=told)
    known = _reliability(data, reliability)
    if known is None or not 0 < known <= 1 or spread <= 1e-9:
        return important, Threshold(method="rci", limit=None, note="no_reliability")
    error, limit = reliable_limit(spread, known)
    told = with_value("reliability", known)
    return important, Threshold(
        method="rci", limit=limit, note=told, error=error, people=len(before)
    )


def _reliability(data: Data, reliability: Reliability) -> float | None:
    if reliability is None:
        return None
    if isinstance(reliability, int | float | np.floating):
        if not 0 <= float(reliability) <= 1:
            raise DesignError("Reliability lies between 0 and 1.", got=str(reliability))
        return float(reliability)
    if len(reliability) < 2:
        raise DesignError("Alpha needs two items at least.", got=", ".join(reliability))
    items = columns_of(data, numbers=list(reliability)).matrix(list(reliability))
    if len(items) < FIRM:
        return None
    n = np.array([len(items)])
    alpha = float(cronbach_alpha(np.cov(items, rowvar=False)[None], n).estimate[0])
    return alpha if np.isfinite(alpha) else None


def responder_rows(
    base: Estimate, better: Array, threshold: Threshold, level: float
) -> list[Estimate]:
    """Shares improved, unchanged and worse with Wilson limits, and the number missing.

    Parameters
    ----------
    base
        What the rows share; ``missing`` is the number of people without both scores.
    better
        Change of each person, positive for the better, shape ``(people,)``.
    threshold
        What counts as a change.
    """
    n = len(better)
    code = note(size_code(n), threshold.note, base.note)
    base = replace(base, method=threshold.method, n=n, unit="share", note=code)
    if threshold.limit is None or not n:
        status = replace(base, status="not_estimable", estimand=f"{base.estimand}|improved")
        return [status if n else replace(status, note=note("no_pairs", code))]
    up, down = beyond(better, threshold.limit, strict=threshold.method == "rci")
    counts = np.array([up.sum(), (~up & ~down).sum(), down.sum()])
    low, high = wilson(counts, np.full(3, float(n)), level)
    firm = n >= FEWEST
    rows = [
        replace(
            base,
            estimand=f"{base.estimand}|{name}",
            estimate=float(count) / n,
            denominator=float(n),
            conf_low=float(low[i]) if firm else None,
            conf_high=float(high[i]) if firm else None,
            conf_level=level if firm else None,
            status="ok" if firm else "descriptive",
        )
        for i, (name, count) in enumerate(
            zip(("improved", "unchanged", "worse"), counts, strict=True)
        )
    ]
    missing = replace(
        base, estimand=f"{base.estimand}|missing", method="describe", unit="people",
        estimate=float(base.missing or 0), n=n + (base.missing or 0), note=base.note,
    )  # fmt: skip
    return [*rows, missing]


def precision_rows(base: Estimate, threshold: Threshold, unit: str) -> list[Estimate]:
    """Standard error of measurement and the smallest reliable change, in units of the outcome."""
    if threshold.error is None or threshold.limit is None:
        return []
    shared = replace(
        base, method="rci", unit=unit, note=threshold.note, missing=None, n=threshold.people
    )
    return [
        replace(shared, estimand="pre|sem", estimate=threshold.error),
        replace(shared, estimand=f"{base.estimand}|mdc95", estimate=threshold.limit),
    ]
