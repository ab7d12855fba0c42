"""Change, comparison and design: what the answers can say about the exchange, and what not."""

from twinimpact.impact.assess import assess
from twinimpact.impact.balancing import WeightPlan, balance, weights
from twinimpact.impact.clustered import ClusterOptions, ComparePlan, cluster_inference, compare
from twinimpact.impact.costs import CostPlan, cost_effectiveness
from twinimpact.impact.design import LABELS
from twinimpact.impact.deviations import Deviation, deviations
from twinimpact.impact.dose import DosePlan, dose_response, wave_trend
from twinimpact.impact.equivalence import equivalence
from twinimpact.impact.estimate import Estimate, estimates_frame
from twinimpact.impact.evidence import Evidence, grade_evidence
from twinimpact.impact.finding import VERDICTS, verdict
from twinimpact.impact.missing_people import AttritionPlan, attrition
from twinimpact.impact.mixed_models import MixedPlan, mixed
from twinimpact.impact.multiplicity import adjust, max_t_change
from twinimpact.impact.notes import CODES, codes_of
from twinimpact.impact.planned import first_answer, mark_confirmatory
from twinimpact.impact.planning import Paired, Simulation, Towns, TwoGroups, power, simulated_power
from twinimpact.impact.pooled_rows import pooled_rows
from twinimpact.impact.pooling import PoolPlan, Studies, bayes_pool, meta_regression, pool, shrink
from twinimpact.impact.randomisation import RandomisationPlan, randomisation_test
from twinimpact.impact.result import Result
from twinimpact.impact.robustness import rosenbaum_bounds, sensitivity
from twinimpact.impact.waves import (
    ChangePlan,
    kept_share,
    ordinal_item,
    paired_change,
    responders,
    retrospective,
    share_change,
)

__all__ = [
    "CODES",
    "LABELS",
    "VERDICTS",
    "AttritionPlan",
    "ChangePlan",
    "ClusterOptions",
    "ComparePlan",
    "CostPlan",
    "Deviation",
    "DosePlan",
    "Estimate",
    "Evidence",
    "MixedPlan",
    "Paired",
    "PoolPlan",
    "RandomisationPlan",
    "Result",
    "Simulation",
    "Studies",
    "Towns",
    "TwoGroups",
    "WeightPlan",
    "adjust",
    "assess",
    "attrition",
    "balance",
    "bayes_pool",
    "cluster_inference",
    "codes_of",
    "compare",
    "cost_effectiveness",
    "deviations",
    "dose_response",
    "equivalence",
    "estimates_frame",
    "first_answer",
    "grade_evidence",
    "kept_share",
    "mark_confirmatory",
    "max_t_change",
    "meta_regression",
    "mixed",
    "ordinal_item",
    "paired_change",
    "pool",
    "pooled_rows",
    "power",
    "randomisation_test",
    "responders",
    "retrospective",
    "rosenbaum_bounds",
    "sensitivity",
    "share_change",
    "shrink",
    "simulated_power",
    "verdict",
    "wave_trend",
    "weights",
]
