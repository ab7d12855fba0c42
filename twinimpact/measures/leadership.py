"""Who carries a partnership, and where it is heading: trend, civil society, younger organisers."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import special

from twinimpact.entities import CIVIL_SOCIETY
from twinimpact.measures.attendance import Log, per_link, with_programme
from twinimpact.measures.counts import gap_marks, total_rows
from twinimpact.measures.rows import Array, Rows

TREND_YEARS = 3
UNDER_45 = ("<14", "14-17", "18-29", "30-44")


def leadership_rows(
    log: Log,
    links: pd.Index[str],
    facts: pd.DataFrame,
    day: pd.Timestamp,
    conf_level: float = 0.95,
) -> list[Rows]:
    """V05, V08 and V09, per partnership and for the programme.

    V05 is the ratio of the numbers of events in two spans of three years, with the exact limits
    of a ratio of Poisson rates: given the sum, the later number is binomial (Przyborowski &
    Wilenski 1940, doi:10.1093/biomet/31.3-4.313).
    """
    return [
        _trend(log, links, facts, day, conf_level),
        _civil_lead(log, links, facts),
        _younger(log, links, facts),
    ]


def _trend(
    log: Log, links: pd.Index[str], facts: pd.DataFrame, day: pd.Timestamp, conf_level: float
) -> Rows:
    held = with_programme(log.held)
    middle = day - pd.DateOffset(years=TREND_YEARS)
    start = day - pd.DateOffset(years=2 * TREND_YEARS)
    ends, by = held["last_day"], held["partnership_id"]
    later = per_link((ends > middle).groupby(by).sum(), links)
    earlier = per_link(((ends > start) & (ends <= middle)).groupby(by).sum(), links)
    first = held.groupby("partnership_id")["start_date"].min().reindex(links)
    covered = (first <= start + pd.DateOffset(years=1)).to_numpy()
    known = covered & (later + earlier > 0)
    low, high = rate_ratio_limits(later, earlier, conf_level)
    shown = known & (earlier > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = later / earlier
    marks = [
        *gap_marks(facts)[:2],
        ((facts["held"].to_numpy() > 0) & ~covered, "log_shorter_than_5_years"),
        (known & (earlier == 0), "no_earlier_events"),
    ]
    columns = {
        "outcome": "V05", "estimand": "rate_ratio", "method": "poisson_exact",
        "unit": "rate_ratio", "source": "activities", "direction": "better",
        "n": later + earlier, "denominator": earlier,
        "conf_low": np.where(shown, low, np.nan), "conf_high": np.where(shown, high, np.nan),
        "conf_level": np.where(shown, conf_level, np.nan),
    }  # fmt: skip
    return total_rows(links, columns, ratio, shown, marks)


def rate_ratio_limits(later: Array, earlier: Array, conf_level: float) -> tuple[Array, Array]:
    """Exact limits of the ratio of two Poisson rates observed over spans of equal length.

    Parameters
    ----------
    later, earlier
        Numbers of events, same shape.

    Returns
    -------
    tuple
        Lower and upper limit; the upper is infinite where ``earlier`` is 0.
    """
    tail = (1 - conf_level) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        low = special.betaincinv(np.maximum(later, 1e-300), earlier + 1, tail)
        high = special.betaincinv(later + 1, np.maximum(earlier, 1e-300), 1 - tail)
        low = np.where(later == 0, 0.0, low / (1 - low))
        high = np.where(earlier == 0, np.inf, high / (1 - high))
    return low, high


def _civil_lead(log: Log, links: pd.Index[str], facts: pd.DataFrame) -> Rows:
    held = with_programme(log.held)
    said = held[held["lead_org_type"].notna()]
    base = per_link(said.groupby("partnership_id").size(), links)
    led = said[said["lead_org_type"].isin(CIVIL_SOCIETY)]
    part = per_link(led.groupby("partnership_id").size(), links)
    events = facts["held"].to_numpy()
    marks = [
        *gap_marks(facts)[:2],
        ((events > 0) & (base == 0), "not_declared"),
        ((base > 0) & (base < events), "lead_partly_unknown"),
    ]
    columns = {
        "outcome": "V08", "estimand": "share", "unit": "share_of_events", "source": "activities",
        "n": base, "denominator": base, "missing": events - base,
    }  # fmt: skip
    return total_rows(links, columns, part / np.where(base > 0, base, np.nan), base > 0, marks)


def _younger(log: Log, links: pd.Index[str], facts: pd.DataFrame) -> Rows:
    persons = log.persons.merge(log.held[["activity_id", "partnership_id"]], on="activity_id")
    organisers = with_programme(
        persons[
            (persons["capacity_role"] == "organiser") | (persons["role"] == "volunteer_organiser")
        ]
    ).drop_duplicates(["partnership_id", "participant_id"])
    aged = organisers[organisers["age_band"].notna() & (organisers["age_band"] != "undisclosed")]
    everyone = per_link(organisers.groupby("partnership_id").size(), links)
    base = per_link(aged.groupby("partnership_id").size(), links)
    young = aged[aged["age_band"].isin(UNDER_45)]
    part = per_link(young.groupby("partnership_id").size(), links)
    marks = [
        *gap_marks(facts),
        ((facts["persons"].to_numpy() > 0) & (everyone == 0), "no_organisers"),
        ((everyone > 0) & (base == 0), "age_band_unknown"),
        ((base > 0) & (base < everyone), "age_band_partly_unknown"),
    ]
    columns = {
        "outcome": "V09", "estimand": "share", "unit": "share", "n": base, "denominator": base,
        "missing": everyone - base,
    }  # fmt: skip
    return total_rows(links, columns, part / np.where(base > 0, base, np.nan), base > 0, marks)
