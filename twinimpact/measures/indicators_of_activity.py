"""Indicators of the activity log: reach (R), vitality (V), cost (K), links (U), travel (G)."""

from __future__ import annotations

from twinimpact.language import N_
from twinimpact.measures.indicator_record import Indicator

_LOG = ("activities",)
_PEOPLE = ("activities", "attendance")

_REACH = (
    Indicator(
        id="R01", name=N_("Events held"), unit="events", sources=_LOG,
        definition=N_("Events that took place. Planned and cancelled events are listed apart."),
    ),
    Indicator(
        id="R02", name=N_("Event days"), unit="days", sources=_LOG,
        definition=N_("Days of all events held, the first and the last day included."),
    ),
    Indicator(
        id="R03", name=N_("Participations"), unit="participations", sources=_PEOPLE,
        definition=N_(
            "One person at one event, however many days it lasts. "
            "The same person counts again at each event."
        ),
    ),
    Indicator(
        id="R04", name=N_("Unique participants"), unit="people", sources=_PEOPLE,
        definition=N_(
            "Different people, however many events each attended. "
            "It is known only if every event has a list of participants."
        ),
    ),
    Indicator(
        id="R05", name=N_("Guests from abroad"), unit="participations",
        sources=("activities", "attendance", "towns"),
        definition=N_(
            "Participations of people from the partner towns whose home country "
            "is not the country of the event."
        ),
    ),
    Indicator(
        id="R06", name=N_("Local participants"), unit="participations", sources=_PEOPLE,
        definition=N_("Participations of people whose home country is the country of the event."),
    ),
    Indicator(
        id="R07", name=N_("Participations by country"), unit="participations", sources=_PEOPLE,
        definition=N_("Participations by home country, and the number of countries."),
    ),
    Indicator(
        id="R08", name=N_("Participations by gender"), unit="participations", sources=_PEOPLE,
        definition=N_(
            "Participations of women, men and non-binary people. "
            "Undisclosed gender is shown as such and never shared out."
        ),
    ),
    Indicator(
        id="R09", name=N_("Participations by age"), unit="participations", sources=_PEOPLE,
        definition=N_("Participations by age band."),
    ),
    Indicator(
        id="R09Y", name=N_("Participants under 30"), unit="share", sources=_PEOPLE,
        definition=N_("Share of participations by people under 30, where the age is known."),
    ),
    Indicator(
        id="R10", name=N_("Participants with a disability or fewer opportunities"), unit="share",
        sources=("attendance",),
        definition=N_(
            "Share of participations by people who declared a disability or fewer opportunities, "
            "where it was asked."
        ),
    ),
    Indicator(
        id="R11", name=N_("Officials"), unit="share", sources=_PEOPLE,
        definition=N_(
            "Share of participations by elected officials and municipal staff, "
            "where the role is known."
        ),
    ),
    Indicator(
        id="R12", name=N_("First-timers"), unit="share", sources=_PEOPLE,
        definition=N_(
            "Share of listed people who do not appear at an earlier event of the log."
        ),
    ),
    Indicator(
        id="R13", name=N_("Participant-days"), unit="participant_days", sources=_PEOPLE,
        definition=N_(
            "One person on one day. Days from lists and days from head-counts are shown apart."
        ),
    ),
    Indicator(
        id="R14", name=N_("Towns and countries involved"), unit="towns", sources=_PEOPLE,
        definition=N_("Towns and countries that hosted or organised an event or sent people."),
    ),
    Indicator(
        id="R15", name=N_("Diversity of groups"), unit="ratio", sources=_PEOPLE,
        definition=N_(
            "How evenly participations spread over the groups that took part, "
            "from 0 (almost all from one group) to 1 (all groups equally)."
        ),
    ),
    Indicator(
        id="R16", name=N_("In person, online or both"), unit="share", sources=_PEOPLE,
        definition=N_("Share of participations by the way the event was held."),
    ),
    Indicator(
        id="R17", name=N_("Indirect audience"), unit="people_indirect", sources=_LOG,
        definition=N_(
            "Readers, viewers or visitors the organisers declare. "
            "It is an estimate and is never added to participants."
        ),
    ),
    Indicator(
        id="R18", name=N_("People reached by kind of work"), unit="participations",
        sources=_PEOPLE,
        definition=N_("Participations in training, mutual learning and awareness events."),
    ),
    Indicator(
        id="R19", name=N_("Public events of several towns"), unit="events", sources=_LOG,
        definition=N_("Public events held that at least two of the towns organised together."),
    ),
    Indicator(
        id="R20", name=N_("Conditions of the call"), unit="class",
        sources=("activities", "attendance", "calls"),
        definition=N_("For each rule of the funding call: met or not, and by how much."),
    ),
    Indicator(
        id="R21", name=N_("Lump sum of the call"), unit="eur",
        sources=("activities", "attendance", "calls"),
        definition=N_(
            "The lump sum that belongs to the number of invited people, "
            "planned and actual, by the table in the call."
        ),
    ),
    Indicator(
        id="R22", name=N_("Targets reached"), unit="share", sources=("targets",),
        definition=N_(
            "The figure reached as a share of its target, "
            "and the share of the way from the starting figure to the target."
        ),
    ),
)  # fmt: skip

_VITALITY = (
    Indicator(
        id="V01", name=N_("Activity rate"), unit="events_per_year", sources=_LOG,
        definition=N_("Events held in the last 12 months."),
    ),
    Indicator(
        id="V02", name=N_("Months since the last event"), unit="months", sources=_LOG,
        definition=N_("Months between the last day of the last event and the date of the report."),
    ),
    Indicator(
        id="V03", name=N_("Reciprocity"), unit="ratio", sources=_LOG,
        definition=N_(
            "1 when both towns hosted equally often, 0 when only one of them hosted. "
            "It needs two towns and at least two events."
        ),
    ),
    Indicator(
        id="V04", name=N_("Breadth of themes"), unit="themes", sources=_LOG,
        definition=N_(
            "Number of themes of the events held, and how evenly the events spread over them "
            "(0 to 1)."
        ),
    ),
    Indicator(
        id="V05", name=N_("Trend of activity"), unit="rate_ratio", sources=_LOG,
        definition=N_(
            "Events held in the last three years for each event held in the three years before."
        ),
    ),
    Indicator(
        id="V06", name=N_("Vitality class"), unit="class", sources=("activities", "partnerships"),
        definition=N_(
            "New: signed less than 24 months ago. Dormant: no event for 24 months. "
            "Active: at least two events in 12 months, and both towns hosted within 24 months. "
            "Low: the rest."
        ),
    ),
    Indicator(
        id="V07", name=N_("Participants per 1,000 inhabitants"), unit="per_1000",
        sources=("activities", "attendance", "towns"),
        definition=N_("Unique participants from a town for every 1,000 of its inhabitants."),
    ),
    Indicator(
        id="V08", name=N_("Events led by civil society"), unit="share_of_events", sources=_LOG,
        definition=N_(
            "Share of events held that an association, a school or a club led, "
            "where the lead is known."
        ),
    ),
    Indicator(
        id="V09", name=N_("Younger organisers"), unit="share", sources=("attendance",),
        definition=N_("Share of organisers under 45, where the age band is known."),
    ),
    Indicator(
        id="V10", name=N_("Density of links between organisations"), unit="ratio",
        sources=("links", "organisations"),
        definition=N_(
            "Links between organisations of the towns as a share of all pairs that are possible, "
            "and the links new in the last 12 months."
        ),
    ),
)  # fmt: skip

_COST = (
    Indicator(
        id="K01", name=N_("Cost"), unit="eur", sources=("costs", "activities"),
        definition=N_("Cash and contributions in kind, by who paid."),
    ),
    Indicator(
        id="K02", name=N_("Cost per participant-day"), unit="eur",
        sources=("costs", "activities", "attendance"),
        definition=N_(
            "Cost for each participant-day of the same events, and for each participation."
        ),
    ),
    Indicator(
        id="K03", name=N_("Own money beside the grant"), unit="ratio", sources=("costs",),
        definition=N_("Cash from others and contributions in kind for each euro of grant."),
    ),
    Indicator(
        id="K04", name=N_("Volunteer hours"), unit="hours", sources=_LOG,
        definition=N_("Hours given by volunteers, as logged."),
    ),
    Indicator(
        id="K05", name=N_("Staff hours"), unit="hours", sources=_LOG,
        definition=N_("Hours of municipal staff, as logged."),
    ),
    Indicator(
        id="K06", name=N_("Officials' travel"), unit="share_of_cost", sources=("costs",),
        definition=N_("Travel of officials as a share of all cost."),
    ),
    Indicator(
        id="K07", name=N_("Spending of visitors"), unit="eur", sources=("attendance", "parameters"),
        definition=N_(
            "Nights of visitors times a daily rate, less what would have been spent anyway; "
            "low, central and high assumption."
        ),
    ),
    Indicator(
        id="K08", name=N_("New economic links"), unit="links", sources=("links",),
        definition=N_("Business contacts and contracts declared, confirmed or not."),
    ),
)  # fmt: skip

_LASTING = (
    Indicator(
        id="U01", name=N_("New links between organisations"), unit="links", sources=("links",),
        definition=N_("Links between organisations that began at an event."),
    ),
    Indicator(
        id="U02", name=N_("Links alive after 12 months"), unit="share", sources=("links",),
        definition=N_("Links still alive, of those begun at least 12 months ago."),
    ),
    Indicator(
        id="U03", name=N_("Participations in later events"), unit="participations",
        sources=("projects", "activities", "attendance"),
        definition=N_(
            "Participations in events of the same towns within 12 months after a project ended."
        ),
    ),
    Indicator(
        id="U04", name=N_("Follow-up actions done"), unit="share", sources=("links",),
        definition=N_("Follow-up actions carried out, of those agreed."),
    ),
    Indicator(
        id="U05", name=N_("Practices taken over"), unit="links", sources=("links",),
        definition=N_("Practices a town took over from its partner, with a source for each."),
    ),
    Indicator(
        id="U06", name=N_("Media reports"), unit="media_items", sources=("media", "activities"),
        definition=N_("Reports in newspapers, on air and online, by kind of outlet."),
    ),
    Indicator(
        id="G01", name=N_("Travel emissions per traveller"), unit="kg", sources=("travel",),
        definition=N_(
            "Kilometres times an emission factor of the means of travel, for each traveller."
        ),
    ),
    Indicator(
        id="G02", name=N_("Low-carbon travel"), unit="share_of_km", sources=("travel",),
        definition=N_("Share of kilometres by rail, bus, on foot or by bicycle."),
    ),
)  # fmt: skip

ACTIVITY_INDICATORS = (*_REACH, *_VITALITY, *_COST, *_LASTING)
