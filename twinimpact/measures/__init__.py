"""Measures: answers and activity logs → scores and indicators. Pure functions on frames."""

from twinimpact.measures.everything import Frames, measure_all
from twinimpact.measures.indicators import INDICATORS, Indicator
from twinimpact.measures.quality import quality_rows
from twinimpact.measures.reach import reach
from twinimpact.measures.scales import describe_scales
from twinimpact.measures.scoring import Scores, score_responses
from twinimpact.measures.vitality import VitalityRule, vitality

__all__ = [
    "INDICATORS",
    "Frames",
    "Indicator",
    "Scores",
    "VitalityRule",
    "describe_scales",
    "measure_all",
    "quality_rows",
    "reach",
    "score_responses",
    "vitality",
]
