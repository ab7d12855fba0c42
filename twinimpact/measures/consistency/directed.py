"""The answers to one scale as its moments need them: reversed, in one common unit."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from twinimpact.instruments import Scale
from twinimpact.measures.coding import Coded, reversed_codes

Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Directed:
    """Answers to the items of one scale.

    Parameters
    ----------
    scale
        The scale; ``columns`` has one array per item of it that was asked, ``names`` their ids.
    columns
        Codes after reversal, 0 = none, 1 = the lowest, ``top`` = the highest.
    lo, hi, unit
        What the lowest and the highest code stand for, and what one step is worth. Items of
        different ranges are put on 0 to 100.
    scored
        Rows with enough answers for a score.
    """

    scale: Scale
    names: tuple[str, ...]
    columns: tuple[Array, ...]
    top: int
    lo: float
    hi: float
    unit: float
    scored: Array

    @property
    def defined(self) -> bool:
        """Whether the scale has a reliability at all, however many people answer."""
        return has_reliability(self.scale)

    @property
    def asked(self) -> bool:
        """Whether all its items were asked."""
        return len(self.columns) == len(self.scale.items)


def has_reliability(scale: Scale) -> bool:
    """Whether a scale has a coefficient, however many people answer.

    A scale made of other scales has none: its parts have theirs.
    """
    made_of_items = len(scale.items) > 1 and not scale.parts
    return made_of_items and not scale.formative and scale.method not in ("value", "count")


def directed(scale: Scale, coded: Mapping[str, Coded], size: int) -> Directed:
    """The answers to one scale.

    Parameters
    ----------
    coded
        Coded answers by item id; an item that is not there was not asked.
    size
        Number of rows.
    """
    members = [coded[name] for name in scale.items if name in coded]
    ranges = {(one.item.lo, one.item.hi) for one in members}
    lo, hi, unit, top = 0.0, 100.0, 1.0, 1
    if len(ranges) == 1:
        lo, hi = (float(limit) for limit in ranges.pop())
        columns = [_reversed(one, scale) for one in members]
        top = int(hi - lo) + 1
    else:
        widths = [one.item.hi - one.item.lo for one in members]
        steps = math.lcm(*widths) if widths else 1
        columns = [
            _stretched(_reversed(one, scale), steps // width)
            for one, width in zip(members, widths, strict=True)
        ]
        unit, top = 100.0 / steps, steps + 1
    return Directed(
        scale=scale,
        names=tuple(one.item.id for one in members),
        columns=tuple(columns),
        top=top,
        lo=lo,
        hi=hi,
        unit=unit,
        scored=_count(columns, size) >= scale.min_valid,
    )


def _reversed(answers: Coded, scale: Scale) -> Array:
    return reversed_codes(answers) if answers.item.id in scale.reverse else answers.codes


def _stretched(codes: Array, step: int) -> Array:
    """Codes with ``step`` as the distance of neighbouring answers; 0 stays 0."""
    return np.where(codes > 0, (codes.astype("uint32") - 1) * step + 1, 0).astype("uint32")


def _count(columns: Sequence[Array], size: int) -> Array:
    count = np.zeros(size, dtype="uint16")
    for column in columns:
        count += column > 0
    return count
