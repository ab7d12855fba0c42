"""The catalogue of indicators: id, name, unit and what the number means."""

from __future__ import annotations

from collections.abc import Mapping

from twinimpact.measures.indicator_record import Indicator
from twinimpact.measures.indicators_of_activity import ACTIVITY_INDICATORS
from twinimpact.measures.indicators_of_answers import ANSWER_INDICATORS
from twinimpact.measures.indicators_of_evidence import EVIDENCE_INDICATORS

INDICATORS: Mapping[str, Indicator] = {
    indicator.id: indicator
    for indicator in (*ACTIVITY_INDICATORS, *ANSWER_INDICATORS, *EVIDENCE_INDICATORS)
}
"""Every indicator of the project, by id."""
