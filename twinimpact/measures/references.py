"""Published figures beside own ones, and targets beside what was reached.

Both are read off numbers that may be shown, so that nothing withheld can be worked out from a
difference or a ratio.
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from twinimpact.errors import DefinitionError
from twinimpact.measures.indicator_catalogue import INDICATORS
from twinimpact.measures.indicator_table import indicators
from twinimpact.measures.tables import typed
from twinimpact.resources import surveys_dir
from twinimpact.schema import result_frame

FILE = "benchmarks.toml"
FIRST_PARTS = ("total", "held", "rate", "share", "mean", "per_day", "number")
"""Which part of an indicator a target means that names none."""
_FIELDS = (
    "id", "indicator", "part", "value", "unit", "population", "year", "source", "comparability",
    "enabled",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Benchmark:
    """A published figure; ``comparability`` says in words what it can be compared with."""

    id: str
    indicator: str
    part: str
    value: float
    unit: str
    population: str
    year: int
    source: str
    comparability: str
    enabled: bool


@functools.cache
def benchmarks(path: Path | None = None) -> tuple[Benchmark, ...]:
    """Read a list of published figures, by default the shipped one.

    Raises
    ------
    DefinitionError
        If the file cannot be read, or an entry lacks a field or its source.
    """
    path = path or surveys_dir() / FILE
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8"))["benchmark"]
    except (OSError, ValueError, KeyError) as error:
        raise DefinitionError(
            "The list of published figures cannot be read.", where=path.name, got=str(error)
        ) from error
    wrong = [
        str(entry.get("id", place))
        for place, entry in enumerate(entries, 1)
        if set(entry) != set(_FIELDS)
        or entry["indicator"] not in INDICATORS
        or not (entry["source"] and entry["comparability"] and entry["population"])
    ]
    if wrong:
        raise DefinitionError(
            "Published figures need every field, an indicator and a source.",
            where=path.name,
            got=", ".join(wrong),
        )
    return tuple(Benchmark(**entry) for entry in entries)


def benchmark_rows(results: pd.DataFrame, figures: Sequence[Benchmark]) -> pd.DataFrame:
    """X09: own figure minus the published one, for every partnership that has the figure.

    Parameters
    ----------
    results
        Numbers that may be shown.
    figures
        Published figures; those not enabled are left out.

    Returns
    -------
    pandas.DataFrame
        A results table: ``group`` is the indicator, ``denominator`` the published figure,
        ``note`` its id. The interval is that of the own figure, moved.
    """
    table = indicators(results)
    rows = []
    for figure in figures:
        own = table[
            table["indicator"].eq(figure.indicator)
            & table["part"].eq(figure.part)
            & table["unit"].eq(figure.unit)
            & table["dimension"].eq("")
            & table["arm"].isin(("", "participant"))
            & table["status"].eq("ok")
        ]
        for row in own.to_dict(orient="records") if figure.enabled else ():
            moved = {
                name: row[name] - figure.value
                for name in ("conf_low", "conf_high")
                if np.isfinite(row[name])
            }
            level = {"conf_level": row["conf_level"]} if moved else {}
            rows.append(
                {
                    "outcome": "X09", "estimand": "distance", "method": "benchmark",
                    "partnership": row["partnership"], "wave": row["wave"], "arm": row["arm"],
                    "dimension": "indicator", "group": figure.indicator, "unit": figure.unit,
                    "estimate": row["value"] - figure.value, "n": row["n"],
                    "denominator": figure.value, "note": f"benchmark:{figure.id}",
                    "source": f"{row['source']};benchmarks", "as_of": row["as_of"],
                    **moved, **level,
                }
            )  # fmt: skip
    return result_frame(rows)


def target_rows(
    results: pd.DataFrame, targets: pd.DataFrame, rules: Sequence[Any] | None = None
) -> pd.DataFrame:
    """R22: what was reached, as a share of the target and of the way towards it.

    Parameters
    ----------
    results
        Numbers that may be shown.
    targets
        Canonical table ``targets``.
    rules
        Which scale stands behind an indicator of answers; the shipped ones by default.

    Returns
    -------
    pandas.DataFrame
        A results table with ``actual``, ``target``, ``baseline``, ``of_target`` (actual over
        target) and ``of_way`` (actual − baseline over target − baseline) per target; ``group`` is
        the indicator. What may not be shown keeps its status.
    """
    wanted = typed(targets, "targets")
    if wanted.empty:
        return result_frame([])
    table = indicators(results, rules=rules)
    table = table[table["dimension"].eq("") & table["arm"].isin(("", "participant"))]
    rows: list[dict[str, Any]] = []
    order = ["partnership_id", "indicator_id", "part"]
    for target in wanted.sort_values(order).to_dict(orient="records"):
        rows += _target(target, table)
    return result_frame(rows)


def _target(target: Mapping[Any, Any], table: pd.DataFrame) -> list[dict[str, Any]]:
    mine = table["partnership"].eq(target["partnership_id"])
    named = table["indicator"].eq(target["indicator_id"])
    named |= table["measure"].eq(target["indicator_id"])
    found = table[mine & named]
    parts = FIRST_PARTS if target["part"] == "any" else (target["part"],)
    part = next((name for name in parts if found["part"].eq(name).any()), "")
    chosen = found[found["part"].eq(part)].sort_values("wave", kind="stable").tail(1)
    base = {
        "outcome": "R22", "method": "count", "partnership": target["partnership_id"],
        "dimension": "indicator", "group": target["indicator_id"], "source": "targets",
    }  # fmt: skip
    given = {name: target[name] for name in ("target", "baseline") if np.isfinite(target[name])}
    if chosen.empty:
        unit = ""
        gap = {"status": "not_available", "note": "no_data"}
        return [base | {"estimand": "actual", "unit": unit} | gap, *_given(base, given, unit)]
    own = chosen.iloc[0]
    base |= {"wave": own["wave"], "as_of": own["as_of"]}
    unit = str(own["unit"])
    status = {"status": own["status"], "note": own["note"]}
    if own["status"] not in ("ok", "descriptive") or not np.isfinite(own["value"]):
        return [base | {"estimand": "actual", "unit": unit} | status, *_given(base, given, unit)]
    value = float(own["value"])
    rows = [base | {"estimand": "actual", "unit": unit, "estimate": value, "n": own["n"]} | status]
    rows += _given(base, given, unit)
    for estimand, reached, whole in (
        ("of_target", value, given["target"]),
        ("of_way", value - given.get("baseline", np.nan),
         given["target"] - given.get("baseline", np.nan)),
    ):  # fmt: skip
        if np.isfinite(whole) and whole != 0:
            ratio = {"estimand": estimand, "unit": "share_of_target", "estimate": reached / whole}
            rows.append(base | ratio | {"n": own["n"], "denominator": whole})
    return rows


def _given(base: Mapping[str, Any], given: Mapping[str, float], unit: str) -> list[dict[str, Any]]:
    return [
        {**base, "estimand": name, "unit": unit, "estimate": value} for name, value in given.items()
    ]
