"""Questionnaires: from instruments to an XLSForm, a printable sheet and a code book; and a linter
for anybody's XLSForm."""

from twinimpact.questionnaire.build import Built, Wanted, build_questionnaires
from twinimpact.questionnaire.hashing import form_version
from twinimpact.questionnaire.lint import finding_rows, lint_form
from twinimpact.questionnaire.plan import Plan
from twinimpact.questionnaire.planning import Sources, make_plan

__all__ = [
    "Built",
    "Plan",
    "Sources",
    "Wanted",
    "build_questionnaires",
    "finding_rows",
    "form_version",
    "lint_form",
    "make_plan",
]
