"""Random intercepts for people and towns, with degrees of freedom that know how many there are."""

from twinimpact.impact.mixed_models.door import MixedPlan, mixed

__all__ = ["MixedPlan", "mixed"]
