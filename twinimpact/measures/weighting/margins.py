"""What is known of a population: shares of levels, checked before anybody is weighted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from twinimpact.errors import DesignError
from twinimpact.problems import Problem

Array = npt.NDArray[Any]
Definition = Mapping[Any, Mapping[Any, float]] | pd.DataFrame
CROSS = "*"
"""Joins the names of crossed variables, and their levels: ``gender*age_band``."""
SUM_TOLERANCE = 1e-6
COUNTS_FROM = 1.5
"""A margin that sums to more than this is given in people, not in shares."""
FEWEST = 5
"""Fewest respondents of a level, unless the cap is raised on purpose."""
MOST_PROBLEMS = 200


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Margins:
    """Targets of all groups.

    Parameters
    ----------
    variables
        Names; crossed ones are joined by ``*``.
    groups
        Labels of the groups, shape (groups,); one empty label where there are none.
    levels
        For each variable its levels as text, in the order in which they were given.
    shares
        For each variable the target shares, shape (groups, levels); NaN where a group has none.
    totals
        People in the population of each group, NaN where targets are shares.
    """

    variables: tuple[str, ...]
    groups: Array
    levels: tuple[tuple[str, ...], ...]
    shares: tuple[Array, ...]
    totals: Array

    def widths(self) -> tuple[int, ...]:
        """Number of levels of each variable."""
        return tuple(len(levels) for levels in self.levels)


def read_margins(definition: Definition, where: str = "") -> Margins:
    """Targets as given, checked: every level once, each margin complete.

    Parameters
    ----------
    definition
        Variable to level to share, or the same as a frame with the columns ``variable``,
        ``level`` and ``target``, and ``group`` where groups have targets of their own. A tuple
        of variables has tuples as levels. Targets are shares that sum to 1, or numbers of people
        with one total.
    where
        File named in the problems.

    Raises
    ------
    DesignError
        With every fault found: a level with two targets, a target below zero, a margin that
        does not sum to 1, margins with different totals.
    """
    table = _table(definition)
    if not len(table.target):
        raise _refused([Problem(code="weights_no_margin", file=where)])
    groups, labels = pd.factorize(table.group)
    variables = tuple(dict.fromkeys(table.variable))
    problems: list[Problem] = []
    levels, shares = [], []
    for variable in variables:
        own = table.variable == variable
        places, names = pd.factorize(table.level[own])
        flat, target = groups[own] * len(names) + places, table.target[own]
        problems += _faulty_targets(table, np.flatnonzero(own), flat, where)
        wanted = np.full(len(labels) * len(names), np.nan)
        wanted[flat] = target
        levels.append(tuple(names))
        shares.append(wanted.reshape(len(labels), len(names)))
    if not problems:
        problems = _faulty_sums(variables, shares, labels, where)
    if problems:
        raise _refused(problems)
    sums = np.nansum(shares[0], axis=1)
    counted = sums > COUNTS_FROM
    return Margins(
        variables=variables,
        groups=np.asarray(labels, dtype=object),
        levels=tuple(levels),
        shares=tuple(share / np.where(counted, sums, 1.0)[:, None] for share in shares),
        totals=np.where(counted, sums, np.nan),
    )


class _Table(NamedTuple):
    """Targets, one after the other."""

    group: Array
    variable: Array
    level: Array
    target: Array


def _table(definition: Definition) -> _Table:
    if isinstance(definition, pd.DataFrame):
        size = len(definition)
        given = [
            texts_of(definition[name]) if name in definition else np.full(size, "", dtype=object)
            for name in ("group", "variable", "level")
        ]
        target = pd.to_numeric(definition["target"], errors="coerce").to_numpy("float64")
        return _Table(group=given[0], variable=given[1], level=given[2], target=target)
    rows = [
        (text_of(variable), text_of(level), float(target))
        for variable, levels in definition.items()
        for level, target in levels.items()
    ]
    return _Table(
        group=np.full(len(rows), "", dtype=object),
        variable=np.array([row[0] for row in rows], dtype=object),
        level=np.array([row[1] for row in rows], dtype=object),
        target=np.array([row[2] for row in rows], dtype="float64"),
    )


def text_of(value: object) -> str:
    """A level as text: a whole number without its decimal point, crossed levels joined.

    >>> text_of(("f", 2.0))
    'f*2'
    """
    if isinstance(value, tuple):
        return CROSS.join(text_of(part) for part in value)
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value)


def texts_of(labels: pd.Series | pd.Index) -> Array:
    """Labels as text, all at once where they are of one kind; others one by one."""
    values = labels.to_numpy()
    if values.dtype.kind in "iu":
        return np.asarray(values.astype("U").astype(object))
    if values.dtype.kind == "f" and bool(np.all(values == np.rint(values))):
        return np.asarray(values.astype("int64").astype("U").astype(object))
    if pd.api.types.infer_dtype(values, skipna=False) == "string":
        return np.asarray(values, dtype=object)
    return np.array([text_of(value) for value in values], dtype=object)


def _faulty_targets(table: _Table, own: Array, flat: Array, where: str) -> list[Problem]:
    """Levels with two targets, and targets that are no share and no number of people."""
    target = table.target[own]
    first = np.zeros(len(flat), dtype=bool)
    first[np.unique(flat, return_index=True)[1]] = True
    bad = ~(np.isfinite(target) & (target >= 0))
    found = []
    for code, mask in (("weights_margin_twice", ~first), ("weights_bad_target", bad)):
        for row in own[mask][:MOST_PROBLEMS]:
            got = str(table.level[row])
            got += f" = {table.target[row]:g}" if code == "weights_bad_target" else ""
            found.append(_problem(code, where, table.group[row], table.variable[row], got=got))
    return found


def _faulty_sums(
    variables: Sequence[str], shares: Sequence[Array], labels: Any, where: str
) -> list[Problem]:
    found = []
    sums = np.column_stack([np.nansum(share, axis=1) for share in shares])
    given: Array = np.column_stack([np.isfinite(share).any(axis=1) for share in shares])
    counted = np.asarray((np.where(given, sums, 0) > COUNTS_FROM).any(axis=1))
    for g, v in np.argwhere(~given)[:MOST_PROBLEMS]:
        found.append(_problem("weights_no_targets", where, "", variables[v], got=labels[g]))
    for g, v in np.argwhere(given & ~counted[:, None] & (abs(sums - 1) > SUM_TOLERANCE)):
        got = f"{sums[g, v]:.10g}"
        found.append(_problem("weights_margin_sum", where, labels[g], variables[v], got=got))
    largest = sums.max(axis=1)
    differ = given & counted[:, None] & (abs(sums / largest[:, None] - 1) > SUM_TOLERANCE)
    for g, v in np.argwhere(differ):
        found.append(
            _problem(
                "weights_totals_differ", where, labels[g], variables[v],
                got=f"{sums[g, v]:.10g}",
                expected=f"{largest[g]:.10g} ({variables[int(sums[g].argmax())]})",
            )
        )  # fmt: skip
    return found[:MOST_PROBLEMS]


def level_problems(
    margins: Margins, counts: Sequence[Array], where: str, cap: float | None, raised: bool
) -> list[Problem]:
    """Levels that nobody is in, that too few are in, or whose people would weigh too much.

    Parameters
    ----------
    counts
        For each variable the respondents of each level, shape (groups, levels).
    cap
        Largest weight, in multiples of the mean; ``None`` for no cap.
    raised
        Whether the cap was raised on purpose; then small levels are let through.
    """
    found: list[Problem] = []
    for v, (target, n) in enumerate(zip(margins.shares, counts, strict=True)):
        people = n.sum(axis=1)
        asked = np.where(people > 0, 1, 0)[:, None] * np.nan_to_num(target)
        with np.errstate(divide="ignore", invalid="ignore"):
            needed = np.where(n > 0, asked * people[:, None] / n, 0)
        limit = np.inf if cap is None else cap
        faults = [
            ("weights_empty_level", (n == 0) & (asked > 0)),
            ("weights_zero_target", (n > 0) & (target == 0)),
            ("weights_level_above_cap", (n > 0) & (needed > limit)),
        ]
        if not raised:
            few = (n > 0) & (n < FEWEST) & (asked > 0) & (needed <= limit)
            faults.append(("weights_few", few))
        for code, mask in faults:
            for g, level in np.argwhere(mask)[:MOST_PROBLEMS]:
                name = margins.levels[v][level]
                detail = f"target {target[g, level]:.6g}, {int(n[g, level])} of {int(people[g])}"
                got = f"{name} ({detail}"
                if code == "weights_level_above_cap":
                    got += f", mean weight {needed[g, level]:.6g}, cap {limit:g}"
                found.append(
                    _problem(
                        code, where, str(margins.groups[g]), margins.variables[v],
                        got=f"{got})",
                        expected=_merge(margins.levels[v], n[g], target[g], int(level), limit),
                    )
                )  # fmt: skip
    return found


def _merge(levels: Sequence[str], n: Array, target: Array, level: int, limit: float) -> str:
    """The neighbouring levels to merge with: as few as make the level large enough."""
    people, first, last = n.sum(), level, level
    wanted = np.nan_to_num(target)

    def needed(low: int, high: int) -> float:
        count = n[low : high + 1].sum()
        if count < FEWEST:
            return np.inf
        return float(wanted[low : high + 1].sum() * people / count)

    while needed(first, last) > limit and last - first + 1 < len(levels):
        below = needed(first - 1, last) if first > 0 else np.inf
        above = needed(first, last + 1) if last + 1 < len(levels) else np.inf
        if first == 0 or (last + 1 < len(levels) and above <= below):
            last += 1
        else:
            first -= 1
    if first == last and len(levels) > 1:
        first, last = (first, last + 1) if last + 1 < len(levels) else (first - 1, last)
    return " + ".join(levels[first : last + 1])


def _problem(
    code: str, where: str, group: str, variable: str, got: str = "", expected: str = ""
) -> Problem:
    return Problem(
        code=code, file=where, sheet=str(group), column=variable, got=got, expected=expected
    )


def _refused(problems: Sequence[Problem]) -> DesignError:
    return refused("The margins cannot be used yet.", problems)


def refused(what: str, problems: Sequence[Problem]) -> DesignError:
    """The error that carries all problems found."""
    return DesignError(what, problems=list(problems)[:MOST_PROBLEMS])


def unmet(
    code: str, margins: Margins, people: Array, groups: Array, left: Sequence[Array]
) -> DesignError:
    """The error about margins that are not met, each group with the level furthest off.

    Parameters
    ----------
    people
        Respondents of all groups.
    groups
        Positions of the groups it is about.
    left
        For each variable what is left, in weights, shape (those groups, levels).
    """
    shares = [part / people[groups, None] for part in left]
    largest = np.column_stack([np.abs(part).max(axis=1) for part in shares])
    found = []
    for place, g in enumerate(groups[:MOST_PROBLEMS]):
        v = int(largest[place].argmax())
        level = int(np.abs(shares[v][place]).argmax())
        found.append(
            _problem(
                code, "", str(margins.groups[g]),
                f"{margins.variables[v]} = {margins.levels[v][level]}",
                got=f"{abs(shares[v][place, level]):.6g}",
                expected=", ".join(margins.variables),
            )
        )  # fmt: skip
    return refused("No weights meet all margins.", found)
