"""At which level a fixed column varies, and what the number of towns and people allows there."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from twinimpact.impact.mixed_models.terms import Fixed

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Groups:
    """Who shares an intercept.

    Parameters
    ----------
    inner, outer
        Group of each row; ``outer`` is None with one intercept.
    names
        What the groups are, inner first.
    town
        Town of each row, whether or not towns have an intercept.
    people, towns
        How many there are; ``towns`` is None where they are not named.
    warnings
        Codes.
    """

    inner: Array
    outer: Array | None
    names: tuple[str, ...]
    town: Array | None
    people: int
    towns: int | None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """What one row may show.

    ``df`` is the largest number of degrees of freedom; ``status`` and ``code`` are set where there
    is no interval; ``outer`` marks rows about what varies between towns.
    """

    df: float
    outer: bool
    status: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Levels:
    """Variables that do not vary within a town, and within a person.

    Parameters
    ----------
    by_town, by_person
        Those variables; None where there are no such groups.
    town_df, person_df
        Number of groups minus the columns that differ between them only, the intercept included.
    fewest
        For variables of two values by town: towns with the rarer one.
    towns
        How many towns there are.
    """

    by_town: frozenset[str] | None
    by_person: frozenset[str] | None
    town_df: float
    person_df: float
    fewest: Mapping[str, float]
    towns: int

    def limit(self, variables: Sequence[str]) -> Limit:
        """Limits of a coefficient or contrast of these variables; of the intercept without any.

        What differs between towns has the degrees of freedom of towns. A product with something
        that varies within towns asks how towns changed, for which the model has no variance.
        """
        named = set(variables)
        df = math.inf
        if self.by_person is not None and named <= self.by_person:
            df = self.person_df
        if self.by_town is None:
            return Limit(df=df, outer=False)
        shared = named & self.by_town
        if named and not shared:
            return Limit(df=df, outer=False)
        df = min(df, self.town_df)
        fewest = min((self.fewest[name] for name in shared), default=math.inf)
        if fewest == 1:
            status = "refused" if self.towns == 2 else "descriptive"
            code = "one_town_per_arm" if self.towns == 2 else "one_town_in_arm"
        elif shared and named - shared:
            status, code = "descriptive", "town_changes_unmodelled"
        elif df <= 0:
            status, code = "descriptive", "too_few_towns"
        else:
            status, code = "", ""
        return Limit(df=df, outer=True, status=status, code=code)


def levels_of(design: Fixed, groups: Groups) -> Levels:
    """Look at which level each variable and column varies."""
    person = groups.inner if groups.names[0] == "person" else None
    values = {name: variable.values for name, variable in design.variables.items()}

    def steady(group: Array | None) -> tuple[frozenset[str] | None, int]:
        if group is None:
            return None, 0
        names = frozenset(name for name, column in values.items() if _constant(column, group))
        return names, sum(_constant(column, group) for column in design.x.T)

    by_town, town_columns = steady(groups.town)
    by_person, person_columns = steady(person)
    return Levels(
        by_town=by_town,
        by_person=by_person,
        town_df=float((groups.towns or 0) - town_columns),
        person_df=float(groups.people - person_columns),
        fewest={
            name: _fewest(values[name], groups.town)
            for name in by_town or ()
            if groups.town is not None
        },
        towns=groups.towns or 0,
    )


def _constant(values: Array, group: Array) -> bool:
    first = np.zeros(int(group.max()) + 1, dtype=values.dtype)
    first[group] = values
    room = 1e-12 * max(1.0, float(np.abs(values).max()))
    return bool((np.abs(values - first[group]) <= room).all())


def _fewest(values: Array, town: Array) -> float:
    """Towns with the rarer of two values; infinite for anything else than two arms."""
    pairs = np.unique(np.column_stack([values, town]), axis=0)
    _, counts = np.unique(pairs[:, 0], return_counts=True)
    return float(counts.min()) if len(counts) == 2 else math.inf
