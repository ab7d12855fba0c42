"""Answers → scale scores: reversal, minimal valid items, score, 0 to 100.

The order of steps is that of the instruments guide: missing codes, questions that did not
apply, recoding, declared range, reversal, minimal valid items, score, points. Points are
"percent of maximum possible" (Cohen, Cohen, Aiken & West 1999, doi:10.1207/S15327906MBR3403_2)
from the declared range only. All scales are scored in one pass over the rows: per scale two
columns of whole numbers are filled, the total of the answers and how many there are, and the
score of each pair of the two is looked up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from twinimpact.errors import IngestError
from twinimpact.instruments import Catalogue
from twinimpact.measures.coding import Array, Column, columns_of
from twinimpact.measures.keys import Keys, catalogue_from
from twinimpact.measures.parts import fill_parts
from twinimpact.measures.score_pass import Counted, Pass, score_all
from twinimpact.measures.score_tables import Plan, plan_of
from twinimpact.problems import Problem

MOST_OUTSIDE = 0.01
"""Above this share of answers out of range the code book does not fit the item."""
TALLIES = ("valid", "blank", "declared_missing", "skipped", "out_of_range")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scores:
    """Scale scores of every response; columns are the scales of the catalogue.

    Parameters
    ----------
    points
        0 to 100, or the number itself for scales with the unit ``count``; ``NaN`` = no score.
    n_valid
        Number of valid answers behind each score.
    lost
        Per scale: responses with some answers but fewer than the scale needs.
    no_answer
        Per scale: responses without any answer.
    problems
        Answers outside the declared range and contradictions between answers.
    tallies
        Per item, how many answers are ``valid``, ``blank``, ``declared_missing``, ``skipped``
        (given although the question did not apply) and ``out_of_range``.
    totals, plans
        What ``raw`` and ``raw_sum`` are made of: whole-number totals, and how to read them.
    """

    points: pd.DataFrame
    n_valid: pd.DataFrame
    lost: Mapping[str, int]
    no_answer: Mapping[str, int]
    problems: tuple[Problem, ...]
    tallies: pd.DataFrame | None = None
    totals: Mapping[str, Array] | None = None
    plans: tuple[Plan, ...] = ()

    @property
    def raw(self) -> pd.DataFrame:
        """The scores in the scales' own ranges, made anew at each call."""
        return self._made("raw")

    @property
    def raw_sum(self) -> pd.DataFrame:
        """Plain sums of the valid answers after reversal (for counts: how often "yes")."""
        return self._made("raw_sum")

    def _made(self, what: str) -> pd.DataFrame:
        made = {
            plan.scale.id: plan.look_up(
                what, (self.totals or {})[plan.scale.id], self.n_valid[plan.scale.id].to_numpy()
            )
            for plan in self.plans
        }
        for scale in (plan.scale for plan in self.plans if plan.scale.parts and what == "raw"):
            share = self.points[scale.id].to_numpy(dtype="float64") / 100
            made[scale.id] = scale.lo + share * (scale.hi - scale.lo)
        return pd.DataFrame(made, index=self.n_valid.index, dtype="float64")


def score(
    answers: pd.DataFrame,
    keys: Keys,
    *,
    respondent: str = "",
    wave: str = "",
    out_of_range: Literal["error", "set_missing"] = "error",
) -> Scores:
    """Score all scales in one pass.

    Parameters
    ----------
    answers
        One row per questionnaire, one column of whole numbers per item; missing = NA, ``NaN``
        or a declared missing code. The frame is not changed.
    keys
        A catalogue of instruments, or scale names with their
        :class:`~twinimpact.measures.keys.ScaleKey`.
    respondent, wave
        Columns that name the person and the wave; then nobody may have answered a wave twice.
    out_of_range
        ``error`` stops with the complete list; ``set_missing`` leaves such answers out and
        lists them in ``problems``.

    Returns
    -------
    Scores
        ``points`` (0 to 100), ``raw``, ``raw_sum`` and ``n_valid``: frames of shape
        (rows, scales) with the index of ``answers``; the counts ``lost`` (too few answers) and
        ``no_answer``; ``tallies`` per item.

    Raises
    ------
    IngestError
        If an answer lies outside the declared range and ``out_of_range`` is ``error``, or if
        somebody has answered a wave twice.
    TypeError
        If an item column does not hold numbers.
    ValueError
        If a key contradicts itself.

    Examples
    --------
    >>> import pandas as pd
    >>> from twinimpact.measures import ScaleKey, score
    >>> answers = pd.DataFrame({"a1": [5, 1, 4], "a2": [1, 4, None], "a3": [4, 2, None]})
    >>> keys = {"trust": ScaleKey(items=("a1", "a2", "a3"), low=1, high=5, reverse=("a2",))}
    >>> scores = score(answers, keys)
    >>> scores.points["trust"].round(1).tolist()
    [91.7, 16.7, nan]
    >>> scores.n_valid["trust"].tolist(), scores.lost["trust"]
    ([3, 3, 1], 1)
    """
    if respondent:
        _refuse_twice(answers, [respondent, wave] if wave else [respondent])
    return score_responses(answers, catalogue_from(keys), out_of_range=out_of_range)


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
    columns = columns_of(responses, catalogue, catalogue.items)
    plans = tuple(plan_of(scale, catalogue, columns) for scale in catalogue.scales.values())
    work = Pass.start(plans, columns, len(responses))
    counted = score_all(work, len(responses))
    fill_parts(work.points, [plan.scale for plan in plans])
    tallies = _tallies(counted, columns, len(responses))
    outside = _outside(counted, columns, responses) + _misfits(tallies)
    if outside and out_of_range == "error":
        raise IngestError(
            "Some answers lie outside the range their instrument declares.",
            hint="Correct the answers or the instrument file, then import again.",
            problems=outside,
        )
    names = [plan.scale.id for plan in plans]
    answered = [int(np.count_nonzero(count)) for count in work.counts]
    scored = [
        int(np.count_nonzero(~np.isnan(points) if plan.scale.parts else count >= least))
        for plan, count, points in zip(plans, work.counts, work.points, strict=True)
        for least in (plan.scale.min_valid,)
    ]
    return Scores(
        points=pd.DataFrame(work.points.T, index=responses.index, columns=names, copy=False),
        n_valid=pd.DataFrame(work.counts.T, index=responses.index, columns=names, copy=False),
        lost={name: answered[i] - scored[i] for i, name in enumerate(names)},
        no_answer={name: len(responses) - answered[i] for i, name in enumerate(names)},
        problems=(*outside, *_contradictions(counted, columns)),
        tallies=tallies,
        totals=work.totals,
        plans=plans,
    )


def _tallies(counted: Counted, columns: Mapping[str, Column], size: int) -> pd.DataFrame:
    """Answers of each item by what they are."""
    rows = {}
    for name, column in columns.items():
        valid, skipped = counted.valid[name], counted.skipped[name]
        blank = 0 if column.absent is None else int(np.count_nonzero(column.absent))
        outside = len(counted.outside.get(name, ()))
        declared = size - valid - blank - skipped - outside
        rows[name] = (valid, blank, declared, skipped, outside)
    return pd.DataFrame.from_dict(rows, orient="index", columns=list(TALLIES), dtype="int64")


def _outside(
    counted: Counted, columns: Mapping[str, Column], responses: pd.DataFrame
) -> tuple[Problem, ...]:
    """One problem for each answer outside the declared range."""
    found = []
    for name in (name for name in columns if name in counted.outside):
        column = columns[name]
        for position in counted.outside[name]:
            file, row = _place(responses, int(position))
            found.append(
                Problem(
                    code="score_out_of_range",
                    file=file,
                    row=row,
                    column=name,
                    got=f"{column.stored[position]:g}",
                    expected=column.item.allowed(),
                )
            )
    return tuple(found)


def _place(responses: pd.DataFrame, position: int) -> tuple[str, int | None]:
    """File and row of a response; without a column ``source_row`` its place in the frame."""
    file = responses["source"].iloc[position] if "source" in responses.columns else ""
    if "source_row" not in responses.columns:
        return ("" if pd.isna(file) else str(file)), position + 1
    row = responses["source_row"].iloc[position]
    return ("" if pd.isna(file) else str(file)), (None if pd.isna(row) else int(row))


def _misfits(tallies: pd.DataFrame) -> tuple[Problem, ...]:
    """One problem for each item with so many answers out of range that its codes are wrong."""
    outside, base = tallies["out_of_range"], tallies["valid"] + tallies["out_of_range"]
    return tuple(
        Problem(
            code="score_codebook_misfit",
            column=str(name),
            got=f"{outside[name]} of {base[name]}",
        )
        for name in tallies.index[outside > MOST_OUTSIDE * base]
    )


def _contradictions(counted: Counted, columns: Mapping[str, Column]) -> tuple[Problem, ...]:
    """One problem for each item whose answers exceed those to the item that bounds it."""
    return tuple(
        Problem(
            code="score_contradiction",
            column=name,
            got=f"{counted.above[name]} of {counted.both[name]}",
            expected=column.item.not_above,
        )
        for name, column in columns.items()
        if counted.above[name]
    )


def _refuse_twice(answers: pd.DataFrame, names: list[str]) -> None:
    """Refuse answers in which somebody has answered a wave twice."""
    known = answers[names].notna().all(axis=1)
    twice = np.flatnonzero((answers[names].duplicated(keep=False) & known).to_numpy())
    if len(twice):
        raise IngestError(
            "Some people have answered the same wave twice.",
            hint="Keep one questionnaire of each person and wave.",
            problems=tuple(
                Problem(code="score_answered_twice", row=int(position) + 1, column=names[0])
                for position in twice
            ),
        )
