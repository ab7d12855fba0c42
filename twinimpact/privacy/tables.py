"""Tables as linear relations, and the audit of what a reader could work out from them.

A reader who sees the shown cells knows that every total is the sum of its parts and that no
count is negative. The audit asks, for every protected cell, which values are still possible:
an interval narrower than the cell's threshold is a leak. It is exact for two-way tables and
uses nothing of the code that chose the cells.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from twinimpact.errors import DisclosureError

Numbers = npt.NDArray[np.float64]
FAR = 1e4
"""How far, in people, a hidden count may be thought to lie from its true value."""
TOLERANCE = 1e-6
SWEEPS = (1, 2, 3, 5)
"""Lengths of the sign patterns with which all hidden cells are first moved together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """``sum(sign * cell)`` equals ``gap``: the total has sign 1, its parts have sign -1.

    A ``gap`` other than zero means that the parts do not add up to the total, because a person
    counts in two parts or a part is not known. A reader does not know the gap; to be on the
    safe side they are taken to know it within a factor of two, so that a table that nearly adds
    up is treated nearly like one that does.
    """

    cells: tuple[int, ...]
    signs: tuple[int, ...]
    gap: float


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """Cells of connected tables.

    Parameters
    ----------
    values
        True counts.
    thresholds
        Smallest width of the interval a reader may be able to work out; one per cell.
    relations
        Everything a reader knows about sums.
    """

    values: Numbers
    thresholds: Numbers
    relations: tuple[Relation, ...]
    of_cell: Mapping[int, tuple[int, ...]] = field(default_factory=dict)


def system_of(
    values: Sequence[float],
    thresholds: Sequence[float],
    relations: Iterable[tuple[Sequence[int], Sequence[int]]],
) -> System:
    """A system from cells and relations given as (cells, signs); gaps follow from the values."""
    numbers = np.asarray(values, dtype="float64")
    listed: list[Relation] = []
    of_cell: dict[int, list[int]] = defaultdict(list)
    for cells, signs in relations:
        gap = float(numbers[list(cells)] @ np.asarray(signs, dtype="float64"))
        gap = 0.0 if abs(gap) < TOLERANCE else gap
        for cell in cells:
            of_cell[cell].append(len(listed))
        listed.append(Relation(cells=tuple(cells), signs=tuple(signs), gap=gap))
    return System(
        values=numbers,
        thresholds=np.asarray(thresholds, dtype="float64"),
        relations=tuple(listed),
        of_cell={cell: tuple(found) for cell, found in of_cell.items()},
    )


def audit(system: System, hidden: frozenset[int], protected: frozenset[int]) -> tuple[int, ...]:
    """Protected cells a reader could work out more closely than their threshold.

    Parameters
    ----------
    system
        The tables.
    hidden
        Cells that are not shown.
    protected
        Hidden cells that must not be worked out.

    Returns
    -------
    tuple of int
        The exposed cells in order; empty when nothing leaks.

    Raises
    ------
    DisclosureError
        If a bound cannot be computed: then nothing may be shown.
    """
    low: dict[int, float] = dict.fromkeys(hidden, 0.0)
    high = dict(low)

    def move(program: _Program, objective: Mapping[int, float]) -> None:
        for direction in (1.0, -1.0):
            steps = program.extreme(objective, direction)
            for cell, step in zip(program.cells, steps, strict=True):
                low[cell], high[cell] = min(low[cell], step), max(high[cell], step)

    def narrow(cells: Iterable[int]) -> list[int]:
        return [
            cell for cell in cells if high[cell] - low[cell] < system.thresholds[cell] - TOLERANCE
        ]

    exposed: list[int] = []
    pending = sorted(protected & hidden)
    if not pending:
        return ()
    program = _program(system, hidden)
    for length in SWEEPS:  # many at once: this shows for most cells that their interval is wide
        half = (length + 1) // 2
        signs = {cell: 1.0 if at % length < half else -1.0 for at, cell in enumerate(pending)}
        move(program, signs)
    pending = narrow(pending)
    while pending:
        open_blocks = {program.blocks[cell] for cell in pending}
        program = _program(
            system, frozenset(c for c in program.cells if program.blocks[c] in open_blocks)
        )
        picks = _one_per_block(pending, program.blocks)
        # alone in its block, each is moved exactly as far as it can go
        move(program, dict.fromkeys(picks, 1.0))
        exposed += narrow(picks)
        pending = narrow(cell for cell in pending if cell not in set(picks))
    return tuple(sorted(exposed))


def _one_per_block(cells: Sequence[int], blocks: Mapping[int, int]) -> list[int]:
    chosen: dict[int, int] = {}
    for cell in cells:
        chosen.setdefault(blocks[cell], cell)
    return list(chosen.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class _Program:
    """Which movements of the hidden cells leave everything a reader knows unchanged."""

    cells: tuple[int, ...]
    blocks: Mapping[int, int]
    bounds: Numbers
    equal: Any
    between: Any
    gaps: Numbers

    def extreme(self, weights: Mapping[int, float], direction: float) -> list[float]:
        """The movement that takes the weighted cells furthest up (1) or down (-1)."""
        import scipy.optimize

        linprog: Any = scipy.optimize.linprog  # its stubs know dense matrices only
        place = {cell: position for position, cell in enumerate(self.cells)}
        objective = np.zeros(len(self.cells))
        for cell, weight in weights.items():
            objective[place[cell]] = -direction * weight
        upper = None if self.between is None else np.concatenate([self.gaps, self.gaps])
        answer = linprog(
            objective,
            A_ub=self.between,
            b_ub=upper,
            A_eq=self.equal,
            b_eq=None if self.equal is None else np.zeros(self.equal.shape[0]),
            bounds=self.bounds,
            method="highs",
        )
        if answer.status != 0:
            raise DisclosureError(
                "It could not be checked whether hidden numbers can be worked out.",
                got=str(answer.message),
                hint="Nothing is shown. Please report this table to the authors.",
            )
        return [float(step) for step in answer.x]


def _program(system: System, hidden: frozenset[int]) -> _Program:
    from scipy import sparse

    cells = tuple(sorted(hidden))
    place = {cell: position for position, cell in enumerate(cells)}
    block = list(range(len(cells)))

    def root(position: int) -> int:
        while block[position] != position:
            block[position] = block[block[position]]
            position = block[position]
        return position

    exact: list[tuple[list[int], list[int]]] = []
    loose: list[tuple[list[int], list[int]]] = []
    gaps: list[float] = []
    for number in sorted({n for cell in cells for n in system.of_cell.get(cell, ())}):
        relation = system.relations[number]
        pairs = zip(relation.cells, relation.signs, strict=True)
        inside = [(place[cell], sign) for cell, sign in pairs if cell in place]
        row = ([position for position, _ in inside], [sign for _, sign in inside])
        for position in row[0][1:]:
            block[root(position)] = root(row[0][0])
        if relation.gap:
            loose.append(row)
            gaps.append(abs(relation.gap))
        else:
            exact.append(row)

    def matrix(rows: list[tuple[list[int], list[int]]]) -> Any:
        if not rows:
            return None
        lengths = [len(positions) for positions, _ in rows]
        where = np.repeat(np.arange(len(rows)), lengths)
        columns = np.concatenate([positions for positions, _ in rows])
        signs = np.concatenate([values for _, values in rows]).astype("float64")
        return sparse.csr_matrix((signs, (where, columns)), shape=(len(rows), len(cells)))

    between = matrix(loose)
    return _Program(
        cells=cells,
        blocks={cell: root(position) for cell, position in place.items()},
        bounds=np.column_stack([-system.values[list(cells)], np.full(len(cells), FAR)]),
        equal=matrix(exact),
        between=None if between is None else sparse.vstack([between, -between]),
        gaps=np.asarray(gaps),
    )
