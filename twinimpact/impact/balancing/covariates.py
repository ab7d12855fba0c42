"""Covariates as numbers: categories become one column each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from twinimpact.errors import DesignError
from twinimpact.impact.inputs import Columns, Data, columns_of

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Covariate:
    """One column of people's values.

    ``group`` names the category of a column made from names; ``two_valued`` says that all values
    are 0 or 1; ``spare`` marks a category that follows from the others of its covariate.
    """

    name: str
    group: str
    values: Array
    two_valued: bool
    spare: bool = False

    @property
    def label(self) -> str:
        """Name, with the category where there is one."""
        return f"{self.name}={self.group}" if self.group else self.name


def read(
    data: Data, covariates: Sequence[str], labels: Sequence[str], numbers: Sequence[str] = ()
) -> tuple[Columns, tuple[Covariate, ...]]:
    """Columns without gaps, and the covariates among them in the order given.

    Columns of numbers or of true and false stay as they are; any other column becomes one column
    per name.

    Raises
    ------
    DesignError
        If there is no covariate, or a column is not there.
    """
    if isinstance(covariates, str) or not covariates:
        raise DesignError(
            "At least one covariate is needed, as a list of names.", got=repr(covariates)
        )
    names = [name for name in covariates if name in data and not _is_numeric(data[name])]
    columns = columns_of(
        data,
        numbers=[*numbers, *(name for name in covariates if name not in names)],
        labels=[*labels, *names],
    )
    found: list[Covariate] = []
    for name in dict.fromkeys(covariates):
        if name not in names:
            values = columns.numbers[name]
            two = bool(np.isin(values, (0.0, 1.0)).all())
            found.append(Covariate(name=name, group="", values=values, two_valued=two))
            continue
        for code, group in enumerate(columns.labels[name]):
            inside = (columns.codes[name] == code).astype(np.float64)
            found.append(
                Covariate(
                    name=name, group=group, values=inside, two_valued=True, spare=code == 0
                )
            )  # fmt: skip
    return columns, tuple(found)


def _is_numeric(column: Any) -> bool:
    dtype = pd.Series(column).dtype
    return bool(pd.api.types.is_numeric_dtype(dtype) and not isinstance(dtype, pd.CategoricalDtype))
