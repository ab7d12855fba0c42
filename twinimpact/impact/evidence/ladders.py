"""GRADE and Nesta for each outcome, one row per step with its trigger, value and threshold."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from twinimpact.impact.evidence.facts import CHANGE, DIFFERENCE, KEYS
from twinimpact.impact.missing_people.boundary import is_outside
from twinimpact.impact.notes import codes_of
from twinimpact.impact.robustness.formulas import e_value_of_difference
from twinimpact.schema import PROGRAMME

STEP_COLUMNS = (
    "partnership", "outcome", "ladder", "step", "trigger", "value", "threshold", "change", "level",
)  # fmt: skip
GRADE_LEVELS = ("", "very low", "low", "moderate", "high")
RANDOMISED, CAUSAL = 5, 3
INCONSISTENT, STUDIES = 75.0, 5
LARGE_D, LARGE_E = 0.8, 3.0
Row = Mapping[str, Any]
Step = tuple[str, str, float, float, int]
"""Step, trigger, value, threshold, change."""


def grade_steps(
    results: pd.DataFrame, main: pd.DataFrame, sesoi: Mapping[str, float | None]
) -> list[dict[str, Any]]:
    """GRADE of every number that is an estimate with an interval.

    Starts high for a randomised comparison and low otherwise; one down each for loss, an
    interval that holds both zero and the smallest size worth having, partnerships that disagree,
    and a time before rated looking back; up only without any step down. What the data do not
    tell (other indirectness, publication bias) is a step that says so.
    """
    looked = _Beside(results)
    rows: list[dict[str, Any]] = []
    for row in _told(main):
        start = 4 if row["grade"] >= RANDOMISED else 2
        worth = sesoi.get(str(row["outcome"]))
        down = [*_loss(row, looked), *_imprecise(row, worth), *_inconsistent(row, looked)]
        down += _indirect(row)
        up: list[Step] = []
        if start == 2 and not any(step[-1] for step in down):
            up = [*_large(row, looked), *_dose(row, looked)]
        down.append(("publication_bias", "not_derivable", math.nan, math.nan, 0))
        steps: list[Step] = [("start", "design_level", row["grade"], RANDOMISED, start)]
        level = 0
        for step, trigger, value, threshold, change in [*steps, *down, *up]:
            level = min(4, max(1, level + change))
            rows.append(
                _step(row, "GRADE", (step, trigger, value, threshold, change), GRADE_LEVELS[level])
            )
    return rows


def nesta_steps(
    results: pd.DataFrame, main: pd.DataFrame, theory: bool = False
) -> list[dict[str, Any]]:
    """Nesta level of every outcome: the highest step whose trigger holds.

    Level 5 cannot be told from data, and says so.
    """
    looked = _Beside(results)
    reached = main[
        main["estimand"].eq(DIFFERENCE)
        & main["status"].eq("ok")
        & main["verdict"].eq("beneficial")
        & main["grade"].ge(CAUSAL)
    ]
    several = reached[reached["partnership"] != PROGRAMME].groupby("outcome").size()
    caused = set(zip(reached["partnership"], reached["outcome"], strict=True))
    rows: list[dict[str, Any]] = []
    for row in _told(main):
        key = (str(row["partnership"]), str(row["outcome"]))
        change = looked.get(row, CHANGE, "paired_t")
        count = float(several.get(key[1], 0))
        low = _good_limit(looked.get(row, f"{CHANGE}|prediction", ""))
        everywhere = key[0] == PROGRAMME and count >= 2 and low > 0
        steps = [
            (1, "theory_of_change", float(theory), 1.0, theory),
            (2, "change", _number(change, "n"), 1.0, change is not None),
            (3, "beneficial_with_comparison", row["grade"], CAUSAL, key in caused),
            (4, "partnerships", count, 2.0, everywhere),
            (5, "not_derivable", math.nan, math.nan, False),
        ]
        level = 0
        for number, trigger, value, threshold, holds in steps:
            level = number if holds else level
            told = (str(number), trigger, value, threshold, int(holds))
            rows.append(_step(row, "Nesta", told, str(level)))
    return rows


class _Beside:
    """Rows that stand beside a number, found by what they are."""

    def __init__(self, results: pd.DataFrame) -> None:
        shown = results[
            results["status"].isin(("ok", "descriptive"))
            & results["arm"].isin(("", "participant"))
            & results["town"].eq("")
            & results["dimension"].eq("")
        ]
        wanted = shown["estimand"].str.startswith(("post-pre", "loss|")) | shown["method"].eq(
            "dose_linear"
        )
        self._rows: dict[tuple[str, str, str, str], Row] = {}
        for found in shown[wanted].to_dict(orient="records"):
            row: Row = {str(name): value for name, value in found.items()}
            who = (str(row["partnership"]), str(row["outcome"]))
            for method in (str(row["method"]), ""):
                self._rows.setdefault((*who, str(row["estimand"]), method), row)

    def get(self, row: Row, estimand: str, method: str) -> Row | None:
        """The row of the same partnership and outcome; an empty method means any."""
        return self._rows.get((str(row["partnership"]), str(row["outcome"]), estimand, method))


def _told(main: pd.DataFrame) -> list[Row]:
    rows = main[main["status"].eq("ok") & main["estimand"].str.startswith(CHANGE)]
    rows = rows.assign(grade=rows["grade"].fillna(0.0)).sort_values(KEYS, kind="stable")
    return [{str(k): v for k, v in row.items()} for row in rows.to_dict(orient="records")]


def _step(row: Row, ladder: str, step: Step, level: str) -> dict[str, Any]:
    values = (row["partnership"], row["outcome"], ladder, *step, level)
    return dict(zip(STEP_COLUMNS, values, strict=True))


def _number(row: Row | None, name: str) -> float:
    return math.nan if row is None else float(row[name])


def _loss(row: Row, looked: _Beside) -> list[Step]:
    overall = _number(looked.get(row, "loss|overall", ""), "estimate")
    apart = _number(looked.get(row, "loss|differential", ""), "estimate")
    noted = "loss_outside_boundary" in codes_of(str(row["note"]))
    if math.isnan(overall) and not noted:
        return [("loss", "not_known", math.nan, math.nan, 0)]
    apart = 0.0 if math.isnan(apart) else abs(apart)
    outside = noted or is_outside(100 * overall, 100 * apart)
    return [("loss", "loss_outside_boundary", overall, math.nan, -int(outside))]


def _imprecise(row: Row, sesoi: float | None) -> list[Step]:
    low, high = float(row["conf_low"]), float(row["conf_high"])
    if sesoi is None or math.isnan(low) or math.isnan(high):
        return [("imprecision", "not_known", math.nan, math.nan, 0)]
    both = low <= 0 <= high and (high >= sesoi or low <= -sesoi)
    widest = max(abs(low), abs(high))
    return [("imprecision", "interval_holds_zero_and_sesoi", widest, sesoi, -int(both))]


def _inconsistent(row: Row, looked: _Beside) -> list[Step]:
    prediction = looked.get(row, f"{CHANGE}|prediction", "")
    i2 = _number(looked.get(row, f"{CHANGE}|i2", ""), "estimate")
    few = prediction is None or float(prediction["clusters"]) < STUDIES or math.isnan(i2)
    if prediction is None or few:
        return [("inconsistency", "too_few_partnerships", math.nan, STUDIES, 0)]
    spans = float(prediction["conf_low"]) <= 0 <= float(prediction["conf_high"])
    down = -int(spans and i2 > INCONSISTENT)
    return [("inconsistency", "prediction_spans_zero", i2, INCONSISTENT, down)]


def _indirect(row: Row) -> list[Step]:
    looking_back = "retro_pre" in codes_of(str(row["note"]))
    return [("indirectness", "retro_pre", float(looking_back), 1.0, -int(looking_back))]


def _large(row: Row, looked: _Beside) -> list[Step]:
    found = None
    if row["estimand"] == CHANGE:
        found = looked.get(row, CHANGE, "d_av_bonett")
    d, error = _number(found, "estimate"), _number(found, "std_error")
    if math.isnan(d) or math.isnan(error):
        return [("large", "not_known", math.nan, LARGE_D, 0)]
    limit = float(e_value_of_difference(d, error).limit)
    large = abs(d) > LARGE_D and limit > LARGE_E
    return [
        ("large", "size_and_e_value", abs(d), LARGE_D, int(large)),
        ("large", "e_value_of_limit", limit, LARGE_E, 0),
    ]


def _dose(row: Row, looked: _Beside) -> list[Step]:
    slope = looked.get(row, "slope|within", "dose_linear")
    low, high = _number(slope, "conf_low"), _number(slope, "conf_high")
    if math.isnan(low) or math.isnan(high):
        return [("dose", "not_known", math.nan, 0.0, 0)]
    return [
        ("dose", "slope_excludes_zero", low if low > 0 else high, 0.0, int(low > 0 or high < 0))
    ]


def _good_limit(row: Row | None) -> float:
    """Lower limit of an interval turned so that positive is good."""
    if row is None:
        return math.nan
    worse = row["direction"] == "worse"
    return -float(row["conf_high"]) if worse else float(row["conf_low"])
