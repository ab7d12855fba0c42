"""Planning a collection: how many people, how many towns, what can be seen."""

from twinimpact.impact.planning.designs import (
    Paired,
    Simulation,
    Towns,
    TwoGroups,
    design_effect,
)
from twinimpact.impact.planning.door import detectable_table, icc_of, power, simulated_power

__all__ = [
    "Paired",
    "Simulation",
    "Towns",
    "TwoGroups",
    "design_effect",
    "detectable_table",
    "icc_of",
    "power",
    "simulated_power",
]
