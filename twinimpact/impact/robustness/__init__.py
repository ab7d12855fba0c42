"""Sensitivity of a difference between arms to what was not observed."""

from twinimpact.impact.robustness.door import rosenbaum_bounds, sensitivity

__all__ = ["rosenbaum_bounds", "sensitivity"]
