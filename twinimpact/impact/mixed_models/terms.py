"""Named columns as the fixed part of a model, and contrasts of their levels as weights."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from twinimpact.entities import WAVE_KINDS
from twinimpact.errors import DesignError
from twinimpact.impact.inputs import Columns, Data, columns_of

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """One column: numbers, or levels of which the first is the one compared with."""

    name: str
    values: Array
    levels: tuple[str, ...] = ()

    def dummies(self) -> list[tuple[str, Array]]:
        """Columns of the design with their names; a column of 0 and 1 keeps its own name."""
        if not self.levels:
            return [(self.name, self.values)]
        plain = self.levels == ("0", "1")
        return [
            (self.name if plain else f"{self.name}={level}", (self.values == place).astype(float))
            for place, level in enumerate(self.levels)
            if place
        ]

    def at(self, level: int | None) -> list[float]:
        """Values of the dummies at a level, or the mean of the numbers."""
        if not self.levels:
            return [float(self.values.mean())]
        return [float(level == place) for place in range(1, len(self.levels))]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixed:
    """Design matrix with the intercept first; ``terms`` names the variables of each column."""

    x: Array
    names: tuple[str, ...]
    terms: tuple[tuple[str, ...], ...]
    variables: Mapping[str, Variable]
    kept: tuple[int, ...]

    def weights(self, contrast: str) -> Array:
        """Weights of the coefficients for a contrast of levels.

        ``"post-pre"`` is a difference of two levels of one factor, the others averaged with equal
        weights and numbers at their mean; ``"post-pre|treated-comparison"`` a difference of
        differences.

        Raises
        ------
        DesignError
            If a part is no difference of two levels of one factor, or a factor is named twice.
        """
        chosen = [self._difference(part, contrast) for part in contrast.split("|")]
        if len({name for name, _, _ in chosen}) < len(chosen):
            raise DesignError("A contrast names a factor twice.", got=contrast)
        taken = {name for name, _, _ in chosen}
        others = [v for name, v in self.variables.items() if v.levels and name not in taken]
        total = np.zeros(len(self.kept))
        cells = list(itertools.product(*(range(len(v.levels)) for v in others)))
        for signs in itertools.product((1, -1), repeat=len(chosen)):
            sign = int(np.prod(signs))
            fixed = {
                name: high if side == 1 else low
                for side, (name, high, low) in zip(signs, chosen, strict=True)
            }
            for cell in cells:
                levels = fixed | {v.name: place for v, place in zip(others, cell, strict=True)}
                total += sign * self._row(levels) / len(cells)
        return total

    def differs(self, contrast: str) -> tuple[str, ...]:
        """Factors whose levels a contrast subtracts."""
        return tuple(self._difference(part, contrast)[0] for part in contrast.split("|"))

    def _row(self, levels: Mapping[str, int]) -> Array:
        full = [1.0]
        for term in dict.fromkeys(self.terms[1:]):
            parts = [self.variables[name].at(levels.get(name)) for name in term]
            full += [float(np.prod(values)) for values in itertools.product(*parts)]
        return np.array(full)[list(self.kept)]

    def _difference(self, part: str, contrast: str) -> tuple[str, int, int]:
        for place, sign in enumerate(part):
            if sign != "-":
                continue
            high, low = part[:place], part[place + 1 :]
            for variable in self.variables.values():
                if high in variable.levels and low in variable.levels and high != low:
                    return variable.name, variable.levels.index(high), variable.levels.index(low)
        known = [f"{v.name}: {', '.join(v.levels)}" for v in self.variables.values() if v.levels]
        raise DesignError(
            "A contrast is a difference of two levels of one factor.", where=contrast, got=part,
            expected="; ".join(known) or "a factor among the fixed columns",
        )  # fmt: skip


def variables_of(terms: Sequence[str]) -> tuple[str, ...]:
    """Columns that occur in the terms, each once."""
    return tuple(dict.fromkeys(name for term in expanded(terms) for name in term))


def expanded(terms: Sequence[str]) -> list[tuple[str, ...]]:
    """Terms as tuples of columns: ``a*b`` stands for a, b and their product ``a:b``."""
    found: list[tuple[str, ...]] = []
    for term in terms:
        if "*" in term:
            parts = [part.strip() for part in term.split("*")]
            for size in range(1, len(parts) + 1):
                found += itertools.combinations(parts, size)
        else:
            found.append(tuple(part.strip() for part in term.split(":")))
    return list(dict.fromkeys(found))


def numbers_among(data: Data, names: Sequence[str]) -> list[str]:
    """Columns that hold numbers of more than two values; the others are factors."""
    frame = data if isinstance(data, pd.DataFrame) else None
    found = []
    for name in names:
        if name not in (data if frame is None else frame.columns):
            continue  # columns_of names it in its error
        column = pd.Series(list(data[name])) if frame is None else frame[name]
        column = column.infer_objects()
        numeric = pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)
        if numeric and not set(column.dropna().unique()) <= {0, 1}:
            found.append(name)
    return found


def rows_of(
    data: Data, outcome: str, terms: Sequence[str], groups: Sequence[str]
) -> tuple[Columns, list[str]]:
    """Complete rows of all columns used, and which fixed columns are numbers."""
    names = variables_of(terms)
    numbers = numbers_among(data, names)
    factors = [name for name in names if name not in numbers]
    columns = columns_of(
        data, numbers=[outcome, *numbers], labels=[*dict.fromkeys([*groups, *factors])]
    )
    return columns, numbers


def fixed_of(
    data: Data, columns: Columns, terms: Sequence[str], numbers: Sequence[str]
) -> tuple[Fixed, int]:
    """The design matrix, and how many columns were left out because they do not vary.

    Raises
    ------
    DesignError
        If columns cannot be told from each other.
    """
    variables = {
        name: Variable(name=name, values=columns.numbers[name])
        if name in numbers
        else _factor(data, columns, name)
        for name in variables_of(terms)
    }
    rows = len(columns)
    names, x = ["intercept"], [np.ones(rows)]
    owners: list[tuple[str, ...]] = [()]
    for term in expanded(terms):
        for parts in itertools.product(*(variables[name].dummies() for name in term)):
            names.append(":".join(name for name, _ in parts))
            owners.append(term)
            x.append(np.prod([values for _, values in parts], axis=0))
    kept = [0] + [
        i for i in range(1, len(x)) if np.ptp(x[i]) > 1e-12 * max(1.0, np.abs(x[i]).max())
    ]
    matrix = np.column_stack([x[i] for i in kept])
    scaled = matrix / np.abs(matrix).max(axis=0)
    if np.linalg.matrix_rank(scaled) < len(kept):
        raise DesignError(
            "The fixed columns cannot be told from each other.", got=", ".join(names[1:]),
            hint="Leave one of them out.",
        )  # fmt: skip
    fixed = Fixed(
        x=matrix,
        names=tuple(names[i] for i in kept),
        terms=tuple(owners),
        variables=variables,
        kept=tuple(kept),
    )
    return fixed, len(x) - len(kept)


def _factor(data: Data, columns: Columns, name: str) -> Variable:
    labels = columns.labels[name]
    order = list(labels)
    column = data[name]
    if isinstance(column, pd.Series) and isinstance(column.dtype, pd.CategoricalDtype):
        known = [str(level) for level in column.cat.categories]
        order = [level for level in known if level in labels] or order
    elif set(labels) <= set(WAVE_KINDS):
        order = [kind for kind in WAVE_KINDS if kind in labels]
    place = np.array([order.index(label) for label in labels])
    return Variable(name=name, values=place[columns.codes[name]], levels=tuple(order))
