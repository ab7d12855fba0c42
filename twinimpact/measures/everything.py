"""The one door to all measures: canonical tables in, one results table out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import pandas as pd

from twinimpact.instruments import Catalogue
from twinimpact.measures.answer_indicators import Limits, answer_indicators
from twinimpact.measures.comparability_rows import comparability_rows
from twinimpact.measures.further import further_indicators
from twinimpact.measures.goals import goal_rows
from twinimpact.measures.linking import linking_rows
from twinimpact.measures.links import link_rows
from twinimpact.measures.outside import Outside
from twinimpact.measures.quality import quality_rows
from twinimpact.measures.reach import reach
from twinimpact.measures.reliability_rows import unreversed_items
from twinimpact.measures.scales import describe_scales
from twinimpact.measures.scoring import Scores, score_responses
from twinimpact.measures.vitality import vitality
from twinimpact.schema import SMALL_TABLES, concat_results


class Frames(Protocol):
    """Anything that gives canonical frames by name, such as a snapshot."""

    def frame(self, name: str) -> pd.DataFrame:
        """The frame of this name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureSettings:
    """How the measures are taken.

    Parameters
    ----------
    conf_level
        Confidence level of all intervals.
    wave_pairs
        Earlier and later wave between which people are linked.
    smallest
        Fewest people with whom a partnership enters a number of the programme (``*``) that is
        made of answers; 0 leaves nobody out.
    outside
        Figures from outside, funding calls, and the questions behind indicators of answers.
    """

    conf_level: float = 0.95
    wave_pairs: Sequence[tuple[str, str]] = ()
    smallest: int = 0
    outside: Outside = field(default_factory=Outside)


def measure_all(
    snapshot: Frames,
    catalogue: Catalogue,
    as_of: dt.date,
    settings: MeasureSettings | None = None,
) -> tuple[pd.DataFrame, Scores]:
    """All measures of all partnerships in one pass.

    Parameters
    ----------
    snapshot
        Gives ``responses``, ``missing``, ``links`` and every table of ``schema.SMALL_TABLES``;
        an empty frame gives no rows.
    catalogue
        Instruments in use.
    as_of
        Day the report is true for.
    settings
        Confidence level, waves, smallest group, indicators, figures from outside.

    Returns
    -------
    tuple
        The results table, and the scores that impact estimates go on with.

    Raises
    ------
    IngestError
        If stored answers lie outside the range their instrument declares.
    """
    settings = settings or MeasureSettings()
    responses = snapshot.frame("responses")
    scores = score_responses(responses, catalogue)
    scores = replace(scores, problems=scores.problems + unreversed_items(responses, catalogue))
    results = concat_results(
        [
            _of_log(snapshot, as_of, settings),
            _of_answers(snapshot, scores, catalogue, settings),
        ]
    )
    results["as_of"] = as_of.isoformat()
    return results, scores


def _of_log(snapshot: Frames, as_of: dt.date, settings: MeasureSettings) -> pd.DataFrame:
    """Reach, vitality, money, links: numbers of the activity log and the tables beside it."""
    tables = {name: snapshot.frame(name) for name in SMALL_TABLES}
    activities, attendance = tables["activities"], tables["attendance"]
    towns, partnerships = tables["towns"], tables["partnerships"]
    return concat_results(
        [
            reach(activities, attendance, towns, partnerships, as_of),
            vitality(activities, attendance, towns, partnerships, as_of),
            further_indicators(tables, as_of, settings.outside, settings.conf_level),
            link_rows(
                tables["link_ledger"], tables["organisations"], tables["partnerships"], as_of
            ),
        ]
    )


def _of_answers(
    snapshot: Frames, scores: Scores, catalogue: Catalogue, settings: MeasureSettings
) -> pd.DataFrame:
    """Scores, reliability, comparability, quality and indicators of the questionnaires."""
    responses, links = snapshot.frame("responses"), snapshot.frame("links")
    level, pairs, smallest = settings.conf_level, settings.wave_pairs, settings.smallest
    return concat_results(
        [
            describe_scales(responses, scores, catalogue, level, smallest),
            quality_rows(responses, links, snapshot.frame("missing"), catalogue, pairs),
            linking_rows(responses, links, scores, pairs, smallest),
            comparability_rows(responses, catalogue, pairs, smallest),
            answer_indicators(
                responses,
                scores,
                catalogue,
                settings.outside.rules,
                pairs,
                Limits(smallest=smallest, conf_level=level),
            ),
            goal_rows(
                responses, catalogue, snapshot.frame("goals"), snapshot.frame("activities"), level
            ),
        ]
    )
