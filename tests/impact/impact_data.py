"""Small panels of people as the responses table and scores that ``assess`` takes."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np
import pandas as pd
from shared_files import reference

from twinimpact.evaluation import Design, Outcome
from twinimpact.impact import assess
from twinimpact.instruments import Catalogue, load_catalogue
from twinimpact.measures.scoring import Scores
from twinimpact.resources import surveys_dir

SCALE = "tw_thermo"
WAVES = ("pre", "post", "followup")


@functools.cache
def catalogue() -> Catalogue:
    return load_catalogue(surveys_dir() / "own")


def design(
    sesoi: float | None = None,
    *,
    role: str = "exploratory",
    linked: bool = True,
    follow_up: str | None = None,
    scale: str = SCALE,
) -> Design:
    outcome = Outcome(scale=scale, role=role, sesoi=sesoi)
    return Design(
        before="pre", after="post", follow_up=follow_up, linked=linked, outcomes=(outcome,)
    )


def people(
    pre: Sequence[float],
    post: Sequence[float],
    *,
    arm: str = "participant",
    town: str = "A",
    partnership: str = "p1",
    followup: Sequence[float] | None = None,
) -> pd.DataFrame:
    """One row per person, NaN for a wave without a score."""
    frame = pd.DataFrame({"pre": np.asarray(pre, float), "post": np.asarray(post, float)})
    frame["followup"] = np.nan if followup is None else np.asarray(followup, float)
    frame["arm"], frame["town_id"], frame["partnership_id"] = arm, town, partnership
    return frame


def answers(*parts: pd.DataFrame) -> tuple[pd.DataFrame, pd.Series]:
    """Responses (one row per questionnaire) and the score of each."""
    wide = pd.concat(parts, ignore_index=True)
    wide["person"] = [f"person{i:05d}" for i in range(len(wide))]
    rows = []
    for number, wave in enumerate(WAVES):
        part = wide[wide[wave].notna()].copy()
        part["wave"], part["score"] = wave, part[wave]
        part["date"] = pd.Timestamp(2025, 3 + 3 * number, 1)
        rows.append(part)
    long = pd.concat(rows, ignore_index=True)
    long["response_id"] = [f"r{i:05d}" for i in range(len(long))]
    columns = ["response_id", "partnership_id", "town_id", "arm", "wave", "date", "person"]
    return long[columns], long["score"]


def scores(points: pd.DataFrame) -> Scores:
    return Scores(points=points, n_valid=points.notna(), lost={}, no_answer={}, problems=())


def run(
    design: Design,
    *parts: pd.DataFrame,
    responses: pd.DataFrame | None = None,
    smallest: int = 0,
) -> pd.DataFrame:
    """Assess a panel with one outcome."""
    table, score = answers(*parts)
    scale = design.outcomes[0].scale if design.outcomes else SCALE
    register = pd.DataFrame({"partnership_id": sorted(set(table["partnership_id"]))})
    points = scores(score.to_frame(scale))
    return assess(table, points, catalogue(), design, register, smallest=smallest)


def rows_of(results: pd.DataFrame, **wanted: str) -> pd.DataFrame:
    for name, value in wanted.items():
        results = results[results[name] == value]
    return results


def one(results: pd.DataFrame, **wanted: str) -> pd.Series:
    found = rows_of(results, **wanted)
    assert len(found) == 1, found[["partnership", "estimand", "method", "town", "arm", "note"]]
    return found.iloc[0]


def twinpanel() -> pd.DataFrame:
    """The reference panel: 255 people in 14 towns, 6 of them twinned."""
    panel = pd.read_csv(reference("statistics/data/twinpanel.csv"))
    frame = panel.rename(columns={"open_pre": "pre", "open_post": "post", "open_fu": "followup"})
    frame["arm"] = np.where(panel["treated"] == 1, "participant", "comparison_town")
    frame["town_id"], frame["partnership_id"] = panel["town"], "all"
    return frame


def normal(seed: int, n: int, shift: float = 0.0, spread: float = 10.0) -> tuple:
    """Scores before and after of ``n`` people, correlated, with a mean change of ``shift``."""
    rng = np.random.default_rng(seed)
    pre = 50 + rng.normal(0, 12, n)
    return pre, pre + shift + rng.normal(0, spread, n)
