"""The rules that accept or reject a level, each with its source: ``surveys/invariance.toml``."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from twinimpact.errors import DefinitionError
from twinimpact.measures.invariance.indices import Indices
from twinimpact.resources import surveys_dir

STATUSES = ("project", "check")
NAMES = (
    "testable", "configural", "large", "small", "release", "bias", "dmacs", "alignment", "dif",
)  # fmt: skip
Limits = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class InvarianceRules:
    """All rules, by name.

    Parameters
    ----------
    version
        Version of the file, printed with results.
    limits
        The numbers of each rule.
    provenance
        Where each rule comes from, in words.
    unchecked
        Rules whose source has not been checked yet.
    """

    version: str
    limits: Mapping[str, Limits]
    provenance: Mapping[str, str]
    unchecked: tuple[str, ...]

    def needed(self, items: int) -> int:
        """Complete rows a group must have."""
        rule = self.limits["testable"]
        return int(max(rule["people"], rule["people_per_item"] * items))

    def configural_holds(self, found: Indices) -> bool:
        """Whether the same pattern fits all groups well enough."""
        rule = self.limits["configural"]
        if found.df == 0:
            return True
        held = (
            found.cfi >= rule["cfi"],
            found.rmsea <= rule["rmsea"],
            found.srmr <= rule["srmr"],
        )
        return bool(sum(held) >= int(rule["least"]))

    def crossed(self, level: str, found: Indices, before: Indices) -> tuple[bool, bool, bool]:
        """Which limits a level crosses against the level before: CFI, RMSEA, SRMR."""
        rule = self.limits["large" if found.n > self.limits["large"]["above"] else "small"]
        slack = 1e-9  # a fall of exactly the limit counts, whatever the last bit says
        return (
            before.cfi - found.cfi >= rule["cfi"] - slack,
            found.rmsea - before.rmsea >= rule["rmsea"] - slack,
            found.srmr - before.srmr >= rule["srmr"][level] - slack,
        )

    def rejected(self, level: str, found: Indices, before: Indices) -> bool:
        """Whether a level fits clearly worse than the level before."""
        cfi, rmsea, srmr = self.crossed(level, found, before)
        return cfi and (rmsea or srmr)

    def restored(self, level: str, found: Indices, before: Indices) -> bool:
        """Whether a level with released questions is back within the limit of CFI.

        That also means that it is not :meth:`rejected` any more.
        """
        return not self.crossed(level, found, before)[0]


@functools.cache
def invariance_rules(path: Path | None = None) -> InvarianceRules:
    """Read the rules, by default the shipped ones.

    Raises
    ------
    DefinitionError
        If the file lacks a rule, its status or its source, or the reading fails.
    """
    path = path or surveys_dir() / "invariance.toml"
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        rules = {name: dict(content["rule"][name]) for name in NAMES}
        status = {name: str(rule.pop("status")) for name, rule in rules.items()}
        provenance = {name: str(rule.pop("provenance")) for name, rule in rules.items()}
        version = str(content["version"])
    except (KeyError, TypeError, ValueError, OSError) as error:
        raise DefinitionError(
            "The rules for comparing groups cannot be used.", where=path.name, got=str(error)
        ) from error
    wrong = [name for name in NAMES if status[name] not in STATUSES or not provenance[name]]
    if wrong:
        raise DefinitionError(
            "A rule for comparing groups lacks its status or source.",
            where=path.name,
            got=", ".join(wrong),
        )
    return InvarianceRules(
        version=version,
        limits=rules,
        provenance=provenance,
        unchecked=tuple(name for name in NAMES if status[name] == "check"),
    )
