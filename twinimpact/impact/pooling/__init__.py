"""Many partnerships: their mean, how much they vary, each one drawn towards the others."""

from twinimpact.impact.pooling.door import pool
from twinimpact.impact.pooling.posterior import bayes_pool
from twinimpact.impact.pooling.regression import meta_regression
from twinimpact.impact.pooling.shrinkage import shrink
from twinimpact.impact.pooling.studies import PoolPlan, Studies

__all__ = ["PoolPlan", "Studies", "bayes_pool", "meta_regression", "pool", "shrink"]
