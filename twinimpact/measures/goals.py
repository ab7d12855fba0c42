"""Goals the organisers set beforehand against what participants say was reached."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from twinimpact.instruments import Catalogue
from twinimpact.measures.coding import code_answers
from twinimpact.measures.rows import FEW_PEOPLE, INDICATIVE_PEOPLE, Rows, join_notes, results_of
from twinimpact.measures.tables import typed
from twinimpact.schema import result_frame

LEVELS = 5


def goal_rows(
    responses: pd.DataFrame,
    catalogue: Catalogue,
    goals: pd.DataFrame,
    activities: pd.DataFrame,
    conf_level: float = 0.95,
) -> pd.DataFrame:
    """S03: mean answer of a partnership's participants minus the intended level, 0 to 100.

    The goal names the question. Answers of the latest wave that asked it count; several events
    with a goal on one question share its answers.

    Returns
    -------
    pandas.DataFrame
        A results table: one row per goal, ``group`` is the key of the goal.
    """
    plans = typed(goals, "goals").merge(
        typed(activities, "activities")[["activity_id", "partnership_id"]], on="activity_id"
    )
    coded = code_answers(responses, catalogue)
    plans = plans[plans["item_id"].isin(coded)].drop_duplicates(
        ["partnership_id", "goal_id", "item_id"]
    )
    if plans.empty:
        return result_frame([])
    parts = [
        _row(goal, responses, coded[str(goal.item_id)], conf_level)
        for goal in plans.sort_values(["partnership_id", "goal_id"]).itertuples()
    ]
    return results_of(part for part in parts if part is not None)


def _row(goal: Any, responses: pd.DataFrame, coded: Any, conf_level: float) -> Rows | None:
    item = coded.item
    asked = (
        responses["partnership_id"].eq(goal.partnership_id) & responses["arm"].eq("participant")
    ).to_numpy()
    answered = asked & (coded.codes > 0)
    if not answered.any():
        return None
    waves = responses.loc[answered, "wave"]
    wave = str(responses.loc[answered].sort_values("date", kind="stable")["wave"].iloc[-1])
    use = answered & responses["wave"].eq(wave).to_numpy()
    points = 100 * (coded.answers()[use] - item.lo) / (item.hi - item.lo)
    n = len(points)
    intended = 100 * (float(goal.intended) - 1) / (LEVELS - 1)
    spread = float(points.std(ddof=1)) if n > 1 else 0.0
    shown = n >= FEW_PEOPLE and spread > 0
    error = spread / np.sqrt(n) if shown else np.nan
    half = float(special.stdtrit(n - 1, (1 + conf_level) / 2)) * error if shown else np.nan
    gap = float(points.mean()) - intended
    marks = [
        (n < FEW_PEOPLE, "n_below_10"),
        (FEW_PEOPLE <= n < INDICATIVE_PEOPLE, "indicative"),
        (waves.nunique() > 1, f"latest_wave:{wave}"),
    ]
    columns = {
        "outcome": "S03", "estimand": "gap", "method": "describe", "unit": "points",
        "partnership": goal.partnership_id, "wave": wave, "arm": "participant",
        "dimension": "goal", "group": goal.goal_id, "estimate": gap, "n": n,
        "std_error": error, "df": n - 1 if shown else np.nan,
        "conf_low": gap - half, "conf_high": gap + half,
        "conf_level": conf_level if shown else np.nan,
        "missing": int(asked.sum() - answered.sum()), "source": "goals;responses",
        "status": "ok" if n >= FEW_PEOPLE else "descriptive", "note": join_notes(1, marks)[0],
    }  # fmt: skip
    return Rows(columns=columns, size=1)
