"""Answers → scale scores: reversal, minimal valid items, score, 0 to 100.

The order of steps is that of the instruments guide: missing codes, questions that did not
apply, recoding, declared range, reversal, minimal valid items, score, points. Points are
"percent of maximum possible" (Cohen, Cohen, Aiken & West 1999, doi:10.1207/S15327906MBR3403_2)
from the declared range only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from twinimpact.errors import IngestError
from twinimpact.instruments import Catalogue, Scale
from twinimpact.measures.coding import Array, Coded, code_answers
from twinimpact.problems import Problem


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scores:
    """Scale scores of every response; columns are the scales of the catalogue.

    Parameters
    ----------
    points
        0 to 100, or the number itself for scales with the unit ``count``; ``NaN`` = no score.
    raw
        The score in the scale's own range.
    n_valid
        Number of valid answers behind each score.
    lost
        Per scale: responses with some answers but fewer than the scale needs.
    no_answer
        Per scale: responses without any answer.
    problems
        Answers outside the declared range and contradictions between answers.
    """

    points: pd.DataFrame
    raw: pd.DataFrame
    n_valid: pd.DataFrame
    lost: Mapping[str, int]
    no_answer: Mapping[str, int]
    problems: tuple[Problem, ...]


def score_responses(
    responses: pd.DataFrame,
    catalogue: Catalogue,
    *,
    out_of_range: Literal["error", "set_missing"] = "error",
) -> Scores:
    """Score every scale of the catalogue for every response.

    Parameters
    ----------
    responses
        One row per questionnaire, one nullable integer column per item id.
    catalogue
        Instruments in use; a scale none of whose items was asked is missing throughout.
    out_of_range
        ``error`` stops with the complete list; ``set_missing`` leaves such answers out and
        lists them in ``problems``.

    Returns
    -------
    Scores
        Frames of shape (responses, scales) with the index of ``responses``.

    Raises
    ------
    IngestError
        If an answer lies outside the declared range and ``out_of_range`` is ``error``.
    """
    coded = code_answers(responses, catalogue)
    outside = tuple(
        problem for answers in coded.values() for problem in _outside(answers, responses)
    )
    if outside and out_of_range == "error":
        raise IngestError(
            "Some answers lie outside the range their instrument declares.",
            hint="Correct the answers or the instrument file, then import again.",
            problems=outside,
        )
    size = len(responses)
    points, raw, n_valid = {}, {}, {}
    lost, no_answer = {}, {}
    for name, scale in catalogue.scales.items():
        members = [coded[item] for item in scale.items if item in coded]
        count = _count(members, size)
        scored = count >= scale.min_valid
        mean = _mean(scale, members, count, scored)
        raw[name], points[name] = _in_units(scale, mean)
        n_valid[name] = count
        no_answer[name] = int(np.count_nonzero(count == 0))
        lost[name] = int(np.count_nonzero(~scored)) - no_answer[name]
    contradictions = tuple(
        problem for answers in coded.values() for problem in _contradictions(answers, coded)
    )
    return Scores(
        points=pd.DataFrame(points, index=responses.index, dtype="float64"),
        raw=pd.DataFrame(raw, index=responses.index, dtype="float64"),
        n_valid=pd.DataFrame(n_valid, index=responses.index),
        lost=lost,
        no_answer=no_answer,
        problems=outside + contradictions,
    )


def reversed_codes(answers: Coded) -> Array:
    """Codes after reversal by the declared range; 0 stays 0."""
    top = answers.item.hi - answers.item.lo + 2
    codes = answers.codes
    return np.where(codes > 0, np.asarray(top, dtype=codes.dtype) - codes, codes)


def _count(members: list[Coded], size: int) -> Array:
    count = np.zeros(size, dtype="uint8" if len(members) < 256 else "uint16")
    for answers in members:
        count += answers.codes > 0
    return count


def _mean(scale: Scale, members: list[Coded], count: Array, scored: Array) -> Array:
    """Mean of the valid items; of their share of the maximum where their ranges differ."""
    mean = np.full(len(count), np.nan)
    if not members or not scored.any():
        return mean
    lo, hi = members[0].item.lo, members[0].item.hi
    if all((answers.item.lo, answers.item.hi) == (lo, hi) for answers in members):
        most = len(members) * (hi - lo + 1)
        total = np.zeros(
            len(count), dtype="uint8" if most < 256 else "uint16" if most < 65536 else "int64"
        )
        for answers in members:
            total += _directed(scale, answers).astype(total.dtype, copy=False)
        np.divide(total, count, out=mean, where=scored)
        return mean + (lo - 1)
    shares = np.zeros(len(count))
    for answers in members:
        codes = _directed(scale, answers)
        width = answers.item.hi - answers.item.lo
        shares += np.where(codes > 0, (codes.astype("float64") - 1.0) / width, 0.0)
    np.divide(100.0 * shares, count, out=mean, where=scored)
    return mean


def _directed(scale: Scale, answers: Coded) -> Array:
    return reversed_codes(answers) if answers.item.id in scale.reverse else answers.codes


def _in_units(scale: Scale, mean: Array) -> tuple[Array, Array]:
    """Raw score and points from the mean of the valid items."""
    k = len(scale.items)
    if scale.method == "value":
        return mean, mean.copy()
    raw = mean * k if scale.method in ("sum", "count") else mean
    return raw, 100.0 * (raw - scale.lo) / (scale.hi - scale.lo)


def _outside(answers: Coded, responses: pd.DataFrame) -> list[Problem]:
    """One problem for each answer outside the declared range."""
    rows: Any = responses["source_row"] if "source_row" in responses.columns else None
    files: Any = responses["source"] if "source" in responses.columns else None
    found = []
    for position, value in zip(answers.outside, answers.values, strict=True):
        row = None if rows is None else rows.iloc[position]
        file = None if files is None else files.iloc[position]
        found.append(
            Problem(
                code="score_out_of_range",
                file="" if pd.isna(file) else str(file),
                row=None if pd.isna(row) else int(row),
                column=answers.item.id,
                got=f"{value:g}",
                expected=answers.item.allowed(),
            )
        )
    return found


def _contradictions(answers: Coded, coded: Mapping[str, Coded]) -> list[Problem]:
    """One problem for each item whose answers exceed those to the item that bounds it."""
    bound = coded.get(answers.item.not_above)
    if bound is None:
        return []
    both = (answers.codes > 0) & (bound.codes > 0)
    above = both & (answers.answers() > bound.answers())
    found = int(np.count_nonzero(above))
    if not found:
        return []
    return [
        Problem(
            code="score_contradiction",
            column=answers.item.id,
            got=f"{found} of {int(np.count_nonzero(both))}",
            expected=bound.item.id,
        )
    ]
