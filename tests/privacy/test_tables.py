"""The audit and the choice of further hidden counts, against independent bounds."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from twinimpact.errors import DisclosureError
from twinimpact.privacy import audit, smallest_first, system_of
from twinimpact.privacy.tables import System

K = 5.0


def two_way(inner: np.ndarray) -> System:
    """A table with margins; cell (i, j) has number i * (columns + 1) + j, margins last."""
    full = np.pad(inner, ((0, 1), (0, 1)))
    full[-1] = full.sum(axis=0)
    full[:, -1] = full.sum(axis=1)
    rows, columns = full.shape
    number = np.arange(full.size).reshape(full.shape)
    lines = [number[i] for i in range(rows)] + [number[:, j] for j in range(columns)]
    relations = [
        ([int(line[-1]), *map(int, line[:-1])], [1, *[-1] * (len(line) - 1)]) for line in lines
    ]
    values = full.ravel().astype(float)
    return system_of([*values], [K] * len(values), relations)


def width(system: System, hidden: frozenset[int], cell: int) -> float:
    """The same question, put to a linear program over all cells with the counts themselves."""
    size = len(system.values)
    equal = np.zeros((len(system.relations), size))
    for row, relation in enumerate(system.relations):
        equal[row, list(relation.cells)] = relation.signs
    bounds = [
        (0, None) if number in hidden else (value, value)
        for number, value in enumerate(system.values)
    ]
    aim = np.zeros(size)
    aim[cell] = 1
    low = linprog(aim, A_eq=equal, b_eq=np.zeros(len(equal)), bounds=bounds)
    high = linprog(-aim, A_eq=equal, b_eq=np.zeros(len(equal)), bounds=bounds)
    return float("inf") if high.status == 3 else float(-high.fun - low.fun)


def small(system: System) -> frozenset[int]:
    return frozenset(np.flatnonzero((system.values > 0) & (system.values < K)).tolist())


TABLES = st.tuples(st.integers(2, 5), st.integers(2, 5)).flatmap(
    lambda shape: st.lists(
        st.one_of(st.integers(0, 6), st.integers(0, 60)),
        min_size=shape[0] * shape[1],
        max_size=shape[0] * shape[1],
    ).map(lambda values: np.array(values).reshape(shape))
)


@settings(max_examples=25, deadline=None)
@given(TABLES)
def test_no_hidden_count_can_be_worked_out(inner: np.ndarray) -> None:
    system = two_way(inner)
    primary = small(system)
    hidden = smallest_first(system, primary)
    assert primary <= hidden
    for cell in primary:
        assert width(system, hidden, cell) >= K - 1e-4


@settings(max_examples=25, deadline=None)
@given(TABLES, st.randoms(use_true_random=False))
def test_the_audit_agrees_with_bounds_computed_otherwise(inner: np.ndarray, dice: object) -> None:
    system = two_way(inner)
    primary = small(system)
    others = [cell for cell in range(len(system.values)) if dice.random() < 0.3]  # type: ignore[attr-defined]
    hidden = primary | frozenset(others)
    exposed = {cell for cell in primary if width(system, hidden, cell) < K - 1e-4}
    assert set(audit(system, hidden, primary)) == exposed


def test_a_planted_leak_is_found() -> None:
    # two hidden counts in each line look safe, but 1 + 2 in the first row leaves no room
    system = two_way(np.array([[1, 2, 30], [20, 30, 40], [50, 60, 70]]))
    hidden = frozenset({0, 1, 4, 5})
    assert audit(system, hidden, frozenset({0, 1})) == (0, 1)


def test_a_single_hidden_count_is_exposed() -> None:
    system = two_way(np.array([[3, 20], [12, 25]]))
    assert audit(system, frozenset({0}), frozenset({0})) == (0,)


def test_a_table_worked_by_hand() -> None:
    # only 3 is small. Its column needs one more count: 12, the smaller of 12 and 15. The row of
    # 12 needs one more: 8. The column of 8 and the row of 3 meet in 30, which covers both.
    # Then 3 may be 0 (if 12 is 15, 30 is 33, 8 is 5) up to 15 (if 12 is 0, 30 is 18, 8 is 20).
    system = two_way(np.array([[3, 20, 30], [12, 25, 8], [15, 10, 40]]))
    hidden = smallest_first(system, frozenset({0}))
    assert hidden == {0, 2, 4, 6}
    assert width(system, hidden, 0) == pytest.approx(15.0)


def test_every_integer_table_by_enumeration() -> None:
    # all tables a reader would have to consider, counted one by one
    inner = np.array([[2, 6], [7, 4]])
    system = two_way(inner)
    hidden = frozenset({0, 1, 3, 4})
    possible = {
        a
        for a, b, c, d in product(range(20), repeat=4)
        if (a + b, c + d, a + c, b + d) == (8, 11, 9, 10)
    }
    assert max(possible) - min(possible) == width(system, hidden, 0) == 8
    assert audit(system, hidden, frozenset({0, 4})) == ()


def test_a_total_of_one_part_is_hidden_with_it() -> None:
    system = system_of([3, 3, 40], [K] * 3, [([0, 1], [1, -1]), ([2, 0], [1, -1])])
    assert smallest_first(system, frozenset({0, 1})) == {0, 1}


def test_a_table_that_nearly_adds_up_protects_little() -> None:
    # the whole is 41, its parts 3 and 39: one person is in both, so 3 is known within one
    system = system_of([41, 3, 39], [K] * 3, [([0, 1, 2], [1, -1, -1])])
    assert audit(system, frozenset({1}), frozenset({1})) == (1,)
    assert smallest_first(system, frozenset({1})) == {1, 2}
    # with 20 people in both, nothing can be worked out
    loose = system_of([22, 3, 39], [K] * 3, [([0, 1, 2], [1, -1, -1])])
    assert smallest_first(loose, frozenset({1})) == {1}


def test_what_cannot_be_protected_stops_everything() -> None:
    # a reader knows both counts to lie within two of the truth, and there is nothing else to hide
    system = system_of([2, 2], [K] * 2, [([0, 1], [1, -1]), ([0], [1])])
    with pytest.raises(DisclosureError, match="could be worked out"):
        smallest_first(system, frozenset({0, 1}))


def test_a_failing_audit_stops_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    class Failed:
        status, message = 1, "time limit"

    monkeypatch.setattr("scipy.optimize.linprog", lambda *_, **__: Failed())
    system = two_way(np.array([[3, 20], [12, 25]]))
    with pytest.raises(DisclosureError, match="could not be checked"):
        smallest_first(system, frozenset({0}))
