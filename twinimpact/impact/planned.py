"""What the plan named beforehand, on the finished table: confirmatory rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd

from twinimpact.evaluation.plan import PlannedEstimand, PlanRecord, confirmatory
from twinimpact.evaluation.plan.models import MODELS
from twinimpact.impact.multiplicity import Method, adjusted_p
from twinimpact.impact.notes import codes_of

if TYPE_CHECKING:
    from twinimpact.evaluation import Evaluation

SAME_ARMS = ("treated-comparison", "twinned-comparison", "participants-comparison")
"""Other words for the contrast ``participant-comparison``."""


def mark_confirmatory(
    results: pd.DataFrame, record: PlanRecord, first_post: dt.date | None
) -> pd.DataFrame:
    """The results table with ``confirmatory`` true where the plan named the estimate in time.

    Everything else is exploratory: rows beside the main one, towns, subgroups, other methods.
    Within each family of the plan, p values of confirmatory rows of one partnership (or of the
    programme) are adjusted together.

    Parameters
    ----------
    results
        A results table.
    record
        The plan and its versions.
    first_post
        Day of the first answer of the later wave.
    """
    marked = np.zeros(len(results), dtype=bool)
    for planned in record.plan.estimands:
        if confirmatory(record, planned.id, planned.outcome, first_post):
            marked |= planned_rows(results, planned)
    adjusted = results["p_adjusted"].to_numpy(dtype=np.float64, copy=True)
    for family in record.plan.families:
        if family.method == "none":
            continue
        chosen = results[marked & results["outcome"].isin(family.outcomes)]
        place = {name: number for number, name in enumerate(results.index)}
        for _, rows in chosen.groupby("partnership", sort=False):
            where = [place[name] for name in rows.index]
            adjusted[where] = adjusted_p(rows["p_value"].tolist(), cast("Method", family.method))
    return results.assign(confirmatory=marked, p_adjusted=adjusted)


def planned_rows(results: pd.DataFrame, planned: PlannedEstimand) -> np.ndarray[Any, Any]:
    """Which rows carry out a planned estimand: contrast, arms and model, for everybody."""
    found = (
        results["outcome"].eq(planned.outcome)
        & results["estimand"].isin(tuple(estimands_of(planned)))
        & results["method"].isin(MODELS[planned.model])
        & results["arm"].isin(("", "participant"))
        & results["town"].eq("")
        & results["dimension"].eq("")
    )
    beside = [
        hit and "beside" in codes_of(text) for hit, text in zip(found, results["note"], strict=True)
    ]
    inside: np.ndarray[Any, Any] = found.to_numpy(dtype=bool) & ~np.array(beside, dtype=bool)
    return inside


def estimands_of(planned: PlannedEstimand) -> Iterator[str]:
    """How the results table may name a planned estimand."""
    between = "participant-comparison" if planned.between in SAME_ARMS else planned.between
    if not between:
        yield planned.contrast
        if planned.model == "cross_section":
            yield f"{planned.contrast}|cross-section"
        return
    if planned.contrast == "single":
        yield f"{between}|single"  # one wave: there is no contrast in time
        return
    yield f"{planned.contrast}|{between}"
    if planned.model == "ancova" and planned.contrast == "post-pre":
        yield f"post|{between}"  # adjusted for the score before, the same difference


def first_answer(responses: pd.DataFrame, evaluation: Evaluation) -> dt.date | None:
    """Day of the first answer of the later wave, ``None`` when it is not known.

    Where answers of that wave lack their day, it may also have been the day the wave began.
    """
    wave = evaluation.design.after
    answers = responses[responses["wave"].eq(wave)] if wave else responses.iloc[:0]
    days = pd.to_datetime(answers["date"], errors="coerce")
    began = evaluation.wave(wave).start if wave else None
    known = [days.min().date()] if days.notna().any() else []
    if days.isna().any() or not len(days):
        if began is None:
            return None
        known.append(began)
    return min(known)
