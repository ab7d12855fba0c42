"""One number with its uncertainty, its base and the reason when it is withheld."""

from __future__ import annotations

import html
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from twinimpact.schema import RESULT_COLUMNS, TEXT_RESULT_COLUMNS, result_frame

SCHEMA = 1
NUMBERS = tuple(
    name for name in RESULT_COLUMNS if name not in (*TEXT_RESULT_COLUMNS, "confirmatory")
)
SOURCE = "responses"
"""Table every number of this folder comes from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """One row of the results table; every field is a column of ``schema.RESULT_COLUMNS``.

    Numbers that are absent are ``None``; a number that is not finite is refused, so that no
    infinite or undefined value can reach a report. ``status`` is ``ok`` or the reason why a
    number is missing; ``note`` holds the codes of :mod:`twinimpact.impact.notes`.

    Raises
    ------
    ValueError
        If a number is infinite or not a number.
    """

    outcome: str
    estimand: str
    method: str
    estimate: float | None = None
    std_error: float | None = None
    df: float | None = None
    conf_low: float | None = None
    conf_high: float | None = None
    conf_level: float | None = None
    p_value: float | None = None
    p_adjusted: float | None = None
    n: int | None = None
    clusters: int | None = None
    grade: int | None = None
    confirmatory: bool = False
    status: str = "ok"
    note: str = ""
    partnership: str = ""
    town: str = ""
    wave: str = ""
    arm: str = ""
    dimension: str = ""
    group: str = ""
    unit: str = ""
    denominator: float | None = None
    missing: int | None = None
    direction: str = ""
    verdict: str = ""
    as_of: str = ""
    source: str = SOURCE

    def __post_init__(self) -> None:
        for name in NUMBERS:
            value = getattr(self, name)
            if value is not None and not math.isfinite(value):
                raise ValueError(f"{name} of {self.outcome} is not a finite number")

    def to_row(self) -> dict[str, Any]:
        """All columns but absent numbers, ready for ``schema.result_frame``."""
        values = {name: getattr(self, name) for name in RESULT_COLUMNS}
        return {name: value for name, value in values.items() if value is not None}

    def to_frame(self) -> pd.DataFrame:
        """The estimate as a results table of one row."""
        return result_frame([self.to_row()])

    def to_dict(self) -> dict[str, Any]:
        """The estimate with its ``kind`` and schema version, ready for JSON."""
        return {"kind": "estimate", "schema": SCHEMA, **self._filled()}

    def __str__(self) -> str:
        who = f" [{self.partnership}]" if self.partnership else ""
        return (
            f"{self.outcome} {self.estimand}{who}: {self._number()} ({self.method}, {self._base()})"
        )

    def _repr_html_(self) -> str:
        cells = "".join(
            f"<tr><th>{html.escape(name)}</th><td>{html.escape(str(value))}</td></tr>"
            for name, value in self._filled().items()
        )
        return f"<table>{cells}</table>"

    def _filled(self) -> dict[str, Any]:
        return {name: value for name, value in self.to_row().items() if value != ""}

    def _number(self) -> str:
        if self.estimate is None:
            return self.status if self.p_value is None else f"p = {self.p_value:.4g}"
        unit = f" {self.unit}" if self.unit else ""
        text = f"{self.estimate:.4g}{unit}"
        if self.conf_low is not None and self.conf_high is not None:
            text += f" [{self.conf_low:.4g} to {self.conf_high:.4g}]"
        return text if self.status == "ok" else f"{text}, {self.status}"

    def _base(self) -> str:
        towns = "" if self.clusters is None else f", {self.clusters} towns"
        return f"n = {self.n if self.n is not None else 'unknown'}{towns}"


def estimates_frame(estimates: Iterable[Estimate]) -> pd.DataFrame:
    """Several estimates as one results table, in the given order."""
    return result_frame(estimate.to_row() for estimate in estimates)


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Many rows of one kind: column name to one value for all rows, or one value per row."""

    columns: Mapping[str, Any]
    length: int


def blocks_frame(blocks: Iterable[Block]) -> pd.DataFrame:
    """Blocks of rows as one results table: the fast way when there are many rows.

    Raises
    ------
    ValueError
        If a name is not in ``schema.RESULT_COLUMNS``.
    """
    listed = list(blocks)
    unknown = {name for block in listed for name in block.columns} - set(RESULT_COLUMNS)
    if unknown:
        raise ValueError(f"not in the glossary of result columns: {sorted(unknown)}")
    texts = dict.fromkeys(TEXT_RESULT_COLUMNS, "") | {"status": "ok", "source": SOURCE}
    data: dict[str, Any] = {}
    for name in RESULT_COLUMNS:
        kind: Any = object if name in texts else bool if name == "confirmatory" else float
        absent = texts.get(name, False if kind is bool else math.nan)
        parts = [_spread(block, name, absent, kind) for block in listed]
        column = np.concatenate(parts) if parts else np.empty(0, dtype=kind)
        data[name] = pd.Series(column, dtype="str") if kind is object else column
    return pd.DataFrame(data)


def _spread(block: Block, name: str, absent: object, kind: Any) -> np.ndarray[Any, Any]:
    value = block.columns.get(name, absent)
    if isinstance(value, np.ndarray):
        return value.astype(kind)
    return np.full(block.length, value, dtype=kind)
