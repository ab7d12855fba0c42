"""The registers and the activity log: towns, partnerships, events and who came."""

from __future__ import annotations

from twinimpact import entities as e
from twinimpact.schema.declarations import (
    Table,
    date,
    enum,
    flag,
    integer,
    listing,
    number,
    text,
)

TOWNS = Table(
    name="towns",
    key=("town_id",),
    columns=(
        text("town_id", "key of the town", required=True),
        text("name", "name in its own language", required=True),
        text("country", "ISO 3166-1 alpha-2", required=True),
        integer("population", "inhabitants"),
        integer("population_year", "year of the population figure"),
        text("local_code", "AGS, INSEE, LAU or NUTS3 code"),
        number("lat", "degrees north"),
        number("lon", "degrees east"),
        listing("languages", "BCP-47"),
    ),
)

PARTNERSHIPS = Table(
    name="partnerships",
    key=("partnership_id",),
    columns=(
        text("partnership_id", "key of the link", required=True),
        text("name", "name used in reports", required=True),
        text("town_a", "reporting town", required=True),
        text("town_b", "partner town"),
        listing("further_towns", "more members of a network"),
        listing("comparison_towns", "towns outside the link whose people serve as comparison"),
        enum("form", "legal form of the link", e.FORMS, required=True),
        enum("basis", "document the link rests on", e.BASES),
        text("date_signed", "date or year of the agreement"),
        text("date_ended", "date or year the link ended"),
        enum("status", "declared state of the link", e.STATUSES),
        listing("aims", "declared aims", e.AIMS),
    ),
)

ACTIVITIES = Table(
    name="activities",
    key=("activity_id",),
    columns=(
        text("activity_id", "key of the event", required=True),
        text("partnership_id", "link the event belongs to", required=True),
        text("title", "public title", required=True),
        enum("type", "kind of event", e.ACTIVITY_TYPES, required=True),
        listing("themes", "fields of exchange", e.THEMES),
        enum("cerv_type", "way people are reached", e.CERV_TYPES),
        date("start_date", "first day", required=True),
        date("end_date", "last day"),
        number("hours", "hours of programme"),
        text("host_town_id", "town that hosted"),
        listing("organiser_towns", "towns that organised"),
        enum("mode", "in person, online or hybrid", e.MODES),
        enum("status", "planned, held, cancelled or postponed", e.ACTIVITY_STATUSES),
        flag("is_public", "open to the public"),
        integer("planned_participants", "participants expected"),
        number("cost_total", "total cost"),
        text("currency", "ISO 4217"),
        number("volunteer_hours", "hours given by volunteers"),
        integer("indirect_reach", "declared indirect audience"),
        text("indirect_method", "how the indirect audience was estimated"),
        text("project_id", "funded project the event belongs to"),
        enum("lead_org_type", "kind of organisation in the lead", e.LEAD_TYPES),
        flag("joint_planning", "planned by both towns together"),
        integer("planned_invited", "guests from abroad expected"),
        number("staff_hours", "hours of municipal staff"),
        number("grant", "money from the funder"),
        number("own_funds", "money of the towns and organisers"),
        number("in_kind", "value of contributions in kind"),
        enum("funder", "funding programme", e.FUNDERS),
        integer("media_items", "reports in the media"),
        enum("travel_mode", "how guests travelled", e.TRAVEL_MODES),
        number("km_round_trip", "kilometres there and back, per traveller"),
        enum("accommodation", "where guests stayed", e.ACCOMMODATION),
        text("url", "web page of the event"),
        text("description", "short description for funders"),
    ),
)

ATTENDANCE = Table(
    name="attendance",
    key=("activity_id", "row_key"),
    columns=(
        text("activity_id", "event attended", required=True),
        text("row_key", "participant, or position of a head-count row", required=True),
        text("participant_id", "pseudonym; blank on a head-count row"),
        integer("count", "people counted; 1 on a person row", required=True),
        flag("attended", "present, not only registered"),
        text("town_id", "home town"),
        text("country", "home country, ISO 3166-1 alpha-2"),
        enum("gender", "declared gender", e.GENDERS),
        enum("age_band", "age band", e.AGE_BANDS),
        enum("role", "capacity in public life", e.ROLES),
        text("margin_set", "set of head-count rows that add up to the event's total"),
        enum("capacity_role", "part played at the event", e.CAPACITY_ROLES),
        enum("evidence", "what proves the count", e.EVIDENCE),
        number("hours", "hours present"),
        number("days", "days present"),
        listing("groups", "groups with fewer opportunities, as declared", e.GROUPS),
        flag("first_time", "says that this is the first event"),
        number("nights", "nights stayed"),
        enum("attendance_mode", "in person or online", e.ATTENDANCE_MODES),
    ),
)
