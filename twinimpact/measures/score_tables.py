"""From whole-number totals to scores: the score of every total and number of answers, once."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from twinimpact.instruments import Catalogue, Scale
from twinimpact.measures.coding import Array, Column, Scratch, Stretch

LARGEST_TABLE = 1 << 20
"""Scales with more pairs of total and number of answers are divided row by row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One item of a scale: its name, weight, and whether it is reversed.

    Items of different ranges are weighted so that the highest offsets become equal.
    """

    name: str
    weight: int
    reverse: bool


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Plan:
    """How totals of one scale are read.

    Parameters
    ----------
    members
        The items that were asked.
    top
        The highest offset one item adds to a total.
    lo
        Lowest answer; ``NaN`` where the items have different ranges.
    kind
        Unsigned type that holds any total.
    tables
        Per unit (``points``, ``raw``, ``raw_sum``) the score at ``count · width + total``.
    """

    scale: Scale
    members: tuple[Member, ...]
    top: int
    lo: float
    kind: str
    tables: Mapping[str, Array]

    @property
    def width(self) -> int:
        """Number of different totals."""
        return self.top * len(self.members) + 1

    def add(self, total: Array, member: Member, part: Stretch) -> None:
        """Add the answers of one item, already reversed where they must be, to the totals."""
        offsets = part.offsets
        if member.weight > 1:
            offsets = np.multiply(offsets, member.weight, dtype=total.dtype)
        np.add(total, offsets, out=total, casting="unsafe")

    def write(self, what: str, total: Array, count: Array, out: Array, scratch: Scratch) -> None:
        """Write the scores of these totals, ``NaN`` below the minimal number of answers."""
        if not self.members:
            out[:] = np.nan
        elif not self.tables:
            out[:] = _scores(self, what, total.astype("float64"), count.astype("float64"))
        else:
            place = scratch.column("place", np.dtype("intp"), len(total))
            np.multiply(count, self.width, out=place, dtype="intp")
            np.add(place, total, out=place, casting="unsafe")
            np.take(self.tables[what], place, out=out, mode="clip")

    def look_up(self, what: str, total: Array, count: Array) -> Array:
        """Scores of these totals, ``NaN`` below the minimal number of valid answers."""
        out = np.empty(len(total))
        self.write(what, total, count, out, Scratch())
        return out


def plan_of(scale: Scale, catalogue: Catalogue, columns: Mapping[str, Column]) -> Plan:
    """How one scale is scored from the items that have a column."""
    items = [catalogue.items[name] for name in scale.items if name in columns]
    spans = [item.hi - item.lo for item in items]
    same = len({(item.lo, item.hi) for item in items}) <= 1
    top = (spans[0] if spans else 0) if same else math.lcm(*spans)
    members = tuple(
        Member(
            name=item.id,
            weight=1 if same else top // span,
            reverse=item.id in scale.reverse,
        )
        for item, span in zip(items, spans, strict=True)
    )
    most = top * len(members)
    plan = Plan(
        scale=scale,
        members=members,
        top=top,
        lo=float(items[0].lo) if same and items else math.nan,
        kind="uint8" if most < 256 else "uint16" if most < 65536 else "uint64",
        tables={},
    )
    size = (len(members) + 1) * plan.width
    if not members or size > LARGEST_TABLE:
        return plan
    count, total = np.divmod(np.arange(size, dtype="float64"), plan.width)
    tables = {what: _scores(plan, what, total, count) for what in ("points", "raw", "raw_sum")}
    return Plan(scale=scale, members=members, top=top, lo=plan.lo, kind=plan.kind, tables=tables)


def _scores(plan: Plan, what: str, total: Array, count: Array) -> Array:
    """Scores by the formula: the mean of the valid items, then the unit.

    The sum of a scale is the mean times the number of its items; a count is the share of "yes"
    times their number. Items of different ranges are averaged as shares of their maximum.
    """
    scale = plan.scale
    mean = np.full(len(total), np.nan)
    scored = count >= max(scale.min_valid, 1)
    if what == "raw_sum":
        mean[scored] = (total + count * plan.lo)[scored]
        return mean
    np.divide(total, count, out=mean, where=scored)
    if math.isnan(plan.lo):
        return 100.0 * mean / plan.top
    mean = mean + plan.lo
    if scale.method == "value":
        return mean
    raw = mean * len(scale.items) if scale.method in ("sum", "count") else mean
    return raw if what == "raw" else 100.0 * (raw - scale.lo) / (scale.hi - scale.lo)
