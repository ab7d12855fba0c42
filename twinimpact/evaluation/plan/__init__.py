"""``analysis_plan.toml``: what was planned, when, and which earlier versions there were."""

from twinimpact.evaluation.plan.log import (
    LOG_FILE,
    PlanRecord,
    PlanVersion,
    confirmatory,
    log_plan,
    read_record,
)
from twinimpact.evaluation.plan.models import (
    AnalysisPlan,
    PlannedEstimand,
    PlannedFamily,
    PlannedOutcome,
)
from twinimpact.evaluation.plan.reading import PLAN_FILE, LoadedPlan, load_plan, parse_plan

__all__ = [
    "LOG_FILE",
    "PLAN_FILE",
    "AnalysisPlan",
    "LoadedPlan",
    "PlanRecord",
    "PlanVersion",
    "PlannedEstimand",
    "PlannedFamily",
    "PlannedOutcome",
    "confirmatory",
    "load_plan",
    "log_plan",
    "parse_plan",
    "read_record",
]
