"""Randomisation inference: whole units, blocks, unequal probabilities, exact intervals."""

from twinimpact.impact.randomisation.inference import RandomisationPlan, randomisation_test

__all__ = ["RandomisationPlan", "randomisation_test"]
