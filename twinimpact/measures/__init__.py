"""Measures: answers and activity logs → scores and indicators. Pure functions on frames."""

from twinimpact.measures.careless_table import careless
from twinimpact.measures.consistency import ReliabilityOptions, items, reliability
from twinimpact.measures.everything import Frames, MeasureSettings, measure_all
from twinimpact.measures.flag_rules import CONSENSUS, FLAGS, FlagRules, flag_rules
from twinimpact.measures.flags import Flags, flag_responses, flag_rows
from twinimpact.measures.indicator_catalogue import INDICATORS
from twinimpact.measures.indicator_record import Indicator
from twinimpact.measures.indicator_rules import IndicatorRule, indicator_rules
from twinimpact.measures.indicator_table import indicators
from twinimpact.measures.invariance import Comparability, comparability, dif
from twinimpact.measures.keys import ScaleKey
from twinimpact.measures.linking import exact_persons, linking_rows
from twinimpact.measures.outside import Outside, load_outside
from twinimpact.measures.quality import quality_rows
from twinimpact.measures.reach import reach
from twinimpact.measures.references import benchmark_rows, benchmarks, target_rows
from twinimpact.measures.scales import describe_scales
from twinimpact.measures.scoring import Scores, score, score_responses
from twinimpact.measures.vitality import VitalityRule, vitality
from twinimpact.measures.weighted_rows import weighted_rows
from twinimpact.measures.weighting import (
    Design,
    RakedWeights,
    domain_changes,
    domain_differences,
    domain_means,
    domain_ratios,
    post_stratify,
    rake,
    raked_means,
    survey_design,
)

__all__ = [
    "CONSENSUS",
    "FLAGS",
    "INDICATORS",
    "Comparability",
    "Design",
    "FlagRules",
    "Flags",
    "Frames",
    "Indicator",
    "IndicatorRule",
    "MeasureSettings",
    "Outside",
    "RakedWeights",
    "ReliabilityOptions",
    "ScaleKey",
    "Scores",
    "VitalityRule",
    "benchmark_rows",
    "benchmarks",
    "careless",
    "comparability",
    "describe_scales",
    "dif",
    "domain_changes",
    "domain_differences",
    "domain_means",
    "domain_ratios",
    "exact_persons",
    "flag_responses",
    "flag_rows",
    "flag_rules",
    "indicator_rules",
    "indicators",
    "items",
    "linking_rows",
    "load_outside",
    "measure_all",
    "post_stratify",
    "quality_rows",
    "rake",
    "raked_means",
    "reach",
    "reliability",
    "score",
    "score_responses",
    "survey_design",
    "target_rows",
    "vitality",
    "weighted_rows",
]
