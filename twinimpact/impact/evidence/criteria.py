"""The thresholds of the evidence grade, read from ``surveys/evidence.toml``."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from twinimpact.errors import DefinitionError
from twinimpact.resources import surveys_dir

FILE = "evidence.toml"
LETTERS = "DCBA"
"""Grades from worst to best; the place in it is the number used for computing."""
CRITERIA = ("design", "people", "linking", "linked_differ", "reliability", "response")
_FIELDS = ("id", "about", "better", "A", "B", "C", "otherwise", "unknown", "reason")
Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """One criterion: the limits of A, B and C, and the grade it leaves beyond them."""

    id: str
    about: str
    better: str
    limits: tuple[float, float, float]
    otherwise: str
    unknown: str
    reason: str

    def caps(self, values: Array) -> Array:
        """Best grade each value leaves, as places in :data:`LETTERS`; NaN is not known."""
        value = np.asarray(values, dtype=np.float64)
        sign = 1.0 if self.better == "higher" else -1.0
        a, b, c = (sign * value >= sign * limit for limit in self.limits)
        caps = np.select([a, b, c], [3, 2, 1], default=LETTERS.index(self.otherwise))
        return np.where(np.isnan(value), LETTERS.index(self.unknown), caps).astype(np.int64)


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceRules:
    """All criteria with the version of their file."""

    version: str
    status: str
    criteria: Mapping[str, Criterion]


@functools.cache
def evidence_rules(path: Path | None = None) -> EvidenceRules:
    """Read the thresholds, by default the shipped ones.

    Raises
    ------
    DefinitionError
        If the file cannot be read, or a criterion is missing, unknown or lacks its reason.
    """
    path = path or surveys_dir() / FILE
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        version, status = str(content["version"]), str(content["status"])
        entries = list(content["criterion"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DefinitionError(
            "The limits of the evidence grade cannot be read.", where=path.name, got=str(error)
        ) from error
    wrong = [str(entry.get("id", place)) for place, entry in enumerate(entries, 1) if _wrong(entry)]
    names = tuple(entry.get("id") for entry in entries)
    if wrong or names != CRITERIA:
        raise DefinitionError(
            "Every criterion needs its limits in order, and a reason.",
            where=path.name,
            got=", ".join(wrong or map(str, names)),
            expected=", ".join(CRITERIA),
        )
    criteria = {
        entry["id"]: Criterion(
            id=entry["id"],
            about=entry["about"],
            better=entry["better"],
            limits=(float(entry["A"]), float(entry["B"]), float(entry["C"])),
            otherwise=entry["otherwise"],
            unknown=entry["unknown"],
            reason=entry["reason"],
        )
        for entry in entries
    }
    return EvidenceRules(version=version, status=status, criteria=criteria)


def _wrong(entry: Mapping[str, Any]) -> bool:
    if set(entry) != set(_FIELDS) or not (entry["reason"] and entry["about"]):
        return True
    limits = [entry[letter] for letter in "ABC"]
    if not all(isinstance(one, int | float) for one in limits):
        return True
    order = sorted(limits, reverse=entry["better"] == "higher")
    letters = {entry["otherwise"], entry["unknown"]} <= set(LETTERS)
    return limits != order or entry["better"] not in ("higher", "lower") or not letters
