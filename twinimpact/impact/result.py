"""What an estimator hands to a notebook: rows, diagnostics and warnings."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from twinimpact.impact.estimate import Estimate, estimates_frame
from twinimpact.impact.notes import CODES, DOOR_CODES, unknown_codes


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """Estimates with what is needed to judge them.

    Parameters
    ----------
    rows
        One estimate per number, the primary one first.
    diagnostics
        What the estimator looked at on its way: tables as frames, single values as they are.
    warnings
        Codes of :mod:`twinimpact.impact.notes`, with their values (``code:value``).
    seed
        Seed of the random numbers, where any were drawn.

    Raises
    ------
    ValueError
        If a warning is no declared code.
    """

    rows: tuple[Estimate, ...]
    diagnostics: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    seed: int | None = None

    def __post_init__(self) -> None:
        unknown = unknown_codes(self.warnings)
        if unknown:
            raise ValueError(f"not declared in impact.notes: {sorted(unknown)}")

    @property
    def primary(self) -> Estimate:
        """The row to report first.

        Raises
        ------
        IndexError
            If there is no row.
        """
        return self.rows[0]

    def row(self, method: str, estimand: str = "") -> Estimate:
        """The first row made with a method, and, if named, of an estimand.

        Raises
        ------
        KeyError
            If there is none.
        """
        for row in self.rows:
            if row.method == method and estimand in ("", row.estimand):
                return row
        raise KeyError(f"no row made with {method} {estimand}".strip())

    def to_frame(self) -> pd.DataFrame:
        """All rows as a results table (``schema.RESULT_COLUMNS``)."""
        return estimates_frame(self.rows)

    def explain(self) -> tuple[str, ...]:
        """The warnings in words."""
        meanings = {**CODES, **DOOR_CODES}
        return tuple(meanings[code.split(":")[0]] for code in self.warnings)

    def __str__(self) -> str:
        return "\n".join([*map(str, self.rows), *(f"! {text}" for text in self.explain())])

    def _repr_html_(self) -> str:
        lines = "".join(f"<li>{html.escape(text)}</li>" for text in self.explain())
        shown = self.to_frame().dropna(axis=1, how="all")
        filled = [name for name in shown if not shown[name].eq("").all()]
        table = str(shown[filled].to_html(index=False, border=0))
        return table + (f"<ul>{lines}</ul>" if lines else "")
