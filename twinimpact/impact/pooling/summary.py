"""The mean of partnerships with its interval, and where a further one would lie."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

from twinimpact.impact.intervals import Fit, t_fit
from twinimpact.impact.pooling.likelihood import Fitted, fit, profile_limits, typical_variance

Array = np.ndarray[Any, Any]
FEWEST_TO_PREDICT = 5
EMPTY = "variation_below_chance"


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """Pooled partnerships of one outcome.

    Parameters
    ----------
    fitted
        The random-effects fit.
    mean
        The mean with the larger of the Hartung-Knapp and the usual standard error, t(k − 1).
    usual_larger
        Whether the usual one was the larger.
    prediction
        Interval of the value of a further partnership; ``None`` below five.
    tau2_limits, tau2_empty
        Q-profile interval of τ², and whether it is empty (both limits 0).
    i2
        Share of the variation that is between partnerships, in per cent.
    """

    fitted: Fitted
    mean: Fit
    usual_larger: bool
    prediction: tuple[float, float] | None
    tau2_limits: tuple[float, float]
    tau2_empty: bool
    i2: float


def summarise(y: Array, v: Array, level: float) -> Summary:
    """Pool ``k ≥ 3`` partnerships; REML, Hartung-Knapp, Q-profile.

    Prediction interval ``μ ± t(k − 1)·√(τ² + SE²)`` with the standard error that is reported,
    so that it is never narrower than the interval of the mean. Higgins, Thompson & Spiegelhalter
    (2009) doi:10.1111/j.1467-985X.2008.00552.x.
    """
    fitted = fit(y, v)
    usual, knapp = float(fitted.usual[0]), float(fitted.hartung_knapp[0])
    error, mu = max(usual, knapp), float(fitted.beta[0])
    mean = t_fit(mu, error, fitted.df, level)
    low, high, empty = profile_limits(y, v, level)
    typical = typical_variance(v)
    return Summary(
        fitted=fitted,
        mean=mean,
        usual_larger=usual > knapp,
        prediction=_around(mu, fitted.tau2 + error**2, fitted.df, level)
        if len(y) >= FEWEST_TO_PREDICT
        else None,
        tau2_limits=(low, high),
        tau2_empty=empty,
        i2=100 * fitted.tau2 / (fitted.tau2 + typical),
    )


def alternative_prediction(fitted: Fitted, level: float) -> tuple[float, float]:
    """``μ ± t(k − 2)·√(τ² + 1/Σw)``, the form in wide use, shown for comparison."""
    mu, usual = float(fitted.beta[0]), float(fitted.usual[0])
    return _around(mu, fitted.tau2 + usual**2, fitted.df - 1, level)


def _around(mu: float, variance: float, df: int, level: float) -> tuple[float, float]:
    half = float(special.stdtrit(df, 0.5 + level / 2)) * math.sqrt(variance)
    return mu - half, mu + half


def small_study_test(y: Array, v: Array) -> tuple[float, float]:
    """z and p of a slope on the standard error: do imprecise partnerships differ?

    Sterne & Egger (2005) doi:10.1002/0470870168.ch6, as a random-effects regression.
    """
    fitted = fit(y, v, np.column_stack([np.ones(len(y)), np.sqrt(v)]))
    z = float(fitted.beta[1] / fitted.usual[1])
    return z, float(2 * special.ndtr(-abs(z)))
