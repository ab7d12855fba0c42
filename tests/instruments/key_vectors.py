"""Scoring one respondent, for vectors worked by hand."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from twinimpact.instruments import Catalogue
from twinimpact.measures.scoring import score_responses


def scored(catalogue: Catalogue, answers: Mapping[str, int], scale: str) -> tuple[float, float]:
    """Raw score and points (0 to 100) of one respondent."""
    frame = pd.DataFrame({name: pd.array([code], dtype="Int16") for name, code in answers.items()})
    scores = score_responses(frame, catalogue)
    return float(scores.raw[scale].iloc[0]), float(scores.points[scale].iloc[0])
