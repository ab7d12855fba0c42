"""Measures: answers and activity logs → scores and indicators. Pure functions on frames."""

from twinimpact.measures.everything import Frames, measure_all
from twinimpact.measures.flag_rules import CONSENSUS, FLAGS, FlagRules, flag_rules
from twinimpact.measures.flags import Flags, flag_responses, flag_rows
from twinimpact.measures.indicators import INDICATORS, Indicator
from twinimpact.measures.linking import exact_persons, linking_rows
from twinimpact.measures.quality import quality_rows
from twinimpact.measures.reach import reach
from twinimpact.measures.scales import describe_scales
from twinimpact.measures.scoring import Scores, score_responses
from twinimpact.measures.vitality import VitalityRule, vitality

__all__ = [
    "CONSENSUS",
    "FLAGS",
    "INDICATORS",
    "FlagRules",
    "Flags",
    "Frames",
    "Indicator",
    "Scores",
    "VitalityRule",
    "describe_scales",
    "exact_persons",
    "flag_responses",
    "flag_rows",
    "flag_rules",
    "linking_rows",
    "measure_all",
    "quality_rows",
    "reach",
    "score_responses",
    "vitality",
]
