"""One pass over the rows that fills the columns of all scales, stretch by stretch."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np

from twinimpact.measures.coding import Array, Column, Scratch, Stretch, code_stretch, stretches
from twinimpact.measures.score_tables import Plan

MOST_WORKERS = 4


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Counted:
    """What is counted in some rows: answers per item, and where some lie out of range."""

    outside: dict[str, Array]
    valid: Counter[str]
    skipped: Counter[str]
    above: Counter[str]
    both: Counter[str]

    @classmethod
    def nothing(cls) -> Counted:
        """Nothing counted yet."""
        return cls(outside={}, valid=Counter(), skipped=Counter(), above=Counter(), both=Counter())


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pass:
    """Columns that are filled stretch by stretch."""

    plans: tuple[Plan, ...]
    columns: Mapping[str, Column]
    shared: frozenset[str]
    points: Array
    counts: Array
    totals: dict[str, Array]

    @classmethod
    def start(cls, plans: tuple[Plan, ...], columns: Mapping[str, Column], size: int) -> Pass:
        """Columns for ``size`` rows, still to be filled."""
        uses = Counter(member.name for plan in plans for member in plan.members)
        bounded = {name: column.item.not_above for name, column in columns.items()}
        kept = {name for name, times in uses.items() if times > 1}
        kept |= {name for name, bound in bounded.items() if bound in columns}
        kept |= {bound for bound in bounded.values() if bound in columns}
        most = max((len(plan.members) for plan in plans), default=0)
        return cls(
            plans=plans,
            columns=columns,
            shared=frozenset(kept),
            points=np.empty((len(plans), size)),
            counts=np.empty((len(plans), size), dtype="uint8" if most < 256 else "uint16"),
            totals=_totals(plans, size),
        )


def _totals(plans: tuple[Plan, ...], size: int) -> dict[str, Array]:
    """A column of each scale, not yet filled; those of one type lie in one piece of memory.

    One large piece costs the operating system much less than many, and zeros are written when
    a stretch of rows is at hand.
    """
    alike: dict[str, list[str]] = {}
    for plan in plans:
        alike.setdefault(plan.kind, []).append(plan.scale.id)
    made: dict[str, Array] = {}
    for kind, names in alike.items():
        made.update(zip(names, np.empty((len(names), size), dtype=kind), strict=True))
    return made


def score_all(work: Pass, size: int) -> Counted:
    """Score all stretches of rows, on several processors at once where there are many rows.

    Stretches do not touch each other's rows and everything is counted in whole numbers, so the
    result does not depend on how many processors there are.
    """
    rows = list(stretches(size))
    workers = min(len(rows), MOST_WORKERS, os.cpu_count() or 1)
    if workers < 2:
        parts = [_score_stretch(work, one) for one in rows]
    else:
        with ThreadPoolExecutor(workers) as pool:
            parts = list(pool.map(partial(_score_stretch, work), rows))
    total = Counted.nothing()
    for part in parts:
        for name, places in part.outside.items():
            before = total.outside.get(name, places[:0])
            total.outside[name] = np.concatenate([before, places])
        total.valid.update(part.valid)
        total.skipped.update(part.skipped)
        total.above.update(part.above)
        total.both.update(part.both)
    return total


def _score_stretch(work: Pass, rows: slice) -> Counted:
    """Fill the columns of all scales for a stretch of rows."""
    done: dict[tuple[str, bool], Stretch] = {}
    scratch = Scratch()
    counted = Counted.nothing()

    def coded(name: str, reverse: bool = False) -> Stretch:
        part = done.get((name, reverse))
        if part is None:
            again = None if name in work.shared else scratch
            part = code_stretch(name, work.columns, rows, reverse=reverse, scratch=again)
            counted.valid[name] = part.n_valid
            counted.skipped[name] = part.discarded
            if len(part.outside):
                counted.outside[name] = part.outside + rows.start
            if name in work.shared:
                done[name, reverse] = part
        return part

    for number, plan in enumerate(work.plans):
        count, total = work.counts[number, rows], work.totals[plan.scale.id][rows]
        count[:] = 0
        total[:] = 0
        for member in plan.members:
            part = coded(member.name, member.reverse)
            plan.add(total, member, part)
            np.add(count, part.valid.view("uint8"), out=count)
        plan.write("points", total, count, work.points[number, rows], scratch)
    for name, column in work.columns.items():
        if name not in counted.valid:
            coded(name)
        bound = column.item.not_above
        if bound in work.columns:
            low, high = coded(name), coded(bound)
            both = low.valid & high.valid
            lift = column.item.lo - work.columns[bound].item.lo
            above = both & (low.offsets.astype("int64") + lift > high.offsets)
            counted.both[name] = int(np.count_nonzero(both))
            counted.above[name] = int(np.count_nonzero(above))
    return counted
