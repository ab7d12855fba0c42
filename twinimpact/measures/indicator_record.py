"""What the catalogue says about one indicator."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """One indicator; ``name`` and ``definition`` are message ids for the translator.

    Parameters
    ----------
    id
        The project's id, such as ``R01``.
    name, definition
        Short name, and what exactly is counted or computed.
    unit
        Unit of the result rows.
    sources
        Canonical tables the number is made of.
    """

    id: str
    name: str
    unit: str
    definition: str
    sources: tuple[str, ...] = ()
