"""What a rule about data says when it is broken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What a rule says when it is broken, and how to mend it.

    ``what`` and ``hint`` may use the fields ``{file} {sheet} {row} {column} {got} {expected}``.
    """

    severity: Severity
    what: str
    hint: str


def rule(severity: Severity, what: str, hint: str) -> Rule:
    """A rule in one line; the sentences are marked for translation where they stand."""
    return Rule(severity=severity, what=what, hint=hint)
