"""Cutting the results table into what each report may show."""

from __future__ import annotations

import importlib.metadata
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from twinimpact import __version__
from twinimpact.bundle import ACTIVITY_COLUMNS, Bundle
from twinimpact.impact import deviations, first_answer
from twinimpact.instruments import Item, Scale
from twinimpact.problems import Problem
from twinimpact.results import Results
from twinimpact.run.project import Project
from twinimpact.run.request import Request, template_hash
from twinimpact.schema import PROGRAMME
from twinimpact.workspace import Snapshot

PACKAGES = ("pandas", "numpy", "scipy", "plotly", "papermill")


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What all bundles of one batch are cut from."""

    project: Project
    snapshot: Snapshot
    results: Results
    imports: tuple[Mapping[str, Any], ...]
    problems: tuple[Problem, ...]


def make_bundle(material: Material, request: Request) -> Bundle:
    """The bundle of one report: its partnership's rows, or all rows for a programme report."""
    programme = request.partnership == PROGRAMME
    table = material.results.table
    partnerships = partnership_facts(material.snapshot)
    if not programme:
        table = table[table["partnership"] == request.partnership]
        partnerships = [p for p in partnerships if p["partnership_id"] == request.partnership]
    quality = request.template == "data_quality"
    evaluation = material.project.evaluation
    rules = evaluation.privacy.disclosure
    # why a number was withheld stays here: "too small" would say what it may be
    withheld = [
        {name: value for name, value in row.items() if name != "reason"}
        for row in material.results.withheld
        if programme or row["partnership"] == request.partnership
    ]
    return Bundle(
        report=request.template,
        language=request.language,
        evaluation={
            "id": evaluation.evaluation.id,
            "title": evaluation.evaluation.title,
            "timezone": evaluation.evaluation.timezone,
            "as_of": material.results.as_of.isoformat(),
            "before": evaluation.design.before or "",
            "after": evaluation.design.after or "",
            "follow_up": evaluation.design.follow_up or "",
            "linked": evaluation.design.linked,
            **_plan(material, table),
        },
        partnerships=tuple(partnerships),
        waves=tuple(_waves(material.project)),
        scales=tuple(_scales(material, table, request.language)),
        items=_items(material, table, request.language),
        results=table.reset_index(drop=True),
        activities=_activities(material, table, request.partnership),
        imports=material.imports if quality else (),
        problems=tuple(p.to_dict() for p in material.problems) if quality else (),
        disclosure={
            "k_answers": rules.k_answers,
            "k_counts": rules.k_counts,
            "k_minors": rules.k_minors,
            "suppressed": len(withheld),
            "withheld": withheld,
        },
        stamp={
            "snapshot": material.snapshot.id,
            "template": template_hash(request.template)[:8],
            "versions": versions(),
            **({"plan": material.project.plan.sha256} if material.project.plan else {}),
            "parameters": {"partnership": request.partnership, "language": request.language},
        },
    )


def _plan(material: Material, table: pd.DataFrame) -> dict[str, Any]:
    """The analysis plan beside what was done for this report; nothing without a plan."""
    project = material.project
    record = project.plan
    if record is None:
        return {}
    design = project.evaluation.design
    first_post = first_answer(material.snapshot.frame("responses"), project.evaluation)
    found = deviations(record, design, table, first_post)
    date = record.plan.date
    return {
        "plan": {
            "version": record.plan.plan_version,
            "date": date.isoformat() if date else "",
            "sha256": record.sha256,
            "deviations": [asdict(one) for one in found],
        }
    }


def versions() -> dict[str, str]:
    """Versions of everything that decides a number or its looks."""
    found = {name: importlib.metadata.version(name) for name in PACKAGES}
    return {"twinimpact": __version__, "python": platform.python_version(), **found}


def partnership_facts(snapshot: Snapshot) -> list[dict[str, Any]]:
    """Register entries of all partnerships, with their towns."""
    towns = {
        row["town_id"]: {
            "town_id": row["town_id"],
            "name": row["name"],
            "country": row["country"],
            "population": None if pd.isna(row["population"]) else int(row["population"]),
        }
        for row in snapshot.frame("towns").to_dict(orient="records")
    }
    facts = []
    for row in snapshot.frame("partnerships").to_dict(orient="records"):
        members = [row["town_a"], row["town_b"], *split_list(row["further_towns"])]
        facts.append(
            {
                "partnership_id": row["partnership_id"],
                "name": row["name"],
                "form": row["form"],
                "basis": _text(row["basis"]),
                "date_signed": _text(row["date_signed"]),
                "aims": split_list(row["aims"]),
                "towns": [towns[town] for town in members if town in towns],
                "comparison_towns": [
                    towns[town] for town in split_list(row["comparison_towns"]) if town in towns
                ],
            }
        )
    return facts


def split_list(value: object) -> list[str]:
    """Parts of a stored list (text joined by ``;``)."""
    return [part for part in _text(value).split(";") if part]


def _text(value: object) -> str:
    return "" if pd.isna(value) else str(value)  # type: ignore[call-overload]


def _waves(project: Project) -> list[dict[str, Any]]:
    return [
        {
            "wave_id": wave.id,
            "kind": wave.kind,
            "label": wave.label,
            "start": wave.start.isoformat() if wave.start else None,
            "end": wave.end.isoformat() if wave.end else None,
        }
        for wave in project.evaluation.waves
    ]


def _scales(material: Material, table: pd.DataFrame, language: str) -> list[dict[str, Any]]:
    present = set(table["outcome"])
    planned = {outcome.scale: outcome for outcome in material.project.evaluation.design.outcomes}
    catalogue = material.project.catalogue
    status = {instrument.id: instrument.status_label for instrument in catalogue.instruments}
    rows = []
    for scale in catalogue.scales.values():
        if scale.id in present:
            plan = planned.get(scale.id)
            rows.append(
                {
                    **_scale_facts(scale, language),
                    "role": plan.role if plan else scale.role or "exploratory",
                    "sesoi": plan.sesoi if plan else None,
                    "status_label": status[scale.instrument],
                }
            )
    return rows


def _scale_facts(scale: Scale, language: str) -> dict[str, Any]:
    return {
        "scale_id": scale.id,
        "title": scale.label(language),
        "short_title": scale.short_label(language),
        "direction": scale.direction,
        "method": scale.method,
        "unit": scale.unit,
        "lo": scale.lo,
        "hi": scale.hi,
        "items": list(scale.items),
        "formative": scale.formative,
    }


def _items(material: Material, table: pd.DataFrame, language: str) -> dict[str, dict[str, Any]]:
    present = set(table["outcome"])
    catalogue = material.project.catalogue
    # an item of several scales belongs to the first of them
    home: dict[str, Scale] = {}
    for scale in catalogue.scales.values():
        for name in scale.items:
            home.setdefault(name, scale)
    return {
        item.id: _item_facts(item, home.get(item.id), language)
        for item in catalogue.items.values()
        if item.id in present
    }


def _item_facts(item: Item, scale: Scale | None, language: str) -> dict[str, Any]:
    def said(labels: Mapping[str, str]) -> str:
        return labels.get(language) or labels.get("en", "")

    return {
        "label": item.label(language),
        "lo": item.lo,
        "hi": item.hi,
        "low_label": said(item.low_label),
        "high_label": said(item.high_label),
        "anchors": {str(code): said(labels) for code, labels in item.anchors.items()},
        "scale_id": scale.id if scale else "",
        "reverse": bool(scale and item.id in scale.reverse),
    }


def _activities(material: Material, table: pd.DataFrame, partnership: str) -> pd.DataFrame:
    frame = material.snapshot.frame("activities")
    if partnership != PROGRAMME:
        frame = frame[frame["partnership_id"] == partnership]
    counted = table[(table["outcome"] == "R03") & (table["dimension"] == "activity")]
    counted = counted[counted["partnership"] != PROGRAMME].set_index("group")
    frame = frame.assign(
        participations=frame["activity_id"].map(counted["estimate"]).astype("float64"),
        participations_status=frame["activity_id"].map(counted["status"]).fillna("not_available"),
    )
    frame = frame.sort_values(["start_date", "activity_id"], kind="stable")
    kept = frame[list(ACTIVITY_COLUMNS)].reset_index(drop=True)
    for name in ("start_date", "end_date"):
        kept[name] = pd.to_datetime(kept[name]).dt.strftime("%Y-%m-%d")
    texts = [name for name in ACTIVITY_COLUMNS if name != "participations"]
    return kept.assign(**{name: kept[name].astype(object).fillna("") for name in texts})
