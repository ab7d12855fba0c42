"""Figures an evaluation brings from outside: exchange rates, daily rates, emission factors."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from twinimpact.entities import TRAVEL_MODES
from twinimpact.errors import DefinitionError

FILE = "parameters.toml"
_SECTIONS: Mapping[str, frozenset[str]] = {
    "exchange_rates": frozenset({"source", "date", "euro_for_one"}),
    "visitor_spending": frozenset({"source", "date", "low", "central", "high", "deadweight"}),
    "travel_factors": frozenset({"source", "date", "kg_per_km"}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """Outside figures, each with its source; what is empty is not used.

    Parameters
    ----------
    rates
        Euros for one unit of a currency.
    spending
        Euros per night of a visitor: ``low``, ``central`` and ``high``.
    deadweight
        Share of visitors' spending that would have come anyway, 0 to 1.
    factors
        Kilograms of CO2 equivalents per passenger-kilometre, by means of travel.
    sources
        Section to ``source (date)``.
    """

    rates: Mapping[str, float] = field(default_factory=dict)
    spending: Mapping[str, float] = field(default_factory=dict)
    deadweight: float = 0.0
    factors: Mapping[str, float] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)


def load_parameters(folder: Path) -> Parameters:
    """Read ``parameters.toml`` of an evaluation folder; without the file nothing is set.

    Raises
    ------
    DefinitionError
        If the file cannot be read, or an entry has no source, no date or no sensible number;
        all faults at once.
    """
    path = folder / FILE
    if not path.is_file():
        return Parameters()
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise DefinitionError("The file cannot be read.", where=FILE, got=str(error)) from error
    faults = [f"unknown section {name}" for name in sorted(set(content) - set(_SECTIONS))]
    for name, known in _SECTIONS.items():
        if name in content:
            faults += _faults(name, content[name], known)
    if faults:
        raise DefinitionError("Parameters cannot be used.", where=FILE, got="; ".join(faults))
    spending = content.get("visitor_spending", {})
    return Parameters(
        rates=dict(content.get("exchange_rates", {}).get("euro_for_one", {})),
        spending={name: float(spending[name]) for name in ("low", "central", "high")}
        if spending
        else {},
        deadweight=float(spending.get("deadweight", 0.0)),
        factors=dict(content.get("travel_factors", {}).get("kg_per_km", {})),
        sources={name: f"{entry['source']} ({entry['date']})" for name, entry in content.items()},
    )


def _faults(name: str, entry: Mapping[str, Any], known: frozenset[str]) -> list[str]:
    found = [f"{name}: unknown field {field}" for field in sorted(set(entry) - known)]
    found += [f"{name}: {field} is missing" for field in sorted(known - set(entry))]
    if found:
        return found
    if not entry["source"]:
        found.append(f"{name}: source is blank")
    if not isinstance(entry["date"], dt.date):
        found.append(f"{name}: date must be a date such as 2026-01-31")
    tables: Mapping[str, Any] = {
        "exchange_rates": entry.get("euro_for_one"),
        "travel_factors": entry.get("kg_per_km"),
        "visitor_spending": {key: entry.get(key) for key in ("low", "central", "high")},
    }
    numbers = tables[name]
    if not isinstance(numbers, dict):
        return [*found, f"{name}: the numbers must be a table"]
    found += [
        f"{name}: {key} must be a number above 0"
        for key, value in numbers.items()
        if not isinstance(value, int | float) or value <= 0
    ]
    if name == "travel_factors":
        found += [
            f"{name}: unknown means {key}" for key in sorted(set(numbers) - set(TRAVEL_MODES))
        ]
    if name == "visitor_spending" and not found:
        if not entry["low"] <= entry["central"] <= entry["high"]:
            found.append(f"{name}: low, central and high must be in this order")
        if not 0 <= entry["deadweight"] <= 1:
            found.append(f"{name}: deadweight must lie between 0 and 1")
    return found
