"""The catalogue of indicators: id, name, unit and what the number means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from twinimpact.language import N_


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """One indicator; ``name`` and ``definition`` are message ids for the translator."""

    id: str
    name: str
    unit: str
    definition: str


_ALL = (
    Indicator(
        id="R01", name=N_("Events held"), unit="events",
        definition=N_("Events that took place. Planned and cancelled events are listed apart."),
    ),
    Indicator(
        id="R02", name=N_("Event days"), unit="days",
        definition=N_("Days of all events held, the first and the last day included."),
    ),
    Indicator(
        id="R03", name=N_("Participations"), unit="participations",
        definition=N_(
            "One person at one event, however many days it lasts. "
            "The same person counts again at each event."
        ),
    ),
    Indicator(
        id="R04", name=N_("Unique participants"), unit="people",
        definition=N_(
            "Different people, however many events each attended. "
            "It is known only if every event has a list of participants."
        ),
    ),
    Indicator(
        id="R05", name=N_("Guests from abroad"), unit="participations",
        definition=N_(
            "Participations of people from the partner towns whose home country "
            "is not the country of the event."
        ),
    ),
    Indicator(
        id="R06", name=N_("Local participants"), unit="participations",
        definition=N_("Participations of people whose home country is the country of the event."),
    ),
    Indicator(
        id="R09Y", name=N_("Participants under 30"), unit="share",
        definition=N_("Share of participations by people under 30, where the age is known."),
    ),
    Indicator(
        id="R11", name=N_("Officials"), unit="share",
        definition=N_(
            "Share of participations by elected officials and municipal staff, "
            "where the role is known."
        ),
    ),
    Indicator(
        id="R13", name=N_("Participant-days"), unit="participant_days",
        definition=N_(
            "One person on one day. Days from lists and days from head-counts are shown apart."
        ),
    ),
    Indicator(
        id="R14", name=N_("Towns and countries involved"), unit="towns",
        definition=N_("Towns and countries that hosted or organised an event or sent people."),
    ),
    Indicator(
        id="R16", name=N_("In person, online or both"), unit="share",
        definition=N_("Share of participations by the way the event was held."),
    ),
    Indicator(
        id="R17", name=N_("Indirect audience"), unit="people_indirect",
        definition=N_(
            "Readers, viewers or visitors the organisers declare. "
            "It is an estimate and is never added to participants."
        ),
    ),
    Indicator(
        id="R18", name=N_("People reached by kind of work"), unit="participations",
        definition=N_("Participations in training, mutual learning and awareness events."),
    ),
    Indicator(
        id="V01", name=N_("Activity rate"), unit="events_per_year",
        definition=N_("Events held in the last 12 months."),
    ),
    Indicator(
        id="V02", name=N_("Months since the last event"), unit="months",
        definition=N_("Months between the last day of the last event and the date of the report."),
    ),
    Indicator(
        id="V03", name=N_("Reciprocity"), unit="ratio",
        definition=N_(
            "1 when both towns hosted equally often, 0 when only one of them hosted. "
            "It needs two towns and at least two events."
        ),
    ),
    Indicator(
        id="V04", name=N_("Breadth of themes"), unit="themes",
        definition=N_(
            "Number of themes of the events held, and how evenly the events spread over them "
            "(0 to 1)."
        ),
    ),
    Indicator(
        id="V06", name=N_("Vitality class"), unit="class",
        definition=N_(
            "New: signed less than 24 months ago. Dormant: no event for 24 months. "
            "Active: at least two events in 12 months, and both towns hosted within 24 months. "
            "Low: the rest."
        ),
    ),
    Indicator(
        id="V07", name=N_("Participants per 1,000 inhabitants"), unit="per_1000",
        definition=N_("Unique participants from a town for every 1,000 of its inhabitants."),
    ),
    Indicator(
        id="Q01", name=N_("Questionnaires"), unit="responses",
        definition=N_("Questionnaires in the evaluation, by wave and group."),
    ),
    Indicator(
        id="Q02", name=N_("People found in both waves"), unit="share",
        definition=N_(
            "People whose two questionnaires could be linked, "
            "out of the smaller number of people in the two waves."
        ),
    ),
    Indicator(
        id="Q03", name=N_("Linked and unlinked people before"), unit="sd",
        definition=N_(
            "Difference at the first wave between people found again and people who were not, "
            "in standard deviations."
        ),
    ),
    Indicator(
        id="Q04", name=N_("Questions left open"), unit="share",
        definition=N_("Share of the questions asked that have no valid answer."),
    ),
)  # fmt: skip

INDICATORS: Mapping[str, Indicator] = {indicator.id: indicator for indicator in _ALL}
"""Every indicator this version computes, by id."""
