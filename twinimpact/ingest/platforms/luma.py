"""Luma: guest lists. Only approved guests are registered, a time of check-in means present."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from twinimpact.ingest import shape
from twinimpact.ingest.guests import (
    NOT_ATTENDING,
    Guests,
    guest_draft,
    header_places,
    seen_at_door,
    word_set,
)
from twinimpact.ingest.records import Detection, Draft, Match
from twinimpact.ingest.source import RawTable

NAME = "luma"
TITLE = "Luma (an attendance list)"
_HEADERS: Mapping[str, str] = {
    "guest": "api_id|guest_api_id|guest_id",
    "status": "approval_status",
    "attended": "checked_in_at|event_ticket_checked_in_at",
    "submitted": "created_at|registered_at",
    "event": "event_api_id|event_id|event_name",
    "name": "name",
    "first_name": "first_name",
    "last_name": "last_name",
    "email": "email",
}
_OWN = word_set(
    "custom_source|qr_code_url|amount|amount_tax|amount_discount|currency|coupon_code"
    "|eth_address|solana_address|survey_response_rating|survey_response_feedback"
    "|ticket_type_id|ticket_name|joined_at|utm_source"
)


def signature(table: RawTable) -> Match | None:
    """Columns ``api_id`` and ``approval_status``."""
    named = header_places(table.rows[0], _HEADERS) if table.rows else {}
    if not {"guest", "status"} <= set(named):
        return None
    shown = " and ".join(table.rows[0][named[one]] for one in ("guest", "status"))
    return Match(confidence=1.0, variant="guest list", evidence=(f"columns {shown}",))


def normalise(tables: Sequence[RawTable], detection: Detection) -> Draft:
    """Guests; whoever is invited, waiting or declined is not attending."""
    return guest_draft(guests(tables, detection))


def guests(tables: Sequence[RawTable], detection: Detection) -> Guests:
    """Guests with their approval and check-in."""
    table = shape.chosen(tables, detection)
    rows, _ = shape.body(table, 1)
    places = header_places(table.rows[0], _HEADERS)
    status = shape.column_cells(rows, places["status"])
    door = shape.column_cells(rows, places.get("attended"))
    return Guests(
        table=table,
        detection=detection,
        places={name: place for name, place in places.items() if name != "guest"},
        tickets=shape.column_cells(rows, places["guest"]),
        id_place=places["guest"],
        states=tuple(
            "complete" if shape.plain(one) == "approved" else NOT_ATTENDING for one in status
        ),
        own=_OWN,
        there=seen_at_door(door) if "attended" in places else ("",) * len(rows),
    )
