"""Every constant effect the assignment test does not reject: exact, by the breakpoints of p."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
EVEN = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """Hull of the effects with p above alpha; a limit that is infinite is ``None``.

    ``connected`` says whether the set is an interval, ``smallest_p`` the smallest p at any effect.
    """

    low: float | None
    high: float | None
    connected: bool
    smallest_p: float


def accepted(a: Array, b: Array, observed: int, alpha: float) -> Accepted:
    """Invert the two-sided test of a constant effect, for a statistic linear in the outcome.

    Under the effect τ an assignment's statistic is ``a - τ b``, with ``a`` and ``b`` the
    statistics of the outcome and of the observed treatment. It counts where
    ``(a - τ b)² >= (a0 - τ b0)²``: inside or outside its two breakpoints. Gerber & Green (2012),
    Field Experiments, chapter 3.

    Parameters
    ----------
    a, b
        Statistics of every assignment, shape ``(assignments,)``.
    observed
        Position of the observed assignment.
    alpha
        Effects with a p up to this are rejected.
    """
    a0, b0 = float(a[observed]), float(b[observed])
    scale = max(float(np.abs(a).max()), 1e-300)
    inside, outside, always = _where_counted(a, b, (a0, b0), scale)
    edges, counts = _sweep(inside, outside, always, EVEN * scale / max(abs(b0), 1e-300))
    p = counts / len(a)
    kept = np.flatnonzero(p > alpha + 1e-12)
    smallest = float(p.min())
    if not len(kept):
        centre = a0 / b0
        return Accepted(low=centre, high=centre, connected=True, smallest_p=smallest)
    first, last = int(kept[0]), int(kept[-1])
    return Accepted(
        low=None if first == 0 else float(edges[first - 1]),
        high=None if last == len(edges) else float(edges[last]),
        connected=bool(last - first + 1 == len(kept)),
        smallest_p=smallest,
    )


def _where_counted(
    a: Array, b: Array, point: tuple[float, float], scale: float
) -> tuple[Array, Array, int]:
    """Intervals inside and outside of which assignments count, and how many always do."""
    a0, b0 = point
    square, linear, constant = b**2 - b0**2, a * b - a0 * b0, a**2 - a0**2
    flat = np.abs(square) <= EVEN * b0**2
    level = flat & (np.abs(linear) <= EVEN * scale * abs(b0))
    always = int((level & (constant >= -EVEN * scale**2)).sum())
    half = flat & ~level
    with np.errstate(divide="ignore", invalid="ignore"):
        edge = constant[half] / (2 * linear[half])
        first, second = (a - a0) / (b - b0), (a + a0) / (b + b0)
    below = np.where(linear[half] > 0, -np.inf, edge)
    above = np.where(linear[half] > 0, edge, np.inf)
    low, high = np.minimum(first, second), np.maximum(first, second)
    within, beyond = ~flat & (square < 0), ~flat & (square > 0)
    inside = np.concatenate(
        [np.column_stack([low[within], high[within]]), np.column_stack([below, above])]
    )
    return inside, np.column_stack([low[beyond], high[beyond]]), always


def _sweep(inside: Array, outside: Array, always: int, same: float) -> tuple[Array, Array]:
    """Breakpoints, and how many assignments count between them, from −∞ to ∞."""
    opens, closes = inside[:, 0], inside[:, 1]
    events = np.concatenate([opens, closes, outside[:, 0], outside[:, 1]])
    steps = np.concatenate(
        [np.ones(len(opens)), -np.ones(len(closes)), -np.ones(len(outside)), np.ones(len(outside))]
    )
    start = always + int(np.isneginf(opens).sum()) + len(outside)
    finite = np.isfinite(events)
    order = np.argsort(events[finite], kind="stable")
    places, changes = events[finite][order], steps[finite][order]
    if not len(places):
        return places, np.array([float(start)])
    new = np.concatenate([[True], np.diff(places) > same])
    group = np.cumsum(new) - 1
    totals = np.bincount(group, weights=changes)
    return places[new], start + np.concatenate([[0.0], np.cumsum(totals)])
