"""What the doors of this folder take: one estimate per partnership with its variance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from twinimpact.errors import DesignError
from twinimpact.impact.estimate import Estimate
from twinimpact.impact.inputs import Columns, Data, columns_of
from twinimpact.impact.result import Result

Array = np.ndarray[Any, Any]
FEWEST = 3
"""Partnerships below which nothing is pooled."""
SMALL = 10
"""People below which a partnership's own variance is not trusted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Studies:
    """Columns in which partnerships' estimates, their errors and their people stand.

    Parameters
    ----------
    estimate
        Column of estimates, such as mean changes.
    std_error, variance
        Column of standard errors, or of sampling variances: exactly one of them.
    n
        Column of people. Partnerships with fewer than ten take the variance of people within
        partnerships from all of them.
    label
        Column of names; the number of the row if empty.

    Examples
    --------
    >>> from twinimpact.impact import Studies
    >>> Studies(estimate="change", std_error="se", n="people").estimate
    'change'
    """

    estimate: str = "estimate"
    std_error: str = ""
    variance: str = ""
    n: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolPlan:
    """What partnerships are pooled by; each door reads what it needs.

    Parameters
    ----------
    conf_level
        Confidence level of the intervals.
    sesoi
        Smallest size worth having, where higher is better.
    outcome
        Name of the outcome in the rows.
    seed
        Of the draws behind the ranks of :func:`~twinimpact.impact.shrink`.
    prior_scale
        Scale of the half-normal prior of :func:`~twinimpact.impact.bayes_pool`, in the outcome's
        unit; 2.5 times ``sesoi`` if absent.
    planned
        Whether the plan named the moderators of :func:`~twinimpact.impact.meta_regression`;
        otherwise its rows are exploratory.

    Examples
    --------
    >>> from twinimpact.impact import PoolPlan
    >>> PoolPlan(sesoi=0.2).conf_level
    0.95
    """

    conf_level: float = 0.95
    sesoi: float | None = None
    outcome: str = "outcome"
    seed: int = 20260301
    prior_scale: float | None = None
    planned: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Partnerships:
    """Estimates of independent partnerships.

    Parameters
    ----------
    y, v
        Estimates and sampling variances, shape ``(k,)``.
    n
        People behind each, or ``None`` where no column was named.
    labels
        Names of the partnerships.
    warnings
        Codes of :mod:`twinimpact.impact.notes`.
    columns
        The kept rows.
    """

    y: Array
    v: Array
    n: Array | None
    labels: tuple[str, ...]
    warnings: tuple[str, ...]
    columns: Columns

    def __len__(self) -> int:
        return len(self.y)

    @property
    def people(self) -> int | None:
        """People in all, where known."""
        return None if self.n is None else int(self.n.sum())

    def of(self, place: int) -> int | None:
        """People of one partnership, where known."""
        return None if self.n is None else int(self.n[place])

    def table(self) -> pd.DataFrame:
        """The estimates as they are used, one row per partnership."""
        return pd.DataFrame(
            {
                "partnership": self.labels,
                "estimate": self.y,
                "std_error": np.sqrt(self.v),
                "n": np.nan if self.n is None else self.n,
            }
        )


def partnerships_of(data: Data, studies: Studies, moderators: Sequence[str] = ()) -> Partnerships:
    """Take estimates out of the data and check them.

    Raises
    ------
    DesignError
        If not exactly one of standard error and variance is named, a variance is not above zero,
        or a partnership stands twice.
    """
    if bool(studies.std_error) == bool(studies.variance):
        raise DesignError(
            "Name the column of standard errors or that of variances.",
            got="both" if studies.std_error else "neither",
        )
    error = studies.std_error or studies.variance
    numbers = [studies.estimate, error, *moderators, *([studies.n] if studies.n else [])]
    columns = columns_of(data, numbers=numbers, labels=[studies.label] if studies.label else [])
    spread = columns.numbers[error]
    if (spread <= 0).any():
        raise DesignError(
            "A standard error or variance must be above zero.", where=error,
            got=f"{int((spread <= 0).sum())} rows",
            hint="Leave out partnerships in which everybody changed by the same amount.",
        )  # fmt: skip
    v = spread**2 if studies.std_error else spread
    n = columns.numbers[studies.n] if studies.n else None
    warnings = [f"rows_dropped:{columns.dropped}"] if columns.dropped else []
    if n is not None:
        if (n < 1).any():
            raise DesignError("Each partnership has at least one person.", where=studies.n)
        v, borrowed = borrow(v, n)
        warnings += [f"variance_pooled:{borrowed}"] if borrowed else []
    return Partnerships(
        y=columns.numbers[studies.estimate],
        v=v,
        n=n,
        labels=_labels(columns, studies.label),
        warnings=tuple(warnings),
        columns=columns,
    )


def _labels(columns: Columns, label: str) -> tuple[str, ...]:
    if not label:
        return tuple(str(row + 1) for row in columns.rows)
    names = tuple(columns.labels[label][code] for code in columns.codes[label])
    if len(set(names)) < len(names):
        raise DesignError(
            "Each partnership has one row.", where=label, got="a name stands twice",
            hint="Pool one outcome at one time; give people of the same name different ones.",
        )  # fmt: skip
    return names


def pooled_variance(v: Array, n: Array) -> float:
    """Variance of people within partnerships, from all partnerships together."""
    free = n - 1
    return float((free * v * n).sum() / free.sum())


def borrow(v: Array, n: Array) -> tuple[Array, int]:
    """Sampling variances, those of partnerships below ten people from the pooled variance.

    Returns
    -------
    tuple
        Variances, and how many were replaced.
    """
    small = n < SMALL
    if not small.any() or not (n > 1).any():
        return v, 0
    return np.where(small, pooled_variance(v, n) / n, v), int(small.sum())


def too_few(given: Partnerships, base: Estimate, needed: int = FEWEST) -> Result:
    """The refusal of a pool that is too small, with its partnerships listed."""
    row = Estimate(
        outcome=base.outcome,
        estimand=base.estimand,
        method=base.method,
        n=given.people,
        clusters=len(given),
        status="refused",
        note=f"too_few_partnerships:{needed}",
    )
    return Result(
        rows=(row,),
        diagnostics={"partnerships": given.table()},
        warnings=(*given.warnings, f"too_few_partnerships:{needed}"),
    )
