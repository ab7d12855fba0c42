"""Result rows about reliability: own and shrunken coefficients, items of the programme's scales."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from twinimpact.instruments import Catalogue
from twinimpact.measures.cells import Array, Cells
from twinimpact.measures.coding import code_answers
from twinimpact.measures.consistency.directed import Directed, directed
from twinimpact.measures.consistency.grid import GridRows, Pooling, grid_rows, undefined_rows
from twinimpact.measures.consistency.item_statistics import item_statistics
from twinimpact.measures.consistency.moments import Moments, cell_index, cell_moments
from twinimpact.measures.consistency.pooling import FEWEST_IN_CELL
from twinimpact.measures.rows import (
    FEW_PEOPLE,
    INDICATIVE_PEOPLE,
    Rows,
    join_notes,
    left_out_marks,
)
from twinimpact.problems import Problem
from twinimpact.schema import PROGRAMME

PRINTED = ("alpha", "spearman_brown", "omega")
"""Coefficients with rows of their own; two items have theirs in the row ``alpha``."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ReliabilityCells:
    """Where the reliability of one scale is wanted.

    Parameters
    ----------
    cells
        Partnership × wave, or the programme's waves.
    chosen
        Cells in which the scale was asked.
    programme
        Whether these are the programme's cells.
    smallest
        Fewest complete answers with which a partnership is part of what is typical of all.
    conf_level
        Level of the intervals.
    """

    cells: Cells
    chosen: Array
    programme: bool
    smallest: int
    conf_level: float


def reliability_rows(asked: Directed, where: ReliabilityCells) -> list[Rows]:
    """Rows of one scale: everybody of a partnership and wave together.

    ``alpha`` (for two items the Spearman–Brown coefficient) and ``omega`` from 30 complete
    answers on; ``alpha_shrunken`` and ``omega_shrunken`` from 10 on where at least 5
    partnerships of the wave can be pooled; ``alpha_typical`` and ``omega_typical`` of these.
    For the programme also ``item_rest`` and ``alpha_if_dropped`` of each item (dimension
    ``item``).
    """
    cells, chosen = where.cells, where.chosen
    if not len(chosen):
        return []
    index = cell_index(cells.codes, len(cells))
    scored = index.sums(asked.scored[index.order])
    if not (asked.defined and asked.asked):
        answered = np.zeros(len(cells.codes), dtype=bool)
        for column in asked.columns:
            answered |= column > 0
        n = index.sums(answered[index.order]) if not asked.defined else np.zeros_like(scored)
        code = "items_not_asked" if asked.defined else "not_defined"
        rows = undefined_rows(n, "alpha", code)
        marks = [] if asked.defined else left_out_marks(cells.left_out[chosen])
        return [_own(asked, rows, n, where, (np.zeros(len(cells), dtype=bool), marks))]
    moments = cell_moments(list(asked.columns), index, len(cells))
    wave = pd.factorize(cells.wave)[0]
    pooling = Pooling(
        group=np.full(len(cells), -1) if where.programme else wave,
        n_groups=int(wave.max()) + 1,
        fewest=max(FEWEST_IN_CELL, where.smallest),
    )
    each = item_statistics(moments.covariance, moments.n, pooled=False).unreversed
    against = np.asarray(each.any(axis=1))
    marks = left_out_marks(cells.left_out[chosen])
    blocks = []
    for rows in grid_rows(moments, scored, pooling, conf_level=where.conf_level):
        if rows.coefficient not in PRINTED:
            continue
        blocks.append(_own(asked, rows, scored, where, (against, marks)))
        if not where.programme:
            blocks += _borrowed(asked, rows, pooling, where)
    if where.programme:
        blocks += _item_rows(asked, moments, where)
    return blocks


def counted_for_reliability(asked: Directed, answered: Array) -> Array:
    """Whom a row ``alpha`` counts: complete answers, or all answers where it is not defined."""
    if not asked.defined or not asked.columns:
        return answered
    return np.asarray(np.all([column > 0 for column in asked.columns], axis=0))


def unreversed_items(
    responses: pd.DataFrame, catalogue: Catalogue, fewest: int = INDICATIVE_PEOPLE
) -> tuple[Problem, ...]:
    """Items that look as if their answers had not been reversed, over all answers together.

    Parameters
    ----------
    responses
        Canonical responses with one column per item.
    fewest
        Complete answers to a scale below which nothing is said about its items.

    Returns
    -------
    tuple of Problem
        One per item, with its question in English (its id where there is none) and the line of
        the scoring key; the order of items and rows does not matter.
    """
    found = []
    for scale in catalogue.scales.values():
        coded = code_answers(responses, catalogue, scale.items)
        asked = directed(scale, coded, len(responses))
        if not (asked.defined and asked.asked):
            continue
        moments = cell_moments(list(asked.columns), np.zeros(len(responses), dtype="int64"), 1)
        if moments.n[0] < fewest:
            continue
        against = item_statistics(moments.covariance, moments.n).unreversed[0]
        for name in sorted(np.array(asked.names)[against]):
            reverse = ", ".join(f'"{one}"' for one in scale.items if one in scale.reverse)
            text = catalogue.items[str(name)].text.get("en", "") or str(name)
            found.append(
                Problem(
                    code="item_looks_unreversed",
                    column=str(name),
                    got=text,
                    expected=f"{scale.id}: reverse = [{reverse}]",
                )
            )
    return tuple(found)


def _labels(where: ReliabilityCells, asked: Directed, estimand: str) -> dict[str, Any]:
    return {
        "partnership": where.cells.partnership[where.chosen],
        "wave": where.cells.wave[where.chosen],
        "arm": where.cells.arm[where.chosen],
        "source": "responses",
        "outcome": asked.scale.id,
        "estimand": estimand,
        "unit": "coefficient",
        "direction": "better",
    }


def _own(
    asked: Directed,
    rows: GridRows,
    scored: Array,
    where: ReliabilityCells,
    told: tuple[Array, Sequence[tuple[Any, str]]],
) -> Rows:
    """The coefficient of each cell, withheld where too few people answered every item."""
    chosen, (against, marks) = where.chosen, told
    n, note = rows.n[chosen], rows.note[chosen]
    shown = np.isfinite(rows.estimate[chosen]) & (n >= INDICATIVE_PEOPLE)
    few = asked.defined & asked.asked & (n >= 2) & (n < INDICATIVE_PEOPLE)
    low = np.where(shown, rows.conf_low[chosen], np.nan)
    notes = join_notes(
        len(chosen),
        [
            (few, "n_below_30"),
            *((~few & (note == words), words) for words in dict.fromkeys(note) if words),
            (shown & against[chosen] & ~_has(note, "check_item_coding"), "check_item_coding"),
            *marks,
        ],
    )
    status = np.where(shown, "ok", "not_estimable").astype(object)
    status[shown & (rows.status[chosen] == "boundary")] = "descriptive"
    columns = {
        "method": rows.method,
        "estimate": np.where(shown, rows.estimate[chosen], np.nan),
        "conf_low": low,
        "conf_high": np.where(shown, rows.conf_high[chosen], np.nan),
        "conf_level": np.where(np.isfinite(low), where.conf_level, np.nan),
        "n": n,
        "missing": (scored[chosen] - n) if asked.asked and asked.defined else np.nan,
        "status": status,
        "note": notes,
    }
    name = "omega" if rows.coefficient == "omega" else "alpha"
    return Rows(columns=_labels(where, asked, name) | columns, size=len(chosen))


def _has(notes: Array, code: str) -> Array:
    where, different = pd.factorize(notes)
    held = np.array([code in str(note).split(";") for note in different], dtype=bool)
    return held[where] if len(held) else np.zeros(len(notes), dtype=bool)


def _borrowed(
    asked: Directed, rows: GridRows, pooling: Pooling, where: ReliabilityCells
) -> list[Rows]:
    """What is typical of all partnerships of a wave, and each one drawn towards it."""
    pools, drawn = rows.pools, rows.shrunken
    if pools is None or drawn is None:
        return []
    name = "omega" if rows.coefficient == "omega" else "alpha"
    known = np.isfinite(pools.mu)
    inside = where.chosen[known[pooling.group[where.chosen]]]
    n = rows.n[inside]
    shown = n >= FEW_PEOPLE
    part = ReliabilityCells(
        cells=where.cells, chosen=inside, programme=False, smallest=where.smallest,
        conf_level=where.conf_level,
    )  # fmt: skip
    each = _labels(part, asked, f"{name}_shrunken") | {
        "method": "reliability_blup",
        "estimate": np.where(shown, drawn.estimate[inside], np.nan),
        "conf_low": np.where(shown, drawn.conf_low[inside], np.nan),
        "conf_high": np.where(shown, drawn.conf_high[inside], np.nan),
        "conf_level": np.where(shown, where.conf_level, np.nan),
        "n": n,
        "status": np.where(shown, "ok", "not_estimable"),
        "note": join_notes(
            len(inside),
            [(~shown, "n_below_10"), (shown & (n < INDICATIVE_PEOPLE), "indicative")],
        ),
    }
    return [
        Rows(columns=each, size=len(inside)),
        _typical(asked, rows, pooling, where, f"{name}_typical"),
    ]


def _typical(
    asked: Directed, rows: GridRows, pooling: Pooling, where: ReliabilityCells, estimand: str
) -> Rows:
    pools = rows.pools
    if pools is None:
        return Rows(columns={}, size=0)
    known = np.flatnonzero(np.isfinite(pools.mu))
    waves = pd.factorize(where.cells.wave)[1]
    small = (rows.n > 0) & (rows.n < where.smallest)
    left_out = np.bincount(pooling.group[small], minlength=pooling.n_groups)[known]
    estimate, low, high = (values[known] for values in pools.typical(where.conf_level))
    columns: Mapping[str, Any] = {
        "partnership": PROGRAMME,
        "wave": np.asarray(waves, dtype=object)[known],
        "source": "responses",
        "outcome": asked.scale.id,
        "estimand": estimand,
        "unit": "coefficient",
        "direction": "better",
        "method": "reliability_reml",
        "estimate": estimate,
        "conf_low": low,
        "conf_high": high,
        "conf_level": where.conf_level,
        "n": pools.people[known],
        "note": join_notes(len(known), left_out_marks(left_out)),
    }
    return Rows(columns=columns, size=len(known))


def _item_rows(asked: Directed, moments: Moments, where: ReliabilityCells) -> list[Rows]:
    """Item–rest correlation and alpha without the item, for the programme's waves."""
    chosen, k = where.chosen, len(asked.names)
    found = item_statistics(moments.covariance, moments.n, pooled=True, conf_level=where.conf_level)
    n = np.repeat(moments.n[chosen], k)
    enough = n >= INDICATIVE_PEOPLE
    labels = {
        name: np.repeat(value, k) if isinstance(value, np.ndarray) else value
        for name, value in _labels(where, asked, "item_rest").items()
    } | {"dimension": "item", "group": np.tile(np.array(asked.names, dtype=object), len(chosen))}
    against = found.unreversed[chosen].ravel()
    marks = left_out_marks(np.repeat(where.cells.left_out[chosen], k))
    blocks = []
    for estimand, values in (
        ("item_rest", (found.r_rest, found.rest_low, found.rest_high)),
        ("alpha_if_dropped", (found.alpha_if_dropped, None, None)),
    ):
        estimate, low, high = (
            np.full(len(n), np.nan)
            if one is None
            else np.where(enough, one[chosen].ravel(), np.nan)
            for one in values
        )
        shown = np.isfinite(estimate)
        if estimand == "alpha_if_dropped" and k == 2:
            continue
        columns = {
            "estimand": estimand,
            "method": "fisher_z" if estimand == "item_rest" else "alpha",
            "estimate": estimate,
            "conf_low": low,
            "conf_high": high,
            "conf_level": np.where(np.isfinite(low), where.conf_level, np.nan),
            "n": n,
            "status": np.where(shown, "ok", "not_estimable"),
            "note": join_notes(
                len(n),
                [
                    (~enough, "n_below_30"),
                    (enough & ~shown, "zero_variance_item"),
                    (shown & against, "check_item_coding"),
                    *marks,
                ],
            ),
        }
        blocks.append(Rows(columns=labels | columns, size=len(n)))
    return blocks
