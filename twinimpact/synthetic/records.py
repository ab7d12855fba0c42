"""Invented projects, organisations, links, costs, goals, targets, travel and media of the demo."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from twinimpact.schema import RECORD_TABLES, TABLES
from twinimpact.synthetic.logs import FUNDED, PROJECT_FROM, PROJECT_TO, Logs, project_of
from twinimpact.synthetic.workbooks import Page
from twinimpact.synthetic.world import Link

KINDS = ("municipality", "twinning_association", "club", "school")
DISTANCES: Mapping[str, int] = {
    "lin-mor": 1180, "asc-lip": 940, "vrb-obe": 410, "pie-cas": 760, "tis-vil": 4300,
    "oos-lin": 620, "kle-dui": 540, "kra-jav": 560,
}  # fmt: skip
"""Kilometres there and back."""
WORDS: Mapping[str, str] = {
    "municipality": "Town hall", "twinning_association": "Twinning association",
    "club": "Choir", "school": "Secondary school",
}  # fmt: skip


def record_pages(links: Sequence[Link], logs: Logs, rng: np.random.Generator) -> tuple[Page, ...]:
    """One page per further table, with English headers."""
    ids = [link.partnership.partnership_id for link in links]
    held = [event for event in logs.activities if event["status"] == "held"]
    funded = [event for event in held if event["project_id"]]
    tables: dict[str, list[dict[str, Any]]] = {
        "projects": [_project(name) for name in ids if name in FUNDED],
        "organisations": list(_organisations(links)),
        "link_ledger": list(_ledger(links, rng)),
        "costs": [row for event in funded for row in _costs(event, rng)],
        "goals": [_goal(event) for event in _first_events(funded)],
        "targets": list(_targets()),
        "travel": [_trip(event, rng) for event in held if event["mode"] == "in_person"],
        "media": [row for event in funded for row in _media(event, rng)],
    }
    return tuple(_page(name, tables[name]) for name in RECORD_TABLES)


def _page(name: str, rows: Sequence[Mapping[str, Any]]) -> Page:
    columns = [column for column in TABLES[name].names() if any(row.get(column) for row in rows)]
    return Page(
        name=name.replace("_", " ").capitalize(),
        header=[column.replace("_", " ").capitalize() for column in columns],
        rows=[[_cell(row.get(column)) for column in columns] for row in rows],
    )


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value.isoformat() if isinstance(value, dt.date) else value


def _project(partnership: str) -> dict[str, Any]:
    return {
        "project_id": project_of(partnership, PROJECT_FROM), "partnership_id": partnership,
        "name": f"Neighbours of Europe {partnership.upper()}", "acronym": partnership.upper(),
        "participant_no": "1", "call_id": "cerv-tt-2024", "start_date": PROJECT_FROM,
        "end_date": PROJECT_TO, "lump_sum": 15000,
    }  # fmt: skip


def _organisations(links: Sequence[Link]) -> Iterable[dict[str, Any]]:
    towns = dict.fromkeys(town for link in links for town in link.partnership.towns)
    for town in towns:
        for kind in KINDS:
            yield {
                "org_id": f"{town}-{kind.split('_')[0]}", "town_id": town,
                "name": WORDS[kind], "type": kind,
            }  # fmt: skip


def _ledger(links: Sequence[Link], rng: np.random.Generator) -> Iterable[dict[str, Any]]:
    for link in links:
        partnership, (first, second) = link.partnership.partnership_id, link.partnership.towns[:2]
        for number in range(1 + link.held // 3):
            created = dt.date(2023, 6, 1) + dt.timedelta(days=int(rng.integers(0, 1000)))
            a, b = (KINDS[int(place)].split("_")[0] for place in rng.integers(0, 4, 2))
            yield {
                "link_id": f"{partnership}-o{number + 1}", "partnership_id": partnership,
                "org_a": f"{first}-{a}", "org_b": f"{second}-{b}", "kind": "organisation",
                "created": created, "last_confirmed": dt.date(2026, 5, 10),
                "alive": bool(rng.random() < 0.75), "verified": bool(rng.random() < 0.5),
            }  # fmt: skip
        for number in range(link.held // 4):
            yield {
                "link_id": f"{partnership}-f{number + 1}", "partnership_id": partnership,
                "kind": "follow_up_action", "created": dt.date(2025, 9, 1),
                "status": "done" if rng.random() < 0.6 else "planned",
            }  # fmt: skip


def _costs(event: Mapping[str, Any], rng: np.random.Generator) -> Iterable[dict[str, Any]]:
    shares = (
        ("travel", 0.38, "grant", False), ("meals", 0.22, "grant", False),
        ("programme", 0.2, "town", False), ("official_travel", 0.08, "town", False),
        ("venue", 0.12, "association", True),
    )  # fmt: skip
    total = float(event["cost_total"])
    for number, (category, share, payer, in_kind) in enumerate(shares):
        yield {
            "activity_id": event["activity_id"], "row_key": f"B{number + 1}",
            "category": category, "amount": round(total * share * float(rng.uniform(0.9, 1.1)), 2),
            "currency": "EUR", "payer": payer, "in_kind": in_kind,
        }  # fmt: skip


def _first_events(events: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    first: dict[str, Mapping[str, Any]] = {}
    for event in events:
        first.setdefault(event["partnership_id"], event)
    return list(first.values())


def _goal(event: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "activity_id": event["activity_id"], "goal_id": "take-part",
        "text": "Everybody can contribute something of their own", "intended": 4,
        "item_id": "tw_react_m4",
    }  # fmt: skip


def _targets() -> Iterable[dict[str, Any]]:
    for partnership in FUNDED:
        for indicator, part, baseline, target in (
            ("R01", "held", 6, 10), ("R09Y", "share", 0.15, 0.25), ("I01", "mean", None, 70),
        ):  # fmt: skip
            yield {
                "partnership_id": partnership, "indicator_id": indicator, "part": part,
                "baseline": baseline, "target": target, "due": PROJECT_TO,
                "source_of_verification": "signed lists and questionnaires",
            }  # fmt: skip


def _trip(event: Mapping[str, Any], rng: np.random.Generator) -> dict[str, Any]:
    return {
        "activity_id": event["activity_id"],
        "mode": ("bus", "rail", "car")[int(rng.choice(3, p=(0.55, 0.25, 0.2)))],
        "km_round_trip": DISTANCES[event["partnership_id"]],
        "travellers": int(rng.integers(8, 36)),
    }


def _media(event: Mapping[str, Any], rng: np.random.Generator) -> Iterable[dict[str, Any]]:
    for outlet in ("newspaper", "website")[: int(rng.integers(1, 3))]:
        yield {
            "partnership_id": event["partnership_id"], "activity_id": event["activity_id"],
            "outlet_type": outlet, "date": event["end_date"] + dt.timedelta(days=3),
        }  # fmt: skip
