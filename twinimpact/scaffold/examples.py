"""One example row of each table, shown in the guide of the template workbooks."""

from __future__ import annotations

from collections.abc import Mapping

EXAMPLES: Mapping[str, Mapping[str, str]] = {
    "towns": {
        "town_id": "example-town", "name": "Example Town", "country": "DE",
        "population": "12000", "population_year": "2024", "local_code": "00000000",
        "lat": "50.1", "lon": "8.7", "languages": "de",
    },
    "partnerships": {
        "partnership_id": "example", "name": "Example Town – Ville Exemple",
        "town_a": "example-town", "town_b": "example-ville", "further_towns": "",
        "comparison_towns": "example-neighbour", "form": "formal", "basis": "agreement",
        "date_signed": "1987-06-14", "date_ended": "", "status": "active",
        "aims": "culture; youth",
    },
    "activities": {
        "activity_id": "example-1", "partnership_id": "example", "title": "Citizens' meeting",
        "type": "citizens_meeting", "themes": "culture; youth", "cerv_type": "mutual_learning",
        "start_date": "2026-05-14", "end_date": "2026-05-17", "hours": "18",
        "host_town_id": "example-town", "organiser_towns": "example-town; example-ville",
        "mode": "in_person", "status": "held", "is_public": "yes", "planned_participants": "60",
        "cost_total": "8200", "currency": "EUR", "volunteer_hours": "140",
        "indirect_reach": "1500", "indirect_method": "readers of the town's newsletter",
        "project_id": "meeting-2026", "lead_org_type": "twinning_association",
        "joint_planning": "yes", "planned_invited": "35", "staff_hours": "24",
        "grant": "5000", "own_funds": "2400", "in_kind": "800", "funder": "buergerfonds",
        "media_items": "3", "travel_mode": "bus", "km_round_trip": "1180",
        "accommodation": "homestay", "url": "https://example.org/meeting",
        "description": "Four days with host families on the theme of local volunteering.",
    },
    "attendance": {
        "activity_id": "example-1", "participant_id": "A-017", "count": "1", "attended": "yes",
        "town_id": "example-ville", "country": "FR", "gender": "female", "age_band": "30-44",
        "role": "citizen", "margin_set": "", "capacity_role": "invited",
        "evidence": "signed_list", "hours": "", "days": "3", "groups": "rural",
        "first_time": "yes", "nights": "3", "attendance_mode": "in_person",
    },
    "projects": {
        "project_id": "meeting-2026", "partnership_id": "example",
        "name": "Volunteers of two towns", "acronym": "VTT", "grant_no": "000000",
        "pic": "000000000", "participant_no": "1", "call_id": "", "start_date": "2026-01-01",
        "end_date": "2026-12-31", "lump_sum": "5000",
    },
    "organisations": {
        "org_id": "example-choir", "town_id": "example-town", "name": "Example Choir",
        "type": "club",
    },
    "link_ledger": {
        "link_id": "1", "partnership_id": "example", "org_a": "example-choir",
        "org_b": "example-chorale", "kind": "organisation", "created_by_activity": "example-1",
        "created": "2026-05-16", "last_confirmed": "2026-06-20", "alive": "yes", "status": "",
        "verified": "yes", "evidence_url": "https://example.org/concert",
    },
    "costs": {
        "activity_id": "example-1", "row_key": "R-01", "category": "travel", "amount": "3100",
        "currency": "EUR", "payer": "grant", "in_kind": "no",
    },
    "goals": {
        "activity_id": "example-1", "goal_id": "1",
        "text": "Residents of both towns get to know each other", "intended": "4",
        "item_id": "tw_react_m4",
    },
    "targets": {
        "partnership_id": "example", "indicator_id": "R03", "part": "total", "baseline": "80",
        "target": "120", "due": "2026-12-31", "source_of_verification": "signed lists",
    },
    "travel": {
        "activity_id": "example-1", "from_town_id": "example-ville", "mode": "bus",
        "km_round_trip": "1180", "travellers": "36",
    },
    "media": {
        "partnership_id": "example", "activity_id": "example-1", "outlet_type": "newspaper",
        "date": "2026-05-19", "url": "https://example.org/news", "audience": "8000",
        "method": "declared circulation",
    },
}  # fmt: skip
