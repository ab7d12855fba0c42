"""Indicators made of answers that are more than the mean of one scale: shares, medians, gaps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from twinimpact.instruments import Catalogue
from twinimpact.measures.cells import Array, Cells, cells_of, without_small
from twinimpact.measures.coding import code_answers
from twinimpact.measures.indicator_catalogue import INDICATORS
from twinimpact.measures.indicator_rules import IndicatorRule
from twinimpact.measures.proportions import wilson
from twinimpact.measures.rows import (
    FEW_PEOPLE,
    INDICATIVE_PEOPLE,
    Rows,
    join_notes,
    left_out_marks,
    results_of,
)
from twinimpact.measures.scoring import Scores

ESTIMANDS: Mapping[str, str] = {"correct": "mean"}
"""Name of a statistic in the results table, where it differs."""
_UNITS: Mapping[str, str] = {
    "mean": "points", "gap": "points", "share": "share", "kept": "share", "correct": "share",
    "recommendation": "percentage_points", "median": "count",
}  # fmt: skip
_WORSE = frozenset({"I04", "I12"})
_NO_DIRECTION = frozenset({"I10"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Fewest people with whom a partnership enters the programme's number; confidence level."""

    smallest: int = 0
    conf_level: float = 0.95


def answer_indicators(
    responses: pd.DataFrame,
    scores: Scores,
    catalogue: Catalogue,
    rules: Sequence[IndicatorRule],
    wave_pairs: Sequence[tuple[str, str]] = (),
    limits: Limits | None = None,
) -> pd.DataFrame:
    """Result rows of the indicators that are no mean of a single scale.

    Parameters
    ----------
    responses
        Canonical responses with one column per item, and ``person``.
    scores
        Scale scores of the same responses.
    rules
        What stands behind each indicator; those whose questions were not asked give no rows.
    wave_pairs
        Earlier and later wave between which people are linked.
    limits
        Fewest people and confidence level.

    Returns
    -------
    pandas.DataFrame
        A results table: outcome is the indicator, estimand ``mean``, ``share``, ``median``,
        ``recommendation``, ``gap`` or ``kept``. Shares carry a Wilson interval (Wilson 1927,
        doi:10.1080/01621459.1927.10502953), means and differences a t interval.
    """
    limits = limits or Limits()
    coded = code_answers(responses, catalogue)
    items = {name: answers.answers() for name, answers in coded.items()}
    own = cells_of(responses, programme=False)
    whole = cells_of(responses, programme=True)
    blocks: list[Rows] = []
    for rule in rules:
        if rule.is_scale:
            continue
        values = _values(rule, items, scores, responses, wave_pairs)
        if values is None or not np.isfinite(values).any():
            continue
        held = without_small(whole, own, np.isfinite(values), limits.smallest)
        for cells in (held, own):
            blocks += _rows(rule, values, cells, limits.conf_level)
    return results_of(blocks)


def _values(
    rule: IndicatorRule,
    items: Mapping[str, Array],
    scores: Scores,
    responses: pd.DataFrame,
    wave_pairs: Sequence[tuple[str, str]],
) -> Array | None:
    """One number per response, ``NaN`` where it has none; None when it was not asked."""
    names = rule.scales if rule.scales else rule.items
    there = scores.points.columns if rule.scales else items.keys()
    if not set(names) <= set(there):
        return None
    if rule.scales:
        points = scores.points[list(names)].to_numpy(dtype="float64")
        if rule.statistic == "gap":
            return np.asarray(points[:, 0] - points[:, 1:].mean(axis=1))
        return np.asarray(points.mean(axis=1))
    answers = np.column_stack([items[name] for name in names])
    if rule.statistic == "share":
        return _any_of(answers, rule)
    if rule.statistic == "correct":
        right = np.array([rule.right[name] for name in names], dtype="float64")
        return np.where(np.isnan(answers).any(axis=1), np.nan, (answers == right).mean(axis=1))
    single = answers[:, 0]
    if rule.statistic == "recommendation":
        sign = np.where(single >= _limit(rule.at_least), 100.0, 0.0)
        sign = np.where(single <= _limit(rule.at_most), -100.0, sign)
        return np.where(np.isnan(single), np.nan, sign)
    if rule.statistic == "kept":
        return _kept(single, rule, responses, wave_pairs)
    return single


def _limit(value: int | None) -> float:
    return np.nan if value is None else float(value)


def _any_of(answers: Array, rule: IndicatorRule) -> Array:
    """Whether any of the items has an answer that counts; unknown until one does or all are no."""
    chosen = np.isin(answers, rule.answers) if rule.answers else answers >= _limit(rule.at_least)
    yes = chosen.any(axis=1)
    known = yes | ~np.isnan(answers).any(axis=1)
    return np.where(known, yes.astype("float64"), np.nan)


def _kept(
    answers: Array,
    rule: IndicatorRule,
    responses: pd.DataFrame,
    wave_pairs: Sequence[tuple[str, str]],
) -> Array:
    """At the later wave: still there, for people who had it at the earlier one."""
    found = np.full(len(answers), np.nan)
    if not wave_pairs or "person" not in responses:
        return found
    earlier, later = wave_pairs[-1]
    person, wave = responses["person"].astype("str"), responses["wave"].astype("str")
    before = ((wave == earlier) & (answers >= _limit(rule.at_least))).to_numpy()
    had = person.isin(set(person[before])).to_numpy() & (wave == later).to_numpy()
    use = had & ~np.isnan(answers)
    found[use] = (answers[use] >= _limit(rule.at_least)).astype("float64")
    return found


def _rows(rule: IndicatorRule, values: Array, cells: Cells, conf_level: float) -> list[Rows]:
    """Rows of one indicator for every cell in which somebody has a value."""
    use = (cells.codes >= 0) & np.isfinite(values)
    where, size = cells.codes[use], len(cells)
    n_all = np.bincount(where, minlength=size)
    chosen = np.flatnonzero((n_all > 0) | (cells.left_out > 0))
    if not len(chosen):
        return []
    n = n_all[chosen].astype("float64")
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.bincount(where, weights=values[use], minlength=size)[chosen] / n
    deviation = values[use] - np.nan_to_num(_at(mean, chosen, size))[where]
    squares = np.bincount(where, weights=deviation**2, minlength=size)[chosen]
    columns = _estimate(rule, (values[use], where), (n, mean, squares), chosen, conf_level)
    asked = np.bincount(cells.codes[cells.codes >= 0], minlength=size)[chosen]
    marks = [
        ((n == 0) & (cells.left_out[chosen] == 0), "no_answers"),
        ((n > 0) & (n < FEW_PEOPLE), "n_below_10"),
        ((n >= FEW_PEOPLE) & (n < INDICATIVE_PEOPLE), "indicative"),
        *left_out_marks(cells.left_out[chosen]),
    ]
    common: dict[str, Any] = {
        "outcome": rule.id,
        "estimand": ESTIMANDS.get(rule.statistic, rule.statistic),
        "partnership": cells.partnership[chosen],
        "wave": cells.wave[chosen],
        "arm": cells.arm[chosen],
        "unit": _UNITS[rule.statistic],
        "direction": "worse" if rule.id in _WORSE else "better",
        "n": n,
        "missing": asked - n,
        "status": np.where(n == 0, "not_available", np.where(n < FEW_PEOPLE, "descriptive", "ok")),
        "note": join_notes(len(chosen), marks),
        "source": ";".join(INDICATORS[rule.id].sources),
    }
    if rule.id in _NO_DIRECTION:
        common["direction"] = ""
    return [Rows(columns=common | columns, size=len(chosen))]


def _at(values: Array, chosen: Array, size: int) -> Array:
    """Values of the chosen cells, in the place of each cell."""
    placed = np.zeros(size)
    placed[chosen] = values
    return placed


def _estimate(
    rule: IndicatorRule,
    answered: tuple[Array, Array],
    sums: tuple[Array, Array, Array],
    chosen: Array,
    conf_level: float,
) -> dict[str, Any]:
    """Estimate, standard error and interval of the chosen cells."""
    n, mean, squares = sums
    shown = n >= FEW_PEOPLE
    columns: dict[str, Any] = {"estimate": np.where(n > 0, mean, np.nan), "method": "describe"}
    if rule.statistic == "median":
        values, where = answered
        middle = pd.Series(values).groupby(where).median().reindex(chosen)
        return columns | {"estimate": middle.to_numpy(dtype="float64")}
    if rule.statistic in ("share", "kept"):
        low, high = wilson(mean * n, n, conf_level)
        limits = {"method": "wilson", "denominator": n}
    else:
        with np.errstate(divide="ignore", invalid="ignore"):
            error = np.sqrt(squares / (n - 1)) / np.sqrt(n)
        shown &= error > 0
        half = special.stdtrit(np.where(shown, n - 1, np.nan), (1 + conf_level) / 2) * error
        low, high = mean - half, mean + half
        limits = {
            "std_error": np.where(shown, error, np.nan),
            "df": np.where(shown, n - 1, np.nan),
        }
    return (
        columns
        | limits
        | {
            "conf_low": np.where(shown, low, np.nan),
            "conf_high": np.where(shown, high, np.nan),
            "conf_level": np.where(shown, conf_level, np.nan),
        }
    )
