"""How strong a hidden difference would have to be: closed forms."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

Array = np.ndarray[Any, Any]


def e_value(ratio: float) -> float:
    """Risk ratio a confounder needs with treatment and outcome to explain a ratio away.

    VanderWeele & Ding (2017) doi:10.7326/M16-2607. A ratio below 1 is turned round; 1 or more.
    """
    ratio = 1 / ratio if ratio < 1 else ratio
    return ratio + math.sqrt(ratio * (ratio - 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class EValue:
    """E-value of an estimate and of its limit nearer to no difference (1 where it is covered)."""

    ratio: float
    low: float
    high: float
    estimate: float
    limit: float


def e_value_of_difference(d: float, std_error: float) -> EValue:
    """E-value of a standardised difference, by the approximate risk ratio exp(0.91 d).

    Limits are exp(0.91 d ∓ 1.78 SE). VanderWeele & Ding (2017) doi:10.7326/M16-2607.
    """
    ratio = math.exp(0.91 * d)
    low, high = math.exp(0.91 * d - 1.78 * std_error), math.exp(0.91 * d + 1.78 * std_error)
    covered = low <= 1 <= high
    return EValue(
        ratio=ratio,
        low=low,
        high=high,
        estimate=e_value(ratio),
        limit=1.0 if covered else e_value(low if ratio > 1 else high),
    )


def robustness_value(t: float, df: float, share: float = 1.0, alpha: float = 0.0) -> float:
    """Partial R² a hidden variable needs with both to take away a share of the estimate.

    Cinelli & Hazlett (2020) doi:10.1111/rssb.12348.

    Parameters
    ----------
    t, df
        t statistic of the treatment and residual degrees of freedom.
    share
        Share of the estimate to be explained.
    alpha
        With a level, the value that makes the estimate no longer differ from zero at it.
    """
    f = share * abs(t) / math.sqrt(df)
    if alpha:
        f -= abs(float(special.stdtrit(df - 1, alpha / 2))) / math.sqrt(df - 1)
    return 0.0 if f <= 0 else 0.5 * (math.sqrt(f**4 + 4 * f**2) - f**2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """What remains of an estimate under a hidden variable as strong as an observed one."""

    with_treatment: float
    with_outcome: float
    estimate: float
    std_error: float


def benchmark_bound(
    fit: tuple[float, float, float], with_treatment: float, with_outcome: float, times: float = 1.0
) -> Bound | None:
    """Estimate under a hidden variable ``times`` as strong as a covariate.

    Cinelli & Hazlett (2020) doi:10.1111/rssb.12348, section 4.4.

    Parameters
    ----------
    fit
        Estimate, standard error, residual degrees of freedom.
    with_treatment, with_outcome
        Partial R² of the covariate with the treatment, and with the outcome given the treatment.

    Returns
    -------
    Bound or None
        None when no variable can be that strong.
    """
    _estimate, _std_error, _df = fit
    odds = with_treatment / (1 - with_treatment)
    strength = times * odds
    between = times * with_treatment**2
    between /= (1 - times * with_treatment) * (1 - with_treatment)
    if strength >= 1 or not 0 <= between < 1:
        return None
    root = (math.sqrt(times) + math.sqrt(between)) / math.sqrt(1 - between)
    outcome = root**2 * with_outcome / (1 - with_outcome)
    return bound_of(fit, strength, min(outcome, 1.0))


def bound_of(fit: tuple[float, float, float], with_treatment: float, with_outcome: float) -> Bound:
    """Estimate and standard error under a hidden variable of given partial R².

    The estimate moves towards zero and beyond. Cinelli & Hazlett (2020)
    doi:10.1111/rssb.12348, equation 14.
    """
    estimate, std_error, df = fit
    bias = std_error * math.sqrt(df)
    bias *= math.sqrt(with_outcome * with_treatment / (1 - with_treatment))
    widened = std_error * math.sqrt((1 - with_outcome) / (1 - with_treatment) * df / (df - 1))
    return Bound(
        with_treatment=with_treatment,
        with_outcome=with_outcome,
        estimate=estimate - math.copysign(bias, estimate),
        std_error=widened,
    )


def rosenbaum_upper_p(differences: Array, gamma: float) -> float:
    """Largest one-sided p of the signed-rank test when pairs may differ by odds of ``gamma``.

    Exact, by convolution over doubled ranks (so that ties keep whole numbers). Zero differences
    are left out. Rosenbaum (2002), Observational Studies, ISBN 978-0-387-98967-9.

    Parameters
    ----------
    differences
        Treated minus comparison within pairs.
    gamma
        1 means that chance alone decided within a pair.
    """
    kept = np.asarray(differences, dtype=np.float64)
    kept = kept[kept != 0]
    if not len(kept):
        return 1.0
    from scipy.stats import rankdata

    doubled = np.rint(2 * rankdata(np.abs(kept))).astype(np.int64)
    observed = int(doubled[kept > 0].sum())
    chance = gamma / (1 + gamma)
    mass = np.zeros(int(doubled.sum()) + 1)
    mass[0] = 1.0
    for rank in doubled:
        shifted = np.zeros_like(mass)
        shifted[rank:] = mass[: len(mass) - rank]
        mass = (1 - chance) * mass + chance * shifted
    return float(min(1.0, mass[observed:].sum()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Selection on what was not observed, relative to what was (Oster 2019).

    ``delta`` makes the effect zero; ``effect`` is the effect under equal selection.
    """

    delta: float
    effect: float
    roots: tuple[float, ...]
    without: float
    adjusted: float
    r2_max: float


def proportional_selection(
    coefficients: tuple[float, float], r2: tuple[float, float], variances: Array, r2_max: float
) -> Selection:
    """Exact bounds under proportional selection.

    Oster (2019) doi:10.1080/07350015.2016.1227711.

    Parameters
    ----------
    coefficients, r2
        Treatment coefficient and R² without and with covariates.
    variances
        Of the outcome, of the treatment, of the treatment's residual on the covariates.
    r2_max
        R² of a model with everything, observed or not.
    """
    plain, adjusted = coefficients
    of_y, of_x, left = (float(value) for value in variances)
    moved = plain - adjusted
    gained, lacking = (r2[1] - r2[0]) * of_y, (r2_max - r2[1]) * of_y
    tail = adjusted**3 * (left * of_x - left**2)
    above = adjusted * gained * left + adjusted * of_x * left * moved**2
    above += 2 * adjusted**2 * left * moved * of_x + tail
    below = lacking * moved * of_x + adjusted * lacking * (of_x - left)
    below += adjusted**2 * left * moved * of_x + tail
    middle = lacking * (of_x - left) - gained * left - of_x * left * moved**2
    roots = np.roots([left * moved * of_x, -middle, -lacking * moved * of_x])
    effects = sorted(
        (float(adjusted - root.real) for root in roots if abs(root.imag) < 1e-9),
        key=lambda effect: abs(effect - adjusted),
    )
    same_way = effects and (effects[0] - adjusted) * (adjusted - plain) >= 0
    chosen = effects[0] if same_way or len(effects) < 2 else effects[1]
    return Selection(
        delta=above / below,
        effect=chosen,
        roots=tuple(effects),
        without=plain,
        adjusted=adjusted,
        r2_max=r2_max,
    )
