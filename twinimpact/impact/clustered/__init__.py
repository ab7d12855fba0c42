"""Two arms of whole towns: town means, CR2, wild bootstrap, placebo ranks, refusals."""

from twinimpact.impact.clustered.compare import ComparePlan, compare
from twinimpact.impact.clustered.door import ClusterOptions, cluster_inference

__all__ = ["ClusterOptions", "ComparePlan", "cluster_inference", "compare"]
