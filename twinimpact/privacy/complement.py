"""Which further counts to hide so that the hidden ones cannot be worked out.

A strategy takes the tables, the cells that must be hidden, and the audit, and gives all
cells to hide. Any function of this shape fits: :func:`smallest_first` is a quick rule that
is repeated until the audit finds nothing; an optimal choice can take its place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from twinimpact.errors import DisclosureError
from twinimpact.privacy.tables import Relation, System, audit

Strategy = Callable[[System, frozenset[int]], frozenset[int]]


def smallest_first(system: System, primary: frozenset[int]) -> frozenset[int]:
    """Hide the smallest counts that are needed.

    Every sum with hidden parts gets at least two of them, together at least as large as the
    threshold; then the audit names what can still be worked out, and each such cell gets a
    shown count from a sum it belongs to, until the audit finds nothing. Counts that need no
    further cover go first, and among those the smallest.

    Parameters
    ----------
    system
        The tables.
    primary
        Cells that must be hidden and must not be worked out.

    Returns
    -------
    frozenset of int
        All cells to hide, ``primary`` included.

    Raises
    ------
    DisclosureError
        If a cell stays exposed although everything connected with it is hidden.
    """
    hidden = set(primary)
    _balance(system, hidden, primary, primary)
    while exposed := audit(system, frozenset(hidden), primary):
        added: set[int] = set()
        for cell in exposed:
            if not added & _neighbours(system, cell):
                added.add(_cover(system, hidden | added, cell))
        hidden |= added
        _balance(system, hidden, primary, added)
    return frozenset(hidden)


def _balance(
    system: System, hidden: set[int], primary: frozenset[int], start: Iterable[int]
) -> None:
    """Hide more until no sum gives a hidden cell away by itself."""
    queue = [number for cell in sorted(start) for number in system.of_cell.get(cell, ())]
    while queue:
        relation = system.relations[queue.pop()]
        if _gives_away(system, hidden, primary, relation):
            cell = _smallest(system, hidden, [relation])
            if cell is not None:
                hidden.add(cell)
                queue.extend(system.of_cell[cell])


def _gives_away(
    system: System, hidden: set[int], primary: frozenset[int], relation: Relation
) -> bool:
    inside = [
        (cell, sign)
        for cell, sign in zip(relation.cells, relation.signs, strict=True)
        if cell in hidden
    ]
    if not inside:
        return False
    need = max(
        (float(system.thresholds[cell]) for cell, _ in inside if cell in primary),
        default=float(system.thresholds[[cell for cell, _ in inside]].min()),
    )
    free = 2 * abs(relation.gap)
    if len(inside) == 1:
        return free < need
    if len({sign for _, sign in inside}) == 2:
        return False  # the total moves with its parts
    return free + float(system.values[[cell for cell, _ in inside]].sum()) < need


def _cover(system: System, hidden: set[int], cell: int) -> int:
    """The smallest shown cell of a sum the cell belongs to, or of the sums around it."""
    seen = {cell}
    ring = [cell]
    while ring:
        numbers = sorted({n for member in ring for n in system.of_cell.get(member, ())})
        relations = [system.relations[number] for number in numbers]
        found = _smallest(system, hidden, relations)
        if found is not None:
            return found
        around = {member for relation in relations for member in relation.cells}
        ring = sorted(around - seen)
        seen |= around
    raise DisclosureError(
        "A small number could be worked out from the others, whatever else is hidden.",
        hint="Nothing is shown. Please report this table to the authors.",
    )


def _smallest(system: System, hidden: set[int], relations: Iterable[Relation]) -> int | None:
    shown = {cell for relation in relations for cell in relation.cells} - hidden

    def cost(cell: int) -> tuple[bool, int, float, int]:
        # a zero can hide little; a cell alone in a further sum would need cover there too
        alone = sum(
            hidden.isdisjoint(system.relations[number].cells) for number in system.of_cell[cell]
        )
        return (system.values[cell] == 0, alone, float(system.values[cell]), cell)

    return min(shown, key=cost, default=None)


def _neighbours(system: System, cell: int) -> set[int]:
    numbers = system.of_cell.get(cell, ())
    return {member for number in numbers for member in system.relations[number].cells}
