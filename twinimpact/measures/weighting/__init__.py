"""Weights to known margins, and standard errors that know how the sample was drawn."""

from twinimpact.measures.weighting.calibration import raked_means
from twinimpact.measures.weighting.designs import Design, survey_design
from twinimpact.measures.weighting.diagnostics import kish, smd_of_mean, smd_of_shares
from twinimpact.measures.weighting.domains import (
    domain_changes,
    domain_differences,
    domain_means,
    domain_ratios,
)
from twinimpact.measures.weighting.limits import wilson_limits
from twinimpact.measures.weighting.margins import Margins, read_margins
from twinimpact.measures.weighting.raking import RakedWeights, post_stratify, rake

__all__ = [
    "Design",
    "Margins",
    "RakedWeights",
    "domain_changes",
    "domain_differences",
    "domain_means",
    "domain_ratios",
    "kish",
    "post_stratify",
    "rake",
    "raked_means",
    "read_margins",
    "smd_of_mean",
    "smd_of_shares",
    "survey_design",
    "wilson_limits",
]
