"""Consistency of a scale: moments, alpha, omega, ordinal versions, the grid of cells."""

from twinimpact.measures.consistency.door import ReliabilityOptions, items, reliability

__all__ = ["ReliabilityOptions", "items", "reliability"]
