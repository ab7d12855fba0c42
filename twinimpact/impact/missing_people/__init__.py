"""People who answered before and were lost afterwards, and what that may change."""

from twinimpact.impact.missing_people.boundary import is_outside
from twinimpact.impact.missing_people.door import AttritionPlan, attrition

__all__ = ["AttritionPlan", "attrition", "is_outside"]
