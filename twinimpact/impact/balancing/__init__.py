"""Two arms made comparable: how alike they are, and weights that make them alike."""

from twinimpact.impact.balancing.balance_door import balance
from twinimpact.impact.balancing.weights_door import WeightPlan, weights

__all__ = ["WeightPlan", "balance", "weights"]
