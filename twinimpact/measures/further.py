"""Indicators of the log and its further tables: who, who leads, money, travel, what came after."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import pandas as pd

from twinimpact.measures.afterwards import (
    later_event_rows,
    media_rows,
    spending_rows,
    travel_rows,
)
from twinimpact.measures.attendance import activity_log, links_of
from twinimpact.measures.completeness import completeness_rows
from twinimpact.measures.conditions import condition_rows
from twinimpact.measures.counts import log_facts
from twinimpact.measures.economy import economy_rows
from twinimpact.measures.leadership import leadership_rows
from twinimpact.measures.newcomers import newcomer_rows
from twinimpact.measures.outside import Outside
from twinimpact.measures.rows import results_of
from twinimpact.measures.tables import typed
from twinimpact.schema import concat_results


def further_indicators(
    tables: Mapping[str, pd.DataFrame], as_of: dt.date, outside: Outside, conf_level: float = 0.95
) -> pd.DataFrame:
    """R10, R12, R15, R19 to R21, V05, V08, V09, K01 to K07, U03, U06, G01, G02 and Q09.

    Parameters
    ----------
    tables
        Canonical tables by name; one that is left out is empty.
    as_of
        Events that start later do not count.
    outside
        Exchange rates, daily rates, emission factors and funding calls.

    Returns
    -------
    pandas.DataFrame
        A results table, per partnership and for the programme.
    """
    day = pd.Timestamp(as_of)
    frame = {name: tables.get(name, pd.DataFrame()) for name in _USED}
    log = activity_log(frame["activities"], frame["attendance"], frame["towns"], day)
    register = typed(frame["partnerships"], "partnerships")
    links = links_of(register, log.activities)
    facts = log_facts(log, links)
    parameters = outside.parameters
    rows = results_of(
        [
            *newcomer_rows(log, links, facts),
            *leadership_rows(log, links, facts, day, conf_level),
            *economy_rows(log, links, facts, frame["costs"], parameters.rates),
            later_event_rows(log, links, facts, frame["projects"], day),
            *media_rows(log, links, facts, frame["media"]),
            *travel_rows(log, links, facts, frame["travel"], parameters),
            *spending_rows(log, links, facts, parameters),
            *completeness_rows(log, links, facts),
        ]
    )
    conditions = condition_rows(log, frame["projects"], frame["partnerships"], outside.calls)
    both = concat_results([rows, conditions])
    both["as_of"] = as_of.isoformat()
    return both


_USED = (
    "activities", "attendance", "towns", "partnerships", "projects", "costs", "travel", "media",
)  # fmt: skip
