"""Invented events of the links: what took place, where, and who or how many came."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from twinimpact.synthetic.people import PROFILES
from twinimpact.synthetic.world import Link, all_towns

AS_OF = dt.date(2026, 6, 30)
FIRST_YEAR = dt.date(2023, 3, 1)
MAIN_EVENT = dt.date(2025, 7, 10)
"""Between the first and the second wave: the exchange the questionnaires are about."""
KINDS: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    "citizens": (
        ("citizens_meeting", "culture;european_debate", "mutual_learning"),
        ("festival_cultural", "culture;tourism", "awareness"),
        ("workshop", "environment", "training"),
        ("sport", "sport;youth", "awareness"),
        ("expert_meeting", "town_development", "mutual_learning"),
        ("homestay_visit", "social", "mutual_learning"),
        ("concert", "culture", "awareness"),
    ),
    "school": (
        ("school_exchange", "education;youth", "mutual_learning"),
        ("youth_exchange", "youth;digital", "mutual_learning"),
        ("workshop", "education", "training"),
    ),
    "officials": (
        ("official_visit", "self_government", "mutual_learning"),
        ("expert_meeting", "town_development;environment", "mutual_learning"),
        ("webinar", "digital;self_government", "training"),
        ("seminar", "self_government;economy", "training"),
    ),
}
COUNTED_ONLY = ("festival_cultural", "concert")
OPEN_COUNTS = ("lin-mor", "tis-vil")
"""Links whose festivals were counted at the gate; all others keep lists of people."""
FUNDED = ("lin-mor", "asc-lip", "pie-cas")
"""Links with a funded project and receipts."""
PROJECT_FROM, PROJECT_TO = dt.date(2025, 1, 1), dt.date(2025, 12, 31)
LEADS = (
    "municipality", "twinning_association", "club", "municipality", "school",
    "twinning_association",
)  # fmt: skip
"""Who is in the lead, by the number of the event, so that nothing has to be drawn for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Logs:
    """Rows of the activity log and the attendance sheet, with canonical column names."""

    activities: tuple[dict[str, Any], ...]
    attendance: tuple[dict[str, Any], ...]


def draw_logs(links: Sequence[Link], rng: np.random.Generator) -> Logs:
    """Draw the events and the attendance of every link."""
    activities: list[dict[str, Any]] = []
    attendance: list[dict[str, Any]] = []
    for link in links:
        events = _events(link, rng)
        roster = _roster(link, rng)
        for event in events:
            activities.append(event)
            if event["status"] == "held":
                attendance.extend(_attendance(event, link, roster, rng))
    return Logs(activities=tuple(activities), attendance=tuple(attendance))


def totals(logs: Logs, left_out: Collection[str] = ()) -> dict[str, dict[str, int]]:
    """Events by status and participations of each link, as the reports should count them.

    Parameters
    ----------
    left_out
        Events whose attendance cannot be used.
    """
    found: dict[str, dict[str, int]] = {}
    link_of = {event["activity_id"]: event["partnership_id"] for event in logs.activities}
    for event in logs.activities:
        counts = found.setdefault(
            event["partnership_id"], {"held": 0, "planned": 0, "cancelled": 0, "participations": 0}
        )
        counts[event["status"]] += 1
    for row in logs.attendance:
        # the sets of a counted event repeat the same people: only one of them counts
        usable = row["attended"] and row["activity_id"] not in left_out
        if usable and row["margin_set"] in ("", "gender"):
            found[link_of[row["activity_id"]]]["participations"] += row["count"]
    return found


def _events(link: Link, rng: np.random.Generator) -> list[dict[str, Any]]:
    kinds = KINDS[link.profile]
    days = [(AS_OF - FIRST_YEAR).days * (number + 0.5) / link.held for number in range(link.held)]
    starts = [
        FIRST_YEAR + dt.timedelta(days=int(day + rng.integers(-12, 13))) for day in sorted(days)
    ]
    signed = link.partnership.date_signed
    if signed > FIRST_YEAR.isoformat():
        first = dt.date.fromisoformat(signed)
        starts = [first + dt.timedelta(days=200 * number) for number in range(link.held)]
    nearest = min(range(len(starts)), key=lambda index: abs((starts[index] - MAIN_EVENT).days))
    starts[nearest] = MAIN_EVENT
    events = [
        _event(link, number, start, kinds[number % len(kinds)], rng)
        for number, start in enumerate(starts)
    ]
    events[nearest] |= {"type": kinds[0][0], "themes": kinds[0][1], "cerv_type": kinds[0][2]}
    ahead = _event(link, len(starts), dt.date(2026, 9, 18), kinds[0], rng)
    ahead |= {"status": "planned", "planned_participants": 60}
    events.append(ahead | {"planned_invited": _guests(len(starts))})
    if link.held > 8:
        lost = _event(link, len(starts) + 1, dt.date(2025, 11, 22), kinds[1], rng)
        events.append(lost | {"status": "cancelled"})
    for event in events:
        names = {town.town_id: town.name for town in all_towns()}
        event["title"] = f"{names[event['host_town_id']]} {event['start_date'].year}"
    return events


def _event(
    link: Link,
    number: int,
    start: dt.date,
    kind: tuple[str, str, str],
    rng: np.random.Generator,
) -> dict[str, Any]:
    activity_type, themes, cerv_type = kind
    online = activity_type == "webinar"
    days = 0 if online or activity_type == "concert" else int(rng.integers(1, 4))
    project = project_of(link.partnership.partnership_id, start)
    return {
        "activity_id": f"{link.partnership.partnership_id.upper()}-{number + 1:02d}",
        "partnership_id": link.partnership.partnership_id,
        "type": activity_type,
        "themes": themes,
        "cerv_type": cerv_type,
        "start_date": start,
        "end_date": start + dt.timedelta(days=days),
        "hours": float(rng.integers(4, 13)) / 2 + 6 * days,
        "host_town_id": link.partnership.towns[number % 2],
        "organiser_towns": ";".join(link.partnership.towns),
        "mode": "online" if online else "in_person",
        "status": "held",
        "is_public": activity_type in COUNTED_ONLY,
        "planned_participants": None,
        "cost_total": round(float(rng.integers(400, 9000)) + 0.5, 2),
        "currency": "EUR",
        "volunteer_hours": float(rng.integers(10, 160)) / 2,
        "project_id": project,
        "lead_org_type": LEADS[number % len(LEADS)],
        "planned_invited": _guests(number) if project and not online else None,
        "staff_hours": 6.0 * (days + 1) + 1.5 * (number % 4),
    }


def project_of(partnership: str, start: dt.date) -> str:
    """The funded project an event belongs to, or ``""``."""
    inside = partnership in FUNDED and PROJECT_FROM <= start <= PROJECT_TO
    return f"{partnership}-{PROJECT_FROM.year}" if inside else ""


def _guests(number: int) -> int:
    # by the number of the event, like the lead
    return 20 + 15 * (number % 4)


def _roster(link: Link, rng: np.random.Generator) -> list[dict[str, str]]:
    # everybody who ever takes part, of both towns, whether or not their town was surveyed
    profile = PROFILES[link.profile]
    asked = sum(count for _, count in link.participants)
    count = max(asked + 12, 24)
    ages, genders, roles = (
        rng.choice([key for key, _ in shares], size=count, p=_weights(shares))
        for shares in (profile.ages, profile.genders, profile.roles)
    )
    return [
        {
            "participant_id": f"{link.partnership.partnership_id}-{number + 1:03d}",
            "town_id": link.partnership.towns[number % 2],
            "age_band": str(ages[number]),
            "gender": str(genders[number]),
            "role": str(roles[number]),
        }
        for number in range(count)
    ]


def _attendance(
    event: Mapping[str, Any],
    link: Link,
    roster: list[dict[str, str]],
    rng: np.random.Generator,
) -> list[dict[str, Any]]:
    open_count = link.partnership.partnership_id in OPEN_COUNTS
    if open_count and event["type"] in COUNTED_ONLY:
        return _head_counts(event, link, rng)
    most = len(roster) if event["start_date"] == MAIN_EVENT else min(len(roster), 22)
    size = most if event["start_date"] == MAIN_EVENT else int(rng.integers(8, most + 1))
    chosen = sorted(rng.permutation(len(roster))[:size])
    rows = []
    for index in chosen:
        person = roster[index]
        invited = person["town_id"] != event["host_town_id"] and event["mode"] == "in_person"
        rows.append(
            _row(event)
            | person
            | {
                "country": _country(person["town_id"]),
                "attended": bool(rng.random() > 0.04),
                "capacity_role": "invited" if invited else "local",
                "evidence": "signed_list",
                "days": float((event["end_date"] - event["start_date"]).days + 1)
                - (0.5 if rng.random() < 0.1 else 0.0),
            }
        )
    return rows


def _head_counts(
    event: Mapping[str, Any], link: Link, rng: np.random.Generator
) -> list[dict[str, Any]]:
    total = int(rng.integers(90, 320))
    women = int(total * rng.uniform(0.45, 0.58))
    guests = int(total * rng.uniform(0.12, 0.3))
    host = event["host_town_id"]
    guest = next(town for town in link.partnership.towns if town != host)
    counted = _row(event) | {"attended": True, "evidence": "count", "capacity_role": ""}
    return [
        counted | {"count": women, "gender": "female", "margin_set": "gender"},
        counted | {"count": total - women, "gender": "male", "margin_set": "gender"},
        counted | {"count": total - guests, "country": _country(host), "margin_set": "country"},
        counted | {"count": guests, "country": _country(guest), "margin_set": "country"},
    ]


def _row(event: Mapping[str, Any]) -> dict[str, Any]:
    empty = ("participant_id", "town_id", "country", "gender", "age_band", "role", "margin_set")
    return {"activity_id": event["activity_id"], "count": 1, "days": None} | dict.fromkeys(
        empty, ""
    )


def _country(town_id: str) -> str:
    return next(town.country for town in all_towns() if town.town_id == town_id)


def _weights(shares: tuple[tuple[str, float], ...]) -> np.ndarray:
    weights = np.asarray([weight for _, weight in shares], dtype=np.float64)
    return np.asarray(weights / weights.sum())
