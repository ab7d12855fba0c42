"""The rules that turn an index of careless answering into a flag, each with its source."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from twinimpact.errors import DefinitionError
from twinimpact.resources import surveys_dir

STATUSES = ("project", "check")
RECORD = "record"
"""Family of flags that say how a questionnaire came in, not how it was answered."""
FLAGS = (
    "longstring", "irv", "repeated_pattern", "even_odd", "synonyms", "person_total",
    "mahalanobis", "speeder_strong", "speeder_weak", "seconds_per_item", "missing_share",
    "partial", "duplicate", "out_of_window",
)  # fmt: skip
CONSENSUS = "careless"
"""Flag of questionnaires on which rules of different families agree."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagRule:
    """One rule as ``surveys/careless.toml`` states it.

    Parameters
    ----------
    family
        Kind of evidence; flags of one family count once.
    index, applies, provenance
        What is computed, when, and where the threshold comes from, in words.
    status
        ``project`` (a rule of this project) or ``check`` (source not yet checked).
    numbers
        Thresholds by name.
    """

    id: str
    family: str
    index: str
    applies: str
    status: str
    provenance: str
    numbers: Mapping[str, Any]

    def number(self, name: str) -> float:
        """A threshold."""
        return float(self.numbers[name])


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagRules:
    """All rules; ``agree`` families must agree before a questionnaire counts as careless."""

    rules: Mapping[str, FlagRule]
    families: tuple[str, ...]
    agree: int


@functools.cache
def flag_rules(path: Path | None = None) -> FlagRules:
    """Read the rules, by default the shipped ones.

    Raises
    ------
    DefinitionError
        If the file lacks a rule, a family, a source, or the reading fails.
    """
    path = path or surveys_dir() / "careless.toml"
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        families = tuple(content["families"])
        rules = {name: _rule(name, dict(content["rule"][name])) for name in FLAGS}
        found = FlagRules(rules=rules, families=families, agree=int(content["agree"]))
    except (KeyError, TypeError, ValueError, OSError) as error:
        raise DefinitionError(
            "The rules for careless answers cannot be used.", where=path.name, got=str(error)
        ) from error
    wrong = [
        rule.id
        for rule in rules.values()
        if rule.family not in (*families, RECORD)
        or rule.status not in STATUSES
        or not rule.provenance
    ]
    if wrong:
        raise DefinitionError(
            "A rule for careless answers lacks its family, status or source.",
            where=path.name,
            got=", ".join(wrong),
        )
    return found


def _rule(name: str, entry: dict[str, Any]) -> FlagRule:
    words = {key: str(entry.pop(key)) for key in ("family", "index", "applies", "status")}
    return FlagRule(id=name, provenance=str(entry.pop("provenance")), numbers=entry, **words)
