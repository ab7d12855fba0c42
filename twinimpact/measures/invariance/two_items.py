"""Two questions: no ladder, but whether they stand in the same relation in every group.

With two questions a factor model cannot be tested. What can be said is whether the mean
difference of the questions and their correlation are equal over groups.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twinimpact.measures.invariance.fit import Sample
from twinimpact.measures.invariance.indices import tail


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoItems:
    """Tests of equality over groups, each on groups − 1 degrees of freedom.

    Parameters
    ----------
    difference_chi2, difference_p
        Mean of the first question minus that of the second (weighted sum of squares; Cochran
        1954, doi:10.2307/3001666).
    correlation_chi2, correlation_p
        Correlation of the two, by Fisher's z.
    """

    df: int
    difference_chi2: float
    difference_p: float
    correlation_chi2: float
    correlation_p: float


def two_items(sample: Sample) -> TwoItems:
    """Compare the two questions over groups."""
    n, covariance = sample.n, sample.covariance
    difference = sample.mean[:, 0] - sample.mean[:, 1]
    variance = covariance[:, 0, 0] + covariance[:, 1, 1] - 2 * covariance[:, 0, 1]
    weight = (n - 1) / variance
    correlation = covariance[:, 0, 1] / np.sqrt(covariance[:, 0, 0] * covariance[:, 1, 1])
    z = np.arctanh(correlation)
    found = []
    for values, weights in ((difference, weight), (z, n - 3)):
        centre = (weights * values).sum() / weights.sum()
        found.append(float((weights * (values - centre) ** 2).sum()))
    df = len(n) - 1
    return TwoItems(
        df=df,
        difference_chi2=found[0],
        difference_p=tail(found[0], df),
        correlation_chi2=found[1],
        correlation_p=tail(found[1], df),
    )
