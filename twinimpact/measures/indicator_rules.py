"""Which questions stand behind an indicator of answers."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from twinimpact.errors import DefinitionError
from twinimpact.measures.indicator_catalogue import INDICATORS
from twinimpact.resources import surveys_dir

STATISTICS = ("mean", "share", "correct", "recommendation", "median", "gap", "kept")
_FIELDS = frozenset(
    {"id", "part", "statistic", "scales", "items", "answers", "at_least", "at_most", "right"}
)
_OF_SCALES = ("mean", "gap")
_FILE = "indicators.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorRule:
    """How one indicator is made of answers.

    Parameters
    ----------
    id, part
        Indicator, and which part of it where it has several.
    statistic
        One of :data:`STATISTICS`.
    scales, items
        What it is made of.
    answers
        Answers that count for a ``share``; empty where a limit says it.
    at_least, at_most
        Limits on the answer; ``at_most`` belongs to ``recommendation``.
    right
        Item to its right answer, for ``correct``.
    """

    id: str
    part: str = ""
    statistic: str
    scales: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    answers: tuple[int, ...] = ()
    at_least: int | None = None
    at_most: int | None = None
    right: Mapping[str, int] = field(default_factory=dict)

    @property
    def is_scale(self) -> bool:
        """Whether the indicator is nothing but the mean of one scale."""
        return self.statistic == "mean" and len(self.scales) == 1


def indicator_rules(folder: Path | None = None) -> tuple[IndicatorRule, ...]:
    """The shipped rules, with those of a workspace's ``surveys`` folder in their place.

    Parameters
    ----------
    folder
        A workspace's own ``surveys`` folder; entries of its ``indicators.toml`` replace the
        shipped entries of the same indicator.

    Raises
    ------
    DefinitionError
        If a file cannot be read or an entry cannot be used; all faults of a file at once.
    """
    rules = _read(surveys_dir() / _FILE)
    own = folder / _FILE if folder else None
    if own is None or not own.is_file():
        return rules
    replaced = _read(own)
    ids = {rule.id for rule in replaced}
    return (*(rule for rule in rules if rule.id not in ids), *replaced)


def _read(path: Path) -> tuple[IndicatorRule, ...]:
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8")).get("indicator", [])
    except (OSError, ValueError) as error:
        raise DefinitionError(
            "The list of indicators cannot be read.", where=path.name, got=str(error)
        ) from error
    faults = [fault for place, entry in enumerate(entries, 1) for fault in _faults(place, entry)]
    if faults:
        raise DefinitionError(
            "The list of indicators cannot be used.", where=path.name, got="; ".join(faults)
        )
    rules = tuple(_rule(entry) for entry in entries)
    made = [(rule.id, rule.statistic) for rule in rules if not rule.is_scale]
    twice = sorted({name for name, statistic in made if made.count((name, statistic)) > 1})
    if twice:
        raise DefinitionError(
            "An indicator has the same statistic twice.", where=path.name, got=", ".join(twice)
        )
    return rules


def _faults(place: int, entry: Mapping[str, Any]) -> Sequence[str]:
    """What is wrong with one entry."""
    name = f"entry {place} ({entry.get('id', '?')})"
    found = [f"{name}: unknown field {field}" for field in sorted(set(entry) - _FIELDS)]
    if entry.get("id") not in INDICATORS:
        found.append(f"{name}: id is not an indicator")
    statistic = entry.get("statistic")
    if statistic not in STATISTICS:
        return [*found, f"{name}: statistic must be one of {', '.join(STATISTICS)}"]
    needed = "scales" if statistic in _OF_SCALES else "items"
    if not entry.get(needed) and statistic != "correct":
        found.append(f"{name}: {needed} is missing")
    if statistic == "gap" and len(entry.get("scales", ())) < 2:
        found.append(f"{name}: a gap needs two scales")
    if statistic == "share" and not entry.get("answers") and "at_least" not in entry:
        found.append(f"{name}: say which answers count, with answers or at_least")
    if statistic == "kept" and "at_least" not in entry:
        found.append(f"{name}: at_least is missing")
    if statistic == "recommendation" and not {"at_least", "at_most"} <= set(entry):
        found.append(f"{name}: at_least and at_most are missing")
    if statistic == "correct" and not entry.get("right"):
        found.append(f"{name}: right is missing")
    if statistic in ("recommendation", "median", "kept") and len(entry.get("items", ())) != 1:
        found.append(f"{name}: {statistic} takes one item")
    return found


def _rule(entry: Mapping[str, Any]) -> IndicatorRule:
    lists = {name: tuple(entry.get(name, ())) for name in ("scales", "items", "answers")}
    right = dict(entry.get("right", {}))
    lists["items"] = lists["items"] or tuple(right)
    return IndicatorRule(
        id=entry["id"],
        part=entry.get("part", ""),
        statistic=entry["statistic"],
        at_least=entry.get("at_least"),
        at_most=entry.get("at_most"),
        right=right,
        **lists,
    )
