"""Funding calls as data: the conditions an event has to meet, and what it is paid."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from twinimpact.entities import EVIDENCE
from twinimpact.errors import DefinitionError
from twinimpact.resources import surveys_dir

FIGURES = ("participations", "invited", "countries", "days", "officials_share")
"""What a rule can be about."""
_FIELDS = frozenset(
    {"call_id", "title", "valid_from", "source", "verified", "evidence_counted", "rules", "bands"}
)
_NEEDED = ("call_id", "title", "valid_from", "source", "verified")


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One rule: ``indicator`` is at least or at most so much."""

    id: str
    indicator: str
    least: float | None = None
    most: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """The lump sum for a number of invited people, both ends included."""

    least: int
    most: int
    euro: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call; ``verified`` says whether somebody compared it with the call document.

    Parameters
    ----------
    evidence
        Kinds of evidence the funder counts; empty for all.
    """

    id: str
    title: str
    valid_from: dt.date
    source: str
    verified: bool
    evidence: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = ()
    bands: tuple[Band, ...] = ()


def load_calls(folder: Path | None = None) -> Mapping[str, Call]:
    """The shipped calls by id, with those in an evaluation's ``calls`` folder beside or over them.

    Raises
    ------
    DefinitionError
        If a file cannot be read or used; all faults of a file at once.
    """
    folders = [surveys_dir() / "calls", *([folder / "calls"] if folder else [])]
    calls: dict[str, Call] = {}
    for place in folders:
        for path in sorted(place.glob("*.toml")) if place.is_dir() else ():
            call = _read(path)
            calls[call.id] = call
    return calls


def _read(path: Path) -> Call:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DefinitionError(
            "The call cannot be read.", where=path.name, got=str(error)
        ) from error
    faults = [f"unknown field {name}" for name in sorted(set(content) - _FIELDS)]
    faults += [f"{name} is missing" for name in _NEEDED if name not in content]
    for place, rule in enumerate(content.get("rules", []), 1):
        faults += _rule_faults(place, rule)
    for place, band in enumerate(content.get("bands", []), 1):
        if set(band) != {"least", "most", "euro"} or band["least"] > band["most"]:
            faults.append(f"band {place}: needs least, most and euro, least not above most")
    strange = sorted(set(content.get("evidence_counted", ())) - set(EVIDENCE))
    faults += [f"unknown evidence {name}" for name in strange]
    if faults:
        raise DefinitionError("The call cannot be used.", where=path.name, got="; ".join(faults))
    return Call(
        id=content["call_id"],
        title=content["title"],
        valid_from=content["valid_from"],
        source=content["source"],
        verified=bool(content["verified"]),
        evidence=tuple(content.get("evidence_counted", ())),
        conditions=tuple(
            Condition(**{k: v for k, v in rule.items() if k != "scope"})
            for rule in content.get("rules", [])
        ),
        bands=tuple(Band(**band) for band in content.get("bands", [])),
    )


def _rule_faults(place: int, rule: Mapping[str, Any]) -> list[str]:
    found = []
    if set(rule) - {"id", "scope", "indicator", "least", "most"} or not rule.get("id"):
        found.append(f"rule {place}: takes id, scope, indicator and least or most")
    if rule.get("scope", "event") != "event":
        found.append(f"rule {place}: scope must be event")
    if rule.get("indicator") not in FIGURES:
        found.append(f"rule {place}: indicator must be one of {', '.join(FIGURES)}")
    if ("least" in rule) == ("most" in rule):
        found.append(f"rule {place}: say either least or most")
    return found
