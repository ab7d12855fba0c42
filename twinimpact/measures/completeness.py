"""How complete the activity log is: cells that reports need, and events with a list."""

from __future__ import annotations

import numpy as np
import pandas as pd

from twinimpact.measures.attendance import Log, per_link, with_programme
from twinimpact.measures.counts import gap_marks, total_rows
from twinimpact.measures.rows import Rows

NEEDED = ("type", "themes", "end_date", "host_town_id", "organiser_towns", "mode", "is_public")
"""Cells of an event without which a report has a gap."""


def completeness_rows(log: Log, links: pd.Index[str], facts: pd.DataFrame) -> list[Rows]:
    """Q09: share of needed cells filled, of events with attendance, and of events with a list."""
    held = log.held
    filled = held[list(NEEDED)].notna().mean(axis=1)
    rows = []
    listed = held["persons"] > 0
    values = (("cells", filled), ("with_attendance", held["known"]), ("with_list", listed))
    for estimand, value in values:
        both = with_programme(held[["partnership_id"]].assign(value=value.astype("float64")))
        share = per_link(both.groupby("partnership_id")["value"].mean(), links)
        events = facts["held"].to_numpy()
        columns = {
            "outcome": "Q09", "estimand": estimand,
            "unit": "share_of_cells" if estimand == "cells" else "share_of_events",
            "source": "activities;attendance", "n": events,
            "denominator": events * (len(NEEDED) if estimand == "cells" else 1),
        }  # fmt: skip
        estimate = np.where(events > 0, share, np.nan)
        rows.append(total_rows(links, columns, estimate, events > 0, gap_marks(facts)[:2]))
    return rows
