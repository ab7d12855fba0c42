"""What people answered: scale means, ceilings, reliability, distributions of single items."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from twinimpact.instruments import Catalogue, Item, Scale
from twinimpact.measures.cells import Array, Cells, cells_of, without_small
from twinimpact.measures.coding import Coded, code_answers
from twinimpact.measures.reliability import (
    Reliability,
    cronbach_alpha,
    item_statistics,
    moments,
    spearman_brown,
)
from twinimpact.measures.rows import (
    FEW_PEOPLE,
    INDICATIVE_PEOPLE,
    Rows,
    join_notes,
    left_out_marks,
    results_of,
)
from twinimpact.measures.scoring import Scores, reversed_codes

CEILING_SHARE = 0.15
"""Above this share at one end of the range, change is hard to see (first wave)."""
LOW_RELIABILITY = 0.60
FEW_FOR_RELIABILITY = 50
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
        A results table: ``mean``, ``mean_raw``, ``sd``, ``ceiling``, ``floor`` and ``alpha``
        per scale, ``count`` per item and answer.
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
            counted = _counted_for_reliability(scale, members, answered)
            held = without_small(pooled, own_pooled, counted, fewest) if fewest else pooled
            blocks += _reliability_rows(scale, members, held, answered, conf_level)
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
        raw = _sums(scores.raw[scale.id].to_numpy(), cells, (scale.lo + scale.hi) / 2)[1][chosen]
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


def _counted_for_reliability(scale: Scale, members: list[Coded], answered: Array) -> Array:
    """Whom a row ``alpha`` counts: complete answers, or all answers where it is not defined."""
    if _undefined(scale) or not members:
        return answered
    return np.asarray(np.all([answers.codes > 0 for answers in members], axis=0))


def _undefined(scale: Scale) -> bool:
    """Whether a scale has no coefficient, however many people answer."""
    return len(scale.items) == 1 or scale.formative or scale.method in ("value", "count")


def _reliability_rows(
    scale: Scale, members: list[Coded], cells: Cells, answered: Array, conf_level: float
) -> list[Rows]:
    """Rows ``alpha`` of one scale: everybody of a partnership and wave together."""
    chosen = _asked(cells, answered)
    size = len(chosen)
    if not size:
        return []
    inside = (cells.codes >= 0) & answered
    scored = np.bincount(cells.codes[inside], minlength=len(cells))[chosen]
    common = _labels(cells, chosen) | {
        "outcome": scale.id,
        "estimand": "alpha",
        "unit": "coefficient",
        "direction": "better",
    }
    if _undefined(scale):
        undefined = {
            "method": "alpha_feldt",
            "n": scored,
            "status": "not_estimable",
            "note": join_notes(
                size, [(True, "not_defined"), *left_out_marks(cells.left_out[chosen])]
            ),
        }
        return [Rows(columns=common | undefined, size=size)]
    if len(members) < len(scale.items):
        missing = {
            "method": "alpha_feldt",
            "n": 0,
            "status": "not_estimable",
            "note": "items_not_asked",
        }
        return [Rows(columns=common | missing, size=size)]
    found, negative = _coefficient(scale, members, cells, conf_level)
    marks = left_out_marks(cells.left_out[chosen])
    columns = _coefficient_columns(found, negative, scored, marks, chosen, conf_level)
    return [Rows(columns=common | columns, size=size)]


def _coefficient(
    scale: Scale, members: list[Coded], cells: Cells, conf_level: float
) -> tuple[Reliability, Array]:
    """The coefficient of each cell, and where some item goes against the others."""
    matrix = np.column_stack([_centred(answers, scale) for answers in members])
    parts = moments(matrix, cells.codes, len(cells))
    if len(members) == 2:
        found = spearman_brown(parts, conf_level)
        return found, np.asarray(found.estimate <= 0)
    found = cronbach_alpha(parts, conf_level)
    return found, np.asarray((item_statistics(parts).r_rest < 0).any(axis=1))


def _centred(answers: Coded, scale: Scale) -> Array:
    """Answers after reversal, centred at mid-range; shares of the range where ranges differ."""
    codes = reversed_codes(answers) if answers.item.id in scale.reverse else answers.codes
    width = answers.item.hi - answers.item.lo
    values = codes.astype("float64") - (1 + width / 2)
    values[codes == 0] = np.nan
    return values if (scale.lo, scale.hi) != (0.0, 100.0) else values / width


def _coefficient_columns(
    found: Reliability,
    negative: Array,
    scored: Array,
    left_out: list[tuple[Any, str]],
    chosen: Array,
    conf_level: float,
) -> dict[str, Any]:
    """Columns of the coefficient, withheld where too few people answered every item."""
    n = found.n[chosen]
    undefined, flat = found.undefined[chosen], found.no_variance[chosen]
    few = ~undefined & (n < INDICATIVE_PEOPLE)
    shown = ~undefined & ~flat & ~few
    estimate = np.where(shown, found.estimate[chosen], np.nan)
    low = np.where(shown, found.conf_low[chosen], np.nan)
    marks = [
        (undefined, "n_below_2"),
        (few, "n_below_30"),
        (flat, "zero_total_variance"),
        (shown & found.constant_item[chosen], "zero_variance_item"),
        (shown & negative[chosen], "check_item_coding"),
        (shown & (estimate < LOW_RELIABILITY), "alpha_below_060"),
        (shown & (n < FEW_FOR_RELIABILITY), "n_below_50"),
        (shown & (n < 0.8 * scored), "few_complete_rows"),
        *left_out,
    ]
    return {
        "method": found.method,
        "estimate": estimate,
        "conf_low": low,
        "conf_high": np.where(shown, found.conf_high[chosen], np.nan),
        "conf_level": np.where(np.isfinite(low), conf_level, np.nan),
        "n": n,
        "missing": scored - n,
        "status": np.where(shown, "ok", "not_estimable"),
        "note": join_notes(len(chosen), marks),
    }


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
