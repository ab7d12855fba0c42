"""The one door to all measures: canonical tables in, one results table out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Protocol

import pandas as pd

from twinimpact.instruments import Catalogue
from twinimpact.measures.linking import linking_rows
from twinimpact.measures.quality import quality_rows
from twinimpact.measures.reach import reach
from twinimpact.measures.scales import describe_scales
from twinimpact.measures.scoring import Scores, score_responses
from twinimpact.measures.vitality import vitality
from twinimpact.schema import concat_results


class Frames(Protocol):
    """Anything that gives canonical frames by name, such as a snapshot."""

    def frame(self, name: str) -> pd.DataFrame:
        """The frame of this name."""


def measure_all(
    snapshot: Frames,
    catalogue: Catalogue,
    as_of: dt.date,
    conf_level: float = 0.95,
    wave_pairs: Sequence[tuple[str, str]] = (),
    smallest: int = 0,
) -> tuple[pd.DataFrame, Scores]:
    """All measures of all partnerships in one pass.

    Parameters
    ----------
    snapshot
        Gives ``responses``, ``missing``, ``links``, ``towns``, ``partnerships``,
        ``activities`` and ``attendance``; an empty frame gives no rows.
    catalogue
        Instruments in use.
    as_of
        Day the report is true for.
    wave_pairs
        Earlier and later wave between which people are linked.
    smallest
        Fewest people with whom a partnership enters a number of the programme (``*``) that is
        made of answers; 0 leaves nobody out.

    Returns
    -------
    tuple
        The results table, and the scores that impact estimates go on with.

    Raises
    ------
    IngestError
        If stored answers lie outside the range their instrument declares.
    """
    responses = snapshot.frame("responses")
    scores = score_responses(responses, catalogue)
    activities, attendance = snapshot.frame("activities"), snapshot.frame("attendance")
    towns, partnerships = snapshot.frame("towns"), snapshot.frame("partnerships")
    results = concat_results(
        [
            reach(activities, attendance, towns, partnerships, as_of),
            vitality(activities, attendance, towns, partnerships, as_of),
            describe_scales(responses, scores, catalogue, conf_level, smallest),
            quality_rows(
                responses, snapshot.frame("links"), snapshot.frame("missing"), catalogue, wave_pairs
            ),
            linking_rows(responses, snapshot.frame("links"), scores, wave_pairs, smallest),
        ]
    )
    results["as_of"] = as_of.isoformat()
    return results, scores
