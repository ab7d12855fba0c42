"""How far numbers carry: the evidence grade Q08, GRADE and Nesta, each step with its trigger."""

from twinimpact.impact.evidence.criteria import Criterion, EvidenceRules, evidence_rules
from twinimpact.impact.evidence.door import Evidence, grade_evidence
from twinimpact.impact.evidence.ladders import STEP_COLUMNS

__all__ = [
    "STEP_COLUMNS",
    "Criterion",
    "Evidence",
    "EvidenceRules",
    "evidence_rules",
    "grade_evidence",
]
