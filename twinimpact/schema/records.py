"""Further tables of an evaluation: projects, organisations, links, money, goals, targets, media."""

from __future__ import annotations

from twinimpact import entities as e
from twinimpact.schema.declarations import Table, date, enum, flag, integer, number, text

PROJECTS = Table(
    name="projects",
    key=("project_id",),
    columns=(
        text("project_id", "key of the project", required=True),
        text("partnership_id", "link the project belongs to", required=True),
        text("name", "title of the project", required=True),
        text("acronym", "short name"),
        text("grant_no", "number of the grant"),
        text("pic", "participant identification code of the town"),
        text("participant_no", "number of the town in the project"),
        text("call_id", "call for proposals"),
        date("start_date", "first day"),
        date("end_date", "last day"),
        number("lump_sum", "lump sum granted"),
    ),
)

ORGANISATIONS = Table(
    name="organisations",
    key=("org_id",),
    columns=(
        text("org_id", "key of the organisation", required=True),
        text("town_id", "town it belongs to", required=True),
        text("name", "name used in reports"),
        enum("type", "kind of organisation", e.ORGANISATION_TYPES, required=True),
    ),
)

LINK_LEDGER = Table(
    name="link_ledger",
    key=("link_id",),
    columns=(
        text("link_id", "key of the link", required=True),
        text("partnership_id", "town link it belongs to", required=True),
        text("org_a", "organisation on one side; blank for people"),
        text("org_b", "organisation on the other side; blank for people"),
        enum("kind", "kind of link", e.LINK_KINDS, required=True),
        text("created_by_activity", "event it began at"),
        date("created", "day it began"),
        date("last_confirmed", "day it was last known to be alive"),
        flag("alive", "still alive"),
        enum("status", "planned or done, for follow-up actions", e.ACTION_STATUSES),
        flag("verified", "seen by a second person or in a document"),
        text("evidence_url", "where it can be seen"),
    ),
)

COSTS = Table(
    name="costs",
    key=("activity_id", "row_key"),
    columns=(
        text("activity_id", "event that caused the cost", required=True),
        text("row_key", "number of the receipt, or made from the row", required=True),
        enum("category", "kind of cost", e.COST_CATEGORIES, required=True),
        number("amount", "amount in `currency`", required=True),
        text("currency", "ISO 4217", required=True),
        enum("payer", "who paid", e.PAYERS),
        flag("in_kind", "given in kind, not in cash"),
    ),
)

GOALS = Table(
    name="goals",
    key=("activity_id", "goal_id"),
    columns=(
        text("activity_id", "event the goal was set for", required=True),
        text("goal_id", "key of the goal", required=True),
        text("text", "the goal in the organisers' words"),
        number("intended", "how far it was meant to be reached, 1 to 5", required=True),
        text("item_id", "question in which participants say how far it was reached"),
    ),
)

TARGETS = Table(
    name="targets",
    key=("partnership_id", "indicator_id", "part"),
    columns=(
        text("partnership_id", "link the target is for", required=True),
        text("indicator_id", "indicator or scale", required=True),
        text("part", "part of the indicator, such as total or share; any for all", required=True),
        number("baseline", "figure at the start"),
        number("target", "figure to reach", required=True),
        date("due", "day by which it should be reached"),
        text("source_of_verification", "what shows the figure"),
    ),
)

TRAVEL = Table(
    name="travel",
    key=("activity_id", "row_key"),
    columns=(
        text("activity_id", "event travelled to", required=True),
        text("row_key", "made from the row", required=True),
        text("from_town_id", "town the travellers came from"),
        enum("mode", "means of travel", e.TRAVEL_MODES, required=True),
        number("km_round_trip", "kilometres there and back, per traveller", required=True),
        integer("travellers", "people", required=True),
    ),
)

MEDIA = Table(
    name="media",
    key=("partnership_id", "row_key"),
    columns=(
        text("partnership_id", "link the report is about", required=True),
        text("row_key", "made from the row", required=True),
        text("activity_id", "event the report is about"),
        enum("outlet_type", "kind of outlet", e.OUTLETS, required=True),
        date("date", "day of the report"),
        text("url", "where it can be read"),
        integer("audience", "declared audience"),
        text("method", "how the audience was estimated"),
    ),
)

RECORDS = (PROJECTS, ORGANISATIONS, LINK_LEDGER, COSTS, GOALS, TARGETS, TRAVEL, MEDIA)
