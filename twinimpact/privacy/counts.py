"""Head-counts: small ones are hidden, and so is whatever would give them away.

Participations, unique people, guests and locals of all partnerships form one system of
connected tables: each is a table of partnerships (with the programme as total) by the groups
of a dimension (with the total over groups), guests and locals add up to participations, and
people cannot be more than participations. Shares, rates and splits made from such counts
follow them: they are hidden as soon as a count they were made from is hidden.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import pandas as pd

from twinimpact.entities import MINOR_AGE_BANDS
from twinimpact.privacy.complement import Strategy
from twinimpact.privacy.rules import DisclosureRules, Verdicts, is_small
from twinimpact.privacy.tables import system_of
from twinimpact.schema import PROGRAMME

UNITS = ("people", "participations")
PEOPLE = ("R03", "R04")
BOUNDS = ("listed", "lower_bound", "upper_bound")
DERIVED_FROM: Mapping[str, str] = {
    "R11": "role",
    "R09Y": "age_band",
    "R16": "activity",
    "R18": "activity",
    "V07": "town",
    "R10": "groups",
    "R12": "listed",
    "R15": "role",
    "V09": "age_band",
}
"""Indicators made from the groups of one dimension of R03 or R04."""
DAYS = ("R13", "K02", "K07", "G01")
"""Sums and ratios over the people of a partnership: hidden with their number."""
PER_EVENT = ("R20", "R21")
"""Conditions of a funding call, event by event: hidden with the event's participations."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a count stands: measure, context (wave, arm, town), partnership, dimension, group."""

    measure: str
    context: tuple[str, str, str]
    partnership: str
    dimension: str
    group: str


def hide_counts(results: pd.DataFrame, rules: DisclosureRules, strategy: Strategy) -> Verdicts:
    """Which head-counts, and which numbers made from them, may not be shown.

    Parameters
    ----------
    results
        The results table.
    rules
        Thresholds.
    strategy
        How complementary cells are chosen.

    Returns
    -------
    dict
        Position of each hidden row to ``primary`` or ``complementary``.
    """
    counted = results[(results["method"] == "count") & results["estimate"].notna()]
    heads = counted[counted["unit"].isin(UNITS) & ~counted["estimand"].isin(BOUNDS[1:])]
    places = _places(heads)
    cells: dict[Place, int] = {}
    rows: dict[int, list[int]] = defaultdict(list)
    values: list[float] = []
    estimates = heads["estimate"].to_dict()
    for row, place in places.items():
        value = float(estimates[row])
        cell = cells.setdefault(place, len(values))
        if cell == len(values):
            values.append(value)
        rows[cell].append(row)
    thresholds = [float(rules.k_minors if _minors(place) else rules.k_counts) for place in cells]
    system = system_of(values, thresholds, _relations(cells))
    primary = frozenset(cell for cell in cells.values() if is_small(values[cell], thresholds[cell]))
    hidden = strategy(system, primary) if primary else primary
    verdicts: Verdicts = {
        row: "primary" if cell in primary else "complementary"
        for cell in sorted(hidden)
        for row in rows[cell]
    }
    at = {cell: place for place, cell in cells.items()}
    _follow(counted, rules, {at[cell] for cell in hidden}, verdicts)
    return verdicts


def _places(heads: pd.DataFrame) -> dict[int, Place]:
    places = {}
    columns = ("outcome", "estimand", "wave", "arm", "town", "partnership", "dimension", "group")
    for row, *values in heads[list(columns)].itertuples():
        outcome, estimand, wave, arm, town, partnership, dimension, group = values
        # people of a partnership are "total" or, where some events have no list, "listed"
        measure = outcome if estimand in ("total", "listed") else f"{outcome} {estimand}"
        places[row] = Place(measure, (wave, arm, town), partnership, dimension, group)
    return places


def _minors(place: Place) -> bool:
    return place.dimension == "age_band" and place.group in MINOR_AGE_BANDS


def _relations(cells: Mapping[Place, int]) -> Iterator[tuple[list[int], list[int]]]:
    def whole_and_parts(whole: Callable[[Place], Place | None]) -> Iterator[tuple[int, list[int]]]:
        parts: dict[Place, list[int]] = defaultdict(list)
        for place, cell in cells.items():
            total = whole(place)
            if total is not None and total in cells:
                parts[total].append(cell)
        for total, members in parts.items():
            yield cells[total], members

    dimensions = sorted({place.dimension for place in cells} - {""})
    wholes = [_over_partnerships, _guests_and_locals]
    for total, members in (
        pair
        for whole in (*wholes, *(_over_groups(dimension) for dimension in dimensions))
        for pair in whole_and_parts(whole)
    ):
        yield [total, *members], [1, *[-1] * len(members)]
    for place, cell in cells.items():
        if place.measure == "R04":
            more = cells.get(_with(place, measure="R03"))
            if more is not None:
                yield [more, cell], [1, -1]


def _with(place: Place, **changes: str) -> Place:
    return Place(
        changes.get("measure", place.measure),
        place.context,
        changes.get("partnership", place.partnership),
        changes.get("dimension", place.dimension),
        changes.get("group", place.group),
    )


def _over_partnerships(place: Place) -> Place | None:
    return None if place.partnership == PROGRAMME else _with(place, partnership=PROGRAMME)


def _over_groups(dimension: str) -> Callable[[Place], Place | None]:
    def whole(place: Place) -> Place | None:
        if place.dimension != dimension:
            return None
        measure = "R03" if place.measure == "R18" else place.measure
        return _with(place, measure=measure, dimension="", group="")

    return whole


def _guests_and_locals(place: Place) -> Place | None:
    return _with(place, measure="R03") if place.measure in ("R05", "R06") else None


def _follow(
    counted: pd.DataFrame, rules: DisclosureRules, hidden: set[Place], verdicts: Verdicts
) -> None:
    """Add numbers made from hidden counts."""
    groups = {(place.partnership, place.dimension) for place in hidden if place.measure in PEOPLE}
    towns = {place.group for place in hidden if place.dimension == "town"}
    for outcome, dimension in DERIVED_FROM.items():
        rows = counted[counted["outcome"] == outcome]
        affected = [
            (town in towns) if outcome == "V07" else (partnership, dimension) in groups
            for partnership, town in zip(rows["partnership"], rows["town"], strict=True)
        ]
        small = _small_part(rows, rules)
        _hide(rows, rows.index[small], verdicts, "primary")
        _hide(rows, rows.index[affected], verdicts, "complementary")
        _with_programme(rows, rules, verdicts)
    totals = {
        place.partnership for place in hidden if place.dimension == "" and place.measure in PEOPLE
    }
    days = counted[counted["outcome"].isin(DAYS)]
    bounds = counted[(counted["outcome"] == "R04") & counted["estimand"].isin(BOUNDS)]
    for rows in (days, bounds[bounds["dimension"] == ""]):
        small = [is_small(n, rules.k_counts) for n in rows["n"]]
        together = totals | set(rows.loc[small, "partnership"])
        _hide(rows, rows.index[small], verdicts, "primary")
        _hide(rows, rows.index[rows["partnership"].isin(together)], verdicts, "complementary")
        _with_programme(rows, rules, verdicts)
    events = {place.group for place in hidden if place.dimension == "activity"}
    checks = counted[counted["outcome"].isin(PER_EVENT) & (counted["unit"] != "class")]
    few = [is_small(n, rules.k_counts) for n in checks["n"]]
    _hide(checks, checks.index[few], verdicts, "primary")
    _hide(checks, checks.index[checks["group"].isin(events)], verdicts, "complementary")
    matches = counted[counted["outcome"] == "Q02"]
    keys = list(zip(matches["partnership"], matches["wave"], matches["arm"], strict=True))
    linked = {
        key
        for key, row, name in zip(keys, matches.index, matches["estimand"], strict=True)
        if name == "linked" and row in verdicts
    }
    _hide(matches, matches.index[[key in linked for key in keys]], verdicts, "complementary")


def _small_part(rows: pd.DataFrame, rules: DisclosureRules) -> list[bool]:
    """Where the people behind a share, or those outside it, are too few; for a rate, its people."""
    small = []
    for unit, estimate, n, base in zip(
        rows["unit"], rows["estimate"], rows["n"], rows["denominator"], strict=True
    ):
        if unit == "share":
            part = estimate * base
            small.append(is_small(part, rules.k_counts) or is_small(base - part, rules.k_counts))
        elif unit == "per_1000":
            small.append(is_small(n, rules.k_counts))
        else:
            small.append(False)
    return small


def _hide(rows: pd.DataFrame, chosen: pd.Index, verdicts: Verdicts, reason: str) -> None:
    for row in chosen:
        verdicts.setdefault(int(row), reason)


def _with_programme(rows: pd.DataFrame, rules: DisclosureRules, verdicts: Verdicts) -> None:
    """Hide the programme's number when it and the shown ones would give the hidden one away."""
    hidden = rows[rows.index.isin(list(verdicts)) & (rows["partnership"] != PROGRAMME)]
    if hidden.empty:
        return
    kinds = ["estimand", "dimension"]
    for kind, part in hidden.groupby(kinds):
        people = part["n"].fillna(0).sum()
        if part["partnership"].nunique() >= 2 and people >= rules.k_counts:
            continue
        same = (rows[kinds] == list(kind)).all(axis=1) & (rows["partnership"] == PROGRAMME)
        _hide(rows, rows.index[same], verdicts, "complementary")
