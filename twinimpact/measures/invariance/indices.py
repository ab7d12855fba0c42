"""How well a model fits: CFI, RMSEA, SRMR, BIC, and the test against another level."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import special

from twinimpact.measures.invariance.fit import Fit, Sample
from twinimpact.measures.invariance.model import implied

Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Indices:
    """Fit of one model.

    Parameters
    ----------
    n, groups
        People and groups.
    chi2, df, p_value
        Test against free moments; the p value is missing where ``df`` is 0.
    baseline_chi2, baseline_df
        Test of the model without any covariance, means and variances free per group.
    cfi, rmsea, srmr, bic
        ``rmsea`` carries the factor √groups; ``srmr`` includes the means and is weighted by
        people; ``bic`` counts all people.
    """

    n: float
    groups: int
    chi2: float
    df: int
    p_value: float
    baseline_chi2: float
    baseline_df: int
    cfi: float
    rmsea: float
    srmr: float
    bic: float
    parameters: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Likelihood-ratio test of a level against the level before it."""

    chi2: float
    df: int
    p_value: float


def indices(found: Fit) -> Indices:
    """All indices of a fitted model."""
    sample, groups = found.sample, len(found.sample.n)
    p = sample.mean.shape[1]
    base = baseline_chi2(sample)
    base_df = groups * p * (p - 1) // 2
    return Indices(
        n=sample.total,
        groups=groups,
        chi2=found.chi2,
        df=found.df,
        p_value=tail(found.chi2, found.df),
        baseline_chi2=base,
        baseline_df=base_df,
        cfi=comparative_fit(found.chi2, found.df, base, base_df),
        rmsea=rmsea(found.chi2, found.df, sample.total, groups),
        srmr=_srmr(found),
        bic=_bic(found),
        parameters=found.layout.free,
    )


def difference(stricter: Indices, looser: Indices) -> Difference:
    """The stricter model against the looser one."""
    chi2, df = stricter.chi2 - looser.chi2, stricter.df - looser.df
    return Difference(chi2=chi2, df=df, p_value=tail(chi2, df))


def tail(chi2: float, df: int) -> float:
    """Upper tail of the chi-squared distribution; missing without degrees of freedom."""
    return float(special.chdtrc(df, max(chi2, 0.0))) if df > 0 else float("nan")


def baseline_chi2(sample: Sample) -> float:
    """Test of independent items."""
    diagonal = np.diagonal(sample.covariance, axis1=1, axis2=2)
    logdet = np.linalg.slogdet(sample.covariance)[1]
    return float((sample.n * (np.log(diagonal).sum(axis=1) - logdet)).sum())


def comparative_fit(chi2: float, df: float, base: float, base_df: float) -> float:
    """CFI (Bentler 1990, doi:10.1037/0033-2909.107.2.238); 1 where neither model misfits."""
    misfit = max(chi2 - df, 0.0)
    worst = max(misfit, base - base_df)
    return 1 - misfit / worst if worst > 0 else 1.0


def rmsea(chi2: float, df: int, n: float, groups: int) -> float:
    """RMSEA with the factor √groups (Steiger 1998, doi:10.1080/10705519809540115)."""
    return float(np.sqrt(groups * max(chi2 - df, 0.0) / (df * n))) if df > 0 else 0.0


def _srmr(found: Fit) -> float:
    """Standardised residuals of covariances and means, averaged over people."""
    sample, structure = found.sample, found.layout.design.structure
    model = implied(structure, found.values)
    p = structure.items
    sd = np.sqrt(np.diagonal(sample.covariance, axis1=1, axis2=2))
    rest = (sample.covariance - model.covariance) / (sd[:, :, None] * sd[:, None, :])
    rows, columns = np.tril_indices(p)
    squares = (rest[:, rows, columns] ** 2).sum(axis=1)
    squares += (((sample.mean - model.mean) / sd) ** 2).sum(axis=1)
    return float((sample.share * np.sqrt(squares / (p * (p + 3) / 2))).sum())


def _bic(found: Fit) -> float:
    sample = found.sample
    p = sample.mean.shape[1]
    logdet = np.linalg.slogdet(sample.covariance)[1]
    free = (sample.n * (p * np.log(2 * np.pi) + logdet + p)).sum()
    return float(free + found.chi2 + found.layout.free * np.log(sample.total))
