"""A row of the results table from what an estimator hands back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from twinimpact.impact.estimate import Estimate
from twinimpact.impact.intervals import Fit
from twinimpact.impact.notes import note

STATUS: Mapping[str, str] = {
    "one_town_per_arm": "refused",
    "too_few_towns": "refused",
    "town_missing": "refused",
    "no_variation": "descriptive",
    "df_below_4": "descriptive",
    "not_tested": "descriptive",
    "no_data": "not_estimable",
    "one_person": "not_estimable",
}
"""Why there is no interval, and the status that gives the row."""


def filled(base: Estimate, fit: Fit, conf_level: float, *codes: str) -> Estimate:
    """``base`` with the numbers of a fit; the reason why there are none becomes its status."""
    return replace(
        base,
        estimate=fit.estimate,
        std_error=fit.std_error,
        df=fit.df,
        conf_low=fit.conf_low,
        conf_high=fit.conf_high,
        conf_level=conf_level if fit.conf_low is not None else None,
        p_value=fit.p_value,
        status=STATUS.get(fit.reason, "ok"),
        note=note(fit.reason, *codes, base.note),
    )
