"""What people answered: scale means, ceilings, reliability, distributions of single items."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from twinimpact.instruments import Catalogue, Item, Scale
from twinimpact.measures.cells import Array, Cells, cells_of, without_small
from twinimpact.measures.coding import Coded, code_answers
from twinimpact.measures.consistency.directed import directed
from twinimpact.measures.reliability_rows import (
    ReliabilityCells,
    counted_for_reliability,
    reliability_rows,
)
from twinimpact.measures.rows import (
    FEW_PEOPLE,
    INDICATIVE_PEOPLE,
    Rows,
    join_notes,
    left_out_marks,
    results_of,
)
from twinimpact.measures.scoring import Scores

CEILING_SHARE = 0.15
"""Above this share at one end of the range, change is hard to see (first wave)."""
MOST_CATEGORIES = 21
"""Items with more answers than this are described by their mean alone."""


def describe_scales(
    responses: pd.DataFrame,
    scores: Scores,
    catalogue: Catalogue,
    conf_level: float = 0.95,
    smallest: int = 0,
) -> pd.DataFrame:
    """Result rows about all scales and items, per partnership and for the programme.

    A scale gives rows only for the waves and arms in which somebody was asked it. Fewer than
    10 people are described without an interval; fewer than 30 are marked ``indicative``. Rows
    of the programme leave out partnerships with fewer than ``smallest`` people in the same scale
    or item, wave and arm, and say how many; reliability leaves out those with fewer complete
    answers in the wave, since its number of people could be subtracted.

    Parameters
    ----------
    responses
        Canonical responses with one column per item.
    scores
        What :func:`~twinimpact.measures.scoring.score_responses` made of them.
    smallest
        Fewest people with whom a partnership enters a row of the programme; 0 leaves nobody out.

    Returns
    -------
    pandas.DataFrame
        A results table: ``mean``, ``mean_raw``, ``sd``, ``ceiling`` and ``floor`` per scale,
        reliability (see :func:`~twinimpact.measures.reliability_rows.reliability_rows`),
        ``count`` per item and answer.
    """
    coded = code_answers(responses, catalogue)
    blocks: list[Rows] = []
    own = cells_of(responses, programme=False)
    own_pooled = cells_of(responses, programme=False, by_arm=False)
    for programme in (True, False):
        fewest = smallest if programme else 0
        cells = cells_of(responses, programme=programme)
        pooled = cells_of(responses, programme=programme, by_arm=False)
        for scale in catalogue.scales.values():
            members = [coded[name] for name in scale.items if name in coded]
            answered = np.zeros(len(responses), dtype=bool)
            for answers in members:
                answered |= answers.codes > 0
            scored = scores.points[scale.id].notna().to_numpy()
            held = without_small(cells, own, scored, fewest) if fewest else cells
            blocks += _moments_rows(scale, scores, held, answered, conf_level)
            asked = directed(scale, coded, len(responses))
            counted = counted_for_reliability(asked, answered)
            held = without_small(pooled, own_pooled, counted, fewest) if fewest else pooled
            blocks += reliability_rows(
                asked,
                ReliabilityCells(
                    cells=held,
                    chosen=_asked(held, answered),
                    programme=programme,
                    smallest=smallest,
                    conf_level=conf_level,
                ),
            )
        for answers in coded.values():
            answered = answers.codes > 0
            held = without_small(cells, own, answered, fewest) if fewest else cells
            blocks += _answer_rows(answers, held)
    return results_of(blocks)


def _asked(cells: Cells, answered: Array) -> Array:
    """Cells of waves and arms in which anyone answered, in order; left-out people did."""
    kind = pd.factorize(cells.wave + "\0" + cells.arm)[0]
    inside = (cells.codes >= 0) & answered
    met = np.zeros(kind.max() + 1 if len(kind) else 0, dtype=bool)
    met[kind[cells.codes[inside]]] = True
    met[kind[cells.left_out > 0]] = True
    return np.flatnonzero(met[kind]) if len(kind) else np.zeros(0, dtype="int64")


def _labels(cells: Cells, chosen: Array) -> dict[str, Any]:
    return {
        "partnership": cells.partnership[chosen],
        "wave": cells.wave[chosen],
        "arm": cells.arm[chosen],
        "source": "responses",
    }


def _sums(values: Array, cells: Cells, centre: float) -> tuple[Array, Array, Array]:
    """Number, mean and standard deviation (divisor n − 1) of the values in each cell."""
    use = (cells.codes >= 0) & ~np.isnan(values)
    where, centred = cells.codes[use], values[use] - centre
    size = len(cells)
    n = np.bincount(where, minlength=size)
    total = np.bincount(where, weights=centred, minlength=size)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = total / n
        deviations = centred - mean[where]
        squares = np.bincount(where, weights=deviations**2, minlength=size)
        sd = np.sqrt(squares / np.where(n > 1, n - 1, np.nan))
    return n, mean + centre, sd


def _moments_rows(
    scale: Scale, scores: Scores, cells: Cells, answered: Array, conf_level: float
) -> list[Rows]:
    """Rows ``mean``, ``mean_raw``, ``sd``, ``ceiling`` and ``floor`` of one scale."""
    chosen = _asked(cells, answered)
    size, left_out = len(chosen), cells.left_out[chosen]
    if not size:
        return []
    points = scores.points[scale.id].to_numpy()
    centre = 50.0 if scale.unit == "points" else 0.0
    n, mean, sd = (part[chosen] for part in _sums(points, cells, centre))
    rows = np.bincount(cells.codes[cells.codes >= 0], minlength=len(cells))[chosen]
    interval = (n >= FEW_PEOPLE) & (sd > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        error = np.where(interval, sd / np.sqrt(n), np.nan)
        df = np.where(interval, n - 1.0, np.nan)
    half = special.stdtrit(df, (1 + conf_level) / 2) * error
    common = _labels(cells, chosen) | {
        "outcome": scale.id,
        "method": "describe",
        "unit": scale.unit,
        "direction": scale.direction,
        "n": n,
        "missing": rows - n,
        "status": np.where(n == 0, "not_available", np.where(n < FEW_PEOPLE, "descriptive", "ok")),
        "note": join_notes(
            size,
            [
                ((n == 0) & (left_out == 0), "no_answers"),
                ((n > 0) & (n < FEW_PEOPLE), "n_below_10"),
                ((n >= FEW_PEOPLE) & (n < INDICATIVE_PEOPLE), "indicative"),
                ((n > 1) & (sd == 0), "no_variance"),
                *left_out_marks(left_out),
            ],
        ),
    }
    limits = {
        "std_error": error,
        "df": df,
        "conf_low": mean - half,
        "conf_high": mean + half,
        "conf_level": np.where(interval, conf_level, np.nan),
    }
    blocks = [
        Rows(columns=common | limits | {"estimand": "mean", "estimate": mean}, size=size),
        Rows(columns=common | {"estimand": "sd", "estimate": sd}, size=size),
    ]
    if scale.unit == "points":
        raw = scale.lo + (scale.hi - scale.lo) * mean / 100.0
        extra = {"estimand": "mean_raw", "estimate": raw, "unit": "raw"}
        blocks.append(Rows(columns=common | extra, size=size))
        blocks += _end_rows(points, cells, chosen, common)
    return blocks


def _end_rows(points: Array, cells: Cells, chosen: Array, common: dict[str, Any]) -> list[Rows]:
    """Shares of people at the maximum (``ceiling``) and at the minimum (``floor``)."""
    n, left_out = common["n"], cells.left_out[chosen]
    blocks = []
    for estimand, end in (("ceiling", 100.0), ("floor", 0.0)):
        at_end = (cells.codes >= 0) & (np.abs(points - end) < 1e-9)
        count = np.bincount(cells.codes[at_end], minlength=len(cells))[chosen]
        with np.errstate(invalid="ignore"):
            share = count / np.where(n > 0, n, np.nan)
        marks = [
            ((n == 0) & (left_out == 0), "no_answers"),
            (share > CEILING_SHARE, "above_15_percent"),
            *left_out_marks(left_out),
        ]
        values = {
            "estimand": estimand,
            "estimate": share,
            "unit": "share",
            "denominator": n,
            "status": np.where(n == 0, "not_available", "ok"),
            "note": join_notes(len(chosen), marks),
        }
        blocks.append(Rows(columns=common | values, size=len(chosen)))
    return blocks


def _answer_rows(answers: Coded, cells: Cells) -> list[Rows]:
    """How many participants gave each answer, before any reversal; zeros included."""
    item: Item = answers.item
    width = item.hi - item.lo + 1
    use = (cells.codes >= 0) & (answers.codes > 0)
    if width > MOST_CATEGORIES or not use.any():
        return []
    pairs = cells.codes[use] * width + (answers.codes[use].astype("int64") - 1)
    counts = np.bincount(pairs, minlength=len(cells) * width).reshape(len(cells), width)
    answered = counts.sum(axis=1)
    chosen = np.flatnonzero((answered > 0) & (cells.arm == "participant"))
    rows = np.bincount(cells.codes[cells.codes >= 0], minlength=len(cells))
    labels = {
        name: np.repeat(value, width) if name != "source" else value
        for name, value in _labels(cells, chosen).items()
    }
    columns = labels | {
        "outcome": item.id,
        "estimand": "count",
        "method": "describe",
        "unit": "people",
        "dimension": "answer",
        "group": np.tile([str(code) for code in range(item.lo, item.hi + 1)], len(chosen)),
        "estimate": counts[chosen].ravel(),
        "n": np.repeat(answered[chosen], width),
        "denominator": np.repeat(answered[chosen], width),
        "missing": np.repeat((rows - answered)[chosen], width),
        "note": np.repeat(join_notes(len(chosen), left_out_marks(cells.left_out[chosen])), width),
    }
    return [Rows(columns=columns, size=len(chosen) * width)]
