"""Indicators of change (X) and of how far the evidence carries (Q)."""

from __future__ import annotations

from twinimpact.language import N_
from twinimpact.measures.indicator_record import Indicator

_ASKED = ("responses",)

_CHANGE = (
    Indicator(
        id="X01", name=N_("Change"), unit="points", sources=_ASKED,
        definition=N_("Mean of later minus earlier score of the same people."),
    ),
    Indicator(
        id="X02", name=N_("Standardised change"), unit="sd", sources=_ASKED,
        definition=N_("Mean change divided by a standard deviation; which one is named."),
    ),
    Indicator(
        id="X03", name=N_("Improved, same, declined"), unit="share", sources=_ASKED,
        definition=N_(
            "Shares of people whose score rose, stayed or fell by more than a threshold."
        ),
    ),
    Indicator(
        id="X04", name=N_("Change beyond the comparison group"), unit="points", sources=_ASKED,
        definition=N_("Change of participants minus change of the comparison people."),
    ),
    Indicator(
        id="X05", name=N_("Change between different people"), unit="points", sources=_ASKED,
        definition=N_("Later minus earlier mean where the waves asked different people."),
    ),
    Indicator(
        id="X06", name=N_("Change looking back"), unit="points", sources=_ASKED,
        definition=N_(
            "Score now minus the score people give themselves for before. "
            "Such ratings tend to overstate change."
        ),
    ),
    Indicator(
        id="X07", name=N_("Gain kept"), unit="ratio", sources=_ASKED,
        definition=N_("Share of the gain still there at the follow-up, where there was a gain."),
    ),
    Indicator(
        id="X08", name=N_("Change by hours of activity"), unit="points",
        sources=("responses", "attendance"),
        definition=N_("Difference in change for every 10 hours. People choose their hours."),
    ),
    Indicator(
        id="X09", name=N_("Distance from a reference figure"), unit="points",
        sources=("responses", "benchmarks"),
        definition=N_("Own figure minus a published one, with a note on how comparable they are."),
    ),
)  # fmt: skip

_EVIDENCE = (
    Indicator(
        id="Q01", name=N_("Questionnaires"), unit="responses", sources=("responses", "attendance"),
        definition=N_("Questionnaires in the evaluation, by wave and group."),
    ),
    Indicator(
        id="Q02", name=N_("People found in both waves"), unit="share", sources=_ASKED,
        definition=N_(
            "People whose two questionnaires could be linked, "
            "out of the smaller number of people in the two waves."
        ),
    ),
    Indicator(
        id="Q03", name=N_("Linked and unlinked people before"), unit="sd", sources=_ASKED,
        definition=N_(
            "Difference at the first wave between people found again and people who were not, "
            "in standard deviations."
        ),
    ),
    Indicator(
        id="Q04", name=N_("Questions left open"), unit="share", sources=_ASKED,
        definition=N_("Share of the questions asked that have no valid answer."),
    ),
    Indicator(
        id="Q05", name=N_("Reliability"), unit="coefficient", sources=_ASKED,
        definition=N_("How well the questions of a scale agree, from 30 people on."),
    ),
    Indicator(
        id="Q06", name=N_("At the top of the scale before"), unit="share", sources=_ASKED,
        definition=N_("Share of people whose first score cannot rise any further."),
    ),
    Indicator(
        id="Q07", name=N_("Design level"), unit="level", sources=_ASKED,
        definition=N_("Level of the design on the Maryland scale, 0 to 5, by rule."),
    ),
    Indicator(
        id="Q08", name=N_("Evidence grade"), unit="class", sources=("responses", "attendance"),
        definition=N_(
            "A to D, from design, number of people, response, linking, loss and reliability."
        ),
    ),
    Indicator(
        id="Q09", name=N_("Completeness of the log"), unit="share_of_cells",
        sources=("activities",),
        definition=N_("Share of the needed cells that are filled, and of events with a list."),
    ),
    Indicator(
        id="Q10", name=N_("Comparability of languages"), unit="coefficient", sources=_ASKED,
        definition=N_("People and reliability per language, and questions that work differently."),
    ),
)  # fmt: skip

EVIDENCE_INDICATORS = (*_CHANGE, *_EVIDENCE)
